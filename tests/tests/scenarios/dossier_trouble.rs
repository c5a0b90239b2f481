//! Record systems that are in trouble: each gives a clear state, nothing is lost, and nothing is filed
//! twice.

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
