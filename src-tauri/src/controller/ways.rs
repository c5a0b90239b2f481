//! The ways out of an account, tried without sending anything; and what a domain publishes.

use std::sync::Arc;

use engine::Engine;
use engine::doctor::{Mailbox, Options, Report, Selector, State, Topic};
use engine::settings::{Account, Auth, Endpoint, Route, Tls};
use engine::{gather, provider};
use mail::{Address, Domain};

use super::setup::{letter, parse, said, settings_view};
use super::{Changed, Controller, Message, Said};
use crate::desk::{Desk, Window};
use crate::models;
use crate::request::{DomainQuestion, NewGateway, RoutesOf};
use crate::view::{View, WayOut, WayTried};
use crate::words::Words;

impl<D: Desk> Controller<D> {
    /// Looks at a domain aside. What cannot be one is said at once.
    pub(super) fn examine(&self, from: Window, question: DomainQuestion) {
        let asked = question.domain.trim().to_owned();
        let (domain, options) = match options(&question) {
            Ok(read) => read,
            Err(said) => {
                let sentence = self.words.pick(said.nl, said.en);
                return self.desk.post(from, &View::Trouble { ask: "domain".to_owned(), sentence });
            }
        };
        let looking = View::Domain { asked: asked.clone(), report: None };
        self.desk.post(from, &looking);
        let words = self.words.clone();
        self.ask_engine(from, "domain", |engine| async move {
            let report = engine.doctor(&domain, &options).await;
            let report = models::domain_report(&words, &report, engine.now());
            Ok(View::Domain { asked, report: Some(Box::new(report)) })
        });
    }

    pub(super) fn try_way(&self, from: Window, address: String, route: WayOut) {
        let words = self.words.clone();
        self.ask_engine(from, "try_way", |engine| async move {
            let account = account(&engine, &address)?;
            let (works, sentence) = match route {
                WayOut::Direct => try_direct(&engine, &words, &account).await?,
                WayOut::Provider => try_provider(&engine, &words, &account).await,
                WayOut::Gateway => try_gateway(&engine, &words, &account).await?,
            };
            Ok(View::WayTried(WayTried { address, route, works, sentence }))
        });
    }

    pub(super) fn keep_gateway(&self, from: Window, new: NewGateway) {
        let (desk, words, inbox) = (self.desk.clone(), self.words.clone(), self.inbox.clone());
        let Some(engine) = self.engine() else { return self.no_engine(from, "keep_gateway") };
        let try_out = self.house.is_try_out();
        self.aside(async move {
            let kept = match try_out {
                true => Err(Said::key("said.not_in_try_out")),
                false => keep(&engine, &new).await,
            };
            let answer = match kept {
                Ok(()) => {
                    let view = Box::new(settings_view(&engine, &desk).await);
                    // Before the answer: whoever hears it sees the settings with the gateway.
                    let _ = inbox.send(Message::Answer(from, view, Changed::Settings));
                    Ok(View::GatewayKept { address: new.address })
                }
                Err(said) => Err(said),
            };
            letter(from, "keep_gateway", &words, answer, Changed::Nothing)
        });
    }
}

/// Uses these routes of an account from now on.
pub(super) async fn change(engine: &Arc<Engine>, new: RoutesOf) -> Result<(), Said> {
    let mut account = account(engine, &new.address)?;
    account.routes = new.routes.into_iter().map(route).collect();
    account.provider = new.mark.map(|mark| mark.trim().to_owned()).filter(|mark| !mark.is_empty());
    if account.routes.contains(&Route::Provider) && account.provider.is_none() {
        return Err(Said::key("said.no_mark"));
    }
    let engine = Arc::clone(engine);
    let changed = tokio::task::spawn_blocking(move || engine.change_ways(&account)).await;
    let changed = changed.map_err(|_| Said::key("said.stopping"))?;
    changed.map_err(|error| Said::of(&error.nl(), &error))
}

fn route(way: WayOut) -> Route {
    match way {
        WayOut::Direct => Route::Direct,
        WayOut::Provider => Route::Provider,
        WayOut::Gateway => Route::Gateway,
    }
}

fn account(engine: &Arc<Engine>, address: &str) -> Result<Account, Said> {
    let account = engine.settings().account(&parse(address)?);
    account.ok_or_else(|| Said::because("said.no_account", &address))
}

/// A person writes a domain, an address there, or what was copied from an address bar.
fn options(question: &DomainQuestion) -> Result<(Domain, Options), Said> {
    let domain = mail_domain(&question.domain)?;
    let supplier = question.supplier.as_deref().map(str::trim).filter(|text| !text.is_empty());
    let mut selectors = Vec::new();
    for text in question.selectors.iter().map(|text| text.trim()).filter(|text| !text.is_empty()) {
        let read = Selector::parse(text);
        selectors.push(read.ok_or_else(|| Said::because("said.no_selector", &text))?);
    }
    let mailbox = if question.mailbox { Mailbox::Asked } else { Mailbox::NotAsked };
    Ok((domain, Options { supplier: supplier.map(mail_domain).transpose()?, selectors, mailbox }))
}

fn mail_domain(text: &str) -> Result<Domain, Said> {
    let text = text.trim();
    let domain = match Address::parse(text) {
        Ok(address) => address.domain().cloned(),
        Err(_) => Domain::parse(text.strip_prefix('@').unwrap_or(text)).ok(),
    };
    // A name without a dot is a machine's, and nobody's mail domain.
    let whole = domain.filter(|domain| domain.as_str().contains('.'));
    whole.ok_or_else(|| Said::because("said.no_mail_domain", &text))
}

/// Whether anything leaves here for another's mail host, and whether our own domain declares what
/// recipients look for. Our own mail host is the one that may be asked.
async fn try_direct(
    engine: &Arc<Engine>,
    words: &Words,
    account: &Account,
) -> Result<(bool, String), Said> {
    let own = account.address.domain().cloned();
    let own = own.ok_or_else(|| Said::key("said.no_address"))?;
    let report = engine.doctor(&own, &Options::default()).await;
    let key = match (reached(&report), holds(&report, Topic::Record)) {
        (Reached::Yes, true) => {
            return Ok((true, words.with("way.direct.works", "domain", own.as_str())));
        }
        (Reached::Yes, false) => "way.direct.no_record",
        (Reached::No, _) => "way.direct.closed",
        (Reached::NobodyAsked, _) => "way.direct.no_host",
    };
    Ok((false, words.with(key, "domain", own.as_str())))
}

/// Whether a mail host could be reached.
enum Reached {
    Yes,
    No,
    /// There is no host by which it could be told.
    NobodyAsked,
}

/// Only a host that offered STARTTLS was reached for certain: that step is bad too where a host has
/// no address.
fn reached(report: &Report) -> Reached {
    let any = |state: State| {
        report.steps.iter().any(|step| step.code == Topic::StartTls && step.state == state)
    };
    match (any(State::Good), any(State::Unknown)) {
        (true, _) => Reached::Yes,
        (false, true) => Reached::No,
        (false, false) => Reached::NobodyAsked,
    }
}

fn holds(report: &Report, topic: Topic) -> bool {
    let mut of = report.steps.iter().filter(|step| step.code == topic);
    of.any(|step| matches!(step.state, State::Good | State::Attention))
}

async fn try_provider(engine: &Arc<Engine>, words: &Words, account: &Account) -> (bool, String) {
    let host = &account.smtp.host;
    match provider::connect(engine, account).await {
        Ok(session) => session.quit().await,
        Err(error) => return (false, refused(words, host, &Said::of(&error.nl(), &error))),
    }
    let Some(mark) = &account.provider else { return (false, words.get("way.provider.no_mark")) };
    let mut offering = account.clone();
    offering.routes = vec![Route::Provider];
    let offers = gather::offers(engine, &offering).await;
    let supplier = offers.into_iter().find_map(|offer| offer.supplier);
    let holds = supplier.is_some_and(|one| one.holds(engine.now()));
    let key = if holds { "way.provider.works" } else { "way.provider.no_record" };
    (holds, words.with(key, "host", host).replace("{mark}", mark))
}

async fn try_gateway(
    engine: &Arc<Engine>,
    words: &Words,
    account: &Account,
) -> Result<(bool, String), Said> {
    let gateway = account.gateway.as_ref().ok_or_else(|| Said::key("said.no_gateway"))?;
    let host = &gateway.host;
    Ok(match provider::connect_gateway(engine, account, gateway).await {
        Ok(session) => {
            session.quit().await;
            (true, words.with("way.gateway.works", "host", host))
        }
        Err(error) => (false, refused(words, host, &Said::of(&error.nl(), &error))),
    })
}

fn refused(words: &Words, host: &str, why: &Said) -> String {
    words.with("way.refused", "host", host).replace("{why}", &words.pick(&why.nl, &why.en))
}

async fn keep(engine: &Arc<Engine>, new: &NewGateway) -> Result<(), Said> {
    let account = account(engine, &new.address)?;
    let (host, username) = (new.host.trim(), new.username.trim());
    if host.is_empty() {
        return Err(Said::key("said.no_server"));
    }
    let kept = account.gateway.as_ref();
    let gateway = Endpoint {
        host: host.to_owned(),
        port: new.port,
        tls: if new.implicit { Tls::Implicit } else { Tls::StartTls },
        // How to log in, and a server on this computer without TLS, are in the file alone.
        auth: kept.map_or(Auth::Auto, |gateway| gateway.auth),
        username: if username.is_empty() { new.address.clone() } else { username.to_owned() },
    };
    let keeping = ::setup::keep_gateway(engine, account, gateway, &new.password).await;
    keeping.map_err(|error| said(&error))
}
