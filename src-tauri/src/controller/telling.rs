//! How everything stands, told to tray and windows.

use engine::choose::Pending;

use super::held::Seen;
use super::{Controller, small};
use crate::desk::{Desk, Menu, Tray, Window};
use crate::models;
use crate::view::{Fault, Frame, View};

impl<D: Desk> Controller<D> {
    /// Tells tray and windows how everything stands.
    pub(super) fn tell_all(&mut self) {
        let frame = self.frame();
        let open = frame.waiting + frame.failed;
        let tray = match (&frame.trouble, open) {
            (Some(_), _) => Tray::Trouble,
            (None, 0) => Tray::Well,
            (None, open) => Tray::Waiting(open),
        };
        self.desk.tray(tray, &self.tooltip(tray, &frame), &self.menu(&frame));
        if let (Some(trouble), false) = (&frame.trouble, self.told_trouble) {
            self.notify("notify.trouble.title", trouble);
        }
        self.told_trouble = frame.trouble.is_some();
        for window in [Window::Main, Window::Question] {
            self.desk.post(window, &View::Frame(frame.clone()));
        }
        self.tell_list();
    }

    pub(super) fn frame(&self) -> Frame {
        Frame {
            language: self.words.language(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            accounts: self.house.accounts(),
            waiting: small(self.held.waiting().count()),
            failed: self.held.failed(),
            trouble: self.trouble(),
            fault: self.house.fault().map(|said| Fault {
                sentence: self.words.pick(&said.nl, &said.en),
                file: self.house.file().map(|file| file.display().to_string()),
            }),
            try_out: self.house.is_try_out(),
            remind_after: models::minutes(self.house.remind_after()),
        }
    }

    /// One number everywhere: what waits for a choice, and what failed.
    fn tooltip(&self, tray: Tray, frame: &Frame) -> String {
        let n = (frame.waiting + frame.failed).to_string();
        match (tray, frame.failed) {
            (Tray::Trouble, _) if n == "0" => self.words.get("tray.tooltip.trouble"),
            (Tray::Trouble, _) => self.words.with("tray.tooltip.trouble.unfinished", "n", &n),
            (Tray::Waiting(_), 0) => self.words.with("tray.tooltip.waiting", "n", &n),
            (Tray::Waiting(_), _) => self.words.with("tray.tooltip.unfinished", "n", &n),
            (Tray::Well, _) if self.held.count().is_none() => {
                self.words.get("tray.tooltip.unknown")
            }
            (Tray::Well, _) => self.words.get("tray.tooltip.well"),
        }
    }

    fn menu(&self, frame: &Frame) -> Menu {
        let waiting = match (self.held.count(), frame.waiting, frame.failed) {
            (None, ..) => self.words.get("tray.waiting.unknown"),
            (_, 0, 0) => self.words.get("tray.waiting.none"),
            (_, n, 0) => self.words.count("tray.waiting", n),
            (_, n, failed) => self.words.count("tray.unfinished", n + failed),
        };
        let (open, quit) = (self.words.get("tray.open"), self.words.get("tray.quit"));
        Menu { open, waiting, quit }
    }

    /// Tells what is held; nothing before it was read a first time, for no list is no empty list.
    pub(super) fn tell_list(&self) {
        let line = |one: &Pending| models::held(&self.words, one, self.queue.until(one.id));
        let items = match &self.held {
            Seen::NotYet if self.house.fault().is_none() => return,
            Seen::NotYet | Seen::Unreadable => None,
            Seen::All(held) => Some(held.iter().map(line).collect()),
        };
        self.desk.post(Window::Main, &View::Waiting { items });
    }
}
