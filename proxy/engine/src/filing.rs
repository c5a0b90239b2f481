//! The patient record (R-DET-3): what the room `offers` needs of the engine, what a person asks of it, and the
//! record systems of an account.

use std::collections::HashMap;
use std::sync::Arc;

use ::dossier::answer::Trouble;
pub use ::dossier::capability::Found;
pub use ::dossier::{Bsn, Filing, Kind, Patient, PatientError, Proposal, day};
use ::filing::Secret;
pub use ::filing::{Asked, SecretError};
use jiff::Timestamp;
use mail::Address;
use net::tls::Roots;
use offers::House;
pub use offers::{OfferError, ToDossier, secret_name, source, token_name};
use secrecy::ExposeSecret;
use settings::{Account, Destination, Settings};
use tokio::sync::RwLockReadGuard;
pub use vault::filing::{Offer, Source, Stopped};
use vault::outbox::HeldId;
use vault::{Vault, VaultError};
use worker::Workers;
use zeroize::Zeroizing;

use crate::choose::ChooseError;
use crate::engine::{Engine, Notice};
use crate::error::EngineError;
use crate::look;

/// Offers what is due, until dropped.
pub(crate) async fn run(engine: Arc<Engine>) {
    let notices = engine.listen();
    offers::run(Arc::new(Offers(engine)), notices).await;
}

/// What the room `offers` needs of the engine.
struct Offers(Arc<Engine>);

impl House for Offers {
    type Work<'a> = RwLockReadGuard<'a, ()>;

    async fn with_vault<T: Send + 'static>(
        &self,
        call: impl FnOnce(&Vault) -> Result<T, VaultError> + Send + 'static,
    ) -> Result<T, VaultError> {
        self.0.with_vault(call).await
    }

    fn settings(&self) -> Arc<Settings> {
        self.0.settings()
    }

    fn roots(&self) -> Arc<Roots> {
        self.0.roots()
    }

    fn workers(&self) -> Arc<Workers> {
        self.0.workers()
    }

    fn now(&self) -> Timestamp {
        self.0.now()
    }

    fn tell(&self, id: HeldId) {
        self.0.tell(Notice::Progress(id));
    }

    async fn working(&self) -> RwLockReadGuard<'_, ()> {
        self.0.working().await
    }
}

/// Under whom a message may be filed, for a person to correct and confirm.
#[derive(Debug, Clone)]
pub struct ToFile {
    /// Its account, with the record systems.
    pub account: Account,
    /// Under what it was offered last; `None` where it was not, or where it is filed.
    pub asked: Option<Asked>,
    /// Whom it seems to be about.
    pub patient: Proposal,
    /// Who wrote it.
    pub author: String,
    /// When it came in here.
    pub at: Timestamp,
}

/// A secret for a record system, as a person gives it.
pub enum NewSecret {
    /// The one that is kept, or none.
    Kept,
    /// A bearer token.
    Token(Zeroizing<String>),
    /// A file with a certificate and its key, and its password.
    Certificate(Vec<u8>, Zeroizing<String>),
}

impl Engine {
    /// Offers a message to the record system: one that is held, was sent, or was withdrawn, or a kept copy
    /// of what came in.
    ///
    /// # Errors
    /// [`ChooseError`]; nothing was offered then.
    pub async fn file(self: &Arc<Self>, id: &str, asked: Option<Asked>) -> Result<(), ChooseError> {
        let (source, account) = self.source(id).await?;
        let what = ToDossier::asked(true, asked).text(&account)?.unwrap_or_default();
        let (address, now) = (account.address, self.now());
        self.with_vault(move |vault| vault.ask_filing(source, &address, &what, now)).await?;
        self.tell(Notice::Progress(source.id()));
        Ok(())
    }

    /// Offers it no more.
    ///
    /// # Errors
    /// [`VaultError`]; [`VaultError::NotNow`] where it is not offered.
    pub async fn stop_filing(self: &Arc<Self>, id: &str) -> Result<Stopped, VaultError> {
        let (id, now) = (id.to_owned(), self.now());
        let stop = move |vault: &Vault| {
            let (source, _) = offers::source(vault, &id)?;
            Ok((source, vault.stop_filing(source, now)?))
        };
        let (source, stopped) = self.with_vault(stop).await?;
        self.tell(Notice::Progress(source.id()));
        Ok(stopped)
    }

    /// Under whom a message may be filed. What was confirmed before can be corrected though the message
    /// cannot be looked at.
    ///
    /// # Errors
    /// [`ChooseError`].
    pub async fn to_file(self: &Arc<Self>, id: &str) -> Result<ToFile, ChooseError> {
        let (source, account) = self.source(id).await?;
        let asked = self.with_vault(move |vault| vault.filing_wish(source)).await?;
        let asked = asked.as_deref().and_then(offers::asked);
        let seen = match source {
            Source::Held(id) => {
                let look = self.look(&id.to_string()).await;
                look.map(|look| (look.patient, look.author, look.held_at))
            }
            Source::Copy(copy) => look::of_copy(self, copy).await,
        };
        let (patient, author, at) = match (seen, &asked) {
            (Ok(seen), _) => seen,
            (Err(_), Some(asked)) => {
                (Proposal::default(), asked.filing.author.clone(), asked.filing.date)
            }
            (Err(error), None) => return Err(error.into()),
        };
        Ok(ToFile { account, asked, patient, author, at })
    }

    /// How far the offers of these ids are, of those that were offered.
    ///
    /// # Errors
    /// [`VaultError`].
    pub async fn filings(
        self: &Arc<Self>,
        ids: Vec<String>,
    ) -> Result<HashMap<String, Offer>, VaultError> {
        self.with_vault(move |vault| {
            let of = |id: &String| vault.offer(offers::source(vault, id)?.0.id());
            let known = ids.into_iter().filter_map(|id| match of(&id) {
                Ok(offer) => offer.map(|offer| Ok((id, offer))),
                // Destroyed a moment ago.
                Err(VaultError::UnknownMessage { .. }) => None,
                Err(error) => Some(Err(error)),
            });
            known.collect()
        })
        .await
    }

    /// The account of a message or a copy.
    ///
    /// # Errors
    /// [`ChooseError`] where there is none.
    pub async fn account_of(self: &Arc<Self>, id: &str) -> Result<Account, ChooseError> {
        self.source(id).await.map(|(_, account)| account)
    }

    async fn source(self: &Arc<Self>, id: &str) -> Result<(Source, Account), ChooseError> {
        let id = id.to_owned();
        let (source, address) = self.with_vault(move |vault| offers::source(vault, &id)).await?;
        let account = self.settings().account(&address);
        Ok((source, account.ok_or(ChooseError::NoAccount(address))?))
    }

    /// Tries a record system without a word of any patient.
    ///
    /// # Errors
    /// [`ChooseError`] where there is none of this name, or its secret cannot be read.
    pub async fn try_destination(
        self: &Arc<Self>,
        account: &Address,
        name: &str,
    ) -> Result<Found, ChooseError> {
        let known = self.settings().account(account);
        let account = known.ok_or_else(|| ChooseError::NoAccount(account.clone()))?;
        let one = offers::destination(&account, Some(name))?.clone();
        let secret = offers::secret(&Offers(Arc::clone(self)), &account.address, &one).await?;
        match secret {
            Ok(secret) => Ok(::filing::trial::run(&self.roots(), &one, &secret).await),
            Err(error) => Ok(Found::Not(Trouble::new(error.nl(), error.to_string()))),
        }
    }

    /// Keeps a record system of an account, in the place of that named `before`, and its secret.
    ///
    /// # Errors
    /// [`KeepError`]; the settings are unchanged then.
    pub async fn keep_destination(
        self: &Arc<Self>,
        account: &Address,
        before: Option<&str>,
        new: Destination,
        secret: NewSecret,
    ) -> Result<(), KeepError> {
        let (now, address) = (self.now(), account.clone());
        let secret = tokio::task::spawn_blocking(move || match secret {
            NewSecret::Kept => Ok(None),
            NewSecret::Token(token) => Secret::token(&token).map(|kept| match kept {
                Secret::Token(token) => Some(token.expose_secret().as_bytes().to_vec()),
                Secret::Nothing | Secret::Certificate(_) => None,
            }),
            NewSecret::Certificate(file, password) => {
                let password = (!password.is_empty()).then_some(password.as_str());
                let pem = ::filing::certificate(&file, password, &address, now)?;
                Ok(Some(pem.as_bytes().to_vec()))
            }
        });
        let secret = secret.await.map_err(|_| VaultError::Interrupted)??.map(Zeroizing::new);
        let known = self.settings().account(account);
        let mut changed = known.ok_or_else(|| ChooseError::NoAccount(account.clone()))?;
        let place = changed.dossiers.iter().position(|one| Some(one.name.as_str()) == before);
        let name = secret_name(account, &new);
        let old = place.map(|place| changed.dossiers[place].clone());
        let stays = old.as_ref().is_some_and(|old| ::filing::carries_over(old, &new));
        let old = old.map(|old| secret_name(account, &old));
        match place {
            Some(place) => changed.dossiers[place] = new,
            None => changed.dossiers.push(new),
        }
        let named = |one: &&Destination| secret_name(account, one) == name;
        // Of two with one name the settings take none, and the secret of the first is left alone.
        if changed.dossiers.iter().filter(named).count() > 1 {
            return self.change_account(changed).await;
        }
        let left = old.clone().filter(|old| *old != name);
        self.with_vault(move |vault| {
            let kept = match (secret, old.filter(|_| stays)) {
                (None, Some(old)) if old == name => return Ok(()),
                (None, Some(old)) => vault.read_sealed(&old)?,
                (secret, _) => secret,
            };
            match kept {
                Some(kept) => vault.write_sealed(&name, &kept),
                // Before the settings change: another server must not be shown it for a moment.
                None => vault.remove_sealed(&name),
            }
        })
        .await?;
        self.change_account(changed).await?;
        let forget = |old: String| self.with_vault(move |vault| vault.remove_sealed(&old));
        match left {
            Some(old) => Ok(forget(old).await?),
            None => Ok(()),
        }
    }

    /// Takes a record system out of an account's settings, and destroys its secret. What is on its way
    /// there is told as refused.
    ///
    /// # Errors
    /// [`KeepError`].
    pub async fn remove_destination(
        self: &Arc<Self>,
        account: &Address,
        name: &str,
    ) -> Result<(), KeepError> {
        let known = self.settings().account(account);
        let mut changed = known.ok_or_else(|| ChooseError::NoAccount(account.clone()))?;
        let gone = |one: &&Destination| one.name == name;
        let gone = changed.dossiers.iter().find(gone).map(|one| secret_name(account, one));
        changed.dossiers.retain(|one| one.name != name);
        self.change_account(changed).await?;
        match gone {
            Some(gone) => Ok(self.with_vault(move |vault| vault.remove_sealed(&gone)).await?),
            None => Ok(()),
        }
    }

    async fn change_account(self: &Arc<Self>, account: Account) -> Result<(), KeepError> {
        let engine = Arc::clone(self);
        let kept = tokio::task::spawn_blocking(move || engine.change_ways(&account)).await;
        Ok(kept.map_err(|_| VaultError::Interrupted)??)
    }
}

/// Why a record system could not be kept.
#[derive(Debug, thiserror::Error)]
pub enum KeepError {
    /// Its secret is none.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// There is no such account.
    #[error(transparent)]
    Account(#[from] ChooseError),
    /// The vault or the settings.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

impl From<VaultError> for KeepError {
    fn from(error: VaultError) -> Self {
        Self::Engine(error.into())
    }
}

impl KeepError {
    /// The same sentence in Dutch.
    #[must_use]
    pub fn nl(&self) -> String {
        match self {
            Self::Secret(error) => error.nl(),
            Self::Account(error) => error.nl(),
            Self::Engine(error) => error.nl(),
        }
    }
}

/// Whether a text is the base address of a FHIR server that can be asked.
#[must_use]
pub fn is_server(url: &str) -> bool {
    ::dossier::fhir::Server::parse(url).is_some()
}
