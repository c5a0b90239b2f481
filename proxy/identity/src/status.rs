use jiff::Timestamp;
use paths::{Anchors, Answer, Purpose, Question, Revocation};

use crate::kept::{Identity, Revoked, RevokedFor};
use crate::pem;

/// What a revocation list or an OCSP answer says of an identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Its issuer has not taken it back.
    Good,
    /// Its issuer took it back.
    Revoked(Revoked),
    /// Nothing that can be checked: it is of another issuer, too old, or its signature does not hold.
    Unknown,
}

impl Status {
    /// How an identity stands that was known as `kept` when this was said of it. A revocation is final,
    /// unless it was but put on hold (RFC 5280 section 5.3.1): an older list or answer takes nothing
    /// back.
    #[must_use]
    pub fn after(self, kept: Option<Revoked>) -> Self {
        match (self, kept.filter(|kept| kept.reason != RevokedFor::Hold)) {
            (Self::Good, Some(kept)) => Self::Revoked(kept),
            (Self::Revoked(told), Some(kept)) if told.reason == RevokedFor::Hold => {
                Self::Revoked(kept)
            }
            (told, _) => told,
        }
    }

    /// The same where no person handed it in: what was fetched may be older than the hold, and lifts none.
    #[must_use]
    pub fn heard_after(self, kept: Option<Revoked>) -> Self {
        match (self, kept) {
            (Self::Good, Some(kept)) => Self::Revoked(kept),
            (told, kept) => told.after(kept),
        }
    }
}

/// Reads what a file says of an identity now: a revocation list (RFC 5280 section 5) or an OCSP answer
/// (RFC 6960 section 4.2.1), in DER or PEM. Its signature is checked with the key of the identity's
/// issuer, which is the second certificate of the chain, or is among `issuers`. Where it says that an issuer
/// on the way up was itself revoked, so is the identity, also where that issuer is but among `issuers`:
/// nobody believes what it signs.
#[must_use]
pub fn status(identity: &Identity, file: &[u8], issuers: &[Vec<u8>], now: Timestamp) -> Status {
    let chain = completed(&identity.chain, issuers, now);
    let told = |chain: &[Vec<u8>]| told(chain, file, issuers, now);
    let mut above = (1..chain.len()).map(|place| told(&chain[place..]));
    let revoked = above.find(|status| matches!(status, Status::Revoked(_)));
    revoked.unwrap_or_else(|| told(&chain))
}

/// The chain, and behind it those of `issuers` that lead on. Each signed the one before it: the name
/// alone may be that of an issuer's certificate of before, which is nobody's concern here.
fn completed(chain: &[Vec<u8>], issuers: &[Vec<u8>], now: Timestamp) -> Vec<Vec<u8>> {
    let mut chain = chain.to_vec();
    while let Some(last) = chain.last().filter(|_| chain.len() < CHAIN_MOST) {
        let signed = |issuer: &&Vec<u8>| {
            let mut anchors = Anchors::new();
            let question = Question::new(last, Purpose::Any, now);
            !chain.contains(issuer)
                && anchors.add_der(None, issuer).is_ok()
                && matches!(paths::judge(&anchors, &question), Answer::Found(_))
        };
        match issuers.iter().find(signed) {
            Some(next) => chain.push(next.clone()),
            None => break,
        }
    }
    chain
}

/// What it says of the first certificate of a chain.
fn told(chain: &[Vec<u8>], file: &[u8], issuers: &[Vec<u8>], now: Timestamp) -> Status {
    let Some((leaf, above)) = chain.split_first() else {
        return Status::Unknown;
    };
    let mut anchors = Anchors::new();
    for issuer in above.iter().chain(issuers).filter(|issuer| *issuer != leaf) {
        // One that cannot be read vouches for nothing.
        let _ = anchors.add_der(None, issuer);
    }
    let blocks = pem::blocks(file, LABELS).unwrap_or_default();
    let mut files: Vec<&[u8]> = blocks.iter().map(|block| block.der.as_slice()).collect();
    if files.is_empty() {
        files.push(file);
    }
    let mut question = Question::new(leaf, Purpose::Any, now);
    question.pool = above.iter().map(Vec::as_slice).collect();
    question.crls.clone_from(&files);
    question.ocsp = files;
    match paths::judge(&anchors, &question) {
        Answer::Found(path) => match path.revocation {
            Revocation::Good => Status::Good,
            Revocation::Revoked { place: 0, when, reason, .. } => {
                Status::Revoked(Revoked { since: when, reason: reason.into() })
            }
            _ => Status::Unknown,
        },
        Answer::Refused(_) => Status::Unknown,
    }
}

/// A path has three or four certificates.
const CHAIN_MOST: usize = 10;
/// RFC 7468 section 6; OCSP answers have no label of their own there, and get this one.
const LABELS: &[&str] = &["X509 CRL", "CRL", "OCSP RESPONSE"];
