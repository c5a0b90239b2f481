//! What a person needs to see of a held message before choosing: its own words, with what was
//! found in them marked where it stands.
//!
//! Nothing of this is kept apart from the message: it is read and judged again, which gives the
//! same findings.

use std::collections::HashMap;
use std::sync::Arc;

use ::dossier::Proposal;
use detect::{Finding, Kind, Level};
use extract::{Extract, Opaque, Origin, Piece};
use jiff::Timestamp;
use mail::{Address, Message, days};
use screen::{self, Screening, Why};
use vault::archive::ArchiveId;
use vault::dismissals::FindingId;
use vault::outbox::{HeldId, HeldMessage};
use vault::{Vault, VaultError};

use crate::engine::Engine;
use crate::teach::{Firm, Lens};

/// A held message, opened for a person who chooses.
#[derive(Debug, Clone, PartialEq)]
pub struct Look {
    /// What the 250 said.
    pub id: HeldId,
    /// The account that sends it.
    pub account: Address,
    /// Its subject, decoded.
    pub subject: String,
    /// When it came in.
    pub held_at: Timestamp,
    /// Its length in bytes.
    pub size: u64,
    /// Why it is held.
    pub why: Option<Why>,
    /// It was held for health information, and nothing at all is found any more: a person said of
    /// what was found that it is not right, or the settings changed. Never where something that
    /// counts is left, or where less of it could be looked into than when it was held.
    pub settled: bool,
    /// How sure the detector is now.
    pub level: Level,
    /// The places where something was found, in the order of the message.
    pub passages: Vec<Passage>,
    /// How many more places there are: these are left out, so that a person can read the others.
    pub more: usize,
    /// The beginning of the text, where nothing was found in it.
    pub opening: String,
    /// The names of its files.
    pub files: Vec<String>,
    /// What could not be looked into.
    pub unread: Vec<Unread>,
    /// Whom it seems to be about, for a person to correct.
    pub patient: Proposal,
    /// Who wrote it.
    pub author: String,
}

/// A file that could not be looked into.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unread {
    /// Its name, or else its media type.
    pub name: String,
    /// Why not, in Dutch.
    pub nl: String,
    /// Why not, in English.
    pub en: String,
}

/// A stretch of text with marks in it.
#[derive(Debug, Clone, PartialEq)]
pub struct Passage {
    /// Where it stands.
    pub origin: Origin,
    /// The text, cut where marks begin and end.
    pub runs: Vec<Run>,
    /// Text was left out before it.
    pub cut_before: bool,
    /// Text was left out after it.
    pub cut_after: bool,
}

/// A piece of a passage.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    /// Its text.
    pub text: String,
    /// What was found, where it is a mark.
    pub mark: Option<RunMark>,
}

/// What was found.
#[derive(Debug, Clone, PartialEq)]
pub struct RunMark {
    /// What it is.
    pub kind: Kind,
    /// The reason, in Dutch.
    pub nl: String,
    /// The reason, in English.
    pub en: String,
    /// By which name it can be dismissed, in a held message.
    pub finding: Option<FindingId>,
    /// It always counts: it cannot be dismissed.
    pub firm: bool,
    /// It was dismissed in this message, and counts for nothing.
    pub dismissed: bool,
}

impl Engine {
    /// Opens a held message for a person who chooses.
    ///
    /// # Errors
    /// [`VaultError`] where there is none of this id, or it cannot be read.
    pub async fn look(self: &Arc<Self>, id: &str) -> Result<Look, VaultError> {
        let id: HeldId =
            id.parse().map_err(|_| VaultError::UnknownMessage { id: id.to_owned() })?;
        let (options, workers) = (self.judge().options, self.workers());
        let unreadable = self.settings().detect.unreadable;
        let (held, message, lens) = self
            .with_vault(move |vault| {
                Ok((vault.get(id)?, vault.read(id)?, Lens::of(vault, id, options)?))
            })
            .await?;
        // Not with the vault in hand: a worker may take its time.
        let judged = tokio::task::spawn_blocking(move || {
            let screening = screen::judge(lens.detector(), &workers, unreadable, &message);
            let said = (screen::subject(&message), author(&message));
            (screening, lens, said)
        });
        let (screening, lens, (subject, author)) =
            judged.await.map_err(|_| VaultError::Interrupted)?;
        let references = screening.extract.references.clone();
        let goes_on = self.with_vault(move |vault| vault.knows_nta_mail(&references)).await?;
        let now = screening.evidence.why.or(goes_on.then_some(Why::GoesOnFromNta));
        let author = author.unwrap_or_else(|| held.account.to_string());
        Ok(Look { author, ..look(held, (&screening, now), &lens, subject) })
    }
}

fn look(
    held: HeldMessage,
    (screening, now): (&Screening, Option<Why>),
    lens: &Lens,
    subject: String,
) -> Look {
    let extract = &screening.extract;
    let then: Option<screen::Evidence> = serde_json::from_str(&held.evidence).ok();
    let kept = then.as_ref().and_then(|then| then.why);
    let settled = now.is_none() && then.is_some_and(|then| is_settled(&then, screening));
    let firm = lens.firm(&screen::pieces(extract));
    let (passages, more) =
        passages(screening, &|finding, words| mark_in(lens, &firm, finding, words));
    let body = extract.pieces.iter().find(|piece| piece.origin == Origin::Body);
    let opening = match body {
        Some(piece) if !passages.iter().any(|one| one.origin == Origin::Body) => {
            piece.text.trim().chars().take(OPENING).collect()
        }
        _ => String::new(),
    };
    Look {
        id: held.id,
        account: held.account,
        subject,
        held_at: held.created_at,
        size: held.size,
        // Why it was held is what was said then, also where the settings changed since; but where
        // what was found is gone, another reason may be left.
        why: if kept == Some(Why::Health) { now.or(kept) } else { kept.or(now) },
        settled,
        level: screening.findings.level,
        passages,
        more,
        opening,
        files: files(extract),
        unread: extract.opaque.iter().take(FILES).map(unread).collect(),
        patient: patient(screening),
        author: String::new(),
    }
}

/// What counts for nothing, such as a signature's name, is nobody's patient.
fn patient(screening: &Screening) -> Proposal {
    let counts = screening.findings.findings.iter().filter(|one| one.weight > 0.0);
    let found = counts.filter_map(|one| {
        Some((one.kind, screening.extract.pieces.get(one.piece)?.text.get(one.start..one.end)?))
    });
    ::dossier::propose(found, days::day(Timestamp::now()))
}

/// Whom a kept copy of what came in seems to be about, who wrote it, and when it came in.
pub(crate) async fn of_copy(
    engine: &Arc<Engine>,
    id: ArchiveId,
) -> Result<(Proposal, String, Timestamp), VaultError> {
    let read = move |vault: &Vault| Ok((vault.copy(id)?, vault.read_copy(id)?));
    let (kept, message) = engine.with_vault(read).await?;
    let kept = kept.ok_or_else(|| VaultError::UnknownMessage { id: id.to_string() })?;
    let (detector, workers) = (engine.detector(), engine.workers());
    let unreadable = engine.settings().detect.unreadable;
    let judged = tokio::task::spawn_blocking(move || {
        let screening = screen::judge(&detector, &workers, unreadable, &message);
        (patient(&screening), author(&message))
    });
    let (patient, author) = judged.await.map_err(|_| VaultError::Interrupted)?;
    let from = || kept.meta.from.as_ref().map(ToString::to_string).unwrap_or_default();
    Ok((patient, author.unwrap_or_else(from), kept.meta.sent_at))
}

/// Who wrote it, as the mail says: a name, or else an address.
fn author(message: &Message) -> Option<String> {
    let bytes = message.bytes();
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").unwrap_or(bytes.len());
    // The header alone: attachments may be large.
    let head = Message::new(bytes.get(..end)?.to_vec());
    Some(copies::Content::read(&head).from.first()?.to_string())
}

/// Whether nothing is left of the health information for which it was held. Of a file that could
/// not be looked into nobody knows what is left: it must be one that could not be then, for the
/// same reason. A worker that failed is no such reason, for it may have come further the other time.
fn is_settled(then: &screen::Evidence, now: &Screening) -> bool {
    let counts = now.findings.findings.iter().any(|one| one.weight > 0.0);
    let failed = now.extract.opaque.iter().any(screen::reader_failed);
    let mut unread: Vec<&screen::Unread> = then.unread.iter().collect();
    let mut as_then = now.evidence.unread.iter().map(|one| {
        let at = unread.iter().position(|other| *other == one);
        at.map(|at| unread.swap_remove(at)).is_some()
    });
    then.why == Some(Why::Health) && !counts && !failed && as_then.all(|same| same)
}

fn unread(opaque: &Opaque) -> Unread {
    Unread {
        name: opaque.name.clone().unwrap_or_else(|| opaque.content_type.clone()),
        nl: opaque.reason.to_string(),
        en: opaque.reason.en().to_owned(),
    }
}

/// The files but those inside others that could not be looked into: these are named by their path.
fn files(extract: &Extract) -> Vec<String> {
    let opaque = extract.opaque.iter().filter_map(|one| one.name.as_deref()?.rsplit_once(" › "));
    let mut unread: Vec<&str> = opaque.map(|(_, name)| name).collect();
    let named = extract.pieces.iter().filter(|piece| piece.origin == Origin::FileName);
    let read = named.map(|piece| piece.text.trim()).filter(|name| {
        let at = unread.iter().position(|one| one == name);
        at.map(|at| unread.swap_remove(at)).is_none()
    });
    read.map(str::to_owned).take(FILES).collect()
}

/// The mark for a finding of a held message and its words, where one is shown.
fn mark_in(lens: &Lens, firm: &Firm, finding: &Finding, words: &str) -> Option<RunMark> {
    let id = lens.id(finding.kind, words);
    let dismissed = id.is_some_and(|id| lens.is_dismissed(id));
    let firm = firm.has(finding);
    let shown = finding.weight > 0.0 || dismissed;
    shown.then(|| RunMark { finding: id, firm, dismissed, ..mark(finding) })
}

fn mark(finding: &Finding) -> RunMark {
    let (nl, en) = (finding.reason.nl.clone(), finding.reason.en.clone());
    RunMark { kind: finding.kind, nl, en, finding: None, firm: false, dismissed: false }
}

/// A mark in a piece: from, to, what.
type Mark = (usize, usize, RunMark);

/// Makes the mark for a finding and its words, where one is shown.
type Marker<'a> = &'a dyn Fn(&Finding, &str) -> Option<RunMark>;

/// The passages that are shown, and how many more there are. The mail itself, the names of its files
/// and each file share the room: one that is full of marks hides no other.
fn passages(screening: &Screening, marker: Marker<'_>) -> (Vec<Passage>, usize) {
    let pieces = &screening.extract.pieces;
    let mut all: Vec<(&Piece, Vec<Mark>)> = Vec::new();
    for (number, piece) in pieces.iter().enumerate() {
        let found = screening.findings.findings.iter().filter(|one| one.piece == number);
        all.extend(near(marks(piece, found, marker)).into_iter().map(|group| (piece, group)));
    }
    let homes: Vec<Home<'_>> = all.iter().map(|(piece, _)| home(&piece.origin)).collect();
    let shown = share(&homes);
    let more = shown.iter().filter(|shown| !**shown).count();
    let kept = all.into_iter().zip(shown).filter(|(_, shown)| *shown);
    (kept.filter_map(|((piece, group), _)| passage(piece, group)).collect(), more)
}

/// What shares room: the mail itself, the names of its files, or one file by its name.
type Home<'a> = (u8, Option<&'a str>);

fn home(origin: &Origin) -> Home<'_> {
    match origin {
        Origin::FileName => (1, None),
        Origin::Attached { name } => (2, name.as_deref()),
        _ => (0, None),
    }
}

/// Which of the passages with these homes are shown: the first of each home, then the second of
/// each, and so on while there is room.
fn share(homes: &[Home<'_>]) -> Vec<bool> {
    let mut seen: HashMap<Home<'_>, usize> = HashMap::new();
    let mut turns: Vec<(usize, usize)> = Vec::with_capacity(homes.len());
    for (at, home) in homes.iter().enumerate() {
        let turn = seen.entry(*home).or_default();
        turns.push((*turn, at));
        *turn += 1;
    }
    turns.sort_unstable();
    let mut shown = vec![false; homes.len()];
    for (_, at) in turns.into_iter().take(PASSAGES) {
        if let Some(shown) = shown.get_mut(at) {
            *shown = true;
        }
    }
    shown
}

fn marks<'a>(
    piece: &Piece,
    found: impl Iterator<Item = &'a Finding>,
    marker: Marker<'_>,
) -> Vec<Mark> {
    let mark = |one: &Finding| {
        let words = piece.text.get(one.start..one.end)?;
        Some((one.start, one.end, marker(one, words)?))
    };
    let mut marks: Vec<Mark> = found.filter_map(mark).collect();
    marks.sort_by_key(|(start, end, _)| (*start, core::cmp::Reverse(*end)));
    marks
}

/// All of a piece, with everything marked that counts.
pub(crate) fn whole(piece: &Piece, found: &[Finding]) -> Vec<Run> {
    let counts = |one: &Finding, _: &str| (one.weight > 0.0).then(|| mark(one));
    let mut end = 0;
    let mut marks = marks(piece, found.iter(), &counts);
    marks.retain(|mark| {
        mark.0 >= end && {
            end = mark.1;
            true
        }
    });
    runs(piece.text.as_str(), (0, piece.text.len()), marks)
}

/// Marks that stand near each other share a passage; one within another is left out.
fn near(marks: Vec<Mark>) -> Vec<Vec<Mark>> {
    let mut groups: Vec<Vec<Mark>> = Vec::new();
    for mark in marks {
        match groups.last_mut().and_then(|group| Some((group.last()?.1, group))) {
            Some((end, _)) if mark.0 < end => {}
            Some((end, group)) if mark.0 <= end + 2 * AROUND => group.push(mark),
            _ => groups.push(vec![mark]),
        }
    }
    groups
}

fn passage(piece: &Piece, marks: Vec<Mark>) -> Option<Passage> {
    let text = piece.text.as_str();
    let (from, to) = (marks.first()?.0, marks.last()?.1);
    let from = text.floor_char_boundary(from.saturating_sub(AROUND));
    let to = text.ceil_char_boundary((to + AROUND).min(text.len()));
    let runs = runs(text, (from, to), marks);
    let (cut_before, cut_after) = (from > 0, to < text.len());
    Some(Passage { origin: piece.origin.clone(), runs, cut_before, cut_after })
}

fn runs(text: &str, (from, to): (usize, usize), marks: Vec<Mark>) -> Vec<Run> {
    let (mut runs, mut at) = (Vec::new(), from);
    for (start, end, mark) in marks {
        push(&mut runs, text.get(at..start), None);
        push(&mut runs, text.get(start..end), Some(mark));
        at = end;
    }
    push(&mut runs, text.get(at..to), None);
    runs
}

fn push(runs: &mut Vec<Run>, text: Option<&str>, mark: Option<RunMark>) {
    if let Some(text) = text.filter(|text| !text.is_empty()) {
        runs.push(Run { text: text.to_owned(), mark });
    }
}

/// Bytes shown before and after a mark: a line or two.
const AROUND: usize = 120;
/// Passages shown: what a person reads before choosing.
const PASSAGES: usize = 24;
/// File names shown.
const FILES: usize = 50;
/// Characters of a text in which nothing was found.
const OPENING: usize = 600;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use detect::Detector;
    use mail::Message;
    use settings::Unreadable;
    use worker::Workers;

    fn passages_of(body: &str) -> Vec<Passage> {
        let head = "Content-Type: text/plain; charset=utf-8\r\n\r\n";
        shown(&format!("{head}{body}\r\n")).0
    }

    fn shown(text: &str) -> (Vec<Passage>, usize) {
        let message = Message::new(format!("Subject: overdracht\r\n{text}").into_bytes());
        let detector = Detector::new(detect::Options::default());
        let workers = Workers::of_this_program();
        let counts = |one: &Finding, _: &str| (one.weight > 0.0).then(|| mark(one));
        passages(&screen::judge(&detector, &workers, Unreadable::Hold, &message), &counts)
    }

    fn text(passage: &Passage) -> String {
        passage.runs.iter().map(|run| run.text.as_str()).collect()
    }

    #[test]
    fn the_words_stand_marked_within_their_own_sentence() {
        let found = passages_of("Beste, dhr. Jansen (BSN 123456782) had een CVA. Groet");
        let body = found.iter().find(|one| one.origin == Origin::Body).unwrap();
        assert!(text(body).contains("Beste, dhr. Jansen (BSN 123456782) had een CVA."));
        let bsn = body.runs.iter().find(|run| run.text == "123456782").unwrap();
        let mark = bsn.mark.as_ref().unwrap();
        assert_eq!(mark.kind, Kind::Bsn);
        assert!(!mark.nl.is_empty() && !mark.en.is_empty());
        assert!(!body.cut_before && !body.cut_after);
    }

    #[test]
    fn text_far_from_any_mark_is_left_out_and_no_letter_is_cut_in_two() {
        let far = "één ".repeat(400);
        let found = passages_of(&format!("{far}BSN 123456782, CVA{far}"));
        let body: Vec<_> = found.iter().filter(|one| one.origin == Origin::Body).collect();
        assert_eq!(body.len(), 1);
        assert!(body[0].cut_before && body[0].cut_after);
        assert!(text(body[0]).len() < 2 * AROUND + 80, "{}", text(body[0]));
    }

    #[test]
    fn a_file_in_a_file_is_listed_as_read_or_as_unread_and_not_as_both() {
        let name = |text: &str| Piece { origin: Origin::FileName, text: text.to_owned() };
        let opaque = Opaque {
            name: Some("map.zip › geheim.docx".to_owned()),
            content_type: String::new(),
            bytes: 0,
            reason: extract::Reason::Encrypted,
            document: true,
        };
        let extract = Extract {
            pieces: vec![name("map.zip"), name("geheim.docx"), name("open.docx")],
            opaque: vec![opaque],
            ..Extract::default()
        };
        assert_eq!(files(&extract), ["map.zip", "open.docx"]);
    }

    /// A text with so many places, far from each other.
    fn places(count: usize) -> String {
        let one = format!("BSN 123456782, dhr. Jansen had een CVA. {}", "x ".repeat(200));
        one.repeat(count)
    }

    #[test]
    fn a_mail_full_of_marks_gives_no_more_than_can_be_read_and_says_how_many_are_left_out() {
        let (few, none) = shown(&format!("\r\n{}\r\n", places(3)));
        assert_eq!((few.len(), none), (3, 0));
        let (many, more) = shown(&format!("\r\n{}\r\n", places(200)));
        assert_eq!((many.len(), more), (PASSAGES, 200 - PASSAGES));
    }

    #[test]
    fn a_text_full_of_marks_hides_nothing_of_what_was_found_in_the_files() {
        let mut text = "Content-Type: multipart/mixed; boundary=b\r\n".to_owned();
        for (name, count) in [("", 200), ("; name=een.txt", 1), ("; name=twee.txt", 40)] {
            let body = places(count);
            text.push_str(&format!("\r\n--b\r\nContent-Type: text/plain{name}\r\n\r\n{body}"));
        }
        text.push_str("\r\n--b--\r\n");
        let (found, more) = shown(&text);
        let of = |name: Option<&str>| {
            let of = |one: &&Passage| match &one.origin {
                Origin::Attached { name: of } => of.as_deref() == name,
                other => name.is_none() && *other == Origin::Body,
            };
            found.iter().filter(of).count()
        };
        assert_eq!((of(Some("een.txt")), more), (1, 241 - PASSAGES));
        assert_eq!((of(None), of(Some("twee.txt"))), (12, 11));
        let body = found.iter().take_while(|one| one.origin == Origin::Body).count();
        assert_eq!(body, 12, "they stand in the order of the message");
    }
}
