use core::fmt;
use std::sync::Arc;

use crate::claim::Claim;
use crate::mailbox::Selected;

/// What was seen in a session.
#[derive(PartialEq, Eq)]
pub enum Event {
    /// The mail program has a mailbox open now.
    Selected(Arc<Selected>),
    /// It has none open any more.
    Closed,
    /// The server showed a message that claims something.
    Claimed(Claimed),
    /// The mail program puts a message into a mailbox; the server has not said yes yet.
    Appending(Appended),
    /// The end of an APPEND.
    Appended {
        /// The tag of its [`Event::Appending`]; there may be several (RFC 3502).
        tag: Vec<u8>,
        /// Whether the server took it.
        outcome: Outcome,
    },
    /// Nothing more will be seen; the session goes on.
    Stopped(Stop),
}

/// A message in a mailbox that claims something.
#[derive(PartialEq, Eq)]
pub struct Claimed {
    /// The mailbox; `None` where it is not sure which one is open.
    pub mailbox: Option<Arc<Selected>>,
    /// Its number at this moment: good for nothing later.
    pub sequence: u32,
    /// Its UID, where the response had it.
    pub uid: Option<u32>,
    /// RFC822.SIZE, where the response had it.
    pub size: Option<u64>,
    /// What it claims; never empty.
    pub claims: Vec<Claim>,
    /// The whole message, where it claims more than DKIM, and passed whole and within bounds; else it
    /// is to be fetched ([`crate::aside`]).
    pub message: Option<Vec<u8>>,
    /// Else its header, or the fields of it that the mail program asked for, within bounds.
    pub header: Option<Vec<u8>>,
}

/// A message on its way into a mailbox (RFC 3501 section 6.3.11).
#[derive(PartialEq, Eq)]
pub struct Appended {
    /// The command's tag.
    pub tag: Vec<u8>,
    /// The mailbox's name in modified UTF-7.
    pub mailbox: Vec<u8>,
    /// The flags that it gets.
    pub flags: Vec<Vec<u8>>,
    /// INTERNALDATE, where one is given.
    pub date: Option<Vec<u8>>,
    /// Its size in bytes.
    pub size: u64,
    /// What it claims.
    pub claims: Vec<Claim>,
    /// As much of it as was kept.
    pub text: Text,
}

/// As much of a message as was kept.
#[derive(PartialEq, Eq)]
pub enum Text {
    /// All.
    Whole(Vec<u8>),
    /// Its header with the empty line behind it, or as much of it as the bound let in.
    Beginning(Vec<u8>),
}

/// The end of an APPEND.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The server has it.
    Taken {
        /// UIDVALIDITY and UID, where the server says them (RFC 4315).
        uid: Option<(u32, u32)>,
    },
    /// The server has it not.
    Refused,
}

/// Why nothing more is seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// Both sides agreed on compression, though it was hidden (RFC 4978).
    Compressed,
    /// The client did not wait for the server's consent, and the server refused: where the next
    /// command begins is not known.
    Unframed,
}

impl fmt::Debug for Event {
    /// Kinds and numbers: names of folders and content belong in no log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Selected(selected) => selected.fmt(f),
            Self::Closed => f.write_str("Closed"),
            Self::Claimed(claimed) => claimed.fmt(f),
            Self::Appending(appended) => appended.fmt(f),
            Self::Appended { outcome, .. } => write!(f, "Appended({outcome:?})"),
            Self::Stopped(why) => write!(f, "Stopped({why:?})"),
        }
    }
}

impl fmt::Debug for Claimed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Claimed")
            .field("uid", &self.uid)
            .field("claims", &self.claims)
            .field("bytes", &self.message.as_ref().map(Vec::len))
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Appended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Appending")
            .field("size", &self.size)
            .field("claims", &self.claims)
            .field("text", &self.text)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole(bytes) => write!(f, "Whole({} bytes)", bytes.len()),
            Self::Beginning(bytes) => write!(f, "Beginning({} bytes)", bytes.len()),
        }
    }
}
