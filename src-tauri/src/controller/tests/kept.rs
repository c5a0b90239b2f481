//! The archive's screen, on what was really sent.

use mail::Address;
use shelf::{End, Forms, Saving, Wanted};

use super::*;
use crate::view::{CopyView, Found, Saved};

const EML: Forms = Forms { pdf: false, eml: true, xml: false };

impl App {
    /// Waits for a view of the main window.
    async fn shown<T>(&self, what: &str, look: impl Fn(&View) -> Option<T>) -> T {
        self.until(what, |done| match done {
            Done::Post(Window::Main, view) => look(view),
            _ => None,
        })
        .await
    }

    async fn found(&self, number: u32, words: &str) -> Found {
        let words = words.to_owned();
        self.ask(Window::Main, Request::Archive(Wanted { number, words, ..Wanted::default() }));
        self.shown("the page", |view| match view {
            View::Archive(found) if found.number == number => Some(found.clone()),
            _ => None,
        })
        .await
    }

    async fn opened(&self, id: &str) -> CopyView {
        self.ask(Window::Main, Request::OpenCopy { id: id.to_owned() });
        self.shown("the copy", |view| match view {
            View::ArchiveCopy(copy) => Some((**copy).clone()),
            _ => None,
        })
        .await
    }

    async fn saved(&self, saving: Saving) -> Saved {
        self.ask(Window::Main, Request::SaveCopies(saving));
        self.shown("what was saved", |view| match view {
            View::ArchiveSaved(saved) => Some(saved.clone()),
            _ => None,
        })
        .await
    }

    /// A referral is sent safely; the id of its copy.
    pub(super) async fn sends_one(&self) -> String {
        self.send();
        let question = self.question("the question", ready).await;
        self.choose(&question, Way::Secure, "");
        self.question("the end", |one| one.stage == Asked::Done).await;
        let found = self.found(1, "").await;
        assert_eq!(found.items.len(), 1, "{found:?}");
        found.items[0].id.clone()
    }
}

#[tokio::test]
async fn what_was_sent_is_found_by_a_word_opened_saved_and_deleted() {
    let app = App::trying_out().await;
    let none = app.found(9, "").await;
    assert!(none.items.is_empty() && !none.narrowed);
    let id = app.sends_one().await;
    assert_eq!(app.found(2, "verwij jans").await.items.len(), 1);
    assert!(app.found(3, "galblaas").await.items.is_empty());

    let copy = app.opened(&id).await;
    assert!(copy.text.contains("123456782"), "{}", copy.text);
    assert_ne!(copy.signature.word, "none");
    assert_eq!(copy.proof.len(), 1);

    let folder = app.engine.settings().data_dir.join("bewaard").display().to_string();
    let one = Saving { ids: Some(vec![id.clone()]), folder: folder.clone(), forms: EML };
    assert_eq!(app.saved(one).await.files.len(), 1);
    let all = app.saved(Saving { ids: None, folder, forms: EML }).await;
    assert!((all.copies, all.end == End::Whole) == (1, true));
    assert!(all.folder.contains("Zorgzegel-archief"));

    app.ask(Window::Main, Request::DeleteCopies { ids: vec![id.clone()] });
    let gone = app
        .shown("the end of it", |view| match view {
            View::ArchiveDeleted { ids } => Some(ids.clone()),
            _ => None,
        })
        .await;
    assert_eq!(gone, std::slice::from_ref(&id));
    assert!(app.found(4, "").await.items.is_empty());
    app.ask(Window::Main, Request::OpenCopy { id });
    assert!(app.trouble("open_copy").await.contains("niet meer in het archief"));
}

#[tokio::test]
async fn a_folder_is_picked_from_where_the_person_is_or_as_near_as_there_is_one() {
    let app = App::trying_out().await;
    let there = app.engine.settings().data_dir.canonicalize().unwrap();
    let begins = [(there.join("nog/niet"), Some(there.clone())), ("ergens".into(), None)];
    for (begin, folder) in begins {
        app.ask(Window::Main, Request::PickFolder { from: format!(" {} ", begin.display()) });
        let folder = folder.map(|folder| folder.display().to_string());
        let picked = app.shown("the folder", |view| match view {
            View::FolderPicked { folder } => Some(folder.clone()),
            _ => None,
        });
        assert_eq!(picked.await, folder);
    }
}

#[tokio::test]
async fn what_cannot_be_saved_is_said_beside_what_was_asked() {
    let app = App::trying_out().await;
    let saving = Saving { ids: Some(Vec::new()), folder: "ergens".to_owned(), forms: EML };
    app.ask(Window::Main, Request::SaveCopies(saving.clone()));
    assert!(app.trouble("save_copies").await.contains("vanaf het begin"));
    let none = Forms { eml: false, ..EML };
    app.ask(Window::Main, Request::SaveCopies(Saving { forms: none, ..saving }));
    assert!(app.trouble("save_copies").await.contains("Kies ten minste één vorm"));
}

#[tokio::test]
async fn old_copies_are_told_of_once_and_again_when_there_are_more() {
    let app = App::trying_out().await;
    let tell = |copies: usize| {
        let at = jiff::Timestamp::UNIX_EPOCH;
        let account = Address::parse("praktijk@praktijk.test").unwrap();
        let over = shelf::Leaving { account, copies, from: at, to: at };
        app.engine.tell(Notice::Leaving(Arc::new(over)));
    };
    let told = |n: &'static str| {
        move |done: &Done| match done {
            Done::Notify(text) if text.contains("bewaartermijn") => Some(text.contains(n)),
            _ => None,
        }
    };
    tell(3);
    tell(3);
    tell(5);
    assert!(app.until("the first", told("3 kopieën")).await);
    assert!(app.until("the second", told("5 kopieën")).await, "and not twice of the same");
    app.ask(Window::Main, Request::Leaving);
    let items = app.shown("the list", |view| match view {
        View::Leaving { items, agreed: 0, going, .. } => Some(items.len() + going.len()),
        _ => None,
    });
    assert_eq!(items.await, 0, "in the try-out everything is kept for good");
}

#[tokio::test]
async fn recovery_words_come_when_they_are_asked_for_and_never_before() {
    let app = App::trying_out().await;
    let recovery = |make| Request::Recovery { make };
    let steps = [
        (recovery(false), (0, false, false)),
        (recovery(true), (18, false, false)),
        (recovery(false), (0, true, false)),
        (Request::RecoveryChecked, (0, true, true)),
        (recovery(false), (0, true, true)),
        (recovery(true), (18, true, false)),
    ];
    for (request, wanted) in steps {
        app.ask(Window::Main, request);
        let told = app.shown("the key", |view| match view {
            View::Recovery(told) => Some((told.words.len(), told.made, told.checked)),
            _ => None,
        });
        assert_eq!(told.await, wanted);
    }
}

#[tokio::test]
async fn a_refused_filing_is_told_once_and_without_a_word_of_the_mail() {
    let (letters, _mail) = inbox();
    let desk = Fake::default();
    let mut controller = Controller::new(House::try_out().await, desk.clone(), letters);
    let mut one = Pending {
        id: "01JDJ5X8Z9Q0R1S2T3V4W5X6Y7".parse().unwrap(),
        what: engine::choose::Waits::Message,
        account: Address::parse("praktijk@praktijk.test").unwrap(),
        subject: "Uitslag dhr. Jansen".to_owned(),
        held_at: jiff::Timestamp::UNIX_EPOCH,
        size: 1,
        evidence: None,
        recipients: Vec::new(),
        filing: None,
        notice: None,
    };
    let told = || {
        let told = |done: &Done| match done {
            Done::Notify(text) => {
                text.contains("Een mail staat niet in het dossier").then(|| text.clone())
            }
            _ => None,
        };
        desk.all().iter().filter_map(told).collect::<Vec<_>>()
    };
    controller.sort_held(vec![one.clone()]);
    assert!(told().is_empty(), "nothing was refused");
    let (nl, en) = ("Jansen is onbekend".to_owned(), "Jansen is unknown".to_owned());
    let state = engine::choose::FilingState::Refused { nl, en, said: None };
    one.filing = Some(engine::choose::Offer { state, system: None, earlier: Vec::new() });
    controller.sort_held(vec![one.clone()]);
    controller.sort_held(vec![one]);
    let told = told();
    assert!(told.len() == 1 && !told[0].contains("Jansen"), "{told:?}");
}
