//! A copy that is dragged out of the window: made while the button is pressed, handed to the system, and
//! gone again once whoever took it had the time to read it.
//!
//! ```text
//! DragCopy --aside: shelf's hand--> InHand --Desk::drag--> Dragged
//! StopDrag, or a later DragCopy: what is made for the one before is dropped, and its file with it
//! ```

use std::time::Duration;

use engine::Engine;
use shelf::{Hand, InHand};
use tokio::sync::oneshot;

use super::archive::with;
use super::{Controller, Message, Said};
use crate::desk::{Desk, Window};
use crate::view::{DragEnd, View};

/// Which drag.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Number(u64);

/// What is being dragged.
#[derive(Debug, Default)]
pub(super) struct Dragging {
    last: Number,
    /// For which a copy is being made.
    making: Option<Number>,
}

impl<D: Desk> Controller<D> {
    pub(super) fn drag_copy(&mut self, from: Window, id: String) {
        let Some(engine) = self.engine() else { return self.no_engine(from, ASK) };
        let (number, hand) = (self.next_drag(), self.hand(&engine));
        self.aside(async move {
            let (settings, workers, now) = (engine.settings(), engine.workers(), engine.now());
            let made =
                with(engine, move |vault| hand.take_up(vault, &settings, &workers, &id, now));
            let made = tokio::time::timeout(PATIENCE, made).await;
            let made = made.unwrap_or_else(|_| Err(Said::key("said.drag.slow")));
            Message::InHand(from, number, made)
        });
    }

    /// The number of a drag that begins; what is made for another is not wanted any more.
    pub(super) fn next_drag(&mut self) -> Number {
        self.dragging.last.0 += 1;
        self.dragging.making = Some(self.dragging.last);
        self.dragging.last
    }

    /// The button was let go. What the system drags already is the system's.
    pub(super) fn stop_drag(&mut self, from: Window) {
        if self.dragging.making.take().is_some() {
            self.dragged(from, Ok(DragEnd::TooEarly));
        }
    }

    pub(super) fn in_hand(&mut self, from: Window, drag: Number, made: Result<InHand, Said>) {
        if self.dragging.making != Some(drag) {
            return;
        }
        self.dragging.making = None;
        let copy = match made {
            Ok(copy) => copy,
            Err(said) => return self.dragged(from, Err(said)),
        };
        let (ended, over) = oneshot::channel();
        let tell = move |end| {
            let _ = ended.send(end);
        };
        self.desk.drag(from, copy.file(), Box::new(tell));
        self.aside(async move {
            let end = over.await;
            // Where nobody told, somebody may have it too.
            if matches!(end, Ok(Ok(DragEnd::Dropped)) | Err(_)) {
                tokio::spawn(async move {
                    tokio::time::sleep(KEEP).await;
                    drop(copy);
                });
            }
            let end = end.unwrap_or(Ok(DragEnd::Dropped));
            Message::Dragged(from, end.map_err(|why| Said::because("said.drag.failed", &why)))
        });
    }

    pub(super) fn dragged(&self, from: Window, end: Result<DragEnd, Said>) {
        let view = match end {
            Ok(end) => View::Dragged { end },
            Err(said) => {
                let sentence = self.words.pick(&said.nl, &said.en);
                View::Trouble { ask: ASK.to_owned(), sentence }
            }
        };
        self.desk.post(from, &view);
    }

    /// Takes away what was dragged: at the start what a crash left, at the end everything.
    pub(super) fn clear_hand(&self) {
        if let Some(engine) = self.engine() {
            self.hand(&engine).clear();
        }
    }

    fn hand(&self, engine: &Engine) -> Hand {
        // A try-out runs beside the real app, and must not clear that one's hand.
        let real = !self.house.is_try_out();
        let system = real.then(directories::BaseDirs::new).flatten();
        Hand::of(system.as_ref().and_then(|dirs| dirs.runtime_dir()), &engine.settings().data_dir)
    }
}

const ASK: &str = "drag_copy";
/// How long a person keeps a button pressed. A page is made in a tenth of a second.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long a file stays that somebody took: a program that copies it does so at once, but a mail
/// program reads an attachment when the mail is sent.
const KEEP: Duration = Duration::from_secs(60 * 60);
