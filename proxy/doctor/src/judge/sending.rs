//! What was seen for one mail before it goes: the same steps, while no mail host was visited yet.

use jiff::Timestamp;
use mail::Domain;
use nta7516::facts::{HostFacts, RecipientFacts, Security, Seen};
use nta7516::plan::{Decision, Policy, Requirement, Target};
use nta7516::record::{Claim, Record};

use super::{hosts, not_looked, record};
use crate::facts::{Facts, Named};
use crate::{Mailbox, State, Step, Text, Topic};

/// Tells what was seen of a recipient's domain before anything is sent there. What to do stands in
/// the decision: a sender cannot mend another's domain.
///
/// `port` is that of mail hosts. Nothing is told of an address without a domain.
#[must_use]
pub fn before_sending(
    recipient: &RecipientFacts,
    decision: &Decision,
    now: Timestamp,
    port: u16,
) -> Vec<Step> {
    let Some(domain) = recipient.address.domain() else {
        return Vec::new();
    };
    let current = current(recipient, now);
    let facts = facts(domain, recipient, current, now, port);
    let mut steps = vec![record::record(&facts), record::dnssec(&facts)];
    if current.is_some() {
        steps.push(hosts::which(&facts));
        steps.extend(hosts::proved(&facts));
        steps.extend(facts.hosts().iter().flat_map(|host| proof(&facts, host, decision)));
    } else {
        let (nl, en) = BEFORE;
        steps.push(not_looked(Topic::MailHosts, "R-DNS-3", nl, en));
        steps.push(not_looked(Topic::Certificate, "R-SEND-5", nl, en));
    }
    steps.into_iter().map(|step| Step { mend: None, publish: None, ..step }).collect()
}

/// The record that holds on that day, in an answer that may be believed.
fn current(recipient: &RecipientFacts, now: Timestamp) -> Option<&Record> {
    match recipient.claim.as_ref().ok()? {
        Seen {
            security: Security::Secure | Security::Insecure, value: Claim::Valid(set), ..
        } => set.current(now),
        _ => None,
    }
}

fn facts(
    domain: &Domain,
    recipient: &RecipientFacts,
    record: Option<&Record>,
    now: Timestamp,
    port: u16,
) -> Facts {
    let named = match record {
        _ if recipient.null_mx => Named::Null,
        Some(record) if !record.ntamx.is_empty() => Named::NtaMx,
        _ => Named::Unseen,
    };
    Facts {
        domain: domain.clone(),
        now,
        port,
        policy: Policy::default(),
        // Its state alone is told.
        txt: recipient.claim.clone().map(|seen| seen.map(|_| Vec::new())),
        recipient: recipient.clone(),
        named,
        supplier: None,
        spf: Vec::new(),
        dmarc: Vec::new(),
        dkim: Vec::new(),
        visits: Vec::new(),
        mailbox: Mailbox::NotAsked,
    }
}

/// What a host publishes for its proof, and what it will have to prove.
fn proof(facts: &Facts, host: &HostFacts, decision: &Decision) -> Vec<Step> {
    let tlsa = hosts::tlsa(facts, host, None).about(&host.host);
    let Decision::Handover { hosts, .. } = decision else {
        return vec![tlsa];
    };
    let target = hosts.iter().find(|target| target.host == host.host);
    let state = match (tlsa.state, target) {
        // It may prove itself in another way, and has not been asked yet.
        (State::Attention, Some(_)) => State::NotLookedAt,
        // Another host takes the mail.
        (State::Bad | State::Unknown, None) => State::Attention,
        (state, _) => state,
    };
    let asked = target.map(|target| demand(target).about(&host.host));
    [Step { state, ..tlsa }].into_iter().chain(asked).collect()
}

fn demand(target: &Target) -> Step {
    let (clause, nl, en) = match &target.require {
        Requirement::Dane { .. } => ("R-SEND-5", "DANE", "DANE"),
        Requirement::Pkix { .. } => (
            "R-SEND-6",
            "een certificaat van een vertrouwde uitgever",
            "a certificate of a trusted issuer",
        ),
        Requirement::OrganisationalUnit { .. } => (
            "R-SEND-7",
            "een certificaat met het kenmerk van een leverancier",
            "a certificate with a supplier's mark",
        ),
    };
    let host = &target.host;
    Step::new(
        Topic::Certificate,
        clause,
        State::NotLookedAt,
        Text::new(
            format!(
                "Bij het versturen moet {host} zich bewijzen met {nl}; anders gaat er niets weg."
            ),
            format!("When it is sent {host} has to prove itself by {en}; else nothing goes."),
        ),
    )
}

const BEFORE: (&str, &str) =
    ("Niet gekeken: een stap eerder hield het op.", "Not looked at: it ended a step before.");

#[cfg(test)]
mod tests {
    use mail::Address;
    use nta7516::facts::{Offer, Route, SenderFacts, Tlsa};
    use nta7516::record::Txt;

    use super::*;
    use crate::Link;

    const NOW: &str = "2026-11-26T09:00:00Z";

    fn txt(record: &str) -> Claim {
        Claim::read(&[Txt { data: record.as_bytes().to_vec(), ttl: 300 }])
    }

    fn valid() -> Claim {
        txt("v=NTA7516-1;startdate=2026-01;enddate=2027-12;provider=LAB")
    }

    fn host(name: &str, tlsa: Vec<Tlsa>) -> HostFacts {
        HostFacts {
            host: Domain::parse(name).unwrap(),
            priority: 10,
            addresses: vec![[127, 0, 0, 1].into()],
            address_security: Security::Secure,
            address_trouble: None,
            tlsa_base: None,
            tlsa: Ok(Seen::secure(tlsa)),
        }
    }

    fn key() -> Vec<Tlsa> {
        vec![Tlsa { usage: 3, selector: 1, matching: 1, data: vec![7; 32] }]
    }

    fn told(claim: Seen<Claim>, hosts: Vec<HostFacts>) -> (Decision, Vec<Step>) {
        let now: Timestamp = NOW.parse().unwrap();
        let recipient = RecipientFacts {
            address: Address::parse("poli@ziekenhuis.nl").unwrap(),
            claim: Ok(claim),
            hosts: Ok(Seen::secure(hosts)),
            null_mx: false,
            supplier: None,
        };
        let domain = Domain::parse("praktijk.nl").unwrap();
        let sender = SenderFacts { domain, claim: Ok(Seen::secure(valid())) };
        let routes = [Offer::of(Route::Direct)];
        let decision = Policy::default().plan(&sender, &recipient, &routes, now);
        let steps = before_sending(&recipient, &decision, now, 25);
        (decision, steps)
    }

    fn chain(steps: &[Step]) -> [State; 4] {
        Link::CHAIN.map(|link| link.state(steps))
    }

    #[test]
    fn a_good_chain_leaves_the_proof_open_until_the_mail_is_sent() {
        use State::{Good, NotLookedAt};
        for (tlsa, by) in [(key(), "DANE"), (Vec::new(), "uitgever")] {
            let (decision, steps) = told(Seen::secure(valid()), vec![host("mx.a.nl", tlsa)]);
            assert!(matches!(decision, Decision::Handover { .. }));
            assert_eq!(chain(&steps), [Good, Good, Good, NotLookedAt], "{steps:#?}");
            assert!(steps.last().unwrap().seen.nl.contains(by), "{steps:#?}");
            assert!(steps.iter().all(|step| step.mend.is_none() && step.publish.is_none()));
        }
    }

    #[test]
    fn what_comes_after_the_step_that_said_no_was_not_looked_at() {
        use State::{Bad, Good, NotLookedAt};
        let (_, steps) = told(Seen::secure(Claim::None), Vec::new());
        assert_eq!(chain(&steps), [Bad, Good, NotLookedAt, NotLookedAt]);
        let (_, steps) = told(Seen::new(Security::Bogus, valid()), vec![host("mx.a.nl", key())]);
        assert_eq!(chain(&steps), [Bad, Bad, NotLookedAt, NotLookedAt]);
    }

    #[test]
    fn a_host_that_cannot_be_used_stops_nothing_where_another_takes_the_mail() {
        let mut bogus = host("mx1.a.nl", key());
        bogus.tlsa = Ok(Seen::new(Security::Bogus, key()));
        let both = vec![bogus.clone(), host("mx2.a.nl", key())];
        let (decision, steps) = told(Seen::secure(valid()), both);
        assert!(matches!(decision, Decision::Handover { .. }), "{decision:?}");
        assert_eq!(chain(&steps)[3], State::Attention);
        let (_, steps) = told(Seen::secure(valid()), vec![bogus]);
        assert_eq!(chain(&steps)[3], State::Bad);
    }
}
