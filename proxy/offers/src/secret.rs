//! By what a record system knows us, and under which name it is kept.

use filing::{Secret, SecretError};
use mail::Address;
use settings::{Credential, Destination, Dossier};
use vault::VaultError;

use crate::House;

/// What a record system is shown; the inner error where what is kept cannot be used.
///
/// # Errors
/// [`VaultError`] where what is kept cannot be read.
pub async fn secret<H: House>(
    house: &H,
    account: &Address,
    one: &Destination,
) -> Result<Result<Secret, SecretError>, VaultError> {
    let Dossier::Fhir { credential, .. } = &one.dossier else {
        return Ok(Ok(Secret::Nothing));
    };
    let name = secret_name(account, one);
    let kept = house.with_vault(move |vault| vault.read_sealed(&name)).await?;
    Ok(match (kept, credential) {
        (None, _) => Ok(Secret::Nothing),
        (Some(kept), Credential::Token) => {
            Secret::token(core::str::from_utf8(&kept).unwrap_or_default())
        }
        (Some(kept), Credential::Certificate) => Secret::certificate(&kept),
    })
}

/// Under what name the vault keeps the token of the record system without a name of its own.
#[must_use]
pub fn token_name(account: &Address) -> String {
    format!("dossier/{account}")
}

/// Under what name the vault keeps the secret of a record system.
#[must_use]
pub fn secret_name(account: &Address, one: &Destination) -> String {
    let kind = match one.dossier {
        Dossier::Fhir { credential: Credential::Certificate, .. } => "dossier-certificate",
        _ => "dossier",
    };
    match one.name.as_str() {
        Destination::UNNAMED if kind == "dossier" => token_name(account),
        name => format!("{kind}/{account}/{name}"),
    }
}
