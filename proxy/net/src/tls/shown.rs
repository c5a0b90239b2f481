use aws_lc_rs::digest::{SHA256, digest};
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::X509Certificate;

use super::verify::hex;

/// What a server showed of itself, whether it proved anything by it or not: for whoever says what
/// to mend. Nothing of it is to be trusted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// SHA-256 of the public key (`SubjectPublicKeyInfo`), in hexadecimal: the data of TLSA 3 1 1.
    pub key_sha256: String,
    /// The first second at which the certificate holds, since 1970.
    pub from: i64,
    /// The last.
    pub until: i64,
    /// The names that it is for, at most a hundred.
    pub names: Vec<String>,
    /// Who issued it.
    pub issuer: String,
}

impl Shown {
    pub(super) fn of(certificate: &X509Certificate<'_>) -> Self {
        let validity = certificate.validity();
        let alternative = certificate.subject_alternative_name().ok().flatten();
        let names = alternative.into_iter().flat_map(|names| &names.value.general_names);
        let names = names.filter_map(|name| match name {
            GeneralName::DNSName(name) => Some((*name).to_owned()),
            _ => None,
        });
        let issuer = certificate.issuer();
        let organisation = issuer.iter_organization().chain(issuer.iter_common_name());
        let issuer_name = organisation.filter_map(|part| part.as_str().ok()).next();
        Self {
            key_sha256: hex(digest(&SHA256, certificate.public_key().raw).as_ref()),
            from: validity.not_before.timestamp(),
            until: validity.not_after.timestamp(),
            names: names.take(NAMES).collect(),
            issuer: issuer_name.map_or_else(|| issuer.to_string(), str::to_owned),
        }
    }
}

/// Names kept of one certificate: a stranger's certificate chooses how many it has.
const NAMES: usize = 100;
