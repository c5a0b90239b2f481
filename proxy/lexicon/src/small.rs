//! Small words that play a part in the rules: titles, greetings, particles, sides.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::{CUES, Quick, ROLES, entries, forms, hash};

/// A part that small words play in the rules: a section of the list, in its order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Before the name of one who may be a patient.
    Title,
    /// Before the name of a professional.
    Profession,
    /// Before the name of the one who is written to.
    Greeting,
    /// In surnames.
    Particle,
    /// Whom one greets without a name.
    Group,
    /// Behind it a town stands rather than a person.
    Place,
    /// Behind a name that begins a sentence.
    Verb,
    /// Behind a title, and no surname.
    Plain,
    /// With a capital, and no name wherever it stands.
    Never,
    /// Before a noun rather than a name.
    Determiner,
    /// Whose a part of the body is.
    Whose,
    /// Which of two it is.
    Half,
    /// Between words of one medical finding.
    Joiner,
    /// Before a medical word, and of it.
    Adjective,
    /// On which side of the body, or where on that side.
    Side,
    /// A stage, a type, an outcome.
    Grade,
    /// When a complaint comes, behind a link.
    When,
    /// Before the part of the body.
    Link,
    /// Before the part of the body, behind a link.
    Article,
    /// In sentences rather than in notes.
    Sentence,
    /// In sentences about somebody, which stand in no signature.
    Spoken,
    /// Somebody told of.
    Told,
    /// What is measured in care, before its value.
    Measure,
    /// Lists of diagnoses with codes.
    Codebook,
    /// In the shapes of medical language without digits.
    Phrase,
    /// The head of a note of care.
    Note,
    /// The first word of a cue; not in the list.
    Cue,
    /// A profession or a place of care; not in the list either.
    Care,
}

/// The parts of one word.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Parts(u32);

impl Parts {
    /// Does it play this one?
    #[must_use]
    pub fn has(self, part: Part) -> bool {
        self.0 >> part as u32 & 1 != 0
    }
}

/// The parts of a word, in whatever letters.
#[must_use]
pub fn parts(word: &str) -> Parts {
    if word.len() > LONGEST { Parts::default() } else { of_hash(hash::of_small(word)) }
}

/// The parts of the word in small letters that has this hash.
#[must_use]
pub fn of_hash(hash: u64) -> Parts {
    PARTS.get(&hash).copied().unwrap_or_default()
}

const LIST: &str = include_str!("../lists/kleine-woorden.txt");

static PARTS: LazyLock<HashMap<u64, Parts, Quick>> = LazyLock::new(|| {
    let mut out: HashMap<u64, Parts, Quick> = HashMap::default();
    for (part, section) in LIST.split("\n[").skip(1).enumerate() {
        let words = section.split_once(']').map_or("", |(_, words)| words);
        for word in entries(words) {
            out.entry(hash::hash(word.as_bytes())).or_default().0 |= 1 << part;
        }
    }
    for lead in CUES.lines().flat_map(entries).filter_map(forms::lead) {
        out.entry(hash::hash(lead.as_bytes())).or_default().0 |= 1 << Part::Cue as u32;
    }
    for form in entries(ROLES).flat_map(|role| forms::forms(&role.to_lowercase())) {
        out.entry(hash::hash(form.as_bytes())).or_default().0 |= 1 << Part::Care as u32;
    }
    out
});

/// Bytes of the longest small word.
const LONGEST: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_play_the_parts_of_their_sections() {
        for (word, part) in [
            ("Mevrouw", Part::Title),
            ("dr", Part::Profession),
            ("H\u{e9}", Part::Greeting),
            ("van", Part::Particle),
            ("UW", Part::Determiner),
            ("m'n", Part::Whose),
            ("oppervlakkige", Part::Adjective),
            ("dubbelzijdig", Part::Side),
            ("the", Part::Sentence),
            ("pati\u{eb}nt", Part::Told),
        ] {
            assert!(parts(word).has(part), "{word}");
        }
        assert_eq!(LIST.matches("\n[").count(), Part::Note as usize + 1);
        assert!(parts("nieuwsbrief").has(Part::Cue) && parts("huisartsen").has(Part::Care));
        assert!(entries(LIST).all(|word| word.len() <= LONGEST));
        assert_eq!(parts("lepel"), Parts::default());
    }
}
