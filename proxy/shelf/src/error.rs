use copies::CopyError;
use vault::VaultError;
use verify::AnchorsError;

/// Why nothing came of it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ShelfError {
    /// The archive cannot be read.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// A readable form cannot be made.
    #[error(transparent)]
    Copy(#[from] CopyError),
    /// The certificates that may vouch for signers cannot be read.
    #[error(transparent)]
    Anchors(#[from] AnchorsError),
    /// The folder did not take the files; none of them was left there.
    #[error("{en}")]
    Folder {
        /// What happened and what to do, in Dutch.
        nl: String,
        /// The same in English.
        en: String,
    },
    /// A name is longer than the disk takes.
    #[error("{en}")]
    Name {
        /// What happened and what to do, in Dutch.
        nl: String,
        /// The same in English.
        en: String,
    },
    /// There is no place for a file that is dragged.
    #[error(
        "{en}; to be dragged it has to lie there for a while: with \"Save as…\" you choose the folder yourself"
    )]
    Hand {
        /// What happened at the last place, in Dutch.
        nl: String,
        /// The same in English.
        en: String,
    },
    /// No copy has this id.
    #[error("this copy is no longer in the archive; look at the list again")]
    Gone,
    /// A folder that is not named from its beginning: nobody could tell where it lies.
    #[error("name the folder from its beginning, such as C:\\Users\\jansen\\Documents")]
    Relative,
    /// No form of the copies was asked for.
    #[error("choose at least one form: PDF, the message itself (.eml), or XML")]
    NoForm,
}

impl ShelfError {
    /// The same sentence in Dutch.
    #[must_use]
    pub fn nl(&self) -> String {
        match self {
            Self::Vault(error) => error.nl(),
            Self::Copy(error) => error.dutch(),
            Self::Anchors(error) => error.nl(),
            Self::Folder { nl, .. } | Self::Name { nl, .. } => nl.clone(),
            Self::Hand { nl, .. } => format!(
                "{nl} Om te slepen moet de PDF daar even staan; met ‘Bewaar als…’ kiest u zelf de map."
            ),
            Self::Gone => {
                "Deze kopie staat niet meer in het archief; bekijk de lijst opnieuw.".into()
            }
            Self::Relative => {
                "Noem de map vanaf het begin, zoals C:\\Users\\jansen\\Documents.".into()
            }
            Self::NoForm => "Kies ten minste één vorm: PDF, het bericht zelf (.eml) of XML.".into(),
        }
    }
}
