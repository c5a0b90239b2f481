use std::collections::{HashMap, HashSet};
use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use jiff::Timestamp;
use keyring::{Keyring, KeyringError};
use rusqlite::{Connection, Transaction, TransactionBehavior};
use secrecy::{ExposeSecret, SecretSlice};
use ulid::Ulid;
use zeroize::Zeroizing;

use crate::error::VaultError;
use crate::journal::{Entry, Head};
use crate::schema;
use crate::seal::{self, KEY_LEN, Keys};

/// All that is kept, opened with the master key from the keyring.
///
/// Several processes may have the same vault open; only one of them is the engine
/// ([`Vault::lock_engine`]). All methods block, and when one that keeps something answers `Ok`, it
/// lies synced on disk. Share it as `Arc<Vault>`.
pub struct Vault {
    pub(crate) folder: PathBuf,
    pub(crate) id: String,
    pub(crate) keyring: Arc<dyn Keyring>,
    pub(crate) keys: Keys,
    pub(crate) secrets: Mutex<HashMap<String, (i64, SecretSlice<u8>)>>,
    database: Mutex<Connection>,
    last_id: Mutex<Ulid>,
}

/// Proof that this process is the engine of its vault; ends when dropped.
#[derive(Debug)]
pub struct EngineLock {
    _file: File,
}

impl EngineLock {
    /// Makes this process the engine of the vault in this folder, which need not be open yet: the
    /// keyring may still be locked when the engine starts. Call [`Vault::recover`] once it is open.
    /// Commands such as `account add` need no lock.
    ///
    /// # Errors
    /// [`VaultError::EngineRuns`] where another process is the engine.
    pub fn take(folder: &Path) -> Result<Self, VaultError> {
        prepare_folder(folder)?;
        let file = open_lock(&folder.join("engine.lock"))?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => Err(VaultError::EngineRuns),
            Err(TryLockError::Error(error)) => {
                Err(VaultError::io("locking the data folder")(error))
            }
        }
    }
}

impl core::fmt::Debug for Vault {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Vault").finish_non_exhaustive()
    }
}

impl Vault {
    /// Opens the vault in a data folder; makes folder, key and database where there is nothing yet.
    ///
    /// A master key is made only where the folder holds nothing encrypted. A keyring that has no
    /// key for a folder that does is [`VaultError::KeyLost`], never a first run: a keyring that was
    /// unlocked with a wrong password answers "no entry" too.
    ///
    /// # Errors
    /// Every [`VaultError`] of keyring, folder and database. Nothing is reset by any of them, and
    /// the call may be tried again.
    pub fn open(data_dir: &Path, keyring: Arc<dyn Keyring>) -> Result<Self, VaultError> {
        let fresh = prepare_folder(data_dir)?;
        let lock = open_lock(&data_dir.join("open.lock"))?;
        lock_patiently(&lock)?;
        if fresh {
            disk::sync_folder(data_dir).map_err(VaultError::io("syncing the data folder"))?;
        }
        let card = Card::read(data_dir)?;
        let (id, keys) = match card {
            Some(Card { id, check: Some(check) }) => {
                let keys = Keys::derive(&known_master(keyring.as_ref(), &id)?, &id)?;
                if keys.check() != check {
                    return Err(VaultError::WrongKey);
                }
                (id, keys)
            }
            card => first_run(data_dir, keyring.as_ref(), card)?,
        };
        let path = data_dir.join(DATABASE);
        // The head file is made after the database: it tells that there was one.
        if !path.exists() && data_dir.join(crate::journal::HEAD_FILE).exists() {
            return Err(VaultError::corrupt("the database (it is gone)"));
        }
        let database = schema::open(&path, keys.database())?;
        let last_id = last_id(&database)?;
        let vault = Self {
            folder: data_dir.to_owned(),
            id,
            keyring,
            keys,
            secrets: Mutex::default(),
            database: Mutex::new(database),
            last_id: Mutex::new(last_id),
        };
        vault.start_journal()?;
        drop(lock);
        Ok(vault)
    }

    /// Makes this process the engine and puts right what an earlier one left: [`EngineLock::take`]
    /// and [`recover`](Self::recover) in one. Hold the answer for as long as the engine runs.
    ///
    /// # Errors
    /// [`VaultError::EngineRuns`] where another process is the engine.
    pub fn lock_engine(&self, now: Timestamp) -> Result<EngineLock, VaultError> {
        let lock = EngineLock::take(&self.folder)?;
        self.recover(&lock, now)?;
        Ok(lock)
    }

    /// Puts right what an engine left that was killed: hand-overs whose end was not seen become "in
    /// doubt" (a person decides; they are not tried again by themselves), leftover files are swept.
    /// In a folder that was brought back from a copy ([`mark_restored`](crate::mark_restored)) whatever
    /// was still to be sent becomes "in doubt" too.
    /// For the engine alone, once, before its first delivery.
    ///
    /// # Errors
    /// Where it cannot be done; it may be tried again.
    pub fn recover(&self, _proof: &EngineLock, now: Timestamp) -> Result<(), VaultError> {
        self.doubt_restored(now)?;
        self.doubt_unfinished(now)?;
        self.sweep()
    }

    /// The folder in which everything is kept.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Runs a look-up.
    pub(crate) fn look<T>(
        &self,
        look: impl FnOnce(&Connection) -> Result<T, VaultError>,
    ) -> Result<T, VaultError> {
        look(&self.database())
    }

    /// Runs a change: all of it is kept and synced, or nothing.
    pub(crate) fn change<T>(
        &self,
        change: impl FnOnce(&mut Change<'_>) -> Result<T, VaultError>,
    ) -> Result<T, VaultError> {
        let mut database = self.database();
        let transaction = database.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut running = Change { transaction, keys: &self.keys, head: None };
        let result = change(&mut running)?;
        let Change { transaction, head, .. } = running;
        transaction.commit()?;
        if let Some(head) = head {
            self.write_head_file(&head);
        }
        Ok(result)
    }

    /// The next id of a held message: later than every one before, also where the clock was set
    /// back.
    pub(crate) fn next_id(&self, now: Timestamp) -> Result<Ulid, VaultError> {
        let mut last = lock(&self.last_id);
        let now = u64::try_from(now.as_millisecond()).unwrap_or(0);
        let mut random = [0; 16];
        random[6..].copy_from_slice(&seal::random::<10>()?);
        let next = if now > last.timestamp_ms() {
            Ulid::from_parts(now, u128::from_be_bytes(random))
        } else {
            Ulid(last.0.saturating_add(1))
        };
        *last = next;
        Ok(next)
    }

    pub(crate) fn body_path(&self, name: &str) -> PathBuf {
        self.folder.join(BODIES).join(name)
    }

    /// Held while a body's file is written and its row is not yet there, so that no sweep of
    /// another process takes it for a leftover.
    pub(crate) fn writing_bodies(&self) -> Result<File, VaultError> {
        let file = open_lock(&self.folder.join("bodies.lock"))?;
        file.lock_shared().map_err(VaultError::io("locking the data folder"))?;
        Ok(file)
    }

    /// Removes leftovers of writers that were killed: files that no row speaks of were never
    /// acknowledged. Does nothing while anyone writes.
    fn sweep(&self) -> Result<(), VaultError> {
        let lock = open_lock(&self.folder.join("bodies.lock"))?;
        if lock.try_lock().is_err() {
            return Ok(());
        }
        let known: HashSet<String> = self.look(|database| {
            let mut rows = database.prepare("SELECT file FROM body")?;
            let names = rows.query_map([], |row| row.get(0))?;
            Ok(names.collect::<Result<_, _>>()?)
        })?;
        let io = || VaultError::io("sweeping the data folder");
        let mut swept = 0_usize;
        for folder in [self.folder.clone(), self.folder.join(BODIES)] {
            let in_bodies = folder.ends_with(BODIES);
            for entry in fs::read_dir(&folder).map_err(io())? {
                let entry = entry.map_err(io())?;
                let name = entry.file_name().to_string_lossy().into_owned();
                let leftover = disk::is_temporary(&name) || in_bodies && !known.contains(&name);
                if leftover && entry.file_type().is_ok_and(|kind| kind.is_file()) {
                    fs::remove_file(entry.path()).map_err(io())?;
                    swept += 1;
                }
            }
        }
        if swept > 0 {
            tracing::info!(swept, "leftover files removed");
        }
        Ok(())
    }

    fn database(&self) -> MutexGuard<'_, Connection> {
        lock(&self.database)
    }
}

/// A running transaction that can also write journal lines.
pub(crate) struct Change<'v> {
    transaction: Transaction<'v>,
    keys: &'v Keys,
    head: Option<Head>,
}

impl Change<'_> {
    /// Adds a line to the journal within this change.
    pub(crate) fn journal(&mut self, entry: &Entry, now: Timestamp) -> Result<(), VaultError> {
        let head = crate::journal::add(&self.transaction, self.keys, entry, now)?;
        self.head = Some(head);
        Ok(())
    }
}

impl core::ops::Deref for Change<'_> {
    type Target = Connection;
    fn deref(&self) -> &Connection {
        &self.transaction
    }
}

/// A mutex whose data is whole between statements: a panic elsewhere does not spoil it.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The name under which the keyring files a secret of this vault.
pub(crate) fn entry_name(id: &str, what: &str) -> String {
    format!("{id}/{what}")
}

fn known_master(keyring: &dyn Keyring, id: &str) -> Result<SecretSlice<u8>, VaultError> {
    match keyring.get(&entry_name(id, MASTER)) {
        Ok(master) if master.expose_secret().len() == KEY_LEN => Ok(master),
        Ok(_) => Err(KeyringError::Corrupt.into()),
        Err(KeyringError::NoEntry) => Err(VaultError::KeyLost),
        Err(error) => Err(error.into()),
    }
}

/// Makes id and master key for a folder that holds nothing encrypted.
fn first_run(
    folder: &Path,
    keyring: &dyn Keyring,
    card: Option<Card>,
) -> Result<(String, Keys), VaultError> {
    if holds_anything(folder)? {
        return Err(VaultError::KeyLost);
    }
    let id = match card {
        Some(card) => card.id,
        None => seal::hex(&seal::random::<16>()?),
    };
    // The id is on disk before the keyring has an entry of that name, so none is orphaned.
    Card { id: id.clone(), check: None }.write(folder)?;
    let name = entry_name(&id, MASTER);
    let master = match keyring.get(&name) {
        Ok(master) if master.expose_secret().len() == KEY_LEN => master,
        Ok(_) => return Err(KeyringError::Corrupt.into()),
        Err(KeyringError::NoEntry) => {
            let master = Zeroizing::new(seal::random::<KEY_LEN>()?);
            keyring.set(&name, master.as_ref())?;
            // A keyring that forgets is found here, before anything is encrypted.
            let kept = keyring.get(&name)?;
            if kept.expose_secret() != master.as_ref() {
                return Err(KeyringError::Corrupt.into());
            }
            kept
        }
        Err(error) => return Err(error.into()),
    };
    let keys = Keys::derive(&master, &id)?;
    let check = Some(keys.check());
    let card = Card { id, check };
    card.write(folder)?;
    Ok((card.id, keys))
}

/// Whether the folder holds data that some key encrypted.
fn holds_anything(folder: &Path) -> Result<bool, VaultError> {
    if folder.join(DATABASE).exists() || folder.join(crate::journal::HEAD_FILE).exists() {
        return Ok(true);
    }
    let mut bodies =
        fs::read_dir(folder.join(BODIES)).map_err(VaultError::io("reading the data folder"))?;
    Ok(bodies.next().is_some())
}

/// Makes the data folder, its owner's alone. Answers whether it is new.
pub(crate) fn prepare_folder(folder: &Path) -> Result<bool, VaultError> {
    let io = || VaultError::io("making the data folder");
    let fresh = !folder.exists();
    disk::create_private_folder(folder).map_err(io())?;
    if disk::is_open_to_others(folder).map_err(io())? {
        // Someone else's folder, named by mistake, does not lose its rights to us.
        let ours = folder.join(CARD).exists();
        let empty = fs::read_dir(folder).map_err(io())?.next().is_none();
        if !ours && !empty {
            return Err(VaultError::OpenFolder { path: folder.to_owned() });
        }
        disk::shut_to_others(folder).map_err(io())?;
    }
    disk::create_private_folder(&folder.join(BODIES)).map_err(io())?;
    Ok(fresh)
}

/// The file `vault.id`: which entries of the keyring are this vault's.
pub(crate) struct Card {
    pub(crate) id: String,
    /// Written once the master key is safe in the keyring: from then on it must be there.
    pub(crate) check: Option<String>,
}

impl Card {
    pub(crate) fn read(folder: &Path) -> Result<Option<Self>, VaultError> {
        let text = match fs::read_to_string(folder.join(CARD)) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(VaultError::io("reading vault.id")(error)),
        };
        let value = |key: &str, length: usize| {
            text.lines()
                .filter_map(|line| line.split_once('='))
                .find(|(name, _)| name.trim() == key)
                .map(|(_, value)| value.trim().to_owned())
                .filter(|value| {
                    value.len() == length && value.bytes().all(|byte| byte.is_ascii_hexdigit())
                })
        };
        let id = value("id", 32).ok_or_else(|| VaultError::corrupt("the file vault.id"))?;
        let check = value("check", 2 * KEY_LEN);
        if check.is_none() && text.contains("check") {
            return Err(VaultError::corrupt("the file vault.id"));
        }
        Ok(Some(Self { id, check }))
    }

    fn write(&self, folder: &Path) -> Result<(), VaultError> {
        let mut text = format!(
            "# Which entries of the keyring belong to this folder. No secret; do not remove.\nid = {}\n",
            self.id
        );
        if let Some(check) = &self.check {
            text.push_str(&format!("check = {check}\n"));
        }
        disk::replace(&folder.join(CARD), text.as_bytes())
            .map_err(VaultError::io("writing vault.id"))
    }
}

fn last_id(database: &Connection) -> Result<Ulid, VaultError> {
    let last: Option<String> =
        database.query_row(
        "SELECT max(id) FROM (SELECT max(id) AS id FROM message UNION ALL SELECT max(held) FROM archive)",
        [],
        |row| row.get(0),
    )?;
    match last {
        None => Ok(Ulid::nil()),
        Some(text) => Ulid::from_string(&text).map_err(|_| VaultError::corrupt("the database")),
    }
}

fn open_lock(path: &Path) -> Result<File, VaultError> {
    disk::open_private(path).map_err(VaultError::io("locking the data folder"))
}

/// Another process that opens the vault may wait for its keyring.
fn lock_patiently(file: &File) -> Result<(), VaultError> {
    for _ in 0..LOCK_TRIES {
        match file.try_lock() {
            Ok(()) => return Ok(()),
            Err(TryLockError::WouldBlock) => thread::sleep(LOCK_PAUSE),
            Err(TryLockError::Error(error)) => {
                return Err(VaultError::io("locking the data folder")(error));
            }
        }
    }
    Err(VaultError::Busy)
}

const CARD: &str = "vault.id";
const DATABASE: &str = "vault.db";
const BODIES: &str = "bodies";
pub(crate) const MASTER: &str = "master";

/// 30 seconds in all: somewhat longer than a keyring is waited for.
const LOCK_TRIES: u32 = 600;
const LOCK_PAUSE: Duration = Duration::from_millis(50);

#[cfg(test)]
#[path = "open_tests.rs"]
mod tests;
