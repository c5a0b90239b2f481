use std::path::Path;

use vault::journal::JournalState;

use super::{Failure, Outcome, open_vault, say, say_json, settings};

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Looks whether every line is as it was written; exit 1 where not.
    Verify {
        /// Prints JSON.
        #[arg(long)]
        json: bool,
    },
    /// Prints every line as JSON.
    Export,
}

/// `zorgzegel journal`.
pub(crate) fn run(config: Option<&Path>, command: &Command) -> Result<Outcome, Failure> {
    let vault = open_vault(&settings(config)?)?;
    match command {
        Command::Verify { json } => {
            let state = vault.verify_journal()?;
            let (outcome, words) = match &state {
                JournalState::Whole { entries } => {
                    (Outcome::Holds, format!("het logboek klopt: {entries} regels"))
                }
                JournalState::Broken { at, fault } => {
                    (Outcome::Not, format!("het logboek klopt niet vanaf regel {at}: {fault:?}"))
                }
            };
            if *json {
                say_json(&state)?;
            } else {
                say(words)?;
            }
            Ok(outcome)
        }
        Command::Export => {
            vault.export_journal()?.iter().try_for_each(say_json)?;
            Ok(Outcome::Holds)
        }
    }
}
