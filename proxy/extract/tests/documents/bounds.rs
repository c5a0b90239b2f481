use extract::{Bounds, Reason};
use proptest::prelude::*;

use super::build::*;

fn read_within(name: &str, bytes: &[u8], bounds: Bounds) -> extract::Extract {
    extract::read(&file(name, bytes), &bounds)
}

#[test]
fn case_30_a_bomb_is_seen_while_it_swells() {
    let bomb = zip(&[("a.txt", &vec![b'a'; 40 * 1024 * 1024])]);
    assert!(bomb.len() < 1024 * 1024);
    assert_eq!(reasons(&read("bom.zip", &bomb)), [Reason::Expands]);
    let nested = zip(&[("bom.zip", &bomb), ("brief.txt", WORDS.as_bytes())]);
    let extract = read("map.zip", &nested);
    assert_eq!(reasons(&extract), [Reason::Expands]);
    assert!(text(&extract).contains(WORDS));
}

#[test]
fn all_that_is_unpacked_together_has_a_bound() {
    let page: Vec<u8> =
        (0..200_000_u32).flat_map(u32::to_le_bytes).map(|byte| b'a' + byte % 26).collect();
    let bytes = zip(&[("a.txt", &page), ("b.txt", &page), ("c.txt", &page)]);
    let bounds = Bounds { unpacked: 1_000_000, ..Bounds::default() };
    let extract = read_within("map.zip", &bytes, bounds);
    assert_eq!(extract.pieces.iter().filter(|piece| piece.text.len() > 1_000).count(), 1);
    assert!(reasons(&extract).contains(&Reason::Expands));
}

/// As many entries as this over the one stretch of an archive.
fn many_over_one(whole: &[u8], count: u16) -> Vec<u8> {
    let begin = whole.windows(4).position(|window| window == b"PK\x01\x02").unwrap();
    let (data, end) = (&whole[..begin], whole.len() - 22);
    let directory = whole[begin..end].repeat(usize::from(count));
    let mut out = [data, &directory, b"PK\x05\x06\0\0\0\0"].concat();
    out.extend([count.to_le_bytes(), count.to_le_bytes()].concat());
    out.extend(u32::try_from(directory.len()).unwrap().to_le_bytes());
    out.extend(u32::try_from(begin).unwrap().to_le_bytes());
    out.extend([0, 0]);
    out
}

#[test]
fn entries_without_compression_have_the_bounds_of_those_with_it() {
    let page = "woord ".repeat(200_000);
    let one = archive(&[Stored::as_it_is("a.txt", page.as_bytes())]);
    let bytes = many_over_one(&one, 2_000);
    let bounds = Bounds { unpacked: 4_000_000, ..Bounds::default() };
    let extract = read_within("map.zip", &bytes, bounds);
    assert_eq!(extract.pieces.iter().filter(|piece| piece.text.len() > 1_000).count(), 3);
    assert!(reasons(&extract).contains(&Reason::Expands));
    let small = Bounds { file: 1_000_000, ..Bounds::default() };
    assert_eq!(reasons(&read_within("map.zip", &one, small)), [Reason::Expands]);
    let steps = Bounds { steps: 2_000, ..Bounds::default() };
    assert!(reasons(&read_within("map.zip", &bytes, steps)).contains(&Reason::TooLarge));
}

#[test]
fn depth_entries_text_and_steps_have_bounds_that_are_told() {
    let mut deep = zip(&[("brief.txt", WORDS.as_bytes())]);
    for _ in 0..20 {
        deep = zip(&[("x.zip", &deep)]);
    }
    assert_eq!(reasons(&read("diep.zip", &deep)), [Reason::TooDeep]);
    let names: Vec<String> = (0..200).map(|number| format!("{number}.txt")).collect();
    let files: Vec<(&str, &[u8])> =
        names.iter().map(|name| (name.as_str(), b"x".as_slice())).collect();
    let few = Bounds { entries: 100, ..Bounds::default() };
    assert!(reasons(&read_within("veel.zip", &zip(&files), few)).contains(&Reason::TooMany));
    let long = docx(&paragraph(&"woord ".repeat(1_000)));
    let short = Bounds { text: 100, ..Bounds::default() };
    let extract = read_within("lang.docx", &long, short);
    assert_eq!(reasons(&extract), [Reason::TooLarge]);
    assert_eq!(text(&extract).len(), 100);
    let slow = Bounds { steps: 50, ..Bounds::default() };
    let many = docx(&paragraph("woord").repeat(100));
    assert_eq!(reasons(&read_within("traag.docx", &many, slow)), [Reason::TooLarge]);
}

#[test]
fn a_nest_of_mails_ends() {
    let mail = format!("{}\r\n{WORDS}", "Content-Type: message/rfc822\r\n\r\n".repeat(10_000));
    assert!(reasons(&read("mail.eml", mail.as_bytes())).contains(&Reason::TooDeep));
}

/// Bytes that begin as a format does, and go on as they like.
fn begun(begin: &'static [u8], words: &'static [&'static str]) -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        prop::sample::select(words).prop_map(|word| word.as_bytes().to_vec()),
        prop::collection::vec(any::<u8>(), 0..12),
    ];
    let rest = prop::collection::vec(piece, 0..40);
    rest.prop_map(move |rest| [begin.to_vec(), rest.concat()].concat())
}

fn total(name: &str, bytes: &[u8]) {
    let small = Bounds { steps: 200_000, unpacked: 1 << 22, file: 1 << 21, ..Bounds::default() };
    let extract = read_within(name, bytes, small);
    assert!(extract.pieces.iter().map(|piece| piece.text.len()).sum::<usize>() <= small.text);
}

/// Real files with some of their bytes changed, or their end gone.
fn spoilt(whole: Vec<u8>) -> impl Strategy<Value = Vec<u8>> {
    let length = whole.len();
    let changes = prop::collection::vec((0..length, any::<u8>()), 0..12);
    (changes, 0..=length).prop_map(move |(changes, end)| {
        let mut bytes = whole.clone();
        for (at, byte) in changes {
            bytes[at] = byte;
        }
        bytes.truncate(end);
        bytes
    })
}

fn whole_msg() -> Vec<u8> {
    compound(&[("/__properties_version1.0", vec![0; 32]), ("/__substg1.0_1000001F", wide(WORDS))])
}

fn whole_xlsx() -> Vec<u8> {
    office(&[
        ("xl/workbook.xml", "<workbook><sheet name='a'/></workbook>"),
        (
            "xl/worksheets/sheet1.xml",
            "<row><c r='A1' t='s' s='1'><v>0</v></c><c><v>1</v></c></row>",
        ),
        ("xl/sharedStrings.xml", "<sst><si><t>BSN</t></si></sst>"),
    ])
}

#[test]
fn a_text_that_many_cells_share_is_not_held_for_each_of_them() {
    let cells = "<c t='s'><v>0</v></c>".repeat(2_000);
    let strings = format!("<sst><si><t>{}</t></si></sst>", "x".repeat(1_000_000));
    let bytes = office(&[
        ("xl/workbook.xml", "<workbook><sheet name='a'/></workbook>"),
        ("xl/worksheets/sheet1.xml", &format!("<row>{cells}</row>")),
        ("xl/sharedStrings.xml", &strings),
    ]);
    let found = read("a.xlsx", &bytes);
    assert_eq!(reasons(&found), [Reason::TooLarge]);
    assert!(text(&found).len() <= Bounds::default().text);
}

/// The check that the fuzzer makes, on what a test can think of.
#[allow(unreachable_pub)]
#[path = "../../../../fuzz/checks/document.rs"]
mod fuzzed;

#[test]
fn what_the_fuzzer_checks_holds_for_whole_cut_and_doctored_files() {
    let whole = zip(&[("a.txt", WORDS.as_bytes())]);
    let empty_end = [b"PK\x05\x06".as_slice(), &[0; 18]].concat();
    for bytes in [
        whole.clone(),
        [b"PK\x03\x04".to_vec(), empty_end.clone()].concat(),
        [whole, empty_end].concat(),
        fuzzed::zip(&[("a.txt", b"x")]),
        b"{\\rtf1".to_vec(),
        b"BM x".to_vec(),
    ] {
        for end in 0..=bytes.len() {
            for name in ["a.zip", "a.txt", "a.docx", "a.pdf"] {
                fuzzed::total(name, &bytes[..end]);
            }
        }
    }
}

proptest! {
    #[test]
    fn any_bytes_give_text_or_say_why_not(bytes in prop::collection::vec(any::<u8>(), 0..200), name in "a\\.(docx|pdf|txt|msg)") {
        fuzzed::total(&name, &bytes);
    }

    #[test]
    fn any_archive_gives_text_or_says_why_not(bytes in begun(b"PK\x03\x04", &["PK\x03\x04", "PK\x05\x06", "PK\x01\x02", "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", "a.txt"])) {
        fuzzed::total("a.zip", &bytes);
    }

    #[test]
    fn any_bytes_are_no_trouble(bytes in prop::collection::vec(any::<u8>(), 0..400), name in "[a-z]{0,3}\\.(docx|pdf|eml|csv|ics|html|txt|msg)") {
        total(&name, &bytes);
    }

    #[test]
    fn any_rich_text_is_no_trouble(bytes in begun(b"{\\rtf", &["{", "}", "\\'", "\\u-5", "\\uc", "\\bin9", "\\*", "\\f1", "\\fcharset204", "\\pict", "\\u55357?\\u56832?"])) {
        total("a.rtf", &bytes);
    }

    #[test]
    fn any_winmail_dat_is_no_trouble(bytes in begun(b"\x78\x9f\x3e\x22\0\0\x01\x03\x90\x06\0", &["\x01\0\0\0", "\x1f\0\x37\0", "\0\0\0\0"])) {
        total("winmail.dat", &bytes);
    }

    #[test]
    fn any_xml_in_an_office_document_is_no_trouble(bytes in begun(b"<w:tbl>", &["<w:tr>", "</w:tbl>", "<w:tc>", "</w:tc>", "<w:t>", "&#x;", "&#99999999;", "<c r='ZZZZ'><v>1e300</v></c>", "<row>", "<table:table-cell table:number-columns-repeated='18446744073709551615'>", "<!--", "<![CDATA["])) {
        let word = zip(&[("[Content_Types].xml", b"x"), ("word/document.xml", &bytes)]);
        total("a.docx", &word);
        let sheet = zip(&[("[Content_Types].xml", b"x"), ("xl/worksheets/sheet1.xml", &bytes), ("xl/styles.xml", &bytes)]);
        total("a.xlsx", &sheet);
        let open = zip(&[("mimetype", b"x"), ("content.xml", &bytes), ("META-INF/manifest.xml", b"<x/>")]);
        total("a.ods", &open);
    }

    #[test]
    fn any_spoilt_archive_is_no_trouble(bytes in spoilt(whole_xlsx())) {
        total("a.xlsx", &bytes);
    }

    #[test]
    fn any_spoilt_mail_of_outlook_is_no_trouble(bytes in spoilt(whole_msg())) {
        total("a.msg", &bytes);
    }

    #[test]
    fn any_tables_and_cards_are_no_trouble(text in "[A-Z;,\"\t\n\r\\\\= :0-9]{0,200}") {
        total("a.csv", text.as_bytes());
        total("a.ics", text.as_bytes());
    }
}
