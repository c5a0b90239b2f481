//! Identities: made, asked for, installed, taken over, removed.

use std::sync::Arc;

use engine::Engine;
use engine::identities::{KeyKind, Purpose, Wish};

use super::setup::{Answer, letter, parse};
use super::{Changed, Controller, Said};
use crate::desk::{Desk, Window};
use crate::guide;
use crate::models;
use crate::request::{NewIdentity, NewKey, NewRequest, Request};
use crate::view::{IdentityDone, KeyType, View};
use crate::words::Words;

impl<D: Desk> Controller<D> {
    pub(super) fn identities(&self, from: Window, request: Request) {
        match request {
            Request::Identities => {
                let words = self.words.clone();
                self.ask_engine(
                    from,
                    "identities",
                    |engine| async move { list(&engine, &words).await },
                );
            }
            Request::MakeIdentity(new) => {
                self.with_identity(from, "make_identity", |engine| make(engine, new));
            }
            Request::RequestIdentity(new) => {
                self.with_identity(from, "request_identity", |engine| ask_for(engine, new));
            }
            Request::InstallIdentity { file } => {
                self.with_identity(from, "install_identity", |engine| async move {
                    let bytes = file.bytes.0.to_vec();
                    let id = engine
                        .install_identity(bytes)
                        .await
                        .map_err(|error| Said::of(&error.nl(), &error))?;
                    Ok((IdentityDone::Installed, account_of(&engine, &id).await))
                });
            }
            Request::ImportIdentity(new) => {
                self.with_identity(from, "import_identity", |engine| import(engine, new));
            }
            Request::RemoveIdentity { id } => {
                self.with_identity(from, "remove_identity", |engine| async move {
                    let account = account_of(&engine, &id).await;
                    engine
                        .remove_identity(id)
                        .await
                        .map_err(|error| Said::of(&error.nl(), &error))?;
                    Ok((IdentityDone::Removed, account))
                });
            }
            Request::SaveRequest { id } => {
                self.ask_engine(from, "save_request", |engine| save(engine, id));
            }
            other => self.cards(from, other),
        }
    }

    /// Does something with an identity aside; the list comes before what was done.
    pub(super) fn with_identity<F>(
        &self,
        from: Window,
        ask: &'static str,
        work: impl FnOnce(Arc<Engine>) -> F,
    ) where
        F: Future<Output = Result<(IdentityDone, String), Said>> + Send + 'static,
    {
        let (words, inbox) = (self.words.clone(), self.inbox.clone());
        let Some(engine) = self.engine() else { return self.no_engine(from, ask) };
        let working = work(Arc::clone(&engine));
        self.aside(async move {
            let answer = match working.await {
                Ok((done, account)) => {
                    let listed = list(&engine, &words).await;
                    let _ = inbox.send(letter(from, ask, &words, listed, Changed::Nothing));
                    Ok(View::IdentityDone { done, account })
                }
                Err(said) => Err(said),
            };
            letter(from, ask, &words, answer, Changed::Nothing)
        });
    }
}

async fn list(engine: &Arc<Engine>, words: &Words) -> Answer {
    let items = engine.identities().await.map_err(|error| Said::of(&error.nl(), &error))?;
    let requests =
        engine.identity_requests().await.map_err(|error| Said::of(&error.nl(), &error))?;
    Ok(View::Identities(models::identities(words, &items, &requests)))
}

type Done = Result<(IdentityDone, String), Said>;

async fn make(engine: Arc<Engine>, new: NewKey) -> Done {
    let address = parse(&new.address)?;
    let name = named(&new.name, &new.address);
    let made = engine.create_identity(&address, kind(new.key), name).await;
    made.map_err(|error| Said::of(&error.nl(), &error))?;
    Ok((IdentityDone::Made, address.to_string()))
}

async fn ask_for(engine: Arc<Engine>, new: NewRequest) -> Done {
    let address = parse(&new.address)?;
    let organisation = Some(new.organisation.trim().to_owned()).filter(|text| !text.is_empty());
    let name = named(&new.name, &new.address);
    let wish = Wish { kind: kind(new.key), name, organisation, purpose: Purpose::Sign };
    engine.request_identity(&address, wish).await.map_err(|error| Said::of(&error.nl(), &error))?;
    Ok((IdentityDone::Requested, address.to_string()))
}

async fn import(engine: Arc<Engine>, new: NewIdentity) -> Done {
    let address = parse(&new.address)?;
    let password = Some(new.password).filter(|password| !password.is_empty());
    let imported = engine.import_identity(&address, new.file.bytes.0, password).await;
    imported.map_err(|error| Said::of(&error.nl(), &error))?;
    Ok((IdentityDone::Imported, address.to_string()))
}

async fn save(engine: Arc<Engine>, id: String) -> Answer {
    let requests =
        engine.identity_requests().await.map_err(|error| Said::of(&error.nl(), &error))?;
    let request = requests.into_iter().find(|one| one.id == id);
    let request = request.ok_or_else(|| Said::key("said.no_request"))?;
    let written = guide::request(&request.account.to_string(), &request.pem);
    let path = written.map_err(|error| Said::because("said.unwritable", &error))?;
    Ok(View::RequestSaved { id, path: path.display().to_string() })
}

/// The account of an identity or a request; empty where it cannot be told.
async fn account_of(engine: &Arc<Engine>, id: &str) -> String {
    let items = engine.identities().await.unwrap_or_default();
    let requests = engine.identity_requests().await.unwrap_or_default();
    let item = items.iter().find(|one| one.id == id).map(|one| &one.account);
    let request = requests.iter().find(|one| one.id == id).map(|one| &one.account);
    item.or(request).map(ToString::to_string).unwrap_or_default()
}

/// The name that a person gave, or else the address.
fn named(name: &str, address: &str) -> String {
    let name = name.trim();
    if name.is_empty() { address.trim().to_owned() } else { name.to_owned() }
}

fn kind(key: KeyType) -> KeyKind {
    match key {
        KeyType::P256 => KeyKind::P256,
        KeyType::P384 => KeyKind::P384,
        KeyType::Rsa3072 => KeyKind::Rsa3072,
        KeyType::Rsa4096 => KeyKind::Rsa4096,
    }
}
