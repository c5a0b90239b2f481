//! Mail that came in and claimed something.

use serde::Serialize;
use ts_rs::TS;

use super::{FilingView, SeenState, WhySigned};

/// A mail that came in and claimed to be signed, or to be NTA mail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct ReceivedItem {
    /// Its id here.
    pub id: String,
    /// The account that it came to.
    pub account: String,
    /// When it came in, as far as the provider says, or else when it was first seen here.
    pub received_at: String,
    /// Who it says that it is from, as it stands there.
    pub from: String,
    /// Its subject.
    pub subject: String,
    /// What its claims are worth.
    pub trust: Trust,
    /// What was looked at, in order.
    pub lines: Vec<ReceivedLine>,
    /// Why, in sentences; the gravest first.
    pub reasons: Vec<WhySigned>,
    /// The copy that is kept of it: what a record system can be offered.
    pub copy: Option<String>,
    /// How far it is with the record system, where it was offered to one.
    pub filing: Option<FilingView>,
}

/// What the claims of a mail are worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Trust {
    /// They hold.
    Proved,
    /// They hold in part, or nobody vouches for them.
    Partly,
    /// Now nothing can be said.
    Later,
    /// There is none: ordinary mail, of a domain that declares to comply.
    Ordinary,
    /// One does not hold.
    Failed,
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct ReceivedLine {
    /// Which.
    pub what: Claim,
    /// How it stands.
    pub state: SeenState,
    /// What was seen, in a sentence.
    pub sentence: String,
}

/// What a mail can claim, or what stands for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Claim {
    /// To be signed.
    Signature,
    /// To be from who signed it.
    Author,
    /// To come by the way that NTA 7516 accepts.
    Nta,
    /// To come from its domain: DKIM, and what the provider found.
    Domain,
}
