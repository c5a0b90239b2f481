use mail::{Address, Domain, Param, Recipient};

use crate::params::{self, Place};
use crate::{Mechanism, Reply};

/// A command of the client (RFC 5321 section 4.1.1 and the extensions that are offered).
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(Debug))]
pub enum Command {
    /// EHLO with the name that the client gives itself. It proves nothing and is not judged.
    Ehlo(String),
    /// HELO, likewise.
    Helo(String),
    /// STARTTLS (RFC 3207).
    StartTls,
    /// AUTH (RFC 4954).
    Auth {
        /// The way to log in.
        mechanism: Mechanism,
        /// The initial response as it was written, base64 or `=`.
        initial: Option<String>,
    },
    /// MAIL FROM.
    Mail {
        /// The reverse-path; `None` is `<>`.
        reverse_path: Option<Address>,
        /// The parameters in the order given, as they were written.
        params: Vec<Param>,
    },
    /// RCPT TO.
    Rcpt(Recipient),
    /// DATA.
    Data,
    /// BDAT (RFC 3030): so many bytes of the message follow.
    Bdat {
        /// How many bytes follow the command.
        size: u64,
        /// True where they are the last.
        last: bool,
    },
    /// RSET.
    Rset,
    /// NOOP.
    Noop,
    /// VRFY.
    Vrfy,
    /// HELP.
    Help,
    /// QUIT.
    Quit,
}

/// Why a line is no command that is carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CommandError {
    /// The verb is not known.
    #[error("the command is not known")]
    Unknown,
    /// The verb is known and not carried out here.
    #[error("the command is not carried out here")]
    NotImplemented,
    /// The command's argument is missing or wrong.
    #[error("the command's argument is missing or wrong")]
    Argument,
    /// The path is no address between angle brackets.
    #[error("the address is not of the form <name@domain>")]
    Path,
    /// The recipient has no domain.
    #[error("the recipient has no domain")]
    RecipientWithoutDomain,
    /// A parameter is written wrongly.
    #[error("a parameter is written wrongly")]
    Parameter,
    /// A parameter stands twice.
    #[error("a parameter stands twice")]
    ParameterTwice,
    /// A parameter is not known.
    #[error("a parameter is not known")]
    ParameterUnknown,
    /// The mechanism of AUTH is not known.
    #[error("the way to log in is not known")]
    Mechanism,
    /// A byte over 127 where the command must be ASCII, or bytes that are not UTF-8.
    #[error("the command has characters that need SMTPUTF8")]
    NotAscii,
    /// The size of a chunk cannot be read, so that its end is not known either.
    #[error("the size of the chunk cannot be read")]
    ChunkSize,
}

impl CommandError {
    /// What the peer is told.
    #[must_use]
    pub fn reply(self) -> Reply {
        let (code, enhanced, text) = match self {
            Self::Unknown => (500, "5.5.1", "Command not known"),
            Self::NotImplemented => (502, "5.5.1", "Command not carried out here"),
            Self::Argument => (501, "5.5.4", "The argument is missing or wrong"),
            Self::Path => (501, "5.1.7", "Address is not of the form <name@domain>"),
            Self::RecipientWithoutDomain => (553, "5.1.3", "The recipient needs a domain"),
            Self::Parameter => (501, "5.5.4", "A parameter is written wrongly"),
            Self::ParameterTwice => (501, "5.5.4", "A parameter stands twice"),
            Self::ParameterUnknown => (555, "5.5.4", "A parameter is not known here"),
            Self::Mechanism => (504, "5.5.4", "This way to log in is not known here"),
            Self::NotAscii => (553, "5.6.7", "Only ASCII without SMTPUTF8"),
            Self::ChunkSize => (501, "5.5.4", "The size of the chunk cannot be read"),
        };
        Reply::new(code, enhanced, text)
    }
}

impl Command {
    /// Parses a line without its CRLF. A blank before the path and blanks at the end of the line
    /// are taken, since mail programs send them; source routes are read and ignored (RFC 5321
    /// section 4.1.1.3 and appendix C).
    ///
    /// Bytes over 127 are taken only in MAIL and RCPT; in MAIL they need its SMTPUTF8 parameter
    /// (RFC 6531 section 3.4), for RCPT the caller knows.
    ///
    /// # Errors
    /// [`CommandError`] where the line is no command that is carried out.
    pub fn parse(line: &[u8]) -> Result<Self, CommandError> {
        let text = core::str::from_utf8(line).map_err(|_| CommandError::NotAscii)?;
        let text = text.trim_end_matches([' ', '\t']);
        let (verb, rest) = text.split_once(' ').unwrap_or((text, ""));
        let rest = rest.trim_start_matches(' ');
        let verb = verb.to_ascii_uppercase();
        if !text.is_ascii() && verb != "MAIL" && verb != "RCPT" {
            return Err(CommandError::NotAscii);
        }
        match (verb.as_str(), rest) {
            ("EHLO", name) => greeting_name(name).map(Self::Ehlo),
            ("HELO", name) => greeting_name(name).map(Self::Helo),
            ("MAIL", rest) => parse_mail(rest),
            ("RCPT", rest) => parse_rcpt(rest),
            ("AUTH", rest) => parse_auth(rest),
            ("BDAT", rest) => parse_bdat(rest).ok_or(CommandError::ChunkSize),
            ("DATA", "") => Ok(Self::Data),
            ("STARTTLS", "") => Ok(Self::StartTls),
            ("RSET", "") => Ok(Self::Rset),
            ("QUIT", "") => Ok(Self::Quit),
            ("DATA" | "STARTTLS" | "RSET" | "QUIT", _) => Err(CommandError::Argument),
            ("NOOP", _) => Ok(Self::Noop),
            ("HELP", _) => Ok(Self::Help),
            ("VRFY", "") => Err(CommandError::Argument),
            ("VRFY", _) => Ok(Self::Vrfy),
            ("EXPN" | "ETRN" | "TURN" | "ATRN" | "SEND" | "SOML" | "SAML" | "BURL", _) => {
                Err(CommandError::NotImplemented)
            }
            _ => Err(CommandError::Unknown),
        }
    }
}

fn greeting_name(name: &str) -> Result<String, CommandError> {
    let good = !name.is_empty() && !name.chars().any(char::is_control);
    good.then(|| name.to_owned()).ok_or(CommandError::Argument)
}

fn parse_mail(rest: &str) -> Result<Command, CommandError> {
    let (path, rest) = split_path(rest, "FROM:")?;
    let params = params::parse(rest, Place::Mail)?;
    let international = params.iter().any(|param| param.is("SMTPUTF8"));
    let ascii = path.is_ascii() && rest.is_ascii();
    if !ascii && !international {
        return Err(CommandError::NotAscii);
    }
    let reverse_path = match path {
        "" => None,
        path => Some(parse_address(path)?),
    };
    Ok(Command::Mail { reverse_path, params })
}

fn parse_rcpt(rest: &str) -> Result<Command, CommandError> {
    let (path, rest) = split_path(rest, "TO:")?;
    let params = params::parse(rest, Place::Rcpt)?;
    if path.eq_ignore_ascii_case("postmaster") {
        return Err(CommandError::RecipientWithoutDomain);
    }
    let address = parse_address(path)?;
    Ok(Command::Rcpt(Recipient { address, params }))
}

/// Splits `FROM:<path> params` into the path without its brackets and the parameters.
fn split_path<'a>(rest: &'a str, keyword: &str) -> Result<(&'a str, &'a str), CommandError> {
    let given = rest.get(..keyword.len()).ok_or(CommandError::Argument)?;
    if !given.eq_ignore_ascii_case(keyword) {
        return Err(CommandError::Argument);
    }
    let rest = rest[keyword.len()..].trim_start_matches(' ');
    let rest = rest.strip_prefix('<').ok_or(CommandError::Path)?;
    let end = path_end(rest).ok_or(CommandError::Path)?;
    let (path, params) = (&rest[..end], &rest[end + 1..]);
    if !params.is_empty() && !params.starts_with(' ') {
        return Err(CommandError::Path);
    }
    Ok((path, params))
}

/// Where the `>` stands that is not inside a quoted local part.
fn path_end(text: &str) -> Option<usize> {
    let mut quoted = false;
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => quoted = !quoted,
            '\\' if quoted => {
                chars.next();
            }
            '>' if !quoted => return Some(at),
            _ => {}
        }
    }
    None
}

fn parse_address(path: &str) -> Result<Address, CommandError> {
    let mailbox = match path.strip_prefix('@') {
        None => path,
        Some(_) => {
            let (route, mailbox) = path.split_once(':').ok_or(CommandError::Path)?;
            let good = route.split(',').all(|hop| {
                let domain = hop.strip_prefix('@').map(Domain::parse);
                domain.is_some_and(|parsed| parsed.is_ok())
            });
            good.then_some(mailbox).ok_or(CommandError::Path)?
        }
    };
    Address::parse(mailbox).map_err(|_| CommandError::Path)
}

fn parse_auth(rest: &str) -> Result<Command, CommandError> {
    let mut words = rest.split_ascii_whitespace();
    let name = words.next().ok_or(CommandError::Argument)?;
    let initial = words.next().map(str::to_owned);
    if words.next().is_some() {
        return Err(CommandError::Argument);
    }
    let mechanism = Mechanism::parse(name).ok_or(CommandError::Mechanism)?;
    Ok(Command::Auth { mechanism, initial })
}

fn parse_bdat(rest: &str) -> Option<Command> {
    let mut words = rest.split_ascii_whitespace();
    let size = words.next()?;
    let digits = size.len() <= 20 && size.bytes().all(|byte| byte.is_ascii_digit());
    let last = match words.next() {
        None => false,
        Some(word) if word.eq_ignore_ascii_case("LAST") => true,
        Some(_) => return None,
    };
    if !digits || words.next().is_some() {
        return None;
    }
    let size = size.parse().ok()?;
    Some(Command::Bdat { size, last })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mail(line: &str) -> (Option<String>, Vec<String>) {
        match Command::parse(line.as_bytes()) {
            Ok(Command::Mail { reverse_path, params }) => {
                (reverse_path.map(String::from), params.into_iter().map(String::from).collect())
            }
            other => panic!("{line}: {other:?}"),
        }
    }

    #[test]
    fn paths_are_read_as_mail_programs_write_them() {
        for (line, path) in [
            ("MAIL FROM:<>", None),
            ("mail from:<jan@Praktijk.NL>", Some("jan@praktijk.nl")),
            ("MAIL FROM: <a@b.nl>  ", Some("a@b.nl")),
            ("MAIL FROM:<\"a b>c\"@b.nl>", Some("\"a b>c\"@b.nl")),
            (r#"MAIL FROM:<"a\">"@b.nl>"#, Some(r#""a\">"@b.nl"#)),
            ("MAIL FROM:<@relay.nl,@x.nl:a@b.nl>", Some("a@b.nl")),
            ("MAIL FROM:<a@[192.0.2.1]>", Some("a@[192.0.2.1]")),
            ("MAIL FROM:<sø@b.nl> SMTPUTF8", Some("sø@b.nl")),
        ] {
            assert_eq!(mail(line).0.as_deref(), path, "{line}");
        }
    }

    #[test]
    fn parameters_are_kept_as_they_were_written() {
        let line = "MAIL FROM:<a@b.nl> size=12 Body=8bitMIME RET=HDRS ENVID=x+2By AUTH=<>";
        let kept = ["size=12", "Body=8bitMIME", "RET=HDRS", "ENVID=x+2By", "AUTH=<>"];
        assert_eq!(mail(line).1, kept);
        let line = b"RCPT TO:<a@b.nl> NOTIFY=success,FAILURE ORCPT=rfc822;a@b.nl";
        let Ok(Command::Rcpt(recipient)) = Command::parse(line) else {
            panic!("refused");
        };
        assert_eq!(recipient.params.len(), 2);
        assert_eq!(recipient.params[1].to_string(), "ORCPT=rfc822;a@b.nl");
    }

    #[test]
    fn what_is_no_command_is_refused_with_its_reason() {
        use CommandError as E;
        for (line, error) in [
            ("", E::Unknown),
            ("FOO", E::Unknown),
            ("EXPN x", E::NotImplemented),
            ("EHLO", E::Argument),
            ("DATA now", E::Argument),
            ("MAIL", E::Argument),
            ("MAIL TO:<a@b.nl>", E::Argument),
            ("MAIL FROM:a@b.nl", E::Path),
            ("MAIL FROM:<a@b.nl", E::Path),
            ("MAIL FROM:<a@b.nl>SIZE=1", E::Path),
            ("MAIL FROM:<\"a@b.nl>", E::Path),
            ("MAIL FROM:<@relay.nl>", E::Path),
            ("MAIL FROM:<@:a@b.nl>", E::Path),
            ("MAIL FROM:<a b@c.nl>", E::Path),
            ("MAIL FROM:<a@b.nl>\rRCPT", E::Path),
            ("RCPT TO:<>", E::Path),
            ("RCPT TO:<Postmaster>", E::RecipientWithoutDomain),
            ("MAIL FROM:<a@b.nl> SIZE=x", E::Parameter),
            ("MAIL FROM:<a@b.nl> SIZE", E::Parameter),
            ("MAIL FROM:<a@b.nl> SMTPUTF8=1", E::Parameter),
            ("MAIL FROM:<a@b.nl> RET=SOME", E::Parameter),
            ("MAIL FROM:<a@b.nl> ENVID=a+zz", E::Parameter),
            ("MAIL FROM:<a@b.nl> =", E::Parameter),
            ("MAIL FROM:<a@b.nl> SIZE=1 size=2", E::ParameterTwice),
            ("MAIL FROM:<a@b.nl> BODY=BINARYMIME", E::ParameterUnknown),
            ("MAIL FROM:<a@b.nl> REQUIRETLS", E::ParameterUnknown),
            ("RCPT TO:<a@b.nl> SIZE=1", E::ParameterUnknown),
            ("RCPT TO:<a@b.nl> NOTIFY=NEVER,DELAY", E::Parameter),
            ("RCPT TO:<a@b.nl> ORCPT=a@b.nl", E::Parameter),
            ("MAIL FROM:<sø@b.nl>", E::NotAscii),
            ("EHLO zoë", E::NotAscii),
            ("AUTH", E::Argument),
            ("AUTH XOAUTH2 x", E::Mechanism),
            ("AUTH PLAIN a b", E::Argument),
            ("BDAT", E::ChunkSize),
            ("BDAT -1", E::ChunkSize),
            ("BDAT 1 FIRST", E::ChunkSize),
            ("BDAT 99999999999999999999", E::ChunkSize),
        ] {
            assert_eq!(Command::parse(line.as_bytes()), Err(error), "{line}");
        }
        let latin = Command::parse(b"MAIL FROM:<s\xf8@b.nl> SMTPUTF8");
        assert_eq!(latin, Err(E::NotAscii));
    }

    #[test]
    fn the_other_commands_are_read_without_regard_to_case() {
        for (line, command) in [
            ("ehlo [192.168.1.5]", Command::Ehlo("[192.168.1.5]".into())),
            ("HELO my_pc", Command::Helo("my_pc".into())),
            ("data", Command::Data),
            ("Rset ", Command::Rset),
            ("NOOP x", Command::Noop),
            ("vrfy jan", Command::Vrfy),
            ("bdat 0 last", Command::Bdat { size: 0, last: true }),
            (
                "AUTH plain =",
                Command::Auth { mechanism: Mechanism::Plain, initial: Some("=".into()) },
            ),
        ] {
            assert_eq!(Command::parse(line.as_bytes()), Ok(command), "{line}");
        }
    }
}
