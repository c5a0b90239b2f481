use aws_lc_rs::rand::{SecureRandom, SystemRandom};
use jiff::{Span, Timestamp, tz::TimeZone};
use mail::{Address, Message};
use rcgen::{
    CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, KeyUsagePurpose,
    SanType, SerialNumber,
};
use zeroize::Zeroizing;

use crate::certificate::may_sign_for;
use crate::error::CadesError;
use crate::key::{KeyKind, PrivateKey, SoftwareKey};
use crate::sign::sign;

/// A new private key with its certificate.
pub struct NewIdentity {
    /// The private key: PKCS #8 (RFC 5958), DER, not encrypted; wiped when dropped.
    pub pkcs8: Zeroizing<Vec<u8>>,
    /// The certificates in DER, the key's own first.
    pub chain: Vec<Vec<u8>>,
}

impl core::fmt::Debug for NewIdentity {
    /// Never the key.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("NewIdentity")
            .field("certificates", &self.chain.len())
            .finish_non_exhaustive()
    }
}

impl NewIdentity {
    /// Tries it: signs a mail of its address with it.
    ///
    /// # Errors
    /// [`CadesError::OtherAddress`] where the certificate is somebody else's, and what
    /// [`sign`](crate::sign) says: expired, not for mail.
    pub fn check(&self, address: &Address, now: Timestamp) -> Result<(), CadesError> {
        let key = SoftwareKey::new(&self.pkcs8, self.chain.clone())?;
        let leaf = self.chain.first().ok_or(CadesError::NoCertificate)?;
        may_sign_for(leaf, address, now)?;
        let mut seed = [0; 16];
        SystemRandom::new().fill(&mut seed).map_err(|_| CadesError::Signing)?;
        let trial = Message::new(format!("From: {address}\r\n\r\n\r\n").into_bytes());
        sign(&trial, None, &key, now, seed).map(drop)
    }
}

/// Makes a key and a certificate that the key itself signs, for trying out: its organisation says
/// so in Dutch to every recipient.
///
/// Address as rfc822Name, keyUsage digitalSignature and nonRepudiation, extKeyUsage
/// emailProtection (RFC 8550 section 4.4), CA FALSE. `name` becomes the common name.
///
/// # Errors
/// Where name, address or validity cannot stand in a certificate, or no key could be made.
pub fn create_identity(
    kind: KeyKind,
    address: &Address,
    name: &str,
    not_before: Timestamp,
    years: u8,
) -> Result<NewIdentity, CadesError> {
    let params = parameters(address, name, not_before, years)?;
    let key = PrivateKey::generate(kind)?;
    let certificate = params.self_signed(&key).map_err(|_| CadesError::Signing)?.der().to_vec();
    Ok(NewIdentity { pkcs8: key.into_pkcs8(), chain: vec![certificate] })
}

fn parameters(
    address: &Address,
    name: &str,
    not_before: Timestamp,
    years: u8,
) -> Result<CertificateParams, CadesError> {
    // RFC 5280 appendix A: ub-common-name is 64.
    if name.trim().is_empty() || name.chars().count() > 64 || name.chars().any(char::is_control) {
        return Err(CadesError::Name);
    }
    if !(1..=YEARS_MOST).contains(&years) {
        return Err(CadesError::Validity);
    }
    let not_after = not_before
        .to_zoned_datetime(TimeZone::UTC)
        .checked_add(Span::new().years(i64::from(years)))
        .map_err(|_| CadesError::Validity)?
        .timestamp();
    let mut params = CertificateParams::default();
    params.not_before = rcgen::date_time_ymd(1970, 1, 1) + since_1970(not_before)?;
    params.not_after = rcgen::date_time_ymd(1970, 1, 1) + since_1970(not_after)?;
    params.serial_number = Some(serial()?);
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::OrganizationName, TRY_OUT);
    params.distinguished_name.push(DnType::CommonName, name);
    let text = address.to_string();
    params.subject_alt_names =
        vec![SanType::Rfc822Name(text.as_str().try_into().map_err(|_| CadesError::Address)?)];
    params.is_ca = IsCa::ExplicitNoCa;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature, KeyUsagePurpose::ContentCommitment];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::EmailProtection];
    Ok(params)
}

/// 126 random bits: unique without a register (RFC 5280 section 4.1.2.2 allows 20 octets).
fn serial() -> Result<SerialNumber, CadesError> {
    let mut bytes = [0; 16];
    SystemRandom::new().fill(&mut bytes).map_err(|_| CadesError::Signing)?;
    // The first bits 01 keep it positive and of one length.
    bytes[0] = bytes[0] & 0x3f | 0x40;
    Ok(SerialNumber::from_slice(&bytes))
}

fn since_1970(time: Timestamp) -> Result<core::time::Duration, CadesError> {
    u64::try_from(time.as_second())
        .map(core::time::Duration::from_secs)
        .map_err(|_| CadesError::Validity)
}

/// Shown by every mail program beside the signer's name.
const TRY_OUT: &str = "Zorgzegel proefidentiteit, zelfondertekend";
/// A certificate for trying out needs no longer life.
const YEARS_MOST: u8 = 10;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn somebody_elses_and_an_expired_certificate_are_refused() {
        let (own, other) = ("arts@praktijk.test", "ander@praktijk.test");
        let [own, other] = [own, other].map(|text| Address::parse(text).unwrap());
        let now: Timestamp = "2026-11-25T12:00:00Z".parse().unwrap();
        let made = create_identity(KeyKind::P256, &own, "Arts", now, 2).unwrap();
        assert_eq!(made.check(&own, now), Ok(()));
        let names = "arts@praktijk.test".to_owned();
        assert_eq!(made.check(&other, now), Err(CadesError::OtherAddress { names }));
        let late: Timestamp = "2029-01-01T00:00:00Z".parse().unwrap();
        assert!(matches!(made.check(&own, late), Err(CadesError::Expired { .. })));
    }
}
