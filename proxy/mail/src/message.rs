use core::fmt;
use core::ops::Range;
use std::sync::Arc;

/// A message: its exact bytes, and an index of the header.
///
/// Any bytes make a message (there is no message so broken that it may be lost). Lines of the
/// header end with CRLF, or with a bare LF where the message came so. The header ends at the first
/// empty line, or before the first line that can be no header field (RFC 5322 section 2.2).
/// Cloning is cheap: the bytes are shared.
#[derive(Clone, PartialEq, Eq)]
pub struct Message {
    bytes: Arc<[u8]>,
    fields: Vec<Range<usize>>,
    body: usize,
}

/// One header field of a [`Message`], folds and line ends included.
#[derive(Clone, Copy)]
pub struct Field<'a> {
    raw: &'a [u8],
    colon: usize,
}

impl Message {
    /// Indexes the bytes.
    #[must_use]
    pub fn new(bytes: impl Into<Arc<[u8]>>) -> Self {
        let bytes = bytes.into();
        let (fields, body) = index(&bytes);
        Self { bytes, fields, body }
    }

    /// The whole message, byte for byte.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The bytes, shared.
    #[must_use]
    pub fn shared(&self) -> Arc<[u8]> {
        Arc::clone(&self.bytes)
    }

    /// The header: from the first byte to the end of the last field, without the empty line.
    #[must_use]
    pub fn header(&self) -> &[u8] {
        &self.bytes[..self.fields.last().map_or(0, |last| last.end)]
    }

    /// What follows the empty line.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.bytes[self.body..]
    }

    /// The header fields in order.
    pub fn fields(&self) -> impl DoubleEndedIterator<Item = Field<'_>> {
        self.fields.iter().map(|range| Field::new(&self.bytes[range.clone()]))
    }

    /// The first field of that name, without regard to case.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<Field<'_>> {
        self.fields().find(|field| field.is(name))
    }

    /// The message without the fields that `strike` picks; every other byte as it is.
    #[must_use]
    pub fn without(&self, strike: impl Fn(&Field<'_>) -> bool) -> Vec<u8> {
        let mut kept = Vec::with_capacity(self.bytes.len());
        let mut from = 0;
        for range in &self.fields {
            if strike(&Field::new(&self.bytes[range.clone()])) {
                kept.extend_from_slice(&self.bytes[from..range.start]);
                from = range.end;
            }
        }
        kept.extend_from_slice(&self.bytes[from..]);
        kept
    }
}

impl fmt::Debug for Message {
    /// Only the size: a message is private.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Message").field("bytes", &self.bytes.len()).finish()
    }
}

impl<'a> Field<'a> {
    pub(crate) fn new(raw: &'a [u8]) -> Self {
        let colon = raw.iter().position(|&byte| byte == b':').unwrap_or(raw.len());
        Self { raw, colon }
    }

    /// True where the line begins a field.
    pub(crate) fn starts(line: &[u8]) -> bool {
        is_field_start(line)
    }

    /// The whole field: name, colon, value, folds and the line end.
    #[must_use]
    pub fn raw(&self) -> &'a [u8] {
        self.raw
    }

    /// The name without the blanks that obsolete syntax allows before the colon.
    #[must_use]
    pub fn name(&self) -> &'a [u8] {
        self.raw[..self.colon].trim_ascii_end()
    }

    /// What follows the colon, folds included, without the last line end.
    #[must_use]
    pub fn value(&self) -> &'a [u8] {
        let value = self.raw.get(self.colon + 1..).unwrap_or_default();
        let value = value.strip_suffix(b"\n").unwrap_or(value);
        value.strip_suffix(b"\r").unwrap_or(value)
    }

    /// The value as text with folds undone and blanks at both ends removed (RFC 5322 section
    /// 2.2.3); bytes that are no UTF-8 become U+FFFD.
    #[must_use]
    pub fn unfolded(&self) -> String {
        let value: Vec<u8> =
            self.value().iter().copied().filter(|&byte| byte != b'\r' && byte != b'\n').collect();
        String::from_utf8_lossy(&value).trim().to_owned()
    }

    /// True where the name is this one, without regard to case.
    #[must_use]
    pub fn is(&self, name: &str) -> bool {
        self.name().eq_ignore_ascii_case(name.as_bytes())
    }
}

impl fmt::Debug for Field<'_> {
    /// Only the name: values are private.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Field({})", String::from_utf8_lossy(self.name()))
    }
}

fn index(bytes: &[u8]) -> (Vec<Range<usize>>, usize) {
    let mut fields: Vec<Range<usize>> = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let end = bytes[at..].iter().position(|&b| b == b'\n').map_or(bytes.len(), |n| at + n + 1);
        let line = &bytes[at..end];
        if line == b"\r\n" || line == b"\n" {
            return (fields, end);
        }
        if matches!(line[0], b' ' | b'\t') && !fields.is_empty() {
            if let Some(last) = fields.last_mut() {
                last.end = end;
            }
        } else if is_field_start(line) {
            fields.push(at..end);
        } else {
            return (fields, at);
        }
        at = end;
    }
    (fields, at)
}

/// RFC 5322 section 3.6.8: printable US-ASCII but the colon, then (obsolete syntax) blanks.
fn is_field_start(line: &[u8]) -> bool {
    let Some(colon) = line.iter().position(|&byte| byte == b':') else {
        return false;
    };
    let name = line[..colon].trim_ascii_end();
    !name.is_empty() && name.iter().all(|&byte| (33..=126).contains(&byte))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn folded_fields_are_struck_whole_and_the_rest_stays() {
        let message =
            Message::new(b"A: 1\r\nB: 2\r\n 3\r\n\t4\r\nC: 5\r\n\r\nB: body\r\n".to_vec());
        assert_eq!(message.without(|f| f.is("b")), b"A: 1\r\nC: 5\r\n\r\nB: body\r\n");
    }

    #[test]
    fn a_message_without_a_header_is_all_body() {
        for bytes in [&b"hello\r\nA: 1\r\n"[..], b"\r\nA: 1\r\n", b" x\r\n", b""] {
            let message = Message::new(bytes.to_vec());
            assert_eq!(message.fields().count(), 0);
            assert!(bytes.ends_with(message.body()));
        }
    }

    #[test]
    fn a_line_that_is_no_field_ends_the_header() {
        let message = Message::new(b"A: 1\r\nno field\r\nB: 2\r\n\r\n".to_vec());
        assert_eq!(message.fields().count(), 1);
        assert_eq!(message.body(), b"no field\r\nB: 2\r\n\r\n");
    }

    #[test]
    fn values_unfold() {
        let message = Message::new(b"Subject : a\r\n  b\r\n\r\n".to_vec());
        assert_eq!(message.field("subject").unwrap().unfolded(), "a  b");
    }

    proptest! {
        #[test]
        fn striking_nothing_changes_nothing(bytes in proptest::collection::vec(
            prop_oneof![Just(b'\r'), Just(b'\n'), Just(b':'), Just(b' '), any::<u8>()], 0..300)) {
            let message = Message::new(bytes.clone());
            prop_assert_eq!(message.without(|_| false), bytes);
        }

        #[test]
        fn header_empty_line_and_body_make_the_whole(bytes in proptest::collection::vec(
            prop_oneof![Just(b'\r'), Just(b'\n'), Just(b':'), Just(b' '), any::<u8>()], 0..300)) {
            let message = Message::new(bytes.clone());
            let between = bytes.len() - message.header().len() - message.body().len();
            prop_assert!(between <= 2);
        }
    }
}
