use std::sync::OnceLock;

use crate::HarnessError;
use crate::guard::{Launch, Process};
use crate::place::new_folder;

/// A screen that nobody sees (Xvfb).
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
    pub fn start() -> Result<Self, HarnessError> {
        let log = new_folder()?.join("xvfb.log");
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

    /// The screen that all tests of this test binary share.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub fn shared() -> Result<&'static Self, HarnessError> {
        static SHARED: OnceLock<Result<Display, String>> = OnceLock::new();
        let shared = SHARED.get_or_init(|| Self::start().map_err(|error| error.to_string()));
        shared
            .as_ref()
            .map_err(|said| HarnessError::Failed { program: "Xvfb".to_owned(), said: said.clone() })
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
