//! AUTHENTICATE (RFC 3501 section 6.2.2, RFC 4959), server's side.

use wire::sasl::{self, Mechanism};

use super::session::State;
use super::{Credentials, Proof, Server};
use crate::value::Cursor;

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
    pub(super) fn authenticate(&mut self, tag: &[u8], mut args: Cursor<'_>) -> State {
        let name = args.word();
        let initial = args.rest().trim_ascii();
        let mechanism = core::str::from_utf8(name).ok().and_then(Mechanism::parse);
        let tag = tag.to_vec();
        match (mechanism, initial) {
            (None, _) => self.refuse(&tag, "NO This way to log in is not known here"),
            (Some(Mechanism::Plain), b"") => self.challenge(tag, b"", Dialogue::PlainResponse),
            (Some(Mechanism::Login), b"") => self.challenge(tag, b"Username:", Dialogue::LoginUser),
            (Some(Mechanism::CramMd5), b"") => {
                let challenge = self.challenges.make();
                self.challenge(tag, &challenge.clone(), Dialogue::CramResponse(challenge))
            }
            (Some(Mechanism::Plain), initial) => {
                self.auth_line(tag, Dialogue::PlainResponse, initial)
            }
            (Some(Mechanism::Login), initial) => self.auth_line(tag, Dialogue::LoginUser, initial),
            // RFC 4959 section 3: a mechanism where the server speaks first has no initial response.
            (Some(Mechanism::CramMd5), _) => {
                self.refuse(&tag, "BAD CRAM-MD5 takes no initial response")
            }
        }
    }

    pub(super) fn auth_line(&mut self, tag: Vec<u8>, dialogue: Dialogue, line: &[u8]) -> State {
        if line == b"*" {
            return self.tell(&tag, "BAD Login cancelled");
        }
        let Some(response) = Self::decode(line) else {
            return self.refuse(&tag, "BAD The response is not base64");
        };
        match dialogue {
            Dialogue::LoginUser => match String::from_utf8(response) {
                Ok(user) => self.challenge(tag, b"Password:", Dialogue::LoginPassword(user)),
                Err(_) => self.auth_failed(&tag),
            },
            Dialogue::LoginPassword(user) => match sasl::secret(response) {
                Some(password) => {
                    self.ask(&tag, Credentials { user, proof: Proof::Password(password) })
                }
                None => self.auth_failed(&tag),
            },
            Dialogue::PlainResponse => match sasl::parse_plain_response(response) {
                Some((user, password)) => {
                    self.ask(&tag, Credentials { user, proof: Proof::Password(password) })
                }
                None => self.auth_failed(&tag),
            },
            Dialogue::CramResponse(challenge) => match sasl::parse_cram_response(&response) {
                Some((user, digest)) => {
                    let proof = Proof::CramMd5 { challenge, digest };
                    self.ask(&tag, Credentials { user, proof })
                }
                None => self.auth_failed(&tag),
            },
        }
    }

    fn challenge(&mut self, tag: Vec<u8>, text: &[u8], dialogue: Dialogue) -> State {
        self.say(&[b"+ ", sasl::encode(text).as_bytes()]);
        State::ExpectAuthLine(tag, dialogue)
    }
}
