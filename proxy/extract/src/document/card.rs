/// A calendar (RFC 5545) or a visiting card (RFC 6350) as text: folded lines joined, escapes undone,
/// quoted-printable of vCard 2.1 too, and what is encoded in base64 (a photo) left out.
pub(crate) fn text(card: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    for line in card.lines() {
        let quoted = lines.last().is_some_and(|last| last.ends_with('=') && is_quoted(last));
        match lines.last_mut() {
            Some(last) if quoted => {
                last.pop();
                last.push_str(line);
            }
            Some(last) if line.starts_with([' ', '\t']) => last.push_str(&line[1..]),
            _ => lines.push(line.to_owned()),
        }
    }
    let mut out = String::with_capacity(card.len());
    for line in lines {
        let head = line.split(':').next().unwrap_or_default().to_ascii_uppercase();
        if head.contains("ENCODING=B") || head.contains("ENCODING=BASE64") {
            continue;
        }
        if is_quoted(&line) {
            let body = mail::mime::decode(&mail::mime::Encoding::QuotedPrintable, line.as_bytes());
            out.push_str(&crate::charset::text(&body.bytes, None));
        } else {
            unescape(&line, &mut out);
        }
        out.push('\n');
    }
    out
}

/// Looks at the beginning only: a line grows by every line that is joined to it.
fn is_quoted(line: &str) -> bool {
    let start = line.get(..line.floor_char_boundary(HEAD)).unwrap_or_default();
    let head = start.split(':').next().unwrap_or_default();
    head.to_ascii_uppercase().contains("QUOTED-PRINTABLE")
}

fn unescape(line: &str, out: &mut String) {
    let mut letters = line.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => match letters.next() {
                Some('n' | 'N') => out.push('\n'),
                Some(other) => out.push(other),
                None => {}
            },
            other => out.push(other),
        }
    }
}

/// Bytes in which a line says how it is encoded; a line is to be no longer than 75.
const HEAD: usize = 256;
