//! What a page paints beside letters of a font (ISO 32000-1 sections 8.5 to 8.9): letters may be drawn
//! as outlines.

/// Counts what is painted.
#[derive(Debug, Default)]
pub(super) struct Paint {
    /// Lines and curves of the path under construction.
    path: usize,
    /// Rectangles of it.
    boxes: usize,
    strokes: usize,
}

impl Paint {
    /// Takes an operator; those that paint no path are passed over.
    pub(super) fn see(&mut self, operator: &[u8]) {
        match operator {
            b"l" | b"c" | b"v" | b"y" => self.path += 1,
            b"re" => self.boxes += 1,
            b"S" | b"s" | b"f" | b"F" | b"f*" | b"B" | b"B*" | b"b" | b"b*" => {
                self.strokes += self.path + self.boxes;
                (self.path, self.boxes) = (0, 0);
            }
            // What is painted through letters shows them; a frame for a column shows nothing.
            b"W" | b"W*" => {
                self.strokes += self.path;
                (self.path, self.boxes) = (0, 0);
            }
            b"n" => (self.path, self.boxes) = (0, 0),
            b"sh" => self.strokes += 1,
            _ => {}
        }
    }

    /// A picture: letters may be pictures one by one.
    pub(super) fn picture(&mut self) {
        self.strokes += 1;
    }

    /// There is enough of it to be writing, on a page that shows so many letters of a font.
    pub(super) fn may_be_letters(&self, shown: usize) -> bool {
        self.strokes > if shown == 0 { BLANK } else { DRAWING }
    }
}

/// Strokes of an empty page: its ground, a frame, a rule.
const BLANK: usize = 8;
/// Strokes of a page that has its number only.
const DRAWING: usize = 200;
