//! What an account says of mail that comes in.

/// Where a provider writes Authentication-Results (RFC 8601 section 7.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AuthservPlace {
    /// Above its Received fields, where nobody else can write.
    #[default]
    Top,
    /// Right below its own Received field, where a sender can write too: only for a provider that takes
    /// away what bears its id and is not its own (RFC 8601 section 5).
    Below,
}

/// Which mail that came in is kept in the archive (R-KEEP-1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum KeepReceived {
    /// What says that it is NTA mail, and what is signed.
    #[default]
    Claims,
    /// What says that it is NTA mail.
    Nta,
    /// Nothing.
    None,
}
