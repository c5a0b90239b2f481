//! What is the same in a message that is sent again: mail programs give up after a minute or two.

use crate::message::Message;

impl Message {
    /// Gives every line to `line` but for what a mail program makes anew when it sends the same again:
    /// the fields Date, Received and Message-ID, and the MIME boundary strings, which become numbers.
    pub fn walk_unchanging(&self, line: impl FnMut(&[u8])) {
        walk(self, line);
    }
}

fn walk(message: &Message, mut line: impl FnMut(&[u8])) {
    let mut boundaries = Vec::new();
    for field in message.fields() {
        if ANEW.iter().any(|name| field.is(name)) {
            continue;
        }
        if field.is("content-type") {
            for folded in field.raw().split_inclusive(|byte| *byte == b'\n') {
                line(&without_boundary(folded, &mut boundaries));
            }
        } else {
            line(field.raw());
        }
    }
    let mut place = Place::Body;
    for text in message.body().split_inclusive(|byte| *byte == b'\n') {
        place = match delimiter(text, &boundaries) {
            Some((number, closing)) => {
                line(format!("--{number}{}", if closing { "--" } else { "" }).as_bytes());
                if closing { Place::Body } else { Place::Header }
            }
            None if place == Place::Body => {
                line(text);
                Place::Body
            }
            None => part_header(text, place, &mut boundaries, &mut line),
        };
    }
}

/// Where a line of a multipart message stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Body,
    /// In the header of a part, outside Content-Type.
    Header,
    /// In the Content-Type of a part or its folds.
    ContentType,
}

fn part_header(
    text: &[u8],
    place: Place,
    boundaries: &mut Vec<Vec<u8>>,
    line: &mut impl FnMut(&[u8]),
) -> Place {
    if text.trim_ascii().is_empty() {
        line(text);
        return Place::Body;
    }
    let fold = matches!(text.first(), Some(b' ' | b'\t'));
    let name = b"content-type:";
    let named = text.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name));
    let place = match (fold, named) {
        (true, _) => place,
        (false, true) => Place::ContentType,
        (false, false) => Place::Header,
    };
    if place == Place::ContentType {
        line(&without_boundary(text, boundaries));
    } else {
        line(text);
    }
    place
}

/// The line with its boundary parameter's value (RFC 2046 section 5.1.1) replaced by a number.
fn without_boundary(text: &[u8], boundaries: &mut Vec<Vec<u8>>) -> Vec<u8> {
    let key = b"boundary=";
    let at = text.windows(key.len()).position(|window| window.eq_ignore_ascii_case(key));
    let Some(at) = at else {
        return text.to_vec();
    };
    if boundaries.len() >= MOST_BOUNDARIES {
        return text.to_vec();
    }
    let (before, value) = text.split_at(at + key.len());
    let (value, rest) = match value.strip_prefix(b"\"") {
        Some(quoted) => {
            let end = quoted.iter().position(|byte| *byte == b'"');
            let end = end.unwrap_or(quoted.len());
            (&quoted[..end], quoted.get(end + 1..).unwrap_or_default())
        }
        None => {
            let ends = |byte: &u8| *byte == b';' || byte.is_ascii_whitespace();
            value.split_at(value.iter().position(ends).unwrap_or(value.len()))
        }
    };
    if value.is_empty() || value.len() > LONGEST_BOUNDARY {
        return text.to_vec();
    }
    boundaries.push(value.to_vec());
    let number = format!("{}", boundaries.len());
    [before, number.as_bytes(), rest].concat()
}

/// Which boundary a line is the delimiter of, and whether it is the closing one.
fn delimiter(text: &[u8], boundaries: &[Vec<u8>]) -> Option<(usize, bool)> {
    let text = text.strip_prefix(b"--")?.trim_ascii_end();
    boundaries.iter().enumerate().rev().find_map(|(index, boundary)| {
        match text.strip_prefix(boundary.as_slice())? {
            b"" => Some((index + 1, false)),
            b"--" => Some((index + 1, true)),
            _ => None,
        }
    })
}

/// Fields that a mail program or server makes anew at each attempt.
const ANEW: [&str; 3] = ["date", "received", "message-id"];

/// A mail program writes a handful; the work per line grows with their number.
const MOST_BOUNDARIES: usize = 64;
/// RFC 2046 section 5.1.1 allows 70; some write more.
const LONGEST_BOUNDARY: usize = 200;

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<u8> {
        let mut all = Vec::new();
        Message::new(text.as_bytes().to_vec()).walk_unchanging(|line| all.extend_from_slice(line));
        all
    }

    #[test]
    fn dates_ids_and_boundaries_are_not_told_and_everything_else_is() {
        let text = "Date: x\r\nMessage-ID: <1@x>\r\nContent-Type: multipart/mixed; boundary=aaa\r\n\r\n\
            --aaa\r\n\r\ntext\r\n--aaa--\r\n";
        let again = text.replace("Date: x", "Date: y").replace("1@x", "2@x").replace("aaa", "bbb");
        assert_eq!(lines(text), lines(&again));
        assert_ne!(lines(text), lines(&text.replace("text", "other")));
    }
}
