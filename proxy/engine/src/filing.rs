//! Offers a message to the record system (R-DET-3): to a folder at once, to a FHIR server as soon as it
//! takes it.
//!
//! What a server is offered is kept in the vault first; the task [`run`] tries until it is taken or
//! refused. A server that did not answer may have taken it all the same: before each further attempt it
//! is asked.

use core::time::Duration;
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use ::dossier::Filing;
use ::dossier::answer::{self, Taken};
use ::dossier::fhir::{self, Server};
use ::dossier::{Papers, folder};
use copies::{About, Content, Language, Source};
use jiff::{SignedDuration, Timestamp};
use mail::{Address, Message};
use net::https::{self, Delivery, Document, HttpsError};
use secrecy::SecretString;
use settings::{Account, Dossier};
use tokio::time::sleep;
use vault::filing::{DueFiling, FilingState};
use vault::journal::Entry;
use vault::outbox::HeldId;
use vault::{Vault, VaultError};
use worker::Workers;

use crate::choose::ChooseError;
use crate::engine::{Engine, Notice};

/// Whether a message goes to the patient record too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ToDossier {
    /// No.
    No,
    /// To a folder, for a person to file.
    Unfiled,
    /// Under the patient whom a person confirmed.
    Under(Filing),
}

impl ToDossier {
    /// What a request asks: a filing is a wish for the dossier.
    #[must_use]
    pub fn asked(dossier: bool, filing: Option<Filing>) -> Self {
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

/// Why the message could not be offered.
#[derive(Debug, thiserror::Error)]
pub enum OfferError {
    /// The folder did not take it.
    #[error(transparent)]
    Folder(#[from] folder::FolderError),
    /// A copy could not be made.
    #[error(transparent)]
    Copy(#[from] copies::CopyError),
}

/// A message with the copies that a record system takes.
struct Made {
    message: Message,
    content: Content,
    pdf: Vec<u8>,
    xml: Vec<u8>,
}

impl Made {
    /// Blocks for as long as the worker sets the PDF.
    fn of(workers: &Workers, message: Message, now: Timestamp) -> Result<Self, copies::CopyError> {
        let about = About::new("Zorgzegel", now, Language::Dutch);
        let source = Source { message: &message, about: &about };
        let (pdf, xml) = (workers.pdf(&source)?.bytes, copies::xml(&source)?);
        Ok(Self { content: Content::read(&message), message, pdf, xml })
    }

    fn papers(&self) -> Papers<'_> {
        Papers { message: &self.message, content: &self.content, pdf: &self.pdf, xml: &self.xml }
    }
}

/// Puts a message into the folder that a record system reads, and gives the place. A message that was
/// put there before is left as it is. Blocks for as long as the worker sets the PDF.
///
/// # Errors
/// [`OfferError`]; nothing of it is in the folder then.
pub fn offer(
    workers: &Workers,
    folder: &Path,
    id: HeldId,
    message: Message,
    filing: Option<&Filing>,
    now: Timestamp,
) -> Result<PathBuf, OfferError> {
    let made = Made::of(workers, message, now)?;
    Ok(folder::put(folder, &id.to_string(), &made.papers(), filing, now)?)
}

impl Engine {
    /// Offers a message that is held, was sent, or was withdrawn, to the record system.
    ///
    /// # Errors
    /// [`ChooseError`]; nothing was offered then.
    pub async fn file(
        self: &Arc<Self>,
        id: &str,
        filing: Option<Filing>,
    ) -> Result<(), ChooseError> {
        let id: HeldId = id.parse()?;
        let held = self.with_vault(move |vault| vault.get(id)).await?;
        let account = self.settings().account(&held.account);
        let account = account.ok_or(ChooseError::NoAccount(held.account))?;
        self.offer(&account, id, ToDossier::asked(true, filing)).await?;
        self.tell(Notice::Progress(id));
        Ok(())
    }

    /// A folder takes it now, or nothing is chosen; a server is offered it as soon as it takes it.
    pub(crate) async fn offer(
        self: &Arc<Self>,
        account: &Account,
        id: HeldId,
        dossier: ToDossier,
    ) -> Result<(), ChooseError> {
        let under = match dossier {
            ToDossier::No => return Ok(()),
            ToDossier::Unfiled => None,
            ToDossier::Under(filing) => Some(filing),
        };
        let now = self.now();
        let folder = match (account.dossier.clone(), &under) {
            (Some(Dossier::Folder(folder)), _) => folder,
            (Some(Dossier::Url(_)), Some(filing)) => {
                let what = serde_json::to_string(filing)
                    .map_err(|error| ChooseError::Dossier(error.to_string()))?;
                let address = account.address.clone();
                let ask = move |vault: &Vault| vault.ask_filing(id, &address, &what, now);
                return Ok(self.with_vault(ask).await?);
            }
            (Some(Dossier::Url(_)), None) => {
                return Err(ChooseError::NoPatient(account.address.clone()));
            }
            (None, _) => return Err(ChooseError::NoDossier(account.address.clone())),
        };
        let workers = self.workers();
        let message = self.with_vault(move |vault| vault.read(id)).await?;
        // Aside, and without the vault: setting a long message on pages takes seconds.
        let put = move || offer(&workers, &folder, id, message, under.as_ref(), now).map(drop);
        let offered = tokio::task::spawn_blocking(put)
            .await
            .map_err(|error| ChooseError::Dossier(error.to_string()))?;
        offered.map_err(|error| ChooseError::Dossier(error.to_string()))?;
        let (id, format) = (id.to_string(), "dossier".to_owned());
        let entry = Entry::CopyWritten { id, format };
        Ok(self.with_vault(move |vault| vault.append(&entry, now)).await?)
    }
}

/// Under what name the vault keeps the token of an account's record system.
#[must_use]
pub fn token_name(account: &Address) -> String {
    format!("dossier/{account}")
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
            Ok(state) => state,
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

async fn attempt(engine: &Arc<Engine>, due: &DueFiling) -> Result<FilingState, VaultError> {
    let server = engine.settings().account(&due.account).and_then(|account| {
        let Some(Dossier::Url(url)) = account.dossier else { return None };
        Server::parse(&url)
    });
    let filing: Option<Filing> = serde_json::from_str(&due.what).ok();
    let (Some(server), Some(filing)) = (server, filing) else {
        return Ok(refused(NO_SERVER));
    };
    let (held, account) = (due.held, due.account.clone());
    let read = move |vault: &Vault| {
        let token = vault.read_sealed(&token_name(&account))?;
        Ok((vault.read(held)?, token))
    };
    let (message, token) = match engine.with_vault(read).await {
        Ok(found) => found,
        Err(error @ (VaultError::Discarded | VaultError::UnknownMessage { .. })) => {
            return Ok(FilingState::Refused { nl: error.nl(), en: error.en() });
        }
        Err(error) => return Err(error),
    };
    let token =
        token.and_then(|token| String::from_utf8(token.to_vec()).ok()).map(SecretString::from);
    let (workers, now) = (engine.workers(), engine.now());
    let made = tokio::task::spawn_blocking(move || Made::of(&workers, message, now)).await;
    let made = match made.map_err(|_| VaultError::Interrupted)? {
        Ok(made) => made,
        Err(error) => {
            let words = (error.dutch(), error.to_string());
            return Ok(later(engine, due, words));
        }
    };
    Ok(match hand_in(engine, &server, &made, &filing, token.as_ref(), due).await {
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
    })
}

async fn hand_in(
    engine: &Engine,
    server: &Server,
    made: &Made,
    filing: &Filing,
    token: Option<&SecretString>,
    due: &DueFiling,
) -> Result<Taken, HttpsError> {
    let roots = engine.roots();
    let papers = made.papers();
    if due.attempts > 0 {
        let path = format!("{}/{}", server.base, fhir::lookup(&papers));
        let answer = https::ask(&roots, document(server, &path), FHIR_JSON, token).await?;
        match answer::to_lookup(answer.status, &answer.body) {
            Some(false) => {}
            Some(true) if due.changed => return Ok(Taken::Refused(answer::under_another())),
            Some(true) => return Ok(Taken::Filed { place: None }),
            None => return Ok(answer::to_bundle(answer.status, &[])),
        }
    }
    let path = if server.base.is_empty() { "/" } else { &server.base };
    let body = fhir::bundle(&papers, filing).to_string().into();
    let delivery = Delivery {
        document: document(server, path),
        content_type: FHIR_JSON,
        body,
        prefer: MINIMAL,
    };
    let answer = https::post(&roots, delivery, token).await?;
    Ok(answer::to_bundle(answer.status, &answer.body))
}

fn document<'a>(server: &'a Server, path: &'a str) -> Document<'a> {
    let (at_most, within) = (LONGEST_ANSWER, PATIENCE);
    Document { host: &server.host, port: server.port, path, at_most, within }
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
        attempts: due.attempts.saturating_add(1),
        trouble: Some(trouble),
    }
}

fn refused((nl, en): (&str, &str)) -> FilingState {
    FilingState::Refused { nl: nl.to_owned(), en: en.to_owned() }
}

/// A server that listens to it does not send the documents back.
const MINIMAL: Option<&str> = Some("return=minimal");
const FHIR_JSON: &str = "application/fhir+json";
const NO_SERVER: (&str, &str) = (
    "het account heeft geen dossieradres meer; zet dossier = \"https://…\" erbij in de instellingen",
    "its account has no record system's address any more; add dossier = \"https://…\" to it in the settings",
);
const BAD_TOKEN: (&str, &str) = (
    "het token bevat tekens die niet verstuurd kunnen worden; geef het opnieuw",
    "the token has letters that cannot be sent; give it anew",
);
/// A message of 30 MB over a slow line.
const PATIENCE: Duration = Duration::from_secs(120);
/// An answer to a transaction of five entries has some kilobytes, or the documents themselves.
const LONGEST_ANSWER: usize = 128 * 1024 * 1024;
const SHORTEST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(300);
