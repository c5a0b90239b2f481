use jiff::Timestamp;
use serde::Serialize;

use crate::refusal::Refusal;
use crate::revocation::Revocation;

/// What [`judge`](crate::judge) came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum Answer {
    /// There is a path to an anchor. Whether anything on it was revoked stands in the path: a caller
    /// who does not look at [`Path::revocation`] trusts revoked certificates.
    Found(Path),
    /// There is none, and why.
    Refused(Refusal),
}

impl Answer {
    /// The path, where there is one.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        match self {
            Self::Found(path) => Some(path),
            Self::Refused(_) => None,
        }
    }
}

/// A path that holds (RFC 5280 section 6.1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Path {
    /// The certificates, the leaf first and the anchor last. One only, where the leaf is itself an
    /// anchor.
    pub links: Vec<Link>,
    /// The name under which the anchor was added.
    pub anchor: String,
    /// Whether anything below the anchor was revoked.
    pub revocation: Revocation,
    /// Who said of the leaf that it was not revoked, where that is known.
    pub told: Option<Told>,
    /// The authority-constrained policy set as dotted numbers; `2.5.29.32.0` is any-policy.
    pub policies: Vec<String>,
}

/// Who said that a certificate was not revoked, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Told {
    /// In what.
    pub by: Teller,
    /// Its thisUpdate.
    pub at: Timestamp,
    /// Its nextUpdate. None where a responder names none, and may say something else at any time.
    pub until: Option<Timestamp>,
}

/// In what an issuer says which certificates it revoked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Teller {
    /// A revocation list (RFC 5280 section 5).
    List,
    /// An OCSP response (RFC 6960).
    Response,
}

impl Told {
    pub(crate) fn by_list(at: Timestamp, until: Timestamp) -> Self {
        Self { by: Teller::List, at, until: Some(until) }
    }

    pub(crate) fn by_response(at: Timestamp, until: Option<Timestamp>) -> Self {
        Self { by: Teller::Response, at, until }
    }
}

/// A certificate of a path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Link {
    /// The bytes as received.
    #[serde(skip)]
    pub der: Vec<u8>,
    /// Subject as text.
    pub subject: String,
    /// Issuer as text.
    pub issuer: String,
    /// Serial number in lower-case hexadecimal.
    pub serial: String,
    /// Start of validity.
    pub not_before: Timestamp,
    /// End of validity.
    pub not_after: Timestamp,
}
