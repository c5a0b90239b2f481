//! What is kept: looked through, opened, saved as files, destroyed and let go.

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use engine::Engine;
use engine::settings::Settings;
use jiff::Timestamp;
use mail::Address;
use shelf::{Saving, ShelfError, Vault};

use super::{Controller, Said, small};
use crate::desk::{Desk, Window};
use crate::guide;
use crate::request::Request;
use crate::view::View;

/// What the controller keeps of the archive's screen.
#[derive(Debug, Default)]
pub(super) struct Kept {
    /// Everything is being saved; set, that stops.
    saving: Option<Arc<AtomicBool>>,
    /// How many copies over their time a person was told of, an account.
    told_of: HashMap<Address, usize>,
}

impl<D: Desk> Controller<D> {
    pub(super) fn kept(&mut self, from: Window, request: Request) {
        match request {
            Request::Archive(wanted) => self.ask_shelf(from, "archive", move |engine, _| {
                with(engine, move |vault| Ok(View::Archive(shelf::find(vault, &wanted)?)))
            }),
            Request::OpenCopy { id } => self.ask_shelf(from, "open_copy", move |engine, now| {
                let settings = engine.settings();
                with(engine, move |vault| {
                    Ok(View::ArchiveCopy(Box::new(shelf::open(vault, &settings, &id, now)?)))
                })
            }),
            Request::SaveFolder => self.save_folder(from),
            Request::PickFolder { from: begin } => self.pick_folder(from, begin),
            Request::SaveCopies(saving) => self.save_copies(from, saving),
            Request::StopSaving => {
                if let Some(stop) = self.archive.saving.take() {
                    stop.store(true, Ordering::SeqCst);
                }
            }
            Request::DragCopy { id } => self.drag_copy(from, id),
            Request::StopDrag => self.stop_drag(from),
            Request::DeleteCopies { ids } => self.delete_copies(from, ids),
            Request::Leaving => self.leaving(from, "leaving", |_, _, _| Ok(0)),
            Request::LetGo { shown } => {
                self.leaving(from, "let_go", move |vault, settings, now| {
                    Ok(small(shelf::agree(vault, settings, shown, now)?))
                });
            }
            Request::KeepAgreed { account } => {
                self.leaving(from, "keep_agreed", move |vault, _, now| {
                    shelf::keep(vault, &account, now)?;
                    Ok(0)
                });
            }
            Request::Recovery { make } => self.ask_shelf(from, "recovery", move |engine, now| {
                with(engine, move |vault| {
                    Ok(View::Recovery(match make {
                        true => shelf::recovery_words(vault, now)?,
                        false => shelf::recovery(vault),
                    }))
                })
            }),
            Request::RecoveryChecked => self.ask_shelf(from, "recovery", |engine, _| {
                with(engine, |vault| {
                    if let Err(error) = shelf::recovery_was_checked(vault) {
                        tracing::warn!(%error, "that the recovery words were checked is not kept");
                    }
                    Ok(View::Recovery(shelf::recovery(vault)))
                })
            }),
            other => self.identities(from, other),
        }
    }

    /// Copies are over their time: told when there are more than a person was told of.
    pub(super) fn over_time(&mut self, account: &Address, copies: usize) {
        let told = self.archive.told_of.entry(account.clone()).or_default();
        if copies > *told {
            self.notify(
                "notify.leaving.title",
                &self.words.count("notify.leaving.text", small(copies)),
            );
        }
        self.archive.told_of.insert(account.clone(), copies);
    }

    /// Does something with copies that are over their time, and tells which there are then. `act` answers how
    /// many were let go.
    fn leaving(
        &self,
        from: Window,
        ask: &'static str,
        act: impl FnOnce(&Vault, &Settings, Timestamp) -> Result<u32, ShelfError> + Send + 'static,
    ) {
        self.ask_shelf(from, ask, move |engine, now| {
            let settings = engine.settings();
            with(engine, move |vault| {
                let agreed = act(vault, &settings, now)?;
                let items = shelf::leaving(vault, &settings, now)?;
                let going = shelf::going(vault, &settings)?;
                Ok(View::Leaving { at: now.to_string(), items, agreed, going })
            })
        });
    }

    /// Asks the archive aside and answers the page.
    fn ask_shelf<F>(
        &self,
        from: Window,
        ask: &'static str,
        work: impl FnOnce(Arc<Engine>, Timestamp) -> F,
    ) where
        F: Future<Output = Result<View, Said>> + Send + 'static,
    {
        self.ask_engine(from, ask, |engine| {
            let now = engine.now();
            work(engine, now)
        });
    }

    fn save_folder(&self, from: Window) {
        match guide::downloads() {
            Ok(folder) => {
                let folder = folder.display().to_string();
                self.desk.post(from, &View::SaveFolder { folder });
            }
            // The person names one.
            Err(_) => self.desk.post(from, &View::SaveFolder { folder: String::new() }),
        }
    }

    /// The system's own window for folders, from where the person is: a page asks again only when it closed.
    fn pick_folder(&self, from: Window, begin: String) {
        let (desk, words) = (self.desk.clone(), self.words.clone());
        // A network drive that is gone may keep whoever looks waiting.
        tokio::task::spawn_blocking(move || {
            let begin = Path::new(begin.trim());
            let near = begin.ancestors().find(|folder| folder.is_absolute() && folder.is_dir());
            let (near, title) = (near.map(Path::to_owned), words.get("window.pick_folder"));
            let over = desk.clone();
            let picked = move |folder: Option<std::path::PathBuf>| {
                let folder = folder.map(|folder| folder.into_os_string().into_string());
                let view = match folder.transpose() {
                    Ok(folder) => View::FolderPicked { folder },
                    // Not to be written in a field, nor read back from it as the same.
                    Err(_) => View::Trouble {
                        ask: "pick_folder".to_owned(),
                        sentence: words.get("said.folder"),
                    },
                };
                desk.post(from, &view);
            };
            over.pick_folder(from, &title, near, Box::new(picked));
        });
    }

    fn save_copies(&mut self, from: Window, saving: Saving) {
        let stop = Arc::new(AtomicBool::new(false));
        let everything = saving.ids.is_none();
        if everything {
            self.archive.saving = Some(Arc::clone(&stop));
        }
        let desk = self.desk.clone();
        self.ask_shelf(from, "save_copies", move |engine, now| {
            let (settings, workers) = (engine.settings(), engine.workers());
            with(engine, move |vault| {
                let seen = |done, of| {
                    if everything {
                        desk.post(from, &View::ArchiveSaving { done: small(done), of: small(of) });
                    }
                    match stop.load(Ordering::SeqCst) {
                        true => ControlFlow::Break(()),
                        false => ControlFlow::Continue(()),
                    }
                };
                let saved = shelf::save(vault, &settings, &workers, &saving, now, seen)?;
                Ok(View::ArchiveSaved(saved))
            })
        });
    }

    fn delete_copies(&self, from: Window, ids: Vec<String>) {
        self.ask_shelf(from, "delete_copies", move |engine, now| async move {
            let all = ids.clone();
            let for_words = Arc::clone(&engine);
            with(engine, move |vault| shelf::destroy(vault, &all, now)).await?;
            // Nobody waits for it: their keys are gone.
            tokio::spawn(async move {
                let purged = for_words.with_vault(|vault| vault.purge_words()).await;
                if let Err(error) = purged {
                    tracing::warn!(%error, "words of destroyed copies leave the index later");
                }
            });
            Ok(View::ArchiveDeleted { ids })
        });
    }
}

/// Runs something on the archive where blocking is allowed.
pub(super) async fn with<T: Send + 'static>(
    engine: Arc<Engine>,
    work: impl FnOnce(&Vault) -> Result<T, ShelfError> + Send + 'static,
) -> Result<T, Said> {
    let done = engine.with_vault(move |vault| Ok(work(vault))).await;
    let done = done.map_err(|error| Said::of(&error.nl(), &error))?;
    done.map_err(|error| Said::of(&error.nl(), &error))
}
