//! One SMTP transaction that hands a held message over, and what came of it.
//!
//! The end of the message is told only after the vault has noted durably that the hand-over was
//! begun. Whoever dies between that note and the note of the reply leaves the recipients "in
//! doubt": shown to a person, never sent again by themselves (invariant 2).

use std::sync::Arc;

use mail::{Address, Envelope, Param, Recipient};
use nta7516::facts::Route;
use nta7516::proof::{End, Way, Words};
use smtp::{Capabilities, Reply};
use vault::outbox::{Choice, HeldId};

use crate::engine::Engine;
use crate::relay::carried;
use crate::session::{ClientSession, SessionError};

/// A message on its way to some of its recipients.
#[derive(Debug)]
pub(crate) struct Handover<'a> {
    /// The engine whose vault keeps the state.
    pub(crate) engine: &'a Arc<Engine>,
    /// The held message.
    pub(crate) id: HeldId,
    /// The envelope that the MUA gave; its parameters are kept.
    pub(crate) envelope: &'a Envelope,
    /// The way that it goes.
    pub(crate) way: Way,
    /// The recipients of this transaction.
    pub(crate) recipients: &'a [Recipient],
    /// The exact bytes to send.
    pub(crate) message: &'a [u8],
}

/// What came of a transaction.
#[derive(Debug, Default)]
pub(crate) struct Handed {
    /// For each recipient.
    pub(crate) ends: Vec<(Address, End)>,
    /// Whether the vault has noted that the hand-over was begun: then nothing of it may be tried
    /// elsewhere before its end was recorded.
    pub(crate) begun: bool,
}

impl Handover<'_> {
    /// Runs the transaction.
    pub(crate) async fn run(&self, session: &mut ClientSession) -> Handed {
        let params = match self.mail_params(session.capabilities(), session.met().is_some()) {
            Ok(params) => params,
            Err(words) => {
                let all = self.recipients.iter();
                let ends =
                    all.map(|to| (to.address.clone(), End::Refused { words: words.clone() }));
                return Handed { ends: ends.collect(), begun: false };
            }
        };
        let (mut handed, accepted) = self.envelope_commands(session, &params).await;
        if !accepted.is_empty() {
            let end = self.message(session, &accepted, &mut handed.begun).await;
            handed.ends.extend(accepted.into_iter().map(|to| (to, end.clone())));
        }
        handed
    }

    /// Who was refused and why, and who was accepted.
    async fn envelope_commands(
        &self,
        session: &mut ClientSession,
        params: &[Param],
    ) -> (Handed, Vec<Address>) {
        let offers = session.capabilities().clone();
        let carry = |to: &Recipient| Recipient {
            address: to.address.clone(),
            params: carried(&to.params, &offers),
        };
        let recipients: Vec<Recipient> = self.recipients.iter().map(carry).collect();
        let reverse_path = self.envelope.reverse_path.as_ref();
        let answers = session.envelope(reverse_path, params, &recipients).await;
        let refused = answers.mail.filter(|reply| !reply.is_positive());
        let mut replies = answers.rcpt.into_iter();
        let (mut handed, mut accepted) = (Handed::default(), Vec::new());
        for recipient in recipients {
            let end = match (&refused, replies.next(), &answers.broken) {
                (Some(reply), ..) => self.of_refusal(reply),
                (None, Some(reply), None) if reply.is_positive() => {
                    accepted.push(recipient.address);
                    continue;
                }
                (None, Some(reply), _) if !reply.is_positive() => self.of_refusal(&reply),
                (None, _, Some(error)) => before_the_end(error),
                (None, _, None) => before_the_end(&SessionError::Ended),
            };
            handed.ends.push((recipient.address, end));
        }
        (handed, accepted)
    }

    /// The parameters of MAIL, or why this server cannot take the message at all.
    fn mail_params(&self, offers: &Capabilities, in_tls: bool) -> Result<Vec<Param>, Words> {
        let international = self.recipients.iter().any(|to| to.address.is_international())
            || self.envelope.reverse_path.as_ref().is_some_and(Address::is_international)
            || self.envelope.params.iter().any(|param| param.is("SMTPUTF8"));
        if international && !offers.has("SMTPUTF8") {
            return Err(Words::new(NO_UTF8.0, NO_UTF8.1));
        }
        let eight_bit = !self.message.is_ascii();
        if eight_bit && !offers.has("8BITMIME") {
            return Err(Words::new(NO_8BIT.0, NO_8BIT.1));
        }
        let size = self.message.len();
        let limit = offers.value("SIZE").and_then(|size| size.parse::<usize>().ok());
        if let Some(limit) = limit.filter(|&limit| limit > 0 && limit < size) {
            return Err(Words::new(
                format!(
                    "de ontvangende server neemt berichten van hoogstens {limit} bytes aan, en dit \
                     heeft er {size}; stuur het zonder bijlagen of langs een andere weg"
                ),
                format!(
                    "the receiving server takes messages of at most {limit} bytes, and this one has \
                     {size}; send it without attachments or another way"
                ),
            ));
        }
        let own = |param: &&Param| OWN.iter().any(|keyword| param.is(keyword));
        let kept = self.envelope.params.iter().filter(|param| !own(param)).cloned();
        let mut params = carried(&kept.collect::<Vec<_>>(), offers);
        let own = [
            offers.has("SIZE").then(|| format!("SIZE={size}")),
            eight_bit.then(|| "BODY=8BITMIME".to_owned()),
            international.then(|| "SMTPUTF8".to_owned()),
            self.asks_require_tls(offers, in_tls).then(|| "REQUIRETLS".to_owned()),
        ];
        params.extend(own.into_iter().flatten().filter_map(|text| Param::parse(&text).ok()));
        Ok(params)
    }

    /// RFC 8689 section 2: only inside TLS, to a server that offers it. Where we hand over
    /// ourselves the proof says more.
    fn asks_require_tls(&self, offers: &Capabilities, in_tls: bool) -> bool {
        self.way == Way::Route(Route::Provider) && in_tls && offers.has("REQUIRETLS")
    }

    async fn message(
        &self,
        session: &mut ClientSession,
        accepted: &[Address],
        begun: &mut bool,
    ) -> End {
        match session.data().await {
            Ok(reply) if reply.code() == 354 => {}
            Ok(reply) => return self.of_refusal(&reply),
            Err(error) => return before_the_end(&error),
        }
        if let Err(error) = session.send(self.message).await {
            return before_the_end(&error);
        }
        // A reason is not compared.
        let way = match self.way {
            Way::Route(_) => Choice::Secure,
            Way::Ordinary => Choice::Ordinary { reason: String::new() },
        };
        let (id, to, now) = (self.id, accepted.to_vec(), self.engine.now());
        let noted =
            self.engine.with_vault(move |vault| vault.begin_handover(id, &to, &way, now)).await;
        if let Err(error) = noted {
            // The end was not told, so the server throws the message away when the session drops.
            let words = Words::new(error.nl(), error.to_string());
            return End::Deferred { words };
        }
        *begun = true;
        match session.finish().await {
            Ok(reply) if reply.is_positive() => {
                End::Taken { reply: Words::said(&reply.to_string()).nl }
            }
            Ok(reply) => self.of_refusal(&reply),
            Err(SessionError::Closing(reply)) => {
                End::Deferred { words: Words::said(&reply.to_string()) }
            }
            Err(error) => End::InDoubt { words: error.words() },
        }
    }

    /// A 5xx is for good, anything else that is no success is for now (RFC 5321 section 4.2.1).
    fn of_refusal(&self, reply: &Reply) -> End {
        let said = reply.to_string();
        let code = reply.enhanced().unwrap_or_default();
        // RFC 8689 section 5: X.7.30, "REQUIRETLS support required"; RFC 5248: X.7.10, "encryption
        // needed".
        let require_tls = [".7.30", ".7.10"].iter().any(|detail| code.ends_with(detail));
        let words = match self.way {
            Way::Route(Route::Provider) if require_tls => Words::new(
                Words::said(&format!("{}: {said}", NO_REQUIRE_TLS.0)).nl,
                Words::said(&format!("{}: {said}", NO_REQUIRE_TLS.1)).en,
            ),
            _ => Words::said(&said),
        };
        match reply.is_permanent() {
            true => End::Refused { words },
            false => End::Deferred { words },
        }
    }
}

/// Before the end of the message was told nobody can have taken it.
fn before_the_end(error: &SessionError) -> End {
    End::Deferred { words: error.words() }
}

/// Parameters that are ours to say.
const OWN: [&str; 4] = ["SIZE", "BODY", "SMTPUTF8", "REQUIRETLS"];
const NO_UTF8: (&str, &str) = (
    "de ontvangende server kan niet overweg met adressen of kopregels in een ander schrift \
     (SMTPUTF8); gebruik een adres in gewone letters of kies een andere weg",
    "the receiving server takes no addresses or headers in other scripts (SMTPUTF8); use an address \
     in plain letters or choose another way",
);
const NO_8BIT: (&str, &str) = (
    "de ontvangende server neemt alleen berichten in 7 bits aan (8BITMIME); laat uw mailprogramma \
     het als quoted-printable versturen of kies een andere weg",
    "the receiving server takes 7-bit messages only (8BITMIME); have your mail program send it as \
     quoted-printable or choose another way",
);
const NO_REQUIRE_TLS: (&str, &str) = (
    "uw mailleverancier kan voor deze ontvanger niet waarborgen dat het bericht overal versleuteld \
     reist (REQUIRETLS), en heeft het daarom niet aangenomen; kies een andere weg of vraag uw \
     leverancier ernaar",
    "your mail provider cannot guarantee for this recipient that the message travels encrypted all \
     the way (REQUIRETLS), and so did not take it; choose another way or ask your provider",
);
