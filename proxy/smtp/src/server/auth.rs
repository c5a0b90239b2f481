//! The AUTH dialogue (RFC 4954), server's side.

use super::event::Event;
use super::session::State;
use super::{Client, Credentials, Link, Proof, Server, Tls};
use crate::{Mechanism, Reply, sasl};

/// Which line of the dialogue is awaited.
pub(super) enum Dialogue {
    /// The one response of PLAIN.
    PlainResponse,
    /// LOGIN's user name.
    LoginUser,
    /// LOGIN's password, of this user.
    LoginPassword(String),
    /// The response to this challenge of CRAM-MD5.
    CramResponse(Vec<u8>),
}

impl Server {
    pub(super) fn auth(&mut self, mechanism: Mechanism, initial: Option<String>) -> State {
        if self.link == Link::Clear && self.config.tls != Tls::None {
            let reply = Reply::new(538, "5.7.11", "Say STARTTLS first");
            return self.refuse(State::ExpectAuth, reply);
        }
        match (mechanism, initial) {
            (Mechanism::Plain, None) => self.challenge(b"", Dialogue::PlainResponse),
            (Mechanism::Plain, Some(initial)) => {
                self.auth_line(Dialogue::PlainResponse, initial.as_bytes())
            }
            (Mechanism::Login, None) => self.challenge(b"Username:", Dialogue::LoginUser),
            (Mechanism::Login, Some(initial)) => {
                self.auth_line(Dialogue::LoginUser, initial.as_bytes())
            }
            (Mechanism::CramMd5, None) => {
                let challenge = self.challenges.make();
                self.challenge(&challenge.clone(), Dialogue::CramResponse(challenge))
            }
            // RFC 4954 section 4: a mechanism where the server speaks first has no initial
            // response.
            (Mechanism::CramMd5, Some(_)) => {
                let reply = Reply::new(501, "5.5.4", "CRAM-MD5 takes no initial response");
                self.refuse(State::ExpectAuth, reply)
            }
        }
    }

    pub(super) fn auth_line(&mut self, dialogue: Dialogue, line: &[u8]) -> State {
        if line == b"*" {
            return self.tell(State::ExpectAuth, 501, "5.7.0", "Login cancelled");
        }
        let text = core::str::from_utf8(line).ok();
        let Some(response) = text.and_then(sasl::decode) else {
            let reply = Reply::new(501, "5.5.2", "The response is not base64");
            return self.refuse(State::ExpectAuth, reply);
        };
        match dialogue {
            Dialogue::LoginUser => match String::from_utf8(response) {
                Ok(user) => self.challenge(b"Password:", Dialogue::LoginPassword(user)),
                Err(_) => self.auth_failed(),
            },
            Dialogue::LoginPassword(user) => match sasl::secret(response) {
                Some(password) => self.ask(user, Proof::Password(password)),
                None => self.auth_failed(),
            },
            Dialogue::PlainResponse => match sasl::parse_plain_response(response) {
                Some((user, password)) => self.ask(user, Proof::Password(password)),
                None => self.auth_failed(),
            },
            Dialogue::CramResponse(challenge) => match sasl::parse_cram_response(&response) {
                Some((user, digest)) => self.ask(user, Proof::CramMd5 { challenge, digest }),
                None => self.auth_failed(),
            },
        }
    }

    pub(super) fn auth_answered(&mut self, reply: &Reply) -> State {
        if reply.is_positive() {
            self.client = Client::Authenticated;
            return self.tell_reply(State::ExpectMail, reply);
        }
        self.tally.auth_failures += usize::from(reply.is_permanent());
        self.say(reply);
        if self.tally.auth_failures < self.config.limits.auth_failures {
            return State::ExpectAuth;
        }
        self.close(&Reply::new(421, "4.7.0", "Too many failed logins"))
    }

    /// The response has not the shape of its mechanism: no password can be right.
    fn auth_failed(&mut self) -> State {
        self.auth_answered(&Reply::new(535, "5.7.8", "User name or password is wrong"))
    }

    fn challenge(&mut self, text: &[u8], dialogue: Dialogue) -> State {
        let reply = Reply::new(334, "", &sasl::encode(text));
        self.tell_reply(State::ExpectAuthLine(dialogue), &reply)
    }

    fn ask(&mut self, user: String, proof: Proof) -> State {
        self.events.push_back(Event::Authenticate(Credentials { user, proof }));
        State::AwaitAuth
    }
}
