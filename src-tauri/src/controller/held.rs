//! What is held: read anew whenever something changed, sorted into who is asked about, and told of.

use std::collections::HashSet;
use std::time::Duration;

use engine::choose::{HeldId, Offer, Pending, State as Stands};

use super::{Controller, Message, Quitting, Refreshing, Said, Step, small};
use crate::desk::{Desk, Window};
use crate::view::{Stage, View};

/// What is held, as far as it could be read. That nothing was read is not that nothing waits.
pub(super) enum Seen {
    /// It was not read yet.
    NotYet,
    /// It cannot be read.
    Unreadable,
    /// All that is held, oldest first.
    All(Vec<Pending>),
}

impl Seen {
    /// What was read; none where nothing could be.
    pub(super) fn all(&self) -> &[Pending] {
        match self {
            Self::NotYet | Self::Unreadable => &[],
            Self::All(held) => held,
        }
    }

    /// How many messages wait, are on their way or failed; none where it is not known.
    pub(super) fn count(&self) -> Option<u32> {
        match self {
            Self::NotYet | Self::Unreadable => None,
            Self::All(held) => Some(small(held.len())),
        }
    }

    /// Those that wait for a choice.
    pub(super) fn waiting(&self) -> impl Iterator<Item = HeldId> {
        self.all().iter().filter(|one| waits(one)).map(|one| one.id)
    }

    /// How many others want a person: sending failed for someone, or a record system refused them.
    pub(super) fn failed(&self) -> u32 {
        let failed = |one: &Pending| {
            let refused = one.filing.as_ref().is_some_and(Offer::is_refused);
            refused || one.recipients.iter().any(|to| to.state == Stands::Failed)
        };
        small(self.all().iter().filter(|one| !waits(one) && failed(one)).count())
    }
}

/// Whether a person has to choose for someone.
pub(super) fn waits(message: &Pending) -> bool {
    message.recipients.iter().any(|one| one.state == Stands::Waiting)
}

impl<D: Desk> Controller<D> {
    /// Reads anew what is held, aside; once more where something changed meanwhile.
    pub(super) fn refresh(&mut self) {
        let Some(engine) = self.house.engine() else { return };
        if self.refreshing != Refreshing::No {
            self.refreshing = Refreshing::Stale;
            return;
        }
        self.refreshing = Refreshing::Underway;
        self.aside(async move {
            Message::Held(engine.held().await.map_err(|error| Said::of(&error.nl(), &error)))
        });
    }

    pub(super) fn take_held(&mut self, held: Result<Vec<Pending>, Said>) {
        let stale = std::mem::replace(&mut self.refreshing, Refreshing::No) == Refreshing::Stale;
        match held {
            Ok(held) => self.sort_held(held),
            Err(said) => {
                self.held = Seen::Unreadable;
                self.not_kept = Some(said);
                self.ask_if_free();
            }
        }
        self.tell_all();
        if self.sent_is_shown {
            self.tell_sent();
        }
        if self.received_is_shown {
            self.tell_received();
        }
        self.tell_filing();
        if stale {
            self.refresh();
        }
    }

    pub(super) fn sort_held(&mut self, held: Vec<Pending>) {
        self.not_kept = None;
        self.held = Seen::All(held);
        let waiting: Vec<HeldId> = self.held.waiting().collect();
        let new: Vec<HeldId> = waiting.iter().copied().filter(|id| !self.queue.has(*id)).collect();
        self.queue.refresh(waiting);
        self.tell_of_failures();
        self.tell_of_refused_filings();
        self.look_for_pins();
        match new.is_empty() {
            true => self.ask_if_free(),
            false => self.make_room(),
        }
        // The window is about another mail: the new one would come unseen.
        let asked = self.current.as_ref().map(|current| current.id);
        if new.iter().any(|id| Some(*id) != asked) {
            self.notify("notify.held.title", &self.words.get("notify.held.text"));
        }
    }

    /// Ends at once where nothing waits or is on its way, and asks first where it does, or where that cannot be
    /// seen. Just after the start it is waited for, a moment.
    pub(super) fn quit(&mut self) -> Step {
        let being_read = matches!(self.held, Seen::NotYet) && self.house.fault().is_none();
        self.quitting = Quitting::OnceRead;
        if !being_read {
            return self.quit_once_read();
        }
        self.aside(async {
            tokio::time::sleep(READING).await;
            Message::StillUnread
        });
        Step::On
    }

    pub(super) fn quit_once_read(&mut self) -> Step {
        match (self.quitting, self.held.count()) {
            (Quitting::OnceRead, Some(0)) => return Step::End,
            (Quitting::OnceRead, _) => {
                self.quitting = Quitting::Asked;
                self.show(Window::Main);
                self.desk.post(Window::Main, &self.confirm_quit());
            }
            (Quitting::No | Quitting::Asked, _) => {}
        }
        Step::On
    }

    pub(super) fn confirm_quit(&self) -> View {
        View::ConfirmQuit { waiting: self.held.count() }
    }

    /// Something is to be asked that was not a moment ago. A window that shows how another mail went makes
    /// room where all went well; where a person has something to do there, it comes to the front.
    pub(super) fn make_room(&mut self) {
        match self.asked_stage() {
            Some((Stage::Done, true)) if self.queue.next(self.asked_id()).is_some() => self.go_on(),
            Some((Stage::Done, _)) => self.show(Window::Question),
            _ => self.ask_if_free(),
        }
    }

    /// Notifies once of each recipient for whom sending failed, unless it is being looked at.
    fn tell_of_failures(&mut self) {
        let mut failed = HashSet::new();
        for message in self.held.all() {
            let of = message.recipients.iter().filter(|one| one.state == Stands::Failed);
            failed.extend(of.map(|one| (message.id, one.address.to_string())));
        }
        let looked_at = self.asked_id();
        let news =
            |one: &&(HeldId, String)| !self.failed.contains(*one) && Some(one.0) != looked_at;
        if failed.iter().any(|one| news(&one)) {
            self.notify("notify.failed.title", &self.words.get("notify.failed.text"));
        }
        self.failed = failed;
    }
}

/// A store on a slow disk is read in less; a keyring that asks for its password is not.
const READING: Duration = Duration::from_secs(3);
