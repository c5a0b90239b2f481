use std::io;
use std::path::PathBuf;

/// Why a part of the test world did not come up or did not answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HarnessError {
    /// A program could not be started: mostly because its package is not installed.
    #[error("{program} cannot be started ({source}); see tests/apt-packages.txt")]
    Program {
        /// The program that was asked for.
        program: String,
        /// What the system said.
        source: io::Error,
    },
    /// A program ran and said no, or ended before it was ready.
    #[error("{program} failed: {said}")]
    Failed {
        /// The program.
        program: String,
        /// The end of what it wrote.
        said: String,
    },
    /// Something that was waited for did not come.
    #[error("waited in vain for {what}")]
    Late {
        /// What was waited for.
        what: String,
    },
    /// A file or folder of the world.
    #[error("{}: {source}", path.display())]
    File {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A socket of the world.
    #[error("{what}: {source}")]
    Socket {
        /// What it was for.
        what: String,
        /// What the system said.
        source: io::Error,
    },
    /// A certificate or key could not be made.
    #[error("no certificate: {0}")]
    Certificate(#[from] rcgen::Error),
    /// The user or group that a server needs is not on this machine.
    #[error("no user or group {0} on this machine; see tests/apt-packages.txt")]
    Nobody(String),
    /// The world was started without this part: see `Needs`.
    #[error("this world was started without {0}")]
    NotStarted(&'static str),
}

impl HarnessError {
    pub(crate) fn file(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { path, source }
    }

    pub(crate) fn socket(what: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let what = what.into();
        move |source| Self::Socket { what, source }
    }
}
