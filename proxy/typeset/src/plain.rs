//! Text of a mail: harmless characters, and paragraphs, quotes and tables of blanks.

use crate::block::{Block, Run};

/// The characters that may be set: line ends become `\n`, tabs blanks; controls go, and so do the characters
/// that turn the direction of text (which can make a name or amount read backwards) or show nothing.
pub(crate) fn harmless(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\r' if chars.peek() == Some(&'\n') => {}
            '\r' | '\n' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => out.push('\n'),
            '\t' => out.push_str("    "),
            '\u{a0}'
            | '\u{1680}'
            | '\u{2000}'..='\u{200a}'
            | '\u{202f}'
            | '\u{205f}'
            | '\u{3000}' => out.push(' '),
            // A hyphen that does not break is a hyphen on paper.
            '\u{2011}' => out.push('-'),
            '\u{ad}'
            | '\u{61c}'
            | '\u{180b}'..='\u{180e}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}' => {}
            '\u{2060}'..='\u{206f}'
            | '\u{feff}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{fff9}'..='\u{fffb}' => {}
            '\u{e0000}'..='\u{e0fff}' => {}
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}

/// The text of a plain body: what other people's lines say stands as a quote, columns made with blanks
/// keep them.
pub(crate) fn blocks(text: &str) -> Vec<Block> {
    let text = text.replace("\r\n", "\n");
    let mut out = Vec::new();
    let mut stretch: Vec<&str> = Vec::new();
    let mut depth = 0;
    for line in text.split('\n') {
        let (level, words) = quoted(line);
        if level != depth {
            give(&mut out, &mut stretch, depth);
            depth = level;
        }
        stretch.push(words);
    }
    give(&mut out, &mut stretch, depth);
    out
}

/// How deep a line is quoted (RFC 3676 section 4.5), and the line.
fn quoted(line: &str) -> (usize, &str) {
    let mut rest = line;
    let mut depth = 0;
    while let Some(after) = rest.strip_prefix('>') {
        depth += 1;
        rest = after.strip_prefix(' ').filter(|next| next.starts_with('>')).unwrap_or(after);
    }
    let rest = if depth > 0 { rest.strip_prefix(' ').unwrap_or(rest) } else { rest };
    (depth.min(QUOTES), rest)
}

fn give(out: &mut Vec<Block>, stretch: &mut Vec<&str>, depth: usize) {
    let lines = core::mem::take(stretch);
    let parts = lines.split(|line| line.trim().is_empty()).filter(|part| !part.is_empty());
    let mut inner: Vec<Block> = parts.map(paragraph).collect();
    for _ in 0..depth {
        if !inner.is_empty() {
            inner = vec![Block::Quote(inner)];
        }
    }
    out.extend(inner);
}

fn paragraph(lines: &[&str]) -> Block {
    let text = lines.join("\n");
    // Columns: several lines with a gap inside, and one gap at least that is no slip of a finger.
    let with = |gap: &str| lines.iter().filter(|line| line.trim().contains(gap)).count();
    let columns = with("\t") > 1 || (with("  ") > 1 && with("   ") > 0);
    Block::Paragraph(vec![if columns { Run::mono(text) } else { Run::plain(text) }])
}

/// Levels of quotes that are told apart.
const QUOTES: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_that_would_read_backwards_is_straightened() {
        assert_eq!(harmless("a\u{202e}cod.exe\r\nb\tc\0"), "acod.exe\nb    c");
    }

    #[test]
    fn quotes_and_columns_are_seen() {
        let text =
            "Beste,\r\nzie onder.\r\n\r\n> zij:\r\n>> hij\r\n\r\nHb     8,2\r\nKreat  110\r\n";
        let paragraph = |text: &str| Block::Paragraph(vec![Run::plain(text)]);
        assert_eq!(
            blocks(text),
            [
                paragraph("Beste,\nzie onder."),
                Block::Quote(vec![paragraph("zij:")]),
                Block::Quote(vec![Block::Quote(vec![paragraph("hij")])]),
                Block::Paragraph(vec![Run::mono("Hb     8,2\nKreat  110")]),
            ]
        );
    }
}
