//! Others' opinion on signed mail: OpenSSL, GnuPG's gpgsm, NSS (Thunderbird's library), GnuTLS and
//! pyHanko. Each has one root as its only anchor, and no revocation to ask.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};

use crate::HarnessError;
use crate::place::{new_folder, write};

/// The five programs, each set up in a folder of its own. Goes with the value.
#[derive(Debug)]
pub struct Opinions {
    folder: PathBuf,
}

/// A signed mail and its two parts.
#[derive(Debug, Clone, Copy)]
pub struct Parts<'a> {
    /// The whole message.
    pub mail: &'a [u8],
    /// The part that was signed, as it stands between the boundaries.
    pub content: &'a [u8],
    /// The signature: CMS in DER.
    pub signature: &'a [u8],
}

/// What a program said of a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opinion {
    /// The program.
    pub program: &'static str,
    /// Whether it found the signature good and its signer vouched for.
    pub good: bool,
    /// Its words.
    pub said: String,
}

impl Opinions {
    /// Sets the programs up with this root (DER).
    ///
    /// # Errors
    /// A program is not installed, or refused the root.
    pub fn new(root: &[u8]) -> Result<Self, HarnessError> {
        let all = Self { folder: new_folder()? };
        write(&all.path("root.der"), root)?;
        let (der, pem) = (all.path("root.der"), all.path("root.pem"));
        let mut openssl = Command::new("openssl");
        openssl.args(["x509", "-inform", "DER", "-in"]).arg(der).arg("-out").arg(&pem);
        must(&mut openssl)?;
        let home = all.path("gpg");
        std::fs::create_dir(&home).map_err(HarnessError::file(&home))?;
        let private = std::fs::Permissions::from_mode(0o700);
        std::fs::set_permissions(&home, private).map_err(HarnessError::file(&home))?;
        let print = digest(&SHA1_FOR_LEGACY_USE_ONLY, root);
        let print: String = print.as_ref().iter().map(|byte| format!("{byte:02X}")).collect();
        write(&home.join("trustlist.txt"), format!("{print} S relax\n"))?;
        write(&home.join("gpgsm.conf"), "disable-crl-checks\n")?;
        must(all.gpgsm().arg("--import").arg(&pem))?;
        let nss = all.path("nss");
        std::fs::create_dir(&nss).map_err(HarnessError::file(&nss))?;
        must(Command::new("certutil").args(["-N", "--empty-password", "-d"]).arg(&nss))?;
        // The middle place of the flags is mail.
        let trusted = ["-A", "-n", "root", "-t", ",C,", "-d"];
        must(Command::new("certutil").args(trusted).arg(&nss).arg("-i").arg(&pem))?;
        Ok(all)
    }

    /// What each program says of each mail, mail by mail.
    ///
    /// # Errors
    /// A program is not installed.
    pub fn of(&self, mails: &[Parts<'_>]) -> Result<Vec<Vec<Opinion>>, HarnessError> {
        let mut all = Vec::new();
        for (number, parts) in mails.iter().enumerate() {
            let [mail, content, signature] =
                ["eml", "content", "p7s"].map(|kind| self.path(&format!("{number}.{kind}")));
            write(&mail, parts.mail)?;
            write(&content, parts.content)?;
            write(&signature, parts.signature)?;
            all.push(vec![
                self.openssl(&mail)?,
                self.by_gpgsm(&content, &signature)?,
                self.nss(&content, &signature)?,
                self.gnutls(&content, &signature)?,
            ]);
        }
        for (said, opinions) in self.pyhanko(mails.len())?.into_iter().zip(&mut all) {
            opinions.push(Opinion { program: "pyHanko", good: said == "PASSED", said });
        }
        Ok(all)
    }

    fn openssl(&self, mail: &Path) -> Result<Opinion, HarnessError> {
        let mut command = Command::new("openssl");
        command.args(["cms", "-verify", "-cades", "-purpose", "smimesign", "-in"]).arg(mail);
        command.arg("-CAfile").arg(self.path("root.pem")).args(["-out", "/dev/null"]);
        opinion("OpenSSL", &mut command)
    }

    fn by_gpgsm(&self, content: &Path, signature: &Path) -> Result<Opinion, HarnessError> {
        opinion("gpgsm", self.gpgsm().arg("--verify").args([signature, content]))
    }

    /// cmsutil succeeds for every signature that it can read, and says the verdict.
    fn nss(&self, content: &Path, signature: &Path) -> Result<Opinion, HarnessError> {
        let mut command = Command::new("cmsutil");
        command.args(["-D", "-n", "-h", "2", "-u", "4", "-d"]).arg(self.path("nss"));
        let mut said = opinion("NSS", command.arg("-i").arg(signature).arg("-c").arg(content))?;
        said.good &= said.said.contains("status=GoodSignature");
        Ok(said)
    }

    fn gnutls(&self, content: &Path, signature: &Path) -> Result<Opinion, HarnessError> {
        let mut command = Command::new("certtool");
        command.args(["--p7-verify", "--inder", "--load-ca-certificate"]);
        command.arg(self.path("root.pem")).arg("--load-data").arg(content);
        opinion("GnuTLS", command.arg("--infile").arg(signature))
    }

    /// A word for each of the files 0, 1, 2 and so on; all in one run, since it starts slowly.
    fn pyhanko(&self, count: usize) -> Result<Vec<String>, HarnessError> {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("ades.py");
        let mut command = Command::new(python()?);
        command.arg(script).arg(self.path("root.der"));
        for number in 0..count {
            command.args(["content", "p7s"].map(|kind| self.path(&format!("{number}.{kind}"))));
        }
        let words: Vec<String> = must(&mut command)?.lines().map(str::to_owned).collect();
        if words.len() == count {
            return Ok(words);
        }
        Err(HarnessError::Failed { program: "pyHanko".to_owned(), said: words.join("\n") })
    }

    fn gpgsm(&self) -> Command {
        let mut command = Command::new("gpgsm");
        command.arg("--homedir").arg(self.path("gpg")).args(["--batch", "--no-tty"]);
        command
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }
}

impl Drop for Opinions {
    fn drop(&mut self) {
        // gpgsm starts an agent of its own for this home.
        let mut agent = Command::new("gpgconf");
        let _ = agent.arg("--homedir").arg(self.path("gpg")).args(["--kill", "all"]).output();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// The Python in which `scripts/setup test` puts pyHanko: target/tools/ades, where this test binary is
/// target/debug/deps/scenarios-0123.
pub(crate) fn python() -> Result<PathBuf, HarnessError> {
    let own = std::env::current_exe().map_err(HarnessError::file("this test binary"))?;
    let places = own.ancestors().skip(1).take(3);
    let mut found = places.map(|folder| folder.join("tools/ades/bin/python"));
    found
        .find(|path| path.exists())
        .ok_or(HarnessError::NotStarted("pyHanko: run `scripts/setup test`"))
}

fn opinion(program: &'static str, command: &mut Command) -> Result<Opinion, HarnessError> {
    let Output { status, stdout, stderr } = output(command)?;
    let said = String::from_utf8_lossy(&[stdout, stderr].concat()).into_owned();
    Ok(Opinion { program, good: status.success(), said })
}

/// What it wrote to standard output, where it ended with 0.
fn must(command: &mut Command) -> Result<String, HarnessError> {
    let Output { status, stdout, stderr } = output(command)?;
    let program = command.get_program().to_string_lossy().into_owned();
    match status.success() {
        true => Ok(String::from_utf8_lossy(&stdout).into_owned()),
        false => {
            let said = String::from_utf8_lossy(&[stdout, stderr].concat()).into_owned();
            Err(HarnessError::Failed { program, said })
        }
    }
}

fn output(command: &mut Command) -> Result<Output, HarnessError> {
    let program = command.get_program().to_string_lossy().into_owned();
    command.output().map_err(|source| HarnessError::Program { program, source })
}
