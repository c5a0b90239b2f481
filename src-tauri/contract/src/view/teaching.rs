//! What people say of findings, and what the detector says of a text that is tried.

use serde::Serialize;
use ts_rs::TS;

use super::Run;

/// How sure the detector is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// No health mail.
    None,
    /// Over the threshold.
    Possible,
    /// Beyond doubt.
    Certain,
}

/// A finding that was called wrong. Its words are not known any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct TaughtItem {
    /// Which.
    pub finding: String,
    /// `bsn`, `dob`, `name`, `address`, `patient_number`, `phone`, `email` or `medical`.
    pub kind: String,
    /// In how many mails it was called wrong, three at most.
    pub count: u32,
    /// When it was last.
    pub last_at: String,
}

/// What the detector says of a text that a person tried. Kept nowhere.
#[derive(Clone, PartialEq, Serialize, TS)]
pub struct Trial {
    /// The number of the request that it answers.
    pub number: u32,
    /// 0 to 1.
    pub score: f32,
    /// The score from which mail is asked about.
    pub threshold: f32,
    /// What the score means.
    pub level: Level,
    /// The whole text, cut where marks begin and end. Shown as text only.
    pub runs: Vec<Run>,
}

impl core::fmt::Debug for Trial {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Trial").field("number", &self.number).finish_non_exhaustive()
    }
}
