//! An archive on disk, handled as a person does.

use core::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use mail::{Address, Message};
use vault::archive::{ArchiveMeta, Direction, NewCopy};
use vault::{MemoryKeyring, VaultError};
use worker::Workers;

use super::*;

struct Place {
    folder: tempfile::TempDir,
    vault: Vault,
    settings: settings::Settings,
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn now() -> Timestamp {
    at("2026-11-26T10:00:00Z")
}

fn place(keep: &str) -> Place {
    let folder = tempfile::tempdir().unwrap();
    let vault = Vault::open(&folder.path().join("data"), Arc::new(MemoryKeyring::new())).unwrap();
    let text = format!(
        "[[account]]\naddress = \"jan@praktijk.nl\"\nsmtp = {{ host = \"mail.praktijk.nl\" }}\n{keep}"
    );
    let settings = settings::Settings::parse(&text, Path::new("zorgzegel.toml")).unwrap();
    Place { folder, vault, settings }
}

impl Place {
    fn keep(&self, when: &str, mail: &str) -> String {
        self.keep_with(when, mail, Vec::new())
    }

    fn keep_with(&self, when: &str, mail: &str, proofs: Vec<serde_json::Value>) -> String {
        let message = Message::new(mail.as_bytes().to_vec());
        let described = archive::describe(&message, settings::Search::Text);
        let meta = ArchiveMeta {
            account: Address::parse("jan@praktijk.nl").unwrap(),
            direction: Direction::Received,
            from: described.from.clone(),
            recipients: Vec::new(),
            subject: described.subject.clone(),
            sent_at: at(when),
            signed: false,
            attachments: described.attachments.clone(),
            proofs,
        };
        let copy = NewCopy { bytes: message.bytes(), meta: &meta, text: &described.text };
        self.vault.keep_received(copy, at(when)).unwrap().expect("kept").to_string()
    }

    fn out(&self) -> String {
        self.folder.path().join("bewaard").display().to_string()
    }

    fn save(&self, ids: &[&str], forms: Forms) -> Result<Saved, ShelfError> {
        let ids = Some(ids.iter().map(|id| (*id).to_owned()).collect());
        let saving = Saving { ids, folder: self.out(), forms };
        self.save_by(&absent(), &saving)
    }

    fn save_by(&self, workers: &Workers, saving: &Saving) -> Result<Saved, ShelfError> {
        save(&self.vault, &self.settings, workers, saving, now(), |_, _| ControlFlow::Continue(()))
    }

    fn everything(&self, forms: Forms) -> Saving {
        Saving { ids: None, folder: self.out(), forms }
    }

    /// Cuts the file of a copy short.
    fn damage(&self, id: &str) {
        let bodies = std::fs::read_dir(self.folder.path().join("data/bodies")).unwrap();
        let mut paths = bodies.map(|entry| entry.unwrap().path());
        let body = paths.find(|path| path.to_string_lossy().contains(id)).unwrap();
        std::fs::write(body, b"x").unwrap();
    }

    /// How often the journal says that a copy left the archive's encryption.
    fn written(&self) -> usize {
        let journal = format!("{:?}", self.vault.export_journal().unwrap());
        journal.matches("CopyWritten").count()
    }

    fn names(&self) -> Vec<String> {
        names_in(Path::new(&self.out()))
    }
}

fn names_in(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// No program that sets pages.
fn absent() -> Workers {
    Workers::new("/nowhere/zorgzegel-worker".into())
}

const EML: Forms = Forms { pdf: false, eml: true, xml: false };

const KNEE: &str = "From: Els <els@huis.nl>\r\nTo: jan@praktijk.nl\r\nSubject: Knie: 3/4?\r\n\
    MIME-Version: 1.0\r\nContent-Type: text/html\r\n\r\n\
    <p onclick=\"x()\">De <b>meniscus</b> is gescheurd.</p><script>alert(1)</script>\r\n";

#[test]
fn a_copy_is_found_by_the_beginning_of_a_word_and_by_who_and_when() {
    let place = place("");
    let knee = place.keep("2026-11-20T10:00:00Z", KNEE);
    place.keep("2026-01-01T10:00:00Z", "From: b@c.nl\r\nSubject: Heup\r\n\r\nkunstheup\r\n");
    let find = |wanted: Wanted| -> Vec<String> {
        let found = find(&place.vault, &wanted).unwrap();
        found.items.into_iter().map(|item| item.id).collect()
    };
    let by = |words: &str| Wanted { words: words.to_owned(), ..Wanted::default() };
    assert_eq!(find(Wanted::default()).len(), 2);
    for words in ["menis", "  MENISCUS gescheurd ", "els@huis.nl", "knie"] {
        assert_eq!(find(by(words)), [knee.as_str()], "{words}");
    }
    assert!(find(by("script")).is_empty(), "only what a reader reads");
    assert_eq!(find(Wanted { since: Some(at("2026-06-01T00:00:00Z")), ..by("") }), [knee.as_str()]);
    assert!(find(Wanted { direction: Some(Direction::Sent), ..by("") }).is_empty());
    let none = super::find(&place.vault, &Wanted { number: 7, ..by("galblaas") }).unwrap();
    assert_eq!((none.number, none.narrowed, none.next), (7, true, None));
    assert!(!super::find(&place.vault, &Wanted::default()).unwrap().narrowed);
}

#[test]
fn an_opened_copy_is_text_with_the_verdict_in_words() {
    let place = place("");
    let id = place.keep("2026-11-20T10:00:00Z", KNEE);
    let copy = open(&place.vault, &place.settings, &id, now()).unwrap();
    assert_eq!(
        (copy.from.as_str(), copy.to.as_slice()),
        ("Els <els@huis.nl>", &["jan@praktijk.nl".to_owned()][..])
    );
    assert_eq!(copy.text, "De meniscus is gescheurd.");
    assert_eq!(
        (copy.signature.word.as_str(), copy.signature.headline.as_str()),
        ("none", "Niet ondertekend.")
    );
    assert!(!format!("{copy:?}").contains("meniscus"));
    for id in ["01ARZ3NDEKTSV4RRFFQ69G5FAV", "geen id"] {
        assert!(matches!(open(&place.vault, &place.settings, id, now()), Err(ShelfError::Gone)));
    }
}

#[test]
fn the_verdict_with_which_a_mail_came_in_is_told_in_words() {
    let place = place("");
    let verdict = serde_json::json!({
        "verdict": "fail", "receipt": { "at": "2026-11-20T09:58:00Z", "by": "provider" },
        "reasons": [{ "code": "changed", "nl": "De inhoud is veranderd.", "en": "It was changed." }],
    });
    let id = place.keep_with("2026-11-20T10:00:00Z", KNEE, vec![verdict]);
    let copy = open(&place.vault, &place.settings, &id, now()).unwrap();
    let told: Vec<&str> = copy.proof[0].iter().map(|fact| fact.value.as_str()).collect();
    assert_eq!(told, ["20 november 2026 om 10:58", "De inhoud is veranderd."]);
}

#[test]
fn a_long_text_is_cut_and_that_is_said() {
    let place = place("");
    let body = "é regel\r\n".repeat(20_000);
    let id = place.keep(
        "2026-11-20T10:00:00Z",
        &format!("Subject: Lang\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{body}"),
    );
    let copy = open(&place.vault, &place.settings, &id, now()).unwrap();
    assert!(copy.cut && copy.text.chars().count() == 100_000);
}

#[test]
fn what_is_saved_is_byte_for_byte_under_a_name_that_every_system_takes_and_replaces_nothing() {
    let place = place("");
    let id = place.keep("2026-11-20T10:00:00Z", KNEE);
    let saved = place.save(&[&id], Forms { xml: true, ..EML }).unwrap();
    assert_eq!((saved.copies, saved.plainer, saved.folder), (1, 0, place.out()));
    place.save(&[&id], EML).unwrap();
    assert_eq!(
        place.names(),
        ["2026-11-20 Knie_ 3_4_ (2).eml", "2026-11-20 Knie_ 3_4_.eml", "2026-11-20 Knie_ 3_4_.xml"]
    );
    let written = Path::new(&place.out()).join("2026-11-20 Knie_ 3_4_.eml");
    assert_eq!(std::fs::read(written).unwrap(), KNEE.as_bytes());
    let journal = format!("{:?}", place.vault.export_journal().unwrap());
    assert!(journal.contains("xml") && journal.contains("CopyWritten"), "{journal}");
}

#[test]
fn what_cannot_be_saved_is_said_and_leaves_nothing() {
    let place = place("");
    let id = place.keep("2026-11-20T10:00:00Z", KNEE);
    let none = Forms { pdf: false, eml: false, xml: false };
    assert!(matches!(place.save(&[&id], none), Err(ShelfError::NoForm)));
    let saving = Saving { ids: Some(vec![id]), folder: "bewaard".to_owned(), forms: EML };
    assert!(matches!(place.save_by(&absent(), &saving), Err(ShelfError::Relative)));
    assert!(matches!(place.save(&["01ARZ3NDEKTSV4RRFFQ69G5FAV"], EML), Err(ShelfError::Gone)));
    assert!(!Path::new(&place.out()).exists() || place.names().is_empty());
}

#[test]
fn where_no_pdf_can_be_made_the_message_itself_is_there_and_that_is_said() {
    let place = place("");
    let id = place.keep("2026-11-20T10:00:00Z", KNEE);
    let saved = place.save(&[&id], Forms { pdf: true, eml: false, xml: true }).unwrap();
    assert_eq!(place.names(), ["2026-11-20 Knie_ 3_4_.eml", "2026-11-20 Knie_ 3_4_.xml"]);
    assert_eq!((saved.copies, saved.lacks, saved.end == End::Whole), (1, 1, true));
    let lacking = &saved.lacking[0];
    assert_eq!((lacking.name.as_str(), lacking.there), ("2026-11-20 Knie_ 3_4_", There::Message));
    assert!(lacking.why.contains("PDF kan niet worden gemaakt"), "{}", lacking.why);
    assert!(!format!("{saved:?}").contains("Knie"));
    let journal = format!("{:?}", place.vault.export_journal().unwrap());
    assert!(journal.contains("xml+eml"), "only what was written: {journal}");
}

#[test]
fn everything_goes_into_a_folder_of_its_own_with_a_list_and_what_is_broken_is_named() {
    let place = place("");
    let knee = place.keep("2026-11-20T10:00:00Z", KNEE);
    let hip = place.keep("2026-11-21T10:00:00Z", "Subject: Heup\r\n\r\nx\r\n");
    place.damage(&hip);
    let mut told = Vec::new();
    let all = place.everything(EML);
    let saved = save(&place.vault, &place.settings, &absent(), &all, now(), |done, of| {
        told.push((done, of));
        ControlFlow::Continue(())
    })
    .unwrap();
    assert_eq!((saved.copies, saved.lacks, saved.end == End::Whole), (1, 1, true));
    let lacking = &saved.lacking[0];
    assert_eq!((lacking.id.as_str(), lacking.there), (hip.as_str(), There::Nothing));
    assert!(lacking.name == "2026-11-21 Heup" && lacking.why.contains("beschadigd"));
    assert_eq!(told, [(0, 2), (1, 2)]);
    let folder = Path::new(&saved.folder);
    let knee_file = format!("2026-11-20 Knie_ 3_4_ {knee}.eml");
    assert_eq!(names_in(folder), [&knee_file, "archief.csv", "onvolledig.csv"]);
    let read = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap();
    let (list, lacks) = (read("archief.csv"), read("onvolledig.csv"));
    assert!(list.contains(&knee) && list.lines().count() == 2, "{list}");
    assert!(lacks.contains(&hip) && lacks.lines().count() == 2, "{lacks}");

    let stop = |_, _| ControlFlow::Break(());
    let all = save(&place.vault, &place.settings, &absent(), &all, now(), stop).unwrap();
    assert!(all.end == End::Stopped && all.copies == 0);
    assert_ne!(all.folder, saved.folder, "nothing is mixed with what was saved before");
}

/// A program that sets every message on pages but those that say "kapot".
#[cfg(unix)]
fn picky(place: &Place) -> Workers {
    let program = place.folder.path().join("worker");
    let lines = r#"#!/bin/sh
        if /bin/grep -qa kapot; then exit 1; fi
        printf '{"pdf":{"size":14}}\n%%PDF-1.7\n%%%%EOF'
        "#;
    // By another process: a child that is begun meanwhile has this one's files open, and what is open for writing
    // cannot be run.
    let write = r#"printf %s "$1" >"$0" && chmod 700 "$0""#;
    let mut sh = std::process::Command::new("/bin/sh");
    assert!(sh.args(["-c", write]).arg(&program).arg(lines).status().unwrap().success());
    Workers::new(program)
}

#[cfg(unix)]
#[test]
fn one_message_that_cannot_be_set_on_pages_does_not_end_the_saving_of_the_others() {
    let place = place("");
    for (day, body) in [(20, "eerste"), (21, "kapot"), (22, "laatste")] {
        let mail = format!("Subject: {body}\r\n\r\n{body}\r\n");
        place.keep(&format!("2026-11-{day}T10:00:00Z"), &mail);
    }
    let forms = Forms { pdf: true, eml: false, xml: false };
    let saved = place.save_by(&picky(&place), &place.everything(forms)).unwrap();
    assert_eq!((saved.copies, saved.lacks, saved.end == End::Whole), (3, 1, true));
    assert_eq!(saved.lacking[0].name, "2026-11-21 kapot");
    let names = names_in(Path::new(&saved.folder));
    let ending = |name: &String| name.rsplit('.').next().unwrap().to_owned();
    let endings: Vec<String> = names.iter().map(ending).collect();
    assert_eq!(endings, ["pdf", "eml", "pdf", "csv", "csv"], "{names:?}");
    let list = std::fs::read_to_string(Path::new(&saved.folder).join("archief.csv")).unwrap();
    assert_eq!(list.lines().count(), 4, "{list}");
}

#[cfg(unix)]
#[test]
fn a_copy_in_hand_is_the_saved_pdf_under_its_name_for_this_user_alone_and_goes_with_the_hand() {
    use std::os::unix::fs::PermissionsExt;
    let place = place("");
    let id = place.keep("2026-11-20T10:00:00Z", KNEE);
    let (data, memory) = (place.folder.path().join("data"), place.folder.path().join("run"));
    std::fs::create_dir(&memory).unwrap();
    let mode = |folder: &Path| std::fs::metadata(folder).unwrap().permissions().mode() & 0o777;
    let take = |hand: &Hand| {
        hand.take_up(&place.vault, &place.settings, &picky(&place), &id, now()).unwrap()
    };
    std::fs::set_permissions(&memory, std::fs::Permissions::from_mode(0o755)).unwrap();
    let shared = take(&Hand::of(Some(&memory), &data));
    assert!(shared.file().starts_with(data.join("drag")), "others look into that memory");
    assert_eq!(mode(&data.join("drag")), 0o700);

    std::fs::set_permissions(&memory, std::fs::Permissions::from_mode(0o700)).unwrap();
    let hand = Hand::of(Some(&memory), &data);
    let (one, two) = (take(&hand), take(&hand));
    for copy in [&one, &two] {
        assert!(copy.file().starts_with(&memory), "{:?}", copy.file());
        assert_eq!(copy.file().file_name().unwrap(), "2026-11-20 Knie_ 3_4_.pdf");
        assert!(std::fs::read(copy.file()).unwrap().starts_with(b"%PDF-1.7"));
    }
    assert_eq!(mode(&memory.join("zorgzegel-drag")), 0o700);
    let first = one.file().to_owned();
    drop(one);
    assert!(!first.exists() && two.file().exists(), "each has a folder of its own");
    hand.clear();
    assert!(names_in(&memory).is_empty() && !shared.file().exists());
    assert_eq!(place.written(), 3, "each left the encryption");
}

#[cfg(unix)]
#[test]
fn what_cannot_be_taken_in_hand_is_said_and_leaves_no_file() {
    let place = place("");
    let data = place.folder.path().join("data");
    let broken = place.keep("2026-11-20T10:00:00Z", "Subject: kapot\r\n\r\nkapot\r\n");
    let good = place.keep("2026-11-21T10:00:00Z", KNEE);
    let gone = place.keep("2026-11-22T10:00:00Z", "Subject: weg\r\n\r\nweg\r\n");
    destroy(&place.vault, std::slice::from_ref(&gone), now()).unwrap();
    let take = |hand: &Hand, id: &str| {
        hand.take_up(&place.vault, &place.settings, &picky(&place), id, now()).unwrap_err()
    };
    let hand = Hand::of(None, &data);
    assert!(matches!(take(&hand, &gone), ShelfError::Gone));
    assert!(matches!(take(&hand, "niets"), ShelfError::Gone));
    assert!(matches!(take(&hand, &broken), ShelfError::Copy(_)));
    assert!(!data.join("drag").exists());
    // A file stands where the folder would.
    let nowhere = Hand::of(None, &place.folder.path().join("worker"));
    let said = take(&nowhere, &good);
    assert!(said.nl().contains("‘Bewaar als…’"), "{}", said.nl());
    assert!(said.to_string().contains("Save as…"), "{said}");
    assert_eq!(place.written(), 0);
}

#[cfg(unix)]
#[test]
fn where_the_folder_takes_no_more_what_was_saved_is_told_with_the_reason() {
    let place = place("");
    place.keep("2026-11-20T10:00:00Z", KNEE);
    place.keep("2026-11-21T10:00:00Z", "Subject: Heup\r\n\r\nx\r\n");
    let all = place.everything(EML);
    let out = place.out();
    let gone = |done, _| {
        if done == 1 {
            // As a stick that is pulled out.
            std::fs::rename(&out, format!("{out} weg")).unwrap();
        }
        ControlFlow::Continue(())
    };
    let saved = save(&place.vault, &place.settings, &absent(), &all, now(), gone).unwrap();
    assert_eq!(saved.copies, 1);
    let End::Broke { why } = &saved.end else { panic!("it went on") };
    assert!(why.contains("is er niet (meer)"), "{why}");
    let first = save(&place.vault, &place.settings, &absent(), &all, now(), |_, _| {
        let folder = std::fs::read_dir(place.out()).unwrap().next().unwrap().unwrap().path();
        std::fs::remove_dir(folder).unwrap();
        ControlFlow::Continue(())
    });
    assert!(matches!(first, Err(ShelfError::Folder { .. })), "nothing was saved at all");
    assert!(place.names().is_empty());
}

#[test]
fn what_is_destroyed_is_gone_from_list_search_and_disk() {
    let place = place("");
    let id = place.keep("2026-11-20T10:00:00Z", KNEE);
    assert_eq!(destroy(&place.vault, std::slice::from_ref(&id), now()).unwrap(), 1);
    place.vault.purge_words().unwrap();
    assert!(find(&place.vault, &Wanted::default()).unwrap().items.is_empty());
    assert!(matches!(open(&place.vault, &place.settings, &id, now()), Err(ShelfError::Gone)));
    let read = place.vault.read_copy(id.parse().unwrap());
    assert!(matches!(read, Err(VaultError::UnknownMessage { .. })));
}

#[test]
fn only_what_was_shown_is_let_go() {
    let place = place("keep_years = 10\n");
    place.keep("2010-01-01T00:00:00Z", "Subject: Oud\r\n\r\nx\r\n");
    place.keep("2016-12-01T00:00:00Z", "Subject: Bijna\r\n\r\nx\r\n");
    let shown = now();
    let over = leaving(&place.vault, &place.settings, shown).unwrap();
    assert_eq!((over.len(), over[0].copies), (1, 1));
    assert_eq!(
        (over[0].from.as_str(), over[0].to.as_str()),
        ("2010-01-01T00:00:00Z", "2010-01-01T00:00:00Z")
    );
    let later = at("2026-12-24T10:00:00Z");
    assert_eq!(agree(&place.vault, &place.settings, shown, later).unwrap(), 1);
    let left = leaving(&place.vault, &place.settings, later).unwrap();
    assert_eq!(left[0].from, "2016-12-01T00:00:00Z", "it came to it after it was shown");
}

#[test]
fn words_of_a_recovery_key_are_given_once_and_never_printed() {
    let place = place("");
    let first = recovery_words(&place.vault, now()).unwrap();
    assert_eq!((first.made, first.words.len()), (false, 18));
    assert!(!format!("{first:?}").contains(&first.words[0]));
    assert!(recovery_words(&place.vault, now()).unwrap().made);
}

#[test]
fn words_that_nobody_typed_back_are_told_as_not_looked_at_and_new_words_anew() {
    let place = place("");
    let stands = || (recovery(&place.vault).made, recovery(&place.vault).checked);
    assert_eq!(stands(), (false, false));
    assert!(recovery_was_checked(&place.vault).is_err(), "there is nothing to be checked");
    recovery_words(&place.vault, now()).unwrap();
    assert_eq!(stands(), (true, false));
    recovery_was_checked(&place.vault).unwrap();
    assert_eq!(stands(), (true, true));
    assert!(!recovery_words(&place.vault, now()).unwrap().checked);
    assert_eq!(stands(), (true, false), "those that were checked are void");
}
