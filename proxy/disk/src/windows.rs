//! Windows: rights come from the folder above, and for a user's own data folder (`AppData`) they are
//! the user's, the administrators' and the system's. Where the settings name another folder, its
//! rights are the user's affair: to read them takes code that this workspace does not allow.

use std::fs::{DirBuilder, OpenOptions};
use std::io;
use std::os::windows::fs::OpenOptionsExt;
use std::path::Path;

pub(super) fn private(_options: &mut OpenOptions) {}

pub(super) fn private_folder(_builder: &mut DirBuilder) {}

/// Asks, and does not insist. NTFS keeps one log for the whole volume: when the database syncs its
/// commit after a rename, the rename is durable too. Other file systems may refuse to sync a folder.
pub(super) fn sync_folder(folder: &Path) -> io::Result<()> {
    let opened =
        OpenOptions::new().write(true).custom_flags(FILE_FLAG_BACKUP_SEMANTICS).open(folder);
    if let Err(error) = opened.and_then(|folder| folder.sync_all()) {
        tracing::debug!(%error, "a folder is not synced");
    }
    Ok(())
}

/// Whether others than its owner have any right in this folder: not known here.
pub fn is_open_to_others(_folder: &Path) -> io::Result<bool> {
    Ok(false)
}

/// Leaves this folder to its owner alone: its rights are those of the folder above.
pub fn shut_to_others(_folder: &Path) -> io::Result<()> {
    Ok(())
}

/// From Microsoft's winbase.h: a folder opens only with it.
const FILE_FLAG_BACKUP_SEMANTICS: u32 = 0x0200_0000;
