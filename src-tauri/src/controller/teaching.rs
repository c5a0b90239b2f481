//! What a person says of findings: dismissed, taken back, forgotten; and texts that are tried.

use engine::Engine;
use engine::choose::HeldId;
use engine::look::Look;
use engine::teach::TeachError;

use super::setup::letter;
use super::{Changed, Controller, Message, Said};
use crate::desk::{Desk, Window};
use crate::models;
use crate::request::Pasted;
use crate::view::View;

impl<D: Desk> Controller<D> {
    pub(super) fn dismiss(&self, from: Window, id: String, finding: String) {
        self.teach(from, "dismiss", |engine| async move { engine.dismiss(&id, &finding).await });
    }

    pub(super) fn undo_dismissal(&self, from: Window, id: String, finding: String) {
        self.teach(from, "undo_dismissal", |engine| async move {
            engine.undo_dismissal(&id, &finding).await
        });
    }

    pub(super) fn forget(&self, from: Window, finding: Option<String>) {
        self.teach(from, "forget", |engine| async move {
            engine.forget_dismissals(finding.as_deref()).await.map(drop)
        });
    }

    /// Lets the engine learn aside; trouble is told to the page.
    fn teach<F>(
        &self,
        from: Window,
        ask: &'static str,
        work: impl FnOnce(std::sync::Arc<Engine>) -> F,
    ) where
        F: Future<Output = Result<(), TeachError>> + Send + 'static,
    {
        let words = self.words.clone();
        let Some(engine) = self.engine() else { return self.no_engine(from, ask) };
        let working = work(engine);
        self.aside(async move {
            match working.await {
                Ok(()) => Message::Taught,
                Err(error) => {
                    let said = Err(Said::of(&error.nl(), &error));
                    letter(from, ask, &words, said, Changed::Nothing)
                }
            }
        });
    }

    pub(super) fn tell_taught(&self, to: Window) {
        self.ask_engine(to, "taught", |engine| async move {
            let all = engine.dismissals().await;
            let all = all.map_err(|error| Said::of(&error.nl(), &error))?;
            Ok(View::Taught { items: all.iter().map(models::taught).collect() })
        });
    }

    pub(super) fn try_text(&self, from: Window, pasted: Pasted) {
        let words = self.words.clone();
        self.ask_engine(from, "judge", |engine| async move {
            let trial = engine.try_text(pasted.text).await;
            Ok(View::Trial(models::trial(&words, pasted.number, &trial)))
        });
    }

    /// Judges the message that is asked about again: what counts may have changed. Where it cannot
    /// be read now, what is shown stands.
    pub(super) fn look_again(&self) {
        let opened = self.current.as_ref().filter(|current| current.question.is_some());
        let Some(id) = opened.map(|current| current.id) else { return };
        let Some(engine) = self.engine() else { return };
        self.aside(async move {
            match engine.look(&id.to_string()).await {
                Ok(look) => Message::Judged(id, Box::new(look)),
                Err(error) => {
                    tracing::warn!(%error, "a message could not be judged again");
                    Message::Changed
                }
            }
        });
    }

    pub(super) fn judged(&mut self, id: HeldId, look: &Look) {
        let words = self.words.clone();
        let Some(current) = self.current.as_mut().filter(|current| current.id == id) else {
            return;
        };
        if let Some(question) = &mut current.question {
            question.why = models::why(look.why);
            question.settled = look.settled;
            question.level = models::level(look.level);
            question.passages = models::passages(&words, look);
            question.more = models::more(look);
            question.opening.clone_from(&look.opening);
            question.unread = models::unread(&words, &look.unread);
        }
        self.tell_question();
    }
}
