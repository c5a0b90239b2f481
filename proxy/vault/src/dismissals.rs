//! What people said of findings: "that is not right". Of the words only a keyed hash is kept.
//!
//! The hash is `HMAC-SHA256(key, kind || 0 || words)` under a random key that lies wrapped in the
//! database and goes when the last of them is forgotten. Limits: who has the key can ask of any word whether
//! it was dismissed, and words are few; without the master key in the keyring nobody has it. How
//! words are written the same each time is the caller's part.

use core::fmt;
use core::str::FromStr;
use std::collections::{HashMap, HashSet};

use aws_lc_rs::hmac;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};
use serde::Serialize;

use crate::error::VaultError;
use crate::journal::Entry;
use crate::open::{Change, Vault};
use crate::outbox::HeldId;
use crate::seal::{self, KEY_LEN, Keys};
use crate::time;

/// Which finding: the first 16 bytes of the keyed hash of its kind and words, in hexadecimal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(into = "String")]
pub struct FindingId([u8; HASH]);

/// A text that names no finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "this names no dismissed finding: it has 32 digits and letters a to f; copy it from `zorgzegel dismissals list`"
)]
pub struct FindingIdError;

/// A finding that was dismissed, without its words: nobody knows them any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Dismissal {
    /// Which.
    pub id: FindingId,
    /// What it is, in the detector's word.
    pub kind: String,
    /// In how many messages it was dismissed, [`MOST`] at most.
    pub count: u32,
    /// When it was last.
    pub last_at: Timestamp,
}

/// All dismissals at one moment, to be asked while mail is judged.
#[derive(Debug, Default)]
pub struct Snapshot {
    key: Option<hmac::Key>,
    counts: HashMap<FindingId, u32>,
}

impl Snapshot {
    /// Which finding these words are; `None` where nothing was dismissed yet, so there is no key.
    #[must_use]
    pub fn id(&self, kind: &str, words: &str) -> Option<FindingId> {
        self.key.as_ref().map(|key| hash(key, kind, words))
    }

    /// How often a finding of this kind and these words was dismissed.
    #[must_use]
    pub fn times(&self, kind: &str, words: &str) -> u32 {
        let id = if self.counts.is_empty() { None } else { self.id(kind, words) };
        id.and_then(|id| self.counts.get(&id)).copied().unwrap_or(0)
    }
}

impl Vault {
    /// All dismissals as they are now, with a key also where there was none yet: it names findings
    /// that nobody dismissed.
    ///
    /// # Errors
    /// Where they cannot be read, or the key cannot be kept.
    pub fn dismissal_snapshot(&self) -> Result<Snapshot, VaultError> {
        let known = self.look(|database| key(database, &self.keys))?;
        let key = match known {
            Some(key) => key,
            None => self.change(|change| key_or_new(change, &self.keys))?,
        };
        let counts = self.dismissals()?.into_iter().map(|one| (one.id, one.count)).collect();
        Ok(Snapshot { key: Some(key), counts })
    }

    /// Which findings a person dismissed in this message.
    ///
    /// # Errors
    /// Where they cannot be read.
    pub fn dismissed_in(&self, message: HeldId) -> Result<HashSet<FindingId>, VaultError> {
        self.look(|database| {
            let mut statement = database.prepare_cached(
                "SELECT hash FROM dismissed JOIN message ON seq = message WHERE id = ?1",
            )?;
            let found =
                statement.query_map([message.to_string()], |row| row.get(0).map(FindingId))?;
            Ok(found.collect::<Result<_, _>>()?)
        })
    }

    /// Keeps that a finding of this message is not right. In one message it counts once, however
    /// often it is said. Journalled in the same step.
    ///
    /// # Errors
    /// [`VaultError::UnknownMessage`], or where it cannot be kept; nothing is changed then.
    pub fn dismiss(
        &self,
        message: HeldId,
        (kind, words): (&str, &str),
        who: &str,
        now: Timestamp,
    ) -> Result<FindingId, VaultError> {
        self.change(|change| {
            let key = key_or_new(change, &self.keys)?;
            let id = hash(&key, kind, words);
            let seq = seq(change, message)?;
            let new = change
                .prepare_cached("INSERT OR IGNORE INTO dismissed (message, hash) VALUES (?1, ?2)")?
                .execute(params![seq, id.0])?;
            if new == 0 {
                return Ok(id);
            }
            change.prepare_cached(include_str!("schema/dismissal-add.sql"))?.execute(params![
                id.0,
                kind,
                now.as_millisecond(),
                MOST
            ])?;
            change.journal(&said(message, who, id, kind, false), now)?;
            Ok(id)
        })
    }

    /// Takes back what was said of a finding of this message; answers whether it was said.
    /// Journalled in the same step.
    ///
    /// # Errors
    /// [`VaultError::UnknownMessage`], or where it cannot be kept; nothing is changed then.
    pub fn undo_dismissal(
        &self,
        message: HeldId,
        id: FindingId,
        who: &str,
        now: Timestamp,
    ) -> Result<bool, VaultError> {
        self.change(|change| {
            let seq = seq(change, message)?;
            let gone = change
                .prepare_cached("DELETE FROM dismissed WHERE message = ?1 AND hash = ?2")?
                .execute(params![seq, id.0])?;
            if gone == 0 {
                return Ok(false);
            }
            let less = "UPDATE dismissal SET count = count - 1 WHERE hash = ?1 RETURNING kind";
            let kind: String = change.query_row(less, [id.0], |row| row.get(0))?;
            change.execute("DELETE FROM dismissal WHERE count < 1", [])?;
            change.journal(&said(message, who, id, &kind, true), now)?;
            Ok(true)
        })
    }

    /// Every finding that was dismissed, the latest first.
    ///
    /// # Errors
    /// Where they cannot be read.
    pub fn dismissals(&self) -> Result<Vec<Dismissal>, VaultError> {
        self.look(all)
    }

    /// Forgets one finding that was dismissed, or all, also in the messages that wait; answers how
    /// many there were. With the last of them goes the key. Journalled in the same step.
    ///
    /// # Errors
    /// Where it cannot be kept; nothing is changed then.
    pub fn forget_dismissals(
        &self,
        one: Option<FindingId>,
        who: &str,
        now: Timestamp,
    ) -> Result<usize, VaultError> {
        self.change(|change| {
            let hash = one.map(|one| one.0);
            change.execute("DELETE FROM dismissed WHERE ?1 IS NULL OR hash = ?1", [hash])?;
            let gone =
                change.execute("DELETE FROM dismissal WHERE ?1 IS NULL OR hash = ?1", [hash])?;
            // Without it older copies of the database say nothing of what is dismissed later.
            let key = "DELETE FROM dismissal_key WHERE NOT EXISTS (SELECT 1 FROM dismissal)";
            change.execute(key, [])?;
            if gone > 0 {
                let finding = one.map(|one| one.to_string());
                change.journal(&Entry::DismissalsForgotten { who: name(who), finding }, now)?;
            }
            Ok(gone)
        })
    }
}

impl fmt::Display for FindingId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&seal::hex(&self.0))
    }
}

impl FromStr for FindingId {
    type Err = FindingIdError;

    fn from_str(text: &str) -> Result<Self, FindingIdError> {
        let text = text.trim();
        if text.len() != 2 * HASH || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(FindingIdError);
        }
        let number = u128::from_str_radix(text, 16).map_err(|_| FindingIdError)?;
        Ok(Self(number.to_be_bytes()))
    }
}

impl From<FindingId> for String {
    fn from(id: FindingId) -> Self {
        id.to_string()
    }
}

/// Kinds have no zero byte, so no kind and words run into another's.
fn hash(key: &hmac::Key, kind: &str, words: &str) -> FindingId {
    let mut context = hmac::Context::with_key(key);
    context.update(kind.as_bytes());
    context.update(&[0]);
    context.update(words.as_bytes());
    let tag = context.sign();
    let mut id = [0; HASH];
    id.iter_mut().zip(tag.as_ref()).for_each(|(to, from)| *to = *from);
    FindingId(id)
}

fn key(database: &Connection, keys: &Keys) -> Result<Option<hmac::Key>, VaultError> {
    let wrapped: Option<Vec<u8>> = database
        .prepare_cached("SELECT wrapped FROM dismissal_key")?
        .query_row([], |row| row.get(0))
        .optional()?;
    let Some(wrapped) = wrapped else { return Ok(None) };
    let key = seal::open(keys.wrapping(), KEY, &wrapped);
    let key = key.ok_or_else(|| VaultError::corrupt("the key of the dismissals"))?;
    Ok(Some(hmac::Key::new(hmac::HMAC_SHA256, &key)))
}

fn key_or_new(change: &Change<'_>, keys: &Keys) -> Result<hmac::Key, VaultError> {
    if let Some(key) = key(change, keys)? {
        return Ok(key);
    }
    let new = zeroize::Zeroizing::new(seal::random::<KEY_LEN>()?);
    let wrapped = seal::seal(keys.wrapping(), KEY, new.as_ref())?;
    change.execute("INSERT INTO dismissal_key (one, wrapped) VALUES (1, ?1)", [wrapped])?;
    Ok(hmac::Key::new(hmac::HMAC_SHA256, new.as_ref()))
}

fn seq(database: &Connection, message: HeldId) -> Result<i64, VaultError> {
    database
        .prepare_cached("SELECT seq FROM message WHERE id = ?1")?
        .query_row([message.to_string()], |row| row.get(0))
        .optional()?
        .ok_or_else(|| VaultError::UnknownMessage { id: message.to_string() })
}

fn all(database: &Connection) -> Result<Vec<Dismissal>, VaultError> {
    let mut statement = database
        .prepare_cached("SELECT hash, kind, count, last_at FROM dismissal ORDER BY last_at DESC")?;
    let found = statement.query_map([], |row| {
        let (id, last_at) = (FindingId(row.get(0)?), time::from_ms(row.get(3)?));
        Ok(Dismissal { id, kind: row.get(1)?, count: row.get(2)?, last_at })
    })?;
    Ok(found.collect::<Result<_, _>>()?)
}

fn said(id: HeldId, who: &str, finding: FindingId, kind: &str, undone: bool) -> Entry {
    let (finding, what) = (finding.to_string(), kind.to_owned());
    Entry::Dismissed { id, who: name(who), finding, what, undone }
}

fn name(who: &str) -> String {
    who.chars().take(LONGEST_NAME).collect()
}

/// Dismissals of one finding that are counted: more says no more.
pub const MOST: u32 = 3;
/// Bytes of a hash that are kept: two words of one vault do not meet by chance.
const HASH: usize = 16;
const KEY: &[u8] = b"dismissal key";
/// Names of users are shorter; what the environment says is not trusted to be.
const LONGEST_NAME: usize = 256;

#[cfg(test)]
#[path = "dismissals_tests.rs"]
mod tests;
