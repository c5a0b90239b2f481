//! The real desktop, by Tauri: windows, tray icon, notifications, starting with the computer. It
//! decides nothing.

mod drag;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tauri::image::Image;
use tauri::menu::{MenuBuilder, MenuItem, MenuItemBuilder};
use tauri::tray::{TrayIcon, TrayIconBuilder};
use tauri::webview::PageLoadEvent;
use tauri::{AppHandle, Emitter, Manager, State, WebviewUrl, WebviewWindow, WebviewWindowBuilder};
use tauri::{WindowEvent, Wry};
use tauri_plugin_notification::NotificationExt;

use crate::autostart::Autostart;
use crate::controller::{Click, Controller, House, Inbox, Message, inbox};
use crate::desk::{Desk, Ended, Menu, Picked, Tray, Window};
use crate::request::Request;
use crate::view::{DragEnd, View};
use crate::{Arguments, trust};

/// Runs the app until it ends.
///
/// # Errors
/// Tauri's: there is no display, mostly.
pub(crate) fn run(arguments: Arguments) -> tauri::Result<()> {
    let (letters, mail) = inbox();
    let (second, closing) = (letters.clone(), letters.clone());
    let leaving = Arc::new(AtomicBool::new(false));
    let told = Arc::clone(&leaving);
    let mut builder = tauri::Builder::default();
    if !arguments.try_out {
        builder = builder.plugin(tauri_plugin_single_instance::init(move |_, _, _| {
            let _ = second.send(Message::Second);
        }));
    }
    let autostart = autostart(&arguments);
    builder
        .plugin(tauri_plugin_notification::init())
        .manage(LetterBox(letters.clone()))
        .invoke_handler(tauri::generate_handler![post])
        .on_window_event(move |window, event| {
            let Some(window) = Window::of(window.label()) else { return };
            let _ = match event {
                WindowEvent::CloseRequested { .. } => closing.send(Message::Closed(window)),
                WindowEvent::Destroyed => closing.send(Message::Gone(window)),
                _ => Ok(()),
            };
        })
        .setup(move |app| {
            let desk = Shell::new(app.handle(), letters.clone(), told, autostart)?;
            tauri::async_runtime::spawn(leave_when_told(letters.clone()));
            tauri::async_runtime::spawn(async move {
                let mut house = match arguments.try_out {
                    true => House::try_out().await,
                    false => House::open(arguments.config.as_deref()),
                };
                house.serve(letters.clone());
                // Kept until the process ends: a tray icon that is taken down by another thread
                // than the one that drew it, while that one ends, crashes the program.
                let kept = desk.clone();
                Controller::new(house, desk, letters).run(mail, arguments.hidden).await;
                std::future::pending::<()>().await;
                drop(kept);
            });
            Ok(())
        })
        .build(tauri::generate_context!())?
        .run(move |_, event| {
            // The tray lives on without a window.
            if let tauri::RunEvent::ExitRequested { code: None, api, .. } = event
                && !leaving.load(Ordering::SeqCst)
            {
                api.prevent_exit();
            }
        });
    Ok(())
}

/// How this start would be repeated with the computer.
fn autostart(arguments: &Arguments) -> Result<Arc<Autostart>, String> {
    let mut words = vec!["--hidden".to_owned()];
    if let Some(config) = &arguments.config {
        let config = std::path::absolute(config).unwrap_or_else(|_| config.clone());
        words.extend(["--config".to_owned(), config.display().to_string()]);
    }
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    Autostart::of(&program, &words).map(Arc::new).map_err(|error| error.to_string())
}

/// What the pages write into.
struct LetterBox(Inbox);

/// The one command of the pages.
#[tauri::command]
fn post(window: WebviewWindow, request: Request, letters: State<'_, LetterBox>) {
    if let Some(window) = Window::of(window.label()) {
        let _ = letters.0.send(Message::Ask(window, request));
    }
}

/// The system asks programs to end when the user logs out.
async fn leave_when_told(letters: Inbox) {
    proxy::cli::told_to_end().await;
    let _ = letters.send(Message::Leave);
}

/// The desktop.
#[derive(Clone)]
struct Shell {
    app: AppHandle,
    leaving: Arc<AtomicBool>,
    /// Windows whose page has not come yet.
    loading: Arc<AtomicUsize>,
    tray: Arc<TrayParts>,
    /// How it starts with the computer, or why it cannot.
    autostart: Result<Arc<Autostart>, String>,
}

/// The tray icon and the entries of its menu.
struct TrayParts {
    icon: TrayIcon,
    open: MenuItem<Wry>,
    waiting: MenuItem<Wry>,
    quit: MenuItem<Wry>,
    shown: Mutex<Option<(Tray, Menu)>>,
}

impl Shell {
    fn new(
        app: &AppHandle,
        letters: Inbox,
        leaving: Arc<AtomicBool>,
        autostart: Result<Arc<Autostart>, String>,
    ) -> tauri::Result<Self> {
        let open = MenuItemBuilder::with_id(OPEN, "Zorgzegel").build(app)?;
        let waiting = MenuItemBuilder::with_id(WAITING, "-").enabled(false).build(app)?;
        let quit = MenuItemBuilder::with_id(QUIT, "-").build(app)?;
        let menu =
            MenuBuilder::new(app).items(&[&open, &waiting]).separator().item(&quit).build()?;
        let (by_menu, by_icon) = (letters.clone(), letters);
        let icon = TrayIconBuilder::with_id("zorgzegel")
            .icon(picture(Tray::Well)?)
            .menu(&menu)
            // On macOS a left click opens the menu; elsewhere it opens the window.
            .show_menu_on_left_click(cfg!(target_os = "macos"))
            .on_menu_event(move |_, event| {
                let click = match event.id().as_ref() {
                    OPEN => Click::Open,
                    WAITING => Click::Waiting,
                    _ => Click::Quit,
                };
                let _ = by_menu.send(Message::Tray(click));
            })
            .on_tray_icon_event(move |_, event| {
                use tauri::tray::{MouseButton, MouseButtonState, TrayIconEvent};
                let up = MouseButtonState::Up;
                if let TrayIconEvent::Click { button: MouseButton::Left, button_state, .. } = event
                    && button_state == up
                    && !cfg!(target_os = "macos")
                {
                    let _ = by_icon.send(Message::Tray(Click::Open));
                }
            })
            .build(app)?;
        let shown = Mutex::new(None);
        let tray = Arc::new(TrayParts { icon, open, waiting, quit, shown });
        let loading = Arc::new(AtomicUsize::new(0));
        Ok(Self { app: app.clone(), leaving, loading, tray, autostart })
    }

    fn make(&self, window: Window, title: &str) -> tauri::Result<()> {
        let page = WebviewUrl::App(window.page().into());
        let builder = WebviewWindowBuilder::new(&self.app, window.label(), page).title(title);
        let builder = match window {
            // A file that is dropped is the page's to read.
            Window::Main => builder
                .inner_size(960.0, 680.0)
                .min_inner_size(320.0, 400.0)
                .disable_drag_drop_handler(),
            // In front, or it is not seen; the page takes no key at first.
            Window::Question => builder
                .inner_size(920.0, 760.0)
                .min_inner_size(320.0, 400.0)
                // One that is minimised is not closed: nothing would be put off, and nothing asked again.
                .minimizable(false)
                .always_on_top(true)
                .visible_on_all_workspaces(true),
        };
        // The policy of the pages does not speak of where a window itself goes.
        let builder = builder.on_navigation(|url| {
            url.scheme() == "tauri" || url.host_str() == Some("tauri.localhost")
        });
        let coming = Coming::begun(&self.loading);
        let (came, gone) = (coming.clone(), coming.clone());
        let builder = builder.on_page_load(move |_, load| {
            if load.event() == PageLoadEvent::Finished {
                came.ended();
            }
        });
        let made = builder.center().focused(true).build().inspect_err(|_| coming.ended())?;
        // A window that goes before its page came is waited for no longer.
        made.on_window_event(move |event| {
            if matches!(event, WindowEvent::Destroyed) {
                gone.ended();
            }
        });
        Ok(())
    }
}

/// A page that is coming, counted among those until it came or its window went.
#[derive(Clone)]
struct Coming {
    all: Arc<AtomicUsize>,
    counted: Arc<AtomicBool>,
}

impl Coming {
    fn begun(all: &Arc<AtomicUsize>) -> Self {
        all.fetch_add(1, Ordering::SeqCst);
        Self { all: Arc::clone(all), counted: Arc::new(AtomicBool::new(true)) }
    }

    fn ended(&self) {
        if self.counted.swap(false, Ordering::SeqCst) {
            self.all.fetch_sub(1, Ordering::SeqCst);
        }
    }
}

impl Desk for Shell {
    fn show(&self, window: Window, title: &str) {
        let done = match self.app.get_webview_window(window.label()) {
            Some(open) => {
                open.unminimize().and_then(|()| open.show()).and_then(|()| open.set_focus())
            }
            None => self.make(window, title),
        };
        said_no("a window cannot be shown", done);
    }

    fn close(&self, window: Window) {
        if let Some(open) = self.app.get_webview_window(window.label()) {
            said_no("a window cannot be closed", open.destroy());
        }
    }

    fn post(&self, window: Window, view: &View) {
        if let Some(open) = self.app.get_webview_window(window.label()) {
            said_no("a page cannot be told", open.emit_to(window.label(), "view", view));
        }
    }

    fn tray(&self, tray: Tray, tooltip: &str, menu: &Menu) {
        let mut shown = self.tray.shown.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Some((tray, menu.clone()));
        if *shown == now {
            return;
        }
        said_no("the tray cannot be changed", self.tray.show(tray, tooltip, menu));
        *shown = now;
    }

    fn notify(&self, title: &str, text: &str) {
        let shown = self.app.notification().builder().title(title).body(text).show();
        if let Err(error) = shown {
            tracing::warn!(%error, "a notification cannot be shown");
        }
    }

    fn pick_folder(&self, window: Window, title: &str, from: Option<PathBuf>, picked: Picked) {
        let (app, title) = (self.app.clone(), title.to_owned());
        // macOS and GTK make windows on the main thread only; a person is waited for elsewhere.
        let shown = self.app.run_on_main_thread(move || {
            let dialogue =
                rfd::AsyncFileDialog::new().set_title(title).set_can_create_directories(true);
            let dialogue = match from {
                Some(from) => dialogue.set_directory(from),
                None => dialogue,
            };
            let dialogue = match app.get_webview_window(window.label()) {
                Some(over) => dialogue.set_parent(&over),
                None => dialogue,
            };
            let picking = dialogue.pick_folder();
            tauri::async_runtime::spawn(async move {
                picked(picking.await.map(|folder| folder.path().to_owned()));
            });
        });
        said_no("a folder cannot be picked", shown);
    }

    fn drag(&self, window: Window, file: &Path, ended: Ended) {
        let (app, file) = (self.app.clone(), file.to_owned());
        let begun =
            self.app.run_on_main_thread(move || match app.get_webview_window(window.label()) {
                Some(from) => drag::start(&from, &file, ended),
                None => ended(Ok(DragEnd::Nowhere)),
            });
        said_no("nothing can be dragged", begun);
    }

    fn starts_with_computer(&self) -> bool {
        self.autostart.as_ref().is_ok_and(|entry| entry.is_on().unwrap_or_default())
    }

    fn start_with_computer(&self, on: bool) -> Result<(), String> {
        let entry = self.autostart.as_ref().map_err(Clone::clone)?;
        entry.turn(on).map_err(|error| error.to_string())
    }

    fn trust(&self, authority: &str) -> Result<(), String> {
        trust::authority(authority)
    }

    fn leave(&self) {
        // What draws is taken down first: it does not outlive the libraries that it draws with. The
        // end of the last window is then the end of the program. WebKit ends the program by an error where
        // a window goes while its page is only coming, so that is waited for, within bounds.
        self.leaving.store(true, Ordering::SeqCst);
        let windows = self.app.webview_windows();
        if windows.is_empty() {
            return self.app.exit(0);
        }
        for window in windows.values() {
            said_no("a window cannot be hidden", window.hide());
        }
        let shell = self.clone();
        tauri::async_runtime::spawn(async move {
            for _ in 0..PAGE_WAITS {
                if shell.loading.load(Ordering::SeqCst) == 0 {
                    break;
                }
                tokio::time::sleep(PAGE_WAIT).await;
            }
            for window in [Window::Main, Window::Question] {
                shell.close(window);
            }
        });
    }
}

/// How often, and how long each time, the end waits for pages that are coming: five seconds in all.
const PAGE_WAITS: usize = 100;
const PAGE_WAIT: Duration = Duration::from_millis(50);

impl TrayParts {
    fn show(&self, tray: Tray, tooltip: &str, menu: &Menu) -> tauri::Result<()> {
        self.icon.set_icon(Some(picture(tray)?))?;
        self.icon.set_tooltip(Some(tooltip))?;
        // Where the tray shows a text beside the icon, that is the number.
        let number = match tray {
            Tray::Waiting(n) => Some(n.to_string()),
            _ => None,
        };
        self.icon.set_title(number)?;
        self.open.set_text(&menu.open)?;
        self.waiting.set_text(&menu.waiting)?;
        self.waiting.set_enabled(matches!(tray, Tray::Waiting(_) | Tray::Trouble))?;
        self.quit.set_text(&menu.quit)
    }
}

fn picture(tray: Tray) -> tauri::Result<Image<'static>> {
    let bytes: &[u8] = match tray {
        Tray::Well => include_bytes!("../../icons/tray-well@2x.png"),
        Tray::Waiting(n) => numbered(n),
        Tray::Trouble => include_bytes!("../../icons/tray-trouble@2x.png"),
    };
    Image::from_bytes(bytes)
}

/// The icon with the number in it.
fn numbered(n: u32) -> &'static [u8] {
    const NUMBERS: [&[u8]; 9] = [
        include_bytes!("../../icons/tray-waiting-1.png"),
        include_bytes!("../../icons/tray-waiting-2.png"),
        include_bytes!("../../icons/tray-waiting-3.png"),
        include_bytes!("../../icons/tray-waiting-4.png"),
        include_bytes!("../../icons/tray-waiting-5.png"),
        include_bytes!("../../icons/tray-waiting-6.png"),
        include_bytes!("../../icons/tray-waiting-7.png"),
        include_bytes!("../../icons/tray-waiting-8.png"),
        include_bytes!("../../icons/tray-waiting-9.png"),
    ];
    let place = usize::try_from(n).unwrap_or(usize::MAX).wrapping_sub(1);
    NUMBERS.get(place).copied().unwrap_or(include_bytes!("../../icons/tray-waiting-more.png"))
}

fn said_no(what: &str, done: tauri::Result<()>) {
    if let Err(error) = done {
        tracing::warn!(%error, "{what}");
    }
}

const OPEN: &str = "open";
const WAITING: &str = "waiting";
const QUIT: &str = "quit";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_that_is_coming_is_counted_until_it_came_or_its_window_went_and_not_below() {
        let all = Arc::new(AtomicUsize::new(0));
        let (one, other) = (Coming::begun(&all), Coming::begun(&all));
        one.clone().ended();
        one.ended();
        assert_eq!(all.load(Ordering::SeqCst), 1, "it came, and then its window went");
        other.ended();
        assert_eq!(all.load(Ordering::SeqCst), 0);
    }

    /// Relative luminance (WCAG 2.2).
    fn luminance(colour: &[u8]) -> f64 {
        let part = |value: u8| match f64::from(value) / 255.0 {
            low if low <= 0.04045 => low / 12.92,
            high => ((high + 0.055) / 1.055).powf(2.4),
        };
        0.2126 * part(colour[0]) + 0.7152 * part(colour[1]) + 0.0722 * part(colour[2])
    }

    #[test]
    fn every_tray_icon_shows_on_a_light_and_on_a_dark_panel() {
        let all = [Tray::Well, Tray::Trouble].into_iter().chain((1..=10).map(Tray::Waiting));
        for tray in all {
            let icon = picture(tray).unwrap();
            let drawn: Vec<_> = icon.rgba().chunks(4).filter(|pixel| pixel[3] > 200).collect();
            assert!(drawn.len() * 2 > icon.rgba().len() / 4, "{tray:?} is drawn");
            for panel in [[240; 3], [32; 3]] {
                let behind = luminance(&panel) + 0.05;
                let differs = |pixel: &&&[u8]| {
                    let own = luminance(pixel) + 0.05;
                    (own / behind).max(behind / own) >= 3.0
                };
                let seen = drawn.iter().filter(differs).count();
                assert!(seen * 4 >= drawn.len(), "{tray:?} on {panel:?}: {seen}");
            }
        }
    }
}
