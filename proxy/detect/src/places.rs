use std::ops::Range;

use lexicon::Affixes;
use regex::Regex;

use crate::Kind;
use crate::figures::{self, Figures};
use crate::identifiers::{Found, Told, window};
use crate::numbers::{self, pattern};
use crate::score::Role;

/// Finds where someone lives and how one is reached.
#[derive(Debug)]
pub(crate) struct Places {
    email: Regex,
    phone: Regex,
    day: Regex,
    house: Regex,
    postcode: Regex,
    town: Regex,
    label: Regex,
    streets: Affixes,
}

impl Places {
    pub(crate) fn new() -> Self {
        Self {
            email: pattern(
                r"(?i)\b[a-z0-9._%+-]{1,64}@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,6}\b",
            ),
            phone: pattern(
                r"(?:(?:\+31|\b0031)[ -]?(?:\(0\))?[ -]?[1-9](?:[ ().-]{0,3}[0-9]){8}|\b\(?0[1-9](?:[ ()./-]{0,3}[0-9]){8}|\+(?:[1-2]|3[02-9]|[4-9])(?:[ ()./-]{0,2}[0-9]){8,12}|\b0[89]00[ -]{0,3}[0-9](?:[ -]{0,3}[0-9]){3,7}|\b14 ?0[0-9 ]{3,5}|\b(?:toestel|tst\.?|sein) [0-9][0-9 ]{2,5})\b",
            ),
            day: pattern(r"^[0-3][0-9][-/.][01][0-9][-/.](?:(?:19|20)[0-9]{2}\b|[0-9]{2} -)"),
            // A street with its number: words with capitals, and small ones between them.
            house: pattern(
                r"(?:\b(?:[A-ZÀ-Þ][A-Za-zÀ-ÿ'.-]*|'[st][ -][A-Za-z]+|[0-9]e)[ ]?(?:(?:van|de|den|der|het|ten|ter|'t|v\.|d\.|aan|in|op|[A-ZÀ-Þ][A-Za-zÀ-ÿ'.-]*)[ ]){0,4}) ?[0-9]{1,4}(?: ?-? ?(?:[a-zA-Z]|[IVX]{1,4}|bis|hs|rd|zw|[0-9]{1,3}))?\b",
            ),
            postcode: pattern(r"^[1-9][0-9]{3} ?[A-Z]{2}\b"),
            town: pattern(
                r"^,? {1,3}(?:'s-)?[A-ZÀ-Þ][A-Za-zÀ-ÿ'-]+(?: (?:aan|den|de|op|bij|en|a/d|in|het|[A-ZÀ-Þ][a-zà-ÿ'-]+)){0,4}",
            ),
            label: pattern(
                r"(?i)\b(?:adres|wonende|woonachtig|woont|wonend|address|lives at)\b[ a-z:]{0,14}$",
            ),
            streets: Affixes::new(&lexicon::STREETS.to_lowercase()),
        }
    }

    pub(crate) fn find(
        &self,
        text: &str,
        (figures, taken): (&Figures, &[Range<usize>]),
        out: &mut Found,
    ) {
        let addressed = numbers::around(text, |byte| byte == b'@');
        for found in numbers::within(&self.email, text, &addressed) {
            out.add(found, &Told(Kind::Email, Role::Contact, 0.2, &("mailadres", "mail address")));
        }
        for found in numbers::within(&self.phone, text, &figures.of(figures::PHONE, 0)) {
            // "05-06-2025 10:00", "05 06 2025 10:00", "05-06-2025 1000"
            let is =
                |from: usize| text.get(from..found.end).is_some_and(|own| self.day.is_match(own));
            let day = is(found.start) || is(found.start.saturating_sub(3));
            if day || is_clock(window(text, found.end, found.end + 3)) {
                continue;
            }
            if !numbers::touches(taken, &found) {
                let told =
                    Told(Kind::Phone, Role::Contact, 0.4, &("telefoonnummer", "telephone number"));
                out.add(found, &told);
            }
        }
        let housed = figures.near(text, figures::HOUSE, HOUSE);
        for found in numbers::within(&self.house, text, &housed) {
            self.house(text, found, out);
        }
        for found in figures.begun(&self.postcode, text, figures::POSTCODE) {
            let code = text.get(found.clone()).unwrap_or_default();
            if !is_dose(code) && !numbers::touches(taken, &found) {
                let end = found.end + self.town_behind(text, found.end);
                let told = Told(Kind::Address, Role::Contact, 0.6, &("postcode", "postcode"));
                out.add(found.start..end, &told);
            }
        }
    }

    /// A street with a number, as far as its town; told by its last part, a postcode behind it, or a
    /// label before it.
    fn house(&self, text: &str, found: Range<usize>, out: &mut Found) {
        let written = text.get(found.clone()).unwrap_or_default();
        let number = written.find(|char: char| char.is_ascii_digit()).unwrap_or(0);
        let street = written.get(..number).unwrap_or_default().trim_end();
        let behind = window(text, found.end, found.end + 40);
        let gap = behind.len() - behind.trim_start_matches([',', ' ']).len();
        let code = behind.get(gap..).and_then(|rest| self.postcode.find(rest));
        let before = window(text, found.start.saturating_sub(30), found.start);
        let last = street.trim_end_matches('.').rsplit([' ', '.']).next();
        let last = last.unwrap_or_default().to_lowercase();
        let is_street = self
            .streets
            .ends(&last)
            .any(|part| last == part || (part.len() > 2 && last.len() > part.len() + 1));
        if !(is_street || code.is_some() || self.label.is_match(before)) || street.len() < 2 {
            return;
        }
        let end = match code {
            Some(code) => {
                let end = found.end + gap + code.end();
                end + self.town_behind(text, end)
            }
            None => found.end,
        };
        let told = Told(Kind::Address, Role::Contact, 1.0, &("adres", "address"));
        out.add(found.start..end, &told);
    }

    fn town_behind(&self, text: &str, at: usize) -> usize {
        self.town.find(window(text, at, at + 50)).map_or(0, |town| town.end())
    }
}

/// Blanks before the number of a house up to the first word of its street, and bytes of the number with what
/// belongs to it: more than the pattern takes, so that none is cut.
const HOUSE: (usize, usize) = (8, 24);

/// `1000 MG` looks like a postcode.
fn is_dose(text: &str) -> bool {
    ["MG", "ML", "IE", "KG", "GR", "CM", "MM", "EU"].iter().any(|unit| text.ends_with(unit))
}

/// Do the minutes of a time stand there: `:00`?
fn is_clock(behind: &str) -> bool {
    behind
        .strip_prefix(':')
        .is_some_and(|rest| rest.len() == 2 && rest.bytes().all(|b| b.is_ascii_digit()))
}
