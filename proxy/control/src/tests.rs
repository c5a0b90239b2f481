#![allow(clippy::unwrap_used)]

use std::path::Path;
use std::sync::Arc;

use super::{ControlError, Handler, Server, ask};

/// Doubles numbers.
struct Doubling;

impl Handler for Doubling {
    type Request = u32;
    type Response = Result<u32, String>;

    async fn answer(self: &Arc<Self>, request: u32) -> Result<u32, String> {
        Ok(request * 2)
    }

    fn not_understood(why: String) -> Result<u32, String> {
        Err(why)
    }
}

fn serve(folder: &Path) -> tokio::task::JoinHandle<()> {
    tokio::spawn(Server::bind(folder).unwrap().run(Arc::new(Doubling)))
}

async fn double(folder: &Path, number: u32) -> Result<Result<u32, String>, ControlError> {
    ask(folder, &number).await
}

#[tokio::test]
async fn requests_at_once_and_one_after_another_are_answered() {
    let folder = tempfile::tempdir().unwrap();
    let serving = serve(folder.path());
    for _ in 0..3 {
        let ask = |number| double(folder.path(), number);
        let (one, two, three) = tokio::join!(ask(1), ask(2), ask(3));
        for (answer, doubled) in [(one, 2), (two, 4), (three, 6)] {
            assert_eq!(answer.unwrap(), Ok(doubled));
        }
    }
    serving.abort();
}

#[tokio::test]
async fn a_line_that_is_no_request_is_answered_with_what_is_wrong_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let serving = serve(folder.path());
    let answer: Result<Result<u32, String>, _> = ask(folder.path(), &"two").await;
    assert!(matches!(&answer, Ok(Err(why)) if why.contains("expected u32")), "{answer:?}");
    let answer: Result<String, _> = ask(folder.path(), &2_u32).await;
    assert!(matches!(answer, Err(ControlError::Unclear(_))), "{answer:?}");
    serving.abort();
}

#[tokio::test]
async fn where_no_engine_runs_the_answer_is_that() {
    let folder = tempfile::tempdir().unwrap();
    let answer = double(folder.path(), 1).await;
    assert!(matches!(answer, Err(ControlError::NotRunning)), "{answer:?}");
}

#[tokio::test]
async fn nothing_is_left_when_the_engine_ends() {
    let folder = tempfile::tempdir().unwrap();
    drop(Server::bind(folder.path()).unwrap());
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    let answer = double(folder.path(), 1).await;
    assert!(matches!(answer, Err(ControlError::NotRunning)), "{answer:?}");
}

#[tokio::test]
async fn what_a_lost_power_left_is_replaced() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["control.sock", "control.pipe"] {
        std::fs::write(folder.path().join(name), "0123456789abcdef0123456789abcdef").unwrap();
    }
    let answer = double(folder.path(), 1).await;
    assert!(matches!(answer, Err(ControlError::NotRunning)), "{answer:?}");
    let serving = serve(folder.path());
    assert_eq!(double(folder.path(), 1).await.unwrap(), Ok(2));
    serving.abort();
}
