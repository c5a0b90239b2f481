//! Files that a page hands over, and secrets that go with them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Deserializer};
use ts_rs::TS;
use zeroize::Zeroizing;

use crate::view::KeyType;

/// A file that a person picked or dropped.
#[derive(Clone, PartialEq, Eq, Deserialize, TS)]
pub struct Loaded {
    /// Its name.
    pub name: String,
    /// What is in it, in base64 (RFC 4648 section 4); wiped.
    #[ts(type = "string")]
    pub bytes: Bytes,
}

/// What is in a file.
#[derive(Clone, PartialEq, Eq)]
pub struct Bytes(pub Zeroizing<Vec<u8>>);

/// A file to verify.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, TS)]
pub struct Dropped {
    /// A mail, or a signature.
    pub file: Loaded,
    /// The file with the content that a signature signs.
    pub content: Option<Loaded>,
}

/// An identity to make, for trying out.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, TS)]
pub struct NewKey {
    /// The account that signs with it.
    pub address: String,
    /// The name in the certificate.
    pub name: String,
    /// The kind of key.
    pub key: KeyType,
}

/// An identity to ask an issuer for.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, TS)]
pub struct NewRequest {
    /// The account that is to sign with it.
    pub address: String,
    /// The name in the certificate.
    pub name: String,
    /// The organisation in it; empty: none.
    pub organisation: String,
    /// The kind of key.
    pub key: KeyType,
}

/// An identity to take over from a file.
#[derive(Clone, PartialEq, Eq, Deserialize, TS)]
pub struct NewIdentity {
    /// The account that signs with it.
    pub address: String,
    /// The file: PKCS #12, or PEM.
    pub file: Loaded,
    /// Its password; empty: none was given. Wiped.
    #[ts(type = "string")]
    pub password: Zeroizing<String>,
}

/// An identity on a card to sign with.
#[derive(Clone, PartialEq, Eq, Deserialize, TS)]
pub struct NewCard {
    /// The account that signs with it.
    pub address: String,
    /// Where the key is, as it was told.
    pub place: String,
    /// The PIN; empty where it is given at the reader. Kept nowhere, and wiped.
    #[ts(type = "string")]
    pub pin: Zeroizing<String>,
}

/// A PIN for a card that is registered.
#[derive(Clone, PartialEq, Eq, Deserialize, TS)]
pub struct CardPin {
    /// The identity.
    pub id: String,
    /// The PIN; empty where it is given at the reader. Kept nowhere, and wiped.
    #[ts(type = "string")]
    pub pin: Zeroizing<String>,
}

impl core::fmt::Debug for NewCard {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("NewCard").finish_non_exhaustive()
    }
}

impl core::fmt::Debug for CardPin {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("CardPin").field("id", &self.id).finish_non_exhaustive()
    }
}

impl core::fmt::Debug for Loaded {
    /// Never what is in it, and never a name of a person's file.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Loaded").field("bytes", &self.bytes.0.len()).finish_non_exhaustive()
    }
}

impl core::fmt::Debug for NewIdentity {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("NewIdentity").finish_non_exhaustive()
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = Zeroizing::new(String::deserialize(from)?);
        let bytes = STANDARD.decode(text.as_bytes()).map_err(serde::de::Error::custom)?;
        Ok(Self(Zeroizing::new(bytes)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_comes_as_base64_and_its_content_and_password_are_never_printed() {
        let text = r#"{"address":"a@b.nl","file":{"name":"sleutel.p12","bytes":"Z2VoZWlt"},"password":"wachtwoord"}"#;
        let new: NewIdentity = serde_json::from_str(text).unwrap();
        assert_eq!(new.file.bytes.0.as_slice(), b"geheim");
        let shown = format!("{new:?} {:?}", new.file);
        for secret in ["geheim", "103", "wachtwoord", "sleutel", "a@b.nl"] {
            assert!(!shown.contains(secret), "{shown}");
        }
        let broken = text.replace("Z2VoZWlt", "geen base64");
        assert!(serde_json::from_str::<NewIdentity>(&broken).is_err());
    }
}
