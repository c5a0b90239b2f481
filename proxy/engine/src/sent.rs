//! What was sent: by which way, on whose choice, with which proof.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;
use mail::Address;
use nta7516::proof::Way;
pub use nta7516::proof::{Proof, Told};
use vault::filing::{FilingState, Offer};
use vault::journal::Entry;
use vault::outbox::{Choice, HeldId, HeldMessage, HeldRecipient, State};
use vault::{Vault, VaultError};

use crate::engine::Engine;
use crate::pending;

/// A mail that reached someone, or that went to nobody and whose offer to a record system was stopped.
#[derive(Debug, Clone, PartialEq)]
pub struct Sent {
    /// What the 250 said.
    pub id: HeldId,
    /// The account that sent it.
    pub account: Address,
    /// Its subject, decoded.
    pub subject: String,
    /// When it was chosen to be sent.
    pub chosen_at: Option<Timestamp>,
    /// Who chose: the operating system's name of the user.
    pub who: Option<String>,
    /// Those who got it; nobody, where it was for the record alone.
    pub recipients: Vec<SentRecipient>,
    /// How far it is with the patient record, where it was offered to one.
    pub filing: Option<Offer>,
}

/// Someone who got it.
#[derive(Debug, Clone, PartialEq)]
pub struct SentRecipient {
    /// Who.
    pub address: Address,
    /// By which route; `ordinary` for ordinary mail.
    pub route: Option<String>,
    /// What that way gives, Dutch and English.
    pub guarantee: (String, String),
    /// Why it went as ordinary mail, in the person's words.
    pub reason: Option<String>,
    /// What was seen and checked on the way.
    pub proof: Vec<Told>,
}

impl Engine {
    /// What was sent, newest first; at most `most`. Among it what went to nobody and whose offer was stopped,
    /// as long as its text is there: it waits for nothing, and stands in no other list.
    ///
    /// # Errors
    /// [`VaultError`].
    pub async fn sent(self: &Arc<Self>, most: usize) -> Result<Vec<Sent>, VaultError> {
        self.with_vault(move |vault| {
            let subjects: HashMap<HeldId, String> = vault
                .list_copies()?
                .into_iter()
                .map(|copy| (copy.id.held(), copy.meta.subject))
                .collect();
            let mut who: HashMap<(HeldId, Address), String> = HashMap::new();
            for line in vault.export_journal()? {
                if let Entry::Chosen { id, who: name, choice, recipients, .. } = line.entry
                    && choice != Choice::Withdraw
                {
                    who.extend(recipients.into_iter().map(|to| ((id, to), name.clone())));
                }
            }
            let all = vault.list_all()?.into_iter().rev();
            let sent = all.filter(|one| went(one) || stopped(vault, one)).take(most);
            Ok(sent
                .map(|one| {
                    let chooser =
                        |to: &HeldRecipient| who.get(&(one.id, to.address.clone())).cloned();
                    let name = one.in_state(State::Sent).find_map(chooser);
                    Sent {
                        id: one.id,
                        subject: match subjects.get(&one.id) {
                            Some(subject) => subject.clone(),
                            None if went(&one) => String::new(),
                            None => pending::subject(vault, &one).1,
                        },
                        chosen_at: one.in_state(State::Sent).filter_map(|to| to.chosen_at).max(),
                        who: name,
                        recipients: one.in_state(State::Sent).map(recipient).collect(),
                        filing: vault.offer(one.id).ok().flatten(),
                        account: one.account,
                    }
                })
                .collect())
        })
        .await
    }
}

fn went(one: &HeldMessage) -> bool {
    one.in_state(State::Sent).next().is_some()
}

fn stopped(vault: &Vault, one: &HeldMessage) -> bool {
    let stopped = || matches!(vault.filing(one.id), Ok(Some(FilingState::Stopped { .. })));
    one.is_finished() && !one.discarded && stopped()
}

fn recipient(one: &HeldRecipient) -> SentRecipient {
    let reason = match &one.choice {
        Some(Choice::Ordinary { reason }) => Some(reason.clone()),
        _ => None,
    };
    let way = one.route.as_deref().and_then(Way::of);
    SentRecipient {
        address: one.address.clone(),
        route: one.route.clone(),
        guarantee: way.map(Way::guarantee).map(|words| (words.nl, words.en)).unwrap_or_default(),
        reason,
        proof: proof(one).map(|proof| proof.told()).unwrap_or_default(),
    }
}

/// The proof of the last attempt for a recipient, where there was one.
#[must_use]
pub fn proof(one: &HeldRecipient) -> Option<Proof> {
    serde_json::from_str(one.proof_json.as_deref()?).ok()
}
