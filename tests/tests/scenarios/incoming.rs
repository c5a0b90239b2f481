//! What comes in: the verdict on each message that claims something, and that no mail program notices.

mod kept;
mod world;

use std::io::Write as _;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use serde_json::Value;
use tests::guard::{PATIENCE, until};
use tests::imap::Imap;
use tests::little::Little;
use tests::raw;
use tests::zorgzegel::Options;
use tests::{Misbehaviour, PASSWORD, Provider, SenderTls, Session, World, Zorgzegel};

use world::{ID, account, codes, dkim, letter, marked, one, put, received, start, verdicts};

fn provider() -> &'static Provider {
    World::shared().provider().unwrap()
}

fn through(product: &Zorgzegel) -> Imap {
    let login = (product.user(), product.local_password());
    Imap::log_in(product.imaps().unwrap(), SenderTls::Implicit, login).unwrap()
}

/// The flags of a message as the provider has them.
fn flags(user: &str, uid: u32) -> String {
    let at = provider().imap_implicit;
    let mut imap = Imap::log_in(at, SenderTls::Implicit, (user, PASSWORD)).unwrap();
    imap.ask("EXAMINE INBOX").unwrap();
    imap.ask(&format!("UID FETCH {uid} (FLAGS)")).unwrap()
}

#[test]
fn mail_that_passes_is_judged_by_annex_d_and_marked_and_stays_unread() {
    let session = Session::start().unwrap();
    let options = account("casus@goed.test", "LAB");
    let good = dkim(&marked("goed", "LAB"));
    let text = String::from_utf8(marked("deels", "LAB")).unwrap();
    let (_, body) = text.split_once("Content-Type:").unwrap();
    let partly = format!(
        "From: arts@praktijk.test\r\nSubject: deels\r\nX-NTA7516: LAB\r\nContent-Type: \
         multipart/mixed; boundary=zz\r\n\r\n--zz\r\nContent-Type:{body}\r\n--zz\r\n\
         Content-Type: text/plain\r\n\r\nreclame\r\n--zz--\r\n"
    );
    let elsewhere = |subject, domain| {
        let text = String::from_utf8(marked(subject, "LAB")).unwrap();
        text.replace("@praktijk.test", &format!("@{domain}")).into_bytes()
    };
    let changed = String::from_utf8(marked("veranderd", "LAB")).unwrap();
    let changed = dkim(changed.replace("Hallo", "Halli").as_bytes());
    put(
        &options.address,
        &[
            good.clone(),
            elsewhere("geen", "zonderrecord.test"),
            elsewhere("verlopen", "verlopen.test"),
            dkim(&marked("ander", "ANDERS")),
            dkim(&letter("gewoon")),
            dkim(partly.as_bytes()),
            changed,
            letter("niets"),
        ],
    );
    let product = start(&session, options);
    let mut imap = through(&product);
    imap.ask("SELECT INBOX").unwrap();
    let passed = imap.say("UID FETCH 1:* (UID BODY.PEEK[])").unwrap();
    assert!(passed.windows(good.len()).any(|some| some == good), "it passes byte for byte");
    let found = verdicts(&product, 7);
    assert_eq!(found.len(), 7, "of the eighth there is nothing to say: {found:?}");
    for (subject, verdict, case, code) in [
        ("goed", "pass", Value::Null, "declared"),
        ("geen", "fail", "A".into(), "no-record"),
        ("verlopen", "fail", "A".into(), "outside-period"),
        ("ander", "fail", "A".into(), "other-mark"),
        ("gewoon", "none", "C".into(), "ordinary"),
        ("deels", "policy", Value::Null, "partly"),
        ("veranderd", "fail", Value::Null, "changed"),
    ] {
        let it = one(&found, subject);
        assert_eq!((&it["verdict"], &it["case"]), (&verdict.into(), &case), "{it}");
        assert!(codes(it).contains(&code), "{subject}: {it}");
    }
    let it = one(&found, "goed");
    assert_eq!(it["from"], "arts@praktijk.test");
    assert_eq!((&it["from_match"], &it["signature"]["cades"]), (&true.into(), &true.into()));
    assert_eq!(it["dkim"][0]["result"], "pass", "{it}");
    assert_eq!(
        (&it["dkim"][0]["key"], &it["domain"]["security"]),
        (&"secure".into(), &"secure".into())
    );
    assert_eq!(it["receipt"]["by"], "provider");
    // What is told is also stored, where mail programs see it; nothing is marked as read.
    for (uid, keyword) in [
        (1, "$NtaVerified"),
        (2, "$NtaFailed"),
        (3, "$NtaFailed"),
        (7, "$NtaFailed"),
        (5, ""),
        (8, ""),
    ] {
        let has = until("the keyword", PATIENCE, || {
            let flags = flags(product.user(), uid);
            flags.contains(keyword).then_some(flags)
        });
        let has = has.unwrap();
        assert!(!has.contains("\\Seen"), "{has}");
        assert!(!keyword.is_empty() || !has.contains("$Nta"), "{has}");
    }
    // Listed again, and after a restart, nothing is looked at twice. What is new stands at the end of the
    // queue: when it is judged, the others would have been.
    let judged = |found: &[Value]| -> Vec<String> {
        let mut of: Vec<_> =
            found.iter().map(|it| format!("{} {}", it["id"], it["judged_at"])).collect();
        of.sort();
        of
    };
    let mut product = product;
    product.restart().unwrap();
    let mut imap = through(&product);
    imap.ask("SELECT INBOX").unwrap();
    imap.ask("UID COPY 1 INBOX").unwrap();
    let new = received(&dkim(&marked("nieuw", "LAB")));
    imap.begin(&format!("APPEND INBOX {{{}+}}", new.len())).unwrap();
    imap.write(&[&new[..], b"\r\n"].concat()).unwrap();
    let answer = String::from_utf8_lossy(&imap.answer().unwrap()).into_owned();
    assert!(answer.lines().last().unwrap().starts_with("T OK"), "{answer}");
    imap.ask("UID FETCH 1:* (UID BODYSTRUCTURE)").unwrap();
    let mut again = verdicts(&product, 8);
    assert_eq!(again.len(), 8, "a copy is the same message");
    again.retain(|it| it["subject"] != "nieuw");
    assert_eq!(judged(&again), judged(&found));
    let said = product.cli(&["incoming", "--trouble"]).unwrap().must("incoming").unwrap();
    assert!(said.contains("bijlage D, casus A") && !said.contains("  goed"), "{said}");
}

#[test]
fn a_receiver_who_declares_nothing_and_a_supplier_who_is_not_accepted_are_cases_b_and_d() {
    let session = Session::start().unwrap();
    let good = dkim(&marked("goed", "LAB"));
    for (address, accepted, case, code) in [
        ("casusb@zonderclaim.test", "LAB", "B", "own-domain"),
        ("casusd@goed.test", "ANDERS", "D", "supplier-not-accepted"),
    ] {
        let options = account(address, accepted);
        put(address, std::slice::from_ref(&good));
        let product = start(&session, options);
        let mut imap = through(&product);
        imap.ask("SELECT INBOX").unwrap();
        // Listed, not read: it is fetched aside.
        imap.ask("UID FETCH 1:* (UID BODY.PEEK[HEADER.FIELDS (From Content-Type)])").unwrap();
        let found = verdicts(&product, 1);
        assert_eq!((&found[0]["verdict"], &found[0]["case"]), (&"policy".into(), &case.into()));
        assert!(codes(&found[0]).contains(&code), "{found:?}");
    }
}

#[test]
fn the_providers_word_is_believed_on_top_and_under_its_id_and_a_forged_one_is_not() {
    let session = Session::start().unwrap();
    let address = "stempel@goed.test";
    let results = |id: &str, word: &str| {
        format!("Authentication-Results: {id}; spf={word}; dmarc={word} header.from=x\r\n")
    };
    let under = |subject: &str, top: &str, below: &str| {
        let signed = dkim(&marked(subject, "LAB"));
        [top.as_bytes(), &received(&[below.as_bytes(), &signed].concat())].concat()
    };
    let messages = [
        under("echt", &results(ID, "fail"), &results(ID, "pass")),
        under("vreemd", &results("mx.elders.test", "fail"), ""),
        // Below what the author wrote.
        {
            let text = String::from_utf8(marked("onder", "LAB")).unwrap();
            let forged = format!("\r\n{}Content-Type:", results(ID, "fail"));
            received(&dkim(text.replacen("\r\nContent-Type:", &forged, 1).as_bytes()))
        },
    ];
    provider().put(address, &messages).unwrap();
    let product = start(&session, account(address, "LAB"));
    let mut imap = through(&product);
    imap.ask("SELECT INBOX").unwrap();
    imap.ask("UID FETCH 1:* (UID BODY.PEEK[])").unwrap();
    let found = verdicts(&product, 3);
    let real = one(&found, "echt");
    assert_eq!((&real["verdict"], &real["provider"]["dmarc"]), (&"fail".into(), &"fail".into()));
    for subject in ["vreemd", "onder"] {
        let it = one(&found, subject);
        assert_eq!((&it["verdict"], &it["provider"]), (&"pass".into(), &Value::Null), "{it}");
        assert!(codes(it).contains(&"not-stated"), "{it}");
    }
}

#[test]
fn nobody_waits_for_a_silent_name_server_and_the_verdict_comes_when_it_speaks() {
    let (world, session) = (World::shared(), Session::start().unwrap());
    let silent = world.bad_resolver(Misbehaviour::Silent).unwrap();
    let address = "stil@goed.test";
    put(address, &[dkim(&marked("later", "LAB")), dkim(&letter("gewoon"))]);
    let mut options = account(address, "LAB");
    options.resolver = Some(silent.address());
    let mut product = start(&session, options);
    let rewrite = |product: &mut Zorgzegel, from: &str, to: &str| {
        let file = std::fs::read_to_string(product.config()).unwrap();
        let other = file.replace(from, to);
        assert_ne!(other, file);
        product.stop();
        std::fs::write(product.config(), other).unwrap();
        product.run().unwrap();
    };
    rewrite(&mut product, "timeout = \"20s\"", "timeout = \"15s\"");
    let mut imap = through(&product);
    imap.ask("SELECT INBOX").unwrap();
    let begin = std::time::Instant::now();
    imap.ask("UID FETCH 1:* (UID BODY.PEEK[])").unwrap();
    imap.ask("NOOP").unwrap();
    let spent = begin.elapsed();
    // One question to the name server takes fifteen seconds.
    assert!(spent.as_secs() < 12, "{spent:?}");
    let found = until("a verdict", PATIENCE, || {
        let list = world::list(&product);
        (!list.is_empty()).then_some(list)
    });
    let found = found.unwrap();
    assert_eq!((found.len(), &found[0]["verdict"]), (1, &"temperror".into()), "{found:?}");
    assert!(codes(&found[0]).contains(&"record-unknown"), "{found:?}");
    assert!(!flags(product.user(), 1).contains("$Nta"));

    let resolver = |at: std::net::SocketAddr| format!("resolver = \"{at}\"");
    rewrite(&mut product, &resolver(silent.address()), &resolver(world.resolver()));
    // No mail program is there: what is due is looked at by itself.
    let found = verdicts(&product, 1);
    assert_eq!((&found[0]["verdict"], &found[0]["subject"]), (&"pass".into(), &"later".into()));
    until("the keyword", PATIENCE, || {
        flags(product.user(), 1).contains("$NtaVerified").then_some(())
    })
    .unwrap();
}

#[test]
fn ordinary_mail_that_could_not_be_looked_at_for_dns_is_looked_at_when_dns_is_there_again() {
    let (world, session) = (World::shared(), Session::start().unwrap());
    let failing = world.bad_resolver(Misbehaviour::Fails).unwrap();
    let address = "herstel@goed.test";
    put(address, &[dkim(&letter("gewoon")), dkim(&marked("later", "LAB"))]);
    let mut options = account(address, "LAB");
    options.resolver = Some(failing.address());
    let product = start(&session, options);
    let mut imap = through(&product);
    imap.ask("SELECT INBOX").unwrap();
    imap.ask("UID FETCH 1:* (UID BODY.PEEK[])").unwrap();
    // The second was judged, as well as that goes; so the first has been looked at.
    let found = until("a verdict", PATIENCE, || {
        let list = world::list(&product);
        (!list.is_empty()).then_some(list)
    });
    assert_eq!(one(&found.unwrap(), "later")["verdict"], "temperror");
    drop(imap);
    failing.mend();
    let found = verdicts(&product, 2);
    assert_eq!(one(&found, "gewoon")["case"], "C", "{found:?}");
    assert_eq!(one(&found, "later")["verdict"], "pass", "{found:?}");
}

#[test]
fn a_keyword_is_stored_only_where_it_can_be_and_only_at_that_message() {
    let session = Session::start().unwrap();
    let message = received(&dkim(&marked("sleutelwoord", "LAB")));
    for (name, permanent, validity_aside, other, stores) in [
        ("vast", "(\\Seen)", 7, false, 0),
        ("anders", "(\\Seen \\*)", 8, false, 0),
        ("ander-bericht", "(\\Seen \\*)", 7, true, 0),
        ("goed", "(\\Seen $NtaVerified)", 7, false, 1),
    ] {
        let (stored, asked) = (Arc::new(AtomicUsize::new(0)), Arc::new(Mutex::new(Vec::new())));
        let (count, log, message) = (Arc::clone(&stored), Arc::clone(&asked), message.clone());
        let little = Little::start(move |connection, tag, rest, stream| {
            log.lock().unwrap().push((connection, rest.to_owned()));
            let validity = if connection == 0 { 7 } else { validity_aside };
            let mut message = message.clone();
            if connection > 0 && other {
                message.push(b'x');
            }
            if rest.starts_with("SELECT") || rest.starts_with("EXAMINE") {
                let mode = if rest.starts_with("SELECT") { "READ-WRITE" } else { "READ-ONLY" };
                write!(
                    stream,
                    "* OK [UIDVALIDITY {validity}] x\r\n* OK [PERMANENTFLAGS {permanent}] x\r\n\
                     {tag} OK [{mode}] in\r\n"
                )
            } else if rest.starts_with("UID FETCH") {
                write!(stream, "* 1 FETCH (UID 5 BODY[] {{{}}}\r\n", message.len())?;
                stream.write_all(&message)?;
                write!(stream, ")\r\n{tag} OK done\r\n")
            } else {
                count.fetch_add(usize::from(rest.starts_with("UID STORE")), Ordering::SeqCst);
                write!(stream, "{tag} OK done\r\n")
            }
        })
        .unwrap();
        let mut options = account(&format!("{name}@goed.test"), "LAB");
        options.imap = Some(little.address());
        (options.imap_tls, options.imap_auth) = ("none", "plain");
        let mut product = start(&session, options);
        let mut imap = through(&product);
        imap.ask("SELECT INBOX").unwrap();
        imap.ask("UID FETCH 5 (UID BODY.PEEK[])").unwrap();
        let found = verdicts(&product, 1);
        assert_eq!(found[0]["verdict"], "pass", "{found:?}");
        // The second connection opens the mailbox for writing to see, and for reading when it is done.
        until("the end of it", PATIENCE, || {
            let asked = asked.lock().unwrap();
            let aside = asked.iter().filter(|(connection, _)| *connection > 0);
            aside.filter(|(_, rest)| rest.starts_with("EXAMINE")).count().ge(&1).then_some(())
        })
        .unwrap();
        product.stop();
        assert_eq!(stored.load(Ordering::SeqCst), stores, "{name}: {:?}", asked.lock().unwrap());
        let asked = asked.lock().unwrap();
        assert!(!asked.iter().any(|(_, rest)| rest.contains("-FLAGS")), "{asked:?}");
        let stored = asked.iter().find(|(_, rest)| rest.starts_with("UID STORE"));
        let expected = "UID STORE 5 +FLAGS.SILENT ($NtaVerified)";
        assert!(stored.is_none_or(|(_, rest)| rest == expected), "{asked:?}");
    }
}

#[test]
fn an_answer_to_nta_mail_that_came_in_is_held_though_it_says_nothing() {
    let session = Session::start().unwrap();
    let address = "antwoord@goed.test";
    put(address, &[dkim(&marked("vraag", "LAB"))]);
    let product = start(&session, account(address, "LAB"));
    let transact = |reference: &str| {
        let answer = format!("Subject: Re: x\r\nIn-Reply-To: <{reference}>\r\n\r\nDank!\r\n");
        raw::transact(&product, &["buur@elders.test"], answer.as_bytes()).unwrap()
    };
    assert!(!transact("vraag@praktijk.test").contains("held as"), "nothing came in yet");
    let mut command = std::process::Command::new("curl");
    let login = format!("{}:{}", product.user(), product.local_password());
    let url = format!("imaps://{}/INBOX;UID=1", product.imaps().unwrap());
    let read = command.args(["-skS", "-u", &login, &url]).output().unwrap();
    assert!(String::from_utf8_lossy(&read.stdout).contains("Subject: vraag"), "{read:?}");
    assert_eq!(verdicts(&product, 1)[0]["verdict"], "pass");
    assert!(transact("vraag@praktijk.test").contains("held as"));
    let said = product.cli(&["pending", "--json"]).unwrap().must("pending").unwrap();
    let pending: Value = serde_json::from_str(&said).unwrap();
    assert_eq!(pending[0]["evidence"]["why"], "goes_on_from_nta");
    assert!(!transact("ander@praktijk.test").contains("held as"));
}

#[test]
fn a_message_that_is_not_to_be_had_now_is_tried_again() {
    let session = Session::start().unwrap();
    let message = received(&dkim(&marked("opnieuw", "LAB")));
    let refused = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&refused);
    let little = Little::start(move |connection, tag, rest, stream| {
        let aside = connection > 0;
        if rest.starts_with("SELECT") || rest.starts_with("EXAMINE") {
            if aside && count.fetch_add(1, Ordering::SeqCst) < 2 {
                return write!(stream, "{tag} NO [UNAVAILABLE] later\r\n");
            }
            write!(stream, "* OK [UIDVALIDITY 7] x\r\n{tag} OK [READ-WRITE] in\r\n")
        } else if rest.starts_with("UID FETCH") && !aside {
            write!(
                stream,
                "* 1 FETCH (UID 5 BODYSTRUCTURE ((\"TEXT\" \"PLAIN\") \"SIGNED\"))\r\n"
            )?;
            write!(stream, "{tag} OK done\r\n")
        } else if rest.starts_with("UID FETCH") {
            assert!(rest.contains("BODY.PEEK[]"), "{rest}");
            write!(stream, "* 1 FETCH (UID 5 BODY[] {{{}}}\r\n", message.len())?;
            stream.write_all(&message)?;
            write!(stream, ")\r\n{tag} OK done\r\n")
        } else {
            write!(stream, "{tag} OK done\r\n")
        }
    })
    .unwrap();
    let mut options: Options = account("opnieuw@goed.test", "LAB");
    options.imap = Some(little.address());
    (options.imap_tls, options.imap_auth) = ("none", "plain");
    let product = start(&session, options);
    let mut imap = through(&product);
    imap.ask("SELECT INBOX").unwrap();
    imap.ask("UID FETCH 5 (UID BODYSTRUCTURE)").unwrap();
    assert_eq!(verdicts(&product, 1)[0]["verdict"], "pass");
    assert!(refused.load(Ordering::SeqCst) > 2);
}
