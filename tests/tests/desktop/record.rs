//! The patient record from the window: a patient corrected and confirmed, a real FHIR server that has the
//! document then, and record systems tried from the settings.

use std::path::PathBuf;

use tests::World;
use tests::desktop::{Look, Page};
use tests::fhir::Fhir;
use tests::zorgzegel::Options;

use super::accessible::keeps;
use super::room::{PRIMARY, Room, arrived, asked, outcome, pick};

const TOKEN: &str = "t0ken";

/// Goes on to the patient, confirms whoever is proposed, and chooses.
pub(crate) fn confirm(page: &Page<'_>) {
    page.click(PRIMARY).unwrap();
    page.click("#filing-confirmed").unwrap();
    page.click(PRIMARY).unwrap();
}

fn room(address: &str, server: &Fhir) -> Room {
    let dossier = Some(PathBuf::from(server.base()));
    Room::with(Options { address: address.to_owned(), dossier, ..Options::default() })
}

fn keep_token(room: &Room, token: &str) {
    let keep = ["account", "dossier-token", room.product.user()];
    let line = format!("{token}\n");
    room.product.cli_with(&keep, line.as_bytes()).unwrap().must("dossier-token").unwrap();
}

#[test]
fn a_corrected_and_confirmed_patient_is_whom_the_record_system_files_the_mail_under() {
    let (world, to) = (World::shared(), "dossier.venster@goed.test");
    let server = Fhir::start(world, TOKEN).unwrap();
    let room = room("dossier1@praktijk.test", &server);
    keep_token(&room, TOKEN);
    let app = room.start();
    room.send_held(&[to], "Voor het systeem");
    let page = asked(&app, "Voor het systeem");
    page.reads("Kan veilig").unwrap();
    pick(&page, "secure_and_dossier");
    page.click(PRIMARY).unwrap();
    page.reads("Onder welke patiënt bewaren?").unwrap();
    page.reads("BSN 123456782").unwrap();
    keeps(&page, "the patient");

    page.click(PRIMARY).unwrap();
    page.reads("Zonder dat gaat er niets naar het dossier").unwrap();
    assert!(server.documents().is_empty() && world.received(to).unwrap().is_empty());

    page.fill("#filing-bsn", "123456789").unwrap();
    page.click("#filing-confirmed").unwrap();
    page.click(PRIMARY).unwrap();
    assert!(page.text("#filing-bsn-fault").unwrap().contains("elfproef"));
    page.fill("#filing-bsn", "111222333").unwrap();
    page.fill("#filing-name", "Pieter Jansen").unwrap();
    page.click("#filing-confirmed").unwrap();
    page.click(PRIMARY).unwrap();
    page.text(&outcome(to, "sent")).unwrap();
    arrived(1, || world.received(to).unwrap());
    page.text("[data-filing=filed]").unwrap();
    page.reads("DocumentReference/").unwrap();

    let bundles = server.bundles();
    assert_eq!((server.documents().len(), bundles.len()), (1, 1));
    let patient = &bundles[0]["entry"][0]["resource"];
    assert_eq!(patient["identifier"][0]["value"], "111222333");
    assert_eq!(patient["name"][0]["text"], "Pieter Jansen");

    page.click("#next[aria-disabled=false]").unwrap();
    let main = app.window(Look::Main).unwrap();
    main.click("a[href='#sent']").unwrap();
    main.reads("In het dossier opgenomen").unwrap();
}

#[test]
fn a_refusal_waits_with_what_to_do_and_goes_once_it_is_offered_again() {
    let (world, to) = (World::shared(), "dossier.nee@goed.test");
    let server = Fhir::start(world, TOKEN).unwrap();
    let room = room("dossier2@praktijk.test", &server);
    keep_token(&room, TOKEN);
    server.behave("409").unwrap();
    let app = room.start();
    let id = room.send_held(&[to], "Eerst geweigerd");
    let page = asked(&app, "Eerst geweigerd");
    pick(&page, "dossier");
    confirm(&page);
    page.text("[data-filing=refused]").unwrap();
    page.click("#next[aria-disabled=false]").unwrap();

    server.behave("").unwrap();
    let main = app.window(Look::Main).unwrap();
    main.click("a[href='#waiting']").unwrap();
    main.reads("Niet in het dossier opgenomen").unwrap();
    main.click(&format!("#offer-{id}")).unwrap();
    main.reads("Onder welke patiënt").unwrap();
    keeps(&main, "the offer");
    main.fill("#filing-name", "P. Jansen").unwrap();
    main.click("#filing-confirmed").unwrap();
    main.button("Naar het dossier").unwrap();
    room.until_settled(&id);
    assert_eq!(server.documents().len(), 1);
    assert!(world.received(to).unwrap().is_empty());
}

#[test]
fn an_offer_that_waits_is_stopped_from_the_list_and_says_that_it_may_be_there() {
    let (world, to) = (World::shared(), "dossier.stop@goed.test");
    let server = Fhir::start(world, TOKEN).unwrap();
    let room = room("dossier4@praktijk.test", &server);
    keep_token(&room, TOKEN);
    server.behave("500").unwrap();
    let app = room.start();
    let id = room.send_held(&[to], "Toch maar niet");
    let page = asked(&app, "Toch maar niet");
    pick(&page, "dossier");
    confirm(&page);
    page.reads("Nog niet in het dossier").unwrap();
    page.click("#next[aria-disabled=false]").unwrap();

    let main = app.window(Look::Main).unwrap();
    main.click("a[href='#waiting']").unwrap();
    main.click(&format!("#stop-{id}")).unwrap();
    main.reads("het dossiersysteem kan hem al hebben").unwrap();
    let (faults, passed) = main.accessibility().unwrap();
    assert!(faults.is_empty() && passed > 10, "{faults:?}");
    main.click(&format!("#stop-yes-{id}")).unwrap();
    main.reads("Er wacht niets").unwrap();
    room.until_settled(&id);
    assert!(server.documents().is_empty() && world.received(to).unwrap().is_empty());
}

#[test]
fn record_systems_are_set_up_and_tried_from_the_settings_without_a_word_of_a_patient() {
    let world = World::shared();
    let server = Fhir::start(world, TOKEN).unwrap();
    let room = Room::of("dossier3@praktijk.test");
    let folder = tempfile::tempdir().unwrap();
    let app = room.start();
    let main = app.window(Look::Main).unwrap();
    main.click("a[href='#settings']").unwrap();
    main.click("#dossier-0 > summary").unwrap();

    main.click("#destination-add-0").unwrap();
    main.fill("#destination-name-0-", "Map").unwrap();
    main.fill("#destination-place-0-", &folder.path().to_string_lossy()).unwrap();
    main.click("#destination-save-0-").unwrap();
    main.text("#destination-tried-0-Map").unwrap();
    main.reads("In de map kan worden geschreven.").unwrap();
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);

    main.click("#destination-add-0").unwrap();
    main.fill("#destination-name-0-", "HIS").unwrap();
    main.select("#destination-kind-0-", "fhir").unwrap();
    main.fill("#destination-place-0-", &server.base()).unwrap();
    main.fill("#destination-secret-0-", "anders").unwrap();
    main.click("#destination-save-0-").unwrap();
    main.reads("laat ons niet toe").unwrap();

    main.click("#destination-change-0-HIS").unwrap();
    main.fill("#destination-secret-0-HIS", TOKEN).unwrap();
    main.click("#destination-save-0-HIS").unwrap();
    main.reads("Proefdossier is bereikt, spreekt FHIR 4.0.1").unwrap();
    assert!(server.bundles().is_empty());

    let settings = std::fs::read_to_string(room.product.config()).unwrap();
    assert!(settings.contains("name = \"Map\"") && settings.contains(&server.base()), "{settings}");
    assert!(!settings.contains(TOKEN), "{settings}");
    let (faults, passed) = main.accessibility().unwrap();
    assert!(faults.is_empty() && passed > 10, "{faults:?}");
    assert!(room.pending().is_empty(), "nothing was offered to anybody");
}
