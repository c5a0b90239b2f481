//! What is going on in the session: which commands wait for their end, which mailbox is open.

use std::collections::VecDeque;
use std::sync::Arc;

use super::Event;
use crate::mailbox::{Names, Opening, Selected};

#[derive(Debug, Default)]
pub(super) struct Session {
    /// Commands without their tagged response, the oldest first.
    pending: VecDeque<(Vec<u8>, What)>,
    selected: Option<Arc<Selected>>,
    pub(super) names: Names,
    pub(super) ending: Ending,
}

/// Whether the server said that the session is over (RFC 3501 section 7.1.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Ending {
    #[default]
    Unsaid,
    Said,
}

/// What the end of a command will mean.
#[derive(Debug)]
pub(super) enum What {
    Select(Box<Opening>),
    /// The mailbox's name was too long to be kept.
    SelectUnknown,
    Close,
    Append,
    Compress,
    Other,
}

impl Session {
    pub(super) fn begin(&mut self, tag: &[u8], what: What) {
        if self.pending.len() >= PENDING {
            let forgotten = self.pending.pop_front();
            // Whatever becomes of it, nobody knows which mailbox is open behind it.
            if let Some((_, What::Select(_) | What::SelectUnknown | What::Close)) = forgotten {
                self.selected = None;
            }
        }
        self.pending.push_back((tag.to_vec(), what));
    }

    pub(super) fn end(&mut self, tag: &[u8]) -> Option<What> {
        let at = self.pending.iter().position(|(pending, _)| pending == tag)?;
        self.pending.remove(at).map(|(_, what)| what)
    }

    pub(super) fn is_pending(&self, tag: &[u8]) -> bool {
        self.pending.iter().any(|(pending, _)| pending == tag)
    }

    /// The mailbox that is being opened.
    pub(super) fn opening(&mut self) -> Option<&mut Opening> {
        self.pending.iter_mut().find_map(|(_, what)| match what {
            What::Select(opening) => Some(&mut **opening),
            _ => None,
        })
    }

    /// The mailbox that a response now speaks of; `None` where that is not sure. A server takes
    /// commands in order where it matters (RFC 3501 section 5.5): until those before a SELECT have
    /// ended, it speaks of the old mailbox; then nobody knows before the SELECT has ended.
    pub(super) fn current(&self) -> Option<Arc<Selected>> {
        let first = self.pending.iter().find(|(_, what)| !matches!(what, What::Append));
        match first {
            Some((_, What::Select(_) | What::SelectUnknown | What::Close)) => None,
            _ => self.selected.clone(),
        }
    }

    pub(super) fn select(&mut self, selected: Option<Selected>) -> Option<Event> {
        let before = self.selected.take();
        self.selected = selected.map(Arc::new);
        match &self.selected {
            Some(selected) => Some(Event::Selected(Arc::clone(selected))),
            None => before.map(|_| Event::Closed),
        }
    }

    pub(super) fn enabled(&mut self, words: &[u8]) {
        let mut words = words.split(|&byte| byte == b' ');
        let is = |word: &[u8]| {
            word.eq_ignore_ascii_case(b"UTF8=ACCEPT") || word.eq_ignore_ascii_case(b"IMAP4rev2")
        };
        if words.any(is) {
            self.names = Names::Utf8;
        }
    }
}

/// Commands that wait at once; the oldest of more is forgotten. Mail programs have a few dozen.
const PENDING: usize = 200;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mailbox::Access;
    use crate::response::Text;

    #[test]
    fn behind_a_select_that_was_forgotten_no_mailbox_is_taken_for_open() {
        let opening = || Opening::new(b"INBOX".to_vec(), Access::ReadOnly);
        let mut session = Session::default();
        session.select(Some(opening().done(Text::parse(b""))));
        assert!(session.current().is_some());
        session.begin(b"a", What::Select(Box::new(opening())));
        for number in 0..PENDING {
            session.begin(format!("b{number}").as_bytes(), What::Other);
        }
        assert!(session.end(b"a").is_none(), "it was forgotten");
        assert!(session.current().is_none());
    }
}
