//! The MIME tree of a message as ranges of its exact bytes (RFC 2045, RFC 2046).
//!
//! Nothing is copied and nothing decoded: a signature covers bytes, and so does a finding. One pass
//! over the lines makes the tree, whatever the nesting; outer boundaries end inner parts (RFC 2046
//! section 5.1.2). Line ends are CRLF or a bare LF, and the line end before a boundary belongs to
//! the boundary (section 5.1.1). Every byte sequence has a tree; what was cut short is said.
//!
//! ```
//! use mail::{Message, mime::{self, Limits}};
//!
//! let message = Message::new(
//!     b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nhello\r\n--b--\r\n".to_vec(),
//! );
//! let tree = mime::tree(&message, Limits::default());
//! let part = &tree.root.children[0];
//! assert_eq!(&message.bytes()[part.body.clone()], b"hello");
//! ```

mod decode;
mod scan;
mod value;

use core::ops::Range;

pub use decode::{Decoded, decode};
pub use value::{ContentType, Disposition, Encoding, Parameter};

use crate::{Field, Message};

/// How far a tree may grow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Levels, the root being the first. Never more than 200, whatever is asked: parts are walked
    /// and dropped by recursion.
    pub depth: usize,
    /// Parts in all.
    pub parts: usize,
}

impl Default for Limits {
    /// 100 levels (a mail that was forwarded forty times has eighty) and 10,000 parts.
    fn default() -> Self {
        Self { depth: 100, parts: 10_000 }
    }
}

/// The tree, and what it does not show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tree {
    /// The message as a part.
    pub root: Part,
    /// Where the limits cut it; empty for a whole tree. Each kind once.
    pub cuts: Vec<Cut>,
}

/// A limit that cut the tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Cut {
    /// Too deep: the part at the last level has no children, though its type says so.
    TooDeep,
    /// Too many parts: what follows them lies in the epilogues of their parents.
    TooMany,
}

/// A part: ranges into the bytes of the message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// From the first byte of the header to the last of the body: what a signature covers.
    pub whole: Range<usize>,
    /// The header fields with their line ends, without the empty line.
    pub header: Range<usize>,
    /// What follows the empty line, still encoded.
    pub body: Range<usize>,
    /// Before the first boundary, without the line end that belongs to it. Empty in a part that
    /// has no children.
    pub preamble: Range<usize>,
    /// After the closing boundary. Empty in a part that has no children.
    pub epilogue: Range<usize>,
    /// Content-Type, or its default (RFC 2045 section 5.2, RFC 2046 section 5.1.5).
    pub content_type: ContentType,
    /// Content-Transfer-Encoding, or 7bit.
    pub encoding: Encoding,
    /// Content-Disposition (RFC 2183) where given.
    pub disposition: Option<Disposition>,
    /// The parts of a multipart; the one message of a message/rfc822.
    pub children: Vec<Part>,
    /// False for a multipart whose closing boundary is missing.
    pub closed: bool,
}

/// The tree of a message.
#[must_use]
pub fn tree(message: &Message, limits: Limits) -> Tree {
    tree_of(message.bytes(), limits)
}

/// The tree of bytes that make a message or a part, header first.
#[must_use]
pub fn tree_of(bytes: &[u8], limits: Limits) -> Tree {
    scan::scan(bytes, limits)
}

impl Part {
    /// The header fields, in order. `bytes` is what the tree was made of.
    #[must_use]
    pub fn fields<'a>(&self, bytes: &'a [u8]) -> Vec<Field<'a>> {
        scan::fields(bytes, self.header.clone())
            .into_iter()
            .map(|range| Field::new(&bytes[range]))
            .collect()
    }

    /// The body with its transfer encoding undone. `bytes` is what the tree was made of.
    #[must_use]
    pub fn decoded<'a>(&self, bytes: &'a [u8]) -> Decoded<'a> {
        decode(&self.encoding, &bytes[self.body.clone()])
    }

    /// The name of a file (RFC 2183 section 2.3, else the name parameter of RFC 2045), as it stands:
    /// encoded words (RFC 2047), which do not belong here but occur, are not undone.
    #[must_use]
    pub fn file_name(&self) -> Option<String> {
        self.disposition
            .as_ref()
            .and_then(|disposition| disposition.param("filename"))
            .or_else(|| self.content_type.param("name"))
            .map(Parameter::text)
    }
}

#[cfg(test)]
mod tests;
