//! The identities of the accounts, as a person reads them.

use std::sync::Arc;

use cades::{CadesError, KeyKind, NewIdentity};
use jiff::Timestamp;
use mail::Address;
use serde::Serialize;
use vault::{Vault, VaultError};
use zeroize::Zeroizing;

use crate::engine::Engine;

/// An identity: a key in the keyring and its certificate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Identity {
    /// Its id in the vault.
    pub id: String,
    /// The account that signs with it.
    #[serde(serialize_with = "as_text")]
    pub account: Address,
    /// Whom the certificate names.
    pub subject: String,
    /// Who vouches for it.
    pub issuer: String,
    /// The mail addresses in it.
    pub addresses: Vec<String>,
    /// The kind of key.
    pub key: String,
    /// Whether it vouches for itself: for trying out.
    pub self_signed: bool,
    /// When it begins to be valid.
    pub not_before: Timestamp,
    /// When it ends to be valid.
    pub not_after: Timestamp,
    /// Whole days until then; negative where it expired.
    pub days_left: i64,
}

/// The identities in the vault, oldest first.
///
/// # Errors
/// [`VaultError`], a certificate in it that cannot be read among them.
pub fn list(vault: &Vault, now: Timestamp) -> Result<Vec<Identity>, VaultError> {
    let mut all = Vec::new();
    for identity in vault.identities()? {
        let leaf = identity.chain.first().map(Vec::as_slice).unwrap_or_default();
        let unreadable = |_| VaultError::Corrupt { what: "a certificate".to_owned() };
        let summary = cades::describe(leaf).map_err(unreadable)?;
        all.push(Identity {
            id: identity.id,
            account: identity.account,
            subject: summary.subject,
            issuer: summary.issuer,
            addresses: summary.addresses,
            key: summary.key,
            self_signed: summary.self_signed,
            not_before: summary.not_before,
            not_after: summary.not_after,
            days_left: summary.not_after.duration_since(now).as_hours().div_euclid(24),
        });
    }
    Ok(all)
}

/// Why an identity could not be taken over. Nothing is kept then.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ImportError {
    /// The file cannot be used for this account.
    #[error(transparent)]
    File(#[from] CadesError),
    /// It cannot be kept.
    #[error(transparent)]
    Vault(#[from] VaultError),
}

impl ImportError {
    /// The sentence in Dutch: what happened, and what to do.
    #[must_use]
    pub fn nl(&self) -> String {
        let file = match self {
            Self::Vault(error) => return error.nl(),
            Self::File(error) => error,
        };
        match file {
            CadesError::Key => "In het bestand staat geen bruikbare sleutel (PRIVATE KEY, PKCS #8: P-256, P-384 of RSA van 2048 bits of meer); kies een ander bestand.".to_owned(),
            CadesError::Encrypted => "De sleutel in het bestand is met een wachtwoord versleuteld; haal dat er eerst af.".to_owned(),
            CadesError::NoCertificate => "In het bestand staat geen certificaat; zet sleutel en certificaat in één bestand.".to_owned(),
            CadesError::KeyMismatch => "Sleutel en certificaat in het bestand horen niet bij elkaar; kies een ander bestand.".to_owned(),
            CadesError::Certificate { .. } => "Een certificaat in het bestand is niet te lezen; vraag de uitgever om een nieuw bestand.".to_owned(),
            CadesError::OtherAddress { names } => format!("Het certificaat is voor {names} en niet voor dit account; kies een ander bestand."),
            CadesError::Expired { at } => format!("Het certificaat is verlopen op {at}; vraag een nieuw aan."),
            CadesError::NotYetValid { from } => format!("Het certificaat geldt pas vanaf {from}; kijk of de klok van deze computer goed staat."),
            CadesError::Use => "Het certificaat is niet bedoeld om mail te ondertekenen; kies een ander.".to_owned(),
            other => format!("Dit bestand is niet te gebruiken: {other}."),
        }
    }
}

/// Takes an identity over from PEM; its id.
///
/// # Errors
/// [`ImportError`]; nothing is kept then.
pub fn import(
    vault: &Vault,
    account: &Address,
    pem: &str,
    now: Timestamp,
) -> Result<String, ImportError> {
    let new = NewIdentity::from_pem(pem)?;
    new.check(account, now)?;
    Ok(vault.add_identity(account, &new, now)?.id)
}

impl Engine {
    /// The identities, oldest first.
    ///
    /// # Errors
    /// As [`list`].
    pub async fn identities(self: &Arc<Self>) -> Result<Vec<Identity>, VaultError> {
        let now = self.now();
        self.with_vault(move |vault| list(vault, now)).await
    }

    /// Takes an identity over from the PEM file of an issuer: from now on the account signs with it.
    ///
    /// # Errors
    /// [`ImportError`]; nothing is kept then.
    pub async fn import_identity(
        self: &Arc<Self>,
        account: &Address,
        pem: Zeroizing<String>,
    ) -> Result<(), ImportError> {
        let (now, account) = (self.now(), account.clone());
        self.with_vault(move |vault| Ok(import(vault, &account, &pem, now))).await?.map(drop)
    }

    /// Makes an identity to try out with, P-256 and self-signed, where the account has none that
    /// is valid.
    ///
    /// # Errors
    /// [`VaultError`].
    pub async fn ensure_identity(self: &Arc<Self>, account: &Address) -> Result<(), VaultError> {
        let (now, account) = (self.now(), account.clone());
        self.with_vault(move |vault| {
            let own = |one: &Identity| {
                one.account.is_same_mailbox(&account)
                    && (one.not_before..one.not_after).contains(&now)
            };
            if list(vault, now)?.iter().any(own) {
                return Ok(());
            }
            let name = account.to_string();
            let made = cades::create_identity(KeyKind::P256, &account, &name, now, YEARS);
            let made = made.map_err(|error| VaultError::Corrupt { what: error.to_string() })?;
            vault.add_identity(&account, &made, now).map(drop)
        })
        .await
    }
}

fn as_text<S: serde::Serializer>(address: &Address, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(address)
}

/// How long an identity that vouches for itself is valid.
const YEARS: u8 = 2;
