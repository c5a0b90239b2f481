use mail::Domain;

/// What to look at besides what every domain has.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Options {
    /// The domain of the domain's supplier, whose record (R-DNS-4) is looked at then.
    pub supplier: Option<Domain>,
    /// DKIM selectors: DNS does not tell which a domain has.
    pub selectors: Vec<Selector>,
    /// Is `NTA7516@` the domain asked for (R-DNS-6)? A host may take that for spying, so only
    /// where somebody wants it.
    pub mailbox: Mailbox,
}

/// Whether the mail host is asked if it takes mail for `NTA7516@` the domain (R-DNS-6). Nothing
/// is sent: the host hears MAIL and RCPT, and then QUIT.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Mailbox {
    /// It is not asked.
    #[default]
    NotAsked,
    /// It is asked.
    Asked,
}

/// A DKIM selector (RFC 6376 section 3.1): one label or several.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Selector(String);

impl Selector {
    /// Takes a selector as it is written in a signature's `s=`; `None` where it cannot be part of a
    /// domain name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let fits = text.len() <= 63 && !text.ends_with('.') && text.is_ascii();
        (fits && Domain::parse(text).is_ok()).then(|| Self(text.to_ascii_lowercase()))
    }

    /// The selector as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
