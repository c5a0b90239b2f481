//! A copy that is dragged out of the window: who has it in hand when, and that nothing stays behind.

use tokio::sync::mpsc::UnboundedReceiver;

use super::*;
use crate::view::DragEnd;

/// A controller that hears one letter after the other, and a copy that was made for it.
struct Scene {
    controller: Controller<Fake>,
    desk: Fake,
    mail: UnboundedReceiver<Message>,
    folder: tempfile::TempDir,
}

impl Scene {
    async fn set() -> Self {
        let (letters, mail) = inbox();
        let desk = Fake::default();
        let controller = Controller::new(House::try_out().await, desk.clone(), letters);
        let folder = tempfile::tempdir().unwrap();
        // From here on an hour is over in no time.
        tokio::time::pause();
        Self { controller, desk, mail, folder }
    }

    /// A copy as the shelf gives it.
    fn copy(&self) -> (PathBuf, InHand) {
        let folder = self.folder.path().join("1");
        std::fs::create_dir(&folder).unwrap();
        let file = folder.join("2026-11-20 Verwijzing.pdf");
        std::fs::write(&file, b"%PDF").unwrap();
        (file.clone(), InHand::of(folder, file))
    }

    /// A copy is made, and is in the system's hands.
    fn drags(&mut self) -> PathBuf {
        let (file, copy) = self.copy();
        let drag = self.controller.next_drag();
        self.controller.hear(Message::InHand(Window::Main, drag, Ok(copy)));
        assert!(matches!(self.desk.all().last(), Some(Done::Drag(given)) if *given == file));
        file
    }

    /// The system says how it ended; what the page is told then.
    async fn ends(&mut self, how: Result<DragEnd, String>) -> View {
        let ended = self.desk.dragged.lock().unwrap().pop().unwrap();
        ended(how);
        let letter = self.mail.recv().await.unwrap();
        self.controller.hear(letter);
        self.told()
    }

    fn told(&self) -> View {
        match self.desk.all().pop() {
            Some(Done::Post(Window::Main, view)) => *view,
            other => panic!("the page was told nothing: {other:?}"),
        }
    }
}

#[tokio::test]
async fn what_somebody_took_stays_an_hour_and_then_goes() {
    let mut scene = Scene::set().await;
    let file = scene.drags();
    assert!(scene.ends(Ok(DragEnd::Dropped)).await == View::Dragged { end: DragEnd::Dropped });
    tokio::time::sleep(Duration::from_secs(59 * 60)).await;
    assert!(file.exists(), "a mail program reads it when the mail is sent");
    tokio::time::sleep(Duration::from_secs(2 * 60)).await;
    assert!(!file.exists() && !file.parent().unwrap().exists());
}

#[tokio::test]
async fn what_nobody_took_goes_at_once() {
    let mut scene = Scene::set().await;
    for end in [DragEnd::Nowhere, DragEnd::TooEarly] {
        let file = scene.drags();
        assert!(scene.ends(Ok(end)).await == View::Dragged { end });
        assert!(!file.exists(), "{end:?}");
    }
    let file = scene.drags();
    let View::Trouble { ask, sentence } = scene.ends(Err("geen muis".to_owned())).await else {
        panic!("it is no trouble")
    };
    assert!(ask == "drag_copy" && sentence.contains("geen muis"), "{sentence}");
    assert!(sentence.contains("‘Bewaar als…’") && !file.exists(), "{sentence}");
}

#[tokio::test]
async fn where_nobody_tells_how_it_ended_somebody_may_have_it() {
    let mut scene = Scene::set().await;
    let file = scene.drags();
    scene.desk.dragged.lock().unwrap().clear();
    let letter = scene.mail.recv().await.unwrap();
    scene.controller.hear(letter);
    assert!(scene.told() == View::Dragged { end: DragEnd::Dropped } && file.exists());
    tokio::time::sleep(Duration::from_secs(61 * 60)).await;
    assert!(!file.exists());
}

#[tokio::test]
async fn a_button_that_was_let_go_meanwhile_drags_nothing_and_leaves_nothing() {
    let mut scene = Scene::set().await;
    let drag = scene.controller.next_drag();
    scene.controller.hear(Message::Ask(Window::Main, Request::StopDrag));
    assert!(scene.told() == View::Dragged { end: DragEnd::TooEarly });
    let told = scene.desk.all().len();
    let (file, copy) = scene.copy();
    scene.controller.hear(Message::InHand(Window::Main, drag, Ok(copy)));
    scene.controller.hear(Message::InHand(Window::Main, drag, Err(Said::key("said.drag.slow"))));
    assert!(!file.exists());
    assert_eq!(scene.desk.all().len(), told, "neither dragged nor told of");

    // Of two that began, the later one counts.
    let (first, second) = (scene.controller.next_drag(), scene.controller.next_drag());
    let (file, copy) = scene.copy();
    scene.controller.hear(Message::InHand(Window::Main, first, Ok(copy)));
    assert!(!file.exists() && scene.desk.all().len() == told);
    let (file, copy) = scene.copy();
    scene.controller.hear(Message::InHand(Window::Main, second, Ok(copy)));
    scene.controller.hear(Message::Ask(Window::Main, Request::StopDrag));
    assert!(file.exists(), "what the system drags is the system's");
    assert!(scene.ends(Ok(DragEnd::Dropped)).await == View::Dragged { end: DragEnd::Dropped });
}

#[tokio::test]
async fn what_cannot_be_dragged_is_said_where_it_was_asked() {
    let app = App::trying_out().await;
    app.ask(Window::Main, Request::DragCopy { id: "niets".to_owned() });
    assert!(app.trouble("drag_copy").await.contains("niet meer in het archief"));
    let id = app.sends_one().await;
    // These tests have no program that sets pages.
    app.ask(Window::Main, Request::DragCopy { id });
    let sentence = app.trouble("drag_copy").await;
    assert!(sentence.contains("PDF kan niet worden gemaakt"), "{sentence}");
    assert!(!app.engine.settings().data_dir.join("drag").exists());
}

#[tokio::test]
async fn what_a_crash_left_goes_at_the_start_and_what_was_given_goes_at_the_end() {
    let (letters, mail) = inbox();
    let desk = Fake::default();
    let house = House::try_out().await;
    let folder = house.engine().unwrap().settings().data_dir.join("drag");
    let leave = || {
        std::fs::create_dir_all(folder.join("1")).unwrap();
        std::fs::write(folder.join("1/oud.pdf"), b"%PDF").unwrap();
    };
    leave();
    let running = tokio::spawn(Controller::new(house, desk, letters.clone()).run(mail, true));
    let gone = timeout(PATIENCE, async {
        while folder.exists() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    });
    gone.await.unwrap();
    leave();
    letters.send(Message::Leave).unwrap();
    running.await.unwrap();
    assert!(!folder.exists());
}
