//! Where an issuer publishes what it revoked, and how it is asked.

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use jiff::Timestamp;

use crate::anchors::Statement;
use crate::certificate::Certificate;
use crate::crl::RevocationList;
use crate::extensions::{GeneralName, PointName};
use crate::ocsp::Response;

/// Where it can be asked whether a certificate was revoked, as the certificate itself says. Addresses are
/// as their issuer wrote them: of any scheme, and leading anywhere.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sources {
    /// Revocation lists: cRLDistributionPoints (RFC 5280 section 4.2.1.13).
    pub lists: Vec<String>,
    /// OCSP responders: id-ad-ocsp of authorityInfoAccess (RFC 5280 section 4.2.2.1).
    pub responders: Vec<String>,
}

/// What a certificate (DER) says of where to ask; nothing where it cannot be read.
#[must_use]
pub fn sources(certificate: &[u8]) -> Sources {
    let Ok(certificate) = Certificate::read(certificate) else {
        return Sources::default();
    };
    let text = |bytes: &[u8]| core::str::from_utf8(bytes).ok().map(str::to_owned);
    let points = certificate.extensions.distribution_points.iter();
    let names = points.filter_map(|point| match &point.name {
        Some(PointName::Full(names)) => Some(names),
        _ => None,
    });
    let uri = |name: &GeneralName<'_>| match name {
        GeneralName::Uri(uri) => text(uri),
        _ => None,
    };
    Sources {
        lists: names.flatten().filter_map(uri).collect(),
        responders: certificate.extensions.responders.iter().copied().filter_map(text).collect(),
    }
}

/// An OCSPRequest (RFC 6960 section 4.1.1) for one certificate of this issuer, both in DER. `None` where
/// one of them cannot be read. Without a nonce, so that a responder may give an answer that it made
/// beforehand; the hash in it is SHA-1, which names and protects nothing, as every responder takes it.
#[must_use]
pub fn ocsp_request(certificate: &[u8], issuer: &[u8]) -> Option<Vec<u8>> {
    let (certificate, issuer) =
        (Certificate::read(certificate).ok()?, Certificate::read(issuer).ok()?);
    let hash = |bytes: &[u8]| tlv(0x04, &[digest(&SHA1_FOR_LEGACY_USE_ONLY, bytes).as_ref()]);
    let id = tlv(
        0x30,
        &[
            SHA1,
            &hash(certificate.issuer)?,
            &hash(issuer.key.bytes)?,
            &tlv(0x02, &[certificate.serial])?,
        ],
    )?;
    // OCSPRequest { TBSRequest { requestList { Request { reqCert } } } }
    let request = tlv(0x30, &[&id])?;
    tlv(0x30, &[&tlv(0x30, &[&tlv(0x30, &[&request])?])?])
}

impl Statement {
    /// Until when it says who is good: its nextUpdate, and for a response without one a day after its
    /// thisUpdate. That somebody was revoked it says for longer. `None` where it cannot be read, or is
    /// a responder's "try later".
    #[must_use]
    pub fn until(&self) -> Option<Timestamp> {
        match self {
            Self::List(raw) => Some(RevocationList::read(raw).ok()?.until()),
            Self::Response(raw) => Some(Response::read(raw).ok()?.until()),
        }
    }

    /// Its bytes, in DER.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        match self {
            Self::List(raw) => raw,
            Self::Response(raw) => raw,
        }
    }

    /// How many bytes it has.
    #[must_use]
    pub fn size(&self) -> usize {
        self.bytes().len()
    }
}

/// One element of DER; `None` where it would be longer than a request ever is.
fn tlv(tag: u8, parts: &[&[u8]]) -> Option<Vec<u8>> {
    let length = u8::try_from(parts.iter().map(|part| part.len()).sum::<usize>()).ok()?;
    let mut out = if length < 0x80 { vec![tag, length] } else { vec![tag, 0x81, length] };
    parts.iter().for_each(|part| out.extend_from_slice(part));
    Some(out)
}

/// AlgorithmIdentifier of SHA-1 (RFC 3279 section 2.1).
const SHA1: &[u8] = &[0x30, 9, 6, 5, 0x2b, 14, 3, 2, 26, 5, 0];
