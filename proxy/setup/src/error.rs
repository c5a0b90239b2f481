//! Why a step of the set-up did not succeed.

use engine::error::EngineError;
use engine::retrieval::NoUpstream;
use mail::Address;
use session::SessionError;
use vault::VaultError;

/// Why a step of the set-up did not succeed. Nothing was kept then.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SetupError {
    /// The provider could not be reached, or did not let us in.
    #[error("{host} did not let us in: {why}; look at the password, the server and the port")]
    Provider {
        /// Its server.
        host: String,
        /// What was seen.
        why: SessionError,
    },
    /// The same of the server where mail is fetched.
    #[error(
        "{host}, where mail is fetched, did not let us in: {why}; look at the password, the server and \
         the port"
    )]
    Retrieval {
        /// Its server.
        host: String,
        /// What was seen.
        why: NoUpstream,
    },
    /// There is such an account already.
    #[error("{0} is an account already; its server and password are changed in Settings")]
    Known(Address),
    /// There is no such account.
    #[error("there is no account {0} any more; open the settings again")]
    Unknown(Address),
    /// Messages of the account wait.
    #[error(
        "{count} messages of {account} still wait; choose for them first (Waiting), then remove the \
         account"
    )]
    MailWaits {
        /// The account.
        account: Address,
        /// How many.
        count: usize,
    },
    /// The engine or the vault.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The engine does not listen.
    #[error("Zorgzegel does not listen yet; see the diagnosis")]
    NotListening,
    /// The mail to oneself was not taken.
    #[error("the mail was not taken: {0}")]
    NotTaken(String),
}

impl From<VaultError> for SetupError {
    fn from(error: VaultError) -> Self {
        Self::Engine(error.into())
    }
}

impl SetupError {
    /// The sentence in Dutch: what happened, and what to do.
    #[must_use]
    pub fn nl(&self) -> String {
        match self {
            Self::Provider { host, why } => format!(
                "{host} liet ons niet binnen: {}. Kijk naar het wachtwoord, de server en de poort.",
                why.nl()
            ),
            Self::Retrieval { host, why } => format!(
                "{host}, waar mail wordt opgehaald, liet ons niet binnen: {} Kijk naar het wachtwoord, \
                 de server en de poort.",
                why.nl()
            ),
            Self::Known(address) => format!(
                "{address} is al een account. Server en wachtwoord past u aan bij Instellingen."
            ),
            Self::Unknown(address) => {
                format!("Er is geen account {address} meer. Open de instellingen opnieuw.")
            }
            Self::MailWaits { account, count: 1 } => format!(
                "Er wacht nog één mail van {account}. Kies daar eerst voor bij Wachtend, en verwijder dan \
                 het account."
            ),
            Self::MailWaits { account, count } => format!(
                "Er wachten nog {count} mails van {account}. Kies daar eerst voor bij Wachtend, en \
                 verwijder dan het account."
            ),
            Self::Engine(error) => error.nl(),
            Self::NotListening => "Zorgzegel luistert nog niet; zie de diagnose.".to_owned(),
            Self::NotTaken(words) => format!("De mail werd niet aangenomen: {words}"),
        }
    }
}
