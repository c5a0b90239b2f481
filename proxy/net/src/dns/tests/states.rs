//! States that take more than one zone, and forgeries by a resolver that lies.

use super::*;

#[tokio::test]
async fn opt_out_islands_and_unknown_algorithms_are_insecure_and_not_bogus() {
    let resolver = resolver();
    for (at, state, answer) in [
        ("optout.test", Secure, vec!["opt-out itself"]),
        ("plain.optout.test", Insecure, vec!["below opt-out"]),
        ("nobody.plain.optout.test", Insecure, vec![]),
        // RFC 5155 section 12.2: under opt-out nobody can prove that a name is not there.
        ("nobody.optout.test", Insecure, vec![]),
        ("island.test", Insecure, vec!["island"]),
        ("nobody.island.test", Insecure, vec![]),
        ("toisland.test", Insecure, vec!["island"]),
        ("unknown.test", Insecure, vec!["by an algorithm of tomorrow"]),
    ] {
        let seen = resolver.txt(&name(at)).await.unwrap();
        assert_eq!(seen.security, state, "{at}: {:?}", seen.why);
        assert_eq!(texts(&seen.value), answer, "{at}");
    }
}

#[tokio::test]
async fn what_a_wildcard_or_a_redirection_gives_is_as_good_as_its_weakest_part() {
    let resolver = resolver();
    for (at, state, answer) in [
        ("wild.test", Secure, vec![]), // a name with others below it, and no record
        ("wild.n3.test", Secure, vec![]), // the same, by NSEC3
        ("x.cwild.test", Secure, vec!["in the zone itself"]),
        ("a.moved.test", Secure, vec!["by wildcard"]),
        ("tobogus.test", Bogus, vec!["replaced"]),
    ] {
        let seen = resolver.txt(&name(at)).await.unwrap();
        assert_eq!(seen.security, state, "{at}: {:?}", seen.why);
        assert_eq!(texts(&seen.value), answer, "{at}");
    }
    // The wildcard has no such records, and that is proved.
    for at in ["a.wild.test", "a.wild.n3.test"] {
        let seen = resolver.tlsa(25, &name(at)).await.unwrap();
        assert_eq!((seen.security, seen.value.len()), (Secure, 0), "{at}: {:?}", seen.why);
    }
    let seen = resolver.mx(&name("a.wild.n3.test")).await.unwrap();
    assert_eq!((seen.security, seen.value), (Secure, MxAnswer::None));
    let circle = resolver.txt(&name("loop.test")).await;
    assert!(circle.is_err() || circle.unwrap().security == Bogus);
}

#[tokio::test]
async fn a_denial_of_another_name_denies_nothing() {
    for (denied, kind) in
        [("mx.test", Rtype::MX), ("nobody.test", Rtype::TLSA), ("mx.n3.test", Rtype::TLSA)]
    {
        let fake = Fake::start(move |query| match query.kind {
            Rtype::TLSA => Say::DenialOf(denied, kind),
            _ => Say::Truth,
        });
        let resolver = resolver_at(fake.await, &World::get().anchor);
        let seen = resolver.tlsa(25, &name("mx.test")).await.unwrap();
        assert_eq!(seen.security, Bogus, "{denied}");
    }
}

#[tokio::test]
async fn that_the_resolver_vouches_for_an_answer_proves_nothing() {
    let forged = |reply: &mut [u8]| {
        fake::replace(reply, &[0xab; 32], &[0xcd; 32]);
        reply[3] |= 0x20; // AD
    };
    let fake = Fake::start(move |query| match query.kind {
        Rtype::TLSA => Say::Changed(forged),
        _ => Say::Truth,
    });
    let resolver = resolver_at(fake.await, &World::get().anchor);
    let seen = resolver.tlsa(25, &name("mx.test")).await.unwrap();
    assert_eq!(seen.security, Bogus);

    // Where it leaves the signatures out of one answer only, it is no resolver that knows no better.
    let fake = Fake::start(|query| match query.kind {
        Rtype::TLSA => Say::Stripped,
        _ => Say::Truth,
    });
    let resolver = resolver_at(fake.await, &World::get().anchor);
    let seen = resolver.tlsa(25, &name("mx.test")).await.unwrap();
    assert_eq!(seen.security, Bogus);
}
