//! A message handed to a record system that speaks FHIR.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use tests::fhir::Fhir;
use tests::zorgzegel::Options;
use tests::{Session, Submission, World, Zorgzegel, guard, held_as};

const HEALTH: &str = "To: collega@goed.test\r\nSubject: uitslag\r\n\
    Message-ID: <filing@praktijk.test>\r\nMIME-Version: 1.0\r\nContent-Type: text/plain\r\n\r\n\
    BSN 123456782, dhr. Jansen, geb. 12-03-1956, meniscusscheur\r\n";
pub(crate) const TOKEN: &str = "t0ken";

/// A message about a patient, held; each is another, though all have one Message-ID.
pub(crate) fn held(product: &Zorgzegel, from: &str) -> String {
    static NUMBER: AtomicU32 = AtomicU32::new(1);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let message = format!("From: {from}\r\n{HEALTH}Brief {number}.\r\n");
    let to = &["collega.dossier@goed.test"];
    let submission = Submission::through(product, to).unwrap();
    let said = submission.smtplib(message.as_bytes()).unwrap().text;
    held_as(&said).unwrap_or_else(|| panic!("not held: {said}"))
}

/// How far the offer is, or `None` where nothing is left to do.
pub(crate) fn filing(product: &Zorgzegel, id: &str) -> Option<Value> {
    let said = product.cli(&["pending", "--json"]).unwrap().must("pending").unwrap();
    let all: Vec<Value> = serde_json::from_str(&said).unwrap();
    all.into_iter().find(|one| one["id"] == id).map(|one| one["filing"].clone())
}

/// Something where nothing is left to do.
pub(crate) fn is_filed(product: &Zorgzegel, id: &str) -> Option<()> {
    filing(product, id).is_none_or(|filing| filing.is_null()).then_some(())
}

pub(crate) fn keep_token(product: &Zorgzegel) {
    let token = format!("{TOKEN}\n");
    let keep = ["account", "dossier-token", product.user()];
    product.cli_with(&keep, token.as_bytes()).unwrap().must("dossier-token").unwrap();
}

pub(crate) fn journal(product: &Zorgzegel) -> String {
    product.cli(&["journal", "export"]).unwrap().must("journal").unwrap()
}

#[test]
fn a_record_system_files_a_message_once_under_the_patient_who_was_confirmed() {
    let (world, session) = (World::shared(), Session::start().unwrap());
    let server = Fhir::start(world, TOKEN).unwrap();
    let options = Options {
        address: "arts.dossier@praktijk.test".to_owned(),
        dossier: Some(PathBuf::from(server.base())),
        ..Options::default()
    };
    let product = Zorgzegel::start(world, &session, options).unwrap();
    let id = held(&product, "arts.dossier@praktijk.test");

    let nobody = product.cli(&["choose", &id, "withdraw", "--dossier"]).unwrap();
    assert!(nobody.code == Some(1) && nobody.text.contains("--bsn"), "{}", nobody.text);
    let wrong =
        product.cli(&["choose", &id, "withdraw", "--dossier", "--bsn", "123456789"]).unwrap();
    assert_eq!(wrong.code, Some(2), "{}", wrong.text);

    // Without its token the record system refuses, and it is said what to do.
    let choose = ["choose", &id, "withdraw", "--dossier", "--bsn", "123456782", "--kind", "result"];
    product.cli(&choose).unwrap().must("choose").unwrap();
    let refused = guard::until("the refusal", guard::PATIENCE, || {
        filing(&product, &id).filter(|filing| filing["state"] == "refused")
    });
    assert!(refused.unwrap()["nl"].as_str().unwrap().contains("token"));

    keep_token(&product);
    let offer = ["dossier", &id, "--bsn", "123456782", "--kind", "result"];
    let again = product.cli(&offer).unwrap();
    assert_eq!(again.code, Some(0), "{}", again.text);
    guard::until("the filing", guard::PATIENCE, || is_filed(&product, &id)).unwrap();
    let journal = journal(&product);
    assert!(
        journal.contains("\"kind\":\"filed\"") && journal.contains("DocumentReference/"),
        "{journal}"
    );
}

/// A part of what the record system was given, by its media type.
fn part(bundle: &Value, media_type: &str) -> String {
    let entries = bundle["entry"].as_array().unwrap();
    let binary = entries.iter().find(|one| one["resource"]["contentType"] == media_type).unwrap();
    let data = binary["resource"]["data"].as_str().unwrap();
    String::from_utf8(STANDARD.decode(data).unwrap()).unwrap()
}

#[test]
fn the_record_gets_what_was_signed_and_sent_with_the_proof_of_its_way() {
    let (world, session) = (World::shared(), Session::start().unwrap());
    let server = Fhir::start(world, TOKEN).unwrap();
    let address = "bewijs.dossier@praktijk.test";
    let options = Options {
        address: address.to_owned(),
        dossier: Some(PathBuf::from(server.base())),
        ..Options::default()
    };
    let product = Zorgzegel::start(world, &session, options).unwrap();
    keep_token(&product);
    let id = held(&product, address);
    let choose = ["choose", &id, "secure", "--dossier", "--bsn", "123456782"];
    product.cli(&choose).unwrap().must("choose").unwrap();
    guard::until("the filing", guard::PATIENCE, || {
        journal(&product).contains("\"kind\":\"filed\"").then_some(())
    })
    .unwrap();
    let bundle: Value = serde_json::from_slice(&std::fs::read(server.first()).unwrap()).unwrap();
    let mail = part(&bundle, "message/rfc822");
    assert!(mail.contains("X-NTA7516:") && mail.contains("pkcs7-signature"), "{mail}");
    let xml = part(&bundle, "application/xml");
    assert!(xml.contains("<overdracht>") && xml.contains("collega.dossier@goed.test"), "{xml}");
}

#[test]
fn a_choice_that_is_taken_back_takes_its_offer_with_it() {
    let (world, session) = (World::shared(), Session::start().unwrap());
    let server = Fhir::start(world, TOKEN).unwrap();
    let address = "terug.dossier@praktijk.test";
    let options = Options {
        address: address.to_owned(),
        dossier: Some(PathBuf::from(server.base())),
        // Nobody answers there: what is chosen waits.
        resolver: Some(([127, 0, 0, 1], 9).into()),
        first_retry: "1h",
        ..Options::default()
    };
    let product = Zorgzegel::start(world, &session, options).unwrap();
    keep_token(&product);
    let id = held(&product, address);
    let choose = ["choose", &id, "secure", "--dossier", "--bsn", "123456782"];
    product.cli(&choose).unwrap().must("choose").unwrap();
    let waits = filing(&product, &id).unwrap();
    assert_eq!(waits["state"], "after_sending", "{waits}");
    product.cli(&["choose", &id, "withdraw"]).unwrap().must("withdraw").unwrap();
    is_filed(&product, &id).expect("nothing is left to do");
    assert!(journal(&product).contains("\"kind\":\"filing_stopped\""));
    assert!(server.documents().is_empty());
}
