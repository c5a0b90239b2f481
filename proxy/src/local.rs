//! The local certificate: made once, kept in the vault, never changed silently.

use jiff::Timestamp;
use net::local::LocalCertificate;
use vault::{Vault, VaultError};

use crate::error::EngineError;

/// The certificate of the listeners: the one in the vault, or a new one where there is none yet.
///
/// # Errors
/// [`VaultError`] outside; [`EngineError`] inside where it cannot be made or read back.
pub(crate) fn certificate(
    vault: &Vault,
    now: Timestamp,
) -> Result<Result<LocalCertificate, EngineError>, VaultError> {
    if let Some(kept) = vault.read_sealed(NAME)? {
        return Ok(LocalCertificate::from_bytes(&kept).map_err(EngineError::from));
    }
    let made = match LocalCertificate::create(now) {
        Ok(made) => made,
        Err(error) => return Ok(Err(error.into())),
    };
    vault.write_sealed(NAME, &made.to_bytes())?;
    Ok(Ok(made))
}

/// Its name in the vault.
const NAME: &str = "local-certificate";
