//! The stapled OCSP answer (RFC 6960, RFC 6066 section 8): rustls asks for it and hands it over.

use aws_lc_rs::digest::{self, SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
use jiff::Timestamp;
use nta7516::proof::Ocsp;
use rustls::crypto::WebPkiSupportedAlgorithms;
use rustls::pki_types::{CertificateDer, UnixTime};
use x509_parser::prelude::{FromDer, X509Certificate};

/// What is needed to judge a staple.
pub(super) struct Question<'a> {
    pub(super) leaf: &'a X509Certificate<'a>,
    pub(super) chain: &'a [CertificateDer<'a>],
    pub(super) now: UnixTime,
    pub(super) algorithms: &'a WebPkiSupportedAlgorithms,
}

impl Question<'_> {
    /// Judges a staple.
    ///
    /// A staple comes inside the handshake from the server itself: that it says "revoked" about this
    /// certificate is enough to refuse, whoever signed it and when. "Good" is believed only signed
    /// and in date. Anything else says nothing, and the certificate is judged by its other merits.
    pub(super) fn judge(&self, staple: &[u8]) -> Ocsp {
        if staple.is_empty() {
            return Ocsp::Absent;
        }
        let Some(basic) = Basic::parse(staple) else {
            return Ocsp::Foreign;
        };
        let Some(single) = basic.responses().find(|single| self.is_asked(single)) else {
            return Ocsp::Foreign;
        };
        match single.status {
            GOOD if !self.in_date(&single) => Ocsp::Stale,
            GOOD if !self.proved(&basic) => Ocsp::Unproved,
            GOOD => Ocsp::Good,
            REVOKED => Ocsp::Revoked,
            _ => Ocsp::Unknown,
        }
    }

    /// The CertID is that of the certificate: issuer's name and serial number.
    fn is_asked(&self, single: &Single<'_>) -> bool {
        let algorithm: &digest::Algorithm = match single.name_hash.len() {
            20 => &SHA1_FOR_LEGACY_USE_ONLY,
            32 => &SHA256,
            _ => return false,
        };
        let issuer = digest(algorithm, self.leaf.issuer().as_raw());
        issuer.as_ref() == single.name_hash && bare(single.serial) == bare(self.leaf.raw_serial())
    }

    fn in_date(&self, single: &Single<'_>) -> bool {
        let seconds = i64::try_from(self.now.as_secs()).unwrap_or(i64::MAX);
        let Ok(now) = Timestamp::from_second(seconds) else {
            return false;
        };
        // A GeneralizedTime of OCSP sorts as text (RFC 5280 section 4.1.2.5.2: "YYYYMMDDHHMMSSZ").
        let now = now.strftime("%Y%m%d%H%M%SZ").to_string();
        let now = now.as_bytes();
        let plausible = |time: &[u8]| time.len() == now.len();
        // RFC 6960 section 2.4: without nextUpdate newer information is available all the time.
        let next = single.next_update;
        plausible(single.this_update)
            && single.this_update <= now
            && next.is_some_and(|next| plausible(next) && now < next)
    }

    /// RFC 6960 section 4.2.2.2: the issuer signed, or one whom the issuer named for it.
    fn proved(&self, basic: &Basic<'_>) -> bool {
        let parsed = |der: &'_ CertificateDer<'_>| {
            let (_, parsed) = X509Certificate::from_der(der).ok()?;
            let issues = parsed.subject().as_raw() == self.leaf.issuer().as_raw();
            issues.then(|| parsed.public_key().raw.to_vec())
        };
        self.chain.iter().filter_map(parsed).any(|issuer| {
            self.signed(basic.signed, &issuer)
                || basic.certificates().any(|responder| {
                    self.named(responder, &issuer)
                        .is_some_and(|key| self.signed(basic.signed, &key))
                })
        })
    }

    /// The key of a responder whose certificate the issuer signed for this purpose.
    fn named(&self, responder: &[u8], issuer: &[u8]) -> Option<Vec<u8>> {
        let (_, parsed) = X509Certificate::from_der(responder).ok()?;
        let usage = parsed.extended_key_usage().ok()??;
        let seconds = i64::try_from(self.now.as_secs()).ok()?;
        let now = x509_parser::time::ASN1Time::from_timestamp(seconds).ok()?;
        let right = usage.value.ocsp_signing
            && parsed.validity().is_valid_at(now)
            && self.signed(Signed::parse(responder)?, issuer);
        right.then(|| parsed.public_key().raw.to_vec())
    }

    fn signed(&self, signed: Signed<'_>, key: &[u8]) -> bool {
        let verified = || {
            let mut key = Der(Der(key).take(SEQUENCE)?);
            let kind = key.take(SEQUENCE)?;
            let key = bits(key.take(BIT_STRING)?)?;
            let fits = self.algorithms.all.iter().any(|algorithm| {
                algorithm.signature_alg_id().as_ref() == signed.algorithm
                    && algorithm.public_key_alg_id().as_ref() == kind
                    && algorithm.verify_signature(key, signed.message, signed.signature).is_ok()
            });
            Some(fits)
        };
        verified().unwrap_or(false)
    }
}

/// What certificates and OCSP answers have in common: SEQUENCE { message, algorithm, signature, .. }.
#[derive(Clone, Copy)]
struct Signed<'a> {
    message: &'a [u8],
    algorithm: &'a [u8],
    signature: &'a [u8],
}

impl<'a> Signed<'a> {
    fn parse(whole: &'a [u8]) -> Option<Self> {
        Some(Self::read(&mut Der(Der(whole).take(SEQUENCE)?))?.0)
    }

    /// Also gives the content of the message.
    fn read(fields: &mut Der<'a>) -> Option<(Self, &'a [u8])> {
        let before = fields.0;
        let content = fields.take(SEQUENCE)?;
        let signed = Self {
            message: &before[..before.len() - fields.0.len()],
            algorithm: fields.take(SEQUENCE)?,
            signature: bits(fields.take(BIT_STRING)?)?,
        };
        Some((signed, content))
    }
}

/// A BasicOCSPResponse.
struct Basic<'a> {
    signed: Signed<'a>,
    responses: &'a [u8],
    certificates: &'a [u8],
}

/// A SingleResponse.
struct Single<'a> {
    name_hash: &'a [u8],
    serial: &'a [u8],
    status: u8,
    this_update: &'a [u8],
    next_update: Option<&'a [u8]>,
}

impl<'a> Basic<'a> {
    fn parse(staple: &'a [u8]) -> Option<Self> {
        let mut outer = Der(Der(staple).take(SEQUENCE)?);
        outer.take(ENUMERATED).filter(|status| *status == SUCCESSFUL)?;
        let mut bytes = Der(Der(outer.take(EXPLICIT_0)?).take(SEQUENCE)?);
        bytes.take(OID).filter(|kind| *kind == BASIC)?;
        let mut basic = Der(Der(bytes.take(OCTET_STRING)?).take(SEQUENCE)?);
        let (signed, data) = Signed::read(&mut basic)?;
        let certificates = basic
            .take(EXPLICIT_0)
            .and_then(|certificates| Der(certificates).take(SEQUENCE))
            .unwrap_or_default();
        let mut data = Der(data);
        data.take(EXPLICIT_0); // the version, where it is not 1
        data.any()?; // the responder's name or key
        data.take(GENERALIZED_TIME)?; // when it was made
        Some(Self { signed, responses: data.take(SEQUENCE)?, certificates })
    }

    fn responses(&self) -> impl Iterator<Item = Single<'a>> {
        let mut list = Der(self.responses);
        core::iter::from_fn(move || list.take(SEQUENCE)).take(LISTED).filter_map(Single::parse)
    }

    /// Certificates, whole.
    fn certificates(&self) -> impl Iterator<Item = &'a [u8]> {
        let mut list = Der(self.certificates);
        core::iter::from_fn(move || list.any()).take(LISTED)
    }
}

impl<'a> Single<'a> {
    fn parse(content: &'a [u8]) -> Option<Self> {
        let mut fields = Der(content);
        let mut id = Der(fields.take(SEQUENCE)?);
        id.take(SEQUENCE)?; // the algorithm, which the length of the hash tells as well
        let name_hash = id.take(OCTET_STRING)?;
        id.take(OCTET_STRING)?; // the hash of the issuer's key: that key's signature tells more
        let serial = id.take(INTEGER)?;
        let status = *fields.any()?.first()? & !CONSTRUCTED;
        let this_update = fields.take(GENERALIZED_TIME)?;
        let next_update = fields.take(EXPLICIT_0).and_then(|next| Der(next).take(GENERALIZED_TIME));
        Some(Self { name_hash, serial, status, this_update, next_update })
    }
}

/// Reads DER, one value after the other; knows one-byte tags and lengths up to 64 KiB.
struct Der<'a>(&'a [u8]);

impl<'a> Der<'a> {
    /// The content of the next value, where it has this tag; else nothing is taken.
    fn take(&mut self, tag: u8) -> Option<&'a [u8]> {
        let (found, header, end) = self.next()?;
        if found != tag {
            return None;
        }
        let content = &self.0[header..end];
        self.0 = &self.0[end..];
        Some(content)
    }

    /// The next value, whole.
    fn any(&mut self) -> Option<&'a [u8]> {
        let (_, _, end) = self.next()?;
        let (value, rest) = self.0.split_at(end);
        self.0 = rest;
        Some(value)
    }

    /// Tag, where the content begins and where it ends, within bounds.
    fn next(&self) -> Option<(u8, usize, usize)> {
        let (header, length) = match self.0.get(1..)? {
            [length @ 0..=0x7f, ..] => (2, usize::from(*length)),
            [0x81, length, ..] => (3, usize::from(*length)),
            [0x82, high, low, ..] => (4, usize::from(u16::from_be_bytes([*high, *low]))),
            _ => return None,
        };
        let end = header + length;
        (end <= self.0.len()).then(|| (self.0[0], header, end))
    }
}

/// The bytes of a BIT STRING without unused bits.
fn bits(content: &[u8]) -> Option<&[u8]> {
    content.strip_prefix(&[0])
}

/// A serial number without leading zeros.
fn bare(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    &number[zeros..]
}

const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const OCTET_STRING: u8 = 0x04;
const OID: u8 = 0x06;
const ENUMERATED: u8 = 0x0a;
const GENERALIZED_TIME: u8 = 0x18;
const SEQUENCE: u8 = 0x30;
const EXPLICIT_0: u8 = 0xa0;
const CONSTRUCTED: u8 = 0x20;
/// CertStatus, by its tag: good is primitive, revoked constructed.
const GOOD: u8 = 0x80;
const REVOKED: u8 = 0x81;
/// OCSPResponseStatus.
const SUCCESSFUL: &[u8] = &[0];
/// id-pkix-ocsp-basic, 1.3.6.1.5.5.7.48.1.1.
const BASIC: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 0x30, 1, 1];
/// Responses and certificates looked at in one answer; a staple is about one certificate.
const LISTED: usize = 16;

#[cfg(test)]
mod tests;
