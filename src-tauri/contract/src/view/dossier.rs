//! The patient record: what is wrong with a form, and how far a filing is. The form itself is in the room
//! `filing`.

use filing::form::FilingField;
use serde::Serialize;
use ts_rs::TS;

/// What is wrong with a field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct FilingFault {
    /// Which.
    pub field: FilingField,
    /// What, and what to do.
    pub sentence: String,
}

/// How far a filing is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum FilingStands {
    /// It is offered once the mail was sent.
    AfterSending,
    /// It is offered, and offered again.
    Due,
    /// The record system took it.
    Filed,
    /// The record system refused it: a person must change something.
    Refused,
    /// It is offered no more.
    Stopped,
}

/// How far a mail is with the record system.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct FilingView {
    /// How far.
    pub stands: FilingStands,
    /// Why it was not taken, and what to do.
    pub sentence: Option<String>,
    /// What the record system said itself.
    pub said: Option<String>,
    /// It was tried, and is not known to be refused or taken: the record system may have it.
    pub maybe_there: bool,
    /// Where it lies, as the record system says it.
    pub place: Option<String>,
    /// When it is offered again.
    pub next_attempt_at: Option<String>,
    /// Which record system is offered it, or took it, where that has a name.
    pub system: Option<String>,
    /// What became of it before it was corrected or stopped, oldest first.
    pub earlier: Vec<EarlierFiling>,
}

/// What a record system took, or may have taken, before an offer was corrected or stopped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct EarlierFiling {
    /// Which; none: a folder took it, for a person to file. Empty where it has no name.
    pub system: Option<String>,
    /// When; of what is in doubt, until when it was offered there.
    pub at: String,
    /// Where it lies, as the record system says it.
    pub place: Option<String>,
    /// It was tried there, and no answer was seen.
    pub in_doubt: bool,
}
