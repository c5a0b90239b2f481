//! The words of a content stream or of a character map (ISO 32000-1 section 7.8.2).

/// A word.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Word {
    Number(f64),
    Name(Vec<u8>),
    String(Vec<u8>),
    Array(Vec<Word>),
    /// A dictionary, null and booleans: nothing that text hangs on.
    Other,
    Operator(Vec<u8>),
}

/// Reads words one by one; every byte sequence is words.
pub(super) struct Lexer<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Lexer<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    pub(super) fn next(&mut self) -> Option<Word> {
        self.word(0)
    }

    /// The data of an inline image (section 8.9.7) ends at `EI` between blanks.
    pub(super) fn skip_image(&mut self) {
        while let Some(window) = self.bytes.get(self.at..self.at + 3) {
            self.at += 1;
            let ends = self.bytes.get(self.at + 2).is_none_or(|byte| is_blank(*byte));
            if is_blank(window[0]) && &window[1..] == b"EI" && ends {
                self.at += 2;
                return;
            }
        }
        self.at = self.bytes.len();
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn word(&mut self, depth: usize) -> Option<Word> {
        loop {
            let byte = self.peek()?;
            self.at += 1;
            return Some(match byte {
                byte if is_blank(byte) => continue,
                b'%' => {
                    while self.peek().is_some_and(|byte| byte != b'\n' && byte != b'\r') {
                        self.at += 1;
                    }
                    continue;
                }
                b'(' => Word::String(self.literal()),
                b'<' if self.peek() == Some(b'<') => {
                    self.at += 1;
                    Word::Other
                }
                b'<' => Word::String(self.hex()),
                b'>' | b')' | b'{' | b'}' => continue,
                b'/' => Word::Name(self.name()),
                b'[' if depth < DEPTH => {
                    let mut items = Vec::new();
                    while let Some(item) = self.word(depth + 1) {
                        if item == Word::Operator(b"]".to_vec()) {
                            break;
                        }
                        items.push(item);
                    }
                    Word::Array(items)
                }
                b'[' => continue,
                b']' => Word::Operator(b"]".to_vec()),
                _ => {
                    self.at -= 1;
                    self.plain()
                }
            });
        }
    }

    fn plain(&mut self) -> Word {
        let start = self.at;
        while self.peek().is_some_and(is_regular) {
            self.at += 1;
        }
        // A byte that is none of all that is passed over.
        self.at = self.at.max(start + 1);
        let word = self.bytes.get(start..self.at).unwrap_or_default();
        let first = word.first().copied().unwrap_or_default();
        if first.is_ascii_digit() || matches!(first, b'+' | b'-' | b'.') {
            let text = core::str::from_utf8(word).unwrap_or_default();
            // Some programs write `0.-5` or `--5`.
            let number = text.parse().or_else(|_| text.trim_start_matches('-').parse());
            return Word::Number(number.unwrap_or(0.0));
        }
        match word {
            b"true" | b"false" | b"null" => Word::Other,
            other => Word::Operator(other.to_vec()),
        }
    }

    fn name(&mut self) -> Vec<u8> {
        let mut name = Vec::new();
        while let Some(byte) = self.peek().filter(|byte| is_regular(*byte)) {
            self.at += 1;
            let pair = self.bytes.get(self.at..self.at + 2);
            match pair.filter(|_| byte == b'#').and_then(two) {
                Some(value) => {
                    name.push(value);
                    self.at += 2;
                }
                None => name.push(byte),
            }
        }
        name
    }

    fn hex(&mut self) -> Vec<u8> {
        let mut digits = Vec::new();
        while let Some(byte) = self.peek() {
            self.at += 1;
            if byte == b'>' {
                break;
            }
            if byte.is_ascii_hexdigit() {
                digits.push(byte);
            }
        }
        if digits.len() % 2 == 1 {
            digits.push(b'0');
        }
        digits.chunks_exact(2).filter_map(two).collect()
    }

    fn literal(&mut self) -> Vec<u8> {
        let (mut out, mut depth) = (Vec::new(), 0_usize);
        while let Some(byte) = self.peek() {
            self.at += 1;
            match byte {
                b'(' => depth += 1,
                b')' if depth == 0 => break,
                b')' => depth -= 1,
                b'\\' => {
                    self.escape(&mut out);
                    continue;
                }
                _ => {}
            }
            out.push(byte);
        }
        out
    }

    fn escape(&mut self, out: &mut Vec<u8>) {
        let Some(byte) = self.peek() else { return };
        self.at += 1;
        match byte {
            b'n' => out.push(b'\n'),
            b'r' => out.push(b'\r'),
            b't' => out.push(b'\t'),
            b'b' => out.push(8),
            b'f' => out.push(12),
            b'\r' if self.peek() == Some(b'\n') => self.at += 1,
            b'\r' | b'\n' => {}
            b'0'..=b'7' => {
                let mut value = u32::from(byte - b'0');
                for _ in 0..2 {
                    let Some(digit @ b'0'..=b'7') = self.peek() else { break };
                    value = value * 8 + u32::from(digit - b'0');
                    self.at += 1;
                }
                out.push(u8::try_from(value & 0xff).unwrap_or_default());
            }
            other => out.push(other),
        }
    }
}

fn two(digits: &[u8]) -> Option<u8> {
    u8::from_str_radix(core::str::from_utf8(digits).ok()?, 16).ok()
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, 0 | b'\t' | b'\n' | 0x0c | b'\r' | b' ')
}

fn is_regular(byte: u8) -> bool {
    !is_blank(byte)
        && !matches!(byte, b'(' | b')' | b'<' | b'>' | b'[' | b']' | b'{' | b'}' | b'/' | b'%')
}

/// Arrays inside arrays.
const DEPTH: usize = 8;
