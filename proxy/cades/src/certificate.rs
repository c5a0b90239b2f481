use aws_lc_rs::digest::{SHA256, digest};
use der::asn1::ContextSpecific;
use der::{Any, Decode, Encode, Tag, TagMode, TagNumber};
use jiff::Timestamp;
use mail::Address;
use serde::Serialize;
use x509_parser::prelude::{FromDer, GeneralName, ParsedExtension, X509Certificate};
use x509_parser::public_key::PublicKey;

use crate::algorithm::{Algorithm, Padding, RSASSA_PSS};
use crate::asn1::{IssuerAndSerialNumber, IssuerSerial};
use crate::ber::{Reader, Steps, UTF8_STRING, constructed};
use crate::error::CadesError;
use crate::key::RSA_BITS_LEAST;

/// What a person wants to know of a certificate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CertificateSummary {
    /// Subject as text, its parts in the certificate's order.
    pub subject: String,
    /// Issuer as text.
    pub issuer: String,
    /// Mail addresses: rfc822Name and SmtpUTF8Mailbox (RFC 9598) of the subjectAltName, and
    /// emailAddress of the subject where there is no such name (RFC 8550 section 3).
    pub addresses: Vec<String>,
    /// Start of validity.
    pub not_before: Timestamp,
    /// End of validity; [`Timestamp::MAX`]: none that is well defined (RFC 5280 section 4.1.2.5).
    pub not_after: Timestamp,
    /// Serial number in lower-case hexadecimal.
    pub serial: String,
    /// True where issuer and subject are the same: nobody else vouches for it.
    pub self_signed: bool,
    /// Kind and size of the key: "ECDSA P-256", "RSA 3072".
    pub key: String,
}

/// Reads a certificate (DER).
///
/// # Errors
/// [`CadesError::Certificate`] where the bytes are no certificate.
pub fn describe(certificate: &[u8]) -> Result<CertificateSummary, CadesError> {
    Parsed::read(certificate)
        .and_then(|parsed| parsed.summary())
        .ok_or(CadesError::Certificate { place: 0 })
}

/// Refuses a certificate (DER) with which a mail of this address cannot be signed now.
///
/// # Errors
/// [`CadesError::OtherAddress`] where it is somebody else's; [`CadesError::NotYetValid`],
/// [`CadesError::Expired`] or [`CadesError::Use`].
pub fn may_sign_for(
    certificate: &[u8],
    address: &Address,
    now: Timestamp,
) -> Result<(), CadesError> {
    let parsed = Parsed::read(certificate).ok_or(CadesError::Certificate { place: 0 })?;
    let names = parsed.addresses();
    let own = |name: &String| Address::parse(name).is_ok_and(|one| one.is_same_mailbox(address));
    if !names.iter().any(own) {
        return Err(CadesError::OtherAddress { names: names.join(", ") });
    }
    parsed.uses()?.may_sign_mail(now)
}

/// How the key of this certificate (DER) signs: by its kind, and for RSA by the padding that is
/// wanted. A certificate that is for PSS alone (RFC 4055 section 1.2) gets PSS.
///
/// # Errors
/// [`CadesError::Certificate`] where it cannot be read, [`CadesError::Key`] where keys of its kind
/// or size are not used here.
pub fn algorithm_of(certificate: &[u8], padding: Padding) -> Result<Algorithm, CadesError> {
    let parsed = Parsed::read(certificate).ok_or(CadesError::Certificate { place: 0 })?;
    parsed.algorithm(padding).ok_or(CadesError::Key)
}

/// The certificates of `others` that lead on from the first one, issuer after issuer, behind it.
/// They are matched by name alone: whoever judges the signature checks the path.
#[must_use]
pub fn chain_from(own: &[u8], others: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let mut chain = vec![own.to_vec()];
    while let Some(last) = chain.last().and_then(|raw| Parsed::read(raw)) {
        let next = others.iter().find(|raw| {
            !chain.contains(raw)
                && Parsed::read(raw).is_some_and(|one| one.is_named(last.issuer_and_number().0))
        });
        match next {
            Some(next) if chain.len() < CHAIN_MOST => chain.push(next.clone()),
            _ => break,
        }
    }
    chain
}

/// Whether whoever has this certificate may sign mail with it now: validity, key usage and extended
/// key usage (RFC 8550 section 4.4).
///
/// # Errors
/// [`CadesError::NotYetValid`], [`CadesError::Expired`] or [`CadesError::Use`];
/// [`CadesError::Certificate`] where the bytes are no certificate.
pub fn may_sign_mail(certificate: &[u8], now: Timestamp) -> Result<(), CadesError> {
    let parsed = Parsed::read(certificate).ok_or(CadesError::Certificate { place: 0 })?;
    parsed.uses()?.may_sign_mail(now)
}

/// The content of subjectPublicKey; `None` where the bytes are no certificate.
#[must_use]
pub fn public_key(certificate: &[u8]) -> Option<Vec<u8>> {
    Parsed::read(certificate).map(|parsed| parsed.public_key().to_vec())
}

/// SHA-256 of the certificate as it stands (DER), in lower-case hexadecimal: the name under which
/// people compare certificates.
#[must_use]
pub fn fingerprint(certificate: &[u8]) -> String {
    hex(digest(&SHA256, certificate).as_ref())
}

/// When and for what a certificate may be used.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Uses {
    from: Timestamp,
    until: Timestamp,
    /// Whether key usage and extended key usage allow to sign mail; None where they cannot be read.
    mail: Option<bool>,
}

impl Uses {
    /// Refuses to sign what no recipient would accept.
    pub(crate) fn may_sign_mail(self, now: Timestamp) -> Result<(), CadesError> {
        if now < self.from {
            return Err(CadesError::NotYetValid { from: self.from });
        }
        if now > self.until {
            return Err(CadesError::Expired { at: self.until });
        }
        match self.mail {
            Some(true) => Ok(()),
            Some(false) => Err(CadesError::Use),
            None => Err(CadesError::Certificate { place: 0 }),
        }
    }
}

/// A certificate beside the bytes that it came in.
pub(crate) struct Parsed<'a> {
    raw: &'a [u8],
    certificate: X509Certificate<'a>,
}

impl<'a> Parsed<'a> {
    /// None where the bytes are no certificate, or more than one.
    pub(crate) fn read(raw: &'a [u8]) -> Option<Self> {
        if raw.len() > CERTIFICATE_MOST {
            return None;
        }
        let (rest, certificate) = X509Certificate::from_der(raw).ok()?;
        // The outer length must be DER, else the bytes change when they are put into the set.
        let same = Any::from_der(raw).ok()?.to_der().ok()? == raw;
        (rest.is_empty() && same).then_some(Self { raw, certificate })
    }

    pub(crate) fn raw(&self) -> &'a [u8] {
        self.raw
    }

    pub(crate) fn self_signed(&self) -> bool {
        self.certificate.issuer().as_raw() == self.certificate.subject().as_raw()
    }

    fn is_named(&self, subject: &[u8]) -> bool {
        self.certificate.subject().as_raw() == subject
    }

    fn algorithm(&self, padding: Padding) -> Option<Algorithm> {
        let info = self.certificate.public_key();
        let kind = &info.algorithm;
        if kind.algorithm.as_bytes() == RSASSA_PSS.as_bytes() {
            return Some(Algorithm::RsaPssSha256);
        }
        match info.parsed() {
            Ok(PublicKey::RSA(key)) if key.key_size() >= RSA_BITS_LEAST => {
                Some(padding.algorithm())
            }
            Ok(PublicKey::EC(_)) => match kind.parameters.as_ref()?.as_bytes() {
                P_256 => Some(Algorithm::EcdsaP256Sha256),
                P_384 => Some(Algorithm::EcdsaP384Sha384),
                _ => None,
            },
            _ => None,
        }
    }

    /// The content of subjectPublicKey.
    pub(crate) fn public_key(&self) -> &[u8] {
        &self.certificate.public_key().subject_public_key.data
    }

    /// SubjectPublicKeyInfo as it stands.
    pub(crate) fn public_key_info(&self) -> &[u8] {
        self.certificate.public_key().raw
    }

    /// Issuer (DER of `Name`) and serial number as they stand.
    pub(crate) fn issuer_and_number(&self) -> (&[u8], &[u8]) {
        (self.certificate.issuer().as_raw(), self.certificate.raw_serial())
    }

    /// RFC 5280 section 4.2.1.2.
    pub(crate) fn key_identifier(&self) -> Option<&[u8]> {
        self.certificate.extensions().iter().find_map(|extension| {
            match extension.parsed_extension() {
                ParsedExtension::SubjectKeyIdentifier(identifier) => Some(identifier.0),
                _ => None,
            }
        })
    }

    pub(crate) fn issuer_and_serial(&self) -> Result<IssuerAndSerialNumber, der::Error> {
        Ok(IssuerAndSerialNumber {
            issuer: Any::from_der(self.certificate.issuer().as_raw())?,
            serial: Any::new(Tag::Integer, self.certificate.raw_serial())?,
        })
    }

    pub(crate) fn issuer_serial(&self) -> Result<IssuerSerial, der::Error> {
        let IssuerAndSerialNumber { issuer, serial } = self.issuer_and_serial()?;
        let directory_name = ContextSpecific {
            tag_number: TagNumber(4),
            tag_mode: TagMode::Explicit,
            value: issuer,
        };
        Ok(IssuerSerial { issuer: vec![Any::encode_from(&directory_name)?], serial })
    }

    /// What the certificate allows its holder.
    pub(crate) fn uses(&self) -> Result<Uses, CadesError> {
        let (from, until) = self.validity().ok_or(CadesError::Certificate { place: 0 })?;
        // RFC 8550 sections 4.4.2 and 4.4.4: an absent extension allows all.
        let usage = self.certificate.key_usage().ok().map(|usage| {
            usage.is_none_or(|u| u.value.digital_signature() || u.value.non_repudiation())
        });
        let extended = self
            .certificate
            .extended_key_usage()
            .ok()
            .map(|extended| extended.is_none_or(|e| e.value.email_protection || e.value.any));
        let mail = usage.zip(extended).map(|(usage, extended)| usage && extended);
        Ok(Uses { from, until, mail })
    }

    pub(crate) fn summary(&self) -> Option<CertificateSummary> {
        let (not_before, not_after) = self.validity()?;
        Some(CertificateSummary {
            subject: self.certificate.subject().to_string(),
            issuer: self.certificate.issuer().to_string(),
            addresses: self.addresses(),
            not_before,
            not_after,
            serial: hex(self.certificate.raw_serial()),
            self_signed: self.self_signed(),
            key: self.key(),
        })
    }

    fn validity(&self) -> Option<(Timestamp, Timestamp)> {
        let validity = self.certificate.validity();
        Some((
            Timestamp::from_second(validity.not_before.timestamp()).ok()?,
            // "No well-defined expiration date" is 99991231235959Z, a day after the last Timestamp.
            Timestamp::from_second(validity.not_after.timestamp()).unwrap_or(Timestamp::MAX),
        ))
    }

    fn addresses(&self) -> Vec<String> {
        let named: Vec<String> = match self.certificate.subject_alternative_name() {
            Ok(Some(extension)) => {
                extension.value.general_names.iter().filter_map(mailbox).collect()
            }
            Ok(None) => Vec::new(),
            // Which names there are is not known, so that none is.
            Err(_) => return Vec::new(),
        };
        if !named.is_empty() {
            return named;
        }
        self.certificate
            .subject()
            .iter_email()
            .filter_map(|address| address.as_str().ok().map(str::to_owned))
            .collect()
    }

    fn key(&self) -> String {
        match self.certificate.public_key().parsed() {
            Ok(PublicKey::RSA(key)) => format!("RSA {}", key.key_size()),
            Ok(PublicKey::EC(point)) => match point.key_size() {
                // An uncompressed point carries two coordinates.
                256 => "ECDSA P-256".to_owned(),
                384 => "ECDSA P-384".to_owned(),
                bits => format!("ECDSA {bits}"),
            },
            _ => "?".to_owned(),
        }
    }
}

/// The mail address that a name is.
fn mailbox(name: &GeneralName<'_>) -> Option<String> {
    match name {
        GeneralName::RFC822Name(address) => Some((*address).to_owned()),
        GeneralName::OtherName(kind, value) if kind.as_bytes() == SMTP_UTF8_MAILBOX => {
            let steps = Steps::new();
            let mut wrapper =
                Reader::new(value, &steps).take(constructed(0)).ok()?.inside().ok()?;
            let text = wrapper.take(UTF8_STRING).ok()?.content;
            core::str::from_utf8(text).ok().map(str::to_owned)
        }
        _ => None,
    }
}

fn hex(bytes: &[u8]) -> String {
    let digit = |half: u8| char::from(b"0123456789abcdef"[usize::from(half)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// RFC 9598 section 3.
const SMTP_UTF8_MAILBOX: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 8, 9];
/// RFC 5480 section 2.1.1.1: secp256r1.
const P_256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7];
/// RFC 5480 section 2.1.1.1: secp384r1.
const P_384: &[u8] = &[0x2b, 0x81, 4, 0, 0x22];
/// A path to a root has three or four certificates.
const CHAIN_MOST: usize = 10;
/// A certificate is 1 to 3 kB; 64 KiB leaves room for odd ones.
const CERTIFICATE_MOST: usize = 64 * 1024;
