mod captive;
mod fake;
mod forged;
mod kept;
mod states;
mod tls;
mod zones;

use domain::base::iana::Rcode;
use nta7516::facts::Security::{Bogus, Insecure, Secure};

use super::*;
use anchors::IANA as IANA_ANCHORS;
use fake::{Fake, Say};
use zones::World;

fn resolver_at(address: SocketAddr, trust_anchor: &str) -> Resolver {
    Resolver::new(Settings {
        resolver: Upstream::Address(address),
        trust_anchor: Some(trust_anchor.to_owned()),
        // What is asked is counted: on a slow machine nothing is asked twice.
        timeout: Duration::from_secs(60),
    })
    .unwrap()
}

fn resolver() -> Resolver {
    let world = World::get();
    resolver_at(world.server, &world.anchor)
}

fn name(name: &str) -> Domain {
    Domain::parse(name).unwrap()
}

fn texts(txt: &[Txt]) -> Vec<String> {
    let text = |txt: &Txt| String::from_utf8(txt.data.clone()).unwrap();
    txt.iter().map(text).collect()
}

#[tokio::test]
async fn tells_the_state_of_every_kind_of_answer() {
    let resolver = resolver();
    for (at, state, answer) in [
        ("test", Secure, vec!["in the zone itself"]),
        ("a.wild.test", Secure, vec!["by wildcard"]),
        ("deep.b.wild.test", Secure, vec!["by wildcard"]),
        ("mx.test", Secure, vec![]),     // NODATA
        ("nobody.test", Secure, vec![]), // NXDOMAIN
        ("n3.test", Secure, vec!["by nsec3"]),
        ("a.wild.n3.test", Secure, vec!["by nsec3 wildcard"]),
        ("mx.n3.test", Secure, vec![]),     // NODATA
        ("nobody.n3.test", Secure, vec![]), // NXDOMAIN
        ("plain.test", Insecure, vec!["unsigned"]),
        ("nobody.plain.test", Insecure, vec![]),
        ("alias.test", Secure, vec!["in the zone itself"]),
        ("into.test", Secure, vec!["by nsec3"]),
        ("out.test", Insecure, vec!["unsigned"]),
        ("back.plain.test", Insecure, vec!["in the zone itself"]),
    ] {
        let seen = resolver.txt(&name(at)).await.unwrap();
        assert_eq!(seen.security, state, "{at}: {:?}", seen.why);
        assert_eq!(texts(&seen.value), answer, "{at}");
    }
    for at in ["changed.test", "expired.test", "wrongds.test"] {
        let seen = resolver.txt(&name(at)).await.unwrap();
        assert_eq!(seen.security, Bogus, "{at}");
    }
}

#[tokio::test]
async fn takes_the_root_anchor_as_ds_or_as_dnskey_and_with_comments() {
    let world = World::get();
    for anchor in [
        world.anchor.clone(),
        world.anchor_ds.clone(),
        format!("; the keys\n\n{} ; one", world.anchor_ds.trim_end()),
    ] {
        let seen = resolver_at(world.server, &anchor).txt(&name("test")).await;
        assert_eq!(seen.unwrap().security, Secure, "{anchor}");
    }
    let other = resolver_at(world.server, IANA_ANCHORS);
    let seen = other.txt(&name("test")).await.unwrap();
    assert_eq!(seen.security, Bogus);
}

#[test]
fn refuses_a_trust_anchor_that_cannot_be_read() {
    for anchor in ["", "; nothing", "certainly no anchor", ". IN A 127.0.0.1"] {
        let settings = Settings { trust_anchor: Some(anchor.to_owned()), ..Settings::default() };
        let error = Resolver::new(settings).unwrap_err();
        assert!(matches!(error, DnsError::TrustAnchor(_)), "{anchor}");
    }
    Resolver::new(Settings::default()).unwrap();
}

#[tokio::test]
async fn reads_mail_hosts_null_mx_and_their_absence() {
    let resolver = resolver();
    let hosts = |hosts: &[(u16, &str)]| {
        let hosts = hosts.iter().map(|(preference, host)| (*preference, name(host)));
        MxAnswer::Hosts(hosts.collect())
    };
    for (at, answer) in [
        ("test", hosts(&[(10, "mx.test"), (20, "mx.n3.test")])),
        ("a.wild.test", hosts(&[(5, "mx.test")])),
        ("nomail.test", MxAnswer::Null),
        ("mx.test", MxAnswer::None),
    ] {
        let seen = resolver.mx(&name(at)).await.unwrap();
        assert_eq!(seen.security, Secure, "{at}");
        let mut value = seen.value;
        if let MxAnswer::Hosts(hosts) = &mut value {
            hosts.sort();
        }
        assert_eq!(value, answer, "{at}");
    }
}

#[tokio::test]
async fn addresses_tell_the_end_of_a_secure_chain_only() {
    let resolver = resolver();
    for (at, state, ips, base) in [
        ("mx.test", Secure, vec!["127.0.0.1", "::1"], "mx.test"),
        ("mxalias.test", Secure, vec!["127.0.0.1", "::1"], "mx.test"),
        ("mxinto.test", Secure, vec!["127.0.0.3"], "mx.n3.test"),
        ("mxout.test", Insecure, vec!["127.0.0.2"], "mxout.test"),
        ("nobody.test", Secure, vec![], "nobody.test"),
    ] {
        let seen = resolver.addresses(&name(at)).await.unwrap();
        let found: Vec<String> = seen.value.ips.iter().map(ToString::to_string).collect();
        assert_eq!(
            (seen.security, found),
            (state, ips.iter().map(ToString::to_string).collect()),
            "{at}"
        );
        assert_eq!(seen.value.base, name(base), "{at}");
    }
}

#[tokio::test]
async fn reads_tlsa_records_and_proves_that_there_are_none() {
    let resolver = resolver();
    let seen = resolver.tlsa(25, &name("mx.test")).await.unwrap();
    assert_eq!(seen.security, Secure);
    let [one] = &seen.value[..] else {
        panic!("one record expected");
    };
    assert_eq!((one.usage, one.selector, one.matching), (3, 1, 1));
    assert_eq!(one.data, [0xab; 32]);
    let none = resolver.tlsa(25, &name("mx.n3.test")).await.unwrap();
    assert_eq!((none.security, none.value.len()), (Secure, 0));
}

#[tokio::test]
async fn an_answer_too_long_for_udp_comes_over_tcp() {
    let seen = resolver().txt(&name("long.test")).await.unwrap();
    assert_eq!((seen.security, seen.value.len()), (Secure, 12));
}

#[tokio::test]
async fn the_ttl_is_the_one_that_was_signed() {
    // A resolver counts the TTL down; 3,600 s were signed.
    let fake = Fake::start(|query| match query.kind {
        Rtype::TXT => Say::Changed(|reply| {
            let counted_down = [0, 16, 0, 1, 0, 0, 0, 60];
            let signed = [0, 16, 0, 1, 0, 0, 0x0e, 0x10];
            fake::replace(reply, &signed, &counted_down)
        }),
        _ => Say::Truth,
    });
    let resolver = resolver_at(fake.await, &World::get().anchor);
    let signed = resolver.txt(&name("test")).await.unwrap();
    assert_eq!((signed.security, signed.value[0].ttl), (Secure, 3_600));
    let unsigned = resolver.txt(&name("plain.test")).await.unwrap();
    assert_eq!((unsigned.security, unsigned.value[0].ttl), (Insecure, 60));
}

#[tokio::test]
async fn a_forged_denial_is_bogus_and_never_no_tlsa() {
    for forgery in [
        Say::ForeignDenial(Rcode::NOERROR),
        Say::ForeignDenial(Rcode::NXDOMAIN),
        Say::Empty(Rcode::NOERROR),
        Say::Empty(Rcode::NXDOMAIN),
    ] {
        let fake = Fake::start(move |query| match query.kind {
            Rtype::TLSA => forgery,
            _ => Say::Truth,
        });
        let resolver = resolver_at(fake.await, &World::get().anchor);
        let seen = resolver.tlsa(25, &name("mx.test")).await.unwrap();
        assert_eq!(seen.security, Bogus, "{forgery:?}");
        let true_denial = resolver.mx(&name("mx.test")).await.unwrap();
        assert_eq!(true_denial.security, Secure);
    }
}

#[tokio::test]
async fn a_resolver_that_removes_signatures_is_told_as_such() {
    let fake = Fake::start(|_| Say::Stripped).await;
    let resolver = resolver_at(fake, &World::get().anchor);
    assert_eq!(resolver.probe().await, Err(Trouble::Stripped));
    for at in ["test", "plain.test"] {
        let seen = resolver.txt(&name(at)).await;
        assert_eq!(seen, Err(Trouble::Stripped), "{at}");
    }
    self::resolver().probe().await.unwrap();
}

#[tokio::test]
async fn failure_and_refusal_are_trouble_and_no_verdict() {
    for (rcode, trouble) in [
        (Rcode::SERVFAIL, Trouble::ServFail),
        (Rcode::REFUSED, Trouble::Refused),
        (Rcode::FORMERR, Trouble::Refused),
    ] {
        let fake = Fake::start(move |_| Say::Empty(rcode)).await;
        let resolver = resolver_at(fake, &World::get().anchor);
        assert_eq!(resolver.txt(&name("test")).await, Err(trouble));
        assert_eq!(resolver.probe().await, Err(trouble));
    }
}

#[tokio::test]
async fn keys_that_cannot_be_had_are_trouble_and_not_bogus() {
    for kind in [Rtype::DNSKEY, Rtype::DS] {
        let fake = Fake::start(move |query| match query.kind == kind {
            true => Say::Empty(Rcode::SERVFAIL),
            false => Say::Truth,
        });
        let resolver = resolver_at(fake.await, &World::get().anchor);
        let seen = resolver.txt(&name("test")).await;
        assert_eq!(seen, Err(Trouble::ServFail), "{kind}");
    }
}

#[tokio::test]
async fn a_zone_whose_servers_fail_excuses_no_forgery_in_another() {
    let fake = Fake::start(move |query| {
        let lame = query.name.eq_ignore_ascii_case("n3.test") && query.kind == Rtype::DNSKEY;
        if lame { Say::Empty(Rcode::SERVFAIL) } else { Say::Truth }
    });
    let resolver = resolver_at(fake.await, &World::get().anchor);
    assert_eq!(resolver.txt(&name("n3.test")).await, Err(Trouble::ServFail));
    for forged in ["changed.test", "expired.test", "wrongds.test", "tobogus.test"] {
        let seen = resolver.txt(&name(forged)).await.unwrap();
        assert_eq!(seen.security, Bogus, "{forged}");
    }
    // It stays its own excuse, also where an alias leads into it, and below it.
    for lame in ["n3.test", "into.test", "a.wild.n3.test"] {
        assert_eq!(resolver.txt(&name(lame)).await, Err(Trouble::ServFail), "{lame}");
    }
    assert_eq!(resolver.txt(&name("test")).await.unwrap().security, Secure);
}

#[tokio::test(start_paused = true)]
async fn a_resolver_that_never_answers_is_a_timeout() {
    let silent = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let resolver = resolver_at(silent.local_addr().unwrap(), IANA_ANCHORS);
    assert_eq!(resolver.txt(&name("test")).await, Err(Trouble::Timeout));
    assert_eq!(resolver.probe().await, Err(Trouble::Timeout));
}

#[tokio::test]
async fn a_resolver_to_which_there_is_no_way_cannot_be_reached() {
    // The system refuses to send there.
    let resolver = resolver_at("255.255.255.255:53".parse().unwrap(), IANA_ANCHORS);
    assert_eq!(resolver.txt(&name("test")).await, Err(Trouble::Unreachable));
}

#[tokio::test]
async fn an_alias_is_as_secure_as_the_zone_that_it_stands_in_wherever_it_leads() {
    let resolver = resolver();
    let states = [("into.test", Secure), ("out.test", Secure), ("back.plain.test", Insecure)];
    for (at, state) in states {
        assert_eq!(resolver.alias(&name(at)).await.unwrap().security, state, "{at}");
    }
}
