//! What a person says of findings, and texts that are tried.

use super::*;
use crate::request::{Change, Pasted};
use crate::view::{Level, Mark, TaughtItem, Trial};

fn mark(question: &Question, kind: &str) -> Mark {
    let mut runs = question.passages.iter().flat_map(|one| &one.runs);
    runs.find_map(|run| run.mark.clone().filter(|mark| mark.kind == kind)).unwrap()
}

impl App {
    async fn referral(&self) -> Question {
        self.send();
        self.question("the question", ready).await
    }

    async fn taught(&self, what: &str, so: impl Fn(&[TaughtItem]) -> bool) -> Vec<TaughtItem> {
        self.until(what, |done| match done {
            Done::Post(Window::Main, view) => match view.as_ref() {
                View::Taught { items } if so(items) => Some(items.clone()),
                _ => None,
            },
            _ => None,
        })
        .await
    }

    async fn trial(&self, number: u32, text: &str) -> Trial {
        self.ask(Window::Main, Request::Judge(Pasted { number, text: text.to_owned() }));
        self.until("the trial", |done| match done {
            Done::Post(Window::Main, view) => match view.as_ref() {
                View::Trial(trial) if trial.number == number => Some(trial.clone()),
                _ => None,
            },
            _ => None,
        })
        .await
    }

    fn change(&self, change: Change) {
        self.ask(Window::Main, Request::Change { change });
    }
}

#[tokio::test]
async fn what_is_called_wrong_is_struck_and_listed_and_can_be_taken_back() {
    let app = App::trying_out().await;
    let question = app.referral().await;
    assert_eq!((question.level, question.settled), (Level::Certain, false));
    let (id, finding) = (question.id.clone(), mark(&question, "medical").finding.unwrap());
    app.ask(Window::Question, Request::Dismiss { id: id.clone(), finding: finding.clone() });
    let items = app.taught("the list", |items| !items.is_empty()).await;
    assert_eq!((items[0].finding.as_str(), items[0].kind.as_str()), (finding.as_str(), "medical"));
    let again = app.question("struck", |one| mark(one, "medical").dismissed).await;
    assert_eq!(again.id, id, "it waits on");
    assert_eq!(again.recipients[0].state, State::Waiting);
    app.ask(Window::Question, Request::UndoDismissal { id, finding });
    app.question("as it was", |one| !mark(one, "medical").dismissed).await;
}

#[tokio::test]
async fn what_is_forgotten_in_the_settings_counts_again_in_the_question() {
    let app = App::trying_out().await;
    let question = app.referral().await;
    let finding = mark(&question, "medical").finding.unwrap();
    app.ask(Window::Question, Request::Dismiss { id: question.id, finding });
    app.question("struck", |one| mark(one, "medical").dismissed).await;
    app.ask(Window::Main, Request::Forget { finding: None });
    app.question("as it was", |one| !mark(one, "medical").dismissed).await;
    app.ask(Window::Main, Request::Taught);
    app.taught("an empty list", <[_]>::is_empty).await;
}

#[tokio::test]
async fn a_labelled_number_is_told_to_be_one_and_cannot_be_called_wrong() {
    let app = App::trying_out().await;
    let question = app.referral().await;
    let bsn = mark(&question, "bsn");
    assert!(bsn.firm && !mark(&question, "medical").firm);
    let finding = bsn.finding.unwrap();
    app.ask(Window::Question, Request::Dismiss { id: question.id.clone(), finding });
    assert!(app.trouble("dismiss").await.contains("BSN"));
}

#[tokio::test]
async fn mail_in_which_something_is_found_does_not_go_without_a_reason() {
    let app = App::trying_out().await;
    let question = app.referral().await;
    app.choose(&question, Way::Plain, "");
    assert!(!app.trouble("choose").await.is_empty());
    let again = app.question("the question again", |one| one.stage == Asked::Choose).await;
    assert_eq!(again.recipients[0].state, State::Waiting);
}

#[tokio::test]
async fn a_text_is_judged_by_the_settings_of_now() {
    let app = App::trying_out().await;
    let staff = "Mw. Bakker had een CVA.";
    let before = app.trial(1, staff).await;
    assert_ne!(before.level, Level::None);
    assert!(before.runs.iter().any(|run| run.mark.is_some()));
    app.change(Change::Staff(vec![" A. Bakker ".to_owned(), String::new()]));
    let settings = |done: &Done| match done {
        Done::Post(Window::Main, view) => match view.as_ref() {
            View::Settings(view) => Some((**view).clone()),
            _ => None,
        },
        _ => None,
    };
    let view = app.until("the settings", settings).await;
    assert_eq!(view.staff, ["A. Bakker"]);
    let after = app.trial(2, staff).await;
    assert!(after.score < before.score, "{} {}", after.score, before.score);
    app.change(Change::Certain(1.0));
    assert_eq!(app.until("the settings", settings).await.certain, 1.0);
}

#[tokio::test]
async fn a_domain_an_address_or_a_file_that_is_none_is_said_and_not_kept() {
    let app = App::trying_out().await;
    let line = |text: &str| vec![text.to_owned()];
    for (change, word) in [
        (Change::ExemptDomains(line("*.zorg.nl")), "*.zorg.nl"),
        (Change::Staff(line("bakker@")), "bakker@"),
        (Change::OwnTerms(Some("/nergens/termen.txt".to_owned())), "termen.txt"),
    ] {
        app.change(change);
        let said = app.trouble("change").await;
        assert!(said.contains(word), "{said}");
    }
    let settings = app.engine.settings();
    assert!(settings.detect.exempt_domains.is_empty() && settings.detect.own_terms.is_none());
}
