use core::cell::OnceCell;

use crate::anchors::Anchors;
use crate::answer::{Answer, Path};
use crate::question::Question;
use crate::refusal::{Reason, Refusal};
use crate::revocation::Revocation;
use crate::search::{Next, REACHED, Search};
use crate::status::Statuses;
use crate::validate::{Inputs, validate};

/// Judges a certificate: the best path that holds, or why there is none.
///
/// Of several paths it is one on which all is known to be good; else one on which something is not
/// known; else one on which an issuer was revoked. A leaf that was revoked is revoked, whatever other
/// paths say.
#[must_use]
pub fn judge(anchors: &Anchors, question: &Question<'_>) -> Answer {
    weigh(anchors, question).0
}

/// The answer, and how many signatures were checked for it.
pub(crate) fn weigh(anchors: &Anchors, question: &Question<'_>) -> (Answer, usize) {
    let unreadable = || {
        let subject = String::new();
        Answer::Refused(Refusal { reason: Reason::Unreadable, place: 0, subject })
    };
    let Some(search) = Search::new(anchors, question) else {
        return (unreadable(), 0);
    };
    // Lists may have megabytes: they are read for a path that holds, and for no stranger's certificate.
    let statuses = OnceCell::new();
    let inputs = Inputs {
        at: question.at,
        purpose: question.purpose,
        weak: question.weak,
        policies: &question.policies,
    };
    let mut best: Option<(usize, Path)> = None;
    let failure = search.climb(0, &mut |numbers, failure| {
        let certificates: Vec<_> = numbers.iter().map(|&n| search.certificate(n)).collect();
        let policies = match validate(&certificates, inputs) {
            Ok(policies) => policies,
            Err((place, reason)) => {
                let subject = certificates[place].called();
                failure.note(REACHED, Refusal { reason, place, subject });
                return Next::GoOn;
            }
        };
        let statuses = statuses.get_or_init(|| Statuses::new(&search, anchors, question));
        let (revocation, told) = statuses.of_path(numbers);
        let (rank, next) = match &revocation {
            Revocation::Revoked { place: 0, .. } => (3, Next::Stop),
            Revocation::Good => (2, Next::Stop),
            // Where nothing is at hand, another path tells no more.
            Revocation::Unknown { .. } if statuses.is_empty() => (1, Next::Stop),
            Revocation::Unknown { .. } => (1, Next::GoOn),
            Revocation::Revoked { .. } => (0, Next::GoOn),
        };
        if best.as_ref().is_none_or(|(known, _)| *known < rank) {
            let top = numbers.last().and_then(|&top| search.anchor(top));
            let anchor = top.and_then(|place| anchors.at(place));
            let path = Path {
                links: certificates.iter().map(|certificate| certificate.link()).collect(),
                anchor: anchor.map(|anchor| anchor.name.clone()).unwrap_or_default(),
                revocation,
                told,
                policies,
            };
            best = Some((rank, path));
        }
        next
    });
    let answer = match best {
        Some((_, path)) => Answer::Found(path),
        None => failure.into_refusal().map_or_else(unreadable, Answer::Refused),
    };
    (answer, search.checks.get())
}
