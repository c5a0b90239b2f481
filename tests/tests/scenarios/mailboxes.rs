//! What the product does in an account's own mailboxes: notices in INBOX, and Sent as it was sent.

use std::io::{ErrorKind, Write as _};
use std::process::Command;
use std::sync::{Arc, Mutex};

use serde_json::Value;
use tests::imap::Imap;
use tests::little::Little;
use tests::zorgzegel::Options;
use tests::{PASSWORD, SenderTls, Session, World, Zorgzegel, guard};

use super::routes::{account, choose, hold_mail, pending};

const REFUSED: &str = "niemand@weigert.test";

/// Health mail with a Message-ID of its own.
fn mail(id: &str) -> String {
    format!(
        "From: arts@praktijk.test\r\nDate: Mon, 02 Mar 2026 10:05:00 +0100\r\n\
         Subject: Geheim onderwerp\r\nMessage-ID: <{id}@praktijk.test>\r\n\r\n\
         BSN 123456782, dhr. Jansen, geb. 12-03-1956, CVA ({id})\r\n"
    )
}

fn with_imap(name: &str) -> Options {
    let imap = Some(World::shared().provider().unwrap().imap_implicit);
    Options { imap, ..account(name) }
}

fn start(session: &Session, options: Options) -> Zorgzegel {
    Zorgzegel::start(World::shared(), session, options).unwrap()
}

/// An account with `sent = "as-sent"`.
fn as_sent(session: &Session, options: Options) -> Zorgzegel {
    let mut product = Zorgzegel::prepare(World::shared(), session, options).unwrap();
    let file = std::fs::read_to_string(product.config()).unwrap();
    let changed = file.replace("[[account]]\n", "[[account]]\nsent = \"as-sent\"\n");
    assert_ne!(file, changed);
    std::fs::write(product.config(), changed).unwrap();
    product.run().unwrap();
    product
}

fn direct(product: &Zorgzegel) -> Imap {
    let at = World::shared().provider().unwrap().imap_implicit;
    Imap::log_in(at, SenderTls::Implicit, (product.user(), PASSWORD)).unwrap()
}

/// How many messages a mailbox has.
fn count(imap: &mut Imap, mailbox: &str) -> usize {
    // Of a mailbox that is open a server may tell what it knew then.
    imap.say("UNSELECT").unwrap();
    let said = imap.ask(&format!("STATUS {mailbox} (MESSAGES)")).unwrap();
    let (_, rest) = said.split_once("(MESSAGES ").unwrap();
    rest.split(')').next().unwrap().parse().unwrap()
}

/// All messages of a mailbox with their flags, as they come.
fn messages(imap: &mut Imap, mailbox: &str) -> String {
    imap.ask(&format!("EXAMINE {mailbox}")).unwrap();
    String::from_utf8_lossy(&imap.say("FETCH 1:* (FLAGS BODY.PEEK[])").unwrap()).into_owned()
}

fn put(imap: &mut Imap, mailbox: &str, message: &str) {
    imap.begin(&format!("APPEND {mailbox} (\\Seen) {{{}+}}\r\n{message}", message.len())).unwrap();
    assert!(imap.answer().unwrap().starts_with(b"T OK"));
}

fn journal(product: &Zorgzegel, kind: &str) -> Vec<Value> {
    let said = product.cli(&["journal", "export"]).unwrap().must("journal export").unwrap();
    let lines = said.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let entry = |line: Value| line.get("entry").cloned().unwrap_or(line);
    lines.map(entry).filter(|entry| entry["kind"] == kind).collect()
}

fn wait<T>(what: &str, look: impl FnMut() -> Option<T>) -> T {
    guard::until(what, guard::PATIENCE, look).unwrap()
}

#[test]
fn a_delivery_that_failed_for_good_is_told_in_inbox_once() {
    let session = Session::start().unwrap();
    let mut product = start(&session, with_imap("melding"));
    let mut imap = direct(&product);
    let id = hold_mail(&product, &[REFUSED, "ook@weigert.test"], &mail("melding"));
    choose(&product, &id, &["secure"]);
    wait("the notice", || (count(&mut imap, "INBOX") > 0).then_some(()));
    imap.ask("EXAMINE INBOX").unwrap();
    // As a mail program sees it in a list: a report, unread.
    let listed = imap.ask("FETCH 1 (FLAGS ENVELOPE BODYSTRUCTURE)").unwrap();
    for part in ["\"DELIVERY-STATUS\"", "\"RFC822-HEADERS\"", "\"REPORT\"", "Niet bezorgd: "] {
        assert!(listed.to_uppercase().contains(&part.to_uppercase()), "{part}: {listed}");
    }
    assert!(!listed.contains("\\Seen"), "{listed}");
    let answer = imap.say("FETCH 1 BODY.PEEK[]").unwrap();
    let text = String::from_utf8(answer).unwrap();
    assert!(!text.contains("Geheim") && !text.contains("123456782"), "{text}");
    let start = text.find("\r\n").unwrap() + 2;
    let end = text.rfind(")\r\nT OK").unwrap();
    let file = product.folder().join("melding.eml");
    std::fs::write(&file, &text[start..end]).unwrap();
    let read = Command::new("python3").args(["-c", PARSE]).arg(&file).output().unwrap();
    let read = String::from_utf8_lossy(&[read.stdout, read.stderr].concat()).into_owned();
    let expected = format!(
        "multipart/report delivery-status no defects\n\
         text/plain True True {id}\n\
         Reporting-MTA: dns; localhost\n\
         rfc822; {REFUSED} failed 5.7.1 dns; mx.weigert.test\n\
         rfc822; ook@weigert.test failed 5.7.1 dns; mx.weigert.test\n\
         text/rfc822-headers ['Message-ID', 'Date']\n\
         In-Reply-To <melding@praktijk.test> auto-replied\n"
    );
    assert_eq!(read, expected, "{text}");
    wait("the end of the errand", || (!journal(&product, "notified").is_empty()).then_some(()));
    assert!(pending(&product)[0]["notice"].is_null());
    // A restart, and what comes after it, bring no second one.
    product.restart().unwrap();
    let next = hold_mail(&product, &[REFUSED], &mail("melding-2"));
    choose(&product, &next, &["secure"]);
    wait("the next notice", || (count(&mut imap, "INBOX") > 1).then_some(()));
    wait("the end of both", || (journal(&product, "notified").len() == 2).then_some(()));
    assert_eq!(count(&mut imap, "INBOX"), 2);
}

#[test]
fn what_is_given_up_after_too_long_is_told_too_and_waits_for_imap_over_a_restart() {
    let session = Session::start().unwrap();
    let mut mailboxes = World::shared().mailboxes().unwrap();
    let more =
        "give_up = \"1s\"\nlongest_retry = \"1s\"\n[desktop]\nlanguage = \"en\"\n".to_owned();
    let imap = Some(mailboxes.implicit);
    let options = Options { imap, more, ..account("opgegeven") };
    let mut product = start(&session, options);
    mailboxes.kill9();
    let to = "opgegeven@steltuit.test";
    let id = hold_mail(&product, &[to], &mail("opgegeven"));
    choose(&product, &id, &["secure"]);
    let notice = wait("trouble with the notice", || {
        let notice = pending(&product).first()?["notice"].clone();
        (!notice["trouble"].is_null()).then_some(notice)
    });
    assert!(notice["trouble"]["nl"].as_str().unwrap().starts_with("Uw mailprovider: "), "{notice}");
    let said = product.cli(&["pending"]).unwrap().text;
    assert!(said.contains("nog niet in uw INBOX: Uw mailprovider"), "{said}");
    product.kill9();
    product.run().unwrap();
    mailboxes.run().unwrap();
    wait("the notice", || pending(&product)[0]["notice"].is_null().then_some(()));
    let login = (product.user(), PASSWORD);
    let mut imap = Imap::log_in(mailboxes.implicit, SenderTls::Implicit, login).unwrap();
    let text = messages(&mut imap, "INBOX");
    assert_eq!(text.matches("Final-Recipient").count(), 1, "{text}");
    assert!(text.contains("Status: 4.4.7\r\n"), "{text}");
    assert!(text.contains("Subject: Not delivered: your message of "), "{text}");
}

#[test]
fn a_notice_whose_end_was_not_seen_is_looked_for_before_it_is_put_again() {
    let session = Session::start().unwrap();
    let heard = Arc::<Mutex<Vec<String>>>::default();
    let own = Arc::clone(&heard);
    let little = Little::start(move |_, tag, rest, stream| {
        let line = format!("{tag} {rest}");
        match () {
            () if rest.starts_with("APPEND \"INBOX\" ") => {
                own.lock().unwrap().push(rest.to_owned());
                stream.write_all(b"+ go\r\n")
            }
            // The whole message came, and the connection breaks before the answer.
            () if line.starts_with("--=_") && line.trim_end().ends_with("--") => {
                Err(ErrorKind::ConnectionReset.into())
            }
            () if rest.starts_with("UID SEARCH") => {
                own.lock().unwrap().push(rest.to_owned());
                write!(stream, "* SEARCH 7\r\n{tag} OK done\r\n")
            }
            () if rest.starts_with("EXAMINE") || rest == "LOGOUT" => {
                write!(stream, "{tag} OK [READ-ONLY] done\r\n")
            }
            // A line of the message.
            () => Ok(()),
        }
    })
    .unwrap();
    let imap = Some(little.address());
    let options = Options { imap, imap_tls: "none", imap_auth: "plain", ..account("zonder-einde") };
    let product = start(&session, options);
    let id = hold_mail(&product, &[REFUSED], &mail("zonder-einde"));
    choose(&product, &id, &["secure"]);
    wait("the end of the errand", || (!journal(&product, "notified").is_empty()).then_some(()));
    let heard = heard.lock().unwrap().clone();
    assert_eq!(heard.len(), 2, "{heard:?}");
    assert!(heard[0].starts_with("APPEND"), "{heard:?}");
    let sought = format!("HEADER Message-ID \"<notice.{id}.");
    assert!(heard[1].contains("SINCE ") && heard[1].contains(&sought), "{heard:?}");
}

#[test]
fn sent_shows_what_was_sent_where_that_is_wanted() {
    let session = Session::start().unwrap();
    let product = as_sent(&session, with_imap("zoals"));
    let mut imap = direct(&product);
    imap.ask("CREATE Verzonden").unwrap();
    imap.ask("CREATE Sent").unwrap();
    let text = mail("zoals");
    let id = hold_mail(&product, &["zoals@goed.test"], &text);
    // The mail program's copy, and two that only look like it.
    put(&mut imap, "Verzonden", &text);
    put(&mut imap, "Verzonden", &text.replace("Jansen", "Pietersen"));
    put(&mut imap, "Verzonden", &text.replace("Subject", "Bcc: stil@goed.test\r\nSubject"));
    choose(&product, &id, &["secure"]);
    let filed = wait("the folder Sent", || journal(&product, "sent_filed").pop());
    assert_eq!((&filed["put"], &filed["removed"]), (&true.into(), &true.into()));
    let all = messages(&mut imap, "Verzonden");
    let shown = product.cli(&["archive", "show", &id]).unwrap().must("archive").unwrap();
    // What the way guarantees is told before it, on the other stream.
    let signed = shown[shown.find("From: ").unwrap()..].to_owned();
    assert!(signed.contains("multipart/signed") && all.contains(&signed), "{all}");
    assert!(all.contains("Pietersen") && all.contains("stil@goed.test"), "{all}");
    assert!(
        !all.contains(&format!("\r\n\r\n{}", &text[text.find("BSN").unwrap()..])) || {
            // Only the one with Bcc has the text in the clear.
            all.matches("dhr. Jansen").count() <= 2
        }
    );
    assert_eq!(count(&mut imap, "Verzonden"), 3, "{all}");
    assert!(!all.contains("\\Deleted"), "{all}");
    assert!(
        all.lines().filter(|line| line.contains("FLAGS (")).all(|line| line.contains("\\Seen"))
    );
    assert_eq!(count(&mut imap, "Sent"), 0, "the server says which folder it is");
}

#[test]
fn of_a_message_that_was_withdrawn_nothing_stays_in_sent_and_two_alike_both_stay() {
    let session = Session::start().unwrap();
    let product = as_sent(&session, with_imap("terug-sent"));
    let mut imap = direct(&product);
    imap.ask("CREATE Sent").unwrap();
    let (one, two) = (mail("ingetrokken"), mail("dubbel"));
    for text in [&one, &two, &two] {
        put(&mut imap, "Sent", text);
    }
    let id = hold_mail(&product, &["terug@goed.test"], &one);
    choose(&product, &id, &["withdraw"]);
    let filed = wait("the folder Sent", || journal(&product, "sent_filed").pop());
    assert_eq!((&filed["put"], &filed["removed"]), (&false.into(), &true.into()));
    let id = hold_mail(&product, &["terug@goed.test"], &two);
    choose(&product, &id, &["withdraw"]);
    // Errands are done in their order: behind this notice the other was looked at.
    behind(&product, &mut imap);
    let all = messages(&mut imap, "Sent");
    assert_eq!(all.matches("<dubbel@praktijk.test>").count(), 2, "{all}");
    assert!(!all.contains("ingetrokken") && !all.contains("\\Deleted"), "{all}");
}

#[test]
fn by_default_nobody_touches_sent() {
    let session = Session::start().unwrap();
    let product = start(&session, with_imap("laat"));
    let mut imap = direct(&product);
    imap.ask("CREATE Sent").unwrap();
    let (sent, withdrawn) = (mail("laat"), mail("laat-2"));
    for text in [&sent, &withdrawn] {
        put(&mut imap, "Sent", text);
    }
    let id = hold_mail(&product, &["laat@goed.test"], &sent);
    choose(&product, &id, &["secure"]);
    wait("the delivery", || pending(&product).is_empty().then_some(()));
    let id = hold_mail(&product, &["laat@goed.test"], &withdrawn);
    choose(&product, &id, &["withdraw"]);
    behind(&product, &mut imap);
    let all = messages(&mut imap, "Sent");
    assert_eq!(count(&mut imap, "Sent"), 2, "{all}");
    assert!(
        all.contains("<laat@praktijk.test>") && all.contains("<laat-2@praktijk.test>"),
        "{all}"
    );
    assert!(journal(&product, "sent_filed").is_empty());
}

/// Waits for a notice that was made last.
fn behind(product: &Zorgzegel, imap: &mut Imap) {
    let id = hold_mail(product, &[REFUSED], &mail(&format!("achter-{}", product.user())));
    choose(product, &id, &["secure"]);
    wait("a notice", || (count(imap, "INBOX") > 0).then_some(()));
}

/// Reads a notice by Python's parser; prints what a program makes of it.
const PARSE: &str = r#"
import email, email.policy, sys
m = email.message_from_binary_file(open(sys.argv[1], "rb"), policy=email.policy.default)
parts = list(m.iter_parts())
faults = [d for part in m.walk() for d in part.defects]
print(m.get_content_type(), m.get_param("report-type"), faults or "no defects")
text = parts[0].get_content()
print(parts[0].get_content_type(), "niet bezorgd bij" in text, "was not delivered to" in text, text.split()[-1])
groups = parts[1].get_payload()
print("Reporting-MTA:", groups[0]["Reporting-MTA"])
for g in groups[1:]:
    print(g["Final-Recipient"], g["Action"], g["Status"], g["Remote-MTA"])
print(parts[2].get_content_type(), email.message_from_string(parts[2].get_payload()).keys())
print("In-Reply-To", m["In-Reply-To"], m["Auto-Submitted"])
"#;
