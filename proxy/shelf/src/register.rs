//! The list of what is kept, as CSV.

use vault::archive::{Archived, Direction};

/// Copies as CSV, with a heading.
pub fn csv<'a>(copies: impl IntoIterator<Item = &'a Archived>) -> String {
    copies.into_iter().fold(copies::csv_head(&COLUMNS), |text, copy| text + &record(copy))
}

/// One copy as a record, its fields as [`COLUMNS`] names them.
#[must_use]
pub fn record(copy: &Archived) -> String {
    let meta = &copy.meta;
    let listed = |all: Vec<String>| all.join(", ");
    copies::csv_record([
        copy.id.to_string(),
        meta.sent_at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        match meta.direction {
            Direction::Sent => "sent".to_owned(),
            Direction::Received => "received".to_owned(),
        },
        meta.account.to_string(),
        meta.from.as_ref().map(ToString::to_string).unwrap_or_default(),
        listed(meta.recipients.iter().map(ToString::to_string).collect()),
        meta.subject.clone(),
        listed(meta.attachments.clone()),
        meta.signed.to_string(),
    ])
}

/// The columns of the list.
pub const COLUMNS: [&str; 9] =
    ["id", "at", "direction", "account", "from", "recipients", "subject", "attachments", "signed"];
