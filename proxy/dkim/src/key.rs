use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair as RsaKeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair, RSA_PKCS1_SHA256};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mail::Domain;
use zeroize::Zeroizing;

use crate::DkimError;

/// A domain's private key.
pub struct Key(RsaKeyPair);

impl Key {
    /// Makes a key of 2048 bits (RFC 8301 section 3.2) and gives it as PKCS #8 (RFC 5958) in DER. A
    /// longer one does not fit into one string of a TXT record.
    ///
    /// # Errors
    /// [`DkimError::Key`] where the system has no randomness.
    pub fn generate() -> Result<Zeroizing<Vec<u8>>, DkimError> {
        let pair = RsaKeyPair::generate(KeySize::Rsa2048).map_err(|_| DkimError::Key)?;
        Self(pair).pkcs8()
    }

    /// Takes a key over: PKCS #8 or PKCS #1 (RFC 8017 appendix A.1.2), in DER or PEM, without a
    /// password.
    ///
    /// # Errors
    /// [`DkimError::Key`] for anything else, and for a key below 2048 or above 4096 bits (RFC 8301
    /// section 3.2; verifiers need not take longer ones).
    pub fn read(bytes: &[u8]) -> Result<Self, DkimError> {
        let der = match core::str::from_utf8(bytes) {
            Ok(text) if text.contains("-----BEGIN") => from_pem(text)?,
            _ => Zeroizing::new(bytes.to_vec()),
        };
        let pair = RsaKeyPair::from_pkcs8(&der).or_else(|_| RsaKeyPair::from_der(&der));
        let pair = pair.map_err(|_| DkimError::Key)?;
        let fits = (2048..=4096).contains(&(pair.public_modulus_len() * 8));
        fits.then_some(Self(pair)).ok_or(DkimError::Key)
    }

    /// The key as PKCS #8 in DER; wiped when dropped.
    ///
    /// # Errors
    /// [`DkimError::Key`] where it does not let itself be written.
    pub fn pkcs8(&self) -> Result<Zeroizing<Vec<u8>>, DkimError> {
        let der: Pkcs8V1Der<'static> = self.0.as_der().map_err(|_| DkimError::Key)?;
        Ok(Zeroizing::new(der.as_ref().to_vec()))
    }

    /// The text of the TXT record that publishes the public half (RFC 6376 section 3.6.1).
    ///
    /// # Errors
    /// [`DkimError::Key`] where it does not let itself be written.
    pub fn record(&self) -> Result<String, DkimError> {
        let public = self.0.public_key();
        let der: PublicKeyX509Der<'static> = public.as_der().map_err(|_| DkimError::Key)?;
        Ok(format!("v=DKIM1; k=rsa; p={}", STANDARD.encode(der.as_ref())))
    }

    /// PKCS #1 v1.5 over SHA-256.
    pub(crate) fn sign(&self, bytes: &[u8]) -> Result<Vec<u8>, DkimError> {
        let mut signature = vec![0; self.0.public_modulus_len()];
        self.0
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), bytes, &mut signature)
            .map_err(|_| DkimError::Signing)?;
        Ok(signature)
    }
}

impl core::fmt::Debug for Key {
    /// Never the key.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Key(rsa)")
    }
}

/// A TXT record as a line of a zone file (RFC 1035 section 5.1), its text in strings of at most 255
/// characters (section 3.3): a reader joins them without a blank between (RFC 6376 section 3.6.2.2).
#[must_use]
pub fn zone_line(name: &Domain, text: &str) -> String {
    let characters: Vec<char> = text.chars().collect();
    let strings: Vec<String> =
        characters.chunks(255).map(|part| format!("\"{}\"", String::from_iter(part))).collect();
    format!("{name}. IN TXT {}", strings.join(" "))
}

/// What stands in the first block that holds a key.
fn from_pem(text: &str) -> Result<Zeroizing<Vec<u8>>, DkimError> {
    let mut inside = LABELS.iter().filter_map(|label| {
        let (_, rest) = text.split_once(&format!("-----BEGIN {label}-----"))?;
        rest.split_once(&format!("-----END {label}-----")).map(|(inside, _)| inside)
    });
    let inside = inside.next().ok_or(DkimError::Key)?;
    let characters = inside.chars().filter(|c| !c.is_ascii_whitespace());
    let joined = Zeroizing::new(characters.collect::<String>());
    STANDARD.decode(joined.as_bytes()).map(Zeroizing::new).map_err(|_| DkimError::Key)
}

/// PKCS #8 and PKCS #1 (RFC 7468 section 10; the latter as OpenSSL writes it).
const LABELS: [&str; 2] = ["PRIVATE KEY", "RSA PRIVATE KEY"];
