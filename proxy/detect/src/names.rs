use std::collections::HashSet;

use regex::Regex;

use crate::identifiers::window;
use crate::lexicon;
use crate::numbers::pattern;

/// Finds names of people: a title with a name, initials with a name, a known first name with a name.
#[derive(Debug)]
pub(crate) struct Names {
    title: Regex,
    name: Regex,
    initials: Regex,
    pair: Regex,
    single: Regex,
    first: HashSet<String>,
}

/// How a name stands in the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// `dhr. Jansen`, `patiënt Jansen`.
    Titled,
    /// `Beste mevrouw Jansen,`: the reader.
    Greeted,
    /// `dr. Jansen`, `Jansen, cardioloog`: a professional.
    Professional,
    /// `J. Jansen`, `Jan Jansen`.
    Plain,
    /// `Beste Jan,`, or a first name alone.
    First,
}

impl Names {
    pub(crate) fn new() -> Self {
        let name = NAME;
        Self {
            title: pattern(
                r"\b(?i:de heer|dhr|hr|heer|meneer|mevrouw|mevr|mw|mej|mijnheer|mvr|familie|fam|baby|kind|pati[eë]nte?|cli[eë]nte?|bewoner|bewoonster|pt|mr|mrs|ms|dr|drs|prof|ir)\b[.:]?[ \t\r\n]{1,2}(?:(?:dr|drs|prof|mr)\.[ ])?",
            ),
            name: pattern(&format!(
                r"^(?:{INITIALS}\s?)?{PREFIX}{name}(?:\s?-\s?{PREFIX}{name}|\s{name})?"
            )),
            initials: pattern(&format!(r"\b{INITIALS}\s?{PREFIX}{name}(?:-{PREFIX}{name})?")),
            pair: pattern(&format!(
                r"\b[A-Z][a-zé\u{{eb}}ïöü]{{1,14}}(?:-[A-Z][a-zéëïöü]+)?\s{PREFIX}{name}(?:-{PREFIX}{name})?"
            )),
            single: pattern(r"\b[A-Z][a-zéëïöü]{2,14}\b"),
            first: lexicon::entries(lexicon::FIRST_NAMES).map(str::to_lowercase).collect(),
        }
    }

    /// Names with their places, best form first; overlapping ones are the caller's to drop.
    pub(crate) fn find(&self, text: &str) -> Vec<(usize, usize, Form)> {
        let mut out = Vec::new();
        for title in self.title.find_iter(text) {
            let behind = window(text, title.end(), title.end() + LONGEST);
            let Some(name) = self.name.find(behind) else {
                continue;
            };
            let word = title.as_str().split(['.', ' ', '\n']).next();
            let word = word.unwrap_or_default().to_lowercase();
            let form = if matches!(word.as_str(), "dr" | "drs" | "prof" | "ir") {
                Form::Professional
            } else if is_greeted(text, title.start()) {
                Form::Greeted
            } else {
                Form::Titled
            };
            out.push((title.end(), title.end() + name.end(), form));
        }
        for found in self.initials.find_iter(text) {
            out.push((found.start(), found.end(), Form::Plain));
        }
        for found in self.pair.find_iter(text) {
            let given = found.as_str().split([' ', '-', '\n']).next();
            if given.is_some_and(|given| self.is_first(given)) {
                out.push((found.start(), found.end(), Form::Plain));
            }
        }
        for found in self.single.find_iter(text) {
            if self.is_first(found.as_str()) {
                out.push((found.start(), found.end(), Form::First));
            }
        }
        for (start, end, form) in &mut out {
            if is_professional(text, *start, *end) {
                *form = Form::Professional;
            }
        }
        out
    }

    fn is_first(&self, name: &str) -> bool {
        self.first.contains(&name.to_lowercase())
    }
}

/// Does a greeting stand before the title?
fn is_greeted(text: &str, start: usize) -> bool {
    let before = window(text, start.saturating_sub(14), start);
    let before = before.trim_end().trim_end_matches(',').to_lowercase();
    GREETINGS.iter().any(|greeting| before.ends_with(greeting))
}

/// Does a profession stand beside the name?
fn is_professional(text: &str, start: usize, end: usize) -> bool {
    let after: String = text
        .get(end..)
        .unwrap_or_default()
        .chars()
        .take(30)
        .take_while(|char| *char != '\n')
        .collect::<String>()
        .to_lowercase();
    let after = after.trim_start_matches([',', ' ', '(', '-']);
    let before = text.get(..start).unwrap_or_default();
    let before = before.chars().rev().take_while(|char| *char != '\n').take(26).collect::<Vec<_>>();
    let before: String = before.into_iter().rev().collect::<String>().to_lowercase();
    let before = before.trim_end_matches([' ', '.', ':']);
    let after_word = after.split([' ', '.', ',', ')', '\n']).next().unwrap_or_default();
    PROFESSIONS.iter().any(|job| after.starts_with(job) || after_word.ends_with(job))
        || PROFESSIONS.iter().any(|job| before.ends_with(job))
        || before.ends_with("dr")
        || before.ends_with("drs")
        || (before.ends_with("collega") && !before.ends_with("onze collega"))
}

/// Bytes in which a name with all its parts ends.
const LONGEST: usize = 100;
const GREETINGS: [&str; 12] = [
    "geachte",
    "beste",
    "dag",
    "hallo",
    "lieve",
    "dear",
    "hoi",
    "goedemorgen",
    "goedemiddag",
    "goedendag",
    "hi",
    "goedenavond",
];
const INITIALS: &str = r"(?:[A-Z]\.\s?){1,5}";
const PREFIX: &str = r"(?:(?i:vd|v\.d\.|v/d|van|von|de|den|der|het|'t|ten|ter|te|el|al|ben|op|in|la|le|du|d'|o')\s?(?i:der|den|de|het|'t)?\s)?";
/// Latin letters with their accents: every letter of Unicode costs the patterns ten times the memory.
const NAME: &str = r"[A-ZÀ-ÖØ-ÞĀĂĆČĎĐĒĘĞĪİŁŃŇŌŘŚŞŠŢŤŪŮŹŻŽ][A-Za-zÀ-ÖØ-öø-ÿĀ-ž'’]+";
const PROFESSIONS: [&str; 42] = [
    "huisarts",
    "arts",
    "aios",
    "anios",
    "cardioloog",
    "internist",
    "chirurg",
    "neuroloog",
    "psychiater",
    "psycholoog",
    "gz-psycholoog",
    "klinisch",
    "verpleegkundige",
    "fysiotherapeut",
    "specialist",
    "apotheker",
    "doktersassistente",
    "assistente",
    "secretaresse",
    "secretariaat",
    "orthopeed",
    "gynaecoloog",
    "uroloog",
    "longarts",
    "mdl-arts",
    "radioloog",
    "dermatoloog",
    "kinderarts",
    "geriater",
    "internist-oncoloog",
    "oncoloog",
    "praktijkmanager",
    "praktijkondersteuner",
    "directeur",
    "manager",
    "bestuurder",
    "teamleider",
    "hoogleraar",
    "verzekeringsarts",
    "bedrijfsarts",
    "tandarts",
    "adviseur",
];
