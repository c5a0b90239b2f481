use std::net::IpAddr;

use mail::Domain;

use super::{Cause, LeftOut, Looked, Reason, Requirement, Step, Stop, Target, readable};
use crate::facts::{HostFacts, RecipientFacts, Security, Tlsa};
use crate::record::Record;

/// By what a host can prove itself.
#[derive(Clone, Copy)]
pub(super) enum Way<'a> {
    /// The record is secure: DANE, else annex C.
    Secure,
    /// The record is not: annex B with these marks.
    AnnexB(&'a [String]),
}

/// The hosts that can meet a proof, the first to be tried first, and those that cannot
/// (R-SEND-5 to R-SEND-7). One host that fails does not stop the others (RFC 7672 section 2.1.1).
pub(super) fn targets(
    recipient: &RecipientFacts,
    record: &Record,
    domain: &Domain,
    way: Way<'_>,
) -> Result<(Vec<Target>, Vec<LeftOut>), Stop> {
    let looked = || Looked::MailHosts(domain.clone());
    let (hosts, state) = readable(&recipient.hosts, Step::Host, Step::Host, looked)?;
    let by_mx = record.ntamx.is_empty();
    if by_mx && recipient.null_mx {
        let cause = Cause::NullMx(domain.clone());
        return Err(Stop::another_way(Step::Host, cause));
    }
    if matches!(way, Way::Secure) && state != Security::Secure {
        let cause = Cause::MailHostsInsecure(domain.clone());
        return Err(Stop::another_way(Step::AnnexC, cause));
    }
    let mut hosts: Vec<(u16, &HostFacts)> =
        hosts.iter().map(|facts| (priority(record, facts), facts)).collect();
    hosts.sort_by_key(|(priority, _)| *priority);

    let mut targets = Vec::new();
    let mut stopped = Vec::new();
    for (priority, facts) in hosts {
        match judge(facts, record, domain, way) {
            Ok((addresses, require)) => {
                targets.push(Target { host: facts.host.clone(), priority, addresses, require })
            }
            Err(stop) => stopped.push((facts.host.clone(), stop)),
        }
    }
    if targets.is_empty() {
        let none = Stop::another_way(Step::Host, Cause::NoHosts(domain.clone()));
        let stops = stopped.into_iter().map(|(_, stop)| stop);
        return Err(Stop::most_telling(stops).unwrap_or(none));
    }
    let left_out = stopped.into_iter().map(|(host, stop)| LeftOut {
        host,
        kind: stop.kind,
        step: stop.step,
        reason: Reason::new(stop.cause),
    });
    Ok((targets, left_out.collect()))
}

/// The priority that the record gives a host, else the one that it was seen with.
fn priority(record: &Record, facts: &HostFacts) -> u16 {
    let named = record.ntamx.iter().filter(|mx| mx.host == facts.host);
    named.map(|mx| mx.priority).min().unwrap_or(facts.priority)
}

/// What this host must show, or why nothing that it could show is enough.
fn judge(
    facts: &HostFacts,
    record: &Record,
    domain: &Domain,
    way: Way<'_>,
) -> Result<(Vec<IpAddr>, Requirement), Stop> {
    let host = &facts.host;
    let named = record.ntamx.iter().any(|mx| mx.host == *host);
    if !record.ntamx.is_empty() && !named {
        let cause = Cause::HostNotNamed(host.clone());
        return Err(Stop::another_way(Step::Host, cause));
    }
    address_state(facts)?;
    let looked = || Looked::Tlsa(host.clone());
    let (tlsa, tlsa_state) = readable(&facts.tlsa, Step::Host, Step::Host, looked)?;
    if facts.addresses.is_empty() {
        let cause = Cause::NoAddress(host.clone());
        return Err(Stop::another_way(Step::Host, cause));
    }
    let require = match way {
        Way::AnnexB(marks) => {
            Requirement::OrganisationalUnit { names: vec![host.clone()], marks: marks.to_vec() }
        }
        Way::Secure => {
            let counts = tlsa_state == Security::Secure;
            let usable = tlsa.iter().filter(|tlsa| counts && tlsa.usable());
            secure_requirement(facts, usable.cloned().collect(), record, domain)
        }
    };
    Ok((facts.addresses.clone(), require))
}

fn address_state(facts: &HostFacts) -> Result<(), Stop> {
    let looked = Looked::Addresses(facts.host.clone());
    match (facts.address_trouble, facts.address_security) {
        (_, Security::Bogus) => Err(Stop::refuse(Step::Host, Cause::Bogus(looked))),
        (Some(trouble), _) => Err(Stop::later(Step::Host, Cause::Trouble(looked, trouble))),
        (None, Security::Indeterminate) => {
            Err(Stop::later(Step::Host, Cause::Indeterminate(looked)))
        }
        (None, Security::Secure | Security::Insecure) => Ok(()),
    }
}

/// DANE where usable records count, else annex C.
///
/// Secure records of which none is usable prove nothing. RFC 7672 section 2.2 would then encrypt
/// without knowing to whom; annex C, which speaks of a host "where DANE is not available", asks
/// more, so it holds there too.
fn secure_requirement(
    facts: &HostFacts,
    usable: Vec<Tlsa>,
    record: &Record,
    domain: &Domain,
) -> Requirement {
    let host = &facts.host;
    if usable.is_empty() {
        let names = vec![host.clone()];
        return Requirement::Pkix { names };
    }
    // RFC 7672 section 3.2.2: the base name, the MX name, and, behind a secure MX look-up, the
    // domain that was looked up.
    let base = facts.tlsa_base.iter();
    let looked_up = record.ntamx.is_empty().then_some(domain);
    let mut names: Vec<Domain> = Vec::new();
    for name in base.chain([host]).chain(looked_up) {
        if !names.contains(name) {
            names.push(name.clone());
        }
    }
    Requirement::Dane { tlsa: usable, names }
}
