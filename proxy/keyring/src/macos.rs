//! macOS: the user's log-in keychain.

use std::collections::HashMap;
use std::sync::Arc;

use apple_native_keyring_store::keychain::Store;
use keyring_core::Error;
use keyring_core::api::CredentialStoreApi;

use super::KeyringError;
use super::system;

pub(super) fn store() -> Result<Arc<dyn CredentialStoreApi>, Error> {
    let store: Arc<Store> = Store::new()?;
    Ok(store)
}

/// Did no answer come in time? This platform's keyring has no time of its own.
pub(super) fn is_late(_: &Error) -> bool {
    false
}

pub(super) fn modifiers() -> Option<HashMap<&'static str, &'static str>> {
    None
}

/// The keychain names a refusal by the user in its words only.
pub(super) fn explain(error: &Error) -> KeyringError {
    match error {
        Error::NoStorageAccess(cause) => {
            let words = cause.to_string().to_ascii_lowercase();
            let refused = ["denied", "cancel", "auth", "not allowed"];
            if refused.iter().any(|word| words.contains(word)) {
                KeyringError::Denied
            } else {
                KeyringError::Locked
            }
        }
        _ => system::explain(error),
    }
}
