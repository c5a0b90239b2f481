//! Whether a path holds (RFC 5280 section 6.1). Signatures and the chaining of names were checked when
//! it was built, revocation is asked afterwards.

use jiff::Timestamp;

use crate::certificate::Certificate;
use crate::constraints::Constraints;
use crate::extensions::EMAIL_PROTECTION;
use crate::policy::Policies;
use crate::question::{PolicyInputs, Purpose, Weak};
use crate::refusal::Reason;
use crate::signature::{Weakness, weak_key};

/// What a path is checked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Inputs<'q> {
    pub(crate) at: Timestamp,
    pub(crate) purpose: Purpose,
    pub(crate) weak: Weak,
    pub(crate) policies: &'q PolicyInputs,
}

/// Checks a path, leaf first and anchor last. Gives its authority-constrained policies, or what is
/// wrong at which place.
pub(crate) fn validate<'a>(
    path: &[&Certificate<'a>],
    inputs: Inputs<'_>,
) -> Result<Vec<String>, (usize, Reason)> {
    let Some((anchor, below)) = path.split_last() else {
        return Err((0, Reason::Unreadable));
    };
    let top = below.len();
    current(anchor, inputs.at).map_err(|reason| (top, reason))?;
    let Some((leaf, _)) = below.split_first() else {
        may_be_used(anchor, inputs).map_err(|reason| (0, reason))?;
        return Ok(Vec::new());
    };
    vouches(anchor, inputs.purpose).map_err(|reason| (top, reason))?;
    let mut names = Constraints::default();
    names.add(anchor.extensions.name_constraints.as_ref()).map_err(|reason| (top, reason))?;
    let mut policies = Policies::new(inputs.policies, top);
    let mut length = path_length(anchor).unwrap_or(top);

    for (place, certificate) in below.iter().enumerate().rev() {
        let wrong = |reason| (place, reason);
        let last = place == 0;
        current(certificate, inputs.at).map_err(wrong)?;
        if last || !certificate.self_issued() {
            names.check(certificate).map_err(wrong)?;
        }
        policies.enter(certificate, last).map_err(wrong)?;
        if last {
            break;
        }
        policies.prepare(certificate).map_err(wrong)?;
        names.add(certificate.extensions.name_constraints.as_ref()).map_err(wrong)?;
        vouches(certificate, inputs.purpose).map_err(wrong)?;
        if !certificate.self_issued() {
            length = length.checked_sub(1).ok_or((place, Reason::PathLength))?;
        }
        length = path_length(certificate).map_or(length, |own| own.min(length));
    }
    may_be_used(leaf, inputs).map_err(|reason| (0, reason))?;
    policies.finish(leaf).map_err(|reason| (0, reason))
}

/// Section 6.1.3 (a) (2), and what is critical must be understood.
fn current(certificate: &Certificate<'_>, at: Timestamp) -> Result<(), Reason> {
    if at < certificate.not_before {
        return Err(Reason::NotYetValid { from: certificate.not_before });
    }
    if at > certificate.not_after {
        return Err(Reason::Expired { at: certificate.not_after });
    }
    match certificate.extensions.unknown_critical {
        Some(oid) => Err(Reason::UnknownCritical { oid: crate::der::dotted(oid) }),
        None => Ok(()),
    }
}

/// Section 6.1.4 (k) and (n). A root of version 1 has no way to say it; whoever made it an anchor did.
fn vouches(issuer: &Certificate<'_>, purpose: Purpose) -> Result<(), Reason> {
    let old_root = issuer.version == 1 && issuer.self_issued();
    if !old_root && !issuer.extensions.basic.is_some_and(|basic| basic.ca) {
        return Err(Reason::NotCa);
    }
    if !issuer.extensions.may_sign_certificates() {
        return Err(Reason::NoCertSign);
    }
    // An issuer that says for what it issues does not issue for mail unless it says so.
    if purpose == Purpose::Mail && !issuer.extensions.serves(EMAIL_PROTECTION) {
        return Err(Reason::ExtendedKeyUsage);
    }
    Ok(())
}

fn path_length(issuer: &Certificate<'_>) -> Option<usize> {
    issuer.extensions.basic.and_then(|basic| basic.path_length).map(|length| length as usize)
}

/// RFC 8550 sections 4.4.2 and 4.4.4: an absent extension allows all.
fn may_be_used(leaf: &Certificate<'_>, inputs: Inputs<'_>) -> Result<(), Reason> {
    if inputs.weak == Weak::Refuse
        && let Some(Weakness::Key { bits }) = weak_key(&leaf.key)
    {
        return Err(Reason::WeakKey { bits });
    }
    if inputs.purpose == Purpose::Any {
        return Ok(());
    }
    if !leaf.extensions.key_usage.is_none_or(|usage| usage.signs()) {
        return Err(Reason::KeyUsage);
    }
    if !leaf.extensions.serves(EMAIL_PROTECTION) {
        return Err(Reason::ExtendedKeyUsage);
    }
    Ok(())
}
