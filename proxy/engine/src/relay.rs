//! The provider's side of the MUA's own transaction: clean mail passes through here.
//!
//! The provider is asked about the reverse-path and about each recipient while the MUA waits, so
//! that its replies are the MUA's replies. The message itself goes only once it was judged. Open
//! sessions are kept for a short while and used again, since the handshake costs more than the
//! message.

use core::time::Duration;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use mail::{Address, Param, Recipient};
use session::{ClientSession, SessionError};
use settings::Account;
use smtp::{Capabilities, Reply};
use tokio::time::{Instant, timeout};

use crate::engine::Engine;
use crate::provider;

/// The provider during one transaction of the MUA.
#[derive(Debug)]
pub(crate) enum Upstream {
    /// A session that has taken every command so far.
    Open(Box<ClientSession>),
    /// The provider cannot be had. Health mail can still be held; clean mail is refused for now.
    Down(String),
}

/// Idle provider sessions by account.
#[derive(Debug, Default)]
pub(crate) struct Pool {
    idle: Mutex<HashMap<Address, Vec<(Instant, ClientSession)>>>,
}

impl Pool {
    fn take(&self, account: &Address) -> Option<ClientSession> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let sessions = idle.get_mut(account)?;
        sessions.retain(|(since, _)| since.elapsed() < IDLE);
        sessions.pop().map(|(_, session)| session)
    }

    fn put(&self, account: &Address, session: ClientSession) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let sessions = idle.entry(account.clone()).or_default();
        sessions.retain(|(since, _)| since.elapsed() < IDLE);
        if sessions.len() < KEPT {
            sessions.push((Instant::now(), session));
        }
    }

    /// Drops every session, as after a change of settings.
    pub(crate) fn clear(&self) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Drops the sessions that were idle too long.
    pub(crate) fn sweep(&self) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        for sessions in idle.values_mut() {
            sessions.retain(|(since, _)| since.elapsed() < IDLE);
        }
    }
}

impl Upstream {
    /// Opens a transaction at the provider and gives its reply to MAIL.
    pub(crate) async fn begin(
        engine: &Arc<Engine>,
        account: &Account,
        reverse_path: Option<&Address>,
        params: &[Param],
    ) -> (Self, Reply) {
        if let Some(session) = engine.pool().take(&account.address)
            && let Ok(Ok(begun)) = timeout(AGAIN, mail(session, reverse_path, params)).await
        {
            return begun;
        }
        let connected = timeout(CONNECT, provider::connect(engine, account)).await;
        let silent =
            || SessionError::Silent { waiting_for: "the connection", seconds: CONNECT.as_secs() };
        let fresh = match connected.unwrap_or_else(|_| Err(silent())) {
            Ok(session) => mail(session, reverse_path, params).await,
            Err(error) => Err(error),
        };
        fresh.unwrap_or_else(|error| {
            tracing::warn!(%error, "the provider cannot be had");
            (Self::Down(error.to_string()), taken_here("sender"))
        })
    }

    /// Asks the provider about a recipient.
    pub(crate) async fn rcpt(&mut self, recipient: &Recipient) -> Reply {
        let Self::Open(session) = self else {
            return taken_here("recipient");
        };
        let params = carried(&recipient.params, session.capabilities());
        let recipient = Recipient { address: recipient.address.clone(), params };
        match session.rcpt(&recipient).await {
            Ok(reply) => reply,
            Err(error) => self.lost(&error),
        }
    }

    /// Sends the message and gives the provider's own words.
    pub(crate) async fn send(&mut self, message: &[u8]) -> Reply {
        let Self::Open(session) = self else {
            let Self::Down(why) = self else {
                return Reply::new(451, "4.3.0", "try again later");
            };
            return down(why);
        };
        match whole(session, message).await {
            Ok(reply) => reply,
            Err(error) => {
                self.lost(&error);
                down(&error.to_string())
            }
        }
    }

    /// Ends the transaction: a session that is still good is kept for the next one.
    pub(crate) fn done(self, engine: &Arc<Engine>, account: &Address, transaction_open: bool) {
        let Self::Open(mut session) = self else {
            return;
        };
        let engine = Arc::clone(engine);
        let account = account.clone();
        tokio::spawn(async move {
            if transaction_open && !session.rset().await.is_ok_and(|reply| reply.is_positive()) {
                return;
            }
            engine.pool().put(&account, *session);
        });
    }

    /// From here on the provider is down; what the MUA sends is still taken, to be held or
    /// refused once it was judged.
    fn lost(&mut self, error: &SessionError) -> Reply {
        tracing::warn!(%error, "the provider went away");
        *self = Self::Down(error.to_string());
        Reply::new(451, "4.4.2", "the connection to your mail provider was lost; try again")
    }
}

async fn mail(
    mut session: ClientSession,
    reverse_path: Option<&Address>,
    params: &[Param],
) -> Result<(Upstream, Reply), SessionError> {
    let needs_utf8 = params.iter().any(|param| param.is("SMTPUTF8"));
    if needs_utf8 && !session.capabilities().has("SMTPUTF8") {
        let reply = Reply::new(
            553,
            "5.6.7",
            "your mail provider takes no addresses in other scripts (SMTPUTF8)",
        );
        return Ok((Upstream::Open(Box::new(session)), reply));
    }
    let params = carried(params, session.capabilities());
    let reply = session.mail(reverse_path, &params).await?;
    Ok((Upstream::Open(Box::new(session)), reply))
}

async fn whole(session: &mut ClientSession, message: &[u8]) -> Result<Reply, SessionError> {
    let go = session.data().await?;
    if go.code() != 354 {
        return Ok(go);
    }
    session.send(message).await?;
    session.finish().await
}

/// The parameters that this server understands. BODY, SIZE and the DSN wishes are advice and are
/// left out where they are not known (RFC 3461 section 5.2.1 allows it); anything else stays.
#[must_use]
pub(crate) fn carried(params: &[Param], capabilities: &Capabilities) -> Vec<Param> {
    let keep = |param: &&Param| {
        let extension = match param.keyword().to_ascii_uppercase().as_str() {
            "SIZE" => "SIZE",
            "BODY" => "8BITMIME",
            "RET" | "ENVID" | "NOTIFY" | "ORCPT" => "DSN",
            "AUTH" => "AUTH",
            _ => return true,
        };
        capabilities.has(extension)
    };
    params.iter().filter(keep).cloned().collect()
}

fn taken_here(what: &str) -> Reply {
    let enhanced = if what == "sender" { "2.1.0" } else { "2.1.5" };
    Reply::new(250, enhanced, &format!("{what} noted; your mail provider cannot be reached now"))
}

fn down(why: &str) -> Reply {
    Reply::new(
        451,
        "4.4.1",
        &format!("not sent, try again later: your mail provider cannot be used now ({why})"),
    )
}

/// For the first reply of a session that was kept: the computer may have slept, or changed its
/// network, and the session be dead without a word.
const AGAIN: Duration = Duration::from_secs(8);
/// For a new session up to the login: the mail program waits for its MAIL, and gives up after 60 s.
const CONNECT: Duration = Duration::from_secs(25);
/// How long an idle session is kept. Providers close idle sessions after 5 minutes (RFC 5321
/// section 4.5.3.2.7); well below that, and long enough for a person who sends several mails.
const IDLE: Duration = Duration::from_secs(30);
/// Idle sessions kept an account: providers limit them.
const KEPT: usize = 4;
