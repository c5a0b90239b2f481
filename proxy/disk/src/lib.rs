//! Files that are whole or not there: written aside, synced, renamed, and the folder synced.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

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

/// Writes a new file with the rights that files have in its folder: whole, or not there. A file of that
/// name that is there already, or comes meanwhile, is never touched.
///
/// # Errors
/// [`io::ErrorKind::AlreadyExists`]; else the system's, such as a full disk or a folder that is gone.
pub fn create(path: &Path, bytes: &[u8]) -> io::Result<()> {
    // Two that write the same name at once must not write the same file aside.
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let name = format!("{TEMPORARY}{}-{number}", std::process::id());
    place(path, &path.with_file_name(name), bytes, sync_folder)
}

/// The same for a file that no other process writes at the same time. What a killed attempt left of it is
/// written over: not even a piece of it stays.
///
/// # Errors
/// As [`create`].
pub fn create_alone(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let _alone = alone();
    let aside = aside(path);
    match fs::remove_file(&aside) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => place(path, &aside, bytes, sync_folder),
    }
}

/// Held while something is written under its [`aside`] name: in this process one does so at a time, as two
/// that write the same would take it from each other.
pub fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

fn place(
    path: &Path,
    aside: &Path,
    bytes: &[u8],
    sync: impl Fn(&Path) -> io::Result<()>,
) -> io::Result<()> {
    let written = (|| {
        let mut file = File::create_new(aside)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        drop(file);
        // A second name for the same file is the one way in which no system replaces another file.
        match fs::hard_link(aside, path) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                // Some file systems of sticks and networks have no second names: then the name is
                // taken first, and what is replaced is our own empty file.
                File::create_new(path).map_err(|taken| match taken.kind() {
                    io::ErrorKind::AlreadyExists => taken,
                    _ => error,
                })?;
                fs::rename(aside, path).inspect_err(|_| drop(fs::remove_file(path)))
            }
            done => done,
        }
    })();
    // Where it was renamed it is not there any more.
    let _ = fs::remove_file(aside);
    written?;
    // Whether it stays is not sure, and an error says that it is not there.
    sync(path).inspect_err(|_| drop(fs::remove_file(path)))
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

/// The name beside it of what is not whole yet, where nobody else writes the same at the same time: every
/// attempt has the same one, so that the next finds what a killed one left.
pub fn aside(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!("{TEMPORARY}{name}"))
}

const TEMPORARY: &str = ".tmp-";

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("disk-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        folder
    }

    #[test]
    fn a_new_file_is_whole_and_alone_and_never_replaces_another() {
        let folder = folder("create");
        let file = folder.join("a.pdf");
        create(&file, b"one").unwrap();
        assert_eq!(create(&file, b"two").unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read(&file).unwrap(), b"one");
        let names: Vec<_> =
            fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(names, ["a.pdf"]);
        fs::remove_dir_all(&folder).unwrap();
        assert!(create(&file, b"x").is_err(), "the folder is gone");
        assert!(!folder.exists());
    }

    #[test]
    fn what_a_killed_attempt_left_is_gone_after_the_next() {
        let folder = folder("killed");
        let file = folder.join("a.edi");
        for whole in [false, true] {
            fs::write(aside(&file), b"half of").unwrap();
            assert_eq!(create_alone(&file, b"one").is_err(), whole, "it is there already");
            assert_eq!(fs::read(&file).unwrap(), b"one");
            assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
        }
        fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn a_file_of_which_it_is_not_sure_that_it_stays_is_not_there() {
        let folder = folder("unsure");
        let file = folder.join("a.pdf");
        let full = |_: &Path| Err(io::Error::from(io::ErrorKind::StorageFull));
        assert!(place(&file, &aside(&file), b"one", full).is_err());
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 0);
        fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn of_many_who_write_a_name_at_once_one_does() {
        let folder = folder("many");
        let file = folder.join("a.pdf");
        let wins = std::thread::scope(|scope| {
            let all: Vec<_> = (0..8_u8)
                .map(|n| {
                    let file = &file;
                    scope.spawn(move || create(file, &vec![n; 100_000]).is_ok())
                })
                .collect();
            all.into_iter().map(|one| one.join().unwrap()).filter(|won| *won).count()
        });
        assert_eq!(wins, 1);
        let bytes = fs::read(&file).unwrap();
        assert!(bytes.len() == 100_000 && bytes.iter().all(|byte| *byte == bytes[0]));
        fs::remove_dir_all(&folder).unwrap();
    }
}
