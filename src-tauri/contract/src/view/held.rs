//! What waits.

use serde::Serialize;
use ts_rs::TS;

use super::{FilingView, Recipient};

/// What waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum HeldKind {
    /// A mail that is to be sent, or was.
    Message,
    /// A mail that came in, which a record system is offered.
    Copy,
}

/// A line of the list of what waits.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct Held {
    /// The message, or the copy.
    pub id: String,
    /// What it is.
    pub kind: HeldKind,
    /// Its subject.
    pub subject: String,
    /// The account that sends it, or that it came to.
    pub account: String,
    /// When it came in.
    pub held_at: String,
    /// When it is asked about again, where it was put off.
    pub asked_again_at: Option<String>,
    /// Someone waits for a choice.
    pub can_choose: bool,
    /// Someone is to be tried again later, and could be now.
    pub can_hurry: bool,
    /// A choice that was not carried out yet can be taken back.
    pub can_take_back: bool,
    /// Everybody who has not got it can be withdrawn.
    pub can_withdraw: bool,
    /// Who gets it.
    pub recipients: Vec<Recipient>,
    /// How far it is with the record system, where it was offered to one.
    pub filing: Option<FilingView>,
}
