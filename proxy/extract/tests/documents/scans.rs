//! Documents that hold a picture of a page, and little or nothing else that anyone wrote.

use extract::Reason;

use super::build::*;

const CORE: &str = "<cp:coreProperties><dc:creator>A. de Wit van de Administratie</dc:creator>\
    <cp:lastModifiedBy>B. Bakker van de Administratie</cp:lastModifiedBy></cp:coreProperties>";

/// It is told as a scan, and what was found of it is kept.
fn is_scan(name: &str, bytes: &[u8], kept: &str) {
    let extract = read(name, bytes);
    assert_eq!(reasons(&extract), [Reason::Scanned], "{name}");
    assert!(text(&extract).contains(kept), "{name}: {:?}", text(&extract));
}

#[test]
fn a_letter_with_a_scan_is_told_whatever_its_properties_header_and_alternative_text_say() {
    let picture = "<w:drawing><wp:docPr id=\"1\" descr=\"Afbeelding met tekst, brief, document\"/></w:drawing>";
    let header = format!("<w:hdr>{}</w:hdr>", paragraph("Huisartsenpraktijk De Linde te Utrecht"));
    let parts = |body: &str| {
        office(&[
            ("word/document.xml", body),
            ("word/header1.xml", &header),
            ("word/media/image1.png", "png"),
            ("docProps/core.xml", CORE),
        ])
    };
    is_scan("scan.docx", &parts(&format!("<w:p>{picture}</w:p>")), "creator: A. de Wit");
    is_scan("scan.docx", &parts(&(paragraph("Zie scan") + picture)), "Afbeelding met tekst");
    says("brief.docx", &parts(&(paragraph(WORDS) + picture)), &[WORDS, "De Linde", "de Wit"]);
}

#[test]
fn slides_that_are_scans_are_told() {
    let slide = "<p:sld><p:cNvPr id=\"2\" name=\"Tijdelijke aanduiding\" descr=\"Afbeelding met tekst\"/></p:sld>";
    let bytes = office(&[
        ("ppt/slides/slide1.xml", slide),
        ("ppt/media/image1.jpeg", "jpg"),
        ("docProps/core.xml", CORE),
    ]);
    is_scan("scan.pptx", &bytes, "Afbeelding met tekst");
}

#[test]
fn a_workbook_with_a_scan_is_told_whatever_its_sheets_are_called() {
    let book = "<workbook><sheets><sheet name=\"Ingescande brieven\"/><sheet name=\"Overige bladen\"/></sheets></workbook>";
    let parts = |rows: &str| {
        let sheet = format!(
            "<worksheet><sheetData>{rows}</sheetData><headerFooter><oddHeader>Huisartsenpraktijk De \
            Linde</oddHeader></headerFooter></worksheet>"
        );
        let drawing = "<xdr:cNvPr id=\"2\" descr=\"Afbeelding met tekst\"/>";
        office(&[
            ("xl/workbook.xml", book),
            ("xl/worksheets/sheet1.xml", &sheet),
            ("xl/drawings/drawing1.xml", drawing),
            ("xl/media/image1.png", "png"),
            ("docProps/core.xml", CORE),
        ])
    };
    is_scan("scan.xlsx", &parts(""), "Ingescande brieven");
    let row = format!("<row><c t=\"inlineStr\"><is><t>{WORDS}</t></is></c></row>");
    says("lijst.xlsx", &parts(&row), &[WORDS, "Ingescande brieven", "De Linde"]);
}

#[test]
fn an_open_document_with_a_scan_is_told() {
    let parts = |words: &str| {
        let content = format!(
            "<office:text><text:p>{words}<draw:frame><draw:image/><svg:title>Gescande brief</svg:title>\
            <svg:desc>Afbeelding met tekst</svg:desc></draw:frame></text:p></office:text>"
        );
        zip(&[
            ("mimetype", b"application/vnd.oasis.opendocument.text"),
            ("content.xml", content.as_bytes()),
            ("styles.xml", b"<style:header><text:p>Huisartsenpraktijk De Linde</text:p></style:header>"),
            ("meta.xml", b"<office:meta><dc:creator>A. de Wit van de Administratie</dc:creator></office:meta>"),
            ("Pictures/1000.png", b"png"),
            ("META-INF/manifest.xml", b"<manifest/>"),
        ])
    };
    is_scan("scan.odt", &parts(""), "creator: A. de Wit");
    says("brief.odt", &parts(WORDS), &[WORDS, "Gescande brief", "De Linde"]);
}

#[test]
fn rich_text_with_a_scan_is_told() {
    let rich = |words: &str| {
        format!(
            "{{\\rtf1\\ansi{{\\info{{\\author A. de Wit van de Administratie}}}}{{\\header Huisartsenpraktijk De \
            Linde\\par}}{words}{{\\*\\shppict{{\\pict\\pngblip 89504e47}}}}\\par}}"
        )
    };
    is_scan("scan.rtf", rich("").as_bytes(), "A. de Wit");
    is_scan("scan.rtf", rich("Zie \\u235?").as_bytes(), "De Linde");
    says("brief.rtf", rich(WORDS).as_bytes(), &[WORDS, "De Linde"]);
    let empty = "{\\rtf1\\ansi{\\info{\\author A. de Wit}}\\par}";
    assert_eq!(reasons(&read("leeg.rtf", empty.as_bytes())), []);
}
