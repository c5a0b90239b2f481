//! Which of the account's routes is taken.

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
