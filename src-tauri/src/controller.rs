//! What the app does: hears the engine, the pages, the tray and the clock, one after another, and
//! tells windows and tray what there is. Work that takes time is done aside and comes back as a
//! message; nothing here waits.
//!
//! ```text
//!   page --Request--+                         +--View--> page
//!   engine --Notice-+--> Controller (one task)+--------> tray, notification, window
//!   tray, clock ----+      |          ^
//!                          +--aside---+
//! ```

mod accounts;
mod archive;
mod asking;
mod cards;
mod clock;
mod dossier;
mod dragging;
mod files;
mod held;
mod identities;
mod incoming;
mod ours;
mod setup;
mod teaching;
mod telling;
mod ways;

use std::collections::HashSet;
use std::sync::Arc;

use checkup::Item;
use engine::cards::PinWanted;
use engine::choose::{HeldId, Pending, Prospect};
use engine::incoming::IncomingId;
use engine::look::Look;
use engine::{Engine, Notice};
use jiff::Timestamp;
use mail::Address;
use shelf::InHand;
use tokio::sync::broadcast;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::desk::{Desk, Window};
use crate::request::Request;
use crate::view::{CheckItem, DragEnd, Question, View};
use crate::words::Words;
use held::Seen;

pub(crate) use ours::{House, Said};

/// Something that the controller hears.
pub(crate) enum Message {
    /// A page asks.
    Ask(Window, Request),
    /// A person closed a window.
    Closed(Window),
    /// A window is no longer there, whoever closed it.
    Gone(Window),
    /// An entry of the tray's menu.
    Tray(Click),
    /// The program was started a second time.
    Second,
    /// The system wants us to end.
    Leave,
    /// Whether the engine serves, or why not.
    Serving(Result<(), Said>),
    /// The person wants to stop, and it should be known by now what is held.
    StillUnread,
    /// What is held now.
    Held(Result<Vec<Pending>, Said>),
    /// A message was opened to be asked about.
    Looked(HeldId, Result<Box<(Look, Pending)>, Said>),
    /// Where a message may go.
    Prospects(HeldId, Vec<(Address, Prospect)>),
    /// How it goes with the message that is asked about; None where it could not be read.
    Moved(HeldId, Option<Box<Pending>>),
    /// A choice was taken back.
    TakenBack(String),
    /// Something that is held changed.
    Changed,
    /// What people say of findings changed.
    Taught,
    /// The message that is asked about was judged again.
    Judged(HeldId, Box<Look>),
    /// A choice was taken, or not.
    Chosen(Window, HeldId, Result<(), Said>),
    /// A mail that came in claims what does not hold.
    ClaimFailed(IncomingId),
    /// A message waits for the PIN of a card.
    PinWanted(HeldId, PinWanted),
    /// Nothing came of work aside.
    Nothing,
    /// Everything was looked at.
    Checked(Vec<Item>),
    /// A copy that this drag asked for is a file now, or not.
    InHand(Window, dragging::Number, Result<InHand, Said>),
    /// A drag ended, or could not begin.
    Dragged(Window, Result<DragEnd, Said>),
    /// An answer for a page, and whether the settings changed.
    Answer(Window, Box<View>, Changed),
}

/// Whether an answer comes with changed settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Changed {
    /// The settings are as they were.
    Nothing,
    /// They changed: what stands around the pages is told anew.
    Settings,
}

/// An entry of the tray's menu.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Click {
    /// Show the main window.
    Open,
    /// Ask about what waits.
    Waiting,
    /// End.
    Quit,
}

/// Where messages are put.
pub(crate) type Inbox = UnboundedSender<Message>;

/// A new inbox.
pub(crate) fn inbox() -> (Inbox, UnboundedReceiver<Message>) {
    unbounded_channel()
}

/// The controller.
pub(crate) struct Controller<D: Desk> {
    house: House,
    desk: D,
    inbox: Inbox,
    words: Words,
    queue: crate::queue::Queue,
    current: Option<Current>,
    held: Seen,
    failed: HashSet<(HeldId, String)>,
    /// Messages that a record system refused, of which the person was told.
    unfiled: HashSet<HeldId>,
    /// The mail of which a page shows how far it is with the record system.
    filing_shown: Option<(Window, String)>,
    refreshing: Refreshing,
    following: Refreshing,
    not_opened: Option<String>,
    not_serving: Option<Said>,
    not_kept: Option<Said>,
    told_trouble: bool,
    sent_is_shown: bool,
    received_is_shown: bool,
    /// Mails that came in and failed, of which the person was told.
    told_of: HashSet<IncomingId>,
    /// What the archive's screen shows and does.
    archive: archive::Kept,
    dragging: dragging::Dragging,
    /// Messages for which a PIN was asked.
    pin_asked: HashSet<HeldId>,
    /// The identity and the card whose PIN is asked for now.
    pin_wanted: Option<PinWanted>,
    checked: Vec<CheckItem>,
    quitting: Quitting,
}

/// Whether the person wants to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Quitting {
    No,
    /// As soon as it is read what is held, or it is asked then.
    OnceRead,
    /// It is asked whether that is meant though mail waits.
    Asked,
}

/// The message that is asked about.
struct Current {
    id: HeldId,
    /// None until it was opened.
    question: Option<Box<Question>>,
    pending: Option<Pending>,
    prospects: Vec<(Address, Prospect)>,
    /// The person chose here, and follows how it goes.
    chosen_here: bool,
    /// For whom; none: for everybody.
    chosen_for: Option<Vec<Address>>,
    /// A choice is being taken to the engine.
    deciding: bool,
}

/// Whether the list of what is held is being read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Refreshing {
    No,
    Underway,
    /// Underway, and something changed since it began.
    Stale,
}

/// Whether the loop goes on.
enum Step {
    On,
    End,
}

impl<D: Desk> Controller<D> {
    /// A controller; nothing happens until it runs.
    pub(crate) fn new(house: House, desk: D, inbox: Inbox) -> Self {
        let words = Words::of(house.language());
        Self {
            house,
            desk,
            inbox,
            words,
            queue: crate::queue::Queue::default(),
            current: None,
            held: Seen::NotYet,
            failed: HashSet::new(),
            unfiled: HashSet::new(),
            filing_shown: None,
            refreshing: Refreshing::No,
            following: Refreshing::No,
            not_opened: None,
            not_serving: None,
            not_kept: None,
            told_trouble: false,
            sent_is_shown: false,
            received_is_shown: false,
            told_of: HashSet::new(),
            archive: archive::Kept::default(),
            dragging: dragging::Dragging::default(),
            pin_asked: HashSet::new(),
            pin_wanted: None,
            checked: Vec::new(),
            quitting: Quitting::No,
        }
    }

    /// Runs until it is told to end. `hidden`: no window at first, unless the first run or trouble
    /// needs one.
    pub(crate) async fn run(mut self, mut letters: UnboundedReceiver<Message>, hidden: bool) {
        let mut notices = self.house.listen();
        self.clear_hand();
        self.tell_all();
        if !hidden || self.house.needs_a_window() {
            self.show(Window::Main);
        }
        self.refresh();
        loop {
            if notices.is_none() {
                notices = self.house.listen();
            }
            let pause = self.pause();
            let step = tokio::select! {
                letter = letters.recv() => match letter {
                    Some(letter) => self.hear(letter),
                    None => Step::End,
                },
                notice = heard(&mut notices) => { self.notice(notice); Step::On }
                () = tokio::time::sleep(pause) => { self.tick(Timestamp::now()); Step::On }
            };
            if matches!(step, Step::End) {
                break;
            }
        }
        self.house.stop().await;
        self.clear_hand();
        self.desk.leave();
    }

    fn hear(&mut self, letter: Message) -> Step {
        match letter {
            Message::Ask(from, request) => return self.answer(from, request),
            Message::Closed(window) => self.closed(window),
            Message::Tray(click) => return self.clicked(click),
            Message::Second => self.show(Window::Main),
            Message::Leave => return Step::End,
            Message::Serving(how) => self.serving(how),
            Message::Held(held) => {
                self.take_held(held);
                return self.quit_once_read();
            }
            Message::StillUnread => return self.quit_once_read(),
            Message::Looked(id, looked) => self.looked(id, looked),
            Message::Prospects(id, prospects) => self.prospects(id, prospects),
            Message::Moved(id, pending) => self.moved(id, pending.map(|pending| *pending)),
            Message::TakenBack(id) => {
                if let Ok(id) = id.parse() {
                    self.ask_about(id);
                }
                self.refresh();
            }
            Message::Changed => self.refresh(),
            Message::Taught => {
                self.look_again();
                self.tell_taught(Window::Main);
            }
            Message::Judged(id, look) => self.judged(id, &look),
            Message::Gone(window) => self.gone(window),
            Message::Chosen(from, id, chosen) => self.chosen(from, id, chosen),
            Message::ClaimFailed(id) => self.claim_failed(id),
            Message::PinWanted(message, wanted) => self.ask_pin(message, wanted),
            Message::Nothing => {}
            Message::InHand(from, drag, made) => self.in_hand(from, drag, made),
            Message::Dragged(from, end) => self.dragged(from, end),
            Message::Checked(items) => self.checked(&items),
            Message::Answer(to, view, changed) => {
                if changed == Changed::Settings {
                    self.settings_changed();
                }
                self.pin_wanted.take_if(|_| matches!(*view, View::CardUnlocked { .. }));
                self.desk.post(to, &view);
            }
        }
        Step::On
    }

    fn notice(&mut self, notice: Option<Notice>) {
        let asked = self.asked_id();
        match notice {
            Some(Notice::Incoming(id)) => return self.came_in(id),
            Some(Notice::Visited(account)) => return self.visited(&account),
            Some(Notice::Leaving(over)) => return self.over_time(&over.account, over.copies),
            Some(Notice::Chosen(id) | Notice::Progress(id)) if Some(id) != asked => {}
            Some(Notice::Held(_)) => {}
            // It is about the message that is asked about, or may be: some was missed.
            _ => self.follow(),
        }
        self.refresh();
    }

    fn clicked(&mut self, click: Click) -> Step {
        match click {
            Click::Open => self.show(Window::Main),
            Click::Waiting => {
                let first = self.held.waiting().next();
                match first {
                    Some(id) => self.ask_about(id),
                    None => self.show(Window::Main),
                }
            }
            Click::Quit => return self.quit(),
        }
        Step::On
    }

    fn show(&self, window: Window) {
        let key = match window {
            Window::Main => "window.main",
            Window::Question => "window.question",
        };
        self.desk.show(window, &self.words.get(key));
    }

    fn closed(&mut self, window: Window) {
        match window {
            Window::Main => {
                self.sent_is_shown = false;
                self.received_is_shown = false;
                self.filing_shown = None;
                if self.quitting == Quitting::Asked {
                    self.quitting = Quitting::No;
                }
                self.pin_wanted = None;
            }
            // What is not answered waits; the icon and the list show it.
            Window::Question => {
                self.queue.put_all_off(self.later(Timestamp::now()));
                self.current = None;
                self.tell_list();
            }
        }
    }

    /// A question that came while its window was going needs another window.
    fn gone(&mut self, window: Window) {
        if window == Window::Question && self.current.is_some() {
            self.show(window);
        }
    }

    fn serving(&mut self, how: Result<(), Said>) {
        self.not_serving = how.err();
        self.tell_all();
        self.refresh();
    }

    fn notify(&self, title: &str, text: &str) {
        if self.house.notifications() {
            self.desk.notify(&self.words.get(title), text);
        }
    }

    fn trouble(&self) -> Option<String> {
        let said = self.house.fault().or(self.not_serving.as_ref()).or(self.not_kept.as_ref());
        said.map(|said| self.words.pick(&said.nl, &said.en))
    }

    /// Does something that takes time; what comes of it is heard like everything else.
    fn aside(&self, work: impl Future<Output = Message> + Send + 'static) {
        let inbox = self.inbox.clone();
        tokio::spawn(async move {
            // Nobody hears it where the program ends.
            let _ = inbox.send(work.await);
        });
    }

    fn engine(&self) -> Option<Arc<Engine>> {
        self.house.engine()
    }
}

/// What the engine tells; None where some of it was missed. Never done where there is no engine.
async fn heard(notices: &mut Option<broadcast::Receiver<Notice>>) -> Option<Notice> {
    use broadcast::error::RecvError;
    let Some(open) = notices else { return std::future::pending().await };
    match open.recv().await {
        Ok(notice) => Some(notice),
        Err(RecvError::Lagged(_)) => None,
        Err(RecvError::Closed) => std::future::pending().await,
    }
}

fn small(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
