//! Who chose what, which checks held, and when: append-only, and every line bound to the one
//! before.
//!
//! Each line carries `HMAC-SHA256(key, code before || number || time || text)`. A changed, removed
//! or reordered line breaks the chain. The number of lines and the last code are sealed in the
//! database and once more in the file `journal.head`, so that a database put back from an older
//! copy is found while that file is the newer one. Limits: who has the keyring's master key can
//! write a new chain, and who puts back database *and* `journal.head` together from one older copy
//! is not found. No line holds content or a subject; addresses may stand in it, for the journal is
//! encrypted.

mod entry;

use std::collections::HashMap;
use std::fs;
use std::io::Write;

use aws_lc_rs::hmac;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};
use serde::{Deserialize, Serialize};

use crate::error::{SecretKind, VaultError};
use crate::open::Vault;
use crate::seal::{self, Keys};
use crate::time;

pub use entry::Entry;

/// One line of the journal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Line {
    /// Its number, from 1.
    pub seq: u64,
    /// When, as the clock said. Lines are ordered by number: a clock can be set back.
    pub at: Timestamp,
    /// What happened.
    pub entry: Entry,
    /// The code that binds it to the line before, in hexadecimal.
    pub mac: String,
}

/// What [`Vault::verify_journal`] found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum JournalState {
    /// Every line is as it was written, in its place, and none is missing.
    Whole {
        /// How many lines there are.
        entries: u64,
    },
    /// The chain is broken.
    Broken {
        /// The number of the first line that does not hold.
        at: u64,
        /// What is wrong there.
        fault: JournalFault,
    },
}

/// How a journal was tampered with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum JournalFault {
    /// The line is not what was written.
    Changed,
    /// A line is missing before the next one.
    Removed,
    /// Another line stands in its place.
    Reordered,
    /// Lines at the end are missing, or the whole was put back from an older copy.
    CutShort,
    /// The sealed length is missing or damaged.
    Head,
}

impl Vault {
    /// Adds a line. The steps of the outbox write their own lines; this is for all else.
    ///
    /// # Errors
    /// Where it cannot be kept.
    pub fn append(&self, entry: &Entry, now: Timestamp) -> Result<(), VaultError> {
        self.change(|change| change.journal(entry, now))
    }

    /// Looks whether the journal is as it was written. A broken journal is a verdict, not an error.
    ///
    /// # Errors
    /// Where it cannot be read at all.
    pub fn verify_journal(&self) -> Result<JournalState, VaultError> {
        // The file is read first: it may lag behind the database, never run ahead.
        let beside = self.read_head_file();
        self.look(|database| {
            let rows = rows(database)?;
            let sealed: Option<Vec<u8>> =
                database.query_row("SELECT sealed FROM head", [], |row| row.get(0)).optional()?;
            let head = sealed.and_then(|sealed| Head::open(&self.keys, IN_DATABASE, &sealed));
            Ok(judge(&self.keys, &rows, head.as_ref(), beside.as_ref()))
        })
    }

    /// All lines in their order, to be written as JSON lines.
    ///
    /// # Errors
    /// Where a line cannot be read.
    pub fn export_journal(&self) -> Result<Vec<Line>, VaultError> {
        let rows = self.look(rows)?;
        rows.into_iter()
            .map(|row| {
                Ok(Line {
                    seq: row.seq,
                    at: time::from_ms(row.at),
                    entry: serde_json::from_str(&row.text)
                        .map_err(|_| VaultError::corrupt(format!("journal line {}", row.seq)))?,
                    mac: seal::hex(&row.mac),
                })
            })
            .collect()
    }

    /// Seals an empty journal where there is none yet.
    pub(crate) fn start_journal(&self) -> Result<(), VaultError> {
        let started = self.look(|database| {
            let either = "SELECT 1 FROM head UNION ALL SELECT 1 FROM journal LIMIT 1";
            Ok(database.query_row(either, [], |_| Ok(())).optional()?.is_some())
        })?;
        if started {
            return Ok(());
        }
        let head = Head::default();
        let sealed = head.seal(&self.keys, BESIDE)?;
        let bytes = [HEAD_MAGIC, sealed.as_slice()].concat();
        disk::replace(&self.folder.join(HEAD_FILE), &bytes)
            .map_err(VaultError::io("writing journal.head"))?;
        self.change(|change| head.store(change, &self.keys))
    }

    /// Overwrites the head file in place: its length never changes and lies within one sector, so
    /// a power cut leaves the old or the new. Not synced: it may lag behind.
    pub(crate) fn write_head_file(&self, head: &Head) {
        let written = head.seal(&self.keys, BESIDE).and_then(|sealed| {
            let bytes = [HEAD_MAGIC, sealed.as_slice()].concat();
            fs::OpenOptions::new()
                .write(true)
                .open(self.folder.join(HEAD_FILE))
                .and_then(|mut file| file.write_all(&bytes))
                .map_err(VaultError::io("writing journal.head"))
        });
        if let Err(error) = written {
            tracing::warn!(%error, "journal.head lags behind");
        }
    }

    fn read_head_file(&self) -> Option<Head> {
        let bytes = fs::read(self.folder.join(HEAD_FILE)).ok()?;
        Head::open(&self.keys, BESIDE, bytes.strip_prefix(HEAD_MAGIC)?)
    }
}

/// Adds a line within a transaction and answers the new head.
pub(crate) fn add(
    database: &Connection,
    keys: &Keys,
    entry: &Entry,
    now: Timestamp,
) -> Result<Head, VaultError> {
    let sealed: Vec<u8> = database
        .query_row("SELECT sealed FROM head", [], |row| row.get(0))
        .optional()?
        .ok_or_else(|| VaultError::corrupt("the journal's head"))?;
    let head = Head::open(keys, IN_DATABASE, &sealed)
        .ok_or_else(|| VaultError::corrupt("the journal's head"))?;
    let text = serde_json::to_string(entry).map_err(|_| VaultError::corrupt("a journal entry"))?;
    let mut row = Row { seq: head.count + 1, at: now.as_millisecond(), text, mac: Vec::new() };
    row.mac = row.code(keys, &head.mac);
    database
        .prepare_cached("INSERT INTO journal (seq, at, entry, mac) VALUES (?1, ?2, ?3, ?4)")?
        .execute(params![row.seq as i64, row.at, row.text, row.mac])?;
    let head = Head { count: row.seq, mac: row.mac };
    head.store(database, keys)?;
    Ok(head)
}

/// How long the journal is and where it ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Head {
    count: u64,
    mac: Vec<u8>,
}

impl Default for Head {
    fn default() -> Self {
        Self { count: 0, mac: vec![0; MAC_LEN] }
    }
}

impl Head {
    fn seal(&self, keys: &Keys, place: &[u8]) -> Result<Vec<u8>, VaultError> {
        let plain = [&self.count.to_be_bytes(), self.mac.as_slice()].concat();
        Ok(seal::seal(keys.head(), place, &plain)?)
    }

    fn open(keys: &Keys, place: &[u8], sealed: &[u8]) -> Option<Self> {
        let plain = seal::open(keys.head(), place, sealed)?;
        let (count, mac) = plain.split_first_chunk::<8>()?;
        Some(Self { count: u64::from_be_bytes(*count), mac: mac.to_vec() })
    }

    fn store(&self, database: &Connection, keys: &Keys) -> Result<(), VaultError> {
        let sealed = self.seal(keys, IN_DATABASE)?;
        database
            .prepare_cached(
                "INSERT INTO head (one, sealed) VALUES (1, ?1)
                 ON CONFLICT (one) DO UPDATE SET sealed = excluded.sealed",
            )?
            .execute([sealed])?;
        Ok(())
    }
}

struct Row {
    seq: u64,
    at: i64,
    text: String,
    mac: Vec<u8>,
}

impl Row {
    fn code(&self, keys: &Keys, before: &[u8]) -> Vec<u8> {
        self.code_at(self.seq, keys, before)
    }

    fn code_at(&self, seq: u64, keys: &Keys, before: &[u8]) -> Vec<u8> {
        let mut context = hmac::Context::with_key(keys.journal());
        context.update(before);
        context.update(&seq.to_be_bytes());
        context.update(&self.at.to_be_bytes());
        context.update(self.text.as_bytes());
        context.sign().as_ref().to_vec()
    }
}

fn rows(database: &Connection) -> Result<Vec<Row>, VaultError> {
    let mut statement = database.prepare("SELECT seq, at, entry, mac FROM journal ORDER BY seq")?;
    let rows = statement.query_map([], |row| {
        Ok(Row {
            // A number below zero was never written: it becomes one that is out of place.
            seq: u64::try_from(row.get::<_, i64>(0)?).unwrap_or(0),
            at: row.get(1)?,
            text: row.get(2)?,
            mac: row.get(3)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn judge(keys: &Keys, rows: &[Row], head: Option<&Head>, beside: Option<&Head>) -> JournalState {
    let broken = |at, fault| JournalState::Broken { at, fault };
    let mut codes = HashMap::from([(0, Head::default().mac)]);
    let mut before = Head::default().mac;
    for (expected, (index, row)) in (1_u64..).zip(rows.iter().enumerate()) {
        if row.seq != expected {
            return broken(expected, JournalFault::Removed);
        }
        if row.code(keys, &before) != row.mac {
            let moved = |other: &Row| other.code_at(expected, keys, &before) == other.mac;
            let fault = if rows[index..].iter().any(moved) {
                JournalFault::Reordered
            } else {
                JournalFault::Changed
            };
            return broken(expected, fault);
        }
        before.clone_from(&row.mac);
        codes.insert(expected, row.mac.clone());
    }
    let entries = rows.len() as u64;
    for head in [head, beside] {
        let Some(head) = head else {
            return broken(entries, JournalFault::Head);
        };
        match codes.get(&head.count) {
            None => return broken(entries + 1, JournalFault::CutShort),
            Some(code) if *code != head.mac => return broken(head.count, JournalFault::Changed),
            Some(_) => {}
        }
    }
    // The database's own head never lags.
    if head.is_some_and(|head| head.count != entries) {
        return broken(entries, JournalFault::Head);
    }
    JournalState::Whole { entries }
}

impl From<SecretKind> for &'static str {
    fn from(kind: SecretKind) -> Self {
        match kind {
            SecretKind::Provider => "provider",
            SecretKind::Gateway => "gateway",
            SecretKind::Local => "local",
            SecretKind::Identity => "identity",
            SecretKind::Own => "own",
        }
    }
}

/// The head's second place, in the data folder.
pub(crate) const HEAD_FILE: &str = "journal.head";
const HEAD_MAGIC: &[u8] = b"ZZHEAD01";
const IN_DATABASE: &[u8] = b"head in database";
const BESIDE: &[u8] = b"head beside";
const MAC_LEN: usize = 32;

#[cfg(test)]
#[path = "journal_tests.rs"]
mod tests;
