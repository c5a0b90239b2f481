//! What comes in is kept in the archive.

use serde_json::Value;
use tests::fhir::Fhir;
use tests::zorgzegel::Options;
use tests::{Session, World, Zorgzegel, guard};

use super::through;
use super::world::{account, dkim, letter, marked, put, start, verdicts};

fn archived(product: &Zorgzegel) -> Vec<Value> {
    let said = product.cli(&["archive", "list", "--json"]).unwrap().must("list").unwrap();
    said.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn subjects(copies: &[Value]) -> Vec<&str> {
    let mut all: Vec<_> =
        copies.iter().filter_map(|copy| copy["meta"]["subject"].as_str()).collect();
    all.sort_unstable();
    all
}

/// What is kept, once it is so much.
fn kept(product: &Zorgzegel, count: usize) -> Vec<Value> {
    let found = guard::until("the copies", guard::PATIENCE, || {
        let copies = archived(product);
        (copies.len() >= count).then_some(copies)
    });
    found.unwrap_or_else(|error| panic!("{error}: {}", product.said()))
}

#[test]
fn health_mail_that_comes_in_is_kept_once_and_what_was_deleted_stays_away() {
    let session = Session::start().unwrap();
    let options = account("bewaard@goed.test", "LAB");
    let words = letter("weg");
    let words = String::from_utf8(words).unwrap().replace("Hallo", "meniscusscheur");
    let text = mail::Message::new(words.into_bytes());
    let gone = dkim(&super::world::signed(&text, Some("LAB")));
    let alone = super::world::signed(&mail::Message::new(letter("getekend")), None);
    put(&options.address, &[gone.clone(), dkim(&letter("gewoon")), alone, marked("kaal", "LAB")]);
    let product = start(&session, options);
    let mut imap = through(&product);
    imap.ask("SELECT INBOX").unwrap();
    imap.ask("UID FETCH 1:* (UID BODY.PEEK[])").unwrap();
    verdicts(&product, 4);
    let copies = kept(&product, 3);
    // Ordinary mail of a domain that declares is nobody's health mail.
    assert_eq!(subjects(&copies), ["getekend", "kaal", "weg"], "{copies:?}");
    let copy = copies.iter().find(|copy| copy["meta"]["subject"] == "weg").unwrap();
    let meta = &copy["meta"];
    assert_eq!(
        (&meta["direction"], &meta["from"]),
        (&"received".into(), &"arts@praktijk.test".into())
    );
    assert_eq!(meta["proofs"][0]["verdict"], "pass", "{copy}");
    let id = copy["id"].as_str().unwrap();
    let found = product.cli(&["archive", "search", "menis"]).unwrap().must("search").unwrap();
    assert!(found.contains(id), "{found}");
    let shown = product.cli(&["archive", "show", id]).unwrap().must("show").unwrap();
    assert!(shown.contains(std::str::from_utf8(&gone).unwrap().trim_end()), "{shown}");
    // Nothing of it lies readable in the data folder.
    let files = std::fs::read_dir(product.data_dir().join("bodies")).unwrap();
    for file in files {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        assert!(!String::from_utf8_lossy(&bytes).contains("meniscus"));
    }

    product.cli(&["archive", "delete", id, "--yes"]).unwrap().must("delete").unwrap();
    assert_eq!(subjects(&archived(&product)), ["getekend", "kaal"]);
    // The same mail is seen at another place, and after a restart; what is new stands behind it in the queue.
    let mut product = product;
    product.restart().unwrap();
    put(product.user(), &[marked("nieuw", "LAB")]);
    let mut imap = through(&product);
    imap.ask("CREATE Later").unwrap();
    imap.ask("SELECT INBOX").unwrap();
    imap.ask("UID COPY 1 Later").unwrap();
    imap.ask("SELECT Later").unwrap();
    imap.ask("UID FETCH 1:* (UID BODY.PEEK[])").unwrap();
    imap.ask("SELECT INBOX").unwrap();
    imap.ask("UID FETCH 1:* (UID BODY.PEEK[])").unwrap();
    verdicts(&product, 5);
    let copies = kept(&product, 3);
    assert_eq!(subjects(&copies), ["getekend", "kaal", "nieuw"], "{copies:?}");
}

/// What came in goes to the record system under the patient whom a person names, and under nobody else.
#[test]
fn what_came_in_is_offered_to_a_record_system_under_a_confirmed_patient() {
    let (world, session) = (World::shared(), Session::start().unwrap());
    let server = Fhir::start(world, "t0ken").unwrap();
    let options = account("ontvangen.dossier@goed.test", "LAB");
    let options = Options { dossier: Some(server.base().into()), ..options };
    let mail = marked("uitslag", "LAB");
    put(&options.address, std::slice::from_ref(&mail));
    let product = start(&session, options);
    let keep = ["account", "dossier-token", product.user()];
    product.cli_with(&keep, b"t0ken\n").unwrap().must("dossier-token").unwrap();
    let mut imap = through(&product);
    imap.ask("SELECT INBOX").unwrap();
    imap.ask("UID FETCH 1:* (UID BODY.PEEK[])").unwrap();
    let listed = verdicts(&product, 1);
    let copies = kept(&product, 1);
    let id = copies[0]["id"].as_str().unwrap();
    let linked = guard::until("the copy", guard::PATIENCE, || {
        let listed = verdicts(&product, 1);
        listed[0]["copy"].as_str().map(str::to_owned)
    });
    assert_eq!(linked.unwrap(), id, "{listed:?}");
    let nobody = product.cli(&["dossier", id]).unwrap();
    assert!(nobody.code == Some(1) && nobody.text.contains("--bsn"), "{nobody:?}");
    server.behave("422").unwrap();
    let offer = ["dossier", id, "--bsn", "123456782", "--kind", "result"];
    product.cli(&offer).unwrap().must("dossier").unwrap();
    let pending = || -> Vec<Value> {
        let said = product.cli(&["pending", "--json"]).unwrap().must("pending").unwrap();
        serde_json::from_str(&said).unwrap()
    };
    let refused = guard::until("the refusal", guard::PATIENCE, || {
        pending().into_iter().find(|one| one["filing"]["state"] == "refused")
    });
    let refused = refused.unwrap();
    assert_eq!((&refused["id"], &refused["what"]), (&id.into(), &"copy".into()), "{refused}");
    assert_eq!(refused["filing"]["said"], "mood 422");
    let journal = product.cli(&["journal", "export"]).unwrap().must("journal").unwrap();
    assert!(!journal.contains("mood 422"), "a record system's words stay out of the journal");
    server.behave("").unwrap();
    product.cli(&offer).unwrap().must("dossier").unwrap();
    guard::until("the filing", guard::PATIENCE, || pending().is_empty().then_some(())).unwrap();
    let documents = server.documents();
    assert_eq!(documents.len(), 1);
    assert_eq!(documents[0]["author"][0]["display"], "arts@praktijk.test");
}
