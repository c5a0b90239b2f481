use proptest::prelude::*;

use super::{Event, Limits, Outcome, Relay, Stop, Text};
use crate::Claim;

/// A session: who says what, in order. `C: ` is the mail program, `S: ` the provider; `M: ` is what
/// the mail program hears in place of the last `S: `. A CRLF is added; `\r\n` may be written so;
/// `C| ` and `S| ` add none. `«text»` is a literal, `«+text»` one that nobody waits for.
fn steps(script: &str) -> Vec<(char, Vec<u8>)> {
    let step = |line: &str| {
        let (who, text) = line.split_at(3);
        let end = if who.ends_with("| ") { "" } else { "\r\n" };
        let mut text = text.replace("\\r", "\r").replace("\\n", "\n");
        while let Some((before, (literal, behind))) =
            text.split_once('«').map(|(before, rest)| (before, rest.split_once('»').unwrap()))
        {
            let plus = literal.strip_prefix('+');
            let literal = plus.unwrap_or(literal);
            let sign = if plus.is_some() { "+" } else { "" };
            text = format!("{before}{{{}{sign}}}\r\n{literal}{behind}", literal.len());
        }
        (who.chars().next().unwrap(), [text.as_bytes(), end.as_bytes()].concat())
    };
    script.lines().map(str::trim_start).filter(|line| !line.is_empty()).map(step).collect()
}

/// Plays a session in pieces of `size` bytes; what was seen, and what the mail program heard.
fn play_cut(mut relay: Relay, script: &str, size: usize) -> (Vec<String>, Vec<u8>) {
    let (mut out, mut log) = (Vec::new(), Vec::new());
    for (who, bytes) in steps(script) {
        for piece in bytes.chunks(size) {
            match who {
                'C' => relay.client(piece),
                'S' => relay.server(piece, &mut out),
                _ => {}
            }
        }
        while let Some(event) = relay.seen() {
            log.push(shown(&event));
        }
    }
    relay.server_end(&mut out);
    (log, out)
}

fn play(script: &str) -> Vec<String> {
    let relay = || Relay::new(Limits::default());
    let (log, out) = play_cut(relay(), script, usize::MAX);
    let mut expected: Vec<Vec<u8>> = Vec::new();
    for (who, bytes) in steps(script) {
        match who {
            'S' => expected.push(bytes),
            'M' => *expected.last_mut().unwrap() = bytes,
            _ => {}
        }
    }
    assert_eq!(String::from_utf8_lossy(&out), String::from_utf8_lossy(&expected.concat()));
    for size in [1, 2, 3, 7] {
        assert_eq!(play_cut(relay(), script, size), (log.clone(), out.clone()), "cut in {size}");
    }
    log
}

fn shown(event: &Event) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    match event {
        Event::Selected(it) => {
            let keywords = if it.takes("$NtaVerified") { "takes keywords" } else { "no keywords" };
            let validity = it.uid_validity.unwrap_or_default();
            format!("selected {} {validity}, {keywords}", text(&it.mailbox))
        }
        Event::Closed => "closed".to_owned(),
        Event::Claimed(it) => {
            let mailbox = it.mailbox.as_ref().map(|it| text(&it.mailbox));
            let message = it.message.as_deref().map(text);
            format!(
                "claimed {} uid {} {:?} {message:?}",
                mailbox.unwrap_or_else(|| "?".to_owned()),
                it.uid.unwrap_or_default(),
                it.claims
            )
        }
        Event::Appending(it) => {
            let flags: Vec<_> = it.flags.iter().map(|flag| text(flag)).collect();
            let date = if it.date.is_some() { "dated" } else { "undated" };
            let kept = match &it.text {
                Text::Whole(bytes) => format!("whole {:?}", text(bytes)),
                Text::Beginning(bytes) => format!("beginning {:?}", text(bytes)),
            };
            let (tag, mailbox) = (text(&it.tag), text(&it.mailbox));
            format!("appending {tag} {mailbox} {flags:?} {date} {} {kept}", it.size)
        }
        Event::Appended { tag, outcome } => format!("appended {} {outcome:?}", text(tag)),
        Event::Stopped(why) => format!("stopped {why:?}"),
    }
}

const OPEN: &str = "C: 2 SELECT INBOX\nS: * OK [UIDVALIDITY 7] x\nS: 2 OK in\n";

/// What is seen behind the opening of INBOX.
fn play_open(script: &str) -> Vec<String> {
    let log = play(&format!("{OPEN}{script}"));
    assert_eq!(log[0], "selected INBOX 7, no keywords");
    log[1..].to_vec()
}

// The dialogues with named programs are written in their forms, not recorded from them.
#[test]
fn thunderbird_with_dovecot() {
    let log = play(
        "C: 2 capability
         S: * CAPABILITY IMAP4rev1 SASL-IR LOGIN-REFERRALS ID ENABLE IDLE COMPRESS=DEFLATE CONDSTORE NOTIFY
         M: * CAPABILITY IMAP4rev1 SASL-IR LOGIN-REFERRALS ID ENABLE IDLE CONDSTORE NOTIFY
         S: 2 OK Capability completed (0.001 + 0.000 secs).
         C: 3 ID (\"name\" \"Thunderbird\" \"version\" \"140.0\")
         S: * ID (\"name\" \"Dovecot\")
         S: 3 OK ID completed.
         C: 4 ENABLE CONDSTORE
         S: * ENABLED CONDSTORE
         S: 4 OK Enabled.
         C: 5 select \"INBOX\" (CONDSTORE)
         S: * FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft)
         S: * OK [PERMANENTFLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft \\*)] Flags permitted.
         S: * 2 EXISTS
         S: * 0 RECENT
         S: * OK [UIDVALIDITY 1700000000] UIDs valid
         S: * OK [UIDNEXT 12] Predicted next UID
         S: 5 OK [READ-WRITE] Select completed.
         C: 6 UID fetch 10:* (FLAGS)
         S: * 1 FETCH (UID 10 FLAGS (\\Seen) MODSEQ (5))
         S: * 2 FETCH (UID 11 FLAGS () MODSEQ (6))
         S: 6 OK Fetch completed.
         C: 7 UID fetch 10:11 (UID RFC822.SIZE FLAGS BODY.PEEK[HEADER.FIELDS (From Subject Content-Type X-NTA7516)])
         S: * 1 FETCH (UID 10 RFC822.SIZE 900 FLAGS (\\Seen) BODY[HEADER.FIELDS (FROM SUBJECT CONTENT-TYPE X-NTA7516)] «Content-Type: text/plain\\r\\n»)
         S: * 2 FETCH (UID 11 RFC822.SIZE 80 FLAGS () BODY[HEADER.FIELDS (FROM SUBJECT CONTENT-TYPE X-NTA7516)] «X-NTA7516: S\\r\\nContent-Type: multipart/signed; x=y\\r\\n» MODSEQ (6))
         S: 7 OK Fetch completed.
         C: 8 UID fetch 11 (UID RFC822.SIZE BODY.PEEK[]<0.65536>)
         S: * 2 FETCH (UID 11 RFC822.SIZE 90000 BODY[]<0> «X-NTA7516: S\\r\\n\\r\\nhello»)
         S: 8 OK Fetch completed.
         C: 9 UID fetch 11 (UID RFC822.SIZE BODY[])
         S: * 2 FETCH (UID 11 RFC822.SIZE 22 BODY[] «X-NTA7516: S\\r\\n\\r\\nhello» FLAGS (\\Seen))
         S: 9 OK Fetch completed.
         C: 10 IDLE
         S: + idling
         S: * 3 EXISTS
         C: DONE
         S: 10 OK Idle completed.
         C: 11 close
         S: 11 OK Close completed.",
    );
    assert_eq!(
        log,
        [
            "selected INBOX 1700000000, takes keywords",
            "claimed INBOX uid 11 [Nta7516, Signed] None",
            "claimed INBOX uid 11 [Nta7516] None",
            "claimed INBOX uid 11 [Nta7516] Some(\"X-NTA7516: S\\r\\n\\r\\nhello\")",
            "closed",
        ]
    );
}

#[test]
fn outlook_with_exchange() {
    let log = play_open(
        "C: A3 UID FETCH 5 (BODY.PEEK[] UID)
         S: * 1 FETCH (BODY[] «Content-Type: Multipart/Signed; a=b\\r\\n\\r\\nx» UID 5)
         S: A3 OK FETCH completed.
         C: A4 APPEND \"Sent Items\" (\\Seen) \"26-Nov-2026 10:00:00 +0100\" {19}
         S: + Ready for additional command text.
         C: Subject: x\\r\\n\\r\\nhallo
         S: A4 OK [APPENDUID 14 88] APPEND completed.
         C: A5 APPEND \"Sent Items\" {300000}
         S: A5 NO [OVERQUOTA] Mailbox is full
         C: A6 APPEND Drafts (\\Draft) «+X-NTA7516: S\\r\\n\\r\\nhello»
         S: A6 NO [TRYCREATE] no such folder
         C: A7 EXAMINE {6}
         S: + Ready
         C: Drafts
         S: * OK [UIDVALIDITY 9] x
         S: A7 OK [READ-ONLY] EXAMINE completed.",
    );
    assert_eq!(
        log,
        [
            "claimed INBOX uid 5 [Signed] Some(\"Content-Type: Multipart/Signed; a=b\\r\\n\\r\\nx\")",
            "appending A4 Sent Items [\"\\\\Seen\"] dated 19 beginning \"Subject: x\\r\\n\\r\\n\"",
            "appended A4 Taken { uid: Some((14, 88)) }",
            "appending A6 Drafts [\"\\\\Draft\"] undated 21 whole \"X-NTA7516: S\\r\\n\\r\\nhello\"",
            "appended A6 Refused",
            "selected Drafts 9, no keywords",
        ]
    );
}

#[test]
fn apple_mail_with_gmail_and_cyrus() {
    let log = play(
        "S: * CAPABILITY IMAP4rev1 UNSELECT IDLE X-GM-EXT-1 COMPRESS=DEFLATE UTF8=ACCEPT
         M: * CAPABILITY IMAP4rev1 UNSELECT IDLE X-GM-EXT-1 UTF8=ACCEPT
         C: 1.1 ENABLE UTF8=ACCEPT
         S: * ENABLED UTF8=ACCEPT
         S: 1.1 OK Success
         C: 2.1 SELECT \"Pati\u{eb}nten\"
         S: * FLAGS (\\Seen $NotPhishing)
         S: * OK [PERMANENTFLAGS (\\Seen \\*)] Flags permitted.
         S: * OK [UIDVALIDITY 3] UIDs valid.
         S: 2.1 OK [READ-WRITE] Pati\u{eb}nten selected. (Success)
         C: 3.1 FETCH 1 (X-GM-MSGID BODYSTRUCTURE UID)
         S: * 1 FETCH (X-GM-MSGID 1278455344230334865 UID 4 BODYSTRUCTURE ((\"TEXT\" \"PLAIN\" (\"CHARSET\" \"utf-8\") NIL NIL \"8BIT\" 7 1 NIL NIL NIL)(\"APPLICATION\" \"PKCS7-SIGNATURE\" (\"NAME\" \"a)\\\"b\") NIL NIL \"BASE64\" 900) \"SIGNED\" (\"BOUNDARY\" \"x\") NIL NIL))
         S: * 2 FETCH (BODYSTRUCTURE (\"APPLICATION\" \"X-PKCS7-MIME\" NIL NIL NIL \"BASE64\" 9) UID 6)
         S: * 3 FETCH (BODYSTRUCTURE ((\"TEXT\" \"PLAIN\" NIL NIL NIL \"7BIT\" 7 1) \"ALTERNATIVE\") UID 7)
         S: 3.1 OK Success
         C: 4.1 APPEND Concepten (\\Draft) UTF8 (~{18}
         S: + go ahead
         C: Subject: \u{eb}\\r\\n\\r\\nhoi)
         S: 4.1 OK [APPENDUID 3 9] (Success)
         C: 5.1 UNSELECT
         S: 5.1 OK done
         C: 6.1 SELECT &AOk-
         S: * OK [UIDVALIDITY 1] Ok
         S: 6.1 NO Mailbox does not exist: x{5}
         S: * BYE later",
    );
    assert_eq!(
        log,
        [
            "selected Pati&AOs-nten 3, takes keywords",
            "claimed Pati&AOs-nten uid 4 [Signed] None",
            "claimed Pati&AOs-nten uid 6 [Pkcs7] None",
            "appending 4.1 Concepten [\"\\\\Draft\"] undated 18 beginning \"Subject: \u{eb}\\r\\n\\r\\n\"",
            "appended 4.1 Taken { uid: Some((3, 9)) }",
            "closed",
        ]
    );
}

#[test]
fn several_messages_of_one_append_are_told_apart() {
    let log = play(
        "C: a APPEND «+Out» (\\Seen) «+abc» \"26-Nov-2026 10:00:00 +0100\" «+def» «+gh»
         S: a OK done
         C: b APPEND Out CATENATE (URL \"/x;UID=1\" TEXT «+abc»)
         S: b OK done",
    );
    assert_eq!(
        log,
        [
            "appending a Out [\"\\\\Seen\"] undated 3 whole \"abc\"",
            "appending a Out [] dated 3 whole \"def\"",
            "appending a Out [] undated 2 whole \"gh\"",
            "appended a Taken { uid: None }",
            "appended b Taken { uid: None }",
        ]
    );
}

#[test]
fn a_response_between_two_mailboxes_belongs_to_none() {
    let fetch = "S: * 1 FETCH (UID 5 BODY[HEADER] \"X-NTA7516: S\")\n";
    let log = play_open(&format!(
        "C: 3 UID FETCH 5 BODY[HEADER]\nC: 4 SELECT Other\n{fetch}S: 3 OK done\n{fetch}\
         S: * OK [UIDVALIDITY 8] x\nS: 4 OK in\n{fetch}C: 5 CLOSE\n{fetch}S: 5 OK out\n{fetch}"
    ));
    let claimed = |mailbox| format!("claimed {mailbox} uid 5 [Nta7516] None");
    let expected = [
        claimed("INBOX"),
        claimed("?"),
        "selected Other 8, no keywords".to_owned(),
        claimed("Other"),
        claimed("?"),
        "closed".to_owned(),
        claimed("?"),
    ];
    assert_eq!(log, expected);
}

#[test]
fn strangers_text_makes_no_event_and_no_change() {
    let quiet = play_open(
        "S: * 1 FETCH (ENVELOPE (NIL \"x\\n* 1 FETCH (UID 9 BODY[HEADER] {12}\" NIL))
         S: * 1 FETCH (BODY[TEXT] «X-NTA7516: S» BODY[2.HEADER] «X-NTA7516: S» BINARY[] ~«X-NTA7516: S» BODY[]<20> «X-NTA7516: S»)
         S: * 1 FETCH (BODY[] «Subject: x\\r\\n\\r\\n* CAPABILITY COMPRESS=DEFLATE\\r\\nX-NTA7516: S\\r\\n\\r\\n»)
         S: * 1 FETCH (UID 5 BODY[HEADER] \"X-NTA7516: S\"
         S: * 1 FETCH BODY[HEADER] \"X-NTA7516: S\"
         S: * 1 FETCH (BODY[HEADER \"X-NTA7516: S\")
         S: * 1 FETCH (BODY[HEADER]<x> \"X-NTA7516: S\")
         S: * 99999999999 FETCH (BODY[HEADER] \"X-NTA7516: S\")
         S: ??? \u{1}",
    );
    assert!(quiet.is_empty(), "{quiet:?}");
}

#[test]
fn what_both_sides_agreed_on_passes_even_if_it_cannot_be_read() {
    let log = play_open(
        "C: 3 COMPRESS DEFLATE
         S: 3 NO not now
         C: 4 COMPRESS DEFLATE
         S: 4 OK on\\r\\n* CAPABILITY COMPRESS=DEFLATE {5}
         C: ~~{99}
         S: * CAPABILITY COMPRESS=DEFLATE",
    );
    assert_eq!(log, ["closed", "stopped Compressed"]);
}

#[test]
fn a_client_that_does_not_wait_for_consent_is_no_longer_followed() {
    let log = play_open(
        "C: 3 APPEND Out {6}
         C| abc
         S: 3 NO no
         C: def\\r\\n4 SELECT Other
         S: 4 OK in
         S: * CAPABILITY X COMPRESS=DEFLATE
         M: * CAPABILITY X
         S: * 1 FETCH (UID 5 BODY[HEADER] \"X-NTA7516: S\")",
    );
    assert_eq!(log, ["closed", "stopped Unframed"]);
    let log = play_open("C: 3 APPEND Out {3}\nC: abc\nS: + ok\nS: 3 NO no\nC: 4 CLOSE\nS: 4 OK x");
    assert_eq!(log[1..], ["appended 3 Refused", "closed"]);
}

#[test]
fn a_tag_that_is_used_again_ends_the_older_command() {
    let log = play_open("C: a NOOP\nC: a APPEND Out {3}\nS: a OK done\nS: + ok\nC: abc\nS: a OK x");
    assert_eq!(
        log,
        ["appending a Out [] undated 3 whole \"abc\"", "appended a Taken { uid: None }"]
    );
}

#[test]
fn literals_without_end_stream_and_memory_stays_bounded() {
    let limits = Limits { tap: 1_000, message: 5_000 };
    let mut relay = Relay::new(limits);
    let (mut out, mut total) = (Vec::new(), 0);
    let header = b"X-NTA7516: S\r\n\r\n";
    for (size, kept) in [(10_000_000_000_u64, 16), (4_000, 4_000), (6_000, 16)] {
        out.clear();
        relay.server(format!("* 1 FETCH (UID 3 BODY[] {{{size}}}\r\n").as_bytes(), &mut out);
        relay.server(header, &mut out);
        for _ in 0..(size.min(4_000_000) - 16) / 4 {
            relay.server(b"abcd", &mut out);
            total += out.len();
            out.clear();
        }
        assert_eq!(relay.server.unit.kept(), kept, "{size}");
        if size > 4_000_000 {
            assert!(!relay.is_between_responses());
            relay = Relay::new(Limits { tap: 1_000, message: 5_000 });
            continue;
        }
        relay.server(b")\r\n", &mut out);
        let Some(Event::Claimed(claimed)) = relay.seen() else { panic!("{size}") };
        assert_eq!(claimed.message.is_some(), kept == 4_000);
        assert!(relay.is_between_responses());
    }
    assert!(total > 4_000_000);

    for line in ["* 1 FETCH (X ", "* OK ", "a OK ", "* CAPABILITY ", "+ "] {
        relay.server(line.as_bytes(), &mut out);
        relay.server(&vec![b'x'; 100_000], &mut out);
        assert!(relay.server.unit.text.len() <= 1_000, "{line}");
        relay.server(b"\r\n", &mut out);
    }
    relay.client(b"a SEARCH ");
    relay.client(&vec![b'x'; 100_000]);
    assert!(relay.client.unit.text.len() <= 1_000);
    relay.client(b"\r\n");
    for tag in 0..10_000 {
        relay.client(format!("{tag} APPEND x {{3+}}\r\nabc\r\n").as_bytes());
        while relay.seen().is_some() {}
    }
    let mut many = b"* 1 FETCH (UID 4".to_vec();
    many.extend(b" BODY[HEADER] {30}\r\nX-NTA7516: S\r\nX-X: 45678901234\r\n\r\n".repeat(500));
    relay.server(&many, &mut out);
    assert!(relay.server.unit.kept() <= 5_000 && relay.server.unit.literals.len() <= 64);
}

#[test]
fn both_directions_share_the_room_for_whole_messages() {
    let mut relay = Relay::new(Limits { tap: 1_000, message: 5_000 });
    let mut out = Vec::new();
    relay.client(b"a APPEND x {4000+}\r\nX-NTA7516: S\r\n\r\nabc");
    relay.server(b"* 1 FETCH (BODY[] {2000}\r\nX-NTA7516: S\r\n\r\nabcdef", &mut out);
    assert_eq!((relay.client.unit.kept(), relay.server.unit.kept()), (4_000, 16));
}

#[test]
fn the_header_of_every_message_that_is_put_away_is_kept() {
    let mut relay = Relay::new(Limits { tap: 1_000, message: 5_000 });
    let message = [&b"Subject: x\r\n\r\n"[..], &[b'y'; 3_000]].concat();
    relay.client(format!("a APPEND x {{{}+}}\r\n", message.len()).as_bytes());
    message.chunks(5).for_each(|piece| relay.client(piece));
    let Some(Event::Appending(appended)) = relay.seen() else { panic!() };
    assert_eq!(appended.size, 3_014);
    assert_eq!(appended.text, Text::Beginning(message[..14].to_vec()));
    relay.client(b"\r\n");
    relay.server(b"a OK [APPENDUID 1 2] done\r\n", &mut Vec::new());
    let taken = Outcome::Taken { uid: Some((1, 2)) };
    assert_eq!(relay.seen(), Some(Event::Appended { tag: b"a".to_vec(), outcome: taken }));
}

#[test]
fn nothing_private_is_shown_by_debug() {
    let log = ["C: a APPEND Jansen «+abc»", "S: a OK x"].join("\n");
    let mut relay = Relay::new(Limits::default());
    for (who, bytes) in steps(&format!("{OPEN}{log}")) {
        match who {
            'C' => relay.client(&bytes),
            _ => relay.server(&bytes, &mut Vec::new()),
        }
    }
    let mut shown = format!("{relay:?}");
    while let Some(event) = relay.seen() {
        shown += &format!("{event:?}{:?}", Event::Stopped(Stop::Compressed));
    }
    assert!(!shown.contains("Jansen") && !shown.contains("abc") && !shown.contains("INBOX"));
    assert_eq!(Claim::Signed, Claim::Signed.max(Claim::Nta7516));
}

proptest! {
    #[test]
    fn the_mail_program_hears_all_but_the_hidden_words(
        words in proptest::collection::vec(proptest::sample::select(vec![
            &b"* "[..], b"1 FETCH (", b"BODY[] ", b"UID 5 ", b"{16}\r\n", b"X-NTA7516: S\r\n\r\n", b")",
            b"\r\n", b"a OK ", b"\"", b"(", b" ", b"+ ", b"FLAGS ", b"BODYSTRUCTURE ", b"\0", b"\xff",
        ]), 0..60),
        size in 1_usize..9,
    ) {
        let bytes = words.concat();
        let run = |size: usize| {
            let (mut relay, mut out, mut log) = (Relay::new(Limits::default()), Vec::new(), Vec::new());
            relay.client(b"a SELECT INBOX\r\n");
            for piece in bytes.chunks(size) {
                relay.server(piece, &mut out);
                while let Some(event) = relay.seen() {
                    log.push(shown(&event));
                }
            }
            (out, log)
        };
        let whole = run(usize::MAX);
        prop_assert_eq!(&whole.0, &bytes);
        prop_assert_eq!(run(size), whole);
    }
}

/// Prints MB/s: `cargo test -p imap --release -- --ignored --nocapture framing`.
#[test]
#[ignore = "a measurement"]
#[allow(clippy::print_stdout)]
fn framing_and_tapping_throughput() {
    let message = [&b"Subject: x\r\nFrom: a@b.nl\r\n\r\n"[..], &[b'y'; 9_400]].concat();
    let mut stream = Vec::new();
    for uid in 0..5_000 {
        let size = message.len();
        stream.extend(
            format!("* {uid} FETCH (UID {uid} FLAGS (\\Seen) BODY[] {{{size}}}\r\n").bytes(),
        );
        stream.extend_from_slice(&message);
        stream.extend_from_slice(b")\r\n");
    }
    let flags: String = (0..500_000)
        .map(|uid| format!("* {uid} FETCH (UID {uid} FLAGS (\\Seen) MODSEQ (12345))\r\n"))
        .collect();
    for (name, bytes) in [("whole messages", stream.as_slice()), ("flags alone", flags.as_bytes())]
    {
        let (mut relay, mut out) = (Relay::new(Limits::default()), Vec::new());
        let begin = std::time::Instant::now();
        for piece in bytes.chunks(17 * 1024) {
            out.clear();
            relay.server(piece, &mut out);
        }
        let rate = bytes.len() as f64 / begin.elapsed().as_secs_f64() / 1e6;
        println!("{name}: {rate:.0} MB/s");
        assert!(relay.seen().is_none());
    }
}

#[test]
fn of_a_message_that_has_dkim_alone_the_header_is_told() {
    let mut relay = Relay::new(Limits::default());
    for header in ["DKIM-Signature: v=1\r\n\r\n", "X-NTA7516: S\r\n\r\n"] {
        let message = format!("{header}text\r\n");
        let line = format!("* 1 FETCH (UID 3 BODY[] {{{}}}\r\n{message})\r\n", message.len());
        relay.server(line.as_bytes(), &mut Vec::new());
        let Some(Event::Claimed(claimed)) = relay.seen() else { panic!("{header}") };
        let alone = claimed.claims == [Claim::Dkim];
        assert_eq!(claimed.header, alone.then(|| header.as_bytes().to_vec()));
        assert_eq!(claimed.message, (!alone).then(|| message.into_bytes()));
    }
}
