use aws_lc_rs::digest::{self, SHA256, SHA384};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P384_SHA384_ASN1, RSA_PKCS1_2048_8192_SHA256,
    RSA_PSS_2048_8192_SHA256, UnparsedPublicKey, VerificationAlgorithm,
};
use der::asn1::ObjectIdentifier;
use der::{Any, Decode};
use serde::Serialize;

use crate::asn1::AlgorithmIdentifier;

/// Digest and signature algorithm, which belong together: OpenSSL checks ECDSA with the
/// digestAlgorithm of the SignerInfo, so P-384 goes with SHA-384 in both places.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub enum Algorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017 section 8.2).
    RsaSha256,
    /// RSASSA-PSS with SHA-256, MGF1 with SHA-256 and a salt of 32 bytes (RFC 8017 section 8.1).
    RsaPssSha256,
    /// ECDSA over P-256 with SHA-256 (RFC 5754 section 3.3).
    EcdsaP256Sha256,
    /// ECDSA over P-384 with SHA-384 (RFC 5754 section 3.3).
    EcdsaP384Sha384,
}

impl Algorithm {
    /// The micalg parameter of multipart/signed (RFC 8551 section 3.5.3.2).
    #[must_use]
    pub fn micalg(self) -> &'static str {
        match self {
            Self::RsaSha256 | Self::RsaPssSha256 | Self::EcdsaP256Sha256 => "sha-256",
            Self::EcdsaP384Sha384 => "sha-384",
        }
    }

    pub(crate) fn digest(self, content: &[u8]) -> digest::Digest {
        let algorithm = match self {
            Self::RsaSha256 | Self::RsaPssSha256 | Self::EcdsaP256Sha256 => &SHA256,
            Self::EcdsaP384Sha384 => &SHA384,
        };
        digest::digest(algorithm, content)
    }

    /// RFC 5754 section 2: parameters are left out.
    pub(crate) fn digest_identifier(self) -> AlgorithmIdentifier {
        let oid = match self {
            Self::RsaSha256 | Self::RsaPssSha256 | Self::EcdsaP256Sha256 => ID_SHA256,
            Self::EcdsaP384Sha384 => ID_SHA384,
        };
        AlgorithmIdentifier { oid, parameters: None }
    }

    /// RFC 5754 section 3.2: `rsaEncryption` with NULL, which every implementation has to take;
    /// RFC 4056 section 3: PSS with all its parameters; RFC 5754 section 3.3: ECDSA without any.
    pub(crate) fn signature_identifier(self) -> AlgorithmIdentifier {
        let (oid, parameters) = match self {
            Self::RsaSha256 => (RSA_ENCRYPTION, Some(Any::null())),
            Self::RsaPssSha256 => (RSASSA_PSS, Any::from_der(PSS_PARAMETERS).ok()),
            Self::EcdsaP256Sha256 => (ECDSA_WITH_SHA256, None),
            Self::EcdsaP384Sha384 => (ECDSA_WITH_SHA384, None),
        };
        AlgorithmIdentifier { oid, parameters }
    }

    /// The algorithm that these two identifiers name together.
    pub(crate) fn named(
        digest: &AlgorithmIdentifier,
        signature: &AlgorithmIdentifier,
    ) -> Option<Self> {
        ALL.into_iter().find(|algorithm| {
            algorithm.digest_identifier() == *digest
                && algorithm.signature_identifier() == *signature
        })
    }

    /// True where the signature over the message is that key's. The curve is part of the
    /// algorithm: a key of another curve or kind fails.
    pub(crate) fn verifies(self, public_key: &[u8], message: &[u8], signature: &[u8]) -> bool {
        let algorithm: &'static dyn VerificationAlgorithm = match self {
            Self::RsaSha256 => &RSA_PKCS1_2048_8192_SHA256,
            Self::RsaPssSha256 => &RSA_PSS_2048_8192_SHA256,
            Self::EcdsaP256Sha256 => &ECDSA_P256_SHA256_ASN1,
            Self::EcdsaP384Sha384 => &ECDSA_P384_SHA384_ASN1,
        };
        UnparsedPublicKey::new(algorithm, public_key).verify(message, signature).is_ok()
    }
}

/// How an RSA signature is padded (RFC 8017 section 8).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Padding {
    /// RSASSA-PKCS1-v1_5: every mail program reads it.
    #[default]
    Pkcs1,
    /// RSASSA-PSS: asked for by newer rules, and unknown to old mail programs.
    Pss,
}

impl Padding {
    pub(crate) fn algorithm(self) -> Algorithm {
        match self {
            Self::Pkcs1 => Algorithm::RsaSha256,
            Self::Pss => Algorithm::RsaPssSha256,
        }
    }
}

const ALL: [Algorithm; 4] = [
    Algorithm::RsaSha256,
    Algorithm::RsaPssSha256,
    Algorithm::EcdsaP256Sha256,
    Algorithm::EcdsaP384Sha384,
];
/// RSASSA-PSS-params (RFC 4055 section 3.1): SHA-256, MGF1 with SHA-256, salt of 32.
const PSS_PARAMETERS: &[u8] = &[
    0x30, 0x34, 0xa0, 0x0f, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02,
    0x01, 0x05, 0x00, 0xa1, 0x1c, 0x30, 0x1a, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01,
    0x01, 0x08, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05,
    0x00, 0xa2, 0x03, 0x02, 0x01, 0x20,
];
/// RFC 5754 section 2.2.
pub(crate) const ID_SHA256: ObjectIdentifier =
    ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.1");
/// RFC 5754 section 2.3.
const ID_SHA384: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.2");
/// RFC 8017 appendix A.1.
const RSA_ENCRYPTION: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
/// RFC 8017 appendix A.2.3.
pub(crate) const RSASSA_PSS: ObjectIdentifier =
    ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.10");
/// RFC 5758 section 3.2.
const ECDSA_WITH_SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.2");
/// RFC 5758 section 3.2.
const ECDSA_WITH_SHA384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.3");
