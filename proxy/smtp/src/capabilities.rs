use crate::{Mechanism, Reply};

/// What a server offers: the lines of its reply to EHLO (RFC 5321 section 4.1.1.1).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Capabilities {
    offers: Vec<(String, String)>,
}

impl Capabilities {
    /// Reads the reply to EHLO; its first line is the server's name and offers nothing. A reply
    /// that is not positive offers nothing at all.
    #[must_use]
    pub fn parse(reply: &Reply) -> Self {
        if !reply.is_positive() {
            return Self::default();
        }
        let offer = |line: &Vec<u8>| {
            let line = String::from_utf8_lossy(line);
            let line = line.trim();
            // Old servers say AUTH=LOGIN beside AUTH LOGIN, for clients that are older still.
            let end = line.find([' ', '=']).unwrap_or(line.len());
            let value = line.get(end + 1..).unwrap_or_default().trim();
            (line[..end].to_ascii_uppercase(), value.to_owned())
        };
        Self { offers: reply.lines().iter().skip(1).map(offer).collect() }
    }

    /// True where the extension is offered; case makes no difference.
    #[must_use]
    pub fn has(&self, keyword: &str) -> bool {
        self.value(keyword).is_some()
    }

    /// What stands behind the extension's keyword; `""` where it stands alone, `None` where the
    /// extension is not offered.
    #[must_use]
    pub fn value(&self, keyword: &str) -> Option<&str> {
        self.offers
            .iter()
            .find(|(offered, _)| offered.eq_ignore_ascii_case(keyword))
            .map(|(_, value)| value.as_str())
    }

    /// The known mechanisms that are offered, the one to be preferred first.
    #[must_use]
    pub fn auth(&self) -> Vec<Mechanism> {
        let offered = |mechanism: &Mechanism| {
            self.offers
                .iter()
                .filter(|(keyword, _)| keyword == "AUTH")
                .flat_map(|(_, value)| value.split_ascii_whitespace())
                .any(|name| name.eq_ignore_ascii_case(mechanism.name()))
        };
        Mechanism::ALL.into_iter().filter(offered).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lines_after_the_first_are_what_is_offered() {
        let text =
            "PIPELINING.example\nsize 35882577\n8BITMIME\nAUTH LOGIN XOAUTH2 plain\nAUTH=CRAM-MD5";
        let offered = Capabilities::parse(&Reply::new(250, "", text));
        assert_eq!(offered.value("SIZE"), Some("35882577"));
        assert_eq!(offered.value("8bitmime"), Some(""));
        assert!(!offered.has("PIPELINING") && !offered.has("PIPELINING.example"));
        assert_eq!(offered.auth(), Mechanism::ALL);
    }

    #[test]
    fn a_refused_ehlo_offers_nothing() {
        let offered = Capabilities::parse(&Reply::new(502, "", "no\nSTARTTLS"));
        assert!(!offered.has("STARTTLS"));
    }
}
