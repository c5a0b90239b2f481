//! Text to findings: who is identified, what medical language, how sure, where.
//!
//! [`Detector::judge`] reads the pieces of one message and answers whether it holds health
//! information about someone (R-DET-1). The evidence adds up: *who* (a citizen service number, a
//! birth date, a title with a name) and *what* (terms, medicines with doses, measurements), nearer
//! together counting more; words of invoices, newsletters and guidelines count against. No single
//! kind of evidence suffices: without a person, or without medical content, it is no health mail.
//! What this room does not do: it reads no files, knows no addresses and decides nothing about
//! sending.
//!
//! ```text
//! piece -> fold -> zones, numbers that are something else -> identifiers, medical terms
//!                                                                  |
//!                            Findings <- score <- persons, cues, nearness
//! ```
//!
//! ```
//! use detect::{Detector, Field, Level, Options, Piece};
//!
//! let detector = Detector::new(Options::default());
//! let judge = |text| detector.judge(&[Piece { field: Field::Body, text }]);
//! assert_eq!(judge("BSN 123456782, dhr. Jansen, geb. 12-03-1956, CVA").level, Level::Certain);
//! assert!(!judge("Lunch morgen om 12 uur?").health);
//! ```
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

mod citizens;
mod codes;
mod cues;
mod dates;
mod features;
mod figures;
mod identifiers;
mod kept;
mod medical;
mod model;
mod names;
mod numbers;
mod passages;
mod patients;
mod phrases;
mod places;
mod prepare;
mod reasons;
mod score;
mod tables;
mod tokens;
mod weigh;
mod words;
mod zones;

use std::cell::OnceCell;
use std::iter;
use std::sync::Arc;

use figures::Figures;
use fold::Folded;
use serde::{Deserialize, Serialize};

/// What a detector is told by its owner.
#[derive(Debug, Clone)]
pub struct Options {
    /// The score, 0 to 1, from which a message is health mail.
    pub threshold: f32,
    /// The score, 0 to 1, from which a message is health mail beyond doubt.
    pub certain: f32,
    /// Medical words of the user's own, counted like diagnoses.
    pub own_terms: Vec<String>,
    /// Names and addresses of colleagues: they identify no patient.
    pub staff: Vec<String>,
    /// What people said of earlier findings.
    pub dismissals: Option<Arc<dyn Dismissals>>,
}

/// What people said of findings: "that is not right". Who keeps it need not keep the words: a keyed
/// hash of them answers as well.
pub trait Dismissals: core::fmt::Debug + Send + Sync {
    /// How many times a finding of this kind and these words was dismissed. `words` are normalised by
    /// [`normalised`].
    fn times(&self, kind: Kind, words: &str) -> u32;
}

/// Words of a finding in the one form in which dismissals know them: lower case, white space as one
/// blank, no blanks around.
#[must_use]
pub fn normalised(words: &str) -> String {
    words.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

impl Default for Options {
    fn default() -> Self {
        Self {
            threshold: 0.5,
            certain: 0.85,
            own_terms: Vec::new(),
            staff: Vec::new(),
            dismissals: None,
        }
    }
}

/// Where a piece of text stands in its message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Field {
    /// The subject.
    Subject,
    /// A body.
    Body,
    /// The name of a file.
    FileName,
    /// The text of an attachment.
    Attachment,
}

impl Field {
    /// Is it the name of the mail or of a file? One may name another patient than all the rest does.
    pub(crate) fn is_name(self) -> bool {
        matches!(self, Self::Subject | Self::FileName)
    }
}

/// A piece of text to judge.
#[derive(Clone, Copy)]
pub struct Piece<'a> {
    /// Where it stands.
    pub field: Field,
    /// The text.
    pub text: &'a str,
}

impl<'a> Piece<'a> {
    /// The text, or that of a block, as it is read.
    pub(crate) fn folded(self) -> Folded<'a> {
        if self.field.is_name() { Folded::of_name(self.text) } else { Folded::new(self.text) }
    }
}

/// How sure the detector is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// No health mail.
    None,
    /// Over the threshold.
    Possible,
    /// Beyond doubt for a reader.
    Certain,
}

/// What a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Kind {
    /// A citizen service number.
    Bsn,
    /// A date of birth.
    Dob,
    /// A person's name.
    Name,
    /// A street with a house number, or a postcode.
    Address,
    /// A patient or client number.
    PatientNumber,
    /// A telephone number.
    Phone,
    /// A mail address.
    Email,
    /// Medical content.
    Medical,
}

/// Why something was found, in both languages of the product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// Dutch.
    pub nl: String,
    /// English.
    pub en: String,
}

/// One piece of evidence and its place.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// Which of the judged pieces, from 0.
    pub piece: usize,
    /// Where it starts in that piece, in UTF-8 bytes.
    pub start: usize,
    /// Where it ends, exclusive, in UTF-8 bytes.
    pub end: usize,
    /// What it is.
    pub kind: Kind,
    /// How much it counts, in the score's own units; 0 where it counts for nothing (in a signature,
    /// a colleague's name).
    pub weight: f32,
    /// Why.
    pub reason: Reason,
}

/// The answer about one message.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Findings {
    /// 0 (nothing) to 1 (certain).
    pub score: f32,
    /// What the score means.
    pub level: Level,
    /// The message holds health information about someone.
    pub health: bool,
    /// Everything found, in the order of the text.
    pub findings: Vec<Finding>,
}

/// The detector; building it costs tens of milliseconds, so build one and share it.
#[derive(Debug)]
pub struct Detector {
    threshold: f32,
    certain: f32,
    dismissals: Option<Arc<dyn Dismissals>>,
    medical: medical::Medical,
    identifiers: identifiers::Identifiers,
    cues: cues::Cues,
    zones: zones::Zones,
    model: model::Model,
}

impl Detector {
    /// A detector with the built-in words and the given options.
    #[must_use]
    pub fn new(options: Options) -> Self {
        let cues = cues::Cues::new();
        Self {
            model: model::Model::new(cues.groups()),
            threshold: options.threshold,
            certain: options.certain,
            dismissals: options.dismissals,
            medical: medical::Medical::new(&options.own_terms),
            identifiers: identifiers::Identifiers::new(&options.staff),
            cues,
            zones: zones::Zones::new(),
        }
    }

    /// Judges one message. Never panics; costs time linear in the text.
    #[must_use]
    pub fn judge(&self, pieces: &[Piece<'_>]) -> Findings {
        score::close(self.gather(pieces), (self.threshold, self.certain))
    }

    /// What the model weighs in a message of ordinary length, for its training: the values in the order
    /// of [`Self::features`], and the words and pairs of words that it has, findings as classes.
    #[must_use]
    pub fn weighed(&self, pieces: &[Piece<'_>]) -> (Vec<f32>, Vec<String>) {
        let judgement = self.gather(pieces);
        let mut words = words::Seen::with_names(&self.model);
        for (index, piece) in pieces.iter().enumerate() {
            let marks: Vec<words::Mark> = judgement
                .findings
                .iter()
                .filter(|finding| finding.piece == index)
                .map(|finding| words::Mark {
                    start: finding.start,
                    end: finding.end,
                    class: words::class(finding.kind, finding.weight),
                })
                .collect();
            words.read(piece.text, &marks);
        }
        (judgement.values, words.into_names())
    }

    /// The names of what the model weighs beside words.
    #[must_use]
    pub fn features(&self) -> Vec<String> {
        model::names(self.cues.groups()).collect()
    }

    fn gather(&self, pieces: &[Piece<'_>]) -> score::Judgement {
        let told = OnceCell::new();
        let tells = |piece: &Piece<'_>| self.identifiers.tells_of_citizens(piece.text);
        let told_of = || *told.get_or_init(|| pieces.iter().any(tells));
        let length = pieces.iter().map(|piece| piece.text.len()).sum();
        let (known, met) = (prepare::Known::default(), tokens::Met::new(length));
        let (mut readings, mut learnt) = (Vec::new(), Learnt { known, met });
        let (mut found, mut full) = (0, FULL);
        let ours = (&self.cues, &self.model, (self.threshold, self.certain));
        for (index, piece) in pieces.iter().enumerate() {
            let mut blocks = self.blocks((index, *piece), &told_of);
            while let Some(reading) = blocks(&mut learnt) {
                found += reading.evidence.len();
                readings.push(reading);
                if found < full || piece.field.is_name() {
                    continue;
                }
                // The names of what is left are read for this judgement; where it settles nothing, they
                // are read again in their turn.
                let (before, known) = (readings.len(), learnt.known.clone());
                let rest = pieces.iter().copied().enumerate().skip(index + 1);
                for name in rest.filter(|(_, piece)| piece.field.is_name()) {
                    let mut blocks = self.blocks(name, &told_of);
                    readings.extend(iter::from_fn(|| blocks(&mut learnt)));
                }
                let dismissals = self.dismissals.as_deref();
                let judgement = score::gather(&mut readings, &learnt.known, dismissals, ours);
                if judgement.settled {
                    return judgement;
                }
                readings.truncate(before);
                (learnt.known, full) = (known, full * 16);
            }
        }
        score::gather(&mut readings, &learnt.known, self.dismissals.as_deref(), ours)
    }

    /// Reads a piece by blocks, one a call, so that a text of any length costs little memory; one without
    /// any text is a block too.
    fn blocks<'a>(
        &self,
        (index, piece): (usize, Piece<'a>),
        told_of: &dyn Fn() -> bool,
    ) -> impl FnMut(&mut Learnt) -> Option<score::Reading<'a>> {
        let (mut next, mut signature) = (Some(0), zones::Signature::default());
        move |learnt| {
            let from = next?;
            let to = edge(piece.text, from, BLOCK);
            next = (to < piece.text.len()).then_some(to);
            let text = piece.text.get(from..to).unwrap_or_default();
            let block = Piece { field: piece.field, text };
            let reading = self.read(block, &mut signature, learnt, told_of);
            Some(score::Reading { index, from, ..reading })
        }
    }

    /// Reads a block of a piece.
    fn read<'a>(
        &self,
        block: Piece<'a>,
        signature: &mut zones::Signature,
        learnt: &mut Learnt,
        told_of: &dyn Fn() -> bool,
    ) -> score::Reading<'a> {
        let folded = block.folded();
        let text = folded.text();
        let lower = tokens::lowered(text);
        let quiet = self.zones.find((text, &lower), block.field, signature);
        let tokens = tokens::tokens(text, &lower, &mut learnt.met);
        let windows = numbers::windows(text);
        let figures = Figures::new(text, &tokens, &windows);
        let numbers = (windows.as_slice(), &figures);
        let mut found = self.identifiers.find(text, &tokens, numbers, (block.field, told_of));
        found.extend(self.medical.find(text, &tokens, &figures));
        learnt.known.learn(text, &found, &quiet);
        prepare::order(&mut found);
        score::Reading {
            index: 0,
            field: block.field,
            text: block.text,
            from: 0,
            len: text.len(),
            quiet,
            evidence: kept::Kept::new(&found),
            cues: self.cues.find(text, &tokens).into(),
        }
    }
}

/// What reading one block leaves for the next.
#[derive(Debug)]
struct Learnt {
    known: prepare::Known,
    met: tokens::Met,
}

/// Where a stretch ends that starts here and has at most so many bytes: at a line end, else at a
/// blank, else at a character.
pub(crate) fn edge(text: &str, from: usize, most: usize) -> usize {
    let to = text.floor_char_boundary(text.len().min(from + most.max(4)));
    if to == text.len() {
        return to;
    }
    let stretch = text.get(from..to).unwrap_or_default();
    let edge = stretch.rfind('\n').or_else(|| stretch.rfind(' '));
    edge.map_or(to, |at| from + at + 1)
}

/// Bytes read at a time: longer than any mail that a person wrote, and all of it stays near the processor.
const BLOCK: usize = 64 * 1024;

/// Evidence from which a message is judged before its end: where it is health mail beyond doubt, and as much of
/// it is shown as is ever shown, only the names in the rest say more. Some pieces of evidence make one finding.
const FULL: usize = score::SHOWN * 3 / 2;

impl core::fmt::Debug for Piece<'_> {
    /// Where it stands and how long it is: the text is private.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Piece({:?}, {} bytes)", self.field, self.text.len())
    }
}

impl core::fmt::Debug for Finding {
    /// Without its reason, which may name a word of the text.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{:?} {}:{}..{} ({})", self.kind, self.piece, self.start, self.end, self.weight)
    }
}

#[cfg(test)]
mod tests;
