//! Names of files that Windows, macOS, Linux and what they share folders with all take.

/// A name out of words that anyone may have written: no character that a system forbids or that hides
/// what the name is, no device of Windows, at most [`LONGEST`] bytes; the ending stays. Words that
/// leave nothing give `otherwise`.
///
/// ```
/// assert_eq!(copies::names::safe("Uitslag: 3/4?.pdf", "bericht"), "Uitslag_ 3_4_.pdf");
/// assert_eq!(copies::names::safe("aux.txt", "bericht"), "_aux.txt");
/// assert_eq!(copies::names::safe(" .. ", "bericht"), "bericht");
/// ```
#[must_use]
pub fn safe(words: &str, otherwise: &str) -> String {
    let kept = words.chars().filter_map(|c| match c {
        c if c.is_control() || hidden(c) => None,
        '<' | '>' | ':' | '"' | '/' | '\\' | '|' | '?' | '*' => Some('_'),
        c if c.is_whitespace() => Some(' '),
        c => Some(c),
    });
    let kept: String = kept.collect();
    let kept = trim(&kept);
    if kept.chars().all(|c| matches!(c, '_' | '.' | ' ')) {
        return otherwise.to_owned();
    }
    let (stem, ending) = split(kept);
    // Cut first: what is left of a long name may be a device's.
    let stem = trim(cut(stem, LONGEST - ending.len()));
    let device = stem.split('.').next().unwrap_or_default().trim_end();
    let guard = if is_device(device) { "_" } else { "" };
    let room = LONGEST - ending.len() - guard.len();
    let name = format!("{guard}{}{ending}", trim(cut(stem, room)));
    // What was cut may leave an ending where there was none.
    let (stem, ending) = split(&name);
    format!("{}{ending}", trim(stem))
}

/// The name for the n-th file of this name: `a.pdf`, `a (2).pdf`, `a (3).pdf`.
///
/// ```
/// assert_eq!(copies::names::numbered("a.pdf", 1), "a.pdf");
/// assert_eq!(copies::names::numbered("a.pdf", 2), "a (2).pdf");
/// ```
#[must_use]
pub fn numbered(name: &str, n: usize) -> String {
    if n <= 1 {
        return name.to_owned();
    }
    let (stem, ending) = split(name);
    format!("{stem} ({n}){ending}")
}

/// Stem and ending (with its dot); an ending is short, and of letters and digits.
fn split(name: &str) -> (&str, &str) {
    let at = name.rfind('.').filter(|at| *at > 0).unwrap_or(name.len());
    let (stem, ending) = name.split_at(at);
    let mut letters = ending.chars().skip(1);
    let plain = ending.len() > 1 && ending.len() <= ENDING && letters.all(char::is_alphanumeric);
    if plain { (stem, ending) } else { (name, "") }
}

/// Windows drops dots and blanks at the end; a dot at the beginning hides a file elsewhere.
fn trim(name: &str) -> &str {
    name.trim_matches([' ', '.'])
}

fn cut(text: &str, room: usize) -> &str {
    let mut end = room.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default()
}

/// Characters that show nothing, or turn the letters around them.
fn hidden(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff0}'..='\u{ffff}' | '\u{e0000}'..='\u{e0fff}')
}

/// Names that Windows keeps for devices, whatever follows a dot.
fn is_device(stem: &str) -> bool {
    let stem = stem.to_ascii_uppercase();
    let port = |name: &str| {
        let number = stem.strip_prefix(name).unwrap_or_default();
        matches!(
            number,
            "0" | "1" | "2" | "3" | "4" | "5" | "6" | "7" | "8" | "9" | "¹" | "²" | "³"
        )
    };
    matches!(stem.as_str(), "CON" | "PRN" | "AUX" | "NUL" | "CONIN$" | "CONOUT$" | "CLOCK$")
        || port("COM")
        || port("LPT")
}

/// Bytes of a name: file systems take 255, encrypted home folders 143, and a number must fit behind it.
pub const LONGEST: usize = 120;
/// Bytes of an ending, with its dot.
const ENDING: usize = 12;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_are_tamed() {
        for (words, name) in [
            ("../../etc/passwd", "_.._etc_passwd"),
            ("C:\\CON", "C__CON"),
            ("con", "_con"),
            ("COM1.tar.gz", "_COM1.tar.gz"),
            ("com\u{b9}.txt", "_com\u{b9}.txt"),
            ("uitslag\u{202e}fdp.exe", "uitslagfdp.exe"),
            ("brief.pdf. . ", "brief.pdf"),
            ("\u{0}\n\t", "bericht"),
            ("???", "bericht"),
            ("a\nb.pdf", "ab.pdf"),
            (".bashrc", "bashrc"),
            ("naam.met punten. en meer", "naam.met punten. en meer"),
        ] {
            assert_eq!(safe(words, "bericht"), name, "{words:?}");
        }
    }

    #[test]
    fn a_long_name_keeps_its_ending() {
        let name = safe(&format!("{}.docx", "é".repeat(400)), "bericht");
        assert!(name.len() <= LONGEST && name.ends_with("é.docx"), "{name}");
    }

    #[test]
    fn a_name_that_is_cut_to_an_ending_has_no_blanks_before_it() {
        let name = safe(&format!("{}  .A\u{3347a}", "a".repeat(LONGEST - 4)), "bericht");
        assert_eq!(name, format!("{}.A", "a".repeat(LONGEST - 4)));
    }

    proptest! {
        #[test]
        fn every_name_is_one_that_windows_takes(words in ".{0,300}") {
            let name = safe(&words, "bericht");
            prop_assert!(!name.is_empty() && name.len() <= LONGEST);
            prop_assert!(!name.contains(['<', '>', ':', '"', '/', '\\', '|', '?', '*', '\0']));
            prop_assert!(!name.ends_with(['.', ' ']) && !name.starts_with(['.', ' ']));
            prop_assert!(!is_device(name.split('.').next().unwrap_or_default().trim_end()));
            prop_assert_eq!(safe(&name, "bericht"), name);
        }
    }
}
