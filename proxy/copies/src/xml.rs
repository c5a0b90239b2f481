use std::collections::{HashMap, HashSet};
use std::io;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mail_parser::MessageParser;
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};

use crate::content::{self, Attachment, Body, Content, Format, Person};
use crate::{CopyError, Line, Source};

/// How attachments stand in the XML.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttachedAs<'a> {
    /// Inside, in base64.
    Inline,
    /// As files beside it, by these names: one for each attachment, in order.
    Files(&'a [String]),
}

/// The message as XML by `schema/bericht-1.xsd`: UTF-8, header fields decoded and raw, the texts, every
/// attachment in base64 with its SHA-256, verdict and proof.
///
/// # Errors
/// [`CopyError::Xml`].
pub fn xml(source: &Source<'_>) -> Result<Vec<u8>, CopyError> {
    xml_of(source, &Content::read(source.message), AttachedAs::Inline)
}

/// The same of content that was read before, with attachments inside or beside it.
///
/// # Errors
/// [`CopyError::Xml`].
pub fn xml_of(
    source: &Source<'_>,
    content: &Content,
    attached: AttachedAs<'_>,
) -> Result<Vec<u8>, CopyError> {
    write(source, content, attached).map_err(|error| CopyError::Xml(error.to_string()))
}

type Out = Writer<Vec<u8>>;

fn write(source: &Source<'_>, content: &Content, attached: AttachedAs<'_>) -> io::Result<Vec<u8>> {
    let about = source.about;
    let mut writer = Writer::new_with_indent(Vec::new(), b' ', 1);
    writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let root = [("xmlns", NAMESPACE), ("versie", "1"), ("taal", about.language.code())];
    writer.create_element("bericht").with_attributes(root).write_inner_content(|writer| {
        writer
            .create_element("gemaakt")
            .with_attribute(("op", about.made_at.to_string().as_str()))
            .with_attribute(("door", clean(&about.made_by).as_str()))
            .write_empty()?;
        summary(writer, content)?;
        header(writer, source)?;
        texts(writer, content)?;
        attachments(writer, &content.attachments, attached)?;
        signature(writer, source)?;
        proof(writer, source)?;
        let original = source.message.bytes();
        writer
            .create_element("bron")
            .with_attribute(("bytes", original.len().to_string().as_str()))
            .with_attribute(("sha256", content::hex(digest(&SHA256, original).as_ref()).as_str()))
            .write_empty()?;
        Ok(())
    })?;
    Ok(writer.into_inner())
}

fn summary(writer: &mut Out, content: &Content) -> io::Result<()> {
    for (name, people) in [
        ("van", &content.from),
        ("antwoordAan", &content.reply_to),
        ("aan", &content.to),
        ("kopie", &content.cc),
        ("blindeKopie", &content.bcc),
    ] {
        for person in people {
            one(writer, name, person)?;
        }
    }
    text(writer, "datum", &content.date)?;
    text(writer, "onderwerp", &content.subject)?;
    text(writer, "berichtId", &content.message_id)
}

fn one(writer: &mut Out, name: &str, person: &Person) -> io::Result<()> {
    let mut element = writer.create_element(name);
    let (shown, address) = (clean(&person.name), clean(&person.address));
    if !shown.is_empty() {
        element = element.with_attribute(("naam", shown.as_str()));
    }
    if !address.is_empty() {
        element = element.with_attribute(("adres", address.as_str()));
    }
    element.write_empty().map(drop)
}

/// Each field in its place, decoded where that can be done, and its bytes. A message has thousands of
/// fields at most of a few names, and those of one name come in the order of the header.
fn header(writer: &mut Out, source: &Source<'_>) -> io::Result<()> {
    let parsed = MessageParser::default().parse_headers(source.message.bytes());
    let mut decoded: HashMap<String, Vec<Option<String>>> = HashMap::new();
    for header in parsed.iter().flat_map(|parsed| parsed.headers()).rev() {
        let name = header.name().to_ascii_lowercase();
        decoded.entry(name).or_default().push(content::value_text(&header.value));
    }
    writer.create_element("kopregels").write_inner_content(|writer| {
        for field in source.message.fields() {
            let name = String::from_utf8_lossy(field.name()).into_owned();
            let known = decoded.get_mut(&name.to_ascii_lowercase()).and_then(Vec::pop).flatten();
            let readable = known.unwrap_or_else(|| field.unfolded());
            writer
                .create_element("kopregel")
                .with_attribute(("naam", clean(&name).as_str()))
                .write_inner_content(|writer| {
                    text(writer, "waarde", &readable)?;
                    text(writer, "ruw", &STANDARD.encode(field.raw()))
                })?;
        }
        Ok(())
    })?;
    Ok(())
}

/// What is shown, and the plain alternative where that is another text.
fn texts(writer: &mut Out, content: &Content) -> io::Result<()> {
    writer.create_element("teksten").write_inner_content(|writer| {
        let known: HashSet<&Body> = content.shown.iter().collect();
        let others = content.plain.iter().filter(|body| !known.contains(body));
        for (body, shown) in
            content.shown.iter().map(|one| (one, "true")).chain(others.map(|one| (one, "false")))
        {
            let Body { format, text } = body;
            let kind = match format {
                Format::Plain => "text/plain",
                Format::Html => "text/html",
            };
            writer
                .create_element("tekst")
                .with_attributes([("mimetype", kind), ("getoond", shown)])
                .write_text_content(BytesText::new(&clean(text)))?;
        }
        Ok(())
    })?;
    Ok(())
}

fn attachments(writer: &mut Out, all: &[Attachment], attached: AttachedAs<'_>) -> io::Result<()> {
    writer.create_element("bijlagen").write_inner_content(|writer| {
        for (at, attachment) in all.iter().enumerate() {
            let (name, kind) = (clean(&attachment.name), clean(&attachment.content_type));
            let id = clean(attachment.content_id.as_deref().unwrap_or_default());
            let mut element = writer
                .create_element("bijlage")
                .with_attribute(("naam", name.as_str()))
                .with_attribute(("mimetype", kind.as_str()))
                .with_attribute(("inTekst", if attachment.inline { "true" } else { "false" }))
                .with_attribute(("bytes", attachment.bytes.len().to_string().as_str()))
                .with_attribute(("sha256", attachment.sha256.as_str()));
            if !id.is_empty() {
                element = element.with_attribute(("contentId", id.as_str()));
            }
            element.write_inner_content(|writer| match attached {
                AttachedAs::Inline => text(writer, "inhoud", &STANDARD.encode(&attachment.bytes)),
                AttachedAs::Files(names) => {
                    let file = names.get(at).map(|name| clean(name)).unwrap_or_default();
                    let bestand = ("bestand", file.as_str());
                    writer
                        .create_element("verwijzing")
                        .with_attribute(bestand)
                        .write_empty()
                        .map(drop)
                }
            })?;
        }
        Ok(())
    })?;
    Ok(())
}

fn signature(writer: &mut Out, source: &Source<'_>) -> io::Result<()> {
    let Some(signature) = &source.about.signature else {
        return Ok(());
    };
    let verdict = [("oordeel", signature.word.as_str()), ("dekking", signature.coverage.as_str())];
    writer.create_element("handtekening").with_attributes(verdict).write_inner_content(
        |writer| {
            text(writer, "samenvatting", &signature.headline)?;
            for reason in &signature.reasons {
                text(writer, "reden", reason)?;
            }
            lines(writer, &signature.signers)
        },
    )?;
    Ok(())
}

fn proof(writer: &mut Out, source: &Source<'_>) -> io::Result<()> {
    writer.create_element("bewijs").write_inner_content(|writer| {
        for group in &source.about.proof {
            writer
                .create_element("overdracht")
                .write_inner_content(|writer| lines(writer, group))?;
        }
        Ok(())
    })?;
    Ok(())
}

fn lines(writer: &mut Out, lines: &[Line]) -> io::Result<()> {
    for line in lines {
        writer
            .create_element("regel")
            .with_attribute(("wat", clean(&line.label).as_str()))
            .write_text_content(BytesText::new(&clean(&line.text)))?;
    }
    Ok(())
}

fn text(writer: &mut Out, name: &str, value: &str) -> io::Result<()> {
    writer.create_element(name).write_text_content(BytesText::new(&clean(value)))?;
    Ok(())
}

/// What XML 1.0 section 2.2 has no place for becomes U+FFFD; CRLF and CR become LF, as a reader of XML
/// would make of them (section 2.11).
fn clean(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\r' if chars.peek() == Some(&'\n') => {}
            '\r' => out.push('\n'),
            '\t' | '\n' => out.push(c),
            '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

/// The namespace; its last part is the version of the schema.
pub const NAMESPACE: &str = "urn:zorgzegel:bericht:1";
