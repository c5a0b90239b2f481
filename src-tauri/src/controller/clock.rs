//! What the clock brings: reminders, and trouble that is looked at again.

use std::time::Duration;

use jiff::Timestamp;

use super::Controller;
use crate::desk::Desk;

impl<D: Desk> Controller<D> {
    pub(super) fn tick(&mut self) {
        let due = self.queue.remind(Timestamp::now());
        if due > 0 {
            self.notify("notify.remind.title", &self.words.count("notify.remind.text", due));
            self.ask_if_free();
            self.tell_list();
        }
        if self.house.fault().is_some() && !self.house.is_try_out() && self.house.reopen() {
            self.house.serve(self.inbox.clone());
            self.settings_changed();
        }
        if self.trouble().is_some() {
            self.refresh();
        }
    }

    /// Until there is something to remind of, or trouble to look at again.
    pub(super) fn pause(&self) -> Duration {
        let most = if self.trouble().is_some() { LOOK_AGAIN } else { LONGEST };
        let Some(at) = self.queue.next_reminder() else { return most };
        let left = at.duration_since(Timestamp::now());
        Duration::try_from(left).unwrap_or(Duration::ZERO).clamp(SHORTEST, most)
    }

    /// When something that is put off now is asked about again.
    pub(super) fn later(&self) -> Timestamp {
        let after = Duration::from_secs(60 * u64::from(self.house.remind_after()));
        Timestamp::now().saturating_add(after).unwrap_or(Timestamp::MAX)
    }
}

/// How often trouble is looked at again: a keyring is unlocked, a port set free.
const LOOK_AGAIN: Duration = Duration::from_secs(10);
/// The clock may be set; an hour late is late enough.
const LONGEST: Duration = Duration::from_secs(3600);
/// So that a clock that jumps cannot make the task spin.
const SHORTEST: Duration = Duration::from_millis(200);
