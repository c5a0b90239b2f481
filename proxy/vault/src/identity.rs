//! Identities: certificates in the database, and where their key is: in the keyring or on a card.

use std::path::PathBuf;

use cades::{NewIdentity, Signer, SoftwareKey};
use jiff::Timestamp;
use mail::Address;
use rusqlite::{Connection, params};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};

use crate::error::{SecretKind, VaultError};
use crate::journal::Entry;
use crate::open::{Change, Vault};
use crate::time;

/// An identity, without its key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Its id: the first half of its certificate's SHA-256, in hexadecimal.
    pub id: String,
    /// The account that signs with it.
    pub account: Address,
    /// The certificates in DER, the signer's own first; read them with [`cades::describe`].
    pub chain: Vec<Vec<u8>>,
    /// When it was added.
    pub created_at: Timestamp,
    /// The key on a card; `None` where the key is in the keyring.
    pub card: Option<CardKey>,
}

/// Where a key on a smart card or token is found. The key itself never leaves the card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CardKey {
    /// The PKCS #11 module through which it is reached, as a file.
    pub module: PathBuf,
    /// The token's serial number.
    pub serial: String,
    /// The token's label: what a person calls the card.
    pub label: String,
    /// The key's CKA_ID on the token, in lower-case hexadecimal.
    pub key: String,
}

/// The key of an account's newest identity.
pub enum SigningKey {
    /// In this process, ready to sign.
    Software(SoftwareKey),
    /// On a card, which may want a PIN first.
    Card(Identity, CardKey),
}

impl Vault {
    /// Keeps an identity for an account: from now on the account signs with it. Key and
    /// certificate are tried first, and the key is read back from the keyring.
    ///
    /// # Errors
    /// [`VaultError::Identity`] where key and certificate do not belong together;
    /// [`KeyringError::TooLong`](crate::KeyringError::TooLong) where this platform's keyring cannot
    /// hold the key.
    pub fn add_identity(
        &self,
        account: &Address,
        new: &NewIdentity,
        now: Timestamp,
    ) -> Result<Identity, VaultError> {
        SoftwareKey::new(&new.pkcs8, new.chain.clone()).map_err(unusable)?;
        let identity = identity(account, &new.chain, None, now);
        self.put_secret(&key_name(&identity.id), &new.pkcs8, |change| keep(change, &identity))?;
        Ok(identity)
    }

    /// Keeps an identity whose key is on a card: from now on the account signs with it. No secret is
    /// kept.
    ///
    /// # Errors
    /// [`VaultError::Identity`] where the certificate cannot be read.
    pub fn add_card_identity(
        &self,
        account: &Address,
        chain: &[Vec<u8>],
        card: CardKey,
        now: Timestamp,
    ) -> Result<Identity, VaultError> {
        let leaf = chain.first().map(Vec::as_slice).unwrap_or_default();
        cades::describe(leaf).map_err(unusable)?;
        let identity = identity(account, chain, Some(card), now);
        self.change(|change| keep(change, &identity))?;
        Ok(identity)
    }

    /// All identities, oldest first. An account signs with its newest.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub fn identities(&self) -> Result<Vec<Identity>, VaultError> {
        self.look(all)
    }

    /// The newest identity of an account, ready to sign.
    ///
    /// # Errors
    /// [`VaultError::NoIdentity`] where the account has none; [`VaultError::OnCard`] where its key
    /// is on a card; [`VaultError::SecretLost`] where the keyring no longer has its key.
    pub fn signer(&self, account: &Address) -> Result<Box<dyn Signer + Send + Sync>, VaultError> {
        match self.signing_key(account)? {
            SigningKey::Software(key) => Ok(Box::new(key)),
            SigningKey::Card(_, card) => Err(VaultError::OnCard { label: card.label }),
        }
    }

    /// The key with which an account signs, here or on a card.
    ///
    /// # Errors
    /// [`VaultError::NoIdentity`] where the account has none; [`VaultError::SecretLost`] where the
    /// keyring no longer has its key.
    pub fn signing_key(&self, account: &Address) -> Result<SigningKey, VaultError> {
        let own = |identity: &Identity| identity.account.is_same_mailbox(account);
        let newest = self.identities()?.into_iter().rfind(own);
        let identity = newest.ok_or(VaultError::NoIdentity)?;
        if let Some(card) = identity.card.clone() {
            return Ok(SigningKey::Card(identity, card));
        }
        let key = self.secret(SecretKind::Identity, &key_name(&identity.id))?;
        let key = SoftwareKey::new(key.expose_secret(), identity.chain).map_err(unusable)?;
        Ok(SigningKey::Software(key))
    }
}

fn identity(
    account: &Address,
    chain: &[Vec<u8>],
    card: Option<CardKey>,
    now: Timestamp,
) -> Identity {
    let leaf = chain.first().map(Vec::as_slice).unwrap_or_default();
    Identity {
        id: cades::fingerprint(leaf).chars().take(32).collect(),
        account: account.clone(),
        chain: chain.to_vec(),
        created_at: now,
        card,
    }
}

/// Writes the row and its line in the journal. The same identity added again becomes the newest.
fn keep(change: &mut Change<'_>, identity: &Identity) -> Result<(), VaultError> {
    let Identity { id, account, chain, created_at, card } = identity;
    let damaged = |_| VaultError::corrupt("a certificate chain");
    let rows = serde_json::to_vec(chain).map_err(damaged)?;
    let card = card.as_ref().map(serde_json::to_string).transpose().map_err(damaged)?;
    change.execute("DELETE FROM identity WHERE id = ?1", [id])?;
    change.execute(
        "INSERT INTO identity (id, account, chain, created_at, card) VALUES (?1, ?2, ?3, ?4, ?5)",
        params![id, account.to_string(), rows, created_at.as_millisecond(), card],
    )?;
    let leaf = chain.first().map(Vec::as_slice).unwrap_or_default();
    let entry = Entry::IdentityCreated {
        account: account.clone(),
        identity: id.clone(),
        certificate: cades::fingerprint(leaf),
    };
    change.journal(&entry, *created_at)
}

fn all(database: &Connection) -> Result<Vec<Identity>, VaultError> {
    let damaged = || VaultError::corrupt("a row of the identities");
    let mut statement = database
        .prepare_cached("SELECT id, account, chain, created_at, card FROM identity ORDER BY seq")?;
    let mut rows = statement.query([])?;
    let mut identities = Vec::new();
    while let Some(row) = rows.next()? {
        let account: String = row.get(1)?;
        let chain: Vec<u8> = row.get(2)?;
        let card: Option<String> = row.get(4)?;
        identities.push(Identity {
            id: row.get(0)?,
            account: Address::parse(&account).map_err(|_| damaged())?,
            chain: serde_json::from_slice(&chain).map_err(|_| damaged())?,
            created_at: time::from_ms(row.get(3)?),
            card: card
                .map(|text| serde_json::from_str(&text).map_err(|_| damaged()))
                .transpose()?,
        });
    }
    Ok(identities)
}

fn unusable(error: cades::CadesError) -> VaultError {
    VaultError::Identity { words: error.to_string() }
}

fn key_name(id: &str) -> String {
    format!("identity/{id}")
}

#[cfg(test)]
mod tests {
    use cades::{KeyKind, create_identity};

    use super::*;
    use crate::keyring::Keyring;
    use crate::tests::{address, at, open, vault_and_keyring};

    fn new(name: &str) -> NewIdentity {
        let account = address("jan@praktijk.nl");
        create_identity(KeyKind::P256, &account, name, at(0), 2).unwrap()
    }

    #[test]
    fn an_account_signs_with_its_newest_identity_also_after_a_restart() {
        let (folder, keyring, vault) = vault_and_keyring();
        let account = address("jan@praktijk.nl");
        assert!(matches!(vault.signer(&account), Err(VaultError::NoIdentity)));
        let first = vault.add_identity(&account, &new("Jan"), at(1)).unwrap();
        let second = vault.add_identity(&account, &new("Jan J."), at(2)).unwrap();
        drop(vault);
        let vault = open(&folder, &keyring).unwrap();
        assert_eq!(vault.identities().unwrap(), [first, second.clone()]);
        let signer = vault.signer(&address("JAN@praktijk.nl")).unwrap();
        assert_eq!(signer.chain(), second.chain);
        assert!(!signer.sign(b"text").unwrap().is_empty());
        assert!(matches!(vault.signer(&address("piet@praktijk.nl")), Err(VaultError::NoIdentity)));
    }

    #[test]
    fn a_key_that_is_not_the_certificates_is_refused() {
        let (_folder, keyring, vault) = vault_and_keyring();
        let mut mixed = new("Jan");
        mixed.chain = new("Jan").chain;
        let refused = vault.add_identity(&address("jan@praktijk.nl"), &mixed, at(1));
        assert!(matches!(refused, Err(VaultError::Identity { .. })));
        assert_eq!(keyring.names().len(), 1, "the master key alone");
    }

    #[test]
    fn an_identity_on_a_card_has_no_secret_here_and_is_the_one_that_signs() {
        let (folder, keyring, vault) = vault_and_keyring();
        let account = address("jan@praktijk.nl");
        vault.add_identity(&account, &new("Jan"), at(1)).unwrap();
        let names = keyring.names();
        let card = CardKey {
            module: PathBuf::from("/usr/lib/module.so"),
            serial: "0123".to_owned(),
            label: "pas".to_owned(),
            key: "01".to_owned(),
        };
        let chain = new("Jan J.").chain;
        let kept = vault.add_card_identity(&account, &chain, card.clone(), at(2)).unwrap();
        assert_eq!(keyring.names(), names, "no secret is kept");
        drop(vault);
        let vault = open(&folder, &keyring).unwrap();
        assert_eq!(vault.identities().unwrap().last(), Some(&kept));
        let found = vault.signing_key(&account).unwrap();
        assert!(matches!(found, SigningKey::Card(one, at) if one == kept && at == card));
        let refused = vault.signer(&account);
        assert!(matches!(refused, Err(VaultError::OnCard { label }) if label == "pas"));
        let unreadable = vault.add_card_identity(&account, &[], card, at(3));
        assert!(matches!(unreadable, Err(VaultError::Identity { .. })));
    }

    #[test]
    fn a_key_that_the_keyring_lost_is_said() {
        let (_folder, keyring, vault) = vault_and_keyring();
        let account = address("jan@praktijk.nl");
        vault.add_identity(&account, &new("Jan"), at(1)).unwrap();
        let names = keyring.names();
        let name = names.iter().find(|name| name.contains("identity")).unwrap();
        keyring.delete(name).unwrap();
        let lost = vault.signer(&account);
        assert!(matches!(lost, Err(VaultError::SecretLost { kind: SecretKind::Identity })));
    }
}
