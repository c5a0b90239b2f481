//! The engine behind the app, or why there is none.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use engine::settings::Settings;
use engine::{Engine, Notice};
use proxy::demo::{Sample, TryOut};
use tokio::sync::{broadcast, watch};
use tokio::task::JoinHandle;

use super::{Inbox, Message};
use crate::models;
use crate::view::Language;
use crate::words::Words;

/// A sentence in both languages: what happened, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Said {
    pub(crate) nl: String,
    pub(crate) en: String,
}

impl Said {
    /// A sentence of the catalogue.
    pub(crate) fn key(key: &str) -> Self {
        let of = |language| Words::of(language).get(key);
        Self { nl: of(Language::Nl), en: of(Language::En) }
    }

    /// A sentence of the catalogue with what the system said put in.
    pub(crate) fn because(key: &str, why: &dyn core::fmt::Display) -> Self {
        let of = |language| Words::of(language).with(key, "why", &why.to_string());
        Self { nl: of(Language::Nl), en: of(Language::En) }
    }

    /// A Dutch sentence and the error itself, which speaks English.
    pub(crate) fn of(nl: &str, error: &dyn core::fmt::Display) -> Self {
        Self { nl: nl.to_owned(), en: error.to_string() }
    }
}

/// The engine and what belongs to it.
pub(crate) struct House {
    engine: Result<Arc<Engine>, Said>,
    config: Option<PathBuf>,
    try_out: Option<Arc<TryOut>>,
    stop: watch::Sender<bool>,
    serving: Option<JoinHandle<()>>,
}

impl House {
    /// The engine with the settings of this user, or with those of a file.
    pub(crate) fn open(config: Option<&Path>) -> Self {
        let mut house = Self::around(opened(config), None);
        house.config = config.map(Path::to_owned);
        house
    }

    /// Tries again where there is no engine: somebody may have mended the settings.
    pub(crate) fn reopen(&mut self) -> bool {
        if self.engine.is_err() {
            self.engine = opened(self.config.as_deref());
        }
        self.engine.is_ok()
    }

    /// The built-in try-out provider.
    pub(crate) async fn try_out() -> Self {
        match TryOut::start().await {
            Ok(try_out) => Self::around(Ok(try_out.engine()), Some(Arc::new(try_out))),
            Err(error) => Self::around(Err(Said::of(&error.to_string(), &error)), None),
        }
    }

    fn around(engine: Result<Arc<Engine>, Said>, try_out: Option<Arc<TryOut>>) -> Self {
        Self { engine, config: None, try_out, stop: watch::Sender::new(false), serving: None }
    }

    /// Lets the engine listen, serve and deliver, and tries again where it cannot: a port is set
    /// free, another engine ends.
    pub(crate) fn serve(&mut self, inbox: Inbox) {
        let Ok(engine) = self.engine.clone() else { return };
        let stop = self.stop.subscribe();
        self.serving = Some(tokio::spawn(serve(engine, inbox, stop)));
    }

    /// Brings the engine to its end.
    pub(crate) async fn stop(&mut self) {
        self.stop.send_replace(true);
        if let Some(serving) = self.serving.take() {
            let _ = serving.await;
        }
    }

    pub(crate) fn engine(&self) -> Option<Arc<Engine>> {
        self.engine.as_ref().ok().cloned()
    }

    /// Why there is no engine.
    pub(crate) fn fault(&self) -> Option<&Said> {
        self.engine.as_ref().err()
    }

    pub(crate) fn listen(&self) -> Option<broadcast::Receiver<Notice>> {
        self.engine().map(|engine| engine.listen())
    }

    pub(crate) fn is_try_out(&self) -> bool {
        self.try_out.is_some()
    }

    /// The first run, or no engine at all, is nothing to hide.
    pub(crate) fn needs_a_window(&self) -> bool {
        self.accounts().is_empty()
    }

    pub(crate) fn language(&self) -> Language {
        self.engine().map_or(Language::Nl, |engine| models::language(&engine.settings()))
    }

    pub(crate) fn accounts(&self) -> Vec<String> {
        let of = |engine: Arc<Engine>| {
            engine.settings().accounts.iter().map(|one| one.address.to_string()).collect()
        };
        self.engine().map(of).unwrap_or_default()
    }

    /// After how long a mail without an answer is reminded of.
    pub(crate) fn remind_after(&self) -> Duration {
        self.engine().map_or(REMIND_AFTER, |engine| engine.settings().desktop.remind_after)
    }

    /// The settings file; none where not even its place is known.
    pub(crate) fn file(&self) -> Option<PathBuf> {
        self.config.clone().or_else(Settings::default_path)
    }

    pub(crate) fn notifications(&self) -> bool {
        self.engine().is_none_or(|engine| engine.settings().desktop.notifications)
    }

    /// Sends a sample as a mail program would; the engine's reply.
    pub(crate) fn sample(
        &self,
        sample: Sample,
    ) -> impl Future<Output = Result<String, Said>> + Send + 'static {
        let try_out = self.try_out.clone();
        async move {
            let Some(try_out) = try_out else {
                return Err(Said::key("said.try_out_only"));
            };
            let sent = try_out.send(sample).await;
            sent.map_err(|error| Said::of(&error.to_string(), &error))
        }
    }
}

fn opened(config: Option<&Path>) -> Result<Arc<Engine>, Said> {
    Engine::open(config).map_err(|error| Said::of(&error.nl(), &error))
}

async fn serve(engine: Arc<Engine>, inbox: Inbox, mut stop: watch::Receiver<bool>) {
    loop {
        let (ready, mut stopped) = (inbox.clone(), stop.clone());
        let told = move |_: &[engine::Ready]| {
            let _ = ready.send(Message::Serving(Ok(())));
        };
        let until = async move {
            let _ = stopped.wait_for(|stop| *stop).await;
        };
        let Err(error) = engine.run(told, until).await else { return };
        let _ = inbox.send(Message::Serving(Err(Said::of(&error.nl(), &error))));
        tokio::select! {
            () = tokio::time::sleep(SERVE_AGAIN) => {}
            _ = stop.wait_for(|stop| *stop) => return,
        }
    }
}

/// Where the settings cannot be read; the same as their default.
const REMIND_AFTER: Duration = Duration::from_secs(15 * 60);
/// The wait before listening is tried again.
const SERVE_AGAIN: Duration = Duration::from_secs(10);
