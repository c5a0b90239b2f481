//! Every screen and state keeps WCAG 2.1, levels A and AA, by axe-core in the engine it is shown in.

use tests::desktop::{Look, Page};
use tests::{PASSWORD, World, guard};

use super::room::{PRIMARY, Room, asked, outcome, pick};

pub(crate) fn keeps(page: &Page<'_>, screen: &str) {
    let (violations, passes) = page.accessibility().unwrap();
    assert!(violations.is_empty(), "{screen}: {violations:#?}");
    assert!(passes > 5, "{screen}: axe looked at something");
}

#[test]
fn the_question_in_all_its_states() {
    let room = Room::of("toegang1@praktijk.test");
    let app = room.start();
    let (to, no_way) = ("toegankelijk@goed.test", "geen.weg@zonderrecord.test");
    room.send_held(&[to, no_way], "Toegankelijk");
    let page = asked(&app, "Toegankelijk");
    page.reads("Geen veilige weg gevonden").unwrap();
    page.text(PRIMARY).unwrap();
    keeps(&page, "the question");
    pick(&page, "ordinary");
    page.click(PRIMARY).unwrap();
    page.reads("Zonder reden gaat de mail niet weg.").unwrap();
    keeps(&page, "a reason is missing");
    page.select("#reason", "other").unwrap();
    page.fill("#own", "op verzoek").unwrap();
    page.click(PRIMARY).unwrap();
    page.text("#confirm-ordinary").unwrap();
    keeps(&page, "the second act");
    page.click("#back").unwrap();
    pick(&page, "secure");
    page.click(PRIMARY).unwrap();
    page.text(&outcome(to, "sent")).unwrap();
    page.reads("Voor een deel verstuurd").unwrap();
    keeps(&page, "the outcome");

    let main = app.window(Look::Main).unwrap();
    main.click("a[href='#waiting']").unwrap();
    main.reads("Toegankelijk").unwrap();
    keeps(&main, "what waits");
    main.click("a[href='#sent']").unwrap();
    main.reads("Rechtstreeks bij de mailserver afgeleverd").unwrap();
    main.click("details summary").unwrap();
    keeps(&main, "what was sent");
}

#[test]
fn lists_settings_and_diagnosis_in_both_languages() {
    let room = Room::of("toegang2@praktijk.test");
    let app = room.start();
    let page = app.window(Look::Main).unwrap();
    for language in ["nl", "en"] {
        page.click("a[href='#settings']").unwrap();
        page.select("#language", language).unwrap();
        guard::until(language, guard::PATIENCE, || {
            let now = page.attribute("html", "lang").ok().flatten();
            (now.as_deref() == Some(language)).then_some(())
        })
        .unwrap();
        page.text("#accounts").unwrap();
        keeps(&page, &format!("settings, {language}"));
        page.click("#ways-0 > summary").unwrap();
        page.text("#use-direct-0").unwrap();
        keeps(&page, &format!("ways out, {language}"));
        let screens = [("waiting", "main .empty"), ("sent", "main .card"), ("domain", "#domain")];
        for (screen, ready) in screens {
            page.click(&format!("a[href='#{screen}']")).unwrap();
            page.text(ready).unwrap();
            keeps(&page, &format!("{screen}, {language}"));
        }
        page.click("a[href='#checkup']").unwrap();
        page.text("li[data-what=keyring]").unwrap();
        page.text("#report").unwrap();
        keeps(&page, &format!("diagnosis, {language}"));
    }
}

#[test]
fn every_step_of_the_wizard() {
    let provider = World::shared().provider().unwrap();
    let room = Room::blank();
    let app = room.start_without_mail();
    let page = app.window(Look::Main).unwrap();
    page.text("#address").unwrap();
    keeps(&page, "the address");
    page.click("#next").unwrap();
    page.text("#address-missing").unwrap();
    keeps(&page, "no address");
    page.fill("#address", "toegang3@praktijk.test").unwrap();
    page.click("#next").unwrap();
    page.text("#password-hint").unwrap();
    keeps(&page, "the provider");
    page.fill("#host", &provider.starttls.ip().to_string()).unwrap();
    page.fill("#port", &provider.starttls.port().to_string()).unwrap();
    page.fill("#password", "niet goed").unwrap();
    page.click("#next[aria-disabled=false]").unwrap();
    page.text("#refused").unwrap();
    keeps(&page, "a refused password");
    page.fill("#password", PASSWORD).unwrap();
    page.click("#next[aria-disabled=false]").unwrap();
    page.reads("Proefidentiteit").unwrap();
    keeps(&page, "the identity");
    page.click("#next").unwrap();
    let all =
        "return [...document.querySelectorAll('input[name=program]')].map((one) => one.value)";
    let programs = page.script(all, vec![]).unwrap();
    let programs: Vec<&str> =
        programs.as_array().unwrap().iter().flat_map(|one| one.as_str()).collect();
    assert!(programs.len() >= 4, "{programs:?}");
    for program in programs {
        page.click(&format!("input[name=program][value={program}]")).unwrap();
        page.text("#steps").unwrap();
        keeps(&page, program);
    }
    page.click("#next").unwrap();
    page.text("#send-first").unwrap();
    keeps(&page, "the first mail");
    page.click("#send-first").unwrap();
    page.text("#end").unwrap();
    keeps(&page, "the end");
}
