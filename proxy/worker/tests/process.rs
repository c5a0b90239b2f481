//! The program itself, and programs that behave as a broken one would.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use copies::{About, CopyError, Form, Language, Source, Why};
use extract::{File, Limits, Reason};
use mail::Message;
use worker::{Patience, Pdf, Workers};

const PROGRAM: &str = env!("CARGO_BIN_EXE_zorgzegel-worker");

fn file(name: &str, text: &str) -> File {
    File {
        after: 0,
        name: Some(name.to_owned()),
        content_type: "text/plain".to_owned(),
        encoded: text.len() as u64,
        bytes: text.as_bytes().to_vec(),
    }
}

fn three() -> [File; 3] {
    [file("a.txt", "BSN 123456782"), file("b.txt", "CVA"), file("c.txt", "astma")]
}

/// What is said of each file: its text, or the reason why there is none.
fn told(workers: &Workers, files: &[File]) -> Vec<Result<String, Reason>> {
    let answers = workers.read(files);
    assert_eq!(answers.len(), files.len());
    let one = |answer: extract::Extract| match answer.opaque.first() {
        Some(opaque) => Err(opaque.reason),
        None => Ok(answer.pieces.iter().map(|piece| piece.text.as_str()).collect()),
    };
    answers.into_iter().map(one).collect()
}

/// A program that is a script of the shell.
fn script(folder: &tempfile::TempDir, lines: &str) -> PathBuf {
    let (draft, path) = (folder.path().join("draft"), folder.path().join("worker"));
    fs::write(&draft, format!("#!/bin/sh\n{lines}\n")).unwrap();
    fs::set_permissions(&draft, fs::Permissions::from_mode(0o700)).unwrap();
    // By another process: a child that is begun meanwhile has this one's files open, and what is open for writing
    // cannot be run.
    assert!(Command::new("cp").arg(&draft).arg(&path).status().unwrap().success());
    path
}

#[test]
fn each_file_has_its_answer() {
    let workers = Workers::new(PROGRAM.into());
    let expected = ["BSN 123456782", "CVA", "astma"].map(|text| Ok(text.to_owned()));
    assert_eq!(told(&workers, &three()), expected);
    assert_eq!(told(&workers, &[]), []);
}

#[test]
fn files_larger_than_a_pipe_go_over_in_both_directions() {
    let long = "lange tekst met woorden ".repeat(200_000);
    let said = told(&Workers::new(PROGRAM.into()), &[file("a.txt", &long), file("b.txt", &long)]);
    assert_eq!(said, [Ok(long.clone()), Ok(long)]);
}

#[test]
fn the_fence_keeps_files_network_and_programs_out() {
    let said = Command::new(PROGRAM).arg("--prove").env_clear().output().unwrap();
    let said = String::from_utf8(said.stdout).unwrap();
    let closed = "files: closed\nnetwork: closed\nprograms: closed\nmemory: closed\n";
    assert!(!cfg!(target_os = "linux") || said == closed, "{said}");
}

#[test]
fn a_program_that_is_not_there_crashes_or_speaks_nonsense_is_an_answer_for_each_file() {
    let folder = tempfile::tempdir().unwrap();
    let unread = [Err(Reason::Unread), Err(Reason::Unread), Err(Reason::Unread)];
    let absent = Workers::new("/nowhere/zorgzegel-worker".into());
    assert_eq!(told(&absent, &three()), unread);
    for lines in ["exit 0", "kill -9 $$", "exec /bin/cat", "echo '{}'", "echo '{\"pieces\":["] {
        let broken = Workers::new(script(&folder, lines));
        assert_eq!(told(&broken, &three()), unread, "{lines}");
    }
}

#[test]
fn what_was_read_before_a_crash_is_kept_and_the_files_after_it_get_another() {
    let folder = tempfile::tempdir().unwrap();
    let answer = r#"{"pieces":[{"origin":"body","text":"x"}],"opaque":[],"references":[],"claims_nta":false}"#;
    let workers = Workers::new(script(&folder, &format!("echo '{answer}'\nkill -9 $$")));
    let said = told(&workers, &three());
    assert_eq!(said, [Ok("x".to_owned()), Err(Reason::Unread), Ok("x".to_owned())]);
}

#[test]
fn a_program_that_does_not_end_is_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let patience = Patience { work: Duration::from_millis(300), ..Patience::default() };
    for lines in ["exec /bin/sleep 60", "while :; do :; done"] {
        let begun = Instant::now();
        let late = Workers::new(script(&folder, lines)).with_patience(patience);
        assert_eq!(told(&late, &three()), [const { Err(Reason::TooSlow) }; 3], "{lines}");
        assert!(begun.elapsed() < Duration::from_secs(50), "{lines}");
    }
}

#[test]
fn the_files_behind_a_slow_one_get_another_program() {
    let folder = tempfile::tempdir().unwrap();
    let workers = fails_first(&folder, 1, "exec sleep 600");
    let said = told(&workers, &three());
    assert_eq!(said, [Err(Reason::TooSlow), Ok("CVA".to_owned()), Ok("astma".to_owned())]);
}

#[test]
fn a_slow_file_keeps_what_was_read_before_it_and_the_last_has_all_the_time_that_is_left() {
    let folder = tempfile::tempdir().unwrap();
    let answer = r#"{"pieces":[{"origin":"body","text":"x"}],"opaque":[],"references":[],"claims_nta":false}"#;
    let path = script(&folder, &format!("echo '{answer}'\nexec /bin/sleep 600"));
    let patience = Patience { work: Duration::from_secs(30), ..Patience::default() };
    let said = told(&Workers::new(path).with_patience(patience), &three());
    assert_eq!(said, [Ok("x".to_owned()), Err(Reason::TooSlow), Ok("x".to_owned())]);
}

#[test]
fn an_answer_without_end_is_none() {
    let folder = tempfile::tempdir().unwrap();
    let patience = Patience { work: Duration::from_secs(5), ..Patience::default() };
    let flood = Workers::new(script(&folder, "exec /bin/cat /dev/zero")).with_patience(patience);
    assert!(told(&flood, &three()[..1])[0].is_err());
}

#[test]
fn memory_has_an_end_that_is_an_answer() {
    let bounds = extract::Bounds {
        file: usize::MAX >> 1,
        ratio: usize::MAX >> 24,
        unpacked: u64::MAX >> 1,
        text: usize::MAX >> 1,
        ..extract::Bounds::default()
    };
    let patience = Patience { work: Duration::from_secs(120), ..Patience::default() };
    let greedy = Workers::new(PROGRAM.into()).with_bounds(bounds).with_patience(patience);
    // 700 MiB of text are unpacked, and then copied once more.
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    for _ in 0..700 {
        std::io::Write::write_all(&mut encoder, &[b'a'; 1024 * 1024]).unwrap();
    }
    let mut bomb = file("bom.gz", "");
    bomb.bytes = encoder.finish().unwrap();
    let said = told(&greedy, &[bomb, file("b.txt", "CVA")]);
    assert!(matches!(said[0], Err(Reason::Unread | Reason::TooSlow)), "{:?}", said[0].is_ok());
    assert!(said[1].is_ok() || said[0] == Err(Reason::TooSlow));
}

#[test]
fn a_message_keeps_its_own_text_whatever_becomes_of_its_documents() {
    let message = Message::new(
        b"Subject: a\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nBSN 123456782\r\n--b\r\n\
        Content-Type: application/pdf; name=x.pdf\r\n\r\nno\r\n--b--\r\n"
            .to_vec(),
    );
    let absent = Workers::new("/nowhere/zorgzegel-worker".into());
    let extract = absent.extract(&message, &Limits::default());
    assert!(extract.pieces.iter().any(|piece| piece.text.contains("BSN 123456782")));
    assert_eq!(extract.opaque[0].reason, Reason::Unread);
    assert!(extract.opaque[0].document);
}

fn known() -> About {
    About::new("test", "2026-11-23T10:00:00Z".parse().unwrap(), Language::Dutch)
}

fn copied(workers: &Workers, mail: &str) -> Result<Pdf, CopyError> {
    let message = Message::new(mail.as_bytes().to_vec());
    workers.pdf(&Source { message: &message, about: &known() })
}

const MAIL: &str = "Subject: a\r\nContent-Type: text/html\r\n\r\n<p>HbA1c is <b>58</b></p>\r\n";

#[test]
fn a_copy_is_set_behind_the_fence() {
    let pdf = copied(&Workers::new(PROGRAM.into()), MAIL).unwrap();
    assert_eq!(pdf.form, Form::Whole);
    assert!(pdf.bytes.starts_with(b"%PDF-1.7"));
}

#[test]
fn a_message_of_thirty_megabytes_is_set_behind_the_fence() {
    let line = "TWFuIGlzIGRpc3Rpbmd1aXNoZWQsIG5vdCBvbmx5IGJ5IGhpcyByZWFzb24sIGJ1dCBieSB0aGlz\r\n";
    let mail = format!(
        "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nzie bijlage\r\n--b\r\nContent-Type: image/dicom; name=a.dcm\r\n\
        Content-Transfer-Encoding: base64\r\nContent-Disposition: attachment\r\n\r\n{}--b--\r\n",
        line.repeat(30 * 1024 * 1024 / line.len())
    );
    let patience = Patience { work: Duration::from_secs(120), ..Patience::default() };
    let pdf = copied(&Workers::new(PROGRAM.into()).with_patience(patience), &mail).unwrap();
    assert_eq!(pdf.form, Form::Whole);
    assert!(pdf.bytes.len() > 50_000_000, "message and file: {}", pdf.bytes.len());
}

/// A program that fails as told as often as told, and then is the real one.
fn fails_first(folder: &tempfile::TempDir, times: usize, how: &str) -> Workers {
    let runs = format!(
        "n=$(cat runs 2>/dev/null || echo 0)\nif [ \"$n\" -lt {times} ]; then echo $((n+1)) > runs; {how}; fi"
    );
    let path = script(folder, &format!("PATH=/bin:/usr/bin\n{runs}\nexec {PROGRAM} \"$@\""));
    Workers::new(path)
        .with_patience(Patience { work: Duration::from_secs(30), ..Patience::default() })
}

#[test]
fn a_crash_or_a_time_out_gives_a_plainer_copy_that_says_so() {
    for (times, how, form) in [
        (1, "kill -9 $$", Form::Plain(Why::Broke)),
        (1, "echo hello; exit 0", Form::Plain(Why::Broke)),
        (2, "kill -9 $$", Form::Bare(Why::Broke)),
        (1, "exec sleep 60", Form::Plain(Why::TooMuch)),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let pdf = copied(&fails_first(&folder, times, how), MAIL).unwrap();
        assert_eq!(pdf.form, form, "{how}");
        assert!(pdf.form.notice(Language::Dutch).is_some());
    }
    let folder = tempfile::tempdir().unwrap();
    let never = copied(&fails_first(&folder, 3, "kill -9 $$"), MAIL).unwrap_err();
    assert!(matches!(never, CopyError::Pdf(_)), "{never}");
    let absent = copied(&Workers::new("/nowhere/zorgzegel-worker".into()), MAIL).unwrap_err();
    assert!(matches!(absent, CopyError::NoWorker(_)), "{absent}");
}
