//! Files that a person hands over: verified, and forgotten.

use std::sync::Arc;

use engine::settings::Settings;
use revocation::Book;
use verify::Looked;

use super::setup::{Answer, letter};
use super::{Changed, Controller, Said};
use crate::desk::{Desk, Window};
use crate::models;
use crate::request::Dropped;
use crate::view::View;

impl<D: Desk> Controller<D> {
    /// Verifies a file aside. It needs no engine but its settings, and keeps nothing. Where the settings
    /// let issuers be asked, they are, as for mail that comes in.
    pub(super) fn verify(&self, from: Window, dropped: Dropped) {
        self.desk.post(from, &View::Verified { file: None });
        let words = self.words.clone();
        let settings = self.engine().map(|engine| engine.settings());
        self.aside(async move {
            let dropped = Arc::new(dropped);
            let looked = judged(&dropped, settings).await;
            let answer: Answer = looked.map(|looked| {
                let content = dropped.content.as_ref().map(|content| content.name.clone());
                let file = models::verified(&words, dropped.file.name.clone(), content, &looked);
                View::Verified { file: Some(Box::new(file)) }
            });
            letter(from, "verify", &words, answer, Changed::Nothing)
        });
    }
}

/// The verdict, after its signers' issuers were asked where that is wanted.
pub(super) async fn judged(
    dropped: &Arc<Dropped>,
    settings: Option<Arc<Settings>>,
) -> Result<Looked, Said> {
    let (now, book) = (jiff::Timestamp::now(), Arc::new(Book::new()));
    let looking = || async {
        let (dropped, settings) = (Arc::clone(dropped), settings.clone());
        let book = Arc::clone(&book);
        let looking = move || look(&dropped, settings.as_deref(), &book, now);
        let looked = tokio::task::spawn_blocking(looking).await;
        looked.unwrap_or_else(|_| Err(Said::key("said.stopping")))
    };
    let looked = looking().await?;
    match &settings {
        Some(settings) if book.ask_as_set(&looked.verdict, settings, now).await => looking().await,
        _ => Ok(looked),
    }
}

fn look(
    dropped: &Dropped,
    settings: Option<&Settings>,
    book: &Book,
    now: jiff::Timestamp,
) -> Result<Looked, Said> {
    let files = settings.map_or(&[][..], |settings| settings.anchors.as_slice());
    let mut anchors = verify::anchors(files).map_err(|error| Said::of(&error.nl(), &error))?;
    book.tell(&mut anchors, now);
    let content = dropped.content.as_ref().map(|content| content.bytes.0.as_slice());
    let looked = verify::look(&dropped.file.bytes.0, content, &anchors, now);
    looked.map_err(|error| Said::of(&error.nl(), &error))
}
