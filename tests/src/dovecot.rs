//! A Dovecot of our own: the provider's log-in (SASL) and IMAP.

use std::net::SocketAddr;
use std::os::unix::fs::chown;
use std::path::{Path, PathBuf};

use crate::HarnessError;
use crate::certificates::Identity;
use crate::guard::{Launch, Process};
use crate::place::{Owner, owned, write};

/// A running Dovecot.
#[derive(Debug)]
pub(crate) struct Dovecot {
    pub(crate) sasl: PathBuf,
    mail: PathBuf,
    _process: Process,
}

impl Dovecot {
    /// Starts it; every user has this password.
    pub(crate) fn start(
        folder: &Path,
        starttls: SocketAddr,
        implicit: SocketAddr,
        identity: &Identity,
        password: &str,
    ) -> Result<Self, HarnessError> {
        owned(&folder.join("run"), 0o755, Owner { user: 0, group: 0 })?;
        owned(&folder.join("mail"), 0o700, Owner::named("nobody", "nogroup")?)?;
        write(&folder.join("key.pem"), identity.key_pem())?;
        write(&folder.join("chain.pem"), identity.chain_pem())?;
        let conf = CONFIG
            .replace("@DIR@", &folder.to_string_lossy())
            .replace("@IP@", &starttls.ip().to_string())
            .replace("@IMAP@", &starttls.port().to_string())
            .replace("@IMAPS@", &implicit.port().to_string())
            .replace("@PASSWORD@", password);
        let path = folder.join("dovecot.conf");
        write(&path, conf)?;
        let launch = Launch::new("dovecot").args(["-F", "-c"]).arg(path);
        let mut process = launch.log(folder.join("start.log")).start()?;
        let sasl = folder.join("run/sasl");
        let ready = || std::os::unix::net::UnixStream::connect(&sasl).ok();
        let ready = || ready().and_then(|_| std::net::TcpStream::connect(starttls).ok()).map(drop);
        process.until("its sockets", |_| ready())?;
        Ok(Self { sasl, mail: folder.join("mail"), _process: process })
    }

    /// Puts messages into a user's INBOX, as unread, in this order, behind what is there.
    pub(crate) fn put(&self, user: &str, messages: &[Vec<u8>]) -> Result<(), HarnessError> {
        let nobody = Owner::named("nobody", "nogroup")?;
        let home = self.mail.join(user);
        let inbox = home.join("Maildir");
        for folder in [home, inbox.clone(), inbox.join("cur"), inbox.join("new"), inbox.join("tmp")]
        {
            owned(&folder, 0o700, nobody)?;
        }
        // A name counts without the flags behind it: two files of one name are one message, or the wrong two.
        let number = |entry: std::fs::DirEntry| -> Option<u64> {
            entry.file_name().to_str()?.split('.').next()?.parse().ok()
        };
        let there = inbox.join("cur");
        let there = std::fs::read_dir(&there).map_err(HarnessError::file(&there))?;
        let last = there.flatten().filter_map(number).max();
        for (number, message) in (last.map_or(FIRST, |last| last + 1)..).zip(messages) {
            let file = inbox.join(format!("cur/{number}.M1P1.lab:2,"));
            write(&file, message)?;
            chown(&file, Some(nobody.user), Some(nobody.group))
                .map_err(HarnessError::file(&file))?;
        }
        Ok(())
    }
}

impl Dovecot {
    /// Makes a user's INBOX of so many copies of one message, which share a few files, and so many
    /// folders beside it.
    pub(crate) fn put_many(
        &self,
        user: &str,
        (message, copies): (&[u8], usize),
        folders: usize,
    ) -> Result<(), HarnessError> {
        self.put(user, &[message.to_vec()])?;
        let inbox = self.mail.join(user).join("Maildir");
        let nobody = Owner::named("nobody", "nogroup")?;
        let mut shared = inbox.join(format!("cur/{FIRST}.M1P1.lab:2,"));
        for number in 1..copies as u64 {
            let file = inbox.join(format!("cur/{}.M1P1.lab:2,", FIRST + number));
            if number % LINKS == 0 {
                write(&file, message)?;
                chown(&file, Some(nobody.user), Some(nobody.group))
                    .map_err(HarnessError::file(&file))?;
                shared = file;
            } else {
                std::fs::hard_link(&shared, &file).map_err(HarnessError::file(&file))?;
            }
        }
        for number in 0..folders {
            let folder = inbox.join(format!(".Map {number:03}"));
            for part in ["", "cur", "new", "tmp"] {
                owned(&folder.join(part), 0o700, nobody)?;
            }
        }
        Ok(())
    }
}

/// Fewer than any file system allows of one file.
const LINKS: u64 = 10_000;
/// Maildir orders files by the time in their names.
const FIRST: u64 = 1_700_000_000;

/// CRAM-MD5 needs the password itself, hence PLAIN in the database. All tests come from one address: a wrong password
/// of one of them would have the log-ins of all others wait for up to fifteen seconds, which is longer than Postfix
/// waits.
const CONFIG: &str = r"
protocols = imap
base_dir = @DIR@/run
state_dir = @DIR@/run
log_path = @DIR@/log
listen = @IP@
ssl = yes
ssl_cert = <@DIR@/chain.pem
ssl_key = <@DIR@/key.pem
ssl_dh =
disable_plaintext_auth = yes
auth_mechanisms = plain login cram-md5
auth_failure_delay = 0
passdb {
  driver = static
  args = password={PLAIN}@PASSWORD@
}
userdb {
  driver = static
  args = uid=nobody gid=nogroup home=@DIR@/mail/%u allow_all_users=yes
}
first_valid_uid = 1
mail_location = maildir:~/Maildir
namespace inbox {
  inbox = yes
  mailbox Verzonden {
    special_use = \Sent
  }
}
default_vsz_limit = 256 M
mail_max_userip_connections = 200
service anvil {
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
service auth {
  process_min_avail = 1
  idle_kill = 1 days
  unix_listener sasl {
    mode = 0666
  }
}
service imap-login {
  inet_listener imap {
    port = @IMAP@
  }
  inet_listener imaps {
    port = @IMAPS@
    ssl = yes
  }
}
";
