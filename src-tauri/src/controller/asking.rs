//! The question about one message, from its coming to the end of what was chosen.

use engine::choose::{
    Chosen, HeldId, Offer, Pending, PendingRecipient, Prospect, State as Stands, Wanted,
};
use engine::filing::ToDossier;
use engine::look::Look;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use mail::Address;

use super::held::waits;
use super::setup::letter;
use super::{Changed, Controller, Current, Message, Quitting, Refreshing, Said, Step};
use crate::desk::{Desk, Window};
use crate::models;
use crate::request::{Choosing, Request, Way};
use crate::view::{Question, Stage, View};

impl<D: Desk> Controller<D> {
    /// Answers a page.
    pub(super) fn answer(&mut self, from: Window, request: Request) -> Step {
        match request {
            Request::Hello => self.hello(from),
            Request::Choose(choosing) => self.choose(from, choosing),
            Request::Snooze { id } => {
                if let Ok(id) = id.parse() {
                    self.queue.put_off(id, self.later(Timestamp::now()));
                    self.leave_question(id);
                }
            }
            Request::Next { id } => {
                if let Ok(id) = id.parse() {
                    self.leave_question(id);
                }
            }
            Request::Open { id } => {
                if let Ok(id) = id.parse() {
                    self.ask_about(id);
                }
            }
            Request::Hurry { id } => self.hurry(from, id),
            Request::TakeBack { id } => self.take_back(from, id),
            Request::Waiting => self.tell_list(),
            Request::Dismiss { id, finding } => self.dismiss(from, id, finding),
            Request::UndoDismissal { id, finding } => self.undo_dismissal(from, id, finding),
            Request::Taught => self.tell_taught(from),
            Request::Forget { finding } => self.forget(from, finding),
            Request::Judge(pasted) => self.try_text(from, pasted),
            Request::Reopen => {
                self.reopen();
                self.tell_all();
            }
            Request::Quit => return Step::End,
            other => self.set_up(from, other),
        }
        Step::On
    }

    fn hello(&mut self, from: Window) {
        self.desk.post(from, &View::Frame(self.frame()));
        match from {
            Window::Main => {
                self.tell_list();
                if self.quitting == Quitting::Asked {
                    self.desk.post(from, &self.confirm_quit());
                }
                self.tell_not_opened();
                self.tell_pin_wanted();
            }
            Window::Question => self.tell_question(),
        }
    }

    /// Asks about the next message where nothing is being asked.
    pub(super) fn ask_if_free(&mut self) {
        if self.current.is_some() {
            self.tell_question();
            return;
        }
        if let Some(id) = self.queue.next(None) {
            self.ask_about(id);
        }
    }

    /// The message that is asked about.
    pub(super) fn asked_id(&self) -> Option<HeldId> {
        self.current.as_ref().map(|current| current.id)
    }

    /// How far the message that is asked about is, and whether nothing is left for a person to do about it;
    /// none where nothing is asked or it was not opened yet.
    pub(super) fn asked_stage(&self) -> Option<(Stage, bool)> {
        let current = self.current.as_ref()?;
        let pending = current.pending.as_ref()?;
        Some((stage(current, pending), all_went_well(pending)))
    }

    /// Goes on where this message is the one that is asked about: a page may lag behind.
    fn leave_question(&mut self, id: HeldId) {
        match &self.current {
            Some(current) if current.id == id => self.go_on(),
            _ => {
                self.tell_list();
                self.tell_question();
            }
        }
    }

    /// Goes on to the next message; the window goes where there is none. Somebody whom the choice
    /// left waiting waits on for a while, and does not bring the window back at once.
    pub(super) fn go_on(&mut self) {
        let but = self.current.take().map(|current| current.id);
        if let Some(id) = but {
            self.queue.put_off(id, self.later(Timestamp::now()));
        }
        match self.queue.next(but) {
            Some(id) => self.ask_about(id),
            None => {
                self.desk.post(Window::Question, &View::NothingToAsk);
                self.desk.close(Window::Question);
            }
        }
        self.tell_list();
    }

    pub(super) fn ask_about(&mut self, id: HeldId) {
        self.not_opened = None;
        self.queue.take_up(id);
        self.queue.ask(id, self.later(Timestamp::now()));
        self.current = Some(Current {
            id,
            question: None,
            pending: None,
            prospects: Vec::new(),
            chosen_here: false,
            chosen_for: None,
            deciding: false,
        });
        self.show(Window::Question);
        let Some(engine) = self.engine() else { return };
        self.aside(async move {
            let text = id.to_string();
            let looked = match engine.look(&text).await {
                Ok(look) => engine.message(&text).await.map(|pending| Box::new((look, pending))),
                Err(error) => Err(error),
            };
            Message::Looked(id, looked.map_err(|error| Said::of(&error.nl(), &error)))
        });
    }

    pub(super) fn looked(&mut self, id: HeldId, looked: Result<Box<(Look, Pending)>, Said>) {
        let (look, pending) = match looked {
            Ok(looked) => *looked,
            Err(said) => return self.cannot_ask(id, &said),
        };
        let question = self.question(&look, &pending);
        let Some(current) = self.current.as_mut().filter(|current| current.id == id) else {
            return;
        };
        current.question = Some(Box::new(question));
        current.pending = Some(pending.clone());
        self.tell_question();
        let Some(engine) = self.engine() else { return };
        self.aside(async move { Message::Prospects(id, engine.prospects(&pending).await) });
    }

    /// A message that cannot be opened waits on; the list shows it, and why.
    fn cannot_ask(&mut self, id: HeldId, said: &Said) {
        if self.current.as_ref().is_none_or(|current| current.id != id) {
            return;
        }
        self.queue.put_off(id, self.later(Timestamp::now()));
        self.go_on();
        self.show(Window::Main);
        // Told again when the page is there: the window may be new.
        self.not_opened = Some(self.words.pick(&said.nl, &said.en));
        self.tell_not_opened();
    }

    fn tell_not_opened(&self) {
        if let Some(sentence) = self.not_opened.clone() {
            self.desk.post(Window::Main, &View::Trouble { ask: "open".to_owned(), sentence });
        }
    }

    pub(super) fn prospects(&mut self, id: HeldId, prospects: Vec<(Address, Prospect)>) {
        let Some(current) = self.current.as_mut().filter(|current| current.id == id) else {
            return;
        };
        current.prospects = prospects;
        if let Some(question) = &mut current.question {
            question.looking_up = false;
        }
        self.tell_question();
    }

    fn question(&self, look: &Look, pending: &Pending) -> Question {
        Question {
            id: look.id.to_string(),
            number: 1,
            of: 1,
            left: 0,
            subject: look.subject.clone(),
            account: look.account.to_string(),
            held_at: look.held_at.to_string(),
            why: models::why(look.why),
            settled: look.settled,
            level: models::level(look.level),
            passages: models::passages(&self.words, look),
            more: models::more(look),
            opening: look.opening.clone(),
            files: look.files.clone(),
            unread: models::unread(&self.words, &look.unread),
            recipients: models::recipients(&self.words, pending),
            looking_up: true,
            dossier: self.engine().and_then(|engine| {
                let account = engine.settings().account(&look.account)?;
                let (patient, said) = (&look.patient, (look.author.as_str(), look.held_at));
                filing::form::proposed(&account, patient, said, &TimeZone::system())
            }),
            filing: None,
            stage: Stage::Choose,
        }
    }

    /// Tells the question as it stands now; nothing where it was not opened yet.
    pub(super) fn tell_question(&self) {
        let Some(current) = &self.current else { return };
        let (Some(question), Some(pending)) = (&current.question, &current.pending) else { return };
        let mut pending = pending.clone();
        for one in &mut pending.recipients {
            let found = current.prospects.iter().find(|(address, _)| *address == one.address);
            let open = matches!(one.state, Stands::Waiting | Stands::Failed);
            one.prospect = found.filter(|_| open).map(|(_, prospect)| prospect.clone());
        }
        let mut question = question.clone();
        (question.number, question.of) = self.queue.place(current.id);
        question.left = self.queue.left(current.id);
        question.recipients = models::recipients(&self.words, &pending);
        question.filing = pending.filing.as_ref().map(|state| models::filing(&self.words, state));
        question.stage = stage(current, &pending);
        self.desk.post(Window::Question, &View::Question(question));
    }

    fn choose(&mut self, from: Window, choosing: Choosing) {
        let Choosing { id, recipients, way, reason, filing } = choosing;
        let Ok(id) = id.parse::<HeldId>() else { return };
        let Some(engine) = self.engine() else { return self.no_engine(from, "choose") };
        let (wanted, dossier) = match way {
            Way::Secure => (Wanted::Secure, None),
            Way::SecureAndDossier => (Wanted::Secure, Some(filing.unwrap_or_default())),
            Way::Dossier => (Wanted::Withdraw, Some(filing.unwrap_or_default())),
            Way::Ordinary => (Wanted::Ordinary { reason }, None),
            Way::Plain => (Wanted::NothingFound, None),
            Way::Withdraw => (Wanted::Withdraw, None),
        };
        // A page that names no patient names nobody whom a person confirmed.
        let dossier = match dossier {
            None => ToDossier::No,
            Some(form) => match self.confirmed(from, id, &form) {
                Some(asked) => ToDossier::Under(asked),
                None => return,
            },
        };
        let to: Option<Vec<Address>> =
            recipients.map(|all| all.iter().filter_map(|to| Address::parse(to).ok()).collect());
        if let Some(current) = self.current.as_mut().filter(|current| current.id == id) {
            // A second press of the same button is no second choice.
            if current.deciding {
                return;
            }
            current.deciding = true;
            current.chosen_here = from == Window::Question;
            current.chosen_for.clone_from(&to);
            self.tell_question();
        }
        self.aside(async move {
            let chosen = engine.choose_for(&id.to_string(), wanted, dossier, to).await;
            Message::Chosen(from, id, taken(chosen))
        });
    }

    pub(super) fn chosen(&mut self, from: Window, id: HeldId, chosen: Result<(), Said>) {
        let current = self.current.as_mut().filter(|current| current.id == id);
        let asked = current.is_some();
        if let Some(current) = current {
            current.deciding = false;
            current.chosen_here &= chosen.is_ok();
        }
        if let Err(said) = chosen {
            let sentence = self.words.pick(&said.nl, &said.en);
            let view = View::Trouble { ask: "choose".to_owned(), sentence };
            let heard = asked || from == Window::Main;
            self.desk.post(if heard { from } else { Window::Main }, &view);
            if !heard {
                // The person has left the question, and believes that it is done.
                self.queue.take_up(id);
                self.notify("notify.held.title", &self.words.get("notify.held.text"));
            }
        }
        self.follow();
        self.refresh();
    }

    /// Looks aside how it goes with the message that is asked about.
    pub(super) fn follow(&mut self) {
        let Some(id) = self.current.as_ref().map(|current| current.id) else { return };
        let Some(engine) = self.engine() else { return };
        if self.following != Refreshing::No {
            self.following = Refreshing::Stale;
            return;
        }
        self.following = Refreshing::Underway;
        self.aside(async move {
            Message::Moved(id, engine.message(&id.to_string()).await.ok().map(Box::new))
        });
    }

    /// Takes over how it goes; once more where something changed since the reading began.
    pub(super) fn moved(&mut self, id: HeldId, pending: Option<Pending>) {
        if std::mem::replace(&mut self.following, Refreshing::No) == Refreshing::Stale {
            self.follow();
        }
        let Some(pending) = pending else { return self.refresh() };
        let Some(current) = self.current.as_mut().filter(|current| current.id == id) else {
            return;
        };
        let undecided = [Stands::Waiting, Stands::Failed];
        let open = pending.recipients.iter().any(|to| undecided.contains(&to.state));
        let elsewhere = !open && !current.chosen_here && !current.deciding;
        current.pending = Some(pending);
        if elsewhere { self.go_on() } else { self.tell_question() }
    }

    fn take_back(&self, from: Window, id: String) {
        let Some(engine) = self.engine() else { return };
        let words = self.words.clone();
        self.aside(async move {
            match engine.take_back(&id).await {
                Ok(()) => Message::TakenBack(id),
                Err(error) => {
                    let said = Err(Said::of(&error.nl(), &error));
                    letter(from, "take_back", &words, said, Changed::Nothing)
                }
            }
        });
    }

    fn hurry(&self, from: Window, id: String) {
        let Some(engine) = self.engine() else { return };
        let words = self.words.clone();
        self.aside(async move {
            match engine.hurry(&id).await {
                Ok(_) => Message::Changed,
                Err(error) => {
                    let said = Err(Said::of(&error.nl(), &error));
                    letter(from, "hurry", &words, said, Changed::Nothing)
                }
            }
        });
    }
}

fn taken(chosen: Result<Chosen, engine::choose::ChooseError>) -> Result<(), Said> {
    chosen.map(drop).map_err(|error| Said::of(&error.nl(), &error))
}

/// Whether everybody has it or was not to have it, and no record system refused it.
fn all_went_well(pending: &Pending) -> bool {
    let refused = pending.filing.as_ref().is_some_and(Offer::is_refused);
    let well = |one: &PendingRecipient| match one.state {
        Stands::Sent => true,
        Stands::Withdrawn => !one.in_doubt,
        Stands::Waiting | Stands::Chosen | Stands::Sending | Stands::Failed => false,
    };
    !refused && pending.recipients.iter().all(well)
}

/// How far a question is: done where nobody is on the way just now.
fn stage(current: &Current, pending: &Pending) -> Stage {
    match (current.chosen_here, current.deciding) {
        (true, true) => return Stage::Underway,
        (false, _) => return Stage::Choose,
        (true, false) => {}
    }
    let fresh = |state: Stands, attempts: u32| state == Stands::Chosen && attempts == 0;
    let moving = pending
        .recipients
        .iter()
        .any(|one| one.state == Stands::Sending || fresh(one.state, one.attempts));
    // What waits still though it was chosen for, and was not kept back with a reason, has not been decided yet.
    let chosen = |to: &Address| current.chosen_for.as_ref().is_none_or(|all| all.contains(to));
    let undecided = pending
        .recipients
        .iter()
        .any(|one| one.state == Stands::Waiting && one.reason.is_none() && chosen(&one.address));
    if moving || (undecided && waits(pending)) { Stage::Underway } else { Stage::Done }
}
