//! Who uses this computer, and has the keyring.

/// The operating system's name of the user of this process: what the session says, or else what the system has
/// under the user's number, or that number. Empty where none of them is known.
#[must_use]
pub fn os_user() -> String {
    let said = NAMED.iter().filter_map(|name| std::env::var(name).ok());
    said.into_iter().find(|name| !name.is_empty()).unwrap_or_else(known)
}

/// A service, or a program that was started without a session, has no name in its environment.
#[cfg(unix)]
fn known() -> String {
    let number = rustix::process::getuid().as_raw();
    let users = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    named(&users, number).map_or_else(|| format!("uid {number}"), str::to_owned)
}

#[cfg(not(unix))]
fn known() -> String {
    String::new()
}

/// The name under a number (passwd(5): name, password, number, ...).
#[cfg(unix)]
fn named(users: &str, number: u32) -> Option<&str> {
    users.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next().filter(|name| !name.is_empty())?;
        (fields.nth(1)?.parse() == Ok(number)).then_some(name)
    })
}

#[cfg(windows)]
const NAMED: &[&str] = &["USERNAME"];
#[cfg(not(windows))]
const NAMED: &[&str] = &["USER", "LOGNAME"];

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn who_is_not_named_by_the_session_is_named_by_the_system() {
        let users =
            "root:x:0:0:root:/root:/bin/bash\n:x:7:7::/:\nodd\njansen:x:1000:1000::/home:/bin/sh\n";
        assert_eq!(named(users, 0), Some("root"));
        assert_eq!(named(users, 1000), Some("jansen"));
        assert_eq!(named(users, 7), None);
        assert_eq!(named(users, 4711), None);
    }
}
