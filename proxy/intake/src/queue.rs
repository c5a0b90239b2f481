//! What was seen in passing and waits to be looked at. Putting something here never waits: it is called
//! between two writings of a session.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use imap::Claim;
use imap::relay::{Claimed, Event};
use mail::{Address, Domain, Message};
use retrieval::Ear;
use tokio::sync::mpsc::{self, Receiver, Sender};
use vault::incoming::Place;

/// See the [module](self).
#[derive(Debug)]
pub struct Queue {
    sender: Sender<Sighting>,
    receiver: Mutex<Option<Receiver<Sighting>>>,
    held: Arc<AtomicUsize>,
}

/// A message that was seen and claims something.
pub(crate) struct Sighting {
    pub(crate) account: Address,
    /// Where it lies; none where the mail program did not ask for that.
    pub(crate) place: Option<Place>,
    pub(crate) what: What,
}

/// What was seen of it.
pub(crate) enum What {
    /// It claims something by itself, and these are its bytes.
    Whole(Kept),
    /// It claims something by itself, and is to be fetched; what was seen of its header.
    Claims(Option<Message>),
    /// It has DKIM alone, and is worth a look where this domain, its author's, declares something.
    Dkim(Domain),
}

/// Bytes that count towards the bound while they are kept.
pub(crate) struct Kept {
    bytes: Vec<u8>,
    held: Arc<AtomicUsize>,
}

impl Kept {
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        self.held.fetch_sub(self.bytes.len(), Ordering::Relaxed);
    }
}

impl Default for Queue {
    fn default() -> Self {
        let (sender, receiver) = mpsc::channel(SIGHTINGS);
        Self { sender, receiver: Mutex::new(Some(receiver)), held: Arc::default() }
    }
}

impl Queue {
    /// An ear for a session of this account.
    #[must_use]
    pub fn ear(&self, account: &Address) -> Ear {
        let (account, sender, held) = (account.clone(), self.sender.clone(), self.held.clone());
        Box::new(move |event| {
            if let Event::Claimed(claimed) = event
                && let Some(sighting) = sighting(&account, claimed, &held)
            {
                // What finds no place is seen again when it is listed again.
                let _ = sender.try_send(sighting);
            }
        })
    }

    /// The other end; `None` where somebody has it.
    pub(crate) fn receiver(&self) -> Option<Receiver<Sighting>> {
        self.receiver.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

fn sighting(account: &Address, claimed: Claimed, held: &Arc<AtomicUsize>) -> Option<Sighting> {
    let Claimed { mailbox, uid, claims, message, header, .. } = claimed;
    let place = mailbox.zip(uid).and_then(|(mailbox, uid)| {
        Some(Place {
            account: account.clone(),
            mailbox: mailbox.mailbox.clone(),
            uid_validity: mailbox.uid_validity?,
            uid,
        })
    });
    let what = if claims.iter().all(|claim| *claim == Claim::Dkim) {
        let author = cades::author(&Message::new(header.or(message)?)).ok()?;
        What::Dkim(author.domain()?.clone())
    } else {
        match message.and_then(|bytes| keep(bytes, held)) {
            Some(kept) => What::Whole(kept),
            None => What::Claims(header.map(Message::new)),
        }
    };
    // What has neither bytes nor a place cannot be had.
    (place.is_some() || matches!(what, What::Whole(_))).then(|| {
        let account = account.clone();
        Sighting { account, place, what }
    })
}

/// Keeps bytes as long as there is room for them.
fn keep(bytes: Vec<u8>, held: &Arc<AtomicUsize>) -> Option<Kept> {
    let size = bytes.len();
    let before = held.fetch_add(size, Ordering::Relaxed);
    // Counted out again by its own drop where it is too much.
    let kept = Kept { bytes, held: Arc::clone(held) };
    (before.saturating_add(size) <= HELD).then_some(kept)
}

/// Messages that wait: a mailbox that is read for the first time shows thousands; each costs some hundred
/// bytes here.
const SIGHTINGS: usize = 20_000;
/// Bytes of messages that wait, in all; what does not fit is fetched again.
const HELD: usize = 8 * 1024 * 1024;

#[cfg(test)]
mod tests {
    use imap::relay::{Limits, Relay};

    use super::*;

    fn hear(queue: &Queue, fetch: &str) {
        let mut relay = Relay::new(Limits::default());
        let mut ear = queue.ear(&Address::parse("a@b.nl").unwrap());
        relay.client(b"a SELECT INBOX\r\n");
        let opened = "* OK [UIDVALIDITY 7] x\r\na OK in\r\n";
        relay.server(format!("{opened}{fetch}").as_bytes(), &mut Vec::new());
        while let Some(event) = relay.seen() {
            ear(event);
        }
    }

    fn literal(text: &str) -> String {
        format!("{{{}}}\r\n{text}", text.len())
    }

    #[test]
    fn what_claims_something_waits_with_its_place_and_its_bytes() {
        let queue = Queue::default();
        let mut waiting = queue.receiver().unwrap();
        assert!(queue.receiver().is_none(), "one looks at them");
        let marked = literal("X-NTA7516: S\r\n\r\ntext");
        hear(&queue, &format!("* 1 FETCH (UID 3 BODY[] {marked})\r\n"));
        let seen = waiting.try_recv().unwrap();
        assert_eq!(seen.place.as_ref().map(|it| (it.uid_validity, it.uid)), Some((7, 3)));
        let What::Whole(kept) = &seen.what else { panic!("it is whole") };
        assert!(kept.bytes().ends_with(b"text"));
        assert_eq!(queue.held.load(Ordering::Relaxed), 20);
        drop(seen);
        assert_eq!(queue.held.load(Ordering::Relaxed), 0);

        let dkim = literal("DKIM-Signature: v=1\r\nFrom: A <a@umc.nl>\r\n\r\ntext");
        hear(&queue, &format!("* 1 FETCH (UID 4 BODY[] {dkim})\r\n"));
        let seen = waiting.try_recv().unwrap();
        assert!(matches!(&seen.what, What::Dkim(domain) if domain.as_str() == "umc.nl"));
        hear(&queue, "* 1 FETCH (UID 5 BODYSTRUCTURE ((\"TEXT\" \"PLAIN\") \"SIGNED\"))\r\n");
        assert!(matches!(waiting.try_recv().unwrap().what, What::Claims(_)));
        // Neither its bytes nor its place are known; or it claims nothing.
        hear(&queue, "* 1 FETCH (BODYSTRUCTURE ((\"TEXT\" \"PLAIN\") \"SIGNED\"))\r\n");
        hear(&queue, &format!("* 1 FETCH (UID 6 BODY[] {})\r\n", literal("From: a@b.nl\r\n\r\n")));
        assert!(waiting.try_recv().is_err());
    }

    #[test]
    fn neither_the_number_nor_the_bytes_of_what_waits_grow_without_end() {
        let queue = Queue::default();
        let big = literal(&format!("X-NTA7516: S\r\n\r\n{}", "x".repeat(HELD / 2)));
        for uid in 1..4 {
            hear(&queue, &format!("* 1 FETCH (UID {uid} BODY[] {big})\r\n"));
        }
        let mut waiting = queue.receiver().unwrap();
        let whole = |seen: Sighting| matches!(seen.what, What::Whole(_));
        assert_eq!([(); 3].map(|()| waiting.try_recv().is_ok_and(whole)), [true, false, false]);
        let mut ear = queue.ear(&Address::parse("a@b.nl").unwrap());
        for _ in 0..SIGHTINGS + 10 {
            let claims = vec![Claim::Nta7516];
            let message = Some(b"X-NTA7516: S\r\n\r\n".to_vec());
            let (mailbox, uid, size, header) = (None, None, None, None);
            let claimed = Claimed { mailbox, sequence: 1, uid, size, claims, message, header };
            ear(Event::Claimed(claimed));
        }
        let count = core::iter::from_fn(|| waiting.try_recv().ok()).count();
        assert_eq!(count, SIGHTINGS);
    }
}
