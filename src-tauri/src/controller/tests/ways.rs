//! A domain that is looked at, and the ways out of an account.

use super::*;
use crate::request::{Change, DomainQuestion, NewGateway, RoutesOf};
use crate::view::{DomainReport, Link, SeenState, Verdict, WayOut, WayTried};

fn domain(text: &str) -> DomainQuestion {
    let domain = text.to_owned();
    DomainQuestion { domain, selectors: Vec::new(), supplier: None, mailbox: false }
}

impl App {
    /// What a person is told after the page was told that it is being looked at.
    async fn examined(&self, question: DomainQuestion) -> DomainReport {
        self.ask(Window::Main, Request::Domain(question));
        let view = |done: &Done| match done {
            Done::Post(Window::Main, view) => match view.as_ref() {
                View::Domain { report, .. } => Some(report.clone()),
                _ => None,
            },
            _ => None,
        };
        assert!(self.until("that it is looked at", view).await.is_none());
        *self.until("the report", view).await.unwrap()
    }

    async fn tried(&self, route: WayOut) -> WayTried {
        let address = "praktijk@praktijk.test".to_owned();
        self.ask(Window::Main, Request::TryWay { address, route });
        self.until("what came of it", |done| match done {
            Done::Post(Window::Main, view) => match view.as_ref() {
                View::WayTried(tried) => Some(tried.clone()),
                _ => None,
            },
            _ => None,
        })
        .await
    }
}

#[tokio::test]
async fn an_address_is_enough_to_check_its_domain_to_the_proof_of_its_mail_host() {
    let app = App::trying_out().await;
    let report = app.examined(domain(" annelies@Ziekenhuis.test ")).await;
    assert_eq!((report.domain.as_str(), report.verdict), ("ziekenhuis.test", Verdict::Direct));
    assert_eq!(report.proof, Some(Proof::Dane));
    let links: Vec<Link> = report.links.iter().map(|one| one.link).collect();
    assert_eq!(links, [Link::Record, Link::Dnssec, Link::Host, Link::Proof]);
    // The certificate of the try-out proves itself by DANE alone, which could be better.
    let holds = |state: SeenState| matches!(state, SeenState::Good | SeenState::Attention);
    assert!(report.links.iter().all(|one| holds(one.state) && !one.steps.is_empty()), "{report:?}");
    for told in ["Zorgmail kan veilig naar ziekenhuis.test.", "[In orde] DNSSEC", "mx.ziekenhuis"] {
        assert!(report.text.contains(told), "{}", report.text);
    }
}

#[tokio::test]
async fn a_domain_that_declares_nothing_is_told_with_what_to_publish() {
    let app = App::trying_out().await;
    let report = app.examined(domain("@niets.test")).await;
    assert_eq!((report.verdict, report.step.as_str()), (Verdict::OtherWay, "R-SEND-2"));
    assert_eq!(report.links[0].state, SeenState::Bad);
    let record = report.links[0].steps[0].publish.clone().unwrap();
    assert_eq!((record.name.as_str(), record.kind.as_str()), ("niets.test", "TXT"));
    let line = format!("niets.test TXT {}", record.value);
    assert!(report.text.contains(&line), "{}", report.text);
}

#[tokio::test]
async fn what_is_no_domain_selector_or_supplier_is_said_and_nothing_is_asked() {
    let app = App::trying_out().await;
    let selectors = vec!["goed".to_owned(), "niet goed".to_owned()];
    let wrong = [
        (domain("jan at ziekenhuis"), "jan at ziekenhuis"),
        (domain("localhost"), "localhost"),
        (domain("arts@[127.0.0.1]"), "127.0.0.1"),
        (DomainQuestion { selectors, ..domain("a.test") }, "niet goed"),
        (DomainQuestion { supplier: Some("x y".to_owned()), ..domain("a.test") }, "x y"),
    ];
    for (question, named) in wrong {
        app.ask(Window::Main, Request::Domain(question));
        let sentence = app.trouble("domain").await;
        assert!(sentence.contains(named), "{sentence}");
    }
    let looked =
        |done: &Done| matches!(done, Done::Post(_, view) if matches!(**view, View::Domain { .. }));
    assert!(!app.desk.all().iter().any(looked));
}

#[tokio::test]
async fn a_route_is_tried_and_nothing_is_sent() {
    let app = App::trying_out().await;
    let tried = app.tried(WayOut::Direct).await;
    assert!(!tried.works && tried.sentence.contains("geen mailserver"), "{tried:?}");
    let tried = app.tried(WayOut::Provider).await;
    assert!(!tried.works && tried.sentence.contains("kenmerk"), "{tried:?}");
    let address = "praktijk@praktijk.test".to_owned();
    app.ask(Window::Main, Request::TryWay { address, route: WayOut::Gateway });
    assert!(app.trouble("try_way").await.contains("server"));
    let address = "weg@praktijk.test".to_owned();
    app.ask(Window::Main, Request::TryWay { address, route: WayOut::Direct });
    assert!(app.trouble("try_way").await.contains("weg@praktijk.test"));
    assert!(app.engine.sent(10).await.unwrap().is_empty());
}

/// The try-out has no settings file: what is not kept is not said to be.
#[tokio::test]
async fn ways_are_not_changed_while_trying_out() {
    let app = App::trying_out().await;
    let address = "praktijk@praktijk.test".to_owned();
    let routes = RoutesOf { address: address.clone(), routes: Vec::new(), mark: None };
    app.ask(Window::Main, Request::Change { change: Change::Routes(routes) });
    assert!(app.trouble("change").await.contains("uitproberen"));
    let gateway = NewGateway {
        address,
        host: "poort.test".to_owned(),
        port: 587,
        implicit: false,
        username: String::new(),
        password: "geheim".to_owned().into(),
    };
    assert!(!format!("{gateway:?}").contains("geheim"));
    app.ask(Window::Main, Request::KeepGateway(gateway));
    assert!(app.trouble("keep_gateway").await.contains("uitproberen"));
}
