//! What goes through the pipes.

use std::io::{self, Read, Write};

use extract::{Bounds, Extract, File};
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
    let header = serde_json::to_vec(&header)?;
    let length = u32::try_from(header.len()).map_err(io::Error::other)?;
    out.write_all(&length.to_le_bytes())?;
    out.write_all(&header)?;
    for file in files {
        out.write_all(&file.bytes)?;
    }
    out.flush()
}

/// Reads a request.
///
/// # Errors
/// [`WireError`] where it is cut short, or not one of ours.
pub fn read_request(input: &mut impl Read) -> Result<(Vec<File>, Bounds), WireError> {
    let mut length = [0; 4];
    input.read_exact(&mut length)?;
    let length = u32::from_le_bytes(length) as usize;
    if length > HEADER {
        return Err(WireError::TooLarge);
    }
    let mut header = vec![0; length];
    input.read_exact(&mut header)?;
    let header: Header = serde_json::from_slice(&header)?;
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
    fn an_answer_comes_over_as_it_went_and_nonsense_is_none() {
        let answer = Extract { claims_nta: true, ..Extract::default() };
        let mut pipe = Vec::new();
        write_answer(&mut pipe, &answer).unwrap();
        assert_eq!(parse_answer(&pipe), Some(answer));
        assert_eq!(parse_answer(b"{}"), None);
        assert_eq!(parse_answer(b"hello"), None);
    }
}
