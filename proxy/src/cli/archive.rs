mod find;
mod recovery;

use std::path::{Path, PathBuf};

use copies::{Language, ProofLine, Source};
use jiff::Timestamp;
use nta7516::proof::Proof;
use serde::Deserialize;
use vault::archive::{ArchiveId, Archived};
use vault::journal::Entry;

use super::{Failure, Outcome, copy, open_vault, settings};

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
    /// Prints a copy as it was sent.
    Show {
        /// The id that `list` shows.
        id: String,
    },
    /// Writes a copy to a folder: the message as sent, and with --pdf and --xml its readable forms.
    Export {
        /// The id that `list` shows.
        id: String,
        /// The folder to write to.
        #[arg(long, default_value = ".", value_name = "DIR")]
        out: PathBuf,
        /// Also writes a PDF.
        #[arg(long)]
        pdf: bool,
        /// Also writes XML.
        #[arg(long)]
        xml: bool,
    },
    /// Destroys copies for good: their keys too.
    Delete {
        /// The ids that `list` shows.
        #[arg(required = true)]
        ids: Vec<String>,
        /// Does it. Without this it only says what would go.
        #[arg(long)]
        yes: bool,
    },
    /// Reads every copy and the journal, and says what is not as it was kept.
    Verify,
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
        Command::Delete { ids, yes } => return find::delete(&vault, ids, *yes),
        Command::Verify => return find::verify(&vault),
        Command::RecoveryKey => return recovery::make(&vault),
        Command::Restore { .. } => {}
        Command::Show { id } => {
            let message = vault.read_copy(parse(id)?)?;
            std::io::Write::write_all(&mut std::io::stdout().lock(), message.bytes())?;
        }
        Command::Export { id, out, pdf, xml } => export(&vault, id, out, *pdf, *xml)?,
    }
    Ok(Outcome::Holds)
}

fn export(vault: &vault::Vault, id: &str, out: &Path, pdf: bool, xml: bool) -> Result<(), Failure> {
    let id = parse(id)?;
    let kept = vault.copy(id)?.ok_or_else(|| {
        Failure::failed("there is no copy of this id; `zorgzegel archive list` shows them")
    })?;
    let message = vault.read_copy(id)?;
    std::fs::create_dir_all(out)?;
    copy::write(&out.join(format!("{id}.eml")), message.bytes())?;
    let source = Source {
        message: &message,
        proof: proof(&kept),
        made_at: Timestamp::now(),
        made_by: "Zorgzegel".to_owned(),
        language: Language::Dutch,
    };
    if pdf {
        let bytes = copies::pdf(&source).map_err(Failure::failed)?;
        copy::write(&out.join(format!("{id}.pdf")), &bytes)?;
    }
    if xml {
        let bytes = copies::xml(&source).map_err(Failure::failed)?;
        copy::write(&out.join(format!("{id}.xml")), &bytes)?;
    }
    let format = "export".to_owned();
    vault.append(&Entry::CopyWritten { id: id.to_string(), format }, Timestamp::now())?;
    Ok(())
}

fn parse(id: &str) -> Result<ArchiveId, Failure> {
    id.parse().map_err(Failure::usage)
}

/// What was proved on the way, in lines.
fn proof(kept: &Archived) -> Vec<ProofLine> {
    let proofs = kept.meta.proofs.iter().filter_map(|one| Proof::deserialize(one).ok());
    let lines = proofs.flat_map(|proof| proof.told());
    lines.map(|told| ProofLine { label: told.label.nl, text: told.text.nl }).collect()
}
