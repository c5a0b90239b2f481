//! The forms of one copy, made as far as they can be.

use core::ops::ControlFlow;

use cades::Anchors;
use copies::{CopyError, Form, Source};
use jiff::Timestamp;
use mail::Message;
use settings::Settings;
use vault::Vault;
use vault::archive::{ArchiveId, Archived};
use vault::journal::Entry;
use worker::Workers;

use crate::open::about;
use crate::{Forms, ShelfError};

/// Makes the forms of copies.
pub(crate) struct Press<'a> {
    pub(crate) vault: &'a Vault,
    workers: &'a Workers,
    anchors: Anchors,
    language: copies::Language,
    forms: Forms,
    now: Timestamp,
}

/// A copy as files: their endings and contents.
pub(crate) struct Pressed {
    pub(crate) files: Vec<(&'static str, Vec<u8>)>,
    /// The PDF shows less than the message.
    pub(crate) plainer: bool,
    /// A form that was asked for could not be made; the message itself is among the files then.
    pub(crate) lacks: Option<ShelfError>,
}

impl<'a> Press<'a> {
    pub(crate) fn new(
        vault: &'a Vault,
        settings: &Settings,
        workers: &'a Workers,
        forms: Forms,
        now: Timestamp,
    ) -> Result<Self, ShelfError> {
        if !(forms.pdf || forms.eml || forms.xml) {
            return Err(ShelfError::NoForm);
        }
        let anchors = verify::anchors(&settings.anchors)?;
        let language = crate::language(settings.desktop.language);
        Ok(Self { vault, workers, anchors, language, forms, now })
    }

    /// All forms that can be made. While others' copies are being made `again` is asked whether to wait
    /// on; where it says no, there is none.
    pub(crate) fn make(
        &self,
        copy: &Archived,
        message: &Message,
        again: &mut dyn FnMut() -> ControlFlow<()>,
    ) -> ControlFlow<(), Pressed> {
        let about = about(copy, message, &self.anchors, self.language, self.now);
        let source = Source { message, about: &about };
        let (mut files, mut plainer, mut lacks) = (Vec::new(), false, None);
        if self.forms.pdf {
            match patiently(|| self.workers.pdf(&source), again)? {
                Ok(pdf) => {
                    plainer = pdf.form != Form::Whole;
                    files.push(("pdf", pdf.bytes));
                }
                Err(error) => lacks = Some(ShelfError::Copy(error)),
            }
        }
        if self.forms.xml {
            match copies::xml(&source) {
                Ok(xml) => files.push(("xml", xml)),
                Err(error) => lacks = lacks.or(Some(ShelfError::Copy(error))),
            }
        }
        if self.forms.eml || lacks.is_some() {
            files.push(("eml", message.bytes().to_vec()));
        }
        ControlFlow::Continue(Pressed { files, plainer, lacks })
    }

    /// Notes in the journal which files left the archive's encryption.
    pub(crate) fn note(&self, id: ArchiveId, pressed: &Pressed) -> Result<(), ShelfError> {
        let endings: Vec<&str> = pressed.files.iter().map(|(ending, _)| *ending).collect();
        let entry = Entry::CopyWritten { id: id.to_string(), format: endings.join("+") };
        Ok(self.vault.append(&entry, self.now)?)
    }

    /// An error in the language of the copies.
    pub(crate) fn told(&self, error: &ShelfError) -> String {
        self.language.choose(error.nl(), error.to_string())
    }
}

/// Tries again while others' copies are being made: each attempt waits for its turn itself.
fn patiently<T>(
    mut make: impl FnMut() -> Result<T, CopyError>,
    again: &mut dyn FnMut() -> ControlFlow<()>,
) -> ControlFlow<(), Result<T, CopyError>> {
    for _ in 1..TRIES {
        match make() {
            Err(CopyError::Busy) => again()?,
            done => return ControlFlow::Continue(done),
        }
    }
    ControlFlow::Continue(make())
}

/// Attempts, of twenty seconds each: a copy that is made meanwhile takes three quarters of a minute at most,
/// so that one that never gets its turn is a fault to tell of.
const TRIES: usize = 15;

#[cfg(test)]
mod tests {
    use super::*;

    /// An attempt that finds others at work so many times, how often it was tried, and what came of it.
    fn tried(busy: usize, stop: usize) -> (usize, ControlFlow<(), Result<(), CopyError>>) {
        let (mut tries, mut asked) = (0, 0);
        let make = || {
            tries += 1;
            if tries > busy { Ok(()) } else { Err(CopyError::Busy) }
        };
        let done = patiently(make, &mut || {
            asked += 1;
            if asked == stop { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        (tries, done)
    }

    #[test]
    fn who_finds_others_at_work_tries_again_until_stopped_and_not_for_ever() {
        assert!(matches!(tried(0, 0), (1, ControlFlow::Continue(Ok(())))));
        assert!(matches!(tried(3, 0), (4, ControlFlow::Continue(Ok(())))));
        assert!(matches!(tried(9, 2), (2, ControlFlow::Break(()))));
        let (tries, done) = tried(usize::MAX, 0);
        assert!(tries == TRIES && matches!(done, ControlFlow::Continue(Err(CopyError::Busy))));
    }
}
