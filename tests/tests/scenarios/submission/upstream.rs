//! The way to the provider: who it must prove to be, how we log in, and what comes of trouble.

use std::net::SocketAddr;

use tests::raw::Raw;
use tests::script::{Scripted, Step};
use tests::zorgzegel::Options;
use tests::{Port, Session, World};

use super::{HEALTH, account, raw, start, taken, transact};

const LUNCH: &[u8] = b"Subject: lunch\r\n\r\nLunch?\r\n";

fn loopback() -> SocketAddr {
    ([127, 0, 0, 1], 0).into()
}

/// Clean mail gets "later" with a sentence; health mail is held all the same.
fn later(raw: &mut Raw, name: &str, to: &str) -> String {
    let from = "boven@praktijk.test";
    let reply = transact(raw, from, to, LUNCH);
    assert!(reply.starts_with("451 4."), "{name}: {reply}");
    assert!(reply.contains("not sent, try again later: your mail provider"), "{name}: {reply}");
    assert!(reply.len() <= 512 && reply.is_ascii(), "{name}: {reply}");
    let health = format!("X-Geval: {name}\r\n{HEALTH}");
    let held = transact(raw, from, "a@goed.test", health.as_bytes());
    assert!(held.starts_with("250 2.0.0 held as "), "{name}: {held}");
    reply
}

#[test]
fn a_provider_that_cannot_prove_its_name_gets_no_password_and_no_mail() {
    let session = Session::start().unwrap();
    let provider = World::shared().provider().unwrap();
    let to = "boven.bewijs@elders.test";
    for (name, at, words) in [
        ("wrong name", provider.wrong_name, "name"),
        ("expired", provider.expired, "expired"),
        ("no STARTTLS", provider.without_tls, "STARTTLS"),
    ] {
        let product = start(&session, Options { smtp: Some(at), ..account("boven") });
        let reply = later(&mut raw(&product), name, to);
        assert!(reply.contains(words), "{name}: {reply}");
    }
    assert!(taken_now(to).is_empty());
}

#[test]
fn a_provider_whose_starttls_is_taken_away_hears_no_password() {
    let session = Session::start().unwrap();
    let provider = Scripted::start(loopback(), None, vec![vec![Step::Serve("QUIT")]]).unwrap();
    let product = start(&session, Options { smtp: Some(provider.address()), ..account("boven") });
    later(&mut raw(&product), "stripped", "a@elders.test");
    for heard in provider.heard() {
        let greeted = heard.lines.iter().all(|line| line.starts_with("EHLO ") || line == "QUIT");
        assert!(greeted, "{:?}", heard.lines);
    }
}

#[test]
fn cram_md5_is_used_where_it_is_offered_and_the_password_never_seen() {
    let session = Session::start().unwrap();
    for (offered, expected) in [
        ("AUTH LOGIN PLAIN CRAM-MD5", "AUTH CRAM-MD5"),
        ("AUTH LOGIN PLAIN", "AUTH PLAIN"),
        ("AUTH LOGIN", "AUTH LOGIN"),
    ] {
        let script = vec![vec![Step::Serve("QUIT")]];
        let provider = Scripted::offering(loopback(), None, script, offered).unwrap();
        let options =
            Options { smtp: Some(provider.address()), smtp_tls: "none", ..account("boven") };
        let product = start(&session, options);
        let reply = transact(&mut raw(&product), "boven@praktijk.test", "a@elders.test", LUNCH);
        assert!(reply.starts_with("250"), "{offered}: {reply}");
        let lines = provider.heard().remove(0).lines;
        let login: Vec<&String> = lines.iter().filter(|line| line.starts_with("AUTH")).collect();
        assert_eq!(login.len(), 1, "{lines:?}");
        assert!(login[0].starts_with(expected), "{offered}: {lines:?}");
    }
}

#[test]
fn every_service_of_the_provider_is_logged_in_to() {
    let session = Session::start().unwrap();
    let provider = World::shared().provider().unwrap();
    let to = "boven.overal@elders.test";
    let services = [
        (provider.starttls, "starttls", "auto"),
        (provider.implicit, "implicit", "auto"),
        (provider.without_cram_md5, "starttls", "auto"),
        (provider.login_only, "starttls", "auto"),
        (provider.starttls, "starttls", "login"),
    ];
    for (number, (at, smtp_tls, smtp_auth)) in services.into_iter().enumerate() {
        let options = Options { smtp: Some(at), smtp_tls, smtp_auth, ..account("boven") };
        let product = start(&session, options);
        let reply = transact(&mut raw(&product), "boven@praktijk.test", to, LUNCH);
        assert!(reply.starts_with("250"), "{number}: {reply}");
        let got = taken(to, number + 1);
        assert!(got.iter().all(tests::Stored::over_tls));
    }
}

#[test]
fn a_provider_that_refuses_the_login_costs_a_later_try_with_its_words() {
    let session = Session::start().unwrap();
    let options = Options { password: "verlopen".to_owned(), ..account("boven") };
    let product = start(&session, options);
    let to = "boven.login@elders.test";
    let reply = later(&mut raw(&product), "login", to);
    assert!(reply.contains("did not accept the login") && reply.contains("535"), "{reply}");
    assert!(taken_now(to).is_empty());
}

#[test]
fn a_provider_that_is_not_there_costs_a_later_try_and_is_found_again() {
    let session = Session::start().unwrap();
    let port = Port::take().unwrap();
    let at = SocketAddr::from(([127, 0, 0, 1], port.number()));
    let options = Options { smtp: Some(at), smtp_tls: "none", ..account("boven") };
    let product = start(&session, options);
    let mut client = raw(&product);
    let reply = later(&mut client, "down", "a@elders.test");
    assert!(reply.contains("cannot be reached"), "{reply}");
    let provider = Scripted::start(at, None, vec![vec![Step::Serve("QUIT")]]).unwrap();
    let reply = transact(&mut client, "boven@praktijk.test", "a@elders.test", LUNCH);
    assert_eq!(reply, "250 2.0.0 Taken\r\n");
    assert!(provider.heard()[0].data.ends_with(b"Lunch?\r\n.\r\n"));
}

#[test]
fn a_provider_that_says_nothing_is_not_waited_for_as_long_as_a_mail_program_waits() {
    let session = Session::start().unwrap();
    let provider = Scripted::start(loopback(), None, vec![vec![Step::Silence]]).unwrap();
    let options = Options { smtp: Some(provider.address()), smtp_tls: "none", ..account("boven") };
    let product = start(&session, options);
    // `Raw` gives up as a patient mail program does.
    let mut client = raw(&product);
    let reply = transact(&mut client, "boven@praktijk.test", "a@elders.test", LUNCH);
    assert!(reply.starts_with("451 4."), "{reply}");
    assert!(reply.contains("did not answer"), "{reply}");
}

/// A 250 in the wrong place is not the message's own: the mail program would throw its copy away.
#[test]
fn a_provider_that_answers_out_of_place_has_taken_nothing() {
    let session = Session::start().unwrap();
    for script in [
        vec![Step::Serve("DATA"), Step::say("250 2.0.0 fine"), Step::Silence],
        vec![Step::Serve("DATA"), Step::say("354 go"), Step::Message, Step::say("354 more")],
    ] {
        let provider = Scripted::start(loopback(), None, vec![script]).unwrap();
        let options =
            Options { smtp: Some(provider.address()), smtp_tls: "none", ..account("boven") };
        let product = start(&session, options);
        let mut client = raw(&product);
        let reply = transact(&mut client, "boven@praktijk.test", "a@elders.test", LUNCH);
        assert!(reply.starts_with("451 4."), "{reply}");
    }
}

/// A network that was changed leaves sessions on which nothing comes any more. `Raw`, like a mail
/// program, has less patience than all the waiting limits of a session together.
#[test]
fn a_kept_session_and_a_new_one_that_both_fall_silent_are_given_up_in_time() {
    let session = Session::start().unwrap();
    let first = vec![
        Step::Serve("DATA"),
        Step::say("354 go on"),
        Step::Message,
        Step::say("250 1"),
        Step::Silence,
    ];
    let second = vec![Step::say("220 script.test ESMTP"), Step::Line, Step::Silence];
    let provider = Scripted::start(loopback(), None, vec![first, second]).unwrap();
    let options = Options { smtp: Some(provider.address()), smtp_tls: "none", ..account("boven") };
    let product = start(&session, options);
    let mut client = raw(&product);
    let reply = transact(&mut client, "boven@praktijk.test", "a@elders.test", LUNCH);
    assert!(reply.starts_with("250"), "{reply}");
    let reply = transact(&mut client, "boven@praktijk.test", "a@elders.test", LUNCH);
    assert!(reply.starts_with("451 4."), "{reply}");
    assert_eq!(provider.heard().len(), 2);
}

#[test]
fn a_session_that_the_provider_ended_is_replaced_unseen() {
    let session = Session::start().unwrap();
    let once = vec![Step::Serve("DATA"), Step::say("354 go on"), Step::Message, Step::say("250 1")];
    for end in [vec![], vec![Step::Reset], vec![Step::say("421 4.4.2 te lang stil")]] {
        let first = [once.clone(), end].concat();
        let scripts = vec![first, vec![Step::Serve("QUIT")]];
        let provider = Scripted::start(loopback(), None, scripts).unwrap();
        let options =
            Options { smtp: Some(provider.address()), smtp_tls: "none", ..account("boven") };
        let product = start(&session, options);
        let mut client = raw(&product);
        for _ in 0..3 {
            let reply = transact(&mut client, "boven@praktijk.test", "a@elders.test", LUNCH);
            assert!(reply.starts_with("250"), "{reply}");
        }
        let count =
            |one: tests::script::Heard| one.data.windows(6).filter(|w| w == b"Lunch?").count();
        assert_eq!(provider.heard().into_iter().map(count).sum::<usize>(), 3, "each once");
    }
}

#[test]
fn what_was_held_leaves_nothing_behind_in_the_provider_session() {
    let session = Session::start().unwrap();
    let provider = Scripted::start(loopback(), None, vec![vec![Step::Serve("QUIT")]]).unwrap();
    let options = Options { smtp: Some(provider.address()), smtp_tls: "none", ..account("boven") };
    let product = start(&session, options);
    let mut client = raw(&product);
    let held = transact(&mut client, "boven@praktijk.test", "patient@goed.test", HEALTH.as_bytes());
    assert!(held.starts_with("250 2.0.0 held"), "{held}");
    // Given up half-way, by the mail program's own word and by a new MAIL after a refusal.
    client.ask("MAIL FROM:<boven@praktijk.test>", "250").unwrap();
    client.ask("RCPT TO:<half@goed.test>", "250").unwrap();
    client.ask("RSET", "250").unwrap();
    let sent = transact(&mut client, "boven@praktijk.test", "a@elders.test", LUNCH);
    assert_eq!(sent, "250 2.0.0 Taken\r\n");
    for heard in provider.heard() {
        assert!(!String::from_utf8_lossy(&heard.data).contains("BSN"));
        let Some(data) = heard.lines.iter().position(|line| line == "DATA") else { continue };
        let last = heard.lines[..data].iter().rposition(|line| line.starts_with("MAIL")).unwrap();
        assert!(last == 0 || !heard.lines[last - 1].starts_with("RCPT"), "{:?}", heard.lines);
        assert_eq!(heard.lines[last + 1..data], ["RCPT TO:<a@elders.test>"]);
    }
}

/// What the provider stored so far; for mail that must not be there.
fn taken_now(to: &str) -> Vec<tests::Stored> {
    World::shared().provider().unwrap().taken(to)
}
