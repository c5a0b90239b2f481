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
//! is bounded in number, size and time; answers are kept in memory until their own end, a revocation for
//! a week, and count in every verdict from then on.
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
use paths::{
    Anchors, Answer, Purpose, Question, Revocation, RevocationReason, Statement, ocsp_request,
    sources,
};
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
    /// Until then it counts.
    until: Timestamp,
    /// Until then the address is not asked again: no longer than it counts, and less long where a
    /// revocation outlives the list that told it.
    rest: Timestamp,
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
        if settings.fetch == Wanted::Never {
            return false;
        }
        let mut heard = false;
        // Only of a signature that holds, and of a path that an anchor vouches for, is there a chain.
        let unknown = |signer: &&SignedBy| signer.intact && signer.revocation == Known::Unknown;
        let unknown: Vec<_> = verdict.signers.iter().filter(unknown).take(SIGNERS_MOST).collect();
        if unknown.is_empty() {
            return false;
        }
        let Some((roots, reach)) = way(settings) else { return false };
        for signer in unknown {
            heard |= self.ask(&signer.chain, (&roots, reach), now).await;
        }
        heard
    }

    /// Asks about a certificate of one's own, so that whoever signs hears of a revocation before the
    /// recipients do. `chain` is that certificate and what is known of its issuers (DER). Nobody is asked
    /// where the settings forbid it, or none of their anchors vouches for it.
    pub async fn ask_about_own(
        &self,
        chain: &[Vec<u8>],
        settings: &Settings,
        now: Timestamp,
    ) -> Heard {
        let Some(((roots, reach), (leaf, above))) = way(settings).zip(chain.split_first()) else {
            return Heard::default();
        };
        let mut question = Question::new(leaf, Purpose::Mail, now);
        question.pool = above.iter().map(Vec::as_slice).collect();
        let Answer::Found(path) = paths::judge(&anchors(settings), &question) else {
            return Heard::default();
        };
        let links: Vec<Vec<u8>> = path.links.into_iter().map(|link| link.der).collect();
        self.ask(&links, (&roots, reach), now).await;
        let kept = lock(&self.kept);
        let holds = kept.iter().filter(|one| now < one.until);
        let statements = holds.filter_map(|one| one.said.clone()).collect();
        Heard { statements, issuers: links.into_iter().skip(1).collect() }
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
        let responders =
            sources.responders.into_iter().filter(|url| is_web(url)).take(SOURCES_MOST);
        let lists = sources.lists.into_iter().filter(|url| is_web(url)).take(SOURCES_MOST);
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
            heard |= self.keep(asked, said.ok(), (certificate, issuer), now);
        }
        heard
    }

    /// Whether what is kept tells how this certificate stands.
    fn is_known(&self, certificate: &[u8], issuer: &[u8], now: Timestamp) -> bool {
        let mut anchors = Anchors::new();
        self.tell(&mut anchors, now);
        is_known(&stands(anchors, (certificate, issuer), now))
    }

    fn was_asked(&self, asked: &(String, Vec<u8>), now: Timestamp) -> bool {
        lock(&self.kept).iter().any(|one| one.asked == *asked && now < one.rest)
    }

    /// True where this certificate is known by it. No signature was looked at before: what leaves it
    /// unknown may be anybody's, and silences the address no longer than no answer does.
    fn keep(
        &self,
        asked: (String, Vec<u8>),
        said: Option<Statement>,
        about: (&[u8], &[u8]),
        now: Timestamp,
    ) -> bool {
        let later = |span| now.checked_add(span).unwrap_or(Timestamp::MAX);
        let told = said.as_ref().is_some_and(|said| {
            let mut anchors = Anchors::new();
            self.tell(&mut anchors, now);
            anchors.hear(said.clone());
            is_known(&stands(anchors, about, now))
        });
        let own = said.as_ref().and_then(Statement::until).filter(|until| now < *until);
        let rest = own.filter(|_| told).map_or(later(PAUSE), |until| until.min(later(LONGEST)));
        // A revocation does not grow old, but where it is only put on hold.
        let revokes = said.as_ref().is_some_and(|said| revokes(said, about, now));
        let until = if revokes { later(LONGEST) } else { rest };
        // What can tell nothing is as good as no answer.
        let said = said.filter(|_| told || own.is_some());
        let mut kept = lock(&self.kept);
        // Of what was heard there before only a revocation stays.
        kept.retain(|one| now < one.until && (one.asked != asked || one.rest < one.until));
        kept.push(Kept { asked, said, until, rest });
        let size = |all: &[Kept]| -> usize {
            all.iter().filter_map(|one| one.said.as_ref()).map(Statement::size).sum()
        };
        while kept.len() > KEPT_MOST || size(&kept) > BYTES_MOST {
            kept.remove(0);
        }
        told
    }
}

/// What issuers said, and with what it can be checked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Heard {
    /// All lists and answers that hold, about whomever.
    pub statements: Vec<Statement>,
    /// The certificates above the one in question, up to the anchor, in DER.
    pub issuers: Vec<Vec<u8>>,
}

/// Whether it alone says of this certificate that its issuer took it back for good.
fn revokes(said: &Statement, about: (&[u8], &[u8]), now: Timestamp) -> bool {
    let mut anchors = Anchors::new();
    anchors.hear(said.clone());
    let stands = stands(anchors, about, now);
    matches!(stands, Some(Revocation::Revoked { reason, .. }) if reason != RevocationReason::CertificateHold)
}

fn is_known(stands: &Option<Revocation>) -> bool {
    matches!(stands, Some(Revocation::Good | Revocation::Revoked { .. }))
}

/// How a certificate of that issuer stands, by what was heard; `None` where it does not hold by itself.
fn stands(
    mut heard: Anchors,
    (certificate, issuer): (&[u8], &[u8]),
    now: Timestamp,
) -> Option<Revocation> {
    heard.add_der(None, issuer).ok()?;
    match paths::judge(&heard, &Question::new(certificate, Purpose::Any, now)) {
        Answer::Found(path) => Some(path.revocation),
        Answer::Refused(_) => None,
    }
}

/// Of HTTP or HTTPS. Others, such as directories that some issuers name first, are never asked.
fn is_web(url: &str) -> bool {
    let scheme = url.split_once("://").map_or("", |(scheme, _)| scheme);
    scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https")
}

/// By whom servers are judged, and where they may be; `None` where nobody may be asked.
fn way(settings: &Settings) -> Option<(Roots, Reach)> {
    let reach = match settings.fetch {
        Wanted::Never => return None,
        Wanted::Public => Reach::Public,
        Wanted::Everywhere => Reach::Everywhere,
    };
    let roots = roots(settings)
        .inspect_err(|error| tracing::warn!(%error, "issuers are not asked about revocation"));
    Some((roots.ok()?, reach))
}

/// Those of the settings. What cannot be read vouches for nobody.
fn anchors(settings: &Settings) -> Anchors {
    let mut anchors = Anchors::new();
    for file in &settings.anchors {
        let read = std::fs::read(file)
            .map_err(|error| error.to_string())
            .and_then(|bytes| anchors.add_file(None, &bytes).map_err(|error| error.to_string()));
        if let Err(error) = read {
            tracing::warn!(file = %file.display(), %error, "an anchor cannot be read");
        }
    }
    anchors
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
    let bytes = fetch(roots, what).await?;
    Ok(match is_list {
        true => Statement::List(bytes[..].into()),
        false => Statement::Response(bytes.to_vec()),
    })
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
