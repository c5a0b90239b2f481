//! Record systems that are in trouble: each gives a clear state, nothing is lost, and nothing is filed
//! twice.

use std::net::TcpListener;
use std::path::PathBuf;

use serde_json::Value;
use tests::fhir::Fhir;
use tests::zorgzegel::Options;
use tests::{Session, World, Zorgzegel, guard};

use super::dossier::{TOKEN, filing, held, is_filed, journal, keep_token};

/// A product whose account has this record system.
fn product(world: &World, session: &Session, address: &str, dossier: PathBuf) -> Zorgzegel {
    let address = address.to_owned();
    let options = Options { address, dossier: Some(dossier), ..Options::default() };
    Zorgzegel::start(world, session, options).unwrap()
}

fn choose(product: &Zorgzegel, id: &str) {
    let choose = ["choose", id, "withdraw", "--dossier", "--bsn", "123456782"];
    product.cli(&choose).unwrap().must("choose").unwrap();
}

/// Waits until the offer stands so, with a word in the sentence that a person is told.
fn until(product: &Zorgzegel, id: &str, state: &str, word: &str) {
    let stands = || {
        let filing = filing(product, id)?;
        let told =
            [&filing["nl"], &filing["trouble"][0]].map(|one| one.as_str().unwrap_or("").to_owned());
        let fits = filing["state"] == state && told.iter().any(|told| told.contains(word));
        fits.then_some(())
    };
    guard::until(&format!("{state}: {word}"), guard::PATIENCE, stands).unwrap();
}

fn until_filed(product: &Zorgzegel, id: &str) {
    guard::until("the filing", guard::PATIENCE, || is_filed(product, id)).unwrap();
}

#[test]
fn what_a_record_system_refuses_says_why_and_is_taken_once_it_is_offered_again() {
    let (world, session) = (World::shared(), Session::start().unwrap());
    let server = Fhir::start(world, TOKEN).unwrap();
    let product = product(world, &session, "weigert@praktijk.test", server.base().into());
    keep_token(&product);
    for (mood, word) in [("401", "token"), ("409", "meer dan eens"), ("422", "weigert")] {
        let id = held(&product, "weigert@praktijk.test");
        server.behave(mood).unwrap();
        choose(&product, &id);
        until(&product, &id, "refused", word);
        server.behave("").unwrap();
        let offer = ["dossier", &id, "--bsn", "123456782", "--kind", "referral"];
        product.cli(&offer).unwrap().must("dossier").unwrap();
        until_filed(&product, &id);
    }
    assert_eq!(server.documents().len(), 3, "messages with one Message-ID are three");
}

#[test]
fn a_record_system_in_trouble_is_asked_again_and_files_what_it_took_without_a_word_once() {
    let (world, session) = (World::shared(), Session::start().unwrap());
    let server = Fhir::start(world, TOKEN).unwrap();
    let product = product(world, &session, "storing@praktijk.test", server.base().into());
    keep_token(&product);
    let moods = [("500", "storing"), ("garbage", "onverstaanbaar"), ("mute", "niet bereikt")];
    for (number, (mood, word)) in (1..).zip(moods) {
        let id = held(&product, "storing@praktijk.test");
        server.behave(mood).unwrap();
        choose(&product, &id);
        until(&product, &id, "due", word);
        server.behave("").unwrap();
        until_filed(&product, &id);
        assert_eq!(server.documents().len(), number, "after {mood}");
    }
    assert_eq!(journal(&product).matches("\"kind\":\"filed\"").count(), 3);
}

#[test]
fn a_folder_that_vanishes_is_said_and_gets_the_message_when_it_is_back() {
    let (world, session) = (World::shared(), Session::start().unwrap());
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("dossier");
    let product = product(world, &session, "map.weg@praktijk.test", folder.clone());
    let id = held(&product, "map.weg@praktijk.test");
    choose(&product, &id);
    until(&product, &id, "due", "kan niet worden geschreven");
    std::fs::create_dir(&folder).unwrap();
    until_filed(&product, &id);
    let names: Vec<String> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    assert_eq!(names, std::slice::from_ref(&id), "one subfolder, and nothing half-written");
    let manifest = std::fs::read(folder.join(&id).join("manifest.json")).unwrap();
    let manifest: Value = serde_json::from_slice(&manifest).unwrap();
    assert_eq!(manifest["filing"]["patient"]["bsn"], "123456782");
}

#[test]
fn the_bundle_is_good_fhir_for_two_other_judges() {
    let (world, session) = (World::shared(), Session::start().unwrap());
    let server = Fhir::start(world, TOKEN).unwrap();
    let product = product(world, &session, "keuring@praktijk.test", server.base().into());
    keep_token(&product);
    let id = held(&product, "keuring@praktijk.test");
    choose(&product, &id);
    until_filed(&product, &id);
    let bundle = server.first();
    for judge in [tests::fhir::Judge::Npm, tests::fhir::Judge::Python] {
        assert_eq!(judge.faults(&bundle).unwrap(), "", "{judge:?}");
        // A judge who finds nothing in what is broken is none.
        let text = std::fs::read_to_string(&bundle).unwrap();
        let broken = text.replacen("\"status\":\"current\"", "\"status\":3", 1);
        assert_ne!(broken, text);
        let place = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(place.path(), broken).unwrap();
        assert_ne!(judge.faults(place.path()).unwrap(), "", "{judge:?}");
    }
}

/// Two record systems: one that takes connections and never says a word, and one that works.
#[test]
fn a_mute_record_system_holds_up_no_other_and_what_waits_for_it_can_be_stopped() {
    let (world, session) = (World::shared(), Session::start().unwrap());
    let mute = TcpListener::bind("127.0.0.1:0").unwrap();
    let server = Fhir::start(world, TOKEN).unwrap();
    let address = "stom@praktijk.test";
    let options = Options { address: address.to_owned(), ..Options::default() };
    let mut product = Zorgzegel::prepare(world, &session, options).unwrap();
    let settings = std::fs::read_to_string(product.config()).unwrap();
    let record = |name: &str, url: &str| {
        format!("\n[[account.dossier]]\nname = \"{name}\"\nkind = \"fhir\"\nplace = \"{url}\"\n")
    };
    let silent = format!("https://{}/fhir", mute.local_addr().unwrap());
    let both = format!("{settings}{}{}", record("stom", &silent), record("HIS", &server.base()));
    std::fs::write(product.config(), both).unwrap();
    let token = format!("{TOKEN}\n");
    let keep = ["account", "dossier-token", address, "--record", "HIS"];
    product.cli_with(&keep, token.as_bytes()).unwrap().must("dossier-token").unwrap();
    product.run().unwrap();

    let gone = held(&product, address);
    let choose = |id: &str, record: &str| {
        product
            .cli(&["choose", id, "withdraw", "--dossier", "--bsn", "123456782", "--record", record])
            .unwrap()
    };
    let unknown = choose(&gone, "EPD");
    assert_eq!(unknown.code, Some(1), "{unknown:?}");
    assert!(unknown.text.contains("EPD") && unknown.text.contains("stom, HIS"), "{}", unknown.text);

    let (first, second) = (held(&product, address), held(&product, address));
    choose(&first, "stom").must("choose").unwrap();
    choose(&second, "HIS").must("choose").unwrap();
    until_filed(&product, &second);
    until(&product, &first, "due", "niet bereikt");
    assert_eq!(server.documents().len(), 1, "the other waits for its own");

    let stopped = product.cli(&["dossier", &first, "--stop"]).unwrap().must("stop").unwrap();
    assert!(stopped.contains("kan het al hebben"), "it was tried: {stopped}");
    is_filed(&product, &first).expect("nothing waits any more");
    assert!(journal(&product).contains("\"kind\":\"filing_stopped\""));
    let again = product.cli(&["dossier", &first, "--stop"]).unwrap();
    assert_eq!(again.code, Some(1), "{again:?}");
}

#[test]
fn what_a_record_system_took_while_the_program_was_killed_is_looked_for_and_not_filed_twice() {
    let (world, session) = (World::shared(), Session::start().unwrap());
    let server = Fhir::start(world, TOKEN).unwrap();
    let mut product = product(world, &session, "afgebroken@praktijk.test", server.base().into());
    keep_token(&product);
    let id = held(&product, "afgebroken@praktijk.test");
    server.behave("never").unwrap();
    choose(&product, &id);
    guard::until("the document", guard::PATIENCE, || (server.documents().len() == 1).then_some(()))
        .unwrap();
    product.kill9();
    server.behave("").unwrap();
    product.run().unwrap();
    until_filed(&product, &id);
    assert_eq!(server.documents().len(), 1, "it was there");
    assert_eq!(journal(&product).matches("\"kind\":\"filed\"").count(), 1);
}
