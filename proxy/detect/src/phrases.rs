use std::sync::LazyLock;

use lexicon::Affixes;
use lexicon::small::{self, Part};

use crate::Kind;
use crate::identifiers::window;
use crate::score::{Evidence, Role};

/// Medical findings as a reader marks them: neighbours joined over small words ("tremor van de
/// hand"), with the side, the number and the adjective that belong to them. Other findings pass as they are.
pub(crate) fn joined(text: &str, weighed: &[(Evidence, f32)]) -> Vec<(Evidence, f32)> {
    let mut out: Vec<(Evidence, f32)> = Vec::with_capacity(weighed.len());
    let mut open: Option<(Evidence, f32)> = None;
    for &(evidence, weight) in weighed {
        if evidence.role != Role::Medical {
            out.push((evidence, weight));
            continue;
        }
        let mut wide = Evidence {
            start: leftwards(text, evidence.start),
            end: rightwards(text, evidence.end),
            ..evidence
        };
        if evidence.weight >= 1.0 {
            clause(text, &mut wide);
        }
        // "Cedric COPD": who has it is no part of what is had.
        if out.last().is_some_and(|(one, _)| one.kind == Kind::Name && wide.start < one.end) {
            wide.start = evidence.start;
        }
        open = match open {
            Some((mut before, sum)) if belongs(text, before.end, wide.start) => {
                before.end = before.end.max(wide.end);
                if wide.weight > before.weight {
                    (before.why, before.weight) = (wide.why, wide.weight);
                }
                Some((before, sum.max(weight)))
            }
            Some(done) => {
                out.push(done);
                Some((wide, weight))
            }
            None => Some((wide, weight)),
        };
    }
    out.extend(open);
    out.sort_by_key(|(evidence, _)| evidence.start);
    out
}

/// Is there nothing between two findings but words that join them?
fn belongs(text: &str, end: usize, start: usize) -> bool {
    if start <= end {
        return true;
    }
    let Some(between) = text.get(end..start).filter(|between| between.len() <= GAP) else {
        return false;
    };
    if between.bytes().any(|byte| ends_clause(byte) && byte != b'"' && byte != b'/') {
        return false;
    }
    between
        .split([' ', '-', '/'])
        .filter(|word| !word.is_empty())
        .all(|word| small::parts(word).has(Part::Joiner) || is_adjective(word))
}

/// Over the whole clause, where it is only some words long and holds nothing else: `ecg gb`, `wond
/// hiel rustig`.
fn clause(text: &str, finding: &mut Evidence) {
    // No further than a clause may be long: a text without any end is read once, not for each finding.
    let from = finding.start.saturating_sub(CLAUSE + 4);
    let before = window(text, from, finding.start);
    let begin = finding.start - before.len();
    let start = match before.bytes().rposition(ends_clause) {
        Some(at) => begin + at + 1,
        None if begin == 0 => 0,
        None => return,
    };
    let rest = window(text, finding.end, finding.end + CLAUSE + 4);
    let end = match rest.bytes().position(ends_clause) {
        Some(at) => finding.end + at,
        None if finding.end + rest.len() == text.len() => text.len(),
        None => return,
    };
    if end - start > CLAUSE {
        return;
    }
    let words = text.get(start..end).unwrap_or_default();
    let digits = words.bytes().filter(u8::is_ascii_digit).count();
    let is_note = |word: &str| {
        !word.starts_with(char::is_uppercase) || word.chars().all(|char| !char.is_lowercase())
    };
    // "Hij had een CVA" is a sentence, "wond hiel rustig" a note.
    if words.split_whitespace().nth(CLAUSE_WORDS).is_none()
        && digits <= 5
        && words.split_whitespace().skip(1).all(is_note)
        && !words.split_whitespace().any(|word| small::parts(word).has(Part::Sentence))
    {
        let lead = words.len() - words.trim_start_matches([' ', '-', '*', '>']).len();
        let tail = words.len() - words.trim_end().len();
        finding.start = finding.start.min(start + lead);
        finding.end = finding.end.max(end - tail);
    }
}

/// Over the adjectives before a finding.
fn leftwards(text: &str, start: usize) -> usize {
    let mut start = start;
    for _ in 0..ADJECTIVES {
        let before = text.get(..start).unwrap_or_default();
        let Some(head) = before.strip_suffix(' ') else {
            break;
        };
        let word = head.rsplit(|char: char| !char.is_alphanumeric()).next().unwrap_or_default();
        if !is_adjective(word) && !small::parts(word).has(Part::Side) {
            break;
        }
        start = head.len() - word.len();
    }
    start
}

/// Over the side, the grade, the number and the part of the body behind a finding.
fn rightwards(text: &str, end: usize) -> usize {
    let mut end = end;
    for _ in 0..WORDS {
        let rest = text.get(end..).unwrap_or_default();
        let Some(step) = step(rest) else {
            break;
        };
        end += step;
    }
    end
}

/// How many bytes behind a finding still belong to it.
fn step(rest: &str) -> Option<usize> {
    let after = rest.strip_prefix(' ')?;
    // "CRP      145": the next column of a table.
    let column = after.trim_start_matches(' ');
    let blanks = after.len() - column.len();
    if blanks > 0 {
        let word = first_word(column);
        let is = blanks < COLUMN && is_number(word);
        return is.then(|| 1 + blanks + word.trim_end_matches(ENDS).len());
    }
    let word = first_word(after);
    let bare = word.trim_end_matches(['.', ',']);
    let parts = small::parts(bare);
    if parts.has(Part::Side) || parts.has(Part::Grade) {
        return Some(1 + bare.len());
    }
    if is_number(bare) {
        return Some(1 + word.trim_end_matches(ENDS).len());
    }
    if !parts.has(Part::Link) {
        return None;
    }
    let mut at = 1 + word.len();
    // "tot 39,8", "bij platliggen"
    let next = first_word(rest.get(at..)?.strip_prefix(' ')?).trim_end_matches(ENDS);
    let doing = word == "bij" && next.len() > 5 && next.ends_with("en");
    if is_number(next) || doing || small::parts(next).has(Part::When) {
        return Some(at + 1 + next.len());
    }
    // "van de rechterhand", "aan mijn linker voet"
    for _ in 0..3 {
        let more = rest.get(at..)?.strip_prefix(' ')?;
        let word = first_word(more);
        let lower = word.trim_end_matches(ENDS).to_lowercase();
        if lexicon::is_body_part(&lower) {
            return Some(at + 1 + lower.len());
        }
        let parts = small::parts(&lower);
        if !parts.has(Part::Article) && !parts.has(Part::Side) {
            return None;
        }
        at += 1 + word.len();
    }
    None
}

/// A number with the signs before it, as it stands behind what was measured?
fn is_number(word: &str) -> bool {
    let digits = word.trim_start_matches(['<', '>', '=', '±', '+']);
    digits.starts_with(|char: char| char.is_ascii_digit()) && word.len() <= 9
}

fn first_word(text: &str) -> &str {
    let end = text.find([' ', '\n', '\t', '\r', '(']).unwrap_or(text.len());
    text.get(..end).unwrap_or_default()
}

fn is_adjective(word: &str) -> bool {
    static ENDS: LazyLock<Affixes> = LazyLock::new(|| {
        Affixes::new("isch, ische, ende, eerde, iële, ieuze, oire, aire, loze, matige")
    });
    // English ones, in which many names end too.
    static ENGLISH: LazyLock<Affixes> =
        LazyLock::new(|| Affixes::new("ic, ous, ive, nal, cal, ial, tal, eal"));
    let english = word.starts_with(char::is_lowercase) && word != "aantal" && ENGLISH.end(word);
    (word.len() > 5 && (english || ENDS.end(word))) || small::parts(word).has(Part::Adjective)
}

fn ends_clause(byte: u8) -> bool {
    matches!(
        byte,
        b'\n' | b'\t' | b',' | b';' | b':' | b'.' | b'|' | b'(' | b')' | b'?' | b'!' | b'"' | b'/'
    )
}

/// Bytes and words of a clause that is taken whole.
const CLAUSE: usize = 40;
const CLAUSE_WORDS: usize = 4;
const GAP: usize = 28;
const WORDS: usize = 3;
const ADJECTIVES: usize = 2;
/// Blanks between the columns of a table.
const COLUMN: usize = 30;
/// What a word of a sentence may end in and does not hold.
const ENDS: [char; 7] = ['.', ',', ')', ';', ':', '?', '!'];

#[cfg(test)]
mod tests {
    use crate::{Detector, Field, Kind, Options, Piece};

    #[test]
    fn a_finding_is_marked_with_what_belongs_to_it() {
        let detector = Detector::new(Options::default());
        for (text, marked) in [
            ("Zij heeft tremor van de rechterhand en slaapt.", "tremor van de rechterhand"),
            ("Sinds gisteren pijn in de rechterflank, ziet bleek.", "pijn in de rechterflank"),
            ("Hij heeft dan pijn bij kloppen en niet erg.", "pijn bij kloppen"),
            ("Ook dyspnoea on exertion was told to us.", "dyspnoea on exertion"),
            ("Zij had weer koorts tot 39,8, zegt de moeder.", "koorts tot 39,8"),
            ("Cedric COPD", "COPD"),
            ("Lab: de ASAT                138, was 90", "ASAT                138"),
            ("She needs subcutaneous morphine from today.", "subcutaneous morphine"),
            (
                "Hij had een ernstige chronische bronchitis dit jaar.",
                "ernstige chronische bronchitis",
            ),
        ] {
            let told = detector.judge(&[Piece { field: Field::Body, text }]).findings;
            let medical = told.iter().filter(|one| one.kind == Kind::Medical);
            let words: Vec<&str> = medical.map(|one| &text[one.start..one.end]).collect();
            assert!(words.contains(&marked), "{words:?} in {text}");
        }
    }
}
