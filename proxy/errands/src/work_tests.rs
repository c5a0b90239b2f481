use std::path::Path;
use std::sync::Arc;

use imap::client::Security;
use imap::relay::Limits;
use mail::{Address, Envelope, Recipient};
use net::tls::Roots;
use retrieval::upstream::Provider;
use secrecy::SecretString;
use settings::Settings;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpListener;
use vault::outbox::{Attempt, Choice, NewHeld, Outcome};
use vault::{MemoryKeyring, Reason, Vault};

use super::*;

struct Home {
    vault: Vault,
    _folder: tempfile::TempDir,
}

impl House for Home {
    async fn with_vault<T: Send + 'static>(
        &self,
        call: impl FnOnce(&Vault) -> Result<T, VaultError> + Send + 'static,
    ) -> Result<T, VaultError> {
        call(&self.vault)
    }

    async fn connect(&self, _: &Address) -> Result<Aside, Reason> {
        Err(words::reason(words::NO_ACCOUNT))
    }

    fn settings(&self) -> Arc<Settings> {
        Arc::new(Settings::parse("", Path::new("zorgzegel.toml")).unwrap())
    }

    fn now(&self) -> Timestamp {
        now()
    }

    async fn woken(&mut self) {
        core::future::pending().await
    }
}

fn now() -> Timestamp {
    "2026-11-26T10:00:00Z".parse().unwrap()
}

/// A vault with a notice that waits.
fn home() -> Home {
    let folder = tempfile::tempdir().unwrap();
    let vault = Vault::open(folder.path(), Arc::new(MemoryKeyring::new())).unwrap();
    let address = |text| Address::parse(text).unwrap();
    let recipient = Recipient { address: address("a@b.nl"), params: Vec::new() };
    let new = NewHeld {
        account: address("jan@praktijk.nl"),
        envelope: Envelope {
            reverse_path: Some(address("jan@praktijk.nl")),
            params: Vec::new(),
            recipients: vec![recipient],
        },
        message: Message::new(b"Subject: x\r\n\r\nx\r\n".to_vec()),
        evidence: "{}".to_owned(),
    };
    let id = vault.hold(new, now()).unwrap().id();
    vault.choose(id, Choice::Secure, now()).unwrap();
    let outcome = Outcome::Permanent { words: "550 no".to_owned() };
    let failed = Attempt { recipient: address("a@b.nl"), outcome, proof_json: None };
    vault.record_results(id, &[failed], now()).unwrap();
    Home { vault, _folder: folder }
}

fn waiting(home: &Home) -> Errand {
    home.vault.due_errands(now()).unwrap().remove(0)
}

/// A server that answers APPEND with these words, or goes where there are none; else all is well.
async fn mailbox(words: Option<&'static str>) -> Aside {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let mut stream = BufReader::new(listener.accept().await.unwrap().0);
        let hello = b"* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR] x\r\n";
        stream.write_all(hello).await.unwrap();
        let mut line = String::new();
        while stream.read_line(&mut line).await.is_ok_and(|count| count > 0) {
            let tag = line.split(' ').next().unwrap_or("*");
            let said = match words {
                Some(words) if line.contains("APPEND") => format!("{tag} {words}\r\n"),
                None if line.contains("APPEND") => return,
                _ => format!("{tag} OK [CAPABILITY IMAP4rev1] done\r\n"),
            };
            stream.write_all(said.as_bytes()).await.unwrap();
            line.clear();
        }
    });
    let provider = Provider {
        host: "127.0.0.1".to_owned(),
        port,
        security: Security::Clear,
        user: "jan".to_owned(),
        password: SecretString::from("x"),
        mechanisms: vec![imap::Mechanism::Plain],
    };
    Aside::connect(provider, &Roots::load(&[]).unwrap(), Limits::default()).await.unwrap()
}

#[tokio::test]
async fn what_the_server_refused_to_take_is_not_there_and_what_broke_off_may_be() {
    let home = home();
    let notice = ("<notice.1@praktijk.nl>", b"Subject: x\r\n\r\nx\r\n".as_slice());
    for words in ["NO full", "NO [OVERQUOTA] full", "BAD what"] {
        let mut refusing = mailbox(Some(words)).await;
        let ended = put_notice(&home, &mut refusing, &waiting(&home), notice).await;
        assert!(matches!(ended, Err(Trouble::Mailbox(AsideError::Refused(_)))), "{words}");
        assert_eq!(waiting(&home).begun_at, None, "{words}");
    }
    let mut breaking = mailbox(None).await;
    let ended = put_notice(&home, &mut breaking, &waiting(&home), notice).await;
    assert!(matches!(ended, Err(Trouble::Mailbox(AsideError::Connection(_)))));
    assert_eq!(waiting(&home).begun_at, Some(now()));
    // What was begun then may be there, whatever is refused later.
    let mut refusing = mailbox(Some("NO full")).await;
    let ended = put_notice(&home, &mut refusing, &waiting(&home), notice).await;
    assert!(matches!(ended, Err(Trouble::Mailbox(AsideError::Refused(_)))));
    assert_eq!(waiting(&home).begun_at, Some(now()));
}
