//! Decisions about the folder Sent, from facts alone.

use imap::aside::Listed;
use mail::Message;
use vault::errand::Errand;

/// Which mailbox is Sent: the one that the server calls so (RFC 6154), else the first that has a name
/// as mail programs make it. `None` where there is neither.
pub(crate) fn mailbox(listed: &[Listed]) -> Option<Vec<u8>> {
    let usable = || listed.iter().filter(|one| one.can_be_opened());
    let named = || {
        NAMES
            .iter()
            .find_map(|name| usable().find(|one| one.mailbox.eq_ignore_ascii_case(name.as_bytes())))
    };
    let found = usable().find(|one| one.is("\\Sent")).or_else(named);
    found.map(|one| one.mailbox.clone())
}

/// What a message in Sent is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The message as it was sent.
    AsSent,
    /// What the mail program handed in: the same Message-ID, and the same content.
    HandedIn,
    /// Anything else, though it bears that Message-ID.
    Other,
}

/// What this message is, for certain.
pub(crate) fn kind(found: &Message, held: &Message, signed: Option<&Message>) -> Kind {
    // Servers keep bytes, but not whether the last line had an end.
    let trimmed = |message: &Message| message.bytes().trim_ascii_end().to_vec();
    if signed.is_some_and(|signed| trimmed(found) == trimmed(signed)) {
        return Kind::AsSent;
    }
    let same_id = message_id(found).is_some_and(|id| message_id(held) == Some(id));
    if same_id && content(found) == content(held) { Kind::HandedIn } else { Kind::Other }
}

/// The Message-ID, angle brackets included.
pub(crate) fn message_id(message: &Message) -> Option<String> {
    let id = message.field("message-id")?.unfolded();
    (id.starts_with('<') && id.ends_with('>')).then_some(id)
}

/// What is the same in every copy of one message: all but the fields that are made anew, and the
/// names of MIME boundaries. A copy with Bcc is not the same.
fn content(message: &Message) -> Vec<u8> {
    let mut all = Vec::with_capacity(message.bytes().len());
    message.walk_unchanging(|line| all.extend_from_slice(line));
    all.truncate(all.trim_ascii_end().len());
    all
}

/// What is to be done, once all that bears the Message-ID was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Plan {
    /// The copy as sent is put there.
    pub(crate) put: bool,
    /// The one that is taken out.
    pub(crate) remove: Option<u32>,
}

/// Whether the copy as sent was put there before, by this program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ours {
    /// It was not.
    No,
    /// It was begun, and nobody knows how it ended.
    Maybe,
    /// The server has taken it.
    Yes,
}

impl Ours {
    pub(crate) fn of(errand: &Errand) -> Self {
        match (errand.put_at, errand.begun_at) {
            (Some(_), _) => Self::Yes,
            (None, Some(_)) => Self::Maybe,
            (None, None) => Self::No,
        }
    }
}

/// Puts what is not there yet; takes out what the mail program put there where there is exactly one.
/// `wanted`: there is something that was sent. A server may store a message otherwise than it was given,
/// so that it is not known again: what the server has taken is never put twice, and where that is not
/// known, any other message of that Message-ID is taken for it.
pub(crate) fn plan(found: &[(u32, Kind)], wanted: bool, ours: Ours) -> Plan {
    let of = |kind: Kind| found.iter().filter(move |(_, other)| *other == kind);
    let mut handed_in = of(Kind::HandedIn);
    let remove = match (handed_in.next(), handed_in.next()) {
        (Some((uid, _)), None) => Some(*uid),
        _ => None,
    };
    let is_there = match ours {
        Ours::Yes => true,
        Ours::Maybe => found.iter().any(|(_, kind)| *kind != Kind::HandedIn),
        Ours::No => of(Kind::AsSent).next().is_some(),
    };
    Plan { put: wanted && !is_there, remove }
}

/// The names that mail programs and servers give it where there is no SPECIAL-USE, in modified UTF-7;
/// with and without a prefix of the whole namespace.
const NAMES: [&str; 10] = [
    "Sent",
    "Sent Items",
    "Sent Messages",
    "Verzonden items",
    "Verzonden",
    "Verzonden berichten",
    "INBOX.Sent",
    "INBOX.Sent Items",
    "INBOX.Verzonden",
    "INBOX/Sent",
];

#[cfg(test)]
mod tests {
    use super::*;

    const HELD: &str = "Message-ID: <1@praktijk.nl>\r\nDate: x\r\nSubject: a\r\n\
        Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\ntekst\r\n--b--\r\n";

    fn message(text: &str) -> Message {
        Message::new(text.as_bytes().to_vec())
    }

    #[test]
    fn only_the_same_id_with_the_same_content_is_what_was_handed_in() {
        let signed = message("Message-ID: <1@praktijk.nl>\r\nX-NTA7516: x\r\n\r\nsigned\r\n");
        let kind = |text: &str| kind(&message(text), &message(HELD), Some(&signed));
        assert_eq!(kind(HELD), Kind::HandedIn);
        assert_eq!(kind(HELD.trim_end()), Kind::HandedIn);
        assert_eq!(kind(&HELD.replace("Date: x", "Date: y")), Kind::HandedIn);
        assert_eq!(kind(std::str::from_utf8(signed.bytes()).unwrap()), Kind::AsSent);
        for (from, to) in [
            ("<1@praktijk.nl>", "<2@praktijk.nl>"),
            ("Message-ID: <1@praktijk.nl>\r\n", ""),
            ("tekst", "tekst."),
            ("Subject: a", "Subject: a\r\nBcc: c@d.nl"),
            ("Subject: a", "Subject: b"),
        ] {
            let changed = HELD.replace(from, to);
            assert_ne!(changed, HELD);
            assert_eq!(kind(&changed), Kind::Other, "{to}");
        }
        let without = message("Subject: a\r\n\r\nx");
        assert_eq!(super::kind(&without, &without, None), Kind::Other, "no Message-ID, no proof");
    }

    #[test]
    fn exactly_one_is_taken_out_and_none_is_put_twice() {
        use Kind::{AsSent, HandedIn, Other};
        for (found, wanted, put, remove) in [
            (vec![], true, true, None),
            (vec![], false, false, None),
            (vec![(3, HandedIn)], true, true, Some(3)),
            (vec![(3, HandedIn)], false, false, Some(3)),
            (vec![(3, HandedIn), (4, AsSent)], true, false, Some(3)),
            (vec![(3, HandedIn), (4, HandedIn)], true, true, None),
            (vec![(3, Other), (4, AsSent)], true, false, None),
        ] {
            assert_eq!(plan(&found, wanted, Ours::No), Plan { put, remove }, "{found:?}");
        }
    }

    #[test]
    fn a_copy_is_put_once_whatever_the_server_makes_of_it() {
        use Kind::{AsSent, HandedIn, Other};
        for (ours, found, put) in [
            (Ours::No, vec![], true),
            (Ours::No, vec![(3, Other)], true),
            (Ours::No, vec![(3, AsSent)], false),
            // It was taken, and is hidden, or stored otherwise, or somebody has moved it away.
            (Ours::Yes, vec![], false),
            (Ours::Yes, vec![(3, Other)], false),
            (Ours::Yes, vec![(3, HandedIn)], false),
            // The connection broke: what has its Message-ID and is not the mail program's is it.
            (Ours::Maybe, vec![], true),
            (Ours::Maybe, vec![(3, HandedIn)], true),
            (Ours::Maybe, vec![(3, HandedIn), (4, Other)], false),
            (Ours::Maybe, vec![(4, AsSent)], false),
        ] {
            assert_eq!(plan(&found, true, ours).put, put, "{ours:?} {found:?}");
        }
    }
}
