use crate::Reason;
use crate::score::{Evidence, Label};

/// Why something was found, with the label that told and how far that stands.
pub(crate) fn of(text: &str, evidence: &Evidence) -> Reason {
    let (mut nl, mut en) = (evidence.why.0.to_owned(), evidence.why.1.to_owned());
    if let Some(label) = evidence.label
        && let Some((words, far)) = read(text, evidence, label)
    {
        let (where_nl, where_en) = told(far);
        nl = format!("{nl}, label '{words}' {where_nl}");
        en = format!("{en}, label '{words}' {where_en}");
    }
    Reason { nl, en }
}

/// How far a label stands from what it tells of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Far {
    /// So many words before it.
    Before(usize),
    /// In a line above it.
    Above,
    /// Behind it.
    Behind,
}

fn read<'t>(text: &'t str, evidence: &Evidence, label: Label) -> Option<(&'t str, Far)> {
    let words = text.get(label.start..label.end)?;
    let words = words.trim_matches(|char: char| !char.is_alphabetic() && !"*\u{b0}".contains(char));
    let words =
        words.get(..words.floor_char_boundary(LONGEST)).filter(|words| !words.is_empty())?;
    if label.start >= evidence.end {
        return Some((words, Far::Behind));
    }
    let between = text.get(label.end.min(evidence.start)..evidence.start)?;
    if between.contains('\n') {
        return Some((words, Far::Above));
    }
    let is_word = |word: &&str| word.contains(char::is_alphanumeric);
    Some((words, Far::Before(between.split_whitespace().filter(is_word).count())))
}

fn told(far: Far) -> (String, String) {
    match far {
        Far::Before(0) => ("er vlak voor".to_owned(), "right before it".to_owned()),
        Far::Before(1) => ("1 woord ervoor".to_owned(), "1 word before".to_owned()),
        Far::Before(words) => (format!("{words} woorden ervoor"), format!("{words} words before")),
        Far::Above => ("erboven".to_owned(), "above it".to_owned()),
        Far::Behind => ("erachter".to_owned(), "behind it".to_owned()),
    }
}

/// Bytes of a label that are repeated.
const LONGEST: usize = 40;

#[cfg(test)]
mod tests {
    use crate::{Detector, Field, Kind, Options, Piece};

    #[test]
    fn a_reason_tells_the_label_and_how_far_it_stands() {
        let detector = Detector::new(Options::default());
        for (text, kind, nl, en) in [
            (
                "BSN 123456782",
                Kind::Bsn,
                "BSN: de elfproef klopt, label 'BSN' er vlak voor",
                "BSN: the check digit holds, label 'BSN' right before it",
            ),
            (
                "zijn BSN is volgens hem 123456782",
                Kind::Bsn,
                "BSN: de elfproef klopt, label 'BSN' 3 woorden ervoor",
                "BSN: the check digit holds, label 'BSN' 3 words before",
            ),
            (
                "naam | pat.nr.\nJan | 4410927",
                Kind::PatientNumber,
                "patiëntnummer, label 'pat.nr' erboven",
                "patient number, label 'pat.nr' above it",
            ),
            (
                "4410927 is haar patiëntnummer",
                Kind::PatientNumber,
                "patiëntnummer, label 'patiëntnummer' erachter",
                "patient number, label 'patiëntnummer' behind it",
            ),
            (
                "geb. op 12-03-1956",
                Kind::Dob,
                "geboortedatum, label 'geb' 1 woord ervoor",
                "date of birth, label 'geb' 1 word before",
            ),
        ] {
            let findings = detector.judge(&[Piece { field: Field::Body, text }]).findings;
            let own = findings.iter().find(|one| one.kind == kind);
            let reason = own.map(|one| (one.reason.nl.as_str(), one.reason.en.as_str()));
            assert_eq!(reason, Some((nl, en)), "{text}");
        }
    }
}
