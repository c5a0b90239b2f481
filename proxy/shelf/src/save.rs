//! Copies saved as files that anyone can open.

use core::ops::ControlFlow;
use std::path::Path;

use cades::Anchors;
use copies::{Form, Source, names};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use settings::Settings;
use ts_rs::TS;
use vault::archive::{ArchiveId, Archived, Query};
use vault::journal::Entry;
use vault::{Vault, VaultError};
use worker::Workers;

use crate::folder::Folder;
use crate::open::{about, kept};
use crate::{ShelfError, register};

/// Which forms of a copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, TS)]
pub struct Forms {
    /// A PDF that anyone can open, with the signed original inside.
    pub pdf: bool,
    /// The message, byte for byte.
    pub eml: bool,
    /// XML, for programs.
    pub xml: bool,
}

/// Copies to save.
#[derive(Clone, PartialEq, Eq, Deserialize, TS)]
pub struct Saving {
    /// Which; none: everything that is kept, into a folder of its own, and a list of it.
    pub ids: Option<Vec<String>>,
    /// The folder, from its beginning.
    pub folder: String,
    /// Which forms.
    pub forms: Forms,
}

impl core::fmt::Debug for Saving {
    /// No name of a person's folder.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Saving").field("ids", &self.ids).finish_non_exhaustive()
    }
}

/// What was saved.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, TS)]
pub struct Saved {
    /// The folder.
    pub folder: String,
    /// The names of the files in it; not told of everything.
    pub files: Vec<String>,
    /// How many copies.
    pub copies: u32,
    /// How many of them show less than the message, and say so on their first page.
    pub plainer: u32,
    /// Copies that could not be read as they were kept: their ids.
    pub unread: Vec<String>,
    /// It was stopped before its end.
    pub stopped: bool,
}

/// Saves copies into a folder under names of day and subject. Nothing is overwritten.
///
/// # Errors
/// [`ShelfError`]; what was written of a copy before is taken back, earlier copies stay.
pub fn save(
    vault: &Vault,
    settings: &Settings,
    workers: &Workers,
    saving: &Saving,
    now: Timestamp,
) -> Result<Saved, ShelfError> {
    let press = Press::new(vault, settings, workers, saving.forms, now)?;
    let folder = place(&saving.folder)?;
    let mut saved = Saved { folder: folder.path().display().to_string(), ..Saved::default() };
    for id in saving.ids.iter().flatten() {
        let copy = kept(vault, id)?;
        press.write(&copy, &folder, &stem(&copy), &mut saved)?;
    }
    Ok(saved)
}

/// Saves everything into a new folder inside the one that is named, and a list of it as CSV. A copy that
/// cannot be read is named and passed over. `seen` hears how many are done, of how many, and may stop it.
///
/// # Errors
/// [`ShelfError`]; what was written until then stays.
pub fn save_all(
    vault: &Vault,
    settings: &Settings,
    workers: &Workers,
    saving: &Saving,
    now: Timestamp,
    mut seen: impl FnMut(usize, usize) -> ControlFlow<()>,
) -> Result<Saved, ShelfError> {
    let press = Press::new(vault, settings, workers, saving.forms, now)?;
    let ids = all(vault)?;
    let name = format!("Zorgzegel-archief {}", day(now));
    let folder = place(&saving.folder)?.new_inside(&name)?;
    let mut saved = Saved { folder: folder.path().display().to_string(), ..Saved::default() };
    let mut list = copies::csv_head(&register::COLUMNS);
    for (id, number) in ids.iter().zip(0..) {
        if seen(number, ids.len()).is_break() {
            saved.stopped = true;
            break;
        }
        // Somebody may have deleted it meanwhile.
        let Some(copy) = vault.copy(*id)? else { continue };
        // The id tells two of one day and subject apart, and is that of the list.
        let name = format!("{} {id}", stem(&copy));
        match press.write(&copy, &folder, &name, &mut saved) {
            Ok(()) => list.push_str(&register::record(&copy)),
            Err(ShelfError::Vault(
                VaultError::Corrupt { .. } | VaultError::UnknownMessage { .. },
            )) => saved.unread.push(id.to_string()),
            Err(error) => return Err(error),
        }
    }
    folder.write("archief", &[("csv", list.into_bytes())])?;
    saved.files.clear();
    Ok(saved)
}

/// Ids alone: a list of any length costs little memory.
fn all(vault: &Vault) -> Result<Vec<ArchiveId>, ShelfError> {
    let (mut ids, mut query) = (Vec::new(), Query::default());
    loop {
        let page = vault.find_copies(&query, PAGE)?;
        ids.extend(page.copies.iter().map(|copy| copy.id));
        query.after = page.next;
        if page.next.is_none() {
            return Ok(ids);
        }
    }
}

fn place(folder: &str) -> Result<Folder, ShelfError> {
    let folder = Path::new(folder.trim());
    // Without a beginning it would lie wherever the program was started.
    if !folder.is_absolute() {
        return Err(ShelfError::Relative);
    }
    Folder::open(folder)
}

/// Makes the forms of copies.
struct Press<'a> {
    vault: &'a Vault,
    workers: &'a Workers,
    anchors: Anchors,
    language: copies::Language,
    forms: Forms,
    now: Timestamp,
}

impl<'a> Press<'a> {
    fn new(
        vault: &'a Vault,
        settings: &Settings,
        workers: &'a Workers,
        forms: Forms,
        now: Timestamp,
    ) -> Result<Self, ShelfError> {
        if !(forms.pdf || forms.eml || forms.xml) {
            return Err(ShelfError::NoForm);
        }
        let anchors = verify::anchors(&settings.anchors)?;
        let language = crate::language(settings.desktop.language);
        Ok(Self { vault, workers, anchors, language, forms, now })
    }

    fn write(
        &self,
        copy: &Archived,
        folder: &Folder,
        stem: &str,
        saved: &mut Saved,
    ) -> Result<(), ShelfError> {
        let message = self.vault.read_copy(copy.id)?;
        let about = about(copy, &message, &self.anchors, self.language, self.now);
        let source = Source { message: &message, about: &about };
        let mut files = Vec::new();
        let mut plainer = 0;
        if self.forms.pdf {
            let pdf = self.workers.pdf(&source)?;
            plainer = u32::from(pdf.form != Form::Whole);
            files.push(("pdf", pdf.bytes));
        }
        if self.forms.xml {
            files.push(("xml", copies::xml(&source)?));
        }
        if self.forms.eml {
            files.push(("eml", message.bytes().to_vec()));
        }
        let written = folder.write(stem, &files)?;
        let entry = Entry::CopyWritten { id: copy.id.to_string(), format: self.formats() };
        self.vault.append(&entry, self.now)?;
        let names = written.iter().filter_map(|path| path.file_name());
        saved.files.extend(names.map(|name| name.to_string_lossy().into_owned()));
        saved.copies = saved.copies.saturating_add(1);
        saved.plainer = saved.plainer.saturating_add(plainer);
        Ok(())
    }

    fn formats(&self) -> String {
        let Forms { pdf, eml, xml } = self.forms;
        let all = [(pdf, "pdf"), (eml, "eml"), (xml, "xml")];
        let named: Vec<&str> = all.iter().filter(|(asked, _)| *asked).map(|one| one.1).collect();
        named.join("+")
    }
}

/// Day and subject, as names of files go.
fn stem(copy: &Archived) -> String {
    let day = day(copy.meta.sent_at);
    let subject: String = copy.meta.subject.chars().take(SUBJECT).collect();
    format!("{day} {}", names::safe(&subject, "bericht"))
}

/// The day in UTC, as the lists of the command line have it.
fn day(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d").to_string()
}

/// Characters of a subject in a name: Windows takes 260 for a whole path in many programs.
const SUBJECT: usize = 60;
const PAGE: usize = 500;
