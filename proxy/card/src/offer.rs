use std::path::{Path, PathBuf};

/// A PKCS #11 module that is installed here.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Offer {
    /// Whose it is.
    pub name: &'static str,
    /// The file, for `[cards] modules`.
    pub module: PathBuf,
}

/// The well-known modules that are installed on this computer: to be offered to a person, never
/// loaded unasked, since a module runs inside this program.
#[must_use]
pub fn offered() -> Vec<Offer> {
    offered_below(Path::new(""))
}

/// As [`offered`], with another root folder before the absolute names.
fn offered_below(root: &Path) -> Vec<Offer> {
    let mut found: Vec<Offer> = Vec::new();
    for (name, file) in KNOWN {
        let module = if root.as_os_str().is_empty() {
            PathBuf::from(file)
        } else {
            root.join(file.trim_start_matches('/'))
        };
        // One maker, several places: the first that is there.
        if module.is_file() && !found.iter().any(|offer| offer.name == *name) {
            found.push(Offer { name, module });
        }
    }
    found
}

/// UZI passes come with SafeNet (Thales) software; OpenSC reads most others.
#[cfg(target_os = "linux")]
const KNOWN: &[(&str, &str)] = &[
    ("SafeNet", "/usr/lib/libeToken.so"),
    ("SafeNet", "/usr/lib64/libeToken.so"),
    ("SafeNet", "/usr/lib/libeTPkcs11.so"),
    ("SafeNet", "/usr/lib64/libeTPkcs11.so"),
    ("OpenSC", "/usr/lib/x86_64-linux-gnu/opensc-pkcs11.so"),
    ("OpenSC", "/usr/lib/aarch64-linux-gnu/opensc-pkcs11.so"),
    ("OpenSC", "/usr/lib64/opensc-pkcs11.so"),
    ("OpenSC", "/usr/lib/opensc-pkcs11.so"),
    ("SoftHSM", "/usr/lib/softhsm/libsofthsm2.so"),
    ("SoftHSM", "/usr/lib64/pkcs11/libsofthsm2.so"),
    ("SoftHSM", "/usr/lib/pkcs11/libsofthsm2.so"),
];
/// As on Linux.
#[cfg(target_os = "macos")]
const KNOWN: &[(&str, &str)] = &[
    ("SafeNet", "/usr/local/lib/libeTPkcs11.dylib"),
    ("SafeNet", "/Library/Frameworks/eToken.framework/Versions/A/libeToken.dylib"),
    ("OpenSC", "/Library/OpenSC/lib/opensc-pkcs11.so"),
    ("OpenSC", "/usr/local/lib/opensc-pkcs11.so"),
    ("SoftHSM", "/opt/homebrew/lib/softhsm/libsofthsm2.so"),
    ("SoftHSM", "/usr/local/lib/softhsm/libsofthsm2.so"),
];
/// As on Linux.
#[cfg(windows)]
const KNOWN: &[(&str, &str)] = &[
    ("SafeNet", r"C:\Windows\System32\eTPKCS11.dll"),
    ("OpenSC", r"C:\Program Files\OpenSC Project\OpenSC\pkcs11\opensc-pkcs11.dll"),
    ("SoftHSM", r"C:\SoftHSM2\lib\softhsm2-x64.dll"),
];
/// No place is known on other systems.
#[cfg(not(any(target_os = "linux", target_os = "macos", windows)))]
const KNOWN: &[(&str, &str)] = &[];

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn what_is_installed_is_offered_once_a_maker_and_nothing_else() {
        let root = tempfile::tempdir().unwrap();
        assert!(offered_below(root.path()).is_empty());
        for file in ["usr/lib/opensc-pkcs11.so", "usr/lib64/opensc-pkcs11.so"] {
            let file = root.path().join(file);
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(file, "").unwrap();
        }
        let module = root.path().join("usr/lib64/opensc-pkcs11.so");
        assert_eq!(offered_below(root.path()), [Offer { name: "OpenSC", module }]);
    }
}
