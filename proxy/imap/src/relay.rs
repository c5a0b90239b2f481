//! A session that passes: the mail program on one side, the provider on the other, both logged in.
//!
//! The owner writes what this gives before it hears the events: bytes pass first, and are looked at
//! second. The client's bytes go on as they are; from the server's only the hidden words of
//! capability data are taken ([`crate::capabilities`]). What is not understood passes unseen.
//!
//! Memory for a session: [`Limits::tap`] of text each way, a header's [`Limits::tap`] each way, and
//! whole messages up to [`Limits::message`] in all; a literal of any size streams.

mod event;
mod session;

use std::collections::VecDeque;

pub use self::event::{Appended, Claimed, Event, Outcome, Stop, Text};
use self::session::{Ending, Session, What};
use crate::capabilities::Rewriter;
use crate::command::{Append, Command, Next, Verb};
use crate::frame::{Consent, End, Frame, Framer, Literal, Side};
use crate::mailbox::{Access, Opening};
use crate::response::{Fetch, Piece, Response, Status, may_claim};
use crate::unit::{Extent, Take, Unit};

/// What a session may keep at most.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Bytes of one command or response without its literals, and of headers in it. More is no
    /// form that must be understood (RFC 7162 section 4 asks for 8,192).
    pub tap: usize,
    /// Bytes of whole messages. Providers take messages of 25 to 50 MB.
    pub message: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { tap: 64 * 1024, message: 50 * 1024 * 1024 }
    }
}

/// See the [module](self).
pub struct Relay {
    limits: Limits,
    tap: Tap,
    client: Lane,
    server: Lane,
    rewriter: Rewriter,
    /// The tag of the command whose literal waits for the server's consent.
    awaiting: Option<Vec<u8>>,
    session: Session,
    events: VecDeque<Event>,
}

/// How far the bytes are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tap {
    On,
    /// Only capability data is.
    Capabilities,
    /// Not at all.
    Off,
}

/// One direction.
struct Lane {
    framer: Framer,
    unit: Unit,
}

impl Lane {
    fn new(side: Side) -> Self {
        Self { framer: Framer::new(side), unit: Unit::default() }
    }
}

impl Relay {
    /// A session from behind the log-ins on, with no mailbox open.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            tap: Tap::On,
            client: Lane::new(Side::Client),
            server: Lane::new(Side::Server),
            rewriter: Rewriter::default(),
            awaiting: None,
            session: Session::default(),
            events: VecDeque::new(),
        }
    }

    /// Looks at bytes of the mail program, which go to the provider as they are.
    pub fn client(&mut self, bytes: &[u8]) {
        let mut rest = bytes;
        while self.tap == Tap::On {
            match self.client.framer.next(&mut rest) {
                Some(Frame::Line { bytes, end }) => {
                    self.client.unit.line(bytes, &self.limits);
                    match end {
                        End::Open => {}
                        End::Whole => self.command(),
                        End::Literal(literal) => self.client_literal(literal),
                    }
                }
                Some(Frame::Literal { bytes, left }) => {
                    let room = self.room();
                    self.client.unit.literal(bytes, left, &self.limits, room);
                    if left == 0 {
                        self.appended();
                    }
                }
                Some(Frame::Opaque(_)) | None => return,
            }
        }
    }

    /// Looks at bytes of the provider; what goes to the mail program is put behind `out`. At most
    /// one word is held back until the next call.
    pub fn server(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        let mut rest = bytes;
        while self.tap != Tap::Off {
            match self.server.framer.next(&mut rest) {
                Some(Frame::Line { bytes, end }) => {
                    self.rewriter.line(bytes, end, out);
                    if self.tap == Tap::On {
                        self.server.unit.line(bytes, &self.limits);
                        match end {
                            End::Open => {}
                            End::Whole => self.response(),
                            End::Literal(literal) => self.server_literal(literal),
                        }
                    }
                }
                Some(Frame::Literal { bytes, left }) => {
                    out.extend_from_slice(bytes);
                    if self.tap == Tap::On {
                        let room = self.room();
                        self.server.unit.literal(bytes, left, &self.limits, room);
                    }
                }
                Some(Frame::Opaque(bytes)) => out.extend_from_slice(bytes),
                None => return,
            }
        }
        out.extend_from_slice(rest);
    }

    /// The provider sends no more: what was held back is put behind `out`.
    pub fn server_end(&mut self, out: &mut Vec<u8>) {
        self.rewriter.release(out);
    }

    /// The next thing that was seen. To be asked until there is none, after each call of `client`
    /// and `server`: what waits here is in no bound.
    pub fn seen(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    /// True where the mail program has a whole response before it: only then can a line of our own
    /// (`* BYE`) be said to it.
    #[must_use]
    pub fn is_between_responses(&self) -> bool {
        self.tap != Tap::Off && self.server.framer.is_between()
    }

    /// True where the provider said BYE: then nothing of our own is to follow.
    #[must_use]
    pub fn has_heard_bye(&self) -> bool {
        self.session.ending == Ending::Said
    }

    fn room(&self) -> usize {
        let kept = self.client.unit.kept().saturating_add(self.server.unit.kept());
        self.limits.message.saturating_sub(kept)
    }

    fn client_literal(&mut self, literal: Literal) {
        let command = Command::parse(&self.client.unit);
        if literal.consent == Consent::Awaited {
            self.awaiting = command.as_ref().map(|command| command.tag.to_vec());
        }
        let take = match command {
            Some(Command { verb: Verb::Select | Verb::Examine, .. }) => Take::Argument,
            Some(Command { verb: Verb::Append, args, .. }) => match Append::parse(args).next {
                Next::Mailbox => Take::Argument,
                Next::Message => Take::Claiming,
                Next::Part | Next::Nothing => Take::Nothing,
            },
            _ => Take::Nothing,
        };
        let room = self.room();
        self.client.unit.begin_literal(literal.size, take, &self.limits, room);
    }

    fn server_literal(&mut self, literal: Literal) {
        let take = match Response::parse(&self.server.unit) {
            Some(Response::Fetch { items, .. }) => match Fetch::parse(items).map(|it| it.next) {
                Some(Piece::Message) => Take::Claiming,
                Some(Piece::Start) => Take::Header,
                Some(Piece::Other) | None => Take::Nothing,
            },
            _ => Take::Nothing,
        };
        let room = self.room();
        self.server.unit.begin_literal(literal.size, take, &self.limits, room);
    }

    /// A literal of the client is whole: is it a message that is put into a mailbox?
    fn appended(&mut self) {
        let unit = &self.client.unit;
        let Some(Command { tag, verb: Verb::Append, args }) = Command::parse(unit) else {
            return;
        };
        let Append { mailbox: Some(mailbox), flags, date, message: Some(held), .. } =
            Append::parse(args)
        else {
            return;
        };
        let (whole, claims, size) = (held.is_whole(), held.claims.clone(), held.size);
        let (tag, mailbox) = (tag.to_vec(), self.session.names.plain(&mailbox));
        let Some(index) = unit.index(held) else {
            return;
        };
        let bytes = self.client.unit.give(index);
        let text = if whole { Text::Whole(bytes) } else { Text::Beginning(bytes) };
        let appended = Appended { tag, mailbox, flags, date, size, claims, text };
        self.events.push_back(Event::Appending(appended));
    }

    /// A command is whole.
    fn command(&mut self) {
        self.awaiting = None;
        let unit = &self.client.unit;
        if let Some(Command { tag, verb, mut args }) = Command::parse(unit) {
            let mut opening = |access| {
                let whole = unit.extent == Extent::Whole;
                let name = args.value().ok().and_then(|name| name.bytes().map(<[u8]>::to_vec));
                name.filter(|_| whole).map(|name| (self.session.names.plain(&name), access))
            };
            let what = match verb {
                Verb::Select => What::select(opening(Access::ReadWrite)),
                Verb::Examine => What::select(opening(Access::ReadOnly)),
                Verb::Close | Verb::Unselect | Verb::Logout => What::Close,
                Verb::Append => What::Append,
                Verb::Compress => What::Compress,
                _ => What::Other,
            };
            self.session.begin(tag, what);
        }
        self.client.unit.clear();
    }

    /// A response is whole.
    fn response(&mut self) {
        let mut unit = core::mem::take(&mut self.server.unit);
        match Response::parse(&unit) {
            Some(Response::Continue(_)) => self.awaiting = None,
            Some(Response::Tagged { tag, status, text }) => self.tagged(tag, status, text),
            Some(Response::Enabled(words)) => self.session.enabled(words),
            Some(response @ (Response::Untagged { .. } | Response::Flags(_))) => {
                if let Response::Untagged { status: Status::Bye, .. } = response {
                    self.session.ending = Ending::Said;
                }
                if let Some(opening) = self.session.opening() {
                    opening.hear(response);
                }
            }
            Some(Response::Fetch { sequence, items })
                if unit.extent == Extent::Whole && may_claim(&unit) =>
            {
                if let Some(fetch) = Fetch::parse(items).filter(|fetch| !fetch.claims.is_empty()) {
                    let Fetch { uid, size, message, header, claims, .. } = fetch;
                    let [message, header] = [message, header].map(|held| unit.index(held?));
                    let mailbox = self.session.current();
                    let [message, header] =
                        [message, header].map(|index| index.map(|index| unit.give(index)));
                    let claimed = Claimed { mailbox, sequence, uid, size, claims, message, header };
                    self.events.push_back(Event::Claimed(claimed));
                }
            }
            _ => {}
        }
        unit.clear();
        self.server.unit = unit;
    }

    fn tagged(&mut self, tag: &[u8], status: Status, text: crate::response::Text<'_>) {
        // A client may use a tag again: then this is the end of the older command.
        if self.awaiting.as_deref() == Some(tag) && !self.session.is_pending(tag) {
            self.awaiting = None;
            self.client.unit.clear();
            if !self.client.framer.refuse_literal() {
                self.stop(Tap::Capabilities, Stop::Unframed);
            }
            return;
        }
        let good = status == Status::Ok;
        match self.session.end(tag) {
            Some(What::Select(opening)) => {
                let selected = good.then(|| opening.done(text));
                self.events.extend(self.session.select(selected));
            }
            Some(What::SelectUnknown) => self.events.extend(self.session.select(None)),
            Some(What::Close) if good => self.events.extend(self.session.select(None)),
            Some(What::Append) => {
                let outcome = match good {
                    true => Outcome::Taken { uid: crate::mailbox::append_uid(text) },
                    false => Outcome::Refused,
                };
                self.events.push_back(Event::Appended { tag: tag.to_vec(), outcome });
            }
            Some(What::Compress) if good => self.stop(Tap::Off, Stop::Compressed),
            _ => {}
        }
    }

    fn stop(&mut self, tap: Tap, why: Stop) {
        self.tap = tap;
        self.client.unit = Unit::default();
        self.events.extend(self.session.select(None));
        self.events.push_back(Event::Stopped(why));
    }
}

impl What {
    fn select(named: Option<(Vec<u8>, Access)>) -> Self {
        named.map_or(Self::SelectUnknown, |(name, access)| {
            Self::Select(Box::new(Opening::new(name, access)))
        })
    }
}

impl core::fmt::Debug for Relay {
    /// Only how far it looks: what passes belongs in no log.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Relay").field("tap", &self.tap).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
