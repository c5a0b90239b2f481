//! The dialogue: one match over what is awaited and what came.

use mail::Recipient;
use wire::Line;
use wire::sasl::Dialogue;
use wire::server::{Link, Step, Tls};

use super::message::{Chunk, Incoming};
use super::{Client, Event, Input, Login, Server, ServerError};
use crate::data::Shapes;
use crate::{Command, CommandError, Reply, params};

/// What the server waits for.
pub(super) enum State {
    /// Nothing was said yet.
    Greeting,
    /// EHLO or HELO, at the start and after STARTTLS.
    ExpectHello,
    /// STARTTLS or AUTH.
    ExpectAuth,
    /// A line of the AUTH dialogue, which is no command.
    ExpectAuthLine(Dialogue),
    /// MAIL.
    ExpectMail,
    /// RCPT, DATA or BDAT.
    ExpectRcpt(Transaction),
    /// Message bytes up to the final dot.
    ExpectData(Incoming),
    /// The bytes of a chunk.
    ExpectChunk(Transaction, Chunk),
    /// The bytes of a chunk that was refused; then the reply is said.
    SkipChunk(u64, Reply, Box<State>),
    /// The next BDAT of a message.
    ExpectBdat(Transaction),
    /// The owner's answer to Authenticate.
    AwaitAuth,
    /// The owner's answer to Mail.
    AwaitMail(Transaction),
    /// The owner's answer to Rcpt.
    AwaitRcpt(Transaction),
    /// The owner's answer to DataStart; with the chunk where BDAT began it.
    AwaitData(Transaction, Option<Chunk>),
    /// The owner's answer to DataEnd.
    AwaitEnd,
    /// The TLS handshake.
    AwaitTls,
    /// Nothing: the last reply was said.
    Ended,
    /// Nothing: the owner broke the contract.
    Fault(ServerError),
}

/// A transaction from MAIL on.
pub(super) struct Transaction {
    /// SMTPUTF8 was given: later commands may have bytes over 127.
    international: bool,
    accepted: usize,
    /// Bytes that came in chunks.
    pub(super) received: u64,
    pub(super) shapes: Shapes,
}

impl State {
    pub(super) fn awaits_answer(&self) -> bool {
        matches!(
            self,
            Self::AwaitAuth
                | Self::AwaitMail(_)
                | Self::AwaitRcpt(_)
                | Self::AwaitData(..)
                | Self::AwaitEnd
                | Self::AwaitTls
        )
    }

    fn has_transaction(&self) -> bool {
        matches!(self, Self::ExpectRcpt(_) | Self::ExpectBdat(_))
    }
}

impl Server {
    pub(super) fn step(&mut self) -> Step {
        match self.take_state() {
            State::Greeting => {
                let text = format!("{} ESMTP ready", self.config.hostname);
                self.say(&Reply::new(220, "", &text));
                self.state = State::ExpectHello;
                Step::Went
            }
            State::ExpectData(incoming) => self.read_data(incoming),
            State::ExpectChunk(transaction, chunk) => self.read_chunk(transaction, chunk),
            State::SkipChunk(left, reply, then) => self.skip_chunk(left, reply, then),
            state @ (State::ExpectHello
            | State::ExpectAuth
            | State::ExpectAuthLine(_)
            | State::ExpectMail
            | State::ExpectRcpt(_)
            | State::ExpectBdat(_)) => self.read_line(state),
            state => {
                self.state = state;
                Step::Dry
            }
        }
    }

    fn take_state(&mut self) -> State {
        core::mem::replace(&mut self.state, State::Fault(ServerError::Ended))
    }

    fn read_line(&mut self, state: State) -> Step {
        if self.input == Input::SkippingLine {
            return self.skip_line(state);
        }
        let auth = matches!(state, State::ExpectAuthLine(_)) || self.buffer.unread().starts_auth();
        let limit = match auth {
            true => self.config.limits.auth_line,
            false => self.config.limits.line,
        };
        match self.buffer.take_line(limit) {
            Line::Partial => {
                self.state = state;
                Step::Dry
            }
            Line::TooLong => {
                self.input = Input::SkippingLine;
                self.skip_line(state)
            }
            Line::Whole(line) => {
                self.tally.commands += 1;
                self.tally.bytes += line.len() + 2;
                self.state = match self.over_limit() {
                    Some(reply) => self.close(&reply),
                    None => self.take_line(state, &line),
                };
                Step::Went
            }
        }
    }

    fn take_line(&mut self, state: State, line: &[u8]) -> State {
        if let State::ExpectAuthLine(dialogue) = state {
            return self.take_turn(dialogue.take(line));
        }
        match (Command::parse(line), &state) {
            (Err(error @ CommandError::ChunkSize), _) => {
                // Where the chunk ends is not known: what follows may be a message, not commands.
                self.close(&error.reply())
            }
            (Err(error), _) => self.refuse(state, error.reply()),
            (Ok(Command::Rcpt(_)), State::ExpectRcpt(transaction))
                if !line.is_ascii() && !transaction.international =>
            {
                self.refuse(state, CommandError::NotAscii.reply())
            }
            (Ok(command), _) => self.obey(state, command),
        }
    }

    fn obey(&mut self, state: State, command: Command) -> State {
        use {Command as C, State as S};
        match (state, command) {
            // Lawful at any time (RFC 5321 section 4.1.4).
            (state, C::Noop) => self.tell(state, 250, "2.0.0", "OK"),
            (state, C::Vrfy) => self.tell(state, 252, "2.1.5", "Send it and see"),
            (state, C::Help) => self.tell(state, 214, "2.0.0", "See RFC 5321 and RFC 6409"),
            (_, C::Quit) => self.close(&Reply::new(221, "2.0.0", "Bye")),
            (state, C::Rset) => {
                let rest = self.forget(&state);
                self.tell(rest, 250, "2.0.0", "OK")
            }
            (state, C::Ehlo(_)) => self.greet(&state, &self.offers()),
            (state, C::Helo(_)) => {
                let hostname = Reply::new(250, "", &self.config.hostname);
                self.greet(&state, &hostname)
            }
            (state, C::StartTls) => self.start_tls(state),
            // In its turn.
            (S::ExpectAuth, C::Auth { mechanism, initial }) => self.auth(mechanism, initial),
            (S::ExpectMail, C::Mail { reverse_path, params }) => self.mail(reverse_path, params),
            (S::ExpectRcpt(transaction), C::Rcpt(recipient)) => self.rcpt(transaction, recipient),
            (S::ExpectRcpt(transaction), C::Data) if transaction.accepted > 0 => {
                self.events.push_back(Event::DataStart);
                S::AwaitData(transaction, None)
            }
            (S::ExpectRcpt(transaction), C::Bdat { size, last }) if transaction.accepted > 0 => {
                self.first_chunk(transaction, Chunk { left: size, last })
            }
            (S::ExpectBdat(transaction), C::Bdat { size, last }) => {
                self.next_chunk(transaction, Chunk { left: size, last })
            }
            // Out of turn. The bytes of a chunk follow all the same and are no commands.
            (state, command) => {
                let reply = self.out_of_turn(&state, &command);
                match command {
                    C::Bdat { size, .. } => S::SkipChunk(size, reply, Box::new(state)),
                    _ => self.refuse(state, reply),
                }
            }
        }
    }

    fn out_of_turn(&self, state: &State, command: &Command) -> Reply {
        use {Command as C, State as S};
        let (code, enhanced, text) = match (state, command) {
            (S::ExpectHello, _) => (503, "5.5.1", "Say EHLO first"),
            (S::ExpectAuth, _) if self.config.tls == Tls::StartTls && self.link == Link::Clear => {
                (530, "5.7.0", "Say STARTTLS first")
            }
            (S::ExpectAuth, _) => (530, "5.7.0", "Log in first (AUTH)"),
            (_, C::Auth { .. }) => (503, "5.5.1", "Already logged in"),
            (S::ExpectMail, _) => (503, "5.5.1", "Say MAIL first"),
            (S::ExpectRcpt(_), C::Data | C::Bdat { .. }) => (554, "5.5.1", "No valid recipients"),
            (S::ExpectBdat(_), _) => (503, "5.5.1", "Send the rest of the message, or RSET"),
            _ => (503, "5.5.1", "A transaction is open already"),
        };
        Reply::new(code, enhanced, text)
    }

    fn greet(&mut self, state: &State, reply: &Reply) -> State {
        if self.client == Client::Unknown {
            self.client = match self.config.login {
                Login::Asked => Client::Greeted,
                Login::NotAsked => Client::Authenticated,
            };
        }
        let rest = self.forget(state);
        self.say(reply);
        rest
    }

    fn offers(&self) -> Reply {
        let mut lines = vec![self.config.hostname.clone(), "PIPELINING".to_owned()];
        lines.push(format!("SIZE {}", self.config.limits.size));
        lines.extend(["8BITMIME", "SMTPUTF8", "CHUNKING", "DSN"].map(str::to_owned));
        if self.config.tls == Tls::StartTls && self.link == Link::Clear {
            lines.push("STARTTLS".to_owned());
        } else if self.config.login == Login::Asked {
            lines.push("AUTH CRAM-MD5 PLAIN LOGIN".to_owned());
        }
        lines.push("ENHANCEDSTATUSCODES".to_owned());
        Reply::new(250, "", &lines.join("\n"))
    }

    fn start_tls(&mut self, state: State) -> State {
        let (code, enhanced, text) = match (self.config.tls, self.link, &state) {
            (Tls::StartTls, Link::Clear, State::ExpectAuth | State::ExpectMail) => {
                self.say(&Reply::new(220, "2.0.0", "Go ahead"));
                self.buffer.clear();
                self.events.push_back(Event::StartTls);
                return State::AwaitTls;
            }
            (Tls::StartTls, Link::Clear, _) => (503, "5.5.1", "Say EHLO first"),
            (_, Link::Secured, _) => (503, "5.5.1", "TLS is on already"),
            (_, Link::Clear, _) => (502, "5.5.1", "TLS is not offered here"),
        };
        self.refuse(state, Reply::new(code, enhanced, text))
    }

    fn mail(&mut self, reverse_path: Option<mail::Address>, given: Vec<mail::Param>) -> State {
        if params::declared_size(&given).is_some_and(|size| size > self.config.limits.size) {
            let reply = self.too_large();
            return self.tell_reply(State::ExpectMail, &reply);
        }
        let transaction = Transaction {
            international: given.iter().any(|param| param.is("SMTPUTF8")),
            accepted: 0,
            received: 0,
            shapes: Shapes::new(),
        };
        self.events.push_back(Event::Mail { reverse_path, params: given });
        State::AwaitMail(transaction)
    }

    fn rcpt(&mut self, transaction: Transaction, recipient: Recipient) -> State {
        if transaction.accepted >= self.config.limits.recipients {
            let state = State::ExpectRcpt(transaction);
            return self.tell(state, 452, "4.5.3", "Too many recipients; send the rest later");
        }
        self.events.push_back(Event::Rcpt(recipient));
        State::AwaitRcpt(transaction)
    }

    pub(super) fn take_answer(&mut self, reply: Reply) {
        let state = match (self.take_state(), &reply) {
            (State::AwaitAuth, reply) => self.auth_answered(reply),
            (State::AwaitMail(transaction), reply) => {
                let state = match reply.is_positive() {
                    true => State::ExpectRcpt(transaction),
                    false => State::ExpectMail,
                };
                self.tell_reply(state, reply)
            }
            (State::AwaitRcpt(mut transaction), reply) => {
                transaction.accepted += usize::from(reply.is_positive());
                self.tell_reply(State::ExpectRcpt(transaction), reply)
            }
            (State::AwaitData(transaction, chunk), reply) => {
                self.data_answered(transaction, chunk, reply)
            }
            (State::AwaitEnd, reply) => self.tell_reply(State::ExpectMail, reply),
            _ => State::Fault(ServerError::Unasked),
        };
        self.state = match (state, reply.code()) {
            (fault @ (State::Fault(_) | State::Ended), _) => fault,
            // A refused chunk is still to be read before its reply is said.
            (state @ State::SkipChunk(..), _) => state,
            (_, 421) => {
                self.events.push_back(Event::Quit);
                State::Ended
            }
            (state, _) => state,
        };
    }

    /// Forgets the transaction; what is awaited without one.
    pub(super) fn forget(&mut self, state: &State) -> State {
        if state.has_transaction() {
            self.events.push_back(Event::Reset);
        }
        match self.client {
            Client::Unknown => State::ExpectHello,
            Client::Greeted => State::ExpectAuth,
            Client::Authenticated => State::ExpectMail,
        }
    }

    pub(super) fn too_large(&self) -> Reply {
        let text = format!("Message is larger than {} bytes", self.config.limits.size);
        Reply::new(552, "5.3.4", &text)
    }

    pub(super) fn tell(&mut self, state: State, code: u16, enhanced: &str, text: &str) -> State {
        self.tell_reply(state, &Reply::new(code, enhanced, text))
    }

    pub(super) fn tell_reply(&mut self, state: State, reply: &Reply) -> State {
        self.say(reply);
        state
    }

    /// Says a refusal of the machine's own; too many of them end the session.
    pub(super) fn refuse(&mut self, state: State, reply: Reply) -> State {
        self.tally.errors += 1;
        self.say(&reply);
        if self.tally.errors < self.config.limits.errors {
            return state;
        }
        self.close(&Reply::new(421, "4.7.0", "Too many errors"))
    }

    fn over_limit(&self) -> Option<Reply> {
        let limits = &self.config.limits;
        let stranger = self.client != Client::Authenticated;
        let over = self.tally.commands > limits.commands
            || stranger && self.tally.commands > limits.commands_before_auth
            || stranger && self.tally.bytes > limits.bytes_before_auth;
        over.then(|| Reply::new(421, "4.7.0", "Too many commands"))
    }

    /// Counts bytes that are thrown away; a client that has not logged in may not send many.
    pub(super) fn count_skipped(&mut self, bytes: usize) -> Option<Reply> {
        self.tally.bytes = self.tally.bytes.saturating_add(bytes);
        self.over_limit()
    }

    fn skip_line(&mut self, state: State) -> Step {
        let unread = self.buffer.unread();
        let end = unread.windows(2).position(|pair| pair == b"\r\n");
        let count = match end {
            Some(at) => at + 2,
            None => unread.len() - usize::from(unread.ends_with(b"\r")),
        };
        self.buffer.consume(count);
        if let Some(reply) = self.count_skipped(count) {
            self.state = self.close(&reply);
            return Step::Went;
        }
        if end.is_none() {
            self.state = state;
            return Step::Dry;
        }
        self.input = Input::Open;
        let rest = match state {
            State::ExpectAuthLine(_) => State::ExpectAuth,
            state => state,
        };
        self.tally.commands += 1;
        self.state = self.refuse(rest, Reply::new(500, "5.5.6", "The line is too long"));
        Step::Went
    }
}

trait StartsAuth {
    fn starts_auth(&self) -> bool;
}

impl StartsAuth for [u8] {
    fn starts_auth(&self) -> bool {
        self.get(..5).is_some_and(|verb| verb.eq_ignore_ascii_case(b"AUTH "))
    }
}
