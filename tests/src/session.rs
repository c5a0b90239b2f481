//! A desktop session of its own: message bus, home folder and keyring, as the product finds them.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use crate::HarnessError;
use crate::desktop::Display;
use crate::guard::{Launch, Process, until};
use crate::place::{mode, new_folder, write};

/// What the session's keyring is like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keyring {
    /// Unlocked with its own password.
    Open,
    /// There, and locked: nobody has logged in.
    Locked,
    /// There, after an attempt to unlock it with a wrong password.
    WrongPassword,
    /// A message bus, but no Secret Service on it.
    Absent,
    /// Not even a message bus.
    NoBus,
}

/// A private session bus and gnome-keyring-daemon, with a home folder of their own.
#[derive(Debug)]
pub struct Session {
    // Dropped in this order: the daemon before its bus, the folder last.
    daemon: Option<Process>,
    bus: Option<Process>,
    display: OnceLock<Display>,
    folder: PathBuf,
    address: String,
}

impl Session {
    /// A session whose keyring is open and empty.
    ///
    /// # Errors
    /// The bus or the keyring did not come up; with what it said.
    pub fn start() -> Result<Self, HarnessError> {
        Self::with(Keyring::Open)
    }

    /// A session whose keyring is in this state. A locked one, too, was made with a password first.
    ///
    /// # Errors
    /// The bus or the keyring did not come up; with what it said.
    pub fn with(keyring: Keyring) -> Result<Self, HarnessError> {
        let folder = new_folder()?;
        for name in ["home", "run"] {
            let path = folder.join(name);
            std::fs::create_dir(&path).map_err(HarnessError::file(&path))?;
            mode(&path, 0o700)?;
        }
        let address = format!("unix:path={}/run/bus", folder.display());
        let mut session =
            Self { daemon: None, bus: None, display: OnceLock::new(), folder, address };
        if keyring == Keyring::NoBus {
            return Ok(session);
        }
        session.start_bus()?;
        if keyring != Keyring::Absent {
            session.become_keyring(Keyring::Open)?;
        }
        if matches!(keyring, Keyring::Locked | Keyring::WrongPassword) {
            session.become_keyring(keyring)?;
        }
        Ok(session)
    }

    /// Changes the state of the keyring under a running product; what it keeps stays.
    ///
    /// # Errors
    /// The keyring did not come up again; with what it said.
    pub fn become_keyring(&mut self, keyring: Keyring) -> Result<(), HarnessError> {
        self.daemon = None;
        let password = match keyring {
            Keyring::Open => Some(KEYRING_PASSWORD),
            Keyring::WrongPassword => Some("een-ander-wachtwoord"),
            Keyring::Locked => None,
            Keyring::Absent => return Ok(()),
            Keyring::NoBus => {
                self.bus = None;
                return Ok(());
            }
        };
        // A bus that was taken away comes back at the same place.
        if self.bus.is_none() {
            self.start_bus()?;
        }
        let mut launch = Launch::new("gnome-keyring-daemon")
            .args(["--foreground", "--components=secrets"])
            .only_env(&self.env())
            .folder(&self.folder)
            .log(self.folder.join("keyring.log"));
        if let Some(password) = password {
            launch = launch.arg("--unlock").input(password);
        }
        let mut daemon = launch.start()?;
        daemon.until("its name on the bus", |_| self.has_secret_service().then_some(()))?;
        self.daemon = Some(daemon);
        Ok(())
    }

    /// The variables that a program of this session runs with; nothing else of this process's.
    #[must_use]
    pub fn env(&self) -> Vec<(String, String)> {
        let pair = |name: &str, value: String| (name.to_owned(), value);
        let path = |name: &str| self.folder.join(name).to_string_lossy().into_owned();
        vec![
            pair("HOME", path("home")),
            pair("XDG_RUNTIME_DIR", path("run")),
            pair("XDG_DATA_HOME", path("home/.local/share")),
            pair("XDG_CONFIG_HOME", path("home/.config")),
            // Named also where there is no bus, so that no other one is looked for.
            pair("DBUS_SESSION_BUS_ADDRESS", self.address.clone()),
            pair("LANG", "C.UTF-8".to_owned()),
        ]
    }

    /// Its screen, which comes up when it is first asked for.
    ///
    /// # Errors
    /// It did not come up; with what it said.
    pub fn display(&self) -> Result<&Display, HarnessError> {
        if let Some(display) = self.display.get() {
            return Ok(display);
        }
        let display = Display::start(&self.folder)?;
        Ok(self.display.get_or_init(|| display))
    }

    /// Its folder, with `home` and `run` in it.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Runs a program in this session; its exit code and all that it printed.
    ///
    /// # Errors
    /// The program cannot be started, or did not end in time.
    pub fn run(
        &self,
        program: &str,
        args: &[&str],
        input: &[u8],
    ) -> Result<(Option<i32>, String), HarnessError> {
        let log = self.folder.join("program.log");
        write(&log, "")?;
        let launch = Launch::new(program).args(args).only_env(&self.env()).input(input);
        let mut process = launch.log(&log).start()?;
        let status = until(program, crate::guard::PATIENCE, || process.ended())?;
        Ok((status.code(), process.said()))
    }

    fn start_bus(&mut self) -> Result<(), HarnessError> {
        let conf = self.folder.join("bus.conf");
        write(&conf, CONFIG.replace("@ADDRESS@", &self.address))?;
        let mut bus = Launch::new("dbus-daemon")
            .args(["--nofork", "--nopidfile", "--config-file"])
            .arg(&conf)
            .only_env(&self.env())
            .folder(&self.folder)
            .log(self.folder.join("bus.log"))
            .start()?;
        let socket = self.folder.join("run/bus");
        bus.until("its socket", |_| std::os::unix::net::UnixStream::connect(&socket).ok())?;
        self.bus = Some(bus);
        Ok(())
    }

    fn has_secret_service(&self) -> bool {
        let ask = [
            "--session",
            "--print-reply",
            "--dest=org.freedesktop.DBus",
            "/org/freedesktop/DBus",
            "org.freedesktop.DBus.NameHasOwner",
            "string:org.freedesktop.secrets",
        ];
        self.run("dbus-send", &ask, b"").is_ok_and(|(_, said)| said.contains("boolean true"))
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.daemon = None;
        self.bus = None;
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// A bus for one user that starts no services: what is not running is absent.
const CONFIG: &str = r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>@ADDRESS@</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"#;

const KEYRING_PASSWORD: &str = "sleutelbos-wachtwoord";
