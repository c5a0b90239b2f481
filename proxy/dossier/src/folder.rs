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

/// Why the folder did not take the message. Nothing of it was written then.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// The folder is not there, or takes nothing.
    #[error(
        "the dossier folder {folder} cannot be written to ({source}); look whether it is there, and whether there is room"
    )]
    Unwritable {
        /// The folder.
        folder: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Something lies there under its name, and is left as it is.
    #[error("{place} lies there already, {}; remove it there, or have it filed by hand", .how.words().1)]
    LiesThere {
        /// What lies there.
        place: PathBuf,
        /// How it differs.
        how: Lies,
    },
}

/// How that which lies there under the message's name differs from what is offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lies {
    /// It is filed under something else.
    UnderAnother,
    /// It is another form of the message: not signed, perhaps.
    OtherForm,
    /// It has no description that can be read.
    Undescribed,
}

impl Lies {
    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::UnderAnother => (
                "onder een andere patiënt, schrijver, datum of soort",
                "under another patient, author, date or kind",
            ),
            Self::OtherForm => (
                "in een andere vorm (niet ondertekend, misschien)",
                "in another form (unsigned, perhaps)",
            ),
            Self::Undescribed => {
                ("zonder manifest.json dat te lezen is", "without a manifest.json that can be read")
            }
        }
    }
}

impl FolderError {
    /// Whether trying again helps by itself: not where something lies there.
    #[must_use]
    pub fn is_temporary(&self) -> bool {
        matches!(self, Self::Unwritable { .. })
    }

    /// The same sentence in Dutch.
    #[must_use]
    pub fn nl(&self) -> String {
        match self {
            Self::Unwritable { folder, source } => format!(
                "In de dossiermap {} kan niet worden geschreven ({source}); kijk of zij er is, en of er ruimte is.",
                folder.display()
            ),
            Self::LiesThere { place, how } => format!(
                "Het bericht staat er al ({}), {}; haal het daar weg, of laat het met de hand opnemen.",
                place.display(),
                how.words().0
            ),
        }
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
    /// Attachments that are no files here: they are in the original only.
    left_out: usize,
}

/// A file of the folder.
#[derive(Debug, Serialize)]
struct Entry {
    name: String,
    bytes: usize,
    sha256: String,
}

impl Entry {
    fn of(name: &str, bytes: &[u8]) -> Self {
        let sha256 = copies::hex(digest(&SHA256, bytes).as_ref());
        Self { name: name.to_owned(), bytes: bytes.len(), sha256 }
    }
}

/// Writes the message into a subfolder of this name, and answers its place. A message that was put
/// there before stays as it is; one that was put there without a patient gets the one that is confirmed now.
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
    let _alone = disk::alone();
    let place = folder.join(name);
    let failed = |source| FolderError::Unwritable { folder: folder.to_owned(), source };
    match fs::read(place.join(MANIFEST)) {
        Ok(known) => {
            return put_again(place, &known, papers, filing).map_err(|error| error.or(failed));
        }
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(error)),
        Err(_) if place.exists() => {
            return Err(FolderError::LiesThere { place, how: Lies::Undescribed });
        }
        Err(_) => {}
    }
    let aside = disk::aside(&place);
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

/// What lies there already, as its manifest has it.
fn put_again(
    place: PathBuf,
    known: &[u8],
    papers: &Papers<'_>,
    filing: Option<&Filing>,
) -> Result<PathBuf, Again> {
    let lies = |how| Again::Lies(FolderError::LiesThere { place: place.clone(), how });
    let known: Option<Value> = serde_json::from_slice(known).ok();
    let Some(known) = known.filter(|known| known["files"].is_array()) else {
        return Err(lies(Lies::Undescribed));
    };
    let form = known["identifier"] == papers.identifier();
    match (filing, &known["filing"]) {
        (_, there) if form && *there == json!(filing) => Ok(place),
        (_, there) if !there.is_null() && *there != json!(filing) => Err(lies(Lies::UnderAnother)),
        // Nobody filed it yet, and it is the same to the last byte.
        (Some(filing), _) if form => {
            add_filing(&place, known, papers, filing).map_err(Again::Failed)?;
            Ok(place)
        }
        _ => Err(lies(Lies::OtherForm)),
    }
}

/// Why what lies there is not what is offered.
enum Again {
    Lies(FolderError),
    Failed(io::Error),
}

impl Again {
    fn or(self, failed: impl FnOnce(io::Error) -> FolderError) -> FolderError {
        match self {
            Self::Lies(error) => error,
            Self::Failed(error) => failed(error),
        }
    }
}

/// The forms that need a patient, beside what lies there; the manifest last.
fn add_filing(
    place: &Path,
    mut manifest: Value,
    papers: &Papers<'_>,
    filing: &Filing,
) -> io::Result<()> {
    sweep(place)?;
    let forms = under_a_patient(papers, filing)?;
    for (name, bytes) in &forms {
        disk::replace(&place.join(name), bytes)?;
    }
    if let Some(files) = manifest["files"].as_array_mut() {
        files.extend(forms.iter().map(|(name, bytes)| json!(Entry::of(name, bytes))));
    }
    manifest["filing"] = json!(filing);
    disk::replace(&place.join(MANIFEST), &serde_json::to_vec_pretty(&manifest)?)
}

/// Takes away what killed attempts left in the message's own folder.
fn sweep(place: &Path) -> io::Result<()> {
    for entry in fs::read_dir(place)? {
        let entry = entry?;
        if disk::is_temporary(&entry.file_name().to_string_lossy()) {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

fn under_a_patient(
    papers: &Papers<'_>,
    filing: &Filing,
) -> io::Result<[(&'static str, Vec<u8>); 2]> {
    let parties = medvri::Parties::of_mail(papers);
    Ok([
        ("fhir.json", serde_json::to_vec_pretty(&fhir::bundle(papers, filing))?),
        ("medvri.edi", medvri::interchange(papers, filing, &parties)),
    ])
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
        files.push(Entry::of(name, bytes));
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
        for (name, bytes) in under_a_patient(papers, filing)? {
            put(name, &bytes)?;
        }
    }
    let manifest = Manifest {
        version: 1,
        identifier: papers.identifier(),
        message_id: papers.message_id(),
        subject: &papers.content.subject,
        made_at: now,
        filing,
        files,
        left_out: papers.content.left_out,
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
    let failed = |source| FolderError::Unwritable { folder: folder.to_owned(), source };
    match disk::create_alone(&place, &bytes) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            match fs::read(&place).is_ok_and(|known| known == bytes) {
                true => Ok(place),
                false => Err(FolderError::LiesThere { place, how: Lies::UnderAnother }),
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
    let failed = |source| FolderError::Unwritable { folder: folder.to_owned(), source };
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

const MANIFEST: &str = "manifest.json";
const ATTACHED: &str = "bijlagen";

#[cfg(test)]
#[path = "folder_tests.rs"]
mod tests;
