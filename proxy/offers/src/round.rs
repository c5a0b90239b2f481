//! Offers what is due: record systems side by side, the offers to one of them one after the other.

use core::time::Duration;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use dossier::answer::{Taken, Trouble};
use filing::{Asked, Before, Made, Secret};
use net::https::HttpsError;
use settings::{Account, Destination, Settings};
use tokio::sync::broadcast::{Receiver, error::RecvError};
use tokio::task::{Id, JoinError, JoinSet};
use tokio::time::sleep;
use vault::VaultError;
use vault::filing::{DueFiling, FilingState, UNFILED};

use crate::{House, papers, secret, wish};

/// Offers what is due, until dropped. Each of the notices may mean that something is due.
pub async fn run<H: House, N: Clone>(house: Arc<H>, mut notices: Receiver<N>) {
    let mut at_work = AtWork::default();
    loop {
        let wait = match begin(&house, &mut at_work).await {
            Ok(wait) => wait,
            Err(error) => {
                tracing::warn!(%error, "record systems are offered what is due later");
                LONGEST_PAUSE
            }
        };
        tokio::select! {
            () = sleep(wait) => {}
            () = heard(&mut notices) => {}
            () = at_work.one_ends() => {}
        }
    }
}

/// Whoever lagged behind has missed only that something happened.
async fn heard<N: Clone>(notices: &mut Receiver<N>) {
    if let Err(RecvError::Closed) = notices.recv().await {
        core::future::pending::<()>().await;
    }
}

/// An account's record system, by its name; `None`: one that the account has no more. Where none was named
/// it is the first, and where there is no patient the folder: whichever way it is meant, it is asked by one task.
pub(crate) type Group = (String, Option<String>);

/// Which record systems are being offered something.
#[derive(Default)]
struct AtWork {
    tasks: JoinSet<()>,
    groups: HashMap<Id, Group>,
}

impl AtWork {
    fn takes(&self, group: &Group) -> bool {
        self.groups.len() < SIDE_BY_SIDE && !self.groups.values().any(|one| one == group)
    }

    async fn one_ends(&mut self) {
        let id = match self.tasks.join_next_with_id().await {
            Some(Ok((id, ()))) => id,
            Some(Err(error)) => error.id(),
            None => core::future::pending().await,
        };
        self.groups.remove(&id);
    }
}

/// Begins what is due for record systems that are not at work; answers when to look again.
async fn begin<H: House>(house: &Arc<H>, at_work: &mut AtWork) -> Result<Duration, VaultError> {
    let now = house.now();
    let (due, next) = house.with_vault(move |vault| vault.due_filings(now)).await?;
    for (group, due) in groups(&house.settings(), due) {
        if !at_work.takes(&group) {
            continue;
        }
        let house = Arc::clone(house);
        let task = at_work.tasks.spawn(async move {
            match apart(async move { offer(&house, due).await }).await {
                Ok(Ok(())) => return,
                Ok(Err(error)) => {
                    tracing::warn!(%error, "what became of an offer cannot be kept yet");
                }
                // Without its words: they may be of a message.
                Err(_) => tracing::error!("offers to a record system broke off; they go on later"),
            }
            sleep(AFTER_TROUBLE).await;
        });
        at_work.groups.insert(task.id(), group);
    }
    let wait = next.and_then(|next| Duration::try_from(next.duration_since(now)).ok());
    Ok(wait.unwrap_or(LONGEST_PAUSE).clamp(SHORTEST_PAUSE, LONGEST_PAUSE))
}

/// What is due, by account and record system, each in the order in which it is due.
pub(crate) fn groups(settings: &Settings, due: Vec<DueFiling>) -> BTreeMap<Group, Vec<DueFiling>> {
    let mut groups: BTreeMap<Group, Vec<DueFiling>> = BTreeMap::new();
    for one in due {
        let account = settings.account(&one.account);
        let system = account.and_then(|account| system(&account, &one.what));
        groups.entry((one.account.to_string(), system)).or_default().push(one);
    }
    groups
}

fn system(account: &Account, what: &str) -> Option<String> {
    if what == UNFILED {
        return wish::folder(account).map(|(name, _)| name.to_owned());
    }
    let asked = wish::asked(what)?;
    let one = wish::destination(account, asked.destination.as_deref()).ok()?;
    Some(one.name.clone())
}

/// Runs it as a task that ends with whoever waits for it: that it broke off is an answer.
async fn apart<T: Send + 'static>(
    work: impl Future<Output = T> + Send + 'static,
) -> Result<T, JoinError> {
    let mut alone = JoinSet::new();
    alone.spawn(work);
    match alone.join_next().await {
        Some(done) => done,
        None => core::future::pending().await,
    }
}

/// Offers these one after the other. Where the record system is not reached, the others are put off with it:
/// each would wait as long.
pub(crate) async fn offer<H: House>(house: &Arc<H>, due: Vec<DueFiling>) -> Result<(), VaultError> {
    let mut unreached: Option<(String, String)> = None;
    for one in due {
        let _working = house.working().await;
        let came = match &unreached {
            Some(trouble) => Came::Is(later(&**house, &one, trouble.clone())),
            None => alone(house, &one).await,
        };
        let state = match came {
            Came::Is(state) => state,
            Came::Unreached(trouble) => {
                unreached = Some(trouble.clone());
                later(&**house, &one, trouble)
            }
            // The next round has it as it stands now.
            Came::Moved => {
                house.tell(one.source.id());
                sleep(SHORTEST_PAUSE).await;
                continue;
            }
        };
        let (source, what, now) = (one.source, one.what, house.now());
        house.with_vault(move |vault| vault.record_filing(source, &what, &state, now)).await?;
        house.tell(source.id());
    }
    Ok(())
}

/// What an attempt came to.
#[derive(Debug)]
pub(crate) enum Came {
    /// How far the offer is now.
    Is(FilingState),
    /// The record system was not reached; why, Dutch and English.
    Unreached((String, String)),
    /// It was corrected, taken or stopped since it was read: nothing was handed in.
    Moved,
}

/// An attempt that breaks off is trouble of its message alone: it is told, and waits as any other.
async fn alone<H: House>(house: &Arc<H>, due: &DueFiling) -> Came {
    let (one, own) = (due.clone(), Arc::clone(house));
    let came = apart(async move { attempt(&*own, &one).await }).await;
    came.unwrap_or_else(|_| {
        tracing::error!(id = %due.source.id(), "an offer broke off");
        Came::Is(later(&**house, due, (BROKE_OFF.0.to_owned(), BROKE_OFF.1.to_owned())))
    })
}

pub(crate) async fn attempt<H: House>(house: &H, due: &DueFiling) -> Came {
    // One that cannot be read does not hold up the others.
    match attempted(house, due).await {
        Ok(came) => came,
        Err(
            error @ (VaultError::Corrupt { .. }
            | VaultError::Discarded
            | VaultError::UnknownMessage { .. }),
        ) => Came::Is(refusal(&error.nl(), &error.en())),
        Err(VaultError::SecretLost { .. }) => {
            Came::Is(later(house, due, (SECRET_LOST.0.to_owned(), SECRET_LOST.1.to_owned())))
        }
        Err(error) => Came::Is(later(house, due, (error.nl(), error.en()))),
    }
}

async fn attempted<H: House>(house: &H, due: &DueFiling) -> Result<Came, VaultError> {
    let account = house.settings().account(&due.account);
    let account = account.ok_or_else(|| refusal(NO_SYSTEM.0, NO_SYSTEM.1));
    let to = match account.as_ref().map_err(Clone::clone).and_then(|account| place(account, due)) {
        Ok(to) => to,
        Err(refused) => return Ok(Came::Is(refused)),
    };
    let secret = match &to {
        To::Folder(_) => Ok(Secret::Nothing),
        To::System(one, _) => secret::secret(house, &due.account, one).await?,
    };
    let secret = match secret {
        Ok(secret) => secret,
        Err(error) => return Ok(Came::Is(refusal(&error.nl(), &error.to_string()))),
    };
    let (made, form) = match papers::made(house, due).await? {
        Ok((made, form)) => (Arc::new(made), form),
        Err(error) => {
            return Ok(Came::Is(later(house, due, (error.dutch(), error.to_string()))));
        }
    };
    let (source, what) = (due.source, due.what.clone());
    if !house.with_vault(move |vault| vault.begin_filing(source, &what, form)).await? {
        return Ok(Came::Moved);
    }
    let taken = hand_in(house, due, (&to, &secret), &made).await;
    Ok(match taken {
        Ok(Taken::Filed { place }) => Came::Is(FilingState::Filed { place }),
        Ok(Taken::Refused(Trouble { nl, en, said })) => {
            Came::Is(FilingState::Refused { nl, en, said })
        }
        Ok(Taken::Later(why)) => Came::Is(later(house, due, why.whole())),
        Err(HttpsError::Token) => Came::Is(refusal(BAD_TOKEN.0, BAD_TOKEN.1)),
        Err(error) => Came::Unreached((
            format!("het dossiersysteem is niet bereikt ({error}); het wordt opnieuw geprobeerd"),
            format!("the record system was not reached ({error}); it is tried again"),
        )),
    })
}

/// Where something goes.
enum To<'a> {
    /// A folder, for a person to file.
    Folder(&'a std::path::Path),
    /// A record system, under a patient.
    System(&'a Destination, Box<Asked>),
}

fn place<'a>(account: &'a Account, due: &DueFiling) -> Result<To<'a>, FilingState> {
    let gone = || refusal(NO_SYSTEM.0, NO_SYSTEM.1);
    if due.what == UNFILED {
        return wish::folder(account).map(|(_, folder)| To::Folder(folder)).ok_or_else(gone);
    }
    let asked = wish::asked(&due.what).ok_or_else(|| refusal(DAMAGED.0, DAMAGED.1))?;
    let one = wish::destination(account, asked.destination.as_deref()).map_err(|_| gone())?;
    Ok(To::System(one, Box::new(asked)))
}

async fn hand_in<H: House>(
    house: &H,
    due: &DueFiling,
    (to, secret): (&To<'_>, &Secret),
    made: &Arc<Made>,
) -> Result<Taken, HttpsError> {
    let name = due.source.id().to_string();
    match to {
        To::Folder(folder) => Ok(filing::leave(folder, &name, made, house.now()).await),
        To::System(one, asked) => {
            let before = match (due.attempts, due.changed) {
                (0, _) => Before::Never,
                (_, false) => Before::Alike,
                (_, true) => Before::Otherwise,
            };
            let (roots, what) = (house.roots(), (made, name.as_str()));
            filing::hand_in(&roots, (one, secret), what, &asked.filing, before).await
        }
    }
}

/// Tried again: the wait doubles up to that of mail, also where the record system was not asked. It is never
/// given up by itself, for the record lacks the message until a person says otherwise.
fn later<H: House>(house: &H, due: &DueFiling, trouble: (String, String)) -> FilingState {
    FilingState::Due {
        next: house.settings().delivery.next_attempt(house.now(), due.failures),
        attempts: due.attempts,
        trouble: Some(trouble),
    }
}

fn refusal(nl: &str, en: &str) -> FilingState {
    FilingState::Refused { nl: nl.to_owned(), en: en.to_owned(), said: None }
}

const NO_SYSTEM: (&str, &str) = (
    "het account heeft dit dossiersysteem niet meer; kies een ander, of stel het weer in",
    "its account has this record system no more; pick another, or set it up again",
);
const DAMAGED: (&str, &str) = (
    "wat u van de patiënt bevestigde, is beschadigd; vul het opnieuw in, en bied het bericht weer aan",
    "what you confirmed of the patient is damaged; fill it in again, and offer the message anew",
);
const BROKE_OFF: (&str, &str) = (
    "het programma liep vast op dit bericht; het wordt later opnieuw geprobeerd. Blijft dit zo, bewaar het bericht dan zelf (‘Bewaar als’ in het Archief) en meld het uw ICT-beheerder",
    "the program failed on this message; it is tried again later. If this stays so, save the message yourself (‘Save as’ in the Archive) and tell your IT administrator",
);
const SECRET_LOST: (&str, &str) = (
    "waarmee het dossiersysteem ons kent, is niet meer in de sleutelbos; ontgrendel die met het gewone wachtwoord, of geef token of certificaat opnieuw bij Instellingen. Het bericht gaat daarna vanzelf",
    "what the record system knows us by is no longer in the keyring; unlock that with its usual password, or give the token or certificate anew at Settings. The message then goes by itself",
);
const BAD_TOKEN: (&str, &str) = (
    "het token bevat tekens die niet verstuurd kunnen worden; geef het opnieuw",
    "the token has letters that cannot be sent; give it anew",
);
/// Record systems that are offered something at once. Each may have a message of 30 MB in hand, three times.
const SIDE_BY_SIDE: usize = 4;
const SHORTEST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(300);
/// A full disk is full for longer.
const AFTER_TROUBLE: Duration = Duration::from_secs(30);
