//! What comes out: a verdict, and the steps behind it.

use std::borrow::Cow;

use mail::Domain;
use serde::{Deserialize, Serialize};

/// What was found of one domain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// The domain.
    pub domain: Domain,
    /// May health mail go there by the route `direct`?
    pub verdict: Verdict,
    /// The step of the sending scheme that decided, such as `R-SEND-5`.
    pub step: Cow<'static, str>,
    /// How the mail host proved itself; `None` where it did not, or was not asked.
    pub proof: Option<Proof>,
    /// Why: the sentences behind the verdict.
    pub reasons: Vec<Text>,
    /// All that was looked at, in the order of the chain.
    pub steps: Vec<Step>,
}

/// May health mail go there?
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Yes, to its own mail host, under the proof that was seen.
    Direct,
    /// Not as NTA mail: another way (R-ALT-1).
    OtherWay,
    /// No: something that ought to be proved does not hold.
    Refuse,
    /// Now nothing can be said; later perhaps.
    Tempfail,
}

/// How a mail host proved itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Proof {
    /// By DANE (R-SEND-5).
    Dane,
    /// By a certificate of a trusted authority with its name (R-SEND-6).
    Pkix,
    /// The same, with the mark of a supplier (R-SEND-7).
    Ou,
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// What was looked at; a stable code for scripts.
    pub code: Topic,
    /// Where it stands in the chain.
    pub link: Link,
    /// Of what, where there can be several: a mail host, a DKIM selector, a supplier's domain.
    pub about: Option<String>,
    /// The clause that asks for it, such as `R-DANE-1`.
    pub clause: Cow<'static, str>,
    /// How it stands.
    pub state: State,
    /// What was seen.
    pub seen: Text,
    /// What to do; `None` where nothing is to be done.
    pub mend: Option<Text>,
    /// A record to publish, where one helps.
    pub publish: Option<Publish>,
}

/// What a step looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Topic {
    /// The NTA record set (R-DNS-1, R-DNS-2).
    Record,
    /// The supplier's record (R-DNS-4).
    Supplier,
    /// Is the record set proved by DNSSEC (R-SEND-4)?
    Dnssec,
    /// Which hosts take the mail: `ntamx`, else MX (R-DNS-3).
    MailHosts,
    /// Does DNSSEC prove which hosts these are (R-SEND-6)?
    MailHostsDnssec,
    /// The TLSA records of a host (R-DANE-1).
    Tlsa,
    /// Can a host be reached, and does it offer STARTTLS (R-SMTP-1)?
    StartTls,
    /// The certificate of a host (R-SEND-5 to R-SEND-7).
    Certificate,
    /// Version, suite and key of the connection (R-TLS-1).
    Tls,
    /// SPF (R-SPF-1).
    Spf,
    /// DMARC (R-DMARC-1).
    Dmarc,
    /// DKIM, one selector (R-DKIM-1).
    Dkim,
    /// Does the host take mail for `NTA7516@` the domain (R-DNS-6)?
    Mailbox,
}

/// The chain that a health mail hangs from, and what stands beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Link {
    /// The domain says that it complies.
    Record,
    /// DNSSEC proves that it is the domain that says so.
    Dnssec,
    /// The mail host that takes its mail.
    Host,
    /// The host proves itself.
    Proof,
    /// What the domain publishes for the mail that it sends: no part of the chain.
    Sender,
}

/// How a step stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// As it must be.
    Good,
    /// Nobody asked for it, or a step before it left nothing to look at.
    NotLookedAt,
    /// It works, and could be better.
    Attention,
    /// Now nothing can be said: temporary trouble.
    Unknown,
    /// Not as it must be.
    Bad,
}

/// A sentence in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Text {
    /// In Dutch.
    pub nl: String,
    /// In English.
    pub en: String,
}

/// A record to publish in DNS.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Publish {
    /// Where, without a final dot.
    pub name: String,
    /// `TXT` or `TLSA`.
    pub kind: Cow<'static, str>,
    /// The data: for `TXT` the text itself, without quotation marks.
    pub value: String,
}

impl Report {
    /// A picture of the chain: each link in order with the worst state of its steps.
    #[must_use]
    pub fn chain(&self) -> Vec<(Link, State)> {
        Link::CHAIN.into_iter().map(|link| (link, self.state(link))).collect()
    }

    /// The worst state of the steps of a link; [`State::NotLookedAt`] where it has none.
    #[must_use]
    pub fn state(&self, link: Link) -> State {
        link.state(&self.steps)
    }
}

impl Topic {
    /// The link that it belongs to.
    #[must_use]
    pub fn link(self) -> Link {
        match self {
            Self::Record | Self::Supplier => Link::Record,
            Self::Dnssec => Link::Dnssec,
            Self::MailHosts | Self::MailHostsDnssec => Link::Host,
            Self::Tlsa | Self::StartTls | Self::Certificate | Self::Tls => Link::Proof,
            Self::Spf | Self::Dmarc | Self::Dkim | Self::Mailbox => Link::Sender,
        }
    }

    /// What it is called, in both languages.
    #[must_use]
    pub fn name(self) -> Text {
        let (nl, en) = match self {
            Self::Record => ("NTA-record", "NTA record"),
            Self::Supplier => ("Record van de leverancier", "Supplier's record"),
            Self::Dnssec => ("DNSSEC", "DNSSEC"),
            Self::MailHosts => ("Mailservers", "Mail hosts"),
            Self::MailHostsDnssec => ("DNSSEC van de mailservers", "DNSSEC of the mail hosts"),
            Self::Tlsa => ("TLSA (DANE)", "TLSA (DANE)"),
            Self::StartTls => ("STARTTLS", "STARTTLS"),
            Self::Certificate => ("Certificaat", "Certificate"),
            Self::Tls => ("TLS", "TLS"),
            Self::Spf => ("SPF", "SPF"),
            Self::Dmarc => ("DMARC", "DMARC"),
            Self::Dkim => ("DKIM", "DKIM"),
            Self::Mailbox => ("Postbus NTA7516", "Mailbox NTA7516"),
        };
        Text::new(nl, en)
    }
}

impl Link {
    /// The links of the chain, in order.
    pub const CHAIN: [Self; 4] = [Self::Record, Self::Dnssec, Self::Host, Self::Proof];

    /// The worst state of its steps among these; [`State::NotLookedAt`] where it has none.
    #[must_use]
    pub fn state(self, steps: &[Step]) -> State {
        let states = steps.iter().filter(|step| step.link == self).map(|step| step.state);
        states.max_by_key(|state| state.weight()).unwrap_or(State::NotLookedAt)
    }
}

impl State {
    /// How much it weighs against others of its link: what was good outweighs what was not looked
    /// at, and what is bad outweighs all.
    fn weight(self) -> u8 {
        match self {
            Self::NotLookedAt => 0,
            Self::Good => 1,
            Self::Attention => 2,
            Self::Unknown => 3,
            Self::Bad => 4,
        }
    }
}

impl Text {
    /// A sentence in both languages.
    pub fn new(nl: impl Into<String>, en: impl Into<String>) -> Self {
        Self { nl: nl.into(), en: en.into() }
    }
}

impl Publish {
    /// A TXT record.
    pub fn txt(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self { name: name.into(), kind: Cow::Borrowed("TXT"), value: value.into() }
    }

    /// The record as a line of a zone file (RFC 1035 section 5.1). TXT data is cut into
    /// character-strings of 255 octets at most (section 3.3).
    #[must_use]
    pub fn line(&self) -> String {
        let Self { name, kind, value } = self;
        if kind != "TXT" {
            return format!("{name}. IN {kind} {value}");
        }
        let escaped: Vec<String> = value
            .as_bytes()
            .chunks(CHARACTER_STRING)
            .map(|part| String::from_utf8_lossy(part).replace('\\', "\\\\").replace('"', "\\\""))
            .collect();
        format!("{name}. IN TXT \"{}\"", escaped.join("\" \""))
    }
}

/// RFC 1035 section 3.3: a character-string holds 255 octets at most.
const CHARACTER_STRING: usize = 255;

#[cfg(test)]
mod tests {
    use super::*;

    fn step(code: Topic, state: State) -> Step {
        Step {
            code,
            link: code.link(),
            about: None,
            clause: "R-X".into(),
            state,
            seen: Text::new("gezien", "seen"),
            mend: None,
            publish: None,
        }
    }

    #[test]
    fn the_chain_shows_the_worst_of_each_link() {
        let report = Report {
            domain: Domain::parse("a.nl").unwrap(),
            verdict: Verdict::Direct,
            step: "R-SEND-5".into(),
            proof: Some(Proof::Dane),
            reasons: Vec::new(),
            steps: vec![
                step(Topic::Record, State::Good),
                step(Topic::Supplier, State::NotLookedAt),
                step(Topic::MailHosts, State::Good),
                step(Topic::MailHostsDnssec, State::Attention),
                step(Topic::Tlsa, State::Bad),
                step(Topic::StartTls, State::Unknown),
                step(Topic::Spf, State::Bad),
            ],
        };
        let expected = [
            (Link::Record, State::Good),
            (Link::Dnssec, State::NotLookedAt),
            (Link::Host, State::Attention),
            (Link::Proof, State::Bad),
        ];
        assert_eq!(report.chain(), expected);
        let json = serde_json::to_string(&report).unwrap();
        assert!(json.contains(r#""code":"mail-hosts-dnssec","link":"host""#), "{json}");
        assert_eq!(serde_json::from_str::<Report>(&json).unwrap(), report);
    }

    #[test]
    fn a_record_to_publish_is_a_line_of_a_zone_file() {
        let tlsa = Publish {
            name: "_25._tcp.mx.a.nl".into(),
            kind: "TLSA".into(),
            value: "3 1 1 00".into(),
        };
        assert_eq!(tlsa.line(), "_25._tcp.mx.a.nl. IN TLSA 3 1 1 00");
        assert_eq!(Publish::txt("a.nl", "v=spf1 -all").line(), "a.nl. IN TXT \"v=spf1 -all\"");
        let long = "x".repeat(300);
        let line = Publish::txt("a.nl", long).line();
        assert_eq!(line, format!("a.nl. IN TXT \"{}\" \"{}\"", "x".repeat(255), "x".repeat(45)));
        assert_eq!(Publish::txt("a.nl", r#"a"b\c"#).line(), r#"a.nl. IN TXT "a\"b\\c""#);
    }
}
