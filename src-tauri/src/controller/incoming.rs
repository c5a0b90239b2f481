//! What came in and claimed something: listed, and told unasked where a claim failed.

use engine::incoming::{Incoming, IncomingId};

use super::{Controller, Message, Said};
use crate::desk::{Desk, Window};
use crate::models;
use crate::view::{Trust, View};

impl<D: Desk> Controller<D> {
    pub(super) fn tell_received(&mut self) {
        self.received_is_shown = true;
        let words = self.words.clone();
        self.ask_engine(Window::Main, "received", |engine| async move {
            let all = engine.incoming(SHOWN).await;
            let all = all.map_err(|error| Said::of(&error.nl(), &error))?;
            let copies = all.iter().filter_map(|one| one.copy.clone()).collect();
            let filings = engine.filings(copies).await;
            let filings = filings.map_err(|error| Said::of(&error.nl(), &error))?;
            let filing = |one: &Incoming| filings.get(one.copy.as_ref()?);
            let items = all.iter().map(|one| models::received(&words, one, filing(one))).collect();
            Ok(View::Received { items })
        });
    }

    /// A mail was judged: the list is told anew where it is shown, and a person where it failed.
    pub(super) fn came_in(&mut self, id: IncomingId) {
        if self.received_is_shown {
            self.tell_received();
        }
        if self.told_of.contains(&id) {
            return;
        }
        let Some(engine) = self.engine() else { return };
        self.aside(async move {
            let one = engine.incoming_one(id).await.ok().flatten();
            let failed = one.is_some_and(|one| models::trust(&one.received) == Trust::Failed);
            if failed { Message::ClaimFailed(id) } else { Message::Nothing }
        });
    }

    /// Told once, and without anything of the mail.
    pub(super) fn claim_failed(&mut self, id: IncomingId) {
        if self.told_of.insert(id) {
            self.notify("notify.claim.title", &self.words.get("notify.claim.text"));
        }
    }
}

/// Mails shown.
const SHOWN: usize = 200;
