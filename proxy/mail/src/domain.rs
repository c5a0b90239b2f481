use core::fmt;

use serde::{Deserialize, Serialize};

/// A domain name: lower-case A-labels without a final dot (RFC 1035 section 2.3.1, RFC 5890).
///
/// Names of other scripts are turned into their A-labels when parsed; underscores are allowed,
/// since service names (`_25._tcp…`) are looked up as domains too.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Domain(String);

/// Why a text is no domain name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DomainError {
    /// Nothing is there.
    #[error("the domain name is empty")]
    Empty,
    /// A label is empty or longer than 63 octets (RFC 1035 section 2.3.4).
    #[error("a label of the domain name is empty or longer than 63 characters")]
    Label,
    /// The name is longer than 253 octets.
    #[error("the domain name is longer than 253 characters")]
    TooLong,
    /// A character is not allowed in a host name.
    #[error("the domain name has a character that host names do not have")]
    Character,
}

impl Domain {
    /// Parses a name, with or without its final dot.
    ///
    /// # Errors
    /// [`DomainError`] where the text is no host name.
    pub fn parse(text: &str) -> Result<Self, DomainError> {
        let text = text.strip_suffix('.').unwrap_or(text);
        if text.is_empty() {
            return Err(DomainError::Empty);
        }
        let ascii = if text.is_ascii() {
            text.to_ascii_lowercase()
        } else {
            idna::domain_to_ascii(text).map_err(|_| DomainError::Character)?
        };
        if ascii.len() > 253 {
            return Err(DomainError::TooLong);
        }
        for label in ascii.split('.') {
            if label.is_empty() || label.len() > 63 {
                return Err(DomainError::Label);
            }
            let allowed = |c: u8| c.is_ascii_alphanumeric() || c == b'-' || c == b'_';
            if !label.bytes().all(allowed) || label.starts_with('-') || label.ends_with('-') {
                return Err(DomainError::Character);
            }
        }
        Ok(Self(ascii))
    }

    /// The name as lower-case A-labels, without a final dot.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name in the script that people read; the A-label form where that is not possible.
    #[must_use]
    pub fn to_unicode(&self) -> String {
        let (text, result) = idna::domain_to_unicode(&self.0);
        if result.is_ok() { text } else { self.0.clone() }
    }
}

impl fmt::Display for Domain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Domain {
    type Error = DomainError;
    fn try_from(text: String) -> Result<Self, DomainError> {
        Self::parse(&text)
    }
}

impl From<Domain> for String {
    fn from(domain: Domain) -> Self {
        domain.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_and_final_dot_make_no_difference() {
        assert_eq!(Domain::parse("Ziekenhuis.NL.").unwrap().as_str(), "ziekenhuis.nl");
    }

    #[test]
    fn other_scripts_become_a_labels() {
        assert_eq!(Domain::parse("zórg.example").unwrap().as_str(), "xn--zrg-gna.example");
        assert_eq!(Domain::parse("zórg.example").unwrap().to_unicode(), "zórg.example");
    }

    #[test]
    fn what_is_no_host_name_is_refused() {
        for text in ["", ".", "a..b", "a b", "-a.nl", "a-.nl", "a@b", "a\r\n.nl", &"a".repeat(64)] {
            assert!(Domain::parse(text).is_err(), "{text:?}");
        }
    }
}
