//! OCSP responses as they stand (RFC 6960 section 4.2).

use jiff::{SignedDuration, Timestamp};

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};

use crate::certificate::{Certificate, PublicKey};
use crate::crl::{Entry, INVALIDITY_DATE};
use crate::der::{
    self, ENUMERATED, GENERALIZED_TIME, INTEGER, Malformed, OCTET_STRING, OID, Reader, SEQUENCE,
};
use crate::extensions::{self, Extension, several};
use crate::name::Name;
use crate::signature::digest_of;

/// A BasicOCSPResponse.
#[derive(Debug, Clone)]
pub(crate) struct Response<'a> {
    pub(crate) tbs: &'a [u8],
    pub(crate) algorithm: &'a [u8],
    pub(crate) signature: &'a [u8],
    responder: Responder<'a>,
    pub(crate) produced_at: Timestamp,
    singles: Vec<Single<'a>>,
    /// Certificates that came with it.
    pub(crate) certificates: Vec<Certificate<'a>>,
    pub(crate) unknown_critical: Option<&'a [u8]>,
}

#[derive(Debug, Clone)]
enum Responder<'a> {
    Name(Name),
    /// SHA-1 of the responder's key.
    Key(&'a [u8]),
}

/// SingleResponse.
#[derive(Debug, Clone)]
pub(crate) struct Single<'a> {
    algorithm: &'a [u8],
    name_hash: &'a [u8],
    key_hash: &'a [u8],
    serial: &'a [u8],
    pub(crate) status: CertStatus,
    pub(crate) this_update: Timestamp,
    next_update: Option<Timestamp>,
    pub(crate) unknown_critical: Option<&'a [u8]>,
}

/// CertStatus.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CertStatus {
    Good,
    /// As [`Entry`].
    Revoked {
        when: Timestamp,
        reason: u8,
    },
    Unknown,
}

impl<'a> Response<'a> {
    /// Reads an OCSPResponse, or the BasicOCSPResponse inside one.
    pub(crate) fn read(raw: &'a [u8]) -> Result<Self, Malformed> {
        if raw.len() > RESPONSE_MOST {
            return Err(Malformed);
        }
        let mut outer = der::whole(raw, SEQUENCE)?.inside();
        let first = outer.any()?;
        if first.tag != ENUMERATED {
            return Self::basic(raw);
        }
        // Other than "successful" there is nothing to read.
        if first.content != [0] {
            return Err(Malformed);
        }
        let wrapper = outer.take(der::constructed(0))?;
        outer.end()?;
        let mut bytes = der::whole(wrapper.content, SEQUENCE)?.inside();
        let kind = bytes.take(OID)?.content;
        let basic = bytes.take(OCTET_STRING)?.content;
        bytes.end()?;
        if kind == BASIC { Self::basic(basic) } else { Err(Malformed) }
    }

    fn basic(raw: &'a [u8]) -> Result<Self, Malformed> {
        let der::Signed { tbs, algorithm, signature, rest: mut outer } = der::signed(raw)?;
        let certificates = match outer.optional(der::constructed(0))? {
            Some(wrapper) => {
                let mut reader = der::whole(wrapper.content, SEQUENCE)?.inside();
                let raws = several(&mut reader, |reader| reader.take(SEQUENCE))?;
                let raws = raws.into_iter().take(CERTIFICATES_MOST);
                raws.filter_map(|element| Certificate::read(element.raw).ok()).collect()
            }
            None => Vec::new(),
        };
        outer.end()?;

        let mut inner = tbs.inside();
        if let Some(version) = inner.optional(der::constructed(0))? {
            // v1 is the only one, and the default.
            if der::whole(version.content, INTEGER)?.content != [0] {
                return Err(Malformed);
            }
        }
        let responder = inner.any()?;
        let responder = match responder.tag {
            0xa1 => Responder::Name(Name::read(responder.content)?),
            0xa2 => Responder::Key(der::whole(responder.content, OCTET_STRING)?.content),
            _ => return Err(Malformed),
        };
        let produced_at = der::time(inner.take(GENERALIZED_TIME)?)?;
        let singles = several(&mut inner.take(SEQUENCE)?.inside(), Single::read)?;
        let unknown_critical = critical(&extensions(&mut inner)?);
        inner.end()?;
        Ok(Self {
            tbs: tbs.raw,
            algorithm,
            signature,
            responder,
            produced_at,
            singles,
            certificates,
            unknown_critical,
        })
    }

    /// Until when it tells something of all that it speaks of.
    pub(crate) fn until(&self) -> Timestamp {
        self.singles.iter().filter_map(Single::until).min().unwrap_or(self.produced_at)
    }

    /// What it says of a certificate that this issuer made.
    pub(crate) fn about(
        &self,
        certificate: &Certificate<'_>,
        issuer: &Certificate<'_>,
    ) -> impl Iterator<Item = &Single<'a>> {
        self.singles.iter().filter(move |single| single.is_about(certificate, issuer))
    }

    /// The responder says to be this one.
    pub(crate) fn is_from(&self, signer: &Certificate<'_>) -> bool {
        match &self.responder {
            Responder::Name(name) => *name == signer.subject_name,
            Responder::Key(hash) => {
                digest(&SHA1_FOR_LEGACY_USE_ONLY, signer.key.bytes).as_ref() == *hash
            }
        }
    }
}

impl<'a> Single<'a> {
    fn read(reader: &mut Reader<'a>) -> Result<Self, Malformed> {
        let mut single = reader.take(SEQUENCE)?.inside();
        let mut id = single.take(SEQUENCE)?.inside();
        let algorithm = id.take(SEQUENCE)?.raw;
        let name_hash = id.take(OCTET_STRING)?.content;
        let key_hash = id.take(OCTET_STRING)?.content;
        let serial = id.take(INTEGER)?.content;
        id.end()?;
        let status = single.any()?;
        let status = match status.tag {
            0x80 => CertStatus::Good,
            0xa1 => {
                let mut revoked = status.inside();
                let when = der::time(revoked.take(GENERALIZED_TIME)?)?;
                let reason = match revoked.optional(der::constructed(0))? {
                    Some(wrapper) => match der::whole(wrapper.content, ENUMERATED)?.content {
                        [number] => *number,
                        _ => return Err(Malformed),
                    },
                    None => 0,
                };
                CertStatus::Revoked { when, reason }
            }
            0x82 => CertStatus::Unknown,
            _ => return Err(Malformed),
        };
        let this_update = der::time(single.take(GENERALIZED_TIME)?)?;
        let next_update = match single.optional(der::constructed(0))? {
            Some(wrapper) => Some(der::time(der::whole(wrapper.content, GENERALIZED_TIME)?)?),
            None => None,
        };
        let extensions = extensions(&mut single)?;
        single.end()?;
        // Section 4.4.5: what may stand at an entry of a list may stand here.
        let (invalidity, others): (Vec<_>, Vec<_>) =
            extensions.into_iter().partition(|extension| extension.oid == INVALIDITY_DATE);
        let unknown_critical = critical(&others);
        let status = match status {
            CertStatus::Revoked { when, reason } => {
                let invalidity = invalidity.first().map(|extension| extension.value);
                let Entry { when, reason } = Entry::new(when, reason, invalidity);
                CertStatus::Revoked { when, reason }
            }
            other => other,
        };
        Ok(Self {
            algorithm,
            name_hash,
            key_hash,
            serial,
            status,
            this_update,
            next_update,
            unknown_critical,
        })
    }

    /// Section 4.2.2.1: without nextUpdate "newer revocation information is available all the time";
    /// a day old is new enough for mail.
    pub(crate) fn until(&self) -> Option<Timestamp> {
        self.next_update.or_else(|| self.this_update.checked_add(DAY).ok())
    }

    /// Section 4.1.1: the hashes are over the issuer's name as it stands in the certificate, and over
    /// its key.
    fn is_about(&self, certificate: &Certificate<'_>, issuer: &Certificate<'_>) -> bool {
        let hashes = |bytes: &[u8], hash: &[u8]| {
            digest_of(self.algorithm, bytes).is_some_and(|digest| digest.as_ref() == hash)
        };
        let PublicKey { bytes, .. } = issuer.key;
        self.serial == certificate.serial
            && (hashes(certificate.issuer, self.name_hash)
                || hashes(issuer.subject, self.name_hash))
            && hashes(bytes, self.key_hash)
    }
}

/// `[1] EXPLICIT Extensions`, where they stand.
fn extensions<'a>(reader: &mut Reader<'a>) -> Result<Vec<Extension<'a>>, Malformed> {
    reader.optional(der::constructed(1))?.map_or(Ok(Vec::new()), extensions::list)
}

/// The first critical extension: none of these is understood here, and those that responders send (nonce,
/// archive cutoff) are not critical.
fn critical<'a>(all: &[Extension<'a>]) -> Option<&'a [u8]> {
    all.iter().find(|extension| extension.critical).map(|extension| extension.oid)
}

const DAY: SignedDuration = SignedDuration::from_hours(24);
/// id-pkix-ocsp-basic.
const BASIC: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 0x30, 1, 1];
/// A response with its responder's chain is some 5 kB.
const RESPONSE_MOST: usize = 256 * 1024;
/// One, or a chain.
const CERTIFICATES_MOST: usize = 8;
