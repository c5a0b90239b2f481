//! Files that set up a mail program, or help to. None of them holds a password: a file in the
//! downloads is for anyone to read.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use engine::settings::ListenTls;
use engine::setup::Access;

use crate::view::GuideFile;

/// The name under which mail programs reach us; the local certificate has it.
pub(crate) const SERVER: &str = "localhost";

/// How a listener is protected, in the words of the settings.
pub(crate) fn tls_word(tls: ListenTls) -> &'static str {
    match tls {
        ListenTls::StartTls => "starttls",
        ListenTls::Implicit => "implicit",
        ListenTls::None => "none",
    }
}

/// Writes a file into the user's downloads, beside any earlier one; its place.
///
/// # Errors
/// What the system said.
pub(crate) fn write(file: GuideFile, access: &Access, address: &str) -> io::Result<PathBuf> {
    let domain = address.rsplit_once('@').map_or(address, |(_, domain)| domain);
    let (stem, ending, text) = match file {
        GuideFile::Certificate => ("zorgzegel-certificaat", "crt", access.authority.clone()),
        GuideFile::Apple => ("zorgzegel", "mobileconfig", apple(access, address)),
        GuideFile::Thunderbird => (domain, "xml", thunderbird(access, address, domain)),
    };
    write_new(&downloads()?, stem, ending, &text)
}

/// Writes a request for an issuer into the user's downloads, beside any earlier one; its place.
///
/// # Errors
/// What the system said.
pub(crate) fn request(account: &str, pem: &str) -> io::Result<PathBuf> {
    // An address may hold what a file's name may not.
    let plain = |sign: char| sign.is_alphanumeric() || "@.-_+".contains(sign);
    let stem: String = account.chars().map(|sign| if plain(sign) { sign } else { '_' }).collect();
    write_new(&downloads()?, &stem, "csr", pem)
}

/// The user's downloads, made where they are not there.
pub(crate) fn downloads() -> io::Result<PathBuf> {
    let dirs = directories::UserDirs::new()
        .ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, "no home folder"))?;
    let folder = dirs.download_dir().unwrap_or_else(|| dirs.home_dir()).to_owned();
    fs::create_dir_all(&folder)?;
    Ok(folder)
}

/// Never over a file that is there.
fn write_new(folder: &Path, stem: &str, ending: &str, text: &str) -> io::Result<PathBuf> {
    for n in 1..MOST {
        let name =
            if n == 1 { format!("{stem}.{ending}") } else { format!("{stem} ({n}).{ending}") };
        let path = folder.join(name);
        match File::create_new(&path) {
            Ok(mut file) => {
                file.write_all(text.as_bytes())?;
                file.sync_all()?;
                return Ok(path);
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(io::Error::new(io::ErrorKind::AlreadyExists, "there are a thousand of these already"))
}

/// Thunderbird's autoconfiguration (wiki.mozilla.org, Thunderbird:Autoconfiguration:ConfigFileFormat).
fn thunderbird(access: &Access, address: &str, domain: &str) -> String {
    let (port, socket) = (
        access.server.port(),
        match access.tls {
            ListenTls::StartTls => "STARTTLS",
            ListenTls::Implicit => "SSL",
            ListenTls::None => "plain",
        },
    );
    let (address, domain) = (escape(address), escape(domain));
    let (incoming, login) = (escape(&access.incoming.host), escape(&access.incoming.username));
    let incoming_port = access.incoming.port;
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <clientConfig version=\"1.1\">\n  <emailProvider id=\"{domain}\">\n    \
         <domain>{domain}</domain>\n    <displayName>Zorgzegel</displayName>\n    \
         <displayShortName>Zorgzegel</displayShortName>\n    \
         <incomingServer type=\"imap\">\n      <hostname>{incoming}</hostname>\n      \
         <port>{incoming_port}</port>\n      <socketType>SSL</socketType>\n      \
         <username>{login}</username>\n      \
         <authentication>password-cleartext</authentication>\n    </incomingServer>\n    \
         <outgoingServer type=\"smtp\">\n      <hostname>{SERVER}</hostname>\n      \
         <port>{port}</port>\n      <socketType>{socket}</socketType>\n      \
         <username>{address}</username>\n      \
         <authentication>password-encrypted</authentication>\n    </outgoingServer>\n  \
         </emailProvider>\n</clientConfig>\n"
    )
}

/// A configuration profile (Apple, "Profile-Specific Payload Keys", com.apple.mail.managed), with
/// the authority of the local certificate.
fn apple(access: &Access, address: &str) -> String {
    let port = access.server.port();
    let ssl = if access.tls == ListenTls::None { "<false/>" } else { "<true/>" };
    let certificate: String =
        access.authority.lines().filter(|line| !line.starts_with("-----")).collect();
    let (address, incoming) = (escape(address), escape(&access.incoming.host));
    let incoming_port = access.incoming.port;
    let entry = |key: &str, value: &str| format!("<key>{key}</key><string>{value}</string>\n");
    let head = |kind: &str, id: &str, name: &str| {
        [
            entry("PayloadType", kind),
            entry("PayloadIdentifier", &format!("nl.zorgzegel.{id}")),
            entry("PayloadUUID", &uuid(&format!("{id} {address} {certificate}"))),
            entry("PayloadDisplayName", name),
            "<key>PayloadVersion</key><integer>1</integer>\n".to_owned(),
        ]
        .concat()
    };
    let mail = [
        head("com.apple.mail.managed", "mail", "Mail via Zorgzegel"),
        entry("EmailAccountType", "EmailTypeIMAP"),
        entry("EmailAddress", &address),
        entry("IncomingMailServerHostName", &incoming),
        entry("IncomingMailServerUsername", &escape(&access.incoming.username)),
        entry("IncomingMailServerAuthentication", "EmailAuthPassword"),
        format!(
            "<key>IncomingMailServerPortNumber</key><integer>{incoming_port}</integer>\n\
             <key>IncomingMailServerUseSSL</key><true/>\n"
        ),
        entry("OutgoingMailServerHostName", SERVER),
        entry("OutgoingMailServerUsername", &address),
        entry("OutgoingMailServerAuthentication", "EmailAuthCRAMMD5"),
        format!(
            "<key>OutgoingMailServerPortNumber</key><integer>{port}</integer>\n\
             <key>OutgoingMailServerUseSSL</key>{ssl}\n"
        ),
    ]
    .concat();
    let trust = [
        head("com.apple.security.root", "certificaat", "Zorgzegel op deze computer"),
        format!("<key>PayloadContent</key><data>{certificate}</data>\n"),
    ]
    .concat();
    let whole = head("Configuration", "profiel", "Zorgzegel");
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" \
         \"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n\
         <plist version=\"1.0\"><dict>\n{whole}<key>PayloadContent</key><array>\n\
         <dict>\n{mail}</dict>\n<dict>\n{trust}</dict>\n</array></dict></plist>\n"
    )
}

/// An identifier in the form of a UUID that is the same for the same text: a profile installed
/// again replaces itself. It guards nothing.
fn uuid(text: &str) -> String {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let half = |salt: u8| {
        let mut hasher = DefaultHasher::new();
        (salt, text).hash(&mut hasher);
        format!("{:016X}", hasher.finish())
    };
    let all = format!("{}{}", half(0), half(1));
    let parts = [0..8, 8..12, 12..16, 16..20, 20..32].map(|part| all[part].to_owned());
    parts.join("-")
}

fn escape(text: &str) -> String {
    let escaped = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    escaped.replace('"', "&quot;")
}

/// Files of one name.
const MOST: u32 = 1000;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use engine::setup::Incoming;

    use super::*;

    fn access() -> Access {
        Access {
            server: "127.0.0.1:1025".parse().unwrap(),
            tls: ListenTls::StartTls,
            password: "geheim-lokaal".to_owned(),
            authority: "-----BEGIN CERTIFICATE-----\nQUJD\nREVG\n-----END CERTIFICATE-----\n"
                .into(),
            incoming: Incoming {
                host: "imap.provider.test".to_owned(),
                port: 993,
                username: "arts-17".to_owned(),
            },
        }
    }

    #[test]
    fn no_file_has_a_password_in_it_and_all_name_our_server() {
        let access = access();
        for text in [thunderbird(&access, "a@b.test", "b.test"), apple(&access, "a@b.test")] {
            assert!(!text.contains("geheim"), "{text}");
            assert!(text.contains("localhost") && text.contains("1025"), "{text}");
            assert!(text.contains("arts-17"), "who fetches mail may have another name: {text}");
        }
        assert!(apple(&access, "a@b.test").contains("<data>QUJDREVG</data>"));
    }

    #[test]
    fn an_address_can_never_become_markup() {
        let text = thunderbird(&access(), "<x>&\"@b.test", "b.test");
        assert!(text.contains("&lt;x&gt;&amp;&quot;@b.test"), "{text}");
    }

    #[test]
    fn a_file_that_is_there_is_never_written_over() {
        let folder = std::env::temp_dir().join(format!("zorgzegel-guide-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let first = write_new(&folder, "b.test", "xml", "een").unwrap();
        let second = write_new(&folder, "b.test", "xml", "twee").unwrap();
        assert_ne!(first, second);
        assert_eq!(fs::read_to_string(first).unwrap(), "een");
        fs::remove_dir_all(folder).unwrap();
    }
}
