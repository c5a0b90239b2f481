use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Stdio};

use tests::{PASSWORD, Session};

use super::{account, address, direct, provider, start};

pub(super) fn run(command: &mut Command) -> String {
    let output = command.stdin(Stdio::null()).output().unwrap();
    let said = [output.stdout.as_slice(), output.stderr.as_slice()].concat();
    let said = String::from_utf8_lossy(&said).into_owned();
    assert!(output.status.success(), "{command:?}: {said}");
    said
}

#[test]
fn every_way_to_log_in_works_here_and_at_the_provider() {
    let session = Session::start().unwrap();
    for (auth, tls, server) in [
        ("cram-md5", "implicit", provider().imap_implicit),
        ("plain", "starttls", provider().imap_starttls),
        ("login", "starttls", provider().imap_starttls),
    ] {
        let mut options = account(&format!("in-{auth}"));
        (options.imap, options.imap_auth, options.imap_tls) = (Some(server), auth, tls);
        let product = start(&session, options);
        assert_eq!(product.cli(&["account", "test"]).unwrap().code, Some(0));
        let mut command = Command::new("python3");
        command.args(["-c", LOGINS, &product.imap().unwrap().port().to_string()]);
        command.args([&product.imaps().unwrap().port().to_string(), product.user()]);
        let said = run(command.arg(product.local_password()));
        assert_eq!(said.matches("INBOX").count(), 8, "{said}");
    }
}

#[test]
fn curl_reads_lists_and_uploads() {
    let session = Session::start().unwrap();
    let product = start(&session, account("curl"));
    let user = format!("{}:{}", product.user(), product.local_password());
    let url = format!("imaps://{}", product.imaps().unwrap());
    let file = product.folder().join("bericht");
    std::fs::write(&file, "Subject: curl\r\n\r\nhallo\r\n").unwrap();
    let curl = |more: &[&str]| run(Command::new("curl").args(["-skS", "-u", &user]).args(more));
    curl(&["-T", &file.to_string_lossy(), &format!("{url}/INBOX")]);
    assert!(curl(&[&format!("{url}/")]).contains("INBOX"));
    assert!(curl(&[&format!("{url}/INBOX;UID=1")]).contains("Subject: curl\r\n\r\nhallo"));
    let starttls = format!("imap://{}/INBOX;UID=1", product.imap().unwrap());
    assert!(curl(&["--ssl-reqd", &starttls]).contains("hallo"));
}

#[test]
fn mbsync_keeps_a_mailbox_the_same_on_both_sides() {
    let session = Session::start().unwrap();
    let text =
        |number: usize| format!("Subject: {number}\r\nX: {number}\r\n\r\ntekst {number}\r\n");
    let messages: Vec<_> = (0..20).map(|number| text(number).into_bytes()).collect();
    provider().put(&address("mbsync"), &messages).unwrap();
    let product = start(&session, account("mbsync"));
    let through = Sync::new(&product, "door", product.imaps().unwrap(), product.local_password());
    let direct_one = Sync::new(&product, "recht", provider().imap_implicit, PASSWORD);
    for sync in [&through, &direct_one] {
        sync.run();
    }
    assert_eq!(through.messages().len(), 20);
    assert_eq!(through.messages(), direct_one.messages());
    // What changes here goes up, and comes down by the direct way.
    std::fs::write(through.inbox().join("new/1.new"), "Subject: nieuw\n\nvan hier\n").unwrap();
    let first = std::fs::read_dir(through.inbox().join("new")).unwrap().flatten();
    let first = first.map(|entry| entry.path()).find(|path| !path.ends_with("1.new")).unwrap();
    std::fs::remove_file(&first).unwrap();
    for sync in [&through, &direct_one] {
        sync.run();
    }
    assert_eq!(through.messages().len(), 20);
    assert_eq!(through.messages(), direct_one.messages());
    let mut imap = direct(product.user());
    let selected = imap.ask("EXAMINE INBOX").unwrap();
    assert!(selected.contains("* 20 EXISTS"), "{selected}");
}

#[test]
fn mutt_reads_copies_and_marks_the_same_direct_and_through() {
    let session = Session::start().unwrap();
    let text =
        |number: usize| format!("From: a@b.nl\r\nSubject: {number}\r\n\r\ntekst {number}\r\n");
    let messages: Vec<_> = (0..20).map(|number| text(number).into_bytes()).collect();
    provider().put(&address("mutt"), &messages).unwrap();
    let product = start(&session, account("mutt"));
    let copied = |name: &str, server: SocketAddr, password: &str, keys: &str| {
        let folder = product.folder().join(name);
        std::fs::create_dir_all(&folder).unwrap();
        certificate(&folder, server);
        let out = folder.join("out.mbox");
        let rc = format!(
            "set ssl_force_tls=yes ssl_verify_host=no ssl_verify_dates=no\n\
             set certificate_file=\"{}\"\nset imap_user=\"{}\" imap_pass=\"{password}\"\n\
             set imap_authenticators=\"plain:login\" sort=mailbox-order mbox_type=mbox\n\
             set confirmappend=no confirmcreate=no delete=yes quit=yes move=no wait_key=no\n\
             set sleep_time=0 mail_check=3600 timeout=3600\n\
             set folder=\"{}\"\n",
            folder.join("server.pem").display(),
            product.user(),
            folder.display(),
        );
        // What a person types once the mailbox is open: copy each, what the test wants, quit.
        let copy = format!("C{}\\n<next-entry>", out.display()).repeat(20);
        let keys = format!("push \"<first-entry>{copy}{keys}<exit>\"");
        let hook = format!("folder-hook . '{keys}'\n");
        std::fs::write(folder.join("muttrc"), rc + &hook).unwrap();
        let mut command = Command::new("python3");
        command.args(["-c", TERMINAL, "mutt", "-n", "-F"]).arg(folder.join("muttrc"));
        command.args(["-f", &format!("imaps://{server}/INBOX")]).env("HOME", &folder);
        let screen = run(&mut command);
        let copied = std::fs::read_to_string(out).unwrap_or_default();
        assert_eq!(copied.matches("\ntekst ").count(), 20, "{screen}");
        copied
    };
    let through =
        copied("door", product.imaps().unwrap(), product.local_password(), "<first-entry>F$");
    let direct_one = copied("recht", provider().imap_implicit, PASSWORD, "");
    // The second time they are no longer new, the first is flagged, and it is later.
    let plain = |text: &str| -> String {
        let other = ["Status:", "X-Status:", "From "];
        let own = |line: &&str| !other.iter().any(|start| line.starts_with(start));
        text.lines().filter(own).map(|line| format!("{line}\n")).collect()
    };
    assert_eq!(plain(&through), plain(&direct_one));
    let mut imap = direct(product.user());
    imap.ask("EXAMINE INBOX").unwrap();
    let flagged = imap.ask("SEARCH FLAGGED").unwrap();
    assert!(flagged.starts_with("* SEARCH 1\r\n"), "{flagged}");
}

/// Programs want to know the certificate: it is put into `server.pem`.
fn certificate(folder: &Path, server: SocketAddr) {
    let at = server.to_string();
    let seen = run(Command::new("openssl").args(["s_client", "-connect", &at]));
    let start = seen.find("-----BEGIN CERTIFICATE-----").unwrap();
    let end = seen.find("-----END CERTIFICATE-----").unwrap();
    let text = format!("{}-----END CERTIFICATE-----\n", &seen[start..end]);
    std::fs::write(folder.join("server.pem"), text).unwrap();
}

/// One mailbox, its copy in a folder, and the way between.
struct Sync {
    folder: std::path::PathBuf,
}

impl Sync {
    fn new(product: &tests::Zorgzegel, name: &str, server: SocketAddr, password: &str) -> Self {
        let folder = product.folder().join(name);
        std::fs::create_dir_all(folder.join("mail")).unwrap();
        certificate(&folder, server);
        let config = format!(
            "IMAPStore far\nHost {host}\nPort {port}\nUser {user}\nPass {password}\nSSLType IMAPS\n\
             AuthMechs LOGIN\nCertificateFile {folder}/server.pem\n\n\
             MaildirStore near\nPath {folder}/mail/\nInbox {folder}/mail/INBOX\n\n\
             Channel all\nFar :far:\nNear :near:\nPatterns INBOX\nCreate Both\nExpunge Both\n\
             SyncState *\n",
            host = server.ip(),
            port = server.port(),
            user = product.user(),
            folder = folder.display(),
        );
        std::fs::write(folder.join("mbsyncrc"), config).unwrap();
        Self { folder }
    }

    fn run(&self) {
        let mut command = Command::new("mbsync");
        command.arg("-c").arg(self.folder.join("mbsyncrc")).arg("all").env("HOME", &self.folder);
        run(&mut command);
    }

    fn inbox(&self) -> std::path::PathBuf {
        self.folder.join("mail/INBOX")
    }

    /// The messages, without the line that mbsync adds.
    fn messages(&self) -> BTreeSet<String> {
        let read = |path: &Path| -> String {
            let text = std::fs::read_to_string(path).unwrap();
            text.lines()
                .filter(|line| !line.starts_with("X-TUID"))
                .fold(String::new(), |a, b| a + b)
        };
        let folders =
            ["cur", "new"].map(|name| std::fs::read_dir(self.inbox().join(name)).unwrap());
        folders.into_iter().flatten().flatten().map(|entry| read(&entry.path())).collect()
    }
}

/// A terminal for one program, which is ended where it does not end by itself: what it drew is told then.
const TERMINAL: &str = r#"
import os, pty, select, signal, sys, time
child, screen = pty.fork()
if child == 0:
    os.environ["TERM"] = "xterm"
    os.execvp(sys.argv[1], sys.argv[1:])
deadline, drawn = time.monotonic() + 120, b""
while time.monotonic() < deadline:
    try: drawn += os.read(screen, 65536) if select.select([screen], [], [], 1)[0] else b""
    except OSError: break
else:
    os.kill(child, signal.SIGKILL)
sys.stdout.buffer.write(drawn)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) & 255)
"#;

const LOGINS: &str = r#"
import imaplib, ssl, sys
starttls, implicit, user, password = sys.argv[1:]
context = ssl.create_default_context()
context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
def log_in(m, way):
    if way == "login": m.login(user, password)
    elif way == "CRAM-MD5": m.login_cram_md5(user, password)
    elif way == "PLAIN": m.authenticate(way, lambda _: f"\0{user}\0{password}".encode())
    else:
        answers = iter([user.encode(), password.encode()])
        m.authenticate(way, lambda _: next(answers))
for way in ["login", "CRAM-MD5", "PLAIN", "LOGIN"]:
    m = imaplib.IMAP4("127.0.0.1", int(starttls)); m.starttls(context); log_in(m, way); print(m.list('""', "INBOX")); m.logout()
    m = imaplib.IMAP4_SSL("127.0.0.1", int(implicit), ssl_context=context); log_in(m, way); print(m.list('""', "INBOX")); m.logout()
"#;
