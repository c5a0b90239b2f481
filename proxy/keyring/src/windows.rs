//! Windows: the Credential Manager. A secret has 2,560 bytes at most.

use std::collections::HashMap;
use std::sync::Arc;

use keyring_core::Error;
use keyring_core::api::CredentialStoreApi;
use windows_native_keyring_store::Store;

use super::KeyringError;
use super::system;

pub(super) fn store() -> Result<Arc<dyn CredentialStoreApi>, Error> {
    let store: Arc<Store> = Store::new()?;
    Ok(store)
}

/// Entries stay on this machine: a roaming profile would carry keys to others.
/// Did no answer come in time? This platform's keyring has no time of its own.
pub(super) fn is_late(_: &Error) -> bool {
    false
}

pub(super) fn modifiers() -> Option<HashMap<&'static str, &'static str>> {
    Some(HashMap::from([("persistence", "Local")]))
}

pub(super) fn explain(error: &Error) -> KeyringError {
    system::explain(error)
}
