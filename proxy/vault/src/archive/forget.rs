//! Copies destroyed, and copies looked at.
//!
//! To delete is to destroy the copy's key: its file says nothing from then on, wherever a backup of
//! it may lie, unless the database of that day lies beside it.

use aws_lc_rs::hmac;
use jiff::Timestamp;
use mail::Address;
use rusqlite::{OptionalExtension, Row, params};
use serde::Serialize;

use super::{ARCHIVED, ArchiveId, Archived, archived, damaged};
use crate::error::VaultError;
use crate::filing;
use crate::journal::Entry;
use crate::open::{Change, Vault};
use crate::outbox::{self, HeldId, os_user};
use crate::time;

/// On whose word a copy goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Gone {
    /// A person's: the operating system's name of the user.
    Person(String),
    /// The settings': it was kept for as long as they say.
    Retention,
}

/// A copy that cannot be read as it was kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Unsound {
    /// Which.
    pub id: ArchiveId,
    /// Why, in English; what the error says that reading it gives.
    pub why: String,
}

impl Vault {
    /// Destroys copies and answers how many there were: their keys are gone when this returns. Their words
    /// leave the index by [`Vault::purge_words`], once for as many as are destroyed after one another.
    ///
    /// # Errors
    /// Where it cannot be done; all of them are there still.
    pub fn delete_copies(
        &self,
        ids: &[ArchiveId],
        on: &Gone,
        now: Timestamp,
    ) -> Result<usize, VaultError> {
        // What goes by itself may have been kept after all since it was listed.
        let by_hand = matches!(on, Gone::Person(_));
        let (count, files) = self.change(|change| {
            let (mut count, mut files) = (0, Vec::new());
            for id in ids {
                let row: Option<(i64, String)> = change
                    .prepare_cached(
                        "DELETE FROM archive WHERE held = ?1 AND number = ?2
                         AND (?3 OR told_at IS NOT NULL) RETURNING seq, body",
                    )?
                    .query_row(params![id.held.to_string(), id.number, by_hand], |row| {
                        Ok((row.get(0)?, row.get(1)?))
                    })
                    .optional()?;
                let Some((seq, body)) = row else { continue };
                count += 1;
                change
                    .prepare_cached("DELETE FROM archive_text WHERE rowid = ?1")?
                    .execute([seq])?;
                files.extend(Self::destroy_keys(change, &[body])?);
                let who = match on {
                    Gone::Person(who) => Some(who.clone()),
                    Gone::Retention => None,
                };
                files.extend(Self::forget_held(change, id.held, who.clone(), now)?);
                change.journal(&Entry::CopyDestroyed { copy: id.to_string(), who }, now)?;
            }
            Ok((count, files))
        })?;
        for file in &files {
            self.remove_body_file(file);
        }
        if count > 0 {
            self.truncate_log()?;
        }
        Ok(count)
    }

    /// Destroys what the outbox holds of a message with which it is done and of which no copy is kept
    /// any more: its text, what was found in it, and under what it was offered to a record system. It is
    /// offered no more: there is nothing left to offer.
    fn forget_held(
        change: &mut Change<'_>,
        held: HeldId,
        who: Option<String>,
        now: Timestamp,
    ) -> Result<Vec<String>, VaultError> {
        let sql = include_str!("../schema/archive-done.sql");
        let done: bool = change.query_row(sql, [held.to_string()], |row| row.get(0))?;
        if !done {
            return Ok(Vec::new());
        }
        filing::stop(change, held, who, now)?;
        outbox::destroy_text(change, held)
    }

    /// Which copies of an account from before `end` nobody agreed to let go. What is kept longer now
    /// than when someone agreed is taken back: it would be told of anew.
    ///
    /// # Errors
    /// Where it cannot be kept.
    pub fn expiring_copies(
        &self,
        account: &Address,
        end: Option<Timestamp>,
    ) -> Result<Expiring, VaultError> {
        let end = end.map_or(i64::MIN, Timestamp::as_millisecond);
        self.change(|change| {
            let account = account.to_string();
            change.execute(
                "UPDATE archive SET told_at = NULL
                 WHERE account = ?1 AND at >= ?2 AND told_at IS NOT NULL",
                params![account, end],
            )?;
            let sql = "SELECT count(*), min(at), max(at) FROM archive
                 WHERE account = ?1 AND at < ?2 AND told_at IS NULL";
            Ok(change.query_row(sql, params![account, end], expiring)?)
        })
    }

    /// Copies of an account from before `end`, which a person was shown now and lets go: only they may
    /// go by themselves, and not at once.
    ///
    /// # Errors
    /// Where it cannot be kept.
    pub fn agree_to_expiry(
        &self,
        account: &Address,
        end: Timestamp,
        now: Timestamp,
    ) -> Result<Vec<Archived>, VaultError> {
        self.change(|change| {
            let wanted = params![account.to_string(), end.as_millisecond()];
            let copies = {
                let mut statement = change.prepare_cached(&format!(
                    "{ARCHIVED} WHERE account = ?1 AND at < ?2 AND told_at IS NULL ORDER BY seq"
                ))?;
                let rows = statement.query_and_then(wanted, archived)?;
                rows.collect::<Result<Vec<_>, VaultError>>()?
            };
            change.execute(
                "UPDATE archive SET told_at = ?3 WHERE account = ?1 AND at < ?2 AND told_at IS NULL",
                params![account.to_string(), end.as_millisecond(), now.as_millisecond()],
            )?;
            if !copies.is_empty() {
                let (who, copies) = (os_user(), copies.len() as u64);
                let entry = Entry::ExpiryAgreed { account: account.clone(), copies, who };
                change.journal(&entry, now)?;
            }
            Ok(copies)
        })
    }

    /// Which copies of an account someone agreed to let go and are there still, and since when of the first;
    /// `None` where there are none.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub fn agreed_copies(
        &self,
        account: &Address,
    ) -> Result<(Expiring, Option<Timestamp>), VaultError> {
        self.look(|database| {
            let sql = include_str!("../schema/archive-agreed.sql");
            let row = |row: &Row<'_>| Ok((expiring(row)?, row.get::<_, Option<i64>>(3)?));
            let (copies, since) =
                database.prepare_cached(sql)?.query_row([account.to_string()], row)?;
            Ok((copies, since.map(time::from_ms)))
        })
    }

    /// Keeps what someone agreed to let go, after all; answers how many copies. They are told of anew.
    ///
    /// # Errors
    /// Where it cannot be kept.
    pub fn keep_agreed(&self, account: &Address, now: Timestamp) -> Result<usize, VaultError> {
        self.change(|change| {
            let sql =
                "UPDATE archive SET told_at = NULL WHERE account = ?1 AND told_at IS NOT NULL";
            let count = change.execute(sql, [account.to_string()])?;
            let (account, copies, who) = (account.clone(), count as u64, os_user());
            change.journal(&Entry::ExpiryTakenBack { account, copies, who }, now)?;
            Ok(count)
        })
    }

    /// Copies of an account from before `end` that someone agreed to let go before `told`. One that a record
    /// system is still to be given stays until it has it, or a person stops that.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub fn expired_copies(
        &self,
        account: &Address,
        end: Timestamp,
        told: Timestamp,
    ) -> Result<Vec<ArchiveId>, VaultError> {
        self.look(|database| {
            let mut statement =
                database.prepare_cached(include_str!("../schema/archive-expired.sql"))?;
            let (end, told) = (end.as_millisecond(), told.as_millisecond());
            let rows = statement.query_map(params![account.to_string(), end, told], |row| {
                Ok((row.get::<_, String>(0)?, row.get::<_, u32>(1)?))
            })?;
            rows.map(|row| {
                let (held, number) = row?;
                Ok(ArchiveId { held: held.parse().map_err(|_| damaged())?, number })
            })
            .collect()
        })
    }

    /// Reads a copy and compares it with what was kept; `None` where it is sound. A copy that cannot
    /// be read is a verdict, not an error.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub fn verify_copy(&self, id: ArchiveId) -> Result<Option<Unsound>, VaultError> {
        let digest: Option<Vec<u8>> = self.look(|database| {
            Ok(database
                .prepare_cached("SELECT digest FROM archive WHERE held = ?1 AND number = ?2")?
                .query_row(params![id.held.to_string(), id.number], |row| row.get(0))
                .optional()?)
        })?;
        let unsound = |why: &VaultError| Ok(Some(Unsound { id, why: why.to_string() }));
        let Some(digest) = digest else {
            return unsound(&VaultError::UnknownMessage { id: id.to_string() });
        };
        match self.read_copy(id) {
            Ok(message) if hmac::verify(self.keys.digest(), message.bytes(), &digest).is_ok() => {
                Ok(None)
            }
            Ok(_) => unsound(&VaultError::corrupt(format!("copy {id}"))),
            Err(error) => unsound(&error),
        }
    }

    /// The words of what was destroyed leave the index: they stay in it until its parts are merged. That
    /// costs time by the size of the index, and goes in small steps, between which mail is kept.
    ///
    /// # Errors
    /// Where it cannot be kept; calling it again goes on.
    pub fn purge_words(&self) -> Result<(), VaultError> {
        // FTS5 section 6.9: a negative number begins to merge all parts, a positive one goes on with it, and
        // fewer than two changed rows say that nothing is left to do.
        let mut pages = -MERGED;
        loop {
            let changed = self.look(|database| {
                let before = database.total_changes();
                database
                    .prepare_cached(
                        "INSERT INTO archive_text (archive_text, rank) VALUES ('merge', ?1)",
                    )?
                    .execute([pages])?;
                Ok(database.total_changes() - before)
            })?;
            if changed < 2 {
                break;
            }
            pages = MERGED;
        }
        self.truncate_log()
    }

    /// What was deleted leaves the write-ahead log.
    fn truncate_log(&self) -> Result<(), VaultError> {
        self.look(|database| {
            // Another process that reads right now keeps the log; the next checkpoint takes it then.
            database.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
            Ok(())
        })
    }
}

/// Copies that are over their time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Expiring {
    /// How many.
    pub copies: usize,
    /// When the oldest and the newest of them were sent or came in; `None` where there are none.
    pub between: Option<(Timestamp, Timestamp)>,
}

fn expiring(row: &Row<'_>) -> rusqlite::Result<Expiring> {
    let (first, last): (Option<i64>, Option<i64>) = (row.get(1)?, row.get(2)?);
    let between = first.zip(last).map(|(from, to)| (time::from_ms(from), time::from_ms(to)));
    Ok(Expiring { copies: usize::try_from(row.get::<_, i64>(0)?).unwrap_or(0), between })
}

/// Pages of the index merged in a step: some milliseconds.
const MERGED: i64 = 500;
