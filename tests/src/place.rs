//! A folder and a /24 of loopback addresses that no other world on this machine has.

use std::collections::HashSet;
use std::fs;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, UdpSocket};
use std::os::linux::net::SocketAddrExt;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::net::{SocketAddr as UnixAddress, UnixListener};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use crate::HarnessError;
use crate::guard;

/// Where a world lives: its folder, its addresses 127.a.b.0/24, and the locks that keep them its own.
#[derive(Debug)]
pub(crate) struct Place {
    folder: PathBuf,
    network: [u8; 3],
    locks: Vec<UnixListener>,
    /// What was given: the system may name a port again before anybody listens on it.
    given: Mutex<HashSet<SocketAddr>>,
}

impl Place {
    pub(crate) fn take() -> Result<Self, HarnessError> {
        let folder = new_folder()?;
        // Servers of other users (postfix, nobody) pass through; secrets inside have modes of their own.
        mode(&folder, 0o755)?;
        for _ in 0..TRIES {
            let [a, b, ..] = random();
            let network = [127, 64 + a % 128, b];
            if let Some(lock) = lock(&format!("net-{network:?}")) {
                let given = Mutex::default();
                return Ok(Self { folder, network, locks: vec![lock], given });
            }
        }
        Err(HarnessError::Late { what: "a free loopback network".to_owned() })
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Makes a folder in the world's folder.
    pub(crate) fn subfolder(&self, name: &str) -> Result<PathBuf, HarnessError> {
        let path = self.folder.join(name);
        fs::create_dir_all(&path).map_err(HarnessError::file(&path))?;
        Ok(path)
    }

    pub(crate) fn address(&self, last: u8) -> Ipv4Addr {
        let [a, b, c] = self.network;
        Ipv4Addr::new(a, b, c, last)
    }

    /// A port that is free on 127.0.0.1 for UDP and TCP, and stays ours as long as this place.
    pub(crate) fn port_on_localhost(&mut self) -> Result<u16, HarnessError> {
        let Port { number, lock } = Port::take()?;
        self.locks.push(lock);
        Ok(number)
    }

    /// A port given by the system that is free on every one of these addresses of ours.
    pub(crate) fn port_on(&self, addresses: &[Ipv4Addr]) -> Result<u16, HarnessError> {
        let first = addresses.first().copied().unwrap_or_else(|| self.address(1));
        for _ in 0..TRIES {
            let port = TcpListener::bind((first, 0))
                .and_then(|listener| listener.local_addr())
                .map_err(HarnessError::socket("a port for the world"))?
                .port();
            let all = || addresses.iter().map(move |&address| SocketAddr::from((address, port)));
            let mut given = self.given.lock().unwrap_or_else(PoisonError::into_inner);
            if all().all(|at| !given.contains(&at) && is_free(at.ip(), at.port())) {
                given.extend(all());
                return Ok(port);
            }
        }
        Err(HarnessError::Late { what: "a port free on all addresses".to_owned() })
    }

    /// A socket address of ours with a free port.
    pub(crate) fn socket(&self, last: u8) -> Result<SocketAddr, HarnessError> {
        let address = self.address(last);
        Ok(SocketAddr::from((address, self.port_on(&[address])?)))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        // What is still held open is removed by the guard at the end.
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// A port that is free on 127.0.0.1 for UDP and TCP, and stays ours until this is dropped.
///
/// For programs that must be told a number. Ports the system hands out for clients are avoided: one
/// could be taken between here and the start of the program.
#[derive(Debug)]
pub struct Port {
    number: u16,
    lock: UnixListener,
}

impl Port {
    /// Takes one.
    ///
    /// # Errors
    /// None was free in many tries.
    pub fn take() -> Result<Self, HarnessError> {
        for _ in 0..TRIES {
            let [a, b, ..] = random();
            let number = 20_000 + u16::from_le_bytes([a, b]) % 12_000;
            let Some(lock) = lock(&format!("port-{number}")) else {
                continue;
            };
            if is_free(IpAddr::V4(Ipv4Addr::LOCALHOST), number) {
                return Ok(Self { number, lock });
            }
        }
        Err(HarnessError::Late { what: "a free port on 127.0.0.1".to_owned() })
    }

    /// Its number.
    #[must_use]
    pub fn number(&self) -> u16 {
        self.number
    }
}

/// A new folder under the temporary folder, with a short name: a socket's path has 107 bytes at most.
pub(crate) fn new_folder() -> Result<PathBuf, HarnessError> {
    let folder = tempfile::Builder::new().prefix("zz.").tempdir();
    let folder = folder.map_err(HarnessError::file(std::env::temp_dir()))?.keep();
    guard::remove_at_end(&folder)?;
    Ok(folder)
}

pub(crate) fn write(path: &Path, text: impl AsRef<[u8]>) -> Result<(), HarnessError> {
    fs::write(path, text).map_err(HarnessError::file(path))
}

pub(crate) fn mode(path: &Path, mode: u32) -> Result<(), HarnessError> {
    let permissions = fs::Permissions::from_mode(mode);
    fs::set_permissions(path, permissions).map_err(HarnessError::file(path))
}

/// Makes a folder of this owner and mode.
pub(crate) fn owned(path: &Path, bits: u32, owner: Owner) -> Result<(), HarnessError> {
    fs::create_dir_all(path).map_err(HarnessError::file(path))?;
    chown(path, Some(owner.user), Some(owner.group)).map_err(HarnessError::file(path))?;
    mode(path, bits)
}

/// Ids of a user and a group.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Owner {
    pub(crate) user: u32,
    pub(crate) group: u32,
}

impl Owner {
    pub(crate) fn named(user: &str, group: &str) -> Result<Self, HarnessError> {
        Ok(Self { user: id("/etc/passwd", user)?, group: id("/etc/group", group)? })
    }
}

fn id(file: &str, name: &str) -> Result<u32, HarnessError> {
    let text = fs::read_to_string(file).map_err(HarnessError::file(file))?;
    let line = text.lines().find(|line| line.split(':').next() == Some(name));
    line.and_then(|line| line.split(':').nth(2)?.parse().ok())
        .ok_or_else(|| HarnessError::Nobody(name.to_owned()))
}

/// A name that only one process on this machine can hold; the kernel frees it when the process ends.
fn lock(name: &str) -> Option<UnixListener> {
    let address = UnixAddress::from_abstract_name(format!("zorgzegel-lab-{name}")).ok()?;
    UnixListener::bind_addr(&address).ok()
}

fn is_free(address: IpAddr, port: u16) -> bool {
    TcpListener::bind((address, port)).is_ok() && UdpSocket::bind((address, port)).is_ok()
}

/// Different in each call and each process; need not be secret.
pub(crate) fn random() -> [u8; 8] {
    RandomState::new().build_hasher().finish().to_le_bytes()
}

const TRIES: usize = 200;
