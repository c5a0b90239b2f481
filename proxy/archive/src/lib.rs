//! What is kept: described when it is kept, kept for as long as is asked, looked at, brought back.
//!
//! ```text
//! Message --describe--> subject, people, attachments, words --> vault (encrypted, indexed)
//! settings, now --retention--> shown to a person who agrees, and destroyed a month later
//! a copy of the data folder, and the words of its recovery key --restore--> a data folder that opens
//! ```
//!
//! What this room does not do: it encrypts nothing (that is `vault`), makes no readable copies (that is
//! `copies`), and reads no clock.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

mod describe;
mod restore;
mod retention;
mod steady;

pub use describe::{Described, describe};
pub use restore::{RestoreError, Restored, restore};
pub use retention::{Going, Leaving, NOTICE, Pass, agree, agree_to, going, leaving, over, pass};

use vault::archive::{ArchiveId, Unsound};
use vault::{Vault, VaultError};

/// Puts copies of before there was an index into it, `most` at a time; answers whether there are
/// more.
///
/// # Errors
/// [`VaultError`] of the database. A copy that cannot be read gets no words and is not tried again:
/// [`verify`] tells of it.
pub fn index_older(
    vault: &Vault,
    search: settings::Search,
    most: usize,
) -> Result<bool, VaultError> {
    let ids = vault.unindexed_copies(most)?;
    for &id in &ids {
        let text = match vault.read_copy(id) {
            Ok(message) => describe(&message, search).text,
            Err(error @ (VaultError::Corrupt { .. } | VaultError::UnknownMessage { .. })) => {
                tracing::warn!(%error, "a kept copy cannot be read");
                vault::archive::Text::EMPTY
            }
            Err(error) => return Err(error),
        };
        vault.index_copy(id, &text)?;
    }
    Ok(ids.len() == most)
}

/// Reads every copy and compares it with what was kept; `seen` hears how many were looked at, of how
/// many. Answers those that are not sound.
///
/// # Errors
/// [`VaultError`] of the database.
pub fn verify(
    vault: &Vault,
    mut seen: impl FnMut(usize, usize),
) -> Result<Vec<Unsound>, VaultError> {
    let all: Vec<ArchiveId> = vault.list_copies()?.into_iter().map(|copy| copy.id).collect();
    let mut unsound = Vec::new();
    for (id, number) in all.iter().zip(1..) {
        unsound.extend(vault.verify_copy(*id)?);
        seen(number, all.len());
    }
    Ok(unsound)
}
