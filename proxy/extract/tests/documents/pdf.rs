use extract::Reason;
use lopdf::{Document, Object, Stream, StringFormat, dictionary};
use proptest::prelude::*;

use super::build::*;

/// A PDF with these pages, one font, and whatever `more` puts in.
fn pdf(pages: &[&str], more: impl FnOnce(&mut Document, &mut lopdf::Dictionary)) -> Document {
    pdf_with(
        pages,
        dictionary! { "Type" => "Font", "Subtype" => "Type1", "BaseFont" => "Helvetica", "Encoding" => "WinAnsiEncoding" },
        more,
    )
}

fn pdf_with(
    pages: &[&str],
    font: lopdf::Dictionary,
    more: impl FnOnce(&mut Document, &mut lopdf::Dictionary),
) -> Document {
    let mut document = Document::with_version("1.7");
    let root = document.new_object_id();
    let font = document.add_object(font);
    let image = document.add_object(Stream::new(
        dictionary! { "Type" => "XObject", "Subtype" => "Image", "Width" => 1, "Height" => 1 },
        vec![0],
    ));
    let form = document.add_object(Stream::new(
        dictionary! { "Type" => "XObject", "Subtype" => "Form", "BBox" => vec![0.into(), 0.into(), 9.into(), 9.into()] },
        b"BT /F 12 Tf 50 300 Td (uit een formulier) Tj ET".to_vec(),
    ));
    let kids: Vec<Object> = pages
        .iter()
        .map(|content| {
            let mut stream = Stream::new(dictionary! {}, content.as_bytes().to_vec());
            let _ = stream.compress();
            let content = document.add_object(stream);
            document
                .add_object(
                    dictionary! { "Type" => "Page", "Parent" => root, "Contents" => content },
                )
                .into()
        })
        .collect();
    let count = i64::try_from(kids.len()).unwrap();
    let tree = dictionary! {
        "Type" => "Pages", "Kids" => kids, "Count" => count,
        "MediaBox" => vec![0.into(), 0.into(), 595.into(), 842.into()],
        "Resources" => dictionary! {
            "Font" => dictionary! { "F" => font },
            "XObject" => dictionary! { "I" => image, "Fm" => form },
        },
    };
    document.objects.insert(root, Object::Dictionary(tree));
    let mut catalog = dictionary! { "Type" => "Catalog", "Pages" => root };
    more(&mut document, &mut catalog);
    let catalog = document.add_object(catalog);
    document.trailer.set("Root", catalog);
    document
}

fn bytes(mut document: Document) -> Vec<u8> {
    let mut out = Vec::new();
    document.save_to(&mut out).unwrap();
    out
}

fn plain(pages: &[&str]) -> Vec<u8> {
    bytes(pdf(pages, |_, _| {}))
}

fn string(text: &str) -> Object {
    Object::String(text.as_bytes().to_vec(), StringFormat::Literal)
}

const IMAGE: &str = "q 595 0 0 842 0 0 cm /I Do Q";

#[test]
fn case_10_a_letter_is_read_with_its_words_and_lines_apart() {
    let page = "BT /F 12 Tf 50 700 Td (Mw. Jansen, B) Tj (SN 123456782) Tj 0 -14 Td [(he) -20 (eft) -300 (diabetes)] TJ \
        T* ET BT /F 12 Tf 1 0 0 1 50 600 Tm (Pati\\353nt) Tj 1 0 0 1 97 600 Tm (en) Tj ET /Fm Do";
    let said = text(&read("brief.pdf", &plain(&[page])));
    assert!(said.contains("Mw. Jansen, BSN 123456782\nheeft diabetes\nPatiënt en"), "{said:?}");
    assert!(said.contains("uit een formulier"), "{said:?}");
}

#[test]
fn case_11_divided_words_and_ligatures_are_whole_again() {
    let font = dictionary! {
        "Type" => "Font", "Subtype" => "Type1", "BaseFont" => "X",
        "Encoding" => dictionary! { "Differences" => vec![1.into(), "fi".into(), "uni0041".into(), "edieresis".into()] },
    };
    let page =
        "BT /F 12 Tf 14 TL 50 700 Td (diabe-) Tj T* (tes de\\001nitief \\002 pati\\003nt) Tj ET";
    says(
        "brief.pdf",
        &bytes(pdf_with(&[page], font, |_, _| {})),
        &["diabetes definitief A patiënt"],
    );
}

#[test]
fn case_12_and_13_a_scan_is_said_and_one_with_a_text_layer_is_read() {
    assert_eq!(reasons(&read("scan.pdf", &plain(&[IMAGE]))), [Reason::Scanned]);
    let layer = format!("{IMAGE} BT 3 Tr /F 12 Tf 50 700 Td ({WORDS}) Tj ET");
    says("scan.pdf", &plain(&[&layer]), &[WORDS]);
    let letter = format!("BT /F 12 Tf 50 700 Td ({WORDS}) Tj ET");
    let mixed = read("deels.pdf", &plain(&[&letter, IMAGE]));
    assert!(text(&mixed).contains(WORDS));
    assert_eq!(reasons(&mixed), [Reason::Scanned], "one page of two is a scan");
    let logo = "q 60 0 0 30 0 0 cm /I Do Q";
    assert_eq!(reasons(&read("logo.pdf", &plain(&[&letter, logo]))), []);
}

#[test]
fn case_14_fields_of_forms_notes_and_properties_are_read() {
    let document = pdf(&["BT /F 12 Tf 50 700 Td (Formulier) Tj ET"], |document, catalog| {
        let field = document.add_object(dictionary! {
            "FT" => "Tx", "T" => string("BSN"), "V" => string("123456782"), "Subtype" => "Widget",
        });
        document
            .add_object(dictionary! { "Subtype" => "Text", "Contents" => string("CVA in 2019") });
        catalog.set("AcroForm", dictionary! { "Fields" => vec![field.into()] });
        let wide: Vec<u8> = [0xfe, 0xff]
            .into_iter()
            .chain("Brief dhr Jansën".encode_utf16().flat_map(u16::to_be_bytes))
            .collect();
        let info = document.add_object(dictionary! {
            "Title" => Object::String(wide, StringFormat::Literal), "Producer" => string("X 1.0"),
        });
        document.trailer.set("Info", info);
    });
    let bytes = bytes(document);
    says("formulier.pdf", &bytes, &["BSN: 123456782", "CVA in 2019", "Title: Brief dhr Jansën"]);
    assert!(!text(&read("formulier.pdf", &bytes)).contains("X 1.0"));
}

#[test]
fn case_15_a_pdf_under_a_password_is_said_and_one_that_anybody_may_open_is_read() {
    let page = format!("BT /F 12 Tf 50 700 Td ({WORDS}) Tj ET");
    for (user, expected) in [("geheim", vec![Reason::Encrypted]), ("", vec![])] {
        let mut document = pdf(&[&page], |_, _| {});
        let id = Object::String(b"0123456789abcdef".to_vec(), StringFormat::Literal);
        document.trailer.set("ID", vec![id.clone(), id]);
        let version = lopdf::EncryptionVersion::V2 {
            document: &document,
            owner_password: "eigenaar",
            user_password: user,
            key_length: 128,
            permissions: lopdf::Permissions::all(),
        };
        let state = lopdf::EncryptionState::try_from(version).unwrap();
        document.encrypt(&state).unwrap();
        let extract = read("brief.pdf", &bytes(document));
        assert_eq!(reasons(&extract), expected, "{user:?}");
        assert_eq!(text(&extract).contains(WORDS), user.is_empty());
    }
}

#[test]
fn case_16_files_in_a_pdf_are_read() {
    let letter = docx(&paragraph(WORDS));
    let document = pdf(&["BT /F 12 Tf 50 700 Td (Zie bijlage) Tj ET"], |document, _| {
        let file =
            document.add_object(Stream::new(dictionary! { "Type" => "EmbeddedFile" }, letter));
        document.add_object(dictionary! {
            "Type" => "Filespec", "UF" => string("brief.docx"), "EF" => dictionary! { "F" => file },
        });
    });
    says("map.pdf", &bytes(document), &["Zie bijlage", "brief.docx", WORDS]);
}

#[test]
fn case_17_a_guideline_of_200_pages_is_read_and_its_cover_is_no_scan() {
    let page = format!(
        "BT /F 12 Tf 14 TL 50 700 Td {} ET",
        "(Richtlijn voor pati\\353nten) Tj T* ".repeat(50)
    );
    let mut pages = vec![IMAGE];
    pages.extend(vec![page.as_str(); 199]);
    let extract = read("richtlijn.pdf", &plain(&pages));
    assert_eq!(reasons(&extract), []);
    assert_eq!(text(&extract).matches("patiënten").count(), 50 * 199);
}

#[test]
fn case_18_letters_that_nobody_can_tell_are_said_and_a_map_makes_them_readable() {
    let page = "BT /F 12 Tf 50 700 Td <000100020003000400050006000700080001000200030004000500060007> Tj ET";
    let inner = dictionary! { "Type" => "Font", "Subtype" => "CIDFontType2", "W" => vec![1.into(), 8.into(), 600.into()] };
    let font = |document: &mut Document, map: bool| {
        let inner = document.add_object(inner.clone());
        let mut font = dictionary! {
            "Type" => "Font", "Subtype" => "Type0", "BaseFont" => "A", "Encoding" => "Identity-H",
            "DescendantFonts" => vec![inner.into()],
        };
        if map {
            let text = b"1 begincodespacerange <0000> <ffff> endcodespacerange 1 beginbfchar <0001> <0042> endbfchar \
                2 beginbfrange <0002> <0003> [<0053> <004e>] <0004> <0008> <0031> endbfrange";
            let map = document.add_object(Stream::new(dictionary! {}, text.to_vec()));
            font.set("ToUnicode", map);
        }
        font
    };
    for (map, expected) in [(false, vec![Reason::Unmapped]), (true, vec![])] {
        let document = pdf(&[page], |document, _| {
            let font = font(document, map);
            let place = document.objects.iter().find(|(_, one)| {
                one.as_dict().is_ok_and(|one| {
                    one.has_type(b"Font")
                        && one.has(b"BaseFont")
                        && one.get(b"Subtype").unwrap().as_name().unwrap() == b"Type1"
                })
            });
            let place = *place.unwrap().0;
            document.objects.insert(place, Object::Dictionary(font));
        });
        let extract = read("brief.pdf", &bytes(document));
        assert_eq!(reasons(&extract), expected);
        assert_eq!(text(&extract).contains("BSN12345BSN1234"), map, "{:?}", text(&extract));
    }
}

#[test]
fn letters_that_are_drawn_are_said_and_a_rule_on_an_empty_page_is_not() {
    let drawn = "10 10 m 20 30 l 30 10 l 12 18 l 28 18 l h f ".repeat(6);
    assert_eq!(reasons(&read("a.pdf", &plain(&[&drawn]))), [Reason::Unmapped]);
    let shaded = "q 10 10 m 20 30 30 40 50 50 c h W n /Sh sh Q ".repeat(12);
    assert_eq!(reasons(&read("a.pdf", &plain(&[&shaded]))), [Reason::Unmapped]);
    let letter = format!("BT /F 12 Tf 50 700 Td ({WORDS}) Tj ET");
    let empty = "0 0 595 842 re f 50 50 m 500 50 l S q 0 0 9 9 re W n Q";
    says("a.pdf", &plain(&[&letter, empty]), &[WORDS]);
    says("a.pdf", &plain(&[&format!("{drawn} {letter}")]), &[WORDS]);
}

#[test]
fn a_scan_that_stands_in_the_page_itself_is_said() {
    let inline = "q 595 0 0 842 0 0 cm BI /W 1 /H 1 /CS /G /BPC 8 ID x EI Q";
    assert_eq!(reasons(&read("scan.pdf", &plain(&[inline]))), [Reason::Scanned]);
    let strips = "q 595 0 0 84 0 0 cm BI /W 1 /H 1 ID x EI Q ".repeat(6);
    assert_eq!(reasons(&read("scan.pdf", &plain(&[&strips]))), [Reason::Scanned]);
}

/// A page whose content has this filter and these bytes.
fn filtered(filter: impl FnOnce(&mut Document) -> Object, content: Vec<u8>) -> Vec<u8> {
    bytes(pdf(&["BT ET"], |document, _| {
        let filter = filter(document);
        let stream = Stream::new(dictionary! { "Filter" => filter }, content);
        let content = document.add_object(stream);
        for object in document.objects.values_mut() {
            if let Ok(page) = object.as_dict_mut()
                && page.has_type(b"Page")
            {
                page.set("Contents", content);
            }
        }
    }))
}

#[test]
fn a_page_that_does_not_unpack_is_said_to_be_damaged() {
    let page = format!("BT /F 12 Tf 50 700 Td ({}) Tj ET", "Mw. Jansen, diabetes ".repeat(50));
    let mut stream = Stream::new(dictionary! {}, page.into_bytes());
    stream.compress().unwrap();
    let packed = stream.content;
    let unknown = filtered(|_| "JansenDecode".into(), b"abc".to_vec());
    assert_eq!(reasons(&read("a.pdf", &unknown)), [Reason::Damaged]);
    let torn = filtered(|_| "FlateDecode".into(), packed[..packed.len() / 2].to_vec());
    assert_eq!(reasons(&read("a.pdf", &torn)), [Reason::Damaged]);
    let apart = |document: &mut Document| document.add_object(Object::from("FlateDecode")).into();
    says("a.pdf", &filtered(apart, packed), &["Mw. Jansen, diabetes"]);
}

#[test]
fn notes_and_files_that_stand_in_a_list_as_they_are_are_read() {
    let letter = docx(&paragraph(WORDS));
    let document = pdf(&["BT /F 12 Tf 50 700 Td (Zie bijlage) Tj ET"], |document, catalog| {
        let file = document.add_object(Stream::new(dictionary! {}, letter));
        let note = dictionary! { "Subtype" => "FreeText", "Contents" => string("CVA in 2019") };
        let spec = dictionary! {
            "Type" => "Filespec", "F" => string("brief.docx"), "EF" => dictionary! { "F" => file },
        };
        let names = vec![string("brief"), Object::Dictionary(spec)];
        catalog.set("Names", dictionary! { "EmbeddedFiles" => dictionary! { "Names" => names } });
        for object in document.objects.values_mut() {
            if let Ok(page) = object.as_dict_mut()
                && page.has_type(b"Page")
            {
                page.set("Annots", vec![Object::Dictionary(note.clone())]);
            }
        }
    });
    says("map.pdf", &bytes(document), &["Zie bijlage", "CVA in 2019", "brief.docx", WORDS]);
}

#[test]
fn a_broken_pdf_is_said() {
    assert_eq!(reasons(&read("a.pdf", b"%PDF-1.7\nnothing")), [Reason::Damaged]);
    let whole = plain(&["BT /F 12 Tf 50 700 Td (Mw. Jansen) Tj ET"]);
    let cut = read("a.pdf", &whole[..whole.len() - 60]);
    assert!(text(&cut).contains("Mw. Jansen") || !reasons(&cut).is_empty());
}

proptest! {
    #[test]
    fn any_words_on_a_page_are_no_trouble(words in prop::collection::vec(prop_oneof![
        prop::sample::select(vec![
            "BT", "ET", "q", "Q", "Tj", "TJ", "'", "\"", "Td", "Tm", "cm", "Tf", "/F", "/Fm", "/I", "Do",
            "BI", "ID", "EI", "[", "]", "<<", ">>", "<00", "(a\\", "(b)", "1", "-0.5", "1e9", "/F 0 Tf",
            "1 0 0 1 5 5 Tm", "99999999999999999999", "%",
        ]).prop_map(str::to_owned),
        "[ -~]{0,6}",
    ], 0..80)) {
        let _ = read("a.pdf", &plain(&[&words.join(" ")]));
    }

    #[test]
    fn any_map_of_letters_is_no_trouble(words in prop::collection::vec(prop::sample::select(vec![
        "<00>", "<ffffffff>", "<0041>", "<>", "[", "]", "1", "begincodespacerange", "endcodespacerange",
        "endbfchar", "endbfrange", "<00> <ffff> <0041> endbfrange", "<0> <1> [<41>] endbfrange",
    ]), 0..40)) {
        let words = words.join(" ");
        let document = pdf(&["BT /F 12 Tf (abc) Tj ET"], |document, _| {
            let map = document.add_object(Stream::new(dictionary! {}, words.clone().into_bytes()));
            for object in document.objects.values_mut() {
                if let Ok(font) = object.as_dict_mut()
                    && font.has_type(b"Font")
                {
                    font.set("ToUnicode", map);
                }
            }
        });
        let _ = read("a.pdf", &bytes(document));
    }

    #[test]
    fn any_spoilt_pdf_is_no_trouble(changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..12)) {
        let mut whole = plain(&["BT /F 12 Tf 50 700 Td (Mw. Jansen) Tj ET", IMAGE]);
        for (at, byte) in changes {
            let at = at.index(whole.len());
            whole[at] = byte;
        }
        let _ = read("a.pdf", &whole);
    }
}
