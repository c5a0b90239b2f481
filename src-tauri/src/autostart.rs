//! Starting with the computer, for this user alone: a desktop entry in `~/.config/autostart`, a
//! value under `Run` in the Windows registry, a launch agent on macOS.

use std::path::Path;

use auto_launch::{AutoLaunch, AutoLaunchBuilder};

/// The name of the entry, which the uninstaller of Windows takes away too.
const NAME: &str = "Zorgzegel";

/// The entry of this program.
pub(crate) struct Autostart(AutoLaunch);

impl Autostart {
    /// The entry that starts `program` with these arguments. Nothing is written.
    ///
    /// # Errors
    /// The system's way needs something that is not there.
    pub(crate) fn of(program: &Path, arguments: &[String]) -> auto_launch::Result<Self> {
        let arguments: Vec<String> = arguments.iter().map(|one| word(one)).collect();
        let mut builder = AutoLaunchBuilder::new();
        builder
            .set_app_name(NAME)
            .set_app_path(&word(&program.to_string_lossy()))
            .set_args(&arguments)
            .set_macos_launch_mode(auto_launch::MacOSLaunchMode::LaunchAgent)
            .set_windows_enable_mode(auto_launch::WindowsEnableMode::CurrentUser);
        builder.build().map(Self)
    }

    /// Is it there?
    ///
    /// # Errors
    /// It cannot be seen.
    pub(crate) fn is_on(&self) -> auto_launch::Result<bool> {
        self.0.is_enabled()
    }

    /// Makes it, or takes it away; what is so already stays so.
    ///
    /// # Errors
    /// It cannot be written.
    pub(crate) fn turn(&self, on: bool) -> auto_launch::Result<()> {
        match (on, self.is_on()?) {
            (true, _) => self.0.enable(),
            (false, true) => self.0.disable(),
            (false, false) => Ok(()),
        }
    }
}

/// One word as the system's entry wants it, which is one line of words.
#[cfg(target_os = "linux")]
fn word(plain: &str) -> String {
    desktop_entry(plain)
}

/// One word as the system's entry wants it, which is one line of words.
#[cfg(windows)]
fn word(plain: &str) -> String {
    command_line(plain)
}

/// A launch agent holds a list of words, each as it is.
#[cfg(not(any(target_os = "linux", windows)))]
fn word(plain: &str) -> String {
    plain.to_owned()
}

/// A word of the key `Exec` (Desktop Entry Specification 1.5, "The Exec key"): quoted, then escaped
/// once more as every string of such a file is.
#[cfg(any(target_os = "linux", test))]
fn desktop_entry(plain: &str) -> String {
    let mut quoted = String::from("\"");
    for letter in plain.chars() {
        match letter {
            '"' | '`' | '$' => quoted.extend(["\\\\", letter.encode_utf8(&mut [0; 4])]),
            '\\' => quoted.push_str("\\\\\\\\"),
            // A percent sign begins a field code.
            '%' => quoted.push_str("%%"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}

/// A word of a command line as `CommandLineToArgvW` reads it: backslashes count only before a quote.
#[cfg(any(windows, test))]
fn command_line(plain: &str) -> String {
    let mut quoted = String::from("\"");
    let mut backslashes = 0;
    for letter in plain.chars() {
        match letter {
            '\\' => backslashes += 1,
            '"' => {
                quoted.push_str(&"\\".repeat(2 * backslashes + 1));
                backslashes = 0;
            }
            _ => {
                quoted.push_str(&"\\".repeat(backslashes));
                backslashes = 0;
            }
        }
        if letter != '\\' {
            quoted.push(letter);
        }
    }
    quoted.push_str(&"\\".repeat(2 * backslashes));
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_with_blanks_is_one_word_on_windows() {
        assert_eq!(command_line(r"C:\Users\Jan Jansen\z.exe"), r#""C:\Users\Jan Jansen\z.exe""#);
        assert_eq!(command_line(r"C:\map met blanks\"), r#""C:\map met blanks\\""#);
        assert_eq!(command_line(r#"a\"b"#), r#""a\\\"b""#);
    }

    #[test]
    fn what_a_desktop_entry_reads_as_a_sign_is_escaped_twice() {
        assert_eq!(desktop_entry("/home/Jan Jansen/z"), r#""/home/Jan Jansen/z""#);
        assert_eq!(desktop_entry(r#"100% $HOME "a\b`"#), r#""100%% \\$HOME \\"a\\\\b\\`""#);
    }

    #[test]
    #[cfg(windows)]
    fn windows_is_told_and_forgets() {
        let entry =
            Autostart::of(Path::new(r"C:\Jan Jansen\z.exe"), &["--hidden".to_owned()]).unwrap();
        entry.turn(true).unwrap();
        assert!(entry.is_on().unwrap());
        entry.turn(false).unwrap();
        entry.turn(false).unwrap();
        assert!(!entry.is_on().unwrap());
    }
}
