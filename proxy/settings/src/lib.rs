//! The settings file `zorgzegel.toml`: what may stand in it, read strictly, and edited with care.
//!
//! Every key is described in `zorgzegel.example.toml` with its default. Secrets are never here.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

mod account;
mod check;
mod dossier;
mod edit;
mod error;
mod raw;
mod received;
mod sign;

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

pub use dkim::Place as Dkim;
use jiff::{SignedDuration, Timestamp};
use mail::{Address, Domain};
pub use nta7516::facts::Route;
pub use nta7516::plan::Policy;

pub use crate::dossier::{Credential, Destination, Dossier};
pub use crate::error::SettingsError;
pub use crate::received::{AuthservPlace, KeepReceived};
pub use crate::sign::{Cards, Fetch, RsaPadding, Sign};
pub use edit::{Change, add_account, change, change_ways, remove_account};

/// All settings, complete: what the file leaves out stands here with its default.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// The file that was read.
    pub file: PathBuf,
    /// The folder in which everything is kept; default: the platform's data folder.
    pub data_dir: PathBuf,
    /// Where mail programs reach us.
    pub listen: Listen,
    /// How names are looked up.
    pub dns: Dns,
    /// How certificates and TLS parameters are judged.
    pub tls: TlsSettings,
    /// `[trust] anchors`: files of certificates (PEM or DER) that may vouch for whoever signs mail; default none.
    pub anchors: Vec<PathBuf>,
    /// `[trust] fetch`: whether issuers are asked about revocation; default: nobody is.
    pub fetch: Fetch,
    /// How mail is signed.
    pub sign: Sign,
    /// Smart cards and tokens.
    pub cards: Cards,
    /// The accounts, in the order of the file; no address twice.
    pub accounts: Vec<Account>,
    /// How health mail is recognised.
    pub detect: Detect,
    /// What happens when something was found.
    pub prompt: Prompt,
    /// What the organisation sets about the parts of NTA 7516 that the guide leaves open.
    pub nta: Policy,
    /// How mail is handed over and tried again.
    pub delivery: Delivery,
    /// What of a kept message is found by its words: `[archive] search`.
    pub search: Search,
    /// How the desktop app speaks.
    pub desktop: Desktop,
    /// What is logged.
    pub log: Log,
}

/// `[listen]`: only loopback addresses (invariant 11).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listen {
    /// Submission (RFC 6409); default 127.0.0.1:1025 and [::1]:1025. Port 0: any free port.
    pub smtp: Vec<Listener>,
    /// IMAP; default none.
    pub imap: Vec<Listener>,
    /// TLS of listeners that name none of their own; default STARTTLS.
    pub tls: ListenTls,
    /// The name in greetings; default `localhost`.
    pub hostname: String,
    /// Bounds on what a mail program may ask.
    pub limits: Limits,
}

/// One place to listen at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Listener {
    /// A loopback address and port.
    pub address: SocketAddr,
    /// How TLS starts there.
    pub tls: ListenTls,
}

/// How TLS starts on a listener.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListenTls {
    /// STARTTLS (RFC 3207); log-in only after it.
    StartTls,
    /// TLS from the first byte (RFC 8314 section 3).
    Implicit,
    /// None: the local password crosses loopback in the clear.
    None,
}

/// `[listen.limits]`: bounds with which one mail program cannot exhaust this machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The largest message in bytes; default 52,428,800 (50 MiB).
    pub message_size: u64,
    /// Recipients of one message; default 1,000 (RFC 5321 section 4.5.3.1.8 asks for 100 at least).
    pub recipients: usize,
    /// Sessions at once; default 50.
    pub sessions: usize,
    /// How long a session may be silent; default 5 minutes (RFC 5321 section 4.5.3.2.7).
    pub idle: Duration,
}

/// `[dns]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dns {
    /// Whom to ask; default the system's resolver.
    pub resolver: Resolver,
    /// DS or DNSKEY lines of the root, instead of IANA's anchors.
    pub trust_anchor: Option<PathBuf>,
    /// How long one answer is waited for; default 5 seconds.
    pub timeout: Duration,
}

/// Whom DNS questions go to. Answers are validated here in each case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resolver {
    /// What the operating system is set up with.
    System,
    /// This server.
    Address(SocketAddr),
    /// This server over TLS (RFC 7858), which must prove this name or IP address.
    Tls(SocketAddr, String),
}

/// `[tls]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsSettings {
    /// PEM files of certificate authorities trusted besides the system's; default none.
    pub extra_roots: Vec<PathBuf>,
    /// The list of TLS parameters by which hosts are judged; default the guide's.
    pub profile: TlsProfile,
}

/// A dated list of TLS versions and suites.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TlsProfile {
    /// `"guide"`: footnote 19 of the NTA 7516 guide (NCSC 2019).
    Guide,
    /// `"ncsc-2025"`: NCSC's guidelines of 2025-05.
    Ncsc2025,
}

/// `[[account]]`: one mail address and the ways out that it has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// The address that it sends from.
    pub address: Address,
    /// The provider's submission server.
    pub smtp: Endpoint,
    /// The provider's IMAP server.
    pub imap: Option<Endpoint>,
    /// The ways by which health mail may go, best first; default none: health mail stays held.
    pub routes: Vec<Route>,
    /// The provider's mark in `X-NTA7516` and in DNS (R-DNS-4), for the route `provider`.
    pub provider: Option<String>,
    /// A second submission server, for the route `gateway`.
    pub gateway: Option<Endpoint>,
    /// The name given in EHLO on the route `direct`; default the address's domain.
    pub helo: Option<String>,
    /// The record systems that a person may choose from; default none.
    pub dossiers: Vec<Destination>,
    /// For how many years copies of its mail are kept; default for good.
    pub keep_years: Option<u16>,
    /// By which key mail on the route `direct` gets a DKIM signature; default none.
    pub dkim: Option<Dkim>,
    /// The id under which the provider writes Authentication-Results (RFC 8601 section 2.5); default
    /// none: then what such fields say counts for nothing.
    pub authserv_id: Option<String>,
    /// Where that provider writes them; default top.
    pub authserv_place: AuthservPlace,
    /// Which mail that came in is kept in the archive; default what claims something.
    pub keep_received: KeepReceived,
    /// What becomes of the mail program's own copy in Sent; default leave.
    pub sent: Sent,
}

/// What becomes of the copy of a held message that the mail program puts into Sent itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sent {
    /// It stays, and nothing is added.
    Leave,
    /// Sent shows what was sent: the signed copy takes its place, and of a message that was
    /// withdrawn nothing stays. Only a copy that is that message for certain is taken out.
    AsSent,
}

/// A server that we log in to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// A host name, or an IP address without brackets.
    pub host: String,
    /// Default 587 (submission), 465 (submission, implicit TLS), 143 or 993 (IMAP).
    pub port: u16,
    /// How TLS starts; default STARTTLS for submission, implicit for IMAP.
    pub tls: Tls,
    /// How we log in; default the strongest that is offered.
    pub auth: Auth,
    /// The name we log in with; default the account's address.
    pub username: String,
}

/// How TLS starts towards a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tls {
    /// STARTTLS, forced: without it nothing is sent.
    StartTls,
    /// TLS from the first byte.
    Implicit,
    /// None; only for hosts on loopback.
    None,
}

/// How we log in to a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Auth {
    /// CRAM-MD5 where offered, else PLAIN or LOGIN inside TLS.
    Auto,
    /// CRAM-MD5 only (RFC 2195).
    CramMd5,
    /// PLAIN only (RFC 4616).
    Plain,
    /// LOGIN only.
    Login,
    /// No log-in.
    None,
}

/// `[detect]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Detect {
    /// From which score (0 to 1) a mail counts as health mail; default 0.5.
    pub threshold: f32,
    /// A file with the organisation's own terms, one a line.
    pub own_terms: Option<PathBuf>,
    /// From which score (0 to 1, not below the threshold) the mail is health mail beyond doubt;
    /// default 0.85, or the threshold where that is higher.
    pub certain: f32,
    /// Names and addresses of staff, which identify no patient; default none.
    pub staff: Vec<String>,
    /// Mail whose recipients are all in these domains is not asked about; default none. A domain
    /// stands for itself alone, not for those below it. Answers to and forwards of NTA mail are
    /// asked about all the same (R-CONT-1).
    pub exempt_domains: Vec<Domain>,
    /// What happens to a document that cannot be looked into; default hold.
    pub unreadable: Unreadable,
}

/// What happens to mail with a document that cannot be looked into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unreadable {
    /// It is held and asked about (R-DET-4: the safest is the default).
    Hold,
    /// It passes as if nothing was in it.
    Pass,
}

/// `[prompt]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Prompt {
    /// What happens with mail in which something was found; default ask.
    pub default: PromptDefault,
}

/// What happens with mail in which something was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PromptDefault {
    /// It is held until a person chose. Nothing is chosen by silence (invariant 2).
    Ask,
}

/// `[delivery]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Delivery {
    /// The port of receiving servers on the route `direct`; default 25. Another is for test labs.
    pub port: u16,
    /// The wait before the second attempt, doubled after each; default 5 minutes.
    pub first_retry: Duration,
    /// The longest wait between two attempts; default 4 hours.
    pub longest_retry: Duration,
    /// When temporary failures become a failure; default 5 days (RFC 5321 section 4.5.4.1).
    pub give_up: Duration,
    /// How long to wait for a receiving server to accept the connection; default 30 seconds.
    pub connect_timeout: Duration,
    /// How long to wait for a receiving server's reply; default 5 minutes. The other waits of RFC
    /// 5321 section 4.5.3.2 are in proportion.
    pub reply_timeout: Duration,
}

impl Delivery {
    /// When what failed `attempts` times before this one is tried again: the wait doubles with every attempt
    /// up to its bound (RFC 5321 section 4.5.4.1).
    #[must_use]
    pub fn next_attempt(&self, now: Timestamp, attempts: u32) -> Timestamp {
        let doubled = 2_u32.saturating_pow(attempts.min(20));
        let wait = self.first_retry.saturating_mul(doubled).min(self.longest_retry);
        let wait = SignedDuration::try_from(wait).unwrap_or(SignedDuration::MAX);
        now.checked_add(wait).unwrap_or(Timestamp::MAX)
    }
}

/// What of a kept message goes into the index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Search {
    /// `"text"`: the whole text that a reader reads.
    Text,
    /// `"headers"`: subject, people and the names of attachments.
    Headers,
}

/// `[desktop]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Desktop {
    /// The language of windows and notifications; default Dutch.
    pub language: Language,
    /// When a notification reminds of a mail that was put off; default 15 minutes.
    pub remind_after: Duration,
    /// Whether the system's notifications are used; default on.
    pub notifications: bool,
}

/// A language of the windows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// `"nl"`.
    Dutch,
    /// `"en"`.
    English,
}

/// `[log]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Log {
    /// The least level that is logged; default info.
    pub level: LogLevel,
}

/// How much is logged. Content is logged at no level (invariant 9).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogLevel {
    /// Only what failed.
    Error,
    /// And what is odd.
    Warn,
    /// And what happened.
    Info,
    /// And how.
    Debug,
    /// And every step.
    Trace,
}

impl LogLevel {
    /// The word of the settings file, which `tracing` understands too.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        check::spelt(check::LOG_LEVELS, self)
    }
}

impl Settings {
    /// Reads and checks a settings file. Files named in it are taken relative to its folder.
    ///
    /// # Errors
    /// What is wrong, in which line, and what to do: also where a file that is named in the
    /// settings cannot be read.
    pub fn load(path: &Path) -> Result<Self, SettingsError> {
        let size = fs::metadata(path).map(|meta| meta.len());
        let text = match size {
            Ok(size) if size > LARGEST_FILE => {
                let what = "the settings file is larger than 1 MiB";
                let mend = "name the right file with --config";
                return Err(SettingsError::new(path, None, what, mend));
            }
            Ok(_) => fs::read_to_string(path),
            Err(error) => Err(error),
        };
        let text = text.map_err(|error| {
            let what = format!("the settings file cannot be read ({error})");
            let mend = "make one with `zorgzegel account add`, or name it with --config";
            SettingsError::new(path, None, what, mend)
        })?;
        let settings = Self::parse(&text, path)?;
        check::files(&settings, &text)?;
        Ok(settings)
    }

    /// Checks the text of a settings file; reads no file. `path` is named in errors, and its folder
    /// is where relative paths start.
    ///
    /// # Errors
    /// What is wrong, in which line, and what to do.
    pub fn parse(text: &str, path: &Path) -> Result<Self, SettingsError> {
        let raw = raw::read(text, path)?;
        check::Checker::new(text, path).settings(raw)
    }

    /// The platform's place for the settings file: `zorgzegel.toml` in the user's config folder.
    /// `None` where the user has no home folder.
    #[must_use]
    pub fn default_path() -> Option<PathBuf> {
        folders().map(|folders| folders.config_dir().join("zorgzegel.toml"))
    }

    /// The platform's place for what is kept. `None` where the user has no home folder.
    #[must_use]
    pub fn default_data_dir() -> Option<PathBuf> {
        folders().map(|folders| folders.data_local_dir().to_owned())
    }

    /// The account that sends from this address; letter case makes no difference.
    #[must_use]
    pub fn account(&self, address: &Address) -> Option<Account> {
        let same = |account: &&Account| account.address.is_same_mailbox(address);
        self.accounts.iter().find(same).cloned()
    }
}

impl Dns {
    /// What stands in the file [`trust_anchor`](Self::trust_anchor).
    ///
    /// # Errors
    /// Where it cannot be read, or is no text.
    pub fn trust_anchor_text(&self) -> Result<Option<String>, SettingsError> {
        let file = self.trust_anchor.as_deref();
        file.map(|file| named_text(file, "trust_anchor")).transpose()
    }
}

impl Detect {
    /// The terms in the file [`own_terms`](Self::own_terms), one a line; empty lines and lines that
    /// begin with `#` are no terms.
    ///
    /// # Errors
    /// Where it cannot be read, or is no text.
    pub fn own_terms(&self) -> Result<Vec<String>, SettingsError> {
        let Some(file) = &self.own_terms else {
            return Ok(Vec::new());
        };
        let text = named_text(file, "own_terms")?;
        let lines = text.lines().map(str::trim);
        let terms = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
        Ok(terms.map(str::to_owned).collect())
    }
}

/// The text of a file that the settings name.
fn named_text(file: &Path, key: &str) -> Result<String, SettingsError> {
    let unreadable = |error: std::io::Error| {
        let what = format!("the file of {key} cannot be read ({error})");
        SettingsError::new(file, None, what, "put the file there, or correct its name")
    };
    let size = fs::metadata(file).map_err(unreadable)?.len();
    if size > LARGEST_NAMED_FILE {
        let what = format!("the file of {key} is larger than 16 MiB");
        return Err(SettingsError::new(file, None, what, "name the right file"));
    }
    String::from_utf8(fs::read(file).map_err(unreadable)?).map_err(|_| {
        let what = format!("the file of {key} is no UTF-8 text");
        SettingsError::new(file, None, what, "save it as UTF-8")
    })
}

fn folders() -> Option<directories::ProjectDirs> {
    directories::ProjectDirs::from("", "", "zorgzegel")
}

/// A settings file is some kilobytes; more is another file named by mistake.
const LARGEST_FILE: u64 = 1 << 20;
/// A bundle of all public certificate authorities has 300 KB, a list of terms less.
const LARGEST_NAMED_FILE: u64 = 16 << 20;

#[cfg(test)]
mod tests;
