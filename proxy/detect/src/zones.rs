use std::ops::Range;

use aho_corasick::packed::Searcher;
use lexicon::small::{self, Part};
use regex::Regex;

use crate::Field;
use crate::numbers::pattern;

/// Finds the parts of a text that are about the sender and the mail itself.
#[derive(Debug)]
pub(crate) struct Zones {
    closing: Regex,
    header: Regex,
    disclaimer: Regex,
    /// What every disclaimer has.
    said: Option<Searcher>,
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

    /// Asks of places from here on, in their order.
    pub(crate) fn from(&self, at: usize) -> Asked<'_> {
        let next = self.0.partition_point(|range| range.end <= at);
        Asked(self.0.get(next..).unwrap_or_default())
    }
}

/// What of it lies further on.
pub(crate) struct Asked<'q>(&'q [Range<usize>]);

impl Asked<'_> {
    /// Does the byte lie in one? None may lie before one that was asked.
    pub(crate) fn holds(&mut self, at: usize) -> bool {
        while let [first, rest @ ..] = self.0
            && first.end <= at
        {
            self.0 = rest;
        }
        self.0.first().is_some_and(|range| range.start <= at)
    }
}

/// The signature that is being read.
#[derive(Debug, Default)]
pub(crate) struct Signature {
    /// How many lines it may have still.
    left: usize,
    /// How deep its closing line is quoted: what is quoted deeper or less is another's.
    quoted: usize,
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
                r"(?i)\b(?:uitsluitend (?:bestemd|bedoeld)(?: (?:voor|om)\b|\s*$)|disclaimer|intended (?:recipient|(?:solely|only|exclusively)(?: for (?:the )?(?:[a-z]+ ){0,4}(?:use|addressee|recipient|person|individual|entity|named)| for\s*$|\s*$)|for (?:the )?(?:[a-z]+ ){0,3}(?:addressee|recipient|named)|for the (?:[a-z]+ )?(?:person|individual|entity)\b|for the (?:[a-z]+ ){0,4}use of)|niet de (?:geadresseerde|beoogde(?: (?:ontvanger|geadresseerde)|\s*$))|aan dit (?:e-mail)?bericht kunnen geen rechten|de informatie in (?:dit|deze) e?-?mail(?:[a-z]{0,8}(?: is)?\s*$|[^.]{0,80}(?:vertrouwelijk|uitsluitend|(?:alleen|slechts) be(?:stemd|doeld)|geen rechten))|vertrouwelijke informatie bevatten|kan (?:vertrouwelijke|medische|persoonlijke)[a-z ,]{0,40}gegevens bevatten|this e-?mail (?:(?:is|and any)\s*$|is (?:strictly |only |solely )?(?:confidential|private|privileged|intended)|and any (?:attach|file|document|accompanying|information)|may (?:contain|be (?:confidential|privileged))))",
            ),
            said: Searcher::new(lexicon::DISCLAIMERS),
            postscript: pattern(
                r"(?i)^[\s>|]*(?:p\.?s\.?[ :.]|nb[ :.]|ps:|-{3,}|_{5,}|op [ -~]{0,80} schreef|on [ -~]{0,80} wrote)",
            ),
        }
    }

    /// The quiet places of a block; `lower` is the same in small letters, `signature` is the one that is
    /// being read, from block to block.
    pub(crate) fn find(
        &self,
        (text, lower): (&str, &str),
        field: Field,
        signature: &mut Signature,
    ) -> Quiet {
        let mut out = Vec::new();
        if field.is_name() {
            return Quiet(out);
        }
        let said = self.said.iter().flat_map(|said| said.find_iter(lower));
        let said: Vec<usize> = said.map(|found| found.start()).collect();
        let mut said = said.as_slice();
        let mut at = 0;
        for line in text.split_inclusive('\n') {
            let range = at..at + line.len();
            at = range.end;
            // A line that long is text, and patterns over it would cost more than they tell.
            let head = cut(line, LINE);
            while said.first().is_some_and(|at| *at < range.start) {
                said = &said[1..];
            }
            let disclaims = said.first().is_some_and(|at| *at < range.end);
            let disclaimed = disclaims.then(|| self.disclaimer.find(cut(line, LONG))).flatten();
            if let Some(found) = disclaimed {
                let end = range.end.min(range.start + found.start() + LONG);
                let before = line.get(..found.start()).unwrap_or_default();
                let sentence = before.rfind(". ").map_or(0, |dot| dot + 1);
                out.push(range.start + sentence..end);
                continue;
            }
            let may = Begins::of(head.as_bytes());
            if may.header && self.header.is_match(head) && !speaks(head) {
                signature.left = 0;
                out.push(range);
            } else if may.postscript && self.postscript.is_match(head) {
                signature.left = 0;
            } else if may.closing && line.len() <= LINE && self.closing.is_match(head) {
                *signature = Signature { left: SIGNATURE, quoted: quoted(head) };
                out.push(range);
            } else if signature.left > 0
                && line.len() <= LINE
                && (quoted(head) == signature.quoted || head.trim().is_empty())
                && !speaks(head)
            {
                signature.left -= usize::from(!line.trim().is_empty());
                out.push(range);
            } else {
                signature.left = 0;
            }
        }
        Quiet(out)
    }
}

/// What a line may be, by its first letter and what stands in it: most lines are none of these.
struct Begins {
    header: bool,
    postscript: bool,
    closing: bool,
}

impl Begins {
    fn of(line: &[u8]) -> Self {
        let first = line.iter().position(|byte| !b" \t\r\n\x0b\x0c>|*".contains(byte));
        let rest = first.and_then(|at| line.get(at..)).unwrap_or_default();
        // An underscore is no letter, and the bit makes another sign of it.
        let (first, second) = match rest {
            [] => (0, 0),
            [first] => (first | 32, 0),
            [first, second, ..] => (first | 32, second | 32),
        };
        let odd = !first.is_ascii();
        let head = &rest[..rest.len().min(HEADER)];
        let greets = holds(line, |[g, r]| (g == b'g') & (r == b'r'));
        let hails = |line| {
            holds(line, |[h, o, b, g]| (h == b'h') & (o == b'o') & (b == b'o') & (g == b'g'))
        };
        Self {
            header: odd || (b"vfsatcbdr".contains(&first) && head.contains(&b':')),
            postscript: odd
                || (first == b'o' && rest.get(2) == Some(&b' '))
                || matches!(&[first, second], b"ps" | b"p." | b"nb" | b"--" | b"\x7f\x7f"),
            closing: odd
                || b"kbwrsyv-".contains(&first)
                || (first == b'm' && b"v.".contains(&second))
                || greets
                || hails(line),
        }
    }
}

/// Do such letters stand anywhere in the line, in whatever form? All places are asked at once.
fn holds<const N: usize>(line: &[u8], is: impl Fn([u8; N]) -> bool) -> bool {
    line.array_windows::<N>().fold(false, |any, letters| any | is(letters.map(|byte| byte | 32)))
}

/// A sentence about somebody, or a dose, which stand in no signature and no header: `O ja, mevrouw Jansen
/// heeft koorts`, `prednison 30 mg 1dd1`.
fn speaks(line: &str) -> bool {
    let line =
        line.split_once(": ").filter(|(head, _)| head.len() < 14).map_or(line, |(_, rest)| rest);
    let mut words = 0;
    let (mut speaks, mut titled, mut dosed) = (false, false, false);
    for word in line.split(|char: char| !char.is_alphanumeric()).filter(|word| !word.is_empty()) {
        words += 1;
        let parts = small::parts(word);
        speaks |= parts.has(Part::Spoken);
        titled |= parts.has(Part::Told);
        dosed |= is_dose(word);
    }
    (speaks && words >= 4) || (titled && words >= 6) || (dosed && words >= 2)
}

/// A unit of a medicine, with its number or behind it, or how often it is taken: `30mg`, `mmol`, `2dd1`.
fn is_dose(word: &str) -> bool {
    let unit = word.trim_start_matches(|char: char| char.is_ascii_digit());
    let often = unit.get(..2).is_some_and(|start| start.eq_ignore_ascii_case("dd"));
    (often && unit.len() < word.len()) || UNITS.iter().any(|own| unit.eq_ignore_ascii_case(own))
}

/// How deep a line is quoted.
fn quoted(line: &str) -> usize {
    let signs = line.bytes().take_while(|byte| matches!(byte, b'>' | b'|' | b' ' | b'\t'));
    signs.filter(|byte| *byte == b'>').count()
}

/// At most so many bytes of a line, at a character's edge.
fn cut(line: &str, most: usize) -> &str {
    let mut end = line.len().min(most);
    while !line.is_char_boundary(end) {
        end -= 1;
    }
    line.get(..end).unwrap_or(line)
}

/// Units of medicines and of what is measured, none of which stands in a signature.
const UNITS: [&str; 6] = ["mg", "mcg", "ug", "\u{b5}g", "ml", "mmol"];
/// Bytes of the longest name of a header with its colon and its marks.
const HEADER: usize = 16;
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
    fn a_signature_ends_at_a_postscript() {
        let zones = Zones::new();
        let text = "Dag\nMet vriendelijke groet,\nJan\nHuisarts\nPS mevrouw\nhier\n";
        let quiet =
            zones.find((text, &text.to_lowercase()), Field::Body, &mut Signature::default());
        let holds = |word: &str| quiet.holds(text.find(word).unwrap());
        assert!(holds("Jan") && holds("Huisarts"));
        assert!(!holds("Dag") && !holds("mevrouw") && !holds("hier"));
    }

    /// A quote under a closing, a signature within a quote, and a note that was pasted under one.
    #[test]
    fn a_deeper_quote_or_a_dose_is_no_part_of_a_signature() {
        let text = "Akkoord.\nGroet,\nEls\nHuisarts\n\n> COPD GOLD III\n> vriendelijke groet,\n> Piet\n>> koorts\n\
            --\nAnna\nPREDNISON 30 MG 1DD1\nboven\n> Groet,\n> Jo\n\nhieronder\n";
        let zones = Zones::new();
        let quiet =
            zones.find((text, &text.to_lowercase()), Field::Body, &mut Signature::default());
        for (word, is_quiet) in [
            ("Els", true),
            ("Huisarts", true),
            ("COPD", false),
            ("Piet", true),
            ("koorts", false),
            ("Anna", true),
            ("PREDNISON", false),
            ("boven", false),
            ("Jo", true),
            ("hieronder", false),
        ] {
            assert_eq!(quiet.holds(text.find(word).unwrap()), is_quiet, "{word}");
        }
    }

    #[test]
    fn sentences_that_begin_as_a_disclaimer_does_are_not_quiet() {
        let zones = Zones::new();
        for (text, is_quiet) in [
            ("This email is to let you know that your MRI shows MS.", false),
            ("Mw. had niet de beoogde pijnstilling, morfine 10 mg.", false),
            ("The inhaler was intended for the morning, asthma is worse.", false),
            ("De informatie in deze mail gaat over de MRI van mw. Smit.", false),
            ("This e-mail and any questions about her MRI can wait.", false),
            ("The inhaler is intended for daily use; MRI is next.", false),
            ("It is intended for persons with diabetes, MRI follows.", false),
            ("De informatie in deze mail gaat over de rechten van mw. Smit, MRI.", false),
            ("Dit bericht is uitsluitend bestemd\nvoor u. Dag", true),
            ("It is intended solely\nfor the use of its reader. Dag", true),
            ("Bent u niet de beoogde\nontvanger, wis dit dan. Dag", true),
            ("This email is confidential and may be about your MRI.", true),
            ("This e-mail and any attachments are about your MRI.", true),
            (
                "It is intended solely for the personal and confidential use of its reader. MRI.",
                true,
            ),
            ("Bent u niet de beoogde ontvanger, wis dit dan. MRI.", true),
            ("De informatie in dit e-mailbericht is vertrouwelijk. MRI", true),
            ("De informatie in deze mail (en bijlagen) is uitsluitend bestemd voor u. MRI", true),
        ] {
            let quiet =
                zones.find((text, &text.to_lowercase()), Field::Body, &mut Signature::default());
            // Of what is wrapped, the line that says it.
            let end = text.find('\n').map(|end| end - 1);
            let words = ["MRI", "morfine", "asthma"];
            let word = end.or_else(|| words.iter().find_map(|word| text.find(word)));
            assert_eq!(quiet.holds(word.unwrap()), is_quiet, "{text}");
        }
    }

    #[test]
    fn headers_and_disclaimers_are_quiet_and_subjects_of_forwards_are_not() {
        let zones = Zones::new();
        let text =
            "> Van: Jan\n> Onderwerp: CVA\n\nDit bericht is uitsluitend bestemd voor u.\nDag";
        let quiet =
            zones.find((text, &text.to_lowercase()), Field::Body, &mut Signature::default());
        assert!(quiet.holds(2) && quiet.holds(text.find("uitsluitend").unwrap()));
        assert!(!quiet.holds(text.find("CVA").unwrap()) && !quiet.holds(text.len() - 1));
        assert!(
            !zones
                .find(("Van: Jan", "van: jan"), Field::Subject, &mut Signature::default())
                .holds(5)
        );
    }
}
