use std::net::SocketAddr;

use crate::HarnessError;
use crate::certificates::{Authority, Identity, NOW, PAST};
use crate::domains::suppliers::SUPPLIERS;
use crate::dovecot::Dovecot;
use crate::maildir::Stored;
use crate::place::Place;
use crate::postfix::{Postfix, REPLIES, Service};
use crate::raw::{Raw, base64};

/// The provider of the world: takes mail from whoever logs in, and keeps it for tests to read.
///
/// Every user name has the password [`PASSWORD`], so each test can have an account of its own.
#[derive(Debug)]
pub struct Provider {
    /// Its host name, `smtp.lab.test`, in the certificates of all services but one.
    pub host: &'static str,
    /// Submission with STARTTLS; CRAM-MD5, PLAIN and LOGIN.
    pub starttls: SocketAddr,
    /// Submission with implicit TLS (RFC 8314).
    pub implicit: SocketAddr,
    /// Submission with STARTTLS; PLAIN and LOGIN only.
    pub without_cram_md5: SocketAddr,
    /// Submission with STARTTLS; LOGIN only.
    pub login_only: SocketAddr,
    /// Submission without TLS; all mechanisms in the clear.
    pub without_tls: SocketAddr,
    /// Submission with STARTTLS and a certificate for another name.
    pub wrong_name: SocketAddr,
    /// Submission with STARTTLS and an expired certificate.
    pub expired: SocketAddr,
    /// IMAP with STARTTLS.
    pub imap_starttls: SocketAddr,
    /// IMAP with implicit TLS.
    pub imap_implicit: SocketAddr,
    postfix: Postfix,
    dovecot: Dovecot,
    identity: Identity,
}

/// The password of every account at the provider.
pub const PASSWORD: &str = "Provider-wachtwoord-1";

impl Provider {
    pub(crate) fn start(place: &Place, world: &Authority) -> Result<Self, HarnessError> {
        let address = place.address(LAST);
        let mut names = vec![HOST, "imap.lab.test"];
        names.extend(SUPPLIERS.iter().map(|supplier| supplier.host));
        let good = Identity::new(&names, Some(address), Some(world), NOW)?;
        let other = Identity::new(&["elders.lab.test"], None, Some(world), NOW)?;
        let old = Identity::new(&names, Some(address), Some(world), PAST)?;
        let (imap_starttls, imap_implicit) = (place.socket(LAST)?, place.socket(LAST)?);
        let folder = place.subfolder("dovecot")?;
        let dovecot = Dovecot::start(&folder, imap_starttls, imap_implicit, &good, PASSWORD)?;
        let at = || place.socket(LAST);
        let services = [
            service(at()?, Some(&good), ALL),
            Service { implicit_tls: true, ..service(at()?, Some(&good), ALL) },
            service(at()?, Some(&good), "plain, login"),
            service(at()?, Some(&good), "login"),
            service(at()?, None, ALL),
            service(at()?, Some(&other), ALL),
            service(at()?, Some(&old), ALL),
        ];
        let main = [
            ("smtpd_sasl_auth_enable", "yes".to_owned()),
            ("smtpd_sasl_type", "dovecot".to_owned()),
            ("smtpd_sasl_path", dovecot.sasl.to_string_lossy().into_owned()),
            ("smtpd_sasl_authenticated_header", "yes".to_owned()),
            ("last_word", "reject".to_owned()),
        ];
        let mut postfix =
            Postfix::start(&place.subfolder("provider")?, &main, &services, &REPLIES)?;
        // The first log-in starts Dovecot's process for them, which takes its time on a loaded machine.
        let without_tls = services[WITHOUT_TLS].at;
        postfix.until("a log-in", || lets_in(without_tls).then_some(()))?;
        let [starttls, implicit, without_cram_md5, login_only, without_tls, wrong_name, expired] =
            services.map(|service| service.at);
        // What a recipient's own host answers is no matter of the provider's.
        for domain in ["weigert.test", "steltuit.test"] {
            postfix.set_reply(domain, None)?;
        }
        Ok(Self {
            host: HOST,
            starttls,
            implicit,
            without_cram_md5,
            login_only,
            without_tls,
            wrong_name,
            expired,
            imap_starttls,
            imap_implicit,
            postfix,
            dovecot,
            identity: good,
        })
    }

    /// What it took for this recipient, oldest first.
    #[must_use]
    pub fn taken(&self, recipient: &str) -> Vec<Stored> {
        self.postfix.stored(Some(recipient))
    }

    /// All that it took, oldest first.
    #[must_use]
    pub fn taken_all(&self) -> Vec<Stored> {
        self.postfix.stored(None)
    }

    /// From the next session on, the answer to RCPT for `who`, as [`World::set_reply`] has it.
    ///
    /// # Errors
    /// The table cannot be written.
    pub fn set_reply(&self, who: &str, reply: Option<&str>) -> Result<(), HarnessError> {
        self.postfix.set_reply(who, reply)
    }

    /// Puts messages into a user's INBOX, as unread, in this order, behind what is there.
    ///
    /// # Errors
    /// The files cannot be written.
    pub fn put(&self, user: &str, messages: &[Vec<u8>]) -> Result<(), HarnessError> {
        self.dovecot.put(user, messages)
    }

    /// Makes a user's INBOX of so many copies of one message, and so many folders beside it. Once a
    /// user.
    ///
    /// # Errors
    /// The files cannot be made.
    pub fn put_many(
        &self,
        user: &str,
        copies: (&[u8], usize),
        folders: usize,
    ) -> Result<(), HarnessError> {
        self.dovecot.put_many(user, copies, folders)
    }

    /// Its key and certificate.
    #[must_use]
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// What its Postfix logged.
    #[must_use]
    pub fn log(&self) -> String {
        self.postfix.log()
    }
}

/// Whether a log-in is answered with yes.
fn lets_in(at: SocketAddr) -> bool {
    let log_in = || -> std::io::Result<()> {
        let mut raw = Raw::connect(at)?;
        raw.expect("220")?;
        raw.ask("EHLO harness", "250")?;
        let login = base64(format!("\0warm@lab.test\0{PASSWORD}").as_bytes());
        raw.ask(&format!("AUTH PLAIN {login}"), "235")?;
        raw.ask("QUIT", "221").map(drop)
    };
    log_in().is_ok()
}

fn service(at: SocketAddr, identity: Option<&Identity>, mechanisms: &str) -> Service {
    let only_in_tls = if identity.is_some() { "yes" } else { "no" };
    Service {
        at,
        hostname: HOST.to_owned(),
        identity: identity.cloned(),
        implicit_tls: false,
        options: vec![
            ("smtpd_sasl_mechanism_filter", mechanisms.to_owned()),
            ("smtpd_tls_auth_only", only_in_tls.to_owned()),
        ],
    }
}

/// The place of the service without TLS among the others.
const WITHOUT_TLS: usize = 4;
const HOST: &str = "smtp.lab.test";
const ALL: &str = "!external, static:rest";
/// The last octet of the provider's address.
pub(crate) const LAST: u8 = 3;
