use std::io;
use std::path::{Path, PathBuf};

use copies::{About, CopyError, Form, Source, names};
use jiff::Timestamp;
use mail::Message;
use settings::Language;
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
    let language = language(arguments.language.or(&settings));
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
    let folder = Folder::open(&arguments.out, language)?;
    for path in folder.write(&stem(&arguments.file), &files)? {
        say(path.display())?;
    }
    Ok(Outcome::Holds)
}

pub(super) fn language(language: Language) -> copies::Language {
    match language {
        Language::Dutch => copies::Language::Dutch,
        Language::English => copies::Language::English,
    }
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

/// The folder that copies go to.
pub(super) struct Folder {
    path: PathBuf,
    language: copies::Language,
}

impl Folder {
    /// Makes the folder where it is not there.
    ///
    /// A whole path lets Windows take more than 260 characters.
    pub(super) fn open(path: &Path, language: copies::Language) -> Result<Self, Failure> {
        let whole = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        let folder = Self { path: whole, language };
        std::fs::create_dir_all(&folder.path)
            .map_err(|error| folder.failed(&folder.path, &error))?;
        Ok(folder)
    }

    /// Writes files of one stem under the first number that is free for all of them, each whole or not at
    /// all; says where. Files that were written before one failed are taken back.
    pub(super) fn write(
        &self,
        stem: &str,
        files: &[(&str, Vec<u8>)],
    ) -> Result<Vec<PathBuf>, Failure> {
        for number in 1..NUMBERS {
            let path =
                |ending: &str| self.path.join(names::numbered(&format!("{stem}.{ending}"), number));
            if files.iter().any(|(ending, _)| path(ending).symlink_metadata().is_ok()) {
                continue;
            }
            let mut written: Vec<PathBuf> = Vec::new();
            let mut trouble = None;
            for (ending, bytes) in files {
                let path = path(ending);
                match disk::create(&path, bytes) {
                    Ok(()) => written.push(path),
                    Err(error) => {
                        trouble = Some((path, error));
                        break;
                    }
                }
            }
            let Some((path, error)) = trouble else {
                return Ok(written);
            };
            for path in &written {
                // Best done, and no reason to hide what went wrong first.
                let _ = std::fs::remove_file(path);
            }
            // Somebody else took the name meanwhile: the next number.
            if error.kind() != io::ErrorKind::AlreadyExists {
                return Err(self.failed(&path, &error));
            }
        }
        Err(Failure::failed(self.language.choose(
            format!(
                "In {} staan te veel bestanden met deze naam; kies een andere map.",
                self.path.display()
            ),
            format!(
                "{} has too many files of this name; choose another folder",
                self.path.display()
            ),
        )))
    }

    fn failed(&self, path: &Path, error: &io::Error) -> Failure {
        let (nl, en) = match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => (
                "de schijf is vol. Maak ruimte, of kies een andere map",
                "the disk is full; make room, or choose another folder",
            ),
            io::ErrorKind::NotFound => (
                "de map is er niet (meer). Kijk of de schijf of het netwerk er is, of kies een andere map",
                "the folder is not there (any more); look whether the disk or network is, or choose another folder",
            ),
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => (
                "hier mag u niet schrijven. Kies een andere map",
                "you may not write here; choose another folder",
            ),
            io::ErrorKind::NotADirectory => {
                ("dit is geen map. Kies een andere", "this is no folder; choose another")
            }
            io::ErrorKind::InvalidFilename => (
                "de naam is te lang voor deze schijf. Kies een map dichter bij het begin",
                "the name is too long for this disk; choose a folder nearer to its top",
            ),
            _ => ("het systeem weigert dat", "the system refuses"),
        };
        let nl = format!("{} is niet geschreven: {nl} ({error}).", path.display());
        let en = format!("{} was not written: {en} ({error})", path.display());
        Failure::failed(self.language.choose(nl, en))
    }
}

/// Numbers that are tried.
const NUMBERS: usize = 10_000;

#[cfg(test)]
mod tests {
    use super::*;

    fn names_in(folder: &Path) -> Vec<String> {
        let entries = std::fs::read_dir(folder).unwrap();
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn copies_of_one_message_have_one_number_and_replace_nothing() {
        let place = tempfile::tempdir().unwrap();
        let folder = Folder::open(&place.path().join("een/twee"), copies::Language::Dutch).unwrap();
        std::fs::write(folder.path.join("brief.xml"), b"van een ander").unwrap();
        let files = [("pdf", b"p".to_vec()), ("xml", b"x".to_vec())];
        folder.write("brief", &files).unwrap();
        folder.write("brief", &files[..1]).unwrap();
        assert_eq!(
            names_in(&folder.path),
            ["brief (2).pdf", "brief (2).xml", "brief.pdf", "brief.xml"]
        );
        assert_eq!(std::fs::read(folder.path.join("brief.xml")).unwrap(), b"van een ander");
    }

    #[test]
    fn a_folder_that_vanishes_or_is_none_is_a_clear_error_and_leaves_nothing() {
        let place = tempfile::tempdir().unwrap();
        let folder = Folder::open(&place.path().join("weg"), copies::Language::Dutch).unwrap();
        std::fs::remove_dir(&folder.path).unwrap();
        let error = folder.write("brief", &[("pdf", b"p".to_vec())]).unwrap_err().to_string();
        assert!(error.contains("is er niet (meer)"), "{error}");
        assert!(names_in(place.path()).is_empty());
        let file = place.path().join("bestand");
        std::fs::write(&file, b"x").unwrap();
        assert!(Folder::open(&file.join("map"), copies::Language::English).is_err());
        assert_eq!(std::fs::read(&file).unwrap(), b"x");
    }

    #[test]
    fn where_one_cannot_be_written_the_other_goes_too() {
        let place = tempfile::tempdir().unwrap();
        let folder = Folder::open(place.path(), copies::Language::English).unwrap();
        // A name that no file system takes stands for one that fails.
        let long = "x".repeat(300);
        let error = folder.write("brief", &[("pdf", b"p".to_vec()), (&long, b"x".to_vec())]);
        assert!(error.is_err());
        assert!(names_in(place.path()).is_empty());
    }
}
