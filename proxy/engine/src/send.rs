//! A job: one message, one way, the recipients that go it together.

use core::time::Duration;
use std::collections::HashMap;
use std::sync::Arc;

use mail::{Address, Domain, Message, Recipient};
use nta7516::facts::Route;
use nta7516::plan::{LeftOut, Target, Unproved, without_proof};
use nta7516::proof::{End, Host, NotUsed, Proof, Records, Signer, Way, Words};
use nta7516::record::Provider;
use session::ClientSession;
use settings::Account;
use tokio::time::{Instant, timeout_at};
use vault::outbox::{Attempt, HeldMessage, Outcome};

use crate::direct::{self, NoHost, Opened, Walk};
use crate::engine::Engine;
use crate::handover::{After, Handover, TOO_LONG};
use crate::{deliver, provider};

/// Recipients that go the same way.
#[derive(Debug)]
pub(crate) struct Job {
    /// The way.
    pub(crate) way: Way,
    hosts: Vec<Target>,
    /// The mark of NTA mail; `None` where the message goes another way.
    pub(crate) mark: Option<Provider>,
    /// Who.
    pub(crate) recipients: Vec<Recipient>,
    /// What the plan for each of them rested on.
    grounds: HashMap<Address, Grounds>,
}

/// On what the plan for a recipient rested.
#[derive(Debug, Clone)]
pub(crate) struct Grounds {
    /// The records that were seen.
    pub(crate) records: Records,
    /// The hosts that no mail may be handed to.
    pub(crate) left_out: Vec<LeftOut>,
    /// The hosts that were not used, as its proofs tell of them.
    pub(crate) not_used: Vec<NotUsed>,
}

/// The form in which a message goes.
#[derive(Debug)]
pub(crate) struct Form {
    /// The exact bytes.
    pub(crate) message: Message,
    /// Who signed it, where it is signed.
    pub(crate) signed_by: Option<Signer>,
    /// Where the key of its DKIM signature stands, where it has one.
    pub(crate) dkim: Option<Domain>,
}

impl Job {
    /// A job on a route.
    pub(crate) fn new(route: Route, hosts: Vec<Target>, mark: Option<Provider>) -> Self {
        Self { way: Way::Route(route), hosts, mark, ..Self::ordinary() }
    }

    /// Ordinary mail by the provider.
    pub(crate) fn ordinary() -> Self {
        Self {
            way: Way::Ordinary,
            hosts: Vec::new(),
            mark: None,
            recipients: Vec::new(),
            grounds: HashMap::new(),
        }
    }

    /// What is known of the attempt for one recipient.
    pub(crate) fn proof(&self, engine: &Engine, to: &Address, end: End) -> Proof {
        let mut proof = Proof::new(to.clone(), engine.now(), Some(self.way), end);
        if let Some(grounds) = self.grounds.get(to) {
            proof.records = Some(grounds.records.clone());
            proof.not_used.clone_from(&grounds.not_used);
        }
        proof
    }

    /// The same for all of them.
    pub(crate) fn all(&self, engine: &Engine, end: &End) -> Vec<Proof> {
        let all = self.recipients.iter();
        all.map(|to| self.proof(engine, &to.address, end.clone())).collect()
    }
}

/// Adds a recipient to the job that goes the same way to the same hosts, or makes a new one.
/// Where we hand over to the hosts of a domain ourselves, recipients of two domains never share a
/// transaction, though the hosts be the same; a provider or gateway is given all of them at once.
pub(crate) fn add(jobs: &mut Vec<Job>, new: Job, recipient: Recipient, grounds: Grounds) {
    let same = |job: &Job| {
        let first = job.recipients.first().and_then(|to| to.address.domain());
        let domain_fits = job.hosts.is_empty() || first == recipient.address.domain();
        job.way == new.way && job.hosts == new.hosts && job.mark == new.mark && domain_fits
    };
    let at = jobs.iter().position(same);
    let at = at.unwrap_or_else(|| {
        jobs.push(new);
        jobs.len() - 1
    });
    if let Some(job) = jobs.get_mut(at) {
        job.grounds.insert(recipient.address.clone(), grounds);
        job.recipients.push(recipient);
    }
}

/// Of what an attempt came to: what is to be recorded, and who goes another way instead, because none
/// of the hosts gave its proof and the account has a way for that (R-ALT-1). What was seen of those
/// hosts goes along. Where the plan left a host out that may do later, or whose proof does not hold,
/// that decides.
pub(crate) fn another_way(
    account: &Account,
    job: &Job,
    proofs: Vec<Proof>,
) -> (Vec<Proof>, Option<Job>) {
    let (mut ends, mut jobs) = (Vec::new(), Vec::new());
    for mut proof in proofs {
        let by = match (&proof.end, job.way, job.grounds.get(&proof.to)) {
            (End::KeptBack { step, .. }, Way::Route(Route::Direct), Some(grounds)) => {
                match without_proof(*step, &grounds.left_out, &account.routes) {
                    Unproved::AnotherWay(route) => route.zip(Some(grounds)),
                    Unproved::Later(host) => {
                        proof.end = End::Deferred { words: NotUsed::of(host).words };
                        None
                    }
                    Unproved::Refuse(host) => {
                        let words = NotUsed::of(host).words;
                        proof.end = End::KeptBack { step: host.step, words };
                        None
                    }
                }
            }
            _ => None,
        };
        let Some((route, grounds)) = by else {
            ends.push(proof);
            continue;
        };
        let same = job.recipients.iter().filter(|to| to.address == proof.to);
        for to in same {
            let grounds = Grounds { not_used: proof.not_used.clone(), ..grounds.clone() };
            add(&mut jobs, Job::new(route, Vec::new(), None), to.clone(), grounds);
        }
    }
    // One way and no hosts: they all go together.
    (ends, jobs.pop())
}

/// Opens the sessions that the job's way needs and hands the message over.
pub(crate) async fn run(
    engine: &Arc<Engine>,
    account: &Account,
    held: &HeldMessage,
    job: &Job,
    form: &Form,
) -> Vec<Proof> {
    let until = Instant::now() + longest(form.message.bytes().len());
    let run = Run { engine, held, job, form, until };
    let opened = match (job.way, &account.gateway) {
        (Way::Route(Route::Direct), _) => return run.direct(direct::helo(account)).await,
        (Way::Route(Route::Provider) | Way::Ordinary, _) => {
            let host = Host::configured(&account.smtp.host);
            let session = timeout_at(until, provider::connect(engine, account)).await;
            session.map(|session| session.map(|session| Opened { session, host }))
        }
        (Way::Route(Route::Gateway), Some(gateway)) => {
            let host = Host::configured(&gateway.host);
            let session = provider::connect_gateway(engine, account, gateway);
            let session = timeout_at(until, session).await;
            session.map(|session| session.map(|session| Opened { session, host }))
        }
        (Way::Route(Route::Gateway), None) => {
            let words = Words::new(NO_GATEWAY.0, NO_GATEWAY.1);
            return job.all(engine, &End::Refused { words });
        }
    };
    match opened {
        Err(_) => job.all(engine, &too_long()),
        Ok(Ok(opened)) => run.hand_over(opened, &job.recipients, &[]).await.0,
        Ok(Err(error)) => {
            let words = error.words();
            let end = match error.is_temporary() {
                true => End::Deferred { words },
                false => End::Refused { words },
            };
            job.all(engine, &end)
        }
    }
}

/// A job on its way.
struct Run<'a> {
    engine: &'a Arc<Engine>,
    held: &'a HeldMessage,
    job: &'a Job,
    form: &'a Form,
    /// When the end of the message must have been reached, whatever the number of hosts.
    until: Instant,
}

impl Run<'_> {
    /// Host after host, until nobody is left whom a next one could take.
    async fn direct(&self, helo: &str) -> Vec<Proof> {
        let mut walk = Walk::new(self.engine, &self.job.hosts, helo);
        let mut left = self.job.recipients.clone();
        let mut known: HashMap<Address, Proof> = HashMap::new();
        while !left.is_empty() {
            let next = timeout_at(self.until, walk.next()).await;
            match next.unwrap_or_else(|_| Err(NoHost::too_long())) {
                Ok(opened) => {
                    let (proofs, after) = self.hand_over(opened, &left, &walk.not_used).await;
                    // Of one who is no longer chosen nothing is recorded, nor what was said before.
                    left.iter().for_each(|to| drop(known.remove(&to.address)));
                    let free = match after {
                        After::Free => true,
                        // What was begun is recorded before anything of it is tried elsewhere.
                        After::PutOff => walk.has_more() && self.not_here(&proofs).await,
                        After::Begun | After::Stopped => false,
                    };
                    let again = |proof: &Proof| free && matches!(proof.end, End::Deferred { .. });
                    left.retain(|to| {
                        proofs.iter().any(|proof| proof.to == to.address && again(proof))
                    });
                    walk.not_used
                        .extend(proofs.iter().find(|proof| again(proof)).and_then(not_taken));
                    known.extend(proofs.into_iter().map(|proof| (proof.to.clone(), proof)));
                }
                Err(no_host) => {
                    let end = end_of(no_host);
                    for to in &left {
                        // What a host said of a recipient is more than that there is no other host.
                        known.entry(to.address.clone()).or_insert_with(|| {
                            let mut proof = self.job.proof(self.engine, &to.address, end.clone());
                            proof.not_used.extend_from_slice(&walk.not_used);
                            self.of_form(&mut proof);
                            proof
                        });
                    }
                    break;
                }
            }
        }
        let all = self.job.recipients.iter();
        all.filter_map(|to| known.remove(&to.address)).collect()
    }

    /// One transaction, and what is known of it for each recipient.
    async fn hand_over(
        &self,
        opened: Opened,
        recipients: &[Recipient],
        not_used: &[NotUsed],
    ) -> (Vec<Proof>, After) {
        let Opened { mut session, host } = opened;
        let met = session.met().cloned();
        let proof = |to: &Address, end: End| {
            let mut proof = self.job.proof(self.engine, to, end);
            proof.host = Some(host.clone());
            proof.tls.clone_from(&met);
            proof.not_used.extend_from_slice(not_used);
            self.of_form(&mut proof);
            proof
        };
        let handover = Handover {
            engine: self.engine,
            id: self.held.id,
            way: self.job.way,
            envelope: &self.held.envelope,
            recipients,
            message: self.form.message.bytes(),
            until: self.until,
            proof: &proof,
        };
        let handed = handover.run(&mut session).await;
        let proofs = handed.ends.into_iter().map(|(to, end)| proof(&to, end)).collect();
        // In the midst of the text a command would be text.
        if handed.after != After::Stopped {
            tokio::spawn(ClientSession::quit(session));
        }
        (proofs, handed.after)
    }

    /// Records whom a server put off that was given the whole message, so that another may be given
    /// it. False where that could not be recorded.
    async fn not_here(&self, proofs: &[Proof]) -> bool {
        let attempt = |proof: &Proof| match &proof.end {
            End::Deferred { words } => Some(Attempt {
                recipient: proof.to.clone(),
                outcome: Outcome::NotHere { words: deliver::spoken(self.engine, words) },
                proof_json: serde_json::to_string(proof).ok(),
            }),
            _ => None,
        };
        let attempts: Vec<Attempt> = proofs.iter().filter_map(attempt).collect();
        let (id, now) = (self.held.id, self.engine.now());
        let recorded =
            self.engine.with_vault(move |vault| vault.record_results(id, &attempts, now)).await;
        if let Err(error) = &recorded {
            tracing::error!(%error, %id, "what a server said cannot be kept; no other is asked");
        }
        recorded.is_ok()
    }

    fn of_form(&self, proof: &mut Proof) {
        proof.signed_by.clone_from(&self.form.signed_by);
        proof.dkim.clone_from(&self.form.dkim);
    }
}

fn too_long() -> End {
    End::Deferred { words: Words::new(TOO_LONG.0, TOO_LONG.1) }
}

/// How long it may take from the opening to the end of the message: a large one on a slow line has
/// longer.
fn longest(size: usize) -> Duration {
    let seconds = u64::try_from(size / SLOWEST).unwrap_or(u64::MAX);
    LONGEST.max(Duration::from_secs(seconds))
}

/// A host that put a recipient off, as a later host's proof tells of it.
fn not_taken(proof: &Proof) -> Option<NotUsed> {
    match (&proof.host, &proof.end) {
        (Some(host), End::Deferred { words }) => {
            Some(NotUsed { host: host.name.clone(), words: words.clone() })
        }
        _ => None,
    }
}

fn end_of(no_host: NoHost) -> End {
    match no_host {
        NoHost::NotNow { words, .. } => End::Deferred { words },
        NoHost::NoProof { step, words } => End::KeptBack { step, words },
        NoHost::Refused { words } => End::Refused { words },
    }
}

/// Every single wait has its bound (RFC 5321 section 4.5.3.2), but there are many; a few slow hosts
/// must not hold up the deliveries of all others for hours.
const LONGEST: Duration = Duration::from_secs(20 * 60);
/// Bytes in a second, below which a line is too slow.
const SLOWEST: usize = 16 * 1024;
const NO_GATEWAY: (&str, &str) = (
    "het account heeft geen beveiligde-mailvoorziening in de instellingen; zet gateway = { host = \
     \"...\" } erbij",
    "the account has no gateway in the settings; add gateway = { host = \"...\" } to it",
);

#[cfg(test)]
mod tests {
    use nta7516::facts::{RecipientFacts, Seen, SenderFacts};
    use nta7516::plan::{Cause, Kind, Reason, Step};
    use nta7516::record::Claim;

    use super::*;

    /// What comes of a job whose host gave no proof, where the plan left a host of this kind out.
    fn without(kind: Kind) -> (Option<End>, Option<Way>) {
        let now = jiff::Timestamp::UNIX_EPOCH;
        let to = Address::parse("a@zorg.example").unwrap();
        let own = Address::parse("jan@praktijk.example").unwrap();
        let smtp = settings::Endpoint {
            host: "smtp.example".to_owned(),
            port: 465,
            tls: settings::Tls::Implicit,
            auth: settings::Auth::Auto,
            username: "jan".to_owned(),
        };
        let mut account = settings::Account::new(own.clone(), smtp);
        account.routes = vec![Route::Direct, Route::Gateway];
        let claim = || Ok(Seen::secure(Claim::None));
        let sender = SenderFacts { domain: own.domain().unwrap().clone(), claim: claim() };
        let facts = RecipientFacts {
            address: to.clone(),
            claim: claim(),
            hosts: Ok(Seen::secure(Vec::new())),
            null_mx: false,
            supplier: None,
        };
        let host = Domain::parse("mx.zorg.example").unwrap();
        let reason = Reason::new(Cause::NoAddress(host.clone()));
        let grounds = Grounds {
            records: Records::of(&sender, &facts, now),
            left_out: vec![LeftOut { host, kind, step: Step::Host, reason }],
            not_used: Vec::new(),
        };
        let mut jobs = Vec::new();
        let recipient = Recipient { address: to.clone(), params: Vec::new() };
        add(&mut jobs, Job::new(Route::Direct, Vec::new(), None), recipient, grounds);
        let words = Words::new("andere naam", "another name");
        let end = End::KeptBack { step: Step::AnnexC, words };
        let proof = Proof::new(to, now, Some(Way::Route(Route::Direct)), end);
        let (mut ends, left) = another_way(&account, &jobs[0], vec![proof]);
        (ends.pop().map(|proof| proof.end), left.map(|job| job.way))
    }

    #[test]
    fn no_gateway_is_given_the_mail_while_a_host_may_do_later_or_is_bogus() {
        let (end, left) = without(Kind::Later);
        assert!(matches!(end, Some(End::Deferred { .. })) && left.is_none(), "{end:?}");
        let (end, left) = without(Kind::Refuse);
        let Some(End::KeptBack { step, words }) = end else { panic!("{end:?}") };
        assert!(step == Step::Host && words.nl != "andere naam" && left.is_none());
        let (end, left) = without(Kind::AnotherWay);
        assert!(end.is_none() && left == Some(Way::Route(Route::Gateway)));
    }

    #[test]
    fn a_transaction_has_its_bound_and_a_large_message_has_longer() {
        assert_eq!(longest(0), LONGEST);
        assert_eq!(longest(10 * 1024 * 1024), LONGEST);
        assert_eq!(longest(64 * 1024 * 1024), Duration::from_secs(4_096));
    }
}
