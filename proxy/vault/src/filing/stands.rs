//! How far an offer is, and what came of it before.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// In which of its forms a held message is offered. A record system knows a message by its bytes: what was
/// offered once is offered in that form until it is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// As the mail program gave it.
    Held,
    /// As it was signed.
    Signed,
    /// As it was sent, unsigned.
    Sent,
}

impl Form {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Signed => "signed",
            Self::Sent => "sent",
        }
    }

    pub(super) fn parse(word: &str) -> Option<Self> {
        [Self::Held, Self::Signed, Self::Sent].into_iter().find(|form| form.as_str() == word)
    }
}

/// How far an offer is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum FilingState {
    /// It is on its way to somebody by mail, and is offered once that has ended.
    AfterSending,
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
        /// What the record system said itself. It may name a patient: it goes with the text, and into no
        /// journal.
        #[serde(default)]
        said: Option<String>,
    },
    /// It is offered no more: a person stopped it, took the mail back, or destroyed its text.
    Stopped {
        /// Whether it was tried before.
        there: Stopped,
    },
}

/// What is known of an offer that was stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stopped {
    /// The record system was never given it.
    NotThere,
    /// It was tried: the record system may have it.
    MaybeThere,
}

impl Stopped {
    pub(super) fn after(attempts: u32) -> Self {
        if attempts == 0 { Self::NotThere } else { Self::MaybeThere }
    }
}

/// An offer as it stands, and what came of it before it was corrected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    /// How far it is.
    #[serde(flatten)]
    pub state: FilingState,
    /// The record system that is offered it, or took it, by the name that the account has for it.
    #[serde(default)]
    pub system: Option<String>,
    /// What other systems took of it, or the same under something else; oldest first.
    #[serde(default)]
    pub earlier: Vec<Earlier>,
}

/// What a record system took of an offer, or may have taken, before it was corrected or stopped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Earlier {
    /// Which; `None`: a folder took it, for a person to file. Empty where the account gave it no name.
    pub system: Option<String>,
    /// When; of what is in doubt, when it was corrected.
    pub at: Timestamp,
    /// Under which reference of its own.
    pub place: Option<String>,
    /// Whether it took it: it was tried there, and no answer was seen.
    pub in_doubt: bool,
}

impl Offer {
    /// Whether a person must change something, and ask again.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        matches!(self.state, FilingState::Refused { .. })
    }
}
