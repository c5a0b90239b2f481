//! Why the engine cannot start or go on.

/// Why the engine cannot start or go on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EngineError {
    /// The settings are not good.
    #[error(transparent)]
    Settings(#[from] vault::settings::SettingsError),
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
    #[error("the control socket {path} cannot be made: {source}")]
    Control {
        /// Its path.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// The system gives no random numbers.
    #[error("the system gives no random numbers; restart the computer")]
    NoRandomness,
}
