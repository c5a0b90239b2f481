#![allow(clippy::unwrap_used)]

use std::path::Path;
use std::sync::Arc;

use settings::Settings;
use vault::MemoryKeyring;

use super::{ControlError, Request, Response, Server, ask};
use crate::engine::Engine;

/// An engine whose vault lies in this folder; nothing listens yet.
async fn engine(folder: &Path) -> Arc<Engine> {
    let mut settings = Settings::parse("", &folder.join("zorgzegel.toml")).unwrap();
    settings.data_dir = folder.to_owned();
    let engine = Engine::new(settings, None, Arc::new(MemoryKeyring::new())).unwrap();
    engine.vault().await.unwrap();
    engine
}

fn serve(engine: Arc<Engine>, folder: &Path) -> tokio::task::JoinHandle<()> {
    tokio::spawn(Server::bind(folder).unwrap().run(engine))
}

#[tokio::test]
async fn requests_at_once_and_one_after_another_are_answered() {
    let folder = tempfile::tempdir().unwrap();
    let serving = serve(engine(folder.path()).await, folder.path());
    for _ in 0..3 {
        let ask_pending = || ask(folder.path(), &Request::Pending);
        let (one, two, three) = tokio::join!(ask_pending(), ask_pending(), ask_pending());
        for answer in [one, two, three] {
            assert!(
                matches!(&answer, Ok(Response::Pending { messages }) if messages.is_empty()),
                "{answer:?}"
            );
        }
    }
    serving.abort();
}

#[tokio::test]
async fn a_refusal_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let serving = serve(engine(folder.path()).await, folder.path());
    let choice = crate::choose::Wanted::Secure;
    let request = Request::Choose { id: "no such id".to_owned(), choice, dossier: false };
    let answer = ask(folder.path(), &request).await;
    assert!(matches!(&answer, Ok(Response::Refused { why }) if !why.is_empty()), "{answer:?}");
    serving.abort();
}

#[tokio::test]
async fn where_no_engine_runs_the_answer_is_that() {
    let folder = tempfile::tempdir().unwrap();
    let answer = ask(folder.path(), &Request::Pending).await;
    assert!(matches!(answer, Err(ControlError::NotRunning)), "{answer:?}");
}

#[tokio::test]
async fn nothing_is_left_when_the_engine_ends() {
    let folder = tempfile::tempdir().unwrap();
    drop(Server::bind(folder.path()).unwrap());
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    let answer = ask(folder.path(), &Request::Pending).await;
    assert!(matches!(answer, Err(ControlError::NotRunning)), "{answer:?}");
}

#[tokio::test]
async fn what_a_lost_power_left_is_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let engine = engine(folder.path()).await;
    for name in ["control.sock", "control.pipe"] {
        std::fs::write(folder.path().join(name), "0123456789abcdef0123456789abcdef").unwrap();
    }
    let answer = ask(folder.path(), &Request::Pending).await;
    assert!(matches!(answer, Err(ControlError::NotRunning)), "{answer:?}");
    let serving = serve(engine, folder.path());
    let answer = ask(folder.path(), &Request::Pending).await;
    assert!(matches!(answer, Ok(Response::Pending { .. })), "{answer:?}");
    serving.abort();
}
