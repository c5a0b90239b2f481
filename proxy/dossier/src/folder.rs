//! One subfolder a message, whole or not there: written beside, synced, and renamed.
//!
//! ```text
//! 01J…/bericht.eml  bericht.pdf  bericht.xml  manifest.json
//!      bijlagen/…   the attachments, under names that every system takes
//!      fhir.json    medvri.edi      where a patient was confirmed
//! ```
//!
//! The name of the folder tells nothing of the patient; who reads it looks into `manifest.json`.

use std::collections::HashSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use aws_lc_rs::digest::{SHA256, digest};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};

use crate::{Filing, Papers, fhir, medvri};

/// Why the folder did not take the message. Nothing of it is there then.
#[derive(Debug, thiserror::Error)]
#[error(
    "the dossier folder {folder} cannot be written to ({source}); look whether it is there, and whether there is room"
)]
pub struct FolderError {
    /// The folder.
    pub folder: PathBuf,
    /// What the system said.
    pub source: io::Error,
}

impl FolderError {
    /// Whether trying again helps by itself: not where the message lies there under another patient.
    #[must_use]
    pub fn is_temporary(&self) -> bool {
        self.source.kind() != io::ErrorKind::AlreadyExists
    }

    /// The same sentence in Dutch.
    #[must_use]
    pub fn nl(&self) -> String {
        format!(
            "In de dossiermap {} kan niet worden geschreven ({}); kijk of zij er is, en of er ruimte is.",
            self.folder.display(),
            self.source
        )
    }
}

/// `manifest.json`: what is in the folder, and under what it is to be filed.
#[derive(Debug, Serialize)]
struct Manifest<'a> {
    /// Of this description.
    version: u8,
    /// By what the message is known everywhere.
    identifier: String,
    /// `mid:` of its Message-ID.
    message_id: Option<String>,
    subject: &'a str,
    made_at: Timestamp,
    /// `null` where no patient was confirmed.
    filing: Option<&'a Filing>,
    files: Vec<Entry>,
}

/// A file of the folder.
#[derive(Debug, Serialize)]
struct Entry {
    name: String,
    bytes: usize,
    sha256: String,
}

/// Writes the message into a subfolder of this name, and answers its place. A message that was put
/// there before stays as it is.
///
/// # Errors
/// [`FolderError`].
pub fn put(
    folder: &Path,
    name: &str,
    papers: &Papers<'_>,
    filing: Option<&Filing>,
    now: Timestamp,
) -> Result<PathBuf, FolderError> {
    let place = folder.join(name);
    let failed = |source| FolderError { folder: folder.to_owned(), source };
    if let Ok(known) = fs::read(place.join(MANIFEST)) {
        // Under another patient it is no second offer of the same.
        let known: Option<Value> = serde_json::from_slice(&known).ok();
        let same = known.is_some_and(|known| known["filing"] == json!(filing));
        if !same {
            return Err(failed(io::Error::new(io::ErrorKind::AlreadyExists, OTHERWISE)));
        }
        return Ok(place);
    }
    let aside = disk::temporary(&place);
    let done = write(&aside, papers, filing, now).and_then(|()| {
        fs::rename(&aside, &place)?;
        disk::sync_folder(&place)
    });
    if let Err(source) = done {
        let _ = fs::remove_dir_all(&aside);
        return Err(failed(source));
    }
    Ok(place)
}

fn write(
    place: &Path,
    papers: &Papers<'_>,
    filing: Option<&Filing>,
    now: Timestamp,
) -> io::Result<()> {
    if place.exists() {
        fs::remove_dir_all(place)?;
    }
    fs::create_dir(place)?;
    let mut files = Vec::new();
    let mut put = |name: &str, bytes: &[u8]| -> io::Result<()> {
        disk::create(&place.join(name), bytes)?;
        let sha256 = copies::hex(digest(&SHA256, bytes).as_ref());
        files.push(Entry { name: name.to_owned(), bytes: bytes.len(), sha256 });
        Ok(())
    };
    put("bericht.eml", papers.message.bytes())?;
    put("bericht.pdf", papers.pdf)?;
    put("bericht.xml", papers.xml)?;
    let attachments = &papers.content.attachments;
    if !attachments.is_empty() {
        fs::create_dir(place.join(ATTACHED))?;
        let mut taken = HashSet::new();
        for (attachment, number) in attachments.iter().zip(1..) {
            let otherwise = format!("bijlage-{number}");
            let name = free(&copies::names::safe(&attachment.name, &otherwise), &mut taken);
            put(&format!("{ATTACHED}/{name}"), &attachment.bytes)?;
        }
    }
    if let Some(filing) = filing {
        put("fhir.json", &serde_json::to_vec_pretty(&fhir::bundle(papers, filing))?)?;
        let parties = medvri::Parties::of_mail(papers);
        put("medvri.edi", &medvri::interchange(papers, filing, &parties))?;
    }
    let manifest = Manifest {
        version: 1,
        identifier: papers.identifier(),
        message_id: papers.message_id(),
        subject: &papers.content.subject,
        made_at: now,
        filing,
        files,
    };
    // Last, so that what has a manifest is whole.
    disk::create(&place.join(MANIFEST), &serde_json::to_vec_pretty(&manifest)?)?;
    disk::sync_folder(&place.join(MANIFEST))
}

/// Writes the message as one file `NAME.edi` of EDIFACT MEDVRI, and answers its place. The same file that
/// was put there before stays as it is.
///
/// # Errors
/// [`FolderError`].
pub fn put_medvri(
    folder: &Path,
    name: &str,
    papers: &Papers<'_>,
    filing: &Filing,
    parties: &medvri::Parties,
) -> Result<PathBuf, FolderError> {
    let place = folder.join(format!("{name}.edi"));
    let bytes = medvri::interchange(papers, filing, parties);
    let failed = |source| FolderError { folder: folder.to_owned(), source };
    match disk::create(&place, &bytes) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            match fs::read(&place).is_ok_and(|known| known == bytes) {
                true => Ok(place),
                false => Err(failed(io::Error::new(error.kind(), OTHERWISE))),
            }
        }
        Err(error) => Err(failed(error)),
        Ok(()) => Ok(place),
    }
}

/// Whether files can be written into the folder, whole or not at all: writes an empty one beside, gives
/// it its name, and takes it away.
///
/// # Errors
/// [`FolderError`].
pub fn try_out(folder: &Path) -> Result<(), FolderError> {
    let failed = |source| FolderError { folder: folder.to_owned(), source };
    let trial = disk::temporary(&folder.join("proef"));
    disk::create(&trial, b"").map_err(failed)?;
    fs::remove_file(&trial).map_err(failed)
}

/// A name that none before has, whatever their case: `a.pdf`, `a (2).pdf`.
fn free(name: &str, taken: &mut HashSet<String>) -> String {
    let mut number = 1;
    loop {
        let numbered = copies::names::numbered(name, number);
        if taken.insert(numbered.to_lowercase()) {
            return numbered;
        }
        number += 1;
    }
}

const OTHERWISE: &str = "it lies there already under another patient, or under none; remove it there, or have it filed by hand";
const MANIFEST: &str = "manifest.json";
const ATTACHED: &str = "bijlagen";

#[cfg(test)]
mod tests {
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
        let names: Vec<&str> = manifest["files"]
            .as_array()
            .unwrap()
            .iter()
            .map(|f| f["name"].as_str().unwrap())
            .collect();
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
    fn a_medvri_file_is_written_once_and_never_over_another() {
        let folder = tempfile::tempdir().unwrap();
        let kept = papers("Uitslag");
        let parties = medvri::Parties { sender: "1".to_owned(), receiver: "2".to_owned() };
        let put =
            |filing: &Filing| put_medvri(folder.path(), "01J", &kept.papers(), filing, &parties);
        let place = put(&filing()).unwrap();
        assert!(fs::read(&place).unwrap().starts_with(b"UNB+UNOA:1+1+2+"));
        assert_eq!(put(&filing()).unwrap(), place);
        let other = put(&Filing { author: "Iemand anders".to_owned(), ..filing() }).unwrap_err();
        assert!(!other.is_temporary(), "{other}");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
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
}
