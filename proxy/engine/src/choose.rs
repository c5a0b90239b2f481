//! What a person sees of held messages, and the choice: the same for the window and the command
//! line.

use core::time::Duration;
use std::sync::Arc;

use mail::Address;
pub use nta7516::facts::Route;
use nta7516::plan::Decision;
use nta7516::proof::{Way, Words};
use serde::{Deserialize, Serialize};
use settings::{self, Account};
use tokio::time::timeout;
use vault::VaultError;
pub use vault::filing::{Earlier, FilingState, Offer};
use vault::outbox::{Choice, Choosing, os_user};
pub use vault::outbox::{HeldId, Reason, State};

use crate::control::{Request, Response, said};
use crate::engine::{Engine, Notice};
use crate::filing::{OfferError, ToDossier};
use crate::gather;
use crate::identities::can_sign;
pub use crate::pending::{Pending, PendingRecipient, Waits};
use crate::pending::{offered, view};

/// What is wanted for a held message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "way", rename_all = "snake_case")]
pub enum Wanted {
    /// By a way that NTA 7516 accepts.
    Secure,
    /// As ordinary mail.
    Ordinary {
        /// Why; must not be blank.
        reason: String,
    },
    /// As ordinary mail, since nothing is found in it any more; refused where something is, or where
    /// less of it could be looked into than when it was held.
    NothingFound,
    /// Not at all.
    Withdraw,
}

/// Where a message may go, if it were chosen now.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Prospect {
    /// `handover`, `another_way`, `refuse` or `later`.
    pub verdict: String,
    /// The route, where there is one.
    pub route: Option<Route>,
    /// The mail host that is tried first, where we hand over ourselves.
    #[serde(default)]
    pub host: Option<String>,
    /// What that host has to prove itself with: `dane`, `pkix` or `ou`.
    #[serde(default)]
    pub proof: Option<String>,
    /// The step that says no, as a clause.
    pub step: Option<String>,
    /// The guarantee of the route, or the reason; Dutch.
    pub nl: String,
    /// The same in English.
    pub en: String,
    /// What was seen of the recipient's domain; for a window alone.
    #[serde(skip)]
    pub seen: Vec<doctor::Step>,
}

/// What became of a choice.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Chosen {
    /// The message.
    pub id: HeldId,
    /// The states after the choice.
    pub recipients: Vec<(Address, State)>,
    /// What the ways give on which it may go now, best first; which of them it takes is known
    /// only when the recipients' records are read.
    #[serde(default)]
    pub guarantees: Vec<Words>,
}

/// Why a choice cannot be carried out. Nothing was changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ChooseError {
    /// The id is none.
    #[error(transparent)]
    Id(#[from] vault::outbox::HeldIdError),
    /// The vault says no.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The account has gone from the settings.
    #[error("the account {0} is no longer in the settings; add it again, or withdraw the message")]
    NoAccount(Address),
    /// It was to go because nothing is found in it any more, and something is, or may be.
    #[error(
        "something is still found in this message, or a file in it cannot be looked into now; \
         open it again and choose"
    )]
    StillFound,
    /// No route.
    #[error(
        "the account {0} has no route for safe mail; add routes = [\"direct\"] (or provider, or \
         gateway) to it in the settings"
    )]
    NoRoute(Address),
    /// No record system can be offered it.
    #[error(transparent)]
    Offer(#[from] OfferError),
}

impl ChooseError {
    /// The sentence in Dutch: what happened, and what to do.
    #[must_use]
    pub fn nl(&self) -> String {
        match self {
            Self::Id(_) => "Dit is geen nummer van een vastgehouden bericht.".to_owned(),
            Self::Vault(error) => error.nl(),
            Self::NoAccount(account) => format!(
                "Het account {account} staat niet meer in de instellingen; voeg het weer toe, of trek het bericht in."
            ),
            Self::StillFound => {
                "In dit bericht is nog iets gevonden, of in een bestand kan nu niet gekeken worden; open het opnieuw en kies."
                    .to_owned()
            }
            Self::NoRoute(account) => format!(
                "Het account {account} heeft geen weg voor veilige mail; zet routes = [\"direct\"] (of provider, of gateway) erbij in de instellingen."
            ),
            Self::Offer(error) => error.nl(),
        }
    }
}

impl Engine {
    /// Answers a request of the control socket.
    pub async fn answer(self: &Arc<Self>, request: Request) -> Response {
        let answered = match request {
            Request::Pending => {
                said(self.pending().await, |messages| Response::Pending { messages })
            }
            Request::Choose { id, choice, dossier, filing } => {
                let to_dossier = ToDossier::asked(dossier, filing);
                said(self.choose(&id, choice, to_dossier).await, Response::Chosen)
            }
            Request::Offer { id, filing } => {
                said(self.file(&id, filing).await, |()| Response::Offered)
            }
            Request::StopOffer { id } => {
                said(self.stop_filing(&id).await, |there| Response::OfferStopped { there })
            }
            Request::Card { whose } => said(self.card_stands(whose).await, Response::Card),
            Request::UnlockCard { whose, pin } => {
                said(self.unlock_card(whose, pin).await, Response::Unlocked)
            }
            Request::LockCards => {
                self.cards().lock();
                Ok(Response::Locked)
            }
            Request::Reload => {
                // Reads files and may wait for the vault.
                let engine = Arc::clone(self);
                let reloaded = tokio::task::spawn_blocking(move || engine.reload()).await;
                match reloaded {
                    Ok(done) => {
                        done.map(|()| Response::Reloaded).map_err(|error| error.to_string())
                    }
                    Err(_) => Err("the program is being stopped".to_owned()),
                }
            }
        };
        answered.unwrap_or_else(|why| Response::Refused { why })
    }

    /// What waits for a choice, is on its way, or failed, with where it may go; oldest first.
    ///
    /// # Errors
    /// [`VaultError`].
    pub async fn pending(self: &Arc<Self>) -> Result<Vec<Pending>, VaultError> {
        let mut all = self.held().await?;
        let deadline = tokio::time::Instant::now() + PATIENCE;
        for message in &mut all {
            let left = deadline.saturating_duration_since(tokio::time::Instant::now());
            let prospects = timeout(left, self.prospects(message)).await.unwrap_or_default();
            for one in &mut message.recipients {
                let found = prospects.iter().find(|(address, _)| *address == one.address);
                one.prospect = found.map(|(_, prospect)| prospect.clone());
            }
        }
        Ok(all)
    }

    /// The same without looking up where it may go: at once. Behind them, copies of what came in that a
    /// record system is offered, or refused.
    ///
    /// # Errors
    /// [`VaultError`].
    pub async fn held(self: &Arc<Self>) -> Result<Vec<Pending>, VaultError> {
        self.with_vault(|vault| {
            let held = vault.list()?.into_iter().map(|message| view(vault, message));
            let copies = vault.offered_copies()?.into_iter().map(|copy| offered(vault, copy));
            Ok(held.chain(copies).collect())
        })
        .await
    }

    /// One message as it stands, finished or not.
    ///
    /// # Errors
    /// [`VaultError`].
    pub async fn message(self: &Arc<Self>, id: &str) -> Result<Pending, VaultError> {
        let id: HeldId =
            id.parse().map_err(|_| VaultError::UnknownMessage { id: id.to_owned() })?;
        self.with_vault(move |vault| Ok(view(vault, vault.get(id)?))).await
    }

    /// Tries again at once what was put off. Answers whether there was any.
    ///
    /// # Errors
    /// [`VaultError`].
    pub async fn hurry(self: &Arc<Self>, id: &str) -> Result<bool, VaultError> {
        let id: HeldId =
            id.parse().map_err(|_| VaultError::UnknownMessage { id: id.to_owned() })?;
        let any = self.with_vault(move |vault| vault.hurry(id)).await?;
        self.wake();
        Ok(any)
    }

    /// Where the message may go, for each recipient that waits or failed.
    pub async fn prospects(self: &Arc<Self>, message: &Pending) -> Vec<(Address, Prospect)> {
        let Some(account) = self.settings().account(&message.account) else {
            return Vec::new();
        };
        let Some(own) = account.address.domain() else {
            return Vec::new();
        };
        let (now, sender) = (self.now(), gather::sender(self, own).await);
        let offers = gather::offers(self, &account).await;
        let port = self.settings().delivery.port;
        let mut prospects = Vec::new();
        let open = |one: &&PendingRecipient| matches!(one.state, State::Waiting | State::Failed);
        for recipient in message.recipients.iter().filter(open).take(PLANNED) {
            let facts = gather::recipient(self, &recipient.address, now).await;
            let decision = self.settings().nta.plan(&sender, &facts, &offers, now);
            let seen = doctor::before_sending(&facts, &decision, now, port);
            let prospect = Prospect { seen, ..Prospect::of(&decision) };
            prospects.push((recipient.address.clone(), prospect));
        }
        prospects
    }

    /// Records a person's choice, for every recipient for whom it is possible.
    ///
    /// # Errors
    /// [`ChooseError`]; nothing was changed then.
    pub async fn choose(
        self: &Arc<Self>,
        id: &str,
        wanted: Wanted,
        dossier: impl Into<ToDossier>,
    ) -> Result<Chosen, ChooseError> {
        self.choose_for(id, wanted, dossier, None).await
    }

    /// Records a person's choice for these recipients and nobody else; `None`: for all for whom it
    /// is possible. Where it is not possible for one of those that are named, it is for none.
    ///
    /// # Errors
    /// [`ChooseError`]; nothing was changed then.
    pub async fn choose_for(
        self: &Arc<Self>,
        id: &str,
        wanted: Wanted,
        dossier: impl Into<ToDossier>,
        recipients: Option<Vec<Address>>,
    ) -> Result<Chosen, ChooseError> {
        let id: HeldId = id.parse()?;
        let dossier: ToDossier = dossier.into();
        let held = self.with_vault(move |vault| vault.get(id)).await?;
        let wanted_too = dossier != ToDossier::No;
        if wanted == Wanted::NothingFound && !self.look(&id.to_string()).await?.settled {
            return Err(ChooseError::StillFound);
        }
        let mut filing = None;
        if wanted != Wanted::Withdraw || wanted_too {
            let account = self.settings().account(&held.account);
            let account = account.ok_or_else(|| ChooseError::NoAccount(held.account.clone()))?;
            self.can(&account, id, &wanted).await?;
            filing = dossier.text(&account)?;
        }
        let guarantees = self.guarantees(&held.account, &wanted);
        let choice = match wanted {
            Wanted::Secure => Choice::Secure,
            Wanted::NothingFound => Choice::Ordinary { reason: self.nothing_found() },
            Wanted::Ordinary { reason } => Choice::Ordinary { reason },
            Wanted::Withdraw => Choice::Withdraw,
        };
        let choosing = Choosing { choice, who: os_user(), dossier: wanted_too, filing, recipients };
        let now = self.now();
        let after = self.with_vault(move |vault| vault.choose_with(id, &choosing, now)).await?;
        self.tell(Notice::Chosen(id));
        self.wake();
        let recipients = after.recipients.into_iter().map(|one| (one.address, one.state));
        Ok(Chosen { id, recipients: recipients.collect(), guarantees })
    }

    fn guarantees(&self, account: &Address, wanted: &Wanted) -> Vec<Words> {
        let account = self.settings().account(account);
        let routes = account.map(|account| account.routes).unwrap_or_default();
        match wanted {
            Wanted::Secure => {
                routes.into_iter().map(|route| Way::Route(route).guarantee()).collect()
            }
            Wanted::Ordinary { .. } | Wanted::NothingFound => vec![Way::Ordinary.guarantee()],
            Wanted::Withdraw => Vec::new(),
        }
    }

    /// Takes a choice back for everyone to whom the message is not being handed over yet.
    ///
    /// # Errors
    /// [`ChooseError`]; nothing was changed then.
    pub async fn take_back(self: &Arc<Self>, id: &str) -> Result<(), ChooseError> {
        let (id, now): (HeldId, _) = (id.parse()?, self.now());
        self.with_vault(move |vault| vault.take_back(id, &os_user(), now).map(drop)).await?;
        self.tell(Notice::Progress(id));
        Ok(())
    }

    /// The reason that is kept for such a choice, in the language of the windows.
    fn nothing_found(&self) -> String {
        let (nl, en) = NOTHING_FOUND;
        match self.settings().desktop.language {
            settings::Language::Dutch => nl.to_owned(),
            settings::Language::English => en.to_owned(),
        }
    }

    /// Refuses early what could not be carried out at all.
    async fn can(
        self: &Arc<Self>,
        account: &Account,
        id: HeldId,
        wanted: &Wanted,
    ) -> Result<(), ChooseError> {
        if *wanted != Wanted::Secure {
            return Ok(());
        }
        if account.routes.is_empty() {
            return Err(ChooseError::NoRoute(account.address.clone()));
        }
        // A gateway is given the mail unsigned.
        if account.routes.iter().any(|route| *route != settings::Route::Gateway) {
            let (address, now) = (account.address.clone(), self.now());
            self.with_vault(move |vault| can_sign(vault, &address, &vault.read(id)?, now)).await?;
        }
        Ok(())
    }
}

impl Prospect {
    /// A decision in words.
    #[must_use]
    pub fn of(decision: &Decision) -> Self {
        let (verdict, route) = match decision {
            Decision::Handover { route, .. } => ("handover", Some(*route)),
            Decision::AnotherWay { by, .. } => ("another_way", *by),
            Decision::Refuse { .. } => ("refuse", None),
            Decision::Later { .. } => ("later", None),
        };
        let (nl, en) = match (decision.reason(), route) {
            (Some(reason), _) => (reason.nl().to_owned(), reason.en().to_owned()),
            (None, Some(route)) => {
                (route.guarantee_nl().to_owned(), route.guarantee_en().to_owned())
            }
            (None, None) => (String::new(), String::new()),
        };
        let step = decision.step().map(|step| step.clause().to_owned());
        let first = match decision {
            Decision::Handover { hosts, .. } => hosts.first(),
            _ => None,
        };
        let host = first.map(|target| target.host.to_string());
        let proof = first.map(|target| target.require.as_str().to_owned());
        Self { verdict: verdict.to_owned(), route, host, proof, step, nl, en, seen: Vec::new() }
    }
}

/// Why it went where health information was found first and then no more: Dutch, English.
pub const NOTHING_FOUND: (&str, &str) = (
    "Bij opnieuw beoordelen is niets meer gevonden",
    "Nothing was found any more on judging it again",
);
/// For all look-ups of one `pending`: a list that comes late helps nobody; what was not looked up
/// in time is shown without a prospect.
const PATIENCE: Duration = Duration::from_secs(20);
/// Recipients of one message for whom the way is looked up for the list.
const PLANNED: usize = 50;
