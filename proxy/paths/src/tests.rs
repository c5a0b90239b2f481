//! A world of issuers, signers and lists, made anew for each test.

use jiff::Timestamp;
use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, DistinguishedName,
    DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyIdMethod, KeyPair, KeyUsagePurpose,
    RevokedCertParams, SanType, SerialNumber, SigningKey, date_time_ymd,
};

use super::*;

mod anchors;
mod paths;
mod responses;
mod revoked;
mod signatures;

/// Somebody with a key and a certificate.
struct Party {
    params: CertificateParams,
    key: KeyPair,
    der: Vec<u8>,
}

impl Party {
    /// A root by this name.
    fn root(name: &str) -> Self {
        let key = KeyPair::generate().unwrap();
        let params = issuer_params(name);
        let der = params.self_signed(&key).unwrap().der().to_vec();
        Self { params, key, der }
    }

    /// An issuer under this one.
    fn issuer(&self, name: &str) -> Self {
        self.issue(issuer_params(name))
    }

    /// A signer of mail under this one.
    fn signer(&self, address: &str) -> Self {
        self.issue(signer_params(address))
    }

    fn issue(&self, params: CertificateParams) -> Self {
        self.issue_for(params, KeyPair::generate().unwrap())
    }

    fn issue_for(&self, params: CertificateParams, key: KeyPair) -> Self {
        let issuer = Issuer::from_params(&self.params, &self.key);
        let der = params.signed_by(&key, &issuer).unwrap().der().to_vec();
        Self { params, key, der }
    }

    /// A list made on the first of this month of 2026, good for two months.
    fn list(&self, month: u8, revoked: Vec<RevokedCertParams>) -> Vec<u8> {
        let list = CertificateRevocationListParams {
            this_update: date_time_ymd(2026, month, 1),
            next_update: date_time_ymd(2026, month + 2, 1),
            crl_number: SerialNumber::from(u64::from(month)),
            issuing_distribution_point: None,
            revoked_certs: revoked,
            key_identifier_method: KeyIdMethod::Sha256,
        };
        let issuer = Issuer::from_params(&self.params, &self.key);
        list.signed_by(&issuer).unwrap().der().to_vec()
    }

    /// A list whose bytes were changed, with a signature that is right again.
    fn signed_anew(&self, list: &[u8]) -> Vec<u8> {
        let parts = der::signed(list).unwrap();
        let signature = tlv(0x03, &[&[0], &self.sign(parts.tbs.raw)]);
        tlv(0x30, &[parts.tbs.raw, parts.algorithm, &signature])
    }

    fn sign(&self, message: &[u8]) -> Vec<u8> {
        SigningKey::sign(&self.key, message).unwrap()
    }

    fn revoked(&self, reason: rcgen::RevocationReason) -> RevokedCertParams {
        RevokedCertParams {
            serial_number: self.params.serial_number.clone().unwrap(),
            revocation_time: date_time_ymd(2026, 5, 1),
            reason_code: Some(reason),
            invalidity_date: None,
        }
    }
}

fn params(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.not_before = date_time_ymd(2025, 1, 1);
    params.not_after = date_time_ymd(2028, 1, 1);
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    params.use_authority_key_identifier_extension = true;
    // Serial numbers follow from names, so that lists can name them.
    let sum = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, name.as_bytes());
    params.serial_number = Some(SerialNumber::from_slice(&[&[1], &sum.as_ref()[..8]].concat()));
    params
}

fn issuer_params(name: &str) -> CertificateParams {
    let mut params = params(name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}

fn signer_params(address: &str) -> CertificateParams {
    let mut params = params(address);
    params.subject_alt_names = vec![SanType::Rfc822Name(address.try_into().unwrap())];
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::EmailProtection];
    params
}

fn anchors(parties: &[&Party]) -> Anchors {
    let mut anchors = Anchors::new();
    for party in parties {
        anchors.add_der(None, &party.der).unwrap();
    }
    anchors
}

fn question<'a>(leaf: &'a Party, pool: &[&'a Party]) -> Question<'a> {
    let mut question = Question::new(&leaf.der, Purpose::Mail, at());
    question.pool = pool.iter().map(|party| party.der.as_slice()).collect();
    question
}

fn at() -> Timestamp {
    "2026-06-01T12:00:00Z".parse().unwrap()
}

fn found(answer: Answer) -> Path {
    match answer {
        Answer::Found(path) => path,
        Answer::Refused(refusal) => panic!("{refusal:?}"),
    }
}

fn refused(answer: Answer) -> (Reason, usize) {
    match answer {
        Answer::Found(path) => panic!("{path:?}"),
        Answer::Refused(refusal) => (refusal.reason, refusal.place),
    }
}

/// An element of DER.
fn tlv(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    let length = content.len();
    let head = match length {
        0..0x80 => vec![tag, length as u8],
        0x80..0x100 => vec![tag, 0x81, length as u8],
        _ => vec![tag, 0x82, (length >> 8) as u8, length as u8],
    };
    [head, content].concat()
}
