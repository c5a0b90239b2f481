use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use secrecy::{ExposeSecret, SecretSlice};

use super::{Keyring, KeyringError};

/// A keyring that lives as long as the process: for tests and the demonstration.
#[derive(Default)]
pub struct MemoryKeyring {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    secrets: HashMap<String, SecretSlice<u8>>,
    trouble: Option<KeyringError>,
}

impl MemoryKeyring {
    /// An empty keyring.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// From now on every call answers with this error; `None` ends it. What is stored stays.
    pub fn fail_with(&self, trouble: Option<KeyringError>) {
        self.state().trouble = trouble;
    }

    /// Forgets everything, as a keyring does that was made anew.
    pub fn clear(&self) {
        self.state().secrets.clear();
    }

    /// The names of all entries, sorted.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = self.state().secrets.keys().cloned().collect();
        names.sort();
        names
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn working(&self) -> Result<MutexGuard<'_, State>, KeyringError> {
        let state = self.state();
        match &state.trouble {
            Some(trouble) => Err(trouble.clone()),
            None => Ok(state),
        }
    }
}

impl Keyring for MemoryKeyring {
    fn get(&self, name: &str) -> Result<SecretSlice<u8>, KeyringError> {
        let state = self.working()?;
        let secret = state.secrets.get(name).ok_or(KeyringError::NoEntry)?;
        Ok(secret.expose_secret().to_vec().into())
    }

    fn set(&self, name: &str, secret: &[u8]) -> Result<(), KeyringError> {
        let mut state = self.working()?;
        state.secrets.insert(name.to_owned(), secret.to_vec().into());
        Ok(())
    }

    fn delete(&self, name: &str) -> Result<(), KeyringError> {
        let mut state = self.working()?;
        let gone = state.secrets.remove(name);
        gone.map(drop).ok_or(KeyringError::NoEntry)
    }
}
