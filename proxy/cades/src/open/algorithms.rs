//! Which digest, signature algorithm and parameters belong together (RFC 5754, RFC 4056, RFC 8419).

use aws_lc_rs::digest::{self, SHA1_FOR_LEGACY_USE_ONLY, SHA256, SHA384, SHA512};

use crate::ber::{SEQUENCE, constructed, encoded};
use crate::open::received::Identifier;

/// A digest that signatures here are made with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hash {
    Sha1,
    Sha256,
    Sha384,
    Sha512,
}

/// What a signature algorithm came to beside the digest.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Agreement {
    /// An AlgorithmIdentifier in DER that names hash and key together, and what people call it.
    Agreed(Vec<u8>, &'static str),
    /// The two name different hashes.
    Different,
    /// It is not used here.
    Unknown,
}

impl Hash {
    /// RFC 5754 section 2; SHA-1 of RFC 3370. Parameters are absent or NULL, and both are accepted.
    pub(crate) fn named(oid: &[u8]) -> Option<Self> {
        Some(match oid {
            [0x2b, 14, 3, 2, 26] => Self::Sha1,
            [0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, last] => match last {
                1 => Self::Sha256,
                2 => Self::Sha384,
                3 => Self::Sha512,
                _ => return None,
            },
            _ => return None,
        })
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Sha1 => "SHA-1",
            Self::Sha256 => "SHA-256",
            Self::Sha384 => "SHA-384",
            Self::Sha512 => "SHA-512",
        }
    }

    pub(crate) fn digest(self, bytes: &[u8]) -> digest::Digest {
        let algorithm = match self {
            Self::Sha1 => &SHA1_FOR_LEGACY_USE_ONLY,
            Self::Sha256 => &SHA256,
            Self::Sha384 => &SHA384,
            Self::Sha512 => &SHA512,
        };
        digest::digest(algorithm, bytes)
    }

    /// Last arc of `sha…WithRSAEncryption` (RFC 4055 section 5).
    fn with_rsa(self) -> u8 {
        match self {
            Self::Sha1 => 5,
            Self::Sha256 => 11,
            Self::Sha384 => 12,
            Self::Sha512 => 13,
        }
    }

    /// Last arcs of `ecdsa-with-…` (RFC 5758 section 3.2).
    fn with_ecdsa(self) -> &'static [u8] {
        match self {
            Self::Sha1 => &[1],
            Self::Sha256 => &[3, 2],
            Self::Sha384 => &[3, 3],
            Self::Sha512 => &[3, 4],
        }
    }
}

/// Name of a digest that anybody can forge, and that is not even computed here.
pub(crate) fn broken(oid: &[u8]) -> Option<&'static str> {
    match oid {
        [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 2, 2] => Some("MD2"),
        [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 2, 4] => Some("MD4"),
        [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 2, 5] => Some("MD5"),
        [0x2b, 0x24, 3, 2, 1] => Some("RIPEMD-160"),
        _ => None,
    }
}

/// The signature algorithm of a SignerInfo beside its digestAlgorithm.
pub(crate) fn agree(hash: Hash, signature: Identifier<'_>) -> Agreement {
    let known = |oid: &[u8]| {
        let all = [Hash::Sha1, Hash::Sha256, Hash::Sha384, Hash::Sha512];
        let named = |hash: &Hash| {
            oid.strip_prefix(PKCS1) == Some(&[hash.with_rsa()])
                || oid.strip_prefix(ECDSA) == Some(hash.with_ecdsa())
        };
        all.into_iter().find(named)
    };
    match signature.oid {
        // RFC 5754 section 3.2: the key's algorithm alone; the hash is the digestAlgorithm's.
        RSA_ENCRYPTION if signature.is_plain() => {
            Agreement::Agreed(rsa_with(hash), "RSASSA-PKCS1-v1_5")
        }
        RSASSA_PSS => match (pss_hash(signature), signature.whole.to_der()) {
            // RFC 4056 section 3: both "MUST" be the same.
            (Some(Some(own)), Ok(der)) if own == hash => Agreement::Agreed(der, "RSASSA-PSS"),
            (Some(Some(_)), Ok(_)) => Agreement::Different,
            _ => Agreement::Unknown,
        },
        // RFC 8419 section 3.1: with signed attributes the digest is SHA-512.
        ED25519 if hash == Hash::Sha512 => match signature.whole.to_der() {
            Ok(der) => Agreement::Agreed(der, "Ed25519"),
            Err(_) => Agreement::Unknown,
        },
        ED25519 => Agreement::Different,
        oid => match (known(oid), signature.whole.to_der()) {
            (Some(own), Ok(der)) if own == hash => {
                let name = if oid.starts_with(ECDSA) { "ECDSA" } else { "RSASSA-PKCS1-v1_5" };
                Agreement::Agreed(der, name)
            }
            (Some(_), Ok(_)) => Agreement::Different,
            _ => Agreement::Unknown,
        },
    }
}

fn rsa_with(hash: Hash) -> Vec<u8> {
    let oid = encoded(crate::ber::OID, &[PKCS1, &[hash.with_rsa()]].concat());
    encoded(SEQUENCE, &[oid.as_slice(), &[5, 0]].concat())
}

/// hashAlgorithm of RSASSA-PSS-params (RFC 4055 section 3.1); Some(None) for one that is not used here, None
/// where the parameters cannot be read.
fn pss_hash(signature: Identifier<'_>) -> Option<Option<Hash>> {
    let mut inner = signature.parameters.filter(|e| e.tag == SEQUENCE)?.inside().ok()?;
    let Some(wrapper) = inner.optional(constructed(0)).ok()? else {
        return Some(Some(Hash::Sha1));
    };
    let identifier = wrapper.inside().ok()?.take(SEQUENCE).ok()?;
    Some(Hash::named(Identifier::read(identifier).ok()?.oid))
}

/// An object identifier as people write it.
pub(crate) fn dotted(oid: &[u8]) -> String {
    der::asn1::ObjectIdentifier::from_bytes(oid).map_or_else(
        |_| oid.iter().map(|byte| format!("{byte:02x}")).collect(),
        |oid| oid.to_string(),
    )
}

/// RFC 8017 appendix A.2: what all have in common.
const PKCS1: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1];
/// RFC 8017 appendix A.1.
const RSA_ENCRYPTION: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1];
/// RFC 4055 section 3.1.
const RSASSA_PSS: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 10];
/// RFC 5758 section 3.2: what all have in common.
const ECDSA: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 4];
/// RFC 8410 section 3.
const ED25519: &[u8] = &[0x2b, 0x65, 0x70];
