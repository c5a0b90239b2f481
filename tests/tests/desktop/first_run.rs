//! From nothing to a first mail, and the try-out.

use serde_json::{Value, json};
use tests::desktop::{App, Desk, Look, Page};
use tests::imap::Imap;
use tests::{PASSWORD, SenderTls, Session, Submission, World, guard};

use super::room::{PRIMARY, QUESTION, Room, arrived, asked};

#[test]
fn the_wizard_goes_from_no_settings_to_a_mail_to_oneself() {
    let provider = World::shared().provider().unwrap();
    let room = Room::blank();
    let app = room.start_without_mail();
    let address = "nieuw@praktijk.test";
    let page = app.window(Look::Main).unwrap();
    page.reads("Welk mailadres gebruikt u?").unwrap();
    page.fill("#address", address).unwrap();
    page.click("#next").unwrap();

    give_the_servers(&page);
    page.fill("#password", "niet het wachtwoord").unwrap();
    page.click("#next[aria-disabled=false]").unwrap();
    page.text("#refused").unwrap();
    page.fill("#password", PASSWORD).unwrap();
    page.click("#next[aria-disabled=false]").unwrap();

    page.reads("Uw account is klaar").unwrap();
    page.reads("Er is nog geen weg gekozen").unwrap();
    page.reads("Proefidentiteit").unwrap();
    page.click("#next").unwrap();

    page.reads("Uw mailprogramma instellen").unwrap();
    page.reads("De nieuwe Outlook en apps op uw telefoon werken niet met Zorgzegel.").unwrap();
    page.reads(&room.port().to_string()).unwrap();
    page.reads("Ook ophalen gaat voortaan via Zorgzegel").unwrap();
    page.click("#next").unwrap();

    page.click("#send-first").unwrap();
    page.reads("Uw mailprovider heeft de mail aangenomen.").unwrap();
    assert_eq!(arrived(1, || provider.taken(address)).len(), 1);
    // That mail was our own: the mail program was never here.
    page.reads("Nog niets gezien.").unwrap();
    page.click("#end").unwrap();
    page.reads("Er wacht niets").unwrap();

    let settings = std::fs::read_to_string(room.product.config()).unwrap();
    assert!(settings.contains(address), "{settings}");
    assert!(!settings.contains(PASSWORD) && !settings.contains("password"), "{settings}");
    assert!(!app.said().contains(PASSWORD) && !app.said().contains(address), "{}", app.said());
    room.product.cli(&["account", "test", address]).unwrap().must("account test").unwrap();
}

#[test]
fn the_files_for_mail_programs_say_what_the_wizard_shows_and_that_lets_a_program_in() {
    let room = Room::blank();
    let app = room.start_without_mail();
    let address = "bestand@praktijk.test";
    let page = app.window(Look::Main).unwrap();
    page.fill("#address", address).unwrap();
    page.click("#next").unwrap();
    give_the_servers(&page);
    page.fill("#password", PASSWORD).unwrap();
    page.click("#next[aria-disabled=false]").unwrap();
    page.reads("Uw account is klaar").unwrap();
    page.click("#next").unwrap();

    page.reads("Ook ophalen gaat voortaan via Zorgzegel").unwrap();
    page.click(".access button[aria-pressed=false]").unwrap();
    let shown = page.texts(".access .code").unwrap();
    let [server, port, tls, in_server, in_port, in_tls, user, password] = &shown[..] else {
        panic!("the wizard shows {shown:?}")
    };
    assert_eq!([user, tls, in_tls], [address, "STARTTLS", "STARTTLS"]);
    let (port, in_port): (u16, u16) = (port.parse().unwrap(), in_port.parse().unwrap());
    let expected = json!({
        "address": address,
        "outgoing": [server, port, true, user],
        "incoming": [in_server, in_port, true, user],
    });
    let authority = save(&page, "certificate");
    for program in ["thunderbird", "apple"] {
        page.click(&format!("input[name=program][value={program}]")).unwrap();
        let file = save(&page, program);
        let said = read(program, &file, &authority);
        assert_eq!(said, expected, "{program}");
        let text = std::fs::read_to_string(&file).unwrap();
        assert!(!text.contains(password.as_str()) && !text.contains(PASSWORD), "{text}");
    }

    page.click("#next").unwrap();
    page.reads("Nog niets gezien.").unwrap();
    let at = |port: u16| ([127, 0, 0, 1], port).into();
    let mut imap = Imap::log_in(at(in_port), SenderTls::StartTls, (user, password)).unwrap();
    imap.ask("SELECT INBOX").unwrap();
    page.reads("Uw mailprogramma haalt mail op via Zorgzegel").unwrap();
    let submission = Submission {
        server: at(port),
        tls: SenderTls::StartTls,
        login: (user, password),
        mechanism: "CRAM-MD5",
        from: user,
        to: &[user],
    };
    submission.smtplib(b"Subject: proef\r\n\r\nTot dinsdag.\r\n").unwrap();
    page.reads("Uw mailprogramma werkt via Zorgzegel.").unwrap();
}

#[test]
fn a_wrong_address_or_an_empty_password_is_said_where_it_stands() {
    let room = Room::blank();
    let app = room.start_without_mail();
    let page = app.window(Look::Main).unwrap();
    page.fill("#address", "geen adres").unwrap();
    page.click("#next").unwrap();
    page.reads("Vul een heel mailadres in").unwrap();
    page.fill("#address", "leeg@praktijk.test").unwrap();
    page.click("#next").unwrap();
    page.reads("Uw mailprovider").unwrap();
    page.fill("#host", "127.0.0.1").unwrap();
    page.click("#next[aria-disabled=false]").unwrap();
    page.reads("Vul uw wachtwoord in.").unwrap();
}

#[test]
fn the_try_out_sends_a_sample_to_a_hospital_on_this_computer() {
    let session = Session::start().unwrap();
    let _desk = Desk::start(&session).unwrap();
    let app = App::start(&session, &["--try-out"]).unwrap();
    let main = app.window(Look::Main).unwrap();
    main.reads("Zorgzegel draait nu met een nagemaakte mailprovider").unwrap();
    main.click("#try-lunch").unwrap();
    main.reads("Er is niets gevonden").unwrap();
    let letter = main.text("section[aria-labelledby=sample-referral] .letter").unwrap();
    main.click("#try-referral").unwrap();
    main.reads("held as").unwrap();
    let page = asked(&app, "Verwijzing");
    page.reads("Kan veilig").unwrap();
    let shown = page.text("li[data-address] .address").unwrap();
    assert!(letter.contains(&shown), "the letter is the one that is sent: {letter}, {shown}");
    page.click(PRIMARY).unwrap();
    page.reads("De mailserver van elke ontvanger heeft de mail aangenomen.").unwrap();
    page.click("#next[aria-disabled=false]").unwrap();
    guard::until("the question to go", guard::PATIENCE, || {
        app.titles().ok().filter(|titles| titles.iter().all(|title| title != QUESTION))
    })
    .unwrap();
    let main = app.window(Look::Main).unwrap();
    main.click("a[href='#sent']").unwrap();
    main.reads("@ziekenhuis.test").unwrap();
}

/// The wizard's second step, but for the password: the provider of this world.
fn give_the_servers(page: &Page<'_>) {
    let provider = World::shared().provider().unwrap();
    let (smtp, imap) = (provider.starttls, provider.imap_implicit);
    page.reads("Uw mailprovider").unwrap();
    page.fill("#host", &smtp.ip().to_string()).unwrap();
    page.fill("#port", &smtp.port().to_string()).unwrap();
    page.fill("#in-host", &imap.ip().to_string()).unwrap();
    page.fill("#in-port", &imap.port().to_string()).unwrap();
}

/// Has a file saved; where it is.
fn save(page: &Page<'_>, file: &str) -> String {
    page.click(&format!("#save-{file}")).unwrap();
    page.text(&format!("div:has(> div > #save-{file}) .saved .code")).unwrap()
}

/// What a saved file says, by a reader of its form that is not ours. The profile must hold the
/// certificate of the other file.
fn read(program: &str, file: &str, authority: &str) -> Value {
    let mut command = std::process::Command::new("python3");
    let output = command.args(["-c", READ, program, file, authority]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program}: {said}");
    serde_json::from_slice(&output.stdout).unwrap()
}

const READ: &str = r#"
import json, plistlib, ssl, sys
from xml.etree import ElementTree

program, file, authority = sys.argv[1:]
if program == "thunderbird":
    provider = ElementTree.parse(file).getroot().find("emailProvider")

    def server(tag):
        of = provider.find(tag)
        port, safe = int(of.findtext("port")), of.findtext("socketType") == "STARTTLS"
        return [of.findtext("hostname"), port, safe, of.findtext("username")]

    domain = provider.findtext("domain")
    out, come = server("outgoingServer"), server("incomingServer")
    address = out[3]
    assert address.endswith("@" + domain), domain
else:
    with open(file, "rb") as opened:
        mail, root = plistlib.load(opened)["PayloadContent"]
    with open(authority) as opened:
        assert root["PayloadContent"] == ssl.PEM_cert_to_DER_cert(opened.read())

    def server(way):
        keys = ["HostName", "PortNumber", "UseSSL", "Username"]
        return [mail[f"{way}MailServer{key}"] for key in keys]

    assert mail["OutgoingPasswordSameAsIncomingPassword"] is True
    out, come, address = server("Outgoing"), server("Incoming"), mail["EmailAddress"]
print(json.dumps({"address": address, "outgoing": out, "incoming": come}))
"#;
