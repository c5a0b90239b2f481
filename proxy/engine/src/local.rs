//! The local certificate: made once, kept in the vault, never changed silently.

use jiff::Timestamp;
use net::local::LocalCertificate;
use serde::{Deserialize, Serialize};
use vault::{Vault, VaultError};

use crate::error::EngineError;

/// The form in which it is kept.
#[derive(Serialize, Deserialize)]
struct Kept {
    public: String,
    key: Vec<u8>,
}

/// The certificate of the listeners: the one in the vault, or a new one where there is none yet.
///
/// # Errors
/// [`VaultError`] outside; [`EngineError`] inside where it cannot be made or read back.
pub fn certificate(
    vault: &Vault,
    now: Timestamp,
) -> Result<Result<LocalCertificate, EngineError>, VaultError> {
    if let Some(kept) = vault.read_sealed(NAME)? {
        let unreadable = net::local::LocalCertificateError::Unreadable;
        let certificate = match serde_json::from_slice::<Kept>(&kept) {
            Ok(kept) => LocalCertificate::from_parts(&kept.public, &kept.key),
            Err(_) => Err(unreadable),
        };
        return Ok(certificate.map_err(EngineError::from));
    }
    let made = match LocalCertificate::create(now) {
        Ok(made) => made,
        Err(error) => return Ok(Err(error.into())),
    };
    let kept = Kept { public: made.public(), key: made.key().to_vec() };
    let bytes = zeroize::Zeroizing::new(serde_json::to_vec(&kept).unwrap_or_default());
    vault.write_sealed(NAME, &bytes)?;
    Ok(Ok(made))
}

/// Its name in the vault.
const NAME: &str = "local-certificate";
