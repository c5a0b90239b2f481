//! Passwords and other secrets: in the keyring, and for a while in memory that is wiped.

use jiff::Timestamp;
use keyring::KeyringError;
use mail::Address;
use rusqlite::{OptionalExtension, params};
use secrecy::{ExposeSecret, SecretSlice, SecretString};
use zeroize::Zeroizing;

use crate::error::{SecretKind, VaultError};
use crate::journal::Entry;
use crate::open::{Vault, entry_name, lock};
use crate::seal;

impl Vault {
    /// Keeps the password of an account at its provider, in place of an older one.
    ///
    /// # Errors
    /// Where the keyring does not take it; the older one then still stands.
    pub fn set_provider_password(
        &self,
        account: &Address,
        password: &SecretString,
        now: Timestamp,
    ) -> Result<(), VaultError> {
        self.set_password(SecretKind::Provider, account, password, now)
    }

    /// The password of an account at its provider.
    ///
    /// # Errors
    /// [`VaultError::NoSecret`] where none was ever given; [`VaultError::SecretLost`] where the
    /// keyring no longer has it.
    pub fn provider_password(&self, account: &Address) -> Result<SecretString, VaultError> {
        self.password(SecretKind::Provider, account)
    }

    /// Keeps the password of an account at its gateway, in place of an older one.
    ///
    /// # Errors
    /// Where the keyring does not take it; the older one then still stands.
    pub fn set_gateway_password(
        &self,
        account: &Address,
        password: &SecretString,
        now: Timestamp,
    ) -> Result<(), VaultError> {
        self.set_password(SecretKind::Gateway, account, password, now)
    }

    /// The password of an account at its gateway.
    ///
    /// # Errors
    /// As [`provider_password`](Self::provider_password).
    pub fn gateway_password(&self, account: &Address) -> Result<SecretString, VaultError> {
        self.password(SecretKind::Gateway, account)
    }

    /// The password with which the mail program of this account logs in here. Made at the first
    /// call, 99 random bits as 20 letters and digits in groups, and the same ever after.
    ///
    /// # Errors
    /// [`VaultError::SecretLost`] where it was made once and the keyring no longer has it: it is
    /// not made anew, since the mail program would be locked out without a word.
    pub fn local_password(&self, account: &Address) -> Result<SecretString, VaultError> {
        match self.password(SecretKind::Local, account) {
            Err(VaultError::NoSecret { .. }) => {}
            other => return other,
        }
        self.reset_local_password(account, Timestamp::now())
    }

    /// Whether a local password was made for this account.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub fn has_local_password(&self, account: &Address) -> Result<bool, VaultError> {
        let name = password_name(SecretKind::Local, account);
        self.look(|database| {
            Ok(database.prepare_cached("SELECT 1 FROM secret WHERE name = ?1")?.exists([name])?)
        })
    }

    /// Makes a new local password, by a person's wish: the mail program must be given it.
    ///
    /// # Errors
    /// Where the keyring does not take it; the older one then still stands.
    pub fn reset_local_password(
        &self,
        account: &Address,
        now: Timestamp,
    ) -> Result<SecretString, VaultError> {
        let password = SecretString::from(sealing::password()?.as_str());
        self.set_password(SecretKind::Local, account, &password, now)?;
        Ok(password)
    }

    /// Keeps a secret of the program itself under a name, in place of an older one: in the keyring, and where
    /// it is too long for that, sealed in the database with a key that lies in the keyring. A certificate
    /// with an RSA key and its chain has some 8,000 bytes.
    ///
    /// # Errors
    /// Where the keyring does not take it, or it has more than 64 KiB.
    pub fn write_sealed(&self, name: &str, secret: &[u8]) -> Result<(), VaultError> {
        if secret.len() > LONGEST_SEALED {
            return Err(KeyringError::TooLong { limit: LONGEST_SEALED as u32 }.into());
        }
        let entry = Entry::OwnSecretMade { name: name.to_owned() };
        let own = own_name(name);
        let (in_keyring, sealed) = match secret.len() > LONGEST_OWN {
            false => (Zeroizing::new(secret.to_vec()), None),
            true => {
                let key = Zeroizing::new(seal::random::<{ seal::KEY_LEN }>()?);
                let sealed = seal::seal(&seal::aead(key.as_ref())?, own.as_bytes(), secret)?;
                (Zeroizing::new(key.to_vec()), Some(sealed))
            }
        };
        self.put_secret(&own, &in_keyring, |change| {
            change.execute("DELETE FROM long_secret WHERE name = ?1", [&own])?;
            if let Some(sealed) = sealed {
                let sql = "INSERT INTO long_secret (name, sealed) VALUES (?1, ?2)";
                change.execute(sql, params![own, sealed])?;
            }
            change.journal(&entry, Timestamp::now())
        })
    }

    /// A secret of the program itself; `None` where none was ever written.
    ///
    /// # Errors
    /// [`VaultError::SecretLost`] where it was written and the keyring no longer has it, or has another key than
    /// that which sealed it: one of the two was put back from an older copy, or a change was broken off.
    pub fn read_sealed(&self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, VaultError> {
        let own = own_name(name);
        let secret = match self.secret(SecretKind::Own, &own) {
            Ok(secret) => secret,
            Err(VaultError::NoSecret { .. }) => return Ok(None),
            Err(error) => return Err(error),
        };
        let sealed: Option<Vec<u8>> = self.look(|database| {
            let sql = "SELECT sealed FROM long_secret WHERE name = ?1";
            Ok(database.prepare_cached(sql)?.query_row([&own], |row| row.get(0)).optional()?)
        })?;
        let Some(sealed) = sealed else {
            return Ok(Some(Zeroizing::new(secret.expose_secret().to_vec())));
        };
        let lost = || VaultError::SecretLost { kind: SecretKind::Own };
        let key = seal::aead(secret.expose_secret()).map_err(|_| lost())?;
        seal::open(&key, own.as_bytes(), &sealed).map(Some).ok_or_else(lost)
    }

    /// Destroys a secret of the program itself; nothing where there is none.
    ///
    /// # Errors
    /// Where the keyring does not answer; asked again, it goes on where it stopped.
    pub fn remove_sealed(&self, name: &str) -> Result<(), VaultError> {
        self.forget_secret(&own_name(name))
    }

    /// Wipes the copies of secrets in memory; the next use asks the keyring again.
    pub fn forget_cached_secrets(&self) {
        lock(&self.secrets).clear();
    }

    /// Forgets an account's passwords. Its identities, messages and copies stay.
    ///
    /// # Errors
    /// Where the keyring does not answer; asked again, it goes on where it stopped.
    pub fn forget_passwords(&self, account: &Address) -> Result<(), VaultError> {
        for kind in [SecretKind::Provider, SecretKind::Gateway, SecretKind::Local] {
            self.forget_secret(&password_name(kind, account))?;
        }
        Ok(())
    }

    fn forget_secret(&self, name: &str) -> Result<(), VaultError> {
        match self.keyring.delete(&entry_name(&self.id, name)) {
            Ok(()) | Err(KeyringError::NoEntry) => {}
            Err(error) => return Err(error.into()),
        }
        self.change(|change| {
            change.execute("DELETE FROM secret WHERE name = ?1", [name])?;
            change.execute("DELETE FROM long_secret WHERE name = ?1", [name])?;
            Ok(())
        })?;
        lock(&self.secrets).remove(name);
        Ok(())
    }

    /// Puts a secret into the keyring, reads it back, and notes that it must be there.
    pub(crate) fn put_secret(
        &self,
        name: &str,
        secret: &[u8],
        with: impl FnOnce(&mut crate::open::Change<'_>) -> Result<(), VaultError>,
    ) -> Result<(), VaultError> {
        let entry = entry_name(&self.id, name);
        self.keyring.set(&entry, secret)?;
        lock(&self.secrets).remove(name);
        if self.keyring.get(&entry)?.expose_secret() != secret {
            return Err(KeyringError::Corrupt.into());
        }
        self.change(|change| {
            change.execute(
                "INSERT INTO secret (name, version) VALUES (?1, 1)
                 ON CONFLICT (name) DO UPDATE SET version = version + 1",
                params![name],
            )?;
            with(change)
        })
    }

    /// A secret that was put before. From memory where no other process has set it since: asking
    /// the keyring takes 50 ms, at every log-in of a mail program.
    pub(crate) fn secret(
        &self,
        kind: SecretKind,
        name: &str,
    ) -> Result<SecretSlice<u8>, VaultError> {
        let version: Option<i64> = self.look(|database| {
            Ok(database
                .prepare_cached("SELECT version FROM secret WHERE name = ?1")?
                .query_row([name], |row| row.get(0))
                .optional()?)
        })?;
        let Some(version) = version else {
            return Err(VaultError::NoSecret { kind });
        };
        if let Some((known, secret)) = lock(&self.secrets).get(name)
            && *known == version
        {
            return Ok(copy(secret));
        }
        let secret = match self.keyring.get(&entry_name(&self.id, name)) {
            Ok(secret) => secret,
            Err(KeyringError::NoEntry) => return Err(VaultError::SecretLost { kind }),
            Err(error) => return Err(error.into()),
        };
        let answer = copy(&secret);
        lock(&self.secrets).insert(name.to_owned(), (version, secret));
        Ok(answer)
    }

    fn set_password(
        &self,
        kind: SecretKind,
        account: &Address,
        password: &SecretString,
        now: Timestamp,
    ) -> Result<(), VaultError> {
        let which: &'static str = kind.into();
        let entry = Entry::PasswordSet { account: account.clone(), which: which.to_owned() };
        let secret = password.expose_secret().as_bytes();
        self.put_secret(&password_name(kind, account), secret, |change| change.journal(&entry, now))
    }

    fn password(&self, kind: SecretKind, account: &Address) -> Result<SecretString, VaultError> {
        let secret = self.secret(kind, &password_name(kind, account))?;
        let text = core::str::from_utf8(secret.expose_secret());
        text.map(SecretString::from).map_err(|_| KeyringError::Corrupt.into())
    }
}

fn copy(secret: &SecretSlice<u8>) -> SecretSlice<u8> {
    secret.expose_secret().to_vec().into()
}

fn own_name(name: &str) -> String {
    format!("own/{name}")
}

/// Addresses that differ in letter case alone are one account.
fn password_name(kind: SecretKind, account: &Address) -> String {
    let which: &'static str = kind.into();
    format!("password/{which}/{}", account.to_string().to_lowercase())
}

/// Windows takes 2,560 bytes.
const LONGEST_OWN: usize = 2_500;
/// Eight keys with their chains: whatever is longer is no secret of ours.
const LONGEST_SEALED: usize = 64 * 1024;

#[cfg(test)]
#[path = "secrets_tests.rs"]
mod tests;
