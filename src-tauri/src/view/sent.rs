//! What was sent.

use serde::Serialize;
use ts_rs::TS;

use super::Fact;

/// A message that reached someone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct SentItem {
    /// The message.
    pub id: String,
    /// Its subject.
    pub subject: String,
    /// The account that sent it.
    pub account: String,
    /// When it was chosen.
    pub chosen_at: Option<String>,
    /// Who chose.
    pub who: Option<String>,
    /// Who got it.
    pub recipients: Vec<SentRecipient>,
}

/// Someone who got a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct SentRecipient {
    /// Who.
    pub address: String,
    /// `direct`, `provider`, `gateway` or `ordinary`.
    pub route: Option<String>,
    /// What the route gives, in a sentence.
    pub guarantee: String,
    /// Why it went as ordinary mail.
    pub reason: Option<String>,
    /// What was checked: name and value.
    pub proof: Vec<Fact>,
}
