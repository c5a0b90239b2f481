//! DKIM on the route `direct`, judged by a verifier that is not ours, with the key in DNS.

use std::net::SocketAddr;

use mail_auth::hickory_resolver::config::{
    ConnectionConfig, NameServerConfig, ResolverConfig, ResolverOpts,
};
use mail_auth::{AuthenticatedMessage, DkimResult, MessageAuthenticator};
use serde_json::Value;
use tests::domains::SELECTOR;
use tests::{Session, World, Zorgzegel, guard, openssl};

use super::routes::{account, attempted, choose, hold_mail, set};

const HEALTH: &str = "From: Arts <dkim@praktijk.test>\r\nTo: collega@goed.test\r\n\
    Subject: overdracht\r\nDate: Mon, 23 Nov 2026 10:00:00 +0100\r\nMessage-ID: <1@praktijk.test>\r\n\r\n\
    BSN 123456782, dhr. Jansen, geb. 12-03-1956, CVA\r\n";

/// The verdicts on the signatures of a message, by the key in DNS.
fn verdicts(resolver: SocketAddr, message: &[u8]) -> Vec<DkimResult> {
    let connections = [ConnectionConfig::udp(), ConnectionConfig::tcp()].map(|mut connection| {
        connection.port = resolver.port();
        connection
    });
    let mut server = NameServerConfig::udp_and_tcp(resolver.ip());
    server.connections = connections.into();
    let config = ResolverConfig::from_parts(None, Vec::new(), vec![server]);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut patient = ResolverOpts::default();
        patient.timeout = tests::guard::PATIENCE;
        let verifier = MessageAuthenticator::new(config, patient).unwrap();
        let message = AuthenticatedMessage::parse(message).unwrap();
        let found = verifier.verify_dkim(&message).await;
        found.iter().map(|one| one.result().clone()).collect()
    })
}

#[test]
fn a_mail_by_our_own_hand_has_a_dkim_signature_that_holds_and_breaks_with_any_byte() {
    let (world, session) = (World::shared(), Session::start().unwrap());
    let (key, record) = world.dkim();
    let mut product = Zorgzegel::prepare(world, &session, account("dkim")).unwrap();
    let args = ["account", "dkim", "--selector", SELECTOR, "--json"];
    let import = [&args[..], &["--import", key.to_str().unwrap()]].concat();
    let said = product.cli(&import).unwrap().must("account dkim").unwrap();
    let published: Value = serde_json::from_str(&said).unwrap();
    assert_eq!(published["text"], record, "what is printed is what DNS has");
    assert_eq!(published["name"], "lab._domainkey.praktijk.test");
    let again = product.cli(&args).unwrap().must("account dkim").unwrap();
    assert_eq!(again, said, "a key that is there stays");
    set(&product, &format!("dkim = {{ selector = \"{SELECTOR}\" }}\nroutes = [\"direct\"]"));
    product.run().unwrap();

    let to = "dkim@goed.test";
    let id = hold_mail(&product, &[to], HEALTH);
    choose(&product, &id, &["secure"]);
    assert_eq!(attempted(&product), None);
    let got = guard::until("the stored mail", guard::PATIENCE, || {
        let got = world.received(to).unwrap();
        (!got.is_empty()).then_some(got)
    });
    let got = got.unwrap().remove(0).message;
    let text = String::from_utf8_lossy(&got).into_owned();
    assert!(text.starts_with("DKIM-Signature: v=1; a=rsa-sha256; c=simple/simple;"), "{text}");
    assert!(text.contains("X-NTA7516:From;"), "{text}");
    assert_eq!(verdicts(world.resolver(), &got), [DkimResult::Pass]);
    for (from, to) in [
        ("Subject: overdracht", "Subject: Overdracht"),
        ("X-NTA7516: LAB", "X-NTA7516: LAC"),
        ("multipart/signed; protocol", "multipart/signed;  protocol"),
        ("smime.p7s\"\r\n\r\n", "smime.p7s\"\r\n\r\nA"),
        ("\r\nSubject:", "\r\nFrom: ander@praktijk.test\r\nSubject:"),
    ] {
        assert!(text.contains(from), "{from}: {text}");
        let changed = text.replacen(from, to, 1);
        let verdicts = verdicts(world.resolver(), changed.as_bytes());
        assert!(!verdicts.contains(&DkimResult::Pass), "{to}: {verdicts:?}");
    }
    // The S/MIME signature beneath still holds.
    let certificate = product.folder().join("certificaat.pem");
    let export = ["identity", "export", "--out", certificate.to_str().unwrap()];
    product.cli(&export).unwrap().must("export").unwrap();
    openssl::verify(product.folder(), &got, &certificate).unwrap();
    let shown = product.cli(&["archive", "show", &id]).unwrap().must("archive").unwrap();
    assert!(shown.as_bytes().ends_with(&got), "the copy is what was sent");
    let proof = product.cli(&["proof", &id]).unwrap().must("proof").unwrap();
    assert!(proof.contains("DKIM: lab._domainkey.praktijk.test"), "{proof}");
}

#[test]
fn without_the_key_that_the_settings_name_nothing_is_sent_and_the_mend_is_said() {
    let (world, session) = (World::shared(), Session::start().unwrap());
    let mut product = Zorgzegel::prepare(world, &session, account("dkimloos")).unwrap();
    set(&product, "dkim = { selector = \"weg\" }\nroutes = [\"direct\"]");
    product.run().unwrap();
    let to = "dkimloos@goed.test";
    let id = hold_mail(&product, &[to], HEALTH);
    choose(&product, &id, &["secure"]);
    let one = attempted(&product).expect("it stays");
    assert_eq!(one["state"], "failed", "{one}");
    assert!(one["words"].as_str().unwrap().contains("zorgzegel account dkim"), "{one}");
    assert!(world.received(to).unwrap().is_empty());
    let made = product.cli(&["account", "dkim", "--selector", "weg"]).unwrap();
    let made = made.must("account dkim").unwrap();
    assert!(made.contains("weg._domainkey.praktijk.test. IN TXT \"v=DKIM1; k=rsa; p="), "{made}");
    assert!(made.contains("dkim = { selector = \"weg\" }"), "{made}");
    let english = product.cli(&["account", "dkim", "--selector", "weg", "--lang", "en"]).unwrap();
    let english = english.must("account dkim").unwrap();
    assert!(english.contains("Publish this TXT record"), "{english}");
    assert!(english.contains("dkim = { selector = \"weg\" }"), "{english}");
    choose(&product, &id, &["secure"]);
    assert_eq!(attempted(&product), None);
}
