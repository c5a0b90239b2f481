use std::path::PathBuf;

/// What can be wrong with the corpus.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CorpusError {
    /// A file cannot be read.
    #[error("{}: {error}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// A mail breaks the rules of the README.
    #[error("{mail}: {what}")]
    Mail {
        /// Its id, or the file where it has none.
        mail: String,
        /// What is wrong.
        what: String,
    },
}
