/// Why the operating system's keyring did not give or take a secret.
///
/// The answers are kept apart since each asks something else of the user, and none of them ever
/// resets anything (R-KEEP-1, invariant 8).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyringError {
    /// There is no keyring service to talk to (on Linux: no session bus or no Secret Service).
    #[error(
        "no keyring is running for this user; log in to the desktop, or start a Secret Service such as gnome-keyring, and try again"
    )]
    Absent,
    /// The keyring is there and waits to be unlocked.
    #[error(
        "the keyring is locked; unlock it with its password (usually that of your log-in) and try again"
    )]
    Locked,
    /// The user or the system's policy refused access.
    #[error(
        "access to the keyring was refused; allow Zorgzegel to use it, with the keyring's own password, and try again"
    )]
    Denied,
    /// The keyring answers and has no entry of this name. A keyring that was unlocked with a wrong
    /// password answers so too.
    #[error(
        "the keyring has no entry of this name; if it was unlocked with another password than usual, unlock it again with the right one"
    )]
    NoEntry,
    /// What the keyring gave back is not what was stored.
    #[error(
        "the entry in the keyring is damaged; restore the keyring from a backup, nothing was changed"
    )]
    Corrupt,
    /// The platform's keyring takes no secret of this length.
    #[error(
        "the secret is longer than this keyring takes ({limit} bytes); use a smaller key or a shorter password"
    )]
    TooLong {
        /// The most bytes that fit.
        limit: u32,
    },
    /// The keyring failed in a way that is none of the others; the words are the platform's.
    #[error("the keyring failed ({words}); log out and in again, and try again")]
    Failed {
        /// The platform's own words, without any secret.
        words: String,
    },
}

impl KeyringError {
    /// The same sentence in Dutch: what happened, and what to do.
    #[must_use]
    pub fn nl(&self) -> String {
        match self {
            Self::Absent => "Er draait geen sleutelbos voor deze gebruiker; meld u aan op het bureaublad of start een Secret Service zoals gnome-keyring, en probeer het opnieuw.".into(),
            Self::Locked => "De sleutelbos is vergrendeld; ontgrendel hem met zijn wachtwoord (meestal dat waarmee u zich aanmeldt) en probeer het opnieuw.".into(),
            Self::Denied => "De toegang tot de sleutelbos is geweigerd; sta Zorgzegel toe hem te gebruiken, met het eigen wachtwoord van de sleutelbos, en probeer het opnieuw.".into(),
            Self::NoEntry => "De sleutelbos kent dit gegeven niet; is hij met een ander wachtwoord ontgrendeld dan anders, ontgrendel hem dan met het juiste.".into(),
            Self::Corrupt => "Het gegeven in de sleutelbos is beschadigd; zet de sleutelbos terug uit een reservekopie. Er is niets veranderd.".into(),
            Self::TooLong { limit } => format!("Het geheim is langer dan deze sleutelbos aankan ({limit} bytes); gebruik een kleinere sleutel of een korter wachtwoord."),
            Self::Failed { words } => format!("De sleutelbos gaf een fout ({words}); meld u af en weer aan, en probeer het opnieuw."),
        }
    }

    /// The sentence in English: what happened, and what to do.
    #[must_use]
    pub fn en(&self) -> String {
        self.to_string()
    }
}
