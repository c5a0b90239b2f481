use super::{Challenges, Credentials, Mechanism, Proof, decode, parse_cram_response};
use super::{parse_plain_response, secret};

/// The server's side of a login (RFC 4422 section 5): what the client is to say next.
pub struct Dialogue(Awaits);

enum Awaits {
    /// The one response of PLAIN.
    Plain,
    /// LOGIN's user name.
    LoginUser,
    /// LOGIN's password, of this user.
    LoginPassword(String),
    /// The response to this challenge of CRAM-MD5.
    Cram(Vec<u8>),
}

/// What a line of the client comes to.
pub enum Turn {
    /// The client is to hear this challenge, which is not in base64, and to go on.
    Challenge(Vec<u8>, Dialogue),
    /// The client says who it is.
    Credentials(Credentials),
    /// The response has not the shape of its mechanism: no password can be right.
    Misshapen,
    /// The client gave it up, by `*`.
    Cancelled,
    /// The line is not base64.
    NotBase64,
    /// An initial response, where the server speaks first (RFC 4954 section 4, RFC 4959 section 3).
    TooSoon,
}

impl Dialogue {
    /// Begins, with the initial response in base64 where the client gave one.
    pub fn begin(
        mechanism: Mechanism,
        initial: Option<&[u8]>,
        challenges: &mut Challenges,
    ) -> Turn {
        let (challenge, awaits) = match mechanism {
            Mechanism::Plain => (Vec::new(), Awaits::Plain),
            Mechanism::Login => (b"Username:".to_vec(), Awaits::LoginUser),
            Mechanism::CramMd5 if initial.is_some() => return Turn::TooSoon,
            Mechanism::CramMd5 => {
                let challenge = challenges.make();
                (challenge.clone(), Awaits::Cram(challenge))
            }
        };
        match initial {
            Some(initial) => Self(awaits).take(initial),
            None => Turn::Challenge(challenge, Self(awaits)),
        }
    }

    /// Takes the client's next line, without its CRLF.
    #[must_use]
    pub fn take(self, line: &[u8]) -> Turn {
        if line == b"*" {
            return Turn::Cancelled;
        }
        let Some(response) = core::str::from_utf8(line).ok().and_then(decode) else {
            return Turn::NotBase64;
        };
        let shown = match self.0 {
            Awaits::LoginUser => {
                return match String::from_utf8(response) {
                    Ok(user) => {
                        let next = Self(Awaits::LoginPassword(user));
                        Turn::Challenge(b"Password:".to_vec(), next)
                    }
                    Err(_) => Turn::Misshapen,
                };
            }
            Awaits::LoginPassword(user) => {
                secret(response).map(|password| (user, Proof::Password(password)))
            }
            Awaits::Plain => parse_plain_response(response)
                .map(|(user, password)| (user, Proof::Password(password))),
            Awaits::Cram(challenge) => parse_cram_response(&response)
                .map(|(user, digest)| (user, Proof::CramMd5 { challenge, digest })),
        };
        match shown {
            Some((user, proof)) => Turn::Credentials(Credentials { user, proof }),
            None => Turn::Misshapen,
        }
    }
}

#[cfg(test)]
mod tests {
    use secrecy::SecretString;

    use super::super::{cram, cram_response, encode};
    use super::*;

    fn challenges() -> Challenges {
        Challenges::new([7; 16], 1_700_000_000, "hier")
    }

    fn begin(mechanism: Mechanism, initial: Option<&[u8]>) -> Turn {
        Dialogue::begin(mechanism, initial, &mut challenges())
    }

    fn lets_in(turn: Turn) -> bool {
        let Turn::Credentials(credentials) = turn else {
            return false;
        };
        credentials.user == "jan" && credentials.matches(&SecretString::from("geheim"))
    }

    #[test]
    fn plain_comes_with_the_command_or_after_an_empty_challenge() {
        let response = encode(b"\0jan\0geheim");
        assert!(lets_in(begin(Mechanism::Plain, Some(response.as_bytes()))));
        let Turn::Challenge(challenge, dialogue) = begin(Mechanism::Plain, None) else {
            panic!("a challenge");
        };
        assert!(challenge.is_empty() && lets_in(dialogue.take(response.as_bytes())));
    }

    #[test]
    fn login_asks_for_the_name_and_then_for_the_password() {
        let Turn::Challenge(first, dialogue) = begin(Mechanism::Login, None) else {
            panic!("a challenge");
        };
        let Turn::Challenge(second, dialogue) = dialogue.take(encode(b"jan").as_bytes()) else {
            panic!("a second challenge");
        };
        assert_eq!((first.as_slice(), second.as_slice()), (&b"Username:"[..], &b"Password:"[..]));
        assert!(lets_in(dialogue.take(encode(b"geheim").as_bytes())));
    }

    #[test]
    fn cram_is_answered_to_its_own_challenge_and_never_before_it() {
        assert!(matches!(begin(Mechanism::CramMd5, Some(b"=")), Turn::TooSoon));
        let Turn::Challenge(challenge, dialogue) = begin(Mechanism::CramMd5, None) else {
            panic!("a challenge");
        };
        let digest = cram(&challenge, &SecretString::from("geheim")).unwrap();
        let response = encode(cram_response("jan", digest).as_bytes());
        assert!(lets_in(dialogue.take(response.as_bytes())));
    }

    #[test]
    fn what_is_given_up_is_no_base64_or_has_no_shape_is_told_apart() {
        let plain = |line: &[u8]| begin(Mechanism::Plain, Some(line));
        assert!(matches!(plain(b"*"), Turn::Cancelled));
        assert!(matches!(plain(b"%%%"), Turn::NotBase64));
        assert!(matches!(plain(b"\xff"), Turn::NotBase64));
        assert!(matches!(plain(encode(b"jan").as_bytes()), Turn::Misshapen));
        let no_utf8 = encode(b"\xff");
        assert!(matches!(begin(Mechanism::Login, Some(no_utf8.as_bytes())), Turn::Misshapen));
    }
}
