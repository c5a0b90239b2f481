//! HTML to blocks: an allow-list of elements gives structure, all others give their text.
//!
//! Nothing is fetched, no style is obeyed (text that a style would hide is shown: a copy shows more
//! rather than less), and text stays text. Reading takes time and memory in proportion to the HTML,
//! whatever it nests: what is deeper than [`DEPTH`] is flattened, what is longer than [`TEXT`] is
//! cut, and said to be.

mod builder;
mod table;

use core::cell::RefCell;

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::{Rawtext, ScriptData};
use html5ever::tokenizer::{
    BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
};

use crate::block::{Block, From, Picture};
use builder::{Builder, Kind};

/// What HTML came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Read {
    /// The blocks.
    pub blocks: Vec<Block>,
    /// True where it was cut at a bound.
    pub cut: bool,
}

/// Reads HTML. `absent` says that a picture is not in the message, and stands in its place.
///
/// ```
/// use typeset::block::{Block, Run};
/// let html = "<p>Beste <!-- x -->collega,</p><script>alert(1)</script>";
/// let read = typeset::html::read(html, "picture left out");
/// assert_eq!(read.blocks, [Block::Paragraph(vec![Run::plain("Beste collega,")])]);
/// ```
#[must_use]
pub fn read(html: &str, absent: &str) -> Read {
    let state = State { builder: Builder::new(absent), silent: false };
    let sink = Sink { state: RefCell::new(state) };
    let tokenizer = Tokenizer::new(sink, TokenizerOpts::default());
    let queue = BufferQueue::default();
    queue.push_back(StrTendril::from_slice(html));
    // The sink answers with nothing that would stop the tokenizer before the end.
    let _ = tokenizer.feed(&queue);
    tokenizer.end();
    tokenizer.sink.state.into_inner().builder.finish()
}

struct State {
    builder: Builder,
    /// Inside an element whose text no mail program shows.
    silent: bool,
}

struct Sink {
    state: RefCell<State>,
}

impl TokenSink for Sink {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let mut state = self.state.borrow_mut();
        match token {
            Token::CharacterTokens(text) if !state.silent => state.builder.text(&text),
            Token::TagToken(tag) => {
                let name: &str = &tag.name;
                let starts = tag.kind == TagKind::StartTag;
                match name {
                    "script" | "style" if starts => {
                        state.silent = true;
                        let kind = if name == "script" { ScriptData } else { Rawtext };
                        return TokenSinkResult::RawData(kind);
                    }
                    "script" | "style" => state.silent = false,
                    "title" => state.silent = starts,
                    "body" => state.silent = false,
                    _ if starts => start(&mut state.builder, name, &tag),
                    _ => end(&mut state.builder, name),
                }
            }
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

fn start(builder: &mut Builder, name: &str, tag: &Tag) {
    match name {
        "br" => builder.line(),
        "b" | "strong" => builder.bold += 1,
        "code" | "tt" | "kbd" | "samp" => builder.mono += 1,
        "pre" => builder.open_pre(),
        "a" => builder.open_link(attribute(tag, "href").unwrap_or_default()),
        "img" => picture(builder, tag),
        "hr" => builder.rule(),
        "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => builder.heading(level(name)),
        "blockquote" => builder.open(Kind::Quote),
        "ul" | "menu" | "dir" => builder.open(Kind::List(None)),
        "ol" => {
            let first = attribute(tag, "start").and_then(|number| number.trim().parse().ok());
            builder.open(Kind::List(Some(first.unwrap_or(1))));
        }
        "li" => builder.item(),
        "table" => builder.open(Kind::Table),
        "tr" => builder.row(),
        "td" | "th" => {
            let many = |name: &str| {
                let told = attribute(tag, name).and_then(|number| number.trim().parse().ok());
                told.unwrap_or(1_usize).clamp(1, table::COLUMNS + 1)
            };
            builder.cell(name == "th", many("colspan"), many("rowspan"));
        }
        _ if BLOCKS.contains(&name) => builder.flush(),
        _ => {}
    }
}

fn end(builder: &mut Builder, name: &str) {
    match name {
        "b" | "strong" => builder.bold = builder.bold.saturating_sub(1),
        "code" | "tt" | "kbd" | "samp" => builder.mono = builder.mono.saturating_sub(1),
        "pre" => builder.close_pre(),
        "a" => builder.close_link(),
        "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => builder.end_heading(),
        "blockquote" => builder.close(&Kind::Quote),
        "ul" | "ol" | "menu" | "dir" => builder.close(&Kind::List(None)),
        "li" => builder.close(&Kind::Item),
        "table" => builder.close(&Kind::Table),
        "tr" => builder.close(&Kind::Row),
        "td" | "th" => builder.close(&Kind::CELL),
        _ if BLOCKS.contains(&name) => builder.flush(),
        _ => {}
    }
}

fn level(name: &str) -> u16 {
    name.as_bytes().get(1).map_or(1, |digit| u16::from(digit.saturating_sub(b'0')))
}

fn attribute<'a>(tag: &'a Tag, name: &str) -> Option<&'a str> {
    tag.attrs.iter().find(|one| &*one.name.local == name).map(|one| &*one.value)
}

/// A picture of the message itself is shown; one from elsewhere is named, never fetched.
fn picture(builder: &mut Builder, tag: &Tag) {
    let source = attribute(tag, "src").unwrap_or_default().trim();
    let alt = attribute(tag, "alt").unwrap_or_default().trim().to_owned();
    let scheme = |name: &str| {
        let (head, rest) = source.split_at_checked(name.len())?;
        head.eq_ignore_ascii_case(name).then_some(rest)
    };
    if let Some(id) = scheme("cid:") {
        builder.picture(Picture { from: From::Part(unescape(id)), alt });
    } else if let Some(bytes) = scheme("data:").and_then(data) {
        builder.picture(Picture { from: From::Here(bytes), alt });
    } else {
        // Pictures of a dot tell a sender that a mail was read.
        let dot = |name| attribute(tag, name).is_some_and(|size| matches!(size, "0" | "1" | "2"));
        if !(dot("width") || dot("height")) {
            builder.absent(&alt);
        }
    }
}

/// The bytes of a `data:` address in base64 (RFC 2397).
fn data(rest: &str) -> Option<Vec<u8>> {
    use base64::Engine as _;
    let (head, body) = rest.split_once(',')?;
    let coded = head.rsplit(';').next().is_some_and(|last| last.eq_ignore_ascii_case("base64"));
    let body: String = body.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    let bytes = base64::engine::general_purpose::STANDARD.decode(body);
    bytes.ok().filter(|_| coded)
}

/// Undoes `%40` and the like (RFC 2392 section 2).
fn unescape(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let code = after.get(..2).and_then(|two| core::str::from_utf8(two).ok());
        match code.and_then(|two| u8::from_str_radix(two, 16).ok()) {
            Some(code) if byte == b'%' => {
                out.push(code);
                rest = after.get(2..).unwrap_or_default();
            }
            _ => {
                out.push(byte);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// Levels of quotes, lists and tables: setting pages and tags goes down by recursion, and no reader
/// counts further.
pub const DEPTH: usize = 8;
/// Bytes of text: some five hundred pages.
pub const TEXT: usize = 2 * 1024 * 1024;

/// Elements that stand on lines of their own.
const BLOCKS: [&str; 23] = [
    "address",
    "article",
    "aside",
    "caption",
    "center",
    "dd",
    "details",
    "div",
    "dl",
    "dt",
    "fieldset",
    "figcaption",
    "figure",
    "footer",
    "form",
    "header",
    "main",
    "nav",
    "option",
    "p",
    "section",
    "summary",
    "body",
];

#[cfg(test)]
mod tests;
