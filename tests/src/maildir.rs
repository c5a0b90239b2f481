//! What a real server stored, without the lines that it put on top.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// A message as Postfix's virtual(8) stored it in a Maildir.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// The reverse-path, without angle brackets; empty for the null reverse-path.
    pub reverse_path: String,
    /// The recipient.
    pub recipient: String,
    /// The one `Received` field that this server added, unfolded lines joined by a blank.
    pub received: String,
    /// The message as it came, with CRLF at each line end.
    ///
    /// The server keeps lines, so how a line ended in transit (only CRLF can end one) and whether
    /// the last line had an end are not known here: a line end is always there.
    pub message: Vec<u8>,
}

impl Stored {
    /// Takes a stored file apart: exactly `Return-Path`, `X-Original-To`, `Delivered-To` and one
    /// `Received` are taken off. `None` where the file does not begin with them.
    #[must_use]
    pub fn parse(file: &[u8]) -> Option<Self> {
        let mut rest = file;
        let reverse_path = field(&mut rest, "Return-Path: ")?;
        let _original = field(&mut rest, "X-Original-To: ")?;
        let recipient = field(&mut rest, "Delivered-To: ")?;
        let received = field(&mut rest, "Received: ")?;
        let reverse_path = reverse_path.trim_matches(['<', '>']).to_owned();
        Some(Self { reverse_path, recipient, received, message: crlf(rest) })
    }

    /// The name by which the server called itself in its `Received` field.
    #[must_use]
    pub fn by(&self) -> &str {
        let mut words = self.received.split_ascii_whitespace();
        words.find(|&word| word == "by").and_then(|_| words.next()).unwrap_or_default()
    }

    /// Did it come over TLS, by the server's own word?
    #[must_use]
    pub fn over_tls(&self) -> bool {
        let mut words = self.received.split_ascii_whitespace();
        // RFC 3848: ESMTPS and ESMTPSA; with SMTPUTF8 RFC 6531 section 4.3 has UTF8SMTPS, UTF8SMTPSA.
        words.any(|word| ["ESMTPS", "ESMTPSA", "UTF8SMTPS", "UTF8SMTPSA"].contains(&word))
    }
}

/// A Maildir that a server adds to. For whom a message is, is remembered: who waits for one asks again and again, and
/// reading all of many thousands each time would keep the machine from delivering it.
#[derive(Debug)]
pub(crate) struct Maildir {
    folder: PathBuf,
    known: Mutex<BTreeMap<File, String>>,
}

/// When it was delivered, and where it is.
type File = (Option<(u64, u32)>, PathBuf);

impl Maildir {
    pub(crate) fn new(folder: PathBuf) -> Self {
        Self { folder, known: Mutex::default() }
    }

    /// All messages, or those for this recipient, in the order in which they were delivered. A message being written
    /// is not among them.
    pub(crate) fn read(&self, recipient: Option<&str>) -> Vec<Stored> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        for path in self.files() {
            let at = delivered(&path.file_name().unwrap_or_default().to_string_lossy());
            let file = (at, path);
            if !known.contains_key(&file)
                && let Some(stored) = parsed(&file.1)
            {
                known.insert(file, stored.recipient);
            }
        }
        let wanted = known.iter().filter(|(_, to)| recipient.is_none_or(|one| one == *to));
        let wanted: Vec<PathBuf> = wanted.map(|((_, path), _)| path.clone()).collect();
        drop(known);
        wanted.iter().filter_map(|path| parsed(path)).collect()
    }

    fn files(&self) -> impl Iterator<Item = PathBuf> {
        let parts = ["new", "cur"].map(|part| fs::read_dir(self.folder.join(part)));
        parts.into_iter().flatten().flatten().flatten().map(|entry| entry.path())
    }
}

fn parsed(file: &Path) -> Option<Stored> {
    Stored::parse(&fs::read(file).ok()?)
}

/// Seconds and microseconds of a name as virtual(8) makes it: `1732000000.Vfe01I2f3aM123456.host`.
fn delivered(name: &str) -> Option<(u64, u32)> {
    let mut parts = name.split('.');
    let seconds = parts.next()?.parse().ok()?;
    let (_, micros) = parts.next()?.rsplit_once('M')?;
    Some((seconds, micros.parse().ok()?))
}

/// Takes off the first field, folded lines included, where it has this name.
fn field(rest: &mut &[u8], name: &str) -> Option<String> {
    let mut text = String::from_utf8_lossy(line(rest)?.strip_prefix(name.as_bytes())?).into_owned();
    while rest.first().is_some_and(|byte| b" \t".contains(byte)) {
        text.push(' ');
        text.push_str(String::from_utf8_lossy(line(rest)?).trim_start());
    }
    Some(text)
}

fn line<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let end = rest.iter().position(|&byte| byte == b'\n')?;
    let (line, after) = rest.split_at_checked(end)?;
    *rest = after.get(1..)?;
    Some(line)
}

/// LF becomes CRLF.
fn crlf(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() + text.len() / 32);
    for &byte in text {
        if byte == b'\n' {
            out.push(b'\r');
        }
        out.push(byte);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{Maildir, Stored, delivered};

    const FILE: &str = "Return-Path: <a@praktijk.test>\nX-Original-To: b@goed.test\n\
        Delivered-To: b@goed.test\nReceived: from x (unknown [127.0.0.1])\n\
        \tby mx.goed.test (Postfix) with ESMTPS id 1\n\tfor <b@goed.test>; now\n";

    #[test]
    fn takes_off_just_what_the_server_put_on_top() {
        let message = "Received: from elsewhere\nSubject: x\n\nReceived: y\n";
        let stored = Stored::parse(format!("{FILE}{message}").as_bytes()).expect("parsed");
        assert_eq!(stored.message, message.replace('\n', "\r\n").into_bytes());
        assert_eq!((stored.by(), stored.over_tls()), ("mx.goed.test", true));
        let envelope = (stored.reverse_path.as_str(), stored.recipient.as_str());
        assert_eq!(envelope, ("a@praktijk.test", "b@goed.test"));
    }

    #[test]
    fn a_name_says_when_it_was_delivered() {
        assert_eq!(delivered("1732000000.Vfe01I2f3aM98765.host"), Some((1_732_000_000, 98_765)));
        assert_eq!(delivered("1732000000.host"), None);
    }

    #[test]
    fn what_came_since_is_read_too_and_all_of_it_in_the_order_in_which_it_came() {
        let folder = tempfile::tempdir().expect("a folder");
        let new = folder.path().join("new");
        let maildir = Maildir::new(folder.path().to_owned());
        assert_eq!(maildir.read(None), []);
        std::fs::create_dir(&new).expect("made");
        let put = |name: &str, to: &str| {
            let file = format!("{}\nx\n", FILE.replace("b@goed.test", to));
            std::fs::write(new.join(name), file).expect("written");
        };
        let read = |of: Option<&str>| -> Vec<String> {
            maildir.read(of).into_iter().map(|stored| stored.recipient).collect()
        };
        put("1732000000.V1I2M98765.host", "b@goed.test");
        assert_eq!(read(None), ["b@goed.test"]);
        put("1732000000.V1I9M123456.host", "c@goed.test");
        put("1732000000.V1I3M8765.host", "a@goed.test");
        assert_eq!(read(None), ["a@goed.test", "b@goed.test", "c@goed.test"]);
        assert_eq!(read(Some("c@goed.test")), ["c@goed.test"]);
    }

    #[test]
    fn does_not_take_a_file_for_a_stored_message_that_lacks_a_line() {
        let lines: Vec<&str> = FILE.split_inclusive('\n').collect();
        for missing in 0..3 {
            let mut kept = lines.clone();
            kept.remove(missing);
            assert_eq!(Stored::parse(format!("{}\nx\n", kept.concat()).as_bytes()), None);
        }
    }
}
