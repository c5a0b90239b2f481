use std::io::Read as _;
use std::path::{Path, PathBuf};

use cades::KeyKind;
use engine::identities::{IdentityCard, IdentityError, Place, Purpose, Status, Wish};
use jiff::Timestamp;
use mail::{Address, days};
use settings::Settings;
use vault::VaultError;
use zeroize::Zeroizing;

use super::{Failure, LanguageArgument, Outcome, card, copy, open_vault, say, say_json, settings};

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
    /// Makes a key, kept in the keyring, and a request (PKCS #10) for an issuer to sign.
    Request(RequestArguments),
    /// Takes the issuer's answer to a request: PEM, DER, or PKCS #7 with the whole chain.
    Install {
        /// The file; - for standard input.
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Takes over a key and its certificates from a file: .p12, .pfx or PEM.
    Import {
        /// The file; - for standard input, where no password is read from it.
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// The account's address; may be left out where there is one account.
        address: Option<String>,
        /// Reads the file's password from standard input, one line; else it is asked for where the
        /// file wants one.
        #[arg(long)]
        password_stdin: bool,
    },
    /// Lists the identities, and the requests that wait for an answer.
    List {
        /// Prints a line of JSON for each.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        language: LanguageArgument,
    },
    /// Writes the certificates, never the key, as PEM.
    Export {
        /// The account's address; may be left out where there is one account.
        address: Option<String>,
        /// Which identity, by its id or the beginning of it; default: the one that signs.
        #[arg(long)]
        id: Option<String>,
        /// The file to write.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Removes an identity, or a request that waits, with its key.
    Remove {
        /// Its id, or the beginning of it.
        id: String,
    },
    /// Smart cards and tokens: lists them, registers a certificate on one, gives the PIN.
    #[command(subcommand)]
    Card(card::Command),
    /// Notes what an issuer says in a revocation list or OCSP answer: what is revoked signs no more.
    Status {
        /// The file: DER or PEM.
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// Certificates of issuers (DER or PEM) that help to check it; may be given more than once.
        #[arg(long, value_name = "FILE")]
        issuer: Vec<PathBuf>,
    },
}

#[derive(Debug, clap::Args)]
pub(crate) struct RequestArguments {
    /// The account's address; may be left out where there is one account.
    address: Option<String>,
    /// The kind of key.
    #[arg(long, value_enum, default_value_t = Key::P256)]
    key: Key,
    /// The name in the certificate: who signs.
    #[arg(long)]
    name: String,
    /// The organisation in the certificate.
    #[arg(long)]
    organisation: Option<String>,
    /// What the certificate is to allow.
    #[arg(long = "for", value_enum, default_value_t = For::Sign)]
    purpose: For,
    /// The file to write the request to; default: standard output.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
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

impl From<Key> for KeyKind {
    fn from(key: Key) -> Self {
        match key {
            Key::P256 => Self::P256,
            Key::P384 => Self::P384,
            Key::Rsa3072 => Self::Rsa3072,
            Key::Rsa4096 => Self::Rsa4096,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum For {
    /// To sign mail.
    Sign,
    /// To sign mail, and to be written to in secret.
    SignAndEncrypt,
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
        Command::Request(arguments) => request(&settings, arguments),
        Command::Install { file } => install(&settings, file),
        Command::Import { file, address, password_stdin } => {
            import(&settings, &account(&settings, address.as_deref())?, file, *password_stdin)
        }
        Command::List { json, language } => list(&settings, *json, *language),
        Command::Export { address, id, out } => {
            export(&settings, &account(&settings, address.as_deref())?, id.as_deref(), out)
        }
        Command::Remove { id } => {
            open_vault(&settings)?.remove_identity(id, Timestamp::now()).map_err(refused)?;
            say(format_args!("{id} is verwijderd, met de sleutel."))?;
            Ok(Outcome::Holds)
        }
        Command::Card(command) => card::run(&settings, command),
        Command::Status { file, issuer } => status(&settings, file, issuer),
    }
}

fn create(
    settings: &Settings,
    address: &Address,
    key: Key,
    name: Option<&str>,
    years: u8,
) -> Result<Outcome, Failure> {
    let (vault, text) = (open_vault(settings)?, address.to_string());
    let name = name.unwrap_or(&text);
    let made = vault.create_identity(address, key.into(), name, years, Timestamp::now());
    say(format_args!(
        "identiteit {} voor {address} gemaakt; de sleutel staat in de sleutelbos van dit systeem.\n\
         Het certificaat is zelf ondertekend: om uit te proberen. Ontvangers vertrouwen het pas als u \
         het hun geeft.",
        made.map_err(refused)?
    ))?;
    Ok(Outcome::Holds)
}

fn request(settings: &Settings, arguments: &RequestArguments) -> Result<Outcome, Failure> {
    let address = account(settings, arguments.address.as_deref())?;
    let wish = Wish {
        kind: arguments.key.into(),
        name: arguments.name.clone(),
        organisation: arguments.organisation.clone(),
        purpose: match arguments.purpose {
            For::Sign => Purpose::Sign,
            For::SignAndEncrypt => Purpose::SignAndEncrypt,
        },
    };
    let vault = open_vault(settings)?;
    let made = vault.request_identity(&address, &wish, Timestamp::now()).map_err(refused)?;
    let Some(out) = &arguments.out else {
        say(format_args!("{}", made.pem.trim_end()))?;
        return Ok(Outcome::Holds);
    };
    copy::write(out, made.pem.as_bytes())?;
    say(format_args!(
        "aanvraag {} voor {address} gemaakt; de sleutel wacht in de sleutelbos van dit systeem.\n\
         Geef {} aan de uitgever, en het antwoord aan: zorgzegel identity install BESTAND",
        made.id,
        out.display()
    ))?;
    Ok(Outcome::Holds)
}

fn install(settings: &Settings, file: &Path) -> Result<Outcome, Failure> {
    let answer = read(file)?;
    let vault = open_vault(settings)?;
    let now = Timestamp::now();
    let id = vault.install_identity(&answer, now).map_err(refused)?;
    let cards = vault.identity_cards(now).map_err(refused)?;
    say(format_args!("identiteit {id} geïnstalleerd."))?;
    if let Some(card) = cards.iter().find(|card| card.id == id) {
        say(format_args!("{}", card.seen_by_recipients.nl))?;
    }
    Ok(Outcome::Holds)
}

fn import(
    settings: &Settings,
    address: &Address,
    file: &Path,
    password_stdin: bool,
) -> Result<Outcome, Failure> {
    if password_stdin && file == Path::new("-") {
        return Err(Failure::usage("file and password cannot both come from standard input"));
    }
    let bytes = read(file)?;
    let given = match password_stdin {
        true => Some(line_of_stdin()?),
        false => None,
    };
    let vault = open_vault(settings)?;
    let take =
        |password: Option<&str>| vault.import_identity(address, &bytes, password, Timestamp::now());
    let taken = match take(given.as_ref().map(|line| line.as_str())) {
        Err(VaultError::Identity(IdentityError::PasswordNeeded)) if file != Path::new("-") => {
            let asked = rpassword::prompt_password("Wachtwoord van het bestand: ");
            let asked = Zeroizing::new(asked.map_err(|_| refused(IdentityError::PasswordNeeded))?);
            take(Some(asked.as_str()))
        }
        other => other,
    };
    say(format_args!(
        "identiteit {} voor {address} overgenomen; de sleutel staat in de sleutelbos van dit systeem.\n\
         Bewaar of vernietig het bestand: de sleutel staat er ook in.",
        taken.map_err(refused)?
    ))?;
    Ok(Outcome::Holds)
}

fn list(settings: &Settings, json: bool, language: LanguageArgument) -> Result<Outcome, Failure> {
    let vault = open_vault(settings)?;
    let dutch = language.or(settings) == settings::Language::Dutch;
    for card in vault.identity_cards(Timestamp::now())? {
        if json {
            say_json(&card)?;
        } else {
            tell(&card, dutch)?;
        }
    }
    for request in vault.requests()? {
        let card = engine::identities::RequestCard::of(&request);
        if json {
            say_json(&serde_json::json!({ "request": card }))?;
        } else {
            let waits = if dutch { "wacht op de uitgever" } else { "waits for its issuer" };
            say(format_args!("{}  {}  {waits}", card.id, card.account))?;
        }
    }
    Ok(Outcome::Holds)
}

fn tell(card: &IdentityCard, dutch: bool) -> Result<(), Failure> {
    let pick = |nl: &'static str, en: &'static str| if dutch { nl } else { en };
    let days = match (card.days_left, dutch) {
        (Some(..0), _) => pick("verlopen", "expired").to_owned(),
        (Some(days), true) => format!("nog {days} dagen"),
        (Some(days), false) => format!("{days} days left"),
        (None, _) => pick("zonder eind", "without end").to_owned(),
    };
    let place = match &card.place {
        Place::Card { .. } => pick("pas", "card"),
        _ => pick("sleutelbos", "keyring"),
    };
    let vouched = match card.trying_out {
        true => pick("om uit te proberen", "for trying out").to_owned(),
        false => card.issuer.clone(),
    };
    say(format_args!(
        "{}  {}  {}  {}  {days}  {place}  {vouched}",
        card.id,
        card.addresses.join(","),
        card.kind,
        card.subject
    ))?;
    let standing = if dutch { card.standing.nl() } else { card.standing.en() };
    match standing {
        Some(sentence) => say(format_args!("    {sentence}")),
        None => Ok(()),
    }
}

fn export(
    settings: &Settings,
    address: &Address,
    id: Option<&str>,
    out: &Path,
) -> Result<Outcome, Failure> {
    let vault = open_vault(settings)?;
    let own = vault.identity_cards(Timestamp::now())?;
    let own = own.into_iter().filter(|one| one.account.is_same_mailbox(address));
    // The one that signs; where none does, the newest.
    let own = own.max_by_key(|one| one.signs_for_account).map(|one| one.id);
    let id = id.map(str::to_owned).or(own).ok_or_else(|| {
        Failure::failed(format!("{address} has no identity; make one: zorgzegel identity create"))
    })?;
    copy::write(out, vault.export_identity(&id).map_err(refused)?.as_bytes())?;
    Ok(Outcome::Holds)
}

fn status(settings: &Settings, file: &Path, issuers: &[PathBuf]) -> Result<Outcome, Failure> {
    let told = read(file)?;
    let mut chain = Vec::new();
    for issuer in issuers {
        chain.extend(engine::identities::certificates(&read(issuer)?).map_err(refused)?);
    }
    let vault = open_vault(settings)?;
    let noted =
        vault.note_status((&told, &chain), Status::after, Timestamp::now()).map_err(refused)?;
    let mut outcome = Outcome::Holds;
    for (identity, status) in noted {
        let word = match status {
            Status::Revoked(revoked) => {
                outcome = Outcome::Not;
                format!("op {} ingetrokken ({})", days::dutch(revoked.since), revoked.reason.nl())
            }
            _ => "niet ingetrokken".to_owned(),
        };
        say(format_args!("{}  {}  {word}", identity.id, identity.account))?;
    }
    Ok(outcome)
}

/// What a person can put right is usage; what failed on the way is a failure.
fn refused(error: impl Into<VaultError>) -> Failure {
    match error.into() {
        VaultError::Identity(error) => Failure::usage(error),
        other => Failure::failed(other),
    }
}

fn read(file: &Path) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let unreadable = |error| Failure::usage(format!("{}: {error}", file.display()));
    if file != Path::new("-") {
        return std::fs::read(file).map(Zeroizing::new).map_err(unreadable);
    }
    let mut bytes = Zeroizing::new(Vec::new());
    std::io::stdin().read_to_end(&mut bytes).map_err(unreadable)?;
    Ok(bytes)
}

/// One line, without its end; a password may have blanks.
fn line_of_stdin() -> Result<Zeroizing<String>, Failure> {
    let mut line = Zeroizing::new(String::new());
    std::io::stdin().read_line(&mut line)?;
    let length = line.trim_end_matches(['\r', '\n']).len();
    line.truncate(length);
    Ok(line)
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
