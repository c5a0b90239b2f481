//! Files that a person hands over: verified, and forgotten.

use verify::Looked;

use super::setup::{Answer, letter};
use super::{Changed, Controller, Said};
use crate::desk::{Desk, Window};
use crate::models;
use crate::request::Dropped;
use crate::view::View;

impl<D: Desk> Controller<D> {
    /// Verifies a file aside. It needs no engine but its settings, and keeps nothing.
    pub(super) fn verify(&self, from: Window, dropped: Dropped) {
        self.desk.post(from, &View::Verified { file: None });
        let words = self.words.clone();
        let anchors = self.engine().map(|engine| engine.settings().anchors.clone());
        self.aside(async move {
            let now = jiff::Timestamp::now();
            let looking = tokio::task::spawn_blocking(move || {
                let looked = look(&dropped, &anchors.unwrap_or_default(), now);
                looked.map(|looked| (dropped, looked))
            });
            let looked = looking.await.unwrap_or_else(|_| Err(Said::key("said.stopping")));
            let answer: Answer = looked.map(|(dropped, looked)| {
                let content = dropped.content.map(|content| content.name);
                let file = models::verified(&words, dropped.file.name, content, &looked);
                View::Verified { file: Some(Box::new(file)) }
            });
            letter(from, "verify", &words, answer, Changed::Nothing)
        });
    }
}

fn look(
    dropped: &Dropped,
    anchors: &[std::path::PathBuf],
    now: jiff::Timestamp,
) -> Result<Looked, Said> {
    let anchors = verify::anchors(anchors).map_err(|error| Said::of(&error.nl(), &error))?;
    let content = dropped.content.as_ref().map(|content| content.bytes.0.as_slice());
    let looked = verify::look(&dropped.file.bytes.0, content, &anchors, now);
    looked.map_err(|error| Said::of(&error.nl(), &error))
}
