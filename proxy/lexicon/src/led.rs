//! Phrases, found by the word that they begin with.

use std::cmp::Reverse;
use std::collections::HashMap;

use crate::{Quick, forms, hash, stands_here};

/// Phrases by the word that they begin with and at most two bytes behind it: the words that begin phrases are
/// the most common ones, and by them alone dozens would be compared at each.
#[derive(Debug)]
pub struct Led<T> {
    by: HashMap<u64, Vec<Phrase<T>>, Quick>,
    glance: Glance,
}

/// A phrase, its last byte with the bit of small letters, which tells most apart, and what it tells.
#[derive(Debug)]
struct Phrase<T> {
    words: &'static str,
    last: u8,
    told: T,
}

impl<T: Copy> Led<T> {
    /// Of phrases in small letters, each with what it tells.
    #[must_use]
    pub fn new(phrases: impl Iterator<Item = (&'static str, T)>) -> Self {
        let mut by: HashMap<u64, Vec<Phrase<T>>, Quick> = HashMap::default();
        for (words, told) in phrases {
            let lead = forms::lead(words).unwrap_or_default();
            let behind = words.get(lead.len()..).unwrap_or_default();
            let lead = if lead.is_empty() { SIGNED } else { hash::hash(lead.as_bytes()) };
            let last = words.bytes().next_back().unwrap_or_default() | 32;
            let phrase = Phrase { words, last, told };
            let told_by = BEHIND.iter().find_map(|len| behind.as_bytes().get(..*len));
            by.entry(key(lead, told_by.unwrap_or_default())).or_default().push(phrase);
        }
        by.values_mut().for_each(|all| all.sort_by_key(|one| Reverse(one.words.len())));
        Self { glance: Glance::new(by.keys()), by }
    }

    /// The longest that stands in the text from `start` on, in whatever letters, and is asked for; `lead` is the
    /// hash of the word there in small letters, which ends at `end`.
    pub fn at(
        &self,
        text: &str,
        start: usize,
        (lead, end): (u64, usize),
        is: impl Fn(&str) -> bool,
    ) -> Option<(&'static str, T)> {
        let behind = text.as_bytes().get(end..).unwrap_or_default();
        // The longer key first: what it finds is longer.
        for key in BEHIND.iter().filter_map(|len| Some(key(lead, behind.get(..*len)?))) {
            if !self.glance.may_hold(key) {
                continue;
            }
            for Phrase { words, last, told } in self.by.get(&key).into_iter().flatten() {
                let own = text.as_bytes().get(start + words.len() - 1);
                if own.is_some_and(|own| own | 32 == *last)
                    && stands_here(text, start, words)
                    && is(words)
                {
                    return Some((*words, *told));
                }
            }
        }
        None
    }
}

fn key(lead: u64, behind: &[u8]) -> u64 {
    let all = behind.iter().fold(1, |all, byte| all << 8 | u64::from(byte.to_ascii_lowercase()));
    hash::of_pair(lead, all)
}

/// How many bytes behind the word tell phrases apart, the most first.
const BEHIND: [usize; 3] = [2, 1, 0];

/// In place of the hash of a first word where a phrase begins with none.
pub const SIGNED: u64 = 0;

/// A bit for the lower end of each of some hashes: a glance tells most others apart.
#[derive(Debug)]
pub struct Glance(Box<[u64; GLANCE]>);

impl Glance {
    /// Of these hashes.
    #[must_use]
    pub fn new<'h>(hashes: impl Iterator<Item = &'h u64>) -> Self {
        let mut bits = Box::new([0; GLANCE]);
        for hash in hashes {
            bits[*hash as usize / 64 % GLANCE] |= 1 << (hash % 64);
        }
        Self(bits)
    }

    /// May the hash be one of them?
    #[must_use]
    pub fn may_hold(&self, hash: u64) -> bool {
        self.0[hash as usize / 64 % GLANCE] >> (hash % 64) & 1 != 0
    }
}

/// Words of 64 bits, for some thousands of hashes.
const GLANCE: usize = 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_phrase_that_stands_there_is_found() {
        let listed = ["last", "last van", "last van de rug", "last.", "'t hart", "2dd"];
        let led = Led::new(listed.into_iter().zip(1..));
        let at = |text: &str, lead: &str| {
            let hash = if lead.is_empty() { SIGNED } else { hash::hash(lead.as_bytes()) };
            led.at(text, 0, (hash, lead.len()), |_| true).map(|(phrase, _)| phrase)
        };
        for (text, lead, found) in [
            ("last", "last", Some("last")),
            ("LAST.", "last", Some("last.")),
            ("last v", "last", Some("last")),
            ("Last van de Rug", "last", Some("last van de rug")),
            ("last van de buik", "last", Some("last van")),
            ("'t hart", "'t", None),
            ("2dd 1", "", Some("2dd")),
            ("lust", "lust", None),
        ] {
            assert_eq!(at(text, lead), found, "{text}");
        }
        let short = |phrase: &str| phrase.len() < 9;
        let lead = (hash::hash(b"last"), 4);
        assert_eq!(led.at("last van de rug", 0, lead, short), Some(("last van", 2)));
    }
}
