//! One session from the greeting to its end.

use core::time::Duration;

use imap::relay::{Limits, Relay};
use imap::server::{Answer, Config, Credentials, Event, Server, ServerError, Tls};
use net::Stream;
use net::drive::{DriveError, Driver};
use net::listen::TlsAcceptor;
use net::tls::TlsError;
use tokio::sync::watch;
use tokio::time::{Instant, timeout, timeout_at};

use crate::pump::Pump;
use crate::upstream::Upstream;
use crate::words::Words;

/// Whoever knows the accounts.
pub trait House: Send + Sync {
    /// Checks the credentials, and logs in at the account's provider; else says what to answer.
    fn admit(
        &self,
        credentials: &Credentials,
    ) -> impl Future<Output = Result<Admitted, Answer>> + Send;
}

/// Who was let in.
pub struct Admitted {
    /// The connection to the provider.
    pub upstream: Upstream,
    /// Who hears what passes.
    pub ear: Ear,
}

impl Admitted {
    /// Of what passes nothing is heard.
    #[must_use]
    pub fn unheard(upstream: Upstream) -> Self {
        Self { upstream, ear: Box::new(drop) }
    }
}

/// Hears what passes in a session, when it has passed. It is called between two writings, and must not
/// wait: the mail program would.
pub type Ear = Box<dyn FnMut(imap::relay::Event) + Send>;

/// How a session begins.
#[derive(Debug)]
pub struct Door {
    /// Where TLS stands; inside [`Tls::Implicit`] the handshake is over.
    pub tls: Tls,
    /// For STARTTLS.
    pub acceptor: Option<TlsAcceptor>,
    /// Fresh random bytes.
    pub seed: [u8; 16],
    /// Seconds since 1970.
    pub now_unix: u64,
    /// The language of the person.
    pub words: Words,
    /// Turns true when the program ends.
    pub stop: watch::Receiver<bool>,
}

/// Serves one connection to its end.
pub async fn serve(stream: Stream, mut door: Door, house: &impl House) {
    let config = Config::new(HOSTNAME, door.tls);
    let driver = Driver::new(stream, Server::new(config, door.seed, door.now_unix));
    let mut login = Login { driver, until: Instant::now() + LOGIN };
    let Admitted { upstream, ear } = match login.run(&mut door, house).await {
        Ok(Some(admitted)) => admitted,
        Ok(None) => return,
        Err(error) => {
            tracing::info!(%error, "IMAP session ended before the login");
            return;
        }
    };
    match login.driver.into_parts() {
        Ok((stream, events)) => {
            let early = events.into_iter().filter_map(|event| match event {
                Ok(Event::Bytes(bytes)) => Some(bytes),
                _ => None,
            });
            let early: Vec<u8> = early.flatten().collect();
            let relay = Relay::new(Limits { message: PASSING, ..Limits::default() });
            let pump = Pump::new(stream, &early, upstream, (relay, ear));
            let end = pump.run(door.words, &mut door.stop).await;
            tracing::debug!(?end, "IMAP session ended");
        }
        Err(error) => tracing::info!(%error, "IMAP session ended at the login"),
    }
}

/// Waits until the program ends; for ever where nobody would say so.
pub(crate) async fn stopped(stop: &mut watch::Receiver<bool>) {
    if stop.wait_for(|stop| *stop).await.is_err() {
        core::future::pending::<()>().await;
    }
}

struct Login {
    driver: Driver<Server>,
    until: Instant,
}

impl Login {
    /// `None` where the session ended without a log-in.
    async fn run(
        &mut self,
        door: &mut Door,
        house: &impl House,
    ) -> Result<Option<Admitted>, DriveError<ServerError>> {
        loop {
            let event = tokio::select! {
                event = timeout_at(self.until, self.driver.next()) => event,
                () = stopped(&mut door.stop) => return self.hang_up(door.words.stopping).await,
            };
            let Ok(event) = event else {
                return self.hang_up(door.words.login).await;
            };
            match event? {
                Some(Event::StartTls) => self.start_tls(door.acceptor.as_ref()).await?,
                Some(Event::Authenticate(credentials)) => match house.admit(&credentials).await {
                    Ok(admitted) => {
                        let answer = Answer::LoggedIn(admitted.upstream.capabilities().clone());
                        self.driver.machine_mut().answer(answer);
                        return self.say().await.map(|()| Some(admitted));
                    }
                    Err(answer) => self.driver.machine_mut().answer(answer),
                },
                // Bytes come only behind a log-in.
                Some(Event::Bytes(_) | Event::Quit) | None => return Ok(None),
            }
        }
    }

    async fn start_tls(
        &mut self,
        acceptor: Option<&TlsAcceptor>,
    ) -> Result<(), DriveError<ServerError>> {
        let none = || DriveError::Tls(TlsError::Broken("no certificate".to_owned()));
        let handshake = self.driver.start_tls_server(acceptor.ok_or_else(none)?);
        handshake.await?;
        self.driver.machine_mut().tls_established();
        Ok(())
    }

    async fn hang_up(&mut self, words: &str) -> Result<Option<Admitted>, DriveError<ServerError>> {
        self.driver.machine_mut().hang_up(words);
        // It says that it has ended, which is what was wanted.
        let _ = timeout(FAREWELL, self.driver.flush()).await;
        Ok(None)
    }

    /// Writes the answer to the log-in; what the mail program said behind it is kept.
    async fn say(&mut self) -> Result<(), DriveError<ServerError>> {
        let slow = || DriveError::Io(std::io::ErrorKind::TimedOut.into());
        timeout(LOGIN, self.driver.flush()).await.map_err(|_| slow())?
    }
}

/// Bytes of a message that claims something, kept as it passes: a signed letter. A larger one is fetched
/// again by whoever wants it, so that fifty sessions do not hold fifty large messages.
const PASSING: usize = 1024 * 1024;
/// The name in challenges: this listens on loopback only.
const HOSTNAME: &str = "localhost";
/// From the connection to the login, all in all: any program on this machine can connect, and
/// would otherwise keep a place for as long as it likes. Behind it there is no limit: mail programs
/// rest for hours.
const LOGIN: Duration = Duration::from_secs(60);
/// For the last words to a mail program that does not read.
const FAREWELL: Duration = Duration::from_secs(2);
