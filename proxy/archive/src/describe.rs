//! What a copy is found by.

use extract::{Limits, Origin};
use mail::{Address, Message};
use mail_parser::MessageParser;
use settings::Search;
use vault::archive::Text;

/// What is known of a message from its own text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Described {
    /// The subject, decoded.
    pub subject: String,
    /// The one address of From; `None` where there is none or more than one.
    pub from: Option<Address>,
    /// The names of its attachments, in their order.
    pub attachments: Vec<String>,
    /// The words by which it is found.
    pub text: Text,
}

/// Describes a message. Documents are not opened for it: their names are words, their contents not.
/// Never fails: what cannot be read has no words.
#[must_use]
pub fn describe(message: &Message, search: Search) -> Described {
    let limits = Limits { text: MOST_TEXT, ..Limits::default() };
    let (extract, files) = extract::open(message, &limits);
    let mut described = Described::default();
    for piece in extract.pieces {
        match piece.origin {
            Origin::Subject if described.subject.is_empty() => described.subject = piece.text,
            Origin::FileName => described.attachments.push(piece.text),
            _ if search == Search::Headers => {}
            _ => {
                described.text.body.push_str(&piece.text);
                described.text.body.push('\n');
            }
        }
    }
    // A document that is set apart tells its name itself.
    for name in files.into_iter().filter_map(|file| file.name) {
        if !described.attachments.contains(&name) {
            described.attachments.push(name);
        }
    }
    let header = [message.header(), b"\r\n"].concat();
    if let Some(parsed) = MessageParser::default().parse_headers(&header) {
        let people = [parsed.from(), parsed.to(), parsed.cc(), parsed.reply_to()];
        for one in people.into_iter().flatten().flat_map(mail_parser::Address::iter) {
            for word in [one.name(), one.address()].into_iter().flatten() {
                described.text.people.push_str(word);
                described.text.people.push(' ');
            }
        }
        let mut authors = parsed.from().into_iter().flat_map(mail_parser::Address::iter);
        if let (Some(author), None) = (authors.next(), authors.next()) {
            described.from = author.address().and_then(|address| Address::parse(address).ok());
        }
    }
    described.text.subject.clone_from(&described.subject);
    described.text.files = described.attachments.join("\n");
    described
}

/// Of a longer message the first part is found: the index must not grow by a megabyte a mail.
const MOST_TEXT: usize = 1024 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    const MAIL: &[u8] = b"From: =?utf-8?q?Zo=C3=AB?= <z@huisarts.nl>\r\nTo: jan@praktijk.nl\r\n\
        Subject: =?utf-8?q?Caf=C3=A9?=\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\
        Content-Type: text/html\r\n\r\n<p>meniscus <b>links</b></p>\r\n--b\r\n\
        Content-Type: application/pdf; name=\"uitslag.pdf\"\r\n\r\n%PDF\r\n--b--\r\n";

    #[test]
    fn a_message_is_described_by_what_a_reader_sees_of_it() {
        let described = describe(&Message::new(MAIL.to_vec()), Search::Text);
        assert_eq!(described.subject, "Caf\u{e9}");
        assert_eq!(described.from, Some(Address::parse("z@huisarts.nl").unwrap()));
        assert_eq!(described.attachments, ["uitslag.pdf"]);
        assert!(described.text.body.contains("meniscus links"));
        for word in ["Zo\u{eb}", "z@huisarts.nl", "jan@praktijk.nl"] {
            assert!(described.text.people.contains(word), "{word}");
        }
    }

    #[test]
    fn bodies_stay_out_of_the_index_where_the_settings_want_that() {
        let described = describe(&Message::new(MAIL.to_vec()), Search::Headers);
        assert_eq!(described.text.body, "");
        assert_eq!(described.text.subject, "Caf\u{e9}");
        assert_eq!(described.text.files, "uitslag.pdf");
    }

    #[test]
    fn what_is_no_mail_and_a_from_of_two_have_no_author() {
        let two = b"From: a@b.nl, c@d.nl\r\n\r\n";
        assert_eq!(describe(&Message::new(two.to_vec()), Search::Text).from, None);
        let none = describe(&Message::new(b"\xff\xfe\x00".to_vec()), Search::Text);
        assert_eq!((none.from, none.subject.as_str()), (None, ""));
    }
}
