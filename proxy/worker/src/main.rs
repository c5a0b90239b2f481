//! `zorgzegel-worker`: reads documents of one message from standard input, says what is in them on
//! standard output, and ends. It is started by the engine; nobody else has a use for it.
//!
//! `zorgzegel-worker --copy` sets one message on pages; it has no file either, for its fonts lie in it.
//! `zorgzegel-worker --prove` says what the fence around it keeps out on this machine.

mod fence;

use std::io::{self, BufReader, Write};
use std::process::ExitCode;

use copies::Source;
use extract::{Bounds, Extract, File};
use mail::Message;
use worker::wire;

fn main() -> ExitCode {
    let task = std::env::args().nth(1);
    let done = match task.as_deref() {
        Some("--prove") => return prove(),
        Some(wire::COPY) => {
            fence::close();
            copy()
        }
        _ => {
            fence::close();
            serve()
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

fn serve() -> Result<(), wire::WireError> {
    let (files, mut bounds) = wire::read_request(&mut BufReader::new(io::stdin().lock()))?;
    let mut out = io::stdout().lock();
    for file in files {
        let answer = read(&file, &mut bounds);
        wire::write_answer(&mut out, &answer)?;
    }
    Ok(())
}

fn copy() -> Result<(), wire::WireError> {
    let (about, form, bytes) = wire::read_copy(&mut BufReader::new(io::stdin().lock()))?;
    let message = Message::new(bytes);
    let set = match typeset::pdf(&Source { message: &message, about: &about }, form) {
        Ok(bytes) => wire::Set::Pdf(bytes),
        Err(error) => wire::Set::Refused(error.to_string()),
    };
    Ok(wire::write_set(&mut io::stdout().lock(), &set)?)
}

/// Reads a file, and takes its text from what the next ones may give.
fn read(file: &File, bounds: &mut Bounds) -> Extract {
    let answer = extract::read(file, bounds);
    let text: usize = answer.pieces.iter().map(|piece| piece.text.len()).sum();
    bounds.text = bounds.text.saturating_sub(text);
    answer
}

/// What was tried behind the fence, and whether it was kept out.
fn prove() -> ExitCode {
    let told = fence::close();
    let own = std::env::current_exe();
    let file = own.and_then(std::fs::File::open).is_err();
    let network = std::net::TcpListener::bind("127.0.0.1:0").is_err();
    let program = std::process::Command::new("/bin/true").spawn().is_err();
    let word = |closed: bool| if closed { "closed" } else { "open" };
    let lines = [
        format!("files: {}", word(file)),
        format!("network: {}", word(network)),
        format!("programs: {}", word(program)),
        format!("memory: {}", word(told.memory)),
    ];
    let mut out = io::stdout().lock();
    for line in lines {
        if writeln!(out, "{line}").is_err() {
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}
