//! What programs between a mail program and its provider are blamed for, and this one is not to be. Which
//! test stands for which complaint is told in `proxy/QUIRKS.md`.

use std::path::Path;

use tests::imap::Imap;
use tests::zorgzegel::Options;
use tests::{PASSWORD, SenderTls, Session, Zorgzegel};

use super::{account, address, direct, provider, start, through};

fn letter(number: usize) -> Vec<u8> {
    let text = format!(
        "From: a@elders.test\r\nSubject: bericht {number}\r\nMessage-ID: <een@elders.test>\r\n\r\n\
         tekst {number}\r\n"
    );
    text.into_bytes()
}

/// Reads lines up to the end of the command with this tag.
fn until_end(imap: &mut Imap, tag: &str) -> Vec<String> {
    let end = format!("{tag} ");
    let mut lines = Vec::new();
    while !lines.last().is_some_and(|line: &String| line.starts_with(&end)) {
        lines.push(imap.line().unwrap());
    }
    lines
}

/// The ends of commands, in the order in which they came.
fn ends(lines: &[String]) -> Vec<&str> {
    let tagged = lines.iter().filter(|line| line.contains(" OK") && !line.starts_with('*'));
    tagged.map(|line| line.split(' ').next().unwrap()).collect()
}

#[test]
fn a_move_and_a_draft_that_come_in_one_write_lose_nothing_and_keep_their_order() {
    let session = Session::start().unwrap();
    provider().put(&address("verhuizing"), &[letter(0), letter(1), letter(2)]).unwrap();
    let product = start(&session, account("verhuizing"));
    let mut imap = through(&product);
    imap.ask("CREATE Archief").unwrap();
    imap.ask("CREATE Schrijfsels").unwrap();
    imap.ask("SELECT INBOX").unwrap();
    // As Outlook moves: no MOVE, and no answer is waited for.
    imap.write(
        b"m1 UID COPY 1:2 Archief\r\nm2 UID STORE 1:2 +FLAGS.SILENT (\\Deleted)\r\n\
          m3 EXPUNGE\r\nm4 UID SEARCH ALL\r\n",
    )
    .unwrap();
    let said = until_end(&mut imap, "m4");
    assert_eq!(ends(&said), ["m1", "m2", "m3", "m4"], "{said:?}");
    assert!(said.contains(&"* SEARCH 3\r\n".to_owned()), "{said:?}");
    // A draft is put there anew, and its older version taken out behind it.
    let draft = |number| format!("Subject: concept\r\n\r\nversie {number}\r\n");
    let put = |number| {
        let text = draft(number);
        format!("d{number} APPEND Schrijfsels (\\Draft) {{{}+}}\r\n{text}\r\n", text.len())
    };
    let out =
        "d3 SELECT Schrijfsels\r\nd4 UID STORE 1 +FLAGS.SILENT (\\Deleted)\r\nd5 UID EXPUNGE 1\r\n";
    imap.write(format!("{}{}{out}", put(1), put(2)).as_bytes()).unwrap();
    let said = until_end(&mut imap, "d5");
    assert_eq!(ends(&said), ["d1", "d2", "d3", "d4", "d5"], "{said:?}");

    let mut direct = direct(product.user());
    let mut texts = |mailbox: &str| {
        direct.ask(&format!("EXAMINE {mailbox}")).unwrap();
        direct.ask("FETCH 1:* BODY.PEEK[TEXT]").unwrap()
    };
    let (archive, inbox, drafts) = (texts("Archief"), texts("INBOX"), texts("Schrijfsels"));
    assert!(archive.contains("tekst 0") && archive.contains("tekst 1"), "{archive}");
    assert!(inbox.contains("tekst 2") && !inbox.contains("tekst 0"), "{inbox}");
    assert!(drafts.contains("versie 2") && !drafts.contains("versie 1"), "{drafts}");
}

#[test]
fn after_a_restart_a_mail_program_has_nothing_to_fetch_again() {
    let session = Session::start().unwrap();
    // Three messages under one Message-ID: none of them is taken for another.
    provider().put(&address("weer"), &[letter(0), letter(1), letter(2)]).unwrap();
    let mut product = start(&session, account("weer"));
    let known = |product: &Zorgzegel| {
        let mut imap = through(product);
        let said = imap.ask("SELECT INBOX (CONDSTORE)").unwrap();
        let marks = ["UIDVALIDITY ", "UIDNEXT ", "HIGHESTMODSEQ ", "* 3 EXISTS"];
        assert!(marks.iter().all(|mark| said.contains(mark)), "{said}");
        let numbers = marks[..3].iter().map(|mark| {
            let behind = said.split_once(mark).unwrap().1;
            behind.split(']').next().unwrap().to_owned()
        });
        (numbers.collect::<Vec<_>>(), imap.ask("UID FETCH 1:* (FLAGS RFC822.SIZE)").unwrap())
    };
    let before = known(&product);
    product.restart().unwrap();
    let after = known(&product);
    assert_eq!(before.0, after.0);
    assert_eq!(before.1.matches("UID ").count(), 3, "{}", before.1);
    // The end of the answer says how long it took.
    let sizes = |said: &str| said.lines().take(3).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(sizes(&before.1), sizes(&after.1));
    let mut imap = through(&product);
    imap.ask("ENABLE QRESYNC").unwrap();
    let [validity, _, changed] = &after.0[..] else { panic!("{:?}", after.0) };
    let said = imap.ask(&format!("SELECT INBOX (QRESYNC ({validity} {changed} 1:3))")).unwrap();
    assert!(!said.contains("FETCH") && !said.contains("VANISHED"), "{said}");
}

#[test]
fn what_nobody_can_parse_as_mail_passes_byte_for_byte() {
    let session = Session::start().unwrap();
    let long = [b"Subject: lang\r\n\r\n".to_vec(), vec![b'x'; 70_000], b"\r\n".to_vec()].concat();
    let wide = format!("X-Veel: {}\r\n\r\nx\r\n", "y ".repeat(100_000));
    let broken = [
        long,
        wide.into_bytes(),
        b"geen kop en geen einde".to_vec(),
        b"Subject: \xe9\xff\x01\r\nzonder dubbele punt\r\n\r\n\x80\x81\r\n".to_vec(),
        b"From a@b Mon Nov 23 10:00:00 2026\r\nSubject: x\r\n\r\n>From x\r\n".to_vec(),
        b"Content-Type: multipart/signed; boundary=\"b\r\n\r\n--b\r\n--b\r\n--b--x".to_vec(),
        b"X-NTA7516: \xff\r\nX-NTA7516:\r\nFrom: a@b, c@d\r\nFrom:\r\n\r\n".to_vec(),
        b"Content-Type: message/rfc822\r\n\r\n".repeat(300),
    ];
    provider().put(&address("stuk"), &broken).unwrap();
    let product = start(&session, account("stuk"));
    let [expected, got] = [direct(product.user()), through(&product)].map(|mut imap| {
        imap.ask("EXAMINE INBOX").unwrap();
        let said = imap.say("FETCH 1:* (UID RFC822.SIZE ENVELOPE BODYSTRUCTURE BODY.PEEK[])");
        let said = said.unwrap();
        imap.ask("NOOP").unwrap();
        let end = said.windows(4).rposition(|bytes| bytes == b"T OK" || bytes == b"T NO").unwrap();
        said[..end].to_vec()
    });
    assert!(expected.len() > 270_000, "{}", expected.len());
    assert!(expected == got, "{} {}", expected.len(), got.len());
}

fn size(folder: &Path) -> u64 {
    let entries = std::fs::read_dir(folder).unwrap().flatten();
    let of = |entry: std::fs::DirEntry| match entry.file_type() {
        Ok(kind) if kind.is_dir() => size(&entry.path()),
        // A file may go while it is looked at.
        _ => entry.metadata().map_or(0, |data| data.len()),
    };
    entries.map(of).sum()
}

#[test]
fn ordinary_mail_that_passes_takes_no_room_on_the_disk() {
    let session = Session::start().unwrap();
    let messages: Vec<_> = (0..400)
        .map(|number| [letter(number), b"nog een regel\r\n".repeat(1_400)].concat())
        .collect();
    provider().put(&address("schijf"), &messages).unwrap();
    let product = start(&session, account("schijf"));
    let mut imap = through(&product);
    imap.ask("EXAMINE INBOX").unwrap();
    let before = size(&product.data_dir());
    let said = imap.say("FETCH 1:* (UID BODY.PEEK[])").unwrap();
    assert!(said.len() > 8_000_000, "{}", said.len());
    imap.ask("NOOP").unwrap();
    let after = size(&product.data_dir());
    assert!(before > 0 && after < before + 256 * 1024, "{before} bytes, then {after}");
}

#[test]
fn a_data_folder_with_blanks_and_accents_in_its_name_serves_as_any() {
    let session = Session::start().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let data_dir = Some(folder.path().join("Praktijk M\u{fc}ller & \u{c5}se"));
    let mut product = start(&session, Options { data_dir, ..account("umlaut") });
    assert!(product.data_dir().is_dir() && product.data_dir().starts_with(folder.path()));
    through(&product).ask("SELECT INBOX").unwrap();
    assert_eq!(product.cli(&["incoming", "--json"]).unwrap().code, Some(0));
    product.restart().unwrap();
    through(&product).ask("SELECT INBOX").unwrap();
}

#[test]
fn the_certificate_that_mail_programs_trust_is_the_same_after_a_restart() {
    let session = Session::start().unwrap();
    let mut product = start(&session, account("zegel"));
    let before = super::thunderbird::authority(&product);
    product.restart().unwrap();
    assert_eq!(super::thunderbird::authority(&product), before);
}

#[test]
fn the_log_at_its_most_talkative_has_neither_mail_nor_password() {
    let session = Session::start().unwrap();
    provider().put(&address("praatziek"), &[letter(4_711)]).unwrap();
    let env = vec![("ZORGZEGEL_LOG", "trace".to_owned())];
    let product = start(&session, Options { env, ..account("praatziek") });
    let (user, password) = (product.user(), product.local_password());
    let mut imap = Imap::connect(product.imaps().unwrap(), SenderTls::Implicit).unwrap();
    assert!(imap.say(&format!("LOGIN {user} Verkeerd-Woord-12")).unwrap().starts_with(b"T NO"));
    imap.ask(&format!("LOGIN {user} {password}")).unwrap();
    imap.ask("SELECT INBOX").unwrap();
    imap.ask("FETCH 1 BODY[]").unwrap();
    let marked =
        "X-NTA7516: S\r\nFrom: a@elders.test\r\nSubject: Geheimschrift\r\n\r\nZwijgplicht\r\n";
    imap.write(format!("x APPEND INBOX {{{}+}}\r\n{marked}\r\n", marked.len()).as_bytes()).unwrap();
    imap.ask("NOOP").unwrap();
    imap.ask("FETCH 1:* BODY.PEEK[]").unwrap();
    assert!(through(&product).say("FOUT COMMANDO").unwrap().starts_with(b"T BAD"));
    let log = product.said();
    assert!(log.contains("TRACE") || log.contains("DEBUG"), "it is talkative: {log}");
    let proof = |password: &str| tests::raw::base64(format!("\0{user}\0{password}").as_bytes());
    let secrets = [password, PASSWORD, "Verkeerd-Woord-12"];
    for secret in secrets.iter().map(|it| (*it).to_owned()).chain(secrets.map(proof)) {
        assert!(!log.contains(&secret), "a password is in the log");
    }
    for word in ["bericht 4711", "tekst 4711", "Geheimschrift", "Zwijgplicht", "een@elders.test"] {
        assert!(!log.contains(word), "{word} is in the log");
    }
}
