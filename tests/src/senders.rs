//! Mail programs of others: each submits the given bytes over SMTP with a log-in.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use crate::guard::{Launch, PATIENCE, until};
use crate::place::{mode, new_folder, write};
use crate::{HarnessError, Zorgzegel};

/// How a program ended and what it printed, standard output and error together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// The exit code; `None` where a signal ended it.
    pub code: Option<i32>,
    /// What it printed.
    pub text: String,
}

impl Said {
    /// What it printed, where it ended with 0.
    ///
    /// # Errors
    /// It ended otherwise; with what it printed.
    pub fn must(self, program: &str) -> Result<String, HarnessError> {
        if self.code == Some(0) {
            return Ok(self.text);
        }
        let said = format!("exit {:?}: {}", self.code, self.text);
        Err(HarnessError::Failed { program: program.to_owned(), said })
    }
}

/// How a mail program starts TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SenderTls {
    /// STARTTLS (RFC 3207).
    StartTls,
    /// From the first byte (RFC 8314).
    Implicit,
    /// Not at all.
    None,
}

/// A submission: where to, as whom, and the envelope.
#[derive(Debug, Clone)]
pub struct Submission<'a> {
    /// The server.
    pub server: SocketAddr,
    /// How TLS starts; no program here checks the certificate, whose name is not its matter.
    pub tls: SenderTls,
    /// Name and password.
    pub login: (&'a str, &'a str),
    /// `CRAM-MD5`, `PLAIN` or `LOGIN`.
    pub mechanism: &'a str,
    /// The reverse-path.
    pub from: &'a str,
    /// The recipients.
    pub to: &'a [&'a str],
}

impl<'a> Submission<'a> {
    /// What the product's own account sends through it, as most mail programs do: STARTTLS and CRAM-MD5.
    ///
    /// # Errors
    /// The product is not running.
    pub fn through(product: &'a Zorgzegel, to: &'a [&'a str]) -> Result<Self, HarnessError> {
        Ok(Self {
            server: product.smtp()?,
            tls: SenderTls::StartTls,
            login: (product.user(), product.local_password()),
            mechanism: "CRAM-MD5",
            from: product.user(),
            to,
        })
    }
}

/// The id in `250 2.0.0 held as ID: waiting for your choice`; `None` where that does not say it.
#[must_use]
pub fn held_as(reply: &str) -> Option<String> {
    let (_, rest) = reply.split_once("held as ")?;
    rest.get(..26).map(str::to_owned)
}

impl Submission<'_> {
    /// swaks. Of its transcript one line that starts with `<~  250` or `<** 550` is a reply.
    ///
    /// The message must not hold `%NAME%` in capitals: swaks puts values in such places.
    ///
    /// # Errors
    /// It cannot be started, or did not end in time.
    pub fn swaks(&self, message: &[u8]) -> Result<Said, HarnessError> {
        // swaks ends the data with a line end of its own.
        let message = lf(message.strip_suffix(b"\r\n").unwrap_or(message));
        let room = Room::new(&message)?;
        let (server, to, data) = (self.server.to_string(), self.to.join(","), room.data());
        let mut launch = Launch::new("swaks").args([
            "--server",
            &server,
            "--from",
            self.from,
            "--to",
            &to,
            "--auth",
            self.mechanism,
            "--auth-user",
            self.login.0,
            "--auth-password",
            self.login.1,
            "--timeout",
            "60",
            "--data",
        ]);
        launch = launch.arg(format!("@{data}"));
        launch = match self.tls {
            SenderTls::StartTls => launch.arg("--tls"),
            SenderTls::Implicit => launch.arg("--tls-on-connect"),
            SenderTls::None => launch,
        };
        room.run(launch)
    }

    /// msmtp, which sends each line end as CRLF.
    ///
    /// # Errors
    /// It cannot be started, or did not end in time.
    pub fn msmtp(&self, message: &[u8]) -> Result<Said, HarnessError> {
        let room = Room::new(&lf(message))?;
        let tls = match self.tls {
            SenderTls::StartTls => "tls on\ntls_starttls on\ntls_certcheck off",
            SenderTls::Implicit => "tls on\ntls_starttls off\ntls_certcheck off",
            SenderTls::None => "tls off",
        };
        let (host, port) = (self.server.ip(), self.server.port());
        let conf = format!(
            "account default\nset_date_header off\nset_msgid_header off\nremove_bcc_headers off\n\
             host {host}\nport {port}\n{tls}\nauth {}\nuser {}\npassword {}\n\
             from {}\n",
            self.mechanism.to_ascii_lowercase(),
            self.login.0,
            self.login.1,
            self.from,
        );
        let path = room.folder.join("msmtprc");
        write(&path, conf)?;
        mode(&path, 0o600)?;
        // Standard input of a launch is bounded, a message is not.
        let script = r#"file=$1; shift; exec msmtp "$@" <"$file""#;
        let launch = Launch::new("sh").args(["-c", script, "sh", &room.data(), "-C"]).arg(path);
        room.run(launch.arg("--").args(self.to))
    }

    /// curl, which sends the bytes as they are.
    ///
    /// # Errors
    /// It cannot be started, or did not end in time.
    pub fn curl(&self, message: &[u8]) -> Result<Said, HarnessError> {
        let room = Room::new(message)?;
        let scheme = if self.tls == SenderTls::Implicit { "smtps" } else { "smtp" };
        let url = format!("{scheme}://{}/localhost", self.server);
        let user = format!("{}:{}", self.login.0, self.login.1);
        let auth = format!("AUTH={}", self.mechanism);
        let mut launch = Launch::new("curl").args([
            "--silent",
            "--show-error",
            "--verbose",
            "--insecure",
            "--url",
            &url,
            "--user",
            &user,
            "--login-options",
            &auth,
            "--mail-from",
            self.from,
            "--max-time",
            "60",
        ]);
        if self.tls == SenderTls::StartTls {
            launch = launch.arg("--ssl-reqd");
        }
        for to in self.to {
            launch = launch.args(["--mail-rcpt", to]);
        }
        room.run(launch.args(["--upload-file", &room.data()]))
    }

    /// Python's smtplib, which sends the bytes as they are; prints the reply as `250 b'2.0.0 Ok'`.
    ///
    /// # Errors
    /// It cannot be started, or did not end in time.
    pub fn smtplib(&self, message: &[u8]) -> Result<Said, HarnessError> {
        let room = Room::new(message)?;
        let tls = match self.tls {
            SenderTls::StartTls => "starttls",
            SenderTls::Implicit => "implicit",
            SenderTls::None => "none",
        };
        let (host, port) = (self.server.ip().to_string(), self.server.port().to_string());
        let launch = Launch::new("python3").args([
            "-c",
            SMTPLIB,
            &host,
            &port,
            tls,
            self.mechanism,
            self.login.0,
            self.login.1,
            self.from,
            &room.data(),
        ]);
        room.run(launch.args(self.to))
    }
}

/// A folder with the message in it, for one run of a program.
struct Room {
    folder: PathBuf,
}

impl Room {
    fn new(message: &[u8]) -> Result<Self, HarnessError> {
        let room = Self { folder: new_folder()? };
        write(Path::new(&room.data()), message)?;
        Ok(room)
    }

    fn data(&self) -> String {
        self.folder.join("message").to_string_lossy().into_owned()
    }

    fn run(&self, launch: Launch) -> Result<Said, HarnessError> {
        let home = ("HOME".to_owned(), self.folder.to_string_lossy().into_owned());
        let launch = launch.only_env(&[home]).folder(&self.folder).log(self.folder.join("said"));
        let mut process = launch.start()?;
        let status = until("the end of a mail program", PATIENCE, || process.ended())?;
        Ok(Said { code: status.code(), text: process.said() })
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn lf(message: &[u8]) -> Vec<u8> {
    let crlf = |at: usize| message.get(at..at + 2) == Some(b"\r\n".as_slice());
    let kept = message.iter().enumerate().filter(|&(at, _)| !crlf(at));
    kept.map(|(_, &byte)| byte).collect()
}

const SMTPLIB: &str = r#"
import smtplib, ssl, sys
host, port, tls, mechanism, user, password, sender, path, *to = sys.argv[1:]
context = ssl.create_default_context()
context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
if tls == "implicit":
    server = smtplib.SMTP_SSL(host, int(port), timeout=60, context=context)
else:
    server = smtplib.SMTP(host, int(port), timeout=60)
try:
    if tls == "starttls":
        server.starttls(context=context)
    server.ehlo_or_helo_if_needed()
    server.user, server.password = user, password
    authenticate = {"CRAM-MD5": server.auth_cram_md5, "PLAIN": server.auth_plain, "LOGIN": server.auth_login}
    server.auth(mechanism, authenticate[mechanism])
    code, said = server.mail(sender)
    if code != 250: raise smtplib.SMTPSenderRefused(code, said, sender)
    taken = 0
    for one in to:
        code, said = server.rcpt(one)
        print("RCPT", one, code, said)
        taken += code == 250
    if not taken: sys.exit(1)
    code, said = server.data(open(path, "rb").read())
    print(code, said)
    server.quit()
    sys.exit(0 if code == 250 and taken == len(to) else 1)
except smtplib.SMTPException as error:
    print(type(error).__name__, error)
    sys.exit(1)
"#;
