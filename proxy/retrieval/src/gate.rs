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
use std::sync::{Mutex, MutexGuard, PoisonError};

use imap::relay::Limits;
use net::tls::Roots;
use secrecy::ExposeSecret as _;
use tokio::time::Instant;

use crate::aside::Aside;
use crate::upstream::{self, Provider, Upstream, UpstreamError};

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
    /// How often in a row the log-in was refused in words that do not say why: what else goes wrong says
    /// nothing of the password, and ends the row.
    unclear: u32,
    /// When the provider last said that user name or password is wrong.
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
    /// As [`Aside::connect`]; [`UpstreamError::Resting`] and [`UpstreamError::Shut`] where it was not tried.
    pub async fn connect(
        &self,
        account: &str,
        provider: Provider,
        roots: &Roots,
        limits: Limits,
    ) -> Result<Aside, UpstreamError> {
        let login = self.login(&provider);
        may_try(self.door(account, login).map(|door| door.standing), Instant::now())?;
        let connected = Aside::connect(provider, roots, limits).await;
        match &connected {
            Err(error) => self.failed(account, login, error, Instant::now()),
            Ok(_) => self.opened(account),
        }
        connected
    }

    /// Connects for a mail program's session. It is not kept from a provider that was away a moment ago; a
    /// password that the provider has just called wrong is not tried again for it, every few minutes and
    /// for several connections at once, until the account is locked.
    ///
    /// # Errors
    /// As [`upstream::connect`]; [`UpstreamError::Shut`] where it was not tried.
    pub async fn connect_program(
        &self,
        account: &str,
        provider: Provider,
        roots: &Roots,
    ) -> Result<Upstream, UpstreamError> {
        let login = self.login(&provider);
        if self.door(account, login).is_some_and(|door| door.keeps_programs_out(Instant::now())) {
            return Err(UpstreamError::Shut);
        }
        let connected = upstream::connect(provider, roots).await;
        match &connected {
            Err(error) if is_wrong(error) => self.failed(account, login, error, Instant::now()),
            Err(_) => {}
            Ok(_) => self.opened(account),
        }
        connected
    }

    /// Counts a failure on top of those that are known now: somebody may have got in meanwhile.
    fn failed(&self, account: &str, login: u64, error: &UpstreamError, now: Instant) {
        let mut doors = self.doors();
        let before = doors.get(account).copied().filter(|door| door.login == login);
        let failures = match before.map(|door| door.standing) {
            Some(Standing::Rests { failures, .. }) => failures,
            Some(Standing::Shut) | None => 0,
        };
        let unclear = match error.is_unclear() {
            true => before.map_or(0, |door| door.unclear).saturating_add(1),
            false => 0,
        };
        let standing = after(failures, unclear, error, now);
        let wrong = is_wrong(error).then_some(now);
        doors.insert(account.to_owned(), Door { login, standing, unclear, wrong });
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

/// True where the provider was told the password, and said that it, or the user name, is wrong.
fn is_wrong(error: &UpstreamError) -> bool {
    matches!(error, UpstreamError::Refused(_)) && error.is_for_good()
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
mod tests {
    use imap::client::{ClientError, Reason, Refusal, Security};
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
            assert_eq!(after(failures, 0, &down, now), expected, "{failures}");
            assert!(may_try(Some(expected), now).is_err());
            assert!(may_try(Some(expected), until).is_ok());
        }
        let wrong = UpstreamError::Dialogue(ClientError::NoMechanism);
        assert_eq!(after(0, 0, &wrong, now), Standing::Shut);
        let much_later = now + Duration::from_secs(1_000_000);
        assert!(matches!(may_try(Some(Standing::Shut), much_later), Err(UpstreamError::Shut)));
        assert!(may_try(None, now).is_ok());
    }

    /// A server that refuses every log-in in these words; how many came.
    async fn refusing(
        words: &'static str,
    ) -> (u16, std::sync::Arc<std::sync::atomic::AtomicUsize>) {
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
                    let no = format!("{tag} {words}\r\n");
                    let _ = stream.write_all(no.as_bytes()).await;
                }
            }
        });
        (port, count)
    }

    #[tokio::test]
    async fn a_wrong_password_is_tried_once_and_the_right_to_try_comes_with_another() {
        let (port, count) = refusing("NO [AUTHENTICATIONFAILED] x").await;
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

    #[tokio::test]
    async fn a_mail_program_that_comes_back_does_not_bring_a_wrong_password_again_and_again() {
        for (words, tries) in [("NO [AUTHENTICATIONFAILED] x", 1), ("NO x", 5), ("NO [LIMIT] x", 5)]
        {
            let (port, count) = refusing(words).await;
            let (gate, roots) = (Gate::default(), Roots::load(&[]).unwrap());
            for _ in 0..5 {
                let asked = gate.connect_program("a@b.nl", provider(port, "fout"), &roots).await;
                assert!(asked.is_err(), "{words}");
            }
            let came = || count.load(std::sync::atomic::Ordering::SeqCst);
            assert_eq!(came(), tries, "{words}");
            // Another password is tried at once, and who got in elsewhere opens it for all.
            let _ = gate.connect_program("a@b.nl", provider(port, "ook fout"), &roots).await;
            gate.opened("a@b.nl");
            let _ = gate.connect_program("a@b.nl", provider(port, "ook fout"), &roots).await;
            assert_eq!(came(), tries + 2, "{words}");
        }
        let now = Instant::now();
        let door = Door { login: 1, standing: Standing::Shut, unclear: 0, wrong: Some(now) };
        assert!(door.keeps_programs_out(now + PROGRAMS - Duration::from_secs(1)));
        assert!(!door.keeps_programs_out(now + PROGRAMS), "the provider may have erred");
        assert!(!Door { wrong: None, ..door }.keeps_programs_out(now));
    }

    #[tokio::test]
    async fn what_the_server_says_of_the_password_shuts_the_gate_and_what_passes_does_not() {
        for (words, shuts) in [
            ("NO [AUTHENTICATIONFAILED] x", true),
            ("NO [AUTHORIZATIONFAILED] x", true),
            ("NO [EXPIRED] x", true),
            ("NO [CONTACTADMIN] app password", true),
            ("NO [UNAVAILABLE] x", false),
            ("NO [LIMIT] x", false),
            ("NO [ALERT] Too many simultaneous connections", false),
            ("NO x", false),
            ("BAD x", false),
        ] {
            let (port, _) = refusing(words).await;
            let (gate, roots) = (Gate::default(), Roots::load(&[]).unwrap());
            let asked =
                gate.connect("a@b.nl", provider(port, "x"), &roots, Limits::default()).await;
            assert!(matches!(asked, Err(UpstreamError::Refused(_))), "{words}");
            let standing = gate.standing("a@b.nl").unwrap();
            assert_eq!(standing == Standing::Shut, shuts, "{words}");
        }
    }

    #[test]
    fn a_refusal_that_does_not_say_why_waits_longest_and_ends_the_tries_at_the_third() {
        let now = Instant::now();
        let refused = |reason, code: &str| {
            let (code, words) = (code.to_owned(), String::new());
            UpstreamError::Refused(Refusal { reason, code, words })
        };
        let rests = |failures, pause| Standing::Rests { failures, until: now + pause };
        for bare in [
            refused(Reason::Refused, ""),
            refused(Reason::Refused, "ALERT"),
            refused(Reason::NotUnderstood, ""),
        ] {
            assert_eq!(after(0, 1, &bare, now), rests(1, LONGEST));
            assert_eq!(after(1, 2, &bare, now), rests(2, LONGEST));
            assert_eq!(after(2, 3, &bare, now), Standing::Shut);
        }
        assert_eq!(after(0, 0, &UpstreamError::Silent(25), now), rests(1, FIRST));
        assert_eq!(after(0, 0, &refused(Reason::Unavailable, "LIMIT"), now), rests(1, FIRST));
    }

    #[test]
    fn only_refusals_of_one_password_that_follow_each_other_shut_the_gate() {
        let now = Instant::now();
        let refused = |reason, code: &str| {
            let (code, words) = (code.to_owned(), String::new());
            UpstreamError::Refused(Refusal { reason, code, words })
        };
        let bare = || refused(Reason::Refused, "");
        let shut = |gate: &Gate| gate.standing("a@b.nl") == Some(Standing::Shut);
        let fail = |gate: &Gate, login, error| gate.failed("a@b.nl", login, &error, now);
        for between in [UpstreamError::Silent(25), refused(Reason::Unavailable, "LIMIT")] {
            let gate = Gate::default();
            for error in [bare(), bare(), between, bare(), bare()] {
                fail(&gate, 1, error);
                assert!(!shut(&gate));
            }
            fail(&gate, 1, bare());
            assert!(shut(&gate), "three in a row");
        }
        let gate = Gate::default();
        fail(&gate, 1, bare());
        fail(&gate, 1, bare());
        // Another password, and somebody who got in, begin anew.
        fail(&gate, 2, bare());
        fail(&gate, 2, bare());
        gate.opened("a@b.nl");
        fail(&gate, 2, bare());
        fail(&gate, 2, bare());
        assert!(!shut(&gate));
        fail(&gate, 2, bare());
        assert!(shut(&gate));
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
