//! Small writers of the formats that the tests read.

use std::io::{Cursor, Write};

use extract::{Bounds, Extract, File, Reason};
use flate2::Compression;
use flate2::write::DeflateEncoder;

/// Words that every reader must bring out.
pub(crate) const WORDS: &str = "Mw. Jansen, BSN 123456782, heeft diabetes";

pub(crate) fn file(name: &str, bytes: &[u8]) -> File {
    File {
        after: 0,
        name: Some(name.to_owned()),
        content_type: "application/octet-stream".to_owned(),
        encoded: bytes.len() as u64,
        bytes: bytes.to_vec(),
    }
}

pub(crate) fn read(name: &str, bytes: &[u8]) -> Extract {
    extract::read(&file(name, bytes), &Bounds::default())
}

pub(crate) fn text(extract: &Extract) -> String {
    extract.pieces.iter().map(|piece| piece.text.as_str()).collect::<Vec<_>>().join("\n")
}

pub(crate) fn reasons(extract: &Extract) -> Vec<Reason> {
    extract.opaque.iter().filter(|one| one.document).map(|one| one.reason).collect()
}

/// The file says these words, and nothing of it stays unread.
pub(crate) fn says(name: &str, bytes: &[u8], words: &[&str]) {
    let extract = read(name, bytes);
    let text = text(&extract);
    for word in words {
        assert!(text.contains(word), "{name} lacks {word:?}: {text:?} {:?}", extract.opaque);
    }
    assert_eq!(reasons(&extract), [], "{name}");
}

/// A zip archive.
pub(crate) fn zip(files: &[(&str, &[u8])]) -> Vec<u8> {
    let files: Vec<Stored<'_>> =
        files.iter().map(|(name, bytes)| Stored::new(name, bytes)).collect();
    archive(&files)
}

/// An entry as it lies in an archive.
pub(crate) struct Stored<'a> {
    name: &'a str,
    pub(crate) flags: u16,
    pub(crate) method: u16,
    packed: Vec<u8>,
    size: u32,
}

impl<'a> Stored<'a> {
    pub(crate) fn new(name: &'a str, bytes: &[u8]) -> Self {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).unwrap();
        let packed = encoder.finish().unwrap();
        Self { name, flags: 0, method: 8, packed, size: u32::try_from(bytes.len()).unwrap() }
    }

    /// Without compression.
    pub(crate) fn as_it_is(name: &'a str, bytes: &[u8]) -> Self {
        Self { method: 0, packed: bytes.to_vec(), ..Self::new(name, bytes) }
    }
}

pub(crate) fn archive(files: &[Stored<'_>]) -> Vec<u8> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for file in files {
        let at = u32::try_from(out.len()).unwrap();
        let mut common = Vec::new();
        for word in [20, file.flags, file.method, 0, 0] {
            common.extend(word.to_le_bytes());
        }
        for word in [0, u32::try_from(file.packed.len()).unwrap(), file.size] {
            common.extend(word.to_le_bytes());
        }
        common.extend(u16::try_from(file.name.len()).unwrap().to_le_bytes());
        common.extend([0, 0]);
        out.extend(b"PK\x03\x04");
        out.extend(&common);
        out.extend(file.name.as_bytes());
        out.extend(&file.packed);
        directory.extend(b"PK\x01\x02\x14\0");
        directory.extend(&common);
        directory.extend([0; 10]);
        directory.extend(at.to_le_bytes());
        directory.extend(file.name.as_bytes());
    }
    let begin = u32::try_from(out.len()).unwrap();
    let count = u16::try_from(files.len()).unwrap();
    out.extend(&directory);
    out.extend(b"PK\x05\x06\0\0\0\0");
    out.extend(count.to_le_bytes());
    out.extend(count.to_le_bytes());
    out.extend(u32::try_from(directory.len()).unwrap().to_le_bytes());
    out.extend(begin.to_le_bytes());
    out.extend([0, 0]);
    out
}

/// An office document: its parts beside the one that every such document has.
pub(crate) fn office(parts: &[(&str, &str)]) -> Vec<u8> {
    let mut files: Vec<(&str, &[u8])> = vec![("[Content_Types].xml", b"<Types/>")];
    files.extend(parts.iter().map(|(name, text)| (*name, text.as_bytes())));
    zip(&files)
}

/// A text document with this in its body.
pub(crate) fn docx(body: &str) -> Vec<u8> {
    let document = format!("<w:document><w:body>{body}</w:body></w:document>");
    office(&[("word/document.xml", &document)])
}

pub(crate) fn paragraph(text: &str) -> String {
    format!("<w:p><w:r><w:t>{text}</w:t></w:r></w:p>")
}

/// A compound file with these streams; storages are made as they are named.
pub(crate) fn compound(streams: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut file = cfb::CompoundFile::create(Cursor::new(Vec::new())).unwrap();
    for (path, bytes) in streams {
        if let Some((folder, _)) = path.rsplit_once('/').filter(|(folder, _)| !folder.is_empty()) {
            file.create_storage_all(folder).unwrap();
        }
        file.create_stream(path).unwrap().write_all(bytes).unwrap();
    }
    file.into_inner().into_inner()
}

pub(crate) fn wide(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}
