use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cades::{CadesError, KeyKind, SoftwareKey};

use super::{address, at};
use crate::{IdentityError, read};

#[test]
fn a_certificate_whose_issuer_no_signature_can_name_is_refused_with_its_file() {
    let (own, now) = (address("arts@zorg.test"), at("2026-11-23T10:00:00Z"));
    let made = cades::create_identity(KeyKind::P256, &own, "Arts", now, 1).unwrap();
    let file = |certificate: &[u8]| {
        let block = |label: &str, der: &[u8]| {
            let text = STANDARD.encode(der);
            format!("-----BEGIN {label}-----\n{text}\n-----END {label}-----\n")
        };
        block("PRIVATE KEY", &made.pkcs8) + &block("CERTIFICATE", certificate)
    };
    let taken = |certificate: &[u8]| read(file(certificate).as_bytes(), None, &own, now);
    assert!(taken(&made.chain[0]).is_ok());
    // The first commonName is the issuer's: what stands in it now is no DER.
    let mut odd = made.chain[0].clone();
    let place = odd.windows(3).position(|three| three == [0x55, 4, 3]).unwrap();
    odd[place..place + 5].copy_from_slice(&[0x55, 0xfc, 0xfc, 0xf3, 0xf1]);
    let refused = CadesError::Certificate { place: 0 };
    assert_eq!(SoftwareKey::new(&made.pkcs8, vec![odd.clone()]).err(), Some(refused.clone()));
    assert_eq!(taken(&odd).err(), Some(IdentityError::Certificate(refused)));
}
