//! When a connection of our own may be made. Work that waits asks for one again and again; a provider
//! that is down is not to be stormed, and one that refuses a password counts, and locks the account.
//!
//! One [`Gate`] stands before all such work of a program. It remembers until it ends. A mail program's
//! session passes it but for a password that was refused a moment ago: it, too, comes back by itself. What a
//! person starts (a diagnosis, another password) does not pass it, and tells it where that worked.

use core::hash::BuildHasher as _;
use core::time::Duration;
use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use imap::client::Reason;
use imap::relay::Limits;
use net::tls::Roots;
use secrecy::ExposeSecret as _;
use tokio::sync::{Mutex as Turn, OwnedMutexGuard};
use tokio::time::{Instant, timeout};

use crate::aside::Aside;
use crate::upstream::{self, Provider, Upstream, UpstreamError};

/// See the [module](self).
#[derive(Debug, Default)]
pub struct Gate {
    seed: RandomState,
    /// By account.
    doors: Mutex<HashMap<String, Door>>,
    /// By account.
    queues: Mutex<HashMap<String, Queue>>,
}

/// Those who want to log in with what has not got anybody in yet go one after the other: a mail program
/// opens several connections at once, and each would try the same wrong password.
#[derive(Debug, Default)]
struct Queue {
    /// The log-in that last got in, as [`Door::login`]: it needs no queue.
    proved: Option<u64>,
    turn: Arc<Turn<()>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Door {
    /// Which server, user and password it is about: others get a try at once.
    login: u64,
    standing: Standing,
    /// How often in a row the log-in was refused in words that do not say why: what else goes wrong says
    /// nothing of the password, and ends the row.
    unclear: u32,
    /// When the provider last said that user name or password is wrong, or refused once too often without
    /// saying why.
    wrong: Option<Instant>,
}

/// How it stands with connections of our own to an account's provider, where the last one failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It is tried again at that moment.
    Rests {
        /// How often it failed, one after the other.
        failures: u32,
        /// When it may be tried again.
        until: Instant,
    },
    /// The provider refused user name or password, or refused three times in a row without saying why: not
    /// tried before one of them is another, or somebody else gets in with them.
    Shut,
}

impl Gate {
    /// Connects and logs in, where that may be tried now.
    ///
    /// # Errors
    /// As [`Aside::connect`]; [`UpstreamError::Resting`] and [`UpstreamError::Shut`] where it was not tried,
    /// and [`UpstreamError::Silent`] where somebody else's try took too long.
    pub async fn connect(
        &self,
        account: &str,
        provider: Provider,
        roots: &Roots,
        limits: Limits,
    ) -> Result<Aside, UpstreamError> {
        let login = self.login(&provider);
        let _turn = self.turn(account, login).await?;
        may_try(self.door(account, login).map(|door| door.standing), Instant::now())?;
        let connected = Aside::connect(provider, roots, limits).await;
        match &connected {
            Err(error) => self.failed(account, login, error, Instant::now()),
            Ok(_) => self.proved(account, login),
        }
        connected
    }

    /// Connects for a mail program's session. It is not kept from a provider that was away a moment ago; a
    /// password that the provider has just called wrong is not tried again for it, every few minutes and
    /// for several connections at once, until the account is locked.
    ///
    /// # Errors
    /// As [`upstream::connect`]; [`UpstreamError::Shut`] where it was not tried, and
    /// [`UpstreamError::Silent`] where somebody else's try took too long.
    pub async fn connect_program(
        &self,
        account: &str,
        provider: Provider,
        roots: &Roots,
    ) -> Result<Upstream, UpstreamError> {
        let login = self.login(&provider);
        let _turn = self.turn(account, login).await?;
        if self.door(account, login).is_some_and(|door| door.keeps_programs_out(Instant::now())) {
            return Err(UpstreamError::Shut);
        }
        let connected = upstream::connect(provider, roots).await;
        match &connected {
            Err(error) if is_about_the_log_in(error) => {
                self.failed(account, login, error, Instant::now());
            }
            Err(_) => {}
            Ok(_) => self.proved(account, login),
        }
        connected
    }

    /// Counts a failure on top of those that are known now: somebody may have got in meanwhile. What was
    /// said of the password stays so: a connection that began before it may end in another way.
    fn failed(&self, account: &str, login: u64, error: &UpstreamError, now: Instant) {
        let mut doors = self.doors();
        let before = doors.get(account).copied().filter(|door| door.login == login);
        let unclear = match error.is_unclear() {
            true => before.map_or(0, |door| door.unclear).saturating_add(1),
            false => 0,
        };
        let standing = match before.map(|door| door.standing) {
            Some(Standing::Shut) => Standing::Shut,
            Some(Standing::Rests { failures, .. }) => after(failures, unclear, error, now),
            None => after(0, unclear, error, now),
        };
        let is_wrong = is_wrong(error) || unclear >= UNCLEAR;
        let wrong = match is_wrong {
            true => Some(now),
            false => before.and_then(|door| door.wrong),
        };
        if is_wrong {
            self.queues().entry(account.to_owned()).or_default().proved = None;
        }
        doors.insert(account.to_owned(), Door { login, standing, unclear, wrong });
    }

    /// Waits until nobody else tries what has not got anybody in yet; none where it has, also meanwhile.
    async fn turn(
        &self,
        account: &str,
        login: u64,
    ) -> Result<Option<OwnedMutexGuard<()>>, UpstreamError> {
        let queue = || {
            let mut queues = self.queues();
            let queue = queues.entry(account.to_owned()).or_default();
            (queue.proved != Some(login)).then(|| Arc::clone(&queue.turn))
        };
        let Some(turn) = queue() else {
            return Ok(None);
        };
        // A provider that is silent keeps the others no longer than one connection may take: with their
        // own it stays below what a mail program waits.
        let silent = |_| UpstreamError::Silent(upstream::CONNECT.as_secs());
        let turn = timeout(upstream::CONNECT, turn.lock_owned()).await.map_err(silent)?;
        Ok(queue().map(|_| turn))
    }

    /// Somebody got in with this log-in.
    fn proved(&self, account: &str, login: u64) {
        self.queues().entry(account.to_owned()).or_default().proved = Some(login);
        self.opened(account);
    }

    /// What is known of an account with this log-in.
    fn door(&self, account: &str, login: u64) -> Option<Door> {
        self.doors().get(account).copied().filter(|door| door.login == login)
    }

    /// Says that somebody has just got in with what is kept for this account.
    pub fn opened(&self, account: &str) {
        self.doors().remove(account);
    }

    /// How it stands; none where nothing is wrong, or nothing was tried.
    #[must_use]
    pub fn standing(&self, account: &str) -> Option<Standing> {
        self.doors().get(account).map(|door| door.standing)
    }

    /// A number that is another where anything of the log-in is. Keyed anew at each start: it says nothing
    /// of the password to anybody else.
    fn login(&self, provider: &Provider) -> u64 {
        let Provider { host, port, security, user, password, mechanisms } = provider;
        let how = format!("{security:?} {mechanisms:?}");
        self.seed.hash_one((host, port, how, user, password.expose_secret()))
    }

    fn queues(&self) -> MutexGuard<'_, HashMap<String, Queue>> {
        self.queues.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn doors(&self) -> MutexGuard<'_, HashMap<String, Door>> {
        self.doors.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Door {
    /// Whether a mail program, too, is kept from trying.
    fn keeps_programs_out(&self, now: Instant) -> bool {
        self.wrong.is_some_and(|wrong| now.duration_since(wrong) < PROGRAMS)
    }
}

/// True where the provider was told the password, and said that it, or the user name, is wrong or has
/// expired. Not where the user may not do this: another log-in with the same password locks no account.
fn is_wrong(error: &UpstreamError) -> bool {
    matches!(error, UpstreamError::Refused(refusal)
        if refusal.reason == Reason::Expired || refusal.code == "AUTHENTICATIONFAILED")
}

/// True where the provider answered the log-in with a refusal that does not pass by itself, or may not.
fn is_about_the_log_in(error: &UpstreamError) -> bool {
    matches!(error, UpstreamError::Refused(_)) && (error.is_for_good() || error.is_unclear())
}

/// Whether it may be tried now.
fn may_try(before: Option<Standing>, now: Instant) -> Result<(), UpstreamError> {
    match before {
        None => Ok(()),
        Some(Standing::Rests { until, .. }) if until <= now => Ok(()),
        Some(Standing::Rests { until, .. }) => {
            let left = until.duration_since(now).as_secs().saturating_add(1);
            Err(UpstreamError::Resting(left))
        }
        Some(Standing::Shut) => Err(UpstreamError::Shut),
    }
}

/// How it stands after one more failure; `unclear`: how many refusals in a row did not say why, this one
/// counted.
/// Such a one may mean a wrong password, which is not to be tried often, or that there were too many
/// connections, which passes.
fn after(failures: u32, unclear: u32, error: &UpstreamError, now: Instant) -> Standing {
    if error.is_for_good() || (error.is_unclear() && unclear >= UNCLEAR) {
        return Standing::Shut;
    }
    let pause = match error.is_unclear() {
        true => LONGEST,
        false => FIRST.saturating_mul(2_u32.saturating_pow(failures.min(16))).min(LONGEST),
    };
    Standing::Rests { failures: failures.saturating_add(1), until: now + pause }
}

/// After the first failure: a line that dropped is there again in no time.
const FIRST: Duration = Duration::from_secs(5);
/// At most: what came in is judged within the half hour once the provider is there again.
const LONGEST: Duration = Duration::from_secs(30 * 60);
/// A provider that erred has the mail program back after a quarter of an hour, and four wrong passwords in
/// an hour lock no account.
const PROGRAMS: Duration = Duration::from_secs(15 * 60);
/// Refusals that do not say why: providers lock an account after five to ten wrong passwords.
const UNCLEAR: u32 = 3;

#[cfg(test)]
#[path = "gate_tests.rs"]
mod tests;
