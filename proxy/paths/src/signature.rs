use aws_lc_rs::digest::{self, SHA1_FOR_LEGACY_USE_ONLY, SHA256, SHA384, SHA512};
use aws_lc_rs::signature::{self as aws, RsaPssSaltLength, VerificationAlgorithm};
use serde::Serialize;

use crate::certificate::PublicKey;
use crate::der::{self, INTEGER, Malformed, OID, SEQUENCE};

/// What a signature is worth.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum Verified {
    /// It holds.
    Good,
    /// It holds as numbers go, but could be forged.
    Weak(Weakness),
    /// It is of a kind so weak that it was not even checked.
    Worthless(Weakness),
    /// It is not that key's, or not over these bytes.
    Wrong,
    /// It is of a kind that is not used here, or its key is.
    Unknown {
        /// The signature's algorithm, as dotted number.
        oid: String,
    },
}

/// What makes a signature forgeable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum Weakness {
    /// An RSA key under 2,048 bits (NIST SP 800-131A, RFC 8551 section 4.3).
    Key {
        /// Its size.
        bits: usize,
    },
    /// A hash for which collisions can be made.
    Hash {
        /// Its name.
        name: String,
    },
}

/// Checks a signature.
///
/// `key` is a SubjectPublicKeyInfo and `algorithm` an AlgorithmIdentifier that names hash and key
/// together (`sha256WithRSAEncryption`, RSASSA-PSS, `ecdsa-with-SHA384`, Ed25519), both in DER.
#[must_use]
pub fn verify(key: &[u8], algorithm: &[u8], message: &[u8], signature: &[u8]) -> Verified {
    match PublicKey::read(key) {
        Ok(key) => verify_with(&key, algorithm, message, signature),
        Err(Malformed) => Verified::Wrong,
    }
}

pub(crate) fn verify_with(
    key: &PublicKey<'_>,
    algorithm: &[u8],
    message: &[u8],
    signature: &[u8],
) -> Verified {
    let Ok((oid, parameters)) = identifier(algorithm) else {
        return Verified::Wrong;
    };
    let unknown = Verified::Unknown { oid: der::dotted(oid) };
    let Some(scheme) = Scheme::named(oid, parameters) else {
        return broken(oid).map_or(unknown, Verified::Worthless);
    };
    let held = match scheme {
        Scheme::Pkcs1(hash) => return rsa(key, hash, None, message, signature).unwrap_or(unknown),
        Scheme::Pss(pss) => {
            return rsa(key, pss.hash, Some(pss), message, signature).unwrap_or(unknown);
        }
        Scheme::Ecdsa(hash) => match curve(key, hash) {
            Some(algorithm) => algorithm.verify_sig(key.bytes, message, signature).is_ok(),
            None => return unknown,
        },
        Scheme::Ed25519 if key.oid == ED25519 => {
            aws::ED25519.verify_sig(key.bytes, message, signature).is_ok()
        }
        Scheme::Ed25519 => return unknown,
    };
    match (held, scheme) {
        (false, _) => Verified::Wrong,
        (true, Scheme::Ecdsa(Hash::Sha1)) => Verified::Weak(Weakness::sha1()),
        (true, _) => Verified::Good,
    }
}

/// The weakness of a key, whatever is signed with it.
pub(crate) fn weak_key(key: &PublicKey<'_>) -> Option<Weakness> {
    let bits = rsa_bits(key)?;
    (bits < RSA_BITS_LEAST).then_some(Weakness::Key { bits })
}

/// The digest that an AlgorithmIdentifier names, where it is one of those that CertID uses.
pub(crate) fn digest_of(algorithm: &[u8], bytes: &[u8]) -> Option<digest::Digest> {
    let (oid, _) = identifier(algorithm).ok()?;
    let hash = match Hash::named(oid)? {
        Hash::Sha1 => &SHA1_FOR_LEGACY_USE_ONLY,
        Hash::Sha256 => &SHA256,
        Hash::Sha384 => &SHA384,
        Hash::Sha512 => &SHA512,
    };
    Some(digest::digest(hash, bytes))
}

impl Weakness {
    fn sha1() -> Self {
        Self::Hash { name: "SHA-1".to_owned() }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hash {
    Sha1,
    Sha256,
    Sha384,
    Sha512,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scheme {
    Pkcs1(Hash),
    Pss(Pss),
    Ecdsa(Hash),
    Ed25519,
}

/// RSASSA-PSS-params (RFC 4055 section 3.1) with the same hash in the mask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Pss {
    hash: Hash,
    salt: u16,
}

impl Hash {
    /// RFC 5754 section 2; SHA-1 of RFC 3279.
    fn named(oid: &[u8]) -> Option<Self> {
        match oid {
            [0x2b, 14, 3, 2, 26] => Some(Self::Sha1),
            [0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1] => Some(Self::Sha256),
            [0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 2] => Some(Self::Sha384),
            [0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 3] => Some(Self::Sha512),
            _ => None,
        }
    }
}

impl Scheme {
    fn named(oid: &[u8], parameters: &[u8]) -> Option<Self> {
        let scheme = match oid {
            [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 10] => {
                return Pss::read(parameters).ok().flatten().map(Self::Pss);
            }
            [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, last] => Self::Pkcs1(match last {
                5 => Hash::Sha1,
                11 => Hash::Sha256,
                12 => Hash::Sha384,
                13 => Hash::Sha512,
                _ => return None,
            }),
            [0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 1] => Self::Ecdsa(Hash::Sha1),
            [0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, last] => Self::Ecdsa(match last {
                2 => Hash::Sha256,
                3 => Hash::Sha384,
                4 => Hash::Sha512,
                _ => return None,
            }),
            oid if oid == ED25519 => Self::Ed25519,
            _ => return None,
        };
        // RFC 4055 section 5 and RFC 5758 section 3: NULL, or nothing.
        matches!(parameters, [] | [5, 0]).then_some(scheme)
    }
}

impl Pss {
    /// None where the parameters are of a kind that is not used here.
    fn read(parameters: &[u8]) -> Result<Option<Self>, Malformed> {
        let mut reader = der::whole(parameters, SEQUENCE)?.inside();
        let hash = match reader.optional(der::constructed(0))? {
            Some(wrapper) => Hash::named(identifier(wrapper.content)?.0),
            None => Some(Hash::Sha1),
        };
        let mask = match reader.optional(der::constructed(1))? {
            Some(wrapper) => {
                let (oid, inner) = identifier(wrapper.content)?;
                if oid == MGF1 { Hash::named(identifier(inner)?.0) } else { None }
            }
            None => Some(Hash::Sha1),
        };
        let salt = match reader.optional(der::constructed(2))? {
            Some(wrapper) => der::count(der::whole(wrapper.content, INTEGER)?.content)?,
            None => 20,
        };
        let trailer = match reader.optional(der::constructed(3))? {
            Some(wrapper) => der::count(der::whole(wrapper.content, INTEGER)?.content)?,
            None => 1,
        };
        reader.end()?;
        let salt = u16::try_from(salt).map_err(|_| Malformed)?;
        let same = hash == mask && trailer == 1;
        Ok(hash.filter(|_| same).map(|hash| Self { hash, salt }))
    }

    /// RFC 4055 section 1.2: a key with parameters of its own signs with these only, and with a salt
    /// that is no shorter.
    fn fits(self, key: &PublicKey<'_>) -> bool {
        match Self::read(key.parameters) {
            Ok(Some(own)) => own.hash == self.hash && own.salt <= self.salt,
            Ok(None) => false,
            Err(Malformed) => key.parameters.is_empty(),
        }
    }
}

/// None where the key or the combination is not used here.
fn rsa(
    key: &PublicKey<'_>,
    hash: Hash,
    pss: Option<Pss>,
    message: &[u8],
    signature: &[u8],
) -> Option<Verified> {
    let bits = rsa_bits(key)?;
    let short = bits < RSA_BITS_LEAST;
    if bits > RSA_BITS_MOST || (key.oid == RSASSA_PSS && !pss.is_some_and(|pss| pss.fits(key))) {
        return None;
    }
    let padded = |parameters: aws::RsaParameters| match pss {
        Some(pss) => parameters.with_pss_salt_length(RsaPssSaltLength::Custom(pss.salt)),
        None => parameters,
    };
    let parameters = match (hash, pss.is_some(), short) {
        (Hash::Sha1, false, _) => aws::RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY,
        (Hash::Sha256, false, true) => aws::RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY,
        (Hash::Sha512, false, true) => aws::RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY,
        (Hash::Sha1, true, _) => return Some(Verified::Worthless(Weakness::sha1())),
        (_, _, true) => return Some(Verified::Worthless(Weakness::Key { bits })),
        (Hash::Sha256, false, false) => aws::RSA_PKCS1_2048_8192_SHA256,
        (Hash::Sha384, false, false) => aws::RSA_PKCS1_2048_8192_SHA384,
        (Hash::Sha512, false, false) => aws::RSA_PKCS1_2048_8192_SHA512,
        (Hash::Sha256, true, false) => padded(aws::RSA_PSS_2048_8192_SHA256),
        (Hash::Sha384, true, false) => padded(aws::RSA_PSS_2048_8192_SHA384),
        (Hash::Sha512, true, false) => padded(aws::RSA_PSS_2048_8192_SHA512),
    };
    if bits < RSA_BITS_CHECKED {
        return Some(Verified::Worthless(Weakness::Key { bits }));
    }
    if parameters.verify_sig(key.bytes, message, signature).is_err() {
        return Some(Verified::Wrong);
    }
    Some(if short {
        Verified::Weak(Weakness::Key { bits })
    } else if hash == Hash::Sha1 {
        Verified::Weak(Weakness::sha1())
    } else {
        Verified::Good
    })
}

/// Size of the modulus of an RSA key (RFC 3279 section 2.3.1). None for other keys.
fn rsa_bits(key: &PublicKey<'_>) -> Option<usize> {
    if key.oid != RSA_ENCRYPTION && key.oid != RSASSA_PSS {
        return None;
    }
    let mut numbers = der::whole(key.bytes, SEQUENCE).ok()?.inside();
    let modulus = numbers.take(INTEGER).ok()?.content;
    let start = modulus.iter().position(|&byte| byte != 0)?;
    let first = modulus.get(start)?;
    Some((modulus.len() - start) * 8 - first.leading_zeros() as usize)
}

/// RFC 5480 section 2.1.1.1: the named curve is part of the key.
fn curve(key: &PublicKey<'_>, hash: Hash) -> Option<&'static dyn VerificationAlgorithm> {
    if key.oid != EC_PUBLIC_KEY {
        return None;
    }
    Some(match (key.parameters, hash) {
        (P256, Hash::Sha1) => &aws::ECDSA_P256_SHA1_ASN1,
        (P256, Hash::Sha256) => &aws::ECDSA_P256_SHA256_ASN1,
        (P256, Hash::Sha384) => &aws::ECDSA_P256_SHA384_ASN1,
        (P256, Hash::Sha512) => &aws::ECDSA_P256_SHA512_ASN1,
        (P384, Hash::Sha256) => &aws::ECDSA_P384_SHA256_ASN1,
        (P384, Hash::Sha384) => &aws::ECDSA_P384_SHA384_ASN1,
        (P384, Hash::Sha512) => &aws::ECDSA_P384_SHA512_ASN1,
        (P521, Hash::Sha1) => &aws::ECDSA_P521_SHA1_ASN1,
        (P521, Hash::Sha256) => &aws::ECDSA_P521_SHA256_ASN1,
        (P521, Hash::Sha384) => &aws::ECDSA_P521_SHA384_ASN1,
        (P521, Hash::Sha512) => &aws::ECDSA_P521_SHA512_ASN1,
        _ => return None,
    })
}

/// Object identifier and parameters (DER, empty where absent) of an AlgorithmIdentifier.
fn identifier(raw: &[u8]) -> Result<(&[u8], &[u8]), Malformed> {
    let mut reader = der::whole(raw, SEQUENCE)?.inside();
    let oid = reader.take(OID)?.content;
    let parameters = if reader.is_empty() { &[] } else { reader.any()?.raw };
    reader.end()?;
    Ok((oid, parameters))
}

/// md2, md4 and md5WithRSAEncryption (RFC 3279 section 2.2.1): anybody can forge these.
fn broken(oid: &[u8]) -> Option<Weakness> {
    let name = match oid {
        [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 2] => "MD2",
        [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 3] => "MD4",
        [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 4] => "MD5",
        _ => return None,
    };
    Some(Weakness::Hash { name: name.to_owned() })
}

/// RFC 3279 section 2.3.1.
const RSA_ENCRYPTION: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1];
/// RFC 4055 section 3.1.
const RSASSA_PSS: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 10];
/// RFC 4055 section 2.2.
const MGF1: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 8];
/// RFC 5480 section 2.1.1.
const EC_PUBLIC_KEY: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1];
/// secp256r1, as DER.
const P256: &[u8] = &[6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7];
/// secp384r1, as DER.
const P384: &[u8] = &[6, 5, 0x2b, 0x81, 4, 0, 34];
/// secp521r1, as DER.
const P521: &[u8] = &[6, 5, 0x2b, 0x81, 4, 0, 35];
/// RFC 8410 section 3.
const ED25519: &[u8] = &[0x2b, 0x65, 0x70];

/// NIST SP 800-131A; RFC 8551 section 4.3.
const RSA_BITS_LEAST: usize = 2_048;
/// Below this a home computer forges signatures.
const RSA_BITS_CHECKED: usize = 1_024;
/// Checking time grows with the square of the size.
const RSA_BITS_MOST: usize = 8_192;
