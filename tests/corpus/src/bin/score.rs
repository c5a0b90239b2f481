//! Prints what the detector makes of the corpus, as a Markdown table: `make score`.
//!
//! `score --wrong` also lists what of the develop half was answered wrongly, `score --missed KIND` its labels
//! of that kind that were not met, and `score --extra KIND` its findings that touch no label.

use std::io::Write;

use corpus::{Difficulty, Figures, Half, Judged, figures, judge, read, spans};
use detect::{Detector, Kind, Options};

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let wrong = arguments.first().is_some_and(|argument| argument == "--wrong");
    let detector = Detector::new(Options::default());
    let mut out = std::io::stdout().lock();
    let (develop, test) = (read(Half::Develop)?, read(Half::Test)?);
    let (develop, test) = (judge(&detector, &develop), judge(&detector, &test));
    writeln!(out, "| what | develop | test | goal |\n| --- | --- | --- | --- |")?;
    for (what, goal, tell) in ROWS {
        writeln!(out, "| {what} | {} | {} | {goal} |", tell(&develop), tell(&test))?;
    }
    for (kind, name, goal) in KINDS {
        let tell = |judged: &[Judged<'_>]| {
            let spans = spans(judged, kind);
            format!("{:.2} of {} ({:.2})", spans.recall(), spans.labels, spans.precision())
        };
        writeln!(out, "| spans: {name} | {} | {} | {goal} |", tell(&develop), tell(&test))?;
    }
    if wrong {
        for one in develop.iter().filter(|one| one.mail.health != one.findings.health) {
            let kind = if one.mail.health { "missed" } else { "false" };
            writeln!(
                out,
                "{kind} {} {:?} {:.2}",
                one.mail.id, one.mail.difficulty, one.findings.score
            )?;
        }
    }
    if let [what, name] = arguments.as_slice()
        && let Some((kind, ..)) = KINDS.iter().find(|(_, known, _)| known == name)
    {
        for line in astray(&develop, *kind, what == "--extra") {
            writeln!(out, "{line}")?;
        }
    }
    Ok(())
}

/// Labels that were not met, or findings that touch none, with the words around them.
fn astray(judged: &[Judged<'_>], kind: Kind, extra: bool) -> Vec<String> {
    let mut out = Vec::new();
    for one in judged.iter().filter(|one| one.mail.labelled) {
        let texts = [&one.mail.subject, &one.mail.body].into_iter().chain(&one.mail.files);
        for (piece, text) in texts.enumerate() {
            for (start, end) in corpus::astray(text, &one.findings, (piece, kind), extra) {
                let from = text.text.floor_char_boundary(start.saturating_sub(25));
                let to = text.text.ceil_char_boundary((end + 25).min(text.text.len()));
                let tell =
                    |range| text.text.get::<std::ops::Range<usize>>(range).unwrap_or_default();
                let told = format!("{}[{}]{}", tell(from..start), tell(start..end), tell(end..to));
                out.push(format!("{} {}", one.mail.id, told.replace('\n', "/")));
            }
        }
    }
    out
}

type Tell = fn(&[Judged<'_>]) -> String;

const ROWS: [(&str, &str, Tell); 10] = [
    ("mails (with health information)", "", |all| {
        let of = figures(all);
        format!("{} ({})", all.len(), of.told + of.missed)
    }),
    ("F1", ">= 0.90", |all| format!("{:.3}", figures(all).f1())),
    ("F1, 95 % interval", "", |all| {
        let (low, high) = Figures::f1_interval(all);
        format!("{low:.3} to {high:.3}")
    }),
    ("precision", "", |all| format!("{:.3}", figures(all).precision())),
    ("recall", ">= 0.92", |all| format!("{:.3}", figures(all).recall())),
    ("false prompts", "<= 0.12", |all| format!("{:.3}", figures(all).false_share())),
    ("false prompts, easy mails", "<= 0.02", |all| {
        format!("{:.3}", of(all, Difficulty::Easy).false_share())
    }),
    ("F1, easy mails", "", |all| format!("{:.3}", of(all, Difficulty::Easy).f1())),
    ("F1, hard mails", ">= 0.78", |all| format!("{:.3}", of(all, Difficulty::Hard).f1())),
    ("recall, hard mails", "", |all| format!("{:.3}", of(all, Difficulty::Hard).recall())),
];

fn of(all: &[Judged<'_>], difficulty: Difficulty) -> Figures {
    figures(all.iter().filter(|one| one.mail.difficulty == difficulty))
}

const KINDS: [(Kind, &str, &str); 8] = [
    (Kind::Bsn, "bsn", ">= 0.98"),
    (Kind::Dob, "dob", ">= 0.92"),
    (Kind::Name, "name", ">= 0.80"),
    (Kind::Address, "address", ">= 0.85"),
    (Kind::PatientNumber, "patient_number", ">= 0.85"),
    (Kind::Phone, "phone", ">= 0.95"),
    (Kind::Email, "email", ">= 0.98"),
    (Kind::Medical, "medical", ">= 0.65"),
];
