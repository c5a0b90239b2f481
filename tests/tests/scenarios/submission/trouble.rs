//! Keyrings and settings in trouble, and the listeners.

use tests::raw::Raw;
use tests::{Keyring, Session, World, Zorgzegel};

use super::{HEALTH, account, raw, start, taken, transact};

/// Connects and reads on until mail is refused for now or taken; that reply.
fn try_to_send(product: &Zorgzegel, message: &[u8]) -> String {
    let mut client = Raw::connect(product.smtp().unwrap()).unwrap();
    let greeting = client.reply().unwrap();
    if !greeting.starts_with("220") {
        return greeting;
    }
    match Raw::log_in(product.smtp().unwrap(), product.user(), product.local_password()) {
        Ok(mut client) => transact(&mut client, product.user(), "a@goed.test", message),
        Err(error) => error.to_string(),
    }
}

/// Refused for now, with a sentence about the keyring.
fn refused(reply: &str) -> bool {
    let temporary = ["421 4.", "451 4.", "454 4."];
    let words = reply.strip_prefix("expected 235, got ").unwrap_or(reply);
    let sentence = words.to_lowercase().contains("keyring") && words.split(' ').count() > 6;
    temporary.iter().any(|code| words.starts_with(code)) && sentence
}

/// Which key the data folder belongs to: made once, with the master key in the keyring.
fn vault_id(product: &Zorgzegel) -> Vec<u8> {
    std::fs::read(product.data_dir().join("vault.id")).unwrap()
}

#[test]
fn without_a_message_bus_mail_waits_and_comes_back_with_it() {
    let mut session = Session::start().unwrap();
    let mut product = start(&session, account("bus"));
    let before = vault_id(&product);
    product.kill9();
    session.become_keyring(Keyring::NoBus).unwrap();
    product.run().unwrap();
    let reply = try_to_send(&product, HEALTH.as_bytes());
    assert!(refused(&reply), "{reply}");
    assert_eq!(vault_id(&product), before);
    session.become_keyring(Keyring::Open).unwrap();
    let reply = try_to_send(&product, HEALTH.as_bytes());
    assert!(reply.starts_with("250 2.0.0 held as "), "{reply}");
}

#[test]
fn a_keyring_that_goes_while_the_engine_runs_loses_nothing() {
    let mut session = Session::start().unwrap();
    let mut product = start(&session, account("weg"));
    let mut held = Vec::new();
    for keyring in [Keyring::Absent, Keyring::Locked, Keyring::WrongPassword] {
        session.become_keyring(keyring).unwrap();
        let message = format!("X-Geval: {keyring:?}\r\n{HEALTH}{keyring:?}\r\n");
        let reply = try_to_send(&product, message.as_bytes());
        if reply.starts_with("250 2.0.0 held as ") {
            held.push(reply);
        } else {
            assert!(refused(&reply), "{keyring:?}: {reply}");
        }
    }
    session.become_keyring(Keyring::Open).unwrap();
    held.push(try_to_send(&product, HEALTH.as_bytes()));
    // What got a 250 can be read after a restart, when nothing is remembered.
    product.kill9();
    product.run().unwrap();
    let waiting = product.cli(&["pending", "--json"]).unwrap().must("pending").unwrap();
    for reply in held {
        let (_, rest) = reply.split_once("held as ").unwrap_or_else(|| panic!("{reply}"));
        assert!(waiting.contains(&rest[..26]), "{reply} {waiting}");
    }
    assert!(!waiting.contains("unreadable"), "{waiting}");
}

#[test]
fn a_keyring_that_was_emptied_is_told_and_never_filled_anew() {
    let mut session = Session::start().unwrap();
    let mut product = start(&session, account("leeg"));
    let reply = try_to_send(&product, HEALTH.as_bytes());
    assert!(reply.starts_with("250 2.0.0 held as "), "{reply}");
    product.kill9();
    let before = vault_id(&product);
    session.become_keyring(Keyring::Absent).unwrap();
    let kept = session.folder().join("home/.local/share/keyrings");
    let aside = session.folder().join("opzij");
    std::fs::rename(&kept, &aside).unwrap();
    session.become_keyring(Keyring::Open).unwrap();
    product.run().unwrap();
    let reply = try_to_send(&product, HEALTH.as_bytes());
    assert!(refused(&reply), "{reply}");
    assert_eq!(vault_id(&product), before);
    // The old one is put back: nothing was made in between that stands in its way.
    session.become_keyring(Keyring::Absent).unwrap();
    std::fs::remove_dir_all(&kept).unwrap();
    std::fs::rename(&aside, &kept).unwrap();
    session.become_keyring(Keyring::Open).unwrap();
    let waiting = product.cli(&["pending", "--json"]).unwrap().must("pending").unwrap();
    assert!(waiting.contains("Jansen"), "it can be read again: {waiting}");
}

#[test]
fn settings_that_cannot_be_used_are_told_with_file_and_line() {
    let session = Session::start().unwrap();
    let product = Zorgzegel::prepare(World::shared(), &session, account("regel")).unwrap();
    let good = std::fs::read_to_string(product.config()).unwrap();
    let line_of = |text: &str, words: &str| {
        let at = text.lines().position(|line| line.contains(words)).unwrap();
        format!("{}", at + 1)
    };
    for (name, bad, at) in [
        ("unknown key", good.replace("[dns]", "[dns]\nsnelheid = 1"), "snelheid"),
        ("unknown table", format!("{good}\n[postduif]\nx = 1\n"), "[postduif]"),
        ("wrong type", good.replace("[tls]", "[tls]\nprofile = 7"), "profile = 7"),
        ("no TOML", good.replace("[tls]", "[tls\n"), "[tls"),
        ("no address", good.replacen("127.0.0.1:0", "127.0.0.1", 1), "smtp = ["),
        (
            "a missing file",
            good.replace("extra_roots = [", "extra_roots = [\"weg.pem\", "),
            "weg.pem",
        ),
        (
            "a password in the clear to elsewhere",
            good.replace("{ host = \"127.", "{ tls = \"none\", host = \"192."),
            "host = \"192.",
        ),
    ] {
        assert_ne!(bad, good, "{name}");
        std::fs::write(product.config(), &bad).unwrap();
        let said = product.cli(&["run"]).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(said.code, Some(2), "{name}: {said:?}");
        assert!(said.text.contains("zorgzegel.toml"), "{name}: {}", said.text);
        let line = line_of(&bad, at);
        let told = said.text.split(|c: char| !c.is_ascii_digit()).any(|number| number == line);
        assert!(told, "{name}: line {line}: {}", said.text);
    }
}

#[test]
fn mail_programs_reach_it_over_ipv6_too() {
    let session = Session::start().unwrap();
    let mut product = Zorgzegel::prepare(World::shared(), &session, account("zes")).unwrap();
    let good = std::fs::read_to_string(product.config()).unwrap();
    let six = good.replace("127.0.0.1:0", "[::1]:0");
    std::fs::write(product.config(), six).unwrap();
    product.run().unwrap();
    let at = product.smtp().unwrap();
    assert!(at.is_ipv6(), "{at}");
    let to = "zes@elders.test";
    for server in [at, product.smtps().unwrap()] {
        let tls =
            if server == at { tests::SenderTls::StartTls } else { tests::SenderTls::Implicit };
        let submission = tests::Submission {
            server,
            tls,
            login: (product.user(), product.local_password()),
            mechanism: "CRAM-MD5",
            from: product.user(),
            to: &[to],
        };
        let said = submission.smtplib(b"Subject: lunch\r\n\r\nLunch?\r\n").unwrap();
        assert_eq!(said.code, Some(0), "{}", said.text);
    }
    assert_eq!(taken(to, 2).len(), 2);
    let mut client = raw(&product);
    let held = transact(&mut client, product.user(), "a@goed.test", HEALTH.as_bytes());
    assert!(held.starts_with("250 2.0.0 held as "), "{held}");
}
