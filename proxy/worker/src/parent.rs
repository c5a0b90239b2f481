use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

use extract::{Bounds, Extract, File, Limits, Reason};
use mail::Message;

use crate::seats::Seats;
use crate::wire;

/// Starts workers, a few at a time. Blocks: call it where blocking is allowed.
#[derive(Debug)]
pub struct Workers {
    pub(crate) program: PathBuf,
    pub(crate) patience: Patience,
    bounds: Bounds,
    seats: Seats,
    /// Copies wait for copies: mail that is being sent never waits for them.
    pub(crate) copying: Seats,
}

/// How long is waited. Mail programs give up after a minute (Outlook): both together stay below it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// For other messages' workers to end.
    pub seat: Duration,
    /// For all documents of one message, or one form of a copy.
    pub work: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { seat: Duration::from_secs(20), work: Duration::from_secs(15) }
    }
}

/// How a worker ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// It answered for each file.
    Whole,
    /// Its time was over.
    Late,
    /// It crashed, or its answer is none.
    Broken,
    /// It could not be started.
    Absent,
}

impl Workers {
    /// Workers that run this program.
    #[must_use]
    pub fn new(program: PathBuf) -> Self {
        Self {
            program,
            patience: Patience::default(),
            bounds: Bounds::default(),
            seats: Seats::new(AT_ONCE),
            copying: Seats::new(COPIES_AT_ONCE),
        }
    }

    /// Workers that run the program that `ZORGZEGEL_WORKER` names, or else the one that lies beside
    /// the running program.
    #[must_use]
    pub fn of_this_program() -> Self {
        let beside = || {
            let own = std::env::current_exe().ok()?;
            Some(own.parent()?.join(PROGRAM).with_extension(std::env::consts::EXE_EXTENSION))
        };
        let told = std::env::var_os("ZORGZEGEL_WORKER").map(PathBuf::from);
        Self::new(told.or_else(beside).unwrap_or_else(|| PathBuf::from(PROGRAM)))
    }

    /// The same with other patience.
    #[must_use]
    pub fn with_patience(self, patience: Patience) -> Self {
        Self { patience, ..self }
    }

    /// The same with other bounds for documents.
    #[must_use]
    pub fn with_bounds(self, bounds: Bounds) -> Self {
        Self { bounds, ..self }
    }

    /// The program that is run.
    #[must_use]
    pub fn program(&self) -> &Path {
        &self.program
    }

    /// Reads a message and the documents in it. The message's own bodies are read here; a message
    /// without documents starts no program. Never fails: what could not be read is said.
    #[must_use]
    pub fn extract(&self, message: &Message, limits: &Limits) -> Extract {
        let (mut extract, files) = extract::open(message, limits);
        if !files.is_empty() {
            let places: Vec<usize> = files.iter().map(|file| file.after).collect();
            extract.put(places.into_iter().zip(self.read(&files)).collect());
        }
        extract
    }

    /// Reads documents: one answer for each, in order.
    #[must_use]
    pub fn read(&self, files: &[File]) -> Vec<Extract> {
        let told = |files: &[File], reason: Reason| -> Vec<Extract> {
            let opaque = files.iter().map(|file| file.opaque(reason));
            opaque.map(|one| Extract { opaque: vec![one], ..Extract::default() }).collect()
        };
        let Some(_seat) = self.seats.take(self.patience.seat) else {
            return told(files, Reason::TooSlow);
        };
        let deadline = Instant::now() + self.patience.work;
        let mut answers: Vec<Extract> = Vec::with_capacity(files.len());
        let mut reason = Reason::Unread;
        for _ in 0..STARTS {
            let rest = files.get(answers.len()..).unwrap_or_default();
            if rest.is_empty() {
                break;
            }
            let (given, end) = self.run(rest, deadline);
            answers.extend(given);
            reason = match end {
                End::Whole | End::Absent => break,
                End::Late => Reason::TooSlow,
                End::Broken => Reason::Unread,
            };
            // The first without an answer is the one that it stuck at; the others get another program.
            let rest = files.get(answers.len()..).unwrap_or_default();
            answers.extend(told(rest.get(..1).unwrap_or_default(), reason));
        }
        answers.extend(told(files.get(answers.len()..).unwrap_or_default(), reason));
        answers
    }

    /// One run of the program: what it answered, and how it ended. One file may take two thirds of the
    /// time that is left, the last all of it.
    fn run(&self, files: &[File], deadline: Instant) -> (Vec<Extract>, End) {
        let Ok(mut child) = self.start(None) else {
            return (Vec::new(), End::Absent);
        };
        let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            stop(&mut child);
            return (Vec::new(), End::Absent);
        };
        let bounds = self.bounds;
        std::thread::scope(|scope| {
            let (sender, lines) = mpsc::channel();
            // Both pipes are served at once: two that only write would wait for each other.
            scope.spawn(move || give(input, files, &bounds));
            scope.spawn(move || take(output, &sender));
            let mut answers = Vec::new();
            let end = loop {
                if answers.len() == files.len() {
                    break End::Whole;
                }
                let left = deadline.saturating_duration_since(Instant::now());
                let last = answers.len() + 1 == files.len();
                let left = if last { left } else { left * 2 / 3 };
                let line = match lines.recv_timeout(left) {
                    Ok(line) => line,
                    Err(RecvTimeoutError::Timeout) => break End::Late,
                    Err(RecvTimeoutError::Disconnected) => break End::Broken,
                };
                match wire::parse_answer(&line) {
                    Some(answer) => answers.push(answer),
                    None => break End::Broken,
                }
            };
            // Also one that answered: what it might still do is nothing that anyone waits for. With
            // it the pipes end, and the two threads.
            stop(&mut child);
            (answers, end)
        })
    }

    /// Starts the program; without a task it reads documents.
    pub(crate) fn start(&self, task: Option<&str>) -> std::io::Result<Child> {
        let mut command = Command::new(&self.program);
        command.args(task);
        command.env_clear().stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        // Windows finds its own libraries by it.
        if let Some(root) = std::env::var_os("SystemRoot") {
            command.env("SystemRoot", root);
        }
        if let Some(folder) = self.program.parent().filter(|folder| folder.is_absolute()) {
            command.current_dir(folder);
        }
        command.spawn()
    }
}

pub(crate) fn stop(child: &mut Child) {
    // It may have ended already, which is as well.
    let _ = child.kill();
    let _ = child.wait();
}

fn give(mut input: ChildStdin, files: &[File], bounds: &Bounds) {
    // A worker that ended takes no more; what it answered tells how far it came.
    let _ = wire::write_request(&mut input, files, bounds);
}

fn take(output: ChildStdout, lines: &Sender<Vec<u8>>) {
    let mut output = BufReader::new(output.take(ANSWER));
    loop {
        let mut line = Vec::new();
        match output.read_until(b'\n', &mut line) {
            Ok(count) if count > 0 && line.ends_with(b"\n") => {
                if lines.send(line).is_err() {
                    return;
                }
            }
            _ => return,
        }
    }
}

const PROGRAM: &str = "zorgzegel-worker";
/// Workers at once.
const AT_ONCE: usize = 2;
/// Copies at once.
const COPIES_AT_ONCE: usize = 1;
/// Workers for one message, each after one that broke or was late.
const STARTS: usize = 4;
/// Bytes of all answers of one worker: all text that it may give, each letter escaped.
const ANSWER: u64 = 128 * 1024 * 1024;
