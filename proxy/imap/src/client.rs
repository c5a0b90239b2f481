//! The client (RFC 3501): the side that speaks to the provider, up to the login there.
//!
//! It goes its way alone: greeting, STARTTLS where it is wanted, CAPABILITY, login. The owner puts
//! the connection inside TLS at [`Event::StartTls`]. Behind [`Event::LoggedIn`] the machine is
//! transparent: what the provider says comes as [`Event::Bytes`], what goes to it is given to
//! [`Client::pass`].
//!
//! No credential is said before TLS; [`Security::Clear`] is for a provider on this machine, and the
//! settings' to allow. What a server says in the clear is believed in nothing (RFC 3501 section
//! 6.2.1): STARTTLS is asked for whatever it offers, and its capabilities are asked for anew.

mod auth;
mod refusal;
#[cfg(test)]
mod tests;

use core::fmt;
use std::collections::VecDeque;

use secrecy::SecretString;
use wire::sasl::Mechanism;
use wire::{Buffer, Line, Machine, Pause};

use self::auth::Dialogue;
pub(crate) use self::refusal::printable;
pub use self::refusal::{Reason, Refusal};
use crate::capabilities::Capabilities;
use crate::response::{Response, Status, Text};

/// Whom to log in, and how.
pub struct Config {
    /// Where TLS stands.
    pub security: Security,
    /// The user name at the provider.
    pub user: String,
    /// The password at the provider.
    pub password: SecretString,
    /// The mechanisms that may be used, the one to be preferred first; the first that the server
    /// offers is used, and no other after it was refused.
    pub mechanisms: Vec<Mechanism>,
    /// The bounds.
    pub limits: Limits,
}

impl Config {
    /// All mechanisms, CRAM-MD5 first (R-SMTP-1), and the default bounds.
    #[must_use]
    pub fn new(security: Security, user: &str, password: SecretString) -> Self {
        let mechanisms = Mechanism::ALL.to_vec();
        Self { security, user: user.to_owned(), password, mechanisms, limits: Limits::default() }
    }
}

/// Where TLS stands in the session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Security {
    /// The connection is inside TLS from its first byte (RFC 8314).
    Implicit,
    /// STARTTLS before anything else.
    StartTls,
    /// None. Only for a server on this machine.
    Clear,
}

/// What a server may send before the login is done.
#[derive(Debug, Clone)]
pub struct Limits {
    /// One line in bytes with its CRLF.
    pub line: usize,
    /// Bytes in all: a few lines of capabilities and greetings.
    pub bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { line: 16 * 1024, bytes: 128 * 1024 }
    }
}

/// What the client tells its owner.
#[derive(Clone, PartialEq, Eq)]
pub enum Event {
    /// Put the connection inside TLS, then [`Client::tls_established`].
    StartTls,
    /// Logged in: what the server can do from now on.
    LoggedIn(Capabilities),
    /// Not logged in. The connection is to be dropped.
    Refused(Refusal),
    /// The server says this to the one who is logged in.
    Bytes(Vec<u8>),
}

impl fmt::Debug for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::StartTls => f.write_str("StartTls"),
            Self::LoggedIn(_) => f.write_str("LoggedIn"),
            Self::Refused(refusal) => write!(f, "Refused({:?})", refusal.reason),
            Self::Bytes(bytes) => write!(f, "Bytes({} bytes)", bytes.len()),
        }
    }
}

/// Why the dialogue with the server cannot go on. Printed for a log (Debug) it has no word of the server's:
/// what it says may be a mail, or name a person. The sentence (Display) is for the account's own user.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ClientError {
    /// The server sent something that is no IMAP.
    #[error("the server's answer is no IMAP; it begins with {start:?}")]
    Garbage {
        /// The first printable characters of it, at most 40.
        start: String,
    },
    /// The server sent more than a login needs.
    #[error("the server sends more than is reasonable before the login")]
    TooMuch,
    /// The server went away.
    #[error("the server closed the connection")]
    Closed,
    /// The server said BYE.
    #[error("the server ended the session: {words}")]
    Bye {
        /// Its words, on one line.
        words: String,
    },
    /// The server takes us for logged in (PREAUTH) before anything was shown to it: as whom is not
    /// known, and before TLS it is a known way to keep a client from STARTTLS.
    #[error("the server says that a login is not needed (PREAUTH); that is not safe")]
    Preauth,
    /// The server refused STARTTLS.
    #[error("the server does not offer STARTTLS")]
    NoStartTls,
    /// Bytes came in the clear behind the answer to STARTTLS.
    #[error("bytes came between the answer to STARTTLS and TLS; the connection is not safe")]
    Injected,
    /// The server offers no way to log in that is allowed.
    #[error("the server offers no way to log in that may be used")]
    NoMechanism,
    /// The session has ended; the connection is to be dropped.
    #[error("the session has ended")]
    Ended,
    /// Something was asked of this machine out of its order: a fault of this program.
    #[error("a command was given out of its order")]
    OutOfOrder,
}

impl fmt::Debug for ClientError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Garbage { .. } => "Garbage",
            Self::TooMuch => "TooMuch",
            Self::Closed => "Closed",
            Self::Bye { .. } => "Bye",
            Self::Preauth => "Preauth",
            Self::NoStartTls => "NoStartTls",
            Self::Injected => "Injected",
            Self::NoMechanism => "NoMechanism",
            Self::Ended => "Ended",
            Self::OutOfOrder => "OutOfOrder",
        })
    }
}

/// The machine towards the provider.
pub struct Client {
    config: Config,
    state: State,
    capabilities: Capabilities,
    tags: u32,
    received: usize,
    buffer: Buffer,
    out: Vec<u8>,
    events: VecDeque<Event>,
    peer: Peer,
}

/// What is awaited.
enum State {
    Greeting,
    StartTls,
    /// The TLS handshake.
    Tls,
    /// The answer to CAPABILITY before the login.
    Capability,
    Auth(Dialogue),
    /// The answer to CAPABILITY behind the login.
    CapabilityBehind,
    Transparent,
    Failed(ClientError),
}

/// Whether the server may still send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Peer {
    Open,
    Ended,
}

impl Client {
    /// A client that waits for the greeting.
    #[must_use]
    pub fn new(config: Config) -> Self {
        Self {
            config,
            state: State::Greeting,
            capabilities: Capabilities::parse(b""),
            tags: 0,
            received: 0,
            buffer: Buffer::new(),
            out: Vec::new(),
            events: VecDeque::new(),
            peer: Peer::Open,
        }
    }

    /// The connection is inside TLS now.
    ///
    /// # Errors
    /// [`ClientError::Injected`] where bytes came in the clear behind the answer to STARTTLS, and
    /// [`ClientError::OutOfOrder`] where TLS was not granted; the connection must be dropped.
    pub fn tls_established(&mut self) -> Result<(), ClientError> {
        let error = match (&self.state, self.buffer.is_empty()) {
            (State::Tls, true) => {
                self.say("CAPABILITY");
                self.state = State::Capability;
                return Ok(());
            }
            (State::Tls, false) => ClientError::Injected,
            (State::Failed(error), _) => error.clone(),
            _ => ClientError::OutOfOrder,
        };
        self.state = State::Failed(error.clone());
        Err(error)
    }

    /// Bytes for the server, behind the login. The owner writes out what `next` gives before it
    /// hands in more, so that memory stays bounded where the server does not read.
    pub fn pass(&mut self, bytes: &[u8]) {
        match self.state {
            State::Transparent => self.out.extend_from_slice(bytes),
            State::Failed(_) => {}
            _ => self.state = State::Failed(ClientError::OutOfOrder),
        }
    }

    /// The tag of the command that was said last.
    fn tag(&self) -> String {
        format!("Z{}", self.tags)
    }

    fn say(&mut self, words: &str) {
        self.tags += 1;
        let line = format!("{} {words}\r\n", self.tag());
        self.out.extend_from_slice(line.as_bytes());
    }

    fn take_line(&mut self, line: &[u8]) {
        let state = core::mem::replace(&mut self.state, State::Failed(ClientError::Ended));
        let Some(response) = Response::parse_line(line) else {
            self.state = garbage(line);
            return;
        };
        let ours = self.tag();
        self.state = match response {
            Response::Untagged { status: Status::Bye, text } => {
                State::Failed(ClientError::Bye { words: printable(text.words) })
            }
            Response::Untagged { status: Status::Preauth, .. } => {
                State::Failed(ClientError::Preauth)
            }
            Response::Untagged { status: Status::Ok, text } if matches!(state, State::Greeting) => {
                self.greeted(text)
            }
            _ if matches!(state, State::Greeting) => garbage(line),
            Response::Tagged { tag, status, text } if tag == ours.as_bytes() => {
                self.answered(state, status, text)
            }
            Response::Tagged { .. } => garbage(line),
            Response::Continue(challenge) => self.challenged(state, challenge, line),
            Response::Capability(data) => {
                self.capabilities = Capabilities::parse(data);
                state
            }
            _ => state,
        };
    }

    fn greeted(&mut self, text: Text<'_>) -> State {
        match (self.config.security, text.is("CAPABILITY")) {
            (Security::StartTls, _) => {
                self.say("STARTTLS");
                State::StartTls
            }
            (_, true) => {
                self.capabilities = Capabilities::parse(text.args);
                self.log_in()
            }
            (_, false) => {
                self.say("CAPABILITY");
                State::Capability
            }
        }
    }

    /// The tagged response to the command that was said last.
    fn answered(&mut self, state: State, status: Status, text: Text<'_>) -> State {
        match (state, status == Status::Ok) {
            (State::StartTls, true) if !self.buffer.is_empty() => {
                State::Failed(ClientError::Injected)
            }
            (State::StartTls, true) => {
                // What was said in the clear counts for nothing.
                self.capabilities = Capabilities::parse(b"");
                self.events.push_back(Event::StartTls);
                State::Tls
            }
            (State::StartTls, false) => State::Failed(ClientError::NoStartTls),
            (State::Capability, _) => self.log_in(),
            (State::Auth(_), true) => {
                if text.is("CAPABILITY") {
                    self.capabilities = Capabilities::parse(text.args);
                    return self.logged_in();
                }
                self.say("CAPABILITY");
                State::CapabilityBehind
            }
            (State::Auth(_), false) => {
                self.events.push_back(Event::Refused(Refusal::new(status, text)));
                State::Failed(ClientError::Ended)
            }
            (State::CapabilityBehind, _) => self.logged_in(),
            (state, _) => state,
        }
    }

    fn logged_in(&mut self) -> State {
        self.events.push_back(Event::LoggedIn(self.capabilities.clone()));
        State::Transparent
    }

    fn step(&mut self) -> Option<ClientError> {
        match &self.state {
            State::Failed(error) => return Some(error.clone()),
            State::Tls => return None,
            State::Transparent => {
                if !self.buffer.is_empty() {
                    self.events.push_back(Event::Bytes(self.buffer.unread().to_vec()));
                    self.buffer.clear();
                }
                return None;
            }
            _ => {}
        }
        match self.buffer.take_line(self.config.limits.line) {
            Line::Whole(line) => {
                self.received += line.len() + 2;
                self.take_line(&line);
                if self.received > self.config.limits.bytes {
                    self.state = State::Failed(ClientError::TooMuch);
                }
            }
            Line::Partial if self.peer == Peer::Ended => {
                self.state = State::Failed(ClientError::Closed);
            }
            Line::Partial => {}
            Line::TooLong => self.state = State::Failed(ClientError::TooMuch),
        }
        None
    }

    /// True where only bytes of the server can bring the dialogue further.
    fn is_dry(&self, unread: usize) -> bool {
        let waits = matches!(self.state, State::Tls | State::Transparent);
        let stuck = self.buffer.unread().len() == unread && !matches!(self.state, State::Failed(_));
        self.events.is_empty() && self.out.is_empty() && (waits || stuck)
    }
}

fn garbage(line: &[u8]) -> State {
    let start = printable(line).chars().take(40).collect();
    State::Failed(ClientError::Garbage { start })
}

impl Machine for Client {
    type Event = Event;
    type Error = ClientError;

    fn feed(&mut self, bytes: &[u8]) {
        self.buffer.push(bytes);
    }

    fn feed_end(&mut self) {
        self.peer = Peer::Ended;
    }

    fn next(&mut self) -> Pause<Event, ClientError> {
        loop {
            if !self.out.is_empty() {
                return Pause::Write(core::mem::take(&mut self.out));
            }
            if let Some(event) = self.events.pop_front() {
                return Pause::Event(event);
            }
            let unread = self.buffer.unread().len();
            if let Some(error) = self.step() {
                return Pause::Failed(error);
            }
            if self.is_dry(unread) {
                return Pause::Read;
            }
        }
    }
}

impl fmt::Debug for Client {
    /// Only how far the dialogue is: lines and names belong in no log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let transparent = matches!(self.state, State::Transparent);
        f.debug_struct("Client").field("transparent", &transparent).finish_non_exhaustive()
    }
}
