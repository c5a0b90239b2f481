#![allow(clippy::unwrap_used)]

use std::path::Path;
use std::sync::Arc;

use ::control::Server;
use settings::Settings;
use vault::MemoryKeyring;

use super::{Request, Response, ask};
use crate::engine::Engine;

/// An engine whose vault lies in this folder; nothing listens yet.
async fn engine(folder: &Path) -> Arc<Engine> {
    let mut settings = Settings::parse("", &folder.join("zorgzegel.toml")).unwrap();
    settings.data_dir = folder.to_owned();
    let engine = Engine::new(settings, None, Arc::new(MemoryKeyring::new())).unwrap();
    engine.vault().await.unwrap();
    engine
}

#[tokio::test]
async fn what_waits_is_told_and_a_refusal_says_why() {
    let folder = tempfile::tempdir().unwrap();
    // The engine first: a folder in which anything stands is no longer its own to close.
    let engine = engine(folder.path()).await;
    let serving = tokio::spawn(Server::bind(folder.path()).unwrap().run(engine));
    let answer = ask(folder.path(), &Request::Pending).await;
    assert!(
        matches!(&answer, Ok(Response::Pending { messages }) if messages.is_empty()),
        "{answer:?}"
    );
    let choice = crate::choose::Wanted::Secure;
    let request =
        Request::Choose { id: "no such id".to_owned(), choice, dossier: false, filing: None };
    let answer = ask(folder.path(), &request).await;
    assert!(matches!(&answer, Ok(Response::Refused { why }) if !why.is_empty()), "{answer:?}");
    serving.abort();
}
