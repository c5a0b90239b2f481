//! The window, tray icon and notifications of Zorgzegel, around its engine, in one process.
//!
//! ```text
//!   pages (ui/)          shell              controller            engine
//!     post ------------> letter box ------> one task -----------> Engine
//!     event "view" <---- Desk (a trait) <-- View models <-------- notices
//! ```
//!
//! What it does not do: it decides nothing about mail, keeps nothing, and its pages can do nothing
//! but post a [`request::Request`] and hear a [`view::View`]. Mail text is only ever shown as text.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

mod autostart;
mod controller;
mod desk;
mod guide;
mod models;
mod queue;
mod shell;
mod terminal;
mod trust;
mod words;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use contract::{request, view};

/// Zorgzegel: the desktop app.
#[derive(Debug, Clone, Parser)]
#[command(name = "zorgzegel-desktop", version, about)]
struct Arguments {
    /// The settings file; default: zorgzegel.toml in your config folder.
    #[arg(long, env = "ZORGZEGEL_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    /// Try it out with a mail provider and a hospital on this computer alone.
    #[arg(long)]
    try_out: bool,
    /// Start in the tray, without a window.
    #[arg(long)]
    hidden: bool,
}

/// Runs the app of this process.
#[must_use]
pub fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        // Help and version are asked for in a terminal.
        Err(asked) if !asked.use_stderr() => asked.exit(),
        Err(error) => {
            terminal::complain(&error.to_string());
            return ExitCode::from(2);
        }
    };
    terminal::log();
    match start(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            terminal::complain(&error.to_string());
            ExitCode::from(3)
        }
    }
}

/// Why the app cannot run.
#[derive(Debug, thiserror::Error)]
enum StartError {
    #[error("threads cannot be had: {0}")]
    Threads(#[from] std::io::Error),
    #[error(
        "the window system cannot be used: {0}; is there a display? `zorgzegel run` needs none"
    )]
    Window(#[from] tauri::Error),
}

fn start(arguments: Arguments) -> Result<(), StartError> {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(WORKERS).enable_all().build()?;
    tauri::async_runtime::set(runtime.handle().clone());
    Ok(shell::run(arguments)?)
}

/// Threads that serve sockets: a workstation's mail needs few, and each costs memory.
const WORKERS: usize = 2;
