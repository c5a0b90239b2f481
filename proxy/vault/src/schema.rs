//! The database: SQLCipher (AES-256-CBC with HMAC-SHA512 on every page), opened with a raw key.

use std::path::Path;
use std::sync::Once;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, TransactionBehavior};
use zeroize::Zeroizing;

use crate::error::VaultError;
use crate::seal::{self, Key};

/// Opens the database, makes it where it is not there, and brings it to the newest format.
pub(crate) fn open(path: &Path, key: &Key) -> Result<Connection, VaultError> {
    open_up_to(path, key, MIGRATIONS)
}

/// The same, to the format that these steps come to.
pub(crate) fn open_up_to(path: &Path, key: &Key, steps: &[&str]) -> Result<Connection, VaultError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_CREATE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    // SQLite calls itself ready before SQLCipher has started: the first to open does so alone.
    STARTED.call_once(|| drop(Connection::open_in_memory()));
    let mut connection = Connection::open_with_flags(path, flags)?;
    // 32 bytes are taken as they are; a pass phrase would be stretched for 150 ms first.
    let hex = Zeroizing::new(seal::hex(key.as_ref()));
    // The cipher's own log goes to the standard error stream; what it says is told as an error here.
    connection.execute_batch("PRAGMA cipher_log_level = NONE;")?;
    let pragma = Zeroizing::new(format!("PRAGMA key = \"x'{}'\";", hex.as_str()));
    connection.execute_batch(&pragma)?;
    connection.busy_timeout(PATIENCE)?;
    connection.execute_batch(include_str!("schema/pragmas.sql"))?;
    connection.set_prepared_statement_cache_capacity(64);
    migrate(&mut connection, steps)?;
    Ok(connection)
}

fn migrate(connection: &mut Connection, steps: &[&str]) -> Result<(), VaultError> {
    let newest = i64::try_from(steps.len()).unwrap_or(i64::MAX);
    let found = version(connection)?;
    if found == newest {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Another process may have been first.
    let found = version(&transaction)?;
    if found > newest {
        return Err(VaultError::Newer { found, known: newest });
    }
    for (number, step) in (1..).zip(steps).skip(usize::try_from(found).unwrap_or(0)) {
        transaction.execute_batch(step)?;
        transaction.execute("INSERT INTO migration (number) VALUES (?1)", [number])?;
        transaction.pragma_update(None, "user_version", number)?;
    }
    transaction.commit()?;
    Ok(())
}

fn version(connection: &Connection) -> Result<i64, VaultError> {
    Ok(connection.pragma_query_value(None, "user_version", |row| row.get(0))?)
}

static STARTED: Once = Once::new();

/// How long one process waits for another's transaction. Transactions here take milliseconds.
const PATIENCE: Duration = Duration::from_secs(10);

/// The steps from one format to the next; a step that was released is never changed.
/// Times are milliseconds since 1970 in UTC.
pub(crate) const MIGRATIONS: &[&str] = &[
    include_str!("schema/1-outbox.sql"),
    include_str!("schema/2-dismissals.sql"),
    include_str!("schema/3-archive.sql"),
    include_str!("schema/4-filings.sql"),
    include_str!("schema/5-requests.sql"),
    include_str!("schema/6-incoming.sql"),
    include_str!("schema/7-errands.sql"),
    include_str!("schema/8-destroyed.sql"),
    include_str!("schema/9-revoked.sql"),
    include_str!("schema/10-offers.sql"),
    include_str!("schema/11-history.sql"),
    include_str!("schema/12-facts.sql"),
];
