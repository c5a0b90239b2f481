use std::path::{Path, PathBuf};

use copies::{Language, Source};
use jiff::Timestamp;
use mail::Message;

use super::{Failure, Outcome, say, scan};

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The mail file; - is standard input.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Writes a PDF.
    #[arg(long)]
    pdf: bool,
    /// Writes XML.
    #[arg(long)]
    xml: bool,
    /// The folder to write to; default: the current one.
    #[arg(long, default_value = ".", value_name = "DIR")]
    out: PathBuf,
}

/// `zorgzegel copy`.
pub(crate) fn run(arguments: &Arguments) -> Result<Outcome, Failure> {
    if !arguments.pdf && !arguments.xml {
        return Err(Failure::usage("say which copy you want: --pdf, --xml, or both"));
    }
    let message = Message::new(scan::read(&arguments.file)?);
    let source = Source {
        message: &message,
        proof: Vec::new(),
        made_at: Timestamp::now(),
        made_by: "zorgzegel copy".to_owned(),
        language: Language::Dutch,
    };
    std::fs::create_dir_all(&arguments.out)?;
    let stem = stem(&arguments.file);
    if arguments.pdf {
        let pdf = copies::pdf(&source).map_err(Failure::failed)?;
        write(&arguments.out.join(format!("{stem}.pdf")), &pdf)?;
    }
    if arguments.xml {
        let xml = copies::xml(&source).map_err(Failure::failed)?;
        write(&arguments.out.join(format!("{stem}.xml")), &xml)?;
    }
    Ok(Outcome::Holds)
}

fn stem(file: &Path) -> String {
    match file.file_stem().map(|stem| stem.to_string_lossy().into_owned()) {
        Some(stem) if stem != "-" => stem,
        _ => "bericht".to_owned(),
    }
}

/// Writes a new file; one that is there already is never overwritten.
pub(super) fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let mut file =
        std::fs::File::options().write(true).create_new(true).open(path).map_err(|error| {
            match error.kind() {
                std::io::ErrorKind::AlreadyExists => Failure::failed(format!(
                    "{} is there already and stays as it is; name another folder with --out",
                    path.display()
                )),
                _ => Failure::failed(format!("{} cannot be written: {error}", path.display())),
            }
        })?;
    std::io::Write::write_all(&mut file, bytes)?;
    file.sync_all()?;
    say(path.display())
}
