use std::io::BufRead;
use std::path::Path;

use jiff::Timestamp;
use mail::Address;
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use serde_json::json;
use settings::{
    self, Account, Auth, Credential, Destination, Dossier, Endpoint, Route, Settings, Tls,
};
use vault::outbox::HeldMessage;

use super::{
    Failure, Outcome, identity, open_vault, say, say_json, settings, settings_path, system_keyring,
    wait,
};
use engine::Engine;
use engine::control::{Request, ask};
use engine::provider;
use engine::retrieval::{self, NoUpstream};
use net::tls::Met;

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Adds an account and keeps its password in the keyring; prints the local password once.
    Add(Box<Add>),
    /// Lists the accounts.
    List {
        /// Prints a line of JSON for each.
        #[arg(long)]
        json: bool,
    },
    /// Connects to the provider and logs in; sends nothing.
    Test {
        /// The account's address; may be left out where there is one account.
        address: Option<String>,
        /// Prints a line of JSON for each protocol.
        #[arg(long)]
        json: bool,
    },
    /// Makes the DKIM key of an account's domain, or takes one over, and prints the TXT record to
    /// publish. A key that is there stays.
    Dkim(super::domain_key::Arguments),
    /// Keeps the token with which the account's record system admits us; reads it from standard input.
    DossierToken {
        /// The account's address.
        address: String,
        /// Which record system of the account; default: the one without a name of its own.
        #[arg(long, value_name = "NAME")]
        record: Option<String>,
    },
    /// Removes an account and its passwords; what was sent stays in the archive.
    Remove {
        /// The account's address.
        address: String,
    },
}

/// An account that stands in the settings already needs only its address here.
#[derive(Debug, clap::Args)]
pub(crate) struct Add {
    /// The mail address.
    #[arg(value_name = "ADDRESS", required_unless_present = "address_option")]
    address: Option<String>,
    /// The same, as an option.
    #[arg(long = "address", value_name = "ADDRESS", id = "address_option")]
    address_option: Option<String>,
    /// The provider's submission server.
    #[arg(long, value_name = "HOST")]
    smtp_host: Option<String>,
    /// Its port; default 587, or 465 with --smtp-tls implicit.
    #[arg(long, value_name = "PORT")]
    smtp_port: Option<u16>,
    /// How TLS starts.
    #[arg(long, value_enum, default_value_t = TlsWord::Starttls)]
    smtp_tls: TlsWord,
    /// How to log in.
    #[arg(long, value_enum, default_value_t = AuthWord::Auto)]
    smtp_auth: AuthWord,
    /// The name to log in with; default: the address.
    #[arg(long, value_name = "NAME")]
    username: Option<String>,
    /// The provider's IMAP server.
    #[arg(long, value_name = "HOST")]
    imap_host: Option<String>,
    /// Its port; default 993, or 143 with --imap-tls starttls.
    #[arg(long, value_name = "PORT")]
    imap_port: Option<u16>,
    /// How TLS starts there.
    #[arg(long, value_enum, default_value_t = TlsWord::Implicit)]
    imap_tls: TlsWord,
    /// How to log in there.
    #[arg(long, value_enum, default_value_t = AuthWord::Auto)]
    imap_auth: AuthWord,
    /// A way for safe mail, best first; may be given again.
    #[arg(long = "route", value_enum, value_name = "ROUTE")]
    routes: Vec<RouteWord>,
    /// The provider's mark as an NTA supplier.
    #[arg(long, value_name = "MARK")]
    provider: Option<String>,
    /// The name to greet mail servers with.
    #[arg(long, value_name = "NAME")]
    helo: Option<String>,
    /// The patient record: a folder, or the https:// address of a FHIR server.
    #[arg(long, value_name = "DIR-OR-URL")]
    dossier: Option<String>,
    /// The id under which the provider writes Authentication-Results.
    #[arg(long, value_name = "ID")]
    authserv_id: Option<String>,
    /// Reads the provider's password from standard input, one line.
    #[arg(long)]
    password_stdin: bool,
    /// Reads the gateway's password from standard input, one line, after the provider's.
    #[arg(long)]
    gateway_password_stdin: bool,
    /// Makes a new local password where there is one already.
    #[arg(long)]
    new_local_password: bool,
    /// Prints JSON: {"address","local_password"}.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum TlsWord {
    Starttls,
    Implicit,
    None,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum AuthWord {
    Auto,
    CramMd5,
    Plain,
    Login,
    None,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum RouteWord {
    Direct,
    Provider,
    Gateway,
}

impl TlsWord {
    fn tls(self) -> Tls {
        match self {
            Self::Starttls => Tls::StartTls,
            Self::Implicit => Tls::Implicit,
            Self::None => Tls::None,
        }
    }
}

impl AuthWord {
    fn auth(self) -> Auth {
        match self {
            Self::Auto => Auth::Auto,
            Self::CramMd5 => Auth::CramMd5,
            Self::Plain => Auth::Plain,
            Self::Login => Auth::Login,
            Self::None => Auth::None,
        }
    }
}

#[derive(Debug, Serialize)]
struct Added {
    address: String,
    local_password: Option<String>,
}

/// `zorgzegel account`.
pub(crate) fn run(config: Option<&Path>, command: &Command) -> Result<Outcome, Failure> {
    match command {
        Command::Add(arguments) => add(config, arguments),
        Command::List { json } => list(config, *json),
        Command::Test { address, json } => test(config, address.as_deref(), *json),
        Command::Dkim(arguments) => super::domain_key::run(config, arguments),
        Command::DossierToken { address, record } => {
            dossier_token(config, address, record.as_deref())
        }
        Command::Remove { address } => remove(config, address),
    }
}

fn add(config: Option<&Path>, arguments: &Add) -> Result<Outcome, Failure> {
    let path = settings_path(config)?;
    let text = arguments.address.as_ref().or(arguments.address_option.as_ref());
    let text = text.ok_or_else(|| Failure::usage("name the mail address"))?;
    let address =
        Address::parse(text).map_err(|error| Failure::usage(format!("{text}: {error}")))?;
    let known = path.exists().then(|| Settings::load(&path)).transpose()?;
    let known = known.and_then(|settings| settings.account(&address));
    let account = match &known {
        Some(account) => account.clone(),
        None => new_account(address.clone(), arguments)?,
    };
    let password = match (account.smtp.auth, &account.imap) {
        (Auth::None, None) => None,
        _ => Some(password(arguments.password_stdin, &address)?),
    };
    if known.is_none() {
        settings::add_account(&path, &account)?;
    }
    let settings = Settings::load(&path)?;
    let vault = open_vault(&settings)?;
    let now = Timestamp::now();
    if let Some(password) = password {
        vault.set_provider_password(&address, &password, now)?;
    }
    if arguments.gateway_password_stdin {
        vault.set_gateway_password(&address, &self::password(true, &address)?, now)?;
    }
    let had = vault.has_local_password(&address)?;
    let local = match (had, arguments.new_local_password) {
        (true, false) => None,
        (true, true) => Some(vault.reset_local_password(&address, now)?),
        (false, _) => Some(vault.local_password(&address)?),
    };
    // A running engine learns of it at once; where none runs there is nothing to tell.
    let _ = wait(ask(&settings.data_dir, &Request::Reload))?;
    tell_added(&settings, &address, local.as_ref(), arguments.json)?;
    Ok(Outcome::Holds)
}

fn tell_added(
    settings: &Settings,
    address: &Address,
    local: Option<&SecretString>,
    json: bool,
) -> Result<(), Failure> {
    if json {
        let local_password = local.map(|password| password.expose_secret().to_owned());
        return say_json(&Added { address: address.to_string(), local_password });
    }
    say(format_args!("{address} is toegevoegd."))?;
    let Some(password) = local else {
        return say(
            "Het lokale wachtwoord blijft zoals het was; --new-local-password maakt een nieuw.",
        );
    };
    say("Zet dit in uw mailprogramma, bij uitgaande mail (SMTP):")?;
    tell_listener(settings.listen.smtp.first())?;
    let imap = settings.account(address).and_then(|account| account.imap);
    if let (Some(_), Some(listener)) = (imap, settings.listen.imap.first()) {
        say("en bij inkomende mail (IMAP):")?;
        tell_listener(Some(listener))?;
    }
    say("met deze naam en dit wachtwoord:")?;
    say(format_args!("  naam        {address}"))?;
    say(format_args!("  wachtwoord  {}", password.expose_secret()))?;
    say("Dit wachtwoord wordt nu één keer getoond.")
}

fn tell_listener(listener: Option<&settings::Listener>) -> Result<(), Failure> {
    let Some(listener) = listener else { return Ok(()) };
    say(format_args!("  server      {}", listener.address.ip()))?;
    say(format_args!("  poort       {}", listener.address.port()))
}

fn new_account(address: Address, arguments: &Add) -> Result<Account, Failure> {
    let Some(host) = arguments.smtp_host.clone() else {
        return Err(Failure::usage(
            "this account is not in the settings yet; name the provider's server with --smtp-host",
        ));
    };
    let (tls, imap_tls) = (arguments.smtp_tls.tls(), arguments.imap_tls.tls());
    let usual = if tls == Tls::Implicit { 465 } else { 587 };
    let usual_imap = if imap_tls == Tls::Implicit { 993 } else { 143 };
    let username = arguments.username.clone().unwrap_or_else(|| address.to_string());
    let smtp = Endpoint {
        host,
        port: arguments.smtp_port.unwrap_or(usual),
        tls,
        auth: arguments.smtp_auth.auth(),
        username: username.clone(),
    };
    let imap = arguments.imap_host.clone().map(|host| Endpoint {
        host,
        port: arguments.imap_port.unwrap_or(usual_imap),
        tls: imap_tls,
        auth: arguments.imap_auth.auth(),
        username,
    });
    let route = |word: &RouteWord| match word {
        RouteWord::Direct => Route::Direct,
        RouteWord::Provider => Route::Provider,
        RouteWord::Gateway => Route::Gateway,
    };
    Ok(Account {
        address,
        smtp,
        imap,
        routes: arguments.routes.iter().map(route).collect(),
        provider: arguments.provider.clone(),
        gateway: None,
        helo: arguments.helo.clone(),
        dossiers: arguments.dossier.as_deref().map(dossier).into_iter().collect(),
        keep_years: None,
        dkim: None,
        authserv_id: arguments.authserv_id.clone(),
        authserv_place: settings::AuthservPlace::default(),
        keep_received: settings::KeepReceived::default(),
        sent: settings::Sent::Leave,
    })
}

fn dossier(place: &str) -> Destination {
    let dossier = match place.starts_with("https://") {
        true => Dossier::Fhir { url: place.to_owned(), credential: Credential::Token },
        false => Dossier::Folder(place.into()),
    };
    Destination { name: Destination::UNNAMED.to_owned(), dossier }
}

/// `account dossier-token`: keeps the token with which the record system admits us.
fn dossier_token(
    config: Option<&Path>,
    address: &str,
    record: Option<&str>,
) -> Result<Outcome, Failure> {
    let address = Address::parse(address).map_err(Failure::usage)?;
    let settings = settings(config)?;
    let Some(account) = settings.account(&address) else {
        let what = format!("there is no account {address}; `zorgzegel account list` shows them");
        return Err(Failure::usage(what));
    };
    let record = record.unwrap_or(Destination::UNNAMED);
    let one = account.dossiers.iter().find(|one| one.name == record);
    let one = one.ok_or_else(|| {
        Failure::usage(format!("the account has no record system called {record}; give --record"))
    })?;
    if !matches!(one.dossier, Dossier::Fhir { credential: Credential::Token, .. }) {
        return Err(Failure::usage(format!("the record system {record} is shown no token")));
    }
    let name = engine::filing::secret_name(&address, one);
    let mut line = zeroize::Zeroizing::new(String::new());
    std::io::stdin().lock().read_line(&mut line)?;
    let token = line.trim();
    let plain = |letter: char| letter.is_ascii_graphic();
    if token.is_empty() || !token.chars().all(plain) {
        return Err(Failure::usage("a token is one line of letters, digits and signs"));
    }
    open_vault(&settings)?.write_sealed(&name, token.as_bytes())?;
    say("token: bewaard in de sleutelbos")?;
    Ok(Outcome::Holds)
}

fn password(stdin: bool, address: &Address) -> Result<SecretString, Failure> {
    let text = if stdin {
        let mut line = zeroize::Zeroizing::new(String::new());
        std::io::stdin().lock().read_line(&mut line)?;
        line.trim_end_matches(['\r', '\n']).to_owned()
    } else {
        rpassword::prompt_password(format!("Wachtwoord van {address} bij de mailprovider: "))
            .map_err(|error| {
                Failure::usage(format!("no password could be read ({error}); use --password-stdin"))
            })?
    };
    if text.is_empty() {
        return Err(Failure::usage("the password is empty"));
    }
    Ok(SecretString::from(text))
}

fn list(config: Option<&Path>, json: bool) -> Result<Outcome, Failure> {
    #[derive(Serialize)]
    struct Listed {
        address: String,
        smtp: String,
        routes: Vec<&'static str>,
        provider: Option<String>,
    }
    for account in super::settings(config)?.accounts {
        let listed = Listed {
            address: account.address.to_string(),
            smtp: format!("{}:{}", account.smtp.host, account.smtp.port),
            routes: account.routes.iter().map(|route| route.as_str()).collect(),
            provider: account.provider,
        };
        if json {
            say_json(&listed)?;
        } else {
            let routes = listed.routes.join(", ");
            say(format_args!("{}  {}  [{routes}]", listed.address, listed.smtp))?;
        }
    }
    Ok(Outcome::Holds)
}

fn test(config: Option<&Path>, address: Option<&str>, json: bool) -> Result<Outcome, Failure> {
    let settings = super::settings(config)?;
    let address = identity::account(&settings, address)?;
    let account = settings.account(&address).ok_or_else(|| Failure::usage("no such account"))?;
    let engine = Engine::new(settings, None, system_keyring())?;
    let (smtp, imap) = wait(async {
        let smtp = match provider::connect(&engine, &account).await {
            Ok(session) => {
                let tls = shown(session.met());
                session.quit().await;
                Ok(tls)
            }
            Err(error) => Err(error.to_string()),
        };
        let imap = match retrieval::connect(&engine, &account).await {
            Ok(upstream) => {
                let tls = shown(upstream.met());
                upstream.log_out().await;
                Some(Ok(tls))
            }
            Err(NoUpstream::NoServer) => None,
            Err(error) => Some(Err(error.to_string())),
        };
        (smtp, imap)
    })?;
    let mut outcome = Outcome::Holds;
    for (protocol, tried) in [("SMTP", Some(smtp)), ("IMAP", imap)] {
        let Some(tried) = tried else { continue };
        if tried.is_err() {
            outcome = Outcome::Not;
        }
        match (json, tried) {
            (true, tried) => {
                let (tls, trouble) = (tried.as_ref().ok(), tried.as_ref().err());
                say_json(&json!({
                    "address": address, "protocol": protocol, "tls": tls, "trouble": trouble,
                }))?;
            }
            (_, Ok(tls)) => {
                say(format_args!("{address}: verbinding en aanmelding gelukt ({protocol}, {tls})"))?
            }
            (_, Err(error)) => {
                say(format_args!("{address}: niet gelukt ({protocol}): {error}"))?;
            }
        }
    }
    Ok(outcome)
}

/// What TLS proved, in a few words.
fn shown(met: Option<&Met>) -> String {
    match met {
        Some(met) => format!("{} {}", met.protocol, met.suite),
        None => "zonder TLS, op deze computer".to_owned(),
    }
}

fn remove(config: Option<&Path>, address: &str) -> Result<Outcome, Failure> {
    let path = settings_path(config)?;
    let settings = Settings::load(&path)?;
    let address = identity::account(&settings, Some(address))?;
    let vault = open_vault(&settings)?;
    let own = |held: &&HeldMessage| held.account.is_same_mailbox(&address);
    let waiting = vault.list()?.iter().filter(own).count();
    if waiting > 0 {
        return Err(Failure::failed(format!(
            "{waiting} messages of {address} still wait; choose for them first (zorgzegel pending)"
        )));
    }
    settings::remove_account(&path, &address)?;
    vault.forget_passwords(&address)?;
    for one in settings.account(&address).iter().flat_map(|account| &account.dossiers) {
        vault.remove_sealed(&engine::filing::secret_name(&address, one))?;
    }
    let _ = wait(ask(&settings.data_dir, &Request::Reload))?;
    say(format_args!("{address} is verwijderd; uw identiteiten en het archief blijven."))?;
    Ok(Outcome::Holds)
}
