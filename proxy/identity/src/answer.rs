//! What an issuer sends back: a certificate, mostly with those of its issuers.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cades::CadesError;
use cades::ber::{INTEGER, OID, Reader, SEQUENCE, SET, Steps, constructed};

use crate::chain::chain;
use crate::error::IdentityError;
use crate::kept::Pending;
use crate::p12::SIGNED_DATA;
use crate::pem;

/// The request that a file answers, and the certificates in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered<'a> {
    /// The request.
    pub pending: &'a Pending,
    /// The certificates in DER: that of the request's key first, then those above it.
    pub chain: Vec<Vec<u8>>,
}

/// The id of a request or key: the first half of the SHA-256 of the content of subjectPublicKey, in
/// hexadecimal.
#[must_use]
pub fn key_id(public_key: &[u8]) -> String {
    let sum = digest(&SHA256, public_key);
    sum.as_ref().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

/// Finds the request that an issuer's file answers: certificates in PEM or DER, or a PKCS #7 with
/// certificates alone (RFC 5652, RFC 8551 section 3.8) in PEM, BER or base64 without a frame.
///
/// # Errors
/// [`IdentityError::NoRequest`] where no certificate in it is that of a key that waits;
/// [`IdentityError::NotIssued`] where that certificate vouches for itself;
/// [`IdentityError::NoCertificate`] or [`IdentityError::Certificate`] where there is none that can be
/// read.
pub fn answered<'a>(file: &[u8], pending: &'a [Pending]) -> Result<Answered<'a>, IdentityError> {
    let mut certificates = certificates(file)?;
    let mut best: Option<(usize, &Pending, jiff::Timestamp)> = None;
    for (place, certificate) in certificates.iter().enumerate() {
        let summary =
            cades::describe(certificate).map_err(|_| CadesError::Certificate { place })?;
        let Some(public) = cades::public_key(certificate) else { continue };
        let id = key_id(&public);
        let Some(request) = pending.iter().find(|one| one.id == id) else { continue };
        if summary.self_signed {
            return Err(IdentityError::NotIssued);
        }
        if best.is_none_or(|(_, _, until)| until < summary.not_after) {
            best = Some((place, request, summary.not_after));
        }
    }
    let (place, pending, _) = best.ok_or(IdentityError::NoRequest)?;
    let leaf = certificates.swap_remove(place);
    Ok(Answered { pending, chain: chain(leaf, &certificates) })
}

/// All certificates of a file, in the order in which they stand: PEM, DER or PKCS #7, as in
/// [`answered`].
///
/// # Errors
/// [`IdentityError::NoCertificate`] where there is none; [`IdentityError::Damaged`] or
/// [`IdentityError::TooLarge`].
pub fn certificates(file: &[u8]) -> Result<Vec<Vec<u8>>, IdentityError> {
    if file.len() > FILE_MOST {
        return Err(IdentityError::TooLarge);
    }
    let mut found = Vec::new();
    if pem::is_pem(file) {
        for block in pem::blocks(file, LABELS).ok_or(IdentityError::Damaged)? {
            match block.label {
                "CERTIFICATE" | "X509 CERTIFICATE" => found.push(block.der.to_vec()),
                "PKCS7" | "CMS" => found.extend(from_ber(&block.der)?),
                _ => {}
            }
        }
    } else if file.first() == Some(&SEQUENCE) {
        found = from_ber(file)?;
    } else {
        let text: Vec<u8> =
            file.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
        let bytes = STANDARD.decode(text).unwrap_or_default();
        if bytes.first() == Some(&SEQUENCE) {
            found = from_ber(&bytes)?;
        }
    }
    if found.is_empty() { Err(IdentityError::NoCertificate) } else { Ok(found) }
}

/// A certificate, or the `certificates` of a SignedData (RFC 5652 section 5.1).
fn from_ber(bytes: &[u8]) -> Result<Vec<Vec<u8>>, IdentityError> {
    let steps = Steps::new();
    let mut outer = Reader::new(bytes, &steps);
    let whole = outer.take(SEQUENCE)?;
    let mut inside = whole.inside()?;
    let Some(kind) = inside.optional(OID)? else {
        return Ok(vec![whole.raw.to_vec()]);
    };
    if kind.content != SIGNED_DATA {
        return Err(IdentityError::NoCertificate);
    }
    let mut data = inside.take(constructed(0))?.inside()?.take(SEQUENCE)?.inside()?;
    data.take(INTEGER)?;
    data.take(SET)?;
    data.take(SEQUENCE)?;
    let mut found = Vec::new();
    if let Some(certificates) = data.optional(constructed(0))? {
        let mut certificates = certificates.inside()?;
        while !certificates.is_empty() {
            let one = certificates.any()?;
            if found.len() == CERTIFICATES_MOST {
                return Err(IdentityError::TooLarge);
            }
            // Others are attribute certificates, which say nothing of a key.
            if one.tag == SEQUENCE {
                found.push(one.raw.to_vec());
            }
        }
    }
    Ok(found)
}

/// A certificate and its issuers have 10 kB.
const FILE_MOST: usize = 1024 * 1024;
/// Some issuers send all their intermediates.
const CERTIFICATES_MOST: usize = 200;
/// RFC 7468 sections 5 and 8, with the names of old.
const LABELS: &[&str] = &["CERTIFICATE", "X509 CERTIFICATE", "PKCS7", "CMS"];
