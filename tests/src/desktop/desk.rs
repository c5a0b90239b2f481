//! The panel of a desktop, as far as the app sees it: who keeps tray icons, and who shows notices.
//!
//! The specifications are those of freedesktop.org: StatusNotifierItem, and Desktop Notifications 1.2.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use zbus::blocking::connection::{Builder, Connection};
use zbus::fdo;
use zbus::message::Header;
use zbus::zvariant::OwnedValue;

use crate::desktop::tray::TrayItem;
use crate::guard::{PATIENCE, until};
use crate::{HarnessError, Session};

/// A panel on a session's bus. Gone when dropped.
#[derive(Debug)]
pub struct Desk {
    bus: Connection,
    seen: Arc<Mutex<Seen>>,
}

/// A notification that was shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// The program, by its own word.
    pub program: String,
    /// The first line.
    pub summary: String,
    /// The text.
    pub body: String,
}

#[derive(Debug, Default)]
struct Seen {
    /// Bus name and object of each item that was registered, oldest first.
    items: Vec<(String, String)>,
    notices: Vec<Notice>,
}

impl Desk {
    /// Puts a panel on this session's bus.
    ///
    /// # Errors
    /// There is no bus, or another panel.
    pub fn start(session: &Session) -> Result<Self, HarnessError> {
        let seen = Arc::<Mutex<Seen>>::default();
        let env = session.env();
        let address = env.iter().find(|(name, _)| name == "DBUS_SESSION_BUS_ADDRESS");
        let (_, address) = address.ok_or(HarnessError::NotStarted("a bus"))?;
        let (watcher, shower) = (Watcher { seen: seen.clone() }, Shower { seen: seen.clone() });
        let bus = Builder::address(address.as_str())
            .and_then(|builder| builder.serve_at("/StatusNotifierWatcher", watcher))
            .and_then(|builder| builder.serve_at("/org/freedesktop/Notifications", shower))
            .and_then(|builder| builder.name("org.kde.StatusNotifierWatcher"))
            .and_then(|builder| builder.name("org.freedesktop.Notifications"))
            .and_then(Builder::build)
            .map_err(bus_error)?;
        Ok(Self { bus, seen })
    }

    /// The icon in the tray, once there is one whose program runs.
    ///
    /// # Errors
    /// None came.
    pub fn item(&self) -> Result<TrayItem, HarnessError> {
        until("an icon in the tray", PATIENCE, || {
            let (name, object) = lock(&self.seen).items.last().cloned()?;
            let item = TrayItem::new(self.bus.clone(), name, object);
            item.is_there().then_some(item)
        })
    }

    /// The notifications that were shown, oldest first.
    #[must_use]
    pub fn notices(&self) -> Vec<Notice> {
        lock(&self.seen).notices.clone()
    }
}

struct Watcher {
    seen: Arc<Mutex<Seen>>,
}

#[zbus::interface(name = "org.kde.StatusNotifierWatcher")]
impl Watcher {
    /// `service` is a bus name, or, by another reading, the object's path.
    fn register_status_notifier_item(
        &self,
        service: &str,
        #[zbus(header)] header: Header<'_>,
    ) -> fdo::Result<()> {
        let sender = header.sender().ok_or(fdo::Error::Failed("who?".to_owned()))?.to_string();
        let item = match service.starts_with('/') {
            true => (sender, service.to_owned()),
            false => (service.to_owned(), "/StatusNotifierItem".to_owned()),
        };
        lock(&self.seen).items.push(item);
        Ok(())
    }

    fn register_status_notifier_host(&self, _service: &str) {}

    #[zbus(property)]
    fn registered_status_notifier_items(&self) -> Vec<String> {
        lock(&self.seen).items.iter().map(|(name, object)| format!("{name}{object}")).collect()
    }

    #[zbus(property)]
    fn is_status_notifier_host_registered(&self) -> bool {
        true
    }

    #[zbus(property)]
    fn protocol_version(&self) -> i32 {
        0
    }
}

struct Shower {
    seen: Arc<Mutex<Seen>>,
}

#[zbus::interface(name = "org.freedesktop.Notifications")]
impl Shower {
    #[allow(clippy::too_many_arguments, reason = "the specification's method")]
    fn notify(
        &self,
        app_name: String,
        _replaces_id: u32,
        _app_icon: &str,
        summary: String,
        body: String,
        _actions: Vec<String>,
        _hints: HashMap<String, OwnedValue>,
        _expire_timeout: i32,
    ) -> u32 {
        let mut seen = lock(&self.seen);
        seen.notices.push(Notice { program: app_name, summary, body });
        u32::try_from(seen.notices.len()).unwrap_or(u32::MAX)
    }

    fn close_notification(&self, _id: u32) {}

    fn get_capabilities(&self) -> Vec<String> {
        vec!["body".to_owned(), "actions".to_owned()]
    }

    fn get_server_information(&self) -> (String, String, String, String) {
        let word = |word: &str| word.to_owned();
        (word("desk"), word("tests"), word("1"), word("1.2"))
    }
}

fn lock(seen: &Mutex<Seen>) -> std::sync::MutexGuard<'_, Seen> {
    seen.lock().unwrap_or_else(PoisonError::into_inner)
}

pub(crate) fn bus_error(error: zbus::Error) -> HarnessError {
    HarnessError::Failed { program: "the message bus".to_owned(), said: error.to_string() }
}
