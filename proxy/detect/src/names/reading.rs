use lexicon::Known;
use lexicon::small::Part;

use super::words::{formed, is_firm, is_professional};
use super::{Form, Name};
use crate::tokens::{Shape, Token};

pub(super) struct Reading<'a> {
    pub(super) text: &'a str,
    pub(super) tokens: &'a [Token<'a>],
    pub(super) is_name_of_file: bool,
}

impl<'a> Reading<'a> {
    /// A name that begins at this token, and the token behind it.
    pub(super) fn name_at(&self, at: usize) -> Option<(Name, usize)> {
        let token = self.tokens.get(at)?;
        // Most words of a text: no name begins with them.
        if token.shape == Shape::Lower && !token.known.small() {
            return None;
        }
        if token.is_title()
            && let Some(found) = self.titled(at, token)
        {
            return Some(found);
        }
        if token.parts.has(Part::Greeting) && token.first {
            return self.greeted(at + 1);
        }
        if matches!(token.shape, Shape::Letter | Shape::Upper)
            && let Some(found) = self.with_initials(at)
        {
            return Some(found);
        }
        match token.shape {
            Shape::Title => self.capital(at),
            Shape::Upper => self.in_capitals(at),
            Shape::Lower if token.parts.has(Part::Particle) => self.led_by_particle(at),
            _ => None,
        }
    }

    /// `dhr. P. van der Berg-Smit`, from the title on.
    fn titled(&self, at: usize, title: &Token<'_>) -> Option<(Name, usize)> {
        let patient = title.parts.has(Part::Title);
        let mut next = at + 1;
        // "Mevr. dr. Jansen", "de heer en mevrouw Jansen".
        for _ in 0..2 {
            let word = self.tokens.get(next)?;
            if (word.is_title() || lexicon::small_is(word.text, "en")) && self.joined(next) {
                next += 1;
            }
        }
        if !self.joined(next) {
            return None;
        }
        let form = match self.before(at) {
            _ if !patient => Form::Professional,
            Some(word) if word.parts.has(Part::Greeting) => Form::Greeted,
            _ => Form::Titled,
        };
        let end = self.initials_from(next);
        let first = self.tokens.get(next)?;
        if let Some(last) =
            self.surname_from(end, Strict::No).filter(|_| end == next || self.close(end))
        {
            return Some(self.name(next, last, form));
        }
        if end > next {
            // `mw. B.`, `dhr J`.
            return Some(self.name(next, end - 1, form));
        }
        // `dhr jansen`, `mw van der berg`: in small letters, known as a surname.
        let mut last = next;
        while last < next + 2
            && self.tokens.get(last).is_some_and(|token| token.is_small(Part::Particle))
            && self.close(last + 1)
        {
            last += 1;
        }
        let head = if last == next { first } else { self.tokens.get(last)? };
        let small = head.shape == Shape::Lower && head.known.surname();
        (small && !head.parts.has(Part::Plain)).then(|| self.name(next, last, form))
    }

    /// `Beste Anna en Piet,`; a title is the next step's.
    fn greeted(&self, at: usize) -> Option<(Name, usize)> {
        let token = self.tokens.get(at).filter(|_| self.joined(at))?;
        if token.is_title() {
            return None;
        }
        let known = token.known;
        let small = token.shape == Shape::Lower && known.given() && !known.word();
        if small {
            return Some(self.name(at, at, Form::Hailed));
        }
        let is_name =
            token.shape == Shape::Title && !known.no_name() && !token.parts.has(Part::Group);
        if !is_name {
            return None;
        }
        let last = self.surname_from(at + 1, Strict::Yes).filter(|_| self.close(at + 1));
        Some(self.name(at, last.unwrap_or(at), Form::Hailed))
    }

    /// `J.P. de Vries`, `WJ de Vries`, `de Vries, J.P.` is found from its surname.
    fn with_initials(&self, at: usize) -> Option<(Name, usize)> {
        let token = self.tokens.get(at)?;
        let short = token.shape == Shape::Upper && token.text.len() <= 3;
        let end = if token.shape == Shape::Letter {
            self.initials_from(at)
        } else if short {
            at + 1
        } else {
            return None;
        };
        let dotted = self.text.as_bytes().get(token.end()) == Some(&b'.');
        let strict = if token.shape == Shape::Letter && dotted { Strict::No } else { Strict::Yes };
        if short && lexicon::is_abbreviation(token.text) {
            return None;
        }
        // "A. Inleiding" is an item of a list.
        let item = token.first && end == at + 1 && dotted;
        let strict = if item { Strict::Yes } else { strict };
        let last = self.surname_from(end, strict).filter(|_| self.close(end))?;
        Some(self.name(at, last, Form::Plain))
    }

    /// A word with a capital: a given name and what follows, a surname, an unknown word.
    fn capital(&self, at: usize) -> Option<(Name, usize)> {
        let token = self.tokens.get(at)?;
        let known = token.known;
        if known.no_name() || token.parts.has(Part::Never) || self.belongs_to_a_firm(at) {
            return None;
        }
        let given = known.given() || self.is_double_given(at);
        if given {
            let mut next = at + 1;
            // `Anne-Marie`, `Jan Willem`, `Karel J.`
            while self.is_given(next) && self.close(next) {
                next += 1;
            }
            let initials = self.initials_from(next);
            if let Some(last) =
                self.surname_from(initials, Strict::Yes).filter(|_| self.close(next))
            {
                return Some(self.name(at, last, Form::Plain));
            }
            let alone = known.word() && token.first && !self.stands_as_name(at);
            return (!alone).then(|| self.name(at, next - 1, Form::First));
        }
        if token.parts.has(Part::Particle) {
            return self.led_by_particle(at);
        }
        let last = self.surname_from(at, Strict::Yes).unwrap_or(at);
        let initials = self.initials_from(last + 1);
        if known.surname() && initials > last + 1 && self.comma_or_close(last + 1) {
            return Some(self.name(at, initials - 1, Form::Plain));
        }
        if last > at && self.is_surname(at) {
            return Some(self.name(at, last, Form::Last));
        }
        let plausible = if token.first {
            !known.word() && (known.surname() || self.stands_as_name(at) && known.tier().is_none())
        } else {
            self.could_be_a_name(at, known, token.text)
        };
        plausible.then(|| self.name(at, at, Form::Last))
    }

    /// Not first in its sentence: would a person's name stand so?
    fn could_be_a_name(&self, at: usize, known: Known, word: &str) -> bool {
        let before = self.before(at);
        let behind_article = before.is_some_and(|word| word.parts.has(Part::Determiner));
        let behind_place = before.is_some_and(|word| word.is_small(Part::Place));
        if known.surname() {
            return !((behind_article || behind_place) && known.word());
        }
        let strange = known.nothing() && word.len() >= 3;
        strange && !behind_article && !self.among_capitals(at) && !formed(word)
    }

    /// `JANSEN, P.J.`, `OOSTERHUIS-TEN BRINKE, G.H.`: only with initials, or as a whole known name.
    fn in_capitals(&self, at: usize) -> Option<(Name, usize)> {
        let mut last = at;
        while let Some(next) = self.tokens.get(last + 1)
            && next.shape == Shape::Upper
            && self.close(last + 1)
            && last < at + 4
        {
            last += 1;
        }
        let initials = self.initials_from(last + 1);
        let known = |token: &Token<'_>| token.known;
        let end = self.tokens.get(last)?;
        let reversed = initials > last + 1
            && self.text.get(end.end()..)?.trim_start_matches([' ', ',']).len() + 3
                >= self.text.get(end.end()..)?.len()
            && self.dotted(last + 1);
        if reversed && self.tokens.get(at)?.text.len() > 3 {
            return Some(self.name(at, initials - 1, Form::Plain));
        }
        let names = self.tokens.get(at..=last)?;
        let all = last > at
            && names.iter().all(|token| {
                known(token).given() || known(token).surname() || token.parts.has(Part::Particle)
            });
        all.then(|| self.name(at, last, Form::Plain))
    }

    /// `van der Berg`, `El Amrani`, `De Vries`.
    fn led_by_particle(&self, at: usize) -> Option<(Name, usize)> {
        let token = self.tokens.get(at)?;
        let last = self.surname_from(at, Strict::Yes)?;
        let head = self.tokens.get(last)?;
        let known = head.known;
        // "de Boer" is a name where "de Rabobank" and "De Terp" are none.
        let capital = token.shape == Shape::Title && !token.first;
        let several = last > at + 1;
        let tells = known.surname() && (capital || several || !known.word());
        tells.then(|| self.name(at, last, Form::Last))
    }

    /// Where a surname ends that begins here: particles, then words with capitals, joined by hyphens or
    /// following each other.
    fn surname_from(&self, from: usize, strict: Strict) -> Option<usize> {
        self.surname_of(from, strict, PARTS)
    }

    /// The same, of at most so many parts.
    fn surname_of(&self, from: usize, strict: Strict, parts: usize) -> Option<usize> {
        let mut at = from;
        while let Some(token) = self.tokens.get(at)
            && token.parts.has(Part::Particle)
            && (at == from || self.close(at))
            && at < from + 3
            && self.tokens.get(at + 1).is_some()
            && self.close(at + 1)
        {
            at += 1;
        }
        let led = at > from;
        let head = self.tokens.get(at)?;
        let known = head.known;
        let capital = matches!(head.shape, Shape::Title | Shape::Upper) && head.text.len() > 1;
        if !capital || head.parts.has(Part::Never) {
            return None;
        }
        let fits = match strict {
            Strict::No => !known.no_name() || known.surname() || led,
            Strict::Yes => {
                known.surname()
                    || known.given()
                    || (known.nothing() && known.tier().is_none() && head.shape == Shape::Title)
                    || (led && !known.no_name())
                    || (self.hyphen_behind(at) && !known.no_name() && known.tier().is_none())
            }
        };
        if !fits {
            return None;
        }
        let mut last = at;
        // The second half: `Smit-de Boer`, `Wolters Dijks`.
        if parts > 1
            && self.hyphen_behind(last)
            && self.close(last + 1)
            && let Some(more) = self.surname_of(last + 1, Strict::No, parts - 1)
        {
            last = more;
        } else if self.is_surname(last + 1) && self.close(last + 1) && !self.hyphen_behind(last) {
            last += 1;
        }
        Some(last)
    }

    /// The token behind the initials that begin here: `J.`, `J.P.`, `Th.`, `J`.
    fn initials_from(&self, from: usize) -> usize {
        let mut at = from;
        while let Some(token) = self.tokens.get(at)
            && (token.shape == Shape::Letter
                || ["Th", "Ch", "Ph", "Tj", "Sj", "Ij"].contains(&token.text) && self.dotted(at))
            && (at == from || self.close(at))
            && at < from + 5
        {
            at += 1;
        }
        at
    }

    fn is_given(&self, at: usize) -> bool {
        self.tokens.get(at).is_some_and(|token| {
            let known = token.known;
            token.shape == Shape::Title && known.given() && !known.no_name()
        })
    }

    fn is_double_given(&self, at: usize) -> bool {
        let (Some(one), Some(two)) = (self.tokens.get(at), self.tokens.get(at + 1)) else {
            return false;
        };
        self.hyphen_behind(at)
            && lexicon::known(&format!("{}-{}", one.lower(), two.lower())).given()
    }

    fn is_surname(&self, at: usize) -> bool {
        self.tokens
            .get(at)
            .is_some_and(|token| token.shape == Shape::Title && token.known.surname())
    }

    /// A line, a cell or a greeting of its own, or a verb behind it: `Roos belde`.
    fn stands_as_name(&self, at: usize) -> bool {
        let Some(token) = self.tokens.get(at) else {
            return false;
        };
        if self.is_name_of_file {
            return true;
        }
        let behind = self.text.get(token.end()..).unwrap_or_default();
        let rest = behind.trim_start_matches([' ', '\t', ',', '.', '!']);
        let alone = rest.is_empty() || rest.starts_with(['\n', '\r', '|']);
        let verb = self.tokens.get(at + 1).filter(|_| self.close(at + 1));
        alone || verb.is_some_and(|word| word.is_small(Part::Verb))
    }

    /// `Apotheek De Vijzel`, `Noorderijk Meettechniek BV`.
    fn belongs_to_a_firm(&self, at: usize) -> bool {
        let before = (1..=3).filter_map(|back| {
            let index = at.checked_sub(back)?;
            (0..back).all(|step| self.close(index + step + 1)).then(|| self.tokens.get(index))?
        });
        let mut capitals = true;
        for word in before {
            if word.shape != Shape::Lower && is_firm(word) {
                return true;
            }
            capitals &= word.shape != Shape::Lower || word.is_small(Part::Particle);
            if !capitals {
                break;
            }
        }
        let behind = (1..=2).filter_map(|step| {
            (1..=step).all(|one| self.close(at + one)).then(|| self.tokens.get(at + step))?
        });
        behind.into_iter().any(|word| {
            word.shape != Shape::Lower
                && (["BV", "NV", "VOF"].contains(&word.text) || is_firm(word))
        })
    }

    /// Words with capitals on both sides: a heading, a title, a firm.
    fn among_capitals(&self, at: usize) -> bool {
        let capital = |index: usize| {
            self.tokens.get(index).is_some_and(|word| {
                matches!(word.shape, Shape::Title | Shape::Upper) && word.known.word()
            })
        };
        let before = at > 0 && self.close(at) && capital(at - 1) && !self.tokens[at - 1].first;
        before || (self.close(at + 1) && capital(at + 1))
    }

    fn hyphen_behind(&self, at: usize) -> bool {
        let (Some(one), Some(two)) = (self.tokens.get(at), self.tokens.get(at + 1)) else {
            return false;
        };
        let between = self.text.get(one.end()..two.start).unwrap_or_default();
        between.trim() == "-" && between.len() <= 3
    }

    fn dotted(&self, at: usize) -> bool {
        self.tokens.get(at).is_some_and(|one| self.text.as_bytes().get(one.end()) == Some(&b'.'))
    }

    /// Nothing but a blank, a hyphen or a dot of an abbreviation stands before the token.
    fn close(&self, at: usize) -> bool {
        let (Some(one), Some(two)) =
            (at.checked_sub(1).and_then(|at| self.tokens.get(at)), self.tokens.get(at))
        else {
            return false;
        };
        let between = self.text.get(one.end()..two.start).unwrap_or_default();
        matches!(between, " " | "-" | " - " | "- " | "'" | " '" | "/" | "")
            || (matches!(between, "." | ". ")
                && (one.text.chars().count() <= 2 || one.parts.has(Part::Particle)))
    }

    /// As `close`, and a comma too.
    fn comma_or_close(&self, at: usize) -> bool {
        let (Some(one), Some(two)) =
            (at.checked_sub(1).and_then(|at| self.tokens.get(at)), self.tokens.get(at))
        else {
            return false;
        };
        matches!(self.text.get(one.end()..two.start), Some(" " | ", " | ","))
    }

    /// Behind a title, a greeting: blanks, a dot, a line end.
    fn joined(&self, at: usize) -> bool {
        let (Some(one), Some(two)) =
            (at.checked_sub(1).and_then(|at| self.tokens.get(at)), self.tokens.get(at))
        else {
            return false;
        };
        let between = self.text.get(one.end()..two.start).unwrap_or_default();
        between.len() <= 4
            && between
                .chars()
                .all(|char| matches!(char, ' ' | '.' | ':' | '\n' | '\r' | '\t' | '/' | '\''))
    }

    fn before(&self, at: usize) -> Option<&Token<'a>> {
        at.checked_sub(1).and_then(|at| self.tokens.get(at))
    }

    fn name(&self, from: usize, last: usize, form: Form) -> (Name, usize) {
        let start = self.tokens.get(from).map_or(0, |token| token.start);
        let last_token = self.tokens.get(last);
        let mut end = last_token.map_or(start, |token| token.end());
        let letter = last_token.is_some_and(|token| token.shape == Shape::Letter);
        if letter && self.dotted(last) {
            end += 1;
        }
        (Name { start, end, form }, last + 1)
    }

    pub(super) fn with_its_profession(&self, mut name: Name) -> Name {
        if is_professional(self.text, name.start, name.end) {
            name.form = Form::Professional;
        }
        name
    }
}

/// Parts of a surname with hyphens; nobody has more.
const PARTS: usize = 4;

/// Whether a surname must be known as one.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Strict {
    Yes,
    No,
}
