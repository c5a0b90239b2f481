//! An account that is tried and kept, changed, or taken out.

use std::sync::Arc;

use engine::Engine;
use engine::provider;
use engine::retrieval::{self, NoUpstream};
use mail::Address;
use secrecy::SecretString;
use settings::{Account, Auth, Endpoint, Route, Tls};
use vault::VaultError;

use crate::error::SetupError;

/// What became of fetching mail where an account was added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fetching {
    /// No server was named; mail that comes in is not looked at.
    NotAsked,
    /// The server let us in, and the mail program can fetch its mail here.
    Works,
    /// It did not, and is not kept: why, Dutch and English.
    Refused(String, String),
}

/// A server as a person names it; `was` is the one that is kept, whose way of logging in stays, and
/// which may do without TLS where it is on this computer.
#[must_use]
pub fn endpoint(
    host: &str,
    port: u16,
    implicit: bool,
    username: &str,
    was: Option<&Endpoint>,
) -> Endpoint {
    let same = was.filter(|was| was.host == host && was.port == port && was.tls == Tls::None);
    let tls = match (same, implicit) {
        (_, true) => Tls::Implicit,
        (Some(_), false) => Tls::None,
        (None, false) => Tls::StartTls,
    };
    Endpoint {
        host: host.to_owned(),
        port,
        tls,
        auth: was.map_or(Auth::Auto, |was| was.auth),
        username: username.to_owned(),
    }
}

/// Tries the password at the provider, and keeps account and password where it lets us in. A server
/// for fetching that does not let us in is left out, and said: sending is not to wait for it.
///
/// # Errors
/// [`SetupError`]; nothing is kept then.
pub async fn add(
    engine: &Arc<Engine>,
    mut account: Account,
    password: &str,
) -> Result<Fetching, SetupError> {
    // Before its kept password would be replaced.
    if engine.settings().account(&account.address).is_some() {
        return Err(SetupError::Known(account.address));
    }
    let password = SecretString::from(password);
    try_sending(engine, &account, &password).await?;
    let mut fetching = match &account.imap {
        None => Fetching::NotAsked,
        Some(imap) => match try_fetching(engine, imap, &password).await {
            Ok(()) => Fetching::Works,
            Err(error) => Fetching::Refused(error.nl(), error.to_string()),
        },
    };
    if fetching != Fetching::Works {
        account.imap = None;
    }
    let (address, now) = (account.address.clone(), engine.now());
    engine.with_vault(move |vault| vault.set_provider_password(&address, &password, now)).await?;
    let address = account.address.clone();
    blocking(engine, move |engine| engine.keep_account(&account)).await?;
    engine.ensure_identity(&address).await?;
    if fetching == Fetching::Works
        && let Err(error) = engine.listen_for_imap().await
    {
        fetching = Fetching::Refused(error.nl(), error.to_string());
    }
    Ok(fetching)
}

/// Tries other servers or another password of an account, and keeps them where they let us in. An
/// empty password stands for the kept one. What waited for the provider is tried again.
///
/// # Errors
/// [`SetupError`]; nothing is kept then.
pub async fn change(
    engine: &Arc<Engine>,
    account: Account,
    password: &str,
) -> Result<(), SetupError> {
    let address = account.address.clone();
    if engine.settings().account(&address).is_none() {
        return Err(SetupError::Unknown(address));
    }
    let own = (!password.is_empty()).then(|| SecretString::from(password));
    let tried = match &own {
        Some(own) => own.clone(),
        // No server asks for one.
        None if account.smtp.auth == Auth::None && account.imap.is_none() => {
            SecretString::default()
        }
        None => {
            let address = address.clone();
            engine.with_vault(move |vault| vault.provider_password(&address)).await?
        }
    };
    try_sending(engine, &account, &tried).await?;
    if let Some(imap) = &account.imap {
        let host = imap.host.clone();
        let tried = try_fetching(engine, imap, &tried).await;
        tried.map_err(|why| SetupError::Retrieval { host, why })?;
    }
    if let Some(own) = own {
        let (address, now) = (address.clone(), engine.now());
        engine.with_vault(move |vault| vault.set_provider_password(&address, &own, now)).await?;
    }
    let fetches = account.imap.is_some();
    blocking(engine, move |engine| engine.change_ways(&account)).await?;
    if fetches {
        // The password that was refused before is another now.
        engine.gate().opened(&address.to_string());
        engine.listen_for_imap().await?;
    }
    engine.wake();
    Ok(())
}

/// Takes an account out, with its passwords and the secrets of its record systems. Identities, the
/// journal and the archive stay. Refused while a message of it waits: nobody could choose for it.
///
/// # Errors
/// [`SetupError`]; asked again, it goes on where it stopped.
pub async fn remove(engine: &Arc<Engine>, address: &Address) -> Result<(), SetupError> {
    let account = engine.settings().account(address);
    let account = account.ok_or_else(|| SetupError::Unknown(address.clone()))?;
    let own = address.clone();
    let of = move |vault: &vault::Vault| {
        let held = vault.list()?;
        Ok(held.iter().filter(|one| one.account.is_same_mailbox(&own)).count())
    };
    let count = engine.with_vault(of).await?;
    if count > 0 {
        return Err(SetupError::MailWaits { account: address.clone(), count });
    }
    let own = address.clone();
    blocking(engine, move |engine| engine.drop_account(&own)).await?;
    engine
        .with_vault(move |vault| {
            vault.forget_passwords(&account.address)?;
            for one in &account.dossiers {
                vault.remove_sealed(&engine::filing::secret_name(&account.address, one))?;
            }
            Ok(())
        })
        .await?;
    Ok(())
}

/// Logs in to a gateway, and keeps it with its password for an account where it lets us in. The
/// route to it is added behind those that are there. An empty password stands for the kept one.
///
/// # Errors
/// [`SetupError`]; nothing is kept then.
pub async fn keep_gateway(
    engine: &Arc<Engine>,
    mut account: Account,
    gateway: Endpoint,
    password: &str,
) -> Result<(), SetupError> {
    let own = SecretString::from(password);
    let session = if password.is_empty() {
        provider::connect_gateway(engine, &account, &gateway).await
    } else {
        provider::try_gateway(engine, &account, &gateway, &own).await
    };
    let refused = |why| SetupError::Provider { host: gateway.host.clone(), why };
    session.map_err(refused)?.quit().await;
    let (address, now) = (account.address.clone(), engine.now());
    if !password.is_empty() {
        engine.with_vault(move |vault| vault.set_gateway_password(&address, &own, now)).await?;
    }
    account.gateway = Some(gateway);
    if !account.routes.contains(&Route::Gateway) {
        account.routes.push(Route::Gateway);
    }
    blocking(engine, move |engine| engine.change_ways(&account)).await
}

async fn try_sending(
    engine: &Arc<Engine>,
    account: &Account,
    password: &SecretString,
) -> Result<(), SetupError> {
    let session = provider::try_login(engine, account, password).await;
    let refused = |why| SetupError::Provider { host: account.smtp.host.clone(), why };
    session.map_err(refused)?.quit().await;
    Ok(())
}

async fn try_fetching(
    engine: &Arc<Engine>,
    imap: &Endpoint,
    password: &SecretString,
) -> Result<(), NoUpstream> {
    retrieval::try_login(engine, imap, password).await?.log_out().await;
    Ok(())
}

/// Does something with the settings file where blocking is allowed.
async fn blocking(
    engine: &Arc<Engine>,
    call: impl FnOnce(&Engine) -> Result<(), engine::error::EngineError> + Send + 'static,
) -> Result<(), SetupError> {
    let engine = Arc::clone(engine);
    let done = tokio::task::spawn_blocking(move || call(&engine)).await;
    Ok(done.map_err(|_| VaultError::Interrupted)??)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_without_tls_stays_so_only_where_it_is_the_same_one() {
        let was = Endpoint {
            host: "127.0.0.1".to_owned(),
            port: 1025,
            tls: Tls::None,
            auth: Auth::Plain,
            username: "arts".to_owned(),
        };
        let same = endpoint("127.0.0.1", 1025, false, "arts", Some(&was));
        assert_eq!((same.tls, same.auth), (Tls::None, Auth::Plain));
        assert_eq!(endpoint("smtp.test", 587, false, "arts", Some(&was)).tls, Tls::StartTls);
        assert_eq!(endpoint("127.0.0.1", 1025, true, "arts", Some(&was)).tls, Tls::Implicit);
        assert_eq!(endpoint("smtp.test", 587, false, "arts", None).auth, Auth::Auto);
    }
}
