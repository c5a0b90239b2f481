use cades::{CadesError, KeyKind, PrivateKey};
use mail::Address;
use rcgen::{
    CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, KeyUsagePurpose, SanType,
};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::answer::key_id;
use crate::error::IdentityError;

/// What an issuer is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// The kind of key.
    pub kind: KeyKind,
    /// The common name: who signs.
    pub name: String,
    /// The organisation, where the certificate is to name one.
    pub organisation: Option<String>,
    /// What the certificate is to allow.
    pub purpose: Purpose,
}

/// What a certificate that is asked for is to allow (RFC 8550 section 4.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// To sign mail: digitalSignature and nonRepudiation, emailProtection.
    #[default]
    Sign,
    /// To sign mail and to be written to in secret: also keyEncipherment (RSA) or keyAgreement
    /// (elliptic curves).
    SignAndEncrypt,
}

/// A new key and the request for its certificate.
pub struct NewRequest {
    /// Its id: the first half of the SHA-256 of its public key, in hexadecimal.
    pub id: String,
    /// The private key: PKCS #8 (RFC 5958), DER, not encrypted; wiped when dropped.
    pub pkcs8: Zeroizing<Vec<u8>>,
    /// The request in DER (RFC 2986).
    pub request: Vec<u8>,
}

impl core::fmt::Debug for NewRequest {
    /// Never the key.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("NewRequest").finish_non_exhaustive()
    }
}

impl NewRequest {
    /// Makes a key and asks for its certificate: the address as rfc822Name (RFC 8550 section 3), what
    /// it is for as keyUsage and extKeyUsage, signed by the key itself.
    ///
    /// # Errors
    /// [`IdentityError::Certificate`] where name or address cannot stand in a certificate, or no key
    /// could be made.
    pub fn make(address: &Address, wish: &Wish) -> Result<Self, IdentityError> {
        let params = parameters(address, wish)?;
        let key = PrivateKey::generate(wish.kind)?;
        let request = params.serialize_request(&key).map_err(|_| CadesError::Signing)?;
        let id = key_id(key.public_key());
        Ok(Self { id, request: request.der().to_vec(), pkcs8: key.into_pkcs8() })
    }
}

fn parameters(address: &Address, wish: &Wish) -> Result<CertificateParams, CadesError> {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    if let Some(organisation) = &wish.organisation {
        params.distinguished_name.push(DnType::OrganizationName, named(organisation)?);
    }
    params.distinguished_name.push(DnType::CommonName, named(&wish.name)?);
    let text = address.to_string();
    let text = text.as_str().try_into().map_err(|_| CadesError::Address)?;
    params.subject_alt_names = vec![SanType::Rfc822Name(text)];
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature, KeyUsagePurpose::ContentCommitment];
    if wish.purpose == Purpose::SignAndEncrypt {
        params.key_usages.push(match wish.kind {
            KeyKind::P256 | KeyKind::P384 => KeyUsagePurpose::KeyAgreement,
            KeyKind::Rsa3072 | KeyKind::Rsa4096 => KeyUsagePurpose::KeyEncipherment,
        });
    }
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::EmailProtection];
    Ok(params)
}

/// RFC 5280 appendix A: ub-common-name and ub-organization-name are 64.
fn named(text: &str) -> Result<&str, CadesError> {
    let fits = !text.trim().is_empty() && text.chars().count() <= 64;
    if fits && !text.chars().any(char::is_control) { Ok(text) } else { Err(CadesError::Name) }
}
