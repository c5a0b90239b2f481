//! From nothing to a first mail, and the try-out.

use tests::desktop::{App, Desk, Look};
use tests::{PASSWORD, Session, World, guard};

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

    page.reads("Uw mailprovider").unwrap();
    page.fill("#host", &provider.starttls.ip().to_string()).unwrap();
    page.fill("#port", &provider.starttls.port().to_string()).unwrap();
    let imap = provider.imap_implicit;
    page.fill("#in-host", &imap.ip().to_string()).unwrap();
    page.fill("#in-port", &imap.port().to_string()).unwrap();
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
