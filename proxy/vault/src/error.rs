use std::io;
use std::path::PathBuf;

use identity::IdentityError;
use keyring::KeyringError;
use sealing::SealingError;

/// Which secret of the keyring an error speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SecretKind {
    /// The password of an account at its provider.
    Provider,
    /// The password of an account at its gateway.
    Gateway,
    /// The password with which the mail program logs in here.
    Local,
    /// The private key of an identity.
    Identity,
    /// A small secret of the program itself, such as the key of the local certificate.
    Own,
}

impl core::fmt::Display for SecretKind {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::Provider => "provider's password",
            Self::Gateway => "gateway's password",
            Self::Local => "local password",
            Self::Identity => "signing key",
            Self::Own => "program's own key",
        })
    }
}

/// Why something could not be kept, found or changed.
///
/// Nothing was lost by any of these: a change either stands whole on disk or did not happen.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VaultError {
    /// The keyring did not answer as it should.
    #[error(transparent)]
    Keyring(#[from] KeyringError),
    /// The data folder holds encrypted data and the keyring has no key for it.
    #[error(
        "the data folder is encrypted and the keyring has no key for it; unlock the keyring with its usual password or restore it from a backup (nothing was changed, and no new key is made over old data)"
    )]
    KeyLost,
    /// The key in the keyring is not the one that this data folder was made with.
    #[error(
        "the key in the keyring is not the key of this data folder; restore the folder and the keyring from the same backup"
    )]
    WrongKey,
    /// A secret was made or given once and the keyring no longer has it.
    #[error(
        "the {kind} was stored once and the keyring no longer has it; unlock the keyring with its usual password or restore it, or set the {kind} anew"
    )]
    SecretLost {
        /// Which one.
        kind: SecretKind,
    },
    /// A secret was never given.
    #[error("no {kind} is stored for this account; give it with `zorgzegel account add`")]
    NoSecret {
        /// Which one.
        kind: SecretKind,
    },
    /// The disk, or the user's share of it, is full.
    #[error("the disk is full; make room and send again")]
    Full,
    /// The data folder cannot be written to.
    #[error(
        "the data folder cannot be written to; give yourself the right to write there, or name another with data_dir"
    )]
    ReadOnly,
    /// Others on this machine can read the data folder that was named.
    #[error(
        "other users can read the folder {path}; name an empty folder as data_dir, or take their rights away (chmod 700)"
    )]
    OpenFolder {
        /// The folder.
        path: PathBuf,
    },
    /// An engine runs on this data folder already.
    #[error("Zorgzegel runs on this data folder already; stop that one first")]
    EngineRuns,
    /// Another process kept the database for itself too long.
    #[error("the data folder is in use by another command; try again in a moment")]
    Busy,
    /// A newer version of this program made the data folder.
    #[error(
        "the data folder was made by a newer version (format {found}, this version knows {known}); install the newer version"
    )]
    Newer {
        /// The format found.
        found: i64,
        /// The newest format that this version knows.
        known: i64,
    },
    /// Something kept is damaged: cut short, changed, swapped or gone.
    #[error("{what} is damaged; restore the data folder from a backup")]
    Corrupt {
        /// What is damaged, without content.
        what: String,
    },
    /// There is no held message of this id.
    #[error("there is no held message {id} (any more); ‘Waiting’ has those that are there")]
    UnknownMessage {
        /// The id asked for.
        id: String,
    },
    /// The held message has no such recipient.
    #[error("this held message has no such recipient; ‘Waiting’ has those that it has")]
    UnknownRecipient,
    /// The step asked for is not possible in the state that the recipients are in.
    #[error(
        "this message cannot be {asked} now: {state}; ‘Waiting’ and ‘Sent’ say how it stands and what is possible"
    )]
    NotNow {
        /// What was asked, as a participle.
        asked: &'static str,
        /// The state that forbids it.
        state: &'static str,
    },
    /// The key of the message's text was destroyed.
    #[error(
        "the text of this message was destroyed and cannot be read here any more; look in your mail program"
    )]
    Discarded,
    /// Another signed form of this message is kept already: what was signed is what is sent.
    #[error("this message was signed already; what was signed is what is sent")]
    AlreadySigned,
    /// The account has no identity to sign with.
    #[error("the account has no signing identity; make one with `zorgzegel identity create`")]
    NoIdentity,
    /// An identity cannot be taken, asked for or used; nothing was kept or changed.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// The message is larger than anything that mail carries.
    #[error("the message is larger than 1 GiB; send the documents another way")]
    TooLarge,
    /// Words that are no recovery key, or not this folder's.
    #[error(transparent)]
    Recovery(#[from] crate::recovery::RecoveryError),
    /// The call was broken off before it came to an end.
    #[error("the program is being stopped; try again when it runs")]
    Interrupted,
    /// The cryptographic library refused to work: no randomness, or out of memory.
    #[error("the cryptographic library failed; restart the computer and try again")]
    Crypto,
    /// The operating system failed on a file.
    #[error("{doing} failed: {source}; look at the disk and the rights on the data folder")]
    Io {
        /// What was being done.
        doing: &'static str,
        /// What the system said.
        source: io::Error,
    },
    /// The database failed in a way that is none of the others.
    #[error("the database failed: {0}; restart Zorgzegel, and look at the disk")]
    Database(rusqlite::Error),
}

impl VaultError {
    /// Turns a failure on a file into the fact behind it.
    pub(crate) fn io(doing: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |source| match source.kind() {
            io::ErrorKind::StorageFull
            | io::ErrorKind::QuotaExceeded
            | io::ErrorKind::FileTooLarge => Self::Full,
            io::ErrorKind::ReadOnlyFilesystem | io::ErrorKind::PermissionDenied => Self::ReadOnly,
            _ => Self::Io { doing, source },
        }
    }

    pub(crate) fn corrupt(what: impl Into<String>) -> Self {
        Self::Corrupt { what: what.into() }
    }

    /// The sentence in Dutch: what happened, and what to do.
    #[must_use]
    pub fn nl(&self) -> String {
        match self {
            Self::Keyring(error) => error.nl(),
            Self::Recovery(error) => error.nl(),
            Self::KeyLost => "De gegevensmap is versleuteld en de sleutelbos heeft de sleutel niet; ontgrendel de sleutelbos met het gewone wachtwoord of zet hem terug uit een reservekopie. Er is niets veranderd.".into(),
            Self::WrongKey => "De sleutel in de sleutelbos hoort niet bij deze gegevensmap; zet map en sleutelbos terug uit dezelfde reservekopie.".into(),
            Self::Full => "De schijf is vol; maak ruimte en verzend opnieuw.".into(),
            Self::ReadOnly => "In de gegevensmap kan niet worden geschreven; geef uzelf schrijfrecht of noem een andere map (data_dir).".into(),
            Self::EngineRuns => "Zorgzegel draait al met deze gegevensmap; stop die eerst.".into(),
            Self::Busy => "De gegevensmap is in gebruik door een andere opdracht; probeer het zo opnieuw.".into(),
            Self::Corrupt { .. } => "Iets in de gegevensmap is beschadigd; zet de map terug uit een reservekopie.".into(),
            Self::UnknownMessage { id } => format!("Er is geen vastgehouden bericht {id} (meer); kijk bij ‘Wachtend’."),
            Self::NoIdentity => "Het account heeft geen identiteit om mee te ondertekenen; maak er een bij Identiteiten (`zorgzegel identity create`).".into(),
            Self::SecretLost { .. } => "Een bewaard wachtwoord of bewaarde sleutel is niet meer in de sleutelbos; ontgrendel de sleutelbos met het gewone wachtwoord, of stel het opnieuw in.".into(),
            Self::NoSecret { .. } => "Voor dit account is geen wachtwoord bewaard; geef het bij Instellingen, onder ‘Mailserver en wachtwoord’ (`zorgzegel account add`).".into(),
            Self::NotNow { .. } => "Dit kan nu niet (meer) met dit bericht; bij ‘Wachtend’ of ‘Verzonden’ staat hoe het ervoor staat en wat wel kan.".into(),
            Self::Identity(error) => error.nl(),
            Self::Discarded => "De tekst van dit bericht is vernietigd en hier niet meer te lezen; kijk in uw mailprogramma.".into(),
            other => format!("Bewaren of opzoeken mislukte: {other}."),
        }
    }

    /// The sentence in English: what happened, and what to do.
    #[must_use]
    pub fn en(&self) -> String {
        self.to_string()
    }
}

impl From<rusqlite::Error> for VaultError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode;
        let Some(failure) = error.sqlite_error() else {
            return Self::Database(error);
        };
        // An SHM file that cannot grow is how WAL mode meets a full disk first.
        const SHM_SIZE: i32 = rusqlite::ffi::SQLITE_IOERR_SHMSIZE;
        match failure.code {
            ErrorCode::DiskFull | ErrorCode::TooBig => Self::Full,
            ErrorCode::SystemIoFailure if failure.extended_code == SHM_SIZE => Self::Full,
            ErrorCode::ReadOnly | ErrorCode::PermissionDenied | ErrorCode::CannotOpen => {
                Self::ReadOnly
            }
            ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => Self::Busy,
            ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => Self::corrupt("the database"),
            _ => Self::Database(error),
        }
    }
}

impl From<SealingError> for VaultError {
    fn from(error: SealingError) -> Self {
        match error {
            SealingError::Crypto => Self::Crypto,
            SealingError::Io { doing, source } => Self::io(doing)(source),
            SealingError::Damaged { name } => Self::corrupt(format!("the file of message {name}")),
        }
    }
}
