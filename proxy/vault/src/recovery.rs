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

use aws_lc_rs::digest::{SHA256, digest};
use jiff::Timestamp;
use keyring::{Keyring, KeyringError};
use sealing::words;
use secrecy::{ExposeSecret, SecretSlice, SecretString};
use zeroize::Zeroizing;

use crate::error::VaultError;
use crate::journal::Entry;
use crate::open::{Card, MASTER, Vault, entry_name, prepare_folder};
use crate::seal::{self, KEY_LEN, Keys};

/// Why words are no recovery key, or not this folder's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RecoveryError {
    /// There are too few or too many words.
    #[error(
        "a recovery key has {WORDS} words and these are {found}; type all of them in their order"
    )]
    Count {
        /// How many there are.
        found: usize,
    },
    /// A word is none of the list.
    #[error(
        "word {position} is none of the words that a recovery key is made of; look at its spelling"
    )]
    Unknown {
        /// Which word, from 1. It is not repeated: it may be a password typed by mistake.
        position: usize,
    },
    /// The words are known, and do not belong together.
    #[error(
        "these words do not belong together; look whether one is another or two changed places"
    )]
    Mistyped,
    /// A recovery key, and not the one of this folder.
    #[error(
        "this is a recovery key, and not the one of this data folder; look for the sheet that was made last"
    )]
    OfAnother,
    /// No recovery key was ever made for this folder.
    #[error(
        "this data folder has no recovery key (the file vault.recovery is not in it); without the keyring it cannot be read"
    )]
    NeverMade,
}

impl RecoveryError {
    /// The same sentence in Dutch: what happened, and what to do.
    #[must_use]
    pub fn nl(&self) -> String {
        match self {
            Self::Count { found } => format!("Een herstelsleutel heeft {WORDS} woorden en dit zijn er {found}; typ ze alle in hun volgorde."),
            Self::Unknown { position } => format!("Woord {position} komt in geen herstelsleutel voor; kijk of het goed gespeld is."),
            Self::Mistyped => "Deze woorden horen niet bij elkaar; kijk of er een ander woord staat of twee verwisseld zijn.".into(),
            Self::OfAnother => "Dit is een herstelsleutel, maar niet die van deze gegevensmap; zoek het blad dat het laatst is gemaakt.".into(),
            Self::NeverMade => "Bij deze gegevensmap is nooit een herstelsleutel gemaakt (het bestand vault.recovery ontbreekt); zonder de sleutelbos is zij niet te lezen.".into(),
        }
    }
}

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
        Ok(spoken(&key))
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
    words: &SecretString,
    keyring: &dyn Keyring,
) -> Result<(), VaultError> {
    let key = key_of(words.expose_secret())?;
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

/// The words of a key, with a check of two at the end.
fn spoken(key: &[u8; KEY_BYTES]) -> SecretString {
    let words: Vec<&str> = words::list().collect();
    let check = digest(&SHA256, key);
    let bytes = key.iter().chain(&check.as_ref()[..CHECK_BYTES]);
    let said: Vec<&str> = bytes.filter_map(|byte| words.get(usize::from(*byte)).copied()).collect();
    SecretString::from(said.join(" "))
}

/// The key that these words say. Case, line breaks, numbers before the words and punctuation are of no
/// account.
fn key_of(typed: &str) -> Result<Zeroizing<[u8; KEY_BYTES]>, RecoveryError> {
    let lower = Zeroizing::new(typed.to_lowercase());
    let typed: Vec<&str> = lower
        .split(|letter: char| !letter.is_alphabetic())
        .filter(|word| !word.is_empty())
        .collect();
    if typed.len() != WORDS {
        return Err(RecoveryError::Count { found: typed.len() });
    }
    let list: Vec<&str> = words::list().collect();
    let mut bytes = Zeroizing::new([0_u8; WORDS]);
    for ((byte, word), position) in bytes.iter_mut().zip(&typed).zip(1..) {
        let at = list.iter().position(|known| known == word);
        *byte =
            at.and_then(|at| u8::try_from(at).ok()).ok_or(RecoveryError::Unknown { position })?;
    }
    let mut key = Zeroizing::new([0; KEY_BYTES]);
    let (said, check) = bytes.split_at(KEY_BYTES);
    key.copy_from_slice(said);
    if digest(&SHA256, key.as_ref()).as_ref()[..CHECK_BYTES] != *check {
        return Err(RecoveryError::Mistyped);
    }
    Ok(key)
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
/// 128 bits: out of reach of guessing, and no more words than fit on a card.
const KEY_BYTES: usize = 16;
const CHECK_BYTES: usize = 2;
const WORDS: usize = KEY_BYTES + CHECK_BYTES;

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
    fn words_are_taken_as_people_type_them_and_a_slip_is_named() {
        let key = [7; KEY_BYTES];
        let words = spoken(&key);
        let words = words.expose_secret();
        assert_eq!(words.split(' ').count(), WORDS);
        let numbered: String = words
            .split(' ')
            .zip(1..)
            .map(|(word, at)| format!("{at}. {}\n", word.to_uppercase()))
            .collect();
        assert_eq!(*key_of(&numbered).unwrap(), key);
        let first = words.split(' ').next().unwrap();
        assert_eq!(key_of(first), Err(RecoveryError::Count { found: 1 }));
        assert_eq!(
            key_of(&words.replacen(first, "hunter", 1)),
            Err(RecoveryError::Unknown { position: 1 })
        );
        assert_eq!(key_of(&words.replacen(first, "zebra", 1)), Err(RecoveryError::Mistyped));
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
