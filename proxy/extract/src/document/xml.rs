//! XML as a row of events, read leniently: an unknown entity is its own name, a wrong end is passed
//! over, and nothing that a document declares is carried out.

use std::borrow::Cow;

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use super::Desk;
use crate::{Reason, charset};

/// What stands next.
pub(crate) enum Node<'a> {
    /// An element begins.
    Open(Tag<'a>),
    /// An element of this name ends.
    Close(&'a str),
    /// Text.
    Text(Cow<'a, str>),
}

/// The beginning of an element.
pub(crate) struct Tag<'a>(&'a BytesStart<'a>);

impl Tag<'_> {
    /// The name without its prefix.
    pub(crate) fn name(&self) -> &str {
        local(self.0.name().into_inner())
    }

    /// The attribute of this name, whatever its prefix.
    pub(crate) fn attr(&self, name: &str) -> Option<String> {
        let mut attributes = self.0.attributes();
        attributes.with_checks(false);
        let mut found = attributes.flatten().filter(|one| local(one.key.into_inner()) == name);
        let value = found.next()?;
        let text = value.normalized_value(XmlVersion::Explicit1_0);
        Some(text.map_or_else(|_| value.value.clone().into_owned(), Cow::into_owned))
    }

    /// An attribute that is a number.
    pub(crate) fn number(&self, name: &str) -> Option<usize> {
        self.attr(name)?.trim().parse().ok()
    }
}

fn local(name: &str) -> &str {
    name.rsplit_once(':').map_or(name, |(_, local)| local)
}

/// Shows `see` every event. Ends at the end, at a fault, or when the desk has had enough.
pub(crate) fn walk(bytes: &[u8], desk: &mut Desk, mut see: impl FnMut(Node<'_>, &mut Desk)) {
    let text = charset::text(bytes, None);
    let mut reader = Reader::from_str(&text);
    let config = reader.config_mut();
    config.check_end_names = false;
    config.allow_unmatched_ends = true;
    config.allow_dangling_amp = true;
    loop {
        if !desk.step(1) {
            return;
        }
        match reader.read_event() {
            Ok(Event::Start(tag)) => see(Node::Open(Tag(&tag)), desk),
            Ok(Event::Empty(tag)) => {
                see(Node::Open(Tag(&tag)), desk);
                see(Node::Close(local(tag.name().into_inner())), desk);
            }
            Ok(Event::End(tag)) => see(Node::Close(local(tag.name().into_inner())), desk),
            Ok(Event::Text(text)) => see(Node::Text(text.into_inner()), desk),
            Ok(Event::CData(text)) => see(Node::Text(text.into_inner()), desk),
            Ok(Event::GeneralRef(name)) => see(Node::Text(entity(&name).into()), desk),
            Ok(Event::Eof) => return,
            Ok(_) => {}
            Err(_) => {
                desk.cut(Reason::Damaged);
                return;
            }
        }
    }
}

/// The text of every element, elements on lines of their own.
pub(crate) fn text(bytes: &[u8], desk: &mut Desk) -> String {
    let mut out = String::new();
    walk(bytes, desk, |node, _| match node {
        Node::Text(text) => out.push_str(&text),
        Node::Close(_) if !out.ends_with('\n') => out.push('\n'),
        _ => {}
    });
    out
}

/// `name: text` a line for each element that holds text: what document properties look like. What
/// programs write for themselves is left out.
pub(crate) fn properties(bytes: &[u8], desk: &mut Desk) -> String {
    let (mut out, mut label, mut value) = (String::new(), String::new(), String::new());
    walk(bytes, desk, |node, _| match node {
        Node::Open(tag) => {
            label = tag.attr("name").unwrap_or_else(|| match tag.name() {
                // The value of a property of the user's own: the name stood one element higher.
                "lpwstr" | "lpstr" | "i4" | "r8" | "filetime" | "bool" => label.clone(),
                name => name.to_owned(),
            });
            value.clear();
        }
        Node::Text(text) => value.push_str(&text),
        Node::Close(_) => {
            if !value.trim().is_empty() && !TECHNICAL.contains(&label.as_str()) {
                out.push_str(&label);
                out.push_str(": ");
                out.push_str(value.trim());
                out.push('\n');
            }
            value.clear();
        }
    });
    out
}

fn entity(name: &str) -> String {
    if let Some(number) = name.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16).ok(),
            None => number.parse().ok(),
        };
        return code.and_then(char::from_u32).map(String::from).unwrap_or_default();
    }
    match name {
        "lt" => "<".to_owned(),
        "gt" => ">".to_owned(),
        "amp" => "&".to_owned(),
        "quot" => "\"".to_owned(),
        "apos" => "'".to_owned(),
        "nbsp" => "\u{a0}".to_owned(),
        other => format!("&{other};"),
    }
}

/// Properties that count, date and name programs.
const TECHNICAL: [&str; 34] = [
    "revision",
    "created",
    "modified",
    "lastPrinted",
    "version",
    "Template",
    "TotalTime",
    "Pages",
    "Words",
    "Characters",
    "CharactersWithSpaces",
    "Application",
    "DocSecurity",
    "Lines",
    "Paragraphs",
    "ScaleCrop",
    "variant",
    "LinksUpToDate",
    "SharedDoc",
    "HyperlinksChanged",
    "AppVersion",
    "PresentationFormat",
    "Slides",
    "Notes",
    "HiddenSlides",
    "MMClips",
    "generator",
    "creation-date",
    "date",
    "print-date",
    "editing-cycles",
    "editing-duration",
    "i4",
    "document-statistic",
];
