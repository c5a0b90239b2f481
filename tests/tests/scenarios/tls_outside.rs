//! Our own listeners as a stranger's tools see them: sslscan, testssl.sh and OpenSSL.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::process::{Command, Stdio};

use serde_json::Value;
use tests::zorgzegel::Options;
use tests::{Session, World, Zorgzegel, guard};

/// R-TLS-1, by the numbers of the IANA registry.
const SUITES: [&str; 9] =
    ["0x1301", "0x1302", "0x1303", "0xC02B", "0xC02C", "0xC02F", "0xC030", "0xCCA8", "0xCCA9"];
/// x25519, secp256r1, secp384r1, X25519MLKEM768.
const GROUPS: [&str; 4] = ["0x001d", "0x0017", "0x0018", "0x11ec"];

fn run(program: &str, args: &[&str], input: &str) -> String {
    let mut child = Command::new(program)
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{program}: {error}; see tests/apt-packages.txt"));
    // A program that ends before it has read its input says so itself.
    let _ = std::io::Write::write_all(&mut child.stdin.take().unwrap(), input.as_bytes());
    let output = child.wait_with_output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    String::from_utf8_lossy(&said).into_owned()
}

/// The values of an attribute of all elements of this name, in order.
fn values<'a>(xml: &'a str, element: &str, attribute: &str) -> Vec<&'a str> {
    let begin = format!("<{element} ");
    let elements = xml.split(&begin).skip(1).filter_map(|rest| rest.split_once('>'));
    let key = format!("{attribute}=\"");
    elements.filter_map(|(tag, _)| tag.split_once(&key)?.1.split('"').next()).collect()
}

fn product(session: &Session) -> Zorgzegel {
    let options = Options { address: "scan@praktijk.test".to_owned(), ..Options::default() };
    Zorgzegel::start(World::shared(), session, options).unwrap()
}

#[test]
fn a_scanner_finds_the_suites_and_groups_of_the_profile_and_nothing_else() {
    let session = Session::start().unwrap();
    let product = product(&session);
    for (at, starttls) in [(product.smtp().unwrap(), true), (product.smtps().unwrap(), false)] {
        let target = at.to_string();
        let mut args = vec!["--no-colour", "--xml=-"];
        args.extend(starttls.then_some("--starttls-smtp"));
        args.push(&target);
        // It takes what needs more than three seconds for refused, and waits for as long as it may for an answer that
        // does not come: where it missed what is there, it looks again.
        let mut xml = run("sslscan", &args, "");
        for _ in 1..SCANS {
            if sees_all(&xml) {
                break;
            }
            xml = run("sslscan", &args, "");
        }
        let offered = |version: &str| {
            let tags = xml.split("<protocol ").skip(1).filter_map(|rest| rest.split('>').next());
            let mut tags = tags.filter(|tag| tag.contains(&format!("version=\"{version}\"")));
            tags.any(|tag| tag.contains("enabled=\"1\""))
        };
        let told = ["2", "3", "1.0", "1.1", "1.2", "1.3"].map(offered);
        assert_eq!(told, [false, false, false, false, true, true], "{xml}");

        let suites: BTreeSet<&str> = values(&xml, "cipher", "id").into_iter().collect();
        assert!(suites.len() >= 5, "three of TLS 1.3, two at least of TLS 1.2: {xml}");
        assert!(suites.iter().all(|id| SUITES.contains(id)), "{suites:?}");
        let versions: BTreeSet<&str> = values(&xml, "cipher", "sslversion").into_iter().collect();
        assert_eq!(versions, BTreeSet::from(["TLSv1.2", "TLSv1.3"]));

        let groups: BTreeSet<&str> = values(&xml, "group", "id").into_iter().collect();
        assert!(groups.contains("0x001d") && groups.contains("0x0017"), "{groups:?}");
        assert!(groups.iter().all(|id| GROUPS.contains(id)), "{groups:?}");

        // A scanner whose OpenSSL has no compression says nothing about it: see below.
        assert!(values(&xml, "compression", "supported").iter().all(|told| *told == "0"), "{xml}");
        assert_eq!(values(&xml, "renegotiation", "supported"), ["0"], "{xml}");
        assert!(values(&xml, "heartbleed", "vulnerable").iter().all(|told| *told == "0"), "{xml}");
    }
}

/// Did a scan find what must be there? Whether it found more is for the test.
fn sees_all(xml: &str) -> bool {
    let all = |element, attribute| -> BTreeSet<&str> {
        values(xml, element, attribute).into_iter().collect()
    };
    let groups = all("group", "id");
    all("cipher", "id").len() >= 5
        && all("cipher", "sslversion").len() >= 2
        && groups.contains("0x001d")
        && groups.contains("0x0017")
        && !values(xml, "renegotiation", "supported").is_empty()
}

const SCANS: usize = 3;

#[test]
fn no_session_is_resumed_no_early_data_taken_and_nothing_compressed() {
    let session = Session::start().unwrap();
    let product = product(&session);
    let at = product.smtps().unwrap();
    let resumed = |version: &str| reconnect(&product, at, version);
    // OpenSSL tells of each of two connections whether it was new; the second offers the first again.
    for version in ["-tls1_2", "-tls1_3"] {
        let (first, second) = resumed(version);
        for said in [&first, &second] {
            assert!(said.contains("New, TLSv1."), "{version}: {said}");
            assert!(!said.contains("Reused"), "{version}: {said}");
            assert!(!said.contains("New Session Ticket arrived"), "{version}: {said}");
            assert!(!said.contains("Early data was accepted"), "{version}: {said}");
            assert!(said.contains("Compression: NONE"), "{version}: {said}");
        }
    }
}

/// Connects twice, the second time with the session of the first where there is one.
fn reconnect(product: &Zorgzegel, at: SocketAddr, version: &str) -> (String, String) {
    let file = product.folder().join(format!("session{version}"));
    let (target, file) = (at.to_string(), file.to_str().unwrap().to_owned());
    let base = ["s_client", "-connect", &target, version, "-ign_eof"];
    let once = |more: &[&str]| run("openssl", &[&base[..], more].concat(), "QUIT\r\n");
    let first = once(&["-sess_out", &file]);
    let more: &[&str] =
        if std::path::Path::new(&file).exists() { &["-sess_in", &file] } else { &[] };
    (first, once(more))
}

#[test]
fn old_versions_and_weak_suites_are_refused_by_name() {
    let session = Session::start().unwrap();
    let product = product(&session);
    let target = product.smtp().unwrap().to_string();
    let weak = "DEFAULT:@SECLEVEL=0";
    for more in [
        &["-tls1", "-cipher", weak][..],
        &["-tls1_1", "-cipher", weak],
        &["-tls1_2", "-cipher", "ECDHE-ECDSA-AES256-SHA384:ECDHE-RSA-AES128-SHA:@SECLEVEL=0"],
        &["-tls1_2", "-cipher", "DHE-RSA-AES128-GCM-SHA256:AES128-GCM-SHA256:@SECLEVEL=0"],
        &["-tls1_2", "-cipher", "AECDH-AES128-SHA:@SECLEVEL=0"],
        &["-tls1_3", "-groups", "P-521"],
    ] {
        let base = ["s_client", "-connect", &target, "-starttls", "smtp"];
        let said = run("openssl", &[&base[..], more].concat(), "QUIT\r\n");
        assert!(said.contains("Cipher is (NONE)"), "{more:?}: {said}");
    }
    // After all that it serves as before.
    guard::until("a good handshake", guard::PATIENCE, || {
        let base = ["s_client", "-connect", &target, "-starttls", "smtp"];
        let said = run("openssl", &base, "QUIT\r\n");
        said.contains("New, TLSv1.3").then_some(())
    })
    .unwrap();
}

/// What testssl.sh calls HIGH or CRITICAL of a certificate for this machine alone, and why it is
/// none: each must still be found, or the explanation has had its day.
const EXPLAINED: [(&str, &str); 3] = [
    ("cert_chain_of_trust", "its issuer is this user's own, in no scanner's store"),
    ("cert_revocation", "its issuer's key was destroyed, so nobody could say that it was revoked"),
    ("cert_validityPeriod", "a person trusts it once, and it is never replaced unseen: ten years"),
];

#[test]
fn another_scanner_finds_nothing_grave_but_what_a_certificate_for_loopback_explains() {
    let session = Session::start().unwrap();
    let world = World::shared();
    let imap = Some(world.provider().unwrap().imap_implicit);
    let options = Options { address: "scan2@praktijk.test".to_owned(), imap, ..Options::default() };
    let product = Zorgzegel::start(world, &session, options).unwrap();
    // Protocols, cipher categories, and faults by name that need few connections: Heartbleed, CCS,
    // compression, POODLE; of the other, protocols and what the server shows. They have one set-up, and
    // each check takes seconds. The rest asks the same as sslscan, or waits for minutes.
    let faults = ["-p", "-s", "-H", "-I", "-C", "-O"];
    let shown = ["-p", "-S"];
    for (name, at, how, checks) in [
        ("smtp", product.smtp().unwrap(), &["-t", "smtp"][..], &faults[..]),
        ("imaps", product.imaps().unwrap(), &[], &shown),
    ] {
        let file = product.folder().join(format!("{name}.json"));
        let (file, target) = (file.to_str().unwrap(), at.to_string());
        let quiet = ["--quiet", "--color", "0", "--warnings", "off", "--nodns", "none"];
        // The program's own OpenSSL is old on purpose and knows no TLS 1.3.
        let ours = ["--openssl", "/usr/bin/openssl", "--jsonfile", file];
        let args = [&quiet[..], &ours, checks, how, &[&target]].concat();
        let said = run("testssl", &args, "");
        let findings = std::fs::read_to_string(file).unwrap_or_else(|_| panic!("{name}: {said}"));
        let findings: Vec<Value> = serde_json::from_str(&findings).unwrap();
        let found = |id: &str| findings.iter().find(|one| one["id"] == id);
        assert_eq!(found("TLS1_2").unwrap()["severity"], "OK", "{name}: {said}");
        assert_eq!(found("TLS1_3").unwrap()["severity"], "OK", "{name}: {said}");
        let grave = |one: &&Value| {
            ["HIGH", "CRITICAL", "FATAL"].contains(&one["severity"].as_str().unwrap())
        };
        let grave: BTreeSet<&str> =
            findings.iter().filter(grave).map(|one| one["id"].as_str().unwrap()).collect();
        let explained = EXPLAINED.iter().filter(|_| checks.contains(&"-S"));
        let explained: BTreeSet<&str> = explained.map(|(id, _)| *id).collect();
        assert_eq!(grave, explained, "{name}: {said}");
        if checks.contains(&"-s") {
            for id in ["cipherlist_NULL", "cipherlist_aNULL", "cipherlist_EXPORT", "cipherlist_LOW"]
            {
                assert_eq!(found(id).unwrap()["severity"], "OK", "{id}: {said}");
            }
            for id in ["heartbleed", "CCS", "CRIME_TLS", "POODLE_SSL"] {
                assert_eq!(found(id).unwrap()["severity"], "OK", "{id}: {said}");
            }
            assert_eq!(found("cipherlist_AVERAGE").unwrap()["finding"], "not offered", "{said}");
        }
    }
}
