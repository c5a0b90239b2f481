//! What holds for every document, whatever its bytes: it is read to an end within its bounds, twice
//! alike, and one that gives nothing says so or is empty.

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
    assert_eq!(extract::read(&file, &bounds), once);
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
