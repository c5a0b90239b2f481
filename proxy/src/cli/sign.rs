use std::io::Write;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use mail::{Address, Message};

use super::{Failure, Outcome, card, copy, open_vault, scan, settings};

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The mail file; - is standard input.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The account whose identity signs; needed where there is more than one.
    #[arg(long, value_name = "ADDRESS")]
    account: Option<String>,
    /// Where to write; default: standard output.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    pin: card::PinArgument,
}

/// `zorgzegel sign`.
pub(crate) fn run(config: Option<&Path>, arguments: &Arguments) -> Result<Outcome, Failure> {
    let settings = settings(config)?;
    let account = match (&arguments.account, settings.accounts.as_slice()) {
        (Some(text), _) => Address::parse(text).map_err(Failure::usage)?,
        (None, [only]) => only.address.clone(),
        (None, _) => {
            return Err(Failure::usage("say which identity signs: --account ADDRESS"));
        }
    };
    let message = Message::new(scan::read(&arguments.file)?);
    let vault = open_vault(&settings)?;
    let now = Timestamp::now();
    let from = cades::author(&message).ok();
    let cards = card::unlocked(&settings, &vault, (&account, from.as_ref()), arguments.pin)?;
    let with = (&cards, engine::cards::padding(&settings));
    let signer = engine::cards::signer(&vault, with, &account, &message, now);
    let signer = signer.map_err(Failure::failed)?;
    let mut seed = [0; 16];
    aws_lc_rs::rand::fill(&mut seed).map_err(|_| Failure::failed("no random numbers"))?;
    let signed = cades::sign(&message, None, &*signer, now, seed).map_err(Failure::failed)?;
    match &arguments.out {
        Some(path) => copy::write(path, &signed)?,
        None => std::io::stdout().lock().write_all(&signed)?,
    }
    Ok(Outcome::Holds)
}
