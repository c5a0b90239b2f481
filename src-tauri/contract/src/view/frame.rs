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
    /// Messages with a recipient for whom sending failed.
    pub failed: u32,
    /// What does not work at all, if anything: the sentence says what to do.
    pub trouble: Option<String>,
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
