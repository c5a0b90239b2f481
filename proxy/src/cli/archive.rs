use std::path::{Path, PathBuf};

use copies::{About, Source};
use jiff::Timestamp;
use nta7516::proof::Proof;
use serde::Deserialize;
use vault::archive::{ArchiveId, Archived};
use vault::journal::Entry;

use super::copy::{self, Folder};
use super::{Failure, Outcome, open_vault, say, say_json, settings};

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Lists the copies of what was sent.
    List {
        /// Prints a line of JSON for each.
        #[arg(long)]
        json: bool,
        /// Prints CSV, for a spreadsheet.
        #[arg(long, conflicts_with = "json")]
        csv: bool,
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
}

/// `zorgzegel archive`.
pub(crate) fn run(config: Option<&Path>, command: &Command) -> Result<Outcome, Failure> {
    let settings = settings(config)?;
    let vault = open_vault(&settings)?;
    match command {
        Command::List { csv: true, .. } => list_csv(&vault)?,
        Command::List { json, .. } => {
            for copy in vault.list_copies()? {
                if *json {
                    say_json(&copy)?;
                } else {
                    let when = copy.meta.sent_at.strftime("%Y-%m-%d %H:%M UTC");
                    let to = recipients(&copy);
                    say(format_args!("{}  {when}  {to}  {}", copy.id, copy.meta.subject))?;
                }
            }
        }
        Command::Show { id } => {
            let message = vault.read_copy(parse(id)?)?;
            std::io::Write::write_all(&mut std::io::stdout().lock(), message.bytes())?;
        }
        Command::Export { id, out, pdf, xml } => {
            let language = copy::language(settings.desktop.language);
            export(&vault, id, out, Forms { pdf: *pdf, xml: *xml, language })?;
        }
    }
    Ok(Outcome::Holds)
}

fn list_csv(vault: &vault::Vault) -> Result<(), Failure> {
    let copies = vault.list_copies()?;
    let rows = copies.iter().map(|copy| {
        let when = copy.meta.sent_at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        [copy.id.to_string(), when, recipients(copy), copy.meta.subject.clone()]
    });
    let text = copies::csv(&["id", "sent_at", "recipients", "subject"], rows);
    Ok(std::io::Write::write_all(&mut std::io::stdout().lock(), text.as_bytes())?)
}

fn recipients(copy: &Archived) -> String {
    let to: Vec<String> = copy.meta.recipients.iter().map(ToString::to_string).collect();
    to.join(", ")
}

/// What is exported besides the message.
#[derive(Clone, Copy)]
struct Forms {
    pdf: bool,
    xml: bool,
    language: copies::Language,
}

fn export(vault: &vault::Vault, id: &str, out: &Path, forms: Forms) -> Result<(), Failure> {
    let id = parse(id)?;
    let kept = vault.copy(id)?.ok_or_else(|| {
        Failure::failed("there is no copy of this id; `zorgzegel archive list` shows them")
    })?;
    let message = vault.read_copy(id)?;
    let proofs: Vec<Proof> =
        kept.meta.proofs.iter().filter_map(|one| Proof::deserialize(one).ok()).collect();
    let about = About::new("Zorgzegel", Timestamp::now(), forms.language).proved(&proofs);
    let source = Source { message: &message, about: &about };
    let mut files = vec![("eml", message.bytes().to_vec())];
    if forms.pdf {
        files.push(("pdf", copy::pdf(&source)?));
    }
    if forms.xml {
        let xml = copies::xml(&source);
        files.push(("xml", xml.map_err(|error| copy::told(&error, forms.language))?));
    }
    for path in Folder::open(out, forms.language)?.write(&id.to_string(), &files)? {
        say(path.display())?;
    }
    let format = "export".to_owned();
    vault.append(&Entry::CopyWritten { id: id.to_string(), format }, Timestamp::now())?;
    Ok(())
}

fn parse(id: &str) -> Result<ArchiveId, Failure> {
    id.parse().map_err(Failure::usage)
}
