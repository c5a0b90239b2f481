//! Who uses this computer, and has the keyring.

/// The operating system's name of the user of this process.
#[must_use]
pub fn os_user() -> String {
    let name = NAMED.iter().find_map(|name| std::env::var(name).ok());
    name.filter(|name| !name.is_empty()).unwrap_or_else(number)
}

#[cfg(unix)]
fn number() -> String {
    format!("uid {}", rustix::process::getuid().as_raw())
}

#[cfg(not(unix))]
fn number() -> String {
    "unknown".to_owned()
}

#[cfg(windows)]
const NAMED: &[&str] = &["USERNAME"];
#[cfg(not(windows))]
const NAMED: &[&str] = &["USER", "LOGNAME"];
