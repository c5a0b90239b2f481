use std::collections::HashSet;
use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

pub(crate) use crate::forms::entries;
use crate::hash;
use crate::words::Quick;

/// How telling a medical word is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tier {
    /// Someone is being treated.
    A,
    /// Diagnoses, procedures, medicines.
    B,
    /// Complaints, care, aids.
    C,
    /// Words of every day that are also used in care.
    D,
}

impl Tier {
    /// From the number that the build script writes.
    pub(crate) fn of(number: u8) -> Option<Self> {
        Some(match number {
            1 => Self::B,
            2 => Self::C,
            3 => Self::D,
            _ => return None,
        })
    }

    pub(crate) fn weight(self) -> f32 {
        match self {
            Self::A => 3.0,
            Self::B => 2.0,
            Self::C => 1.0,
            Self::D => 0.3,
        }
    }
}

pub(crate) const ABBREVIATIONS: [&str; 2] =
    [include_str!("../lexicon/A-afkortingen.txt"), include_str!("../lexicon/A-telegram.txt")];
pub(crate) const SUFFIXES: &str = include_str!("../lexicon/uitgangen.txt");
pub(crate) const STREETS: &str = include_str!("../lexicon/straten.txt");
const BODY: &str = include_str!("../lexicon/lichaam.txt");
pub(crate) const VETO: &str = include_str!("../lexicon/veto.txt");
pub(crate) const CUES: &str = include_str!("../lexicon/aanwijzingen.txt");
/// Medical phrases, each behind the digit of its tier: made by the build script.
pub(crate) const PHRASES: &str = include_str!(concat!(env!("OUT_DIR"), "/phrases.txt"));

/// Words and names in lower case, and what they are: made by the build script.
static WORDS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/words.bin"));

/// An abbreviation of care, as it is written.
pub(crate) fn is_abbreviation(word: &str) -> bool {
    static LIST: LazyLock<HashSet<&str, Quick>> =
        LazyLock::new(|| ABBREVIATIONS.into_iter().flat_map(entries).collect());
    LIST.contains(word)
}

/// A part of the body, in lower case.
pub(crate) fn is_body_part(word: &str) -> bool {
    static PARTS: LazyLock<HashSet<&str, Quick>> = LazyLock::new(|| entries(BODY).collect());
    PARTS.contains(word)
        || ["linker", "rechter", "boven", "onder"]
            .iter()
            .any(|side| word.strip_prefix(side).is_some_and(|part| PARTS.contains(part)))
}

/// What a word in lower case is known as.
pub(crate) fn known(word: &str) -> Known {
    let hash = hash::hash(word.as_bytes());
    let (mark, slots) = (hash::mark(hash), WORDS.len() / 4);
    let mut at = hash::slot(hash, slots);
    while let Some(slot) = WORDS.get(at * 4..).and_then(<[u8]>::first_chunk) {
        let slot = u32::from_le_bytes(*slot);
        if slot == 0 {
            break;
        }
        if slot >> 8 == mark {
            return Known((slot & 0xff) as u8);
        }
        at = (at + 1) % slots;
    }
    Known(0)
}

/// What a word is known as; it may be several things.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Known(u8);

impl Known {
    /// A word of the language, written small.
    pub(crate) fn word(self) -> bool {
        self.0 & hash::WORD != 0
    }

    /// A given name.
    pub(crate) fn given(self) -> bool {
        self.0 & hash::GIVEN != 0
    }

    /// A surname.
    pub(crate) fn surname(self) -> bool {
        self.0 & hash::SURNAME != 0
    }

    /// Written with a capital, and no person's name: towns, firms, months.
    pub(crate) fn no_name(self) -> bool {
        self.0 & hash::NO_NAME != 0
    }

    /// In no list at all.
    pub(crate) fn nothing(self) -> bool {
        self.0 & !hash::LEAD == 0
    }

    /// Medical phrases begin with it.
    pub(crate) fn leads(self) -> bool {
        self.0 & hash::LEAD != 0
    }

    /// How telling it is as a medical word.
    pub(crate) fn tier(self) -> Option<Tier> {
        Tier::of((self.0 >> hash::TIER) & 3)
    }
}

/// Neither side is in the middle of a word.
pub(crate) fn stands_alone(text: &str, start: usize, end: usize) -> bool {
    let before = text.get(..start).and_then(|text| text.chars().next_back());
    let after = text.get(end..).and_then(|text| text.chars().next());
    !before.is_some_and(char::is_alphanumeric) && !after.is_some_and(char::is_alphanumeric)
}

/// An automaton that finds nothing.
pub(crate) fn nothing() -> AhoCorasick {
    #[allow(clippy::unwrap_used)] // no patterns always build
    AhoCorasick::new::<[&str; 0], &str>([]).unwrap()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_list_names_its_source_and_its_licence() {
        let lists = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/lexicon")).unwrap();
        for list in lists {
            let path = list.unwrap().path();
            let text = std::fs::read_to_string(&path).unwrap();
            let head: String = text.lines().take_while(|line| line.starts_with('#')).collect();
            assert!(head.contains("Source: "), "{}", path.display());
            let licences = ["Licence: EUPL-1.2", "Licence: CC-BY-3.0", "Licence: SCOWL"];
            assert!(licences.iter().any(|licence| head.contains(licence)), "{}", path.display());
        }
    }

    #[test]
    fn words_are_known_with_their_forms_and_names_as_names() {
        assert_eq!(known("heupprothese").tier(), Some(Tier::B));
        assert_eq!(known("longontstekingen").tier(), Some(Tier::B));
        assert_eq!(known("fiets").tier(), None);
        assert!(known("bakker").word() && known("gerrit").given());
        assert!(known("januari").no_name() && !known("januari").given());
        assert!(known("xqzt").nothing());
    }
}
