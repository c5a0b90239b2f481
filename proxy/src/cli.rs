//! The command line `zorgzegel`: arguments in, lines and exit codes out.
//!
//! The names of commands, the JSON and the exit codes are a contract that scripts use: 0 it holds,
//! 1 a negative answer, 2 usage or settings, 3 something failed.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand, ValueEnum};
use settings::{Language, Settings};

mod account;
mod archive;
mod card;
mod check;
mod choose;
mod copy;
mod dismissals;
mod domain_key;
mod dossier;
mod identity;
mod incoming;
mod journal;
mod proof;
mod record;
mod run;
mod scan;
mod sign;
mod stop;
mod verify;

pub use stop::told_to_end;

/// Zorgzegel: veilige mail voor zorgverleners, over NTA 7516.
#[derive(Debug, Parser)]
#[command(name = "zorgzegel", version, about, long_about = None)]
struct Arguments {
    /// The settings file; default: zorgzegel.toml in your config folder.
    #[arg(long, global = true, env = "ZORGZEGEL_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Runs the engine until it is interrupted; prints a line for each listener when ready.
    Run,
    /// Shows the whole job on this machine alone, with servers of its own.
    Demo,
    /// Adds, lists, tests and removes mail accounts.
    #[command(subcommand)]
    Account(account::Command),
    /// Makes, lists and exports identities: a key in the keyring and its certificate.
    #[command(subcommand)]
    Identity(identity::Command),
    /// Shows what waits for your choice, is on its way, or failed.
    Pending(choose::PendingArguments),
    /// Says what is to happen with a held message.
    Choose(choose::ChooseArguments),
    /// Offers a message to the patient record, under the patient whom you name.
    Dossier(dossier::Arguments),
    /// Lists and forgets the findings that were called wrong in the window.
    #[command(subcommand)]
    Dismissals(dismissals::Command),
    /// Shows what the detector finds in mail files.
    Scan(scan::Arguments),
    /// Tells whether health mail may go to a domain, step by step.
    Check(check::Arguments),
    /// Writes the TXT record to publish, or checks one.
    Record(record::Arguments),
    /// Signs a mail file with your identity (CAdES-BES in S/MIME).
    Sign(sign::Arguments),
    /// Judges the signatures of a mail file or of a signature (CAdES-BES, S/MIME).
    Verify(verify::Arguments),
    /// Lists what came in and claimed to be NTA mail or signed, with what is true of it.
    Incoming(incoming::Arguments),
    /// Writes own copies of a mail file as PDF and XML.
    Copy(copy::Arguments),
    /// Verifies or exports the journal.
    #[command(subcommand)]
    Journal(journal::Command),
    /// Tells what was seen and checked when a message was handed over, recipient by recipient.
    Proof(proof::Arguments),
    /// Lists, shows and exports the copies of what was sent.
    #[command(subcommand)]
    Archive(archive::Command),
}

/// In which language a command answers.
#[derive(Debug, Clone, Copy, clap::Args)]
pub(crate) struct LanguageArgument {
    /// The language of the answer; default: that of the settings.
    #[arg(long, value_enum, value_name = "LANGUAGE")]
    lang: Option<LanguageCode>,
}

/// The languages, by their codes (ISO 639-1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum LanguageCode {
    /// Dutch.
    Nl,
    /// English.
    En,
}

impl LanguageArgument {
    /// The language that was asked for, else that of the settings.
    pub(crate) fn or(self, settings: &Settings) -> Language {
        match self.lang {
            Some(LanguageCode::Nl) => Language::Dutch,
            Some(LanguageCode::En) => Language::English,
            None => settings.desktop.language,
        }
    }
}

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// What was asked holds, or was done.
    Holds,
    /// The answer is no.
    Not,
}

/// Why a command ended without an answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The command or the settings are not right; exit code 2.
    #[error("{0}")]
    Usage(String),
    /// Something failed; exit code 3.
    #[error("{0}")]
    Failed(String),
}

impl Failure {
    pub(crate) fn usage(error: impl core::fmt::Display) -> Self {
        Self::Usage(error.to_string())
    }

    pub(crate) fn failed(error: impl core::fmt::Display) -> Self {
        Self::Failed(error.to_string())
    }
}

impl From<vault::VaultError> for Failure {
    fn from(error: vault::VaultError) -> Self {
        use vault::VaultError::{NotNow, UnknownMessage, UnknownRecipient};
        match error {
            // The sentence has the words of the window.
            NotNow { .. } | UnknownMessage { .. } | UnknownRecipient => {
                Self::failed(format_args!("{error} (here: `zorgzegel pending`)"))
            }
            error => Self::failed(error),
        }
    }
}

impl From<settings::SettingsError> for Failure {
    fn from(error: settings::SettingsError) -> Self {
        Self::usage(error)
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::failed(error)
    }
}

impl From<engine::error::EngineError> for Failure {
    fn from(error: engine::error::EngineError) -> Self {
        match error {
            engine::error::EngineError::Settings(error) => Self::usage(error),
            other => Self::failed(other),
        }
    }
}

impl From<engine::control::ControlError> for Failure {
    fn from(error: engine::control::ControlError) -> Self {
        Self::failed(error)
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        Self::failed(error)
    }
}

/// Runs the command line of this process.
#[must_use]
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run_command(&arguments) {
        Ok(Outcome::Holds) => ExitCode::SUCCESS,
        Ok(Outcome::Not) => ExitCode::from(1),
        Err(failure) => {
            let mut stderr = std::io::stderr().lock();
            let _ = writeln!(stderr, "zorgzegel: {failure}");
            ExitCode::from(match failure {
                Failure::Usage(_) => 2,
                Failure::Failed(_) => 3,
            })
        }
    }
}

fn run_command(arguments: &Arguments) -> Result<Outcome, Failure> {
    let config = arguments.config.as_deref();
    match &arguments.command {
        Command::Run => run::run(config),
        Command::Demo => crate::demo::run().map_err(Failure::failed).map(|()| Outcome::Holds),
        Command::Account(command) => account::run(config, command),
        Command::Identity(command) => identity::run(config, command),
        Command::Pending(arguments) => choose::pending(config, arguments),
        Command::Choose(arguments) => choose::choose(config, arguments),
        Command::Dossier(arguments) => dossier::run(config, arguments),
        Command::Dismissals(command) => dismissals::run(config, command),
        Command::Scan(arguments) => scan::run(config, arguments),
        Command::Check(arguments) => check::run(config, arguments),
        Command::Record(arguments) => record::run(config, arguments),
        Command::Sign(arguments) => sign::run(config, arguments),
        Command::Verify(arguments) => verify::run(config, arguments),
        Command::Incoming(arguments) => incoming::run(config, arguments),
        Command::Copy(arguments) => copy::run(config, arguments),
        Command::Proof(arguments) => proof::run(config, arguments),
        Command::Journal(command) => journal::run(config, command),
        Command::Archive(command) => archive::run(config, command),
    }
}

/// The settings file that this command uses.
pub(crate) fn settings_path(config: Option<&Path>) -> Result<PathBuf, Failure> {
    match config {
        Some(path) => Ok(path.to_owned()),
        None => Settings::default_path().ok_or_else(|| {
            Failure::usage("no home folder, so no place for settings; name a file with --config")
        }),
    }
}

/// The settings that this command uses.
pub(crate) fn settings(config: Option<&Path>) -> Result<Settings, Failure> {
    Ok(Settings::load(&settings_path(config)?)?)
}

/// Settings where there is a file, defaults where no file was named and none is there.
pub(crate) fn settings_or_default(config: Option<&Path>) -> Result<Settings, Failure> {
    let path = settings_path(config)?;
    if config.is_none() && !path.exists() {
        return Ok(Settings::parse("", &path)?);
    }
    Ok(Settings::load(&path)?)
}

/// The vault beside these settings, with the keyring of this user.
pub(crate) fn open_vault(settings: &Settings) -> Result<vault::Vault, Failure> {
    Ok(vault::Vault::open(&settings.data_dir, system_keyring())?)
}

/// The keyring of this user.
pub(crate) fn system_keyring() -> std::sync::Arc<dyn vault::keyring::Keyring> {
    std::sync::Arc::new(vault::keyring::SystemKeyring::new())
}

/// Lets a future run to its end.
pub(crate) fn wait<T>(future: impl Future<Output = T>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(Failure::failed)?;
    Ok(runtime.block_on(future))
}

/// Prints a line.
pub(crate) fn say(line: impl core::fmt::Display) -> Result<(), Failure> {
    writeln!(std::io::stdout().lock(), "{line}").map_err(Failure::failed)
}

/// Says on stderr what is not right, where the command goes on.
pub(crate) fn complain(line: impl core::fmt::Display) -> Result<(), Failure> {
    writeln!(std::io::stderr().lock(), "zorgzegel: {line}").map_err(Failure::failed)
}

/// Prints a value as one line of JSON.
pub(crate) fn say_json(value: &impl serde::Serialize) -> Result<(), Failure> {
    say(serde_json::to_string(value)?)
}

/// Puts the log on standard error at the level of the settings; `ZORGZEGEL_LOG` overrides it.
pub fn log_to_stderr(level: &str) {
    log_to(level, std::io::stderr);
}

/// Puts the log where `writer` leads, at the level of the settings; `ZORGZEGEL_LOG` overrides it.
pub fn log_to<W>(level: &str, writer: W)
where
    W: for<'a> tracing_subscriber::fmt::MakeWriter<'a> + Send + Sync + 'static,
{
    let filter = tracing_subscriber::EnvFilter::try_from_env("ZORGZEGEL_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new(level));
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr()))
        .with_writer(writer)
        .try_init();
}
