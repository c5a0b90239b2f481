//! A Postfix of our own: its configuration, queue and master process, beside any that runs here.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, Read as _};
use std::net::{SocketAddr, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};
use std::{collections::BTreeMap, fs};

use crate::HarnessError;
use crate::certificates::Identity;
use crate::guard::{Launch, Process, run};
use crate::maildir::{Maildir, Stored};
use crate::place::{Owner, owned, write};

/// One listening smtpd.
pub(crate) struct Service {
    pub(crate) at: SocketAddr,
    /// The name in its greeting and in `Received`.
    pub(crate) hostname: String,
    /// `none` where there is no certificate.
    pub(crate) identity: Option<Identity>,
    pub(crate) implicit_tls: bool,
    /// Further settings.
    pub(crate) options: Vec<(&'static str, String)>,
}

/// A running Postfix that stores every message which it takes in one Maildir.
#[derive(Debug)]
pub(crate) struct Postfix {
    maildir: Maildir,
    config: PathBuf,
    replies: Mutex<BTreeMap<String, String>>,
    process: Process,
}

impl Postfix {
    /// Starts one with these services, its settings `main` on top of [`MAIN`], and these replies.
    pub(crate) fn start(
        folder: &Path,
        main: &[(&str, String)],
        services: &[Service],
        replies: &[(&str, &str)],
    ) -> Result<Self, HarnessError> {
        let config = folder.join("config");
        fs::create_dir_all(&config).map_err(HarnessError::file(&config))?;
        let maildir = Maildir::new(make_folders(folder)?);
        write(&config.join("main.cf"), main_cf(folder, main)?)?;
        write(&config.join("master.cf"), master_cf(&config, services)?)?;
        let daemons = run(Command::new("postconf").args(["-dh", "daemon_directory"]))?;
        let replies = replies.iter().map(|(who, what)| ((*who).to_owned(), (*what).to_owned()));
        let replies: BTreeMap<String, String> = replies.collect();
        write_replies(&config, &replies)?;
        let launch = Launch::new(format!("{}/master", daemons.trim()));
        let log = folder.join("maillog");
        // -d: in the foreground, in our process group, in no session of its own.
        let mut process = launch.args(["-d", "-c"]).arg(&config).log(&log).start()?;
        // The master opens all sockets before it starts anything; one greeting says that smtpd runs.
        if let Some(first) = services.first() {
            process.until("its greeting", |_| greets(first.at).then_some(()))?;
        }
        Ok(Self { maildir, config, replies: Mutex::new(replies), process })
    }

    /// Waits until this has an answer, as long as Postfix runs.
    pub(crate) fn until<T>(
        &mut self,
        what: &str,
        mut answer: impl FnMut() -> Option<T>,
    ) -> Result<T, HarnessError> {
        self.process.until(what, |_| answer())
    }

    /// What it stored, or of that what is for this recipient, oldest first.
    pub(crate) fn stored(&self, recipient: Option<&str>) -> Vec<Stored> {
        self.maildir.read(recipient)
    }

    /// From the next session on, this is the answer to RCPT for `who` (see access(5)); `None`: taken.
    pub(crate) fn set_reply(&self, who: &str, reply: Option<&str>) -> Result<(), HarnessError> {
        let mut replies = self.replies.lock().unwrap_or_else(PoisonError::into_inner);
        match reply {
            Some(reply) => drop(replies.insert(who.to_owned(), reply.to_owned())),
            None => drop(replies.remove(who)),
        }
        write_replies(&self.config, &replies)
    }

    pub(crate) fn log(&self) -> String {
        self.process.said()
    }
}

/// A setting by which this Postfix speaks TLS 1.0 and takes short keys where a service says so: the
/// system's own OpenSSL settings forbid both.
pub(crate) fn old_tls(folder: &Path) -> Result<(&'static str, String), HarnessError> {
    let file = folder.join("openssl.cnf");
    write(&file, OLD_TLS)?;
    let names = "MAIL_CONFIG MAIL_DEBUG MAIL_LOGTAG TZ LANG=C POSTLOG_SERVICE POSTLOG_HOSTNAME";
    Ok(("import_environment", format!("{names} OPENSSL_CONF={}", file.display())))
}

fn write_replies(config: &Path, replies: &BTreeMap<String, String>) -> Result<(), HarnessError> {
    let file = config.join("replies");
    let mut text = String::new();
    for (who, reply) in replies {
        let _ = writeln!(text, "{who} {reply}");
    }
    write(&file, text)?;
    let (table, made) = (format!("hash:{}", file.display()), config.join("replies.db"));
    let last = modified(&made).ok();
    run(Command::new("postmap").arg("-c").arg(config).arg(table))?;
    // An smtpd reads a table anew when the second in which that changed is another one.
    let Some(next) = last.map(|last| last + Duration::from_secs(1)) else { return Ok(()) };
    let renewed = modified(&made).and_then(|now| File::open(&made)?.set_modified(now.max(next)));
    renewed.map_err(HarnessError::file(&made))
}

fn modified(file: &Path) -> io::Result<SystemTime> {
    fs::metadata(file)?.modified()
}

/// Queue, data and mail folders with the owners that Postfix asks for.
fn make_folders(folder: &Path) -> Result<PathBuf, HarnessError> {
    let root = Owner { user: 0, group: 0 };
    let postfix = Owner::named("postfix", "postfix")?;
    let drop_box = Owner::named("postfix", "postdrop")?;
    let nobody = Owner::named("nobody", "nogroup")?;
    owned(&folder.join("queue"), 0o755, root)?;
    owned(&folder.join("queue/pid"), 0o755, root)?;
    for name in PRIVATE {
        owned(&folder.join("queue").join(name), 0o700, postfix)?;
    }
    owned(&folder.join("queue/maildrop"), 0o730, drop_box)?;
    owned(&folder.join("queue/public"), 0o710, drop_box)?;
    owned(&folder.join("data"), 0o700, postfix)?;
    owned(&folder.join("mail"), 0o755, nobody)?;
    Ok(folder.join("mail/all"))
}

fn main_cf(folder: &Path, more: &[(&str, String)]) -> Result<String, HarnessError> {
    let nobody = Owner::named("nobody", "nogroup")?;
    let dir = folder.display();
    let replies = format!("hash:{dir}/config/replies");
    let mut text = format!(
        "queue_directory = {dir}/queue\ndata_directory = {dir}/data\n\
         maillog_file = {dir}/maillog\nmaillog_file_prefixes = {dir}\n\
         virtual_mailbox_base = {dir}/mail\n\
         virtual_uid_maps = static:{uid}\nvirtual_gid_maps = static:{gid}\n\
         smtpd_recipient_restrictions = check_recipient_access {replies}, \
            permit_sasl_authenticated, $last_word\n",
        uid = nobody.user,
        gid = nobody.group,
    );
    text.push_str(MAIN);
    for (name, value) in more {
        let _ = writeln!(text, "{name} = {value}");
    }
    Ok(text)
}

fn master_cf(config: &Path, services: &[Service]) -> Result<String, HarnessError> {
    let mut text = MASTER.to_owned();
    for service in services {
        let Service { at, hostname, .. } = service;
        let _ = writeln!(text, "{at} inet n - n - - smtpd");
        let mut option = |name: &str, value: &str| {
            let _ = writeln!(text, "  -o {{ {name} = {value} }}");
        };
        option("myhostname", hostname);
        match &service.identity {
            None => option("smtpd_tls_security_level", "none"),
            Some(identity) => {
                let file = config.join(format!("{hostname}-{}.pem", at.port()));
                write(&file, format!("{}{}", identity.key_pem(), identity.chain_pem()))?;
                let secret = fs::Permissions::from_mode(0o600);
                fs::set_permissions(&file, secret).map_err(HarnessError::file(&file))?;
                option("smtpd_tls_chain_files", &file.to_string_lossy());
            }
        }
        if service.implicit_tls {
            option("smtpd_tls_wrappermode", "yes");
        }
        for (name, value) in &service.options {
            option(name, value);
        }
    }
    Ok(text)
}

fn greets(at: SocketAddr) -> bool {
    let greeting = || -> std::io::Result<bool> {
        let mut stream = TcpStream::connect(at)?;
        stream.set_read_timeout(Some(GREETING))?;
        let mut code = [0; 4];
        stream.read_exact(&mut code)?;
        Ok(&code == b"220 ")
    };
    greeting().unwrap_or(false)
}

/// smtpd is started at the first connection.
const GREETING: Duration = Duration::from_secs(10);
/// What a recipient gets to hear, at the provider and at the receiving hosts alike.
pub(crate) const REPLIES: [(&str, &str); 4] = [
    ("refused@", "550 5.1.1 Deze ontvanger is hier niet bekend"),
    ("deferred@", "450 4.2.0 Deze postbus is even niet bereikbaar"),
    ("weigert.test", "550 5.7.1 Wij nemen geen post aan"),
    ("steltuit.test", "450 4.7.1 Probeer het later nog eens"),
];

const OLD_TLS: &str = "\
openssl_conf = all
[all]
ssl_conf = ssl
[ssl]
system_default = old
[old]
MinProtocol = TLSv1
CipherString = DEFAULT:@SECLEVEL=0
";

const PRIVATE: [&str; 12] = [
    "active", "bounce", "corrupt", "defer", "deferred", "flush", "hold", "incoming", "private",
    "saved", "trace", "tmp",
];

/// Takes all mail as it is, adds nothing but its own trace lines, asks no DNS, never slows down.
const MAIN: &str = r"
compatibility_level = 3.6
mail_owner = postfix
setgid_group = postdrop
inet_protocols = ipv4
inet_interfaces = 127.0.0.1
myhostname = lab.test
mydestination =
mynetworks = 127.0.0.255/32
local_header_rewrite_clients =
append_dot_mydomain = no
remote_header_rewrite_domain =
alias_maps =
alias_database =
virtual_mailbox_domains = static:all
virtual_mailbox_maps = static:all/
virtual_mailbox_limit = 0
message_size_limit = 104857600
line_length_limit = 65536
disable_dns_lookups = yes
smtpd_peername_lookup = no
smtpd_tls_security_level = may
smtpd_tls_received_header = yes
smtpd_relay_restrictions = permit_sasl_authenticated, $last_word
smtpd_recipient_limit = 20000
smtpd_error_sleep_time = 0
smtpd_hard_error_limit = 1000
smtpd_soft_error_limit = 900
smtpd_junk_command_limit = 10000
smtpd_client_connection_count_limit = 0
smtpd_reject_footer = Vragen: bel de helpdesk van $myhostname
in_flow_delay = 0
bounce_queue_lifetime = 1d
default_process_limit = 40
biff = no
";

const MASTER: &str = "\
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
";
