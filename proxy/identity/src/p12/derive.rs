//! Keys from passwords: RFC 7292 appendix B.2, and PBKDF2 (RFC 8018 section 5.2).

use core::num::NonZeroU32;

use aws_lc_rs::digest::{self, Context};
use aws_lc_rs::pbkdf2;
use cades::ber::{Element, INTEGER, SEQUENCE};
use zeroize::Zeroizing;

use super::algorithm::{Algorithm, PBKDF2};
use super::{Secret, Work, number, octets};
use crate::error::IdentityError;

/// What the derived bytes are for (RFC 7292 appendix B.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum For {
    Key = 1,
    Vector = 2,
    Code = 3,
}

/// Salt and rounds of the derivation of RFC 7292.
pub(super) struct Pkcs12<'a> {
    pub(super) hash: &'static digest::Algorithm,
    pub(super) salt: &'a [u8],
    pub(super) rounds: u64,
}

impl Pkcs12<'_> {
    /// `length` bytes from a password in its wide form.
    pub(super) fn derive(
        &self,
        password: &[u8],
        purpose: For,
        length: usize,
        work: &Work,
    ) -> Result<Secret, IdentityError> {
        if self.salt.len() > SALT_MOST || password.len() > PASSWORD_MOST {
            return Err(IdentityError::Damaged);
        }
        let blocks = length.div_ceil(self.hash.output_len());
        let rounds = work.take(self.rounds, u64::try_from(blocks).unwrap_or(u64::MAX))?;
        let block = self.hash.block_len();
        let mut input = filled(&[self.salt, password], block);
        let purpose = vec![purpose as u8; block];
        let mut out: Secret = Zeroizing::new(Vec::with_capacity(blocks * self.hash.output_len()));
        for _ in 0..blocks {
            let mut first = Context::new(self.hash);
            first.update(&purpose);
            first.update(&input);
            let mut sum = first.finish();
            for _ in 1..rounds {
                sum = digest::digest(self.hash, sum.as_ref());
            }
            out.extend_from_slice(sum.as_ref());
            let added = filled(&[sum.as_ref()], block);
            for part in input.chunks_mut(block) {
                add_and_one(part, &added);
            }
        }
        out.truncate(length);
        Ok(out)
    }
}

/// Each over and over, up to a whole number of blocks, one behind the other; nothing of nothing. It never
/// grows, since a buffer that moves leaves its old place unwiped.
fn filled(all: &[&[u8]], block: usize) -> Secret {
    let length = |bytes: &[u8]| bytes.len().div_ceil(block) * block;
    let mut out = Zeroizing::new(Vec::with_capacity(all.iter().map(|bytes| length(bytes)).sum()));
    for bytes in all {
        out.extend(bytes.iter().copied().cycle().take(length(bytes)));
    }
    out
}

/// `part + added + 1`, as big-endian numbers of one length; what overflows is dropped.
fn add_and_one(part: &mut [u8], added: &[u8]) {
    let mut carry = 1_u16;
    for (digit, more) in part.iter_mut().rev().zip(added.iter().rev()) {
        carry += u16::from(*digit) + u16::from(*more);
        *digit = carry.to_le_bytes()[0];
        carry >>= 8;
    }
}

/// PBKDF2 as a file asks for it.
pub(super) struct Pbkdf2<'a> {
    function: pbkdf2::Algorithm,
    block: usize,
    salt: std::borrow::Cow<'a, [u8]>,
    rounds: u64,
    /// Bytes of the derived key, where the file says so.
    pub(super) length: Option<usize>,
}

impl<'a> Pbkdf2<'a> {
    /// Reads `PBKDF2-params` (RFC 8018 appendix A.2).
    pub(super) fn read(element: Element<'a>) -> Result<Self, IdentityError> {
        let algorithm = Algorithm::read(element)?;
        if algorithm.oid != PBKDF2 {
            return Err(algorithm.unknown());
        }
        let mut params = algorithm.parameters()?.inside()?;
        let salt = octets(params.any()?)?;
        let rounds = number(params.take(INTEGER)?)?;
        let length = match params.optional(INTEGER)? {
            Some(length) => Some(usize::try_from(number(length)?).unwrap_or(usize::MAX)),
            None => None,
        };
        let (function, block) = match params.optional(SEQUENCE)? {
            Some(function) => Algorithm::read(function)?.prf()?,
            // The default: hmacWithSHA1.
            None => (pbkdf2::PBKDF2_HMAC_SHA1, 20),
        };
        params.end()?;
        if salt.len() > SALT_MOST {
            return Err(IdentityError::Damaged);
        }
        Ok(Self { function, block, salt, rounds, length })
    }

    /// `length` bytes from a password.
    pub(super) fn derive(
        &self,
        password: &[u8],
        length: usize,
        work: &Work,
    ) -> Result<Secret, IdentityError> {
        if password.len() > PASSWORD_MOST || length > KEY_MOST {
            return Err(IdentityError::Damaged);
        }
        let blocks = u64::try_from(length.div_ceil(self.block)).unwrap_or(u64::MAX);
        let rounds = NonZeroU32::new(work.take(self.rounds, blocks)?);
        let rounds = rounds.ok_or(IdentityError::Damaged)?;
        let mut out = Zeroizing::new(vec![0; length]);
        pbkdf2::derive(self.function, rounds, &self.salt, password, &mut out);
        Ok(out)
    }
}

/// Salts have 8 to 32 bytes; a long one costs time in every block.
const SALT_MOST: usize = 1024;
/// A person types no more.
const PASSWORD_MOST: usize = 2048;
/// The longest key that is asked for is that of HMAC with SHA-512, whose block has 128 bytes.
const KEY_MOST: usize = 128;

#[cfg(test)]
mod tests {
    use aws_lc_rs::digest::SHA1_FOR_LEGACY_USE_ONLY;

    use super::*;

    #[test]
    fn what_is_filled_up_with_a_password_never_moves_and_is_wiped() {
        let filled: Secret = filled(&[b"salt", b"wachtwoord", b""], 8);
        assert_eq!(*filled, *b"saltsaltwachtwoordwachtw");
        assert_eq!(filled.capacity(), filled.len(), "it was as large as needed from the start");
    }

    /// From the tests of several libraries: "smeg", salt 0A58CF64530D823F, one round; and "queeg".
    #[test]
    fn keys_and_vectors_are_those_that_other_libraries_derive() {
        let derived = |password: &str, salt: [u8; 8], rounds, purpose, length| {
            let derivation = Pkcs12 { hash: &SHA1_FOR_LEGACY_USE_ONLY, salt: &salt, rounds };
            let wide: Vec<u8> =
                password.encode_utf16().chain([0]).flat_map(u16::to_be_bytes).collect();
            let out = derivation.derive(&wide, purpose, length, &Work::of(10_000)).unwrap();
            out.iter().map(|byte| format!("{byte:02X}")).collect::<String>()
        };
        let smeg = [0x0a, 0x58, 0xcf, 0x64, 0x53, 0x0d, 0x82, 0x3f];
        assert_eq!(
            derived("smeg", smeg, 1, For::Key, 24),
            "8AAAE6297B6CB04642AB5B077851284EB7128F1A2A7FBCA3"
        );
        assert_eq!(derived("smeg", smeg, 1, For::Vector, 8), "79993DFE048D3B76");
        let queeg = [0x05, 0xde, 0xc9, 0x59, 0xac, 0xff, 0x72, 0xf7];
        assert_eq!(
            derived("queeg", queeg, 1000, For::Key, 24),
            "ED2034E36328830FF09DF1E1A07DD357185DAC0D4F9EB3D4"
        );
        assert_eq!(derived("queeg", queeg, 1000, For::Vector, 8), "11DEDAD7758D4860");
    }
}
