//! What is still to be done in an account's own mailboxes: a notice that a message failed, the copy
//! as sent for the folder Sent. A row is made in the step in which the cause is kept, so that none
//! is forgotten; who does the work may die at any moment.

use jiff::Timestamp;
use mail::Address;
use nta7516::proof::{End, Proof};
use rusqlite::{Connection, Row, params};
use serde::{Deserialize, Serialize};

use crate::error::VaultError;
use crate::journal::Entry;
use crate::open::{Change, Vault};
use crate::outbox::{Attempt, HeldId, Outcome, Reason};
use crate::time;

/// Something to be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Errand {
    /// Its number: there is no other of it, ever.
    pub number: i64,
    /// The message that it is about.
    pub message: HeldId,
    /// The account in whose mailboxes it is done.
    pub account: Address,
    /// What.
    pub task: Task,
    /// When its cause was kept.
    pub made_at: Timestamp,
    /// Since when a message of this errand may lie in the mailbox: putting it there was begun.
    pub begun_at: Option<Timestamp>,
    /// When the server said that it has taken it: it is never put again, whatever is found there.
    pub put_at: Option<Timestamp>,
    /// How often it was tried.
    pub attempts: u32,
    /// When it is tried next.
    pub next_at: Timestamp,
    /// Why it is not done yet, where it was tried.
    pub trouble: Option<Reason>,
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Task {
    /// A notice to INBOX that these do not get the message.
    Notice {
        /// Who, and why.
        failed: Vec<Failure>,
    },
    /// The signed form was sent: what lies in Sent may be the unsigned one.
    Sent,
    /// The message was withdrawn, for all of its recipients: nobody got what lies in Sent.
    Withdrawn,
}

/// A recipient who does not get a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// Who.
    pub recipient: Address,
    /// What kind of end it was.
    pub kind: FailureKind,
    /// Why; a server's reply as it came.
    pub why: Reason,
    /// The server that was spoken to last.
    pub host: Option<String>,
}

/// How trying ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureKind {
    /// Refused for good.
    Refused,
    /// Given up after too long.
    Expired,
}

/// What an errand came to.
#[derive(Debug, Clone, PartialEq)]
pub enum Ended {
    /// Done. What the journal tells of it; `None` where there was nothing to do.
    Done(Option<Entry>),
    /// Not yet.
    Later {
        /// Why; `None` where nothing went wrong and it is only looked at once more.
        trouble: Option<Reason>,
        /// When it is tried again.
        next: Timestamp,
    },
}

impl Failure {
    /// What an attempt came to, where it means that the recipient does not get the message.
    fn of(attempt: &Attempt) -> Option<Self> {
        let (kind, words) = match &attempt.outcome {
            Outcome::Permanent { words } => (FailureKind::Refused, words),
            Outcome::Expired { words } => (FailureKind::Expired, words),
            _ => return None,
        };
        let proof = attempt.proof_json.as_deref();
        let proof = proof.and_then(|json| serde_json::from_str::<Proof>(json).ok());
        let (why, host) = match proof {
            Some(Proof { end: End::Refused { words }, host, .. }) => {
                (Reason { nl: words.nl, en: words.en }, host.map(|host| host.name))
            }
            _ => (Reason { nl: words.clone(), en: words.clone() }, None),
        };
        Some(Self { recipient: attempt.recipient.clone(), kind, why, host })
    }
}

impl Vault {
    /// What is to be done now, oldest first. One whose last attempt lies in the future was tried
    /// before the clock was set back, and is due.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub fn due_errands(&self, now: Timestamp) -> Result<Vec<Errand>, VaultError> {
        let sql = format!("{ERRAND} WHERE e.next_at <= ?1 OR e.tried_at > ?1 ORDER BY e.seq");
        self.look(|database| {
            let mut statement = database.prepare_cached(&sql)?;
            statement.query_and_then([now.as_millisecond()], |row| errand(raw(row)?))?.collect()
        })
    }

    /// When something is to be done next; `None` where nothing is.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub fn next_errand(&self) -> Result<Option<Timestamp>, VaultError> {
        self.look(|database| {
            let next: Option<i64> = database
                .prepare_cached("SELECT min(next_at) FROM errand")?
                .query_row([], |row| row.get(0))?;
            Ok(next.map(time::from_ms))
        })
    }

    /// What is still to be done for a message.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub fn errands_of(&self, id: HeldId) -> Result<Vec<Errand>, VaultError> {
        self.look(|database| {
            let mut statement =
                database.prepare_cached(&format!("{ERRAND} WHERE m.id = ?1 ORDER BY e.seq"))?;
            statement.query_and_then([id.to_string()], |row| errand(raw(row)?))?.collect()
        })
    }

    /// Says that a message is about to be put into a mailbox for this errand. Who dies behind this
    /// looks for it there before putting it once more.
    ///
    /// # Errors
    /// Where it cannot be kept; the message must not be put then.
    pub fn begin_errand(&self, number: i64, now: Timestamp) -> Result<(), VaultError> {
        self.change(|change| {
            change.execute(
                "UPDATE errand SET begun_at = coalesce(begun_at, ?2) WHERE seq = ?1",
                params![number, now.as_millisecond()],
            )?;
            Ok(())
        })
    }

    /// Says that the message of this errand does not lie in the mailbox: the server refused what was begun.
    ///
    /// # Errors
    /// Where it cannot be kept.
    pub fn unbegin_errand(&self, number: i64) -> Result<(), VaultError> {
        self.change(|change| {
            change.execute("UPDATE errand SET begun_at = NULL WHERE seq = ?1", [number])?;
            Ok(())
        })
    }

    /// Says that the server has taken the message of this errand.
    ///
    /// # Errors
    /// Where it cannot be kept.
    pub fn note_put(&self, number: i64, now: Timestamp) -> Result<(), VaultError> {
        self.change(|change| {
            let sql = "UPDATE errand SET put_at = coalesce(put_at, ?2) WHERE seq = ?1";
            change.execute(sql, params![number, now.as_millisecond()])?;
            Ok(())
        })
    }

    /// Keeps what became of an errand.
    ///
    /// # Errors
    /// Where it cannot be kept.
    pub fn end_errand(&self, number: i64, ended: &Ended, now: Timestamp) -> Result<(), VaultError> {
        self.change(|change| match ended {
            Ended::Done(entry) => {
                change.execute("DELETE FROM errand WHERE seq = ?1", [number])?;
                entry.as_ref().map_or(Ok(()), |entry| change.journal(entry, now))
            }
            Ended::Later { trouble, next } => {
                let trouble = trouble.as_ref().map(json).transpose()?;
                change.execute(
                    include_str!("schema/errand-put-off.sql"),
                    params![number, now.as_millisecond(), next.as_millisecond(), trouble],
                )?;
                Ok(())
            }
        })
    }
}

/// Files a notice for those of these attempts that failed for good. It has the last word on them: an older
/// notice that still waits does not tell of them, whichever of the two is sent first.
pub(crate) fn note_failures(
    change: &Change<'_>,
    message: i64,
    attempts: &[&Attempt],
    now: Timestamp,
) -> Result<(), VaultError> {
    let failed: Vec<Failure> = attempts.iter().filter_map(|one| Failure::of(one)).collect();
    if failed.is_empty() {
        return Ok(());
    }
    strip_notices(change, message, &failed)?;
    file(change, message, &Task::Notice { failed }, now)
}

/// Takes these recipients out of the notices of a message that wait. One that has nobody left goes, unless
/// it may lie in the mailbox already: whoever puts it there ends it.
fn strip_notices(change: &Change<'_>, message: i64, told: &[Failure]) -> Result<(), VaultError> {
    let sql = format!("{ERRAND} WHERE e.message = ?1");
    let rows: Vec<Raw> =
        change.prepare_cached(&sql)?.query_map([message], raw)?.collect::<Result<_, _>>()?;
    for row in rows {
        // What cannot be read stays as it is, and keeps nobody from the new notice.
        let Ok(Errand { number, begun_at, task: Task::Notice { mut failed }, .. }) = errand(row)
        else {
            continue;
        };
        failed.retain(|one| told.iter().all(|other| other.recipient != one.recipient));
        if failed.is_empty() && begun_at.is_none() {
            change.execute("DELETE FROM errand WHERE seq = ?1", [number])?;
        } else {
            let task = json(&Task::Notice { failed })?;
            change.execute("UPDATE errand SET task = ?2 WHERE seq = ?1", params![number, task])?;
        }
    }
    Ok(())
}

/// Files what is to be done with what lies in Sent, once a message at a time.
pub(crate) fn note_sent(
    change: &Change<'_>,
    message: i64,
    task: &Task,
    now: Timestamp,
) -> Result<(), VaultError> {
    let text = json(task)?;
    let there = change
        .prepare_cached("SELECT 1 FROM errand WHERE message = ?1 AND task = ?2")?
        .exists(params![message, text])?;
    if there { Ok(()) } else { file(change, message, task, now) }
}

fn file(
    database: &Connection,
    message: i64,
    task: &Task,
    now: Timestamp,
) -> Result<(), VaultError> {
    let now = now.as_millisecond();
    database
        .prepare_cached(
            "INSERT INTO errand (message, task, made_at, next_at) VALUES (?1, ?2, ?3, ?3)",
        )?
        .execute(params![message, json(task)?, now])?;
    Ok(())
}

type Raw = (i64, String, String, String, [Option<i64>; 4], u32, Option<String>);

fn raw(row: &Row<'_>) -> rusqlite::Result<Raw> {
    let times = [row.get(4)?, row.get(5)?, row.get(6)?, row.get(7)?];
    Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, times, row.get(8)?, row.get(9)?))
}

fn errand(
    (number, message, account, task, times, attempts, trouble): Raw,
) -> Result<Errand, VaultError> {
    let [made_at, begun_at, put_at, next_at] = times.map(|time| time.map(time::from_ms));
    let trouble = trouble.map(|text| serde_json::from_str(&text)).transpose();
    Ok(Errand {
        number,
        message: message.parse().map_err(|_| damaged())?,
        account: Address::parse(&account).map_err(|_| damaged())?,
        task: serde_json::from_str(&task).map_err(|_| damaged())?,
        made_at: made_at.ok_or_else(damaged)?,
        begun_at,
        put_at,
        attempts,
        next_at: next_at.ok_or_else(damaged)?,
        trouble: trouble.map_err(|_| damaged())?,
    })
}

fn json(value: &impl Serialize) -> Result<String, VaultError> {
    serde_json::to_string(value).map_err(|_| damaged())
}

fn damaged() -> VaultError {
    VaultError::corrupt("a row of the errands")
}

const ERRAND: &str =
    "SELECT e.seq, m.id, m.account, e.task, e.made_at, e.begun_at, e.put_at, e.next_at,
    e.attempts, e.trouble
    FROM errand e JOIN message m ON m.seq = e.message";

#[cfg(test)]
#[path = "errand_tests.rs"]
mod tests;
