use mail::Field;
use mail_parser::parsers::MessageStream;

/// The value of an unstructured field with its encoded words undone (RFC 2047) and folds removed.
/// Raw 8-bit values are guessed like bodies.
pub(crate) fn text(field: &Field<'_>) -> String {
    let value = field.value();
    if value.is_ascii() {
        return words(value);
    }
    let value = crate::charset::text(value, None);
    words(value.as_bytes())
}

/// A text in which encoded words (RFC 2047) may stand, such as a file name or an unfolded field: as it is
/// meant to be read. What is longer than a person reads is cut.
#[must_use]
pub fn words(value: &[u8]) -> String {
    let mut line: Vec<u8> = value.iter().copied().filter(|byte| *byte != b'\r').collect();
    line.truncate(LONGEST);
    // A line end inside a value is a fold whatever follows it.
    for byte in &mut line {
        if *byte == b'\n' || *byte == 0 {
            *byte = b' ';
        }
    }
    line.push(b'\n');
    let parsed = MessageStream::new(&line).parse_unstructured();
    match parsed.as_text() {
        Some(text) => text.trim().to_owned(),
        None => String::from_utf8_lossy(&line).trim().to_owned(),
    }
}

/// The Message-IDs in a field.
pub(crate) fn ids(field: &Field<'_>) -> Vec<String> {
    let value = field.unfolded();
    value
        .split('<')
        .skip(1)
        .filter_map(|rest| rest.split_once('>'))
        .map(|(id, _)| format!("<{}>", id.trim()))
        .take(IDS)
        .collect()
}

/// Bytes of a header value that are read: more is no subject and no file name.
const LONGEST: usize = 64 * 1024;
/// References of one field: threads of hundreds exist, thousands do not.
const IDS: usize = 1_000;
