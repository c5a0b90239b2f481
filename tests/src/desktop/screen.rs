//! What stands on a screen, and the close button of a window, as a window manager has it.

use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr as UnixAddress, UnixStream};

use x11rb::CURRENT_TIME;
use x11rb::connection::Connection;
use x11rb::protocol::xproto::{
    AtomEnum, BUTTON_PRESS_EVENT, BUTTON_RELEASE_EVENT, ClientMessageEvent, ConnectionExt,
    EventMask, InputFocus, KEY_PRESS_EVENT, KEY_RELEASE_EVENT, MOTION_NOTIFY_EVENT, MapState,
    Window,
};
use x11rb::protocol::xtest::ConnectionExt as _;
use x11rb::rust_connection::{DefaultStream, RustConnection};

use crate::HarnessError;

/// A view of a screen.
pub(crate) struct Screen {
    link: RustConnection,
    root: Window,
}

type Answer<T> = Result<T, Box<dyn std::error::Error>>;

impl Screen {
    /// That with this abstract socket.
    pub(crate) fn of(socket: &str) -> Result<Self, HarnessError> {
        let link = UnixAddress::from_abstract_name(socket);
        let link = link.and_then(|address| UnixStream::connect_addr(&address));
        let link = link.and_then(DefaultStream::from_unix_stream);
        let (link, _) = link.map_err(HarnessError::socket("the screen"))?;
        let link = RustConnection::connect_to_stream(link, 0).map_err(|error| failed(&error))?;
        let root = link.setup().roots.first().map(|screen| screen.root);
        Ok(Self { link, root: root.ok_or(HarnessError::NotStarted("a screen"))? })
    }

    /// The titles of a program's windows that are seen.
    pub(crate) fn titles(&self, pid: u32) -> Result<Vec<String>, HarnessError> {
        let windows = self.windows(pid).map_err(|error| failed(&*error))?;
        Ok(windows.into_iter().map(|(_, title)| title).collect())
    }

    /// Presses the close button of a program's window (ICCCM section 4.2.8.1).
    pub(crate) fn close(&self, pid: u32, title: &str) -> Result<bool, HarnessError> {
        let closed = self.try_close(pid, title);
        closed.map_err(|error| failed(&*error))
    }

    fn try_close(&self, pid: u32, title: &str) -> Answer<bool> {
        let windows = self.windows(pid)?;
        let Some((window, _)) = windows.iter().find(|(_, one)| one == title) else {
            return Ok(false);
        };
        let (protocols, delete) = (self.atom("WM_PROTOCOLS")?, self.atom("WM_DELETE_WINDOW")?);
        let message = ClientMessageEvent::new(32, *window, protocols, [delete, 0, 0, 0, 0]);
        self.link.send_event(false, *window, EventMask::NO_EVENT, message)?.check()?;
        Ok(true)
    }

    /// Types into a program's window, as the keyboard does, and then Enter; false where there is none.
    pub(crate) fn enter(&self, pid: u32, title: &str, text: &str) -> Result<bool, HarnessError> {
        self.try_enter(pid, title, text).map_err(|error| failed(&*error))
    }

    fn try_enter(&self, pid: u32, title: &str, text: &str) -> Answer<bool> {
        let windows = self.windows(pid)?;
        let Some((window, _)) = windows.iter().find(|(_, one)| one == title) else {
            return Ok(false);
        };
        // What a window manager does for the window that a person works in.
        self.link.set_input_focus(InputFocus::PARENT, *window, CURRENT_TIME)?.check()?;
        self.types(text.chars().map(u32::from).chain([RETURN]))?;
        Ok(true)
    }

    /// Presses and lets go the keys of these signs.
    fn types(&self, signs: impl IntoIterator<Item = u32>) -> Answer<()> {
        let setup = self.link.setup();
        let (first, count) = (setup.min_keycode, setup.max_keycode - setup.min_keycode + 1);
        let keys = self.link.get_keyboard_mapping(first, count)?.reply()?;
        let each = usize::from(keys.keysyms_per_keycode);
        // Of each key the first sign is bare, and the second with shift.
        let find = |sign: u32| {
            let at = |level: usize| {
                let mut levels = keys.keysyms.chunks(each).map(|key| key.get(level));
                let key = levels.position(|one| one == Some(&sign))?;
                Some((first + u8::try_from(key).ok()?, level == 1))
            };
            at(0).or_else(|| at(1)).ok_or(format!("no key has the sign {sign:x}"))
        };
        let (shift, _) = find(SHIFT)?;
        for sign in signs {
            let (key, shifted) = find(sign)?;
            let (down, up) = (KEY_PRESS_EVENT, KEY_RELEASE_EVENT);
            let bare = [(down, key), (up, key)];
            let with_shift = [(down, shift), (down, key), (up, key), (up, shift)];
            for (kind, key) in if shifted { with_shift.as_slice() } else { &bare } {
                self.fake(*kind, *key, (0, 0))?;
            }
        }
        Ok(())
    }

    /// Presses Escape.
    pub(crate) fn escape(&self) -> Result<(), HarnessError> {
        self.types([ESCAPE]).map_err(|error| failed(&*error))
    }

    /// Where a program's window begins on the screen.
    pub(crate) fn place(&self, pid: u32, title: &str) -> Result<(i16, i16), HarnessError> {
        let place = || {
            let windows = self.windows(pid)?;
            let window = windows.iter().find(|(_, one)| one == title);
            let (window, _) = window.ok_or("no such window")?;
            let at = self.link.translate_coordinates(*window, self.root, 0, 0)?.reply()?;
            Ok((at.dst_x, at.dst_y))
        };
        place().map_err(|error: Box<dyn std::error::Error>| failed(&*error))
    }

    /// Moves the pointer.
    pub(crate) fn point(&self, to: (i16, i16)) -> Result<(), HarnessError> {
        self.fake(MOTION_NOTIFY_EVENT, 0, to).map_err(|error| failed(&*error))
    }

    /// Presses the pointer's first button, or lets it go.
    pub(crate) fn button(&self, down: bool) -> Result<(), HarnessError> {
        let kind = if down { BUTTON_PRESS_EVENT } else { BUTTON_RELEASE_EVENT };
        self.fake(kind, 1, (0, 0)).map_err(|error| failed(&*error))
    }

    /// Whether something is being dragged from window to window (XDND: who drags owns a selection).
    pub(crate) fn drags(&self) -> Result<bool, HarnessError> {
        let owner = || {
            let selection = self.atom("XdndSelection")?;
            Ok(self.link.get_selection_owner(selection)?.reply()?.owner)
        };
        let owner = owner().map_err(|error: Box<dyn std::error::Error>| failed(&*error))?;
        Ok(owner != x11rb::NONE)
    }

    fn fake(&self, kind: u8, detail: u8, (x, y): (i16, i16)) -> Answer<()> {
        let faked = self.link.xtest_fake_input(kind, detail, CURRENT_TIME, self.root, x, y, 0)?;
        Ok(faked.check()?)
    }

    /// Without a window manager the windows of programs are the root's children.
    fn windows(&self, pid: u32) -> Answer<Vec<(Window, String)>> {
        let mut windows = Vec::new();
        for window in self.link.query_tree(self.root)?.reply()?.children {
            // One that goes while it is looked at is none.
            if let Ok(Some(title)) = self.title(window, pid) {
                windows.push((window, title));
            }
        }
        Ok(windows)
    }

    fn title(&self, window: Window, pid: u32) -> Answer<Option<String>> {
        let seen = self.link.get_window_attributes(window)?.reply()?.map_state;
        let owner = self.property(window, "_NET_WM_PID")?;
        let owner = owner.as_slice().try_into().map(u32::from_ne_bytes).ok();
        if seen != MapState::VIEWABLE || owner != Some(pid) {
            return Ok(None);
        }
        let title = self.property(window, "_NET_WM_NAME")?;
        Ok(Some(String::from_utf8_lossy(&title).into_owned()))
    }

    fn property(&self, window: Window, name: &str) -> Answer<Vec<u8>> {
        let atom = self.atom(name)?;
        let asked = self.link.get_property(false, window, atom, AtomEnum::ANY, 0, 1024)?;
        Ok(asked.reply()?.value)
    }

    fn atom(&self, name: &str) -> Answer<u32> {
        Ok(self.link.intern_atom(false, name.as_bytes())?.reply()?.atom)
    }
}

/// Keys by their names in X11 (keysymdef.h); letters have the numbers of Latin-1.
const RETURN: u32 = 0xff0d;
const SHIFT: u32 = 0xffe1;
const ESCAPE: u32 = 0xff1b;

fn failed(error: &dyn std::error::Error) -> HarnessError {
    HarnessError::Failed { program: "the screen".to_owned(), said: error.to_string() }
}
