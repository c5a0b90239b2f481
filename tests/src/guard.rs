//! Processes that never outlive the test process.
//!
//! A `static` world is never dropped, a panic may skip a drop, and SIGKILL skips everything. So one
//! guard process, in a session of its own, holds the reading end of a pipe of which only the test
//! process has the writing end. However the test process ends, the kernel closes the pipe, and the
//! guard kills the process groups and removes the folders that it was told of. `PR_SET_PDEATHSIG`
//! would not do: it follows the thread that started the child, and each test is a thread.
//!
//! ```text
//! test process --pipe--> guard (sh)       "group 4711", "folder /tmp/zz.x", "gone 4711"
//!        \--> group 4711: postfix master, its smtpd, qmgr, ...
//! ```
//!
//! A child waits for a word on its standard input before it becomes the real program, and that
//! word comes after the guard was told of it: there is no moment at which it could be forgotten.

use std::ffi::OsStr;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group, test_kill_process_group};

use crate::HarnessError;

/// What is to run, before it runs. Its children stay in its process group.
#[derive(Debug)]
pub struct Launch {
    program: String,
    command: Command,
    input: Vec<u8>,
    log: Option<PathBuf>,
}

impl Launch {
    /// A program by name or path.
    #[must_use]
    pub fn new(program: impl Into<String>) -> Self {
        let program = program.into();
        let mut command = Command::new("/bin/sh");
        // `read` of a shell takes no byte past the line end, so what follows is the program's input.
        command.args(["-c", r#"read -r go && exec "$0" "$@""#, &program]);
        Self { program, command, input: Vec::new(), log: None }
    }

    /// One more argument.
    #[must_use]
    pub fn arg(mut self, arg: impl AsRef<OsStr>) -> Self {
        self.command.arg(arg);
        self
    }

    /// More arguments.
    #[must_use]
    pub fn args<S: AsRef<OsStr>>(mut self, args: impl IntoIterator<Item = S>) -> Self {
        self.command.args(args);
        self
    }

    /// Starts from an empty environment with only `PATH` and these variables.
    #[must_use]
    pub fn only_env(mut self, variables: &[(String, String)]) -> Self {
        self.command.env_clear().env("PATH", PATH);
        self.command.envs(variables.iter().map(|(name, value)| (name, value)));
        self
    }

    /// The working folder.
    #[must_use]
    pub fn folder(mut self, folder: &Path) -> Self {
        self.command.current_dir(folder);
        self
    }

    /// What the program reads on its standard input, at most a pipe's buffer (64 KiB).
    #[must_use]
    pub fn input(mut self, input: impl Into<Vec<u8>>) -> Self {
        self.input = input.into();
        self
    }

    /// The file that gets standard output and standard error; else they are thrown away.
    #[must_use]
    pub fn log(mut self, log: impl Into<PathBuf>) -> Self {
        self.log = Some(log.into());
        self
    }

    /// Starts it.
    ///
    /// # Errors
    /// The program cannot be started, or the log cannot be written.
    pub fn start(mut self) -> Result<Process, HarnessError> {
        let guard = guard()?;
        let (out, err) = self.outputs()?;
        self.command.stdin(Stdio::piped()).stdout(out).stderr(err).process_group(0);
        let program = self.program.clone();
        let failed = |source| HarnessError::Program { program: program.clone(), source };
        let mut child = self.command.spawn().map_err(failed)?;
        let group = Pid::from_child(&child);
        tell(guard, &format!("group {group}", group = group.as_raw_nonzero()));
        if let Some(mut stdin) = child.stdin.take() {
            let input = [b"go\n", self.input.as_slice()].concat();
            // A program that ends before it has read its input says so itself.
            let _ = stdin.write_all(&input);
        }
        Ok(Process { program: self.program, group, child: Some(child), log: self.log })
    }

    fn outputs(&self) -> Result<(Stdio, Stdio), HarnessError> {
        let Some(log) = &self.log else {
            return Ok((Stdio::null(), Stdio::null()));
        };
        let file: File = OpenOptions::new()
            .create(true)
            .append(true)
            .open(log)
            .map_err(HarnessError::file(log))?;
        let other = file.try_clone().map_err(HarnessError::file(log))?;
        Ok((file.into(), other.into()))
    }
}

/// A running program with everything that it started. Killed when dropped.
#[derive(Debug)]
pub struct Process {
    program: String,
    group: Pid,
    child: Option<Child>,
    log: Option<PathBuf>,
}

impl Process {
    /// Its process id, which is the id of its process group too.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.group.as_raw_nonzero().get().unsigned_abs()
    }

    /// How it ended, where it has.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.child.as_mut().and_then(|child| child.try_wait().ok().flatten())
    }

    /// What it wrote so far, where it has a log.
    #[must_use]
    pub fn said(&self) -> String {
        let read = self.log.as_ref().and_then(|log| std::fs::read(log).ok());
        read.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
    }

    /// SIGKILL to it and all that it started: what a power cut is to a program.
    pub fn kill9(&mut self) {
        self.end(Signal::KILL);
    }

    /// SIGTERM, and SIGKILL to what is left after a minute. How the program itself ended.
    pub fn terminate(&mut self) -> Option<ExitStatus> {
        self.end(Signal::TERM)
    }

    /// Waits until it is ready, which `ready` tells.
    ///
    /// # Errors
    /// It ended, or was not ready within two minutes; with the end of its log.
    pub fn until<T>(
        &mut self,
        what: &str,
        mut ready: impl FnMut(&Self) -> Option<T>,
    ) -> Result<T, HarnessError> {
        let program = self.program.clone();
        let outcome = until(what, READY, || match ready(self) {
            Some(value) => Some(Ok(value)),
            None => self.ended().map(Err),
        });
        match outcome {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(status)) => Err(HarnessError::Failed {
                program,
                said: format!("{status}; {}", tail(&self.said())),
            }),
            Err(late) => Err(HarnessError::Failed {
                program,
                said: format!("{late}; {}", tail(&self.said())),
            }),
        }
    }

    fn end(&mut self, signal: Signal) -> Option<ExitStatus> {
        let mut child = self.child.take()?;
        let _ = kill_process_group(self.group, signal);
        let status = until("the end of a process", GRACE, || child.try_wait().ok().flatten()).ok();
        // Also after a clean end: a child of it may still run.
        let _ = kill_process_group(self.group, Signal::KILL);
        let status = status.or_else(|| child.wait().ok());
        let group = self.group;
        let _ = until("the end of a process group", REST, || {
            test_kill_process_group(group).err().map(|_| ())
        });
        if let Ok(guard) = guard() {
            tell(guard, &format!("gone {group}", group = group.as_raw_nonzero()));
        }
        status
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill9();
    }
}

/// Has this folder removed when the test process ends, however it ends.
pub(crate) fn remove_at_end(folder: &Path) -> Result<(), HarnessError> {
    tell(guard()?, &format!("folder {}", folder.display()));
    Ok(())
}

/// Asks again and again, every few milliseconds, until there is an answer.
///
/// # Errors
/// [`HarnessError::Late`] when there was none in time.
pub fn until<T>(
    what: &str,
    within: Duration,
    mut answer: impl FnMut() -> Option<T>,
) -> Result<T, HarnessError> {
    let deadline = Instant::now() + within;
    loop {
        if let Some(value) = answer() {
            return Ok(value);
        }
        if Instant::now() > deadline {
            return Err(HarnessError::Late { what: what.to_owned() });
        }
        std::thread::sleep(POLL);
    }
}

/// Runs a program to its end and gives what it printed.
///
/// # Errors
/// It cannot be started, or ended with another code than 0.
pub(crate) fn run(command: &mut Command) -> Result<String, HarnessError> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command.stdin(Stdio::null()).output();
    let output =
        output.map_err(|source| HarnessError::Program { program: program.clone(), source })?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let said = [output.stdout.as_slice(), output.stderr.as_slice()].concat();
    Err(HarnessError::Failed { program, said: tail(&String::from_utf8_lossy(&said)).to_owned() })
}

fn guard() -> Result<&'static Mutex<ChildStdin>, HarnessError> {
    static GUARD: OnceLock<Result<Mutex<ChildStdin>, String>> = OnceLock::new();
    let guard = GUARD.get_or_init(|| start_guard().map_err(|error| error.to_string()));
    guard.as_ref().map_err(|said| HarnessError::Failed {
        program: "the guard process".to_owned(),
        said: said.clone(),
    })
}

fn start_guard() -> io::Result<Mutex<ChildStdin>> {
    let mut command = Command::new("setsid");
    command.args(["/bin/sh", "-c", GUARD_SCRIPT, "zorgzegel-test-guard"]).current_dir("/");
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn()?;
    let stdin = child.stdin.take().ok_or(io::ErrorKind::BrokenPipe)?;
    // The guard outlives this process by design; nobody waits for it.
    drop(child);
    Ok(Mutex::new(stdin))
}

fn tell(guard: &Mutex<ChildStdin>, word: &str) {
    let mut pipe = guard.lock().unwrap_or_else(PoisonError::into_inner);
    // One write, so that the guard never sees half a line. A dead guard shows in its own test.
    let _ = pipe.write_all(format!("{word}\n").as_bytes());
}

fn tail(said: &str) -> &str {
    let start = said.len().saturating_sub(TAIL);
    let start = (start..said.len()).find(|&at| said.is_char_boundary(at)).unwrap_or(start);
    said.get(start..).unwrap_or(said)
}

/// Reads what to end; at the end of the input ends it. Killed processes may still be writing for a
/// moment, so the folders are tried again.
const GUARD_SCRIPT: &str = r#"
trap '' HUP INT TERM
groups= folders=
while read -r word what; do
    case $word in
    group) groups="$groups $what" ;;
    folder) folders="$folders $what" ;;
    gone)
        left=
        for group in $groups; do [ "$group" = "$what" ] || left="$left $group"; done
        groups=$left ;;
    esac
done
for group in $groups; do kill -s KILL -- "-$group"; done
for again in 1 2 3 4 5; do
    rm -rf -- $folders && break
    sleep 0.2
done
"#;

const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
const POLL: Duration = Duration::from_millis(5);
/// A loaded two-core machine needs seconds for what takes 50 ms alone, and half a minute for a program that reads
/// hundreds of files first.
const READY: Duration = Duration::from_secs(120);
/// How long a program that must end by itself may take: what a 50 MB mail takes, and more.
pub const PATIENCE: Duration = Duration::from_secs(120);
/// The product itself takes up to twenty seconds for its last work.
const GRACE: Duration = Duration::from_secs(60);
/// What is killed is gone at once, unless nobody takes note of its end.
const REST: Duration = Duration::from_secs(10);
const TAIL: usize = 2000;
