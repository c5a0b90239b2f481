//! The certificates that may vouch for signers, read once and not for every message.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use cades::Anchors;

/// What `[trust] anchors` names. It is kept as long as the files stay as they are, and with it which
/// signatures of issuers were found to hold: whoever wrote before costs less.
#[derive(Debug, Default)]
pub(crate) struct Trust(Mutex<Arc<Base>>);

#[derive(Debug, Default)]
struct Base {
    /// What the files held, in the order of the settings; none for one that could not be read.
    files: Vec<(PathBuf, Option<Vec<u8>>)>,
    anchors: Anchors,
}

impl Trust {
    /// The anchors as the files have them now, for a judgement of its own. A file that has gone since the
    /// settings were read vouches for nobody.
    pub(crate) fn anchors(&self, files: &[PathBuf]) -> Anchors {
        self.base(files).anchors.clone()
    }

    fn base(&self, files: &[PathBuf]) -> Arc<Base> {
        let read = |file: &PathBuf| match std::fs::read(file) {
            Ok(bytes) => (file.clone(), Some(bytes)),
            Err(error) => {
                tracing::error!(file = %file.display(), %error, "an anchor of [trust] cannot be read");
                (file.clone(), None)
            }
        };
        let files: Vec<_> = files.iter().map(read).collect();
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.files != files {
            *kept = Arc::new(Base::new(files));
        }
        Arc::clone(&kept)
    }
}

impl Base {
    fn new(files: Vec<(PathBuf, Option<Vec<u8>>)>) -> Self {
        let mut anchors = Anchors::new();
        for (file, bytes) in &files {
            let Some(bytes) = bytes else {
                continue;
            };
            if let Err(error) = anchors.add_file(None, bytes) {
                tracing::error!(file = %file.display(), %error, "an anchor of [trust] cannot be used");
            }
        }
        Self { files, anchors }
    }
}

#[cfg(test)]
mod tests {
    use cades::{KeyKind, create_identity};
    use jiff::Timestamp;

    use super::*;
    use crate::testing::{ALIVE, OTHER, address};

    #[test]
    fn anchors_are_read_once_and_a_file_that_is_another_or_gone_counts_at_once() {
        let now: Timestamp = "2026-11-26T12:00:00Z".parse().unwrap();
        let certificate = |whose| {
            let made = create_identity(KeyKind::P256, &address(whose), "Jan", now, 1).unwrap();
            made.chain[0].clone()
        };
        let (first, second) = (certificate(ALIVE), certificate(OTHER));
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("own-ca.der");
        let (files, trust) = ([file.clone()], Trust::default());
        let ders =
            |anchors: &Anchors| anchors.iter().map(|one| one.der.clone()).collect::<Vec<_>>();

        std::fs::write(&file, &first).unwrap();
        let base = trust.base(&files);
        assert_eq!(ders(&base.anchors), std::slice::from_ref(&first));
        assert!(Arc::ptr_eq(&base, &trust.base(&files)), "nothing is another");
        assert_eq!(trust.anchors(&files), base.anchors);

        std::fs::write(&file, &second).unwrap();
        assert_eq!(ders(&trust.anchors(&files)), [second]);
        std::fs::remove_file(&file).unwrap();
        assert!(trust.anchors(&files).is_empty());
        std::fs::write(&file, &first).unwrap();
        assert_eq!(ders(&trust.anchors(&files)), [first]);
        assert!(trust.anchors(&[]).is_empty(), "other settings");
    }
}
