//! What is said to the person behind the mail program when a session ends.

/// The sentences of one language. US-ASCII: IMAP's text has nothing else (RFC 3501 section 9).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Words {
    /// Nobody logged in.
    pub(crate) login: &'static str,
    /// The provider went away.
    pub(crate) lost: &'static str,
    /// This program ends.
    pub(crate) stopping: &'static str,
}

impl Words {
    /// Dutch.
    pub const DUTCH: Self = Self {
        login: "Er werd niet op tijd aangemeld",
        lost: "De verbinding met uw mailprovider is verbroken; uw mailprogramma verbindt opnieuw",
        stopping: "Zorgzegel stopt; start het weer om mail op te halen",
    };

    /// English.
    pub const ENGLISH: Self = Self {
        login: "Nobody logged in in time",
        lost: "The connection to your mail provider was lost; your mail program connects again",
        stopping: "Zorgzegel stops; start it again to fetch mail",
    };
}
