use extract::Reason;

use super::build::*;

/// A winmail.dat with these attributes: level, number, data.
fn tnef(attributes: &[(u8, u32, Vec<u8>)]) -> Vec<u8> {
    let mut out = b"\x78\x9f\x3e\x22\x01\x00".to_vec();
    for (level, id, data) in attributes {
        out.push(*level);
        out.extend(id.to_le_bytes());
        out.extend(u32::try_from(data.len()).unwrap().to_le_bytes());
        out.extend(data);
        let sum = data.iter().fold(0_u16, |sum, byte| sum.wrapping_add(u16::from(*byte)));
        out.extend(sum.to_le_bytes());
    }
    out
}

/// Properties of MAPI: number, kind, value.
fn properties(all: &[(u16, u16, Vec<u8>)]) -> Vec<u8> {
    let mut out = u32::try_from(all.len() + 2).unwrap().to_le_bytes().to_vec();
    // A number, and a named property, which a reader must step over.
    out.extend([0x03, 0, 0x17, 0, 1, 0, 0, 0]);
    out.extend([0x1e, 0, 0x01, 0x80]);
    out.extend([0; 16]);
    out.extend([1, 0, 0, 0, 6, 0, 0, 0, b'a', 0, b'b', 0, 0, 0, 0, 0]);
    out.extend([1, 0, 0, 0, 2, 0, 0, 0, b'x', 0, 0, 0]);
    for (id, kind, value) in all {
        out.extend(kind.to_le_bytes());
        out.extend(id.to_le_bytes());
        out.extend(1_u32.to_le_bytes());
        out.extend(u32::try_from(value.len()).unwrap().to_le_bytes());
        out.extend(value);
        out.extend(vec![0; value.len().wrapping_neg() % 4]);
    }
    out
}

/// Rich text as Outlook compresses it: each byte by itself, but for one stretch of the dictionary.
fn lzfu(rtf: &[u8]) -> Vec<u8> {
    // "{\rtf1\ansi" stands at the beginning of the ring.
    let begin = b"{\\rtf1\\ansi";
    let rest = rtf.strip_prefix(begin).unwrap();
    let mut packed = vec![0b0000_0001];
    packed.extend((u16::try_from(begin.len() - 2).unwrap()).to_be_bytes());
    let (first, rest) = rest.split_at(7.min(rest.len()));
    packed.extend(first);
    for group in rest.chunks(8) {
        packed.push(0);
        packed.extend(group);
    }
    let mut out = Vec::new();
    for word in [
        u32::try_from(packed.len() + 12).unwrap(),
        u32::try_from(rtf.len()).unwrap(),
        0x7546_5a4c,
        0,
    ] {
        out.extend(word.to_le_bytes());
    }
    out.extend(packed);
    out
}

#[test]
fn case_32_winmail_dat_gives_its_rich_text_and_the_files_that_it_hides() {
    let rtf = lzfu(br"{\rtf1\ansi Pati\'ebnt BSN 123456782\par}");
    let letter = docx(&paragraph("geb. 12-03-1956"));
    let bytes = tnef(&[
        (1, 0x0006_9007, 1252_u32.to_le_bytes().to_vec()),
        (1, 0x0001_8004, b"Verwijzing\0".to_vec()),
        (1, 0x0006_9003, properties(&[(0x1009, 0x0102, rtf)])),
        (2, 0x0006_9002, vec![0; 14]),
        (2, 0x0001_8010, b"BRIEF~1.DOC\0".to_vec()),
        (2, 0x0006_800f, letter),
        (2, 0x0006_9005, properties(&[(0x3707, 0x001f, wide("brief mw Jansen.docx\0"))])),
    ]);
    let words = ["Verwijzing", "Patiënt BSN 123456782", "brief mw Jansen.docx", "12-03-1956"];
    says("winmail.dat", &bytes, &words);
}

#[test]
fn a_mail_inside_winmail_dat_and_a_broken_end_are_read() {
    let inner = tnef(&[(1, 0x0002_800c, WORDS.as_bytes().to_vec())]);
    let object = [vec![0; 16], inner].concat();
    let mut bytes = tnef(&[
        (2, 0x0006_9002, vec![0; 14]),
        (2, 0x0006_9005, properties(&[(0x3701, 0x000d, object)])),
    ]);
    says("winmail.dat", &bytes, &[WORDS]);
    bytes.extend(b"\x01\x02");
    let extract = read("winmail.dat", &bytes);
    assert!(text(&extract).contains(WORDS));
    assert_eq!(reasons(&extract), [Reason::Damaged]);
}

#[test]
fn uncompressed_rich_text_is_read() {
    let rtf = br"{\rtf1 BSN 123456782}";
    let mut body = Vec::new();
    for word in [0_u32, 0, 0x414c_454d, 0] {
        body.extend(word.to_le_bytes());
    }
    body.extend(rtf);
    says(
        "winmail.dat",
        &tnef(&[(1, 0x0006_9003, properties(&[(0x1009, 0x0102, body)]))]),
        &["BSN 123456782"],
    );
}

#[test]
fn case_33_a_mail_saved_by_outlook_is_read_with_its_attachments_and_the_mail_in_it() {
    let letter = docx(&paragraph("geb. 12-03-1956"));
    let attach = "/__attach_version1.0_#00000000";
    let mail = "/__attach_version1.0_#00000001";
    let bytes = compound(&[
        ("/__properties_version1.0", vec![0; 32]),
        ("/__substg1.0_0037001F", wide("Overdracht")),
        ("/__substg1.0_1000001E", WORDS.as_bytes().to_vec()),
        (&format!("{attach}/__substg1.0_3707001F"), wide("brief.docx")),
        (&format!("{attach}/__substg1.0_37010102"), letter),
        (&format!("{mail}/__substg1.0_3001001F"), wide("Eerder")),
        (&format!("{mail}/__substg1.0_3701000D/__substg1.0_10130102"), b"<p>CVA</p>".to_vec()),
    ]);
    says("mail.msg", &bytes, &["Overdracht", WORDS, "brief.docx", "12-03-1956", "CVA"]);
}

#[test]
fn office_documents_under_a_password_and_those_of_before_2007_are_said() {
    let locked = compound(&[("/EncryptionInfo", vec![1]), ("/EncryptedPackage", vec![2])]);
    assert_eq!(reasons(&read("brief.docx", &locked)), [Reason::Encrypted]);
    let old = compound(&[("/WordDocument", vec![1])]);
    assert_eq!(reasons(&read("brief.doc", &old)), [Reason::Unsupported]);
    assert_eq!(reasons(&read("brief.doc", &old[..600])), [Reason::Damaged]);
}

#[test]
fn open_document_files_under_a_password_are_said() {
    let manifest = b"<manifest><file-entry><manifest:encryption-data/></file-entry></manifest>";
    let bytes = zip(&[
        ("mimetype", b"x"),
        ("content.xml", b"\x01\x02"),
        ("META-INF/manifest.xml", manifest),
    ]);
    assert_eq!(reasons(&read("brief.odt", &bytes)), [Reason::Encrypted]);
}

#[test]
fn every_form_of_a_body_is_read_where_it_says_something_else() {
    let rich = |text: &str| lzfu(format!("{{\\rtf1\\ansi {text}\\par}}").as_bytes());
    let msg = |html: &str, rtf: &str| {
        compound(&[
            ("/__properties_version1.0", vec![0; 32]),
            ("/__substg1.0_1000001F", wide("Zie bijlage")),
            ("/__substg1.0_10130102", html.as_bytes().to_vec()),
            ("/__substg1.0_10090102", rich(rtf)),
        ])
    };
    let winmail = |html: &str, rtf: &str| {
        let all = [
            (0x1000, 0x001f, wide("Zie bijlage\0")),
            (0x1013, 0x0102, html.as_bytes().to_vec()),
            (0x1009, 0x0102, rich(rtf)),
        ];
        tnef(&[(1, 0x0006_9003, properties(&all))])
    };
    let (html, rtf) = ("<p>Mw. Jansen, CVA</p>", "BSN 123456782");
    for (name, bytes) in [("a.msg", msg(html, rtf)), ("winmail.dat", winmail(html, rtf))] {
        says(name, &bytes, &["Zie bijlage", "Mw. Jansen, CVA", "BSN 123456782"]);
    }
    let (html, rtf) = ("<p>Zie <b>bijlage</b></p>", "Zie bijlage");
    for (name, bytes) in [("a.msg", msg(html, rtf)), ("winmail.dat", winmail(html, rtf))] {
        assert_eq!(text(&read(name, &bytes)).matches("bijlage").count(), 1, "{name}");
    }
}
