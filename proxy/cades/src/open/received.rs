//! SignedData as it was received (RFC 5652 section 5): what may be strange stays aside and hides nothing.

use std::borrow::Cow;

use crate::ber::{Element, Fault, INTEGER, OID, Reader, SEQUENCE, SET, Steps, constructed};

/// What a ContentInfo holds.
pub(crate) enum Received<'a> {
    Signed(SignedData<'a>),
    /// Encrypted, compressed or other; the type's object identifier.
    Other(&'a [u8]),
}

pub(crate) struct SignedData<'a> {
    /// Object identifiers of digestAlgorithms.
    pub(crate) digests: Vec<&'a [u8]>,
    pub(crate) content_type: &'a [u8],
    /// What is signed, where it travels inside.
    pub(crate) content: Option<Cow<'a, [u8]>>,
    /// What looks like a certificate, read or not.
    pub(crate) certificates: Vec<&'a [u8]>,
    pub(crate) crls: Vec<&'a [u8]>,
    pub(crate) ocsp: Vec<&'a [u8]>,
    pub(crate) signers: Vec<SignerInfo<'a>>,
}

/// RFC 5652 section 5.3; unsigned attributes (counter-signatures, time-stamps, what CAdES-T, -LT and -LTA
/// add) are passed over.
pub(crate) struct SignerInfo<'a> {
    pub(crate) id: SignerId<'a>,
    pub(crate) digest: Identifier<'a>,
    /// `[0] IMPLICIT SET OF Attribute`.
    pub(crate) attributes: Option<Element<'a>>,
    pub(crate) algorithm: Identifier<'a>,
    pub(crate) signature: Cow<'a, [u8]>,
}

pub(crate) enum SignerId<'a> {
    IssuerAndSerial { issuer: &'a [u8], serial: &'a [u8] },
    SubjectKeyIdentifier(Cow<'a, [u8]>),
}

/// AlgorithmIdentifier (RFC 5280 section 4.1.1.2).
#[derive(Clone, Copy)]
pub(crate) struct Identifier<'a> {
    pub(crate) whole: Element<'a>,
    pub(crate) oid: &'a [u8],
    pub(crate) parameters: Option<Element<'a>>,
}

impl<'a> Received<'a> {
    /// Reads a ContentInfo (RFC 5652 section 3) that fills the bytes.
    pub(crate) fn read(bytes: &'a [u8], steps: &'a Steps) -> Result<Self, Fault> {
        let mut reader = Reader::new(bytes, steps);
        let mut outer = reader.take(SEQUENCE)?.inside()?;
        reader.end()?;
        let kind = outer.take(OID)?.content;
        if kind != ID_SIGNED_DATA {
            return Ok(Self::Other(kind));
        }
        let mut wrapper = outer.take(constructed(0))?.inside()?;
        outer.end()?;
        let signed = SignedData::read(wrapper.take(SEQUENCE)?)?;
        wrapper.end()?;
        Ok(Self::Signed(signed))
    }
}

impl<'a> SignedData<'a> {
    fn read(element: Element<'a>) -> Result<Self, Fault> {
        let mut inner = element.inside()?;
        version(inner.take(INTEGER)?, &[1, 3, 4, 5])?;
        let mut digests = Vec::new();
        let mut algorithms = inner.take(SET)?.inside()?;
        while !algorithms.is_empty() {
            digests.push(Identifier::read(algorithms.take(SEQUENCE)?)?.oid);
        }
        let mut encapsulated = inner.take(SEQUENCE)?.inside()?;
        let content_type = encapsulated.take(OID)?.content;
        let content = match encapsulated.optional(constructed(0))? {
            Some(wrapper) => {
                let mut wrapped = wrapper.inside()?;
                let content = wrapped.octets()?;
                wrapped.end()?;
                Some(content)
            }
            None => None,
        };
        encapsulated.end()?;
        let certificates = inner.optional(constructed(0))?;
        let revocations = inner.optional(constructed(1))?;
        let mut signers = Vec::new();
        let mut infos = inner.take(SET)?.inside()?;
        inner.end()?;
        while !infos.is_empty() {
            signers.push(SignerInfo::read(infos.take(SEQUENCE)?)?);
        }
        let mut signed = Self {
            digests,
            content_type,
            content,
            certificates: Vec::new(),
            crls: Vec::new(),
            ocsp: Vec::new(),
            signers,
        };
        for choice in elements(certificates) {
            // CertificateChoices (section 10.2.2): attribute certificates and others have tags of their own.
            if choice.tag == SEQUENCE {
                signed.certificates.push(choice.raw);
            }
        }
        for choice in elements(revocations) {
            match (choice.tag, other_revocation(choice)) {
                (SEQUENCE, _) => signed.crls.push(choice.raw),
                (_, Some(response)) => signed.ocsp.push(response),
                (_, None) => {}
            }
        }
        Ok(signed)
    }
}

impl<'a> SignerInfo<'a> {
    fn read(element: Element<'a>) -> Result<Self, Fault> {
        let mut inner = element.inside()?;
        version(inner.take(INTEGER)?, &[1, 3])?;
        let id = SignerId::read(inner.any()?)?;
        let digest = Identifier::read(inner.take(SEQUENCE)?)?;
        let attributes = inner.optional(constructed(0))?;
        let algorithm = Identifier::read(inner.take(SEQUENCE)?)?;
        let signature = inner.octets()?;
        inner.optional(constructed(1))?;
        inner.end()?;
        Ok(Self { id, digest, attributes, algorithm, signature })
    }
}

impl<'a> SignerId<'a> {
    fn read(element: Element<'a>) -> Result<Self, Fault> {
        match element.tag {
            SEQUENCE => {
                let mut inner = element.inside()?;
                let issuer = inner.take(SEQUENCE)?.raw;
                let serial = inner.take(INTEGER)?.content;
                inner.end()?;
                Ok(Self::IssuerAndSerial { issuer, serial })
            }
            KEY_IDENTIFIER | KEY_IDENTIFIER_IN_PIECES => {
                Ok(Self::SubjectKeyIdentifier(element.octets()?))
            }
            _ => Err(Fault::Form),
        }
    }
}

impl<'a> Identifier<'a> {
    pub(crate) fn read(whole: Element<'a>) -> Result<Self, Fault> {
        let mut inner = whole.inside()?;
        let oid = inner.take(OID)?.content;
        let parameters = if inner.is_empty() { None } else { Some(inner.any()?) };
        inner.end()?;
        Ok(Self { whole, oid, parameters })
    }

    /// True where parameters are NULL or absent: most algorithms have none, and both are written.
    pub(crate) fn is_plain(&self) -> bool {
        self.parameters.is_none_or(|element| element.raw == [5, 0])
    }
}

/// CMSVersion (RFC 5652 section 10.2.5). Which of them follows from what is inside; many write another.
fn version(number: Element<'_>, known: &[u8]) -> Result<(), Fault> {
    match number.content {
        [version] if known.contains(version) => Ok(()),
        _ => Err(Fault::Form),
    }
}

/// What can be read of a set; where that ends, what came before still counts.
fn elements(set: Option<Element<'_>>) -> Vec<Element<'_>> {
    let mut found = Vec::new();
    let Some(Ok(mut inside)) = set.map(Element::inside) else {
        return found;
    };
    while found.len() < ENTRIES_MOST
        && let Ok(element) = inside.any()
    {
        found.push(element);
    }
    found
}

/// OtherRevocationInfoFormat (RFC 5652 section 10.2.1) that is an OCSP response (RFC 5940 section 2.1; some
/// write the BasicOCSPResponse in it).
fn other_revocation(choice: Element<'_>) -> Option<&[u8]> {
    if choice.tag != constructed(1) {
        return None;
    }
    let mut inner = choice.inside().ok()?;
    let format = inner.take(OID).ok()?.content;
    let response = inner.take(SEQUENCE).ok()?.raw;
    [ID_RI_OCSP_RESPONSE, ID_PKIX_OCSP_BASIC].contains(&format).then_some(response)
}

/// RFC 5652 section 4.
pub(crate) const ID_DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 1];
/// RFC 5652 section 5.1.
const ID_SIGNED_DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 2];
/// RFC 5652 section 6.1.
pub(crate) const ID_ENVELOPED_DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 3];
/// RFC 5083 section 2.1.
pub(crate) const ID_AUTH_ENVELOPED_DATA: &[u8] =
    &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 16, 1, 23];
/// RFC 5940 section 2.1.
const ID_RI_OCSP_RESPONSE: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 16, 2];
/// RFC 6960 section 4.2.1.
const ID_PKIX_OCSP_BASIC: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 48, 1, 1];
/// `[0] IMPLICIT SubjectKeyIdentifier`.
const KEY_IDENTIFIER: u8 = 0x80;
const KEY_IDENTIFIER_IN_PIECES: u8 = 0xa0;

/// A chain has three or four certificates, an archive some dozens: beyond this they are passed over.
const ENTRIES_MOST: usize = 1_000;
