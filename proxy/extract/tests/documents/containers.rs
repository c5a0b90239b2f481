use extract::{Bounds, Limits, Origin, Reason};
use mail::Message;

use super::build::*;

#[test]
fn case_27_and_28_letters_in_zips_in_zips_are_read_and_named_by_their_path() {
    let letter = docx(&paragraph(WORDS));
    let inner = zip(&[("brief.docx", &letter)]);
    let middle = zip(&[("lijst.txt", b"CVA"), ("binnen.zip", &inner)]);
    let extract = read("map.zip", &middle);
    let name = "map.zip › binnen.zip › brief.docx".to_owned();
    let there =
        |piece: &extract::Piece| piece.origin == Origin::Attached { name: Some(name.clone()) };
    assert!(extract.pieces.iter().find(|piece| there(piece)).unwrap().text.contains(WORDS));
    assert!(text(&extract).contains("CVA"));
    let names = extract.pieces.iter().filter(|piece| piece.origin == Origin::FileName);
    let names: Vec<&str> = names.map(|piece| piece.text.as_str()).collect();
    assert_eq!(names, ["lijst.txt", "binnen.zip", "brief.docx"]);
    assert_eq!(reasons(&extract), []);
}

#[test]
fn case_29_an_entry_with_a_password_is_said_and_the_others_are_read() {
    let mut locked = Stored::new("geheim.txt", b"x");
    locked.flags = 1;
    let extract = read("map.zip", &archive(&[locked, Stored::new("open.txt", WORDS.as_bytes())]));
    assert_eq!(reasons(&extract), [Reason::Encrypted]);
    assert_eq!(extract.opaque[0].name.as_deref(), Some("map.zip › geheim.txt"));
    assert!(text(&extract).contains(WORDS) && text(&extract).contains("geheim.txt"));
}

#[test]
fn methods_that_are_not_read_and_broken_entries_are_said() {
    let mut strange = Stored::new("a.txt", b"x");
    strange.method = 14;
    assert_eq!(reasons(&read("a.zip", &archive(&[strange]))), [Reason::Unsupported]);
    let mut bytes = zip(&[("a.txt", WORDS.as_bytes()), ("b.txt", b"CVA")]);
    bytes[36] ^= 0xff;
    bytes[40] ^= 0xff;
    let extract = read("a.zip", &bytes);
    assert!(reasons(&extract).contains(&Reason::Damaged) && text(&extract).contains("CVA"));
}

#[test]
fn an_archive_without_its_end_is_read_as_far_as_it_goes_and_said_to_be_damaged() {
    let bytes = zip(&[("a.txt", WORDS.as_bytes()), ("b.txt", b"CVA")]);
    let end = bytes.windows(4).position(|window| window == b"PK\x01\x02").unwrap();
    let extract = read("a.zip", &bytes[..end]);
    assert!(text(&extract).contains(WORDS) && text(&extract).contains("CVA"));
    assert!(reasons(&extract).contains(&Reason::Damaged));
}

/// An end record that counts no entry.
const NO_ENTRIES: &[u8] = b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";

#[test]
fn entries_that_the_directory_is_silent_about_are_read_and_the_archive_is_said_to_be_damaged() {
    let whole = zip(&[("a.txt", b"CVA"), ("b.txt", WORDS.as_bytes())]);
    let second = whole.windows(4).rposition(|window| window == b"PK\x01\x02").unwrap();
    let end = whole.len() - 22;
    let mut silent = whole.clone();
    silent.drain(second..end);
    let (end, directory) = (silent.len() - 22, whole[whole.len() - 6..whole.len() - 2].to_vec());
    let begin = u32::from_le_bytes(directory.try_into().unwrap()) as usize;
    silent[end + 12..end + 16].copy_from_slice(&u32::try_from(end - begin).unwrap().to_le_bytes());
    for count in [1, 2] {
        silent[end + 8] = count;
        silent[end + 10] = count;
        let extract = read("a.zip", &silent);
        assert!(text(&extract).contains(WORDS) && text(&extract).contains("CVA"), "{count}");
        assert_eq!(reasons(&extract), [Reason::Damaged], "{count}");
    }
}

#[test]
fn an_archive_behind_another_or_before_an_empty_end_is_read_and_said_to_be_damaged() {
    let (one, two) = (zip(&[("a.txt", WORDS.as_bytes())]), zip(&[("b.txt", b"CVA")]));
    let emptied = read("a.zip", &[one.as_slice(), NO_ENTRIES].concat());
    assert!(text(&emptied).contains(WORDS));
    assert_eq!(reasons(&emptied), [Reason::Damaged]);
    let joined = read("a.zip", &[one.as_slice(), &two].concat());
    assert!(text(&joined).contains(WORDS) && text(&joined).contains("CVA"));
    assert_eq!(reasons(&joined), [Reason::Damaged]);
    let stump = read("a.zip", &[one.as_slice(), &two[..two.len() - 22]].concat());
    assert!(text(&stump).contains(WORDS) && text(&stump).contains("CVA"));
    assert_eq!(reasons(&stump), [Reason::Damaged]);
}

#[test]
fn a_size_that_spans_another_entry_is_said_to_be_damaged() {
    let mut whole = zip(&[("a.txt", b"CVA"), ("b.txt", WORDS.as_bytes())]);
    let directory = |bytes: &[u8], last: bool| {
        let found = |window: &[u8]| window == b"PK\x01\x02";
        let mut windows = bytes.windows(4);
        if last { windows.rposition(found) } else { windows.position(found) }.unwrap()
    };
    let (first, second) = (directory(&whole, false), directory(&whole, true));
    let end = whole.len() - 22;
    whole[first + 20..first + 22].copy_from_slice(&u16::try_from(first).unwrap().to_le_bytes());
    whole.drain(second..end);
    let end = whole.len() - 22;
    whole[end + 8] = 1;
    whole[end + 10] = 1;
    whole[end + 12] = u8::try_from(end - first).unwrap();
    assert_eq!(reasons(&read("a.zip", &whole)), [Reason::Damaged]);
}

#[test]
fn an_archive_that_holds_another_as_it_is_or_nothing_at_all_is_whole() {
    let inner = zip(&[("b.txt", WORDS.as_bytes())]);
    let stored = archive(&[Stored::as_it_is("binnen.zip", &inner), Stored::new("c.txt", b"CVA")]);
    says("a.zip", &stored, &[WORDS, "CVA"]);
    assert_eq!(text(&read("a.zip", &stored)).matches(WORDS).count(), 1);
    assert_eq!(reasons(&read("a.zip", NO_ENTRIES)), []);
}

#[test]
fn case_31_a_mail_in_a_zip_is_read_with_what_is_attached_to_it() {
    let letter = tests_base64(&docx(&paragraph("geb. 12-03-1956")));
    let mail = format!(
        "Subject: =?utf-8?q?Pati=C3=ABnt?=\r\nX-NTA7516: S\r\nMessage-ID: <a@b>\r\n\
        Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n{WORDS}\r\n--b\r\n\
        Content-Type: application/octet-stream; name=brief.docx\r\nContent-Transfer-Encoding: base64\r\n\r\n\
        {letter}\r\n--b--\r\n"
    );
    let extract = read("map.zip", &zip(&[("mail.eml", mail.as_bytes())]));
    let said = text(&extract);
    assert!(
        said.contains("Patiënt") && said.contains(WORDS) && said.contains("12-03-1956"),
        "{said}"
    );
    assert!(extract.claims_nta);
    assert_eq!(extract.references, ["<a@b>"]);
    let last = format!("{:?}", extract.pieces.last().unwrap().origin);
    assert!(last.contains("map.zip › mail.eml › brief.docx"), "{last}");
}

fn tests_base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for group in bytes.chunks(3) {
        let word = group.iter().fold(0_u32, |sum, byte| sum << 8 | u32::from(*byte));
        let word = word << (8 * (3 - group.len()));
        for at in 0..4 {
            let letter = LETTERS[(word >> (18 - 6 * at) & 63) as usize];
            out.push(if at <= group.len() { char::from(letter) } else { '=' });
        }
    }
    out
}

#[test]
fn case_34_archives_of_other_programs_are_said_not_to_be_read() {
    for (name, bytes) in [
        ("a.7z", b"7z\xbc\xaf\x27\x1c\0\x04rest".as_slice()),
        ("a.rar", b"Rar!\x1a\x07\x01\0rest"),
        ("a.xz", b"\xfd7zXZ\0rest"),
        ("a.bin", b"\x00\x01\x02\x03\x04\x05\x06"),
        ("a.dcm", &[&[0; 128], b"DICM".as_slice()].concat()),
    ] {
        assert_eq!(reasons(&read(name, bytes)), [Reason::Unsupported], "{name}");
    }
}

#[test]
fn case_35_and_36_pictures_are_named_and_stop_nobody() {
    for (name, bytes) in [
        ("brief.jpg", b"\xff\xd8\xff\xe0rest".as_slice()),
        ("scherm.png", b"\x89PNG\r\n\x1a\nrest"),
        ("foto.heic", b"\0\0\0\x18ftypheic"),
    ] {
        let extract = read(name, bytes);
        assert_eq!((extract.opaque.len(), extract.opaque[0].document), (1, false), "{name}");
    }
}

#[test]
fn faxes_and_pictures_of_patients_are_no_snapshots() {
    for start in [b"II*\0", b"MM\0*"] {
        let fax = [start.as_slice(), &[8, 0, 0, 0, 1]].concat();
        assert_eq!(reasons(&read("fax.tif", &fax)), [Reason::Scanned]);
        assert!(read("fax.tif", &fax).opaque[0].document);
    }
    let scan = [&[0; 128], b"DICM".as_slice()].concat();
    for (kind, bytes) in [
        ("image/dicom", b"\0\x01\x02 no mark".as_slice()),
        ("image/x", &scan),
        ("image/tiff", b"II*\0\x01"),
    ] {
        let head = format!("Content-Type: {kind}; name=a\r\n\r\n");
        let message = Message::new([head.as_bytes(), bytes].concat());
        let (_, files) = extract::open(&message, &Limits::default());
        let extract = extract::read(&files[0], &Bounds::default());
        assert!(extract.opaque[0].document, "{kind}");
    }
}

#[test]
fn a_text_that_begins_like_a_picture_or_is_called_one_is_read() {
    for begin in ["BM", "BMI 31, ", "OTTO ", "GIF89a ", "ID3 ", "OggS ", "wOFF ", "BZh ", "MSCF "] {
        let text = format!("{begin}{WORDS}");
        says("a.txt", text.as_bytes(), &[WORDS]);
        says("a", text.as_bytes(), &[WORDS]);
        says("a.zip", &zip(&[("lijst.csv", text.as_bytes())]), &[WORDS]);
    }
    for name in ["a.asc", "a.sig", "a.p7s", "a.ttf"] {
        says("a.zip", &zip(&[(name, WORDS.as_bytes())]), &[WORDS]);
    }
    let drawing = format!("<?xml version='1.0'?><svg><path d='M1 2'/><text>{WORDS}</text></svg>");
    says("a.svg", drawing.as_bytes(), &[WORDS]);
    assert!(!text(&read("a.svg", drawing.as_bytes())).contains("M1 2"));
    let mut picture = file("scherm.png", WORDS.as_bytes());
    picture.content_type = "image/png".to_owned();
    assert!(text(&extract::read(&picture, &Bounds::default())).contains(WORDS));
}

#[test]
fn a_picture_in_a_mail_that_is_text_is_set_apart_to_be_read() {
    for (kind, name) in [("image/png", "a.png"), ("application/octet-stream", "a.asc")] {
        let head = format!("Content-Type: {kind}; name={name}\r\n\r\n");
        let message = Message::new(format!("{head}{WORDS}").into_bytes());
        let (_, files) = extract::open(&message, &Limits::default());
        assert_eq!(files.len(), 1, "{kind}");
        assert!(text(&extract::read(&files[0], &Bounds::default())).contains(WORDS), "{kind}");
    }
}

#[test]
fn armour_of_pgp_is_encrypted_and_its_signatures_stop_nobody() {
    let armour = "-----BEGIN PGP MESSAGE-----\n\nhQEMA1\n=abcd\n-----END PGP MESSAGE-----\n";
    for name in ["brief.asc", "brief.txt", "brief"] {
        let extract = read("a.zip", &zip(&[(name, armour.as_bytes())]));
        assert_eq!(reasons(&extract), [Reason::Encrypted], "{name}");
    }
    let both = read("a.txt", format!("{WORDS}\n{armour}").as_bytes());
    assert!(text(&both).contains(WORDS));
    assert_eq!(reasons(&both), [Reason::Encrypted]);
    let signature = "-----BEGIN PGP SIGNATURE-----\n\niQEz\n-----END PGP SIGNATURE-----\n";
    assert_eq!(reasons(&read("brief.asc", signature.as_bytes())), []);
    let more = format!("{signature}{WORDS}");
    says("brief.asc", more.as_bytes(), &[WORDS]);
}

#[test]
fn pictures_and_fonts_with_a_short_mark_are_still_told() {
    let bitmap = [b"BM\x46\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0".as_slice(), &[0xff; 60]].concat();
    let metafile = [b"\x01\0\0\0".as_slice(), &[0; 36], b" EMF", &[0; 40]].concat();
    for (name, bytes) in [
        ("a.dat", bitmap.as_slice()),
        ("a.bin", &metafile),
        ("a", b"OTTO\0\x0a\0\x80\0\x03"),
        ("a", b"\0\x01\0\0\0\x0a\0\x80\0\x03"),
        ("a", b"GIF89a\x01\0\x01\0\x80\0\0"),
        ("a", b"ID3\x04\0\0\0\0\0\0"),
    ] {
        let extract = read(name, bytes);
        assert_eq!((extract.opaque.len(), extract.opaque[0].document), (1, false), "{name}");
    }
}

#[test]
fn case_37_to_39_messages_of_care_systems_are_text() {
    says("uitslag.edi", b"UNH+1+MEDLAB:1'PID+123456782+Jansen'", &["PID+123456782"]);
    says("a.json", br#"{"resourceType":"Patient","id":"123456782"}"#, &["123456782"]);
    says(
        "cda.xml",
        b"<ClinicalDocument><id extension='123456782'/></ClinicalDocument>",
        &["123456782"],
    );
    says("onbekend", b"geen einde maar tekst", &["geen einde"]);
}

#[test]
fn case_40_invitations_and_cards_are_unfolded() {
    let ics = b"BEGIN:VEVENT\r\nSUMMARY:Afspraak mw Jan\r\n sen\\, punctie\r\nDESCRIPTION:BSN\\n123456782\r\n";
    says("afspraak.ics", ics, &["Afspraak mw Jansen, punctie", "BSN\n123456782"]);
    let vcf = b"BEGIN:VCARD\r\nFN;ENCODING=QUOTED-PRINTABLE:Jans=C3=\r\n=ABn\r\nPHOTO;ENCODING=b:AAAA\r\n AAAA\r\nNOTE:CVA\r\n";
    says("kaart.vcf", vcf, &["Jansën", "CVA"]);
    assert!(!text(&read("kaart.vcf", vcf)).contains("AAAA"));
}

#[test]
fn a_document_is_told_by_its_bytes_whatever_it_is_called() {
    let letter = docx(&paragraph(WORDS));
    for name in ["brief.pdf", "brief.jpg", "brief", "brief.txt"] {
        says(name, &letter, &[WORDS]);
    }
    assert_eq!(reasons(&read("brief.pdf", b"\x01\x02\x03\x04")), [Reason::Damaged]);
    for kind in ["image/png; name=a.png", "text/plain", "application/octet-stream"] {
        let head = format!("Content-Type: {kind}\r\nContent-Transfer-Encoding: base64\r\n\r\n");
        let message = Message::new(format!("{head}{}", tests_base64(&letter)).into_bytes());
        let (_, files) = extract::open(&message, &Limits::default());
        assert_eq!(files.len(), 1, "{kind}");
    }
}

#[test]
fn gzip_and_html_are_read() {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut encoder, WORDS.as_bytes()).unwrap();
    says("brief.txt.gz", &encoder.finish().unwrap(), &[WORDS]);
    says("brief.html", b"<p>BSN&nbsp;1<script>no()</script></p>", &["BSN\u{a0}1"]);
}

#[test]
fn documents_come_back_where_they_stood() {
    let message = Message::new(
        b"Subject: a\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\none\r\n--b\r\n\
        Content-Type: application/pdf; name=x.pdf\r\n\r\nno\r\n--b\r\n\r\ntwo\r\n--b--\r\n"
            .to_vec(),
    );
    let (mut extract, files) = extract::open(&message, &Limits::default());
    let document = read("x.txt", b"read");
    extract.put(vec![(files[0].after, document)]);
    let texts: Vec<&str> = extract.pieces.iter().map(|piece| piece.text.as_str()).collect();
    assert_eq!(texts, ["a", "one", "x.pdf", "read", "two"]);
}
