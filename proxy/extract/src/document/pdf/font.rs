//! What the codes of a font say, and how wide its letters are.

use std::collections::HashMap;

use encoding_rs::{MACINTOSH, WINDOWS_1252};
use lopdf::{Dictionary, Document, Object};

use super::super::Desk;
use super::cmap::{self, Map};
use super::unpack;

/// A font, as far as reading needs it.
#[derive(Debug, Default)]
pub(super) struct Font {
    /// Bytes of a code.
    width: usize,
    map: Map,
    /// Of a simple font: what each code says.
    letters: HashMap<u32, String>,
    widths: HashMap<u32, f64>,
    usual: Option<f64>,
}

/// One letter of a string.
pub(super) struct Glyph<'a> {
    /// What it says; `None` where nobody can tell.
    pub(super) text: Option<&'a str>,
    /// Its width, the height of the font being 1.
    pub(super) wide: f64,
    /// A blank of one byte, which word spacing widens (section 9.3.3).
    pub(super) blank: bool,
}

impl Font {
    pub(super) fn of(font: &Dictionary, document: &Document, desk: &mut Desk) -> Self {
        let mut own = Self { width: 1, ..Self::default() };
        if let Ok(Object::Stream(stream)) = font.get_deref(b"ToUnicode", document)
            && let Some(content) = unpack(stream, document, desk)
        {
            desk.step(content.len() / 16);
            own.map = Map::parse(&content);
        }
        let composite =
            font.get(b"Subtype").and_then(Object::as_name).is_ok_and(|kind| kind == b"Type0");
        if composite {
            own.width = own.map.width.unwrap_or(2);
            own.composite(font, document, desk);
        } else {
            own.simple(font, document);
        }
        own
    }

    /// Shows each letter of a string.
    pub(super) fn letters(&self, string: &[u8], mut see: impl FnMut(Glyph<'_>)) {
        for bytes in string.chunks(self.width.max(1)) {
            let code = cmap::number(bytes);
            let text = self.map.get(code).or_else(|| self.letters.get(&code).map(String::as_str));
            let letter = text.and_then(|text| text.chars().next());
            let wide = self.widths.get(&code).copied().or(self.usual);
            let wide = wide.unwrap_or_else(|| letter.map_or(0.5, guess));
            see(Glyph { text, wide, blank: bytes == b" " });
        }
    }

    fn composite(&mut self, font: &Dictionary, document: &Document, desk: &mut Desk) {
        let inner = font.get_deref(b"DescendantFonts", document).and_then(Object::as_array);
        let inner = inner.ok().and_then(|fonts| document.dereference(fonts.first()?).ok());
        let Some(inner) = inner.and_then(|(_, inner)| inner.as_dict().ok()) else { return };
        let usual = inner.get_deref(b"DW", document).ok().and_then(number);
        self.usual = Some(usual.unwrap_or(1000.0) / 1000.0);
        let Ok(widths) = inner.get_deref(b"W", document).and_then(Object::as_array) else { return };
        let mut at = 0;
        // Section 9.7.4.3: `first [w w w]`, or `first last w`.
        while let Some(first) = widths.get(at).and_then(number) {
            if !desk.step(1) {
                return;
            }
            let first = code(first);
            let second = widths.get(at + 1).and_then(|item| document.dereference(item).ok());
            match second.map(|(_, second)| second) {
                Some(Object::Array(list)) => {
                    for (step, wide) in (0..WIDTHS).zip(list) {
                        if let Some(wide) = number(wide) {
                            self.widths.insert(first.saturating_add(step), wide / 1000.0);
                        }
                    }
                    at += 2;
                }
                Some(last) => {
                    let wide = widths.get(at + 2).and_then(number).unwrap_or(1000.0);
                    let last = number(last).map_or(first, code).min(first.saturating_add(WIDTHS));
                    for code in first..=last {
                        self.widths.insert(code, wide / 1000.0);
                    }
                    desk.step(usize::try_from(last.saturating_sub(first)).unwrap_or(0));
                    at += 3;
                }
                None => return,
            }
        }
    }

    fn simple(&mut self, font: &Dictionary, document: &Document) {
        let first = font.get_deref(b"FirstChar", document).ok().and_then(number).unwrap_or(0.0);
        // The letters of a font that is drawn (Type 3) have a measure of their own.
        let matrix = font.get_deref(b"FontMatrix", document).and_then(Object::as_array);
        let unit = matrix.ok().and_then(|matrix| number(matrix.first()?)).unwrap_or(0.001);
        if let Ok(widths) = font.get_deref(b"Widths", document).and_then(Object::as_array) {
            for (code, wide) in (code(first)..).zip(widths).take(256) {
                let wide = document.dereference(wide).ok().and_then(|(_, wide)| number(wide));
                if let Some(wide) = wide {
                    self.widths.insert(code, wide * unit.abs());
                }
            }
        }
        if !self.map.is_empty() && self.map.width.unwrap_or(1) == 2 && font.has(b"DescendantFonts")
        {
            self.width = 2;
        }
        let encoding = font.get_deref(b"Encoding", document).ok();
        if encoding.is_none() && is_own_code(font, document) {
            return;
        }
        let base = match encoding {
            Some(Object::Name(name)) => Some(name.as_slice()),
            Some(Object::Dictionary(dictionary)) => {
                dictionary.get(b"BaseEncoding").and_then(Object::as_name).ok()
            }
            _ => None,
        };
        let drawn =
            font.get(b"Subtype").and_then(Object::as_name).is_ok_and(|kind| kind == b"Type3");
        if !drawn {
            self.base(base);
        }
        if let Some(Object::Dictionary(dictionary)) = encoding
            && let Ok(list) =
                dictionary.get_deref(b"Differences", document).and_then(Object::as_array)
        {
            self.differences(list);
        }
    }

    fn base(&mut self, name: Option<&[u8]>) {
        let encoding = if name == Some(b"MacRomanEncoding") { MACINTOSH } else { WINDOWS_1252 };
        for byte in 0x20..=0xff_u8 {
            let text = encoding.decode_without_bom_handling(&[byte]).0.into_owned();
            self.letters.insert(u32::from(byte), text);
        }
        if name.is_none() {
            // Where the standard encoding differs and Dutch has need of it; 11 to 15 are what TeX
            // calls its ligatures.
            for (code, text) in [
                (0x27, "’"),
                (0x60, "‘"),
                (0xae, "fi"),
                (0xaf, "fl"),
                (0xd0, "—"),
                (0xb1, "–"),
                (11, "ff"),
                (12, "fi"),
                (13, "fl"),
                (14, "ffi"),
                (15, "ffl"),
            ] {
                self.letters.insert(code, text.to_owned());
            }
        }
    }

    fn differences(&mut self, list: &[Object]) {
        let mut code = 0_u32;
        for item in list.iter().take(1_000) {
            match item {
                Object::Name(name) => {
                    match glyph(&String::from_utf8_lossy(name)) {
                        Some(text) => self.letters.insert(code, text),
                        None => self.letters.remove(&code),
                    };
                    code = code.saturating_add(1);
                }
                other => code = number(other).map_or(code, self::code),
            }
        }
    }
}

/// A subset of a TrueType font with codes of its own making, and nothing that says what they mean.
fn is_own_code(font: &Dictionary, document: &Document) -> bool {
    let kind = font.get(b"Subtype").and_then(Object::as_name).unwrap_or_default();
    let name = font.get(b"BaseFont").and_then(Object::as_name).unwrap_or_default();
    let descriptor = font.get_deref(b"FontDescriptor", document).and_then(Object::as_dict);
    let flags = descriptor.ok().and_then(|about| number(about.get(b"Flags").ok()?)).unwrap_or(0.0);
    kind == b"TrueType" && name.get(6) == Some(&b'+') && code(flags) & 4 != 0
}

/// What a glyph is called (Adobe Glyph List): letters by themselves, accents by their names.
fn glyph(name: &str) -> Option<String> {
    let name = name.split('.').next().filter(|name| !name.is_empty())?;
    let mut letters = name.chars();
    if let (Some(letter), None) = (letters.next(), letters.next()) {
        return Some(letter.to_string());
    }
    if let Some((_, text)) = GLYPHS.iter().find(|(glyph, _)| *glyph == name) {
        return Some((*text).to_owned());
    }
    let hex =
        name.strip_prefix("uni").or_else(|| name.strip_prefix('u')).filter(|hex| hex.len() >= 4);
    if let Some(code) = hex.and_then(|hex| u32::from_str_radix(hex.get(..4)?, 16).ok()) {
        return char::from_u32(code).map(String::from);
    }
    let accent =
        ACCENTS.iter().find_map(|(accent, mark)| Some((name.strip_suffix(accent)?, mark)))?;
    let (base, mark) = accent;
    let base = if base == "dotlessi" { "i" } else { base };
    (base.len() == 1).then(|| format!("{base}{mark}"))
}

fn guess(letter: char) -> f64 {
    match letter {
        'i' | 'l' | 'j' | 't' | 'f' | 'I' | '.' | ',' | ':' | ';' | '\'' | '!' | '|' | ' ' => 0.28,
        'm' | 'w' | 'M' | 'W' => 0.83,
        'A'..='Z' => 0.68,
        _ => 0.54,
    }
}

fn number(object: &Object) -> Option<f64> {
    object.as_float().ok().map(f64::from)
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn code(number: f64) -> u32 {
    // Out of range becomes the nearest, which is what is wanted.
    number as u32
}

/// Widths that one entry may give.
const WIDTHS: u32 = 65_535;
const ACCENTS: [(&str, &str); 8] = [
    ("acute", "\u{301}"),
    ("grave", "\u{300}"),
    ("dieresis", "\u{308}"),
    ("circumflex", "\u{302}"),
    ("tilde", "\u{303}"),
    ("cedilla", "\u{327}"),
    ("caron", "\u{30c}"),
    ("ring", "\u{30a}"),
];
const GLYPHS: [(&str, &str); 68] = [
    ("space", " "),
    ("exclam", "!"),
    ("quotedbl", "\""),
    ("numbersign", "#"),
    ("dollar", "$"),
    ("percent", "%"),
    ("ampersand", "&"),
    ("quotesingle", "'"),
    ("quoteright", "’"),
    ("quoteleft", "‘"),
    ("parenleft", "("),
    ("parenright", ")"),
    ("asterisk", "*"),
    ("plus", "+"),
    ("comma", ","),
    ("hyphen", "-"),
    ("minus", "-"),
    ("period", "."),
    ("slash", "/"),
    ("zero", "0"),
    ("one", "1"),
    ("two", "2"),
    ("three", "3"),
    ("four", "4"),
    ("five", "5"),
    ("six", "6"),
    ("seven", "7"),
    ("eight", "8"),
    ("nine", "9"),
    ("colon", ":"),
    ("semicolon", ";"),
    ("less", "<"),
    ("equal", "="),
    ("greater", ">"),
    ("question", "?"),
    ("at", "@"),
    ("bracketleft", "["),
    ("backslash", "\\"),
    ("bracketright", "]"),
    ("asciicircum", "^"),
    ("underscore", "_"),
    ("grave", "`"),
    ("braceleft", "{"),
    ("bar", "|"),
    ("braceright", "}"),
    ("asciitilde", "~"),
    ("bullet", "•"),
    ("endash", "–"),
    ("emdash", "—"),
    ("quotedblleft", "“"),
    ("quotedblright", "”"),
    ("ellipsis", "…"),
    ("Euro", "€"),
    ("degree", "°"),
    ("mu", "µ"),
    ("plusminus", "±"),
    ("germandbls", "ß"),
    ("ae", "æ"),
    ("AE", "Æ"),
    ("oe", "œ"),
    ("OE", "Œ"),
    ("oslash", "ø"),
    ("ff", "ff"),
    ("fi", "fi"),
    ("fl", "fl"),
    ("ffi", "ffi"),
    ("ffl", "ffl"),
    ("ij", "ij"),
];
