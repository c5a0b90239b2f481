use std::sync::LazyLock;

use lexicon::{Affixes, FIRMS, JOBS, small_is};

use crate::tokens::Token;

/// A word that is formed like a Dutch noun of several parts, and no name.
pub(super) fn formed(word: &str) -> bool {
    static ENDS: LazyLock<Affixes> = LazyLock::new(|| {
        Affixes::new("ing, heid, schap, iteit, atie, isch, ische, lijk, lijke, zorg, arts")
    });
    ENDS.end(word) || word.chars().count() > 10
}

/// Is it what firms and houses are called, or what their names end in?
pub(super) fn is_firm(word: &Token<'_>) -> bool {
    static ENDS: LazyLock<Affixes> = LazyLock::new(|| Affixes::new(FIRMS));
    // A capital beyond ASCII is another than its small letter to the list.
    ENDS.end(word.text) || (word.odd && ENDS.end(&word.lower()))
}

/// Does a profession stand beside the name?
pub(super) fn is_professional(text: &str, start: usize, end: usize) -> bool {
    static ENDS: LazyLock<Affixes> = LazyLock::new(|| Affixes::new(JOBS));
    let rest = text.get(end..).unwrap_or_default();
    let most = rest.char_indices().nth(30).map_or(rest.len(), |(at, _)| at);
    let after = rest.get(..most).unwrap_or_default().split('\n').next().unwrap_or_default();
    let after = after.trim_start_matches([',', ' ', '(', '-']);
    let rest = text.get(..start).unwrap_or_default();
    let least = rest.char_indices().rev().nth(25).map_or(0, |(at, _)| at);
    let before = rest.get(least..).unwrap_or_default().rsplit('\n').next().unwrap_or_default();
    let before = before.trim_end_matches([' ', '.', ':']);
    let after_word = after.split([' ', '.', ',', ')', '\n']).next().unwrap_or_default();
    let ends = |end: &str| {
        let from = before.len().wrapping_sub(end.len());
        before.get(from..).is_some_and(|tail| small_is(tail, end))
    };
    ENDS.begin(after)
        || ENDS.end(after_word)
        || ENDS.end(before)
        || ends("dr")
        || ends("drs")
        || (ends("collega") && !ends("onze collega"))
}
