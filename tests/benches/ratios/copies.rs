//! How long a copy takes, from the engine's side: a process is started for each.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use copies::{About, Form, Language, Source};
use jiff::Timestamp;
use mail::Message;
use tests::zorgzegel::binary;
use worker::Workers;

use super::{Failure, Row, row};

pub(super) fn copied() -> Result<Vec<Row>, Failure> {
    let program = binary()?.with_file_name("zorgzegel-worker");
    let one = letter(12);
    let twenty = letter(600);
    let mut rows = Vec::new();
    let cold = set(&away(&program)?, &one)?;
    rows.push(row(
        "a copy as PDF of one page, the first of a program just installed",
        told(cold),
        "<= 300 ms",
    ));
    for (what, mail, goal) in [
        ("a copy as PDF of one page", &one, "<= 50 ms"),
        ("a copy as PDF of 20 pages", &twenty, "<= 500 ms"),
    ] {
        let mut times = Vec::new();
        for _ in 0..9 {
            times.push(set(&program, mail)?);
        }
        times.sort_unstable();
        rows.push(row(what, told(times.get(4).copied().unwrap_or_default()), goal));
    }
    let (message, about) = (Message::new(one), about());
    let start = Instant::now();
    copies::xml(&Source { message: &message, about: &about })?;
    rows.push(row("a copy as XML of one page", told(start.elapsed()), ""));
    Ok(rows)
}

/// A copy of the program that nobody has run yet.
fn away(program: &Path) -> Result<PathBuf, Failure> {
    let place = std::env::temp_dir().join(format!("bench-worker-{}", std::process::id()));
    std::fs::copy(program, &place)?;
    Ok(place)
}

fn set(program: &Path, mail: &[u8]) -> Result<Duration, Failure> {
    let (message, about) = (Message::new(mail.to_vec()), about());
    let workers = Workers::new(program.to_owned());
    let start = Instant::now();
    let pdf = workers.pdf(&Source { message: &message, about: &about })?;
    let spent = start.elapsed();
    if pdf.form != Form::Whole {
        return Err("the copy is a plainer one".into());
    }
    Ok(spent)
}

fn about() -> About {
    About::new("bench", Timestamp::UNIX_EPOCH, Language::Dutch)
}

fn told(time: Duration) -> String {
    format!("{:.0} ms", time.as_secs_f64() * 1_000.0)
}

/// A mail in HTML; fifty paragraphs make about two pages.
fn letter(paragraphs: usize) -> Vec<u8> {
    let text = "<p>De patiënt is vandaag op het <b>spreekuur</b> gezien en komt over twee weken terug voor controle van de bloeddruk.</p>";
    format!(
        "Subject: Verslag\r\nContent-Type: text/html; charset=utf-8\r\n\r\n{}",
        text.repeat(paragraphs)
    )
    .into_bytes()
}
