//! Files that are whole or not there: written aside, synced, renamed, and the folder synced.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

#[cfg(unix)]
#[path = "unix.rs"]
mod platform;
#[cfg(windows)]
#[path = "windows.rs"]
mod platform;

pub use platform::{is_open_to_others, shut_to_others};

/// Replaces a file in one step; an existing file keeps its rights, a new one is its owner's alone.
pub fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let aside = temporary(path);
    let written = (|| {
        let mut file = create_private(&aside)?;
        if let Ok(meta) = fs::metadata(path) {
            file.set_permissions(meta.permissions())?;
        }
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&aside, path)
    })();
    if written.is_err() {
        let _ = fs::remove_file(&aside);
    }
    written?;
    sync_folder(path)
}

/// Makes a new file that only this user can read.
pub fn create_private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    platform::private(&mut options);
    options.open(path)
}

/// Makes a new folder that only this user can read, and its parents as the system likes.
pub fn create_private_folder(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    platform::private_folder(&mut builder);
    builder.create(path)
}

/// Opens a file for reading and writing, and makes it where it is not there.
pub fn open_private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    platform::private(&mut options);
    options.open(path)
}

/// Makes a rename or removal in the folder of this file durable.
pub fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    platform::sync_folder(folder.unwrap_or(Path::new(".")))
}

/// Whether a name is one of our leftovers.
pub fn is_temporary(name: &str) -> bool {
    name.starts_with(TEMPORARY)
}

/// The name under which a file is written before it is whole.
pub fn temporary(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!("{TEMPORARY}{}-{name}", std::process::id()))
}

const TEMPORARY: &str = ".tmp-";
