//! A mail program of our own: it sends a first mail, in the demonstration and when someone tries out
//! a new set-up.

use mail::{Address, Recipient};
use net::tls::{Expect, Roots};
use secrecy::SecretString;
use session::{ClientSession, Connect, Patience, SessionError, Target, TlsMode};
use settings::ListenTls;
use smtp::{Mechanism, Reply};

/// A mail program that is set up for Zorgzegel.
pub struct Mua {
    /// The address that Zorgzegel listens on.
    pub server: std::net::SocketAddr,
    /// How that address is protected.
    pub tls: ListenTls,
    /// The roots by which the local certificate is trusted.
    pub roots: Roots,
    /// The account.
    pub user: Address,
    /// The local password of the account.
    pub password: SecretString,
}

impl Mua {
    /// Sends a message as a mail program does, and gives the last reply.
    pub async fn send(&self, to: &Address, message: &str) -> Result<Reply, SessionError> {
        let names = mail::Domain::parse("localhost").into_iter().collect();
        let expect = Expect::Pkix { names };
        let mut session = ClientSession::connect(Connect {
            target: Target::Ip(self.server),
            tls: match self.tls {
                ListenTls::StartTls => TlsMode::StartTls(expect),
                ListenTls::Implicit => TlsMode::Implicit(expect),
                ListenTls::None => TlsMode::None,
            },
            helo: "werkplek",
            roots: &self.roots,
            patience: Patience::SHORT,
        })
        .await?;
        session.log_in(&[Mechanism::CramMd5], &self.user.to_string(), &self.password).await?;
        let recipient = Recipient { address: to.clone(), params: Vec::new() };
        for reply in [session.mail(Some(&self.user), &[]).await?, session.rcpt(&recipient).await?] {
            if !reply.is_positive() {
                return Ok(reply);
            }
        }
        let go = session.data().await?;
        if go.code() != 354 {
            return Ok(go);
        }
        session.send(message.replace('\n', "\r\n").as_bytes()).await?;
        let reply = session.finish().await?;
        session.quit().await;
        Ok(reply)
    }
}
