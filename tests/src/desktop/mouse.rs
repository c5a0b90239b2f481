use std::time::Duration;

use crate::desktop::app::App;
use crate::desktop::screen::Screen;
use crate::guard::{PATIENCE, until};
use crate::{HarnessError, Session};

/// The mouse of a session's screen, as a hand moves it: by real events, which the system, too, sees.
pub struct Mouse {
    screen: Screen,
}

impl Mouse {
    /// That of this session.
    ///
    /// # Errors
    /// There is no screen.
    pub fn of(session: &Session) -> Result<Self, HarnessError> {
        Ok(Self { screen: Screen::of(&session.display()?.socket())? })
    }

    /// Where on the screen an app's window with this title begins.
    ///
    /// # Errors
    /// There is none.
    pub fn place(&self, app: &App, title: &str) -> Result<(i16, i16), HarnessError> {
        self.screen.place(app.pid().unwrap_or_default(), title)
    }

    /// Presses at a place and moves a little.
    ///
    /// # Errors
    /// The screen did not answer.
    pub fn press(&self, at: (i16, i16)) -> Result<(), HarnessError> {
        self.screen.point(at)?;
        std::thread::sleep(STEP);
        self.screen.button(true)?;
        self.go(at, (at.0 + 12, at.1 + 4))
    }

    /// The same, and waits until something is dragged by it; where `given_up` says that nothing will be, it lets go
    /// and presses again.
    ///
    /// # Errors
    /// Nothing was in time.
    pub fn drag(
        &self,
        at: (i16, i16),
        mut given_up: impl FnMut() -> bool,
    ) -> Result<(), HarnessError> {
        self.press(at)?;
        let mut step = 0;
        // A hand never rests: what is dragged makes itself known as it moves.
        until("a drag", PATIENCE, || {
            step = (step + 1) % STEPS;
            self.screen.point((at.0 + 12 + step, at.1 + 4)).ok()?;
            std::thread::sleep(STEP);
            if self.screen.drags().ok()? {
                return Some(());
            }
            if given_up() {
                self.release().and_then(|()| self.press(at)).ok()?;
            }
            None
        })
    }

    /// Moves in steps, as a hand does.
    ///
    /// # Errors
    /// The screen did not answer.
    pub fn go(&self, from: (i16, i16), to: (i16, i16)) -> Result<(), HarnessError> {
        for step in 1..=STEPS {
            let part = |from: i16, to: i16| from + (to - from) / STEPS * step;
            let at = if step == STEPS { to } else { (part(from.0, to.0), part(from.1, to.1)) };
            self.screen.point(at)?;
            std::thread::sleep(STEP);
        }
        Ok(())
    }

    /// Lets the button go.
    ///
    /// # Errors
    /// The screen did not answer.
    pub fn release(&self) -> Result<(), HarnessError> {
        self.screen.button(false)
    }

    /// Presses and lets go at a place.
    ///
    /// # Errors
    /// The screen did not answer.
    pub fn click(&self, at: (i16, i16)) -> Result<(), HarnessError> {
        self.screen.point(at)?;
        std::thread::sleep(STEP);
        self.screen.button(true)?;
        self.screen.button(false)
    }

    /// Presses Escape while the mouse is held.
    ///
    /// # Errors
    /// The screen did not answer.
    pub fn escape(&self) -> Result<(), HarnessError> {
        self.screen.escape()
    }
}

const STEPS: i16 = 8;
/// A hand's own pace: what a drag passes over is told and answers in between.
const STEP: Duration = Duration::from_millis(30);
