//! What a person wants of a record system, and how it is written down.

use std::path::Path;

use filing::Asked;
use settings::{Account, Destination, Dossier};
use vault::filing::UNFILED;

use crate::error::OfferError;

/// Whether a message goes to the patient record too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ToDossier {
    /// No.
    No,
    /// To a folder, for a person to file.
    Unfiled,
    /// Under the patient whom a person confirmed.
    Under(Asked),
}

impl ToDossier {
    /// What a request asks: a filing is a wish for the dossier.
    #[must_use]
    pub fn asked(dossier: bool, filing: Option<Asked>) -> Self {
        match (dossier, filing) {
            (_, Some(filing)) => Self::Under(filing),
            (dossier, None) => dossier.into(),
        }
    }

    /// As the vault keeps it; `None` where nothing is wanted.
    ///
    /// # Errors
    /// [`OfferError`] where the account has no record system that takes it.
    pub fn text(&self, account: &Account) -> Result<Option<String>, OfferError> {
        match self {
            Self::No => Ok(None),
            Self::Under(asked) => {
                // By name, also where none was given: what was confirmed for the first of them does not go to
                // another, should that be the first when it is offered.
                let one = destination(account, asked.destination.as_deref())?;
                let asked = Asked { destination: Some(one.name.clone()), ..asked.clone() };
                serde_json::to_string(&asked).map(Some).map_err(|_| OfferError::Form)
            }
            Self::Unfiled => match (folder(account), account.dossiers.is_empty()) {
                (Some(_), _) => Ok(Some(UNFILED.to_owned())),
                (None, true) => Err(OfferError::NoDossier(account.address.clone())),
                (None, false) => Err(OfferError::NoPatient(account.address.clone())),
            },
        }
    }
}

impl From<bool> for ToDossier {
    fn from(dossier: bool) -> Self {
        if dossier { Self::Unfiled } else { Self::No }
    }
}

/// What was asked, out of the form that the vault keeps; `None` where it names no patient.
#[must_use]
pub fn asked(what: &str) -> Option<Asked> {
    serde_json::from_str(what).ok()
}

/// The record system of this name, or the account's first.
///
/// # Errors
/// [`OfferError::NoRecord`] and [`OfferError::NoDossier`].
pub fn destination<'a>(
    account: &'a Account,
    name: Option<&str>,
) -> Result<&'a Destination, OfferError> {
    let first = account.dossiers.first();
    let first = first.ok_or_else(|| OfferError::NoDossier(account.address.clone()))?;
    let Some(name) = name else { return Ok(first) };
    account.dossiers.iter().find(|one| one.name == name).ok_or_else(|| OfferError::NoRecord {
        account: account.address.clone(),
        name: name.to_owned(),
        known: account.dossiers.iter().map(|one| one.name.as_str()).collect::<Vec<_>>().join(", "),
    })
}

/// The first folder among them: it takes what names no patient.
pub(crate) fn folder(account: &Account) -> Option<(&str, &Path)> {
    account.dossiers.iter().find_map(|one| match &one.dossier {
        Dossier::Folder(folder) => Some((one.name.as_str(), folder.as_path())),
        Dossier::Fhir { .. } | Dossier::Medvri { .. } => None,
    })
}
