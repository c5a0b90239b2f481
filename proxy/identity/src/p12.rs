//! PKCS #12 (RFC 7292): keys and certificates under a password, as OpenSSL, GnuTLS, Windows, macOS and
//! the programs of Mozilla write them. Those last write BER, also inside the octets that their code
//! covers, so that every layer is read as it came and none is encoded anew.

mod algorithm;
mod bags;
mod derive;
mod mac;
mod password;
mod protection;

use core::cell::Cell;

use cades::ber::{
    Element, Fault, INTEGER, OCTET_STRING, OCTET_STRING_IN_PIECES, OID, Reader, SEQUENCE, Steps,
    constructed,
};

pub(crate) use bags::{Bag, Bags};
pub(crate) use password::Password;

use crate::error::IdentityError;

/// Opens a file.
pub(crate) fn open(file: &[u8], password: &Password, work: &Work) -> Result<Bags, IdentityError> {
    let steps = Steps::new();
    let mut outer = Reader::new(file, &steps);
    let mut pfx = outer.take(SEQUENCE)?.inside()?;
    outer.end()?;
    // Certificates, keys and signatures begin otherwise.
    if pfx.optional(INTEGER)?.is_none_or(|version| version.content != [VERSION]) {
        return Err(IdentityError::NoIdentityFile);
    }
    let safe = pfx.take(SEQUENCE)?;
    let content = match content_of(safe)? {
        (DATA, Some(content)) => content,
        // The other kind is signed by a key, not kept by a password.
        (SIGNED_DATA, _) => return Err(IdentityError::Protection { what: "signedData".into() }),
        _ => return Err(IdentityError::NoIdentityFile),
    };
    let content = octets(content)?;
    let password = match pfx.optional(SEQUENCE)? {
        Some(mac) => &mac::check(mac, &content, password, work)?,
        None => password,
    };
    pfx.end()?;
    let mut bags = Bags::default();
    let mut safes = Reader::new(&content, &steps).take(SEQUENCE)?.inside()?;
    while !safes.is_empty() {
        let (kind, content) = content_of(safes.take(SEQUENCE)?)?;
        match (kind, content) {
            (DATA, Some(content)) => {
                bags.read(&octets(content)?, password, work, &steps)?;
            }
            (ENCRYPTED_DATA, Some(content)) => {
                let plain = encrypted(content, password, work)?;
                bags.read(&plain, password, work, &steps)?;
            }
            _ => return Err(IdentityError::Protection { what: "envelopedData".into() }),
        }
    }
    Ok(bags)
}

/// Opens EncryptedPrivateKeyInfo (RFC 5958 section 3), as it stands alone in PEM.
pub(crate) fn unlock_key(
    key: &[u8],
    password: &Password,
    work: &Work,
) -> Result<Secret, IdentityError> {
    let steps = Steps::new();
    let mut key = Reader::new(key, &steps).take(SEQUENCE)?.inside()?;
    let algorithm = key.take(SEQUENCE)?;
    protection::open(algorithm, &octets(key.any()?)?, password, work)
}

/// ContentInfo (RFC 5652 section 3): its type, and what stands in `[0]`.
fn content_of(info: Element<'_>) -> Result<(&[u8], Option<Element<'_>>), Fault> {
    let mut info = info.inside()?;
    let kind = info.take(OID)?.content;
    let content = match info.optional(constructed(0))? {
        Some(wrapped) => Some(wrapped.inside()?.any()?),
        None => None,
    };
    Ok((kind, content))
}

/// EncryptedData (RFC 5652 section 8), opened.
fn encrypted(data: Element<'_>, password: &Password, work: &Work) -> Result<Secret, IdentityError> {
    let mut data = data.inside()?;
    data.take(INTEGER)?;
    let mut info = data.take(SEQUENCE)?.inside()?;
    info.take(OID)?;
    let algorithm = info.take(SEQUENCE)?;
    let sealed = info.any()?;
    if sealed.tag != IMPLICIT_OCTETS && sealed.tag != constructed(0) {
        return Err(IdentityError::Damaged);
    }
    protection::open(algorithm, &sealed.octets()?, password, work)
}

/// The bytes of an OCTET STRING, in one piece or several.
fn octets(element: Element<'_>) -> Result<std::borrow::Cow<'_, [u8]>, IdentityError> {
    match element.tag {
        OCTET_STRING | OCTET_STRING_IN_PIECES => Ok(element.octets()?),
        _ => Err(IdentityError::Damaged),
    }
}

/// A small number: a count of rounds, a length.
fn number(element: Element<'_>) -> Result<u64, IdentityError> {
    match element.content {
        // A negative one begins with a set bit; nine bytes hold more than any program counts.
        [] | [0x80..=0xff, ..] => Err(IdentityError::Damaged),
        digits if digits.len() > 8 => Err(IdentityError::TooMuchWork { rounds: u64::MAX }),
        digits => Ok(digits.iter().fold(0, |sum, &digit| (sum << 8) | u64::from(digit))),
    }
}

/// What was under the password; wiped when dropped.
pub(crate) type Secret = zeroize::Zeroizing<Vec<u8>>;

/// How many rounds of hashing a file may still ask for, over all its parts.
#[derive(Debug)]
pub(crate) struct Work(Cell<u64>);

impl Work {
    /// So many.
    pub(crate) fn of(rounds: u64) -> Self {
        Self(Cell::new(rounds))
    }

    /// `rounds` for each of `blocks` blocks of a derived key.
    fn take(&self, rounds: u64, blocks: u64) -> Result<u32, IdentityError> {
        let asked = rounds.saturating_mul(blocks);
        let refused = || IdentityError::TooMuchWork { rounds };
        let left = self.0.get().checked_sub(asked).ok_or_else(refused)?;
        self.0.set(left);
        match u32::try_from(rounds) {
            Ok(0) => Err(IdentityError::Damaged),
            Ok(rounds) => Ok(rounds),
            Err(_) => Err(refused()),
        }
    }
}

impl From<Fault> for IdentityError {
    fn from(_: Fault) -> Self {
        Self::Damaged
    }
}

/// RFC 7292 section 4: v3 is the only one.
const VERSION: u8 = 3;
/// `[0] IMPLICIT OCTET STRING` in one piece.
const IMPLICIT_OCTETS: u8 = 0x80;
/// 1.2.840.113549.1.7.1.
const DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 1];
/// 1.2.840.113549.1.7.2.
pub(crate) const SIGNED_DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 2];
/// 1.2.840.113549.1.7.6.
const ENCRYPTED_DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 6];
