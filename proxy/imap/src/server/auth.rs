//! AUTHENTICATE (RFC 3501 section 6.2.2, RFC 4959), server's side.

use wire::sasl::{self, Dialogue, Mechanism, Turn};

use super::Server;
use super::session::State;
use crate::value::Cursor;

impl Server {
    pub(super) fn authenticate(&mut self, tag: &[u8], mut args: Cursor<'_>) -> State {
        let name = args.word();
        let initial = args.rest().trim_ascii();
        let Some(mechanism) = core::str::from_utf8(name).ok().and_then(Mechanism::parse) else {
            return self.refuse(tag, "NO This way to log in is not known here");
        };
        let initial = (!initial.is_empty()).then_some(initial);
        let turn = Dialogue::begin(mechanism, initial, &mut self.challenges);
        self.take_turn(tag, turn)
    }

    pub(super) fn take_turn(&mut self, tag: &[u8], turn: Turn) -> State {
        match turn {
            Turn::Challenge(text, dialogue) => {
                self.say(&[b"+ ", sasl::encode(&text).as_bytes()]);
                State::ExpectAuthLine(tag.to_vec(), dialogue)
            }
            Turn::Credentials(credentials) => self.ask(tag, credentials),
            Turn::Misshapen => self.auth_failed(tag),
            Turn::Cancelled => self.tell(tag, "BAD Login cancelled"),
            Turn::NotBase64 => self.refuse(tag, "BAD The response is not base64"),
            Turn::TooSoon => self.refuse(tag, "BAD CRAM-MD5 takes no initial response"),
        }
    }
}
