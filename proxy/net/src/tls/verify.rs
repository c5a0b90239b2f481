use std::sync::{Arc, Mutex, PoisonError};

use aws_lc_rs::digest::{SHA256, SHA512, digest};
use mail::Domain;
use nta7516::facts::Tlsa;
use nta7516::tls::{RSA_REFUSED_BELOW, RSA_REPORTED_BELOW};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{verify_server_cert_signed_by_trust_anchor, verify_server_name};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use x509_parser::prelude::{FromDer, X509Certificate};
use x509_parser::public_key::PublicKey;
use x509_parser::time::ASN1Time;

use super::shown::Shown as Sight;
use super::staple::Question;
use super::{Expect, Ocsp, Proof, TlsError};

/// What was seen during the handshake.
#[derive(Debug, Default)]
pub(super) struct Seen {
    pub(super) shown: Option<Sight>,
    pub(super) failure: Option<TlsError>,
    pub(super) proof: Option<Proof>,
    pub(super) certificate_sha256: String,
    pub(super) subject: String,
    pub(super) units: Vec<String>,
    pub(super) rsa_bits: Option<u32>,
    pub(super) ocsp: Ocsp,
    pub(super) remarks: Vec<String>,
}

/// Answers one question for the TLS library: is this the right certificate?
#[derive(Debug)]
pub(super) struct Verifier {
    expect: Expect,
    roots: Arc<RootCertStore>,
    provider: Arc<CryptoProvider>,
    seen: Arc<Mutex<Seen>>,
}

/// What the server showed.
struct Shown<'a> {
    leaf: &'a CertificateDer<'a>,
    parsed: X509Certificate<'a>,
    chain: &'a [CertificateDer<'a>],
    now: UnixTime,
}

impl Verifier {
    pub(super) fn new(
        expect: Expect,
        roots: Arc<RootCertStore>,
        provider: Arc<CryptoProvider>,
        seen: Arc<Mutex<Seen>>,
    ) -> Self {
        Self { expect, roots, provider, seen }
    }

    fn judge(&self, shown: &Shown<'_>, staple: &[u8], seen: &mut Seen) -> Result<Proof, TlsError> {
        seen.certificate_sha256 = hex(digest(&SHA256, shown.leaf).as_ref());
        seen.subject = shown_text(&shown.parsed.subject().to_string());
        seen.units = units(&shown.parsed).take(UNITS).map(shown_text).collect();
        seen.rsa_bits = rsa_bits(&shown.parsed);
        if let Some(bits) = seen.rsa_bits {
            if bits < RSA_REFUSED_BELOW {
                return Err(TlsError::WeakKey(bits));
            }
            if bits < RSA_REPORTED_BELOW {
                seen.remarks.push(format!("RSA-sleutel van {bits} bits; de gids vraagt 3072"));
            }
        }
        seen.ocsp = self.stapled(shown, staple);
        match seen.ocsp {
            Ocsp::Revoked => return Err(TlsError::Revoked),
            Ocsp::Absent | Ocsp::Good => {}
            _ => seen.remarks.push(
                "de meegestuurde OCSP-verklaring bewijst niets over dit certificaat".to_owned(),
            ),
        }
        match &self.expect {
            Expect::Dane { tlsa, names } => self.dane(shown, tlsa, names),
            Expect::Pkix { names } => {
                let name = self.pkix(shown, &host_names(names))?;
                Ok(Proof::Pkix { name })
            }
            Expect::OrganisationalUnit { names, marks } => {
                let name = self.pkix(shown, &host_names(names))?;
                let mark = mark(&shown.parsed, marks).ok_or(TlsError::NoMark)?;
                Ok(Proof::Ou { name, mark })
            }
            Expect::Server(name) => {
                let name = self.pkix(shown, core::slice::from_ref(name))?;
                Ok(Proof::Pkix { name })
            }
        }
    }

    fn stapled(&self, shown: &Shown<'_>, staple: &[u8]) -> Ocsp {
        let question = Question {
            leaf: &shown.parsed,
            chain: shown.chain,
            now: shown.now,
            algorithms: &self.provider.signature_verification_algorithms,
        };
        question.judge(staple)
    }

    /// RFC 7672 section 3.1: any one record that matches is enough.
    fn dane(
        &self,
        shown: &Shown<'_>,
        records: &[Tlsa],
        names: &[Domain],
    ) -> Result<Proof, TlsError> {
        let mut failure = TlsError::NoTlsaMatch;
        for record in records.iter().filter(|record| record.usable()) {
            let matched = match record.usage {
                3 if matches(record, shown.leaf, &shown.parsed) => Ok(()),
                2 => self.anchored(shown, record, names),
                _ => Err(TlsError::NoTlsaMatch),
            };
            match matched {
                Ok(()) => {
                    return Ok(Proof::Dane {
                        usage: record.usage,
                        selector: record.selector,
                        matching: record.matching,
                        data: hex(&record.data),
                    });
                }
                Err(TlsError::NoTlsaMatch) => {}
                Err(other) => failure = other,
            }
        }
        Err(failure)
    }

    /// Usage 2 (RFC 7672 section 3.1.2): the matching certificate of the chain is the only root.
    fn anchored(&self, shown: &Shown<'_>, record: &Tlsa, names: &[Domain]) -> Result<(), TlsError> {
        let mut roots = RootCertStore::empty();
        for certificate in shown.chain {
            let Ok((_, parsed)) = X509Certificate::from_der(certificate) else {
                continue;
            };
            if matches(record, certificate, &parsed) {
                in_date(&parsed, shown.now)?;
                roots.add(certificate.clone()).map_err(|error| certificate_error(&error))?;
            }
        }
        if record.selector == 0 && record.matching == 0 {
            // The whole anchor stands in the record; the server may leave it out.
            if let Ok((_, parsed)) = X509Certificate::from_der(&record.data) {
                in_date(&parsed, shown.now)?;
                let _ = roots.add(CertificateDer::from(record.data.clone()));
            }
        }
        if roots.is_empty() {
            return Err(TlsError::NoTlsaMatch);
        }
        self.path(shown, &roots)?;
        self.named(shown, &host_names(names)).map(drop)
    }

    fn pkix(&self, shown: &Shown<'_>, names: &[String]) -> Result<String, TlsError> {
        self.path(shown, &self.roots)?;
        self.named(shown, names)
    }

    fn path(&self, shown: &Shown<'_>, roots: &RootCertStore) -> Result<(), TlsError> {
        let leaf = ParsedCertificate::try_from(shown.leaf).map_err(|e| certificate_error(&e))?;
        verify_server_cert_signed_by_trust_anchor(
            &leaf,
            roots,
            shown.chain,
            shown.now,
            self.provider.signature_verification_algorithms.all,
        )
        .map_err(|error| certificate_error(&error))
    }

    fn named(&self, shown: &Shown<'_>, names: &[String]) -> Result<String, TlsError> {
        let leaf = ParsedCertificate::try_from(shown.leaf).map_err(|e| certificate_error(&e))?;
        names
            .iter()
            .find(|name| {
                ServerName::try_from(name.as_str())
                    .is_ok_and(|name| verify_server_name(&leaf, &name).is_ok())
            })
            .cloned()
            .ok_or(TlsError::WrongName)
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let judged = X509Certificate::from_der(end_entity)
            .map_err(|_| TlsError::Certificate("it cannot be read".to_owned()))
            .and_then(|(_, parsed)| {
                seen.shown = Some(Sight::of(&parsed));
                let shown = Shown { leaf: end_entity, parsed, chain: intermediates, now };
                self.judge(&shown, ocsp_response, &mut seen)
            });
        match judged {
            Ok(proof) => {
                seen.proof = Some(proof);
                Ok(ServerCertVerified::assertion())
            }
            Err(error) => {
                let told = Error::General(error.to_string());
                seen.failure = Some(error);
                Err(told)
            }
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signed, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signed, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

/// RFC 6698 section 2.1: what the selector picks, compared as the matching type says.
fn matches(record: &Tlsa, certificate: &[u8], parsed: &X509Certificate<'_>) -> bool {
    let selected = match record.selector {
        0 => certificate,
        1 => parsed.public_key().raw,
        _ => return false,
    };
    match record.matching {
        0 => selected == record.data,
        1 => digest(&SHA256, selected).as_ref() == record.data,
        2 => digest(&SHA512, selected).as_ref() == record.data,
        _ => false,
    }
}

/// An anchor is only a name and a key for the path; that it is in date is asked here.
fn in_date(certificate: &X509Certificate<'_>, now: UnixTime) -> Result<(), TlsError> {
    let now = i64::try_from(now.as_secs())
        .ok()
        .and_then(|seconds| ASN1Time::from_timestamp(seconds).ok());
    match now {
        Some(now) if certificate.validity().is_valid_at(now) => Ok(()),
        _ => Err(TlsError::Expired),
    }
}

fn rsa_bits(certificate: &X509Certificate<'_>) -> Option<u32> {
    match certificate.public_key().parsed() {
        Ok(PublicKey::RSA(key)) => u32::try_from(key.key_size()).ok(),
        _ => None,
    }
}

fn units<'a>(certificate: &'a X509Certificate<'_>) -> impl Iterator<Item = &'a str> {
    certificate.subject().iter_organizational_unit().filter_map(|unit| unit.as_str().ok())
}

fn mark(certificate: &X509Certificate<'_>, marks: &[String]) -> Option<String> {
    let mut units = units(certificate);
    units.find(|unit| marks.iter().any(|mark| mark == unit)).map(str::to_owned)
}

/// A stranger's text, fit for a line of a proof.
fn shown_text(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(SHOWN).collect()
}

fn host_names(names: &[Domain]) -> Vec<String> {
    names.iter().map(ToString::to_string).collect()
}

fn certificate_error(error: &Error) -> TlsError {
    match error {
        Error::InvalidCertificate(error) => match error {
            CertificateError::Expired
            | CertificateError::ExpiredContext { .. }
            | CertificateError::NotValidYet
            | CertificateError::NotValidYetContext { .. } => TlsError::Expired,
            CertificateError::UnknownIssuer => TlsError::UnknownIssuer,
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                TlsError::WrongName
            }
            CertificateError::Revoked => TlsError::Revoked,
            other => TlsError::Certificate(other.to_string()),
        },
        other => TlsError::Certificate(other.to_string()),
    }
}

pub(super) fn hex(bytes: &[u8]) -> String {
    use core::fmt::Write;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Organisational units of a certificate that a proof shows; a subject has one or two.
const UNITS: usize = 8;
/// Characters of a subject or unit that a proof shows: X.520 bounds each value to 64.
const SHOWN: usize = 500;
