//! A FHIR R4 server over HTTPS, with a token that it wants: Medplum's router with its memory.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

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
}

impl Drop for Fhir {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}
