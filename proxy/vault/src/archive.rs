//! Copies of messages as they were sent, and of those that came in: kept, found, and destroyed.

mod forget;
mod search;

use aws_lc_rs::hmac;
use jiff::Timestamp;
use mail::{Address, Message};
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::{Deserialize, Serialize};

use crate::bodies::length;
use crate::error::VaultError;
use crate::journal::Entry;
use crate::open::{Change, Vault};
use crate::outbox::HeldId;
use crate::seal::Keys;
use crate::time;

pub use forget::{Expiring, Gone, Unsound};
pub use search::{Page, Query, Text};

/// The id of a copy: that of the held message, with a number where there is more than one form of
/// it (`01J…`, `01J…-2`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ArchiveId {
    held: HeldId,
    number: u32,
}

/// Whether a message went out or came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// It was sent from here.
    #[default]
    Sent,
    /// It came in.
    Received,
}

impl Direction {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Received => "received",
        }
    }
}

/// What is known of a copy besides its bytes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ArchiveMeta {
    /// The account that sent or received it.
    pub account: Address,
    /// Whether it went out or came in. Copies of before there were received ones were all sent.
    #[serde(default)]
    pub direction: Direction,
    /// Whom it says it is from; `None` where that is no address.
    #[serde(default)]
    pub from: Option<Address>,
    /// Who got this form of it.
    pub recipients: Vec<Address>,
    /// The subject, unfolded and decoded.
    pub subject: String,
    /// When it was sent first, or came in.
    pub sent_at: Timestamp,
    /// Whether this form is signed.
    pub signed: bool,
    /// The names of its attachments.
    #[serde(default)]
    pub attachments: Vec<String>,
    /// What was checked on the way, one value a recipient or hand-over; for a received message its
    /// verdict.
    pub proofs: Vec<serde_json::Value>,
}

/// A copy to be kept: the exact bytes, what is known of them, and the words by which it is found.
#[derive(Debug, Clone, Copy)]
pub struct NewCopy<'a> {
    /// The message, byte for byte.
    pub bytes: &'a [u8],
    /// What is known of it.
    pub meta: &'a ArchiveMeta,
    /// The words by which it is found.
    pub text: &'a Text,
}

/// A copy, without its bytes.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Archived {
    /// Its id.
    pub id: ArchiveId,
    /// What is known of it.
    pub meta: ArchiveMeta,
    /// Its length in bytes.
    pub size: u64,
    /// When it was kept.
    pub kept_at: Timestamp,
}

impl ArchiveId {
    /// The held message of which this is a copy.
    #[must_use]
    pub fn held(self) -> HeldId {
        self.held
    }
}

impl core::fmt::Display for ArchiveId {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self.number {
            1 => write!(f, "{}", self.held),
            number => write!(f, "{}-{number}", self.held),
        }
    }
}

impl core::str::FromStr for ArchiveId {
    type Err = crate::outbox::HeldIdError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (held, number) = text.trim().split_once('-').unwrap_or((text, "1"));
        Ok(Self {
            held: held.parse()?,
            number: number.parse().map_err(|_| crate::outbox::HeldIdError)?,
        })
    }
}

impl TryFrom<String> for ArchiveId {
    type Error = crate::outbox::HeldIdError;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<ArchiveId> for String {
    fn from(id: ArchiveId) -> Self {
        id.to_string()
    }
}

impl Vault {
    /// Keeps a copy as it was sent, encrypted. The same bytes of the same message are kept once:
    /// recipients and proofs are then added to those known. (Not to be confused with the outbox:
    /// a copy is kept after the sending.)
    ///
    /// # Errors
    /// Where it cannot be kept.
    pub fn keep_copy(
        &self,
        held: HeldId,
        copy: NewCopy<'_>,
        now: Timestamp,
    ) -> Result<ArchiveId, VaultError> {
        self.keep_copy_with(held, copy, now, |_| Ok(()))
    }

    /// Keeps a copy of a message that came in. The same bytes of the same account are kept once; what is
    /// known of them is what was said last. `None` where that copy was destroyed: it does not come back.
    ///
    /// # Errors
    /// Where it cannot be kept.
    pub fn keep_received(
        &self,
        copy: NewCopy<'_>,
        now: Timestamp,
    ) -> Result<Option<ArchiveId>, VaultError> {
        let digest = hmac::sign(self.keys.digest(), copy.bytes);
        let account = copy.meta.account.to_string();
        let which = params![digest.as_ref(), account];
        let gone = self.look(|database| {
            let sql = "SELECT 1 FROM archive_gone WHERE digest = ?1 AND account = ?2";
            Ok(database.prepare_cached(sql)?.exists(which)?)
        })?;
        if gone {
            return Ok(None);
        }
        let meta = json(copy.meta)?;
        let known: Option<(String, u32)> = self.change(|change| {
            Ok(change
                .prepare_cached(
                    "UPDATE archive SET meta = ?3
                     WHERE digest = ?1 AND account = ?2 AND direction = 'received'
                     RETURNING held, number",
                )?
                .query_row(params![digest.as_ref(), account, meta], |row| {
                    Ok((row.get(0)?, row.get(1)?))
                })
                .optional()?)
        })?;
        if let Some((held, number)) = known {
            let held = held.parse().map_err(|_| damaged())?;
            return Ok(Some(ArchiveId { held, number }));
        }
        self.keep_digested(HeldId(self.next_id(now)?), (copy, digest), now, |_| Ok(())).map(Some)
    }

    /// The same, in one step with what `with` changes.
    pub(crate) fn keep_copy_with(
        &self,
        held: HeldId,
        copy: NewCopy<'_>,
        now: Timestamp,
        with: impl Fn(&mut Change<'_>) -> Result<(), VaultError>,
    ) -> Result<ArchiveId, VaultError> {
        let digest = hmac::sign(self.keys.digest(), copy.bytes);
        self.keep_digested(held, (copy, digest), now, with)
    }

    /// The digest of a long message takes as long as its encryption: it is made once.
    fn keep_digested(
        &self,
        held: HeldId,
        (NewCopy { bytes, meta, text }, digest): (NewCopy<'_>, hmac::Tag),
        now: Timestamp,
        with: impl Fn(&mut Change<'_>) -> Result<(), VaultError>,
    ) -> Result<ArchiveId, VaultError> {
        let merged = self.change(|change| {
            let merged = merge(change, held, digest.as_ref(), meta)?;
            if merged.is_some() {
                with(change)?;
            }
            Ok(merged)
        })?;
        if let Some(id) = merged {
            return Ok(id);
        }
        let number = self.look(|database| next_number(database, held))?;
        let id = ArchiveId { held, number };
        let body = format!("{held}.copy-{number}");
        self.put_body(&body, bytes, |change| {
            change.execute(
                include_str!("schema/archive-keep.sql"),
                params![
                    held.to_string(),
                    number,
                    body,
                    digest.as_ref(),
                    json(meta)?,
                    length(bytes),
                    now.as_millisecond(),
                    meta.account.to_string(),
                    meta.direction.as_str(),
                    meta.sent_at.as_millisecond(),
                ],
            )?;
            search::index(change, change.last_insert_rowid(), text)?;
            // What came in is noted where it says that it is NTA mail, and not for its signature.
            if meta.signed && meta.direction == Direction::Sent {
                note_nta_mail(change, &self.keys, &Message::new(bytes.to_vec()))?;
            }
            let copy = id.to_string();
            change.journal(&Entry::Archived { id: held, copy }, now)?;
            with(change)
        })?;
        Ok(id)
    }

    /// All copies, oldest first.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub fn list_copies(&self) -> Result<Vec<Archived>, VaultError> {
        self.look(|database| {
            let mut statement = database.prepare_cached(&format!("{ARCHIVED} ORDER BY seq"))?;
            statement.query_and_then([], archived)?.collect()
        })
    }

    /// One copy, without its bytes; `None` where there is none of this id.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub fn copy(&self, id: ArchiveId) -> Result<Option<Archived>, VaultError> {
        self.look(|database| {
            let sql = format!("{ARCHIVED} WHERE held = ?1 AND number = ?2");
            let mut statement = database.prepare_cached(&sql)?;
            let which = params![id.held.to_string(), id.number];
            statement.query_and_then(which, archived)?.next().transpose()
        })
    }

    /// The bytes of a copy, as they were sent.
    ///
    /// # Errors
    /// [`VaultError::UnknownMessage`] where there is none of this id; [`VaultError::Corrupt`] where
    /// its file was cut, changed or swapped.
    pub fn read_copy(&self, id: ArchiveId) -> Result<Message, VaultError> {
        let body = format!("{}.copy-{}", id.held, id.number);
        let bytes = self.read_body(&body)?;
        let unknown = || VaultError::UnknownMessage { id: id.to_string() };
        bytes.map(Message::new).ok_or_else(unknown)
    }
}

impl Vault {
    /// Notes a message that came in as NTA mail, by its Message-ID (RFC 5322 section 3.6.4). Signed
    /// copies that are kept are noted by themselves.
    ///
    /// # Errors
    /// Where it cannot be kept.
    pub fn note_nta_mail(&self, message: &Message) -> Result<(), VaultError> {
        self.change(|change| note_nta_mail(change, &self.keys, message))
    }

    /// Whether one of these Message-IDs (with or without angle brackets) is of NTA mail that was
    /// sent or received here: an answer to it, or a forward, is NTA mail too (R-CONT-1).
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub fn knows_nta_mail(&self, references: &[String]) -> Result<bool, VaultError> {
        self.look(|database| {
            let mut known = database.prepare_cached("SELECT 1 FROM nta_mail WHERE digest = ?1")?;
            for reference in references {
                if known.exists([message_id_digest(&self.keys, reference)])? {
                    return Ok(true);
                }
            }
            Ok(false)
        })
    }
}

fn note_nta_mail(database: &Connection, keys: &Keys, message: &Message) -> Result<(), VaultError> {
    if let Some(field) = message.field("message-id") {
        database
            .prepare_cached("INSERT OR IGNORE INTO nta_mail (digest) VALUES (?1)")?
            .execute([message_id_digest(keys, &field.unfolded())])?;
    }
    Ok(())
}

fn message_id_digest(keys: &Keys, id: &str) -> Vec<u8> {
    let id = id.trim().trim_start_matches('<').trim_end_matches('>');
    hmac::sign(keys.digest(), id.as_bytes()).as_ref().to_vec()
}

/// Adds to a copy of the same bytes, where there is one.
fn merge(
    database: &Connection,
    held: HeldId,
    digest: &[u8],
    meta: &ArchiveMeta,
) -> Result<Option<ArchiveId>, VaultError> {
    let found = database
        .prepare_cached("SELECT number, meta FROM archive WHERE held = ?1 AND digest = ?2")?
        .query_row(params![held.to_string(), digest], |row| {
            Ok((row.get::<_, u32>(0)?, row.get::<_, String>(1)?))
        })
        .optional()?;
    let Some((number, text)) = found else {
        return Ok(None);
    };
    let mut known: ArchiveMeta = serde_json::from_str(&text).map_err(|_| damaged())?;
    for recipient in &meta.recipients {
        if !known.recipients.contains(recipient) {
            known.recipients.push(recipient.clone());
        }
    }
    for proof in &meta.proofs {
        if !known.proofs.contains(proof) {
            known.proofs.push(proof.clone());
        }
    }
    database.execute(
        "UPDATE archive SET meta = ?3 WHERE held = ?1 AND number = ?2",
        params![held.to_string(), number, json(&known)?],
    )?;
    Ok(Some(ArchiveId { held, number }))
}

fn next_number(database: &Connection, held: HeldId) -> Result<u32, VaultError> {
    Ok(database.query_row(
        "SELECT coalesce(max(number), 0) + 1 FROM archive WHERE held = ?1",
        [held.to_string()],
        |row| row.get(0),
    )?)
}

pub(crate) fn archived(row: &Row<'_>) -> Result<Archived, VaultError> {
    let (held, meta, size): (String, String, i64) = (row.get(0)?, row.get(2)?, row.get(3)?);
    Ok(Archived {
        id: ArchiveId { held: held.parse().map_err(|_| damaged())?, number: row.get(1)? },
        meta: serde_json::from_str(&meta).map_err(|_| damaged())?,
        size: u64::try_from(size).unwrap_or(0),
        kept_at: time::from_ms(row.get(4)?),
    })
}

fn json(meta: &ArchiveMeta) -> Result<String, VaultError> {
    serde_json::to_string(meta).map_err(|_| damaged())
}

fn damaged() -> VaultError {
    VaultError::corrupt("a row of the archive")
}

pub(crate) const ARCHIVED: &str = "SELECT held, number, meta, size, kept_at FROM archive";

#[cfg(test)]
#[path = "archive_tests.rs"]
mod tests;
