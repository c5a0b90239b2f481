//! An identity from files of an issuer: a private key and its certificates as PEM (RFC 7468).

use aws_lc_rs::rand::{SecureRandom, SystemRandom};
use jiff::Timestamp;
use mail::{Address, Message};
use x509_parser::pem::Pem;
use zeroize::Zeroizing;

use crate::certificate::{Parsed, describe, may_sign_for};
use crate::error::CadesError;
use crate::identity::NewIdentity;
use crate::key::SoftwareKey;
use crate::sign::sign;

impl NewIdentity {
    /// Reads a private key (`PRIVATE KEY`: PKCS #8, not encrypted) and its certificates, in any
    /// order; text between the blocks is passed over. A root that vouches for itself is left out
    /// where it is not the key's own: recipients must have it from elsewhere.
    ///
    /// # Errors
    /// [`CadesError::Encrypted`], [`CadesError::Key`] or [`CadesError::NoCertificate`] where a block
    /// is missing or of another kind; [`CadesError::KeyMismatch`] where no certificate is the key's.
    pub fn from_pem(text: &str) -> Result<Self, CadesError> {
        let (mut keys, mut chain) = (Vec::new(), Vec::new());
        for block in Pem::iter_from_buffer(text.as_bytes()).take(BLOCKS) {
            let block = block.map_err(|_| CadesError::Certificate { place: chain.len() })?;
            match block.label.as_str() {
                "PRIVATE KEY" => keys.push(Zeroizing::new(block.contents)),
                "ENCRYPTED PRIVATE KEY" => return Err(CadesError::Encrypted),
                "CERTIFICATE" => chain.push(block.contents),
                _ => {}
            }
        }
        let [pkcs8] = <[_; 1]>::try_from(keys).map_err(|_| CadesError::Key)?;
        if chain.is_empty() {
            return Err(CadesError::NoCertificate);
        }
        let own = |one: &Vec<u8>| SoftwareKey::new(&pkcs8, vec![one.clone()]);
        // A key of a kind that is not used here is told, before a certificate is blamed.
        if let Some(Err(CadesError::Key)) = chain.first().map(own) {
            return Err(CadesError::Key);
        }
        let leaf = chain.iter().position(|one| own(one).is_ok()).ok_or(CadesError::KeyMismatch)?;
        let leaf = chain.remove(leaf);
        for (place, one) in chain.iter().enumerate() {
            Parsed::read(one).ok_or(CadesError::Certificate { place })?;
        }
        chain.retain(|one| !describe(one).is_ok_and(|summary| summary.self_signed));
        chain.insert(0, leaf);
        Ok(Self { pkcs8, chain })
    }

    /// Tries it: signs a mail of its address with it.
    ///
    /// # Errors
    /// [`CadesError::OtherAddress`] where the certificate is somebody else's, and what
    /// [`sign`](crate::sign) says: expired, not for mail.
    pub fn check(&self, address: &Address, now: Timestamp) -> Result<(), CadesError> {
        let key = SoftwareKey::new(&self.pkcs8, self.chain.clone())?;
        let leaf = self.chain.first().ok_or(CadesError::NoCertificate)?;
        may_sign_for(leaf, address, now)?;
        let mut seed = [0; 16];
        SystemRandom::new().fill(&mut seed).map_err(|_| CadesError::Signing)?;
        let trial = Message::new(format!("From: {address}\r\n\r\n\r\n").into_bytes());
        sign(&trial, None, &key, now, seed).map(drop)
    }
}

/// A file of an issuer has a key and a handful of certificates.
const BLOCKS: usize = 50;

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;

    use super::*;
    use crate::identity::create_identity;
    use crate::key::KeyKind;

    fn address() -> Address {
        Address::parse("arts@praktijk.test").unwrap()
    }

    fn now() -> Timestamp {
        "2026-11-25T12:00:00Z".parse().unwrap()
    }

    fn made(kind: KeyKind) -> NewIdentity {
        create_identity(kind, &address(), "Arts", now(), 2).unwrap()
    }

    fn block(label: &str, der: &[u8]) -> String {
        format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", STANDARD.encode(der))
    }

    #[test]
    fn key_and_certificates_are_read_in_any_order_and_the_keys_own_comes_first() {
        for kind in [KeyKind::P256, KeyKind::Rsa3072] {
            let (own, other) = (made(kind), made(KeyKind::P256));
            let text = [
                "Bag Attributes\n    friendlyName: arts\n".to_owned(),
                block("CERTIFICATE", &other.chain[0]),
                block("CERTIFICATE", &own.chain[0]),
                block("PRIVATE KEY", &own.pkcs8),
            ]
            .concat();
            let read = NewIdentity::from_pem(&text).unwrap();
            assert_eq!(*read.pkcs8, *own.pkcs8);
            assert_eq!(read.chain, own.chain, "another root is left out");
            assert_eq!(read.check(&address(), now()), Ok(()));
        }
    }

    #[test]
    fn what_is_missing_or_does_not_fit_is_named() {
        let (own, other) = (made(KeyKind::P256), made(KeyKind::P256));
        let (key, certificate) =
            (block("PRIVATE KEY", &own.pkcs8), block("CERTIFICATE", &own.chain[0]));
        let said = |text: &str| NewIdentity::from_pem(text).unwrap_err();
        assert_eq!(said(""), CadesError::Key);
        assert_eq!(said(&certificate), CadesError::Key);
        assert_eq!(said(&key), CadesError::NoCertificate);
        assert_eq!(said(&format!("{key}{key}{certificate}")), CadesError::Key);
        let foreign = block("CERTIFICATE", &other.chain[0]);
        assert_eq!(said(&format!("{key}{foreign}")), CadesError::KeyMismatch);
        let encrypted = block("ENCRYPTED PRIVATE KEY", &own.pkcs8);
        assert_eq!(said(&format!("{encrypted}{certificate}")), CadesError::Encrypted);
        let garbage = block("PRIVATE KEY", b"no key");
        assert_eq!(said(&format!("{garbage}{certificate}")), CadesError::Key);
        let torn = "-----BEGIN CERTIFICATE-----\nAAAA";
        assert_eq!(said(&format!("{key}{torn}")), CadesError::Certificate { place: 0 });
    }

    #[test]
    fn somebody_elses_and_an_expired_certificate_are_refused() {
        let own = made(KeyKind::P256);
        let other = Address::parse("ander@praktijk.test").unwrap();
        let names = "arts@praktijk.test".to_owned();
        assert_eq!(own.check(&other, now()), Err(CadesError::OtherAddress { names }));
        let late: Timestamp = "2029-01-01T00:00:00Z".parse().unwrap();
        assert!(matches!(own.check(&address(), late), Err(CadesError::Expired { .. })));
    }
}
