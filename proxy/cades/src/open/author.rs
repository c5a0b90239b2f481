//! Who a message says that it is from (RFC 5322 section 3.6.2), for the comparison of RFC 8550 section 3.

use mail::{Address, Field};

/// The one address of the one From field. Display names and Sender never count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Author {
    /// It is a file, not a message.
    NotAsked,
    One(Address),
    Unclear(Unclear),
}

/// Why it is not clear who a message is from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unclear {
    /// There is no From field.
    Missing,
    /// There are several From fields: mail programs show different ones.
    Fields,
    /// From has several addresses.
    Addresses,
    /// What stands in From is no address.
    Unreadable,
}

impl Author {
    pub(crate) fn of<'a>(fields: impl Iterator<Item = Field<'a>>) -> Self {
        let mut from = fields.filter(|field| field.is("from"));
        let Some(field) = from.next() else {
            return Self::Unclear(Unclear::Missing);
        };
        if from.next().is_some() {
            return Self::Unclear(Unclear::Fields);
        }
        match mailboxes(&field.unfolded()).as_deref() {
            Some([one]) => {
                Address::parse(one).map_or(Self::Unclear(Unclear::Unreadable), Self::One)
            }
            Some([_, _, ..]) => Self::Unclear(Unclear::Addresses),
            _ => Self::Unclear(Unclear::Unreadable),
        }
    }

    /// True where one of the addresses is the author's. Hosts are compared as A-labels, names before the @
    /// without regard to the case of US-ASCII letters, as people and certificates write them.
    pub(crate) fn is_any_of(&self, addresses: &[String]) -> bool {
        let Self::One(author) = self else {
            return false;
        };
        let same = |other: &Address| {
            other.host() == author.host() && other.local().eq_ignore_ascii_case(author.local())
        };
        addresses.iter().any(|address| Address::parse(address).is_ok_and(|other| same(&other)))
    }
}

/// The addresses of a mailbox-list (RFC 5322 section 3.4), without display names and comments. None where
/// the text is anything else, groups and source routes included.
fn mailboxes(text: &str) -> Option<Vec<String>> {
    let mut found = Vec::new();
    let mut now = Mailbox::default();
    let mut signs = text.chars();
    while let Some(sign) = signs.next() {
        match sign {
            '(' => comment(&mut signs)?,
            '"' => quoted(&mut signs, now.text())?,
            '<' if now.angle.is_none() => now.angle = Some(String::new()),
            '>' if now.open() => now.closed = true,
            ',' if !now.open() => found.push(core::mem::take(&mut now).address()?),
            '<' | '>' | ',' | ':' | ';' | ')' | '\\' => return None,
            // Only blanks may follow the closing angle.
            sign if now.closed && !sign.is_whitespace() => return None,
            sign => now.text().push(sign),
        }
    }
    found.push(now.address()?);
    Some(found)
}

#[derive(Default)]
struct Mailbox {
    outside: String,
    angle: Option<String>,
    closed: bool,
}

impl Mailbox {
    fn open(&self) -> bool {
        self.angle.is_some() && !self.closed
    }

    fn text(&mut self) -> &mut String {
        match &mut self.angle {
            Some(angle) if !self.closed => angle,
            _ => &mut self.outside,
        }
    }

    fn address(self) -> Option<String> {
        let text = match (self.angle, self.closed) {
            (Some(angle), true) => angle,
            (None, _) => self.outside,
            (Some(_), false) => return None,
        };
        let text = text.trim();
        (!text.is_empty()).then(|| text.to_owned())
    }
}

/// RFC 5322 section 3.2.2; comments nest.
fn comment(signs: &mut core::str::Chars<'_>) -> Option<()> {
    let mut depth = 1_usize;
    while depth > 0 {
        match signs.next()? {
            '\\' => {
                signs.next()?;
            }
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
    }
    Some(())
}

/// RFC 5322 section 3.2.4, kept with its quotes: a local part may be quoted.
fn quoted(signs: &mut core::str::Chars<'_>, into: &mut String) -> Option<()> {
    into.push('"');
    loop {
        let sign = signs.next()?;
        into.push(sign);
        match sign {
            '"' => return Some(()),
            '\\' => into.push(signs.next()?),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use mail::Message;

    use super::*;

    fn author(header: &str) -> Author {
        Author::of(Message::new(format!("{header}\r\n\r\n").into_bytes()).fields())
    }

    fn one(address: &str) -> Author {
        Author::One(Address::parse(address).unwrap())
    }

    #[test]
    fn one_field_with_one_address_is_the_author() {
        for header in [
            "From: jan@praktijk.example",
            "FROM : jan@praktijk.example",
            "From: <jan@praktijk.example>",
            "From: Jan <jan@praktijk.example>",
            "From: \"Vries, J. <de>\" <jan@praktijk.example>",
            "From: ander@bank.example <jan@praktijk.example>",
            "From: =?utf-8?Q?ander=40bank.example?=\r\n <jan@praktijk.example> (thuis (even))",
            "From: jan@praktijk.example (ander@bank.example)\r\nSender: x@y.example",
        ] {
            assert_eq!(author(header), one("jan@praktijk.example"), "{header}");
        }
        assert_eq!(author("From: \"a, b\"@x.example"), one("\"a, b\"@x.example"));
    }

    #[test]
    fn anything_else_is_unclear() {
        for (header, why) in [
            ("Subject: s\r\nSender: jan@praktijk.example", Unclear::Missing),
            ("From: a@x.example\r\nfrom: a@x.example", Unclear::Fields),
            ("From: a@x.example, b@x.example", Unclear::Addresses),
            ("From: A <a@x.example>, b@x.example", Unclear::Addresses),
            ("From: Vries, Jan <jan@x.example>", Unclear::Addresses),
            ("From: ", Unclear::Unreadable),
            ("From: jan", Unclear::Unreadable),
            ("From: groep: a@x.example;", Unclear::Unreadable),
            ("From: <@x.example:a@y.example>", Unclear::Unreadable),
            ("From: <a@x.example> <b@x.example>", Unclear::Unreadable),
            ("From: <a@x.example> b@x.example", Unclear::Unreadable),
            ("From: <a@x.example", Unclear::Unreadable),
            ("From: \"a@x.example", Unclear::Unreadable),
            ("From: (a@x.example", Unclear::Unreadable),
            ("From: a@x.example b@x.example", Unclear::Unreadable),
            ("From: a@x.example,", Unclear::Unreadable),
        ] {
            assert_eq!(author(header), Author::Unclear(why), "{header}");
        }
    }

    #[test]
    fn hosts_are_compared_as_names_and_letters_of_the_local_part_without_case() {
        let author = one("Jan@Zórg.example");
        let is = |address: &str| author.is_any_of(&["x@y.example".into(), address.into()]);
        assert!(is("jan@xn--zrg-gna.EXAMPLE") && is("JAN@zórg.example"));
        for other in
            ["jan@zorg.example", "jan@zórg.example.", "jan@zórg.example\0", "ján@zórg.example"]
        {
            assert_eq!(is(other), other.ends_with('.'), "{other}");
        }
        // U+212A is no k.
        assert!(!one("kim@x.example").is_any_of(&["\u{212a}im@x.example".into()]));
        assert!(!Author::NotAsked.is_any_of(&["jan@zórg.example".into()]));
    }
}
