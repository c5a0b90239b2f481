//! What a person says of findings, an organisation's own, and texts that are tried: in the window,
//! and seen from outside.

use tests::desktop::{App, Key, Look, Page};
use tests::{World, guard};

use super::room::{PRIMARY, Room, arrived, asked, enter_until, has_word, health, outcome, pick};

/// Taken for a patient's, by words that can all be called wrong.
fn doubtful(from: &str, to: &str, subject: &str) -> String {
    format!("From: {from}\r\nTo: {to}\r\nSubject: {subject}\r\n\r\nMw. De Vries had een CVA.\r\n")
}

/// Sends one such mail, which is held; its id, and the window that asks.
fn held<'a>(room: &Room, app: &'a App, to: &str, subject: &str) -> (String, Page<'a>) {
    let said = room.send(&[to], &doubtful(room.product.user(), to, subject));
    let (_, rest) = said.split_once("held as ").unwrap_or_else(|| panic!("not held: {said}"));
    let page = asked(app, subject);
    page.text(PRIMARY).unwrap();
    (rest[..26].to_owned(), page)
}

/// A finding that is not struck, and can be.
const OPEN: &str = "li[data-finding]:not(.gone) button";

/// Presses Tab until the keyboard is on such an element.
fn tab_to(page: &Page<'_>, css: &str) {
    for _ in 0..80 {
        // One in the moment in which nothing counts makes that longer.
        page.text(PRIMARY).unwrap();
        page.key(Key::Tab).unwrap();
        let here = "return document.activeElement?.matches(arguments[0]) ?? false";
        if page.script(here, vec![css.into()]).unwrap() == true {
            return;
        }
    }
    panic!("Tab does not reach {css}: {}", page.all_text().unwrap());
}

fn dismissals(room: &Room) -> Vec<serde_json::Value> {
    let said = room.product.cli(&["dismissals", "list", "--json"]).unwrap();
    serde_json::from_str(&said.must("dismissals").unwrap()).unwrap()
}

fn settings(app: &App) -> Page<'_> {
    let main = app.window(Look::Main).unwrap();
    main.click("a[href='#settings']").unwrap();
    main.text("#taught").unwrap();
    main
}

#[test]
fn what_is_called_wrong_by_the_keyboard_is_judged_again_waits_on_and_goes_by_a_choice() {
    let provider = World::shared().provider().unwrap();
    let room = Room::of("leren1@praktijk.test");
    let app = room.start();
    let to = "leren1@elders.test";
    let (id, page) = held(&room, &app, to, "Doos pleisters");
    let open = page.texts(OPEN).unwrap().len();
    assert!(open > 1, "{}", page.all_text().unwrap());
    for left in (0..open).rev() {
        tab_to(&page, OPEN);
        let free = format!("{OPEN}[aria-disabled=false]");
        enter_until(&page, &free, || page.texts(OPEN).is_ok_and(|open| open.len() == left));
    }
    page.reads("Onthouden.").unwrap();
    page.reads("Er is niets meer gevonden").unwrap();
    let (violations, _) = page.accessibility().unwrap();
    assert!(violations.is_empty(), "{violations:#?}");
    assert_eq!(room.state(&id).as_deref(), Some("waiting"), "nothing goes by itself");
    assert!(provider.taken(to).is_empty());
    assert_eq!(dismissals(&room).len(), open);

    pick(&page, "plain");
    assert_eq!(page.text(PRIMARY).unwrap(), "Gewoon versturen");
    page.click(PRIMARY).unwrap();
    page.text(&outcome(to, "sent")).unwrap();
    assert_eq!(arrived(1, || provider.taken(to)).len(), 1);
    let journal = room.journal();
    assert!(journal.contains("niets meer gevonden") && journal.contains("dismissed"), "{journal}");
    assert!(!journal.contains("Vries") && !has_word(&journal, "CVA"), "{journal}");
    assert!(!app.said().contains("Vries"), "{}", app.said());

    let forget = |what: &str| room.product.cli(&["dismissals", "forget", what]).unwrap();
    let one = dismissals(&room)[0]["id"].as_str().unwrap().to_owned();
    forget(&one).must("forget one").unwrap();
    assert_eq!(forget(&one).code, Some(1), "there is none of this id any more");
    assert_eq!(forget("geen id").code, Some(2));
    forget("--all").must("forget all").unwrap();
    assert!(dismissals(&room).is_empty());
}

#[test]
fn what_was_taught_is_undone_where_it_was_said_and_in_the_settings() {
    let room = Room::of("leren2@praktijk.test");
    let app = room.start();
    let (_, page) = held(&room, &app, "leren2@elders.test", "Ongedaan");
    let medical = "li[data-finding=medical] button";
    page.click(medical).unwrap();
    page.reads("Ongedaan maken").unwrap();
    assert_eq!(page.texts(".paper s[data-kind=medical]").unwrap(), ["CVA"]);
    assert_eq!(dismissals(&room).len(), 1);
    page.click("li.gone button").unwrap();
    guard::until("it counts again", guard::PATIENCE, || {
        (page.texts("mark[data-kind=medical]").ok()? == ["CVA"]).then_some(())
    })
    .unwrap();
    assert!(dismissals(&room).is_empty());

    page.click(medical).unwrap();
    page.reads("Ongedaan maken").unwrap();
    let main = settings(&app);
    main.click("section[aria-labelledby=taught] li[data-finding] button").unwrap();
    main.reads("U hebt nog niets weggestreept.").unwrap();
    assert!(dismissals(&room).is_empty());
    let page = app.window(Look::Question).unwrap();
    guard::until("it counts again", guard::PATIENCE, || {
        (page.texts("mark[data-kind=medical]").ok()? == ["CVA"]).then_some(())
    })
    .unwrap();
}

#[test]
fn the_try_out_box_marks_a_pasted_text_and_keeps_nothing_of_it() {
    let room = Room::of("leren3@praktijk.test");
    let app = room.start();
    let main = settings(&app);
    main.fill("#trial-text", "Lunch morgen om 12 uur?").unwrap();
    main.reads("Hier wordt niet over gevraagd.").unwrap();
    main.fill("#trial-text", "Dhr. Jansen, BSN 123456782, geb. 12-03-1956, had een CVA.").unwrap();
    main.reads("Hier wordt over gevraagd: zeker gezondheidsgegevens.").unwrap();
    let marks = main.texts("section[aria-labelledby=trial] mark[data-kind=bsn]").unwrap();
    assert_eq!(marks, ["123456782"]);
    main.text("#trial-why li").unwrap();
    let (violations, _) = main.accessibility().unwrap();
    assert!(violations.is_empty(), "{violations:#?}");
    assert!(room.pending().is_empty());
    let kept = format!("{} {}", room.journal(), app.said());
    assert!(!kept.contains("123456782") && !kept.contains("Jansen"), "{kept}");
}

#[test]
fn mail_to_exempt_domains_alone_is_not_asked_about_and_one_recipient_elsewhere_is() {
    let provider = World::shared().provider().unwrap();
    let room = Room::of("leren4@praktijk.test");
    let app = room.start();
    let main = settings(&app);
    main.fill("#exempt", "*.elders.test").unwrap();
    main.click("#exempt-save").unwrap();
    main.reads("is geen domein").unwrap();
    main.fill("#exempt", "elders.test").unwrap();
    main.click("#exempt-save").unwrap();
    main.reads("Bewaard.").unwrap();
    let (inside, outside) = ("vrij@elders.test", "vrij@goed.test");
    let mail = |to: &[&str]| health(room.product.user(), to, "Vrijgesteld");
    let said = room.send(&[inside], &mail(&[inside]));
    assert!(!said.contains("held as"), "{said}");
    assert_eq!(arrived(1, || provider.taken(inside)).len(), 1);
    let both = [inside, outside];
    let said = room.send(&both, &mail(&both));
    assert!(said.contains("held as"), "{said}");
    assert_eq!(provider.taken(inside).len(), 1, "it waits for both");
}
