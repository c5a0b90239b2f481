//! What the numbers in a file stand for.

use aws_lc_rs::{digest, hmac, pbkdf2};
use cades::ber::{Element, OID};

use crate::error::IdentityError;

/// AlgorithmIdentifier (RFC 5280 section 4.1.1.2), as it came.
pub(super) struct Algorithm<'a> {
    pub(super) oid: &'a [u8],
    pub(super) parameters: Option<Element<'a>>,
}

impl<'a> Algorithm<'a> {
    pub(super) fn read(element: Element<'a>) -> Result<Self, IdentityError> {
        let mut inside = element.inside()?;
        let oid = inside.take(OID)?.content;
        let parameters = if inside.is_empty() { None } else { Some(inside.any()?) };
        inside.end()?;
        Ok(Self { oid, parameters })
    }

    /// Its parameters, which it must have.
    pub(super) fn parameters(&self) -> Result<Element<'a>, IdentityError> {
        self.parameters.ok_or(IdentityError::Damaged)
    }

    /// That it is not read here.
    pub(super) fn unknown(&self) -> IdentityError {
        IdentityError::Protection { what: dotted(self.oid) }
    }

    /// A hash.
    pub(super) fn hash(&self) -> Result<&'static digest::Algorithm, IdentityError> {
        HASHES.iter().find(|(oid, _)| *oid == self.oid).map(|(_, hash)| *hash).ok_or(self.unknown())
    }

    /// HMAC with a hash (RFC 8018 appendix B.1.2), as a code over content.
    pub(super) fn hmac(&self) -> Result<hmac::Algorithm, IdentityError> {
        match self.oid.strip_prefix(HMAC) {
            Some([7]) => Ok(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY),
            Some([8]) => Ok(hmac::HMAC_SHA224),
            Some([9]) => Ok(hmac::HMAC_SHA256),
            Some([10]) => Ok(hmac::HMAC_SHA384),
            Some([11]) => Ok(hmac::HMAC_SHA512),
            _ => Err(self.unknown()),
        }
    }

    /// The same as the function of PBKDF2, and how many bytes a block of it has.
    pub(super) fn prf(&self) -> Result<(pbkdf2::Algorithm, usize), IdentityError> {
        match self.oid.strip_prefix(HMAC) {
            Some([7]) => Ok((pbkdf2::PBKDF2_HMAC_SHA1, 20)),
            Some([9]) => Ok((pbkdf2::PBKDF2_HMAC_SHA256, 32)),
            Some([10]) => Ok((pbkdf2::PBKDF2_HMAC_SHA384, 48)),
            Some([11]) => Ok((pbkdf2::PBKDF2_HMAC_SHA512, 64)),
            _ => Err(self.unknown()),
        }
    }
}

/// HMAC with the hash of PKCS #12's own codes.
pub(super) fn hmac_of(hash: &'static digest::Algorithm) -> Option<hmac::Algorithm> {
    [
        hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
        hmac::HMAC_SHA224,
        hmac::HMAC_SHA256,
        hmac::HMAC_SHA384,
        hmac::HMAC_SHA512,
    ]
    .into_iter()
    .find(|one| one.digest_algorithm() == hash)
}

/// An OBJECT IDENTIFIER in numbers and dots (X.690 section 8.19), for a person who asks further.
pub(super) fn dotted(oid: &[u8]) -> String {
    let mut numbers: Vec<String> = Vec::new();
    let mut number = 0_u64;
    for &byte in oid.iter().take(OID_MOST) {
        number = number.wrapping_shl(7) | u64::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            if numbers.is_empty() {
                let first = (number / 40).min(2);
                numbers.push(first.to_string());
                number -= first * 40;
            }
            numbers.push(number.to_string());
            number = 0;
        }
    }
    numbers.join(".")
}

const HASHES: &[(&[u8], &digest::Algorithm)] = &[
    (&[0x2b, 14, 3, 2, 26], &digest::SHA1_FOR_LEGACY_USE_ONLY),
    (&[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1], &digest::SHA256),
    (&[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 2], &digest::SHA384),
    (&[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 3], &digest::SHA512),
    (&[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 4], &digest::SHA224),
];
/// 1.2.840.113549.2: before the number of the hash.
const HMAC: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 2];
/// 1.2.840.113549.1.5.12.
pub(super) const PBKDF2: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 5, 12];
/// 1.2.840.113549.1.5.13.
pub(super) const PBES2: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 5, 13];
/// 1.2.840.113549.1.5.14 (RFC 9579).
pub(super) const PBMAC1: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 5, 14];
/// No number that is used has more bytes.
const OID_MOST: usize = 32;
