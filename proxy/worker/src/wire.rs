//! What goes through the pipes.

use std::io::{self, BufRead, Read, Write};

use copies::{About as Known, Form, Source};
use extract::{Bounds, Extract, File};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// A request that cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WireError {
    /// The pipe ended or broke.
    #[error("the pipe to the worker broke")]
    Pipe(#[from] io::Error),
    /// The header is not what we write.
    #[error("a request to the worker cannot be read")]
    Header(#[from] serde_json::Error),
    /// The request says that it is larger than any message may be.
    #[error("a request to the worker is too large")]
    TooLarge,
}

#[derive(Serialize, Deserialize)]
struct Header {
    bounds: Bounds,
    files: Vec<About>,
}

#[derive(Serialize, Deserialize)]
struct About {
    name: Option<String>,
    content_type: String,
    encoded: u64,
    size: usize,
}

/// Writes a request: the length of the header in four bytes, the header, the files.
///
/// # Errors
/// The pipe's, for instance because the worker ended.
pub fn write_request(out: &mut impl Write, files: &[File], bounds: &Bounds) -> io::Result<()> {
    let about = files.iter().map(|file| About {
        name: file.name.clone(),
        content_type: file.content_type.clone(),
        encoded: file.encoded,
        size: file.bytes.len(),
    });
    let header = Header { bounds: *bounds, files: about.collect() };
    write_header(out, &header)?;
    for file in files {
        out.write_all(&file.bytes)?;
    }
    out.flush()
}

/// The length of a header in four bytes, and the header.
fn write_header(out: &mut impl Write, header: &impl Serialize) -> io::Result<()> {
    let header = serde_json::to_vec(header)?;
    let length = u32::try_from(header.len()).map_err(io::Error::other)?;
    out.write_all(&length.to_le_bytes())?;
    out.write_all(&header)
}

/// What [`write_header`] wrote, within its bound.
fn read_header<T: DeserializeOwned>(input: &mut impl Read) -> Result<T, WireError> {
    let mut length = [0; 4];
    input.read_exact(&mut length)?;
    let length = u32::from_le_bytes(length) as usize;
    if length > HEADER {
        return Err(WireError::TooLarge);
    }
    let mut header = vec![0; length];
    input.read_exact(&mut header)?;
    Ok(serde_json::from_slice(&header)?)
}

/// Reads a request.
///
/// # Errors
/// [`WireError`] where it is cut short, or not one of ours.
pub fn read_request(input: &mut impl Read) -> Result<(Vec<File>, Bounds), WireError> {
    let header: Header = read_header(input)?;
    let mut left = FILES;
    let mut files = Vec::new();
    for about in header.files {
        left = left.checked_sub(about.size).ok_or(WireError::TooLarge)?;
        let mut bytes = vec![0; about.size];
        input.read_exact(&mut bytes)?;
        let About { name, content_type, encoded, .. } = about;
        files.push(File { after: 0, name, content_type, encoded, bytes });
    }
    Ok((files, header.bounds))
}

/// Writes the answer for one file: a line.
///
/// # Errors
/// The pipe's.
pub fn write_answer(out: &mut impl Write, answer: &Extract) -> io::Result<()> {
    serde_json::to_writer(&mut *out, answer)?;
    out.write_all(b"\n")?;
    out.flush()
}

/// Reads the answer for one file; `None` where the line is none.
#[must_use]
pub fn parse_answer(line: &[u8]) -> Option<Extract> {
    serde_json::from_slice(line).ok()
}

/// The argument that asks for a copy.
pub const COPY: &str = "--copy";

#[derive(Serialize, Deserialize)]
struct CopyHeader {
    about: Known,
    form: Form,
    size: usize,
}

/// What became of a copy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Set {
    /// The file.
    Pdf(Vec<u8>),
    /// Why there is none.
    Refused(String),
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum SetLine {
    Pdf { size: usize },
    Refused { why: String },
}

/// Writes what a copy is made of: the length of the header in four bytes, the header, the message.
///
/// # Errors
/// The pipe's, for instance because the worker ended.
pub fn write_copy(out: &mut impl Write, source: &Source<'_>, form: Form) -> io::Result<()> {
    let message = source.message.bytes();
    let header = CopyHeader { about: source.about.clone(), form, size: message.len() };
    write_header(out, &header)?;
    out.write_all(message)?;
    out.flush()
}

/// Reads what a copy is made of: what is known, the form, the message.
///
/// # Errors
/// [`WireError`] where it is cut short, or not one of ours.
pub fn read_copy(input: &mut impl Read) -> Result<(Known, Form, Vec<u8>), WireError> {
    let CopyHeader { about, form, size } = read_header(input)?;
    if size > FILES {
        return Err(WireError::TooLarge);
    }
    let mut message = vec![0; size];
    input.read_exact(&mut message)?;
    Ok((about, form, message))
}

/// Writes what became of a copy: a line, and the file.
///
/// # Errors
/// The pipe's.
pub fn write_set(out: &mut impl Write, set: &Set) -> io::Result<()> {
    let (line, bytes) = match set {
        Set::Pdf(bytes) => (SetLine::Pdf { size: bytes.len() }, bytes.as_slice()),
        Set::Refused(why) => (SetLine::Refused { why: why.clone() }, [].as_slice()),
    };
    serde_json::to_writer(&mut *out, &line)?;
    out.write_all(b"\n")?;
    out.write_all(bytes)?;
    out.flush()
}

/// Reads what became of a copy. A file that is cut short, or none, is an error.
///
/// # Errors
/// The pipe's; [`io::ErrorKind::InvalidData`] where it is not ours.
pub fn read_set(input: &mut impl BufRead) -> io::Result<Set> {
    let mut line = Vec::new();
    input.take(LINE).read_until(b'\n', &mut line)?;
    let odd = || io::Error::from(io::ErrorKind::InvalidData);
    match serde_json::from_slice(&line).map_err(|_| odd())? {
        SetLine::Refused { why } => Ok(Set::Refused(why)),
        SetLine::Pdf { size } => {
            if size as u64 > PDF {
                return Err(odd());
            }
            let mut bytes = Vec::new();
            input.take(size as u64).read_to_end(&mut bytes)?;
            let whole = bytes.len() == size
                && bytes.starts_with(b"%PDF-")
                && bytes.trim_ascii_end().ends_with(b"%%EOF");
            if whole { Ok(Set::Pdf(bytes)) } else { Err(odd()) }
        }
    }
}

/// Bytes of a copy with its line: twice the largest message and its pages.
pub const PDF: u64 = 512 * 1024 * 1024;
/// Bytes of the line before a copy.
const LINE: u64 = 64 * 1024;
/// Bytes of a header: two thousand parts with their names.
const HEADER: usize = 8 * 1024 * 1024;
/// Bytes of all files: a message's own bound is below it.
const FILES: usize = 256 * 1024 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str, bytes: &[u8]) -> File {
        File {
            after: 0,
            name: Some(name.to_owned()),
            content_type: "application/pdf".to_owned(),
            encoded: 7,
            bytes: bytes.to_vec(),
        }
    }

    #[test]
    fn a_request_comes_over_as_it_went() {
        let files = [file("a.pdf", b"\0\n\xff"), file("b.pdf", b"")];
        let mut pipe = Vec::new();
        write_request(&mut pipe, &files, &Bounds::default()).unwrap();
        let (read, bounds) = read_request(&mut pipe.as_slice()).unwrap();
        assert_eq!((read.as_slice(), bounds), (files.as_slice(), Bounds::default()));
        for end in 0..pipe.len() {
            assert!(read_request(&mut &pipe[..end]).is_err(), "cut at {end}");
        }
    }

    #[test]
    fn a_copy_comes_over_as_it_was_asked_for_and_made() {
        let known =
            Known::new("x", "2026-11-23T10:00:00Z".parse().unwrap(), copies::Language::Dutch);
        let message = mail::Message::new(b"Subject: a\r\n\r\n\0\xff".to_vec());
        let source = Source { message: &message, about: &known };
        let mut pipe = Vec::new();
        let form = Form::Plain(copies::Why::TooMuch);
        write_copy(&mut pipe, &source, form).unwrap();
        let read = read_copy(&mut pipe.as_slice()).unwrap();
        assert_eq!(read, (known, form, message.bytes().to_vec()));
        for end in 0..pipe.len() {
            assert!(read_copy(&mut &pipe[..end]).is_err(), "cut at {end}");
        }
        for set in [Set::Pdf(b"%PDF-1.7 \n\0 %%EOF".to_vec()), Set::Refused("x".to_owned())] {
            let mut pipe = Vec::new();
            write_set(&mut pipe, &set).unwrap();
            assert_eq!(read_set(&mut pipe.as_slice()).unwrap(), set);
            for end in 0..pipe.len() - 1 {
                assert!(read_set(&mut &pipe[..end]).is_err(), "cut at {end}");
            }
        }
    }

    #[test]
    fn an_answer_comes_over_as_it_went_and_nonsense_is_none() {
        let answer = Extract { claims_nta: true, ..Extract::default() };
        let mut pipe = Vec::new();
        write_answer(&mut pipe, &answer).unwrap();
        assert_eq!(parse_answer(&pipe), Some(answer));
        assert_eq!(parse_answer(b"{}"), None);
        assert_eq!(parse_answer(b"hello"), None);
    }
}
