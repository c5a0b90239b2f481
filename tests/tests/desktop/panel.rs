//! The harness's own panel is one that other programs believe.

use tests::Session;
use tests::desktop::Desk;

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
