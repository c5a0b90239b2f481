//! What record systems are offered (R-DET-3), kept and tried until it is taken: the room `filing` offers it
//! once.
//!
//! What a person confirmed is kept in the vault first; the task [`run`] tries until it is taken or
//! refused. A server that did not answer may have taken it all the same: before each further attempt it
//! is asked.

use core::time::Duration;
use std::sync::Arc;

use ::dossier::answer::{Taken, Trouble};
pub use ::dossier::capability::Found;
pub use ::dossier::{Bsn, Filing, Kind, Patient, PatientError, Proposal, day};
pub use ::filing::{Asked, SecretError};
use ::filing::{Before, Made, Secret};
use jiff::{SignedDuration, Timestamp};
use mail::Address;
use net::https::HttpsError;
use secrecy::ExposeSecret;
use settings::{Account, Credential, Destination, Dossier};
use tokio::time::sleep;
use vault::filing::{DueFiling, FilingState};
use vault::journal::Entry;
use vault::outbox::HeldId;
use vault::{Vault, VaultError};
use zeroize::Zeroizing;

use crate::choose::ChooseError;
use crate::engine::{Engine, Notice};
use crate::error::EngineError;
use crate::sent;

/// Whether a message goes to the patient record too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ToDossier {
    /// No.
    No,
    /// To a folder, for a person to file.
    Unfiled,
    /// Under the patient whom a person confirmed.
    Under(Asked),
}

impl ToDossier {
    /// What a request asks: a filing is a wish for the dossier.
    #[must_use]
    pub fn asked(dossier: bool, filing: Option<Asked>) -> Self {
        match (dossier, filing) {
            (_, Some(filing)) => Self::Under(filing),
            (dossier, None) => dossier.into(),
        }
    }
}

impl From<bool> for ToDossier {
    fn from(dossier: bool) -> Self {
        if dossier { Self::Unfiled } else { Self::No }
    }
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
    /// Offers a message that is held, was sent, or was withdrawn, to the record system.
    ///
    /// # Errors
    /// [`ChooseError`]; nothing was offered then.
    pub async fn file(self: &Arc<Self>, id: &str, asked: Option<Asked>) -> Result<(), ChooseError> {
        let id: HeldId = id.parse()?;
        let held = self.with_vault(move |vault| vault.get(id)).await?;
        let account = self.settings().account(&held.account);
        let account = account.ok_or(ChooseError::NoAccount(held.account))?;
        self.offer(&account, id, ToDossier::asked(true, asked)).await?;
        self.tell(Notice::Progress(id));
        Ok(())
    }

    /// Under what a message was offered last; `None` where it was not, or where it is filed.
    ///
    /// # Errors
    /// [`VaultError`].
    pub async fn asked_filing(self: &Arc<Self>, id: &str) -> Result<Option<Asked>, VaultError> {
        let id: HeldId =
            id.parse().map_err(|_| VaultError::UnknownMessage { id: id.to_owned() })?;
        let what = self.with_vault(move |vault| vault.filing_wish(id)).await?;
        Ok(what.and_then(|what| serde_json::from_str(&what).ok()))
    }

    /// Under a confirmed patient it is kept, and offered as soon as the record system takes it. Under
    /// none a folder takes it now, or nothing is chosen.
    pub(crate) async fn offer(
        self: &Arc<Self>,
        account: &Account,
        id: HeldId,
        dossier: ToDossier,
    ) -> Result<(), ChooseError> {
        let now = self.now();
        match dossier {
            ToDossier::No => Ok(()),
            ToDossier::Under(asked) => {
                destination(account, asked.destination.as_deref())?;
                let what = serde_json::to_string(&asked)
                    .map_err(|error| ChooseError::Dossier(error.to_string()))?;
                let address = account.address.clone();
                let ask = move |vault: &Vault| vault.ask_filing(id, &address, &what, now);
                Ok(self.with_vault(ask).await?)
            }
            ToDossier::Unfiled => {
                let folder = account.dossiers.iter().find_map(|one| match &one.dossier {
                    Dossier::Folder(folder) => Some(folder.clone()),
                    Dossier::Fhir { .. } | Dossier::Medvri { .. } => None,
                });
                let folder = folder.ok_or_else(|| match account.dossiers.is_empty() {
                    true => ChooseError::NoDossier(account.address.clone()),
                    false => ChooseError::NoPatient(account.address.clone()),
                })?;
                let made = self.made(id).await?;
                let made = made.map_err(|error| ChooseError::Dossier(error.to_string()))?;
                let put = move || ::filing::leave(&folder, &id.to_string(), &made, now);
                let put = tokio::task::spawn_blocking(put).await;
                put.map_err(|error| ChooseError::Dossier(error.to_string()))?
                    .map_err(|error| ChooseError::Dossier(error.to_string()))?;
                let entry = Entry::CopyWritten { id: id.to_string(), format: "dossier".to_owned() };
                Ok(self.with_vault(move |vault| vault.append(&entry, now)).await?)
            }
        }
    }

    /// The copies of a message. Made aside, and without the vault: setting a long message on pages takes
    /// seconds.
    async fn made(
        self: &Arc<Self>,
        id: HeldId,
    ) -> Result<Result<Made, copies::CopyError>, VaultError> {
        let read = move |vault: &Vault| Ok((vault.read(id)?, vault.get(id)?));
        let (message, held) = self.with_vault(read).await?;
        let (settings, workers, now) = (self.settings(), self.workers(), self.now());
        let make = move || {
            let proofs: Vec<_> = held.recipients.iter().filter_map(sent::proof).collect();
            let said = (settings.anchors.as_slice(), settings.desktop.language);
            let about = ::filing::about(&message, said, &proofs, now);
            Made::of(&workers, message, &about)
        };
        tokio::task::spawn_blocking(make).await.map_err(|_| VaultError::Interrupted)
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
        let one = destination(&account, Some(name))?.clone();
        let secret = self.secret(&account.address, &one).await?;
        match secret {
            Ok(secret) => Ok(::filing::trial::run(&self.roots(), &one, &secret).await),
            Err(error) => Ok(Found::Not(Trouble { nl: error.nl(), en: error.to_string() })),
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

    /// What a record system is shown; the inner error where what is kept cannot be used.
    async fn secret(
        self: &Arc<Self>,
        account: &Address,
        one: &Destination,
    ) -> Result<Result<Secret, SecretError>, VaultError> {
        let Dossier::Fhir { credential, .. } = &one.dossier else {
            return Ok(Ok(Secret::Nothing));
        };
        let name = secret_name(account, one);
        let kept = self.with_vault(move |vault| vault.read_sealed(&name)).await?;
        Ok(match (kept, credential) {
            (None, _) => Ok(Secret::Nothing),
            (Some(kept), Credential::Token) => {
                Secret::token(core::str::from_utf8(&kept).unwrap_or_default())
            }
            (Some(kept), Credential::Certificate) => Secret::certificate(&kept),
        })
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

/// The destination of this name, or the first.
fn destination<'a>(
    account: &'a Account,
    name: Option<&str>,
) -> Result<&'a Destination, ChooseError> {
    let found = match name {
        Some(name) => account.dossiers.iter().find(|one| one.name == name),
        None => account.dossiers.first(),
    };
    found.ok_or_else(|| ChooseError::NoDossier(account.address.clone()))
}

/// Under what name the vault keeps the token of the record system without a name of its own.
#[must_use]
pub fn token_name(account: &Address) -> String {
    format!("dossier/{account}")
}

/// Under what name the vault keeps the secret of a record system.
#[must_use]
pub fn secret_name(account: &Address, one: &Destination) -> String {
    let kind = match one.dossier {
        Dossier::Fhir { credential: Credential::Certificate, .. } => "dossier-certificate",
        _ => "dossier",
    };
    match one.name.as_str() {
        Destination::UNNAMED if kind == "dossier" => token_name(account),
        name => format!("{kind}/{account}/{name}"),
    }
}

/// Offers what is due. Runs until dropped.
pub(crate) async fn run(engine: Arc<Engine>) {
    let mut notices = engine.listen();
    loop {
        let wait = match round(&engine).await {
            Ok(wait) => wait,
            Err(error) => {
                tracing::warn!(%error, "record systems are offered what is due later");
                LONGEST_PAUSE
            }
        };
        tokio::select! {
            () = sleep(wait) => {}
            // A choice may have asked for it.
            _ = notices.recv() => {}
        }
    }
}

async fn round(engine: &Arc<Engine>) -> Result<Duration, VaultError> {
    let now = engine.now();
    let (due, next) = engine.with_vault(move |vault| vault.due_filings(now)).await?;
    for one in due {
        let _working = engine.working().await;
        // One that cannot be read does not hold up the others.
        let state = match attempt(engine, &one).await {
            Ok(Some(state)) => state,
            // Corrected since the rows were read: the next round has it as it stands now.
            Ok(None) => {
                engine.tell(Notice::Progress(one.held));
                continue;
            }
            Err(error @ VaultError::Corrupt { .. }) => {
                FilingState::Refused { nl: error.nl(), en: error.en() }
            }
            Err(error) => later(engine, &one, (error.nl(), error.en())),
        };
        let (id, what, now) = (one.held, one.what.clone(), engine.now());
        engine.with_vault(move |vault| vault.record_filing(id, &what, &state, now)).await?;
        engine.tell(Notice::Progress(id));
    }
    let wait = next.and_then(|next| Duration::try_from(next.duration_since(now)).ok());
    Ok(wait.unwrap_or(LONGEST_PAUSE).clamp(SHORTEST_PAUSE, LONGEST_PAUSE))
}

/// `None` where what is due was corrected or taken since it was read: nothing was handed in.
async fn attempt(engine: &Arc<Engine>, due: &DueFiling) -> Result<Option<FilingState>, VaultError> {
    let account = engine.settings().account(&due.account);
    let asked: Option<Asked> = serde_json::from_str(&due.what).ok();
    let (Some(account), Some(asked)) = (account, asked) else {
        return Ok(Some(refused(NO_SYSTEM)));
    };
    let Ok(to) = destination(&account, asked.destination.as_deref()) else {
        return Ok(Some(refused(NO_SYSTEM)));
    };
    let secret = match engine.secret(&account.address, to).await? {
        Ok(secret) => secret,
        Err(error) => {
            return Ok(Some(FilingState::Refused { nl: error.nl(), en: error.to_string() }));
        }
    };
    let made = match engine.made(due.held).await {
        Ok(Ok(made)) => made,
        Ok(Err(error)) => return Ok(Some(later(engine, due, (error.dutch(), error.to_string())))),
        Err(error @ (VaultError::Discarded | VaultError::UnknownMessage { .. })) => {
            return Ok(Some(FilingState::Refused { nl: error.nl(), en: error.en() }));
        }
        Err(error) => return Err(error),
    };
    let before = match (due.attempts, due.changed) {
        (0, _) => Before::Never,
        (_, false) => Before::Alike,
        (_, true) => Before::Otherwise,
    };
    let (held, what) = (due.held, due.what.clone());
    if !engine.with_vault(move |vault| vault.begin_filing(held, &what)).await? {
        return Ok(None);
    }
    let (roots, name) = (engine.roots(), due.held.to_string());
    let came =
        ::filing::hand_in(&roots, (to, &secret), (&made, &name), &asked.filing, before).await;
    Ok(Some(match came {
        Ok(Taken::Filed { place }) => FilingState::Filed { place },
        Ok(Taken::Refused(why)) => FilingState::Refused { nl: why.nl, en: why.en },
        Ok(Taken::Later(why)) => later(engine, due, (why.nl, why.en)),
        Err(HttpsError::Token) => refused(BAD_TOKEN),
        Err(error) => {
            let nl = format!(
                "het dossiersysteem is niet bereikt ({error}); het wordt opnieuw geprobeerd"
            );
            let en = format!("the record system was not reached ({error}); it is tried again");
            later(engine, due, (nl, en))
        }
    }))
}

/// Tried again: the wait doubles up to that of mail. It is never given up by itself, for the record
/// lacks the message until a person says otherwise.
fn later(engine: &Engine, due: &DueFiling, trouble: (String, String)) -> FilingState {
    let delivery = engine.settings().delivery;
    let wait = delivery
        .first_retry
        .saturating_mul(2_u32.saturating_pow(due.attempts.min(20)))
        .min(delivery.longest_retry);
    let next =
        SignedDuration::try_from(wait).ok().and_then(|wait| engine.now().checked_add(wait).ok());
    FilingState::Due {
        next: next.unwrap_or(Timestamp::MAX),
        attempts: due.attempts,
        trouble: Some(trouble),
    }
}

fn refused((nl, en): (&str, &str)) -> FilingState {
    FilingState::Refused { nl: nl.to_owned(), en: en.to_owned() }
}

const NO_SYSTEM: (&str, &str) = (
    "het account heeft dit dossiersysteem niet meer; kies een ander, of stel het weer in",
    "its account has this record system no more; pick another, or set it up again",
);
const BAD_TOKEN: (&str, &str) = (
    "het token bevat tekens die niet verstuurd kunnen worden; geef het opnieuw",
    "the token has letters that cannot be sent; give it anew",
);
const SHORTEST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(300);
