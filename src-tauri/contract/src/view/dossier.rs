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
}
