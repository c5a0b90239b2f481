use unicode_normalization::UnicodeNormalization;

/// The text of pages as it was before it was typeset: ligatures are letters again, and a word that
/// was divided at the end of a line is one word. A hyphen that belongs to the word goes as well:
/// "diabe-tes" matters more than "e-mail".
pub(super) fn join(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.nfc() {
        match letter {
            'ﬀ' => out.push_str("ff"),
            'ﬁ' => out.push_str("fi"),
            'ﬂ' => out.push_str("fl"),
            'ﬃ' => out.push_str("ffi"),
            'ﬄ' => out.push_str("ffl"),
            'ﬅ' | 'ﬆ' => out.push_str("st"),
            'ĳ' => out.push_str("ij"),
            'Ĳ' => out.push_str("IJ"),
            '\0' => {}
            other => out.push(other),
        }
    }
    let mut joined = String::with_capacity(out.len());
    let mut lines = out.split('\n').peekable();
    while let Some(line) = lines.next() {
        let word = line.trim_end().strip_suffix(['-', '\u{ad}', '\u{2010}']);
        let divided = word.filter(|word| word.ends_with(char::is_alphabetic));
        let goes_on =
            lines.peek().is_some_and(|next| next.trim_start().starts_with(char::is_lowercase));
        match divided.filter(|_| goes_on) {
            Some(word) => joined.push_str(word),
            None => {
                joined.push_str(line);
                joined.push('\n');
            }
        }
    }
    joined
}
