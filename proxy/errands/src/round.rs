//! The task: looks what is due, does it account by account, and keeps what became of it.

use core::time::Duration;
use std::collections::BTreeMap;

use mail::Address;
use retrieval::aside::Aside;
use tokio::time::{sleep, timeout};
use vault::errand::{Ended, Errand};
use vault::{Reason, VaultError};

use crate::prepare::{Prepared, prepare};
use crate::work::{self, Trouble};
use crate::{House, words};

/// Runs until dropped. What was begun and not ended is gone on with by the next.
pub async fn run(mut house: impl House) {
    loop {
        if let Err(error) = round(&house).await {
            tracing::error!(%error, "notices cannot be put into mailboxes now");
        }
        let wait = pause(&house).await;
        tokio::select! {
            () = house.woken() => {}
            () = sleep(wait) => {}
        }
    }
}

async fn pause(house: &impl House) -> Duration {
    let now = house.now();
    match house.with_vault(|vault| vault.next_errand()).await {
        Ok(Some(next)) => {
            let wait = Duration::try_from(next.duration_since(now)).unwrap_or_default();
            wait.clamp(SHORTEST_PAUSE, LONGEST_PAUSE)
        }
        _ => LONGEST_PAUSE,
    }
}

/// Everything that is due, once.
async fn round(house: &impl House) -> Result<(), VaultError> {
    let now = house.now();
    let mut accounts: BTreeMap<Address, Vec<Errand>> = BTreeMap::new();
    for errand in house.with_vault(move |vault| vault.due_errands(now)).await? {
        accounts.entry(errand.account.clone()).or_default().push(errand);
    }
    for (account, errands) in accounts {
        let mut ready = Vec::new();
        for errand in errands {
            let (settings, this) = (house.settings(), errand.clone());
            let prepared = house.with_vault(move |vault| prepare(vault, &settings, &this)).await;
            match prepared {
                Ok(Prepared::Ended(ended)) => end(house, &errand, ended).await?,
                Ok(prepared) => ready.push((errand, prepared)),
                // One that cannot be read holds up no other.
                Err(error) => {
                    tracing::error!(%error, id = %errand.message, "an errand cannot be read");
                    let reason = Reason { nl: error.nl(), en: error.to_string() };
                    end(house, &errand, later(house, &errand, reason)).await?;
                }
            }
        }
        if !ready.is_empty() {
            at_the_mailboxes(house, &account, ready).await?;
        }
    }
    Ok(())
}

/// All errands of one account, on one connection.
async fn at_the_mailboxes(
    house: &impl House,
    account: &Address,
    errands: Vec<(Errand, Prepared)>,
) -> Result<(), VaultError> {
    let connected = match house.settings().account(account) {
        Some(_) => house.connect(account).await,
        None => Err(words::reason(words::NO_ACCOUNT)),
    };
    let (mut aside, mut trouble) = match connected {
        Ok(aside) => (Some(aside), words::reason(words::TOO_LONG)),
        Err(reason) => (None, reason),
    };
    for (errand, prepared) in errands {
        let ended = match aside.take() {
            None => later(house, &errand, trouble.clone()),
            Some(mut connection) => {
                match timeout(ERRAND, one(house, &mut connection, &errand, &prepared)).await {
                    Ok(Ok(ended)) => {
                        aside = Some(connection);
                        ended
                    }
                    Ok(Err(Trouble::Vault(error))) => return Err(error),
                    // The connection may be in the middle of anything: it is given up.
                    Ok(Err(Trouble::Mailbox(error))) => {
                        trouble = words::of(&error);
                        later(house, &errand, trouble.clone())
                    }
                    Err(_) => later(house, &errand, trouble.clone()),
                }
            }
        };
        end(house, &errand, ended).await?;
    }
    if let Some(aside) = aside {
        aside.log_out().await;
    }
    Ok(())
}

async fn one(
    house: &impl House,
    aside: &mut Aside,
    errand: &Errand,
    prepared: &Prepared,
) -> Result<Ended, Trouble> {
    match prepared {
        Prepared::Ended(ended) => Ok(ended.clone()),
        Prepared::Notice { id, bytes } => work::put_notice(house, aside, errand, (id, bytes)).await,
        Prepared::Sent(filing) => work::file(house, aside, errand, filing).await,
    }
}

async fn end(house: &impl House, errand: &Errand, ended: Ended) -> Result<(), VaultError> {
    let (number, now) = (errand.number, house.now());
    house.with_vault(move |vault| vault.end_errand(number, &ended, now)).await
}

fn later(house: &impl House, errand: &Errand, trouble: Reason) -> Ended {
    let next = house.settings().delivery.next_attempt(house.now(), errand.attempts);
    Ended::Later { trouble: Some(trouble), next }
}

/// For one errand: messages of 50 MB go up and down over slow lines.
const ERRAND: Duration = Duration::from_secs(15 * 60);
/// So that a clock that jumps cannot make the task spin.
const SHORTEST_PAUSE: Duration = Duration::from_secs(1);
/// The task looks this often in any case: clocks change and keyrings are unlocked unseen.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
