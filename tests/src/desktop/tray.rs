use std::collections::HashMap;

use zbus::blocking::Proxy;
use zbus::blocking::connection::Connection;
use zbus::blocking::fdo::DBusProxy;
use zbus::blocking::proxy::Builder;
use zbus::names::BusName;
use zbus::proxy::CacheProperties;
use zbus::zvariant::{OwnedObjectPath, OwnedValue, Structure, Value};

use crate::HarnessError;
use crate::desktop::desk::bus_error;
use crate::guard::{PATIENCE, until};

/// The icon of a program in the tray (org.kde.StatusNotifierItem).
#[derive(Debug)]
pub struct TrayItem {
    bus: Connection,
    name: String,
    object: String,
}

/// A line of its menu (com.canonical.dbusmenu).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    id: i32,
    /// Its words.
    pub label: String,
    /// Can it be clicked?
    pub enabled: bool,
}

/// `(ia{sv}av)` of GetLayout: id, properties, children.
type Node = (i32, HashMap<String, OwnedValue>, Vec<OwnedValue>);

impl TrayItem {
    pub(crate) fn new(bus: Connection, name: String, object: String) -> Self {
        Self { bus, name, object }
    }

    /// Does its program still run?
    #[must_use]
    pub fn is_there(&self) -> bool {
        let name = BusName::try_from(self.name.as_str()).map_err(zbus::Error::from);
        let asked = DBusProxy::new(&self.bus)
            .and_then(|bus| bus.name_has_owner(name?).map_err(zbus::Error::from));
        asked.unwrap_or(false)
    }

    /// A property of it that is text: `Id`, `Title`, `Status`, `IconName`, `XAyatanaLabel`.
    ///
    /// # Errors
    /// It has none, or has gone.
    pub fn property(&self, name: &str) -> Result<String, HarnessError> {
        self.proxy()?.get_property::<String>(name).map_err(bus_error)
    }

    /// The lines of its menu, those of menus inside it too; separators are none.
    ///
    /// # Errors
    /// It has no menu, or has gone.
    pub fn menu(&self) -> Result<Vec<Entry>, HarnessError> {
        let menu = self.menu_proxy()?;
        let asked = (0i32, -1i32, Vec::<String>::new());
        let (_revision, root): (u32, Node) = menu.call("GetLayout", &asked).map_err(bus_error)?;
        let mut entries = Vec::new();
        collect(root, &mut entries);
        Ok(entries)
    }

    /// Waits for the line that these words stand in.
    ///
    /// # Errors
    /// It did not come; with those that are there.
    pub fn entry(&self, words: &str) -> Result<Entry, HarnessError> {
        let mut last = String::new();
        let found = until(words, PATIENCE, || {
            let menu = self.menu();
            last = format!("{menu:?}");
            menu.ok()?.into_iter().find(|entry| entry.label.contains(words))
        });
        found.map_err(|_| HarnessError::Late { what: format!("{words:?} in the menu {last}") })
    }

    /// Clicks on the line that these words stand in, once it is there and can be clicked.
    ///
    /// # Errors
    /// It did not come, or has gone.
    pub fn click(&self, words: &str) -> Result<(), HarnessError> {
        let usable = || self.entry(words).ok().filter(|entry| entry.enabled);
        let entry = until(words, PATIENCE, usable)?;
        let clicked = (entry.id, "clicked", Value::from(0i32), 0u32);
        self.menu_proxy()?.call::<_, _, ()>("Event", &clicked).map_err(bus_error)
    }

    fn proxy(&self) -> Result<Proxy<'_>, HarnessError> {
        self.proxy_for(&self.object, "org.kde.StatusNotifierItem")
    }

    fn menu_proxy(&self) -> Result<Proxy<'_>, HarnessError> {
        let menu = self.proxy()?.get_property::<OwnedObjectPath>("Menu").map_err(bus_error)?;
        self.proxy_for(menu.as_str(), "com.canonical.dbusmenu")
    }

    fn proxy_for(&self, object: &str, interface: &str) -> Result<Proxy<'_>, HarnessError> {
        Builder::<Proxy<'_>>::new(&self.bus)
            .destination(self.name.clone())
            .and_then(|builder| builder.path(object.to_owned()))
            .and_then(|builder| builder.interface(interface.to_owned()))
            .and_then(|builder| builder.cache_properties(CacheProperties::No).build())
            .map_err(bus_error)
    }
}

fn collect((id, properties, children): Node, entries: &mut Vec<Entry>) {
    let flag = |name: &str| {
        let value = properties.get(name).and_then(|value| bool::try_from(value).ok());
        value.unwrap_or(true)
    };
    let label = properties.get("label").and_then(|value| <&str>::try_from(value).ok());
    if let Some(label) = label.filter(|_| flag("visible")) {
        // An underscore marks the letter that chooses the line; two of them are one.
        let label = label.replace("__", "\u{0}").replace('_', "").replace('\u{0}', "_");
        entries.push(Entry { id, label, enabled: flag("enabled") });
    }
    for child in children {
        let node = Structure::try_from(child).and_then(Node::try_from);
        if let Ok(node) = node {
            collect(node, entries);
        }
    }
}
