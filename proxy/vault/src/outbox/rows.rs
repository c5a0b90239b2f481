use jiff::Timestamp;
use mail::{Address, Envelope};
use rusqlite::{Connection, OptionalExtension, Params, Row, params};
use serde::de::DeserializeOwned;

use super::{HeldId, HeldMessage, HeldRecipient, State};
use crate::error::VaultError;
use crate::time;

/// A message with the number under which its rows are filed.
pub(super) struct Filed {
    pub(super) seq: i64,
    pub(super) message: HeldMessage,
}

impl Filed {
    /// Where these addresses stand in the envelope. An address may stand there twice.
    pub(super) fn positions(&self, addresses: &[Address]) -> Result<Vec<usize>, VaultError> {
        let mut found = Vec::with_capacity(addresses.len());
        for address in addresses {
            let before = found.len();
            let recipients = self.message.recipients.iter().enumerate();
            found.extend(
                recipients
                    .filter(|(_, recipient)| recipient.address == *address)
                    .map(|(position, _)| position),
            );
            if found.len() == before {
                return Err(VaultError::UnknownRecipient);
            }
        }
        found.sort_unstable();
        found.dedup();
        Ok(found)
    }

    pub(super) fn addresses(&self, positions: &[usize]) -> Vec<Address> {
        let recipients = positions.iter().filter_map(|at| self.message.recipients.get(*at));
        recipients.map(|recipient| recipient.address.clone()).collect()
    }
}

/// The messages that this asks for.
pub(super) fn ids(
    database: &Connection,
    sql: &str,
    given: impl Params,
) -> Result<Vec<HeldId>, VaultError> {
    let mut statement = database.prepare_cached(sql)?;
    let ids = statement.query_map(given, |row| row.get::<_, String>(0))?;
    ids.map(|id| id?.parse().map_err(|_| damaged())).collect()
}

/// The message of this id.
pub(super) fn one(database: &Connection, id: HeldId) -> Result<Filed, VaultError> {
    let head = database
        .prepare_cached(&format!("{MESSAGE} WHERE m.id = ?1"))?
        .query_row([id.to_string()], head)
        .optional()?
        .ok_or_else(|| VaultError::UnknownMessage { id: id.to_string() })?;
    whole(database, head)
}

/// Messages in the order of holding: all, or those with something left to do.
pub(super) fn all(
    database: &Connection,
    finished_too: bool,
) -> Result<Vec<HeldMessage>, VaultError> {
    let unfinished = "WHERE EXISTS (SELECT 1 FROM recipient r WHERE r.message = m.seq
        AND r.state NOT IN ('sent', 'withdrawn'))
        OR EXISTS (SELECT 1 FROM filing f WHERE f.held = m.id AND f.state IN ('due', 'refused'))";
    let filter = if finished_too { "" } else { unfinished };
    let mut statement = database.prepare_cached(&format!("{MESSAGE} {filter} ORDER BY m.seq"))?;
    let heads: Vec<Head> = statement.query_map([], head)?.collect::<Result<_, _>>()?;
    let messages = heads.into_iter().map(|head| whole(database, head));
    messages.map(|filed| filed.map(|filed| filed.message)).collect()
}

const MESSAGE: &str = "SELECT m.seq, m.id, m.account, m.envelope, m.evidence, m.created_at, m.size,
    m.dossier,
    EXISTS (SELECT 1 FROM body b WHERE b.name = m.id || '.held'),
    EXISTS (SELECT 1 FROM body b WHERE b.name = m.id || '.signed')
    FROM message m";

struct Head {
    seq: i64,
    id: String,
    account: String,
    envelope: String,
    evidence: String,
    created_at: i64,
    size: i64,
    dossier: bool,
    readable: bool,
    signed: bool,
}

fn head(row: &Row<'_>) -> rusqlite::Result<Head> {
    Ok(Head {
        seq: row.get(0)?,
        id: row.get(1)?,
        account: row.get(2)?,
        envelope: row.get(3)?,
        evidence: row.get(4)?,
        created_at: row.get(5)?,
        size: row.get(6)?,
        dossier: row.get(7)?,
        readable: row.get(8)?,
        signed: row.get(9)?,
    })
}

fn whole(database: &Connection, head: Head) -> Result<Filed, VaultError> {
    let envelope: Envelope = json(&head.envelope)?;
    let mut statement = database.prepare_cached(include_str!("../schema/recipients.sql"))?;
    let mut rows = statement.query(params![head.seq])?;
    let mut recipients = Vec::with_capacity(envelope.recipients.len());
    while let Some(row) = rows.next()? {
        recipients.push(recipient(row, &envelope)?);
    }
    if recipients.len() != envelope.recipients.len() {
        return Err(damaged());
    }
    Ok(Filed {
        seq: head.seq,
        message: HeldMessage {
            id: head.id.parse().map_err(|_| damaged())?,
            account: Address::parse(&head.account).map_err(|_| damaged())?,
            envelope,
            evidence: head.evidence,
            created_at: time::from_ms(head.created_at),
            size: u64::try_from(head.size).unwrap_or(0),
            dossier: head.dossier,
            signed: head.signed,
            discarded: !head.readable,
            recipients,
        },
    })
}

fn recipient(row: &Row<'_>, envelope: &Envelope) -> Result<HeldRecipient, VaultError> {
    let position: i64 = row.get(0)?;
    let state: String = row.get(1)?;
    let position = usize::try_from(position).map_err(|_| damaged())?;
    let named = envelope.recipients.get(position).ok_or_else(damaged)?;
    let when = |column: usize| -> Result<Option<Timestamp>, VaultError> {
        Ok(row.get::<_, Option<i64>>(column)?.map(time::from_ms))
    };
    let choice: Option<String> = row.get(3)?;
    let reason: Option<String> = row.get(10)?;
    Ok(HeldRecipient {
        address: named.address.clone(),
        params: named.params.clone(),
        state: State::parse(&state).ok_or_else(damaged)?,
        in_doubt: row.get(2)?,
        choice: choice.as_deref().map(json).transpose()?,
        chosen_at: when(4)?,
        attempts: row.get(5)?,
        tried_at: when(6)?,
        next_attempt_at: when(7)?,
        words: row.get(8)?,
        step: row.get(9)?,
        reason: reason.as_deref().map(json).transpose()?,
        route: row.get(11)?,
        proof_json: row.get(12)?,
    })
}

fn json<T: DeserializeOwned>(text: &str) -> Result<T, VaultError> {
    serde_json::from_str(text).map_err(|_| damaged())
}

fn damaged() -> VaultError {
    VaultError::corrupt("a row of the outbox")
}
