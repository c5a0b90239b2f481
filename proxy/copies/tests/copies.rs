//! Copies as other programs read them: poppler, qpdf, xmllint.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::Path;
use std::process::Command;

use copies::{Language, ProofLine, Source, pdf, xml};
use mail::Message;

fn source(message: &Message) -> Source<'_> {
    Source {
        message,
        proof: vec![ProofLine {
            label: "Bewijs".to_owned(),
            text: "DANE <3 1 1> & meer".to_owned(),
        }],
        made_at: "2026-11-23T10:00:00Z".parse().unwrap(),
        made_by: "test".to_owned(),
        language: Language::Dutch,
    }
}

/// Runs a program; a missing one fails the test, since `make test` installs it.
fn run(program: &str, arguments: &[&str]) -> String {
    let done = Command::new(program).args(arguments).output();
    let done = done.unwrap_or_else(|error| panic!("{program} is not installed: {error}"));
    let said = String::from_utf8_lossy(&done.stdout).into_owned();
    assert!(done.status.success(), "{program}: {said}{}", String::from_utf8_lossy(&done.stderr));
    said
}

fn nasty() -> Vec<(&'static str, Vec<u8>)> {
    let many = (0..1_000).fold(String::new(), |text, number| {
        text + &format!(
            "--b\r\nContent-Type: application/pdf; name=\"f{number}.pdf\"\r\nContent-Disposition: attachment\r\n\r\nx\r\n"
        )
    });
    let bomb = "<div>".repeat(20_000);
    vec![
        ("empty", Vec::new()),
        ("no body", b"Subject: a\r\n\r\n".to_vec()),
        ("no header", b"just text\r\n".to_vec()),
        ("controls", b"Subject: a\x01\x02\r\nFrom: \xff\xfe\r\n\r\n\0\0\x1b[31m\x0c]]> & <b>\r\n".to_vec()),
        ("many", format!("Content-Type: multipart/mixed; boundary=b\r\n\r\n{many}--b--\r\n").into_bytes()),
        ("broken", b"Content-Type: multipart/mixed; boundary=\r\n\r\n--\r\n--x\r\n".to_vec()),
        ("bomb", format!("Content-Type: text/html\r\n\r\n{bomb}x").into_bytes()),
        ("scripts", "Subject: =?utf-8?b?8J+YgA==?=\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nعربي 中文 😀 \u{202e}abc\r\n".into()),
        ("long word", [b"\r\n".to_vec(), vec![b'w'; 50_000]].concat()),
    ]
}

#[test]
fn a_pdf_shows_header_text_attachments_and_proof_and_holds_the_original() {
    let original = b"From: Jan de Vries <jan@praktijk.nl>\r\nTo: a@b.nl\r\nSubject: Uitslag\r\n\
        MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\
        Content-Type: text/plain; charset=utf-8\r\n\r\nGeachte collega,\r\nHbA1c is 58.\r\n--b\r\n\
        Content-Type: text/csv; name=lab.csv\r\nContent-Disposition: attachment; filename=lab.csv\r\n\r\n\
        a;b\r\n--b--\r\n";
    let message = Message::new(original.to_vec());
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.pdf");
    std::fs::write(&file, pdf(&source(&message)).unwrap()).unwrap();
    let path = file.to_str().unwrap();
    let text = run("pdftotext", &["-layout", path, "-"]);
    for words in [
        "Uitslag",
        "Jan de Vries <jan@praktijk.nl>",
        "HbA1c is 58.",
        "lab.csv",
        "DANE <3 1 1> & meer",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
    run("qpdf", &["--check", path]);
    let out = folder.path().join("los");
    std::fs::create_dir(&out).unwrap();
    run("pdfdetach", &["-saveall", "-o", out.to_str().unwrap(), path]);
    assert_eq!(std::fs::read(out.join("bericht.eml")).unwrap(), original);
    assert!(run("pdfinfo", &[path]).contains("Tagged:          yes"));
}

#[test]
fn no_mail_is_too_nasty_for_a_copy() {
    let folder = tempfile::tempdir().unwrap();
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("schema/bericht-1.xsd");
    for (name, bytes) in nasty() {
        let message = Message::new(bytes);
        let file = folder.path().join("a.pdf");
        std::fs::write(&file, pdf(&source(&message)).unwrap_or_else(|e| panic!("{name}: {e}")))
            .unwrap();
        run("qpdf", &["--check", file.to_str().unwrap()]);
        let file = folder.path().join("a.xml");
        std::fs::write(&file, xml(&source(&message)).unwrap_or_else(|e| panic!("{name}: {e}")))
            .unwrap();
        let arguments = [
            "--nonet",
            "--noout",
            "--huge",
            "--schema",
            schema.to_str().unwrap(),
            file.to_str().unwrap(),
        ];
        run("xmllint", &arguments);
    }
}

#[test]
fn a_mail_cannot_become_markup_or_turn_text_around() {
    let message = Message::new(
        "Subject: </onderwerp><x/>\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n<script>&amp; \u{202e}gpj.exe\r\n".as_bytes().to_vec(),
    );
    let text = String::from_utf8(xml(&source(&message)).unwrap()).unwrap();
    assert!(text.contains("&lt;/onderwerp&gt;&lt;x/&gt;"), "{text}");
    assert!(text.contains("&lt;script&gt;&amp;amp;"), "{text}");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.pdf");
    std::fs::write(&file, pdf(&source(&message)).unwrap()).unwrap();
    let shown = run("pdftotext", &[file.to_str().unwrap(), "-"]);
    assert!(shown.contains("<script>&amp; gpj.exe"), "{shown}");
}
