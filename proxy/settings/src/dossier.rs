//! The record systems of an account (R-DET-3).

use std::path::PathBuf;

use toml::Spanned;
use toml_edit::{ArrayOfTables, Item, Table, Value};

use super::check::{Checked, Checker, spelt};
use super::raw;

/// A record system that takes copies of an account's mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Destination {
    /// What a person calls it; no two of an account have the same name. Default `dossier`.
    pub name: String,
    /// What it is, and where.
    pub dossier: Dossier,
}

impl Destination {
    /// Where it is: a folder or an address, as a person knows it.
    #[must_use]
    pub fn place(&self) -> String {
        match &self.dossier {
            Dossier::Folder(folder) | Dossier::Medvri { folder, .. } => {
                folder.display().to_string()
            }
            Dossier::Fhir { url, .. } => url.clone(),
        }
    }

    /// The name of the only destination of an account that names none.
    pub const UNNAMED: &str = "dossier";
}

/// What a record system is, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Dossier {
    /// A folder that it reads: one subfolder a message.
    Folder(PathBuf),
    /// A FHIR R4 server.
    Fhir {
        /// Its base address, `https://…`.
        url: String,
        /// By what it knows us.
        credential: Credential,
    },
    /// A folder that takes EDIFACT MEDVRI files.
    Medvri {
        /// The folder.
        folder: PathBuf,
        /// The address of the practice with its carrier; the account's where it is empty.
        sender: String,
        /// The address of the record system; the account's where it is empty.
        receiver: String,
    },
}

/// By what a FHIR server knows us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Credential {
    /// A bearer token (RFC 6750), in the vault; none where none is kept.
    Token,
    /// A client certificate (RFC 8446 section 4.4.2) with its key, in the vault.
    Certificate,
}

impl Checker<'_> {
    pub(super) fn dossiers(
        &self,
        raw: Option<Spanned<raw::Dossiers>>,
    ) -> Checked<Vec<Destination>> {
        let Some(raw) = raw else { return Ok(Vec::new()) };
        let span = raw.span();
        let many = match raw.into_inner() {
            raw::Dossiers::One(place) => {
                let dossier = self.unnamed(&Spanned::new(span, place))?;
                return Ok(vec![Destination { name: Destination::UNNAMED.to_owned(), dossier }]);
            }
            raw::Dossiers::Many(many) => many,
        };
        let mut all: Vec<Destination> = Vec::with_capacity(many.len());
        for one in many {
            let span = one.span();
            let one = self.destination(one.into_inner())?;
            if all.iter().any(|other| other.name.to_lowercase() == one.name.to_lowercase()) {
                let what = format!("two record systems of the account are called {}", one.name);
                return Err(self.fault(span, what, "give each a name = \"...\" of its own"));
            }
            all.push(one);
        }
        Ok(all)
    }

    /// `dossier = "FOLDER"` or `dossier = "https://..."`.
    fn unnamed(&self, place: &Spanned<String>) -> Checked<Dossier> {
        match place.get_ref().contains("://") {
            true => {
                self.address(place).map(|url| Dossier::Fhir { url, credential: Credential::Token })
            }
            false => self.file(place).map(Dossier::Folder),
        }
    }

    fn destination(&self, raw: raw::Dossier) -> Checked<Destination> {
        let name = match &raw.name {
            None => Destination::UNNAMED.to_owned(),
            Some(name) => self.name(name)?,
        };
        let kind = self.word(&Some(raw.kind), "kind", KINDS)?;
        let credential = self.word(&raw.credential, "credential", CREDENTIALS)?;
        if let (Some(word), Kind::Folder | Kind::Medvri) = (&raw.credential, kind) {
            let what = "a folder needs no credential";
            return Err(self.fault(word.span(), what, "remove the line, or write kind = \"fhir\""));
        }
        if let (Some(word), Kind::Folder | Kind::Fhir) =
            (raw.sender.as_ref().or(raw.receiver.as_ref()), kind)
        {
            let what = "sender and receiver belong to kind = \"medvri\"";
            return Err(self.fault(word.span(), what, "remove the line"));
        }
        let party = |party: raw::Text| party.map(Spanned::into_inner).unwrap_or_default();
        let dossier = match kind {
            Kind::Folder => Dossier::Folder(self.file(&raw.place)?),
            Kind::Fhir => Dossier::Fhir { url: self.address(&raw.place)?, credential },
            Kind::Medvri => Dossier::Medvri {
                folder: self.file(&raw.place)?,
                sender: party(raw.sender),
                receiver: party(raw.receiver),
            },
        };
        Ok(Destination { name, dossier })
    }

    fn name(&self, name: &Spanned<String>) -> Checked<String> {
        let text = name.get_ref().trim();
        if text.is_empty() || text.chars().count() > LONGEST_NAME || text.contains(char::is_control)
        {
            let what = format!("`{text}` is no name of a record system");
            return Err(self.fault(name.span(), what, "write one of 1 to 60 letters"));
        }
        Ok(text.to_owned())
    }

    fn address(&self, place: &Spanned<String>) -> Checked<String> {
        let text = place.get_ref();
        if text.starts_with("https://") && text.len() > "https://".len() {
            return Ok(text.clone());
        }
        let what = "a dossier's address must begin with https://";
        Err(self.fault(place.span(), what, "name a folder, or an https address"))
    }
}

/// How the record systems of an account stand in the file; `None` where it has none.
pub(super) fn written(all: &[Destination]) -> Option<Item> {
    if let [Destination { name, dossier }] = all
        && name == Destination::UNNAMED
    {
        let plain = match dossier {
            Dossier::Folder(folder) => Some(folder.to_string_lossy().into_owned()),
            Dossier::Fhir { url, credential: Credential::Token } => Some(url.clone()),
            Dossier::Fhir { .. } | Dossier::Medvri { .. } => None,
        };
        if let Some(place) = plain {
            return Some(Item::Value(place.into()));
        }
    }
    let tables: ArrayOfTables = all.iter().map(table).collect();
    (!tables.is_empty()).then_some(Item::ArrayOfTables(tables))
}

fn table(one: &Destination) -> Table {
    let mut table = Table::new();
    let mut set = |key: &str, text: &str| drop(table.insert(key, Item::Value(Value::from(text))));
    set("name", &one.name);
    match &one.dossier {
        Dossier::Folder(folder) => {
            set("kind", spelt(KINDS, Kind::Folder));
            set("place", &folder.to_string_lossy());
        }
        Dossier::Fhir { url, credential } => {
            set("kind", spelt(KINDS, Kind::Fhir));
            set("place", url);
            set("credential", spelt(CREDENTIALS, *credential));
        }
        Dossier::Medvri { folder, sender, receiver } => {
            set("kind", spelt(KINDS, Kind::Medvri));
            set("place", &folder.to_string_lossy());
            set("sender", sender);
            set("receiver", receiver);
        }
    }
    table
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Folder,
    Fhir,
    Medvri,
}

const KINDS: &[(&str, Kind)] =
    &[("folder", Kind::Folder), ("fhir", Kind::Fhir), ("medvri", Kind::Medvri)];
const CREDENTIALS: &[(&str, Credential)] =
    &[("token", Credential::Token), ("certificate", Credential::Certificate)];
/// It stands on a button.
const LONGEST_NAME: usize = 60;

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;
    use crate::{Settings, change_ways};

    #[test]
    fn an_account_may_have_several_record_systems_and_the_single_form_is_one() {
        let account = "[[account]]\naddress = \"a@b.nl\"\nsmtp = { host = \"h.nl\" }\n";
        let parse =
            |more: &str| Settings::parse(&format!("{account}{more}"), Path::new("/s/z.toml"));
        let single = parse("dossier = \"https://his.nl/fhir\"\n").unwrap();
        let [one] = single.accounts[0].dossiers.as_slice() else { panic!("one") };
        assert_eq!((one.name.as_str(), one.place()), ("dossier", "https://his.nl/fhir".to_owned()));

        let several = "[[account.dossier]]\nname = \"HIS\"\nkind = \"fhir\"\nplace = \"https://his.nl\"\n\
            credential = \"certificate\"\n[[account.dossier]]\nkind = \"folder\"\nplace = \"map\"\n\
            [[account.dossier]]\nname = \"EDI\"\nkind = \"medvri\"\nplace = \"edi\"\nsender = \"A1\"\n";
        let read = parse(several).unwrap();
        let names: Vec<_> = read.accounts[0].dossiers.iter().map(|one| one.name.clone()).collect();
        assert_eq!(names, ["HIS", "dossier", "EDI"]);
        assert_eq!(read.accounts[0].dossiers[1].dossier, Dossier::Folder("/s/map".into()));

        for (more, line, words) in [
            ("[[account.dossier]]\nkind = \"hl7\"\nplace = \"x\"\n", 5, "kind"),
            ("[[account.dossier]]\nkind = \"fhir\"\nplace = \"http://x\"\n", 6, "https"),
            (
                "[[account.dossier]]\nkind = \"folder\"\nplace = \"x\"\ncredential = \"token\"\n",
                7,
                "credential",
            ),
            ("[[account.dossier]]\nkind = \"folder\"\nplace = \"x\"\ncolour = 1\n", 7, "colour"),
            ("dossier = 3\n", 4, "folder"),
        ] {
            let error = parse(more).unwrap_err();
            let told = error.to_string();
            assert!(told.contains(words), "{more}: {told}");
            assert_eq!(error.line(), Some(line), "{more}: {told}");
        }
    }

    #[test]
    fn record_systems_are_written_back_as_they_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("z.toml");
        let text = "[[account]] # mine\naddress = \"a@b.nl\"\nsmtp = { host = \"h.nl\" }\ndossier = \"map\"\n\
            [[account]]\naddress = \"c@b.nl\"\nsmtp = { host = \"h.nl\" }\n";
        fs::write(&path, text).unwrap();
        let read = || Settings::parse(&fs::read_to_string(&path).unwrap(), &path).unwrap();
        let mut account = read().accounts[0].clone();
        let url = "https://his.nl/fhir".to_owned();
        account.dossiers.push(Destination {
            name: "HIS".to_owned(),
            dossier: Dossier::Fhir { url, credential: Credential::Certificate },
        });
        change_ways(&path, &account).unwrap();
        assert_eq!(read().accounts[0].dossiers, account.dossiers);
        assert!(read().accounts[1].dossiers.is_empty(), "the other account is left alone");
        assert!(fs::read_to_string(&path).unwrap().contains("# mine"));
        account.dossiers.clear();
        change_ways(&path, &account).unwrap();
        assert!(read().accounts[0].dossiers.is_empty());
    }
}
