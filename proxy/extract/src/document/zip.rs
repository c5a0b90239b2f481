//! Zip archives (APPNOTE.TXT), without trusting their sizes.

use core::ops::Range;
use std::io::Read;

use flate2::read::{DeflateDecoder, MultiGzDecoder};

use super::{Desk, Here, open};
use crate::{Reason, charset};

/// The entries of an archive.
#[derive(Debug)]
pub(crate) struct Archive<'a> {
    bytes: &'a [u8],
    pub(crate) entries: Vec<Entry>,
    /// The directory at the end could not be read, or does not tell of every entry; those were looked
    /// for one by one.
    pub(crate) damaged: bool,
}

/// One entry.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) name: String,
    method: u16,
    encrypted: bool,
    packed: usize,
    /// Where its local header begins.
    at: usize,
}

impl<'a> Archive<'a> {
    /// Reads the directory at the end, and the headers of entries that it is silent about; where it is
    /// broken, all headers.
    pub(crate) fn parse(bytes: &'a [u8], desk: &mut Desk) -> Option<Self> {
        let Some(Directory { entries, whole }) = directory(bytes, desk) else {
            let all = core::iter::once(0..bytes.len());
            let (entries, _) = headers(bytes, all, desk);
            return (!entries.is_empty()).then_some(Self { bytes, entries, damaged: true });
        };
        let mut archive = Self { bytes, entries, damaged: !whole };
        let (hidden, any) = headers(bytes, archive.gaps(), desk);
        archive.damaged |= any;
        archive.entries.extend(hidden);
        Some(archive)
    }

    /// What is in no entry of the directory: there no header of another may stand. An entry ends where
    /// the next begins, whatever its size says.
    fn gaps(&self) -> Vec<Range<usize>> {
        let mut starts: Vec<(usize, usize, usize)> = self
            .entries
            .iter()
            .filter_map(|entry| {
                let data = self.start(entry)?;
                Some((entry.at, data, data.saturating_add(entry.packed)))
            })
            .collect();
        starts.sort_unstable();
        starts.dedup_by_key(|(at, ..)| *at);
        let mut gaps = Vec::new();
        let mut from = 0;
        for (number, (at, data, end)) in starts.iter().enumerate() {
            let next = starts.get(number + 1).map_or(self.bytes.len(), |(next, ..)| *next);
            gaps.push(from..*at);
            gaps.push(*at + LOCAL.len()..(*data).min(next));
            from = (*end).min(next);
        }
        gaps.push(from..self.bytes.len());
        gaps
    }

    pub(crate) fn find(&self, name: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.name == name)
    }

    /// The content of an entry.
    ///
    /// # Errors
    /// The reason why there is none. What could be unpacked of a damaged one is given.
    pub(crate) fn content(&self, entry: &Entry, desk: &mut Desk) -> Result<Vec<u8>, Reason> {
        if entry.encrypted {
            return Err(Reason::Encrypted);
        }
        let packed = self.packed(entry).ok_or(Reason::Damaged)?;
        match entry.method {
            // As it is: it swells to nothing, but many entries may name one stretch.
            0 if packed.len() > room(desk) => Err(Reason::Expands),
            0 => {
                desk.unpacked(packed.len());
                desk.step(packed.len() / 1024);
                Ok(packed.to_vec())
            }
            8 => {
                let mut decoder = DeflateDecoder::new(packed);
                let content = inflate(&mut decoder, packed.len(), desk);
                let used = usize::try_from(decoder.total_in()).unwrap_or(usize::MAX);
                let behind = packed.get(used..).unwrap_or_default();
                if content.is_ok() && behind.windows(4).any(|window| window == LOCAL) {
                    // A size that spans the entries behind this one hides them.
                    desk.cut(Reason::Damaged);
                }
                content
            }
            _ => Err(Reason::Unsupported),
        }
    }

    fn packed(&self, entry: &Entry) -> Option<&'a [u8]> {
        let data = self.bytes.get(self.start(entry)?..)?;
        Some(data.get(..entry.packed).unwrap_or(data))
    }

    /// Where the data behind the header of an entry begin.
    fn start(&self, entry: &Entry) -> Option<usize> {
        let header = self.bytes.get(entry.at..)?;
        if !header.starts_with(LOCAL) {
            return None;
        }
        let length = 30 + usize::from(u16_at(header, 26)?) + usize::from(u16_at(header, 28)?);
        entry.at.checked_add(length)
    }
}

/// What the directory at the end says.
struct Directory {
    entries: Vec<Entry>,
    /// There are as many entries as its end record counts.
    whole: bool,
}

/// Unpacks within what is left, and sees a bomb while it swells.
pub(crate) fn inflate(
    decoder: impl Read,
    packed: usize,
    desk: &mut Desk,
) -> Result<Vec<u8>, Reason> {
    let ratio = packed.saturating_mul(desk.bounds().ratio).max(SMALL);
    let limit = ratio.min(room(desk));
    let mut out = Vec::new();
    let read = decoder.take(limit as u64 + 1).read_to_end(&mut out);
    desk.unpacked(out.len());
    desk.step(out.len() / 1024);
    if out.len() > limit {
        return Err(Reason::Expands);
    }
    match read {
        Ok(_) => Ok(out),
        Err(_) if out.is_empty() => Err(Reason::Damaged),
        Err(_) => {
            desk.cut(Reason::Damaged);
            Ok(out)
        }
    }
}

/// How much one file may still be, unpacked.
fn room(desk: &Desk) -> usize {
    let left = usize::try_from(desk.unpacked_left()).unwrap_or(usize::MAX);
    left.min(desk.bounds().file)
}

/// Every file in an archive.
pub(crate) fn read(archive: &Archive<'_>, here: &Here, desk: &mut Desk) {
    for entry in &archive.entries {
        if entry.name.ends_with('/') {
            continue;
        }
        nested(archive, entry, here, desk);
    }
}

/// One file in a container.
pub(crate) fn nested(archive: &Archive<'_>, entry: &Entry, here: &Here, desk: &mut Desk) {
    let inside = here.inside(Some(&entry.name), "application/octet-stream", entry.packed as u64);
    desk.file_name(&entry.name);
    if inside.depth > desk.bounds().depth {
        desk.opaque(&inside, Reason::TooDeep);
        return;
    }
    let outer = desk.start();
    match archive.content(entry, desk) {
        Ok(content) => open(&content, &inside, desk),
        Err(reason) => desk.opaque(&inside, reason),
    }
    desk.finish(outer, &inside);
}

/// A single file packed by gzip (RFC 1952).
pub(crate) fn gzip(bytes: &[u8], here: &Here, desk: &mut Desk) {
    let own = here.own_name();
    let name = own.strip_suffix(".gz").unwrap_or(own).to_owned();
    match inflate(MultiGzDecoder::new(bytes), bytes.len(), desk) {
        Ok(content) => {
            let inside = here.inside(Some(&name), "application/octet-stream", bytes.len() as u64);
            open(&content, &inside, desk);
        }
        Err(reason) => desk.opaque(here, reason),
    }
}

fn directory(bytes: &[u8], desk: &mut Desk) -> Option<Directory> {
    let end = end_of_directory(bytes)?;
    let count = usize::from(u16_at(bytes, end + 10)?);
    let size = u32_at(bytes, end + 12)? as usize;
    let told = u32_at(bytes, end + 16)? as usize;
    // Bytes may stand before the archive (a program that unpacks itself): the directory ends where
    // its end record begins, or where ZIP64's records begin.
    let begin = if told == u32::MAX as usize { zip64(bytes, end)? } else { end.checked_sub(size)? };
    let shift = if told == u32::MAX as usize { 0 } else { begin.checked_sub(told)? };
    let mut entries = Vec::new();
    let (mut at, mut stopped) = (begin, false);
    while bytes.get(at..)?.starts_with(CENTRAL) {
        if !desk.entry() {
            stopped = true;
            break;
        }
        let (entry, next) = central(bytes, at, shift)?;
        entries.push(entry);
        at = next;
    }
    if entries.is_empty() && count > 0 && !stopped {
        return None;
    }
    // Where ZIP64 counts, the field is full; some programs let it run round.
    let many = count == usize::from(u16::MAX);
    let whole = stopped || many || entries.len() % (1 << 16) == count;
    Some(Directory { entries, whole })
}

fn central(bytes: &[u8], at: usize, shift: usize) -> Option<(Entry, usize)> {
    let flags = u16_at(bytes, at + 8)?;
    let (name, extra) =
        (usize::from(u16_at(bytes, at + 28)?), usize::from(u16_at(bytes, at + 30)?));
    let comment = usize::from(u16_at(bytes, at + 32)?);
    let raw = bytes.get(at + 46..at + 46 + name)?;
    let more = bytes.get(at + 46 + name..at + 46 + name + extra)?;
    let (mut packed, mut offset) =
        (u64::from(u32_at(bytes, at + 20)?), u64::from(u32_at(bytes, at + 42)?));
    let unpacked = u32_at(bytes, at + 24)?;
    wide(more, unpacked, &mut packed, &mut offset);
    let entry = Entry {
        name: name_of(raw, flags),
        method: u16_at(bytes, at + 10)?,
        encrypted: flags & 1 == 1,
        packed: usize::try_from(packed).ok()?,
        at: usize::try_from(offset).ok()?.checked_add(shift)?,
    };
    Some((entry, at + 46 + name + extra + comment))
}

/// ZIP64: sizes that did not fit stand in an extra field, those that did are left out of it.
fn wide(mut extra: &[u8], unpacked: u32, packed: &mut u64, offset: &mut u64) {
    while let (Some(id), Some(size)) = (u16_at(extra, 0), u16_at(extra, 2)) {
        let end = 4 + usize::from(size);
        if id == 1 {
            let mut at = 4;
            let mut next = || {
                let value = u64_at(extra, at);
                at += 8;
                value
            };
            if unpacked == u32::MAX {
                next();
            }
            for value in [packed, offset] {
                if *value == u64::from(u32::MAX) {
                    *value = next().unwrap_or(*value);
                }
            }
            return;
        }
        extra = extra.get(end..).unwrap_or_default();
    }
}

fn zip64(bytes: &[u8], end: usize) -> Option<usize> {
    let locator = end.checked_sub(20)?;
    if bytes.get(locator..)?.starts_with(b"PK\x06\x07") {
        let record = usize::try_from(u64_at(bytes, locator + 8)?).ok()?;
        return usize::try_from(u64_at(bytes, record.checked_add(48)?)?).ok();
    }
    None
}

/// The end record stands last but for a comment of at most 64 KiB.
fn end_of_directory(bytes: &[u8]) -> Option<usize> {
    let from = bytes.len().saturating_sub(22 + 65_535);
    let tail = bytes.get(from..)?;
    let at = tail.windows(4).rposition(|window| window == b"PK\x05\x06")?;
    Some(from + at)
}

/// The headers that stand in these ranges, for entries that no directory tells of: each ends where the
/// next begins. Whether there is any is told beside those that can be read.
fn headers(
    bytes: &[u8],
    ranges: impl IntoIterator<Item = Range<usize>>,
    desk: &mut Desk,
) -> (Vec<Entry>, bool) {
    let mut starts: Vec<usize> = Vec::new();
    for range in ranges {
        let gap = bytes.get(range.clone()).unwrap_or_default();
        for (at, window) in gap.windows(4).enumerate() {
            if window == LOCAL {
                if !desk.entry() {
                    break;
                }
                starts.push(range.start + at);
            }
        }
    }
    let ends = starts.iter().skip(1).copied().chain([bytes.len()]);
    let both = starts.iter().copied().zip(ends);
    let entries = both.filter_map(|(at, end)| {
        let flags = u16_at(bytes, at + 6)?;
        let length = usize::from(u16_at(bytes, at + 26)?);
        let name = bytes.get(at + 30..at + 30 + length)?;
        let size = u32_at(bytes, at + 18)? as usize;
        let packed = if size == 0 { end - at } else { size };
        let method = u16_at(bytes, at + 8)?;
        Some(Entry { name: name_of(name, flags), method, encrypted: flags & 1 == 1, packed, at })
    });
    (entries.collect(), !starts.is_empty())
}

/// UTF-8 where the flag says so or the bytes are; else guessed like a body. Windows' own archiver
/// writes backslashes at times.
fn name_of(raw: &[u8], _flags: u16) -> String {
    charset::text(raw, None).replace('\\', "/")
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at.checked_add(2)?)?.try_into().ok()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at.checked_add(4)?)?.try_into().ok()?))
}

fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_le_bytes(bytes.get(at..at.checked_add(8)?)?.try_into().ok()?))
}

const LOCAL: &[u8] = b"PK\x03\x04";
const CENTRAL: &[u8] = b"PK\x01\x02";
/// What may come out of anything, however small it was.
const SMALL: usize = 8 * 1024 * 1024;
