//! The day of receipt (R-RECV-1): the provider says it in the Received field that it put on top (RFC 5321
//! section 4.4, RFC 5322 section 3.6.7).

use jiff::fmt::rfc2822::DateTimeParser;
use jiff::{SignedDuration, Timestamp};
use mail::{Field, Message};

use crate::received::{Receipt, ReceiptBy};
use crate::scan::Scan;

/// When a message was received; none where it has no Received field: it never was, such as a draft or a
/// copy of what was sent.
#[must_use]
pub fn receipt(message: &Message, now: Timestamp) -> Option<Receipt> {
    let top = message.field("received")?;
    let at = moment(&top).filter(|at| at.duration_since(now) <= AHEAD);
    Some(match at {
        Some(at) => Receipt { at, by: ReceiptBy::Provider },
        None => Receipt { at: now, by: ReceiptBy::Clock },
    })
}

/// The date-time behind the last semicolon of a Received field.
fn moment(field: &Field<'_>) -> Option<Timestamp> {
    let text = field.unfolded();
    if text.len() > LONGEST {
        return None;
    }
    let mut scan = Scan::new(&text);
    let mut last = None;
    loop {
        scan.to_semicolon();
        if !scan.take(';') {
            break;
        }
        last = Some(scan.rest());
    }
    let (mut scan, mut date) = (Scan::new(last?), String::new());
    loop {
        scan.blank();
        let word = scan.run(|sign| sign.is_whitespace() || sign == '(');
        if word.is_empty() {
            break;
        }
        date.push_str(word);
        date.push(' ');
    }
    // A weekday that does not fit the date is no reason to disbelieve the date.
    DateTimeParser::new().relaxed_weekday(true).parse_timestamp(date.trim_end()).ok()
}

/// How far ahead of ours a provider's clock may be.
const AHEAD: SignedDuration = SignedDuration::from_hours(24);
/// A Received field is a few hundred bytes.
const LONGEST: usize = 8_192;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn now() -> Timestamp {
        "2026-11-26T12:00:00Z".parse().unwrap()
    }

    fn of(header: &str) -> Option<Receipt> {
        receipt(&Message::new(format!("{header}\r\n\r\n").into_bytes()), now())
    }

    #[test]
    fn the_topmost_received_field_tells_the_moment() {
        let header = "Return-Path: <a@x>\r\n\
            Received: from mx (mx [192.0.2.1]) by imap.provider.nl (Dovecot; v2; \"x;y\")\r\n\
            \twith LMTP id 1 for <b@y>; Wed, 25 Nov 2026 23:30:00 +0100 (CET; winter (ja))\r\n\
            Received: from elders by mx; Mon, 1 Jan 2001 00:00:00 +0000";
        let at: Timestamp = "2026-11-25T22:30:00Z".parse().unwrap();
        assert_eq!(of(header), Some(Receipt { at, by: ReceiptBy::Provider }));
    }

    #[test]
    fn dates_of_old_and_sloppy_servers_are_read() {
        for date in [
            "25 Nov 2026 22:30:00 GMT",
            "Wed, 25 Nov 2026 22:30 +0000",
            "Mon, 25 Nov 2026 22:30:00 -0000",
            " Wed,  25  Nov  2026  17:30:00  EST ",
        ] {
            let receipt = of(&format!("Received: by x; {date}")).unwrap();
            assert_eq!(receipt.by, ReceiptBy::Provider, "{date}");
            assert_eq!(receipt.at.to_string(), "2026-11-25T22:30:00Z", "{date}");
        }
    }

    #[test]
    fn without_a_date_that_can_be_the_clock_counts_and_without_the_field_nothing_was_received() {
        let clock = Some(Receipt { at: now(), by: ReceiptBy::Clock });
        for value in [
            "from x by y",
            "by x;",
            "by x; gisteren",
            "by x; Sat, 28 Nov 2026 12:00:00 +0000",
            "by x (; Wed, 25 Nov 2026 22:30:00 +0000",
            "by \"x; Wed, 25 Nov 2026 22:30:00 +0000",
        ] {
            assert_eq!(of(&format!("Received: {value}")), clock, "{value}");
        }
        assert_eq!(
            of(&format!("Received: {}; 25 Nov 2026 22:30:00 GMT", "x".repeat(9_000))),
            clock
        );
        assert_eq!(of("Subject: x"), None);
    }

    proptest! {
        #[test]
        fn any_field_has_a_receipt(value in "[ -~\r\n]{0,200}") {
            let value = value.replace(['\r', '\n'], " ");
            let receipt = of(&format!("Received: {value}"));
            prop_assert!(receipt.is_some());
        }
    }
}
