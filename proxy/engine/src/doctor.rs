//! Looks at a domain for the doctor: its questions to DNS and to mail hosts. What is asked after
//! what, and what it means, is the room `doctor`'s.

use core::time::Duration;
use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use ::doctor::facts::{
    Call, Certificate, Failure, FailureKind, Lasts, Met, Sight, Staple, StartTls, Taken, TxtAnswer,
};
use ::doctor::{MailHosts, World};
use jiff::Timestamp;
use mail::{Address, Domain, Recipient};
use net::tls::{Ocsp, TlsError};
use nta7516::facts::Security;
use nta7516::plan::{Policy, Requirement};
use nta7516::record::{Provider, Record};
use nta7516::tls::{Grade, Profile};
use session::{ClientSession, Connect, Noticed, SessionError, Target, TlsMode};
use tokio::time::{Instant, timeout, timeout_at};

use crate::direct;
use crate::engine::Engine;
use crate::gather;

pub use ::doctor::{
    Link, Mailbox, Options, Proof, Publish, Report, Selector, State, Step, Text, Topic, Verdict,
};

impl Engine {
    /// Looks at all that a domain publishes, and at its mail hosts, and says of each how it stands
    /// and what to do. Asks the network, so it takes its time; may be dropped at any moment.
    pub async fn doctor(self: &Arc<Self>, domain: &Domain, options: &Options) -> Report {
        Round::new(self).examine(domain, options).await
    }
}

/// A round past several domains. However many are examined at once, an address is visited by one
/// at a time, and who asks again for what it has just shown is told that.
pub struct Round {
    engine: Arc<Engine>,
    lines: Mutex<HashMap<IpAddr, Arc<Line>>>,
}

/// Who holds it may visit the address.
type Line = tokio::sync::Mutex<Shown>;

/// One domain of a round. Its mail hosts, however many it names, are waited for so long and no
/// longer.
struct Looking<'a> {
    round: &'a Round,
    /// Until when; from the first of them on.
    until: OnceLock<Instant>,
}

/// What an address showed in this round.
#[derive(Default)]
struct Shown {
    sights: Vec<(Call, Sight)>,
    /// What the address shows whoever is looked for there: to wait for that again under every name
    /// that leads to it would take a round with many domains hours.
    to_all: Option<Sight>,
}

/// For whom a sight is an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Counts {
    /// For who puts the same question.
    Same,
    /// For everyone.
    All,
}

impl Counts {
    /// A host that cannot be reached, is silent, or turns away who comes before it has said what it
    /// offers does not know yet whom it is looked for as.
    fn of(noticed: &Noticed, error: Option<&SessionError>) -> Self {
        match error {
            Some(SessionError::Silent { .. }) => Self::All,
            Some(_) if noticed.capabilities.is_none() => Self::All,
            _ => Self::Same,
        }
    }
}

impl Shown {
    fn answer(&self, question: &Call) -> Option<&Sight> {
        let known = || self.sights.iter().find(|(known, _)| known == question);
        self.to_all.as_ref().or_else(|| known().map(|(_, sight)| sight))
    }

    fn keep(&mut self, question: Call, sight: Sight, counts: Counts) {
        match counts {
            Counts::Same => self.sights.push((question, sight)),
            Counts::All => self.to_all = Some(sight),
        }
    }
}

impl core::fmt::Debug for Round {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Round").finish_non_exhaustive()
    }
}

impl Round {
    /// Starts a round.
    #[must_use]
    pub fn new(engine: &Arc<Engine>) -> Self {
        Self { engine: Arc::clone(engine), lines: Mutex::default() }
    }

    /// As [`Engine::doctor`].
    pub async fn examine(&self, domain: &Domain, options: &Options) -> Report {
        let looking = Looking { round: self, until: OnceLock::new() };
        ::doctor::examine(&looking, domain, options).await
    }

    fn line(&self, address: IpAddr) -> Arc<Line> {
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(lines.entry(address).or_default())
    }

    async fn connect(&self, call: &Call) -> (Sight, Counts) {
        let mut noticed = Noticed::default();
        let seen = timeout(VISIT, self.dialogue(call, &mut noticed)).await.unwrap_or_else(|_| {
            Err(SessionError::Silent { waiting_for: "the dialogue", seconds: VISIT.as_secs() })
        });
        let counts = Counts::of(&noticed, seen.as_ref().err());
        let (outcome, mailbox) = match seen {
            Ok((met, mailbox)) => (Ok(met), mailbox),
            Err(error) => (Err(failure(&error)), None),
        };
        let starttls = match noticed.capabilities {
            None => StartTls::Unseen,
            Some(offers) if offers.has("STARTTLS") => StartTls::Offered,
            Some(_) => StartTls::Missing,
        };
        let certificate = noticed.shown.and_then(certificate);
        (Sight { starttls, certificate, outcome, mailbox }, counts)
    }

    async fn dialogue(
        &self,
        call: &Call,
        noticed: &mut Noticed,
    ) -> Result<(Met, Option<Taken>), SessionError> {
        let settings = self.engine.settings();
        let helo = settings.accounts.first().map_or("localhost", direct::helo);
        let roots = self.engine.roots();
        let mut session = ClientSession::connect_and_tell(
            Connect {
                target: Target::Ip(SocketAddr::new(call.address, settings.delivery.port)),
                tls: TlsMode::StartTls(direct::expect(&call.require)),
                helo,
                roots: &roots,
                patience: direct::patience(&self.engine),
            },
            noticed,
        )
        .await?;
        let met = session.met().map(met);
        let mailbox = match &call.mailbox {
            Some(address) => Some(taken(&mut session, address).await),
            None => None,
        };
        session.quit().await;
        Ok((met.ok_or(SessionError::NoStartTls)?, mailbox))
    }
}

impl Looking<'_> {
    fn engine(&self) -> &Arc<Engine> {
        &self.round.engine
    }
}

impl World for Looking<'_> {
    fn now(&self) -> Timestamp {
        self.engine().now()
    }

    fn port(&self) -> u16 {
        self.engine().settings().delivery.port
    }

    fn policy(&self) -> Policy {
        self.engine().settings().nta.clone()
    }

    /// The settings name the supplier's domain, or an account that sends by this supplier tells
    /// where its servers are.
    fn supplier(&self, mark: &Provider) -> Vec<Domain> {
        let settings = self.engine().settings();
        if let Some(domain) = settings.nta.domain_of(mark) {
            return vec![domain.clone()];
        }
        let mut accounts = settings.accounts.iter();
        let own = accounts.find(|account| account.provider.as_deref() == Some(mark.as_str()));
        let host = own.map(|account| account.smtp.host.as_str()).unwrap_or_default();
        match (host.parse::<IpAddr>(), Domain::parse(host)) {
            (Err(_), Ok(host)) => gather::upwards(&host),
            _ => Vec::new(),
        }
    }

    async fn txt(&self, name: &Domain) -> TxtAnswer {
        self.engine().resolver().txt(name).await
    }

    async fn mail_hosts(&self, domain: &Domain, record: Option<(&Record, Security)>) -> MailHosts {
        gather::mail_hosts(self.engine(), domain, record).await
    }

    async fn visit(&self, call: &Call) -> Sight {
        let until = *self.until.get_or_init(|| Instant::now() + HOSTS);
        let line = self.round.line(call.address);
        let visit = async {
            let mut line = line.lock().await;
            let question = same_for_all(call);
            if let Some(sight) = line.answer(&question) {
                return sight.clone();
            }
            let (sight, counts) = self.round.connect(call).await;
            line.keep(question, sight.clone(), counts);
            sight
        };
        timeout_at(until, visit).await.unwrap_or_else(|_| out_of_time())
    }
}

/// A host for which no time was left.
fn out_of_time() -> Sight {
    let text = Text::new(
        "er was geen tijd meer om hier te kijken: de mailservers van dit domein antwoorden traag of \
         niet; probeer het later opnieuw",
        "there was no time left to look here: the mail hosts of this domain answer slowly or not at \
         all; try again later",
    );
    let outcome = Err(Failure { kind: FailureKind::Unreachable, lasts: Lasts::ForNow, text });
    Sight { starttls: StartTls::Unseen, certificate: None, outcome, mailbox: None }
}

/// The call without what makes no difference to its answer: with records of usage 3 names do not
/// count (RFC 7672 section 3.1.1), but for the one that is asked for.
fn same_for_all(call: &Call) -> Call {
    let mut call = call.clone();
    if let Requirement::Dane { tlsa, names } = &mut call.require
        && tlsa.iter().all(|record| record.usage == 3)
    {
        names.truncate(1);
    }
    call
}

/// R-DNS-6: MAIL and RCPT, and nothing more. The null reverse-path asks for no answer.
async fn taken(session: &mut ClientSession, address: &Address) -> Taken {
    let words = |text: String| crate::words::one_line(&text);
    match session.mail(None, &[]).await {
        Ok(reply) if reply.is_positive() => {}
        Ok(reply) => return Taken::NotNow(words(reply.to_string())),
        Err(error) => return Taken::NotNow(words(error.to_string())),
    }
    let recipient = Recipient { address: address.clone(), params: Vec::new() };
    match session.rcpt(&recipient).await {
        Ok(reply) if reply.is_positive() => Taken::Yes,
        Ok(reply) if reply.is_permanent() => Taken::No(words(reply.to_string())),
        Ok(reply) => Taken::NotNow(words(reply.to_string())),
        Err(error) => Taken::NotNow(words(error.to_string())),
    }
}

fn met(met: &net::tls::Met) -> Met {
    let grade = |profile: Profile| {
        let mut grades = met.profiles.iter();
        grades.find(|(name, _)| *name == profile.name()).map_or(Grade::Insufficient, |(_, g)| *g)
    };
    let protocol = match met.protocol.as_str() {
        "TLSv1_3" => "TLS 1.3",
        "TLSv1_2" => "TLS 1.2",
        other => other,
    };
    let group = met.group.iter().map(|group| format!(", {group}"));
    Met {
        proof: match met.proof {
            net::tls::Proof::Dane { .. } => Proof::Dane,
            net::tls::Proof::Ou { .. } => Proof::Ou,
            _ => Proof::Pkix,
        },
        connection: format!("{protocol}, {}{}", met.suite, group.collect::<String>()),
        guide: grade(Profile::GuideFootnote19),
        newest: grade(Profile::Ncsc2025),
        rsa_bits: met.rsa_bits,
        staple: match met.ocsp {
            Ocsp::Absent => Staple::Absent,
            Ocsp::Good => Staple::Good,
            _ => Staple::ProvesNothing,
        },
    }
}

fn certificate(shown: net::tls::Shown) -> Option<Certificate> {
    Some(Certificate {
        key_sha256: shown.key_sha256,
        from: Timestamp::from_second(shown.from).ok()?,
        until: Timestamp::from_second(shown.until).ok()?,
        names: shown.names,
        issuer: shown.issuer,
    })
}

fn failure(error: &SessionError) -> Failure {
    use SessionError as E;
    let kind = match error {
        E::NoStartTls => FailureKind::NoStartTls,
        E::Refused(_) | E::LoginRefused(_) | E::NoMechanism => FailureKind::TurnedAway,
        E::Tls(error) => match error {
            TlsError::NoTlsaMatch => FailureKind::NoTlsaMatch,
            TlsError::WrongName => FailureKind::WrongName,
            TlsError::Expired => FailureKind::Expired,
            TlsError::UnknownIssuer => FailureKind::UnknownIssuer,
            TlsError::WeakKey(_) => FailureKind::WeakKey,
            TlsError::Revoked => FailureKind::Revoked,
            TlsError::NoMark => FailureKind::NoMark,
            _ => FailureKind::Tls,
        },
        _ => FailureKind::Unreachable,
    };
    let lasts = if error.is_temporary() { Lasts::ForNow } else { Lasts::UntilMended };
    // A stranger's reply may be in it: nothing of it may move the cursor of a terminal.
    let plain = |text: String| text.replace(char::is_control, "?");
    let text = Text::new(plain(error.nl()), plain(error.to_string()));
    Failure { kind, lasts, text }
}

/// The longest that one visit may take: sessions that carry mail have more patience.
const VISIT: Duration = Duration::from_secs(60);
/// The longest that all hosts of a domain are waited for, their turns among other domains included.
const HOSTS: Duration = Duration::from_secs(90);

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    fn call(host: &str) -> Call {
        let host = Domain::parse(host).unwrap();
        let require = Requirement::Pkix { names: vec![host.clone()] };
        Call { host, address: Ipv4Addr::LOCALHOST.into(), require, mailbox: None }
    }

    fn sight(kind: FailureKind) -> Sight {
        let text = Text::new("het ging niet", "it did not go");
        let outcome = Err(Failure { kind, lasts: Lasts::ForNow, text });
        Sight { starttls: StartTls::Unseen, certificate: None, outcome, mailbox: None }
    }

    #[test]
    fn an_address_without_a_way_to_it_is_not_tried_again_under_another_name() {
        let mut shown = Shown::default();
        shown.keep(call("a.nl"), sight(FailureKind::Unreachable), Counts::All);
        let other = shown.answer(&call("b.nl"));
        assert_eq!(other, Some(&sight(FailureKind::Unreachable)));
    }

    #[test]
    fn what_a_host_showed_is_no_answer_about_another() {
        let mut shown = Shown::default();
        shown.keep(call("a.nl"), sight(FailureKind::WrongName), Counts::Same);
        assert_eq!(shown.answer(&call("a.nl")), Some(&sight(FailureKind::WrongName)));
        assert_eq!(shown.answer(&call("b.nl")), None);
    }

    #[test]
    fn who_is_silent_or_turns_all_away_is_not_asked_again_under_another_name() {
        let before = Noticed::default;
        let after = || Noticed {
            capabilities: Some(smtp::Capabilities::parse(&smtp::Reply::new(250, "", "mx"))),
            shown: None,
        };
        let silent = || SessionError::Silent { waiting_for: "x", seconds: 1 };
        let turned_away = || SessionError::Refused(smtp::Reply::new(554, "5.3.2", "no"));
        for (noticed, error, counts) in [
            (before(), Some(silent()), Counts::All),
            (after(), Some(silent()), Counts::All),
            (before(), Some(turned_away()), Counts::All),
            (before(), Some(SessionError::Ended), Counts::All),
            (after(), Some(SessionError::Ended), Counts::Same),
            (after(), Some(SessionError::Tls(TlsError::WrongName)), Counts::Same),
            (after(), None, Counts::Same),
        ] {
            assert_eq!(Counts::of(&noticed, error.as_ref()), counts, "{error:?}");
        }
    }
}
