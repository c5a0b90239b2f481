//! The MUA's side: one submission session (RFC 6409) over the `smtp` server machine.
//!
//! A 250 to the message means: the provider has taken it, or it lies fsynced in the outbox
//! (invariant 1). No reply waits for a person (invariant 3).

use core::time::Duration;
use std::sync::Arc;

use mail::{Address, Envelope, Message, Param, Recipient};
use net::Stream;
use net::drive::{DriveError, Driver};
use net::tls::TlsError;
use screen::{self, Evidence, exempt};
use settings::Account;
use smtp::Reply;
use smtp::server::{Config, Credentials, Event, Limits, Login, Server, ServerError, Tls};
use tokio::time::{Instant, timeout, timeout_at};
use vault::outbox::{Hold, NewHeld};
use zeroize::Zeroizing;

use crate::engine::{Engine, Notice};
use crate::relay::Upstream;
use crate::visits::Errand;
use crate::{sealed, words};

/// One MUA that is connected.
struct Submission {
    engine: Arc<Engine>,
    driver: Driver<Server>,
    account: Option<Arc<Account>>,
    transaction: Option<Transaction>,
    idle: Duration,
    /// Until when it must have logged in.
    login_by: Instant,
}

/// What the MUA has said of one message so far.
struct Transaction {
    envelope: Envelope,
    upstream: Upstream,
    bytes: Zeroizing<Vec<u8>>,
}

/// Serves one connection to its end.
pub(crate) async fn serve(engine: Arc<Engine>, stream: Stream, tls: Tls) {
    let config = Config {
        hostname: "localhost".to_owned(),
        tls,
        limits: limits(&engine),
        login: Login::Asked,
    };
    let server = match engine.random() {
        Ok(seed) => Server::new(config, seed, engine.now().as_second().unsigned_abs()),
        Err(error) => {
            tracing::error!(%error, "no randomness for a login challenge");
            return;
        }
    };
    let driver = Driver::new(stream, server);
    let idle = engine.settings().listen.limits.idle;
    let login_by = Instant::now() + LOGIN;
    let mut session =
        Submission { engine, driver, account: None, transaction: None, idle, login_by };
    if let Err(error) = session.run().await {
        tracing::info!(%error, "submission session ended");
    }
    session.forget(true);
}

impl Submission {
    async fn run(&mut self) -> Result<(), DriveError<ServerError>> {
        loop {
            let until = match self.account {
                Some(_) => Instant::now() + self.idle,
                None => self.login_by,
            };
            let event = match timeout_at(until, self.driver.next()).await {
                Ok(event) => event?,
                Err(_) => return self.close_idle().await,
            };
            let Some(event) = event else { return Ok(()) };
            match event {
                Event::StartTls => self.start_tls().await?,
                Event::Authenticate(credentials) => self.authenticate(&credentials).await,
                Event::Mail { reverse_path, params } => self.mail(reverse_path, params).await,
                Event::Rcpt(recipient) => self.rcpt(recipient).await,
                Event::DataStart => {
                    self.answer(Reply::new(354, "", "end with a dot on a line of its own"))
                }
                Event::Data(bytes) => {
                    if let Some(transaction) = &mut self.transaction {
                        transaction.bytes.extend_from_slice(&bytes);
                    }
                }
                Event::DataEnd => self.message_end().await?,
                Event::Reset => self.forget(true),
                Event::Quit => return Ok(()),
            }
        }
    }

    async fn start_tls(&mut self) -> Result<(), DriveError<ServerError>> {
        self.forget(true);
        self.account = None;
        match self.engine.acceptor().await {
            Ok(acceptor) => {
                self.driver.start_tls_server(&acceptor).await?;
                self.driver.machine_mut().tls_established();
                Ok(())
            }
            Err(error) => {
                tracing::error!(%error, "no certificate for STARTTLS");
                let failure = TlsError::Broken("no certificate".to_owned());
                Err(DriveError::Tls(failure))
            }
        }
    }

    async fn authenticate(&mut self, credentials: &Credentials) {
        match self.engine.admit(credentials).await {
            Ok(account) => {
                self.driver.machine_mut().authenticated(account.is_some());
                self.account = account.map(Arc::new).or(self.account.take());
            }
            Err(error) => self.answer(Reply::new(454, "4.7.0", &words::vault_trouble(&error))),
        }
    }

    async fn mail(&mut self, reverse_path: Option<Address>, params: Vec<Param>) {
        self.forget(true);
        let Some(account) = self.account.clone() else {
            return self.answer(Reply::new(530, "5.7.0", "log in first"));
        };
        let (upstream, reply) =
            Upstream::begin(&self.engine, &account, reverse_path.as_ref(), &params).await;
        if reply.is_positive() {
            let envelope = Envelope { reverse_path, params, recipients: Vec::new() };
            self.transaction =
                Some(Transaction { envelope, upstream, bytes: Zeroizing::new(Vec::new()) });
        } else {
            upstream.done(&self.engine, &account.address, false);
        }
        self.answer(reply);
    }

    async fn rcpt(&mut self, recipient: Recipient) {
        let Some(transaction) = &mut self.transaction else {
            return self.answer(Reply::new(503, "5.5.1", "MAIL first"));
        };
        let reply = transaction.upstream.rcpt(&recipient).await;
        if reply.is_positive() {
            transaction.envelope.recipients.push(recipient);
        }
        self.answer(reply);
    }

    /// A stop waits until the MUA was told what became of its message: what was taken and is not
    /// told comes again.
    async fn message_end(&mut self) -> Result<(), DriveError<ServerError>> {
        let engine = Arc::clone(&self.engine);
        let _working = engine.working().await;
        self.message().await;
        timeout(FAREWELL, self.driver.say()).await.unwrap_or(Ok(()))
    }

    /// The whole message is in: judge it, then hold it or pass it on.
    async fn message(&mut self) {
        let (Some(account), Some(mut transaction)) =
            (self.account.clone(), self.transaction.take())
        else {
            return self.answer(Reply::new(503, "5.5.1", "MAIL and RCPT first"));
        };
        let message = Message::new(core::mem::take(&mut *transaction.bytes));
        if !self.engine.visits().is_ours(&message) {
            self.engine.visited(&account.address, Errand::HandsIn);
        }
        let settings = self.engine.settings();
        let detect = &settings.detect;
        let (workers, unreadable) = (self.engine.workers(), detect.unreadable);
        let (mut evidence, references) =
            if exempt::is_exempt(&detect.exempt_domains, &transaction.envelope) {
                exempt::judge_aside(workers, unreadable, message.clone()).await
            } else {
                let detector = self.engine.detector();
                screen::judge_aside(detector, workers, unreadable, message.clone()).await
            };
        self.engine.note_references(&mut evidence, references).await;
        if evidence.why.is_some() {
            let reply = self.hold(&account, transaction.envelope, message, evidence).await;
            transaction.upstream.done(&self.engine, &account.address, true);
            return self.answer(reply);
        }
        let reply = transaction.upstream.send(&sealed::strike(&message)).await;
        let open = !(200..400).contains(&reply.code());
        transaction.upstream.done(&self.engine, &account.address, open);
        self.answer(reply);
    }

    async fn hold(
        &self,
        account: &Account,
        envelope: Envelope,
        message: Message,
        evidence: Evidence,
    ) -> Reply {
        let now = self.engine.now();
        let Ok(evidence) = serde_json::to_string(&evidence) else {
            return Reply::new(451, "4.3.0", "the evidence cannot be kept; nothing was sent");
        };
        let held = NewHeld { account: account.address.clone(), envelope, message, evidence };
        match self.engine.with_vault(move |vault| vault.hold(held, now)).await {
            Ok(Hold::New(id)) => {
                self.engine.tell(Notice::Held(id));
                Reply::new(250, "2.0.0", &format!("held as {id}: waiting for your choice"))
            }
            Ok(Hold::Again { id, waiting }) => {
                let state = if waiting { "waiting for your choice" } else { "on its way" };
                Reply::new(250, "2.0.0", &format!("held as {id}: {state}, as it came in before"))
            }
            Err(error) => {
                tracing::error!(%error, "a message could not be held");
                words::hold_refused(&error)
            }
        }
    }

    /// Forgets the transaction; the provider's session is kept where it is good.
    fn forget(&mut self, transaction_open: bool) {
        if let (Some(transaction), Some(account)) = (self.transaction.take(), &self.account) {
            transaction.upstream.done(&self.engine, &account.address, transaction_open);
        }
    }

    async fn close_idle(&mut self) -> Result<(), DriveError<ServerError>> {
        self.driver.machine_mut().hang_up(&Reply::new(421, "4.4.2", "nothing heard for too long"));
        match timeout(FAREWELL, self.driver.flush()).await {
            Ok(written) => written,
            Err(_) => Ok(()),
        }
    }

    fn answer(&mut self, reply: Reply) {
        self.driver.machine_mut().answer(reply);
    }
}

fn limits(engine: &Engine) -> Limits {
    let ours = engine.settings().listen.limits;
    Limits { size: ours.message_size, recipients: ours.recipients, ..Limits::default() }
}

/// From the connection to the login, all in all: any program on this machine can connect, and
/// would otherwise keep a place for as long as it likes.
const LOGIN: Duration = Duration::from_secs(60);
/// For the last words to a MUA that does not read.
const FAREWELL: Duration = Duration::from_secs(2);
