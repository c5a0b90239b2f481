//! Objects as rich text embeds them (MS-OLEDS section 2.2): a header, and the document of the program that
//! made it.

use super::{Desk, Here, compound, open};
use crate::Reason;

/// Reads the document in an object; one that is linked, or in another form, is told.
pub(super) fn read(bytes: &[u8], here: &Here, desk: &mut Desk) {
    let Some((class, data)) = embedded(bytes) else {
        desk.opaque(here, Reason::Unsupported);
        return;
    };
    // The packager of Windows writes as it does into a stream of an object, less the size before it.
    let package = (class == b"Package").then(|| compound::package(data)).flatten();
    let (name, content) = package.unwrap_or_else(|| (None, data.to_vec()));
    if let Some(name) = &name {
        desk.file_name(name);
    }
    let inside = here.inside(name.as_deref(), "application/octet-stream", content.len() as u64);
    open(&content, &inside, desk);
}

/// Class and data of an object that is embedded.
fn embedded(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut rest = bytes.get(4..)?;
    if take(&mut rest, 4)? != EMBEDDED {
        return None;
    }
    let class = counted(&mut rest)?;
    let class = class.strip_suffix(b"\0").unwrap_or(class);
    let (_topic, _item) = (counted(&mut rest)?, counted(&mut rest)?);
    Some((class, counted(&mut rest)?))
}

/// What stands behind its length.
fn counted<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let length = u32::from_le_bytes(take(rest, 4)?.try_into().ok()?);
    take(rest, usize::try_from(length).ok()?)
}

fn take<'a>(rest: &mut &'a [u8], count: usize) -> Option<&'a [u8]> {
    let (taken, after) = rest.split_at_checked(count)?;
    *rest = after;
    Some(taken)
}

const EMBEDDED: &[u8] = &[2, 0, 0, 0];
