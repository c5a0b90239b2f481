//! The provider's side: a connection that is logged in there, and why there is none.

use core::time::Duration;

use imap::Mechanism;
use imap::capabilities::Capabilities;
use imap::client::{Client, ClientError, Config, Event, Reason, Refusal, Security};
use net::Stream;
use net::dial::DialError;
use net::drive::{DriveError, Driver};
use net::tls::{Expect, Met, Roots, TlsError};
use secrecy::SecretString;
use tokio::io::AsyncWriteExt as _;
use tokio::time::timeout;

/// Where a mailbox lies, and how to log in there.
pub struct Provider {
    /// Host name, which the certificate must prove, or an IP address.
    pub host: String,
    /// Port.
    pub port: u16,
    /// Where TLS stands; [`Security::Clear`] for this machine only, which is the settings' to see to.
    pub security: Security,
    /// The user name there.
    pub user: String,
    /// The password there.
    pub password: SecretString,
    /// The ways to log in that may be used, the one to be preferred first.
    pub mechanisms: Vec<Mechanism>,
}

/// A connection that is logged in at the provider, with no mailbox open.
#[derive(Debug)]
pub struct Upstream {
    pub(crate) stream: Stream,
    /// What the provider said behind the end of the log-in.
    pub(crate) early: Vec<u8>,
    capabilities: Capabilities,
    met: Option<Met>,
}

/// Why no connection could be had.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum UpstreamError {
    /// No TCP connection.
    #[error("{host}:{port} cannot be reached: {source}")]
    Unreachable {
        /// Host.
        host: String,
        /// Port.
        port: u16,
        /// What the system said.
        source: DialError,
    },
    /// The whole took too long.
    #[error("the server did not answer within {0} s")]
    Silent(u64),
    /// The TLS handshake or the proof failed.
    #[error(transparent)]
    Tls(TlsError),
    /// The dialogue went wrong.
    #[error(transparent)]
    Dialogue(ClientError),
    /// The connection broke.
    #[error("the connection to the server failed: {0}")]
    Broken(std::io::Error),
    /// The server did not accept the log-in.
    #[error(
        "the server does not accept the user name and password that Zorgzegel keeps ({}); give it \
         the right ones in Settings, under Mail server and password (zorgzegel account add)", .0.words
    )]
    Refused(Refusal),
    /// It was not tried: it failed a moment ago, and is tried again in so many seconds.
    #[error("the server could not be had a moment ago; it is tried again in {0} s")]
    Resting(u64),
    /// It was not tried: the server refused user name or password, and may lock the account of one who
    /// goes on trying.
    #[error(
        "the server refused the user name and password that Zorgzegel keeps; so that it does not lock your \
         account, Zorgzegel does not try them again now; give it the right ones in Settings, under Mail \
         server and password (zorgzegel account add)"
    )]
    Shut,
}

impl UpstreamError {
    /// What happened, in Dutch, for the person who waits for it.
    #[must_use]
    pub fn nl(&self) -> String {
        match self {
            Self::Unreachable { host, port, .. } => format!("{host}:{port} is niet te bereiken"),
            Self::Silent(seconds) => {
                format!("de server gaf binnen {seconds} seconden geen antwoord")
            }
            Self::Tls(error) => error.nl(),
            Self::Dialogue(ClientError::NoStartTls) => {
                "de server biedt geen versleuteling (STARTTLS)".to_owned()
            }
            Self::Dialogue(ClientError::NoMechanism) => {
                "de server biedt geen manier van aanmelden die hier mag".to_owned()
            }
            Self::Dialogue(ClientError::Injected | ClientError::Preauth) => {
                "de verbinding met de server is niet te vertrouwen".to_owned()
            }
            Self::Dialogue(ClientError::Bye { words }) => {
                format!("de server sluit de verbinding: {words}")
            }
            Self::Dialogue(ClientError::Closed) => "de server verbrak de verbinding".to_owned(),
            Self::Dialogue(_) => "de server geeft een antwoord dat geen IMAP is".to_owned(),
            Self::Broken(_) => "de verbinding met de server viel weg".to_owned(),
            Self::Refused(refusal) => format!(
                "de server neemt naam en wachtwoord niet aan die Zorgzegel bewaart ({}); geef de \
                 goede op bij Instellingen, onder Mailserver en wachtwoord",
                refusal.words
            ),
            Self::Resting(seconds) => format!(
                "de server was zojuist niet te bereiken; over {seconds} seconden wordt het opnieuw \
                 geprobeerd"
            ),
            Self::Shut => {
                "de server weigerde naam en wachtwoord die Zorgzegel bewaart; om te voorkomen dat hij uw \
                 account blokkeert, probeert Zorgzegel die nu niet opnieuw; geef de goede op bij \
                 Instellingen, onder Mailserver en wachtwoord"
                    .to_owned()
            }
        }
    }

    /// True where the provider was reached and wants another password, or another set-up of the
    /// account: trying again helps nobody.
    #[must_use]
    pub fn is_for_good(&self) -> bool {
        match self {
            Self::Refused(refusal) => match refusal.reason {
                Reason::Expired | Reason::NotAllowed => true,
                _ => refusal.code == "AUTHENTICATIONFAILED",
            },
            Self::Dialogue(error) => matches!(error, ClientError::NoMechanism),
            Self::Shut => true,
            _ => false,
        }
    }

    /// True where the log-in was refused and nothing for programs says why: older servers refuse a wrong
    /// password so, and others one connection too many (RFC 5530 section 3 has codes for both).
    #[must_use]
    pub fn is_unclear(&self) -> bool {
        match self {
            Self::Refused(refusal) => refusal.reason != Reason::Unavailable && !self.is_for_good(),
            _ => false,
        }
    }
}

/// Connects and logs in. Nothing secret is said before TLS has proved the server.
///
/// # Errors
/// [`UpstreamError`]; the connection is gone then.
pub async fn connect(provider: Provider, roots: &Roots) -> Result<Upstream, UpstreamError> {
    timeout(CONNECT, open(provider, roots))
        .await
        .unwrap_or(Err(UpstreamError::Silent(CONNECT.as_secs())))
}

async fn open(provider: Provider, roots: &Roots) -> Result<Upstream, UpstreamError> {
    let (host, config) = provider.parts();
    let (stream, mut met) = reach(&host, config.security, roots).await?;
    let mut driver = Driver::new(stream, Client::new(config));
    let capabilities = loop {
        match driver.next().await? {
            Some(Event::StartTls) => {
                let seen = driver.start_tls_client(Expect::Server(host.name.clone()), roots).await;
                met = Some(seen.map_err(UpstreamError::Tls)?);
                driver.machine_mut().tls_established().map_err(UpstreamError::Dialogue)?;
            }
            Some(Event::LoggedIn(capabilities)) => break capabilities,
            Some(Event::Refused(refusal)) => return Err(UpstreamError::Refused(refusal)),
            // Bytes come only behind LoggedIn.
            Some(Event::Bytes(_)) | None => {
                return Err(UpstreamError::Dialogue(ClientError::Closed));
            }
        }
    };
    driver.flush().await?;
    let (stream, events) = driver.into_parts().map_err(UpstreamError::Broken)?;
    let early = events.into_iter().filter_map(|event| match event {
        Ok(Event::Bytes(bytes)) => Some(bytes),
        _ => None,
    });
    Ok(Upstream::new(stream, early.flatten().collect(), capabilities, met))
}

/// Where a server is to be found.
pub(crate) struct Place {
    pub(crate) name: String,
    port: u16,
}

impl Provider {
    /// Where it is, and how its client is set up.
    pub(crate) fn parts(self) -> (Place, Config) {
        let Self { host: name, port, security, user, password, mechanisms } = self;
        let config = Config { mechanisms, ..Config::new(security, &user, password) };
        (Place { name, port }, config)
    }
}

/// A connection to the server, inside TLS where that begins with it.
pub(crate) async fn reach(
    place: &Place,
    security: Security,
    roots: &Roots,
) -> Result<(Stream, Option<Met>), UpstreamError> {
    let Place { name, port } = place;
    let stream = net::dial::dial_name(name, *port, DIAL)
        .await
        .map_err(|source| UpstreamError::Unreachable { host: name.clone(), port: *port, source })?;
    if security != Security::Implicit {
        return Ok((stream, None));
    }
    let inside = net::tls::connect(stream, Expect::Server(name.clone()), roots).await;
    let (stream, met) = inside.map_err(UpstreamError::Tls)?;
    Ok((stream, Some(met)))
}

impl Upstream {
    pub(crate) fn new(
        stream: Stream,
        early: Vec<u8>,
        capabilities: Capabilities,
        met: Option<Met>,
    ) -> Self {
        Self { stream, early, capabilities, met }
    }

    /// What the provider can do for the one who is logged in.
    #[must_use]
    pub fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    /// What TLS proved; `None` without TLS.
    #[must_use]
    pub fn met(&self) -> Option<&Met> {
        self.met.as_ref()
    }

    /// Ends it politely, without waiting for an answer.
    pub async fn log_out(mut self) {
        let said = async {
            self.stream.write_all(b"Z LOGOUT\r\n").await?;
            self.stream.shutdown().await
        };
        // Nothing depends on it.
        let _ = timeout(FAREWELL, said).await;
    }
}

impl From<DriveError<ClientError>> for UpstreamError {
    fn from(error: DriveError<ClientError>) -> Self {
        match error {
            DriveError::Tls(error) => Self::Tls(error),
            DriveError::Machine(error) => Self::Dialogue(error),
            DriveError::Io(error) => Self::Broken(error),
            other => Self::Broken(std::io::Error::other(other.to_string())),
        }
    }
}

/// TCP connection, each address.
const DIAL: Duration = Duration::from_secs(15);
/// For the whole up to the log-in: the mail program waits for its answer, and gives up after 60 s.
pub(crate) const CONNECT: Duration = Duration::from_secs(25);
/// The farewell.
const FAREWELL: Duration = Duration::from_secs(2);
