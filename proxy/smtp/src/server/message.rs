//! The message on its way in: behind DATA, or in chunks (RFC 3030).

use super::session::{State, Transaction};
use super::{Event, Server};
use crate::Reply;
use crate::data::Unstuffer;
use wire::server::Step;

/// A message behind DATA.
pub(super) struct Incoming {
    reader: Unstuffer,
    received: u64,
    /// Said after the final dot, once nothing of the message goes to the owner any more.
    refusal: Option<Reply>,
}

/// What is still to come of a chunk.
#[derive(Clone, Copy)]
pub(super) struct Chunk {
    pub(super) left: u64,
    pub(super) last: bool,
}

impl Server {
    pub(super) fn data_answered(
        &mut self,
        transaction: Transaction,
        chunk: Option<Chunk>,
        reply: &Reply,
    ) -> State {
        let go_on = reply.is_positive() || reply.is_intermediate();
        match (go_on, chunk) {
            (true, Some(chunk)) => State::ExpectChunk(transaction, chunk),
            (true, None) => {
                match reply.code() {
                    354 => self.say(reply),
                    _ => self.say(&Reply::new(354, "", "End data with <CR><LF>.<CR><LF>")),
                }
                State::ExpectData(Incoming { reader: Unstuffer::new(), received: 0, refusal: None })
            }
            (false, Some(chunk)) => self.drop_chunk(chunk, reply.clone()),
            (false, None) => {
                self.events.push_back(Event::Reset);
                self.tell_reply(State::ExpectMail, reply)
            }
        }
    }

    pub(super) fn read_data(&mut self, mut incoming: Incoming) -> Step {
        if self.buffer.is_empty() {
            self.state = State::ExpectData(incoming);
            return Step::Dry;
        }
        let mut message = Vec::with_capacity(self.buffer.unread().len());
        let taken = incoming.reader.feed(self.buffer.unread(), &mut message);
        self.buffer.consume(taken.bytes);
        incoming.received += message.len() as u64;
        if incoming.refusal.is_none() {
            incoming.refusal = if incoming.reader.is_smuggling() {
                Some(smuggling())
            } else if incoming.received > self.config.limits.size {
                Some(self.too_large())
            } else {
                None
            };
            match incoming.refusal {
                Some(_) => self.events.push_back(Event::Reset),
                None if !message.is_empty() => self.events.push_back(Event::Data(message)),
                None => {}
            }
        }
        self.state = match (taken.ended, incoming.refusal) {
            (false, refusal) => State::ExpectData(Incoming { refusal, ..incoming }),
            (true, Some(reply)) => self.tell_reply(State::ExpectMail, &reply),
            (true, None) => {
                self.events.push_back(Event::DataEnd);
                State::AwaitEnd
            }
        };
        Step::Went
    }

    pub(super) fn first_chunk(&mut self, transaction: Transaction, chunk: Chunk) -> State {
        if chunk.left > self.config.limits.size {
            let reply = self.too_large();
            return self.drop_chunk(chunk, reply);
        }
        self.events.push_back(Event::DataStart);
        State::AwaitData(transaction, Some(chunk))
    }

    pub(super) fn next_chunk(&mut self, transaction: Transaction, chunk: Chunk) -> State {
        if transaction.received.saturating_add(chunk.left) > self.config.limits.size {
            let reply = self.too_large();
            return self.drop_chunk(chunk, reply);
        }
        State::ExpectChunk(transaction, chunk)
    }

    pub(super) fn read_chunk(&mut self, mut transaction: Transaction, mut chunk: Chunk) -> Step {
        let bytes = self.take_bytes(chunk.left);
        if bytes.is_empty() && chunk.left > 0 {
            self.state = State::ExpectChunk(transaction, chunk);
            return Step::Dry;
        }
        chunk.left -= bytes.len() as u64;
        transaction.received += bytes.len() as u64;
        transaction.shapes.feed(&bytes);
        let last = chunk.last && chunk.left == 0;
        if transaction.shapes.is_smuggling() || last && transaction.shapes.is_smuggling_at_end() {
            self.state = self.drop_chunk(chunk, smuggling());
            return Step::Went;
        }
        if !bytes.is_empty() {
            self.events.push_back(Event::Data(bytes));
        }
        self.state = match (chunk.left, chunk.last) {
            (0, true) => {
                self.events.push_back(Event::DataEnd);
                State::AwaitEnd
            }
            (0, false) => {
                let text = format!("{} bytes so far", transaction.received);
                self.tell(State::ExpectBdat(transaction), 250, "2.0.0", &text)
            }
            _ => State::ExpectChunk(transaction, chunk),
        };
        Step::Went
    }

    /// Reads over a refused chunk, then says why; a session that ends with it (421) ends here.
    pub(super) fn skip_chunk(&mut self, left: u64, reply: Reply, then: Box<State>) -> Step {
        let bytes = self.take_bytes(left).len();
        let left = left - bytes as u64;
        if let Some(reply) = self.count_skipped(bytes) {
            self.state = self.close(&reply);
        } else if left > 0 {
            self.state = State::SkipChunk(left, reply, then);
            return if bytes == 0 { Step::Dry } else { Step::Went };
        } else if reply.code() == 421 {
            self.state = self.close(&reply);
        } else {
            self.state = self.refuse(*then, reply);
        }
        Step::Went
    }

    /// The transaction is void; what is left of the chunk is read over.
    fn drop_chunk(&mut self, chunk: Chunk, reply: Reply) -> State {
        self.events.push_back(Event::Reset);
        State::SkipChunk(chunk.left, reply, Box::new(State::ExpectMail))
    }

    fn take_bytes(&mut self, most: u64) -> Vec<u8> {
        let unread = self.buffer.unread();
        let count = usize::try_from(most).map_or(unread.len(), |most| most.min(unread.len()));
        let bytes = unread[..count].to_vec();
        self.buffer.consume(count);
        bytes
    }
}

/// See [`crate::data`] for the shapes.
fn smuggling() -> Reply {
    let text = "A dot stands between bare line ends (CR or LF alone); the message was not taken";
    Reply::new(550, "5.6.0", text)
}
