//! A bare IMAP client: each command as a test says it, each answer byte for byte.

use std::io;
use std::net::SocketAddr;

use crate::SenderTls;
use crate::raw::{Raw, base64};

/// A connection.
#[derive(Debug)]
pub struct Imap {
    raw: Raw,
    tags: u32,
    unread: Vec<u8>,
}

impl Imap {
    /// Connects, starts TLS (by STARTTLS where that is asked for) and reads the greeting.
    ///
    /// # Errors
    /// The connection broke, or STARTTLS was refused.
    pub fn connect(at: SocketAddr, tls: SenderTls) -> io::Result<Self> {
        let mut imap = Self { raw: Raw::connect(at)?, tags: 0, unread: Vec::new() };
        if tls == SenderTls::Implicit {
            imap.raw.tls()?;
        }
        imap.line()?;
        if tls == SenderTls::StartTls {
            imap.ask("STARTTLS")?;
            imap.raw.tls()?;
        }
        Ok(imap)
    }

    /// Connects and logs in by PLAIN.
    ///
    /// # Errors
    /// The connection broke, or the login was refused.
    pub fn log_in(at: SocketAddr, tls: SenderTls, login: (&str, &str)) -> io::Result<Self> {
        let mut imap = Self::connect(at, tls)?;
        let (user, password) = login;
        let response = base64(format!("\0{user}\0{password}").as_bytes());
        imap.ask(&format!("AUTHENTICATE PLAIN {response}"))?;
        Ok(imap)
    }

    /// Gives a command and reads its answer: all bytes up to the end of the tagged response, with `T`
    /// in place of the tag.
    ///
    /// # Errors
    /// The connection ended or broke.
    pub fn say(&mut self, command: &str) -> io::Result<Vec<u8>> {
        self.begin(command)?;
        self.answer()
    }

    /// The same, as text; it must end with OK.
    ///
    /// # Errors
    /// Another end, or the connection broke.
    pub fn ask(&mut self, command: &str) -> io::Result<String> {
        let answer = String::from_utf8_lossy(&self.say(command)?).into_owned();
        match answer.lines().last().is_some_and(|line| line.starts_with("T OK")) {
            true => Ok(answer),
            false => Err(io::Error::other(format!("{command}: {answer}"))),
        }
    }

    /// Gives a command and reads nothing.
    ///
    /// # Errors
    /// The connection broke.
    pub fn begin(&mut self, command: &str) -> io::Result<()> {
        self.tags += 1;
        let tag = self.tag();
        self.raw.write(format!("{tag} {command}\r\n").as_bytes())
    }

    /// Reads the answer to the command that was given last, as [`Self::say`] gives it.
    ///
    /// # Errors
    /// The connection ended or broke.
    pub fn answer(&mut self) -> io::Result<Vec<u8>> {
        let tag = format!("{} ", self.tag());
        loop {
            let bytes = &self.unread;
            let last = bytes.strip_suffix(b"\n").and_then(|text| {
                let start = text.iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
                text[start..].starts_with(tag.as_bytes()).then_some(start)
            });
            if let Some(start) = last {
                let mut answer = std::mem::take(&mut self.unread);
                answer.splice(start..start + tag.len() - 1, *b"T");
                return Ok(answer);
            }
            self.more()?;
        }
    }

    /// Writes bytes as they are.
    ///
    /// # Errors
    /// The connection broke.
    pub fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.raw.write(bytes)
    }

    /// Reads one line.
    ///
    /// # Errors
    /// The connection ended or broke.
    pub fn line(&mut self) -> io::Result<String> {
        loop {
            if let Some(end) = self.unread.iter().position(|&byte| byte == b'\n') {
                let line: Vec<u8> = self.unread.drain(..=end).collect();
                return Ok(String::from_utf8_lossy(&line).into_owned());
            }
            self.more()?;
        }
    }

    /// Reads what comes next, whatever it is.
    ///
    /// # Errors
    /// The connection ended or broke.
    pub fn some(&mut self) -> io::Result<Vec<u8>> {
        if self.unread.is_empty() {
            self.more()?;
        }
        Ok(std::mem::take(&mut self.unread))
    }

    fn tag(&self) -> String {
        format!("t{}", self.tags)
    }

    fn more(&mut self) -> io::Result<()> {
        let some = self.raw.some()?;
        if some.is_empty() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.unread.extend_from_slice(&some);
        Ok(())
    }
}
