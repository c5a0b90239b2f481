//! Refusals: the provider's own, word for word, and ours at the door.

use tests::raw::{Raw, base64};
use tests::script::{Scripted, Step};
use tests::zorgzegel::Options;
use tests::{PASSWORD, SenderTls, Session, Submission, World, Zorgzegel};

use super::{account, raw, start, taken, transact};

const LUNCH: &[u8] = b"Subject: lunch\r\n\r\nLunch?\r\n";

fn scripted(session: &Session, script: Vec<Step>) -> (Scripted, Zorgzegel) {
    let provider = Scripted::start(([127, 0, 0, 1], 0).into(), None, vec![script]).unwrap();
    let options = Options {
        smtp: Some(provider.address()),
        smtp_tls: "none",
        smtp_auth: "none",
        ..account("nee")
    };
    let product = start(session, options);
    (provider, product)
}

#[test]
fn replies_of_several_lines_come_through_word_for_word() {
    let session = Session::start().unwrap();
    let mail = "452-4.3.1 vol\r\n452-4.3.1 Probeer later\r\n452 4.3.1 Bel 030-1234567";
    let rcpt = "550-5.7.1 nee\r\n550-zonder nadere code\r\n550 5.7.1 https://x.test/?a=1&b=<2>";
    let done = "250-2.0.0 gedaan\r\n250 2.0.0 Ok: queued as 4Xyz (dank u)";
    let script = vec![
        Step::Serve("MAIL"),
        Step::say(mail),
        Step::Serve("RCPT"),
        Step::say(rcpt),
        Step::Serve("RCPT"),
        Step::say("251 2.1.5 gaat naar elders"),
        Step::Serve("DATA"),
        Step::say("354 toe maar"),
        Step::Message,
        Step::say(done),
        Step::Serve("QUIT"),
    ];
    let (provider, product) = scripted(&session, script);
    let mut client = raw(&product);
    assert_eq!(client.say("MAIL FROM:<nee@praktijk.test>").unwrap(), format!("{mail}\r\n"));
    client.ask("MAIL FROM:<nee@praktijk.test>", "250").unwrap();
    assert_eq!(client.say("RCPT TO:<x@elders.test>").unwrap(), format!("{rcpt}\r\n"));
    let forwarded = client.say("RCPT TO:<y@elders.test>").unwrap();
    assert_eq!(forwarded, "251 2.1.5 gaat naar elders\r\n");
    client.ask("DATA", "354").unwrap();
    client.write(LUNCH).unwrap();
    client.write(b".\r\n").unwrap();
    assert_eq!(client.reply().unwrap(), format!("{done}\r\n"));
    assert_eq!(provider.heard().len(), 1, "one session was enough");
}

#[test]
fn a_provider_that_refuses_every_recipient_or_the_data_gets_no_message() {
    let session = Session::start().unwrap();
    let script = vec![Step::Serve("RCPT"), Step::say("550 5.1.1 onbekend"), Step::Serve("QUIT")];
    let (none, product) = scripted(&session, script);
    let mut client = raw(&product);
    client.ask("MAIL FROM:<nee@praktijk.test>", "250").unwrap();
    client.ask("RCPT TO:<x@elders.test>", "550 5.1.1 onbekend").unwrap();
    let early = client.say("DATA").unwrap();
    assert!(early.starts_with("503 ") || early.starts_with("554 "), "no recipient: {early}");

    let script = vec![Step::Serve("DATA"), Step::say("554 5.7.0 niet"), Step::Serve("QUIT")];
    let (refusing, product) = scripted(&session, script);
    let reply = transact(&mut raw(&product), "nee@praktijk.test", "y@elders.test", LUNCH);
    assert_eq!(reply, "554 5.7.0 niet\r\n");
    let heard = [none.heard(), refusing.heard()].concat();
    assert!(heard.iter().all(|one| one.data.is_empty()), "{heard:?}");
}

#[test]
fn the_provider_answers_a_mail_program_through_us_as_it_does_directly() {
    let session = Session::start().unwrap();
    let product = start(&session, account("gelijk"));
    let provider = World::shared().provider().unwrap();
    let who = "meer.regels@elders.test";
    provider.set_reply(who, Some("553 5.1.8 Een zin; met tekens: <a> & \"b\" 100%")).unwrap();
    let answers = |server, password: &str| {
        let submission = Submission {
            server,
            tls: SenderTls::StartTls,
            login: (product.user(), password),
            mechanism: "PLAIN",
            from: product.user(),
            to: &[who, "refused@elders.test", "deferred@elders.test"],
        };
        let said = submission.smtplib(LUNCH).unwrap();
        assert_eq!(said.code, Some(1), "{}", said.text);
        said.text
    };
    let direct = answers(provider.starttls, PASSWORD);
    let through = answers(product.smtp().unwrap(), product.local_password());
    assert_eq!(through, direct);
    assert_eq!(through.matches("RCPT").count(), 3, "{through}");
    provider.set_reply(who, None).unwrap();
}

#[test]
fn every_mechanism_refuses_a_wrong_password_and_an_unknown_account_alike() {
    let session = Session::start().unwrap();
    let product = start(&session, account("wie"));
    let right = product.local_password().to_owned();
    let mut said = Vec::new();
    for mechanism in ["CRAM-MD5", "PLAIN", "LOGIN"] {
        for (user, password) in [
            (product.user(), "verkeerd"),
            (product.user(), ""),
            (product.user(), PASSWORD),
            ("niemand@praktijk.test", right.as_str()),
            ("geen adres", right.as_str()),
        ] {
            let submission = Submission {
                server: product.smtp().unwrap(),
                tls: SenderTls::StartTls,
                login: (user, password),
                mechanism,
                from: product.user(),
                to: &["a@elders.test"],
            };
            let answer = submission.smtplib(LUNCH).unwrap();
            assert_eq!(answer.code, Some(1), "{mechanism} {user}: {}", answer.text);
            let reply = answer.text.lines().find(|line| line.contains("535"));
            said.push(reply.unwrap_or_else(|| panic!("{mechanism}: {}", answer.text)).to_owned());
        }
    }
    said.dedup();
    assert_eq!(said.len(), 1, "who is known cannot be told from it: {said:?}");
}

#[test]
fn before_tls_no_mechanism_is_offered_and_no_password_read() {
    let session = Session::start().unwrap();
    let product = start(&session, account("klaar"));
    let login = base64(format!("\0{}\0{}", product.user(), product.local_password()).as_bytes());
    for line in [&format!("AUTH PLAIN {login}"), "AUTH PLAIN", "AUTH LOGIN", "AUTH CRAM-MD5"] {
        let mut client = Raw::connect(product.smtp().unwrap()).unwrap();
        client.expect("220").unwrap();
        client.ask("EHLO x", "250").unwrap();
        let reply = client.say(line).unwrap();
        assert!(reply.starts_with("538 5.7.11 "), "{line}: {reply}");
        // What follows is a command again, no response to a question.
        client.ask("NOOP", "250").unwrap();
        client.ask("MAIL FROM:<klaar@praktijk.test>", "530").unwrap();
    }
    // Inside TLS without a login nothing goes either.
    let mut client = Raw::connect(product.smtp().unwrap()).unwrap();
    client.expect("220").unwrap();
    client.ask("EHLO x", "250").unwrap();
    client.ask("STARTTLS", "220").unwrap();
    client.tls().unwrap();
    let offers = client.ask("EHLO x", "250").unwrap();
    assert!(offers.contains("AUTH CRAM-MD5"), "the best one first: {offers}");
    assert!(!offers.contains("STARTTLS"), "{offers}");
    for line in
        ["MAIL FROM:<klaar@praktijk.test>", "RCPT TO:<a@elders.test>", "DATA", "BDAT 0 LAST"]
    {
        let reply = client.say(line).unwrap();
        assert!(reply.starts_with("530 ") || reply.starts_with("503 "), "{line}: {reply}");
    }
}

#[test]
fn a_mail_smuggled_behind_starttls_is_not_sent() {
    let session = Session::start().unwrap();
    let product = start(&session, account("achter"));
    let to = "achter@elders.test";
    let mut client = Raw::connect(product.smtp().unwrap()).unwrap();
    client.expect("220").unwrap();
    client.ask("EHLO x", "250").unwrap();
    // Somebody between the mail program and us adds commands in the clear.
    let injected =
        format!("STARTTLS\r\nRSET\r\nMAIL FROM:<vals@praktijk.test>\r\nRCPT TO:<{to}>\r\n");
    client.write(injected.as_bytes()).unwrap();
    client.expect("220").unwrap();
    client.tls().unwrap();
    // The first reply inside TLS is the one to this EHLO.
    let offers = client.say("EHLO x").unwrap();
    assert!(offers.starts_with("250-") && offers.contains("AUTH"), "{offers}");
    let login = base64(format!("\0{}\0{}", product.user(), product.local_password()).as_bytes());
    client.ask(&format!("AUTH PLAIN {login}"), "235").unwrap();
    client.ask("RCPT TO:<a@elders.test>", "503").unwrap();
    let reply = transact(&mut client, "achter@praktijk.test", to, LUNCH);
    assert!(reply.starts_with("250"), "{reply}");
    let got = taken(to, 1);
    assert_eq!(got.len(), 1);
    assert_eq!(got[0].reverse_path, "achter@praktijk.test");
}

/// Any program on this machine can connect, and places are few.
#[test]
fn a_program_that_talks_and_never_logs_in_is_sent_away_after_a_minute() {
    let session = Session::start().unwrap();
    let product = start(&session, account("blijver"));
    let began = std::time::Instant::now();
    let mut client = Raw::connect(product.smtp().unwrap()).unwrap();
    client.expect("220").unwrap();
    client.ask("EHLO x", "250").unwrap();
    let last = loop {
        std::thread::sleep(std::time::Duration::from_secs(3));
        match client.say("NOOP") {
            Ok(reply) if reply.starts_with("250") => assert!(began.elapsed().as_secs() < 80),
            other => break other,
        }
    };
    assert!(last.is_err() || last.unwrap().starts_with("421"), "the place is free again");
    assert!(began.elapsed().as_secs() >= 55, "nobody who is slow is hurried");
}
