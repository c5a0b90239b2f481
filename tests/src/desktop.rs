//! The desktop app as a person meets it: its windows, its tray icon and its notifications.
//!
//! ```text
//!   Session         a bus and a keyring: one app each, for a second start shows the first
//!     |- Desk       the panel: StatusNotifierWatcher, menus, org.freedesktop.Notifications
//!     |- Display    Xvfb
//!     '- App        the real program
//!          |- Page  a window of it, by WebDriver: tauri-driver, WebKitWebDriver
//!          '- Mouse what a hand does on the screen, for what WebDriver has no word for
//! ```
//!
//! A [`Desk`] must be there before the app is, as in life the panel is.

mod app;
mod axe;
mod desk;
mod display;
mod driver;
mod folder;
mod mouse;
mod page;
mod screen;
mod tray;

pub use app::{App, Look, binary, ended, titles};
pub use axe::Violation;
pub use desk::{Desk, Notice};
pub use display::Display;
pub use folder::DropFolder;
pub use mouse::Mouse;
pub use page::{Key, Page};
pub use tray::{Entry, TrayItem};
