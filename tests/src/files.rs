//! Files to attach, made byte by byte, and mails that carry them.

use std::fmt::Write as _;
use std::io::Write as _;

use flate2::Compression;
use flate2::write::DeflateEncoder;

use crate::raw::base64;

/// A zip archive of these files. Larger ones than 4 GiB have no place in a test.
#[must_use]
pub fn zip(files: &[(&str, &[u8])]) -> Vec<u8> {
    let four = |size: usize| u32::try_from(size).unwrap_or(u32::MAX).to_le_bytes();
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for (name, bytes) in files {
        let packed = deflate(bytes);
        let at = four(out.len());
        let mut common = vec![20, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        for size in [packed.len(), bytes.len(), name.len()] {
            common.extend(four(size));
        }
        out.extend([b"PK\x03\x04", common.as_slice(), name.as_bytes(), &packed].concat());
        directory.extend([b"PK\x01\x02\x14\0", common.as_slice(), &[0; 10], &at].concat());
        directory.extend(name.as_bytes());
    }
    let begin = out.len();
    let count = u16::try_from(files.len()).unwrap_or(u16::MAX).to_le_bytes();
    out.extend(&directory);
    out.extend([b"PK\x05\x06\0\0\0\0".as_slice(), &count, &count].concat());
    out.extend([four(directory.len()), four(begin)].concat());
    out.extend([0, 0]);
    out
}

fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    // A Vec takes all that it is given.
    let _ = encoder.write_all(bytes);
    encoder.finish().unwrap_or_default()
}

/// A text document with these paragraphs.
#[must_use]
pub fn docx(text: &str) -> Vec<u8> {
    docx_with(text, &[])
}

/// The same with a picture in it.
#[must_use]
pub fn docx_with(text: &str, picture: &[u8]) -> Vec<u8> {
    let mut body = String::from("<w:document>");
    for line in text.lines() {
        let _ = write!(body, "<w:p><w:r><w:t>{line}</w:t></w:r></w:p>");
    }
    body.push_str("</w:document>");
    zip(&[
        ("[Content_Types].xml", b"<Types/>"),
        ("word/document.xml", body.as_bytes()),
        ("word/media/image1.png", picture),
    ])
}

/// A workbook of one sheet with these rows of text.
#[must_use]
pub fn xlsx(rows: &[Vec<String>]) -> Vec<u8> {
    let mut sheet = String::from("<worksheet><sheetData>");
    for row in rows {
        sheet.push_str("<row>");
        for cell in row {
            let _ = write!(sheet, "<c t=\"inlineStr\"><is><t>{cell}</t></is></c>");
        }
        sheet.push_str("</row>");
    }
    sheet.push_str("</sheetData></worksheet>");
    zip(&[
        ("[Content_Types].xml", b"<Types/>"),
        ("xl/workbook.xml", b"<workbook><sheet name=\"Blad1\"/></workbook>"),
        ("xl/worksheets/sheet1.xml", sheet.as_bytes()),
    ])
}

/// A PDF with this text on each of its pages.
#[must_use]
pub fn pdf(text: &str, pages: usize) -> Vec<u8> {
    let mut objects = vec![
        b"<</Type/Catalog/Pages 2 0 R>>".to_vec(),
        Vec::new(),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>".to_vec(),
    ];
    let mut kids = String::new();
    let lines: String = text.lines().map(|line| format!("({line}) Tj T* ")).collect();
    for _ in 0..pages {
        let number = objects.len() + 1;
        let content = format!("BT /F 10 Tf 12 TL 50 790 Td {lines}ET");
        let page = format!("<</Type/Page/Parent 2 0 R/Contents {} 0 R>>", number + 1);
        let stream = format!("<</Length {}>>stream\n{content}\nendstream", content.len());
        objects.extend([page.into_bytes(), stream.into_bytes()]);
        let _ = write!(kids, "{number} 0 R ");
    }
    objects[1] = format!(
        "<</Type/Pages/Kids[{kids}]/Count {pages}/MediaBox[0 0 595 842]/Resources<</Font<</F 3 0 R>>>>>>"
    )
    .into_bytes();
    let mut out = b"%PDF-1.7\n".to_vec();
    let mut places = String::new();
    for (number, object) in objects.iter().enumerate() {
        let _ = writeln!(places, "{:010} 00000 n ", out.len());
        out.extend(format!("{} 0 obj\n", number + 1).into_bytes());
        out.extend([object.as_slice(), b"\nendobj\n"].concat());
    }
    let (begin, size) = (out.len(), objects.len() + 1);
    let end = format!(
        "xref\n0 {size}\n0000000000 65535 f \n{places}trailer\n<</Size {size}/Root 1 0 R>>\nstartxref\n{begin}\n%%EOF\n"
    );
    out.extend(end.into_bytes());
    out
}

/// Bytes that no program makes smaller, as those of a photo.
#[must_use]
pub fn noise(size: usize) -> Vec<u8> {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    };
    let mut out: Vec<u8> = (0..size / 8).flat_map(|_| next()).collect();
    out.truncate(size);
    out
}

/// A mail with this text and these files.
#[must_use]
pub fn attached(text: &str, files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut out = format!(
        "Subject: zie bijlage\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n\
        --b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n"
    );
    for (name, bytes) in files {
        let _ = write!(
            out,
            "--b\r\nContent-Type: application/octet-stream; name=\"{name}\"\r\n\
            Content-Transfer-Encoding: base64\r\n\r\n"
        );
        for line in base64(bytes).as_bytes().chunks(76) {
            out.push_str(&String::from_utf8_lossy(line));
            out.push_str("\r\n");
        }
    }
    out.push_str("--b--\r\n");
    out.into_bytes()
}
