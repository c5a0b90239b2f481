//! A text that a person tries the detector on: judged as mail would be now, and kept nowhere.

use std::sync::Arc;

use detect::{Field, Level, Piece};
use extract::Origin;

use crate::engine::Engine;
use crate::look::{self, Run};

/// What the detector says of a text.
#[derive(Debug, Clone, PartialEq)]
pub struct Trial {
    /// The score, 0 to 1.
    pub score: f32,
    /// The score from which mail is asked about.
    pub threshold: f32,
    /// The level that follows from the score.
    pub level: Level,
    /// The whole text, cut where marks begin and end.
    pub runs: Vec<Run>,
}

impl Engine {
    /// Judges a text as the body of a mail, with the settings and dismissals of now. Of a long one
    /// the first 64 KiB.
    pub async fn try_text(self: &Arc<Self>, mut text: String) -> Trial {
        let (detector, threshold) = (self.detector(), self.settings().detect.threshold);
        let judged = tokio::task::spawn_blocking(move || {
            text.truncate(text.floor_char_boundary(LONGEST));
            let judged = detector.judge(&[Piece { field: Field::Body, text: &text }]);
            let piece = extract::Piece { origin: Origin::Body, text };
            let runs = look::whole(&piece, &judged.findings);
            Trial { score: judged.score, threshold, level: judged.level, runs }
        });
        let none = Trial { score: 0.0, threshold, level: Level::None, runs: Vec::new() };
        judged.await.unwrap_or(none)
    }
}

/// Bytes of a text that is tried: ten pages, more than anybody pastes.
const LONGEST: usize = 64 * 1024;
