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
        let asked = Asked {
            envelope: self.envelope,
            recipients: self.recipients,
            message: self.message,
            // RFC 8689 section 2: only inside TLS. Where we hand over ourselves the proof says more.
            require_tls: self.way == Way::Route(Route::Provider) && session.met().is_some(),
        };
        let params = match asked.params(session.capabilities()) {
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
                (Some(reply), ..) => refusal(self.way, reply),
                (None, Some(reply), None) if reply.is_positive() => {
                    accepted.push(recipient.address);
                    continue;
                }
                (None, Some(reply), _) if !reply.is_positive() => refusal(self.way, &reply),
                (None, _, Some(error)) => before_the_end(error),
                (None, _, None) => before_the_end(&SessionError::Ended),
            };
            handed.ends.push((recipient.address, end));
        }
        (handed, accepted)
    }

    async fn message(
        &self,
        session: &mut ClientSession,
        accepted: &[Address],
        begun: &mut bool,
    ) -> End {
        match session.data().await {
            Ok(reply) if reply.code() == 354 => {}
            Ok(reply) => return refusal(self.way, &reply),
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
            Ok(reply) => refusal(self.way, &reply),
            Err(SessionError::Closing(reply)) => {
                End::Deferred { words: Words::said(&reply.to_string()) }
            }
            Err(error) => End::InDoubt { words: error.words() },
        }
    }
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
