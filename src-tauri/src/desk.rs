//! What the controller needs of a desktop: windows, a tray icon, notifications. The real one is
//! [`shell`](crate::shell); tests have one that remembers.

use std::path::{Path, PathBuf};

use crate::view::{DragEnd, View};

/// What is done with a folder that was picked.
pub(crate) type Picked = Box<dyn FnOnce(Option<PathBuf>) + Send>;

/// What is done when a drag ended; an error is what the system said.
pub(crate) type Ended = Box<dyn FnOnce(Result<DragEnd, String>) + Send>;

/// A window of the app.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Window {
    /// Lists, settings, diagnosis and the first run.
    Main,
    /// The question about one message.
    Question,
}

impl Window {
    /// Its label, which capabilities and tests name.
    #[must_use]
    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::Main => "main",
            Self::Question => "question",
        }
    }

    /// The window of a label.
    #[must_use]
    pub(crate) fn of(label: &str) -> Option<Self> {
        [Self::Main, Self::Question].into_iter().find(|window| window.label() == label)
    }

    /// The page that it shows.
    #[must_use]
    pub(crate) fn page(self) -> &'static str {
        match self {
            Self::Main => "index.html",
            Self::Question => "question.html",
        }
    }
}

/// What the tray icon shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tray {
    /// Everything works and nothing waits.
    Well,
    /// So many messages wait for a choice, or failed.
    Waiting(u32),
    /// Something does not work.
    Trouble,
}

/// A desktop.
pub(crate) trait Desk: Clone + Send + Sync + 'static {
    /// Shows a window in front, made where there is none. Its title is given.
    fn show(&self, window: Window, title: &str);
    /// Closes a window, if there is one.
    fn close(&self, window: Window);
    /// Tells a window something, if there is one.
    fn post(&self, window: Window, view: &View);
    /// Shows this in the tray: the state, the tooltip, and the texts of the menu's three entries.
    fn tray(&self, tray: Tray, tooltip: &str, menu: &Menu);
    /// Shows a notification. Never anything of a mail.
    fn notify(&self, title: &str, text: &str);
    /// Lets a person pick a folder in the system's own window, over this window of ours, with this title,
    /// from this folder on. `picked` is called once, with none where they picked none.
    fn pick_folder(&self, window: Window, title: &str, from: Option<PathBuf>, picked: Picked);
    /// Lets a person drag this file out of a window, as a copy, where the button is pressed still. `ended` is
    /// called once, at the end; or never, where the window goes meanwhile.
    fn drag(&self, window: Window, file: &Path, ended: Ended);
    /// Whether the app starts with the computer.
    fn starts_with_computer(&self) -> bool;
    /// Lets the app start with the computer, or not.
    ///
    /// # Errors
    /// What the system said.
    fn start_with_computer(&self, on: bool) -> Result<(), String>;
    /// Lets this user's programs trust an authority (PEM).
    ///
    /// # Errors
    /// What the system said; nothing is trusted then.
    fn trust(&self, authority: &str) -> Result<(), String>;
    /// Ends the program.
    fn leave(&self);
}

/// The texts of the tray's menu.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Menu {
    /// Opens the main window.
    pub(crate) open: String,
    /// Opens what waits; not to be chosen where nothing does.
    pub(crate) waiting: String,
    /// Ends the program.
    pub(crate) quit: String,
}
