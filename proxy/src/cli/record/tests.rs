use clap::Parser;
use proptest::prelude::*;

use super::*;

#[derive(Debug, Parser)]
struct Line {
    #[command(flatten)]
    arguments: Arguments,
}

fn line(words: &[&str]) -> Result<Arguments, clap::Error> {
    Line::try_parse_from([&["record"], words].concat()).map(|line| line.arguments)
}

fn month(text: &str) -> Month {
    Month::parse(text).unwrap()
}

fn told() -> (Timestamp, Language) {
    ("2026-11-26T12:00:00Z".parse().unwrap(), Language::English)
}

#[test]
fn a_record_is_written_from_its_parts() {
    let words =
        ["--provider", "LAB", "--end", "2028-12", "--ntamx", "10 mx.a.nl", "--ntamx", "20 B.nl"];
    let text = written(&line(&words).unwrap(), month("2026-11")).unwrap();
    assert_eq!(
        text,
        "v=NTA7516-1;startdate=2026-11;enddate=2028-12;provider=LAB;ntamx=10 mx.a.nl;ntamx=20 b.nl"
    );
    let words = ["--supplier", "--start", "2026-01", "--end", "2026-12"];
    let text = written(&line(&words).unwrap(), month("2026-11")).unwrap();
    assert_eq!(text, "version=NTA7516-1;startdate:2026-01;enddate:2026-12");
}

#[test]
fn what_would_not_hold_is_not_written() {
    for words in [
        &["--provider", "LAB", "--end", "2026-10"][..],
        &["--provider", "a b", "--end", "2028-12"],
        &["--provider", "LAB", "--end", "2028-13"],
        &["--provider", "LAB", "--end", "2028-12", "--ntamx", "mx.a.nl"],
        &["--provider", "LAB", "--end", "2028-12", "--ntamx", "1000 mx.a.nl"],
        &["--provider", "LAB", "--end", "2028-12", "--ntamx", "+1 mx.a.nl"],
        // Domains may have an underscore, hosts may not (RFC 1123 section 2.1).
        &["--provider", "LAB", "--end", "2028-12", "--ntamx", "10 m_x.a.nl"],
        &["--provider", "LAB", "--end", "2028-12", "--ntamx", "10 192.0.2.1"],
    ] {
        let arguments = line(words).unwrap();
        let failure = written(&arguments, month("2026-11")).unwrap_err();
        assert!(matches!(failure, Failure::Usage(_)), "{words:?}: {failure}");
    }
    for words in [&[][..], &["--provider", "LAB"], &["--check", "x", "--end", "2028-12"]] {
        assert!(line(words).is_err(), "{words:?}");
    }
}

#[test]
fn texts_are_checked_each_and_as_a_set() {
    let record = |period: &str| format!("v=NTA7516-1;{period};provider=LAB");
    let (now, later) = ("startdate=2026-01;enddate=2026-12", "startdate=2027-01;enddate=2027-12");
    let answer = |texts: &[String]| Answer::of_texts(texts, told());

    let good = answer(&[record(now), record(later)]);
    assert!(good.valid && good.holds && good.faults.is_empty(), "{good:?}");
    let early = answer(&[record(later)]);
    assert!(early.valid && !early.holds, "{early:?}");
    let overlap = answer(&[record(now), record(now)]);
    assert!(!overlap.valid && !overlap.holds && overlap.faults.len() == 1, "{overlap:?}");
    let draft = answer(&["v=NTA7516;version:2026-01;expire:2027-01;provider:x;".to_owned()]);
    assert!(!draft.valid && draft.faults[0].text.contains("old draft"), "{draft:?}");
    assert_eq!((draft.faults[0].record, draft.faults[0].place), (Some(0), Some(9)));

    let supplier = |text: &str| Answer::of_supplier_texts(&[text.to_owned()], told());
    assert!(supplier("version=NTA7516-1;startdate:2026-01;enddate:2026-12").holds);
    assert!(supplier("version=NTA7516-1;startdate=2026-01;enddate=2026-12").holds);
    assert!(!supplier("version=NTA7516-1;startdate:2025-01;enddate:2025-12").holds);
    assert!(!supplier(&record(now)).valid);
}

#[test]
fn what_dnssec_finds_bogus_holds_for_nobody() {
    for (security, holds) in [
        (Security::Secure, true),
        (Security::Insecure, true),
        (Security::Bogus, false),
        (Security::Indeterminate, false),
    ] {
        let text = "v=NTA7516-1;startdate=2026-01;enddate=2026-12;provider=LAB".to_owned();
        let mut answer = Answer::of_texts(&[text], told());
        answer.proved(security, Language::Dutch);
        assert_eq!(answer.holds, holds);
        assert_eq!(answer.remarks.len(), 1);
    }
}

proptest! {
    /// Whatever is asked for: it is refused, or what is written is accepted.
    #[test]
    fn what_it_writes_it_accepts(
        provider in "[ -~]{0,12}",
        years in (2020..2030_u16, 2020..2030_u16),
        months in (0..14_u8, 0..14_u8),
        ntamx in proptest::collection::vec("[0-9+]{0,4} ?[a-z0-9_.-]{0,12}", 0..3),
    ) {
        let at = |year: u16, month: u8| format!("{year}-{month:02}");
        let (start, end) = (at(years.0, months.0), at(years.1, months.1));
        let mut words = vec![format!("--provider={provider}"), format!("--start={start}"), format!("--end={end}")];
        words.extend(ntamx.iter().map(|one| format!("--ntamx={one}")));
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let Ok(arguments) = line(&words) else { return Ok(()) };
        if let Ok(text) = written(&arguments, month("2026-11")) {
            let record = Record::parse(text.as_bytes());
            prop_assert!(record.is_ok(), "{} {:?}", text, record);
            prop_assert_eq!(record.unwrap().to_string(), text);
        }
    }
}
