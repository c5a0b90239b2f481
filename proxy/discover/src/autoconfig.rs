//! Thunderbird's autoconfiguration: many domains publish their submission server in it
//! (wiki.mozilla.org, Thunderbird:Autoconfiguration:ConfigFileFormat).

use quick_xml::Reader;
use quick_xml::events::Event;

/// A submission server as the file names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Submission {
    /// Its name.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// TLS from the first byte, or else STARTTLS.
    pub implicit: bool,
    /// The name to log in with, for the address that was asked about.
    pub username: String,
}

/// What is read of one `outgoingServer`.
#[derive(Default)]
struct Draft {
    host: String,
    port: String,
    socket: String,
    username: String,
}

/// The first submission server with TLS in the file; None where there is none, or it is no such
/// file. Costs time linear in the text.
#[must_use]
pub fn read(text: &str, local: &str, domain: &str) -> Option<Submission> {
    let mut reader = Reader::from_str(text);
    let (mut draft, mut field): (Option<Draft>, Option<String>) = (None, None);
    loop {
        match reader.read_event().ok()? {
            Event::Start(tag) => {
                let name = tag.local_name().as_ref().to_owned();
                if name == "outgoingServer" {
                    draft = Some(Draft::default());
                }
                field = Some(name);
            }
            Event::Text(text) => {
                if let (Some(draft), Some(field)) = (&mut draft, &field) {
                    draft.take(field, text.as_ref());
                }
            }
            Event::End(tag) => {
                field = None;
                if tag.local_name().as_ref() == "outgoingServer"
                    && let Some(found) = draft.take().and_then(|one| one.made(local, domain))
                {
                    return Some(found);
                }
            }
            // Entities of its own are for no good.
            Event::DocType(_) | Event::Eof => return None,
            _ => {}
        }
    }
}

impl Draft {
    fn take(&mut self, field: &str, text: &str) {
        let place = match field {
            "hostname" => &mut self.host,
            "port" => &mut self.port,
            "socketType" => &mut self.socket,
            "username" => &mut self.username,
            _ => return,
        };
        if place.len() + text.len() <= LONGEST {
            place.push_str(text.trim());
        }
    }

    fn made(self, local: &str, domain: &str) -> Option<Submission> {
        let implicit = match self.socket.as_str() {
            "SSL" => true,
            "STARTTLS" => false,
            // Without TLS no password leaves.
            _ => return None,
        };
        let fill = |text: &str| {
            let whole = text.replace("%EMAILADDRESS%", &format!("{local}@{domain}"));
            whole.replace("%EMAILLOCALPART%", local).replace("%EMAILDOMAIN%", domain)
        };
        let host = fill(&self.host);
        let named = host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-".contains(&byte));
        if host.is_empty() || !named {
            return None;
        }
        let username = match fill(&self.username) {
            name if name.is_empty() => format!("{local}@{domain}"),
            name => name,
        };
        Some(Submission { host, port: self.port.parse().ok()?, implicit, username })
    }
}

/// Characters of a field: names have 253 at most.
const LONGEST: usize = 320;

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = r#"<?xml version="1.0"?>
        <clientConfig version="1.1"><emailProvider id="praktijk.test">
        <incomingServer type="imap"><hostname>imap.test</hostname><port>993</port>
        <socketType>SSL</socketType></incomingServer>
        <outgoingServer type="smtp"><hostname>oud.test</hostname><port>25</port>
        <socketType>plain</socketType></outgoingServer>
        <outgoingServer type="smtp"><hostname>smtp.%EMAILDOMAIN%</hostname><port>587</port>
        <socketType>STARTTLS</socketType><username>%EMAILLOCALPART%</username></outgoingServer>
        </emailProvider></clientConfig>"#;

    #[test]
    fn the_first_submission_server_with_tls_is_taken() {
        let found = read(FILE, "arts", "praktijk.test");
        let expected = Submission {
            host: "smtp.praktijk.test".to_owned(),
            port: 587,
            implicit: false,
            username: "arts".to_owned(),
        };
        assert_eq!(found, Some(expected));
    }

    #[test]
    fn what_is_no_such_file_gives_nothing() {
        for text in [
            "",
            "<html>404</html>",
            "<outgoingServer><hostname>a b</hostname><port>1</port><socketType>SSL</socketType></outgoingServer>",
            "<outgoingServer><hostname>a</hostname><port>99999</port><socketType>SSL</socketType></outgoingServer>",
            "<outgoingServer><hostname>a</hostname><port>465",
            "<!DOCTYPE x [<!ENTITY h 'evil'>]><outgoingServer><hostname>a</hostname><port>465</port><socketType>SSL</socketType></outgoingServer>",
        ] {
            assert_eq!(read(text, "arts", "praktijk.test"), None, "{text}");
        }
    }

    #[test]
    fn a_name_that_never_ends_is_no_name() {
        let long = "a".repeat(1_000_000);
        let text = format!(
            "<outgoingServer><hostname>{long}</hostname><port>465</port><socketType>SSL</socketType></outgoingServer>"
        );
        assert_eq!(read(&text, "arts", "praktijk.test"), None);
    }
}
