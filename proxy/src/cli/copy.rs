use std::io;
use std::path::{Path, PathBuf};

use ::dossier::medvri::{self, Parties};
use ::dossier::{Filing, Papers, fhir};
use copies::{About, Content, CopyError, Form, Source, names};
use jiff::Timestamp;
use mail::Message;
use shelf::{Folder, ShelfError};
use worker::Workers;

use super::dossier::FilingArguments;
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
    /// Writes a FHIR R4 transaction bundle (JSON) with the PDF inside, under the patient whom you name.
    #[arg(long)]
    fhir: bool,
    /// Writes the text as EDIFACT MEDVRI (.edi), under the patient whom you name.
    #[arg(long)]
    medvri: bool,
    #[command(flatten)]
    filing: FilingArguments,
    /// The folder to write to; default: the current one.
    #[arg(long, default_value = ".", value_name = "DIR")]
    out: PathBuf,
    /// Prints the files as JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    language: LanguageArgument,
}

/// `zorgzegel copy`: the verdict on the message's signature stands in the copies. Nothing is sent anywhere.
pub(crate) fn run(config: Option<&Path>, arguments: &Arguments) -> Result<Outcome, Failure> {
    let record = arguments.fhir || arguments.medvri;
    if !arguments.pdf && !arguments.xml && !record {
        return Err(Failure::usage("say which copies you want: --pdf, --xml, --fhir, --medvri"));
    }
    if arguments.filing.names_a_system() || (arguments.filing.names_a_patient() && !record) {
        return Err(Failure::usage(
            "a copy goes to no record system: name a patient with --fhir or --medvri, and no --record",
        ));
    }
    let settings = settings_or_default(config)?;
    let language = shelf::language(arguments.language.or(&settings));
    let message = Message::new(scan::read(&arguments.file)?);
    let now = Timestamp::now();
    let verdict = cades::open(&message, &verify::anchors(&settings, &[])?, now);
    let about = About::new("zorgzegel copy", now, language).signed(&verdict);
    let source = Source { message: &message, about: &about };
    // Before the work: nothing is filed without a patient whom a person named.
    let filing = if record { Some(filing(arguments, &message, now)?) } else { None };
    let mut files = Vec::new();
    let pdf = if arguments.pdf || arguments.fhir { pdf(&source)? } else { Vec::new() };
    let xml = match arguments.xml || record {
        true => copies::xml(&source).map_err(|error| told(&error, language))?,
        false => Vec::new(),
    };
    if let Some((content, filing)) = &filing {
        let papers = Papers { message: &message, content, pdf: &pdf, xml: &xml };
        if arguments.fhir {
            files.push(("json", serde_json::to_vec(&fhir::bundle(&papers, filing))?));
        }
        if arguments.medvri {
            let parties = Parties::of_mail(&papers);
            files.push(("edi", medvri::interchange(&papers, filing, &parties)));
        }
    }
    if arguments.pdf {
        files.push(("pdf", pdf));
    }
    if arguments.xml {
        files.push(("xml", xml));
    }
    let written = Folder::open(&arguments.out)
        .and_then(|folder| folder.write(&stem(&arguments.file), &files))
        .map_err(|error| shelved(&error, language))?;
    if arguments.json {
        super::say_json(&serde_json::json!({ "files": written }))?;
    } else {
        for path in written {
            say(path.display())?;
        }
    }
    Ok(Outcome::Holds)
}

/// What stands in the message, and under what a record system is to file it.
fn filing(
    arguments: &Arguments,
    message: &Message,
    now: Timestamp,
) -> Result<(Content, Filing), Failure> {
    let content = Content::read(message);
    let author = content.from.first().map(ToString::to_string).unwrap_or_default();
    let date = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(&content.date);
    // Written when it is taken out, where it does not say when.
    let filing = arguments.filing.of(&author, date.unwrap_or(now), now)?;
    let filing = filing.ok_or_else(|| {
        Failure::usage("name the patient with --bsn, or with --patient and --born")
    })?;
    Ok((content, filing))
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
