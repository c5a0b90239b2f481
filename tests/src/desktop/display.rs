use std::path::Path;

use crate::HarnessError;
use crate::guard::{Launch, Process};

/// A screen that nobody sees (Xvfb). Each session has one of its own: a window that takes another's
/// focus begins the moment anew in which nothing counts as an answer.
///
/// Its sockets are abstract ones and it keeps no lock file, so nothing is left however it ends.
#[derive(Debug)]
pub struct Display {
    name: String,
    _process: Process,
}

impl Display {
    /// A screen with a number that no other has.
    ///
    /// # Errors
    /// Xvfb did not come up; with what it said.
    pub(crate) fn start(folder: &Path) -> Result<Self, HarnessError> {
        let log = folder.join("xvfb.log");
        let mut process = Launch::new("Xvfb")
            .args(["-displayfd", "1", "-nolock", "-nolisten", "tcp", "-nolisten", "unix"])
            .args(["-noreset", "-screen", "0", SCREEN])
            .log(log)
            .start()?;
        let number = process.until("its number", |process| {
            // It also tells of each number that was taken.
            process.said().lines().find_map(|line| line.trim().parse::<u32>().ok())
        })?;
        Ok(Self { name: format!(":{number}"), _process: process })
    }

    /// Its name, for `DISPLAY`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The name of its abstract socket.
    pub(crate) fn socket(&self) -> String {
        format!("/tmp/.X11-unix/X{}", self.name.trim_start_matches(':'))
    }
}

const SCREEN: &str = "1280x1000x24";
