//! Asks issuers whether certificates were revoked: OCSP responders (RFC 6960 appendix A) and revocation
//! lists (RFC 5280 section 4.2.1.13), where the settings allow it, and remembers what they said.
//!
//! ```text
//!   cades::open --> a path that holds, revocation unknown --chain--> Book::ask --OCSP, else list--> kept
//!        ^                                                                                            |
//!        +------------------------ Anchors, with all that was heard <---------- Book::tell <----------+
//! ```
//!
//! To ask tells an issuer, and whoever sees the way there, that somebody here looks at a message of this
//! signer, and when. So nobody is asked unless a person set it so, and only about certificates on a path
//! that an anchor vouches for: a stranger's certificate makes this program call nobody. What is asked
//! is bounded in number, size and time; answers are kept in memory until their own end, and count in
//! every verdict from then on.
//!
//! What this room does not do: it judges nothing. `paths` does, with the issuer's signature.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

use core::time::Duration;
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use cades::{Known, SignedBy, Verdict};
use jiff::{SignedDuration, Timestamp};
use net::fetch::{Fetch, FetchError, fetch};
use net::tls::Roots;
use paths::{Anchors, Answer, Purpose, Question, Revocation, Statement, ocsp_request, sources};
use settings::{Fetch as Wanted, Settings};
use tokio::time::{Instant, timeout_at};

pub use net::fetch::Reach;

/// What issuers said, as long as it holds. In memory only: it names people whose mail is read here.
#[derive(Debug, Default)]
pub struct Book {
    kept: Mutex<Vec<Kept>>,
}

/// An answer, or that there was none.
#[derive(Debug)]
struct Kept {
    /// The address, and for a responder the question.
    asked: (String, Vec<u8>),
    /// None: it failed, and is not asked again for a while.
    said: Option<Statement>,
    until: Timestamp,
}

impl Book {
    /// A book in which nothing stands.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds to the anchors all that holds now.
    pub fn tell(&self, anchors: &mut Anchors, now: Timestamp) {
        for one in lock(&self.kept).iter().filter(|one| now < one.until) {
            if let Some(said) = &one.said {
                anchors.hear(said.clone());
            }
        }
    }

    /// Asks about the signers of whom it is not known, as far as the settings allow it. True where
    /// something new was heard: then it is worth to judge again.
    pub async fn ask_as_set(&self, verdict: &Verdict, settings: &Settings, now: Timestamp) -> bool {
        let reach = match settings.fetch {
            Wanted::Never => return false,
            Wanted::Public => Reach::Public,
            Wanted::Everywhere => Reach::Everywhere,
        };
        let mut heard = false;
        // Only of a signature that holds, and of a path that an anchor vouches for, is there a chain.
        let unknown = |signer: &&SignedBy| signer.intact && signer.revocation == Known::Unknown;
        let unknown: Vec<_> = verdict.signers.iter().filter(unknown).take(SIGNERS_MOST).collect();
        if unknown.is_empty() {
            return false;
        }
        let roots = match roots(settings) {
            Ok(roots) => roots,
            Err(error) => {
                tracing::warn!(%error, "issuers are not asked about revocation");
                return false;
            }
        };
        for signer in unknown {
            heard |= self.ask(&signer.chain, (&roots, reach), now).await;
        }
        heard
    }

    /// Asks about each certificate of a path that holds, the anchor excepted: the leaf first, in DER.
    /// What is known already is not asked. True where something new was heard.
    pub async fn ask(
        &self,
        chain: &[Vec<u8>],
        (roots, reach): (&Roots, Reach),
        now: Timestamp,
    ) -> bool {
        let end = Instant::now() + ALTOGETHER;
        let mut heard = false;
        for pair in chain.windows(2).take(LINKS_MOST) {
            let [certificate, issuer] = pair else { continue };
            let asking = self.ask_about(certificate, issuer, (roots, reach), now);
            // What was heard until then is kept.
            let Ok(more) = timeout_at(end, asking).await else { return heard };
            heard |= more;
        }
        heard
    }

    async fn ask_about(
        &self,
        certificate: &[u8],
        issuer: &[u8],
        way: (&Roots, Reach),
        now: Timestamp,
    ) -> bool {
        let mut heard = false;
        let sources = sources(certificate);
        let request = ocsp_request(certificate, issuer).unwrap_or_default();
        let responders = sources.responders.into_iter().take(SOURCES_MOST);
        let lists = sources.lists.into_iter().take(SOURCES_MOST);
        // A response is small and about one certificate; a list may be megabytes.
        let asked =
            responders.map(|url| (url, request.clone())).chain(lists.map(|url| (url, Vec::new())));
        for asked in asked {
            if self.is_known(certificate, issuer, now) {
                break;
            }
            if self.was_asked(&asked, now) {
                continue;
            }
            let said = said(&asked, way).await;
            if let Err(error) = &said {
                // The address is its issuer's, and no secret; of whom it was asked is not said.
                tracing::info!(url = %asked.0, %error, "an issuer could not be asked about revocation");
            }
            heard |= self.keep(asked, said.ok(), now);
        }
        heard
    }

    /// Whether what is kept tells how this certificate stands.
    fn is_known(&self, certificate: &[u8], issuer: &[u8], now: Timestamp) -> bool {
        let mut anchors = Anchors::new();
        if anchors.add_der(None, issuer).is_err() {
            return false;
        }
        self.tell(&mut anchors, now);
        match paths::judge(&anchors, &Question::new(certificate, Purpose::Any, now)) {
            Answer::Found(path) => !matches!(path.revocation, Revocation::Unknown { .. }),
            Answer::Refused(_) => false,
        }
    }

    fn was_asked(&self, asked: &(String, Vec<u8>), now: Timestamp) -> bool {
        lock(&self.kept).iter().any(|one| one.asked == *asked && now < one.until)
    }

    /// True where it tells something.
    fn keep(&self, asked: (String, Vec<u8>), said: Option<Statement>, now: Timestamp) -> bool {
        let until = said.as_ref().and_then(Statement::until).filter(|until| now < *until);
        // What tells nothing now is as good as no answer.
        let said = said.filter(|_| until.is_some());
        let longest = now.checked_add(if said.is_some() { LONGEST } else { PAUSE });
        let longest = longest.unwrap_or(Timestamp::MAX);
        let until = until.map_or(longest, |until| until.min(longest));
        let told = said.is_some();
        let mut kept = lock(&self.kept);
        kept.retain(|one| now < one.until && one.asked != asked);
        kept.push(Kept { asked, said, until });
        let size = |all: &[Kept]| -> usize {
            all.iter().filter_map(|one| one.said.as_ref()).map(Statement::size).sum()
        };
        while kept.len() > KEPT_MOST || size(&kept) > BYTES_MOST {
            kept.remove(0);
        }
        told
    }
}

/// Those by whom servers are judged.
fn roots(settings: &Settings) -> Result<Roots, String> {
    let read = |file: &std::path::PathBuf| {
        let bytes = std::fs::read(file).map_err(|error| format!("{}: {error}", file.display()))?;
        Ok((file.display().to_string(), bytes))
    };
    let extra: Vec<(String, Vec<u8>)> =
        settings.tls.extra_roots.iter().map(read).collect::<Result<_, String>>()?;
    Roots::load(&extra).map_err(|error| error.to_string())
}

async fn said(
    (url, request): &(String, Vec<u8>),
    (roots, reach): (&Roots, Reach),
) -> Result<Statement, FetchError> {
    let is_list = request.is_empty();
    let body = Bytes::copy_from_slice(request);
    let what = Fetch {
        url,
        // RFC 6960 appendix A.1.
        post: (!is_list).then_some(("application/ocsp-request", body)),
        at_most: if is_list { LIST_MOST } else { RESPONSE_MOST },
        within: WITHIN,
        reach,
    };
    let bytes = fetch(roots, what).await?.to_vec();
    Ok(if is_list { Statement::List(bytes) } else { Statement::Response(bytes) })
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// For one address. Responders answer within a second.
const WITHIN: Duration = Duration::from_secs(10);
/// For a whole path: a person, or a queue of mail, waits for it.
const ALTOGETHER: Duration = Duration::from_secs(30);
/// A mail has one signer, a contract some.
const SIGNERS_MOST: usize = 4;
/// A path has three or four certificates.
const LINKS_MOST: usize = 6;
/// A certificate names one or two of each.
const SOURCES_MOST: usize = 2;
/// The lists of large issuers have some megabytes.
const LIST_MOST: usize = 8 * 1024 * 1024;
/// A response with its responder's chain is some 5 kB.
const RESPONSE_MOST: usize = 64 * 1024;
/// Each signer of a day, and the issuers above.
const KEPT_MOST: usize = 512;
/// All together, in memory.
const BYTES_MOST: usize = 32 * 1024 * 1024;
/// Issuers say until when: a day, a week. One that says "for a year" is asked again after this.
const LONGEST: SignedDuration = SignedDuration::from_hours(7 * 24);
/// After a failure.
const PAUSE: SignedDuration = SignedDuration::from_mins(15);
