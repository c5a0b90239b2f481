mod reading;
mod words;

use crate::tokens::Token;
use reading::Reading;

/// How a name stands in the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// `dhr. Jansen`, `patiënt Jansen`.
    Titled,
    /// `Beste mevrouw Jansen,`: the reader.
    Greeted,
    /// `dr. Jansen`, `Jansen, cardioloog`: a professional.
    Professional,
    /// `J. Jansen`, `Jan Jansen`.
    Plain,
    /// `Beste Anna,`: whom one writes to, without a title.
    Hailed,
    /// A given name alone.
    First,
    /// A surname alone, or a word with a capital that is no other known word.
    Last,
}

/// A name and its place, without its title.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Name {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) form: Form,
}

/// The names of people in a text, in order, none over another: a title with a name, initials with a
/// name, a known given name, a known surname, a word with a capital where no other word has one.
pub(crate) fn find(text: &str, tokens: &[Token<'_>], is_name_of_file: bool) -> Vec<Name> {
    let reading = Reading { text, tokens, is_name_of_file };
    let mut out = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        match reading.name_at(at) {
            Some((name, next)) => {
                out.push(reading.with_its_profession(name));
                at = next;
            }
            None => at += 1,
        }
    }
    out
}

/// Is a name, in lower case, that of a colleague: all of it, or the end of it, word by word?
pub(crate) fn is_of(staff: &str, name: &str) -> bool {
    let (staff, name): (Vec<&str>, Vec<&str>) = (words(staff), words(name));
    !name.is_empty() && (staff.ends_with(&name) || name.ends_with(&staff) && staff.len() > 1)
}

fn words(name: &str) -> Vec<&str> {
    name.split([' ', '.']).filter(|word| !word.is_empty()).collect()
}
