//! One SMTP client connection: dial, greeting, EHLO, TLS, login, transactions.
//!
//! Used towards the provider (clean mail, route `provider`), towards a gateway, and towards a
//! recipient's own mail host (route `direct`). What TLS must prove is the caller's [`TlsMode`]:
//! with [`TlsMode::StartTls`] nothing is ever sent in clear where the peer offers no TLS.

mod error;
mod patience;

use core::time::Duration;
use std::net::SocketAddr;

use mail::{Address, Param, Recipient};
use net::drive::{DriveError, Driver};
use net::tls::{Expect, Met, Roots, Shown};
use secrecy::SecretString;
use smtp::client::{Client, Event, Sent};
use smtp::{Capabilities, Mechanism, Reply};
use tokio::time::timeout;

pub use error::SessionError;
pub use patience::Patience;

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
    /// How long the peer is waited for.
    pub patience: Patience,
}

/// What was seen of a server on the way, also where no session came of it. Proves nothing.
#[derive(Debug, Default)]
pub struct Noticed {
    /// What it offered in its answer to the first EHLO.
    pub capabilities: Option<Capabilities>,
    /// What it showed in the TLS handshake.
    pub shown: Option<Shown>,
}

/// An open session. Every call waits for the reply it names.
#[derive(Debug)]
pub struct ClientSession {
    driver: Driver<Client>,
    capabilities: Capabilities,
    met: Option<Met>,
    patience: Patience,
}

/// The replies to the envelope of a transaction.
#[derive(Debug, Default)]
pub struct Answers {
    /// The reply to MAIL.
    pub mail: Option<Reply>,
    /// The replies to RCPT, in the order of the recipients.
    pub rcpt: Vec<Reply>,
    /// Why there are no more of them.
    pub broken: Option<SessionError>,
}

impl ClientSession {
    /// Connects, greets, and protects the connection as asked.
    ///
    /// # Errors
    /// [`SessionError`] with what failed; nothing but EHLO and STARTTLS was sent.
    pub async fn connect(connect: Connect<'_>) -> Result<Self, SessionError> {
        Self::connect_and_tell(connect, &mut Noticed::default()).await
    }

    /// The same, and tells what was seen on the way.
    ///
    /// # Errors
    /// As [`ClientSession::connect`].
    pub async fn connect_and_tell(
        connect: Connect<'_>,
        noticed: &mut Noticed,
    ) -> Result<Self, SessionError> {
        let patience = connect.patience;
        let mut stream = dial(&connect.target, patience.dial).await?;
        let mut met = None;
        if let TlsMode::Implicit(expect) = &connect.tls {
            let (protected, seen) = within(
                "the TLS handshake",
                patience.opening,
                net::tls::connect(stream, expect.clone(), connect.roots),
            )
            .await??;
            stream = protected;
            met = Some(seen);
        }
        let driver = Driver::new(stream, Client::new(smtp::client::Limits::default()));
        let mut session = Self { driver, capabilities: Capabilities::default(), met, patience };
        session.greeting().await?;
        session.hello(connect.helo).await?;
        noticed.capabilities = Some(session.capabilities.clone());
        if let TlsMode::StartTls(expect) = &connect.tls {
            session.start_tls(expect.clone(), connect.roots, &mut noticed.shown).await?;
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
            match self.event("the login", self.patience.command).await? {
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
        self.reply("MAIL", self.patience.command).await
    }

    /// MAIL and each RCPT: as one group where the server takes groups (RFC 2920), else one after
    /// the other. What was answered before a break is kept.
    pub async fn envelope(
        &mut self,
        reverse_path: Option<&Address>,
        params: &[Param],
        recipients: &[Recipient],
    ) -> Answers {
        let mut answers = Answers::default();
        let asked = self.ask_envelope(reverse_path, params, recipients, &mut answers).await;
        answers.broken = asked.err();
        answers
    }

    async fn ask_envelope(
        &mut self,
        reverse_path: Option<&Address>,
        params: &[Param],
        recipients: &[Recipient],
        answers: &mut Answers,
    ) -> Result<(), SessionError> {
        let grouped = self.capabilities.has("PIPELINING");
        let machine = self.driver.machine_mut();
        machine.mail(reverse_path, params);
        if grouped {
            recipients.iter().for_each(|recipient| machine.rcpt(recipient));
        }
        let mail = self.reply("MAIL", self.patience.command).await?;
        let refused = !mail.is_positive();
        answers.mail = Some(mail);
        if refused && !grouped {
            return Ok(());
        }
        for recipient in recipients {
            let reply = match grouped {
                true => self.reply("RCPT", self.patience.command).await?,
                false => self.rcpt(recipient).await?,
            };
            answers.rcpt.push(reply);
        }
        Ok(())
    }

    /// RCPT TO.
    ///
    /// # Errors
    /// As [`ClientSession::mail`].
    pub async fn rcpt(&mut self, recipient: &Recipient) -> Result<Reply, SessionError> {
        self.driver.machine_mut().rcpt(recipient);
        self.reply("RCPT", self.patience.command).await
    }

    /// DATA; a 354 lets the message go.
    ///
    /// # Errors
    /// As [`ClientSession::mail`].
    pub async fn data(&mut self) -> Result<Reply, SessionError> {
        self.driver.machine_mut().data();
        self.reply("DATA", self.patience.data).await
    }

    /// Sends message bytes after a 354, in blocks, dot-stuffed. The end is not yet told, so the
    /// server cannot have taken the message.
    ///
    /// # Errors
    /// [`SessionError`] where the connection broke or a block was not taken in time.
    pub async fn send(&mut self, message: &[u8]) -> Result<(), SessionError> {
        for block in message.chunks(BLOCK) {
            self.driver.machine_mut().chunk(block);
            within("message data", self.patience.block, self.driver.flush())
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
        self.reply("the message", self.patience.end).await
    }

    /// RSET: forgets the transaction.
    ///
    /// # Errors
    /// As [`ClientSession::mail`].
    pub async fn rset(&mut self) -> Result<Reply, SessionError> {
        self.driver.machine_mut().rset();
        self.reply("RSET", self.patience.command).await
    }

    /// QUIT, politely but without waiting long.
    pub async fn quit(mut self) {
        self.driver.machine_mut().quit();
        let _ = timeout(QUIT, self.driver.next()).await;
    }

    async fn greeting(&mut self) -> Result<(), SessionError> {
        match self.event("the greeting", self.patience.opening).await? {
            Event::Greeting(reply) if reply.is_positive() => Ok(()),
            Event::Greeting(reply) | Event::Closing(reply) => Err(SessionError::Refused(reply)),
            _ => Err(SessionError::Broken("no greeting".to_owned())),
        }
    }

    async fn hello(&mut self, name: &str) -> Result<(), SessionError> {
        self.driver.machine_mut().ehlo(name);
        let reply = self.reply("EHLO", self.patience.opening).await?;
        if !reply.is_positive() {
            return Err(SessionError::Refused(reply));
        }
        self.capabilities = Capabilities::parse(&reply);
        Ok(())
    }

    async fn start_tls(
        &mut self,
        expect: Expect,
        roots: &Roots,
        shown: &mut Option<Shown>,
    ) -> Result<(), SessionError> {
        if !self.capabilities.has("STARTTLS") {
            return Err(SessionError::NoStartTls);
        }
        self.driver.machine_mut().starttls();
        match self.event("STARTTLS", self.patience.opening).await? {
            Event::StartTls(_) => {}
            // RFC 3207 section 4: 454, "TLS not available due to temporary reason".
            Event::Reply { reply, .. } if reply.is_temporary() => {
                return Err(SessionError::Refused(reply));
            }
            Event::Closing(reply) => return Err(SessionError::Closing(reply)),
            _ => return Err(SessionError::NoStartTls),
        }
        let handshake = self.driver.start_tls_client_and_tell(expect, roots, shown);
        let met = within("the TLS handshake", self.patience.opening, handshake).await??;
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

async fn dial(target: &Target, wait: Duration) -> Result<net::Stream, SessionError> {
    let dialled = match target {
        Target::Name(host, port) => net::dial::dial_name(host, *port, wait).await,
        Target::Ip(address) => net::dial::dial(*address, wait).await,
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

/// The farewell: nothing depends on it.
const QUIT: Duration = Duration::from_secs(2);
/// Message bytes handed to the socket at a time: large enough for full speed, small enough that
/// the copy with dots stuffed costs no memory.
const BLOCK: usize = 256 * 1024;
