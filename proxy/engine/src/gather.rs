//! Collects the facts on which a plan rests: records, DNSSEC states, mail hosts, TLSA.
//!
//! Nothing is decided here (invariant 6). Every look-up whose security state counts goes through
//! the validating resolver.

use std::sync::Arc;

use doctor::MailHosts;
use doctor::facts::Named;
use jiff::Timestamp;
use mail::{Address, Domain};
use net::dns::{MxAnswer, Resolver};
use nta7516::facts::{
    HostFacts, Offer, RecipientFacts, Route, Security, Seen, SenderFacts, SupplierFacts, Tlsa,
    Trouble,
};
use nta7516::record::{Claim, Provider, Record, SupplierClaim};
use settings::Account;

use crate::engine::Engine;

/// What the sender's own domain says.
pub async fn sender(engine: &Arc<Engine>, domain: &Domain) -> SenderFacts {
    SenderFacts { domain: domain.clone(), claim: claim(&engine.resolver(), domain).await }
}

/// What a recipient's domain says, down to the TLSA records of its mail hosts.
pub async fn recipient(engine: &Arc<Engine>, address: &Address, now: Timestamp) -> RecipientFacts {
    let resolver = engine.resolver();
    let mut facts = RecipientFacts {
        address: address.clone(),
        claim: Ok(Seen::insecure(Claim::None)),
        hosts: Ok(Seen::insecure(Vec::new())),
        null_mx: false,
        supplier: None,
    };
    let Some(domain) = address.domain() else {
        return facts;
    };
    facts.claim = claim(&resolver, domain).await;
    let Ok(claim) = &facts.claim else {
        return facts;
    };
    // Who forges a record must not choose whose name is looked up next.
    let Some(record) = claim.believed().and_then(|claim| claim.current(now)) else {
        return facts;
    };
    facts.supplier = known_supplier(engine, &record.provider).await;
    let found = mail_hosts(engine, domain, Some((record, claim.security))).await;
    facts.null_mx = found.named == Named::Null;
    facts.hosts = found.hosts;
    facts
}

/// The mail hosts of a domain: those that the record names (with the record's state), else those of
/// MX; each with its addresses and TLSA records.
pub(crate) async fn mail_hosts(
    engine: &Arc<Engine>,
    domain: &Domain,
    record: Option<(&Record, Security)>,
) -> MailHosts {
    let resolver = engine.resolver();
    let port = engine.settings().delivery.port;
    if let Some((record, security)) = record.filter(|(record, _)| !record.ntamx.is_empty()) {
        let mut hosts = Vec::new();
        for ntamx in record.ntamx.iter().filter(|_| believable(security)) {
            hosts.push(host(&resolver, &ntamx.host, ntamx.priority, port).await);
        }
        return MailHosts { named: Named::NtaMx, hosts: Ok(Seen::new(security, hosts)) };
    }
    let answer = match resolver.mx(domain).await {
        Ok(answer) => answer,
        Err(trouble) => return MailHosts { named: Named::Unseen, hosts: Err(trouble) },
    };
    let named = match answer.value {
        MxAnswer::Null => Named::Null,
        MxAnswer::None => Named::Itself,
        MxAnswer::Hosts(_) => Named::Mx,
    };
    let mut hosts = Vec::new();
    if believable(answer.security) {
        for (priority, name) in named_hosts(answer.value, domain) {
            hosts.push(host(&resolver, &name, priority, port).await);
        }
    }
    MailHosts {
        named,
        hosts: Ok(Seen { security: answer.security, value: hosts, why: answer.why }),
    }
}

fn believable(security: Security) -> bool {
    matches!(security, Security::Secure | Security::Insecure)
}

/// The routes of an account with what was seen of them, in the order of the settings.
pub async fn offers(engine: &Arc<Engine>, account: &Account) -> Vec<Offer> {
    let mut offers = Vec::new();
    for route in &account.routes {
        offers.push(match route {
            Route::Direct | Route::Gateway => Offer::of(*route),
            Route::Provider => Offer { route: *route, supplier: supplier(engine, account).await },
        });
    }
    offers
}

/// What a supplier says of itself whose domain the settings know (R-SEND-10).
async fn known_supplier(engine: &Arc<Engine>, mark: &Provider) -> Option<SupplierFacts> {
    let domain = engine.settings().nta.domain_of(mark)?.clone();
    Some(supplier_at(&engine.resolver(), mark, domain).await)
}

async fn supplier_at(resolver: &Resolver, mark: &Provider, domain: Domain) -> SupplierFacts {
    let seen = resolver.txt(&domain).await;
    let claim = seen.map(|seen| seen.map(|records| SupplierClaim::read(&records)));
    SupplierFacts { mark: mark.clone(), domain, claim }
}

/// The supplier's record (R-DNS-4) stands at the supplier's domain. Where the settings do not know
/// that, it is looked for at the provider's submission host and then at each domain above it,
/// top-level domains excepted, as long as the answers may be believed that there is none.
async fn supplier(engine: &Arc<Engine>, account: &Account) -> Option<SupplierFacts> {
    let mark = Provider::parse(account.provider.as_deref()?).ok()?;
    if let Some(known) = known_supplier(engine, &mark).await {
        return Some(known);
    }
    let resolver = engine.resolver();
    if account.smtp.host.parse::<std::net::IpAddr>().is_ok() {
        return None;
    }
    let host = Domain::parse(&account.smtp.host).ok()?;
    let mut facts = None;
    for domain in upwards(&host) {
        let found = supplier_at(&resolver, &mark, domain).await;
        if !denied(&found) {
            return Some(found);
        }
        facts = Some(found);
    }
    facts
}

/// Whether the answer may be believed that no supplier's record stands there.
fn denied(found: &SupplierFacts) -> bool {
    let claim = found.claim.as_ref().ok().and_then(Seen::believed);
    claim.is_some_and(|claim| matches!(claim, SupplierClaim::None))
}

pub(crate) fn upwards(host: &Domain) -> Vec<Domain> {
    let labels: Vec<&str> = host.as_str().split('.').collect();
    (0..labels.len().saturating_sub(1))
        .filter_map(|from| Domain::parse(&labels[from..].join(".")).ok())
        .collect()
}

async fn claim(resolver: &Resolver, domain: &Domain) -> Result<Seen<Claim>, Trouble> {
    Ok(resolver.txt(domain).await?.map(|records| Claim::read(&records)))
}

/// RFC 5321 section 5.1: without MX records the domain itself is the host.
fn named_hosts(answer: MxAnswer, domain: &Domain) -> Vec<(u16, Domain)> {
    match answer {
        MxAnswer::Null => Vec::new(),
        MxAnswer::None => vec![(0, domain.clone())],
        MxAnswer::Hosts(mut hosts) => {
            hosts.sort_by_key(|(priority, _)| *priority);
            hosts.truncate(HOSTS);
            hosts
        }
    }
}

async fn host(resolver: &Resolver, name: &Domain, priority: u16, port: u16) -> HostFacts {
    let mut facts = HostFacts {
        host: name.clone(),
        priority,
        addresses: Vec::new(),
        address_security: Security::Indeterminate,
        address_trouble: None,
        tlsa_base: None,
        tlsa: Ok(Seen::insecure(Vec::new())),
    };
    let base = match resolver.addresses(name).await {
        Ok(seen) => {
            facts.address_security = seen.security;
            facts.addresses = seen.value.ips;
            seen.value.base
        }
        Err(trouble) => {
            facts.address_trouble = Some(trouble);
            return facts;
        }
    };
    match facts.address_security {
        Security::Secure => {
            facts.tlsa = resolver.tlsa(port, &base).await;
            if base != *name && facts.tlsa.as_ref().is_ok_and(proves_none) {
                // RFC 7672 section 2.2.3: the name itself is tried where the chain's end has none.
                facts.tlsa = resolver.tlsa(port, name).await;
            } else if base != *name {
                facts.tlsa_base = Some(base);
            }
        }
        Security::Insecure => facts.tlsa = of_signed_alias(resolver, name, port).await,
        Security::Bogus | Security::Indeterminate => {}
    }
    facts
}

/// RFC 7672 section 2.2.2: where the addresses are not secure, TLSA is asked for only if the name is
/// an alias that itself stands in a signed zone; name servers of unsigned zones may not know TLSA.
async fn of_signed_alias(
    resolver: &Resolver,
    name: &Domain,
    port: u16,
) -> Result<Seen<Vec<Tlsa>>, Trouble> {
    let alias = resolver.alias(name).await?;
    match alias.security {
        Security::Secure => resolver.tlsa(port, name).await,
        _ => Ok(alias.map(|()| Vec::new())),
    }
}

/// Whether no TLSA record counts here. A denial that does not hold is none: who takes the records
/// away must not get the host asked for less.
fn proves_none(seen: &Seen<Vec<Tlsa>>) -> bool {
    match seen.security {
        Security::Secure => seen.value.is_empty(),
        Security::Insecure => true,
        Security::Bogus | Security::Indeterminate => false,
    }
}

/// Mail hosts looked at for one domain: a stranger's domain chooses how many it names.
const HOSTS: usize = 10;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_denial_that_holds_sends_anyone_to_the_domain_above() {
        let at = |claim| SupplierFacts {
            mark: Provider::parse("LAB").unwrap(),
            domain: Domain::parse("lab.nl").unwrap(),
            claim,
        };
        for (security, expected) in [
            (Security::Secure, true),
            (Security::Insecure, true),
            (Security::Bogus, false),
            (Security::Indeterminate, false),
        ] {
            let claim = Ok(Seen::new(security, SupplierClaim::None));
            assert_eq!(denied(&at(claim)), expected, "{security:?}");
        }
        assert!(!denied(&at(Err(Trouble::Timeout))));
    }
}
