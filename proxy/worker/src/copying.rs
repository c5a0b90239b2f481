use std::io::{self, BufReader, Read};
use std::process::{ChildStdin, ChildStdout};
use std::sync::mpsc::{self, RecvTimeoutError};

use copies::{CopyError, Form, Source, Why};

use crate::parent::{Workers, stop};
use crate::wire::{self, Set};

/// A copy, and how much of the message it shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pdf {
    /// The file.
    pub bytes: Vec<u8>,
    /// How much it shows; a plainer copy says so on its first page.
    pub form: Form,
}

/// What became of one attempt.
enum End {
    Done(Vec<u8>),
    /// It took longer than there is patience for.
    Late,
    /// It crashed, or refused; the words are the program's.
    Broken(String),
    /// It could not be started.
    Absent,
}

impl Workers {
    /// Sets a message on pages, in a process of its own: PDF/A-3a with the tags of PDF/UA-1, the original
    /// inside. Where that breaks or takes too long, a plainer copy is made, which says so. Blocks.
    ///
    /// # Errors
    /// [`CopyError::NoWorker`], [`CopyError::Busy`]; [`CopyError::Pdf`] where the plainest form failed too.
    pub fn pdf(&self, source: &Source<'_>) -> Result<Pdf, CopyError> {
        let _seat = self.copying.take(self.patience.seat).ok_or(CopyError::Busy)?;
        let mut form = Form::Whole;
        loop {
            let (why, said) = match self.set(source, form) {
                End::Done(bytes) => return Ok(Pdf { bytes, form }),
                End::Late => (Why::TooMuch, "it took too long".to_owned()),
                End::Broken(said) => (Why::Broke, said),
                End::Absent => {
                    return Err(CopyError::NoWorker(self.program.display().to_string()));
                }
            };
            form = form.plainer(why).ok_or(CopyError::Pdf(said))?;
        }
    }

    fn set(&self, source: &Source<'_>, form: Form) -> End {
        let Ok(mut child) = self.start(Some(wire::COPY)) else {
            return End::Absent;
        };
        let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            stop(&mut child);
            return End::Absent;
        };
        std::thread::scope(|scope| {
            let (sender, answer) = mpsc::channel();
            // Both pipes are served at once: two that only write would wait for each other.
            scope.spawn(move || give(input, source, form));
            scope.spawn(move || sender.send(take(output)));
            let end = match answer.recv_timeout(self.patience.work) {
                Ok(Ok(Set::Pdf(bytes))) => End::Done(bytes),
                Ok(Ok(Set::Refused(why))) => End::Broken(why),
                Ok(Err(_)) | Err(RecvTimeoutError::Disconnected) => {
                    End::Broken("the program that sets pages broke off".to_owned())
                }
                Err(RecvTimeoutError::Timeout) => End::Late,
            };
            stop(&mut child);
            end
        })
    }
}

fn give(mut input: ChildStdin, source: &Source<'_>, form: Form) {
    // A worker that ended takes no more; that there is no answer tells.
    let _ = wire::write_copy(&mut input, source, form);
}

fn take(output: ChildStdout) -> io::Result<Set> {
    wire::read_set(&mut BufReader::new(output.take(wire::PDF)))
}
