//! One SMTP transaction that hands a held message over, and what came of it.
//!
//! The end of the message is told only after the vault has noted durably that the hand-over was
//! begun. Whoever dies between that note and the note of the reply leaves the recipients "in
//! doubt": shown to a person, never sent again by themselves (invariant 2).

use core::mem::discriminant;
use std::sync::Arc;

use mail::{Address, Envelope, Param, Recipient};
use nta7516::facts::Route;
use nta7516::proof::{End, Proof, Way, Words};
use session::{ClientSession, SessionError};
use smtp::{Capabilities, Reply};
use tokio::time::{Instant, timeout_at};
use vault::VaultError;
use vault::outbox::{Choice, HeldId, HeldRecipient, State};

use crate::engine::Engine;
use crate::relay::carried;

/// A message on its way to some of its recipients.
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
    /// When the end of the message must have been reached.
    pub(crate) until: Instant,
    /// What is known of a hand-over to this recipient that ends so.
    pub(crate) proof: &'a (dyn Fn(&Address, End) -> Proof + Send + Sync),
}

/// What came of a transaction.
#[derive(Debug, Default)]
pub(crate) struct Handed {
    /// For each recipient of whom there is something to record. Of one who is no longer chosen for
    /// this way, and of those who shared a transaction with one, there is nothing: they are as
    /// they were, and looked at anew.
    pub(crate) ends: Vec<(Address, End)>,
    /// What may follow.
    pub(crate) after: After,
}

/// What may follow a transaction.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum After {
    /// Whom the server put off may be offered to another one.
    #[default]
    Free,
    /// The vault has noted that the hand-over was begun: nothing of it may be tried elsewhere
    /// before its end was recorded.
    Begun,
    /// The same, and the server answered that it did not take the message now: who records that may
    /// offer it to another one.
    PutOff,
    /// A choice was changed, the time was up or the vault could not be used: nothing goes to any
    /// server before the states were read anew. The session may stand in the midst of the text.
    Stopped,
}

/// Why the end of the message was not told.
enum Halt {
    /// The server's doing; another may do better.
    Said(End),
    /// Ours; another server would be given the text for nothing.
    Failed(End),
    /// A person changed the choice.
    Changed,
}

impl Handover<'_> {
    /// Runs the transaction.
    pub(crate) async fn run(&self, session: &mut ClientSession) -> Handed {
        let mut handed = Handed::default();
        let mut going = self.recipients.to_vec();
        let halt = match self.still_chosen(&going).await {
            Ok(still) => {
                going = still;
                let offer = self.offer(session, &going, &mut handed.ends);
                match timeout_at(self.until, offer).await {
                    Ok(Ok(accepted)) => self.end(session, accepted, &mut handed).await,
                    Ok(Err(halt)) => Err(halt),
                    Err(_) => {
                        let words = Words::new(TOO_LONG.0, TOO_LONG.1);
                        Err(Halt::Failed(End::Deferred { words }))
                    }
                }
            }
            Err(halt) => Err(halt),
        };
        let end = match halt {
            Ok(()) => return handed,
            Err(Halt::Said(end)) => end,
            Err(Halt::Failed(end)) => {
                handed.after = After::Stopped;
                end
            }
            Err(Halt::Changed) => {
                handed.after = After::Stopped;
                return handed;
            }
        };
        for to in going {
            if !handed.ends.iter().any(|(told, _)| *told == to.address) {
                handed.ends.push((to.address, end.clone()));
            }
        }
        handed
    }

    /// Everything before the end of the message: the server cannot have taken it yet. Answers who
    /// was accepted.
    async fn offer(
        &self,
        session: &mut ClientSession,
        going: &[Recipient],
        ends: &mut Vec<(Address, End)>,
    ) -> Result<Vec<Recipient>, Halt> {
        let asked = Asked {
            envelope: self.envelope,
            recipients: going,
            message: self.message,
            // RFC 8689 section 2: only inside TLS. Where we hand over ourselves the proof says more.
            require_tls: self.way == Way::Route(Route::Provider) && session.met().is_some(),
        };
        let params = asked.params(session.capabilities());
        let params = params.map_err(|words| Halt::Said(End::Refused { words }))?;
        let (refused, accepted) = self.envelope_commands(session, going, &params).await;
        ends.extend(refused);
        if accepted.is_empty() {
            return Ok(accepted);
        }
        // The server has its list now: who was taken off since cannot be left out of it.
        if self.still_chosen(&accepted).await?.len() != accepted.len() {
            return Err(Halt::Changed);
        }
        match session.data().await {
            Ok(reply) if reply.code() == 354 => {}
            Ok(reply) => return Err(Halt::Said(refusal(self.way, &reply))),
            Err(error) => return Err(Halt::Said(before_the_end(&error))),
        }
        match session.send(self.message).await {
            Ok(()) => Ok(accepted),
            Err(error) => Err(Halt::Said(before_the_end(&error))),
        }
    }

    /// Those of the recipients who are chosen for this way at this moment; nobody left is a halt.
    async fn still_chosen(&self, recipients: &[Recipient]) -> Result<Vec<Recipient>, Halt> {
        match still_chosen(self.engine, self.id, choice(self.way), recipients).await {
            Ok(still) if still.is_empty() => Err(Halt::Changed),
            Ok(still) => Ok(still),
            Err(error) => Err(not_noted(&error)),
        }
    }

    /// Who was refused and why, and who was accepted.
    async fn envelope_commands(
        &self,
        session: &mut ClientSession,
        going: &[Recipient],
        params: &[Param],
    ) -> (Vec<(Address, End)>, Vec<Recipient>) {
        let offers = session.capabilities().clone();
        let carry = |to: &Recipient| Recipient {
            address: to.address.clone(),
            params: carried(&to.params, &offers),
        };
        let recipients: Vec<Recipient> = going.iter().map(carry).collect();
        let reverse_path = self.envelope.reverse_path.as_ref();
        let answers = session.envelope(reverse_path, params, &recipients).await;
        let refused = answers.mail.filter(|reply| !reply.is_positive());
        let mut replies = answers.rcpt.into_iter();
        let (mut ends, mut accepted) = (Vec::new(), Vec::new());
        for recipient in recipients {
            let end = match (&refused, replies.next(), &answers.broken) {
                (Some(reply), ..) => refusal(self.way, reply),
                (None, Some(reply), None) if reply.is_positive() => {
                    accepted.push(recipient);
                    continue;
                }
                (None, Some(reply), _) if !reply.is_positive() => refusal(self.way, &reply),
                (None, _, Some(error)) => before_the_end(error),
                (None, _, None) => before_the_end(&SessionError::Ended),
            };
            ends.push((recipient.address, end));
        }
        (ends, accepted)
    }

    /// The end of the message, and what the server says of it.
    async fn end(
        &self,
        session: &mut ClientSession,
        accepted: Vec<Recipient>,
        handed: &mut Handed,
    ) -> Result<(), Halt> {
        if accepted.is_empty() {
            return Ok(());
        }
        let to: Vec<Address> = accepted.into_iter().map(|to| to.address).collect();
        let (id, way, now) = (self.id, choice(self.way), self.engine.now());
        // What is told should nobody live to see the reply.
        let doubt = |to| (self.proof)(to, End::InDoubt { words: Words::new("", "") });
        let seen: Vec<Proof> = to.iter().map(doubt).collect();
        // Not under the bound of time: a note that is being made cannot be called back.
        let noted = self.engine.with_vault(move |vault| vault.begin_handover(id, &seen, &way, now));
        match noted.await {
            Ok(()) => handed.after = After::Begun,
            // The end was not told, so the server throws the message away when the session drops.
            Err(VaultError::NotNow { .. }) => return Err(Halt::Changed),
            Err(error) => return Err(not_noted(&error)),
        }
        let end = match session.finish().await {
            Ok(reply) if reply.is_positive() => {
                End::Taken { reply: Words::said(&reply.to_string()).nl }
            }
            Ok(reply) => refusal(self.way, &reply),
            Err(SessionError::Closing(reply)) => {
                End::Deferred { words: Words::said(&reply.to_string()) }
            }
            Err(error) => End::InDoubt { words: error.words() },
        };
        if matches!(end, End::Deferred { .. }) {
            handed.after = After::PutOff;
        }
        handed.ends.extend(to.into_iter().map(|to| (to, end.clone())));
        Ok(())
    }
}

/// Those of the recipients who are chosen at this moment, and for this (reasons aside). A person
/// may take a choice back at any time before the end of the message is told.
pub(crate) async fn still_chosen(
    engine: &Arc<Engine>,
    id: HeldId,
    choice: Choice,
    recipients: &[Recipient],
) -> Result<Vec<Recipient>, VaultError> {
    let held = engine.with_vault(move |vault| vault.get(id)).await?;
    let still = recipients.iter().filter(|to| is_chosen(&held.recipients, &to.address, &choice));
    Ok(still.cloned().collect())
}

/// An address may stand in the envelope more than once: all of them must be chosen, as the vault
/// asks it before the end.
fn is_chosen(held: &[HeldRecipient], to: &Address, choice: &Choice) -> bool {
    let same = |chosen: &Choice| discriminant(chosen) == discriminant(choice);
    let ready =
        |one: &HeldRecipient| one.state == State::Chosen && one.choice.as_ref().is_some_and(same);
    let mut rows = held.iter().filter(|one| one.address == *to).peekable();
    rows.peek().is_some() && rows.all(ready)
}

/// The choice that a way belongs to; a reason is not compared.
pub(crate) fn choice(way: Way) -> Choice {
    match way {
        Way::Route(_) => Choice::Secure,
        Way::Ordinary => Choice::Ordinary { reason: String::new() },
    }
}

fn not_noted(error: &VaultError) -> Halt {
    Halt::Failed(End::Deferred { words: Words::new(error.nl(), error.to_string()) })
}

/// What a transaction asks of a server.
struct Asked<'a> {
    envelope: &'a Envelope,
    recipients: &'a [Recipient],
    message: &'a [u8],
    /// REQUIRETLS (RFC 8689), where the server offers it.
    require_tls: bool,
}

impl Asked<'_> {
    /// The parameters of MAIL, or why this server cannot take the message at all.
    fn params(&self, offers: &Capabilities) -> Result<Vec<Param>, Words> {
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
            (self.require_tls && offers.has("REQUIRETLS")).then(|| "REQUIRETLS".to_owned()),
        ];
        params.extend(own.into_iter().flatten().filter_map(|text| Param::parse(&text).ok()));
        Ok(params)
    }
}

/// A reply that is no success: 5xx is for good, anything else for now (RFC 5321 section 4.2.1).
fn refusal(way: Way, reply: &Reply) -> End {
    let said = reply.to_string();
    let code = reply.enhanced().unwrap_or_default();
    // RFC 8689 section 5: X.7.30, "REQUIRETLS support required"; RFC 5248: X.7.10, "encryption
    // needed".
    let require_tls = [".7.30", ".7.10"].iter().any(|detail| code.ends_with(detail));
    let words = match way {
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

/// Before the end of the message was told nobody can have taken it.
fn before_the_end(error: &SessionError) -> End {
    End::Deferred { words: error.words() }
}

/// Said where a server took so long over one message that it is put off.
pub(crate) const TOO_LONG: (&str, &str) = (
    "de ontvangende server deed er te lang over; het wordt later opnieuw geprobeerd",
    "the receiving server took too long; it is tried again later",
);
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn offers(lines: &str) -> Capabilities {
        Capabilities::parse(&Reply::new(250, "", &format!("mx.example\n{lines}")))
    }

    fn params(lines: &str, given: &[&str], to: &str, message: &str) -> Result<Vec<String>, Words> {
        let param = |text: &&str| Param::parse(text).unwrap();
        let envelope = Envelope {
            reverse_path: Some(Address::parse("a@b.example").unwrap()),
            params: given.iter().map(param).collect(),
            recipients: Vec::new(),
        };
        let recipients = [Recipient { address: Address::parse(to).unwrap(), params: Vec::new() }];
        let message = message.as_bytes();
        let asked =
            Asked { envelope: &envelope, recipients: &recipients, message, require_tls: true };
        let params = asked.params(&offers(lines))?;
        Ok(params.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn only_what_the_server_offers_is_asked_and_what_is_needed_is_said_once() {
        let of = |lines, given: &[&str]| params(lines, given, "c@d.example", "Subject: x\r\n\r\n");
        assert_eq!(of("HELP", &["SIZE=9", "BODY=8BITMIME"]).unwrap(), [""; 0]);
        assert_eq!(of("SIZE", &["SIZE=9"]).unwrap(), ["SIZE=14"]);
        assert_eq!(of("SIZE 0\n8BITMIME", &["BODY=8BITMIME"]).unwrap(), ["SIZE=14"]);
        assert_eq!(of("REQUIRETLS", &[]).unwrap(), ["REQUIRETLS"]);
        assert_eq!(of("SIZE 14", &[]).unwrap(), ["SIZE=14"]);
        assert!(of("SIZE 13", &[]).unwrap_err().en.contains("at most 13 bytes"));
        let eight = params("8BITMIME", &[], "c@d.example", "Subject: x\r\n\r\n\u{e9}\r\n");
        assert_eq!(eight.unwrap(), ["BODY=8BITMIME"]);
        let utf8 = params("SMTPUTF8", &["SMTPUTF8"], "\u{e9}@d.example", "x\r\n");
        assert_eq!(utf8.unwrap(), ["SMTPUTF8"]);
    }

    #[test]
    fn who_was_taken_back_or_chosen_for_another_way_is_not_chosen_for_this_one() {
        let ordinary = || Some(Choice::Ordinary { reason: "asked".to_owned() });
        let one = |address: &str, state, choice| HeldRecipient {
            address: Address::parse(address).unwrap(),
            params: Vec::new(),
            state,
            in_doubt: false,
            choice,
            chosen_at: None,
            attempts: 0,
            tried_at: None,
            next_attempt_at: None,
            words: None,
            step: None,
            reason: None,
            route: None,
            proof_json: None,
        };
        let held = [
            one("a@d.example", State::Chosen, ordinary()),
            one("b@d.example", State::Chosen, Some(Choice::Secure)),
            one("c@d.example", State::Waiting, ordinary()),
            one("d@d.example", State::Withdrawn, Some(Choice::Withdraw)),
            one("e@d.example", State::Chosen, ordinary()),
            one("e@d.example", State::Sent, ordinary()),
        ];
        let chosen = |way| {
            let all = ["a", "b", "c", "d", "e", "f"].into_iter();
            all.filter(|name| {
                let to = Address::parse(&format!("{name}@d.example")).unwrap();
                is_chosen(&held, &to, &choice(way))
            })
            .collect::<String>()
        };
        assert_eq!(chosen(Way::Ordinary), "a");
        assert_eq!(chosen(Way::Route(Route::Direct)), "b");
    }

    #[test]
    fn what_the_server_cannot_take_is_refused_with_what_to_do() {
        let eight = params("SIZE", &[], "c@d.example", "\u{e9}\r\n").unwrap_err();
        assert!(eight.nl.contains("8BITMIME") && eight.nl.contains("andere weg"), "{eight:?}");
        for (given, to) in [(&[][..], "\u{e9}@d.example"), (&["SMTPUTF8"][..], "c@d.example")] {
            let words = params("8BITMIME", given, to, "x\r\n").unwrap_err();
            assert!(words.nl.contains("SMTPUTF8") && words.en.contains("another way"), "{words:?}");
        }
    }

    #[test]
    fn a_refusal_because_of_require_tls_is_understood_from_the_provider_alone() {
        let provider = Way::Route(Route::Provider);
        for (way, code, enhanced, known) in [
            (provider, 550, "5.7.30", true),
            (provider, 530, "5.7.10", true),
            (provider, 450, "4.7.30", true),
            (provider, 550, "5.7.1", false),
            (Way::Route(Route::Direct), 550, "5.7.30", false),
        ] {
            let end = refusal(way, &Reply::new(code, enhanced, "no"));
            let (End::Refused { words } | End::Deferred { words }) = &end else {
                panic!("{end:?}");
            };
            assert_eq!(words.nl.contains("REQUIRETLS"), known, "{words:?}");
            assert!(words.nl.contains(enhanced), "{words:?}");
            assert_eq!(matches!(end, End::Refused { .. }), code / 100 == 5);
        }
    }
}
