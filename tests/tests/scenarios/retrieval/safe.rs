use std::io::Write as _;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use tests::guard::{PATIENCE, until};
use tests::imap::Imap;
use tests::little::Little;
use tests::script::{Scripted, Step};
use tests::{SenderTls, Session, World, Zorgzegel};

use super::{account, clear, provider, refused, start, through};

#[test]
fn a_provider_that_is_not_what_it_says_gets_no_credential() {
    let session = Session::start().unwrap();
    for (name, script) in [
        (
            "bytes behind the answer to STARTTLS",
            vec![
                Step::say("* OK [CAPABILITY IMAP4rev1 STARTTLS] hi"),
                Step::Line,
                Step::say("Z1 OK begin\r\n* OK injected"),
                Step::Silence,
            ],
        ),
        (
            "no STARTTLS",
            vec![
                Step::say("* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] hi"),
                Step::Line,
                Step::say("Z1 BAD unknown"),
                Step::Silence,
            ],
        ),
        ("PREAUTH", vec![Step::say("* PREAUTH you are in"), Step::Silence]),
        (
            "no TLS behind STARTTLS",
            vec![
                Step::say("* OK hi"),
                Step::Line,
                Step::say("Z1 OK begin"),
                Step::Bytes(1),
                Step::say("* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] log in please"),
                Step::Silence,
            ],
        ),
        ("garbage", vec![Step::say("220 smtp.lab.test ESMTP"), Step::Silence]),
        ("BYE", vec![Step::say("* BYE closed today"), Step::Silence]),
    ] {
        let scripted = Scripted::start(([127, 0, 0, 1], 0).into(), None, vec![script]).unwrap();
        let mut options = account("geen");
        (options.imap, options.imap_tls) = (Some(scripted.address()), "starttls");
        let product = start(&session, options);
        let said = refused(&product);
        assert!(said.contains("T NO [UNAVAILABLE] Uw mailprovider: "), "{name}: {said}");
        let heard = scripted.heard();
        let lines: Vec<_> = heard.iter().flat_map(|one| &one.lines).collect();
        assert!(lines.iter().all(|line| *line == "Z1 STARTTLS"), "{name}: {lines:?}");
    }
}

#[test]
fn nothing_that_was_said_before_tls_counts_behind_it() {
    let session = Session::start().unwrap();
    let script = vec![
        Step::say("* OK [CAPABILITY IMAP4rev1 STARTTLS AUTH=LOGIN EVIL] hi"),
        Step::Line,
        Step::say("* CAPABILITY IMAP4rev1 AUTH=LOGIN EVIL\r\n* 666 EXISTS\r\nZ1 OK begin"),
        Step::Tls,
        Step::Line,
        Step::say("* CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN\r\nZ2 OK done"),
        Step::Line,
        Step::say("Z3 OK [CAPABILITY IMAP4rev1 GOOD] in"),
        Step::Line,
        Step::say("t2 OK done"),
        Step::Silence,
    ];
    let at = SocketAddr::new(provider().imap_implicit.ip(), 0);
    let scripted = Scripted::start(at, Some(provider().identity()), vec![script]).unwrap();
    let mut options = account("voor-tls");
    (options.imap, options.imap_tls) = (Some(scripted.address()), "starttls");
    let product = start(&session, options);
    let login = (product.user(), product.local_password());
    let mut imap = Imap::connect(product.imaps().unwrap(), SenderTls::Implicit).unwrap();
    let said = imap.ask(&format!("LOGIN {} {}", login.0, login.1)).unwrap();
    assert!(said.contains("GOOD") && !said.contains("EVIL") && !said.contains("666"), "{said}");
    assert_eq!(imap.ask("NOOP").unwrap(), "T OK done\r\n");
    let heard = scripted.heard();
    let lines = &heard[0].lines;
    assert!(heard[0].tls && lines[..2] == ["Z1 STARTTLS", "Z2 CAPABILITY"], "{lines:?}");
    assert!(lines[2].starts_with("Z3 AUTHENTICATE PLAIN "), "{lines:?}");
}

#[test]
fn what_a_mail_program_says_behind_starttls_in_the_clear_is_not_obeyed() {
    let session = Session::start().unwrap();
    let product = start(&session, account("deur3"));
    let mut imap = Imap::connect(product.imap().unwrap(), SenderTls::None).unwrap();
    let login = format!("LOGIN {} {}", product.user(), product.local_password());
    imap.write(format!("a STARTTLS\r\nb {login}\r\nc SELECT INBOX\r\n").as_bytes()).unwrap();
    let mut said = String::new();
    while let Ok(line) = imap.line() {
        said.push_str(&line);
    }
    assert!(!said.contains("b OK") && !said.contains("c OK"), "{said}");
}

#[test]
fn nobody_gets_in_in_the_clear() {
    let session = Session::start().unwrap();
    let product = start(&session, account("deur2"));
    let mut imap = Imap::connect(product.imap().unwrap(), SenderTls::None).unwrap();
    let offers = String::from_utf8(imap.say("CAPABILITY").unwrap()).unwrap();
    assert!(offers.contains("LOGINDISABLED") && !offers.contains("AUTH="), "{offers}");
    let login = format!("LOGIN {} {}", product.user(), product.local_password());
    assert!(imap.say(&login).unwrap().starts_with(b"T NO [PRIVACYREQUIRED]"));
    let answer = imap.say("SELECT INBOX").unwrap();
    assert!(answer.starts_with(b"T BAD"), "{answer:?}");
}

#[test]
fn a_literal_without_end_passes_in_bounded_memory() {
    let session = Session::start().unwrap();
    let sent = Arc::<AtomicU64>::default();
    let (stalled, is_stalled) = mpsc::channel();
    let own = Arc::clone(&sent);
    let little = Little::start(move |_, tag, rest, stream| {
        if rest != "FETCH" {
            return write!(stream, "{tag} OK done\r\n");
        }
        stream.write_all(b"* 1 FETCH (BODY[] {10737418240}\r\n")?;
        stream.set_write_timeout(Some(Duration::from_secs(2)))?;
        let block = vec![b'x'; 256 * 1024];
        loop {
            match stream.write(&block) {
                Ok(count) => {
                    own.fetch_add(count as u64, Ordering::SeqCst);
                }
                // Told twice, so that a test sees what happens while nothing moves.
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {
                    if stalled.send(()).is_err() {
                        return Err(error);
                    }
                }
                Err(error) => return Err(error),
            }
        }
    })
    .unwrap();
    let product = start(&session, clear("eindeloos", little.address()));
    // A client that reads so much; the most memory that was seen meanwhile.
    let read = |bytes: usize| {
        let mut reader = through(&product);
        reader.begin("FETCH").unwrap();
        let (mut heard, mut most) = (0, 0);
        while heard < bytes {
            heard += reader.some().unwrap().len();
            most = most.max(product.memory());
        }
        drop(reader);
        until("the end of the reader", PATIENCE, || (little.open() == 0).then_some(())).unwrap();
        most
    };
    // What the first one of all takes is taken once.
    read(10_000_000);
    let before = product.memory();
    assert!(before > 0);
    let most = read(100_000_000);
    assert!(most < before + 8_000, "what passes leaves nothing: {before} kB, then {most} kB");

    // A client that never reads stops the provider, and nobody else; and nothing turns in circles.
    sent.store(0, Ordering::SeqCst);
    // On a slow machine the reader, too, let the provider wait.
    while is_stalled.try_recv().is_ok() {}
    let mut deaf = through(&product);
    deaf.begin("FETCH").unwrap();
    let stalls = || is_stalled.recv_timeout(PATIENCE).unwrap();
    stalls();
    // Where the product itself had to wait for the processor, something moved once more.
    let spent = loop {
        let (taken, ticks) = (sent.load(Ordering::SeqCst), product.ticks());
        stalls();
        if sent.load(Ordering::SeqCst) == taken {
            break product.ticks() - ticks;
        }
    };
    assert!(spent < 50, "{spent} hundredths of a second in two seconds in which nothing moves");
    let taken = sent.load(Ordering::SeqCst);
    // What the kernel's own buffers hold, and little more.
    assert!(taken < 40_000_000, "{taken} bytes were taken for a client that reads none");
    assert!(product.memory() < before + 8_000, "{} kB", product.memory());
    through(&product).ask("NOOP").unwrap();
    assert!(deaf.line().unwrap().starts_with("* 1 FETCH"));
}

#[test]
fn a_thousand_sessions_do_not_mix_and_take_little_memory() {
    let session = Session::start().unwrap();
    let little = Little::start(|number, tag, rest, stream| {
        write!(stream, "* ECHO {number} {rest}\r\n{tag} OK {rest}\r\n")
    })
    .unwrap();
    let mut options = clear("duizend", little.address());
    options.more = options.more.replace("sessions = 200", "sessions = 1100");
    let mut product = Zorgzegel::prepare(World::shared(), &session, options).unwrap();
    // Without TLS here, so that the time of a thousand handshakes goes elsewhere.
    let file = std::fs::read_to_string(product.config()).unwrap();
    let own = "imap = [{ address = \"127.0.0.1:0\", tls = \"none\" }, \"127.0.0.1:0\"";
    let file = file.replace("imap = [\"127.0.0.1:0\"", own);
    std::fs::write(product.config(), file).unwrap();
    product.run().unwrap();
    let at = product.imap_clear().unwrap();
    let login = (product.user(), product.local_password());
    let log_in = || Imap::log_in(at, SenderTls::None, login).unwrap();
    let mut first = log_in();
    first.ask("NOOP").unwrap();
    let before = product.memory();
    let mut sessions: Vec<Imap> = (0..THOUSAND).map(|_| log_in()).collect();
    let mut numbers = std::collections::BTreeSet::new();
    for round in 0..2 {
        // All have a command under way before the first answer is read.
        for (own, imap) in sessions.iter_mut().enumerate() {
            imap.begin(&format!("{own}-{round}")).unwrap();
        }
        for (own, imap) in sessions.iter_mut().enumerate() {
            let answer = String::from_utf8(imap.answer().unwrap()).unwrap();
            let (number, _) = answer["* ECHO ".len()..].split_once(' ').unwrap();
            assert_eq!(answer, format!("* ECHO {number} {own}-{round}\r\nT OK {own}-{round}\r\n"));
            numbers.insert(number.to_owned());
        }
    }
    assert_eq!(numbers.len(), THOUSAND, "each has a connection of its own");
    let grown = product.memory().saturating_sub(before);
    println!("1,000 sessions: {before} kB before, {grown} kB more");
    assert!(grown < 60_000, "{grown} kB for 1,000 sessions");
    first.ask("NOOP").unwrap();
    drop(sessions);
    until("their ends", PATIENCE, || (little.open() == 1).then_some(())).unwrap();
    first.ask("NOOP").unwrap();
}

#[test]
fn a_hundred_sessions_at_once_do_not_mix() {
    let session = Session::start().unwrap();
    let little = Little::start(|number, tag, rest, stream| {
        write!(stream, "* ECHO {number} {rest}\r\n{tag} OK {rest}\r\n")
    })
    .unwrap();
    let product = start(&session, clear("honderd", little.address()));
    let before = product.memory();
    let everyone = std::sync::Barrier::new(SESSIONS);
    let mut connections: Vec<String> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..SESSIONS)
            .map(|own| {
                let (product, everyone) = (&product, &everyone);
                scope.spawn(move || {
                    let mut imap = through(product);
                    everyone.wait();
                    let mut connection = String::new();
                    for count in 0..20 {
                        let word = format!("{own}-{count}");
                        let answer = imap.ask(&word).unwrap();
                        let mut lines = answer.lines();
                        let (number, echo) =
                            lines.next().unwrap()["* ECHO ".len()..].split_once(' ').unwrap();
                        assert_eq!(
                            (echo, lines.next().unwrap()),
                            (&*word, &*format!("T OK {word}"))
                        );
                        assert!(connection.is_empty() || connection == number, "{answer}");
                        number.clone_into(&mut connection);
                    }
                    everyone.wait();
                    connection
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let grown = product.memory().saturating_sub(before);
    println!("100 sessions: {} kB before, {grown} kB more", before);
    assert!(grown < 40_000, "{grown} kB for 100 sessions");
    connections.sort();
    connections.dedup();
    assert_eq!(connections.len(), SESSIONS, "each has a connection of its own");
}

const SESSIONS: usize = 100;
const THOUSAND: usize = 1_000;
