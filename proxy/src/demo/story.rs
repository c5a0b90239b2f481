//! What happens in the demonstration, step by step.

use core::time::Duration;
use std::io::Write;
use std::sync::Arc;

use ::dossier::answer::Taken;
use mail::Message;
use tokio::sync::oneshot;
use vault::outbox::{Choice, HeldId, State};

use super::DemoError;
use super::tryout::{Sample, TryOut};
use engine::{Notice, Ready};

/// Everything that runs.
struct Stage {
    tryout: TryOut,
    stop: Option<oneshot::Sender<()>>,
    running: tokio::task::JoinHandle<Result<(), engine::error::EngineError>>,
}

pub(super) async fn tell() -> Result<(), DemoError> {
    say("Zorgzegel laat op deze computer zien wat het doet. Er gaat niets naar buiten.")?;
    let mut stage = Stage::build().await?;
    let told = stage.play().await;
    stage.close().await;
    told
}

impl Stage {
    async fn build() -> Result<Self, DemoError> {
        let tryout = TryOut::start().await?;
        say(
            "1. Er draait een naamserver met ondertekende zones (DNSSEC), een mailprovider en de mailserver van ziekenhuis.test.",
        )?;
        let (stop, stopped) = oneshot::channel::<()>();
        let (ready, is_ready) = oneshot::channel::<Vec<Ready>>();
        let running = tokio::spawn({
            let engine = tryout.engine();
            async move {
                let stopped = async { stopped.await.unwrap_or_default() };
                let tell = |listeners: &[Ready]| drop(ready.send(listeners.to_vec()));
                engine.run(tell, stopped).await
            }
        });
        let listeners = is_ready.await.map_err(|_| DemoError::Start {
            what: "Zorgzegel",
            why: "it ended before it listened".to_owned(),
        })?;
        let first = listeners.first().map(|ready| ready.address);
        let server = first.ok_or_else(|| DemoError::Wrong("there is no listener".to_owned()))?;
        say(format_args!(
            "2. Zorgzegel luistert op {server}; het mailprogramma is erop ingesteld."
        ))?;
        Ok(Self { tryout, stop: Some(stop), running })
    }

    async fn play(&mut self) -> Result<(), DemoError> {
        self.clean_mail().await?;
        let id = self.health_mail().await?;
        self.show_evidence(id).await?;
        self.choose_secure(id).await?;
        self.show_arrival()?;
        self.show_copies(id).await?;
        say("Klaar. De proefmappen staan in:")?;
        say(self.tryout.folder.display())
    }

    async fn clean_mail(&self) -> Result<(), DemoError> {
        let reply = self.tryout.send(Sample::Lunch).await?;
        if !reply.starts_with("250") || self.tryout.provider.mailbox.messages().len() != 1 {
            return Err(DemoError::Wrong(format!("the lunch mail was answered {reply}")));
        }
        say("3. Een mail over de lunch gaat meteen door naar de provider.")
    }

    async fn health_mail(&self) -> Result<HeldId, DemoError> {
        let mut notices = self.tryout.engine.listen();
        let reply = self.tryout.send(Sample::Referral).await?;
        // A mail program that was seen is told of too.
        let held =
            core::iter::from_fn(|| notices.try_recv().ok()).find_map(|notice| match notice {
                Notice::Held(id) => Some(id),
                _ => None,
            });
        let Some(id) = held else {
            return Err(DemoError::Wrong(format!("the health mail was answered {reply}")));
        };
        if self.tryout.provider.mailbox.messages().len() != 1
            || !self.tryout.hospital.mailbox.messages().is_empty()
        {
            return Err(DemoError::Wrong("the health mail left without a choice".to_owned()));
        }
        say("4. Een mail met een BSN, een naam en een diagnose blijft hier, versleuteld bewaard:")?;
        say(format_args!("   {reply}"))?;
        Ok(id)
    }

    async fn show_evidence(&self, id: HeldId) -> Result<(), DemoError> {
        let held = self.tryout.engine.with_vault(move |vault| vault.get(id)).await?;
        let evidence: engine::screen::Evidence = serde_json::from_str(&held.evidence)
            .map_err(|error| DemoError::Wrong(error.to_string()))?;
        say("   Dit maakte dat het vraagt:")?;
        for mark in evidence.marks.iter().take(6) {
            say(format_args!("   - {} ({})", mark.words.trim(), mark.reason_nl))?;
        }
        Ok(())
    }

    async fn choose_secure(&self, id: HeldId) -> Result<(), DemoError> {
        let mut notices = self.tryout.engine.listen();
        let now = self.tryout.engine.now();
        self.tryout.engine.with_vault(move |vault| vault.choose(id, Choice::Secure, now)).await?;
        self.tryout.engine.wake();
        say(
            "5. De keuze: veilig versturen. Nu wordt bewezen dat het mag, ondertekend en afgeleverd.",
        )?;
        let deadline = tokio::time::Instant::now() + PATIENCE;
        loop {
            let held = self.tryout.engine.with_vault(move |vault| vault.get(id)).await?;
            let Some(recipient) = held.recipients.first() else {
                continue;
            };
            match recipient.state {
                State::Sent => break,
                State::Chosen | State::Sending if tokio::time::Instant::now() < deadline => {
                    let _ = tokio::time::timeout(Duration::from_secs(1), notices.recv()).await;
                }
                _ => {
                    let why = recipient
                        .words
                        .clone()
                        .or_else(|| recipient.reason.as_ref().map(|reason| reason.nl.clone()));
                    let why = why.unwrap_or_else(|| recipient.state.as_str().to_owned());
                    return Err(DemoError::Wrong(why));
                }
            }
        }
        Ok(())
    }

    fn show_arrival(&self) -> Result<(), DemoError> {
        let messages = self.tryout.hospital.mailbox.messages();
        let [message] = messages.as_slice() else {
            let words = format!("{} messages arrived instead of one", messages.len());
            return Err(DemoError::Wrong(words));
        };
        let message = Message::new(message.clone());
        let mark = message.field(nta7516::HEADER).map(|field| field.unfolded());
        let checked =
            cades::check(&message).map_err(|refusal| DemoError::Wrong(refusal.to_string()))?;
        say(
            "6. De mailserver van het ziekenhuis heeft precies één bericht, over een versleutelde verbinding waarvan het certificaat in DNS staat (DANE).",
        )?;
        say(format_args!("   X-NTA7516: {}", mark.unwrap_or_default()))?;
        say(format_args!(
            "   Handtekening klopt (CAdES-BES), gezet door {}.",
            checked.signer.addresses.join(", ")
        ))?;
        std::fs::write(self.tryout.folder.join("ontvangen.eml"), message.bytes())?;
        Ok(())
    }

    async fn show_copies(&self, id: HeldId) -> Result<(), DemoError> {
        let held = self.tryout.engine.with_vault(move |vault| vault.list_copies()).await?;
        let Some(copy) = held.iter().find(|copy| copy.id.held() == id) else {
            return Err(DemoError::Wrong("no copy was kept".to_owned()));
        };
        let copy_id = copy.id;
        let message = self.tryout.engine.with_vault(move |vault| vault.read_copy(copy_id)).await?;
        let place = self.tryout.folder.join("dossier");
        std::fs::create_dir_all(&place)?;
        let (workers, now) = (self.tryout.engine.workers(), self.tryout.engine.now());
        let wrong = |error: &dyn core::fmt::Display| DemoError::Wrong(error.to_string());
        let settings = self.tryout.engine.settings();
        let said = (settings.anchors.as_slice(), settings.desktop.language);
        let about = filing::about(&message, said, &[], now);
        let made = filing::Made::of(&workers, message, &about).map_err(|error| wrong(&error))?;
        match filing::leave(&place, &id.to_string(), &Arc::new(made), now).await {
            Taken::Filed { .. } => {}
            Taken::Later(why) | Taken::Refused(why) => return Err(wrong(&why.en)),
        }
        say("7. De kopie is versleuteld bewaard, en hier als PDF en XML opgeslagen.")?;
        let journal = self.tryout.engine.with_vault(move |vault| vault.verify_journal()).await?;
        if !matches!(journal, vault::journal::JournalState::Whole { .. }) {
            return Err(DemoError::Wrong("the journal does not hold".to_owned()));
        }
        say("8. Het logboek klopt: elke regel is aan de vorige vastgemaakt.")
    }

    async fn close(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        let _ = (&mut self.running).await;
    }
}

fn say(line: impl core::fmt::Display) -> Result<(), DemoError> {
    Ok(writeln!(std::io::stdout().lock(), "{line}")?)
}

/// For the delivery, DNS and signature included.
const PATIENCE: Duration = Duration::from_secs(60);
