//! How everything stands, told to tray and windows.

use engine::choose::{Pending, State as Stage};

use super::{Controller, small, waits};
use crate::desk::{Desk, Menu, Tray, Window};
use crate::models;
use crate::view::{Frame, View};

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
        self.desk.tray(tray, &self.tooltip(tray), &self.menu(frame.waiting));
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
        let failed = |one: &&Pending| one.recipients.iter().any(|to| to.state == Stage::Failed);
        Frame {
            language: self.words.language(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            accounts: self.house.accounts(),
            waiting: small(self.held.iter().filter(|one| waits(one)).count()),
            failed: small(self.held.iter().filter(|one| !waits(one)).filter(failed).count()),
            trouble: self.trouble(),
            try_out: self.house.is_try_out(),
            remind_after: self.house.remind_after(),
        }
    }

    fn tooltip(&self, tray: Tray) -> String {
        match tray {
            Tray::Well => self.words.get("tray.tooltip.well"),
            Tray::Waiting(n) => self.words.with("tray.tooltip.waiting", "n", &n.to_string()),
            Tray::Trouble => self.words.get("tray.tooltip.trouble"),
        }
    }

    fn menu(&self, waiting: u32) -> Menu {
        Menu {
            open: self.words.get("tray.open"),
            waiting: match waiting {
                0 => self.words.get("tray.waiting.none"),
                n => self.words.count("tray.waiting", n),
            },
            quit: self.words.get("tray.quit"),
        }
    }

    pub(super) fn tell_list(&self) {
        let line = |one: &Pending| models::held(&self.words, one, self.queue.until(one.id));
        let items = self.held.iter().map(line).collect();
        self.desk.post(Window::Main, &View::Waiting { items });
    }
}
