//! Which questions are asked, with a world that remembers them.

use core::future::Future;
use core::pin::pin;
use core::task::{Context, Poll, Waker};
use std::net::Ipv4Addr;
use std::sync::Mutex;

use nta7516::facts::Tlsa;
use nta7516::record::Txt;

use super::*;
use crate::facts::{Failure, FailureKind, Lasts, Met, Staple, StartTls, Taken};
use crate::{Proof, Selector, Text, Verdict, examine};

/// Runs a future that never waits.
fn run<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("this world answers at once"),
    }
}

/// TXT records by name, hosts, and how many addresses fail before one proves itself.
#[derive(Default)]
struct Told {
    txt: Vec<(&'static str, &'static str)>,
    hosts: Vec<(&'static str, usize)>,
    failing: usize,
    /// Names of which the signature does not hold.
    bogus: Vec<&'static str>,
    heard: Mutex<Vec<String>>,
}

impl Told {
    fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }

    fn note(&self, line: String) {
        self.heard.lock().unwrap().push(line);
    }
}

fn domain(name: &str) -> Domain {
    Domain::parse(name).unwrap()
}

impl World for Told {
    fn now(&self) -> Timestamp {
        "2026-06-15T12:00:00Z".parse().unwrap()
    }

    fn port(&self) -> u16 {
        25
    }

    fn policy(&self) -> Policy {
        Policy::default()
    }

    fn supplier(&self, mark: &Provider) -> Vec<Domain> {
        if mark.as_str() == "LAB" {
            vec![domain("smtp.lab.nl"), domain("lab.nl")]
        } else {
            Vec::new()
        }
    }

    async fn txt(&self, name: &Domain) -> TxtAnswer {
        self.note(name.to_string());
        let own = self.txt.iter().filter(|(at, _)| *at == name.as_str());
        let txt = |text: &str| Txt { data: text.as_bytes().to_vec(), ttl: 300 };
        let state =
            if self.bogus.contains(&name.as_str()) { Security::Bogus } else { Security::Secure };
        Ok(Seen::new(state, own.map(|(_, text)| txt(text)).collect()))
    }

    async fn mail_hosts(&self, _: &Domain, record: Option<(&Record, Security)>) -> MailHosts {
        self.note(format!("hosts, record: {}", record.is_some()));
        let host = |(at, (name, count)): (usize, &(&str, usize))| HostFacts {
            host: domain(name),
            priority: u16::try_from(at).unwrap(),
            addresses: (0..*count)
                .map(|last| {
                    Ipv4Addr::new(10, 0, u8::try_from(at).unwrap(), u8::try_from(last).unwrap())
                        .into()
                })
                .collect(),
            address_security: Security::Secure,
            address_trouble: None,
            tlsa_base: None,
            tlsa: Ok(Seen::secure(vec![Tlsa {
                usage: 3,
                selector: 1,
                matching: 1,
                data: vec![7; 32],
            }])),
        };
        let hosts = self.hosts.iter().enumerate().map(host).collect();
        MailHosts { named: Named::Mx, hosts: Ok(Seen::secure(hosts)) }
    }

    async fn visit(&self, call: &Call) -> Sight {
        let visits = self.heard().iter().filter(|line| line.starts_with("visit")).count();
        let asks = if call.mailbox.is_some() { " mailbox" } else { "" };
        self.note(format!("visit {} {} {}{asks}", call.host, call.address, call.require.as_str()));
        let outcome = if visits < self.failing {
            let text = Text::new("dicht", "shut");
            Err(Failure { kind: FailureKind::Unreachable, lasts: Lasts::ForNow, text })
        } else {
            Ok(Met {
                proof: Proof::Dane,
                connection: String::new(),
                guide: nta7516::tls::Grade::Good,
                newest: nta7516::tls::Grade::Good,
                rsa_bits: None,
                staple: Staple::Absent,
            })
        };
        let mailbox = outcome.as_ref().ok().and(call.mailbox.as_ref()).map(|_| Taken::Yes);
        Sight { starttls: StartTls::Offered, certificate: None, outcome, mailbox }
    }
}

const RECORD: &str = "v=NTA7516-1;startdate=2026-01;enddate=2028-12;provider=LAB";

#[test]
fn everything_is_asked_once_and_in_order() {
    let world = Told {
        txt: vec![
            ("x.a.nl", RECORD),
            ("x.a.nl", "v=spf1 redirect=b.nl"),
            ("b.nl", "v=spf1 -all"),
            ("a.nl", "v=spf1 ~all"),
            ("_dmarc.a.nl", "v=DMARC1; p=reject"),
            ("lab.nl", "version=NTA7516-1;startdate:2026-01;enddate:2026-12"),
        ],
        hosts: vec![("mx1.a.nl", 2), ("mx2.a.nl", 2)],
        failing: 1,
        ..Told::default()
    };
    let options = Options {
        selectors: vec![Selector::parse("S1").unwrap()],
        mailbox: Mailbox::Asked,
        ..Options::default()
    };
    let report = run(examine(&world, &domain("x.a.nl"), &options));
    assert_eq!(report.verdict, Verdict::Direct);
    let expected = [
        "x.a.nl",
        "hosts, record: true",
        "smtp.lab.nl",
        "lab.nl",
        "_dmarc.x.a.nl",
        "_dmarc.a.nl",
        "b.nl",
        "s1._domainkey.x.a.nl",
        // The first address fails; the second proves the host and is asked for the mailbox, which
        // the second host then is not.
        "visit mx1.a.nl 10.0.0.0 dane mailbox",
        "visit mx1.a.nl 10.0.0.1 dane mailbox",
        "visit mx2.a.nl 10.0.1.0 dane",
    ];
    assert_eq!(world.heard(), expected);
}

#[test]
fn hosts_are_visited_where_no_record_holds_too() {
    let world = Told { hosts: vec![("mx.a.nl", 1)], ..Told::default() };
    let report = run(examine(&world, &domain("a.nl"), &Options::default()));
    assert_eq!(report.verdict, Verdict::OtherWay);
    let expected = ["a.nl", "hosts, record: false", "_dmarc.a.nl", "visit mx.a.nl 10.0.0.0 dane"];
    assert_eq!(world.heard(), expected);
}

#[test]
fn redirects_that_go_in_a_circle_or_on_and_on_end() {
    let circle = Told {
        txt: vec![("a.nl", "v=spf1 redirect=b.nl"), ("b.nl", "v=spf1 redirect=a.nl")],
        ..Told::default()
    };
    run(examine(&circle, &domain("a.nl"), &Options::default()));
    assert_eq!(circle.heard().iter().filter(|line| *line == "a.nl").count(), 1);

    let names = [
        "a.nl", "b.nl", "c.nl", "d.nl", "e.nl", "f.nl", "g.nl", "h.nl", "i.nl", "j.nl", "k.nl",
        "l.nl", "m.nl",
    ];
    const NEXT: [&str; 12] = [
        "v=spf1 redirect=b.nl",
        "v=spf1 redirect=c.nl",
        "v=spf1 redirect=d.nl",
        "v=spf1 redirect=e.nl",
        "v=spf1 redirect=f.nl",
        "v=spf1 redirect=g.nl",
        "v=spf1 redirect=h.nl",
        "v=spf1 redirect=i.nl",
        "v=spf1 redirect=j.nl",
        "v=spf1 redirect=k.nl",
        "v=spf1 redirect=l.nl",
        "v=spf1 redirect=m.nl",
    ];
    let long = Told { txt: names.into_iter().zip(NEXT).collect(), ..Told::default() };
    run(examine(&long, &domain("a.nl"), &Options::default()));
    let heard = long.heard();
    assert!(heard.contains(&"k.nl".to_owned()) && !heard.contains(&"l.nl".to_owned()), "{heard:?}");
}

#[test]
fn a_domain_that_names_many_hosts_gets_a_bounded_number_of_connections() {
    let hosts = vec![("m1.a.nl", 8), ("m2.a.nl", 8), ("m3.a.nl", 8)];
    let world = Told { txt: vec![("a.nl", RECORD)], hosts, failing: 100, ..Told::default() };
    let report = run(examine(&world, &domain("a.nl"), &Options::default()));
    assert_eq!(report.verdict, Verdict::Tempfail);
    assert_eq!(world.heard().iter().filter(|line| line.starts_with("visit")).count(), VISITS);
}

#[test]
fn nothing_in_a_bogus_answer_says_what_is_asked_next() {
    let world = Told {
        txt: vec![("a.nl", RECORD), ("a.nl", "v=spf1 redirect=forged.nl")],
        hosts: vec![("mx.a.nl", 1)],
        bogus: vec!["a.nl"],
        ..Told::default()
    };
    let report = run(examine(&world, &domain("a.nl"), &Options::default()));
    assert_eq!(report.verdict, Verdict::Refuse);
    let expected = ["a.nl", "hosts, record: false", "_dmarc.a.nl", "visit mx.a.nl 10.0.0.0 dane"];
    assert_eq!(world.heard(), expected);
}

#[test]
fn a_denial_that_is_bogus_does_not_send_anyone_to_the_domain_above() {
    let world = Told {
        txt: vec![("x.a.nl", RECORD)],
        bogus: vec!["smtp.lab.nl", "_dmarc.x.a.nl"],
        ..Told::default()
    };
    run(examine(&world, &domain("x.a.nl"), &Options::default()));
    assert_eq!(world.heard(), ["x.a.nl", "hosts, record: true", "smtp.lab.nl", "_dmarc.x.a.nl"]);
}

#[test]
fn a_host_is_asked_for_dane_by_the_state_of_its_tlsa_alone() {
    let tlsa = Tlsa { usage: 2, selector: 1, matching: 1, data: vec![7; 32] };
    let mut facts = HostFacts {
        host: domain("mx.a.nl"),
        priority: 1,
        addresses: Vec::new(),
        address_security: Security::Insecure,
        address_trouble: None,
        tlsa_base: Some(domain("real.b.nl")),
        tlsa: Ok(Seen::secure(vec![tlsa.clone()])),
    };
    let names = vec![domain("real.b.nl"), domain("mx.a.nl")];
    assert_eq!(own_requirement(&facts), Requirement::Dane { tlsa: vec![tlsa.clone()], names });
    facts.address_security = Security::Secure;
    facts.tlsa = Ok(Seen::insecure(vec![tlsa]));
    assert_eq!(own_requirement(&facts), Requirement::Pkix { names: vec![domain("mx.a.nl")] });
}
