//! The task: one sighting after the other, and what is due again.

use core::time::Duration;
use std::collections::HashSet;
use std::sync::Arc;

use incoming::{Mark, Received, RecordState};
use jiff::{SignedDuration, Timestamp};
use mail::{Address, Message};
use revocation::Book;
use settings::{Account, Settings};
use tokio::time::{Instant, sleep, sleep_until};
use vault::VaultError;
use vault::incoming::{DueIncoming, IncomingId, NewIncoming, Place};

use crate::aside::{Asked, Beside, Marked};
use crate::declares::{Declarations, Declares};
use crate::order::Waiting;
use crate::queue::{Kept, Queue, Sighting, What};
use crate::trust::Trust;
use crate::{House, copy, gather, list, order};

/// Looks at what waits in the queue, and again at what could not be judged, until dropped.
pub async fn run(house: impl House, queue: &Queue) {
    let Some(mut waiting) = queue.receiver() else {
        return;
    };
    let mut desk = Desk::new(house);
    let mut round = Instant::now();
    let mut seen = Vec::new();
    loop {
        tokio::select! {
            count = waiting.recv_many(&mut seen, AT_ONCE) => match count {
                0 => return,
                _ => desk.look_at_all(&mut seen).await,
            },
            () = sleep_until(round) => {
                desk.again().await;
                round = Instant::now() + desk.pause();
            }
            () = sleep(REST), if desk.beside.is_open() => desk.beside.hang_up().await,
        }
    }
}

struct Desk<H> {
    house: H,
    beside: Beside,
    /// What issuers said of revocation.
    book: Book,
    trust: Trust,
    /// Places that were looked at since the start: a mailbox is listed again and again.
    seen: HashSet<Place>,
    declarations: Declarations,
    /// What could not be fetched.
    later: Vec<Later>,
}

/// A message that could not be had.
struct Later {
    /// When it is tried again.
    due: Instant,
    /// How often it could not.
    failures: u32,
    sighting: Sighting,
}

impl Waiting for Later {
    fn account(&self) -> &Address {
        self.sighting.account()
    }

    fn place(&self) -> Option<&Place> {
        self.sighting.place()
    }
}

/// Whether a message could be judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Had {
    /// It was, as well as that goes.
    Done,
    /// Whether it claims anything cannot be told now.
    NotNow,
}

/// What a message is.
enum Judged {
    /// One that claims something; its verdict is kept.
    Claims(IncomingId, Box<Received>),
    /// One that claims nothing, or was never received.
    Nothing,
    /// That cannot be told now.
    NotNow,
}

/// What is left to do of a message that was looked at.
#[derive(Debug, Clone, Copy, Default)]
struct Left {
    /// It could not be judged.
    verdict: bool,
    /// Its copy could not be kept.
    copy: bool,
    /// The provider could not be had to store the keyword.
    keyword: bool,
}

/// Where a message came from that is looked at.
struct Look<'a> {
    account: &'a Account,
    place: Option<&'a Place>,
    settings: &'a Arc<Settings>,
    /// How often it was judged before.
    tries: u32,
}

impl<H: House> Desk<H> {
    fn new(house: H) -> Self {
        Self {
            house,
            beside: Beside::default(),
            book: Book::new(),
            trust: Trust::default(),
            seen: HashSet::new(),
            declarations: Declarations::default(),
            later: Vec::new(),
        }
    }

    /// How long until it is asked again what is due.
    fn pause(&self) -> Duration {
        self.house.settings().delivery.first_retry.min(ROUND)
    }

    /// Looks at messages that were seen.
    async fn look_at_all(&mut self, seen: &mut Vec<Sighting>) {
        order::by_account(seen, self.beside.account());
        for sighting in seen.drain(..) {
            self.look(sighting, 0).await;
        }
    }

    /// Looks at a message that was seen; `failures`: how often it could not be had.
    async fn look(&mut self, sighting: Sighting, failures: u32) {
        let settings = self.house.settings();
        let Some(account) = settings.account(&sighting.account) else {
            return;
        };
        // Before anything that may take its time or fail: the answer may be written meanwhile, also to
        // what is too large to be looked at (R-CONT-1).
        if let What::Claims(Some(header)) = &sighting.what
            && Mark::of(header) != Mark::None
        {
            let noted = header.clone();
            let noted = self.house.with_vault(move |vault| vault.note_nta_mail(&noted)).await;
            if let Err(error) = noted {
                tracing::error!(%error, "the mark of what came in cannot be kept yet");
            }
        }
        if let Some(place) = &sighting.place
            && self.knows(place).await
        {
            return;
        }
        if let What::Dkim(domain) = &sighting.what {
            let (resolver, pause) = (self.house.resolver(), self.pause());
            match self.declarations.of(&resolver, domain, pause).await {
                Declares::Something => {}
                Declares::Nothing => return,
                Declares::Unknown => return self.put_off(sighting, failures),
            }
        }
        let message = match (&sighting.what, &sighting.place) {
            (What::Whole(kept), _) => Message::new(Kept::bytes(kept).to_vec()),
            (_, Some(place)) => match self.beside.fetch(&self.house, &account, place).await {
                Asked::Message(bytes) => Message::new(bytes),
                Asked::Never => return self.remember(place.clone()),
                Asked::NotNow | Asked::Unclear => return self.put_off(sighting, failures),
            },
            (_, None) => return,
        };
        let place = sighting.place.as_ref();
        let look = Look { account: &account, place, settings: &settings, tries: 0 };
        match self.judge(&message, look).await {
            Ok(Had::Done) => sighting.place.into_iter().for_each(|place| self.remember(place)),
            Ok(Had::NotNow) => self.put_off(sighting, failures),
            Err(error) => {
                tracing::error!(%error, "a verdict on what came in cannot be kept");
                self.put_off(sighting, failures);
            }
        }
    }

    /// Looks once more at what could not be fetched or judged.
    async fn again(&mut self) {
        let now = Instant::now();
        let (mut due, later): (Vec<_>, Vec<_>) =
            self.later.drain(..).partition(|later| later.due <= now);
        self.later = later;
        order::by_account(&mut due, self.beside.account());
        for Later { failures, sighting, .. } in due {
            self.look(sighting, failures).await;
        }
        let now = self.house.now();
        let due = self.house.with_vault(move |vault| vault.due_incoming(now, DUE)).await;
        // A vault that cannot be opened is told of where mail is refused for it.
        let mut due = due.unwrap_or_default();
        order::by_account(&mut due, self.beside.account());
        for due in due {
            if let Err(error) = self.once_more(due).await {
                tracing::error!(%error, "a verdict on what came in cannot be kept");
            }
        }
    }

    async fn once_more(&mut self, due: DueIncoming) -> Result<(), VaultError> {
        let settings = self.house.settings();
        let DueIncoming { place, tries } = &due;
        let Some(account) = settings.account(&place.account) else {
            return self.put_off_place(due, None).await;
        };
        match self.beside.fetch(&self.house, &account, place).await {
            Asked::Message(bytes) => {
                let look = Look {
                    account: &account,
                    place: Some(place),
                    settings: &settings,
                    tries: *tries,
                };
                self.judge(&Message::new(bytes), look).await.map(drop)
            }
            Asked::Never => self.put_off_place(due, None).await,
            // That is no try: but an account that cannot be had does not stand before all others.
            Asked::NotNow => self.put_off_place(due, self.after(0, &settings)).await,
            Asked::Unclear => {
                let next = (due.tries < OURS).then(|| self.after(due.tries, &settings)).flatten();
                let tries = due.tries.saturating_add(1);
                self.put_off_place(DueIncoming { tries, ..due }, next).await
            }
        }
    }

    /// When it is looked again after so many tries.
    fn after(&self, tries: u32, settings: &Settings) -> Option<Timestamp> {
        self.house.now().checked_add(wait(tries, settings)?).ok()
    }

    async fn judge(&mut self, message: &Message, look: Look<'_>) -> Result<Had, VaultError> {
        if Mark::of(message) != Mark::None {
            // Before anything that may take its time: the answer may be written meanwhile (R-CONT-1).
            let noted = message.clone();
            self.house.with_vault(move |vault| vault.note_nta_mail(&noted)).await?;
        }
        // A message that was moved or copied is the same message.
        let (account, known) = (look.account.address.clone(), message.clone());
        let known = self.house.with_vault(move |vault| vault.incoming_of(&account, &known)).await?;
        let known = known.and_then(list::read).filter(|known| !known.received.is_temporary());
        let (id, received) = match known {
            Some(known) => (known.id, known.received),
            None => match self.judge_anew(message, &look).await? {
                Judged::Claims(id, received) => (id, *received),
                Judged::NotNow => return Ok(Had::NotNow),
                Judged::Nothing => {
                    if let Some(place) = look.place {
                        let due = DueIncoming { place: place.clone(), tries: look.tries };
                        self.put_off_place(due, None).await?;
                    }
                    return Ok(Had::Done);
                }
            },
        };
        let mut left = Left { verdict: received.is_temporary(), ..Left::default() };
        left.copy = self.keep(message, &look, (id, &received)).await;
        if let Some(keyword) = received.keyword()
            && let Some(place) = look.place
        {
            let what = (message.bytes(), keyword.as_str());
            let marked = self.beside.mark(&self.house, look.account, place, what).await;
            if marked != Marked::Yes {
                tracing::debug!(?marked, "the keyword is not stored");
            }
            left.keyword = marked == Marked::NotNow;
        }
        self.note(&look, id, left, &received).await.map(|()| Had::Done)
    }

    /// Notes that the message at a place was looked at, and when that is done again, where something is
    /// left to do.
    async fn note(
        &self,
        look: &Look<'_>,
        id: IncomingId,
        left: Left,
        received: &Received,
    ) -> Result<(), VaultError> {
        let Some(place) = look.place.cloned() else {
            return Ok(());
        };
        let again = again(left, received.receipt.at, look.tries, look.settings, self.house.now());
        self.house.with_vault(move |vault| vault.note_place(&place, id, again)).await
    }

    /// Judges a message and keeps the verdict.
    async fn judge_anew(&self, message: &Message, look: &Look<'_>) -> Result<Judged, VaultError> {
        let (resolver, now) = (self.house.resolver(), self.house.now());
        let asked = (&resolver, &self.book, &self.trust);
        let judged = gather::judge(message, look.account, look.settings, asked, now).await;
        let Some(received) = judged else {
            return Ok(Judged::Nothing);
        };
        if received.claims.is_empty() {
            // Whether DKIM alone is worth a look depends on what its author's domain declares.
            let record = received.domain.as_ref().map(|domain| domain.record);
            let asked = record == Some(RecordState::Unknown) && !received.dkim.is_empty();
            return Ok(if asked { Judged::NotNow } else { Judged::Nothing });
        }
        let (new, now) = (new(message, look.account, &received), self.house.now());
        let id = self.house.with_vault(move |vault| vault.put_incoming(&new, now)).await?;
        self.told(id, &received);
        Ok(Judged::Claims(id, Box::new(received)))
    }

    /// Puts a copy into the archive, where the settings want that. True where it is still to be kept: a
    /// full disk keeps nobody from the verdict.
    async fn keep(
        &self,
        message: &Message,
        look: &Look<'_>,
        (id, received): (IncomingId, &Received),
    ) -> bool {
        if !copy::is_wanted(look.account.keep_received, received) {
            return false;
        }
        let (message, account) = (message.clone(), look.account.address.clone());
        let (received, search) = (received.clone(), look.settings.search);
        let now = self.house.now();
        let kept = self
            .house
            .with_vault(move |vault| {
                match copy::keep(vault, &message, account, &received, search, now)? {
                    Some(copy) => vault.note_incoming_copy(id, copy),
                    None => Ok(()),
                }
            })
            .await;
        if let Err(error) = &kept {
            tracing::error!(%error, "a copy of what came in cannot be kept yet");
        }
        kept.is_err()
    }

    fn told(&self, id: IncomingId, received: &Received) {
        let (verdict, case) = (received.verdict, received.case);
        tracing::info!(%id, ?verdict, ?case, "a message that came in is judged");
        self.house.tell(id);
    }

    async fn put_off_place(
        &self,
        due: DueIncoming,
        next: Option<Timestamp>,
    ) -> Result<(), VaultError> {
        self.house.with_vault(move |vault| vault.put_off(&due, next)).await
    }

    async fn knows(&mut self, place: &Place) -> bool {
        if self.seen.contains(place) {
            return true;
        }
        let asked = place.clone();
        let known = self.house.with_vault(move |vault| vault.knows_place(&asked)).await;
        let known = known.unwrap_or(false);
        if known {
            self.remember(place.clone());
        }
        known
    }

    fn remember(&mut self, place: Place) {
        if self.seen.len() >= SEEN {
            self.seen.clear();
        }
        self.seen.insert(place);
    }

    fn put_off(&mut self, sighting: Sighting, failures: u32) {
        if failures < FAILURES && self.later.len() < LATER {
            let what = match sighting.what {
                // Its bytes give way to others meanwhile, where they can be had again; what the header said
                // is noted.
                What::Whole(_) | What::Claims(_) if sighting.place.is_some() => What::Claims(None),
                what => what,
            };
            let longest = self.house.settings().delivery.longest_retry;
            let pause = self.pause().saturating_mul(2_u32.saturating_pow(failures)).min(longest);
            let sighting = Sighting { what, ..sighting };
            let due = Instant::now() + pause;
            self.later.push(Later { due, failures: failures + 1, sighting });
        }
    }
}

/// When a message is looked at again of which something is left to do.
fn again(
    left: Left,
    received_at: Timestamp,
    tries: u32,
    settings: &Settings,
    now: Timestamp,
) -> Option<Timestamp> {
    let delivery = &settings.delivery;
    let next = wait(tries, settings)?;
    let end = SignedDuration::try_from(delivery.give_up).ok()?;
    let given_up = now.duration_since(received_at) > end.saturating_add(GRACE);
    // What waits for this side or for the provider, and not for the sender, waits longer.
    let verdict = left.verdict && (tries == 0 || !given_up);
    let ours = (left.copy || left.keyword) && tries < OURS;
    (verdict || ours).then(|| now.checked_add(next).ok()).flatten()
}

/// The wait after so many tries: it doubles up to its bound, as that of a delivery does.
fn wait(tries: u32, settings: &Settings) -> Option<SignedDuration> {
    let delivery = &settings.delivery;
    let doubled = delivery.first_retry.saturating_mul(2_u32.saturating_pow(tries.min(16)));
    SignedDuration::try_from(doubled.min(delivery.longest_retry)).ok()
}

fn new(message: &Message, account: &Account, received: &Received) -> NewIncoming {
    let from = match &received.author {
        Some(address) => address.to_string(),
        None => text(message, "from"),
    };
    NewIncoming {
        account: account.address.clone(),
        message: message.clone(),
        from,
        subject: subject(message),
        received_at: received.receipt.at,
        // A value of plain fields can always be written.
        verdict: serde_json::to_string(received).unwrap_or_default(),
    }
}

/// A field for the list, decoded, its length bounded.
fn text(message: &Message, name: &str) -> String {
    shown(&message.field(name).map(|field| field.unfolded()).unwrap_or_default())
}

/// Without what a terminal would obey.
fn shown(text: &str) -> String {
    text.chars().filter(|sign| !sign.is_control()).take(SHOWN).collect()
}

fn subject(message: &Message) -> String {
    let header = [message.header(), b"\r\n"].concat();
    let extract = extract::extract(&Message::new(header), &extract::Limits::default());
    let subject = extract.pieces.into_iter().find(|piece| piece.origin == extract::Origin::Subject);
    subject.map(|piece| shown(&piece.text)).unwrap_or_default()
}

/// How often what is due is looked for at least.
const ROUND: Duration = Duration::from_secs(60);
/// How long the connection aside stays open without work: providers allow few.
const REST: Duration = Duration::from_secs(20);
/// Places that are remembered, some 100 bytes each.
const SEEN: usize = 50_000;
/// Messages that could not be had and wait, as many as wait to be looked at first; more of them are seen
/// again when they are listed again.
const LATER: usize = 20_000;
/// How often a message is tried to be had: with the settings' longest wait of four hours for some days.
const FAILURES: u32 = 30;
/// How often a copy is tried to be kept, a keyword to be stored, or a mailbox to be opened that is refused
/// without a reason: some days too.
const OURS: u32 = 30;
/// Messages that are sorted and looked at together: few enough that none waits long behind another account's.
const AT_ONCE: usize = 32;
/// Messages looked at again in one round.
const DUE: usize = 100;
/// A message that was received long ago and is judged for the first time is tried for some days all the same.
const GRACE: SignedDuration = SignedDuration::from_hours(24);
/// Characters of sender and subject in the list.
const SHOWN: usize = 500;

#[cfg(test)]
#[path = "work_tests.rs"]
mod tests;
