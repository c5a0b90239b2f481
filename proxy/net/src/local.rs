//! The local certificate: what makes TLS on loopback possible.
//!
//! A certificate authority is made, constrained by name to this computer (`localhost`, 127.0.0.1,
//! ::1; RFC 5280 section 4.2.1.10), issues one certificate, and its key is thrown away: whoever
//! trusts it trusts nothing else. It is never exchanged silently: a mail program that was told to
//! trust it would rightly ask.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use rcgen::{
    BasicConstraints, CertificateParams, CidrSubnet, DnType, ExtendedKeyUsagePurpose,
    GeneralSubtree, IsCa, Issuer, KeyPair, KeyUsagePurpose, NameConstraints, SanType,
};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use zeroize::Zeroizing;

/// The certificate of the listeners and its key.
#[derive(Clone)]
pub struct LocalCertificate {
    chain: Vec<Vec<u8>>,
    key: Zeroizing<Vec<u8>>,
}

/// Why there is no local certificate.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LocalCertificateError {
    /// It could not be made.
    #[error("the certificate for this computer cannot be made: {0}")]
    Make(String),
    /// What was kept cannot be read.
    #[error("the certificate that was kept for this computer cannot be read")]
    Unreadable,
}

impl LocalCertificate {
    /// Makes one, valid from a day before `now`, since clocks are corrected, for ten years: there is
    /// no key to renew it with, and a new one would have to be trusted anew by hand. The price:
    /// Apple's own programs refuse server certificates of more than 825 days, whoever issued them.
    ///
    /// # Errors
    /// [`LocalCertificateError::Make`].
    pub fn create(now: Timestamp) -> Result<Self, LocalCertificateError> {
        Self::make(now).map_err(|error| LocalCertificateError::Make(error.to_string()))
    }

    fn make(now: Timestamp) -> Result<Self, rcgen::Error> {
        let authority_key = KeyPair::generate()?;
        let mut authority = params("Zorgzegel op deze computer", now);
        authority.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        authority.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        authority.name_constraints = Some(NameConstraints {
            permitted_subtrees: vec![
                GeneralSubtree::DnsName("localhost".to_owned()),
                GeneralSubtree::IpAddress(CidrSubnet::V4([127, 0, 0, 1], [255; 4])),
                GeneralSubtree::IpAddress(CidrSubnet::V6(Ipv6Addr::LOCALHOST.octets(), [255; 16])),
            ],
            excluded_subtrees: Vec::new(),
        });
        let root = authority.self_signed(&authority_key)?;
        let issuer = Issuer::new(authority, authority_key);

        let key = KeyPair::generate()?;
        let mut leaf = params("localhost", now);
        leaf.subject_alt_names = vec![
            SanType::DnsName("localhost".try_into()?),
            SanType::IpAddress(IpAddr::V4(Ipv4Addr::LOCALHOST)),
            SanType::IpAddress(IpAddr::V6(Ipv6Addr::LOCALHOST)),
        ];
        leaf.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        leaf.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        leaf.use_authority_key_identifier_extension = true;
        let certificate = leaf.signed_by(&key, &issuer)?;
        Ok(Self {
            chain: vec![certificate.der().to_vec(), root.der().to_vec()],
            key: Zeroizing::new(key.serialize_der()),
        })
    }

    /// Puts a kept one together again: what [`public`](Self::public) and [`key`](Self::key) gave.
    ///
    /// # Errors
    /// [`LocalCertificateError::Unreadable`].
    pub fn from_parts(public: &str, key: &[u8]) -> Result<Self, LocalCertificateError> {
        let chain: Vec<Vec<u8>> = CertificateDer::pem_slice_iter(public.as_bytes())
            .map(|certificate| certificate.map(|der| der.to_vec()))
            .collect::<Result<_, _>>()
            .map_err(|_| LocalCertificateError::Unreadable)?;
        if chain.len() != 2 || key.is_empty() {
            return Err(LocalCertificateError::Unreadable);
        }
        Ok(Self { chain, key: Zeroizing::new(key.to_vec()) })
    }

    /// The certificates in PEM: the listeners' own, then the authority.
    #[must_use]
    pub fn public(&self) -> String {
        self.chain.iter().map(|der| pem(der)).collect()
    }

    /// The authority in PEM: what a mail program is told to trust.
    #[must_use]
    pub fn authority(&self) -> String {
        self.chain.last().map(|der| pem(der)).unwrap_or_default()
    }

    /// The certificates in DER: the listeners' own, then the authority.
    #[must_use]
    pub fn chain(&self) -> &[Vec<u8>] {
        &self.chain
    }

    /// The public key of the listeners' certificate in DER (SubjectPublicKeyInfo): what a TLSA record
    /// of selector 1 names.
    ///
    /// # Errors
    /// [`LocalCertificateError::Unreadable`].
    pub fn public_key(&self) -> Result<Vec<u8>, LocalCertificateError> {
        let leaf = self.chain.first().ok_or(LocalCertificateError::Unreadable)?;
        let (_, leaf) = x509_parser::parse_x509_certificate(leaf)
            .map_err(|_| LocalCertificateError::Unreadable)?;
        Ok(leaf.public_key().raw.to_vec())
    }

    /// The private key in PKCS#8. A secret.
    #[must_use]
    pub fn key(&self) -> &[u8] {
        &self.key
    }
}

impl core::fmt::Debug for LocalCertificate {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("LocalCertificate(key redacted)")
    }
}

fn params(name: &str, now: Timestamp) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    let today = TimeZone::UTC.to_datetime(now).date();
    let day = |year, date: jiff::civil::Date| {
        rcgen::date_time_ymd(
            year,
            u8::try_from(date.month()).unwrap_or(1),
            // The 29th of February is not in every year.
            u8::try_from(date.day()).unwrap_or(1).min(28),
        )
    };
    let before = today.yesterday().unwrap_or(today);
    params.not_before = day(i32::from(before.year()), before);
    params.not_after = day(i32::from(today.year()) + YEARS, today);
    params
}

fn pem(der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let lines: Vec<&str> =
        (0..text.len()).step_by(64).map(|at| &text[at..(at + 64).min(text.len())]).collect();
    format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", lines.join("\n"))
}

/// See [`LocalCertificate::create`].
const YEARS: i32 = 10;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_kept_comes_back() {
        let made = LocalCertificate::create(Timestamp::now()).unwrap();
        let back = LocalCertificate::from_parts(&made.public(), made.key()).unwrap();
        assert_eq!(back.chain(), made.chain());
        assert!(LocalCertificate::from_parts("", made.key()).is_err());
    }

    #[test]
    fn the_authority_can_vouch_for_this_computer_only() {
        let made = LocalCertificate::create(Timestamp::now()).unwrap();
        let (_, root) = x509_parser::parse_x509_certificate(&made.chain()[1]).unwrap();
        let constraints = root.name_constraints().unwrap().unwrap();
        assert!(constraints.critical);
        assert_eq!(constraints.value.permitted_subtrees.as_ref().unwrap().len(), 3);
        assert_eq!(root.basic_constraints().unwrap().unwrap().value.path_len_constraint, Some(0));
    }
}
