//! What the servers of both protocols say alike of a session: where TLS stands, whether the peer still
//! speaks, and what it has used up.

/// Where TLS stands in the session (RFC 3207, RFC 3501 section 6.2.1, RFC 8314).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tls {
    /// The connection is inside TLS from its first byte.
    Implicit,
    /// The client must say STARTTLS before it may log in.
    StartTls,
    /// There is no TLS; logging in is offered in the clear.
    None,
}

/// Whether the connection is inside TLS now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Link {
    /// Not, or not yet.
    Clear,
    /// It is.
    Secured,
}

impl Link {
    /// As a session begins.
    #[must_use]
    pub fn first(tls: Tls) -> Self {
        match tls {
            Tls::Implicit => Self::Secured,
            Tls::StartTls | Tls::None => Self::Clear,
        }
    }
}

/// Whether the peer may still send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Peer {
    /// It may.
    Open,
    /// It closed its side.
    Ended,
}

/// What a client has used of its bounds.
#[derive(Debug, Default)]
pub struct Tally {
    /// Commands.
    pub commands: usize,
    /// Commands that were refused.
    pub errors: usize,
    /// Failed logins.
    pub auth_failures: usize,
    /// Bytes of commands.
    pub bytes: usize,
}

/// Whether a step brought a machine further, or it needs bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// It went further, and may again.
    Went,
    /// It needs bytes or an answer.
    Dry,
}
