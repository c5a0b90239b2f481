//! Thunderbird without a screen, driven as a person would: by its own objects, over Marionette
//! (a remote protocol of Mozilla's, JSON over TCP).

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Value, json};

use crate::guard::{Launch, Process, run};
use crate::place::{new_folder, write};
use crate::{HarnessError, Port, Session};

/// An account in Thunderbird.
#[derive(Debug, Clone)]
pub struct Mailbox<'a> {
    /// The host by which the IMAP and SMTP servers are called; the certificate must be for it.
    pub host: &'a str,
    /// The port of IMAP with implicit TLS.
    pub imap: u16,
    /// The port of SMTP with STARTTLS; none where nothing is sent.
    pub smtp: Option<u16>,
    /// The address, which logs in.
    pub user: &'a str,
    /// Its password there.
    pub password: &'a str,
    /// The authority of the servers' certificates, PEM; trusted as someone who was given it does.
    pub authority: &'a str,
}

/// A running Thunderbird with a profile of its own. Killed when dropped.
#[derive(Debug)]
pub struct Thunderbird {
    stream: BufReader<TcpStream>,
    sent: u64,
    process: Process,
    folder: PathBuf,
    _port: Port,
}

impl Thunderbird {
    /// Starts it with these accounts, called `account1`, `account2` and so on; it sends by the first.
    ///
    /// # Errors
    /// It is not installed, or did not come up; with what it said.
    pub fn start(session: &Session, accounts: &[Mailbox<'_>]) -> Result<Self, HarnessError> {
        let (folder, port) = (new_folder()?, Port::take()?);
        let mut settings = SETTINGS.replace("@PORT@", &port.number().to_string());
        let names: Vec<String> = (1..=accounts.len()).map(|at| format!("account{at}")).collect();
        settings += &preference("mail.accountmanager.accounts", &names.join(",").into());
        trust(&folder, accounts)?;
        for (at, account) in (1..).zip(accounts) {
            settings += &account.settings(at);
        }
        write(&folder.join("user.js"), settings)?;
        let mut env = session.env();
        env.push(("MOZ_HEADLESS".to_owned(), "1".to_owned()));
        let launch = Launch::new("thunderbird")
            .args(["--no-remote", "--marionette", "--remote-allow-system-access", "-profile"])
            .arg(&folder)
            .only_env(&env)
            .log(folder.join("thunderbird.log"));
        let mut process = launch.start()?;
        let at = SocketAddr::from(([127, 0, 0, 1], port.number()));
        let stream = process.until("its Marionette", |_| TcpStream::connect(at).ok())?;
        let failed = || HarnessError::socket("Thunderbird's Marionette".to_owned());
        stream.set_read_timeout(Some(SENDING + STEP)).map_err(failed())?;
        let stream = BufReader::new(stream);
        let mut program = Self { stream, sent: 0, process, folder, _port: port };
        program.hear()?;
        program.command("WebDriver:NewSession", &json!({ "capabilities": {} }))?;
        program.command("Marionette:SetContext", &json!({ "value": "chrome" }))?;
        for account in accounts {
            let protocols = account.smtp.map_or(&["imap"][..], |_| &["imap", "smtp"]);
            for protocol in protocols {
                let origin = format!("{protocol}://{}", account.host);
                program.step("remember", &json!([origin, account.user, account.password]))?;
            }
        }
        Ok(program)
    }

    /// Does one of the steps that `steps.js` tells of; what it gives.
    ///
    /// # Errors
    /// It failed, with what Thunderbird said, or took too long.
    pub fn step(&mut self, name: &str, args: &Value) -> Result<Value, HarnessError> {
        let script = format!(
            "{STEPS}\nconst [name, given, done] = arguments;\n\
             steps[name](...given).then((value) => done({{ value: value ?? null }}),\n\
             (error) => done({{ error: `${{error}} ${{error.stack}}` }}));"
        );
        let asked = json!({
            "script": script,
            "args": [name, args],
            "scriptTimeout": if name == ONCE { SENDING } else { STEP }.as_millis() as u64,
        });
        let mut answer = self.command("WebDriver:ExecuteAsyncScript", &asked)?;
        let mut outcome = answer["value"].take();
        match outcome["error"].as_str() {
            Some(error) => Err(said(format!("{name}: {error}"))),
            None => Ok(outcome["value"].take()),
        }
    }

    fn command(&mut self, name: &str, params: &Value) -> Result<Value, HarnessError> {
        self.sent += 1;
        let text = json!([0, self.sent, name, params]).to_string();
        let failed = HarnessError::socket(format!("Thunderbird: {name}"));
        let packet = format!("{}:{text}", text.len());
        self.stream.get_mut().write_all(packet.as_bytes()).map_err(failed)?;
        let mut answer = self.hear()?;
        match answer[2].is_null() {
            true => Ok(answer[3].take()),
            false => Err(said(format!("{name}: {}", answer[2]))),
        }
    }

    /// A packet is its length in bytes, a colon and JSON.
    fn hear(&mut self) -> Result<Value, HarnessError> {
        let failed = || HarnessError::socket("Thunderbird's answer".to_owned());
        let mut length = Vec::new();
        self.stream.read_until(b':', &mut length).map_err(failed())?;
        let length = String::from_utf8_lossy(&length).trim_end_matches(':').parse();
        let length: usize = length.map_err(|_| said("it ended".to_owned()))?;
        let mut text = vec![0; length];
        self.stream.read_exact(&mut text).map_err(failed())?;
        serde_json::from_slice(&text).map_err(|error| said(error.to_string()))
    }
}

impl Drop for Thunderbird {
    fn drop(&mut self) {
        // It writes into its folder until it has ended.
        self.process.kill9();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

impl Mailbox<'_> {
    /// What the account's dialogue would have written.
    fn settings(&self, at: usize) -> String {
        let server = |name: &str| format!("mail.server.server{at}.{name}");
        let identity = |name: &str| format!("mail.identity.id{at}.{name}");
        let smtp = |name: &str| format!("mail.smtpserver.smtp{at}.{name}");
        let sent = format!("imap://{}@{}/Verzonden", self.user.replace('@', "%40"), self.host);
        let mut lines = vec![
            (format!("mail.account.account{at}.server"), json!(format!("server{at}"))),
            (format!("mail.account.account{at}.identities"), json!(format!("id{at}"))),
            (server("type"), json!("imap")),
            (server("hostname"), json!(self.host)),
            (server("port"), json!(self.imap)),
            (server("userName"), json!(self.user)),
            (server("socketType"), json!(IMPLICIT)),
            (server("authMethod"), json!(PASSWORD)),
            (server("login_at_startup"), json!(false)),
            (identity("useremail"), json!(self.user)),
            (identity("valid"), json!(true)),
            (identity("compose_html"), json!(false)),
            (identity("fcc_folder"), json!(sent)),
        ];
        if let Some(port) = self.smtp {
            lines.extend([
                (identity("smtpServer"), json!(format!("smtp{at}"))),
                ("mail.smtpservers".to_owned(), json!(format!("smtp{at}"))),
                (smtp("hostname"), json!(self.host)),
                (smtp("port"), json!(port)),
                (smtp("username"), json!(self.user)),
                (smtp("try_ssl"), json!(STARTTLS)),
                (smtp("authMethod"), json!(PASSWORD)),
            ]);
        }
        lines.iter().map(|(name, value)| preference(name, value)).collect()
    }
}

/// Puts the authorities into the profile's certificates, as a person who was told to does.
fn trust(profile: &Path, accounts: &[Mailbox<'_>]) -> Result<(), HarnessError> {
    let database = format!("sql:{}", profile.display());
    let certutil = || {
        let mut command = std::process::Command::new("certutil");
        command.args(["-d", &database]);
        command
    };
    run(certutil().args(["-N", "--empty-password"]))?;
    for (at, account) in accounts.iter().enumerate() {
        let file = profile.join(format!("authority-{at}.pem"));
        write(&file, account.authority)?;
        let name = format!("authority {at}");
        run(certutil().args(["-A", "-t", "C,,", "-n", &name, "-i"]).arg(file))?;
    }
    Ok(())
}

fn preference(name: &str, value: &Value) -> String {
    format!("user_pref(\"{name}\", {value});\n")
}

fn said(said: String) -> HarnessError {
    HarnessError::Failed { program: "thunderbird".to_owned(), said }
}

/// `nsMsgSocketType`: the values of `socketType` and `try_ssl`.
const STARTTLS: u8 = 2;
const IMPLICIT: u8 = 3;
/// `nsMsgAuthMethod.passwordCleartext`, "Normal password": within TLS.
const PASSWORD: u8 = 3;
/// The longest that a step may take: one that does not end is asked for again.
const STEP: Duration = Duration::from_secs(30);
/// The step that cannot be asked for twice, and the longest that it may take: a window opens, and its mail is sent and
/// filed.
const ONCE: &str = "send";
const SENDING: Duration = Duration::from_secs(240);
const STEPS: &str = include_str!("thunderbird/steps.js");
/// A profile that asks nothing of whoever starts it and calls nobody.
const SETTINGS: &str = r#"user_pref("marionette.port", @PORT@);
user_pref("app.update.enabled", false);
user_pref("datareporting.policy.dataSubmissionEnabled", false);
user_pref("toolkit.telemetry.server", "");
user_pref("extensions.update.enabled", false);
user_pref("services.settings.server", "data:,");
user_pref("network.captive-portal-service.enabled", false);
user_pref("network.connectivity-service.enabled", false);
user_pref("mail.shell.checkDefaultClient", false);
user_pref("mail.rights.version", 1);
user_pref("mail.provider.suppress_dialog_on_startup", true);
user_pref("mailnews.start_page.enabled", false);
user_pref("mail.instrumentation.postUrl", "");
user_pref("mail.chat.enabled", false);
user_pref("mail.server.default.autosync_offline_stores", false);
user_pref("mail.accountmanager.defaultaccount", "account1");
user_pref("mail.smtp.defaultserver", "smtp1");
"#;
