use std::io::{BufRead, Read};
use std::path::{Path, PathBuf};

use detect::{Detector, Field, Finding, Findings, Kind, Level, Options};
use mail::Message;
use serde::{Deserialize, Serialize};
use settings::Settings;

use super::{Failure, Outcome, complain, say, say_json, settings_or_default};
use engine::{Workers, screen};

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Mail files; - is standard input.
    #[arg(required_unless_present = "jsonl", value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Reads {"id","subject","body"} a line from standard input, or from the one FILE, and prints
    /// {"id","health","score","spans"} a line. A line that is not so is named on standard error, the
    /// others are judged, and the exit code is 2.
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
    subject: Option<String>,
    body: Option<String>,
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
        let input = input(arguments.files.first().map(PathBuf::as_path))?;
        return lines(&detector, input, |answered| say_json(answered));
    }
    let workers = Workers::of_this_program();
    let asked = Scan { detector: &detector, workers: &workers, settings: &settings };
    for file in &arguments.files {
        asked.one(file, arguments.json)?;
    }
    Ok(Outcome::Holds)
}

fn input(file: Option<&Path>) -> Result<Box<dyn BufRead>, Failure> {
    match file {
        Some(path) if path != Path::new("-") => {
            let file = std::fs::File::open(path).map_err(|error| {
                Failure::failed(format!("{} cannot be read: {error}", path.display()))
            })?;
            Ok(Box::new(std::io::BufReader::new(file)))
        }
        _ => Ok(Box::new(std::io::stdin().lock())),
    }
}

/// Judges each line by itself: one that is not as it should be is named on stderr, and the others are
/// judged all the same, so that one bad line costs nobody a long run.
fn lines(
    detector: &Detector,
    input: impl BufRead,
    mut answer: impl FnMut(&Answered<'_>) -> Result<(), Failure>,
) -> Result<Outcome, Failure> {
    let mut bad = 0_usize;
    for (number, line) in input.split(b'\n').enumerate() {
        let asked = match asked(number, &line?) {
            Ok(Some(asked)) => asked,
            Ok(None) => continue,
            Err(error) => {
                complain(format_args!("line {}: not as --jsonl wants it: {error}", number + 1))?;
                bad += 1;
                continue;
            }
        };
        let pieces = [
            detect::Piece { field: Field::Subject, text: asked.subject.as_deref().unwrap_or("") },
            detect::Piece { field: Field::Body, text: asked.body.as_deref().unwrap_or("") },
        ];
        let Findings { score, health, findings, .. } = detector.judge(&pieces);
        let spans = findings.iter().map(span).collect();
        answer(&Answered { id: &asked.id, health, score, spans })?;
    }
    match bad {
        0 => Ok(Outcome::Holds),
        count => Err(Failure::usage(format!(
            "{count} of the lines are not as --jsonl wants them, and got no answer; the others were judged"
        ))),
    }
}

/// What a line asks; a blank one asks nothing. Programs on Windows write a byte order mark before the
/// first line (RFC 8259 section 8.1: a parser may ignore it).
fn asked(number: usize, line: &[u8]) -> serde_json::Result<Option<Asked>> {
    let marked = line.strip_prefix("\u{feff}".as_bytes()).filter(|_| number == 0);
    let line = marked.unwrap_or(line).trim_ascii();
    if line.is_empty() {
        return Ok(None);
    }
    serde_json::from_slice(line).map(Some)
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
            say(format_args!(
                "  {:<13} {words} — {} / {} ({weight:.2})",
                mark.place, mark.reason_nl, mark.reason_en
            ))?;
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

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str = r#"{"id":"a","subject":"Uitslag","body":"BSN 123456782, dhr. Jansen, CVA"}"#;

    fn judged(input: &[u8]) -> (Vec<serde_json::Value>, Result<Outcome, Failure>) {
        let mut answers = Vec::new();
        let outcome = lines(&Detector::new(Options::default()), input, |answered| {
            answers.push(serde_json::to_value(answered)?);
            Ok(())
        });
        (answers, outcome)
    }

    #[test]
    fn a_field_that_is_null_counts_as_absent() {
        let (answers, outcome) = judged(br#"{"id":1,"subject":null,"body":null}"#);
        assert_eq!(outcome.unwrap(), Outcome::Holds);
        assert_eq!((&answers[0]["id"], &answers[0]["health"]), (&1.into(), &false.into()));
    }

    #[test]
    fn a_byte_order_mark_stands_before_the_first_line_only() {
        let (marked, outcome) = judged(format!("\u{feff}{LINE}\r\n\r\n{LINE}").as_bytes());
        assert_eq!((marked.len(), outcome.unwrap()), (2, Outcome::Holds));
        assert_eq!(marked[0], marked[1], "the mark moves no span");
        let (answers, outcome) = judged(format!("{LINE}\n\u{feff}{LINE}").as_bytes());
        assert_eq!(answers.len(), 1);
        assert!(matches!(outcome, Err(Failure::Usage(_))));
    }

    #[test]
    fn lines_after_a_bad_one_are_judged_and_the_run_says_so() {
        let bad: [&[u8]; 3] = [b"{\"subject\":\"no id\"}", b"[", b"{\"id\":2,\"body\":\"\xff\"}"];
        for bad in bad {
            let (answers, outcome) = judged(&[bad, b"\n", LINE.as_bytes()].concat());
            assert_eq!(answers.len(), 1, "{}", bad.escape_ascii());
            let Err(Failure::Usage(told)) = outcome else { panic!("{}", bad.escape_ascii()) };
            assert!(told.starts_with("1 of the lines"), "{told}");
        }
    }
}
