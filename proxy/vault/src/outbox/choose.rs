use jiff::Timestamp;
use keyring::os_user;
use rusqlite::{Connection, params};

use super::rows::{self, Filed};
use super::{Choice, Choosing, HeldId, HeldMessage, HeldRecipient, State};
use crate::errand::{self, Task};
use crate::error::VaultError;
use crate::filing::{self, Source};
use crate::journal::Entry;
use crate::open::{Change, Vault};

impl Vault {
    /// A choice by the user of this process, for every recipient for whom it is possible. See
    /// [`choose_with`](Self::choose_with).
    ///
    /// # Errors
    /// As [`choose_with`](Self::choose_with).
    pub fn choose(
        &self,
        id: HeldId,
        choice: Choice,
        now: Timestamp,
    ) -> Result<HeldMessage, VaultError> {
        let choosing =
            Choosing { choice, who: os_user(), dossier: false, filing: None, recipients: None };
        self.choose_with(id, &choosing, now)
    }

    /// Records a person's choice, with the wish that comes with it to offer the message to a record
    /// system, and journals both in the same step. Possible for recipients that
    /// wait or failed (in doubt included: a person may decide to send again); withdrawing also for
    /// those that are chosen and not being handed over this moment.
    ///
    /// # Errors
    /// [`VaultError::NotNow`] where it is possible for none, or not for one that was named, or
    /// where ordinary mail is chosen without a reason, or where the record system has it already.
    /// Nothing is changed then.
    pub fn choose_with(
        &self,
        id: HeldId,
        choosing: &Choosing,
        now: Timestamp,
    ) -> Result<HeldMessage, VaultError> {
        let choice = checked(&choosing.choice)?;
        let text = serde_json::to_string(&choice).map_err(|_| VaultError::corrupt("a choice"))?;
        self.change(|change| {
            let filed = rows::one(change, id)?;
            let positions = possible(&filed, choosing)?;
            let recipients = &filed.message.recipients;
            let doubted: Vec<usize> = positions
                .iter()
                .copied()
                .filter(|at| recipients.get(*at).is_some_and(|one| one.in_doubt))
                .collect();
            let waited = filing::waits(change, id)?;
            for position in &positions {
                apply(change, (filed.seq, *position), &choice, &text, now)?;
            }
            if waited && choosing.filing.is_none() {
                drop_wish(change, &filed.message, &choosing.who, now)?;
            }
            if choosing.dossier {
                change.execute("UPDATE message SET dossier = 1 WHERE seq = ?1", [filed.seq])?;
            }
            let entry = Entry::Chosen {
                id,
                who: choosing.who.chars().take(LONGEST_NAME).collect(),
                choice: choice.clone(),
                dossier: choosing.dossier,
                recipients: filed.addresses(&positions),
                in_doubt: filed.addresses(&doubted),
            };
            change.journal(&entry, now)?;
            if let Some(what) = &choosing.filing {
                filing::ask(change, Source::Held(id), &filed.message.account, what, now)?;
            }
            let message = rows::one(change, id)?.message;
            let withdrawn = |one: &HeldRecipient| one.state == State::Withdrawn && !one.in_doubt;
            if choice == Choice::Withdraw && message.recipients.iter().all(withdrawn) {
                errand::note_sent(change, filed.seq, &Task::Withdrawn, now)?;
            }
            Ok(message)
        })
    }

    /// Takes a choice back for everyone who is chosen and not being handed over this moment: they
    /// wait for a choice again. What waited to be offered to a record system afterwards is stopped, unless
    /// somebody got the message. Journalled in the same step.
    ///
    /// # Errors
    /// [`VaultError::NotNow`] where there is none; nothing is changed then.
    pub fn take_back(
        &self,
        id: HeldId,
        who: &str,
        now: Timestamp,
    ) -> Result<HeldMessage, VaultError> {
        self.change(|change| {
            let filed = rows::one(change, id)?;
            let chosen = filed.message.recipients.iter().enumerate();
            let chosen = chosen.filter(|(_, one)| one.state == State::Chosen).map(|(at, _)| at);
            let positions: Vec<usize> = chosen.collect();
            if positions.is_empty() {
                let (asked, state) = ("taken back", "no choice for it is still open");
                return Err(VaultError::NotNow { asked, state });
            }
            let waited = filing::waits(change, id)?;
            for position in &positions {
                change
                    .prepare_cached(
                        "UPDATE recipient SET state = 'waiting', choice = NULL, chosen_at = NULL,
                            next_attempt_at = NULL
                         WHERE message = ?1 AND position = ?2",
                    )?
                    .execute(params![filed.seq, *position as i64])?;
            }
            if waited {
                drop_wish(change, &filed.message, who, now)?;
            }
            let who = who.chars().take(LONGEST_NAME).collect();
            let recipients = filed.addresses(&positions);
            change.journal(&Entry::TakenBack { id, who, recipients }, now)?;
            Ok(rows::one(change, id)?.message)
        })
    }
}

/// Of a message whose offer waited for its sending: what is not sent after all is not filed either, unless
/// somebody got it, or may have, or it is still on its way to another.
fn drop_wish(
    change: &mut Change<'_>,
    before: &HeldMessage,
    who: &str,
    now: Timestamp,
) -> Result<(), VaultError> {
    let out = |one: &HeldRecipient| one.in_doubt || one.state == State::Sent;
    if before.recipients.iter().any(out) || filing::waits(change, before.id)? {
        return Ok(());
    }
    let who = who.chars().take(LONGEST_NAME).collect();
    filing::stop(change, before.id, Some(who), now).map(drop)
}

fn checked(choice: &Choice) -> Result<Choice, VaultError> {
    let Choice::Ordinary { reason } = choice else {
        return Ok(choice.clone());
    };
    let reason: String = reason.trim().chars().take(LONGEST_REASON).collect();
    if reason.is_empty() {
        return Err(VaultError::NotNow {
            asked: "sent as ordinary mail",
            state: "no reason was given (--reason)",
        });
    }
    Ok(Choice::Ordinary { reason })
}

/// For whom the choice is possible.
fn possible(filed: &Filed, choosing: &Choosing) -> Result<Vec<usize>, VaultError> {
    let withdraw = choosing.choice == Choice::Withdraw;
    let allowed = |state: State| match state {
        State::Waiting | State::Failed => true,
        State::Chosen => withdraw,
        State::Sending | State::Sent | State::Withdrawn => false,
    };
    let recipients = &filed.message.recipients;
    let state = |at: &usize| recipients.get(*at).map(|recipient| recipient.state);
    let named = match &choosing.recipients {
        Some(addresses) => filed.positions(addresses)?,
        None => (0..recipients.len()).collect(),
    };
    let asked = if withdraw { "withdrawn" } else { "chosen" };
    let refused = named.iter().filter_map(state).find(|state| !allowed(*state));
    let possible: Vec<usize> =
        named.into_iter().filter(|at| state(at).is_some_and(allowed)).collect();
    match refused {
        Some(state) if possible.is_empty() || choosing.recipients.is_some() => {
            Err(VaultError::NotNow { asked, state: words(state) })
        }
        _ => Ok(possible),
    }
}

fn apply(
    database: &Connection,
    (seq, position): (i64, usize),
    choice: &Choice,
    text: &str,
    now: Timestamp,
) -> Result<(), VaultError> {
    let now = now.as_millisecond();
    if *choice == Choice::Withdraw {
        // The doubt is a fact that withdrawing does not change.
        database
            .prepare_cached(
                "UPDATE recipient SET state = 'withdrawn', choice = ?3, chosen_at = ?4,
                    next_attempt_at = NULL
                 WHERE message = ?1 AND position = ?2",
            )?
            .execute(params![seq, position as i64, text, now])?;
    } else {
        database.prepare_cached(include_str!("../schema/choice-made.sql"))?.execute(params![
            seq,
            position as i64,
            text,
            now
        ])?;
    }
    Ok(())
}

fn words(state: State) -> &'static str {
    match state {
        State::Waiting => "it waits for a choice",
        State::Chosen => "a choice was made and it is on its way",
        State::Sending => "a server is being given it this moment",
        State::Sent => "it was sent already",
        State::Failed => "it failed",
        State::Withdrawn => "it was withdrawn",
    }
}

/// A reason is a sentence, not a document.
const LONGEST_REASON: usize = 1_000;
const LONGEST_NAME: usize = 256;
