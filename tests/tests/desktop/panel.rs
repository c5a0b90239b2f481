//! The harness's own panel is one that other programs believe.

use tests::Session;
use tests::desktop::{Desk, Display};

#[test]
fn a_notification_of_another_program_is_seen() {
    let session = Session::start().unwrap();
    let desk = Desk::start(&session).unwrap();
    let call = [
        "--session",
        "--print-reply",
        "--dest=org.freedesktop.Notifications",
        "/org/freedesktop/Notifications",
        "org.freedesktop.Notifications.Notify",
        "string:prog",
        "uint32:0",
        "string:",
        "string:Herinnering",
        "string:Er wacht iets",
        "array:string:",
        "dict:string:variant:",
        "int32:-1",
    ];
    let (code, said) = session.run("dbus-send", &call, b"").unwrap();
    assert_eq!(code, Some(0), "{said}");
    let notices = desk.notices();
    assert_eq!(notices.len(), 1);
    assert_eq!((notices[0].program.as_str(), notices[0].body.as_str()), ("prog", "Er wacht iets"));
}

#[test]
fn every_screen_has_a_number_of_its_own() {
    let (one, other) = (Display::start().unwrap(), Display::start().unwrap());
    assert_ne!(one.name(), other.name());
}
