use core::fmt;

use mail::{Address, Param, Recipient};
use wire::sasl::Credentials;

/// What the server tells its owner.
pub enum Event {
    /// The 220 was written: the connection is to be put inside TLS, then
    /// [`super::Server::tls_established`]. No answer.
    StartTls,
    /// The client wants to log in. Answer: `authenticated(bool)`, or `answer` with 454 where it
    /// cannot be said now.
    Authenticate(Credentials),
    /// A transaction begins. Answer: `answer`.
    Mail {
        /// The reverse-path; `None` is `<>`.
        reverse_path: Option<Address>,
        /// The parameters of MAIL in the order given.
        params: Vec<Param>,
    },
    /// A recipient. Answer: `answer`.
    Rcpt(Recipient),
    /// The message is about to come. Answer: `answer`.
    DataStart,
    /// The next bytes of the message, exact and unstuffed; never empty. No answer.
    Data(Vec<u8>),
    /// The message is whole. Answer: `answer` with the final reply.
    DataEnd,
    /// The transaction is void: forget it and what came of its message. No answer.
    Reset,
    /// The last reply (221 or 421) was written: drop the connection.
    Quit,
}

impl fmt::Debug for Event {
    /// Only the kind and the size: addresses and content belong in no log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::StartTls => f.write_str("StartTls"),
            Self::Authenticate(credentials) => credentials.fmt(f),
            Self::Mail { params, .. } => write!(f, "Mail({} parameters)", params.len()),
            Self::Rcpt(_) => f.write_str("Rcpt"),
            Self::DataStart => f.write_str("DataStart"),
            Self::Data(bytes) => write!(f, "Data({} bytes)", bytes.len()),
            Self::DataEnd => f.write_str("DataEnd"),
            Self::Reset => f.write_str("Reset"),
            Self::Quit => f.write_str("Quit"),
        }
    }
}
