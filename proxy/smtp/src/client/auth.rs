//! The AUTH dialogue (RFC 4954), client's side.

use secrecy::{ExposeSecret as _, SecretString};

use crate::{Mechanism, Reply, sasl};

/// What the next 334 is answered with.
pub(super) enum Dialogue {
    /// PLAIN's response in base64, which was too long for the command line.
    PlainResponse(SecretString),
    LoginUser(String, SecretString),
    LoginPassword(SecretString),
    CramResponse(String, SecretString),
    /// Nothing is left to say: a further challenge is cancelled.
    Result,
    /// `*` was said: a further challenge is taken as a refusal.
    Cancelled,
}

/// What comes of a reply.
pub(super) enum Said {
    /// The next line of the dialogue.
    Line(String),
    Authenticated(Reply),
    Refused(Reply),
}

impl Dialogue {
    /// The AUTH command and what follows it.
    pub(super) fn begin(
        mechanism: Mechanism,
        user: &str,
        password: &SecretString,
    ) -> (String, Self) {
        let command = format!("AUTH {}", mechanism.name());
        match mechanism {
            Mechanism::CramMd5 => {
                let dialogue = Self::CramResponse(user.to_owned(), password.clone());
                (command, dialogue)
            }
            Mechanism::Login => {
                let dialogue = Self::LoginUser(user.to_owned(), password.clone());
                (command, dialogue)
            }
            Mechanism::Plain => {
                let response = sasl::plain_response(user, password);
                match command.len() + response.expose_secret().len() < COMMAND_LINE {
                    true => {
                        let line = format!("{command} {}", response.expose_secret());
                        (line, Self::Result)
                    }
                    false => (command, Self::PlainResponse(response)),
                }
            }
        }
    }

    pub(super) fn take(&mut self, reply: Reply) -> Said {
        if reply.is_positive() {
            return Said::Authenticated(reply);
        }
        if reply.code() != 334 {
            return Said::Refused(reply);
        }
        let (line, next) = match core::mem::replace(self, Self::Result) {
            Self::PlainResponse(response) => (response.expose_secret().to_owned(), Self::Result),
            Self::LoginUser(user, password) => {
                (base64(user.as_bytes()), Self::LoginPassword(password))
            }
            Self::LoginPassword(password) => {
                (base64(password.expose_secret().as_bytes()), Self::Result)
            }
            Self::CramResponse(user, password) => {
                let challenge = sasl::decode(reply.text().trim());
                let digest = challenge.and_then(|challenge| sasl::cram(&challenge, &password));
                match digest {
                    Some(digest) => {
                        let response = sasl::cram_response(&user, digest);
                        (base64(response.as_bytes()), Self::Result)
                    }
                    None => (CANCEL.to_owned(), Self::Cancelled),
                }
            }
            Self::Result => (CANCEL.to_owned(), Self::Cancelled),
            Self::Cancelled => return Said::Refused(reply),
        };
        *self = next;
        Said::Line(line)
    }
}

fn base64(bytes: &[u8]) -> String {
    sasl::encode(bytes)
}

/// RFC 4954 section 4: the client cancels with a single `*`.
const CANCEL: &str = "*";

/// RFC 4954 section 4: an initial response must not make the command longer than RFC 5321
/// section 4.5.3.1.4 allows: 512 bytes with CRLF; a blank stands between the two.
const COMMAND_LINE: usize = 509;
