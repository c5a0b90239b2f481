use std::process::Command;

use tests::domains::hosts::ALIASES;
use tests::domains::{Tlsa, Verdict, all, all_hosts};
use tests::{Misbehaviour, Needs, World, says_authentic};

fn dig(server: std::net::SocketAddr, question: &[&str]) -> String {
    let port = server.port().to_string();
    let mut command = Command::new("dig");
    command.args([&format!("@{}", server.ip()), "-p", &port, "+dnssec", "+tries=2", "+time=30"]);
    let output = command.args(question).output().unwrap();
    // What a first try came to stands before the answer of the second.
    let said = String::from_utf8(output.stdout).unwrap();
    let lines = said.lines().filter(|line| !line.starts_with(";; communications error"));
    lines.map(|line| format!("{line}\n")).collect()
}

fn is_secure(answer: &str) -> bool {
    answer.contains("status: NOERROR") && says_authentic(answer)
}

#[test]
fn the_resolver_says_secure_insecure_or_bogus_as_the_domain_is_for() {
    let world = World::shared();
    let ask = |question: &[&str]| dig(world.resolver(), question);
    let secure = [
        ["goed.test", "TXT"],
        ["goed.test", "MX"],
        ["_25._tcp.mx.goed.test", "TLSA"],
        ["_25._tcp.mx.pkix.test", "TLSA"],
        ["huisarts.jokerteken.test", "TXT"],
        ["huisarts.jokerteken.test", "MX"],
        ["zonderrecord.test", "TXT"],
        ["lab.test", "TXT"],
        ["smtp.lab.test", "A"],
    ];
    for question in secure {
        assert!(is_secure_or_denied(&ask(&question)), "{question:?}: {}", ask(&question));
    }
    for question in [["onveilig.test", "TXT"], ["mx.onveilig.test", "A"]] {
        let answer = ask(&question);
        assert!(answer.contains("status: NOERROR") && !says_authentic(&answer), "{answer}");
    }
    let bogus = [
        ["nagemaakt.test", "TXT"],
        ["verkeerdeds.test", "TXT"],
        ["oudehandtekening.test", "TXT"],
        ["_25._tcp.mx.tlsanagemaakt.test", "TLSA"],
    ];
    for question in bogus {
        let answer = ask(&question);
        assert!(answer.contains("status: SERVFAIL"), "{answer}");
        let unchecked = ask(&[question[0], question[1], "+cd"]);
        assert!(unchecked.contains("status: NOERROR"), "{unchecked}");
    }
    assert!(is_secure(&ask(&["nagemaakt.test", "MX"])), "only its TXT record is spoilt");
}

fn is_secure_or_denied(answer: &str) -> bool {
    is_secure(answer) || (answer.contains("status: NXDOMAIN") && says_authentic(answer))
}

#[test]
fn the_trust_anchor_is_the_one_of_the_root() {
    let world = World::shared();
    let line = std::fs::read_to_string(world.trust_anchor()).unwrap();
    let key = line.split_whitespace().skip(3).collect::<Vec<_>>().join(" ");
    let answer = dig(world.authority(), &[".", "DNSKEY", "+short", "+nosplit"]);
    let key = key.trim_start_matches("DNSKEY ");
    let (flags, rest) = key.split_at(8);
    assert!(answer.contains(flags) && answer.contains(&rest.replace(' ', "")), "{answer} {key}");
}

#[test]
fn every_mail_host_of_a_domain_exists_with_the_tlsa_records_it_should_have() {
    let world = World::shared();
    // What is spoilt after signing is another, or is gone.
    let spoilt = ["mx.adresnagemaakt.test", "mx.tlsaweg.test"];
    for host in all_hosts().filter(|host| !spoilt.contains(&host.name)) {
        let address = dig(world.authority(), &[host.name, "A", "+short", "+nodnssec"]);
        let expected = world.host(host.name).unwrap().ip().to_string();
        assert_eq!(address.trim(), expected, "{}", host.name);
        for port in [25, world.port()] {
            let name = format!("_{port}._tcp.{}", host.name);
            let tlsa = dig(world.authority(), &[&name, "TLSA", "+short", "+nodnssec"]);
            assert_eq!(tlsa.is_empty(), host.tlsa == Tlsa::Absent, "{name}: {tlsa}");
        }
    }
}

#[test]
fn the_table_names_each_domain_once_and_only_hosts_that_it_has() {
    let mut names: Vec<&str> = all().map(|case| case.domain).collect();
    names.sort_unstable();
    assert!(names.len() >= 60, "{}", names.len());
    assert!(names.is_sorted_by(|one, other| one < other), "a domain stands twice");
    let is_host = |name: &str| all_hosts().any(|host| host.name == name);
    let known = |name: &str| is_host(name) || ALIASES.iter().any(|alias| alias.name == name);
    let nowhere = [".", "127.0.0.1", "nergens.goed.test"];
    for case in all() {
        let all_known = case.mx.iter().all(|(_, name)| known(name) || nowhere.contains(name));
        assert!(all_known, "{}", case.domain);
        if let Verdict::Direct(taker) | Verdict::RefusedByHost(taker) = case.verdict {
            assert!(is_host(taker), "{}: {taker}", case.domain);
        }
    }
    assert!(ALIASES.iter().all(|alias| is_host(alias.host)));
}

#[test]
fn a_resolver_that_misbehaves_does_so_as_told() {
    let world = World::shared();
    let strips = world.bad_resolver(Misbehaviour::Strips).unwrap();
    let answer = dig(strips.address(), &["goed.test", "TXT"]);
    assert!(answer.contains("provider=LAB") || answer.contains("NTA7516-1"), "{answer}");
    assert!(!answer.contains("RRSIG"), "{answer}");
    let fails = world.bad_resolver(Misbehaviour::Fails).unwrap();
    assert!(dig(fails.address(), &["goed.test", "TXT"]).contains("status: SERVFAIL"));
    let plain = dig(world.plain_resolver(), &["nagemaakt.test", "TXT"]);
    assert!(plain.contains("status: NOERROR") && plain.contains("RRSIG"), "{plain}");
}

#[test]
fn two_worlds_live_side_by_side_and_end_with_their_values() {
    let one = World::start(Needs::DNS).unwrap();
    let two = World::start(Needs::DNS).unwrap();
    assert_ne!((one.resolver().ip(), one.authority()), (two.resolver().ip(), two.authority()));
    let (folder, resolver) = (one.folder().to_owned(), one.resolver());
    drop(one);
    assert!(!folder.exists());
    assert!(std::net::TcpStream::connect(resolver).is_err());
    assert!(dig(two.resolver(), &["goed.test", "TXT"]).contains("status: NOERROR"));
}
