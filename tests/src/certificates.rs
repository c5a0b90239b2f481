//! Certificates of the test world, made afresh for each world; nothing secret is ever checked in.

use std::net::Ipv4Addr;

use aws_lc_rs::digest::{SHA256, digest};
use rcgen::{
    BasicConstraints, Certificate, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyPair, KeyUsagePurpose, PKCS_RSA_SHA256, PublicKeyData, RsaKeySize, SanType,
    date_time_ymd,
};

use crate::HarnessError;

/// A certification authority of the test world.
pub(crate) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
    spki: String,
}

impl Authority {
    pub(crate) fn new(name: &str) -> Result<Self, HarnessError> {
        let key = KeyPair::generate()?;
        let mut params = CertificateParams::new(Vec::new())?;
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        (params.not_before, params.not_after) =
            (date_time_ymd(2020, 1, 1), date_time_ymd(2049, 1, 1));
        let certificate = params.self_signed(&key)?;
        let spki = spki_sha256(&key);
        Ok(Self { pem: certificate.pem(), spki, issuer: Issuer::new(params, key) })
    }

    pub(crate) fn pem(&self) -> &str {
        &self.pem
    }

    /// SHA-256 of the public key as TLSA `x 1 1` has it, in hexadecimal.
    pub(crate) fn spki_sha256(&self) -> &str {
        &self.spki
    }
}

/// A server's key and certificate chain.
#[derive(Debug, Clone)]
pub struct Identity {
    key_pem: String,
    chain_pem: String,
    spki: String,
}

impl Identity {
    /// For a host name, issued by an authority (which is put into the chain) or signed by itself.
    pub(crate) fn new(
        names: &[&str],
        address: Option<Ipv4Addr>,
        authority: Option<&Authority>,
        last_year: i32,
    ) -> Result<Self, HarnessError> {
        Self::with_unit(names, address, authority, last_year, None)
    }

    /// The same with an organisational unit in the subject.
    pub(crate) fn with_unit(
        names: &[&str],
        address: Option<Ipv4Addr>,
        authority: Option<&Authority>,
        last_year: i32,
        unit: Option<&str>,
    ) -> Result<Self, HarnessError> {
        let key = KeyPair::generate()?;
        let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
        let mut params = CertificateParams::new(names.clone())?;
        if let Some(name) = names.first() {
            params.distinguished_name.push(DnType::CommonName, name.as_str());
        }
        if let Some(unit) = unit {
            params.distinguished_name.push(DnType::OrganizationalUnitName, unit);
        }
        params.subject_alt_names.extend(address.map(|ip| SanType::IpAddress(ip.into())));
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(last_year, 12, 31);
        let certificate: Certificate = match authority {
            Some(authority) => params.signed_by(&key, &authority.issuer)?,
            None => params.self_signed(&key)?,
        };
        let above = authority.map_or("", Authority::pem);
        let chain_pem = format!("{}{above}", certificate.pem());
        Ok(Self { key_pem: key.serialize_pem(), chain_pem, spki: spki_sha256(&key) })
    }

    /// The private key, PKCS #8 in PEM.
    #[must_use]
    pub fn key_pem(&self) -> &str {
        &self.key_pem
    }

    /// The chain in PEM, the server's own certificate first.
    #[must_use]
    pub fn chain_pem(&self) -> &str {
        &self.chain_pem
    }

    /// SHA-256 of the public key as TLSA `3 1 1` has it, in hexadecimal.
    #[must_use]
    pub fn spki_sha256(&self) -> &str {
        &self.spki
    }
}

/// A DKIM key (RFC 6376): the private half as PKCS #8 in PEM, and its TXT record.
pub(crate) fn dkim_key() -> Result<(String, String), HarnessError> {
    let key = KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048)?;
    // The block inside a PEM is the base64 of the DER.
    let public: String = key.public_key_pem().lines().filter(|line| !line.contains('-')).collect();
    Ok((key.serialize_pem(), format!("v=DKIM1; k=rsa; p={public}")))
}

fn spki_sha256(key: &KeyPair) -> String {
    let spki = key.subject_public_key_info();
    digest(&SHA256, &spki).as_ref().iter().map(|byte| format!("{byte:02X}")).collect()
}
