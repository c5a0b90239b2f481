//! `zorgzegel check`: the doctor's rounds on the command line.

mod names;
mod tell;

use std::collections::VecDeque;
use std::io::{IsTerminal, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use engine::Engine;
use engine::doctor::{Mailbox, Options, Report, Round, Selector, Verdict};
use mail::Domain;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;

use self::names::Names;
use super::{
    Failure, LanguageArgument, Outcome, complain, settings_or_default, system_keyring, wait,
};

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The domains to look at.
    #[arg(required_unless_present = "file", value_name = "DOMAIN")]
    domains: Vec<String>,
    /// Domains from a file, one a line, `#` before a remark; `-` is standard input.
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
    /// The supplier's domain: its record (R-DNS-4) is looked at too.
    #[arg(long, value_name = "DOMAIN")]
    supplier: Option<String>,
    /// A DKIM selector to look at (`s=` of a DKIM-Signature); may be given again.
    #[arg(long, value_name = "NAME")]
    selector: Vec<String>,
    /// Asks the mail host whether it takes mail for NTA7516@DOMAIN (R-DNS-6). Sends nothing.
    #[arg(long)]
    mailbox: bool,
    #[command(flatten)]
    language: LanguageArgument,
    /// Prints a line of JSON for each domain.
    #[arg(long)]
    json: bool,
}

/// `zorgzegel check`: exit 0 where health mail may go to every domain named, 1 where not to all, 2
/// where a name was no domain name; the others are looked at all the same.
pub(crate) fn run(config: Option<&Path>, arguments: &Arguments) -> Result<Outcome, Failure> {
    let options = options(arguments)?;
    let settings = settings_or_default(config)?;
    let language = arguments.language.or(&settings);
    let mut names = Names::default();
    for name in &arguments.domains {
        names.add(name, None);
    }
    if let Some(file) = &arguments.file {
        names.read(&text_of(file)?);
    }
    for remark in &names.remarks {
        complain(remark.in_words(language))?;
    }
    let form = match (arguments.json, &arguments.file) {
        (true, _) => tell::Form::Json,
        (false, Some(_)) => tell::Form::Table { width: names.width() },
        (false, None) => tell::Form::Whole,
    };
    let engine = Engine::new(settings, None, system_keyring())?;
    let all = wait(rounds(&engine, &names.domains, options, |report| {
        tell::tell(report, form, language)
    }))??;
    match names.bad() {
        0 => Ok(if all { Outcome::Holds } else { Outcome::Not }),
        count => Err(Failure::usage(format!(
            "{count} of the names given are no domain names; the others were looked at"
        ))),
    }
}

fn options(arguments: &Arguments) -> Result<Options, Failure> {
    let supplier = match &arguments.supplier {
        Some(name) => Some(names::domain(name).map_err(|why| {
            Failure::usage(format!("--supplier {name}: {}; write it like leverancier.nl", why.en))
        })?),
        None => None,
    };
    let selectors = arguments.selector.iter().map(|text| {
        Selector::parse(text).ok_or_else(|| {
            Failure::usage(format!("--selector {text:?} is no DKIM selector; take it from s="))
        })
    });
    Ok(Options {
        supplier,
        selectors: selectors.collect::<Result<_, _>>()?,
        mailbox: if arguments.mailbox { Mailbox::Asked } else { Mailbox::NotAsked },
    })
}

/// Examines all, a number at a time, and tells of each in the order in which they were named, as
/// soon as those before it are told of. True where health mail may go to all.
async fn rounds(
    engine: &Arc<Engine>,
    domains: &[Domain],
    options: Options,
    mut tell: impl FnMut(&Report) -> Result<(), Failure>,
) -> Result<bool, Failure> {
    let (round, options) = (Arc::new(Round::new(engine)), Arc::new(options));
    let at_once = Arc::new(Semaphore::new(AT_ONCE));
    let mut waiting = domains.iter().cloned();
    let mut running: VecDeque<JoinHandle<Report>> = VecDeque::new();
    let mut progress = Progress::new(domains.len());
    let mut tick = tokio::time::interval(TICK);
    let mut all = true;
    progress.show()?;
    loop {
        while running.len() < AHEAD
            && let Some(domain) = waiting.next()
        {
            let (round, options) = (Arc::clone(&round), Arc::clone(&options));
            let at_once = Arc::clone(&at_once);
            running.push_back(tokio::spawn(async move {
                // It is never closed, so that there is always a place, sooner or later.
                let _place = at_once.acquire_owned().await;
                round.examine(&domain, &options).await
            }));
        }
        let Some(first) = running.front_mut() else { break };
        let report = loop {
            tokio::select! {
                report = &mut *first => break report.map_err(Failure::failed)?,
                _ = tick.tick() => progress.show()?,
            }
        };
        running.pop_front();
        all &= report.verdict == Verdict::Direct;
        progress.clear()?;
        tell(&report)?;
        progress.done += 1;
    }
    progress.clear()?;
    Ok(all)
}

/// How far it is, on standard error, where that is a terminal and there is something to wait for.
struct Progress {
    done: usize,
    of: usize,
    terminal: bool,
}

impl Progress {
    fn new(of: usize) -> Self {
        Self { done: 0, of, terminal: of > 1 && std::io::stderr().is_terminal() }
    }

    fn show(&self) -> Result<(), Failure> {
        self.write(&format!("\r{}/{}", self.done, self.of))
    }

    /// "Erase in line" (ECMA-48 section 8.3.41), so that a result does not stand behind it.
    fn clear(&self) -> Result<(), Failure> {
        self.write("\r\u{1b}[K")
    }

    fn write(&self, text: &str) -> Result<(), Failure> {
        if self.terminal {
            let mut stderr = std::io::stderr().lock();
            stderr.write_all(text.as_bytes())?;
            stderr.flush()?;
        }
        Ok(())
    }
}

fn text_of(file: &Path) -> Result<String, Failure> {
    let unreadable = |error: std::io::Error| {
        Failure::usage(format!("{} cannot be read: {error}", file.display()))
    };
    let mut text = String::new();
    let read = if file == Path::new("-") {
        std::io::stdin().lock().take(LONGEST).read_to_string(&mut text)
    } else {
        std::fs::File::open(file).map_err(unreadable)?.take(LONGEST).read_to_string(&mut text)
    };
    let read = read.map_err(unreadable)?;
    if read as u64 == LONGEST {
        return Err(Failure::usage(format!(
            "{} is longer than {} MiB; cut it up",
            file.display(),
            LONGEST / 1024 / 1024
        )));
    }
    Ok(text)
}

/// Domains looked at at the same time: enough that slow ones hold up none, few enough that no name
/// server takes it for an attack.
const AT_ONCE: usize = 32;
/// Domains in hand at most, those that are done and wait for one before them included.
const AHEAD: usize = 512;
/// How often progress is shown.
const TICK: Duration = Duration::from_millis(250);
/// The longest list, in bytes: half a million names.
const LONGEST: u64 = 16 * 1024 * 1024;
