//! The server (RFC 3501): the side that a mail program speaks to, up to its login.
//!
//! The owner answers [`Event::Authenticate`] by [`Server::answer`], and [`Event::StartTls`] by
//! [`Server::tls_established`]. Behind [`Answer::LoggedIn`] the machine is transparent: what the
//! mail program says comes as [`Event::Bytes`], what goes to it is given to [`Server::pass`].
//!
//! ```text
//!  Greeting → ExpectCommand ─STARTTLS→ AwaitTls → ExpectCommand
//!             ExpectCommand ─LOGIN "a" {5}→ ExpectLiteral → ExpectCommand (its rest)
//!             ExpectCommand ─LOGIN, AUTHENTICATE→ (ExpectAuthLine) → AwaitAuth → Transparent
//! ```

mod auth;
mod session;
#[cfg(test)]
mod tests;

use core::fmt;
use std::collections::VecDeque;

use secrecy::zeroize::Zeroize as _;
use wire::sasl::Challenges;
pub use wire::sasl::{Credentials, Proof};
pub use wire::server::Tls;
use wire::server::{Link, Peer, Step, Tally};
use wire::{Buffer, Machine, Pause};

use self::session::State;
use crate::capabilities::{Capabilities, Offer};
use crate::unit::Unit;

/// How a [`Server`] behaves.
#[derive(Debug, Clone)]
pub struct Config {
    /// The name in challenges; ASCII.
    pub hostname: String,
    /// Where TLS stands in the session.
    pub tls: Tls,
    /// What is said to be possible before the login: the provider's words where they are known,
    /// else [`Capabilities::own`]. What must change in them is changed here.
    pub capabilities: Capabilities,
    /// The bounds.
    pub limits: Limits,
}

impl Config {
    /// A configuration with the default bounds, for a provider that is not known yet.
    #[must_use]
    pub fn new(hostname: &str, tls: Tls) -> Self {
        let (hostname, capabilities) = (hostname.to_owned(), Capabilities::own());
        Self { hostname, tls, capabilities, limits: Limits::default() }
    }
}

/// What a client may use before its login.
#[derive(Debug, Clone)]
pub struct Limits {
    /// A command in bytes, its CRLFs included (RFC 7162 section 4: 8,192).
    pub command: usize,
    /// A literal in bytes: a user name or a password.
    pub literal: usize,
    /// A line of a SASL dialogue in bytes with its CRLF (as RFC 4954 section 4 has it for SMTP).
    pub auth_line: usize,
    /// Commands that are refused before it hangs up.
    pub errors: usize,
    /// Failed logins before it hangs up: each of three mechanisms twice.
    pub auth_failures: usize,
    /// Commands: CAPABILITY, ID, STARTTLS, the login and room for retries.
    pub commands: usize,
    /// Bytes in all.
    pub bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            command: 8_192,
            literal: 4_096,
            auth_line: 12_288,
            errors: 20,
            auth_failures: 6,
            commands: 100,
            bytes: 64 * 1024,
        }
    }
}

/// What the server tells its owner.
pub enum Event {
    /// The OK was written: the connection is to be put inside TLS, then
    /// [`Server::tls_established`].
    StartTls,
    /// The client wants to log in. Answer: [`Server::answer`].
    Authenticate(Credentials),
    /// The client is logged in, and says this.
    Bytes(Vec<u8>),
    /// The last response was written: drop the connection.
    Quit,
}

impl fmt::Debug for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::StartTls => f.write_str("StartTls"),
            Self::Authenticate(credentials) => credentials.fmt(f),
            Self::Bytes(bytes) => write!(f, "Bytes({} bytes)", bytes.len()),
            Self::Quit => f.write_str("Quit"),
        }
    }
}

/// The owner's answer to [`Event::Authenticate`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// The credentials are right, and the provider let us in: what it can do from now on.
    LoggedIn(Capabilities),
    /// The credentials are not those of this program (RFC 5530, AUTHENTICATIONFAILED).
    Wrong,
    /// They are right, but the provider cannot be used now (UNAVAILABLE); why, in words for people.
    Unavailable(String),
    /// They are right, but the provider refuses the password that is kept (CONTACTADMIN); what to
    /// do, in words for people.
    Refused(String),
}

/// Why the dialogue with the client is over without a LOGOUT.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ServerError {
    /// The client went away before it had logged in.
    #[error("the mail program closed the connection before it had logged in")]
    Closed,
    /// The session has ended; the connection is to be dropped.
    #[error("the session has ended")]
    Ended,
    /// The owner asked for the next step before it answered an event: a fault of this program.
    #[error("an event was left without its answer")]
    Unanswered,
    /// The owner answered where nothing was asked, or passed bytes before the login: a fault of
    /// this program.
    #[error("an answer came where nothing was asked")]
    Unasked,
}

/// The machine towards the mail program.
pub struct Server {
    config: Config,
    state: State,
    link: Link,
    tally: Tally,
    challenges: Challenges,
    /// The command that is being read.
    unit: Unit,
    buffer: Buffer,
    out: Vec<u8>,
    events: VecDeque<Event>,
    peer: Peer,
}

impl Server {
    /// A server before its greeting. `seed` must be fresh random bytes (it makes the CRAM-MD5
    /// challenges unguessable); `now_unix` is the time in seconds since 1970.
    #[must_use]
    pub fn new(config: Config, seed: [u8; 16], now_unix: u64) -> Self {
        Self {
            challenges: Challenges::new(seed, now_unix, &config.hostname),
            link: Link::first(config.tls),
            config,
            state: State::Greeting,
            tally: Tally::default(),
            unit: Unit::default(),
            buffer: Buffer::new(),
            out: Vec::new(),
            events: VecDeque::new(),
            peer: Peer::Open,
        }
    }

    /// The owner's answer to [`Event::Authenticate`].
    pub fn answer(&mut self, answer: Answer) {
        self.take_answer(answer);
    }

    /// The connection is inside TLS now, after [`Event::StartTls`]. All that came in the clear is
    /// forgotten (RFC 3501 section 6.2.1).
    pub fn tls_established(&mut self) {
        if matches!(self.state, State::AwaitTls) {
            self.buffer.clear();
            self.link = Link::Secured;
            self.state = State::ExpectCommand;
        } else {
            self.state = State::Fault(ServerError::Unasked);
        }
    }

    /// Bytes for the client that is logged in. The owner writes out what `next` gives before it
    /// hands in more, so that memory stays bounded where the client does not read.
    pub fn pass(&mut self, bytes: &[u8]) {
        match self.state {
            State::Transparent => self.out.extend_from_slice(bytes),
            State::Ended => {}
            _ => self.state = State::Fault(ServerError::Unasked),
        }
    }

    /// Ends the session from this side, as after too long a silence: `* BYE` and these words are
    /// said, and [`Event::Quit`] follows. Behind the login only where the relay is between
    /// responses ([`crate::relay::Relay::is_between_responses`]); else the connection is dropped.
    pub fn hang_up(&mut self, words: &str) {
        if !matches!(self.state, State::Ended | State::Fault(_)) {
            self.state = self.close(words);
        }
    }

    fn offers(&self) -> Capabilities {
        let offer = match (self.config.tls, self.link) {
            (Tls::StartTls, Link::Clear) => Offer::StartTls,
            _ => Offer::Login,
        };
        self.config.capabilities.offering(offer)
    }

    fn say(&mut self, parts: &[&[u8]]) {
        parts.iter().for_each(|part| self.out.extend_from_slice(part));
        self.out.extend_from_slice(b"\r\n");
    }

    /// Says the last words of the session.
    fn close(&mut self, words: &str) -> State {
        self.say(&[b"* BYE ", printable(words).as_bytes()]);
        self.buffer.clear();
        self.events.push_back(Event::Quit);
        State::Ended
    }

    /// The command was read; nothing of it stays, for it may have held a password.
    fn forget_command(&mut self) {
        self.unit.text.zeroize();
        self.unit.literals.iter_mut().for_each(|held| held.bytes.zeroize());
        self.unit = Unit::default();
    }
}

/// Words that stay on one line and within US-ASCII, as the standard wants them.
fn printable(words: &str) -> String {
    words.chars().map(|c| if matches!(c, ' '..='~') { c } else { '?' }).collect()
}

impl Machine for Server {
    type Event = Event;
    type Error = ServerError;

    fn feed(&mut self, bytes: &[u8]) {
        // What comes behind STARTTLS in the clear is thrown away, not kept for later.
        if !matches!(self.state, State::AwaitTls | State::Ended) {
            self.buffer.push(bytes);
        }
    }

    fn feed_end(&mut self) {
        self.peer = Peer::Ended;
    }

    fn next(&mut self) -> Pause<Event, ServerError> {
        loop {
            if self.events.front().is_some() && !self.out.is_empty() {
                return Pause::Write(core::mem::take(&mut self.out));
            }
            if let Some(event) = self.events.pop_front() {
                return Pause::Event(event);
            }
            if let Step::Dry = self.step() {
                break;
            }
        }
        if !self.out.is_empty() {
            return Pause::Write(core::mem::take(&mut self.out));
        }
        match &self.state {
            State::Fault(error) => Pause::Failed(error.clone()),
            State::Ended => Pause::Failed(ServerError::Ended),
            State::AwaitAuth(_) | State::AwaitTls => Pause::Failed(ServerError::Unanswered),
            State::Transparent => Pause::Read,
            _ if self.peer == Peer::Ended => Pause::Failed(ServerError::Closed),
            _ => Pause::Read,
        }
    }
}

impl fmt::Debug for Server {
    /// Only how far it is: lines and names belong in no log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server")
            .field("link", &self.link)
            .field("tally", &self.tally)
            .finish_non_exhaustive()
    }
}
