//! When a connection of our own may be made. Work that waits asks for one again and again; a provider
//! that is down is not to be stormed, and one that refuses a password counts, and locks the account.
//!
//! One [`Gate`] stands before all such work of a program. It remembers until it ends; what a person
//! starts (a mail program's session, a diagnosis) does not pass it, and tells it where that worked.

use core::hash::BuildHasher as _;
use core::time::Duration;
use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::sync::{Mutex, MutexGuard, PoisonError};

use imap::relay::Limits;
use net::tls::Roots;
use secrecy::ExposeSecret as _;
use tokio::time::Instant;

use crate::aside::Aside;
use crate::upstream::{Provider, UpstreamError};

/// See the [module](self).
#[derive(Debug, Default)]
pub struct Gate {
    seed: RandomState,
    /// By account.
    doors: Mutex<HashMap<String, Door>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Door {
    /// Which server, user and password it is about: others get a try at once.
    login: u64,
    standing: Standing,
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
    /// The provider refused user name or password: not tried before one of them is another, or somebody
    /// else gets in with them.
    Shut,
}

impl Gate {
    /// Connects and logs in, where that may be tried now.
    ///
    /// # Errors
    /// As [`Aside::connect`]; [`UpstreamError::Resting`] and [`UpstreamError::Shut`] where it was not tried.
    pub async fn connect(
        &self,
        account: &str,
        provider: Provider,
        roots: &Roots,
        limits: Limits,
    ) -> Result<Aside, UpstreamError> {
        let login = self.login(&provider);
        let before = self.doors().get(account).copied().filter(|door| door.login == login);
        let failures = may_try(before.map(|door| door.standing), Instant::now())?;
        let connected = Aside::connect(provider, roots, limits).await;
        let standing = connected.as_ref().err().map(|error| after(failures, error, Instant::now()));
        match standing {
            Some(standing) => self.doors().insert(account.to_owned(), Door { login, standing }),
            None => self.doors().remove(account),
        };
        connected
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

    fn doors(&self) -> MutexGuard<'_, HashMap<String, Door>> {
        self.doors.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether it may be tried now; how often it failed before.
fn may_try(before: Option<Standing>, now: Instant) -> Result<u32, UpstreamError> {
    match before {
        None => Ok(0),
        Some(Standing::Rests { failures, until }) if until <= now => Ok(failures),
        Some(Standing::Rests { until, .. }) => {
            let left = until.duration_since(now).as_secs().saturating_add(1);
            Err(UpstreamError::Resting(left))
        }
        Some(Standing::Shut) => Err(UpstreamError::Shut),
    }
}

/// How it stands after one more failure.
fn after(failures: u32, error: &UpstreamError, now: Instant) -> Standing {
    if error.is_for_good() {
        return Standing::Shut;
    }
    let pause = FIRST.saturating_mul(2_u32.saturating_pow(failures.min(16))).min(LONGEST);
    Standing::Rests { failures: failures.saturating_add(1), until: now + pause }
}

/// After the first failure: a line that dropped is there again in no time.
const FIRST: Duration = Duration::from_secs(5);
/// At most: what came in is judged within the half hour once the provider is there again.
const LONGEST: Duration = Duration::from_secs(30 * 60);

#[cfg(test)]
mod tests {
    use imap::client::{ClientError, Security};
    use secrecy::SecretString;

    use super::*;

    fn provider(port: u16, password: &str) -> Provider {
        Provider {
            host: "127.0.0.1".to_owned(),
            port,
            security: Security::Clear,
            user: "arts".to_owned(),
            password: SecretString::from(password),
            mechanisms: vec![imap::Mechanism::Plain],
        }
    }

    #[test]
    fn the_wait_doubles_up_to_its_bound_and_a_refused_password_ends_the_tries() {
        let now = Instant::now();
        let down = UpstreamError::Silent(25);
        for (failures, seconds) in [(0, 5), (1, 10), (2, 20), (8, 1280), (9, 1800), (1000, 1800)] {
            let until = now + Duration::from_secs(seconds);
            let expected = Standing::Rests { failures: failures + 1, until };
            assert_eq!(after(failures, &down, now), expected, "{failures}");
            assert!(may_try(Some(expected), now).is_err());
            assert_eq!(may_try(Some(expected), until).unwrap(), failures + 1);
        }
        let wrong = UpstreamError::Dialogue(ClientError::NoMechanism);
        assert_eq!(after(0, &wrong, now), Standing::Shut);
        let much_later = now + Duration::from_secs(1_000_000);
        assert!(matches!(may_try(Some(Standing::Shut), much_later), Err(UpstreamError::Shut)));
        assert_eq!(may_try(None, now).unwrap(), 0);
    }

    /// A server that refuses every log-in; how many came.
    async fn refusing() -> (u16, std::sync::Arc<std::sync::atomic::AtomicUsize>) {
        use std::sync::atomic::{AtomicUsize, Ordering};
        use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};

        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let count = std::sync::Arc::new(AtomicUsize::new(0));
        let counted = std::sync::Arc::clone(&count);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                counted.fetch_add(1, Ordering::SeqCst);
                let mut stream = BufReader::new(stream);
                let hello = b"* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR] x\r\n";
                stream.write_all(hello).await.unwrap();
                let mut line = String::new();
                if stream.read_line(&mut line).await.is_ok() {
                    let tag = line.split(' ').next().unwrap_or("*");
                    let no = format!("{tag} NO [AUTHENTICATIONFAILED] x\r\n");
                    let _ = stream.write_all(no.as_bytes()).await;
                }
            }
        });
        (port, count)
    }

    #[tokio::test]
    async fn a_wrong_password_is_tried_once_and_the_right_to_try_comes_with_another() {
        let (port, count) = refusing().await;
        let came = || count.load(std::sync::atomic::Ordering::SeqCst);
        let (gate, roots) = (Gate::default(), Roots::load(&[]).unwrap());
        let ask = async |password: &str| {
            let provider = provider(port, password);
            gate.connect("a@b.nl", provider, &roots, Limits::default()).await.unwrap_err()
        };
        assert!(matches!(ask("fout").await, UpstreamError::Refused(_)));
        for _ in 0..20 {
            assert!(matches!(ask("fout").await, UpstreamError::Shut));
        }
        assert_eq!((came(), gate.standing("a@b.nl")), (1, Some(Standing::Shut)));
        assert!(matches!(ask("ook fout").await, UpstreamError::Refused(_)));
        assert_eq!(came(), 2);
        // Another account's door is its own, and who got in opens this one.
        assert_eq!(gate.standing("c@d.nl"), None);
        gate.opened("a@b.nl");
        assert!(matches!(ask("ook fout").await, UpstreamError::Refused(_)));
        assert_eq!(came(), 3);
    }

    #[tokio::test(start_paused = true)]
    async fn a_provider_that_is_down_is_not_stormed() {
        // Nobody listens on a port that was given and taken back.
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        let (gate, roots) = (Gate::default(), Roots::load(&[]).unwrap());
        let mut tried = 0;
        let begin = Instant::now();
        while begin.elapsed() < Duration::from_secs(3600) {
            let provider = provider(port, "x");
            let asked = gate.connect("a@b.nl", provider, &roots, Limits::default()).await;
            tried += usize::from(!matches!(asked, Err(UpstreamError::Resting(_))));
            tokio::time::advance(Duration::from_secs(1)).await;
        }
        assert!((9..=12).contains(&tried), "{tried} in an hour");
    }
}
