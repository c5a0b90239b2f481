//! What the validator remembers is never believed longer than it is true.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::zones::brief;
use super::*;

#[tokio::test]
async fn the_keys_of_a_zone_are_asked_for_once_and_again_after_a_day() {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let fake = Fake::start(move |query| {
        if query.kind == Rtype::DNSKEY {
            count.fetch_add(1, Ordering::SeqCst);
        }
        Say::Truth
    });
    let resolver = resolver_at(fake.await, &World::get().anchor);
    let keys = async || {
        let before = asked.load(Ordering::SeqCst);
        let seen = resolver.txt(&name("n3.test")).await.unwrap();
        assert_eq!(seen.security, Secure);
        asked.load(Ordering::SeqCst) - before
    };
    assert_eq!(keys().await, 3, "of the root, of test and of n3.test");
    assert_eq!(keys().await, 0);
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(86_400)).await;
    tokio::time::resume();
    assert_eq!(keys().await, 3);
}

#[tokio::test]
async fn one_forged_denial_of_a_zone_s_key_does_not_last() {
    // Kept as long as its TTL says, it would make the zone bogus for hours.
    let forged = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&forged);
    let fake = Fake::start(move |query| {
        let first = query.kind == Rtype::DS && query.name.eq_ignore_ascii_case("n3.test");
        match first && count.fetch_add(1, Ordering::SeqCst) == 0 {
            true => Say::ForeignDenial(Rcode::NOERROR),
            false => Say::Truth,
        }
    });
    let resolver = resolver_at(fake.await, &World::get().anchor);
    let at = name("n3.test");
    assert_eq!(resolver.txt(&at).await.unwrap().security, Bogus);
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(6)).await;
    tokio::time::resume();
    assert_eq!(resolver.txt(&at).await.unwrap().security, Secure);
    assert_eq!(forged.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_signature_that_held_is_not_believed_after_its_end() {
    let mut why = None;
    // A slow machine may get no answer while the shortest one lasts.
    for seconds in [8, 30, 120] {
        let world = brief(seconds);
        let resolver = resolver_at(world.server, &world.anchor);
        let seen = resolver.txt(&name("brief")).await.unwrap();
        if seen.security == Secure {
            return until_its_end(&resolver, seconds).await;
        }
        why = seen.why;
    }
    panic!("never believed: {why:?}");
}

async fn until_its_end(resolver: &Resolver, seconds: u32) {
    let within = Duration::from_secs(u64::from(seconds) + 12);
    let started = std::time::Instant::now();
    let mut tick = tokio::time::interval(Duration::from_millis(200));
    loop {
        tick.tick().await;
        let seen = resolver.txt(&name("brief")).await.unwrap();
        if seen.security == Bogus {
            break;
        }
        assert_eq!(seen.security, Secure);
        assert!(started.elapsed() < within, "still believed");
    }
}
