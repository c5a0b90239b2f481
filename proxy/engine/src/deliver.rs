//! The delivery task: hands over what was chosen, tries again what failed for now, and records
//! what came of it. States live in the vault, so that this task can die at any moment.

use core::time::Duration;
use std::collections::HashMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use mail::{Address, Message, Recipient};
use nta7516::facts::Route;
use nta7516::plan::{Decision, Step, plan};
use tokio::task::{self, JoinError, JoinSet};
use tokio::time::{Instant, sleep};
use vault::VaultError;
use vault::archive::ArchiveMeta;
use vault::outbox::{Choice, Due, HeldId, HeldMessage, Outcome, Reason, State};
use vault::settings::Account;

use crate::engine::{Engine, Notice};
use crate::sealed::SealError;
use crate::send::{self, Job, Result as Sent};
use crate::{gather, sealed};

/// Runs until dropped. A host that takes its time holds up its own message and no other.
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
        let words =
            "its account is no longer in the settings; add it again, or withdraw".to_owned();
        return record_all(engine, id, &due.recipients, &Outcome::Permanent { words }).await;
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
        send_ordinary(engine, &account, &held, ordinary).await?;
    }
    Ok(())
}

/// Plans for each recipient apart (R-SEND-11), then hands over by groups that go the same way.
async fn send_secure(
    engine: &Arc<Engine>,
    account: &Account,
    held: &HeldMessage,
    recipients: Vec<Recipient>,
) -> Result<(), VaultError> {
    let now = engine.now();
    let Some(own) = account.address.domain() else {
        let words = "the account's address has no domain, so no NTA record either".to_owned();
        let to: Vec<Address> = recipients.into_iter().map(|to| to.address).collect();
        return record_all(engine, held.id, &to, &Outcome::Permanent { words }).await;
    };
    let sender = gather::sender(engine, own).await;
    let offers = gather::offers(engine, account).await;
    let mut jobs: Vec<Job> = Vec::new();
    for recipient in recipients {
        let facts = gather::recipient(engine, &recipient.address, now).await;
        match plan(&sender, &facts, &offers, now) {
            Decision::Handover { route, hosts, provider_mark, .. } => {
                send::add(&mut jobs, Job::new(route, hosts, Some(provider_mark)), recipient);
            }
            Decision::AnotherWay { by: Some(Route::Gateway), .. } => {
                send::add(&mut jobs, Job::new(Route::Gateway, Vec::new(), None), recipient);
            }
            Decision::AnotherWay { step, reason, .. } | Decision::Refuse { step, reason } => {
                let outcome = kept(step, reason.nl(), reason.en());
                record_all(engine, held.id, &[recipient.address], &outcome).await?;
            }
            Decision::Later { reason, .. } => {
                let outcome = later(engine, held, &recipient.address, reason.nl().to_owned());
                record_all(engine, held.id, &[recipient.address], &outcome).await?;
            }
        }
    }
    for job in jobs {
        run_job(engine, account, held, &job).await?;
    }
    Ok(())
}

/// One job: the form of the message that its way needs, then the hand-over.
async fn run_job(
    engine: &Arc<Engine>,
    account: &Account,
    held: &HeldMessage,
    job: &Job,
) -> Result<(), VaultError> {
    let message = match &job.mark {
        Some(mark) => sealed::signed(engine, account, held.id, mark).await,
        None => sealed::plain(engine, held.id).await,
    };
    match message {
        Ok(message) => hand_over(engine, account, held, job, &message).await,
        Err(error) => not_formed(engine, held, job, &error).await,
    }
}

/// The form of the message that its way needs could not be had.
async fn not_formed(
    engine: &Arc<Engine>,
    held: &HeldMessage,
    job: &Job,
    error: &SealError,
) -> Result<(), VaultError> {
    for address in job.addresses() {
        let outcome = match error.is_temporary() {
            true => later(engine, held, &address, error.to_string()),
            false => Outcome::Permanent { words: error.to_string() },
        };
        record_all(engine, held.id, &[address], &outcome).await?;
    }
    Ok(())
}

/// As a person chose, with a reason: by the provider, unsigned, headers struck (R-HDR-1).
async fn send_ordinary(
    engine: &Arc<Engine>,
    account: &Account,
    held: &HeldMessage,
    recipients: Vec<Recipient>,
) -> Result<(), VaultError> {
    let mut job = Job::ordinary();
    job.recipients = recipients;
    match sealed::ordinary(engine, held.id).await {
        Ok(message) => hand_over(engine, account, held, &job, &message).await,
        Err(error) => not_formed(engine, held, &job, &error).await,
    }
}

async fn hand_over(
    engine: &Arc<Engine>,
    account: &Account,
    held: &HeldMessage,
    job: &Job,
    message: &Message,
) -> Result<(), VaultError> {
    let results = send::run(engine, account, held, job, message).await;
    let mut outcomes = Vec::with_capacity(results.len());
    let mut taken = Vec::new();
    for (address, result) in results {
        let outcome = match result {
            Sent::Taken { proof, .. } => {
                taken.push((address.clone(), proof.clone()));
                Outcome::Sent { route: job.route_word().to_owned(), proof_json: proof.to_string() }
            }
            Sent::NotNow(words) => later(engine, held, &address, words),
            Sent::Never(words) => Outcome::Permanent { words },
            Sent::InDoubt(words) => Outcome::Doubt { words },
            Sent::NoProof { step, nl, en } => kept(step, &nl, &en),
        };
        outcomes.push((address, outcome));
    }
    let copy = (!taken.is_empty())
        .then(|| (message.clone(), sealed::meta(engine, account, message, job, taken)));
    record(engine, held.id, outcomes, copy).await
}

/// Records what came of an attempt, and the copy as sent with it. A server's word is not forgotten
/// because the disk is full: it is kept as soon as that can be done. Who stops the program before
/// then leaves the recipients in doubt.
async fn record(
    engine: &Arc<Engine>,
    id: HeldId,
    outcomes: Vec<(Address, Outcome)>,
    copy: Option<(Message, ArchiveMeta)>,
) -> Result<(), VaultError> {
    let all = Arc::new((outcomes, copy));
    loop {
        let (now, this) = (engine.now(), Arc::clone(&all));
        let kept = engine.with_vault(move |vault| match &*this {
            (outcomes, Some((message, meta))) => {
                vault.record_sent(id, outcomes, (message.bytes(), meta), now).map(drop)
            }
            (outcomes, None) => vault.record_results(id, outcomes, now),
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

fn may_pass(error: &VaultError) -> bool {
    matches!(
        error,
        VaultError::Full | VaultError::ReadOnly | VaultError::Busy | VaultError::Io { .. }
    )
}

/// Tried again later, or given up where it has taken too long.
fn later(engine: &Engine, held: &HeldMessage, address: &Address, words: String) -> Outcome {
    let now = engine.now();
    let delivery = engine.settings().delivery;
    let recipient = held.recipients.iter().find(|one| one.address == *address);
    let since = recipient.and_then(|one| one.chosen_at).unwrap_or(held.created_at);
    let patience = SignedDuration::try_from(delivery.give_up).unwrap_or(SignedDuration::MAX);
    if now.duration_since(since) >= patience {
        return Outcome::Permanent { words: format!("given up after too long: {words}") };
    }
    let attempts = recipient.map_or(0, |one| one.attempts);
    Outcome::Temporary { words, next: next_attempt(now, attempts, &delivery) }
}

/// The wait doubles with every attempt up to its bound (RFC 5321 section 4.5.4.1).
fn next_attempt(now: Timestamp, attempts: u32, delivery: &vault::settings::Delivery) -> Timestamp {
    let wait = delivery
        .first_retry
        .saturating_mul(2_u32.saturating_pow(attempts.min(20)))
        .min(delivery.longest_retry);
    SignedDuration::try_from(wait)
        .ok()
        .and_then(|wait| now.checked_add(wait).ok())
        .unwrap_or(Timestamp::MAX)
}

fn kept(step: Step, nl: &str, en: &str) -> Outcome {
    Outcome::Kept {
        step: step.clause().to_owned(),
        reason: Reason { nl: nl.to_owned(), en: en.to_owned() },
    }
}

async fn record_all(
    engine: &Arc<Engine>,
    id: HeldId,
    to: &[Address],
    outcome: &Outcome,
) -> Result<(), VaultError> {
    let now = engine.now();
    let results: Vec<_> = to.iter().map(|to| (to.clone(), outcome.clone())).collect();
    engine.with_vault(move |vault| vault.record_results(id, &results, now)).await
}

/// Messages handed over at the same time: each may take a few times its size in memory.
const AT_ONCE: usize = 4;
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
        let settings = vault::settings::Settings::parse("", std::path::Path::new("x")).unwrap();
        let delivery = settings.delivery;
        let now = Timestamp::UNIX_EPOCH;
        let wait = |attempts| next_attempt(now, attempts, &delivery).as_second();
        assert_eq!([wait(0), wait(1), wait(2)], [300, 600, 1_200]);
        assert_eq!(wait(30), 4 * 3_600);
    }
}
