//! The mail program's IMAP: whose account it is, and the log-in at its provider. The session itself
//! is the room `retrieval`.

use std::sync::Arc;

use imap::client::Security;
use imap::relay::Limits;
use imap::server::{Answer, Credentials, Tls as ServerTls};
use net::Stream;
use net::listen::TlsAcceptor;
use retrieval::aside::Aside;
pub use retrieval::gate::Standing as GateStanding;
use retrieval::{Admitted, Door, House, Provider, Upstream, UpstreamError, Words};
use secrecy::SecretString;
use settings::{Account, Endpoint, Language, ListenTls, Tls};
use vault::VaultError;

use crate::engine::Engine;
use crate::visits::Errand;
use crate::{provider, words};

/// Why there is no connection to the provider of an account.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NoUpstream {
    /// The settings name no IMAP server.
    #[error("the settings name no IMAP server for this account")]
    NoServer,
    /// The password cannot be read.
    #[error(transparent)]
    Vault(VaultError),
    /// The provider.
    #[error("your mail provider: {0}")]
    Provider(UpstreamError),
}

impl NoUpstream {
    /// The sentence in Dutch: what happened, and what to do.
    #[must_use]
    pub fn nl(&self) -> String {
        match self {
            Self::NoServer => "De instellingen noemen geen IMAP-server voor dit account.".into(),
            Self::Vault(error) => error.nl(),
            Self::Provider(error) => format!("Uw mailprovider: {}.", error.nl()),
        }
    }

    fn answer(&self, language: Language) -> Answer {
        let words = words::one_line(&match language {
            Language::Dutch => self.nl(),
            Language::English => self.to_string(),
        });
        match self {
            Self::Provider(error) if error.is_for_good() || error.is_unclear() => {
                Answer::Refused(words)
            }
            Self::NoServer => Answer::Refused(words),
            Self::Vault(_) | Self::Provider(_) => Answer::Unavailable(words),
        }
    }
}

/// Connects to the IMAP server of an account and logs in, for a person who asks whether that works.
///
/// # Errors
/// [`NoUpstream`].
pub async fn connect(engine: &Arc<Engine>, account: &Account) -> Result<Upstream, NoUpstream> {
    let provider = provider(engine, account).await?;
    let upstream = retrieval::upstream::connect(provider, &engine.roots()).await;
    let upstream = upstream.map_err(NoUpstream::Provider)?;
    engine.gate().opened(&account.address.to_string());
    Ok(upstream)
}

/// Connects to an IMAP server of an account that is not kept yet, and logs in with this password.
///
/// # Errors
/// [`NoUpstream`].
pub async fn try_login(
    engine: &Arc<Engine>,
    endpoint: &Endpoint,
    password: &SecretString,
) -> Result<Upstream, NoUpstream> {
    let roots = engine.roots();
    let upstream = retrieval::upstream::connect(at(endpoint, password.clone()), &roots).await;
    upstream.map_err(NoUpstream::Provider)
}

/// The same for a mail program's session, which the gate keeps from a password that was just refused.
async fn connect_program(engine: &Arc<Engine>, account: &Account) -> Result<Upstream, NoUpstream> {
    let provider = provider(engine, account).await?;
    let (name, roots) = (account.address.to_string(), engine.roots());
    let upstream = engine.gate().connect_program(&name, provider, &roots).await;
    upstream.map_err(NoUpstream::Provider)
}

/// The same for a connection of our own, where one may be tried now.
///
/// # Errors
/// [`NoUpstream`].
pub(crate) async fn connect_aside(
    engine: &Arc<Engine>,
    account: &Account,
) -> Result<Aside, NoUpstream> {
    let provider = provider(engine, account).await?;
    let (name, roots) = (account.address.to_string(), engine.roots());
    let aside = engine.gate().connect(&name, provider, &roots, Limits::default()).await;
    aside.map_err(NoUpstream::Provider)
}

/// Where the mailboxes of an account lie, and the password that the keyring has for them.
async fn provider(engine: &Arc<Engine>, account: &Account) -> Result<Provider, NoUpstream> {
    let endpoint = account.imap.as_ref().ok_or(NoUpstream::NoServer)?;
    let address = account.address.clone();
    let password = engine.with_vault(move |vault| vault.provider_password(&address)).await;
    Ok(at(endpoint, password.map_err(NoUpstream::Vault)?))
}

fn at(endpoint: &Endpoint, password: SecretString) -> Provider {
    let security = match endpoint.tls {
        Tls::Implicit => Security::Implicit,
        Tls::StartTls => Security::StartTls,
        Tls::None => Security::Clear,
    };
    Provider {
        host: endpoint.host.clone(),
        port: endpoint.port,
        security,
        user: endpoint.username.clone(),
        password,
        mechanisms: provider::mechanisms(endpoint),
    }
}

/// Serves one connection to its end.
pub(crate) async fn serve(
    engine: Arc<Engine>,
    stream: Stream,
    tls: ListenTls,
    acceptor: Option<TlsAcceptor>,
) {
    let seed = match engine.random() {
        Ok(seed) => seed,
        Err(error) => return tracing::error!(%error, "no randomness for a login challenge"),
    };
    let door = Door {
        tls: match tls {
            ListenTls::None => ServerTls::None,
            ListenTls::StartTls => ServerTls::StartTls,
            ListenTls::Implicit => ServerTls::Implicit,
        },
        acceptor,
        seed,
        now_unix: engine.now().as_second().unsigned_abs(),
        words: match engine.settings().desktop.language {
            Language::Dutch => Words::DUTCH,
            Language::English => Words::ENGLISH,
        },
        stop: engine.doors().stop(),
    };
    retrieval::serve(stream, door, &Accounts(engine)).await;
}

struct Accounts(Arc<Engine>);

impl House for Accounts {
    async fn admit(&self, credentials: &Credentials) -> Result<Admitted, Answer> {
        let Self(engine) = self;
        let language = engine.settings().desktop.language;
        let admitted = engine.admit(credentials).await;
        let admitted = admitted.map_err(|error| NoUpstream::Vault(error).answer(language))?;
        let account = admitted.ok_or(Answer::Wrong)?;
        engine.visited(&account.address, Errand::Fetches);
        let upstream = connect_program(engine, &account).await.map_err(|error| {
            // Not the words of the provider: they may repeat names.
            tracing::warn!(?error, "the provider's IMAP server cannot be had");
            error.answer(language)
        })?;
        Ok(Admitted { upstream, ear: engine.intake().ear(&account.address) })
    }
}
