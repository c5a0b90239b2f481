use jiff::{SignedDuration, Timestamp};
use mail::Message;
use rusqlite::params;

use super::{HeldId, HeldMessage, Hold, NewHeld, State, rows};
use crate::bodies::length;
use crate::digest::Digest;
use crate::error::VaultError;
use crate::journal::Entry;
use crate::open::Vault;

impl Vault {
    /// Holds a message. When this answers `Ok`, file, folder and row lie synced on disk, and a 250
    /// may be said (invariant 1). The same message to the same recipients within
    /// [`DUPLICATE_WINDOW`] is held once, also where two sessions bring it at the same moment.
    ///
    /// # Errors
    /// Where it cannot be kept; nothing of it is left then.
    pub fn hold(&self, new: NewHeld, now: Timestamp) -> Result<Hold, VaultError> {
        if new.envelope.recipients.is_empty() {
            return Err(VaultError::UnknownRecipient);
        }
        if new.message.bytes().len() > LARGEST {
            return Err(VaultError::TooLarge);
        }
        let digest = self.duplicate_digest(&new.message, &new.envelope);
        let since = now.saturating_sub(DUPLICATE_WINDOW).unwrap_or(Timestamp::MIN);
        // Looked up before the file is written, and once more within the transaction.
        if let Some(id) = self.find_duplicate(&digest, since)? {
            return self.again(id, now);
        }
        let id = HeldId(self.next_id(now)?);
        let mut earlier = None;
        let kept = self.put_body(&held_name(id), new.message.bytes(), |change| {
            earlier = duplicate(change, &digest, since)?;
            if earlier.is_some() {
                return Err(VaultError::Busy);
            }
            insert(change, id, &new, &digest, now)?;
            let recipients = new.envelope.recipients.iter();
            let entry = Entry::Held {
                id,
                account: new.account.clone(),
                recipients: recipients.map(|one| one.address.clone()).collect(),
                size: new.message.bytes().len() as u64,
            };
            change.journal(&entry, now)
        });
        match earlier {
            Some(id) => self.again(id, now),
            None => kept.map(|()| Hold::New(id)),
        }
    }

    /// The message of this digest that came in at `since` or later and was not withdrawn. After a
    /// clock was set back, one "from the future" is no duplicate for longer than the window.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub fn find_duplicate(
        &self,
        digest: &Digest,
        since: Timestamp,
    ) -> Result<Option<HeldId>, VaultError> {
        self.look(|database| duplicate(database, digest, since))
    }

    /// Messages with something left to do, in the order of holding: waiting, on their way, failed.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub fn list(&self) -> Result<Vec<HeldMessage>, VaultError> {
        self.look(|database| rows::all(database, false))
    }

    /// All messages that were ever held, in the order of holding.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub fn list_all(&self) -> Result<Vec<HeldMessage>, VaultError> {
        self.look(|database| rows::all(database, true))
    }

    /// One message, as it stands.
    ///
    /// # Errors
    /// [`VaultError::UnknownMessage`] where there is none of this id.
    pub fn get(&self, id: HeldId) -> Result<HeldMessage, VaultError> {
        self.look(|database| Ok(rows::one(database, id)?.message))
    }

    /// The message's exact bytes, as the mail program gave them.
    ///
    /// # Errors
    /// [`VaultError::Corrupt`] where the file was cut, changed or swapped;
    /// [`VaultError::Discarded`] where its key was destroyed.
    pub fn read(&self, id: HeldId) -> Result<Message, VaultError> {
        let bytes = self.read_body(&held_name(id))?;
        match bytes {
            Some(bytes) => Ok(Message::new(bytes)),
            None => {
                self.get(id)?;
                Err(VaultError::Discarded)
            }
        }
    }

    /// Keeps the signed form: what was signed is what is sent, at every attempt, byte for byte.
    /// The same bytes once more are no error.
    ///
    /// # Errors
    /// [`VaultError::AlreadySigned`] where another signed form is kept.
    pub fn put_signed(&self, id: HeldId, bytes: &[u8]) -> Result<(), VaultError> {
        self.get(id)?;
        if let Some(kept) = self.read_signed(id)? {
            let same = kept.bytes() == bytes;
            return same.then_some(()).ok_or(VaultError::AlreadySigned);
        }
        self.put_body(&signed_name(id), bytes, |_| Ok(()))
    }

    /// The signed form, where there is one.
    ///
    /// # Errors
    /// [`VaultError::Corrupt`] where its file was cut, changed or swapped.
    pub fn read_signed(&self, id: HeldId) -> Result<Option<Message>, VaultError> {
        Ok(self.read_body(&signed_name(id))?.map(Message::new))
    }

    /// Destroys the texts that nothing is done with any more and of which no copy is kept; answers how
    /// many. Where nobody got the message, and nothing was chosen, offered or stopped at `since` or later:
    /// until then it may still be offered to a record system. Where somebody got it, at once, for its copy
    /// was destroyed before its end. States and journal stay. What was withdrawn in doubt stays too, and what
    /// only a MEDVRI file took: it may have been sent, or has attachments, and there is no other copy.
    ///
    /// # Errors
    /// Where it cannot be done; all of them are there still.
    pub fn discard_finished(&self, since: Timestamp, now: Timestamp) -> Result<usize, VaultError> {
        let (count, files) = self.change(|change| {
            let sql = include_str!("../schema/outbox-finished.sql");
            let ids = rows::ids(change, sql, [since.as_millisecond()])?;
            let mut files = Vec::new();
            for &id in &ids {
                files.extend(destroy_text(change, id)?);
                change.journal(&Entry::Discarded { id }, now)?;
            }
            Ok((ids.len(), files))
        })?;
        files.iter().for_each(|file| self.remove_body_file(file));
        Ok(count)
    }

    fn again(&self, id: HeldId, now: Timestamp) -> Result<Hold, VaultError> {
        self.append(&Entry::DuplicateAnswered { id }, now)?;
        let asks = |state| matches!(state, State::Waiting | State::Failed);
        let message = self.get(id)?;
        let waiting = message.recipients.iter().any(|one| asks(one.state));
        Ok(Hold::Again { id, waiting })
    }
}

/// Whether the text of a message is there still.
pub(crate) fn has_text(database: &rusqlite::Connection, id: HeldId) -> Result<bool, VaultError> {
    let sql = "SELECT 1 FROM body WHERE name = ?1";
    Ok(database.prepare_cached(sql)?.exists([held_name(id)])?)
}

/// Destroys the keys of a message's text and of its signed form, and what was found in it; answers the
/// names of the files that say nothing any more once the change is committed.
pub(crate) fn destroy_text(
    database: &rusqlite::Connection,
    id: HeldId,
) -> Result<Vec<String>, VaultError> {
    database.execute("UPDATE message SET evidence = '{}' WHERE id = ?1", [id.to_string()])?;
    Vault::destroy_keys(database, &[held_name(id), signed_name(id)])
}

fn insert(
    database: &rusqlite::Connection,
    id: HeldId,
    new: &NewHeld,
    digest: &Digest,
    now: Timestamp,
) -> Result<(), VaultError> {
    let envelope =
        serde_json::to_string(&new.envelope).map_err(|_| VaultError::corrupt("an envelope"))?;
    database
        .prepare_cached(
            "INSERT INTO message (id, account, envelope, evidence, digest, size, created_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute(params![
            id.to_string(),
            new.account.to_string(),
            envelope,
            new.evidence,
            digest.0,
            length(new.message.bytes()),
            now.as_millisecond(),
        ])?;
    let seq = database.last_insert_rowid();
    let mut statement =
        database.prepare_cached("INSERT INTO recipient (message, position) VALUES (?1, ?2)")?;
    for position in 0..new.envelope.recipients.len() {
        statement.execute(params![seq, position as i64])?;
    }
    Ok(())
}

fn duplicate(
    database: &rusqlite::Connection,
    digest: &Digest,
    since: Timestamp,
) -> Result<Option<HeldId>, VaultError> {
    let since = since.as_millisecond();
    let given = params![digest.0, since, since + FUTURE_MS];
    Ok(rows::ids(database, include_str!("../schema/held-again.sql"), given)?.pop())
}

fn held_name(id: HeldId) -> String {
    format!("{id}.held")
}

fn signed_name(id: HeldId) -> String {
    format!("{id}.signed")
}

/// Within this time the same message to the same recipients is one: mail programs that gave up
/// waiting send again within minutes.
pub const DUPLICATE_WINDOW: SignedDuration = SignedDuration::from_mins(30);

/// Far beyond what any provider takes, and within what file and database count.
const LARGEST: usize = 1 << 30;

/// Twice the duplicate guard's window of 30 minutes, counted from its start: a message that lies
/// further ahead was taken in before the clock was set back.
const FUTURE_MS: i64 = 60 * 60 * 1_000;

#[cfg(test)]
#[path = "hold_tests.rs"]
mod tests;
