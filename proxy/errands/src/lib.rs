//! What this program does in an account's own mailboxes: it puts the notice of a delivery that
//! failed into INBOX, and brings Sent in line with what was sent, where the settings want that.
//!
//! ```text
//!   vault: errand, kept with its cause ──> prepare (held message, settings) ──> work (a connection
//!          ^                                         │ nothing to do              aside, IMAP)
//!          └── done, or later with its reason <──────┴────────────────────────────────┘
//! ```
//!
//! **Once.** Before a message is put into a mailbox, the vault notes that it may be there; whoever
//! comes after that looks for it by its Message-ID first. A server that took it, lost the
//! connection, and hides it from its own search gets a second one: IMAP allows no more.
//!
//! **Nothing by guess.** A copy in Sent is taken out only where it has the Message-ID and the content
//! of what was held, is the only one, and the server can take out exactly that one (UIDPLUS, RFC
//! 4315). In every other case it stays.
//!
//! What this room does not do: it decides nothing about delivery, and knows no password: the
//! [`House`] gives it a connection.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

mod prepare;
mod round;
mod sent;
mod words;
mod work;

use std::sync::Arc;

use jiff::Timestamp;
use mail::Address;
use retrieval::aside::Aside;
use settings::Settings;
use vault::{Reason, Vault, VaultError};

pub use round::run;

/// Whoever has the vault, the settings, and the way to the mailboxes.
pub trait House: Send + Sync {
    /// Runs a call of the vault where blocking is allowed.
    fn with_vault<T: Send + 'static>(
        &self,
        call: impl FnOnce(&Vault) -> Result<T, VaultError> + Send + 'static,
    ) -> impl Future<Output = Result<T, VaultError>> + Send;

    /// A connection of our own to the mailboxes of an account, logged in; else why there is none.
    fn connect(&self, account: &Address) -> impl Future<Output = Result<Aside, Reason>> + Send;

    /// The settings as they are now.
    fn settings(&self) -> Arc<Settings>;

    /// The time now.
    fn now(&self) -> Timestamp;

    /// Waits until something may be due; may be cancelled.
    fn woken(&mut self) -> impl Future<Output = ()> + Send;
}
