//! SignedData: written by hand, and read back.

use core::time::Duration;

use cms::content_info::{CmsVersion, ContentInfo};
use der::asn1::{GeneralizedTime, ObjectIdentifier, OctetString, UtcTime};
use der::{Any, Decode, Encode, Tag, Tagged};
use jiff::Timestamp;

use crate::algorithm::Algorithm;
use crate::asn1::{SignedData, SignerInfo, SigningCertificateV2};
use crate::ber::{OCTET_STRING, OID, SEQUENCE, SET, constructed, encoded};
use crate::certificate::{CertificateSummary, Parsed, fingerprint};
use crate::chain::names;
use crate::error::{CadesError, Refusal};
use crate::key::Signer;

/// Signs content that travels beside the signature (CAdES-BES, ETSI TS 101 733 section 4.3.1;
/// R-SIG-1) and gives the ContentInfo of RFC 5652 in DER.
///
/// The content is hashed as it is: mail must already have CRLF line ends. Signed attributes are
/// content-type, message-digest, signing-time and signing-certificate-v2 with issuerSerial. The
/// chain is enclosed except for a root; a self-signed certificate of the signer's own is enclosed.
///
/// # Errors
/// Where the certificate may not sign mail now, or the key refuses.
pub fn sign_detached(
    content: &[u8],
    signer: &dyn Signer,
    now: Timestamp,
) -> Result<Vec<u8>, CadesError> {
    let chain = signer.chain();
    chain.may_sign_mail(now)?;
    let algorithm = signer.algorithm();
    let mut attributes = [
        attribute(CONTENT_TYPE, &ID_DATA.to_der()?),
        attribute(MESSAGE_DIGEST, &encoded(OCTET_STRING, algorithm.digest(content).as_ref())),
        attribute(SIGNING_TIME, &time(now)?),
        attribute(SIGNING_CERTIFICATE_V2, chain.signing_certificate()),
    ];
    // X.690 section 11.6: a SET OF is in the order of its encodings.
    attributes.sort_unstable();
    let attributes = attributes.concat();
    // RFC 5652 section 5.4: what is signed is the SET OF in DER, with its own tag.
    let signature = signer.sign(&encoded(SET, &attributes))?;
    let digest = algorithm.digest_identifier().to_der()?;
    let info = sequence(&[
        VERSION_1,
        chain.signer(),
        &digest,
        &encoded(constructed(0), &attributes),
        &algorithm.signature_identifier().to_der()?,
        &encoded(OCTET_STRING, &signature),
    ]);
    let signed = sequence(&[
        VERSION_1,
        &encoded(SET, &digest),
        &sequence(&[&ID_DATA.to_der()?]),
        chain.enclosed(),
        &encoded(SET, &info),
    ]);
    Ok(sequence(&[&ID_SIGNED_DATA.to_der()?, &encoded(constructed(0), &signed)]))
}

/// What a signature of our own form says, once everything in it fits.
pub(crate) struct Held {
    pub(crate) signer: CertificateSummary,
    pub(crate) fingerprint: String,
    pub(crate) algorithm: Algorithm,
    pub(crate) signing_time: Timestamp,
}

/// Checks a detached signature of our own strict form over the content.
pub(crate) fn check_detached(content: &[u8], signature: &[u8]) -> Result<Held, Refusal> {
    let signed = read_strictly(signature)?;
    let [info] = signed.signers.as_slice() else {
        return Err(Refusal::Form);
    };
    let algorithm = Algorithm::named(&info.digest, &info.algorithm).ok_or(Refusal::Algorithm)?;
    if signed.digest_algorithms.as_slice() != [info.digest.clone()] {
        return Err(Refusal::Algorithm);
    }
    let raw = signer_certificate(&signed, info)?;
    let own = Parsed::read(&raw).ok_or(Refusal::Signer)?;

    let content_type: ObjectIdentifier = single(info, CONTENT_TYPE)?;
    if content_type != ID_DATA {
        return Err(Refusal::Attributes);
    }
    let message_digest: OctetString = single(info, MESSAGE_DIGEST)?;
    if message_digest.as_bytes() != algorithm.digest(content).as_ref() {
        return Err(Refusal::Digest);
    }
    let signing_certificate: SigningCertificateV2 = single(info, SIGNING_CERTIFICATE_V2)?;
    if signing_certificate != names(&own).map_err(|_| Refusal::Signer)? {
        return Err(Refusal::SigningCertificate);
    }
    let signing_time = read_time(&single(info, SIGNING_TIME)?)?;
    let covered = info.attributes.to_der().map_err(|_| Refusal::Attributes)?;
    if !algorithm.verifies(own.public_key(), &covered, info.signature.as_bytes()) {
        return Err(Refusal::Signature);
    }
    let signer = own.summary().ok_or(Refusal::Signer)?;
    Ok(Held { signer, fingerprint: fingerprint(&raw), algorithm, signing_time })
}

fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    encoded(SEQUENCE, &parts.concat())
}

/// RFC 5652 section 5.3, with its one value in DER.
fn attribute(oid: ObjectIdentifier, value: &[u8]) -> Vec<u8> {
    sequence(&[&encoded(OID, oid.as_bytes()), &encoded(SET, value)])
}

/// RFC 5652 section 11.3: UTCTime up to 2049, GeneralizedTime after.
fn time(now: Timestamp) -> Result<Vec<u8>, CadesError> {
    let seconds = u64::try_from(now.as_second()).map_err(|_| CadesError::Time)?;
    let since = Duration::from_secs(seconds);
    let value = if seconds < YEAR_2050 {
        UtcTime::from_unix_duration(since).and_then(|time| time.to_der())
    } else {
        GeneralizedTime::from_unix_duration(since).and_then(|time| time.to_der())
    };
    value.map_err(|_| CadesError::Time)
}

pub(crate) fn read_time(value: &Any) -> Result<Timestamp, Refusal> {
    let since = match value.tag() {
        Tag::UtcTime => value.decode_as::<UtcTime>().map(|t| t.to_unix_duration()),
        Tag::GeneralizedTime => value.decode_as::<GeneralizedTime>().map(|t| t.to_unix_duration()),
        _ => return Err(Refusal::Attributes),
    }
    .map_err(|_| Refusal::Attributes)?;
    i64::try_from(since.as_secs())
        .ok()
        .and_then(|seconds| Timestamp::from_second(seconds).ok())
        .ok_or(Refusal::Attributes)
}

/// DER that encodes back to itself: then the order of each SET OF is the order of the bytes.
fn read_strictly(signature: &[u8]) -> Result<SignedData, Refusal> {
    let outer = ContentInfo::from_der(signature).map_err(|_| Refusal::Form)?;
    if outer.content_type != ID_SIGNED_DATA || outer.to_der().ok().as_deref() != Some(signature) {
        return Err(Refusal::Form);
    }
    let signed: SignedData = outer.content.decode_as().map_err(|_| Refusal::Form)?;
    let same = Any::encode_from(&signed).is_ok_and(|again| again == outer.content);
    let detached = signed.content.econtent_type == ID_DATA && signed.content.econtent.is_none();
    let v1 = signed.version == CmsVersion::V1
        && signed.signers.iter().all(|s| s.version == CmsVersion::V1);
    if same && detached && v1 { Ok(signed) } else { Err(Refusal::Form) }
}

fn signer_certificate(signed: &SignedData, info: &SignerInfo) -> Result<Vec<u8>, Refusal> {
    let mut found = None;
    for any in signed.certificates.iter() {
        let raw = any.to_der().map_err(|_| Refusal::Signer)?;
        let certificate = Parsed::read(&raw).ok_or(Refusal::Signer)?;
        if certificate.issuer_and_serial().ok().as_ref() != Some(&info.signer) {
            continue;
        }
        if found.replace(raw).is_some() {
            return Err(Refusal::Signer);
        }
    }
    found.ok_or(Refusal::Signer)
}

/// The one value of the one attribute of that type (RFC 5652 section 11: never more).
fn single<T: for<'a> Decode<'a> + Encode>(
    info: &SignerInfo,
    oid: ObjectIdentifier,
) -> Result<T, Refusal> {
    let mut of_type = info.attributes.iter().filter(|a| a.oid == oid);
    let (Some(attribute), None) = (of_type.next(), of_type.next()) else {
        return Err(Refusal::Attributes);
    };
    let [value] = attribute.values.as_slice() else {
        return Err(Refusal::Attributes);
    };
    let raw = value.to_der().map_err(|_| Refusal::Attributes)?;
    T::from_der(&raw).map_err(|_| Refusal::Attributes)
}

/// CMSVersion 1 (RFC 5652 section 10.2.5), as DER.
const VERSION_1: &[u8] = &[2, 1, 1];
/// RFC 5652 section 4.
const ID_DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.1");
/// RFC 5652 section 5.1.
const ID_SIGNED_DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.2");
/// RFC 5652 section 11.1.
const CONTENT_TYPE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.3");
/// RFC 5652 section 11.2.
const MESSAGE_DIGEST: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.4");
/// RFC 5652 section 11.3.
const SIGNING_TIME: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.5");
/// RFC 5035 section 3.
const SIGNING_CERTIFICATE_V2: ObjectIdentifier =
    ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.2.47");
/// 2050-01-01T00:00:00Z in seconds since 1970.
const YEAR_2050: u64 = 2_524_608_000;
