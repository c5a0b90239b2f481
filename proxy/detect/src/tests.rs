use std::sync::LazyLock;

use serde::Deserialize;

use super::*;

#[derive(Deserialize)]
struct Mail {
    id: String,
    subject: String,
    body: String,
    health: bool,
}

fn judge(subject: &str, body: &str) -> Findings {
    static DETECTOR: LazyLock<Detector> = LazyLock::new(|| Detector::new(Options::default()));
    DETECTOR.judge(&[
        Piece { field: Field::Subject, text: subject },
        Piece { field: Field::Body, text: body },
    ])
}

/// Counts of right and wrong answers over the mails in `testdata/mails.jsonl`.
fn count(set: &str) -> (Vec<String>, Vec<String>, usize) {
    let mails = include_str!("../testdata/mails.jsonl").lines().map(|line| {
        serde_json::from_str::<Mail>(line).unwrap_or_else(|error| panic!("{line}: {error}"))
    });
    let (mut missed, mut false_prompts, mut all) = (Vec::new(), Vec::new(), 0);
    for mail in mails.filter(|mail| mail.id.starts_with(set)) {
        all += 1;
        let findings = judge(&mail.subject, &mail.body);
        let told = format!("{} {:.2} {:?}", mail.id, findings.score, findings.findings);
        match (mail.health, findings.health) {
            (true, false) => missed.push(told + "\n"),
            (false, true) => false_prompts.push(told + "\n"),
            _ => {}
        }
    }
    (missed, false_prompts, all)
}

#[test]
fn easy_mails_are_all_told_apart() {
    let (missed, false_prompts, all) = count("easy");
    assert!(all >= 30, "{all}");
    assert!(
        missed.is_empty() && false_prompts.is_empty(),
        "missed {missed:#?}, false {false_prompts:#?}"
    );
}

#[test]
fn hard_mails_are_told_apart_within_bounds() {
    let (missed, false_prompts, all) = count("hard");
    assert!(all >= 90, "{all}");
    // Known misses: people named by nothing but a given name or by their street.
    assert!(missed.len() <= 3, "missed {missed:#?}");
    assert!(false_prompts.len() <= 3, "false {false_prompts:#?}");
}

#[test]
fn the_example_of_the_house_is_certain() {
    let findings = judge("", "BSN 123456782, dhr. Jansen, geb. 12-03-1956, CVA");
    assert_eq!(findings.level, Level::Certain);
    let kinds: Vec<Kind> = findings.findings.iter().map(|one| one.kind).collect();
    for kind in [Kind::Bsn, Kind::Name, Kind::Dob, Kind::Medical] {
        assert!(kinds.contains(&kind), "{kinds:?}");
    }
}

#[test]
fn a_person_without_health_and_health_without_a_person_pass() {
    assert!(
        !judge("Contract", "BSN 123456782, mw. Jansen, geb. 12-03-1980, start per 1 mei").health
    );
    assert!(!judge("Les", "Diabetes en hypertensie zijn risicofactoren voor een CVA.").health);
}

#[test]
fn a_signature_and_a_disclaimer_are_no_evidence() {
    let text = "Lunch om 12 uur?\n\nMet vriendelijke groet,\nMw. A. de Vries\nCardioloog, polikliniek cardiologie\n06-12345678\n";
    let findings = judge("", text);
    assert!(!findings.health, "{}", findings.score);
    assert!(findings.findings.iter().filter(|one| one.weight > 0.0).count() == 0);
}

#[test]
fn own_terms_and_staff_change_the_answer() {
    let text = "Mevrouw Bakker komt morgen voor de zorgstraat klierlab.";
    let plain = Detector::new(Options::default());
    let own =
        Detector::new(Options { own_terms: vec!["klierlab".to_owned()], ..Options::default() });
    let pieces = [Piece { field: Field::Body, text }];
    assert!(!plain.judge(&pieces).health);
    assert!(own.judge(&pieces).health);
    let staff = Options {
        staff: vec!["Bakker".to_owned()],
        own_terms: vec!["klierlab".to_owned()],
        ..Options::default()
    };
    assert!(!Detector::new(staff).judge(&pieces).health);
}

#[test]
fn findings_point_at_their_words() {
    let text = "Beste é, mw. Ünal, geb. 1-2-1950, heeft diabetes. Tel 06-12345678, a@b.nl";
    for one in judge("", text).findings {
        let words = &text[one.start..one.end];
        assert!(!words.trim().is_empty(), "{words:?}");
        assert!(!one.reason.nl.is_empty() && !one.reason.en.is_empty());
    }
}

proptest::proptest! {
    #[test]
    fn any_text_is_judged_without_a_panic(text in "\\PC{0,300}", subject in "\\PC{0,80}") {
        let findings = judge(&subject, &text);
        let texts = [&subject, &text];
        for one in findings.findings {
            proptest::prop_assert!(texts[one.piece].get(one.start..one.end).is_some());
        }
    }
}
