//! What lies in a folder, after whatever happened.

use super::*;
use crate::tests::{filing, papers};

#[test]
fn the_folder_has_every_form_and_a_manifest_whose_hashes_hold() {
    let folder = tempfile::tempdir().unwrap();
    let (kept, now) = (papers("Uitslag"), Timestamp::UNIX_EPOCH);
    let place = put(folder.path(), "01J", &kept.papers(), Some(&filing()), now).unwrap();
    let text = fs::read_to_string(place.join("manifest.json")).unwrap();
    let manifest: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(manifest["filing"]["patient"]["bsn"], "123456782");
    let names: Vec<&str> =
        manifest["files"].as_array().unwrap().iter().map(|f| f["name"].as_str().unwrap()).collect();
    assert_eq!(
        names,
        [
            "bericht.eml",
            "bericht.pdf",
            "bericht.xml",
            "bijlagen/uitslag.txt",
            "bijlagen/Uitslag (2).txt",
            "fhir.json",
            "medvri.edi"
        ]
    );
    for file in manifest["files"].as_array().unwrap() {
        let bytes = fs::read(place.join(file["name"].as_str().unwrap())).unwrap();
        assert_eq!(file["sha256"], copies::hex(digest(&SHA256, &bytes).as_ref()));
    }
    let again = put(folder.path(), "01J", &kept.papers(), Some(&filing()), now).unwrap();
    assert_eq!(again, place);
    let other = put(folder.path(), "01J", &kept.papers(), None, now).unwrap_err();
    assert!(other.to_string().contains("under another patient"));
    assert!(other.nl().contains("onder een andere patiënt") && !other.nl().contains("under"));
    assert_eq!(fs::read_to_string(place.join("manifest.json")).unwrap(), text, "left as it is");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn without_a_confirmed_patient_nothing_is_filed_under_one() {
    let folder = tempfile::tempdir().unwrap();
    let kept = papers("Uitslag");
    let place = put(folder.path(), "01J", &kept.papers(), None, Timestamp::UNIX_EPOCH).unwrap();
    assert!(!place.join("fhir.json").exists() && !place.join("medvri.edi").exists());
    let text = fs::read_to_string(place.join("manifest.json")).unwrap();
    assert!(serde_json::from_str::<Value>(&text).unwrap()["filing"].is_null());
}

#[test]
fn what_was_left_without_a_patient_gets_the_one_that_is_confirmed_later() {
    let folder = tempfile::tempdir().unwrap();
    let (kept, now) = (papers("Uitslag"), Timestamp::UNIX_EPOCH);
    let put = |filing: Option<&Filing>| put(folder.path(), "01J", &kept.papers(), filing, now);
    let place = put(None).unwrap();
    let before = fs::read(place.join("bericht.eml")).unwrap();
    for _ in 0..2 {
        assert_eq!(put(Some(&filing())).unwrap(), place, "and once more it lies there");
    }
    let text = fs::read(place.join("manifest.json")).unwrap();
    let manifest: Value = serde_json::from_slice(&text).unwrap();
    assert_eq!(manifest["filing"]["patient"]["bsn"], "123456782");
    let files = manifest["files"].as_array().unwrap();
    assert_eq!(files.len(), 7);
    for file in files {
        let bytes = fs::read(place.join(file["name"].as_str().unwrap())).unwrap();
        assert_eq!(file["sha256"], copies::hex(digest(&SHA256, &bytes).as_ref()));
    }
    assert_eq!(fs::read(place.join("bericht.eml")).unwrap(), before);
    assert_eq!(fs::read_dir(&place).unwrap().count(), 7, "six files and a folder");
}

#[test]
fn another_form_or_a_folder_without_a_description_is_not_taken_for_the_message() {
    let folder = tempfile::tempdir().unwrap();
    let now = Timestamp::UNIX_EPOCH;
    let (kept, mut signed) = (papers("Uitslag"), papers("Uitslag"));
    signed.message = mail::Message::new([signed.message.bytes(), b"signed"].concat());
    let put = |kept: &crate::tests::Kept, filing: Option<&Filing>| {
        put(folder.path(), "01J", &kept.papers(), filing, now)
    };
    let how = |found: Result<PathBuf, FolderError>| match found.unwrap_err() {
        FolderError::LiesThere { how, .. } => how,
        error => panic!("{error}"),
    };
    let place = put(&kept, None).unwrap();
    for filing in [None, Some(&filing())] {
        assert_eq!(how(put(&signed, filing)), Lies::OtherForm);
    }
    put(&kept, Some(&filing())).unwrap();
    assert_eq!(how(put(&signed, Some(&filing()))), Lies::OtherForm);
    fs::write(place.join("manifest.json"), "{}").unwrap();
    assert_eq!(how(put(&kept, None)), Lies::Undescribed);
    fs::remove_file(place.join("manifest.json")).unwrap();
    assert_eq!(how(put(&kept, None)), Lies::Undescribed);
    assert!(!put(&kept, None).unwrap_err().is_temporary());
}

#[test]
fn a_medvri_file_is_written_once_and_never_over_another() {
    let folder = tempfile::tempdir().unwrap();
    let kept = papers("Uitslag");
    let parties = medvri::Parties { sender: "1".to_owned(), receiver: "2".to_owned() };
    let put = |filing: &Filing| put_medvri(folder.path(), "01J", &kept.papers(), filing, &parties);
    let place = put(&filing()).unwrap();
    assert!(fs::read(&place).unwrap().starts_with(b"UNB+UNOA:1+1+2+"));
    assert_eq!(put(&filing()).unwrap(), place);
    let other = put(&Filing { author: "Iemand anders".to_owned(), ..filing() }).unwrap_err();
    assert!(!other.is_temporary(), "{other}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn what_a_killed_attempt_left_is_gone_after_the_next_of_the_same_message() {
    let folder = tempfile::tempdir().unwrap();
    let (kept, now) = (papers("Uitslag"), Timestamp::UNIX_EPOCH);
    let put = |filing: Option<&Filing>| put(folder.path(), "01J", &kept.papers(), filing, now);
    let names = |folder: &Path| {
        let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
        entries.map(|name| name.into_string().unwrap()).collect::<Vec<_>>()
    };
    let left = disk::aside(&folder.path().join("01J"));
    fs::create_dir_all(left.join(ATTACHED)).unwrap();
    fs::write(left.join("bericht.eml"), "half of").unwrap();
    fs::write(left.join(ATTACHED).join("uitslag.txt"), "half of").unwrap();
    let place = put(None).unwrap();
    assert_eq!(names(folder.path()), ["01J"]);
    // One that was killed while the patient was added to it.
    fs::write(place.join(".tmp-4711-fhir.json"), "half of").unwrap();
    put(Some(&filing())).unwrap();
    assert!(!names(&place).iter().any(|name| disk::is_temporary(name)), "{:?}", names(&place));
    let parties = medvri::Parties::of_mail(&kept.papers());
    fs::write(disk::aside(&folder.path().join("01J.edi")), "half of").unwrap();
    put_medvri(folder.path(), "01J", &kept.papers(), &filing(), &parties).unwrap();
    assert_eq!(names(folder.path()).len(), 2, "{:?}", names(folder.path()));
}

#[test]
fn attachments_that_are_in_the_original_only_are_counted_in_the_manifest() {
    let folder = tempfile::tempdir().unwrap();
    let mut kept = papers("Uitslag");
    kept.content.left_out = 3;
    let place = put(folder.path(), "01J", &kept.papers(), None, Timestamp::UNIX_EPOCH).unwrap();
    let text = fs::read(place.join(MANIFEST)).unwrap();
    let manifest: Value = serde_json::from_slice(&text).unwrap();
    assert_eq!(manifest["left_out"], 3);
}

#[test]
fn a_folder_is_tried_without_leaving_anything() {
    let folder = tempfile::tempdir().unwrap();
    try_out(folder.path()).unwrap();
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    assert!(try_out(&folder.path().join("gone")).unwrap_err().is_temporary());
}

#[test]
fn a_folder_that_is_gone_is_said_and_nothing_is_left() {
    let folder = tempfile::tempdir().unwrap();
    let gone = folder.path().join("gone");
    let kept = papers("x");
    let error = put(&gone, "01J", &kept.papers(), None, Timestamp::UNIX_EPOCH).unwrap_err();
    assert!(error.to_string().contains("gone") && error.nl().contains("gone"));
    assert!(!gone.exists());
}
