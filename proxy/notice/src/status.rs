//! The part for programs: message/delivery-status (RFC 3464 section 2).

use mail::Address;

use crate::encode::{self, field};
use crate::{Cause, Failed, Notice, date};

/// The fields of the message, then a group for each recipient.
pub(crate) fn of(notice: &Notice) -> String {
    let mut out = String::new();
    if let Some(id) = &notice.original.envelope_id {
        out.push_str(&field("Original-Envelope-Id", id));
    }
    // The name of a person's computer is nobody's business.
    out.push_str(&field("Reporting-MTA", "dns; localhost"));
    out.push_str(&field("Arrival-Date", &date(notice.arrived)));
    for failed in &notice.failed {
        out.push_str("\r\n");
        out.push_str(&recipient(failed, notice));
    }
    out
}

fn recipient(failed: &Failed, notice: &Notice) -> String {
    let mut out = String::new();
    let original = failed.original.as_deref().and_then(original_recipient);
    if let Some(original) = original {
        out.push_str(&field("Original-Recipient", &original));
    }
    out.push_str(&field("Final-Recipient", &typed(&failed.recipient)));
    out.push_str(&field("Action", "failed"));
    out.push_str(&field("Status", &status(failed.cause, &failed.en)));
    if let Some(host) = failed.host.as_deref().filter(|host| encode::is_plain(host)) {
        out.push_str(&field("Remote-MTA", &format!("dns; {host}")));
    }
    // A reply as a server gave it, or what was seen here.
    let kind = if reply_code(&failed.en).is_some() { "smtp" } else { "x-zorgzegel" };
    out.push_str(&field("Diagnostic-Code", &format!("{kind}; {}", failed.en)));
    out.push_str(&field("Last-Attempt-Date", &date(notice.at)));
    out
}

/// `rfc822;` and the address; beyond US-ASCII, RFC 6533 section 3.
fn typed(address: &Address) -> String {
    let text = address.to_string();
    if !address.is_international() {
        return format!("rfc822; {text}");
    }
    let written: String = text
        .chars()
        .map(|c| match c {
            '!'..='~' if !"\\+=".contains(c) => c.to_string(),
            c => format!("\\x{{{:X}}}", u32::from(c)),
        })
        .collect();
    format!("utf-8; {written}")
}

/// ORCPT is `type;xtext`; `None` where it is not.
fn original_recipient(orcpt: &str) -> Option<String> {
    let (kind, address) = orcpt.split_once(';')?;
    let address = encode::from_xtext(address)?;
    let named = !kind.is_empty() && kind.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    (named && encode::is_plain(&address)).then(|| format!("{kind}; {address}"))
}

/// The enhanced status code (RFC 3463) of what was said.
pub(crate) fn status(cause: Cause, words: &str) -> String {
    if cause == Cause::Expired {
        // RFC 3463 section 3.5: delivery time expired.
        return "4.4.7".to_owned();
    }
    let said = words.split([' ', '-']).find(|word| is_status(word));
    said.unwrap_or("5.0.0").to_owned()
}

/// `5.subject.detail` (RFC 3463 section 2).
fn is_status(word: &str) -> bool {
    let mut parts = word.split('.');
    let number = |part: Option<&str>| {
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        part.is_some_and(|part| (1..=3).contains(&part.len()) && digits(part))
    };
    parts.next() == Some("5")
        && number(parts.next())
        && number(parts.next())
        && parts.next().is_none()
}

/// The three digits with which a server's reply begins (RFC 5321 section 4.2).
fn reply_code(words: &str) -> Option<u16> {
    let code = words.split([' ', '-']).next()?;
    let code = (code.len() == 3).then(|| code.parse().ok()).flatten()?;
    (200..600).contains(&code).then_some(code)
}
