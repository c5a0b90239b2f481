use core::fmt;

use serde::{Deserialize, Serialize};

use crate::Address;

/// Who gets a message and who hears of its failure (RFC 5321 section 2.3.1); not what the header
/// says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Envelope {
    /// The reverse-path; `None` is the null path `<>` of notices.
    pub reverse_path: Option<Address>,
    /// The parameters of MAIL, in the order given.
    pub params: Vec<Param>,
    /// The recipients, in the order given.
    pub recipients: Vec<Recipient>,
}

/// One recipient of an [`Envelope`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recipient {
    /// The forward-path.
    pub address: Address,
    /// The parameters of RCPT, in the order given.
    pub params: Vec<Param>,
}

/// A parameter of MAIL or RCPT (RFC 5321 section 4.1.2, `esmtp-param`), kept as it was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Param {
    text: String,
    equals: Option<usize>,
}

/// Why a text is no parameter.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParamError {
    /// The keyword is empty or has a character that is not allowed.
    #[error("the parameter's keyword is not made of letters, digits and hyphens")]
    Keyword,
    /// The value is empty, or has a blank, a control character or a second `=`.
    #[error("the parameter's value is empty or has a character that is not allowed")]
    Value,
}

impl Param {
    /// Parses `KEYWORD` or `KEYWORD=value`.
    ///
    /// # Errors
    /// [`ParamError`] where the text is not an `esmtp-param`.
    pub fn parse(text: &str) -> Result<Self, ParamError> {
        let equals = text.find('=');
        let keyword = &text[..equals.unwrap_or(text.len())];
        let first = keyword.bytes().next().ok_or(ParamError::Keyword)?;
        let keyword_ok = |c: u8| c.is_ascii_alphanumeric() || c == b'-';
        if !first.is_ascii_alphanumeric() || !keyword.bytes().all(keyword_ok) {
            return Err(ParamError::Keyword);
        }
        if let Some(at) = equals {
            let value = &text[at + 1..];
            if value.is_empty() || value.chars().any(|c| c == '=' || c <= ' ' || c == '\u{7f}') {
                return Err(ParamError::Value);
            }
        }
        Ok(Self { text: text.to_owned(), equals })
    }

    /// The keyword, as it was written; compare with [`Param::is`].
    #[must_use]
    pub fn keyword(&self) -> &str {
        &self.text[..self.equals.unwrap_or(self.text.len())]
    }

    /// The value, where there is one.
    #[must_use]
    pub fn value(&self) -> Option<&str> {
        self.equals.map(|at| &self.text[at + 1..])
    }

    /// True where the keyword is this one, without regard to case.
    #[must_use]
    pub fn is(&self, keyword: &str) -> bool {
        self.keyword().eq_ignore_ascii_case(keyword)
    }
}

impl fmt::Display for Param {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl TryFrom<String> for Param {
    type Error = ParamError;
    fn try_from(text: String) -> Result<Self, ParamError> {
        Self::parse(&text)
    }
}

impl From<Param> for String {
    fn from(param: Param) -> Self {
        param.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_keep_their_spelling() {
        let param = Param::parse("body=8BITMIME").unwrap();
        assert!(param.is("BODY"));
        assert_eq!(param.value(), Some("8BITMIME"));
        assert_eq!(param.to_string(), "body=8BITMIME");
        assert_eq!(Param::parse("SMTPUTF8").unwrap().value(), None);
    }

    #[test]
    fn what_is_no_parameter_is_refused() {
        for text in ["", "=x", "-A", "A=", "A=b c", "A=b=c", "Ä=1", "A=\u{7f}", "A b"] {
            assert!(Param::parse(text).is_err(), "{text:?}");
        }
    }
}
