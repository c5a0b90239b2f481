use std::path::{Path, PathBuf};

use crate::guard::{Launch, Process};
use crate::place::{new_folder, write};
use crate::{HarnessError, Session};

/// A folder's window on a session's screen: what is dropped on it is copied into the folder by its
/// address, and only a moment after the drop, as file managers do. By GTK, not by us.
#[derive(Debug)]
pub struct DropFolder {
    folder: PathBuf,
    window: Process,
}

impl DropFolder {
    /// Opens it in the upper left corner, where no window of the app is.
    ///
    /// # Errors
    /// It did not come; with what it said.
    pub fn open(session: &Session) -> Result<Self, HarnessError> {
        let folder = new_folder()?;
        let script = folder.join("window.py");
        write(&script, WINDOW)?;
        let inside = folder.join("inside");
        std::fs::create_dir(&inside).map_err(HarnessError::file(&inside))?;
        let mut env = session.env();
        env.push(("DISPLAY".to_owned(), session.display()?.name().to_owned()));
        env.push(("NO_AT_BRIDGE".to_owned(), "1".to_owned()));
        let launch = Launch::new("/usr/bin/python3").arg("-u").arg(&script).arg(&inside);
        let mut window = launch.only_env(&env).log(folder.join("window.log")).start()?;
        window.until("its window", |window| window.said().contains("it is open").then_some(()))?;
        Ok(Self { folder: inside, window })
    }

    /// What lies in it.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.folder
    }

    /// How many times something was dragged over it, as it was told.
    #[must_use]
    pub fn over(&self) -> usize {
        self.window.said().matches("it is over").count()
    }

    /// A place on the screen that is in it.
    #[must_use]
    pub fn middle(&self) -> (i16, i16) {
        (SIZE / 2, SIZE / 2)
    }
}

impl Drop for DropFolder {
    fn drop(&mut self) {
        if let Some(own) = self.folder.parent() {
            let _ = std::fs::remove_dir_all(own);
        }
    }
}

const SIZE: i16 = 120;

const WINDOW: &str = r#"
import os, shutil, sys
import gi
gi.require_version("Gdk", "3.0")
gi.require_version("Gtk", "3.0")
from gi.repository import Gdk, Gio, GLib, Gtk

def copy(uris):
    for uri in uris:
        source = Gio.File.new_for_uri(uri).get_path()
        place = os.path.join(sys.argv[1], os.path.basename(source))
        shutil.copyfile(source, place + ".part")
        os.rename(place + ".part", place)
    return False

def received(window, context, x, y, data, info, time):
    uris = data.get_uris()
    GLib.timeout_add(300, copy, uris)
    Gtk.drag_finish(context, bool(uris), False, time)

window = Gtk.Window(title="map")
window.set_default_size(120, 120)
window.move(0, 0)
# What is asked for only after the drop is what a source must still have then.
window.drag_dest_set(Gtk.DestDefaults.ALL, [], Gdk.DragAction.COPY)
window.drag_dest_add_uri_targets()
window.connect("drag-data-received", received)
window.connect("drag-motion", lambda *_: print("it is over"))
window.connect("map-event", lambda *_: print("it is open"))
window.show_all()
Gtk.main()
"#;
