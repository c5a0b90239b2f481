use jiff::Timestamp;
use mail::Address;
use serde::Serialize;

use crate::error::IdentityError;
use crate::kept::{Identity, Pending, Place};
use crate::pem;
use crate::pick::pick;
use crate::standing::{Standing, days_left};
use crate::uses::{Use, uses};

/// An identity as a person is shown it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct IdentityCard {
    /// Its id in the vault.
    pub id: String,
    /// The account that signs with it.
    #[serde(serialize_with = "as_text")]
    pub account: Address,
    /// The mail addresses in its certificate.
    pub addresses: Vec<String>,
    /// Whom the certificate names.
    pub subject: String,
    /// Who vouches for it.
    pub issuer: String,
    /// Kind and size of the key: "ECDSA P-256", "RSA 3072".
    pub kind: String,
    /// What the certificate allows.
    pub uses: Vec<Use>,
    /// Serial number in lower-case hexadecimal.
    pub serial: String,
    /// SHA-256 of the certificate in lower-case hexadecimal, by which people compare.
    pub fingerprint: String,
    /// When it begins to be valid.
    pub not_before: Timestamp,
    /// When it ends to be valid; `None`: never.
    pub not_after: Option<Timestamp>,
    /// Whole days until then; negative where it expired.
    pub days_left: Option<i64>,
    /// How it stands, and what is to be done.
    #[serde(flatten)]
    pub standing: Standing,
    /// Where its key is.
    #[serde(flatten)]
    pub place: Place,
    /// Whether nobody vouches for it but itself: for trying out.
    pub trying_out: bool,
    /// Whether it signs what the account sends under its own address.
    pub signs_for_account: bool,
    /// What those see who get mail signed with it.
    pub seen_by_recipients: Sentence,
}

/// A sentence in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Sentence {
    /// Dutch.
    pub nl: String,
    /// English.
    pub en: String,
}

/// A request that waits for the issuer's answer, as a person is shown it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RequestCard {
    /// Its id in the vault.
    pub id: String,
    /// The account that is to sign with it.
    #[serde(serialize_with = "as_text")]
    pub account: Address,
    /// When it was made.
    pub created_at: Timestamp,
    /// The request for the issuer: PEM, `CERTIFICATE REQUEST` (RFC 7468 section 7).
    pub pem: String,
}

/// The identities as people are shown them, in the order given.
///
/// # Errors
/// [`IdentityError::Certificate`] where a certificate among them cannot be read.
pub fn cards(identities: &[Identity], now: Timestamp) -> Result<Vec<IdentityCard>, IdentityError> {
    identities.iter().map(|one| card(one, identities, now)).collect()
}

fn card(
    identity: &Identity,
    all: &[Identity],
    now: Timestamp,
) -> Result<IdentityCard, IdentityError> {
    let leaf = identity.chain.first().ok_or(IdentityError::NoCertificate)?;
    let summary = cades::describe(leaf).map_err(IdentityError::Certificate)?;
    let signs = pick(all, &identity.account, None, now).is_ok_and(|one| one.id == identity.id);
    Ok(IdentityCard {
        id: identity.id.clone(),
        account: identity.account.clone(),
        seen_by_recipients: seen(&summary),
        addresses: summary.addresses,
        subject: summary.subject,
        issuer: summary.issuer,
        kind: summary.key,
        uses: uses(leaf),
        serial: summary.serial,
        fingerprint: cades::fingerprint(leaf),
        not_before: summary.not_before,
        not_after: Some(summary.not_after).filter(|end| *end < Timestamp::MAX),
        days_left: days_left(summary.not_after, now),
        standing: Standing::of(identity, now),
        place: identity.place.clone(),
        trying_out: summary.self_signed,
        signs_for_account: signs,
    })
}

impl RequestCard {
    /// A request as people are shown it.
    #[must_use]
    pub fn of(pending: &Pending) -> Self {
        Self {
            id: pending.id.clone(),
            account: pending.account.clone(),
            created_at: pending.created_at,
            pem: pem::encode("CERTIFICATE REQUEST", &pending.request),
        }
    }
}

fn seen(summary: &cades::CertificateSummary) -> Sentence {
    let address = summary.addresses.first().map_or("?", String::as_str);
    let (subject, issuer) = (&summary.subject, &summary.issuer);
    if summary.self_signed {
        return Sentence {
            nl: format!(
                "Ontvangers zien {address} als ondertekenaar ({subject}), met de waarschuwing dat niemand voor deze identiteit instaat."
            ),
            en: format!(
                "Recipients see {address} as the signer ({subject}), with a warning that nobody vouches for this identity."
            ),
        };
    }
    Sentence {
        nl: format!(
            "Ontvangers zien {address} als ondertekenaar ({subject}), waar {issuer} voor instaat."
        ),
        en: format!(
            "Recipients see {address} as the signer ({subject}), for whom {issuer} vouches."
        ),
    }
}

fn as_text<S: serde::Serializer>(address: &Address, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(address)
}
