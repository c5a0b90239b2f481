//! What stands around every page.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What stands around every page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct Frame {
    /// The language of the pages.
    pub language: Language,
    /// The product's version.
    pub version: String,
    /// The addresses of the accounts, in the order of the settings.
    pub accounts: Vec<String>,
    /// Messages that wait for a choice.
    pub waiting: u32,
    /// Other messages that want a person: sending failed for someone, or a record system refused them.
    pub failed: u32,
    /// What does not work at all, if anything: the sentence says what to do.
    pub trouble: Option<String>,
    /// Why nothing can be shown or set up: the settings cannot be used. `trouble` says it too.
    pub fault: Option<Fault>,
    /// The built-in try-out provider is used: nothing leaves this computer.
    pub try_out: bool,
    /// Minutes after which a mail that was put off is asked about again.
    pub remind_after: u32,
}

/// A language of the pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    /// Dutch.
    Nl,
    /// English.
    En,
}

/// Why there is no engine behind the pages. Mail is where it was; nothing of it can be shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct Fault {
    /// What is wrong, and what to do.
    pub sentence: String,
    /// The settings file that was read; none where not even its place is known.
    pub file: Option<String>,
}
