//! The route `direct`: a session with the recipient's own mail host, under the proof that the plan
//! requires. Nothing of the mail is sent before the proof was seen.

use core::time::Duration;
use std::net::SocketAddr;
use std::sync::Arc;

use net::tls::Expect;
use nta7516::plan::{Requirement, Step, Target as PlannedHost};
use tokio::time::Instant;
use vault::settings::Account;

use crate::engine::Engine;
use crate::session::{ClientSession, Connect, SessionError, Target, TlsMode};

/// Why none of the planned hosts could be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoHost {
    /// At least one host may do later.
    NotNow {
        /// The step that could not be taken.
        step: Step,
        /// What was seen, host by host.
        words: String,
    },
    /// Every host was reached and none gave the proof.
    NoProof {
        /// The step that said no.
        step: Step,
        /// What was seen, host by host, in Dutch.
        nl: String,
        /// The same in English.
        en: String,
    },
}

/// Opens a session with the first host that gives its proof, in the order of the plan.
pub async fn open(
    engine: &Arc<Engine>,
    hosts: &[PlannedHost],
    helo: &str,
) -> Result<ClientSession, NoHost> {
    let (mut nl, mut en) = (Vec::new(), Vec::new());
    let mut temporary = hosts.is_empty();
    let mut step = Step::HandOver;
    let until = Instant::now() + OPENING;
    for host in hosts {
        for address in &host.addresses {
            if Instant::now() >= until {
                temporary = true;
                break;
            }
            let port = engine.settings().delivery.port;
            match one(engine, host, SocketAddr::new(*address, port), helo).await {
                Ok(session) => return Ok(session),
                Err(error) => {
                    tracing::info!(%error, "a mail host cannot be used");
                    temporary |= error.is_temporary();
                    step = step_of(&host.require);
                    nl.push(format!("{}: {}", host.host, error.nl()));
                    en.push(format!("{}: {error}", host.host));
                }
            }
        }
    }
    let (nl, en) = (nl.join("; "), en.join("; "));
    Err(if temporary {
        NoHost::NotNow { step, words: nl }
    } else {
        NoHost::NoProof { step, nl, en }
    })
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
    })
    .await
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

/// The step of the scheme that a requirement belongs to.
pub(crate) fn step_of(requirement: &Requirement) -> Step {
    match requirement {
        Requirement::Dane { .. } => Step::Host,
        Requirement::Pkix { .. } => Step::AnnexC,
        Requirement::OrganisationalUnit { .. } => Step::AnnexB,
    }
}

/// After this time no further host is tried in one attempt: a stranger's zone names up to twenty
/// hosts with eight addresses each, and all may be slow.
const OPENING: Duration = Duration::from_secs(300);
