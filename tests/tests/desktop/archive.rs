//! What is kept, in the window: found by a word, saved as a file that anyone can open, deleted for good.

use std::path::Path;
use std::process::Command;

use serde_json::Value;
use tests::desktop::Look;
use tests::guard;

use super::accessible::keeps;
use super::room::{PRIMARY, Room, asked, outcome};

/// The system's own window for folders.
const PICKER: &str = "Kies een map voor de bestanden";

/// The copies that the command line knows beside the app.
pub(crate) fn copies(room: &Room) -> Vec<Value> {
    let said = room.product.cli(&["archive", "list", "--json"]).unwrap().must("archive").unwrap();
    said.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn ending(folder: &Path, ending: &str) -> Option<std::path::PathBuf> {
    let files = std::fs::read_dir(folder).ok()?.flatten().map(|entry| entry.path());
    files.into_iter().find(|path| path.extension().is_some_and(|one| one == ending))
}

#[test]
fn a_sent_mail_is_found_by_a_word_saved_as_pdf_with_the_original_inside_and_deleted_for_good() {
    let room = Room::of("archief1@praktijk.test");
    let app = room.start();
    let main = app.window(Look::Main).unwrap();
    main.click("a[href='#archive']").unwrap();
    main.reads("Nog niets bewaard").unwrap();
    keeps(&main, "an empty archive");

    let to = "bewaard@goed.test";
    let held = room.send_held(&[to], "Verwijzing voor het archief");
    let page = asked(&app, "Verwijzing voor het archief");
    page.click(PRIMARY).unwrap();
    page.text(&outcome(to, "sent")).unwrap();
    room.until_settled(&held);
    let kept = guard::until("the copy", guard::PATIENCE, || copies(&room).pop()).unwrap();
    let id = kept["id"].as_str().unwrap().to_owned();

    let main = app.window(Look::Main).unwrap();
    let line = format!("li[data-id='{id}'] button");
    main.text(&line).unwrap();
    main.fill("#words", "galblaas").unwrap();
    main.reads("Niets gevonden").unwrap();
    main.fill("#words", "jans").unwrap();
    assert!(main.text(&line).unwrap().contains("Verwijzing voor het archief"));
    keeps(&main, "the archive");
    main.click(&line).unwrap();
    main.reads("BSN 123456782").unwrap();
    main.text("[data-proof='0'] summary").unwrap();
    keeps(&main, "a copy");

    let out = room.product.folder().join("bewaard");
    main.click("#save").unwrap();
    std::fs::create_dir(&out).unwrap();
    main.click("#folder-pick").unwrap();
    app.close(PICKER).unwrap();
    main.text("#folder-pick[aria-disabled='false']").unwrap();
    main.click("#folder-pick").unwrap();
    app.enter(PICKER, &out.display().to_string()).unwrap();
    guard::until("the folder that was picked", guard::PATIENCE, || {
        let there = main.script("return document.getElementById('folder').value", Vec::new());
        (there.ok()?.as_str() == out.to_str()).then_some(())
    })
    .unwrap();
    main.click("#save-now").unwrap();
    main.text("#saved").unwrap();
    keeps(&main, "a saved copy");
    let pdf = ending(&out, "pdf").expect("a PDF");
    let inside = out.join("erin");
    std::fs::create_dir(&inside).unwrap();
    let detached =
        Command::new("pdfdetach").args(["-saveall", "-o"]).arg(&inside).arg(&pdf).status().unwrap();
    assert!(detached.success());
    let original = room.product.cli(&["archive", "show", &id]).unwrap().must("show").unwrap();
    // Beside it the command says what the way guarantees.
    let found = String::from_utf8(std::fs::read(inside.join("bericht.eml")).unwrap()).unwrap();
    assert!(found.contains("multipart/signed") && original.contains(&found), "{original}");

    main.click("#save-close").unwrap();
    main.click("#remove").unwrap();
    main.reads("Deze kopie voorgoed verwijderen?").unwrap();
    keeps(&main, "before it is deleted");
    assert_eq!(copies(&room).len(), 1, "one act is not enough");
    main.click("#remove-now").unwrap();
    main.reads("De kopie is voorgoed verwijderd.").unwrap();
    assert!(copies(&room).is_empty());
    let gone = room.product.cli(&["archive", "show", &id]).unwrap();
    assert_ne!(gone.code, Some(0), "{}", gone.text);
    assert!(room.journal().contains("copy_destroyed"), "{}", room.journal());
}

#[test]
fn recovery_words_are_shown_once_and_bring_a_lost_keyring_back() {
    let room = Room::of("archief2@praktijk.test");
    let app = room.start();
    let main = app.window(Look::Main).unwrap();
    main.click("a[href='#settings']").unwrap();
    main.click("#open-recovery").unwrap();
    main.click("#recovery-make").unwrap();
    main.text("#recovery-written").unwrap();
    keeps(&main, "recovery words");
    let words = main.texts("ol li .code").unwrap();
    assert_eq!(words.len(), 18);
    assert!(room.product.data_dir().join("vault.recovery").exists());
    main.click("#recovery-written").unwrap();
    for n in 0..2 {
        let label = main.text(&format!("label[for=word-{n}]")).unwrap();
        let at: usize =
            label.trim_start_matches(|one: char| !one.is_ascii_digit()).parse().unwrap();
        main.fill(&format!("#word-{n}"), &words[at - 1]).unwrap();
    }
    main.click("#recovery-ready").unwrap();
    main.text("#recovery-done").unwrap();
    assert!(main.texts("ol li .code").unwrap().is_empty());
    // They are plain words: a few of them may stand in the sentences of the page.
    let read = main.all_text().unwrap();
    let seen = words.iter().filter(|word| read.split_whitespace().any(|one| one == *word)).count();
    assert!(seen < 6, "{seen}: {read}");
    drop(app);
    let restored =
        room.product.cli_with(&["archive", "restore", "--words-stdin"], words.join(" ").as_bytes());
    assert!(restored.unwrap().text.contains("opens again"));
}
