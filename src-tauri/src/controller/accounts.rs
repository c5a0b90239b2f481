//! Accounts: one is added, its servers or its password change, it is taken out, its mail program
//! was here.

use std::sync::Arc;

use ::setup::Fetching as Fetched;
use engine::Engine;
use engine::settings::{Account, Endpoint, Route};
use mail::Address;

use super::setup::{Answer, letter, parse, said, settings_view};
use super::{Changed, Controller, Message, Said};
use crate::desk::{Desk, Window};
use crate::request::{NewAccount, NewServers, Request};
use crate::view::{AccountAdded, AccountChange, AccountChanged, Fetching, ServerAt, View, Visited};
use crate::words::Words;

impl<D: Desk> Controller<D> {
    pub(super) fn accounts(&mut self, from: Window, request: Request) {
        match request {
            Request::AddAccount(new) => self.add_account(from, new),
            Request::ChangeServers(new) => {
                let which = new.address.clone();
                let change = (which, AccountChange::Servers);
                self.change_account(from, "change_servers", change, |engine| async move {
                    change_servers(&engine, &new).await
                });
            }
            Request::RemoveAccount { address } => {
                let change = (address.clone(), AccountChange::Removed);
                self.change_account(from, "remove_account", change, |engine| async move {
                    let removed = ::setup::remove(&engine, &parse(&address)?).await;
                    removed.map_err(|error| said(&error))
                });
            }
            Request::Visited { address } => {
                self.ask_engine(from, "visited", |engine| async move {
                    Ok(visited(&engine, &parse(&address)?))
                });
            }
            other => self.dossier(from, other),
        }
    }

    /// The mail program of an account is here: a page that waits for it hears so.
    pub(super) fn visited(&self, account: &Address) {
        if let Some(engine) = self.engine() {
            self.desk.post(Window::Main, &visited(&engine, account));
        }
    }

    fn add_account(&self, from: Window, new: NewAccount) {
        let (desk, words) = (self.desk.clone(), self.words.clone());
        let Some(engine) = self.engine() else { return self.no_engine(from, "add_account") };
        let first = self.house.accounts().is_empty() && !self.house.is_try_out();
        self.aside(async move {
            let answer = add(&engine, &words, new).await;
            if first && answer.is_ok() {
                // Mail cannot be sent while Zorgzegel does not run; the settings undo it.
                if let Err(why) = desk.start_with_computer(true) {
                    tracing::warn!(why, "it will not start with the computer");
                }
            }
            letter(from, "add_account", &words, answer, Changed::Settings)
        });
    }

    fn change_account<F>(
        &self,
        from: Window,
        ask: &'static str,
        (address, change): (String, AccountChange),
        work: impl FnOnce(Arc<Engine>) -> F,
    ) where
        F: Future<Output = Result<(), Said>> + Send + 'static,
    {
        let (desk, words, inbox) = (self.desk.clone(), self.words.clone(), self.inbox.clone());
        let Some(engine) = self.engine() else { return self.no_engine(from, ask) };
        let working = work(Arc::clone(&engine));
        self.aside(async move {
            let answer = match working.await {
                Ok(()) => {
                    let view = Box::new(settings_view(&engine, &desk).await);
                    // Before the answer: whoever hears it sees the settings as they are now.
                    let _ = inbox.send(Message::Answer(from, view, Changed::Settings));
                    Ok(View::AccountChanged(AccountChanged { address, change }))
                }
                Err(said) => Err(said),
            };
            letter(from, ask, &words, answer, Changed::Nothing)
        });
    }
}

fn visited(engine: &Engine, account: &Address) -> View {
    let visit = engine.visit(account);
    View::Visited(Visited {
        address: account.to_string(),
        handed_in: visit.handed_in.map(|at| at.to_string()),
        fetched: visit.fetched.map(|at| at.to_string()),
    })
}

async fn add(engine: &Arc<Engine>, words: &Words, new: NewAccount) -> Answer {
    let address = parse(&new.address)?;
    let mut account = Account::new(address.clone(), endpoint(&new.outgoing, &address, None)?);
    account.imap = new.incoming.map(|one| endpoint(&one, &address, None)).transpose()?;
    account.routes = match (&new.supplier, new.direct) {
        (Some(_), true) => vec![Route::Provider, Route::Direct],
        (Some(_), false) => vec![Route::Provider],
        (None, true) => vec![Route::Direct],
        (None, false) => Vec::new(),
    };
    account.provider = new.supplier.map(|mark| mark.trim().to_owned());
    let added = ::setup::add(engine, account, &new.password).await;
    let (fetching, trouble) = match added.map_err(|error| said(&error))? {
        Fetched::NotAsked => (Fetching::NotAsked, None),
        Fetched::Works => (Fetching::Works, None),
        Fetched::Refused(nl, en) => (Fetching::Refused, Some(words.pick(&nl, &en))),
    };
    Ok(View::AccountAdded(AccountAdded { address: address.to_string(), fetching, trouble }))
}

async fn change_servers(engine: &Arc<Engine>, new: &NewServers) -> Result<(), Said> {
    let address = parse(&new.address)?;
    let mut account = engine
        .settings()
        .account(&address)
        .ok_or_else(|| Said::because("said.no_account", &new.address))?;
    account.smtp = endpoint(&new.outgoing, &address, Some(&account.smtp))?;
    let was = account.imap.take();
    account.imap =
        new.incoming.as_ref().map(|one| endpoint(one, &address, was.as_ref())).transpose()?;
    if account.imap.is_none() {
        // Sent is put in order over IMAP alone.
        account.sent = engine::settings::Sent::Leave;
    }
    let changed = ::setup::change(engine, account, &new.password).await;
    changed.map_err(|error| said(&error))
}

fn endpoint(at: &ServerAt, address: &Address, was: Option<&Endpoint>) -> Result<Endpoint, Said> {
    let (host, username) = (at.host.trim(), at.username.trim());
    if host.is_empty() {
        return Err(Said::key("said.no_server"));
    }
    let own = address.to_string();
    let username = if username.is_empty() { own.as_str() } else { username };
    Ok(::setup::endpoint(host, at.port, at.implicit, username, was))
}
