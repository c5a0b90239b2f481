use std::borrow::Cow;

/// A text as the patterns read it: plain spaces and hyphens, letters with their accents in one
/// character, nothing invisible; with the way back to the original's bytes.
pub(crate) struct Folded<'a> {
    text: Cow<'a, str>,
    original: usize,
    /// For each byte of `text` where its character starts and ends in the original; `None` where
    /// both are the same.
    map: Option<Vec<(usize, usize)>>,
}

impl<'a> Folded<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        if text.is_ascii() || !text.chars().any(is_special) {
            return Self { text: Cow::Borrowed(text), original: text.len(), map: None };
        }
        let mut out = String::with_capacity(text.len());
        let mut map: Vec<(usize, usize)> = Vec::with_capacity(text.len());
        for (at, char) in text.char_indices() {
            let end = at + char.len_utf8();
            let (char, at) = match fold(char) {
                Some(folded) => (folded, at),
                None if is_mark(char) => match compose(&mut out, &mut map, char) {
                    Some((composed, start)) => (composed, start),
                    None => continue,
                },
                None => continue,
            };
            out.push(char);
            map.extend(std::iter::repeat_n((at, end), char.len_utf8()));
        }
        Self { text: Cow::Owned(out), original: text.len(), map: Some(map) }
    }

    /// A file name: underscores are spaces.
    pub(crate) fn of_name(text: &'a str) -> Self {
        let mut folded = Self::new(text);
        if folded.text.contains('_') {
            folded.text = Cow::Owned(folded.text.replace('_', " "));
        }
        folded
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// A range of the folded text in bytes of the original.
    pub(crate) fn range(&self, start: usize, end: usize) -> (usize, usize) {
        let Some(map) = &self.map else {
            return (start, end);
        };
        let from = map.get(start).map_or(self.original, |(from, _)| *from);
        let to = end.checked_sub(1).and_then(|last| map.get(last));
        (from, to.map_or(from, |(_, to)| (*to).max(from)))
    }
}

/// Takes the last letter back and gives it with the mark on it, and where it started.
fn compose(out: &mut String, map: &mut Vec<(usize, usize)>, mark: char) -> Option<(char, usize)> {
    let last = out.chars().next_back()?;
    let composed = unicode_normalization::char::compose(last, mark)?;
    out.pop();
    let start = map.get(out.len()).map_or(0, |(start, _)| *start);
    map.truncate(out.len());
    Some((composed, start))
}

fn is_mark(char: char) -> bool {
    matches!(char, '\u{300}'..='\u{36f}')
}

fn is_special(char: char) -> bool {
    fold(char) != Some(char)
}

/// The character to read; `None` for what is invisible or belongs to the letter before it.
fn fold(char: char) -> Option<char> {
    Some(match char {
        '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{202a}'..='\u{202e}' => {
            return None;
        }
        '\u{300}'..='\u{36f}' => return None,
        '\u{a0}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}' => ' ',
        '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
        '\u{2018}' | '\u{2019}' => '\'',
        // Full-width digits and letters.
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(char) - 0xfee0).unwrap_or(char),
        other => other,
    })
}
