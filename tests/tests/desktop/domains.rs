//! What domains publish, seen in the window; and the ways out of an account, tried.

use tests::desktop::{Look, Page};
use tests::zorgzegel::Options;
use tests::{PASSWORD, World, guard};

use super::accessible::keeps;
use super::room::{PRIMARY, Room, asked, outcome};

/// What is put into a field by the keys of the clipboard: Control, as WebDriver section 17.4.2 has
/// it, and v.
const PASTE: &str = "\u{e009}v";

fn check(page: &Page<'_>, domain: &str, verdict: &str) -> String {
    page.fill("#domain", domain).unwrap();
    page.click("#look[aria-disabled=false]").unwrap();
    let (_, name) = domain.rsplit_once('@').unwrap_or(("", domain));
    page.text(&format!("[data-verdict={verdict}]")).unwrap();
    let said = page.text("#verdict").unwrap();
    assert!(said.contains(name), "{said}");
    let focused = page.script("return document.activeElement.id", vec![]).unwrap();
    assert_eq!(focused, "verdict", "the focus goes to the answer");
    said
}

fn state(page: &Page<'_>, link: &str) -> String {
    let css = format!("ol [data-link={link}]");
    page.attribute(&css, "data-state").unwrap().unwrap_or_default()
}

#[test]
fn domains_are_checked_in_the_window_and_what_to_publish_is_copied() {
    let room = Room::of("domein1@praktijk.test");
    let app = room.start();
    let page = app.window(Look::Main).unwrap();
    page.click("a[href='#domain']").unwrap();
    page.fill("#domain", "jan at ziekenhuis").unwrap();
    page.click("#look").unwrap();
    page.reads("is geen maildomein").unwrap();
    keeps(&page, "no domain");

    assert_eq!(check(&page, "muis@goed.test", "direct"), "Zorgmail kan veilig naar goed.test.");
    for link in ["record", "dnssec", "host", "proof"] {
        assert_eq!(state(&page, link), "good", "{link}");
    }
    page.reads("mx.goed.test heeft TLSA 3 1 1 van zijn sleutel.").unwrap();
    keeps(&page, "a good domain");

    check(&page, "nagemaakt.test", "refuse");
    assert_eq!(state(&page, "dnssec"), "bad");
    keeps(&page, "a bogus domain");

    check(&page, "zonderclaim.test", "other_way");
    assert_eq!((state(&page, "record").as_str(), state(&page, "dnssec").as_str()), ("bad", "good"));
    let record = "[data-group=record] .publish dd:last-of-type";
    let shown = page.text(&format!("{record} .code")).unwrap();
    assert!(shown.starts_with("v=NTA7516-1;startdate="), "{shown}");
    page.click(&format!("{record} button")).unwrap();
    page.reads("Gekopieerd").unwrap();
    page.click("form details summary").unwrap();
    page.fill("#supplier-domain", PASTE).unwrap();
    let pasted = || {
        let value = "return document.getElementById('supplier-domain').value";
        page.script(value, vec![]).ok().filter(|value| *value == *shown)
    };
    guard::until("what was copied", guard::PATIENCE, pasted).unwrap();
}

#[test]
fn what_was_seen_of_each_recipient_stands_one_press_away() {
    let room = Room::of("domein2@praktijk.test");
    let app = room.start();
    let (good, silent) = ("gezien@goed.test", "gezien@zonderrecord.test");
    room.send_held(&[good, silent], "Wat is er gezien");
    let page = asked(&app, "Wat is er gezien");
    page.reads("Geen veilige weg gevonden").unwrap();
    page.reads("alleen over een versleutelde verbinding waarvan het bewijs is gecontroleerd")
        .unwrap();
    page.text(PRIMARY).unwrap();
    for address in [good, silent] {
        page.click(&format!("li[data-address='{address}'] summary")).unwrap();
    }
    let proof = page.text(&format!("li[data-address='{good}'] [data-link=proof]")).unwrap();
    assert!(proof.contains("Bij het versturen"), "{proof}");
    page.reads("moet mx.goed.test zich bewijzen met DANE").unwrap();
    let record = page.text(&format!("li[data-address='{silent}'] [data-link=record]")).unwrap();
    assert!(record.contains("Niet in orde"), "{record}");
    page.reads("zonderrecord.test publiceert geen NTA-record").unwrap();
    keeps(&page, "what was seen");
}

#[test]
fn where_an_attempt_ended_stands_in_the_chain_when_it_is_chosen_again() {
    let room = Room::of("domein4@praktijk.test");
    let app = room.start();
    let to = "vorige.poging@mismatch.test";
    room.send_held(&[to], "Vorige poging");
    let page = asked(&app, "Vorige poging");
    page.reads("Kan veilig").unwrap();
    page.click(PRIMARY).unwrap();
    // Why it did not go.
    page.reads("is niet dat wat in DNS staat").unwrap();
    page.text(&outcome(to, "waiting")).unwrap();
    page.text("#next[aria-disabled=false]").unwrap();
    page.click("#again").unwrap();
    page.click(&format!("li[data-address='{to}'] summary")).unwrap();
    let proof = page.text(&format!("li[data-address='{to}'] [data-link=proof]")).unwrap();
    assert!(proof.contains("Let op"), "{proof}");
    let steps = page.text(&format!("li[data-address='{to}'] .seen ul")).unwrap();
    assert!(steps.contains("Vorige poging") && steps.contains("R-SEND-5"), "{steps}");
}

#[test]
fn a_gateway_is_kept_once_it_let_us_in_and_routes_are_tried_without_sending() {
    let provider = World::shared().provider().unwrap();
    let address = "domein3@praktijk.test";
    let room = Room::with(Options {
        address: address.to_owned(),
        routes: Vec::new(),
        ..Options::default()
    });
    let app = room.start();
    let page = app.window(Look::Main).unwrap();
    let settings = || std::fs::read_to_string(room.product.config()).unwrap();
    page.click("a[href='#settings']").unwrap();
    page.reads("Geen weg: zorgmail blijft vastgehouden").unwrap();
    page.click("#ways-0 > summary").unwrap();

    page.click("#use-direct-0").unwrap();
    page.text("li[data-route=direct][data-used=true]").unwrap();
    page.click("#try-direct-0").unwrap();
    assert!(page.text("#tried-direct-0").unwrap().starts_with("Dit werkt"), "port 25 and record");

    page.click("#use-gateway-0").unwrap();
    page.fill("#gateway-host-0", &provider.starttls.ip().to_string()).unwrap();
    page.fill("#gateway-port-0", &provider.starttls.port().to_string()).unwrap();
    page.fill("#gateway-password-0", "niet goed").unwrap();
    page.click("#gateway-save-0").unwrap();
    page.reads("liet ons niet binnen").unwrap();
    keeps(&page, "a gateway that does not let us in");
    assert!(!settings().contains("gateway"), "nothing is kept: {}", settings());

    page.fill("#gateway-password-0", PASSWORD).unwrap();
    page.click("#gateway-save-0[aria-disabled=false]").unwrap();
    page.reads("Bewaard: de server liet ons binnen.").unwrap();
    page.text("li[data-route=gateway][data-used=true]").unwrap();
    page.click("#try-gateway-0[aria-disabled=false]").unwrap();
    assert!(page.text("#tried-gateway-0").unwrap().contains("Er is niets verstuurd"));
    keeps(&page, "a gateway that was tried");
    let kept = settings();
    assert!(kept.contains("routes = [\"direct\", \"gateway\"]"), "{kept}");
    assert!(kept.contains("gateway = {") && !kept.contains(PASSWORD), "{kept}");
    assert!(provider.taken(address).is_empty());
}
