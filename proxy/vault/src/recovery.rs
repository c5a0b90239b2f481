//! A lost keyring must not mean lost messages: the master key, sealed under a recovery key that lies
//! outside this computer.
//!
//! ```text
//! recovery key   128 random bits, shown once as 18 words (16 and a check of two), kept by the user
//! vault.recovery in the data folder: the master key, sealed (AES-256-GCM, bound to the vault's id)
//!                under HKDF-SHA256 of the recovery key
//! ```
//!
//! Only messages come back by it (and all else in the database). Passwords and private keys lie in the
//! keyring alone: accounts are given their passwords anew, identities are imported again.

use std::fs;
use std::path::Path;

use jiff::Timestamp;
use keyring::{Keyring, KeyringError};
pub use sealing::words::RecoveryError;
use sealing::words::{self, KEY_BYTES};
use secrecy::{ExposeSecret, SecretSlice, SecretString};
use zeroize::Zeroizing;

use crate::error::VaultError;
use crate::journal::Entry;
use crate::open::{Card, MASTER, Vault, entry_name, prepare_folder};
use crate::seal::{self, KEY_LEN, Keys};

impl Vault {
    /// Makes a recovery key and answers its words, to be shown once and kept by a person. An earlier
    /// one no longer opens this folder as it is; whoever has it *and* an old copy of `vault.recovery`
    /// still does, for the master key is the same.
    ///
    /// # Errors
    /// Where keyring or folder do not take part; an earlier recovery key then still stands.
    pub fn make_recovery_key(&self, now: Timestamp) -> Result<SecretString, VaultError> {
        let master = self.keyring.get(&entry_name(&self.id, MASTER))?;
        if Keys::derive(&master, &self.id)?.check() != self.keys.check() {
            return Err(VaultError::WrongKey);
        }
        let key = Zeroizing::new(seal::random::<KEY_BYTES>()?);
        let sealed = seal::seal(&wrapping(&key)?, self.id.as_bytes(), master.expose_secret())?;
        let text = format!("{HEADING}sealed = {}\n", seal::hex(&sealed));
        let who = crate::outbox::os_user();
        self.append(&Entry::RecoveryKeyMade { who }, now)?;
        disk::replace(&self.folder.join(FILE), text.as_bytes())
            .map_err(VaultError::io("writing vault.recovery"))?;
        Ok(SecretString::from(words::spoken(&key).as_str()))
    }

    /// Whether a recovery key was made for this folder.
    #[must_use]
    pub fn has_recovery_key(&self) -> bool {
        self.folder.join(FILE).exists()
    }
}

/// Gives the keyring the master key of a data folder back, by its recovery key. The folder opens as
/// ever afterwards. A keyring that has another key under this name keeps it, and it is said.
///
/// # Errors
/// [`VaultError::Recovery`] where the words are not right; every error of folder and keyring.
/// Nothing in the folder was changed.
pub fn restore(
    folder: &Path,
    said: &SecretString,
    keyring: &dyn Keyring,
) -> Result<(), VaultError> {
    let key = words::key_of(said.expose_secret())?;
    prepare_folder(folder)?;
    let card = Card::read(folder)?;
    let Some(Card { id, check: Some(check) }) = card else {
        return Err(VaultError::corrupt("the file vault.id"));
    };
    let text = match fs::read_to_string(folder.join(FILE)) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Err(RecoveryError::NeverMade.into());
        }
        Err(error) => return Err(VaultError::io("reading vault.recovery")(error)),
    };
    let sealed = sealed_of(&text).ok_or_else(|| VaultError::corrupt("the file vault.recovery"))?;
    let master = seal::open(&wrapping(&key)?, id.as_bytes(), &sealed)
        .filter(|master| master.len() == KEY_LEN)
        .ok_or(RecoveryError::OfAnother)?;
    let master = SecretSlice::from(master.to_vec());
    if Keys::derive(&master, &id)?.check() != check {
        return Err(RecoveryError::OfAnother.into());
    }
    let name = entry_name(&id, MASTER);
    match keyring.get(&name) {
        Ok(known) if known.expose_secret() == master.expose_secret() => return Ok(()),
        Ok(_) => return Err(VaultError::WrongKey),
        Err(KeyringError::NoEntry) => {}
        Err(error) => return Err(error.into()),
    }
    keyring.set(&name, master.expose_secret())?;
    Ok(())
}

fn wrapping(key: &[u8; KEY_BYTES]) -> Result<aws_lc_rs::aead::LessSafeKey, VaultError> {
    Ok(seal::aead(seal::derived(key, &[], b"zorgzegel recovery 1")?.as_ref())?)
}

fn sealed_of(text: &str) -> Option<Vec<u8>> {
    let value = text.lines().find_map(|line| line.strip_prefix("sealed = "))?.trim();
    // A sealed key has 60 bytes; a file of another length is another file.
    if value.len() > 200 || value.len() % 2 != 0 || !value.is_ascii() {
        return None;
    }
    (0..value.len()).step_by(2).map(|at| u8::from_str_radix(&value[at..at + 2], 16).ok()).collect()
}

const FILE: &str = "vault.recovery";
const HEADING: &str = "# The key of this folder, sealed under the recovery key that its user keeps. No secret by itself.\n";

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use keyring::MemoryKeyring;

    use super::*;
    use crate::tests::{at, hold, open, vault_and_keyring};

    #[test]
    fn a_lost_keyring_is_not_lost_mail() {
        let (folder, _keyring, vault) = vault_and_keyring();
        let id = hold(&vault, "still here", at(1));
        let words = vault.make_recovery_key(at(2)).unwrap();
        assert!(vault.has_recovery_key());
        drop(vault);
        let empty = Arc::new(MemoryKeyring::new());
        assert!(matches!(open(&folder, &empty), Err(VaultError::KeyLost)));
        restore(folder.path(), &words, empty.as_ref()).unwrap();
        let vault = open(&folder, &empty).unwrap();
        assert!(vault.read(id).is_ok());
        restore(folder.path(), &words, empty.as_ref()).unwrap();
    }

    #[test]
    fn only_the_last_key_of_this_folder_opens_it_and_another_keyring_entry_is_left_alone() {
        let (folder, keyring, vault) = vault_and_keyring();
        let (other, _, elsewhere) = vault_and_keyring();
        let old = vault.make_recovery_key(at(1)).unwrap();
        let empty = MemoryKeyring::new();
        let never = restore(other.path(), &old, &empty);
        assert!(matches!(never, Err(VaultError::Recovery(RecoveryError::NeverMade))));
        elsewhere.make_recovery_key(at(1)).unwrap();
        let foreign = restore(other.path(), &old, &empty);
        assert!(matches!(foreign, Err(VaultError::Recovery(RecoveryError::OfAnother))));
        let new = vault.make_recovery_key(at(2)).unwrap();
        let stale = restore(folder.path(), &old, &empty);
        assert!(matches!(stale, Err(VaultError::Recovery(RecoveryError::OfAnother))));
        keyring.set(&entry_name(&vault.id, MASTER), &[1; KEY_LEN]).unwrap();
        assert!(matches!(
            restore(folder.path(), &new, keyring.as_ref()),
            Err(VaultError::WrongKey)
        ));
    }
}
