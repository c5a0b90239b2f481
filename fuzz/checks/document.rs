//! What holds for every document, whatever its bytes: it is read to an end within its bounds, and twice
//! alike. Rich text, an archive without a directory, and what is called text or a document and has
//! words, give text or say why there is none; of other formats there are files with nothing in them.

use extract::{Bounds, File};

/// Reads a file of this name.
pub fn total(name: &str, bytes: &[u8]) {
    let file = File {
        after: 0,
        name: Some(name.to_owned()),
        content_type: "application/octet-stream".to_owned(),
        encoded: bytes.len() as u64,
        bytes: bytes.to_vec(),
    };
    let bounds = Bounds {
        text: 1 << 20,
        unpacked: 1 << 24,
        file: 1 << 22,
        steps: 500_000,
        ..Bounds::default()
    };
    let once = extract::read(&file, &bounds);
    assert!(once.pieces.iter().map(|piece| piece.text.len()).sum::<usize>() <= bounds.text);
    assert!(once.pieces.iter().all(|piece| !piece.text.is_empty()));
    assert!(!must_speak(name, bytes) || !once.pieces.is_empty() || !once.opaque.is_empty());
    assert_eq!(extract::read(&file, &bounds), once);
}

/// Whether reading this must give something: text, or that it could not be looked into.
fn must_speak(name: &str, bytes: &[u8]) -> bool {
    let has = |start: &[u8]| bytes.starts_with(start);
    let holds = |word: &[u8]| bytes.windows(word.len()).any(|window| window == word);
    if has(b"{\\rtf") {
        return true;
    }
    if has(b"PK\x03\x04") {
        return !holds(b"PK\x01\x02");
    }
    // Formats that may be empty, whatever the file is called.
    let others: [&[u8]; 7] = [
        b"PK",
        b"\xd0\xcf\x11\xe0",
        b"\x78\x9f\x3e\x22",
        b"\x1f\x8b\x08",
        b"\xff",
        b"\xfe",
        b"\xef",
    ];
    let plain = !others.iter().any(|start| has(start)) && !holds(b"%PDF-");
    let called = [".txt", ".pdf", ".docx", ".msg"].iter().any(|ending| name.ends_with(ending));
    // Escapes switch to other letters.
    called && plain && !bytes.contains(&0x1b) && bytes.iter().any(u8::is_ascii_alphanumeric)
}

/// A zip archive without compression: a fuzzer changes what is in it, not how it is packed.
#[allow(dead_code)]
pub fn zip(files: &[(&str, &[u8])]) -> Vec<u8> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for (name, bytes) in files {
        let at = out.len() as u32;
        let mut common = vec![20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        for size in [bytes.len(), bytes.len(), name.len()] {
            common.extend((size as u32).to_le_bytes());
        }
        out.extend([b"PK\x03\x04", common.as_slice(), name.as_bytes(), bytes].concat());
        directory.extend([b"PK\x01\x02\x14\0", common.as_slice(), &[0; 10]].concat());
        directory.extend(at.to_le_bytes());
        directory.extend(name.as_bytes());
    }
    let (begin, count) = (out.len() as u32, (files.len() as u16).to_le_bytes());
    out.extend(&directory);
    out.extend([b"PK\x05\x06\0\0\0\0".as_slice(), &count, &count].concat());
    out.extend((directory.len() as u32).to_le_bytes());
    out.extend(begin.to_le_bytes());
    out.extend([0, 0]);
    out
}
