//! What the tests of this room share: certificates as issuers make them, without waiting for a clock.

use cades::KeyKind;
use jiff::Timestamp;
use mail::Address;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, SanType};

use crate::kept::{Identity, Place};

mod files;
mod odd;
mod requests;
mod revoked;

pub(crate) fn address(text: &str) -> Address {
    Address::parse(text).unwrap()
}

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// An identity of the account praktijk@zorg.test.
pub(crate) fn identity(id: &str, chain: Vec<Vec<u8>>) -> Identity {
    Identity {
        id: id.to_owned(),
        account: address("praktijk@zorg.test"),
        chain,
        place: Place::Software,
        revoked: None,
        created_at: at("2026-01-01T00:00:00Z"),
    }
}

/// A certificate for an address, from one day to another, of an issuer that nobody knows.
pub(crate) fn issued(address: &str, from: &str, until: &str) -> Vec<Vec<u8>> {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, "Uitgever");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let (issuer, key) = (params, KeyPair::generate().unwrap());
    let issuer = Issuer::from_params(&issuer, &key);
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, "Arts");
    params.subject_alt_names = vec![SanType::Rfc822Name(address.try_into().unwrap())];
    let day = |text: &str| {
        let mut numbers = text.split('-').map(|number| number.parse::<i32>().unwrap());
        let mut next = || numbers.next().unwrap();
        let (year, month, day) = (next(), next() as u8, next() as u8);
        rcgen::date_time_ymd(year, month, day)
    };
    (params.not_before, params.not_after) = (day(from), day(until));
    let own = KeyPair::generate().unwrap();
    vec![params.signed_by(&own, &issuer).unwrap().der().to_vec()]
}

/// A certificate for trying out, of two years.
pub(crate) fn trial(text: &str, now: Timestamp) -> Vec<u8> {
    cades::create_identity(KeyKind::P256, &address(text), "Arts", now, 2).unwrap().chain.remove(0)
}
