//! The operating system's keyring: the only place where secrets live.
//!
//! [`SystemKeyring`] speaks to the Secret Service, Credential Manager or Keychain; [`MemoryKeyring`]
//! forgets with the process, for the try-out and for tests. What is kept under which name is the
//! vault's business.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

mod error;

#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "macos")]
mod macos;
mod memory;
mod system;
mod user;
#[cfg(windows)]
mod windows;

use secrecy::SecretSlice;

pub use error::KeyringError;
pub use memory::MemoryKeyring;
pub use system::SystemKeyring;
pub use user::os_user;

#[cfg(target_os = "linux")]
use linux as platform;
#[cfg(target_os = "macos")]
use macos as platform;
#[cfg(windows)]
use windows as platform;

/// A place for secrets by name. Calls block, and may wait for the user; call them off the async
/// threads.
pub trait Keyring: Send + Sync {
    /// The secret of this name.
    ///
    /// # Errors
    /// [`KeyringError::NoEntry`] where the keyring answers and has none; the others where it does
    /// not answer.
    fn get(&self, name: &str) -> Result<SecretSlice<u8>, KeyringError>;

    /// Stores a secret under this name, in place of an older one.
    ///
    /// # Errors
    /// Any [`KeyringError`] but `NoEntry`; the older secret then still stands.
    fn set(&self, name: &str, secret: &[u8]) -> Result<(), KeyringError>;

    /// Forgets the secret of this name.
    ///
    /// # Errors
    /// [`KeyringError::NoEntry`] where there is none; the others where the keyring does not answer.
    fn delete(&self, name: &str) -> Result<(), KeyringError>;
}
