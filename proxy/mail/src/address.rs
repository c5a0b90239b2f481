use core::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use serde::{Deserialize, Serialize};

use crate::{Domain, DomainError};

/// A mailbox as SMTP knows it (RFC 5321 section 4.1.2, RFC 6531 section 3.3).
///
/// The local part is kept as it was written, quotes included: only the receiving host may
/// interpret it. Two addresses are equal where their local parts are the same bytes and their
/// hosts the same name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Address {
    local: String,
    host: Host,
}

/// What stands behind the `@`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Host {
    /// A domain name.
    Domain(Domain),
    /// An address literal (RFC 5321 section 4.1.3).
    Literal(IpAddr),
}

/// Why a text is no address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AddressError {
    /// There is no `@`, or nothing before it.
    #[error("the address has no name before an @")]
    NoLocalPart,
    /// The local part is longer than 64 octets (RFC 5321 section 4.5.3.1.1).
    #[error("the name before the @ is longer than 64 characters")]
    LocalPartTooLong,
    /// The local part has a character that must be quoted, or is quoted badly.
    #[error("the name before the @ has a character that is not allowed there")]
    LocalPart,
    /// The address literal is neither IPv4 nor IPv6.
    #[error("the address literal between [ and ] is no IP address")]
    Literal,
    /// What stands behind the `@` is no domain name.
    #[error(transparent)]
    Domain(#[from] DomainError),
}

impl Address {
    /// Parses `local@domain` or `local@[literal]`, without angle brackets.
    ///
    /// # Errors
    /// [`AddressError`] where the text is no mailbox.
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        let (local, host) = text.rsplit_once('@').ok_or(AddressError::NoLocalPart)?;
        if local.is_empty() {
            return Err(AddressError::NoLocalPart);
        }
        if local.len() > 64 {
            return Err(AddressError::LocalPartTooLong);
        }
        if !is_dot_string(local) && !is_quoted_string(local) {
            return Err(AddressError::LocalPart);
        }
        let host = match host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            Some(literal) => Host::Literal(parse_literal(literal)?),
            None => Host::Domain(Domain::parse(host)?),
        };
        Ok(Self { local: local.to_owned(), host })
    }

    /// The part before the `@`, as it was written.
    #[must_use]
    pub fn local(&self) -> &str {
        &self.local
    }

    /// What stands behind the `@`.
    #[must_use]
    pub fn host(&self) -> &Host {
        &self.host
    }

    /// The domain, where there is one; `None` for an address literal.
    #[must_use]
    pub fn domain(&self) -> Option<&Domain> {
        match &self.host {
            Host::Domain(domain) => Some(domain),
            Host::Literal(_) => None,
        }
    }

    /// True where the address needs SMTPUTF8 (RFC 6531): its local part is not ASCII.
    #[must_use]
    pub fn is_international(&self) -> bool {
        !self.local.is_ascii()
    }

    /// True for the same mailbox in practice: hosts equal and local parts equal without regard to
    /// case, as people and certificates write them.
    #[must_use]
    pub fn is_same_mailbox(&self, other: &Self) -> bool {
        self.host == other.host && self.local.to_lowercase() == other.local.to_lowercase()
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.host {
            Host::Domain(domain) => write!(f, "{}@{domain}", self.local),
            Host::Literal(IpAddr::V4(ip)) => write!(f, "{}@[{ip}]", self.local),
            Host::Literal(IpAddr::V6(ip)) => write!(f, "{}@[IPv6:{ip}]", self.local),
        }
    }
}

impl TryFrom<String> for Address {
    type Error = AddressError;
    fn try_from(text: String) -> Result<Self, AddressError> {
        Self::parse(&text)
    }
}

impl From<Address> for String {
    fn from(address: Address) -> Self {
        address.to_string()
    }
}

fn is_dot_string(local: &str) -> bool {
    local.split('.').all(|atom| !atom.is_empty() && atom.chars().all(is_atext))
}

/// RFC 5322 section 3.2.3: atext, with the UTF-8 of RFC 6531.
fn is_atext(c: char) -> bool {
    c.is_ascii_alphanumeric()
        || "!#$%&'*+-/=?^_`{|}~".contains(c)
        || (!c.is_ascii() && !c.is_control())
}

fn is_quoted_string(local: &str) -> bool {
    let Some(inner) = local.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) else {
        return false;
    };
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        let text = |c: char| c == ' ' || c.is_ascii_graphic() || (!c.is_ascii() && !c.is_control());
        match c {
            '"' => return false,
            '\\' if !chars.next().is_some_and(text) => return false,
            c if !text(c) => return false,
            _ => {}
        }
    }
    true
}

fn parse_literal(literal: &str) -> Result<IpAddr, AddressError> {
    let tag = literal.get(..5).filter(|tag| tag.eq_ignore_ascii_case("IPv6:"));
    match tag {
        Some(_) => literal[5..].parse::<Ipv6Addr>().map(IpAddr::V6),
        None => literal.parse::<Ipv4Addr>().map(IpAddr::V4),
    }
    .map_err(|_| AddressError::Literal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_comes_back() {
        for text in [
            "jan@praktijk.nl",
            "\"a b\"@b.nl",
            "\"a@b\"@b.nl",
            "a@[192.0.2.1]",
            "a@[IPv6:2001:db8::1]",
            "søren@example.org",
            "a+b/c=d@x.nl",
        ] {
            assert_eq!(Address::parse(text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn what_is_no_mailbox_is_refused() {
        for text in [
            "",
            "a",
            "@b.nl",
            "a b@c.nl",
            "a..b@c.nl",
            ".a@c.nl",
            "a@",
            "\"a\"b\"@c.nl",
            "\"a\\\"@c.nl",
            "a@[300.1.1.1]",
            "a@[IPv6:x]",
            "a\r\n@b.nl",
            "a<b@c.nl",
            "a>@c.nl",
        ] {
            assert!(Address::parse(text).is_err(), "{text:?}");
        }
    }
}
