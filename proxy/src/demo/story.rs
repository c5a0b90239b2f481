//! What happens in the demonstration, step by step.

use core::time::Duration;
use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use cades::KeyKind;
use jiff::Timestamp;
use mail::{Address, Message};
use net::listen::TlsAcceptor;
use net::local::LocalCertificate;
use net::tls::Roots;
use tokio::sync::oneshot;
use vault::keyring::MemoryKeyring;
use vault::outbox::{Choice, HeldId, State};
use vault::settings::Settings;

use super::DemoError;
use super::dns::{Zone, serve};
use super::mua::Mua;
use super::receiver::Receiver;
use crate::engine::{Engine, Notice, Ready};

/// Everything that runs.
struct Stage {
    engine: Arc<Engine>,
    mua: Mua,
    provider: Receiver,
    hospital: Receiver,
    folder: PathBuf,
    stop: Option<oneshot::Sender<()>>,
    running: tokio::task::JoinHandle<Result<(), crate::error::EngineError>>,
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
        let folder = fresh_folder()?;
        let now = Timestamp::now();
        let hospital_certificate =
            LocalCertificate::create(now).map_err(crate::error::EngineError::from)?;
        let acceptor =
            TlsAcceptor::new(&hospital_certificate).map_err(crate::error::EngineError::from)?;
        let hospital = Receiver::start("mx.ziekenhuis.test", Some(acceptor)).await?;
        let provider = Receiver::start("smtp.provider.test", None).await?;
        let port = hospital.address.port();
        let zone = zone(now, port, &hospital_certificate)?;
        let anchor = folder.join("root.key");
        std::fs::write(&anchor, zone.trust_anchor())?;
        let (resolver, _) = serve(Arc::new(zone)).await?;
        say(
            "1. Er draait een naamserver met ondertekende zones (DNSSEC), een mailprovider en de mailserver van ziekenhuis.test.",
        )?;

        let text = settings_text(&folder, resolver, &anchor, provider.address, port);
        let settings = Settings::parse(&text, &folder.join("zorgzegel.toml"))
            .map_err(crate::error::EngineError::from)?;
        let engine = Engine::new(settings, None, Arc::new(MemoryKeyring::new()))?;
        let user = address("praktijk@praktijk.test")?;
        make_identity(&engine, &user, now).await?;
        let (stop, stopped) = oneshot::channel::<()>();
        let (ready, is_ready) = oneshot::channel::<Vec<Ready>>();
        let running = tokio::spawn({
            let engine = Arc::clone(&engine);
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
        let server = listeners
            .first()
            .map(|ready| ready.address)
            .ok_or_else(|| DemoError::Wrong("there is no listener".to_owned()))?;
        let mua = mua(&engine, user, server).await?;
        say(format_args!(
            "2. Zorgzegel luistert op {server}; het mailprogramma is erop ingesteld."
        ))?;
        Ok(Self { engine, mua, provider, hospital, folder, stop: Some(stop), running })
    }

    async fn play(&mut self) -> Result<(), DemoError> {
        let colleague = address("annelies@ziekenhuis.test")?;
        self.clean_mail(&colleague).await?;
        let id = self.health_mail(&colleague).await?;
        self.show_evidence(id).await?;
        self.choose_secure(id).await?;
        self.show_arrival()?;
        self.show_copies(id).await?;
        say("Klaar. De proefmappen staan in:")?;
        say(self.folder.display())
    }

    async fn clean_mail(&self, to: &Address) -> Result<(), DemoError> {
        let reply = self.send(to, LUNCH).await?;
        if !reply.starts_with("250") || self.provider.mailbox.messages().len() != 1 {
            return Err(DemoError::Wrong(format!("the lunch mail was answered {reply}")));
        }
        say("3. Een mail over de lunch gaat meteen door naar de provider.")
    }

    async fn health_mail(&self, to: &Address) -> Result<HeldId, DemoError> {
        let mut notices = self.engine.listen();
        let reply = self.send(to, REFERRAL).await?;
        let Ok(Notice::Held(id)) = notices.try_recv() else {
            return Err(DemoError::Wrong(format!("the health mail was answered {reply}")));
        };
        if self.provider.mailbox.messages().len() != 1
            || !self.hospital.mailbox.messages().is_empty()
        {
            return Err(DemoError::Wrong("the health mail left without a choice".to_owned()));
        }
        say("4. Een mail met een BSN, een naam en een diagnose blijft hier, versleuteld bewaard:")?;
        say(format_args!("   {reply}"))?;
        Ok(id)
    }

    async fn show_evidence(&self, id: HeldId) -> Result<(), DemoError> {
        let held = self.engine.with_vault(move |vault| vault.get(id)).await?;
        let evidence: crate::screen::Evidence = serde_json::from_str(&held.evidence)
            .map_err(|error| DemoError::Wrong(error.to_string()))?;
        say("   Dit maakte dat het vraagt:")?;
        for mark in evidence.marks.iter().take(6) {
            say(format_args!("   - {} ({})", mark.words.trim(), mark.reason_nl))?;
        }
        Ok(())
    }

    async fn choose_secure(&self, id: HeldId) -> Result<(), DemoError> {
        let mut notices = self.engine.listen();
        let now = self.engine.now();
        self.engine.with_vault(move |vault| vault.choose(id, Choice::Secure, now)).await?;
        self.engine.wake();
        say(
            "5. De keuze: veilig versturen. Nu wordt bewezen dat het mag, ondertekend en afgeleverd.",
        )?;
        let deadline = tokio::time::Instant::now() + PATIENCE;
        loop {
            let held = self.engine.with_vault(move |vault| vault.get(id)).await?;
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
        let messages = self.hospital.mailbox.messages();
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
        std::fs::write(self.folder.join("ontvangen.eml"), message.bytes())?;
        Ok(())
    }

    async fn show_copies(&self, id: HeldId) -> Result<(), DemoError> {
        let held = self.engine.with_vault(move |vault| vault.list_copies()).await?;
        let Some(copy) = held.iter().find(|copy| copy.id.held() == id) else {
            return Err(DemoError::Wrong("no copy was kept".to_owned()));
        };
        let copy_id = copy.id;
        let message = self.engine.with_vault(move |vault| vault.read_copy(copy_id)).await?;
        let place = self.folder.join("dossier");
        std::fs::create_dir_all(&place)?;
        crate::dossier::offer(&place, id, &message, self.engine.now())
            .map_err(|error| DemoError::Wrong(error.to_string()))?;
        say("7. De kopie is versleuteld bewaard, en hier als PDF en XML opgeslagen.")?;
        let journal = self.engine.with_vault(move |vault| vault.verify_journal()).await?;
        if !matches!(journal, vault::journal::JournalState::Whole { .. }) {
            return Err(DemoError::Wrong("the journal does not hold".to_owned()));
        }
        say("8. Het logboek klopt: elke regel is aan de vorige vastgemaakt.")
    }

    async fn send(&self, to: &Address, text: &str) -> Result<String, DemoError> {
        let sent = self.mua.send(to, text).await;
        Ok(sent.map_err(|error| DemoError::Wrong(error.to_string()))?.to_string())
    }

    async fn close(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        let _ = (&mut self.running).await;
    }
}

fn zone(now: Timestamp, port: u16, hospital: &LocalCertificate) -> Result<Zone, DemoError> {
    let mut zone = Zone::new(now.as_second())?;
    let record = "v=NTA7516-1;startdate=2020-01;enddate=2099-12;provider=";
    zone.txt("praktijk.test", &format!("{record}PROEF"));
    zone.txt("ziekenhuis.test", &format!("{record}ZIEKENHUIS"));
    zone.mx("ziekenhuis.test", "mx.ziekenhuis.test");
    zone.address("mx.ziekenhuis.test", Ipv4Addr::LOCALHOST);
    let key = hospital.public_key().map_err(crate::error::EngineError::from)?;
    zone.tlsa(&format!("_{port}._tcp.mx.ziekenhuis.test"), digest(&SHA256, &key).as_ref());
    Ok(zone)
}

async fn make_identity(
    engine: &Arc<Engine>,
    user: &Address,
    now: Timestamp,
) -> Result<(), DemoError> {
    let new = cades::create_identity(KeyKind::P256, user, "Praktijk De Proef", now, 1)
        .map_err(|error| DemoError::Start { what: "an identity", why: error.to_string() })?;
    let user = user.clone();
    engine.with_vault(move |vault| vault.add_identity(&user, &new, now)).await?;
    Ok(())
}

async fn mua(engine: &Arc<Engine>, user: Address, server: SocketAddr) -> Result<Mua, DemoError> {
    let address = user.clone();
    let password = engine.with_vault(move |vault| vault.local_password(&address)).await?;
    let now = engine.now();
    let certificate =
        engine.with_vault(move |vault| crate::local::certificate(vault, now)).await??;
    let authority = ("the local certificate".to_owned(), certificate.authority().into_bytes());
    let roots = Roots::load(&[authority]).map_err(crate::error::EngineError::from)?;
    Ok(Mua { server, roots, user, password })
}

fn settings_text(
    folder: &Path,
    resolver: SocketAddr,
    anchor: &Path,
    provider: SocketAddr,
    port: u16,
) -> String {
    format!(
        "data_dir = '{}'\n\
         [listen]\nsmtp = ['127.0.0.1:0']\n\
         [dns]\nresolver = '{resolver}'\ntrust_anchor = '{}'\n\
         [delivery]\nport = {port}\n\
         [[account]]\naddress = 'praktijk@praktijk.test'\nroutes = ['direct']\n\
         smtp = {{ host = '{}', port = {}, tls = 'none', auth = 'none' }}\n",
        folder.join("data").display(),
        anchor.display(),
        provider.ip(),
        provider.port(),
    )
}

fn fresh_folder() -> Result<PathBuf, DemoError> {
    let folder = std::env::temp_dir().join(format!("zorgzegel-demo-{}", ulid::Ulid::generate()));
    std::fs::create_dir(&folder)?;
    Ok(folder)
}

fn address(text: &str) -> Result<Address, DemoError> {
    Address::parse(text).map_err(|error| DemoError::Wrong(error.to_string()))
}

fn say(line: impl core::fmt::Display) -> Result<(), DemoError> {
    Ok(writeln!(std::io::stdout().lock(), "{line}")?)
}

/// For the delivery, DNS and signature included.
const PATIENCE: Duration = Duration::from_secs(60);

const LUNCH: &str = "From: Praktijk <praktijk@praktijk.test>\n\
To: Annelies <annelies@ziekenhuis.test>\n\
Subject: Lunch\n\
Message-ID: <lunch@praktijk.test>\n\
\n\
Hoi Annelies, zullen we donderdag om half een lunchen? Groet, Kees\n";

const REFERRAL: &str = "From: Praktijk <praktijk@praktijk.test>\n\
To: Annelies <annelies@ziekenhuis.test>\n\
Subject: Verwijzing dhr. Jansen\n\
Message-ID: <verwijzing@praktijk.test>\n\
MIME-Version: 1.0\n\
Content-Type: text/plain; charset=utf-8\n\
Content-Transfer-Encoding: 8bit\n\
\n\
Beste collega,\n\
\n\
Graag zie ik dhr. Jansen, geb. 12-03-1956, BSN 123456782, bij u op de poli neurologie.\n\
Hij had een CVA; sindsdien afasie en een verhoogde RR van 180/100. Hij gebruikt metoprolol 50 mg 1dd1.\n\
\n\
Met vriendelijke groet,\n\
K. de Proef, huisarts\n";
