use std::io::Read;
use std::path::{Path, PathBuf};

use engine::domain_key;
use mail::Domain;
use serde::Serialize;
use settings::{Dkim, Language};
use zeroize::Zeroizing;

use super::{Failure, LanguageArgument, Outcome, identity, open_vault, say, say_json, settings};

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The account's address; may be left out where there is one account.
    address: Option<String>,
    /// The selector: the name under which the key is published, of your own choice.
    #[arg(long, value_name = "NAME")]
    selector: String,
    /// The domain that signs; default: the domain of the address.
    #[arg(long, value_name = "DOMAIN")]
    domain: Option<String>,
    /// Takes over an RSA key (PEM, without a password) in place of one that is there; - is standard
    /// input.
    #[arg(long, value_name = "FILE", conflicts_with = "new")]
    import: Option<PathBuf>,
    /// Makes a new key in place of one that is there: what was published for it no longer fits.
    #[arg(long)]
    new: bool,
    #[command(flatten)]
    language: LanguageArgument,
    /// Prints JSON: {"name","text","zone"}.
    #[arg(long)]
    json: bool,
}

/// What is to be published.
#[derive(Debug, Serialize)]
struct Published {
    name: Domain,
    text: String,
    zone: String,
}

/// `zorgzegel account dkim`.
pub(crate) fn run(config: Option<&Path>, arguments: &Arguments) -> Result<Outcome, Failure> {
    let settings = settings(config)?;
    let address = identity::account(&settings, arguments.address.as_deref())?;
    let domain = |text: &String| {
        Domain::parse(text).map_err(|error| Failure::usage(format!("{text}: {error}")))
    };
    let dkim = Dkim {
        selector: domain(&arguments.selector)?,
        domain: arguments.domain.as_ref().map(domain).transpose()?,
    };
    let name = dkim.key(&address).map_err(Failure::usage)?;
    let own = arguments.import.as_deref().map(read).transpose()?;
    let vault = open_vault(&settings)?;
    let kept = match own.is_some() || arguments.new {
        true => None,
        false => domain_key::record(&vault, &name).map_err(Failure::failed)?,
    };
    let text = match kept {
        Some(text) => text,
        None => domain_key::keep(&vault, &name, own.as_ref().map(|own| own.as_slice()))
            .map_err(Failure::failed)?,
    };
    let zone = dkim::zone_line(&name, &text);
    if arguments.json {
        say_json(&Published { name, text, zone })?;
        return Ok(Outcome::Holds);
    }
    let own_domain =
        dkim.domain.map(|domain| format!(", domain = \"{domain}\"")).unwrap_or_default();
    let line = format!("dkim = {{ selector = \"{}\"{own_domain} }}", dkim.selector);
    match arguments.language.or(&settings) {
        Language::Dutch => say(format_args!(
            "De sleutel staat in de sleutelbos van dit systeem. Publiceer dit TXT-record:\n\n\
             {zone}\n\nZet, als het te zien is in DNS, bij het account van {address} in de \
             instellingen:\n\n{line}"
        ))?,
        Language::English => say(format_args!(
            "The key is in this system's keyring. Publish this TXT record:\n\n{zone}\n\nOnce it \
             can be seen in DNS, put this at the account of {address} in the settings:\n\n{line}"
        ))?,
    }
    Ok(Outcome::Holds)
}

fn read(file: &Path) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let mut bytes = Zeroizing::new(Vec::new());
    let opened = match file == Path::new("-") {
        true => std::io::stdin().lock().take(LONGEST_FILE).read_to_end(&mut bytes),
        false => std::fs::File::open(file)
            .and_then(|opened| opened.take(LONGEST_FILE).read_to_end(&mut bytes)),
    };
    opened.map_err(|error| Failure::usage(format!("{}: {error}", file.display())))?;
    Ok(bytes)
}

/// A key of 4096 bits takes 3.3 KB in PEM.
const LONGEST_FILE: u64 = 64 * 1024;
