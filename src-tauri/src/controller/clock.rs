//! What the clock brings: reminders, and trouble that is looked at again.

use std::time::Duration;

use jiff::Timestamp;

use super::Controller;
use crate::desk::{Desk, Window};

impl<D: Desk> Controller<D> {
    pub(super) fn tick(&mut self, now: Timestamp) {
        let put_off = self.queue.remind(now);
        let unanswered = self.queue.unanswered(now, self.later(now));
        let due = put_off + u32::from(unanswered);
        if due > 0 {
            self.notify("notify.remind.title", &self.words.count("notify.remind.text", due));
        }
        if put_off > 0 {
            self.make_room();
            self.tell_list();
        }
        if unanswered {
            // It may lie behind other windows, or on a screen that nobody looks at.
            self.show(Window::Question);
        }
        self.reopen();
        if self.trouble().is_some() {
            self.refresh();
        }
    }

    /// Tries again where there is no engine.
    pub(super) fn reopen(&mut self) {
        if self.house.fault().is_some() && !self.house.is_try_out() && self.house.reopen() {
            self.house.serve(self.inbox.clone());
            self.clear_hand();
            self.settings_changed();
        }
    }

    /// Until there is something to remind of, or trouble to look at again.
    pub(super) fn pause(&self) -> Duration {
        let most = if self.trouble().is_some() { LOOK_AGAIN } else { LONGEST };
        let Some(at) = self.queue.next_reminder() else { return most };
        let left = at.duration_since(Timestamp::now());
        Duration::try_from(left).unwrap_or(Duration::ZERO).clamp(SHORTEST, most)
    }

    /// When something that is put off or asked about `now` is reminded of.
    pub(super) fn later(&self, now: Timestamp) -> Timestamp {
        now.saturating_add(self.house.remind_after()).unwrap_or(Timestamp::MAX)
    }
}

/// How often trouble is looked at again: a keyring is unlocked, a port set free.
const LOOK_AGAIN: Duration = Duration::from_secs(10);
/// The clock may be set; an hour late is late enough.
const LONGEST: Duration = Duration::from_secs(3600);
/// So that a clock that jumps cannot make the task spin.
const SHORTEST: Duration = Duration::from_millis(200);
