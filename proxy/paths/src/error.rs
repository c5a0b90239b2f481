/// What stands in the way of adding an anchor.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PathsError {
    /// The bytes are no certificate.
    #[error("certificate {place} cannot be read: export the root certificate again (PEM or DER)")]
    Certificate {
        /// Place in the file, from 1.
        place: usize,
    },
    /// The text has no certificate in it.
    #[error("the file has no certificate: choose a file with a root certificate (PEM or DER)")]
    Empty,
    /// More certificates than a set of anchors holds.
    #[error("there are more than {most} root certificates: choose those that you need")]
    TooMany {
        /// How many a set holds.
        most: usize,
    },
}
