//! Held messages: what waits for a choice, is on its way, or failed.

mod choose;
mod deliver;
mod hold;
mod restored;
mod rows;

use core::fmt;
use core::str::FromStr;

use jiff::Timestamp;
use mail::{Address, Envelope, Message, Param};
use serde::{Deserialize, Serialize};
use ulid::Ulid;

pub use hold::DUPLICATE_WINDOW;
pub(crate) use hold::{destroy_text, has_text};
pub use keyring::os_user;
pub use restored::mark_restored;

/// The id of a held message: what the 250 says, and what a person types at `choose`. A ULID: 26
/// letters and digits, in the order of holding; upper and lower case are the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct HeldId(pub(crate) Ulid);

/// A text that is no id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is no message id: an id has 26 letters and digits; copy it from `zorgzegel pending`")]
pub struct HeldIdError;

/// A message that is to be held.
#[derive(Debug, Clone)]
pub struct NewHeld {
    /// The account that sends it.
    pub account: Address,
    /// Who gets it, parameters included.
    pub envelope: Envelope,
    /// Its exact bytes.
    pub message: Message,
    /// What was found in it, as JSON; kept as it is, encrypted.
    pub evidence: String,
}

/// What became of a message that was to be held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hold {
    /// It is held now, under this id.
    New(HeldId),
    /// The same message came in not long ago; no second copy was made.
    Again {
        /// The message held then.
        id: HeldId,
        /// Whether it waits for a person's choice, wholly or for some recipients.
        waiting: bool,
    },
}

impl Hold {
    /// The id to answer with.
    #[must_use]
    pub fn id(self) -> HeldId {
        match self {
            Self::New(id) | Self::Again { id, .. } => id,
        }
    }
}

/// A held message as it stands; its text is read apart, with [`Vault::read`](crate::Vault::read).
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct HeldMessage {
    /// Its id.
    pub id: HeldId,
    /// The account that sends it.
    pub account: Address,
    /// Its envelope, as it came in.
    pub envelope: Envelope,
    /// What was found in it, as JSON.
    pub evidence: String,
    /// When it came in.
    pub created_at: Timestamp,
    /// Its length in bytes.
    pub size: u64,
    /// Whether a dossier copy was asked for.
    pub dossier: bool,
    /// Whether the signed form is kept.
    pub signed: bool,
    /// Whether its text was destroyed.
    pub discarded: bool,
    /// How it stands with each recipient, in the order of the envelope.
    pub recipients: Vec<HeldRecipient>,
}

impl HeldMessage {
    /// Whether nothing is left to do: every recipient has it or was withdrawn.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.recipients.iter().all(|one| matches!(one.state, State::Sent | State::Withdrawn))
    }

    /// The recipients in this state.
    pub fn in_state(&self, state: State) -> impl Iterator<Item = &HeldRecipient> {
        self.recipients.iter().filter(move |recipient| recipient.state == state)
    }
}

/// How it stands with one recipient.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct HeldRecipient {
    /// Who.
    pub address: Address,
    /// The parameters of RCPT.
    pub params: Vec<Param>,
    /// Where it stands.
    pub state: State,
    /// A hand-over was begun and its end not seen: the server may have the message. Never tried
    /// again by itself.
    pub in_doubt: bool,
    /// What a person chose last.
    pub choice: Option<Choice>,
    /// When it was chosen.
    pub chosen_at: Option<Timestamp>,
    /// How often a hand-over was attempted since then.
    pub attempts: u32,
    /// When it was last attempted.
    pub tried_at: Option<Timestamp>,
    /// When it is attempted next; `None`: at once.
    pub next_attempt_at: Option<Timestamp>,
    /// The server's last words, or our own about why it was not reached.
    pub words: Option<String>,
    /// The step that kept it back, as a clause (`R-SEND-3`).
    pub step: Option<String>,
    /// Why it was kept back.
    pub reason: Option<Reason>,
    /// By which route it was delivered.
    pub route: Option<String>,
    /// What the last attempt saw and checked, as JSON.
    pub proof_json: Option<String>,
}

/// Where a message stands for one recipient.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// For a person's choice.
    Waiting,
    /// Chosen, and to be handed over when due.
    Chosen,
    /// A server is being given it.
    Sending,
    /// A server took it. Final.
    Sent,
    /// Refused for good, given up, or in doubt. A person may choose again.
    Failed,
    /// A person chose not to send it. Final.
    Withdrawn,
}

impl State {
    /// The word used in the database, in JSON and on the screen.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Chosen => "chosen",
            Self::Sending => "sending",
            Self::Sent => "sent",
            Self::Failed => "failed",
            Self::Withdrawn => "withdrawn",
        }
    }

    fn parse(word: &str) -> Option<Self> {
        let all =
            [Self::Waiting, Self::Chosen, Self::Sending, Self::Sent, Self::Failed, Self::Withdrawn];
        all.into_iter().find(|state| state.as_str() == word)
    }
}

/// What a person chose. Nothing is chosen by silence (invariant 2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "way", rename_all = "snake_case")]
pub enum Choice {
    /// By a way that NTA 7516 accepts.
    Secure,
    /// As ordinary mail: a deliberate act (R-DET-4).
    Ordinary {
        /// Why, in the person's own words; not blank, 1,000 characters at most.
        reason: String,
    },
    /// Not at all.
    Withdraw,
}

/// A choice with its circumstances.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choosing {
    /// What.
    pub choice: Choice,
    /// The operating system's name of the person ([`os_user`]).
    pub who: String,
    /// Whether a dossier copy is wanted too.
    pub dossier: bool,
    /// Under what a record system is offered it: kept in the same step
    /// ([`ask_filing`](crate::Vault::ask_filing)).
    pub filing: Option<String>,
    /// For which recipients; `None`: all for whom it is possible.
    pub recipients: Option<Vec<Address>>,
}

/// A reason in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// In Dutch.
    pub nl: String,
    /// In English.
    pub en: String,
}

/// What an attempt came to, for one recipient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The server took it.
    Sent {
        /// By which route.
        route: String,
    },
    /// The server did not take it now; tried again at `next`.
    Temporary {
        /// The server's words.
        words: String,
        /// When to try again.
        next: Timestamp,
    },
    /// This server did not take it now, and the next one is asked in the same attempt. Nothing of
    /// the message may be given to that one before this is recorded: until then it counts as in
    /// doubt.
    NotHere {
        /// The server's words.
        words: String,
    },
    /// It will not take it; a person may choose again.
    Permanent {
        /// The server's words.
        words: String,
    },
    /// It was not taken for too long, and is not tried again by itself.
    Expired {
        /// What was seen last.
        words: String,
    },
    /// No route gives enough: back to waiting for another choice.
    Kept {
        /// The step that decided, as a clause (`R-SEND-3`).
        step: String,
        /// Why.
        reason: Reason,
    },
    /// The end of the message was sent and no reply came: the server may have it.
    Doubt {
        /// What was seen.
        words: String,
    },
}

/// An attempt, for one recipient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// The recipient.
    pub recipient: Address,
    /// What it came to.
    pub outcome: Outcome,
    /// What was seen and checked, as JSON.
    pub proof_json: Option<String>,
}

/// A message with recipients whose hand-over is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// The message.
    pub id: HeldId,
    /// For whom.
    pub recipients: Vec<Address>,
}

impl fmt::Display for HeldId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.to_string())
    }
}

impl FromStr for HeldId {
    type Err = HeldIdError;
    fn from_str(text: &str) -> Result<Self, HeldIdError> {
        let id = Ulid::from_string(text.trim()).map_err(|_| HeldIdError)?;
        // Base 32 has other spellings of the same number; only one names files and rows.
        let same = id.to_string().eq_ignore_ascii_case(text.trim());
        same.then_some(Self(id)).ok_or(HeldIdError)
    }
}

impl TryFrom<String> for HeldId {
    type Error = HeldIdError;
    fn try_from(text: String) -> Result<Self, HeldIdError> {
        text.parse()
    }
}

impl From<HeldId> for String {
    fn from(id: HeldId) -> Self {
        id.to_string()
    }
}

#[cfg(test)]
#[path = "outbox_tests.rs"]
mod tests;
