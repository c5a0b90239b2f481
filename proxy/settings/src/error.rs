use std::path::{Path, PathBuf};

/// Why the settings file cannot be used: where, what, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {what}; {mend}")]
pub struct SettingsError {
    place: Place,
    what: String,
    mend: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Place {
    file: PathBuf,
    line: Option<usize>,
}

impl core::fmt::Display for Place {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let file = self.file.display();
        match self.line {
            Some(line) => write!(f, "{file}, line {line}"),
            None => write!(f, "{file}"),
        }
    }
}

impl SettingsError {
    pub(crate) fn new(
        file: impl Into<PathBuf>,
        line: Option<usize>,
        what: impl Into<String>,
        mend: impl Into<String>,
    ) -> Self {
        Self { place: Place { file: file.into(), line }, what: what.into(), mend: mend.into() }
    }

    /// The settings file.
    #[must_use]
    pub fn file(&self) -> &Path {
        &self.place.file
    }

    /// The line of the fault, counted from 1; `None` where the whole file is meant.
    #[must_use]
    pub fn line(&self) -> Option<usize> {
        self.place.line
    }

    /// What is wrong.
    #[must_use]
    pub fn what(&self) -> &str {
        &self.what
    }

    /// What to do about it.
    #[must_use]
    pub fn mend(&self) -> &str {
        &self.mend
    }
}
