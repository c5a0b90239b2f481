use serde_json::{Value, json};
use tests::guard::{PATIENCE, until};
use tests::imap::Imap;
use tests::thunderbird::{Mailbox, Thunderbird};
use tests::zorgzegel::Options;
use tests::{Mailboxes, PASSWORD, SenderTls, Session, World, Zorgzegel};

use super::{account, address, direct, provider, start};

const BODIES: [&str; 4] = [
    "Content-Type: text/plain; charset=utf-8\r\n\r\ncafé, naïef\r\n.\r\n..twee punten\r\n",
    "Content-Type: text/plain; charset=iso-8859-1\r\n\
     Content-Transfer-Encoding: quoted-printable\r\n\r\ncaf=E9 \r\n\t\r\nFrom hier\r\n",
    "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\n\r\neen\r\n\
     --a\r\nContent-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n\
     Content-Disposition: attachment; filename*=utf-8''br%C3%ADef.pdf\r\n\r\nJVBERi0=\r\n--a--\r\n",
    "\r\n",
];

/// Fifty of all kinds; one is so large that it comes in pieces.
fn messages() -> Vec<String> {
    let message = |number: usize| {
        let body = BODIES[number % BODIES.len()];
        let more =
            if number == 7 { "lange regels, vele\r\n".repeat(20_000) } else { String::new() };
        format!(
            "From: a@b.nl\r\nTo: c@d.nl\r\nSubject: bericht {number}\r\n\
             Message-ID: <{number}@b.nl>\r\nDate: Thu, 26 Nov 2026 10:00:{number:02} +0100\r\n\
             {body}{more}"
        )
    };
    (0..50).map(message).collect()
}

fn put(mailboxes: &Mailboxes, user: &str, message: &str) {
    let mut imap = Imap::log_in(mailboxes.implicit, SenderTls::Implicit, (user, PASSWORD)).unwrap();
    imap.begin(&format!("APPEND INBOX {{{}+}}\r\n{message}", message.len())).unwrap();
    assert!(imap.answer().unwrap().starts_with(b"T OK"));
}

/// The authority of the local certificate, which the listeners send along.
pub(super) fn authority(product: &Zorgzegel) -> String {
    let at = product.imaps().unwrap().to_string();
    let mut command = std::process::Command::new("openssl");
    let shown = super::programs::run(command.args(["s_client", "-showcerts", "-connect", &at]));
    let start = shown.rfind("-----BEGIN CERTIFICATE-----").unwrap();
    shown[start..].split_inclusive("-----END CERTIFICATE-----").next().unwrap().to_owned() + "\n"
}

fn through<'a>(product: &'a Zorgzegel, authority: &'a str) -> Mailbox<'a> {
    Mailbox {
        host: "localhost",
        imap: product.imaps().unwrap().port(),
        smtp: Some(product.smtp().unwrap().port()),
        user: product.user(),
        password: product.local_password(),
        authority,
    }
}

/// Does a step; while Thunderbird is busy with the folder it says no, and is asked again.
fn does(program: &mut Thunderbird, step: &str, account: &str) -> Value {
    let mut last = String::new();
    let mut ask = || match program.step(step, &json!([account])) {
        Ok(value) => Some(value),
        Err(error) => {
            last = error.to_string();
            None
        }
    };
    let value = until(step, PATIENCE, &mut ask);
    value.unwrap_or_else(|late| panic!("{late}: {last}"))
}

/// Looks at an account's list until it is as it should be.
fn shows(program: &mut Thunderbird, account: &str, what: &str, right: impl Fn(&[Value]) -> bool) {
    let mut last = Value::Null;
    let mut look = || {
        last = does(program, "list", account);
        right(last.as_array().unwrap()).then_some(())
    };
    let seen = until(what, PATIENCE, &mut look);
    assert!(seen.is_ok(), "{what}: {last}");
}

#[test]
fn thunderbird_has_the_same_mail_through_us_and_comes_back_after_its_provider_was_away() {
    let session = Session::start().unwrap();
    let mut mailboxes = World::shared().mailboxes().unwrap();
    let imap = Some(mailboxes.implicit);
    let product = start(&session, Options { imap, ..account("vogel") });
    for message in messages() {
        put(&mailboxes, product.user(), &message);
    }
    let (host, ours) = (mailboxes.implicit.ip().to_string(), authority(&product));
    let world = std::fs::read_to_string(World::shared().root_certificate()).unwrap();
    let straight = Mailbox {
        host: &host,
        imap: mailboxes.implicit.port(),
        smtp: None,
        user: product.user(),
        password: PASSWORD,
        authority: &world,
    };
    let mut program = Thunderbird::start(&session, &[through(&product, &ours), straight]).unwrap();
    let read = ["account1", "account2"].map(|account| {
        // It empties the list once more when it has learned of all folders, after its start.
        let all = || {
            does(&mut program, "get", account);
            let read = does(&mut program, "read", account);
            (read.as_array().map(Vec::len) == Some(50)).then_some(read)
        };
        until("fifty messages, read", PATIENCE, all).unwrap()
    });
    let [door, direct_one] = read;
    assert_eq!(door, direct_one);
    let all = door.as_array().unwrap();
    assert_eq!(all.len(), 50);
    let whole = |text: &Value| text.as_str().unwrap().ends_with("lange regels, vele\r\n");
    assert!(whole(&all[7]), "{}", all[7]);

    // A mark that is set here arrives there, and one that is set there is told here, as is new mail.
    let star = || program.step("star", &json!(["account1", "bericht 3"])).ok();
    until("the star", PATIENCE, star).unwrap();
    let login = (product.user(), PASSWORD);
    let mut imap = Imap::log_in(mailboxes.implicit, SenderTls::Implicit, login).unwrap();
    imap.ask("SELECT INBOX").unwrap();
    let starred = || imap.ask("SEARCH FLAGGED").unwrap().starts_with("* SEARCH 4\r\n");
    let mut starred = starred;
    until("the star at the provider", PATIENCE, || starred().then_some(())).unwrap();
    imap.ask("STORE 11 +FLAGS.SILENT (\\Flagged)").unwrap();
    put(&mailboxes, product.user(), "Subject: vers\r\n\r\nnieuw\r\n");
    let fresh = |list: &[Value]| list.iter().any(|one| one["subject"] == "vers");
    shows(&mut program, "account1", "the new mail", fresh);
    let flagged = |list: &[Value]| {
        list.iter().any(|one| one["subject"] == "bericht 10" && one["flagged"] == true)
    };
    shows(&mut program, "account1", "the mark of another program", flagged);

    mailboxes.kill9();
    mailboxes.run().unwrap();
    put(&mailboxes, product.user(), "Subject: later\r\n\r\nen weer\r\n");
    let later = |list: &[Value]| list.iter().any(|one| one["subject"] == "later");
    let got = || {
        program.step("get", &json!(["account1"])).ok()?;
        later(program.step("list", &json!(["account1"])).ok()?.as_array()?).then_some(())
    };
    until("the mail after a restart", PATIENCE, got).unwrap();
}

#[test]
fn thunderbird_sends_a_clean_mail_at_once_and_a_health_mail_waits_and_both_are_filed() {
    let session = Session::start().unwrap();
    let product = start(&session, account("zender"));
    let ours = authority(&product);
    let mut program = Thunderbird::start(&session, &[through(&product, &ours)]).unwrap();
    does(&mut program, "get", "account1");
    let to = address("collega.vogel");
    program.step("send", &json!([to, "lunch", "Om half een bij de balie?\n"])).unwrap();
    let taken = until("the clean mail", PATIENCE, || provider().taken(&to).pop()).unwrap();
    let text = String::from_utf8_lossy(&taken.message).into_owned();
    assert!(text.contains("Subject: lunch\r\n") && text.contains("bij de balie?"), "{text}");

    let health = "BSN 123456782, dhr. Jansen, geb. 12-03-1956, CVA\n";
    program.step("send", &json!([to, "overdracht", health])).unwrap();
    let waiting = product.cli(&["pending", "--json"]).unwrap().must("pending").unwrap();
    let waiting: Value = serde_json::from_str(&waiting).unwrap();
    assert_eq!(waiting.as_array().map(Vec::len), Some(1), "{waiting}");
    assert_eq!(waiting[0]["subject"], "overdracht");
    assert_eq!(provider().taken(&to).len(), 1);

    let mut imap = direct(product.user());
    imap.ask("EXAMINE Verzonden").unwrap();
    let sent = imap.ask("FETCH 1:* BODY[HEADER.FIELDS (SUBJECT)]").unwrap();
    assert!(sent.contains("Subject: lunch") && sent.contains("Subject: overdracht"), "{sent}");
}
