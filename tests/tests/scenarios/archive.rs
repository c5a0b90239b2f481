//! What is kept: found, checked, destroyed, and brought back on another computer.

use serde_json::Value;
use tests::zorgzegel::Options;
use tests::{Session, Submission, World, Zorgzegel, guard, held_as};

use super::routes::{account, choose, hold_for, pending};

const HEALTH: &str = "From: arts@praktijk.test\r\nTo: collega@goed.test\r\nSubject: overdracht knie\r\n\
    MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\
    Content-Transfer-Encoding: 8bit\r\n\r\nBSN 123456782, dhr. Jansen, geb. 12-03-1956, meniscusscheur\r\n";

/// Sends a health mail the safe way, and gives the copy that is kept of it.
fn kept(product: &Zorgzegel, to: &str) -> Value {
    let to = &[to];
    let submission = Submission::through(product, to).unwrap();
    let said = submission.smtplib(HEALTH.as_bytes()).unwrap().text;
    let id = held_as(&said).unwrap_or_else(|| panic!("not held: {said}"));
    product.cli(&["choose", &id, "secure"]).unwrap().must("choose").unwrap();
    guard::until("the copy as sent", guard::PATIENCE, || {
        let said = product.cli(&["archive", "list", "--json"]).unwrap().must("list").unwrap();
        said.lines().next().map(|line| serde_json::from_str(line).unwrap())
    })
    .unwrap()
}

/// One copy in all its forms, and all of them with a list; what was there stays.
fn exports(product: &Zorgzegel, id: &str, shown: &str) {
    let folder = product.folder().join("eruit");
    std::fs::create_dir(&folder).unwrap();
    let out = folder.to_string_lossy().into_owned();
    let export = |more: &[&str]| {
        let all = [&["archive", "export", "--out", &out], more].concat();
        product.cli(&all).unwrap().must("export").unwrap()
    };
    export(&[id, "--pdf", "--xml"]);
    let said: Value = serde_json::from_str(&export(&[id, "--pdf", "--xml", "--json"])).unwrap();
    assert_eq!(said["files"].as_array().unwrap().len(), 3, "{said}");
    export(&["--all"]);
    let read = |folder: &std::path::Path| {
        let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        entries.collect::<Vec<_>>()
    };
    let (folders, files): (Vec<_>, Vec<_>) =
        read(&folder).into_iter().partition(|one| one.is_dir());
    for ending in ["eml", "pdf", "xml"] {
        let own = files.iter().filter(|file| file.extension().is_some_and(|own| own == ending));
        let own: Vec<_> = own.collect();
        assert_eq!(own.len(), 2, "nothing is overwritten: {files:?}");
        let name = own[0].file_name().unwrap().to_string_lossy();
        assert!(name.contains("overdracht knie"), "{name}");
    }
    let mail = files.iter().find(|file| file.extension().is_some_and(|own| own == "eml")).unwrap();
    let bytes = std::fs::read(mail).unwrap();
    assert!(bytes.len() > 500 && shown.as_bytes().ends_with(&bytes), "byte for byte");
    let [all] = &folders[..] else { panic!("one folder for all: {folders:?}") };
    let list = read(all).into_iter().find(|file| file.extension().is_some_and(|own| own == "csv"));
    let list = std::fs::read_to_string(list.unwrap()).unwrap();
    assert!(list.contains(id) && list.contains("overdracht knie"), "{list}");
}

#[test]
fn what_was_sent_is_found_by_a_word_and_a_lost_keyring_is_not_lost_mail() {
    let (world, session) = (World::shared(), Session::start().unwrap());
    let options =
        Options { address: "arts.archief@praktijk.test".to_owned(), ..Options::default() };
    let mut product = Zorgzegel::start(world, &session, options.clone()).unwrap();
    let copy = kept(&product, "collega.archief@goed.test");
    let id = copy["id"].as_str().unwrap();
    assert_eq!(copy["meta"]["direction"], "sent");
    assert_eq!(copy["meta"]["from"], "arts@praktijk.test");
    let search = |product: &Zorgzegel, words: &str| {
        let said = product.cli(&["archive", "search", words]).unwrap();
        (said.code, said.text)
    };
    let (code, text) = search(&product, "menis knie");
    assert!(code == Some(0) && text.contains(id), "{text}");
    assert_eq!(search(&product, "enkel").0, Some(1));
    let verified = product.cli(&["archive", "verify", "--json"]).unwrap().must("verify").unwrap();
    let verified: Value = serde_json::from_str(&verified).unwrap();
    assert_eq!(verified["journal_whole"], true, "{verified}");
    assert!(verified["copies"].as_u64() > Some(0) && verified["unsound"] == serde_json::json!([]));

    let words = product.cli(&["archive", "recovery-key"]).unwrap().must("recovery-key").unwrap();
    let words: Vec<&str> = words.lines().take(3).collect();
    product.stop();

    // Another computer: its keyring is empty, and all that there is are a copy of the folder and a sheet.
    let elsewhere = Session::start().unwrap();
    let new = Zorgzegel::blank(world, &elsewhere, options).unwrap();
    let old = product.data_dir().to_string_lossy().into_owned();
    let restore = ["archive", "restore", "--words-stdin", "--from", &old];
    let wrong = new.cli_with(&restore, words[..2].join("\n").as_bytes()).unwrap();
    assert!(wrong.code == Some(3) && wrong.text.contains("these are 12"), "{}", wrong.text);
    let done = new.cli_with(&restore, words.join("\n").as_bytes()).unwrap();
    assert_eq!(done.code, Some(0), "{}", done.text);
    let (code, text) = search(&new, "meniscusscheur");
    assert!(code == Some(0) && text.contains(id), "{text}");
    let shown = new.cli(&["archive", "show", id]).unwrap().must("show").unwrap();
    assert!(shown.contains("multipart/signed"), "{shown}");

    exports(&new, id, &shown);
    let expiring = new.cli(&["archive", "expiring", "--json"]).unwrap().must("expiring").unwrap();
    let nothing = "{\"going\":[],\"let_go_now\":null,\"over\":[]}\n";
    assert_eq!(expiring, nothing, "nothing goes where no years are given");

    let asked = new.cli(&["archive", "delete", id]).unwrap();
    assert!(asked.code == Some(1) && asked.text.contains("--yes"), "{}", asked.text);
    new.cli(&["archive", "delete", id, "--yes"]).unwrap().must("delete").unwrap();
    assert_eq!(search(&new, "meniscusscheur").0, Some(1));
    let verified = new.cli(&["archive", "verify"]).unwrap().must("verify").unwrap();
    assert!(verified.contains("copies: 0") && verified.contains("journal: whole"), "{verified}");
}

#[test]
fn of_a_mail_whose_copy_was_deleted_before_its_end_no_text_is_left() {
    let (world, session) = (World::shared(), Session::start().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let options = Options { dossier: Some(folder.path().to_owned()), ..account("tekst") };
    let mut product = Zorgzegel::start(world, &session, options).unwrap();
    let data = product.data_dir().join("bodies");
    let texts = || std::fs::read_dir(&data).unwrap().count();
    let id = hold_for(&product, &["tekst@goed.test", "tekst@verkeerdenaam.test"]);
    choose(&product, &id, &["secure"]);
    guard::until("one who has it, and one who has not", guard::PATIENCE, || {
        let all = pending(&product);
        let states: Vec<_> =
            all[0]["recipients"].as_array()?.iter().map(|to| &to["state"]).collect();
        (states == ["sent", "waiting"]).then_some(())
    })
    .unwrap();
    product.cli(&["archive", "delete", &id, "--yes"]).unwrap().must("delete").unwrap();
    product.restart().unwrap();
    assert!(pending(&product).len() == 1 && texts() > 0, "it waits for the other one");

    choose(&product, &id, &["withdraw"]);
    product.restart().unwrap();
    guard::until("the end of its text", guard::PATIENCE, || (texts() == 0).then_some(())).unwrap();
    let journal = product.cli(&["journal", "export"]).unwrap().must("journal").unwrap();
    assert!(journal.contains("\"kind\":\"discarded\""), "{journal}");
    let offered = product.cli(&["dossier", &id]).unwrap();
    assert!(offered.code == Some(1) && offered.text.contains("destroyed"), "{}", offered.text);
    assert!(pending(&product).is_empty());
}
