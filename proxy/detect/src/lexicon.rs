use aho_corasick::AhoCorasick;

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
    pub(crate) fn weight(self) -> f32 {
        match self {
            Self::A => 3.0,
            Self::B => 2.0,
            Self::C => 1.0,
            Self::D => 0.3,
        }
    }
}

pub(crate) const DISEASES: &str = include_str!("../lexicon/B-ziekten.txt");
pub(crate) const PROCEDURES: &str = include_str!("../lexicon/B-ingrepen.txt");
pub(crate) const TESTS: &str = include_str!("../lexicon/B-bepalingen.txt");
pub(crate) const SIGNS: &str = include_str!("../lexicon/B-bevindingen.txt");
pub(crate) const MEDICINES: &str = include_str!("../lexicon/B-middelen.txt");
pub(crate) const COMPLAINTS: &str = include_str!("../lexicon/C-klachten.txt");
pub(crate) const EVERYDAY: &str = include_str!("../lexicon/D-alledaags.txt");
pub(crate) const ABBREVIATIONS: &str = include_str!("../lexicon/A-afkortingen.txt");
pub(crate) const HEADS: &str = include_str!("../lexicon/samenstellingen.txt");
pub(crate) const SUFFIXES: &str = include_str!("../lexicon/uitgangen.txt");
pub(crate) const VETO: &str = include_str!("../lexicon/veto.txt");
pub(crate) const FIRST_NAMES: &str = include_str!("../lexicon/voornamen.txt");
pub(crate) const PERSON: &str = include_str!("../lexicon/persoon.txt");
pub(crate) const READER: &str = include_str!("../lexicon/lezer.txt");
pub(crate) const GENERAL: &str = include_str!("../lexicon/algemeen.txt");

/// The entries of a list: separated by commas or line ends; lines with `#` are remarks.
pub(crate) fn entries(list: &str) -> impl Iterator<Item = &str> {
    list.lines()
        .filter(|line| !line.starts_with('#'))
        .flat_map(|line| line.split(','))
        .map(str::trim)
        .filter(|entry| !entry.is_empty())
}

/// Compounds: lines `part part part + head head`, every part joined to every head.
pub(crate) fn compounds(list: &str) -> impl Iterator<Item = String> {
    list.lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once('+'))
        .flat_map(|(parts, heads)| {
            parts.split_whitespace().flat_map(move |part| {
                heads.split_whitespace().map(move |head| format!("{part}{head}"))
            })
        })
}

/// The plural and diminutive endings a Dutch noun may take; a form too many is in no text.
pub(crate) fn forms(word: &str) -> Vec<String> {
    let mut out = vec![word.to_owned()];
    let last = word.chars().next_back();
    if word.len() < 5 || !word.chars().all(char::is_alphabetic) {
        return out;
    }
    for ending in ["en", "s", "tje", "je"] {
        out.push(format!("{word}{ending}"));
    }
    match last {
        Some('e') => out.push(format!("{word}n")),
        Some('a' | 'o' | 'i' | 'u') => out.push(format!("{word}'s")),
        _ => {}
    }
    for (end, plural) in [
        ("oom", "omen"),
        ("uur", "uren"),
        ("eur", "euren"),
        ("iek", "ieken"),
        ("aak", "aken"),
        ("eet", "eten"),
        ("heid", "heden"),
        ("ie", "ieën"),
        ("is", "issen"),
        ("us", "ussen"),
        ("um", "a"),
        ("oot", "oten"),
        ("aat", "aten"),
        ("breuk", "breuken"),
        ("f", "ven"),
        ("s", "zen"),
        ("g", "ggen"),
        ("n", "nnen"),
        ("p", "ppen"),
        ("t", "tten"),
    ] {
        if let Some(stem) = word.strip_suffix(end) {
            out.push(format!("{stem}{plural}"));
        }
    }
    out
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
    fn lists_name_their_licence_and_hold_thousands_of_words() {
        let lists = [
            TESTS,
            SIGNS,
            DISEASES,
            PROCEDURES,
            MEDICINES,
            COMPLAINTS,
            EVERYDAY,
            ABBREVIATIONS,
            HEADS,
            SUFFIXES,
            VETO,
            FIRST_NAMES,
            PERSON,
            READER,
            GENERAL,
        ];
        for list in lists {
            assert!(list.starts_with("# "), "{}", &list[..40]);
            assert!(list.lines().any(|line| line.starts_with('#') && line.contains("EUPL-1.2")));
        }
        let words = entries(DISEASES).count()
            + entries(PROCEDURES).count()
            + entries(MEDICINES).count()
            + compounds(HEADS).count();
        assert!(words > 3_000, "{words}");
    }

    #[test]
    fn compounds_join_every_part_to_every_head() {
        let list = "# c\nheup knie + operatie prothese\n";
        let words: Vec<String> = compounds(list).collect();
        assert_eq!(words, ["heupoperatie", "heupprothese", "knieoperatie", "knieprothese"]);
    }
}
