//! What a mail's files tell, in the window that asks.

use tests::files::{attached, docx, zip};
use tests::held_as;

use super::accessible::keeps;
use super::room::{PRIMARY, Room, asked};

#[test]
fn evidence_stands_under_its_file_and_a_file_that_nobody_can_look_into_is_named() {
    let room = Room::of("bijlagen@praktijk.test");
    let app = room.start();
    let letter = docx("Betreft: mw. Jansen, BSN 123456782. Zij heeft een CVA gehad.");
    let packed = zip(&[("brief.docx", &letter), ("lees.txt", b"Lunch?")]);
    let sealed = b"7z\xbc\xaf\x27\x1c\x00\x04 of which nobody has the password";
    let files = [("map.zip", packed.as_slice()), ("geheim.7z", sealed.as_slice())];
    let mail = attached("Beste, zie de bijlage. Groet", &files);
    let said = room.send(&["bijlagen@goed.test"], &String::from_utf8(mail).unwrap());
    let id = held_as(&said).unwrap_or_else(|| panic!("not held: {said}"));

    let page = asked(&app, "zie bijlage");
    page.reads("Dit bericht bevat gezondheidsgegevens").unwrap();
    let place = "[data-place='attachment']";
    assert_eq!(page.text(&format!("{place} mark[data-kind='bsn']")).unwrap(), "123456782");
    assert_eq!(page.text(&format!("{place} mark[data-kind='medical']")).unwrap(), "CVA");
    let told = page.text(place).unwrap();
    assert!(told.contains("map.zip › brief.docx") && told.contains("BSN"), "{told}");
    let unread = page.text(".unread").unwrap();
    assert!(unread.starts_with("Kan niet in dit bestand kijken: geheim.7z."), "{unread}");
    page.text(PRIMARY).unwrap();
    keeps(&page, "the question about files");
    assert_eq!(room.state(&id).as_deref(), Some("waiting"));
}
