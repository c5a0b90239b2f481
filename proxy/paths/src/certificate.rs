use jiff::Timestamp;

use crate::answer::Link;
use crate::der::{self, BIT_STRING, INTEGER, Malformed, OID, Reader, SEQUENCE};
use crate::extensions::{Extensions, GeneralName};
use crate::name::{self, Name};

/// A certificate beside the bytes that it came in (RFC 5280 section 4.1).
#[derive(Debug, Clone)]
pub(crate) struct Certificate<'a> {
    pub(crate) raw: &'a [u8],
    /// TBSCertificate: what is signed.
    pub(crate) tbs: &'a [u8],
    /// 1, 2 or 3.
    pub(crate) version: u8,
    pub(crate) serial: &'a [u8],
    /// Issuer as DER.
    pub(crate) issuer: &'a [u8],
    pub(crate) issuer_name: Name,
    pub(crate) not_before: Timestamp,
    pub(crate) not_after: Timestamp,
    /// Subject as DER.
    pub(crate) subject: &'a [u8],
    pub(crate) subject_name: Name,
    pub(crate) key: PublicKey<'a>,
    pub(crate) extensions: Extensions<'a>,
    /// The signature's AlgorithmIdentifier as DER.
    pub(crate) algorithm: &'a [u8],
    pub(crate) signature: &'a [u8],
}

/// SubjectPublicKeyInfo (RFC 5280 section 4.1.2.7).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PublicKey<'a> {
    /// All of it.
    pub(crate) raw: &'a [u8],
    /// The algorithm's object identifier.
    pub(crate) oid: &'a [u8],
    /// Its parameters as DER; empty where absent.
    pub(crate) parameters: &'a [u8],
    /// The content of subjectPublicKey.
    pub(crate) bytes: &'a [u8],
}

impl<'a> Certificate<'a> {
    pub(crate) fn read(raw: &'a [u8]) -> Result<Self, Malformed> {
        if raw.len() > CERTIFICATE_MOST {
            return Err(Malformed);
        }
        let der::Signed { tbs, algorithm, signature, rest } = der::signed(raw)?;
        rest.end()?;

        let mut inner = tbs.inside();
        let version = version(&mut inner)?;
        let serial = inner.take(INTEGER)?.content;
        // Section 4.1.1.2: the two "MUST contain the same algorithm identifier".
        if inner.take(SEQUENCE)?.raw != algorithm || serial.is_empty() {
            return Err(Malformed);
        }
        let issuer = inner.take(SEQUENCE)?.raw;
        let issuer_name = Name::read(issuer)?;
        // Section 4.1.2.4: "The issuer field MUST contain a non-empty distinguished name".
        if issuer_name.is_empty() {
            return Err(Malformed);
        }
        let mut validity = inner.take(SEQUENCE)?.inside();
        let (not_before, not_after) = (der::time(validity.any()?)?, der::time(validity.any()?)?);
        validity.end()?;
        let subject = inner.take(SEQUENCE)?.raw;
        let key = PublicKey::read(inner.take(SEQUENCE)?.raw)?;
        if version > 1 {
            inner.optional(der::primitive(1))?;
            inner.optional(der::primitive(2))?;
        }
        let extensions = match inner.optional(der::constructed(3))? {
            Some(element) if version == 3 => Extensions::read(element)?,
            Some(_) => return Err(Malformed),
            None => Extensions::default(),
        };
        inner.end()?;
        Ok(Self {
            raw,
            tbs: tbs.raw,
            version,
            serial,
            issuer,
            issuer_name,
            not_before,
            not_after,
            subject,
            subject_name: Name::read(subject)?,
            key,
            extensions,
            algorithm,
            signature,
        })
    }

    /// Section 6.1: "A certificate is self-issued if the same DN appears in the subject and issuer
    /// fields".
    pub(crate) fn self_issued(&self) -> bool {
        self.issuer_name == self.subject_name
    }

    /// How people call whom it is for: by common name, mail address or organisation.
    pub(crate) fn called(&self) -> String {
        let mail = || {
            self.extensions.alternative_names.iter().flatten().find_map(|name| match name {
                GeneralName::Mail(address) => Some(name::plain(&String::from_utf8_lossy(address))),
                _ => None,
            })
        };
        name::attribute(self.subject, name::COMMON_NAME)
            .or_else(mail)
            .or_else(|| name::attribute(self.subject, name::EMAIL_ADDRESS))
            .or_else(|| name::attribute(self.subject, name::ORGANISATION))
            .unwrap_or_else(|| name::text(self.subject))
    }

    pub(crate) fn link(&self) -> Link {
        Link {
            der: self.raw.to_vec(),
            subject: name::text(self.subject),
            issuer: name::text(self.issuer),
            serial: der::hex(self.serial),
            not_before: self.not_before,
            not_after: self.not_after,
        }
    }
}

impl<'a> PublicKey<'a> {
    pub(crate) fn read(raw: &'a [u8]) -> Result<Self, Malformed> {
        let mut outer = der::whole(raw, SEQUENCE)?.inside();
        let mut algorithm = outer.take(SEQUENCE)?.inside();
        let bytes = der::octets_of_bits(outer.take(BIT_STRING)?)?;
        outer.end()?;
        let oid = algorithm.take(OID)?.content;
        let parameters = if algorithm.is_empty() { &[] } else { algorithm.any()?.raw };
        algorithm.end()?;
        Ok(Self { raw, oid, parameters, bytes })
    }
}

/// `[0] EXPLICIT INTEGER DEFAULT v1`.
fn version(inner: &mut Reader<'_>) -> Result<u8, Malformed> {
    let Some(element) = inner.optional(der::constructed(0))? else {
        return Ok(1);
    };
    match der::whole(element.content, INTEGER)?.content {
        [number @ 0..=2] => Ok(number + 1),
        _ => Err(Malformed),
    }
}

/// A certificate is 1 to 3 kB; 64 KiB leaves room for odd ones.
pub(crate) const CERTIFICATE_MOST: usize = 64 * 1024;
