//! A file that a person drags out of a window, by the system's own way. Called on the main thread.

use std::path::Path;

use tauri::WebviewWindow;

use crate::desk::Ended;

/// What moves with the pointer.
const PICTURE: &[u8] = include_bytes!("../../../icons/32x32.png");

pub(super) use system::start;

/// By GTK itself. The crate `drag` forgets the file as soon as the button is let go, and then no program that asks
/// for it afterwards, as most do, gets any (its issue 84); nor does it write a name with blanks as a URI.
#[cfg(target_os = "linux")]
mod system {
    use std::cell::{Cell, RefCell};
    use std::rc::Rc;

    use gtk::gdk::{DragAction, DragContext, ModifierType};
    use gtk::gdk_pixbuf::Pixbuf;
    use gtk::glib::{Propagation, filename_to_uri};
    use gtk::prelude::{DragContextExtManual, ObjectExt, SeatExt, WidgetExt};
    use gtk::{ApplicationWindow, DragResult, TargetList};

    use super::{Ended, PICTURE, Path, WebviewWindow};
    use crate::view::DragEnd;

    pub(in crate::shell) fn start(window: &WebviewWindow, file: &Path, ended: Ended) {
        let (window, uri) = match (window.gtk_window(), filename_to_uri(file, None)) {
            (Ok(window), Ok(uri)) => (window, uri),
            (Err(error), _) => return ended(Err(error.to_string())),
            (_, Err(error)) => return ended(Err(error.to_string())),
        };
        // Begun without a button, a drag would end at the next press only.
        if !is_pressed(&window) {
            return ended(Ok(DragEnd::TooEarly));
        }
        let targets = TargetList::new(&[]);
        targets.add_uri_targets(0);
        let copy = DragAction::COPY;
        let begun = window.drag_begin_with_coordinates(&targets, copy, PRIMARY, None, -1, -1);
        let Some(drag) = begun else { return ended(Err("GTK".to_owned())) };
        if let Ok(picture) = Pixbuf::from_read(PICTURE) {
            drag.drag_set_icon_pixbuf(&picture, 0, 0);
        }
        follow(&window, &drag, uri.to_string(), ended);
    }

    /// Gives the file to whoever asks in this drag, until its end: while one waits for its receiver, the next may
    /// have begun.
    fn follow(window: &ApplicationWindow, drag: &DragContext, uri: String, ended: Ended) {
        let nowhere = Rc::new(Cell::new(false));
        let own_drag = drag.clone();
        let give = window.connect_drag_data_get(move |_, drag, data, _, _| {
            if *drag == own_drag {
                data.set_uris(&[uri.as_str()]);
            }
        });
        let (own_drag, note) = (drag.clone(), Rc::clone(&nowhere));
        let fail = window.connect_drag_failed(move |_, drag, why| {
            // Whoever was slow to answer, or broke off, may have it.
            let by_nobody = matches!(why, DragResult::NoTarget | DragResult::UserCancelled);
            if *drag == own_drag {
                note.set(by_nobody);
            }
            Propagation::Proceed
        });
        let (own, ended) = (Rc::new(RefCell::new(vec![give, fail])), Cell::new(Some(ended)));
        let (own_drag, all) = (drag.clone(), Rc::clone(&own));
        let end = window.connect_drag_end(move |window, drag| {
            if *drag != own_drag {
                return;
            }
            for one in all.take() {
                window.disconnect(one);
            }
            if let Some(ended) = ended.take() {
                ended(Ok(if nowhere.get() { DragEnd::Nowhere } else { DragEnd::Dropped }));
            }
        });
        own.borrow_mut().push(end);
    }

    fn is_pressed(window: &ApplicationWindow) -> bool {
        let pointer = window.display().default_seat().and_then(|seat| seat.pointer());
        let (Some(inside), Some(pointer)) = (window.window(), pointer) else { return false };
        let (.., pressed) = inside.device_position(&pointer);
        pressed.contains(ModifierType::BUTTON1_MASK)
    }

    const PRIMARY: i32 = 1;
}

#[cfg(not(target_os = "linux"))]
mod system {
    use std::sync::{Arc, Mutex, PoisonError};

    use drag::{DragItem, DragResult, Image, Options};

    use super::{Ended, PICTURE, Path, WebviewWindow};
    use crate::view::DragEnd;

    pub(in crate::shell) fn start(window: &WebviewWindow, file: &Path, ended: Ended) {
        let once = Arc::new(Mutex::new(Some(ended)));
        let tell = move |end| {
            let ended = once.lock().unwrap_or_else(PoisonError::into_inner).take();
            if let Some(ended) = ended {
                ended(end);
            }
        };
        let over = tell.clone();
        let over = move |end: DragResult, _| {
            over(Ok(match end {
                DragResult::Dropped => DragEnd::Dropped,
                DragResult::Cancel => DragEnd::Nowhere,
            }));
        };
        // Of a path longer than the system takes, the crate makes no error.
        if file.as_os_str().len() > LONGEST {
            return tell(Err("path".to_owned()));
        }
        let item = DragItem::Files(vec![file.to_owned()]);
        let picture = Image::Raw(PICTURE.to_vec());
        if let Err(error) = drag::start_drag(window, item, picture, over, Options::default()) {
            tell(Err(error.to_string()));
        }
    }

    /// Bytes of the longest path; Windows takes 260 characters.
    const LONGEST: usize = 250;
}
