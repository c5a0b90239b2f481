use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mail_parser::MessageParser;
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};

use crate::content::{self, Content};
use crate::{CopyError, Language, Source};

/// The message as XML by `schema/bericht-1.xsd`: UTF-8, header fields decoded and raw, the text, and
/// every attachment in base64 with its SHA-256.
///
/// # Errors
/// [`CopyError::Xml`].
pub fn xml(source: &Source<'_>) -> Result<Vec<u8>, CopyError> {
    write(source).map_err(|error| CopyError::Xml(error.to_string()))
}

fn write(source: &Source<'_>) -> std::io::Result<Vec<u8>> {
    let content = content::read(source.message);
    let mut writer = Writer::new_with_indent(Vec::new(), b' ', 1);
    writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let language = match source.language {
        Language::Dutch => "nl",
        Language::English => "en",
    };
    writer
        .create_element("bericht")
        .with_attributes([("xmlns", NAMESPACE), ("versie", "1"), ("taal", language)])
        .write_inner_content(|writer| {
            writer
                .create_element("gemaakt")
                .with_attribute(("op", source.made_at.to_string().as_str()))
                .with_attribute(("door", clean(&source.made_by).as_str()))
                .write_empty()?;
            summary(writer, &content)?;
            header(writer, source)?;
            text(writer, "tekst", &content.body)?;
            attachments(writer, &content)?;
            proof(writer, source)?;
            let original = source.message.bytes();
            let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, original);
            writer
                .create_element("bron")
                .with_attribute(("bytes", original.len().to_string().as_str()))
                .with_attribute(("sha256", content::hex(digest.as_ref()).as_str()))
                .write_empty()?;
            Ok(())
        })?;
    Ok(writer.into_inner())
}

fn summary(writer: &mut Writer<Vec<u8>>, content: &Content) -> std::io::Result<()> {
    for (name, value) in [
        ("van", &content.from),
        ("aan", &content.to),
        ("kopie", &content.cc),
        ("datum", &content.date),
        ("onderwerp", &content.subject),
        ("berichtId", &content.message_id),
    ] {
        text(writer, name, value)?;
    }
    Ok(())
}

fn header(writer: &mut Writer<Vec<u8>>, source: &Source<'_>) -> std::io::Result<()> {
    let parsed = MessageParser::default().parse_headers(source.message.bytes());
    let decoded = |name: &str, at: usize| {
        let headers = parsed.as_ref()?.headers().iter();
        let value = headers.filter(|h| h.name().eq_ignore_ascii_case(name)).nth(at)?;
        Some(content::value_text(&value.value))
    };
    writer.create_element("kopregels").write_inner_content(|writer| {
        let mut seen: Vec<String> = Vec::new();
        for field in source.message.fields() {
            let name = String::from_utf8_lossy(field.name()).into_owned();
            let lower = name.to_ascii_lowercase();
            let at = seen.iter().filter(|other| **other == lower).count();
            let readable = decoded(&name, at).unwrap_or_default();
            seen.push(lower);
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

fn attachments(writer: &mut Writer<Vec<u8>>, content: &Content) -> std::io::Result<()> {
    writer.create_element("bijlagen").write_inner_content(|writer| {
        for attachment in &content.attachments {
            writer
                .create_element("bijlage")
                .with_attribute(("naam", clean(&attachment.name).as_str()))
                .with_attribute(("mimetype", clean(&attachment.content_type).as_str()))
                .with_attribute(("bytes", attachment.bytes.len().to_string().as_str()))
                .with_attribute(("sha256", attachment.sha256.as_str()))
                .write_text_content(BytesText::new(&STANDARD.encode(&attachment.bytes)))?;
        }
        Ok(())
    })?;
    Ok(())
}

fn proof(writer: &mut Writer<Vec<u8>>, source: &Source<'_>) -> std::io::Result<()> {
    writer.create_element("bewijs").write_inner_content(|writer| {
        for line in &source.proof {
            writer
                .create_element("regel")
                .with_attribute(("wat", clean(&line.label).as_str()))
                .write_text_content(BytesText::new(&clean(&line.text)))?;
        }
        Ok(())
    })?;
    Ok(())
}

fn text(writer: &mut Writer<Vec<u8>>, name: &str, value: &str) -> std::io::Result<()> {
    writer.create_element(name).write_text_content(BytesText::new(&clean(value)))?;
    Ok(())
}

/// What XML 1.0 section 2.2 has no place for becomes U+FFFD; CRLF becomes LF, as a reader of XML
/// would make of it.
fn clean(text: &str) -> String {
    let text = text.replace("\r\n", "\n");
    text.chars()
        .map(|c| match c {
            '\t' | '\n' => c,
            '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => '\u{fffd}',
            c => c,
        })
        .collect()
}

const NAMESPACE: &str = "urn:zorgzegel:bericht:1";
