//! The login (RFC 3501 sections 6.2.2 and 6.2.3), client's side.

use secrecy::{ExposeSecret as _, SecretString};
use wire::sasl::{self, Mechanism};

use super::{Client, ClientError, State, garbage};
use crate::say::Saying;

/// What the next `+` is answered with.
pub(super) enum Dialogue {
    /// PLAIN's response in base64.
    Plain(SecretString),
    /// The response to a challenge of CRAM-MD5.
    Cram,
    /// What is left of LOGIN.
    Login(Saying),
    /// Nothing is left to say: a further challenge is cancelled.
    Result,
    /// `*` was said.
    Cancelled,
}

impl Client {
    /// Begins the login by the first mechanism of ours that the server offers.
    pub(super) fn log_in(&mut self) -> State {
        let offered = self.capabilities.auth();
        // LOGIN the command, which needs no AUTH=LOGIN (RFC 3501 section 6.2.3).
        let has = |mechanism: &&Mechanism| match mechanism {
            Mechanism::Login => !self.capabilities.has("LOGINDISABLED"),
            mechanism => offered.contains(mechanism),
        };
        let (user, password) = (self.config.user.clone(), self.config.password.clone());
        match self.config.mechanisms.iter().find(has) {
            None => State::Failed(ClientError::NoMechanism),
            Some(Mechanism::CramMd5) => {
                self.say("AUTHENTICATE CRAM-MD5");
                State::Auth(Dialogue::Cram)
            }
            Some(Mechanism::Plain) => {
                let response = sasl::plain_response(&user, &password);
                // RFC 4959: the response goes with the command where the server says SASL-IR.
                if self.capabilities.has("SASL-IR") {
                    self.say(&format!("AUTHENTICATE PLAIN {}", response.expose_secret()));
                    return State::Auth(Dialogue::Result);
                }
                self.say("AUTHENTICATE PLAIN");
                State::Auth(Dialogue::Plain(response))
            }
            Some(Mechanism::Login) => {
                self.tags += 1;
                let mut saying = Saying::new(&self.tag(), "LOGIN");
                saying.string(user.as_bytes());
                saying.string(password.expose_secret().as_bytes());
                let mut saying = saying.end();
                self.out.extend(saying.next().unwrap_or_default());
                State::Auth(Dialogue::Login(saying))
            }
        }
    }

    /// The server says `+`.
    pub(super) fn challenged(&mut self, state: State, challenge: &[u8], line: &[u8]) -> State {
        let State::Auth(dialogue) = state else {
            return garbage(line);
        };
        let (bytes, next) = match dialogue {
            Dialogue::Plain(response) => {
                (response.expose_secret().as_bytes().to_vec(), Dialogue::Result)
            }
            Dialogue::Cram => match self.cram(challenge) {
                Some(response) => (response.into_bytes(), Dialogue::Result),
                None => (CANCEL.to_vec(), Dialogue::Cancelled),
            },
            Dialogue::Login(mut saying) => match saying.next() {
                Some(piece) => {
                    self.out.extend(piece);
                    return State::Auth(Dialogue::Login(saying));
                }
                None => return garbage(line),
            },
            Dialogue::Result => (CANCEL.to_vec(), Dialogue::Cancelled),
            Dialogue::Cancelled => return garbage(line),
        };
        self.out.extend_from_slice(&bytes);
        self.out.extend_from_slice(b"\r\n");
        State::Auth(next)
    }

    fn cram(&self, challenge: &[u8]) -> Option<String> {
        let challenge = core::str::from_utf8(challenge).ok()?;
        let challenge = sasl::decode(challenge.trim()).filter(|bytes| !bytes.is_empty())?;
        let digest = sasl::cram(&challenge, &self.config.password)?;
        Some(sasl::encode(sasl::cram_response(&self.config.user, digest).as_bytes()))
    }
}

/// RFC 3501 section 6.2.2: the client cancels with a single `*`.
const CANCEL: &[u8] = b"*";
