//! Given, when, then: the controller with a desk that remembers, and a real engine between the
//! servers of the try-out.

mod accounts;
mod asked;
mod dragging;
mod handed;
mod kept;
mod reminding;
mod teaching;
mod unseen;
mod ways;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::*;
use crate::desk::{Ended, Menu, Picked, Tray};
use crate::request::{Choosing, Way};
use crate::view::{Outlook, Proof, Sample, SeenState, Stage as Asked, State};

/// What a desk was told to do.
#[derive(Debug, Clone)]
enum Done {
    Show(Window),
    Close(Window),
    Post(Window, Box<View>),
    Tray(Tray, Menu),
    Notify(String),
    Drag(PathBuf),
    Leave,
}

/// A desk that remembers.
#[derive(Clone, Default)]
struct Fake {
    done: Arc<Mutex<Vec<Done>>>,
    /// What is being dragged, and waits for its end.
    dragged: Arc<Mutex<Vec<Ended>>>,
    more: Arc<Notify>,
}

impl Fake {
    fn note(&self, done: Done) {
        self.done.lock().unwrap().push(done);
        self.more.notify_one();
    }

    fn all(&self) -> Vec<Done> {
        self.done.lock().unwrap().clone()
    }
}

impl Desk for Fake {
    fn show(&self, window: Window, _title: &str) {
        self.note(Done::Show(window));
    }
    fn close(&self, window: Window) {
        self.note(Done::Close(window));
    }
    fn post(&self, window: Window, view: &View) {
        self.note(Done::Post(window, Box::new(view.clone())));
    }
    fn tray(&self, tray: Tray, tooltip: &str, menu: &Menu) {
        self.note(Done::Notify(tooltip.to_owned()));
        self.note(Done::Tray(tray, menu.clone()));
    }
    fn notify(&self, title: &str, text: &str) {
        self.note(Done::Notify(format!("{title} {text}")));
    }
    fn pick_folder(&self, _: Window, title: &str, from: Option<PathBuf>, picked: Picked) {
        self.note(Done::Notify(title.to_owned()));
        // Whoever sits here picks what is shown.
        picked(from);
    }
    fn drag(&self, _: Window, file: &Path, ended: Ended) {
        self.dragged.lock().unwrap().push(ended);
        self.note(Done::Drag(file.to_owned()));
    }
    fn starts_with_computer(&self) -> bool {
        false
    }
    fn start_with_computer(&self, _on: bool) -> Result<(), String> {
        Ok(())
    }
    fn trust(&self, _authority: &str) -> Result<(), String> {
        Err("no".to_owned())
    }
    fn leave(&self) {
        self.note(Done::Leave);
    }
}

/// The app without a screen.
struct App {
    letters: Inbox,
    desk: Fake,
    running: JoinHandle<()>,
    engine: Arc<Engine>,
    seen: Mutex<usize>,
}

impl App {
    /// The app between the servers of the try-out, serving.
    async fn trying_out() -> Self {
        let (letters, mail) = inbox();
        let desk = Fake::default();
        let mut house = House::try_out().await;
        house.serve(letters.clone());
        let engine = house.engine().unwrap();
        let controller = Controller::new(house, desk.clone(), letters.clone());
        let running = tokio::spawn(controller.run(mail, true));
        let app = Self { letters, desk, running, engine, seen: Mutex::new(0) };
        timeout(PATIENCE, async {
            while app.engine.listeners().is_empty() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        })
        .await
        .unwrap();
        app
    }

    fn ask(&self, from: Window, request: Request) {
        self.letters.send(Message::Ask(from, request)).unwrap();
    }

    /// A mail program sends a referral.
    fn send(&self) {
        self.ask(Window::Main, Request::Try { sample: Sample::Referral });
    }

    /// Waits for something that the desk is told after what was waited for last.
    async fn until<T>(&self, what: &str, look: impl Fn(&Done) -> Option<T>) -> T {
        let found = timeout(PATIENCE, async {
            loop {
                let (all, from) = (self.desk.all(), *self.seen.lock().unwrap());
                let found =
                    all.iter().enumerate().skip(from).find_map(|(n, done)| Some((n, look(done)?)));
                if let Some((n, found)) = found {
                    *self.seen.lock().unwrap() = n + 1;
                    return found;
                }
                self.desk.more.notified().await;
            }
        });
        let Ok(found) = found.await else { panic!("{what} did not come: {:#?}", self.desk.all()) };
        found
    }

    /// Waits for a question that is so.
    async fn question(&self, what: &str, so: impl Fn(&Question) -> bool) -> Question {
        self.until(what, |done| match done {
            Done::Post(Window::Question, view) => match view.as_ref() {
                View::Question(question) if so(question) => Some((**question).clone()),
                _ => None,
            },
            _ => None,
        })
        .await
    }

    async fn trouble(&self, with: &str) -> String {
        self.until("trouble", |done| match done {
            Done::Post(_, view) => match view.as_ref() {
                View::Trouble { ask, sentence } if ask == with => Some(sentence.clone()),
                _ => None,
            },
            _ => None,
        })
        .await
    }

    fn choose(&self, question: &Question, way: Way, reason: &str) {
        let open = |one: &&crate::view::Recipient| one.state == State::Waiting;
        let to = question.recipients.iter().filter(open).map(|one| one.address.clone()).collect();
        let (id, reason) = (question.id.clone(), reason.to_owned());
        let choosing = Choosing { id, recipients: Some(to), way, reason, filing: None };
        self.ask(Window::Question, Request::Choose(choosing));
    }

    fn next(&self, question: &Question) {
        self.ask(Window::Question, Request::Next { id: question.id.clone() });
    }
}

fn ready(question: &Question) -> bool {
    !question.looking_up && question.stage == Asked::Choose
}

fn closed(done: &Done) -> Option<()> {
    matches!(done, Done::Close(Window::Question)).then_some(())
}

#[tokio::test]
async fn a_held_mail_is_asked_about_with_its_words_marked_and_its_way_proved() {
    let app = App::trying_out().await;
    app.send();
    app.until("the window", |done| matches!(done, Done::Show(Window::Question)).then_some(()))
        .await;
    let question = app.question("the question", ready).await;
    assert_eq!(question.subject, "Verwijzing dhr. Jansen");
    assert_eq!((question.number, question.of), (1, 1));
    let marks: Vec<_> = question
        .passages
        .iter()
        .flat_map(|one| &one.runs)
        .filter(|run| run.mark.is_some())
        .collect();
    assert!(marks.iter().any(|run| run.text == "123456782"), "{marks:?}");
    let to = &question.recipients[0];
    assert_eq!(
        (to.outlook, to.proof, to.state),
        (Outlook::Direct, Some(Proof::Dane), State::Waiting)
    );
    assert_eq!(to.host.as_deref(), Some("mx.ziekenhuis.test"));
    assert_eq!(to.guarantee.as_ref(), Some(&to.sentence));
    let states: Vec<SeenState> = to.chain.iter().map(|link| link.state).collect();
    let good = SeenState::Good;
    assert_eq!(states, [good, good, good, SeenState::NotLookedAt], "the proof is yet to come");
    let proof = to.chain[3].steps.last().map(|step| step.seen.clone());
    assert!(proof.as_ref().is_some_and(|seen| seen.contains("DANE")), "{proof:?}");
}

#[tokio::test]
async fn what_is_chosen_is_followed_to_its_end_and_the_window_goes() {
    let app = App::trying_out().await;
    app.send();
    let question = app.question("the question", ready).await;
    app.choose(&question, Way::Secure, "");
    let done = app.question("the end", |one| one.stage == Asked::Done).await;
    assert_eq!(done.recipients[0].state, State::Sent);
    app.next(&question);
    app.until("the end of the window", closed).await;
    app.ask(Window::Main, Request::Sent);
    let sent = app
        .until("what was sent", |done| match done {
            Done::Post(Window::Main, view) => match view.as_ref() {
                View::Sent { items } => items.first().cloned(),
                _ => None,
            },
            _ => None,
        })
        .await;
    assert_eq!(sent.recipients[0].route.as_deref(), Some("direct"));
    assert!(!sent.recipients[0].guarantee.is_empty() && !sent.recipients[0].proof.is_empty());
}

#[tokio::test]
async fn ordinary_mail_without_a_reason_is_refused_and_asked_about_still() {
    let app = App::trying_out().await;
    app.send();
    let question = app.question("the question", ready).await;
    app.choose(&question, Way::Ordinary, " ");
    let sentence = app
        .until("trouble", |done| match done {
            Done::Post(Window::Question, view) => match view.as_ref() {
                View::Trouble { ask, sentence } if ask == "choose" => Some(sentence.clone()),
                _ => None,
            },
            _ => None,
        })
        .await;
    assert!(!sentence.is_empty());
    let again = app.question("the question again", |one| one.stage == Asked::Choose).await;
    assert_eq!(again.recipients[0].state, State::Waiting);
}

#[tokio::test]
async fn a_closed_window_leaves_the_mail_waiting_and_the_tray_tells_so() {
    let app = App::trying_out().await;
    app.send();
    let question = app.question("the question", ready).await;
    app.letters.send(Message::Closed(Window::Question)).unwrap();
    let line = app
        .until("the list", |done| match done {
            Done::Post(Window::Main, view) => match view.as_ref() {
                View::Waiting { items: Some(items) } => {
                    items.first().filter(|one| one.asked_again_at.is_some()).cloned()
                }
                _ => None,
            },
            _ => None,
        })
        .await;
    assert!(line.can_choose && line.can_withdraw);
    assert_eq!(app.engine.held().await.unwrap().len(), 1);
    let trays = app.desk.all();
    let last = trays.iter().rev().find_map(|done| match done {
        Done::Tray(tray, menu) => Some((*tray, menu.waiting.clone())),
        _ => None,
    });
    assert_eq!(last.map(|(tray, _)| tray), Some(Tray::Waiting(1)));
    app.letters.send(Message::Tray(Click::Waiting)).unwrap();
    let again = app.question("the question again", ready).await;
    assert_eq!(again.id, question.id);
}

#[tokio::test]
async fn several_are_asked_about_in_one_window_one_after_another() {
    let app = App::trying_out().await;
    app.send();
    let first = app.question("the first question", ready).await;
    app.send();
    let counted = app.question("the counter", |one| one.of == 2).await;
    assert_eq!((counted.id.as_str(), counted.number, counted.left), (first.id.as_str(), 1, 1));
    app.ask(Window::Question, Request::Snooze { id: first.id.clone() });
    let second = app.question("the second question", |one| one.id != first.id && ready(one)).await;
    assert_eq!((second.number, second.of, second.left), (1, 1, 0), "what was put off is not next");
    app.choose(&second, Way::Withdraw, "");
    app.question("the end", |one| one.stage == Asked::Done).await;
    app.next(&second);
    app.until("the end of the window", closed).await;
    assert_eq!(app.engine.held().await.unwrap().len(), 1, "what was put off waits");
}

/// The page lags behind: what it says of the mail before is no word on the one that is asked about.
#[tokio::test]
async fn a_second_press_on_next_does_not_put_off_a_mail_that_nobody_saw() {
    let app = App::trying_out().await;
    app.send();
    let first = app.question("the first question", ready).await;
    app.send();
    app.question("the counter", |one| one.of == 2).await;
    app.choose(&first, Way::Withdraw, "");
    app.question("the end", |one| one.stage == Asked::Done).await;
    app.next(&first);
    app.next(&first);
    app.ask(Window::Question, Request::Snooze { id: first.id.clone() });
    let second = app.question("the second question", |one| one.id != first.id && ready(one)).await;
    app.choose(&second, Way::Secure, "");
    let done = app.question("the end", |one| one.stage == Asked::Done).await;
    assert_eq!(done.recipients[0].state, State::Sent);
}

#[tokio::test]
async fn a_choice_for_somebody_who_was_not_asked_about_is_made_for_nobody() {
    let app = App::trying_out().await;
    app.send();
    let question = app.question("the question", ready).await;
    let recipients = Some(vec![question.recipients[0].address.clone(), "x@elders.test".to_owned()]);
    let (id, reason) = (question.id.clone(), String::new());
    let choosing = Choosing { id, recipients, way: Way::Secure, reason, filing: None };
    app.ask(Window::Question, Request::Choose(choosing));
    let again = app.question("the question again", |one| one.stage == Asked::Choose).await;
    assert_eq!(again.recipients[0].state, State::Waiting);
}

/// The system takes a window away a moment after it was told to; what came meanwhile needs another.
#[tokio::test]
async fn a_question_that_comes_while_its_window_goes_gets_another_window() {
    let app = App::trying_out().await;
    app.send();
    let first = app.question("the first question", ready).await;
    app.choose(&first, Way::Withdraw, "");
    app.question("the end", |one| one.stage == Asked::Done).await;
    app.next(&first);
    app.until("the end of the window", closed).await;
    app.send();
    let shown = |done: &Done| matches!(done, Done::Show(Window::Question)).then_some(());
    app.until("the window for the second", shown).await;
    app.letters.send(Message::Gone(Window::Question)).unwrap();
    app.until("another window", shown).await;
}

#[tokio::test]
async fn what_is_decided_elsewhere_is_asked_about_no_more() {
    let app = App::trying_out().await;
    app.send();
    let question = app.question("the question", ready).await;
    let wanted = engine::choose::Wanted::Withdraw;
    app.engine.choose(&question.id, wanted, false).await.unwrap();
    app.until("the end of the window", closed).await;
}

#[tokio::test]
async fn stopping_while_mail_waits_is_asked_about_first() {
    let app = App::trying_out().await;
    app.send();
    app.question("the question", ready).await;
    app.letters.send(Message::Tray(Click::Quit)).unwrap();
    let waiting = app
        .until("the warning", |done| match done {
            Done::Post(Window::Main, view) => match view.as_ref() {
                View::ConfirmQuit { waiting } => Some(*waiting),
                _ => None,
            },
            _ => None,
        })
        .await;
    assert_eq!(waiting, Some(1));
    app.ask(Window::Main, Request::Quit);
    app.until("the end", |done| matches!(done, Done::Leave).then_some(())).await;
    app.running.await.unwrap();
}

#[tokio::test]
async fn neither_tray_nor_notification_tells_anything_of_a_mail() {
    let app = App::trying_out().await;
    app.send();
    let question = app.question("the question", ready).await;
    app.letters.send(Message::Closed(Window::Question)).unwrap();
    app.choose(&question, Way::Withdraw, "");
    let private = ["Jansen", "123456782", "Verwijzing", "ziekenhuis", "praktijk@", "annelies"];
    for done in app.desk.all() {
        let told = match done {
            Done::Notify(text) => text,
            Done::Tray(_, menu) => format!("{menu:?}"),
            _ => continue,
        };
        assert!(!private.iter().any(|word| told.contains(word)), "{told}");
    }
}

/// The machine may be busy.
const PATIENCE: Duration = Duration::from_secs(60);
