//! The message as EDIFACT MEDVRI, the free-text message that the systems of Dutch GPs read (Nictiz,
//! "Specificatie berichten 3i-project", version 3.BSN; syntax of ISO 9735, character set UNOA).
//!
//! Text only: attachments are named and not carried. Letters are kept in their case, as senders of this
//! message do, though level A of the character set names capitals only.

use std::borrow::Cow;

use copies::Format;
use mail::days;
use mail_parser::decoders::html::html_to_text;

use crate::{Filing, Papers};

/// Who sends and who gets it: the addresses of the carrier, or names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parties {
    /// The sender.
    pub sender: String,
    /// The receiver.
    pub receiver: String,
}

impl Parties {
    /// The addresses of the first author and the first recipient of the mail.
    #[must_use]
    pub fn of_mail(papers: &Papers<'_>) -> Self {
        let first =
            |all: &[copies::Person]| all.first().map(|one| one.address.clone()).unwrap_or_default();
        Self { sender: first(&papers.content.from), receiver: first(&papers.content.to) }
    }
}

/// The interchange, in ASCII, a segment a line.
#[must_use]
pub fn interchange(papers: &Papers<'_>, filing: &Filing, parties: &Parties) -> Vec<u8> {
    let reference = &reference(papers);
    let at = days::clocks().to_datetime(filing.date);
    let (sender, receiver) = (escaped(&parties.sender, 35), escaped(&parties.receiver, 35));
    let patient = &filing.patient;
    let born = patient.birth_date().map(|day| day.strftime("%Y:%m:%d").to_string());
    let bsn = patient.bsn().map(|bsn| format!("BSN{}", bsn.as_str()));
    let mut message = vec![
        format!("UNH+{reference}+MEDVRI:1"),
        format!("GGA+{}", escaped(&filing.author, 70)),
        format!("DET+{}+{}", at.strftime("%y:%m:%d"), at.strftime("%H:%M")),
        format!(
            "PID+{}++{}++{}",
            born.unwrap_or_default(),
            escaped(patient.name(), 30),
            bsn.unwrap_or_default()
        ),
    ];
    for line in lines(papers) {
        message.push(format!("TXT:1+{}", escaped(&line, usize::MAX)));
    }
    message.push(format!("GGO+{receiver}"));
    // The count has UNH and UNT in it (ISO 9735, segment UNT).
    message.push(format!("UNT+{}+{reference}", message.len() + 1));
    let head = format!(
        "UNB+UNOA:1+{sender}+{receiver}+{}:{}+{reference}",
        at.strftime("%y%m%d"),
        at.strftime("%H%M")
    );
    let tail = format!("UNZ+1+{reference}");
    let mut all = String::new();
    for segment in core::iter::once(head).chain(message).chain(core::iter::once(tail)) {
        all.push_str(&segment);
        all.push_str("'\r\n");
    }
    all.into_bytes()
}

/// The lines of the message: subject, text, attachments; at most 70 characters each.
fn lines(papers: &Papers<'_>) -> Vec<String> {
    let mut lines = wrapped(&papers.content.subject);
    lines.push(String::new());
    let start = lines.len();
    for body in &papers.content.plain {
        let text = match body.format {
            Format::Plain => Cow::Borrowed(body.text.as_str()),
            Format::Html => Cow::Owned(html_to_text(&body.text)),
        };
        for line in text.lines() {
            lines.extend(wrapped(line));
        }
    }
    if lines.iter().any(|line| line.contains(LOST)) {
        lines.splice(start..start, wrapped(SOME_LOST));
    }
    let names: Vec<&str> = papers.content.attachments.iter().map(|one| one.name.as_str()).collect();
    if !names.is_empty() {
        lines.push(String::new());
        lines.extend(wrapped(&format!("Bijlagen (niet in dit bericht): {}", names.join(", "))));
    }
    lines
}

/// One line in pieces of at most [`WIDTH`] characters, broken at blanks where there are any.
fn wrapped(line: &str) -> Vec<String> {
    let line = ascii(line);
    let mut pieces = Vec::new();
    let mut piece = String::new();
    for word in line.split(' ').filter(|word| !word.is_empty()) {
        let mut word = word;
        if !piece.is_empty() && piece.len() + 1 + word.len() > WIDTH {
            pieces.push(core::mem::take(&mut piece));
        }
        if !piece.is_empty() {
            piece.push(' ');
        }
        while word.len() > WIDTH {
            let (head, tail) = word.split_at(WIDTH);
            pieces.push(head.to_owned());
            word = tail;
        }
        piece.push_str(word);
    }
    pieces.push(piece);
    pieces
}

/// Without what the character set has not: accents go, quotes and dashes become plain ones, any other
/// letter is told as lost: a sign of a dose must not vanish.
fn ascii(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '\t' | '\u{a0}' => plain.push(' '),
            ' '..='~' => plain.push(letter),
            '\u{2018}' | '\u{2019}' => plain.push('\''),
            '\u{201c}' | '\u{201d}' | '\u{201e}' => plain.push('"'),
            '\u{2010}'..='\u{2015}' => plain.push('-'),
            '\u{2026}' => plain.push_str("..."),
            '\u{20ac}' => plain.push_str("EUR"),
            '\u{b5}' | '\u{3bc}' => plain.push('u'),
            '\u{b0}' => plain.push_str(" gr"),
            '\u{2212}' => plain.push('-'),
            '\u{2265}' => plain.push_str(">="),
            '\u{2264}' => plain.push_str("<="),
            '\u{2260}' => plain.push_str("<>"),
            '\u{b1}' => plain.push_str("+/-"),
            '\u{d7}' => plain.push('x'),
            '\u{f7}' | '\u{2044}' => plain.push('/'),
            '\u{b2}' => plain.push('2'),
            '\u{b3}' => plain.push('3'),
            '\u{bd}' => plain.push_str(" 1/2"),
            '\u{bc}' => plain.push_str(" 1/4"),
            '\u{be}' => plain.push_str(" 3/4"),
            '\u{2192}' => plain.push_str("->"),
            '\u{2022}' => plain.push('*'),
            '\u{df}' => plain.push_str("ss"),
            letter if letter.is_control() => {}
            letter => match BARE.iter().find(|(from, _)| from.contains(letter)) {
                Some((_, bare)) => plain.push(*bare),
                None => plain.push_str(LOST),
            },
        }
    }
    plain
}

/// Letters with accents, and what is left of them without.
const BARE: &[(&str, char)] = &[
    ("\u{e0}\u{e1}\u{e2}\u{e3}\u{e4}\u{e5}\u{101}\u{103}\u{105}", 'a'),
    ("\u{c0}\u{c1}\u{c2}\u{c3}\u{c4}\u{c5}\u{100}\u{102}\u{104}", 'A'),
    ("\u{e7}\u{107}\u{10d}", 'c'),
    ("\u{c7}\u{106}\u{10c}", 'C'),
    ("\u{e8}\u{e9}\u{ea}\u{eb}\u{113}\u{119}\u{11b}", 'e'),
    ("\u{c8}\u{c9}\u{ca}\u{cb}\u{112}\u{118}\u{11a}", 'E'),
    ("\u{11f}", 'g'),
    ("\u{ec}\u{ed}\u{ee}\u{ef}\u{12b}\u{131}", 'i'),
    ("\u{cc}\u{cd}\u{ce}\u{cf}\u{12a}\u{130}", 'I'),
    ("\u{142}", 'l'),
    ("\u{141}", 'L'),
    ("\u{f1}\u{144}\u{148}", 'n'),
    ("\u{d1}\u{143}\u{147}", 'N'),
    ("\u{f2}\u{f3}\u{f4}\u{f5}\u{f6}\u{f8}\u{14d}\u{151}", 'o'),
    ("\u{d2}\u{d3}\u{d4}\u{d5}\u{d6}\u{d8}\u{14c}\u{150}", 'O'),
    ("\u{159}", 'r'),
    ("\u{15b}\u{15f}\u{161}", 's'),
    ("\u{15a}\u{15e}\u{160}", 'S'),
    ("\u{163}\u{165}", 't'),
    ("\u{f9}\u{fa}\u{fb}\u{fc}\u{16b}\u{16f}\u{171}", 'u'),
    ("\u{d9}\u{da}\u{db}\u{dc}\u{16a}\u{16e}\u{170}", 'U'),
    ("\u{fd}\u{ff}", 'y'),
    ("\u{17a}\u{17c}\u{17e}", 'z'),
    ("\u{179}\u{17b}\u{17d}", 'Z'),
];

/// A value of at most so many characters in which nothing separates (ISO 9735: `?` releases the next).
fn escaped(value: &str, most: usize) -> String {
    let plain = ascii(value);
    plain.chars().take(most).fold(String::new(), |mut text, letter| {
        if matches!(letter, '?' | '+' | ':' | '\'') {
            text.push('?');
        }
        text.push(letter);
        text
    })
}

/// A reference of at most 14 letters and digits: the same message has the same one.
fn reference(papers: &Papers<'_>) -> String {
    let hash =
        aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, papers.identifier().as_bytes());
    copies::hex(&hash.as_ref()[..7]).to_uppercase()
}

/// Stands for a letter that the character set has not.
const LOST: &str = "[?]";
const SOME_LOST: &str = "Niet alle tekens konden worden overgenomen ([?]): zie de PDF.";
/// Characters of a line of text (TXT, an..70).
const WIDTH: usize = 70;

#[cfg(test)]
mod tests {
    use copies::Body;
    use proptest::prelude::*;

    use super::*;
    use crate::tests::{filing, papers};

    /// Segments, each with its elements: what a reader of EDIFACT makes of it.
    fn read(interchange: &[u8]) -> Vec<Vec<String>> {
        let text = core::str::from_utf8(interchange).unwrap().replace("'\r\n", "'");
        let (mut segments, mut elements, mut element) = (Vec::new(), Vec::new(), String::new());
        let mut letters = text.chars();
        while let Some(letter) = letters.next() {
            match letter {
                '?' => element.push(letters.next().unwrap()),
                '+' => elements.push(core::mem::take(&mut element)),
                '\'' => {
                    elements.push(core::mem::take(&mut element));
                    segments.push(core::mem::take(&mut elements));
                }
                other => element.push(other),
            }
        }
        assert!(element.is_empty() && elements.is_empty(), "it ends with a segment");
        segments
    }

    fn parties() -> Parties {
        Parties { sender: "Huisarts 't Zand".to_owned(), receiver: "HIS".to_owned() }
    }

    fn made(subject: &str, text: &str) -> Vec<Vec<String>> {
        let mut kept = papers(subject);
        kept.content.plain = vec![Body { format: Format::Plain, text: text.to_owned() }];
        read(&interchange(&kept.papers(), &filing(), &parties()))
    }

    #[test]
    fn signs_of_a_dose_are_kept_and_what_is_lost_is_said() {
        let text: Vec<String> = made("x", "RR \u{2265} 140, \u{2212}2,5, \u{bd} tablet")
            .into_iter()
            .filter(|segment| segment[0] == "TXT:1")
            .map(|mut segment| segment.remove(1))
            .collect();
        assert_eq!(text[2], "RR >= 140, -2,5, 1/2 tablet");
        let lost = made("x", "\u{5d0}");
        let all: String = lost.iter().flatten().map(String::as_str).collect();
        assert!(all.contains("Niet alle tekens") && all.contains("[?]"));
    }

    #[test]
    fn by_default_the_parties_are_the_addresses_of_the_mail() {
        let mut kept = papers("x");
        kept.content.from[0].name = "Huisartsenpraktijk De Lange Naam in het Dorp".to_owned();
        let parties = Parties::of_mail(&kept.papers());
        assert_eq!(parties.sender, "a@huisarts.test");
        assert_eq!(parties.receiver, "b@ziekenhuis.test");
        kept.content.from.clear();
        assert_eq!(Parties::of_mail(&kept.papers()).sender, "");
    }

    #[test]
    fn the_date_is_that_of_a_dutch_clock() {
        let mut late = filing();
        late.date = "2026-11-26T23:30:00Z".parse().unwrap();
        let segments = read(&interchange(&papers("x").papers(), &late, &parties()));
        assert_eq!(segments[3][1..3], ["26:11:27", "00:30"]);
    }

    #[test]
    fn of_html_the_text_is_told() {
        let mut kept = papers("x");
        kept.content.plain = vec![Body { format: Format::Html, text: "<p>a&amp;b</p>".to_owned() }];
        let segments = read(&interchange(&kept.papers(), &filing(), &parties()));
        assert!(segments.iter().any(|segment| segment[0] == "TXT:1" && segment[1] == "a&b"));
    }

    #[test]
    fn a_message_is_read_back_with_its_patient_and_text() {
        let segments = made("Uitslag: MRI knie", "Geachte coll\u{e9}ga,\n\nDit is 'n vraag? 1+1:2");
        let names: Vec<&str> =
            segments.iter().map(|segment| segment[0].split(':').next().unwrap()).collect();
        assert_eq!(names[..5], ["UNB", "UNH", "GGA", "DET", "PID"]);
        assert_eq!(names[names.len() - 3..], ["GGO", "UNT", "UNZ"]);
        assert_eq!(segments[0][2], "Huisarts 't Zand");
        assert_eq!(segments[4], ["PID", "1956:03:12", "", "A. de Vries", "", "BSN123456782"]);
        let text: Vec<&str> = segments
            .iter()
            .filter(|segment| segment[0] == "TXT:1")
            .map(|segment| segment[1].as_str())
            .collect();
        assert_eq!(
            text[..5],
            ["Uitslag: MRI knie", "", "Geachte collega,", "", "Dit is 'n vraag? 1+1:2"]
        );
        let counted: usize = segments[segments.len() - 2][1].parse().unwrap();
        assert_eq!(counted, segments.len() - 2, "UNB and UNZ are not counted");
    }

    proptest! {
        #[test]
        fn any_text_is_read_back_in_lines_of_seventy(subject in ".{0,90}", text in "(.|\n){0,300}") {
            let segments = made(&subject, &text);
            for segment in segments.iter().filter(|segment| segment[0] == "TXT:1") {
                prop_assert_eq!(segment.len(), 2);
                prop_assert!(segment[1].len() <= WIDTH && segment[1].is_ascii());
            }
            let words = |text: &str| ascii(text).replace(' ', "");
            let got: String = segments.iter().filter(|s| s[0] == "TXT:1" && s[1] != SOME_LOST).map(|s| words(&s[1])).collect();
            let sent = format!("{}{}", words(&subject), text.lines().map(words).collect::<String>());
            prop_assert!(got.starts_with(&sent), "{} / {}", got, sent);
        }
    }
}
