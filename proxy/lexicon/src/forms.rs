//! The lists' own language; the build script reads it too.

/// The entries of a list: separated by commas or line ends; lines with `#` are remarks.
pub fn entries(list: &str) -> impl Iterator<Item = &str> {
    list.lines()
        .filter(|line| !line.starts_with('#'))
        .flat_map(|line| line.split(','))
        .map(str::trim)
        .filter(|entry| !entry.is_empty())
}

/// The plural and diminutive endings a Dutch noun may take; a form too many is in no text.
#[must_use]
pub fn forms(word: &str) -> Vec<String> {
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

/// The word that a phrase begins with, as the words of a text are cut.
#[must_use]
pub fn lead(phrase: &str) -> Option<&str> {
    let inside = |char: char| char.is_alphanumeric() || char == '\'';
    let word = phrase.split(|char| !inside(char)).next()?.trim_end_matches('\'');
    word.starts_with(char::is_alphabetic).then_some(word)
}
