//! The keyring over the Credential Manager of Windows.
//!
//! Ignored unless asked for: it writes an entry of its own into the keyring of the user who runs it,
//! and takes it away.
#![cfg(windows)]
#![allow(clippy::unwrap_used, missing_docs)]

use keyring::{Keyring, KeyringError, SystemKeyring};
use secrecy::ExposeSecret;

fn name(test: &str) -> String {
    format!("test/{}/{test}", std::process::id())
}

#[test]
#[ignore = "writes into this user's Credential Manager"]
fn a_secret_is_kept_replaced_and_forgotten() {
    let (keyring, name) = (SystemKeyring::new(), name("kept"));
    assert!(matches!(keyring.get(&name), Err(KeyringError::NoEntry)));
    keyring.set(&name, b"first").unwrap();
    keyring.set(&name, b"second\0with a zero").unwrap();
    let other = SystemKeyring::new();
    assert_eq!(other.get(&name).unwrap().expose_secret(), b"second\0with a zero");
    keyring.delete(&name).unwrap();
    assert!(matches!(other.get(&name), Err(KeyringError::NoEntry)));
    assert!(matches!(other.delete(&name), Err(KeyringError::NoEntry)));
}

#[test]
#[ignore = "writes into this user's Credential Manager"]
fn a_key_of_4096_bits_fits_and_what_does_not_is_refused_with_the_limit() {
    let (keyring, name) = (SystemKeyring::new(), name("long"));
    // A PKCS#8 RSA key of 4,096 bits is 2,375 bytes at most.
    let key: Vec<u8> = (0..2_400_u32).map(|n| u8::try_from(n % 251).unwrap()).collect();
    keyring.set(&name, &key).unwrap();
    assert_eq!(keyring.get(&name).unwrap().expose_secret(), key);
    let refused = keyring.set(&name, &[7; 2_561]);
    assert!(matches!(refused, Err(KeyringError::TooLong { limit: 2_560 })), "{refused:?}");
    assert_eq!(keyring.get(&name).unwrap().expose_secret(), key, "the older one stands");
    keyring.delete(&name).unwrap();
}
