//! The code over a file: with it a wrong password is told from a damaged file.

use aws_lc_rs::hmac;
use cades::ber::{Element, INTEGER, SEQUENCE};

use super::algorithm::{Algorithm, PBMAC1, hmac_of};
use super::derive::{For, Pbkdf2, Pkcs12};
use super::{Password, Work, number, octets};
use crate::error::IdentityError;

/// Checks MacData (RFC 7292 section 4; RFC 9579 for PBMAC1) over the content as it came. The password
/// in the form with which it held.
pub(super) fn check(
    mac: Element<'_>,
    content: &[u8],
    password: &Password,
    work: &Work,
) -> Result<Password, IdentityError> {
    let mut mac = mac.inside()?;
    let mut code = mac.take(SEQUENCE)?.inside()?;
    let algorithm = Algorithm::read(code.take(SEQUENCE)?)?;
    let code = octets(code.any()?)?;
    let salt = octets(mac.any()?)?;
    // The default is one round, which is not advised and was written once.
    let rounds = mac.optional(INTEGER)?.map_or(Ok(1), number)?;
    if algorithm.oid == PBMAC1 {
        return pbmac1(&algorithm, content, &code, password, work);
    }
    let hash = algorithm.hash()?;
    let hmac = hmac_of(hash).ok_or_else(|| algorithm.unknown())?;
    let derivation = Pkcs12 { hash, salt: &salt, rounds };
    for form in password.wide() {
        let key = derivation.derive(form, For::Code, hash.output_len(), work)?;
        if hmac::verify(&hmac::Key::new(hmac, &key), content, &code).is_ok() {
            return Ok(password.with_wide(form));
        }
    }
    Err(IdentityError::Password)
}

/// RFC 9579: the key comes from PBKDF2, which must say how long it is.
fn pbmac1(
    algorithm: &Algorithm<'_>,
    content: &[u8],
    code: &[u8],
    password: &Password,
    work: &Work,
) -> Result<Password, IdentityError> {
    let mut params = algorithm.parameters()?.inside()?;
    let derivation = Pbkdf2::read(params.take(SEQUENCE)?)?;
    let hmac = Algorithm::read(params.take(SEQUENCE)?)?.hmac()?;
    let length = derivation.length.ok_or(IdentityError::Damaged)?;
    // Section 5: shorter keys are refused.
    if length < KEY_LEAST {
        return Err(IdentityError::Damaged);
    }
    for form in password.plain() {
        let key = derivation.derive(form, length, work)?;
        if hmac::verify(&hmac::Key::new(hmac, &key), content, code).is_ok() {
            return Ok(password.with_plain(form));
        }
    }
    Err(IdentityError::Password)
}

/// RFC 9579 section 5: "less than 20 octets".
const KEY_LEAST: usize = 20;
