//! `zorgzegel verify`: exit codes and JSON, which scripts use.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::path::{Path, PathBuf};
use std::process::Command;

use cades::{KeyKind, SoftwareKey, create_identity, sign, sign_detached};
use jiff::Timestamp;
use mail::{Address, Message};
use serde_json::Value;

struct Desk {
    folder: tempfile::TempDir,
    key: SoftwareKey,
}

impl Desk {
    fn new() -> Self {
        let address = Address::parse("jan@praktijk.example").unwrap();
        let yesterday = Timestamp::now() - jiff::SignedDuration::from_hours(24);
        let identity = create_identity(KeyKind::P256, &address, "Jan", yesterday, 2).unwrap();
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("jan.der"), &identity.chain[0]).unwrap();
        std::fs::write(folder.path().join("zorgzegel.toml"), "[trust]\nanchors = [\"jan.der\"]\n")
            .unwrap();
        std::fs::write(folder.path().join("bare.toml"), "").unwrap();
        let key = SoftwareKey::new(&identity.pkcs8, identity.chain).unwrap();
        Self { folder, key }
    }

    fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    fn signed(&self) -> Vec<u8> {
        let message = Message::new(b"From: jan@praktijk.example\r\n\r\nAlles wel.\r\n".to_vec());
        sign(&message, None, &self.key, Timestamp::now(), [7; 16]).unwrap()
    }

    /// Exit code and standard output.
    fn verify(&self, settings: &str, file: &Path, more: &[&str]) -> (i32, String) {
        let output = Command::new(env!("CARGO_BIN_EXE_zorgzegel"))
            .current_dir(self.folder.path())
            .args(["--config", settings, "verify"])
            .arg(file)
            .args(more)
            .output()
            .unwrap();
        (output.status.code().unwrap(), String::from_utf8(output.stdout).unwrap())
    }
}

#[test]
fn a_whole_message_signed_by_its_author_under_an_anchor_holds_and_nothing_less() {
    let desk = Desk::new();
    let signed = desk.signed();
    let mail = desk.file("mail.eml", &signed);
    let (code, said) = desk.verify("zorgzegel.toml", &mail, &["--json"]);
    let json: Value = serde_json::from_str(&said).unwrap();
    assert_eq!((code, &json["verdict"], &json["coverage"]), (0, &"pass".into(), &"whole".into()));
    assert_eq!(json["signers"][0]["from_match"], true);
    let (code, said) = desk.verify("bare.toml", &mail, &["--anchor", "jan.der"]);
    assert_eq!(code, 0);
    assert!(said.starts_with("geldig ondertekend (CAdES)"), "{said}");

    assert_eq!(desk.verify("bare.toml", &mail, &[]).0, 1, "nobody is trusted");
    let old = desk.verify("zorgzegel.toml", &mail, &["--at", "2020-01-01T00:00:00Z"]);
    assert_eq!(old.0, 1, "not valid then");
    let text = String::from_utf8(signed).unwrap();
    let changed = desk.file("changed.eml", text.replace("Alles", "Niets").as_bytes());
    let (code, said) = desk.verify("zorgzegel.toml", &changed, &["--json"]);
    let json: Value = serde_json::from_str(&said).unwrap();
    assert_eq!((code, &json["verdict"]), (1, &"fail".into()));
    assert_eq!(json["reasons"][0]["code"], "changed");
    let other = desk.file("other.eml", text.replace("From: jan@", "From: piet@").as_bytes());
    assert_eq!(desk.verify("zorgzegel.toml", &other, &[]).0, 1);
    let plain = desk.file("plain.eml", b"From: jan@praktijk.example\r\n\r\nx\r\n");
    let (code, said) = desk.verify("zorgzegel.toml", &plain, &[]);
    assert_eq!((code, said.lines().next()), (1, Some("niet ondertekend")));
}

#[test]
fn a_signature_file_is_judged_with_its_content() {
    let desk = Desk::new();
    let signature = sign_detached(b"brief\r\n", &desk.key, Timestamp::now()).unwrap();
    let signature = desk.file("brief.p7s", &signature);
    desk.file("brief.txt", b"brief\r\n");
    desk.file("ander.txt", b"ander\r\n");
    let verify = |more: &[&str]| desk.verify("zorgzegel.toml", &signature, more).0;
    assert_eq!(verify(&["--content", "brief.txt"]), 0);
    assert_eq!(verify(&["--content", "ander.txt"]), 1);
    assert_eq!(verify(&[]), 1);
}

#[test]
fn usage_and_failures_have_codes_of_their_own() {
    let desk = Desk::new();
    let mail = desk.file("mail.eml", &desk.signed());
    let none = desk.file("none.pem", b"no certificate");
    let verify = |file: &Path, more: &[&str]| desk.verify("bare.toml", file, more).0;
    assert_eq!(verify(&mail, &["--at", "yesterday"]), 2);
    assert_eq!(verify(&mail, &["--anchor", none.to_str().unwrap()]), 2);
    assert_eq!(verify(&mail, &["--content", "mail.eml"]), 2);
    assert_eq!(verify(Path::new("is-er-niet.eml"), &[]), 3);
    desk.file("wrong.toml", b"[trust]\nanchors = [\"weg.pem\"]\n");
    assert_eq!(desk.verify("wrong.toml", &mail, &[]).0, 2);
}
