//! Copies as other programs read them: poppler, qpdf, pikepdf, and veraPDF where it is installed.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stderr)]

mod mails;

use std::path::{Path, PathBuf};
use std::process::Command;

use copies::{About, Form, Language, Line, Signature, Source, Why};
use mail::Message;
use typeset::pdf;

fn about() -> About {
    let line = |label: &str, text: &str| Line { label: label.to_owned(), text: text.to_owned() };
    About {
        signature: Some(Signature {
            word: "pass".to_owned(),
            coverage: "whole".to_owned(),
            headline: "Geldig ondertekend (CAdES).".to_owned(),
            reasons: vec![
                "Ondertekend door Jan de Vries; PKIoverheid staat voor die naam in.".to_owned(),
            ],
            signers: vec![line(
                "Ondertekenaar",
                "CN=Jan de Vries, jan@praktijk.nl, is de afzender; SHA-256",
            )],
        }),
        proof: vec![vec![line("Ontvanger", "a@b.nl"), line("Bewijs", "DANE <3 1 1> & meer")]],
        ..About::new("Zorgzegel", "2026-11-23T10:00:00Z".parse().unwrap(), Language::Dutch)
    }
}

/// A folder with a copy in it, and its path. Copies of the tests stay where they can be looked at.
fn copy(name: &str, mail: &[u8], form: Form) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("copies");
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join(format!("{name}-{}.pdf", std::process::id()));
    let (message, about) = (Message::new(mail.to_vec()), about());
    let source = Source { message: &message, about: &about };
    let made = pdf(&source, form).unwrap_or_else(|error| panic!("{name}: {error}"));
    std::fs::write(&file, made).unwrap();
    file
}

/// Runs a program; a missing one fails the test, since `make test` installs it.
fn run(program: &str, arguments: &[&str]) -> String {
    let done = Command::new(program).args(arguments).output();
    let done = done.unwrap_or_else(|error| panic!("{program} is not installed: {error}"));
    let said = String::from_utf8_lossy(&done.stdout).into_owned();
    assert!(done.status.success(), "{program}: {said}{}", String::from_utf8_lossy(&done.stderr));
    said
}

/// What independent readers say of a file: nothing may be wrong with it, and it must call itself what it is.
fn conforms(file: &Path) {
    let path = file.to_str().unwrap();
    run("qpdf", &["--check", path]);
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/conforms.py");
    run("/usr/bin/python3", &[script.to_str().unwrap(), path]);
    match Command::new("verapdf").args(["--format", "text", "--flavour", "3a", path]).output() {
        Ok(said) => assert!(String::from_utf8_lossy(&said.stdout).starts_with("PASS"), "{said:?}"),
        Err(_) => eprintln!("veraPDF is not installed: not asked"),
    }
}

fn text(file: &Path) -> String {
    run("pdftotext", &["-layout", file.to_str().unwrap(), "-"])
}

/// The text in the order in which a screen reader reads it, with the tags.
fn read_aloud(file: &Path) -> String {
    run("pdfinfo", &["-struct-text", file.to_str().unwrap()])
}

/// The files inside.
fn detached(file: &Path) -> Vec<(String, Vec<u8>)> {
    let folder = tempfile::tempdir().unwrap();
    run("pdfdetach", &["-saveall", "-o", folder.path().to_str().unwrap(), file.to_str().unwrap()]);
    let files = std::fs::read_dir(folder.path()).unwrap().map(|entry| {
        let path = entry.unwrap().path();
        (path.file_name().unwrap().to_str().unwrap().to_owned(), std::fs::read(path).unwrap())
    });
    let mut files: Vec<_> = files.collect();
    files.sort();
    files
}

fn in_order(text: &str, words: &[&str]) {
    let mut at = 0;
    for word in words {
        let next = text[at..].find(word).unwrap_or_else(|| panic!("{word}, in its place: {text}"));
        at += next + word.len();
    }
}

#[test]
fn a_copy_holds_the_original_the_xml_and_the_attachments_byte_for_byte() {
    let mail = mails::letter();
    let file = copy("letter", &mail, Form::Whole);
    conforms(&file);
    let files = detached(&file);
    let names: Vec<_> = files.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        ["bericht.eml", "bericht.xml", "grafiek.svg", "lab (2).csv", "lab.csv", "ünïcode.png"]
    );
    assert_eq!(files[0].1, mail);
    assert_eq!(files[2].1, mails::SVG, "an SVG stays as it came");
    assert_eq!(files[4].1, b"na\xefef;1", "in its own letters");
    let xml = String::from_utf8(files[1].1.clone()).unwrap();
    assert!(xml.contains("<verwijzing bestand=\"lab (2).csv\"/>"), "{xml}");
}

#[test]
fn a_screen_reader_hears_headings_tables_lists_and_pictures_in_order() {
    let file = copy("aloud", &mails::letter(), Form::Whole);
    let said = read_aloud(&file);
    in_order(
        &said,
        &[
            "H1",
            "Uitslag bloedonderzoek",
            "Table",
            "TR",
            "TH",
            "Van",
            "TD",
            "Jan de Vries",
            "H2",
            "Bericht",
            "P",
            "Geachte collega",
            "L ",
            "LI",
            "Lbl",
            "•",
            "LBody",
            "HbA1c is 58",
            "Table",
            "TH",
            "Bepaling",
            "TD",
            "Kreatinine",
            "BlockQuote",
            "Hoe gaat het",
            "Figure",
            "H2",
            "Bijlagen",
            "lab.csv",
            "H2",
            "Handtekening",
            "Geldig ondertekend",
            "H2",
            "Bewijs van de route",
            "DANE <3 1 1> & meer",
            "H2",
            "Over deze kopie",
            "bericht.eml",
        ],
    );
    assert!(!said.contains("pagina 1"), "page numbers are no text: {said}");
    let facts = run("pdfinfo", &[file.to_str().unwrap()]);
    assert!(
        facts.contains("Tagged:          yes") && facts.contains("Uitslag bloedonderzoek"),
        "{facts}"
    );
}

#[test]
fn what_a_mail_shows_is_on_the_pages() {
    let shown = text(&copy("shown", &mails::letter(), Form::Whole));
    for words in [
        "Uitslag bloedonderzoek",
        "Jan de Vries <jan@praktijk.nl>",
        "HbA1c is 58",
        "Kreatinine",
        "de richtlijn <https://nhg.example/diabetes>",
        "[afbeelding niet opgenomen: Logo]",
        "lab.csv",
        "Geldig ondertekend (CAdES).",
        "pagina 1 van",
    ] {
        assert!(shown.contains(words), "{words}: {shown}");
    }
    assert!(!shown.contains("alert("), "scripts are no text: {shown}");
    // The halves of a hash stand below each other.
    let squeezed: String = shown.split_whitespace().collect();
    assert!(squeezed.contains("pagina1van"), "{squeezed}");
}

#[test]
fn a_mail_cannot_become_markup_nor_turn_text_around() {
    let mail = "Subject: (a) Tj ET \\ <</S /JavaScript>>\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n\
        <script>&amp; #panic() $x$ \u{202e}gpj.exe (paren\\ endstream\r\n";
    let file = copy("markup", mail.as_bytes(), Form::Whole);
    conforms(&file);
    let shown = text(&file);
    assert!(shown.contains("(a) Tj ET \\ <</S /JavaScript>>"), "{shown}");
    assert!(shown.contains("<script>&amp; #panic() $x$ gpj.exe (paren\\ endstream"), "{shown}");
}

#[test]
fn scripts_of_the_world_are_set_and_what_is_missing_is_said() {
    let file = copy("scripts", &mails::scripts(), Form::Whole);
    conforms(&file);
    let shown = text(&file);
    for words in
        ["Müller", "Здравствуйте", "患者需要复诊", "😀", "[U+13000]", "U+13000", "HbA1c 58"]
    {
        assert!(shown.contains(words), "{words}: {shown}");
    }
    let letters: String = shown.chars().filter(|c| !c.is_whitespace()).collect();
    for words in ["שלום", "السلام"] {
        let turned: String = words.chars().rev().collect();
        assert!(letters.contains(words) || letters.contains(&turned), "{words}: {shown}");
    }
}

/// Words with the left edges at which they stand, in the order of the page.
fn places(file: &Path) -> Vec<(String, f32)> {
    let said = run("pdftotext", &["-bbox", file.to_str().unwrap(), "-"]);
    let words = said.lines().filter_map(|line| {
        let (edge, rest) = line.trim().strip_prefix("<word xMin=\"")?.split_once('"')?;
        let word = rest.split_once('>')?.1.strip_suffix("</word>")?;
        Some((word.to_owned(), edge.parse().unwrap()))
    });
    words.collect()
}

#[test]
fn lists_quotes_and_tables_of_right_to_left_text_begin_on_the_right() {
    let mail = |list: &str, cells: [&str; 2]| {
        format!(
            "Subject: x\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<ul><li>{list}</li></ul>\
             <table><tr><th>{}</th><th>{}</th></tr><tr><td>111</td><td>222</td></tr></table>",
            cells[0], cells[1]
        )
    };
    let edges = |name, mail: String| {
        let words = places(&copy(name, mail.as_bytes(), Form::Whole));
        let at = |wanted: &str| words.iter().find(|(word, _)| word == wanted).unwrap().1;
        (at("•"), at("111"), at("222"))
    };
    let (dot, first, second) = edges("left", mail("wél", ["een", "twee"]));
    assert!(dot < 100.0 && first < second);
    let (dot, first, second) = edges("right", mail("לקחת תרופה", ["בדיקה", "תוצאה"]));
    assert!(dot > 500.0 && first > second && second > 300.0, "{dot} {first} {second}");
}

#[test]
fn no_mail_is_too_nasty_for_a_copy() {
    for (name, mail) in mails::nasty() {
        let file = copy(name, &mail, Form::Whole);
        conforms(&file);
        assert_eq!(
            detached(&file).into_iter().find(|(name, _)| name == "bericht.eml").unwrap().1,
            mail,
            "{name}"
        );
    }
}

#[test]
fn a_plainer_copy_says_so_and_has_the_original_all_the_same() {
    let mail = mails::letter();
    for (form, words, text_shown) in [
        (
            Form::Plain(Why::TooMuch),
            "zonder opmaak en afbeeldingen: het opmaken duurde te lang",
            true,
        ),
        (Form::Bare(Why::Broke), "alleen de kopregels: het opmaken lukte niet", false),
    ] {
        let file = copy(if text_shown { "plain" } else { "bare" }, &mail, form);
        conforms(&file);
        let shown = text(&file).split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(shown.contains(words), "{shown}");
        assert_eq!(shown.contains("HbA1c"), text_shown, "{shown}");
        assert_eq!(detached(&file)[0].1, mail);
    }
}

#[test]
fn a_copy_of_the_header_alone_holds_the_original_and_says_nothing_else_of_what_it_holds() {
    let mail = mails::letter();
    let file = copy("alone", &mail, Form::Bare(Why::TooMuch));
    let files = detached(&file);
    let names: Vec<_> = files.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["bericht.eml"]);
    assert!(files[0].1 == mail, "byte for byte");
    let shown = text(&file).split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(shown.contains("zit byte voor byte in dit bestand (bericht.eml)"), "{shown}");
    assert!(shown.contains("zitten alleen daarin"), "{shown}");
    assert!(!shown.contains("bericht.xml"), "{shown}");
}

#[test]
fn the_same_message_at_the_same_time_gives_the_same_bytes() {
    let (message, about) = (Message::new(mails::letter()), about());
    let source = Source { message: &message, about: &about };
    let once = pdf(&source, Form::Whole).unwrap();
    assert_eq!(once, pdf(&source, Form::Whole).unwrap());
    let later = About { made_at: "2026-11-23T10:00:01Z".parse().unwrap(), ..about.clone() };
    assert_ne!(once, pdf(&Source { message: &message, about: &later }, Form::Whole).unwrap());
}

#[test]
fn a_hundred_pages_and_thirty_megabytes_are_set() {
    let line =
        "De patiënt is vandaag op het spreekuur gezien en komt over twee weken terug.\r\n\r\n";
    let mail = format!(
        "Subject: lang\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{}",
        line.repeat(3_200)
    );
    let file = copy("hundred", mail.as_bytes(), Form::Whole);
    let facts = run("pdfinfo", &[file.to_str().unwrap()]);
    let pages: usize =
        facts.lines().find_map(|line| line.strip_prefix("Pages:")).unwrap().trim().parse().unwrap();
    assert!((90..200).contains(&pages), "{pages}");
    conforms(&file);
    let mail = mails::large(22 * 1024 * 1024);
    let file = copy("large", &mail, Form::Whole);
    run("qpdf", &["--check", file.to_str().unwrap()]);
    assert_eq!(detached(&file)[0].1, mail);
}
