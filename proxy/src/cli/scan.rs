use std::io::{BufRead, Read};
use std::path::{Path, PathBuf};

use detect::{Detector, Field, Finding, Findings, Kind, Level, Options};
use mail::Message;
use serde::{Deserialize, Serialize};
use settings::Settings;

use super::{Failure, Outcome, say, say_json, settings_or_default};
use engine::{Workers, screen};

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Mail files; - is standard input.
    #[arg(required_unless_present = "jsonl", value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Reads {"id","subject","body"} a line from standard input, or from the one FILE, and prints
    /// {"id","health","score","spans"} a line.
    #[arg(long)]
    jsonl: bool,
    /// Prints JSON.
    #[arg(long)]
    json: bool,
}

/// A line of `--jsonl` input.
#[derive(Debug, Deserialize)]
struct Asked {
    id: serde_json::Value,
    #[serde(default)]
    subject: String,
    #[serde(default)]
    body: String,
}

/// A line of `--jsonl` output.
#[derive(Debug, Serialize)]
struct Answered<'a> {
    id: &'a serde_json::Value,
    health: bool,
    score: f32,
    spans: Vec<Span>,
}

/// A span in UTF-8 byte offsets.
#[derive(Debug, Serialize)]
struct Span {
    field: &'static str,
    start: usize,
    end: usize,
    #[serde(rename = "type")]
    kind: Kind,
}

#[derive(Debug, Serialize)]
struct Judged<'a> {
    file: String,
    #[serde(flatten)]
    evidence: &'a screen::Evidence,
    health: bool,
}

pub(crate) fn run(config: Option<&Path>, arguments: &Arguments) -> Result<Outcome, Failure> {
    let settings = settings_or_default(config)?;
    let detector = Detector::new(Options {
        threshold: settings.detect.threshold,
        certain: settings.detect.certain,
        own_terms: settings.detect.own_terms()?,
        staff: settings.detect.staff.clone(),
        ..Options::default()
    });
    if arguments.jsonl {
        return lines(&detector, arguments.files.first().map(PathBuf::as_path));
    }
    let workers = Workers::of_this_program();
    let asked = Scan { detector: &detector, workers: &workers, settings: &settings };
    for file in &arguments.files {
        asked.one(file, arguments.json)?;
    }
    Ok(Outcome::Holds)
}

fn lines(detector: &Detector, file: Option<&Path>) -> Result<Outcome, Failure> {
    let input: Box<dyn BufRead> = match file {
        Some(path) if path != Path::new("-") => {
            Box::new(std::io::BufReader::new(std::fs::File::open(path).map_err(|error| {
                Failure::failed(format!("{} cannot be read: {error}", path.display()))
            })?))
        }
        _ => Box::new(std::io::stdin().lock()),
    };
    for (number, line) in input.lines().enumerate() {
        let line = line?;
        if line.trim().is_empty() {
            continue;
        }
        let asked: Asked = serde_json::from_str(&line).map_err(|error| {
            Failure::usage(format!("line {}: not as --jsonl wants it: {error}", number + 1))
        })?;
        let pieces = [
            detect::Piece { field: Field::Subject, text: &asked.subject },
            detect::Piece { field: Field::Body, text: &asked.body },
        ];
        let Findings { score, health, findings, .. } = detector.judge(&pieces);
        let spans = findings.iter().map(span).collect();
        say_json(&Answered { id: &asked.id, health, score, spans })?;
    }
    Ok(Outcome::Holds)
}

fn span(finding: &Finding) -> Span {
    let field = if finding.piece == 0 { "subject" } else { "body" };
    Span { field, start: finding.start, end: finding.end, kind: finding.kind }
}

/// What every mail file of one call is judged with.
struct Scan<'a> {
    detector: &'a Detector,
    workers: &'a Workers,
    settings: &'a Settings,
}

impl Scan<'_> {
    fn one(&self, file: &Path, json: bool) -> Result<(), Failure> {
        let message = Message::new(read(file)?);
        let screening =
            screen::judge(self.detector, self.workers, self.settings.detect.unreadable, &message);
        let evidence = &screening.evidence;
        let held = evidence.why.is_some();
        let name = file.display().to_string();
        if json {
            return say_json(&Judged { file: name, evidence, health: held });
        }
        let verdict = if held { "wordt gevraagd / asked about" } else { "gaat door / passes" };
        let level = level(evidence.level);
        say(format_args!("{name}: {verdict} (score {:.2}, {level})", evidence.score))?;
        for mark in &evidence.marks {
            let (words, weight) = (mark.words.trim(), mark.weight);
            say(format_args!("  {:<13} {words} — {} ({weight:.2})", mark.place, mark.reason_nl))?;
        }
        for unread in &evidence.unread {
            let what = unread.name.as_deref().unwrap_or(&unread.content_type);
            say(format_args!("  {what}: kan niet in dit bestand kijken ({})", unread.reason))?;
        }
        Ok(())
    }
}

/// How sure it is, in both languages.
fn level(level: Level) -> &'static str {
    match level {
        Level::None => "geen gezondheidsgegevens / none",
        Level::Possible => "mogelijk gezondheidsgegevens / possible",
        Level::Certain => "zeker gezondheidsgegevens / certain",
    }
}

/// Reads a mail file, or standard input for `-`.
pub(super) fn read(file: &Path) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    if file == Path::new("-") {
        std::io::stdin().lock().read_to_end(&mut bytes)?;
        return Ok(bytes);
    }
    std::fs::read(file)
        .map_err(|error| Failure::failed(format!("{} cannot be read: {error}", file.display())))
}
