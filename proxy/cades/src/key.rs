use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair as RsaKeyPair, KeySize};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P384_SHA384_ASN1_SIGNING, EcdsaKeyPair, KeyPair,
    RSA_PKCS1_SHA256, RSA_PSS_SHA256, RsaEncoding,
};
use zeroize::Zeroizing;

use crate::algorithm::{Algorithm, Padding};
use crate::certificate::public_key;
use crate::chain::Chain;
use crate::error::CadesError;

/// Kinds of key that [`create_identity`](crate::create_identity) makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum KeyKind {
    /// ECDSA over NIST P-256 (FIPS 186-5): small and fast.
    #[default]
    P256,
    /// ECDSA over NIST P-384 (FIPS 186-5).
    P384,
    /// RSA of 3072 bits (RFC 8017), for recipients with old software.
    Rsa3072,
    /// RSA of 4096 bits (RFC 8017).
    Rsa4096,
}

/// Whoever holds the private key: software here, a card or token elsewhere.
pub trait Signer: Send + Sync {
    /// The certificates, the signer's own first, then its issuers.
    fn chain(&self) -> &Chain;

    /// Where the key is. Not in memory, unless an implementation knows that it is.
    fn keeper(&self) -> Keeper {
        Keeper::Device
    }

    /// What the key does.
    fn algorithm(&self) -> Algorithm;

    /// Signs the bytes (hashing included), as [`algorithm`](Self::algorithm) says; for ECDSA a DER
    /// `Ecdsa-Sig-Value` (RFC 3279 section 2.2.3).
    ///
    /// # Errors
    /// [`CadesError::Signing`] where the key refuses, [`CadesError::Withheld`] where whoever holds
    /// the key says why.
    fn sign(&self, tbs: &[u8]) -> Result<Vec<u8>, CadesError>;
}

/// Where a private key is, and so whether each of its signatures is looked at before it goes out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keeper {
    /// In this process's memory: that it is the certificate's key was seen when it was loaded, and
    /// mathematics do the rest.
    Memory,
    /// In a device with a driver of its own, which may give anything: each signature is checked with the
    /// certificate.
    Device,
}

/// A private key in this process's memory.
pub struct SoftwareKey {
    key: Key,
    chain: Chain,
}

enum Key {
    P256(EcdsaKeyPair),
    P384(EcdsaKeyPair),
    Rsa(RsaKeyPair, Padding),
}

impl SoftwareKey {
    /// Takes a private key (PKCS #8, RFC 5958, DER) and its chain (DER, the key's own certificate
    /// first).
    ///
    /// # Errors
    /// Where the key is of no kind that is used here, a certificate cannot be read, or the two do
    /// not belong together.
    pub fn new(pkcs8: &[u8], chain: Vec<Vec<u8>>) -> Result<Self, CadesError> {
        let key = Key::read(pkcs8)?;
        let chain = Chain::read(chain)?;
        let own = chain.certificates().first().and_then(|leaf| public_key(leaf));
        if own.as_deref() != Some(key.public()) {
            return Err(CadesError::KeyMismatch);
        }
        Ok(Self { key, chain })
    }

    /// The same key, which pads its RSA signatures so from now on. Other kinds of key have no padding.
    #[must_use]
    pub fn padded(mut self, padding: Padding) -> Self {
        if let Key::Rsa(_, own) = &mut self.key {
            *own = padding;
        }
        self
    }
}

impl Signer for SoftwareKey {
    fn chain(&self) -> &Chain {
        &self.chain
    }

    fn keeper(&self) -> Keeper {
        Keeper::Memory
    }

    fn algorithm(&self) -> Algorithm {
        self.key.algorithm()
    }

    fn sign(&self, tbs: &[u8]) -> Result<Vec<u8>, CadesError> {
        self.key.sign(tbs)
    }
}

impl core::fmt::Debug for SoftwareKey {
    /// Only the algorithm.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "SoftwareKey({:?})", self.algorithm())
    }
}

impl Key {
    fn read(pkcs8: &[u8]) -> Result<Self, CadesError> {
        if let Ok(pair) = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, pkcs8) {
            return Ok(Self::P256(pair));
        }
        if let Ok(pair) = EcdsaKeyPair::from_pkcs8(&ECDSA_P384_SHA384_ASN1_SIGNING, pkcs8) {
            return Ok(Self::P384(pair));
        }
        match RsaKeyPair::from_pkcs8(pkcs8) {
            Ok(pair) if pair.public_modulus_len() * 8 >= RSA_BITS_LEAST => {
                Ok(Self::Rsa(pair, Padding::default()))
            }
            _ => Err(CadesError::Key),
        }
    }

    fn algorithm(&self) -> Algorithm {
        match self {
            Self::P256(_) => Algorithm::EcdsaP256Sha256,
            Self::P384(_) => Algorithm::EcdsaP384Sha384,
            Self::Rsa(_, padding) => padding.algorithm(),
        }
    }

    /// As it stands in subjectPublicKey (RFC 5480 section 2.2, RFC 3279 section 2.3.1).
    fn public(&self) -> &[u8] {
        match self {
            Self::P256(pair) | Self::P384(pair) => pair.public_key().as_ref(),
            Self::Rsa(pair, _) => KeyPair::public_key(pair).as_ref(),
        }
    }

    fn sign(&self, tbs: &[u8]) -> Result<Vec<u8>, CadesError> {
        let random = SystemRandom::new();
        match self {
            Self::P256(pair) | Self::P384(pair) => pair
                .sign(&random, tbs)
                .map(|signature| signature.as_ref().to_vec())
                .map_err(|_| CadesError::Signing),
            Self::Rsa(pair, padding) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                let encoding: &'static dyn RsaEncoding = match padding {
                    Padding::Pkcs1 => &RSA_PKCS1_SHA256,
                    Padding::Pss => &RSA_PSS_SHA256,
                };
                pair.sign(encoding, &random, tbs, &mut signature)
                    .map_err(|_| CadesError::Signing)?;
                Ok(signature)
            }
        }
    }
}

/// A private key that has no certificate yet, or none that is known: it signs requests and
/// certificates. Wiped from memory when dropped.
pub struct PrivateKey {
    pkcs8: Zeroizing<Vec<u8>>,
    key: Key,
}

impl PrivateKey {
    /// Makes a new one.
    ///
    /// # Errors
    /// [`CadesError::Key`] where the back end makes none.
    pub fn generate(kind: KeyKind) -> Result<Self, CadesError> {
        let refused = |_| CadesError::Key;
        let pkcs8 = match kind {
            KeyKind::P256 => ecdsa(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING))?,
            KeyKind::P384 => ecdsa(EcdsaKeyPair::generate(&ECDSA_P384_SHA384_ASN1_SIGNING))?,
            KeyKind::Rsa3072 => rsa(RsaKeyPair::generate(KeySize::Rsa3072).map_err(refused)?)?,
            KeyKind::Rsa4096 => rsa(RsaKeyPair::generate(KeySize::Rsa4096).map_err(refused)?)?,
        };
        Self::read(pkcs8)
    }

    /// Takes one (PKCS #8, RFC 5958, DER, not encrypted).
    ///
    /// # Errors
    /// [`CadesError::Key`] where it is of no kind that is used here: P-256, P-384, RSA of 2048 bits
    /// or more.
    pub fn read(pkcs8: Zeroizing<Vec<u8>>) -> Result<Self, CadesError> {
        let key = Key::read(&pkcs8)?;
        Ok(Self { pkcs8, key })
    }

    /// The content of subjectPublicKey, as it stands in certificates of this key.
    #[must_use]
    pub fn public_key(&self) -> &[u8] {
        self.key.public()
    }

    /// The key itself: PKCS #8, DER, not encrypted.
    #[must_use]
    pub fn into_pkcs8(self) -> Zeroizing<Vec<u8>> {
        self.pkcs8
    }
}

impl core::fmt::Debug for PrivateKey {
    /// Only the algorithm.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "PrivateKey({:?})", self.key.algorithm())
    }
}

impl rcgen::PublicKeyData for PrivateKey {
    fn der_bytes(&self) -> &[u8] {
        self.key.public()
    }

    fn algorithm(&self) -> &'static rcgen::SignatureAlgorithm {
        match self.key {
            Key::P256(_) => &rcgen::PKCS_ECDSA_P256_SHA256,
            Key::P384(_) => &rcgen::PKCS_ECDSA_P384_SHA384,
            Key::Rsa(..) => &rcgen::PKCS_RSA_SHA256,
        }
    }
}

impl rcgen::SigningKey for PrivateKey {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        self.key.sign(message).map_err(|_| rcgen::Error::RemoteKeyError)
    }
}

fn ecdsa(
    pair: Result<EcdsaKeyPair, aws_lc_rs::error::Unspecified>,
) -> Result<Zeroizing<Vec<u8>>, CadesError> {
    let document = pair.and_then(|pair| pair.to_pkcs8v1()).map_err(|_| CadesError::Key)?;
    Ok(Zeroizing::new(document.as_ref().to_vec()))
}

fn rsa(pair: RsaKeyPair) -> Result<Zeroizing<Vec<u8>>, CadesError> {
    let document: Pkcs8V1Der<'static> = pair.as_der().map_err(|_| CadesError::Key)?;
    Ok(Zeroizing::new(document.as_ref().to_vec()))
}

/// Shorter RSA keys are no longer taken (NIST SP 800-131A; RFC 8551 section 4.3).
pub(crate) const RSA_BITS_LEAST: usize = 2048;
