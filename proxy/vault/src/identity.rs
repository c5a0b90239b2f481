//! Identities: a private key in the keyring, its certificates in the database.

use aws_lc_rs::digest::{SHA256, digest};
use cades::{NewIdentity, Signer, SoftwareKey};
use jiff::Timestamp;
use mail::Address;
use rusqlite::{Connection, params};
use secrecy::ExposeSecret;

use crate::error::{SecretKind, VaultError};
use crate::journal::Entry;
use crate::open::Vault;
use crate::seal;
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
        let leaf = new.chain.first().map(Vec::as_slice).unwrap_or_default();
        let certificate = seal::hex(digest(&SHA256, leaf).as_ref());
        let identity = Identity {
            id: certificate.chars().take(32).collect(),
            account: account.clone(),
            chain: new.chain.clone(),
            created_at: now,
        };
        let chain = serde_json::to_vec(&identity.chain)
            .map_err(|_| VaultError::corrupt("a certificate chain"))?;
        self.put_secret(&key_name(&identity.id), &new.pkcs8, |change| {
            // The same identity added again becomes the newest.
            change.execute("DELETE FROM identity WHERE id = ?1", [&identity.id])?;
            change.execute(
                "INSERT INTO identity (id, account, chain, created_at) VALUES (?1, ?2, ?3, ?4)",
                params![identity.id, account.to_string(), chain, now.as_millisecond()],
            )?;
            let entry = Entry::IdentityCreated {
                account: account.clone(),
                identity: identity.id.clone(),
                certificate,
            };
            change.journal(&entry, now)
        })?;
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
    /// [`VaultError::NoIdentity`] where the account has none; [`VaultError::SecretLost`] where the
    /// keyring no longer has its key.
    pub fn signer(&self, account: &Address) -> Result<Box<dyn Signer + Send + Sync>, VaultError> {
        let own = |identity: &Identity| identity.account.is_same_mailbox(account);
        let newest = self.identities()?.into_iter().rfind(own);
        let identity = newest.ok_or(VaultError::NoIdentity)?;
        let key = self.secret(SecretKind::Identity, &key_name(&identity.id))?;
        let key = SoftwareKey::new(key.expose_secret(), identity.chain).map_err(unusable)?;
        Ok(Box::new(key))
    }
}

fn all(database: &Connection) -> Result<Vec<Identity>, VaultError> {
    let damaged = || VaultError::corrupt("a row of the identities");
    let mut statement = database
        .prepare_cached("SELECT id, account, chain, created_at FROM identity ORDER BY seq")?;
    let mut rows = statement.query([])?;
    let mut identities = Vec::new();
    while let Some(row) = rows.next()? {
        let account: String = row.get(1)?;
        let chain: Vec<u8> = row.get(2)?;
        identities.push(Identity {
            id: row.get(0)?,
            account: Address::parse(&account).map_err(|_| damaged())?,
            chain: serde_json::from_slice(&chain).map_err(|_| damaged())?,
            created_at: time::from_ms(row.get(3)?),
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
