use std::path::PathBuf;

use cades::CadesError;

use crate::pin::Tries;

/// Why a card did not do what was asked. None of these changes anything on the card but its own
/// count of wrong PINs.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CardError {
    /// The module cannot be loaded, or is no PKCS #11 module.
    #[error(
        "the card software {} cannot be loaded ({words}); install it, or name the right file in [cards] modules", .module.display()
    )]
    NoModule {
        /// The file.
        module: PathBuf,
        /// What the system said.
        words: String,
    },
    /// The key was registered with a module that the settings do not name (any more).
    #[error(
        "the card software {} is not in the settings; add it to [cards] modules", .module.display()
    )]
    ModuleNotNamed {
        /// The file.
        module: PathBuf,
    },
    /// The card is in no reader.
    #[error("the card {label} is not there; put it in the reader")]
    NoCard {
        /// What the card is called.
        label: String,
    },
    /// Several cards are there that cannot be told apart.
    #[error("several cards are called {label} and have one number; take out all but yours")]
    Alike {
        /// What they are called.
        label: String,
    },
    /// The card was taken out while it was used.
    #[error("the card was taken out; put it in again, and give the PIN")]
    Removed,
    /// The card is there and wants its PIN.
    #[error("the card {label} wants its PIN; give it")]
    PinNeeded {
        /// What the card is called.
        label: String,
    },
    /// The PIN was wrong.
    #[error("{}", wrong_en(*.tries))]
    WrongPin {
        /// How many wrong ones the card still takes.
        tries: Tries,
    },
    /// The PIN has a length or signs that this card never takes; nothing was counted.
    #[error("the PIN of this card has {least} to {most} characters; give it again")]
    PinForm {
        /// The shortest.
        least: usize,
        /// The longest.
        most: usize,
    },
    /// Too many wrong PINs were given.
    #[error(
        "the card is locked after too many wrong PINs; unlock it with its PUK in the card's own program"
    )]
    PinLocked,
    /// The card has no PIN yet, or wants another one first.
    #[error("the card wants a new PIN first; set it in the card's own program")]
    PinToSet,
    /// The person broke it off, at the reader or at the question.
    #[error("the card's question was broken off; try again")]
    Cancelled,
    /// The card has no private key of that id.
    #[error(
        "the key is not on this card; put in the card that was registered, or register this one"
    )]
    NoKey,
    /// The card has another certificate than the one that was registered: somebody else's card, or a
    /// newer certificate.
    #[error(
        "the card {label} holds another certificate than the one that was registered; put in the card that was registered, or register this one"
    )]
    OtherCertificate {
        /// What the card that is meant is called.
        label: String,
    },
    /// The card cannot sign in the way that the certificate needs.
    #[error("this card cannot sign so ({words}); choose another certificate on it")]
    NoMechanism {
        /// What was wanted.
        words: &'static str,
    },
    /// The module failed in a way that is none of the others.
    #[error("the card software failed ({words}); take the card out, put it in again and try again")]
    Failed {
        /// The function and the code, in PKCS #11's words.
        words: String,
    },
}

impl CardError {
    /// The sentence in Dutch: what happened, and what to do.
    #[must_use]
    pub fn nl(&self) -> String {
        match self {
            Self::NoModule { module, words } => format!("De kaartsoftware {} kan niet worden geladen ({words}); installeer haar, of noem het juiste bestand bij [cards] modules.", module.display()),
            Self::ModuleNotNamed { module } => format!("De kaartsoftware {} staat niet in de instellingen; zet haar bij [cards] modules.", module.display()),
            Self::NoCard { label } => format!("De pas {label} is er niet; steek de pas in de lezer."),
            Self::Alike { label } => format!("Er zijn meer passen met de naam {label} en hetzelfde nummer; haal alle andere dan die van u eruit."),
            Self::Removed => "De pas is eruit gehaald; steek hem er weer in en geef de pincode.".to_owned(),
            Self::PinNeeded { label } => format!("De pas {label} vraagt om de pincode; geef de pincode."),
            Self::WrongPin { tries } => match tries {
                Tries::Unknown => "De pincode klopt niet; geef hem opnieuw.".to_owned(),
                Tries::Few => "De pincode klopt niet. Er zijn nog maar enkele pogingen; kijk goed na.".to_owned(),
                Tries::Last => "De pincode klopt niet. Nog één poging: nog een foute pincode blokkeert de pas.".to_owned(),
            },
            Self::PinForm { least, most } => format!("De pincode van deze pas heeft {least} tot {most} tekens; geef hem opnieuw."),
            Self::PinLocked => "De pas is geblokkeerd na te veel foute pincodes; deblokkeer hem met de PUK-code in het programma van de pas.".to_owned(),
            Self::PinToSet => "De pas vraagt eerst om een nieuwe pincode; stel die in met het programma van de pas.".to_owned(),
            Self::Cancelled => "De vraag van de pas is afgebroken; probeer het opnieuw.".to_owned(),
            Self::NoKey => "De sleutel staat niet op deze pas; steek de pas in die is geregistreerd, of registreer deze.".to_owned(),
            Self::OtherCertificate { label } => format!("Op de pas {label} staat een ander certificaat dan is geregistreerd; steek de pas in die is geregistreerd, of registreer deze."),
            Self::NoMechanism { words } => format!("Deze pas kan zo niet ondertekenen ({words}); kies een ander certificaat op de pas."),
            Self::Failed { words } => format!("De kaartsoftware gaf een fout ({words}); haal de pas eruit, steek hem er weer in en probeer het opnieuw."),
        }
    }

    /// The sentence in English: what happened, and what to do.
    #[must_use]
    pub fn en(&self) -> String {
        self.to_string()
    }

    /// True where it passes once a person has done something at the card: what waits for it can
    /// go on waiting. False where a setting or the choice of identity must change first.
    #[must_use]
    pub fn passes(&self) -> bool {
        !matches!(self, Self::NoKey | Self::NoMechanism { .. })
    }
}

impl From<CardError> for CadesError {
    fn from(error: CardError) -> Self {
        Self::Withheld { nl: error.nl(), en: error.en(), passes: error.passes() }
    }
}

fn wrong_en(tries: Tries) -> &'static str {
    match tries {
        Tries::Unknown => "the PIN is wrong; give it again",
        Tries::Few => "the PIN is wrong; only a few tries are left, look it up first",
        Tries::Last => "the PIN is wrong; one try is left: another wrong PIN locks the card",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all() -> Vec<CardError> {
        let module = PathBuf::from("/usr/lib/module.so");
        let (label, words) = ("pas".to_owned(), "x".to_owned());
        let wrong = [Tries::Unknown, Tries::Few, Tries::Last];
        let mut all: Vec<_> = wrong.map(|tries| CardError::WrongPin { tries }).to_vec();
        all.extend([
            CardError::NoModule { module: module.clone(), words: words.clone() },
            CardError::ModuleNotNamed { module },
            CardError::NoCard { label: label.clone() },
            CardError::Alike { label: label.clone() },
            CardError::Removed,
            CardError::OtherCertificate { label: label.clone() },
            CardError::PinNeeded { label },
            CardError::PinForm { least: 5, most: 8 },
            CardError::PinLocked,
            CardError::PinToSet,
            CardError::Cancelled,
            CardError::NoKey,
            CardError::NoMechanism { words: "RSA" },
            CardError::Failed { words },
        ]);
        all
    }

    #[test]
    fn every_trouble_has_an_answer_of_its_own_in_both_languages() {
        let (mut nl, mut en): (Vec<_>, Vec<_>) =
            all().iter().map(|error| (error.nl(), error.en())).unzip();
        for said in [&mut nl, &mut en] {
            let count = said.len();
            said.sort();
            said.dedup();
            assert_eq!(said.len(), count);
        }
    }

    #[test]
    fn mail_waits_for_a_card_but_not_for_a_key_that_no_card_has() {
        let passes = |error: CardError| match CadesError::from(error) {
            CadesError::Withheld { passes, .. } => passes,
            other => panic!("{other:?}"),
        };
        assert!(passes(CardError::NoCard { label: String::new() }));
        assert!(passes(CardError::PinLocked));
        assert!(!passes(CardError::NoKey));
    }
}
