//! OpenSSL's opinion on a signed message.

use std::path::Path;
use std::process::Command;

use crate::HarnessError;
use crate::place::write;

/// A message that OpenSSL found good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// What it said.
    pub said: String,
    /// The content that was signed.
    pub content: String,
}

/// Verifies a message as CAdES in S/MIME, with this certificate as the only anchor.
///
/// # Errors
/// OpenSSL says no, with its words; or it cannot be run.
pub fn verify(folder: &Path, message: &[u8], certificate: &Path) -> Result<Verified, HarnessError> {
    let file = folder.join("ontvangen.eml");
    write(&file, message)?;
    let output = Command::new("openssl")
        .args(["cms", "-verify", "-cades", "-purpose", "smimesign", "-in"])
        .arg(&file)
        .arg("-CAfile")
        .arg(certificate)
        .output()
        .map_err(HarnessError::file(Path::new("openssl")))?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    if !output.status.success() {
        return Err(HarnessError::Failed { program: "openssl".to_owned(), said });
    }
    let content = String::from_utf8_lossy(&output.stdout).into_owned();
    Ok(Verified { said, content })
}
