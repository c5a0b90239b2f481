use extract::{Origin, Reason};

use super::build::*;

#[test]
fn case_01_a_letter_is_read_from_the_body_of_a_docx() {
    let split = "<w:p><w:r><w:t>BSN 1234</w:t></w:r><w:r><w:t>56782</w:t></w:r></w:p>";
    says("brief.docx", &docx(&(paragraph(WORDS) + split)), &[WORDS, "BSN 123456782\n"]);
}

#[test]
fn case_02_a_patient_in_header_footer_or_footnote_only_is_read() {
    let part = |text: &str| format!("<w:hdr>{}</w:hdr>", paragraph(text));
    let bytes = office(&[
        ("word/document.xml", &part("Geachte collega")),
        ("word/header1.xml", &part("Betreft: mw. Jansen")),
        ("word/footer2.xml", &part("BSN 123456782")),
        ("word/footnotes.xml", &part("geb. 12-03-1956")),
        ("word/endnotes.xml", &part("CVA in 2019")),
        ("word/styles.xml", &part("Kop 1")),
    ]);
    says("brief.docx", &bytes, &["mw. Jansen", "BSN 123456782", "12-03-1956", "CVA"]);
    assert!(!text(&read("brief.docx", &bytes)).contains("Kop 1"));
}

#[test]
fn case_03_a_text_box_is_read_once() {
    let inner = paragraph(WORDS);
    let both = format!(
        "<w:p><w:r><mc:AlternateContent><mc:Choice><w:txbxContent>{inner}</w:txbxContent></mc:Choice>\
        <mc:Fallback><w:txbxContent>{inner}</w:txbxContent></mc:Fallback></mc:AlternateContent></w:r></w:p>"
    );
    let text = text(&read("kader.docx", &docx(&both)));
    assert_eq!(text.matches(WORDS).count(), 1, "{text}");
}

#[test]
fn case_04_comments_and_deleted_text_are_read() {
    let comments = format!("<w:comments><w:comment>{}</w:comment></w:comments>", paragraph("CVA?"));
    let body = "<w:p><w:del><w:r><w:delText>BSN 123456782</w:delText></w:r></w:del></w:p>";
    let bytes = office(&[("word/document.xml", body), ("word/comments.xml", &comments)]);
    says("versie2.docx", &bytes, &["BSN 123456782", "CVA?"]);
}

#[test]
fn case_05_document_properties_are_read() {
    let core = "<cp:coreProperties><dc:title>Brief dhr Jansen</dc:title><dc:creator>A. de Wit</dc:creator>\
        <cp:keywords>diabetes</cp:keywords></cp:coreProperties>";
    let custom = "<Properties><property name=\"BSN\"><vt:lpwstr>123456782</vt:lpwstr></property></Properties>";
    let bytes = office(&[
        ("word/document.xml", &paragraph("Zie bijlage")),
        ("docProps/core.xml", core),
        ("docProps/custom.xml", custom),
    ]);
    let words = ["title: Brief dhr Jansen", "creator: A. de Wit", "diabetes", "BSN: 123456782"];
    says("brief.docx", &bytes, &words);
}

#[test]
fn case_06_a_table_says_each_value_behind_its_header() {
    let row = |cells: &[&str]| {
        let cells: String =
            cells.iter().map(|cell| format!("<w:tc>{}</w:tc>", paragraph(cell))).collect();
        format!("<w:tr>{cells}</w:tr>")
    };
    let table = format!(
        "<w:tbl>{}{}</w:tbl>",
        row(&["Naam", "BSN", "Diagnose"]),
        row(&["Jansen", "23456789", "CVA"])
    );
    says("lijst.docx", &docx(&table), &["Naam: Jansen\tBSN: 023456789\tDiagnose: CVA"]);
    let form = format!("<w:tbl>{}{}</w:tbl>", row(&["Naam", "Jansen"]), row(&["BSN", "123456782"]));
    says("formulier.docx", &docx(&form), &["Naam: Jansen\nBSN: 123456782"]);
}

#[test]
fn case_07_and_08_letterheads_and_blank_forms_give_their_few_words() {
    let bytes = docx(&(paragraph("Huisartsenpraktijk De Linde") + &paragraph("BSN: ________")));
    says("briefpapier.docx", &bytes, &["De Linde", "BSN: ________"]);
}

#[test]
fn case_09_a_docm_is_read_and_its_macro_is_not() {
    let body = paragraph(WORDS);
    let bytes = zip(&[
        ("[Content_Types].xml", b"<Types/>"),
        ("word/document.xml", body.as_bytes()),
        ("word/vbaProject.bin", b"\xd0\xcf\x11\xe0Sub Auto"),
    ]);
    says("brief.docm", &bytes, &[WORDS]);
}

#[test]
fn slides_notes_comments_and_pictures_descriptions_are_read() {
    let shape = |text: &str| format!("<p:sld><a:p><a:r><a:t>{text}</a:t></a:r></a:p></p:sld>");
    let picture = "<p:cNvPr id=\"2\" name=\"x\" descr=\"MRI van dhr. Jansen\"/>";
    let comment = "<p:cmLst><p:cm><p:text>BSN 123456782</p:text></p:cm></p:cmLst>";
    let bytes = office(&[
        ("ppt/slides/slide1.xml", &(shape("Casus") + picture)),
        ("ppt/notesSlides/notesSlide1.xml", &shape("mw. Jansen")),
        ("ppt/comments/comment1.xml", comment),
    ]);
    says("bespreking.pptx", &bytes, &["Casus", "MRI van dhr. Jansen", "mw. Jansen", "123456782"]);
}

#[test]
fn a_document_in_a_document_is_read_under_its_name() {
    let inner = docx(&paragraph(WORDS));
    let bytes = zip(&[
        ("[Content_Types].xml", b"<Types/>"),
        ("word/document.xml", b"<w:p/>"),
        ("word/embeddings/brief.docx", &inner),
    ]);
    let extract = read("map.docx", &bytes);
    let origin = format!("{:?}", extract.pieces.last().unwrap().origin);
    assert!(origin.contains("map.docx › word/embeddings/brief.docx"), "{origin}");
    assert!(text(&extract).contains(WORDS));
}

#[test]
fn files_that_no_office_program_put_there_are_read_or_said() {
    let html = format!("<html><p>{WORDS}</p></html>");
    for name in ["word/brief.html", "word/x.xml.bak", "brief.xml", "word/media/notitie", "x/y"] {
        let bytes = office(&[("word/document.xml", &paragraph("Beste")), (name, &html)]);
        says("brief.docx", &bytes, &[WORDS, name]);
    }
    let sheet = office(&[("xl/workbook.xml", "<workbook/>"), ("xl/brief.html", &html)]);
    says("lijst.xlsx", &sheet, &[WORDS]);
    let bytes = zip(&[
        ("[Content_Types].xml", b"<Types/>"),
        ("word/document.xml", b"<w:p/>"),
        ("word/x.dat", b"\x05\x06\x07\x08"),
    ]);
    assert_eq!(reasons(&read("brief.docx", &bytes)), [Reason::Unsupported]);
}

#[test]
fn what_office_programs_put_there_themselves_is_no_file() {
    let mut parts = vec![("word/document.xml".to_owned(), paragraph(WORDS))];
    for name in [
        "_rels/.rels",
        "word/_rels/document.xml.rels",
        "word/settings.xml",
        "word/theme/theme1.xml",
        "word/printerSettings1.bin",
        "word/media/image1.PNG",
        "word/fonts/font1.odttf",
        "word/activeX/activeX1.bin",
        "xl/printerSettings/printerSettings1.bin",
        "xl/drawings/vmlDrawing1.vml",
        "customXml/itemProps1.xml",
        "docProps/thumbnail.jpeg",
        "_xmlsignatures/origin.sigs",
    ] {
        parts.push((name.to_owned(), "\u{1}\u{2}".to_owned()));
    }
    let parts: Vec<(&str, &str)> =
        parts.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let extract = read("brief.docx", &office(&parts));
    let names = extract.pieces.iter().filter(|piece| piece.origin == Origin::FileName);
    assert_eq!(names.count(), 0);
    assert!(!reasons(&extract).contains(&Reason::Unsupported));
}

#[test]
fn a_file_that_was_put_into_a_letter_as_an_object_is_read() {
    let inner = docx(&paragraph(WORDS));
    let mut native = [0, 0, 0, 0, 2, 0].to_vec();
    native.extend(b"brief.docx\0C:\\brief.docx\0\0\0\x03\0\x09\0\0\0C:\\t.docx\0");
    native.extend(u32::try_from(inner.len()).unwrap().to_le_bytes());
    native.extend(&inner);
    for object in
        [compound(&[("/\u{1}Ole10Native", native)]), compound(&[("/Package", inner.clone())])]
    {
        let bytes = zip(&[
            ("[Content_Types].xml", b"<Types/>"),
            ("word/document.xml", b"<w:p/>"),
            ("word/embeddings/oleObject1.bin", &object),
        ]);
        says("map.docx", &bytes, &[WORDS]);
    }
}

#[test]
fn a_document_of_pictures_only_is_a_scan_and_one_with_text_is_not() {
    let scan = office(&[("word/document.xml", "<w:p/>"), ("word/media/image1.png", "png")]);
    assert_eq!(reasons(&read("scan.docx", &scan)), [Reason::Scanned]);
    let letter = office(&[("word/document.xml", &paragraph(WORDS)), ("word/media/a.png", "png")]);
    assert_eq!(reasons(&read("brief.docx", &letter)), []);
}

#[test]
fn one_broken_part_leaves_the_others_readable() {
    let bytes = office(&[
        ("word/document.xml", &(paragraph(WORDS) + "<w:p <<<")),
        ("word/header1.xml", &paragraph("geb. 12-03-1956")),
    ]);
    let extract = read("brief.docx", &bytes);
    assert!(text(&extract).contains(WORDS) && text(&extract).contains("12-03-1956"));
    assert_eq!(reasons(&extract), [Reason::Damaged]);
}

#[test]
fn no_entity_of_a_documents_own_is_carried_out() {
    let body =
        format!("<!DOCTYPE w [<!ENTITY a \"aaaaaaaa\">]>{}", paragraph("&a;&a; &amp; &#233;én"));
    says("bom.docx", &office(&[("word/document.xml", &body)]), &["&a;&a; & één"]);
}

#[test]
fn open_document_text_header_notes_and_deleted_text_are_read() {
    let content = format!(
        "<office:text><text:tracked-changes><text:p>BSN 123456782</text:p></text:tracked-changes>\
        <text:p>{WORDS}<text:s/><text:span>ja</text:span></text:p>\
        <office:annotation><text:p>CVA?</text:p></office:annotation></office:text>"
    );
    let bytes = zip(&[
        ("mimetype", b"application/vnd.oasis.opendocument.text"),
        ("content.xml", content.as_bytes()),
        ("styles.xml", b"<style:header><text:p>geb. 12-03-1956</text:p></style:header>"),
        ("meta.xml", b"<office:meta><dc:title>Brief dhr Jansen</dc:title></office:meta>"),
        ("META-INF/manifest.xml", b"<manifest/>"),
    ]);
    let words = ["BSN 123456782", "diabetes ja", "CVA?", "12-03-1956", "title: Brief dhr Jansen"];
    says("brief.odt", &bytes, &words);
}

#[test]
fn rich_text_is_read_with_its_letters_header_and_footnote_and_without_its_fonts() {
    let rtf =
        br"{\rtf1\ansi\ansicpg1252{\fonttbl{\f0 Arial;}}{\info{\title Brief dhr Jansen}{\author X}}
{\header geb. 12-03-1956\par}Pati\'ebnt \u235?\par BSN\~123456782{\*\generator Riched;}
{\footnote CVA}{\*\annotation astma}{\pict 0102ff}{\*\unknown nooit}{\deleted weg}\tab einde}";
    let words = [
        "Brief dhr Jansen",
        "geb. 12-03-1956",
        "Patiënt ë",
        "BSN\u{a0}123456782",
        "CVA",
        "astma",
        "weg\teinde",
    ];
    says("brief.rtf", rtf, &words);
    let text = text(&read("brief.doc", rtf));
    assert!(!text.contains("Arial") && !text.contains("nooit") && !text.contains("0102"), "{text}");
}

#[test]
fn a_tab_to_a_place_on_the_line_keeps_words_apart() {
    let line = "<w:p><w:r><w:t>Jansen</w:t></w:r><w:r><w:ptab w:relativeTo=\"margin\" w:alignment=\"right\"/>\
        </w:r><w:r><w:t>BSN 123456782</w:t></w:r></w:p>";
    let bytes = office(&[("word/document.xml", &paragraph("Beste")), ("word/header1.xml", line)]);
    says("brief.docx", &bytes, &["Jansen\tBSN 123456782"]);
}

/// An object as rich text embeds it (MS-OLEDS sections 2.2.4 and 2.2.5).
fn object(format: u32, class: &str, data: &[u8]) -> String {
    let mut bytes = [0x0501_u32.to_le_bytes(), format.to_le_bytes()].concat();
    for name in [class, "", ""] {
        let name = if name.is_empty() { String::new() } else { format!("{name}\0") };
        bytes.extend(u32::try_from(name.len()).unwrap().to_le_bytes());
        bytes.extend(name.as_bytes());
    }
    bytes.extend(u32::try_from(data.len()).unwrap().to_le_bytes());
    bytes.extend(data);
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let lines: Vec<&str> =
        hex.as_bytes().chunks(64).map(|line| str::from_utf8(line).unwrap()).collect();
    format!(
        "{{\\object\\objemb{{\\*\\objclass {class}}}{{\\*\\objdata {}}}{{\\result{{beeld}}}}}}",
        lines.join("\r\n")
    )
}

#[test]
fn a_file_that_was_put_into_rich_text_as_an_object_is_read_or_said() {
    let inner = docx(&paragraph(WORDS));
    let mut native = [2, 0].to_vec();
    native.extend(b"brief.docx\0C:\\brief.docx\0\0\0\x03\0\x09\0\0\0C:\\t.docx\0");
    native.extend(u32::try_from(inner.len()).unwrap().to_le_bytes());
    native.extend(&inner);
    let with = |object: &str| format!("{{\\rtf1 Beste collega{object} tot ziens}}").into_bytes();
    for (class, data) in [
        ("Word.Document.12", compound(&[("/Package", inner.clone())])),
        ("Package", native),
        ("Acme.Doc", inner.clone()),
    ] {
        let bytes = with(&object(2, class, &data));
        says("brief.rtf", &bytes, &[WORDS, "Beste collega", "beeld", "tot ziens"]);
    }
    for (object, reason) in [
        (
            object(2, "Word.Document.8", &compound(&[("/WordDocument", vec![1])])),
            Reason::Unsupported,
        ),
        (object(2, "Acme.Doc", b"\x01\x02\x03\x04"), Reason::Unsupported),
        ("{\\*\\objdata 0105}".to_owned(), Reason::Unsupported),
        ("{\\*\\objdata\\bin4 \x01\x02\x03\x04}".to_owned(), Reason::Unsupported),
    ] {
        assert_eq!(reasons(&read("brief.rtf", &with(&object))), [reason], "{object}");
    }
}
