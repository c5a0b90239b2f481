//! A FHIR R4 server over HTTPS, with a token that it wants: Medplum's router with its memory.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::guard::{Launch, Process};
use crate::place::{new_folder, write};
use crate::{HarnessError, World};

/// A running server. Ends, and what it holds goes, when dropped.
#[derive(Debug)]
pub struct Fhir {
    address: SocketAddr,
    folder: PathBuf,
    _process: Process,
}

impl Fhir {
    /// Starts it at the provider's address, with the provider's certificate; `scripts/setup test` installs
    /// what it needs.
    ///
    /// # Errors
    /// It is not installed, or did not come up; with what it said.
    pub fn start(world: &World, token: &str) -> Result<Self, HarnessError> {
        let provider = world.provider()?;
        let (identity, ip) = (provider.identity(), provider.starttls.ip());
        let folder = new_folder()?;
        let (key, chain) = (folder.join("key.pem"), folder.join("chain.pem"));
        write(&key, identity.key_pem())?;
        write(&chain, identity.chain_pem())?;
        let server = Path::new(env!("CARGO_MANIFEST_DIR")).join("fhir/server.mjs");
        let mut process = Launch::new("node")
            .arg(server)
            .args([&chain, &key])
            .arg(token)
            .arg(ip.to_string())
            .arg(&folder)
            .log(folder.join("fhir.log"))
            .start()?;
        let port = process.until("its port", |process| {
            let said = process.said();
            let line = said.lines().find_map(|line| line.strip_prefix("port "))?;
            line.trim().parse::<u16>().ok()
        })?;
        let address = SocketAddr::new(ip, port);
        Ok(Self { address, folder, _process: process })
    }

    /// Its base address.
    #[must_use]
    pub fn base(&self) -> String {
        format!("https://{}/fhir", self.address)
    }

    /// From now on it answers so: with a status, `garbage`, `mute`, which takes what it is given and hangs up
    /// without a word, or `never`, which takes it and says nothing; empty: as it should.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn behave(&self, mood: &str) -> Result<(), HarnessError> {
        write(&self.folder.join("mood"), mood)
    }

    /// The DocumentReferences that it has.
    #[must_use]
    pub fn documents(&self) -> Vec<Value> {
        self.read("documents.json").and_then(|all| all.as_array().cloned()).unwrap_or_default()
    }

    /// The transactions that it took.
    #[must_use]
    pub fn bundles(&self) -> Vec<Value> {
        (0..).map_while(|number| self.read(&format!("bundle-{number}.json"))).collect()
    }

    /// The file of the first transaction that it took, for other judges.
    #[must_use]
    pub fn first(&self) -> PathBuf {
        self.folder.join("bundle-0.json")
    }

    fn read(&self, name: &str) -> Option<Value> {
        serde_json::from_slice(&std::fs::read(self.folder.join(name)).ok()?).ok()
    }
}

impl Drop for Fhir {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// A judge of FHIR who is not ours; `scripts/setup test` installs them.
#[derive(Debug, Clone, Copy)]
pub enum Judge {
    /// The package `fhir` of npm.
    Npm,
    /// The package `fhir.resources` of PyPI.
    Python,
}

impl Judge {
    /// What is wrong with the resource in this file; empty where nothing is.
    ///
    /// # Errors
    /// The judge is not installed, or broke.
    pub fn faults(self, resource: &Path) -> Result<String, HarnessError> {
        let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("fhir");
        let mut command = match self {
            Self::Npm => {
                let mut command = Command::new("node");
                command.arg(scripts.join("judge.mjs"));
                command
            }
            Self::Python => {
                let mut command = Command::new(crate::opinions::python()?);
                command.arg(scripts.join("judge.py"));
                command
            }
        };
        let output = command.arg(resource).output();
        let output = output.map_err(|_| HarnessError::NotStarted("a judge of FHIR"))?;
        let said = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        if output.status.success() {
            return Ok(said);
        }
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        Err(HarnessError::Failed { program: format!("{self:?}"), said })
    }
}
