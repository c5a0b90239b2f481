use mail::Address;

/// Why something cannot be offered to a record system. Nothing was offered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OfferError {
    /// No patient was confirmed.
    #[error(
        "the record system of account {0} files under a patient; say which with --bsn, or --patient and --born"
    )]
    NoPatient(Address),
    /// The account has none.
    #[error("the account {0} has no record system; add dossier = \"FOLDER\" to it in the settings")]
    NoDossier(Address),
    /// The account has none of this name (any more).
    #[error("the account {account} has no record system called {name}; it has: {known}")]
    NoRecord {
        /// The account.
        account: Address,
        /// The name that was given.
        name: String,
        /// Those that it has.
        known: String,
    },
    /// What was confirmed cannot be written down.
    #[error("what was confirmed of the patient cannot be kept; fill in the form again")]
    Form,
}

impl OfferError {
    /// The sentence in Dutch: what happened, and what to do.
    #[must_use]
    pub fn nl(&self) -> String {
        match self {
            Self::NoPatient(account) => format!(
                "Het dossiersysteem van account {account} bewaart onder een patiënt; geef aan welke (--bsn, of --patient en --born)."
            ),
            Self::NoDossier(account) => format!(
                "Voor het account {account} is geen dossier ingesteld; zet dossier = \"MAP\" erbij in de instellingen."
            ),
            Self::NoRecord { account, name, known } => format!(
                "Het account {account} heeft geen dossier dat {name} heet; kies een van deze: {known}."
            ),
            Self::Form => {
                "Wat van de patiënt bevestigd is, kan niet worden bewaard; vul het formulier opnieuw in."
                    .to_owned()
            }
        }
    }
}
