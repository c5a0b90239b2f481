//! Whatever a resolver makes of an answer on the way: it is read to its end, and nothing untrue in it
//! is believed.

use core::pin::Pin;
use core::str::FromStr;
use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use domain::base::{Message, Name};
use domain::net::client::request::{ComposeRequest, Error, GetResponse, SendRequest};
use proptest::prelude::*;

use super::*;
use crate::dns::client::Open;
use crate::dns::line::{Line, Reply, Request};

/// Names and types with an answer of each kind.
const ASKED: [(&str, Rtype); 10] = [
    ("test", Rtype::TXT),
    ("test", Rtype::MX),
    ("a.wild.test", Rtype::TXT),
    ("mx.test", Rtype::A),
    ("_25._tcp.mx.test", Rtype::TLSA),
    ("_25._tcp.mx.n3.test", Rtype::TLSA),
    ("nobody.n3.test", Rtype::TXT),
    ("a.wild.n3.test", Rtype::TXT),
    ("into.test", Rtype::TXT),
    ("a.moved.test", Rtype::TXT),
];

type Answers = HashMap<(String, Rtype), Vec<u8>>;

/// What the name server says to these questions and to those of the validator.
fn truth() -> &'static Answers {
    static TRUTH: OnceLock<Answers> = OnceLock::new();
    TRUTH.get_or_init(|| {
        let mut all: Vec<(String, Rtype)> =
            ASKED.iter().map(|(name, kind)| ((*name).to_owned(), *kind)).collect();
        for (name, _) in ASKED {
            let labels: Vec<&str> = name.split('.').collect();
            for from in 0..labels.len() {
                let above = labels[from..].join(".");
                all.push((above.clone(), Rtype::DS));
                all.push((above, Rtype::DNSKEY));
            }
        }
        all.push((".".to_owned(), Rtype::DNSKEY));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let answer = |(name, kind): (String, Rtype)| {
            let reply = runtime.block_on(fake::ask(&fake::question(&name, kind)));
            ((name, kind), reply)
        };
        all.into_iter().map(answer).collect()
    })
}

/// Answers from what was recorded; the answer to one question is another.
struct Recorded {
    question: (String, Rtype),
    reply: Vec<u8>,
}

impl SendRequest<Request> for Recorded {
    fn send_request(&self, request: Request) -> Box<dyn GetResponse + Send + Sync> {
        let message = request.to_message().unwrap();
        let asked = message.sole_question().unwrap();
        let name = match asked.qname().to_string().to_ascii_lowercase() {
            root if root.is_empty() => ".".to_owned(),
            name => name,
        };
        let question = (name, asked.qtype());
        let reply = match question == self.question {
            true => Some(self.reply.clone()),
            false => truth().get(&question).cloned(),
        };
        // As a transport does, which knows its question.
        let message = reply.map_or(Err(Error::NoTransportAvailable), |mut reply| {
            let id = message.header().id().to_be_bytes();
            reply.iter_mut().zip(id).for_each(|(at, byte)| *at = byte);
            let reply =
                Message::from_octets(bytes::Bytes::from(reply)).map_err(|_| Error::ShortMessage)?;
            match request.is_answer(reply.for_slice()) {
                true => Ok(reply),
                false => Err(Error::WrongReplyForQuery),
            }
        });
        Box::new(Told(Some(message)))
    }
}

#[derive(Debug)]
struct Told(Option<Result<Reply, Error>>);

impl GetResponse for Told {
    fn get_response(
        &mut self,
    ) -> Pin<Box<dyn Future<Output = Result<Reply, Error>> + Send + Sync + '_>> {
        let reply = self.0.take().unwrap_or(Err(Error::ConnectionClosed));
        Box::pin(core::future::ready(reply))
    }
}

/// What comes of a question where one answer, to this question or one of the validator's, is another.
fn judged(
    (name, kind): (&str, Rtype),
    recorded: Recorded,
) -> Result<(Security, Vec<String>), Trouble> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let line = Line::over(Arc::new(recorded));
        let open = Open::new(line, World::get().anchor.clone().into()).unwrap();
        let answer = open.validated(&Name::from_str(name).unwrap(), kind).await?;
        let mut values: Vec<String> = answer.addresses().iter().map(ToString::to_string).collect();
        values.extend(answer.txt().iter().map(|txt| format!("{:?}", txt.data)));
        values.extend(answer.tlsa().iter().map(|tlsa| format!("{tlsa:?}")));
        values.push(format!("{:?}", answer.mx()));
        values.sort();
        Ok((answer.security, values))
    })
}

/// How an answer is forged: cut, bytes changed, or a piece of it doubled.
fn forgery() -> impl Strategy<Value = Vec<(prop::sample::Index, u8, u8)>> {
    prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..8_u8), 1..4)
}

fn forge(reply: &mut Vec<u8>, forgery: &[(prop::sample::Index, u8, u8)]) {
    for (at, byte, how) in forgery {
        if reply.is_empty() {
            return;
        }
        let at = at.index(reply.len());
        match how {
            0 => reply.truncate(at),
            1 => {
                reply.remove(at);
            }
            2 => reply.insert(at, *byte),
            3 => reply.extend_from_within(at..),
            _ => reply[at] = *byte,
        }
    }
}

#[test]
fn what_was_recorded_is_what_the_validator_believes() {
    for (name, kind) in ASKED {
        let (state, _) = judged((name, kind), recorded(name, kind)).unwrap();
        assert_eq!(state, Secure, "{name} {kind}");
    }
}

fn recorded(name: &str, kind: Rtype) -> Recorded {
    let question = (name.to_owned(), kind);
    Recorded { reply: truth()[&question].clone(), question }
}

/// The question, and those that the validator may ask about the zones above.
fn path(name: &str, kind: Rtype) -> Vec<(String, Rtype)> {
    let above = |asked: &&(String, Rtype)| {
        [Rtype::DS, Rtype::DNSKEY].contains(&asked.1)
            && (asked.0 == "." || name.ends_with(&asked.0))
    };
    let mut all: Vec<_> = truth().keys().filter(above).cloned().collect();
    all.sort_by_key(|(name, kind)| (name.clone(), kind.to_int()));
    // As often as all others together: it is the one that a forger is after.
    let own = core::iter::repeat_n((name.to_owned(), kind), all.len());
    own.chain(all.clone()).collect()
}

/// Breaks where the validator asks for a zone's keys.
struct Breaks;

impl SendRequest<Request> for Breaks {
    fn send_request(&self, request: Request) -> Box<dyn GetResponse + Send + Sync> {
        let kind = request.to_message().unwrap().sole_question().unwrap().qtype();
        assert_ne!(kind, Rtype::DNSKEY, "broken on purpose");
        recorded("test", Rtype::TXT).send_request(request)
    }
}

#[tokio::test]
async fn a_validator_that_breaks_off_is_an_answer_that_cannot_be_read() {
    tokio::task::spawn_blocking(truth).await.unwrap();
    let open = Open::new(Line::over(Arc::new(Breaks)), World::get().anchor.clone().into());
    let answer = open.unwrap().validated(&Name::from_str("test").unwrap(), Rtype::TXT).await;
    assert_eq!(answer.map(|answer| answer.security), Err(Trouble::Garbled));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_500, ..ProptestConfig::default() })]

    #[test]
    fn a_forged_answer_is_never_secure_with_another_value_nor_insecure(
        which in any::<prop::sample::Index>(),
        place in any::<prop::sample::Index>(),
        forgery in forgery(),
    ) {
        let (name, kind) = ASKED[which.index(ASKED.len())];
        let true_values = judged((name, kind), recorded(name, kind)).unwrap();
        let path = path(name, kind);
        let (at, of) = &path[place.index(path.len())];
        let mut forged = recorded(at, *of);
        forge(&mut forged.reply, &forgery);
        if let Ok((state, values)) = judged((name, kind), forged) {
            prop_assert_ne!(state, Insecure);
            if state == Secure {
                prop_assert_eq!((state, values), true_values);
            }
        }
    }
}

proptest! {
    /// The answer section is read by ourselves after the validator: it stands on its own.
    #[test]
    fn any_bytes_are_read_to_their_end(bytes in prop::collection::vec(any::<u8>(), 12..600)) {
        let name = Name::from_str("x.test").unwrap();
        if let Ok(reply) = Message::from_octets(bytes::Bytes::from(bytes)) {
            let _ = Answer::new(name, Bogus, None, &reply).map(|answer| answer.end());
            let _ = crate::dns::memory::ends(&reply);
        }
    }
}
