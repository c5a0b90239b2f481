use std::path::Path;

use engine::sent;
use nta7516::proof::Proof;
use vault::archive::ArchiveId;

use super::{Failure, Outcome, open_vault, say, say_json, settings};

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The id that the 250 said, or that `archive list` shows.
    #[arg(value_name = "ID")]
    id: String,
    /// Prints JSON: a list, one proof a recipient.
    #[arg(long)]
    json: bool,
}

/// `zorgzegel proof`: exit 1 where nothing was attempted with this message.
pub(crate) fn run(config: Option<&Path>, arguments: &Arguments) -> Result<Outcome, Failure> {
    let id: ArchiveId = arguments.id.parse().map_err(Failure::usage)?;
    let vault = open_vault(&settings(config)?)?;
    let held = match vault.get(id.held()) {
        Ok(held) => held,
        Err(vault::VaultError::UnknownMessage { .. }) => return none(arguments.json),
        Err(error) => return Err(error.into()),
    };
    let proofs: Vec<Proof> = held.recipients.iter().filter_map(sent::proof).collect();
    if proofs.is_empty() {
        return none(arguments.json);
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
            say(format_args!("{}: {}", told.label.nl, told.text.nl))?;
        }
    }
    Ok(Outcome::Holds)
}

fn none(json: bool) -> Result<Outcome, Failure> {
    if json {
        say("[]")?;
    } else {
        say("Er is geen bewijs: met dit bericht is niets geprobeerd, of het is er niet.")?;
    }
    Ok(Outcome::Not)
}
