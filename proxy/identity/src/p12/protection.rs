//! What lies under a password: PBES2 (RFC 8018 section 6.2) with AES or Triple DES, and the older ways of
//! RFC 7292 appendix C with Triple DES and RC2.

use aws_lc_rs::cipher::{
    AES_128, AES_192, AES_256, DecryptionContext, PaddedBlockDecryptingKey, UnboundCipherKey,
};
use aws_lc_rs::digest::SHA1_FOR_LEGACY_USE_ONLY;
use aws_lc_rs::iv::FixedLength;
use cades::ber::{Element, INTEGER, Reader, SEQUENCE, Steps};
use des::cipher::consts::U8;
use des::cipher::{BlockCipherDecrypt, BlockSizeUser, KeyInit};
use zeroize::Zeroizing;

use super::algorithm::{Algorithm, PBES2};
use super::derive::{For, Pbkdf2, Pkcs12};
use super::{Password, Secret, Work, number, octets};
use crate::error::IdentityError;

/// Opens what is protected: the bytes of one SEQUENCE, which is what always lies inside.
pub(crate) fn open(
    algorithm: Element<'_>,
    sealed: &[u8],
    password: &Password,
    work: &Work,
) -> Result<Secret, IdentityError> {
    let algorithm = Algorithm::read(algorithm)?;
    if algorithm.oid == PBES2 {
        return pbes2(&algorithm, sealed, password, work);
    }
    let cipher = match algorithm.oid.strip_prefix(PKCS12_PBE) {
        Some([3]) => Old::TripleDes { key: 24 },
        Some([4]) => Old::TripleDes { key: 16 },
        Some([5]) => Old::Rc2 { key: 16 },
        Some([6]) => Old::Rc2 { key: 5 },
        Some([1 | 2]) => return Err(IdentityError::Protection { what: "RC4".into() }),
        _ => return Err(algorithm.unknown()),
    };
    let mut params = algorithm.parameters()?.inside()?;
    let salt = octets(params.any()?)?;
    let rounds = number(params.take(INTEGER)?)?;
    params.end()?;
    let derivation = Pkcs12 { hash: &SHA1_FOR_LEGACY_USE_ONLY, salt: &salt, rounds };
    for form in password.wide() {
        let key = derivation.derive(form, For::Key, cipher.key(), work)?;
        let vector = derivation.derive(form, For::Vector, 8, work)?;
        if let Some(plain) = cipher.open(&key, &vector, sealed).filter(whole) {
            return Ok(plain);
        }
    }
    Err(IdentityError::Password)
}

fn pbes2(
    algorithm: &Algorithm<'_>,
    sealed: &[u8],
    password: &Password,
    work: &Work,
) -> Result<Secret, IdentityError> {
    let mut params = algorithm.parameters()?.inside()?;
    let derivation = Pbkdf2::read(params.take(SEQUENCE)?)?;
    let scheme = Algorithm::read(params.take(SEQUENCE)?)?;
    params.end()?;
    let cipher = match (scheme.oid.strip_prefix(AES), scheme.oid) {
        (Some([2]), _) => New::Aes(&AES_128, 16),
        (Some([22]), _) => New::Aes(&AES_192, 24),
        (Some([42]), _) => New::Aes(&AES_256, 32),
        (_, DES_EDE3_CBC) => New::TripleDes,
        _ => return Err(scheme.unknown()),
    };
    let vector = octets(scheme.parameters()?)?;
    let length = cipher.key();
    if derivation.length.is_some_and(|said| said != length) {
        return Err(IdentityError::Damaged);
    }
    for form in password.plain() {
        let key = derivation.derive(form, length, work)?;
        if let Some(plain) = cipher.open(&key, &vector, sealed).filter(whole) {
            return Ok(plain);
        }
    }
    Err(IdentityError::Password)
}

/// One SEQUENCE and nothing else. A wrong key passes the padding once in 256 times.
fn whole(plain: &Secret) -> bool {
    let steps = Steps::new();
    let mut reader = Reader::new(plain, &steps);
    reader.take(SEQUENCE).is_ok() && reader.is_empty()
}

/// The ciphers of PBES2.
enum New {
    Aes(&'static aws_lc_rs::cipher::Algorithm, usize),
    TripleDes,
}

impl New {
    fn key(&self) -> usize {
        match self {
            Self::Aes(_, length) => *length,
            Self::TripleDes => 24,
        }
    }

    fn open(&self, key: &[u8], vector: &[u8], sealed: &[u8]) -> Option<Secret> {
        let Self::Aes(algorithm, _) = self else {
            return cbc(&des::TdesEde3::new_from_slice(key).ok()?, vector, sealed);
        };
        let key = UnboundCipherKey::new(algorithm, key).ok()?;
        let key = PaddedBlockDecryptingKey::cbc_pkcs7(key).ok()?;
        let vector = FixedLength::from(<[u8; 16]>::try_from(vector).ok()?);
        let mut plain: Secret = Zeroizing::new(sealed.to_vec());
        let length = key.decrypt(&mut plain, DecryptionContext::Iv128(vector)).ok()?.len();
        plain.truncate(length);
        Some(plain)
    }
}

/// The ciphers of RFC 7292 appendix C, and how many bytes their keys have.
enum Old {
    TripleDes { key: usize },
    Rc2 { key: usize },
}

impl Old {
    fn key(&self) -> usize {
        match self {
            Self::TripleDes { key } | Self::Rc2 { key } => *key,
        }
    }

    fn open(&self, key: &[u8], vector: &[u8], sealed: &[u8]) -> Option<Secret> {
        match self {
            Self::TripleDes { key: 24 } => {
                cbc(&des::TdesEde3::new_from_slice(key).ok()?, vector, sealed)
            }
            Self::TripleDes { .. } => {
                cbc(&des::TdesEde2::new_from_slice(key).ok()?, vector, sealed)
            }
            Self::Rc2 { .. } => {
                cbc(&rc2::Rc2::new_with_eff_key_len(key, key.len() * 8), vector, sealed)
            }
        }
    }
}

/// Cipher block chaining with blocks of 8 bytes, and the padding of RFC 8018 section 6.1.1 taken off.
fn cbc<C>(cipher: &C, vector: &[u8], sealed: &[u8]) -> Option<Secret>
where
    C: BlockCipherDecrypt + BlockSizeUser<BlockSize = U8>,
{
    let mut before = <[u8; 8]>::try_from(vector).ok()?;
    let (blocks, rest) = sealed.as_chunks::<8>();
    if !rest.is_empty() {
        return None;
    }
    let mut plain: Secret = Zeroizing::new(Vec::with_capacity(sealed.len()));
    for block in blocks {
        let mut opened = (*block).into();
        cipher.decrypt_block(&mut opened);
        plain.extend(opened.iter().zip(before).map(|(byte, chained)| byte ^ chained));
        before = *block;
    }
    let &pad = plain.last()?;
    let length = plain.len().checked_sub(usize::from(pad))?;
    let padded = (1..=8).contains(&pad) && plain[length..].iter().all(|byte| *byte == pad);
    plain.truncate(length);
    padded.then_some(plain)
}

/// 1.2.840.113549.1.12.1: before the number of the cipher.
const PKCS12_PBE: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 12, 1];
/// 2.16.840.1.101.3.4.1: before the number of size and mode.
const AES: &[u8] = &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 1];
/// 1.2.840.113549.3.7.
const DES_EDE3_CBC: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 3, 7];
