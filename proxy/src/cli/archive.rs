mod find;
mod recovery;

use core::ops::ControlFlow;
use std::io::Write;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use nta7516::proof::{Proof, Words};
use serde::Deserialize;
use serde_json::json;
use settings::Settings;
use shelf::{End, Forms, Lacking, Saving};
use vault::Vault;
use vault::archive::{ArchiveId, Archived};
use worker::Workers;

use super::copy;
use super::{Failure, LanguageArgument, Outcome, open_vault, say, say_json, settings};

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Lists the copies of what was sent and received, newest first.
    List(find::Wanted),
    /// Finds copies by words: each must stand in the copy or begin a word there.
    Search {
        /// The words.
        #[arg(required = true)]
        words: Vec<String>,
        #[command(flatten)]
        wanted: find::Wanted,
    },
    /// Prints a copy as it was sent; beside it, on standard error, what its way guarantees.
    Show {
        /// The id that `list` shows.
        id: String,
        #[command(flatten)]
        language: LanguageArgument,
    },
    /// Writes copies to a folder under names of day and subject: the message as it was, and with --pdf and
    /// --xml its readable forms. Nothing is overwritten.
    Export {
        /// The ids that `list` shows.
        #[arg(required_unless_present = "all")]
        ids: Vec<String>,
        /// All copies, into a new folder there, and a list of them as CSV.
        #[arg(long, conflicts_with = "ids")]
        all: bool,
        /// The folder to write to.
        #[arg(long, default_value = ".", value_name = "DIR")]
        out: PathBuf,
        /// Also writes a PDF.
        #[arg(long)]
        pdf: bool,
        /// Also writes XML.
        #[arg(long)]
        xml: bool,
        /// Prints the result as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Destroys copies for good: their keys too.
    Delete {
        /// The ids that `list` shows.
        #[arg(required = true)]
        ids: Vec<String>,
        /// Does it. Without this it only says what would go.
        #[arg(long)]
        yes: bool,
        /// Prints the result as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Shows the copies that are kept longer than `keep_years` says; nothing goes by itself.
    Expiring {
        /// Lets them go: they are destroyed 30 days from now, unless the setting is changed until then.
        #[arg(long)]
        agree: bool,
        /// Keeps after all what was let go and is there still.
        #[arg(long, conflicts_with = "agree")]
        keep: bool,
        /// Prints the result as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Reads every copy and the journal, and says what is not as it was kept.
    Verify {
        /// Prints the result as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Makes a recovery key: 18 words that open the data folder where the keyring was lost.
    RecoveryKey,
    /// Brings a data folder back from a copy of it, with the words of its recovery key.
    Restore {
        /// The folder that was copied; default: the data folder itself, where only the keyring was lost.
        #[arg(long, value_name = "DIR")]
        from: Option<PathBuf>,
        /// Reads the words from standard input.
        #[arg(long)]
        words_stdin: bool,
    },
}

/// `zorgzegel archive`.
pub(crate) fn run(config: Option<&Path>, command: &Command) -> Result<Outcome, Failure> {
    let settings = settings(config)?;
    if let Command::Restore { from, words_stdin } = command {
        return recovery::restore(&settings, from.as_deref(), *words_stdin);
    }
    let vault = open_vault(&settings)?;
    match command {
        Command::List(wanted) => return find::list(&vault, &[], wanted),
        Command::Search { words, wanted } => return find::list(&vault, words, wanted),
        Command::Delete { ids, yes, json } => return find::delete(&vault, ids, (*yes, *json)),
        Command::Expiring { agree, keep, json } => {
            return find::expiring(&vault, &settings, (*agree, *keep), *json);
        }
        Command::Verify { json } => return find::verify(&vault, *json),
        Command::RecoveryKey => return recovery::make(&vault),
        Command::Restore { .. } => {}
        Command::Show { id, language } => {
            let id = parse(id)?;
            let message = vault.read_copy(id)?;
            if let Some(kept) = vault.copy(id)? {
                tell_guarantees(&kept, language.or(&settings))?;
            }
            std::io::stdout().lock().write_all(message.bytes())?;
        }
        Command::Export { ids, all, out, pdf, xml, json } => {
            let ids = if *all { None } else { Some(ids.clone()) };
            let forms = Forms { pdf: *pdf, eml: true, xml: *xml };
            return export(&settings, &vault, ids, out, (forms, *json));
        }
    }
    Ok(Outcome::Holds)
}

/// What each way that it went guarantees, once; apart from the copy, whose bytes go to standard output
/// and nothing with them.
fn tell_guarantees(kept: &Archived, language: settings::Language) -> Result<(), Failure> {
    let mut told: Vec<Words> = Vec::new();
    for guarantee in proofs(kept).filter_map(|proof| proof.guarantee) {
        if !told.contains(&guarantee) {
            told.push(guarantee);
        }
    }
    let mut stderr = std::io::stderr().lock();
    for guarantee in told {
        match language {
            settings::Language::Dutch => writeln!(stderr, "Waarborg: {}", guarantee.nl)?,
            settings::Language::English => writeln!(stderr, "Guarantee: {}", guarantee.en)?,
        }
    }
    Ok(())
}

fn proofs(kept: &Archived) -> impl Iterator<Item = Proof> {
    kept.meta.proofs.iter().filter_map(|one| Proof::deserialize(one).ok())
}

/// `archive export`: what a window saves, in the same way. What is lacking is told on standard error.
fn export(
    settings: &Settings,
    vault: &Vault,
    ids: Option<Vec<String>>,
    out: &Path,
    (forms, json): (Forms, bool),
) -> Result<Outcome, Failure> {
    for id in ids.iter().flatten() {
        parse(id)?;
    }
    let language = shelf::language(settings.desktop.language);
    let folder = std::path::absolute(out)?.display().to_string();
    let (saving, workers) = (Saving { ids, folder, forms }, Workers::of_this_program());
    let on = |_, _| ControlFlow::Continue(());
    let saved = shelf::save(vault, settings, &workers, &saving, Timestamp::now(), on)
        .map_err(|error| copy::shelved(&error, language))?;
    if json {
        let (folder, files, lacking) = (&saved.folder, &saved.files, &saved.lacking);
        say_json(&json!({ "folder": folder, "files": files, "lacking": lacking }))?;
    } else {
        if saving.ids.is_none() {
            say(&saved.folder)?;
        }
        for file in &saved.files {
            say(Path::new(&saved.folder).join(file).display())?;
        }
    }
    let mut stderr = std::io::stderr().lock();
    for Lacking { id, name, why, .. } in &saved.lacking {
        writeln!(stderr, "{id}  {name}: {why}")?;
    }
    if let End::Broke { why } = saved.end {
        return Err(Failure::failed(why));
    }
    match saved.lacks {
        0 => Ok(Outcome::Holds),
        n => Err(Failure::failed(language.choose(
            format!("van {n} berichten is niet alles geschreven; zie hierboven"),
            format!("of {n} messages not all was written; see above"),
        ))),
    }
}

fn parse(id: &str) -> Result<ArchiveId, Failure> {
    id.parse().map_err(Failure::usage)
}
