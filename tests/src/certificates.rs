//! Certificates of the test world, made afresh for each world; nothing secret is ever checked in.

use std::io::Write;
use std::net::Ipv4Addr;
use std::process::{Command, Stdio};

use aws_lc_rs::digest::{SHA256, SHA512, digest};
use rcgen::{
    BasicConstraints, Certificate, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyPair, KeyUsagePurpose, PKCS_RSA_SHA256, PublicKeyData, RsaKeySize, SanType,
    SignatureAlgorithm, date_time_ymd,
};

use crate::HarnessError;

/// A certification authority of the test world.
pub(crate) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
    shown: Shown,
}

/// What TLSA records can be about (RFC 6698 section 2.1), in DER.
#[derive(Debug, Clone)]
pub(crate) struct Shown {
    certificate: Vec<u8>,
    key: Vec<u8>,
}

impl Shown {
    /// The association data of a record with this selector and matching type, in hexadecimal; for
    /// a matching type that nobody has defined, some octets.
    pub(crate) fn tlsa(&self, selector: u8, matching: u8) -> String {
        let selected = if selector == 0 { &self.certificate } else { &self.key };
        match matching {
            0 => hex(selected),
            2 => hex(digest(&SHA512, selected).as_ref()),
            _ => hex(digest(&SHA256, selected).as_ref()),
        }
    }
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
        let shown = shown(&certificate, &key);
        Ok(Self { pem: certificate.pem(), shown, issuer: Issuer::new(params, key) })
    }

    pub(crate) fn pem(&self) -> &str {
        &self.pem
    }

    pub(crate) fn shown(&self) -> &Shown {
        &self.shown
    }
}

/// The years in which a certificate is valid, from the first day to the last.
pub(crate) const NOW: (i32, i32) = (2020, 2048);
/// A certificate that has ended.
pub(crate) const PAST: (i32, i32) = (2020, 2021);
/// A certificate that has yet to begin.
pub(crate) const TO_COME: (i32, i32) = (2040, 2048);

/// A server's key and certificate chain.
#[derive(Debug, Clone)]
pub struct Identity {
    key_pem: String,
    chain_pem: String,
    spki: String,
    shown: Shown,
}

impl Identity {
    /// For a host name, issued by an authority (which is put into the chain) or signed by itself.
    pub(crate) fn new(
        names: &[&str],
        address: Option<Ipv4Addr>,
        authority: Option<&Authority>,
        years: (i32, i32),
    ) -> Result<Self, HarnessError> {
        let key = KeyPair::generate()?;
        let mut params = params(names, years)?;
        params.subject_alt_names.extend(address.map(|ip| SanType::IpAddress(ip.into())));
        let certificate: Certificate = match authority {
            Some(authority) => params.signed_by(&key, &authority.issuer)?,
            None => params.self_signed(&key)?,
        };
        let above = authority.map_or("", Authority::pem);
        Ok(Self::of(key.serialize_pem(), &certificate, above, &key))
    }

    /// Issued by an authority, with an organisational unit in the subject (R-SEND-7).
    pub(crate) fn marked(
        names: &[&str],
        unit: &str,
        authority: &Authority,
    ) -> Result<Self, HarnessError> {
        let key = KeyPair::generate()?;
        let mut params = params(names, NOW)?;
        params.distinguished_name.push(DnType::OrganizationalUnitName, unit);
        let certificate = params.signed_by(&key, &authority.issuer)?;
        Ok(Self::of(key.serialize_pem(), &certificate, authority.pem(), &key))
    }

    /// With an RSA key, which OpenSSL makes: no library of today makes or uses keys as
    /// short as some that are met.
    pub(crate) fn rsa(
        names: &[&str],
        bits: u32,
        authority: &Authority,
    ) -> Result<Self, HarnessError> {
        let size = format!("rsa_keygen_bits:{bits}");
        let key_pem = openssl(&["genpkey", "-algorithm", "RSA", "-pkeyopt", &size], b"")?;
        let public = openssl(&["rsa", "-RSAPublicKey_out", "-outform", "DER"], &key_pem)?;
        let public = RsaKey(public);
        let certificate = params(names, NOW)?.signed_by(&public, &authority.issuer)?;
        let key_pem = String::from_utf8_lossy(&key_pem).into_owned();
        Ok(Self::of(key_pem, &certificate, authority.pem(), &public))
    }

    fn of(key_pem: String, own: &Certificate, above: &str, key: &impl PublicKeyData) -> Self {
        let chain_pem = format!("{}{above}", own.pem());
        let shown = shown(own, key);
        Self { key_pem, chain_pem, spki: shown.tlsa(1, 1), shown }
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

    pub(crate) fn shown(&self) -> &Shown {
        &self.shown
    }
}

/// A DKIM key (RFC 6376): the private half as PKCS #8 in PEM, and its TXT record.
pub(crate) fn dkim_key() -> Result<(String, String), HarnessError> {
    let key = KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048)?;
    // The block inside a PEM is the base64 of the DER.
    let public: String = key.public_key_pem().lines().filter(|line| !line.contains('-')).collect();
    Ok((key.serialize_pem(), format!("v=DKIM1; k=rsa; p={public}")))
}

/// An RSA public key in DER (RFC 8017 appendix A.1.1).
struct RsaKey(Vec<u8>);

impl PublicKeyData for RsaKey {
    fn der_bytes(&self) -> &[u8] {
        &self.0
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        &PKCS_RSA_SHA256
    }
}

fn params(names: &[&str], (first, last): (i32, i32)) -> Result<CertificateParams, HarnessError> {
    let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
    let mut params = CertificateParams::new(names.clone())?;
    if let Some(name) = names.first() {
        params.distinguished_name.push(DnType::CommonName, name.as_str());
    }
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.not_before = date_time_ymd(first, 1, 1);
    params.not_after = date_time_ymd(last, 12, 31);
    Ok(params)
}

fn shown(certificate: &Certificate, key: &impl PublicKeyData) -> Shown {
    let certificate = certificate.der().to_vec();
    Shown { certificate, key: key.subject_public_key_info() }
}

fn openssl(args: &[&str], input: &[u8]) -> Result<Vec<u8>, HarnessError> {
    let mut command = Command::new("openssl");
    command.args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let failed = |source| HarnessError::Program { program: "openssl".to_owned(), source };
    let mut child = command.spawn().map_err(failed)?;
    if let Some(mut stdin) = child.stdin.take() {
        stdin.write_all(input).map_err(failed)?;
    }
    let output = child.wait_with_output().map_err(failed)?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    Err(HarnessError::Failed { program: "openssl".to_owned(), said })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02X}")).collect()
}
