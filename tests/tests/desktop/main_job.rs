//! The main job, from a mail program to the mail host of a colleague, by the window.

use tests::World;
use tests::desktop::{Look, Page};

use super::room::{PRIMARY, Room, arrived, asked, enter_until, must_verify, outcome};

/// A mail goes in, is read in the window, is sent in this way, and arrives.
fn from_the_mail_program_to_the_hospital(address: &str, to: &str, press: impl Fn(&Page<'_>)) {
    let world = World::shared();
    let room = Room::of(address);
    let app = room.start();
    let id = room.send_held(&[to], "Verwijzing");
    let page = asked(&app, "Verwijzing");
    page.reads("Dit bericht bevat gezondheidsgegevens").unwrap();
    let mark = |kind: &str| page.texts(&format!("mark[data-kind='{kind}']")).unwrap();
    assert_eq!(mark("bsn"), ["123456782"]);
    assert!(mark("name").iter().any(|name| name.contains("Jansen")), "{:?}", mark("name"));
    assert!(mark("medical").contains(&"CVA".to_owned()), "{:?}", mark("medical"));
    page.reads("Kan veilig").unwrap();
    assert!(
        page.text(&format!("li[data-address='{to}'][data-tone='good']")).unwrap().contains("DANE")
    );
    assert_eq!(room.state(&id).as_deref(), Some("waiting"), "nothing goes out by silence");
    assert!(world.received(to).unwrap().is_empty());

    page.text(PRIMARY).unwrap();
    press(&page);
    page.text(&outcome(to, "sent")).unwrap();
    page.reads("De mailserver van elke ontvanger heeft de mail aangenomen.").unwrap();
    let got = arrived(1, || world.received(to).unwrap());
    assert_eq!(got.len(), 1, "one mail");
    assert!(got[0].over_tls(), "{}", got[0].received);
    assert!(must_verify(&room.product, &got[0].message).contains("123456782"));
    assert!(world.provider().unwrap().taken(to).is_empty());
    room.until_settled(&id);

    page.click("#next[aria-disabled=false]").unwrap();
    tests::guard::until("the window to go", tests::guard::PATIENCE, || {
        (!app.shows(Look::Question)).then_some(())
    })
    .unwrap();
    let main = app.window(Look::Main).unwrap();
    main.click("a[href='#sent']").unwrap();
    main.reads("Verwijzing").unwrap();
    main.reads("Rechtstreeks bij de mailserver afgeleverd").unwrap();
}

#[test]
fn a_health_mail_is_read_in_the_window_and_reaches_the_hospital_signed_by_a_press_on_the_button() {
    from_the_mail_program_to_the_hospital("venster1@praktijk.test", "muis@goed.test", |page| {
        assert_eq!(page.text(PRIMARY).unwrap(), "Veilig versturen");
        page.click(PRIMARY).unwrap();
    });
}

#[test]
fn the_same_by_the_keyboard_alone() {
    from_the_mail_program_to_the_hospital("venster2@praktijk.test", "toets@goed.test", |page| {
        enter_until(page, "input[name=way]:checked", || page.has("#next"));
    });
}
