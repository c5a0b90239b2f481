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

mod stands;

use jiff::Timestamp;
use mail::Address;
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::Deserialize;

use crate::archive::{ArchiveId, Archived, archived};
use crate::error::VaultError;
use crate::journal::Entry;
use crate::open::{Change, Vault};
use crate::outbox::{self, HeldId, os_user};
use crate::time;

pub use stands::{Earlier, FilingState, Form, Offer, Stopped};

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
    /// How often it came to nothing since it was asked, tried or not.
    pub failures: u32,
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
    /// [`VaultError::NotNow`] where the record system has it already; [`VaultError::Discarded`] where the
    /// text of a held message was destroyed; where it cannot be kept.
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

    /// What is due at this time, and when the next is due after it. An offer whose row is damaged is refused,
    /// with what to do, and holds up no other.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub fn due_filings(
        &self,
        now: Timestamp,
    ) -> Result<(Vec<DueFiling>, Option<Timestamp>), VaultError> {
        let (all, next) = self.look(|database| {
            let mut statement = database.prepare_cached(include_str!("schema/filing-due.sql"))?;
            let rows = statement
                .query_map([now.as_millisecond()], |row| Ok(due(row).map_err(|_| row.get(0))))?;
            let all =
                rows.collect::<Result<Vec<Result<DueFiling, rusqlite::Result<String>>>, _>>()?;
            let next: Option<i64> = database.query_row(
                "SELECT min(next_at) FROM filing WHERE state = 'due' AND next_at > ?1",
                [now.as_millisecond()],
                |row| row.get(0),
            )?;
            Ok((all, next.map(time::from_ms)))
        })?;
        let mut whole = Vec::with_capacity(all.len());
        for one in all {
            match one {
                Ok(due) => whole.push(due),
                Err(id) => self.refuse_damaged(id.ok().and_then(|id| id.parse().ok()), now)?,
            }
        }
        Ok((whole, next))
    }

    fn refuse_damaged(&self, id: Option<HeldId>, now: Timestamp) -> Result<(), VaultError> {
        let Some(id) = id else {
            tracing::error!("an offer of no message that is known is passed over");
            return Ok(());
        };
        let (nl, en) = (DAMAGED.0.to_owned(), DAMAGED.1.to_owned());
        self.change(|change| {
            record(change, (id, ""), &FilingState::Refused { nl, en, said: None }, now)
        })
    }

    /// Counts an attempt before it is made, so that one of which the end is never seen was made all the
    /// same. `false` where it is not due under this any more, or would not be offered first in this form any
    /// more: nothing is to be handed in or noted.
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
                include_str!("schema/filing-begin.sql"),
                params![source.id().to_string(), what, form.map(Form::as_str)],
            )?;
            Ok(begun == 1)
        })
    }

    /// Notes what an attempt came to that was made under this, counted by [`Vault::begin_filing`]. Of an
    /// attempt under what was corrected meanwhile, it is only noted that it was taken all the same
    /// ([`Offer::earlier`]); so it is of one that was stopped meanwhile, which then counts as taken.
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
            let sql = "SELECT 1 FROM filing
                 WHERE held = ?1 AND (what = ?2 OR ?3 AND state = 'stopped')";
            let current = change.prepare_cached(sql)?.exists(params![id, what, taken])?;
            match (current, state) {
                (true, state) => record(change, (source.id(), what), state, now),
                (false, FilingState::Filed { place }) => {
                    taken_by(change, (source.id(), what), (place.as_ref(), EARLIER), now)?;
                    change.journal(&Entry::Filed { id: source.id(), place: place.clone() }, now)
                }
                (false, _) => Ok(()),
            }
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

    /// In which form a held message would be offered at this moment, had it not been offered before; `None`
    /// for a copy, and for what is not offered.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub fn filing_form(&self, source: Source) -> Result<Option<Form>, VaultError> {
        self.look(|database| {
            let mut statement =
                database.prepare_cached("SELECT form_now FROM offer WHERE held = ?1")?;
            let form =
                statement.query_row([source.id().to_string()], |row| row.get(0)).optional()?;
            Ok(form.flatten().and_then(|form: String| Form::parse(&form)))
        })
    }

    /// How far the offer of this id is ([`Source::id`]); `None` where none was asked.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub fn filing(&self, id: HeldId) -> Result<Option<FilingState>, VaultError> {
        Ok(self.offer(id)?.map(|offer| offer.state))
    }

    /// The same, with what came of it before it was corrected.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub fn offer(&self, id: HeldId) -> Result<Option<Offer>, VaultError> {
        self.look(|database| {
            let id = id.to_string();
            let sql = "SELECT state, next_at, attempts, place, nl, en, said, underway, what
                       FROM offer WHERE held = ?1";
            let mut statement = database.prepare_cached(sql)?;
            let asked = |row: &Row<'_>| Ok((state(row)?, system(&row.get::<_, String>(8)?)));
            let Some((state, asked)) = statement.query_row([&id], asked).optional()? else {
                return Ok(None);
            };
            let sql =
                "SELECT system, at, place, stands FROM filing_taken WHERE held = ?1 ORDER BY at";
            let mut statement = database.prepare_cached(sql)?;
            let all = statement.query_map([&id], earlier)?.collect::<Result<Vec<_>, _>>()?;
            let (current, earlier): (Vec<_>, Vec<_>) =
                all.into_iter().partition(|one| one.1 == CURRENT);
            let system = current.into_iter().next_back().map_or(asked, |(one, _)| one.system);
            let earlier = earlier.into_iter().map(|(one, _)| one).collect();
            Ok(Some(Offer { state, system: system.filter(|name| !name.is_empty()), earlier }))
        })
    }

    /// Copies of what came in with which a record system is not done: offered, or refused. One whose
    /// description is damaged is told without it.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub fn offered_copies(&self) -> Result<Vec<Archived>, VaultError> {
        self.look(|database| {
            let mut statement =
                database.prepare_cached(include_str!("schema/offered-copies.sql"))?;
            statement.query_and_then([], archived)?.collect()
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
        Source::Held(id) if !outbox::has_text(change, id)? => return Err(VaultError::Discarded),
        Source::Held(_) => "held",
        Source::Copy(_) => "copy",
    };
    let id = source.id().to_string();
    let sql = "SELECT what, state = 'due' AND tried FROM filing WHERE held = ?1";
    let before: Option<(String, bool)> = change
        .prepare_cached(sql)?
        .query_row([&id], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let same = before.as_ref().is_none_or(|(before, _)| system(before) == system(what));
    // No answer of the system that was tried was seen, and it is asked no more.
    if let Some((before, true)) = before.filter(|_| !same) {
        taken_by(change, (source.id(), &before), (None, IN_DOUBT), now)?;
    }
    let kept = change.execute(
        include_str!("schema/filing-ask.sql"),
        params![id, account.to_string(), what, now.as_millisecond(), kind, same],
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
    let sql = "SELECT what, attempts, state = 'due' AND tried FROM filing
         WHERE held = ?1 AND state IN ('due', 'refused')";
    let found = change
        .prepare_cached(sql)?
        .query_row([id.to_string()], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .optional()?;
    let Some((what, attempts, tried)): Option<(String, u32, bool)> = found else { return Ok(None) };
    if tried {
        taken_by(change, (id, &what), (None, IN_DOUBT), now)?;
    }
    let sql = include_str!("schema/filing-stop.sql");
    change.execute(sql, params![id.to_string(), now.as_millisecond()])?;
    change.journal(&Entry::FilingStopped { id, who }, now)?;
    Ok(Some(Stopped::after(attempts)))
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
                "UPDATE filing SET next_at = ?2, nl = ?3, en = ?4, failures = failures + 1
                 WHERE held = ?1",
                params![id, next.as_millisecond(), nl, en],
            )?;
            Ok(())
        }
        // It can still be offered under a patient.
        FilingState::Filed { place } if what == UNFILED => {
            taken_by(change, (held, what), (place.as_ref(), EARLIER), now)?;
            change.execute("DELETE FROM filing WHERE held = ?1", [&id])?;
            change.journal(&Entry::CopyWritten { id, format: "dossier".to_owned() }, now)
        }
        FilingState::Filed { place } => {
            taken_by(change, (held, what), (place.as_ref(), CURRENT), now)?;
            change.execute(
                // The patient stands in the record from now on, and not here.
                include_str!("schema/filing-filed.sql"),
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

/// Notes that a record system took it under this, or may have. What was in doubt of that system is known then.
fn taken_by(
    change: &Change<'_>,
    (held, what): (HeldId, &str),
    (place, stands): (Option<&String>, &str),
    now: Timestamp,
) -> Result<(), VaultError> {
    let (id, system) = (held.to_string(), system(what));
    let sql = "DELETE FROM filing_taken WHERE held = ?1 AND system IS ?2 AND stands = ?3";
    change.execute(sql, params![id, system, IN_DOUBT])?;
    let sql =
        "INSERT INTO filing_taken (held, system, at, place, stands) VALUES (?1, ?2, ?3, ?4, ?5)";
    change.execute(sql, params![id, system, now.as_millisecond(), place, stands])?;
    Ok(())
}

/// Which record system is meant: the only word of what was asked that is read here.
fn system(what: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Named {
        destination: Option<String>,
    }
    let named = || serde_json::from_str::<Named>(what).ok().and_then(|named| named.destination);
    (what != UNFILED).then(|| named().unwrap_or_default())
}

fn earlier(row: &Row<'_>) -> rusqlite::Result<(Earlier, String)> {
    let stands: String = row.get(3)?;
    let (system, at, place) = (row.get(0)?, time::from_ms(row.get(1)?), row.get(2)?);
    Ok((Earlier { system, at, place, in_doubt: stands == IN_DOUBT }, stands))
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
        failures: row.get(7)?,
    })
}

/// Whether an offer of this message waits for its recipients: it is on its way to one of them.
pub(crate) fn waits(database: &Connection, id: HeldId) -> Result<bool, VaultError> {
    let sql = "SELECT 1 FROM offer WHERE held = ?1 AND state = 'due' AND underway";
    Ok(database.prepare_cached(sql)?.exists([id.to_string()])?)
}

fn damaged() -> VaultError {
    VaultError::corrupt("a row of the filings")
}

/// How what a system took stands to the offer as it is now.
const CURRENT: &str = "current";
const EARLIER: &str = "earlier";
const IN_DOUBT: &str = "maybe";
const DAMAGED: (&str, &str) = (
    "wat van dit aanbod bewaard is, is beschadigd; vul opnieuw in over wie het gaat, en bied het weer aan",
    "what was kept of this offer is damaged; fill in again whom it is about, and offer it anew",
);

#[cfg(test)]
#[path = "filing_tests.rs"]
mod tests;
