//! The client (RFC 5321): the side that hands mail to a provider or to a recipient's server.
//!
//! Each command is queued with the reply that it will get; commands that are given together leave
//! as one write (RFC 2920). DATA, STARTTLS, AUTH and EHLO must be the last of such a group: the
//! owner waits for their replies. Where DATA was pipelined behind recipients that were all refused
//! and the server says 354 all the same, `finish` without a `chunk` ends it (RFC 2920 section 3.1).
//!
//! After [`Event::Closing`] the next step is a failure: the connection is of no more use.

mod auth;
#[cfg(test)]
mod tests;

use core::fmt;
use std::collections::VecDeque;

use mail::{Address, Param, Recipient};
use secrecy::SecretString;
use wire::{Buffer, Machine, Pause};

use self::auth::{Dialogue, Said};
use crate::data::Stuffer;
use crate::{Mechanism, Reply, ReplyFault, ReplyReader};

/// What a server may send at most.
#[derive(Debug, Clone)]
pub struct Limits {
    /// One reply, all its lines, in bytes. Long policy texts of a few KiB exist; more serves nobody.
    pub reply: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { reply: 64 * 1024 }
    }
}

/// What a reply answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sent {
    /// Nothing: the server's greeting.
    Greeting,
    /// EHLO or HELO.
    Ehlo,
    /// STARTTLS.
    StartTls,
    /// AUTH.
    Auth,
    /// MAIL.
    Mail,
    /// RCPT; the value counts the recipients of the transaction from 0.
    Rcpt(usize),
    /// DATA; 354 means go on with `chunk` and `finish`.
    Data,
    /// The message, after its final dot. 2xx means: the server has taken it.
    Message,
    /// RSET.
    Rset,
    /// QUIT.
    Quit,
    /// NOOP.
    Noop,
}

/// What the client tells its owner.
#[derive(Clone, PartialEq, Eq)]
pub enum Event {
    /// The server's first reply, whatever its code (554 means: no service here).
    Greeting(Reply),
    /// The reply to a command.
    Reply {
        /// The command.
        to: Sent,
        /// The reply, as the server gave it.
        reply: Reply,
    },
    /// STARTTLS was granted (220): put the connection inside TLS, then
    /// [`Client::tls_established`]. A refusal comes as [`Event::Reply`].
    StartTls(Reply),
    /// Logged in.
    Authenticated(Reply),
    /// Not logged in: 5xx for good, 4xx for now.
    AuthRefused(Reply),
    /// The server closes the session (421), be it as a reply or out of the blue.
    Closing(Reply),
}

impl fmt::Debug for Event {
    /// Codes only: the texts of replies repeat addresses.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Greeting(reply) => write!(f, "Greeting({})", reply.code()),
            Self::Reply { to, reply } => write!(f, "Reply({to:?}, {})", reply.code()),
            Self::StartTls(reply) => write!(f, "StartTls({})", reply.code()),
            Self::Authenticated(reply) => write!(f, "Authenticated({})", reply.code()),
            Self::AuthRefused(reply) => write!(f, "AuthRefused({})", reply.code()),
            Self::Closing(reply) => write!(f, "Closing({})", reply.code()),
        }
    }
}

/// Why the dialogue with the server cannot go on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ClientError {
    /// The server sent something that is no reply.
    #[error("the server's answer is no SMTP reply; it begins with {start:?}")]
    Garbage {
        /// The first printable characters of it, at most 40.
        start: String,
    },
    /// A reply is longer than its bound.
    #[error("the server's reply is longer than is reasonable")]
    ReplyTooLong,
    /// The server went away. Where it owed the reply to [`Sent::Message`], nobody knows whether it
    /// has taken the message.
    #[error("the server closed the connection")]
    Closed {
        /// What it still owed a reply to.
        awaiting: Option<Sent>,
    },
    /// The server said 421; see [`Event::Closing`].
    #[error("the server ended the session")]
    Closing,
    /// A reply came to which there was no command.
    #[error("the server sent a reply {code} to nothing")]
    Unexpected {
        /// Its code.
        code: u16,
    },
    /// The server answered a message before its end. A refusal was told by [`Event::Reply`]
    /// before; an acceptance is not believed.
    #[error("the server answered {code} before the message had ended")]
    AnsweredEarly {
        /// The reply's code.
        code: u16,
    },
    /// Bytes came in the clear behind the reply to STARTTLS (the command injection of 2011).
    #[error("bytes came between the reply to STARTTLS and TLS; the connection is not safe")]
    Injected,
    /// A command was given where it makes no sense: a fault of this program.
    #[error("a command was given out of its order")]
    OutOfOrder,
}

/// The client's machine.
pub struct Client {
    limits: Limits,
    /// What replies are owed, in order.
    owed: VecDeque<Owed>,
    body: Body,
    recipients: usize,
    buffer: Buffer,
    reader: ReplyReader,
    out: Vec<u8>,
    end: End,
}

enum Owed {
    Reply(Sent),
    Auth(Dialogue),
}

/// Where the message stands.
enum Body {
    None,
    /// 354 was said.
    Open(Stuffer),
}

/// Whether the dialogue goes on.
enum End {
    Open,
    /// The peer sends no more.
    Ended,
    /// The TLS handshake is awaited.
    Tls,
    Failed(ClientError),
}

impl Client {
    /// A client that waits for the greeting.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            owed: VecDeque::from([Owed::Reply(Sent::Greeting)]),
            body: Body::None,
            recipients: 0,
            buffer: Buffer::new(),
            reader: ReplyReader::default(),
            out: Vec::new(),
            end: End::Open,
        }
    }

    /// True while the server owes a reply: only then can waiting for bytes bring anything.
    #[must_use]
    pub fn awaits_reply(&self) -> bool {
        !self.owed.is_empty()
    }

    /// EHLO with this name or address literal; what is not printable ASCII is left out.
    pub fn ehlo(&mut self, name: &str) {
        self.hello("EHLO", name);
    }

    /// HELO, for servers that refuse EHLO (RFC 5321 section 3.2).
    pub fn helo(&mut self, name: &str) {
        self.hello("HELO", name);
    }

    /// STARTTLS (RFC 3207).
    pub fn starttls(&mut self) {
        self.send("STARTTLS", Sent::StartTls);
    }

    /// AUTH, the whole dialogue (RFC 4954). PLAIN and LOGIN give the password away: whether the
    /// connection is inside TLS is the owner's to see.
    pub fn auth(&mut self, mechanism: Mechanism, user: &str, password: &SecretString) {
        let (line, dialogue) = Dialogue::begin(mechanism, user, password);
        if self.may_send() {
            self.write_line(&line);
            self.owed.push_back(Owed::Auth(dialogue));
        }
    }

    /// MAIL FROM; `None` is the null path. The parameters go as they are: which of them the server
    /// takes is the owner's to see.
    pub fn mail(&mut self, reverse_path: Option<&Address>, params: &[Param]) {
        let path = reverse_path.map(Address::to_string).unwrap_or_default();
        self.recipients = 0;
        self.send(&with_params(format!("MAIL FROM:<{path}>"), params), Sent::Mail);
    }

    /// RCPT TO, with the recipient's parameters.
    pub fn rcpt(&mut self, recipient: &Recipient) {
        let line = format!("RCPT TO:<{}>", recipient.address);
        let sent = Sent::Rcpt(self.recipients);
        self.recipients += 1;
        self.send(&with_params(line, &recipient.params), sent);
    }

    /// DATA.
    pub fn data(&mut self) {
        self.send("DATA", Sent::Data);
    }

    /// The next bytes of the message, after 354. Dots are stuffed, nothing else is touched. The
    /// owner writes out what `next` gives before it hands in more, so that memory stays bounded.
    pub fn chunk(&mut self, bytes: &[u8]) {
        match (&self.end, &mut self.body) {
            (End::Failed(_), _) => {}
            (_, Body::Open(stuffer)) => stuffer.feed(bytes, &mut self.out),
            (_, Body::None) => self.end = End::Failed(ClientError::OutOfOrder),
        }
    }

    /// The end of the message: CRLF where it does not end with one, and the final dot.
    pub fn finish(&mut self) {
        match (&self.end, core::mem::replace(&mut self.body, Body::None)) {
            (End::Failed(_), _) => {}
            // A reply that is here already cannot be one to the end: `next` will tell.
            (_, body @ Body::Open(_)) if !self.buffer.is_empty() => self.body = body,
            (_, Body::Open(stuffer)) => {
                stuffer.finish(&mut self.out);
                self.owed.push_back(Owed::Reply(Sent::Message));
            }
            (_, Body::None) => self.end = End::Failed(ClientError::OutOfOrder),
        }
    }

    /// RSET.
    pub fn rset(&mut self) {
        self.send("RSET", Sent::Rset);
    }

    /// NOOP.
    pub fn noop(&mut self) {
        self.send("NOOP", Sent::Noop);
    }

    /// QUIT.
    pub fn quit(&mut self) {
        self.send("QUIT", Sent::Quit);
    }

    /// The connection is inside TLS now; EHLO is to be said anew (RFC 3207 section 4.2).
    ///
    /// # Errors
    /// [`ClientError::Injected`] where bytes came in the clear behind the reply to STARTTLS, and
    /// [`ClientError::OutOfOrder`] where TLS was not granted; the connection must be dropped.
    pub fn tls_established(&mut self) -> Result<(), ClientError> {
        let error = match (&self.end, self.buffer.is_empty()) {
            (End::Tls, true) => {
                self.end = End::Open;
                return Ok(());
            }
            (End::Tls, false) => ClientError::Injected,
            (End::Failed(error), _) => error.clone(),
            (End::Open | End::Ended, _) => ClientError::OutOfOrder,
        };
        self.end = End::Failed(error.clone());
        Err(error)
    }

    fn hello(&mut self, verb: &str, name: &str) {
        let name: String = name.chars().filter(char::is_ascii_graphic).collect();
        self.send(&format!("{verb} {name}"), Sent::Ehlo);
    }

    fn send(&mut self, line: &str, sent: Sent) {
        if self.may_send() {
            self.write_line(line);
            self.owed.push_back(Owed::Reply(sent));
        }
    }

    /// No command may stand inside a message, or behind one after which the server listens to
    /// something other than commands.
    fn may_send(&mut self) -> bool {
        let blocked = match self.owed.back() {
            Some(Owed::Auth(_)) => true,
            Some(Owed::Reply(sent)) => matches!(sent, Sent::StartTls | Sent::Data | Sent::Quit),
            None => false,
        };
        match (&self.end, &self.body) {
            (End::Failed(_), _) => return false,
            (End::Open | End::Ended, Body::None) if !blocked => return true,
            _ => {}
        }
        self.end = End::Failed(ClientError::OutOfOrder);
        false
    }

    fn write_line(&mut self, line: &str) {
        self.out.extend_from_slice(line.as_bytes());
        self.out.extend_from_slice(b"\r\n");
    }

    fn take_reply(&mut self, reply: Reply) -> Option<Event> {
        if reply.code() == 421 {
            self.end = End::Failed(ClientError::Closing);
            return Some(Event::Closing(reply));
        }
        let code = reply.code();
        match self.owed.pop_front() {
            Some(Owed::Auth(dialogue)) => self.auth_reply(dialogue, reply),
            Some(Owed::Reply(sent)) => Some(self.command_reply(sent, reply)),
            None => {
                let early = matches!(self.body, Body::Open(_));
                self.end = End::Failed(match early {
                    true => ClientError::AnsweredEarly { code },
                    false => ClientError::Unexpected { code },
                });
                let told = early && (reply.is_temporary() || reply.is_permanent());
                let to = Sent::Message;
                told.then_some(Event::Reply { to, reply })
            }
        }
    }

    fn command_reply(&mut self, to: Sent, reply: Reply) -> Event {
        match (to, reply.code()) {
            (Sent::Greeting, _) => Event::Greeting(reply),
            (Sent::StartTls, 220) => {
                self.end = End::Tls;
                if !self.buffer.is_empty() {
                    self.end = End::Failed(ClientError::Injected);
                }
                Event::StartTls(reply)
            }
            (Sent::Data, 354) => {
                self.body = Body::Open(Stuffer::new());
                Event::Reply { to, reply }
            }
            _ => Event::Reply { to, reply },
        }
    }

    fn auth_reply(&mut self, mut dialogue: Dialogue, reply: Reply) -> Option<Event> {
        match dialogue.take(reply) {
            Said::Line(line) => {
                self.write_line(&line);
                self.owed.push_front(Owed::Auth(dialogue));
                None
            }
            Said::Authenticated(reply) => Some(Event::Authenticated(reply)),
            Said::Refused(reply) => Some(Event::AuthRefused(reply)),
        }
    }

    fn awaiting(&self) -> Option<Sent> {
        match self.owed.front()? {
            Owed::Reply(sent) => Some(*sent),
            Owed::Auth(_) => Some(Sent::Auth),
        }
    }
}

fn with_params(line: String, params: &[Param]) -> String {
    params.iter().fold(line, |line, param| format!("{line} {param}"))
}

impl Machine for Client {
    type Event = Event;
    type Error = ClientError;

    fn feed(&mut self, bytes: &[u8]) {
        self.buffer.push(bytes);
    }

    fn feed_end(&mut self) {
        if let End::Open | End::Tls = self.end {
            self.end = End::Ended;
        }
    }

    fn next(&mut self) -> Pause<Event, ClientError> {
        loop {
            if let End::Failed(error) = &self.end {
                return Pause::Failed(error.clone());
            }
            if !self.out.is_empty() {
                return Pause::Write(core::mem::take(&mut self.out));
            }
            if let End::Tls = self.end {
                return Pause::Read;
            }
            match self.reader.take(&mut self.buffer, self.limits.reply) {
                Ok(Some(reply)) => {
                    if let Some(event) = self.take_reply(reply) {
                        return Pause::Event(event);
                    }
                }
                Ok(None) => break,
                Err(ReplyFault::Garbage(start)) => {
                    self.end = End::Failed(ClientError::Garbage { start });
                }
                Err(ReplyFault::TooLong) => {
                    self.end = End::Failed(ClientError::ReplyTooLong);
                }
            }
        }
        match self.end {
            End::Ended => {
                let awaiting = self.awaiting();
                Pause::Failed(ClientError::Closed { awaiting })
            }
            _ => Pause::Read,
        }
    }
}

impl fmt::Debug for Client {
    /// Only how far the dialogue is: lines and addresses belong in no log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("awaiting", &self.awaiting()).finish_non_exhaustive()
    }
}
