//! The bags of a file (RFC 7292 section 4.2).

use cades::ber::{Element, OID, Reader, SEQUENCE, SET, Steps, constructed};
use zeroize::Zeroizing;

use super::{Password, Secret, Work, octets, protection};
use crate::error::IdentityError;

/// Something out of a bag, and the number by which the writer paired keys with certificates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Bag<T> {
    pub(crate) der: T,
    /// localKeyID (RFC 2985 section 5.5.2).
    pub(crate) pair: Option<Vec<u8>>,
}

/// All that is of use here.
#[derive(Default)]
pub(crate) struct Bags {
    pub(crate) keys: Vec<Bag<Secret>>,
    pub(crate) certificates: Vec<Bag<Vec<u8>>>,
}

impl Bags {
    /// Reads SafeContents.
    pub(super) fn read(
        &mut self,
        contents: &[u8],
        password: &Password,
        work: &Work,
        steps: &Steps,
    ) -> Result<(), IdentityError> {
        self.contents(contents, &Within { password, work, steps }, 0)
    }

    fn contents(
        &mut self,
        contents: &[u8],
        within: &Within<'_>,
        depth: usize,
    ) -> Result<(), IdentityError> {
        let mut contents = Reader::new(contents, within.steps).take(SEQUENCE)?.inside()?;
        while !contents.is_empty() {
            let mut bag = contents.take(SEQUENCE)?.inside()?;
            let kind = bag.take(OID)?.content;
            let value = bag.take(constructed(0))?.inside()?.any()?;
            let pair = match bag.optional(SET)? {
                Some(attributes) => local_key_id(attributes)?,
                None => None,
            };
            self.bag(kind.strip_prefix(BAG), value, pair, within, depth)?;
        }
        Ok(())
    }

    fn bag(
        &mut self,
        kind: Option<&[u8]>,
        value: Element<'_>,
        pair: Option<Vec<u8>>,
        within: &Within<'_>,
        depth: usize,
    ) -> Result<(), IdentityError> {
        match kind {
            // keyBag, pkcs8ShroudedKeyBag.
            Some([1]) => self.key(Zeroizing::new(value.to_der()?), pair),
            Some([2]) => {
                let mut shrouded = value.inside()?;
                let algorithm = shrouded.take(SEQUENCE)?;
                let sealed = octets(shrouded.any()?)?;
                let key = protection::open(algorithm, &sealed, within.password, within.work)?;
                self.key(key, pair)
            }
            // certBag: of X.509, not of SDSI.
            Some([3]) => {
                let mut certificate = value.inside()?;
                if certificate.take(OID)?.content != X509 {
                    return Ok(());
                }
                let der = octets(certificate.take(constructed(0))?.inside()?.any()?)?.into_owned();
                if self.certificates.len() == CERTIFICATES_MOST {
                    return Err(IdentityError::Damaged);
                }
                self.certificates.push(Bag { der, pair });
                Ok(())
            }
            // safeContentsBag.
            Some([6]) if depth < DEPTH_MOST => self.contents(value.raw, within, depth + 1),
            Some([6]) => Err(IdentityError::Damaged),
            // crlBag, secretBag, and what others invent: of no use here.
            _ => Ok(()),
        }
    }

    fn key(&mut self, der: Secret, pair: Option<Vec<u8>>) -> Result<(), IdentityError> {
        if self.keys.len() == KEYS_MOST {
            return Err(IdentityError::Damaged);
        }
        self.keys.push(Bag { der, pair });
        Ok(())
    }
}

struct Within<'a> {
    password: &'a Password,
    work: &'a Work,
    steps: &'a Steps,
}

fn local_key_id(attributes: Element<'_>) -> Result<Option<Vec<u8>>, IdentityError> {
    let mut attributes = attributes.inside()?;
    while !attributes.is_empty() {
        let mut attribute = attributes.take(SEQUENCE)?.inside()?;
        let local = attribute.take(OID)?.content == LOCAL_KEY_ID;
        let mut values = attribute.take(SET)?.inside()?;
        if local && !values.is_empty() {
            return Ok(Some(octets(values.any()?)?.into_owned()));
        }
    }
    Ok(None)
}

/// 1.2.840.113549.1.12.10.1: before the number of the kind.
const BAG: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 12, 10, 1];
/// 1.2.840.113549.1.9.22.1.
const X509: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 22, 1];
/// 1.2.840.113549.1.9.21.
const LOCAL_KEY_ID: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 21];
/// A person's whole store has a few: for signing, for reading, and those before them.
const KEYS_MOST: usize = 50;
/// Those of the keys, and of all their issuers.
const CERTIFICATES_MOST: usize = 200;
/// Bags in bags are allowed, and nobody writes them.
const DEPTH_MOST: usize = 8;
