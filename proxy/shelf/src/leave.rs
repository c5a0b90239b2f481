//! Copies that go: destroyed by a person, or let go by age. And the words by which all of it comes back.

use std::{fs, io};

use jiff::Timestamp;
use secrecy::ExposeSecret;
use serde::Serialize;
use settings::Settings;
use ts_rs::TS;
use vault::archive::{ArchiveId, Gone};
use vault::{Vault, VaultError};

use crate::ShelfError;

/// Copies of an account that are over their time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct LeavingView {
    /// The account.
    pub account: String,
    /// How many.
    pub copies: u32,
    /// When the oldest was sent or came in.
    pub from: String,
    /// When the newest was.
    pub to: String,
}

/// The words of a recovery key.
#[derive(Clone, PartialEq, Eq, Serialize, TS)]
pub struct RecoveryView {
    /// One was made before; with new words those no longer count.
    pub made: bool,
    /// Words of that one were typed back by a person: they are written down somewhere.
    pub checked: bool,
    /// The words, in their order; empty where none were asked for. Shown once, and kept nowhere.
    pub words: Vec<String>,
}

impl core::fmt::Debug for RecoveryView {
    /// Never a word.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("RecoveryView").field("made", &self.made).finish_non_exhaustive()
    }
}

/// Destroys copies: their keys are gone when this returns. Their words leave the index by
/// [`Vault::purge_words`], which takes longer; call it once when all is done.
///
/// # Errors
/// [`ShelfError`]; all of them are there still.
pub fn destroy(vault: &Vault, ids: &[String], now: Timestamp) -> Result<usize, ShelfError> {
    let parsed: Result<Vec<ArchiveId>, _> = ids.iter().map(|id| id.parse()).collect();
    let ids = parsed.map_err(|_| ShelfError::Gone)?;
    Ok(vault.delete_copies(&ids, &Gone::Person(vault::outbox::os_user()), now)?)
}

/// What is over its time and waits for a person's word.
///
/// # Errors
/// [`VaultError`].
pub fn leaving(
    vault: &Vault,
    settings: &Settings,
    now: Timestamp,
) -> Result<Vec<LeavingView>, VaultError> {
    let all = archive::leaving(vault, settings, now)?;
    Ok(all
        .into_iter()
        .map(|one| LeavingView {
            account: one.account.to_string(),
            copies: u32::try_from(one.copies).unwrap_or(u32::MAX),
            from: one.from.to_string(),
            to: one.to.to_string(),
        })
        .collect())
}

/// Copies of an account that a person let go, and that are there still.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct GoingView {
    /// The account.
    pub account: String,
    /// How many.
    pub copies: u32,
    /// When the first of them goes.
    pub first: String,
}

/// What was let go and is there still.
///
/// # Errors
/// [`VaultError`].
pub fn going(vault: &Vault, settings: &Settings) -> Result<Vec<GoingView>, VaultError> {
    let all = archive::going(vault, settings)?.into_iter();
    Ok(all
        .map(|one| GoingView {
            account: one.account.to_string(),
            copies: u32::try_from(one.copies).unwrap_or(u32::MAX),
            first: one.first.to_string(),
        })
        .collect())
}

/// Keeps after all what was let go of an account, and is there still.
///
/// # Errors
/// [`ShelfError::Gone`] where that is no account; where it cannot be kept.
pub fn keep(vault: &Vault, account: &str, now: Timestamp) -> Result<usize, ShelfError> {
    let account = mail::Address::parse(account).map_err(|_| ShelfError::Gone)?;
    Ok(vault.keep_agreed(&account, now)?)
}

/// Lets go what a person was shown at `shown`; it goes [`archive::NOTICE`] from `now`. Answers how many.
///
/// # Errors
/// [`VaultError`].
pub fn agree(
    vault: &Vault,
    settings: &Settings,
    shown: Timestamp,
    now: Timestamp,
) -> Result<usize, VaultError> {
    Ok(archive::agree_to(vault, settings, shown.min(now), now)?.len())
}

/// Whether there is a recovery key, and whether its words were looked at again.
#[must_use]
pub fn recovery(vault: &Vault) -> RecoveryView {
    let made = vault.has_recovery_key();
    let mark = fs::read_to_string(vault.folder().join(CHECKED)).ok();
    let checked = made && mark.is_some() && mark == sealed_end(vault);
    RecoveryView { made, checked, words: Vec::new() }
}

/// Keeps that a person typed words of the present recovery key back.
///
/// # Errors
/// What the system said; the words then count as not looked at.
pub fn recovery_was_checked(vault: &Vault) -> io::Result<()> {
    let mark = sealed_end(vault).ok_or(io::ErrorKind::NotFound)?;
    disk::replace(&vault.folder().join(CHECKED), mark.as_bytes())
}

/// What tells this recovery key from an earlier one: the end of its sealed form, which opens nothing.
fn sealed_end(vault: &Vault) -> Option<String> {
    let text = fs::read_to_string(vault.folder().join(RECOVERY)).ok()?;
    let sealed = text.trim_end();
    Some(sealed.get(sealed.len().checked_sub(MARK)?..)?.to_owned())
}

/// Makes a recovery key. Words that were made before no longer count then.
///
/// # Errors
/// [`VaultError`]; an earlier recovery key then still stands.
pub fn recovery_words(vault: &Vault, now: Timestamp) -> Result<RecoveryView, VaultError> {
    let made = vault.has_recovery_key();
    let words = vault.make_recovery_key(now)?;
    let words = words.expose_secret().split(' ').map(str::to_owned).collect();
    Ok(RecoveryView { made, checked: false, words })
}

/// The file of the vault in which the recovery key lies sealed.
const RECOVERY: &str = "vault.recovery";
/// Says for which recovery key the words were typed back.
const CHECKED: &str = "vault.recovery.checked";
/// Hexadecimal digits; enough to tell keys apart.
const MARK: usize = 32;
