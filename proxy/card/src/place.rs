use core::fmt::Write as _;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// Where a key on a card is. As text a PKCS #11 URI (RFC 7512):
/// `pkcs11:token=LABEL;serial=SERIAL;id=%01;type=private?module-path=FILE`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Place {
    /// The module's file.
    pub module: PathBuf,
    /// The token's serial number: by it the card is known again. Where several have the same, as makers
    /// who number nothing give it, label, model and certificate tell them apart.
    pub serial: String,
    /// What the token is called, for people.
    pub label: String,
    /// What kind of token it is; empty where that was not noted.
    pub model: String,
    /// The key's CKA_ID.
    pub key: Vec<u8>,
    /// [Fingerprint](cades::fingerprint()) of the certificate that was registered with the key; empty where
    /// none is meant. No part of the text: whoever keeps a place keeps the certificate beside it.
    pub certificate: String,
}

/// A text that names no key on a card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "this is no PKCS #11 URI with token, serial, id and module-path; see `zorgzegel identity card list`"
)]
pub struct NoPlace;

impl Place {
    /// The place of this certificate's key, and of no other certificate's.
    #[must_use]
    pub fn of(self, certificate: &[u8]) -> Self {
        Self { certificate: cades::fingerprint(certificate), ..self }
    }

    /// Whether both are on the same token, as far as it can be told.
    pub(crate) fn same_token(&self, other: &Self) -> bool {
        self.module == other.module && self.serial == other.serial && self.label == other.label
    }
}

impl core::fmt::Display for Place {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let escaped = |text: &str| escape(text.as_bytes());
        let model = match self.model.as_str() {
            "" => String::new(),
            model => format!(";model={}", escaped(model)),
        };
        write!(
            f,
            "pkcs11:token={};serial={}{model};id={};type=private?module-path={}",
            escaped(&self.label),
            escaped(&self.serial),
            escape(&self.key),
            escaped(&self.module.to_string_lossy()),
        )
    }
}

impl core::str::FromStr for Place {
    type Err = NoPlace;

    /// Attributes may come in any order, and unknown ones are passed over (RFC 7512 section 2.3).
    fn from_str(text: &str) -> Result<Self, NoPlace> {
        let rest = text.strip_prefix("pkcs11:").ok_or(NoPlace)?;
        let (path, query) = rest.split_once('?').ok_or(NoPlace)?;
        let find = |part: &str, separator: char, name: &str| {
            let mut found = part.split(separator).filter_map(|pair| pair.split_once('='));
            let (_, value) = found.find(|(one, _)| *one == name).ok_or(NoPlace)?;
            unescape(value).ok_or(NoPlace)
        };
        let words = |bytes| String::from_utf8(bytes).map_err(|_| NoPlace);
        Ok(Self {
            module: PathBuf::from(words(find(query, '&', "module-path")?)?),
            serial: words(find(path, ';', "serial")?)?,
            label: words(find(path, ';', "token")?)?,
            model: find(path, ';', "model").and_then(words).unwrap_or_default(),
            key: find(path, ';', "id")
                .and_then(|id| if id.is_empty() { Err(NoPlace) } else { Ok(id) })?,
            certificate: String::new(),
        })
    }
}

impl From<Place> for String {
    fn from(place: Place) -> Self {
        place.to_string()
    }
}

impl TryFrom<String> for Place {
    type Error = NoPlace;

    fn try_from(text: String) -> Result<Self, NoPlace> {
        text.parse()
    }
}

/// Everything but RFC 3986's unreserved characters and the slash, as %XX.
fn escape(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for byte in bytes {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(byte) {
            text.push(char::from(*byte));
        } else {
            let _ = write!(text, "%{byte:02X}");
        }
    }
    text
}

fn unescape(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: Option<&u8>| char::from(*byte?).to_digit(16);
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes().iter();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => u8::try_from(digit(rest.next())? << 4 | digit(rest.next())?).ok()?,
            other => *other,
        });
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_written_as_a_pkcs11_uri_and_read_back() {
        let place = Place {
            module: PathBuf::from("/usr/lib/x y/ü.so"),
            serial: "00 1".to_owned(),
            label: "UZI-pas; é&=?".to_owned(),
            model: "ID Prime".to_owned(),
            key: vec![0, 0xab, b'a'],
            certificate: String::new(),
        };
        let text = place.to_string();
        assert!(
            text.starts_with("pkcs11:token=UZI-pas%3B%20") && text.contains("id=%00%ABa;"),
            "{text}"
        );
        assert_eq!(place.clone().of(b"certificate").to_string(), text, "what people copy");
        assert_eq!(text.parse(), Ok(place));
        let other_order = "pkcs11:id=%01;serial=2;token=t;x-own=1?pin-source=f&module-path=/m.so";
        let read: Place = other_order.parse().unwrap();
        assert_eq!((read.serial.as_str(), read.model.as_str(), &read.key[..]), ("2", "", &[1][..]));
        let before = Place { model: String::new(), ..read };
        assert!(!before.to_string().contains("model"), "as it was noted before");
    }

    #[test]
    fn what_is_no_whole_place_is_refused() {
        for text in [
            "",
            "pkcs11:",
            "pkcs11:token=t;serial=1;id=%01",
            "pkcs11:token=t;serial=1;id=?module-path=/m",
            "pkcs11:token=t;serial=1;id=%1?module-path=/m",
            "pkcs11:token=t;serial=1;id=%+1?module-path=/m",
            "pkcs11:token=%FF;serial=1;id=%01?module-path=/m",
            "pkcs11:token=t;id=%01?module-path=/m",
        ] {
            assert_eq!(text.parse::<Place>(), Err(NoPlace), "{text}");
        }
    }
}
