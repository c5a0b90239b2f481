//! The product itself: the real binary with settings, keyring and data of its own.
//!
//! What the command line looks like and prints (design, "Command line and settings") is known in
//! this file alone.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use crate::guard::{Launch, PATIENCE, Process, until};
use crate::place::{new_folder, write};
use crate::{HarnessError, PASSWORD, Said, Session, World};

/// What may differ between one product and the next.
#[derive(Debug, Clone)]
pub struct Options {
    /// The account's address; its domain decides whether the NTA mark may be set (R-SEND-9).
    pub address: String,
    /// Where the account submits; default the provider's STARTTLS port.
    pub smtp: Option<SocketAddr>,
    /// The name of that host, where it matters; no other program knows it.
    pub smtp_host: Option<&'static str>,
    /// The account's `smtp.tls`: `starttls`, `implicit` or `none`.
    pub smtp_tls: &'static str,
    /// The account's `smtp.auth`: `auto`, `cram-md5`, `plain`, `login` or `none`.
    pub smtp_auth: &'static str,
    /// The account's IMAP server; none where the product has no IMAP listeners.
    pub imap: Option<SocketAddr>,
    /// The account's `imap.tls`.
    pub imap_tls: &'static str,
    /// The account's `imap.auth`.
    pub imap_auth: &'static str,
    /// The name that logs in at the provider; default the address.
    pub username: Option<&'static str>,
    /// The password that `account add` is given; default the provider's.
    pub password: String,
    /// The port of the first listener; 0, any, is for whoever reads what `run` prints.
    pub port: u16,
    /// Where dossier copies go.
    pub dossier: Option<PathBuf>,
    /// The account's `routes`.
    pub routes: Vec<&'static str>,
    /// Who is asked for DNS; default the world's validating resolver.
    pub resolver: Option<SocketAddr>,
    /// `[delivery] first_retry`; short, so that a test need not wait.
    pub first_retry: &'static str,
    /// Lines for the end of the settings file.
    pub more: String,
    /// Is an identity made?
    pub identity: bool,
    /// Where its data are; default in a folder of its own.
    pub data_dir: Option<PathBuf>,
    /// Variables of its environment besides the session's.
    pub env: Vec<(&'static str, String)>,
    /// The program that reads documents; default the one beside the product.
    pub worker: Option<PathBuf>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            address: "arts@praktijk.test".to_owned(),
            smtp: None,
            smtp_host: None,
            smtp_tls: "starttls",
            smtp_auth: "auto",
            imap: None,
            imap_tls: "implicit",
            imap_auth: "auto",
            username: None,
            password: PASSWORD.to_owned(),
            port: 0,
            dossier: None,
            routes: vec!["direct"],
            resolver: None,
            first_retry: "1s",
            more: String::new(),
            identity: true,
            data_dir: None,
            env: Vec::new(),
            worker: None,
        }
    }
}

impl Options {
    fn smtp_at(&self, world: &World) -> Result<SocketAddr, HarnessError> {
        match self.smtp {
            Some(smtp) => Ok(smtp),
            None => Ok(world.provider()?.starttls),
        }
    }
}

/// A running product. Killed when dropped; its folder goes with it.
#[derive(Debug)]
pub struct Zorgzegel {
    process: Option<Process>,
    folder: PathBuf,
    env: Vec<(String, String)>,
    account: Options,
    local_password: String,
    listeners: Vec<Listener>,
}

/// A line that the product printed when it was ready.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listener {
    /// `smtp` or `imap`.
    pub protocol: String,
    /// Where it listens.
    pub address: SocketAddr,
    /// `starttls`, `implicit` or `none`.
    pub tls: String,
}

impl Zorgzegel {
    /// Writes settings, adds the account, makes an identity, and runs the product until it is ready.
    ///
    /// # Errors
    /// A command failed, or the product is not built: `make test` builds it first.
    pub fn start(world: &World, session: &Session, options: Options) -> Result<Self, HarnessError> {
        let mut product = Self::prepare(world, session, options)?;
        product.run()?;
        Ok(product)
    }

    /// The same without running it.
    ///
    /// # Errors
    /// A command failed, or the product is not built.
    pub fn prepare(
        world: &World,
        session: &Session,
        options: Options,
    ) -> Result<Self, HarnessError> {
        let mut product = Self::blank(world, session, options)?;
        product.add_account(world)?;
        if product.account.identity {
            let address = product.account.address.clone();
            product.must(&["identity", "create", &address])?;
        }
        Ok(product)
    }

    /// Settings that name the world and no account: what a first run finds.
    ///
    /// # Errors
    /// The settings cannot be written.
    pub fn blank(world: &World, session: &Session, options: Options) -> Result<Self, HarnessError> {
        let mut env = session.env();
        env.extend(options.env.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
        if let Some(worker) = &options.worker {
            let worker = worker.to_string_lossy().into_owned();
            env.push(("ZORGZEGEL_WORKER".to_owned(), worker));
        }
        let product = Self {
            process: None,
            env,
            account: options,
            local_password: String::new(),
            listeners: Vec::new(),
            folder: new_folder()?,
        };
        write(&product.config(), product.settings(world))?;
        if let Some(name) = product.account.smtp_host {
            let address = product.account.smtp_at(world)?.ip();
            let hosts = format!("{address} {name}\n127.0.0.1 localhost\n");
            write(&product.folder.join("hosts"), hosts)?;
        }
        Ok(product)
    }

    /// Runs it and waits for its listeners. Nothing happens where it runs.
    ///
    /// # Errors
    /// It ended, or did not get ready in time; with what it said.
    pub fn run(&mut self) -> Result<(), HarnessError> {
        if self.process.is_some() {
            return Ok(());
        }
        let log = self.log_file();
        write(&log, "")?;
        let mut process = self.launch(&["run"])?.log(&log).start()?;
        let wanted = if self.account.imap.is_some() { 2 * LISTENERS } else { LISTENERS };
        self.listeners = process.until("its listeners", |process| {
            let lines: Vec<Listener> = process.said().lines().filter_map(listener).collect();
            (lines.len() >= wanted).then_some(lines)
        })?;
        self.process = Some(process);
        Ok(())
    }

    /// Where a mail program reaches it with STARTTLS.
    ///
    /// # Errors
    /// It is not running, or has no such listener.
    pub fn smtp(&self) -> Result<SocketAddr, HarnessError> {
        self.listening("smtp", "starttls")
    }

    /// Where a mail program reaches it with implicit TLS.
    ///
    /// # Errors
    /// It is not running, or has no such listener.
    pub fn smtps(&self) -> Result<SocketAddr, HarnessError> {
        self.listening("smtp", "implicit")
    }

    /// Where a mail program reaches its IMAP with STARTTLS.
    ///
    /// # Errors
    /// It is not running, or has no such listener.
    pub fn imap(&self) -> Result<SocketAddr, HarnessError> {
        self.listening("imap", "starttls")
    }

    /// Where a mail program reaches its IMAP with implicit TLS.
    ///
    /// # Errors
    /// It is not running, or has no such listener.
    pub fn imaps(&self) -> Result<SocketAddr, HarnessError> {
        self.listening("imap", "implicit")
    }

    /// Where a mail program reaches its IMAP without TLS; only where a test made such a listener.
    ///
    /// # Errors
    /// It is not running, or has no such listener.
    pub fn imap_clear(&self) -> Result<SocketAddr, HarnessError> {
        self.listening("imap", "none")
    }

    /// Its resident memory in kilobytes without its code, 0 where it does not run (proc(5)).
    #[must_use]
    pub fn memory(&self) -> u64 {
        let pid = self.pid().unwrap_or_default();
        let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:"));
        let number = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
        number.unwrap_or_default()
    }

    /// The process id, while it runs.
    #[must_use]
    pub fn pid(&self) -> Option<u32> {
        self.process.as_ref().map(Process::pid)
    }

    /// How much processor time it has used so far, in hundredths of a second (proc(5), stat, fields 14
    /// and 15); 0 where it does not run.
    #[must_use]
    pub fn ticks(&self) -> u64 {
        let pid = self.pid().unwrap_or_default();
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        let fields = stat.rsplit_once(')').map(|(_, fields)| fields).unwrap_or_default();
        let fields = fields.split_whitespace().skip(11).take(2);
        fields.filter_map(|field| field.parse::<u64>().ok()).sum()
    }

    /// The name that a mail program logs in with.
    #[must_use]
    pub fn user(&self) -> &str {
        &self.account.address
    }

    /// The local password, which `account add` printed.
    #[must_use]
    pub fn local_password(&self) -> &str {
        &self.local_password
    }

    /// The settings file.
    #[must_use]
    pub fn config(&self) -> PathBuf {
        self.folder.join("zorgzegel.toml")
    }

    /// The data folder.
    #[must_use]
    pub fn data_dir(&self) -> PathBuf {
        self.account.data_dir.clone().unwrap_or_else(|| self.folder.join("data"))
    }

    /// Its own folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// What `run` printed since it was last started.
    #[must_use]
    pub fn said(&self) -> String {
        let bytes = std::fs::read(self.log_file()).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// Runs a command of the product beside it, such as `["pending", "--json"]`.
    ///
    /// # Errors
    /// It cannot be started, or did not end in time. Its exit code is a value, no error.
    pub fn cli(&self, args: &[&str]) -> Result<Said, HarnessError> {
        self.cli_with(args, b"")
    }

    /// The same with something on standard input (at most 64 KiB).
    ///
    /// # Errors
    /// As [`Self::cli`].
    pub fn cli_with(&self, args: &[&str], input: &[u8]) -> Result<Said, HarnessError> {
        let log = tempfile::NamedTempFile::new_in(&self.folder);
        let log = log.map_err(HarnessError::file(&self.folder))?;
        let mut process = self.launch(args)?.input(input).log(log.path()).start()?;
        let status = until("the end of a command", PATIENCE, || process.ended())?;
        Ok(Said { code: status.code(), text: process.said() })
    }

    /// The same on a terminal of its own, as a person sees it: what it printed, cursor moves included.
    ///
    /// # Errors
    /// As [`Self::cli`].
    pub fn cli_on_terminal(&self, args: &[&str]) -> Result<Said, HarnessError> {
        let config = self.config().to_string_lossy().into_owned();
        let words = [&["--config", config.as_str()], args].concat();
        let quoted = words.iter().map(|word| format!("'{}'", word.replace('\'', r"'\''")));
        let line = quoted.collect::<Vec<_>>().join(" ");
        let line = format!("'{}' {line}", binary()?.display());
        let log = tempfile::NamedTempFile::new_in(&self.folder);
        let log = log.map_err(HarnessError::file(&self.folder))?;
        let launch = Launch::new("script").args(["-q", "-e", "-c", &line, "/dev/null"]);
        let launch = launch.only_env(&self.env).folder(&self.folder).log(log.path());
        let mut process = launch.start()?;
        let status = until("the end of a command", PATIENCE, || process.ended())?;
        Ok(Said { code: status.code(), text: process.said() })
    }

    /// Ends it as a power cut would.
    pub fn kill9(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill9();
        }
        self.listeners.clear();
    }

    /// Asks it to end (SIGTERM); its exit code, `None` where it had to be killed.
    pub fn stop(&mut self) -> Option<i32> {
        self.listeners.clear();
        self.process.take().and_then(|mut process| process.terminate())?.code()
    }

    /// Ends it by SIGTERM and runs it again.
    ///
    /// # Errors
    /// As [`Self::run`].
    pub fn restart(&mut self) -> Result<(), HarnessError> {
        self.stop();
        self.run()
    }

    fn listening(&self, protocol: &str, tls: &str) -> Result<SocketAddr, HarnessError> {
        let wanted = |one: &&Listener| one.protocol == protocol && one.tls == tls;
        let found = self.listeners.iter().find(wanted);
        found.map(|one| one.address).ok_or(HarnessError::NotStarted("this listener"))
    }

    fn log_file(&self) -> PathBuf {
        self.folder.join("run.log")
    }

    fn launch(&self, args: &[&str]) -> Result<Launch, HarnessError> {
        let binary = binary()?;
        let launch = match self.account.smtp_host {
            None => Launch::new(binary.to_string_lossy()),
            // In a mount namespace of its own the names of hosts are its own as well.
            Some(_) => Launch::new("unshare")
                .args(["--mount", "--", "sh", "-c"])
                .arg("mount --bind \"$0\" /etc/hosts && exec \"$@\"")
                .arg(self.folder.join("hosts"))
                .arg(binary),
        };
        let launch = launch.arg("--config").arg(self.config()).args(args);
        Ok(launch.only_env(&self.env).folder(&self.folder))
    }

    fn must(&self, args: &[&str]) -> Result<String, HarnessError> {
        self.cli(args)?.must("zorgzegel")
    }

    fn settings(&self, world: &World) -> String {
        let resolver = self.account.resolver.unwrap_or_else(|| world.resolver());
        let imap = match self.account.imap {
            Some(_) => {
                "imap = [\"127.0.0.1:0\", { address = \"127.0.0.1:0\", tls = \"implicit\" }]\n"
            }
            None => "",
        };
        format!(
            "data_dir = \"{data}\"\n\n[listen]\n\
             smtp = [\"127.0.0.1:{listen}\", {{ address = \"127.0.0.1:0\", tls = \"implicit\" }}]\n\
             {imap}\n\
             [dns]\ntimeout = \"20s\"\nresolver = \"{resolver}\"\ntrust_anchor = \"{anchor}\"\n\n\
             [tls]\nextra_roots = [\"{root}\"]\n\n\
             [delivery]\nport = {port}\nfirst_retry = \"{retry}\"\n\n{more}\n",
            data = self.data_dir().display(),
            listen = self.account.port,
            anchor = world.trust_anchor().display(),
            root = world.root_certificate().display(),
            port = world.port(),
            retry = self.account.first_retry,
            more = self.account.more,
        )
    }

    /// `account add`: writes the account into the settings, takes the provider's password, and
    /// prints the local one.
    fn add_account(&mut self, world: &World) -> Result<(), HarnessError> {
        let account = &self.account;
        let smtp = account.smtp_at(world)?;
        let host = account.smtp_host.map_or_else(|| smtp.ip().to_string(), str::to_owned);
        let port = smtp.port().to_string();
        let mut args = vec![
            "account",
            "add",
            &account.address,
            "--smtp-host",
            &host,
            "--smtp-port",
            &port,
            "--smtp-tls",
            account.smtp_tls,
            "--smtp-auth",
            account.smtp_auth,
            "--provider",
            crate::domains::MARK,
            "--password-stdin",
            "--json",
        ];
        for route in &account.routes {
            args.extend(["--route", route]);
        }
        let imap = account.imap.map(|imap| (imap.ip().to_string(), imap.port().to_string()));
        if let Some((host, port)) = &imap {
            args.extend(["--imap-host", host, "--imap-port", port]);
            args.extend(["--imap-tls", account.imap_tls, "--imap-auth", account.imap_auth]);
        }
        args.extend(account.username.iter().flat_map(|name| ["--username", name]));
        let dossier = account.dossier.as_ref().map(|folder| folder.to_string_lossy());
        if let Some(dossier) = &dossier {
            args.extend(["--dossier", dossier]);
        }
        let password = format!("{}\n", account.password);
        let said = self.cli_with(&args, password.as_bytes())?.must("zorgzegel account add")?;
        let value = json_text(&said, "local_password");
        self.local_password = value.ok_or(HarnessError::Failed {
            program: "zorgzegel account add".to_owned(),
            said: "it printed no local_password".to_owned(),
        })?;
        Ok(())
    }
}

impl Drop for Zorgzegel {
    fn drop(&mut self) {
        self.kill9();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// The binary beside this test binary, or `ZORGZEGEL_BIN`.
///
/// # Errors
/// It is not there: `make test` builds it before it runs the tests.
pub fn binary() -> Result<PathBuf, HarnessError> {
    if let Some(path) = std::env::var_os("ZORGZEGEL_BIN") {
        return Ok(path.into());
    }
    let own = std::env::current_exe().map_err(HarnessError::file("this test binary"))?;
    // target/debug/deps/scenarios-0123: the product is in target/debug.
    let found = own.ancestors().skip(1).take(2).map(|folder| folder.join("zorgzegel"));
    found.into_iter().find(|path| path.is_file()).ok_or(HarnessError::NotStarted(
        "a product: build it with `cargo build -p proxy -p worker`, or run `make test`",
    ))
}

/// `listening smtp 127.0.0.1:1025 starttls`
fn listener(line: &str) -> Option<Listener> {
    let mut words = line.strip_prefix("listening ")?.split(' ');
    let protocol = words.next()?.to_owned();
    let address = words.next()?.parse().ok()?;
    Some(Listener { protocol, address, tls: words.next()?.to_owned() })
}

/// The value of a text field in one line of JSON whose values hold no escapes.
fn json_text(line: &str, name: &str) -> Option<String> {
    let (_, after) = line.split_once(&format!("\"{name}\""))?;
    let value = after.trim_start().strip_prefix(':')?.trim_start().strip_prefix('"')?;
    value.split('"').next().map(str::to_owned)
}

/// The settings above name two listeners of a protocol.
const LISTENERS: usize = 2;
