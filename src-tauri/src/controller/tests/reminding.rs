//! What nobody answers is reminded of, and what is done makes room. The controller is led by hand, so that the
//! clock is an argument.

use jiff::ToSpan;

use super::*;
use crate::request::Change;

/// A controller that nobody runs, between the servers of the try-out.
pub(super) struct Hand {
    pub(super) controller: Controller<Fake>,
    pub(super) desk: Fake,
    pub(super) engine: Arc<Engine>,
    mail: UnboundedReceiver<Message>,
    notices: Option<broadcast::Receiver<Notice>>,
}

impl Hand {
    pub(super) async fn trying_out() -> Self {
        let (letters, mail) = inbox();
        let desk = Fake::default();
        let mut house = House::try_out().await;
        house.serve(letters.clone());
        let (engine, notices) = (house.engine().unwrap(), house.listen());
        let controller = Controller::new(house, desk.clone(), letters);
        Self { controller, desk, engine, mail, notices }
    }

    /// Hears whatever comes until the desk was told this, after what it was told before.
    async fn until<T>(&mut self, what: &str, look: impl Fn(&Done) -> Option<T>) -> T {
        let from = self.desk.all().len();
        let hearing = timeout(PATIENCE, async {
            loop {
                if let Some(found) = self.desk.all().iter().skip(from).find_map(&look) {
                    return found;
                }
                tokio::select! {
                    letter = self.mail.recv() => { self.controller.hear(letter.unwrap()); }
                    notice = heard(&mut self.notices) => self.controller.notice(notice),
                }
            }
        });
        hearing.await.unwrap_or_else(|_| panic!("{what} did not come"))
    }

    async fn question(&mut self, so: impl Fn(&Question) -> bool) -> Question {
        self.until("the question", |done| match done {
            Done::Post(Window::Question, view) => match view.as_ref() {
                View::Question(question) if so(question) => Some((**question).clone()),
                _ => None,
            },
            _ => None,
        })
        .await
    }

    /// A mail program sends a referral, and it is asked about.
    pub(super) async fn asked(&mut self) -> Question {
        while self.engine.listeners().is_empty() {
            // Once it listens, it is told.
            let letter = timeout(PATIENCE, self.mail.recv()).await;
            self.controller.hear(letter.unwrap().unwrap());
        }
        self.send();
        self.question(ready).await
    }

    fn send(&mut self) {
        let sample = Request::Try { sample: Sample::Referral };
        self.controller.hear(Message::Ask(Window::Main, sample));
    }

    /// What a moment brings: whether it reminds, and whether the question comes to the front.
    fn tick(&mut self, now: Timestamp) -> (bool, bool) {
        let from = self.desk.all().len();
        self.controller.tick(now);
        let (mut reminds, mut shows) = (false, false);
        for done in self.desk.all().into_iter().skip(from) {
            match done {
                Done::Notify(text) => reminds |= text.starts_with("Er wacht nog mail 1 mail"),
                Done::Show(Window::Question) => shows = true,
                _ => {}
            }
        }
        (reminds, shows)
    }

    /// Another mail waits; it, and whether the question comes to the front.
    fn another_comes(&mut self) -> (HeldId, bool) {
        let from = self.desk.all().len();
        let current = self.controller.current.as_ref().unwrap();
        let mut another = current.pending.clone().unwrap();
        another.id = "01JDJ5X8Z9Q0R1S2T3V4W5X6Y7".parse().unwrap();
        another.recipients[0].state = engine::choose::State::Waiting;
        let id = another.id;
        self.controller.hear(Message::Held(Ok(vec![another])));
        let shown = |done: &Done| matches!(done, Done::Show(Window::Question));
        (id, self.desk.all().iter().skip(from).any(shown))
    }

    /// Sent safely, and followed to the end.
    async fn sent(&mut self) -> Question {
        let question = self.asked().await;
        let to = Some(vec![question.recipients[0].address.clone()]);
        let (id, reason) = (question.id.clone(), String::new());
        let choosing = Choosing { id, recipients: to, way: Way::Secure, reason, filing: None };
        self.controller.hear(Message::Ask(Window::Question, Request::Choose(choosing)));
        self.question(|one| one.stage == Asked::Done).await
    }
}

#[tokio::test]
async fn a_mail_that_was_put_off_is_reminded_of_and_asked_about_after_the_minutes_of_the_setting() {
    let mut hand = Hand::trying_out().await;
    let question = hand.asked().await;
    for minutes in [30, 5] {
        let change = Change::RemindAfter(minutes);
        hand.controller.hear(Message::Ask(Window::Main, Request::Change { change }));
        let kept = |done: &Done| match done {
            Done::Post(Window::Main, view) => match view.as_ref() {
                View::Settings(view) => Some(view.remind_after),
                _ => None,
            },
            _ => None,
        };
        assert_eq!(hand.until("the settings", kept).await, minutes);
        hand.controller.hear(Message::Closed(Window::Question));
        let now = Timestamp::now();
        let after = i64::from(minutes);
        assert_eq!(hand.tick(now + (after - 1).minutes()), (false, false));
        assert_eq!(hand.tick(now + (after + 1).minutes()), (true, true));
        let again = hand.question(ready).await;
        assert_eq!(again.id, question.id);
    }
}

#[tokio::test]
async fn a_question_that_nobody_answers_comes_to_the_front_again_until_somebody_does() {
    let mut hand = Hand::trying_out().await;
    let question = hand.asked().await;
    let now = Timestamp::now();
    assert_eq!(hand.tick(now + 10.minutes()), (false, false));
    assert_eq!(hand.tick(now + 16.minutes()), (true, true));
    assert_eq!(hand.tick(now + 17.minutes()), (false, false));
    assert_eq!(hand.tick(now + 32.minutes()), (true, true));
    let snooze = Request::Snooze { id: question.id };
    hand.controller.hear(Message::Ask(Window::Question, snooze));
    assert_eq!(hand.tick(Timestamp::now() + 14.minutes()), (false, false), "it was put off");
}

#[tokio::test]
async fn an_outcome_that_is_left_open_makes_room_for_the_next_mail() {
    let mut hand = Hand::trying_out().await;
    hand.sent().await;
    hand.controller.hear(Message::Held(Ok(Vec::new())));
    assert_eq!(hand.tick(Timestamp::now() + 60.minutes()), (false, false), "nothing is left to do");
    let (another, shows) = hand.another_comes();
    assert_eq!((hand.controller.asked_id(), shows), (Some(another), true));
}

#[tokio::test]
async fn an_outcome_with_something_left_to_do_stays_and_comes_to_the_front() {
    let mut hand = Hand::trying_out().await;
    let first = hand.sent().await;
    let current = hand.controller.current.as_mut().unwrap();
    current.pending.as_mut().unwrap().recipients[0].state = engine::choose::State::Failed;
    let (_, shows) = hand.another_comes();
    let asked = hand.controller.asked_id().map(|id| id.to_string());
    let why = "it would be gone before anybody read it";
    assert_eq!((asked, shows), (Some(first.id), true), "{why}");
    hand.controller.tell_question();
    let counted = |done: &Done| match done {
        Done::Post(Window::Question, view) => match view.as_ref() {
            View::Question(question) => Some(question.left),
            _ => None,
        },
        _ => None,
    };
    let told = hand.desk.all();
    assert_eq!(told.iter().rev().find_map(counted), Some(1), "the next is one press away");
}

#[tokio::test]
async fn who_was_not_chosen_for_keeps_nobody_waiting_for_the_outcome() {
    let mut hand = Hand::trying_out().await;
    hand.sent().await;
    let current = hand.controller.current.as_mut().unwrap();
    let pending = current.pending.as_mut().unwrap();
    let mut other = pending.recipients[0].clone();
    other.address = Address::parse("familie@elders.test").unwrap();
    other.state = engine::choose::State::Waiting;
    other.reason = None;
    pending.recipients.push(other.clone());
    assert_eq!(hand.controller.asked_stage(), Some((Asked::Done, false)));
    hand.controller.current.as_mut().unwrap().chosen_for = Some(vec![other.address]);
    assert_eq!(hand.controller.asked_stage(), Some((Asked::Underway, false)));
}
