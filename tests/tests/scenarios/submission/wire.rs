//! What the provider gets is what the mail program sent.

use tests::script::{Heard, Scripted, Step};
use tests::zorgzegel::Options;
use tests::{PASSWORD, SenderTls, Session, Submission, World};

use super::{account, raw, start, taken};

/// The headers of R-HDR-1, by the words of the guide.
const STRUCK: &str = "Accept-Language, Apparently-To, ARC-Authentication-Results, \
    ARC-Message-Signature, ARC-Seal, Base, Content-Base, Content-Language, DL-Expansion-History, \
    Downgraded-Bcc, Downgraded-Cc, Downgraded-Disposition-Notification-To, Downgraded-From, \
    Downgraded-Mail-From, Downgraded-Rcpt-To, Downgraded-Reply-To, Downgraded-Resent-Bcc, \
    Downgraded-Resent-Cc, Downgraded-Resent-From, Downgraded-Resent-Reply-To, \
    Downgraded-Resent-Sender, Downgraded-Resent-To, Downgraded-Return-Path, Downgraded-Sender, \
    Downgraded-To, EDIINT-Features, Eesst-Version, Errors-To, Form-Sub, Jabber-ID, Language, \
    List-Archive, List-Help, List-ID, List-Owner, List-Post, List-Subscribe, List-Unsubscribe, \
    List-Unsubscribe-Post, MMHS-Acp127-Message-Identifier, MMHS-Authorizing-Users, \
    MMHS-Codress-Message-Indicator, MMHS-Copy-Precedence, MMHS-Exempted-Address, \
    MMHS-Extended-Authorisation-Info, MMHS-Handling-Instructions, MMHS-Message-Instructions, \
    MMHS-Message-Type, MMHS-Originator-PLAD, MMHS-Originator-Reference, \
    MMHS-Other-Recipients-Indicator-CC, MMHS-Other-Recipients-Indicator-To, \
    MMHS-Primary-Precedence, MMHS-Subject-Indicator-Codes, Organization, Privicon, \
    Resent-Reply-To, SIO-Label, SIO-Label-History, X-Archived-At, X-Mittente, X-Ricevuta, \
    X-Riferimento-Message-ID, X-TipoRicevuta, X-Trasporto, X-VerificaSicurezza, \
    X400-Content-Identifier, X400-Content-Return, X400-Content-Type, X400-MTS-Identifier, \
    X400-Originator, X400-Received, X400-Recipients, X400-Trace";

/// A scripted provider with these capabilities, for accounts without TLS.
fn provider(capabilities: &str) -> Scripted {
    let script = vec![vec![Step::Serve("QUIT")]];
    Scripted::offering(([127, 0, 0, 1], 0).into(), None, script, capabilities).unwrap()
}

fn clear(name: &str, provider: &Scripted) -> Options {
    Options { smtp: Some(provider.address()), smtp_tls: "none", ..account(name) }
}

/// Is this the last message of one of the sessions, whole and with nothing before it?
fn ends_with_message(heard: &[Heard], wire: &[u8]) -> bool {
    heard.iter().any(|one| {
        let before = one.data.strip_suffix(wire);
        before.is_some_and(|before| before.is_empty() || before.ends_with(b"\r\n.\r\n"))
    })
}

#[test]
fn the_provider_stores_the_same_as_without_us_but_for_seventy_four_headers() {
    let session = Session::start().unwrap();
    let product = start(&session, account("kop"));
    let names: Vec<&str> = STRUCK.split(", ").collect();
    assert_eq!(names.len(), 74);
    let body =
        "\r\nBeste allen,\r\n\r\n.\r\n..\r\n.punt\r\n caf\u{e9}\r\n\t\r\nList-Id: in de tekst\r\n";
    let kept = "From: kop@praktijk.test\r\nX-Mittente2: blijft\r\nSubject: lunch\r\n \ten meer\r\n\
                Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\
                list-id2:\r\nReceived: from a\r\n\tby b\r\nX-odd :  y  \r\n";
    let mut dressed = String::new();
    let mut lines = kept.split_inclusive("\r\n").peekable();
    for (number, name) in names.iter().enumerate() {
        let field = match number % 4 {
            0 => format!("{name}: x\r\n"),
            1 => format!("{}:x\r\n y\r\n\t z\r\n", name.to_uppercase()),
            2 => format!("{}:\r\n x\r\n", name.to_lowercase()),
            _ => format!("{name}: caf\u{e9} : x\r\n{name}: nog eens\r\n"),
        };
        dressed.push_str(&field);
        // A field of ours comes between, whole: its folded lines follow it.
        if let Some(line) = lines.next() {
            dressed.push_str(line);
            while let Some(line) = lines.next_if(|line| line.starts_with([' ', '\t'])) {
                dressed.push_str(line);
            }
        }
    }
    dressed.extend(lines);
    let mut stored = Vec::new();
    let at_provider = World::shared().provider().unwrap().starttls;
    for (to, server, password, header) in [
        ("kop.direct@elders.test", at_provider, PASSWORD, kept),
        ("kop.door@elders.test", product.smtp().unwrap(), product.local_password(), &*dressed),
    ] {
        let submission = Submission {
            server,
            tls: SenderTls::StartTls,
            login: (product.user(), password),
            mechanism: "CRAM-MD5",
            from: product.user(),
            to: &[to],
        };
        let said = submission.smtplib(format!("{header}{body}").as_bytes()).unwrap();
        assert_eq!(said.code, Some(0), "{}", said.text);
        stored.push(taken(to, 1).remove(0).message);
    }
    let text = |message: &[u8]| String::from_utf8_lossy(message).into_owned();
    assert_eq!(text(&stored[1]), text(&stored[0]));
    assert_eq!(stored[1], stored[0]);
}

#[test]
fn every_shape_of_message_passes_byte_for_byte() {
    let session = Session::start().unwrap();
    let provider = provider("PIPELINING\nSIZE 52428800\n8BITMIME\nAUTH PLAIN");
    let product = start(&session, clear("vorm", &provider));
    let mut raw = raw(&product);
    let long = [b"Subject: a\r\n\r\n".as_slice(), &[b'x'; 998], b"\r\n", &[b'y'; 70_000], b"\r\n"];
    let many = [b"Subject: a\r\n\r\n".as_slice(), &b"..\r\n".repeat(200_000)];
    let eight: Vec<u8> = (0x80..=0xff).collect();
    let eight = [b"Subject: ".as_slice(), &eight, b"\r\n\r\n", &eight, b"\r\n"];
    // As it stands on the wire, dots stuffed.
    let shapes: Vec<(&str, Vec<u8>)> = vec![
        ("dots", b"Subject: a\r\n\r\n..\r\n...\r\n..x\r\nx.\r\n".to_vec()),
        ("a dot first", b"..\r\n".to_vec()),
        ("header only", b"Subject: a\r\n".to_vec()),
        ("empty lines at the end", b"Subject: a\r\n\r\nx\r\n\r\n\r\n\r\n".to_vec()),
        ("blanks at line ends", b"Subject: a \t\r\n\r\nx \t \r\n".to_vec()),
        ("8-bit, in the header too", eight.concat()),
        ("control characters", b"Subject: a\r\n\r\n\x00\x01\x08\x0b\x0c\x1a\x1b\x7f\r\n".to_vec()),
        ("long lines", long.concat()),
        ("many dots", many.concat()),
        ("no header", b"\r\nLunch?\r\n".to_vec()),
        ("no empty line", b"Lunch om een uur?\r\n".to_vec()),
    ];
    for (name, wire) in shapes {
        raw.ask("MAIL FROM:<vorm@praktijk.test> BODY=8BITMIME", "250").unwrap();
        raw.ask("RCPT TO:<a@elders.test>", "250").unwrap();
        raw.ask("DATA", "354").unwrap();
        // In pieces of no particular size, so that the dots lie on every side of a cut.
        for piece in wire.chunks(1_237) {
            raw.write(piece).unwrap();
        }
        raw.write(b".\r\n").unwrap();
        let reply = raw.reply().unwrap();
        assert_eq!(reply, "250 2.0.0 Taken\r\n", "{name}");
        let expected = [wire.as_slice(), b".\r\n"].concat();
        assert!(ends_with_message(&provider.heard(), &expected), "{name}");
    }
}

#[test]
fn a_message_in_chunks_without_a_last_line_end_gets_one_and_nothing_more() {
    let session = Session::start().unwrap();
    let provider = provider("SIZE 52428800\n8BITMIME\nAUTH PLAIN");
    let product = start(&session, clear("brok", &provider));
    let mut raw = raw(&product);
    raw.ask("MAIL FROM:<brok@praktijk.test>", "250").unwrap();
    raw.ask("RCPT TO:<a@elders.test>", "250").unwrap();
    raw.write(b"BDAT 14\r\nSubject: a\r\n\r\n").unwrap();
    raw.expect("250").unwrap();
    raw.write(b"BDAT 10\r\n.x\r\n.\r\nslo").unwrap();
    raw.expect("250").unwrap();
    raw.write(b"BDAT 1 LAST\r\nt").unwrap();
    assert_eq!(raw.reply().unwrap(), "250 2.0.0 Taken\r\n");
    let expected = b"Subject: a\r\n\r\n..x\r\n..\r\nslot\r\n.\r\n";
    assert!(ends_with_message(&provider.heard(), expected), "{:?}", provider.heard());
}

#[test]
fn parameters_go_on_to_a_provider_that_knows_them_and_no_other() {
    let session = Session::start().unwrap();
    let mail = "MAIL FROM:<wens@praktijk.test> BODY=8BITMIME SIZE=1234 RET=HDRS ENVID=QQ314+2B";
    let rcpt = "RCPT TO:<a@elders.test> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;b+2Bc@elders.test";
    for (capabilities, expected) in [
        ("SIZE 9999999\n8BITMIME\nDSN\nAUTH PLAIN", [mail, rcpt]),
        ("AUTH PLAIN", ["MAIL FROM:<wens@praktijk.test>", "RCPT TO:<a@elders.test>"]),
    ] {
        let provider = provider(capabilities);
        let product = start(&session, clear("wens", &provider));
        let mut raw = raw(&product);
        raw.ask(mail, "250").unwrap();
        raw.ask(rcpt, "250").unwrap();
        raw.ask("DATA", "354").unwrap();
        raw.write(b"Subject: a\r\n\r\nLunch?\r\n.\r\n").unwrap();
        raw.expect("250").unwrap();
        let heard = provider.heard().remove(0).lines;
        let envelope: Vec<&str> = heard.iter().map(String::as_str).collect();
        let at = envelope.iter().position(|line| line.starts_with("MAIL")).unwrap();
        assert_eq!(envelope[at..at + 2], expected, "{capabilities:?}");
    }
}

#[test]
fn addresses_in_other_scripts_go_to_a_provider_that_takes_them() {
    let session = Session::start().unwrap();
    let mail = "MAIL FROM:<tekens@praktijk.test> SMTPUTF8";
    let rcpt = "RCPT TO:<j\u{f6}rg@elders.test>";
    let able = provider("8BITMIME\nSMTPUTF8\nAUTH PLAIN");
    let product = start(&session, clear("tekens", &able));
    let mut client = raw(&product);
    client.ask(mail, "250").unwrap();
    client.ask(rcpt, "250").unwrap();
    client.ask("DATA", "354").unwrap();
    client.write("Subject: caf\u{e9}\r\n\r\nLunch?\r\n.\r\n".as_bytes()).unwrap();
    client.expect("250").unwrap();
    let lines = able.heard().remove(0).lines;
    assert!(lines.iter().any(|line| line == mail), "{lines:?}");
    assert!(lines.iter().any(|line| line == rcpt), "{lines:?}");

    let unable = provider("8BITMIME\nAUTH PLAIN");
    let product = start(&session, clear("tekens", &unable));
    let mut client = raw(&product);
    let refused = client.say(mail).unwrap();
    assert!(refused.starts_with("553 5.6.7 "), "{refused}");
    let lines = unable.heard().remove(0).lines;
    assert!(!lines.iter().any(|line| line.starts_with("MAIL")), "{lines:?}");
    // The refusal is of that mail alone.
    client.ask("MAIL FROM:<tekens@praktijk.test>", "250").unwrap();
}
