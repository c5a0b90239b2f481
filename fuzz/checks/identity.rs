//! What holds whatever bytes come as an identity or as an issuer's answer: they end in a key with its
//! certificates, in certificates, or in an error that a person can read.

use cades::SoftwareKey;
use identity::{
    Identity, Pending, Place, answered, cards, certificates, key_id, read_within, status,
};
use jiff::Timestamp;
use mail::Address;

fn now() -> Timestamp {
    "2026-11-23T10:00:00Z".parse().expect("a time")
}

fn account() -> Address {
    Address::parse("arts@zorg.test").expect("an address")
}

/// A file of identities: .p12, .pfx, PEM.
pub(crate) fn file(bytes: &[u8]) {
    // Few rounds: hashing is not what is looked for.
    for password in [None, Some("wachtwoord")] {
        match read_within(bytes, password, &account(), now(), 5_000) {
            Ok(new) => assert!(SoftwareKey::new(&new.pkcs8, new.chain).is_ok()),
            Err(error) => assert!(!error.nl().is_empty() && !error.en().is_empty()),
        }
    }
}

/// What an issuer sends: certificates, and what it says of them.
pub(crate) fn answer(bytes: &[u8]) {
    let chain = match certificates(bytes) {
        Ok(chain) => chain,
        Err(error) => return assert!(!error.nl().is_empty() && !error.en().is_empty()),
    };
    assert!(!chain.is_empty());
    let keys = chain.iter().filter_map(|one| cades::public_key(one));
    let pending: Vec<Pending> = keys
        .map(|key| Pending {
            id: key_id(&key),
            account: account(),
            request: Vec::new(),
            created_at: now(),
        })
        .collect();
    if let Ok(found) = answered(bytes, &pending) {
        assert!(chain.contains(&found.chain[0]));
    }
    let identity = Identity {
        id: "a".to_owned(),
        account: account(),
        chain,
        place: Place::Software,
        revoked: None,
        created_at: now(),
    };
    let _ = status(&identity, bytes, &[], now());
    let _ = cards(&[identity], now());
}
