//! What every part of the engine shares: settings, vault, detector, resolver, roots, notices.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use ::retrieval::gate::Gate;
use detect::Detector;
use jiff::Timestamp;
use mail::Address;
use net::dns::Resolver;
use net::listen::TlsAcceptor;
use net::tls::Roots;
use revocation::Book;
use screen::{Evidence, Why};
use settings::{self, Account, ListenTls, Settings};
use smtp::server::Credentials;
use tokio::sync::{Notify, OnceCell, RwLock as RwLockAsync, RwLockReadGuard, broadcast};
use vault::incoming::IncomingId;
use vault::keyring::{Keyring, SystemKeyring};
use vault::outbox::HeldId;
use vault::{EngineLock, Vault, VaultError};
use worker::Workers;

use crate::cards::{self, Cards};
use crate::doors::{Doors, Protocol};
use crate::error::EngineError;
use crate::relay::Pool;
use crate::teach::{Judge, Taught};
use crate::visits::Visits;
use crate::{deliver, mailboxes};

/// The engine. Its window, the command line and its own tasks share it as `Arc<Engine>`.
pub struct Engine {
    settings: RwLock<Arc<Settings>>,
    settings_file: Option<PathBuf>,
    keyring: Arc<dyn Keyring>,
    vault: Mutex<Option<Arc<Vault>>>,
    lock: Mutex<Option<EngineLock>>,
    taught: Arc<Taught>,
    judge: RwLock<Judge>,
    cards: RwLock<Arc<Cards>>,
    book: Book,
    workers: Arc<Workers>,
    resolver: Arc<Resolver>,
    roots: Arc<Roots>,
    acceptor: OnceCell<TlsAcceptor>,
    ready: RwLock<Vec<Ready>>,
    pool: Pool,
    due: Notify,
    notices: broadcast::Sender<Notice>,
    intake: intake::Queue,
    gate: Gate,
    doors: Doors,
    visits: Visits,
    work: RwLockAsync<()>,
}

/// Something happened to a message. Ids only: a listener asks for the rest.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Notice {
    /// It is held and waits for a choice.
    Held(HeldId),
    /// A person has chosen.
    Chosen(HeldId),
    /// The state of a recipient changed.
    Progress(HeldId),
    /// Kept copies are over their time; they stay until a person lets them go.
    Leaving(Arc<archive::Leaving>),
    /// A message that came in was judged, for the first time or again
    /// ([`crate::incoming`]).
    Incoming(IncomingId),
    /// The mail program of this account was here ([`crate::visits`]).
    Visited(Address),
}

/// A listener that is ready.
#[derive(Debug, Clone)]
pub struct Ready {
    /// What is spoken there.
    pub protocol: Protocol,
    /// The address, with the port that the system gave where 0 was asked for.
    pub address: SocketAddr,
    /// How it is protected, in the words of the settings.
    pub tls: ListenTls,
}

impl Engine {
    /// Puts the engine together. Nothing listens yet, and the keyring is not asked yet: it may
    /// still be locked when the computer starts.
    ///
    /// # Errors
    /// [`EngineError`] where a file that the settings name cannot be used.
    pub fn new(
        settings: Settings,
        settings_file: Option<PathBuf>,
        keyring: Arc<dyn Keyring>,
    ) -> Result<Arc<Self>, EngineError> {
        let taught = Arc::<Taught>::default();
        let judge = Judge::new(&settings, &taught)?;
        let roots = Arc::new(Roots::load(&files(&settings.tls.extra_roots)?)?);
        let resolver = Arc::new(resolver(&settings, &roots)?);
        let (notices, _) = broadcast::channel(NOTICES);
        let doors = Doors::new(settings.listen.limits.sessions);
        let cards = Arc::new(cards::of(&settings));
        Ok(Arc::new(Self {
            settings: RwLock::new(Arc::new(settings)),
            settings_file,
            keyring,
            vault: Mutex::new(None),
            lock: Mutex::new(None),
            taught,
            judge: RwLock::new(judge),
            cards: RwLock::new(cards),
            book: Book::new(),
            workers: Arc::new(Workers::of_this_program()),
            resolver,
            roots,
            acceptor: OnceCell::new(),
            ready: RwLock::new(Vec::new()),
            pool: Pool::default(),
            due: Notify::new(),
            notices,
            intake: intake::Queue::default(),
            gate: Gate::default(),
            doors,
            visits: Visits::default(),
            work: RwLockAsync::new(()),
        }))
    }

    /// The engine with the settings of this user, and the user's keyring. Where there is no
    /// settings file yet, everything is at its default and there is no account.
    ///
    /// # Errors
    /// [`EngineError`] where the settings are faulty, or a file that they name cannot be used.
    pub fn open(config: Option<&Path>) -> Result<Arc<Self>, EngineError> {
        let file = match config {
            Some(file) => file.to_owned(),
            None => Settings::default_path().ok_or(EngineError::NoHome)?,
        };
        let settings = match file.try_exists() {
            Ok(false) if config.is_none() => Settings::parse("", &file)?,
            _ => Settings::load(&file)?,
        };
        Self::new(settings, Some(file), Arc::new(SystemKeyring::new()))
    }

    /// Listens, serves and delivers until `stop` is done. `ready` is called once with every
    /// listener.
    ///
    /// # Errors
    /// [`EngineError`] where a listener cannot be had, or another engine uses the data folder.
    pub async fn run(
        self: &Arc<Self>,
        ready: impl FnOnce(&[Ready]),
        stop: impl Future<Output = ()>,
    ) -> Result<(), EngineError> {
        let settings = self.settings();
        let listeners = Doors::bind(&settings.listen).await?;
        let ready_now: Vec<Ready> = listeners.iter().map(|(_, ready)| ready.clone()).collect();
        let lock = EngineLock::take(&settings.data_dir)?;
        *self.lock.lock().unwrap_or_else(PoisonError::into_inner) = Some(lock);
        if let Err(error) = self.vault().await {
            tracing::error!(%error, "the vault cannot be opened yet; mail is refused until it can");
        }
        let control = control::Server::bind(&settings.data_dir)?;
        let mut tasks = tokio::task::JoinSet::new();
        let mut more = self.doors.open();
        for (listener, ready) in listeners {
            tasks.spawn(Doors::accept(Arc::clone(self), listener, ready));
        }
        let late = Arc::clone(self);
        tasks.spawn(async move {
            let mut doors = tokio::task::JoinSet::new();
            while let Some((listener, ready)) = more.recv().await {
                doors.spawn(Doors::accept(Arc::clone(&late), listener, ready));
            }
        });
        tasks.spawn(deliver::run(Arc::clone(self)));
        tasks.spawn(mailboxes::run(Arc::clone(self)));
        tasks.spawn(crate::kept::run(Arc::clone(self)));
        tasks.spawn(crate::filing::run(Arc::clone(self)));
        tasks.spawn(crate::incoming::run(Arc::clone(self)));
        tasks.spawn(control.run(Arc::clone(self)));
        self.are_ready(ready_now.clone());
        ready(&ready_now);
        stop.await;
        self.doors.say_farewell().await;
        // What is being handed over is brought to its end, so that nothing is left in doubt.
        // Held to the end: nothing new begins.
        let _quiet = tokio::time::timeout(LAST_WORK, self.work.write()).await;
        tasks.shutdown().await;
        Ok(())
    }

    /// Where it listens: for SMTP first, then for IMAP; empty until it does.
    #[must_use]
    pub fn listeners(&self) -> Vec<Ready> {
        self.ready.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn are_ready(&self, all: Vec<Ready>) {
        *self.ready.write().unwrap_or_else(PoisonError::into_inner) = all;
    }

    /// What issuers said of our own identities.
    pub(crate) fn book(&self) -> &Book {
        &self.book
    }

    pub(crate) fn settings_file(&self) -> Option<&Path> {
        self.settings_file.as_deref()
    }

    /// The settings as they are now.
    #[must_use]
    pub fn settings(&self) -> Arc<Settings> {
        Arc::clone(&self.settings.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Reads the settings file, and what was dismissed, again: accounts and detection change at once; listeners, folders
    /// and DNS at the next start.
    ///
    /// # Errors
    /// [`EngineError`] where the file is not good; the old settings stay.
    pub fn reload(&self) -> Result<(), EngineError> {
        let Some(file) = &self.settings_file else {
            return Ok(());
        };
        let settings = Settings::load(file)?;
        let judge = Judge::new(&settings, &self.taught)?;
        *self.judge.write().unwrap_or_else(PoisonError::into_inner) = judge;
        let old = self.settings();
        if (&old.cards, old.sign) != (&settings.cards, settings.sign) {
            let cards = Arc::new(cards::of(&settings));
            *self.cards.write().unwrap_or_else(PoisonError::into_inner) = cards;
        }
        *self.settings.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(settings);
        self.pool.clear();
        if let Some(vault) = &*self.vault.lock().unwrap_or_else(PoisonError::into_inner) {
            vault.forget_cached_secrets();
            self.taught.refresh(vault)?;
        }
        Ok(())
    }

    /// The vault, opened at the first call that succeeds.
    ///
    /// # Errors
    /// [`VaultError`]: keyring absent, locked, denied or corrupt; folder not usable.
    pub async fn vault(self: &Arc<Self>) -> Result<Arc<Vault>, VaultError> {
        let engine = Arc::clone(self);
        tokio::task::spawn_blocking(move || engine.open_vault())
            .await
            .map_err(|_| VaultError::Interrupted)?
    }

    /// Runs a call of the vault where blocking is allowed.
    ///
    /// # Errors
    /// [`VaultError`] of opening the vault or of the call.
    pub async fn with_vault<T: Send + 'static>(
        self: &Arc<Self>,
        call: impl FnOnce(&Vault) -> Result<T, VaultError> + Send + 'static,
    ) -> Result<T, VaultError> {
        let engine = Arc::clone(self);
        tokio::task::spawn_blocking(move || call(&*engine.open_vault()?))
            .await
            .map_err(|_| VaultError::Interrupted)?
    }

    fn open_vault(&self) -> Result<Arc<Vault>, VaultError> {
        let mut slot = self.vault.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(vault) = &*slot {
            return Ok(Arc::clone(vault));
        }
        let vault = Arc::new(Vault::open(&self.settings().data_dir, Arc::clone(&self.keyring))?);
        if let Some(lock) = &*self.lock.lock().unwrap_or_else(PoisonError::into_inner) {
            vault.recover(lock, self.now())?;
        }
        self.taught.refresh(&vault)?;
        *slot = Some(Arc::clone(&vault));
        Ok(vault)
    }

    /// The account whose local password was proved; `None` where user name or password is wrong.
    pub(crate) async fn admit(
        self: &Arc<Self>,
        credentials: &Credentials,
    ) -> Result<Option<Account>, VaultError> {
        let address = Address::parse(&credentials.user).ok();
        let Some(account) = address.and_then(|address| self.settings().account(&address)) else {
            return Ok(None);
        };
        let address = account.address.clone();
        let password = self.with_vault(move |vault| vault.local_password(&address)).await?;
        if credentials.matches(&password) {
            return Ok(Some(account));
        }
        tracing::warn!("a wrong local password was given");
        Ok(None)
    }

    /// TLS for the listeners, with the local certificate: made at the first call.
    ///
    /// # Errors
    /// A keyring or data folder that cannot be read.
    pub async fn acceptor(self: &Arc<Self>) -> Result<TlsAcceptor, EngineError> {
        self.acceptor
            .get_or_try_init(|| async {
                let now = self.now();
                let certificate =
                    self.with_vault(move |vault| crate::local::certificate(vault, now)).await??;
                Ok(TlsAcceptor::new(&certificate)?)
            })
            .await
            .cloned()
    }

    /// Counts an answer to, or a forward of, NTA mail as health mail (R-CONT-1).
    pub(crate) async fn note_references(
        self: &Arc<Self>,
        evidence: &mut Evidence,
        references: Vec<String>,
    ) {
        if evidence.why.is_some() || references.is_empty() {
            return;
        }
        let known = self.with_vault(move |vault| vault.knows_nta_mail(&references)).await;
        match known {
            Ok(false) => {}
            Ok(true) => evidence.why = Some(Why::GoesOnFromNta),
            Err(error) => {
                tracing::error!(%error, "earlier NTA mail cannot be looked up");
                evidence.why = Some(Why::CannotJudge);
            }
        }
    }

    /// The detector as the settings and the dismissals want it.
    #[must_use]
    pub fn detector(&self) -> Arc<Detector> {
        self.judge().detector
    }

    pub(crate) fn judge(&self) -> Judge {
        self.judge.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn taught(&self) -> &Taught {
        &self.taught
    }

    /// The smart cards. Those that are unlocked stay so over a reload of other settings.
    #[must_use]
    pub fn cards(&self) -> Arc<Cards> {
        Arc::clone(&self.cards.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Who reads documents.
    #[must_use]
    pub fn workers(&self) -> Arc<Workers> {
        Arc::clone(&self.workers)
    }

    /// The validating resolver.
    #[must_use]
    pub fn resolver(&self) -> Arc<Resolver> {
        Arc::clone(&self.resolver)
    }

    /// The trusted roots for certificate paths.
    #[must_use]
    pub fn roots(&self) -> Arc<Roots> {
        Arc::clone(&self.roots)
    }

    /// The time now.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    /// Tells the delivery task that something is due.
    pub fn wake(&self) {
        self.due.notify_one();
    }

    /// Waits until something may be due.
    pub(crate) async fn woken(&self) {
        self.due.notified().await;
    }

    /// Tells every listener.
    pub fn tell(&self, notice: Notice) {
        // Nobody listening is no fault.
        let _ = self.notices.send(notice);
    }

    /// Hears what happens from now on.
    #[must_use]
    pub fn listen(&self) -> broadcast::Receiver<Notice> {
        self.notices.subscribe()
    }

    /// Held while a message is between two hands; a stop waits for it for a while.
    pub(crate) async fn working(&self) -> RwLockReadGuard<'_, ()> {
        self.work.read().await
    }

    pub(crate) fn intake(&self) -> &intake::Queue {
        &self.intake
    }

    /// How it stands with connections of our own to the providers' IMAP servers.
    #[must_use]
    pub fn gate(&self) -> &Gate {
        &self.gate
    }

    pub(crate) fn doors(&self) -> &Doors {
        &self.doors
    }

    pub(crate) fn visits(&self) -> &Visits {
        &self.visits
    }

    pub(crate) fn pool(&self) -> &Pool {
        &self.pool
    }

    pub(crate) fn random(&self) -> Result<[u8; 16], EngineError> {
        let mut seed = [0; 16];
        aws_lc_rs::rand::fill(&mut seed).map_err(|_| EngineError::NoRandomness)?;
        Ok(seed)
    }
}

impl core::fmt::Debug for Engine {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Engine").finish_non_exhaustive()
    }
}

fn resolver(settings: &Settings, roots: &Roots) -> Result<Resolver, EngineError> {
    Ok(Resolver::new(net::dns::Settings {
        resolver: match &settings.dns.resolver {
            settings::Resolver::System => net::dns::Upstream::System,
            settings::Resolver::Address(address) => net::dns::Upstream::Address(*address),
            settings::Resolver::Tls(address, name) => {
                let (address, name, roots) = (*address, name.clone(), roots.clone());
                net::dns::Upstream::Tls(net::dns::Dot { address, name, roots })
            }
        },
        trust_anchor: settings.dns.trust_anchor_text()?,
        timeout: settings.dns.timeout,
    })?)
}

fn files(paths: &[PathBuf]) -> Result<Vec<(String, Vec<u8>)>, EngineError> {
    paths.iter().map(|path| Ok((path.display().to_string(), read(path)?))).collect()
}

fn read(path: &Path) -> Result<Vec<u8>, EngineError> {
    std::fs::read(path)
        .map_err(|source| EngineError::File { path: path.display().to_string(), source })
}

/// How long a stop waits for hand-overs: systems give a program about this long to end.
const LAST_WORK: core::time::Duration = core::time::Duration::from_secs(20);
/// Notices that a slow listener may lag behind before it loses the oldest.
const NOTICES: usize = 256;
