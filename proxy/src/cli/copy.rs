use std::io;
use std::path::{Path, PathBuf};

use copies::{About, CopyError, Form, Source, names};
use jiff::Timestamp;
use mail::Message;
use shelf::{Folder, ShelfError};
use worker::Workers;

use super::{Failure, LanguageArgument, Outcome, say, scan, settings_or_default, verify};

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The mail file; - is standard input.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Writes a PDF (PDF/A-3a, PDF/UA-1) with the message, the XML and the attachments inside.
    #[arg(long)]
    pdf: bool,
    /// Writes XML, by proxy/copies/schema/bericht-1.xsd.
    #[arg(long)]
    xml: bool,
    /// The folder to write to; default: the current one.
    #[arg(long, default_value = ".", value_name = "DIR")]
    out: PathBuf,
    #[command(flatten)]
    language: LanguageArgument,
}

/// `zorgzegel copy`: the verdict on the message's signature stands in the copies.
pub(crate) fn run(config: Option<&Path>, arguments: &Arguments) -> Result<Outcome, Failure> {
    if !arguments.pdf && !arguments.xml {
        return Err(Failure::usage("say which copy you want: --pdf, --xml, or both"));
    }
    let settings = settings_or_default(config)?;
    let language = shelf::language(arguments.language.or(&settings));
    let message = Message::new(scan::read(&arguments.file)?);
    let now = Timestamp::now();
    let verdict = cades::open(&message, &verify::anchors(&settings, &[])?, now);
    let about = About::new("zorgzegel copy", now, language).signed(&verdict);
    let source = Source { message: &message, about: &about };
    let mut files = Vec::new();
    if arguments.pdf {
        files.push(("pdf", pdf(&source)?));
    }
    if arguments.xml {
        files.push(("xml", copies::xml(&source).map_err(|error| told(&error, language))?));
    }
    let written = Folder::open(&arguments.out)
        .and_then(|folder| folder.write(&stem(&arguments.file), &files))
        .map_err(|error| shelved(&error, language))?;
    for path in written {
        say(path.display())?;
    }
    Ok(Outcome::Holds)
}

/// A PDF of a message; where it is plainer than the message that is told beside it.
pub(super) fn pdf(source: &Source<'_>) -> Result<Vec<u8>, Failure> {
    let language = source.about.language;
    let pdf = Workers::of_this_program().pdf(source).map_err(|error| told(&error, language))?;
    if pdf.form != Form::Whole
        && let Some(notice) = pdf.form.notice(language)
    {
        io::Write::write_all(&mut io::stderr().lock(), format!("{notice}\n").as_bytes())?;
    }
    Ok(pdf.bytes)
}

pub(super) fn told(error: &CopyError, language: copies::Language) -> Failure {
    Failure::failed(language.choose(error.dutch(), error.to_string()))
}

/// Why files could not be written, in the language of the copies.
pub(super) fn shelved(error: &ShelfError, language: copies::Language) -> Failure {
    Failure::failed(language.choose(error.nl(), error.to_string()))
}

fn stem(file: &Path) -> String {
    match file.file_stem().map(|stem| stem.to_string_lossy().into_owned()) {
        Some(stem) if stem != "-" => names::safe(&stem, "bericht"),
        _ => "bericht".to_owned(),
    }
}

/// Writes a new file, whole or not at all; one that is there already is never overwritten.
pub(super) fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    disk::create(path, bytes).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => Failure::failed(format!(
            "{} is there already and stays as it is; name another file or folder",
            path.display()
        )),
        _ => Failure::failed(format!("{} cannot be written: {error}", path.display())),
    })?;
    say(path.display())
}
