use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use cades::{Chain, Padding};
use cryptoki::error::{Error, RvError};
use cryptoki::session::{Session, UserType};
use serde::{Deserialize, Serialize};

use crate::error::CardError;
use crate::key::{Key, find, logged_in};
use crate::module::{Module, failed, tries};
use crate::pin::{Asked, Pin, PinSource};
use crate::place::Place;
use crate::token::{PinState, Token, check_meant, own_certificate};

/// For how long a card stays unlocked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Held {
    /// Until the card is taken out, and no longer than this.
    For(Duration),
    /// For one signature: the key wants the PIN each time (CKA_ALWAYS_AUTHENTICATE).
    Once,
}

/// A card that was unlocked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unlocked {
    /// What it is called.
    pub label: String,
    /// For how long.
    pub held: Held,
}

/// The cards that the settings let this process use: the modules that they name, and the sessions that are
/// unlocked. Calls block, some of them until a person has pressed keys at the reader.
pub struct Cards {
    named: Vec<PathBuf>,
    lasts: Duration,
    padding: Padding,
    open: Mutex<Vec<OpenCard>>,
}

/// A card that was unlocked. Its place lies outside the lock: a reader at which a person still presses
/// keys holds up no other card.
struct OpenCard {
    place: Place,
    session: Arc<Mutex<Open>>,
}

/// A card as it stands before it is unlocked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Locked {
    /// What it is called.
    pub label: String,
    /// How its PIN stands.
    pub pin: PinState,
}

/// A session in which the PIN was given.
pub(crate) struct Open {
    pub(crate) place: Place,
    pub(crate) module: &'static Module,
    pub(crate) session: Session,
    pub(crate) until: Instant,
    /// For a key that wants it at its signature.
    pub(crate) pin: ForUse,
}

/// What a key wants at the signature itself.
pub(crate) enum ForUse {
    /// Nothing more than the session.
    Nothing,
    /// The PIN again, and here it is.
    Given(Pin),
    /// The PIN again, at the reader's keys.
    AtReader,
    /// The PIN again, which was used up.
    Used,
}

impl Cards {
    /// `named` are the modules of the settings, loaded when first needed; `lasts` is how long an
    /// unlocked card stays so, and `padding` how RSA keys sign.
    #[must_use]
    pub fn new(named: &[PathBuf], lasts: Duration, padding: Padding) -> Self {
        Self { named: named.to_vec(), lasts, padding, open: Mutex::default() }
    }

    /// What is in the readers, module by module. One that fails does not hide the others.
    #[must_use]
    pub fn list(&self) -> Vec<(PathBuf, Result<Vec<Token>, CardError>)> {
        let each = |file: &PathBuf| {
            let tokens = self.module(file).and_then(Token::all);
            (file.clone(), tokens)
        };
        self.named.iter().map(each).collect()
    }

    /// How a card stands in its reader, so that a person can be asked rightly.
    ///
    /// # Errors
    /// [`CardError::NoCard`] where it is out; what the module says.
    pub fn stands(&self, place: &Place) -> Result<Locked, CardError> {
        let (_, info) = self.module(&place.module)?.token(place)?;
        Ok(Locked { label: info.label().to_owned(), pin: PinState::of(&info) })
    }

    /// Gives a card its PIN, so that its key can sign for a while.
    ///
    /// The PIN is tried once. An older session with the same card ends first, so that "unlocked"
    /// means that this PIN was right.
    ///
    /// # Errors
    /// [`CardError`]; each trouble with a PIN is one of its own. [`CardError::NoCard`] also where
    /// another card is in the reader that is numbered like this one, [`CardError::OtherCertificate`]
    /// where its key of that id is another's: it does not get the PIN.
    pub fn unlock(&self, place: &Place, source: &dyn PinSource) -> Result<Unlocked, CardError> {
        let module = self.module(&place.module)?;
        let (slot, info) = module.token(place)?;
        let state = PinState::of(&info);
        match state {
            PinState::Locked => return Err(CardError::PinLocked),
            PinState::ToSet => return Err(CardError::PinToSet),
            PinState::Ready(_) | PinState::AtReader => {}
        }
        let pin = match state {
            PinState::AtReader => None,
            _ => {
                let asked = Asked { label: info.label().to_owned(), tries: tries(&info) };
                let needed = || CardError::PinNeeded { label: asked.label.clone() };
                Some(source.pin(&asked).ok_or_else(needed)?)
            }
        };
        self.forget(place);
        let session = module.library.open_ro_session(slot).map_err(failed)?;
        check_meant(&session, &info, place)?;
        log_in(&session, pin.as_ref()).map_err(|error| {
            let now = module.library.get_token_info(slot);
            refused(error, now.as_ref().unwrap_or(&info))
        })?;
        // Some cards show nothing before.
        own_certificate(&session, place)?;
        let key = find(&session, place)?;
        let (pin, held) = match (key.always, pin) {
            (true, Some(pin)) => (ForUse::Given(pin), Held::Once),
            (true, None) => (ForUse::AtReader, Held::For(self.lasts)),
            (false, _) => (ForUse::Nothing, Held::For(self.lasts)),
        };
        let until = Instant::now() + self.lasts;
        let open = Open { place: place.clone(), module, session, until, pin };
        let place = place.clone();
        lock(&self.open).push(OpenCard { place, session: Arc::new(Mutex::new(open)) });
        Ok(Unlocked { label: info.label().to_owned(), held })
    }

    /// The key of a certificate, on a card that is unlocked. `chain` is what was registered, its own
    /// certificate first.
    ///
    /// # Errors
    /// [`CardError::NoCard`] where the card is out, [`CardError::PinNeeded`] where it was not unlocked
    /// or its time is over, [`CardError::NoMechanism`] for kinds of key that are not used here.
    pub fn key(&self, place: &Place, chain: &[Vec<u8>]) -> Result<Key, CardError> {
        let module = self.module(&place.module)?;
        let own = chain.first().map(Vec::as_slice).unwrap_or_default();
        let algorithm = cades::algorithm_of(own, self.padding)
            .map_err(|_| CardError::NoMechanism { words: "no RSA of 2048 bits, P-256 or P-384" })?;
        // Also notices that the card was taken out, or another put in its place.
        if let Err(error) = module.token(place) {
            self.forget(place);
            return Err(error);
        }
        let needed = || CardError::PinNeeded { label: place.label.clone() };
        let open = self.open(place).ok_or_else(needed)?;
        let alive = {
            let open = lock(&open);
            !matches!(open.pin, ForUse::Used)
                && Instant::now() < open.until
                && logged_in(&open.session).unwrap_or(false)
        };
        if !alive {
            self.forget(place);
            return Err(needed());
        }
        let chain = Chain::read(chain.to_vec())
            .map_err(|error| CardError::Failed { words: error.to_string() })?;
        Ok(Key::new(open, algorithm, chain))
    }

    /// Ends every session: each card wants its PIN again.
    pub fn lock(&self) {
        lock(&self.open).clear();
    }

    /// Ends the sessions whose time is over or whose card is out; for a caller's clock.
    pub fn sweep(&self) {
        lock(&self.open).retain(|one| {
            // One that signs now is alive.
            one.session.try_lock().map_or(true, |open| {
                Instant::now() < open.until && open.session.get_session_info().is_ok()
            })
        });
    }

    fn open(&self, place: &Place) -> Option<Arc<Mutex<Open>>> {
        let all = lock(&self.open);
        all.iter().find(|one| one.place == *place).map(|one| Arc::clone(&one.session))
    }

    fn forget(&self, place: &Place) {
        lock(&self.open).retain(|one| !one.place.same_token(place));
    }

    /// The module of that file, if the settings name it.
    fn module(&self, file: &Path) -> Result<&'static Module, CardError> {
        if !self.named.iter().any(|named| named == file) {
            return Err(CardError::ModuleNotNamed { module: file.to_owned() });
        }
        Module::of(file)
    }
}

impl core::fmt::Debug for Cards {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Cards").field("named", &self.named).finish_non_exhaustive()
    }
}

fn log_in(session: &Session, pin: Option<&Pin>) -> Result<(), Error> {
    let log_in = || session.login(UserType::User, pin.map(Pin::secret));
    match log_in() {
        // By another part of this process. Only a log-in of our own tells that the PIN is right.
        Err(Error::Pkcs11(RvError::UserAlreadyLoggedIn, _)) => {
            session.logout()?;
            log_in()
        }
        other => other,
    }
}

/// What a refused PIN means, by the code and by what the token tells of itself afterwards.
pub(crate) fn refused(error: Error, info: &cryptoki::slot::TokenInfo) -> CardError {
    match error {
        Error::Pkcs11(RvError::PinIncorrect | RvError::PinLocked, _) if info.user_pin_locked() => {
            CardError::PinLocked
        }
        Error::Pkcs11(RvError::PinIncorrect, _) => CardError::WrongPin { tries: tries(info) },
        Error::Pkcs11(RvError::PinLenRange | RvError::PinInvalid, _) => {
            CardError::PinForm { least: info.min_pin_length(), most: info.max_pin_length() }
        }
        other => failed(other),
    }
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pin::GivenPin;

    fn place(module: &str) -> Place {
        let module = PathBuf::from(module);
        let (serial, label, model) = ("1".to_owned(), "pas".to_owned(), String::new());
        Place { module, serial, label, model, key: vec![0, 0xab], certificate: String::new() }
    }

    #[test]
    fn a_module_that_the_settings_do_not_name_is_not_loaded() {
        let cards = Cards::new(&[], Duration::from_secs(60), Padding::default());
        let place = place("/usr/lib/softhsm/libsofthsm2.so");
        let not_named = CardError::ModuleNotNamed { module: place.module.clone() };
        assert_eq!(cards.unlock(&place, &GivenPin(None)), Err(not_named.clone()));
        assert_eq!(cards.key(&place, &[]).err(), Some(not_named));
        assert!(cards.list().is_empty());
    }

    #[test]
    fn a_module_that_cannot_be_loaded_does_not_hide_the_others() {
        let named = [PathBuf::from("/none/a.so"), PathBuf::from("/none/b.so")];
        let cards = Cards::new(&named, Duration::from_secs(60), Padding::default());
        let list = cards.list();
        assert_eq!(list.len(), 2);
        assert!(list.iter().all(|(_, tokens)| matches!(tokens, Err(CardError::NoModule { .. }))));
    }
}
