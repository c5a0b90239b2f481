use std::cell::Cell;

use fantoccini::Locator;
use fantoccini::actions::{InputSource, KeyAction, KeyActions};
use fantoccini::elements::Element;
use fantoccini::error::CmdError;
use serde_json::Value;

use crate::HarnessError;
use crate::desktop::driver::{Driver, failed};
use crate::guard::{PATIENCE, until};

/// A window of the app, as a person uses it: what is asked for is waited for.
///
/// Elements are named by CSS selectors, or by the words on them.
pub struct Page<'a> {
    pub(crate) driver: &'a Driver,
}

/// A key that is no letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    /// Enter.
    Enter,
    /// Escape.
    Escape,
    /// Tab.
    Tab,
    /// The space bar.
    Space,
}

impl Page<'_> {
    /// The text that is seen of the first such element.
    ///
    /// # Errors
    /// It did not come.
    pub fn text(&self, css: &str) -> Result<String, HarnessError> {
        let css = css.to_owned();
        self.patiently(&format!("{css}'s text"), async move |client| {
            client.find(Locator::Css(&css)).await?.text().await
        })
    }

    /// The texts of all such elements that are there now.
    ///
    /// # Errors
    /// The page did not answer.
    pub fn texts(&self, css: &str) -> Result<Vec<String>, HarnessError> {
        // Of a list that is drawn anew while it is read, nothing was read.
        self.patiently(&format!("{css}'s texts"), async |client| {
            let mut texts = Vec::new();
            for element in client.find_all(Locator::Css(css)).await? {
                texts.push(element.text().await?);
            }
            Ok(texts)
        })
    }

    /// All text that is seen.
    ///
    /// # Errors
    /// The page did not answer.
    pub fn all_text(&self) -> Result<String, HarnessError> {
        let text = self.script("return document.body.innerText", vec![])?;
        Ok(text.as_str().unwrap_or_default().to_owned())
    }

    /// An attribute of the first such element.
    ///
    /// # Errors
    /// It did not come.
    pub fn attribute(&self, css: &str, name: &str) -> Result<Option<String>, HarnessError> {
        let (css, name) = (css.to_owned(), name.to_owned());
        self.patiently(&css.clone(), async move |client| {
            client.find(Locator::Css(&css)).await?.attr(&name).await
        })
    }

    /// Is there such an element, seen, now?
    #[must_use]
    pub fn has(&self, css: &str) -> bool {
        let seen = self
            .driver
            .run(async |client| client.find(Locator::Css(css)).await?.is_displayed().await);
        seen.unwrap_or(false)
    }

    /// Waits until these words are read.
    ///
    /// # Errors
    /// They were not in time; with what was read instead.
    pub fn reads(&self, words: &str) -> Result<(), HarnessError> {
        let mut last = String::new();
        let read = until(words, PATIENCE, || {
            last = self.all_text().unwrap_or_else(|error| error.to_string());
            last.contains(words).then_some(())
        });
        read.map_err(|_| failed(&format!("no {words:?} in: {last}")))
    }

    /// Presses the first such element with the mouse, once it can be, and until the press gets there.
    ///
    /// # Errors
    /// It could not be in time.
    pub fn click(&self, css: &str) -> Result<(), HarnessError> {
        self.press_on(Locator::Css(css))
    }

    /// Presses the first such element once, also where the page stops the press before it gets there.
    ///
    /// # Errors
    /// It could not be pressed in time.
    pub fn press_once(&self, css: &str) -> Result<(), HarnessError> {
        self.patiently(css, async |client| {
            let element = client.find(Locator::Css(css)).await?;
            usable(&element).await?;
            element.click().await
        })
    }

    /// Presses the button with these words.
    ///
    /// # Errors
    /// It could not be pressed in time.
    pub fn button(&self, words: &str) -> Result<(), HarnessError> {
        self.press_on(Locator::XPath(&format!("//button[normalize-space(.)=\"{words}\"]")))
    }

    /// Types into the first such element, in place of what stands in it.
    ///
    /// # Errors
    /// It did not come, or takes no text.
    pub fn fill(&self, css: &str, text: &str) -> Result<(), HarnessError> {
        let (css, text) = (css.to_owned(), text.to_owned());
        self.patiently(&css.clone(), async move |client| {
            let field = client.find(Locator::Css(&css)).await?;
            usable(&field).await?;
            field.clear().await?;
            field.send_keys(&text).await
        })
    }

    /// Chooses the entry with this value in a list.
    ///
    /// # Errors
    /// There is no such list or entry.
    pub fn select(&self, css: &str, value: &str) -> Result<(), HarnessError> {
        let (css, value) = (css.to_owned(), value.to_owned());
        self.patiently(&css.clone(), async move |client| {
            client.find(Locator::Css(&css)).await?.select_by_value(&value).await
        })
    }

    /// Presses a key and lets go of it, wherever the keyboard's focus is.
    ///
    /// # Errors
    /// The page did not answer.
    pub fn key(&self, key: Key) -> Result<(), HarnessError> {
        // WebDriver section 17.4.2 gives these keys code points of their own.
        let value = match key {
            Key::Enter => '\u{e007}',
            Key::Escape => '\u{e00c}',
            Key::Tab => '\u{e004}',
            Key::Space => ' ',
        };
        self.driver.run(async |client| {
            let down = KeyActions::new("keyboard".to_owned()).then(KeyAction::Down { value });
            client.perform_actions(down.then(KeyAction::Up { value })).await
        })
    }

    /// Runs a piece of JavaScript; its arguments are `arguments[0]` and on.
    ///
    /// # Errors
    /// It threw, or the page did not answer.
    pub fn script(&self, script: &str, arguments: Vec<Value>) -> Result<Value, HarnessError> {
        self.driver.run(async |client| client.execute(script, arguments).await)
    }

    /// The same for one that ends by calling its last argument.
    ///
    /// # Errors
    /// As [`Self::script`].
    pub fn script_async(&self, script: &str) -> Result<Value, HarnessError> {
        self.driver.run(async |client| client.execute_async(script, vec![]).await)
    }

    /// A picture of it, PNG.
    ///
    /// # Errors
    /// The page did not answer.
    pub fn picture(&self) -> Result<Vec<u8>, HarnessError> {
        self.driver.run(async |client| client.screenshot().await)
    }

    fn press_on(&self, what: Locator<'_>) -> Result<(), HarnessError> {
        // Where the window goes by the press, the driver may not have answered it.
        let pressed = Cell::new(false);
        self.patiently(&format!("{what:?}"), async |client| {
            let acted = async {
                let element = client.find(what).await?;
                usable(&element).await?;
                let watched = serde_json::to_value(&element)?;
                client.execute(WATCH, vec![watched]).await?;
                pressed.set(true);
                element.click().await?;
                client.execute("return window.missed === true", vec![]).await
            };
            match acted.await {
                Ok(Value::Bool(true)) => {
                    pressed.set(false);
                    Err(CmdError::NotJson("it moved away under the press".to_owned()))
                }
                Ok(_) => Ok(()),
                Err(error) if pressed.get() && went(&error) => Ok(()),
                Err(error) => Err(error),
            }
        })
    }

    /// Tries again until it succeeds: a page may draw anew between any two commands.
    fn patiently<T>(
        &self,
        what: &str,
        act: impl AsyncFn(&fantoccini::Client) -> Result<T, CmdError>,
    ) -> Result<T, HarnessError> {
        let mut last = String::new();
        let done = until(what, PATIENCE, || {
            self.driver.run(&act).map_err(|error| last = error.to_string()).ok()
        });
        done.map_err(|_| {
            let read = self.all_text().unwrap_or_default();
            failed(&format!("no {what}: {last}; the page reads: {read}"))
        })
    }
}

/// Notes whether a press reaches the element: what comes late above it moves it away from under the
/// mouse, and then the press lands beside it.
const WATCH: &str = "const [element] = arguments; window.missed = true;
    element.addEventListener('click', () => { window.missed = false }, { once: true, capture: true })";

async fn usable(element: &Element) -> Result<(), CmdError> {
    if element.is_displayed().await? && element.is_enabled().await? {
        return Ok(());
    }
    Err(CmdError::NotJson("it cannot be used yet".to_owned()))
}

/// The window, or the whole app, is there no more.
fn went(error: &CmdError) -> bool {
    use fantoccini::error::ErrorStatus::{InvalidSessionId, NoSuchWindow};
    let CmdError::Standard(said) = error else { return false };
    said.error == NoSuchWindow || said.error == InvalidSessionId
}
