use std::path::{Path, PathBuf};

use cades::KeyKind;
use jiff::Timestamp;
use mail::Address;
use settings::Settings;

use super::{Failure, Outcome, copy, open_vault, say, say_json, settings};
use engine::identities;

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Makes a key, kept in the keyring, and a self-signed certificate to try out with.
    Create {
        /// The account's address; may be left out where there is one account.
        address: Option<String>,
        /// The kind of key.
        #[arg(long, value_enum, default_value_t = Key::P256)]
        key: Key,
        /// The name in the certificate; default: the address.
        #[arg(long)]
        name: Option<String>,
        /// How many years it is valid, at most 10.
        #[arg(long, default_value_t = 2)]
        years: u8,
    },
    /// Takes over a key and its certificates from a PEM file of an issuer.
    Import {
        /// The file: PRIVATE KEY (PKCS #8, not encrypted) and CERTIFICATE blocks; - for standard
        /// input.
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// The account's address; may be left out where there is one account.
        address: Option<String>,
    },
    /// Lists the identities.
    List {
        /// Prints a line of JSON for each.
        #[arg(long)]
        json: bool,
    },
    /// Writes the certificate, never the key, as PEM.
    Export {
        /// The account's address; may be left out where there is one account.
        address: Option<String>,
        /// The file to write.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Key {
    /// ECDSA on P-256.
    P256,
    /// ECDSA on P-384.
    P384,
    /// RSA with 3072 bits.
    Rsa3072,
    /// RSA with 4096 bits.
    Rsa4096,
}

/// `zorgzegel identity`.
pub(crate) fn run(config: Option<&Path>, command: &Command) -> Result<Outcome, Failure> {
    let settings = settings(config)?;
    match command {
        Command::Create { address, key, name, years } => create(
            &settings,
            &account(&settings, address.as_deref())?,
            *key,
            name.as_deref(),
            *years,
        ),
        Command::Import { file, address } => {
            import(&settings, &account(&settings, address.as_deref())?, file)
        }
        Command::List { json } => list(&settings, *json),
        Command::Export { address, out } => {
            export(&settings, &account(&settings, address.as_deref())?, out)
        }
    }
}

fn create(
    settings: &Settings,
    address: &Address,
    key: Key,
    name: Option<&str>,
    years: u8,
) -> Result<Outcome, Failure> {
    let kind = match key {
        Key::P256 => KeyKind::P256,
        Key::P384 => KeyKind::P384,
        Key::Rsa3072 => KeyKind::Rsa3072,
        Key::Rsa4096 => KeyKind::Rsa4096,
    };
    let vault = open_vault(settings)?;
    let text = address.to_string();
    let now = Timestamp::now();
    let new = cades::create_identity(kind, address, name.unwrap_or(&text), now, years)
        .map_err(Failure::failed)?;
    let identity = vault.add_identity(address, &new, now)?;
    say(format_args!(
        "identiteit {} voor {address} gemaakt; de sleutel staat in de sleutelbos van dit systeem.\n\
         Het certificaat is zelf ondertekend: om uit te proberen. Ontvangers vertrouwen het pas als u \
         het hun geeft.",
        identity.id
    ))?;
    Ok(Outcome::Holds)
}

fn import(settings: &Settings, address: &Address, file: &Path) -> Result<Outcome, Failure> {
    let unreadable = |error| Failure::usage(format!("{}: {error}", file.display()));
    let text = if file == Path::new("-") {
        std::io::read_to_string(std::io::stdin())
    } else {
        std::fs::read_to_string(file)
    };
    let pem = zeroize::Zeroizing::new(text.map_err(unreadable)?);
    let vault = open_vault(settings)?;
    let imported = identities::import(&vault, address, &pem, Timestamp::now());
    let id = imported.map_err(|error| match error {
        identities::ImportError::File(error) => Failure::usage(error),
        other => Failure::failed(other),
    })?;
    say(format_args!(
        "identiteit {id} voor {address} overgenomen; de sleutel staat in de sleutelbos van dit systeem.\n\
         Bewaar of vernietig het bestand: de sleutel staat er leesbaar in."
    ))?;
    Ok(Outcome::Holds)
}

fn list(settings: &Settings, json: bool) -> Result<Outcome, Failure> {
    for listed in identities::list(&open_vault(settings)?, Timestamp::now())? {
        if json {
            say_json(&listed)?;
        } else {
            say(format_args!(
                "{}  {}  {}  {}  nog {} dagen",
                listed.id, listed.account, listed.key, listed.subject, listed.days_left
            ))?;
        }
    }
    Ok(Outcome::Holds)
}

fn export(settings: &Settings, address: &Address, out: &Path) -> Result<Outcome, Failure> {
    let identities = open_vault(settings)?.identities()?;
    let own = identities.iter().rfind(|one| one.account.is_same_mailbox(address));
    let own = own.ok_or_else(|| {
        Failure::failed(format!("{address} has no identity; make one: zorgzegel identity create"))
    })?;
    let pem: String = own.chain.iter().map(|der| pem(der)).collect();
    copy::write(out, pem.as_bytes())?;
    Ok(Outcome::Holds)
}

fn pem(der: &[u8]) -> String {
    use base64::Engine as _;
    let text = base64::engine::general_purpose::STANDARD.encode(der);
    let lines: Vec<&str> =
        (0..text.len()).step_by(64).map(|at| &text[at..(at + 64).min(text.len())]).collect();
    format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", lines.join("\n"))
}

/// The account that is meant.
pub(super) fn account(settings: &Settings, address: Option<&str>) -> Result<Address, Failure> {
    match (address, settings.accounts.as_slice()) {
        (Some(text), _) => {
            let address =
                Address::parse(text).map_err(|error| Failure::usage(format!("{text}: {error}")))?;
            let known = settings.account(&address).ok_or_else(|| {
                Failure::usage(format!("{address} is no account in {}", settings.file.display()))
            })?;
            Ok(known.address)
        }
        (None, [only]) => Ok(only.address.clone()),
        (None, []) => {
            Err(Failure::usage("there is no account yet; add one: zorgzegel account add"))
        }
        (None, _) => Err(Failure::usage("there is more than one account; name its address")),
    }
}
