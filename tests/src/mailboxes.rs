use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use crate::dovecot::Dovecot;
use crate::{HarnessError, Identity, PASSWORD};

/// An IMAP server (Dovecot) that can be ended and started again, with the same mail in it.
#[derive(Debug)]
pub struct Mailboxes {
    /// IMAP with STARTTLS.
    pub starttls: SocketAddr,
    /// IMAP with implicit TLS.
    pub implicit: SocketAddr,
    folder: PathBuf,
    identity: Identity,
    running: Option<Dovecot>,
}

impl Mailboxes {
    pub(crate) fn start(
        folder: PathBuf,
        starttls: SocketAddr,
        implicit: SocketAddr,
        identity: Identity,
    ) -> Result<Self, HarnessError> {
        let mut mailboxes = Self { starttls, implicit, folder, identity, running: None };
        mailboxes.run()?;
        Ok(mailboxes)
    }

    /// Starts it again where it does not run.
    ///
    /// # Errors
    /// It did not come up; with what it said.
    pub fn run(&mut self) -> Result<(), HarnessError> {
        if self.running.is_none() {
            let (starttls, implicit) = (self.starttls, self.implicit);
            let dovecot =
                Dovecot::start(&self.folder, starttls, implicit, &self.identity, PASSWORD)?;
            self.running = Some(dovecot);
        }
        Ok(())
    }

    /// Ends it and starts it with the same mail under another address of this world, on the same ports.
    ///
    /// # Errors
    /// It did not come up there; with what it said.
    pub fn move_away(&mut self) -> Result<(), HarnessError> {
        self.kill9();
        for at in [&mut self.starttls, &mut self.implicit] {
            if let IpAddr::V4(address) = at.ip() {
                let [a, b, c, _] = address.octets();
                at.set_ip(Ipv4Addr::new(a, b, c, ELSEWHERE).into());
            }
        }
        self.run()
    }

    /// Ends it as a power cut would.
    pub fn kill9(&mut self) {
        self.running = None;
    }
}

/// The last octet of an address that nobody else of the world has.
const ELSEWHERE: u8 = 5;
