use std::net::SocketAddr;
use std::process::Command;

use tests::files::noise;
use tests::zorgzegel::Options;
use tests::{PASSWORD, Session, World};

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
    let at = |server, tls: &str, password: &str| run(server, tls, (product.user(), password), ".");
    let (_, expected) = at(provider().imap_implicit, "implicit", PASSWORD);
    assert!(expected.lines().count() > 150, "{expected}");
    for (tls, server) in [("implicit", product.imaps()), ("starttls", product.imap())] {
        let (head, got) = at(server.unwrap(), tls, product.local_password());
        assert!(!head.contains("DEFLATE"), "{head}");
        let differ: Vec<_> = expected.lines().zip(got.lines()).filter(|(a, b)| a != b).collect();
        assert!(got == expected, "{tls}: {differ:#?}");
    }
}

/// Runs the script: what was said up to the log-in, and from there on.
fn run(server: SocketAddr, tls: &str, login: (&str, &str), separator: &str) -> (String, String) {
    let (host, port) = (server.ip().to_string(), server.port().to_string());
    let mut command = Command::new("python3");
    command.args(["-c", SCRIPT, &host, &port, tls, login.0, login.1, separator]);
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    let (head, body) = said.split_once("-- in --\n").unwrap();
    (head.to_owned(), body.to_owned())
}

#[test]
fn a_server_of_another_make_says_the_same_direct_and_through() {
    let session = Session::start().unwrap();
    let cyrus = World::shared().cyrus().unwrap();
    let through = |name: &'static str| {
        let options = Options { username: Some(name), imap: Some(cyrus.implicit), ..account(name) };
        start(&session, options)
    };
    // A mailbox of its own for each: the server counts changes for a user.
    let product = through("klaas");
    let (_, expected) = run(cyrus.implicit, "implicit", ("piet", "x"), "/");
    let login = (product.user(), product.local_password());
    let (head, got) = run(product.imaps().unwrap(), "implicit", login, "/");
    assert!(!head.contains("DEFLATE") && expected.lines().count() > 150, "{head}{expected}");
    let differ: Vec<_> = expected.lines().zip(got.lines()).filter(|(a, b)| a != b).collect();
    assert!(got == expected, "{differ:#?}");

    let expected = imapclient(cyrus.implicit, ("kees", "x"));
    let product = through("trees");
    let got = imapclient(product.imaps().unwrap(), (product.user(), product.local_password()));
    assert!(expected.lines().count() > 12, "{expected}");
    assert_eq!(got, expected);
}

#[test]
fn imapclient_sees_the_same_direct_and_through() {
    let session = Session::start().unwrap();
    let (one, product) = (start(&session, account("kist")), start(&session, account("doos")));
    let expected = imapclient(provider().imap_implicit, (one.user(), PASSWORD));
    let got = imapclient(product.imaps().unwrap(), (product.user(), product.local_password()));
    assert!(expected.lines().count() > 12, "{expected}");
    assert_eq!(got, expected);
}

/// Runs a day's work by IMAPClient, which `scripts/setup test` installs.
fn imapclient(server: SocketAddr, (user, password): (&str, &str)) -> String {
    let own = std::env::current_exe().unwrap();
    let python = own.ancestors().map(|folder| folder.join("tools/python/bin/python"));
    let python = python.take(4).find(|path| path.is_file()).expect("make setup-test installs it");
    let (host, port) = (server.ip().to_string(), server.port().to_string());
    let output =
        Command::new(python).args(["-c", CLIENT, &host, &port, user, password]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    said
}

#[test]
fn a_mailbox_of_200_000_messages_and_800_folders_passes_in_little_memory() {
    let session = Session::start().unwrap();
    let message = b"From: a@elders.test\r\nSubject: een van vele\r\n\r\nx\r\n";
    provider().put_many(&address("reus"), (message, 200_000), 800).unwrap();
    let product = start(&session, account("reus"));
    through(&product).ask("NOOP").unwrap();
    let before = product.memory();
    let statuses = |number: usize| format!("STATUS \"Map {:03}\" (MESSAGES UNSEEN)", number * 80);
    let mut commands: Vec<String> = (0..10).map(statuses).collect();
    commands.extend([
        "EXAMINE INBOX".to_owned(),
        "LIST \"\" *".to_owned(),
        "UID SEARCH ALL".to_owned(),
        "FETCH 1:* (UID FLAGS)".to_owned(),
        "FETCH 199900:* (UID BODY.PEEK[HEADER.FIELDS (SUBJECT)])".to_owned(),
    ]);
    let mut most = 0;
    let answers = [direct(product.user()), through(&product)].map(|mut imap| {
        let all = commands.iter().map(|command| {
            let answer = imap.say(command).unwrap();
            most = most.max(product.memory());
            // The end says how long it took.
            let end = answer.windows(4).rposition(|bytes| bytes == b"T OK").unwrap();
            let answer = answer[..end].to_vec();
            let answer = without_patience(&answer);
            if command.starts_with("LIST") { without_marks(&answer) } else { answer }
        });
        all.collect::<Vec<_>>()
    });
    assert!(answers[0][13].len() > 6_000_000, "{}", answers[0][13].len());
    assert_eq!(String::from_utf8_lossy(&answers[0][11]).matches("Map ").count(), 800);
    for (command, (direct, through)) in commands.iter().zip(answers[0].iter().zip(&answers[1])) {
        assert!(direct == through, "{command}: {} {}", direct.len(), through.len());
    }
    assert!(most < before + 8_000, "{before} kB, then {most} kB");
}

/// An answer to LIST without what a server says of new mail: it says so of a folder once it has looked
/// at it and that was a while ago (RFC 3501, 7.2.2: the server decides when to).
fn without_marks(answer: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(answer);
    text.replace(" \\UnMarked", "").replace(" \\Marked", "").into_bytes()
}

/// An answer without the lines by which a server says that it is still at it: Dovecot does where the files of a mailbox
/// take it more than fifteen seconds.
fn without_patience(answer: &[u8]) -> Vec<u8> {
    let lines = answer.split_inclusive(|&byte| byte == b'\n');
    lines.filter(|line| !line.starts_with(b"* OK Hang in there")).flatten().copied().collect()
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

/// Everything that a mail program does, once; prints what the server sent from the log-in on, and what
/// the program made of its refusals. Left out is only what is another each time: how long it took, when
/// a mailbox was made, whether the server looked at it since (RFC 3501, 7.2.2).
const SCRIPT: &str = r#"
import imaplib, re, ssl, sys
host, port, tls, user, password, sep = sys.argv[1:]
imaplib.random.randint = lambda a, b: 5000
context = ssl.create_default_context()
context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
heard = []
def same(said):
    said = re.sub(r"\(((\d+ msgs )?in )?[\d. +]+ secs?( \d+ calls)?\)", "(time)", said)
    said = re.sub(r"(UIDVALIDITY|APPENDUID|COPYUID) \d+", r"\1 N", said)
    said = re.sub(r"MAILBOXID \(\S+\)", "MAILBOXID (N)", said)
    return re.sub(r" \\(Un)?Marked", "", said)
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
    except imaplib.IMAP4.error as error: print("error", same(str(error)))
text = b"From: x@elders.test\r\nSubject: =?utf-8?q?caf=C3=A9?=\r\nMIME-Version: 1.0\r\n" \
    b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nhallo\r\n" \
    b"--b\r\nContent-Type: application/pdf; name=\"a b.pdf\"\r\nContent-Transfer-Encoding: base64\r\n\r\nAAAA\r\n--b--\r\n"
do("NAMESPACE"); do("ID", "NIL")
def under(name): return name.replace(".", sep)
do("CREATE", under("Map.onder")); do("CREATE", '"M &AOk- {3}"'); do("LIST", '""', "*"); do("SUBSCRIBE", under("Map.onder")); do("LSUB", '""', "*")
for number, flags in enumerate(["", r"(\Seen)", r"(\Flagged $Label1)", ""]):
    m.append(under("Map.onder"), flags, '"26-Nov-2020 10:00:00 +0000"', text.replace(b"hallo", b"hallo %d" % number))
do("STATUS", under("Map.onder"), "(MESSAGES UIDNEXT UNSEEN)"); do("ENABLE", "CONDSTORE"); do("SELECT", under("Map.onder")); m.state = "SELECTED"
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
do("CLOSE"); m.state = "AUTH"; do("SELECT", '"weg{5}"'); do("RENAME", under("Map.onder"), under("Map.anders")); do("DELETE", under("Map.anders")); do("DELETE", '"M &AOk- {3}"'); do("UNSUBSCRIBE", under("Map.onder")); do("DELETE", "Map"); do("NOOP"); do("LOGOUT")
said = same(b"".join(heard).decode("utf-8", "surrogateescape"))
print(said.encode("utf-8", "backslashreplace").decode())
"#;

/// A day's work by IMAPClient; prints what it understood. UIDVALIDITY and times are others each time.
const CLIENT: &str = r#"
import ssl, sys
from imapclient import IMAPClient
host, port, user, password = sys.argv[1:]
context = ssl.create_default_context()
context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
c = IMAPClient(host, port=int(port), ssl_context=context)
c.login(user, password)
# What ends here or cannot pass; the rest is the provider's.
hidden = (b"AUTH=", b"COMPRESS=", b"STARTTLS", b"LOGINDISABLED", b"UNAUTHENTICATE", b"SASL-IR")
print(sorted(w for w in c.capabilities() if not w.startswith(hidden)))
print(c.namespace())
c.create_folder("Brieven \u00e9")
def folder(flags, separator, name): return sorted(f for f in flags if not f.endswith(b"Marked")), separator, name
print(sorted(str(folder(*f)) for f in c.list_folders()))
text = b"From: x@elders.test\r\nTo: y@elders.test\r\nSubject: =?utf-8?q?caf=C3=A9?=\r\nMessage-ID: <%d@x>\r\n\r\nhallo %d\r\n"
for n in range(5): c.append("Brieven \u00e9", text % (n, n), flags=[b"\\Seen"] if n % 2 else [])
info = c.select_folder("Brieven \u00e9")
print(info[b"EXISTS"], sorted(info[b"FLAGS"]), sorted(info[b"PERMANENTFLAGS"]), info[b"UIDNEXT"])
print(c.search("UNSEEN"), c.search(["SUBJECT", "caf"]), c.search(["TEXT", "hallo 3"], "UTF-8"))
print(c.sort("REVERSE ARRIVAL")[:0], c.thread()[:1])
for uid, data in sorted(c.fetch("1:*", ["FLAGS", "BODY.PEEK[]", "ENVELOPE", "BODYSTRUCTURE", "RFC822.SIZE"]).items()):
    print(uid, sorted(data[b"FLAGS"]), data[b"BODY[]"], data[b"ENVELOPE"].message_id, data[b"BODYSTRUCTURE"], data[b"RFC822.SIZE"])
print(c.add_flags([1, 2], [b"\\Flagged", b"$NtaVerified"]), c.remove_flags(2, [b"\\Seen"]))
c.copy([1], "INBOX"); c.move([2], "INBOX")
c.delete_messages([3]); print(c.uid_expunge([3]) if c.has_capability("UIDPLUS") else None)
c.idle(); print([r for r in c.idle_check(timeout=0.2) if r[1:] != (b"Still here",)]); print(c.idle_done()[0][:4])
print(c.folder_status("Brieven \u00e9", ["MESSAGES", "UNSEEN", "UIDNEXT"]))
c.close_folder(); c.delete_folder("Brieven \u00e9"); print(c.select_folder("INBOX", readonly=True)[b"EXISTS"])
c.logout()
"#;
