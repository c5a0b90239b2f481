//! Lists of words and names, and what a word is known as.
//!
//! The build script makes one table of all lists in `lists/`, in which a word is found by its hash, so that
//! the program reads no list at its start. [`known`] answers whether a word belongs to the language, is a name,
//! and how telling it is as a medical word; [`formed`] how telling one is that no list has; [`small`] which part it
//! plays in a sentence; [`led`] which phrase begins with it; [`labels`] what stands before numbers.
//! What this room does not do: it looks for nothing in a text and judges nothing; `detect` does.
//!
//! ```
//! assert!(lexicon::known("bakker").word() && lexicon::known("gerrit").given());
//! assert_eq!(lexicon::known("heupprothese").tier(), Some(lexicon::Tier::B));
//! ```
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

pub mod formed;
pub mod forms;
pub mod hash;
pub mod labels;
pub mod led;
mod quick;
pub mod small;

use std::collections::HashSet;
use std::sync::LazyLock;

pub use forms::entries;
pub use quick::Quick;

/// How telling a medical word is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tier {
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
    #[must_use]
    pub fn of(number: u8) -> Option<Self> {
        Some(match number {
            1 => Self::B,
            2 => Self::C,
            3 => Self::D,
            _ => return None,
        })
    }

    /// What it adds to the sum of medical words.
    #[must_use]
    pub fn weight(self) -> f32 {
        match self {
            Self::A => 3.0,
            Self::B => 2.0,
            Self::C => 1.0,
            Self::D => 0.3,
        }
    }
}

const ABBREVIATIONS: [&str; 2] =
    [include_str!("../lists/A-afkortingen.txt"), include_str!("../lists/A-telegram.txt")];
/// What disclaimers say, each in one of these words.
pub const DISCLAIMERS: [&str; 12] = [
    "uitsluitend be",
    "disclaimer",
    "intended ",
    "niet de geadresseerde",
    "niet de beoogde",
    "aan dit ",
    "de informatie in d",
    "vertrouwelijke informatie b",
    "kan vertrouwelijke",
    "kan medische",
    "kan persoonlijke",
    "this e",
];
/// Abbreviations that also mean something else, or are words in capitals.
pub const AMBIGUOUS: [&str; 16] = [
    "ALL", "ALS", "ASA", "ASS", "CAD", "DM", "DOS", "IQ", "LE", "MS", "PAC", "POH", "RA", "CIZ",
    "WLZ", "ROS",
];
/// What medical words end in; `=C` behind those of tier C.
pub const SUFFIXES: &str = include_str!("../lists/uitgangen.txt");
/// What streets are called, or their names end in.
pub const STREETS: &str = include_str!("../lists/straten.txt");
const BODY: &str = include_str!("../lists/lichaam.txt");
/// Words that no rule of shape may take for a medical one.
pub const VETO: &str = include_str!("../lists/veto.txt");
/// What firms and houses are called, or their names end in.
pub const FIRMS: &str = include_str!("../lists/firmas.txt");
/// Professions that stand beside the name of one who is no patient; longer words end in them too.
pub const JOBS: &str = include_str!("../lists/beroepen.txt");
/// Words about one person, or about nobody in particular, by their groups.
pub const CUES: &str =
    concat!(include_str!("../lists/aanwijzingen.txt"), include_str!("../lists/onderwerpen.txt"));
/// Professions and places of care.
const ROLES: &str = include_str!("../lists/rollen.txt");
/// Medical phrases, each behind the digit of its tier: made by the build script.
pub const PHRASES: &str = include_str!(concat!(env!("OUT_DIR"), "/phrases.txt"));

/// Words and names in lower case, and what they are: made by the build script.
static WORDS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/words.bin"));

/// An abbreviation of care, as it is written.
#[must_use]
pub fn is_abbreviation(word: &str) -> bool {
    static LIST: LazyLock<HashSet<&str, Quick>> =
        LazyLock::new(|| ABBREVIATIONS.into_iter().flat_map(entries).collect());
    LIST.contains(word)
}

/// A part of the body, in lower case.
#[must_use]
pub fn is_body_part(word: &str) -> bool {
    static PARTS: LazyLock<HashSet<&str, Quick>> = LazyLock::new(|| entries(BODY).collect());
    PARTS.contains(word)
        || ["linker", "rechter", "boven", "onder"]
            .iter()
            .any(|side| word.strip_prefix(side).is_some_and(|part| PARTS.contains(part)))
}

/// What a word in lower case is known as.
#[must_use]
pub fn known(word: &str) -> Known {
    of_hash(hash::hash(word.as_bytes()))
}

/// The same of the word that has this hash.
#[must_use]
pub fn of_hash(hash: u64) -> Known {
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

/// The tier of a word by which a longer one is told. A glance at some bits settles it for most.
#[must_use]
pub fn telling(word: &str) -> bool {
    let hash = hash::hash(word.as_bytes());
    let bit = hash::mark(hash) as usize % TOLD_BITS;
    TOLD[bit / 64] >> (bit % 64) & 1 != 0 && matches!(of_hash(hash).tier(), Some(Tier::B | Tier::C))
}

/// A bit for the mark of each word of tier B or C.
static TOLD: LazyLock<Vec<u64>> = LazyLock::new(|| {
    let mut out = vec![0; TOLD_BITS / 64];
    for slot in WORDS.chunks_exact(4) {
        let slot = u32::from_le_bytes([slot[0], slot[1], slot[2], slot[3]]);
        if matches!(Known((slot & 0xff) as u8).tier(), Some(Tier::B | Tier::C)) {
            let bit = (slot >> 8) as usize % TOLD_BITS;
            out[bit / 64] |= 1 << (bit % 64);
        }
    }
    out
});

const TOLD_BITS: usize = 1 << 18;

/// What a word is known as; it may be several things.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Known(u8);

impl Known {
    /// A word of the language, written small.
    #[must_use]
    pub fn word(self) -> bool {
        self.0 & hash::WORD != 0
    }

    /// A given name.
    #[must_use]
    pub fn given(self) -> bool {
        self.0 & hash::GIVEN != 0
    }

    /// A surname.
    #[must_use]
    pub fn surname(self) -> bool {
        self.0 & hash::SURNAME != 0
    }

    /// Written with a capital, and no person's name: towns, firms, months.
    #[must_use]
    pub fn no_name(self) -> bool {
        self.0 & hash::NO_NAME != 0
    }

    /// In no list at all.
    #[must_use]
    pub fn nothing(self) -> bool {
        self.0 & !(hash::LEAD | hash::SMALL) == 0
    }

    /// Medical phrases begin with it.
    #[must_use]
    pub fn leads(self) -> bool {
        self.0 & hash::LEAD != 0
    }

    /// It plays a part in the rules.
    #[must_use]
    pub fn small(self) -> bool {
        self.0 & hash::SMALL != 0
    }

    /// How telling it is as a medical word.
    #[must_use]
    pub fn tier(self) -> Option<Tier> {
        Tier::of((self.0 >> hash::TIER) & 3)
    }
}

/// What words begin with or end in, by two letters of it.
#[derive(Debug)]
pub struct Affixes {
    first: Vec<Vec<String>>,
    last: Vec<Vec<String>>,
}

impl Affixes {
    /// Of a list in small letters, each of two bytes or more.
    #[must_use]
    pub fn new(list: &str) -> Self {
        let mut out = Self { first: vec![Vec::new(); GLANCES], last: vec![Vec::new(); GLANCES] };
        for affix in entries(list) {
            out.first[glance(affix.as_bytes().first_chunk())].push(affix.to_owned());
            out.last[glance(affix.as_bytes().last_chunk())].push(affix.to_owned());
        }
        out
    }

    /// Does the word, in whatever letters, begin with one?
    #[must_use]
    pub fn begin(&self, word: &str) -> bool {
        self.first[glance(word.as_bytes().first_chunk())].iter().any(|affix| {
            let own = word.as_bytes().get(..affix.len());
            own.is_some_and(|own| own.eq_ignore_ascii_case(affix.as_bytes()))
        })
    }

    /// Does it end in one?
    #[must_use]
    pub fn end(&self, word: &str) -> bool {
        self.ends(word).next().is_some()
    }

    /// All that it ends in, in the order of the list.
    pub fn ends<'s>(&'s self, word: &'s str) -> impl Iterator<Item = &'s str> {
        let all = &self.last[glance(word.as_bytes().last_chunk())];
        all.iter().map(String::as_str).filter(|affix| {
            let own = word.as_bytes().get(word.len().wrapping_sub(affix.len())..);
            own.is_some_and(|own| own.eq_ignore_ascii_case(affix.as_bytes()))
        })
    }
}

/// What two letters are told by, capitals as small ones; nothing where there are not two.
fn glance(two: Option<&[u8; 2]>) -> usize {
    two.map_or(0, |[one, two]| usize::from(one & 31) << 5 | usize::from(two & 31))
}

const GLANCES: usize = 1024;

/// Is it this word, in small letters?
#[must_use]
pub fn small_is(word: &str, small: &str) -> bool {
    word.len() == small.len()
        && if small.is_ascii() {
            word.eq_ignore_ascii_case(small)
        } else {
            word.to_lowercase() == small
        }
}

/// Do these words, in small letters, stand here in whatever letters?
#[must_use]
pub fn stands_here(text: &str, start: usize, words: &str) -> bool {
    let own = text.as_bytes().get(start..start + words.len()).unwrap_or_default();
    own.eq_ignore_ascii_case(words.as_bytes())
}

/// Neither side is in the middle of a word.
#[must_use]
pub fn stands_alone(text: &str, start: usize, end: usize) -> bool {
    let before = text.get(..start).and_then(|text| text.chars().next_back());
    let after = text.get(end..).and_then(|text| text.chars().next());
    !before.is_some_and(char::is_alphanumeric) && !after.is_some_and(char::is_alphanumeric)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_list_names_its_source_and_its_licence() {
        for (name, head) in heads() {
            assert!(head.contains("Source: "), "{name}");
            let licences = ["Licence: EUPL-1.2", "Licence: CC-BY-3.0", "Licence: SCOWL"];
            assert!(licences.iter().any(|licence| head.contains(licence)), "{name}");
        }
    }

    #[test]
    fn every_list_of_others_stands_in_the_notice_that_goes_with_the_programs() {
        let notice = include_str!("../../../NOTICE");
        let mut seen = 0;
        for (name, head) in heads().filter(|(_, head)| !head.contains("Licence: EUPL-1.2")) {
            let licence = head.split_once("Licence: ").unwrap().1;
            let licence = licence.split_whitespace().next().unwrap().trim_end_matches('.');
            let told = notice.split_once(&format!("File:     proxy/lexicon/lists/{name}\n"));
            let told = told.unwrap_or_else(|| panic!("{name} is not in NOTICE")).1;
            let told = told.split("\nFile: ").next().unwrap();
            assert!(told.contains(&format!("Licence:  {licence}")), "{name}: {licence}");
            seen += 1;
        }
        assert!(seen >= 2, "{seen}");
    }

    /// Each list by its name, with the remarks at its top.
    fn heads() -> impl Iterator<Item = (String, String)> {
        let lists = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/lists")).unwrap();
        lists.map(|list| {
            let list = list.unwrap();
            let text = std::fs::read_to_string(list.path()).unwrap();
            let head = text.lines().take_while(|line| line.starts_with('#')).collect();
            (list.file_name().into_string().unwrap(), head)
        })
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
