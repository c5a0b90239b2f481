//! Files that are written for a person: whole under a name that is free, or not there.

use std::io;
use std::path::{Path, PathBuf};

use copies::names;

use crate::ShelfError;

/// The folder that copies go to.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
}

impl Folder {
    /// Makes the folder where it is not there.
    ///
    /// # Errors
    /// [`ShelfError::Folder`].
    pub fn open(path: &Path) -> Result<Self, ShelfError> {
        // A whole path lets Windows take more than 260 characters.
        let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        std::fs::create_dir_all(&path).map_err(|error| failed(&path, &error))?;
        Ok(Self { path })
    }

    /// A new folder in this one, of this name or with a number behind it.
    ///
    /// # Errors
    /// [`ShelfError::Folder`].
    pub fn new_inside(&self, name: &str) -> Result<Self, ShelfError> {
        for number in 1..NUMBERS {
            let name = if number == 1 { name.to_owned() } else { format!("{name} ({number})") };
            let path = self.path.join(name);
            match std::fs::create_dir(&path) {
                Ok(()) => return Ok(Self { path }),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(failed(&path, &error)),
            }
        }
        Err(self.too_many())
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes files of one stem under the first number that is free for all of them, each whole or not at
    /// all; gives their places. Files that were written before one failed are taken back.
    ///
    /// # Errors
    /// [`ShelfError::Folder`].
    pub fn write(&self, stem: &str, files: &[(&str, Vec<u8>)]) -> Result<Vec<PathBuf>, ShelfError> {
        for number in 1..NUMBERS {
            let path =
                |ending: &str| self.path.join(names::numbered(&format!("{stem}.{ending}"), number));
            if files.iter().any(|(ending, _)| path(ending).symlink_metadata().is_ok()) {
                continue;
            }
            let mut written: Vec<PathBuf> = Vec::new();
            let mut trouble = None;
            for (ending, bytes) in files {
                let path = path(ending);
                match disk::create(&path, bytes) {
                    Ok(()) => written.push(path),
                    Err(error) => {
                        trouble = Some((path, error));
                        break;
                    }
                }
            }
            let Some((path, error)) = trouble else {
                return Ok(written);
            };
            for path in &written {
                // Best done, and no reason to hide what went wrong first.
                let _ = std::fs::remove_file(path);
            }
            // Somebody else took the name meanwhile: the next number.
            if error.kind() != io::ErrorKind::AlreadyExists {
                return Err(failed(&path, &error));
            }
        }
        Err(self.too_many())
    }

    fn too_many(&self) -> ShelfError {
        let path = self.path.display();
        ShelfError::Folder {
            nl: format!("In {path} staan te veel bestanden met deze naam; kies een andere map."),
            en: format!("{path} has too many files of this name; choose another folder"),
        }
    }
}

fn failed(path: &Path, error: &io::Error) -> ShelfError {
    let (nl, en) = match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => (
            "de schijf is vol. Maak ruimte, of kies een andere map",
            "the disk is full; make room, or choose another folder",
        ),
        io::ErrorKind::NotFound => (
            "de map is er niet (meer). Kijk of de schijf of het netwerk er is, of kies een andere map",
            "the folder is not there (any more); look whether the disk or network is, or choose another folder",
        ),
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => (
            "hier mag u niet schrijven. Kies een andere map",
            "you may not write here; choose another folder",
        ),
        io::ErrorKind::NotADirectory | io::ErrorKind::AlreadyExists => {
            ("dit is geen map. Kies een andere", "this is no folder; choose another")
        }
        io::ErrorKind::InvalidFilename => (
            "de naam is te lang voor deze schijf. Kies een map dichter bij het begin",
            "the name is too long for this disk; choose a folder nearer to its top",
        ),
        _ => ("het systeem weigert dat", "the system refuses"),
    };
    let path = path.display();
    let nl = format!("{path} is niet geschreven: {nl} ({error}).");
    let en = format!("{path} was not written: {en} ({error})");
    match error.kind() {
        io::ErrorKind::InvalidFilename => ShelfError::Name { nl, en },
        _ => ShelfError::Folder { nl, en },
    }
}

/// Numbers that are tried.
const NUMBERS: usize = 10_000;

#[cfg(test)]
mod tests {
    use super::*;

    fn names_in(folder: &Path) -> Vec<String> {
        let entries = std::fs::read_dir(folder).unwrap();
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn copies_of_one_message_have_one_number_and_replace_nothing() {
        let place = tempfile::tempdir().unwrap();
        let folder = Folder::open(&place.path().join("een/twee")).unwrap();
        std::fs::write(folder.path.join("brief.xml"), b"van een ander").unwrap();
        let files = [("pdf", b"p".to_vec()), ("xml", b"x".to_vec())];
        folder.write("brief", &files).unwrap();
        folder.write("brief", &files[..1]).unwrap();
        assert_eq!(
            names_in(&folder.path),
            ["brief (2).pdf", "brief (2).xml", "brief.pdf", "brief.xml"]
        );
        assert_eq!(std::fs::read(folder.path.join("brief.xml")).unwrap(), b"van een ander");
    }

    #[test]
    fn a_folder_that_vanishes_or_is_none_is_a_clear_error_and_leaves_nothing() {
        let place = tempfile::tempdir().unwrap();
        let folder = Folder::open(&place.path().join("weg")).unwrap();
        std::fs::remove_dir(&folder.path).unwrap();
        let error = folder.write("brief", &[("pdf", b"p".to_vec())]).unwrap_err().nl();
        assert!(error.contains("is er niet (meer)"), "{error}");
        assert!(names_in(place.path()).is_empty());
        let file = place.path().join("bestand");
        std::fs::write(&file, b"x").unwrap();
        assert!(Folder::open(&file.join("map")).is_err());
        assert_eq!(std::fs::read(&file).unwrap(), b"x");
    }

    #[test]
    fn where_one_cannot_be_written_the_other_goes_too() {
        let place = tempfile::tempdir().unwrap();
        let folder = Folder::open(place.path()).unwrap();
        // A name that no file system takes stands for one that fails.
        let long = "x".repeat(300);
        let error = folder.write("brief", &[("pdf", b"p".to_vec()), (&long, b"x".to_vec())]);
        assert!(error.is_err());
        assert!(names_in(place.path()).is_empty());
    }
}
