//! What an issuer sends back, of any bytes: certificates, or an error; and what it says of revocation.

#![no_main]

use identity::{Identity, Pending, Place};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|file: &[u8]| {
    let now: jiff::Timestamp = "2026-11-23T10:00:00Z".parse().expect("a time");
    let account = mail::Address::parse("arts@zorg.test").expect("an address");
    let Ok(chain) = identity::certificates(file) else {
        return;
    };
    assert!(!chain.is_empty());
    let pending: Vec<Pending> = chain
        .iter()
        .filter_map(|one| cades::public_key(one))
        .map(|key| Pending {
            id: identity::key_id(&key),
            account: account.clone(),
            request: Vec::new(),
            created_at: now,
        })
        .collect();
    if let Ok(found) = identity::answered(file, &pending) {
        assert!(chain.contains(&found.chain[0]));
    }
    let identity = Identity {
        id: "a".to_owned(),
        account,
        chain,
        place: Place::Software,
        revoked: None,
        created_at: now,
    };
    let _ = identity::status(&identity, file, &[], now);
    let _ = identity::cards(&[identity], now);
});
