//! What stands on the pages of a copy, from top to bottom.

use copies::{Content, Form, Format, Line, Person, Source};

use crate::block::{Block, Cell, Heads, Run, Style, Table};
use crate::font::Fonts;
use crate::words::Words;
use crate::{html, plain};

/// Header and what there is to say before the text.
pub(crate) fn head(
    source: &Source<'_>,
    content: &Content,
    form: Form,
    words: &Words,
) -> Vec<Block> {
    let subject = match content.subject.trim() {
        "" => words.no_subject.to_owned(),
        subject => bounded(subject),
    };
    let people = |people: &[Person]| {
        bounded(&people.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "))
    };
    let pairs = [
        (words.from, people(&content.from)),
        (words.reply_to, people(&content.reply_to)),
        (words.to, people(&content.to)),
        (words.cc, people(&content.cc)),
        (words.bcc, people(&content.bcc)),
        (words.date, bounded(&content.date)),
        ("Message-ID", bounded(&content.message_id)),
    ];
    let pairs: Vec<_> = pairs
        .into_iter()
        .filter(|(_, value)| !value.trim().is_empty())
        .map(|(label, value)| (label.to_owned(), vec![Run::plain(value)]))
        .collect();
    let mut blocks = vec![Block::Heading(1, vec![Run::plain(subject)])];
    if !pairs.is_empty() {
        blocks.push(Block::Pairs(pairs));
    }
    if let Some(notice) = form.notice(source.about.language) {
        blocks.push(Block::Notice(notice));
    }
    blocks.push(Block::Heading(2, vec![Run::plain(words.message)]));
    blocks
}

/// The text, and whether it was cut.
pub(crate) fn text(content: &Content, form: Form, words: &Words) -> (Vec<Block>, bool) {
    let bodies = match form {
        Form::Whole => &content.shown,
        Form::Plain(_) => &content.plain,
        Form::Bare(_) => return (Vec::new(), false),
    };
    let (mut blocks, mut cut) = (Vec::new(), false);
    for body in bodies {
        if !blocks.is_empty() {
            blocks.push(Block::Rule);
        }
        match body.format {
            Format::Plain => {
                let (text, more) = beginning(&body.text);
                cut |= more;
                blocks.extend(plain::blocks(text));
            }
            Format::Html if form == Form::Whole => {
                let read = html::read(&body.text, words.picture_absent);
                cut |= read.cut;
                blocks.extend(below(read.blocks));
            }
            // A plainer form has no structure: the text alone, without the reader on which it broke.
            Format::Html => {
                let text = untagged(&body.text);
                let (text, more) = beginning(&text);
                cut |= more;
                blocks.extend(plain::blocks(text));
            }
        }
    }
    if blocks.is_empty() {
        let sealed =
            content.attachments.iter().any(|part| part.content_type.ends_with("pkcs7-mime"));
        let note = if sealed { words.sealed } else { words.no_text };
        blocks.push(Block::Paragraph(vec![Run::plain(note)]));
    }
    (blocks, cut)
}

/// The headings of a mail stand below ours.
fn below(mut blocks: Vec<Block>) -> Vec<Block> {
    for block in &mut blocks {
        if let Block::Heading(level, _) = block {
            *level += 2;
        }
    }
    blocks
}

/// What stands between tags.
fn untagged(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    for (at, part) in html.split('<').enumerate() {
        match part.split_once('>') {
            _ if at == 0 => out.push_str(part),
            Some((_, text)) => {
                out.push(' ');
                out.push_str(text);
            }
            None => {
                out.push('<');
                out.push_str(part);
            }
        }
    }
    out
}

/// Attachments, verdict and proof.
pub(crate) fn foot(source: &Source<'_>, content: &Content, words: &Words) -> Vec<Block> {
    let heading = |words: &str| Block::Heading(2, vec![Run::plain(words)]);
    let paragraph = |words: &str| Block::Paragraph(vec![Run::plain(words)]);
    let mut blocks = Vec::new();
    if !content.attachments.is_empty() {
        blocks.push(heading(words.attachments));
        blocks.push(Block::Table(attachments(content, words)));
        if content.left_out > 0 {
            blocks.push(paragraph(&format!("{} {}", content.left_out, words.left_out)));
        }
    }
    blocks.push(heading(words.signature));
    match &source.about.signature {
        None => blocks.push(paragraph(words.signature_unknown)),
        Some(signature) => {
            let style = Style { bold: true, mono: false };
            blocks.push(Block::Paragraph(vec![Run { text: signature.headline.clone(), style }]));
            let reasons = signature.reasons.iter();
            let reasons =
                reasons.map(|text| (words.reason.to_owned(), vec![Run::plain(bounded(text))]));
            let lines: Vec<_> = reasons.chain(signature.signers.iter().map(pair)).collect();
            if !lines.is_empty() {
                blocks.push(Block::Pairs(lines));
            }
        }
    }
    blocks.push(heading(words.proof));
    let groups = source.about.proof.iter().filter(|group| !group.is_empty());
    let groups: Vec<_> =
        groups.map(|group| Block::Pairs(group.iter().map(pair).collect())).collect();
    if groups.is_empty() {
        blocks.push(paragraph(words.proof_unknown));
    }
    blocks.extend(groups);
    blocks
}

fn pair(line: &Line) -> (String, Vec<Run>) {
    (bounded(&line.label), vec![Run::plain(bounded(&line.text))])
}

fn attachments(content: &Content, words: &Words) -> Table {
    let head = |text: &str| Cell {
        heads: Some(Heads::Column),
        span: 1,
        runs: vec![Run { text: text.to_owned(), style: Style { bold: true, mono: false } }],
    };
    let data = |run: Run| Cell { heads: None, span: 1, runs: vec![run] };
    let mut rows =
        vec![[words.name, words.kind, words.size, "SHA-256"].map(head).into_iter().collect()];
    for one in &content.attachments {
        let name = if one.name.is_empty() { words.nameless } else { &one.name };
        // In two halves, so that the column is no wider than it must be.
        let (first, second) = one.sha256.split_at_checked(32).unwrap_or((&one.sha256, ""));
        rows.push(vec![
            data(Run::plain(bounded(name))),
            data(Run::plain(bounded(&one.content_type))),
            data(Run::plain(one.bytes.len().to_string())),
            data(Run::mono(format!("{first}\n{second}"))),
        ]);
    }
    Table { rows }
}

/// What there is to say of the copy itself, once all else is set.
pub(crate) fn colophon(
    source: &Source<'_>,
    form: Form,
    words: &Words,
    fonts: &Fonts,
    cut: bool,
) -> Vec<Block> {
    let about = source.about;
    let inside = match form {
        Form::Bare(_) => words.embedded_alone,
        Form::Whole | Form::Plain(_) => words.embedded,
    };
    let line = |label: &str, text: String| (label.to_owned(), vec![Run::plain(text)]);
    let mut blocks = vec![
        Block::Heading(2, vec![Run::plain(words.about)]),
        Block::Pairs(vec![
            line(words.made_by, bounded(&about.made_by)),
            line(words.made_at, about.language.moment(about.made_at)),
            line(words.original, inside.to_owned()),
        ]),
    ];
    if cut {
        blocks.push(Block::Notice(words.cut.to_owned()));
    }
    let missing = fonts.missing();
    if !missing.is_empty() {
        let named = missing.iter().take(NAMED).map(|c| format!("U+{:04X}", u32::from(*c)));
        let more = if missing.len() > NAMED { ", …" } else { "" };
        let named = named.collect::<Vec<_>>().join(", ");
        blocks.push(Block::Notice(format!("{}: {named}{more}.", words.missing)));
    }
    blocks
}

/// A header value may be a megabyte; what is shown of it ends.
fn bounded(text: &str) -> String {
    match text.char_indices().nth(VALUE) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// What is set of a text, and whether there is more of it.
fn beginning(text: &str) -> (&str, bool) {
    let start = floor(text, html::TEXT);
    (start, start.len() < text.len())
}

fn floor(text: &str, most: usize) -> &str {
    let mut end = most.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default()
}

/// Characters of one value: three hundred recipients.
const VALUE: usize = 10_000;
/// Missing characters that are named.
const NAMED: usize = 40;

#[cfg(test)]
mod tests {
    use copies::{Body, Language, Why};

    use super::*;

    #[test]
    fn a_long_text_is_cut_between_letters_and_one_that_just_fits_is_not() {
        let fits = "x".repeat(html::TEXT);
        assert!(beginning(&fits) == (fits.as_str(), false), "nothing is cut");
        let inside_a_letter = format!("x{}", "é".repeat(html::TEXT / 2));
        let (text, more) = beginning(&inside_a_letter);
        assert!(more && text.len() == html::TEXT - 1, "{}", text.len());
        let (text, more) = beginning("é");
        assert_eq!((text, more), ("é", false));
    }

    #[test]
    fn of_html_without_its_layout_it_is_said_too_that_it_was_cut() {
        let words = Words::of(Language::Dutch);
        let cut = |length: usize| {
            let body =
                Body { format: Format::Html, text: format!("<p>{}", "x\n".repeat(length / 2)) };
            let content = Content { plain: vec![body], ..Content::default() };
            text(&content, Form::Plain(Why::TooMuch), words).1
        };
        assert!(cut(html::TEXT + 2) && !cut(html::TEXT / 2));
    }
}
