//! Compound files (MS-CFB): which of the programs that write them wrote this one.

use std::io::{Cursor, Read};

use cfb::CompoundFile;

use super::{Desk, Here, mapi, msg, open};
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
    } else if file.exists("/Equation Native") {
        // A formula in an office document holds no words.
    } else if let Some((name, bytes)) = packaged(&mut file, desk) {
        let inside = here.inside(name.as_deref(), "application/octet-stream", bytes.len() as u64);
        open(&bytes, &inside, desk);
    } else {
        // Word, Excel and PowerPoint before 2007.
        desk.opaque(here, Reason::Unsupported);
    }
}

/// The file that an office document keeps in an object (MS-OLEDS): as it is, or behind its name.
fn packaged(file: &mut Compound<'_>, desk: &mut Desk) -> Option<(Option<String>, Vec<u8>)> {
    for place in ["/Package", "/CONTENTS"] {
        if let Some(bytes) = stream(file, place, desk) {
            return Some((None, bytes));
        }
    }
    let native = stream(file, "/\u{1}Ole10Native", desk)?;
    package(native.get(4..)?)
}

/// The file in what the packager of Windows wrote, behind its size: names, then the file.
pub(super) fn package(native: &[u8]) -> Option<(Option<String>, Vec<u8>)> {
    let mut rest = native.get(2..)?;
    let word = |rest: &mut &[u8]| {
        let end = rest.iter().position(|byte| *byte == 0)?;
        let (word, after) = rest.split_at(end);
        *rest = after.get(1..)?;
        Some(mapi::narrow(word, None))
    };
    let name = word(&mut rest)?;
    word(&mut rest)?;
    rest = rest.get(8..)?;
    word(&mut rest)?;
    let size = u32::from_le_bytes(rest.get(..4)?.try_into().ok()?) as usize;
    let bytes = rest.get(4..)?;
    Some((Some(name), bytes.get(..size).unwrap_or(bytes).to_vec()))
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
