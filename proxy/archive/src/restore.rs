//! A data folder brought back from a copy of it.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use secrecy::SecretString;
use vault::{Keyring, VaultError};

/// Why a data folder was not brought back. Nothing was changed by any of these.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RestoreError {
    /// The folder named is no copy of a data folder.
    #[error(
        "{folder} is no data folder of Zorgzegel (the file vault.id is not in it); name the folder that holds it"
    )]
    NoDataFolder {
        /// The folder named.
        folder: PathBuf,
    },
    /// There is something at the place where it should come.
    #[error("{folder} holds something already; move it away, or name another folder with data_dir")]
    Occupied {
        /// The data folder of the settings.
        folder: PathBuf,
    },
    /// A file could not be copied.
    #[error("copying to {folder} failed ({source}); look at the disk, and try again")]
    Copy {
        /// The data folder of the settings.
        folder: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Words, keyring or folder.
    #[error(transparent)]
    Vault(#[from] VaultError),
}

impl RestoreError {
    /// The same sentence in Dutch: what happened, and what to do.
    #[must_use]
    pub fn nl(&self) -> String {
        match self {
            Self::NoDataFolder { folder } => format!(
                "{} is geen gegevensmap van Zorgzegel (het bestand vault.id ontbreekt); noem de map waarin dat staat.",
                folder.display()
            ),
            Self::Occupied { folder } => format!(
                "In {} staat al iets; zet dat elders, of noem een andere map met data_dir.",
                folder.display()
            ),
            Self::Copy { folder, source } => format!(
                "Kopiëren naar {} mislukte ({source}); kijk naar de schijf en probeer het opnieuw.",
                folder.display()
            ),
            Self::Vault(error) => error.nl(),
        }
    }
}

/// What was brought back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Restored {
    /// The key alone: the data folder stood at its place.
    Key,
    /// The folder too, from a copy: what was still to be sent in it may have been sent since, and waits
    /// for a person.
    Copy,
}

/// Brings a data folder back from a copy of it, and gives the keyring its key by the words of the
/// recovery key. Where both are the same folder, nothing is copied: only the keyring was lost.
///
/// # Errors
/// [`RestoreError`].
pub fn restore(
    from: &Path,
    to: &Path,
    words: &SecretString,
    keyring: &dyn Keyring,
) -> Result<Restored, RestoreError> {
    if !from.join(CARD).is_file() {
        return Err(RestoreError::NoDataFolder { folder: from.to_owned() });
    }
    let same = match (from.canonicalize(), to.canonicalize()) {
        (Ok(from), Ok(to)) => from == to,
        _ => false,
    };
    if same {
        vault::restore(to, words, keyring)?;
        return Ok(Restored::Key);
    }
    let occupied = fs::read_dir(to).is_ok_and(|mut entries| entries.next().is_some());
    if occupied {
        return Err(RestoreError::Occupied { folder: to.to_owned() });
    }
    let failed = |source| RestoreError::Copy { folder: to.to_owned(), source };
    let aside = disk::temporary(to);
    let done = copy(from, &aside).map_err(failed).and_then(|()| {
        // The words are looked at before the folder stands at its place.
        vault::restore(&aside, words, keyring)?;
        // It is marked before it stands at its place, so that no engine opens it unmarked.
        vault::mark_restored(&aside)?;
        if to.exists() {
            fs::remove_dir(to).map_err(failed)?;
        }
        fs::rename(&aside, to).and_then(|()| disk::sync_folder(to)).map_err(failed)
    });
    if done.is_err() {
        let _ = fs::remove_dir_all(&aside);
    }
    done.map(|()| Restored::Copy)
}

/// Copies the files of a data folder, each synced. Locks and leftovers stay behind.
fn copy(from: &Path, to: &Path) -> io::Result<()> {
    disk::create_private_folder(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let name = entry.file_name();
        let text = name.to_string_lossy();
        let kind = entry.file_type()?;
        if kind.is_dir() && text == BODIES {
            copy(&entry.path(), &to.join(&name))?;
        } else if kind.is_file() && !text.ends_with(".lock") && !disk::is_temporary(&text) {
            let place = to.join(&name);
            let mut new = disk::create_private(&place)?;
            io::copy(&mut File::open(entry.path())?, &mut new)?;
            new.sync_all()?;
        }
    }
    Ok(())
}

const CARD: &str = "vault.id";
const BODIES: &str = "bodies";

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use mail::{Address, Envelope, Message, Recipient};
    use vault::{Choice, MemoryKeyring, NewHeld, State, Vault};

    use super::*;

    #[test]
    fn a_copy_of_the_folder_and_the_words_are_enough_on_another_computer() {
        let old = tempfile::tempdir().unwrap();
        let vault = Vault::open(old.path(), Arc::new(MemoryKeyring::new())).unwrap();
        let address = Address::parse("jan@praktijk.nl").unwrap();
        let held = NewHeld {
            account: address.clone(),
            envelope: Envelope {
                reverse_path: Some(address.clone()),
                params: Vec::new(),
                recipients: vec![Recipient { address, params: Vec::new() }],
            },
            message: Message::new(b"Subject: x\r\n\r\nstill here".to_vec()),
            evidence: "{}".to_owned(),
        };
        let now = "2026-01-01T00:00:00Z".parse().unwrap();
        let id = vault.hold(held, now).unwrap().id();
        vault.choose(id, Choice::Secure, now).unwrap();
        let words = vault.make_recovery_key(now).unwrap();
        drop(vault);

        let place = tempfile::tempdir().unwrap();
        let new = place.path().join("zorgzegel");
        let keyring = Arc::new(MemoryKeyring::new());
        let wrong = SecretString::from("aap noot mies");
        assert!(restore(old.path(), &new, &wrong, keyring.as_ref()).is_err());
        assert!(!new.exists() && fs::read_dir(place.path()).unwrap().next().is_none());
        let done = restore(old.path(), &new, &words, keyring.as_ref()).unwrap();
        assert_eq!(done, Restored::Copy);
        let vault = Vault::open(&new, keyring.clone()).unwrap();
        assert!(vault.read(id).unwrap().bytes().ends_with(b"still here"));
        // What was chosen may have been sent after the copy was made.
        let engine = vault.lock_engine(now).unwrap();
        assert!(vault.due(now).unwrap().is_empty());
        let held = vault.get(id).unwrap();
        assert!(held.in_state(State::Failed).all(|one| one.in_doubt), "a person looks");
        assert_eq!(held.in_state(State::Failed).count(), 1);
        drop((engine, vault));
        let key = restore(&new, &new, &words, keyring.as_ref()).unwrap();
        assert_eq!(key, Restored::Key);
        let again = restore(old.path(), &new, &words, keyring.as_ref());
        assert!(matches!(again, Err(RestoreError::Occupied { .. })));
        let nothing = restore(place.path(), &new, &words, keyring.as_ref());
        assert!(matches!(nothing, Err(RestoreError::NoDataFolder { .. })));
    }
}
