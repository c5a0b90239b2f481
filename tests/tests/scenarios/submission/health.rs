//! Health mail waits in every dress, and reaches nobody by itself.

use std::fmt::Write as _;

use tests::raw::Raw;
use tests::zorgzegel::Options;
use tests::{SenderTls, Session, Submission, World, Zorgzegel};

use super::{HEALTH, account, raw, start, taken, transact};

/// The id in `250 2.0.0 held as ID: waiting for your choice`.
fn held(reply: &str) -> String {
    let rest = reply.strip_prefix("250 2.0.0 held as ");
    let rest = rest.unwrap_or_else(|| panic!("not held: {reply}"));
    let (id, rest) = rest.split_at(26);
    let crockford = |c: char| "0123456789ABCDEFGHJKMNPQRSTVWXYZ".contains(c.to_ascii_uppercase());
    assert!(id.chars().all(crockford), "{reply}");
    assert!(rest.starts_with(": waiting for your choice"), "{reply}");
    id.to_owned()
}

fn pending(product: &Zorgzegel) -> String {
    product.cli(&["pending", "--json"]).unwrap().must("pending").unwrap()
}

#[test]
fn four_mail_programs_hear_that_it_waits_and_nobody_gets_it() {
    let (world, session) = (World::shared(), Session::start().unwrap());
    let product = start(&session, account("wacht"));
    let to = "wacht@goed.test";
    let submission = Submission {
        server: product.smtp().unwrap(),
        tls: SenderTls::StartTls,
        login: (product.user(), product.local_password()),
        mechanism: "PLAIN",
        from: product.user(),
        to: &[to],
    };
    let message = |name: &str| format!("X-Van: {name}\r\n{HEALTH}").into_bytes();
    for (name, said) in [
        ("swaks", submission.swaks(&message("swaks"))),
        ("msmtp", submission.msmtp(&message("msmtp"))),
        ("curl", submission.curl(&message("curl"))),
        ("smtplib", submission.smtplib(&message("smtplib"))),
    ] {
        let said = said.unwrap();
        assert_eq!(said.code, Some(0), "{name}: {}", said.text);
        // msmtp keeps the reply of a mail that was taken to itself.
        assert!(name == "msmtp" || said.text.contains("held as "), "{name}: {}", said.text);
    }
    let waiting = pending(&product);
    assert!(waiting.contains(to) && waiting.contains("123456782"), "{waiting}");
    // A mail that comes after it has come through, and it has not.
    let after =
        transact(&mut raw(&product), product.user(), "na.wacht@elders.test", b"\r\nLunch?\r\n");
    assert!(after.starts_with("250"), "{after}");
    assert_eq!(taken("na.wacht@elders.test", 1).len(), 1);
    assert!(world.provider().unwrap().taken(to).is_empty());
    assert!(world.received(to).unwrap().is_empty());
}

#[test]
fn health_words_are_found_in_every_dress() {
    let session = Session::start().unwrap();
    let product = start(&session, account("jurk"));
    let words = "BSN 123456782, dhr. Jansen, geb. 12-03-1956, CVA";
    let base64 = tests::raw::base64(words.as_bytes());
    let wide: Vec<u8> = words.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let wide = tests::raw::base64(&wide);
    let quoted = words.bytes().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "={byte:02X}");
        if text.lines().last().is_some_and(|line| line.len() > 70) {
            text.push_str("=\r\n");
        }
        text
    });
    let entities: String = words.chars().map(|c| format!("&#{};", u32::from(c))).collect();
    let spread = words.replace(' ', "</b> <i></i>\r\n<b>");
    let part = |head: &str, body: &str| {
        format!(
            "Subject: x\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n\
             --b\r\nContent-Type: text/plain\r\n\r\nZie bijlage.\r\n--b\r\n{head}\r\n\r\n{body}\r\n--b--\r\n"
        )
    };
    let latin = [b"Subject: x\r\nContent-Type: text/plain; charset=iso-8859-1\r\n\
          Content-Transfer-Encoding: 8bit\r\n\r\nDe pati\xebnt dhr. Jansen, geb. 12-03-1956, \
          BSN 123456782, heeft een ge\xefnfecteerde wond en pre\xebclampsie.\r\n"
        .as_slice()]
    .concat();
    let text =
        |head: &str, body: &str| format!("Subject: x\r\n{head}\r\n\r\n{body}\r\n").into_bytes();
    let dresses: Vec<(&str, Vec<u8>)> = vec![
        ("latin-1", latin),
        ("base64", text("Content-Transfer-Encoding: base64", &base64)),
        ("quoted-printable", text("Content-Transfer-Encoding: quoted-printable", &quoted)),
        (
            "UTF-16",
            text(
                "Content-Type: text/plain; charset=utf-16le\r\nContent-Transfer-Encoding: base64",
                &wide,
            ),
        ),
        ("HTML", text("Content-Type: text/html", &format!("<p><b>{spread}</b></p>"))),
        ("HTML entities", text("Content-Type: text/html", &entities)),
        ("subject", format!("Subject: {words}\r\n\r\nzie boven\r\n").into_bytes()),
        ("subject in base64", text(&format!("Subject: =?utf-8?b?{base64}?="), "zie boven")),
        (
            "a folded subject",
            format!("Subject:\r\n {}\r\n\r\n", words.replace(", ", ",\r\n ")).into(),
        ),
        ("a text file", part("Content-Type: text/plain; name=a.txt", words).into_bytes()),
        (
            "an HTML file in base64",
            part("Content-Type: text/html\r\nContent-Transfer-Encoding: base64", &base64).into(),
        ),
        (
            "a mail in a mail",
            part("Content-Type: message/rfc822", &format!("Subject: y\r\n\r\n{words}"))
                .into_bytes(),
        ),
        ("8-bit without a charset", text("X: y", &format!("pati\u{eb}nt {words}"))),
        ("no header", format!("\r\n{words}\r\n").into_bytes()),
        ("after a long line", text("X: y", &format!("{}\r\n{words}", "x ".repeat(500_000)))),
        ("after NULs", text("X: y", &format!("\0\0\0 {words}"))),
    ];
    let mut client = raw(&product);
    for (name, message) in &dresses {
        let to = format!("{}@elders.test", name.replace(' ', "."));
        let reply = transact(&mut client, "jurk@praktijk.test", &to, message);
        assert!(reply.starts_with("250 2.0.0 held as "), "{name}: {reply}");
    }
    let provider = World::shared().provider().unwrap();
    assert!(provider.taken_all().iter().all(|one| one.reverse_path != "jurk@praktijk.test"));
}

#[test]
fn the_same_mail_again_gets_the_same_id_over_a_restart_too() {
    let session = Session::start().unwrap();
    let mut product = start(&session, account("weer"));
    let from = "weer@praktijk.test";
    let again = |client: &mut Raw, number: u8| {
        let message = format!("Message-ID: <{number}@x>\r\n{HEALTH}");
        transact(client, from, "a@goed.test", message.as_bytes())
    };
    let first = held(&again(&mut raw(&product), 1));
    assert_eq!(held(&again(&mut raw(&product), 2)), first, "in another session");
    product.kill9();
    product.run().unwrap();
    assert_eq!(held(&again(&mut raw(&product), 3)), first, "after a power cut");
    let waiting = pending(&product);
    assert_eq!(waiting.matches(&first).count(), 1, "{waiting}");
    assert_eq!(waiting.matches("\"held_at\"").count(), 1, "{waiting}");
    // What was withdrawn is gone: the same mail is a new one.
    product.cli(&["choose", &first, "withdraw"]).unwrap().must("choose").unwrap();
    let anew = again(&mut raw(&product), 4);
    assert!(anew.starts_with("250 2.0.0 held as "), "{anew}");
}

#[test]
fn ten_thousand_recipients_of_one_mail_get_an_answer_each_and_stay_one_mail() {
    let session = Session::start().unwrap();
    let more = "[listen.limits]\nrecipients = 10000\n".to_owned();
    let product = start(&session, Options { more, ..account("velen") });
    for (count, message, expected) in [
        (10_000, b"Subject: lunch\r\n\r\nLunch?\r\n".as_slice(), "250 "),
        (10_000, HEALTH.as_bytes(), "250 2.0.0 held as "),
    ] {
        let mut client = raw(&product);
        client.ask("MAIL FROM:<velen@praktijk.test>", "250").unwrap();
        let (mut taken, mut refused) = (0, 0);
        // In groups, as a mail program pipelines them (RFC 2920).
        for group in 0..count / 100 {
            let lines = (0..100).fold(String::new(), |mut lines, one| {
                let _ = write!(lines, "RCPT TO:<r{group}.{one}@elders.test>\r\n");
                lines
            });
            client.write(lines.as_bytes()).unwrap();
            for _ in 0..100 {
                let reply = client.reply().unwrap();
                taken += usize::from(reply.starts_with("250"));
                refused += usize::from(reply.starts_with("452"));
            }
        }
        assert_eq!((taken, refused), (count, 0));
        let over = client.say("RCPT TO:<een.te.veel@elders.test>").unwrap();
        assert!(over.starts_with("452 4.5.3 "), "{over}");
        client.ask("DATA", "354").unwrap();
        client.write(message).unwrap();
        client.write(b".\r\n").unwrap();
        let reply = client.reply().unwrap();
        assert!(reply.starts_with(expected), "{reply}");
    }
    let waiting = pending(&product);
    assert_eq!(waiting.matches("\"held_at\"").count(), 1);
    assert!(waiting.contains("r99.99@elders.test"));
}
