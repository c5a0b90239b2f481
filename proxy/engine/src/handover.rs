//! One SMTP transaction that hands a held message over, and what came of it.
//!
//! The end of the message is told only after the vault has noted durably that the hand-over was
//! begun. Whoever dies between that note and the note of the reply leaves the recipients "in
//! doubt": shown to a person, never sent again by themselves (invariant 2).

use std::sync::Arc;

use mail::{Address, Envelope, Param, Recipient};
use smtp::Reply;
use vault::outbox::{Choice, HeldId};

use crate::engine::Engine;
use crate::relay::carried;
use crate::session::{ClientSession, SessionError};

/// What came of the hand-over to one recipient.
#[derive(Debug, Clone)]
pub(crate) enum Outcome {
    /// The server has taken the message and answers for it; its own words.
    Taken(String),
    /// Not now: try again.
    NotNow(String),
    /// Never: the server's own words.
    Never(String),
    /// The message was sent and the answer never came.
    InDoubt(String),
}

/// A message on its way to some of its recipients.
#[derive(Debug)]
pub(crate) struct Handover<'a> {
    /// The engine whose vault keeps the state.
    pub(crate) engine: &'a Arc<Engine>,
    /// The held message.
    pub(crate) id: HeldId,
    /// The envelope that the MUA gave; its parameters are kept.
    pub(crate) envelope: &'a Envelope,
    /// The way that was chosen for all of them.
    pub(crate) way: Choice,
    /// The recipients of this transaction.
    pub(crate) recipients: &'a [Recipient],
    /// The exact bytes to send.
    pub(crate) message: &'a [u8],
    /// True where REQUIRETLS (RFC 8689) is asked for if the server offers it.
    pub(crate) require_tls: bool,
}

impl Handover<'_> {
    /// Runs the transaction and gives an outcome for each recipient.
    pub(crate) async fn run(&self, session: &mut ClientSession) -> Vec<(Address, Outcome)> {
        match self.envelope_commands(session).await {
            Ok((mut outcomes, accepted)) => {
                if !accepted.is_empty() {
                    let outcome = self.message(session, &accepted).await;
                    outcomes.extend(accepted.into_iter().map(|to| (to, outcome.clone())));
                }
                outcomes
            }
            Err(outcome) => self.all(&outcome),
        }
    }

    /// The same outcome for every recipient.
    pub(crate) fn all(&self, outcome: &Outcome) -> Vec<(Address, Outcome)> {
        self.recipients.iter().map(|to| (to.address.clone(), outcome.clone())).collect()
    }

    async fn envelope_commands(
        &self,
        session: &mut ClientSession,
    ) -> Result<(Vec<(Address, Outcome)>, Vec<Address>), Outcome> {
        let params = self.mail_params(session)?;
        let reply = session
            .mail(self.envelope.reverse_path.as_ref(), &params)
            .await
            .map_err(|error| Outcome::before_the_end(&error))?;
        if !reply.is_positive() {
            return Err(Outcome::of_refusal(&reply));
        }
        let mut outcomes = Vec::new();
        let mut accepted = Vec::new();
        for recipient in self.recipients {
            let params = carried(&recipient.params, session.capabilities());
            let recipient = Recipient { address: recipient.address.clone(), params };
            let reply =
                session.rcpt(&recipient).await.map_err(|error| Outcome::before_the_end(&error))?;
            if reply.is_positive() {
                accepted.push(recipient.address);
            } else {
                outcomes.push((recipient.address, Outcome::of_refusal(&reply)));
            }
        }
        Ok((outcomes, accepted))
    }

    fn mail_params(&self, session: &ClientSession) -> Result<Vec<Param>, Outcome> {
        let offers = session.capabilities();
        let wanted = self.recipients.iter().any(|to| to.address.is_international())
            || self.envelope.reverse_path.as_ref().is_some_and(Address::is_international)
            || self.envelope.params.iter().any(|param| param.is("SMTPUTF8"));
        if wanted && !offers.has("SMTPUTF8") {
            return Err(Outcome::Never(
                "the receiving server takes no addresses or headers in other scripts (SMTPUTF8)"
                    .to_owned(),
            ));
        }
        let limit = offers.value("SIZE").and_then(|size| size.parse::<usize>().ok());
        if limit.is_some_and(|limit| limit > 0 && limit < self.message.len()) {
            return Err(Outcome::Never(format!(
                "the receiving server takes at most {} bytes, the message has {}",
                limit.unwrap_or_default(),
                self.message.len()
            )));
        }
        let kept = self.envelope.params.iter().filter(|param| !param.is("SIZE")).cloned();
        let mut params = carried(&kept.collect::<Vec<_>>(), offers);
        let own = [
            offers.has("SIZE").then(|| format!("SIZE={}", self.message.len())),
            (self.require_tls && offers.has("REQUIRETLS")).then(|| "REQUIRETLS".to_owned()),
        ];
        params.extend(own.into_iter().flatten().filter_map(|text| Param::parse(&text).ok()));
        Ok(params)
    }

    async fn message(&self, session: &mut ClientSession, accepted: &[Address]) -> Outcome {
        match session.data().await {
            Ok(reply) if reply.code() == 354 => {}
            Ok(reply) => return Outcome::of_refusal(&reply),
            Err(error) => return Outcome::before_the_end(&error),
        }
        if let Err(error) = session.send(self.message).await {
            return Outcome::before_the_end(&error);
        }
        let (id, to, way, now) = (self.id, accepted.to_vec(), self.way.clone(), self.engine.now());
        let begun =
            self.engine.with_vault(move |vault| vault.begin_handover(id, &to, &way, now)).await;
        if let Err(error) = begun {
            // The end was not told, so the server throws the message away when the session drops.
            return Outcome::NotNow(error.to_string());
        }
        match session.finish().await {
            Ok(reply) if reply.is_positive() => Outcome::Taken(reply.to_string()),
            Ok(reply) => Outcome::of_refusal(&reply),
            Err(SessionError::Closing(reply)) => Outcome::NotNow(reply.to_string()),
            Err(error) => Outcome::InDoubt(error.to_string()),
        }
    }
}

impl Outcome {
    /// A 5xx is for good, anything else that is no success is for now.
    fn of_refusal(reply: &Reply) -> Self {
        if reply.is_permanent() {
            Self::Never(reply.to_string())
        } else {
            Self::NotNow(reply.to_string())
        }
    }

    /// Before the end of the message was told nobody can have taken it.
    fn before_the_end(error: &SessionError) -> Self {
        Self::NotNow(error.to_string())
    }

    /// A session that could not be had at all.
    pub(crate) fn of_session(error: &SessionError) -> Self {
        if error.is_temporary() {
            Self::NotNow(error.to_string())
        } else {
            Self::Never(error.to_string())
        }
    }
}
