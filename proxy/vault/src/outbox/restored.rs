//! A data folder that was brought back from a copy: what was sent after the copy was made stands in it
//! as still to be sent.

use std::fs;
use std::path::Path;

use jiff::Timestamp;
use mail::Address;
use nta7516::proof::{End, Proof, Words};
use rusqlite::params;

use super::deliver::doubted;
use super::{HeldId, HeldRecipient, State, rows};
use crate::error::VaultError;
use crate::journal::Entry;
use crate::open::{Change, Vault};

/// Marks a data folder as a copy of an earlier state, so that the engine that opens it sends nothing
/// of it by itself ([`Vault::recover`]).
///
/// # Errors
/// Where the mark cannot be written; the folder must not be used then.
pub fn mark_restored(folder: &Path) -> Result<(), VaultError> {
    disk::replace(&folder.join(MARK), MARK_TEXT.as_bytes())
        .map_err(VaultError::io("writing the file restored"))
}

impl Vault {
    /// Where the folder is marked: who was chosen is in doubt, and so is who waits, for a person may
    /// have chosen and a server taken it since; what is to be done in mailboxes and record systems may
    /// be done already, and is looked for first. The mark goes when all of this is kept.
    pub(crate) fn doubt_restored(&self, now: Timestamp) -> Result<(), VaultError> {
        let mark = self.folder.join(MARK);
        if !mark.try_exists().map_err(VaultError::io("reading the data folder"))? {
            return Ok(());
        }
        self.change(|change| {
            for id in on_their_way(change)? {
                doubt(change, id, now)?;
            }
            change.execute("UPDATE recipient SET in_doubt = 1 WHERE state = 'waiting'", [])?;
            change.execute(
                "UPDATE errand SET begun_at = coalesce(begun_at, ?1)",
                [now.as_millisecond()],
            )?;
            // It may have been corrected after this copy was made: what is there may be under another.
            change.execute(
                "UPDATE filing SET attempts = max(attempts, 1), tried = 1, changed = 1 WHERE state = 'due'",
                [],
            )?;
            change.journal(&Entry::Restored, now)
        })?;
        fs::remove_file(&mark)
            .and_then(|()| disk::sync_folder(&mark))
            .map_err(VaultError::io("removing the file restored"))
    }
}

fn on_their_way(change: &Change<'_>) -> Result<Vec<HeldId>, VaultError> {
    let sql = "SELECT DISTINCT m.id FROM recipient r JOIN message m ON m.seq = r.message
         WHERE r.state IN ('chosen', 'sending') ORDER BY m.seq";
    rows::ids(change, sql, [])
}

fn doubt(change: &mut Change<'_>, id: HeldId, now: Timestamp) -> Result<(), VaultError> {
    let filed = rows::one(change, id)?;
    let mut recipients: Vec<Address> = Vec::new();
    for (position, one) in filed.message.recipients.iter().enumerate() {
        if !matches!(one.state, State::Chosen | State::Sending) {
            continue;
        }
        change.execute(
            include_str!("../schema/restored-doubt.sql"),
            params![
                filed.seq,
                position as i64,
                COPIED.1,
                serde_json::to_string(&seen(one, now)).ok()
            ],
        )?;
        recipients.push(one.address.clone());
    }
    change.journal(&Entry::InDoubt { id, recipients }, now)
}

/// What is told of the recipient: what was seen of it last, and that its end is not known.
fn seen(one: &HeldRecipient, now: Timestamp) -> Proof {
    let last = one.proof_json.as_deref().and_then(|json| serde_json::from_str(json).ok());
    let last = last.unwrap_or_else(|| {
        let words = Words::new(COPIED.0, COPIED.1);
        Proof::new(one.address.clone(), now, None, End::InDoubt { words })
    });
    doubted(&last, COPIED)
}

const COPIED: (&str, &str) = (
    "teruggezet uit een kopie; kijk of het al verstuurd is",
    "brought back from a copy; look whether it was sent already",
);
const MARK: &str = "restored";
const MARK_TEXT: &str = "This folder was brought back from a copy. Do not remove: without this file messages may be sent twice.\n";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::errand::{self, Task};
    use crate::outbox::Choice;
    use crate::tests::{address, at, hold, vault};

    #[test]
    fn nothing_of_a_copy_is_sent_by_itself_and_it_is_said_once() {
        let (folder, vault) = vault();
        let (chosen, waiting) = (hold(&vault, "x", at(1)), hold(&vault, "y", at(1)));
        vault.choose(chosen, Choice::Secure, at(2)).unwrap();
        vault
            .ask_filing(
                crate::filing::Source::Held(chosen),
                &address("jan@praktijk.nl"),
                "{}",
                at(2),
            )
            .unwrap();
        vault
            .change(|change| {
                errand::note_sent(change, rows::one(change, chosen)?.seq, &Task::Sent, at(2))
            })
            .unwrap();
        mark_restored(folder.path()).unwrap();
        let engine = vault.lock_engine(at(5)).unwrap();

        assert!(vault.due(at(9_999)).unwrap().is_empty());
        for one in vault.get(chosen).unwrap().recipients {
            assert_eq!((one.state, one.in_doubt), (State::Failed, true));
            assert_eq!(one.words.as_deref(), Some(COPIED.1));
            assert!(one.proof_json.unwrap().contains(COPIED.0));
        }
        for one in vault.get(waiting).unwrap().recipients {
            assert_eq!((one.state, one.in_doubt), (State::Waiting, true));
        }
        assert_eq!(vault.errands_of(chosen).unwrap()[0].begun_at, Some(at(5)));
        assert_eq!(vault.due_filings(at(9)).unwrap().0[0].attempts, 1);

        // A person who looked chooses anew, and that stands when the engine starts again.
        vault.choose(chosen, Choice::Secure, at(6)).unwrap();
        drop(engine);
        let _engine = vault.lock_engine(at(7)).unwrap();
        assert_eq!(vault.due(at(8)).unwrap().len(), 1);
        let lines = vault.export_journal().unwrap();
        let said = lines.iter().filter(|line| line.entry == Entry::Restored).count();
        assert_eq!(said, 1);
    }

    #[test]
    fn a_folder_that_is_no_copy_goes_on_where_it_was() {
        let (_folder, vault) = vault();
        let id = hold(&vault, "x", at(1));
        vault.choose(id, Choice::Secure, at(2)).unwrap();
        let _engine = vault.lock_engine(at(5)).unwrap();
        assert_eq!(vault.due(at(6)).unwrap().len(), 1);
    }
}
