use jiff::Timestamp;
use paths::Told;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::open::reason::Reason;

/// What became of the signatures of a message.
///
/// The header of the message (Subject, Date, To) is never covered. What is claimed for a person stands in
/// [`valid`](Self::valid) alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Verdict {
    /// The worst word of all reasons.
    pub verdict: Word,
    /// How much of the body is covered by signatures that are intact.
    pub coverage: Coverage,
    /// True where every signer signed as CAdES-BES (ETSI TS 101 733 section 4.3.1): the signature names its
    /// certificate. Else it is plain S/MIME, or nothing.
    pub cades: bool,
    /// Who signed, signature by signature; those inside a signed part are left to [`parts`](Self::parts).
    pub signers: Vec<SignedBy>,
    /// Why, for people.
    pub reasons: Vec<Reason>,
    /// Each signature on its own, those inside others too.
    pub parts: Vec<SignedPart>,
}

/// A part of the message that is signed, or says so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct SignedPart {
    /// Where it stands: `0` is the message itself, `2.1` the first part of the second. What lies in an
    /// opaque signature counts on behind a `/`.
    pub part: String,
    /// The worst word of its reasons. It says nothing about the message around it.
    pub verdict: Word,
    /// True where every signer signed as CAdES-BES.
    pub cades: bool,
    /// Who signed.
    pub signers: Vec<SignedBy>,
    /// Why.
    pub reasons: Vec<Reason>,
}

/// A signer: what the enclosed certificate says, and what was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct SignedBy {
    /// The address in the certificate that is the author's, or else the first; None where there is none.
    pub address: Option<String>,
    /// The certificate's subject; empty where there is no certificate.
    pub subject: String,
    /// Whether the certificate is that of the address in From (RFC 8550 section 3).
    pub from_match: FromMatch,
    /// True where digest and signature fit the bytes received.
    pub intact: bool,
    /// True where it is CAdES-BES.
    pub cades: bool,
    /// Subjects from the signer to the anchor; empty where no path holds.
    pub path: Vec<String>,
    /// The name of the anchor that vouches for the signer.
    pub anchor: Option<String>,
    /// The same certificates in DER, for whoever asks their issuers.
    #[serde(skip)]
    pub chain: Vec<Vec<u8>>,
    /// What is known of revocation on the path.
    pub revocation: Known,
    /// Who said of the signer's certificate that it was not revoked; None where nobody did that can be
    /// believed. Why it is not known stands among the reasons.
    pub revocation_told: Option<Told>,
    /// Digest, signature and key: `SHA-256`, `ECDSA`, `ECDSA P-256`.
    pub algorithms: Vec<String>,
    /// When it was signed, by the signer's own clock: a claim.
    pub signing_time: Option<Timestamp>,
}

/// The words of RFC 8601 section 2.7, with the meaning that RFC 7281 section 3 gives them for S/MIME. They stand
/// from good to bad, so that the greatest of several is the verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Word {
    /// Nothing is signed.
    None,
    /// The signature holds, and is accepted.
    Pass,
    /// It may hold, and is not accepted: nobody vouches for the signer, a part is unsigned, the algorithm is
    /// weak, the signer is not the author.
    Policy,
    /// Not now: another time the answer may be another.
    TempError,
    /// It cannot be judged, and never will.
    PermError,
    /// It does not hold.
    Fail,
}

/// How much of a message's body is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Coverage {
    /// All that a mail program shows of the body.
    Whole,
    /// A part of it.
    Partial,
    /// Nothing.
    None,
}

/// Whether signer and author are the same; in JSON true, false, or null.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FromMatch {
    /// They are.
    Same,
    /// They are not, or it is not clear who the author is.
    Other,
    /// It was no message: there is no author.
    NotAsked,
}

/// What is known of revocation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Known {
    /// Nothing on the path was revoked.
    Good,
    /// Something was.
    Revoked,
    /// It is not known.
    Unknown,
}

impl Verdict {
    /// True where a person may be told that the message is what its author signed: the signature holds, an
    /// anchor vouches for the signer, who is the author, and all that is shown is covered.
    #[must_use]
    pub fn valid(&self) -> bool {
        self.verdict == Word::Pass && self.coverage == Coverage::Whole
    }
}

impl Word {
    pub(crate) fn worst(reasons: &[Reason]) -> Self {
        reasons.iter().map(Reason::word).max().unwrap_or(Self::None)
    }
}

impl Serialize for FromMatch {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Same => serializer.serialize_some(&true),
            Self::Other => serializer.serialize_some(&false),
            Self::NotAsked => serializer.serialize_none(),
        }
    }
}

impl<'de> Deserialize<'de> for FromMatch {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match Option::<bool>::deserialize(deserializer)? {
            Some(true) => Self::Same,
            Some(false) => Self::Other,
            None => Self::NotAsked,
        })
    }
}
