use jiff::Timestamp;

use super::*;

mod bytes;
mod dialects;

const GUIDE: &str = "v=NTA7516-1;startdate=2019-06;enddate=2020-09;provider=kenmerkNTAsysteem;\
                     ntamx=10 inc.webser.nl;ntamx=20 inc2.webser.nl";

fn txt(text: &str) -> Txt {
    Txt { data: text.as_bytes().to_vec(), ttl: 3600 }
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

#[test]
fn the_records_of_the_guide_are_valid() {
    let record = Record::parse(GUIDE.as_bytes()).unwrap();
    assert_eq!(record.start.to_string(), "2019-06");
    assert_eq!(record.end.to_string(), "2020-09");
    assert_eq!(record.provider.as_str(), "kenmerkNTAsysteem");
    let hosts: Vec<_> = record.ntamx.iter().map(|mx| (mx.priority, mx.host.as_str())).collect();
    assert_eq!(hosts, [(10, "inc.webser.nl"), (20, "inc2.webser.nl")]);

    let short = "v=NTA7516-1;startdate=2019-06;enddate=2020-09;provider=kenmerkNTAsysteem";
    assert!(Record::parse(short.as_bytes()).unwrap().ntamx.is_empty());
}

#[test]
fn each_fault_is_named_at_its_place() {
    for (text, place, what) in FAULTS {
        let fault = Record::parse(text.as_bytes()).unwrap_err();
        assert_eq!((fault.place(), fault.what()), (*place, *what), "{text:?}");
        assert!(fault.nl().len() > 20 && fault.en().len() > 20);
    }
}

#[test]
fn an_ntamx_is_a_priority_one_space_and_a_host_name() {
    use What::*;
    let start = "v=NTA7516-1;startdate=2019-06;enddate=2019-06;provider=x;ntamx=";
    for (value, host) in [
        ("0 a.nl", "a.nl"),
        ("1 a.nl", "a.nl"),
        ("999 A.NL", "a.nl"),
        ("010 1a.2b.nl", "1a.2b.nl"),
        ("5 mx-1.xn--zrg-hna.example", "mx-1.xn--zrg-hna.example"),
    ] {
        let record = Record::parse(format!("{start}{value}").as_bytes()).unwrap();
        assert_eq!(record.ntamx[0].host.as_str(), host);
    }
    for (value, offset, what) in [
        ("", 0, Priority),
        ("a.nl", 0, Priority),
        ("10", 0, Priority),
        ("1000 a.nl", 0, Priority),
        ("-1 a.nl", 0, Priority),
        ("10a.nl", 0, Priority),
        ("10  a.nl", 3, Blank),
        ("10 a.nl ", 7, Blank),
        ("10 ", 3, HostName),
        ("10 a.nl.", 3, HostName),
        ("10 a_b.nl", 3, HostName),
        ("10 -a.nl", 3, HostName),
        ("10 a..nl", 3, HostName),
        ("10 a.nl:25", 3, HostName),
        ("10 192.0.2.1", 3, HostAddress),
        ("10 2001:db8::1", 3, HostAddress),
    ] {
        let fault = Record::parse(format!("{start}{value}").as_bytes()).unwrap_err();
        let expected = (start.len() + offset, what);
        assert_eq!((fault.place(), fault.what()), expected, "{value:?}");
    }
}

#[test]
fn limits_hold() {
    let start = "v=NTA7516-1;startdate=2019-06;enddate=2019-06;provider=x";
    let most = format!("{start}{}", ";ntamx=1 a.nl".repeat(MAX_NTAMX));
    assert_eq!(Record::parse(most.as_bytes()).unwrap().ntamx.len(), MAX_NTAMX);
    let more = format!("{most};ntamx=1 a.nl");
    let fault = Record::parse(more.as_bytes()).unwrap_err();
    assert_eq!(fault.what(), What::TooManyHosts);
    let long = format!("v=NTA7516-1;{}", "x".repeat(MAX_LENGTH));
    assert_eq!(Record::parse(long.as_bytes()).unwrap_err().what(), What::TooLong);
    let mark =
        format!("v=NTA7516-1;startdate=2019-06;enddate=2019-06;provider={}", "x".repeat(256));
    assert_eq!(Record::parse(mark.as_bytes()).unwrap_err().what(), What::LongProvider);
}

#[test]
fn other_txt_records_are_passed_over() {
    let others = [txt("v=spf1 -all"), txt("MS=ms123"), txt(""), txt("version=NTA7516-1;x")];
    assert_eq!(Claim::read(&others), Claim::None);
    let with = [txt("v=spf1 -all"), txt(GUIDE), txt("MS=ms123")];
    assert!(matches!(Claim::read(&with), Claim::Valid(set) if set.records().len() == 1));
}

#[test]
fn a_claim_that_does_not_parse_is_never_no_claim() {
    for text in ["v=NTA7516", "v=NTA7516-2;x", "v=NTA7516-1", "v=NTA7516;version:2019-06;"] {
        assert!(matches!(Claim::read(&[txt(text)]), Claim::Invalid(_)), "{text}");
        let with_good = [txt(GUIDE), txt(text)];
        assert!(matches!(Claim::read(&with_good), Claim::Invalid(_)), "{text}");
    }
}

#[test]
fn character_strings_are_joined() {
    let (one, two) = GUIDE.as_bytes().split_at(17);
    let joined = Txt::join([one, b"", two], 60);
    assert_eq!(joined.data, GUIDE.as_bytes());
    assert!(matches!(Claim::read(&[joined]), Claim::Valid(_)));
}

fn period(start: &str, end: &str) -> Txt {
    txt(&format!("v=NTA7516-1;startdate={start};enddate={end};provider=x"))
}

#[test]
fn two_records_may_not_share_a_month() {
    for (one, other, faults) in [
        (("2019-01", "2019-06"), ("2019-07", "2019-12"), 0),
        (("2019-07", "2019-12"), ("2019-01", "2019-06"), 0),
        (("2019-01", "2019-06"), ("2019-06", "2019-12"), 1),
        (("2019-06", "2019-12"), ("2019-01", "2019-06"), 1),
        (("2019-01", "2019-12"), ("2019-03", "2019-04"), 1),
        (("2019-03", "2019-03"), ("2019-03", "2019-03"), 1),
    ] {
        let set = [period(one.0, one.1), period(other.0, other.1)];
        match Claim::read(&set) {
            Claim::Invalid(found) => {
                assert_eq!(found, [Fault::Overlap], "{one:?} {other:?}");
                assert_eq!(faults, 1);
            }
            claim => {
                assert!(matches!(claim, Claim::Valid(_)));
                assert_eq!(faults, 0, "{one:?} {other:?}");
            }
        }
    }
}

#[test]
fn three_records_are_no_valid_claim() {
    let set =
        [period("2019-01", "2019-01"), period("2019-02", "2019-02"), period("2019-03", "2019-03")];
    assert_eq!(Claim::read(&set), Claim::Invalid(vec![Fault::TooMany { count: 3 }]));
}

#[test]
fn a_record_may_be_cached_for_a_day_at_most() {
    let with = |ttl| Claim::read(&[Txt { ttl, ..txt(GUIDE) }]);
    assert!(matches!(with(0), Claim::Valid(_)));
    assert!(matches!(with(86_400), Claim::Valid(set) if set.ttl() == 86_400));
    let faults = vec![Fault::Ttl { index: 0, ttl: 86_401 }];
    assert_eq!(with(86_401), Claim::Invalid(faults));
}

#[test]
fn a_record_holds_from_its_first_through_its_last_day_in_amsterdam() {
    let claim = Claim::read(&[period("2019-06", "2020-09"), period("2020-10", "2020-10")]);
    let end = |now| claim.current(at(now)).map(|record| record.end.to_string());
    assert_eq!(end("2019-05-31T21:59:59Z"), None);
    assert_eq!(end("2019-05-31T22:00:00Z").as_deref(), Some("2020-09"));
    assert_eq!(end("2020-09-30T21:59:59Z").as_deref(), Some("2020-09"));
    assert_eq!(end("2020-09-30T22:00:00Z").as_deref(), Some("2020-10"));
    assert_eq!(end("2020-10-31T22:59:59Z").as_deref(), Some("2020-10"));
    assert_eq!(end("2020-10-31T23:00:00Z"), None);
}

#[test]
fn a_suppliers_record_is_read_in_both_spellings_and_published_with_colons() {
    let colons = "version=NTA7516-1;startdate:2019-06;enddate:2020-09";
    let equals = "version=NTA7516-1;startdate=2019-06;enddate=2020-09";
    let record = SupplierRecord::parse(colons.as_bytes()).unwrap();
    assert_eq!(SupplierRecord::parse(equals.as_bytes()).unwrap(), record);
    assert_eq!(record.to_string(), colons);

    let claim = SupplierClaim::read(&[txt("v=spf1 -all"), txt(equals)]);
    assert!(claim.holds(at("2020-09-30T21:59:59Z")));
    assert!(!claim.holds(at("2020-09-30T22:00:00Z")));
    assert_eq!(SupplierClaim::read(&[txt(GUIDE)]), SupplierClaim::None);
}

#[test]
fn each_fault_of_a_suppliers_record_is_named_at_its_place() {
    for (text, place, what) in SUPPLIER_FAULTS {
        let fault = SupplierRecord::parse(text.as_bytes()).unwrap_err();
        assert_eq!((fault.place(), fault.what()), (*place, *what), "{text:?}");
        let claim = SupplierClaim::read(&[txt(text)]);
        let invalid = text.starts_with("version=NTA7516");
        assert_eq!(matches!(claim, SupplierClaim::Invalid(_)), invalid, "{text:?}");
    }
}

#[test]
fn a_record_set_written_as_json_is_checked_when_read() {
    let Claim::Valid(set) = Claim::read(&[period("2019-01", "2019-06")]) else {
        panic!("a valid record");
    };
    let json = serde_json::to_string(&set).unwrap();
    assert!(json.contains(r#""start":"2019-01""#), "{json}");
    assert_eq!(serde_json::from_str::<RecordSet>(&json).unwrap(), set);
    let none = r#"{"records":[],"ttl":1}"#;
    assert!(serde_json::from_str::<RecordSet>(none).is_err());
}

/// A text, the place of its fault, and the fault.
type Row = (&'static str, usize, What);

const FAULTS: &[Row] = &[
    ("v=spf1 -all", 0, What::NotARecord),
    ("", 0, What::NotARecord),
    ("v=NTA7516-2;startdate=2019-06", 9, What::OtherVersion),
    ("v=NTA7516", 9, What::OtherVersion),
    ("v=NTA7516;version:2019-06;expire:2019-10;provider:x;ntamx:mx.a", 9, What::DraftDialect),
    ("version=NTA7516-1;startdate:2019-06;enddate:2020-09", 0, What::SupplierRecord),
    ("V=nta7516-1;startdate=2019-06", 0, What::LetterCase(Tag::V)),
    ("\"v=NTA7516-1;startdate=2019-06\"", 0, What::Quote),
    (" v=NTA7516-1;startdate=2019-06", 0, What::Blank),
    ("v=NTA7516-1 ;startdate=2019-06", 11, What::Blank),
    ("v=NTA7516-1", 11, What::Missing(Tag::StartDate)),
    ("v=NTA7516-1;", 12, What::EmptyField),
    ("v=NTA7516-1; startdate=2019-06", 12, What::Blank),
    ("v=NTA7516-1;startdate:2019-06", 21, What::Colon(Tag::StartDate)),
    ("v=NTA7516-1;Startdate=2019-06", 12, What::LetterCase(Tag::StartDate)),
    ("v=NTA7516-1;startdate=2019-13;", 22, What::Month),
    ("v=NTA7516-1;startdate=2019-6;", 22, What::Month),
    ("v=NTA7516-1;startdate=2019-06 ;", 29, What::Blank),
    ("v=NTA7516-1;startdate=2019-06\t;", 29, What::Blank),
    ("v=NTA7516-1;startdate=2019-06\u{e9};", 29, What::Character(0xc3)),
    ("v=NTA7516-1;startdate=2019-06\0;", 29, What::Character(0)),
    (
        "v=NTA7516-1;startdate=2019-06;provider=x",
        30,
        What::Misplaced { expected: Tag::EndDate, found: Tag::Provider },
    ),
    (
        "v=NTA7516-1;enddate=2019-06;startdate=2019-06",
        12,
        What::Misplaced { expected: Tag::StartDate, found: Tag::EndDate },
    ),
    ("v=NTA7516-1;startdate=2019-06;enddate=2019-05;provider=x", 38, What::EndBeforeStart),
    ("v=NTA7516-1;startdate=2019-06;enddate=2019-06", 45, What::Missing(Tag::Provider)),
    ("v=NTA7516-1;startdate=2019-06;enddate=2019-06;provider=", 55, What::EmptyProvider),
    ("v=NTA7516-1;startdate=2019-06;enddate=2019-06;provider=a b", 56, What::Blank),
    ("v=NTA7516-1;startdate=2019-06;enddate=2019-06;provider=a\"b", 56, What::Quote),
    ("v=NTA7516-1;startdate=2019-06;enddate=2019-06;provider=x;", 57, What::EmptyField),
    ("v=NTA7516-1;startdate=2019-06;enddate=2019-06;provider=x;;ntamx=1 a", 57, What::EmptyField),
    (
        "v=NTA7516-1;startdate=2019-06;enddate=2019-06;provider=x;provider=y",
        57,
        What::Repeated(Tag::Provider),
    ),
    ("v=NTA7516-1;startdate=2019-06;enddate=2019-06;provider=x;note=y", 57, What::Unknown),
    (
        "v=NTA7516-1;startdate=2019-06;enddate=2019-06;provider=x;ntamx:10 a.nl",
        62,
        What::Colon(Tag::NtaMx),
    ),
    ("v=NTA7516-1;startdate=2019-06;enddate=2019-06;provider=x; ntamx=10 a.nl", 57, What::Blank),
    (
        "v=NTA7516-1;startdate=2019-06;enddate=2019-06;provider=x;NTAMX=10 a.nl",
        57,
        What::LetterCase(Tag::NtaMx),
    ),
];

const SUPPLIER_FAULTS: &[Row] = &[
    ("", 0, What::NotARecord),
    (GUIDE, 0, What::ProfessionalRecord),
    ("version=NTA7516-2;startdate:2019-06", 0, What::OtherVersion),
    ("Version=NTA7516-1;startdate:2019-06", 0, What::LetterCase(Tag::Version)),
    ("\"version=NTA7516-1", 0, What::Quote),
    ("version=NTA7516-1", 17, What::Missing(Tag::StartDate)),
    ("version=NTA7516-1;startdate:2019-06", 35, What::Missing(Tag::EndDate)),
    ("version=NTA7516-1;startdate:2019-06;enddate=2020-09", 43, What::MixedSigns(Tag::EndDate)),
    ("version=NTA7516-1;startdate=2019-06;enddate:2020-09", 43, What::MixedSigns(Tag::EndDate)),
    ("version=NTA7516-1;startdate:2019-06;enddate:2019-05", 44, What::EndBeforeStart),
    ("version=NTA7516-1;startdate:2019-06;enddate:2019-06;", 52, What::EmptyField),
    ("version=NTA7516-1;startdate:2019-06;enddate:2019-06;provider=x", 52, What::Unknown),
    ("version=NTA7516-1;startdate:19-06;enddate:2019-06", 28, What::Month),
    ("version=NTA7516-1;startdate:2019-06 ;enddate:2019-06", 35, What::Blank),
];
