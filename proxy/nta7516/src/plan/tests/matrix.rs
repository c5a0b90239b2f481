//! The scheme over the matrix of facts.

use mail::Address;
use proptest::prelude::*;

use super::*;

fn security() -> impl Strategy<Value = Security> {
    prop_oneof![
        4 => Just(Security::Secure),
        2 => Just(Security::Insecure),
        1 => Just(Security::Bogus),
        1 => Just(Security::Indeterminate),
    ]
}

fn seen<T: Clone + core::fmt::Debug>(
    value: impl Strategy<Value = T>,
) -> impl Strategy<Value = Result<Seen<T>, Trouble>> {
    let trouble = prop_oneof![Just(Trouble::Timeout), Just(Trouble::Stripped)];
    prop_oneof![
        9 => (security(), value).prop_map(|(security, value)| Ok(Seen::new(security, value))),
        1 => trouble.prop_map(Err),
    ]
}

fn claims() -> impl Strategy<Value = Claim> {
    prop_oneof![
        4 => Just(claim(RECORD)),
        3 => Just(claim(NTAMX)),
        1 => Just(claim(OLD)),
        1 => Just(claim("v=NTA7516-1;")),
        1 => Just(Claim::None),
    ]
}

fn any_tlsa() -> impl Strategy<Value = Tlsa> {
    let by_chance = (0..5_u8, 0..3_u8, 0..4_u8, prop_oneof![Just(0), Just(1), Just(32), Just(64)])
        .prop_map(|(usage, selector, matching, length)| Tlsa {
            usage,
            selector,
            matching,
            data: vec![1; length],
        });
    // Chance alone would hardly ever bring one that can be used.
    prop_oneof![2 => by_chance, 1 => (2..4_u8).prop_map(tlsa)]
}

fn any_host() -> impl Strategy<Value = HostFacts> {
    let name = prop_oneof![Just("a.nta.example"), Just("b.nta.example"), Just("mx.zorg.example")];
    let trouble = prop_oneof![5 => Just(None), 1 => Just(Some(Trouble::ServFail))];
    let tlsa = seen(proptest::collection::vec(any_tlsa(), 0..3));
    (name, 0..100_u16, 0..2_usize, security(), trouble, any::<bool>(), tlsa).prop_map(
        |(name, priority, addresses, address_security, address_trouble, base, tlsa)| HostFacts {
            host: domain(name),
            priority,
            addresses: vec!["192.0.2.1".parse().unwrap(); addresses],
            address_security,
            address_trouble,
            tlsa_base: base.then(|| domain("base.example")),
            tlsa,
        },
    )
}

pub(super) fn any_supplier() -> impl Strategy<Value = SupplierFacts> {
    let records = prop_oneof![
        3 => Just("version=NTA7516-1;startdate:2026-01;enddate:2026-12"),
        1 => Just("version=NTA7516-1;startdate:2020-01;enddate:2020-12"),
        1 => Just("version=NTA7516-1"),
        1 => Just("v=spf1 -all"),
    ];
    let claim =
        seen(records.prop_map(|text| SupplierClaim::read(&[Txt::join([text.as_bytes()], 60)])));
    let marks = prop_oneof![3 => Just("zorgmerk"), 1 => Just("ander")];
    (marks, claim).prop_map(|(text, claim)| SupplierFacts {
        mark: mark(text),
        domain: domain("leverancier.example"),
        claim,
    })
}

pub(super) fn any_recipient() -> impl Strategy<Value = RecipientFacts> {
    prop_oneof![recipient_by_chance(), likely_recipient()]
}

fn recipient_by_chance() -> impl Strategy<Value = RecipientFacts> {
    let address = prop_oneof![9 => Just("jan@zorg.example"), 1 => Just("jan@[192.0.2.1]")];
    let hosts = seen(proptest::collection::vec(any_host(), 0..4));
    let supplier = prop_oneof![4 => Just(None), 1 => any_supplier().prop_map(Some)];
    let null_mx = prop_oneof![5 => Just(false), 1 => Just(true)];
    (address, seen(claims()), hosts, null_mx, supplier).prop_map(
        |(address, claim, hosts, null_mx, supplier)| RecipientFacts {
            address: Address::parse(address).unwrap(),
            claim,
            hosts,
            null_mx,
            supplier,
        },
    )
}

/// Where chance alone would hardly ever bring a handover: a record that holds and hosts that can be
/// asked for a proof, each another one.
pub(super) fn likely_recipient() -> impl Strategy<Value = RecipientFacts> {
    let state = || prop_oneof![3 => Just(Security::Secure), 1 => Just(Security::Insecure)];
    let name = prop_oneof![Just("a.nta.example"), Just("b.nta.example")];
    let tlsa = (state(), proptest::collection::vec(any_tlsa(), 0..4));
    let likely_host = (name, 0..3_u16, state(), any::<bool>(), tlsa).prop_map(
        |(name, priority, address_security, base, (security, tlsa))| HostFacts {
            address_security,
            tlsa_base: base.then(|| domain("base.example")),
            tlsa: Ok(Seen::new(security, tlsa)),
            ..host(name, priority, Vec::new())
        },
    );
    let text = prop_oneof![Just(RECORD), Just(NTAMX)];
    (text, state(), proptest::collection::vec(likely_host, 1..4)).prop_map(
        |(text, security, hosts)| RecipientFacts {
            claim: Ok(Seen::new(security, claim(text))),
            ..recipient(text, hosts)
        },
    )
}

pub(super) fn any_sender() -> impl Strategy<Value = SenderFacts> {
    let claim = prop_oneof![
        2 => Just(Ok(Seen::secure(claim(RECORD)))),
        1 => seen(claims()),
    ];
    claim.prop_map(|claim| SenderFacts { claim, ..sender(Claim::None) })
}

pub(super) fn any_routes() -> impl Strategy<Value = Vec<Offer>> {
    let offer = prop_oneof![
        3 => Just(Offer::of(Route::Direct)),
        1 => Just(Offer::of(Route::Gateway)),
        2 => any_supplier().prop_map(|s| Offer { route: Route::Provider, supplier: Some(s) }),
        1 => Just(Offer::of(Route::Provider)),
    ];
    proptest::collection::vec(offer, 0..4)
}

pub(super) fn any_policy() -> impl Strategy<Value = Policy> {
    let suppliers = prop_oneof![
        3 => Just(None),
        1 => Just(Some(vec![mark("zorgmerk")])),
        1 => Just(Some(vec![])),
    ];
    (any::<bool>(), suppliers).prop_map(|(ou, suppliers)| Policy {
        ou_marks: if ou { vec!["NTA-7516".to_owned()] } else { vec![] },
        suppliers,
        ..Policy::default()
    })
}

/// The guide's conditions, said again in another way than `plan` works.
fn check_target(target: &Target, recipient: &RecipientFacts, record_secure: bool) {
    assert!(!target.addresses.is_empty());
    let hosts = recipient.hosts.as_ref().unwrap();
    let record = recipient.claim.as_ref().unwrap().value.current(now()).unwrap();
    // R-DNS-3: where the record names hosts, no other host gets the mail, and its numbers count.
    let named = record.ntamx.iter().find(|mx| mx.host == target.host);
    assert!(record.ntamx.is_empty() || named.is_some_and(|mx| mx.priority == target.priority));
    let fits = hosts.value.iter().filter(|h| h.host == target.host).any(|h| {
        let Ok(tlsa) = &h.tlsa else { return false };
        let readable = |s| s == Security::Secure || s == Security::Insecure;
        let counts = tlsa.security == Security::Secure;
        let usable = tlsa.value.iter().any(Tlsa::usable);
        readable(h.address_security)
            && readable(tlsa.security)
            && h.address_trouble.is_none()
            && match &target.require {
                Requirement::Dane { tlsa: required, names } => {
                    let seen = |one: &Tlsa| one.usable() && tlsa.value.contains(one);
                    let all_usable = tlsa.value.iter().filter(|one| one.usable()).count();
                    // RFC 7672 section 3.2.2
                    let mut may: Vec<&Domain> = h.tlsa_base.iter().chain([&h.host]).collect();
                    may.extend(recipient.address.domain().filter(|_| record.ntamx.is_empty()));
                    record_secure
                        && counts
                        && !required.is_empty()
                        && required.len() == all_usable
                        && required.iter().all(seen)
                        && names.first() == may.first().copied()
                        && names.iter().all(|name| may.contains(&name))
                }
                Requirement::Pkix { names } => {
                    record_secure && !(counts && usable) && *names == [target.host.clone()]
                }
                Requirement::OrganisationalUnit { marks, names } => {
                    !record_secure && !marks.is_empty() && *names == [target.host.clone()]
                }
            }
    });
    assert!(fits, "{target:?} by {recipient:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn nothing_is_handed_over_without_an_accepted_proof(
        sender in any_sender(), recipient in any_recipient(),
        routes in any_routes(), policy in any_policy(),
    ) {
        let decision = policy.plan(&sender, &recipient, &routes, now());
        let Decision::Handover { route, hosts, provider_mark, .. } = &decision else { return Ok(()) };
        let claim = recipient.claim.as_ref().unwrap();
        let own = sender.claim.as_ref().unwrap();
        prop_assert!(recipient.address.domain().is_some());
        prop_assert!(claim.value.current(now()).is_some());
        prop_assert_eq!(&own.value.current(now()).unwrap().provider, provider_mark);
        for state in [claim.security, own.security, recipient.hosts.as_ref().unwrap().security] {
            prop_assert!(state == Security::Secure || state == Security::Insecure);
        }
        let secure = claim.security == Security::Secure;
        prop_assert!(secure || !policy.ou_marks.is_empty());
        prop_assert!(!secure || recipient.hosts.as_ref().unwrap().security == Security::Secure);
        let offer = routes.iter().any(|offer| offer.route == *route);
        prop_assert!(offer);
        match route {
            Route::Direct => {
                prop_assert!(!hosts.is_empty());
                hosts.iter().for_each(|target| check_target(target, &recipient, secure));
                prop_assert!(hosts.is_sorted_by_key(|target| target.priority));
            }
            Route::Provider => {
                prop_assert!(secure && hosts.is_empty());
                let holds = routes.iter().filter_map(|offer| offer.supplier.as_ref()).any(|s| {
                    let seen = s.claim.as_ref().is_ok_and(|seen| {
                        seen.security != Security::Bogus && seen.value.holds(now())
                    });
                    seen && s.mark == *provider_mark
                });
                prop_assert!(holds);
            }
            Route::Gateway => prop_assert!(false, "a gateway is another way"),
        }
    }

    #[test]
    fn what_is_bogus_is_refused_and_what_was_not_seen_waits(
        sender in any_sender(), recipient in any_recipient(), routes in any_routes(),
    ) {
        let decision = plan(&sender, &recipient, &routes, now());
        if recipient.address.domain().is_none() {
            return Ok(());
        }
        match &recipient.claim {
            Err(_) => prop_assert_eq!(kind(&decision), ("later", "R-SEND-2")),
            Ok(seen) if seen.security == Security::Bogus => {
                prop_assert_eq!(kind(&decision), ("refuse", "R-SEND-4"));
            }
            Ok(seen) if seen.security == Security::Indeterminate => {
                prop_assert_eq!(kind(&decision), ("later", "R-SEND-4"));
            }
            Ok(_) => {}
        }
    }

    #[test]
    fn every_no_has_its_step_and_its_reason_in_both_languages(
        sender in any_sender(), recipient in any_recipient(),
        routes in any_routes(), policy in any_policy(),
    ) {
        let decision = policy.plan(&sender, &recipient, &routes, now());
        if let Decision::Handover { left_out, .. } = &decision {
            prop_assert!(decision.step().is_none() && decision.reason().is_none());
            for left in left_out {
                prop_assert!(left.reason.nl().len() > 30 && left.reason.en().len() > 30);
            }
            return Ok(());
        }
        let (step, reason) = (decision.step().unwrap(), decision.reason().unwrap());
        prop_assert!(step.clause().starts_with("R-SEND-"));
        prop_assert!(reason.nl().len() > 30 && reason.nl().ends_with('.'), "{}", reason.nl());
        prop_assert!(reason.en().len() > 30 && reason.en().ends_with('.'), "{}", reason.en());
        let json = serde_json::to_value(step).unwrap();
        prop_assert_eq!(json, step.clause());
        if let Decision::AnotherWay { by, .. } = &decision {
            let gateway = routes.iter().any(|offer| offer.route == Route::Gateway);
            prop_assert_eq!(*by, gateway.then_some(Route::Gateway));
        }
    }

    #[test]
    fn a_route_more_at_the_end_never_takes_a_handover_away(
        sender in any_sender(), recipient in any_recipient(), routes in any_routes(),
    ) {
        let before = plan(&sender, &recipient, &routes, now());
        let mut more = routes;
        more.push(Offer::of(Route::Gateway));
        let after = plan(&sender, &recipient, &more, now());
        if matches!(before, Decision::Handover { .. }) {
            prop_assert_eq!(before, after);
        } else {
            let handed = matches!(after, Decision::Handover { .. });
            prop_assert!(!handed);
        }
    }
}
