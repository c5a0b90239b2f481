//! Files that are handed over, and identities.

use zeroize::Zeroizing;

use super::*;
use crate::request::{Bytes, Dropped, Loaded, NewIdentity, NewKey, NewRequest};
use crate::view::{
    BlockKind, Covered, IdentitiesView, IdentityDone, KeyType, Signed, Standing, VerifiedFile,
};

const ADDRESS: &str = "praktijk@praktijk.test";

fn loaded(name: &str, bytes: &[u8]) -> Loaded {
    Loaded { name: name.to_owned(), bytes: Bytes(Zeroizing::new(bytes.to_vec())) }
}

impl App {
    async fn verified(&self, file: Loaded, content: Option<Loaded>) -> VerifiedFile {
        self.ask(Window::Main, Request::Verify(Dropped { file, content }));
        self.until("the verdict", |done| match done {
            Done::Post(Window::Main, view) => match view.as_ref() {
                View::Verified { file: Some(file) } => Some((**file).clone()),
                _ => None,
            },
            _ => None,
        })
        .await
    }

    /// What comes of a request about identities: the list, and then what was done.
    async fn identities_after(&self, request: Request) -> (IdentitiesView, IdentityDone) {
        self.ask(Window::Main, request);
        let list = self.identities().await;
        let done = self
            .until("what was done", |done| match done {
                Done::Post(Window::Main, view) => match view.as_ref() {
                    View::IdentityDone { done, .. } => Some(*done),
                    _ => None,
                },
                _ => None,
            })
            .await;
        (list, done)
    }

    async fn identities(&self) -> IdentitiesView {
        self.until("the identities", |done| match done {
            Done::Post(Window::Main, view) => match view.as_ref() {
                View::Identities(list) => Some(list.clone()),
                _ => None,
            },
            _ => None,
        })
        .await
    }
}

#[tokio::test]
async fn a_mail_that_is_handed_over_is_judged_and_drawn_and_nothing_of_it_is_kept() {
    let app = App::trying_out().await;
    let mail = b"From: els@huis.test\r\nSubject: Groet\r\n\r\nHallo\r\n";
    let file = app.verified(loaded("groet.eml", mail), None).await;
    assert_eq!(
        (file.name.as_str(), file.outcome, file.mail),
        ("groet.eml", Signed::NotSigned, true)
    );
    assert_eq!((file.from.as_str(), file.subject.as_str()), ("els@huis.test", "Groet"));
    let drawn: Vec<_> = file.blocks.iter().map(|block| (block.kind, block.cover)).collect();
    let bare = Covered::Nothing;
    assert_eq!(drawn, [(BlockKind::Header, bare), (BlockKind::Text, bare)]);
    assert!(
        file.text.contains("Niet ondertekend") && !file.text.contains("Hallo"),
        "{}",
        file.text
    );
}

#[tokio::test]
async fn what_is_no_mail_is_said_at_the_place_where_it_was_dropped() {
    let app = App::trying_out().await;
    for (bytes, said) in
        [(&b"%PDF-1.7"[..], "PDF"), (&b""[..], "leeg"), (&b"boodschappen"[..], "geen mail")]
    {
        let file = loaded("bestand", bytes);
        app.ask(Window::Main, Request::Verify(Dropped { file, content: None }));
        let sentence = app.trouble("verify").await;
        assert!(sentence.contains(said), "{sentence}");
    }
}

#[tokio::test]
async fn identities_are_listed_made_asked_for_and_removed() {
    let app = App::trying_out().await;
    app.ask(Window::Main, Request::Identities);
    let before = app.identities().await;
    assert_eq!(before.items.len(), 1);
    assert!(before.items[0].self_signed && before.items[0].signs, "{before:?}");

    let (address, name) = (ADDRESS.to_owned(), "J. Jansen".to_owned());
    let new = NewKey { address: address.clone(), name: name.clone(), key: KeyType::P384 };
    let (list, done) = app.identities_after(Request::MakeIdentity(new)).await;
    assert_eq!((done, list.items.len()), (IdentityDone::Made, 2));
    let made = &list.items[1];
    assert!(made.subject.contains("J. Jansen") && made.key.contains("384"), "{made:?}");
    let trying_out = Standing::Attention;
    assert_eq!((made.standing, made.signs, list.items[0].signs), (trying_out, true, false));

    let key = KeyType::P256;
    let wish = NewRequest { address, name, organisation: " De Linde ".to_owned(), key };
    let (list, done) = app.identities_after(Request::RequestIdentity(wish)).await;
    assert_eq!((done, list.requests.len()), (IdentityDone::Requested, 1));
    assert!(list.requests[0].pem.starts_with("-----BEGIN CERTIFICATE REQUEST-----"));
    app.ask(Window::Main, Request::InstallIdentity { file: loaded("x.pem", b"geen certificaat") });
    assert!(!app.trouble("install_identity").await.is_empty());

    for id in [list.requests[0].id.clone(), list.items[1].id.clone()] {
        let (_, done) = app.identities_after(Request::RemoveIdentity { id }).await;
        assert_eq!(done, IdentityDone::Removed);
    }
    app.ask(Window::Main, Request::Identities);
    let after = app.identities().await;
    assert!(after.items[0].signs && after.requests.is_empty(), "{after:?}");
    app.ask(Window::Main, Request::RemoveIdentity { id: "er is er geen".to_owned() });
    assert!(!app.trouble("remove_identity").await.is_empty());
}

#[tokio::test]
async fn a_file_without_an_identity_is_refused_and_its_password_is_printed_nowhere() {
    let app = App::trying_out().await;
    let new = NewIdentity {
        address: ADDRESS.to_owned(),
        file: loaded("sleutel.p12", b"geheim"),
        password: Zeroizing::new("wachtwoord".to_owned()),
    };
    let shown = format!("{:?}", Request::ImportIdentity(new.clone()));
    assert!(!shown.contains("wachtwoord") && !shown.contains("geheim"), "{shown}");
    app.ask(Window::Main, Request::ImportIdentity(new));
    assert!(app.trouble("import_identity").await.contains(".p12"));
}

#[tokio::test]
async fn card_software_that_was_not_offered_is_never_loaded() {
    let app = App::trying_out().await;
    let module = "/tmp/vreemd.so".to_owned();
    app.ask(Window::Main, Request::UseCardSoftware { module });
    assert!(app.trouble("use_card_software").await.contains("niet gevonden"));
    assert!(app.engine.settings().cards.modules.is_empty());
}

#[tokio::test]
async fn nothing_came_in_at_first() {
    let app = App::trying_out().await;
    app.ask(Window::Main, Request::Received);
    let empty = |done: &Done| match done {
        Done::Post(Window::Main, view) => match view.as_ref() {
            View::Received { items } => Some(items.is_empty()),
            _ => None,
        },
        _ => None,
    };
    assert!(app.until("what came in", empty).await);
}
