//! Why the engine cannot start or go on.

/// Why the engine cannot start or go on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EngineError {
    /// The settings are not good.
    #[error(transparent)]
    Settings(#[from] settings::SettingsError),
    /// The vault cannot be used.
    #[error(transparent)]
    Vault(#[from] vault::VaultError),
    /// A listener cannot be had.
    #[error(transparent)]
    Listen(#[from] net::listen::ListenError),
    /// The resolver cannot be set up.
    #[error(transparent)]
    Dns(#[from] net::dns::DnsError),
    /// Roots or the local certificate cannot be used.
    #[error(transparent)]
    Tls(#[from] net::tls::TlsError),
    /// The local certificate cannot be made.
    #[error(transparent)]
    LocalCertificate(#[from] net::local::LocalCertificateError),
    /// A file that the settings name cannot be read.
    #[error("{path} cannot be read: {source}; the settings name this file")]
    File {
        /// Its path.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// The control socket cannot be had.
    #[error(transparent)]
    Control(#[from] control::BindError),
    /// There is no place for settings.
    #[error("this user has no home folder, so there is no place for settings; name a file")]
    NoHome,
    /// The system gives no random numbers.
    #[error("the system gives no random numbers; restart the computer")]
    NoRandomness,
}

impl EngineError {
    /// The sentence in Dutch: what happened, and what to do.
    #[must_use]
    pub fn nl(&self) -> String {
        match self {
            Self::Settings(error) => format!("De instellingen kloppen niet: {error}"),
            Self::Vault(error) => error.nl(),
            Self::Listen(error) => format!(
                "Zorgzegel kan niet luisteren op zijn poort ({error}); sluit het programma dat de poort gebruikt, of kies een andere poort in de instellingen."
            ),
            Self::Dns(error) => {
                format!("De naamserver in de instellingen is niet te gebruiken: {error}")
            }
            Self::Tls(error) => format!("De certificaten zijn niet te gebruiken: {error}"),
            Self::LocalCertificate(error) => {
                format!("Het lokale certificaat is niet te gebruiken: {error}")
            }
            Self::File { path, source } => {
                format!("{path} is niet te lezen ({source}); de instellingen noemen dit bestand.")
            }
            Self::Control(control::BindError::Place { path, source }) => {
                format!("De besturing {path} kan niet worden gemaakt: {source}")
            }
            Self::NoHome => {
                "Deze gebruiker heeft geen thuismap, dus geen plaats voor instellingen.".to_owned()
            }
            Self::Control(_) | Self::NoRandomness => {
                "Het systeem geeft geen toevalsgetallen; start de computer opnieuw.".to_owned()
            }
        }
    }
}
