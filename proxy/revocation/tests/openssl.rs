//! Issuers made by OpenSSL: its lists, and its OCSP responder behind a small server on loopback.
//! A missing program fails a test.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use cades::{Known, SoftwareKey};
use jiff::Timestamp;
use mail::Message;
use net::tls::Roots;
use paths::{Anchors, Answer, Purpose, Question, Revocation, sources};
use revocation::{Book, Heard, Reach};
use settings::Settings;

/// A root, an issuer below it and a signer, which say that this server is to be asked.
struct House {
    folder: tempfile::TempDir,
    port: u16,
    asked: Arc<AtomicUsize>,
    closed: Arc<Mutex<Vec<&'static str>>>,
}

impl House {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (asked, closed) = (Arc::new(AtomicUsize::new(0)), Arc::default());
        let house = Self { folder, port, asked: Arc::clone(&asked), closed: Arc::clone(&closed) };
        let place = house.folder.path().to_owned();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                asked.fetch_add(1, Ordering::SeqCst);
                serve(stream, &place, &closed.lock().unwrap());
            }
        });
        house.issuers();
        house
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn openssl(&self, arguments: &[&str]) {
        openssl(self.folder.path(), arguments);
    }

    fn issuers(&self) {
        let port = self.port;
        for name in ["root", "sub"] {
            std::fs::write(self.path(&format!("{name}.index")), "").unwrap();
            std::fs::write(self.path(&format!("{name}.number")), "01\n").unwrap();
            let text = format!(
                "[ca]\ndefault_ca = own\n[own]\ndatabase = {name}.index\ncrlnumber = {name}.number\n\
                 default_md = sha256\ndefault_crl_days = 1\n"
            );
            std::fs::write(self.path(&format!("{name}.cnf")), text).unwrap();
        }
        // Old issuers name directories first.
        let points = |by: &str| {
            let directories = match by {
                "root" => "URI:ldap://127.0.0.1/a,URI:ldap://127.0.0.1/b,",
                _ => "",
            };
            format!(
                "crlDistributionPoints = {directories}URI:http://127.0.0.1:{port}/{by}.crl\n\
                 authorityInfoAccess = OCSP;URI:http://127.0.0.1:{port}/{by}.ocsp\n"
            )
        };
        let sub = format!(
            "basicConstraints = critical, CA:TRUE\nkeyUsage = keyCertSign, cRLSign\n{}",
            points("root")
        );
        let leaf = format!(
            "subjectAltName = email:jan@praktijk.test\nkeyUsage = digitalSignature\n\
             extendedKeyUsage = emailProtection\n{}",
            points("sub")
        );
        let root =
            ["req", "-x509", "-nodes", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"];
        let rest = ["-subj", "/CN=root", "-days", "30", "-keyout", "root.key", "-out", "root.pem"];
        self.openssl(&[&root[..], &rest].concat());
        for (name, by, text) in [("sub", "root", sub), ("leaf", "sub", leaf)] {
            let [extensions, key, request, out, subject, ca, ca_key] = [
                format!("{name}.ext"),
                format!("{name}.key"),
                format!("{name}.csr"),
                format!("{name}.pem"),
                format!("/CN={name}"),
                format!("{by}.pem"),
                format!("{by}.key"),
            ];
            std::fs::write(self.path(&extensions), text).unwrap();
            let new = ["req", "-new", "-nodes", "-newkey", "ec", "-pkeyopt"];
            let rest = ["ec_paramgen_curve:P-256", "-subj", &subject, "-keyout", &key, "-out"];
            self.openssl(&[&new[..], &rest, &[request.as_str()]].concat());
            let sign = ["x509", "-req", "-in", &request, "-CA", &ca, "-CAkey", &ca_key];
            let rest = ["-days", "20", "-extfile", &extensions, "-out", &out];
            self.openssl(&[&sign[..], &rest].concat());
        }
        // What was issued stands in the index, as `openssl ca` would have written it.
        for (name, by) in [("sub", "root"), ("leaf", "sub")] {
            self.openssl(&[&ca(by)[..], &["-valid", &format!("{name}.pem")]].concat());
        }
        self.lists();
    }

    fn lists(&self) {
        for by in ["root", "sub"] {
            let made = format!("{by}.crl.pem");
            self.openssl(&[&ca(by)[..], &["-gencrl", "-out", &made]].concat());
            let to = format!("{by}.crl");
            self.openssl(&["crl", "-in", &made, "-outform", "DER", "-out", &to]);
        }
    }

    fn revoke(&self, name: &str, by: &str) {
        let revoke = ["-revoke", &format!("{name}.pem"), "-crl_reason", "keyCompromise"];
        self.openssl(&[&ca(by)[..], &revoke].concat());
        self.lists();
    }

    /// What ends so is not served any more.
    fn close(&self, end: &'static str) {
        self.closed.lock().unwrap().push(end);
    }

    fn chain(&self) -> Vec<Vec<u8>> {
        let der = |name: &str| {
            let (from, to) = (format!("{name}.pem"), format!("{name}.der"));
            self.openssl(&["x509", "-in", &from, "-outform", "DER", "-out", &to]);
            std::fs::read(self.path(&to)).unwrap()
        };
        ["leaf", "sub", "root"].map(der).to_vec()
    }

    /// From now on its responders answer so.
    fn answers(&self, how: &str) {
        std::fs::write(self.path(how), "").unwrap();
    }

    /// What is known after the book was asked.
    async fn told(&self, book: &Book, reach: Reach) -> Revocation {
        self.told_in(0, book, reach).await
    }

    /// The same, so many minutes from now.
    async fn told_in(&self, minutes: i64, book: &Book, reach: Reach) -> Revocation {
        let (chain, now) = (self.chain(), in_minutes(minutes));
        let roots = Roots::load(&[]).unwrap();
        book.ask(&chain, (&roots, reach), now).await;
        judged(book, &chain, now)
    }
}

fn in_minutes(minutes: i64) -> Timestamp {
    Timestamp::now() + jiff::SignedDuration::from_mins(minutes)
}

fn judged(book: &Book, chain: &[Vec<u8>], now: Timestamp) -> Revocation {
    let mut anchors = Anchors::new();
    anchors.add_der(None, &chain[2]).unwrap();
    book.tell(&mut anchors, now);
    let mut question = Question::new(&chain[0], Purpose::Mail, now);
    question.pool = vec![&chain[1]];
    match paths::judge(&anchors, &question) {
        Answer::Found(path) => path.revocation,
        Answer::Refused(refusal) => panic!("{refusal:?}"),
    }
}

fn ca(by: &str) -> Vec<&'static str> {
    match by {
        "root" => vec!["ca", "-config", "root.cnf", "-cert", "root.pem", "-keyfile", "root.key"],
        _ => vec!["ca", "-config", "sub.cnf", "-cert", "sub.pem", "-keyfile", "sub.key"],
    }
}

fn openssl(folder: &Path, arguments: &[&str]) {
    let run = Command::new("openssl").args(arguments).current_dir(folder).output().unwrap();
    assert!(run.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&run.stderr));
}

/// Without nextUpdate.
const WITHOUT_NEXT: &str = "without-next";
/// Signed by one who has no say.
const FORGED: &str = "forged";
const DAYS: i64 = 24 * 60;

/// A list as a file; a question to a responder, answered by `openssl ocsp`.
fn serve(mut stream: std::net::TcpStream, folder: &Path, closed: &[&str]) {
    let (mut asked, mut buffer) = (Vec::new(), [0; 4096]);
    let (head, body) = loop {
        let n = stream.read(&mut buffer).unwrap_or(0);
        asked.extend_from_slice(&buffer[..n]);
        let Some(end) = asked.windows(4).position(|part| part == b"\r\n\r\n") else {
            if n == 0 {
                return;
            }
            continue;
        };
        let head = String::from_utf8_lossy(&asked[..end]).to_ascii_lowercase();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        let length: usize = length.map_or(0, |length| length.parse().unwrap());
        if asked.len() >= end + 4 + length {
            break (head, asked[end + 4..].to_vec());
        }
    };
    let name = head.split(' ').nth(1).unwrap().trim_start_matches('/').to_owned();
    if closed.iter().any(|end| name.ends_with(end)) {
        let _ = stream.write_all(b"HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n");
        return;
    }
    let answer = match name.strip_suffix(".ocsp") {
        None => std::fs::read(folder.join(&name)).unwrap(),
        Some(by) => {
            std::fs::write(folder.join("request.der"), body).unwrap();
            let [index, ca, key] =
                [format!("{by}.index"), format!("{by}.pem"), format!("{by}.key")];
            let said = |name: &str| folder.join(name).exists();
            let (signer, key) =
                if said(FORGED) { ("leaf.pem", "leaf.key") } else { (ca.as_str(), key.as_str()) };
            let answer = ["ocsp", "-index", &index, "-CA", &ca, "-rsigner", signer, "-rkey", key];
            let files = ["-reqin", "request.der", "-respout", "response.der"];
            let next: &[&str] = if said(WITHOUT_NEXT) { &[] } else { &["-ndays", "1"] };
            openssl(folder, &[&answer[..], &files, next].concat());
            std::fs::read(folder.join("response.der")).unwrap()
        }
    };
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", answer.len());
    let _ = stream.write_all(&[head.as_bytes(), &answer].concat());
}

#[tokio::test]
async fn responders_say_that_a_path_is_good_and_are_asked_once() {
    let (house, book) = (House::new(), Book::new());
    let named = sources(&house.chain()[0]);
    assert_eq!(named.lists, [format!("http://127.0.0.1:{}/sub.crl", house.port)]);
    assert_eq!(named.responders, [format!("http://127.0.0.1:{}/sub.ocsp", house.port)]);
    assert_eq!(house.told(&book, Reach::Everywhere).await, Revocation::Good);
    assert_eq!(house.asked.load(Ordering::SeqCst), 2, "a responder for each certificate");
    house.close("");
    assert_eq!(house.told(&book, Reach::Everywhere).await, Revocation::Good);
    assert_eq!(house.asked.load(Ordering::SeqCst), 2, "what is known is not asked");
    let chain = house.chain();
    let later = Timestamp::now() + jiff::SignedDuration::from_hours(48);
    assert!(matches!(judged(&book, &chain, later), Revocation::Unknown { .. }), "it ended");
}

#[tokio::test]
async fn a_signer_who_was_revoked_is_revoked_by_responder_and_by_list() {
    for closed in [".crl", ".ocsp"] {
        let (house, book) = (House::new(), Book::new());
        house.revoke("leaf", "sub");
        house.close(closed);
        let told = house.told(&book, Reach::Everywhere).await;
        assert!(matches!(told, Revocation::Revoked { place: 0, .. }), "{closed}: {told:?}");
    }
}

#[tokio::test]
async fn an_issuer_in_the_middle_that_was_revoked_makes_the_path_revoked_and_not_unknown() {
    for closed in [".crl", ".ocsp", "sub.ocsp"] {
        let (house, book) = (House::new(), Book::new());
        house.revoke("sub", "root");
        house.close(closed);
        let told = house.told(&book, Reach::Everywhere).await;
        assert!(matches!(told, Revocation::Revoked { place: 1, .. }), "{closed}: {told:?}");
    }
}

#[tokio::test]
async fn an_answer_that_names_no_next_one_holds_for_a_day_and_a_revocation_in_it_for_longer() {
    let (house, book) = (House::new(), Book::new());
    house.answers(WITHOUT_NEXT);
    house.close(".crl");
    assert_eq!(house.told(&book, Reach::Everywhere).await, Revocation::Good);
    house.told(&book, Reach::Everywhere).await;
    assert_eq!(house.asked.load(Ordering::SeqCst), 2, "it is kept");
    let later = judged(&book, &house.chain(), in_minutes(2 * DAYS));
    assert!(matches!(later, Revocation::Unknown { .. }), "{later:?}");
    house.revoke("leaf", "sub");
    let book = Book::new();
    let told = house.told(&book, Reach::Everywhere).await;
    assert!(matches!(told, Revocation::Revoked { place: 0, .. }), "{told:?}");
    let later = judged(&book, &house.chain(), in_minutes(6 * DAYS));
    assert!(matches!(later, Revocation::Revoked { place: 0, .. }), "{later:?}");
}

#[tokio::test]
async fn a_revocation_does_not_grow_old_with_the_list_or_the_answer_that_tells_it() {
    for closed in [".crl", ".ocsp"] {
        let (house, book) = (House::new(), Book::new());
        house.revoke("leaf", "sub");
        house.close(closed);
        let told = house.told_in(3 * DAYS, &book, Reach::Everywhere).await;
        let revoked = |told: &Revocation| matches!(told, Revocation::Revoked { place: 0, .. });
        assert!(revoked(&told), "{closed}, past its end: {told:?}");
        // Nobody answers any more.
        house.close("");
        let told = house.told_in(9 * DAYS, &book, Reach::Everywhere).await;
        assert!(revoked(&told), "{closed}: {told:?}");
    }
}

#[tokio::test]
async fn an_answer_by_one_who_has_no_say_silences_no_issuer_for_long() {
    let (house, book) = (House::new(), Book::new());
    house.answers(FORGED);
    house.close(".crl");
    let roots = Roots::load(&[]).unwrap();
    let way = (&roots, Reach::Everywhere);
    assert!(!book.ask(&house.chain(), way, Timestamp::now()).await, "it tells nothing");
    let asked = house.asked.load(Ordering::SeqCst);
    let told = house.told(&book, Reach::Everywhere).await;
    assert!(matches!(told, Revocation::Unknown { .. }), "{told:?}");
    assert_eq!(house.asked.load(Ordering::SeqCst), asked, "not again for a while");
    std::fs::remove_file(house.path(FORGED)).unwrap();
    assert_eq!(house.told_in(20, &book, Reach::Everywhere).await, Revocation::Good);
}

#[tokio::test]
async fn ports_that_are_not_of_the_web_are_not_asked_and_a_silent_issuer_leaves_it_unknown() {
    let (house, book) = (House::new(), Book::new());
    let told = house.told(&book, Reach::Public).await;
    assert!(matches!(told, Revocation::Unknown { place: 0, .. }), "{told:?}");
    assert_eq!(house.asked.load(Ordering::SeqCst), 0, "nobody was dialled");
    let book = Book::new();
    house.close("");
    let told = house.told(&book, Reach::Everywhere).await;
    assert!(matches!(told, Revocation::Unknown { .. }), "{told:?}");
    let asked = house.asked.load(Ordering::SeqCst);
    assert_eq!(asked, 4, "responder and list of both");
    house.told(&book, Reach::Everywhere).await;
    assert_eq!(house.asked.load(Ordering::SeqCst), asked, "and not again for a while");
}

#[tokio::test]
async fn an_own_certificate_is_asked_about_where_an_anchor_vouches_for_it_and_the_settings_say_so()
{
    let (house, now) = (House::new(), Timestamp::now());
    house.revoke("leaf", "sub");
    let chain = house.chain();
    let settings = |word: &str, anchors: &str| {
        let text =
            format!("data_dir = \"d\"\n[trust]\nfetch = \"{word}\"\nanchors = [{anchors}]\n");
        Settings::parse(&text, Path::new("/etc/zorgzegel.toml")).unwrap()
    };
    let root = format!("{:?}", house.path("root.pem"));
    let book = Book::new();
    for (word, anchors) in [("never", root.as_str()), ("everywhere", "")] {
        let heard = book.ask_about_own(&chain[..2], &settings(word, anchors), now).await;
        assert_eq!(heard, Heard::default(), "{word}");
    }
    assert_eq!(house.asked.load(Ordering::SeqCst), 0);
    let own = settings("everywhere", &root);
    let heard = book.ask_about_own(&chain[..2], &own, now).await;
    assert_eq!(heard.issuers, chain[1..]);
    let mut anchors = Anchors::new();
    anchors.add_der(None, &chain[2]).unwrap();
    heard.statements.iter().for_each(|said| anchors.hear(said.clone()));
    let mut question = Question::new(&chain[0], Purpose::Mail, now);
    question.pool = vec![&chain[1]];
    let Answer::Found(path) = paths::judge(&anchors, &question) else { panic!("no path") };
    assert!(matches!(path.revocation, Revocation::Revoked { place: 0, .. }));
    let asked = house.asked.load(Ordering::SeqCst);
    assert_eq!(book.ask_about_own(&chain[..2], &own, now).await, heard);
    assert_eq!(house.asked.load(Ordering::SeqCst), asked, "what is known is not asked again");
}

/// A mail that the leaf signed.
fn signed(house: &House) -> Message {
    let to_der = ["pkcs8", "-topk8", "-nocrypt", "-in", "leaf.key", "-outform", "DER", "-out"];
    house.openssl(&[&to_der[..], &["key.der"]].concat());
    let key = std::fs::read(house.path("key.der")).unwrap();
    let key = SoftwareKey::new(&key, house.chain()).unwrap();
    let mail = Message::new(b"From: jan@praktijk.test\r\n\r\nx\r\n".to_vec());
    Message::new(cades::sign(&mail, None, &key, Timestamp::now(), [7; 16]).unwrap())
}

#[tokio::test]
async fn nobody_is_asked_unless_the_settings_say_so_and_then_it_counts_in_the_verdict() {
    let house = House::new();
    let (message, book, now) = (signed(&house), Book::new(), Timestamp::now());
    house.revoke("sub", "root");
    let settings = |word: &str| {
        let text = format!("data_dir = \"d\"\n[trust]\nfetch = \"{word}\"\n");
        Settings::parse(&text, Path::new("/etc/zorgzegel.toml")).unwrap()
    };
    let opened = || {
        let mut anchors = Anchors::new();
        anchors.add_der(None, &house.chain()[2]).unwrap();
        book.tell(&mut anchors, now);
        cades::open(&message, &anchors, now)
    };
    let verdict = opened();
    assert!(verdict.valid(), "{verdict:?}");
    assert_eq!(verdict.signers[0].revocation, Known::Unknown);
    for word in ["never", "public"] {
        assert!(!book.ask_as_set(&verdict, &settings(word), now).await);
    }
    // A path to nobody makes this program call nobody.
    let stranger = cades::open(&message, &Anchors::new(), now);
    assert!(!book.ask_as_set(&stranger, &settings("everywhere"), now).await);
    assert_eq!(house.asked.load(Ordering::SeqCst), 0);
    let book = Book::new();
    assert!(book.ask_as_set(&verdict, &settings("everywhere"), now).await);
    let mut anchors = Anchors::new();
    anchors.add_der(None, &house.chain()[2]).unwrap();
    book.tell(&mut anchors, now);
    let verdict = cades::open(&message, &anchors, now);
    assert_eq!(verdict.signers[0].revocation, Known::Revoked);
    assert!(!verdict.valid(), "{verdict:?}");
}
