//! What is sealed with AES-256-GCM: small values, and whole messages in files ([`file`]); how keys come
//! from one another, and the words in which a person keeps one (R-KEEP-1).
//!
//! Names of keys and places are the caller's: this room knows neither the keyring nor the data folder.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

use std::io;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::{hkdf, rand};
use zeroize::Zeroizing;

pub mod file;
pub mod words;

/// Bytes of every symmetric key here (AES-256, FIPS 197; HMAC-SHA256).
pub const KEY_LEN: usize = 32;

/// A symmetric key that is wiped when dropped.
pub type Key = Zeroizing<[u8; KEY_LEN]>;

/// Why something could not be sealed or opened.
#[derive(Debug, thiserror::Error)]
pub enum SealingError {
    /// The crypto library failed, which it does not for any input that is possible here.
    #[error("the crypto library failed")]
    Crypto,
    /// The operating system failed on a file.
    #[error("{doing}: {source}")]
    Io {
        /// What was being done.
        doing: &'static str,
        /// What the system said.
        source: io::Error,
    },
    /// A file was changed, cut, moved, or is not there.
    #[error("the file of message {name} is damaged")]
    Damaged {
        /// The file's name, without its folder.
        name: String,
    },
}

impl SealingError {
    fn io(doing: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { doing, source }
    }
}

/// A key out of a secret that has its full strength already (RFC 5869): no pass phrase.
///
/// `salt` parts the uses of one secret from those of another place, and may be empty; each
/// `purpose` gives a key of its own.
///
/// # Errors
/// [`SealingError::Crypto`] where the library failed.
pub fn derived(secret: &[u8], salt: &[u8], purpose: &[u8]) -> Result<Key, SealingError> {
    let mut key = Key::default();
    let secret = hkdf::Salt::new(hkdf::HKDF_SHA256, salt).extract(secret);
    let info = [purpose];
    let okm = secret.expand(&info, Length).map_err(|_| SealingError::Crypto)?;
    okm.fill(key.as_mut()).map_err(|_| SealingError::Crypto)?;
    Ok(key)
}

#[derive(Clone, Copy)]
struct Length;

impl hkdf::KeyType for Length {
    fn len(&self) -> usize {
        KEY_LEN
    }
}

/// Fresh random bytes.
///
/// # Errors
/// [`SealingError::Crypto`] where the library failed.
pub fn random<const N: usize>() -> Result<[u8; N], SealingError> {
    let mut bytes = [0; N];
    rand::fill(&mut bytes).map_err(|_| SealingError::Crypto)?;
    Ok(bytes)
}

/// A password that a person types once: 20 letters and digits at random, in groups of five.
///
/// # Errors
/// [`SealingError::Crypto`] where the system gives no random bytes.
pub fn password() -> Result<Zeroizing<String>, SealingError> {
    let mut text = Zeroizing::new(String::with_capacity(23));
    let mut letters = 0;
    while letters < 20 {
        let [byte] = *Zeroizing::new(random::<1>()?);
        // Values beyond a multiple of the alphabet are drawn again, or its first letters would
        // come more often.
        let Some(letter) = ALPHABET.get(usize::from(byte) & 31) else {
            continue;
        };
        if letters > 0 && letters % 5 == 0 {
            text.push('-');
        }
        text.push(char::from(*letter));
        letters += 1;
    }
    Ok(text)
}

/// Without i, l, o, 0 and 1, which are taken for one another; without upper case, which is
/// mistyped. 31 letters and digits: 20 of them carry 99 bits.
const ALPHABET: &[u8; 31] = b"abcdefghjkmnpqrstuvwxyz23456789";

/// AES-256-GCM with this key of [`KEY_LEN`] bytes.
///
/// # Errors
/// [`SealingError::Crypto`] where the key has another length.
pub fn aead(key: &[u8]) -> Result<LessSafeKey, SealingError> {
    let key = UnboundKey::new(&AES_256_GCM, key).map_err(|_| SealingError::Crypto)?;
    Ok(LessSafeKey::new(key))
}

/// `nonce || ciphertext || tag`, bound to `name`. The nonce is random: 2^32 values a key at most
/// (NIST SP 800-38D section 8.3), which a mailbox does not reach.
///
/// # Errors
/// [`SealingError::Crypto`] where the library failed.
pub fn seal(key: &LessSafeKey, name: &[u8], plain: &[u8]) -> Result<Vec<u8>, SealingError> {
    let nonce: [u8; NONCE_LEN] = random()?;
    let mut sealed = plain.to_vec();
    key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(name), &mut sealed)
        .map_err(|_| SealingError::Crypto)?;
    sealed.splice(0..0, nonce);
    Ok(sealed)
}

/// What [`seal()`] sealed, or `None` where it was changed, cut or belongs to another name.
#[must_use]
pub fn open(key: &LessSafeKey, name: &[u8], sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let (nonce, body) = sealed.split_at_checked(NONCE_LEN)?;
    let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
    let mut body = Zeroizing::new(body.to_vec());
    let length = key.open_in_place(nonce, Aad::from(name), &mut body).ok()?.len();
    body.truncate(length);
    Some(body)
}

/// Lower-case hexadecimal.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        for nibble in [byte >> 4, byte & 15] {
            text.push(char::from(b"0123456789abcdef"[usize::from(nibble)]));
        }
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_sealed_opens_under_its_name_only() {
        let key = aead(&[7; KEY_LEN]).unwrap();
        let sealed = seal(&key, b"a", b"secret").unwrap();
        assert_eq!(open(&key, b"a", &sealed).unwrap().as_slice(), b"secret");
        assert!(open(&key, b"b", &sealed).is_none());
        assert!(open(&key, b"a", &sealed[..sealed.len() - 1]).is_none());
        for at in 0..sealed.len() {
            let mut bent = sealed.clone();
            bent[at] ^= 1;
            assert!(open(&key, b"a", &bent).is_none(), "byte {at}");
        }
        assert!(open(&key, b"a", b"").is_none());
    }
}
