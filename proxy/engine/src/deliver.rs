//! The delivery task: hands over what was chosen, tries again what failed for now, and records
//! what came of it. States live in the vault, so that this task can die at any moment.

use core::time::Duration;
use std::collections::HashMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use mail::{Message, Recipient};
use nta7516::facts::Route;
use nta7516::plan::Decision;
use nta7516::proof::{End, NotUsed, Proof, Records, Way, Words};
use settings::{Account, Delivery, Language};
use tokio::task::{self, JoinError, JoinSet};
use tokio::time::{Instant, sleep};
use vault::VaultError;
use vault::archive::{ArchiveMeta, NewCopy};
use vault::outbox::{Attempt, Choice, Due, HeldId, HeldMessage, Outcome, Reason, State};

use crate::engine::{Engine, Notice};
use crate::handover::{self, still_chosen};
use crate::send::{self, Grounds, Job};
use crate::{gather, own, sealed};

/// Runs until dropped. A host that takes its time holds up its own message, and others only where
/// as many of them as go at the same time are slow; each transaction has its bound.
pub(crate) async fn run(engine: Arc<Engine>) {
    let mut deliveries = Deliveries::default();
    loop {
        if let Err(error) = deliveries.start(&engine).await {
            tracing::error!(%error, "deliveries cannot go on now");
        }
        let wait = pause(&engine).await;
        tokio::select! {
            () = engine.woken() => {}
            () = sleep(wait) => {}
            Some(done) = deliveries.running.join_next_with_id() => {
                if let Some(id) = deliveries.ended(done) {
                    engine.tell(Notice::Progress(id));
                }
            }
        }
        engine.pool().sweep();
        // A card whose time is over is locked, also where nothing is signed any more.
        let cards = engine.cards();
        tokio::task::spawn_blocking(move || cards.sweep());
    }
}

/// The messages that are on their way now.
#[derive(Default)]
struct Deliveries {
    running: JoinSet<Result<(), VaultError>>,
    busy: HashMap<task::Id, HeldId>,
    /// Messages whose state could not be kept, and until when they are left alone: a disk that is
    /// full stays full for a while.
    resting: HashMap<HeldId, Instant>,
}

impl Deliveries {
    /// Starts what is due and not on its way already, as far as there is room.
    async fn start(&mut self, engine: &Arc<Engine>) -> Result<(), VaultError> {
        let now = engine.now();
        let due = engine.with_vault(move |vault| vault.due(now)).await?;
        self.resting.retain(|_, until| *until > Instant::now());
        for one in due {
            if self.running.len() >= AT_ONCE {
                break;
            }
            let id = one.id;
            if self.busy.values().any(|other| *other == id) || self.resting.contains_key(&id) {
                continue;
            }
            let engine = Arc::clone(engine);
            let handle = self.running.spawn(async move {
                let _working = engine.working().await;
                message(&engine, one).await
            });
            self.busy.insert(handle.id(), id);
        }
        Ok(())
    }

    /// Notes that a delivery came to its end, and gives its message.
    fn ended(&mut self, done: Ended) -> Option<HeldId> {
        let (task, trouble) = match done {
            Ok((task, Ok(()))) => (task, None),
            Ok((task, Err(error))) => (task, Some(error.to_string())),
            Err(error) => (error.id(), Some(error.to_string())),
        };
        let id = self.busy.remove(&task)?;
        if let Some(error) = trouble {
            tracing::error!(%error, %id, "a delivery stopped; it is tried again");
            self.resting.insert(id, Instant::now() + REST);
        }
        Some(id)
    }
}

/// How a delivery's task ended.
type Ended = Result<(task::Id, Result<(), VaultError>), JoinError>;

async fn pause(engine: &Arc<Engine>) -> Duration {
    let now = engine.now();
    match engine.with_vault(move |vault| vault.next_due(now)).await {
        Ok(Some(next)) => {
            let wait = Duration::try_from(next.duration_since(now)).unwrap_or_default();
            wait.clamp(SHORTEST_PAUSE, LONGEST_PAUSE)
        }
        _ => LONGEST_PAUSE,
    }
}

/// One message to those of its recipients for whom it is due.
async fn message(engine: &Arc<Engine>, due: Due) -> Result<(), VaultError> {
    let id = due.id;
    let held = engine.with_vault(move |vault| vault.get(id)).await?;
    let settings = engine.settings();
    let Some(account) = settings.account(&held.account) else {
        let words = Words::new(NO_ACCOUNT.0, NO_ACCOUNT.1);
        let proofs = due
            .recipients
            .into_iter()
            .map(|to| Proof::new(to, engine.now(), None, End::Refused { words: words.clone() }));
        return record(engine, &held, proofs.collect(), None).await;
    };
    let mut secure = Vec::new();
    let mut ordinary = Vec::new();
    for recipient in held.in_state(State::Chosen) {
        if !due.recipients.contains(&recipient.address) {
            continue;
        }
        let one =
            Recipient { address: recipient.address.clone(), params: recipient.params.clone() };
        match &recipient.choice {
            Some(Choice::Ordinary { .. }) => ordinary.push(one),
            Some(Choice::Secure) => secure.push(one),
            _ => {}
        }
    }
    if !secure.is_empty() {
        send_secure(engine, &account, &held, secure).await?;
    }
    if !ordinary.is_empty() {
        let mut job = Job::ordinary();
        job.recipients = ordinary;
        run_job(engine, &account, &held, job).await?;
    }
    Ok(())
}

/// Plans for each recipient apart (R-SEND-11), then hands over by groups that go the same way. A
/// group that waited for others until its plan grew old is planned anew.
async fn send_secure(
    engine: &Arc<Engine>,
    account: &Account,
    held: &HeldMessage,
    mut left: Vec<Recipient>,
) -> Result<(), VaultError> {
    loop {
        left = still_chosen(engine, held.id, Choice::Secure, &left).await?;
        if left.is_empty() {
            return Ok(());
        }
        // Before the plan, which would grow old while a mute issuer is waited for.
        own::ask(engine, Some(&account.address)).await?;
        let begun = Instant::now();
        let jobs = plan(engine, account, held, &mut left).await?;
        for (index, job) in jobs.into_iter().enumerate() {
            // The first always goes, so that each round brings something to its end.
            if index > 0 && begun.elapsed() > PLAN_HOLDS {
                left.extend(job.recipients);
            } else {
                run_job(engine, account, held, job).await?;
            }
        }
    }
}

/// Takes recipients off the list and plans for them, until there is none or the first plan would
/// grow old meanwhile.
async fn plan(
    engine: &Arc<Engine>,
    account: &Account,
    held: &HeldMessage,
    left: &mut Vec<Recipient>,
) -> Result<Vec<Job>, VaultError> {
    let (begun, now) = (Instant::now(), engine.now());
    let mut jobs: Vec<Job> = Vec::new();
    // The settings refuse an account whose address has no domain.
    let Some(own) = account.address.domain() else {
        left.clear();
        return Ok(jobs);
    };
    let sender = gather::sender(engine, own).await;
    let offers = gather::offers(engine, account).await;
    let mut recipients = std::mem::take(left).into_iter();
    for recipient in recipients.by_ref() {
        let facts = gather::recipient(engine, &recipient.address, now).await;
        let records = Records::of(&sender, &facts, now);
        let mut grounds = Grounds { records, left_out: Vec::new(), not_used: Vec::new() };
        let planned = match engine.settings().nta.plan(&sender, &facts, &offers, now) {
            Decision::Handover { route, hosts, provider_mark, left_out } => {
                grounds.not_used = left_out.iter().map(NotUsed::of).collect();
                grounds.left_out = left_out;
                Ok(Job::new(route, hosts, Some(provider_mark)))
            }
            Decision::AnotherWay { by: Some(Route::Gateway), .. } => {
                Ok(Job::new(Route::Gateway, Vec::new(), None))
            }
            Decision::AnotherWay { step, reason, .. } | Decision::Refuse { step, reason } => {
                Err(End::KeptBack { step, words: Words::new(reason.nl(), reason.en()) })
            }
            Decision::Later { reason, .. } => {
                Err(End::Deferred { words: Words::new(reason.nl(), reason.en()) })
            }
        };
        match planned {
            Ok(job) => send::add(&mut jobs, job, recipient, grounds),
            Err(end) => {
                let mut proof = Proof::new(recipient.address, now, None, end);
                proof.records = Some(grounds.records);
                record(engine, held, vec![proof], None).await?;
            }
        }
        if begun.elapsed() > PLANNING {
            break;
        }
    }
    left.extend(recipients);
    Ok(jobs)
}

/// One job, and what is left of it to be done another way.
async fn run_job(
    engine: &Arc<Engine>,
    account: &Account,
    held: &HeldMessage,
    job: Job,
) -> Result<(), VaultError> {
    let mut left = Some(job);
    while let Some(job) = left {
        left = carry_out(engine, account, held, job).await?;
    }
    Ok(())
}

/// One job, for those who are still chosen for it: the form of the message that its way needs, then
/// the hand-over. Gives the job of those who are left to go another way.
async fn carry_out(
    engine: &Arc<Engine>,
    account: &Account,
    held: &HeldMessage,
    mut job: Job,
) -> Result<Option<Job>, VaultError> {
    let choice = handover::choice(job.way);
    job.recipients = still_chosen(engine, held.id, choice, &job.recipients).await?;
    if job.recipients.is_empty() {
        return Ok(None);
    }
    let job = &job;
    let form = match sealed::form(engine, account, held.id, job).await {
        Ok(form) => form,
        Err(error) => {
            let words = error.words();
            let end = match error.is_temporary() {
                true => End::Deferred { words },
                false => End::Refused { words },
            };
            record(engine, held, job.all(engine, &end), None).await?;
            return Ok(None);
        }
    };
    let proofs = send::run(engine, account, held, job, &form).await;
    let (proofs, left) = send::another_way(account, job, proofs);
    let taken: Vec<&Proof> =
        proofs.iter().filter(|proof| matches!(proof.end, End::Taken { .. })).collect();
    let meta = (!taken.is_empty()).then(|| sealed::meta(engine, account, &form, &taken));
    record(engine, held, proofs, meta.map(|meta| (form.message, meta))).await?;
    Ok(left)
}

/// Records what came of an attempt, and the copy as sent with it. A server's word is not forgotten
/// because the disk is full: it is kept as soon as that can be done. Who stops the program before
/// then leaves the recipients in doubt.
async fn record(
    engine: &Arc<Engine>,
    held: &HeldMessage,
    proofs: Vec<Proof>,
    copy: Option<(Message, ArchiveMeta)>,
) -> Result<(), VaultError> {
    let id = held.id;
    let attempts: Vec<Attempt> =
        proofs.into_iter().map(|proof| attempt(engine, held, proof)).collect();
    let search = engine.settings().search;
    let copy = copy.map(|(message, mut meta)| {
        let described = archive::describe(&message, search);
        meta.from = described.from;
        meta.attachments = described.attachments;
        (message, meta, described.text)
    });
    let all = Arc::new((attempts, copy));
    loop {
        let (now, this) = (engine.now(), Arc::clone(&all));
        let kept = engine.with_vault(move |vault| match &*this {
            (attempts, Some((message, meta, text))) => {
                let copy = NewCopy { bytes: message.bytes(), meta, text };
                vault.record_sent(id, attempts, copy, now).map(drop)
            }
            (attempts, None) => vault.record_results(id, attempts, now),
        });
        match kept.await {
            Err(error) if may_pass(&error) => {
                tracing::error!(%error, %id, "what a server said cannot be kept yet");
                sleep(RECORD_AGAIN).await;
            }
            kept => return kept,
        }
    }
}

/// What the vault keeps of an attempt. What was put off for too long is given up.
fn attempt(engine: &Engine, held: &HeldMessage, mut proof: Proof) -> Attempt {
    let settings = engine.settings();
    let spoken = |words: &Words| spoken(engine, words);
    let (mut next, mut last) = (engine.now(), Trying::GoesOn);
    if let End::Deferred { words } = &proof.end {
        let recipient = held.recipients.iter().find(|one| one.address == proof.to);
        let since = recipient.and_then(|one| one.chosen_at).unwrap_or(held.created_at);
        match retry(&settings.delivery, next, since, recipient.map_or(0, |one| one.attempts)) {
            Some(time) => next = time,
            None => {
                let nl = format!("opgegeven na te lange tijd: {}", words.nl);
                let words = Words::new(nl, format!("given up after too long: {}", words.en));
                (proof.end, last) = (End::Refused { words }, Trying::GivenUp);
            }
        }
    }
    let outcome = match &proof.end {
        End::Taken { .. } => Outcome::Sent { route: proof.way.map_or("", Way::as_str).to_owned() },
        End::Deferred { words } => Outcome::Temporary { words: spoken(words), next },
        End::Refused { words } => match last {
            Trying::GoesOn => Outcome::Permanent { words: spoken(words) },
            Trying::GivenUp => Outcome::Expired { words: spoken(words) },
        },
        End::InDoubt { words } => Outcome::Doubt { words: spoken(words) },
        End::KeptBack { step, words } => Outcome::Kept {
            step: step.clause().to_owned(),
            reason: Reason { nl: words.nl.clone(), en: words.en.clone() },
        },
    };
    let proof_json = serde_json::to_string(&proof).ok();
    Attempt { recipient: proof.to, outcome, proof_json }
}

/// These words in the language of the settings.
pub(crate) fn spoken(engine: &Engine, words: &Words) -> String {
    match engine.settings().desktop.language {
        Language::Dutch => words.nl.clone(),
        Language::English => words.en.clone(),
    }
}

/// Whether it was tried for too long.
enum Trying {
    GoesOn,
    GivenUp,
}

fn may_pass(error: &VaultError) -> bool {
    matches!(
        error,
        VaultError::Full | VaultError::ReadOnly | VaultError::Busy | VaultError::Io { .. }
    )
}

/// When it is tried again; `None` where it has taken too long since it was chosen.
fn retry(
    delivery: &Delivery,
    now: Timestamp,
    since: Timestamp,
    attempts: u32,
) -> Option<Timestamp> {
    let patience = SignedDuration::try_from(delivery.give_up).unwrap_or(SignedDuration::MAX);
    (now.duration_since(since) < patience).then(|| delivery.next_attempt(now, attempts))
}

const NO_ACCOUNT: (&str, &str) = (
    "het account staat niet meer in de instellingen; voeg het weer toe, of trek het bericht in",
    "its account is no longer in the settings; add it again, or withdraw",
);
/// Messages handed over at the same time: each may take a few times its size in memory.
const AT_ONCE: usize = 4;
/// How old a plan may be when its hand-over begins: certificates, TLSA records and choices of
/// route change, and a job may wait long for those before it.
const PLAN_HOLDS: Duration = Duration::from_secs(60);
/// After this long no further recipient is planned for in one round.
const PLANNING: Duration = Duration::from_secs(30);
/// Until it is tried again to keep what a server said.
const RECORD_AGAIN: Duration = Duration::from_secs(5);
/// After trouble of our own with a message, as a full disk.
const REST: Duration = Duration::from_secs(30);
/// So that a clock that jumps cannot make the task spin.
const SHORTEST_PAUSE: Duration = Duration::from_secs(1);
/// The task looks this often in any case: clocks change and keyrings are unlocked unseen.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_delivery_whose_state_cannot_be_kept_rests_before_it_is_tried_again() {
        let mut deliveries = Deliveries::default();
        let [well, ill, dead] = ["V", "W", "X"]
            .map(|last| format!("01ARZ3NDEKTSV4RRFFQ69G5FA{last}").parse::<HeldId>().unwrap());
        let task = deliveries.running.spawn(async { Ok(()) });
        deliveries.busy.insert(task.id(), well);
        let task = deliveries.running.spawn(async { Err(VaultError::Full) });
        deliveries.busy.insert(task.id(), ill);
        let task = deliveries.running.spawn(core::future::pending());
        deliveries.busy.insert(task.id(), dead);
        task.abort();
        while let Some(done) = deliveries.running.join_next_with_id().await {
            assert!(deliveries.ended(done).is_some());
        }
        assert!(deliveries.busy.is_empty());
        let resting = [well, ill, dead].map(|id| deliveries.resting.contains_key(&id));
        assert_eq!(resting, [false, true, true]);
    }

    #[test]
    fn the_wait_doubles_up_to_its_bound() {
        let settings = settings::Settings::parse("", std::path::Path::new("x")).unwrap();
        let delivery = settings.delivery;
        let now = Timestamp::UNIX_EPOCH;
        let wait = |attempts| delivery.next_attempt(now, attempts).as_second();
        assert_eq!([wait(0), wait(1), wait(2)], [300, 600, 1_200]);
        assert_eq!(wait(30), 4 * 3_600);
        assert_eq!(retry(&delivery, now, now, 0).unwrap().as_second(), 300);
        let old = now - SignedDuration::from_hours(5 * 24);
        assert_eq!(retry(&delivery, now, old, 0), None);
    }
}
