//! What the provider says that it found: Authentication-Results (RFC 8601).
//!
//! Anyone can write such a field into a message. One is believed where it bears the id that the account's
//! settings name, and stands where only the provider can have put it (RFC 8601 sections 4.1, 5 and 7.1): above
//! the topmost Received field, which is the provider's own. What stands below it came with the message, or
//! looks as if it had: it is believed only where the settings say that this provider writes there, and takes
//! away what others wrote under its id ([`Stands::Below`]).

use cades::Word;
use mail::{Domain, Field, Message};

use crate::aligned;
use crate::received::{Alignment, Statement};
use crate::scan::Scan;

/// One Authentication-Results field (RFC 8601 section 2.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Results {
    /// Who says it.
    pub id: String,
    /// What was found; empty for `none`.
    pub methods: Vec<Method>,
}

/// Whose Authentication-Results are believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trusted<'a> {
    /// The id under which the provider writes (RFC 8601 section 2.5).
    pub id: &'a str,
    /// Where it writes.
    pub stands: Stands,
}

/// Where a provider writes what it found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Stands {
    /// Above its Received fields, where nobody else can write (RFC 8601 section 7.1).
    #[default]
    Top,
    /// Right below its own Received field, as mail filters do that run while a message is taken in. A
    /// sender can write there too: such a provider must take away all that bears its id and is not its
    /// own (RFC 8601 section 5).
    Below,
}

/// One method with its result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Method {
    /// Such as `dkim`, in small letters.
    pub name: String,
    /// Such as `pass`, in small letters.
    pub result: String,
    /// What it is about: `header.d` and its value.
    pub properties: Vec<(String, String)>,
}

impl Results {
    /// Reads the value of a field; none where it has no id, or is no such field. An item that cannot be read
    /// is passed over.
    #[must_use]
    pub fn parse(value: &str) -> Option<Self> {
        if value.len() > LONGEST {
            return None;
        }
        let mut scan = Scan::new(value);
        scan.blank();
        let id = match scan.peek()? {
            '"' => scan.quoted()?,
            _ => scan.run(ends_keyword).to_owned(),
        };
        scan.blank();
        // authres-version.
        let version = scan.run(ends_keyword);
        scan.blank();
        let digits = version.bytes().all(|byte| byte.is_ascii_digit());
        if id.is_empty() || !digits || !matches!(scan.peek(), None | Some(';')) {
            return None;
        }
        let mut methods = Vec::new();
        while scan.take(';') && methods.len() < METHODS {
            scan.blank();
            methods.extend(Method::parse(&mut scan));
            scan.up_to_semicolon();
        }
        Some(Self { id, methods })
    }
}

impl Method {
    fn parse(scan: &mut Scan<'_>) -> Option<Self> {
        let name = scan.run(|sign| sign == '/' || ends_keyword(sign)).to_ascii_lowercase();
        scan.blank();
        if scan.take('/') {
            scan.blank();
            scan.run(|sign| !sign.is_ascii_digit());
            scan.blank();
        }
        if name.is_empty() || !scan.take('=') {
            return None;
        }
        scan.blank();
        let result = scan.run(ends_keyword).to_ascii_lowercase();
        let mut method = Self { name, result, properties: Vec::new() };
        while method.properties.len() < PROPERTIES {
            scan.blank();
            let key = scan.run(ends_keyword).to_ascii_lowercase();
            scan.blank();
            if key.is_empty() || !scan.take('=') {
                break;
            }
            scan.blank();
            method.properties.push((key, pvalue(scan)?));
        }
        Some(method)
    }

    /// The value of a property.
    #[must_use]
    pub fn property(&self, key: &str) -> Option<&str> {
        self.properties.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str())
    }

    /// The result in our words. What only says that nothing was decided is `none`.
    #[must_use]
    pub fn word(&self) -> Word {
        match self.result.as_str() {
            "pass" => Word::Pass,
            "fail" | "hardfail" => Word::Fail,
            "softfail" | "policy" => Word::Policy,
            "temperror" => Word::TempError,
            "permerror" => Word::PermError,
            _ => Word::None,
        }
    }

    /// The domain that a DKIM result is about.
    fn signer(&self) -> Option<Domain> {
        let named = self
            .property("header.d")
            .or_else(|| self.property("header.i").and_then(|agent| agent.rsplit('@').next()));
        Domain::parse(named?).ok()
    }
}

/// A token, a quoted string, or a mail address. Servers write addresses with `=` in them unquoted.
fn pvalue(scan: &mut Scan<'_>) -> Option<String> {
    let mut value = if scan.peek() == Some('"') { scan.quoted()? } else { String::new() };
    value.push_str(scan.run(|sign| sign.is_whitespace() || ";()\"".contains(sign)));
    Some(value)
}

fn ends_keyword(sign: char) -> bool {
    sign.is_whitespace() || ";=()\"".contains(sign)
}

/// What the provider says of a message under the id that is trusted; none where it says nothing that can be
/// believed. For each method the topmost field that names it counts.
#[must_use]
pub fn statement(
    message: &Message,
    trusted: Trusted<'_>,
    author: Option<&Domain>,
) -> Option<Statement> {
    let block = block(message, trusted);
    let first = |name: &str| {
        let mut fields = block.iter().map(|results| -> Vec<&Method> {
            results.methods.iter().filter(|method| method.name == name).collect()
        });
        fields.find(|methods| !methods.is_empty()).unwrap_or_default()
    };
    let one = |name: &str| first(name).first().map(|method| method.word());
    let ours = |method: &&&Method| {
        let signer = method.signer();
        signer
            .zip(author)
            .is_some_and(|(signer, author)| aligned(&signer, author) == Alignment::Author)
    };
    let dkim = first("dkim");
    let mut dkim = dkim.iter().filter(ours).map(|method| method.word());
    // One that held is enough (RFC 6376 section 6.1).
    let dkim = dkim.clone().find(|word| *word == Word::Pass).or_else(|| dkim.next());
    (!block.is_empty()).then(|| Statement {
        id: trusted.id.to_owned(),
        dkim,
        spf: one("spf"),
        dmarc: one("dmarc"),
    })
}

/// How far down the header was read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reading {
    /// Above every Received field.
    Top,
    /// Below one of a host that is not known to be the provider's.
    Unknown,
    /// Right below one of the provider's.
    Provider,
}

/// The fields of the trusted id that stand together, topmost, where the provider writes.
fn block(message: &Message, trusted: Trusted<'_>) -> Vec<Results> {
    let mut block = Vec::new();
    let mut reading = Reading::Top;
    for field in message.fields().take(FIELDS) {
        if field.is("received") {
            reading = match (trusted.stands, reading, is_by(&field, trusted.id)) {
                (Stands::Below, _, true) if block.is_empty() => Reading::Provider,
                // Hosts inside may bear any name; below the provider's own nothing is inside.
                (Stands::Below, Reading::Top | Reading::Unknown, false) if block.is_empty() => {
                    Reading::Unknown
                }
                _ => break,
            };
        } else if field.is("authentication-results") {
            match Results::parse(&field.unfolded()) {
                Some(results) if results.id.eq_ignore_ascii_case(trusted.id) => {
                    if reading != Reading::Unknown {
                        block.push(results);
                    }
                }
                _ if block.is_empty() => {}
                _ => break,
            }
        } else if !goes_between(&field) && (!block.is_empty() || is_authors(&field)) {
            break;
        }
    }
    block
}

/// Whether a Received field is that of a host which bears the id, or lies above or below it (RFC 5321
/// section 4.4: `from NAME by NAME`). The name behind `from` is the sender's to choose.
fn is_by(field: &Field<'_>, id: &str) -> bool {
    let text = field.unfolded();
    let mut scan = Scan::new(&text);
    let mut word = || {
        scan.blank();
        scan.run(|sign| sign.is_whitespace() || "(;".contains(sign))
    };
    let mut first = word();
    if first.eq_ignore_ascii_case("from") {
        word();
        first = word();
    }
    let host = first.eq_ignore_ascii_case("by").then(|| Domain::parse(word()).ok()).flatten();
    let both = host.zip(Domain::parse(id).ok());
    both.is_some_and(|(host, id)| aligned(&host, &id) == Alignment::Author)
}

/// Fields that a provider's filters put beside their results.
fn goes_between(field: &Field<'_>) -> bool {
    let name = field.name();
    let begins = |with: &str| {
        name.get(..with.len()).is_some_and(|it| it.eq_ignore_ascii_case(with.as_bytes()))
    };
    begins("ARC-") || begins("X-") || field.is("Received-SPF") || field.is("DKIM-Filter")
}

/// Fields that the author writes (RFC 5322 sections 3.6.1 to 3.6.5), and the one with which the author's
/// servers end: below them nothing is the provider's.
fn is_authors(field: &Field<'_>) -> bool {
    AUTHORS.iter().any(|name| field.is(name))
}

const AUTHORS: &[&str] = &[
    "DKIM-Signature",
    "Date",
    "From",
    "Sender",
    "Reply-To",
    "To",
    "Cc",
    "Message-ID",
    "In-Reply-To",
    "References",
    "Subject",
    "MIME-Version",
    "Content-Type",
];
/// Bytes of a field that is read: real ones have some hundreds.
const LONGEST: usize = 16 * 1024;
/// Results of one field.
const METHODS: usize = 50;
/// Properties of one result.
const PROPERTIES: usize = 20;
/// Fields that are looked at: providers put some dozens on top.
const FIELDS: usize = 200;

#[cfg(test)]
mod tests;
