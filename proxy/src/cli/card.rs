use std::io::BufRead as _;
use std::path::Path;

use engine::cards::{
    self, Asked, Cards, GivenPin, OnCard, Pin, PinSource, PinState, Token, Tries, Whose,
};
use engine::control::{Request, Response, ask};
use engine::identities::Place;
use jiff::Timestamp;
use mail::Address;
use secrecy::SecretString;
use serde::Serialize;
use settings::{Language, Settings};
use zeroize::Zeroizing;

use super::identity::account;
use super::{Failure, LanguageArgument, Outcome, open_vault, say, say_json, wait};

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Lists cards in readers with the certificates on them, and card software that is installed.
    List {
        /// Prints a line of JSON for each card, and for each installed module that is not used.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        language: LanguageArgument,
    },
    /// Registers a certificate on a card: the account signs with it from now on. No PIN is needed.
    Add {
        /// The account's address; may be left out where there is one account.
        address: Option<String>,
        /// Which key, as `list` prints it (pkcs11:...); needed where several certificates fit.
        #[arg(long, value_name = "URI")]
        key: Option<String>,
        #[command(flatten)]
        language: LanguageArgument,
    },
    /// Gives the running Zorgzegel the PIN: what waits for the card is signed and sent.
    Unlock {
        /// The account's address; may be left out where there is one account.
        address: Option<String>,
        /// The address in From, where the account signs mail from it with another card.
        #[arg(long, value_name = "ADDRESS")]
        from: Option<String>,
        #[command(flatten)]
        pin: PinArgument,
    },
    /// Lets the running Zorgzegel forget that cards were unlocked.
    Lock,
}

/// How the PIN comes in.
#[derive(Debug, Clone, Copy, clap::Args)]
pub(crate) struct PinArgument {
    /// Reads the card's PIN from standard input, one line; else it is asked for.
    #[arg(long)]
    pin_stdin: bool,
}

/// `zorgzegel identity card`.
pub(crate) fn run(settings: &Settings, command: &Command) -> Result<Outcome, Failure> {
    match command {
        Command::List { json, language } => list(settings, *json, language.or(settings)),
        Command::Add { address, key, language } => {
            let address = account(settings, address.as_deref())?;
            add(settings, &address, key.as_deref(), language.or(settings))
        }
        Command::Unlock { address, from, pin } => {
            let account = account(settings, address.as_deref())?;
            let parsed = |text: &String| Address::parse(text).map_err(Failure::usage);
            let from = from.as_ref().map(parsed).transpose()?;
            unlock(settings, Whose::Account { account, from }, *pin)
        }
        Command::Lock => match wait(ask(&settings.data_dir, &Request::LockCards))?? {
            Response::Locked => {
                say("elke pas vraagt weer om de pincode")?;
                Ok(Outcome::Holds)
            }
            other => refused(other),
        },
    }
}

/// A card, or why a module shows none.
#[derive(Serialize)]
#[serde(untagged)]
enum Listed<'a> {
    Card {
        module: &'a Path,
        #[serde(flatten)]
        token: &'a Token,
        summaries: Vec<Option<cades::CertificateSummary>>,
    },
    Trouble {
        module: &'a Path,
        trouble: String,
    },
    Offer {
        offer: cards::Offer,
    },
}

fn list(settings: &Settings, json: bool, language: Language) -> Result<Outcome, Failure> {
    let dutch = language == Language::Dutch;
    let pick = |nl: &'static str, en: &'static str| if dutch { nl } else { en };
    for (module, tokens) in cards::of(settings).list() {
        let module = module.as_path();
        match tokens {
            Ok(tokens) if json => {
                for token in &tokens {
                    let summaries = token.certificates.iter().map(summary).collect();
                    say_json(&Listed::Card { module, token, summaries })?;
                }
            }
            Ok(tokens) => {
                if tokens.is_empty() {
                    let none = pick("geen pas in een lezer", "no card in a reader");
                    say(format_args!("{}: {none}", module.display()))?;
                }
                tokens.iter().try_for_each(|token| tell(token, dutch))?;
            }
            Err(error) if json => {
                say_json(&Listed::Trouble { module, trouble: error.to_string() })?;
            }
            Err(error) => {
                let sentence = if dutch { error.nl() } else { error.en() };
                say(format_args!("{}: {sentence}", module.display()))?;
            }
        }
    }
    let unused = cards::offered();
    for offer in unused.into_iter().filter(|one| !settings.cards.modules.contains(&one.module)) {
        if json {
            say_json(&Listed::Offer { offer })?;
        } else {
            let how = pick(
                "geïnstalleerd, niet in gebruik; zet het bij [cards] modules om het te gebruiken",
                "installed, not used; add it to [cards] modules to use it",
            );
            say(format_args!("{} ({}): {how}", offer.name, offer.module.display()))?;
        }
    }
    Ok(Outcome::Holds)
}

fn summary(on_card: &OnCard) -> Option<cades::CertificateSummary> {
    cades::describe(on_card.chain.first()?).ok()
}

fn tell(token: &Token, dutch: bool) -> Result<(), Failure> {
    let pick = |nl: &'static str, en: &'static str| if dutch { nl } else { en };
    let pin = match token.pin {
        PinState::Ready(Tries::Unknown) => "",
        PinState::Ready(Tries::Few) => pick("  (nog enkele pogingen)", "  (a few tries left)"),
        PinState::Ready(Tries::Last) => pick("  (nog één poging)", "  (one try left)"),
        PinState::Locked => pick("  (geblokkeerd)", "  (locked)"),
        PinState::ToSet => pick("  (pincode nog instellen)", "  (PIN not set)"),
        PinState::AtReader => pick("  (pincode op de lezer)", "  (PIN at the reader)"),
    };
    say(format_args!("{}  {}  {} {}{pin}", token.label, token.serial, token.maker, token.model))?;
    for on_card in &token.certificates {
        let Some(summary) = summary(on_card) else { continue };
        let addresses = match summary.addresses.as_slice() {
            [] => pick("geen mailadres", "no mail address").to_owned(),
            some => some.join(","),
        };
        let (key, subject) = (&summary.key, &summary.subject);
        say(format_args!("    {addresses}  {key}  {subject}\n        {}", on_card.place))?;
    }
    Ok(())
}

fn add(
    settings: &Settings,
    address: &Address,
    key: Option<&str>,
    language: Language,
) -> Result<Outcome, Failure> {
    let words = |error: &dyn Words| match language {
        Language::Dutch => error.nl(),
        Language::English => error.en(),
    };
    let now = Timestamp::now();
    let (mut seen, mut trouble) = (Vec::new(), None);
    for (_, tokens) in cards::of(settings).list() {
        match tokens {
            Ok(tokens) => seen.extend(tokens.into_iter().flat_map(|token| token.certificates)),
            // It hides no card of another module; where none fits it may be why.
            Err(error) => trouble = Some(error),
        }
    }
    let fits = |one: &OnCard| match key {
        Some(key) => one.place.to_string() == key,
        None => {
            let own = one.chain.first().map(Vec::as_slice).unwrap_or_default();
            cades::may_sign_for(own, address, now).is_ok()
        }
    };
    let mut fitting: Vec<OnCard> = seen.into_iter().filter(fits).collect();
    let only = match (fitting.pop(), fitting.is_empty()) {
        (Some(only), true) => only,
        (None, _) => {
            if let Some(error) = trouble {
                return Err(Failure::failed(words(&error)));
            }
            return Err(Failure::failed(format!(
                "no certificate on a card fits {address}; see `zorgzegel identity card list`"
            )));
        }
        _ => {
            return Err(Failure::usage(
                "several certificates fit; name one by --key, see `zorgzegel identity card list`",
            ));
        }
    };
    let vault = open_vault(settings)?;
    let added = cards::add(&vault, address, &only, now);
    let id = added.map_err(|error| Failure::failed(words(&error)))?;
    say(format_args!(
        "identiteit {id} voor {address} geregistreerd; de sleutel blijft op de pas {}.\n\
         Geef na het starten de pincode: zorgzegel identity card unlock",
        only.place.label
    ))?;
    Ok(Outcome::Holds)
}

/// An error with a sentence in each language.
trait Words {
    fn nl(&self) -> String;
    fn en(&self) -> String;
}

impl Words for cards::CardError {
    fn nl(&self) -> String {
        self.nl()
    }

    fn en(&self) -> String {
        self.to_string()
    }
}

impl Words for cards::CardsError {
    fn nl(&self) -> String {
        self.nl()
    }

    fn en(&self) -> String {
        self.to_string()
    }
}

fn unlock(settings: &Settings, whose: Whose, pin: PinArgument) -> Result<Outcome, Failure> {
    let request = Request::Card { whose: whose.clone() };
    let card = match wait(ask(&settings.data_dir, &request))?? {
        Response::Card(card) => card,
        other => return refused(other),
    };
    let pin = match card.pin {
        PinState::Ready(tries) => pin.source().pin(&Asked { label: card.label, tries }),
        PinState::AtReader => {
            let (nl, en) = at_reader(&card.label);
            warn(&format!("{nl}\n{en}"));
            None
        }
        // The engine says what is to be done.
        PinState::Locked | PinState::ToSet => None,
    };
    let request = Request::UnlockCard { whose, pin };
    match wait(ask(&settings.data_dir, &request))?? {
        Response::Unlocked(unlocked) => {
            let label = unlocked.label;
            match unlocked.held {
                cards::Held::For(time) => say(format_args!(
                    "de pas {label} is ontgrendeld, ten hoogste {} minuten",
                    time.as_secs().div_ceil(60)
                ))?,
                cards::Held::Once => {
                    say(format_args!("de pas {label} is ontgrendeld voor één handtekening"))?;
                }
            }
            Ok(Outcome::Holds)
        }
        other => refused(other),
    }
}

/// Where the PIN is given at the reader, none is asked for here.
fn at_reader(label: &str) -> (String, String) {
    (
        format!("Geef de pincode van {label} op de toetsen van de kaartlezer."),
        format!("Give the PIN of {label} on the keys of the card reader."),
    )
}

/// What a person must know before the card's last try is used up.
fn tries_left(tries: Tries) -> Option<(&'static str, &'static str)> {
    match tries {
        Tries::Unknown => None,
        Tries::Few => Some((
            "Er zijn nog maar enkele pogingen; kijk goed na.",
            "Only a few tries are left; look it up first.",
        )),
        Tries::Last => Some((
            "Nog één poging: een foute pincode blokkeert de pas.",
            "One try is left: a wrong PIN locks the card.",
        )),
    }
}

fn warn(text: &str) {
    use std::io::Write as _;
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

fn refused(response: Response) -> Result<Outcome, Failure> {
    match response {
        Response::Refused { why } => {
            warn(&format!("zorgzegel: {why}"));
            Ok(Outcome::Not)
        }
        _ => Err(Failure::failed("the running Zorgzegel answered something else")),
    }
}

/// The cards for a command that signs by itself, unlocked where the account signs with one.
pub(super) fn unlocked(
    settings: &Settings,
    vault: &vault::Vault,
    (account, from): (&Address, Option<&Address>),
    pin: PinArgument,
) -> Result<Cards, Failure> {
    let cards = cards::of(settings);
    let now = Timestamp::now();
    let identity = vault.signing_identity(account, from, now)?;
    if matches!(identity.place, Place::Card { .. }) {
        // What is wrong with the card, unlocking it says.
        if let Ok(card) = cards::stands(&cards, &identity)
            && matches!(card.pin, PinState::AtReader)
        {
            let (nl, en) = at_reader(&card.label);
            warn(&format!("{nl}\n{en}"));
        }
        cards::unlock(vault, &cards, (account, from), &*pin.source(), now)
            .map_err(Failure::failed)?;
    }
    Ok(cards)
}

impl PinArgument {
    fn source(self) -> Box<dyn PinSource> {
        if self.pin_stdin {
            let mut line = Zeroizing::new(String::with_capacity(LINE));
            let read = std::io::stdin().lock().read_line(&mut line);
            let pin = Pin::new(SecretString::from(line.as_str()));
            return Box::new(Warned(GivenPin(read.is_ok_and(|count| count > 0).then_some(pin))));
        }
        Box::new(Warned(Terminal))
    }
}

/// Says first how few tries are left.
struct Warned<S>(S);

impl<S: PinSource> PinSource for Warned<S> {
    fn pin(&self, asked: &Asked) -> Option<Pin> {
        if let Some((nl, en)) = tries_left(asked.tries) {
            warn(&format!("{}: {nl}\n{}: {en}", asked.label, asked.label));
        }
        self.0.pin(asked)
    }
}

/// Asks at the terminal; an empty answer is none.
struct Terminal;

impl PinSource for Terminal {
    fn pin(&self, asked: &Asked) -> Option<Pin> {
        let label = &asked.label;
        let typed = rpassword::prompt_password(format!("Pincode (PIN) voor {label}: "));
        typed.ok().filter(|pin| !pin.is_empty()).map(|pin| Pin::new(SecretString::from(pin)))
    }
}

/// A PIN is shorter, so that its buffer never grows and leaves a copy behind.
const LINE: usize = 256;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_try_is_announced_in_both_languages_and_a_fresh_card_is_not() {
        assert_eq!(tries_left(Tries::Unknown), None);
        let (nl, en) = tries_left(Tries::Last).unwrap();
        assert!(nl.contains("één poging") && nl.contains("blokkeert"), "{nl}");
        assert!(en.contains("One try") && en.contains("locks"), "{en}");
        assert_ne!(tries_left(Tries::Few), tries_left(Tries::Last));
        let (nl, en) = at_reader("pas");
        assert!(nl.contains("kaartlezer") && en.contains("card reader") && en.contains("pas"));
    }
}
