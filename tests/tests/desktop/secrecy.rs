//! What is said where: the server's words in the window, nothing of a mail anywhere else.

use tests::desktop::{App, Look, Notice};
use tests::guard;

use super::room::{PRIMARY, Room, asked, has_word, outcome, pick};

/// Words of the mails below, none of which may stand in a notification or a log; nor may [`MEDICAL`].
const SECRET: &[&str] = &["Geheim onderwerp", "123456782", "Jansen", "weigert.test"];
const MEDICAL: &str = "CVA";

fn said_nothing(notices: &[Notice], app: &App, sender: &str) {
    let said = format!("{notices:?} {}", app.said());
    for word in SECRET.iter().chain([&sender]) {
        assert!(!said.contains(word), "{word}: {said}");
    }
    assert!(!has_word(&said, MEDICAL), "{MEDICAL}: {said}");
}

#[test]
fn a_refused_recipient_shows_the_servers_words_and_what_to_do() {
    let sender = "geheim1@praktijk.test";
    let room = Room::of(sender);
    let app = room.start();
    let to = "ontvanger@weigert.test";
    let id = room.send_held(&[to], "Geheim onderwerp");
    let page = asked(&app, "Geheim onderwerp");
    page.reads("Kan veilig").unwrap();
    page.click(PRIMARY).unwrap();
    let failed = page.text(&outcome(to, "failed")).unwrap();
    assert!(failed.contains("550"), "{failed}");
    page.reads("Niemand heeft de mail gekregen. Hieronder staat wat u kunt doen.").unwrap();
    assert!(page.has(&format!("{} .todo", outcome(to, "failed"))), "{failed}");
    // It can be chosen again.
    page.text("#next[aria-disabled=false]").unwrap();
    page.click("#again").unwrap();
    pick(&page, "withdraw");
    page.click(PRIMARY).unwrap();
    room.until_settled(&id);
    said_nothing(&room.desk.notices(), &app, sender);
}

#[test]
fn notifications_tell_that_something_is_there_and_nothing_of_it() {
    let sender = "geheim2@praktijk.test";
    let room = Room::of(sender);
    let app = room.start();
    let to = "ontvanger2@weigert.test";
    let id = room.send_held(&[to], "Geheim onderwerp");
    asked(&app, "Geheim onderwerp");
    room.product.cli(&["choose", &id, "secure"]).unwrap().must("choose").unwrap();
    let told = guard::until("a notification", guard::PATIENCE, || {
        let notices = room.desk.notices();
        notices.iter().any(|one| one.summary == "Een mail is niet aangekomen").then_some(notices)
    })
    .unwrap();
    said_nothing(&told, &app, sender);
    let main = app.window(Look::Main).unwrap();
    main.click("a[href='#waiting']").unwrap();
    main.reads("550").unwrap();
    main.reads(to).unwrap();
}
