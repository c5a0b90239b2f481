use std::sync::mpsc::{self, Receiver, RecvTimeoutError, SyncSender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use keyring_core::api::CredentialStoreApi;
use keyring_core::{Entry, Error};
use secrecy::SecretSlice;
use zeroize::Zeroizing;

use super::{Keyring, KeyringError, platform};

/// The keyring of this platform and user: Secret Service, Credential Manager or Keychain.
///
/// One thread of its own speaks to the keyring, since a keyring may open a window and wait for a
/// person: a caller waits [`PATIENCE`] at most, hears "locked", and may ask again. The connection
/// is made at the first call and made anew after it failed, so a keyring that starts later than
/// this program is found.
pub struct SystemKeyring {
    worker: Mutex<Worker>,
}

impl SystemKeyring {
    /// A keyring that is reached at the first call.
    #[must_use]
    pub fn new() -> Self {
        Self { worker: Mutex::new(Worker::start()) }
    }

    fn ask(&self, ask: Ask) -> Result<Option<SecretSlice<u8>>, KeyringError> {
        let mut worker = self.worker.lock().unwrap_or_else(PoisonError::into_inner);
        worker.ask(ask)
    }
}

impl Default for SystemKeyring {
    fn default() -> Self {
        Self::new()
    }
}

impl Keyring for SystemKeyring {
    fn get(&self, name: &str) -> Result<SecretSlice<u8>, KeyringError> {
        self.ask(Ask::Get(name.to_owned()))?.ok_or(KeyringError::NoEntry)
    }

    fn set(&self, name: &str, secret: &[u8]) -> Result<(), KeyringError> {
        let secret = Zeroizing::new(secret.to_vec());
        self.ask(Ask::Set(name.to_owned(), secret)).map(drop)
    }

    fn delete(&self, name: &str) -> Result<(), KeyringError> {
        self.ask(Ask::Delete(name.to_owned())).map(drop)
    }
}

enum Ask {
    Get(String),
    Set(String, Zeroizing<Vec<u8>>),
    Delete(String),
}

type Answer = Result<Option<SecretSlice<u8>>, KeyringError>;

struct Worker {
    asks: SyncSender<Ask>,
    answers: Receiver<Answer>,
    /// Questions whose answer was not waited for.
    owed: usize,
}

impl Worker {
    fn start() -> Self {
        let (asks, inbox) = mpsc::sync_channel::<Ask>(1);
        let (outbox, answers) = mpsc::channel();
        // A thread that cannot start closes the channels, which is answered below.
        let _ = thread::Builder::new().name("keyring".to_owned()).spawn(move || {
            let mut connection = Connection::default();
            while let Ok(ask) = inbox.recv() {
                if outbox.send(connection.carry_out(&ask)).is_err() {
                    return;
                }
            }
        });
        Self { asks, answers, owed: 0 }
    }

    fn ask(&mut self, ask: Ask) -> Answer {
        // An earlier question that still waits for a person keeps the keyring to itself.
        while self.owed > 0 {
            match self.answers.try_recv() {
                Ok(_) => self.owed -= 1,
                Err(mpsc::TryRecvError::Empty) => return Err(KeyringError::Locked),
                Err(mpsc::TryRecvError::Disconnected) => self.restart(),
            }
        }
        if self.asks.send(ask).is_err() {
            self.restart();
            return Err(gone());
        }
        match self.answers.recv_timeout(PATIENCE) {
            Ok(answer) => answer,
            Err(RecvTimeoutError::Timeout) => {
                self.owed += 1;
                Err(KeyringError::Locked)
            }
            Err(RecvTimeoutError::Disconnected) => {
                self.restart();
                Err(gone())
            }
        }
    }

    fn restart(&mut self) {
        *self = Self::start();
    }
}

fn gone() -> KeyringError {
    KeyringError::Failed { words: "the keyring thread ended".to_owned() }
}

/// The platform's store, made when needed and thrown away when it failed.
#[derive(Default)]
struct Connection {
    store: Option<Arc<dyn CredentialStoreApi>>,
}

impl Connection {
    fn carry_out(&mut self, ask: &Ask) -> Answer {
        let (begun, mut fresh, mut slow) = (Instant::now(), self.store.is_none(), false);
        loop {
            let error = match self.attempt(ask) {
                // What was asked before came late, and did it.
                Err(Error::NoEntry) if slow && matches!(ask, Ask::Delete(_)) => return Ok(None),
                Err(error) if self.store.is_none() => error,
                other => return other.map_err(|error| platform::explain(&error)),
            };
            // All that is asked may be asked again.
            let late = platform::is_late(&error) && begun.elapsed() < SLOW;
            slow |= late;
            // The service may have restarted since the last call: its sessions are gone then.
            if fresh && !late {
                return Err(platform::explain(&error));
            }
            tracing::debug!(%error, "keyring connection made anew");
            fresh = true;
        }
    }

    fn attempt(&mut self, ask: &Ask) -> Result<Option<SecretSlice<u8>>, Error> {
        let store = match &self.store {
            Some(store) => Arc::clone(store),
            None => Arc::clone(self.store.insert(platform::store()?)),
        };
        let result = carry_out(store.as_ref(), ask);
        let usable =
            matches!(result, Ok(_) | Err(Error::NoEntry | Error::TooLong(..) | Error::Invalid(..)));
        if !usable {
            self.store = None;
        }
        result
    }
}

fn carry_out(store: &dyn CredentialStoreApi, ask: &Ask) -> Result<Option<SecretSlice<u8>>, Error> {
    match ask {
        Ask::Get(name) => {
            let secret = entry(store, name)?.get_secret()?;
            Ok(Some(secret.into()))
        }
        Ask::Set(name, secret) => entry(store, name)?.set_secret(secret).map(|()| None),
        Ask::Delete(name) => entry(store, name)?.delete_credential().map(|()| None),
    }
}

fn entry(store: &dyn CredentialStoreApi, name: &str) -> Result<Entry, Error> {
    store.build(SERVICE, name, platform::modifiers().as_ref())
}

/// What every platform's error means; the platform's module says more where it knows more.
pub(super) fn explain(error: &Error) -> KeyringError {
    match error {
        Error::NoEntry => KeyringError::NoEntry,
        Error::NoStorageAccess(_) => KeyringError::Locked,
        Error::NoDefaultStore => KeyringError::Absent,
        Error::BadEncoding(_)
        | Error::BadDataFormat(..)
        | Error::BadStoreFormat(_)
        | Error::Ambiguous(_) => KeyringError::Corrupt,
        Error::TooLong(_, limit) => KeyringError::TooLong { limit: *limit },
        Error::PlatformFailure(cause) => KeyringError::Failed { words: brief(&cause.to_string()) },
        _ => KeyringError::Failed { words: "it does not support this".to_owned() },
    }
}

/// The platform's words, short enough for a line.
fn brief(words: &str) -> String {
    words.chars().filter(|c| !c.is_control()).take(200).collect()
}

/// The name under which entries are filed.
const SERVICE: &str = "zorgzegel";

/// How long a caller waits. A mail program waits 60 seconds for a reply at the least; a person may
/// type a password in this time, and one who takes longer is asked again by the next attempt.
const PATIENCE: Duration = Duration::from_secs(25);

/// How long a service is asked again that gives no answer: it writes each secret to its disk, and the disk of a
/// busy machine lets it wait. Shorter than a caller waits.
const SLOW: Duration = Duration::from_secs(18);
