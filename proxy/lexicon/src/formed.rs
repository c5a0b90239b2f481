//! How telling a word is by its form: Dutch makes new words all day, and no list has them all.

use std::collections::HashSet;
use std::sync::LazyLock;

use crate::{Affixes, Known, Quick, SUFFIXES, Tier, VETO, entries, known, telling};

/// The tier of a word in small letters that stands in no list of medical words, by how it is formed; `known` is
/// what the lists know of it.
#[must_use]
pub fn formed(lower: &str, known: Known) -> Option<Tier> {
    if known.tier().is_some() || !(SHORTEST..=LONGEST).contains(&lower.len()) {
        return None;
    }
    let unknown = known.nothing();
    // Most words are known, and have no telling end.
    if !unknown && !FORMS.endings.end(lower) {
        return None;
    }
    if FORMS.veto.contains(lower) {
        return None;
    }
    let singular = lower.strip_suffix('s').or_else(|| lower.strip_suffix("ën"));
    if singular.is_some_and(|word| FORMS.veto.contains(word)) {
        return None;
    }
    if unknown && compound(lower) {
        return Some(Tier::C);
    }
    let mut endings = FORMS.endings.ends(lower);
    let ending = endings.find(|ending| lower.len() - ending.len() >= 3)?;
    Some(if FORMS.mild.contains(ending) { Tier::C } else { Tier::B })
}

/// Is it made of a medical word and another one, as Dutch makes its words: `decubitusmatras`,
/// `osteoporosebehandeling`?
fn compound(lower: &str) -> bool {
    let is_known = |part: &str| {
        let known = known(part);
        known.word() || known.tier().is_some()
    };
    let telling = |part: &str| part.len() >= PART && telling(part);
    lower.char_indices().skip(3).any(|(at, _)| {
        let (head, tail) = lower.split_at(at);
        if tail.len() < 3 {
            return false;
        }
        // "schildklieroperatie", "onttrekkingsinsult", "ziekenhuisopname"
        let linked = [head, head.strip_suffix('s').unwrap_or(head)];
        (telling(tail) && linked.iter().any(|head| is_known(head)))
            || (linked.iter().any(|head| telling(head)) && is_known(tail))
    })
}

/// What tells of a word by its form.
struct Forms {
    endings: Affixes,
    /// Those of them that tell of complaints and care.
    mild: HashSet<&'static str, Quick>,
    /// What no ending makes medical.
    veto: HashSet<&'static str, Quick>,
}

static FORMS: LazyLock<Forms> = LazyLock::new(|| Forms {
    endings: Affixes::new(&SUFFIXES.replace("=C", "")),
    mild: entries(SUFFIXES).filter_map(|ending| ending.strip_suffix("=C")).collect(),
    veto: entries(VETO).collect(),
});

/// Bytes of the longest word looked up; chemistry goes further, care does not.
pub const LONGEST: usize = 60;
/// Bytes of the shortest word judged by its form.
const SHORTEST: usize = 7;
/// Bytes of the shortest medical word that makes a compound medical.
const PART: usize = 5;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_in_no_list_is_told_by_its_form() {
        let told = |word: &str| formed(word, known(word));
        assert_eq!(told("plantsoenitis"), Some(Tier::B));
        assert_eq!(told("decubitusmatras"), Some(Tier::C));
        // A list knows it; a veto; too short; nothing medical.
        for word in ["heupprothese", "gipsplaat", "gipsplaten", "itis", "kantoormeubels"] {
            assert_eq!(told(word), None, "{word}");
        }
    }
}
