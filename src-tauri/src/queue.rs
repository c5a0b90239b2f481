//! Which messages are asked about, in which order, and which were put off until when. Pure: the
//! time is an argument.

use std::collections::HashMap;

use engine::choose::HeldId;
use jiff::Timestamp;

/// The messages that wait for a choice.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    waiting: Vec<HeldId>,
    put_off: HashMap<HeldId, Timestamp>,
    /// The message that is asked about, and until when its answer is awaited in silence.
    asked: Option<(HeldId, Timestamp)>,
}

impl Queue {
    /// Takes over what waits now, oldest first; what waits no longer is forgotten.
    pub(crate) fn refresh(&mut self, waiting: Vec<HeldId>) {
        self.put_off.retain(|id, _| waiting.contains(id));
        self.asked.take_if(|(id, _)| !waiting.contains(id));
        self.waiting = waiting;
    }

    /// Whether a message waits.
    pub(crate) fn has(&self, id: HeldId) -> bool {
        self.waiting.contains(&id)
    }

    /// The oldest message that waits and was not put off, but for this one.
    pub(crate) fn next(&self, but: Option<HeldId>) -> Option<HeldId> {
        self.open().find(|id| Some(*id) != but)
    }

    /// Which of those that are asked about a message is, and how many they are.
    pub(crate) fn place(&self, id: HeldId) -> (u32, u32) {
        let of = self.open().chain(self.put_off.get(&id).map(|_| id)).count().max(1);
        let number = self.open().position(|one| one == id).unwrap_or(0) + 1;
        (small(number), small(of))
    }

    /// How many are asked about after a message: those that wait and were not put off.
    pub(crate) fn left(&self, id: HeldId) -> u32 {
        small(self.open().filter(|one| *one != id).count())
    }

    /// A message is asked about; an answer is awaited in silence until then.
    pub(crate) fn ask(&mut self, id: HeldId, until: Timestamp) {
        self.asked = self.has(id).then_some((id, until));
    }

    /// Whether the message that is asked about is to be reminded of now; the next time is then `again`.
    pub(crate) fn unanswered(&mut self, now: Timestamp, again: Timestamp) -> bool {
        let due = self.asked.as_mut().filter(|(_, until)| *until <= now);
        due.map(|(_, until)| *until = again).is_some()
    }

    /// Puts a message off.
    pub(crate) fn put_off(&mut self, id: HeldId, until: Timestamp) {
        self.asked.take_if(|(asked, _)| *asked == id);
        if self.has(id) {
            self.put_off.insert(id, until);
        }
    }

    /// Puts everything off that waits.
    pub(crate) fn put_all_off(&mut self, until: Timestamp) {
        self.asked = None;
        let open: Vec<HeldId> = self.open().collect();
        self.put_off.extend(open.into_iter().map(|id| (id, until)));
    }

    /// Takes a message up again.
    pub(crate) fn take_up(&mut self, id: HeldId) {
        self.put_off.remove(&id);
    }

    /// Until when a message was put off.
    pub(crate) fn until(&self, id: HeldId) -> Option<Timestamp> {
        self.put_off.get(&id).copied()
    }

    /// When there is something to remind of next.
    pub(crate) fn next_reminder(&self) -> Option<Timestamp> {
        let asked = self.asked.map(|(_, until)| until);
        self.put_off.values().copied().chain(asked).min()
    }

    /// How many messages are to be reminded of now; they are asked about again.
    pub(crate) fn remind(&mut self, now: Timestamp) -> u32 {
        let before = self.put_off.len();
        self.put_off.retain(|_, until| *until > now);
        small(before - self.put_off.len())
    }

    fn open(&self) -> impl Iterator<Item = HeldId> {
        self.waiting.iter().copied().filter(|id| !self.put_off.contains_key(id))
    }
}

fn small(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn id(n: u8) -> HeldId {
        format!("01J000000000000000000000{n:02}").parse().unwrap()
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn queue() -> Queue {
        let mut queue = Queue::default();
        queue.refresh(vec![id(1), id(2), id(3)]);
        queue
    }

    #[test]
    fn they_are_asked_about_one_after_another_with_their_number() {
        let queue = queue();
        assert_eq!(queue.next(None), Some(id(1)));
        assert_eq!(queue.next(Some(id(1))), Some(id(2)));
        assert_eq!(queue.place(id(2)), (2, 3));
    }

    #[test]
    fn what_was_put_off_is_not_asked_about_until_it_is_taken_up() {
        let mut queue = queue();
        queue.put_off(id(1), at(60));
        assert_eq!(queue.next(None), Some(id(2)));
        assert_eq!(queue.place(id(2)), (1, 2));
        queue.take_up(id(1));
        assert_eq!(queue.next(None), Some(id(1)));
        queue.put_all_off(at(60));
        assert_eq!(queue.next(None), None);
    }

    #[test]
    fn a_message_that_waits_no_longer_is_forgotten() {
        let mut queue = queue();
        queue.put_off(id(1), at(60));
        queue.refresh(vec![id(2)]);
        assert_eq!(queue.next_reminder(), None);
        queue.put_off(id(1), at(60));
        assert_eq!(queue.next_reminder(), None, "only what waits can be put off");
    }

    #[test]
    fn a_reminder_comes_once_and_asks_again() {
        let mut queue = queue();
        queue.put_off(id(1), at(60));
        queue.put_off(id(2), at(90));
        assert_eq!(queue.remind(at(59)), 0);
        assert_eq!(queue.next(None), Some(id(3)));
        assert_eq!(queue.remind(at(61)), 1);
        assert_eq!(queue.remind(at(61)), 0);
        assert_eq!(queue.next(None), Some(id(1)), "it is asked about again");
        assert_eq!(queue.next_reminder(), Some(at(90)));
    }

    #[test]
    fn a_question_without_an_answer_is_reminded_of_again_and_again_until_it_has_one() {
        let mut queue = queue();
        queue.ask(id(1), at(60));
        assert_eq!(queue.next_reminder(), Some(at(60)));
        assert!(!queue.unanswered(at(59), at(119)));
        assert!(queue.unanswered(at(60), at(120)));
        assert!(!queue.unanswered(at(60), at(120)));
        assert!(queue.unanswered(at(120), at(180)));
        queue.refresh(vec![id(2), id(3)]);
        assert_eq!(queue.next_reminder(), None, "it was answered");
        queue.ask(id(2), at(60));
        queue.put_off(id(2), at(90));
        assert!(!queue.unanswered(at(60), at(120)), "it was put off, and is reminded of as that");
        queue.ask(id(1), at(60));
        assert_eq!(queue.next_reminder(), Some(at(90)), "what waits for nobody is not reminded of");
    }

    #[test]
    fn what_was_put_off_is_not_counted_among_those_that_come_next() {
        let mut queue = queue();
        assert_eq!(queue.left(id(1)), 2);
        queue.put_off(id(2), at(60));
        assert_eq!(queue.left(id(1)), 1);
        queue.refresh(vec![id(2), id(3)]);
        assert_eq!(
            (queue.left(id(1)), queue.left(id(3))),
            (1, 0),
            "one that waits no longer is none"
        );
    }
}
