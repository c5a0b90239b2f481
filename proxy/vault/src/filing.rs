//! What is offered to record systems: kept until the system took it, refused it, or a person stopped it.
//!
//! ```text
//!  choose_with, ask_filing --> due --begin_filing, record_filing--> filed
//!                               |  <------- asked again ------------ refused
//!                               +-- stop_filing, taken back, text destroyed --> stopped
//! ```
//!
//! What is on its way to somebody by mail is offered once that has ended: only then it is signed, and has a
//! proof of its way.

use jiff::Timestamp;
use mail::Address;
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::{Deserialize, Serialize};

use crate::archive::{ARCHIVED, ArchiveId, Archived, archived};
use crate::error::VaultError;
use crate::journal::Entry;
use crate::open::{Change, Vault};
use crate::outbox::{HeldId, os_user};
use crate::time;

/// What is offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Source {
    /// A message that is or was held here.
    Held(HeldId),
    /// A kept copy of a message that came in.
    Copy(ArchiveId),
}

impl Source {
    /// The id under which its offer is kept, told and journalled: also that of the copy, for of what came in
    /// there is one.
    #[must_use]
    pub fn id(self) -> HeldId {
        match self {
            Self::Held(id) => id,
            Self::Copy(copy) => copy.held(),
        }
    }
}

/// In which of its forms a held message is offered. A record system knows a message by its bytes: what was
/// offered once is offered in that form until it is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// As the mail program gave it.
    Held,
    /// As it was signed.
    Signed,
    /// As it was sent, unsigned.
    Sent,
}

impl Form {
    fn as_str(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Signed => "signed",
            Self::Sent => "sent",
        }
    }

    fn parse(word: &str) -> Option<Self> {
        [Self::Held, Self::Signed, Self::Sent].into_iter().find(|form| form.as_str() == word)
    }
}

/// How far an offer is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum FilingState {
    /// It is on its way to somebody by mail, and is offered once that has ended.
    AfterSending,
    /// It is tried, and tried again.
    Due {
        /// When next.
        next: Timestamp,
        /// How often it was tried.
        attempts: u32,
        /// Why it was not taken the last time, Dutch and English.
        trouble: Option<(String, String)>,
    },
    /// The record system took it.
    Filed {
        /// Where, as the record system says it.
        place: Option<String>,
    },
    /// The record system refused it: a person must change something, and ask again.
    Refused {
        /// Why, Dutch.
        nl: String,
        /// Why, English.
        en: String,
        /// What the record system said itself. It may name a patient: it goes with the text, and into no
        /// journal.
        #[serde(default)]
        said: Option<String>,
    },
    /// It is offered no more: a person stopped it, took the mail back, or destroyed its text.
    Stopped {
        /// Whether it was tried before.
        there: Stopped,
    },
}

/// What is known of an offer that was stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stopped {
    /// The record system was never given it.
    NotThere,
    /// It was tried: the record system may have it.
    MaybeThere,
}

impl Stopped {
    fn after(attempts: u32) -> Self {
        if attempts == 0 { Self::NotThere } else { Self::MaybeThere }
    }
}

/// An offer that is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueFiling {
    /// What is offered.
    pub source: Source,
    /// Its account.
    pub account: Address,
    /// Under what it is filed: the JSON that it was asked with, or [`UNFILED`].
    pub what: String,
    /// How often it was tried.
    pub attempts: u32,
    /// It was tried under something else before.
    pub changed: bool,
    /// In which form a held message was offered before.
    pub form: Option<Form>,
}

/// Instead of under what it is filed: under nothing, into a folder, for a person to file.
pub const UNFILED: &str = "unfiled";

impl Vault {
    /// Keeps the wish to offer a message, under what a person confirmed. Asked again, it is tried anew
    /// under what is confirmed now, until it is taken.
    ///
    /// # Errors
    /// [`VaultError::NotNow`] where the record system has it already; where it cannot be kept.
    pub fn ask_filing(
        &self,
        source: Source,
        account: &Address,
        what: &str,
        now: Timestamp,
    ) -> Result<(), VaultError> {
        self.change(|change| ask(change, source, account, what, now))
    }

    /// Offers it no more. What was confirmed of a patient is forgotten with it.
    ///
    /// # Errors
    /// [`VaultError::NotNow`] where nothing is offered.
    pub fn stop_filing(&self, source: Source, now: Timestamp) -> Result<Stopped, VaultError> {
        self.change(|change| {
            stop(change, source.id(), Some(os_user()), now)?.ok_or(VaultError::NotNow {
                asked: "stopped",
                state: "it is not offered to the record system (any more)",
            })
        })
    }

    /// What is due at this time, and when the next is due after it.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub fn due_filings(
        &self,
        now: Timestamp,
    ) -> Result<(Vec<DueFiling>, Option<Timestamp>), VaultError> {
        self.look(|database| {
            let mut statement = database.prepare_cached(&format!(
                "SELECT held, account, what, attempts, changed, source, form FROM filing
                 WHERE state = 'due' AND next_at <= ?1 AND NOT {UNDERWAY} ORDER BY next_at"
            ))?;
            let due = statement.query_and_then([now.as_millisecond()], due)?;
            let due = due.collect::<Result<Vec<_>, VaultError>>()?;
            let next: Option<i64> = database.query_row(
                "SELECT min(next_at) FROM filing WHERE state = 'due' AND next_at > ?1",
                [now.as_millisecond()],
                |row| row.get(0),
            )?;
            Ok((due, next.map(time::from_ms)))
        })
    }

    /// Counts an attempt before it is made, so that one of which the end is never seen was made all the
    /// same. `false` where it is not due under this any more: nothing is to be handed in or noted.
    ///
    /// # Errors
    /// Where it cannot be kept; nothing is to be handed in then.
    pub fn begin_filing(
        &self,
        source: Source,
        what: &str,
        form: Option<Form>,
    ) -> Result<bool, VaultError> {
        self.change(|change| {
            let begun = change.execute(
                &format!(
                    "UPDATE filing SET attempts = attempts + 1, form = coalesce(form, ?3)
                     WHERE held = ?1 AND what = ?2 AND state = 'due' AND NOT {UNDERWAY}"
                ),
                params![source.id().to_string(), what, form.map(Form::as_str)],
            )?;
            Ok(begun == 1)
        })
    }

    /// Notes what an attempt came to that was made under this, counted by [`Vault::begin_filing`]. Of an
    /// attempt under what was corrected meanwhile nothing is noted; of one that was stopped meanwhile, only
    /// that it was taken all the same.
    ///
    /// # Errors
    /// Where it cannot be kept.
    pub fn record_filing(
        &self,
        source: Source,
        what: &str,
        state: &FilingState,
        now: Timestamp,
    ) -> Result<(), VaultError> {
        let taken = matches!(state, FilingState::Filed { .. });
        self.change(|change| {
            let id = source.id().to_string();
            let current = change
                .prepare_cached(
                    "SELECT 1 FROM filing
                     WHERE held = ?1 AND (what = ?2 OR ?3 AND state = 'stopped')",
                )?
                .exists(params![id, what, taken])?;
            if !current {
                return Ok(());
            }
            record(change, (source.id(), what), state, now)
        })
    }

    /// Under what it was asked last; `None` where it was not, or where it is filed or stopped.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub fn filing_wish(&self, source: Source) -> Result<Option<String>, VaultError> {
        self.look(|database| {
            let mut statement = database.prepare_cached(
                "SELECT what FROM filing WHERE held = ?1 AND state IN ('due', 'refused')",
            )?;
            Ok(statement.query_row([source.id().to_string()], |row| row.get(0)).optional()?)
        })
    }

    /// How far the offer of this id is ([`Source::id`]); `None` where none was asked.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub fn filing(&self, id: HeldId) -> Result<Option<FilingState>, VaultError> {
        self.look(|database| {
            let row = database
                .prepare_cached(&format!(
                    "SELECT state, next_at, attempts, place, nl, en, said, {UNDERWAY}
                     FROM filing WHERE held = ?1"
                ))?
                .query_row([id.to_string()], state)
                .optional()?;
            Ok(row)
        })
    }

    /// Copies of what came in with which a record system is not done: offered, or refused.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub fn offered_copies(&self) -> Result<Vec<Archived>, VaultError> {
        self.look(|database| {
            let sql = format!(
                "{ARCHIVED} WHERE held IN (SELECT held FROM filing
                 WHERE source = 'copy' AND state IN ('due', 'refused')) ORDER BY seq"
            );
            database.prepare_cached(&sql)?.query_and_then([], archived)?.collect()
        })
    }
}

/// Keeps a wish. See [`Vault::ask_filing`].
pub(crate) fn ask(
    change: &mut Change<'_>,
    source: Source,
    account: &Address,
    what: &str,
    now: Timestamp,
) -> Result<(), VaultError> {
    let kind = match source {
        Source::Held(_) => "held",
        Source::Copy(_) => "copy",
    };
    let kept = change.execute(
        // A refusal does not say that nothing lies there: the form stays, and what is found of it is
        // under nobody known.
        "INSERT INTO filing (held, account, what, next_at, source) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (held) DO UPDATE SET what = ?3, state = 'due', next_at = ?4, nl = NULL,
            en = NULL, said = NULL,
            changed = changed OR (attempts > 0 AND (what <> ?3 OR state = 'refused'))
         WHERE state <> 'filed'",
        params![source.id().to_string(), account.to_string(), what, now.as_millisecond(), kind],
    )?;
    match kept {
        0 => Err(VaultError::NotNow {
            asked: "offered to the record system",
            state: "it has it already; have it moved there, where it lies under another patient",
        }),
        _ => change.journal(&Entry::FilingAsked { id: source.id(), who: os_user() }, now),
    }
}

/// Stops what is offered, or was refused, and forgets the patient and the record system's words. `None`
/// where there is nothing to stop. `who`: the person who did it, where it was one.
pub(crate) fn stop(
    change: &mut Change<'_>,
    id: HeldId,
    who: Option<String>,
    now: Timestamp,
) -> Result<Option<Stopped>, VaultError> {
    let attempts: Option<u32> = change
        .prepare_cached(
            "UPDATE filing SET state = 'stopped', what = '', nl = NULL, en = NULL, said = NULL
             WHERE held = ?1 AND state IN ('due', 'refused') RETURNING attempts",
        )?
        .query_row([id.to_string()], |row| row.get(0))
        .optional()?;
    if attempts.is_some() {
        change.journal(&Entry::FilingStopped { id, who }, now)?;
    }
    Ok(attempts.map(Stopped::after))
}

fn record(
    change: &mut Change<'_>,
    (held, what): (HeldId, &str),
    state: &FilingState,
    now: Timestamp,
) -> Result<(), VaultError> {
    let id = held.to_string();
    match state {
        FilingState::Due { next, trouble, .. } => {
            let (nl, en) = trouble.clone().unzip();
            change.execute(
                "UPDATE filing SET next_at = ?2, nl = ?3, en = ?4 WHERE held = ?1",
                params![id, next.as_millisecond(), nl, en],
            )?;
            Ok(())
        }
        // It can still be offered under a patient.
        FilingState::Filed { .. } if what == UNFILED => {
            change.execute("DELETE FROM filing WHERE held = ?1", [&id])?;
            change.journal(&Entry::CopyWritten { id, format: "dossier".to_owned() }, now)
        }
        FilingState::Filed { place } => {
            change.execute(
                // The patient stands in the record from now on, and not here.
                "UPDATE filing SET state = 'filed', place = ?2, what = '', nl = NULL, en = NULL,
                    said = NULL
                 WHERE held = ?1",
                params![id, place],
            )?;
            change.journal(&Entry::Filed { id: held, place: place.clone() }, now)
        }
        FilingState::Refused { nl, en, said } => {
            change.execute(
                "UPDATE filing SET state = 'refused', nl = ?2, en = ?3, said = ?4 WHERE held = ?1",
                params![id, nl, en, said],
            )?;
            change.journal(&Entry::FilingRefused { id: held, why: en.clone() }, now)
        }
        // No attempt ends so.
        FilingState::AfterSending | FilingState::Stopped { .. } => Ok(()),
    }
}

fn state(row: &Row<'_>) -> rusqlite::Result<FilingState> {
    let (nl, en): (Option<String>, Option<String>) = (row.get(4)?, row.get(5)?);
    Ok(match row.get::<_, String>(0)?.as_str() {
        "filed" => FilingState::Filed { place: row.get(3)? },
        "stopped" => FilingState::Stopped { there: Stopped::after(row.get(2)?) },
        "refused" => FilingState::Refused {
            nl: nl.unwrap_or_default(),
            en: en.unwrap_or_default(),
            said: row.get(6)?,
        },
        _ if row.get(7)? => FilingState::AfterSending,
        _ => FilingState::Due {
            next: time::from_ms(row.get(1)?),
            attempts: row.get(2)?,
            trouble: nl.zip(en),
        },
    })
}

fn due(row: &Row<'_>) -> Result<DueFiling, VaultError> {
    let (id, account): (String, String) = (row.get(0)?, row.get(1)?);
    let source = match row.get::<_, String>(5)?.as_str() {
        "copy" => Source::Copy(id.parse().map_err(|_| damaged())?),
        _ => Source::Held(id.parse().map_err(|_| damaged())?),
    };
    Ok(DueFiling {
        source,
        account: Address::parse(&account).map_err(|_| damaged())?,
        what: row.get(2)?,
        attempts: row.get(3)?,
        changed: row.get(4)?,
        form: row.get::<_, Option<String>>(6)?.as_deref().and_then(Form::parse),
    })
}

/// Whether an offer of this message waits for its recipients: it is on its way to one of them.
pub(crate) fn waits(database: &Connection, id: HeldId) -> Result<bool, VaultError> {
    let sql = format!("SELECT 1 FROM filing WHERE held = ?1 AND state = 'due' AND {UNDERWAY}");
    Ok(database.prepare_cached(&sql)?.exists([id.to_string()])?)
}

fn damaged() -> VaultError {
    VaultError::corrupt("a row of the filings")
}

/// The message of a row of `filing` is on its way to somebody, or was kept back until a person chooses anew.
const UNDERWAY: &str = "EXISTS (SELECT 1 FROM message m JOIN recipient r ON r.message = m.seq
    WHERE m.id = filing.held AND (r.state IN ('chosen', 'sending')
        OR r.state = 'waiting' AND r.choice IS NOT NULL))";

#[cfg(test)]
#[path = "filing_tests.rs"]
mod tests;
