//! What cannot be seen is never told as nothing, and one number stands everywhere.

use super::reminding::Hand;
use super::*;
use crate::view::Frame;

impl Fake {
    fn frame(&self) -> Frame {
        let frames = self.all().into_iter().rev().find_map(|done| match done {
            Done::Post(Window::Main, view) => match *view {
                View::Frame(frame) => Some(frame),
                _ => None,
            },
            _ => None,
        });
        frames.unwrap()
    }

    /// The lists of what waits that the main window was told; None: it cannot be seen.
    fn lists(&self) -> Vec<Option<usize>> {
        let list = |done: Done| match done {
            Done::Post(Window::Main, view) => match *view {
                View::Waiting { items } => Some(items.map(|items| items.len())),
                _ => None,
            },
            _ => None,
        };
        self.all().into_iter().filter_map(list).collect()
    }

    fn tray_says(&self) -> (Tray, String) {
        let last = self.all().into_iter().rev().find_map(|done| match done {
            Done::Tray(tray, menu) => Some((tray, menu.waiting)),
            _ => None,
        });
        last.unwrap()
    }

    fn asked_to_confirm(&self) -> Vec<Option<u32>> {
        let asked = |done: Done| match done {
            Done::Post(Window::Main, view) => match *view {
                View::ConfirmQuit { waiting } => Some(waiting),
                _ => None,
            },
            _ => None,
        };
        self.all().into_iter().filter_map(asked).collect()
    }
}

fn quits(hand: &mut Hand) -> bool {
    matches!(hand.controller.hear(Message::Tray(Click::Quit)), Step::End)
}

#[tokio::test]
async fn before_anything_was_read_nobody_is_told_that_nothing_waits() {
    let mut hand = Hand::trying_out().await;
    hand.controller.tell_all();
    hand.controller.hear(Message::Ask(Window::Main, Request::Hello));
    assert!(hand.desk.lists().is_empty());
    let (_, menu) = hand.desk.tray_says();
    assert_eq!(menu, "Niet te zien of er mail wacht");
    assert!(!quits(&mut hand));
    assert!(hand.desk.asked_to_confirm().is_empty(), "it is being read");
    hand.controller.hear(Message::StillUnread);
    assert_eq!(hand.desk.asked_to_confirm(), [None]);
    assert!(matches!(hand.controller.hear(Message::Held(Ok(Vec::new()))), Step::On));
}

#[tokio::test]
async fn stopping_just_after_the_start_ends_once_it_is_read_that_nothing_waits() {
    let mut hand = Hand::trying_out().await;
    assert!(!quits(&mut hand));
    assert!(matches!(hand.controller.hear(Message::Held(Ok(Vec::new()))), Step::End));
    assert!(hand.desk.asked_to_confirm().is_empty());
}

#[tokio::test]
async fn a_store_that_cannot_be_read_is_told_as_that_and_stopping_is_asked_about() {
    let mut hand = Hand::trying_out().await;
    let locked = Said::of("De sleutelbos is op slot.", &"the keyring is locked");
    hand.controller.hear(Message::Held(Err(locked.clone())));
    hand.controller.hear(Message::Ask(Window::Main, Request::Hello));
    assert_eq!(hand.desk.lists(), [None, None]);
    let (tray, menu) = hand.desk.tray_says();
    assert_eq!((tray, menu.as_str()), (Tray::Trouble, "Niet te zien of er mail wacht"));
    assert!(!quits(&mut hand));
    assert_eq!(hand.desk.asked_to_confirm(), [None]);

    hand.controller.hear(Message::Held(Ok(Vec::new())));
    assert_eq!(hand.desk.lists().last(), Some(&Some(0)));
    assert_eq!(hand.desk.tray_says(), (Tray::Well, "Er wacht geen mail".to_owned()));
    hand.controller.hear(Message::Held(Err(locked)));
    assert_eq!(hand.desk.lists().last(), Some(&None), "what was read before is old news");
    assert!(!quits(&mut hand));
    hand.controller.hear(Message::Held(Ok(Vec::new())));
    assert!(quits(&mut hand), "now it is known");
}

#[tokio::test]
async fn icon_menu_and_window_count_what_waits_and_what_failed_alike() {
    let mut hand = Hand::trying_out().await;
    hand.asked().await;
    let mut held = hand.engine.held().await.unwrap();
    held[0].recipients[0].state = engine::choose::State::Failed;
    hand.controller.hear(Message::Held(Ok(held.clone())));
    let said = (Tray::Waiting(1), "1 mail wacht of is niet gelukt".to_owned());
    assert_eq!(hand.desk.tray_says(), said);
    let frame = hand.desk.frame();
    assert_eq!((frame.waiting, frame.failed), (0, 1));
    assert!(hand.desk.all().iter().any(|done| {
        matches!(done, Done::Notify(text) if text == "Zorgzegel: mail die wacht of niet is gelukt: 1")
    }));

    let locked = Said::of("De sleutelbos is op slot.", &"the keyring is locked");
    hand.controller.not_serving = Some(locked);
    hand.controller.hear(Message::Held(Ok(held)));
    let said = (Tray::Trouble, "1 mail wacht of is niet gelukt".to_owned());
    assert_eq!(hand.desk.tray_says(), said, "trouble does not hide the number");
}

#[tokio::test]
async fn faulty_settings_show_what_to_do_and_no_first_run_and_are_taken_up_once_mended() {
    let folder = std::env::temp_dir().join(format!("zorgzegel-faulty-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("zorgzegel.toml");
    std::fs::write(&file, "onbekend = 1\n").unwrap();
    let (letters, mail) = inbox();
    let desk = Fake::default();
    let controller = Controller::new(House::open(Some(&file)), desk.clone(), letters.clone());
    let running = tokio::spawn(controller.run(mail, true));
    letters.send(Message::Ask(Window::Main, Request::Hello)).unwrap();
    letters.send(Message::Ask(Window::Main, Request::Reopen)).unwrap();
    letters.send(Message::Leave).unwrap();
    running.await.unwrap();
    let told = desk.all();
    assert!(told.iter().any(|done| matches!(done, Done::Show(Window::Main))), "{told:?}");
    let frame = desk.frame();
    let fault = frame.fault.unwrap();
    assert!(fault.sentence.contains("onbekend"), "{fault:?}");
    assert_eq!(fault.file, Some(file.display().to_string()));
    assert!(desk.lists().iter().all(Option::is_none), "{told:?}");

    let (letters, _mail) = inbox();
    let (desk, house) = (Fake::default(), House::open(Some(&file)));
    let mut controller = Controller::new(house, desk.clone(), letters);
    assert!(!controller.house.reopen());
    std::fs::write(&file, "").unwrap();
    assert!(controller.house.reopen(), "mended settings are taken up without a restart");
    controller.settings_changed();
    assert_eq!(desk.frame().fault, None);
    std::fs::remove_dir_all(folder).unwrap();
}
