//! The built-in try-out provider: name servers, a mail provider and a hospital's mail server on
//! this machine alone, with an engine set up between them. Nothing leaves the machine, and nothing
//! is kept in the user's keyring.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use cades::KeyKind;
use jiff::Timestamp;
use mail::Address;
use net::listen::TlsAcceptor;
use net::local::LocalCertificate;
use net::tls::Roots;
use settings::Settings;
use vault::keyring::MemoryKeyring;

use super::DemoError;
use super::dns::{Zone, serve};
use super::receiver::Receiver;
use engine::Engine;
use engine::mua::Mua;

/// Everything around an engine that a first try needs.
pub struct TryOut {
    pub(super) engine: Arc<Engine>,
    pub(super) provider: Receiver,
    pub(super) hospital: Receiver,
    pub(super) folder: PathBuf,
}

/// A mail to try with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sample {
    /// About lunch.
    Lunch,
    /// With a BSN, a name and a diagnosis.
    Referral,
}

impl TryOut {
    /// Starts the servers, on ports that the system gives, and puts the engine together; whoever
    /// called runs it.
    ///
    /// # Errors
    /// [`DemoError`].
    pub async fn start() -> Result<Self, DemoError> {
        let folder = fresh_folder()?;
        let now = Timestamp::now();
        let hospital_certificate =
            LocalCertificate::create(now).map_err(engine::error::EngineError::from)?;
        let acceptor =
            TlsAcceptor::new(&hospital_certificate).map_err(engine::error::EngineError::from)?;
        let hospital = Receiver::start("mx.ziekenhuis.test", Some(acceptor)).await?;
        let provider = Receiver::start("smtp.provider.test", None).await?;
        let port = hospital.address.port();
        let zone = zone(now, port, &hospital_certificate)?;
        let anchor = folder.join("root.key");
        std::fs::write(&anchor, zone.trust_anchor())?;
        let (resolver, _) = serve(Arc::new(zone)).await?;
        let text = settings_text(&folder, resolver, &anchor, provider.address, port);
        let file = folder.join("zorgzegel.toml");
        std::fs::write(&file, &text)?;
        let settings = Settings::load(&file).map_err(engine::error::EngineError::from)?;
        let engine = Engine::new(settings, Some(file), Arc::new(MemoryKeyring::new()))?;
        make_identity(&engine, &address(USER)?, now).await?;
        Ok(Self { engine, provider, hospital, folder })
    }

    /// The engine between the servers.
    #[must_use]
    pub fn engine(&self) -> Arc<Engine> {
        Arc::clone(&self.engine)
    }

    /// Sends a mail as a mail program does; answers the engine's reply. The engine must run.
    ///
    /// # Errors
    /// [`DemoError`].
    pub async fn send(&self, sample: Sample) -> Result<String, DemoError> {
        let server = self.engine.listeners().first().map(|ready| ready.address);
        let server = server.ok_or_else(|| DemoError::Wrong("there is no listener".to_owned()))?;
        let text = match sample {
            Sample::Lunch => LUNCH.to_owned(),
            // A mark of its own, so that it is no second copy of an earlier one.
            Sample::Referral => REFERRAL.replace("{id}", &ulid::Ulid::generate().to_string()),
        };
        let mua = mua(&self.engine, address(USER)?, server).await?;
        let sent = mua.send(&address(COLLEAGUE)?, &text).await;
        Ok(sent.map_err(|error| DemoError::Wrong(error.to_string()))?.to_string())
    }
}

impl core::fmt::Debug for TryOut {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("TryOut").field("folder", &self.folder).finish_non_exhaustive()
    }
}

fn zone(now: Timestamp, port: u16, hospital: &LocalCertificate) -> Result<Zone, DemoError> {
    let mut zone = Zone::new(now.as_second())?;
    let record = "v=NTA7516-1;startdate=2020-01;enddate=2099-12;provider=";
    zone.txt("praktijk.test", &format!("{record}PROEF"));
    zone.txt("ziekenhuis.test", &format!("{record}ZIEKENHUIS"));
    zone.mx("ziekenhuis.test", "mx.ziekenhuis.test");
    zone.address("mx.ziekenhuis.test", Ipv4Addr::LOCALHOST);
    let key = hospital.public_key().map_err(engine::error::EngineError::from)?;
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
        engine.with_vault(move |vault| engine::local::certificate(vault, now)).await??;
    let authority = ("the local certificate".to_owned(), certificate.authority().into_bytes());
    let roots = Roots::load(&[authority]).map_err(engine::error::EngineError::from)?;
    Ok(Mua { server, tls: settings::ListenTls::StartTls, roots, user, password })
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

/// The user of the try-out.
const USER: &str = "praktijk@praktijk.test";
/// Who gets the samples.
const COLLEAGUE: &str = "annelies@ziekenhuis.test";

const LUNCH: &str = "From: Praktijk <praktijk@praktijk.test>\n\
To: Annelies <annelies@ziekenhuis.test>\n\
Subject: Lunch\n\
Message-ID: <lunch@praktijk.test>\n\
\n\
Hoi Annelies, zullen we donderdag om half een lunchen? Groet, Kees\n";

const REFERRAL: &str = "From: Praktijk <praktijk@praktijk.test>\n\
To: Annelies <annelies@ziekenhuis.test>\n\
Subject: Verwijzing dhr. Jansen\n\
Message-ID: <{id}@praktijk.test>\n\
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
K. de Proef, huisarts\n\
Kenmerk: {id}\n";
