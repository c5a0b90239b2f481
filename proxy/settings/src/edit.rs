use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use mail::{Address, Domain};
use toml_edit::{ArrayOfTables, DocumentMut, InlineTable, Item, Table, TableLike, Value};

use super::account::{AUTHS, AUTHSERV_PLACE, ENDPOINT_TLS, KEEP_RECEIVED, SENT};
use super::check::{ON_OFF, spelt};
use super::dossier;
use super::{
    Account, Auth, AuthservPlace, Endpoint, KeepReceived, Language, Sent, Settings, Tls, Unreadable,
};
use crate::error::SettingsError;

/// Adds an account at the end of the settings file and leaves all else in it as it is, comments
/// included. A file that is not there is made. The new file replaces the old in one step.
///
/// # Errors
/// Where the file is faulty already, has this account already, or cannot be written; the file is
/// then unchanged.
pub fn add_account(path: &Path, account: &Account) -> Result<(), SettingsError> {
    let text = text_of(path)?;
    let mut document = document(&text, path)?;
    let accounts =
        document.entry("account").or_insert_with(|| Item::ArrayOfTables(ArrayOfTables::new()));
    let accounts = accounts.as_array_of_tables_mut().ok_or_else(|| not_tables(path))?;
    accounts.push(table(account));
    save(path, &document.to_string())
}

/// Takes an account out of the settings file and leaves all else in it as it is. Answers whether
/// it was there.
///
/// # Errors
/// Where the file is faulty or cannot be written; it is then unchanged.
pub fn remove_account(path: &Path, address: &Address) -> Result<bool, SettingsError> {
    let text = fs::read_to_string(path).map_err(|error| unwritable(path, &error))?;
    let mut document = document(&text, path)?;
    let Some(accounts) = document.get_mut("account") else {
        return Ok(false);
    };
    let accounts = accounts.as_array_of_tables_mut().ok_or_else(|| not_tables(path))?;
    let before = accounts.len();
    accounts.retain(|table| !is_of(table, address));
    if accounts.len() == before {
        return Ok(false);
    }
    save(path, &document.to_string())?;
    Ok(true)
}

/// Writes the servers, the routes, the mark, the gateway and the record systems of an account that
/// stands in the file, where they are others there, and leaves all else in it as it is.
///
/// # Errors
/// Where the file is faulty or would be, has no such account, or cannot be written; it is then
/// unchanged.
pub fn change_ways(path: &Path, account: &Account) -> Result<(), SettingsError> {
    let text = text_of(path)?;
    let before = Settings::parse(&text, path)?.account(&account.address);
    let mut document = document(&text, path)?;
    let tables = document.get_mut("account").and_then(Item::as_array_of_tables_mut);
    let table = tables.and_then(|all| all.iter_mut().find(|one| is_of(one, &account.address)));
    let (table, before) = table.zip(before).ok_or_else(|| not_tables(path))?;
    if before.smtp != account.smtp {
        put(table, "smtp", Some(endpoint(&account.smtp, account, Tls::StartTls).into()));
    }
    if before.imap != account.imap {
        put(table, "imap", imap(account));
    }
    if before.routes != account.routes {
        put(table, "routes", routes(account));
    }
    if before.provider != account.provider {
        put(table, "provider", account.provider.as_deref().map(Value::from));
    }
    if before.gateway != account.gateway {
        put(table, "gateway", gateway(account));
    }
    if before.dossiers != account.dossiers {
        put_dossiers(table, account);
    }
    save(path, &document.to_string())
}

fn is_of(table: &Table, address: &Address) -> bool {
    let text = table.get("address").and_then(Item::as_str);
    text.is_some_and(|text| Address::parse(text).is_ok_and(|own| own.is_same_mailbox(address)))
}

/// A setting that the window changes.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// `[desktop] language`.
    Language(Language),
    /// `[desktop] remind_after`, in minutes.
    RemindAfter(u32),
    /// `[desktop] notifications`.
    Notifications(bool),
    /// `[detect] threshold`, 0 to 1; `certain` is taken along where it would be below.
    Threshold(f32),
    /// `[detect] certain`, 0 to 1.
    Certain(f32),
    /// `[detect] unreadable`.
    Unreadable(Unreadable),
    /// `[detect] own_terms`; `None` where there are none.
    OwnTerms(Option<String>),
    /// `[detect] staff`.
    Staff(Vec<String>),
    /// `[detect] exempt_domains`.
    ExemptDomains(Vec<Domain>),
    /// `[listen] imap`.
    ListenImap(Vec<SocketAddr>),
    /// `[cards] modules`.
    CardModules(Vec<PathBuf>),
}

impl Change {
    /// The section, the key, and the value; `None` where the key is to go.
    fn place(&self) -> (&'static str, &'static str, Option<Value>) {
        let (section, key, value): (_, _, Value) = match self {
            Self::Language(Language::Dutch) => ("desktop", "language", "nl".into()),
            Self::Language(Language::English) => ("desktop", "language", "en".into()),
            Self::RemindAfter(minutes) => ("desktop", "remind_after", format!("{minutes}m").into()),
            Self::Notifications(on) => ("desktop", "notifications", spelt(ON_OFF, *on).into()),
            Self::Threshold(score) => ("detect", "threshold", decimals(*score).into()),
            Self::Certain(score) => ("detect", "certain", decimals(*score).into()),
            Self::Unreadable(Unreadable::Hold) => ("detect", "unreadable", "hold".into()),
            Self::Unreadable(Unreadable::Pass) => ("detect", "unreadable", "pass".into()),
            Self::OwnTerms(None) => return ("detect", "own_terms", None),
            Self::OwnTerms(Some(file)) => ("detect", "own_terms", file.as_str().into()),
            Self::Staff(staff) => ("detect", "staff", list(staff.iter().map(String::as_str))),
            Self::ExemptDomains(domains) => {
                ("detect", "exempt_domains", list(domains.iter().map(Domain::as_str)))
            }
            Self::ListenImap(places) => {
                let places: Vec<_> = places.iter().map(ToString::to_string).collect();
                ("listen", "imap", list(places.iter().map(String::as_str)))
            }
            Self::CardModules(files) => {
                let names: Vec<_> = files.iter().map(|file| file.to_string_lossy()).collect();
                ("cards", "modules", list(names.iter().map(AsRef::as_ref)))
            }
        };
        (section, key, Some(value))
    }
}

/// Two decimals: the shortest form of an f32 would be written with the digits of an f64.
fn decimals(score: f32) -> f64 {
    (f64::from(score) * 100.0).round() / 100.0
}

fn list<'a>(all: impl Iterator<Item = &'a str>) -> Value {
    all.collect::<toml_edit::Array>().into()
}

/// Changes one setting and leaves all else in the file as it is, comments included. A file that is
/// not there is made.
///
/// # Errors
/// Where the value or the file is faulty, a file that it names cannot be read, or the settings
/// cannot be written; the file is then unchanged.
pub fn change(path: &Path, change: &Change) -> Result<(), SettingsError> {
    let mut document = document(&text_of(path)?, path)?;
    let (section, key, value) = change.place();
    let table = document.entry(section).or_insert_with(toml_edit::table);
    let Some(table) = table.as_table_like_mut() else {
        let what = format!("`{section}` is no table");
        return Err(SettingsError::new(path, None, what, format!("write it as [{section}]")));
    };
    if let Change::Threshold(score) = change {
        let score = decimals(*score);
        let certain = table.get("certain").and_then(Item::as_float);
        if certain.is_some_and(|certain| certain < score) {
            put(table, "certain", Some(score.into()));
        }
    }
    put(table, key, value);
    let text = document.to_string();
    if let Change::OwnTerms(Some(_)) = change {
        Settings::parse(&text, path)?.detect.own_terms()?;
    }
    save(path, &text)
}

/// Sets a key, or takes it out. Comments around a key that is there stay.
fn put(table: &mut dyn TableLike, key: &str, value: Option<Value>) {
    let Some(mut value) = value else { return drop(table.remove(key)) };
    match table.get_mut(key).and_then(Item::as_value_mut) {
        Some(old) => {
            *value.decor_mut() = old.decor().clone();
            *old = value;
        }
        None => drop(table.insert(key, Item::Value(value))),
    }
}

fn text_of(path: &Path) -> Result<String, SettingsError> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(text),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(NEW_FILE.to_owned()),
        Err(error) => Err(unwritable(path, &error)),
    }
}

/// The document, checked: a faulty file is not made longer.
fn document(text: &str, path: &Path) -> Result<DocumentMut, SettingsError> {
    Settings::parse(text, path)?;
    text.parse::<DocumentMut>().map_err(|error| {
        let what = error.message().to_owned();
        SettingsError::new(path, None, what, "correct the file and try again")
    })
}

fn save(path: &Path, text: &str) -> Result<(), SettingsError> {
    Settings::parse(text, path)?;
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        fs::create_dir_all(folder).map_err(|error| unwritable(path, &error))?;
    }
    // A link stays a link: what it points to is replaced.
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    disk::replace(&target, text.as_bytes()).map_err(|error| unwritable(path, &error))
}

fn table(account: &Account) -> Table {
    let mut table = Table::new();
    let mut set = |key: &str, value: Option<Value>| put(&mut table, key, value);
    set("address", Some(account.address.to_string().into()));
    set("smtp", Some(endpoint(&account.smtp, account, Tls::StartTls).into()));
    set("imap", imap(account));
    set("routes", routes(account));
    set("provider", account.provider.as_deref().map(Value::from));
    set("gateway", gateway(account));
    set("helo", account.helo.as_deref().map(Value::from));
    set("authserv_id", account.authserv_id.as_deref().map(Value::from));
    let sent = (account.sent != Sent::Leave).then(|| spelt(SENT, account.sent).into());
    set("sent", sent);
    let place = account.authserv_place;
    let place = (place != AuthservPlace::Top).then(|| spelt(AUTHSERV_PLACE, place).into());
    set("authserv_place", place);
    let keep = account.keep_received;
    let keep = (keep != KeepReceived::Claims).then(|| spelt(KEEP_RECEIVED, keep).into());
    set("keep_received", keep);
    put_dossiers(&mut table, account);
    table
}

/// Tables go behind all other keys.
fn put_dossiers(table: &mut Table, account: &Account) {
    table.remove("dossier");
    if let Some(item) = dossier::written(&account.dossiers) {
        table.insert("dossier", item);
    }
}

fn routes(account: &Account) -> Option<Value> {
    (!account.routes.is_empty()).then(|| list(account.routes.iter().map(|route| route.as_str())))
}

fn imap(account: &Account) -> Option<Value> {
    account.imap.as_ref().map(|one| endpoint(one, account, Tls::Implicit).into())
}

fn gateway(account: &Account) -> Option<Value> {
    account.gateway.as_ref().map(|one| endpoint(one, account, Tls::StartTls).into())
}

fn endpoint(endpoint: &Endpoint, account: &Account, default: Tls) -> InlineTable {
    let mut table = InlineTable::new();
    table.insert("host", endpoint.host.as_str().into());
    table.insert("port", i64::from(endpoint.port).into());
    if endpoint.tls != default {
        table.insert("tls", spelt(ENDPOINT_TLS, endpoint.tls).into());
    }
    if endpoint.auth != Auth::Auto {
        table.insert("auth", spelt(AUTHS, endpoint.auth).into());
    }
    if endpoint.username != account.address.to_string() {
        table.insert("username", endpoint.username.as_str().into());
    }
    table
}

fn not_tables(path: &Path) -> SettingsError {
    let what = "the accounts are not written as [[account]] tables";
    SettingsError::new(path, None, what, "write each account as an [[account]] table")
}

fn unwritable(path: &Path, error: &std::io::Error) -> SettingsError {
    let what = format!("the settings file cannot be read or written ({error})");
    let mend = "look at the rights on the file and its folder, and at the disk";
    SettingsError::new(path, None, what, mend)
}

const NEW_FILE: &str =
    "# Settings of Zorgzegel. Every key is described in zorgzegel.example.toml.\n";
