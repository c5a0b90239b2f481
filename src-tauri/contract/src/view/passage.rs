//! Places in a mail where something was found.

use serde::Serialize;
use ts_rs::TS;

/// A stretch of text with marks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct Passage {
    /// Where it stands.
    pub place: Place,
    /// The file's name, for an attachment.
    pub name: Option<String>,
    /// Text was left out before it.
    pub cut_before: bool,
    /// Text was left out after it.
    pub cut_after: bool,
    /// The text, cut where marks begin and end. Shown as text only.
    pub runs: Vec<Run>,
}

/// Where a passage stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// The subject.
    Subject,
    /// The text of the mail.
    Body,
    /// A file's name.
    FileName,
    /// Inside a file.
    Attachment,
}

/// A piece of a passage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct Run {
    /// Its text.
    pub text: String,
    /// What was found, where it is a mark.
    pub mark: Option<Mark>,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct Mark {
    /// `bsn`, `dob`, `name`, `address`, `patient_number`, `phone`, `email` or `medical`.
    pub kind: String,
    /// Why, in a sentence.
    pub reason: String,
    /// By which name it can be called wrong, in a held message.
    pub finding: Option<String>,
    /// It always counts: it cannot be called wrong.
    pub firm: bool,
    /// It was called wrong in this message, and counts for nothing.
    pub dismissed: bool,
}

/// A file that could not be looked into.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct UnreadFile {
    /// Its name, or else its media type.
    pub name: String,
    /// Why not, in a sentence.
    pub reason: String,
}
