//! The DKIM keys of domains (R-DKIM-1): kept in the keyring, used on the route `direct`.

use dkim::{DkimError, Key};
use mail::{Domain, Message};
use settings::{Account, Dkim};
use vault::{Vault, VaultError};

/// Why there is no key or no signature.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DomainKeyError {
    /// The vault or the keyring says no.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The key or the message is not fit for it.
    #[error(transparent)]
    Dkim(#[from] DkimError),
    /// The settings name a key that was never made.
    #[error(
        "there is no DKIM key for {0}, which the settings name; make it with `zorgzegel account \
         dkim`, or remove `dkim` from the account"
    )]
    Missing(Domain),
}

/// Makes a key, or takes one over, and keeps it in place of an older one. Gives its TXT record.
///
/// # Errors
/// [`DomainKeyError`]; an older key then stays.
pub fn keep(vault: &Vault, name: &Domain, own: Option<&[u8]>) -> Result<String, DomainKeyError> {
    let key = match own {
        Some(bytes) => Key::read(bytes)?,
        None => Key::read(&Key::generate()?)?,
    };
    let record = key.record()?;
    vault.write_sealed(&secret(name), &key.pkcs8()?)?;
    Ok(record)
}

/// The TXT record of a key that is kept; `None` where there is none.
///
/// # Errors
/// [`DomainKeyError`].
pub fn record(vault: &Vault, name: &Domain) -> Result<Option<String>, DomainKeyError> {
    let kept = vault.read_sealed(&secret(name))?;
    Ok(kept.map(|pkcs8| Key::read(&pkcs8)?.record()).transpose()?)
}

/// Signs a message, and tells where the key stands.
pub(crate) fn sign(
    vault: &Vault,
    account: &Account,
    own: &Dkim,
    message: &Message,
) -> Result<(Message, Domain), DomainKeyError> {
    let name = own.key(&account.address)?;
    let kept = vault.read_sealed(&secret(&name))?;
    let key = Key::read(&kept.ok_or_else(|| DomainKeyError::Missing(name.clone()))?)?;
    let domain = own.signer(&account.address)?;
    let signed = dkim::sign(message, &key, &own.selector, &domain)?;
    Ok((Message::new(signed), name))
}

fn secret(name: &Domain) -> String {
    format!("dkim/{name}")
}
