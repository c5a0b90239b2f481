//! What trouble on the way may change, and what must change nothing.

use proptest::prelude::*;

use super::matrix::{
    any_policy, any_recipient, any_routes, any_sender, any_supplier, likely_recipient,
};
use super::*;

/// Something that goes wrong on the way, or that somebody makes go wrong.
#[derive(Debug, Clone)]
enum Harm {
    OwnRecord(Lost),
    Record(Lost),
    RecordInvalid,
    MailHosts(Lost),
    NullMx,
    Addresses(usize, Lost),
    NoAddresses(usize),
    Tlsa(usize, Lost),
    Supplier(SupplierFacts),
    SupplierRecord(Lost),
}

/// How an answer is lost.
#[derive(Debug, Clone, Copy)]
enum Lost {
    Silent,
    Bogus,
    Untold,
}

impl Lost {
    fn of<T: Clone>(self, seen: &mut Result<Seen<T>, Trouble>) {
        let security = match self {
            Self::Silent => return *seen = Err(Trouble::Timeout),
            Self::Bogus => Security::Bogus,
            Self::Untold => Security::Indeterminate,
        };
        if let Ok(seen) = seen {
            seen.security = security;
        }
    }
}

fn any_lost() -> impl Strategy<Value = Lost> {
    prop_oneof![Just(Lost::Silent), Just(Lost::Bogus), Just(Lost::Untold)]
}

fn any_harm() -> impl Strategy<Value = Harm> {
    prop_oneof![
        any_lost().prop_map(Harm::OwnRecord),
        any_lost().prop_map(Harm::Record),
        Just(Harm::RecordInvalid),
        any_lost().prop_map(Harm::MailHosts),
        Just(Harm::NullMx),
        (0..8_usize, any_lost()).prop_map(|(at, lost)| Harm::Addresses(at, lost)),
        (0..8_usize).prop_map(Harm::NoAddresses),
        (0..8_usize, any_lost()).prop_map(|(at, lost)| Harm::Tlsa(at, lost)),
        any_supplier().prop_map(Harm::Supplier),
        any_lost().prop_map(Harm::SupplierRecord),
    ]
}

impl Harm {
    fn done_to(&self, sender: &mut SenderFacts, recipient: &mut RecipientFacts) {
        match self {
            Self::OwnRecord(lost) => lost.of(&mut sender.claim),
            Self::Record(lost) => lost.of(&mut recipient.claim),
            Self::RecordInvalid => {
                if let Ok(seen) = &mut recipient.claim {
                    seen.value = claim("v=NTA7516-1;");
                }
            }
            Self::MailHosts(lost) => lost.of(&mut recipient.hosts),
            Self::NullMx => recipient.null_mx = true,
            Self::Addresses(at, lost) => {
                on_host(recipient, *at, |host| match lost {
                    Lost::Silent => host.address_trouble = Some(Trouble::Timeout),
                    Lost::Bogus => host.address_security = Security::Bogus,
                    Lost::Untold => host.address_security = Security::Indeterminate,
                });
            }
            Self::NoAddresses(at) => on_host(recipient, *at, |host| host.addresses.clear()),
            Self::Tlsa(at, lost) => on_host(recipient, *at, |host| lost.of(&mut host.tlsa)),
            Self::Supplier(found) => {
                recipient.supplier.get_or_insert_with(|| found.clone());
            }
            Self::SupplierRecord(lost) => {
                if let Some(supplier) = &mut recipient.supplier {
                    lost.of(&mut supplier.claim);
                }
            }
        }
    }
}

fn on_host(recipient: &mut RecipientFacts, at: usize, change: impl Fn(&mut HostFacts)) {
    if let Ok(hosts) = &mut recipient.hosts
        && !hosts.value.is_empty()
    {
        let count = hosts.value.len();
        change(&mut hosts.value[at % count]);
    }
}

/// The hosts of a handover with what they must show; `None` where there is no handover.
fn handed(decision: &Decision) -> Option<(Route, &[Target])> {
    match decision {
        Decision::Handover { route, hosts, .. } => Some((*route, hosts)),
        _ => None,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn trouble_never_makes_a_handover_nor_a_host_nor_a_lesser_proof(
        sender in any_sender(), recipient in any_recipient(), routes in any_routes(),
        policy in any_policy(), harm in proptest::collection::vec(any_harm(), 1..4),
    ) {
        let before = policy.plan(&sender, &recipient, &routes, now());
        let (mut own, mut other) = (sender, recipient);
        harm.iter().for_each(|harm| harm.done_to(&mut own, &mut other));
        let after = policy.plan(&own, &other, &routes, now());
        let Some((route, hosts)) = handed(&after) else { return Ok(()) };
        let Some((route_before, hosts_before)) = handed(&before) else {
            return Err(TestCaseError::fail(format!("{harm:?} made {after:?} of {before:?}")));
        };
        prop_assert_eq!(route, route_before);
        for host in hosts {
            prop_assert!(hosts_before.contains(host), "{:?} made {:?} of {:?}", harm, after, before);
        }
    }

    #[test]
    fn what_was_to_be_handed_over_is_refused_once_an_answer_on_which_all_rests_is_bogus(
        recipient in likely_recipient(), which in 0..5_usize,
    ) {
        let policy = Policy { ou_marks: vec!["NTA-7516".to_owned()], ..Policy::default() };
        let (mut own, mut other) = (sender(claim(RECORD)), recipient);
        let before = policy.plan(&own, &other, &direct(), now());
        prop_assert!(handed(&before).is_some(), "{:?}", before);
        let count = other.hosts.as_ref().map_or(0, |hosts| hosts.value.len());
        let every = |change: fn(usize) -> Harm| (0..count).map(change).collect::<Vec<Harm>>();
        let (harm, step) = match which {
            0 => (vec![Harm::Record(Lost::Bogus)], "R-SEND-4"),
            1 => (vec![Harm::MailHosts(Lost::Bogus)], "R-SEND-5"),
            2 => (vec![Harm::OwnRecord(Lost::Bogus)], "R-SEND-9"),
            3 => (every(|at| Harm::Addresses(at, Lost::Bogus)), "R-SEND-5"),
            _ => (every(|at| Harm::Tlsa(at, Lost::Bogus)), "R-SEND-5"),
        };
        harm.iter().for_each(|harm| harm.done_to(&mut own, &mut other));
        let after = policy.plan(&own, &other, &direct(), now());
        prop_assert_eq!(kind(&after), ("refuse", step));
    }

    #[test]
    fn the_order_in_which_hosts_and_their_records_came_changes_nothing(
        sender in any_sender(), recipient in any_recipient(),
        routes in any_routes(), policy in any_policy(),
    ) {
        let mut turned = recipient.clone();
        if let Ok(hosts) = &mut turned.hosts {
            hosts.value.reverse();
            for tlsa in hosts.value.iter_mut().filter_map(|host| host.tlsa.as_mut().ok()) {
                tlsa.value.reverse();
            }
        }
        let one = policy.plan(&sender, &recipient, &routes, now());
        let other = policy.plan(&sender, &turned, &routes, now());
        prop_assert_eq!(kind(&one), kind(&other));
        if let (Some((route, hosts)), Some((other_route, others))) = (handed(&one), handed(&other)) {
            prop_assert_eq!(route, other_route);
            prop_assert_eq!(sorted(hosts), sorted(others));
        }
    }
}

/// What is required of each host, whatever came first: RFC 5321 section 5.1 leaves open the order of
/// hosts with one preference, and RFC 6698 section 2.1 that of the records.
fn sorted(hosts: &[Target]) -> Vec<String> {
    let line = |target: &Target| {
        let mut target = target.clone();
        if let Requirement::Dane { tlsa, .. } = &mut target.require {
            tlsa.sort_by_key(|one| (one.usage, one.selector, one.matching, one.data.clone()));
        }
        format!("{target:?}")
    };
    let mut lines: Vec<String> = hosts.iter().map(line).collect();
    lines.sort();
    lines
}

#[test]
fn the_order_of_the_records_changes_nothing() {
    let records = [OLD, RECORD, "v=spf1 -all"];
    let txt = |at: usize| Txt::join([records[at].as_bytes()], 3600);
    let orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
    for order in orders {
        let claim = Ok(Seen::secure(Claim::read(&order.map(txt))));
        assert_eq!(decide(&RecipientFacts { claim, ..good() }), decide(&good()), "{order:?}");
    }
}

#[test]
fn one_recipients_trouble_is_not_anothers() {
    // The one fact that recipients share is what the sender's own domain says.
    let own = sender(claim(RECORD));
    let bogus = RecipientFacts { claim: Ok(Seen::new(Security::Bogus, Claim::None)), ..good() };
    let silent = RecipientFacts { hosts: Err(Trouble::Timeout), ..good() };
    let none = RecipientFacts { claim: Ok(Seen::secure(Claim::None)), ..good() };
    let all = [bogus, good(), silent, none, good()];
    let kinds = all.map(|facts| kind(&plan(&own, &facts, &direct(), now())).0);
    assert_eq!(kinds, ["refuse", "handover", "later", "another way", "handover"]);
}

#[test]
fn names_of_other_scripts_are_asked_for_as_they_stand_in_dns() {
    let facts = RecipientFacts {
        address: Address::parse("jan@zórg.example").unwrap(),
        ..recipient(RECORD, vec![host("mx.zórg.example", 10, vec![tlsa(2)])])
    };
    let decision = decide(&facts);
    let [(name, Requirement::Dane { names, .. })] = targets(&decision)[..] else {
        panic!("no DANE: {decision:?}");
    };
    assert_eq!(name, "mx.xn--zrg-gna.example");
    assert_eq!(*names, ["mx.xn--zrg-gna.example", "xn--zrg-gna.example"].map(domain));
}

#[test]
fn an_ntamx_in_an_unsigned_zone_proves_itself_by_its_own_name() {
    let mut facts = host("a.nta.example", 10, vec![]);
    facts.address_security = Security::Insecure;
    facts.tlsa = Ok(Seen::insecure(vec![]));
    let decision = decide(&recipient(NTAMX, vec![facts]));
    let pkix = Requirement::Pkix { names: vec![domain("a.nta.example")] };
    assert_eq!(targets(&decision), [("a.nta.example", &pkix)]);
}
