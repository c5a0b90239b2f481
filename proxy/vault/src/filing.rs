//! What is offered to a record system over the network: kept until the system took it.

use jiff::Timestamp;
use mail::Address;
use rusqlite::{OptionalExtension, Row, params};
use serde::{Deserialize, Serialize};

use crate::error::VaultError;
use crate::journal::Entry;
use crate::open::Vault;
use crate::outbox::{HeldId, os_user};
use crate::time;

/// How far an offer is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum FilingState {
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
    },
}

/// An offer that is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueFiling {
    /// The message.
    pub held: HeldId,
    /// Its account.
    pub account: Address,
    /// Under what it is filed: the JSON that it was asked with.
    pub what: String,
    /// How often it was tried.
    pub attempts: u32,
    /// It was tried under something else before.
    pub changed: bool,
}

impl Vault {
    /// Keeps the wish to offer a message, under what a person confirmed. Asked again, it is tried anew
    /// under what is confirmed now, until it is taken.
    ///
    /// # Errors
    /// [`VaultError::NotNow`] where the record system has it already; where it cannot be kept.
    pub fn ask_filing(
        &self,
        held: HeldId,
        account: &Address,
        what: &str,
        now: Timestamp,
    ) -> Result<(), VaultError> {
        self.change(|change| {
            let kept = change.execute(
                "INSERT INTO filing (held, account, what, next_at) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (held) DO UPDATE SET what = ?3, state = 'due', next_at = ?4,
                    nl = NULL, en = NULL, changed = changed OR (attempts > 0 AND what <> ?3)
                 WHERE state <> 'filed'",
                params![held.to_string(), account.to_string(), what, now.as_millisecond()],
            )?;
            match kept {
                0 => Err(VaultError::NotNow {
                    asked: "offered to the record system",
                    state: "it has it already; have it moved there, where it lies under another patient",
                }),
                _ => change.journal(&Entry::FilingAsked { id: held, who: os_user() }, now),
            }
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
            let mut statement = database.prepare_cached(
                "SELECT held, account, what, attempts, changed FROM filing
                 WHERE state = 'due' AND next_at <= ?1 ORDER BY next_at",
            )?;
            let rows = statement.query_map([now.as_millisecond()], raw)?;
            let due = rows.map(|row| due(row?)).collect::<Result<Vec<_>, VaultError>>()?;
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
    pub fn begin_filing(&self, held: HeldId, what: &str) -> Result<bool, VaultError> {
        self.change(|change| {
            let begun = change.execute(
                "UPDATE filing SET attempts = attempts + 1
                 WHERE held = ?1 AND what = ?2 AND state = 'due'",
                params![held.to_string(), what],
            )?;
            Ok(begun == 1)
        })
    }

    /// Notes what an attempt came to that was made under this, counted by [`Vault::begin_filing`]. Of an
    /// attempt under what was corrected meanwhile nothing is noted.
    ///
    /// # Errors
    /// Where it cannot be kept.
    pub fn record_filing(
        &self,
        held: HeldId,
        what: &str,
        state: &FilingState,
        now: Timestamp,
    ) -> Result<(), VaultError> {
        self.change(|change| {
            let id = held.to_string();
            let current = change
                .prepare_cached("SELECT 1 FROM filing WHERE held = ?1 AND what = ?2")?
                .exists(params![id, what])?;
            if !current {
                return Ok(());
            }
            match state {
                FilingState::Due { next, trouble, .. } => {
                    let (nl, en) = trouble.clone().unzip();
                    change.execute(
                        "UPDATE filing SET next_at = ?2, nl = ?3, en = ?4 WHERE held = ?1",
                        params![id, next.as_millisecond(), nl, en],
                    )?;
                    Ok(())
                }
                FilingState::Filed { place } => {
                    change.execute(
                        // The patient stands in the record from now on, and not here.
                        "UPDATE filing SET state = 'filed', place = ?2, what = '', nl = NULL, en = NULL
                         WHERE held = ?1",
                        params![id, place],
                    )?;
                    change.journal(&Entry::Filed { id: held, place: place.clone() }, now)
                }
                FilingState::Refused { nl, en } => {
                    change.execute(
                        "UPDATE filing SET state = 'refused', nl = ?2, en = ?3 WHERE held = ?1",
                        params![id, nl, en],
                    )?;
                    change.journal(&Entry::FilingRefused { id: held, why: en.clone() }, now)
                }
            }
        })
    }

    /// Under what it was asked last; `None` where it was not, or where it is filed.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub fn filing_wish(&self, held: HeldId) -> Result<Option<String>, VaultError> {
        self.look(|database| {
            let mut statement = database
                .prepare_cached("SELECT what FROM filing WHERE held = ?1 AND state <> 'filed'")?;
            Ok(statement.query_row([held.to_string()], |row| row.get(0)).optional()?)
        })
    }

    /// How far the offer of a message is; `None` where none was asked.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub fn filing(&self, held: HeldId) -> Result<Option<FilingState>, VaultError> {
        self.look(|database| {
            let row = database
                .prepare_cached(
                    "SELECT state, next_at, attempts, place, nl, en FROM filing WHERE held = ?1",
                )?
                .query_row([held.to_string()], state)
                .optional()?;
            Ok(row)
        })
    }
}

fn state(row: &Row<'_>) -> rusqlite::Result<FilingState> {
    let (nl, en): (Option<String>, Option<String>) = (row.get(4)?, row.get(5)?);
    Ok(match row.get::<_, String>(0)?.as_str() {
        "filed" => FilingState::Filed { place: row.get(3)? },
        "refused" => {
            FilingState::Refused { nl: nl.unwrap_or_default(), en: en.unwrap_or_default() }
        }
        _ => FilingState::Due {
            next: time::from_ms(row.get(1)?),
            attempts: row.get(2)?,
            trouble: nl.zip(en),
        },
    })
}

type Raw = (String, String, String, u32, bool);

fn raw(row: &Row<'_>) -> rusqlite::Result<Raw> {
    Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?))
}

fn due((held, account, what, attempts, changed): Raw) -> Result<DueFiling, VaultError> {
    let damaged = || VaultError::corrupt("a row of the filings");
    Ok(DueFiling {
        held: held.parse().map_err(|_| damaged())?,
        account: Address::parse(&account).map_err(|_| damaged())?,
        what,
        attempts,
        changed,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::{address, at, hold, vault};

    fn due(vault: &Vault, second: i64) -> Vec<HeldId> {
        vault.due_filings(at(second)).unwrap().0.into_iter().map(|one| one.held).collect()
    }

    #[test]
    fn an_offer_is_due_until_it_is_taken_and_is_taken_once() {
        let (_folder, vault) = vault();
        let (id, account) = (hold(&vault, "x", at(1)), address("jan@praktijk.nl"));
        vault.ask_filing(id, &account, "{}", at(1)).unwrap();
        assert_eq!(due(&vault, 1), [id]);
        assert!(vault.begin_filing(id, "{}").unwrap());
        let trouble = Some(("nu niet".to_owned(), "not now".to_owned()));
        let later = FilingState::Due { next: at(50), attempts: 1, trouble };
        vault.record_filing(id, "{}", &later, at(2)).unwrap();
        assert_eq!(vault.filing(id).unwrap(), Some(later));
        assert_eq!(vault.due_filings(at(2)).unwrap(), (Vec::new(), Some(at(50))));
        assert_eq!(due(&vault, 50), [id]);
        let filed = FilingState::Filed { place: Some("DocumentReference/1".to_owned()) };
        vault.record_filing(id, "{}", &filed, at(51)).unwrap();
        let again = vault.ask_filing(id, &account, "{}", at(52));
        assert!(matches!(again, Err(VaultError::NotNow { .. })), "what was taken stays taken");
        assert_eq!(vault.filing(id).unwrap(), Some(filed));
        assert!(due(&vault, 99).is_empty());
    }

    #[test]
    fn what_was_refused_is_tried_again_only_where_a_person_asks_again() {
        let (_folder, vault) = vault();
        let (id, account) = (hold(&vault, "x", at(1)), address("jan@praktijk.nl"));
        assert_eq!(vault.filing(id).unwrap(), None);
        vault.ask_filing(id, &account, "{\"a\":1}", at(1)).unwrap();
        let no = FilingState::Refused { nl: "nee".to_owned(), en: "no".to_owned() };
        vault.record_filing(id, "{\"a\":1}", &no, at(2)).unwrap();
        assert!(due(&vault, 99).is_empty());
        vault.ask_filing(id, &account, "{\"a\":2}", at(3)).unwrap();
        let (again, _) = vault.due_filings(at(3)).unwrap();
        assert_eq!(again[0].what, "{\"a\":2}");
        assert_eq!(vault.filing_wish(id).unwrap().as_deref(), Some("{\"a\":2}"));
        let kinds: Vec<String> = vault
            .export_journal()
            .unwrap()
            .iter()
            .filter_map(|line| {
                serde_json::to_value(&line.entry).unwrap()["kind"].as_str().map(str::to_owned)
            })
            .filter(|kind| kind.contains("filing"))
            .collect();
        assert_eq!(kinds, ["filing_asked", "filing_refused", "filing_asked"]);
    }

    #[test]
    fn an_attempt_under_a_patient_who_was_corrected_meanwhile_is_no_filing() {
        let (_folder, vault) = vault();
        let (id, account) = (hold(&vault, "x", at(1)), address("jan@praktijk.nl"));
        vault.ask_filing(id, &account, "A", at(1)).unwrap();
        assert!(vault.begin_filing(id, "A").unwrap());
        vault.ask_filing(id, &account, "B", at(2)).unwrap();
        vault.record_filing(id, "A", &FilingState::Filed { place: None }, at(3)).unwrap();
        let (still, _) = vault.due_filings(at(3)).unwrap();
        assert_eq!((still[0].what.as_str(), still[0].attempts, still[0].changed), ("B", 1, true));
    }

    #[test]
    fn an_attempt_begins_under_the_patient_who_is_confirmed_then_and_under_no_other() {
        let (_folder, vault) = vault();
        let account = address("jan@praktijk.nl");
        let (first, second) = (hold(&vault, "x", at(1)), hold(&vault, "y", at(1)));
        vault.ask_filing(first, &account, "A", at(1)).unwrap();
        vault.ask_filing(second, &account, "A", at(2)).unwrap();
        let (due, _) = vault.due_filings(at(2)).unwrap();
        assert!(vault.begin_filing(first, &due[0].what).unwrap());
        vault.ask_filing(second, &account, "B", at(3)).unwrap();
        assert!(!vault.begin_filing(second, &due[1].what).unwrap(), "corrected meanwhile");
        let no = FilingState::Refused { nl: "nee".to_owned(), en: "no".to_owned() };
        vault.record_filing(second, "A", &no, at(4)).unwrap();
        let (due, _) = vault.due_filings(at(4)).unwrap();
        // The first is offered again after a crash, as one that may have been taken.
        let seen: Vec<_> =
            due.iter().map(|one| (one.held, one.what.as_str(), one.attempts)).collect();
        assert_eq!(seen, [(first, "A", 1), (second, "B", 0)]);
        assert!(!due[1].changed, "it was never handed in under the other");
        assert!(vault.begin_filing(second, "B").unwrap());
        vault.record_filing(second, "B", &FilingState::Filed { place: None }, at(5)).unwrap();
        assert!(!vault.begin_filing(second, "B").unwrap(), "taken is taken");
    }
}
