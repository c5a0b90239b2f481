use core::fmt;

use wire::{Buffer, Line};

/// A reply (RFC 5321 section 4.2): a code and one or more lines of text, kept byte for byte.
///
/// The text may be any bytes but CR, LF and NUL, so that encoding a reply that a stranger wrote
/// can never make two replies of it.
#[derive(Clone, PartialEq, Eq)]
pub struct Reply {
    code: u16,
    lines: Vec<Vec<u8>>,
}

impl Reply {
    /// A reply of our own: each line of `text` (lines end with `\n`) carries the enhanced status
    /// code (RFC 3463, RFC 2034), where there is one; `""` means none.
    ///
    /// A code outside 200..=599 is brought to the nearer end; control characters become blanks.
    #[must_use]
    pub fn new(code: u16, enhanced: &str, text: &str) -> Self {
        let line = |line: &str| match enhanced {
            "" => line.as_bytes().to_vec(),
            _ => format!("{enhanced} {line}").into_bytes(),
        };
        Self::from_lines(code, text.split('\n').map(line).collect())
    }

    /// A reply of these lines: what stands after `250-` or `250 `. CR, LF and NUL become blanks; no
    /// lines at all become one empty line.
    #[must_use]
    pub fn from_lines(code: u16, mut lines: Vec<Vec<u8>>) -> Self {
        for byte in lines.iter_mut().flatten() {
            if matches!(byte, b'\r' | b'\n' | 0) {
                *byte = b' ';
            }
        }
        if lines.is_empty() {
            lines.push(Vec::new());
        }
        Self { code: code.clamp(200, 599), lines }
    }

    /// The three-digit code, 200 to 599.
    #[must_use]
    pub fn code(&self) -> u16 {
        self.code
    }

    /// The text after the code and its `-` or blank, a line an entry; never empty.
    #[must_use]
    pub fn lines(&self) -> &[Vec<u8>] {
        &self.lines
    }

    /// 2xx: done as asked.
    #[must_use]
    pub fn is_positive(&self) -> bool {
        self.code / 100 == 2
    }

    /// 3xx: go on.
    #[must_use]
    pub fn is_intermediate(&self) -> bool {
        self.code / 100 == 3
    }

    /// 4xx: refused now, may work later.
    #[must_use]
    pub fn is_temporary(&self) -> bool {
        self.code / 100 == 4
    }

    /// 5xx: refused for good.
    #[must_use]
    pub fn is_permanent(&self) -> bool {
        self.code / 100 == 5
    }

    /// The lines joined by a blank; bytes that are not UTF-8 are replaced.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.lines.join(&b' ')).into_owned()
    }

    /// The enhanced status code at the start of the first line (RFC 2034 section 4), where its
    /// class agrees with the code.
    #[must_use]
    pub fn enhanced(&self) -> Option<String> {
        let first = self.lines.first()?;
        let word = first.split(|&byte| byte == b' ').next()?;
        let word = core::str::from_utf8(word).ok()?;
        let mut parts = word.split('.');
        let class = parts.next()?.parse::<u16>().ok()?;
        let numbers = |part: &str| {
            (1..=3).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
        };
        let shape = numbers(parts.next()?) && numbers(parts.next()?) && parts.next().is_none();
        (shape && matches!(class, 2 | 4 | 5) && class == self.code / 100).then(|| word.to_owned())
    }

    /// The reply as it goes over the wire, all lines with their CRLF.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        let last = self.lines.len().saturating_sub(1);
        for (at, line) in self.lines.iter().enumerate() {
            let separator = if at == last { ' ' } else { '-' };
            bytes.extend_from_slice(format!("{:03}{separator}", self.code).as_bytes());
            bytes.extend_from_slice(line);
            bytes.extend_from_slice(b"\r\n");
        }
        bytes
    }
}

impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.code, self.text())
    }
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Reply({:?})", self.to_string())
    }
}

/// Why the bytes of a server are no reply.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReplyFault {
    /// A line is no reply line, or its code differs from that of the line before it. The value is
    /// the start of that line, at most 40 printable characters.
    Garbage(String),
    /// The reply is longer than its bound.
    TooLong,
}

/// Puts a [`Reply`] together from the lines of a [`Buffer`].
#[derive(Debug, Default)]
pub struct ReplyReader {
    code: u16,
    lines: Vec<Vec<u8>>,
    size: usize,
}

impl ReplyReader {
    /// Takes the next whole reply of at most `limit` bytes, CRLFs included; `None` where more bytes
    /// are needed.
    ///
    /// # Errors
    /// [`ReplyFault`] where the bytes are no reply; the dialogue cannot go on after it.
    pub fn take(&mut self, buffer: &mut Buffer, limit: usize) -> Result<Option<Reply>, ReplyFault> {
        loop {
            let line = match buffer.take_line(limit.saturating_sub(self.size)) {
                Line::Whole(line) => line,
                Line::Partial => return Ok(None),
                Line::TooLong => return Err(ReplyFault::TooLong),
            };
            self.size += line.len() + 2;
            let part = parse_line(&line).ok_or_else(|| garbage(&line))?;
            if !self.lines.is_empty() && self.code != part.code {
                return Err(garbage(&line));
            }
            self.code = part.code;
            self.lines.push(part.text.to_vec());
            if part.last {
                let done = core::mem::take(self);
                return Ok(Some(Reply { code: done.code, lines: done.lines }));
            }
        }
    }
}

struct Part<'a> {
    code: u16,
    text: &'a [u8],
    last: bool,
}

/// RFC 5321 section 4.2: `Reply-line = *( Reply-code "-" [ textstring ] CRLF ) Reply-code [ SP
/// textstring ] CRLF`.
fn parse_line(line: &[u8]) -> Option<Part<'_>> {
    let (code, rest) = line.split_at_checked(3)?;
    if !matches!(code[0], b'2'..=b'5') || !code.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let code = code.iter().fold(0, |code, digit| code * 10 + u16::from(digit - b'0'));
    let (last, text) = match rest.split_first() {
        None => (true, rest),
        Some((b' ', text)) => (true, text),
        Some((b'-', text)) => (false, text),
        Some(_) => return None,
    };
    let whole = !text.iter().any(|byte| matches!(byte, b'\r' | b'\n' | 0));
    whole.then_some(Part { code, text, last })
}

fn garbage(line: &[u8]) -> ReplyFault {
    let printable = |&byte: &u8| match byte {
        b' '..=b'~' => char::from(byte),
        _ => '?',
    };
    ReplyFault::Garbage(line.iter().take(EXCERPT).map(printable).collect())
}

/// Enough to tell "HTTP/1.1 400 Bad Request" from a reply, too little to carry anything away.
const EXCERPT: usize = 40;

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Result<Option<Reply>, ReplyFault> {
        let mut buffer = Buffer::new();
        buffer.push(bytes);
        ReplyReader::default().take(&mut buffer, 65_536)
    }

    #[test]
    fn a_reply_keeps_its_lines_byte_for_byte() {
        for bytes in [
            &b"250 2.1.0 Ok\r\n"[..],
            b"250-a\r\n250-\r\n250  b  \r\n",
            b"550-5.7.1 n\xe9\xff\r\n550 5.7.1 x\r\n",
            b"354 \r\n",
        ] {
            assert_eq!(read(bytes).unwrap().unwrap().encode(), bytes);
        }
        assert_eq!(read(b"250\r\n").unwrap().unwrap().encode(), b"250 \r\n");
    }

    #[test]
    fn a_reply_is_not_taken_before_its_last_line() {
        assert_eq!(read(b"250-a\r\n250 b\r"), Ok(None));
        assert_eq!(read(b"250-a\r\n"), Ok(None));
    }

    #[test]
    fn what_is_no_reply_is_told() {
        for bytes in [
            &b"HTTP/1.1 400 Bad Request\r\n"[..],
            b"\r\n",
            b"25\r\n",
            b"250x\r\n",
            b"150 a\r\n",
            b"650 a\r\n",
            b"250-a\r\n251 b\r\n",
            b"250 a\nb\r\n",
            b"250 a\rb\r\n",
            b"250 \0\r\n",
        ] {
            assert!(matches!(read(bytes), Err(ReplyFault::Garbage(_))), "{bytes:?}");
        }
    }

    #[test]
    fn a_reply_over_its_bound_is_told() {
        let endless = b"250-x\r\n".repeat(20_000);
        assert_eq!(read(&endless), Err(ReplyFault::TooLong));
        assert_eq!(read(&[b'2'; 70_000]), Err(ReplyFault::TooLong));
    }

    #[test]
    fn an_enhanced_code_counts_where_its_class_agrees() {
        let code = |code, text: &str| Reply::new(code, "", text).enhanced();
        assert_eq!(code(250, "2.1.5 Ok").as_deref(), Some("2.1.5"));
        assert_eq!(code(550, "5.7.509 No").as_deref(), Some("5.7.509"));
        for (number, text) in [(250, "5.1.1 x"), (250, "2.0 x"), (250, "2.0.x y"), (354, "go")] {
            assert_eq!(code(number, text), None, "{text}");
        }
    }

    #[test]
    fn text_can_never_make_a_second_reply() {
        let reply = Reply::new(250, "2.0.0", "a\r\n550 b\0");
        assert_eq!(reply.encode(), b"250-2.0.0 a \r\n250 2.0.0 550 b \r\n");
        assert_eq!(reply.to_string(), "250 2.0.0 a  2.0.0 550 b ");
    }
}
