//! Smart cards: what is in the readers, an identity on one of them, and the PIN.

use std::path::PathBuf;
use std::sync::Arc;

use engine::Engine;
use engine::cards::{OnCard, Pin, PinWanted, Whose, offered};
use engine::choose::{HeldId, Pending, PendingRecipient, State as Stage};
use engine::settings;

use super::setup::{Answer, parse};
use super::{Controller, Message, Said};
use crate::desk::{Desk, Window};
use crate::models;
use crate::request::{CardPin, NewCard, Request};
use crate::view::{IdentityDone, View};
use crate::words::Words;

impl<D: Desk> Controller<D> {
    pub(super) fn cards(&self, from: Window, request: Request) {
        let words = self.words.clone();
        match request {
            Request::Cards => {
                self.ask_engine(
                    from,
                    "cards",
                    |engine| async move { Ok(seen(&engine, &words).await) },
                );
            }
            Request::UseCardSoftware { module } => {
                self.ask_engine(from, "use_card_software", |engine| {
                    use_software(engine, words, module)
                });
            }
            Request::AddCard(new) => {
                self.with_identity(from, "add_card", |engine| add(engine, new));
            }
            Request::UnlockCard(pin) => {
                self.ask_engine(from, "unlock_card", |engine| unlock(engine, pin));
            }
            _ => {}
        }
    }

    /// Asks for a PIN where mail waits for nothing else: once for each message, for a person may have put
    /// it off.
    pub(super) fn look_for_pins(&self) {
        let put_off = |to: &PendingRecipient| to.state == Stage::Chosen && to.reason.is_some();
        let waits = |one: &&Pending| {
            !self.pin_asked.contains(&one.id) && one.recipients.iter().any(put_off)
        };
        let Some(message) = self.held.all().iter().find(waits).map(|one| one.id) else { return };
        let Some(engine) = self.engine() else { return };
        self.aside(async move {
            match engine.pin_wanted(message).await {
                Ok(Some(wanted)) => Message::PinWanted(message, wanted),
                _ => Message::Nothing,
            }
        });
    }

    pub(super) fn ask_pin(&mut self, message: HeldId, wanted: PinWanted) {
        if !self.pin_asked.insert(message) {
            return;
        }
        self.pin_wanted = Some(wanted);
        self.show(Window::Main);
        self.notify("notify.pin.title", &self.words.get("notify.pin.text"));
        self.tell_pin_wanted();
    }

    /// Told again to a window that opens.
    pub(super) fn tell_pin_wanted(&self) {
        let Some(wanted) = self.pin_wanted.clone() else { return };
        self.desk.post(Window::Main, &models::ask_pin(wanted));
    }
}

async fn seen(engine: &Arc<Engine>, words: &Words) -> View {
    let used = engine.settings().cards.modules.clone();
    let offers = tokio::task::spawn_blocking(offered).await.unwrap_or_default();
    let found = engine.cards_seen().await;
    View::Cards(models::cards(words, &used, &offers, &found, engine.now()))
}

async fn use_software(engine: Arc<Engine>, words: Words, module: String) -> Answer {
    // Only what was offered: a page names no library of its own.
    let offers = tokio::task::spawn_blocking(offered).await.unwrap_or_default();
    let module = PathBuf::from(module);
    if !offers.iter().any(|offer| offer.module == module) {
        return Err(Said::key("said.no_card_software"));
    }
    let mut modules = engine.settings().cards.modules.clone();
    if !modules.contains(&module) {
        modules.push(module);
    }
    let change = settings::Change::CardModules(modules);
    let changing = Arc::clone(&engine);
    let changed = tokio::task::spawn_blocking(move || changing.change(&change)).await;
    let changed = changed.map_err(|_| Said::key("said.stopping"))?;
    changed.map_err(|error| Said::of(&error.nl(), &error))?;
    Ok(seen(&engine, &words).await)
}

/// The PIN is tried first: a card that it does not open signs nothing.
async fn add(engine: Arc<Engine>, new: NewCard) -> Result<(IdentityDone, String), Said> {
    let address = parse(&new.address)?;
    let on_card = on_card(&engine, &new.place).await?;
    let pin = given(&new.pin);
    let before = engine.identities().await.map_err(|error| Said::of(&error.nl(), &error))?;
    let added = engine.add_card(&address, on_card).await;
    let id = added.map_err(|error| Said::of(&error.nl(), &error))?;
    if let Err(error) = engine.unlock_card(Whose::Identity { id: id.clone() }, pin).await {
        // What was there before stays, with all that is known of it.
        if !before.iter().any(|one| one.id == id)
            && let Err(error) = engine.remove_identity(id).await
        {
            tracing::warn!(%error, "a card's identity stays though its PIN was refused");
        }
        return Err(Said::of(&error.nl(), &error));
    }
    Ok((IdentityDone::CardAdded, address.to_string()))
}

async fn on_card(engine: &Arc<Engine>, place: &str) -> Result<OnCard, Said> {
    let found = engine.cards_seen().await;
    let tokens = found.into_iter().filter_map(|(_, tokens)| tokens.ok()).flatten();
    let mut all = tokens.flat_map(|token| token.certificates);
    let one = all.find(|one| one.place.to_string() == place);
    one.ok_or_else(|| Said::key("said.no_card"))
}

async fn unlock(engine: Arc<Engine>, pin: CardPin) -> Answer {
    let whose = Whose::Identity { id: pin.id.clone() };
    let unlocked = engine.unlock_card(whose, given(&pin.pin)).await;
    unlocked.map_err(|error| Said::of(&error.nl(), &error))?;
    Ok(View::CardUnlocked { id: pin.id })
}

/// None: it is given at the reader.
fn given(pin: &str) -> Option<Pin> {
    (!pin.is_empty()).then(|| Pin::new(pin.to_owned().into()))
}
