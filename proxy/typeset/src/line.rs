//! A paragraph to lines: breaks, fonts, and both directions of writing.

use core::ops::Range;

use krilla::text::KrillaGlyph;
use unicode_bidi::{BidiClass, BidiInfo, bidi_class};

use crate::block::Run;
use crate::font::{FontId, Fonts, Prepared, is_mark};

/// A line; lengths in points from its left end.
pub(crate) struct Line {
    /// In the order of reading.
    pub(crate) pieces: Vec<Piece>,
}

/// A stretch of one font and direction.
pub(crate) struct Piece {
    pub(crate) font: FontId,
    pub(crate) x: f32,
    pub(crate) glyphs: Vec<KrillaGlyph>,
    pub(crate) text: String,
}

/// Breaks text into lines of at most this width.
pub(crate) fn lines(fonts: &mut Fonts, runs: &[Run], size: f32, room: f32) -> Vec<Line> {
    let prepared = fonts.prepare(runs);
    let mut out = Vec::new();
    let mut start = 0;
    for text in prepared.text.split('\n') {
        let stretch = Stretch {
            range: start..start + text.len(),
            bidi: turns(text).then(|| BidiInfo::new(text, None)),
            prepared: &prepared,
            size,
            room,
        };
        start += text.len() + 1;
        for range in stretch.broken(fonts) {
            out.push(stretch.set(fonts, range));
        }
    }
    out
}

/// The width of the longest word, and that of the longest line where nothing is broken.
pub(crate) fn widths(fonts: &mut Fonts, runs: &[Run], size: f32) -> (f32, f32) {
    let prepared = fonts.prepare(runs);
    let (mut word, mut line) = (0.0_f32, 0.0_f32);
    let mut start = 0;
    for text in prepared.text.split('\n') {
        let mut sum = 0.0;
        for part in segments(text) {
            let visible = part.start
                ..part.start + text.get(part.clone()).unwrap_or_default().trim_end().len();
            let at = |range: &Range<usize>| start + range.start..start + range.end;
            word = word.max(measure(fonts, &prepared, at(&visible)) * size);
            sum += measure(fonts, &prepared, at(&part)) * size;
        }
        line = line.max(sum);
        start += text.len() + 1;
    }
    (word, line)
}

/// A line of the text, as its author ended it.
struct Stretch<'a> {
    prepared: &'a Prepared,
    range: Range<usize>,
    bidi: Option<BidiInfo<'a>>,
    size: f32,
    room: f32,
}

impl Stretch<'_> {
    fn text(&self) -> &str {
        self.prepared.text.get(self.range.clone()).unwrap_or_default()
    }

    /// The lines as ranges within the stretch: broken between words, and within a word that is longer
    /// than a line.
    fn broken(&self, fonts: &mut Fonts) -> Vec<Range<usize>> {
        let text = self.text();
        let mut out = Vec::new();
        let (mut start, mut width) = (0, 0.0);
        for part in segments(text) {
            let words = text.get(part.clone()).unwrap_or_default();
            let seen = part.start..part.start + words.trim_end().len();
            let visible = self.measure(fonts, seen);
            if width + visible > self.room && part.start > start {
                out.push(start..part.start);
                (start, width) = (part.start, 0.0);
            }
            if visible <= self.room {
                width += self.measure(fonts, part);
                continue;
            }
            for (at, c) in words.char_indices() {
                let step = self.measure(fonts, part.start + at..part.start + at + c.len_utf8());
                if width + step > self.room && part.start + at > start && !is_mark(c) && c != ' ' {
                    out.push(start..part.start + at);
                    (start, width) = (part.start + at, 0.0);
                }
                width += step;
            }
        }
        if start < text.len() || out.is_empty() {
            out.push(start..text.len());
        }
        out
    }

    fn measure(&self, fonts: &mut Fonts, range: Range<usize>) -> f32 {
        let at = self.range.start + range.start..self.range.start + range.end;
        measure(fonts, self.prepared, at) * self.size
    }

    /// Sets one line: stretches of one direction in their places, told in the order of reading.
    fn set(&self, fonts: &mut Fonts, range: Range<usize>) -> Line {
        let paragraph = self.bidi.as_ref().and_then(|bidi| Some((bidi, bidi.paragraphs.first()?)));
        let runs = match paragraph {
            Some((bidi, paragraph)) if !range.is_empty() => {
                let (levels, runs) = bidi.visual_runs(paragraph, range.clone());
                let reversed =
                    |run: &Range<usize>| levels.get(run.start).is_some_and(|level| level.is_rtl());
                runs.into_iter().map(|run| (reversed(&run), run)).collect()
            }
            _ => vec![(false, range.clone())],
        };
        let mut pieces: Vec<(usize, Piece)> = Vec::new();
        let mut x = 0.0;
        for (reversed, run) in runs {
            let mut parts = self.fonts_of(run);
            if reversed {
                parts.reverse();
            }
            for (part, font) in parts {
                let text = self.prepared.text.get(part.clone()).unwrap_or_default();
                let direction = self.bidi.as_ref().map(|_| reversed);
                let shaped = fonts.shape(font, text, direction);
                pieces.push((
                    part.start,
                    Piece { font, x, glyphs: shaped.glyphs, text: text.to_owned() },
                ));
                x += shaped.width * self.size;
            }
        }
        // Text that begins on the right stands on the right; the blanks at its end are on its left.
        if paragraph.is_some_and(|(_, paragraph)| paragraph.level.is_rtl()) {
            for (_, piece) in &mut pieces {
                piece.x += self.room - x;
            }
        }
        pieces.sort_by_key(|(start, _)| *start);
        Line { pieces: pieces.into_iter().map(|(_, piece)| piece).collect() }
    }

    /// The fonts of a range within the stretch; the ranges that come out are those of the whole text.
    fn fonts_of(&self, range: Range<usize>) -> Vec<(Range<usize>, FontId)> {
        let range = self.range.start + range.start..self.range.start + range.end;
        overlap(self.prepared, &range).collect()
    }
}

fn overlap<'a>(
    prepared: &'a Prepared,
    range: &Range<usize>,
) -> impl Iterator<Item = (Range<usize>, FontId)> + use<'a> {
    let range = range.clone();
    let first = prepared.spans.partition_point(|(span, _)| span.end <= range.start);
    let spans = prepared.spans.iter().skip(first).take_while({
        let end = range.end;
        move |(span, _)| span.start < end
    });
    spans.map(move |(span, font)| (span.start.max(range.start)..span.end.min(range.end), *font))
}

/// In font sizes.
fn measure(fonts: &mut Fonts, prepared: &Prepared, range: Range<usize>) -> f32 {
    overlap(prepared, &range)
        .map(|(part, font)| fonts.width(font, prepared.text.get(part).unwrap_or_default()))
        .sum()
}

/// Stretches after which a line may end: words with their blanks, and each letter of scripts that are
/// written without any (UAX 14, the rules that text of mail needs).
fn segments(text: &str) -> impl Iterator<Item = Range<usize>> {
    let mut chars = text.char_indices().peekable();
    core::iter::from_fn(move || {
        let (start, mut last) = chars.next()?;
        loop {
            let Some((at, next)) = chars.peek().copied() else {
                return Some(start..text.len());
            };
            let ends = match (last, next) {
                (' ', ' ') => false,
                (' ', _) => true,
                ('-', next) => next.is_alphabetic(),
                (last, next) => {
                    (is_wide(last) || is_wide(next))
                        && next != ' '
                        && !CLOSING.contains(next)
                        && !OPENING.contains(last)
                }
            };
            if ends {
                return Some(start..at);
            }
            last = next;
            chars.next();
        }
    })
}

/// Chinese and Japanese, and emoji.
fn is_wide(c: char) -> bool {
    matches!(c, '\u{2e80}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{ff00}'..='\u{ffef}'
        | '\u{1f300}'..='\u{1f3fa}' | '\u{1f400}'..='\u{1faff}' | '\u{20000}'..='\u{3ffff}')
}

/// Whether text is written from right to left, as its first letter has it (UAX 9, rule P2); `None` where
/// it has no letter.
pub(crate) fn direction(text: &str) -> Option<bool> {
    text.chars().find_map(|c| match bidi_class(c) {
        BidiClass::L => Some(false),
        BidiClass::R | BidiClass::AL => Some(true),
        _ => None,
    })
}

/// Whether anything in it is written from right to left.
fn turns(text: &str) -> bool {
    text.chars().any(|c| matches!(c, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{feff}' | '\u{10800}'..='\u{10fff}' | '\u{1e800}'..='\u{1efff}'))
}

/// What does not begin a line.
const CLOSING: &str = "、。，．！？：；）」』】〉》〕］｝)]},.!?:;";
/// What does not end one.
const OPENING: &str = "（「『【〈《〔［｛([{";

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str, room: f32) -> Vec<String> {
        let mut fonts = Fonts::default();
        let lines = lines(&mut fonts, &[Run::plain(text)], 10.0, room);
        lines
            .iter()
            .map(|line| line.pieces.iter().map(|piece| piece.text.as_str()).collect())
            .collect()
    }

    #[test]
    fn lines_end_between_words_and_lose_nothing() {
        let text = "De patiënt komt over twee weken terug op het spreekuur.";
        let broken = texts(text, 100.0);
        assert!(broken.len() > 2);
        assert!(
            broken.iter().all(|line| line.trim_end().split(' ').all(|word| text.contains(word)))
        );
        assert_eq!(broken.concat(), text);
    }

    #[test]
    fn a_word_without_end_is_cut_and_loses_nothing() {
        let text = "w".repeat(500);
        let broken = texts(&text, 100.0);
        assert!(broken.len() > 20);
        assert_eq!(broken.concat(), text);
    }

    #[test]
    fn chinese_breaks_without_blanks_and_not_before_its_stop() {
        let broken = texts(&"患者需要复诊。".repeat(12), 100.0);
        assert!(
            broken.len() > 3 && broken.iter().all(|line| !line.starts_with('。')),
            "{broken:?}"
        );
    }

    #[test]
    fn right_to_left_text_stands_on_the_right_and_numbers_in_it_read_on() {
        let mut fonts = Fonts::default();
        let line = &lines(&mut fonts, &[Run::plain("הערך 58 גבוה")], 10.0, 300.0)[0];
        let first = &line.pieces[0];
        let number = line.pieces.iter().find(|piece| piece.text.contains("58")).unwrap();
        let last = line.pieces.last().unwrap();
        assert!(first.x > number.x && number.x > last.x, "from right to left");
        assert!(last.x > 150.0, "on the right: {}", last.x);
    }

    #[test]
    fn every_line_fits() {
        let mut fonts = Fonts::default();
        let text =
            "een twee-drie https://voorbeeld.nl/een/heel/lang/pad/zonder/blanks 中文字符 عربي طويل"
                .repeat(5);
        for line in lines(&mut fonts, &[Run::plain(text)], 10.0, 120.0) {
            let visible: f32 = line
                .pieces
                .iter()
                .map(|piece| fonts.shape(piece.font, piece.text.trim_end(), None).width * 10.0)
                .sum();
            assert!(visible <= 125.0, "{visible}");
        }
    }
}
