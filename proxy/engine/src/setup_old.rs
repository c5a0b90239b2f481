//! The first run: an account is tried, added and tried again by a mail to oneself.

use std::net::SocketAddr;
use std::sync::Arc;

use mail::Address;
use net::tls::Roots;
use secrecy::{ExposeSecret, SecretString};
use session::SessionError;
use settings::{self, Account, Auth, Endpoint, ListenTls, Tls};

use crate::doors::Protocol;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::mua::Mua;
use crate::provider;

pub use ::discover::{Found, Source};

/// What a person puts into the mail program.
#[derive(Clone)]
pub struct Access {
    /// Our own submission server.
    pub server: SocketAddr,
    /// How it is protected.
    pub tls: ListenTls,
    /// The local password of the account.
    pub password: String,
    /// The authority of the local certificate, PEM; it can vouch for this computer only.
    pub authority: String,
    /// Where mail is fetched: the provider's own server.
    pub incoming: Incoming,
}

/// The provider's IMAP server, with TLS from the first byte.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Incoming {
    /// As the settings name it, or else the usual name beside the submission server's.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// The name to log in with there.
    pub username: String,
}

impl Incoming {
    fn of(account: Option<&Account>) -> Self {
        let Some(account) = account else {
            return Self { host: String::new(), port: IMAPS, username: String::new() };
        };
        if let Some(imap) = &account.imap {
            let (host, username) = (imap.host.clone(), imap.username.clone());
            return Self { host, port: imap.port, username };
        }
        let host = match account.smtp.host.as_str() {
            // One host for all mailboxes there, and no `imap.` beside `smtp.`.
            "smtp.office365.com" | "smtp-mail.outlook.com" => "outlook.office365.com".to_owned(),
            other => other.replacen("smtp", "imap", 1),
        };
        Self { host, port: IMAPS, username: account.smtp.username.clone() }
    }
}

impl core::fmt::Debug for Access {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Access").field("server", &self.server).finish_non_exhaustive()
    }
}

/// Why a step of the first run did not succeed. Nothing was kept then.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SetupError {
    /// The provider could not be reached, or did not let us in.
    #[error("{host} did not let us in: {why}; look at the password, the server and the port")]
    Provider {
        /// Its server.
        host: String,
        /// What was seen.
        why: String,
    },
    /// There is such an account already.
    #[error("{0} is an account already; remove it first (zorgzegel account remove)")]
    Known(Address),
    /// The engine or the vault.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The engine does not listen.
    #[error("Zorgzegel does not listen yet; see the diagnosis")]
    NotListening,
    /// The mail to oneself was not taken.
    #[error("the mail was not taken: {0}")]
    NotTaken(String),
}

impl From<vault::VaultError> for SetupError {
    fn from(error: vault::VaultError) -> Self {
        Self::Engine(error.into())
    }
}

impl SetupError {
    /// The sentence in Dutch: what happened, and what to do.
    #[must_use]
    pub fn nl(&self) -> String {
        match self {
            Self::Provider { host, why } => format!(
                "{host} liet ons niet binnen: {why}. Kijk naar het wachtwoord, de server en de poort."
            ),
            Self::Known(address) => format!(
                "{address} is al een account. Verwijder het eerst (zorgzegel account remove)."
            ),
            Self::Engine(error) => error.nl(),
            Self::NotListening => "Zorgzegel luistert nog niet; zie de diagnose.".to_owned(),
            Self::NotTaken(words) => format!("De mail werd niet aangenomen: {words}"),
        }
    }
}

/// An account as the first run makes it: the routes are chosen later, knowingly.
#[must_use]
pub fn account(address: Address, host: &str, port: u16, implicit: bool, username: &str) -> Account {
    let tls = if implicit { Tls::Implicit } else { Tls::StartTls };
    let smtp = Endpoint {
        host: host.to_owned(),
        port,
        tls,
        auth: Auth::Auto,
        username: username.to_owned(),
    };
    Account {
        address,
        smtp,
        imap: None,
        routes: vec![settings::Route::Direct],
        provider: None,
        gateway: None,
        helo: None,
        dossiers: Vec::new(),
        keep_years: None,
        dkim: None,
        authserv_id: None,
        authserv_place: settings::AuthservPlace::default(),
        keep_received: settings::KeepReceived::default(),
        sent: settings::Sent::Leave,
    }
}

impl Engine {
    /// The most likely submission server of an address. Asks DNS, so it takes its time.
    pub async fn discover(&self, address: &Address) -> Found {
        ::discover::find(&self.resolver(), &self.roots(), address).await
    }

    /// Tries the password at the provider, and keeps account and password where it lets us in.
    ///
    /// # Errors
    /// [`SetupError`]; nothing is kept then.
    pub async fn add_account(
        self: &Arc<Self>,
        account: Account,
        password: &str,
    ) -> Result<(), SetupError> {
        // Before its kept password would be replaced.
        if self.settings().account(&account.address).is_some() {
            return Err(SetupError::Known(account.address));
        }
        let password = SecretString::from(password);
        let session = provider::try_login(self, &account, &password).await;
        let refused = |why: &dyn core::fmt::Display| SetupError::Provider {
            host: account.smtp.host.clone(),
            why: why.to_string(),
        };
        session.map_err(|error| refused(&error))?.quit().await;
        let (address, now) = (account.address.clone(), self.now());
        self.with_vault(move |vault| vault.set_provider_password(&address, &password, now)).await?;
        let engine = Arc::clone(self);
        let address = account.address.clone();
        let added = tokio::task::spawn_blocking(move || engine.keep_account(&account)).await;
        added.map_err(|_| vault::VaultError::Interrupted)??;
        self.ensure_identity(&address).await?;
        Ok(())
    }

    /// Logs in to a gateway, and keeps it with its password for an account where it lets us in. The
    /// route to it is added behind those that are there. An empty password stands for the kept one.
    ///
    /// # Errors
    /// [`SetupError`]; nothing is kept then.
    pub async fn keep_gateway(
        self: &Arc<Self>,
        mut account: Account,
        gateway: Endpoint,
        password: &str,
    ) -> Result<(), SetupError> {
        let own = SecretString::from(password);
        let session = if password.is_empty() {
            provider::connect_gateway(self, &account, &gateway).await
        } else {
            provider::try_gateway(self, &account, &gateway, &own).await
        };
        let refused = |error: SessionError| SetupError::Provider {
            host: gateway.host.clone(),
            why: error.to_string(),
        };
        session.map_err(refused)?.quit().await;
        let (address, now) = (account.address.clone(), self.now());
        if !password.is_empty() {
            self.with_vault(move |vault| vault.set_gateway_password(&address, &own, now)).await?;
        }
        account.gateway = Some(gateway);
        if !account.routes.contains(&settings::Route::Gateway) {
            account.routes.push(settings::Route::Gateway);
        }
        let engine = Arc::clone(self);
        let kept = tokio::task::spawn_blocking(move || engine.change_ways(&account)).await;
        Ok(kept.map_err(|_| vault::VaultError::Interrupted)??)
    }

    /// What a person puts into the mail program for this account.
    ///
    /// # Errors
    /// [`SetupError`].
    pub async fn access(self: &Arc<Self>, address: &Address) -> Result<Access, SetupError> {
        // SMTP's stand first.
        let ready = self.listeners().first().filter(|ready| ready.protocol == Protocol::Smtp);
        let ready = ready.cloned().ok_or(SetupError::NotListening)?;
        let account = self.settings().account(address);
        let (address, now) = (address.clone(), self.now());
        let (password, certificate) = self
            .with_vault(move |vault| {
                Ok((vault.local_password(&address)?, crate::local::certificate(vault, now)?))
            })
            .await?;
        Ok(Access {
            server: ready.address,
            tls: ready.tls,
            password: password.expose_secret().to_owned(),
            authority: certificate?.authority(),
            incoming: Incoming::of(account.as_ref()),
        })
    }

    /// Sends a first mail to oneself, as the mail program would, through our own server.
    ///
    /// # Errors
    /// [`SetupError`].
    pub async fn first_mail(self: &Arc<Self>, address: &Address) -> Result<(), SetupError> {
        let access = self.access(address).await?;
        let authority = ("the local certificate".to_owned(), access.authority.into_bytes());
        let roots = Roots::load(&[authority]).map_err(EngineError::from)?;
        let password = SecretString::from(access.password);
        let tls = access.tls;
        let mua = Mua { server: access.server, tls, roots, user: address.clone(), password };
        let text = format!(
            "From: {address}\nTo: {address}\nSubject: Zorgzegel werkt\nMessage-ID: <{}@zorgzegel.local>\n\
             MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\n\
             Deze mail ging door Zorgzegel naar uw mailprovider en terug.\n",
            ulid::Ulid::generate()
        );
        let reply = mua.send(address, &text).await;
        let reply = reply.map_err(|error| SetupError::NotTaken(error.to_string()))?;
        if reply.is_positive() { Ok(()) } else { Err(SetupError::NotTaken(reply.to_string())) }
    }
}

/// IMAP with TLS from the first byte (RFC 8314 section 3.2).
const IMAPS: u16 = 993;
