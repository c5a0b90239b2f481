use std::ops::Range;

use regex::Regex;

use crate::Field;
use crate::numbers::pattern;

/// Finds the parts of a text that are about the sender and the mail itself.
#[derive(Debug)]
pub(crate) struct Zones {
    closing: Regex,
    header: Regex,
    disclaimer: Regex,
    postscript: Regex,
}

/// What stands in a signature, a disclaimer or a forwarded header, in bytes; sorted.
#[derive(Debug, Default)]
pub(crate) struct Quiet(Vec<Range<usize>>);

impl Quiet {
    /// Does the byte lie in one?
    pub(crate) fn holds(&self, at: usize) -> bool {
        let next = self.0.partition_point(|range| range.end <= at);
        self.0.get(next).is_some_and(|range| range.start <= at)
    }
}

impl Zones {
    pub(crate) fn new() -> Self {
        Self {
            closing: pattern(
                r"(?i)^[\s>|]*(?:(?:met |en )?(?:de |een )?(?:[a-z.]{2,14}[e.] )?(?:en [a-z]{3,12}e )?(?:groet|groeten|groetjes|groetjes|hoogachting|gr|grt)\b[a-z ,.]{0,30}[,.!]?\s*$|(?:m\.?v\.?g|mvrgr|vr\.? ?gr|hoogachtend|dank en groet)\b[a-z ,.]{0,20}[,.!]?\s*$|(?:kind|best|warm) regards\b|regards,|sincerely\b|yours (?:sincerely|faithfully)|--\s*$|(?:met|en) (?:vriendelijke|hartelijke|collegiale|vr\.?) (?:groet|groeten)\b|(?:verzonden|verstuurd) (?:vanaf|vanuit|via|met) |sent from my )",
            ),
            header: pattern(
                r"(?i)^[\s>|*]*(?:van|from|verzonden|sent|aan|to|cc|bcc|datum|date|beantwoorden|reply-to)\*?:\*? ",
            ),
            disclaimer: pattern(
                r"(?i)\b(?:uitsluitend (?:bestemd|bedoeld)|disclaimer|intended (?:solely|only|recipient|for the)|niet de (?:geadresseerde|beoogde)|aan dit (?:e-mail)?bericht kunnen geen rechten|de informatie in (?:dit|deze) (?:e-?mail)|vertrouwelijke informatie bevatten|kan (?:vertrouwelijke|medische|persoonlijke)[a-z ,]{0,40}gegevens bevatten|this e-?mail (?:is|and any|may))",
            ),
            postscript: pattern(
                r"(?i)^[\s>|]*(?:p\.?s\.?[ :.]|nb[ :.]|ps:|-{3,}|_{5,}|op [ -~]{0,80} schreef|on [ -~]{0,80} wrote)",
            ),
        }
    }

    pub(crate) fn find(&self, text: &str, field: Field) -> Quiet {
        let mut out = Vec::new();
        if matches!(field, Field::Subject | Field::FileName) {
            return Quiet(out);
        }
        let mut at = 0;
        // Lines left of the signature that is being read.
        let mut signature = 0_usize;
        for line in text.split_inclusive('\n') {
            let range = at..at + line.len();
            at = range.end;
            // A line that long is text, and patterns over it would cost more than they tell.
            let head = cut(line, LINE);
            if let Some(found) = self.disclaimer.find(cut(line, LONG)) {
                let end = range.end.min(range.start + found.start() + LONG);
                let before = line.get(..found.start()).unwrap_or_default();
                let sentence = before.rfind(". ").map_or(0, |dot| dot + 1);
                out.push(range.start + sentence..end);
                continue;
            }
            if self.header.is_match(head) && !speaks(head) {
                signature = 0;
                out.push(range);
            } else if self.postscript.is_match(head) {
                signature = 0;
            } else if line.len() <= LINE && self.closing.is_match(head) {
                signature = SIGNATURE;
                out.push(range);
            } else if signature > 0 && line.len() <= LINE && !speaks(head) {
                signature -= usize::from(!line.trim().is_empty());
                out.push(range);
            } else {
                signature = 0;
            }
        }
        Quiet(out)
    }
}

/// A sentence about somebody, which stands in no signature and no header: `O ja, mevrouw Jansen heeft
/// koorts`.
fn speaks(line: &str) -> bool {
    let line =
        line.split_once(": ").filter(|(head, _)| head.len() < 14).map_or(line, |(_, rest)| rest);
    let mut words = 0;
    let (mut speaks, mut titled) = (false, false);
    for word in line.split(|char: char| !char.is_alphanumeric()).filter(|word| !word.is_empty()) {
        words += 1;
        let is = |other: &&str| small_is(word, other);
        speaks |= SPOKEN.iter().any(is);
        titled |= TITLES.iter().any(is);
    }
    (speaks && words >= 4) || (titled && words >= 6)
}

/// Is it this word, in small letters?
fn small_is(word: &str, small: &str) -> bool {
    word.len() == small.len()
        && if small.is_ascii() {
            word.eq_ignore_ascii_case(small)
        } else {
            word.to_lowercase() == small
        }
}

const SPOKEN: [&str; 23] = [
    "ik", "hij", "zij", "ze", "we", "heeft", "had", "was", "wil", "haar", "hem", "mijn", "heb",
    "hebben", "moet", "gaat", "kreeg", "krijgt", "slikt", "he", "she", "has", "i",
];
const TITLES: [&str; 8] =
    ["mevrouw", "meneer", "mw", "dhr", "mevr", "patiënt", "cliënt", "bewoner"];

/// At most so many bytes of a line, at a character's edge.
fn cut(line: &str, most: usize) -> &str {
    let mut end = line.len().min(most);
    while !line.is_char_boundary(end) {
        end -= 1;
    }
    line.get(..end).unwrap_or(line)
}

/// Lines of a signature: name, function, department, address, telephone, days, and a slogan.
const SIGNATURE: usize = 12;
/// Bytes of a line in a signature; longer ones are text.
const LINE: usize = 130;
/// Bytes of a disclaimer.
const LONG: usize = 1_500;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_ends_at_a_postscript_a_quote_or_a_long_line() {
        let zones = Zones::new();
        let text = "Dag\nMet vriendelijke groet,\nJan\nHuisarts\nPS mevrouw\nhier\n";
        let quiet = zones.find(text, Field::Body);
        let holds = |word: &str| quiet.holds(text.find(word).unwrap());
        assert!(holds("Jan") && holds("Huisarts"));
        assert!(!holds("Dag") && !holds("mevrouw") && !holds("hier"));
    }

    #[test]
    fn headers_and_disclaimers_are_quiet_and_subjects_of_forwards_are_not() {
        let zones = Zones::new();
        let text =
            "> Van: Jan\n> Onderwerp: CVA\n\nDit bericht is uitsluitend bestemd voor u.\nDag";
        let quiet = zones.find(text, Field::Body);
        assert!(quiet.holds(2) && quiet.holds(text.find("uitsluitend").unwrap()));
        assert!(!quiet.holds(text.find("CVA").unwrap()) && !quiet.holds(text.len() - 1));
        assert!(!zones.find("Van: Jan", Field::Subject).holds(5));
    }
}
