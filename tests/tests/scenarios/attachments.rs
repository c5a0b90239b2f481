//! Mail whose attachments tell what its text does not, or tell nothing.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use detect::{Detector, Field, Piece};
use extract::{Bounds, File};
use serde_json::Value;
use tests::files::{self, docx, pdf, xlsx, zip};
use tests::raw::transact;
use tests::zorgzegel::Options;
use tests::{Session, World, Zorgzegel};

const LETTER: &str = "Betreft: mw. Jansen, geb. 12-03-1956, BSN 123456782. Zij heeft diabetes mellitus type 2 en een CVA gehad.";

/// A mail with a harmless text and this file.
fn mail(name: &str, bytes: &[u8]) -> Vec<u8> {
    files::attached("Beste, zie de bijlage. Groet", &[(name, bytes)])
}

fn start(session: &Session, name: &str, worker: Option<PathBuf>) -> Zorgzegel {
    let address = format!("{name}@praktijk.test");
    let options = Options { address, identity: false, worker, ..Options::default() };
    Zorgzegel::start(World::shared(), session, options).unwrap()
}

fn hand_in(product: &Zorgzegel, to: &str, message: &[u8]) -> String {
    transact(product, &[to], message).unwrap()
}

/// What the command line says of one mail.
fn scan(product: &Zorgzegel, message: &[u8]) -> Value {
    let file = product.folder().join("mail.eml");
    fs::write(&file, message).unwrap();
    let said = product.cli(&["scan", "--json", &file.to_string_lossy()]).unwrap().must("scan");
    serde_json::from_str(&said.unwrap()).unwrap()
}

#[test]
fn health_in_a_letter_in_a_zip_is_held_and_its_evidence_names_the_file() {
    let session = Session::start().unwrap();
    let product = start(&session, "bijlage", None);
    let letter = docx(LETTER);
    let message = mail("map.zip", &zip(&[("brief.docx", &letter), ("lees.txt", b"Lunch?")]));
    let reply = hand_in(&product, "bijlage@goed.test", &message);
    assert!(reply.starts_with("250 2.0.0 held as "), "{reply}");
    let pending = product.cli(&["pending", "--json"]).unwrap().must("pending").unwrap();
    assert!(pending.contains("123456782"), "{pending}");
    let said = scan(&product, &message);
    assert_eq!(said["why"], "health", "{said}");
    let marks = said["marks"].as_array().unwrap();
    let bsn = marks.iter().find(|mark| mark["kind"] == "bsn").unwrap();
    assert_eq!(bsn["place"], "map.zip › brief.docx");
    assert_eq!(said["unread"], Value::Array(Vec::new()));
}

#[test]
fn a_harmless_letter_passes() {
    let session = Session::start().unwrap();
    let product = start(&session, "onschuldig", None);
    let message = mail("uitnodiging.docx", &docx("Kom je ook naar de borrel van vrijdag?"));
    let reply = hand_in(&product, "borrel@elders.test", &message);
    assert!(reply.starts_with("250") && !reply.contains("held"), "{reply}");
}

#[test]
fn a_bomb_is_not_looked_into_and_waits() {
    let session = Session::start().unwrap();
    let product = start(&session, "bom", None);
    let message = mail("bom.zip", &zip(&[("a.txt", &vec![b'a'; 60 * 1024 * 1024])]));
    let reply = hand_in(&product, "bom@goed.test", &message);
    assert!(reply.starts_with("250 2.0.0 held as "), "{reply}");
    let said = scan(&product, &message);
    assert_eq!(said["why"], "cannot_look_inside", "{said}");
    assert_eq!(said["unread"][0]["name"], "bom.zip › a.txt");
    assert_eq!(said["unread"][0]["reason"], "uitgepakt is het te groot");
}

#[test]
fn a_worker_that_is_killed_or_absent_leaves_the_mail_waiting() {
    let session = Session::start().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let killed = folder.path().join("worker");
    fs::write(&killed, "#!/bin/sh\nkill -9 $$\n").unwrap();
    fs::set_permissions(&killed, fs::Permissions::from_mode(0o700)).unwrap();
    for (name, worker) in [("gedood", killed), ("weg", folder.path().join("nowhere"))] {
        let product = start(&session, name, Some(worker));
        let message = mail("brief.docx", &docx("Kom je ook naar de borrel?"));
        let reply = hand_in(&product, "dood@goed.test", &message);
        assert!(reply.starts_with("250 2.0.0 held as "), "{name}: {reply}");
        let said = scan(&product, &message);
        assert_eq!(said["why"], "cannot_look_inside", "{said}");
        assert_eq!(said["unread"][0]["reason"], "het lezen is mislukt");
        let clean = hand_in(&product, "schoon@elders.test", b"Subject: x\r\n\r\nLunch?\r\n");
        assert!(clean.starts_with("250") && !clean.contains("held"), "{clean}");
    }
}

#[test]
fn an_nta_original_in_a_file_is_asked_about_though_all_recipients_are_exempt() {
    let session = Session::start().unwrap();
    let exempt = |name: &str, worker| {
        let options = Options {
            address: format!("{name}@praktijk.test"),
            identity: false,
            worker,
            more: "[detect]\nexempt_domains = [\"elders.test\"]\n".to_owned(),
            ..Options::default()
        };
        Zorgzegel::start(World::shared(), &session, options).unwrap()
    };
    let product = exempt("vrijgesteld", None);
    let original = b"Subject: brief\r\nX-NTA7516: S\r\n\r\nBeste collega\r\n";
    let other = mail("brief.docx", &docx(LETTER));
    let reply = hand_in(&product, "vrij@elders.test", &other);
    assert!(reply.starts_with("250") && !reply.contains("held"), "{reply}");
    let encoded = format!(
        "Subject: Fw\r\nMIME-Version: 1.0\r\nContent-Type: message/rfc822\r\n\
         Content-Transfer-Encoding: base64\r\n\r\n{}\r\n",
        tests::raw::base64(original)
    );
    let zipped = mail("map.zip", &zip(&[("brief.eml", original)]));
    for message in [encoded.as_bytes(), &zipped] {
        let reply = hand_in(&product, "vrij@elders.test", message);
        assert!(reply.starts_with("250 2.0.0 held as "), "{reply}");
    }
    let pending = product.cli(&["pending", "--json"]).unwrap().must("pending").unwrap();
    assert_eq!(pending.matches("goes_on_from_nta").count(), 2, "{pending}");

    let product = exempt("vrijweg", Some(session.folder().join("nowhere")));
    let reply = hand_in(&product, "vrij@elders.test", &zipped);
    assert!(reply.starts_with("250 2.0.0 held as "), "nobody could look: {reply}");
}

#[test]
fn scan_shows_the_level_of_the_mail_and_the_weight_of_each_finding() {
    let session = Session::start().unwrap();
    let product = start(&session, "gewicht", None);
    let file = product.folder().join("gewicht.eml");
    fs::write(&file, mail("brief.docx", &docx(LETTER))).unwrap();
    let said = product.cli(&["scan", &file.to_string_lossy()]).unwrap().must("scan").unwrap();
    let mut lines = said.lines();
    assert!(lines.next().unwrap().contains("zeker gezondheidsgegevens / certain)"), "{said}");
    let weight =
        |line: &str| -> Option<f32> { line.strip_suffix(')')?.rsplit_once('(')?.1.parse().ok() };
    assert!(said.contains("123456782"), "{said}");
    assert!(lines.all(|line| weight(line).is_some_and(|weight| weight > 0.0)), "{said}");
}

/// What the detector says of one file by itself.
fn is_health(name: &str, bytes: &[u8]) -> bool {
    let file = File {
        after: 0,
        name: Some(name.to_owned()),
        content_type: "application/octet-stream".to_owned(),
        encoded: 0,
        bytes: bytes.to_vec(),
    };
    let read = extract::read(&file, &Bounds::default());
    assert_eq!(read.opaque, [], "{name}");
    let pieces = read.pieces.iter();
    let pieces: Vec<Piece<'_>> =
        pieces.map(|piece| Piece { field: Field::Attachment, text: &piece.text }).collect();
    Detector::new(detect::Options::default()).judge(&pieces).health
}

fn sheet(rows: &[&[&str]]) -> Vec<u8> {
    let rows: Vec<Vec<String>> =
        rows.iter().map(|row| row.iter().map(|cell| (*cell).to_owned()).collect()).collect();
    xlsx(&rows)
}

#[test]
fn files_about_a_patient_are_health_mail_and_those_about_none_are_not() {
    let list = sheet(&[
        &["Naam", "BSN", "Geb.datum", "Diagnose"],
        &["H. Jansen", "11222333", "20526", "diabetes mellitus, CVA"],
    ]);
    assert!(is_health("lijst.xlsx", &list));
    assert!(is_health("brief.docx", &docx(LETTER)));
    assert!(is_health("brief.pdf", &pdf(LETTER, 1)));
    let figures = sheet(&[
        &["Afdeling", "Opnames", "Gemiddelde ligduur"],
        &["Cardiologie", "1234", "4.2"],
        &["Neurologie", "876", "5.1"],
    ]);
    let prices = sheet(&[
        &["Artikel", "Artikelnummer", "Prijs"],
        &["Metoprolol 50 mg", "123456782", "€ 3,25"],
        &["Paracetamol 500 mg", "87654321", "€ 1,10"],
    ]);
    let form = "Aanmeldformulier\nNaam:\nGeboortedatum:\nBSN:\nHuisarts:\nReden van verwijzing:";
    let guideline = "Richtlijn diabetes mellitus type 2\nBij patienten met een hoog risico wordt metformine gegeven.\nStart met 500 mg en controleer de nierfunctie.";
    for (name, bytes) in [
        ("kpi.xlsx", figures),
        ("prijslijst.xlsx", prices),
        ("formulier.docx", docx(form)),
        (
            "briefpapier.docx",
            docx("Huisartsenpraktijk De Linde\nDorpsstraat 1, 1234 AB Utrecht\n030-1234567"),
        ),
        ("richtlijn.pdf", pdf(guideline, 200)),
    ] {
        assert!(!is_health(name, &bytes), "{name}");
    }
}
