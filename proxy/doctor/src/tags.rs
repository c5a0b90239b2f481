//! Lists of `tag=value`, as DKIM keys and DMARC records are written (RFC 6376 section 3.2).

use crate::Text;

/// The tags of a record, in order, with what stands behind their equals signs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tags<'a>(Vec<(&'a str, &'a str)>);

/// Why a text is no such list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum TagFault {
    /// It is longer than is read.
    Long,
    /// It has bytes that are no printable ASCII.
    Character,
    /// There is no equals sign in this part.
    NoSign(String),
    /// This tag stands there twice.
    Twice(String),
}

impl<'a> Tags<'a> {
    /// Reads a list. Blanks around names and values are no part of them.
    pub(crate) fn parse(data: &'a [u8]) -> Result<Self, TagFault> {
        if data.len() > LONGEST {
            return Err(TagFault::Long);
        }
        let blank = |c: &u8| matches!(c, b'\t' | b'\r' | b'\n');
        if !data.iter().all(|c| *c == b' ' || c.is_ascii_graphic() || blank(c)) {
            return Err(TagFault::Character);
        }
        let text = core::str::from_utf8(data).map_err(|_| TagFault::Character)?;
        let mut tags: Vec<(&str, &str)> = Vec::new();
        // A semicolon may end the list (tag-list = tag-spec *( ";" tag-spec ) [ ";" ]).
        for part in text.split(';').map(str::trim).filter(|part| !part.is_empty()) {
            let Some((name, value)) = part.split_once('=') else {
                return Err(TagFault::NoSign(excerpt(part)));
            };
            let (name, value) = (name.trim(), value.trim());
            if tags.iter().any(|(known, _)| *known == name) {
                return Err(TagFault::Twice(excerpt(name)));
            }
            tags.push((name, value));
        }
        Ok(Self(tags))
    }

    /// The value of a tag.
    pub(crate) fn get(&self, name: &str) -> Option<&'a str> {
        self.0.iter().find(|(known, _)| *known == name).map(|(_, value)| *value)
    }

    /// The name of the first tag.
    pub(crate) fn first(&self) -> Option<&'a str> {
        self.0.first().map(|(name, _)| *name)
    }
}

impl TagFault {
    pub(crate) fn text(&self) -> Text {
        match self {
            Self::Long => Text::new(
                format!("het is langer dan {LONGEST} bytes"),
                format!("it is longer than {LONGEST} bytes"),
            ),
            Self::Character => Text::new(
                "er staat een teken in dat geen zichtbaar ASCII is",
                "it has a character that is no visible ASCII",
            ),
            Self::NoSign(part) => Text::new(
                format!("bij „{part}” ontbreekt het =-teken"),
                format!("“{part}” has no = sign"),
            ),
            Self::Twice(name) => Text::new(
                format!("{name}= staat er twee keer"),
                format!("{name}= stands there twice"),
            ),
        }
    }
}

/// A stranger's text, short and plain enough for a sentence.
pub(crate) fn excerpt(text: &str) -> String {
    let plain = |c: char| if c == ' ' || c.is_ascii_graphic() { c } else { '?' };
    let mut short: String = text.chars().map(plain).take(EXCERPT).collect();
    if text.chars().nth(EXCERPT).is_some() {
        short.push('…');
    }
    short
}

/// The longest record that is read, in bytes: a DKIM key of 16,384 bits is about 2,800.
const LONGEST: usize = 8_192;
/// Characters shown of what a stranger wrote.
const EXCERPT: usize = 200;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_read_with_blanks_around_them_and_a_last_semicolon() {
        let tags = Tags::parse(b"v=DMARC1; p = reject ;\trua=mailto:a@b.nl;").unwrap();
        assert_eq!(tags.first(), Some("v"));
        assert_eq!(tags.get("p"), Some("reject"));
        assert_eq!(tags.get("rua"), Some("mailto:a@b.nl"));
        assert_eq!(tags.get("P"), None);
        assert_eq!(Tags::parse(b"p=").unwrap().get("p"), Some(""));
    }

    #[test]
    fn what_is_no_list_is_told() {
        for (text, fault) in [
            (&b"v=DMARC1; reject"[..], TagFault::NoSign("reject".into())),
            (b"p=a;p=b", TagFault::Twice("p".into())),
            (b"p=\xe9", TagFault::Character),
            (&[b'a'; 9_000], TagFault::Long),
        ] {
            let found = Tags::parse(text).unwrap_err();
            assert_eq!(found, fault);
            assert!(!found.text().nl.is_empty() && !found.text().en.is_empty());
        }
    }

    #[test]
    fn a_strangers_text_is_shown_short_and_plain() {
        assert_eq!(excerpt("a\u{202e}b\n"), "a?b?");
        assert_eq!(excerpt(&"x".repeat(300)).chars().count(), 201);
    }
}
