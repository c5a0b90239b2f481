//! The Public Key Interoperability Test Suite of NIST against our judge, and against OpenSSL for a
//! second opinion. A missing `openssl` fails the test.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path};

use aws_lc_rs::digest::{SHA256, digest};
use paths::{
    Anchors, Answer, PolicyInputs, Purpose, Question, Revocation, judge,
};

/// What we refuse of what PKITS accepts, and why.
const FALSE_REJECTS: &[(&str, &str)] = &[
    ("4.1.4", "DSA: nobody signs mail with it, and the library has none"),
    ("4.1.5", "DSA with parameters of the issuer"),
    ("4.14.30", "the signer of the list is itself only in that list, and would vouch for itself"),
];

/// Where OpenSSL 3.0 does not say what PKITS says.
const OPENSSL_DIFFERS: &[(&str, &str)] = &[];

struct Case {
    section: String,
    certificate: String,
    accept: bool,
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
    Case { section, certificate, accept: verdict == "accept", policies }
}

fn accepted(answer: &Answer) -> bool {
    answer.path().is_some_and(|path| path.revocation == Revocation::Good)
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
    for case in &suite.cases {
        let mut question = suite.question(case);
        let answer = judge(&anchors, &question);
        question.pool.reverse();
        question.crls.reverse();
        let reversed = judge(&anchors, &question);
        assert_eq!(accepted(&answer), accepted(&reversed), "{}: order counts", case.section);
        let line = format!("{} {} {:?}: {}", case.section, case.certificate, case.policies, said(&answer));
        match (case.accept, accepted(&answer)) {
            (false, true) => wrong.push(format!("FALSE ACCEPT {line}")),
            (true, false) if FALSE_REJECTS.iter().all(|(known, _)| *known != case.section) => {
                wrong.push(format!("false reject {line}"));
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

const SHA256_OF_ARCHIVE: &str =
    "4f65a04b937eb3c9d5b789643a6b38db5f3e1ee1a102cbee278b83711b86b919";
