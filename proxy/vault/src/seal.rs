//! Keys and small sealed values.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::{hkdf, hmac, rand};
use secrecy::{ExposeSecret, SecretSlice};
use zeroize::Zeroizing;

use crate::error::VaultError;

/// Bytes of every symmetric key here (AES-256, FIPS 197; HMAC-SHA256).
pub(crate) const KEY_LEN: usize = 32;

/// A symmetric key that is wiped when dropped.
pub(crate) type Key = Zeroizing<[u8; KEY_LEN]>;

/// The keys that come from the master key, one for each use (RFC 5869).
pub(crate) struct Keys {
    database: Key,
    wrapping: LessSafeKey,
    journal: hmac::Key,
    digest: hmac::Key,
    head: LessSafeKey,
    check: [u8; KEY_LEN],
}

impl Keys {
    /// `id` is the vault's id: the same master key in another vault gives other keys.
    pub(crate) fn derive(master: &SecretSlice<u8>, id: &str) -> Result<Self, VaultError> {
        let salt = hkdf::Salt::new(hkdf::HKDF_SHA256, id.as_bytes());
        let secret = salt.extract(master.expose_secret());
        let key = |purpose: &str| -> Result<Key, VaultError> {
            let mut key = Key::default();
            let info = [purpose.as_bytes()];
            let okm = secret.expand(&info, Length).map_err(|_| VaultError::Crypto)?;
            okm.fill(key.as_mut()).map_err(|_| VaultError::Crypto)?;
            Ok(key)
        };
        let mac = |key: Key| hmac::Key::new(hmac::HMAC_SHA256, key.as_ref());
        Ok(Self {
            database: key("zorgzegel database 1")?,
            wrapping: aead(&*key("zorgzegel wrapping 1")?)?,
            journal: mac(key("zorgzegel journal 1")?),
            digest: mac(key("zorgzegel digest 1")?),
            head: aead(&*key("zorgzegel head 1")?)?,
            check: *key("zorgzegel check 1")?,
        })
    }

    /// The database's raw key.
    pub(crate) fn database(&self) -> &Key {
        &self.database
    }

    /// The key under which message keys are wrapped.
    pub(crate) fn wrapping(&self) -> &LessSafeKey {
        &self.wrapping
    }

    /// The key of the journal's chain.
    pub(crate) fn journal(&self) -> &hmac::Key {
        &self.journal
    }

    /// The key of the duplicate guard's digests.
    pub(crate) fn digest(&self) -> &hmac::Key {
        &self.digest
    }

    /// The key that seals the journal's head.
    pub(crate) fn head(&self) -> &LessSafeKey {
        &self.head
    }

    /// A value that tells whether a master key is the right one, and nothing else about it.
    pub(crate) fn check(&self) -> String {
        hex(&self.check)
    }
}

/// A key out of a secret that has its full strength already (RFC 5869): no pass phrase.
pub(crate) fn stretched(secret: &[u8], purpose: &[u8]) -> Result<Key, VaultError> {
    let mut key = Key::default();
    let secret = hkdf::Salt::new(hkdf::HKDF_SHA256, &[]).extract(secret);
    let info = [purpose];
    let okm = secret.expand(&info, Length).map_err(|_| VaultError::Crypto)?;
    okm.fill(key.as_mut()).map_err(|_| VaultError::Crypto)?;
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
pub(crate) fn random<const N: usize>() -> Result<[u8; N], VaultError> {
    let mut bytes = [0; N];
    rand::fill(&mut bytes).map_err(|_| VaultError::Crypto)?;
    Ok(bytes)
}

/// AES-256-GCM with this key.
pub(crate) fn aead(key: &[u8]) -> Result<LessSafeKey, VaultError> {
    let key = UnboundKey::new(&AES_256_GCM, key).map_err(|_| VaultError::Crypto)?;
    Ok(LessSafeKey::new(key))
}

/// `nonce || ciphertext || tag`, bound to `name`. The nonce is random: 2^32 values a key at most
/// (NIST SP 800-38D section 8.3), which a mailbox does not reach.
pub(crate) fn seal(key: &LessSafeKey, name: &[u8], plain: &[u8]) -> Result<Vec<u8>, VaultError> {
    let nonce: [u8; NONCE_LEN] = random()?;
    let mut sealed = plain.to_vec();
    key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(name), &mut sealed)
        .map_err(|_| VaultError::Crypto)?;
    sealed.splice(0..0, nonce);
    Ok(sealed)
}

/// What [`seal`] sealed, or `None` where it was changed, cut or belongs to another name.
pub(crate) fn open(key: &LessSafeKey, name: &[u8], sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let (nonce, body) = sealed.split_at_checked(NONCE_LEN)?;
    let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
    let mut body = Zeroizing::new(body.to_vec());
    let length = key.open_in_place(nonce, Aad::from(name), &mut body).ok()?.len();
    body.truncate(length);
    Some(body)
}

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
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

    #[test]
    fn each_use_has_a_key_of_its_own() {
        let keys = Keys::derive(&vec![1; KEY_LEN].into(), "one").unwrap();
        let other = Keys::derive(&vec![1; KEY_LEN].into(), "two").unwrap();
        assert_ne!(keys.check(), hex(keys.database().as_ref()));
        assert_ne!(keys.check(), other.check());
    }
}
