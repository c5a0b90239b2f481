use std::collections::HashSet;

use lexicon::hash;

use crate::Kind;
use crate::model::Model;

/// The words of a passage and their pairs, with findings as classes: `mevrouw <name>`, `heeft <medical>`.
/// What they count was learnt; no name, number or medical word is among them.
#[derive(Debug)]
pub(crate) struct Seen<'m> {
    model: &'m Model,
    /// The learnt words that were met, by their numbers; each counts once.
    met: Vec<bool>,
    sum: f32,
    /// The hash of the word before.
    before: u64,
    names: Option<Names>,
}

/// The words themselves.
#[derive(Debug, Default)]
struct Names {
    before: String,
    known: HashSet<String>,
    all: Vec<String>,
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
        (Kind::PatientNumber, _) => "<patient-number>",
        (Kind::Address, 0) => "<address:none>",
        (Kind::Address, _) => "<address>",
        (Kind::Phone, 0) => "<phone:none>",
        (Kind::Phone, _) => "<phone>",
        (Kind::Email, 0) => "<email:none>",
        (Kind::Email, _) => "<email>",
    }
}

impl<'m> Seen<'m> {
    pub(crate) fn new(model: &'m Model) -> Self {
        let met = vec![false; model.learnt()];
        Self { model, met, sum: 0.0, before: 0, names: None }
    }

    /// One that also keeps the words themselves, for training.
    pub(crate) fn with_names(model: &'m Model) -> Self {
        Self { names: Some(Names::default()), ..Self::new(model) }
    }

    /// The sum of the weights of what was met, each once.
    pub(crate) fn sum(&self) -> f32 {
        self.sum
    }

    pub(crate) fn into_names(self) -> Vec<String> {
        self.names.map(|names| names.all).unwrap_or_default()
    }

    /// Takes in a piece of text; `marks` in order.
    pub(crate) fn read(&mut self, text: &str, marks: &[Mark]) {
        self.before = hash::hash(BEGIN.as_bytes());
        if let Some(names) = &mut self.names {
            names.before = BEGIN.to_owned();
        }
        let mut at = 0;
        for mark in marks {
            if mark.start < at {
                continue;
            }
            self.plain(text.get(at..mark.start).unwrap_or_default());
            self.sign(mark.class);
            at = mark.end;
        }
        self.plain(text.get(at..).unwrap_or_default());
        self.sign("<end>");
    }

    fn plain(&mut self, text: &str) {
        let bytes = text.as_bytes();
        let mut at = 0;
        while let Some(byte) = bytes.get(at) {
            match byte {
                b'0'..=b'9' => {
                    at += bytes[at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
                    self.sign("#");
                    continue;
                }
                b'\n' => self.sign("<n>"),
                b'%' => self.sign("%"),
                b'?' => self.sign("?"),
                byte if byte.is_ascii_alphabetic() || *byte == b'\'' || !byte.is_ascii() => {
                    at = self.word(text, at);
                    continue;
                }
                _ => {}
            }
            at += 1;
        }
    }

    /// A word that begins here, or another character beyond ASCII; the answer is where it ends.
    fn word(&mut self, text: &str, from: usize) -> usize {
        let (mut at, mut state) = (from, hash::BEGIN);
        while let Some(&byte) = text.as_bytes().get(at) {
            if byte.is_ascii_alphabetic() || byte == b'\'' {
                state = hash::fed(state, byte.to_ascii_lowercase());
                at += 1;
                continue;
            }
            let char = text.get(at..).and_then(|rest| rest.chars().next());
            let Some(char) = char.filter(|char| !char.is_ascii() && char.is_alphabetic()) else {
                break;
            };
            for small in char.to_lowercase() {
                state = small.encode_utf8(&mut [0; 4]).bytes().fold(state, hash::fed);
            }
            at += char.len_utf8();
        }
        if at > from {
            self.one(hash::mixed(state), text.get(from..at).unwrap_or_default());
            return at;
        }
        if text.get(at..).is_some_and(|rest| rest.starts_with('\u{20ac}')) {
            self.sign("\u{20ac}");
        }
        text.ceil_char_boundary(at + 1)
    }

    fn sign(&mut self, sign: &str) {
        self.one(hash::hash(sign.as_bytes()), sign);
    }

    /// A word that is whole.
    fn one(&mut self, word: u64, written: &str) {
        self.count(word);
        self.count(hash::of_pair(self.before, word));
        self.before = word;
        if let Some(names) = &mut self.names {
            let word: String = written.chars().flat_map(char::to_lowercase).collect();
            let pair = format!("{} {word}", names.before);
            for name in [word.clone(), pair] {
                if names.known.insert(name.clone()) {
                    names.all.push(name);
                }
            }
            names.before = word;
        }
    }

    fn count(&mut self, hash: u64) {
        if let Some((number, weight)) = self.model.word(hash)
            && let Some(met) = self.met.get_mut(number)
            && !core::mem::replace(met, true)
        {
            self.sum += weight;
        }
    }
}

/// What stands before the first word.
const BEGIN: &str = "<begin>";
