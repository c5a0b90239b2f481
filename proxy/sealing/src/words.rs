//! The words in which a recovery key is written: 256 plain Dutch nouns, one for each value of a byte.
//! No two of them are one letter apart, so that a slip of the pen is seen and not taken for another
//! word. Our own list. And how a key is said in them, with a check, and read back as people type them.

use aws_lc_rs::digest::{SHA256, digest};
use zeroize::Zeroizing;

/// Why words are no recovery key, or not this folder's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RecoveryError {
    /// There are too few or too many words.
    #[error(
        "a recovery key has {WORDS} words and these are {found}; type all of them in their order"
    )]
    Count {
        /// How many there are.
        found: usize,
    },
    /// A word is none of the list.
    #[error(
        "word {position} is none of the words that a recovery key is made of; look at its spelling"
    )]
    Unknown {
        /// Which word, from 1. It is not repeated: it may be a password typed by mistake.
        position: usize,
    },
    /// The words are known, and do not belong together.
    #[error(
        "these words do not belong together; look whether one is another or two changed places"
    )]
    Mistyped,
    /// A recovery key, and not the one of this folder.
    #[error(
        "this is a recovery key, and not the one of this data folder; look for the sheet that was made last"
    )]
    OfAnother,
    /// No recovery key was ever made for this folder.
    #[error(
        "this data folder has no recovery key (the file vault.recovery is not in it); without the keyring it cannot be read"
    )]
    NeverMade,
}

impl RecoveryError {
    /// The same sentence in Dutch: what happened, and what to do.
    #[must_use]
    pub fn nl(&self) -> String {
        match self {
            Self::Count { found } => format!("Een herstelsleutel heeft {WORDS} woorden en dit zijn er {found}; typ ze alle in hun volgorde."),
            Self::Unknown { position } => format!("Woord {position} komt in geen herstelsleutel voor; kijk of het goed gespeld is."),
            Self::Mistyped => "Deze woorden horen niet bij elkaar; kijk of er een ander woord staat of twee verwisseld zijn.".into(),
            Self::OfAnother => "Dit is een herstelsleutel, maar niet die van deze gegevensmap; zoek het blad dat het laatst is gemaakt.".into(),
            Self::NeverMade => "Bij deze gegevensmap is nooit een herstelsleutel gemaakt (het bestand vault.recovery ontbreekt); zonder de sleutelbos is zij niet te lezen.".into(),
        }
    }
}

/// The words of a key, with a check of two at the end.
#[must_use]
pub fn spoken(key: &[u8; KEY_BYTES]) -> Zeroizing<String> {
    let words: Vec<&str> = list().collect();
    let check = digest(&SHA256, key);
    let bytes = key.iter().chain(&check.as_ref()[..CHECK_BYTES]);
    let said: Vec<&str> = bytes.filter_map(|byte| words.get(usize::from(*byte)).copied()).collect();
    Zeroizing::new(said.join(" "))
}

/// The key that these words say. Case, line breaks, numbers before the words and punctuation are of no
/// account.
///
/// # Errors
/// [`RecoveryError`] where they say none.
pub fn key_of(typed: &str) -> Result<Zeroizing<[u8; KEY_BYTES]>, RecoveryError> {
    let lower = Zeroizing::new(typed.to_lowercase());
    let typed: Vec<&str> = lower
        .split(|letter: char| !letter.is_alphabetic())
        .filter(|word| !word.is_empty())
        .collect();
    if typed.len() != WORDS {
        return Err(RecoveryError::Count { found: typed.len() });
    }
    let list: Vec<&str> = list().collect();
    let mut bytes = Zeroizing::new([0_u8; WORDS]);
    for ((byte, word), position) in bytes.iter_mut().zip(&typed).zip(1..) {
        let at = list.iter().position(|known| known == word);
        *byte =
            at.and_then(|at| u8::try_from(at).ok()).ok_or(RecoveryError::Unknown { position })?;
    }
    let mut key = Zeroizing::new([0; KEY_BYTES]);
    let (said, check) = bytes.split_at(KEY_BYTES);
    key.copy_from_slice(said);
    if digest(&SHA256, key.as_ref()).as_ref()[..CHECK_BYTES] != *check {
        return Err(RecoveryError::Mistyped);
    }
    Ok(key)
}

/// The words, in the order of the alphabet.
fn list() -> impl Iterator<Item = &'static str> {
    LIST.split_ascii_whitespace()
}

const LIST: &str = "
aap aardbei aarde abrikoos acht adem akker ananas appel april arm asperge atlas augustus auto
avond baard bad balkon banaan bank beek berg bezem bij blik bloem boer bom boot bord borstel
boterham brief brievenbus bril broek brood brug bus cactus cijfer cirkel citroen club dag dans
deken deur dief dijk dolfijn doos dorp draad druif druppel duim dwerg eekhoorn eend egel eik
eiland emmer fabriek familie februari fiets film fles fluit fluweel fontein foto gang garage
gebouw geit geld gember giraffe gitaar glas goud graan grot haan hak hamer handdoek hart haven
helm herberg herfst heuvel hoed honing hooi hotel huis hut iglo ijs inktvis jager januari jas
jongen juni kaars kalender kam kameel kanaal kano kapstok kasteel kelder kers ketel kikker
kind kip kist klaver klok knie knoop knuffel koe koffer komkommer konijn kool krokodil kurk
ladder lantaarn lavendel leguaan libel lucifer magneet mandarijn marmer masker matras meloen
merel molen mosterd muziek nagel neushoorn notitie november oceaan oester oktober olijf
ontbijt oorbel orkaan paddenstoel paleis pannenkoek paprika paraplu parfum passer pelikaan
pinda pinguin piramide pleister pompoen portret postzegel potlood propeller puzzel radijs
raket ratel recept rivier robot rozemarijn rozijn rugzak sandaal schaar schaduw schatkist
schilder schildpad schommel schouder schrift september sinaasappel sjaal skelet slinger
sneeuwman specht spijker spinazie sprookje stempel sterrenbeeld stoplicht struik tablet
telefoon theater tomaat toverstaf trompet tulband tunnel turf vakantie vanille varken verf
vergiet verhaal vleugel vliegtuig vrachtwagen vuurtoren walnoot wasmand waterval weegschaal
weide wekker wiel wijzer windmolen wolf wortel zadel zaklamp zalm zebra zeehond zeilboot
zilver zomer zonnebloem zwaluw zwembad";

/// Bytes of a recovery key. 128 bits: out of reach of guessing, and no more words than fit on a card.
pub const KEY_BYTES: usize = 16;
const CHECK_BYTES: usize = 2;
const WORDS: usize = KEY_BYTES + CHECK_BYTES;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_has_a_word_and_no_two_words_are_one_letter_apart() {
        let words: Vec<&str> = list().collect();
        assert_eq!(words.len(), 256);
        assert!(words.is_sorted());
        for (at, one) in words.iter().enumerate() {
            assert!(one.bytes().all(|byte| byte.is_ascii_lowercase()));
            for other in &words[at + 1..] {
                assert!(!near(one, other), "{one} and {other}");
            }
        }
    }

    #[test]
    fn words_are_taken_as_people_type_them_and_a_slip_is_named() {
        let key = [7; KEY_BYTES];
        let words = spoken(&key);
        assert_eq!(words.split(' ').count(), WORDS);
        let numbered: String = words
            .split(' ')
            .zip(1..)
            .map(|(word, at)| format!("{at}. {}\n", word.to_uppercase()))
            .collect();
        assert_eq!(*key_of(&numbered).unwrap(), key);
        let first = words.split(' ').next().unwrap();
        assert_eq!(key_of(first), Err(RecoveryError::Count { found: 1 }));
        assert_eq!(
            key_of(&words.replacen(first, "hunter", 1)),
            Err(RecoveryError::Unknown { position: 1 })
        );
        assert_eq!(key_of(&words.replacen(first, "zebra", 1)), Err(RecoveryError::Mistyped));
    }

    fn near(one: &str, other: &str) -> bool {
        let (short, long) = if one.len() < other.len() { (one, other) } else { (other, one) };
        match long.len() - short.len() {
            0 => short.bytes().zip(long.bytes()).filter(|(a, b)| a != b).count() < 2,
            1 => (0..long.len()).any(|gone| [&long[..gone], &long[gone + 1..]].concat() == short),
            _ => false,
        }
    }
}
