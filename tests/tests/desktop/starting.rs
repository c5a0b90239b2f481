//! How it starts: once, hidden, without a tray, without a bus.

use rustix::process::{Pid, Signal, kill_process};
use tests::desktop::{App, Desk, Look, ended, titles};
use tests::zorgzegel::Options;
use tests::{Keyring, Port, Session, World, Zorgzegel, guard};

use super::room::{MAIN, QUESTION, Room, asked};

#[test]
fn a_second_start_shows_the_first_ones_window_and_ends_well() {
    let room = Room::of("start1@praktijk.test");
    let app = room.start();
    app.window(Look::Main).unwrap();
    app.close(MAIN).unwrap();
    let [flag, file] = room.config();
    let mut second = App::alone(&room.session, &[&flag, &file]).unwrap();
    assert_eq!(ended(&mut second).unwrap().code(), Some(0), "{}", second.said());
    guard::until("the main window", guard::PATIENCE, || {
        app.titles().ok().filter(|titles| titles == &[MAIN])
    })
    .unwrap();
    app.window(Look::Main).unwrap();
}

#[test]
fn a_hidden_start_shows_only_the_tray_and_a_mail_still_brings_the_question() {
    let room = Room::of("start2@praktijk.test");
    let [flag, file] = room.config();
    let mut app = App::alone(&room.session, &[&flag, &file, "--hidden"]).unwrap();
    room.until_it_takes_mail();
    let tray = room.desk.item().unwrap();
    tray.entry("Zorgzegel openen").unwrap();
    assert_eq!(titles(&room.session, app.pid()).unwrap(), Vec::<String>::new());
    room.send_held(&["verborgen@goed.test"], "Uit het niets");
    let asks = |titles: &Vec<String>| titles.iter().any(|title| title == QUESTION);
    guard::until("the question", guard::PATIENCE, || {
        titles(&room.session, app.pid()).ok().filter(asks)
    })
    .unwrap();
    tray.click("Zorgzegel openen").unwrap();
    let both = |titles: &Vec<String>| titles.len() == 2;
    guard::until("both windows", guard::PATIENCE, || {
        titles(&room.session, app.pid()).ok().filter(both)
    })
    .unwrap();
    // The system asks programs to end when the user logs out. Only this one is asked here: WebKit ends
    // itself by an error where its helper is ended while it starts.
    let pid = Pid::from_raw(i32::try_from(app.pid()).unwrap()).unwrap();
    kill_process(pid, Signal::TERM).unwrap();
    let end = ended(&mut app).unwrap();
    assert!(end.success(), "it ended by {end:?}: {}", app.said());
}

#[test]
fn without_a_tray_it_shows_its_window_and_asks_as_always() {
    let session = Session::start().unwrap();
    let port = Port::take().unwrap();
    let address = "start3@praktijk.test".to_owned();
    let options = Options { address, port: port.number(), ..Options::default() };
    let product = Zorgzegel::prepare(World::shared(), &session, options).unwrap();
    let config = product.config().to_string_lossy().into_owned();
    let app = App::start(&session, &["--config", &config]).unwrap();
    app.window(Look::Main).unwrap().reads("Er wacht niets").unwrap();
    // A tray that comes later finds it, or does not; the app is none the worse.
    let _desk = Desk::start(&session).unwrap();
    app.window(Look::Main).unwrap().click("a[href='#settings']").unwrap();
    assert!(app.pid().is_some());
}

#[test]
fn without_a_bus_it_shows_its_window_and_says_what_is_wrong() {
    let mut session = Session::start().unwrap();
    let options = Options { address: "start4@praktijk.test".to_owned(), ..Options::default() };
    let product = Zorgzegel::prepare(World::shared(), &session, options).unwrap();
    session.become_keyring(Keyring::NoBus).unwrap();
    let config = product.config().to_string_lossy().into_owned();
    let app = App::start(&session, &["--config", &config]).unwrap();
    let main = app.window(Look::Main).unwrap();
    let said = main.text("[role=alert] .notice.bad").unwrap();
    assert!(said.to_lowercase().contains("sleutelbos"), "{said}");
    assert!(app.pid().is_some(), "{}", app.said());
}

#[test]
fn starting_a_second_time_brings_no_second_question() {
    let room = Room::of("start5@praktijk.test");
    let app = room.start();
    room.send_held(&["eenmaal@goed.test"], "Eenmaal gevraagd");
    asked(&app, "Eenmaal gevraagd");
    let [flag, file] = room.config();
    let mut second = App::alone(&room.session, &[&flag, &file]).unwrap();
    assert_eq!(ended(&mut second).unwrap().code(), Some(0), "{}", second.said());
    assert_eq!(app.count(Look::Question), 1);
}

#[test]
fn what_stands_ready_for_the_next_login_starts_it_hidden_whatever_its_folder_is_called() {
    let room = Room::of("start6@praktijk.test");
    let home = room.session.folder().join("home");
    // Each of these signs means something in the entry that a session reads.
    let odd = home.join("Jan Jansen 100% $HOME \"map\" a\\b `c`");
    std::os::unix::fs::symlink(room.product.config().parent().unwrap(), &odd).unwrap();
    let config = odd.join(room.product.config().file_name().unwrap());
    let app = App::start(&room.session, &["--config", &config.to_string_lossy()]).unwrap();
    room.until_it_takes_mail();
    let page = app.window(Look::Main).unwrap();
    page.click("a[href='#settings']").unwrap();
    let entry = home.join(".config/autostart/Zorgzegel.desktop");
    assert!(!entry.exists());
    page.click("#start").unwrap();
    guard::until("the entry", guard::PATIENCE, || entry.exists().then_some(())).unwrap();
    let tray = room.desk.item().unwrap();
    // Until it has read what waits it asks before it stops.
    tray.entry("Er wacht geen mail").unwrap();
    tray.click("Zorgzegel stoppen").unwrap();
    app.until_gone().unwrap();

    // GLib reads the entry, as desktops do.
    let session = App::by(&room.session, "gio", &["launch", &entry.to_string_lossy()]).unwrap();
    room.until_it_takes_mail();
    let tray = room.desk.item().unwrap();
    tray.entry("Zorgzegel openen").unwrap();
    let said = session.said();
    assert!(!said.lines().any(|line| line.starts_with("gio:")), "{said}");
    tray.click("Zorgzegel stoppen").unwrap();
}
