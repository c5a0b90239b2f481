use std::collections::HashSet;
use std::hash::{BuildHasherDefault, Hasher};

use crate::Kind;
use crate::hash;

/// The words of a passage and their pairs, with findings as classes: `mevrouw <name>`, `heeft <medical>`.
/// What they count was learnt; no name, number or medical word is among them.
#[derive(Debug)]
pub(crate) struct Seen {
    known: HashSet<u64, Quick>,
    out: Vec<u64>,
    /// The hashes of the word that is read, and of its pair with the one before, so far.
    word: u64,
    pair: u64,
    names: Option<Names>,
}

/// For sets and maps whose keys are hashes already, or lists of this room: nobody else chooses what is in
/// them, so that no text can make them slow.
pub(crate) type Quick = BuildHasherDefault<Mixed>;

#[derive(Debug, Default)]
pub(crate) struct Mixed(u64);

impl Hasher for Mixed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 = bytes.iter().fold(self.0, |state, byte| hash::fed(state, *byte));
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = number;
    }
}

/// The words themselves.
#[derive(Debug, Default)]
struct Names {
    word: String,
    before: String,
    all: Vec<String>,
}

impl Default for Seen {
    fn default() -> Self {
        let known = HashSet::with_capacity_and_hasher(USUAL, Quick::default());
        let (out, names) = (Vec::with_capacity(USUAL), None);
        Self { known, out, word: hash::BEGIN, pair: hash::BEGIN, names }
    }
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
        Self { names: Some(Names::default()), ..Self::default() }
    }

    pub(crate) fn into_vec(self) -> Vec<u64> {
        self.out
    }

    pub(crate) fn into_names(self) -> Vec<String> {
        self.names.map(|names| names.all).unwrap_or_default()
    }

    /// Takes in a piece of text; `marks` in order.
    pub(crate) fn read(&mut self, text: &str, marks: &[Mark]) {
        self.one("<begin>", true);
        let mut at = 0;
        for mark in marks {
            if mark.start < at {
                continue;
            }
            self.plain(text.get(at..mark.start).unwrap_or_default());
            self.one(mark.class, false);
            at = mark.end;
        }
        self.plain(text.get(at..).unwrap_or_default());
        self.one("<end>", false);
    }

    fn plain(&mut self, text: &str) {
        let mut open = Open::No;
        for char in text.chars() {
            let next = if char.is_alphabetic() || char == '\'' {
                Open::Word
            } else if char.is_ascii_digit() {
                Open::Number
            } else {
                Open::No
            };
            if open != Open::No && open != next {
                self.finish();
            }
            match next {
                Open::Word if char.is_ascii() => self.push(char.to_ascii_lowercase()),
                Open::Word => char.to_lowercase().for_each(|char| self.push(char)),
                Open::Number if open == Open::Number => {}
                Open::Number => self.push('#'),
                Open::No => match char {
                    '\n' => self.one("<n>", false),
                    '\u{20ac}' => self.one("\u{20ac}", false),
                    '%' => self.one("%", false),
                    '?' => self.one("?", false),
                    _ => {}
                },
            }
            open = next;
        }
        if open != Open::No {
            self.finish();
        }
    }

    fn push(&mut self, char: char) {
        let mut bytes = [0; 4];
        for byte in char.encode_utf8(&mut bytes).bytes() {
            self.word = hash::fed(self.word, byte);
            self.pair = hash::fed(self.pair, byte);
        }
        if let Some(names) = &mut self.names {
            names.word.push(char);
        }
    }

    /// A word that is whole; the first of a text is only the beginning of a pair.
    fn one(&mut self, word: &str, first: bool) {
        word.chars().for_each(|char| self.push(char));
        if first {
            self.turn();
        } else {
            self.finish();
        }
    }

    fn finish(&mut self) {
        let (word, pair) = (hash::mixed(self.word), hash::mixed(self.pair));
        let new = [self.known.insert(word), self.known.insert(pair)];
        let hashes = [word, pair].into_iter().zip(new).filter(|(_, new)| *new);
        self.out.extend(hashes.map(|(hash, _)| hash));
        if let Some(names) = &mut self.names {
            let pair = format!("{} {}", names.before, names.word);
            let both = [names.word.clone(), pair].into_iter().zip(new);
            names.all.extend(both.filter(|(_, new)| *new).map(|(name, _)| name));
        }
        self.turn();
    }

    /// The word becomes the one before.
    fn turn(&mut self) {
        self.pair = hash::fed(self.word, b' ');
        self.word = hash::BEGIN;
        if let Some(names) = &mut self.names {
            names.before = core::mem::take(&mut names.word);
        }
    }
}

/// Words and pairs of a passage of usual length.
const USUAL: usize = 1_000;

/// What is being read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Open {
    No,
    Word,
    Number,
}
