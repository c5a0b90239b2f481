//! Logging in (SASL, RFC 4422) as SMTP and IMAP have it alike: CRAM-MD5, PLAIN and LOGIN.
//!
//! Only what the mechanisms say; how it is framed (334 or `+`) is each protocol's own.

mod dialogue;

use core::fmt;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use md5::Md5;
use secrecy::{ExposeSecret as _, SecretString, zeroize::Zeroize as _};

pub use dialogue::{Dialogue, Turn};

/// A way to log in (RFC 4422, RFC 4954, RFC 3501 section 6.2.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mechanism {
    /// CRAM-MD5 (RFC 2195): the password is never sent.
    CramMd5,
    /// PLAIN (RFC 4616): only inside TLS.
    Plain,
    /// LOGIN (no standard, widely used): only inside TLS.
    Login,
}

impl Mechanism {
    /// The mechanism's name as AUTH and AUTHENTICATE have it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::CramMd5 => "CRAM-MD5",
            Self::Plain => "PLAIN",
            Self::Login => "LOGIN",
        }
    }

    /// The mechanism of that name, without regard to case.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mechanism| mechanism.name().eq_ignore_ascii_case(name))
    }

    /// All that are known, the one to be preferred first (R-SMTP-1).
    pub const ALL: [Self; 3] = [Self::CramMd5, Self::Plain, Self::Login];
}

/// Who the client says to be, and what it shows for it.
pub struct Credentials {
    /// The user name, as it was given.
    pub user: String,
    /// The proof.
    pub proof: Proof,
}

/// What a client shows to be let in.
pub enum Proof {
    /// The password itself (PLAIN, LOGIN).
    Password(SecretString),
    /// The answer to a challenge (RFC 2195).
    CramMd5 {
        /// The challenge, not in base64.
        challenge: Vec<u8>,
        /// HMAC-MD5 of it under the password.
        digest: [u8; 16],
    },
}

impl Credentials {
    /// True where the proof is that of this password. Takes the same time for every wrong one of
    /// the same length.
    #[must_use]
    pub fn matches(&self, password: &SecretString) -> bool {
        match &self.proof {
            Proof::Password(given) => is_same(given, password),
            Proof::CramMd5 { challenge, digest } => is_cram(challenge, digest, password),
        }
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.proof {
            Proof::Password(_) => f.write_str("Credentials(password)"),
            Proof::CramMd5 { .. } => f.write_str("Credentials(CRAM-MD5)"),
        }
    }
}

/// Makes challenges that never repeat (RFC 2195 section 2).
pub struct Challenges {
    prefix: String,
    suffix: String,
    given: u32,
}

impl Challenges {
    /// `seed` must be fresh random bytes: it makes the challenges unguessable. `now_unix` is the
    /// time in seconds since 1970.
    #[must_use]
    pub fn new(seed: [u8; 16], now_unix: u64, hostname: &str) -> Self {
        Self {
            prefix: format!("{:032x}", u128::from_be_bytes(seed)),
            suffix: format!("{now_unix}@{hostname}"),
            given: 0,
        }
    }

    /// The next challenge, not in base64.
    pub fn make(&mut self) -> Vec<u8> {
        self.given += 1;
        format!("<{}.{}.{}>", self.prefix, self.given, self.suffix).into_bytes()
    }
}

/// Base64 as SASL has it (RFC 4648 section 4); `=` alone is the empty string (RFC 4954 section 4).
#[must_use]
pub fn decode(text: &str) -> Option<Vec<u8>> {
    match text {
        "=" => Some(Vec::new()),
        _ => STANDARD.decode(text).ok(),
    }
}

/// Base64 as SASL has it.
#[must_use]
pub fn encode(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// The digest of CRAM-MD5 (RFC 2195): HMAC-MD5 of the challenge under the password.
#[must_use]
pub fn cram(challenge: &[u8], password: &SecretString) -> Option<[u8; 16]> {
    keyed(challenge, password).map(|mac| mac.finalize().into_bytes().into())
}

/// True where the digest is the right one; takes the same time wherever they differ.
#[must_use]
pub fn is_cram(challenge: &[u8], digest: &[u8; 16], password: &SecretString) -> bool {
    keyed(challenge, password).is_some_and(|mac| mac.verify_slice(digest).is_ok())
}

/// What a client says for CRAM-MD5: `user SP hexadecimal-digest`.
#[must_use]
pub fn cram_response(user: &str, digest: [u8; 16]) -> String {
    let hex = digest.iter().map(|byte| format!("{byte:02x}"));
    format!("{user} {}", hex.collect::<String>())
}

/// Reads what [`cram_response`] writes.
#[must_use]
pub fn parse_cram_response(response: &[u8]) -> Option<(String, [u8; 16])> {
    let (user, hex) = core::str::from_utf8(response).ok()?.rsplit_once(' ')?;
    if hex.len() != 32 || !hex.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let mut digest = [0; 16];
    for (byte, pair) in digest.iter_mut().zip(hex.as_bytes().chunks_exact(2)) {
        *byte = u8::from_str_radix(core::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some((user.to_owned(), digest))
}

/// What a client says for PLAIN (RFC 4616): `NUL user NUL password`, in base64.
#[must_use]
pub fn plain_response(user: &str, password: &SecretString) -> SecretString {
    let mut text = format!("\0{user}\0{}", password.expose_secret());
    let encoded = SecretString::from(encode(text.as_bytes()));
    text.zeroize();
    encoded
}

/// Reads a PLAIN response. To act as someone else is not possible here, so an authorization
/// identity must be empty or the user.
#[must_use]
pub fn parse_plain_response(mut response: Vec<u8>) -> Option<(String, SecretString)> {
    let parsed = core::str::from_utf8(&response).ok().and_then(|text| {
        let mut parts = text.split('\0');
        let (identity, user, password) = (parts.next()?, parts.next()?, parts.next()?);
        let fits = parts.next().is_none() && (identity.is_empty() || identity == user);
        fits.then(|| (user.to_owned(), SecretString::from(password.to_owned())))
    });
    response.zeroize();
    parsed
}

/// A secret out of bytes; `None` where they are not UTF-8.
#[must_use]
pub fn secret(bytes: Vec<u8>) -> Option<SecretString> {
    match String::from_utf8(bytes) {
        Ok(text) => Some(SecretString::from(text)),
        Err(error) => {
            error.into_bytes().zeroize();
            None
        }
    }
}

/// Equality that takes the same time wherever the texts differ; only their lengths show.
#[must_use]
pub fn is_same(left: &SecretString, right: &SecretString) -> bool {
    let (left, right) = (left.expose_secret(), right.expose_secret());
    let differ = |found: u8, (a, b): (u8, u8)| core::hint::black_box(found | (a ^ b));
    left.len() == right.len() && left.bytes().zip(right.bytes()).fold(0, differ) == 0
}

fn keyed(challenge: &[u8], password: &SecretString) -> Option<Hmac<Md5>> {
    let mut mac = Hmac::<Md5>::new_from_slice(password.expose_secret().as_bytes()).ok()?;
    mac.update(challenge);
    Some(mac)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_is_that_of_rfc_2195() {
        let challenge = b"<1896.697170952@postoffice.reston.mci.net>";
        let password = SecretString::from("tanstaaftanstaaf");
        let digest = cram(challenge, &password).unwrap();
        let response = cram_response("tim", digest);
        assert_eq!(response, "tim b913a602c7eda7a495b4e6e7334d3890");
        assert_eq!(parse_cram_response(response.as_bytes()), Some(("tim".to_owned(), digest)));
        assert!(is_cram(challenge, &digest, &password));
        assert!(!is_cram(b"<other>", &digest, &password));
    }

    #[test]
    fn what_is_no_cram_response_is_refused() {
        for text in ["", "tim", "tim 00", "tim zz13a602c7eda7a495b4e6e7334d3890"] {
            assert!(parse_cram_response(text.as_bytes()).is_none(), "{text}");
        }
    }

    #[test]
    fn plain_goes_there_and_back() {
        let response = plain_response("jan", &SecretString::from("gehéim"));
        let decoded = decode(response.expose_secret()).unwrap();
        let (user, password) = parse_plain_response(decoded).unwrap();
        assert_eq!((user.as_str(), password.expose_secret()), ("jan", "gehéim"));
        for bytes in [&b""[..], b"a\0b", b"piet\0jan\0x", b"\0a\0b\0c", b"\0a\0\xff"] {
            assert!(parse_plain_response(bytes.to_vec()).is_none(), "{bytes:?}");
        }
    }

    #[test]
    fn only_the_same_text_is_the_same() {
        let same = |a: &str, b: &str| is_same(&SecretString::from(a), &SecretString::from(b));
        assert!(same("abc", "abc") && same("", ""));
        assert!(!same("abc", "abd") && !same("abc", "ab") && !same("", "a"));
    }
}
