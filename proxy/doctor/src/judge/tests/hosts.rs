use super::*;

/// A good domain whose host publishes these, and shows what it shows.
fn with(tlsa: Vec<Tlsa>, require: Requirement, sight: Sight) -> Facts {
    let mut facts = good();
    facts.recipient.hosts = Ok(Seen::secure(vec![host(tlsa)]));
    facts.visits = vec![visit(require, sight)];
    facts
}

fn record(usage: u8, selector: u8, matching: u8) -> Tlsa {
    Tlsa { usage, selector, matching, data: vec![7; 32] }
}

#[test]
fn tlsa_3_1_1_is_asked_for_and_proposed_of_the_key_that_was_shown() {
    let proposed = format!("_25._tcp.mx.a.nl. IN TLSA 3 1 1 {KEY}");
    let mismatch = || Err(failure(FailureKind::NoTlsaMatch, Lasts::UntilMended));
    for (tlsa, outcome, expected, proposes) in [
        (vec![tlsa_3_1_1()], Ok(met(Proof::Dane)), State::Good, false),
        (vec![record(2, 1, 1)], Ok(met(Proof::Dane)), State::Attention, true),
        (vec![record(3, 0, 1)], Ok(met(Proof::Dane)), State::Attention, true),
        (vec![record(2, 1, 1), tlsa_3_1_1()], Ok(met(Proof::Dane)), State::Good, false),
        (vec![record(1, 1, 1)], Ok(met(Proof::Pkix)), State::Attention, true),
        (vec![], Ok(met(Proof::Pkix)), State::Attention, true),
        (vec![record(3, 1, 1)], mismatch(), State::Bad, true),
        // The old key's record beside another form that matched.
        (vec![record(3, 1, 1), record(2, 1, 1)], Ok(met(Proof::Dane)), State::Attention, true),
    ] {
        let facts = with(tlsa.clone(), dane(), sight(outcome));
        let (state, clause, publish) = told(&facts, Topic::Tlsa);
        assert_eq!((state, clause.as_str()), (expected, "R-DANE-1"), "{tlsa:?}");
        assert_eq!(publish, proposes.then(|| proposed.clone()), "{tlsa:?}");
    }
}

#[test]
fn tlsa_stands_at_the_end_of_the_chain_of_names() {
    let mut facts = with(Vec::new(), pkix(), sight(Ok(met(Proof::Pkix))));
    let base = HostFacts { tlsa_base: Some(name("real.b.nl")), ..host(Vec::new()) };
    facts.recipient.hosts = Ok(Seen::secure(vec![base]));
    let publish = told(&facts, Topic::Tlsa).2.unwrap();
    assert!(publish.starts_with("_25._tcp.real.b.nl. IN TLSA 3 1 1 "), "{publish}");
}

#[test]
fn tlsa_that_cannot_be_believed_is_told() {
    let base = || host(vec![tlsa_3_1_1()]);
    let bogus = Seen::new(Security::Bogus, Vec::new());
    for (host, expected) in [
        (HostFacts { tlsa: Err(Trouble::ServFail), ..base() }, State::Unknown),
        (HostFacts { tlsa: Ok(bogus), ..base() }, State::Bad),
        (HostFacts { address_security: Security::Bogus, ..base() }, State::Bad),
        (HostFacts { address_trouble: Some(Trouble::Timeout), ..base() }, State::Unknown),
    ] {
        let mut facts = good();
        facts.recipient.hosts = Ok(Seen::secure(vec![host]));
        facts.visits.clear();
        assert_eq!(state(&facts, Topic::Tlsa), expected);
    }
    // In a zone that is not signed no record counts, and another proof may hold.
    let mut facts = with(Vec::new(), pkix(), sight(Ok(met(Proof::Pkix))));
    let unsigned = HostFacts {
        address_security: Security::Insecure,
        tlsa: Ok(Seen::insecure(Vec::new())),
        ..host(Vec::new())
    };
    facts.recipient.hosts = Ok(Seen::secure(vec![unsigned]));
    let (state, _, publish) = told(&facts, Topic::Tlsa);
    assert_eq!((state, publish), (State::Attention, None));
}

#[test]
fn tlsa_of_an_alias_in_a_signed_zone_counts_wherever_it_leads() {
    let mismatch = failure(FailureKind::NoTlsaMatch, Lasts::UntilMended);
    for (record, outcome, verdict, expected) in [
        (tlsa_3_1_1(), Ok(met(Proof::Dane)), Verdict::Direct, State::Good),
        (record(3, 1, 1), Err(mismatch), Verdict::Refuse, State::Bad),
    ] {
        let require =
            Requirement::Dane { tlsa: vec![record.clone()], names: vec![name("mx.a.nl")] };
        let mut facts = with(Vec::new(), require, sight(outcome));
        let alias =
            HostFacts { address_security: Security::Insecure, ..host(vec![record.clone()]) };
        facts.recipient.hosts = Ok(Seen::secure(vec![alias]));
        assert_eq!(judge(&facts).verdict, verdict);
        assert_eq!(state(&facts, Topic::Tlsa), expected);
    }
}

#[test]
fn the_mail_hosts_are_told_with_where_they_are_from() {
    for (named, expected) in [
        (Named::Mx, State::Good),
        (Named::NtaMx, State::Good),
        (Named::Itself, State::Attention),
        (Named::Null, State::Bad),
    ] {
        assert_eq!(state(&Facts { named, ..good() }, Topic::MailHosts), expected);
    }
    let mut facts = good();
    facts.recipient.hosts = Ok(Seen::secure(Vec::new()));
    assert_eq!(state(&facts, Topic::MailHosts), State::Bad);
    for (security, expected) in [(Security::Secure, State::Good), (Security::Insecure, State::Bad)]
    {
        facts.recipient.hosts = Ok(Seen::new(security, vec![host(Vec::new())]));
        assert_eq!(state(&facts, Topic::MailHostsDnssec), expected);
    }
    facts.recipient.hosts = Ok(Seen::new(Security::Bogus, Vec::new()));
    assert_eq!(told(&facts, Topic::MailHosts).0, State::Bad);
}

#[test]
fn starttls_is_offered_missing_or_not_seen() {
    let lasting = || Err(failure(FailureKind::TurnedAway, Lasts::UntilMended));
    let passing = || Err(failure(FailureKind::Unreachable, Lasts::ForNow));
    for (starttls, outcome, expected) in [
        (StartTls::Offered, lasting(), State::Good),
        (StartTls::Missing, lasting(), State::Bad),
        (StartTls::Unseen, lasting(), State::Bad),
        (StartTls::Unseen, passing(), State::Unknown),
    ] {
        let facts = with(Vec::new(), pkix(), Sight { starttls, ..sight(outcome) });
        assert_eq!(state(&facts, Topic::StartTls), expected, "{starttls:?}");
    }
}

#[test]
fn a_host_without_an_address_is_no_host() {
    let mut facts = good();
    let nowhere = HostFacts { addresses: Vec::new(), ..host(Vec::new()) };
    facts.recipient.hosts = Ok(Seen::secure(vec![nowhere]));
    facts.visits.clear();
    assert_eq!(state(&facts, Topic::StartTls), State::Bad);
    let report = judge(&facts);
    assert_eq!((report.verdict, &*report.step), (Verdict::OtherWay, "R-SEND-5"));
    assert!(report.steps.iter().all(|step| step.code != Topic::Tlsa));
}

#[test]
fn each_failure_of_a_certificate_has_its_own_mend() {
    use FailureKind::*;
    let kinds = [NoTlsaMatch, WrongName, Expired, UnknownIssuer, WeakKey, Revoked, NoMark, Tls];
    let mut mends: Vec<Text> = Vec::new();
    for kind in kinds {
        let facts = with(Vec::new(), pkix(), sight(Err(failure(kind, Lasts::UntilMended))));
        let report = judge(&facts);
        let step = step(&report, Topic::Certificate);
        assert_eq!((step.state, &*step.clause), (State::Bad, "R-SEND-6"), "{kind:?}");
        let mend = step.mend.clone().unwrap();
        assert!(!mends.contains(&mend), "{kind:?}");
        mends.push(mend);
    }
    let facts = with(Vec::new(), pkix(), sight(Err(failure(Tls, Lasts::ForNow))));
    assert_eq!(state(&facts, Topic::Certificate), State::Unknown);
    assert_eq!(state(&facts, Topic::Tls), State::NotLookedAt);
}

#[test]
fn dates_and_names_count_for_a_certificate_and_are_remarked_under_dane() {
    let old = Certificate { until: at("2026-06-01T00:00:00Z"), ..certificate() };
    let soon = Certificate { until: at("2026-06-20T00:00:00Z"), ..certificate() };
    let other = Certificate { names: vec!["b.nl".into()], ..certificate() };
    let star = Certificate { names: vec!["*.A.nl".into()], ..certificate() };
    let wide = Certificate { names: vec!["*.nl".into()], ..certificate() };
    for (proof, shown, expected) in [
        (Proof::Dane, &old, State::Attention),
        (Proof::Dane, &other, State::Attention),
        (Proof::Dane, &wide, State::Attention),
        (Proof::Dane, &star, State::Good),
        (Proof::Dane, &soon, State::Good),
        (Proof::Pkix, &soon, State::Attention),
        (Proof::Pkix, &star, State::Good),
    ] {
        let sight = Sight { certificate: Some(shown.clone()), ..sight(Ok(met(proof))) };
        let facts = with(Vec::new(), pkix(), sight);
        assert_eq!(state(&facts, Topic::Certificate), expected, "{proof:?} {shown:?}");
    }
}

#[test]
fn the_connection_is_graded_by_the_guide_and_by_the_newest_list() {
    let good = || met(Proof::Dane);
    for (met, expected) in [
        (good(), State::Good),
        (Met { rsa_bits: Some(3072), ..good() }, State::Good),
        (Met { rsa_bits: Some(2048), guide: Grade::Sufficient, ..good() }, State::Attention),
        (Met { newest: Grade::Sufficient, ..good() }, State::Attention),
        (Met { guide: Grade::Sufficient, ..good() }, State::Attention),
        (Met { staple: Staple::ProvesNothing, ..good() }, State::Attention),
        (Met { staple: Staple::Good, ..good() }, State::Good),
    ] {
        let facts = with(vec![tlsa_3_1_1()], dane(), sight(Ok(met.clone())));
        let (state, clause, _) = told(&facts, Topic::Tls);
        assert_eq!((state, clause.as_str()), (expected, "R-TLS-1"), "{met:?}");
    }
}
