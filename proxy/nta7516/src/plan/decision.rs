use std::net::IpAddr;

use mail::Domain;
use serde::{Deserialize, Serialize};

use super::Reason;
use crate::facts::{Route, Tlsa};
use crate::record::Provider;

/// What to do for one recipient. Recipients do not influence each other (R-SEND-11).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "decision", rename_all = "snake_case")]
pub enum Decision {
    /// Send as NTA mail on this route.
    Handover {
        /// The route.
        route: Route,
        /// Where to, the first to be tried first; never empty for [`Route::Direct`], always empty
        /// for [`Route::Provider`], where the provider finds the host.
        hosts: Vec<Target>,
        /// The value of `X-NTA7516`: the mark of the sender's own record (R-DNS-5).
        provider_mark: Provider,
        /// Hosts that no mail may be handed to, and why.
        left_out: Vec<LeftOut>,
    },
    /// Not as NTA mail: another way, or no sending (R-ALT-1).
    AnotherWay {
        /// The step that said no.
        step: Step,
        /// Why, and what to do.
        reason: Reason,
        /// The account's route for another way: [`Route::Gateway`] where it has one.
        by: Option<Route>,
    },
    /// Something that ought to be proved does not hold: nothing is sent on any route.
    Refuse {
        /// The step that said no.
        step: Step,
        /// Why, and what to do.
        reason: Reason,
    },
    /// Something could not be seen: held, and decided anew later.
    Later {
        /// The step that could not be taken.
        step: Step,
        /// Why, and what to do.
        reason: Reason,
    },
}

/// A host to hand over to, and what it must prove.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// The host as MX or `ntamx` names it.
    pub host: Domain,
    /// Its priority: the lowest is tried first.
    pub priority: u16,
    /// Its addresses, at least one.
    pub addresses: Vec<IpAddr>,
    /// What the connection must show before anything of the mail is sent.
    pub require: Requirement,
}

/// A host that is not handed to, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    /// The host.
    pub host: Domain,
    /// What would have been decided, were it the only host.
    pub kind: Kind,
    /// The step that said no.
    pub step: Step,
    /// Why, and what to do.
    pub reason: Reason,
}

/// What a step that says no means for the mail. The order tells which of several is told: what may
/// pass by itself first, so that temporary trouble never looks final.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// As [`Decision::Later`].
    Later,
    /// As [`Decision::Refuse`].
    Refuse,
    /// As [`Decision::AnotherWay`].
    AnotherWay,
}

/// What is left of a handover of whose hosts none gave its proof on the connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unproved<'a> {
    /// A host that was left out may do later: held, and decided anew.
    Later(&'a LeftOut),
    /// What ought to be proved of a host that was left out does not hold: nothing is sent on any
    /// route.
    Refuse(&'a LeftOut),
    /// No host can do: another way, by this route where the account has one (R-ALT-1).
    AnotherWay(Option<Route>),
}

/// What a host must show after STARTTLS. There is no fall-back from one to another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "proof", rename_all = "snake_case")]
pub enum Requirement {
    /// One of these records matches (R-SEND-5, RFC 7672).
    Dane {
        /// The usable records, at least one.
        tlsa: Vec<Tlsa>,
        /// The names of which the certificate must carry one where a record of usage 2 matched
        /// (RFC 7672 section 3.2.2); the TLSA base name comes first.
        names: Vec<Domain>,
    },
    /// The certificate chains to a trusted root, is in date and carries one of these names
    /// (R-SEND-6).
    Pkix {
        /// The MX or `ntamx` host name.
        names: Vec<Domain>,
    },
    /// As [`Requirement::Pkix`], and the subject has an organisational unit that is one of the
    /// marks (R-SEND-7).
    OrganisationalUnit {
        /// The host name.
        names: Vec<Domain>,
        /// The accepted marks, at least one, compared exactly.
        marks: Vec<String>,
    },
}

impl Requirement {
    /// The word used in JSON and on the screen.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Dane { .. } => "dane",
            Self::Pkix { .. } => "pkix",
            Self::OrganisationalUnit { .. } => "ou",
        }
    }

    /// The step of the scheme that it belongs to.
    #[must_use]
    pub fn step(&self) -> Step {
        match self {
            Self::Dane { .. } => Step::Host,
            Self::Pkix { .. } => Step::AnnexC,
            Self::OrganisationalUnit { .. } => Step::AnnexB,
        }
    }
}

/// A step of the scheme.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Step {
    /// Does the recipient's domain have a record?
    #[serde(rename = "R-SEND-2")]
    Claimed,
    /// Is the record set valid, today?
    #[serde(rename = "R-SEND-3")]
    Valid,
    /// Is the record to be trusted?
    #[serde(rename = "R-SEND-4")]
    Trusted,
    /// Which host, and does it have TLSA records?
    #[serde(rename = "R-SEND-5")]
    Host,
    /// Annex C: an MX look-up that is secure, and a certificate with its name.
    #[serde(rename = "R-SEND-6")]
    AnnexC,
    /// Annex B: a certificate with the mark of a certified supplier.
    #[serde(rename = "R-SEND-7")]
    AnnexB,
    /// Handing over, on a route that the account has.
    #[serde(rename = "R-SEND-8")]
    HandOver,
    /// Does the sender's own domain claim to comply?
    #[serde(rename = "R-SEND-9")]
    Own,
    /// Is the supplier one that is accepted?
    #[serde(rename = "R-SEND-10")]
    Supplier,
}

impl Decision {
    /// The step that said no, or could not be taken; `None` for a handover.
    #[must_use]
    pub fn step(&self) -> Option<Step> {
        match self {
            Self::Handover { .. } => None,
            Self::AnotherWay { step, .. }
            | Self::Refuse { step, .. }
            | Self::Later { step, .. } => Some(*step),
        }
    }

    /// Why not, and what to do; `None` for a handover.
    #[must_use]
    pub fn reason(&self) -> Option<&Reason> {
        match self {
            Self::Handover { .. } => None,
            Self::AnotherWay { reason, .. }
            | Self::Refuse { reason, .. }
            | Self::Later { reason, .. } => Some(reason),
        }
    }
}

impl Step {
    /// The clause by which tests, documents and screens cite the step.
    #[must_use]
    pub fn clause(self) -> &'static str {
        match self {
            Self::Claimed => "R-SEND-2",
            Self::Valid => "R-SEND-3",
            Self::Trusted => "R-SEND-4",
            Self::Host => "R-SEND-5",
            Self::AnnexC => "R-SEND-6",
            Self::AnnexB => "R-SEND-7",
            Self::HandOver => "R-SEND-8",
            Self::Own => "R-SEND-9",
            Self::Supplier => "R-SEND-10",
        }
    }
}
