use core::cell::Cell;

use copies::Content;
use krilla::image::Image;

use crate::block::From;

/// The pictures of a message, within bounds.
pub(crate) struct Pictures<'a> {
    content: &'a Content,
    wanted: bool,
    /// Dots that may still be unpacked.
    left: Cell<u64>,
}

impl<'a> Pictures<'a> {
    pub(crate) fn new(content: &'a Content, wanted: bool) -> Self {
        Self { content, wanted, left: Cell::new(DOTS) }
    }

    /// A picture that can be shown.
    pub(crate) fn find(&self, from: &From) -> Option<Image> {
        if !self.wanted {
            return None;
        }
        let bytes = match from {
            From::Part(id) => &self.content.by_content_id(id)?.bytes,
            From::Here(bytes) => bytes,
        };
        let image = read(bytes)?;
        let (width, height) = image.size();
        let dots = u64::from(width) * u64::from(height);
        let left = self.left.get().checked_sub(dots)?;
        self.left.set(left);
        (dots > 0).then_some(image)
    }
}

/// Reads a picture by its first bytes, whatever it is called.
fn read(bytes: &[u8]) -> Option<Image> {
    let has = |start: &[u8]| bytes.starts_with(start);
    let data = || bytes.to_vec().into();
    let read = if has(b"\x89PNG\r\n\x1a\n") {
        Image::from_png(data(), false)
    } else if has(b"\xff\xd8\xff") {
        Image::from_jpeg(data(), false)
    } else if has(b"GIF8") {
        Image::from_gif(data(), false)
    } else if has(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
        Image::from_webp(data(), false)
    } else {
        return None;
    };
    read.ok()
}

/// Dots of all pictures of a message: ten photographs of a telephone, four bytes a dot, twice, stay within
/// the memory that the worker may have.
const DOTS: u64 = 60_000_000;
