//! Domain names as people list them.

use std::collections::HashMap;

use engine::doctor::Text;
use mail::Domain;
use settings::Language;

/// The names to look at, in the order in which they were named. What a list names twice is looked at
/// once; who names something twice on the command line is answered twice.
#[derive(Debug, Default)]
pub(super) struct Names {
    pub(super) domains: Vec<Domain>,
    pub(super) remarks: Vec<Remark>,
    /// Where each was first named.
    seen: HashMap<Domain, Place>,
}

/// The line of a list, from 1; `None` on the command line.
type Place = Option<usize>;

/// Something about the list that its writer should know.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Remark {
    /// This is no domain name; it is passed over.
    Bad { place: Place, text: String, why: Text },
    /// This domain was named before; it is looked at once.
    Twice { place: Place, domain: Domain, first: Place },
}

impl Names {
    /// Takes the lines of a list. What stands behind a `#` is a remark of its writer's; blank lines
    /// are none.
    pub(super) fn read(&mut self, text: &str) {
        for (index, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
            let name = line.split('#').next().unwrap_or_default().trim();
            if !name.is_empty() {
                self.add(name, Some(index + 1));
            }
        }
    }

    /// Takes one name.
    pub(super) fn add(&mut self, name: &str, place: Place) {
        match domain(name) {
            Ok(domain) => match self.seen.get(&domain) {
                Some(first) if place.is_some() => {
                    self.remarks.push(Remark::Twice { place, domain, first: *first });
                }
                _ => {
                    self.seen.entry(domain.clone()).or_insert(place);
                    self.domains.push(domain);
                }
            },
            Err(why) => {
                let plain = |c: char| if c.is_control() { '?' } else { c };
                let text = name.chars().map(plain).take(SHOWN).collect();
                self.remarks.push(Remark::Bad { place, text, why });
            }
        }
    }

    /// How many were no domain names.
    pub(super) fn bad(&self) -> usize {
        self.remarks.iter().filter(|remark| matches!(remark, Remark::Bad { .. })).count()
    }

    /// The characters of the longest name, within reason.
    pub(super) fn width(&self) -> usize {
        let lengths = self.domains.iter().map(|domain| domain.to_unicode().chars().count());
        lengths.max().unwrap_or(0).min(WIDEST)
    }
}

/// A mail domain that a person wrote.
pub(super) fn domain(name: &str) -> Result<Domain, Text> {
    let wrong = |nl: &str, en: &str| Err(Text::new(nl, en));
    if name.contains('@') {
        return wrong("dit is een mailadres", "this is a mail address");
    }
    if name.contains('/') {
        return wrong("dit is een webadres", "this is a web address");
    }
    let Ok(domain) = Domain::parse(name) else {
        return wrong("dit is geen domeinnaam", "this is no domain name");
    };
    // RFC 1123 section 2.1: what ends in digits alone is an IP address.
    let last = domain.as_str().rsplit('.').next().unwrap_or_default();
    if last.bytes().all(|c| c.is_ascii_digit()) {
        return wrong("dit is een IP-adres", "this is an IP address");
    }
    Ok(domain)
}

impl Remark {
    pub(super) fn in_words(&self, language: Language) -> String {
        let dutch = language == Language::Dutch;
        let at = |place: &Place| match place {
            Some(line) if dutch => format!("regel {line}: "),
            Some(line) => format!("line {line}: "),
            None => String::new(),
        };
        match self {
            Self::Bad { place, text, why } => {
                let (why, mend) = if dutch {
                    (&why.nl, "overgeslagen; schrijf het als praktijk.nl")
                } else {
                    (&why.en, "passed over; write it like praktijk.nl")
                };
                format!("{}\"{text}\": {why}; {mend}", at(place))
            }
            Self::Twice { place, domain, first } => {
                let before = match (first, dutch) {
                    (Some(line), true) => format!("stond al op regel {line}"),
                    (Some(line), false) => format!("stood at line {line} before"),
                    (None, true) => "was al genoemd".to_owned(),
                    (None, false) => "was named before".to_owned(),
                };
                let once =
                    if dutch { "er wordt één keer gekeken" } else { "it is looked at once" };
                format!("{}{domain} {before}; {once}", at(place))
            }
        }
    }
}

/// Characters of a wrong name that are shown.
const SHOWN: usize = 100;
/// The widest column of names.
const WIDEST: usize = 48;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_name_of_the_command_line_is_answered() {
        let mut names = Names::default();
        for name in ["z\u{f3}rg.nl", "xn--zrg-gna.nl", "a b"] {
            names.add(name, None);
        }
        assert_eq!((names.domains.len(), names.bad(), names.remarks.len()), (2, 1, 1));
        let said = names.remarks[0].in_words(Language::English);
        assert!(said.starts_with("\"a b\": this is no domain name; passed over"), "{said}");
    }

    #[test]
    fn a_list_has_remarks_blank_lines_and_names_that_come_twice() {
        let mut names = Names::default();
        names.add("een.nl", None);
        names.read(
            "\u{feff}# artsen\r\n\r\n  Een.nl \ntwee.nl # noord\n\nd\u{f8}r.nl\nTWEE.NL.\n\
             geen domein\njan@drie.nl\nhttps://vier.nl/\n192.0.2.1\nx\u{1b}[2Jy\n#\n",
        );
        let found: Vec<_> = names.domains.iter().map(Domain::as_str).collect();
        assert_eq!(found, ["een.nl", "twee.nl", "xn--dr-lka.nl"]);
        let said: Vec<_> =
            names.remarks.iter().map(|remark| remark.in_words(Language::English)).collect();
        assert_eq!(names.bad(), 5);
        assert_eq!(said.len(), 7);
        assert_eq!(said[0], "line 3: een.nl was named before; it is looked at once");
        assert_eq!(said[1], "line 7: twee.nl stood at line 4 before; it is looked at once");
        assert!(
            said[2].starts_with("line 8: \"geen domein\": this is no domain name;"),
            "{said:?}"
        );
        assert!(said[3].contains("mail address") && said[4].contains("web address"));
        assert!(said[5].contains("IP address"));
        assert!(said[6].contains("x?[2Jy"), "nothing moves the cursor: {said:?}");
        let dutch = names.remarks[1].in_words(Language::Dutch);
        assert_eq!(dutch, "regel 7: twee.nl stond al op regel 4; er wordt één keer gekeken");
        assert_eq!(names.width(), 7);
    }
}
