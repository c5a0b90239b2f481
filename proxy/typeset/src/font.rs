//! The fonts of a copy, and letters to glyphs. They lie in the program, so that a copy looks alike on
//! every machine and the worker's fence needs no hole for files.

use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

use krilla::text::{Font, GlyphId, KrillaGlyph};
use rustybuzz::{Direction, Face, Script, ShapePlan, UnicodeBuffer};

use crate::block::{Run, Style};

/// A font, by its place among the files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct FontId(usize);

/// The fonts, read when they are first needed.
#[derive(Default)]
pub(crate) struct Fonts {
    faces: HashMap<FontId, Option<Rc<Face<'static>>>>,
    pages: HashMap<FontId, Option<Font>>,
    known: HashMap<(char, FontId), Option<FontId>>,
    plans: HashMap<(FontId, bool, Script), Rc<ShapePlan>>,
    widths: HashMap<FontId, HashMap<String, f32>>,
    /// Characters that no font has.
    missing: BTreeSet<char>,
}

/// Text with its fonts.
#[derive(Debug, Default)]
pub(crate) struct Prepared {
    pub(crate) text: String,
    /// One after the other, without gaps.
    pub(crate) spans: Vec<(core::ops::Range<usize>, FontId)>,
}

/// Glyphs in the order in which they stand, from left to right.
pub(crate) struct Shaped {
    pub(crate) glyphs: Vec<KrillaGlyph>,
    /// In font sizes.
    pub(crate) width: f32,
}

impl Fonts {
    /// The characters for which `[U+XXXX]` stands.
    pub(crate) fn missing(&self) -> &BTreeSet<char> {
        &self.missing
    }

    /// The font for the page writer.
    pub(crate) fn page(&mut self, id: FontId) -> Option<Font> {
        let load = || Font::new(FILES.get(id.0).copied()?.into(), 0);
        self.pages.entry(id).or_insert_with(load).clone()
    }

    fn face(&mut self, id: FontId) -> Option<Rc<Face<'static>>> {
        let load = || Face::from_slice(FILES.get(id.0).copied()?, 0).map(Rc::new);
        self.faces.entry(id).or_insert_with(load).clone()
    }

    fn has(&mut self, id: FontId, c: char) -> bool {
        self.face(id).is_some_and(|face| face.glyph_index(c).is_some_and(|glyph| glyph.0 != 0))
    }

    /// The first font that has a character.
    fn pick(&mut self, c: char, base: FontId) -> Option<FontId> {
        if let Some(known) = self.known.get(&(c, base)) {
            return *known;
        }
        // Private characters mean something else in each font (PDF/A-3 section 6.2.11.7.3 forbids them).
        let private = matches!(c, '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..);
        let order = [base, REGULAR].into_iter().chain((FALLBACK..FILES.len()).map(FontId));
        let order = order.chain([MONO]);
        let found = order.filter(|_| !private).find(|id| self.has(*id, c));
        self.known.insert((c, base), found);
        found
    }

    /// Finds a font for each character; one that no font has is shown by its number, never left out.
    pub(crate) fn prepare(&mut self, runs: &[Run]) -> Prepared {
        let mut out = Prepared::default();
        for run in runs {
            let base = base(run.style);
            for c in crate::plain::harmless(&run.text).chars() {
                let last = out.spans.last().map(|(_, id)| *id);
                // Marks stay with their letter, and blanks within a stretch of Arabic or Hebrew.
                let stays = is_mark(c) || (c == ' ' && matches!(last, Some(ARABIC | HEBREW)));
                let with_last = last.filter(|id| stays && self.has(*id, c));
                let found = match c {
                    '\n' => Some(last.unwrap_or(base)),
                    c => with_last.or_else(|| self.pick(c, base)),
                };
                match found {
                    Some(id) => out.push(id, c.encode_utf8(&mut [0; 4])),
                    None => {
                        self.missing.insert(c);
                        out.push(base, &format!("[U+{:04X}]", u32::from(c)));
                    }
                }
            }
        }
        out
    }

    /// The width of text in font sizes.
    pub(crate) fn width(&mut self, id: FontId, text: &str) -> f32 {
        if let Some(width) = self.widths.get(&id).and_then(|known| known.get(text)) {
            return *width;
        }
        let width = self.shape(id, text, None).width;
        self.widths.entry(id).or_default().insert(text.to_owned(), width);
        width
    }

    /// Sets text in one font and one direction; `None` is that of its script.
    pub(crate) fn shape(&mut self, id: FontId, text: &str, right_to_left: Option<bool>) -> Shaped {
        let Some(face) = self.face(id) else {
            return Shaped { glyphs: Vec::new(), width: 0.0 };
        };
        let mut buffer = UnicodeBuffer::new();
        buffer.push_str(text);
        if let Some(reversed) = right_to_left {
            buffer.set_direction(if reversed {
                Direction::RightToLeft
            } else {
                Direction::LeftToRight
            });
        }
        buffer.guess_segment_properties();
        let (direction, script) = (buffer.direction(), buffer.script());
        let plan = self.plans.entry((id, direction == Direction::RightToLeft, script));
        let new = || Rc::new(ShapePlan::new(&face, direction, Some(script), None, &[]));
        let plan = Rc::clone(plan.or_insert_with(new));
        let output = rustybuzz::shape_with_plan(&face, &plan, buffer);
        let em = f32::from(i16::try_from(face.units_per_em()).unwrap_or(1000));
        // A cluster's text goes up to where the next one begins.
        let mut starts: Vec<usize> =
            output.glyph_infos().iter().map(|one| one.cluster as usize).collect();
        starts.sort_unstable();
        starts.dedup();
        let mut width = 0.0;
        let glyphs =
            output.glyph_infos().iter().zip(output.glyph_positions()).map(|(info, place)| {
                let start = info.cluster as usize;
                let next = starts.partition_point(|one| *one <= start);
                let end = starts.get(next).copied().unwrap_or(text.len());
                let part = |units: i32| units as f32 / em;
                width += part(place.x_advance);
                KrillaGlyph::new(
                    GlyphId::new(info.glyph_id),
                    part(place.x_advance),
                    part(place.x_offset),
                    part(place.y_offset),
                    part(place.y_advance),
                    start..end,
                    None,
                )
            });
        let glyphs = glyphs.collect();
        Shaped { glyphs, width }
    }
}

impl Prepared {
    fn push(&mut self, id: FontId, text: &str) {
        let start = self.text.len();
        self.text.push_str(text);
        let end = self.text.len();
        match self.spans.last_mut() {
            Some((range, last)) if *last == id => range.end = end,
            _ => self.spans.push((start..end, id)),
        }
    }
}

fn base(style: Style) -> FontId {
    match style {
        Style { mono: true, .. } => MONO,
        Style { bold: true, .. } => BOLD,
        Style { .. } => REGULAR,
    }
}

/// Marks that stand on the letter before them, of the scripts that the fonts have.
pub(crate) fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{483}'..='\u{489}' | '\u{591}'..='\u{5bd}' | '\u{5bf}'
        | '\u{5c1}'..='\u{5c2}' | '\u{610}'..='\u{61a}' | '\u{64b}'..='\u{65f}' | '\u{670}'
        | '\u{6d6}'..='\u{6ed}' | '\u{900}'..='\u{903}' | '\u{93a}'..='\u{94f}' | '\u{1ab0}'..='\u{1aff}'
        | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20ff}' | '\u{3099}'..='\u{309a}' | '\u{fe20}'..='\u{fe2f}'
        | '\u{1f3fb}'..='\u{1f3ff}')
}

const REGULAR: FontId = FontId(0);
const BOLD: FontId = FontId(1);
const MONO: FontId = FontId(2);
const ARABIC: FontId = FontId(3);
const HEBREW: FontId = FontId(4);
/// The first of those that are asked only for what the others do not have; the mono font is the last,
/// for the signs of mathematics.
const FALLBACK: usize = 3;

/// Where each comes from and its licence: `fonts/README.md`.
const FILES: [&[u8]; 15] = [
    include_bytes!("../fonts/NotoSans-Regular.ttf"),
    include_bytes!("../fonts/NotoSans-Bold.ttf"),
    include_bytes!("../fonts/DejaVuSansMono.ttf"),
    include_bytes!("../fonts/NotoNaskhArabic-Regular.ttf"),
    include_bytes!("../fonts/NotoSansHebrew-Regular.ttf"),
    include_bytes!("../fonts/NotoSansArmenian-Regular.ttf"),
    include_bytes!("../fonts/NotoSansDevanagari-Regular.ttf"),
    include_bytes!("../fonts/NotoSansEthiopic-Regular.ttf"),
    include_bytes!("../fonts/NotoSansGeorgian-Regular.ttf"),
    include_bytes!("../fonts/NotoSansThai-Regular.ttf"),
    include_bytes!("../fonts/NotoEmoji-Regular.ttf"),
    include_bytes!("../fonts/NotoSansSymbols-Regular.ttf"),
    include_bytes!("../fonts/NotoSansSymbols2-Regular.ttf"),
    include_bytes!("../fonts/DroidSansFallbackFull.ttf"),
    include_bytes!("../fonts/NanumSquareR.ttf"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_font_and_its_licence_stand_in_the_notice_that_goes_with_the_programs() {
        let notice = include_str!("../../../NOTICE");
        let files = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/fonts")).unwrap();
        let mut fonts = 0;
        for path in files.map(|file| file.unwrap().path()) {
            let name = path.file_name().and_then(|name| name.to_str()).unwrap();
            if name.ends_with(".ttf") {
                assert!(notice.contains(name), "{name}");
                fonts += 1;
            } else if name.ends_with(".txt") {
                let licence = std::fs::read_to_string(&path).unwrap();
                assert!(notice.contains(licence.trim_end()), "{name}");
            }
        }
        assert_eq!(fonts, FILES.len());
    }

    #[test]
    fn what_no_font_has_is_shown_by_its_number() {
        let mut fonts = Fonts::default();
        let prepared = fonts.prepare(&[Run::plain("a\u{e000}\u{13000}b")]);
        assert_eq!(prepared.text, "a[U+E000][U+13000]b");
        assert_eq!(fonts.missing().iter().collect::<String>(), "\u{e000}\u{13000}");
    }

    #[test]
    fn the_scripts_of_patients_are_there() {
        let mut fonts = Fonts::default();
        let text = "Müller Łódź Ωμέγα Боль şüphe العربية עברית 中文 にほん 😀👍🏽 ❤ → ✓ € हिन्दी ትግርኛ Հայ ქარ ไทย";
        assert_eq!(fonts.prepare(&[Run::plain(text)]).text, text);
        assert!(fonts.missing().is_empty(), "{:?}", fonts.missing());
    }

    #[test]
    fn signs_that_clinicians_write_and_korean_are_there() {
        let mut fonts = Fonts::default();
        let text = "RR ≥ 140, HbA1c ≤ 53, ≠ ≈ ± × ÷ ∞ √ ∑ Δ ∆ ↑ ↓ ⇒ ∅ ♂ ♀ ° ‰ µ ½ ⅓ ² ⁻ ☐ ☑ 환자는 괜찮습니다";
        for style in [Style::default(), Style { bold: true, mono: false }] {
            assert_eq!(fonts.prepare(&[Run { text: text.to_owned(), style }]).text, text);
        }
        assert!(fonts.missing().is_empty(), "{:?}", fonts.missing());
    }

    #[test]
    fn letters_of_arabic_join() {
        let mut fonts = Fonts::default();
        let prepared = fonts.prepare(&[Run::plain("بيت")]);
        let (_, id) = prepared.spans[0];
        let joined = fonts.shape(id, "بيت", Some(true));
        let alone: f32 =
            ["ب", "ي", "ت"].iter().map(|one| fonts.shape(id, one, Some(true)).width).sum();
        assert!(joined.width < alone, "{} {alone}", joined.width);
    }
}
