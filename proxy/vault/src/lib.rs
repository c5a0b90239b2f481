//! What is kept, all encrypted: identities, outbox, journal, archive.
//!
//! The paved path: [`Vault::open`] with a [`Keyring`], then, in the one process that is the engine,
//! [`Vault::lock_engine`]. All calls block; an async caller wraps them in `spawn_blocking`.
//!
//! ```text
//! OS keyring          ID/master -- HKDF-SHA256 --+-- database key (SQLCipher, every page)
//!                     ID/identity/...            +-- wrapping key: wraps one data key per message
//!                     ID/password/...            +-- journal key (HMAC chain)
//!                                                +-- digest key (duplicate guard)
//! data folder (0700)  vault.id      random id, and a check value of the master key
//!                     vault.db      states, journal, certificates, wrapped data keys
//!                     bodies/NAME   one message, AES-256-GCM in 64 KiB blocks
//!                     journal.head  length and end of the journal, sealed
//!                     vault.recovery the master key, sealed under words that the user keeps
//!                     restored      where the folder was brought back from a copy, until it was opened
//! ```
//!
//! What this room does not do: it opens no socket, decides nothing about mail, and never makes a
//! new key over old data. When a call that keeps something answers `Ok`, it lies synced on disk.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

pub mod archive;
mod bodies;
mod digest;
pub mod dismissals;
pub mod errand;
mod error;
pub mod filing;
mod identities;
pub mod incoming;
pub mod journal;
mod open;
pub mod outbox;
mod recovery;
mod schema;
mod seal;
mod secrets;
#[cfg(test)]
mod tests;
mod time;

pub use ::identity::Identity;
pub use ::keyring::{self, Keyring, KeyringError, MemoryKeyring, SystemKeyring};
pub use digest::Digest;
pub use error::{SecretKind, VaultError};
pub use open::{EngineLock, Vault};
pub use outbox::{
    Choice, Choosing, Due, HeldId, HeldMessage, HeldRecipient, Hold, NewHeld, Outcome, Reason,
    State, mark_restored,
};
pub use recovery::{RecoveryError, restore};
