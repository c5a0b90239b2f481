//! Settings, diagnosis, the first run and the try-out: what the main window asks.

use std::path::PathBuf;
use std::sync::Arc;

use ::setup::{self, Incoming, SetupError};
use checkup::Item;
use engine::Engine;
use engine::settings::{self, Unreadable};
use mail::{Address, Domain};

use super::{Changed, Controller, Message, Said};
use crate::desk::{Desk, Window};
use crate::guide;
use crate::models;
use crate::request::{Change, Request};
use crate::view::{
    Access, AccessServer, Discovered, GuideFile, Language, SavedFile, ServerAt, Trusted, View,
};
use crate::words::Words;

/// An answer, or why there is none.
pub(super) type Answer = Result<View, Said>;

impl<D: Desk> Controller<D> {
    pub(super) fn set_up(&mut self, from: Window, request: Request) {
        let ask = word(&request);
        match request {
            Request::Sent => {
                self.sent_is_shown = true;
                self.tell_sent();
            }
            Request::Settings => self.tell_settings(from),
            Request::Change { change } => self.change(from, change),
            Request::Checkup => self.checkup(from),
            Request::Discover { address } => {
                self.ask_engine(
                    from,
                    ask,
                    |engine| async move { discover(&engine, &address).await },
                );
            }
            Request::Access { address } => {
                self.ask_engine(from, ask, |engine| async move {
                    let access = access(&engine, &address).await?;
                    Ok(View::Access(shown(&address, &access)))
                });
            }
            Request::Save { address, file } => {
                self.ask_engine(from, ask, move |engine| save(engine, address, file));
            }
            Request::Trust => self.trust(from),
            Request::FirstMail { address } => {
                self.ask_engine(from, ask, |engine| async move {
                    let parsed = parse(&address)?;
                    setup::first_mail(&engine, &parsed).await.map_err(|error| said(&error))?;
                    Ok(View::FirstMail { address })
                });
            }
            Request::Try { sample } => {
                let sending = self.house.sample(match sample {
                    crate::view::Sample::Lunch => proxy::demo::Sample::Lunch,
                    crate::view::Sample::Referral => proxy::demo::Sample::Referral,
                });
                let words = self.words.clone();
                self.aside(async move {
                    let sent = sending.await;
                    let answer = sent.map(|reply| View::SampleSent { sample, reply });
                    letter(from, ask, &words, answer, Changed::Nothing)
                });
            }
            Request::Domain(question) => self.examine(from, question),
            Request::TryWay { address, route } => self.try_way(from, address, route),
            Request::KeepGateway(new) => self.keep_gateway(from, new),
            Request::Verify(dropped) => self.verify(from, dropped),
            Request::Received => self.tell_received(),
            other => self.accounts(from, other),
        }
    }

    /// Asks the engine aside and answers the page.
    pub(super) fn ask_engine<F>(
        &self,
        from: Window,
        ask: &'static str,
        work: impl FnOnce(Arc<Engine>) -> F,
    ) where
        F: Future<Output = Answer> + Send + 'static,
    {
        let words = self.words.clone();
        let Some(engine) = self.engine() else { return self.no_engine(from, ask) };
        let working = work(engine);
        self.aside(async move { letter(from, ask, &words, working.await, Changed::Nothing) });
    }

    pub(super) fn no_engine(&self, from: Window, ask: &str) {
        let sentence = self.trouble().unwrap_or_default();
        self.desk.post(from, &View::Trouble { ask: ask.to_owned(), sentence });
    }

    pub(super) fn tell_sent(&self) {
        let words = self.words.clone();
        self.ask_engine(Window::Main, "sent", |engine| async move {
            let sent = engine.sent(SHOWN).await;
            let sent = sent.map_err(|error| Said::of(&error.nl(), &error))?;
            Ok(View::Sent { items: sent.iter().map(|one| models::sent(&words, one)).collect() })
        });
    }

    fn tell_settings(&self, to: Window) {
        let desk = self.desk.clone();
        self.ask_engine(
            to,
            "settings",
            |engine| async move { Ok(settings_view(&engine, &desk).await) },
        );
    }

    fn change(&self, from: Window, change: Change) {
        let (desk, words) = (self.desk.clone(), self.words.clone());
        let Some(engine) = self.engine() else { return self.no_engine(from, "change") };
        // There is no file that could keep them.
        let refused = self.house.is_try_out() && matches!(change, Change::Routes(_));
        self.aside(async move {
            let applied = match refused {
                true => Err(Said::key("said.not_in_try_out")),
                false => apply(&engine, &desk, change).await,
            };
            let answer = match applied {
                Ok(()) => Ok(settings_view(&engine, &desk).await),
                Err(said) => Err(said),
            };
            letter(from, "change", &words, answer, Changed::Settings)
        });
    }

    /// What stands around the pages is told anew, in the language that may be another now.
    pub(super) fn settings_changed(&mut self) {
        self.words = Words::of(self.house.language());
        self.tell_all();
        self.tell_question();
        self.look_again();
    }

    fn checkup(&mut self, from: Window) {
        let items = std::mem::take(&mut self.checked);
        self.desk.post(from, &View::Checkup { running: true, items, report: String::new() });
        let Some(engine) = self.engine() else { return self.no_engine(from, "checkup") };
        self.aside(async move { Message::Checked(checkup::look(&engine).await) });
    }

    pub(super) fn checked(&mut self, items: &[Item]) {
        self.checked = items.iter().map(|item| models::check_item(&self.words, item)).collect();
        let report = models::report(&self.words, &self.checked, jiff::Timestamp::now());
        let items = self.checked.clone();
        self.desk.post(Window::Main, &View::Checkup { running: false, items, report });
    }

    fn trust(&self, from: Window) {
        let (desk, words) = (self.desk.clone(), self.words.clone());
        self.ask_engine(from, "trust", |engine| async move {
            let account = engine.settings().accounts.first().map(|one| one.address.clone());
            let address = account.map(|address| address.to_string()).unwrap_or_default();
            let access = access(&engine, &address).await?;
            let authority = access.authority.clone();
            let trusting = tokio::task::spawn_blocking(move || desk.trust(&authority)).await;
            match trusting {
                Ok(Ok(())) => {
                    let sentence = words.get("trust.done");
                    return Ok(View::Trusted(Trusted { sentence, done: true }));
                }
                Ok(Err(why)) => tracing::warn!(why, "the certificate is not trusted everywhere"),
                Err(error) => tracing::warn!(%error, "trusting the certificate broke off"),
            }
            let path = guide::write(GuideFile::Certificate, &access, &address);
            let path = path.map_err(|error| unwritable(&error))?;
            let sentence = words.with("trust.by_hand", "path", &path.display().to_string());
            Ok(View::Trusted(Trusted { sentence, done: false }))
        });
    }
}

/// What comes of a request, as a message to the controller.
pub(super) fn letter(
    to: Window,
    ask: &str,
    words: &Words,
    answer: Answer,
    changed: Changed,
) -> Message {
    let view = answer.unwrap_or_else(|said| View::Trouble {
        ask: ask.to_owned(),
        sentence: words.pick(said.nl, said.en),
    });
    Message::Answer(to, Box::new(view), changed)
}

/// The word by which trouble names the request that it belongs to.
fn word(request: &Request) -> &'static str {
    match request {
        Request::Discover { .. } => "discover",
        Request::Access { .. } => "access",
        Request::Save { .. } => "save",
        Request::FirstMail { .. } => "first_mail",
        Request::Try { .. } => "try",
        _ => "",
    }
}

pub(super) fn said(error: &SetupError) -> Said {
    Said::of(&error.nl(), error)
}

fn unwritable(error: &std::io::Error) -> Said {
    Said::because("said.unwritable", error)
}

pub(super) fn parse(address: &str) -> Result<Address, Said> {
    let parsed = Address::parse(address.trim()).ok();
    let whole = parsed.filter(|address| address.domain().is_some());
    whole.ok_or_else(|| Said::key("said.no_address"))
}

async fn discover(engine: &Arc<Engine>, address: &str) -> Answer {
    let parsed = parse(address)?;
    let found = setup::find(engine, &parsed).await;
    let server = |one: setup::Server| ServerAt {
        host: one.host,
        port: one.port,
        implicit: one.implicit,
        username: one.username.unwrap_or_else(|| parsed.to_string()),
    };
    Ok(View::Discovered(Discovered {
        address: parsed.to_string(),
        outgoing: server(found.outgoing),
        incoming: found.incoming.map(server),
        login: found.login.as_str().to_owned(),
        page: found.login.page().map(str::to_owned),
        source: found.source.as_str().to_owned(),
        sure: found.sure,
    }))
}

async fn access(engine: &Arc<Engine>, address: &str) -> Result<setup::Access, Said> {
    setup::access(engine, &parse(address)?).await.map_err(|error| said(&error))
}

fn shown(address: &str, access: &setup::Access) -> Access {
    Access {
        address: address.to_owned(),
        server: guide::SERVER.to_owned(),
        port: access.server.port(),
        tls: guide::tls_word(access.tls).to_owned(),
        username: address.to_owned(),
        password: access.password.clone(),
        incoming: match access.incoming {
            Incoming::Ours { port, tls } => Some(AccessServer {
                server: guide::SERVER.to_owned(),
                port,
                tls: guide::tls_word(tls).to_owned(),
            }),
            Incoming::Provider { .. } => None,
        },
    }
}

async fn save(engine: Arc<Engine>, address: String, file: GuideFile) -> Answer {
    let access = access(&engine, &address).await?;
    let written: Result<PathBuf, _> = guide::write(file, &access, &address);
    let path = written.map_err(|error| unwritable(&error))?.display().to_string();
    Ok(View::Saved(SavedFile { file, path }))
}

pub(super) async fn settings_view<D: Desk>(engine: &Arc<Engine>, desk: &D) -> View {
    let identities = engine.identities().await.unwrap_or_default();
    let starts = desk.starts_with_computer();
    View::Settings(Box::new(models::settings(&engine.settings(), &identities, starts)))
}

async fn apply<D: Desk>(engine: &Arc<Engine>, desk: &D, change: Change) -> Result<(), Said> {
    let change = match change {
        Change::StartWithComputer(on) => {
            return desk
                .start_with_computer(on)
                .map_err(|error| Said::because("said.not_with_computer", &error));
        }
        Change::Language(Language::Nl) => settings::Change::Language(settings::Language::Dutch),
        Change::Language(Language::En) => settings::Change::Language(settings::Language::English),
        Change::RemindAfter(minutes) => settings::Change::RemindAfter(minutes.clamp(1, A_DAY)),
        Change::Notifications(on) => settings::Change::Notifications(on),
        Change::Threshold(score) => settings::Change::Threshold(score.clamp(0.0, 1.0)),
        Change::Certain(score) => settings::Change::Certain(score.clamp(0.0, 1.0)),
        Change::OwnTerms(file) => settings::Change::OwnTerms(own_terms(file)),
        Change::Staff(staff) => settings::Change::Staff(colleagues(staff)?),
        Change::ExemptDomains(domains) => settings::Change::ExemptDomains(exempt(domains)?),
        Change::Routes(routes) => return super::ways::change(engine, routes).await,
        Change::HoldUnreadable(true) => settings::Change::Unreadable(Unreadable::Hold),
        Change::HoldUnreadable(false) => settings::Change::Unreadable(Unreadable::Pass),
    };
    let engine = Arc::clone(engine);
    let terms = matches!(change, settings::Change::OwnTerms(_));
    let changed = tokio::task::spawn_blocking(move || engine.change(&change)).await;
    match changed {
        Ok(Err(error)) if terms => Err(Said::because("said.no_terms", &error)),
        Ok(changed) => changed.map_err(|error| Said::of(&error.nl(), &error)),
        Err(_) => Err(Said::key("said.stopping")),
    }
}

fn own_terms(file: Option<String>) -> Option<String> {
    file.map(|file| file.trim().to_owned()).filter(|file| !file.is_empty())
}

/// Lines that a person wrote, the empty ones left out.
fn lines(all: Vec<String>) -> impl Iterator<Item = String> {
    all.into_iter().map(|line| line.trim().to_owned()).filter(|line| !line.is_empty())
}

fn colleagues(all: Vec<String>) -> Result<Vec<String>, Said> {
    let checked = lines(all).map(|one| match one.contains('@') && Address::parse(&one).is_err() {
        true => Err(Said::because("said.no_colleague", &one)),
        false => Ok(one),
    });
    checked.collect()
}

fn exempt(all: Vec<String>) -> Result<Vec<Domain>, Said> {
    let parse =
        |one: String| Domain::parse(&one).map_err(|_| Said::because("said.no_domain", &one));
    lines(all).map(parse).collect()
}

/// Sent messages shown.
const SHOWN: usize = 200;
/// Minutes.
const A_DAY: u32 = 24 * 60;
