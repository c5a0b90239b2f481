use std::path::{Path, PathBuf};
use std::sync::Mutex;

use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::error::{Error, RvError};
use cryptoki::slot::{Slot, TokenInfo};

use crate::cards::lock;
use crate::error::CardError;
use crate::pin::Tries;
use crate::place::Place;

/// All modules of this process. None is ever taken out: settings may change while a library has threads
/// and sessions of its own, and to unload it then crashes the process.
static LOADED: Mutex<Vec<&'static Module>> = Mutex::new(Vec::new());

/// A module that is loaded and ready.
pub(crate) struct Module {
    pub(crate) file: PathBuf,
    pub(crate) library: Pkcs11,
}

impl Module {
    /// The module of that file, loaded at the first call in this process.
    pub(crate) fn of(file: &Path) -> Result<&'static Self, CardError> {
        let mut loaded = lock(&LOADED);
        if let Some(module) = loaded.iter().find(|module| module.file == file) {
            return Ok(module);
        }
        let module: &'static Self = Box::leak(Box::new(Self::load(file)?));
        loaded.push(module);
        Ok(module)
    }

    fn load(file: &Path) -> Result<Self, CardError> {
        let none = |error: Error| CardError::NoModule {
            module: file.to_owned(),
            words: one_line(&error.to_string()),
        };
        let library = Pkcs11::new(file).map_err(none)?;
        match library.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK)) {
            // Another part of this process did it.
            Ok(()) | Err(Error::Pkcs11(RvError::CryptokiAlreadyInitialized, _)) => {}
            Err(error) => return Err(none(error)),
        }
        Ok(Self { file: file.to_owned(), library })
    }

    /// The tokens that are in readers now and were given a name and keys.
    pub(crate) fn tokens(&self) -> Result<Vec<(Slot, TokenInfo)>, CardError> {
        let slots = self.library.get_slots_with_token().map_err(failed)?;
        let mut tokens = Vec::new();
        for slot in slots.into_iter().take(SLOTS) {
            // Others are empty, unknown to this module, or were taken out just now, for which modules
            // have many codes: none of them hides the rest.
            if let Ok(info) = self.library.get_token_info(slot)
                && info.token_initialized()
            {
                tokens.push((slot, info));
            }
        }
        Ok(tokens)
    }

    /// The token of that place.
    pub(crate) fn token(&self, place: &Place) -> Result<(Slot, TokenInfo), CardError> {
        let mut tokens = self.tokens()?;
        let names: Vec<Names<'_>> = tokens
            .iter()
            .map(|(_, info)| Names {
                serial: info.serial_number(),
                label: info.label(),
                model: info.model(),
            })
            .collect();
        let which = meant(&names, place)?;
        Ok(tokens.swap_remove(which))
    }
}

/// What a token is called.
#[derive(Debug, Clone, Copy)]
struct Names<'a> {
    serial: &'a str,
    label: &'a str,
    model: &'a str,
}

/// Which of the tokens is the one of that place: by its serial number and its model; of several with the
/// same ones, or without a number, by label. None is guessed: a PIN that goes to another card is a wrong
/// one, and a few of those lock it.
fn meant(tokens: &[Names<'_>], place: &Place) -> Result<usize, CardError> {
    let label = || place.label.clone();
    let mut found: Vec<usize> =
        (0..tokens.len()).filter(|&one| tokens[one].serial == place.serial).collect();
    if !place.model.is_empty() {
        found.retain(|&one| tokens[one].model == place.model);
    }
    // A token may be given another name, and is the same one: its certificates tell, later.
    if found.len() > 1 || place.serial.is_empty() {
        found.retain(|&one| tokens[one].label == place.label);
    }
    match found[..] {
        [only] => Ok(only),
        [] => Err(CardError::NoCard { label: label() }),
        _ => Err(CardError::Alike { label: label() }),
    }
}

/// What the token tells of wrong PINs.
pub(crate) fn tries(info: &TokenInfo) -> Tries {
    match (info.user_pin_final_try(), info.user_pin_count_low()) {
        (true, _) => Tries::Last,
        (false, true) => Tries::Few,
        (false, false) => Tries::Unknown,
    }
}

/// What a failed call means (PKCS #11 section 5.1).
pub(crate) fn failed(error: Error) -> CardError {
    let Error::Pkcs11(code, function) = error else {
        return CardError::Failed { words: one_line(&error.to_string()) };
    };
    match code {
        RvError::TokenNotPresent
        | RvError::DeviceRemoved
        | RvError::SessionHandleInvalid
        | RvError::SessionClosed
        | RvError::SlotIdInvalid => CardError::Removed,
        RvError::PinLocked => CardError::PinLocked,
        RvError::PinExpired | RvError::UserPinNotInitialized => CardError::PinToSet,
        RvError::FunctionCanceled | RvError::Cancel | RvError::FunctionRejected => {
            CardError::Cancelled
        }
        other => CardError::Failed { words: format!("{function}: {other:?}") },
    }
}

/// Words of others may have line ends.
fn one_line(words: &str) -> String {
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A workstation has a handful of readers; a module that names thousands is broken.
const SLOTS: usize = 64;

#[cfg(test)]
mod tests {
    use cryptoki::context::Function;

    use super::*;

    #[test]
    fn codes_that_a_person_can_mend_are_told_apart() {
        let said = |code| failed(Error::Pkcs11(code, Function::Sign));
        assert_eq!(said(RvError::DeviceRemoved), CardError::Removed);
        assert_eq!(said(RvError::SessionHandleInvalid), CardError::Removed);
        assert_eq!(said(RvError::PinLocked), CardError::PinLocked);
        assert_eq!(said(RvError::PinExpired), CardError::PinToSet);
        assert_eq!(said(RvError::FunctionCanceled), CardError::Cancelled);
        let CardError::Failed { words } = said(RvError::DeviceMemory) else { panic!() };
        assert!(words.contains("DeviceMemory"), "{words}");
    }

    #[test]
    fn of_cards_with_one_serial_number_label_and_model_tell_and_none_is_guessed() {
        let place = |serial: &str, label: &str, model: &str| Place {
            module: PathBuf::from("/m.so"),
            serial: serial.to_owned(),
            label: label.to_owned(),
            model: model.to_owned(),
            key: vec![1],
            certificate: String::new(),
        };
        let names = |serial, label, model| Names { serial, label, model };
        let tokens = [
            names("7", "pas (User PIN)", "A"),
            names("7", "pas (Sign PIN)", "A"),
            names("8", "pas", "A"),
            names("0", "pas", "A"),
            names("0", "pas", "B"),
            names("", "token", "A"),
        ];
        let found = |serial, label, model| meant(&tokens, &place(serial, label, model));
        assert_eq!(found("8", "another name", "A"), Ok(2), "it was renamed");
        assert_eq!(found("7", "pas (Sign PIN)", ""), Ok(1));
        let other = Err(CardError::NoCard { label: "pas".to_owned() });
        assert_eq!(found("8", "pas", "B"), other, "no card changes its model");
        assert_eq!(found("0", "pas", "B"), Ok(4));
        let alike = CardError::Alike { label: "pas".to_owned() };
        assert_eq!(found("0", "pas", ""), Err(alike), "noted before models were");
        let gone = |label: &str| Err(CardError::NoCard { label: label.to_owned() });
        assert_eq!(found("7", "pas", "A"), gone("pas"));
        assert_eq!(found("", "token", "A"), Ok(5));
        assert_eq!(found("", "pas", "A"), gone("pas"), "no serial number names none");
        assert_eq!(found("9", "pas", "A"), gone("pas"));
    }

    #[test]
    fn a_file_that_is_no_module_is_told_with_its_name() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("module.so");
        std::fs::write(&file, "text").unwrap();
        for file in [file, folder.path().join("none.so")] {
            let Err(CardError::NoModule { module, words }) = Module::of(&file) else { panic!() };
            assert_eq!(module, file);
            assert!(!words.is_empty() && !words.contains('\n'));
        }
    }

    /// SoftHSM finds its tokens by an environment variable: the test runs in a process of its own.
    #[test]
    fn a_module_that_is_asked_for_twice_is_the_same_one() {
        const FOLDER: &str = "CARD_MODULE_TEST_FOLDER";
        if std::env::var_os(FOLDER).is_some() {
            let module = || Module::of(Path::new("/usr/lib/softhsm/libsofthsm2.so")).unwrap();
            assert!(core::ptr::eq(module(), module()));
            return;
        }
        let folder = tempfile::tempdir().unwrap();
        let conf = folder.path().join("softhsm2.conf");
        let text = format!("directories.tokendir = {}\n", folder.path().display());
        std::fs::write(&conf, text).unwrap();
        let name = "module::tests::a_module_that_is_asked_for_twice_is_the_same_one";
        let output = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", name, "--nocapture"])
            .env(FOLDER, folder.path())
            .env("SOFTHSM2_CONF", &conf)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        assert!(output.status.success() && said.contains("1 passed"), "{said}");
    }
}
