//! Identities, requests for them, and cards.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::Standing;

/// The identities, and what waits to be one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct IdentitiesView {
    /// The identities, oldest first.
    pub items: Vec<IdentityView>,
    /// Requests that wait for an issuer's answer, oldest first.
    pub requests: Vec<RequestView>,
}

/// An identity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct IdentityView {
    /// Its id.
    pub id: String,
    /// The account that signs with it.
    pub account: String,
    /// The mail addresses in it.
    pub addresses: Vec<String>,
    /// Whom the certificate names.
    pub subject: String,
    /// Who vouches for it.
    pub issuer: String,
    /// The kind of key.
    pub key: String,
    /// The key is on a card.
    pub on_card: bool,
    /// It vouches for itself: for trying out.
    pub self_signed: bool,
    /// SHA-256 of the certificate, by which people compare.
    pub fingerprint: String,
    /// When it ends to be valid; none: never.
    pub not_after: Option<String>,
    /// Whole days until then; negative where it expired.
    pub days_left: Option<i32>,
    /// How it stands.
    pub standing: Standing,
    /// What is to be known and done, where something is.
    pub advice: Option<String>,
    /// What the account sends is signed with this one.
    pub signs: bool,
    /// What recipients see.
    pub seen: String,
}

/// A request to an issuer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct RequestView {
    /// Its id.
    pub id: String,
    /// The account that is to sign with it.
    pub account: String,
    /// When it was made.
    pub made_at: String,
    /// The request, PEM.
    pub pem: String,
}

/// A kind of key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum KeyType {
    /// ECDSA on P-256.
    P256,
    /// ECDSA on P-384.
    P384,
    /// RSA with 3072 bits.
    Rsa3072,
    /// RSA with 4096 bits.
    Rsa4096,
}

/// What was done with an identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum IdentityDone {
    /// One was made.
    Made,
    /// One was asked for.
    Requested,
    /// An issuer's answer was installed.
    Installed,
    /// One was taken over from a file.
    Imported,
    /// One on a card is used.
    CardAdded,
    /// One, or a request, was removed.
    Removed,
}

/// Cards, and the software that reads them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct CardsView {
    /// Software for cards that is installed here.
    pub software: Vec<CardSoftware>,
    /// What is in the readers.
    pub cards: Vec<CardView>,
    /// What software could not do, in sentences.
    pub troubles: Vec<String>,
}

/// Software that reads cards: it runs inside this program, so a person says that it is used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct CardSoftware {
    /// Whose it is.
    pub name: String,
    /// Its file.
    pub module: String,
    /// It is used.
    pub used: bool,
}

/// A card in a reader.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct CardView {
    /// What it is called.
    pub label: String,
    /// How its PIN stands.
    pub pin: PinStands,
    /// What is on it.
    pub certificates: Vec<CardCertificate>,
}

/// How the PIN of a card stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum PinStands {
    /// It works.
    Ready,
    /// A wrong one was given: a few are left.
    Few,
    /// The next wrong one locks the card.
    Last,
    /// Too many wrong ones were given.
    Locked,
    /// One has to be set first.
    ToSet,
    /// It is given at the reader's own keys.
    AtReader,
}

/// A certificate on a card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct CardCertificate {
    /// Where its key is.
    pub place: String,
    /// Whom it names.
    pub subject: String,
    /// Who vouches for it.
    pub issuer: String,
    /// When it ends to be valid.
    pub not_after: String,
    /// Why it signs no mail now, where it does not.
    pub refusal: Option<String>,
}
