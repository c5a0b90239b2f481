use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mail::{Domain, Field, Message};

use crate::{DkimError, Key};

/// Gives the message with a `DKIM-Signature` on top (RFC 6376 section 5.6); every other byte stays.
///
/// Signed are all fields that there are of [`FIELDS`], and `From` once more than it is there, so
/// that none can be put beside it (section 5.4.2).
///
/// # Errors
/// Where the message has no `From`, has a line that mail servers change, or the key refuses.
pub fn sign(
    message: &Message,
    key: &Key,
    selector: &Domain,
    domain: &Domain,
) -> Result<Vec<u8>, DkimError> {
    survives(message.bytes())?;
    if message.field("from").is_none() {
        return Err(DkimError::NoFrom);
    }
    let fields = signed_fields(message);
    let body = digest(&SHA256, &canonical_body(message.body()));
    let names = fields.iter().map(|(name, _)| *name).chain(["From"]);
    let unsigned = format!(
        "DKIM-Signature: v=1; a=rsa-sha256; c=simple/simple;\r\n\td={domain};\r\n\ts={selector};\r\n\
         \th={};\r\n\tbh={};\r\n\tb=",
        folded(names),
        STANDARD.encode(body.as_ref())
    );
    // Section 3.7: the fields in the order of h=, then the signature's own without its value and
    // without a line end. Of the From that is not there, nothing is hashed.
    let mut hashed = Vec::new();
    for (_, field) in &fields {
        hashed.extend_from_slice(field.raw());
    }
    hashed.extend_from_slice(unsigned.as_bytes());
    let signature = STANDARD.encode(key.sign(&hashed)?);
    let lines: Vec<String> = signature
        .as_bytes()
        .chunks(LINE)
        .map(|part| part.iter().map(|&b| char::from(b)).collect())
        .collect();
    let mut out = unsigned.into_bytes();
    out.extend_from_slice(lines.join("\r\n\t ").as_bytes());
    out.extend_from_slice(b"\r\n");
    out.extend_from_slice(message.bytes());
    Ok(out)
}

/// The fields that are signed; of one that is there more than once the last first (section 5.4.2).
fn signed_fields(message: &Message) -> Vec<(&'static str, Field<'_>)> {
    let named = |name: &'static str| {
        message.fields().rev().filter(move |field| field.is(name)).map(move |field| (name, field))
    };
    FIELDS.into_iter().flat_map(named).collect()
}

/// The names with colons between, some on each line.
fn folded<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let (mut out, mut column) = (String::new(), 0);
    for name in names {
        if !out.is_empty() {
            out.push(':');
        }
        if column + name.len() > LINE {
            out.push_str("\r\n\t ");
            column = 0;
        }
        out.push_str(name);
        column += name.len() + 1;
    }
    out
}

/// `simple` (section 3.4.3): empty lines at the end are as if they were not there, and an empty body
/// is one CRLF. A last line without an end gets one, as it will on the way.
fn canonical_body(body: &[u8]) -> Vec<u8> {
    let mut body = body;
    while let Some(shorter) = body.strip_suffix(b"\r\n") {
        body = shorter;
    }
    [body, b"\r\n"].concat()
}

/// No mail server changes the lines of this message.
fn survives(bytes: &[u8]) -> Result<(), DkimError> {
    for (at, line) in bytes.split_inclusive(|&byte| byte == b'\n').enumerate() {
        let line_number = at + 1;
        let last = !line.ends_with(b"\n");
        let text = line.strip_suffix(b"\r\n").unwrap_or(line);
        if text.contains(&b'\r') || (text.ends_with(b"\n") && !last) {
            return Err(DkimError::LineEnd { line: line_number });
        }
        if text.len() > LONGEST_LINE {
            return Err(DkimError::LongLine { line: line_number });
        }
    }
    Ok(())
}

/// Section 5.4.1: what a person sees or answers to, how the body is read, and the mark of NTA mail.
/// None of them is added or changed on the way.
const FIELDS: [&str; 15] = [
    "From",
    "Sender",
    "Reply-To",
    "To",
    "Cc",
    "Subject",
    "Date",
    "Message-ID",
    "In-Reply-To",
    "References",
    "MIME-Version",
    "Content-Type",
    "Content-Transfer-Encoding",
    "Content-Disposition",
    "X-NTA7516",
];
/// Characters of a folded line of our own: with tab and name it stays below 78.
const LINE: usize = 64;
/// RFC 5321 section 4.5.3.1.6, without the CRLF.
const LONGEST_LINE: usize = 998;
