//! What a domain publishes, as a chain of four links with the steps behind each.

use serde::Serialize;
use ts_rs::TS;

use super::Proof;

/// What was found of a domain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct DomainReport {
    /// The domain.
    pub domain: String,
    /// May health mail go there?
    pub verdict: Verdict,
    /// How the mail host proved itself, where it did.
    pub proof: Option<Proof>,
    /// The step of the scheme that decided, as a clause (`R-SEND-5`).
    pub step: String,
    /// Why, in sentences.
    pub reasons: Vec<String>,
    /// The chain, in order.
    pub links: Vec<ChainLink>,
    /// What stands beside it: what the domain publishes for the mail that it sends.
    pub beside: Vec<SeenStep>,
    /// All of it as text for whoever manages the domain.
    pub text: String,
}

/// May health mail go to a domain?
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Yes, to its own mail host.
    Direct,
    /// Not as NTA mail.
    OtherWay,
    /// No: something that ought to be proved does not hold.
    Refuse,
    /// Now nothing can be said.
    Later,
}

/// A link of the chain from which a health mail hangs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct ChainLink {
    /// Which.
    pub link: Link,
    /// The worst of its steps.
    pub state: SeenState,
    /// What was looked at.
    pub steps: Vec<SeenStep>,
}

/// Which link of the chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Link {
    /// The domain says that it complies.
    Record,
    /// DNSSEC proves that it is the domain that says so.
    Dnssec,
    /// The mail host that takes its mail.
    Host,
    /// The host proves itself.
    Proof,
}

/// How a link or a step stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum SeenState {
    /// As it must be.
    Good,
    /// Not looked at.
    NotLookedAt,
    /// It works, and could be better.
    Attention,
    /// Now nothing can be said.
    Unknown,
    /// Not as it must be.
    Bad,
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct SeenStep {
    /// What it is called.
    pub name: String,
    /// Of what, where there can be several.
    pub about: Option<String>,
    /// The clause that asks for it, such as `R-DANE-1`.
    pub clause: String,
    /// How it stands.
    pub state: SeenState,
    /// What was seen.
    pub seen: String,
    /// What to do.
    pub mend: Option<String>,
    /// A record to publish, where one helps.
    pub publish: Option<ToPublish>,
}

/// A record to publish in DNS.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct ToPublish {
    /// Where.
    pub name: String,
    /// `TXT` or `TLSA`.
    pub kind: String,
    /// What.
    pub value: String,
}
