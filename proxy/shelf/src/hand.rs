//! A copy in a person's hand: dragged out of a window to a place that nobody knows yet (R-KEEP-1).
//!
//! Whoever it is dropped on is told the name of a file and reads it later, by itself. So the file is there before, in
//! a folder that is this user's alone, and goes with its [`InHand`]: however the drag ends, what is left of it is what
//! somebody took.

use core::ops::ControlFlow;
use std::path::{Path, PathBuf};

use copies::CopyError;
use jiff::Timestamp;
use settings::Settings;
use vault::Vault;
use vault::archive::ArchiveId;
use worker::Workers;

use crate::folder::Folder;
use crate::open::kept;
use crate::press::Press;
use crate::save::{stem, written};
use crate::{Forms, ShelfError};

/// Where copies lie while they are dragged.
#[derive(Debug, Clone)]
pub struct Hand {
    /// The best first; a full one is passed over.
    places: Vec<PathBuf>,
}

/// A copy that is dragged, as a file. The file goes when this does.
#[derive(Debug)]
pub struct InHand {
    folder: PathBuf,
    file: PathBuf,
}

impl Hand {
    /// In `memory` where the system has a folder there for this user's running programs, or else with the
    /// data. Nothing is made yet.
    #[must_use]
    pub fn of(memory: Option<&Path>, data_dir: &Path) -> Self {
        let memory = memory.filter(|place| matches!(disk::is_open_to_others(place), Ok(false)));
        let memory = memory.map(|place| place.join("zorgzegel-drag"));
        Self { places: memory.into_iter().chain([data_dir.join("drag")]).collect() }
    }

    /// Makes the PDF of a copy, under the name that it has when it is saved, and notes so in the journal.
    ///
    /// # Errors
    /// [`ShelfError`]; then no file is there.
    pub fn take_up(
        &self,
        vault: &Vault,
        settings: &Settings,
        workers: &Workers,
        id: &str,
        now: Timestamp,
    ) -> Result<InHand, ShelfError> {
        let press = Press::new(vault, settings, workers, PDF, now)?;
        let copy = kept(vault, id)?;
        let message = vault.read_copy(copy.id)?;
        // Whoever keeps a button pressed does not wait until others' copies are made.
        let made = press.make(&copy, &message, &mut || ControlFlow::Break(()));
        let ControlFlow::Continue(mut pressed) = made else { return Err(CopyError::Busy.into()) };
        if let Some(lacks) = pressed.lacks.take() {
            return Err(lacks);
        }
        let taken = self.put(copy.id, &stem(&copy), &pressed.files)?;
        press.note(copy.id, &pressed)?;
        Ok(taken)
    }

    /// Removes what lies there still: what a crash left, and at the end everything.
    pub fn clear(&self) {
        for place in &self.places {
            // What cannot be removed now, since somebody reads it, goes the next time.
            let _ = std::fs::remove_dir_all(place);
        }
    }

    fn put(
        &self,
        id: ArchiveId,
        name: &str,
        files: &[(&'static str, Vec<u8>)],
    ) -> Result<InHand, ShelfError> {
        let mut last = ShelfError::Gone;
        for place in &self.places {
            match put_in(place, id, name, files) {
                Ok(taken) => return Ok(taken),
                Err(error) => last = error,
            }
        }
        Err(ShelfError::Hand { nl: last.nl(), en: last.to_string() })
    }
}

/// Each copy has a folder of its own, so that none needs a number behind its name.
fn put_in(
    place: &Path,
    id: ArchiveId,
    name: &str,
    files: &[(&'static str, Vec<u8>)],
) -> Result<InHand, ShelfError> {
    // Where it cannot be made the next step says why, in words.
    let _ = disk::create_private_folder(place);
    let own = Folder::open(place)?.new_inside("1")?;
    let folder = own.path().to_owned();
    let mut taken = InHand::of(folder.clone(), folder);
    taken.file = written(&own, id, name, files)?.pop().unwrap_or_default();
    Ok(taken)
}

impl InHand {
    /// A file in a folder that has nothing else; both go with it.
    #[must_use]
    pub fn of(folder: PathBuf, file: PathBuf) -> Self {
        Self { folder, file }
    }

    /// The file, from its beginning.
    #[must_use]
    pub fn file(&self) -> &Path {
        &self.file
    }
}

impl Drop for InHand {
    fn drop(&mut self) {
        // Where it does not go, since somebody reads it, it goes at the end: see `Hand::clear`.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

const PDF: Forms = Forms { pdf: true, eml: false, xml: false };
