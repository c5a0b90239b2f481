//! Speed, as ratios within one run: prints a Markdown table for the README.
//!
//! Absolute figures say more of the machine than of the program, and are given beside the ratios.

use std::io::Write;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use detect::{Detector, Field, Options as Detecting, Piece};
use jiff::Timestamp;
use mail::Message;
use tests::desktop::{App, Desk};
use tests::files;
use tests::imap::Imap;
use tests::raw::Raw;
use tests::zorgzegel::Options;
use tests::{Needs, PASSWORD, Port, SenderTls, Session, World, Zorgzegel};

#[path = "ratios/copies.rs"]
mod copied;
#[path = "ratios/kept.rs"]
mod kept;
#[path = "ratios/signed.rs"]
mod signed;

type Failure = Box<dyn std::error::Error + Send + Sync>;

fn main() -> Result<(), Failure> {
    // `cargo test --benches` asks for a mere sign of life.
    if std::env::args().any(|argument| argument == "--test") {
        return Ok(());
    }
    // Archive and copies alone need no world of servers.
    for (asked, rows) in [("kept", kept::rows as fn() -> _), ("copied", copied::copied)] {
        if std::env::args().any(|argument| argument == asked) {
            return told(rows()?);
        }
    }
    let world = World::start(Needs::ALL)?;
    if std::env::args().any(|argument| argument == "imap") {
        return told(retrieved(&world)?.into());
    }
    let session = Session::start()?;
    let product = Zorgzegel::start(&world, &session, Options::default())?;
    let mut rows = Vec::new();
    rows.push(idle_memory(&product)?);
    rows.extend(desktop(&world)?);
    rows.extend(relayed(&world, &product)?);
    rows.extend(retrieved(&world)?);
    rows.extend(held(&product)?);
    rows.push(attached(&product)?);
    rows.extend(scanned()?);
    rows.extend(signed::rows()?);
    rows.extend(copied::copied()?);
    rows.extend(kept::rows()?);
    told(rows)
}

fn told(rows: Vec<Row>) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "| what | figure | goal |\n| --- | --- | --- |")?;
    for [what, figure, goal] in rows {
        writeln!(out, "| {what} | {figure} | {goal} |")?;
    }
    Ok(())
}

type Row = [String; 3];

fn row(what: &str, figure: String, goal: &str) -> Row {
    [what.to_owned(), figure, goal.to_owned()]
}

/// A server to submit to.
#[derive(Clone)]
struct Target {
    at: SocketAddr,
    user: String,
    password: String,
}

fn relayed(world: &World, product: &Zorgzegel) -> Result<Vec<Row>, Failure> {
    let message = clean(20 * 1024);
    let direct = Target {
        at: world.provider()?.starttls,
        user: product.user().to_owned(),
        password: PASSWORD.to_owned(),
    };
    let through = Target {
        at: product.smtp()?,
        user: product.user().to_owned(),
        password: product.local_password().to_owned(),
    };
    let mut rows = Vec::new();
    for at_once in [1, 10] {
        // Interleaved, so that what else the machine does falls on both.
        let (mut slow, mut fast) = (Duration::ZERO, Duration::ZERO);
        for _ in 0..3 {
            fast += submissions(&direct, &message, 60, at_once)?;
            slow += submissions(&through, &message, 60, at_once)?;
        }
        let rate = |spent: Duration| 180.0 / spent.as_secs_f64();
        rows.push(row(
            &format!("clean mail of 20 KB, fresh connections, {at_once} at once"),
            format!(
                "{:.2}x the direct rate ({:.0}/s against {:.0}/s)",
                rate(slow) / rate(fast),
                rate(slow),
                rate(fast)
            ),
            ">= 0.90x",
        ));
    }
    Ok(rows)
}

fn submissions(
    target: &Target,
    message: &[u8],
    count: usize,
    at_once: usize,
) -> Result<Duration, Failure> {
    let left = AtomicUsize::new(count);
    let start = Instant::now();
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..at_once)
            .map(|_| {
                scope.spawn(|| {
                    while left
                        .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| {
                            left.checked_sub(1)
                        })
                        .is_ok()
                    {
                        submit(target, message)?;
                    }
                    Ok::<(), Failure>(())
                })
            })
            .collect();
        workers.into_iter().try_for_each(|worker| match worker.join() {
            Ok(done) => done,
            Err(_) => Err("a worker died".into()),
        })
    })?;
    Ok(start.elapsed())
}

/// IMAP: everything of a large mailbox, one command after another, and sessions that rest.
fn retrieved(world: &World) -> Result<[Row; 4], Failure> {
    let provider = world.provider()?;
    let session = Session::start()?;
    let address = "bench-imap@praktijk.test".to_owned();
    let text = clean(4 * 1024);
    let messages: Vec<Vec<u8>> = (0..5_000).map(|_| text.clone()).collect();
    provider.put(&address, &messages)?;
    let imap = Some(provider.imap_implicit);
    let options = Options { address, imap, identity: false, ..Options::default() };
    let product = Zorgzegel::start(world, &session, options)?;
    let (user, password) = (product.user(), product.local_password());
    let log_in = |at, login| Imap::log_in(at, SenderTls::Implicit, login);
    let mut ways = [
        log_in(provider.imap_implicit, (user, PASSWORD))?,
        log_in(product.imaps()?, (user, password))?,
    ];
    let mut spent = [[Duration::ZERO; 2]; 2];
    for way in &mut ways {
        way.ask("EXAMINE INBOX")?;
        way.say("FETCH 1:* (UID FLAGS BODY.PEEK[])")?;
    }
    // Interleaved, as above.
    for _ in 0..ROUNDS {
        for (way, [fetch, command]) in ways.iter_mut().zip(&mut spent) {
            let start = Instant::now();
            way.say("FETCH 1:* (UID FLAGS BODY.PEEK[])")?;
            *fetch += start.elapsed();
            let start = Instant::now();
            for _ in 0..COMMANDS {
                way.say("FETCH 1 FLAGS")?;
            }
            *command += start.elapsed();
        }
    }
    let [direct, through] = spent;
    let rate = |spent: Duration| 5_000.0 * f64::from(ROUNDS) / spent.as_secs_f64();
    let (slow, fast) = (rate(through[0]), rate(direct[0]));
    let added = through[1].as_secs_f64() - direct[1].as_secs_f64();
    let added = added * 1_000.0 / f64::from(ROUNDS * COMMANDS);
    let mut resting = Vec::new();
    for _ in 0..10 {
        let mut imap = log_in(product.imaps()?, (user, password))?;
        imap.ask("EXAMINE INBOX")?;
        imap.begin("IDLE")?;
        imap.line()?;
        resting.push(imap);
    }
    let pid = product.pid().ok_or("the product does not run")?;
    std::thread::sleep(IDLE);
    let before = ticks(pid)?;
    std::thread::sleep(IDLE);
    // A tick is 10 ms (USER_HZ).
    let share = ticks(pid)?.saturating_sub(before) as f64 / IDLE.as_secs_f64();
    let memory = megabytes(pid)?;
    drop(resting);
    let ratio = format!("{:.2}x the direct rate ({slow:.0}/s against {fast:.0}/s)", slow / fast);
    Ok([
        row("fetching 5,000 messages of 4 KB over IMAP", ratio, ">= 0.95x"),
        row("a command over IMAP: what we add", format!("{added:.2} ms"), "<= 2 ms"),
        row("memory with 10 IMAP sessions in IDLE", format!("{memory:.1} MB"), "<= 40 MB"),
        row("processor with 10 IMAP sessions in IDLE", format!("{share:.1} % of a core"), "<= 1 %"),
    ])
}

fn held(product: &Zorgzegel) -> Result<Vec<Row>, Failure> {
    let target = Target {
        at: product.smtp()?,
        user: product.user().to_owned(),
        password: product.local_password().to_owned(),
    };
    let mut rows = Vec::new();
    for (what, size, times) in [("20 KB", 20 * 1024, 15), ("30 MB", 30 * 1024 * 1024, 3)] {
        let mut spent = Vec::new();
        for number in 0..times {
            let start = Instant::now();
            let reply = submit(&target, &health(size, number))?;
            spent.push(start.elapsed());
            if !reply.contains("held as") {
                return Err(format!("not held: {reply}").into());
            }
        }
        spent.sort();
        let median = spent[spent.len() / 2];
        rows.push(row(
            &format!("health mail of {what}: connection to the fsynced 250"),
            format!("{:.0} ms (median)", median.as_secs_f64() * 1_000.0),
            "a MUA waits 60 s",
        ));
    }
    Ok(rows)
}

/// A mail of 30 MB as people send it: letters with photos, a sheet, a guideline, a zip of photos.
fn attached(product: &Zorgzegel) -> Result<Row, Failure> {
    let target = Target {
        at: product.smtp()?,
        user: product.user().to_owned(),
        password: product.local_password().to_owned(),
    };
    let prose = String::from_utf8(clean(200 * 1024))?;
    let photo = files::noise(6_500_000);
    let letter = files::docx_with(&prose, &photo);
    let cells = |row: usize| (0..6).map(|column| format!("waarde {row} {column}")).collect();
    let sheet = files::xlsx(&(0..20_000).map(cells).collect::<Vec<Vec<String>>>());
    let page: String = prose.lines().take(50).map(|line| format!("{line:.90}\n")).collect();
    let guideline = files::pdf(&page, 200);
    let evidence = files::docx("Mw. Jansen, geb. 12-03-1956, BSN 123456782, CVA");
    let photos = files::zip(&[("a.jpg", &photo), ("brief.docx", &evidence)]);
    let all: [(&str, &[u8]); 5] = [
        ("brief.docx", &letter),
        ("verslag.docx", &letter),
        ("lijst.xlsx", &sheet),
        ("richtlijn.pdf", &guideline),
        ("map.zip", &photos),
    ];
    let message = files::attached("Zie de bijlagen.", &all);
    let mut spent = Vec::new();
    for _ in 0..3 {
        let start = Instant::now();
        let reply = submit(&target, &message)?;
        spent.push(start.elapsed());
        if !reply.contains("held as") {
            return Err(format!("not held: {reply}").into());
        }
    }
    spent.sort();
    let size = message.len() as f64 / 1e6;
    Ok(row(
        &format!("health in a letter in a zip, in a mail of {size:.0} MB with five attachments"),
        format!("{:.0} ms (median)", spent[spent.len() / 2].as_secs_f64() * 1_000.0),
        "<= 2,000 ms",
    ))
}

fn scanned() -> Result<Vec<Row>, Failure> {
    let start = Instant::now();
    let detector = Detector::new(Detecting::default());
    let _ = detector.judge(&[Piece { field: Field::Body, text: "begin" }]);
    let begun = start.elapsed();
    let text = String::from_utf8(clean(8 * 1024 * 1024))?;
    let plain = judging(&detector, &text);
    let dense = judging(&detector, &corpus_text(8 * 1024 * 1024, |_| true)?);
    let doubtful = judging(&detector, &corpus_text(8 * 1024 * 1024, |mail| !mail.health)?);
    let message = Message::new(text.clone().into_bytes());
    let start = Instant::now();
    let extract = extract::extract(&message, &extract::Limits::default());
    let read = text.len() as f64 / 1e6 / start.elapsed().as_secs_f64();
    let note = format!("{read:.0} MB/s ({} pieces)", extract.pieces.len());
    let (memory, of) = scanning_memory(&corpus_text(30 * 1024 * 1024, |_| true)?)?;
    Ok(vec![
        row("judging plain text, one core", format!("{plain:.1} MB/s"), ">= 15 MB/s"),
        row(
            "judging text as dense as the corpus, one core",
            format!("{dense:.1} MB/s"),
            ">= 15 MB/s",
        ),
        row(
            "judging the mails of the corpus that are no health mail, read to their end, one core",
            format!("{doubtful:.1} MB/s"),
            ">= 15 MB/s",
        ),
        row("detector ready", format!("{:.0} ms", begun.as_secs_f64() * 1_000.0), "<= 100 ms"),
        row(
            "`zorgzegel scan` of 30 MB of dense text: most memory that was its own",
            format!("{memory:.0} MB over that of {of:.0} MB of text"),
            "<= 40 MB",
        ),
        row("reading text out of a message", note, ""),
    ])
}

/// MB/s over a text as one body.
fn judging(detector: &Detector, text: &str) -> f64 {
    let start = Instant::now();
    let findings = detector.judge(&[Piece { field: Field::Body, text }]);
    let spent = start.elapsed();
    std::hint::black_box(findings.findings.len());
    text.len() as f64 / 1e6 / spent.as_secs_f64()
}

/// Such mails of the corpus after one another, over and over: nearly every line is evidence.
fn corpus_text(size: usize, is: fn(&corpus::Mail) -> bool) -> Result<String, Failure> {
    let mut mails = corpus::read(corpus::Half::Develop)?;
    mails.retain(is);
    let mut text = String::with_capacity(size);
    for mail in mails.iter().cycle() {
        for piece in [&mail.subject.text, &mail.body.text] {
            text.push_str(piece);
            text.push('\n');
        }
        if text.len() >= size {
            break;
        }
    }
    Ok(text)
}

/// The most memory that `zorgzegel scan` held (VmHWM by `getrusage`), less one copy of the text.
fn scanning_memory(text: &str) -> Result<(f64, f64), Failure> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("mail.eml");
    std::fs::write(&file, [header(0).as_bytes(), text.as_bytes()].concat())?;
    let report = folder.path().join("report");
    // The shell's `time` of GNU tells the most memory of the one program that it ran.
    let _ = std::process::Command::new("/usr/bin/time")
        .args(["-f", "%M", "-o"])
        .arg(&report)
        .arg(tests::zorgzegel::binary()?)
        .arg("scan")
        .arg(&file)
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .status()?;
    let report = std::fs::read_to_string(&report)?;
    let kilobytes: f64 = report.lines().last().ok_or("no figure of time")?.trim().parse()?;
    let size = text.len() as f64 / 1e6;
    Ok((kilobytes / 1e3 - size, size))
}

fn rate<E: std::error::Error + Send + Sync + 'static>(
    mut operation: impl FnMut() -> Result<(), E>,
) -> Result<f64, Failure> {
    let start = Instant::now();
    let mut count = 0_u32;
    while start.elapsed() < Duration::from_secs(1) {
        operation()?;
        count += 1;
    }
    Ok(f64::from(count) / start.elapsed().as_secs_f64())
}

fn idle_memory(product: &Zorgzegel) -> Result<Row, Failure> {
    let pid = product.pid().ok_or("the product does not run")?;
    Ok(row("memory, idle after start", format!("{:.1} MB", megabytes(pid)?), "<= 25 MB"))
}

/// The desktop app as it starts with the computer: in the tray, without a window.
fn desktop(world: &World) -> Result<[Row; 2], Failure> {
    let session = Session::start()?;
    let desk = Desk::start(&session)?;
    let port = Port::take()?;
    let options = Options { port: port.number(), ..Options::default() };
    let product = Zorgzegel::prepare(world, &session, options)?;
    let config = product.config();
    let begin = Instant::now();
    let app = App::alone(&session, &["--hidden", "--config", &config.to_string_lossy()])?;
    desk.item()?;
    let start = begin.elapsed();
    std::thread::sleep(IDLE);
    let before = ticks(app.pid())?;
    std::thread::sleep(IDLE);
    let spent = ticks(app.pid())?.saturating_sub(before);
    // A tick is 10 ms (USER_HZ).
    let share = spent as f64 / IDLE.as_secs_f64();
    let idle = format!("{:.1} MB, {share:.1} % of a core", megabytes(app.pid())?);
    Ok([
        row("desktop app: start to tray", format!("{} ms", start.as_millis()), "<= 2000 ms"),
        row("desktop app: idle in the tray, no window", idle, "<= 1 % of a core"),
    ])
}

/// User and system time in ticks (proc(5), /proc/pid/stat, fields 14 and 15).
fn ticks(pid: u32) -> Result<u64, Failure> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"))?;
    let (_, fields) = stat.rsplit_once(')').ok_or("no /proc/pid/stat")?;
    let fields = fields.split_whitespace().skip(11).take(2).map(str::parse::<u64>);
    Ok(fields.collect::<Result<Vec<_>, _>>()?.into_iter().sum())
}

fn megabytes(pid: u32) -> Result<f64, Failure> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).ok_or("no VmRSS")?;
    let kilobytes: f64 = line.split_whitespace().nth(1).ok_or("no VmRSS")?.parse()?;
    Ok(kilobytes / 1024.0)
}

/// One submission on a connection of its own: STARTTLS, PLAIN, one recipient. Gives the last reply.
fn submit(target: &Target, message: &[u8]) -> Result<String, Failure> {
    let mut raw = Raw::log_in(target.at, &target.user, &target.password)?;
    raw.ask(&format!("MAIL FROM:<{}>", target.user), "250")?;
    raw.ask("RCPT TO:<bench@goed.test>", "250")?;
    raw.ask("DATA", "354")?;
    // One write, as a mail program does it: a small one behind it would wait for the peer's ACK.
    raw.write(&[message, b"\r\n.\r\n"].concat())?;
    let reply = raw.expect("250")?;
    raw.write(b"QUIT\r\n")?;
    Ok(reply)
}

fn header(number: usize) -> String {
    format!(
        "From: bench@praktijk.test\r\nTo: bench@goed.test\r\nSubject: nummer {number}\r\n\
         Message-ID: <{number}.{}@praktijk.test>\r\n\r\n",
        Timestamp::now().as_nanosecond()
    )
}

fn clean(size: usize) -> Vec<u8> {
    let line =
        "Zullen we donderdag overleggen over de planning van het nieuwe gebouw, na de lunch?\r\n";
    let mut message = header(0).into_bytes();
    while message.len() < size {
        message.extend_from_slice(line.as_bytes());
    }
    message.truncate(size);
    message
}

fn health(size: usize, number: usize) -> Vec<u8> {
    let mut message = header(number).into_bytes();
    message.extend_from_slice(b"BSN 123456782, dhr. Jansen, geb. 12-03-1956, CVA\r\n");
    // The body differs, or the duplicate guard would answer.
    message.extend_from_slice(format!("volgnummer {number}\r\n").as_bytes());
    let filler = clean(size);
    message.extend_from_slice(&filler[filler.len() / 2..]);
    while message.len() < size {
        message.extend_from_slice(&filler[200..(200 + 80 * 100).min(filler.len())]);
    }
    message
}

/// How often a mailbox is fetched, and commands given in between.
const ROUNDS: u32 = 5;
const COMMANDS: u32 = 200;
/// How long a program is looked at that does nothing.
const IDLE: Duration = Duration::from_secs(10);
