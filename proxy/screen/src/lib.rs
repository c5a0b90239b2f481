//! Is this message health mail? Text is taken out of it, judged, and the answer explained. Nothing is
//! held or sent here, and nothing kept.
//!
//! Documents are read by the worker, a process of its own (invariant 10): a message without any starts
//! none, and one that breaks it is a message with a document that cannot be looked into.
//!
//! What fails here fails towards care: a message that cannot be judged is held (invariant 2).

use core::time::Duration;
use std::sync::Arc;

use detect::{Detector, Field, Findings, Kind, Level};
use extract::{Extract, Opaque, Origin, Piece, Reason};
use mail::Message;
use serde::{Deserialize, Serialize};
use settings::Unreadable;
use worker::Workers;

pub mod exempt;

/// Why a message is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Why {
    /// Health information about someone was found (R-DET-1).
    Health,
    /// It answers or forwards NTA mail (R-CONT-1).
    GoesOnFromNta,
    /// There is a document that cannot be looked into.
    CannotLookInside,
    /// Judging it failed; it is held to be safe.
    CannotJudge,
}

/// What was found in a message, with the words themselves: kept only encrypted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// The subject, decoded: lists show it without reading the message again.
    #[serde(default)]
    pub subject: Option<String>,
    /// Why the message is held; `None` where it may go as it is.
    pub why: Option<Why>,
    /// The detector's score; the threshold is in the settings.
    pub score: f32,
    /// The level that follows from the score.
    pub level: Level,
    /// What carries the score, heaviest first.
    pub marks: Vec<Mark>,
    /// What could not be looked into.
    pub unread: Vec<Unread>,
}

/// One finding with its words.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Mark {
    /// Where it stands: subject, body, or a file.
    pub place: String,
    /// What it is.
    pub kind: Kind,
    /// The words themselves.
    pub words: String,
    /// How much it counts.
    pub weight: f32,
    /// The reason, in Dutch.
    pub reason_nl: String,
    /// The reason, in English.
    pub reason_en: String,
}

/// A part that could not be looked into.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unread {
    /// The file name, where there is one.
    pub name: Option<String>,
    /// Its media type.
    pub content_type: String,
    /// Its size in bytes, encoded.
    pub bytes: u64,
    /// Why not.
    pub reason: String,
    /// True for documents and archives, false for pictures and sound.
    pub document: bool,
}

/// A judged message.
#[derive(Debug)]
pub struct Screening {
    /// What was read out of the message.
    pub extract: Extract,
    /// What the detector says of it.
    pub findings: Findings,
    /// The same, explained.
    pub evidence: Evidence,
}

/// Reads and judges a message. Costs time that grows with the message, and waits for the worker where
/// there are documents: call it where blocking is allowed.
#[must_use]
pub fn judge(
    detector: &Detector,
    workers: &Workers,
    unreadable: Unreadable,
    message: &Message,
) -> Screening {
    let extract = workers.extract(message, &extract::Limits::default());
    let findings = detector.judge(&pieces(&extract));
    let evidence = explain(&extract, &findings, unreadable);
    Screening { extract, findings, evidence }
}

/// The pieces of a message as the detector takes them.
#[must_use]
pub fn pieces(extract: &Extract) -> Vec<detect::Piece<'_>> {
    extract
        .pieces
        .iter()
        .map(|piece| detect::Piece { field: field_of(&piece.origin), text: &piece.text })
        .collect()
}

/// Judges on a thread of its own; a judge that dies, or is not done while the mail program still waits,
/// is itself a reason to hold.
pub async fn judge_aside(
    detector: Arc<Detector>,
    workers: Arc<Workers>,
    unreadable: Unreadable,
    message: Message,
) -> (Evidence, Vec<String>) {
    let judge = move || judge(&detector, &workers, unreadable, &message);
    let judged = tokio::time::timeout(LONGEST, tokio::task::spawn_blocking(judge)).await;
    match judged {
        Ok(Ok(screening)) => (screening.evidence, screening.extract.references),
        Ok(Err(_)) | Err(_) => (Evidence::cannot_judge(), Vec::new()),
    }
}

impl Evidence {
    fn cannot_judge() -> Self {
        Self {
            subject: None,
            why: Some(Why::CannotJudge),
            score: 0.0,
            level: Level::None,
            marks: Vec::new(),
            unread: Vec::new(),
        }
    }
}

fn explain(extract: &Extract, findings: &Findings, unreadable: Unreadable) -> Evidence {
    let mut marks: Vec<Mark> = findings
        .findings
        .iter()
        .filter(|finding| finding.weight > 0.0)
        .filter_map(|finding| {
            let piece = extract.pieces.get(finding.piece)?;
            Some(Mark {
                place: place(piece),
                kind: finding.kind,
                words: piece.text.get(finding.start..finding.end)?.to_owned(),
                weight: finding.weight,
                reason_nl: finding.reason.nl.clone(),
                reason_en: finding.reason.en.clone(),
            })
        })
        .collect();
    marks.sort_by(|a, b| b.weight.total_cmp(&a.weight));
    marks.truncate(MARKS);
    let blind = extract.opaque.iter().any(|opaque| opaque.document);
    let why = if findings.health {
        Some(Why::Health)
    } else if extract.claims_nta {
        Some(Why::GoesOnFromNta)
    } else if blind && unreadable == Unreadable::Hold {
        Some(Why::CannotLookInside)
    } else {
        None
    };
    let unread = extract.opaque.iter().map(unread).collect();
    let subject = extract.pieces.iter().find(|piece| piece.origin == Origin::Subject);
    let subject = subject.map(|piece| piece.text.chars().take(SUBJECT).collect());
    Evidence {
        subject: subject.or(Some(String::new())),
        why,
        score: findings.score,
        level: findings.level,
        marks,
        unread,
    }
}

fn unread(opaque: &Opaque) -> Unread {
    Unread {
        name: opaque.name.clone(),
        content_type: opaque.content_type.clone(),
        bytes: opaque.bytes,
        reason: opaque.reason.to_string(),
        document: opaque.document,
    }
}

/// Whether the reader of this document failed, by itself or by time: another time it may not.
#[must_use]
pub fn reader_failed(opaque: &Opaque) -> bool {
    matches!(opaque.reason, Reason::TooSlow | Reason::Unread)
}

/// The subject as text; empty where there is none.
#[must_use]
pub fn subject(message: &Message) -> String {
    let header = [message.header(), b"\r\n"].concat();
    let extract = extract::extract(&Message::new(header), &extract::Limits::default());
    let subject = extract.pieces.into_iter().find(|piece| piece.origin == Origin::Subject);
    subject.map(|piece| piece.text).unwrap_or_default()
}

/// The detector's field for a piece of text.
#[must_use]
pub fn field_of(origin: &Origin) -> Field {
    match origin {
        Origin::Subject => Field::Subject,
        Origin::FileName => Field::FileName,
        Origin::Attached { .. } => Field::Attachment,
        _ => Field::Body,
    }
}

fn place(piece: &Piece) -> String {
    match &piece.origin {
        Origin::Subject => "onderwerp".to_owned(),
        Origin::FileName => "bestandsnaam".to_owned(),
        Origin::Attached { name } => name.clone().unwrap_or_else(|| "bijlage".to_owned()),
        _ => "tekst".to_owned(),
    }
}

/// How long judging may take: Outlook gives up after a minute, and a 250 that comes late makes a second
/// copy. The worker has 35 s of it at most.
const LONGEST: Duration = Duration::from_secs(45);
/// Characters of a subject that a list shows at most.
const SUBJECT: usize = 500;
/// Marks kept with a held message: a person reads a screenful, and the row stays small.
const MARKS: usize = 200;
