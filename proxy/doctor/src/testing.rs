//! What the tests of several modules need.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// A public key in the form of RFC 5280's `SubjectPublicKeyInfo`, in base64, with an RSA modulus of
/// this many bits that belongs to nobody.
pub(crate) fn rsa_key(bits: usize) -> String {
    let mut modulus = vec![0xa7; bits / 8];
    modulus.insert(0, 0);
    let key = der(0x30, &[der(0x02, &modulus), der(0x02, &[1, 0, 1])].concat());
    // rsaEncryption, NULL (RFC 3279 section 2.3.1).
    let algorithm = [0x30, 13, 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1, 5, 0];
    let bit_string = der(0x03, &[&[0], key.as_slice()].concat());
    STANDARD.encode(der(0x30, &[&algorithm[..], &bit_string].concat()))
}

fn der(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len()).unwrap().to_be_bytes();
    let head = match content.len() {
        0..=127 => vec![tag, length[1]],
        128..=255 => vec![tag, 0x81, length[1]],
        _ => vec![tag, 0x82, length[0], length[1]],
    };
    [head.as_slice(), content].concat()
}
