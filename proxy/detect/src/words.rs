use std::collections::HashSet;

use crate::Kind;
use crate::hash::hash;

/// The words of a passage and their pairs, with findings as classes: `mevrouw <name>`, `heeft <medical>`.
/// What they count was learnt; no name, number or medical word is among them.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    known: HashSet<u64>,
    out: Vec<u64>,
    names: Option<Vec<String>>,
}

/// A finding in the text, in bytes.
pub(crate) struct Mark {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) class: &'static str,
}

/// The class of a finding of this kind and weight.
pub(crate) fn class(kind: Kind, weight: f32) -> &'static str {
    let known = [0.01, 0.95, 1.95, 2.4, 2.95].iter().filter(|least| weight >= **least).count();
    match (kind, known) {
        (Kind::Medical, 0) => "<medical:none>",
        (Kind::Medical, 1) => "<medical:d>",
        (Kind::Medical, 2) => "<medical:c>",
        (Kind::Medical, 3 | 4) => "<medical:b>",
        (Kind::Medical, _) => "<medical:a>",
        (Kind::Name, 0) => "<name:none>",
        (Kind::Name, 1..=3) => "<name>",
        (Kind::Name, _) => "<name:titled>",
        (Kind::Dob, 0) => "<dob:none>",
        (Kind::Dob, 1..=3) => "<dob:bare>",
        (Kind::Dob, _) => "<dob>",
        (Kind::Bsn, 0..=2) => "<bsn:bare>",
        (Kind::Bsn, _) => "<bsn>",
        (Kind::PatientNumber, 0..=3) => "<number>",
        (Kind::PatientNumber, _) => "<patient number>",
        (Kind::Address, 0) => "<address:none>",
        (Kind::Address, _) => "<address>",
        (Kind::Phone, 0) => "<phone:none>",
        (Kind::Phone, _) => "<phone>",
        (Kind::Email, 0) => "<email:none>",
        (Kind::Email, _) => "<email>",
    }
}

impl Seen {
    /// One that also keeps the words themselves, for training.
    pub(crate) fn with_names() -> Self {
        Self { names: Some(Vec::new()), ..Self::default() }
    }

    pub(crate) fn into_vec(self) -> Vec<u64> {
        self.out
    }

    pub(crate) fn into_names(self) -> Vec<String> {
        self.names.unwrap_or_default()
    }

    /// Takes in a piece of text; `marks` in order.
    pub(crate) fn read(&mut self, text: &str, marks: &[Mark]) {
        let mut before = String::from("<begin>");
        let mut word = String::new();
        let mut at = 0;
        for mark in marks {
            if mark.start < at {
                continue;
            }
            self.plain(text.get(at..mark.start).unwrap_or_default(), &mut word, &mut before);
            self.one(mark.class, &mut before);
            at = mark.end;
        }
        self.plain(text.get(at..).unwrap_or_default(), &mut word, &mut before);
        self.one("<end>", &mut before);
    }

    fn plain(&mut self, text: &str, word: &mut String, before: &mut String) {
        for char in text.chars() {
            if char.is_alphabetic() || char == '\'' {
                if word.starts_with('#') {
                    self.finish(word, before);
                }
                word.extend(char.to_lowercase());
                continue;
            }
            if char.is_ascii_digit() {
                if !word.starts_with('#') {
                    self.finish(word, before);
                    word.push('#');
                }
                continue;
            }
            self.finish(word, before);
            match char {
                '\n' => self.one("<n>", before),
                '\u{20ac}' => self.one("\u{20ac}", before),
                '%' => self.one("%", before),
                '?' => self.one("?", before),
                _ => {}
            }
        }
        self.finish(word, before);
    }

    fn finish(&mut self, word: &mut String, before: &mut String) {
        if !word.is_empty() {
            self.one(word, before);
            word.clear();
        }
    }

    fn one(&mut self, word: &str, before: &mut String) {
        self.add(hash(word.as_bytes()), || word.to_owned());
        before.push(' ');
        before.push_str(word);
        let pair = before.as_str();
        self.add(hash(pair.as_bytes()), || pair.to_owned());
        before.clear();
        before.push_str(word);
    }

    fn add(&mut self, hash: u64, name: impl FnOnce() -> String) {
        if self.known.insert(hash) {
            self.out.push(hash);
            if let Some(names) = &mut self.names {
                names.push(name());
            }
        }
    }
}
