//! Messages that come in and claim something: looked at once, when they first pass or are first listed.
//!
//! ```text
//!   session --Ear--> Queue ... run: known? --no--> bytes that passed, or BODY.PEEK[] aside
//!                                                   |
//!            records, keys (DNS) ---- gather ------ + --incoming::decide--> Received
//!                                                                             |
//!                              vault (kept), House::tell (told), keyword (stored at the provider)
//! ```
//!
//! No session waits for any of this, and none notices it: what is fetched is fetched on a connection aside,
//! read only, flags untouched. A keyword is stored where the mailbox takes it, at a message that was looked
//! at a moment ago, and never taken away. What cannot be told now is looked at again.
//!
//! NTA mail and signed mail is also put into the archive, with its verdict, where the settings want that.
//!
//! What this room does not do: it decides nothing (that is `incoming`), and listens nowhere.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

mod aside;
mod copy;
mod declares;
mod gather;
mod list;
mod order;
mod queue;
#[cfg(test)]
mod testing;
mod trust;
mod work;

use core::fmt;
use std::sync::Arc;

use jiff::Timestamp;
use net::dns::Resolver;
use retrieval::aside::Aside;
use settings::{Account, Settings};
use vault::incoming::IncomingId;
use vault::{Vault, VaultError};

pub use list::{Incoming, list, one};
pub use queue::Queue;
pub use work::run;

/// Whoever has the accounts, the vault and the resolver.
pub trait House: Send + Sync + 'static {
    /// Why there is no connection.
    type Error: fmt::Debug + Send;

    /// The settings as they are now.
    fn settings(&self) -> Arc<Settings>;

    /// The validating resolver.
    fn resolver(&self) -> Arc<Resolver>;

    /// Runs a call of the vault where blocking is allowed.
    fn with_vault<T: Send + 'static>(
        &self,
        call: impl FnOnce(&Vault) -> Result<T, VaultError> + Send + 'static,
    ) -> impl Future<Output = Result<T, VaultError>> + Send;

    /// A connection of our own to the mailboxes of an account.
    fn connect(&self, account: &Account)
    -> impl Future<Output = Result<Aside, Self::Error>> + Send;

    /// The time now.
    fn now(&self) -> Timestamp;

    /// Says that a message was judged.
    fn tell(&self, id: IncomingId);
}
