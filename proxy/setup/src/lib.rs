//! An account from its address to a mail that arrived: its servers are found, its password is tried
//! before it is kept, what goes into the mail program is said, and a mail to oneself ends it.
//! Later the servers and the password are changed in the same way, or the account is taken out.
//!
//! Nothing is kept that did not let us in, and nothing that waits is lost by a change.

mod access;
mod account;
mod error;

pub use access::{Access, Incoming, access, first_mail};
pub use account::{Fetching, add, change, endpoint, keep_gateway, remove};
pub use discover::{Found, Login, Server, Source};
pub use error::SetupError;

use std::sync::Arc;

use engine::Engine;
use mail::Address;

/// The most likely servers of an address. Asks DNS, so it takes its time.
pub async fn find(engine: &Arc<Engine>, address: &Address) -> Found {
    discover::find(&engine.resolver(), &engine.roots(), address).await
}
