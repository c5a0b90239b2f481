//! The real program, with a driver that looks at its windows, or without.

use std::path::{Path, PathBuf};
use std::process::ExitStatus;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use crate::desktop::driver::Driver;
use crate::desktop::page::Page;
use crate::desktop::screen::Screen;
use crate::guard::{Launch, PATIENCE, Process, until};
use crate::place::new_folder;
use crate::{HarnessError, Session};

/// The running app, seen by WebDriver. Killed when dropped.
pub struct App {
    driver: Driver,
    /// The socket of the screen.
    screen: String,
    folder: PathBuf,
}

/// How a window is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// The main window.
    Main,
    /// The window that asks.
    Question,
}

impl Look {
    /// Is this the path of its page? That of the main window is the root, which has no name.
    fn is(self, path: &str) -> bool {
        match self {
            Self::Main => ["", "/", "/index.html"].contains(&path),
            Self::Question => path == "/question.html",
        }
    }
}

impl App {
    /// Starts it in this session with these arguments.
    ///
    /// # Errors
    /// It is not built, or no window of it came; with what it said.
    pub fn start(session: &Session, args: &[&str]) -> Result<Self, HarnessError> {
        let folder = new_folder()?;
        let args: Vec<String> = args.iter().map(|&arg| arg.to_owned()).collect();
        let driver = Driver::start(&binary()?, &args, &env(session)?, &folder.join("app.log"))?;
        Ok(Self { driver, screen: session.display()?.socket(), folder })
    }

    /// Starts one that nobody drives: a second start, or one that shows no window.
    ///
    /// # Errors
    /// It is not built, or cannot be started.
    pub fn alone(session: &Session, args: &[&str]) -> Result<Process, HarnessError> {
        Self::by(session, &binary()?.to_string_lossy(), args)
    }

    /// Runs a program that starts it, as a session does at its begin.
    ///
    /// # Errors
    /// The program cannot be started.
    pub fn by(session: &Session, program: &str, args: &[&str]) -> Result<Process, HarnessError> {
        let log = new_folder()?.join("app.log");
        Launch::new(program).args(args).only_env(&env(session)?).log(log).start()
    }

    /// A window of it, once it is there and seen.
    ///
    /// # Errors
    /// It did not come.
    pub fn window(&self, look: Look) -> Result<Page<'_>, HarnessError> {
        let shown = until("a window", WINDOW, || self.shows(look).then_some(()));
        shown.map_err(|_| HarnessError::Late {
            what: format!("the window {look:?} among {:?}", self.windows()),
        })?;
        Ok(Page { driver: &self.driver })
    }

    /// Is this window there and seen now? Where it is, it is what pages act on from here.
    #[must_use]
    pub fn shows(&self, look: Look) -> bool {
        self.turn_to(look) && {
            let seen = Page { driver: &self.driver };
            let seen = seen.script("return document.visibilityState", vec![]);
            seen.is_ok_and(|state| state == "visible")
        }
    }

    /// The titles of its windows that stand on the screen.
    ///
    /// # Errors
    /// There is no screen.
    pub fn titles(&self) -> Result<Vec<String>, HarnessError> {
        Screen::of(&self.screen)?.titles(self.pid().unwrap_or_default())
    }

    /// Presses the close button of the window with this title, and waits until it is gone.
    ///
    /// # Errors
    /// There is none, or it stays.
    pub fn close(&self, title: &str) -> Result<(), HarnessError> {
        let pid = self.pid().ok_or(HarnessError::NotStarted("the app"))?;
        let screen = Screen::of(&self.screen)?;
        until(&format!("the window {title:?}"), PATIENCE, || {
            screen.close(pid, title).unwrap_or(false).then_some(())
        })?;
        until(&format!("{title:?} to be gone"), PATIENCE, || {
            screen.titles(pid).ok().filter(|titles| titles.iter().all(|one| one != title))
        })?;
        Ok(())
    }

    /// Types into the window with this title, as a person does, then Enter, and waits until it is gone.
    ///
    /// # Errors
    /// There is none, or it stays.
    pub fn enter(&self, title: &str, text: &str) -> Result<(), HarnessError> {
        let pid = self.pid().ok_or(HarnessError::NotStarted("the app"))?;
        let screen = Screen::of(&self.screen)?;
        until(&format!("the window {title:?}"), PATIENCE, || {
            screen.enter(pid, title, text).unwrap_or(false).then_some(())
        })?;
        until(&format!("{title:?} to be gone"), PATIENCE, || {
            screen.titles(pid).ok().filter(|titles| titles.iter().all(|one| one != title))
        })?;
        Ok(())
    }

    /// How many windows with this page there are, seen or not.
    #[must_use]
    pub fn count(&self, look: Look) -> usize {
        self.windows().iter().filter(|(path, _)| look.is(path)).count()
    }

    /// The pages of its windows, each with whether it is seen.
    fn windows(&self) -> Vec<(String, String)> {
        let here = self.driver.run(async |client| client.windows().await);
        let page = |window| {
            self.driver.run(async |client| {
                client.switch_to_window(window).await?;
                let seen = client.execute("return document.visibilityState", vec![]).await?;
                Ok((client.current_url().await?.path().to_owned(), seen.to_string()))
            })
        };
        let here = here.unwrap_or_default().into_iter().map(page);
        here.filter_map(Result::ok).collect()
    }

    /// What it and its driver wrote.
    #[must_use]
    pub fn said(&self) -> String {
        self.driver.process().said()
    }

    /// The process id of the app itself, while it runs.
    #[must_use]
    pub fn pid(&self) -> Option<u32> {
        let group = self.driver.process().pid();
        let program = binary().ok()?;
        let processes = std::fs::read_dir("/proc").ok()?.flatten();
        let mut ids = processes.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
        ids.find(|&id| group_of(id) == Some(group) && is(id, &program))
    }

    /// Ends it as a power cut would, and waits until it is gone.
    ///
    /// # Errors
    /// It does not run, or does not go.
    pub fn kill9(&self) -> Result<(), HarnessError> {
        let id = self.pid().and_then(|id| Pid::from_raw(i32::try_from(id).ok()?));
        let id = id.ok_or(HarnessError::NotStarted("the app"))?;
        // One that has just ended is gone as well.
        let _ = kill_process(id, Signal::KILL);
        self.until_gone()
    }

    /// Waits until it has ended by itself.
    ///
    /// # Errors
    /// It runs on.
    pub fn until_gone(&self) -> Result<(), HarnessError> {
        until("the end of the app", GONE, || self.pid().is_none().then_some(()))
    }

    /// Its own folder, for what a test wants to keep.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    fn turn_to(&self, look: Look) -> bool {
        let turned = self.driver.run(async |client| {
            for window in client.windows().await? {
                client.switch_to_window(window).await?;
                if look.is(client.current_url().await?.path()) {
                    return Ok(true);
                }
            }
            Ok(false)
        });
        turned.unwrap_or(false)
    }
}

impl Drop for App {
    fn drop(&mut self) {
        self.driver.end();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// The titles of the windows of this program that stand on a session's screen.
///
/// # Errors
/// There is no screen.
pub fn titles(session: &Session, pid: u32) -> Result<Vec<String>, HarnessError> {
    Screen::of(&session.display()?.socket())?.titles(pid)
}

/// Waits for the end of one that was started alone.
///
/// # Errors
/// It runs on.
pub fn ended(process: &mut Process) -> Result<ExitStatus, HarnessError> {
    until("the end of the app", GONE, || process.ended())
}

/// The app beside this test binary, or `ZORGZEGEL_DESKTOP_BIN`.
///
/// # Errors
/// It is not there: `make test` builds it before it runs the tests.
pub fn binary() -> Result<PathBuf, HarnessError> {
    if let Some(path) = std::env::var_os("ZORGZEGEL_DESKTOP_BIN") {
        return Ok(path.into());
    }
    let own = std::env::current_exe().map_err(HarnessError::file("this test binary"))?;
    let found = own.ancestors().skip(1).take(2).map(|folder| folder.join("zorgzegel-desktop"));
    found.into_iter().find(|path| path.is_file()).ok_or(HarnessError::NotStarted(
        "an app: build it with `cargo build -p desktop`, or run `make test`",
    ))
}

fn env(session: &Session) -> Result<Vec<(String, String)>, HarnessError> {
    let mut env = session.env();
    let more = [
        ("DISPLAY", session.display()?.name()),
        ("GDK_BACKEND", "x11"),
        // No accessibility bus is there, and none is to be started.
        ("NO_AT_BRIDGE", "1"),
    ];
    env.extend(more.map(|(name, value)| (name.to_owned(), value.to_owned())));
    Ok(env)
}

/// Field 5 of proc_pid_stat(5); the program's name before it may hold blanks and brackets.
fn group_of(id: u32) -> Option<u32> {
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    let (_, after) = stat.rsplit_once(") ")?;
    // A zombie is no running program.
    (!after.starts_with('Z')).then_some(())?;
    after.split(' ').nth(2)?.parse().ok()
}

fn is(id: u32, program: &Path) -> bool {
    std::fs::read_link(format!("/proc/{id}/exe")).is_ok_and(|exe| exe == program)
}

const WINDOW: Duration = Duration::from_secs(120);
const GONE: Duration = Duration::from_secs(120);
