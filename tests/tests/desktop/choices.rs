//! The other answers, each to its end.

use std::path::Path;

use tests::desktop::Look;
use tests::zorgzegel::Options;
use tests::{World, guard};

use super::record::confirm;
use super::room::{PRIMARY, Room, arrived, asked, must_verify, outcome, pick};

/// The names of the files in a folder and in those inside it.
fn files(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .flat_map(|entry| match entry.path() {
            path if path.is_dir() => files(&path),
            _ => vec![entry.file_name().to_string_lossy().into_owned()],
        })
        .collect()
}

/// A room whose account has a folder for the dossier.
fn with_dossier(address: &str) -> (Room, tempfile::TempDir) {
    let dossier = tempfile::tempdir().unwrap();
    let folder = Some(dossier.path().to_owned());
    let options = Options { address: address.to_owned(), dossier: folder, ..Options::default() };
    (Room::with(options), dossier)
}

#[test]
fn ordinary_mail_wants_a_reason_and_a_second_act_and_leaves_unsigned_by_the_provider() {
    let provider = World::shared().provider().unwrap();
    let room = Room::of("keuze1@praktijk.test");
    let app = room.start();
    let to = "gewoon.venster@elders.test";
    let id = room.send_held(&[to], "Als gewone mail");
    let page = asked(&app, "Als gewone mail");
    pick(&page, "ordinary");
    page.click(PRIMARY).unwrap();
    page.reads("Zonder reden gaat de mail niet weg.").unwrap();
    assert!(!page.has("#confirm-ordinary"));

    let reason = "Spoed: wachten is voor de patiënt gevaarlijker";
    page.select("#reason", reason).unwrap();
    page.click(PRIMARY).unwrap();
    page.reads("Toch als gewone mail?").unwrap();
    assert_eq!(room.state(&id).as_deref(), Some("waiting"), "one act is not enough");
    assert!(provider.taken(to).is_empty());
    page.click("#confirm-ordinary").unwrap();
    page.text(&outcome(to, "sent")).unwrap();
    let got = arrived(1, || provider.taken(to));
    assert_eq!(got.len(), 1);
    let text = String::from_utf8_lossy(&got[0].message);
    assert!(!text.contains("multipart/signed") && !text.contains("X-NTA7516"), "{text}");
    assert!(room.journal().contains(reason), "{}", room.journal());

    page.click("#next[aria-disabled=false]").unwrap();
    let main = app.window(Look::Main).unwrap();
    main.click("a[href='#sent']").unwrap();
    main.reads(&format!("Reden: {reason}")).unwrap();
}

#[test]
fn a_mail_that_is_not_to_be_sent_goes_nowhere() {
    let world = World::shared();
    let room = Room::of("keuze2@praktijk.test");
    let app = room.start();
    let to = "niet.versturen@goed.test";
    let id = room.send_held(&[to], "Toch maar niet");
    let page = asked(&app, "Toch maar niet");
    pick(&page, "withdraw");
    assert_eq!(page.text(PRIMARY).unwrap(), "Niet versturen");
    page.click(PRIMARY).unwrap();
    page.reads("Er is niets weggegaan.").unwrap();
    room.until_settled(&id);
    assert!(world.received(to).unwrap().is_empty());
    assert!(world.provider().unwrap().taken(to).is_empty());
}

#[test]
fn dossier_alone_writes_the_copies_and_sends_nothing() {
    let world = World::shared();
    let (room, dossier) = with_dossier("keuze3@praktijk.test");
    let app = room.start();
    let to = "alleen.dossier@goed.test";
    let id = room.send_held(&[to], "Voor het dossier");
    let page = asked(&app, "Voor het dossier");
    pick(&page, "dossier");
    confirm(&page);
    room.until_settled(&id);
    page.reads("In het dossier bewaard, niet verstuurd").unwrap();
    assert!(!files(dossier.path()).is_empty());
    assert!(world.received(to).unwrap().is_empty());
    assert!(world.provider().unwrap().taken(to).is_empty());
}

#[test]
fn safe_sending_and_dossier_does_both() {
    let world = World::shared();
    let (room, dossier) = with_dossier("keuze4@praktijk.test");
    let app = room.start();
    let to = "beide@goed.test";
    room.send_held(&[to], "Versturen en bewaren");
    let page = asked(&app, "Versturen en bewaren");
    page.reads("Kan veilig").unwrap();
    pick(&page, "secure_and_dossier");
    confirm(&page);
    page.text(&outcome(to, "sent")).unwrap();
    let got = arrived(1, || world.received(to).unwrap());
    assert!(must_verify(&room.product, &got[0].message).contains("CVA"));
    // The manifest is written last.
    let whole = |files: &Vec<String>| files.iter().any(|name| name.ends_with("manifest.json"));
    let written = || Some(files(dossier.path())).filter(whole);
    let files = guard::until("the copies", guard::PATIENCE, written).unwrap();
    assert!(files.iter().any(|name| name.ends_with(".pdf")), "{files:?}");
}
