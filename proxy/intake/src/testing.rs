//! A vault, and accounts for tests: two whose provider answers, and one whose cannot be had.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use imap::client::Security;
use imap::relay::Limits;
use jiff::{SignedDuration, Timestamp};
use mail::{Address, Message};
use net::dns::Resolver;
use net::tls::Roots;
use retrieval::aside::Aside;
use retrieval::upstream::Provider;
use secrecy::SecretString;
use settings::{Account, Settings};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpListener;
use vault::incoming::{IncomingId, NewIncoming, Place};
use vault::{MemoryKeyring, Vault, VaultError};

use crate::House;

pub(crate) const ALIVE: &str = "jan@praktijk.nl";
/// Another of the same provider.
pub(crate) const OTHER: &str = "els@praktijk.nl";
pub(crate) const DEAD: &str = "piet@praktijk.nl";
/// The message under every UID of the one that answers.
pub(crate) const MESSAGE: &str = "Subject: x\r\n\r\nx\r\n";

pub(crate) fn address(text: &str) -> Address {
    Address::parse(text).unwrap()
}

#[derive(Clone)]
pub(crate) struct Home {
    pub(crate) vault: Arc<Vault>,
    port: u16,
    /// How often a connection was asked for.
    pub(crate) connected: Arc<AtomicUsize>,
    _folder: Arc<tempfile::TempDir>,
}

impl Home {
    /// The provider answers this command so, and all others as they should be.
    pub(crate) async fn answering(command: &'static str, answer: &'static str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let vault = Vault::open(folder.path(), Arc::new(MemoryKeyring::new())).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let mut stream = BufReader::new(stream);
                let hello = b"* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR] x\r\n";
                stream.write_all(hello).await.unwrap();
                let mut line = String::new();
                while stream.read_line(&mut line).await.is_ok_and(|count| count > 0) {
                    let said = said(&line, command, answer);
                    stream.write_all(said.as_bytes()).await.unwrap();
                    line.clear();
                }
            }
        });
        let connected = Arc::default();
        Self { vault: Arc::new(vault), port, connected, _folder: Arc::new(folder) }
    }

    pub(crate) fn at(&self, seconds: i64) -> Timestamp {
        self.now() + SignedDuration::from_secs(seconds)
    }

    pub(crate) fn place(account: &str, uid: u32) -> Place {
        let account = address(account);
        Place { account, mailbox: b"INBOX".to_vec(), uid_validity: 7, uid }
    }

    /// A message that is to be looked at again, due so many milliseconds behind an hour ago.
    pub(crate) fn note(&self, account: &str, uid: u32, after: i64) {
        let new = NewIncoming {
            account: address(account),
            message: Message::new(MESSAGE.as_bytes().to_vec()),
            from: String::new(),
            subject: String::new(),
            received_at: self.now(),
            verdict: "{}".to_owned(),
        };
        let id = self.vault.put_incoming(&new, self.now()).unwrap();
        let due = self.at(-3600) + SignedDuration::from_millis(after);
        self.vault.note_place(&Self::place(account, uid), id, Some(due)).unwrap();
    }
}

fn said(line: &str, command: &str, answer: &str) -> String {
    let tag = line.split(' ').next().unwrap_or("*");
    let all = "* FLAGS (\\Seen)\r\n* OK [PERMANENTFLAGS (\\Seen \\*)] x\r\n\
               * OK [UIDVALIDITY 7] x\r\n* 1 EXISTS\r\n";
    match () {
        () if line.contains(command) => format!("{tag} {answer}\r\n"),
        () if line.contains("EXAMINE") => format!("{all}{tag} OK [READ-ONLY] x\r\n"),
        () if line.contains("SELECT") => format!("{all}{tag} OK [READ-WRITE] x\r\n"),
        () if line.contains("UID FETCH") => {
            let uid = line.split(' ').nth(3).unwrap_or_default();
            let length = MESSAGE.len();
            format!("* 1 FETCH (UID {uid} BODY[] {{{length}}}\r\n{MESSAGE})\r\n{tag} OK x\r\n")
        }
        () => format!("{tag} OK [CAPABILITY IMAP4rev1] x\r\n"),
    }
}

impl House for Home {
    type Error = String;

    fn settings(&self) -> Arc<Settings> {
        let accounts = [ALIVE, OTHER, DEAD].map(|address| {
            format!(
                "[[account]]\naddress = \"{address}\"\nsmtp = {{ host = \"mail.praktijk.nl\" }}\n"
            )
        });
        Arc::new(Settings::parse(&accounts.concat(), Path::new("zorgzegel.toml")).unwrap())
    }

    fn resolver(&self) -> Arc<Resolver> {
        panic!("nothing is looked up in DNS here")
    }

    async fn with_vault<T: Send + 'static>(
        &self,
        call: impl FnOnce(&Vault) -> Result<T, VaultError> + Send + 'static,
    ) -> Result<T, VaultError> {
        call(&self.vault)
    }

    async fn connect(&self, account: &Account) -> Result<Aside, String> {
        self.connected.fetch_add(1, Ordering::Relaxed);
        if account.address == address(DEAD) {
            return Err("it cannot be had".to_owned());
        }
        let provider = Provider {
            host: "127.0.0.1".to_owned(),
            port: self.port,
            security: Security::Clear,
            user: "jan".to_owned(),
            password: SecretString::from("x"),
            mechanisms: vec![imap::Mechanism::Plain],
        };
        let roots = Roots::load(&[]).unwrap();
        Aside::connect(provider, &roots, Limits::default()).await.map_err(|error| error.to_string())
    }

    fn now(&self) -> Timestamp {
        "2026-11-26T10:00:00Z".parse().unwrap()
    }

    fn tell(&self, _: IncomingId) {}
}
