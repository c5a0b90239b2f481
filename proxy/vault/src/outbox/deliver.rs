use core::mem::discriminant;

use jiff::Timestamp;
use mail::Address;
use nta7516::proof::{End, Proof, Words};
use rusqlite::{Connection, params};

use super::rows;
use super::{Attempt, Choice, Due, HeldId, HeldRecipient, Outcome, State};
use crate::archive::{ArchiveId, NewCopy};
use crate::errand::{self, Task};
use crate::error::VaultError;
use crate::journal::Entry;
use crate::open::{Change, Vault};
use crate::time;

impl Vault {
    /// What is to be handed over now: chosen, not in doubt, and its time has come. A recipient
    /// whose last attempt lies in the future was tried before the clock was set back, and is due.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub fn due(&self, now: Timestamp) -> Result<Vec<Due>, VaultError> {
        let now = now.as_millisecond();
        self.look(|database| {
            let ids = rows::ids(database, include_str!("../schema/delivery-due.sql"), [now])?;
            ids.into_iter().map(|id| due(database, id, now)).collect()
        })
    }

    /// Makes due at once what was put off for a later try; answers whether there was any.
    ///
    /// # Errors
    /// [`VaultError::UnknownMessage`], or where the database cannot be written.
    pub fn hurry(&self, id: HeldId) -> Result<bool, VaultError> {
        self.change(|change| {
            let filed = rows::one(change, id)?;
            let changed = change.execute(
                "UPDATE recipient SET next_attempt_at = NULL
                 WHERE message = ?1 AND state = 'chosen' AND next_attempt_at IS NOT NULL",
                [filed.seq],
            )?;
            Ok(changed > 0)
        })
    }

    /// When something is due next, after `now`; `None` where nothing is planned.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub fn next_due(&self, now: Timestamp) -> Result<Option<Timestamp>, VaultError> {
        self.look(|database| {
            let next: Option<i64> = database
                .prepare_cached(
                    "SELECT min(next_attempt_at) FROM recipient
                     WHERE state = 'chosen' AND next_attempt_at > ?1",
                )?
                .query_row([now.as_millisecond()], |row| row.get(0))?;
            Ok(next.map(time::from_ms))
        })
    }

    /// Says that a server is about to be given the end of the message (the final dot, or the last
    /// chunk) for the recipients of these proofs. Only when this answered `Ok` may that end be sent:
    /// it lies on disk then, and a crash leaves them in doubt instead of due, each with what is
    /// `seen` now of host, certificate and records. How these proofs end is not read: in doubt.
    ///
    /// # Errors
    /// [`VaultError::NotNow`] where one of them is not chosen (any more), or for another way than
    /// this (reasons aside): a person may have taken the choice back and chosen again while the
    /// message was on its way. Nothing is changed then, and the message must not be sent.
    pub fn begin_handover(
        &self,
        id: HeldId,
        seen: &[Proof],
        way: &Choice,
        now: Timestamp,
    ) -> Result<(), VaultError> {
        self.change(|change| {
            let filed = rows::one(change, id)?;
            let to: Vec<Address> = seen.iter().map(|proof| proof.to.clone()).collect();
            let positions = filed.positions(&to)?;
            let ready = |at: &usize| {
                let recipient = filed.message.recipients.get(*at);
                recipient.is_some_and(|recipient| {
                    let kind = |choice: &Choice| discriminant(choice) == discriminant(way);
                    recipient.state == State::Chosen && recipient.choice.as_ref().is_some_and(kind)
                })
            };
            if !positions.iter().all(ready) {
                return Err(VaultError::NotNow {
                    asked: "handed over",
                    state: "a recipient is not chosen for it",
                });
            }
            for position in &positions {
                let of_one = |proof: &&Proof| {
                    let one = filed.message.recipients.get(*position);
                    one.is_some_and(|one| one.address == proof.to)
                };
                let proof = seen.iter().find(of_one).map(|proof| doubted(proof, BEGUN));
                change
                    .prepare_cached(
                        "UPDATE recipient SET state = 'sending', in_doubt = 1, tried_at = ?3,
                            proof = ?4
                         WHERE message = ?1 AND position = ?2",
                    )?
                    .execute(params![
                        filed.seq,
                        *position as i64,
                        now.as_millisecond(),
                        proof.and_then(|proof| serde_json::to_string(&proof).ok()),
                    ])?;
            }
            let recipients = filed.addresses(&positions);
            change.journal(&Entry::HandoverBegun { id, recipients }, now)
        })
    }

    /// Records what an attempt came to for several recipients, in one step, and journals it.
    ///
    /// # Errors
    /// [`VaultError::NotNow`] where a recipient is in no state for its outcome: "sent" and "in
    /// doubt" need a hand-over that was begun, the others one that was begun or chosen. For one
    /// that a person withdrew meanwhile those others say nothing.
    pub fn record_results(
        &self,
        id: HeldId,
        results: &[Attempt],
        now: Timestamp,
    ) -> Result<(), VaultError> {
        self.change(|change| settle(change, id, results, now))
    }

    /// Records what an attempt came to, and keeps the copy as sent, in one step: nothing counts as
    /// sent of which there is no copy. See [`record_results`](Self::record_results).
    ///
    /// # Errors
    /// As [`record_results`](Self::record_results), and where the copy cannot be kept; neither
    /// stands then.
    pub fn record_sent(
        &self,
        id: HeldId,
        results: &[Attempt],
        copy: NewCopy<'_>,
        now: Timestamp,
    ) -> Result<ArchiveId, VaultError> {
        let signed = copy.meta.signed;
        self.keep_copy_with(id, copy, now, |change| {
            if signed {
                errand::note_sent(change, rows::one(change, id)?.seq, &Task::Sent, now)?;
            }
            settle(change, id, results, now)
        })
    }

    /// Hand-overs that an engine began and did not end: the server may have the message.
    pub(crate) fn doubt_unfinished(&self, now: Timestamp) -> Result<(), VaultError> {
        let unfinished: Vec<HeldId> = self.look(|database| {
            let sql = "SELECT DISTINCT m.id FROM recipient r JOIN message m ON m.seq = r.message
                 WHERE r.state = 'sending' ORDER BY m.seq";
            rows::ids(database, sql, [])
        })?;
        for id in unfinished {
            let message = self.get(id)?;
            let attempt = |one: &HeldRecipient| {
                let outcome = Outcome::Doubt { words: ENDED.1.to_owned() };
                let seen =
                    one.proof_json.as_deref().and_then(|json| serde_json::from_str(json).ok());
                let proof = seen.map(|seen| doubted(&seen, ENDED));
                let proof_json = proof.and_then(|proof| serde_json::to_string(&proof).ok());
                Attempt { recipient: one.address.clone(), outcome, proof_json }
            };
            let mut results: Vec<_> = message.in_state(State::Sending).map(attempt).collect();
            // An address that stands in the envelope twice is recorded once.
            results.dedup_by(|a, b| a.recipient == b.recipient);
            self.record_results(id, &results, now)?;
        }
        Ok(())
    }
}

/// What is told of a hand-over whose end nobody has seen, in these words.
pub(super) fn doubted(seen: &Proof, (nl, en): (&str, &str)) -> Proof {
    let words = Words::new(nl, en);
    Proof { end: End::InDoubt { words }, ..seen.clone() }
}

fn due(database: &Connection, id: HeldId, now: i64) -> Result<Due, VaultError> {
    let message = rows::one(database, id)?.message;
    let later = |at: Option<Timestamp>| at.is_some_and(|at| at.as_millisecond() > now);
    let recipients = message
        .in_state(State::Chosen)
        .filter(|one| !later(one.next_attempt_at) || later(one.tried_at))
        .map(|one| one.address.clone())
        .collect();
    Ok(Due { id, recipients })
}

/// Brings recipients to the states that their outcomes mean, with their lines in the journal.
fn settle(
    change: &mut Change<'_>,
    id: HeldId,
    results: &[Attempt],
    now: Timestamp,
) -> Result<(), VaultError> {
    let filed = rows::one(change, id)?;
    let mut ended = Vec::with_capacity(results.len());
    for attempt in results {
        let Attempt { recipient: address, outcome, proof_json } = attempt;
        let begun = matches!(outcome, Outcome::Sent { .. } | Outcome::Doubt { .. });
        let mut settled = false;
        for position in filed.positions(std::slice::from_ref(address))? {
            match filed.message.recipients.get(position).map(|one| one.state) {
                Some(State::Sending) => {}
                Some(State::Chosen) if !begun => {}
                // A person was faster, and that stands.
                Some(State::Withdrawn | State::Waiting) if !begun => continue,
                _ => {
                    return Err(VaultError::NotNow {
                        asked: "recorded",
                        state: "this recipient is not being handed over",
                    });
                }
            }
            record(change, (filed.seq, position), attempt, now)?;
            settled = true;
        }
        if settled {
            ended.push(attempt);
            change.journal(&entry(id, attempt), now)?;
            if let (Some(proof), false) = (proof_json, matches!(outcome, Outcome::Sent { .. })) {
                let (recipient, proof) = (address.clone(), value(proof));
                change.journal(&Entry::Attempted { id, recipient, proof }, now)?;
            }
        }
    }
    errand::note_failures(change, filed.seq, &ended, now)
}

/// What a row becomes.
#[derive(Default)]
struct Update<'a> {
    state: Option<State>,
    in_doubt: bool,
    next: Option<i64>,
    words: Option<String>,
    step: Option<&'a str>,
    reason: Option<String>,
    route: Option<&'a str>,
}

fn record(
    database: &Connection,
    (seq, position): (i64, usize),
    attempt: &Attempt,
    now: Timestamp,
) -> Result<(), VaultError> {
    let update = update(&attempt.outcome)?;
    database.prepare_cached(include_str!("../schema/delivery-result.sql"))?.execute(params![
        seq,
        position as i64,
        update.state.unwrap_or(State::Failed).as_str(),
        update.in_doubt,
        update.next,
        update.words,
        update.step,
        update.reason,
        update.route,
        attempt.proof_json,
        now.as_millisecond(),
        // Another server is asked in the same attempt, which counts when it is over.
        i64::from(!matches!(attempt.outcome, Outcome::NotHere { .. })),
    ])?;
    Ok(())
}

fn update(outcome: &Outcome) -> Result<Update<'_>, VaultError> {
    let none = Update::default();
    Ok(match outcome {
        Outcome::NotHere { words } => {
            Update { state: Some(State::Chosen), words: Some(bounded(words)), ..none }
        }
        Outcome::Sent { route } => Update { state: Some(State::Sent), route: Some(route), ..none },
        Outcome::Temporary { words, next } => Update {
            state: Some(State::Chosen),
            next: Some(next.as_millisecond()),
            words: Some(bounded(words)),
            ..none
        },
        Outcome::Permanent { words } | Outcome::Expired { words } => {
            Update { state: Some(State::Failed), words: Some(bounded(words)), ..none }
        }
        Outcome::Kept { step, reason } => Update {
            state: Some(State::Waiting),
            step: Some(step),
            reason: Some(
                serde_json::to_string(reason).map_err(|_| VaultError::corrupt("a reason"))?,
            ),
            ..none
        },
        Outcome::Doubt { words } => Update {
            state: Some(State::Failed),
            in_doubt: true,
            words: Some(bounded(words)),
            ..none
        },
    })
}

fn value(json: &str) -> serde_json::Value {
    serde_json::from_str(json).unwrap_or_default()
}

fn entry(id: HeldId, attempt: &Attempt) -> Entry {
    let recipient = attempt.recipient.clone();
    match &attempt.outcome {
        Outcome::Sent { route } => Entry::Delivered {
            id,
            recipient,
            route: route.clone(),
            proof: attempt.proof_json.as_deref().map(value).unwrap_or_default(),
        },
        Outcome::Temporary { words, .. } | Outcome::NotHere { words } => {
            Entry::Deferred { id, recipient, words: bounded(words) }
        }
        Outcome::Permanent { words } | Outcome::Expired { words } => {
            Entry::Failed { id, recipient, words: bounded(words) }
        }
        Outcome::Kept { step, reason } => {
            Entry::KeptBack { id, recipient, step: step.clone(), reason: reason.clone() }
        }
        Outcome::Doubt { .. } => Entry::InDoubt { id, recipients: vec![recipient] },
    }
}

const BEGUN: (&str, &str) =
    ("het antwoord van de server is nog niet gezien", "the server's reply was not seen yet");
const ENDED: (&str, &str) = (
    "het programma eindigde voor het antwoord van de server kwam",
    "the program ended before the server's reply was seen",
);

/// Fit for a line.
fn bounded(words: &str) -> String {
    Words::said(words).nl
}
