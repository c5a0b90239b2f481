//! How text is written so that any server and program passes it on as it is.

/// A header field, folded where its value has blanks (RFC 5322 section 2.2.3). The value is one line
/// of US-ASCII; any other character becomes a question mark.
pub(crate) fn field(name: &str, value: &str) -> String {
    let mut out = format!("{name}:");
    let mut column = out.len();
    let words = value.split([' ', '\r', '\n', '\t']).filter(|word| !word.is_empty());
    for word in words {
        for piece in pieces(&ascii(word)) {
            if column + 1 + piece.len() > LINE && column > name.len() + 1 {
                out.push_str("\r\n");
                column = 0;
            }
            out.push(' ');
            out.push_str(piece);
            column += 1 + piece.len();
        }
    }
    out.push_str("\r\n");
    out
}

/// A word that is longer than any line may be (RFC 5322 section 2.1.1) is cut.
fn pieces(word: &str) -> impl Iterator<Item = &str> {
    word.as_bytes().chunks(LONGEST_WORD).filter_map(|piece| core::str::from_utf8(piece).ok())
}

/// Printable US-ASCII, with a question mark for everything else.
pub(crate) fn ascii(text: &str) -> String {
    text.chars().map(|c| if matches!(c, ' '..='~') { c } else { '?' }).collect()
}

/// True where a text can stand in a header as it is.
pub(crate) fn is_plain(text: &str) -> bool {
    let printable = text.bytes().all(|byte| matches!(byte, b' '..=b'~'));
    !text.is_empty() && text.len() <= LONGEST_WORD && printable
}

/// What `+XX` stands for (RFC 3461 section 4); `None` where it is no xtext, or no UTF-8.
pub(crate) fn from_xtext(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'+' {
            bytes.push(byte);
            continue;
        }
        let mut digit = || char::from(rest.next()?).to_digit(16);
        let (high, low) = (digit()?, digit()?);
        bytes.push(u8::try_from(high * 16 + low).ok()?);
    }
    String::from_utf8(bytes).ok()
}

/// RFC 2045 section 6.7. `text` has bare LF at its line ends.
pub(crate) fn quoted_printable(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    for line in text.split_terminator('\n') {
        let mut column = 0;
        let bytes = line.as_bytes();
        for (at, byte) in bytes.iter().enumerate() {
            let last = at + 1 == bytes.len();
            let as_is = match byte {
                b'=' => false,
                b' ' => !last,
                byte => byte.is_ascii_graphic(),
            };
            let piece = if as_is { char::from(*byte).to_string() } else { format!("={byte:02X}") };
            // The `=` at a soft line end needs a place too.
            if column + piece.len() + usize::from(!last) > QUOTED {
                out.push_str("=\r\n");
                column = 0;
            }
            column += piece.len();
            out.push_str(&piece);
        }
        out.push_str("\r\n");
    }
    out
}

/// Where a header line is folded (RFC 5322 section 2.1.1).
const LINE: usize = 76;
/// No word is longer; with its name and blank it stays within 998 bytes a line.
const LONGEST_WORD: usize = 900;
/// The longest line in quoted-printable.
const QUOTED: usize = 76;
