//! The doctor's readers of SPF, DMARC and DKIM: any TXT data ends in a report whose proposals are
//! records themselves.

#![no_main]

use doctor::facts::{Asked, Facts, Named};
use doctor::{Mailbox, Selector, State, Topic, judge};
use libfuzzer_sys::fuzz_target;
use mail::{Address, Domain};
use nta7516::facts::{RecipientFacts, Seen};
use nta7516::plan::Policy;
use nta7516::record::{Claim, Record, Txt};

fuzz_target!(|data: &[u8]| {
    let domain = Domain::parse("a.nl").expect("a domain");
    let lines = data.split(|&byte| byte == b'\n');
    let records: Vec<Txt> = lines.map(|line| Txt::join([line], 300)).collect();
    let txt = || Ok(Seen::secure(records.clone()));
    let asked = || Asked { name: domain.clone(), txt: txt() };
    let facts = Facts {
        now: "2026-06-15T12:00:00Z".parse().expect("a time"),
        port: 25,
        policy: Policy::default(),
        txt: txt(),
        recipient: RecipientFacts {
            address: Address::parse("NTA7516@a.nl").expect("an address"),
            claim: Ok(Seen::secure(Claim::read(&records))),
            hosts: Ok(Seen::secure(Vec::new())),
            null_mx: false,
            supplier: None,
        },
        named: Named::Mx,
        supplier: Some(asked()),
        spf: vec![asked()],
        dmarc: vec![asked()],
        dkim: vec![(Selector::parse("s").expect("a selector"), txt())],
        visits: Vec::new(),
        mailbox: Mailbox::NotAsked,
        domain: domain.clone(),
    };
    for step in judge(&facts).steps {
        assert!(!step.seen.nl.is_empty() && !step.seen.en.is_empty());
        if let (Topic::Record, State::Bad, Some(record)) = (step.code, step.state, step.publish) {
            Record::parse(record.value.as_bytes()).expect("a record that is proposed holds");
        }
    }
});
