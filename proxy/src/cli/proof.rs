use std::path::Path;

use engine::sent;
use nta7516::proof::Proof;
use settings::Language;
use vault::archive::ArchiveId;

use super::{Failure, LanguageArgument, Outcome, open_vault, say, say_json, settings};

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The id that the 250 said, or that `archive list` shows.
    #[arg(value_name = "ID")]
    id: String,
    #[command(flatten)]
    language: LanguageArgument,
    /// Prints JSON: a list, one proof a recipient.
    #[arg(long)]
    json: bool,
}

/// `zorgzegel proof`: exit 1 where nothing was attempted with this message.
pub(crate) fn run(config: Option<&Path>, arguments: &Arguments) -> Result<Outcome, Failure> {
    let id: ArchiveId = arguments.id.parse().map_err(Failure::usage)?;
    let settings = settings(config)?;
    let language = arguments.language.or(&settings);
    let vault = open_vault(&settings)?;
    let held = match vault.get(id.held()) {
        Ok(held) => held,
        Err(vault::VaultError::UnknownMessage { .. }) => return none(arguments.json, language),
        Err(error) => return Err(error.into()),
    };
    let proofs: Vec<Proof> = held.recipients.iter().filter_map(sent::proof).collect();
    if proofs.is_empty() {
        return none(arguments.json, language);
    }
    if arguments.json {
        say_json(&proofs)?;
        return Ok(Outcome::Holds);
    }
    for (at, proof) in proofs.iter().enumerate() {
        if at > 0 {
            say("")?;
        }
        for told in proof.told() {
            match language {
                Language::Dutch => say(format_args!("{}: {}", told.label.nl, told.text.nl))?,
                Language::English => say(format_args!("{}: {}", told.label.en, told.text.en))?,
            }
        }
    }
    Ok(Outcome::Holds)
}

fn none(json: bool, language: Language) -> Result<Outcome, Failure> {
    say(match (json, language) {
        (true, _) => "[]",
        (false, Language::Dutch) => {
            "Er is geen bewijs: met dit bericht is niets geprobeerd, of het is er niet."
        }
        (false, Language::English) => {
            "There is no proof: nothing was tried with this message, or it is not there."
        }
    })?;
    Ok(Outcome::Not)
}
