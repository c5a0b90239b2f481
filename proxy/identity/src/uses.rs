use serde::Serialize;
use x509_parser::prelude::{FromDer, X509Certificate};

/// What a certificate lets its holder do with mail (RFC 8550 section 4.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Use {
    /// Sign it.
    Sign,
    /// Be written to in secret.
    Encrypt,
}

/// What the certificate allows; nothing where it cannot be read or is not for mail. An extension that
/// is absent allows all.
pub(crate) fn uses(certificate: &[u8]) -> Vec<Use> {
    let Ok((_, certificate)) = X509Certificate::from_der(certificate) else {
        return Vec::new();
    };
    let (Ok(usage), Ok(extended)) = (certificate.key_usage(), certificate.extended_key_usage())
    else {
        return Vec::new();
    };
    if !extended.is_none_or(|one| one.value.email_protection || one.value.any) {
        return Vec::new();
    }
    let Some(usage) = usage.map(|one| one.value) else {
        return vec![Use::Sign, Use::Encrypt];
    };
    let mut uses = Vec::new();
    if usage.digital_signature() || usage.non_repudiation() {
        uses.push(Use::Sign);
    }
    if usage.key_encipherment() || usage.key_agreement() || usage.data_encipherment() {
        uses.push(Use::Encrypt);
    }
    uses
}
