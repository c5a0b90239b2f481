//! Character maps: from codes of a font to text (Adobe Technical Note 5411).

use std::collections::HashMap;

use super::lex::{Lexer, Word};

/// What a `ToUnicode` map says.
#[derive(Debug, Default)]
pub(super) struct Map {
    letters: HashMap<u32, String>,
    /// Lengths of codes, where the map says them.
    pub(super) width: Option<usize>,
}

impl Map {
    pub(super) fn parse(bytes: &[u8]) -> Self {
        let mut map = Self::default();
        let mut lexer = Lexer::new(bytes);
        let mut operands: Vec<Word> = Vec::new();
        while let Some(word) = lexer.next() {
            let Word::Operator(operator) = &word else {
                if operands.len() < OPERANDS {
                    operands.push(word);
                }
                continue;
            };
            match operator.as_slice() {
                b"endcodespacerange" => {
                    if let Some(Word::String(code)) = operands.first() {
                        map.width = Some(code.len().clamp(1, 4));
                    }
                }
                b"endbfchar" => map.letters(&operands),
                b"endbfrange" => map.ranges(&operands),
                _ => {}
            }
            operands.clear();
        }
        map
    }

    pub(super) fn get(&self, code: u32) -> Option<&str> {
        self.letters.get(&code).map(String::as_str)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.letters.is_empty()
    }

    fn letters(&mut self, operands: &[Word]) {
        for pair in operands.chunks_exact(2) {
            if let [Word::String(code), Word::String(text)] = pair {
                self.put(number(code), unicode(text));
            }
        }
    }

    fn ranges(&mut self, operands: &[Word]) {
        for range in operands.chunks_exact(3) {
            let [Word::String(low), Word::String(high), to] = range else { continue };
            let (low, high) = (number(low), number(high));
            let count = high.saturating_sub(low).min(0xffff);
            match to {
                Word::Array(texts) => {
                    for (step, text) in (0..=count).zip(texts) {
                        if let Word::String(text) = text {
                            self.put(low + step, unicode(text));
                        }
                    }
                }
                Word::String(text) => {
                    let mut units = units(text);
                    for step in 0..=count {
                        self.put(low.saturating_add(step), String::from_utf16_lossy(&units));
                        if let Some(last) = units.last_mut() {
                            *last = last.wrapping_add(1);
                        }
                    }
                }
                _ => {}
            }
        }
    }

    fn put(&mut self, code: u32, text: String) {
        let says = text.chars().any(|letter| letter != '\0' && letter != '\u{fffd}');
        if self.letters.len() < LETTERS && says {
            self.letters.insert(code, text);
        }
    }
}

/// A code as a number; longer ones than four bytes do not exist.
pub(super) fn number(bytes: &[u8]) -> u32 {
    bytes.iter().take(4).fold(0, |sum, byte| sum << 8 | u32::from(*byte))
}

fn units(bytes: &[u8]) -> Vec<u16> {
    match bytes {
        [one] => vec![u16::from(*one)],
        _ => bytes
            .chunks_exact(2)
            .take(16)
            .map(|pair| u16::from_be_bytes([pair[0], pair[1]]))
            .collect(),
    }
}

fn unicode(bytes: &[u8]) -> String {
    String::from_utf16_lossy(&units(bytes))
}

/// Letters of one font, and operands before one operator (100 pairs or triples are allowed).
const LETTERS: usize = 100_000;
const OPERANDS: usize = 200_000;
