//! What is not answered waits: over closed windows, restarts and SIGKILL, and for more than one mail.

use tests::desktop::{Key, Look};
use tests::zorgzegel::Options;
use tests::{World, guard};

use super::room::{MAIN, PRIMARY, QUESTION, Room, arrived, asked, outcome};

#[test]
fn a_closed_window_leaves_the_mail_waiting_and_the_tray_brings_it_back() {
    let room = Room::of("wacht1@praktijk.test");
    let app = room.start();
    let tray = room.desk.item().unwrap();
    // A line gets its words first, and a moment later whether it can be clicked.
    let can_be_clicked = |words: &str, so: bool| {
        let stands = || (tray.entry(words).ok()?.enabled == so).then_some(());
        guard::until(words, guard::PATIENCE, stands).unwrap();
    };
    can_be_clicked("Er wacht geen mail", false);
    let to = "tray@goed.test";
    let id = room.send_held(&[to], "Blijft wachten");
    asked(&app, "Blijft wachten");
    app.close(QUESTION).unwrap();
    assert_eq!(room.state(&id).as_deref(), Some("waiting"));
    can_be_clicked("1 mail wacht op uw keuze", true);
    let counts = || (tray.property("XAyatanaLabel").ok()? == "1").then_some(());
    guard::until("the count beside the icon", guard::PATIENCE, counts).unwrap();
    let main = app.window(Look::Main).unwrap();
    main.click("a[href='#waiting']").unwrap();
    main.reads("Blijft wachten").unwrap();
    main.reads("weer gevraagd").unwrap();

    tray.click("1 mail wacht op uw keuze").unwrap();
    let page = asked(&app, "Blijft wachten");
    page.click(PRIMARY).unwrap();
    page.text(&outcome(to, "sent")).unwrap();
    tray.entry("Er wacht geen mail").unwrap();
    assert_eq!(arrived(1, || World::shared().received(to).unwrap()).len(), 1);
}

#[test]
fn stopping_while_mail_waits_warns_and_the_mail_waits_on_for_the_next_start() {
    let room = Room::of("wacht2@praktijk.test");
    let app = room.start();
    let tray = room.desk.item().unwrap();
    let to = "stoppen@goed.test";
    let id = room.send_held(&[to], "Nog niet beslist");
    asked(&app, "Nog niet beslist");
    app.close(QUESTION).unwrap();
    app.close(MAIN).unwrap();
    tray.click("Zorgzegel stoppen").unwrap();
    let main = app.window(Look::Main).unwrap();
    main.reads("Zorgzegel stoppen?").unwrap();
    main.button("Laten draaien").unwrap();
    assert!(app.pid().is_some());

    tray.click("Zorgzegel stoppen").unwrap();
    app.window(Look::Main).unwrap().button("Toch stoppen").unwrap();
    app.until_gone().unwrap();
    drop(app);
    let app = room.start();
    asked(&app, "Nog niet beslist");
    assert_eq!(room.state(&id).as_deref(), Some("waiting"));
    assert!(World::shared().received(to).unwrap().is_empty());
}

#[test]
fn with_nothing_waiting_the_tray_stops_it_at_once() {
    let room = Room::of("wacht3@praktijk.test");
    let app = room.start();
    let tray = room.desk.item().unwrap();
    // Until it has read what waits it asks before it stops.
    tray.entry("Er wacht geen mail").unwrap();
    tray.click("Zorgzegel stoppen").unwrap();
    app.until_gone().unwrap();
}

#[test]
fn sigkill_with_the_question_open_loses_nothing_and_it_is_asked_again() {
    let room = Room::of("wacht4@praktijk.test");
    let app = room.start();
    let to = "kill9@goed.test";
    let id = room.send_held(&[to], "Stroom weg");
    asked(&app, "Stroom weg");
    app.kill9().unwrap();
    drop(app);
    let app = room.start();
    let page = asked(&app, "Stroom weg");
    assert_eq!(room.state(&id).as_deref(), Some("waiting"));
    page.click(PRIMARY).unwrap();
    page.text(&outcome(to, "sent")).unwrap();
    assert_eq!(arrived(1, || World::shared().received(to).unwrap()).len(), 1);
}

#[test]
fn two_mails_share_one_window_with_a_counter_and_come_one_after_the_other() {
    let room = Room::of("wacht5@praktijk.test");
    let app = room.start();
    let (one, other) = ("eerste@goed.test", "tweede@goed.test");
    room.send_held(&[one], "De eerste");
    let page = asked(&app, "De eerste");
    room.send_held(&[other], "De tweede");
    page.reads("1 van 2").unwrap();
    assert_eq!(app.count(Look::Question), 1);

    let page = asked(&app, "De eerste");
    page.click(PRIMARY).unwrap();
    page.text(&outcome(one, "sent")).unwrap();
    page.reads("1 wacht nog").unwrap();
    assert!(page.text("#next").unwrap().contains("1 wacht nog"));
    page.click("#next[aria-disabled=false]").unwrap();
    page.reads("De tweede").unwrap();
    assert_eq!(app.count(Look::Question), 1);
    let page = asked(&app, "De tweede");
    page.click(PRIMARY).unwrap();
    page.text(&outcome(other, "sent")).unwrap();
}

#[test]
fn what_a_choice_left_waiting_does_not_come_back_before_what_is_new() {
    let room = Room::of("wacht8@praktijk.test");
    let app = room.start();
    let (good, none) = ("kan.wel@goed.test", "kan.niet@zonderrecord.test");
    let id = room.send_held(&[good, none], "Voor twee");
    let page = asked(&app, "Voor twee");
    page.reads("Geen veilige weg gevonden").unwrap();
    page.click(PRIMARY).unwrap();
    page.reads("Voor een deel verstuurd").unwrap();
    page.click("#next[aria-disabled=false]").unwrap();
    guard::until("the window to go", guard::PATIENCE, || {
        (!app.shows(Look::Question)).then_some(())
    })
    .unwrap();
    room.send_held(&["nieuw@goed.test"], "Iets nieuws");
    // The window may come to the front a moment before what it asks now is drawn.
    let page = asked(&app, "Iets nieuws");
    assert_eq!(page.text("#subject").unwrap(), "Iets nieuws");
    assert!(room.pending().iter().any(|one| one["id"] == id.as_str()), "it waits on");
}

#[test]
fn what_was_put_off_is_reminded_of_and_asked_again_after_the_time_of_the_setting() {
    let more = "[desktop]\nremind_after = \"6s\"\n".to_owned();
    let address = "wacht9@praktijk.test".to_owned();
    let room = Room::with(Options { address, more, ..Options::default() });
    let app = room.start();
    let id = room.send_held(&["later@goed.test"], "Straks weer");
    asked(&app, "Straks weer");
    app.close(QUESTION).unwrap();
    asked(&app, "Straks weer");
    let reminded = || {
        let mut notices = room.desk.notices().into_iter();
        notices.find(|one| one.summary == "Er wacht nog mail")
    };
    let notice = guard::until("the reminder", guard::PATIENCE, reminded).unwrap();
    assert_eq!(notice.body, "1 mail is nog niet verstuurd en wacht op uw keuze.");
    assert_eq!(room.state(&id).as_deref(), Some("waiting"));
}

#[test]
fn a_mail_that_the_command_line_decides_on_goes_from_the_window() {
    let room = Room::of("wacht6@praktijk.test");
    let app = room.start();
    let (one, other) = ("elders.een@goed.test", "elders.twee@goed.test");
    let id = room.send_held(&[one], "Elders beslist");
    let page = asked(&app, "Elders beslist");
    let second = room.send_held(&[other], "Hierna");
    page.reads("1 van 2").unwrap();
    room.product.cli(&["choose", &id, "withdraw"]).unwrap().must("choose").unwrap();
    page.reads("Hierna").unwrap();
    page.reads("Over de vorige mail is al beslist.").unwrap();
    room.product.cli(&["choose", &second, "withdraw"]).unwrap().must("choose").unwrap();
    guard::until("the window to go", guard::PATIENCE, || {
        (!app.shows(Look::Question)).then_some(())
    })
    .unwrap();
}

#[test]
fn a_key_or_press_in_the_first_moment_is_no_answer() {
    let room = Room::of("wacht7@praktijk.test");
    let app = room.start();
    let to = "te.vroeg@goed.test";
    let id = room.send_held(&[to], "Te vroeg");
    let page = asked(&app, "Te vroeg");
    page.reads("Kan veilig").unwrap();
    // The page's own clock is held, so that no slow machine makes a moment long.
    let set = |later: u32| {
        let set = "window.at ??= performance.now(); \
                   const now = window.at + arguments[0]; performance.now = () => now;";
        page.script(set, vec![later.into()]).unwrap();
    };
    let nothing_happened = || {
        assert!(page.has("#primary"), "{}", page.all_text().unwrap());
        assert_eq!(room.state(&id).as_deref(), Some("waiting"));
    };
    page.text(PRIMARY).unwrap();
    set(0);
    page.script("window.dispatchEvent(new Event('focus'))", vec![]).unwrap();
    for key in [Key::Enter, Key::Space, Key::Escape] {
        page.key(key).unwrap();
        nothing_happened();
    }
    page.press_once("#primary").unwrap();
    page.press_once("#later").unwrap();
    nothing_happened();
    set(699);
    page.key(Key::Enter).unwrap();
    nothing_happened();
    // That key was the beginning of another such moment.
    set(1398);
    page.key(Key::Enter).unwrap();
    nothing_happened();
    set(2099);
    page.key(Key::Enter).unwrap();
    page.text(&outcome(to, "sent")).unwrap();
}
