use identity::Revoked;
use mail::Address;
use serde::{Deserialize, Serialize};

use crate::outbox::{Choice, HeldId, Reason};

/// What happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Entry {
    /// The engine started.
    Started {
        /// Its version.
        version: String,
    },
    /// A message was held for a choice.
    Held {
        /// The message.
        id: HeldId,
        /// The account that sends it.
        account: Address,
        /// Its recipients.
        recipients: Vec<Address>,
        /// Its length in bytes.
        size: u64,
    },
    /// The same message came in again and was not held a second time.
    DuplicateAnswered {
        /// The message held before.
        id: HeldId,
    },
    /// A person chose.
    Chosen {
        /// The message.
        id: HeldId,
        /// The operating system's name of the user.
        who: String,
        /// What was chosen, with the reason for the ordinary way.
        choice: Choice,
        /// Whether a dossier copy was asked for.
        dossier: bool,
        /// For which recipients.
        recipients: Vec<Address>,
        /// For which of them an earlier hand-over was in doubt when they were chosen again.
        in_doubt: Vec<Address>,
    },
    /// A person took a choice back before it was carried out.
    TakenBack {
        /// The message.
        id: HeldId,
        /// The operating system's name of the user.
        who: String,
        /// For which recipients.
        recipients: Vec<Address>,
    },
    /// The message was signed.
    Signed {
        /// The message.
        id: HeldId,
        /// SHA-256 of the signer's certificate, in hexadecimal.
        certificate: String,
    },
    /// A server is about to be given the end of the message.
    HandoverBegun {
        /// The message.
        id: HeldId,
        /// For whom.
        recipients: Vec<Address>,
    },
    /// A server took the message.
    Delivered {
        /// The message.
        id: HeldId,
        /// For whom.
        recipient: Address,
        /// By which route.
        route: String,
        /// What was checked on the way.
        proof: serde_json::Value,
    },
    /// A server asked to come back later.
    Deferred {
        /// The message.
        id: HeldId,
        /// For whom.
        recipient: Address,
        /// The server's words.
        words: String,
    },
    /// A server refused for good, or time ran out.
    Failed {
        /// The message.
        id: HeldId,
        /// For whom.
        recipient: Address,
        /// The server's words.
        words: String,
    },
    /// No route gives enough: it stays held.
    KeptBack {
        /// The message.
        id: HeldId,
        /// For whom.
        recipient: Address,
        /// The step that decided, as a clause (`R-SEND-3`).
        step: String,
        /// Why.
        reason: Reason,
    },
    /// What was seen on an attempt that did not end with "taken".
    Attempted {
        /// The message.
        id: HeldId,
        /// For whom.
        recipient: Address,
        /// What was seen and checked.
        proof: serde_json::Value,
    },
    /// A hand-over was begun and its end not seen.
    InDoubt {
        /// The message.
        id: HeldId,
        /// For whom.
        recipients: Vec<Address>,
    },
    /// A copy as sent was kept.
    Archived {
        /// The message.
        id: HeldId,
        /// The copy's id.
        copy: String,
    },
    /// A notice that it was not delivered was put into the account's INBOX.
    Notified {
        /// The message.
        id: HeldId,
    },
    /// What lies in the account's folder Sent was brought in line with what was sent.
    SentFiled {
        /// The message.
        id: HeldId,
        /// The copy as sent was put there.
        put: bool,
        /// The copy of what was handed in, which nobody got, was taken out.
        removed: bool,
    },
    /// A copy was destroyed.
    CopyDestroyed {
        /// The copy's id.
        copy: String,
        /// The operating system's name of the user; `None`: the settings said how long it is kept.
        who: Option<String>,
    },
    /// A person was shown copies that are over their time, and lets them go.
    ExpiryAgreed {
        /// The account.
        account: Address,
        /// How many.
        copies: u64,
        /// The operating system's name of the user.
        who: String,
    },
    /// A person keeps after all what someone agreed to let go.
    ExpiryTakenBack {
        /// The account.
        account: Address,
        /// How many.
        copies: u64,
        /// The operating system's name of the user.
        who: String,
    },
    /// A key to the data folder was made that lies outside the keyring, in place of an earlier one.
    RecoveryKeyMade {
        /// The operating system's name of the user.
        who: String,
    },
    /// The data folder was brought back from a copy with the recovery key.
    Restored,
    /// A message is to be offered to a record system, under the patient whom a person confirmed, or is to be
    /// put into a folder for a person to file.
    FilingAsked {
        /// The message.
        id: HeldId,
        /// The operating system's name of the user.
        who: String,
    },
    /// A message is offered to a record system no more.
    FilingStopped {
        /// The message.
        id: HeldId,
        /// The operating system's name of the user; `None`: its copies were kept for as long as the
        /// settings say.
        who: Option<String>,
    },
    /// The record system took a message.
    Filed {
        /// The message.
        id: HeldId,
        /// Where, as the record system says it.
        place: Option<String>,
    },
    /// The record system refused a message.
    FilingRefused {
        /// The message.
        id: HeldId,
        /// Why, in English and in our words: those of the record system may name a patient.
        why: String,
    },
    /// A readable copy was written out of the vault.
    CopyWritten {
        /// The message or copy.
        id: String,
        /// `pdf`, `xml`, `dossier` and the like.
        format: String,
    },
    /// The text of a message was destroyed: nothing was done with it any more, and no copy of it is kept.
    Discarded {
        /// The message.
        id: HeldId,
    },
    /// An account was added.
    AccountAdded {
        /// Its address.
        account: Address,
    },
    /// An account was removed.
    AccountRemoved {
        /// Its address.
        account: Address,
    },
    /// A password was set or made.
    PasswordSet {
        /// The account.
        account: Address,
        /// `provider`, `gateway` or `local`.
        which: String,
    },
    /// An identity was made or imported.
    IdentityCreated {
        /// The account.
        account: Address,
        /// The identity's id.
        identity: String,
        /// SHA-256 of its certificate, in hexadecimal.
        certificate: String,
    },
    /// An issuer was asked for a certificate: a key waits for the answer.
    IdentityRequested {
        /// The account.
        account: Address,
        /// The request's id.
        request: String,
    },
    /// An identity, or a request that waited, was removed with its key.
    IdentityRemoved {
        /// The account.
        account: Address,
        /// The id of the identity or request.
        identity: String,
    },
    /// An issuer took the certificate of an identity back, or took that back.
    IdentityRevoked {
        /// The account.
        account: Address,
        /// The identity's id.
        identity: String,
        /// Since when and why; `None`: it is good again.
        revoked: Option<Revoked>,
    },
    /// A small secret of the program itself was made, such as the local certificate.
    OwnSecretMade {
        /// Its name.
        name: String,
    },
    /// A person said of a finding that it is not right; or took that back.
    Dismissed {
        /// The message in which it was found.
        id: HeldId,
        /// The operating system's name of the user.
        who: String,
        /// The finding: a keyed hash, never its words.
        finding: String,
        /// What it is.
        what: String,
        /// It was taken back.
        undone: bool,
    },
    /// What was said of findings was forgotten.
    DismissalsForgotten {
        /// The operating system's name of the user.
        who: String,
        /// Which finding; `None`: all.
        finding: Option<String>,
    },
    /// A less safe setting is in force (R-DET-4).
    LessSafe {
        /// The key of the settings file, with its value.
        setting: String,
    },
}
