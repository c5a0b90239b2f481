//! The duplicate guard: mail programs give up after a minute or two and send the same again.

use aws_lc_rs::hmac;
use mail::{Envelope, Message};

use crate::open::Vault;

/// What is the same in a message that a mail program sends again. Keyed: it tells nothing without
/// the vault.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Digest(pub(crate) [u8; 32]);

impl core::fmt::Debug for Digest {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Digest")
    }
}

impl Vault {
    /// The digest of a message and its envelope: the whole bytes less the fields Date, Received and
    /// Message-ID and the MIME boundary strings, which a mail program makes anew at each attempt.
    #[must_use]
    pub fn duplicate_digest(&self, message: &Message, envelope: &Envelope) -> Digest {
        let mut context = hmac::Context::with_key(self.keys.digest());
        let mut part = |bytes: &[u8]| {
            context.update(&(bytes.len() as u64).to_be_bytes());
            context.update(bytes);
        };
        // The order of recipients and parameters says nothing, and an envelope is small.
        let mut people: Vec<String> = envelope
            .recipients
            .iter()
            .map(|recipient| format!("{} {:?}", recipient.address, recipient.params))
            .collect();
        people.sort_unstable();
        part(people.join("\n").as_bytes());
        let sender = envelope.reverse_path.as_ref().map(ToString::to_string);
        part(sender.unwrap_or_default().as_bytes());
        // SIZE (RFC 1870) counts the fields that are made anew, too.
        let params: Vec<_> = envelope.params.iter().filter(|param| !param.is("SIZE")).collect();
        part(format!("{params:?}").as_bytes());
        message.walk_unchanging(|line| part(line));
        let mut digest = [0; 32];
        digest.copy_from_slice(context.sign().as_ref());
        Digest(digest)
    }
}

#[cfg(test)]
mod tests {
    use mail::{Address, Param, Recipient};

    use super::*;
    use crate::tests::{envelope, vault};

    const FIRST: &str = "Date: Mon, 1 Jun 2026 10:00:00 +0200\r\nMessage-ID: <1@x>\r\n\
        Content-Type: multipart/mixed;\r\n boundary=\"aaa\"\r\n\r\n--aaa\r\n\
        Content-Type: multipart/alternative; boundary=bbb\r\n\r\n--bbb\r\n\r\ntext\r\n--bbb--\r\n\
        --aaa\r\nContent-Type: text/plain\r\n\r\nboundary=zzz\r\n--aaa--\r\n";

    fn digest(text: &str, recipients: &[&str]) -> Digest {
        let (_folder, vault) = vault();
        vault.duplicate_digest(&Message::new(text.as_bytes().to_vec()), &envelope(recipients))
    }

    /// Digests of one vault, whose key is its own.
    fn digests(texts: &[&str]) -> Vec<Digest> {
        let (_folder, vault) = vault();
        let to = envelope(&["a@b.nl"]);
        let message = |text: &&str| Message::new(text.as_bytes().to_vec());
        texts.iter().map(|text| vault.duplicate_digest(&message(text), &to)).collect()
    }

    #[test]
    fn a_second_attempt_has_the_same_digest() {
        let second = FIRST
            .replace("1 Jun 2026 10:00:00", "1 Jun 2026 10:01:40")
            .replace("<1@x>", "<2@x>")
            .replace("aaa", "ccccc")
            .replace("bbb", "ddd");
        let digests = digests(&[FIRST, &second]);
        assert_eq!(digests[0], digests[1]);
    }

    #[test]
    fn any_other_difference_gives_another_digest() {
        let changes = [
            ("\r\ntext\r\n", "\r\ntext!\r\n"),
            ("boundary=zzz", "boundary=zzy"),
            ("text/plain", "text/html"),
            ("Content-Type: multipart/mixed", "X-A: b\r\nContent-Type: multipart/mixed"),
            ("--aaa--\r\n", "--aaa--\r\nmore\r\n"),
            ("--bbb--\r\n", ""),
        ];
        for (from, to) in changes {
            let changed = FIRST.replace(from, to);
            assert_ne!(changed, FIRST, "{from}");
            let digests = digests(&[FIRST, &changed]);
            assert_ne!(digests[0], digests[1], "{from}");
        }
    }

    #[test]
    fn the_envelope_counts_and_its_order_does_not() {
        let (_folder, vault) = vault();
        let message = Message::new(FIRST.as_bytes().to_vec());
        let of = |envelope: &Envelope| vault.duplicate_digest(&message, envelope);
        let both = envelope(&["a@b.nl", "c@d.nl"]);
        assert_eq!(of(&both), of(&envelope(&["c@d.nl", "a@b.nl"])));
        assert_ne!(of(&both), of(&envelope(&["a@b.nl"])));
        let mut other = both.clone();
        other.reverse_path = None;
        assert_ne!(of(&both), of(&other));
        let with = |params: &[&str]| {
            let params = params.iter().map(|text| Param::parse(text).unwrap()).collect();
            of(&Envelope { params, ..both.clone() })
        };
        assert_eq!(with(&["SIZE=1200", "RET=HDRS"]), with(&["SIZE=1203", "RET=HDRS"]));
        assert_ne!(with(&["SIZE=1200", "RET=HDRS"]), with(&["SIZE=1200"]));
        let mut more = both.clone();
        more.recipients
            .push(Recipient { address: Address::parse("e@f.nl").unwrap(), params: Vec::new() });
        assert_ne!(of(&both), of(&more));
    }

    #[test]
    fn another_vault_has_other_digests() {
        assert_ne!(digest(FIRST, &["a@b.nl"]), digest(FIRST, &["a@b.nl"]));
    }
}
