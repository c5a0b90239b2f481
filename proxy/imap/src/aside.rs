//! A connection of our own beside the mail program's: finds and fetches a message, sets a keyword,
//! puts a message into a mailbox, takes one out. Why beside and not between: see the [crate].
//!
//! One command at a time: after each the owner waits for its [`Event::Done`].

mod find;
mod put;
#[cfg(test)]
mod tests;

use core::fmt;
use std::collections::VecDeque;

use wire::{Machine, Pause};

use crate::capabilities::Capabilities;
use crate::client::{self, Client, ClientError, Refusal};
use crate::command::is_tag;
use crate::frame::{End, Frame, Framer, Side};
use crate::mailbox::{Access, Opening, Selected, append_uid};
use crate::relay::Limits;
use crate::response::{Fetch, Piece, Response, Status, Text};
use crate::say::Saying;
use crate::unit::{Take, Unit};

pub use find::{Listed, Sought, Special};
pub use put::Moment;

/// What the connection tells its owner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// Put the connection inside TLS, then [`Aside::tls_established`].
    StartTls,
    /// Logged in; commands may be given.
    LoggedIn(Capabilities),
    /// Not logged in. The connection is to be dropped.
    Refused(Refusal),
    /// The end of the command that was given.
    Done(Done),
}

/// What came of a command.
#[derive(Clone, PartialEq, Eq)]
pub enum Done {
    /// The mailbox is open. Where its UIDVALIDITY is not the one that was expected, no UID of
    /// before means anything.
    Opened(Selected),
    /// The message, byte for byte.
    Message(Vec<u8>),
    /// There is no message of that UID any more.
    Gone,
    /// The message is larger than may be kept. Where it is very much larger the session is over too.
    TooLarge {
        /// RFC822.SIZE, where the server said it.
        size: Option<u64>,
    },
    /// The keyword was taken, or taken away.
    Marked,
    /// UIDs of the messages that were looked for, as the server orders them.
    Found(Vec<u32>),
    /// The mailboxes that were asked for.
    Listed(Vec<Listed>),
    /// Of the messages that were named, those marked \Deleted are gone.
    Expunged,
    /// The message is in the mailbox.
    Appended {
        /// UIDVALIDITY and UID, where the server says them (RFC 4315).
        uid: Option<(u32, u32)>,
    },
    /// The session is over; drop the connection.
    LoggedOut,
    /// NO or BAD.
    Refused(Refusal),
}

impl fmt::Debug for Done {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Opened(selected) => selected.fmt(f),
            Self::Message(bytes) => write!(f, "Message({} bytes)", bytes.len()),
            Self::Gone => f.write_str("Gone"),
            Self::TooLarge { size } => write!(f, "TooLarge({size:?})"),
            Self::Marked => f.write_str("Marked"),
            Self::Found(uids) => write!(f, "Found({uids:?})"),
            Self::Listed(mailboxes) => write!(f, "Listed({} mailboxes)", mailboxes.len()),
            Self::Expunged => f.write_str("Expunged"),
            Self::Appended { uid } => write!(f, "Appended({uid:?})"),
            Self::LoggedOut => f.write_str("LoggedOut"),
            Self::Refused(refusal) => refusal.fmt(f),
        }
    }
}

/// See the [module](self).
pub struct Aside {
    client: Client,
    limits: Limits,
    framer: Framer,
    unit: Unit,
    tags: u32,
    state: State,
    saying: Saying,
    events: VecDeque<Event>,
}

/// What is awaited.
enum State {
    /// The login.
    LoggingIn,
    /// A command of the owner.
    Idle,
    /// The end of a command.
    Busy(Job),
    Failed(ClientError),
}

enum Job {
    Open(Opening),
    Fetch(u32, Done),
    Mark,
    Search(Vec<u32>),
    List(Vec<Listed>),
    Expunge,
    Append,
    LogOut,
}

impl Aside {
    /// A connection that waits for the greeting.
    #[must_use]
    pub fn new(config: client::Config, limits: Limits) -> Self {
        Self {
            client: Client::new(config),
            limits,
            framer: Framer::new(Side::Server),
            unit: Unit::default(),
            tags: 0,
            state: State::LoggingIn,
            saying: Saying::default(),
            events: VecDeque::new(),
        }
    }

    /// As [`Client::tls_established`].
    ///
    /// # Errors
    /// As there.
    pub fn tls_established(&mut self) -> Result<(), ClientError> {
        self.client.tls_established()
    }

    /// Opens a mailbox, its name in modified UTF-7. Read only it is (EXAMINE) wherever that is
    /// enough: SELECT takes \Recent away from the mail program's session (RFC 3501 section 2.3.2).
    pub fn open(&mut self, mailbox: &[u8], access: Access) {
        let verb = match access {
            Access::ReadOnly => "EXAMINE",
            Access::ReadWrite => "SELECT",
        };
        let job = Job::Open(Opening::new(mailbox.to_vec(), access));
        self.begin(verb, job, |saying| saying.string(mailbox));
    }

    /// Fetches a message whole and leaves its flags alone (BODY.PEEK).
    pub fn fetch(&mut self, uid: u32) {
        self.begin("UID FETCH", Job::Fetch(uid, Done::Gone), |saying| {
            saying.words(&format!("{uid} (UID RFC822.SIZE BODY.PEEK[])"));
        });
    }

    /// Sets a keyword; the mailbox must be open for writing and take it ([`Selected::takes`]).
    /// What is no keyword is not sent.
    pub fn mark(&mut self, uid: u32, keyword: &str) {
        if !is_flag(keyword) {
            self.state = State::Failed(ClientError::OutOfOrder);
            return;
        }
        self.begin("UID STORE", Job::Mark, |saying| {
            saying.words(&format!("{uid} +FLAGS.SILENT ({keyword})"));
        });
    }

    /// Ends the session.
    pub fn log_out(&mut self) {
        self.begin("LOGOUT", Job::LogOut, |_| {});
    }

    fn begin(&mut self, verb: &str, job: Job, arguments: impl FnOnce(&mut Saying)) {
        match self.state {
            State::Idle => {}
            State::Failed(_) => return,
            State::LoggingIn | State::Busy(_) => {
                self.state = State::Failed(ClientError::OutOfOrder);
                return;
            }
        }
        self.tags += 1;
        let mut saying = Saying::new(&self.tag(), verb);
        arguments(&mut saying);
        self.saying = saying.end();
        self.state = State::Busy(job);
        self.say_on();
    }

    fn tag(&self) -> String {
        format!("Y{}", self.tags)
    }

    fn say_on(&mut self) {
        if let Some(piece) = self.saying.next() {
            self.client.pass(&piece);
        }
    }

    fn take(&mut self, bytes: &[u8]) {
        if let State::Failed(_) = self.state {
            return;
        }
        let mut rest = bytes;
        while let Some(frame) = self.framer.next(&mut rest) {
            match frame {
                Frame::Line { bytes, end } => {
                    self.unit.line(bytes, &self.limits);
                    match end {
                        End::Open => {}
                        End::Whole => self.response(),
                        End::Literal(literal) => {
                            let take = self.wanted();
                            let room = self.limits.message.saturating_sub(self.unit.kept());
                            if take == Take::Message && literal.size > self.endless() {
                                return self.give_up(literal.size);
                            }
                            self.unit.begin_literal(literal.size, take, &self.limits, room);
                        }
                    }
                }
                Frame::Literal { bytes, left } => self.unit.literal(bytes, left, &self.limits, 0),
                Frame::Opaque(_) => {}
            }
        }
    }

    /// More is not even read past: what is a little too large leaves the connection of use, ten gigabytes
    /// would hold it up for hours.
    fn endless(&self) -> u64 {
        u64::try_from(self.limits.message).unwrap_or(u64::MAX).saturating_mul(2)
    }

    /// The message is too large, and the connection of no use any more.
    fn give_up(&mut self, size: u64) {
        self.unit.clear();
        self.events.push_back(Event::Done(Done::TooLarge { size: Some(size) }));
        self.state = State::Failed(ClientError::Ended);
    }

    /// How much of the literal that comes now is wanted.
    fn wanted(&self) -> Take {
        match (&self.state, Response::parse(&self.unit)) {
            (State::Busy(Job::Fetch(..)), Some(Response::Fetch { items, .. })) => {
                let fetch = Fetch::parse(items);
                let message = fetch.is_some_and(|fetch| fetch.next == Piece::Message);
                if message { Take::Message } else { Take::Nothing }
            }
            // The name of a mailbox.
            (State::Busy(Job::List(_)), Some(Response::List(_))) => Take::Argument,
            _ => Take::Nothing,
        }
    }

    fn response(&mut self) {
        let mut unit = core::mem::take(&mut self.unit);
        let ours = self.tag();
        match (Response::parse(&unit), &mut self.state) {
            (Some(Response::Continue(_)), State::Busy(_)) => self.say_on(),
            (Some(Response::Tagged { tag, status, text }), State::Busy(_))
                if tag == ours.as_bytes() =>
            {
                self.end(status, text);
            }
            (Some(Response::Untagged { status: Status::Bye, text }), state)
                if !matches!(state, State::Busy(Job::LogOut)) =>
            {
                let words = client::printable(text.words);
                *state = State::Failed(ClientError::Bye { words });
            }
            (Some(Response::Fetch { items, .. }), State::Busy(Job::Fetch(wanted, done))) => {
                let fetch = Fetch::parse(items).filter(|fetch| fetch.uid == Some(*wanted));
                if let Some(Fetch { size, message, body: Some(_), .. }) = fetch {
                    let index = message.and_then(|held| unit.index(held));
                    *done = match index {
                        Some(index) => Done::Message(unit.give(index)),
                        None => Done::TooLarge { size },
                    };
                }
            }
            (Some(response), State::Busy(Job::Open(opening))) => opening.hear(response),
            (Some(Response::Search(numbers)), State::Busy(Job::Search(found))) => {
                find::take_numbers(numbers, found);
            }
            (Some(Response::List(items)), State::Busy(Job::List(mailboxes))) => {
                mailboxes.extend(Listed::parse(items));
                mailboxes.truncate(find::MOST_MAILBOXES);
            }
            _ => {}
        }
        unit.clear();
        self.unit = unit;
    }

    fn end(&mut self, status: Status, text: Text<'_>) {
        let State::Busy(job) = core::mem::replace(&mut self.state, State::Idle) else {
            return;
        };
        self.saying = Saying::default();
        let done = match (status, job) {
            (Status::Ok, Job::Open(opening)) => Done::Opened(opening.done(text)),
            (Status::Ok, Job::Fetch(_, done)) => done,
            (Status::Ok, Job::Mark) => Done::Marked,
            (Status::Ok, Job::Search(found)) => Done::Found(found),
            (Status::Ok, Job::List(mailboxes)) => Done::Listed(mailboxes),
            (Status::Ok, Job::Expunge) => Done::Expunged,
            (Status::Ok, Job::Append) => Done::Appended { uid: append_uid(text) },
            (_, Job::LogOut) => {
                self.state = State::Failed(ClientError::Ended);
                Done::LoggedOut
            }
            _ => Done::Refused(Refusal::new(status, text)),
        };
        self.events.push_back(Event::Done(done));
    }
}

/// A flag or keyword (RFC 3501 section 9), nothing that would be another argument.
fn is_flag(flag: &str) -> bool {
    is_tag(flag.strip_prefix('\\').unwrap_or(flag).as_bytes())
}

impl Machine for Aside {
    type Event = Event;
    type Error = ClientError;

    fn feed(&mut self, bytes: &[u8]) {
        self.client.feed(bytes);
    }

    fn feed_end(&mut self) {
        self.client.feed_end();
        if let State::Idle | State::Busy(_) = self.state {
            // What came before the end is heard first.
            while let Pause::Event(client::Event::Bytes(bytes)) = self.client.next() {
                self.take(&bytes);
            }
            if let State::Idle | State::Busy(_) = self.state {
                self.state = State::Failed(ClientError::Closed);
            }
        }
    }

    fn next(&mut self) -> Pause<Event, ClientError> {
        loop {
            match self.client.next() {
                Pause::Write(bytes) => return Pause::Write(bytes),
                Pause::Failed(error) => return Pause::Failed(error),
                Pause::Event(client::Event::Bytes(bytes)) => self.take(&bytes),
                Pause::Event(client::Event::StartTls) => return Pause::Event(Event::StartTls),
                Pause::Event(client::Event::LoggedIn(capabilities)) => {
                    self.state = State::Idle;
                    return Pause::Event(Event::LoggedIn(capabilities));
                }
                Pause::Event(client::Event::Refused(refusal)) => {
                    return Pause::Event(Event::Refused(refusal));
                }
                Pause::Read => break,
            }
        }
        match (self.events.pop_front(), &self.state) {
            (Some(event), _) => Pause::Event(event),
            (None, State::Failed(error)) => Pause::Failed(error.clone()),
            (None, _) => Pause::Read,
        }
    }
}

impl fmt::Debug for Aside {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.client.fmt(f)
    }
}
