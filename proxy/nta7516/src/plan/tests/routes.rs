//! Which of the account's routes is taken.

use proptest::prelude::*;

use super::*;

#[test]
fn the_first_route_that_gives_enough_is_taken() {
    let own = sender(claim(RECORD));
    let with = |routes: &[Offer]| plan(&own, &good(), routes, now());
    let route = |decision: Decision| match decision {
        Decision::Handover { route, .. } => Some(route),
        _ => None,
    };
    let unnamed = Offer::of(Route::Provider);
    let mut bogus = provider_route();
    bogus.supplier.as_mut().unwrap().claim = Ok(Seen::new(Security::Bogus, SupplierClaim::None));
    let mut other = provider_route();
    other.supplier.as_mut().unwrap().mark = mark("ander");
    let (gateway, direct) = (Offer::of(Route::Gateway), Offer::of(Route::Direct));

    assert_eq!(route(with(&[provider_route(), direct.clone()])), Some(Route::Provider));
    assert_eq!(route(with(&[direct.clone(), provider_route()])), Some(Route::Direct));
    assert_eq!(route(with(&[unnamed.clone(), direct.clone()])), Some(Route::Direct));
    assert_eq!(route(with(&[bogus.clone(), direct])), Some(Route::Direct));
    for (routes, expected) in [
        (vec![], ("another way", "R-SEND-8")),
        (vec![gateway.clone()], ("another way", "R-SEND-8")),
        (vec![gateway.clone(), provider_route()], ("another way", "R-SEND-8")),
        (vec![unnamed.clone()], ("another way", "R-SEND-10")),
        (vec![other, gateway.clone()], ("another way", "R-SEND-10")),
        (vec![bogus, gateway.clone()], ("refuse", "R-SEND-10")),
    ] {
        assert_eq!(kind(&with(&routes)), expected, "{routes:?}");
    }
    for (routes, by) in
        [(vec![unnamed.clone()], None), (vec![unnamed, gateway], Some(Route::Gateway))]
    {
        let Decision::AnotherWay { by: found, .. } = with(&routes) else { panic!("{routes:?}") };
        assert_eq!(found, by);
    }
}

#[test]
fn a_handover_by_the_provider_names_no_hosts() {
    let decision = plan(&sender(claim(RECORD)), &good(), &[provider_route()], now());
    assert!(targets(&decision).is_empty());
}

#[test]
fn who_got_no_proof_has_the_gateway_left_and_nothing_else() {
    let (direct, provider, gateway) = (Route::Direct, Route::Provider, Route::Gateway);
    for step in [Step::Host, Step::AnnexC, Step::AnnexB] {
        assert_eq!(left_without_proof(step, &[direct, provider, gateway]), Some(gateway));
        assert_eq!(left_without_proof(step, &[direct, provider]), None);
        assert_eq!(left_without_proof(step, &[]), None);
    }
    for step in
        [Step::Claimed, Step::Valid, Step::Trusted, Step::HandOver, Step::Own, Step::Supplier]
    {
        assert_eq!(left_without_proof(step, &[direct, gateway]), None, "{step:?}");
    }
}

fn left(kind: Kind) -> LeftOut {
    let host = domain("mx1.zorg.example");
    let cause = Cause::NoAddress(host.clone());
    LeftOut { host, kind, step: Step::Host, reason: Reason::new(cause) }
}

proptest! {
    #[test]
    fn a_host_that_was_left_out_and_may_do_later_or_is_bogus_rules_out_the_gateway(
        kinds in prop::collection::vec(
            prop::sample::select(vec![Kind::Later, Kind::Refuse, Kind::AnotherWay]), 0..5,
        ),
        gateway in any::<bool>(),
    ) {
        let routes = [Route::Direct, Route::Gateway];
        let routes = if gateway { &routes[..] } else { &routes[..1] };
        let hosts: Vec<LeftOut> = kinds.iter().copied().map(left).collect();
        let first = |kind: Kind| hosts.iter().find(|host| host.kind == kind);
        let expected = match (first(Kind::Later), first(Kind::Refuse)) {
            (Some(host), _) => Unproved::Later(host),
            (None, Some(host)) => Unproved::Refuse(host),
            (None, None) => Unproved::AnotherWay(gateway.then_some(Route::Gateway)),
        };
        prop_assert_eq!(without_proof(Step::AnnexC, &hosts, routes), expected);
    }
}

#[test]
fn the_plan_keeps_what_each_host_that_it_left_out_would_have_meant() {
    let mut bogus = host("mx1.zorg.example", 10, vec![]);
    bogus.tlsa = Ok(Seen::new(Security::Bogus, vec![tlsa(3)]));
    let mut silent = host("mx2.zorg.example", 20, vec![]);
    silent.tlsa = Err(Trouble::Timeout);
    let mut homeless = host("mx3.zorg.example", 30, vec![]);
    homeless.addresses.clear();
    let good = host("mx4.zorg.example", 40, vec![tlsa(3)]);
    let decision = decide(&recipient(RECORD, vec![bogus, silent, homeless, good]));
    let Decision::Handover { left_out, .. } = decision else { panic!("one host is left") };
    let kinds: Vec<Kind> = left_out.iter().map(|host| host.kind).collect();
    assert_eq!(kinds, [Kind::Refuse, Kind::Later, Kind::AnotherWay]);
}
