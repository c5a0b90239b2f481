use std::sync::LazyLock;

use super::*;

fn judge(subject: &str, body: &str) -> Findings {
    static DETECTOR: LazyLock<Detector> = LazyLock::new(|| Detector::new(Options::default()));
    DETECTOR.judge(&[
        Piece { field: Field::Subject, text: subject },
        Piece { field: Field::Body, text: body },
    ])
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
