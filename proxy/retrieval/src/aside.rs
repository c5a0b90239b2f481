//! A connection of our own to an account's mailboxes, one command after the other. What it says is
//! the machine [`imap::aside`]'s; here it gets a socket, and bounds of time.

use core::time::Duration;

use imap::aside::{self, Done, Event, Listed, Moment, Sought, Special};
use imap::capabilities::Capabilities;
use imap::client::{ClientError, Refusal};
use imap::relay::Limits;
use imap::{Access, Selected};
use net::drive::Driver;
use net::tls::{Expect, Roots};
use tokio::time::timeout;

use crate::upstream::{self, CONNECT, Provider, UpstreamError};

/// See the [module](self).
pub struct Aside {
    driver: Driver<aside::Aside>,
    capabilities: Capabilities,
}

/// Why a command did not do what was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AsideError {
    /// The connection cannot be had, or cannot go on.
    #[error(transparent)]
    Connection(#[from] UpstreamError),
    /// The server said NO or BAD; the connection can be used further.
    #[error("the server refused: {}", .0.words)]
    Refused(Refusal),
}

impl AsideError {
    /// What happened, in Dutch.
    #[must_use]
    pub fn nl(&self) -> String {
        match self {
            Self::Connection(error) => error.nl(),
            Self::Refused(refusal) => format!("de server weigerde: {}", refusal.words),
        }
    }
}

/// What came of fetching a message.
#[derive(Clone, PartialEq, Eq)]
pub enum Fetched {
    /// Its bytes.
    Message(Vec<u8>),
    /// It is not there any more.
    Gone,
    /// It is larger than [`Limits::message`].
    TooLarge,
}

impl Aside {
    /// Connects and logs in. Nothing secret is said before TLS has proved the server.
    ///
    /// # Errors
    /// [`UpstreamError`]; the connection is gone then.
    pub async fn connect(
        provider: Provider,
        roots: &Roots,
        limits: Limits,
    ) -> Result<Self, UpstreamError> {
        timeout(CONNECT, Self::log_in(provider, roots, limits))
            .await
            .unwrap_or(Err(UpstreamError::Silent(CONNECT.as_secs())))
    }

    async fn log_in(
        provider: Provider,
        roots: &Roots,
        limits: Limits,
    ) -> Result<Self, UpstreamError> {
        let (place, config) = provider.parts();
        let (stream, _) = upstream::reach(&place, config.security, roots).await?;
        let mut driver = Driver::new(stream, aside::Aside::new(config, limits));
        loop {
            match driver.next().await? {
                Some(Event::StartTls) => {
                    let expect = Expect::Server(place.name.clone());
                    driver.start_tls_client(expect, roots).await.map_err(UpstreamError::Tls)?;
                    driver.machine_mut().tls_established().map_err(UpstreamError::Dialogue)?;
                }
                Some(Event::LoggedIn(capabilities)) => return Ok(Self { driver, capabilities }),
                Some(Event::Refused(refusal)) => return Err(UpstreamError::Refused(refusal)),
                // A command ends only behind the log-in.
                Some(Event::Done(_)) | None => {
                    return Err(UpstreamError::Dialogue(ClientError::Closed));
                }
            }
        }
    }

    /// What the server can do.
    #[must_use]
    pub fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    /// Opens a mailbox, its name in modified UTF-7.
    ///
    /// # Errors
    /// [`AsideError`]; so all commands below.
    pub async fn open(&mut self, mailbox: &[u8], access: Access) -> Result<Selected, AsideError> {
        self.driver.machine_mut().open(mailbox, access);
        match self.done().await? {
            Done::Opened(selected) => Ok(selected),
            other => Err(stray(&other)),
        }
    }

    /// Fetches a message whole and leaves its flags alone.
    ///
    /// # Errors
    /// [`AsideError`].
    pub async fn fetch(&mut self, uid: u32) -> Result<Fetched, AsideError> {
        self.driver.machine_mut().fetch(uid);
        match self.done().await? {
            Done::Message(bytes) => Ok(Fetched::Message(bytes)),
            Done::Gone => Ok(Fetched::Gone),
            Done::TooLarge { .. } => Ok(Fetched::TooLarge),
            other => Err(stray(&other)),
        }
    }

    /// Sets a keyword or flag; the mailbox must be open for writing and take it.
    ///
    /// # Errors
    /// [`AsideError`].
    pub async fn mark(&mut self, uid: u32, keyword: &str) -> Result<(), AsideError> {
        self.driver.machine_mut().mark(uid, keyword);
        self.expect(&Done::Marked).await
    }

    /// Takes a keyword or flag away.
    ///
    /// # Errors
    /// [`AsideError`].
    pub async fn unmark(&mut self, uid: u32, keyword: &str) -> Result<(), AsideError> {
        self.driver.machine_mut().unmark(uid, keyword);
        self.expect(&Done::Marked).await
    }

    /// UIDs of the messages in the open mailbox that may be those sought.
    ///
    /// # Errors
    /// [`AsideError`].
    pub async fn search(&mut self, sought: &Sought) -> Result<Vec<u32>, AsideError> {
        self.driver.machine_mut().search(sought);
        match self.done().await? {
            Done::Found(uids) => Ok(uids),
            other => Err(stray(&other)),
        }
    }

    /// The mailboxes; [`Special::Only`] for a server that offers SPECIAL-USE.
    ///
    /// # Errors
    /// [`AsideError`].
    pub async fn list(&mut self, special: Special) -> Result<Vec<Listed>, AsideError> {
        self.driver.machine_mut().list(special);
        match self.done().await? {
            Done::Listed(mailboxes) => Ok(mailboxes),
            other => Err(stray(&other)),
        }
    }

    /// Puts a message into a mailbox. Where this fails on the connection, the message may be there
    /// all the same.
    ///
    /// # Errors
    /// [`AsideError`].
    pub async fn append(
        &mut self,
        mailbox: &[u8],
        flags: &[&str],
        when: Option<Moment>,
        message: &[u8],
    ) -> Result<(), AsideError> {
        self.driver.machine_mut().append(mailbox, flags, when, message);
        match self.done().await? {
            Done::Appended { .. } => Ok(()),
            other => Err(stray(&other)),
        }
    }

    /// Takes the one message of this UID out for good, if it is marked \Deleted; for a server that
    /// offers UIDPLUS.
    ///
    /// # Errors
    /// [`AsideError`].
    pub async fn expunge(&mut self, uid: u32) -> Result<(), AsideError> {
        self.driver.machine_mut().expunge(uid);
        self.expect(&Done::Expunged).await
    }

    /// Ends the session; what the server says to that is not waited for long.
    pub async fn log_out(mut self) {
        self.driver.machine_mut().log_out();
        // Nothing depends on it.
        let _ = timeout(FAREWELL, self.driver.next()).await;
    }

    async fn expect(&mut self, expected: &Done) -> Result<(), AsideError> {
        match self.done().await? {
            done if done == *expected => Ok(()),
            other => Err(stray(&other)),
        }
    }

    /// The end of the command that was given.
    async fn done(&mut self) -> Result<Done, AsideError> {
        let event = timeout(COMMAND, self.driver.next()).await;
        match event.map_err(|_| UpstreamError::Silent(COMMAND.as_secs()))? {
            Ok(Some(Event::Done(done))) => Ok(done),
            Ok(_) => Err(UpstreamError::Dialogue(ClientError::Closed).into()),
            Err(error) => Err(UpstreamError::from(error).into()),
        }
    }
}

/// NO and BAD; any other end is not that of the command which was given.
fn stray(done: &Done) -> AsideError {
    match done {
        Done::Refused(refusal) => AsideError::Refused(refusal.clone()),
        _ => UpstreamError::Dialogue(ClientError::OutOfOrder).into(),
    }
}

impl core::fmt::Debug for Aside {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Aside").finish_non_exhaustive()
    }
}

impl core::fmt::Debug for Fetched {
    /// Not the message.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::Message(_) => "Message",
            Self::Gone => "Gone",
            Self::TooLarge => "TooLarge",
        })
    }
}

/// One command: a search in a large mailbox, or a message of 50 MB over a slow line.
const COMMAND: Duration = Duration::from_secs(300);
/// The farewell.
const FAREWELL: Duration = Duration::from_secs(2);
