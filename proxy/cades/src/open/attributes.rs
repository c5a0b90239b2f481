//! Signed attributes (RFC 5652 section 11, RFC 5035) as they were received.

use std::borrow::Cow;

use jiff::Timestamp;

use crate::ber::{Element, Fault, INTEGER, OID, SEQUENCE, SET, constructed, encoded};
use crate::cms::read_time;
use crate::open::algorithms::Hash;
use crate::open::received::Identifier;

/// What the signed attributes say. Each of these stands there once at most, with one value.
pub(crate) struct Attributes<'a> {
    pub(crate) content_type: &'a [u8],
    pub(crate) digest: Cow<'a, [u8]>,
    pub(crate) signing_time: Option<Timestamp>,
    /// The first ESSCertID of signing-certificate and of signing-certificate-v2.
    pub(crate) signing_certificates: Vec<SigningCertificate<'a>>,
}

/// The first ESSCertID or ESSCertIDv2: the certificate that signed (RFC 5035 sections 4 and 5).
pub(crate) struct SigningCertificate<'a> {
    pub(crate) version: Version,
    hash: EssHash<'a>,
    digest: Cow<'a, [u8]>,
    /// Names of the issuer (DER of `Name`), and the serial number.
    issuer_serial: Option<(Vec<&'a [u8]>, &'a [u8])>,
}

/// Which attribute it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Version {
    /// RFC 2634 section 5.4: SHA-1.
    One,
    /// RFC 5035 section 3.
    Two,
}

enum EssHash<'a> {
    Known(Hash),
    Unknown(&'a [u8]),
}

/// How a certificate and an ESSCertID compare.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Named {
    Same,
    Other,
    /// The hash, as object identifier, is not used here.
    UnknownHash(Vec<u8>),
}

impl<'a> Attributes<'a> {
    /// Reads `[0] IMPLICIT SET OF Attribute`. RFC 5652 section 11: content-type and message-digest
    /// "MUST be present", none "MUST include multiple instances", each "MUST have a single attribute
    /// value".
    pub(crate) fn read(set: Element<'a>) -> Result<Self, Fault> {
        let (mut content_type, mut digest, mut time) = (None, None, None);
        let (mut one, mut two) = (None, None);
        let mut attributes = set.inside()?;
        while !attributes.is_empty() {
            let mut attribute = attributes.take(SEQUENCE)?.inside()?;
            let kind = attribute.take(OID)?.content;
            let values = attribute.take(SET)?;
            attribute.end()?;
            let Some(kind) = kind.strip_prefix(PKCS9) else {
                continue;
            };
            match kind {
                CONTENT_TYPE => once(&mut content_type, values, |v| of_tag(v, OID))?,
                MESSAGE_DIGEST => once(&mut digest, values, Element::octets)?,
                SIGNING_TIME => once(&mut time, values, signing_time)?,
                SIGNING_CERTIFICATE => {
                    once(&mut one, values, |v| SigningCertificate::read(v, Version::One))?;
                }
                SIGNING_CERTIFICATE_V2 => {
                    once(&mut two, values, |v| SigningCertificate::read(v, Version::Two))?;
                }
                _ => {}
            }
        }
        Ok(Self {
            content_type: content_type.ok_or(Fault::Form)?,
            digest: digest.ok_or(Fault::Form)?,
            signing_time: time,
            signing_certificates: one.into_iter().chain(two).collect(),
        })
    }
}

/// The bytes that were signed (RFC 5652 section 5.4: the SET OF with its own tag, in DER), as they came.
pub(crate) fn signed_form(set: Element<'_>) -> Vec<u8> {
    let mut received = set.raw.to_vec();
    if let Some(tag) = received.first_mut() {
        *tag = SET;
    }
    received
}

/// The bytes that may have been signed else: in DER, in the order in which they came and in that of DER. Some
/// sign the order in which they send, some sort and send otherwise.
pub(crate) fn other_signed_forms(set: Element<'_>, received: &[u8]) -> Vec<Vec<u8>> {
    let mut forms: Vec<Vec<u8>> = Vec::new();
    for in_order in [false, true] {
        if let Ok(content) = set.content_in_der(in_order) {
            let form = encoded(SET, &content);
            if form != received && !forms.contains(&form) {
                forms.push(form);
            }
        }
    }
    forms
}

impl<'a> SigningCertificate<'a> {
    fn read(value: Element<'a>, version: Version) -> Result<Self, Fault> {
        let value = Some(value).filter(|v| v.tag == SEQUENCE).ok_or(Fault::Form)?;
        let mut certs = value.inside()?.take(SEQUENCE)?.inside()?;
        let mut first = certs.take(SEQUENCE)?.inside()?;
        let hash = match version {
            Version::One => EssHash::Known(Hash::Sha1),
            // "hashAlgorithm AlgorithmIdentifier DEFAULT {algorithm id-sha256}".
            Version::Two => match first.optional(SEQUENCE)? {
                None => EssHash::Known(Hash::Sha256),
                Some(element) => {
                    let oid = Identifier::read(element)?.oid;
                    Hash::named(oid).map_or(EssHash::Unknown(oid), EssHash::Known)
                }
            },
        };
        let digest = first.octets()?;
        let issuer_serial = match first.optional(SEQUENCE)? {
            Some(element) => Some(issuer_serial(element)?),
            None => None,
        };
        first.end()?;
        Ok(Self { version, hash, digest, issuer_serial })
    }

    /// Compares with a certificate: its hash over the bytes as they came, and issuer and serial number where
    /// they are given.
    pub(crate) fn names(&self, raw: &[u8], issuer: &[u8], serial: &[u8]) -> Named {
        let hash = match self.hash {
            EssHash::Known(hash) => hash,
            EssHash::Unknown(oid) => return Named::UnknownHash(oid.to_vec()),
        };
        let same = self.issuer_serial.as_ref().is_none_or(|(names, number)| {
            *number == serial && names.iter().any(|name| paths::same_name(name, issuer))
        });
        if same && hash.digest(raw).as_ref() == self.digest.as_ref() {
            Named::Same
        } else {
            Named::Other
        }
    }
}

/// IssuerSerial (RFC 5035 section 5.4.1): the directory names of the issuer, and the serial number.
fn issuer_serial(element: Element<'_>) -> Result<(Vec<&[u8]>, &[u8]), Fault> {
    let mut inner = element.inside()?;
    let mut names = inner.take(SEQUENCE)?.inside()?;
    let serial = inner.take(INTEGER)?.content;
    let mut found = Vec::new();
    while !names.is_empty() {
        let name = names.any()?;
        if name.tag == constructed(4) {
            found.push(name.content);
        }
    }
    Ok((found, serial))
}

fn once<'a, T>(
    place: &mut Option<T>,
    values: Element<'a>,
    read: impl Fn(Element<'a>) -> Result<T, Fault>,
) -> Result<(), Fault> {
    let mut inside = values.inside()?;
    let value = read(inside.any()?)?;
    inside.end()?;
    if place.replace(value).is_some() { Err(Fault::Form) } else { Ok(()) }
}

fn of_tag(value: Element<'_>, tag: u8) -> Result<&[u8], Fault> {
    if value.tag == tag { Ok(value.content) } else { Err(Fault::Form) }
}

fn signing_time(value: Element<'_>) -> Result<Timestamp, Fault> {
    use der::Decode as _;
    let any = der::Any::from_der(value.raw).map_err(|_| Fault::Form)?;
    read_time(&any).map_err(|_| Fault::Form)
}

/// RFC 2985: what content-type, message-digest, signing-time and the ESS attributes have in common.
const PKCS9: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9];
/// RFC 5652 section 11.1.
const CONTENT_TYPE: &[u8] = &[3];
/// RFC 5652 section 11.2.
const MESSAGE_DIGEST: &[u8] = &[4];
/// RFC 5652 section 11.3.
const SIGNING_TIME: &[u8] = &[5];
/// RFC 2634 section 5.4.
const SIGNING_CERTIFICATE: &[u8] = &[16, 2, 12];
/// RFC 5035 section 3.
const SIGNING_CERTIFICATE_V2: &[u8] = &[16, 2, 47];
