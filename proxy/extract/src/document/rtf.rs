//! Rich text (RTF 1.9) as text: what is shown, and headers, footnotes, comments, deleted text, text
//! boxes and the document's own properties. Pictures, fonts and styles are passed over.

use encoding_rs::{Encoding, WINDOWS_1252};

use super::office::{FEW, letters};
use super::{Desk, Here, object};
use crate::Reason;

/// Reads a document.
pub(crate) fn read(bytes: &[u8], here: &Here, desk: &mut Desk) {
    let found = parse(bytes, desk);
    desk.text(here, &found.out);
    if found.out.trim().is_empty() || (found.pictures && found.written <= FEW) {
        desk.opaque(here, Reason::Scanned);
    }
    for embedded in &found.objects {
        if !desk.entry() {
            break;
        }
        object::read(embedded, here, desk);
    }
}

/// The text of a document.
pub(crate) fn text(bytes: &[u8], desk: &mut Desk) -> String {
    parse(bytes, desk).out
}

fn parse<'a>(bytes: &'a [u8], desk: &mut Desk) -> Rtf<'a> {
    let mut reader = Rtf::new(bytes);
    while let Some(&byte) = reader.bytes.get(reader.at) {
        if !desk.step(1) {
            break;
        }
        reader.at += 1;
        match byte {
            b'{' => reader.open(),
            b'}' => reader.close(),
            b'\\' => reader.control(),
            b'\r' | b'\n' => {}
            other => reader.byte(other),
        }
    }
    reader.flush();
    reader
}

/// What a group sets, and what its end gives back.
#[derive(Clone, Copy)]
struct Group {
    /// Its text is none: fonts, pictures, what we do not know.
    silent: bool,
    /// Its text stands around the document: properties, headers and footers.
    around: bool,
    /// Its digits are the bytes of an object.
    object: bool,
    /// Bytes that stand in for one `\u`.
    skip: usize,
    encoding: &'static Encoding,
}

struct Rtf<'a> {
    bytes: &'a [u8],
    at: usize,
    out: String,
    /// Bytes of the charset, not yet text.
    raw: Vec<u8>,
    group: Group,
    groups: Vec<Group>,
    /// Groups beyond those that are remembered.
    deeper: usize,
    /// `\*`: a destination that a reader may not know.
    starred: bool,
    /// Stand-ins still to be passed over after a `\u`.
    stand_ins: usize,
    /// The first half of a character outside the basic plane.
    half: Option<u16>,
    charset: &'static Encoding,
    fonts: Vec<(i32, &'static Encoding)>,
    font: i32,
    /// There are pictures.
    pictures: bool,
    /// Letters of the document itself.
    written: usize,
    /// Files put into it, and the half of a byte of the last.
    objects: Vec<Vec<u8>>,
    nibble: Option<u8>,
}

impl<'a> Rtf<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            at: 0,
            out: String::new(),
            raw: Vec::new(),
            group: Group {
                silent: false,
                around: false,
                object: false,
                skip: 1,
                encoding: WINDOWS_1252,
            },
            groups: Vec::new(),
            deeper: 0,
            starred: false,
            stand_ins: 0,
            half: None,
            charset: WINDOWS_1252,
            fonts: Vec::new(),
            font: 0,
            pictures: false,
            written: 0,
            objects: Vec::new(),
            nibble: None,
        }
    }

    fn open(&mut self) {
        self.flush();
        self.starred = false;
        if self.groups.len() < GROUPS {
            self.groups.push(self.group);
        } else {
            self.deeper += 1;
        }
    }

    fn close(&mut self) {
        self.flush();
        self.starred = false;
        if self.deeper > 0 {
            self.deeper -= 1;
        } else if let Some(group) = self.groups.pop() {
            self.group = group;
        }
    }

    fn byte(&mut self, byte: u8) {
        if self.group.object {
            self.digit(byte);
        } else if self.stand_ins > 0 {
            self.stand_ins -= 1;
        } else if !self.group.silent {
            self.raw.push(byte);
        }
    }

    /// Of the bytes of an object, two digits are one.
    fn digit(&mut self, byte: u8) {
        let value = char::from(byte).to_digit(16).and_then(|value| u8::try_from(value).ok());
        let (Some(low), Some(object)) = (value, self.objects.last_mut()) else { return };
        match self.nibble.take() {
            Some(high) => object.push(high << 4 | low),
            None => self.nibble = Some(low),
        }
    }

    fn flush(&mut self) {
        if !self.raw.is_empty() {
            let raw = core::mem::take(&mut self.raw);
            self.write(&self.group.encoding.decode_without_bom_handling(&raw).0);
        }
        self.half = None;
    }

    fn write(&mut self, text: &str) {
        self.written += if self.group.around { 0 } else { letters(text) };
        self.out.push_str(text);
    }

    fn say(&mut self, text: &str) {
        self.flush();
        if !self.group.silent {
            self.out.push_str(text);
        }
    }

    fn control(&mut self) {
        let Some(&first) = self.bytes.get(self.at) else { return };
        if !first.is_ascii_alphabetic() {
            self.at += 1;
            match first {
                b'\'' => self.hex(),
                b'*' => self.starred = true,
                b'~' => self.say("\u{a0}"),
                b'_' => self.say("-"),
                b'\r' | b'\n' => self.say("\n"),
                b'-' | b'|' | b':' => {}
                other => self.byte(other),
            }
            return;
        }
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let letters = rest.iter().take(WORD).take_while(|byte| byte.is_ascii_alphabetic()).count();
        let word = String::from_utf8_lossy(rest.get(..letters).unwrap_or_default()).into_owned();
        let rest = rest.get(letters..).unwrap_or_default();
        let minus = usize::from(rest.first() == Some(&b'-'));
        let digits =
            rest.iter().skip(minus).take(10).take_while(|byte| byte.is_ascii_digit()).count();
        let number = core::str::from_utf8(rest.get(..minus + digits).unwrap_or_default());
        let number: Option<i32> = number.ok().and_then(|number| number.parse().ok());
        let used = if digits > 0 { minus + digits } else { 0 };
        self.at += letters + used;
        if rest.get(used) == Some(&b' ') {
            self.at += 1;
        }
        self.word(&word, number);
    }

    fn hex(&mut self) {
        let digits = self.bytes.get(self.at..self.at + 2).unwrap_or_default();
        let value =
            core::str::from_utf8(digits).ok().and_then(|hex| u8::from_str_radix(hex, 16).ok());
        if let Some(value) = value {
            self.at += 2;
            self.byte(value);
        }
    }

    fn word(&mut self, word: &str, number: Option<i32>) {
        let starred = core::mem::take(&mut self.starred);
        self.pictures |= word == "pict";
        if word == "info" || word.starts_with("header") || word.starts_with("footer") {
            // `headery` and `footery` say where they stand, and begin no text.
            self.group.around |= !word.ends_with('y');
        }
        match word {
            "par" | "line" | "sect" | "page" | "row" | "nestrow" => self.say("\n"),
            "tab" | "cell" | "nestcell" => self.say("\t"),
            "emdash" | "endash" => self.say("-"),
            "lquote" | "rquote" => self.say("'"),
            "ldblquote" | "rdblquote" => self.say("\""),
            "bullet" => self.say("• "),
            "u" => self.unicode(number.unwrap_or_default()),
            "uc" => self.group.skip = usize::try_from(number.unwrap_or(1)).unwrap_or(0).min(16),
            "bin" => {
                self.at = self.at.saturating_add(usize::try_from(number.unwrap_or(0)).unwrap_or(0))
            }
            "ansicpg" => self.codepage(number.unwrap_or_default()),
            "f" | "fcharset" | "cpg" => self.of_font(word, number.unwrap_or_default()),
            "objdata" => {
                self.silence();
                self.group.object = true;
                self.nibble = None;
                self.objects.push(Vec::new());
            }
            _ if SILENT.contains(&word) => self.silence(),
            _ if starred && !SPOKEN.contains(&word) => self.silence(),
            _ if TITLES.contains(&word) => {
                self.flush();
                self.group.silent = false;
                self.out.push('\n');
            }
            _ if SPOKEN.contains(&word) => self.say("\n"),
            _ => {}
        }
    }

    fn silence(&mut self) {
        self.flush();
        self.group.silent = true;
    }

    fn unicode(&mut self, number: i32) {
        let half = self.half.take();
        self.flush();
        self.stand_ins = self.group.skip;
        // Numbers over 32767 are written as negative ones.
        let Ok(unit) = u16::try_from(number & 0xffff) else { return };
        if self.group.silent {
            return;
        }
        if (0xd800..0xdc00).contains(&unit) {
            self.half = Some(unit);
            return;
        }
        let units: Vec<u16> = half.into_iter().chain([unit]).collect();
        self.write(&String::from_utf16_lossy(&units));
    }

    fn codepage(&mut self, number: i32) {
        let label = format!("windows-{number}");
        let known = Encoding::for_label(label.as_bytes());
        self.charset = known.unwrap_or(WINDOWS_1252);
        self.group.encoding = self.charset;
    }

    /// A font brings a charset with it: in the table of fonts it is told, in the text it is taken.
    fn of_font(&mut self, word: &str, number: i32) {
        self.flush();
        match word {
            "f" => {
                self.font = number;
                let known = self.fonts.iter().rev().find(|(font, _)| *font == number);
                self.group.encoding = known.map_or(self.charset, |(_, encoding)| *encoding);
            }
            "fcharset" if self.fonts.len() < FONTS => {
                let label = match number {
                    161 => "windows-1253",
                    162 => "windows-1254",
                    163 => "windows-1258",
                    177 => "windows-1255",
                    178 => "windows-1256",
                    186 => "windows-1257",
                    204 => "windows-1251",
                    238 => "windows-1250",
                    128 => "shift_jis",
                    134 => "gbk",
                    _ => return,
                };
                if let Some(encoding) = Encoding::for_label(label.as_bytes()) {
                    self.fonts.push((self.font, encoding));
                }
            }
            _ => {}
        }
    }
}

/// Groups inside groups that are remembered.
const GROUPS: usize = 2_000;
const FONTS: usize = 1_000;
/// Letters of a control word; the standard has 32.
const WORD: usize = 32;
/// Destinations without text of the document.
const SILENT: [&str; 23] = [
    "fonttbl",
    "colortbl",
    "stylesheet",
    "pict",
    "themedata",
    "colorschememapping",
    "datastore",
    "latentstyles",
    "listtable",
    "listoverridetable",
    "rsidtbl",
    "generator",
    "xmlnstbl",
    "objclass",
    "filetbl",
    "revtbl",
    "fldinst",
    "info",
    "mmathPr",
    "wgrffmtfilter",
    "blipuid",
    "panose",
    "sp",
];
/// Properties of the document, inside the silent `info`.
const TITLES: [&str; 8] =
    ["title", "subject", "author", "keywords", "doccomm", "company", "category", "manager"];
/// Destinations that stand apart and are text, also behind `\*`.
const SPOKEN: [&str; 16] = [
    "footnote",
    "header",
    "headerl",
    "headerr",
    "headerf",
    "footer",
    "footerl",
    "footerr",
    "footerf",
    "annotation",
    "shptxt",
    "shpinst",
    "shp",
    "shprslt",
    "fldrslt",
    "nonshppict",
];
