/// Bytes that were read and not yet understood, with line framing.
///
/// Lines end with CRLF and only with CRLF (RFC 5321 section 2.3.8: "no other character or
/// character sequence"). The buffer never copies more than once and gives its memory back when it
/// runs empty after a burst.
#[derive(Default)]
pub struct Buffer {
    bytes: Vec<u8>,
    start: usize,
    searched: usize,
}

/// One attempt to take a line out of a [`Buffer`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Line {
    /// A whole line, without its CRLF.
    Whole(Vec<u8>),
    /// No CRLF yet, and the bound is not reached.
    Partial,
    /// The bound was passed before a CRLF came; the bytes stay, the owner decides.
    TooLong,
}

impl Buffer {
    /// An empty buffer.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds bytes at the end.
    pub fn push(&mut self, bytes: &[u8]) {
        self.compact();
        self.bytes.extend_from_slice(bytes);
    }

    /// What has not been consumed yet.
    #[must_use]
    pub fn unread(&self) -> &[u8] {
        &self.bytes[self.start..]
    }

    /// Marks `count` bytes as consumed; more than there are consumes all.
    pub fn consume(&mut self, count: usize) {
        self.start = (self.start + count).min(self.bytes.len());
        self.searched = self.start;
        if self.start == self.bytes.len() {
            self.clear();
        }
    }

    /// Forgets everything, as after STARTTLS (RFC 3207 section 4.2 and the command injection of
    /// 2011: what came in clear behind STARTTLS must not be acted on).
    pub fn clear(&mut self) {
        if self.bytes.capacity() > KEEP {
            self.bytes = Vec::new();
        } else {
            self.bytes.clear();
        }
        self.start = 0;
        self.searched = 0;
    }

    /// True where nothing is left to consume.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.unread().is_empty()
    }

    /// Takes the next line of at most `limit` bytes, CRLF included.
    pub fn take_line(&mut self, limit: usize) -> Line {
        let from = self.searched.max(self.start);
        let end =
            self.bytes[from..].windows(2).position(|pair| pair == b"\r\n").map(|at| from + at);
        match end {
            Some(end) if end + 2 - self.start <= limit => {
                let line = self.bytes[self.start..end].to_vec();
                self.consume(end + 2 - self.start);
                Line::Whole(line)
            }
            Some(_) => Line::TooLong,
            None if self.unread().len() >= limit => Line::TooLong,
            None => {
                // The last byte may be the CR of a CRLF that is still on its way.
                self.searched = self.bytes.len().saturating_sub(1).max(self.start);
                Line::Partial
            }
        }
    }

    fn compact(&mut self) {
        if self.start > 0 {
            self.bytes.drain(..self.start);
            self.searched = self.searched.saturating_sub(self.start);
            self.start = 0;
        }
    }
}

impl core::fmt::Debug for Buffer {
    /// Only the size: what is in the buffer may be private.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Buffer").field("unread", &self.unread().len()).finish()
    }
}

/// A buffer that ran empty keeps at most this much memory for the next burst, in bytes.
const KEEP: usize = 64 * 1024;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn lines(buffer: &mut Buffer, limit: usize) -> Vec<Vec<u8>> {
        let mut found = Vec::new();
        while let Line::Whole(line) = buffer.take_line(limit) {
            found.push(line);
        }
        found
    }

    #[test]
    fn only_crlf_ends_a_line() {
        let mut buffer = Buffer::new();
        buffer.push(b"a\nb\rc\r\nd");
        assert_eq!(lines(&mut buffer, 100), [b"a\nb\rc".to_vec()]);
        assert_eq!(buffer.take_line(100), Line::Partial);
    }

    #[test]
    fn a_line_over_the_bound_is_told_and_not_kept_growing() {
        let mut buffer = Buffer::new();
        buffer.push(&[b'x'; 20]);
        assert_eq!(buffer.take_line(10), Line::TooLong);
        buffer.clear();
        buffer.push(b"12345678\r\n");
        assert_eq!(buffer.take_line(10), Line::Whole(b"12345678".to_vec()));
    }

    proptest! {
        #[test]
        fn the_lines_do_not_depend_on_how_the_bytes_are_cut(
            bytes in proptest::collection::vec(prop_oneof![Just(b'\r'), Just(b'\n'), any::<u8>()], 0..200),
            cuts in proptest::collection::vec(1_usize..7, 0..200),
        ) {
            let mut whole = Buffer::new();
            whole.push(&bytes);
            let expected = lines(&mut whole, 1_000);

            let mut cut = Buffer::new();
            let mut found = Vec::new();
            let mut rest = bytes.as_slice();
            let mut cuts = cuts.into_iter();
            while !rest.is_empty() {
                let (now, later) = rest.split_at(cuts.next().unwrap_or(1).min(rest.len()));
                cut.push(now);
                found.extend(lines(&mut cut, 1_000));
                rest = later;
            }
            prop_assert_eq!(found, expected);
            prop_assert_eq!(cut.unread(), whole.unread());
        }
    }
}
