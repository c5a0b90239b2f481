//! Errors in the words of an SMTP reply: what happened, and what to do.

use smtp::Reply;
use vault::VaultError;

/// One sentence for the person behind the mail program.
pub(crate) fn vault_trouble(error: &VaultError) -> String {
    one_line(&error.to_string())
}

/// The reply where a message cannot be held: temporary, so that the mail program keeps it.
pub(crate) fn hold_refused(error: &VaultError) -> Reply {
    let (code, enhanced) = match error {
        VaultError::Full => (452, "4.3.1"),
        VaultError::TooLarge => return Reply::new(552, "5.3.4", &vault_trouble(error)),
        _ => (451, "4.3.0"),
    };
    let text = format!("not sent and not kept, your mail program has it: {}", vault_trouble(error));
    Reply::new(code, enhanced, &text)
}

/// A text as one line of printable ASCII: replies have no other bytes (RFC 5321 section 4.2).
pub(crate) fn one_line(text: &str) -> String {
    let printable = |c: char| {
        if c == ' ' || c.is_ascii_graphic() { c } else { '?' }
    };
    text.split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .chars()
        .map(printable)
        .take(LINE)
        .collect()
}

/// Characters of a reply's text: with code and enhanced code well within 512 octets (RFC 5321
/// section 4.5.3.1.5).
const LINE: usize = 400;
