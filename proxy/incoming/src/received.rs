//! What is told of a message that claimed something: values that are kept, shown and printed.

use cades::{Coverage, FromMatch, Known, Word};
use jiff::{SignedDuration, Timestamp};
use mail::{Address, Domain};
use nta7516::facts::Security;
use serde::{Deserialize, Serialize};

/// The verdict on a message that came in (R-RECV-1 to R-RECV-3). Its JSON is a contract.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Received {
    /// The worst word of what the message claims for itself. `none` where it claims nothing: ordinary
    /// mail, whatever its sender's domain declares.
    pub verdict: Word,
    /// Which irregular case of annex D holds; none where mail is as it should be, or where that cannot be
    /// told.
    pub case: Option<Case>,
    /// What made it worth looking at.
    pub claims: Vec<Claim>,
    /// The value of `X-NTA7516`, where it has one that can be read.
    pub mark: Option<String>,
    /// The one address in From, where it is clear.
    pub author: Option<Address>,
    /// The day by which the sender's record was judged.
    pub receipt: Receipt,
    /// What the author's domain declares; none where it was not looked up.
    pub domain: Option<SenderDomain>,
    /// What became of the signature on the body.
    pub signature: Signature,
    /// Who signed: the author where they did, else the first.
    pub signer: Option<Signer>,
    /// Whether that signer is the author (RFC 8550 section 3).
    pub from_match: FromMatch,
    /// The message's own DKIM signatures (RFC 6376), each by itself.
    pub dkim: Vec<DkimResult>,
    /// What the provider says that it found; none where its field is missing or not trusted.
    pub provider: Option<Statement>,
    /// Why, for people, in the order in which it was looked at.
    pub reasons: Vec<Told>,
}

/// A case of annex D, as it looks to whoever receives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Case {
    /// The header is there, and the sender's domain declares nothing that covers it: the header counts
    /// for nothing, the message is ordinary mail.
    A,
    /// The receiver's own domain declares nothing: it should not have come as NTA mail.
    B,
    /// The sender's domain declares, and the message does not bear the header: ordinary mail.
    C,
    /// Header and declaration are right, and the supplier is none that is accepted here.
    D,
}

/// What a message claims.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Claim {
    /// It bears `X-NTA7516`.
    Nta,
    /// It, or a part of it, is signed or says so (RFC 8551).
    Signature,
    /// It has a DKIM signature, and its author's domain declares to comply.
    Dkim,
}

/// When a message was received.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// The moment.
    pub at: Timestamp,
    /// Who says so.
    pub by: ReceiptBy,
}

/// Who says when a message was received.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ReceiptBy {
    /// The provider, in the topmost Received field (RFC 5321 section 4.4).
    Provider,
    /// That field cannot be read, or lies ahead: it is the moment at which the message was looked at.
    Clock,
}

/// When something that changes was looked at: a record, or a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Moment {
    /// While what was published on the day of receipt was still to be had (R-DNS-7: a day), or it does
    /// not change.
    #[default]
    InTime,
    /// Later, or nobody knows how much later: what was published that day may have been changed since.
    Later,
}

impl Moment {
    /// When a message is looked at that was received then. Without a day that the provider names
    /// nothing can be held against a message that may be years old.
    #[must_use]
    pub fn of(receipt: Receipt, now: Timestamp) -> Self {
        let known = receipt.by == ReceiptBy::Provider;
        if known && now.duration_since(receipt.at) <= IN_TIME { Self::InTime } else { Self::Later }
    }
}

/// What a sender's domain declares.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SenderDomain {
    /// The domain of the author's address.
    pub name: Domain,
    /// How its record stands on the day of receipt.
    pub record: RecordState,
    /// The state of the answer by DNSSEC; none where there was no answer.
    pub security: Option<Security>,
    /// The supplier's mark in the record of that day.
    pub supplier: Option<String>,
}

/// How a record stands on the day of receipt (R-DNS-1, R-DNS-2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecordState {
    /// A record holds.
    Holds,
    /// There is none.
    None,
    /// There is one, and that day is outside its period.
    OutsidePeriod,
    /// There is a claim that breaks a rule.
    Faulty,
    /// The answer does not hold by DNSSEC.
    Bogus,
    /// It could not be looked up.
    Unknown,
}

/// What became of the signature on the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signature {
    /// `none` where there is none.
    pub verdict: Word,
    /// How much of the body it covers.
    pub coverage: Coverage,
    /// True for CAdES-BES; else plain S/MIME, or nothing.
    pub cades: bool,
}

/// Who signed, by the certificate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signer {
    /// The certificate's subject.
    pub subject: String,
    /// The address in it.
    pub address: Option<String>,
    /// Who vouches for it, of the certificates in `[trust] anchors`.
    pub anchor: Option<String>,
    /// What is known of revocation, by what the message brings along.
    pub revocation: Known,
    /// When it was signed, by the signer's own clock.
    pub signing_time: Option<Timestamp>,
}

/// One DKIM signature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DkimResult {
    /// The domain that signed; none where the field cannot be read.
    pub domain: Option<Domain>,
    /// The selector.
    pub selector: Option<String>,
    /// What became of it.
    pub result: Word,
    /// Whether that domain is the author's, or above or below it (RFC 7489 section 3.1.1, relaxed).
    pub aligned: Alignment,
    /// The state by DNSSEC of the answer with the key.
    pub key: Option<Security>,
}

/// Whether a domain is the author's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Alignment {
    /// It is, or lies above or below it.
    Author,
    /// It is another.
    Other,
}

/// What the provider says in Authentication-Results (RFC 8601) under the id that the account trusts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement {
    /// The id.
    pub id: String,
    /// Whether a DKIM signature of the author's domain held when the message came in.
    pub dkim: Option<Word>,
    /// SPF.
    pub spf: Option<Word>,
    /// DMARC.
    pub dmarc: Option<Word>,
}

/// A reason, as it was found on that day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// A word for scripts; it does not change.
    pub code: String,
    /// The word that it brings.
    pub verdict: Word,
    /// True where the verdict on the message rests on it; else it is told for completeness.
    pub counts: bool,
    /// `later` where it only says what was found later than on the day of receipt: that speaks against
    /// nobody. Verdicts of before this was noted were taken for `in_time`.
    #[serde(default)]
    pub seen: Moment,
    /// The sentence in Dutch.
    pub nl: String,
    /// The same in English.
    pub en: String,
}

/// What the claims of a message are worth, in one word: for the keyword, the list and the window alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Standing {
    /// All that it claims holds.
    Proved,
    /// It claims nothing for itself.
    Ordinary,
    /// It cannot be told yet.
    Later,
    /// Not all of it can be told, or what is missing lies on this side or in the past.
    Partly,
    /// Something speaks against it: the user is told.
    Failed,
}

/// The keyword that tells other mail programs of a verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Keyword {
    /// It says that it is NTA mail, and all that it claims holds.
    #[serde(rename = "$NtaVerified")]
    Verified,
    /// It says that it is NTA mail, and something speaks against it.
    #[serde(rename = "$NtaFailed")]
    Failed,
}

impl Keyword {
    /// As IMAP stores it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Verified => "$NtaVerified",
            Self::Failed => "$NtaFailed",
        }
    }
}

impl Received {
    /// True where another time the answer may be another.
    #[must_use]
    pub fn is_temporary(&self) -> bool {
        self.verdict == Word::TempError
    }

    /// What its claims are worth. What lies on this side is no fault of the message's: that the own domain
    /// declares nothing, or that nobody vouches here for its signer. Nor is what was only seen later than
    /// on the day of receipt: keys and records change. A message that is signed and does not say that it
    /// is NTA mail fails only where the signature does not hold: mailing lists add text, and most people's
    /// signatures have no anchor here.
    #[must_use]
    pub fn standing(&self) -> Standing {
        let against = |told: &Told| match told.verdict {
            _ if !told.counts || told.seen == Moment::Later => false,
            Word::Fail => true,
            Word::Policy | Word::PermError => {
                self.is_marked() && !OURS.contains(&told.code.as_str())
            }
            Word::None | Word::Pass | Word::TempError => false,
        };
        match self.verdict {
            Word::TempError => Standing::Later,
            _ if self.reasons.iter().any(against) => Standing::Failed,
            Word::Pass => Standing::Proved,
            Word::None => Standing::Ordinary,
            Word::Policy | Word::PermError | Word::Fail => Standing::Partly,
        }
    }

    /// True where something speaks against the message: [`Standing::Failed`].
    #[must_use]
    pub fn failed(&self) -> bool {
        self.standing() == Standing::Failed
    }

    /// The keyword to store; none for a message that does not say that it is NTA mail, or of which neither
    /// can be said.
    #[must_use]
    pub fn keyword(&self) -> Option<Keyword> {
        match self.standing() {
            _ if !self.is_marked() => None,
            Standing::Proved => Some(Keyword::Verified),
            Standing::Failed => Some(Keyword::Failed),
            Standing::Ordinary | Standing::Later | Standing::Partly => None,
        }
    }

    /// Whether a reason of this code only says what was found later.
    #[must_use]
    pub fn is_of_later(&self, code: &str) -> bool {
        self.reasons.iter().any(|told| told.code == code && told.seen == Moment::Later)
    }

    fn is_marked(&self) -> bool {
        self.claims.contains(&Claim::Nta)
    }
}

/// Reasons that say something of this side: annex D's case B, and a signer for whom no anchor vouches.
const OURS: [&str; 2] = ["own-domain", "no-path"];
/// What a record said on a day is still to be had a day later (R-DNS-7), and mail may be on its way for
/// some hours.
const IN_TIME: SignedDuration = SignedDuration::from_hours(48);
