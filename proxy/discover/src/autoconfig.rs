//! Thunderbird's autoconfiguration: many domains publish their servers in it (wiki.mozilla.org, Thunderbird:Autoconfiguration:ConfigFileFormat).

use quick_xml::Reader;
use quick_xml::events::attributes::Attribute;
use quick_xml::events::{BytesStart, Event};

use crate::Server;

/// Servers as the file names them, for the address that was asked about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    /// Where mail is handed in.
    pub outgoing: Server,
    /// Where it is fetched by IMAP.
    pub incoming: Option<Server>,
}

/// What is read of one server.
#[derive(Default)]
struct Draft {
    kind: Kind,
    host: String,
    port: String,
    socket: String,
    username: String,
}

/// What a server is for.
#[derive(Default, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Outgoing,
    Incoming,
    /// POP3, or what nobody knows.
    #[default]
    Other,
}

/// The first submission server and the first IMAP server with TLS in the file; None where it has
/// no such submission server, or is no such file. Costs time linear in the text.
#[must_use]
pub fn read(text: &str, local: &str, domain: &str) -> Option<Published> {
    let mut reader = Reader::from_str(text);
    let (mut draft, mut field): (Option<Draft>, Option<String>) = (None, None);
    let (mut outgoing, mut incoming) = (None, None);
    loop {
        match reader.read_event().ok()? {
            Event::Start(tag) => {
                let name = tag.local_name().as_ref().to_owned();
                if let Some(kind) = kind(&tag) {
                    draft = Some(Draft { kind, ..Draft::default() });
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
                if is_server(tag.local_name().as_ref())
                    && let Some(draft) = draft.take()
                {
                    let place = match draft.kind {
                        Kind::Outgoing => &mut outgoing,
                        Kind::Incoming => &mut incoming,
                        Kind::Other => continue,
                    };
                    *place = place.take().or_else(|| draft.made(local, domain));
                }
            }
            // Entities of its own are for no good.
            Event::DocType(_) => return None,
            Event::Eof => return Some(Published { outgoing: outgoing?, incoming }),
            _ => {}
        }
    }
}

fn is_server(name: &str) -> bool {
    name == "outgoingServer" || name == "incomingServer"
}

/// What a server is for; None where the element is no server.
fn kind(tag: &BytesStart<'_>) -> Option<Kind> {
    match tag.local_name().as_ref() {
        "outgoingServer" => Some(Kind::Outgoing),
        "incomingServer" => {
            let imap = |one: Attribute<'_>| one.key.as_ref() == "type" && one.value == "imap";
            let imap = tag.attributes().flatten().any(imap);
            Some(if imap { Kind::Incoming } else { Kind::Other })
        }
        _ => None,
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

    fn made(self, local: &str, domain: &str) -> Option<Server> {
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
        let port = self.port.parse().ok()?;
        Some(Server { host, port, implicit, username: Some(username) })
    }
}

/// Characters of a field: names have 253 at most.
const LONGEST: usize = 320;

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = r#"<?xml version="1.0"?>
        <clientConfig version="1.1"><emailProvider id="praktijk.test">
        <incomingServer type="pop3"><hostname>pop.test</hostname><port>995</port>
        <socketType>SSL</socketType></incomingServer>
        <incomingServer type="imap"><hostname>imap.test</hostname><port>143</port>
        <socketType>plain</socketType></incomingServer>
        <incomingServer type="imap"><hostname>imap.test</hostname><port>993</port>
        <socketType>SSL</socketType><username>%EMAILADDRESS%</username></incomingServer>
        <outgoingServer type="smtp"><hostname>oud.test</hostname><port>25</port>
        <socketType>plain</socketType></outgoingServer>
        <outgoingServer type="smtp"><hostname>smtp.%EMAILDOMAIN%</hostname><port>587</port>
        <socketType>STARTTLS</socketType><username>%EMAILLOCALPART%</username></outgoingServer>
        </emailProvider></clientConfig>"#;

    #[test]
    fn the_first_servers_with_tls_are_taken_and_pop_is_none() {
        let server = |host: &str, port, implicit, username: &str| Server {
            host: host.to_owned(),
            port,
            implicit,
            username: Some(username.to_owned()),
        };
        let expected = Published {
            outgoing: server("smtp.praktijk.test", 587, false, "arts"),
            incoming: Some(server("imap.test", 993, true, "arts@praktijk.test")),
        };
        assert_eq!(read(FILE, "arts", "praktijk.test"), Some(expected));
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
