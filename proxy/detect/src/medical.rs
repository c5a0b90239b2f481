use std::collections::HashSet;
use std::ops::Range;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use lexicon::formed::LONGEST;
use lexicon::led::{Led, SIGNED};
use lexicon::small::Part;
use lexicon::{Tier, forms};
use regex::Regex;

use crate::Kind;
use crate::figures::{self, Figures};
use crate::numbers::{self, pattern};
use crate::score::{Evidence, Role, Why};
use crate::tokens::{Shape, Token};

/// A pattern, the lines that it reads, and what it finds.
type Shaped = (Regex, u32, Tier, Why);

/// Finds medical language: words and their compounds, abbreviations, doses, measurements.
#[derive(Debug)]
pub(crate) struct Medical {
    led: Led<Tier>,
    /// Phrases of the organisation's own.
    phrases: Option<AhoCorasick>,
    /// The organisation's own words.
    own: HashSet<String>,
    shapes: Vec<Shaped>,
}

impl Medical {
    pub(crate) fn new(own_terms: &[String]) -> Self {
        let mut own = HashSet::new();
        let mut phrases: Vec<String> = Vec::new();
        let listed = lexicon::PHRASES.lines().filter_map(|line| {
            let (tier, phrase) = line.split_at_checked(1)?;
            Some((phrase, tier.parse().ok().and_then(Tier::of)?))
        });
        for term in own_terms.iter().map(|term| term.to_lowercase()) {
            if term.chars().all(char::is_alphabetic) {
                own.extend(forms::forms(&term));
            } else {
                phrases.push(term);
            }
        }
        let automaton = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .match_kind(MatchKind::LeftmostLongest)
            .kind(Some(AhoCorasickKind::DFA))
            .build(&phrases);
        debug_assert!(automaton.is_ok());
        Self {
            phrases: automaton.ok().filter(|_| !phrases.is_empty()),
            led: Led::new(listed),
            own,
            shapes: shapes(),
        }
    }

    pub(crate) fn find(
        &self,
        text: &str,
        tokens: &[Token<'_>],
        figures: &Figures,
    ) -> Vec<Evidence> {
        // More than most texts have, so that it need not be moved as it grows.
        let mut out = Vec::with_capacity(tokens.len() / 8);
        self.signed(text, figures, &mut out);
        let worded = worded(text, tokens);
        for (re, lines, tier, why) in &self.shapes {
            let mut found = |range: Range<usize>| {
                out.push(evidence(*tier, range.start, range.end, why));
            };
            match *lines {
                0 => numbers::within(re, text, &worded).for_each(&mut found),
                figures::DOSE | figures::TIMES => {
                    figures.begun(re, text, *lines).into_iter().for_each(&mut found);
                }
                lines => numbers::within(re, text, &figures.of(lines, 0)).for_each(&mut found),
            }
        }
        for (at, token) in tokens.iter().enumerate() {
            if token.known.leads()
                && let Some((end, tier)) = self.phrase_at(text, token)
            {
                out.push(word(tier, token.start, end));
            }
            if let Some(tier) = self.tier(token) {
                let mut found = word(tier, token.start, token.end());
                if tier == Tier::D && token.parts.has(Part::Care) {
                    found.why = &CARE;
                }
                out.push(found);
            } else if self.is_someones_body(tokens, at) {
                out.push(evidence(
                    Tier::C,
                    token.start,
                    token.end(),
                    &("lichaamsdeel van iemand", "a part of someone's body"),
                ));
            } else if may_be_abbreviation(token) && lexicon::is_abbreviation(token.text) {
                out.push(abbreviation(token.text, token.start, token.end()));
            }
        }
        out
    }

    /// Phrases that begin with no word: at a number or an apostrophe, and the organisation's own.
    fn signed(&self, text: &str, figures: &Figures, out: &mut Vec<Evidence>) {
        let own = self.phrases.iter().flat_map(|phrases| phrases.find_iter(text));
        for found in own {
            if lexicon::stands_alone(text, found.start(), found.end()) {
                out.push(word(Tier::B, found.start(), found.end()));
            }
        }
        let marks = memchr::memchr_iter(b'\'', text.as_bytes());
        for start in figures.starts().chain(marks) {
            let alone = |phrase: &str| lexicon::stands_alone(text, start, start + phrase.len());
            if let Some((phrase, tier)) = self.led.at(text, start, (SIGNED, start), alone) {
                out.push(word(tier, start, start + phrase.len()));
            }
        }
    }

    /// The longest phrase that begins with this word: its end and its tier.
    fn phrase_at(&self, text: &str, token: &Token<'_>) -> Option<(usize, Tier)> {
        let end = |phrase: &str| token.start + phrase.len();
        let alone = |phrase: &str| lexicon::stands_alone(text, token.start, end(phrase));
        let found = self.led.at(text, token.start, (token.hash, token.end()), alone);
        found.map(|(phrase, tier)| (end(phrase), tier))
    }

    /// `mijn knie`, `haar linker borst`.
    fn is_someones_body(&self, tokens: &[Token<'_>], at: usize) -> bool {
        let plays = |back: usize, part| {
            let word = at.checked_sub(back).and_then(|at| tokens.get(at));
            word.is_some_and(|word| word.is_small(part))
        };
        let owned = plays(1, Part::Whose) || (plays(1, Part::Half) && plays(2, Part::Whose));
        owned
            && tokens.get(at).is_some_and(|token| {
                token.shape == Shape::Lower
                    && token.text.len() <= LONGEST_PART
                    && lexicon::is_body_part(token.text)
            })
    }

    /// The tier of one word, by the lists or by its form.
    fn tier(&self, token: &Token<'_>) -> Option<Tier> {
        let len = token.text.len();
        if len > LONGEST {
            return None;
        }
        if !self.own.is_empty() && self.own.contains(&token.lower()) {
            return Some(Tier::B);
        }
        if len < 3 {
            return None;
        }
        let Some(tier) = token.known.tier() else {
            return token.formed;
        };
        // Short words in the lists are abbreviations to most readers: "ms", "als".
        let is_short = len == 3 && tier == Tier::B;
        (!is_short || token.shape == Shape::Upper).then_some(tier)
    }
}

fn word(tier: Tier, start: usize, end: usize) -> Evidence {
    match tier {
        Tier::A | Tier::B => evidence(
            tier,
            start,
            end,
            &(
                "medische term: diagnose, onderzoek, behandeling of middel",
                "medical term: diagnosis, examination, treatment or medicine",
            ),
        ),
        Tier::C => {
            evidence(tier, start, end, &("klacht, zorg of hulpmiddel", "complaint, care or aid"))
        }
        Tier::D => evidence(
            tier,
            start,
            end,
            &("alledaags woord over gezondheid", "everyday word about health"),
        ),
    }
}

/// The lines with a word of the shapes that have no digits, each with the line before it and behind it.
fn worded(text: &str, tokens: &[Token<'_>]) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let line_before =
        |at: usize| memchr::memrchr(b'\n', &bytes[..at.saturating_sub(1)]).map_or(0, |at| at + 1);
    let line_end = |at: usize| {
        let rest = bytes.get(at..).unwrap_or_default();
        memchr::memchr(b'\n', rest).map_or(bytes.len(), |end| at + end + 1)
    };
    let mut out: Vec<Range<usize>> = Vec::new();
    for token in tokens {
        let behind = |on: usize| bytes.get(token.end() + on).copied().unwrap_or_default();
        let dotted = token.text.len() == 1 && behind(0) == b'.' && behind(1).is_ascii_alphabetic();
        let note = behind(0) == b':' || (behind(0).is_ascii_whitespace() && behind(1) == b':');
        if !(token.plays(Part::Phrase) || dotted || (note && token.plays(Part::Note))) {
            continue;
        }
        let end = line_end(line_end(token.end()));
        match out.last_mut() {
            Some(last) if token.start < last.end => last.end = end.max(last.end),
            last => {
                let start = line_before(line_before(token.start).max(1));
                match last {
                    Some(last) if start <= last.end => last.end = end,
                    _ => out.push(start..end),
                }
            }
        }
    }
    out
}

/// In small letters only what is no other word.
fn may_be_abbreviation(token: &Token<'_>) -> bool {
    let short = token.text.len() <= LONGEST_ABBREVIATION;
    let capital = token.text.starts_with(char::is_uppercase);
    capital || (short && token.known.nothing())
}

fn abbreviation(written: &str, start: usize, end: usize) -> Evidence {
    let tier =
        if written.len() <= 3 && lexicon::AMBIGUOUS.contains(&written) { Tier::D } else { Tier::B };
    evidence(tier, start, end, &("medische afkorting", "medical abbreviation"))
}

fn evidence(tier: Tier, start: usize, end: usize, why: Why) -> Evidence {
    Evidence {
        start,
        end,
        kind: Kind::Medical,
        role: Role::Medical,
        weight: tier.weight(),
        titled: false,
        why,
        label: None,
    }
}

/// Doses, measurements and notes of care: what hardly stands anywhere but in a file about someone.
/// With each the lines that it reads; what begins with `^` is tried at the numbers alone.
fn shapes() -> Vec<Shaped> {
    [
        (r"(?i)\b(?:[0-9]{1,2} ?x|eenmaal|tweemaal|driemaal|viermaal|een keer|twee keer|drie keer)\s?(?:daags|per dag|/dag|p/d|dgs)\b", 0, Tier::C, &("frequentie", "frequency")),
        (r"(?m)^[ >\t]*(?:S|O|E|P|VG|LO|AO|DD|Med|Anamnese|Conclusie|Diagnose|Medicatie|Voorgeschiedenis|Lichamelijk onderzoek|Beleid|Allergie(?:ën)?)\s?:[ \t]*[^ \t\r\n]", 0, Tier::C, &("verslag van zorg", "care note")),
        (r"(?i)\b(?:geen aanwijzingen voor|verdenking op|verdacht voor|status na|bekend met|in verband met een|e\.c\.i\.|li-zijdig|re-zijdig|linkszijdige?|rechtszijdige?|a vue|per os|z\.n\.|o\.b\.v\.)(?:\b|$|\s)", 0, Tier::C, &("medische zinswending", "medical phrase")),
        (r"(?i)^[0-9]{1,2} ?(?:dd|d\.d\.) ?[0-9]{0,4}(?:[.,][0-9]+)? ?(?:mg|mcg|ml|g|tabl?\.?|caps?\.?|pufs?|ie|stuks?)?\b", figures::DOSE, Tier::A, &("dosering", "dose")),
        (r"(?i)\b[a-z]{5,}(?:e|ol|an|am|il|on|ide|ine|zuur)? [0-9]+(?:[.,][0-9]+)? ?(?:mg|mcg|microgram|ie)\b", figures::UNIT, Tier::A, &("middel met dosis", "medicine with dose")),
        (r"\b[0-9]+(?:[.,][0-9]+)? ?(?:mg|mcg|µg|microgram|IE)\b|(?i)\b[0-9½]{1,2} ?(?:tablet(?:ten)?|tabl?\.?|capsules?|caps\.?|pufs?|pufjes?|pil(?:len|letjes)?|zakjes?|druppels) ?(?:per|p/|/) ?dag\b|\b[0-3]-[0-3]-[0-3](?:-[0-3])\b", figures::UNIT | figures::TABLET, Tier::C, &("dosis", "dose")),
        (r"(?i)^[0-9]{1,2} ?(?:x|keer|maal) ?per week\b", figures::TIMES, Tier::D, &("frequentie", "frequency")),
        (r"(?i)\b(?:hba1c|egfr|crp|bse|hb|inr|tsh|ft4|ldl|hdl|psa|kreatinine|creatinine|bilirubine|albumine|d-dimeer|kalium|natrium|glucose|ferritine|leuko's|leukocyten|trombocyten|troponine|nt-probnp|bnp|alat|asat|ggt|mmse|moca|gcs|vas|nprs|eva|bmi|gaf|saturatie|sat|lvef|apgar|phq-9|gad-7|ph|pco2|po2|ah|ck|ldh|mcv|aptt|ureum|lactaat|vitamine d|nrs|audit|barthel|adl|dos|snaq|sofa|mews|ews|o2|ldl-c|fev1|fvc|spo2|edss|gds|gfr|hematocriet|vitamine b12|foliumzuur|amh|b?hcg|cea|ca-?125|lactate|sodium|potassium|pijnscore|gamma-gt|thrombo's|leuco|trop)\b[ :=\t-]{0,12}(?:is|was|van|bedraagt|score|nu|gestegen naar|gedaald naar)? ?[<>]? ?[0-9]+(?:[.,/][0-9]+)?", figures::MEASURE, Tier::A, &("meetwaarde", "measurement")),
        (r"(?i)\b(?:rr|bloeddruk|tensie|blood pressure|bp)\b[ :=]{0,3}(?:is|was|van|nu)? ?[0-9]{2,3} ?[/-] ?[0-9]{2,3}\b", figures::MEASURE, Tier::A, &("bloeddruk", "blood pressure")),
        (r"(?i)\b[0-9]+(?:[.,][0-9]+)? ?(?:mmol/(?:l|mol)|mg/l|g/l|umol/l|pmol/l|ml/min|mmhg|ie/l|u/l)\b", figures::UNIT, Tier::A, &("labwaarde", "laboratory value")),
        (r"(?i)\b(?:pols|temp|temperatuur)\b[ :=]{0,3}(?:is|was|van)? ?(?:3[5-9]|4[0-2]|[5-9][0-9]|1[0-9][0-9])(?:[.,][0-9])?\b", figures::MEASURE, Tier::C, &("vitale functie", "vital sign")),
        (r"\bT ?(?:3[5-9]|4[0-2])[.,][0-9]\b|(?i)\bvan [0-9]{1,3} naar [0-9]{1,3} ?(?:graden|°)", figures::TEMPERATURE, Tier::A, &("meetwaarde", "measurement")),
        (r"\bG[0-9]P[0-9](?:A[0-9])?\b|\b(?:AD|AT) ?[0-9]{2}\+[0-6]\b|\b[1-4][0-9]\+[0-6] ?(?:wk|weken)\b", figures::OBSTETRIC, Tier::A, &("verloskundige notatie", "obstetric note")),
        (r"\b[ypc]{0,2}T[0-4][a-d]?N[0-3x][a-c]?(?:M[01x])?\b", figures::TUMOUR, Tier::A, &("tumorstadium", "tumour stage")),
        (r"\b(?:ICPC|ICD(?:-10)?|DSM|DBC|[Dd]iagnosecode|[Dd]iagnosis code)[ :-]{1,3}[A-Z]?[0-9]{2,4}(?:\.[0-9]{1,2})?\b|\bICPC\b|\b(?:E|P)?[A-Z][0-9]{2}\.[0-9]{2}\b|\b(?:DSM|ICD)[- ]?(?:IV|5|V|10|11)\b", figures::DIAGNOSIS, Tier::B, &("diagnosecode", "diagnosis code")),
    ]
    .into_iter()
    .map(|(re, lines, tier, why)| (pattern(re), lines, tier, why))
    .collect()
}

/// Why an everyday word is one: it says where someone works, or goes, rather than what someone has.
pub(crate) static CARE: (&str, &str) = ("beroep of plaats van zorg", "profession or place of care");
/// Bytes of the longest part of the body.
const LONGEST_PART: usize = 16;
/// Bytes of the longest abbreviation in small letters.
const LONGEST_ABBREVIATION: usize = 8;
