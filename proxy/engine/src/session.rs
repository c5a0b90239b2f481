//! One SMTP client connection: dial, greeting, EHLO, TLS, login, transactions.
//!
//! Used towards the provider (clean mail, route `provider`), towards a gateway, and towards a
//! recipient's own mail host (route `direct`). What TLS must prove is the caller's [`TlsMode`]:
//! with [`TlsMode::StartTls`] nothing is ever sent in clear where the peer offers no TLS.

use core::time::Duration;
use std::net::SocketAddr;

use mail::{Address, Param, Recipient};
use net::drive::{DriveError, Driver};
use net::tls::{Expect, Met, Roots, TlsError};
use secrecy::SecretString;
use smtp::client::{Client, Event, Sent};
use smtp::{Capabilities, Mechanism, Reply};
use tokio::time::timeout;

/// Where to connect to.
#[derive(Debug, Clone)]
pub enum Target {
    /// A host name and port, looked up by the system.
    Name(String, u16),
    /// An address that was looked up before, with DNSSEC where it counts.
    Ip(SocketAddr),
}

/// How the connection is protected.
#[derive(Debug, Clone)]
pub enum TlsMode {
    /// Not at all: only for a provider on this machine.
    None,
    /// STARTTLS (RFC 3207), forced.
    StartTls(Expect),
    /// TLS from the first byte (RFC 8314 section 3.3).
    Implicit(Expect),
}

/// What [`ClientSession::connect`] needs to know.
#[derive(Debug)]
pub struct Connect<'a> {
    /// Where to.
    pub target: Target,
    /// How protected.
    pub tls: TlsMode,
    /// The name given in EHLO.
    pub helo: &'a str,
    /// Which roots are trusted where [`Expect`] asks for a certificate path.
    pub roots: &'a Roots,
}

/// Why a session could not be had or went on no longer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SessionError {
    /// No TCP connection.
    #[error("{target} cannot be reached: {source}")]
    Unreachable {
        /// Host and port.
        target: String,
        /// What the system said.
        source: net::dial::DialError,
    },
    /// The peer did not answer in time.
    #[error("the server did not answer {waiting_for} within {seconds} s")]
    Silent {
        /// What was awaited.
        waiting_for: &'static str,
        /// How long was waited.
        seconds: u64,
    },
    /// The peer greeted with a refusal, or answered EHLO with one, or STARTTLS with one for now.
    #[error("the server refuses the session: {0}")]
    Refused(Reply),
    /// STARTTLS is not offered, or was refused.
    #[error("the server offers no STARTTLS")]
    NoStartTls,
    /// The TLS handshake or the proof failed.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The server offers none of the mechanisms that may be used.
    #[error(
        "the server offers no login that may be used here (CRAM-MD5, or PLAIN and LOGIN inside TLS)"
    )]
    NoMechanism,
    /// The server did not accept the login.
    #[error("the server did not accept the login: {0}")]
    LoginRefused(Reply),
    /// The server closed with 421 (RFC 5321 section 3.8).
    #[error("the server closes the session: {0}")]
    Closing(Reply),
    /// The server ended the connection.
    #[error("the server ended the connection")]
    Ended,
    /// The server broke the protocol, or the connection broke.
    #[error("the connection to the server failed: {0}")]
    Broken(String),
}

impl SessionError {
    /// What happened, in Dutch, for the person who waits for it.
    #[must_use]
    pub fn nl(&self) -> String {
        match self {
            Self::Unreachable { target, .. } => format!("{target} is niet te bereiken"),
            Self::Silent { seconds, .. } => {
                format!("de server gaf binnen {seconds} seconden geen antwoord")
            }
            Self::Refused(reply) => format!("de server weigert de verbinding: {reply}"),
            Self::NoStartTls => "de server biedt geen versleuteling (STARTTLS)".to_owned(),
            Self::Tls(error) => error.nl(),
            Self::NoMechanism => "de server biedt geen veilige manier van aanmelden".to_owned(),
            Self::LoginRefused(reply) => format!("de server weigert de aanmelding: {reply}"),
            Self::Closing(reply) => format!("de server sluit de verbinding: {reply}"),
            Self::Ended => "de server verbrak de verbinding".to_owned(),
            Self::Broken(_) => "de verbinding met de server viel weg".to_owned(),
        }
    }

    /// True where trying again later may help.
    #[must_use]
    pub fn is_temporary(&self) -> bool {
        match self {
            Self::Refused(reply) | Self::LoginRefused(reply) => !reply.is_permanent(),
            Self::Tls(error) => error.is_temporary(),
            Self::NoStartTls | Self::NoMechanism => false,
            _ => true,
        }
    }
}

/// An open session. Every call waits for the reply it names.
#[derive(Debug)]
pub struct ClientSession {
    driver: Driver<Client>,
    capabilities: Capabilities,
    met: Option<Met>,
}

impl ClientSession {
    /// Connects, greets, and protects the connection as asked.
    ///
    /// # Errors
    /// [`SessionError`] with what failed; nothing but EHLO and STARTTLS was sent.
    pub async fn connect(connect: Connect<'_>) -> Result<Self, SessionError> {
        let mut stream = dial(&connect.target).await?;
        let mut met = None;
        if let TlsMode::Implicit(expect) = &connect.tls {
            let (protected, seen) = within(
                "the TLS handshake",
                HANDSHAKE,
                net::tls::connect(stream, expect.clone(), connect.roots),
            )
            .await??;
            stream = protected;
            met = Some(seen);
        }
        let driver = Driver::new(stream, Client::new(smtp::client::Limits::default()));
        let mut session = Self { driver, capabilities: Capabilities::default(), met };
        session.greeting().await?;
        session.hello(connect.helo).await?;
        if let TlsMode::StartTls(expect) = &connect.tls {
            session.start_tls(expect.clone(), connect.roots).await?;
            session.hello(connect.helo).await?;
        }
        Ok(session)
    }

    /// What the server offered in its last answer to EHLO.
    #[must_use]
    pub fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    /// What TLS proved; `None` without TLS.
    #[must_use]
    pub fn met(&self) -> Option<&Met> {
        self.met.as_ref()
    }

    /// Logs in by the best mechanism offered: CRAM-MD5, else PLAIN, else LOGIN; the latter two
    /// only inside TLS (R-SMTP-1) or to a server on this machine.
    ///
    /// # Errors
    /// [`SessionError::NoMechanism`], [`SessionError::LoginRefused`], or a broken session.
    pub async fn log_in(
        &mut self,
        allowed: &[Mechanism],
        user: &str,
        password: &SecretString,
    ) -> Result<(), SessionError> {
        let offered = self.capabilities.auth();
        let mechanism = allowed
            .iter()
            .find(|mechanism| offered.contains(mechanism))
            .copied()
            .ok_or(SessionError::NoMechanism)?;
        self.driver.machine_mut().auth(mechanism, user, password);
        loop {
            match self.event("the login", COMMAND).await? {
                Event::Authenticated(_) => return Ok(()),
                Event::AuthRefused(reply) => return Err(SessionError::LoginRefused(reply)),
                Event::Closing(reply) => return Err(SessionError::Closing(reply)),
                _ => {}
            }
        }
    }

    /// MAIL FROM.
    ///
    /// # Errors
    /// [`SessionError`] where no reply came; a refusal is a [`Reply`].
    pub async fn mail(
        &mut self,
        reverse_path: Option<&Address>,
        params: &[Param],
    ) -> Result<Reply, SessionError> {
        self.driver.machine_mut().mail(reverse_path, params);
        self.reply("MAIL", COMMAND).await
    }

    /// RCPT TO.
    ///
    /// # Errors
    /// As [`ClientSession::mail`].
    pub async fn rcpt(&mut self, recipient: &Recipient) -> Result<Reply, SessionError> {
        self.driver.machine_mut().rcpt(recipient);
        self.reply("RCPT", COMMAND).await
    }

    /// DATA; a 354 lets the message go.
    ///
    /// # Errors
    /// As [`ClientSession::mail`].
    pub async fn data(&mut self) -> Result<Reply, SessionError> {
        self.driver.machine_mut().data();
        self.reply("DATA", DATA_INITIATION).await
    }

    /// Sends message bytes after a 354, in blocks, dot-stuffed. The end is not yet told, so the
    /// server cannot have taken the message.
    ///
    /// # Errors
    /// [`SessionError`] where the connection broke or a block was not taken in time.
    pub async fn send(&mut self, message: &[u8]) -> Result<(), SessionError> {
        for block in message.chunks(BLOCK) {
            self.driver.machine_mut().chunk(block);
            within("message data", DATA_BLOCK, self.driver.flush())
                .await?
                .map_err(|error| broken(&error))?;
        }
        Ok(())
    }

    /// The end of the message: from here on the server may have taken it.
    ///
    /// # Errors
    /// [`SessionError`] where no reply came: whether the message was taken is then unknown.
    pub async fn finish(&mut self) -> Result<Reply, SessionError> {
        self.driver.machine_mut().finish();
        self.reply("the message", DATA_TERMINATION).await
    }

    /// RSET: forgets the transaction.
    ///
    /// # Errors
    /// As [`ClientSession::mail`].
    pub async fn rset(&mut self) -> Result<Reply, SessionError> {
        self.driver.machine_mut().rset();
        self.reply("RSET", COMMAND).await
    }

    /// QUIT, politely but without waiting long.
    pub async fn quit(mut self) {
        self.driver.machine_mut().quit();
        let _ = timeout(QUIT, self.driver.next()).await;
    }

    async fn greeting(&mut self) -> Result<(), SessionError> {
        match self.event("the greeting", GREETING).await? {
            Event::Greeting(reply) if reply.is_positive() => Ok(()),
            Event::Greeting(reply) | Event::Closing(reply) => Err(SessionError::Refused(reply)),
            _ => Err(SessionError::Broken("no greeting".to_owned())),
        }
    }

    async fn hello(&mut self, name: &str) -> Result<(), SessionError> {
        self.driver.machine_mut().ehlo(name);
        let reply = self.reply("EHLO", COMMAND).await?;
        if !reply.is_positive() {
            return Err(SessionError::Refused(reply));
        }
        self.capabilities = Capabilities::parse(&reply);
        Ok(())
    }

    async fn start_tls(&mut self, expect: Expect, roots: &Roots) -> Result<(), SessionError> {
        if !self.capabilities.has("STARTTLS") {
            return Err(SessionError::NoStartTls);
        }
        self.driver.machine_mut().starttls();
        match self.event("STARTTLS", COMMAND).await? {
            Event::StartTls(_) => {}
            Event::Closing(reply) => return Err(SessionError::Closing(reply)),
            // RFC 3207 section 4: "454 TLS not available due to temporary reason".
            Event::Reply { reply, .. } if reply.is_temporary() => {
                return Err(SessionError::Refused(reply));
            }
            _ => return Err(SessionError::NoStartTls),
        }
        let met =
            within("the TLS handshake", HANDSHAKE, self.driver.start_tls_client(expect, roots))
                .await??;
        self.met = Some(met);
        self.driver.machine_mut().tls_established().map_err(|error| broken(&error))
    }

    async fn reply(&mut self, to: &'static str, wait: Duration) -> Result<Reply, SessionError> {
        loop {
            match self.event(to, wait).await? {
                Event::Reply { to: Sent::Quit | Sent::Noop, .. } => {}
                Event::Reply { to, reply } if !means_something(to, &reply) => {
                    return Err(SessionError::Broken(format!("it answered {reply}")));
                }
                Event::Reply { reply, .. } => return Ok(reply),
                Event::Closing(reply) => return Err(SessionError::Closing(reply)),
                _ => {}
            }
        }
    }

    async fn event(
        &mut self,
        waiting_for: &'static str,
        wait: Duration,
    ) -> Result<Event, SessionError> {
        match within(waiting_for, wait, self.driver.next()).await? {
            Ok(Some(event)) => Ok(event),
            Ok(None) => Err(SessionError::Ended),
            Err(DriveError::Tls(error)) => Err(error.into()),
            Err(error) => Err(broken(&error)),
        }
    }
}

/// A reply that the command can have (RFC 5321 section 4.3.2). A 250 to DATA above all must not
/// be taken for the message's own; and a 354 to its end is no word on whether it was taken.
fn means_something(to: Sent, reply: &Reply) -> bool {
    let refused = reply.is_temporary() || reply.is_permanent();
    match to {
        Sent::Data => reply.code() == 354 || refused,
        _ => reply.is_positive() || refused,
    }
}

async fn dial(target: &Target) -> Result<net::Stream, SessionError> {
    let dialled = match target {
        Target::Name(host, port) => net::dial::dial_name(host, *port, DIAL).await,
        Target::Ip(address) => net::dial::dial(*address, DIAL).await,
    };
    dialled.map_err(|source| SessionError::Unreachable { target: target.to_string(), source })
}

async fn within<T>(
    waiting_for: &'static str,
    wait: Duration,
    future: impl Future<Output = T>,
) -> Result<T, SessionError> {
    timeout(wait, future)
        .await
        .map_err(|_| SessionError::Silent { waiting_for, seconds: wait.as_secs() })
}

fn broken(error: &dyn core::error::Error) -> SessionError {
    SessionError::Broken(error.to_string())
}

impl core::fmt::Display for Target {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Name(host, port) => write!(f, "{host}:{port}"),
            Self::Ip(address) => write!(f, "{address}"),
        }
    }
}

// RFC 5321 section 4.5.3.2 names minimum time-outs for a client that queues. The MUA gives up
// after 60 to 100 s while it waits for us, so the steps before the message are shorter here; a
// recipient's host that is slower than this is tried again later and loses nothing.

/// TCP connection, each address.
const DIAL: Duration = Duration::from_secs(15);
/// The greeting.
const GREETING: Duration = Duration::from_secs(30);
/// TLS handshake.
const HANDSHAKE: Duration = Duration::from_secs(30);
/// EHLO, STARTTLS, AUTH, MAIL, RCPT, RSET.
const COMMAND: Duration = Duration::from_secs(60);
/// DATA up to its 354 (section 4.5.3.2.4).
const DATA_INITIATION: Duration = Duration::from_secs(120);
/// Each block of the message (section 4.5.3.2.5).
const DATA_BLOCK: Duration = Duration::from_secs(180);
/// The reply to the final dot (section 4.5.3.2.6): giving up early sends messages twice.
const DATA_TERMINATION: Duration = Duration::from_secs(600);
/// The farewell: nothing depends on it.
const QUIT: Duration = Duration::from_secs(2);
/// Message bytes handed to the socket at a time: large enough for full speed, small enough that
/// the copy with dots stuffed costs no memory.
const BLOCK: usize = 256 * 1024;
