use std::path::Path;

use serde::Deserialize;
use toml::{Spanned, Value};

use crate::error::SettingsError;

/// The file as it is written: types are right, values not yet looked at.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct File {
    pub(super) data_dir: Option<Spanned<String>>,
    pub(super) listen: Listen,
    pub(super) dns: Dns,
    pub(super) tls: Tls,
    pub(super) trust: Trust,
    pub(super) sign: Sign,
    pub(super) cards: Cards,
    pub(super) account: Vec<Spanned<Account>>,
    pub(super) detect: Detect,
    pub(super) prompt: Prompt,
    pub(super) nta: super::Policy,
    pub(super) delivery: Delivery,
    pub(super) archive: Archive,
    pub(super) desktop: Desktop,
    pub(super) log: Log,
}

pub(super) type Text = Option<Spanned<String>>;
pub(super) type Number = Option<Spanned<i64>>;

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Listen {
    pub(super) smtp: Option<Vec<Spanned<Value>>>,
    pub(super) imap: Option<Vec<Spanned<Value>>>,
    pub(super) tls: Text,
    pub(super) hostname: Text,
    pub(super) limits: Limits,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Limits {
    pub(super) message_size: Number,
    pub(super) recipients: Number,
    pub(super) sessions: Number,
    pub(super) idle: Text,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Dns {
    pub(super) resolver: Text,
    pub(super) trust_anchor: Text,
    pub(super) timeout: Text,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Tls {
    pub(super) extra_roots: Vec<Spanned<String>>,
    pub(super) profile: Text,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Trust {
    pub(super) anchors: Vec<Spanned<String>>,
    pub(super) fetch: Text,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Sign {
    pub(super) rsa: Text,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Cards {
    pub(super) modules: Vec<Spanned<String>>,
    pub(super) stay_unlocked: Text,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Account {
    pub(super) address: Spanned<String>,
    pub(super) smtp: Spanned<Endpoint>,
    pub(super) imap: Option<Spanned<Endpoint>>,
    #[serde(default)]
    pub(super) routes: Vec<Spanned<String>>,
    pub(super) provider: Text,
    pub(super) gateway: Option<Spanned<Endpoint>>,
    pub(super) helo: Text,
    pub(super) dossier: Text,
    pub(super) keep_years: Number,
    pub(super) dkim: Option<Spanned<super::Dkim>>,
    pub(super) authserv_id: Text,
    pub(super) authserv_place: Text,
    pub(super) keep_received: Text,
    pub(super) sent: Text,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Endpoint {
    pub(super) host: Spanned<String>,
    pub(super) port: Number,
    pub(super) tls: Text,
    pub(super) auth: Text,
    pub(super) username: Text,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Detect {
    pub(super) threshold: Option<Spanned<f64>>,
    pub(super) certain: Option<Spanned<f64>>,
    pub(super) own_terms: Text,
    pub(super) staff: Vec<Spanned<String>>,
    pub(super) exempt_domains: Vec<Spanned<String>>,
    pub(super) unreadable: Text,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Prompt {
    pub(super) default: Text,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Archive {
    pub(super) search: Text,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Delivery {
    pub(super) port: Number,
    pub(super) first_retry: Text,
    pub(super) longest_retry: Text,
    pub(super) give_up: Text,
    pub(super) connect_timeout: Text,
    pub(super) reply_timeout: Text,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Desktop {
    pub(super) language: Text,
    pub(super) remind_after: Text,
    pub(super) notifications: Text,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Log {
    pub(super) level: Text,
}

pub(super) fn read(text: &str, path: &Path) -> Result<File, SettingsError> {
    toml::from_str(text).map_err(|error: toml::de::Error| {
        let line = error.span().map(|span| line(text, span.start));
        let what = error.message().replace('\n', ", ");
        let what = PLAIN.iter().fold(what, |what, (from, to)| what.replace(from, to));
        SettingsError::new(path, line, what.clone(), mend(&what))
    })
}

/// The line of a byte offset, counted from 1.
pub(super) fn line(text: &str, at: usize) -> usize {
    let before = text.as_bytes().get(..at).unwrap_or(text.as_bytes());
    1 + before.iter().filter(|&&byte| byte == b'\n').count()
}

/// The reader's words for types, and ours.
const PLAIN: &[(&str, &str)] = &[
    ("expected i64", "expected a whole number"),
    ("expected f64", "expected a number"),
    ("expected a sequence", "expected a list in [ ]"),
    ("expected a string", "expected a text in quotes"),
];

fn mend(what: &str) -> &'static str {
    if what.starts_with("unknown field") {
        "correct the name or remove the line; zorgzegel.example.toml has every name"
    } else if what.starts_with("missing field") {
        "add it; zorgzegel.example.toml shows how"
    } else if what.starts_with("invalid type") {
        "write the value in the form that zorgzegel.example.toml shows"
    } else {
        "correct the line; zorgzegel.example.toml shows how settings are written"
    }
}
