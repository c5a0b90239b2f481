//! The Public Key Interoperability Test Suite of NIST against our judge, and against OpenSSL for a
//! second opinion. A missing `openssl` fails the test.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use paths::{Anchors, Answer, PolicyInputs, Purpose, Question, Reason, Revocation, judge};
use x509_parser::prelude::{FromDer, X509Certificate};

/// What we refuse of what PKITS accepts, and why.
const FALSE_REJECTS: &[(&str, &str)] = &[
    ("4.1.4", "DSA: nobody signs mail with it, and the library has none"),
    ("4.1.5", "DSA with parameters of the issuer"),
    ("4.14.30", "the signer of the list is itself only in that list, and would vouch for itself"),
];

/// Where OpenSSL 3.0 does not say what PKITS says.
const OPENSSL_DIFFERS: &[(&str, &str)] = &[
    ("4.1.5", "DSA with parameters of the issuer"),
    ("4.6.4", "basicConstraints that are not critical: -x509_strict forbids them"),
    ("4.14.30", "the signer of the list is itself only in that list"),
];

struct Case {
    section: String,
    certificate: String,
    accept: bool,
    /// The name of the reason or doubt for which it must be rejected.
    why: Option<String>,
    policies: PolicyInputs,
}

struct Suite {
    certificates: BTreeMap<String, Vec<u8>>,
    lists: BTreeMap<String, Vec<u8>>,
    cases: Vec<Case>,
}

impl Suite {
    fn read() -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pkits");
        let archive = std::fs::read(folder.join("pkits.tar")).expect("pkits.tar");
        let sum: String =
            digest(&SHA256, &archive).as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(sum, SHA256_OF_ARCHIVE, "pkits.tar is not the one that was looked at");
        let (mut certificates, mut lists) = (BTreeMap::new(), BTreeMap::new());
        for (name, bytes) in entries(&archive) {
            if let Some(name) = name.strip_prefix("certs/").and_then(|n| n.strip_suffix(".crt")) {
                certificates.insert(name.to_owned(), bytes.to_vec());
            } else if let Some(name) = name.strip_prefix("crls/") {
                lists.insert(name.to_owned(), bytes.to_vec());
            }
        }
        let table = std::fs::read_to_string(folder.join("cases.txt")).expect("cases.txt");
        Self { certificates, lists, cases: table.lines().map(case).collect() }
    }

    fn anchors(&self) -> Anchors {
        let mut anchors = Anchors::new();
        anchors.add_der(None, &self.certificates["TrustAnchorRootCertificate"]).expect("the root");
        anchors
    }

    fn question(&self, case: &Case) -> Question<'_> {
        let mut question = Question::new(
            &self.certificates[&case.certificate],
            Purpose::Any,
            "2020-06-01T12:00:00Z".parse().expect("a time"),
        );
        question.pool = self.certificates.values().map(Vec::as_slice).collect();
        question.crls = self.lists.values().map(Vec::as_slice).collect();
        question.policies = case.policies.clone();
        question
    }
}

/// The files of a ustar archive: blocks of 512 bytes, name first, size in octal at 124.
fn entries(archive: &[u8]) -> Vec<(String, &[u8])> {
    let mut found = Vec::new();
    let mut rest = archive;
    while rest.len() > 512 && rest[0] != 0 {
        let text = |range: std::ops::Range<usize>| {
            let field = &rest[range];
            let end = field.iter().position(|&byte| byte == 0).unwrap_or(field.len());
            String::from_utf8(field[..end].to_vec()).expect("ASCII")
        };
        let size = usize::from_str_radix(text(124..136).trim(), 8).expect("octal");
        found.push((text(0..100), &rest[512..512 + size]));
        rest = &rest[512 + size.next_multiple_of(512)..];
    }
    found
}

fn case(line: &str) -> Case {
    let mut words = line.split(' ');
    let mut word = || words.next().unwrap_or_else(|| panic!("too short: {line}")).to_owned();
    let (section, certificate, verdict) = (word(), word(), word());
    assert!(verdict == "accept" || verdict == "reject", "{line}");
    let accept = verdict == "accept";
    let why = if accept { None } else { words.next().map(str::to_owned) };
    let mut policies = PolicyInputs::default();
    for word in words {
        match word {
            "explicit" => policies.explicit = true,
            "inhibit-mapping" => policies.inhibit_mapping = true,
            "inhibit-any" => policies.inhibit_any = true,
            policy => {
                let number = policy.strip_prefix('P').unwrap_or_else(|| panic!("{line}"));
                policies.acceptable.push(format!("2.16.840.1.101.3.2.1.48.{number}"));
            }
        }
    }
    Case { section, certificate, accept, why, policies }
}

fn accepted(answer: &Answer) -> bool {
    answer.path().is_some_and(|path| path.revocation == Revocation::Good)
}

/// The name of what stands in the way.
fn why(answer: &Answer) -> String {
    let debug = match answer {
        Answer::Refused(refusal) => format!("{:?}", refusal.reason),
        Answer::Found(path) => match &path.revocation {
            Revocation::Unknown { doubt, .. } => format!("{doubt:?}"),
            other => format!("{other:?}"),
        },
    };
    debug.chars().take_while(char::is_ascii_alphanumeric).collect()
}

fn said(answer: &Answer) -> String {
    match answer {
        Answer::Found(path) => format!("path of {}, {:?}", path.links.len(), path.revocation),
        Answer::Refused(refusal) => format!("{refusal:?}"),
    }
}

#[test]
fn pkits_finds_nothing_accepted_that_must_be_rejected_and_little_the_other_way() {
    let suite = Suite::read();
    assert_eq!((suite.certificates.len(), suite.lists.len()), (405, 173), "all vectors are there");
    assert_eq!(suite.cases.len(), 247, "all runs of PKITS");
    let anchors = suite.anchors();
    let (mut wrong, mut rejected) = (Vec::new(), BTreeSet::new());
    for (place, case) in suite.cases.iter().enumerate() {
        let mut question = suite.question(case);
        let answer = judge(&anchors, &question);
        if place.is_multiple_of(4) {
            question.pool.reverse();
            question.crls.reverse();
            let reversed = judge(&anchors, &question);
            assert_eq!(accepted(&answer), accepted(&reversed), "{}: order counts", case.section);
        }
        let line =
            format!("{} {} {:?}: {}", case.section, case.certificate, case.policies, said(&answer));
        match (case.accept, accepted(&answer)) {
            (false, true) => wrong.push(format!("FALSE ACCEPT {line}")),
            (true, false) if FALSE_REJECTS.iter().all(|(known, _)| *known != case.section) => {
                wrong.push(format!("false reject {line}"));
            }
            (false, false) if case.why != Some(why(&answer)) => {
                wrong.push(format!("for another reason {line}"));
            }
            (true, false) => {
                rejected.insert(case.section.as_str());
            }
            _ => {}
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let table: BTreeSet<_> = FALSE_REJECTS.iter().map(|(section, _)| *section).collect();
    assert_eq!(rejected, table, "the table of false rejects is kept short");
}

#[test]
fn openssl_agrees_with_the_table_but_where_it_is_known_to_differ() {
    let suite = Suite::read();
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: String| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).expect("a file");
        path
    };
    let root =
        write("root", pem("CERTIFICATE", [&suite.certificates["TrustAnchorRootCertificate"]]));
    let pool = write("pool", pem("CERTIFICATE", suite.certificates.values()));
    let lists = write("lists", pem("X509 CRL", suite.lists.values()));
    let mut differs = BTreeSet::new();
    for case in &suite.cases {
        let leaf = write("leaf", pem("CERTIFICATE", [&suite.certificates[&case.certificate]]));
        let mut command = Command::new("openssl");
        command.args(["verify", "-crl_check_all", "-x509_strict", "-extended_crl", "-use_deltas"]);
        // The same moment as ours.
        command.args(["-attime", "1591012800", "-policy_check", "-CAfile"]).arg(&root);
        command.arg("-untrusted").arg(&pool).arg("-CRLfile").arg(&lists);
        let any = ["2.5.29.32.0".to_owned()];
        let acceptable = &case.policies.acceptable;
        for policy in if acceptable.is_empty() { any.as_slice() } else { acceptable } {
            command.args(["-policy", policy]);
        }
        let flags = [
            (case.policies.explicit, "-explicit_policy"),
            (case.policies.inhibit_mapping, "-inhibit_map"),
            (case.policies.inhibit_any, "-inhibit_any"),
        ];
        command.args(flags.iter().filter(|(wanted, _)| *wanted).map(|(_, flag)| flag));
        let output = command.arg(&leaf).output().expect("openssl runs");
        if output.status.success() != case.accept {
            differs.insert(case.section.as_str());
        }
    }
    let table: BTreeSet<_> = OPENSSL_DIFFERS.iter().map(|(section, _)| *section).collect();
    assert_eq!(differs, table);
}

#[test]
fn another_reader_finds_the_same_in_every_certificate() {
    let suite = Suite::read();
    for (name, der) in &suite.certificates {
        let (_, theirs) = X509Certificate::from_der(der).unwrap_or_else(|_| panic!("{name}"));
        // A certificate that is its own anchor is described without a path.
        let mut alone = Anchors::new();
        assert_eq!(alone.add_der(Some(name), der), Ok(()), "{name} is read");
        let mut question = Question::new(der, Purpose::Any, Timestamp::UNIX_EPOCH);
        let (from, until) = (theirs.validity().not_before, theirs.validity().not_after);
        question.at = Timestamp::from_second(from.timestamp()).expect("a time");
        match judge(&alone, &question) {
            Answer::Found(path) => {
                let ours = &path.links[0];
                assert_eq!(ours.not_before.as_second(), from.timestamp(), "{name}");
                assert_eq!(ours.not_after.as_second(), until.timestamp(), "{name}");
                let serial: String =
                    theirs.raw_serial().iter().map(|byte| format!("{byte:02x}")).collect();
                assert_eq!(ours.serial, serial, "{name}");
            }
            Answer::Refused(refusal) => {
                let known = ["InvalidUnknownCriticalCertificateExtensionTest2EE"];
                let short = matches!(refusal.reason, Reason::Expired { .. });
                assert!(short || known.contains(&name.as_str()), "{name}: {refusal:?}");
            }
        }
    }
}

fn pem<'a>(label: &str, ders: impl IntoIterator<Item = &'a Vec<u8>>) -> String {
    let block = |der: &Vec<u8>| {
        let text = STANDARD.encode(der);
        let lines: Vec<&str> =
            text.as_bytes().chunks(64).map(|line| str::from_utf8(line).expect("ASCII")).collect();
        format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
    };
    ders.into_iter().map(block).collect()
}

const SHA256_OF_ARCHIVE: &str = "4f65a04b937eb3c9d5b789643a6b38db5f3e1ee1a102cbee278b83711b86b919";
