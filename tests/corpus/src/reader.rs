use std::path::{Path, PathBuf};

use detect::Kind;

use crate::CorpusError;

/// A half of the corpus.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Half {
    /// For looking at, tuning and training.
    Develop,
    /// For measuring only.
    Test,
}

/// How much reading it takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Difficulty {
    /// A reader in a hurry sees it.
    Easy,
    /// It takes reading.
    Hard,
}

/// A labelled mail.
#[derive(Debug, Clone)]
pub struct Mail {
    /// Its id, unique in both halves.
    pub id: String,
    /// The file that it stands in, which is one writer's.
    pub writer: String,
    /// It tells of the health or care of someone.
    pub health: bool,
    /// How much reading it takes.
    pub difficulty: Difficulty,
    /// Its texts have labels.
    pub labelled: bool,
    /// The subject.
    pub subject: Text,
    /// The body as text; of HTML what a reader sees.
    pub body: Text,
    /// The names of its files.
    pub files: Vec<Text>,
}

/// A text and its labels.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Text {
    /// The text without the marks of the labels.
    pub text: String,
    /// In the order of the text.
    pub labels: Vec<Label>,
}

/// A labelled stretch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Label {
    /// The first byte.
    pub start: usize,
    /// Behind the last byte.
    pub end: usize,
    /// What it is.
    pub kind: Kind,
}

/// Reads a half from its folder.
///
/// # Errors
/// A file that cannot be read, or the first mail that breaks the rules.
pub fn read(half: Half) -> Result<Vec<Mail>, CorpusError> {
    let name = match half {
        Half::Develop => "develop",
        Half::Test => "test",
    };
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    let failed = |error| CorpusError::File { path: folder.clone(), error };
    let mut files: Vec<PathBuf> = std::fs::read_dir(&folder)
        .map_err(failed)?
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| path.extension().is_some_and(|end| end == "txt"))
        .collect();
    files.sort();
    let mut out = Vec::new();
    for path in files {
        let text = std::fs::read_to_string(&path)
            .map_err(|error| CorpusError::File { path: path.clone(), error })?;
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        let writer = stem.split('-').next().unwrap_or_default().to_owned();
        let mut mails = format!("\n{text}");
        mails.push('\n');
        for mail in mails.split("\n=== ").skip(1) {
            out.push(parse(mail, &writer)?);
        }
    }
    Ok(out)
}

fn parse(text: &str, writer: &str) -> Result<Mail, CorpusError> {
    let (id, rest) = text.split_once('\n').unwrap_or((text, ""));
    let id = id.trim().to_owned();
    let wrong = |what: &str| CorpusError::Mail { mail: id.clone(), what: what.to_owned() };
    let (head, body) = rest.split_once("\n\n").unwrap_or((rest, ""));
    let (mut health, mut difficulty, mut html, mut labels) = (None, None, false, true);
    let (mut subject, mut files) = (Text::default(), Vec::new());
    for line in head.lines() {
        let (field, value) =
            line.split_once(':').ok_or_else(|| wrong("a field without a colon"))?;
        match (field, value.trim()) {
            ("health", "yes") => health = Some(true),
            ("health", "no") => health = Some(false),
            ("difficulty", "easy") => difficulty = Some(Difficulty::Easy),
            ("difficulty", "hard") => difficulty = Some(Difficulty::Hard),
            ("format", "html") => html = true,
            ("labels", "none") => labels = false,
            ("from" | "lang", _) => {}
            ("subject", value) => subject = labelled(value, &id)?,
            ("file", value) => files.push(labelled(value, &id)?),
            (field, value) => return Err(wrong(&format!("the field {field}: {value}"))),
        }
    }
    let body = body.trim_end();
    let body = if html { seen(body, &id)? } else { labelled(body, &id)? };
    Ok(Mail {
        writer: writer.to_owned(),
        health: health.ok_or_else(|| wrong("no `health`"))?,
        difficulty: difficulty.ok_or_else(|| wrong("no `difficulty`"))?,
        labelled: labels,
        subject,
        body,
        files,
        id,
    })
}

/// Takes the labels out of a text.
fn labelled(text: &str, id: &str) -> Result<Text, CorpusError> {
    unmark(&mark(text, id)?, id)
}

/// What a reader sees of HTML, through the product's own room for it.
fn seen(html: &str, id: &str) -> Result<Text, CorpusError> {
    let marked = mark(html, id)?;
    let head = "Content-Type: text/html; charset=utf-8\r\n\r\n";
    let message = mail::Message::new(format!("{head}{marked}").into_bytes());
    let read = extract::extract(&message, &extract::Limits::default());
    let body = read.pieces.into_iter().find(|piece| piece.origin == extract::Origin::Body);
    unmark(&body.map(|piece| piece.text).unwrap_or_default(), id)
}

/// `[[kind:text]]` with characters of private use for its marks, which survive every reading.
fn mark(text: &str, id: &str) -> Result<String, CorpusError> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, label)) = rest.split_once("[[") {
        let broken = || CorpusError::Mail {
            mail: id.to_owned(),
            what: format!("a broken label: [[{}", label.chars().take(30).collect::<String>()),
        };
        let (inner, after) = label.split_once("]]").ok_or_else(broken)?;
        let (name, words) = inner.split_once(':').ok_or_else(broken)?;
        let at = KINDS.iter().position(|(kind, _)| *kind == name).ok_or_else(broken)?;
        if words.trim().is_empty() || words.contains('\n') || words.contains("[[") {
            return Err(broken());
        }
        out.push_str(before);
        out.extend(u32::try_from(at).ok().and_then(|at| char::from_u32(OPEN + at)));
        out.push_str(words);
        out.push(CLOSE);
        rest = after;
    }
    out.push_str(rest);
    Ok(out)
}

fn unmark(marked: &str, id: &str) -> Result<Text, CorpusError> {
    let mut out = Text::default();
    let mut open: Option<(usize, Kind)> = None;
    for char in marked.chars() {
        let at = usize::try_from(u32::from(char).wrapping_sub(OPEN)).unwrap_or(usize::MAX);
        if let Some((_, kind)) = KINDS.get(at) {
            open = Some((out.text.len(), *kind));
        } else if char == CLOSE {
            let (start, kind) = open.take().ok_or_else(|| CorpusError::Mail {
                mail: id.to_owned(),
                what: "a label without its beginning".to_owned(),
            })?;
            out.labels.push(Label { start, end: out.text.len(), kind });
        } else {
            out.text.push(char);
        }
    }
    Ok(out)
}

const KINDS: [(&str, Kind); 8] = [
    ("bsn", Kind::Bsn),
    ("dob", Kind::Dob),
    ("name", Kind::Name),
    ("address", Kind::Address),
    ("patient_number", Kind::PatientNumber),
    ("phone", Kind::Phone),
    ("email", Kind::Email),
    ("medical", Kind::Medical),
];
/// The first of the characters that open a label, one for each kind.
const OPEN: u32 = 0xe000;
/// The character that closes a label.
const CLOSE: char = '\u{e00f}';

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn both() -> Vec<Mail> {
        [read(Half::Develop).unwrap(), read(Half::Test).unwrap()].concat()
    }

    #[test]
    fn no_id_and_no_body_stands_twice() {
        let mut ids = HashSet::new();
        let mut bodies = HashSet::new();
        for mail in both() {
            assert!(ids.insert(mail.id.clone()), "{}", mail.id);
            let body = format!("{}\n{}", mail.subject.text, mail.body.text);
            let words: Vec<&str> = body.split_whitespace().collect();
            assert!(bodies.insert(words.join(" ").to_lowercase()), "{}", mail.id);
        }
    }

    #[test]
    fn the_corpus_is_as_large_and_as_mixed_as_its_readme_says() {
        let mails = both();
        let of = |health, difficulty| {
            let is = |mail: &&Mail| mail.health == health && mail.difficulty == difficulty;
            mails.iter().filter(is).count()
        };
        let harmless = of(false, Difficulty::Easy) + of(false, Difficulty::Hard);
        assert!(mails.len() >= 500, "{}", mails.len());
        assert!(harmless * 5 > mails.len() * 2 && harmless * 5 < mails.len() * 3);
        assert!(of(false, Difficulty::Hard) * 2 >= harmless);
        assert!(of(true, Difficulty::Hard) >= 100);
    }

    #[test]
    fn labels_of_citizen_service_numbers_hold_nine_digits_or_eight() {
        for mail in both() {
            for label in mail.body.labels.iter().filter(|label| label.kind == Kind::Bsn) {
                let words = &mail.body.text[label.start..label.end];
                let digits = words.chars().filter(char::is_ascii_digit).count();
                assert!((8..=9).contains(&digits), "{}: {words}", mail.id);
            }
        }
    }

    #[test]
    fn labels_are_taken_out_of_text_and_of_html() {
        let text = labelled("Dag [[name:Jan]], [[bsn:1]]", "a").unwrap();
        assert_eq!(text.text, "Dag Jan, 1");
        assert_eq!(text.labels[0], Label { start: 4, end: 7, kind: Kind::Name });
        let html = seen("<p>Dag&nbsp;[[name:Jan]]</p><b>[[dob:1-1-1950]]</b>", "a").unwrap();
        assert_eq!(html.labels.len(), 2);
        assert_eq!(&html.text[html.labels[1].start..html.labels[1].end], "1-1-1950");
        for broken in ["[[name:]]", "[[x:y]]", "[[name:a", "[[name:a [[dob:1]]]]"] {
            assert!(labelled(broken, "a").is_err(), "{broken}");
        }
    }
}
