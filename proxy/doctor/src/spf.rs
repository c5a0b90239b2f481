//! SPF records (RFC 7208), as far as R-SPF-1 asks: how they end.
//!
//! Whom a record lets send is not judged. `redirect=` is followed, since it decides how the record
//! ends; `include:` is not, since it cannot (RFC 7208 section 5.2). The limit of ten look-ups
//! (section 4.6.4) is not counted.

use core::net::{Ipv4Addr, Ipv6Addr};

use mail::Domain;
use nta7516::record::Txt;

use crate::Text;
use crate::tags::excerpt;

/// What the TXT records of a domain say as SPF.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Spf {
    /// There is no SPF record.
    None,
    /// There is more than one, so that none counts (section 4.5).
    Many(usize),
    /// The record cannot be read.
    Broken(Fault),
    /// It can be read.
    Reads(Policy),
}

/// A record, and how it ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Policy {
    /// Its terms, version first.
    terms: Vec<String>,
    pub(crate) end: End,
}

/// How a record ends: what holds for whom nothing in it matches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum End {
    /// By an `all` with this qualifier.
    All(Qualifier),
    /// By the record of another domain.
    Redirect(Domain),
    /// By the record of a domain whose name is made up of macros (section 7).
    RedirectMacro(String),
    /// By nothing, which stands for neutral (section 4.7).
    Open,
}

/// What a mechanism answers where it matches (section 4.6.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Qualifier {
    Pass,
    Fail,
    SoftFail,
    Neutral,
}

/// Why a record cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fault {
    /// A byte that is no visible ASCII, or too many bytes.
    Characters,
    /// A term that is no mechanism and no modifier.
    Term(String),
    /// `redirect=` or `exp=` for the second time (section 6).
    Twice(&'static str),
}

/// Reads the TXT records of a domain (section 4.5).
pub(crate) fn read(records: &[Txt]) -> Spf {
    let claims: Vec<&Txt> = records.iter().filter(|txt| is_claim(&txt.data)).collect();
    match claims.as_slice() {
        [] => Spf::None,
        [one] => parse(&one.data).map_or_else(Spf::Broken, Spf::Reads),
        many => Spf::Many(many.len()),
    }
}

fn is_claim(data: &[u8]) -> bool {
    let (version, rest) = data.split_at(data.len().min(VERSION.len()));
    version.eq_ignore_ascii_case(VERSION.as_bytes()) && matches!(rest.first(), None | Some(b' '))
}

fn parse(data: &[u8]) -> Result<Policy, Fault> {
    let visible = data.iter().all(|c| *c == b' ' || c.is_ascii_graphic());
    let text = core::str::from_utf8(data).map_err(|_| Fault::Characters)?;
    if !visible || text.len() > LONGEST {
        return Err(Fault::Characters);
    }
    let terms: Vec<&str> = text.split(' ').filter(|term| !term.is_empty()).collect();
    let (mut all, mut redirect, mut exp) = (None, None, None);
    for term in terms.iter().skip(1) {
        match modifier(term) {
            Some((name, value)) if name.eq_ignore_ascii_case("redirect") => {
                set(&mut redirect, value, "redirect")?;
            }
            Some((name, value)) if name.eq_ignore_ascii_case("exp") => {
                set(&mut exp, value, "exp")?;
            }
            Some(_) => {}
            None => {
                let qualifier = mechanism(term).ok_or_else(|| Fault::Term(excerpt(term)))?;
                // Section 5.1: mechanisms behind `all` are never tested.
                all = all.or(qualifier);
            }
        }
    }
    let end = match (all, redirect) {
        // Section 5.1: where there is an `all`, `redirect` counts for nothing.
        (Some(qualifier), _) => End::All(qualifier),
        (None, Some(target)) if target.contains('%') => End::RedirectMacro(excerpt(target)),
        (None, Some(target)) => End::Redirect(
            Domain::parse(target)
                .map_err(|_| Fault::Term(excerpt(&format!("redirect={target}"))))?,
        ),
        (None, None) => End::Open,
    };
    Ok(Policy { terms: terms.into_iter().map(str::to_owned).collect(), end })
}

fn set<'a>(slot: &mut Option<&'a str>, value: &'a str, name: &'static str) -> Result<(), Fault> {
    match slot.replace(value) {
        None => Ok(()),
        Some(_) => Err(Fault::Twice(name)),
    }
}

/// `name = ALPHA *( ALPHA / DIGIT / "-" / "_" / "." )` before an equals sign (section 4.6.1).
fn modifier(term: &str) -> Option<(&str, &str)> {
    let (name, value) = term.split_once('=')?;
    let letter = name.starts_with(|c: char| c.is_ascii_alphabetic());
    let rest = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    (letter && name.chars().all(rest)).then_some((name, value))
}

/// Is this a mechanism (section 4.6.1)? `Some(None)` for any but `all`.
#[allow(clippy::option_option, reason = "no mechanism, another mechanism, `all` with its sign")]
fn mechanism(term: &str) -> Option<Option<Qualifier>> {
    let (qualifier, rest) = match term.split_at_checked(1) {
        Some(("+", rest)) => (Qualifier::Pass, rest),
        Some(("-", rest)) => (Qualifier::Fail, rest),
        Some(("~", rest)) => (Qualifier::SoftFail, rest),
        Some(("?", rest)) => (Qualifier::Neutral, rest),
        _ => (Qualifier::Pass, term),
    };
    let end = rest.find([':', '/']).unwrap_or(rest.len());
    let (name, argument) = rest.split_at(end);
    let name = name.to_ascii_lowercase();
    let target = argument.strip_prefix(':').filter(|target| !target.is_empty());
    let fits = match name.as_str() {
        "all" if argument.is_empty() => return Some(Some(qualifier)),
        "include" | "exists" => target.is_some_and(|target| !target.contains('/')),
        "a" | "mx" => argument.is_empty() || target.is_some() || argument.starts_with('/'),
        "ptr" => argument.is_empty() || target.is_some(),
        "ip4" => target.is_some_and(|target| network::<Ipv4Addr>(target, 32)),
        "ip6" => target.is_some_and(|target| network::<Ipv6Addr>(target, 128)),
        _ => false,
    };
    fits.then_some(None)
}

fn network<Ip: core::str::FromStr>(text: &str, longest: u8) -> bool {
    let (ip, length) = text.split_once('/').map_or((text, None), |(ip, n)| (ip, Some(n)));
    let fits = length.is_none_or(|n| n.parse::<u8>().is_ok_and(|n| n <= longest));
    ip.parse::<Ip>().is_ok() && fits
}

impl Policy {
    /// The record as it stands, without needless blanks.
    pub(crate) fn text(&self) -> String {
        self.terms.join(" ")
    }

    /// The same record, ending in `-all`.
    pub(crate) fn closed(&self) -> String {
        let is_all = |term: &&String| matches!(mechanism(term), Some(Some(_)));
        let before = self.terms.iter().take_while(|term| !is_all(term));
        // A modifier behind `all` still counts, but for `redirect`.
        let behind = self.terms.iter().skip_while(|term| !is_all(term));
        let kept = before.chain(behind.filter(|term| modifier(term).is_some()));
        let redirects = |term: &&String| modifier(term).is_some_and(|(name, _)| name == "redirect");
        let mut terms: Vec<&str> =
            kept.filter(|term| !redirects(term)).map(String::as_str).collect();
        terms.push("-all");
        terms.join(" ")
    }
}

impl Qualifier {
    /// The `all` that it makes.
    pub(crate) fn all(self) -> &'static str {
        match self {
            Self::Pass => "+all",
            Self::Fail => "-all",
            Self::SoftFail => "~all",
            Self::Neutral => "?all",
        }
    }
}

impl Fault {
    pub(crate) fn text(&self) -> Text {
        match self {
            Self::Characters => Text::new(
                format!("er staan tekens in die er niet horen, of meer dan {LONGEST} bytes"),
                format!("it has characters that do not belong there, or over {LONGEST} bytes"),
            ),
            Self::Term(term) => Text::new(
                format!("„{term}” is geen onderdeel dat SPF kent"),
                format!("“{term}” is no term that SPF knows"),
            ),
            Self::Twice(name) => Text::new(
                format!("{name}= staat er twee keer"),
                format!("{name}= stands there twice"),
            ),
        }
    }
}

const VERSION: &str = "v=spf1";
/// The longest record that is read, in bytes; section 3.4 advises 450.
const LONGEST: usize = 8_192;

#[cfg(test)]
mod tests {
    use super::*;

    fn txt(text: &str) -> Txt {
        Txt { data: text.as_bytes().to_vec(), ttl: 300 }
    }

    fn of(text: &str) -> Spf {
        read(&[txt(text)])
    }

    #[test]
    fn a_record_ends_by_its_all_else_by_its_redirect() {
        use Qualifier::{Fail, Neutral, Pass, SoftFail};
        let to = |name| End::Redirect(Domain::parse(name).unwrap());
        for (text, end) in [
            ("v=spf1 -all", End::All(Fail)),
            ("V=SPF1 mx -ALL", End::All(Fail)),
            ("v=spf1 mx ~all", End::All(SoftFail)),
            ("v=spf1 ?all", End::All(Neutral)),
            ("v=spf1 +all", End::All(Pass)),
            ("v=spf1 all", End::All(Pass)),
            ("v=spf1 a mx:b.nl/24 ip4:192.0.2.0/24 ip6:2001:db8::/32 -all", End::All(Fail)),
            ("v=spf1 include:x.nl exists:%{i}.x.nl ptr -all", End::All(Fail)),
            ("v=spf1 ~all -all", End::All(SoftFail)),
            ("v=spf1 -all redirect=x.nl", End::All(Fail)),
            ("v=spf1 redirect=x.nl", to("x.nl")),
            ("v=spf1 mx redirect=_spf.x.nl exp=why.x.nl", to("_spf.x.nl")),
            ("v=spf1 redirect=%{d}.x.nl", End::RedirectMacro("%{d}.x.nl".into())),
            ("v=spf1", End::Open),
            ("v=spf1 ", End::Open),
            ("v=spf1 include:x.nl", End::Open),
            ("v=spf1 new.thing=1 mx", End::Open),
        ] {
            match of(text) {
                Spf::Reads(policy) => assert_eq!(policy.end, end, "{text}"),
                other => panic!("{text}: {other:?}"),
            }
        }
    }

    #[test]
    fn what_is_no_record_is_passed_over_and_two_records_are_none() {
        for text in ["", "v=spf10 -all", "v=spf2.0/pra -all", "spf1 -all", " v=spf1 -all"] {
            assert_eq!(of(text), Spf::None, "{text:?}");
        }
        assert_eq!(read(&[txt("v=spf1 -all"), txt("v=spf1 mx -all")]), Spf::Many(2));
        let with_others = [txt("v=NTA7516-1;x"), txt("v=spf1 -all"), txt("MS=1")];
        assert!(matches!(read(&with_others), Spf::Reads(_)));
    }

    #[test]
    fn a_term_that_spf_does_not_know_is_named() {
        for (text, term) in [
            ("v=spf1 -al", "-al"),
            ("v=spf1 mx; -all", "mx;"),
            ("v=spf1 include: -all", "include:"),
            ("v=spf1 include -all", "include"),
            ("v=spf1 ip4:192.0.2.0/33 -all", "ip4:192.0.2.0/33"),
            ("v=spf1 ip4:x.nl -all", "ip4:x.nl"),
            ("v=spf1 all:x -all", "all:x"),
            ("v=spf1 ipv4:192.0.2.1 -all", "ipv4:192.0.2.1"),
            ("v=spf1 redirect=-x", "redirect=-x"),
        ] {
            assert_eq!(of(text), Spf::Broken(Fault::Term(term.into())), "{text}");
        }
        let twice = Spf::Broken(Fault::Twice("redirect"));
        assert_eq!(of("v=spf1 redirect=a.nl redirect=b.nl"), twice);
        assert_eq!(of("v=spf1 é -all"), Spf::Broken(Fault::Characters));
        assert_eq!(of("v=spf1 mx\t-all"), Spf::Broken(Fault::Characters));
    }

    #[test]
    fn the_same_record_can_be_closed() {
        for (text, closed) in [
            ("v=spf1 mx  ~all", "v=spf1 mx -all"),
            ("v=spf1", "v=spf1 -all"),
            ("v=spf1 include:x.nl ?all exp=e.nl", "v=spf1 include:x.nl exp=e.nl -all"),
            ("v=spf1 mx +all a redirect=x.nl", "v=spf1 mx -all"),
        ] {
            let Spf::Reads(policy) = of(text) else { panic!("{text}") };
            assert_eq!(policy.closed(), closed);
            assert!(matches!(
                of(closed),
                Spf::Reads(Policy { end: End::All(Qualifier::Fail), .. })
            ));
        }
    }
}
