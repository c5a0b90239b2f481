use core::fmt;

use crate::response::{Status, Text};

/// A NO or BAD of the server.
#[derive(Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Why, as far as the server says it in a form for programs.
    pub reason: Reason,
    /// The server's code (RFC 5530) in capitals; empty where there is none.
    pub code: String,
    /// The server's words, on one line, at most 500 characters. They may name addresses.
    pub words: String,
}

/// Why a server refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// NO without a code that says more: at a login, user name or password may be wrong, and are for
    /// certain where the code is AUTHENTICATIONFAILED.
    Refused,
    /// The password was right once (EXPIRED).
    Expired,
    /// The user may not do this, or must speak with the provider (AUTHORIZATIONFAILED,
    /// CONTACTADMIN, NOPERM, PRIVACYREQUIRED): many providers want an app password.
    NotAllowed,
    /// It may be tried again later (UNAVAILABLE, INUSE, LIMIT, SERVERBUG).
    Unavailable,
    /// There is no such mailbox (TRYCREATE, NONEXISTENT).
    NoMailbox,
    /// No room is left (OVERQUOTA), or the message is too large (TOOBIG, RFC 7889).
    NoRoom,
    /// BAD: the server does not understand the command.
    NotUnderstood,
}

impl Refusal {
    pub(crate) fn new(status: Status, text: Text<'_>) -> Self {
        let code = printable(text.code).to_ascii_uppercase();
        let reason = match (status, code.as_str()) {
            (_, "EXPIRED") => Reason::Expired,
            (_, "AUTHORIZATIONFAILED" | "CONTACTADMIN" | "NOPERM" | "PRIVACYREQUIRED") => {
                Reason::NotAllowed
            }
            (_, "UNAVAILABLE" | "INUSE" | "LIMIT" | "SERVERBUG") => Reason::Unavailable,
            (_, "TRYCREATE" | "NONEXISTENT") => Reason::NoMailbox,
            (_, "OVERQUOTA" | "TOOBIG") => Reason::NoRoom,
            (Status::Bad, _) => Reason::NotUnderstood,
            _ => Reason::Refused,
        };
        Self { reason, code, words: printable(text.words) }
    }
}

impl fmt::Debug for Refusal {
    /// Not the words: they repeat names.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Refusal({:?}, {:?})", self.reason, self.code)
    }
}

/// Words of a server as one line without control characters.
pub(crate) fn printable(words: &[u8]) -> String {
    let text = String::from_utf8_lossy(words);
    text.chars().filter(|character| !character.is_control()).take(WORDS).collect()
}

/// More words are read by nobody.
const WORDS: usize = 500;
