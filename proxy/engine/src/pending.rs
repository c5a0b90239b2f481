//! What waits, as a person sees it.

use jiff::Timestamp;
use mail::Address;
use screen::Evidence;
use serde::{Deserialize, Serialize};
use vault::Vault;
use vault::archive::Archived;
use vault::filing::Offer;
use vault::outbox::{HeldId, HeldMessage, Reason, State};

use crate::choose::Prospect;
use crate::mailboxes::NoticeWaits;

/// A held message as a person sees it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Pending {
    /// What the 250 said; of a copy, its id in the archive.
    pub id: HeldId,
    /// What it is.
    #[serde(default)]
    pub what: Waits,
    /// The account that sends it, or that it came to.
    pub account: Address,
    /// Its subject, decoded.
    pub subject: String,
    /// When it came in.
    pub held_at: Timestamp,
    /// Its length in bytes.
    pub size: u64,
    /// What was found in it.
    pub evidence: Option<Evidence>,
    /// How it stands with each recipient.
    pub recipients: Vec<PendingRecipient>,
    /// How far its offer to a record system is; `None` where none was asked.
    #[serde(default)]
    pub filing: Option<Offer>,
    /// A notice of its failure that is not yet in INBOX.
    #[serde(default)]
    pub notice: Option<NoticeWaits>,
}

/// What waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Waits {
    /// A message that is to be sent.
    #[default]
    Message,
    /// A kept copy of what came in, which a record system is offered.
    Copy,
}

/// How a held message stands with one recipient.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PendingRecipient {
    /// Who.
    pub address: Address,
    /// The state: waiting, chosen, sending, sent, failed or withdrawn.
    pub state: State,
    /// A hand-over was begun and its end not seen: the server may have the message.
    pub in_doubt: bool,
    /// Where it may go, for one that waits.
    pub prospect: Option<Prospect>,
    /// The step that kept it back, as a clause.
    pub step: Option<String>,
    /// Why it was kept back.
    pub reason: Option<Reason>,
    /// The server's last words.
    pub words: Option<String>,
    /// How often it was tried.
    pub attempts: u32,
    /// When it is tried next.
    pub next_attempt_at: Option<Timestamp>,
}

pub(crate) fn view(vault: &Vault, message: HeldMessage) -> Pending {
    let (evidence, subject) = subject(vault, &message);
    let recipients = message
        .recipients
        .into_iter()
        .map(|one| PendingRecipient {
            prospect: None,
            address: one.address,
            state: one.state,
            in_doubt: one.in_doubt,
            step: one.step,
            reason: one.reason,
            words: one.words,
            attempts: one.attempts,
            next_attempt_at: one.next_attempt_at,
        })
        .collect();
    let filing = vault.offer(message.id).ok().flatten();
    Pending {
        id: message.id,
        what: Waits::Message,
        account: message.account,
        subject,
        held_at: message.created_at,
        size: message.size,
        evidence,
        recipients,
        filing,
        notice: NoticeWaits::of(vault, message.id),
    }
}

/// What was found in a held message, and its subject.
pub(crate) fn subject(vault: &Vault, message: &HeldMessage) -> (Option<Evidence>, String) {
    let evidence: Option<Evidence> = serde_json::from_str(&message.evidence).ok();
    let kept = evidence.as_ref().and_then(|evidence| evidence.subject.clone());
    // What could not be judged has none kept.
    let read = || vault.read(message.id).map(|text| screen::subject(&text)).unwrap_or_default();
    let subject = kept.unwrap_or_else(read);
    (evidence, subject)
}

/// A copy of what came in, as it waits.
pub(crate) fn offered(vault: &Vault, copy: Archived) -> Pending {
    let id = copy.id.held();
    Pending {
        id,
        what: Waits::Copy,
        account: copy.meta.account,
        subject: copy.meta.subject,
        held_at: copy.meta.sent_at,
        size: copy.size,
        evidence: None,
        recipients: Vec::new(),
        filing: vault.offer(id).ok().flatten(),
        notice: None,
    }
}
