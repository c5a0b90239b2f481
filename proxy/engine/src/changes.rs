//! Settings that are changed while the engine runs: written into the file, and used at once.

use mail::Address;

use crate::engine::Engine;
use crate::error::EngineError;

impl Engine {
    /// Changes one setting in the file, and uses it at once.
    ///
    /// # Errors
    /// [`EngineError`] where the file cannot be changed; the old settings stay.
    pub fn change(&self, change: &settings::Change) -> Result<(), EngineError> {
        if let Some(file) = self.settings_file() {
            settings::change(file, change)?;
        }
        self.reload()
    }

    /// Writes the servers, the routes, the mark, the gateway and the record systems of an account into
    /// the settings file, and uses them at once.
    ///
    /// # Errors
    /// [`EngineError`] where the file cannot be changed; the old settings stay.
    pub fn change_ways(&self, account: &settings::Account) -> Result<(), EngineError> {
        if let Some(file) = self.settings_file() {
            settings::change_ways(file, account)?;
        }
        self.reload()
    }

    /// Adds an account to the settings file, and uses it at once.
    ///
    /// # Errors
    /// [`EngineError`] where the file cannot be changed; the old settings stay.
    pub fn keep_account(&self, account: &settings::Account) -> Result<(), EngineError> {
        if let Some(file) = self.settings_file() {
            settings::add_account(file, account)?;
        }
        self.reload()
    }

    /// Takes an account out of the settings file: its mail program gets in no more. What is held,
    /// sent and kept of it stays.
    ///
    /// # Errors
    /// [`EngineError`] where the file cannot be changed; the old settings stay.
    pub fn drop_account(&self, address: &Address) -> Result<(), EngineError> {
        if let Some(file) = self.settings_file() {
            settings::remove_account(file, address)?;
        }
        self.reload()
    }
}
