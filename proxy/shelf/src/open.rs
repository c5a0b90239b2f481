//! A copy, opened to be read: text only.

use cades::Anchors;
use copies::{About, Content, Language, Line, Person};
use extract::{Limits, Origin};
use jiff::Timestamp;
use mail::Message;
use nta7516::proof::Proof;
use serde::{Deserialize, Serialize};
use settings::Settings;
use ts_rs::TS;
use vault::Vault;
use vault::archive::Archived;

use crate::ShelfError;
use crate::find::{CopyItem, item};

/// A copy, opened.
#[derive(Clone, PartialEq, Eq, Serialize, TS)]
pub struct CopyView {
    /// The line of the list.
    pub item: CopyItem,
    /// Who it says that it is from.
    pub from: String,
    /// Whom it was to.
    pub to: Vec<String>,
    /// What a reader reads, without markup. Shown as text only.
    pub text: String,
    /// The text goes on; the files that are saved have all of it.
    pub cut: bool,
    /// The files in it.
    pub files: Vec<CopyFile>,
    /// What became of its signatures, judged now.
    pub signature: CopySignature,
    /// The proof of its way, a group a recipient.
    pub proof: Vec<Vec<CopyFact>>,
}

impl core::fmt::Debug for CopyView {
    /// Nothing of the mail.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("CopyView").field("id", &self.item.id).finish_non_exhaustive()
    }
}

/// A file in it.
#[derive(Clone, PartialEq, Eq, Serialize, TS)]
pub struct CopyFile {
    /// Its name; empty where it has none.
    pub name: String,
    /// Bytes.
    #[ts(type = "number")]
    pub size: u64,
}

/// What became of its signatures.
#[derive(Clone, PartialEq, Eq, Serialize, TS)]
pub struct CopySignature {
    /// The word of RFC 8601: `none`, `pass`, `policy`, `temperror`, `permerror` or `fail`.
    pub word: String,
    /// In a few words.
    pub headline: String,
    /// Why, in sentences.
    pub reasons: Vec<String>,
    /// Who signed, and how.
    pub signers: Vec<CopyFact>,
}

/// A name and its value.
#[derive(Clone, PartialEq, Eq, Serialize, TS)]
pub struct CopyFact {
    /// The name.
    pub name: String,
    /// The value.
    pub value: String,
}

impl From<Line> for CopyFact {
    fn from(line: Line) -> Self {
        Self { name: line.label, value: line.text }
    }
}

/// Opens a copy. What it says is taken out of its parts as text; no document in it is opened, nothing that
/// it refers to is fetched.
///
/// # Errors
/// [`ShelfError::Gone`]; [`ShelfError::Vault`] where its file is not as it was kept;
/// [`ShelfError::Anchors`].
pub fn open(
    vault: &Vault,
    settings: &Settings,
    id: &str,
    now: Timestamp,
) -> Result<CopyView, ShelfError> {
    let kept = kept(vault, id)?;
    let message = vault.read_copy(kept.id)?;
    let language = crate::language(settings.desktop.language);
    let about = about(&kept, &message, &verify::anchors(&settings.anchors)?, language, now);
    let content = Content::read(&message);
    let (text, cut) = text(&message);
    let signature = about.signature.map(|signature| CopySignature {
        word: signature.word,
        headline: signature.headline,
        reasons: signature.reasons,
        signers: signature.signers.into_iter().map(CopyFact::from).collect(),
    });
    Ok(CopyView {
        item: item(&kept),
        from: people(&content.from).join(", "),
        to: people(content.to.iter().chain(&content.cc).chain(&content.bcc)),
        text,
        cut,
        files: content
            .attachments
            .iter()
            .map(|file| CopyFile { name: file.name.clone(), size: file.bytes.len() as u64 })
            .collect(),
        signature: signature.ok_or(ShelfError::Gone)?,
        proof: about
            .proof
            .into_iter()
            .map(|lines| lines.into_iter().map(CopyFact::from).collect())
            .collect(),
    })
}

/// What is known of a kept message besides itself: the verdict on its signatures as of `now`, and the
/// proofs of its way.
#[must_use]
pub fn about(
    kept: &Archived,
    message: &Message,
    anchors: &Anchors,
    language: Language,
    now: Timestamp,
) -> About {
    let verdict = cades::open(message, anchors, now);
    let proofs: Vec<Proof> =
        kept.meta.proofs.iter().filter_map(|one| Proof::deserialize(one).ok()).collect();
    let mut about = About::new("Zorgzegel", now, language).signed(&verdict).proved(&proofs);
    let arrivals = kept.meta.proofs.iter().filter_map(|one| Arrival::deserialize(one).ok());
    about.proof.extend(arrivals.map(|one| one.told(language)));
    about
}

/// The verdict with which a message came in: of the JSON of `incoming::Received`, a contract, the words for
/// people.
#[derive(Deserialize)]
struct Arrival {
    receipt: Receipt,
    reasons: Vec<Reason>,
}

#[derive(Deserialize)]
struct Receipt {
    at: Timestamp,
}

#[derive(Deserialize)]
struct Reason {
    nl: String,
    en: String,
}

impl Arrival {
    fn told(self, language: Language) -> Vec<Line> {
        let line = |nl: &str, en: &str, text| Line { label: language.choose(nl, en).into(), text };
        let mut lines = vec![line("Ontvangen", "Received", language.moment(self.receipt.at))];
        for Reason { nl, en } in self.reasons {
            lines.push(line("Toen gezien", "Seen then", language.choose(nl, en)));
        }
        lines
    }
}

/// A copy of this id.
pub(crate) fn kept(vault: &Vault, id: &str) -> Result<Archived, ShelfError> {
    let id = id.parse().map_err(|_| ShelfError::Gone)?;
    vault.copy(id)?.ok_or(ShelfError::Gone)
}

fn people<'a>(all: impl IntoIterator<Item = &'a Person>) -> Vec<String> {
    all.into_iter().map(ToString::to_string).collect()
}

fn text(message: &Message) -> (String, bool) {
    let limits = Limits { text: SHOWN * 4, ..Limits::default() };
    let (extract, _) = extract::open(message, &limits);
    let bodies = extract.pieces.into_iter().filter(|piece| piece.origin == Origin::Body);
    let text = bodies.map(|piece| piece.text).collect::<Vec<_>>().join("\n\n");
    match text.char_indices().nth(SHOWN) {
        Some((at, _)) => (text.get(..at).unwrap_or_default().to_owned(), true),
        None => (text.trim().to_owned(), false),
    }
}

/// Characters that a window shows: some 30 pages. The rest is in the files that are saved.
const SHOWN: usize = 100_000;
