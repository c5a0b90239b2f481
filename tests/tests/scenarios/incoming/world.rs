//! Letters of a doctor of `praktijk.test`, and an account that gets them.

use std::path::PathBuf;
use std::sync::OnceLock;

use cades::{KeyKind, SoftwareKey, create_identity};
use jiff::{SignedDuration, Timestamp};
use mail::{Address, Domain, Message};
use serde_json::Value;
use tests::domains::{SELECTOR, SENDER};
use tests::guard::{PATIENCE, until};
use tests::zorgzegel::Options;
use tests::{Session, World, Zorgzegel};

/// The id of the account's provider.
pub(super) const ID: &str = "imap.lab.test";

struct Doctor {
    key: SoftwareKey,
    anchor: PathBuf,
}

fn doctor() -> &'static Doctor {
    static DOCTOR: OnceLock<Doctor> = OnceLock::new();
    DOCTOR.get_or_init(|| {
        let address = Address::parse(&format!("arts@{SENDER}")).unwrap();
        let since = Timestamp::now() - SignedDuration::from_hours(24);
        let made = create_identity(KeyKind::P256, &address, "Arts", since, 1).unwrap();
        let anchor = World::shared().folder().join("arts.der");
        std::fs::write(&anchor, &made.chain[0]).unwrap();
        Doctor { key: SoftwareKey::new(&made.pkcs8, made.chain).unwrap(), anchor }
    })
}

/// An account at the world's provider that trusts the doctor, and accepts this supplier.
pub(super) fn account(address: &str, supplier: &str) -> Options {
    Options {
        address: address.to_owned(),
        identity: false,
        imap: Some(World::shared().provider().unwrap().imap_implicit),
        more: format!(
            "[trust]\nanchors = [\"{}\"]\n[nta]\nsuppliers = [\"{supplier}\"]\n",
            doctor().anchor.display()
        ),
        ..Options::default()
    }
}

/// The product with this account, which trusts its provider's id.
pub(super) fn start(session: &Session, options: Options) -> Zorgzegel {
    let mut product = Zorgzegel::prepare(World::shared(), session, options).unwrap();
    let file = std::fs::read_to_string(product.config()).unwrap();
    let with = file.replacen("[[account]]\n", &format!("[[account]]\nauthserv_id = \"{ID}\"\n"), 1);
    assert_ne!(with, file);
    std::fs::write(product.config(), with).unwrap();
    product.run().unwrap();
    product
}

/// An ordinary letter; its Message-ID is `<SUBJECT@praktijk.test>`.
pub(super) fn letter(subject: &str) -> Vec<u8> {
    format!(
        "From: Arts <arts@{SENDER}>\r\nTo: collega@goed.test\r\nSubject: {subject}\r\n\
         Message-ID: <{subject}@{SENDER}>\r\nMIME-Version: 1.0\r\n\
         Content-Type: text/plain\r\n\r\nHallo\r\n"
    )
    .into_bytes()
}

/// The same as NTA mail of this supplier: marked and signed.
pub(super) fn marked(subject: &str, mark: &str) -> Vec<u8> {
    signed(&Message::new(letter(subject)), Some(mark))
}

/// A message signed by the doctor, with the mark of a supplier or without.
pub(super) fn signed(message: &Message, mark: Option<&str>) -> Vec<u8> {
    cades::sign(message, mark, &doctor().key, Timestamp::now(), [7; 16]).unwrap()
}

/// With the DKIM signature of the doctor's domain.
pub(super) fn dkim(message: &[u8]) -> Vec<u8> {
    let key = std::fs::read(World::shared().dkim().0).unwrap();
    let key = ::dkim::Key::read(&key).unwrap();
    let name = |text: &str| Domain::parse(text).unwrap();
    ::dkim::sign(&Message::new(message.to_vec()), &key, &name(SELECTOR), &name(SENDER)).unwrap()
}

/// As the provider hands it over.
pub(super) fn received(message: &[u8]) -> Vec<u8> {
    let printer = jiff::fmt::rfc2822::DateTimePrinter::new();
    let date = printer.timestamp_to_string(&Timestamp::now()).unwrap();
    let line = format!("Received: from mx by imap.lab.test with LMTP id 1;\r\n\t{date}\r\n");
    [line.as_bytes(), message].concat()
}

/// Puts messages into a user's INBOX as the provider receives them.
pub(super) fn put(user: &str, messages: &[Vec<u8>]) {
    let messages: Vec<_> = messages.iter().map(|message| received(message)).collect();
    World::shared().provider().unwrap().put(user, &messages).unwrap();
}

/// What `incoming --json` prints.
pub(super) fn list(product: &Zorgzegel) -> Vec<Value> {
    let said = product.cli(&["incoming", "--json"]).unwrap().must("incoming").unwrap();
    serde_json::from_str(&said).unwrap()
}

/// The same, once there are so many and none is temporary.
pub(super) fn verdicts(product: &Zorgzegel, count: usize) -> Vec<Value> {
    let mut last = Vec::new();
    let found = until("the verdicts", PATIENCE, || {
        last = list(product);
        let settled = last.iter().all(|it| it["verdict"] != "temperror");
        (last.len() >= count && settled).then(|| last.clone())
    });
    found.unwrap_or_else(|error| panic!("{error}: {last:?}; {}", product.said()))
}

/// The message of this subject.
pub(super) fn one<'a>(found: &'a [Value], subject: &str) -> &'a Value {
    let it = found.iter().find(|it| it["subject"] == subject);
    it.unwrap_or_else(|| panic!("{subject}: {found:?}"))
}

/// The codes of the reasons.
pub(super) fn codes(it: &Value) -> Vec<&str> {
    let reasons = it["reasons"].as_array().unwrap();
    reasons.iter().filter_map(|told| told["code"].as_str()).collect()
}
