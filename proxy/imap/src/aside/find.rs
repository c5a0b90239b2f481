//! Looking for messages and mailboxes.

use super::{Aside, Job};
use crate::aside::Moment;
use crate::number;
use crate::value::Cursor;

/// Which messages are looked for in the mailbox that is open.
#[derive(Clone, PartialEq, Eq)]
pub struct Sought {
    message_id: String,
    since: Option<Moment>,
}

impl Sought {
    /// Messages with this Message-ID, angle brackets included; `None` where it has anything but
    /// printable US-ASCII, which cannot be asked for. The server compares parts of words (RFC 3501
    /// section 6.4.4): what it finds has to be looked at.
    #[must_use]
    pub fn new(message_id: &str) -> Option<Self> {
        let plain =
            !message_id.is_empty() && message_id.bytes().all(|byte| byte.is_ascii_graphic());
        plain.then(|| Self { message_id: message_id.to_owned(), since: None })
    }

    /// Only what came on this day or later, by the server's calendar: a large mailbox is searched
    /// for long.
    #[must_use]
    pub fn since(self, day: Moment) -> Self {
        Self { since: Some(day), ..self }
    }
}

/// A mailbox as LIST tells it.
#[derive(Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its name, in modified UTF-7.
    pub mailbox: Vec<u8>,
    attributes: Vec<Vec<u8>>,
}

impl Listed {
    /// True where the server gave it this attribute, such as `\Sent` (RFC 6154).
    #[must_use]
    pub fn is(&self, attribute: &str) -> bool {
        self.attributes.iter().any(|has| has.eq_ignore_ascii_case(attribute.as_bytes()))
    }

    /// True where it can be opened (RFC 3501 section 7.2.2, RFC 5258 section 3).
    #[must_use]
    pub fn can_be_opened(&self) -> bool {
        !self.is("\\Noselect") && !self.is("\\NonExistent")
    }

    /// `(attributes) delimiter name`.
    pub(super) fn parse(mut items: Cursor<'_>) -> Option<Self> {
        let attributes = items.value().ok()?;
        items.take(b' ');
        items.value().ok()?;
        items.take(b' ');
        let mailbox = items.value().ok()?.bytes()?.to_vec();
        let attributes = attributes.list().iter().filter_map(|value| value.bytes());
        Some(Self { attributes: attributes.map(<[u8]>::to_vec).collect(), mailbox })
    }
}

impl core::fmt::Debug for Listed {
    /// Not the name: folders are named after people.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Listed").field("attributes", &self.attributes.len()).finish_non_exhaustive()
    }
}

impl core::fmt::Debug for Sought {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Sought").field("since", &self.since).finish_non_exhaustive()
    }
}

impl Aside {
    /// Looks for messages in the mailbox that is open, whether or not they are marked \Deleted.
    pub fn search(&mut self, sought: &Sought) {
        self.begin("UID SEARCH", Job::Search(Vec::new()), |saying| {
            if let Some(since) = sought.since {
                saying.words(&format!("SINCE {}", since.day()));
            }
            saying.words("HEADER Message-ID");
            saying.string(sought.message_id.as_bytes());
        });
    }

    /// Asks for all mailboxes; where the server knows SPECIAL-USE (RFC 6154), only for those that
    /// have a use, if `special` says so.
    pub fn list(&mut self, special: Special) {
        self.begin("LIST", Job::List(Vec::new()), |saying| {
            if special == Special::Only {
                saying.words("(SPECIAL-USE)");
            }
            saying.words("\"\" \"*\"");
        });
    }
}

/// Which mailboxes are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Special {
    /// Those with a use of their own; for a server that offers SPECIAL-USE.
    Only,
    /// All.
    OrNot,
}

/// Takes the numbers of a SEARCH response.
pub(super) fn take_numbers(numbers: &[u8], found: &mut Vec<u32>) {
    let words = numbers.split(|byte| *byte == b' ').filter_map(number);
    let room = MOST_FOUND.saturating_sub(found.len());
    found.extend(words.filter_map(|number| u32::try_from(number).ok()).take(room));
}

/// One Message-ID is borne by one message, and by its copies.
const MOST_FOUND: usize = 100;
/// People have hundreds of folders; a server that tells more is not believed.
pub(super) const MOST_MAILBOXES: usize = 20_000;
