//! How it is set up and how it stands: settings, diagnosis, first run, try-out.

use serde::Serialize;
use ts_rs::TS;

use super::{DestinationView, GatewayView, RouteView};

/// How it is set up.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct SettingsView {
    /// The accounts.
    pub accounts: Vec<AccountView>,
    /// The identities.
    pub identities: Vec<super::IdentityView>,
    /// From which score a mail counts as health mail, 0 to 1.
    pub threshold: f32,
    /// From which score it is health mail beyond doubt, 0 to 1.
    pub certain: f32,
    /// The file with the organisation's own terms.
    pub own_terms: Option<String>,
    /// Names and mail addresses of staff.
    pub staff: Vec<String>,
    /// Mail whose recipients are all in these domains is not asked about.
    pub exempt_domains: Vec<String>,
    /// A document that cannot be looked into holds its mail.
    pub hold_unreadable: bool,
    /// Notifications are used.
    pub notifications: bool,
    /// Minutes after which a mail that was put off is asked about again.
    pub remind_after: u32,
    /// Zorgzegel starts with the computer.
    pub start_with_computer: bool,
    /// The settings file, for what is not on the page.
    pub file: Option<String>,
}

/// An account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct AccountView {
    /// Its address.
    pub address: String,
    /// The provider's submission server.
    pub outgoing: ServerAt,
    /// The provider's IMAP server; none: mail that comes in is not looked at.
    pub incoming: Option<ServerAt>,
    /// Its routes: those that are used, best first, then the others. None used means: health mail
    /// stays held.
    pub routes: Vec<RouteView>,
    /// The provider's mark, where it is a named NTA supplier.
    pub mark: Option<String>,
    /// The gateway, where there is one.
    pub gateway: Option<GatewayView>,
    /// Its record systems.
    pub destinations: Vec<DestinationView>,
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct CheckItem {
    /// `listener`, `program`, `provider`, `dns`, `keyring`, `journal`, `certificate`, `identity`,
    /// `setting` or `version`.
    pub what: String,
    /// How it stands.
    pub standing: Standing,
    /// In a sentence.
    pub sentence: String,
    /// What to do.
    pub mend: Option<String>,
    /// The page where it is done.
    pub link: Option<String>,
}

/// A server to log in to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, serde::Deserialize, TS)]
pub struct ServerAt {
    /// Its name.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// TLS from the first byte, or else STARTTLS.
    pub implicit: bool,
    /// The name to log in with.
    pub username: String,
}

/// An account that is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct AccountAdded {
    /// Its address.
    pub address: String,
    /// What became of fetching its mail.
    pub fetching: Fetching,
    /// Why fetching does not work, where it does not.
    pub trouble: Option<String>,
}

/// What became of fetching the mail of a new account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Fetching {
    /// No server was named.
    NotAsked,
    /// The mail program can fetch mail from Zorgzegel.
    Works,
    /// The server did not let us in, and is not kept.
    Refused,
}

/// An account that was changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct AccountChanged {
    /// Its address.
    pub address: String,
    /// How.
    pub change: AccountChange,
}

/// What was done to an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum AccountChange {
    /// Its servers or its password are others now.
    Servers,
    /// It was taken out.
    Removed,
}

/// When the mail program of an account was here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct Visited {
    /// The account.
    pub address: String,
    /// It last handed in a mail.
    pub handed_in: Option<String>,
    /// It last logged in to fetch mail.
    pub fetched: Option<String>,
}

/// Whether the local certificate is trusted now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct Trusted {
    /// What was done, or what is left to do.
    pub sentence: String,
    /// Whether it is trusted.
    pub done: bool,
}

/// How a thing stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// As it must be.
    Good,
    /// It works, and wants attention.
    Attention,
    /// It does not work.
    Bad,
}

/// The servers that an address most likely has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct Discovered {
    /// The address that was asked about.
    pub address: String,
    /// Where mail is handed in.
    pub outgoing: ServerAt,
    /// Where it is fetched by IMAP.
    pub incoming: Option<ServerAt>,
    /// `password`, `app_password`, `allowed` (where the administrator lets it) or `not_possible`.
    pub login: String,
    /// The page of the provider where an app password is made.
    pub page: Option<String>,
    /// `autoconfig`, `table`, `dns` or `guess`.
    pub source: String,
    /// The table, the domain itself or proved DNS says so; else a person has to look at it before
    /// a password is tried there (RFC 6186 section 6).
    pub sure: bool,
}

/// What goes into the mail program.
#[derive(Clone, PartialEq, Eq, Serialize, TS)]
pub struct Access {
    /// The account.
    pub address: String,
    /// The server: `localhost`.
    pub server: String,
    /// Its port.
    pub port: u16,
    /// `starttls`, `implicit` or `none`.
    pub tls: String,
    /// The name to log in with.
    pub username: String,
    /// The local password.
    pub password: String,
    /// Where mail is fetched, with the same name and password; none: where it was.
    pub incoming: Option<AccessServer>,
}

/// A server of Zorgzegel's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct AccessServer {
    /// `localhost`.
    pub server: String,
    /// Its port.
    pub port: u16,
    /// `starttls`, `implicit` or `none`.
    pub tls: String,
}

impl core::fmt::Debug for Access {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Access").field("port", &self.port).finish_non_exhaustive()
    }
}

/// A file that sets up a mail program, or helps to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, serde::Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum GuideFile {
    /// The authority of the local certificate, PEM.
    Certificate,
    /// Apple Mail's configuration profile.
    Apple,
    /// Thunderbird's autoconfiguration.
    Thunderbird,
}

/// A file that was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct SavedFile {
    /// What.
    pub file: GuideFile,
    /// Where.
    pub path: String,
}

/// A mail of the try-out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, serde::Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Sample {
    /// About lunch.
    Lunch,
    /// With a BSN and a diagnosis.
    Referral,
}
