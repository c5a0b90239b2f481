use std::process::Command;

use tests::files::noise;
use tests::{PASSWORD, Session};

use super::{account, address, direct, provider, start, through};

/// A message as large as most, of its own in each place.
fn message(number: usize) -> Vec<u8> {
    let mut message = format!(
        "From: a@elders.test\r\nTo: b@praktijk.test\r\nSubject: bericht {number}\r\n\
         Message-ID: <{number}@elders.test>\r\nMIME-Version: 1.0\r\n\
         Content-Type: text/plain; charset=utf-8\r\n\r\n"
    )
    .into_bytes();
    for line in 0..(number * 7 % 40) {
        message.extend(format!("regel {line} van {number}: {{3}} * BYE a1 OK \u{e9}\r\n").bytes());
    }
    message
}

#[test]
fn five_thousand_messages_come_byte_for_byte() {
    let session = Session::start().unwrap();
    let messages: Vec<_> = (0..5_000).map(message).collect();
    provider().put(&address("veel"), &messages).unwrap();
    let product = start(&session, account("veel"));
    let fetched = [direct(product.user()), through(&product)].map(|mut imap| {
        imap.ask("EXAMINE INBOX").unwrap();
        let answer = imap.say("FETCH 1:* (UID FLAGS RFC822.SIZE ENVELOPE BODY.PEEK[])").unwrap();
        let end = answer.windows(4).rposition(|bytes| bytes == b"T OK").unwrap();
        // The end says how long it took.
        answer[..end].to_vec()
    });
    assert!(fetched[0].len() > 5_000_000, "{}", fetched[0].len());
    assert!(fetched[0] == fetched[1], "{} {}", fetched[0].len(), fetched[1].len());
}

#[test]
fn a_script_of_commands_gets_the_same_bytes_direct_and_through() {
    let session = Session::start().unwrap();
    let product = start(&session, account("gelijk"));
    let at = |server: std::net::SocketAddr, tls: &str, password: &str| {
        let (host, port) = (server.ip().to_string(), server.port().to_string());
        let mut command = Command::new("python3");
        command.args(["-c", SCRIPT, &host, &port, tls, product.user(), password]);
        let output = command.output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
        let (head, body) = said.split_once("-- in --\n").unwrap();
        (head.to_owned(), body.to_owned())
    };
    let (_, expected) = at(provider().imap_implicit, "implicit", PASSWORD);
    assert!(expected.lines().count() > 150, "{expected}");
    for (tls, server) in [("implicit", product.imaps()), ("starttls", product.imap())] {
        let (head, got) = at(server.unwrap(), tls, product.local_password());
        assert!(!head.contains("DEFLATE"), "{head}");
        let differ: Vec<_> = expected.lines().zip(got.lines()).filter(|(a, b)| a != b).collect();
        assert!(got == expected, "{tls}: {differ:#?}");
    }
}

#[test]
fn large_messages_and_literals_go_up_byte_for_byte() {
    let session = Session::start().unwrap();
    let product = start(&session, account("groot"));
    let mut imap = through(&product);
    let mut message = b"Subject: groot\r\n\r\n".to_vec();
    for line in tests::raw::base64(&noise(12_000_000)).as_bytes().chunks(76) {
        message.extend_from_slice(line);
        message.extend_from_slice(b"\r\n");
    }
    imap.begin(&format!("APPEND INBOX (\\Flagged) {{{}}}", message.len())).unwrap();
    assert!(imap.line().unwrap().starts_with("+ "));
    imap.write(&message).unwrap();
    imap.write(b"\r\n").unwrap();
    assert!(imap.answer().unwrap().starts_with(b"T OK [APPENDUID "));
    // Without waiting for consent (RFC 7888), and a command behind it in the same write.
    let small = b"Subject: klein\r\n\r\nx\r\n";
    let command = format!("x1 APPEND INBOX {{{}+}}\r\n", small.len());
    imap.write(&[command.as_bytes(), small, b"\r\n"].concat()).unwrap();
    imap.ask("NOOP").unwrap();
    let mut direct = direct(product.user());
    direct.ask("EXAMINE INBOX").unwrap();
    let answer = direct.say("FETCH 1:2 (FLAGS BODY.PEEK[])").unwrap();
    let has = |bytes: &[u8]| answer.windows(bytes.len()).any(|part| part == bytes);
    assert!(has(small));
    let start = answer.windows(16).position(|part| part == b"Subject: groot\r\n").unwrap();
    assert!(answer[start..].starts_with(&message), "the large message differs");
}

/// Everything that a mail program does, once; prints what the server sent from the log-in on. Left out
/// are only figures that are another each time: how long it took, when a mailbox was made.
const SCRIPT: &str = r#"
import imaplib, re, ssl, sys
host, port, tls, user, password = sys.argv[1:]
imaplib.random.randint = lambda a, b: 5000
context = ssl.create_default_context()
context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
heard = []
def listening(kind):
    class Listening(kind):
        def read(self, size):
            data = super().read(size); heard.append(data); return data
        def readline(self):
            data = super().readline(); heard.append(data); return data
    return Listening
if tls == "implicit":
    m = listening(imaplib.IMAP4_SSL)(host, int(port), ssl_context=context)
else:
    m = listening(imaplib.IMAP4)(host, int(port)); m.starttls(context)
m.login(user, password)
print(b"".join(heard)); print("-- in --"); heard.clear()
m.tagnum = 100
for name in ["ID", "IDLE"]: imaplib.Commands[name] = ("AUTH", "SELECTED")
def do(name, *args):
    try: m._simple_command(name, *args)
    except imaplib.IMAP4.error as error: print("error", error)
text = b"From: x@elders.test\r\nSubject: =?utf-8?q?caf=C3=A9?=\r\nMIME-Version: 1.0\r\n" \
    b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nhallo\r\n" \
    b"--b\r\nContent-Type: application/pdf; name=\"a b.pdf\"\r\nContent-Transfer-Encoding: base64\r\n\r\nAAAA\r\n--b--\r\n"
do("NAMESPACE"); do("ID", "NIL")
do("CREATE", "Map.onder"); do("CREATE", '"M &AOk- {3}"'); do("LIST", '""', "*"); do("SUBSCRIBE", "Map.onder"); do("LSUB", '""', "*")
for number, flags in enumerate(["", r"(\Seen)", r"(\Flagged $Label1)", ""]):
    m.append("Map.onder", flags, '"26-Nov-2020 10:00:00 +0000"', text.replace(b"hallo", b"hallo %d" % number))
do("STATUS", "Map.onder", "(MESSAGES UIDNEXT UNSEEN)"); do("ENABLE", "CONDSTORE"); do("SELECT", "Map.onder"); m.state = "SELECTED"
do("FETCH", "1:*", "(UID FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODYSTRUCTURE)")
do("FETCH", "1", "BODY.PEEK[HEADER.FIELDS (SUBJECT)]"); do("FETCH", "2:3", "(BODY[TEXT]<0.20> BODY[1] BODY[2.MIME])")
do("UID", "FETCH", "1:4", "(MODSEQ FLAGS BODY[])"); do("FETCH", "1", "(RFC822.HEADER RFC822.TEXT)")
do("STORE", "1", r"+FLAGS (\Answered $NtaVerified)"); do("UID", "STORE", "2", r"-FLAGS.SILENT (\Seen)")
do("SEARCH", "UNSEEN"); do("UID", "SEARCH", "SUBJECT", '"caf"'); do("SORT", "(REVERSE DATE)", "UTF-8", "ALL"); do("THREAD", "REFERENCES", "UTF-8", "ALL")
m.literal = "café".encode(); do("SEARCH", "CHARSET", "UTF-8", "SUBJECT")
do("COPY", "1:2", '"M &AOk- {3}"'); do("UID", "MOVE", "3", '"M &AOk- {3}"')
tag = m._command("IDLE")
while m._get_response(): pass
m.send(b"DONE\r\n"); m._command_complete("IDLE", tag)
do("STORE", "1", r"+FLAGS (\Deleted)"); do("EXPUNGE"); do("FETCH", "99", "(FLAGS)"); do("FETCH", "nonsense")
do("CLOSE"); m.state = "AUTH"; do("SELECT", '"weg{5}"'); do("RENAME", "Map.onder", "Map.anders"); do("DELETE", "Map.anders"); do("DELETE", '"M &AOk- {3}"'); do("UNSUBSCRIBE", "Map.onder"); do("DELETE", "Map"); do("NOOP"); do("LOGOUT")
said = b"".join(heard).decode("utf-8", "surrogateescape")
said = re.sub(r"\([\d. +]+ secs\)", "(time)", said)
said = re.sub(r"(UIDVALIDITY|APPENDUID|COPYUID) \d+", r"\1 N", said)
print(said.encode("utf-8", "backslashreplace").decode())
"#;
