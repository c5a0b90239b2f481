//! Files that set up a mail program, or help to. None of them holds a password: a file in the
//! downloads is for anyone to read.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use aws_lc_rs::digest::{SHA256, digest};
use engine::settings::ListenTls;
use setup::{Access, Incoming};

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

/// How a server is protected, in Thunderbird's words.
fn socket(tls: ListenTls) -> &'static str {
    match tls {
        ListenTls::StartTls => "STARTTLS",
        ListenTls::Implicit => "SSL",
        ListenTls::None => "plain",
    }
}

/// Thunderbird's autoconfiguration (wiki.mozilla.org, Thunderbird:Autoconfiguration:ConfigFileFormat).
fn thunderbird(access: &Access, address: &str, domain: &str) -> String {
    let (address, domain) = (escape(address), escape(domain));
    let server =
        |tag: &str, kind: &str, host: &str, port: u16, socket: &str, login: (&str, &str)| {
            let (login, authentication) = login;
            format!(
                "    <{tag} type=\"{kind}\">\n      <hostname>{host}</hostname>\n      \
             <port>{port}</port>\n      <socketType>{socket}</socketType>\n      \
             <username>{login}</username>\n      \
             <authentication>{authentication}</authentication>\n    </{tag}>\n"
            )
        };
    let incoming = match &access.incoming {
        Incoming::Ours { port, tls } => {
            let login = (address.as_str(), "password-encrypted");
            server("incomingServer", "imap", SERVER, *port, socket(*tls), login)
        }
        Incoming::Provider { host, port, implicit, username } => {
            let (host, login) = (escape(host), escape(username));
            let socket = if *implicit { "SSL" } else { "STARTTLS" };
            let login = (login.as_str(), "password-cleartext");
            server("incomingServer", "imap", &host, *port, socket, login)
        }
    };
    let login = (address.as_str(), "password-encrypted");
    let port = access.server.port();
    let outgoing = server("outgoingServer", "smtp", SERVER, port, socket(access.tls), login);
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <clientConfig version=\"1.1\">\n  <emailProvider id=\"{domain}\">\n    \
         <domain>{domain}</domain>\n    <displayName>Zorgzegel</displayName>\n    \
         <displayShortName>Zorgzegel</displayShortName>\n{incoming}{outgoing}  \
         </emailProvider>\n</clientConfig>\n"
    )
}

/// A configuration profile (Apple, "Profile-Specific Payload Keys", com.apple.mail.managed), with
/// the authority of the local certificate.
fn apple(access: &Access, address: &str) -> String {
    let certificate: String =
        access.authority.lines().filter(|line| !line.starts_with("-----")).collect();
    let address = escape(address);
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
        apple_servers(access, &address),
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

/// Both servers, as the payload names them. Where both are ours one password is asked for.
fn apple_servers(access: &Access, address: &str) -> String {
    let server = |of: &str, host: &str, (port, ssl): (u16, bool), login: (&str, &str)| {
        [
            entry(&format!("{of}MailServerHostName"), host),
            entry(&format!("{of}MailServerUsername"), login.0),
            entry(&format!("{of}MailServerAuthentication"), login.1),
            format!("<key>{of}MailServerPortNumber</key><integer>{port}</integer>\n"),
            format!("<key>{of}MailServerUseSSL</key><{ssl}/>\n"),
        ]
        .concat()
    };
    let is_safe = |tls: ListenTls| tls != ListenTls::None;
    let ours = (address, "EmailAuthCRAMMD5");
    let incoming = match &access.incoming {
        Incoming::Ours { port, tls } => server("Incoming", SERVER, (*port, is_safe(*tls)), ours),
        Incoming::Provider { host, port, username, .. } => {
            let (host, login) = (escape(host), escape(username));
            server("Incoming", &host, (*port, true), (&login, "EmailAuthPassword"))
        }
    };
    let at = (access.server.port(), is_safe(access.tls));
    let one = matches!(access.incoming, Incoming::Ours { .. });
    let same = format!("<key>OutgoingPasswordSameAsIncomingPassword</key><{one}/>\n");
    [incoming, server("Outgoing", SERVER, at, ours), same].concat()
}

fn entry(key: &str, value: &str) -> String {
    format!("<key>{key}</key><string>{value}</string>\n")
}

/// An identifier in the form of a UUID (RFC 9562 section 5.8) that is the same for the same text,
/// in every version of this program: a profile installed again replaces itself.
fn uuid(text: &str) -> String {
    let hash = digest(&SHA256, text.as_bytes());
    let mut bytes = [0_u8; 16];
    bytes.copy_from_slice(&hash.as_ref()[..16]);
    bytes[6] = 0x80 | (bytes[6] & 0x0f);
    bytes[8] = 0x80 | (bytes[8] & 0x3f);
    let all: String = bytes.iter().map(|byte| format!("{byte:02X}")).collect();
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

    use super::*;

    fn access() -> Access {
        Access {
            server: "127.0.0.1:1025".parse().unwrap(),
            tls: ListenTls::StartTls,
            password: "geheim-lokaal".to_owned(),
            authority: "-----BEGIN CERTIFICATE-----\nQUJD\nREVG\n-----END CERTIFICATE-----\n"
                .into(),
            incoming: Incoming::Provider {
                host: "imap.provider.test".to_owned(),
                port: 993,
                implicit: true,
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
    fn where_mail_is_fetched_here_too_both_servers_are_ours_and_one_password_opens_both() {
        let incoming = Incoming::Ours { port: 1143, tls: ListenTls::StartTls };
        let access = Access { incoming, ..access() };
        let text = thunderbird(&access, "a@b.test", "b.test");
        assert_eq!(text.matches("<hostname>localhost</hostname>").count(), 2, "{text}");
        assert!(text.contains("<port>1143</port>") && !text.contains("arts-17"), "{text}");
        let text = apple(&access, "a@b.test");
        assert!(text.contains("<key>IncomingMailServerPortNumber</key><integer>1143</integer>"));
        assert!(text.contains("<key>OutgoingPasswordSameAsIncomingPassword</key><true/>"));
        assert!(apple(&super::tests::access(), "a@b.test").contains("Password</key><false/>"));
    }

    /// A profile replaces an earlier one by this identifier, also after an update.
    #[test]
    fn the_identifier_of_a_profile_never_changes() {
        assert_eq!(uuid("zorgzegel"), uuid("zorgzegel"));
        assert_ne!(uuid("zorgzegel"), uuid("Zorgzegel"));
        assert_eq!(uuid("abc"), "BA7816BF-8F01-8FEA-8141-40DE5DAE2223");
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
