//! An authority for tests, and those whom it vouches for.

use jiff::Timestamp;
use paths::Anchors;
use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, DnType,
    ExtendedKeyUsagePurpose, IsCa, Issuer, KeyIdMethod, KeyPair, KeyUsagePurpose,
    RevokedCertParams, SanType, SerialNumber,
};

use crate::SoftwareKey;
use crate::key::{KeyKind, PrivateKey};

pub(super) const JAN: &str = "jan@praktijk.example";

pub(super) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    /// The root's certificate, for other programs, which judge on Unix only.
    #[cfg_attr(not(unix), expect(dead_code))]
    pub(super) root: Vec<u8>,
    pub(super) anchors: Anchors,
}

/// A key with the certificate that the authority gave.
pub(super) struct Leaf {
    pub(super) pkcs8: Vec<u8>,
    pub(super) certificate: Vec<u8>,
}

impl Authority {
    pub(super) fn new() -> Self {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::OrganizationName, "Zorg");
        params.distinguished_name.push(DnType::CommonName, "Zorg Root");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let key = KeyPair::generate().unwrap();
        let root = params.self_signed(&key).unwrap().der().to_vec();
        let mut anchors = Anchors::new();
        anchors.add_der(Some("Zorg Root"), &root).unwrap();
        Self { issuer: Issuer::new(params, key), root, anchors }
    }

    pub(super) fn leaf(&self, kind: KeyKind, address: &str) -> Leaf {
        self.leaf_with(kind, |params| {
            params.subject_alt_names = vec![SanType::Rfc822Name(address.try_into().unwrap())];
        })
    }

    pub(super) fn leaf_with(
        &self,
        kind: KeyKind,
        change: impl FnOnce(&mut CertificateParams),
    ) -> Leaf {
        let mut params = CertificateParams::default();
        params.distinguished_name = rcgen::DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, "Jan de Vries");
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::EmailProtection];
        params.is_ca = IsCa::ExplicitNoCa;
        params.not_before = rcgen::date_time_ymd(2025, 1, 1);
        params.not_after = rcgen::date_time_ymd(2040, 1, 1);
        params.key_identifier_method = KeyIdMethod::Sha256;
        change(&mut params);
        let key = PrivateKey::generate(kind).unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap().der().to_vec();
        Leaf { pkcs8: key.into_pkcs8().to_vec(), certificate }
    }

    /// A revocation list that names these serial numbers.
    pub(super) fn list(&self, revoked: &[&[u8]]) -> Vec<u8> {
        let day = core::time::Duration::from_secs(86_400);
        let now = rcgen::date_time_ymd(1970, 1, 1)
            + core::time::Duration::from_secs(super::now().as_second().unsigned_abs());
        let revoked = revoked.iter().map(|serial| RevokedCertParams {
            serial_number: SerialNumber::from_slice(serial),
            revocation_time: now - day,
            reason_code: Some(rcgen::RevocationReason::KeyCompromise),
            invalidity_date: None,
        });
        let params = CertificateRevocationListParams {
            this_update: now - day,
            next_update: now + day,
            crl_number: SerialNumber::from_slice(&[1]),
            issuing_distribution_point: None,
            revoked_certs: revoked.collect(),
            key_identifier_method: KeyIdMethod::Sha256,
        };
        params.signed_by(&self.issuer).unwrap().der().to_vec()
    }
}

impl Leaf {
    pub(super) fn key(&self) -> SoftwareKey {
        SoftwareKey::new(&self.pkcs8, vec![self.certificate.clone()]).unwrap()
    }
}

/// When every certificate has ended.
pub(super) fn later() -> Timestamp {
    "2050-01-01T00:00:00Z".parse().unwrap()
}
