//! Offers a held message to the record system: a folder that the record system reads (R-DET-3).
//!
//! One subfolder a message, written beside and renamed when whole, so that the record system never
//! sees half of it.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use copies::{About, Language, Source};
use jiff::Timestamp;
use mail::Message;
use vault::outbox::HeldId;
use worker::Workers;

/// Why the message could not be offered.
#[derive(Debug, thiserror::Error)]
pub enum DossierError {
    /// The folder cannot be written to.
    #[error("the dossier folder {folder} cannot be written to ({source}); check that it is there")]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A copy could not be made.
    #[error(transparent)]
    Copy(#[from] copies::CopyError),
}

/// Writes `bericht.eml`, `bericht.pdf` and `bericht.xml` and gives the folder. A message that was
/// offered before is left as it is. Blocks for as long as the worker sets the PDF.
pub fn offer(
    workers: &Workers,
    folder: &Path,
    id: HeldId,
    message: &Message,
    now: Timestamp,
) -> Result<PathBuf, DossierError> {
    let place = folder.join(id.to_string());
    if place.exists() {
        return Ok(place);
    }
    let failed = |source| DossierError::Folder { folder: folder.to_owned(), source };
    let about = About::new("Zorgzegel", now, Language::Dutch);
    let source = Source { message, about: &about };
    let pdf = workers.pdf(&source)?.bytes;
    let xml = copies::xml(&source)?;
    let unfinished = folder.join(format!(".{id}.tmp"));
    if unfinished.exists() {
        fs::remove_dir_all(&unfinished).map_err(failed)?;
    }
    fs::create_dir(&unfinished).map_err(failed)?;
    for (name, bytes) in [
        ("bericht.eml", message.bytes()),
        ("bericht.pdf", pdf.as_slice()),
        ("bericht.xml", xml.as_slice()),
    ] {
        write(&unfinished.join(name), bytes).map_err(failed)?;
    }
    fs::rename(&unfinished, &place).map_err(failed)?;
    Ok(place)
}

fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}
