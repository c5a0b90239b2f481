//! Tables of facts, and what is said of each.

mod hosts;
mod record;
mod sender;

use std::net::{IpAddr, Ipv4Addr};

use jiff::Timestamp;
use mail::{Address, Domain};
use nta7516::facts::{HostFacts, RecipientFacts, Security, Seen, Tlsa, Trouble};
use nta7516::plan::{Policy, Requirement};
use nta7516::record::{Claim, Txt};
use nta7516::tls::Grade;

use crate::facts::{
    Asked, Call, Certificate, Facts, Failure, FailureKind, Lasts, Met, Named, Sight, Staple,
    StartTls, TxtAnswer, Visit,
};
use crate::{Mailbox, Proof, Report, Selector, State, Step, Text, Topic, Verdict, judge};

const RECORD: &str = "v=NTA7516-1;startdate=2026-01;enddate=2028-12;provider=LAB";
const KEY: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

fn name(text: &str) -> Domain {
    Domain::parse(text).unwrap()
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn secure(texts: &[&str]) -> TxtAnswer {
    let txt = |text: &&str| Txt { data: text.as_bytes().to_vec(), ttl: 300 };
    Ok(Seen::secure(texts.iter().map(txt).collect()))
}

fn asked(at: &str, texts: &[&str]) -> Asked {
    Asked { name: name(at), txt: secure(texts) }
}

fn address() -> IpAddr {
    Ipv4Addr::LOCALHOST.into()
}

fn tlsa_3_1_1() -> Tlsa {
    let data = (0..32).map(|at| u8::from_str_radix(&KEY[2 * at..2 * at + 2], 16).unwrap());
    Tlsa { usage: 3, selector: 1, matching: 1, data: data.collect() }
}

fn host(tlsa: Vec<Tlsa>) -> HostFacts {
    HostFacts {
        host: name("mx.a.nl"),
        priority: 10,
        addresses: vec![address()],
        address_security: Security::Secure,
        address_trouble: None,
        tlsa_base: None,
        tlsa: Ok(Seen::secure(tlsa)),
    }
}

fn certificate() -> Certificate {
    Certificate {
        key_sha256: KEY.to_owned(),
        from: at("2026-01-01T00:00:00Z"),
        until: at("2027-01-01T00:00:00Z"),
        names: vec!["mx.a.nl".to_owned()],
        issuer: "CA".to_owned(),
    }
}

fn met(proof: Proof) -> Met {
    Met {
        proof,
        connection: "TLS 1.3, X".to_owned(),
        guide: Grade::Good,
        newest: Grade::Good,
        rsa_bits: None,
        staple: Staple::Absent,
    }
}

fn sight(outcome: Result<Met, Failure>) -> Sight {
    Sight { starttls: StartTls::Offered, certificate: Some(certificate()), outcome, mailbox: None }
}

fn failure(kind: FailureKind, lasts: Lasts) -> Failure {
    Failure { kind, lasts, text: Text::new("het ging niet", "it did not go") }
}

fn visit(require: Requirement, sight: Sight) -> Visit {
    let call = Call { host: name("mx.a.nl"), address: address(), require, mailbox: None };
    Visit { call, sight }
}

fn dane() -> Requirement {
    Requirement::Dane { tlsa: vec![tlsa_3_1_1()], names: vec![name("mx.a.nl")] }
}

fn pkix() -> Requirement {
    Requirement::Pkix { names: vec![name("mx.a.nl")] }
}

/// A domain with all good.
fn good() -> Facts {
    let txt = secure(&["v=spf1 mx -all", RECORD]);
    Facts {
        domain: name("a.nl"),
        now: at("2026-06-15T12:00:00Z"),
        port: 25,
        policy: Policy::default(),
        recipient: RecipientFacts {
            address: Address::parse("NTA7516@a.nl").unwrap(),
            claim: txt.clone().map(|seen| seen.map(|records| Claim::read(&records))),
            hosts: Ok(Seen::secure(vec![host(vec![tlsa_3_1_1()])])),
            null_mx: false,
            supplier: None,
        },
        named: Named::Mx,
        supplier: Some(asked("lab.nl", &["version=NTA7516-1;startdate:2026-01;enddate:2026-12"])),
        spf: vec![Asked { name: name("a.nl"), txt: txt.clone() }],
        txt,
        dmarc: vec![asked("a.nl", &["v=DMARC1; p=reject"])],
        dkim: vec![(
            Selector::parse("s1").unwrap(),
            secure(&[&format!("v=DKIM1; k=rsa; p={}", crate::testing::rsa_key(2048))]),
        )],
        visits: vec![visit(dane(), sight(Ok(met(Proof::Dane))))],
        mailbox: Mailbox::NotAsked,
    }
}

/// The same, with other TXT records at the domain.
fn publishing(texts: &[&str]) -> Facts {
    answering(secure(texts))
}

fn answering(txt: TxtAnswer) -> Facts {
    let mut facts = good();
    facts.recipient.claim = txt.clone().map(|seen| seen.map(|records| Claim::read(&records)));
    facts.spf = vec![Asked { name: name("a.nl"), txt: txt.clone() }];
    Facts { txt, ..facts }
}

fn step(report: &Report, code: Topic) -> &Step {
    report.steps.iter().find(|step| step.code == code).unwrap()
}

/// State, clause, and the record to publish of a step.
fn told(facts: &Facts, code: Topic) -> (State, String, Option<String>) {
    let report = judge(facts);
    let step = step(&report, code);
    assert!(step.seen.nl.len() > 8 && step.seen.en.len() > 8, "{step:?}");
    let settled = matches!(step.state, State::Good | State::NotLookedAt);
    assert_eq!(step.mend.is_none(), settled, "what is not good says what to do: {step:?}");
    (step.state, step.clause.clone().into_owned(), step.publish.as_ref().map(|one| one.line()))
}

fn state(facts: &Facts, code: Topic) -> State {
    told(facts, code).0
}

#[test]
fn a_domain_with_all_good_has_nothing_to_do() {
    let report = judge(&good());
    assert_eq!(
        (report.verdict, &*report.step, report.proof),
        (Verdict::Direct, "R-SEND-5", Some(Proof::Dane))
    );
    for step in &report.steps {
        let expected = if step.code == Topic::Mailbox { State::NotLookedAt } else { State::Good };
        assert_eq!(step.state, expected, "{step:?}");
        assert_eq!((&step.mend, &step.publish), (&None, &None), "{step:?}");
    }
    let codes: Vec<_> = report.steps.iter().map(|step| step.code).collect();
    use Topic::*;
    assert_eq!(
        codes,
        [
            Record,
            Dnssec,
            Supplier,
            MailHosts,
            MailHostsDnssec,
            Tlsa,
            StartTls,
            Certificate,
            Tls,
            Spf,
            Dmarc,
            Dkim,
            Mailbox
        ]
    );
    assert!(report.chain().iter().all(|(_, state)| *state == State::Good));
}

#[test]
fn temporary_trouble_is_told_as_such_everywhere() {
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
    let mut sentences = std::collections::BTreeSet::new();
    for trouble in all {
        let mut facts = answering(Err(trouble));
        facts.recipient.hosts = Err(trouble);
        facts.named = Named::Unseen;
        facts.visits.clear();
        facts.dmarc = vec![Asked { name: name("a.nl"), txt: Err(trouble) }];
        facts.supplier = Some(Asked { name: name("lab.nl"), txt: Err(trouble) });
        facts.dkim[0].1 = Err(trouble);
        let report = judge(&facts);
        assert_eq!((report.verdict, &*report.step), (Verdict::Tempfail, "R-SEND-2"));
        for step in report.steps.iter().filter(|step| step.code != Topic::Mailbox) {
            assert_eq!(step.state, State::Unknown, "{step:?}");
            assert!(step.mend.is_some() && step.publish.is_none(), "{step:?}");
        }
        let (seen, mend) = (&step(&report, Topic::Dnssec).seen, &step(&report, Topic::Dnssec).mend);
        sentences.extend([seen.nl.clone(), seen.en.clone()]);
        let login = mend.as_ref().unwrap().nl.to_lowercase().contains("meld u aan op dit netwerk");
        assert_eq!(login, matches!(trouble, Trouble::Captive | Trouble::Unproved), "{trouble:?}");
    }
    assert_eq!(sentences.len(), 2 * all.len(), "each has a sentence of its own");
}

/// The verdict for one host of this requirement that answers so.
fn verdict(
    require: Requirement,
    outcome: Result<Met, Failure>,
) -> (Verdict, String, Option<Proof>) {
    let mut facts = good();
    if matches!(require, Requirement::Pkix { .. }) {
        facts.recipient.hosts = Ok(Seen::secure(vec![host(Vec::new())]));
    }
    facts.visits = vec![visit(require, sight(outcome))];
    let report = judge(&facts);
    assert!(!report.reasons.is_empty());
    (report.verdict, report.step.into_owned(), report.proof)
}

#[test]
fn the_verdict_is_what_a_mail_would_meet() {
    use FailureKind::{NoStartTls, NoTlsaMatch, Unreachable, WrongName};
    let lasting = |kind| Err(failure(kind, Lasts::UntilMended));
    let passing = || Err(failure(Unreachable, Lasts::ForNow));
    let (direct, other) = (Verdict::Direct, Verdict::OtherWay);
    let (refuse, later) = (Verdict::Refuse, Verdict::Tempfail);
    let (five, six) = ("R-SEND-5".to_owned(), "R-SEND-6".to_owned());
    let dane_met = Some(Proof::Dane);
    assert_eq!(verdict(dane(), Ok(met(Proof::Dane))), (direct, five.clone(), dane_met));
    assert_eq!(verdict(pkix(), Ok(met(Proof::Pkix))), (direct, six.clone(), Some(Proof::Pkix)));
    assert_eq!(verdict(dane(), lasting(NoTlsaMatch)), (refuse, five.clone(), None));
    assert_eq!(verdict(dane(), lasting(NoStartTls)), (refuse, five.clone(), None));
    assert_eq!(verdict(pkix(), lasting(WrongName)), (other, six.clone(), None));
    assert_eq!(verdict(dane(), passing()), (later, five, None));
    assert_eq!(verdict(pkix(), passing()), (later, six, None));
}

#[test]
fn a_second_host_that_proves_itself_is_enough_and_the_first_wants_attention() {
    let mut facts = good();
    let second = HostFacts { host: name("mx2.a.nl"), priority: 20, ..host(vec![tlsa_3_1_1()]) };
    facts.recipient.hosts = Ok(Seen::secure(vec![host(vec![tlsa_3_1_1()]), second]));
    let down = Sight {
        starttls: StartTls::Unseen,
        certificate: None,
        ..sight(Err(failure(FailureKind::Unreachable, Lasts::ForNow)))
    };
    let mut other = visit(dane(), sight(Ok(met(Proof::Dane))));
    other.call.host = name("mx2.a.nl");
    facts.visits = vec![visit(dane(), down), other];
    let report = judge(&facts);
    assert_eq!(report.verdict, Verdict::Direct);
    assert!(report.reasons[0].en.contains("mx2.a.nl"), "{report:?}");
    let first = step(&report, Topic::StartTls);
    assert_eq!((first.state, first.about.as_deref()), (State::Attention, Some("mx.a.nl")));
    // Where it alone was tried, nothing is known of the rest: that is said, and not taken for no.
    facts.visits.truncate(1);
    facts.visits[0].sight.outcome = Err(failure(FailureKind::NoTlsaMatch, Lasts::UntilMended));
    assert_eq!(judge(&facts).verdict, Verdict::Tempfail);
}

#[test]
fn where_one_host_fails_by_dane_and_another_by_its_certificate_dane_decides() {
    let second = HostFacts { host: name("mx2.a.nl"), priority: 20, ..host(Vec::new()) };
    let lasting = |kind| sight(Err(failure(kind, Lasts::UntilMended)));
    let by_dane = visit(dane(), lasting(FailureKind::NoTlsaMatch));
    let mut by_name = visit(pkix(), lasting(FailureKind::WrongName));
    by_name.call.host = name("mx2.a.nl");
    let mut facts = good();
    facts.recipient.hosts = Ok(Seen::secure(vec![host(vec![tlsa_3_1_1()]), second]));
    facts.visits = vec![by_dane, by_name];
    let report = judge(&facts);
    assert_eq!((report.verdict, &*report.step), (Verdict::Refuse, "R-SEND-5"));
}
