//! The recovery key, made and used.

use std::io::{BufRead, IsTerminal, Read};
use std::path::Path;

use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use settings::Settings;
use vault::Vault;

use super::super::{Failure, Outcome, say, system_keyring};

/// `archive recovery-key`: shows the words once.
pub(super) fn make(vault: &Vault) -> Result<Outcome, Failure> {
    let again = vault.has_recovery_key();
    let words = vault.make_recovery_key(Timestamp::now())?;
    let words: Vec<&str> = words.expose_secret().split(' ').collect();
    for (row, number) in words.chunks(WORDS_A_ROW).zip((1..).step_by(WORDS_A_ROW)) {
        let numbered: Vec<String> =
            row.iter().zip(number..).map(|(word, at)| format!("{at:2} {word:<14}")).collect();
        say(numbered.join(" ").trim_end())?;
    }
    say("Write these words down and keep them away from this computer. They are shown this once.")?;
    if again {
        say(
            "The words that were made before no longer open this folder as it is now. Together with an old copy of the file vault.recovery they still do: destroy old copies of it.",
        )?;
    }
    Ok(Outcome::Holds)
}

/// `archive restore`.
pub(super) fn restore(
    settings: &Settings,
    from: Option<&Path>,
    words_stdin: bool,
) -> Result<Outcome, Failure> {
    let from = from.unwrap_or(&settings.data_dir);
    let words = words(words_stdin)?;
    let keyring = system_keyring();
    let restored = archive::restore(from, &settings.data_dir, &words, keyring.as_ref())
        .map_err(Failure::failed)?;
    say(format_args!("{} opens again", settings.data_dir.display()))?;
    if restored == archive::Restored::Copy {
        say(
            "Messages that were still to be sent when the copy was made may have been sent since: they are not sent by themselves. Look whether they were, and choose again with `zorgzegel choose`, or withdraw.",
        )?;
    }
    say(
        "Passwords and private keys lay in the keyring alone: give the passwords of your accounts anew with `zorgzegel account add`, and import your identities again.",
    )?;
    Ok(Outcome::Holds)
}

fn words(stdin: bool) -> Result<SecretString, Failure> {
    let input = std::io::stdin();
    let mut text = String::new();
    if stdin {
        input.lock().take(LONGEST).read_to_string(&mut text)?;
    } else if input.is_terminal() {
        say("Type the 18 words of the recovery key, and then an empty line:")?;
        for line in input.lock().lines() {
            let line = line?;
            if line.trim().is_empty() {
                break;
            }
            text.push_str(&line);
            text.push('\n');
        }
    } else {
        return Err(Failure::usage("give the words on standard input with --words-stdin"));
    }
    Ok(SecretString::from(text))
}

const WORDS_A_ROW: usize = 6;
/// Eighteen words have less than 300 letters.
const LONGEST: u64 = 10_000;
