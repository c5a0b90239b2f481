//! The identities of the accounts, as a person reads them.

use std::sync::Arc;

use cades::KeyKind;
use jiff::Timestamp;
use mail::Address;
use serde::Serialize;
use vault::{Vault, VaultError};

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

impl Engine {
    /// The identities, oldest first.
    ///
    /// # Errors
    /// As [`list`].
    pub async fn identities(self: &Arc<Self>) -> Result<Vec<Identity>, VaultError> {
        let now = self.now();
        self.with_vault(move |vault| list(vault, now)).await
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
