//! Lets this user's programs trust the local authority: per user, never system-wide, and each
//! system in its own way. The authority can vouch for this computer only.

use std::fs;
use std::io::Write;
use std::path::Path;
#[cfg(any(target_os = "linux", test))]
use std::path::PathBuf;
use std::process::Command;

/// Trusts an authority (PEM).
///
/// # Errors
/// What the system said, in its own words, of each place where it did not succeed; the other places
/// trust it.
pub(crate) fn authority(pem: &str) -> Result<(), String> {
    let file = std::env::temp_dir().join(format!("zorgzegel-{}.crt", std::process::id()));
    write_new(&file, pem).map_err(|error| format!("{}: {error}", file.display()))?;
    let done = system::trust(&file);
    let _ = fs::remove_file(&file);
    done
}

/// Writes a file that was not there: in a folder for all users, one that was there is another's,
/// who could put an authority of his own into it.
fn write_new(file: &Path, pem: &str) -> std::io::Result<()> {
    fs::File::options().write(true).create_new(true).open(file)?.write_all(pem.as_bytes())
}

fn run(program: &str, args: &[&str], file: &Path) -> Result<(), String> {
    let mut command = Command::new(program);
    // CREATE_NO_WINDOW of Microsoft's winbase.h: no black window comes and goes.
    #[cfg(windows)]
    std::os::windows::process::CommandExt::creation_flags(&mut command, 0x0800_0000);
    let output = command.args(args).arg(file).output();
    let output = output.map_err(|error| format!("{program}: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    // Windows' certutil says what is wrong on standard output.
    let said = [&output.stderr, &output.stdout].map(|said| String::from_utf8_lossy(said));
    Err(format!("{program}: {}", said.concat().trim()))
}

/// Trusts it in every database of NSS: one that is locked or broken does not keep the others from it.
#[cfg(target_os = "linux")]
fn trust_in(databases: &[PathBuf], file: &Path) -> Result<(), String> {
    let failed = databases.iter().filter_map(|folder| {
        let database = format!("sql:{}", folder.display());
        let args = ["-d", &database, "-A", "-t", "C,,", "-n", NAME, "-i"];
        run("certutil", &args, file).err().map(|why| format!("{}: {why}", folder.display()))
    });
    let failed: Vec<String> = failed.collect();
    if failed.is_empty() { Ok(()) } else { Err(failed.join("; ")) }
}

/// Profiles of Thunderbird, which on Linux has certificates of its own.
#[cfg(any(target_os = "linux", test))]
fn profiles(folders: &[PathBuf]) -> Vec<PathBuf> {
    let entries = folders.iter().filter_map(|folder| fs::read_dir(folder).ok()).flatten().flatten();
    entries.map(|entry| entry.path()).filter(|path| path.join("cert9.db").is_file()).collect()
}

#[cfg(target_os = "linux")]
mod system {
    use super::{Path, PathBuf, fs, profiles, trust_in};

    /// The user's own database of NSS (Evolution, browsers) and every profile of Thunderbird.
    pub(super) fn trust(file: &Path) -> Result<(), String> {
        let dirs = directories::BaseDirs::new().ok_or("no home folder")?;
        let home = dirs.home_dir();
        let own = home.join(".pki/nssdb");
        fs::create_dir_all(&own).map_err(|error| error.to_string())?;
        let places = [".thunderbird", "snap/thunderbird/common/.thunderbird"];
        let places: Vec<PathBuf> = places.iter().map(|place| home.join(place)).collect();
        let mut databases = profiles(&places);
        databases.push(own);
        trust_in(&databases, file)
    }
}

#[cfg(windows)]
mod system {
    use super::{Path, run};

    /// The user's root store; Windows asks the person once more. Outlook and Thunderbird use it.
    pub(super) fn trust(file: &Path) -> Result<(), String> {
        run("certutil.exe", &["-user", "-addstore", "Root"], file)
    }
}

#[cfg(target_os = "macos")]
mod system {
    use super::{Path, run};

    /// The user's login keychain, for TLS only; macOS asks for the password.
    pub(super) fn trust(file: &Path) -> Result<(), String> {
        run("security", &["add-trusted-cert", "-r", "trustRoot", "-p", "ssl"], file)
    }
}

/// The name that the person finds it under.
#[cfg(target_os = "linux")]
const NAME: &str = "Zorgzegel op deze computer";

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn a_file_that_another_put_there_is_not_used() {
        let file = std::env::temp_dir().join(format!("zorgzegel-new-{}", std::process::id()));
        write_new(&file, "ours").unwrap();
        assert!(write_new(&file, "again").is_err());
        assert_eq!(fs::read_to_string(&file).unwrap(), "ours");
        fs::remove_file(file).unwrap();
    }

    #[cfg(target_os = "linux")]
    fn certutil(args: &[&str]) -> String {
        let output = Command::new("certutil").args(args).output().unwrap();
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// With NSS itself, as Thunderbird has it.
    #[cfg(target_os = "linux")]
    #[test]
    fn every_profile_that_opens_trusts_the_authority_and_the_others_are_named() {
        let folder = std::env::temp_dir().join(format!("zorgzegel-nss-{}", std::process::id()));
        let places = ["een", "stuk", "twee"].map(|name| folder.join(name));
        for place in &places {
            fs::create_dir_all(place).unwrap();
            certutil(&["-d", &format!("sql:{}", place.display()), "-N", "--empty-password"]);
        }
        fs::write(places[1].join("cert9.db"), "no database").unwrap();
        let authority =
            net::local::LocalCertificate::create(jiff::Timestamp::now()).unwrap().authority();
        let file = folder.join("authority.crt");
        write_new(&file, &authority).unwrap();
        let why = trust_in(&places, &file).unwrap_err();
        assert!(why.contains("stuk") && !why.contains("een"), "{why}");
        for place in [&places[0], &places[2]] {
            let list = certutil(&["-d", &format!("sql:{}", place.display()), "-L"]);
            let line = list.lines().find(|line| line.starts_with(NAME));
            assert!(line.is_some_and(|line| line.trim_end().ends_with("C,,")), "{list}");
        }
        trust_in(&places[..1], &file).unwrap();
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn only_folders_with_a_certificate_database_are_profiles() {
        let folder = std::env::temp_dir().join(format!("zorgzegel-trust-{}", std::process::id()));
        for name in ["een", "twee"] {
            fs::create_dir_all(folder.join(name)).unwrap();
        }
        fs::write(folder.join("een/cert9.db"), "").unwrap();
        assert_eq!(profiles(&[folder.clone(), folder.join("weg")]), vec![folder.join("een")]);
        fs::remove_dir_all(folder).unwrap();
    }
}
