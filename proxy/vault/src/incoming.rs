//! Verdicts on messages that came in. Nothing of a message is kept but who it says it is from and its
//! subject, for the list; which message it is, a keyed digest of its Message-ID and its bytes tells.

use core::fmt;
use core::str::FromStr;

use aws_lc_rs::{digest, hmac};
use jiff::Timestamp;
use mail::{Address, Message};
use rusqlite::{Connection, Row, params};
use serde::{Deserialize, Serialize};
use ulid::Ulid;

use crate::archive::ArchiveId;
use crate::error::VaultError;
use crate::open::Vault;
use crate::seal::Keys;
use crate::time;

/// The id of a verdict: a ULID, 26 letters and digits, in the order of judging.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct IncomingId(Ulid);

/// A text that is no id of a verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this names no incoming message: copy the id from `zorgzegel incoming`")]
pub struct IncomingIdError;

/// A verdict that is to be kept.
#[derive(Clone)]
pub struct NewIncoming {
    /// The account that it came to.
    pub account: Address,
    /// The message.
    pub message: Message,
    /// Who it says it is from.
    pub from: String,
    /// Its subject, decoded.
    pub subject: String,
    /// When the provider received it.
    pub received_at: Timestamp,
    /// The verdict, as JSON; kept as it is.
    pub verdict: String,
}

/// A verdict that is kept.
#[derive(Clone, PartialEq, Eq)]
pub struct KeptIncoming {
    /// Its id.
    pub id: IncomingId,
    /// The account that it came to.
    pub account: Address,
    /// Who it says it is from.
    pub from: String,
    /// Its subject, decoded.
    pub subject: String,
    /// When the provider received it.
    pub received_at: Timestamp,
    /// When it was judged last.
    pub judged_at: Timestamp,
    /// The verdict, as JSON.
    pub verdict: String,
    /// The copy that is kept of it; `None` where there is none (any more).
    pub copy: Option<ArchiveId>,
}

/// Where a message lies at the provider: one message for ever (RFC 3501 section 2.3.1.1).
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Place {
    /// The account.
    pub account: Address,
    /// The mailbox, in modified UTF-7.
    pub mailbox: Vec<u8>,
    /// UIDVALIDITY.
    pub uid_validity: u32,
    /// UID.
    pub uid: u32,
}

/// A message that is to be looked at again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueIncoming {
    /// Where it lies.
    pub place: Place,
    /// How often it was looked at.
    pub tries: u32,
}

impl fmt::Debug for NewIncoming {
    /// Neither who nor what.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewIncoming").field("message", &self.message).finish_non_exhaustive()
    }
}

impl fmt::Debug for KeptIncoming {
    /// Neither who nor what.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeptIncoming").field("id", &self.id).finish_non_exhaustive()
    }
}

impl fmt::Debug for Place {
    /// Not the mailbox: folders are named after people.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { uid_validity, uid, .. } = self;
        f.debug_struct("Place").field("uid_validity", uid_validity).field("uid", uid).finish()
    }
}

impl fmt::Display for IncomingId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for IncomingId {
    type Err = IncomingIdError;
    fn from_str(text: &str) -> Result<Self, IncomingIdError> {
        Ulid::from_string(text.trim()).map(Self).map_err(|_| IncomingIdError)
    }
}

impl TryFrom<String> for IncomingId {
    type Error = IncomingIdError;
    fn try_from(text: String) -> Result<Self, IncomingIdError> {
        text.parse()
    }
}

impl From<IncomingId> for String {
    fn from(id: IncomingId) -> Self {
        id.to_string()
    }
}

impl Vault {
    /// Keeps a verdict. The same message (Message-ID and bytes) of the same account has one: a newer
    /// verdict takes the place of the older, under its id. Of very many the oldest are forgotten.
    ///
    /// # Errors
    /// Where it cannot be kept.
    pub fn put_incoming(
        &self,
        new: &NewIncoming,
        now: Timestamp,
    ) -> Result<IncomingId, VaultError> {
        let fresh = self.next_id(now)?.to_string();
        let digest = message_digest(&self.keys, &new.account, &new.message);
        self.change(|change| {
            let id: String =
                change.prepare_cached(include_str!("schema/incoming-keep.sql"))?.query_row(
                    params![
                        fresh,
                        new.account.to_string(),
                        digest,
                        new.from,
                        new.subject,
                        new.received_at.as_millisecond(),
                        now.as_millisecond(),
                        new.verdict,
                    ],
                    |row| row.get(0),
                )?;
            change
                .prepare_cached(
                    "DELETE FROM incoming WHERE seq <= (SELECT max(seq) FROM incoming) - ?1",
                )?
                .execute([MOST])?;
            id.parse().map_err(|_| VaultError::corrupt("the database"))
        })
    }

    /// Notes which copy is kept of the message with this verdict.
    ///
    /// # Errors
    /// Where it cannot be kept.
    pub fn note_incoming_copy(&self, id: IncomingId, copy: ArchiveId) -> Result<(), VaultError> {
        self.change(|change| {
            let sql = "UPDATE incoming SET copy = ?2 WHERE id = ?1";
            change.execute(sql, [id.to_string(), copy.to_string()])?;
            Ok(())
        })
    }

    /// The verdicts, those of the messages that were received last first; at most `most`.
    ///
    /// # Errors
    /// Where they cannot be read.
    pub fn list_incoming(&self, most: usize) -> Result<Vec<KeptIncoming>, VaultError> {
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        self.look(|database| {
            let sql = format!("{KEPT} ORDER BY received_at DESC, seq DESC LIMIT ?1");
            let mut statement = database.prepare_cached(&sql)?;
            statement.query_and_then([most], kept)?.collect()
        })
    }

    /// One verdict; none where there is none of this id.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub fn incoming(&self, id: IncomingId) -> Result<Option<KeptIncoming>, VaultError> {
        self.look(|database| {
            let sql = format!("{KEPT} WHERE id = ?1");
            let mut statement = database.prepare_cached(&sql)?;
            statement.query_and_then([id.to_string()], kept)?.next().transpose()
        })
    }

    /// The verdict on this message of this account, wherever it lies; none where it has none.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub fn incoming_of(
        &self,
        account: &Address,
        message: &Message,
    ) -> Result<Option<KeptIncoming>, VaultError> {
        let digest = message_digest(&self.keys, account, message);
        self.look(|database| {
            let sql = format!("{KEPT} WHERE digest = ?1");
            let mut statement = database.prepare_cached(&sql)?;
            statement.query_and_then([digest], kept)?.next().transpose()
        })
    }

    /// Notes that the message at this place has that verdict; `again` where it is to be looked at once
    /// more.
    ///
    /// # Errors
    /// Where it cannot be kept.
    pub fn note_place(
        &self,
        place: &Place,
        id: IncomingId,
        again: Option<Timestamp>,
    ) -> Result<(), VaultError> {
        self.change(|change| {
            let (account, mailbox) = (place.account.to_string(), &place.mailbox);
            change.prepare_cached(include_str!("schema/incoming-place.sql"))?.execute(params![
                account,
                mailbox,
                place.uid_validity,
                place.uid,
                again.map(Timestamp::as_millisecond),
                id.to_string(),
            ])?;
            Ok(())
        })
    }

    /// Whether the message at this place was looked at.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub fn knows_place(&self, place: &Place) -> Result<bool, VaultError> {
        self.look(|database| {
            let known = database
                .prepare_cached(
                    "SELECT 1 FROM incoming_place
                     WHERE account = ?1 AND mailbox = ?2 AND uid_validity = ?3 AND uid = ?4",
                )?
                .exists(params![
                    place.account.to_string(),
                    place.mailbox,
                    place.uid_validity,
                    place.uid,
                ])?;
            Ok(known)
        })
    }

    /// The messages that are to be looked at again by now, the longest due first; at most `most`.
    ///
    /// # Errors
    /// Where they cannot be read.
    pub fn due_incoming(
        &self,
        now: Timestamp,
        most: usize,
    ) -> Result<Vec<DueIncoming>, VaultError> {
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        self.look(|database| due(database, now, most))
    }

    /// Keeps how often a message was looked at, and when that is done again; without a `next` it is given up:
    /// it is not there any more, or that was often enough.
    ///
    /// # Errors
    /// Where it cannot be kept.
    pub fn put_off(&self, due: &DueIncoming, next: Option<Timestamp>) -> Result<(), VaultError> {
        let Place { account, mailbox, uid_validity, uid } = &due.place;
        let (account, next) = (account.to_string(), next.map(Timestamp::as_millisecond));
        self.change(|change| {
            change
                .prepare_cached(
                    "UPDATE incoming_place SET next_at = ?5, tries = ?6
                     WHERE account = ?1 AND mailbox = ?2 AND uid_validity = ?3 AND uid = ?4",
                )?
                .execute(params![account, mailbox, uid_validity, uid, next, due.tries])?;
            Ok(())
        })
    }
}

fn due(database: &Connection, now: Timestamp, most: i64) -> Result<Vec<DueIncoming>, VaultError> {
    // A time more than a month ahead was noted by a clock that was wrong, as in `filing-due.sql`.
    let mut statement = database.prepare_cached(
        "SELECT account, mailbox, uid_validity, uid, tries FROM incoming_place
         WHERE next_at <= ?1 OR next_at > ?1 + 2678400000 ORDER BY next_at LIMIT ?2",
    )?;
    let rows = statement.query_and_then(params![now.as_millisecond(), most], |row| {
        let account: String = row.get(0)?;
        let account = Address::parse(&account).map_err(|_| VaultError::corrupt("the database"))?;
        let (mailbox, uid_validity, uid) = (row.get(1)?, row.get(2)?, row.get(3)?);
        let place = Place { account, mailbox, uid_validity, uid };
        Ok(DueIncoming { place, tries: row.get(4)? })
    })?;
    rows.collect()
}

/// Of one account: another's verdict rests on another provider's word.
fn message_digest(keys: &Keys, account: &Address, message: &Message) -> Vec<u8> {
    let id = message.field("message-id").map(|field| field.unfolded()).unwrap_or_default();
    let account = account.to_string();
    let bytes = digest::digest(&digest::SHA256, message.bytes());
    let mut context = hmac::Context::with_key(keys.digest());
    for part in [account.as_bytes(), id.as_bytes(), bytes.as_ref()] {
        context.update(&(part.len() as u64).to_be_bytes());
        context.update(part);
    }
    context.sign().as_ref().to_vec()
}

fn kept(row: &Row<'_>) -> Result<KeptIncoming, VaultError> {
    let (id, account): (String, String) = (row.get(0)?, row.get(1)?);
    let copy: Option<String> = row.get(7)?;
    Ok(KeptIncoming {
        id: id.parse().map_err(|_| VaultError::corrupt("the database"))?,
        account: Address::parse(&account).map_err(|_| VaultError::corrupt("the database"))?,
        from: row.get(2)?,
        subject: row.get(3)?,
        received_at: time::from_ms(row.get(4)?),
        judged_at: time::from_ms(row.get(5)?),
        verdict: row.get(6)?,
        copy: copy.and_then(|copy| copy.parse().ok()),
    })
}

const KEPT: &str = "SELECT id, account, author, subject, received_at, judged_at, verdict,
    (SELECT held FROM archive WHERE held = incoming.copy AND direction = 'received') FROM incoming";
/// Verdicts that are kept: years of a busy practice, some 20 MB.
const MOST: i64 = 20_000;

#[cfg(test)]
#[path = "incoming_tests.rs"]
mod tests;
