//! Looks at a domain: which question follows from which answer. Asking itself is a [`World`]'s.

use core::future::Future;

use jiff::Timestamp;
use mail::{Address, Domain};
use nta7516::facts::{
    HostFacts, Offer, RecipientFacts, Route, Security, Seen, SenderFacts, Trouble,
};
use nta7516::plan::{Decision, Policy, Requirement};
use nta7516::record::{Claim, Provider, Record, SupplierClaim, Txt};

use crate::facts::{Asked, Call, Facts, Named, Sight, TxtAnswer, Visit};
use crate::{Mailbox, Options, dmarc, spf};

/// Who can ask the world: DNS, and mail hosts.
pub trait World: Sync {
    /// The time now.
    fn now(&self) -> Timestamp;
    /// The port of mail hosts: 25.
    fn port(&self) -> u16;
    /// What the organisation sets about the parts that the guide leaves open.
    fn policy(&self) -> Policy;
    /// The domains at which the record of the supplier with this mark may stand, the first to be
    /// asked first; none where nothing is known of it.
    fn supplier(&self, mark: &Provider) -> Vec<Domain>;
    /// The TXT records of a name, with the state in which they came.
    fn txt(&self, name: &Domain) -> impl Future<Output = TxtAnswer> + Send;
    /// The mail hosts of a domain: those of `ntamx` where a record names any (with the state of
    /// the record), else those of MX.
    fn mail_hosts(
        &self,
        domain: &Domain,
        record: Option<(&Record, Security)>,
    ) -> impl Future<Output = MailHosts> + Send;
    /// Connects once.
    fn visit(&self, call: &Call) -> impl Future<Output = Sight> + Send;
}

/// The mail hosts of a domain, and where they are from.
#[derive(Debug, Clone)]
pub struct MailHosts {
    /// Where they are from.
    pub named: Named,
    /// The hosts, with the state of the answer that named them.
    pub hosts: Result<Seen<Vec<HostFacts>>, Trouble>,
}

/// Looks at all that a domain publishes. `address` is the one at which the domain answers
/// (R-DNS-6).
pub async fn look<W: World>(
    world: &W,
    domain: &Domain,
    address: Address,
    options: &Options,
) -> Facts {
    let now = world.now();
    let txt = world.txt(domain).await;
    let claim = txt.clone().map(|seen| seen.map(|records| Claim::read(&records)));
    let record =
        claim.as_ref().ok().and_then(|seen| Some((seen.believed()?.current(now)?, seen.security)));
    let mark = record.map(|(record, _)| record.provider.clone());
    let MailHosts { named, hosts } = world.mail_hosts(domain, record).await;
    let recipient =
        RecipientFacts { address, claim, hosts, null_mx: named == Named::Null, supplier: None };
    let mut facts = Facts {
        domain: domain.clone(),
        now,
        port: world.port(),
        policy: world.policy(),
        spf: vec![Asked { name: domain.clone(), txt: txt.clone() }],
        txt,
        recipient,
        named,
        supplier: supplier(world, options.supplier.as_ref(), mark.as_ref()).await,
        dmarc: dmarc_records(world, domain).await,
        dkim: Vec::new(),
        visits: Vec::new(),
        mailbox: options.mailbox,
    };
    redirects(world, &mut facts.spf).await;
    for selector in &options.selectors {
        let name = format!("{}._domainkey.{domain}", selector.as_str());
        if let Ok(name) = Domain::parse(&name) {
            facts.dkim.push((selector.clone(), world.txt(&name).await));
        }
    }
    visits(world, &mut facts).await;
    facts
}

/// Asks at the domain that was named, else where the supplier of this mark may be. An answer that
/// may not be believed ends the search: it does not say that there is no record.
async fn supplier<W: World>(
    world: &W,
    named: Option<&Domain>,
    mark: Option<&Provider>,
) -> Option<Asked> {
    let known = || mark.map(|mark| world.supplier(mark)).unwrap_or_default();
    let mut last = None;
    for name in named.map_or_else(known, |name| vec![name.clone()]) {
        let txt = world.txt(&name).await;
        let none = believed(&txt)
            .is_some_and(|records| matches!(SupplierClaim::read(records), SupplierClaim::None));
        let asked = Asked { name, txt };
        if !none {
            return Some(asked);
        }
        last = Some(asked);
    }
    last
}

async fn dmarc_records<W: World>(world: &W, domain: &Domain) -> Vec<Asked> {
    let mut asked = Vec::new();
    for (name, above) in dmarc::names(domain) {
        let txt = world.txt(&name).await;
        let none = believed(&txt).is_some_and(|records| dmarc::read(records) == dmarc::Dmarc::None);
        asked.push(Asked { name: above, txt });
        if !none {
            break;
        }
    }
    asked
}

/// Follows `redirect=` (RFC 7208 section 6.1), as far as section 4.6.4 lets anyone.
async fn redirects<W: World>(world: &W, asked: &mut Vec<Asked>) {
    while asked.len() <= REDIRECTS {
        let Some(records) = asked.last().and_then(|last| believed(&last.txt)) else { return };
        let spf::Spf::Reads(policy) = spf::read(records) else { return };
        let spf::End::Redirect(target) = policy.end else { return };
        if asked.iter().any(|one| one.name == target) {
            return;
        }
        let txt = world.txt(&target).await;
        asked.push(Asked { name: target, txt });
    }
}

/// Who forges an answer must not choose what is asked next.
fn believed(txt: &TxtAnswer) -> Option<&Vec<Txt>> {
    txt.as_ref().ok().and_then(Seen::believed)
}

/// Connects to every host: to those that the scheme would hand over to in its order and under its
/// proof, then to the others, to see what they show.
async fn visits<W: World>(world: &W, facts: &mut Facts) {
    let mut mailbox = match facts.mailbox {
        Mailbox::Asked => Some(facts.recipient.address.clone()),
        Mailbox::NotAsked => None,
    };
    for (host, addresses, require) in hosts_to_visit(facts) {
        for address in addresses {
            if facts.visits.len() == VISITS {
                return;
            }
            let call = Call {
                host: host.clone(),
                address,
                require: require.clone(),
                mailbox: mailbox.clone(),
            };
            let sight = world.visit(&call).await;
            let proved = sight.outcome.is_ok();
            if sight.mailbox.is_some() {
                mailbox = None;
            }
            facts.visits.push(Visit { call, sight });
            if proved {
                break;
            }
        }
    }
}

type ToVisit = (Domain, Vec<std::net::IpAddr>, Requirement);

fn hosts_to_visit(facts: &Facts) -> Vec<ToVisit> {
    let mut calls: Vec<ToVisit> = Vec::new();
    if let Decision::Handover { hosts, .. } = facts.decision() {
        calls.extend(hosts.into_iter().map(|one| (one.host, one.addresses, one.require)));
    }
    for facts in facts.hosts() {
        let known = matches!(facts.address_security, Security::Secure | Security::Insecure);
        if !known || calls.iter().any(|(host, ..)| *host == facts.host) {
            continue;
        }
        calls.push((facts.host.clone(), facts.addresses.clone(), own_requirement(facts)));
    }
    calls
}

/// What a host can be asked to prove where the scheme does not come that far. As in the scheme, TLSA
/// records count by their own state alone.
fn own_requirement(facts: &HostFacts) -> Requirement {
    let tlsa: Vec<_> = match &facts.tlsa {
        Ok(seen) if seen.security == Security::Secure => {
            seen.value.iter().filter(|tlsa| tlsa.usable()).cloned().collect()
        }
        _ => Vec::new(),
    };
    if tlsa.is_empty() {
        return Requirement::Pkix { names: vec![facts.host.clone()] };
    }
    // RFC 7672 section 3.2.2: the base name and the name of the host.
    let mut names: Vec<Domain> = facts.tlsa_base.iter().cloned().collect();
    names.push(facts.host.clone());
    Requirement::Dane { tlsa, names }
}

impl Facts {
    /// What the sending scheme says of a recipient there (R-SEND-2 to R-SEND-8), by the route
    /// `direct`. R-SEND-9 asks about the sender: here the domain stands for both, so that only what
    /// it publishes itself decides.
    #[must_use]
    pub fn decision(&self) -> Decision {
        let sender =
            SenderFacts { domain: self.domain.clone(), claim: self.recipient.claim.clone() };
        let routes = [Offer::of(Route::Direct)];
        self.policy.plan(&sender, &self.recipient, &routes, self.now)
    }

    /// The mail hosts that were seen, in an answer that may be believed.
    #[must_use]
    pub fn hosts(&self) -> &[HostFacts] {
        let hosts = self.recipient.hosts.as_ref().ok().and_then(Seen::believed);
        hosts.map_or(&[], Vec::as_slice)
    }
}

/// Connections made for one domain at most: a stranger's zone chooses how many hosts it names.
const VISITS: usize = 12;
/// RFC 7208 section 4.6.4: ten terms that ask DNS at most, `redirect=` among them.
const REDIRECTS: usize = 10;

#[cfg(test)]
mod tests;
