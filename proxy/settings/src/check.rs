use std::fs::File;
use std::net::{IpAddr, SocketAddr};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::Duration;

use mail::{Address, Domain};
use toml::{Spanned, Value};

use super::raw;
use super::{
    Cards, Delivery, Desktop, Detect, Dns, Fetch, Language, Limits, Listen, ListenTls, Listener,
    Log, LogLevel, Prompt, PromptDefault, Resolver, RsaPadding, Search, Settings, Sign, TlsProfile,
    TlsSettings, Unreadable,
};
use crate::error::SettingsError;

/// Turns what is written into what is meant.
pub(super) struct Checker<'a> {
    text: &'a str,
    path: &'a Path,
}

pub(super) type Checked<T> = Result<T, SettingsError>;

impl<'a> Checker<'a> {
    pub(super) fn new(text: &'a str, path: &'a Path) -> Self {
        Self { text, path }
    }

    pub(super) fn settings(&self, raw: raw::File) -> Checked<Settings> {
        let data_dir = match &raw.data_dir {
            Some(dir) => self.file(dir)?,
            None => Settings::default_data_dir().ok_or_else(|| {
                let what = "this user has no home folder, so there is no default data folder";
                SettingsError::new(self.path, None, what, "add data_dir = \"FOLDER\" at the top")
            })?,
        };
        Ok(Settings {
            file: self.path.to_owned(),
            data_dir,
            listen: self.listen(raw.listen)?,
            dns: self.dns(&raw.dns)?,
            tls: TlsSettings {
                extra_roots: self.files(&raw.tls.extra_roots)?,
                profile: self.word(&raw.tls.profile, "profile", TLS_PROFILES)?,
            },
            anchors: self.files(&raw.trust.anchors)?,
            fetch: self.word(&raw.trust.fetch, "fetch", FETCHES)?,
            sign: Sign { rsa: self.word(&raw.sign.rsa, "rsa", RSA_PADDINGS)? },
            cards: Cards {
                modules: self.files(&raw.cards.modules)?,
                stay_unlocked: self.duration(&raw.cards.stay_unlocked, MINUTE * 15)?,
            },
            accounts: self.accounts(raw.account)?,
            detect: self.detect(&raw.detect)?,
            prompt: Prompt { default: self.word(&raw.prompt.default, "default", PROMPT_DEFAULTS)? },
            nta: raw.nta,
            delivery: self.delivery(&raw.delivery)?,
            search: self.word(&raw.archive.search, "search", SEARCHES)?,
            desktop: self.desktop(&raw.desktop)?,
            log: Log { level: self.word(&raw.log.level, "level", LOG_LEVELS)? },
        })
    }

    fn desktop(&self, raw: &raw::Desktop) -> Checked<Desktop> {
        Ok(Desktop {
            language: self.word(&raw.language, "language", LANGUAGES)?,
            remind_after: self.duration(&raw.remind_after, MINUTE * 15)?,
            notifications: self.word(&raw.notifications, "notifications", ON_OFF)?,
        })
    }

    fn listen(&self, raw: raw::Listen) -> Checked<Listen> {
        let tls = self.word(&raw.tls, "tls", LISTEN_TLS)?;
        let hostname = match &raw.hostname {
            Some(name) => self.domain(name)?,
            None => "localhost".to_owned(),
        };
        let smtp = match raw.smtp {
            Some(list) => self.listeners(list, tls)?,
            None => DEFAULT_SMTP
                .iter()
                .filter_map(|text| text.parse().ok())
                .map(|address| Listener { address, tls })
                .collect(),
        };
        let limits = raw.limits;
        Ok(Listen {
            smtp,
            imap: self.listeners(raw.imap.unwrap_or_default(), tls)?,
            tls,
            hostname,
            limits: Limits {
                message_size: self.number(&limits.message_size, 1_024..=1 << 30, 50 << 20)?,
                recipients: self.number(&limits.recipients, 1..=100_000, 1_000)?,
                sessions: self.number(&limits.sessions, 1..=10_000, 50)?,
                idle: self.duration(&limits.idle, MINUTE * 5)?,
            },
        })
    }

    fn listeners(&self, list: Vec<Spanned<Value>>, tls: ListenTls) -> Checked<Vec<Listener>> {
        let mut listeners = Vec::with_capacity(list.len());
        for entry in list {
            let span = entry.span();
            listeners.push(self.listener(entry.into_inner(), span, tls)?);
        }
        Ok(listeners)
    }

    /// `"127.0.0.1:1025"`, or `{ address = "127.0.0.1:1465", tls = "implicit" }`.
    fn listener(&self, value: Value, span: Range<usize>, tls: ListenTls) -> Checked<Listener> {
        let (address, tls) = match value {
            Value::String(address) => (address, tls),
            Value::Table(mut table) => {
                let address = table.remove("address");
                let own = table.remove("tls");
                if let Some(name) = table.keys().next() {
                    let what = format!("a listener has no `{name}`, only `address` and `tls`");
                    return Err(self.fault(span, what, "correct the name or remove it"));
                }
                let Some(Value::String(address)) = address else {
                    let what = "a listener needs an address in quotes";
                    return Err(self.fault(span, what, "add address = \"127.0.0.1:PORT\""));
                };
                let tls = match own {
                    None => tls,
                    Some(Value::String(word)) => {
                        self.word(&Some(Spanned::new(span.clone(), word)), "tls", LISTEN_TLS)?
                    }
                    Some(_) => {
                        let what = "tls of a listener is no word in quotes";
                        return Err(self.fault(span, what, "write tls = \"implicit\""));
                    }
                };
                (address, tls)
            }
            _ => {
                let what = "a listener is neither a text nor a table";
                return Err(self.fault(span, what, "write \"127.0.0.1:PORT\""));
            }
        };
        let address: SocketAddr = address.parse().map_err(|_| {
            let what = format!("`{address}` is no IP address with a port");
            self.fault(span.clone(), what, "write \"127.0.0.1:PORT\" or \"[::1]:PORT\"")
        })?;
        if !address.ip().is_loopback() {
            let what = format!("{address} can be reached from other machines");
            let mend = "listen on 127.0.0.1 or [::1] only";
            return Err(self.fault(span, what, mend));
        }
        Ok(Listener { address, tls })
    }

    fn dns(&self, raw: &raw::Dns) -> Checked<Dns> {
        let resolver = raw.resolver.as_ref().map_or(Ok(Resolver::System), |text| {
            resolver(text.get_ref()).ok_or_else(|| {
                let what = format!("`{}` names no resolver", text.get_ref());
                let mend = "write \"system\", \"IP:PORT\" or \"tls://IP:PORT#NAME\"";
                self.fault(text.span(), what, mend)
            })
        })?;
        Ok(Dns {
            resolver,
            trust_anchor: self.optional_file(&raw.trust_anchor)?,
            timeout: self.duration(&raw.timeout, SECOND * 5)?,
        })
    }

    fn detect(&self, raw: &raw::Detect) -> Checked<Detect> {
        let threshold = self.score(&raw.threshold, "threshold", DEFAULT_THRESHOLD)?;
        let certain = self.score(&raw.certain, "certain", DEFAULT_CERTAIN.max(threshold))?;
        if let Some(at) = &raw.certain
            && certain < threshold
        {
            let what = format!("certain ({certain}) is below the threshold ({threshold})");
            return Err(self.fault(at.span(), what, "make it at least as high, or remove it"));
        }
        let exempt = raw.exempt_domains.iter().map(|name| self.exempt_domain(name));
        Ok(Detect {
            threshold,
            certain,
            own_terms: self.optional_file(&raw.own_terms)?,
            staff: raw.staff.iter().map(|one| self.colleague(one)).collect::<Checked<_>>()?,
            exempt_domains: exempt.collect::<Checked<_>>()?,
            unreadable: self.word(&raw.unreadable, "unreadable", UNREADABLE)?,
        })
    }

    fn score(&self, raw: &Option<Spanned<f64>>, key: &str, default: f32) -> Checked<f32> {
        match raw {
            None => Ok(default),
            // Half the digits of an f64 are enough for a score.
            #[allow(clippy::cast_possible_truncation)]
            Some(at) if (0.0..=1.0).contains(at.get_ref()) => Ok(*at.get_ref() as f32),
            Some(at) => {
                let what = format!("{key} = {} is not between 0 and 1", at.get_ref());
                Err(self.fault(at.span(), what, "write a number from 0.0 to 1.0"))
            }
        }
    }

    /// A name, or a mail address.
    fn colleague(&self, text: &Spanned<String>) -> Checked<String> {
        let written = text.get_ref().trim();
        let wrong = written.contains('@') && Address::parse(written).is_err();
        if written.is_empty() || wrong {
            let what = format!("`{written}` is no name and no mail address");
            return Err(self.fault(text.span(), what, "write a name, or name@example.org"));
        }
        Ok(written.to_owned())
    }

    fn exempt_domain(&self, name: &Spanned<String>) -> Checked<Domain> {
        Domain::parse(name.get_ref()).map_err(|error| {
            let what = format!("`{}` is no single domain: {error}", name.get_ref());
            let mend = "write each domain by its own name, such as \"ward.hospital.example\"";
            self.fault(name.span(), what, mend)
        })
    }

    fn delivery(&self, raw: &raw::Delivery) -> Checked<Delivery> {
        let delivery = Delivery {
            port: self.number(&raw.port, 1..=65_535, 25)?,
            first_retry: self.duration(&raw.first_retry, MINUTE * 5)?,
            longest_retry: self.duration(&raw.longest_retry, HOUR * 4)?,
            give_up: self.duration(&raw.give_up, DAY * 5)?,
            connect_timeout: self.duration(&raw.connect_timeout, SECOND * 30)?,
            reply_timeout: self.duration(&raw.reply_timeout, MINUTE * 5)?,
        };
        if let Some(at) = &raw.longest_retry
            && delivery.longest_retry < delivery.first_retry
        {
            let what = "longest_retry is shorter than first_retry";
            return Err(self.fault(at.span(), what, "make it at least as long"));
        }
        Ok(delivery)
    }

    pub(super) fn domain(&self, name: &Spanned<String>) -> Checked<String> {
        let parsed = Domain::parse(name.get_ref()).map_err(|error| {
            let what = format!("`{}` is no host name: {error}", name.get_ref());
            self.fault(name.span(), what, "write it as mail.example.org")
        })?;
        Ok(parsed.as_str().to_owned())
    }

    pub(super) fn file(&self, name: &Spanned<String>) -> Checked<PathBuf> {
        if name.get_ref().is_empty() || name.get_ref().contains('\0') {
            let what = "the name of a file or folder is empty";
            return Err(self.fault(name.span(), what, "write the name, or remove the line"));
        }
        let folder = self.path.parent().unwrap_or(Path::new(""));
        Ok(folder.join(name.get_ref()))
    }

    fn optional_file(&self, name: &raw::Text) -> Checked<Option<PathBuf>> {
        name.as_ref().map(|name| self.file(name)).transpose()
    }

    fn files(&self, names: &[Spanned<String>]) -> Checked<Vec<PathBuf>> {
        names.iter().map(|name| self.file(name)).collect()
    }

    /// One of some words; the first is the default.
    pub(super) fn word<T: Copy>(
        &self,
        text: &raw::Text,
        key: &str,
        words: &[(&str, T)],
    ) -> Checked<T> {
        let given = text.as_ref().map(|text| text.get_ref().as_str());
        let found = words.iter().find(|(word, _)| given.is_none_or(|given| given == *word));
        if let Some((_, value)) = found {
            return Ok(*value);
        }
        let list: Vec<String> = words.iter().map(|(word, _)| format!("\"{word}\"")).collect();
        let what = format!("`{}` is no value of {key}", given.unwrap_or_default());
        let span = text.as_ref().map_or(0..0, Spanned::span);
        Err(self.fault(span, what, format!("write {}", list.join(" or "))))
    }

    pub(super) fn number<T: TryFrom<i64>>(
        &self,
        number: &raw::Number,
        range: std::ops::RangeInclusive<i64>,
        default: i64,
    ) -> Checked<T> {
        let value = number.as_ref().map_or(default, |number| *number.get_ref());
        let fitting = range.contains(&value).then(|| T::try_from(value).ok()).flatten();
        fitting.ok_or_else(|| {
            let (low, high) = range.into_inner();
            let span = number.as_ref().map_or(0..0, Spanned::span);
            let what = format!("{value} is not between {low} and {high}");
            self.fault(span, what, "write a number in that range")
        })
    }

    /// A number with its unit: `30s`, `5m`, `4h`, `5d`.
    fn duration(&self, text: &raw::Text, default: Duration) -> Checked<Duration> {
        let Some(text) = text else {
            return Ok(default);
        };
        let written = text.get_ref();
        let units = [('s', SECOND), ('m', MINUTE), ('h', HOUR), ('d', DAY)];
        let parsed = units.iter().find_map(|(letter, unit)| {
            let number = written.strip_suffix(*letter)?.trim_end();
            let digits = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
            let number: u32 = digits.then(|| number.parse().ok()).flatten()?;
            unit.checked_mul(number)
        });
        let sane = parsed.filter(|time| (SECOND..=LONGEST).contains(time));
        sane.ok_or_else(|| {
            let what = format!("`{written}` is no time between 1s and 365d");
            self.fault(text.span(), what, "write a number and s, m, h or d, such as \"5m\"")
        })
    }

    pub(super) fn fault(
        &self,
        span: Range<usize>,
        what: impl Into<String>,
        mend: impl Into<String>,
    ) -> SettingsError {
        let line = raw::line(self.text, span.start);
        SettingsError::new(self.path, Some(line), what, mend)
    }
}

/// `system`, an address, or an address with the name that its certificate must have.
fn resolver(text: &str) -> Option<Resolver> {
    let address = |text: &str, port| {
        let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
        text.parse().ok().or_else(|| Some(SocketAddr::new(bare.parse().ok()?, port)))
    };
    let Some(tls) = text.strip_prefix("tls://") else {
        let known = (text == "system").then_some(Resolver::System);
        return known.or_else(|| address(text, 53).map(Resolver::Address));
    };
    let (at, name) = tls.split_once('#')?;
    let ip = name.parse::<IpAddr>().map(|ip| ip.to_string());
    let name = ip.or_else(|_| Domain::parse(name).map(|name| name.to_string())).ok()?;
    Some(Resolver::Tls(address(at, 853)?, name))
}

/// Looks whether the files that the settings name can be read.
pub(super) fn files(settings: &Settings, text: &str) -> Checked<()> {
    let roots = settings.tls.extra_roots.iter().map(|file| ("extra_roots", file));
    let anchor = settings.dns.trust_anchor.iter().map(|file| ("trust_anchor", file));
    let terms = settings.detect.own_terms.iter().map(|file| ("own_terms", file));
    let anchors = settings.anchors.iter().map(|file| ("anchors", file));
    for (key, file) in roots.chain(anchor).chain(terms).chain(anchors) {
        let opened = File::open(file).and_then(|file| file.metadata());
        let trouble = match opened {
            Ok(meta) if meta.is_file() => continue,
            Ok(_) => "it is no file".to_owned(),
            Err(error) => error.to_string(),
        };
        let line =
            text.lines().position(|line| line.trim_start().starts_with(key)).map(|index| index + 1);
        let what = format!("the file {} of {key} cannot be read ({trouble})", file.display());
        let mend = "put the file there, or correct its name";
        return Err(SettingsError::new(&settings.file, line, what, mend));
    }
    Ok(())
}

/// The word by which a list reads a value.
pub(super) fn spelt<T: Copy + PartialEq>(words: &[(&'static str, T)], value: T) -> &'static str {
    words.iter().find(|(_, one)| *one == value).map_or("", |(word, _)| word)
}

const DEFAULT_SMTP: [&str; 2] = ["127.0.0.1:1025", "[::1]:1025"];
const DEFAULT_THRESHOLD: f32 = 0.5;
const DEFAULT_CERTAIN: f32 = 0.85;

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(60 * 60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const LONGEST: Duration = Duration::from_secs(365 * 24 * 60 * 60);

// The words of the file; the first of each list is the default.
const LISTEN_TLS: &[(&str, ListenTls)] = &[
    ("starttls", ListenTls::StartTls),
    ("implicit", ListenTls::Implicit),
    ("none", ListenTls::None),
];
const TLS_PROFILES: &[(&str, TlsProfile)] =
    &[("guide", TlsProfile::Guide), ("ncsc-2025", TlsProfile::Ncsc2025)];
const RSA_PADDINGS: &[(&str, RsaPadding)] =
    &[("pkcs1", RsaPadding::Pkcs1), ("pss", RsaPadding::Pss)];
const FETCHES: &[(&str, Fetch)] =
    &[("never", Fetch::Never), ("public", Fetch::Public), ("everywhere", Fetch::Everywhere)];
const UNREADABLE: &[(&str, Unreadable)] = &[("hold", Unreadable::Hold), ("pass", Unreadable::Pass)];
const PROMPT_DEFAULTS: &[(&str, PromptDefault)] = &[("ask", PromptDefault::Ask)];
const SEARCHES: &[(&str, Search)] = &[("text", Search::Text), ("headers", Search::Headers)];
const LANGUAGES: &[(&str, Language)] = &[("nl", Language::Dutch), ("en", Language::English)];
pub(super) const ON_OFF: &[(&str, bool)] = &[("on", true), ("off", false)];
pub(super) const LOG_LEVELS: &[(&str, LogLevel)] = &[
    ("info", LogLevel::Info),
    ("error", LogLevel::Error),
    ("warn", LogLevel::Warn),
    ("debug", LogLevel::Debug),
    ("trace", LogLevel::Trace),
];
