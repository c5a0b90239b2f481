//! What a program says where it may have no terminal: a program with a window has none on Windows,
//! and standard error goes nowhere there.

use std::io::Write;

/// Says why the program cannot go on, so that whoever started it by its icon sees it.
pub(crate) fn complain(sentence: &str) {
    let _ = writeln!(std::io::stderr().lock(), "zorgzegel-desktop: {sentence}");
    #[cfg(windows)]
    rfd::MessageDialog::new()
        .set_level(rfd::MessageLevel::Error)
        .set_title("Zorgzegel")
        .set_description(sentence)
        .show();
}

/// Where the log goes: a file on Windows, standard error elsewhere, which the session keeps.
pub(crate) fn log() {
    #[cfg(windows)]
    if let Some(folders) = directories::ProjectDirs::from("", "", "zorgzegel")
        && let Ok(file) = file(folders.data_local_dir())
    {
        return proxy::cli::log_to("info", std::sync::Mutex::new(file));
    }
    proxy::cli::log_to("info", std::io::stderr);
}

/// The log of a program without a terminal. What stood there before is kept once it has grown.
///
/// # Errors
/// The folder cannot be made or written in.
#[cfg(any(windows, test))]
fn file(folder: &std::path::Path) -> std::io::Result<std::fs::File> {
    std::fs::create_dir_all(folder)?;
    let file = folder.join("zorgzegel-desktop.log");
    if std::fs::metadata(&file).is_ok_and(|known| known.len() > FULL) {
        // Where it is held open by another program the log goes on behind what is there.
        let _ = std::fs::rename(&file, folder.join("zorgzegel-desktop.old.log"));
    }
    std::fs::File::options().append(true).create(true).open(file)
}

/// Bytes of a log that is put aside at the next start: weeks of lines, and an editor opens it.
#[cfg(any(windows, test))]
const FULL: u64 = 1 << 20;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_goes_on_until_it_is_full_and_is_put_aside_then() {
        let folder = std::env::temp_dir().join(format!("zorgzegel-log-{}", std::process::id()));
        file(&folder).unwrap().write_all(b"one\n").unwrap();
        file(&folder).unwrap().write_all(b"two\n").unwrap();
        let log = folder.join("zorgzegel-desktop.log");
        assert_eq!(std::fs::read(&log).unwrap(), b"one\ntwo\n");
        let long = usize::try_from(FULL).unwrap() + 1;
        std::fs::write(&log, vec![b'x'; long]).unwrap();
        file(&folder).unwrap().write_all(b"three\n").unwrap();
        assert_eq!(std::fs::read(&log).unwrap(), b"three\n");
        let old = std::fs::read(folder.join("zorgzegel-desktop.old.log")).unwrap();
        assert_eq!(old.len(), long);
        std::fs::remove_dir_all(folder).unwrap();
    }
}
