use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use zeroize::Zeroizing;

/// A card's PIN: wiped when dropped, never printed.
#[derive(Clone)]
pub struct Pin(SecretString);

impl Pin {
    /// Takes a PIN as a person typed it; line ends behind it are not part of it.
    #[must_use]
    pub fn new(text: SecretString) -> Self {
        let typed = text.expose_secret();
        let bare = typed.trim_end_matches(['\r', '\n']);
        if bare.len() == typed.len() { Self(text) } else { Self(bare.into()) }
    }

    pub(crate) fn secret(&self) -> &SecretString {
        &self.0
    }
}

impl Serialize for Pin {
    /// For the one way on which a PIN travels: from the command line to the program that runs, of the
    /// same user.
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.0.expose_secret())
    }
}

impl<'de> Deserialize<'de> for Pin {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = Zeroizing::new(String::deserialize(from)?);
        Ok(Self::new(text.as_str().into()))
    }
}

impl core::fmt::Debug for Pin {
    /// Never the PIN.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Pin")
    }
}

/// How many wrong PINs a card still takes before it locks itself, as far as it tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tries {
    /// Nothing wrong was given lately, or the card does not tell.
    Unknown,
    /// A wrong one was given since the last right one (CKF_USER_PIN_COUNT_LOW).
    Few,
    /// The next wrong one locks the card (CKF_USER_PIN_FINAL_TRY).
    Last,
}

/// For which card a PIN is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// What the card is called.
    pub label: String,
    /// How many wrong ones it still takes.
    pub tries: Tries,
}

/// Whoever can ask a person for a PIN.
pub trait PinSource {
    /// The PIN; `None` where the person gave none. Asked once for each unlocking: a card locks
    /// itself after a few wrong ones, so that no program may guess or repeat.
    fn pin(&self, asked: &Asked) -> Option<Pin>;
}

/// A PIN that a person gave beforehand, or none.
#[derive(Debug, Clone, Default)]
pub struct GivenPin(pub Option<Pin>);

impl PinSource for GivenPin {
    fn pin(&self, _: &Asked) -> Option<Pin> {
        self.0.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pin_is_taken_without_its_line_end_and_never_shown() {
        for typed in ["1234", "1234\n", "1234\r\n"] {
            let pin = Pin::new(typed.into());
            assert_eq!(pin.secret().expose_secret(), "1234");
            assert_eq!(format!("{pin:?}"), "Pin");
        }
        assert_eq!(Pin::new(" 12 ".into()).secret().expose_secret(), " 12 ");
    }
}
