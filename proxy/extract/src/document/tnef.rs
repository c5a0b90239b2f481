//! winmail.dat (MS-OXTNEF): a mail of Outlook, and the files that it hides from other programs.

use encoding_rs::Encoding;

use super::mapi::{self, Mail};
use super::{Desk, Here, open};
use crate::Reason;

pub(crate) fn read(bytes: &[u8], here: &Here, desk: &mut Desk) {
    let mut tnef = Tnef::default();
    let mut cursor = Cursor(bytes.get(6..).unwrap_or_default());
    while !cursor.0.is_empty() && desk.step(1) {
        let attribute = (|| {
            cursor.take(1)?;
            let id = cursor.u32()?;
            let size = cursor.u32()? as usize;
            let data = cursor.take(size)?;
            cursor.take(2)?;
            Some((id, data))
        })();
        let Some((id, data)) = attribute else {
            desk.cut(Reason::Damaged);
            break;
        };
        tnef.attribute(id, data);
    }
    tnef.mail.tell(here, desk);
    for (number, file) in tnef.files.into_iter().enumerate() {
        if !desk.entry() {
            break;
        }
        let name = file.name.clone().unwrap_or_else(|| format!("bijlage {}", number + 1));
        desk.file_name(&name);
        let inside = here.inside(Some(&name), "application/octet-stream", file.data.len() as u64);
        open(file.data, &inside, desk);
    }
}

#[derive(Default)]
struct Tnef<'a> {
    mail: Mail,
    files: Vec<Attached<'a>>,
    codepage: Option<&'static Encoding>,
}

#[derive(Default)]
struct Attached<'a> {
    name: Option<String>,
    data: &'a [u8],
}

impl<'a> Tnef<'a> {
    fn attribute(&mut self, id: u32, data: &'a [u8]) {
        match id {
            CODEPAGE => {
                let number = Cursor(data).u32().unwrap_or_default();
                self.codepage = Encoding::for_label(format!("windows-{number}").as_bytes());
            }
            SUBJECT => self.mail.subject = mapi::narrow(data, self.codepage),
            BODY => self.mail.body = mapi::narrow(data, self.codepage),
            PROPERTIES => self.properties(data, false),
            BEGIN_FILE => self.files.push(Attached::default()),
            FILE_NAME => {
                let name = mapi::narrow(data, self.codepage);
                if let Some(file) = self.files.last_mut() {
                    file.name.get_or_insert(name);
                }
            }
            FILE_DATA => {
                if let Some(file) = self.files.last_mut() {
                    file.data = data;
                }
            }
            FILE_PROPERTIES => self.properties(data, true),
            _ => {}
        }
    }

    fn properties(&mut self, data: &'a [u8], of_file: bool) {
        let mut cursor = Cursor(data);
        let count = cursor.u32().unwrap_or_default();
        for _ in 0..count {
            let Some((id, kind, value)) = cursor.property() else { return };
            let text = || match kind {
                0x001f => mapi::wide(value),
                _ => mapi::narrow(value, self.codepage),
            };
            match (id, of_file) {
                (mapi::NAME, true) => {
                    let name = text();
                    if let Some(file) = self.files.last_mut() {
                        file.name = Some(name);
                    }
                }
                (mapi::DATA, true) => {
                    // Sixteen bytes say what kind of object follows: a mail is a winmail.dat again.
                    let object = if kind == 0x000d { value.get(16..) } else { Some(value) };
                    if let (Some(file), Some(object)) = (self.files.last_mut(), object) {
                        file.data = object;
                    }
                }
                (mapi::SUBJECT, false) => self.mail.subject = text(),
                (mapi::BODY, false) => self.mail.body = text(),
                (mapi::HEADER, false) => self.mail.header = text(),
                (mapi::TO | mapi::CC, false) => self.mail.people.push(text()),
                (mapi::HTML, false) => self.mail.html = value.to_vec(),
                (mapi::RTF, false) => self.mail.rtf = value.to_vec(),
                _ => {}
            }
        }
    }
}

struct Cursor<'a>(&'a [u8]);

impl<'a> Cursor<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn u16(&mut self) -> Option<u16> {
        Some(u16::from_le_bytes(self.take(2)?.try_into().ok()?))
    }

    fn u32(&mut self) -> Option<u32> {
        Some(u32::from_le_bytes(self.take(4)?.try_into().ok()?))
    }

    /// A stretch with its length before it, filled up to four bytes.
    fn padded(&mut self) -> Option<&'a [u8]> {
        let size = self.u32()? as usize;
        let taken = self.take(size)?;
        let fill = size.wrapping_neg() % 4;
        self.0 = self.0.get(fill..).unwrap_or_default();
        Some(taken)
    }

    /// MS-OXTNEF section 2.1.3.4: number, kind, and the first of its values.
    fn property(&mut self) -> Option<(u16, u16, &'a [u8])> {
        let (kind, id) = (self.u16()?, self.u16()?);
        if id >= 0x8000 {
            self.take(16)?;
            if self.u32()? == 0 {
                self.take(4)?;
            } else {
                self.padded()?;
            }
        }
        let many = kind & 0x1000 != 0;
        let kind = kind & 0x0fff;
        let fixed = match kind {
            0x0002 | 0x0003 | 0x0004 | 0x000a | 0x000b => Some(4),
            0x0005 | 0x0006 | 0x0007 | 0x0014 | 0x0040 => Some(8),
            0x0048 => Some(16),
            _ => None,
        };
        let count = if many || fixed.is_none() { self.u32()? } else { 1 };
        let mut first: &[u8] = &[];
        for number in 0..count {
            let value = match fixed {
                Some(size) => self.take(size)?,
                None => self.padded()?,
            };
            if number == 0 {
                first = value;
            }
        }
        Some((id, kind, first))
    }
}

const SUBJECT: u32 = 0x0001_8004;
const BODY: u32 = 0x0002_800c;
const PROPERTIES: u32 = 0x0006_9003;
const CODEPAGE: u32 = 0x0006_9007;
const BEGIN_FILE: u32 = 0x0006_9002;
const FILE_NAME: u32 = 0x0001_8010;
const FILE_DATA: u32 = 0x0006_800f;
const FILE_PROPERTIES: u32 = 0x0006_9005;
