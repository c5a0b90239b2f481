//! What the pages show, in the order in which they show it.

use std::collections::HashMap;
use std::rc::Rc;

use lopdf::{Dictionary, Document, Object, ObjectId, Stream};

use super::super::Desk;
use super::font::Font;
use super::join::join;
use super::lex::{Lexer, Word};
use super::paint::Paint;
use super::{is_torn, unpack};
use crate::Reason;

/// The text of all pages, and what could not be read of them.
#[derive(Debug, Default)]
pub(super) struct Pages {
    pub(super) text: String,
    pub(super) count: usize,
    /// Pages that are a picture and have no text.
    pub(super) pictures: usize,
    /// Pages with letters of which nobody can tell what they are, drawn ones among them.
    pub(super) unmapped: usize,
}

pub(super) fn read(document: &Document, desk: &mut Desk) -> Pages {
    let mut ids: Vec<ObjectId> = document.page_iter().take(PAGES).collect();
    if ids.is_empty() {
        let is_page = |object: &Object| object.as_dict().is_ok_and(|page| page.has_type(b"Page"));
        let found = document.objects.iter().filter(|(_, object)| is_page(object));
        ids = found.map(|(id, _)| *id).take(PAGES).collect();
    }
    let mut reader = Reader { document, fonts: HashMap::new(), page: Page::default() };
    let mut pages = Pages { count: ids.len(), ..Pages::default() };
    let (mut scans, mut drawn) = (Vec::new(), Vec::new());
    for (number, id) in ids.iter().enumerate() {
        let Ok(page) = document.get_dictionary(*id) else { continue };
        reader.page = Page::default();
        reader.read(page, desk);
        let Page { text, shown, lost, covered, paint, .. } = &reader.page;
        pages.text.push_str(text);
        pages.text.push('\n');
        pages.unmapped += usize::from(*lost > FEW && lost * 5 > *shown);
        if *shown <= FEW && *covered >= COVERED {
            scans.push(number);
        } else if *shown <= FEW && *lost <= FEW && paint.may_be_letters(*shown) {
            drawn.push(number);
        }
        if !desk.step(1) {
            break;
        }
    }
    // The covers of a booklet are pictures, and it is no scan for that.
    let read = pages.count.saturating_sub(scans.len() + drawn.len());
    let cover = |number: &usize| read >= BOOKLET && (*number == 0 || number + 1 == pages.count);
    pages.pictures = scans.iter().filter(|number| !cover(number)).count();
    pages.unmapped += drawn.iter().filter(|number| !cover(number)).count();
    pages.text = join(&pages.text);
    pages
}

/// One page, while it is read.
#[derive(Default)]
struct Page {
    text: String,
    shown: usize,
    lost: usize,
    /// How much of the page pictures cover.
    covered: f64,
    area: f64,
    paint: Paint,
    /// Where the last letter ended, and how high it was.
    end: Option<(f64, f64, f64)>,
}

struct Reader<'a> {
    document: &'a Document,
    fonts: HashMap<ObjectId, Rc<Font>>,
    page: Page,
}

/// A transformation (section 8.3.3).
type Matrix = [f64; 6];
const IDENTITY: Matrix = [1.0, 0.0, 0.0, 1.0, 0.0, 0.0];

fn times(a: &Matrix, b: &Matrix) -> Matrix {
    [
        a[0] * b[0] + a[1] * b[2],
        a[0] * b[1] + a[1] * b[3],
        a[2] * b[0] + a[3] * b[2],
        a[2] * b[1] + a[3] * b[3],
        a[4] * b[0] + a[5] * b[2] + b[4],
        a[4] * b[1] + a[5] * b[3] + b[5],
    ]
}

/// The part of the graphics state that text hangs on.
#[derive(Clone)]
struct State {
    matrix: Matrix,
    font: Option<Rc<Font>>,
    size: f64,
    leading: f64,
    letter_space: f64,
    word_space: f64,
    scale: f64,
}

/// A content stream, while it is read.
struct Run {
    state: State,
    kept: Vec<State>,
    line: Matrix,
    text: Matrix,
}

impl Reader<'_> {
    fn read(&mut self, page: &Dictionary, desk: &mut Desk) {
        let of_page = |key: &[u8]| inherited(page, key, self.document);
        let resources = of_page(b"Resources").and_then(|found| found.as_dict().ok());
        let empty = Dictionary::new();
        let frame = of_page(b"MediaBox").and_then(|found| found.as_array().ok());
        let side =
            |at: usize| frame.and_then(|frame| Some(f64::from(frame.get(at)?.as_float().ok()?)));
        let sides = (side(0), side(1), side(2), side(3));
        self.page.area = match sides {
            (Some(left), Some(low), Some(right), Some(high)) => {
                ((right - left) * (high - low)).abs()
            }
            _ => 595.0 * 842.0,
        };
        let mut content = Vec::new();
        let contents = page.get_deref(b"Contents", self.document).ok();
        let parts: Vec<&Object> = match contents {
            Some(Object::Array(parts)) => parts.iter().collect(),
            other => other.into_iter().collect(),
        };
        for part in parts {
            let stream =
                self.document.dereference(part).ok().and_then(|(_, part)| part.as_stream().ok());
            if let Some(bytes) = stream.and_then(|stream| self.content(stream, desk)) {
                content.extend_from_slice(&bytes);
                content.push(b'\n');
            }
        }
        self.run(&content, resources.unwrap_or(&empty), IDENTITY, 0, desk);
    }

    /// What is to be painted; where it does not unpack, or not to its end, that is said.
    fn content(&self, stream: &Stream, desk: &mut Desk) -> Option<Vec<u8>> {
        let content = unpack(stream, self.document, desk);
        if content.is_none() || is_torn(stream) {
            desk.cut(Reason::Damaged);
        }
        content
    }

    fn run(
        &mut self,
        content: &[u8],
        resources: &Dictionary,
        matrix: Matrix,
        depth: usize,
        desk: &mut Desk,
    ) {
        let state = State {
            matrix,
            font: None,
            size: 1.0,
            leading: 0.0,
            letter_space: 0.0,
            word_space: 0.0,
            scale: 1.0,
        };
        let mut run = Run { state, kept: Vec::new(), line: IDENTITY, text: IDENTITY };
        let mut lexer = Lexer::new(content);
        let mut operands: Vec<Word> = Vec::new();
        while let Some(word) = lexer.next() {
            let Word::Operator(operator) = word else {
                if operands.len() < OPERANDS {
                    operands.push(word);
                }
                continue;
            };
            if !desk.step(1 + operands.len() / 4) {
                return;
            }
            match operator.as_slice() {
                b"ID" => {
                    lexer.skip_image();
                    self.page.picture(&run.state.matrix);
                }
                b"EI" | b"BI" => {}
                b"Do" => self.object(&operands, resources, &run, depth, desk),
                b"Tf" => {
                    if let [Word::Name(name), Word::Number(size), ..] = operands.as_slice() {
                        run.state.font = self.font(name, resources, desk);
                        run.state.size = *size;
                    }
                }
                b"Tj" | b"TJ" | b"'" | b"\"" => self.show(&operator, &operands, &mut run),
                other => {
                    self.page.paint.see(other);
                    run.operator(other, &numbers(&operands));
                }
            }
            operands.clear();
        }
    }

    fn object(
        &mut self,
        operands: &[Word],
        resources: &Dictionary,
        run: &Run,
        depth: usize,
        desk: &mut Desk,
    ) {
        let Some(Word::Name(name)) = operands.first() else { return };
        let document = self.document;
        let objects = resources.get_deref(b"XObject", document).and_then(Object::as_dict);
        let Ok(object) = objects.and_then(|objects| objects.get_deref(name, document)) else {
            return;
        };
        let Ok(stream) = object.as_stream() else { return };
        match stream.dict.get(b"Subtype").and_then(Object::as_name) {
            Ok(b"Image") => self.page.picture(&run.state.matrix),
            Ok(b"Form") if depth < DEPTH => {
                let Some(content) = self.content(stream, desk) else { return };
                let own = stream.dict.get_deref(b"Resources", document).and_then(Object::as_dict);
                let matrix = stream.dict.get_deref(b"Matrix", document).and_then(Object::as_array);
                let matrix = matrix.ok().and_then(|items| matrix_of(items)).unwrap_or(IDENTITY);
                let matrix = times(&matrix, &run.state.matrix);
                self.run(&content, own.unwrap_or(resources), matrix, depth + 1, desk);
            }
            Ok(b"Form") => desk.cut(Reason::TooDeep),
            _ => {}
        }
    }

    fn font(&mut self, name: &[u8], resources: &Dictionary, desk: &mut Desk) -> Option<Rc<Font>> {
        let fonts = resources.get_deref(b"Font", self.document).and_then(Object::as_dict).ok()?;
        let id = fonts.get(name).and_then(Object::as_reference).ok();
        if let Some(known) = id.and_then(|id| self.fonts.get(&id)) {
            return Some(Rc::clone(known));
        }
        let font = fonts.get_deref(name, self.document).and_then(Object::as_dict).ok()?;
        let font = Rc::new(Font::of(font, self.document, desk));
        if let Some(id) = id {
            self.fonts.insert(id, Rc::clone(&font));
        }
        Some(font)
    }

    fn show(&mut self, operator: &[u8], operands: &[Word], run: &mut Run) {
        if operator == b"'" || operator == b"\"" {
            if let [word, letter, ..] = numbers(operands).as_slice() {
                (run.state.word_space, run.state.letter_space) = (*word, *letter);
            }
            run.next_line(0.0, -run.state.leading);
        }
        match operands.last() {
            Some(Word::String(string)) => self.string(string, run),
            Some(Word::Array(items)) => {
                for item in items {
                    match item {
                        Word::String(string) => self.string(string, run),
                        Word::Number(back) => run.advance(-back / 1000.0 * run.state.size),
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }

    fn string(&mut self, string: &[u8], run: &mut Run) {
        let Some(font) = run.state.font.clone() else {
            self.page.lost += string.len();
            return;
        };
        let page = &mut self.page;
        page.come_to(run);
        font.letters(string, |glyph| {
            match glyph.text {
                Some(text) => {
                    page.text.push_str(text);
                    page.shown += usize::from(!text.trim().is_empty());
                }
                None => page.lost += 1,
            }
            let space =
                run.state.letter_space + if glyph.blank { run.state.word_space } else { 0.0 };
            run.advance(glyph.wide * run.state.size + space);
            if run.state.letter_space > run.state.size * GAP && glyph.text.is_some() {
                // Widely set letters are one word all the same: nothing is put between them.
                page.end = None;
            }
        });
        page.end = Some(run.place());
    }
}

impl Page {
    /// A picture fills the unit square (section 8.9.3).
    fn picture(&mut self, [a, b, c, d, ..]: &Matrix) {
        self.covered += (a * d - b * c).abs() / self.area.max(1.0);
        self.paint.picture();
    }

    /// The gap between the last letter and the next: nothing, a blank or a new line.
    fn come_to(&mut self, run: &Run) {
        let (x, y, height) = run.place();
        let Some((last_x, last_y, last_height)) = self.end else { return };
        let at = times(&run.text, &run.state.matrix);
        let length = at[0].hypot(at[1]).max(f64::MIN_POSITIVE);
        let (along_x, along_y) = (at[0] / length, at[1] / length);
        let (dx, dy) = (x - last_x, y - last_y);
        let along = dx * along_x + dy * along_y;
        let across = (dy * along_x - dx * along_y).abs();
        let height = height.max(last_height).max(f64::MIN_POSITIVE);
        if across > height * LINE {
            self.text.push('\n');
        } else if along > height * WIDE_GAP {
            self.text.push('\t');
        } else if (along > height * GAP || along < -height)
            && !self.text.ends_with([' ', '\n', '\t'])
        {
            self.text.push(' ');
        }
    }
}

impl Run {
    /// Where the next letter stands, and how high it is.
    fn place(&self) -> (f64, f64, f64) {
        let at = times(&self.text, &self.state.matrix);
        (at[4], at[5], at[2].hypot(at[3]) * self.state.size.abs())
    }

    fn advance(&mut self, wide: f64) {
        let by = [1.0, 0.0, 0.0, 1.0, wide * self.state.scale, 0.0];
        self.text = times(&by, &self.text);
    }

    fn next_line(&mut self, x: f64, y: f64) {
        self.line = times(&[1.0, 0.0, 0.0, 1.0, x, y], &self.line);
        self.text = self.line;
    }

    fn operator(&mut self, operator: &[u8], numbers: &[f64]) {
        match (operator, numbers) {
            (b"q", _) if self.kept.len() < KEPT => self.kept.push(self.state.clone()),
            (b"Q", _) => {
                if let Some(state) = self.kept.pop() {
                    self.state = state;
                }
            }
            (b"cm", [a, b, c, d, e, f]) => {
                self.state.matrix = times(&[*a, *b, *c, *d, *e, *f], &self.state.matrix);
            }
            (b"BT", _) => (self.line, self.text) = (IDENTITY, IDENTITY),
            (b"Td", [x, y]) => self.next_line(*x, *y),
            (b"TD", [x, y]) => {
                self.state.leading = -y;
                self.next_line(*x, *y);
            }
            (b"Tm", [a, b, c, d, e, f]) => {
                self.line = [*a, *b, *c, *d, *e, *f];
                self.text = self.line;
            }
            (b"T*", _) => self.next_line(0.0, -self.state.leading),
            (b"TL", [leading]) => self.state.leading = *leading,
            (b"Tc", [space]) => self.state.letter_space = *space,
            (b"Tw", [space]) => self.state.word_space = *space,
            (b"Tz", [percent]) => self.state.scale = percent / 100.0,
            _ => {}
        }
    }
}

fn numbers(operands: &[Word]) -> Vec<f64> {
    let numbers = operands.iter().filter_map(|word| match word {
        Word::Number(number) => Some(*number),
        _ => None,
    });
    numbers.take(6).collect()
}

fn matrix_of(items: &[Object]) -> Option<Matrix> {
    let numbers: Vec<f64> =
        items.iter().filter_map(|item| item.as_float().ok().map(f64::from)).take(6).collect();
    numbers.try_into().ok()
}

/// An entry of a page or of what is above it in the tree (section 7.7.3.4).
fn inherited<'a>(page: &'a Dictionary, key: &[u8], document: &'a Document) -> Option<&'a Object> {
    let mut node = page;
    for _ in 0..TREE {
        if let Ok(found) = node.get_deref(key, document) {
            return Some(found);
        }
        node = node.get_deref(b"Parent", document).and_then(Object::as_dict).ok()?;
    }
    None
}

/// Pages that are looked at.
const PAGES: usize = 20_000;
/// Levels of the page tree.
const TREE: usize = 64;
/// Forms inside forms.
const DEPTH: usize = 10;
/// Graphics states that are remembered.
const KEPT: usize = 512;
/// Operands of one operator.
const OPERANDS: usize = 4_096;
/// Of the height of a letter: what parts words, columns and lines.
const GAP: f64 = 0.18;
const WIDE_GAP: f64 = 2.0;
const LINE: f64 = 0.5;
/// Letters that a scan may have: a stamp, a page number.
const FEW: usize = 12;
/// Of the page, what a picture must cover to be a scan of it.
const COVERED: f64 = 0.4;
/// Pages with text from which a document is a booklet, whose covers may be pictures.
const BOOKLET: usize = 8;
