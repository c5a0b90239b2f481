use super::*;
use crate::facts::Taken;

#[test]
fn spf_must_end_in_fail() {
    for (text, expected, publish) in [
        ("v=spf1 mx -all", State::Good, None),
        ("v=spf1 mx ~all", State::Bad, Some("v=spf1 mx -all")),
        ("v=spf1 mx ?all", State::Bad, Some("v=spf1 mx -all")),
        ("v=spf1 +all", State::Bad, Some("v=spf1 -all")),
        ("v=spf1 include:b.nl", State::Bad, Some("v=spf1 include:b.nl -all")),
        ("v=spf1 onzin -all", State::Bad, None),
        ("v=spf1 redirect=%{d}.b.nl", State::Unknown, None),
        ("iets anders", State::Bad, Some("v=spf1 mx -all")),
    ] {
        let (state, clause, proposed) = told(&publishing(&[RECORD, text]), Topic::Spf);
        assert_eq!((state, clause.as_str()), (expected, "R-SPF-1"), "{text}");
        let publish = publish.map(|text| format!("a.nl. IN TXT \"{text}\""));
        assert_eq!(proposed, publish, "{text}");
    }
    let two = publishing(&[RECORD, "v=spf1 -all", "v=spf1 mx -all"]);
    assert_eq!(state(&two, Topic::Spf), State::Bad);
}

#[test]
fn the_end_of_redirects_decides() {
    let first = asked("a.nl", &["v=spf1 redirect=b.nl"]);
    for (second, expected) in [
        (asked("b.nl", &["v=spf1 mx -all"]), State::Good),
        (asked("b.nl", &["v=spf1 mx ~all"]), State::Bad),
        (asked("b.nl", &[]), State::Bad),
        (asked("b.nl", &["v=spf1 redirect=a.nl"]), State::Bad),
        (Asked { name: name("b.nl"), txt: Err(Trouble::Timeout) }, State::Unknown),
    ] {
        let facts = Facts { spf: vec![first.clone(), second], ..good() };
        assert_eq!(state(&facts, Topic::Spf), expected, "{:?}", facts.spf);
    }
    // What the target must change is proposed at the target.
    let facts = Facts { spf: vec![first, asked("b.nl", &["v=spf1 ~all"])], ..good() };
    let publish = told(&facts, Topic::Spf).2;
    assert_eq!(publish.as_deref(), Some("b.nl. IN TXT \"v=spf1 -all\""));
}

#[test]
fn dmarc_must_ask_for_reject_or_quarantine() {
    let fresh = "_dmarc.a.nl. IN TXT \"v=DMARC1; p=reject\"";
    for (texts, expected, proposes) in [
        (&["v=DMARC1; p=reject"][..], State::Good, false),
        (&["v=DMARC1; p=quarantine; rua=mailto:x@a.nl"], State::Good, false),
        (&["v=DMARC1; p=none"], State::Bad, true),
        (&["v=DMARC1; p=quarantaine"], State::Bad, true),
        (&["v=DMARC1"], State::Bad, true),
        (&["v=DMARC1; p=reject; pct=50"], State::Attention, false),
        (&["v=DMARC1; p=reject; sp=none"], State::Attention, false),
        (&["v=DMARC1; p=reject", "v=DMARC1; p=reject"], State::Bad, false),
        (&["v=DMARC1; reject"], State::Bad, true),
        (&[], State::Bad, true),
    ] {
        let facts = Facts { dmarc: vec![asked("a.nl", texts)], ..good() };
        let (state, clause, publish) = told(&facts, Topic::Dmarc);
        assert_eq!((state, clause.as_str()), (expected, "R-DMARC-1"), "{texts:?}");
        assert_eq!(publish.as_deref(), proposes.then_some(fresh), "{texts:?}");
    }
}

#[test]
fn a_domain_without_dmarc_goes_by_the_domain_above_and_that_is_said() {
    for (above, expected) in [
        ("v=DMARC1; p=reject", State::Good),
        ("v=DMARC1; p=none; sp=reject", State::Good),
        ("v=DMARC1; p=reject; sp=none", State::Bad),
    ] {
        let facts = Facts {
            domain: name("x.a.nl"),
            dmarc: vec![asked("x.a.nl", &[]), asked("a.nl", &[above])],
            ..good()
        };
        let report = judge(&facts);
        let step = step(&report, Topic::Dmarc);
        assert_eq!((step.state, step.about.as_deref()), (expected, Some("a.nl")), "{above}");
        assert!(step.seen.en.contains("a.nl, the domain above"), "{step:?}");
    }
}

#[test]
fn a_dkim_key_must_be_there_long_enough_and_not_taken_back() {
    let key = |bits| crate::testing::rsa_key(bits);
    for (text, expected) in [
        (format!("v=DKIM1; k=rsa; p={}", key(2048)), State::Good),
        (format!("v=DKIM1; k=rsa; p={}", key(1024)), State::Attention),
        (format!("v=DKIM1; k=rsa; p={}", key(512)), State::Bad),
        (format!("v=DKIM1; t=y; p={}", key(2048)), State::Attention),
        (format!("v=DKIM1; h=sha1; p={}", key(2048)), State::Bad),
        (format!("v=DKIM1; k=ed25519; p={}=", "A".repeat(43)), State::Attention),
        ("v=DKIM1; p=".to_owned(), State::Bad),
        ("v=DKIM1; p=onzin!".to_owned(), State::Bad),
        ("v=DKIM1; p".to_owned(), State::Bad),
        ("iets anders".to_owned(), State::Bad),
    ] {
        let mut facts = good();
        facts.dkim[0].1 = secure(&[&text]);
        let (state, clause, _) = told(&facts, Topic::Dkim);
        assert_eq!((state, clause.as_str()), (expected, "R-DKIM-1"), "{text}");
    }
    let mut facts = good();
    facts.dkim.clear();
    assert_eq!(state(&facts, Topic::Dkim), State::NotLookedAt);
}

#[test]
fn the_mailbox_is_good_where_the_host_takes_mail_for_it() {
    for (taken, expected) in [
        (Some(Taken::Yes), State::Good),
        (Some(Taken::No("550 5.1.1 no".into())), State::Bad),
        (Some(Taken::NotNow("450 4.2.0 later".into())), State::Unknown),
        (None, State::NotLookedAt),
    ] {
        let mut facts = Facts { mailbox: Mailbox::Asked, ..good() };
        facts.visits[0].sight.mailbox = taken;
        let (state, clause, _) = told(&facts, Topic::Mailbox);
        assert_eq!((state, clause.as_str()), (expected, "R-DNS-6"));
    }
}
