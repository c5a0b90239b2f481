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
    /// Hashes that may be of learnt words, in their order: looked up together, so that the processor need not
    /// guess at each word whether it is one.
    pending: [u64; PENDING],
    waiting: usize,
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

impl Names {
    /// A word and its pair.
    fn learn(&mut self, written: &str) {
        let word: String = written.chars().flat_map(char::to_lowercase).collect();
        for name in [word.clone(), format!("{} {word}", self.before)] {
            if self.known.insert(name.clone()) {
                self.all.push(name);
            }
        }
        self.before = word;
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
        let pending = [0; PENDING];
        Self { model, met, sum: 0.0, pending, waiting: 0, before: 0, names: None }
    }

    /// One that also keeps the words themselves, for training.
    pub(crate) fn with_names(model: &'m Model) -> Self {
        Self { names: Some(Names::default()), ..Self::new(model) }
    }

    /// The sum of the weights of what was met, each once.
    pub(crate) fn sum(mut self) -> f32 {
        self.look();
        self.sum
    }

    pub(crate) fn into_names(self) -> Vec<String> {
        self.names.map(|names| names.all).unwrap_or_default()
    }

    /// Takes in a piece of text; `marks` in order.
    pub(crate) fn read(&mut self, text: &str, marks: &[Mark]) {
        self.before = BEGIN.0;
        if let Some(names) = &mut self.names {
            names.before = BEGIN.1.to_owned();
        }
        let mut at = 0;
        for mark in marks {
            if mark.start < at {
                continue;
            }
            self.plain(text.get(at..mark.start).unwrap_or_default());
            self.sign(signed(mark.class));
            at = mark.end;
        }
        self.plain(text.get(at..).unwrap_or_default());
        self.sign(END);
    }

    fn plain(&mut self, text: &str) {
        let bytes = text.as_bytes();
        let mut at = 0;
        while let Some(byte) = bytes.get(at) {
            if SMALL[usize::from(*byte)] != 0 || !byte.is_ascii() {
                at = self.word(text, at);
                continue;
            }
            at += 1;
            match byte {
                b'0'..=b'9' => {
                    at += bytes[at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
                    self.sign(NUMBER);
                }
                b'\n' => self.sign(LINE),
                b'%' => self.sign(SHARE),
                b'?' => self.sign(QUESTION),
                _ => {}
            }
        }
    }

    /// A word that begins here, or another character beyond ASCII; the answer is where it ends.
    fn word(&mut self, text: &str, from: usize) -> usize {
        let (mut at, mut state) = (from, hash::BEGIN);
        loop {
            for byte in text.as_bytes().get(at..).unwrap_or_default() {
                let small = SMALL[usize::from(*byte)];
                if small == 0 {
                    break;
                }
                state = hash::fed(state, small);
                at += 1;
            }
            if text.as_bytes().get(at).is_none_or(u8::is_ascii) {
                break;
            }
            let char = text.get(at..).and_then(|rest| rest.chars().next());
            let Some(char) = char.filter(|char| char.is_alphabetic()) else {
                break;
            };
            for small in char.to_lowercase() {
                state = small.encode_utf8(&mut [0; 4]).bytes().fold(state, hash::fed);
            }
            at += char.len_utf8();
        }
        if at > from {
            self.one(hash::mixed(state), |names| {
                names.learn(text.get(from..at).unwrap_or_default());
            });
            return at;
        }
        if text.get(at..).is_some_and(|rest| rest.starts_with('\u{20ac}')) {
            self.sign(AMOUNT);
        }
        text.ceil_char_boundary(at + 1)
    }

    fn sign(&mut self, (hash, written): (u64, &str)) {
        self.one(hash, |names| names.learn(written));
    }

    /// A word that is whole.
    fn one(&mut self, word: u64, learn: impl FnOnce(&mut Names)) {
        if self.waiting + 2 > PENDING {
            self.look();
        }
        for hash in [word, hash::of_pair(self.before, word)] {
            self.pending[self.waiting] = hash;
            self.waiting += usize::from(self.model.may_be_word(hash));
        }
        self.before = word;
        if let Some(names) = &mut self.names {
            learn(names);
        }
    }

    /// Looks up what waits.
    fn look(&mut self) {
        for hash in &self.pending[..self.waiting] {
            if let Some((number, weight)) = self.model.word(*hash)
                && let Some(met) = self.met.get_mut(number)
                && !core::mem::replace(met, true)
            {
                self.sum += weight;
            }
        }
        self.waiting = 0;
    }
}

/// What stands before the first word.
const BEGIN: (u64, &str) = signed("<begin>");
// What is read as a word, though it has no letters.
const END: (u64, &str) = signed("<end>");
const LINE: (u64, &str) = signed("<n>");
const NUMBER: (u64, &str) = signed("#");
const SHARE: (u64, &str) = signed("%");
const QUESTION: (u64, &str) = signed("?");
const AMOUNT: (u64, &str) = signed("\u{20ac}");

const fn signed(sign: &str) -> (u64, &str) {
    (hash::hash(sign.as_bytes()), sign)
}

/// Hashes that wait for being looked up.
const PENDING: usize = 256;
/// The small letter that each byte is read as, or an apostrophe; 0 where it is neither.
static SMALL: [u8; 256] = {
    let mut out = [0; 256];
    let mut byte = 0_u8;
    while byte.is_ascii() {
        if byte.is_ascii_alphabetic() || byte == b'\'' {
            out[byte as usize] = byte.to_ascii_lowercase();
        }
        byte += 1;
    }
    out
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_word_counts_once_in_a_text_of_any_length() {
        let cues = crate::cues::Cues::new();
        let model = Model::new(cues.groups());
        let sum = |text: &str| {
            let mut seen = Seen::new(&model);
            seen.read(text, &[]);
            seen.sum()
        };
        // More of them than are looked up at a time.
        let (once, often) = ("mijn moeder de dokter ", "mijn moeder de dokter ".repeat(PENDING));
        assert_eq!(sum(&once.repeat(2)), sum(&often));
        assert_ne!(sum(once), 0.0);
    }
}
