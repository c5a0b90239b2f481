//! The patient record: under whom a mail is filed, as a person confirms it, and the record systems of an
//! account.

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::Arc;

use engine::Engine;
use engine::choose::{FilingState, HeldId, Pending};
use engine::filing::{Asked, Found, KeepError, NewSecret};
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

impl<D: Desk> Controller<D> {
    /// What the form asks; none where something is wrong with it, which is told at its fields.
    pub(super) fn confirmed(&self, from: Window, id: &str, form: &FilingForm) -> Option<Asked> {
        let today = TimeZone::system().to_datetime(Timestamp::now()).date();
        match form::read(form, (today, &TimeZone::system())) {
            Ok(asked) => Some(asked),
            Err(faults) => {
                let faults = models::faults(&self.words, faults);
                self.desk.post(from, &View::FilingFaults { id: id.to_owned(), faults });
                None
            }
        }
    }

    /// Notifies once of each mail that a record system refused, without a word of it, unless it is being
    /// looked at.
    pub(super) fn tell_of_refused_filings(&mut self) {
        let refused = |one: &&Pending| matches!(one.filing, Some(FilingState::Refused { .. }));
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
            Request::File { id, filing } => self.file(from, id, &filing),
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

    /// What was confirmed before, to be corrected.
    fn filing_of(&self, from: Window, id: String) {
        self.ask_engine(from, "filing_of", |engine| async move {
            let asked = engine.asked_filing(&id).await;
            let asked = asked.map_err(|error| Said::of(&error.nl(), &error))?;
            let held = engine.message(&id).await;
            let held = held.map_err(|error| Said::of(&error.nl(), &error))?;
            let account = engine.settings().account(&held.account);
            let account = account.ok_or_else(|| Said::because("said.no_account", &held.account))?;
            let zone = TimeZone::system();
            let look = engine.look(&id).await;
            let proposed = match asked {
                Some(asked) => {
                    // What was confirmed can be corrected though the mail cannot be looked at.
                    let several = look.is_ok_and(|look| look.patient.several);
                    form::asked_before(&account, &asked, several, &zone)
                }
                None => {
                    let look = look.map_err(|error| Said::of(&error.nl(), &error))?;
                    form::proposed(&account, &look.patient, (&look.author, look.held_at), &zone)
                }
            };
            let proposed = proposed.ok_or_else(|| Said::key("said.filing.nothing"))?;
            Ok(View::FilingOf { id, proposed: Box::new(proposed) })
        });
    }

    fn file(&self, from: Window, id: String, form: &FilingForm) {
        let Some(asked) = self.confirmed(from, &id, form) else { return };
        self.ask_engine(from, "file", |engine| async move {
            let filed = engine.file(&id, Some(asked)).await;
            filed.map_err(|error| Said::of(&error.nl(), &error))?;
            Ok(View::FilingAsked { id })
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
