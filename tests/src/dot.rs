//! A name server that is asked over TLS (RFC 7858): unbound, before another one.

use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::PathBuf;

use crate::certificates::Identity;
use crate::dns::unhurried;
use crate::guard::{Launch, Process};
use crate::place::{Port, new_folder, write};
use crate::{HarnessError, World};

/// A running unbound. Ends, and its folder goes, when dropped.
#[derive(Debug)]
pub struct DnsOverTls {
    address: SocketAddr,
    folder: PathBuf,
    _process: Process,
    _port: Port,
}

impl DnsOverTls {
    /// Starts it before the world's resolver that does not validate, with this certificate.
    ///
    /// # Errors
    /// It is not installed, or did not come up; with what it said.
    pub fn start(world: &World, identity: &Identity) -> Result<Self, HarnessError> {
        let (folder, port) = (new_folder()?, Port::take()?);
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port.number()));
        let (key, chain) = (folder.join("key.pem"), folder.join("chain.pem"));
        write(&key, identity.key_pem())?;
        write(&chain, identity.chain_pem())?;
        let upstream = world.plain_resolver();
        let conf = format!(
            "server:\n{unhurried}interface: 127.0.0.1@{port}\ntls-port: {port}\n\
             tls-service-key: \"{key}\"\ntls-service-pem: \"{chain}\"\n\
             access-control: 127.0.0.0/8 allow\ndo-not-query-localhost: no\n\
             local-zone: \"test.\" nodefault\ndirectory: \"{folder}\"\nchroot: \"\"\n\
             username: \"\"\npidfile: \"\"\nuse-syslog: no\ndo-daemonize: no\n\
             module-config: \"iterator\"\nremote-control:\ncontrol-enable: no\n\
             forward-zone:\nname: \".\"\nforward-addr: {ip}@{upstream_port}\n",
            unhurried = unhurried(),
            port = port.number(),
            key = key.display(),
            chain = chain.display(),
            folder = folder.display(),
            ip = upstream.ip(),
            upstream_port = upstream.port(),
        );
        let path = folder.join("unbound.conf");
        write(&path, conf)?;
        let log = folder.join("unbound.log");
        let mut process =
            Launch::new("unbound").args(["-d", "-p", "-c"]).arg(path).log(log).start()?;
        process.until("its port", |_| TcpStream::connect(address).ok())?;
        Ok(Self { address, folder, _process: process, _port: port })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for DnsOverTls {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}
