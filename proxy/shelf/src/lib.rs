//! The archive as a person handles it (R-KEEP-1, R-KEEP-2, R-KEEP-3): a page of it, a copy opened as text,
//! copies saved as files, destroyed, let go, and the words that bring all of it back.
//!
//! ```text
//! Wanted --find--> Found                      what a list shows, newest first
//! id --open--> CopyView                       text only; verdict and proof in words
//! ids, Forms --save--> Folder --> Saved       whole files under new names; what is lacking is named
//! id --take_up--> InHand                      the same PDF as a file to drag; it goes with its InHand
//! ids --destroy, then purge-->                keys first, the words of the index after them
//! ```
//!
//! Windows and the command line use the same functions, so that a copy has the same name, form and words
//! from either. What this room does not do: it keeps nothing itself, decides nothing about mail, and shows
//! no mail as markup.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

mod error;
mod find;
mod folder;
mod hand;
mod leave;
mod open;
mod press;
mod register;
mod save;
#[cfg(test)]
mod tests;

pub use archive::Leaving;
pub use error::ShelfError;
pub use find::{CopyItem, Found, Wanted, find};
pub use folder::Folder;
pub use hand::{Hand, InHand};
pub use leave::{
    GoingView, LeavingView, RecoveryView, agree, destroy, going, keep, leaving, recovery,
    recovery_was_checked, recovery_words,
};
pub use open::{CopyFact, CopyFile, CopySignature, CopyView, about, open};
pub use register::{COLUMNS, csv, record};
pub use save::{End, Forms, Lacking, NAMED, Saved, Saving, There, save};
pub use vault::Vault;

/// The language of copies, as the settings have it.
#[must_use]
pub fn language(language: settings::Language) -> copies::Language {
    match language {
        settings::Language::Dutch => copies::Language::Dutch,
        settings::Language::English => copies::Language::English,
    }
}
