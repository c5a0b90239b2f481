use jiff::Timestamp;
use mail::Address;
use paths::RevocationReason;
use serde::{Deserialize, Serialize};

/// An identity as it is kept, without its key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Its id: the first half of its certificate's SHA-256, in hexadecimal.
    pub id: String,
    /// The account that signs with it.
    pub account: Address,
    /// The certificates in DER, the signer's own first; read them with [`cades::describe`].
    pub chain: Vec<Vec<u8>>,
    /// Where its key is.
    pub place: Place,
    /// What its issuer said of it, where that is known here.
    pub revoked: Option<Revoked>,
    /// When it was added.
    pub created_at: Timestamp,
}

/// Where a private key is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "place", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Place {
    /// In the keyring of this system.
    Software,
    /// On a card or token, which it never leaves.
    Card {
        /// How the card and the key on it are found again, in the words of whoever speaks to cards.
        reference: String,
    },
}

/// That an issuer took a certificate back (RFC 5280 section 5.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revoked {
    /// Since when.
    pub since: Timestamp,
    /// Why.
    pub reason: RevokedFor,
}

/// Why an issuer took a certificate back (RFC 5280 section 5.3.1), as a person can use it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum RevokedFor {
    /// Not said.
    Unspecified,
    /// Somebody else may have the key, or the issuer's.
    Compromise,
    /// The holder works elsewhere or is called otherwise, or may no longer have it.
    Holder,
    /// There is a newer one, or it is no longer needed.
    Replaced,
    /// It is put aside for now.
    Hold,
}

impl From<RevocationReason> for RevokedFor {
    fn from(reason: RevocationReason) -> Self {
        match reason {
            RevocationReason::Unspecified => Self::Unspecified,
            RevocationReason::KeyCompromise
            | RevocationReason::CaCompromise
            | RevocationReason::AaCompromise => Self::Compromise,
            RevocationReason::AffiliationChanged | RevocationReason::PrivilegeWithdrawn => {
                Self::Holder
            }
            RevocationReason::Superseded | RevocationReason::CessationOfOperation => Self::Replaced,
            RevocationReason::CertificateHold => Self::Hold,
        }
    }
}

/// A request to an issuer, as it is kept until the answer comes. Its key is in the keyring.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pending {
    /// Its id: the first half of the SHA-256 of its public key, in hexadecimal.
    pub id: String,
    /// The account that is to sign with it.
    pub account: Address,
    /// The request in DER (RFC 2986).
    pub request: Vec<u8>,
    /// When it was made.
    pub created_at: Timestamp,
}
