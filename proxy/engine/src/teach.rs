//! What people say of findings ("that is not right"), and what the detector makes of it.
//!
//! The vault keeps a keyed hash of the words and how often they were dismissed; the detector asks
//! through [`Taught`] and sees a new dismissal at once. In the message where a finding was dismissed
//! it counts for nothing; in later ones it counts less each time. What has a label before it (a
//! citizen service number, a patient number, a birth date) keeps its weight whatever was said.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use detect::{Detector, Dismissals, Finding, Kind, Options, Piece, normalised};
use settings::Settings;
use vault::dismissals::Snapshot;
pub use vault::dismissals::{Dismissal, FindingId};
use vault::outbox::{HeldId, os_user};
use vault::{Vault, VaultError};

use crate::engine::Engine;
use crate::error::EngineError;
use crate::screen::{self, Screening};

/// Why a finding cannot be dismissed, or that not be taken back. Nothing was changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TeachError {
    /// The vault says no.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The message has no such finding, or no longer.
    #[error("this is no longer found in the message; close the question and open it again")]
    NotFound,
    /// It has a label before it.
    #[error(
        "a citizen service number, patient number or birth date with its label always counts; choose what is to happen with the message"
    )]
    Firm,
}

impl TeachError {
    /// The sentence in Dutch: what happened, and what to do.
    #[must_use]
    pub fn nl(&self) -> String {
        match self {
            Self::Vault(error) => error.nl(),
            Self::NotFound => {
                "Dit staat niet meer bij wat gevonden is; sluit de vraag en open hem opnieuw."
                    .to_owned()
            }
            Self::Firm => "Een BSN, patiëntnummer of geboortedatum met het woord erbij telt altijd; kies wat er met het bericht moet gebeuren.".to_owned(),
        }
    }
}

/// The detector's word for a kind, as in JSON and in the vault.
#[must_use]
pub fn word(kind: Kind) -> &'static str {
    match kind {
        Kind::Bsn => "bsn",
        Kind::Dob => "dob",
        Kind::Name => "name",
        Kind::Address => "address",
        Kind::PatientNumber => "patient_number",
        Kind::Phone => "phone",
        Kind::Email => "email",
        _ => "medical",
    }
}

/// What was dismissed until now, for every detector of the engine.
#[derive(Debug, Default)]
pub(crate) struct Taught(RwLock<Arc<Snapshot>>);

impl Taught {
    /// Takes over what the vault has now.
    pub(crate) fn refresh(&self, vault: &Vault) -> Result<(), VaultError> {
        let now = Arc::new(vault.dismissal_snapshot()?);
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = now;
        Ok(())
    }
}

impl Dismissals for Taught {
    fn times(&self, kind: Kind, words: &str) -> u32 {
        let now = Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner));
        now.times(word(kind), words)
    }
}

/// A detector, and what it was made of.
#[derive(Clone)]
pub(crate) struct Judge {
    pub(crate) detector: Arc<Detector>,
    pub(crate) options: Options,
}

impl Judge {
    /// The detector that these settings want.
    pub(crate) fn new(settings: &Settings, taught: &Arc<Taught>) -> Result<Self, EngineError> {
        let options = Options {
            threshold: settings.detect.threshold,
            certain: settings.detect.certain,
            own_terms: settings.detect.own_terms()?,
            staff: settings.detect.staff.clone(),
            dismissals: Some(Arc::clone(taught) as _),
        };
        Ok(Self { detector: Arc::new(Detector::new(options.clone())), options })
    }
}

/// How one held message is judged for a person who looks at it: what was dismissed in this message
/// counts for nothing.
pub(crate) struct Lens {
    here: Arc<Here>,
    detector: Detector,
}

impl Lens {
    /// The lens for this message. It costs a new detector, some tens of milliseconds: a person
    /// opens a window.
    pub(crate) fn of(vault: &Vault, id: HeldId, options: Options) -> Result<Self, VaultError> {
        let here = Arc::new(Here {
            known: vault.dismissal_snapshot()?,
            dismissed: vault.dismissed_in(id)?,
            everything: AtomicBool::new(false),
        });
        let dismissals: Arc<dyn Dismissals> = Arc::clone(&here) as _;
        let detector = Detector::new(Options { dismissals: Some(dismissals), ..options });
        Ok(Self { here, detector })
    }

    pub(crate) fn detector(&self) -> &Detector {
        &self.detector
    }

    /// The name of a finding.
    pub(crate) fn id(&self, kind: Kind, words: &str) -> Option<FindingId> {
        self.here.known.id(word(kind), &normalised(words))
    }

    /// Whether this was dismissed in this message.
    pub(crate) fn is_dismissed(&self, id: FindingId) -> bool {
        self.here.dismissed.contains(&id)
    }

    /// Which findings keep their weight though everything be dismissed.
    pub(crate) fn firm(&self, pieces: &[Piece<'_>]) -> Firm {
        self.here.everything.store(true, Ordering::Relaxed);
        let judged = self.detector.judge(pieces);
        self.here.everything.store(false, Ordering::Relaxed);
        let kept = judged.findings.iter().filter(|one| one.weight > 0.0);
        Firm(kept.map(|one| (one.piece, one.start, one.end)).collect())
    }
}

impl Lens {
    /// The findings of this name that count, as kind and normalised words.
    fn wanted(
        &self,
        screening: &Screening,
        wanted: FindingId,
    ) -> Result<Vec<(Kind, String)>, TeachError> {
        let firm = self.firm(&screen::pieces(&screening.extract));
        let mut found = Vec::new();
        for one in screening.findings.findings.iter().filter(|one| one.weight > 0.0) {
            let piece = screening.extract.pieces.get(one.piece);
            let words = piece.and_then(|piece| piece.text.get(one.start..one.end));
            let words = words.unwrap_or_default();
            if self.id(one.kind, words) != Some(wanted) {
                continue;
            }
            if firm.has(one) {
                return Err(TeachError::Firm);
            }
            found.push((one.kind, normalised(words)));
        }
        if found.is_empty() { Err(TeachError::NotFound) } else { Ok(found) }
    }
}

/// The findings that cannot be dismissed: piece, start, end.
pub(crate) struct Firm(HashSet<(usize, usize, usize)>);

impl Firm {
    pub(crate) fn has(&self, finding: &Finding) -> bool {
        self.0.contains(&(finding.piece, finding.start, finding.end))
    }
}

/// What was dismissed, as seen from one message.
#[derive(Debug)]
struct Here {
    known: Snapshot,
    dismissed: HashSet<FindingId>,
    /// Asks what would be left if everything were dismissed.
    everything: AtomicBool,
}

impl Dismissals for Here {
    fn times(&self, kind: Kind, words: &str) -> u32 {
        let here = |id: FindingId| self.dismissed.contains(&id);
        let none_left = self.everything.load(Ordering::Relaxed)
            || self.known.id(word(kind), words).is_some_and(here);
        if none_left { u32::MAX } else { self.known.times(word(kind), words) }
    }
}

impl Engine {
    /// Keeps that a finding of a held message is not right. The message waits on: it is judged
    /// again when it is looked at.
    ///
    /// # Errors
    /// [`TeachError`]; nothing was changed then.
    pub async fn dismiss(self: &Arc<Self>, id: &str, finding: &str) -> Result<(), TeachError> {
        let id = held(id)?;
        let wanted: FindingId = finding.parse().map_err(|_| TeachError::NotFound)?;
        let (options, workers, now) = (self.judge().options, self.workers(), self.now());
        let unreadable = self.settings().detect.unreadable;
        let (message, lens) = self
            .with_vault(move |vault| Ok((vault.read(id)?, Lens::of(vault, id, options)?)))
            .await?;
        // Not with the vault in hand: a worker may take its time.
        let judged = tokio::task::spawn_blocking(move || {
            let screening = screen::judge(lens.detector(), &workers, unreadable, &message);
            lens.wanted(&screening, wanted)
        });
        let found = judged.await.map_err(|_| VaultError::Interrupted)??;
        self.taught_anew(move |vault| {
            found.iter().try_for_each(|(kind, words)| {
                vault.dismiss(id, (word(*kind), words), &os_user(), now).map(drop)
            })
        })
        .await?;
        Ok(())
    }

    /// Takes back what was said of a finding of a held message.
    ///
    /// # Errors
    /// [`TeachError`]; nothing was changed then.
    pub async fn undo_dismissal(
        self: &Arc<Self>,
        id: &str,
        finding: &str,
    ) -> Result<(), TeachError> {
        let id = held(id)?;
        let finding: FindingId = finding.parse().map_err(|_| TeachError::NotFound)?;
        let now = self.now();
        self.taught_anew(move |vault| vault.undo_dismissal(id, finding, &os_user(), now)).await?;
        Ok(())
    }

    /// What was dismissed, the latest first.
    ///
    /// # Errors
    /// [`VaultError`].
    pub async fn dismissals(self: &Arc<Self>) -> Result<Vec<Dismissal>, VaultError> {
        self.with_vault(Vault::dismissals).await
    }

    /// Forgets one finding that was dismissed, or all; answers how many there were.
    ///
    /// # Errors
    /// [`TeachError`]; nothing was changed then.
    pub async fn forget_dismissals(
        self: &Arc<Self>,
        finding: Option<&str>,
    ) -> Result<usize, TeachError> {
        let one: Option<Result<FindingId, _>> = finding.map(str::parse);
        let one = one.transpose().map_err(|_| TeachError::NotFound)?;
        let now = self.now();
        let gone = self.taught_anew(move |vault| vault.forget_dismissals(one, &os_user(), now));
        Ok(gone.await?)
    }

    /// Changes what was dismissed, and lets the detector see it at once.
    async fn taught_anew<T: Send + 'static>(
        self: &Arc<Self>,
        change: impl FnOnce(&Vault) -> Result<T, VaultError> + Send + 'static,
    ) -> Result<T, VaultError> {
        let engine = Arc::clone(self);
        self.with_vault(move |vault| {
            let done = change(vault)?;
            engine.taught().refresh(vault)?;
            Ok(done)
        })
        .await
    }
}

fn held(id: &str) -> Result<HeldId, VaultError> {
    id.parse().map_err(|_| VaultError::UnknownMessage { id: id.to_owned() })
}

#[cfg(test)]
mod tests;
