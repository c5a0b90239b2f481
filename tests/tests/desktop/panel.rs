//! The harness's own panel is one that other programs believe.

use tests::Session;
use tests::desktop::{Desk, Look};

use super::room::Room;

#[test]
fn a_notification_of_another_program_is_seen() {
    let session = Session::start().unwrap();
    let desk = Desk::start(&session).unwrap();
    let call = [
        "call",
        "--session",
        "--dest=org.freedesktop.Notifications",
        "--object-path=/org/freedesktop/Notifications",
        "--method=org.freedesktop.Notifications.Notify",
        "prog",
        "0",
        "",
        "Herinnering",
        "Er wacht iets",
        "[]",
        "{}",
        "--",
        "-1",
    ];
    let (code, said) = session.run("gdbus", &call, b"").unwrap();
    assert_eq!(code, Some(0), "{said}");
    let notices = desk.notices();
    assert_eq!(notices.len(), 1);
    assert_eq!((notices[0].program.as_str(), notices[0].body.as_str()), ("prog", "Er wacht iets"));
}

#[test]
fn every_session_has_a_screen_of_its_own() {
    let (one, other) = (Session::start().unwrap(), Session::start().unwrap());
    assert_ne!(one.display().unwrap().name(), other.display().unwrap().name());
    assert_eq!(one.display().unwrap().name(), one.display().unwrap().name());
}

#[test]
fn a_press_that_lands_beside_what_moved_away_is_made_again() {
    let room = Room::blank();
    let app = room.start_without_mail();
    let page = app.window(Look::Main).unwrap();
    page.fill("#address", "weg@praktijk.test").unwrap();
    let away = "const next = document.querySelector('#next');
        next.addEventListener('mousedown', () => { next.style.transform = 'translateY(-20rem)';
            setTimeout(() => { next.style.transform = ''; }, 300); }, { once: true })";
    page.script(away, vec![]).unwrap();
    page.click("#next").unwrap();
    page.reads("Uw mailprovider").unwrap();
}
