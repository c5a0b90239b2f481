//! Others' opinion on the same domains: two validators on what DNS says, two TLS programs on what
//! the mail hosts prove. Where one of them sees something else than this program, one is wrong; the
//! few places where only the policy differs are named, each with its reason, and must differ.

use std::collections::BTreeMap;
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use mail::Domain;
use net::dns::{Resolver, Settings, Upstream};
use nta7516::facts::Security::{self, Bogus, Insecure, Secure};
use serde_json::Value;
use tests::domains::hosts::ALIASES;
use tests::domains::{self, Case, Spoil, Zone};
use tests::zorgzegel::Options;
use tests::{Session, World, Zorgzegel, says_authentic};

/// A name and a record type.
type Question = (String, &'static str);

/// All that this program asks about the domains of the table.
fn questions(world: &World) -> Vec<Question> {
    let mut questions = Vec::new();
    for case in domains::all() {
        questions.extend(["TXT", "MX"].map(|kind| (case.mail_domain(), kind)));
    }
    let aliases = ALIASES.iter().map(|alias| alias.name);
    for name in
        domains::all_hosts().map(|host| host.name).chain(aliases).chain(["nergens.goed.test"])
    {
        questions.push((name.to_owned(), "A"));
        questions.push((format!("_{}._tcp.{name}", world.port()), "TLSA"));
    }
    questions
}

/// What this program's own resolver says, behind one that validates nothing.
fn ours(world: &World, questions: &[Question]) -> BTreeMap<Question, Security> {
    let settings = Settings {
        resolver: Upstream::Address(world.plain_resolver()),
        trust_anchor: Some(std::fs::read_to_string(world.trust_anchor()).unwrap()),
        timeout: Duration::from_secs(60),
    };
    let resolver = Resolver::new(settings).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let ask = async |(name, kind): &Question| {
        let domain = Domain::parse(name).unwrap();
        match *kind {
            "TXT" => resolver.txt(&domain).await.unwrap().security,
            "MX" => resolver.mx(&domain).await.unwrap().security,
            // AAAA with it: no host has any, which must be proved as well.
            "A" => resolver.addresses(&domain).await.unwrap().security,
            _ => {
                let host = name.splitn(3, '.').nth(2).unwrap();
                resolver.tlsa(world.port(), &Domain::parse(host).unwrap()).await.unwrap().security
            }
        }
    };
    let all = async {
        let mut states = BTreeMap::new();
        for question in questions {
            states.insert(question.clone(), ask(question).await);
        }
        states
    };
    runtime.block_on(all)
}

/// What unbound says: AD set, SERVFAIL (and an answer where it need not validate), or neither.
fn by_unbound(world: &World, questions: &[Question]) -> BTreeMap<Question, Security> {
    let status = |more: &str| -> Vec<String> {
        let file = world.folder().join(format!("questions{more}"));
        let lines: String =
            questions.iter().map(|(name, kind)| format!("{name} {kind}\n")).collect();
        std::fs::write(&file, lines).unwrap();
        let server = format!("@{}", world.resolver().ip());
        let port = world.resolver().port().to_string();
        let mut dig = Command::new("dig");
        dig.args([&server, "-p", &port, "+noall", "+comments", "+tries=2", "+time=10", more, "-f"]);
        let output = dig.arg(&file).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let heads = text.split("->>HEADER<<-").skip(1);
        heads.map(|head| head.lines().take(2).collect()).collect()
    };
    let (checked, unchecked) = (status("+dnssec"), status("+cd"));
    assert_eq!((checked.len(), unchecked.len()), (questions.len(), questions.len()));
    let says_something = |head: &str| head.contains("NOERROR") || head.contains("NXDOMAIN");
    let mut states = BTreeMap::new();
    for (question, (checked, unchecked)) in questions.iter().zip(checked.iter().zip(&unchecked)) {
        assert!(says_something(unchecked), "{question:?}: {unchecked}");
        let state = match checked {
            head if head.contains("SERVFAIL") => Bogus,
            head if says_something(head) && head.contains(" ad") => Secure,
            head if says_something(head) => Insecure,
            head => panic!("{question:?}: {head}"),
        };
        states.insert(question.clone(), state);
    }
    states
}

/// What delv, BIND's validator, says behind the resolver that validates nothing.
fn by_delv(world: &World, questions: &[Question]) -> BTreeMap<Question, Security> {
    let line = std::fs::read_to_string(world.trust_anchor()).unwrap();
    let (_, data) = line.trim().split_once("DNSKEY ").unwrap();
    let numbers: Vec<&str> = data.split(' ').take(3).collect();
    let key: String = data.split(' ').skip(3).collect();
    let anchors = format!("trust-anchors {{ . static-key {} \"{key}\"; }};\n", numbers.join(" "));
    let file = world.folder().join("delv.anchor");
    std::fs::write(&file, anchors).unwrap();
    let server = format!("@{}", world.plain_resolver().ip());
    let port = world.plain_resolver().port().to_string();
    let ask = |(name, kind): &Question| {
        let mut delv = Command::new("delv");
        delv.args([&server, "-p", &port, "+root=.", name, kind, "-a"]).arg(&file);
        let output = delv.stdin(Stdio::null()).output().unwrap();
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8_lossy(&said).into_owned();
        // A denial ends in "ncache"; a chain of CNAMEs has a line for each part.
        if said.contains("resolution failed") && !said.contains("failed: ncache") {
            assert!(!said.contains("timed out"), "{name} {kind}: {said}");
            Bogus
        } else if said.contains("unsigned answer") {
            Insecure
        } else if said.contains("fully validated") {
            Secure
        } else {
            panic!("{name} {kind}: {said}");
        }
    };
    in_parallel(questions, ask)
}

/// Asks about each, a few at a time.
fn in_parallel<Q: Ord + Clone + Sync + Send, T: Send>(
    questions: &[Q],
    ask: impl Fn(&Q) -> T + Sync,
) -> BTreeMap<Q, T> {
    let (next, answers) = (AtomicUsize::new(0), Mutex::new(BTreeMap::new()));
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while let Some(question) = questions.get(next.fetch_add(1, Ordering::SeqCst)) {
                    let answer = ask(question);
                    answers.lock().unwrap().insert(question.clone(), answer);
                }
            });
        }
    });
    answers.into_inner().unwrap()
}

/// Where a validator sees something else on purpose: by whom, and about what. Below a zone with
/// opt-out a name may exist unsigned although its denial is signed; RFC 5155 section 9.2 has it
/// count as unsigned, and delv tells the state of the records that deny.
const OTHERWISE: [(&str, &str); 1] = [("delv", "niets.uitzondering.test")];

#[test]
fn two_other_validators_see_the_same_state_of_every_answer() {
    let world = World::shared();
    let questions = questions(world);
    let ours = ours(world, &questions);
    let seen: Vec<Security> = ours.values().copied().collect();
    for state in [Secure, Insecure, Bogus] {
        assert!(seen.iter().filter(|one| **one == state).count() > 3, "{state:?} is hardly met");
    }
    let others = [("unbound", by_unbound(world, &questions)), ("delv", by_delv(world, &questions))];
    let mut wrong = Vec::new();
    for question in &questions {
        for (who, states) in &others {
            let differs = states[question] != ours[question];
            let named = OTHERWISE.contains(&(who, question.0.as_str()));
            if differs != named {
                wrong.push(format!(
                    "{question:?}: {:?}, {who} {:?}",
                    ours[question], states[question]
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What this program says of each of these domains: may health mail go there, and by which proof.
fn checked<'a>(world: &World, cases: &[&'a Case]) -> BTreeMap<&'a str, Value> {
    let session = Session::start().unwrap();
    let options = Options { identity: false, ..Options::default() };
    let product = Zorgzegel::prepare(world, &session, options).unwrap();
    let names: Vec<String> = cases.iter().map(|case| case.mail_domain()).collect();
    let mut args = vec!["check", "--json"];
    args.extend(names.iter().map(String::as_str));
    let text = product.cli(&args).unwrap().text;
    let seen = text.lines().map(|line| serde_json::from_str(line).unwrap());
    let seen: BTreeMap<_, _> = cases.iter().map(|case| case.domain).zip(seen).collect();
    assert_eq!(seen.len(), cases.len());
    seen
}

/// Domains of which the mail hosts decide, and which name these by MX: others know no `ntamx`.
fn by_mx() -> Vec<&'static Case> {
    let by_hosts = |case: &&Case| ["R-SEND-5", "R-SEND-6"].contains(&case.step);
    let by_mx = |case: &&Case| !case.txt.iter().any(|txt| txt.contains("ntamx"));
    let fixed = |case: &&Case| !case.is_scripted();
    domains::all().filter(by_hosts).filter(by_mx).filter(fixed).collect()
}

/// Where Postfix's own sender decides otherwise on purpose, and why.
const POSTFIX_OTHERWISE: [(&str, &str); 8] = [
    ("danersa1024.test", "it takes RSA keys of 1024 bits, R-TLS-1 does not"),
    ("rsa1024.test", "it takes RSA keys of 1024 bits, R-TLS-1 does not"),
    ("cbc.test", "it takes suites with CBC, R-TLS-1 does not"),
    ("onbekendtype.test", "where no TLSA is usable it asks for encryption alone, we for annex C"),
    ("nulmxnaast.test", "RFC 7505 forbids a null MX beside others and leaves open what it means"),
    ("tweemx.test", "it stops at the first host that it can talk to; a sender goes on"),
    ("mxdanepkix.test", "it stops at the first host that it can talk to; a sender goes on"),
    ("storingreserve.test", "it stops at the first host that it can talk to; a sender goes on"),
];

#[test]
fn postfix_proves_the_same_mail_hosts() {
    let world = World::shared();
    let cases = by_mx();
    let ours = checked(world, &cases);
    let resolv_conf = world.folder().join("resolv.conf");
    let address = world.resolver_on_port_53().unwrap();
    std::fs::write(
        &resolv_conf,
        format!("nameserver {address}\noptions edns0 trust-ad timeout:30 attempts:3\n"),
    )
    .unwrap();
    let names: Vec<String> = cases.iter().map(|case| case.mail_domain()).collect();
    let said = in_parallel(&names, |name| {
        let mut command = Command::new("unshare");
        command.args(["--mount", "--", "sh", "-c"]);
        // In a mount namespace of its own the program has a resolver of its own.
        command.arg("mount --bind \"$0\" /etc/resolv.conf && exec \"$@\"").arg(&resolv_conf);
        command.args(["posttls-finger", "-c", "-l", "dane", "-F"]).arg(world.root_certificate());
        // "hostname": annex C asks for the name that MX gives, Postfix for the one before that.
        command.args([&format!("{name}:{}", world.port()), "hostname"]);
        let output = command.output().unwrap();
        String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()
    });
    let mut wrong = Vec::new();
    for case in &cases {
        let said = &said[&case.mail_domain()];
        let proved = said.contains("Verified TLS connection established");
        let differs = (ours[case.domain]["verdict"] == "direct") != proved;
        let named = POSTFIX_OTHERWISE.iter().any(|(domain, _)| *domain == case.domain);
        if differs != named {
            wrong.push(format!("{} {}: {said}", case.domain, ours[case.domain]));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn openssl_matches_the_same_tlsa_records() {
    let world = World::shared();
    // Domains with one host, so that what comes out for the domain is what the host is worth.
    let mut cases: Vec<(&Case, String)> = Vec::new();
    for case in by_mx() {
        let host = case.mx.first().map_or(case.domain, |(_, host)| *host);
        let alias = ALIASES.iter().find(|alias| alias.name == host);
        let mx_is_spoilt = matches!(case.zone, Zone::Spoilt(Spoil::Mx | Spoil::NoMx));
        if case.mx.len() < 2
            && !mx_is_spoilt
            && world.host(alias.map_or(host, |alias| alias.host)).is_some()
        {
            cases.push((case, host.to_owned()));
        }
    }
    let ours = checked(world, &cases.iter().map(|(case, _)| *case).collect::<Vec<_>>());
    let (mut wrong, mut met) = (Vec::new(), BTreeMap::<bool, usize>::new());
    for (case, host) in &cases {
        let records = usable_tlsa(world, host);
        if records.is_empty() {
            assert_ne!(ours[case.domain]["proof"], "dane", "{}", case.domain);
            continue;
        }
        let alias = ALIASES.iter().find(|alias| alias.name == host);
        let at = world.host(alias.map_or(host.as_str(), |alias| alias.host)).unwrap();
        let mut openssl = Command::new("openssl");
        openssl.args(["s_client", "-starttls", "smtp", "-connect", &at.to_string(), "-brief"]);
        openssl.args(["-verify_return_error", "-no-CAfile", "-no-CApath", "-no-CAstore"]);
        openssl.args(["-dane_ee_no_namechecks", "-dane_tlsa_domain", host]);
        openssl.args(records.iter().flat_map(|record| ["-dane_tlsa_rrdata", record]));
        let output = openssl.stdin(Stdio::null()).output().unwrap();
        let matches = output.status.success();
        *met.entry(matches).or_default() += 1;
        if matches != (ours[case.domain]["proof"] == "dane") {
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            wrong.push(format!("{} {}: {said}", case.domain, ours[case.domain]));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(met[&true] > 10 && met[&false] > 3, "{met:?}");
}

/// The TLSA records of a mail host that SMTP may use and that the validating resolver vouches for,
/// as OpenSSL takes them: at the end of the host's CNAME chain, else at its own name; where the chain
/// leads into an unsigned zone, there alone (RFC 7672 sections 2.2.2 and 2.2.3).
fn usable_tlsa(world: &World, host: &str) -> Vec<String> {
    let ask = |name: &str, kind: &str| {
        let port = world.resolver().port().to_string();
        let mut dig = Command::new("dig");
        dig.args([&format!("@{}", world.resolver().ip()), "-p", &port, "+dnssec", "+time=30"]);
        dig.args([name, kind]);
        String::from_utf8(dig.output().unwrap().stdout).unwrap()
    };
    let alias = ALIASES.iter().find(|alias| alias.name == host);
    let names: Vec<&str> = match (says_authentic(&ask(host, "A")), alias) {
        (true, Some(alias)) => vec![alias.host, host],
        (true, None) => vec![host],
        (false, Some(_)) if says_authentic(&ask(host, "CNAME")) => vec![host],
        (false, _) => Vec::new(),
    };
    for name in names {
        let answer = ask(&format!("_{}._tcp.{name}", world.port()), "TLSA");
        if answer.contains("SERVFAIL") {
            return Vec::new();
        }
        let lines = answer.lines().filter_map(|line| line.split_once("TLSA\t"));
        let records = lines.map(|(_, data)| data.to_owned()).filter(|data| !data.contains('.'));
        let records: Vec<String> = records.collect();
        if !records.is_empty() {
            let usable =
                |data: &String| data.starts_with(['2', '3']) && !data[4..].starts_with('9');
            return records.into_iter().filter(usable).collect();
        }
    }
    Vec::new()
}
