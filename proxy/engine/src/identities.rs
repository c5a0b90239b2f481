//! The identities of the accounts: what a window asks of the vault, beside whatever else it does.

use std::sync::Arc;

pub use cades::KeyKind;
pub use identity::{
    IdentityCard, IdentityError, Place, Purpose, RequestCard, Sentence, Standing, Status, Use,
    Wish, certificates,
};
use jiff::Timestamp;
use mail::{Address, Message};
use vault::{Vault, VaultError};
use zeroize::Zeroizing;

use crate::engine::Engine;

impl Engine {
    /// The identities, oldest first.
    ///
    /// # Errors
    /// [`VaultError`].
    pub async fn identities(self: &Arc<Self>) -> Result<Vec<IdentityCard>, VaultError> {
        let now = self.now();
        self.with_vault(move |vault| vault.identity_cards(now)).await
    }

    /// The requests that wait for their issuer's answer, oldest first.
    ///
    /// # Errors
    /// [`VaultError`].
    pub async fn identity_requests(self: &Arc<Self>) -> Result<Vec<RequestCard>, VaultError> {
        self.with_vault(|vault| Ok(vault.requests()?.iter().map(RequestCard::of).collect())).await
    }

    /// Makes an identity to try out with, which vouches for itself. Its id.
    ///
    /// # Errors
    /// [`VaultError::Identity`] where the name cannot stand in a certificate; what the vault says.
    pub async fn create_identity(
        self: &Arc<Self>,
        account: &Address,
        kind: KeyKind,
        name: String,
    ) -> Result<String, VaultError> {
        let (now, account) = (self.now(), account.clone());
        self.with_vault(move |vault| vault.create_identity(&account, kind, &name, YEARS, now)).await
    }

    /// Makes a key, and a request to an issuer for its certificate: PEM. The key waits in the
    /// keyring for the answer, which [`install_identity`](Self::install_identity) takes.
    ///
    /// # Errors
    /// [`VaultError::Identity`] where the wish cannot stand in a request; what the vault says.
    pub async fn request_identity(
        self: &Arc<Self>,
        account: &Address,
        wish: Wish,
    ) -> Result<RequestCard, VaultError> {
        let (now, account) = (self.now(), account.clone());
        self.with_vault(move |vault| vault.request_identity(&account, &wish, now)).await
    }

    /// Takes an issuer's answer to a request: PEM, DER or PKCS #7. The id of the identity.
    ///
    /// # Errors
    /// [`IdentityError::NoRequest`] where it answers no request that waits; what the vault says.
    pub async fn install_identity(self: &Arc<Self>, answer: Vec<u8>) -> Result<String, VaultError> {
        let now = self.now();
        self.with_vault(move |vault| vault.install_identity(&answer, now)).await
    }

    /// Takes an identity over from a file: .p12, .pfx or PEM. From now on the account signs with
    /// it. Its id.
    ///
    /// # Errors
    /// [`IdentityError::PasswordNeeded`] and [`IdentityError::Password`] where another password may
    /// help; other [`IdentityError`]s; what the vault says. Nothing is kept then.
    pub async fn import_identity(
        self: &Arc<Self>,
        account: &Address,
        file: Zeroizing<Vec<u8>>,
        password: Option<Zeroizing<String>>,
    ) -> Result<String, VaultError> {
        let (now, account) = (self.now(), account.clone());
        self.with_vault(move |vault| {
            let password = password.as_ref().map(|password| password.as_str());
            vault.import_identity(&account, &file, password, now)
        })
        .await
    }

    /// The certificates of an identity, its own first, as PEM; never its key.
    ///
    /// # Errors
    /// [`IdentityError::Unknown`] where there is none of this id; what the vault says.
    pub async fn export_identity(self: &Arc<Self>, id: String) -> Result<String, VaultError> {
        self.with_vault(move |vault| vault.export_identity(&id)).await
    }

    /// Removes an identity, or a request that waits, and its key with it: what was signed with it
    /// stays signed.
    ///
    /// # Errors
    /// [`IdentityError::Unknown`] where there is none of this id; what the vault says.
    pub async fn remove_identity(self: &Arc<Self>, id: String) -> Result<(), VaultError> {
        let now = self.now();
        self.with_vault(move |vault| vault.remove_identity(&id, now)).await
    }

    /// Makes an identity to try out with, where the account has none that signs now.
    ///
    /// # Errors
    /// [`VaultError`].
    pub async fn ensure_identity(self: &Arc<Self>, account: &Address) -> Result<(), VaultError> {
        let (now, account) = (self.now(), account.clone());
        self.with_vault(move |vault| {
            // One for trying out does not stand in for one that expired.
            let own = |one: &IdentityCard| {
                let lasts = one.standing.signs() || !one.trying_out;
                one.account.is_same_mailbox(&account) && lasts
            };
            if vault.identity_cards(now)?.iter().any(own) {
                return Ok(());
            }
            let name = account.to_string();
            vault.create_identity(&account, KeyKind::P256, &name, YEARS, now).map(drop)
        })
        .await
    }
}

/// Whether an identity of the account can sign this message: the address in From decides. A card
/// need not be there for that.
///
/// # Errors
/// As [`Vault::signing_identity`] and [`Vault::software_key`].
pub fn can_sign(
    vault: &Vault,
    account: &Address,
    message: &Message,
    now: Timestamp,
) -> Result<(), VaultError> {
    let identity = vault.signing_identity(account, cades::author(message).ok().as_ref(), now)?;
    match identity.place {
        Place::Software => vault.software_key(&identity).map(drop),
        _ => Ok(()),
    }
}

/// How long an identity that vouches for itself is valid.
const YEARS: u8 = 2;
