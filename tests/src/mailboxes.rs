use std::net::SocketAddr;
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

    /// Ends it as a power cut would.
    pub fn kill9(&mut self) {
        self.running = None;
    }
}
