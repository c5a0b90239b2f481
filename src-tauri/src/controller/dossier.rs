//! The patient record: under whom a mail is filed, as a person confirms it, and the record systems of an
//! account.

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::Arc;

use engine::Engine;
use engine::choose::{ChooseError, HeldId, Offer, Pending};
use engine::filing::{Asked, Found, KeepError, NewSecret, ToFile};
use engine::settings::{Credential, Destination, Dossier};
use filing::form;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use mail::Address;
use zeroize::Zeroizing;

use super::setup::{letter, parse, settings_view};
use super::{Changed, Controller, Message, Said};
use crate::desk::{Desk, Window};
use crate::models;
use crate::request::{NewDestination, Request};
use crate::view::{DestinationKind, DestinationTried, FilingForm, View};
use crate::words::Words;

impl<D: Desk> Controller<D> {
    /// What the form asks, for the account of a held message; none where something is wrong with it, which
    /// is told at its fields.
    pub(super) fn confirmed(&self, from: Window, id: HeldId, form: &FilingForm) -> Option<Asked> {
        let asked = self.current.as_ref().and_then(|current| current.pending.as_ref());
        let held = self.held.all().iter().chain(asked).find(|one| one.id == id);
        let account = held.and_then(|held| self.engine()?.settings().account(&held.account));
        let known = account.map(|account| account.dossiers).unwrap_or_default();
        match read(&self.words, &id.to_string(), form, &known) {
            Ok(asked) => Some(asked),
            Err(faults) => {
                self.desk.post(from, &faults);
                None
            }
        }
    }

    /// Notifies once of each mail that a record system refused, without a word of it, unless it is being
    /// looked at.
    pub(super) fn tell_of_refused_filings(&mut self) {
        let refused = |one: &&Pending| one.filing.as_ref().is_some_and(Offer::is_refused);
        let refused: HashSet<HeldId> =
            self.held.all().iter().filter(refused).map(|one| one.id).collect();
        let looked_at = self.current.as_ref().map(|current| current.id);
        if refused.iter().any(|id| !self.unfiled.contains(id) && Some(*id) != looked_at) {
            self.notify("notify.unfiled.title", &self.words.get("notify.unfiled.text"));
        }
        self.unfiled = refused;
    }

    pub(super) fn dossier(&mut self, from: Window, request: Request) {
        match request {
            Request::FilingOf { id } => self.filing_of(from, id),
            Request::File { id, filing } => self.file(from, id, filing),
            Request::StopFiling { id } => self.stop_filing(from, id),
            Request::FilingStands { id } => self.filing_stands(from, id),
            Request::TryDestination { address, name } => self.try_destination(from, address, name),
            Request::KeepDestination(new) => {
                let (address, name) = (new.address.clone(), new.name.trim().to_owned());
                self.change_destinations(
                    from,
                    "keep_destination",
                    (address, name),
                    |engine| async move { keep(&engine, new).await },
                );
            }
            Request::RemoveDestination { address, name } => {
                let which = (address.clone(), name.clone());
                self.change_destinations(from, "remove_destination", which, |engine| async move {
                    let removed = engine.remove_destination(&parse(&address)?, &name).await;
                    removed.map_err(|error| said(&error))
                });
            }
            other => self.kept(from, other),
        }
    }

    /// Under what a mail may be filed: as it seems, or as it was confirmed before.
    fn filing_of(&self, from: Window, id: String) {
        self.ask_engine(from, "filing_of", |engine| async move {
            let to_file = engine.to_file(&id).await;
            let ToFile { account, asked, patient, author, at } =
                to_file.map_err(|error| Said::of(&error.nl(), &error))?;
            let zone = TimeZone::system();
            let proposed = match asked {
                Some(asked) => form::asked_before(&account, &asked, patient.several, &zone),
                None => form::proposed(&account, &patient, (&author, at), &zone),
            };
            let proposed = proposed.ok_or_else(|| Said::key("said.filing.nothing"))?;
            Ok(View::FilingOf { id, proposed: Box::new(proposed) })
        });
    }

    fn file(&self, from: Window, id: String, form: FilingForm) {
        let words = self.words.clone();
        self.ask_engine(from, "file", |engine| async move {
            let said = |error: ChooseError| Said::of(&error.nl(), &error);
            let account = engine.account_of(&id).await.map_err(said)?;
            let asked = match read(&words, &id, &form, &account.dossiers) {
                Ok(asked) => asked,
                Err(faults) => return Ok(*faults),
            };
            engine.file(&id, Some(asked)).await.map_err(said)?;
            Ok(View::FilingAsked { id })
        });
    }

    fn stop_filing(&self, from: Window, id: String) {
        self.ask_engine(from, "stop_filing", |engine| async move {
            let stopped = engine.stop_filing(&id).await;
            stopped.map_err(|error| Said::of(&error.nl(), &error))?;
            Ok(View::FilingStopped { id })
        });
    }

    /// How far the mail is that a page shows.
    fn filing_stands(&mut self, from: Window, id: String) {
        self.filing_shown = Some((from, id));
        self.tell_filing();
    }

    /// The same once more: something changed.
    pub(super) fn tell_filing(&self) {
        let Some((to, id)) = self.filing_shown.clone() else { return };
        let words = self.words.clone();
        self.ask_engine(to, "filing_stands", |engine| async move {
            let stands = engine.filings(vec![id.clone()]).await;
            let stands = stands.map_err(|error| Said::of(&error.nl(), &error))?;
            let filing = stands.get(&id).map(|state| models::filing(&words, state));
            Ok(View::FilingStands { id, filing })
        });
    }

    fn try_destination(&self, from: Window, address: String, name: String) {
        let words = self.words.clone();
        self.ask_engine(from, "try_destination", |engine| async move {
            let tried = engine.try_destination(&parse(&address)?, &name).await;
            let (works, told) = match tried.map_err(|error| Said::of(&error.nl(), &error))? {
                Found::Good(told) => (true, told),
                Found::Not(told) => (false, told),
            };
            let sentence = models::sentence(&words.pick(told.nl, told.en));
            Ok(View::DestinationTried(DestinationTried { address, name, works, sentence }))
        });
    }

    fn change_destinations<F>(
        &self,
        from: Window,
        ask: &'static str,
        (address, name): (String, String),
        work: impl FnOnce(Arc<Engine>) -> F,
    ) where
        F: Future<Output = Result<(), Said>> + Send + 'static,
    {
        let (desk, words, inbox) = (self.desk.clone(), self.words.clone(), self.inbox.clone());
        let Some(engine) = self.engine() else { return self.no_engine(from, ask) };
        if self.house.is_try_out() {
            let sentence = words.get("said.not_in_try_out");
            return self.desk.post(from, &View::Trouble { ask: ask.to_owned(), sentence });
        }
        let working = work(Arc::clone(&engine));
        self.aside(async move {
            let answer = match working.await {
                Ok(()) => {
                    let view = Box::new(settings_view(&engine, &desk).await);
                    // Before the answer: whoever hears it sees the settings as they are now.
                    let _ = inbox.send(Message::Answer(from, view, Changed::Settings));
                    Ok(View::DestinationKept { address, name })
                }
                Err(said) => Err(said),
            };
            letter(from, ask, &words, answer, Changed::Nothing)
        });
    }
}

/// What the form asks, or what is wrong with it.
fn read(
    words: &Words,
    id: &str,
    form: &FilingForm,
    known: &[Destination],
) -> Result<Asked, Box<View>> {
    let zone = TimeZone::system();
    let today = zone.to_datetime(Timestamp::now()).date();
    form::read(form, known, (today, &zone)).map_err(|faults| {
        let faults = models::faults(words, faults);
        Box::new(View::FilingFaults { id: id.to_owned(), faults })
    })
}

fn said(error: &KeepError) -> Said {
    Said::of(&error.nl(), error)
}

async fn keep(engine: &Arc<Engine>, new: NewDestination) -> Result<(), Said> {
    let address: Address = parse(&new.address)?;
    let (name, place) = (new.name.trim(), new.place.trim());
    if name.is_empty() || place.is_empty() {
        return Err(Said::key("said.destination.missing"));
    }
    let account = engine.settings().account(&address);
    let others = account.iter().flat_map(|account| &account.dossiers);
    let mut others = others.filter(|one| Some(&one.name) != new.before.as_ref());
    if others.any(|one| one.name.to_lowercase() == name.to_lowercase()) {
        return Err(Said::because("said.destination.twice", &name));
    }
    let credential = if new.certificate { Credential::Certificate } else { Credential::Token };
    let dossier = match new.kind {
        DestinationKind::Folder => Dossier::Folder(PathBuf::from(place)),
        DestinationKind::Fhir if !engine::filing::is_server(place) => {
            return Err(Said::because("said.destination.address", &place));
        }
        DestinationKind::Fhir => Dossier::Fhir { url: place.to_owned(), credential },
        DestinationKind::Medvri => Dossier::Medvri {
            folder: PathBuf::from(place),
            sender: new.sender.trim().to_owned(),
            receiver: new.receiver.trim().to_owned(),
        },
    };
    let secret = match (new.kind, new.file) {
        (DestinationKind::Fhir, Some(file)) if new.certificate => {
            NewSecret::Certificate(file.bytes.0.to_vec(), new.secret)
        }
        (DestinationKind::Fhir, None) if !new.certificate && !new.secret.trim().is_empty() => {
            NewSecret::Token(Zeroizing::new(new.secret.trim().to_owned()))
        }
        _ => NewSecret::Kept,
    };
    let destination = Destination { name: name.to_owned(), dossier };
    let kept = engine.keep_destination(&address, new.before.as_deref(), destination, secret).await;
    kept.map_err(|error| said(&error))
}
