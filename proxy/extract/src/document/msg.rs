//! A mail as Outlook saves it (MS-OXMSG): each property is a stream, each attachment a storage.

use super::compound::{Compound, stream};
use super::mapi::{self, Mail};
use super::{Desk, Here, open};
use crate::Reason;

pub(crate) fn read(file: &mut Compound<'_>, here: &Here, desk: &mut Desk) {
    storage(file, "/", here, desk);
}

/// A mail at its place: the root, or an attachment that is a mail.
fn storage(file: &mut Compound<'_>, place: &str, here: &Here, desk: &mut Desk) {
    let Ok(entries) = file.read_storage(place) else {
        desk.cut(Reason::Damaged);
        return;
    };
    let names: Vec<(String, bool)> =
        entries.map(|entry| (entry.name().to_owned(), entry.is_storage())).take(ENTRIES).collect();
    let mut mail = Mail::default();
    for (name, _) in names.iter().filter(|(_, storage)| !storage) {
        let Some((id, kind)) = property(name) else { continue };
        if !WANTED.contains(&id) {
            continue;
        }
        let Some(bytes) = stream(file, &format!("{place}{name}"), desk) else { continue };
        let text = || if kind == 0x001f { mapi::wide(&bytes) } else { mapi::narrow(&bytes, None) };
        match id {
            mapi::SUBJECT => mail.subject = text(),
            mapi::BODY => mail.body = text(),
            mapi::HEADER => mail.header = text(),
            mapi::TO | mapi::CC | mapi::SENDER => mail.people.push(text()),
            mapi::HTML if kind == 0x001f => mail.html = text().into_bytes(),
            mapi::HTML => mail.html = bytes,
            mapi::RTF => mail.rtf = bytes,
            _ => {}
        }
    }
    mail.tell(here, desk);
    for (name, is_storage) in names {
        if is_storage && name.starts_with("__attach_version1.0") {
            if !desk.entry() {
                return;
            }
            attachment(file, &format!("{place}{name}/"), here, desk);
        }
    }
}

fn attachment(file: &mut Compound<'_>, place: &str, here: &Here, desk: &mut Desk) {
    let name = [mapi::NAME, mapi::SHORT_NAME, mapi::DISPLAY_NAME].iter().find_map(|id| {
        let wide = stream(file, &format!("{place}__substg1.0_{id:04X}001F"), desk);
        let narrow = |file: &mut Compound<'_>, desk: &mut Desk| {
            stream(file, &format!("{place}__substg1.0_{id:04X}001E"), desk)
        };
        match wide {
            Some(bytes) => Some(mapi::wide(&bytes)),
            None => narrow(file, desk).map(|bytes| mapi::narrow(&bytes, None)),
        }
    });
    let name = name.unwrap_or_else(|| "bijlage".to_owned());
    desk.file_name(&name);
    if let Some(bytes) = stream(file, &format!("{place}__substg1.0_37010102"), desk) {
        let inside = here.inside(Some(&name), "application/octet-stream", bytes.len() as u64);
        open(&bytes, &inside, desk);
        return;
    }
    let inside = here.inside(Some(&name), "application/vnd.ms-outlook", 0);
    if inside.depth > desk.bounds().depth {
        desk.opaque(&inside, Reason::TooDeep);
    } else if file.is_storage(format!("{place}__substg1.0_3701000D")) {
        storage(file, &format!("{place}__substg1.0_3701000D/"), &inside, desk);
    } else {
        // A link to a file elsewhere, or one that is gone.
        desk.opaque(&inside, Reason::Unsupported);
    }
}

/// `__substg1.0_0037001F`: the number of a property and the kind of its value.
fn property(name: &str) -> Option<(u16, u16)> {
    let tag = name.strip_prefix("__substg1.0_")?;
    let id = u16::from_str_radix(tag.get(..4)?, 16).ok()?;
    Some((id, u16::from_str_radix(tag.get(4..8)?, 16).ok()?))
}

const WANTED: [u16; 8] = [
    mapi::SUBJECT,
    mapi::BODY,
    mapi::HEADER,
    mapi::TO,
    mapi::CC,
    mapi::SENDER,
    mapi::HTML,
    mapi::RTF,
];
/// Streams and storages of one mail.
const ENTRIES: usize = 10_000;
