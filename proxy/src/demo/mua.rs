//! The mail program of the demonstration.

use mail::{Address, Recipient};
use net::tls::{Expect, Roots};
use secrecy::SecretString;
use smtp::{Mechanism, Reply};

use crate::session::{ClientSession, Connect, SessionError, Target, TlsMode};

/// A mail program that is set up for Zorgzegel.
pub(super) struct Mua {
    pub(super) server: std::net::SocketAddr,
    pub(super) roots: Roots,
    pub(super) user: Address,
    pub(super) password: SecretString,
}

impl Mua {
    /// Sends a message as a mail program does, and gives the last reply.
    pub(super) async fn send(&self, to: &Address, message: &str) -> Result<Reply, SessionError> {
        let names = mail::Domain::parse("localhost").into_iter().collect();
        let mut session = ClientSession::connect(Connect {
            target: Target::Ip(self.server),
            tls: TlsMode::StartTls(Expect::Pkix { names }),
            helo: "werkplek",
            roots: &self.roots,
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
