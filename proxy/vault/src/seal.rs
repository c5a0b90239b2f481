//! The keys of one vault.

use aws_lc_rs::aead::LessSafeKey;
use aws_lc_rs::hmac;
use secrecy::{ExposeSecret, SecretSlice};

use crate::error::VaultError;
pub(crate) use sealing::{KEY_LEN, Key, aead, derived, hex, open, random, seal};

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
        let key =
            |purpose: &str| derived(master.expose_secret(), id.as_bytes(), purpose.as_bytes());
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_use_has_a_key_of_its_own() {
        let keys = Keys::derive(&vec![1; KEY_LEN].into(), "one").unwrap();
        let other = Keys::derive(&vec![1; KEY_LEN].into(), "two").unwrap();
        assert_ne!(keys.check(), hex(keys.database().as_ref()));
        assert_ne!(keys.check(), other.check());
    }
}
