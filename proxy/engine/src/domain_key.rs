//! The DKIM keys of domains (R-DKIM-1): kept in the keyring, used on the route `direct`.

use dkim::{DkimError, Key};
use mail::{Address, Domain, Message};
use vault::settings::{Account, Dkim};
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
    /// Selector and domain together make no name.
    #[error("the selector and the domain together are longer than a domain name may be")]
    Name,
}

/// Where the public key stands: `SELECTOR._domainkey.DOMAIN` (RFC 6376 section 3.6.2.1).
///
/// # Errors
/// [`DomainKeyError::Name`].
pub fn name(account: &Address, dkim: &Dkim) -> Result<Domain, DomainKeyError> {
    let domain = domain(account, dkim)?;
    Domain::parse(&format!("{}._domainkey.{domain}", dkim.selector))
        .map_err(|_| DomainKeyError::Name)
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
    let name = name(&account.address, own)?;
    let kept = vault.read_sealed(&secret(&name))?;
    let key = Key::read(&kept.ok_or_else(|| DomainKeyError::Missing(name.clone()))?)?;
    let domain = domain(&account.address, own)?;
    let signed = dkim::sign(message, &key, &own.selector, &domain)?;
    Ok((Message::new(signed), name))
}

fn domain(account: &Address, dkim: &Dkim) -> Result<Domain, DomainKeyError> {
    dkim.domain.clone().or_else(|| account.domain().cloned()).ok_or(DomainKeyError::Name)
}

fn secret(name: &Domain) -> String {
    format!("dkim/{name}")
}
