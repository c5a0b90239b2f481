use core::ops::Range;

use memchr::{memchr, memmem};

use super::{ContentType, Cut, Disposition, Encoding, Limits, Part, Tree};
use crate::Field;

/// Makes the tree in one pass over the lines that can be boundaries or headers.
pub(super) fn scan(bytes: &[u8], limits: Limits) -> Tree {
    let mut scan = Scan {
        bytes,
        depth: limits.depth.clamp(1, DEPTH_MOST),
        parts_left: limits.parts,
        open: Vec::new(),
        cuts: Vec::new(),
    };
    let mut at = scan.begin(0, Default::Text);
    while let Some(line) = scan.next_dashes(at) {
        at = match scan.delimiter(&bytes[line.clone()]) {
            None => line.end,
            Some((level, Delimiter::Close)) => {
                scan.end_above(level, line.start);
                scan.open[level].place = Place::Epilogue { from: line.end };
                scan.open[level].part.closed = true;
                line.end
            }
            Some((level, Delimiter::Next)) => {
                scan.end_above(level, line.start);
                scan.begin_next(level, line)
            }
        };
    }
    scan.finish()
}

/// Ranges of the header fields in that header.
pub(super) fn fields(bytes: &[u8], header: Range<usize>) -> Vec<Range<usize>> {
    let mut fields: Vec<Range<usize>> = Vec::new();
    let mut at = header.start;
    while at < header.end {
        let end = line_end(bytes, at).min(header.end);
        match fields.last_mut() {
            Some(last) if matches!(bytes[at], b' ' | b'\t') => last.end = end,
            _ => fields.push(at..end),
        }
        at = end;
    }
    fields
}

struct Scan<'a> {
    bytes: &'a [u8],
    depth: usize,
    parts_left: usize,
    /// The parts that have begun and not ended, outermost first.
    open: Vec<Open>,
    cuts: Vec<Cut>,
}

struct Open {
    part: Part,
    /// Where this part is; a leaf and a message/rfc822 stay in `Whole`.
    place: Place,
    boundary: Vec<u8>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Whole,
    Preamble,
    Children,
    Epilogue { from: usize },
}

enum Delimiter {
    Next,
    Close,
}

/// The type of a part that names none.
#[derive(Clone, Copy)]
enum Default {
    Text,
    Message,
}

impl Scan<'_> {
    /// Reads the header at `at` and opens the part, and the message in it where it is a
    /// message/rfc822; gives where to go on.
    fn begin(&mut self, mut at: usize, mut default: Default) -> usize {
        loop {
            self.parts_left = self.parts_left.saturating_sub(1);
            let (header, body) = self.header(at);
            let part = read(self.bytes, header, body, default);
            let boundary = part.content_type.boundary();
            let multipart = part.is_multipart() && boundary.is_some();
            let message = part.is_message();
            let mut open =
                Open { part, place: Place::Whole, boundary: boundary.unwrap_or_default() };
            let room = self.room(multipart || message);
            if room && multipart {
                open.place = Place::Preamble;
                open.part.closed = false;
            }
            self.open.push(open);
            if !(room && message) {
                return body;
            }
            at = body;
            default = Default::Text;
        }
    }

    /// True where the part that is about to open may have children.
    fn room(&mut self, wanted: bool) -> bool {
        if !wanted {
            return false;
        }
        if self.open.len() + 1 >= self.depth {
            self.cut(Cut::TooDeep);
            return false;
        }
        if self.parts_left == 0 {
            self.cut(Cut::TooMany);
            return false;
        }
        true
    }

    fn begin_next(&mut self, level: usize, line: Range<usize>) -> usize {
        let before = before_line_end(self.bytes, line.start);
        let parent = &mut self.open[level];
        if parent.place == Place::Preamble {
            let start = parent.part.body.start;
            parent.part.preamble = start..before.max(start);
        }
        if self.parts_left == 0 {
            parent.place = Place::Epilogue { from: line.start };
            self.cut(Cut::TooMany);
            return line.end;
        }
        parent.place = Place::Children;
        let digest = parent.part.content_type.subtype == "digest";
        let default = if digest { Default::Message } else { Default::Text };
        self.begin(line.end, default)
    }

    fn cut(&mut self, cut: Cut) {
        if !self.cuts.contains(&cut) {
            self.cuts.push(cut);
        }
    }

    /// The header that begins at `at`, and where the body begins.
    fn header(&self, at: usize) -> (Range<usize>, usize) {
        let mut next = at;
        while next < self.bytes.len() {
            let end = line_end(self.bytes, next);
            let line = &self.bytes[next..end];
            if line == b"\r\n" || line == b"\n" {
                return (at..next, end);
            }
            let boundary = line.starts_with(b"--") && self.delimiter(line).is_some();
            let folded = next > at && matches!(line[0], b' ' | b'\t');
            if boundary || !(folded || Field::starts(line)) {
                break;
            }
            next = end;
        }
        (at..next, next)
    }

    /// The next line from `at` (where a line begins) that starts with two hyphens.
    fn next_dashes(&self, at: usize) -> Option<Range<usize>> {
        if !self.open.iter().any(Open::awaits_boundary) {
            return None;
        }
        let rest = self.bytes.get(at..)?;
        let start =
            if rest.starts_with(b"--") { at } else { at + memmem::find(rest, b"\n--")? + 1 };
        Some(start..line_end(self.bytes, start))
    }

    /// Whose delimiter the line is: the innermost first, then outwards.
    fn delimiter(&self, line: &[u8]) -> Option<(usize, Delimiter)> {
        // Transport may have added blanks (RFC 2046 section 5.1.1).
        let line = line.get(2..)?.trim_ascii_end();
        self.open.iter().enumerate().rev().find_map(|(level, open)| {
            if !open.awaits_boundary() {
                return None;
            }
            match line.strip_prefix(open.boundary.as_slice())? {
                b"" => Some((level, Delimiter::Next)),
                b"--" => Some((level, Delimiter::Close)),
                _ => None,
            }
        })
    }

    /// Ends the parts inside that level before the boundary line at `line`.
    fn end_above(&mut self, level: usize, line: usize) {
        let end = before_line_end(self.bytes, line);
        while self.open.len() > level + 1 {
            self.end_last(end);
        }
    }

    fn end_last(&mut self, end: usize) {
        let Some(open) = self.open.pop() else { return };
        let part = open.ended(end);
        if let Some(parent) = self.open.last_mut() {
            parent.part.children.push(part);
        }
    }

    fn finish(mut self) -> Tree {
        let end = self.bytes.len();
        while self.open.len() > 1 {
            self.end_last(end);
        }
        let root = match self.open.pop() {
            Some(open) => open.ended(end),
            None => read(self.bytes, 0..0, 0, Default::Text),
        };
        Tree { root, cuts: self.cuts }
    }
}

impl Open {
    fn awaits_boundary(&self) -> bool {
        matches!(self.place, Place::Preamble | Place::Children)
    }

    /// The part with its end; a boundary may follow so close that even the header is cut.
    fn ended(self, end: usize) -> Part {
        let mut part = self.part;
        let end = end.max(part.whole.start);
        let clip = |range: Range<usize>| range.start.min(end)..range.end.min(end);
        part.whole.end = end;
        part.header = clip(part.header);
        part.body = part.body.start.min(end)..end;
        part.preamble = clip(part.preamble);
        part.epilogue = match self.place {
            Place::Epilogue { from } => from.min(end)..end,
            _ => end..end,
        };
        part
    }
}

impl Part {
    fn is_multipart(&self) -> bool {
        self.content_type.kind == "multipart" && self.encoding.is_identity()
    }

    fn is_message(&self) -> bool {
        self.content_type.kind == "message"
            && matches!(self.content_type.subtype.as_str(), "rfc822" | "global")
            && self.encoding.is_identity()
    }
}

fn read(bytes: &[u8], header: Range<usize>, body: usize, default: Default) -> Part {
    let mut content_type = None;
    let mut encoding = None;
    let mut disposition = None;
    for range in fields(bytes, header.clone()) {
        let field = Field::new(&bytes[range]);
        if content_type.is_none() && field.is("content-type") {
            content_type = Some(ContentType::parse(field.value()));
        } else if encoding.is_none() && field.is("content-transfer-encoding") {
            encoding = Some(Encoding::parse(field.value()));
        } else if disposition.is_none() && field.is("content-disposition") {
            disposition = Some(Disposition::parse(field.value()));
        }
    }
    Part {
        whole: header.start..bytes.len(),
        header,
        body: body..bytes.len(),
        preamble: body..body,
        epilogue: body..body,
        content_type: content_type.unwrap_or_else(|| match default {
            Default::Text => ContentType::absent("text", "plain"),
            Default::Message => ContentType::absent("message", "rfc822"),
        }),
        encoding: encoding.unwrap_or(Encoding::SevenBit),
        disposition,
        children: Vec::new(),
        closed: true,
    }
}

fn line_end(bytes: &[u8], at: usize) -> usize {
    memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |n| at + n + 1)
}

/// The line end before a boundary belongs to the boundary (RFC 2046 section 5.1.1).
fn before_line_end(bytes: &[u8], line: usize) -> usize {
    let before = &bytes[..line];
    let before = before.strip_suffix(b"\n").unwrap_or(before);
    before.strip_suffix(b"\r").unwrap_or(before).len()
}

/// Walking and dropping a tree recurses: 200 levels take some 100 kB of stack.
const DEPTH_MOST: usize = 200;
