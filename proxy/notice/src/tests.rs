use mail::mime::{self, Limits};
use mail::{Address, Envelope, Message, Param, Recipient};
use proptest::prelude::*;

use super::*;

fn address(text: &str) -> Address {
    Address::parse(text).unwrap()
}

fn failed(recipient: &str, words: &str) -> Failed {
    Failed {
        recipient: address(recipient),
        original: None,
        cause: Cause::Refused,
        nl: words.to_owned(),
        en: words.to_owned(),
        host: None,
    }
}

fn notice(failed: Vec<Failed>) -> Notice {
    Notice {
        id: "01ARZ3NDEKTSV4RRFFQ69G5FAV.2".to_owned(),
        account: address("jan@praktijk.nl"),
        held: "01ARZ3NDEKTSV4RRFFQ69G5FAV".to_owned(),
        arrived: "2026-03-02T09:05:00Z".parse().unwrap(),
        at: "2026-07-02T09:05:00Z".parse().unwrap(),
        language: Language::Dutch,
        original: Original::default(),
        failed,
    }
}

fn param(text: &str) -> Param {
    Param::parse(text).unwrap()
}

fn envelope(params: &[&str]) -> Envelope {
    Envelope {
        reverse_path: Some(address("jan@praktijk.nl")),
        params: params.iter().map(|text| param(text)).collect(),
        recipients: Vec::new(),
    }
}

fn recipient(params: &[&str]) -> Recipient {
    Recipient {
        address: address("a@b.nl"),
        params: params.iter().map(|text| param(text)).collect(),
    }
}

#[test]
fn a_report_has_a_part_for_people_one_for_programs_and_what_identifies_the_message() {
    let text = b"Message-ID: <1@praktijk.nl>\r\nDate: Mon, 2 Mar 2026 10:05:00 +0100\r\n\
        Subject: geheim\r\nTo: a@b.nl\r\n\r\ngeheim\r\n";
    let mut notice = notice(vec![failed("a@b.nl", "550 5.1.1 <a@b.nl>: no such user")]);
    notice.original = Original::of(&Message::new(text.to_vec()), &envelope(&["ENVID=q+2B1"]));
    let message = Message::new(notice.message());
    let tree = mime::tree(&message, Limits::default());
    let kind = &tree.root.content_type;
    assert_eq!(kind.param("report-type").map(|value| value.text()), Some("delivery-status".into()));
    let kinds: Vec<_> = tree
        .root
        .children
        .iter()
        .map(|part| {
            let fields = part.fields(message.bytes());
            fields.iter().find(|field| field.is("content-type")).unwrap().unfolded()
        })
        .collect();
    let expected = ["text/plain; charset=utf-8", "message/delivery-status", "text/rfc822-headers"];
    assert_eq!(kinds, expected);
    let all = String::from_utf8(message.bytes().to_vec()).unwrap();
    assert!(!all.contains("geheim"));
    for line in [
        "From: Zorgzegel <mailer-daemon@zorgzegel.invalid>",
        "To: jan@praktijk.nl",
        "Subject: Niet bezorgd: uw bericht van 02-03-2026 10:05",
        "Date: Thu, 02 Jul 2026 11:05:00 +0200",
        "Message-ID: <notice.01ARZ3NDEKTSV4RRFFQ69G5FAV.2@zorgzegel.invalid>",
        "In-Reply-To: <1@praktijk.nl>",
        "Auto-Submitted: auto-replied",
        "Original-Envelope-Id: q+1",
        "Reporting-MTA: dns; localhost",
        "Final-Recipient: rfc822; a@b.nl",
        "Action: failed",
        "Status: 5.1.1",
        "Diagnostic-Code: smtp; 550 5.1.1 <a@b.nl>: no such user",
        "Uw bericht van 2 maart 2026 om 10:05 uur is niet bezorgd bij:",
        "Your message of 2 March 2026 at 10:05 was not delivered to:",
        "Date: Mon, 2 Mar 2026 10:05:00 +0100",
    ] {
        assert!(all.contains(&format!("{line}\r\n")), "{line} is missing in {all}");
    }
    let (dutch, english) = (all.find("niet bezorgd bij").unwrap(), all.find("was not").unwrap());
    assert!(dutch < english);
    let other = Notice { language: Language::English, ..notice };
    let all = String::from_utf8(other.message()).unwrap();
    assert!(all.find("niet bezorgd bij").unwrap() > all.find("was not").unwrap());
    assert!(all.contains("Subject: Not delivered: your message of 2026-03-02 10:05\r\n"), "{all}");
}

#[test]
fn the_status_is_the_servers_own_where_it_gave_one() {
    for (cause, words, expected) in [
        (Cause::Refused, "550 5.7.1 not here", "5.7.1"),
        (Cause::Refused, "550-5.1.10 null MX", "5.1.10"),
        (Cause::Refused, "550 no such user", "5.0.0"),
        (Cause::Refused, "host 5.6.7.8 refused", "5.0.0"),
        (Cause::Refused, "REQUIRETLS is not offered: 550 5.7.30 no", "5.7.30"),
        (Cause::Expired, "451 4.7.1 later", "4.4.7"),
        (Cause::Expired, "mx.b.nl cannot be reached", "4.4.7"),
    ] {
        assert_eq!(status::status(cause, words), expected, "{words}");
    }
    let seen = notice(vec![failed("a@b.nl", "mx.b.nl cannot be reached")]).message();
    let seen = String::from_utf8(seen).unwrap();
    assert!(seen.contains("Diagnostic-Code: x-zorgzegel; mx.b.nl cannot be reached\r\n"), "{seen}");
}

#[test]
fn names_beyond_us_ascii_are_written_in_it() {
    let mut notice = notice(vec![failed("jos\u{e9}@b.nl", "550 5.1.1 onbekend: jos\u{e9}")]);
    notice.account = address("ren\u{e9}@praktijk.nl");
    let text = String::from_utf8(notice.message()).unwrap();
    assert!(text.is_ascii());
    assert!(text.contains("Final-Recipient: utf-8; jos\\x{E9}@b.nl\r\n"), "{text}");
    assert!(text.contains("  jos=C3=A9@b.nl\r\n"), "{text}");
    assert!(text.contains("To: undisclosed-recipients:;\r\n"), "{text}");
}

#[test]
fn what_the_mail_program_called_a_recipient_is_told_to_it() {
    for (orcpt, told) in [
        ("ORCPT=rfc822;a+2Bb@c.nl", Some("Original-Recipient: rfc822; a+b@c.nl\r\n")),
        ("ORCPT=rfc822;a+0D+0AX-Forged:1", None),
        ("ORCPT=a@c.nl", None),
    ] {
        let mut one = failed("a@b.nl", "550 no");
        one.original = original_recipient(&recipient(&[orcpt]));
        let text = String::from_utf8(notice(vec![one]).message()).unwrap();
        match told {
            Some(told) => assert!(text.contains(told), "{text}"),
            None => assert!(!text.contains("Original-Recipient"), "{text}"),
        }
        assert!(!text.contains("\r\nX-Forged"), "{text}");
    }
}

#[test]
fn who_asked_not_to_be_told_is_not_told() {
    let wanted = |params: &[&str]| is_wanted(&envelope(&[]), &recipient(params));
    assert!(wanted(&[]) && wanted(&["NOTIFY=success,failure"]));
    assert!(!wanted(&["NOTIFY=NEVER"]) && !wanted(&["NOTIFY=SUCCESS,DELAY"]));
    let without = Envelope { reverse_path: None, ..envelope(&[]) };
    assert!(!is_wanted(&without, &recipient(&[])));
}

#[test]
fn fields_that_cannot_stand_in_a_header_are_left_out() {
    let text = "Message-ID: <\u{e9}@x>\r\nDate: \u{1}\r\n\r\n";
    let original = Original::of(&Message::new(text.as_bytes().to_vec()), &envelope(&["ENVID=+0D"]));
    assert_eq!(original, Original::default());
    let text = String::from_utf8(notice(vec![failed("a@b.nl", "no")]).message()).unwrap();
    assert!(!text.contains("rfc822-headers") && !text.contains("References"), "{text}");
}

proptest! {
    #[test]
    fn no_words_break_out_of_their_place(nl in ".{0,300}", en in "[ -~\r\n\u{e9}=]{0,300}", host in ".{0,30}") {
        let mut one = failed("a@b.nl", "");
        (one.nl, one.en, one.host) = (nl, en, Some(host));
        let bytes = notice(vec![one]).message();
        let text = String::from_utf8(bytes.clone()).unwrap();
        prop_assert!(text.is_ascii() && text.ends_with("--\r\n"));
        prop_assert!(!text.replace("\r\n", "").contains(['\r', '\n', '\0']));
        prop_assert!(text.lines().all(|line| line.len() <= 998));
        let message = Message::new(bytes);
        let tree = mime::tree(&message, Limits::default());
        prop_assert_eq!(tree.root.children.len(), 2);
        let status = &text[text.find("Reporting-MTA").unwrap()..];
        prop_assert_eq!(status.matches("\r\nAction: ").count(), 1);
        let code = &status[status.find("Diagnostic-Code").unwrap()..status.find("Last-Attempt").unwrap()];
        prop_assert!(code.lines().skip(1).all(|line| line.starts_with(' ')), "{}", code);
    }
}
