//! How long it takes to list and to find what is kept, and to seal and open it, where there is much.

use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use mail::Address;
use vault::archive::{ArchiveMeta, Direction, NewCopy, Query, Text};
use vault::{MemoryKeyring, Vault};

use super::{Failure, Row, row};

/// Copies: a practice that keeps twenty mails a working day has as many after twenty years.
const MANY: i64 = 100_000;
/// Copies a page, as the window asks for them.
const PAGE: usize = 50;

pub(super) fn rows() -> Result<Vec<Row>, Failure> {
    // In memory where the system has such a place: what is measured is the program and not a disk.
    let place = tempfile::Builder::new().tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir())?;
    let keyring = Arc::new(MemoryKeyring::new());
    let vault = Vault::open(place.path(), keyring.clone())?;
    let mut rows = sealed(&vault)?;
    let start = Instant::now();
    for number in 1..=MANY {
        keep(&vault, number)?;
    }
    let rate = MANY as f64 / start.elapsed().as_secs_f64();
    rows.push(row("copies kept one by one, in memory", format!("{rate:.0}/s"), ""));
    drop(vault);
    let by = |words: &str| Query { words: words.to_owned(), ..Query::default() };
    for (what, query) in [
        ("the first page of the archive", Query::default()),
        ("a search for a word that one mail in a thousand has", by("zeldzaam007")),
        ("a search for two words that most mails have", by("pati controle")),
        ("a search for one letter", by("p")),
        ("what was sent, one in a thousand", Query { direction: Some(Direction::Sent), ..by("") }),
        ("the first hour", Query { until: Some(moment(61)?), ..by("") }),
        (
            "a word that most have, in the first hour",
            Query { until: Some(moment(61)?), ..by("pati") },
        ),
    ] {
        // Opened anew: nothing of it is in memory but what the system keeps of files.
        let vault = Vault::open(place.path(), keyring.clone())?;
        let cold = page(&vault, &query)?;
        let mut times: Vec<Duration> =
            (0..9).map(|_| page(&vault, &query)).collect::<Result<_, _>>()?;
        times.sort_unstable();
        let warm = times.get(4).copied().unwrap_or_default();
        let figure = format!("{} ({} at first)", told(warm), told(cold));
        rows.push(row(&format!("{what}, of 100,000 copies"), figure, "<= 100 ms"));
    }
    let vault = Vault::open(place.path(), keyring)?;
    rows.push(row("20 pages of 100,000 copies", told(pages(&vault, 20)?), ""));
    Ok(rows)
}

/// A message of 30 MB, kept and read back.
fn sealed(vault: &Vault) -> Result<Vec<Row>, Failure> {
    let bytes: Vec<u8> = (0..30_000_000_u32).map(|one| (one.wrapping_mul(31) >> 3) as u8).collect();
    let meta = meta(0)?;
    let copy = NewCopy { bytes: &bytes, meta: &meta, text: &Text::EMPTY };
    let start = Instant::now();
    let id = vault.keep_received(copy, Timestamp::UNIX_EPOCH)?.ok_or("the message is not kept")?;
    let keeping = start.elapsed();
    let start = Instant::now();
    let read = vault.read_copy(id)?;
    let reading = start.elapsed();
    if read.bytes() != bytes {
        return Err("the copy came back as another".into());
    }
    let rate = |spent: Duration| format!("{:.0} MB/s", 30.0 / spent.as_secs_f64());
    Ok(vec![
        row("a message of 30 MB sealed and kept, in memory", rate(keeping), ">= 500 MB/s"),
        row("the same opened", rate(reading), ">= 500 MB/s"),
    ])
}

fn keep(vault: &Vault, number: i64) -> Result<(), Failure> {
    let meta = meta(number)?;
    let body = format!(
        "De patiënt kwam voor controle {number}. Bloeddruk {} mmHg, geen bijzonderheden, zeldzaam{:03} beleid.",
        110 + number % 60,
        number % 1_000
    );
    let text = Text {
        subject: meta.subject.clone(),
        people: format!("collega{} ziekenhuis.nl jan praktijk.nl", number % 200),
        body: body.clone(),
        files: String::new(),
    };
    let mail = format!("Subject: {}\r\n\r\n{body}\r\n", meta.subject);
    let copy = NewCopy { bytes: mail.as_bytes(), meta: &meta, text: &text };
    vault.keep_received(copy, meta.sent_at)?;
    Ok(())
}

/// A copy a minute.
fn moment(number: i64) -> Result<Timestamp, Failure> {
    Ok(Timestamp::from_second(1_000_000_000 + number * 60)?)
}

fn meta(number: i64) -> Result<ArchiveMeta, Failure> {
    Ok(ArchiveMeta {
        account: Address::parse("jan@praktijk.nl")?,
        direction: if number % 1_000 == 7 { Direction::Sent } else { Direction::Received },
        from: Some(Address::parse(&format!("collega{}@ziekenhuis.nl", number % 200))?),
        recipients: Vec::new(),
        subject: format!("Verslag {number}"),
        sent_at: moment(number)?,
        signed: false,
        attachments: Vec::new(),
        // As much as the way to one recipient leaves.
        proofs: vec![serde_json::json!({ "seen": "x".repeat(1_500) })],
    })
}

fn page(vault: &Vault, query: &Query) -> Result<Duration, Failure> {
    let start = Instant::now();
    let page = vault.find_copies(query, PAGE)?;
    let spent = start.elapsed();
    if page.copies.len() != PAGE {
        return Err(format!("a page of {} copies", page.copies.len()).into());
    }
    Ok(spent)
}

fn pages(vault: &Vault, count: usize) -> Result<Duration, Failure> {
    let mut query = Query::default();
    let start = Instant::now();
    for _ in 0..count {
        query.after = vault.find_copies(&query, PAGE)?.next;
    }
    Ok(start.elapsed())
}

fn told(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1_000.0)
}
