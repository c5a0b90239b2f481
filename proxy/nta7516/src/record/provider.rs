use core::fmt;

use serde::{Deserialize, Serialize};

use crate::Error;

/// The mark of a supplier: the value of `provider=` in a record and of `X-NTA7516` in a header
/// (R-DNS-1, R-DNS-5).
///
/// Visible ASCII without quotation mark and semicolon, of 1 to 255 characters; upper and lower
/// case differ. The length is the one of a character-string (RFC 1035 section 3.3): the mark must
/// also fit a header line unfolded.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Provider(String);

impl Provider {
    /// Takes a mark as it is written in the record or the settings.
    ///
    /// # Errors
    /// [`Error::Provider`] where it is empty, too long or has another character.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let fits = (1..=MAX_MARK).contains(&text.len());
        if !fits || !text.bytes().all(Self::allows) {
            return Err(Error::Provider);
        }
        Ok(Self(text.to_owned()))
    }

    /// The mark as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// `%x21 / %x23-3A / %x3C-7E`, the characters of R-DNS-1.
    pub(crate) fn allows(byte: u8) -> bool {
        byte.is_ascii_graphic() && byte != b'"' && byte != b';'
    }
}

impl fmt::Display for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Provider {
    type Error = Error;
    fn try_from(text: String) -> Result<Self, Error> {
        Self::parse(&text)
    }
}

impl From<Provider> for String {
    fn from(provider: Provider) -> Self {
        provider.0
    }
}

pub(crate) const MAX_MARK: usize = 255;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_visible_ascii_without_quote_and_semicolon() {
        for byte in 0..=255_u8 {
            let text = char::from(byte).to_string();
            let allowed = (0x21..=0x7e).contains(&byte) && byte != 0x22 && byte != 0x3b;
            assert_eq!(Provider::parse(&text).is_ok(), allowed, "{byte:#x}");
        }
        assert!(Provider::parse("").is_err());
        assert!(Provider::parse(&"a".repeat(255)).is_ok());
        assert!(Provider::parse(&"a".repeat(256)).is_err());
    }
}
