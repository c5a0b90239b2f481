use crate::identifiers::window;
use crate::lexicon;
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
        open = match open {
            Some((mut before, sum)) if belongs(text, before.end, wide.start) => {
                before.end = before.end.max(wide.end);
                if wide.weight > before.weight {
                    (before.nl, before.en, before.weight) = (wide.nl, wide.en, wide.weight);
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
    if between.contains(['\n', '\t', ';', ':', '|', '.', ',', '?', '!', '(', ')']) {
        return false;
    }
    between.split([' ', '-', '/']).filter(|word| !word.is_empty()).all(|word| {
        let lower = word.to_lowercase();
        JOINERS.contains(&lower.as_str()) || is_adjective(&lower)
    })
}

/// Over the whole clause, where it is only some words long and holds nothing else: `ecg gb`, `wond
/// hiel rustig`.
fn clause(text: &str, finding: &mut Evidence) {
    // No further than a clause may be long: a text without any end is read once, not for each finding.
    let from = finding.start.saturating_sub(CLAUSE + 4);
    let before = window(text, from, finding.start);
    let begin = finding.start - before.len();
    let start = match before.rfind(CLAUSE_ENDS) {
        Some(at) => begin + at + 1,
        None if begin == 0 => 0,
        None => return,
    };
    let rest = window(text, finding.end, finding.end + CLAUSE + 4);
    let end = match rest.find(CLAUSE_ENDS) {
        Some(at) => finding.end + at,
        None if finding.end + rest.len() == text.len() => text.len(),
        None => return,
    };
    if end - start > CLAUSE {
        return;
    }
    let words = text.get(start..end).unwrap_or_default();
    let digits = words.bytes().filter(u8::is_ascii_digit).count();
    let small = words.split_whitespace().skip(1).all(|word| {
        !word.starts_with(char::is_uppercase) || word.chars().all(|char| !char.is_lowercase())
    });
    // "Hij had een CVA" is a sentence, "wond hiel rustig" a note.
    let sentence =
        words.split_whitespace().any(|word| SENTENCES.contains(&word.to_lowercase().as_str()));
    if words.split_whitespace().count() <= CLAUSE_WORDS && digits <= 5 && small && !sentence {
        let lead = words.len() - words.trim_start_matches([' ', '-', '*', '>']).len();
        let tail = words.len() - words.trim_end().len();
        finding.start = finding.start.min(start + lead);
        finding.end = finding.end.max(end - tail);
    }
}

/// Over the adjective before a finding, or the number with its unit.
fn leftwards(text: &str, start: usize) -> usize {
    let before = text.get(..start).unwrap_or_default();
    let Some(head) = before.strip_suffix(' ') else {
        return start;
    };
    let word = head.rsplit(|char: char| !char.is_alphanumeric()).next().unwrap_or_default();
    let lower = word.to_lowercase();
    if is_adjective(&lower) || SIDES.contains(&lower.as_str()) {
        head.len() - word.len()
    } else {
        start
    }
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
    let word = first_word(after);
    let lower = word.trim_end_matches(['.', ',']).to_lowercase();
    if SIDES.contains(&lower.as_str()) || GRADES.contains(&lower.as_str()) {
        return Some(1 + lower.len());
    }
    let digits = lower.trim_start_matches(['<', '>', '=', '±', '+']);
    if digits.starts_with(|char: char| char.is_ascii_digit()) && lower.len() <= 9 {
        return Some(1 + word.trim_end_matches(['.', ',', ')', ';', ':']).len());
    }
    // "van de rechterhand", "aan mijn linker voet"
    if !LINKS.contains(&lower.as_str()) {
        return None;
    }
    let mut at = 1 + word.len();
    for _ in 0..3 {
        let more = rest.get(at..)?.strip_prefix(' ')?;
        let word = first_word(more);
        let lower = word.trim_end_matches(['.', ',', ')', ';', ':', '?', '!']).to_lowercase();
        if lexicon::is_body_part(&lower) {
            return Some(at + 1 + lower.len());
        }
        if !ARTICLES.contains(&lower.as_str()) && !SIDES.contains(&lower.as_str()) {
            return None;
        }
        at += 1 + word.len();
    }
    None
}

fn first_word(text: &str) -> &str {
    let end = text.find([' ', '\n', '\t', '\r', '(']).unwrap_or(text.len());
    text.get(..end).unwrap_or_default()
}

fn is_adjective(lower: &str) -> bool {
    lower.len() > 5
        && ["ische", "ende", "eerde", "iële", "ieuze", "oire", "aire", "loze", "matige"]
            .iter()
            .any(|end| lower.ends_with(end))
        || ADJECTIVES.contains(&lower)
}

const CLAUSE_ENDS: [char; 13] = ['\n', '\t', ',', ';', ':', '.', '|', '(', ')', '?', '!', '"', '/'];
/// Bytes and words of a clause that is taken whole.
const CLAUSE: usize = 40;
const CLAUSE_WORDS: usize = 4;
/// Words that stand in sentences rather than in notes.
const SENTENCES: [&str; 44] = [
    "hij", "zij", "ze", "ik", "we", "wij", "u", "je", "jij", "mevrouw", "meneer", "mw", "dhr",
    "mevr", "had", "heeft", "heb", "is", "was", "wordt", "werd", "moet", "kan", "wil", "gaat",
    "komt", "krijgt", "kreeg", "beste", "geachte", "hoi", "dag", "graag", "voor", "over", "he",
    "she", "has", "i", "you", "een", "de", "het", "the",
];
const GAP: usize = 28;
const WORDS: usize = 3;
const JOINERS: [&str; 26] = [
    "van", "de", "het", "een", "in", "aan", "op", "met", "en", "bij", "door", "na", "voor",
    "links", "rechts", "li", "re", "zonder", "mijn", "haar", "zijn", "of", "the", "of", "and", "w",
];
const SIDES: [&str; 22] = [
    "links",
    "rechts",
    "li",
    "re",
    "bdz",
    "beiderzijds",
    "linker",
    "rechter",
    "l",
    "r",
    "left",
    "right",
    "bilateral",
    "dubbelzijdig",
    "linkszijdig",
    "rechtszijdig",
    "boven",
    "onder",
    "lateraal",
    "mediaal",
    "distaal",
    "proximaal",
];
const GRADES: [&str; 14] = [
    "i", "ii", "iii", "iv", "gold", "graad", "stadium", "type", "nyha", "positief", "negatief",
    "pos", "neg", "score",
];
const LINKS: [&str; 10] = ["van", "aan", "in", "op", "bij", "of", "on", "onder", "rond", "achter"];
const ARTICLES: [&str; 16] = [
    "de", "het", "een", "mijn", "haar", "zijn", "uw", "je", "m'n", "z'n", "d'r", "beide", "the",
    "my", "his", "her",
];
const ADJECTIVES: [&str; 52] = [
    "acute",
    "acuut",
    "ernstige",
    "ernstig",
    "lichte",
    "licht",
    "forse",
    "fors",
    "hevige",
    "hevig",
    "erge",
    "flinke",
    "veel",
    "matig",
    "chronische",
    "recidief",
    "oude",
    "nieuwe",
    "diepe",
    "oppervlakkige",
    "pijnlijke",
    "droge",
    "natte",
    "rode",
    "dikke",
    "hoge",
    "lage",
    "verhoogde",
    "verlaagde",
    "slechte",
    "beginnende",
    "doorgemaakte",
    "bekende",
    "mogelijke",
    "verdenking",
    "geen",
    "wisselende",
    "toenemende",
    "progr",
    "status",
    "milde",
    "persisterende",
    "vergrote",
    "kleine",
    "grote",
    "goede",
    "nachtelijke",
    "severe",
    "acute",
    "mild",
    "chronic",
    "recurrent",
];
