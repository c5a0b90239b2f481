//! An issuer that was revoked takes along what it issued.

use rcgen::{
    CertificateRevocationListParams, KeyIdMethod, RevocationReason, RevokedCertParams,
    SerialNumber, date_time_ymd,
};

use super::*;
use crate::status::{Status, status};

/// A root or an issuer below it.
struct Party {
    params: CertificateParams,
    key: KeyPair,
    der: Vec<u8>,
}

impl Party {
    fn new(name: &str, number: u64, by: Option<&Self>) -> Self {
        let (mut params, key) = (CertificateParams::default(), KeyPair::generate().unwrap());
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.serial_number = Some(SerialNumber::from(number));
        let certificate = match by {
            None => params.self_signed(&key),
            Some(by) => params.signed_by(&key, &by.issuer()),
        };
        let der = certificate.unwrap().der().to_vec();
        Self { params, key, der }
    }

    fn issuer(&self) -> Issuer<'_, &KeyPair> {
        Issuer::from_params(&self.params, &self.key)
    }

    fn leaf(&self) -> Vec<u8> {
        let params = CertificateParams::default();
        let key = KeyPair::generate().unwrap();
        params.signed_by(&key, &self.issuer()).unwrap().der().to_vec()
    }

    fn list(&self, revoked: &[&Self]) -> Vec<u8> {
        let one = |party: &&Self| RevokedCertParams {
            serial_number: party.params.serial_number.clone().unwrap(),
            revocation_time: date_time_ymd(2026, 10, 1),
            reason_code: Some(RevocationReason::CaCompromise),
            invalidity_date: None,
        };
        let list = CertificateRevocationListParams {
            this_update: date_time_ymd(2026, 11, 1),
            next_update: date_time_ymd(2027, 1, 1),
            crl_number: SerialNumber::from(1_u64),
            issuing_distribution_point: None,
            revoked_certs: revoked.iter().map(one).collect(),
            key_identifier_method: KeyIdMethod::Sha256,
        };
        list.signed_by(&self.issuer()).unwrap().der().to_vec()
    }
}

#[test]
fn an_issuer_that_is_not_in_the_file_and_was_revoked_makes_the_identity_revoked() {
    let now = at("2026-11-26T12:00:00Z");
    let root = Party::new("Root", 1, None);
    let sub = Party::new("Uitgever", 2, Some(&root));
    // The same name, and another key: an issuer of before, which vouches for nothing here.
    let before = Party::new("Uitgever", 3, Some(&root));
    let bare = identity("1", vec![sub.leaf()]);
    let issuers = [before.der.clone(), sub.der.clone(), root.der.clone()];
    let told = |revoked: &[&Party]| status(&bare, &root.list(revoked), &issuers, now);
    let revoked = told(&[&sub]);
    assert!(matches!(revoked, Status::Revoked(_)), "{revoked:?}");
    assert_eq!(told(&[&before]), Status::Unknown, "it is not above this one");
    assert_eq!(told(&[]), Status::Unknown, "and nothing was said of the identity itself");
    assert_eq!(status(&bare, &sub.list(&[]), &issuers, now), Status::Good);
    let forged = Party::new("Root", 1, None).list(&[&sub]);
    assert_eq!(status(&bare, &forged, &issuers, now), Status::Unknown);
}
