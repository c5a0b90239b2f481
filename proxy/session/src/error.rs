use net::tls::TlsError;
use nta7516::proof::Words;
use smtp::Reply;

/// Why a session could not be had or went on no longer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SessionError {
    /// No TCP connection.
    #[error("{target} cannot be reached: {source}")]
    Unreachable {
        /// Host and port.
        target: String,
        /// What the system said.
        source: net::dial::DialError,
    },
    /// The peer did not answer in time.
    #[error("the server did not answer {waiting_for} within {seconds} s")]
    Silent {
        /// What was awaited.
        waiting_for: &'static str,
        /// How long was waited.
        seconds: u64,
    },
    /// The peer greeted with a refusal, or answered EHLO with one, or STARTTLS with one for now.
    #[error("the server refuses the session: {0}")]
    Refused(Reply),
    /// STARTTLS is not offered, or was refused.
    #[error("the server offers no STARTTLS")]
    NoStartTls,
    /// The TLS handshake or the proof failed.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The server offers none of the mechanisms that may be used.
    #[error(
        "the server offers no login that may be used here (CRAM-MD5, or PLAIN and LOGIN inside TLS)"
    )]
    NoMechanism,
    /// The server did not accept the login.
    #[error("the server did not accept the login: {0}")]
    LoginRefused(Reply),
    /// The server closed with 421 (RFC 5321 section 3.8).
    #[error("the server closes the session: {0}")]
    Closing(Reply),
    /// The server ended the connection.
    #[error("the server ended the connection")]
    Ended,
    /// The server broke the protocol, or the connection broke.
    #[error("the connection to the server failed: {0}")]
    Broken(String),
}

impl SessionError {
    /// What happened, in Dutch, for the person who waits for it.
    #[must_use]
    pub fn nl(&self) -> String {
        match self {
            Self::Unreachable { target, .. } => format!("{target} is niet te bereiken"),
            Self::Silent { seconds, .. } => {
                format!("de server gaf binnen {seconds} seconden geen antwoord")
            }
            Self::Refused(reply) => format!("de server weigert de verbinding: {reply}"),
            Self::NoStartTls => "de server biedt geen versleuteling (STARTTLS)".to_owned(),
            Self::Tls(error) => error.nl(),
            Self::NoMechanism => "de server biedt geen veilige manier van aanmelden".to_owned(),
            Self::LoginRefused(reply) => format!("de server weigert de aanmelding: {reply}"),
            Self::Closing(reply) => format!("de server sluit de verbinding: {reply}"),
            Self::Ended => "de server verbrak de verbinding".to_owned(),
            Self::Broken(_) => "de verbinding met de server viel weg".to_owned(),
        }
    }

    /// What happened, in both languages; a server's own words are as it said them.
    #[must_use]
    pub fn words(&self) -> Words {
        Words::new(Words::said(&self.nl()).nl, Words::said(&self.to_string()).en)
    }

    /// True where trying again later may help.
    #[must_use]
    pub fn is_temporary(&self) -> bool {
        match self {
            Self::Refused(reply) | Self::LoginRefused(reply) => !reply.is_permanent(),
            Self::Tls(error) => error.is_temporary(),
            Self::NoStartTls | Self::NoMechanism => false,
            _ => true,
        }
    }
}
