use cades::ber::{Reader, SEQUENCE, Steps};
use paths::Verified;
use x509_parser::prelude::{FromDer, X509Certificate};

/// The certificate and those above it, as far as they are at hand and no root: issuer for issuer, each
/// with a signature that holds. Whoever gets mail must have the root from elsewhere, and needs what is
/// between (RFC 8551 section 2.3).
pub(crate) fn chain(leaf: Vec<u8>, others: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let mut chain = vec![leaf];
    while chain.len() < CHAIN_MOST {
        let Some(issuer) = chain.last().and_then(|last| issuer_of(last, others)) else {
            break;
        };
        if chain.contains(issuer) {
            break;
        }
        chain.push(issuer.clone());
    }
    chain
}

fn issuer_of<'a>(der: &[u8], others: &'a [Vec<u8>]) -> Option<&'a Vec<u8>> {
    let (_, certificate) = X509Certificate::from_der(der).ok()?;
    let above = |other: &&Vec<u8>| {
        let Ok((_, issuer)) = X509Certificate::from_der(other) else {
            return false;
        };
        let root = issuer.issuer().as_raw() == issuer.subject().as_raw();
        !root
            && paths::same_name(issuer.subject().as_raw(), certificate.issuer().as_raw())
            && signed_with(der, issuer.public_key().raw).unwrap_or(false)
    };
    others.iter().find(above)
}

/// Whether the certificate (RFC 5280 section 4.1) is signed with this key. A weak signature is for
/// recipients to judge.
fn signed_with(certificate: &[u8], key: &[u8]) -> Option<bool> {
    let steps = Steps::new();
    let mut parts = Reader::new(certificate, &steps).take(SEQUENCE).ok()?.inside().ok()?;
    let signed = parts.take(SEQUENCE).ok()?.raw;
    let algorithm = parts.take(SEQUENCE).ok()?.raw;
    let signature = parts.take(BIT_STRING).ok()?.content.strip_prefix(&[0])?;
    let verified = paths::verify(key, algorithm, signed, signature);
    Some(matches!(verified, Verified::Good | Verified::Weak(_)))
}

const BIT_STRING: u8 = 0x03;
/// Below a root there are one or two in practice, and ten are more than verifiers walk.
const CHAIN_MOST: usize = 10;
