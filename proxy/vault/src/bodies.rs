//! Files of messages and their rows: the row with the wrapped key is the commit point.

use rusqlite::{OptionalExtension, params};

use crate::error::VaultError;
use crate::open::{Change, Vault};
use crate::seal;
use sealing::file as body;

/// A length as the database counts.
pub(crate) fn length(bytes: &[u8]) -> i64 {
    i64::try_from(bytes.len()).unwrap_or(i64::MAX)
}

impl Vault {
    /// Writes a body and commits its row together with what `with` changes. Where it fails, the
    /// file says nothing (its key is gone) and is swept at the next start at the latest.
    pub(crate) fn put_body(
        &self,
        name: &str,
        bytes: &[u8],
        with: impl FnOnce(&mut Change<'_>) -> Result<(), VaultError>,
    ) -> Result<(), VaultError> {
        let writing = self.writing_bodies()?;
        // A file is never written over: each writer has a name of its own.
        let file = format!("{name}-{}", seal::hex(&seal::random::<4>()?));
        let key = body::write(&self.body_path(&file), &file, bytes)?;
        let wrapped = seal::seal(self.keys.wrapping(), file.as_bytes(), key.as_ref())?;
        let mut refused = true;
        let kept = self.change(|change| {
            change
                .prepare_cached(
                    "INSERT INTO body (name, file, wrapped, size) VALUES (?1, ?2, ?3, ?4)",
                )?
                .execute(params![name, file, wrapped, length(bytes)])?;
            with(change)?;
            refused = false;
            Ok(())
        });
        // After a commit that failed, the row may yet be there: the sweep decides with the
        // database before it.
        if kept.is_err() && refused {
            self.remove_body_file(&file);
        }
        drop(writing);
        kept
    }

    /// A body's bytes, or `None` where there is no such body or its key was destroyed.
    pub(crate) fn read_body(&self, name: &str) -> Result<Option<Vec<u8>>, VaultError> {
        let row: Option<(String, Vec<u8>)> = self.look(|database| {
            Ok(database
                .prepare_cached("SELECT file, wrapped FROM body WHERE name = ?1")?
                .query_row([name], |row| Ok((row.get(0)?, row.get(1)?)))
                .optional()?)
        })?;
        let Some((file, wrapped)) = row else {
            return Ok(None);
        };
        let key = seal::open(self.keys.wrapping(), file.as_bytes(), &wrapped)
            .ok_or_else(|| VaultError::corrupt(format!("the key of message {name}")))?;
        Ok(Some(body::read(&self.body_path(&file), &file, &key)?))
    }

    /// Destroys the keys of these bodies, where there are any, and answers the names of the files
    /// that say nothing any more once the change is committed.
    pub(crate) fn destroy_keys(
        database: &rusqlite::Connection,
        names: &[String],
    ) -> Result<Vec<String>, VaultError> {
        let mut files = Vec::new();
        for name in names {
            let file: Option<String> = database
                .query_row("DELETE FROM body WHERE name = ?1 RETURNING file", [name], |row| {
                    row.get(0)
                })
                .optional()?;
            files.extend(file);
        }
        Ok(files)
    }

    /// Removes a file whose key is gone. Where that fails the next start sweeps it.
    pub(crate) fn remove_body_file(&self, file: &str) {
        let path = self.body_path(file);
        if let Err(error) = std::fs::remove_file(&path)
            && error.kind() != std::io::ErrorKind::NotFound
        {
            tracing::warn!(%error, "the file of a discarded message stays until the next start");
        }
    }
}
