//! Records as they were met, in guides, drafts and live zones: each is recognised, named, and never
//! accepted for what it is not.

use super::*;

/// A text, and the fault that it has as a professional's record; `None`: it is good.
const MET: &[(&str, Option<(usize, What)>)] = &[
    // As a vendor's guide prints it.
    (
        "v=NTA7516-1;startdate=2019-06;enddate=2023-07;provider=Cryptshare;ntamx=10 nta7516-mx.myorganisation.nl",
        None,
    ),
    // The guide's first example, broken into lines as on paper.
    (
        "v=NTA7516-1;startdate=2019-06;enddate=2020-09;provider=x;ntamx=10 a.nl; ntamx=20 b.nl",
        Some((71, What::Blank)),
    ),
    (
        "v=NTA7516-1;startdate=2019-06;enddate=2020-09;provider=x;ntamx=10 a.nl;\nntamx=20 b.nl",
        Some((71, What::Blank)),
    ),
    ("v=NTA7516-1; startdate=2019-06; enddate=2020-09; provider=x", Some((12, What::Blank))),
    // The draft of 2019, live for years.
    (
        "v=NTA7516;version:2019-06;expire:2019-10;provider:smartlockr;ntamx:mx.mail.de;ntamx:mx2.mail.de",
        Some((9, What::DraftDialect)),
    ),
    ("v=NTA7516;version:2019-06;expire:2019-10;provider:x;", Some((9, What::DraftDialect))),
    ("v=NTA7516; version:2019-06; expire:2019-10; provider:x", Some((9, What::DraftDialect))),
    ("v=NTA7516;version=2019-06;expire=2019-10;provider=x", Some((9, What::DraftDialect))),
    // The draft under the number of the norm.
    (
        "v=NTA7516-1;version:2019-06;expire:2019-10;provider:x",
        Some((12, What::Misplaced { expected: Tag::StartDate, found: Tag::Version })),
    ),
    // A vendor's prose, which has a colon behind ntamx.
    (
        "v=NTA7516-1;startdate=2019-06;enddate=2023-07;provider=x;ntamx:10 a.nl",
        Some((62, What::Colon(Tag::NtaMx))),
    ),
    (
        "v=NTA7516-1;startdate=2019-06;enddate=2023-07;provider=x;ntamx:a.nl",
        Some((62, What::Colon(Tag::NtaMx))),
    ),
    (
        "v=NTA7516-1;startdate=2019-06;enddate=2023-07;provider=x;ntamx=mx.mail.de",
        Some((63, What::Priority)),
    ),
    // The colons of the supplier's record in the professional's.
    (
        "v=NTA7516-1;startdate:2019-06;enddate:2020-09;provider:x",
        Some((21, What::Colon(Tag::StartDate))),
    ),
    (
        "v=NTA7516-1;startdate=2019-06;enddate:2020-09;provider=x",
        Some((37, What::Colon(Tag::EndDate))),
    ),
    (
        "v=NTA7516-1;startdate=2019-06;enddate=2020-09;provider:x",
        Some((54, What::Colon(Tag::Provider))),
    ),
    // The supplier's record at the mail domain, and a mixture of the two.
    ("version=NTA7516-1;startdate:2019-06;enddate:2020-09", Some((0, What::SupplierRecord))),
    ("version=NTA7516-1;startdate=2019-06;enddate=2020-09", Some((0, What::SupplierRecord))),
    (
        "version=NTA7516-1;startdate=2019-06;enddate=2020-09;provider=x",
        Some((0, What::SupplierRecord)),
    ),
    // Days where months belong.
    ("v=NTA7516-1;startdate=2019-06-01;enddate=2020-09-30;provider=x", Some((22, What::Month))),
    ("v=NTA7516-1;startdate=201906;enddate=202009;provider=x", Some((22, What::Month))),
    // A panel that keeps the quotation marks.
    ("\"v=NTA7516-1;startdate=2019-06;enddate=2020-09;provider=x\"", Some((0, What::Quote))),
    ("v=NTA7516-1;startdate=2019-06;enddate=2020-09;provider=\"x\"", Some((55, What::Quote))),
    ("v=NTA7516-1;startdate=2019-06;\" \"enddate=2020-09;provider=x", Some((30, What::Quote))),
    // Two suppliers in one field: a semicolon ends the mark.
    ("v=NTA7516-1;startdate=2019-06;enddate=2020-09;provider=a;b", Some((57, What::Unknown))),
    // Fields in another order, and one too many.
    (
        "v=NTA7516-1;provider=x;startdate=2019-06;enddate=2020-09",
        Some((12, What::Misplaced { expected: Tag::StartDate, found: Tag::Provider })),
    ),
    (
        "v=NTA7516-1;startdate=2019-06;enddate=2020-09;provider=x;ntamx=10 a.nl;enddate=2021-09",
        Some((71, What::Repeated(Tag::EndDate))),
    ),
    ("v=NTA7516-1;startdate=2019-06;enddate=2020-09;provider=x;", Some((57, What::EmptyField))),
];

#[test]
fn every_dialect_that_was_met_is_named_at_its_place_and_none_is_accepted() {
    for (text, expected) in MET {
        let found = Record::parse(text.as_bytes()).err();
        let found = found.as_ref().map(|fault| (fault.place(), fault.what()));
        assert_eq!(found, *expected, "{text:?}");
        let claim = Claim::read(&[txt("v=spf1 mx -all"), txt(text), txt("MS=ms1")]);
        let is_claim = text.starts_with("v=NTA7516");
        match (expected, is_claim) {
            (None, _) => assert!(matches!(claim, Claim::Valid(_)), "{text:?}"),
            (Some(_), true) => assert!(matches!(claim, Claim::Invalid(_)), "{text:?}"),
            (Some(_), false) => assert_eq!(claim, Claim::None, "{text:?}"),
        }
        assert_eq!(claim.current(at("2019-08-01T00:00:00Z")).is_some(), expected.is_none());
    }
}

#[test]
fn a_fault_says_where_it_is_and_what_to_write_in_both_languages() {
    let fault = Record::parse(b"v=NTA7516;version:2019-06;expire:2019-10;provider:x").unwrap_err();
    assert!(
        fault.nl().starts_with("teken 10: dit is de schrijfwijze van een oud concept; schrijf ")
    );
    assert!(fault.en().starts_with("character 10: this is the spelling of an old draft; write "));
    // The shape that is shown is itself a record.
    let shape = fault.en();
    let (_, shape) = shape.split_once("; write ").unwrap();
    assert!(Record::parse(shape.as_bytes()).is_ok(), "{shape}");
    let text = b"v=NTA7516-1;startdate=2019-06;enddate=2023-07;provider=x;ntamx:10 a.nl";
    let fault = Record::parse(text).unwrap_err();
    assert_eq!(fault.en(), "character 63: there is a colon behind ntamx; write ntamx=");
    assert_eq!(fault.nl(), "teken 63: achter ntamx staat een dubbele punt; schrijf ntamx=");
}

#[test]
fn the_record_is_found_wherever_it_stands_among_others() {
    let record = period("2019-06", "2020-09");
    let others = [txt("v=spf1 -all"), txt("google-site-verification=x"), txt("v=DMARC1; p=none")];
    for at in 0..=others.len() {
        let mut set = others.to_vec();
        set.insert(at, record.clone());
        assert!(matches!(Claim::read(&set), Claim::Valid(_)), "{at}");
    }
}

#[test]
fn two_records_of_two_suppliers_take_turns() {
    let of = |start, end, provider| {
        txt(&format!("v=NTA7516-1;startdate={start};enddate={end};provider={provider}"))
    };
    // In whichever order they come.
    for set in [
        [of("2019-01", "2019-06", "A"), of("2019-07", "2020-06", "B")],
        [of("2019-07", "2020-06", "B"), of("2019-01", "2019-06", "A")],
    ] {
        let claim = Claim::read(&set);
        let mark = |now| claim.current(at(now)).map(|record| record.provider.to_string());
        assert_eq!(mark("2018-12-31T22:59:59Z"), None);
        assert_eq!(mark("2018-12-31T23:00:00Z").as_deref(), Some("A"));
        assert_eq!(mark("2019-06-30T21:59:59Z").as_deref(), Some("A"));
        assert_eq!(mark("2019-06-30T22:00:00Z").as_deref(), Some("B"));
        assert_eq!(mark("2020-06-30T22:00:00Z"), None);
    }
}

#[test]
fn a_suppliers_record_holds_from_its_first_through_its_last_day_too() {
    let claim = SupplierClaim::read(&[
        txt("v=spf1 -all"),
        txt("version=NTA7516-1;startdate:2019-01;enddate:2019-06"),
        txt("version=NTA7516-1;startdate=2020-01;enddate=2020-02"),
    ]);
    for (now, holds) in [
        ("2018-12-31T22:59:59Z", false),
        ("2018-12-31T23:00:00Z", true),
        ("2019-06-30T21:59:59Z", true),
        ("2019-06-30T22:00:00Z", false),
        ("2020-02-29T22:59:59Z", true),
        ("2020-02-29T23:00:00Z", false),
    ] {
        assert_eq!(claim.holds(at(now)), holds, "{now}");
    }
}
