//! The AUTH dialogue (RFC 4954), server's side.

use wire::sasl::{Dialogue, Turn};
use wire::server::{Link, Tls};

use super::event::Event;
use super::session::State;
use super::{Client, Server};
use crate::{Mechanism, Reply, sasl};

impl Server {
    pub(super) fn auth(&mut self, mechanism: Mechanism, initial: Option<String>) -> State {
        if self.link == Link::Clear && self.config.tls != Tls::None {
            let reply = Reply::new(538, "5.7.11", "Say STARTTLS first");
            return self.refuse(State::ExpectAuth, reply);
        }
        let initial = initial.as_deref().map(str::as_bytes);
        let turn = Dialogue::begin(mechanism, initial, &mut self.challenges);
        self.take_turn(turn)
    }

    pub(super) fn take_turn(&mut self, turn: Turn) -> State {
        match turn {
            Turn::Challenge(text, dialogue) => {
                let reply = Reply::new(334, "", &sasl::encode(&text));
                self.tell_reply(State::ExpectAuthLine(dialogue), &reply)
            }
            Turn::Credentials(credentials) => {
                self.events.push_back(Event::Authenticate(credentials));
                State::AwaitAuth
            }
            // No password can be right.
            Turn::Misshapen => {
                self.auth_answered(&Reply::new(535, "5.7.8", "User name or password is wrong"))
            }
            Turn::Cancelled => self.tell(State::ExpectAuth, 501, "5.7.0", "Login cancelled"),
            Turn::NotBase64 => {
                let reply = Reply::new(501, "5.5.2", "The response is not base64");
                self.refuse(State::ExpectAuth, reply)
            }
            Turn::TooSoon => {
                let reply = Reply::new(501, "5.5.4", "CRAM-MD5 takes no initial response");
                self.refuse(State::ExpectAuth, reply)
            }
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
}
