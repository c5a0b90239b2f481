//! Copies saved as files that anyone can open.

use core::ops::ControlFlow;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use mail::days;
use serde::{Deserialize, Serialize};
use settings::Settings;
use ts_rs::TS;
use vault::Vault;
use vault::archive::{ArchiveId, Archived, Query};
use worker::Workers;

use crate::folder::Folder;
use crate::open::kept;
use crate::press::Press;
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
#[derive(Clone, Default, PartialEq, Eq, Serialize, TS)]
pub struct Saved {
    /// The folder.
    pub folder: String,
    /// The names of the files in it; not told of everything.
    pub files: Vec<String>,
    /// How many copies have at least one file there.
    pub copies: u32,
    /// How many of them show less than the message, and say so on their first page.
    pub plainer: u32,
    /// Copies of which not all is there that was asked for, the first [`NAMED`]. Where everything was
    /// saved, all of them stand in a list in the folder.
    pub lacking: Vec<Lacking>,
    /// How many those are in all.
    pub lacks: u32,
    /// How it ended.
    pub end: End,
}

impl core::fmt::Debug for Saved {
    /// No name of a file or folder: they have subjects in them.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Saved")
            .field("copies", &self.copies)
            .field("lacks", &self.lacks)
            .finish_non_exhaustive()
    }
}

/// A copy of which not all is there that was asked for.
#[derive(Clone, PartialEq, Eq, Serialize, TS)]
pub struct Lacking {
    /// Its id.
    pub id: String,
    /// Day and subject.
    pub name: String,
    /// What is there of it.
    #[ts(type = "'message' | 'nothing'")]
    pub there: There,
    /// Why, and what to do.
    pub why: String,
}

/// What is there of a copy that is not whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum There {
    /// The message itself (.eml), whether or not it was asked for, and the forms that could be made.
    Message,
    /// Nothing: it cannot be read as it was kept.
    Nothing,
}

/// How saving ended.
#[derive(Clone, Default, PartialEq, Eq, Serialize, TS)]
#[serde(tag = "how", rename_all = "snake_case")]
pub enum End {
    /// With the last copy.
    #[default]
    Whole,
    /// Somebody stopped it.
    Stopped,
    /// The folder, or the archive's own, took no more. What was saved until then is there.
    Broke {
        /// What happened and what to do.
        why: String,
    },
}

/// Saves copies into a folder under names of day and subject, or everything into a new folder inside the
/// one that is named, with a list of it as CSV. Nothing is overwritten. A form that cannot be made, or a
/// copy that cannot be read, is told of, and the others go on. `seen` hears how many are done, of how
/// many, and may stop it; it is asked again while others' copies are waited for.
///
/// # Errors
/// [`ShelfError`]; nothing was saved then.
pub fn save(
    vault: &Vault,
    settings: &Settings,
    workers: &Workers,
    saving: &Saving,
    now: Timestamp,
    mut seen: impl FnMut(usize, usize) -> ControlFlow<()>,
) -> Result<Saved, ShelfError> {
    let press = Press::new(vault, settings, workers, saving.forms, now)?;
    let named = place(&saving.folder)?;
    let (ids, mut run) = match &saving.ids {
        Some(ids) => {
            let found: Result<Vec<_>, _> = ids.iter().map(|id| kept(vault, id)).collect();
            (found?.iter().map(|copy| copy.id).collect(), Run::new(press, named, Scope::Some))
        }
        None => {
            let ids = all(vault)?;
            let folder = named.new_inside(&format!("Zorgzegel-archief {}", days::day(now)))?;
            (ids, Run::new(press, folder, Scope::All))
        }
    };
    for (id, number) in ids.iter().zip(0..) {
        match run.one(*id, &mut || seen(number, ids.len())) {
            Ok(ControlFlow::Continue(())) => {}
            Ok(ControlFlow::Break(())) => {
                run.saved.end = End::Stopped;
                break;
            }
            Err(error) => {
                run.broken = Some(error);
                break;
            }
        }
    }
    run.end()
}

/// What is saved of the archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scope {
    /// What a person picked.
    Some,
    /// All of it: names have ids, and a list lies beside the files.
    All,
}

/// Saving, on its way.
struct Run<'a> {
    press: Press<'a>,
    folder: Folder,
    scope: Scope,
    saved: Saved,
    /// What is there, and what is not whole, as CSV.
    list: String,
    lacking: String,
    /// Why it cannot go on.
    broken: Option<ShelfError>,
}

impl<'a> Run<'a> {
    fn new(press: Press<'a>, folder: Folder, scope: Scope) -> Self {
        Self {
            saved: Saved { folder: folder.path().display().to_string(), ..Saved::default() },
            press,
            folder,
            scope,
            list: copies::csv_head(&register::COLUMNS),
            lacking: copies::csv_head(&LACKING),
            broken: None,
        }
    }

    /// Saves one copy.
    ///
    /// # Errors
    /// Where the next one would go no better.
    fn one(
        &mut self,
        id: ArchiveId,
        again: &mut dyn FnMut() -> ControlFlow<()>,
    ) -> Result<ControlFlow<()>, ShelfError> {
        if again().is_break() {
            return Ok(ControlFlow::Break(()));
        }
        // Somebody may have deleted it meanwhile.
        let Some(copy) = self.press.vault.copy(id)? else {
            return Ok(ControlFlow::Continue(()));
        };
        let name = stem(&copy);
        let message = match self.press.vault.read_copy(id) {
            Ok(message) => message,
            Err(error) => {
                self.lacks(id, name, There::Nothing, &ShelfError::from(error));
                return Ok(ControlFlow::Continue(()));
            }
        };
        let ControlFlow::Continue(pressed) = self.press.make(&copy, &message, again) else {
            return Ok(ControlFlow::Break(()));
        };
        let file = match self.scope {
            // The id tells two of one day and subject apart, and is that of the list.
            Scope::All => format!("{name} {id}"),
            Scope::Some => name.clone(),
        };
        let written = written(&self.folder, id, &file, &pressed.files)?;
        if self.scope == Scope::Some {
            let names = written.iter().filter_map(|path| path.file_name());
            self.saved.files.extend(names.map(|name| name.to_string_lossy().into_owned()));
        }
        self.saved.copies = self.saved.copies.saturating_add(1);
        self.saved.plainer = self.saved.plainer.saturating_add(u32::from(pressed.plainer));
        self.list.push_str(&register::record(&copy));
        if let Some(error) = &pressed.lacks {
            self.lacks(id, name, There::Message, error);
        }
        self.press.note(id, &pressed)?;
        Ok(ControlFlow::Continue(()))
    }

    fn lacks(&mut self, id: ArchiveId, name: String, there: There, error: &ShelfError) {
        let (id, why) = (id.to_string(), self.press.told(error));
        let left = match there {
            There::Message => "eml",
            There::Nothing => "",
        };
        self.lacking.push_str(&copies::csv_record([id.as_str(), &name, left, &why]));
        self.saved.lacks = self.saved.lacks.saturating_add(1);
        if self.saved.lacking.len() < NAMED {
            self.saved.lacking.push(Lacking { id, name, there, why });
        }
    }

    /// Writes the lists, also where it ended early.
    fn end(mut self) -> Result<Saved, ShelfError> {
        let nothing = self.saved.copies + self.saved.lacks == 0;
        if nothing && let Some(error) = self.broken {
            if self.scope == Scope::All {
                // It goes only where it is empty, as it should be.
                let _ = std::fs::remove_dir(self.folder.path());
            }
            return Err(error);
        }
        if self.scope == Scope::All
            && let Err(error) = self.lists()
        {
            self.broken.get_or_insert(error);
        }
        if let Some(error) = &self.broken {
            self.saved.end = End::Broke { why: self.press.told(error) };
        }
        Ok(self.saved)
    }

    fn lists(&mut self) -> Result<(), ShelfError> {
        let list = core::mem::take(&mut self.list);
        self.folder.write("archief", &[("csv", list.into_bytes())])?;
        if self.saved.lacks > 0 {
            let lacking = core::mem::take(&mut self.lacking);
            self.folder.write("onvolledig", &[("csv", lacking.into_bytes())])?;
        }
        Ok(())
    }
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

/// Writes the files of a copy under this name, or under its id on a disk with shorter names.
pub(crate) fn written(
    folder: &Folder,
    id: ArchiveId,
    name: &str,
    files: &[(&str, Vec<u8>)],
) -> Result<Vec<PathBuf>, ShelfError> {
    match folder.write(name, files) {
        Err(ShelfError::Name { .. }) => folder.write(&id.to_string(), files),
        written => written,
    }
}

/// Day and subject, as names of files go.
pub(crate) fn stem(copy: &Archived) -> String {
    let day = days::day(copy.meta.sent_at);
    let subject: String = copy.meta.subject.chars().take(SUBJECT).collect();
    format!("{day} {}", copies::names::safe(&subject, "bericht"))
}

/// The columns of the list of what is not whole.
const LACKING: [&str; 4] = ["id", "name", "there", "why"];
/// Copies that are told of by name: more than a person reads in a window.
pub const NAMED: usize = 20;
/// Characters of a subject in a name: Windows takes 260 for a whole path in many programs.
const SUBJECT: usize = 60;
const PAGE: usize = 500;
