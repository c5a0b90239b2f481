//! A second IMAP server (Cyrus): another hierarchy, other extensions, other ways to say things.

use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};

use crate::HarnessError;
use crate::certificates::Identity;
use crate::guard::{Launch, Process};
use crate::place::{Owner, owned, write};

/// A running Cyrus; any user without a domain gets in with any password, and has a mailbox then.
#[derive(Debug)]
pub struct Cyrus {
    /// IMAP with implicit TLS.
    pub implicit: SocketAddr,
    _process: Process,
}

impl Cyrus {
    pub(crate) fn start(
        folder: &Path,
        implicit: SocketAddr,
        identity: &Identity,
    ) -> Result<Self, HarnessError> {
        let nobody = Owner::named("nobody", "nogroup")?;
        for name in ["", "conf", "spool", "run", "run/proc", "run/lock"] {
            owned(&folder.join(name), 0o755, nobody)?;
        }
        write(&folder.join("key.pem"), identity.key_pem())?;
        write(&folder.join("chain.pem"), identity.chain_pem())?;
        let fill = |text: &str| {
            text.replace("@DIR@", &folder.to_string_lossy()).replace("@AT@", &implicit.to_string())
        };
        let (conf, services) = (folder.join("imapd.conf"), folder.join("cyrus.conf"));
        write(&conf, fill(CONFIG))?;
        write(&services, fill(SERVICES).replace("@IMAPD@", &program()?.to_string_lossy()))?;
        let launch = Launch::new("/usr/sbin/cyrmaster").arg("-C").arg(conf).arg("-M").arg(services);
        let launch = launch.arg("-p").arg(folder.join("run/master.pid")).arg("-D");
        let mut process = launch.log(folder.join("start.log")).start()?;
        process.until("its socket", |_| TcpStream::connect(implicit).ok().map(drop))?;
        Ok(Self { implicit, _process: process })
    }
}

/// Cyrus' imapd as `scripts/setup test` unpacks it: Debian lets only one IMAP server be installed.
fn program() -> Result<PathBuf, HarnessError> {
    let own = std::env::current_exe().map_err(HarnessError::file("this test binary"))?;
    let below = "tools/cyrus/usr/lib/cyrus/bin/imapd";
    let found = own.ancestors().skip(1).take(3).map(|folder| folder.join(below));
    found
        .into_iter()
        .find(|path| path.is_file())
        .ok_or(HarnessError::NotStarted("Cyrus: `make setup-test` unpacks it"))
}

const SERVICES: &str = r#"
START {
  recover cmd="/usr/lib/cyrus/bin/ctl_cyrusdb -C @DIR@/imapd.conf -r"
}
SERVICES {
  imaps cmd="@IMAPD@ -s -C @DIR@/imapd.conf" listen="@AT@" prefork=0 maxchild=50
}
EVENTS {
}
"#;

const CONFIG: &str = r"
configdirectory: @DIR@/conf
defaultpartition: default
partition-default: @DIR@/spool
proc_path: @DIR@/run/proc
mboxname_lockpath: @DIR@/run/lock
lmtpsocket: @DIR@/run/lmtp
idlesocket: @DIR@/run/idle
notifysocket: @DIR@/run/notify
cyrus_user: nobody
cyrus_group: nogroup
sasl_pwcheck_method: alwaystrue
sasl_mech_list: PLAIN LOGIN
allowplaintext: no
unixhierarchysep: yes
autocreate_quota: 0
autocreate_post: yes
autocreate_inbox_folders: Uitgegaan
xlist-sent: Uitgegaan
tls_server_cert: @DIR@/chain.pem
tls_server_key: @DIR@/key.pem
";
