//! Text made harmless for a page.

/// HTML as plain text: blocks on lines of their own, no styles or scripts, references undone.
pub(crate) fn of_html(html: &str) -> String {
    let mut text = mail_parser::decoders::html::html_to_text(html);
    text.truncate(text.trim_end().len());
    text
}

/// The characters that may be set: line ends become `\n`, tabs blanks; controls and the characters
/// that turn the direction of text (which can make a name or amount read backwards) go.
pub(crate) fn harmless(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\r' if chars.peek() == Some(&'\n') => {}
            '\r' | '\n' | '\u{2028}' | '\u{2029}' => out.push('\n'),
            '\t' => out.push_str("    "),
            '\u{a0}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{3000}' => out.push(' '),
            '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' => {}
            '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fe00}'..='\u{fe0f}' => {}
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_that_would_read_backwards_is_straightened() {
        assert_eq!(harmless("a\u{202e}cod.exe\r\nb\tc\0"), "acod.exe\nb    c");
    }

    #[test]
    fn html_becomes_lines_without_scripts() {
        let text =
            of_html("<style>x{}</style><p>Beste &eacute;</p><script>alert(1)</script><p>b</p>");
        assert!(text.contains("Beste é"), "{text}");
        assert!(!text.contains("alert"), "{text}");
    }
}
