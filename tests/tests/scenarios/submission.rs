//! The mail program's side: clean mail through real mail programs and a real provider, and what
//! goes wrong.

mod health;
mod refusals;
mod trouble;
mod upstream;
mod wire;

use tests::domains::MARK;
use tests::raw::Raw;
use tests::script::{Scripted, Step};
use tests::zorgzegel::Options;
use tests::{Keyring, SenderTls, Session, Stored, Submission, World, Zorgzegel, guard};

const HEALTH: &str = "Subject: x\r\n\r\nBSN 123456782, dhr. Jansen, geb. 12-03-1956, CVA\r\n";

fn start(session: &Session, options: Options) -> Zorgzegel {
    Zorgzegel::start(World::shared(), session, options).unwrap()
}

fn account(name: &str) -> Options {
    Options { address: format!("{name}@praktijk.test"), identity: false, ..Options::default() }
}

fn taken(to: &str, count: usize) -> Vec<Stored> {
    guard::until("the provider's store", guard::PATIENCE, || {
        let got = World::shared().provider().unwrap().taken(to);
        (got.len() >= count).then_some(got)
    })
    .unwrap()
}

fn raw(product: &Zorgzegel) -> Raw {
    Raw::log_in(product.smtp().unwrap(), product.user(), product.local_password()).unwrap()
}

/// A transaction up to the reply to the message.
fn transact(raw: &mut Raw, from: &str, to: &str, message: &[u8]) -> String {
    raw.ask(&format!("MAIL FROM:<{from}>"), "250").unwrap();
    raw.ask(&format!("RCPT TO:<{to}>"), "250").unwrap();
    raw.ask("DATA", "354").unwrap();
    raw.write(message).unwrap();
    raw.write(b".\r\n").unwrap();
    raw.reply().unwrap()
}

#[test]
fn four_mail_programs_send_clean_mail_by_every_mechanism() {
    let session = Session::start().unwrap();
    let product = start(&session, account("progs"));
    let mut sent = 0;
    let to = "programma@elders.test";
    let tls = [(SenderTls::StartTls, product.smtp()), (SenderTls::Implicit, product.smtps())];
    for (tls, server) in tls {
        let server = server.unwrap();
        for mechanism in ["CRAM-MD5", "PLAIN", "LOGIN"] {
            let submission = Submission {
                server,
                tls,
                login: (product.user(), product.local_password()),
                mechanism,
                from: product.user(),
                to: &[to],
            };
            let message = format!("Subject: lunch {sent}\r\n\r\nLunch?\r\n..\r\n.x\r\n");
            for said in [
                submission.swaks(message.as_bytes()),
                submission.msmtp(message.as_bytes()),
                submission.smtplib(message.as_bytes()),
            ] {
                let said = said.unwrap();
                assert_eq!(said.code, Some(0), "{mechanism}: {}", said.text);
                sent += 1;
            }
        }
        let curl = Submission {
            server,
            tls,
            login: (product.user(), product.local_password()),
            mechanism: "PLAIN",
            from: product.user(),
            to: &[to],
        };
        assert_eq!(curl.curl(b"Subject: c\r\n\r\nLunch?\r\n").unwrap().code, Some(0));
        sent += 1;
    }
    assert_eq!(taken(to, sent).len(), sent);
}

#[test]
fn clean_mail_arrives_byte_for_byte_but_for_the_struck_headers() {
    let session = Session::start().unwrap();
    let bytes = |extra: &str| {
        let mut message = format!("Subject: a\r\n b\r\n{extra}To: x\r\n\r\n").into_bytes();
        message.extend_from_slice(b"caf\xe9 \xff\r\n\r\n..twee punten\r\nbare \x00 nul\r\n");
        message.extend(vec![b'x'; 1_000_000]);
        message.extend_from_slice(b"\r\nslot\r\n");
        message
    };
    let provider =
        Scripted::start(([127, 0, 0, 1], 0).into(), None, vec![vec![Step::Serve("QUIT")]]);
    let provider = provider.unwrap();
    let options = Options { smtp: Some(provider.address()), smtp_tls: "none", ..account("exact") };
    let product = start(&session, options);
    let mut raw = raw(&product);
    let extra = "X-Mittente: a\r\n\tb\r\nLIST-ID: c\r\nX-NTA7516: vals\r\n";
    let stuffed = |message: Vec<u8>| {
        let mut wire = Vec::new();
        for line in message.split_inclusive(|byte| *byte == b'\n') {
            if line.starts_with(b".") {
                wire.push(b'.');
            }
            wire.extend_from_slice(line);
        }
        wire
    };
    let wire = stuffed(bytes(extra));
    raw.ask("MAIL FROM:<exact@praktijk.test> BODY=8BITMIME SIZE=1000200", "250").unwrap();
    raw.ask("RCPT TO:<a@elders.test> NOTIFY=NEVER", "250").unwrap();
    raw.ask("DATA", "354").unwrap();
    raw.write(&wire).unwrap();
    raw.write(b".\r\n").unwrap();
    let reply = raw.reply().unwrap();
    assert!(reply.starts_with("250"), "{reply}");
    let heard = guard::until("the message", guard::PATIENCE, || {
        provider.heard().into_iter().find(|heard| heard.data.ends_with(b"\r\n.\r\n"))
    })
    .unwrap();
    let mut expected = stuffed(bytes(""));
    expected.extend_from_slice(b".\r\n");
    assert_eq!(heard.data.len(), expected.len());
    assert!(heard.data == expected, "the bytes differ");
    assert!(!String::from_utf8_lossy(&heard.data).contains(MARK));
}

#[test]
fn the_providers_refusals_are_the_mail_programs_own() {
    let session = Session::start().unwrap();
    let product = start(&session, account("weiger"));
    let mut raw = raw(&product);
    raw.ask("MAIL FROM:<weiger@praktijk.test>", "250").unwrap();
    let refused = raw.say("RCPT TO:<refused@elders.test>").unwrap();
    assert!(refused.starts_with("550") && refused.contains("niet bekend"), "{refused}");
    let deferred = raw.say("RCPT TO:<deferred@elders.test>").unwrap();
    assert!(deferred.starts_with("450"), "{deferred}");
    raw.ask("RCPT TO:<goed.adres@elders.test>", "250").unwrap();
    raw.ask("DATA", "354").unwrap();
    raw.write(b"Subject: lunch\r\n\r\nLunch?\r\n.\r\n").unwrap();
    let reply = raw.reply().unwrap();
    assert!(reply.contains("queued as"), "the provider's own words: {reply}");
    assert_eq!(taken("goed.adres@elders.test", 1).len(), 1);
}

#[test]
fn nobody_gets_in_without_tls_and_the_right_password() {
    let session = Session::start().unwrap();
    let product = start(&session, account("deur"));
    let mut raw = Raw::connect(product.smtp().unwrap()).unwrap();
    raw.expect("220").unwrap();
    let offers = raw.ask("EHLO x", "250").unwrap();
    assert!(!offers.contains("AUTH"), "{offers}");
    let refused = raw.say("AUTH PLAIN AGEAYg==").unwrap();
    assert!(refused.starts_with("53") || refused.starts_with("50"), "{refused}");
    assert!(raw.say("MAIL FROM:<deur@praktijk.test>").unwrap().starts_with("530"));
    // What is pipelined behind STARTTLS in the clear must not be acted on inside TLS.
    raw.write(b"STARTTLS\r\nEHLO injected\r\nNOOP\r\n").unwrap();
    raw.expect("220").unwrap();
    raw.tls().unwrap();
    let first = raw.say("NOOP").unwrap();
    assert!(first.starts_with("250 2.0.0"), "only our own NOOP is answered: {first}");
    let wrong = Raw::log_in(product.smtp().unwrap(), product.user(), "verkeerd").unwrap_err();
    assert!(wrong.to_string().contains("535"), "{wrong}");
}

#[test]
fn smuggling_shapes_are_refused_and_nothing_is_relayed() {
    let session = Session::start().unwrap();
    let product = start(&session, account("smokkel"));
    let to = "smokkel@elders.test";
    for shape in [&b"\n.\r\n"[..], b"\n.\n", b"\r.\r", b"\r\n.\n", b"\r\n.\r"] {
        let mut raw = raw(&product);
        let mut message = b"Subject: a\r\n\r\nx".to_vec();
        message.extend_from_slice(shape);
        message
            .extend_from_slice(b"MAIL FROM:<vals@x.test>\r\nRCPT TO:<y@x.test>\r\nDATA\r\nz\r\n");
        let reply = transact(&mut raw, "smokkel@praktijk.test", to, &message);
        assert!(reply.starts_with("550"), "{shape:?}: {reply}");
    }
    let mut raw = raw(&product);
    let reply =
        transact(&mut raw, "smokkel@praktijk.test", to, b"Subject: lunch\r\n\r\nLunch?\r\n");
    assert!(reply.starts_with("250"), "{reply}");
    assert_eq!(taken(to, 1).len(), 1, "only the honest one");
}

#[test]
fn a_provider_in_trouble_costs_a_later_try_and_never_a_message() {
    let session = Session::start().unwrap();
    let ok = || Step::Serve("DATA");
    let scripts: Vec<(&str, Vec<Step>)> = vec![
        ("garbage", vec![Step::say("\u{1}\u{2} hello"), Step::Silence]),
        ("421", vec![Step::say("421 4.3.2 even niet")]),
        ("mid-DATA", vec![ok(), Step::say("354 go on"), Step::Bytes(100), Step::Reset]),
        ("after the dot", vec![ok(), Step::say("354 go on"), Step::Message]),
        (
            "552",
            vec![
                ok(),
                Step::say("354 go on"),
                Step::Message,
                Step::say("552-5.2.2 vol\r\n552 5.2.2 echt vol"),
            ],
        ),
    ];
    for (name, script) in scripts {
        let provider = Scripted::start(([127, 0, 0, 1], 0).into(), None, vec![script]).unwrap();
        let options = Options {
            smtp: Some(provider.address()),
            smtp_tls: "none",
            smtp_auth: "none",
            ..account("pech")
        };
        let product = start(&session, options);
        let mut raw = raw(&product);
        let body = format!("Subject: lunch\r\n\r\nLunch?\r\n{}", "x".repeat(400) + "\r\n");
        let reply = transact(&mut raw, "pech@praktijk.test", "a@elders.test", body.as_bytes());
        if name == "552" {
            assert_eq!(reply, "552-5.2.2 vol\r\n552 5.2.2 echt vol\r\n");
        } else {
            assert!(reply.starts_with("451"), "{name}: {reply}");
        }
        // Health mail is held whatever the provider does.
        let reply = transact(&mut raw, "pech@praktijk.test", "a@goed.test", HEALTH.as_bytes());
        assert!(reply.starts_with("250 2.0.0 held as "), "{name}: {reply}");
    }
}

#[test]
fn the_same_health_mail_again_is_held_once() {
    let session = Session::start().unwrap();
    let product = start(&session, account("dubbel"));
    let mut raw = raw(&product);
    let id = |reply: &str| reply.split_once("held as ").map(|(_, rest)| rest[..26].to_owned());
    let message = |number: u8| format!("Message-ID: <{number}@x>\r\nDate: nu {number}\r\n{HEALTH}");
    let first = transact(&mut raw, "dubbel@praktijk.test", "a@goed.test", message(1).as_bytes());
    let again = transact(&mut raw, "dubbel@praktijk.test", "a@goed.test", message(2).as_bytes());
    assert!(id(&first).is_some(), "{first}");
    assert_eq!(id(&first), id(&again), "{first} {again}");
    let other = transact(&mut raw, "dubbel@praktijk.test", "b@goed.test", message(2).as_bytes());
    assert_ne!(id(&first), id(&other), "another recipient is another mail");
}

#[test]
fn odd_messages_get_a_clear_answer_and_the_engine_lives() {
    let session = Session::start().unwrap();
    let product = start(&session, account("vreemd"));
    let mut raw = raw(&product);
    let deep = (0..1_000).fold(String::new(), |text, level| {
        text + &format!("Content-Type: multipart/mixed; boundary=b{level}\r\n\r\n--b{level}\r\n")
    });
    let html = "Content-Type: text/html\r\nContent-Transfer-Encoding: base64\r\n\r\n\
                PGI+QlNOIDEyMzQ1Njc4MjwvYj4gZGhyLiBKYW5zZW4gQ1ZB\r\n";
    let subject = "Subject: =?utf-8?q?BSN_123456782_dhr=2E_Jansen_CVA?=\r\n\r\nzie boven\r\n";
    for (name, message, expected) in [
        ("no header", "\r\nLunch?\r\n".to_owned(), "250"),
        ("empty", String::new(), "250"),
        ("NULs", "Subject: a\r\n\r\n\0\0\0\r\n".to_owned(), "250"),
        ("1,000 levels", format!("Subject: a\r\n{deep}\r\nx\r\n"), "250 2.0.0 held"),
        ("HTML in base64", format!("Subject: a\r\n{html}"), "250 2.0.0 held"),
        ("subject", subject.to_owned(), "250 2.0.0 held"),
        ("a document", "Content-Type: application/pdf\r\n\r\nx\r\n".to_owned(), "250 2.0.0 held"),
    ] {
        let reply = transact(&mut raw, "vreemd@praktijk.test", "a@elders.test", message.as_bytes());
        assert!(reply.starts_with(expected), "{name}: {reply}");
    }
    raw.ask("MAIL FROM:<vreemd@praktijk.test>", "250").unwrap();
    let mut refused = 0;
    for number in 0..1_100 {
        let reply = raw.say(&format!("RCPT TO:<r{number}@elders.test>")).unwrap();
        refused += usize::from(reply.starts_with("452"));
    }
    assert_eq!(refused, 100);
}

#[test]
fn a_keyring_that_is_not_there_refuses_for_now_and_resets_nothing() {
    let mut session = Session::start().unwrap();
    let mut product = start(&session, account("slot"));
    let vault = std::fs::read(product.data_dir().join("vault.id")).unwrap();
    for keyring in [Keyring::Locked, Keyring::WrongPassword, Keyring::Absent] {
        product.kill9();
        session.become_keyring(keyring).unwrap();
        product.run().unwrap();
        let mut raw = Raw::connect(product.smtp().unwrap()).unwrap();
        let greeting = raw.reply().unwrap();
        assert!(greeting.starts_with("421 4.3.0 "), "{keyring:?}: {greeting}");
        assert!(greeting.to_lowercase().contains("keyring"), "{keyring:?}: {greeting}");
        assert_eq!(std::fs::read(product.data_dir().join("vault.id")).unwrap(), vault);
    }
    session.become_keyring(Keyring::Open).unwrap();
    let mut raw = raw(&product);
    let reply = transact(&mut raw, "slot@praktijk.test", "a@goed.test", HEALTH.as_bytes());
    assert!(reply.starts_with("250 2.0.0 held"), "without a restart: {reply}");
}

#[test]
fn bad_settings_are_told_with_their_line_and_the_right_exit_code() {
    let session = Session::start().unwrap();
    let product = Zorgzegel::prepare(World::shared(), &session, account("fout")).unwrap();
    let good = std::fs::read_to_string(product.config()).unwrap();
    for (bad, words) in [
        (format!("kleur = 1\n{good}"), "line 1"),
        (good.replace("timeout = \"20s\"", "timeout = true"), "line 7"),
        (good.replace("extra_roots = [", "extra_roots = [\"/is/er/niet.pem\", "), "niet.pem"),
        (good.replace("127.0.0.1:0", "192.0.2.1:0"), "other machines"),
    ] {
        std::fs::write(product.config(), &bad).unwrap();
        let said = product.cli(&["run"]).unwrap();
        assert_eq!(said.code, Some(2), "{said:?}");
        assert!(said.text.contains(words), "{words}: {}", said.text);
    }
    let busy = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = busy.local_addr().unwrap().port();
    let taken = good.replacen("127.0.0.1:0", &format!("127.0.0.1:{port}"), 1);
    std::fs::write(product.config(), taken).unwrap();
    let said = product.cli(&["run"]).unwrap();
    assert_eq!(said.code, Some(3), "{said:?}");
    assert!(said.text.contains(&port.to_string()), "{}", said.text);
}
