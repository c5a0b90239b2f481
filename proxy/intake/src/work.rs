//! The task: one sighting after the other, and what is due again.

use core::time::Duration;
use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;

use incoming::{Mark, Received};
use jiff::{SignedDuration, Timestamp};
use mail::{Domain, Message};
use nta7516::record::Claim;
use settings::{Account, Settings};
use tokio::time::{Instant, sleep, sleep_until};
use vault::incoming::{IncomingId, NewIncoming, Place};
use vault::{Vault, VaultError};

use crate::aside::{Asked, Beside, Marked};
use crate::queue::{Kept, Queue, Sighting, What};
use crate::{House, gather, list};

/// Looks at what waits in the queue, and again at what could not be judged, until dropped.
pub async fn run(house: impl House, queue: &Queue) {
    let Some(mut waiting) = queue.receiver() else {
        return;
    };
    let mut desk = Desk::new(house);
    let mut round = Instant::now();
    loop {
        tokio::select! {
            sighting = waiting.recv() => match sighting {
                Some(sighting) => desk.look(sighting, 0).await,
                None => return,
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
    /// Places that were looked at since the start: a mailbox is listed again and again.
    seen: HashSet<Place>,
    /// Whether a domain declares something, until when that may be believed.
    declares: HashMap<Domain, (Declares, Instant)>,
    /// Until when no domain is asked about for the sake of DKIM alone: DNS did not answer.
    silent: Option<Instant>,
    /// What could not be fetched, and when it is tried again.
    later: VecDeque<(Instant, u32, Sighting)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Declares {
    Something,
    Nothing,
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
            seen: HashSet::new(),
            declares: HashMap::new(),
            silent: None,
            later: VecDeque::new(),
        }
    }

    /// How long until it is asked again what is due.
    fn pause(&self) -> Duration {
        self.house.settings().delivery.first_retry.min(ROUND)
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
        if let What::Dkim(domain) = &sighting.what
            && self.declares(domain).await != Declares::Something
        {
            return;
        }
        let message = match (&sighting.what, &sighting.place) {
            (What::Whole(kept), _) => Message::new(Kept::bytes(kept).to_vec()),
            (_, Some(place)) => match self.beside.fetch(&self.house, &account, place).await {
                Asked::Message(bytes) => Message::new(bytes),
                Asked::Never => return self.remember(place.clone()),
                Asked::NotNow => return self.put_off(sighting, failures),
            },
            (_, None) => return,
        };
        let place = sighting.place.as_ref();
        let look = Look { account: &account, place, settings: &settings, tries: 0 };
        match self.judge(&message, look).await {
            Ok(()) => sighting.place.into_iter().for_each(|place| self.remember(place)),
            Err(error) => {
                tracing::error!(%error, "a verdict on what came in cannot be kept");
                self.put_off(sighting, failures);
            }
        }
    }

    /// Looks once more at what could not be fetched or judged.
    async fn again(&mut self) {
        for _ in 0..self.later.len() {
            match self.later.pop_front() {
                Some((due, failures, sighting)) if due <= Instant::now() => {
                    self.look(sighting, failures).await;
                }
                Some(later) => self.later.push_back(later),
                None => break,
            }
        }
        let now = self.house.now();
        let due = self.house.with_vault(move |vault| vault.due_incoming(now, DUE)).await;
        // A vault that cannot be opened is told of where mail is refused for it.
        for due in due.unwrap_or_default() {
            if let Err(error) = self.once_more(&due.place, due.tries).await {
                tracing::error!(%error, "a verdict on what came in cannot be kept");
            }
        }
    }

    async fn once_more(&mut self, place: &Place, tries: u32) -> Result<(), VaultError> {
        let settings = self.house.settings();
        let Some(account) = settings.account(&place.account) else {
            return self.let_go(place).await;
        };
        match self.beside.fetch(&self.house, &account, place).await {
            Asked::Message(bytes) => {
                let look =
                    Look { account: &account, place: Some(place), settings: &settings, tries };
                self.judge(&Message::new(bytes), look).await
            }
            Asked::Never => self.let_go(place).await,
            // Still due at the next round.
            Asked::NotNow => Ok(()),
        }
    }

    async fn judge(&mut self, message: &Message, look: Look<'_>) -> Result<(), VaultError> {
        if Mark::of(message) != Mark::None {
            // Before anything that may take its time: the answer may be written meanwhile (R-CONT-1).
            let noted = message.clone();
            self.house.with_vault(move |vault| vault.note_nta_mail(&noted)).await?;
        }
        // A message that was moved or copied is the same message.
        let (account, known) = (look.account.address.clone(), message.clone());
        let known = self.house.with_vault(move |vault| vault.incoming_of(&account, &known)).await?;
        let known = known.and_then(list::read).filter(|known| !known.received.is_temporary());
        let received = match known {
            Some(known) => {
                if let Some(place) = look.place.cloned() {
                    let note = move |vault: &Vault| vault.note_place(&place, known.id, None);
                    self.house.with_vault(note).await?;
                }
                Some(known.received)
            }
            None => self.judge_anew(message, &look).await?,
        };
        if let Some(keyword) = received.and_then(|received| received.keyword())
            && let Some(place) = look.place
        {
            let what = (message.bytes(), keyword.as_str());
            let marked = self.beside.mark(&self.house, look.account, place, what).await;
            if marked != Marked::Yes {
                tracing::debug!(?marked, "the keyword is not stored");
            }
        }
        Ok(())
    }

    /// Judges a message and keeps the verdict; none where it claims nothing, or was never received.
    async fn judge_anew(
        &self,
        message: &Message,
        look: &Look<'_>,
    ) -> Result<Option<Received>, VaultError> {
        let Look { account, place, settings, tries } = *look;
        let (resolver, now) = (self.house.resolver(), self.house.now());
        let judged = gather::judge(message, account, settings, &resolver, now).await;
        let Some(received) = judged.filter(|received| !received.claims.is_empty()) else {
            return Ok(None);
        };
        let (again, now) = (again(&received, tries, settings, now), self.house.now());
        let new = new(message, account, &received);
        let noted = place.cloned();
        let id = self.house.with_vault(move |vault| {
            let id = vault.put_incoming(&new, now)?;
            if let Some(place) = noted {
                vault.note_place(&place, id, again)?;
            }
            Ok(id)
        });
        self.told(id.await?, &received);
        Ok(Some(received))
    }

    fn told(&self, id: IncomingId, received: &Received) {
        let (verdict, case) = (received.verdict, received.case);
        tracing::info!(%id, ?verdict, ?case, "a message that came in is judged");
        self.house.tell(id);
    }

    async fn let_go(&self, place: &Place) -> Result<(), VaultError> {
        let place = place.clone();
        self.house.with_vault(move |vault| vault.let_place_go(&place)).await
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
                // Its bytes give way to others meanwhile, where they can be had again.
                What::Whole(_) if sighting.place.is_some() => What::Claims(None),
                what => what,
            };
            let pause = self.pause().saturating_mul(2_u32.saturating_pow(failures));
            self.later.push_back((
                Instant::now() + pause,
                failures + 1,
                Sighting { what, ..sighting },
            ));
        }
    }

    /// Whether a domain declares anything; asked for each domain that sends mail with DKIM.
    async fn declares(&mut self, domain: &Domain) -> Declares {
        let now = Instant::now();
        if let Some((declares, until)) = self.declares.get(domain)
            && *until > now
        {
            return *declares;
        }
        if self.silent.is_some_and(|until| until > now) {
            return Declares::Nothing;
        }
        let resolver = self.house.resolver();
        let found = gather::claim(&resolver, Some(domain)).await;
        let seen = match found.map(|found| found.claim) {
            Some(Ok(seen)) => seen,
            Some(Err(_)) | None => {
                self.silent = Some(Instant::now() + SILENT);
                return Declares::Nothing;
            }
        };
        let (declares, ttl) = match seen.believed() {
            Some(Claim::Valid(set)) => (Declares::Something, set.ttl()),
            Some(Claim::Invalid(_)) => (Declares::Something, 0),
            Some(Claim::None) | None => (Declares::Nothing, DENIED),
        };
        if self.declares.len() >= DOMAINS {
            self.declares.clear();
        }
        // R-DNS-7. What is believed here decides only whether there is a look.
        let until = now + Duration::from_secs(u64::from(ttl));
        self.declares.insert(domain.clone(), (declares, until));
        declares
    }
}

/// When a message is looked at again that cannot be judged now.
fn again(
    received: &Received,
    tries: u32,
    settings: &Settings,
    now: Timestamp,
) -> Option<Timestamp> {
    let delivery = &settings.delivery;
    let doubled = delivery.first_retry.saturating_mul(2_u32.saturating_pow(tries.min(16)));
    let next = SignedDuration::try_from(doubled.min(delivery.longest_retry)).ok()?;
    let end = SignedDuration::try_from(delivery.give_up).ok()?;
    let given_up = now.duration_since(received.receipt.at) > end.saturating_add(GRACE);
    let again = received.is_temporary() && (tries == 0 || !given_up);
    again.then(|| now.checked_add(next).ok()).flatten()
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
/// For how long a denial is believed without a TTL: the time that resolvers keep one at least.
const DENIED: u32 = 60;
/// How long no domain is asked about for the sake of DKIM alone once DNS did not answer.
const SILENT: Duration = Duration::from_secs(60);
/// Places that are remembered, some 100 bytes each.
const SEEN: usize = 50_000;
/// Domains that are remembered.
const DOMAINS: usize = 5_000;
/// Messages that could not be had and wait; more of them are seen again when they are listed again.
const LATER: usize = 1_000;
/// How often a message is tried to be had.
const FAILURES: u32 = 6;
/// Messages looked at again in one round.
const DUE: usize = 100;
/// A message that was received long ago and is judged for the first time is tried for some days all the same.
const GRACE: SignedDuration = SignedDuration::from_hours(24);
/// Characters of sender and subject in the list.
const SHOWN: usize = 500;

#[cfg(test)]
mod tests {
    use super::*;

    fn received(verdict: &str, at: &str) -> Received {
        let json = format!(
            r#"{{"verdict":"{verdict}","case":null,"claims":["nta"],"mark":null,"author":null,
            "receipt":{{"at":"{at}","by":"provider"}},"domain":null,
            "signature":{{"verdict":"none","coverage":"none","cades":false}},"signer":null,
            "from_match":null,"dkim":[],"provider":null,"reasons":[]}}"#
        );
        serde_json::from_str(&json).unwrap()
    }

    #[test]
    fn what_cannot_be_told_now_is_looked_at_again_ever_later_and_not_for_ever() {
        let settings = Settings::parse("", std::path::Path::new("zorgzegel.toml")).unwrap();
        let now: Timestamp = "2026-11-26T12:00:00Z".parse().unwrap();
        let waits = |received: &Received, tries| {
            let next = again(received, tries, &settings, now);
            next.map(|next| next.duration_since(now).as_mins())
        };
        let today = received("temperror", "2026-11-26T11:00:00Z");
        let [first, second, last] = [0, 1, 30].map(|tries| waits(&today, tries));
        assert_eq!((first, second, last), (Some(5), Some(10), Some(240)));
        let old = received("temperror", "2026-11-01T11:00:00Z");
        assert_eq!((waits(&old, 0), waits(&old, 1)), (Some(5), None));
        for word in ["pass", "fail", "policy", "permerror", "none"] {
            assert_eq!(waits(&received(word, "2026-11-26T11:00:00Z"), 0), None, "{word}");
        }
    }

    #[test]
    fn the_list_shows_nothing_that_a_terminal_would_obey() {
        let mail =
            Message::new(b"From: a\x1b[31mb\r\nSubject: =?utf-8?Q?a=1B]0;x=07b?=\r\n\r\n".to_vec());
        assert_eq!(text(&mail, "from"), "a[31mb");
        assert_eq!(subject(&mail), "a]0;xb");
        let long = Message::new(format!("Subject: {}\r\n\r\n", "x".repeat(2_000)).into_bytes());
        assert_eq!(subject(&long).len(), SHOWN);
        assert_eq!(subject(&Message::new(b"From: a\r\n\r\n".to_vec())), "");
    }
}
