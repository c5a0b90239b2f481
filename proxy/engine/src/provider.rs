//! A session with the account's own provider, or with its gateway: connected and logged in.

use std::sync::Arc;

use net::tls::Expect;
use secrecy::SecretString;
use session::{ClientSession, Connect, Patience, SessionError, Target, TlsMode};
use settings::{Account, Auth, Endpoint, Tls};
use smtp::Mechanism;

use crate::engine::Engine;

/// Connects to the provider of an account and logs in.
///
/// # Errors
/// [`SessionError`], a keyring that cannot be read among them.
pub async fn connect(
    engine: &Arc<Engine>,
    account: &Account,
) -> Result<ClientSession, SessionError> {
    let address = account.address.clone();
    if account.smtp.auth == Auth::None {
        return open(engine, account, &account.smtp).await;
    }
    let password = engine
        .with_vault(move |vault| vault.provider_password(&address))
        .await
        .map_err(|error| SessionError::Broken(error.to_string()))?;
    try_login(engine, account, &password).await
}

/// Connects to the provider of an account that is not kept yet, and logs in with this password.
///
/// # Errors
/// [`SessionError`].
pub async fn try_login(
    engine: &Arc<Engine>,
    account: &Account,
    password: &SecretString,
) -> Result<ClientSession, SessionError> {
    let mut session = open(engine, account, &account.smtp).await?;
    if account.smtp.auth != Auth::None {
        session.log_in(&mechanisms(&account.smtp), &account.smtp.username, password).await?;
    }
    Ok(session)
}

/// Connects to the gateway of an account and logs in.
///
/// # Errors
/// As [`connect`].
pub async fn connect_gateway(
    engine: &Arc<Engine>,
    account: &Account,
    gateway: &Endpoint,
) -> Result<ClientSession, SessionError> {
    if gateway.auth == Auth::None {
        return open(engine, account, gateway).await;
    }
    let address = account.address.clone();
    let password = engine
        .with_vault(move |vault| vault.gateway_password(&address))
        .await
        .map_err(|error| SessionError::Broken(error.to_string()))?;
    try_gateway(engine, account, gateway, &password).await
}

/// Connects to a gateway that is not kept yet, and logs in with this password.
///
/// # Errors
/// [`SessionError`].
pub async fn try_gateway(
    engine: &Arc<Engine>,
    account: &Account,
    gateway: &Endpoint,
    password: &SecretString,
) -> Result<ClientSession, SessionError> {
    let mut session = open(engine, account, gateway).await?;
    if gateway.auth != Auth::None {
        session.log_in(&mechanisms(gateway), &gateway.username, password).await?;
    }
    Ok(session)
}

async fn open(
    engine: &Arc<Engine>,
    account: &Account,
    endpoint: &Endpoint,
) -> Result<ClientSession, SessionError> {
    let expect = || Expect::Server(endpoint.host.clone());
    let tls = match endpoint.tls {
        Tls::None => TlsMode::None,
        Tls::StartTls => TlsMode::StartTls(expect()),
        Tls::Implicit => TlsMode::Implicit(expect()),
    };
    let roots = engine.roots();
    ClientSession::connect(Connect {
        target: Target::Name(endpoint.host.clone(), endpoint.port),
        tls,
        helo: crate::direct::helo(account),
        roots: &roots,
        patience: Patience::SHORT,
    })
    .await
}

/// CRAM-MD5 first (R-SMTP-1); the settings may name one mechanism. The settings refuse an endpoint
/// without TLS that is not on this machine, so PLAIN and LOGIN never leave it in clear.
pub(crate) fn mechanisms(endpoint: &Endpoint) -> Vec<Mechanism> {
    match endpoint.auth {
        Auth::None => Vec::new(),
        Auth::Auto => vec![Mechanism::CramMd5, Mechanism::Plain, Mechanism::Login],
        Auth::CramMd5 => vec![Mechanism::CramMd5],
        Auth::Plain => vec![Mechanism::Plain],
        Auth::Login => vec![Mechanism::Login],
    }
}
