//! A copy that is dragged out of the window onto a folder, with a real mouse, and what is left of it.

use std::path::{Path, PathBuf};
use std::process::Command;

use tests::desktop::{App, DropFolder, Look, Mouse, Page};
use tests::guard;

use super::archive::copies;
use super::room::{MAIN, PRIMARY, Room, asked, outcome};

/// A mail is sent safely; the id of its copy.
fn kept(room: &Room, app: &App, to: &str, subject: &str) -> String {
    let held = room.send_held(&[to], subject);
    let page = asked(app, subject);
    page.click(PRIMARY).unwrap();
    page.text(&outcome(to, "sent")).unwrap();
    room.until_settled(&held);
    page.click("#next[aria-disabled=false]").unwrap();
    // It lies over the other window.
    guard::until("the question to be gone", guard::PATIENCE, || {
        app.titles().ok().filter(|titles| titles == &[MAIN])
    })
    .unwrap();
    let kept = guard::until("the copy", guard::PATIENCE, || copies(room).pop()).unwrap();
    kept["id"].as_str().unwrap().to_owned()
}

/// Where the middle of an element is on the screen, once that stays so: what comes late above it moves it.
fn middle(mouse: &Mouse, app: &App, page: &Page<'_>, css: &str) -> (i16, i16) {
    page.text(css).unwrap();
    let script = "const box = document.querySelector(arguments[0]).getBoundingClientRect(); \
                  return [box.x + box.width / 2, box.y + box.height / 2].map(Math.round)";
    let (mut last, mut same) = (None, 0);
    guard::until("the place of an element", guard::PATIENCE, || {
        let at = page.script(script, vec![css.into()]).ok()?;
        let (left, top) = mouse.place(app, MAIN).ok()?;
        let part = |n: usize| i16::try_from(at[n].as_i64()?).ok();
        let at = (left + part(0)?, top + part(1)?);
        same = if last.replace(at) == Some(at) { same + 1 } else { 0 };
        (same == 10).then_some(at)
    })
    .unwrap()
}

/// Drags from there; again where the copy took longer than the app waits for it.
fn drag(mouse: &Mouse, page: &Page<'_>, from: (i16, i16)) {
    mouse.drag(from, || page.has("#drag-trouble")).unwrap();
}

/// The files in all folders of this one.
fn files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let all = entries.flatten().map(|entry| entry.path());
    all.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

/// Drags on to the folder and lets go there, once it has answered that it takes what is dragged: a release before
/// that is one over nothing.
fn let_go_over(folder: &DropFolder, mouse: &Mouse, from: (i16, i16)) {
    let (x, y) = folder.middle();
    let before = folder.over();
    mouse.go(from, (x, y)).unwrap();
    let mut step = 0;
    // The second time is told only after the first was answered.
    guard::until("the folder to be told twice", guard::PATIENCE, || {
        step = (step + 1) % 8;
        mouse.go((x, y), (x + step, y)).ok()?;
        (folder.over() >= before + 2).then_some(())
    })
    .unwrap();
    mouse.release().unwrap();
}

fn says(page: &Page<'_>, stands: &str) {
    page.text(&format!("#drag-said[data-stands={stands}]")).unwrap();
}

#[test]
fn a_line_dragged_onto_a_folder_is_the_pdf_there_and_what_is_left_of_it_goes() {
    let room = Room::of("slepen1@praktijk.test");
    let app = room.start();
    let id = kept(&room, &app, "gesleept@goed.test", "Verwijzing 100% om te slepen");
    let page = app.window(Look::Main).unwrap();
    page.click("a[href='#archive']").unwrap();
    let line = format!("li[data-id='{id}'] button");
    page.reads("Sleep een regel").unwrap();

    let mouse = Mouse::of(&room.session).unwrap();
    let folder = DropFolder::open(&room.session).unwrap();
    let hand = room.session.folder().join("run/zorgzegel-drag");
    let from = middle(&mouse, &app, &page, &line);
    drag(&mouse, &page, from);
    let held = files(&hand);
    assert_eq!(held.len(), 1, "{held:?}");
    assert!(files(folder.path()).is_empty(), "nothing comes before the button is let go");
    let_go_over(&folder, &mouse, from);
    says(&page, "dropped");
    let dropped = guard::until("the file", guard::PATIENCE, || {
        files(folder.path()).into_iter().find(|file| file.extension().is_some_and(|it| it == "pdf"))
    });
    let dropped = dropped.unwrap();
    let name = dropped.file_name().unwrap().to_str().unwrap();
    assert!(name.ends_with(" Verwijzing 100% om te slepen.pdf"), "{name}");
    assert_eq!(std::fs::read(&dropped).unwrap(), std::fs::read(&held[0]).unwrap());

    let inside = app.folder().join("erin");
    std::fs::create_dir(&inside).unwrap();
    let detached = Command::new("pdfdetach")
        .args(["-saveall", "-o"])
        .arg(&inside)
        .arg(&dropped)
        .status()
        .unwrap();
    assert!(detached.success());
    let original = std::fs::read_to_string(inside.join("bericht.eml")).unwrap();
    let shown = room.product.cli(&["archive", "show", &id]).unwrap().must("show").unwrap();
    assert!(original.contains("multipart/signed") && shown.contains(&original), "{shown}");
    assert!(room.journal().contains("copy_written"), "{}", room.journal());

    // The page never saw the button go up: a press is a press again, and a click opens.
    mouse.click(from).unwrap();
    page.reads("BSN 123456782").unwrap();
    page.click("#back").unwrap();

    // A crash leaves what was given away, and the next start takes it.
    app.kill9().unwrap();
    assert_eq!(files(&hand), held);
    drop(app);
    let app = room.start();
    guard::until("an empty hand", guard::PATIENCE, || files(&hand).is_empty().then_some(()))
        .unwrap();

    let page = app.window(Look::Main).unwrap();
    page.click("a[href='#archive']").unwrap();
    let from = middle(&mouse, &app, &page, &line);
    drag(&mouse, &page, from);
    let_go_over(&folder, &mouse, from);
    says(&page, "dropped");
    assert_eq!(files(&hand).len(), 1);
    room.desk.item().unwrap().click("Zorgzegel stoppen").unwrap();
    app.until_gone().unwrap();
    assert!(files(&hand).is_empty(), "and so does the end");
}

#[test]
fn what_is_dropped_nowhere_or_let_go_of_leaves_nothing_and_a_copy_that_is_gone_is_said() {
    let room = Room::of("slepen2@praktijk.test");
    let app = room.start();
    let id = kept(&room, &app, "gesleept2@goed.test", "Verwijzing voor niemand");
    let page = app.window(Look::Main).unwrap();
    page.click("a[href='#archive']").unwrap();
    let line = format!("li[data-id='{id}'] button");
    let mouse = Mouse::of(&room.session).unwrap();
    let hand = room.session.folder().join("run/zorgzegel-drag");
    let from = middle(&mouse, &app, &page, &line);
    let desk = (60, 900);

    drag(&mouse, &page, from);
    mouse.go(from, desk).unwrap();
    assert_eq!(files(&hand).len(), 1);
    mouse.escape().unwrap();
    says(&page, "nowhere");
    assert!(files(&hand).is_empty(), "Escape: {:?}", files(&hand));
    mouse.release().unwrap();

    for nowhere in [desk, (from.0, from.1 + 90)] {
        drag(&mouse, &page, from);
        says(&page, "making");
        mouse.go(from, nowhere).unwrap();
        mouse.release().unwrap();
        says(&page, "nowhere");
        assert!(files(&hand).is_empty(), "{nowhere:?}: {:?}", files(&hand));
    }

    room.product.cli(&["archive", "delete", "--yes", &id]).unwrap().must("delete").unwrap();
    mouse.press(from).unwrap();
    let said = page.text("#drag-trouble").unwrap();
    assert!(said.contains("niet meer in het archief"), "{said}");
    mouse.release().unwrap();
    assert!(files(&hand).is_empty());
}
