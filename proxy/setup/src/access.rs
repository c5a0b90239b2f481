//! What goes into the mail program, and a first mail as it would send it.

use std::net::SocketAddr;
use std::sync::Arc;

use engine::error::EngineError;
use engine::mua::Mua;
use engine::{Engine, Protocol};
use mail::Address;
use net::tls::Roots;
use secrecy::{ExposeSecret, SecretString};
use settings::{Account, Language, ListenTls, Tls};

use crate::error::SetupError;

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
    /// Where mail is fetched.
    pub incoming: Incoming,
}

/// Where the mail program fetches mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Incoming {
    /// Here, with the local password: what comes in is looked at.
    Ours {
        /// The port of our own IMAP server.
        port: u16,
        /// How it is protected.
        tls: ListenTls,
    },
    /// At the provider's own IMAP server, with the password there.
    Provider {
        /// As the settings name it, or else the usual name beside the submission server's.
        host: String,
        /// Its port.
        port: u16,
        /// TLS from the first byte, or else STARTTLS.
        implicit: bool,
        /// The name to log in with there.
        username: String,
    },
}

impl core::fmt::Debug for Access {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Access").field("server", &self.server).finish_non_exhaustive()
    }
}

/// What a person puts into the mail program for this account.
///
/// # Errors
/// [`SetupError`].
pub async fn access(engine: &Arc<Engine>, address: &Address) -> Result<Access, SetupError> {
    let listeners = engine.listeners();
    let of = |protocol| listeners.iter().find(|one| one.protocol == protocol);
    let ready = of(Protocol::Smtp).ok_or(SetupError::NotListening)?;
    let account = engine.settings().account(address);
    let imap = account.as_ref().and_then(|account| account.imap.as_ref());
    let incoming = match (imap, of(Protocol::Imap)) {
        (Some(_), Some(ours)) => Incoming::Ours { port: ours.address.port(), tls: ours.tls },
        _ => at_the_provider(account.as_ref()),
    };
    let (address, now) = (address.clone(), engine.now());
    let (password, certificate) = engine
        .with_vault(move |vault| {
            Ok((vault.local_password(&address)?, engine::local::certificate(vault, now)?))
        })
        .await?;
    Ok(Access {
        server: ready.address,
        tls: ready.tls,
        password: password.expose_secret().to_owned(),
        authority: certificate?.authority(),
        incoming,
    })
}

fn at_the_provider(account: Option<&Account>) -> Incoming {
    let Some(account) = account else {
        let (host, username) = (String::new(), String::new());
        return Incoming::Provider { host, port: IMAPS, implicit: true, username };
    };
    if let Some(imap) = &account.imap {
        let (host, username) = (imap.host.clone(), imap.username.clone());
        let implicit = imap.tls == Tls::Implicit;
        return Incoming::Provider { host, port: imap.port, implicit, username };
    }
    let host = match account.smtp.host.as_str() {
        // One host for all mailboxes there, and no `imap.` beside `smtp.`.
        "smtp.office365.com" | "smtp-mail.outlook.com" => "outlook.office365.com".to_owned(),
        other => other.replacen("smtp", "imap", 1),
    };
    let username = account.smtp.username.clone();
    Incoming::Provider { host, port: IMAPS, implicit: true, username }
}

/// Sends a first mail to oneself, as the mail program would, through our own server.
///
/// # Errors
/// [`SetupError`].
pub async fn first_mail(engine: &Arc<Engine>, address: &Address) -> Result<(), SetupError> {
    let access = access(engine, address).await?;
    let authority = ("the local certificate".to_owned(), access.authority.into_bytes());
    let roots = Roots::load(&[authority]).map_err(EngineError::from)?;
    let password = SecretString::from(access.password);
    let tls = access.tls;
    let mua = Mua { server: access.server, tls, roots, user: address.clone(), password };
    let id = format!("<{}@zorgzegel.local>", ulid::Ulid::generate());
    let (subject, words) = match engine.settings().desktop.language {
        Language::Dutch => {
            ("Zorgzegel werkt", "Deze mail ging door Zorgzegel naar uw mailprovider en terug.")
        }
        Language::English => {
            ("Zorgzegel works", "This mail went through Zorgzegel to your mail provider and back.")
        }
    };
    let text = format!(
        "From: {address}\nTo: {address}\nSubject: {subject}\nMessage-ID: {id}\n\
         MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\n{words}\n"
    );
    // What we send ourselves is no sign that the mail program is set up.
    engine.sends_itself(&id);
    let reply = mua.send(address, &text).await;
    let reply = reply.map_err(|error| SetupError::NotTaken(error.to_string()))?;
    if reply.is_positive() { Ok(()) } else { Err(SetupError::NotTaken(reply.to_string())) }
}

/// IMAP with TLS from the first byte (RFC 8314 section 3.2).
const IMAPS: u16 = 993;
