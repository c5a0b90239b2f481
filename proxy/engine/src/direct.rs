//! The route `direct`: sessions with the recipient's own mail hosts, under the proof that the plan
//! requires. Nothing of the mail is sent before the proof was seen.

use core::time::Duration;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use net::tls::Expect;
use nta7516::plan::{Requirement, Step, Target as PlannedHost};
use nta7516::proof::{Host, NotUsed, Words};
use session::{ClientSession, Connect, Patience, SessionError, Target, TlsMode};
use settings::Account;
use tokio::time::Instant;

use crate::engine::Engine;
use crate::handover::TOO_LONG;

/// The planned hosts, tried one after the other (RFC 5321 section 5.1).
///
/// The next is tried where one cannot be reached, greets with a refusal, breaks off, or does not
/// give its proof; and, by whoever hands over, for recipients to whom one says 4xx. A 5xx to a
/// recipient is for good, whoever said it.
#[derive(Debug)]
pub struct Walk<'a> {
    engine: &'a Arc<Engine>,
    helo: &'a str,
    left: std::vec::IntoIter<(PlannedHost, IpAddr)>,
    until: Instant,
    found: Found,
    /// The hosts that could not be used so far, and why.
    pub not_used: Vec<NotUsed>,
}

/// A session with a host that gave its proof.
#[derive(Debug)]
pub struct Opened {
    /// The session.
    pub session: ClientSession,
    /// The host.
    pub host: Host,
}

/// What the hosts that could not be used had in common.
#[derive(Debug, Default)]
struct Found {
    temporary: bool,
    no_proof: Option<Step>,
    step: Option<Step>,
}

/// Why none of the planned hosts could be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoHost {
    /// At least one host may do later.
    NotNow {
        /// The step that could not be taken.
        step: Step,
        /// What was seen, host by host.
        words: Words,
    },
    /// Every host answered, and at least one of them did not give the proof.
    NoProof {
        /// The step that said no.
        step: Step,
        /// What was seen, host by host.
        words: Words,
    },
    /// Every host refuses the session for good (RFC 5321 section 3.1).
    Refused {
        /// What was seen, host by host.
        words: Words,
    },
}

impl<'a> Walk<'a> {
    /// The hosts of a plan in its order; those of the same preference in any (RFC 5321 section
    /// 5.1: "MUST randomize them").
    #[must_use]
    pub fn new(engine: &'a Arc<Engine>, hosts: &[PlannedHost], helo: &'a str) -> Self {
        let seed = engine.random().unwrap_or_default();
        let mut hosts: Vec<(u8, PlannedHost)> =
            seed.into_iter().cycle().zip(hosts.to_vec()).collect();
        hosts.sort_by_key(|(random, host)| (host.priority, *random));
        let addresses = hosts.into_iter().flat_map(|(_, host)| {
            host.addresses.clone().into_iter().map(move |address| (host.clone(), address))
        });
        Self {
            engine,
            helo,
            left: addresses.collect::<Vec<_>>().into_iter(),
            until: Instant::now() + OPENING,
            found: Found::default(),
            not_used: Vec::new(),
        }
    }

    /// Opens a session with the next host that gives its proof.
    ///
    /// # Errors
    /// [`NoHost`] where none is left: what was seen of all of them.
    pub async fn next(&mut self) -> Result<Opened, NoHost> {
        for (host, address) in self.left.by_ref() {
            if Instant::now() >= self.until {
                self.found.temporary = true;
                break;
            }
            let at = SocketAddr::new(address, self.engine.settings().delivery.port);
            match one(self.engine, &host, at, self.helo).await {
                Ok(session) => {
                    let host = Host::planned(&host.host, host.priority, at, &host.require);
                    return Ok(Opened { session, host });
                }
                Err(error) => {
                    tracing::info!(%error, "a mail host cannot be used");
                    self.found.add(&error, host.require.step());
                    let host = host.host.to_string();
                    self.not_used.push(NotUsed { host, words: error.words() });
                }
            }
        }
        Err(self.found.answer(&self.not_used))
    }
}

impl NoHost {
    /// The time for the whole transaction was up.
    pub(crate) fn too_long() -> Self {
        Self::NotNow { step: Step::HandOver, words: Words::new(TOO_LONG.0, TOO_LONG.1) }
    }
}

impl Found {
    fn add(&mut self, error: &SessionError, step: Step) {
        self.temporary |= error.is_temporary();
        self.step = Some(step);
        if matches!(error, SessionError::Tls(_) | SessionError::NoStartTls) {
            self.no_proof = Some(step);
        }
    }

    fn answer(&self, not_used: &[NotUsed]) -> NoHost {
        let each = |text: fn(&Words) -> &str| {
            let each = not_used.iter().map(|one| format!("{}: {}", one.host, text(&one.words)));
            each.collect::<Vec<_>>().join("; ")
        };
        let words = Words::new(each(|words| &words.nl), each(|words| &words.en));
        let step = self.step.unwrap_or(Step::HandOver);
        match (self.temporary || not_used.is_empty(), self.no_proof) {
            (true, _) => NoHost::NotNow { step, words },
            (false, Some(step)) => NoHost::NoProof { step, words },
            (false, None) => NoHost::Refused { words },
        }
    }
}

async fn one(
    engine: &Arc<Engine>,
    host: &PlannedHost,
    address: SocketAddr,
    helo: &str,
) -> Result<ClientSession, SessionError> {
    let roots = engine.roots();
    ClientSession::connect(Connect {
        target: Target::Ip(address),
        tls: TlsMode::StartTls(expect(&host.require)),
        helo,
        roots: &roots,
        patience: patience(engine),
    })
    .await
}

/// How long a recipient's host is waited for.
pub(crate) fn patience(engine: &Engine) -> Patience {
    let delivery = engine.settings().delivery;
    Patience::of(delivery.connect_timeout, delivery.reply_timeout)
}

/// What TLS must show under a requirement of the plan.
pub(crate) fn expect(require: &Requirement) -> Expect {
    match require.clone() {
        Requirement::Dane { tlsa, names } => Expect::Dane { tlsa, names },
        Requirement::Pkix { names } => Expect::Pkix { names },
        Requirement::OrganisationalUnit { names, marks } => {
            Expect::OrganisationalUnit { names, marks }
        }
    }
}

/// The name said in EHLO (RFC 5321 section 4.1.1.1): what the settings say, else the domain of the
/// account's address.
pub(crate) fn helo(account: &Account) -> &str {
    let own = account.address.domain().map_or("localhost", mail::Domain::as_str);
    account.helo.as_deref().unwrap_or(own)
}

/// After this time no further host is tried in one attempt: a stranger's zone names up to twenty
/// hosts with eight addresses of each family, sixteen a host, and all may be slow.
const OPENING: Duration = Duration::from_secs(300);

#[cfg(test)]
mod tests {
    use net::tls::TlsError;

    use super::*;

    fn seen(errors: Vec<SessionError>) -> NoHost {
        let (mut found, mut not_used) = (Found::default(), Vec::new());
        for error in errors {
            found.add(&error, Step::AnnexC);
            not_used.push(NotUsed { host: "mx.example".to_owned(), words: error.words() });
        }
        found.answer(&not_used)
    }

    fn refused(code: u16) -> SessionError {
        SessionError::Refused(smtp::Reply::new(code, "", "no"))
    }

    #[test]
    fn one_host_that_may_do_later_keeps_the_mail_in_the_queue() {
        let no_proof = || SessionError::Tls(TlsError::WrongName);
        let later = [
            vec![],
            vec![SessionError::Ended],
            vec![no_proof(), refused(421)],
            vec![refused(554), SessionError::Ended],
        ];
        for errors in later {
            assert!(matches!(seen(errors), NoHost::NotNow { .. }));
        }
        let NoHost::NoProof { step, words } = seen(vec![no_proof(), refused(554)]) else {
            panic!("a host without proof");
        };
        assert_eq!(step, Step::AnnexC);
        assert!(words.nl.contains("andere naam") && words.en.contains("another name"), "{words:?}");
        assert!(matches!(seen(vec![SessionError::NoStartTls]), NoHost::NoProof { .. }));
        assert!(matches!(seen(vec![refused(554)]), NoHost::Refused { .. }));
    }
}
