//! Linux: the Secret Service over D-Bus (gnome-keyring, KWallet, KeePassXC).

use std::collections::HashMap;
use std::sync::Arc;

use dbus_secret_service_keyring_store::Store;
use keyring_core::Error;
use keyring_core::api::CredentialStoreApi;

use super::KeyringError;
use super::system;

pub(super) fn store() -> Result<Arc<dyn CredentialStoreApi>, Error> {
    let store: Arc<Store> = Store::new()?;
    Ok(store)
}

pub(super) fn modifiers() -> Option<HashMap<&'static str, &'static str>> {
    None
}

/// The store's crate hands the bus's error on as a boxed value of a type that is not ours, so its
/// words are looked at: D-Bus error names are fixed by the D-Bus specification.
pub(super) fn explain(error: &Error) -> KeyringError {
    match error {
        Error::NoStorageAccess(cause) if cause.to_string().contains("dismissed") => dismissed(),
        Error::PlatformFailure(cause) => {
            let words = format!("{cause:?} {cause}");
            let says = |parts: &[&str]| parts.iter().any(|part| words.contains(part));
            if says(DENIED) {
                KeyringError::Denied
            } else if says(LOCKED) {
                KeyringError::Locked
            } else if says(ABSENT) {
                KeyringError::Absent
            } else if says(DAMAGED) {
                KeyringError::Corrupt
            } else {
                system::explain(error)
            }
        }
        _ => system::explain(error),
    }
}

/// Did no answer come in the two seconds that the store's crate waits?
pub(super) fn is_late(error: &Error) -> bool {
    matches!(error, Error::PlatformFailure(cause) if format!("{cause:?}").contains("NoReply"))
}

/// The keyring asked for its password and got none. Without a screen nobody can have refused.
fn dismissed() -> KeyringError {
    let screen = ["DISPLAY", "WAYLAND_DISPLAY"].iter().any(|name| std::env::var_os(name).is_some());
    if screen { KeyringError::Denied } else { KeyringError::Locked }
}

const DENIED: &[&str] = &["AccessDenied", "AuthFailed"];
const LOCKED: &[&str] = &["IsLocked", "Locked"];
const ABSENT: &[&str] = &[
    "Unavailable",
    "ServiceUnknown",
    "NameHasNoOwner",
    "NoServer",
    "FileNotFound",
    "NotSupported",
    "Spawn.",
    "Disconnected",
    "NoReply",
];
const DAMAGED: &[&str] = &["Crypto(", "Crypto error", "UnsupportedSecretFormat"];
