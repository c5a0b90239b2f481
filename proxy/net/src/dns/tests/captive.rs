//! Networks on which the resolver says what the network wants.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::*;

const PORTAL: Say = Say::Address([10, 0, 0, 1]);

#[tokio::test]
async fn a_network_that_wants_a_login_is_told_from_a_resolver_that_knows_no_better() {
    let portal = Fake::start(|_| PORTAL).await;
    let picky = Fake::start(|query| match query.kind {
        Rtype::A => PORTAL,
        Rtype::TXT => Say::Empty(Rcode::NOTIMP),
        _ => Say::Empty(Rcode::SERVFAIL),
    });
    // It sells names that are not there, and leaves out signatures.
    let seller = Fake::start(|query| match query.name.ends_with("arpa") {
        true => PORTAL,
        false => Say::Stripped,
    });
    for (fake, trouble) in [
        (portal, Trouble::Captive),
        (picky.await, Trouble::Captive),
        (seller.await, Trouble::Stripped),
    ] {
        let resolver = resolver_at(fake, &World::get().anchor);
        assert_eq!(resolver.probe().await, Err(trouble));
        assert_eq!(resolver.txt(&name("test")).await, Err(trouble));
        assert_eq!(resolver.tlsa(25, &name("mx.test")).await.map(drop), Err(trouble));
    }
}

#[tokio::test]
async fn the_same_address_may_be_another_resolver_on_the_next_network() {
    let moved = Arc::new(AtomicBool::new(false));
    let there = Arc::clone(&moved);
    let fake = Fake::start(move |_| match there.load(Ordering::SeqCst) {
        true => PORTAL,
        false => Say::Truth,
    });
    let resolver = resolver_at(fake.await, &World::get().anchor);
    let at = name("changed.test");
    assert_eq!(resolver.txt(&at).await.unwrap().security, Bogus);
    resolver.probe().await.unwrap();
    moved.store(true, Ordering::SeqCst);
    assert_eq!(resolver.txt(&at).await, Err(Trouble::Captive));
    moved.store(false, Ordering::SeqCst);
    assert_eq!(resolver.txt(&name("test")).await.unwrap().security, Secure);
}
