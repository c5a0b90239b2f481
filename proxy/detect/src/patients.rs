use std::collections::HashSet;
use std::ops::Range;

use regex::Regex;

use crate::codes::{self, Code};
use crate::identifiers::{Found, Place, Told, window};
use crate::score::Role;
use crate::{Field, Kind, dates, numbers, tables};
use lexicon::labels::{OTHER_ENDINGS, OTHER_LABELS, STRONG_LABELS, WEAK_LABELS};

/// Finds the numbers of patients: by a label before or behind them or above their column, beside another
/// one, behind a name, in a row with a birth date, in the name of a file.
#[derive(Debug)]
pub(crate) struct Patients {
    strong: Regex,
    far: Regex,
    weak: Regex,
    behind: Regex,
    /// Labels by themselves.
    label: Regex,
    another: Regex,
}

impl Patients {
    pub(crate) fn new() -> Self {
        let near = r#"[\s:.#=(\[*|"'>/-]{0,14}(?:(?:is|was|van|op|onder|met|luidt|wordt|als)[ :]{1,2}|[a-zà-ÿ]{3,16}[ :]{1,2}|\([a-zà-ÿ ]{2,16}\)[ :]{1,2})?[\s#(\["'*]{0,3}(?-i:[A-Z]{1,6}[ ])?$"#;
        // "patiëntnummer van uw vader is", "pat.nr. (oud systeem):"
        let far = r#"(?:[ ]?\([^()\n0-9]{1,24}\))?(?:[ ,]{1,2}[^\s0-9,;:!?()]+){0,6}[ ]?(?:\b(?:is|was|luidt|wordt|nu|zoals|such as|bijv\.?|e\.g\.|quote)[ ]?[:=]?|[:=])[ ]{0,2}["'(\[]?$"#;
        Self {
            strong: numbers::pattern(&format!(r"(?i)\b(?:{STRONG_LABELS}){near}")),
            far: numbers::pattern(&format!(r"(?i)\b(?:{STRONG_LABELS}){far}")),
            weak: numbers::pattern(&format!(r"(?i)\b(?:{WEAK_LABELS}){near}")),
            behind: numbers::pattern(&format!(
                r"(?i)^[ ,]{{0,2}}[(=-]?[ ]?(?:(?:is|als)[ ])?(?:(?:het|mijn|haar|zijn|uw|je|ons|jullie|the|her|his|my|your|our)[ ])?(?:{STRONG_LABELS})(?:\.?[ :=#\r\n]{{0,3}}[^a-z\x80-\u{{17f}}0-9 :=#.\r\n]|\.?[ ]{{1,2}}[a-z]|\.{{0,3}}\s*$)",
            )),
            label: numbers::pattern(&format!(r"(?i)(?:{STRONG_LABELS})|(?:{WEAK_LABELS})")),
            another: numbers::pattern(
                r"(?i)^[\s,;(/&+]{0,3}(?:(?:oude?|nieuwe?|voorheen|vroeger|eerder|later|was|en|of|ook|and|or|old|new|formerly|revisie van|jullie kant|bij jullie|bij ons|ons|uw|nrs?|nummers?)[ .:]{1,3}(?:systeem[ :]{1,2})?){1,4}$|^[ ]?[/&+,][ ]?$",
            ),
        }
    }

    /// Numbers that a label tells of. The answer: where those begin whose label says that they are nobody's.
    pub(crate) fn labelled(
        &self,
        text: &str,
        place: &Place<'_>,
        codes: &[Code],
        out: &mut Found,
    ) -> Vec<usize> {
        let mut before: Option<Range<usize>> = None;
        let mut nobodys = Vec::new();
        for code in codes {
            if codes::is_something_else(text, code) {
                continue;
            }
            let own = &without_label(text, code);
            match self.one(text, place, own, out) {
                Owner::Patient => before = Some(own.range.clone()),
                Owner::Nobody => nobodys.push(code.range.start),
                Owner::Nothing => {
                    if self.beside(text, before.as_ref(), own, out) {
                        before = Some(own.range.clone());
                    }
                }
            }
        }
        nobodys
    }

    fn one(&self, text: &str, place: &Place<'_>, code: &Code, out: &mut Found) -> Owner {
        let range = code.range.clone();
        let written = text.get(range.clone()).unwrap_or_default();
        if let Some(cell) = tables::around(place.cells, &range)
            && cell.kind == Kind::PatientNumber
        {
            return Owner::of(out.add_labelled(range, &LABELLED, cell.label.clone()));
        }
        let before = window(text, range.start.saturating_sub(LABEL), range.start);
        let from = range.start - before.len();
        for label in [&self.strong, &self.far] {
            if let Some(found) = label.find(before) {
                let start = range.start - capitals(before);
                let label = self.label_in(text, from + found.start(), from + found.end());
                return Owner::of(out.add_labelled(start..range.end, &LABELLED, label));
            }
        }
        let behind = window(text, range.end, range.end + LABEL);
        if code.digits >= 4
            && !codes::is_year(written)
            && let Some(found) = self.behind.find(behind)
        {
            let label = self.label_in(text, range.end, range.end + found.end());
            return Owner::of(out.add_labelled(range, &LABELLED, label));
        }
        self.weak(text, place, code, before, out)
    }

    /// A number behind a label that others have too.
    fn weak(
        &self,
        text: &str,
        place: &Place<'_>,
        code: &Code,
        before: &str,
        out: &mut Found,
    ) -> Owner {
        let range = code.range.clone();
        let year = text.get(range.clone()).is_some_and(codes::is_year);
        if code.digits < 4 || year || numbers::touches(place.taken, &range) {
            return Owner::Nothing;
        }
        let Some(found) = self.weak.find(before) else {
            return Owner::Nothing;
        };
        let from = range.start - before.len();
        let label = self.label_in(text, from + found.start(), from + found.end());
        let own = text.get(label.clone()).unwrap_or_default().to_lowercase();
        let word = before.get(..found.start()).unwrap_or_default();
        let word = word.trim_end_matches([' ', '.', '-', '(', ',']);
        let word = word.rsplit([' ', '\n', '\t', '(']).next().unwrap_or_default().to_lowercase();
        let is_other = |words: &str| OTHER_LABELS.iter().any(|other| words.starts_with(other));
        let bare = own.len() <= LONGEST_BARE;
        let of_thing =
            bare && (is_other(&word) || OTHER_ENDINGS.iter().any(|end| word.ends_with(end)));
        if is_other(&own) || of_thing || numbers::is_trade(text, &range) {
            return Owner::Nobody;
        }
        let start = range.start - capitals(before);
        Owner::of(out.add_labelled(start..range.end, &WEAK, label))
    }

    /// The label that begins in this stretch.
    fn label_in(&self, text: &str, from: usize, to: usize) -> Range<usize> {
        let found = text.get(from..to).and_then(|stretch| self.label.find(stretch));
        found.map_or(from..from, |label| from + label.start()..from + label.end())
    }

    /// `(oud: 70.118.3)`, `en 4410928`: beside another one.
    fn beside(
        &self,
        text: &str,
        before: Option<&Range<usize>>,
        code: &Code,
        out: &mut Found,
    ) -> bool {
        let Some(between) = before
            .filter(|before| before.end <= code.range.start)
            .and_then(|before| text.get(before.end..code.range.start))
            .filter(|between| between.len() <= BETWEEN && code.digits >= 4)
        else {
            return false;
        };
        let letters = capitals(between);
        let between = between.get(..between.len() - letters).unwrap_or_default();
        let range = code.range.start - letters..code.range.end;
        self.another.is_match(between) && out.add(range, &BESIDE)
    }

    /// Numbers without a label: built like one with a label, right behind a name, in a row with a birth date,
    /// in the name of a file.
    pub(crate) fn bare(
        &self,
        text: &str,
        (place, field): (&Place<'_>, Field),
        (codes, nobodys): (&[Code], &[usize]),
        out: &mut Found,
    ) {
        let (names, days) = (out.ends(Kind::Name), out.starts(Kind::Dob));
        let mut left = Vec::new();
        for code in codes {
            let range = code.range.clone();
            let written = text.get(range.clone()).unwrap_or_default();
            if code.digits < 4
                || nobodys.binary_search(&range.start).is_ok()
                || numbers::touches(place.taken, &range)
                || codes::is_something_else(text, code)
                || is_day(written)
                || numbers::is_trade(text, &range)
            {
                continue;
            }
            let letters = written.bytes().any(|byte| byte.is_ascii_alphabetic());
            let long = code.digits >= if letters { 4 } else { 5 };
            if is_behind(text, &range, &names, long) {
                out.add(range, &BEHIND_NAME);
            } else if code.digits >= 6 - usize::from(letters) && in_row(text, &range, &days) {
                out.add(range, &IN_ROW);
            } else if field == Field::FileName && in_file(written) {
                out.add(range, &IN_FILE);
            } else if long {
                left.push(range);
            }
        }
        let shapes = if left.is_empty() { HashSet::new() } else { out.shapes(text) };
        for range in left {
            if shapes.contains(&codes::shape(text.get(range.clone()).unwrap_or_default())) {
                out.add(range, &ALIKE);
            }
        }
    }
}

/// Does it stand right behind a name? A short one between brackets only.
fn is_behind(text: &str, range: &Range<usize>, names: &[usize], long: bool) -> bool {
    let name = names.partition_point(|end| *end <= range.start);
    let name = name.checked_sub(1).and_then(|at| names.get(at));
    let gap = name.and_then(|end| text.get(*end..range.start)).unwrap_or_default();
    let near = (1..=3).contains(&gap.len()) && gap.bytes().all(is_gap);
    let closed = gap.ends_with('(') && text.as_bytes().get(range.end) == Some(&b')');
    let year = text.get(range.clone()).is_some_and(codes::is_year);
    near && (long || (closed && !year))
}

/// Whose a number is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Owner {
    Patient,
    /// A thing's, a firm's, an employee's.
    Nobody,
    Nothing,
}

impl Owner {
    fn of(added: bool) -> Self {
        if added { Self::Patient } else { Self::Nothing }
    }
}

/// Five digits in a row, and no letters before them but such as a hyphen follows: `OR-88213`, `T24-09917`.
fn in_file(written: &str) -> bool {
    let letters = written.bytes().take_while(u8::is_ascii_alphabetic).count();
    let behind = written.get(letters..).unwrap_or_default();
    let joined = letters == 0 || behind.find('-').is_some_and(|at| at <= 2);
    let longest = written.split(|char: char| !char.is_ascii_digit()).map(str::len).max();
    joined && longest.unwrap_or(0) >= 5
}

/// `MRN4410927`: the letters are the label.
fn without_label(text: &str, code: &Code) -> Code {
    let written = text.get(code.range.clone()).unwrap_or_default();
    let letters = written.bytes().take_while(u8::is_ascii_alphabetic).count();
    let glued = ["MRN", "PID", "ZIS", "EPD", "ECD", "PNR", "HIX", "MDN", "HIS", "NR"];
    let label = written.get(..letters).is_some_and(|letters| glued.contains(&letters));
    let digit = written.find(|char: char| char.is_ascii_digit()).unwrap_or(0);
    let start = code.range.start + if label { digit } else { 0 };
    Code { range: start..code.range.end, digits: code.digits }
}

/// Bytes of the capitals with a blank behind them that stand before a number and belong to it: `T 25.118`.
fn capitals(before: &str) -> usize {
    let Some(head) = before.strip_suffix(' ') else {
        return 0;
    };
    let letters = head.bytes().rev().take_while(u8::is_ascii_uppercase).count();
    let alone = head.as_bytes().get(..head.len() - letters).and_then(<[u8]>::last);
    let is_word = ["NR", "NO", "ID", "MRN", "PID", "ZIS", "EPD", "ECD", "PNR", "HIX", "MDN", "HIS"];
    let written = head.get(head.len() - letters..).unwrap_or_default();
    let fits = (1..=6).contains(&letters) && alone.is_some_and(|byte| b" :(\t#".contains(byte));
    if fits && !is_word.contains(&written) { letters + 1 } else { 0 }
}

fn is_gap(byte: u8) -> bool {
    b" (,:|\t/-".contains(&byte)
}

/// Does a birth date stand in the same line, and the number by itself?
fn in_row(text: &str, range: &Range<usize>, days: &[usize]) -> bool {
    let edge = |byte: Option<&u8>| byte.is_none_or(|byte| b" \t|/(),;\n\r".contains(byte));
    let bytes = text.as_bytes();
    let alone =
        edge(range.start.checked_sub(1).and_then(|at| bytes.get(at))) && edge(bytes.get(range.end));
    let next = days.partition_point(|day| *day < range.start);
    let near = [next.checked_sub(1).and_then(|at| days.get(at)), days.get(next)];
    alone
        && near.into_iter().flatten().any(|day| {
            let (from, to) = (range.start.min(*day), range.end.max(*day));
            to - from <= LINE && !text.get(from..to).unwrap_or("\n").contains('\n')
        })
}

/// `20250611`, `050790`: a day in the name of a file or in a row.
fn is_day(written: &str) -> bool {
    dates::parse(written).is_some()
}

const LABELLED: Told =
    Told(Kind::PatientNumber, Role::Strong, 3.5, &("patiëntnummer", "patient number"));
const WEAK: Told = Told(
    Kind::PatientNumber,
    Role::Contact,
    0.5,
    &("nummer van een dossier, zaak of polis", "number of a file, case or policy"),
);
const BESIDE: Told = Told(
    Kind::PatientNumber,
    Role::Contact,
    0.5,
    &("nummer naast een patiëntnummer", "number beside a patient number"),
);
const BEHIND_NAME: Told = Told(
    Kind::PatientNumber,
    Role::Person,
    1.0,
    &("nummer achter een naam", "number behind a name"),
);
const IN_ROW: Told = Told(
    Kind::PatientNumber,
    Role::Contact,
    0.5,
    &("nummer naast een geboortedatum", "number beside a date of birth"),
);
const ALIKE: Told = Told(
    Kind::PatientNumber,
    Role::Contact,
    0.5,
    &("nummer in de vorm van een patiëntnummer", "number built like a patient number"),
);
const IN_FILE: Told = Told(
    Kind::PatientNumber,
    Role::Contact,
    0.4,
    &("nummer in een bestandsnaam", "number in the name of a file"),
);
/// Bytes of a line read on either side of a birth date.
const LINE: usize = 200;
/// Bytes before a number in which its label may stand.
const LABEL: usize = 80;
/// Bytes between two numbers of one patient.
const BETWEEN: usize = 40;
/// Bytes of a label that says no more than that a number follows.
const LONGEST_BARE: usize = 7;

#[cfg(test)]
mod tests {
    use super::*;
    use lexicon::labels::CITIZEN_LABELS;

    fn found(text: &str) -> Vec<(String, Role)> {
        let windows = numbers::windows(text);
        let figures = crate::figures::Figures::every(text, &windows);
        let taken = numbers::taken(text, &figures);
        let cells = tables::Tables::new(STRONG_LABELS, CITIZEN_LABELS).cells(text);
        let place = Place { figures: &figures, taken: &taken, cells: &cells };
        let mut out = Found::default();
        Patients::new().labelled(text, &place, &codes::codes(text, &windows), &mut out);
        let told = |one: &crate::score::Evidence| (text[one.start..one.end].to_owned(), one.role);
        out.evidence().iter().map(told).collect()
    }

    #[test]
    fn a_patients_number_is_known_in_every_dress_of_its_label() {
        for (text, number) in [
            ("patiëntnr 4410927", "4410927"),
            ("Patiëntnummer:\u{20}4410927", "4410927"),
            ("patientnr. 44.10.927", "44.10.927"),
            ("pat.nr. 4410927", "4410927"),
            ("Pat nr 4410927", "4410927"),
            ("pat-nr: 4410927", "4410927"),
            ("pnr 4410927", "4410927"),
            ("p.n. 4410927", "4410927"),
            ("PatID 4410927", "4410927"),
            ("patient-ID: A4410927", "A4410927"),
            ("patient's number 4410927", "4410927"),
            ("patient no. 4410927", "4410927"),
            ("cliëntnummer 118204", "118204"),
            ("cl.nr 88213", "88213"),
            ("Clientnr: GZ-118.402", "GZ-118.402"),
            ("zorgnummer 1180-5527-04", "1180-5527-04"),
            ("zorgdossiernummer 5520", "5520"),
            ("ZIS-nummer 4410927", "4410927"),
            ("ZIS: 4410927", "4410927"),
            ("EPD-nr 4410927", "4410927"),
            ("HIX 4410927", "4410927"),
            ("HIS nr 10427", "10427"),
            ("opnamenummer 2025-0017734", "2025-0017734"),
            ("opnamenr. 25/11892", "25/11892"),
            ("MRN 00418-7725", "00418-7725"),
            ("MRN:00918844", "00918844"),
            ("MRN4410927", "4410927"),
            ("medical record number 0884271", "0884271"),
            ("hospital no. 0884271", "0884271"),
            ("chart number 88-4271", "88-4271"),
            ("PID=99120", "99120"),
            ("patiëntnummer T 25.118", "T 25.118"),
            ("patiëntnr4410927", "4410927"),
            ("Patiëntnummer\n4410927", "4410927"),
            ("patiëntnummer bij ons is 4410927", "4410927"),
            ("Het patiëntnummer van uw vader is 4410927", "4410927"),
            ("pat.nr. (oud systeem): 4410927", "4410927"),
            ("4410927 (pat.nr.)", "4410927"),
            ("4410927 is haar patiëntnummer.", "4410927"),
            ("naam | patiëntnr | arts\nJan | 4410927 | Bos", "4410927"),
            ("Fallnummer 2025-0017734", "2025-0017734"),
            ("patiëntnummer hulpmiddelen H.210.003", "H.210.003"),
            ("(HIS 00 914; 07-11-1944)", "00 914"),
            ("a hospital's MRN such as 0046-912", "0046-912"),
        ] {
            let found = found(text);
            assert!(found.contains(&(number.to_owned(), Role::Strong)), "{text}: {found:?}");
        }
    }

    #[test]
    fn numbers_of_files_cases_and_policies_may_be_a_patients() {
        for (text, number) in [
            ("onder nummer 1234567", "1234567"),
            ("nr. 00123456", "00123456"),
            ("dossiernr. 2024.3391", "2024.3391"),
            ("dossier GV-20731", "GV-20731"),
            ("uw kenmerk JH-2025-003318", "JH-2025-003318"),
            ("bekend onder T/2219", "T/2219"),
            ("relatienummer 7710 4482 95", "7710 4482 95"),
            ("Your reference: NL03-0017", "NL03-0017"),
            ("Bij ons staat uw man als MB 461 981", "MB 461 981"),
            ("mijn nummer daar is 8152 4420", "8152 4420"),
            ("In haar kaart (ORT-2296)", "ORT-2296"),
        ] {
            let found = found(text);
            assert!(found.contains(&(number.to_owned(), Role::Contact)), "{text}: {found:?}");
        }
        let beside = found("patiëntnr 2101940 (oud: 70.118.3)");
        assert_eq!(beside[1], ("70.118.3".to_owned(), Role::Contact));
    }

    #[test]
    fn numbers_of_trade_and_of_staff_are_no_patients() {
        for text in [
            "factuurnummer 20250017",
            "ordernr. 4410927",
            "AGB-code 01012345",
            "BIG-nummer 19012345601",
            "mijn nummer is 0522 55 54 33",
            "tel. nr 06-12345678",
            "NL91 ABNA 0417 1643 00",
            "EAN 8711200012345",
            "personeelsnr 10338",
            "pers.nr. 10338",
            "badge nummer 20931",
            "vacaturenummer 2025-0187",
            "artikelnr 203976824",
            "patiëntnummer 12-03-1956",
            "patiëntnummer volgt, bel 0522555433",
            "kamernummer 2140",
            "code 17-6-2022",
            "licence no. 33-870-112",
            "uw containerpas (nr. 0 620 359)",
            "de begroting (nr. 24-0871)",
            "employee ID 30926",
        ] {
            assert!(found(text).is_empty(), "{text}: {:?}", found(text));
        }
    }
}
