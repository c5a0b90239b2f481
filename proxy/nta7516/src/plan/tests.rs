use mail::{Address, Domain};

use super::*;
use crate::facts::{HostFacts, Tlsa};
use crate::record::Txt;

mod matrix;
mod routes;
mod trouble;

/// By the default policy.
fn plan(
    sender: &SenderFacts,
    recipient: &RecipientFacts,
    routes: &[Offer],
    now: Timestamp,
) -> Decision {
    Policy::default().plan(sender, recipient, routes, now)
}

const RECORD: &str = "v=NTA7516-1;startdate=2026-01;enddate=2028-12;provider=zorgmerk";
const OLD: &str = "v=NTA7516-1;startdate=2019-01;enddate=2020-12;provider=zorgmerk";
const NTAMX: &str = "v=NTA7516-1;startdate=2026-01;enddate=2028-12;provider=zorgmerk;\
                     ntamx=20 b.nta.example;ntamx=10 a.nta.example";

fn now() -> Timestamp {
    "2026-11-23T12:00:00Z".parse().unwrap()
}

fn domain(name: &str) -> Domain {
    Domain::parse(name).unwrap()
}

fn mark(text: &str) -> Provider {
    Provider::parse(text).unwrap()
}

fn claim(text: &str) -> Claim {
    Claim::read(&[Txt::join([text.as_bytes()], 3600)])
}

fn sender(claim: Claim) -> SenderFacts {
    SenderFacts { domain: domain("praktijk.example"), claim: Ok(Seen::secure(claim)) }
}

fn tlsa(usage: u8) -> Tlsa {
    Tlsa { usage, selector: 1, matching: 1, data: vec![7; 32] }
}

fn host(name: &str, priority: u16, tlsa: Vec<Tlsa>) -> HostFacts {
    HostFacts {
        host: domain(name),
        priority,
        addresses: vec!["192.0.2.1".parse().unwrap()],
        address_security: Security::Secure,
        address_trouble: None,
        tlsa_base: None,
        tlsa: Ok(Seen::secure(tlsa)),
    }
}

fn recipient(text: &str, hosts: Vec<HostFacts>) -> RecipientFacts {
    RecipientFacts {
        address: Address::parse("jan@zorg.example").unwrap(),
        claim: Ok(Seen::secure(claim(text))),
        hosts: Ok(Seen::secure(hosts)),
        null_mx: false,
        supplier: None,
    }
}

fn good() -> RecipientFacts {
    recipient(RECORD, vec![host("mx.zorg.example", 10, vec![tlsa(3)])])
}

fn supplier(text: &str) -> SupplierFacts {
    SupplierFacts {
        mark: mark("zorgmerk"),
        domain: domain("leverancier.example"),
        claim: Ok(Seen::insecure(SupplierClaim::read(&[Txt::join([text.as_bytes()], 60)]))),
    }
}

fn provider_route() -> Offer {
    Offer {
        route: Route::Provider,
        supplier: Some(supplier("version=NTA7516-1;startdate:2026-01;enddate:2026-12")),
    }
}

fn direct() -> [Offer; 1] {
    [Offer::of(Route::Direct)]
}

fn decide(recipient: &RecipientFacts) -> Decision {
    plan(&sender(claim(RECORD)), recipient, &direct(), now())
}

fn kind(decision: &Decision) -> (&'static str, &'static str) {
    let kind = match decision {
        Decision::Handover { .. } => "handover",
        Decision::AnotherWay { .. } => "another way",
        Decision::Refuse { .. } => "refuse",
        Decision::Later { .. } => "later",
    };
    (kind, decision.step().map_or("", Step::clause))
}

fn targets(decision: &Decision) -> Vec<(&str, &Requirement)> {
    let Decision::Handover { hosts, .. } = decision else {
        panic!("no handover: {decision:?}");
    };
    hosts.iter().map(|t| (t.host.as_str(), &t.require)).collect()
}

#[test]
fn a_secure_record_and_dane_hand_over_with_the_senders_mark() {
    let decision = decide(&good());
    let Decision::Handover { route, hosts, provider_mark, left_out } = &decision else {
        panic!("no handover: {decision:?}");
    };
    assert_eq!((*route, provider_mark.as_str()), (Route::Direct, "zorgmerk"));
    assert!(left_out.is_empty());
    let names = vec![domain("mx.zorg.example"), domain("zorg.example")];
    let dane = Requirement::Dane { tlsa: vec![tlsa(3)], names };
    assert_eq!(hosts[0].require, dane);
}

#[test]
fn each_step_before_the_host_says_its_own_no() {
    let literal = RecipientFacts { address: Address::parse("jan@[192.0.2.1]").unwrap(), ..good() };
    let seen = |security, claim| RecipientFacts { claim: Ok(Seen::new(security, claim)), ..good() };
    let none = Claim::None;
    let trouble = RecipientFacts { claim: Err(Trouble::Timeout), ..good() };
    for (facts, expected) in [
        (literal, ("another way", "R-SEND-2")),
        (seen(Security::Secure, none.clone()), ("another way", "R-SEND-2")),
        (seen(Security::Insecure, none.clone()), ("another way", "R-SEND-2")),
        (seen(Security::Bogus, none.clone()), ("refuse", "R-SEND-4")),
        (seen(Security::Indeterminate, none), ("later", "R-SEND-4")),
        (trouble, ("later", "R-SEND-2")),
        (seen(Security::Secure, claim("v=NTA7516-1;x")), ("another way", "R-SEND-3")),
        (seen(Security::Secure, claim(OLD)), ("another way", "R-SEND-3")),
        (seen(Security::Bogus, claim(RECORD)), ("refuse", "R-SEND-4")),
        (seen(Security::Insecure, claim(RECORD)), ("another way", "R-SEND-7")),
    ] {
        assert_eq!(kind(&decide(&facts)), expected, "{facts:?}");
    }
}

#[test]
fn the_sender_needs_a_record_that_holds_today() {
    let seen = |security, claim| SenderFacts {
        claim: Ok(Seen::new(security, claim)),
        ..sender(Claim::None)
    };
    let trouble = SenderFacts { claim: Err(Trouble::Stripped), ..sender(Claim::None) };
    for (sender, expected) in [
        (seen(Security::Secure, claim(RECORD)), ("handover", "")),
        (seen(Security::Insecure, claim(RECORD)), ("handover", "")),
        (seen(Security::Bogus, claim(RECORD)), ("refuse", "R-SEND-9")),
        (seen(Security::Indeterminate, claim(RECORD)), ("later", "R-SEND-9")),
        (seen(Security::Secure, Claim::None), ("another way", "R-SEND-9")),
        (seen(Security::Secure, claim(OLD)), ("another way", "R-SEND-9")),
        (seen(Security::Secure, claim("v=NTA7516")), ("another way", "R-SEND-9")),
        (trouble, ("later", "R-SEND-9")),
    ] {
        assert_eq!(kind(&plan(&sender, &good(), &direct(), now())), expected, "{sender:?}");
    }
}

#[test]
fn tlsa_counts_only_where_it_is_secure_and_no_answer_on_the_way_is_bogus() {
    let one = |change: fn(&mut HostFacts)| {
        let mut facts = good();
        change(&mut facts.hosts.as_mut().unwrap().value[0]);
        decide(&facts)
    };
    let pkix = Requirement::Pkix { names: vec![domain("mx.zorg.example")] };
    for decision in [
        one(|h| h.tlsa = Ok(Seen::secure(vec![]))),
        one(|h| h.tlsa = Ok(Seen::insecure(vec![tlsa(3)]))),
        one(|h| h.tlsa = Ok(Seen::secure(vec![tlsa(0), tlsa(1)]))),
    ] {
        assert_eq!(targets(&decision), [("mx.zorg.example", &pkix)]);
    }
    // RFC 7672 section 2.2.2: an alias in a signed zone leads into an unsigned one.
    let by_alias = one(|h| h.address_security = Security::Insecure);
    assert_eq!(targets(&by_alias), targets(&decide(&good())));
    for (decision, expected) in [
        (one(|h| h.tlsa = Ok(Seen::new(Security::Bogus, vec![]))), "refuse"),
        (one(|h| h.tlsa = Ok(Seen::new(Security::Indeterminate, vec![]))), "later"),
        (one(|h| h.tlsa = Err(Trouble::ServFail)), "later"),
        (one(|h| h.address_security = Security::Bogus), "refuse"),
        (one(|h| h.address_security = Security::Indeterminate), "later"),
        (one(|h| h.address_trouble = Some(Trouble::Timeout)), "later"),
        (one(|h| h.addresses.clear()), "another way"),
    ] {
        assert_eq!(kind(&decision), (expected, "R-SEND-5"));
    }
}

#[test]
fn unusable_records_beside_usable_ones_are_passed_over() {
    let mut short = tlsa(3);
    short.data.pop();
    let hosts = vec![host("mx.zorg.example", 10, vec![tlsa(1), short, tlsa(2)])];
    let decision = decide(&recipient(RECORD, hosts));
    let names = vec![domain("mx.zorg.example"), domain("zorg.example")];
    let dane = Requirement::Dane { tlsa: vec![tlsa(2)], names };
    assert_eq!(targets(&decision), [("mx.zorg.example", &dane)]);
}

#[test]
fn the_tlsa_base_name_comes_first_among_the_names() {
    let mut facts = host("mx.zorg.example", 10, vec![tlsa(2)]);
    facts.tlsa_base = Some(domain("real.example"));
    let decision = decide(&recipient(RECORD, vec![facts]));
    let [(_, Requirement::Dane { names, .. })] = targets(&decision)[..] else {
        panic!("no DANE: {decision:?}");
    };
    let expected = ["real.example", "mx.zorg.example", "zorg.example"].map(domain);
    assert_eq!(*names, expected);
}

#[test]
fn ntamx_hosts_go_by_priority_and_others_are_left_out() {
    let facts = recipient(
        NTAMX,
        vec![
            host("b.nta.example", 1, vec![tlsa(3)]),
            host("mx.zorg.example", 5, vec![tlsa(3)]),
            host("a.nta.example", 9, vec![]),
        ],
    );
    let facts = RecipientFacts { null_mx: true, ..facts };
    let decision = decide(&facts);
    let pkix = Requirement::Pkix { names: vec![domain("a.nta.example")] };
    let names = vec![domain("b.nta.example")];
    let dane = Requirement::Dane { tlsa: vec![tlsa(3)], names };
    assert_eq!(targets(&decision), [("a.nta.example", &pkix), ("b.nta.example", &dane)]);
    let Decision::Handover { left_out, .. } = decision else { unreachable!() };
    assert_eq!(left_out[0].host, domain("mx.zorg.example"));
}

#[test]
fn one_host_that_fails_does_not_stop_the_others() {
    let mut bogus = host("mx1.zorg.example", 10, vec![]);
    bogus.tlsa = Ok(Seen::new(Security::Bogus, vec![tlsa(3)]));
    let mut silent = host("mx2.zorg.example", 20, vec![]);
    silent.tlsa = Err(Trouble::Timeout);
    let good = host("mx3.zorg.example", 30, vec![tlsa(3)]);

    let decision = decide(&recipient(RECORD, vec![bogus.clone(), silent.clone(), good]));
    assert_eq!(targets(&decision).len(), 1);
    let Decision::Handover { left_out, .. } = decision else { unreachable!() };
    assert_eq!(left_out.len(), 2);

    // With none left, what may pass by itself is told first, so that it is tried again.
    let both = recipient(RECORD, vec![bogus.clone(), silent]);
    assert_eq!(kind(&decide(&both)), ("later", "R-SEND-5"));
    let mut homeless = host("mx4.zorg.example", 1, vec![]);
    homeless.addresses.clear();
    let two = recipient(RECORD, vec![homeless, bogus]);
    assert_eq!(kind(&decide(&two)), ("refuse", "R-SEND-5"));
}

#[test]
fn the_mail_hosts_must_be_seen_securely() {
    let seen = |hosts| RecipientFacts { hosts, ..good() };
    let hosts = good().hosts.unwrap().value;
    let null_mx = RecipientFacts { null_mx: true, ..seen(Ok(Seen::secure(vec![]))) };
    for (facts, expected) in [
        (seen(Ok(Seen::insecure(hosts.clone()))), ("another way", "R-SEND-6")),
        (seen(Ok(Seen::new(Security::Bogus, hosts.clone()))), ("refuse", "R-SEND-5")),
        (seen(Ok(Seen::new(Security::Indeterminate, hosts))), ("later", "R-SEND-5")),
        (seen(Err(Trouble::Unreachable)), ("later", "R-SEND-5")),
        (seen(Ok(Seen::secure(vec![]))), ("another way", "R-SEND-5")),
        (null_mx, ("another way", "R-SEND-5")),
    ] {
        assert_eq!(kind(&decide(&facts)), expected, "{facts:?}");
    }
}

#[test]
fn annex_b_needs_a_mark_that_the_organisation_accepts() {
    let facts = RecipientFacts {
        claim: Ok(Seen::insecure(claim(RECORD))),
        hosts: Ok(Seen::insecure(good().hosts.unwrap().value)),
        ..good()
    };
    assert_eq!(kind(&decide(&facts)), ("another way", "R-SEND-7"));
    let policy = Policy { ou_marks: vec!["NTA-7516".to_owned()], ..Policy::default() };
    let decision = policy.plan(&sender(claim(RECORD)), &facts, &direct(), now());
    let ou = Requirement::OrganisationalUnit {
        names: vec![domain("mx.zorg.example")],
        marks: vec!["NTA-7516".to_owned()],
    };
    assert_eq!(targets(&decision), [("mx.zorg.example", &ou)]);
    // A provider's connection shows us no certificate.
    let decision = policy.plan(&sender(claim(RECORD)), &facts, &[provider_route()], now());
    assert_eq!(kind(&decision), ("another way", "R-SEND-7"));
}

#[test]
fn a_list_of_suppliers_and_the_suppliers_record_are_held_to() {
    let policy = |marks: &[&str]| Policy {
        suppliers: Some(marks.iter().map(|text| mark(text)).collect()),
        ..Policy::default()
    };
    let own = sender(claim(RECORD));
    let with = |policy: &Policy, facts: &RecipientFacts| {
        let decision = policy.plan(&own, facts, &direct(), now());
        kind(&decision)
    };
    assert_eq!(with(&policy(&["zorgmerk"]), &good()), ("handover", ""));
    assert_eq!(with(&policy(&["Zorgmerk"]), &good()), ("another way", "R-SEND-10"));
    let known = |text| RecipientFacts { supplier: Some(supplier(text)), ..good() };
    let valid = known("version=NTA7516-1;startdate=2026-01;enddate=2026-12");
    assert_eq!(with(&Policy::default(), &valid), ("handover", ""));
    for text in
        ["v=spf1 -all", "version=NTA7516-1;startdate:2020-01;enddate:2020-12", "version=NTA7516"]
    {
        assert_eq!(with(&Policy::default(), &known(text)), ("another way", "R-SEND-10"), "{text}");
    }
}

#[test]
fn a_decision_and_its_facts_come_back_from_json() {
    let facts = good();
    let json = serde_json::to_string(&facts).unwrap();
    assert_eq!(serde_json::from_str::<RecipientFacts>(&json).unwrap(), facts);
    let no_record = RecipientFacts { claim: Ok(Seen::secure(Claim::None)), ..good() };
    for decision in [decide(&facts), decide(&no_record)] {
        let json = serde_json::to_string(&decision).unwrap();
        assert_eq!(serde_json::from_str::<Decision>(&json).unwrap(), decision);
    }
}

#[test]
fn each_trouble_with_a_name_server_has_a_sentence_of_its_own_and_says_that_the_message_is_kept() {
    let all = [
        Trouble::Timeout,
        Trouble::Unreachable,
        Trouble::ServFail,
        Trouble::Refused,
        Trouble::Garbled,
        Trouble::Stripped,
        Trouble::Captive,
        Trouble::Unproved,
    ];
    let looked = Looked::Record(domain("goed.nl"));
    let reasons = all.map(|trouble| Reason::new(Cause::Trouble(looked.clone(), trouble)));
    let sentences: std::collections::BTreeSet<&str> =
        reasons.iter().flat_map(|reason| [reason.nl(), reason.en()]).collect();
    assert_eq!(sentences.len(), 2 * all.len());
    for reason in &reasons {
        assert!(reason.nl().contains("blijft bewaard"), "{}", reason.nl());
        assert!(reason.en().contains("is kept"), "{}", reason.en());
    }
    assert!(reasons[6].nl().contains("Open uw browser en meld u aan op dit netwerk"));
    assert!(reasons[6].en().contains("Open your browser"));
}
