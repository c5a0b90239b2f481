//! Compound files (MS-CFB): which of the programs that write them wrote this one.

use std::io::{Cursor, Read};

use cfb::CompoundFile;

use super::{Desk, Here, msg};
use crate::Reason;

/// A compound file in memory.
pub(super) type Compound<'a> = CompoundFile<Cursor<&'a [u8]>>;

pub(crate) fn read(bytes: &[u8], here: &Here, desk: &mut Desk) {
    let Ok(mut file) = CompoundFile::open(Cursor::new(bytes)) else {
        desk.opaque(here, Reason::Damaged);
        return;
    };
    if file.exists("/EncryptedPackage") || file.exists("/EncryptionInfo") {
        // MS-OFFCRYPTO section 2.3: an office document under a password.
        desk.opaque(here, Reason::Encrypted);
    } else if file.exists("/__properties_version1.0") || file.exists("/__nameid_version1.0") {
        msg::read(&mut file, here, desk);
    } else {
        // Word, Excel and PowerPoint before 2007.
        desk.opaque(here, Reason::Unsupported);
    }
}

/// The bytes of a stream, within what is left.
pub(super) fn stream(file: &mut Compound<'_>, path: &str, desk: &mut Desk) -> Option<Vec<u8>> {
    let stream = file.open_stream(path).ok()?;
    let left = usize::try_from(desk.unpacked_left()).unwrap_or(usize::MAX);
    let limit = desk.bounds().file.min(left);
    let mut out = Vec::new();
    let read = stream.take(limit as u64 + 1).read_to_end(&mut out);
    desk.unpacked(out.len());
    if out.len() > limit {
        desk.cut(Reason::TooLarge);
        return None;
    }
    if read.is_err() {
        desk.cut(Reason::Damaged);
    }
    Some(out)
}
