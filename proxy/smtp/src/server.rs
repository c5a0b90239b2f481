//! The submission server (RFC 5321, RFC 6409): the side that a mail program speaks to.
//!
//! The owner answers [`Event::Authenticate`], [`Event::Mail`], [`Event::Rcpt`],
//! [`Event::DataStart`] and [`Event::DataEnd`] by [`Server::answer`] before it calls `next` again.
//! Replies are kept back until the input runs dry, so that a pipelined group of commands is
//! answered by one write (RFC 2920 section 3.2); only [`Event::StartTls`] and [`Event::Quit`] are
//! sure to come after all bytes are out.
//!
//! ```text
//!  ExpectHello ─EHLO→ ExpectAuth ─AUTH→ (ExpectAuthLine) → AwaitAuth → ExpectMail
//!  ExpectMail ─MAIL→ AwaitMail → ExpectRcpt ─RCPT→ AwaitRcpt → ExpectRcpt
//!  ExpectRcpt ─DATA→ AwaitData → ExpectData ─dot→ AwaitEnd → ExpectMail
//!  ExpectRcpt ─BDAT→ AwaitData → ExpectChunk → ExpectBdat ─BDAT LAST→ ExpectChunk → AwaitEnd
//! ```

mod auth;
mod event;
mod message;
mod session;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod transcript;

use std::collections::VecDeque;

use wire::sasl::Challenges;
pub use wire::sasl::{Credentials, Proof};
pub use wire::server::Tls;
use wire::server::{Link, Peer, Step, Tally};
use wire::{Buffer, Machine, Pause};

pub use self::event::Event;
use self::session::State;
use crate::Reply;

/// How a [`Server`] behaves.
#[derive(Debug, Clone)]
pub struct Config {
    /// The name in the greeting and in challenges; ASCII.
    pub hostname: String,
    /// Where TLS stands in the session.
    pub tls: Tls,
    /// Whether a client must log in before MAIL.
    pub login: Login,
    /// The bounds.
    pub limits: Limits,
}

impl Config {
    /// A configuration with the default bounds.
    #[must_use]
    pub fn new(hostname: &str, tls: Tls) -> Self {
        Self { hostname: hostname.to_owned(), tls, login: Login::Asked, limits: Limits::default() }
    }
}

/// Whether a client must log in before MAIL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Login {
    /// Yes, as at a submission server (RFC 6409 section 4.3).
    Asked,
    /// No, as at a receiving server.
    NotAsked,
}

/// What a client may use at most.
#[derive(Debug, Clone)]
pub struct Limits {
    /// A command line in bytes with its CRLF. RFC 5321 asks for 512 and more for each extension:
    /// DSN, SIZE, AUTH and SMTPUTF8 together stay under 2,048.
    pub line: usize,
    /// A line of the AUTH dialogue in bytes with its CRLF (RFC 4954 section 4: 12,288).
    pub auth_line: usize,
    /// Recipients of one message; the rest hears 452 (RFC 5321 section 4.5.3.1.10). RFC 5321 asks
    /// for 100 at least.
    pub recipients: usize,
    /// A message in bytes, unstuffed. Offered as SIZE.
    pub size: u64,
    /// Commands refused by this machine before it hangs up: far more than a mail program that
    /// tries what is on offer will gather, far fewer than a guesser wants.
    pub errors: usize,
    /// Failed logins before it hangs up: each of three mechanisms twice.
    pub auth_failures: usize,
    /// Commands in a session: ten thousand recipients, each refused by itself, must fit.
    pub commands: usize,
    /// Commands before the login: EHLO, STARTTLS, EHLO, AUTH and room for retries.
    pub commands_before_auth: usize,
    /// Bytes of commands before the login: three AUTH lines of the largest size.
    pub bytes_before_auth: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            line: 2_048,
            auth_line: 12_288,
            recipients: 1_000,
            size: 100 * 1024 * 1024,
            errors: 20,
            auth_failures: 6,
            commands: 25_000,
            commands_before_auth: 50,
            bytes_before_auth: 64 * 1024,
        }
    }
}

/// Why the dialogue with the client is over without a QUIT.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ServerError {
    /// The client went away. A transaction that was open is void: nothing was promised.
    #[error("the mail program closed the connection without QUIT")]
    Closed,
    /// The session has ended; the connection is to be dropped.
    #[error("the session has ended")]
    Ended,
    /// The owner asked for the next step before it answered an event: a fault of this program.
    #[error("an event was left without its answer")]
    Unanswered,
    /// The owner answered where nothing was asked: a fault of this program.
    #[error("an answer came where nothing was asked")]
    Unasked,
}

/// The submission server's machine.
pub struct Server {
    config: Config,
    state: State,
    link: Link,
    client: Client,
    input: Input,
    peer: Peer,
    tally: Tally,
    challenges: Challenges,
    buffer: Buffer,
    out: Vec<u8>,
    events: VecDeque<Event>,
}

/// What is known of the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Client {
    Unknown,
    Greeted,
    Authenticated,
}

/// What the bytes of the peer are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Input {
    /// Lines or message bytes, as the state says.
    Open,
    /// The rest of a line that was too long.
    SkippingLine,
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
            client: Client::Unknown,
            input: Input::Open,
            peer: Peer::Open,
            tally: Tally::default(),
            buffer: Buffer::new(),
            out: Vec::new(),
            events: VecDeque::new(),
        }
    }

    /// The owner's answer to the event that waits for one.
    ///
    /// - Authenticate: 2xx logs the client in.
    /// - Mail, Rcpt: 2xx accepts the path.
    /// - DataStart: 2xx or 3xx goes on (the client hears 354, or nothing for BDAT); any other reply
    ///   ends the transaction, and [`Event::Reset`] follows.
    /// - DataEnd: the final reply, whatever it is.
    ///
    /// A 421 is written like any reply and ends the session: [`Event::Quit`] follows.
    pub fn answer(&mut self, reply: Reply) {
        self.take_answer(reply);
    }

    /// Answers [`Event::Authenticate`] with 235 or 535 (RFC 4954 section 6).
    pub fn authenticated(&mut self, good: bool) {
        self.answer(match good {
            true => Reply::new(235, "2.7.0", "Logged in"),
            false => Reply::new(535, "5.7.8", "User name or password is wrong"),
        });
    }

    /// The connection is inside TLS now, after [`Event::StartTls`]. The session begins anew
    /// (RFC 3207 section 4.2): all that came in the clear is forgotten.
    pub fn tls_established(&mut self) {
        if matches!(self.state, State::AwaitTls) {
            self.buffer.clear();
            self.link = Link::Secured;
            self.client = Client::Unknown;
            self.state = State::ExpectHello;
        } else {
            self.state = State::Fault(ServerError::Unasked);
        }
    }

    /// Ends the session from this side, as after too long a silence: a 421 is said and
    /// [`Event::Quit`] follows (RFC 5321 section 3.8).
    pub fn hang_up(&mut self, reply: &Reply) {
        self.state = self.close(reply);
    }

    fn say(&mut self, reply: &Reply) {
        self.out.extend_from_slice(&reply.encode());
    }

    /// Says the last reply of the session.
    fn close(&mut self, reply: &Reply) -> State {
        self.say(reply);
        self.buffer.clear();
        self.events.push_back(Event::Quit);
        State::Ended
    }
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
            let last = matches!(self.events.front(), Some(Event::StartTls | Event::Quit));
            if self.out.len() >= FLUSH || (last && !self.out.is_empty()) {
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
            state if state.awaits_answer() => Pause::Failed(ServerError::Unanswered),
            _ if self.peer == Peer::Ended => Pause::Failed(ServerError::Closed),
            _ => Pause::Read,
        }
    }
}

impl core::fmt::Debug for Server {
    /// Only what kind of client it is: lines and addresses belong in no log.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Server")
            .field("link", &self.link)
            .field("client", &self.client)
            .field("tally", &self.tally)
            .finish_non_exhaustive()
    }
}

/// Replies to a client that sends commands without end are written in pieces of this many bytes.
const FLUSH: usize = 64 * 1024;
