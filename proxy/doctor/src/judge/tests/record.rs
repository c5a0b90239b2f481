use super::*;

#[test]
fn no_record_is_bad_and_a_template_is_proposed() {
    let (state, clause, publish) = told(&publishing(&["v=spf1 -all"]), Topic::Record);
    assert_eq!((state, clause.as_str()), (State::Bad, "R-DNS-1"));
    let expected = "v=NTA7516-1;startdate=2026-06;enddate=2029-05;provider=KENMERK";
    assert_eq!(publish.unwrap(), format!("a.nl. IN TXT \"{expected}\""));
    let report = judge(&publishing(&[]));
    assert_eq!((report.verdict, &*report.step), (Verdict::OtherWay, "R-SEND-2"));
}

#[test]
fn a_record_outside_its_period_is_proposed_anew() {
    for (text, expected) in [
        (
            "v=NTA7516-1;startdate=2019-06;enddate=2020-09;provider=LAB;ntamx=10 mx.a.nl",
            "v=NTA7516-1;startdate=2026-06;enddate=2029-05;provider=LAB;ntamx=10 mx.a.nl",
        ),
        (
            "v=NTA7516-1;startdate=2090-01;enddate=2090-12;provider=LAB",
            "v=NTA7516-1;startdate=2026-06;enddate=2029-05;provider=LAB",
        ),
    ] {
        let (state, _, publish) = told(&publishing(&[text]), Topic::Record);
        assert_eq!(state, State::Bad);
        assert_eq!(publish.unwrap(), format!("a.nl. IN TXT \"{expected}\""));
    }
}

#[test]
fn the_last_month_wants_attention_unless_another_record_follows() {
    let last = "v=NTA7516-1;startdate=2026-01;enddate=2026-06;provider=LAB";
    let next = "v=NTA7516-1;startdate=2026-07;enddate=2028-06;provider=LAB";
    assert_eq!(state(&publishing(&[last]), Topic::Record), State::Attention);
    assert_eq!(state(&publishing(&[last, next]), Topic::Record), State::Good);
}

/// A faulty record, and what is proposed in its place.
const MENDED: &[(&str, Option<&str>)] = &[
    (
        "v=NTA7516;version:2019-06;expire:2019-10;provider:smartlockr;ntamx:mx.mail.de;ntamx:mx2.mail.de",
        Some(
            "v=NTA7516-1;startdate=2026-06;enddate=2029-05;provider=smartlockr;ntamx=10 mx.mail.de;ntamx=20 mx2.mail.de",
        ),
    ),
    (
        "v=NTA7516-1; startdate=2026-01; enddate=2027-12; provider=LAB; ntamx=5 mx.a.nl",
        Some("v=NTA7516-1;startdate=2026-01;enddate=2027-12;provider=LAB;ntamx=5 mx.a.nl"),
    ),
    (
        "v=NTA7516-1;startdate:2026-01;enddate:2027-12;provider:LAB",
        Some("v=NTA7516-1;startdate=2026-01;enddate=2027-12;provider=LAB"),
    ),
    (
        "v=NTA7516-1;startdate=2026-01;enddate=2027-12;provider=LAB;ntamx:10 mx.a.nl",
        Some("v=NTA7516-1;startdate=2026-01;enddate=2027-12;provider=LAB;ntamx=10 mx.a.nl"),
    ),
    (
        "v=NTA7516-1;startdate=2026-1;enddate=2035-12;provider=LAB",
        Some("v=NTA7516-1;startdate=2026-06;enddate=2029-05;provider=LAB"),
    ),
    ("v=NTA7516-1;startdate=2026-01;enddate=2027-12", None),
    ("v=NTA7516-1;startdate=2026-01;enddate=2027-12;provider=a b", None),
    ("v=NTA7516-1;startdate=2026-01;enddate=2027-12;provider=LAB;ntamx=10 192.0.2.1", None),
];

#[test]
fn a_faulty_record_is_told_with_its_place_and_mended_where_its_meaning_is_plain() {
    for (text, expected) in MENDED {
        let facts = publishing(&[text]);
        let (state, _, publish) = told(&facts, Topic::Record);
        assert_eq!(state, State::Bad, "{text}");
        let expected = expected.map(|record| format!("a.nl. IN TXT \"{record}\""));
        assert_eq!(publish, expected, "{text}");
        let report = judge(&facts);
        assert!(step(&report, Topic::Record).seen.en.contains("character "), "{report:?}");
        assert_eq!((report.verdict, &*report.step), (Verdict::OtherWay, "R-SEND-3"));
    }
}

#[test]
fn a_set_that_breaks_its_rules_cites_the_rule_for_sets() {
    let other = "v=NTA7516-1;startdate=2027-01;enddate=2029-12;provider=LAB";
    let (state, clause, publish) = told(&publishing(&[RECORD, other]), Topic::Record);
    assert_eq!((state, clause.as_str(), publish), (State::Bad, "R-DNS-2", None));
    let mut facts = good();
    let txt = Txt { data: RECORD.as_bytes().to_vec(), ttl: 200_000 };
    facts.recipient.claim = Ok(Seen::secure(Claim::read(&[txt])));
    assert_eq!(told(&facts, Topic::Record).1, "R-DNS-2");
}

#[test]
fn each_state_by_dnssec_is_told_apart() {
    for (security, expected, verdict) in [
        (Security::Secure, State::Good, Verdict::Direct),
        (Security::Insecure, State::Bad, Verdict::OtherWay),
        (Security::Bogus, State::Bad, Verdict::Refuse),
        (Security::Indeterminate, State::Unknown, Verdict::Tempfail),
    ] {
        let Ok(seen) = secure(&[RECORD, "v=spf1 -all"]) else { panic!() };
        let facts = answering(Ok(Seen { security, ..seen }));
        assert_eq!(state(&facts, Topic::Dnssec), expected, "{security:?}");
        assert_eq!(judge(&facts).verdict, verdict, "{security:?}");
        // What cannot be believed says nothing of the record, nor of SPF.
        let believed = matches!(security, Security::Secure | Security::Insecure);
        let other = if believed { State::Good } else { expected };
        assert_eq!(state(&facts, Topic::Record), other, "{security:?}");
        assert_eq!(state(&facts, Topic::Spf), other, "{security:?}");
    }
}

#[test]
fn the_suppliers_record_is_read_in_both_spellings() {
    let fresh = "version=NTA7516-1;startdate:2026-06;enddate:2027-05";
    for (texts, expected) in [
        (&["version=NTA7516-1;startdate:2026-01;enddate:2026-12"][..], State::Good),
        (&["version=NTA7516-1;startdate=2026-01;enddate=2026-12"], State::Good),
        (&["version=NTA7516-1;startdate:2025-01;enddate:2026-05"], State::Bad),
        (&["version=NTA7516-1;startdate:2026-01;enddate=2026-12"], State::Bad),
        (&["v=spf1 -all"], State::Bad),
        (&[], State::Bad),
    ] {
        let facts = Facts { supplier: Some(asked("lab.nl", texts)), ..good() };
        let (state, clause, publish) = told(&facts, Topic::Supplier);
        assert_eq!((state, clause.as_str()), (expected, "R-DNS-4"), "{texts:?}");
        let proposed = (expected == State::Bad).then(|| format!("lab.nl. IN TXT \"{fresh}\""));
        assert_eq!(publish, proposed);
    }
    let facts = Facts { supplier: None, ..good() };
    assert_eq!(state(&facts, Topic::Supplier), State::NotLookedAt);
}

#[test]
fn what_looks_like_a_record_and_is_none_is_told() {
    for (text, words) in [
        ("version=NTA7516-1;startdate:2026-01;enddate:2026-12", "record of a supplier"),
        ("V=nta7516-1;startdate=2026-01", "upper and lower case"),
        ("\"v=NTA7516-1;startdate=2026-01\"", "quotation mark"),
        (" v=NTA7516-1;startdate=2026-01", "space"),
    ] {
        let report = judge(&publishing(&["v=spf1 -all", text]));
        let step = step(&report, Topic::Record);
        assert_eq!((step.state, report.verdict), (State::Bad, Verdict::OtherWay), "{text}");
        assert!(step.seen.en.contains(words), "{step:?}");
    }
}
