//! The dialogue: one match over what is awaited and what came.

use secrecy::SecretString;
use wire::Line;
use wire::sasl::Dialogue;
use wire::server::{Link, Step, Tls};

use super::{Answer, Credentials, Event, Proof, Server, ServerError, printable};
use crate::capabilities::Offer;
use crate::command::{Command, Verb, is_tag};
use crate::frame::{self, Consent};
use crate::relay;
use crate::unit::Take;
use crate::value::Cursor;

/// What the server waits for.
pub(super) enum State {
    /// Nothing was said yet.
    Greeting,
    /// A command, or the rest of one behind a literal.
    ExpectCommand,
    /// This many bytes of a literal.
    ExpectLiteral(usize),
    /// A line of a SASL dialogue, which is no command; with the command's tag.
    ExpectAuthLine(Vec<u8>, Dialogue),
    /// The owner's answer to Authenticate; with the command's tag.
    AwaitAuth(Vec<u8>),
    /// The TLS handshake.
    AwaitTls,
    /// Nothing: bytes pass.
    Transparent,
    /// Nothing: the last response was said.
    Ended,
    /// Nothing: the owner broke the contract.
    Fault(ServerError),
}

impl Server {
    pub(super) fn step(&mut self) -> Step {
        match core::mem::replace(&mut self.state, State::Fault(ServerError::Ended)) {
            State::Greeting => {
                let offers = self.offers().encode();
                self.say(&[b"* OK [", &offers, b"] Zorgzegel ready"]);
                self.state = State::ExpectCommand;
                Step::Went
            }
            State::ExpectLiteral(left) => self.read_literal(left),
            state @ (State::ExpectCommand | State::ExpectAuthLine(..)) => self.read_line(state),
            State::Transparent if !self.buffer.is_empty() => {
                self.events.push_back(Event::Bytes(self.buffer.unread().to_vec()));
                self.buffer.clear();
                self.state = State::Transparent;
                Step::Went
            }
            state => {
                self.state = state;
                Step::Dry
            }
        }
    }

    fn read_line(&mut self, state: State) -> Step {
        let limit = match state {
            State::ExpectAuthLine(..) => self.config.limits.auth_line,
            _ => self.config.limits.command.saturating_sub(self.unit.text.len()),
        };
        let line = match self.buffer.take_line(limit) {
            Line::Whole(line) => line,
            Line::Partial => {
                self.state = state;
                return Step::Dry;
            }
            // Where the next command would begin cannot be told: a password may be in it.
            Line::TooLong => {
                self.state = self.close("The line is too long");
                return Step::Went;
            }
        };
        self.state = match (self.count(line.len() + 2), state) {
            (Some(words), _) => self.close(words),
            (None, State::ExpectAuthLine(tag, dialogue)) => {
                self.take_turn(&tag, dialogue.take(&line))
            }
            (None, _) => self.take_line(&line),
        };
        Step::Went
    }

    fn take_line(&mut self, line: &[u8]) -> State {
        let bounds = relay::Limits { tap: self.config.limits.command, message: 0 };
        self.unit.line(&[line, b"\r\n"].concat(), &bounds);
        let Some(literal) = frame::literal(line) else {
            let state = self.command();
            self.forget_command();
            return state;
        };
        let fits = usize::try_from(literal.size).ok();
        match (fits.filter(|size| *size <= self.config.limits.literal), literal.consent) {
            (Some(size), consent) => {
                if consent == Consent::Awaited {
                    self.say(&[b"+ Go ahead"]);
                }
                self.unit.begin_literal(literal.size, Take::Argument, &bounds, size);
                State::ExpectLiteral(size)
            }
            (None, Consent::Awaited) => {
                let tag = self.unit.text.split(|&byte| byte == b' ').next().unwrap_or_default();
                let tag = if is_tag(tag) { tag.to_vec() } else { b"*".to_vec() };
                self.forget_command();
                self.refuse(&tag, "BAD [TOOBIG] The literal is too long")
            }
            (None, Consent::NotAwaited) => self.close("The literal is too long"),
        }
    }

    fn read_literal(&mut self, left: usize) -> Step {
        let unread = self.buffer.unread();
        let count = left.min(unread.len());
        if count == 0 && left > 0 {
            self.state = State::ExpectLiteral(left);
            return Step::Dry;
        }
        let bounds = relay::Limits { tap: self.config.limits.command, message: 0 };
        let left = left - count;
        self.unit.literal(&unread[..count], left as u64, &bounds, 0);
        self.buffer.consume(count);
        self.state = match (self.count(count), left) {
            (Some(words), _) => self.close(words),
            (None, 0) => State::ExpectCommand,
            (None, left) => State::ExpectLiteral(left),
        };
        Step::Went
    }

    /// A command is whole.
    fn command(&mut self) -> State {
        self.tally.commands += 1;
        let unit = core::mem::take(&mut self.unit);
        let state = match Command::parse(&unit) {
            Some(command) => self.obey(command),
            None => self.refuse(b"*", "BAD This is no command"),
        };
        self.unit = unit;
        state
    }

    fn obey(&mut self, command: Command<'_>) -> State {
        let Command { tag, verb, args } = command;
        match verb {
            Verb::Capability => {
                let offers = self.offers().encode();
                self.say(&[b"* ", &offers]);
                self.tell(tag, "OK CAPABILITY done")
            }
            Verb::Noop => self.tell(tag, "OK NOOP done"),
            // RFC 2971: a server need not say anything of itself.
            Verb::Id => {
                self.say(&[b"* ID (\"name\" \"Zorgzegel\")"]);
                self.tell(tag, "OK ID done")
            }
            Verb::Logout => {
                self.say(&[b"* BYE Logging out"]);
                self.say(&[tag, b" OK LOGOUT done"]);
                self.events.push_back(Event::Quit);
                State::Ended
            }
            Verb::StartTls => self.start_tls(tag),
            Verb::Login | Verb::Authenticate if !self.may_log_in() => {
                self.refuse(tag, "NO [PRIVACYREQUIRED] Say STARTTLS first")
            }
            Verb::Login => self.login(tag, args),
            Verb::Authenticate => self.authenticate(tag, args),
            _ if !self.may_log_in() => self.refuse(tag, "BAD Say STARTTLS first, then log in"),
            _ => self.refuse(tag, "BAD Log in first (LOGIN or AUTHENTICATE)"),
        }
    }

    fn may_log_in(&self) -> bool {
        self.link == Link::Secured || self.config.tls == Tls::None
    }

    fn start_tls(&mut self, tag: &[u8]) -> State {
        match (self.config.tls, self.link) {
            (Tls::StartTls, Link::Clear) => {
                self.say(&[tag, b" OK Begin TLS now"]);
                self.buffer.clear();
                self.events.push_back(Event::StartTls);
                State::AwaitTls
            }
            (_, Link::Secured) => self.refuse(tag, "BAD TLS is on already"),
            (_, Link::Clear) => self.refuse(tag, "BAD TLS is not offered here"),
        }
    }

    fn login(&mut self, tag: &[u8], mut args: Cursor<'_>) -> State {
        let user = args.value();
        args.take(b' ');
        let (Ok(user), Ok(password)) = (user, args.value()) else {
            return self.refuse(tag, "BAD LOGIN takes a user name and a password");
        };
        let text = |value: &crate::value::Value<'_>| {
            value.bytes().and_then(|bytes| core::str::from_utf8(bytes).ok()).map(str::to_owned)
        };
        match (text(&user), text(&password), args.is_at_end()) {
            (Some(user), Some(password), true) => {
                let proof = Proof::Password(SecretString::from(password));
                self.ask(tag, Credentials { user, proof })
            }
            _ => self.refuse(tag, "BAD LOGIN takes a user name and a password"),
        }
    }

    pub(super) fn ask(&mut self, tag: &[u8], credentials: Credentials) -> State {
        self.events.push_back(Event::Authenticate(credentials));
        State::AwaitAuth(tag.to_vec())
    }

    pub(super) fn take_answer(&mut self, answer: Answer) {
        let state = core::mem::replace(&mut self.state, State::Fault(ServerError::Unasked));
        let tag = match state {
            State::AwaitAuth(tag) => tag,
            State::Ended => {
                self.state = State::Ended;
                return;
            }
            _ => return,
        };
        self.state = match answer {
            Answer::LoggedIn(capabilities) => {
                let offers = capabilities.offering(Offer::Nothing).encode();
                self.say(&[&tag, b" OK [", &offers, b"] Logged in"]);
                State::Transparent
            }
            Answer::Wrong => self.auth_failed(&tag),
            Answer::Unavailable(words) => {
                self.tell(&tag, &format!("NO [UNAVAILABLE] {}", printable(&words)))
            }
            Answer::Refused(words) => {
                self.tell(&tag, &format!("NO [CONTACTADMIN] {}", printable(&words)))
            }
        };
    }

    /// The response has not the shape of its mechanism, or the password is wrong.
    pub(super) fn auth_failed(&mut self, tag: &[u8]) -> State {
        self.tally.auth_failures += 1;
        let words = "NO [AUTHENTICATIONFAILED] User name or password is wrong";
        let state = self.tell(tag, words);
        match self.tally.auth_failures < self.config.limits.auth_failures {
            true => state,
            false => self.close("Too many failed logins"),
        }
    }

    pub(super) fn tell(&mut self, tag: &[u8], words: &str) -> State {
        self.say(&[tag, b" ", words.as_bytes()]);
        State::ExpectCommand
    }

    /// Says a refusal; too many of them end the session.
    pub(super) fn refuse(&mut self, tag: &[u8], words: &str) -> State {
        self.tally.errors += 1;
        let state = self.tell(tag, words);
        match self.tally.errors < self.config.limits.errors {
            true => state,
            false => self.close("Too many errors"),
        }
    }

    /// Counts bytes of a client that has not logged in; why it must go, where there are too many.
    fn count(&mut self, bytes: usize) -> Option<&'static str> {
        self.tally.bytes = self.tally.bytes.saturating_add(bytes);
        let limits = &self.config.limits;
        let over = self.tally.commands >= limits.commands || self.tally.bytes > limits.bytes;
        over.then_some("Too many commands before the login")
    }
}
