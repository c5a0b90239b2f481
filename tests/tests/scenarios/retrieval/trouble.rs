use std::io::Write as _;

use tests::guard::{PATIENCE, until};
use tests::imap::Imap;
use tests::little::Little;
use tests::{SenderTls, Session, World, Zorgzegel};

use super::{account, clear, direct, refused, start, through};

#[test]
fn a_new_mail_is_told_to_who_rests_in_idle() {
    let session = Session::start().unwrap();
    let product = start(&session, account("idle"));
    let mut imap = through(&product);
    imap.ask("SELECT INBOX").unwrap();
    imap.begin("IDLE").unwrap();
    assert!(imap.line().unwrap().starts_with("+ "));
    let mut other = direct(product.user());
    let message = "Subject: a\r\n\r\nx\r\n";
    other.begin(&format!("APPEND INBOX {{{}+}}\r\n{message}", message.len())).unwrap();
    assert!(other.answer().unwrap().starts_with(b"T OK"));
    assert_eq!(imap.line().unwrap(), "* 1 EXISTS\r\n");
    assert_eq!(imap.line().unwrap(), "* 1 RECENT\r\n");
    imap.write(b"DONE\r\n").unwrap();
    assert!(imap.answer().unwrap().starts_with(b"T OK"));
}

#[test]
fn wrong_passwords_are_told_apart_and_the_next_try_works() {
    let session = Session::start().unwrap();
    let product = start(&session, account("fout"));
    let mut imap = Imap::connect(product.imap().unwrap(), SenderTls::StartTls).unwrap();
    let (user, password) = (product.user(), product.local_password());
    let answer = imap.say(&format!("LOGIN {user} verkeerd")).unwrap();
    assert!(answer.starts_with(b"T NO [AUTHENTICATIONFAILED] "), "{answer:?}");
    let answer = imap.say(&format!("LOGIN nobody@elders.test {password}")).unwrap();
    assert!(answer.starts_with(b"T NO [AUTHENTICATIONFAILED] "), "{answer:?}");
    imap.ask(&format!("LOGIN {user} {password}")).unwrap();
    imap.ask("SELECT INBOX").unwrap();

    // The provider's password is a matter of Zorgzegel, not of the mail program's.
    let mut wrong = account("elders");
    wrong.password = "niet-dit".to_owned();
    let product = start(&session, wrong);
    let said = refused(&product);
    assert!(said.contains("T NO [CONTACTADMIN] Uw mailprovider: "), "{said}");
    assert!(said.contains("Mailserver en wachtwoord"), "{said}");
    let tested = product.cli(&["account", "test"]).unwrap();
    assert_eq!(tested.code, Some(1), "{tested:?}");
    assert!(tested.text.contains("(IMAP)"), "{tested:?}");

    let without = start(&session, {
        let mut one = account("zonder");
        one.more = "[desktop]\nlanguage = \"en\"\n".to_owned();
        one
    });
    let file = std::fs::read_to_string(without.config()).unwrap();
    let kept: String = file
        .lines()
        .filter(|line| !line.starts_with("imap = {"))
        .map(|line| format!("{line}\n"))
        .collect();
    assert_ne!(file, kept);
    std::fs::write(without.config(), kept).unwrap();
    let mut product = without;
    product.restart().unwrap();
    let said = refused(&product);
    assert!(said.contains("T NO [CONTACTADMIN] the settings name no IMAP server"), "{said}");
}

#[test]
fn a_provider_that_goes_is_told_by_bye_and_one_that_is_back_is_used() {
    let session = Session::start().unwrap();
    let mut mailboxes = World::shared().mailboxes().unwrap();
    let mut options = account("terug");
    options.imap = Some(mailboxes.implicit);
    let product = start(&session, options);
    let mut resting = through(&product);
    resting.ask("SELECT INBOX").unwrap();
    resting.begin("IDLE").unwrap();
    assert!(resting.line().unwrap().starts_with("+ "));
    mailboxes.kill9();
    let last = resting.line().unwrap();
    assert!(last.starts_with("* BYE "), "{last}");
    assert!(resting.line().is_err(), "then the connection ends");
    let said = refused(&product);
    assert!(said.contains("T NO [UNAVAILABLE] Uw mailprovider: "), "{said}");
    assert!(said.contains("niet te bereiken"), "{said}");
    mailboxes.run().unwrap();
    through(&product).ask("SELECT INBOX").unwrap();
}

#[test]
fn a_provider_under_a_new_address_is_found_there_by_its_name() {
    let session = Session::start().unwrap();
    let mut mailboxes = World::shared().mailboxes().unwrap();
    let mut options = account("verhuist");
    // With a name of its own for one host the product has a list of names of its own.
    (options.imap, options.smtp_host) = (Some(mailboxes.implicit), Some(NAME));
    let mut product = Zorgzegel::prepare(World::shared(), &session, options).unwrap();
    let settings = std::fs::read_to_string(product.config()).unwrap();
    let quoted = |name: &str| format!("imap = {{ host = \"{name}\"");
    let named = settings.replace(&quoted(&mailboxes.implicit.ip().to_string()), &quoted(NAME));
    assert_ne!(named, settings);
    std::fs::write(product.config(), named).unwrap();
    let names = product.folder().join("hosts");
    let call = |mailboxes: &tests::Mailboxes| {
        std::fs::write(&names, format!("{} {NAME}\n", mailboxes.implicit.ip())).unwrap();
    };
    call(&mailboxes);
    product.run().unwrap();
    let mut resting = through(&product);
    resting.ask("CREATE Verhuisd").unwrap();
    resting.begin("IDLE").unwrap();
    assert!(resting.line().unwrap().starts_with("+ "));
    mailboxes.move_away().unwrap();
    call(&mailboxes);
    let last = resting.line().unwrap();
    assert!(last.starts_with("* BYE "), "{last}");
    through(&product).ask("SELECT Verhuisd").unwrap();
}

#[test]
fn half_a_response_is_never_rounded_off() {
    let session = Session::start().unwrap();
    let little = Little::start(|_, tag, rest, stream| match rest {
        "HALF" => {
            stream.write_all(b"* 1 FETCH (BODY[] {100}\r\nhalf of it")?;
            Err(std::io::ErrorKind::BrokenPipe.into())
        }
        "GO" => {
            stream.write_all(b"* BYE good night\r\n")?;
            Err(std::io::ErrorKind::BrokenPipe.into())
        }
        _ => write!(stream, "{tag} OK done\r\n"),
    })
    .unwrap();
    let product = start(&session, clear("half", little.address()));
    let mut imap = through(&product);
    imap.begin("HALF").unwrap();
    let mut heard = Vec::new();
    while let Ok(some) = imap.some() {
        heard.extend(some);
    }
    assert_eq!(heard, b"* 1 FETCH (BODY[] {100}\r\nhalf of it");
    let mut imap = through(&product);
    imap.begin("GO").unwrap();
    assert_eq!(imap.line().unwrap(), "* BYE good night\r\n");
    assert!(imap.line().is_err(), "the provider's own BYE is the only one");
    let mut imap = through(&product);
    imap.ask("NOOP").unwrap();
    little.break_off();
    let last = imap.line().unwrap();
    assert!(last.starts_with("* BYE [UNAVAILABLE] The connection to your mail provider"), "{last}");
}

#[test]
fn whoever_ends_ends_both_sides() {
    let session = Session::start().unwrap();
    let little = Little::start(|_, tag, _, stream| write!(stream, "{tag} OK done\r\n")).unwrap();
    let mut product = start(&session, clear("einde", little.address()));
    let open = |count: usize| {
        until("connections to the provider", PATIENCE, || (little.open() == count).then_some(()))
    };
    let mut imap = through(&product);
    imap.ask("NOOP").unwrap();
    open(1).unwrap();
    drop(imap);
    open(0).unwrap();
    // A stop says so; a crash cannot, and the connection is gone all the same.
    let mut imap = through(&product);
    imap.ask("NOOP").unwrap();
    assert_eq!(product.stop(), Some(0));
    let last = imap.line().unwrap();
    assert!(last.starts_with("* BYE [UNAVAILABLE] Zorgzegel stops"), "{last}");
    open(0).unwrap();
    product.run().unwrap();
    let mut imap = through(&product);
    imap.ask("NOOP").unwrap();
    product.kill9();
    assert!(imap.line().is_err());
    open(0).unwrap();
    product.run().unwrap();
    through(&product).ask("NOOP").unwrap();
}

/// The provider's IMAP server in its certificate.
const NAME: &str = "imap.lab.test";
