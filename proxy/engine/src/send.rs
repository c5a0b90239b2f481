//! A job: one message, one way, the recipients that go it together.

use std::sync::Arc;

use mail::{Address, Message, Recipient};
use nta7516::facts::Route;
use nta7516::plan::{Step, Target};
use nta7516::record::Provider;
use serde_json::{Value, json};
use vault::outbox::{Choice, HeldMessage};
use vault::settings::Account;

use crate::direct::{self, NoHost};
use crate::engine::Engine;
use crate::handover::{Handover, Outcome};
use crate::provider;
use crate::session::ClientSession;

/// Recipients that go the same way.
#[derive(Debug)]
pub(crate) struct Job {
    way: Way,
    hosts: Vec<Target>,
    /// The mark of NTA mail; `None` where the message goes another way.
    pub(crate) mark: Option<Provider>,
    /// Who.
    pub(crate) recipients: Vec<Recipient>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Route(Route),
    Ordinary,
}

/// What came of it for one recipient.
#[derive(Debug, Clone)]
pub(crate) enum Result {
    /// A server took it.
    Taken {
        /// What was proved on the way.
        proof: Value,
    },
    /// Not now.
    NotNow(String),
    /// Never.
    Never(String),
    /// Perhaps.
    InDoubt(String),
    /// No host gave the proof that the plan requires.
    NoProof {
        /// The step that said no.
        step: Step,
        /// What was seen, in Dutch.
        nl: String,
        /// The same in English.
        en: String,
    },
}

impl Job {
    /// A job on a route.
    pub(crate) fn new(route: Route, hosts: Vec<Target>, mark: Option<Provider>) -> Self {
        Self { way: Way::Route(route), hosts, mark, recipients: Vec::new() }
    }

    /// Ordinary mail by the provider.
    pub(crate) fn ordinary() -> Self {
        Self { way: Way::Ordinary, hosts: Vec::new(), mark: None, recipients: Vec::new() }
    }

    /// The way in one word, as the journal keeps it.
    pub(crate) fn route_word(&self) -> &'static str {
        match self.way {
            Way::Route(route) => route.as_str(),
            Way::Ordinary => "ordinary",
        }
    }

    /// Who.
    pub(crate) fn addresses(&self) -> Vec<Address> {
        self.recipients.iter().map(|to| to.address.clone()).collect()
    }

    /// What a person chose that leads this way.
    fn choice(&self) -> Choice {
        match self.way {
            Way::Route(_) => Choice::Secure,
            Way::Ordinary => Choice::Ordinary { reason: String::new() },
        }
    }

    fn guarantee(&self) -> &'static str {
        match self.way {
            Way::Route(route) => route.guarantee_nl(),
            Way::Ordinary => "Gewone mail, zoals gekozen: zonder waarborg van NTA 7516.",
        }
    }
}

/// Adds a recipient to the job that goes the same way to the same hosts, or makes a new one.
/// Recipients of one domain share a transaction; those of two never do.
pub(crate) fn add(jobs: &mut Vec<Job>, new: Job, recipient: Recipient) {
    let same = |job: &&mut Job| {
        let first = job.recipients.first().and_then(|to| to.address.domain());
        let domain_fits = job.hosts.is_empty() || first == recipient.address.domain();
        job.way == new.way && job.hosts == new.hosts && job.mark == new.mark && domain_fits
    };
    match jobs.iter_mut().find(same) {
        Some(job) => job.recipients.push(recipient),
        None => jobs.push(Job { recipients: vec![recipient], ..new }),
    }
}

/// Opens the session that the job's way needs and hands the message over.
pub(crate) async fn run(
    engine: &Arc<Engine>,
    account: &Account,
    held: &HeldMessage,
    job: &Job,
    message: &Message,
) -> Vec<(Address, Result)> {
    let handover = Handover {
        engine,
        id: held.id,
        way: job.choice(),
        envelope: &held.envelope,
        recipients: &job.recipients,
        message: message.bytes(),
        require_tls: job.way == Way::Route(Route::Provider),
    };
    let mut session = match open(engine, account, job).await {
        Ok(session) => session,
        Err(result) => {
            let all = job.addresses().into_iter();
            return all.map(|to| (to, result.clone())).collect();
        }
    };
    let proof = json!({
        "guarantee": job.guarantee(),
        "tls": session.met(),
        "at": engine.now(),
    });
    let outcomes = handover.run(&mut session).await;
    tokio::spawn(session.quit());
    let result = |outcome| match outcome {
        Outcome::Taken(words) => {
            let mut proof = proof.clone();
            proof["reply"] = Value::String(words);
            Result::Taken { proof }
        }
        Outcome::NotNow(words) => Result::NotNow(words),
        Outcome::Never(words) => Result::Never(words),
        Outcome::InDoubt(words) => Result::InDoubt(words),
    };
    outcomes.into_iter().map(|(to, outcome)| (to, result(outcome))).collect()
}

async fn open(
    engine: &Arc<Engine>,
    account: &Account,
    job: &Job,
) -> core::result::Result<ClientSession, Result> {
    let of_session = |error| match Outcome::of_session(&error) {
        Outcome::Never(words) => Result::Never(words),
        Outcome::NotNow(words) | Outcome::InDoubt(words) | Outcome::Taken(words) => {
            Result::NotNow(words)
        }
    };
    match (job.way, &account.gateway) {
        (Way::Route(Route::Direct), _) => direct::open(engine, &job.hosts, direct::helo(account))
            .await
            .map_err(|error| match error {
                NoHost::NotNow { words, .. } => Result::NotNow(words),
                NoHost::NoProof { step, nl, en } => Result::NoProof { step, nl, en },
            }),
        (Way::Route(Route::Provider) | Way::Ordinary, _) => {
            provider::connect(engine, account).await.map_err(of_session)
        }
        (Way::Route(Route::Gateway), Some(gateway)) => {
            provider::connect_gateway(engine, account, gateway).await.map_err(of_session)
        }
        (Way::Route(Route::Gateway), None) => {
            Err(Result::Never("the account has no gateway in the settings".to_owned()))
        }
    }
}
