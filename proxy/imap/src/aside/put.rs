//! Putting messages into mailboxes and taking them out.

use super::{Aside, Job, State, is_flag};
use crate::client::ClientError;

/// A moment in UTC, to the second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// The year, four digits.
    pub year: u16,
    /// The month, 1 to 12.
    pub month: u8,
    /// The day of the month, 1 to 31.
    pub day: u8,
    /// The hour, 0 to 23.
    pub hour: u8,
    /// The minute, 0 to 59.
    pub minute: u8,
    /// The second, 0 to 59.
    pub second: u8,
}

impl Moment {
    /// As `date` (RFC 3501 section 9).
    pub(super) fn day(self) -> String {
        let month = MONTHS.get(usize::from(self.month).wrapping_sub(1)).unwrap_or(&"Jan");
        format!("{}-{month}-{:04}", self.day, self.year)
    }

    /// As `date-time` (RFC 3501 section 9).
    fn date_time(self) -> String {
        let Self { hour, minute, second, .. } = self;
        format!("\"{:>11} {hour:02}:{minute:02}:{second:02} +0000\"", self.day())
    }
}

impl Aside {
    /// Puts a message into a mailbox, its name in modified UTF-7. It stays as it is: lines should
    /// end with CRLF, and NUL must not occur (RFC 3501 section 4.3). `when` is the date by which
    /// mail programs order it; without it the server takes its own clock.
    pub fn append(&mut self, mailbox: &[u8], flags: &[&str], when: Option<Moment>, message: &[u8]) {
        if !flags.iter().all(|flag| is_flag(flag)) {
            self.state = State::Failed(ClientError::OutOfOrder);
            return;
        }
        self.begin("APPEND", Job::Append, |saying| {
            saying.string(mailbox);
            if !flags.is_empty() {
                saying.words(&format!("({})", flags.join(" ")));
            }
            if let Some(when) = when {
                saying.words(&when.date_time());
            }
            saying.literal(message);
        });
    }

    /// Takes a keyword or flag away; otherwise as [`Aside::mark`].
    pub fn unmark(&mut self, uid: u32, keyword: &str) {
        if !is_flag(keyword) {
            self.state = State::Failed(ClientError::OutOfOrder);
            return;
        }
        self.begin("UID STORE", Job::Mark, |saying| {
            saying.words(&format!("{uid} -FLAGS.SILENT ({keyword})"));
        });
    }

    /// Takes the message of this UID out of the mailbox for good, if it is marked \Deleted, and no
    /// other (UID EXPUNGE, RFC 4315 section 2.1): only for a server that offers UIDPLUS.
    pub fn expunge(&mut self, uid: u32) {
        self.begin("UID EXPUNGE", Job::Expunge, |saying| saying.words(&uid.to_string()));
    }
}

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
