use core::cell::{Cell, RefCell};

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::{Rawtext, ScriptData};
use html5ever::tokenizer::{
    BufferQueue, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
};

/// HTML as text: what a browser would show, and what it would hide by style. Blocks, breaks and table
/// cells are kept apart; scripts and styles are left out. Alternative texts, titles and the values of
/// fields count as text, addresses of links do not.
pub(crate) fn text(html: &str) -> String {
    let sink = Sink::default();
    let tokenizer = Tokenizer::new(sink, TokenizerOpts::default());
    let queue = BufferQueue::default();
    for piece in pieces(html) {
        tokenizer.sink.spoke.set(false);
        queue.push_back(StrTendril::from_slice(piece));
        let _ = tokenizer.feed(&queue);
        if !tokenizer.sink.spoke.get() {
            // A whole piece without a token lies inside one tag or comment. The tokenizer compares each
            // attribute with all before it, so such a tag ends here, and what follows in it is text. In
            // a quoted value and in a comment it is one more letter.
            queue.push_back(StrTendril::from_slice(">"));
            let _ = tokenizer.feed(&queue);
        }
    }
    tokenizer.end();
    tokenizer.sink.out.into_inner().text
}

/// The text in pieces, none of which holds more attributes than a person writes: before each of them
/// stands a blank, a slash or a quote.
fn pieces(html: &str) -> impl Iterator<Item = &str> {
    let mut rest = html;
    core::iter::from_fn(move || {
        let apart =
            |letter: char| letter.is_ascii_whitespace() || matches!(letter, '/' | '"' | '\'');
        let end = rest.match_indices(apart).nth(ATTRIBUTES).map_or(rest.len(), |(at, _)| at + 1);
        let (piece, after) = rest.split_at(end);
        rest = after;
        (!piece.is_empty()).then_some(piece)
    })
}

#[derive(Default)]
struct Sink {
    out: RefCell<Out>,
    /// A token came: none does from inside a tag.
    spoke: Cell<bool>,
}

#[derive(Default)]
struct Out {
    text: String,
    /// Inside a script or a style, which ends at its own end tag only, whatever stands in it.
    silent: bool,
}

impl TokenSink for Sink {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let mut out = self.out.borrow_mut();
        self.spoke.set(self.spoke.get() || !matches!(token, Token::ParseError(_)));
        match token {
            Token::CharacterTokens(characters) if !out.silent => {
                out.text.push_str(&characters);
            }
            Token::TagToken(tag) => {
                let name: &str = &tag.name;
                let starts = tag.kind == TagKind::StartTag;
                match name {
                    "script" | "style" if starts => {
                        out.silent = true;
                        let is_script = name == "script";
                        let kind = if is_script { ScriptData } else { Rawtext };
                        return TokenSinkResult::RawData(kind);
                    }
                    "script" | "style" => out.silent = false,
                    "td" | "th" => out.text.push('\t'),
                    name if BLOCKS.contains(&name) => out.text.push('\n'),
                    _ => {}
                }
                for attribute in &tag.attrs {
                    let wanted = matches!(&*attribute.name.local, "alt" | "title" | "value");
                    let value: &str = &attribute.value;
                    if starts && wanted && !value.trim().is_empty() {
                        out.text.push(' ');
                        out.text.push_str(value);
                        out.text.push(' ');
                    }
                }
            }
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

/// Attributes of a tag that are looked at together.
const ATTRIBUTES: usize = 500;
/// Elements that stand on lines of their own.
const BLOCKS: [&str; 39] = [
    "address",
    "article",
    "aside",
    "blockquote",
    "body",
    "br",
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
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hr",
    "legend",
    "li",
    "main",
    "nav",
    "ol",
    "option",
    "p",
    "pre",
    "section",
    "summary",
    "table",
    "tr",
    "ul",
];
