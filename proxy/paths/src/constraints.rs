//! Name constraints (RFC 5280 section 4.2.1.10; section 6.1.3 (b), (c) and 6.1.4 (g)).

use crate::certificate::Certificate;
use crate::der::{self, hex};
use crate::extensions::{GeneralName, NameConstraints};
use crate::name::{self, Name};
use crate::refusal::{Bound, Reason};

/// What the issuers so far allow and forbid to name.
#[derive(Debug, Default)]
pub(crate) struct Constraints<'a> {
    /// One layer an issuer: a name must lie in each that speaks of its form.
    permitted: Vec<Vec<GeneralName<'a>>>,
    excluded: Vec<GeneralName<'a>>,
    compared: usize,
}

/// A name of the certificate, with what must be known to compare it.
enum Named {
    Mail(Option<String>),
    Host(Option<String>),
    Uri(Option<String>),
    Ip(Vec<u8>),
    Directory(Option<Name>, String),
    /// otherName, by its type.
    Other(Vec<u8>),
    Odd(u8),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Permitted,
    Excluded,
}

impl<'a> Constraints<'a> {
    /// Takes what an issuer says for all below it.
    pub(crate) fn add(&mut self, constraints: Option<&NameConstraints<'a>>) -> Result<(), Reason> {
        let Some(constraints) = constraints else {
            return Ok(());
        };
        if constraints.bounded {
            return Err(Reason::UnknownConstraint);
        }
        self.permitted.push(constraints.permitted.clone());
        self.excluded.extend(&constraints.excluded);
        Ok(())
    }

    /// Every name of the certificate lies within what was permitted, and none in what was excluded.
    pub(crate) fn check(&mut self, certificate: &Certificate<'a>) -> Result<(), Reason> {
        if self.excluded.is_empty() && self.permitted.iter().all(Vec::is_empty) {
            return Ok(());
        }
        let names = names(certificate);
        let constraints = self.excluded.len() + self.permitted.iter().map(Vec::len).sum::<usize>();
        self.compared += names.len() * constraints;
        if self.compared > COMPARED_MOST {
            return Err(Reason::TooMany(Bound::Entries));
        }
        names.iter().try_for_each(|name| self.check_one(name))
    }

    fn check_one(&self, name: &Named) -> Result<(), Reason> {
        let refused = || Reason::NameConstraints { name: name.shown() };
        for base in self.excluded.iter().filter(|base| name.like(base)) {
            if name.within(base, Side::Excluded)? {
                return Err(refused());
            }
        }
        for layer in &self.permitted {
            let mut spoken = false;
            let mut within = false;
            for base in layer.iter().filter(|base| name.like(base)) {
                spoken = true;
                within |= name.within(base, Side::Permitted)?;
            }
            if spoken && !within {
                return Err(refused());
            }
        }
        Ok(())
    }
}

/// All names, those of the subject included. "When a CA imposes constraints on the rfc822Name form" they
/// hold for emailAddress in the subject too, whether or not there are alternative names: mail
/// programs look at both.
fn names(certificate: &Certificate<'_>) -> Vec<Named> {
    let mut names = Vec::new();
    if !certificate.subject_name.is_empty() {
        let shown = name::text(certificate.subject);
        names.push(Named::Directory(Some(certificate.subject_name.clone()), shown));
    }
    let in_subject = name::attributes(certificate.subject, name::EMAIL_ADDRESS);
    names.extend(in_subject.into_iter().map(Named::Mail));
    for name in certificate.extensions.alternative_names.iter().flatten() {
        let text = |bytes: &[u8]| core::str::from_utf8(bytes).ok().map(str::to_owned);
        names.push(match name {
            GeneralName::Mail(address) => Named::Mail(text(address)),
            GeneralName::Host(host) => Named::Host(text(host)),
            GeneralName::Uri(uri) => Named::Uri(text(uri)),
            GeneralName::Ip(address) => Named::Ip(address.to_vec()),
            GeneralName::Directory(raw) => Named::Directory(Name::read(raw).ok(), name::text(raw)),
            // RFC 9598 section 6: the constraints of rfc822Name hold for it.
            GeneralName::Other { oid: SMTP_UTF8_MAILBOX, value } => {
                Named::Mail(der::whole(value, 0x0c).ok().and_then(|value| text(value.content)))
            }
            GeneralName::Other { oid, .. } => Named::Other(oid.to_vec()),
            GeneralName::Odd(tag) => Named::Odd(*tag),
        });
    }
    names
}

impl Named {
    /// The constraint is of this name's form.
    fn like(&self, base: &GeneralName<'_>) -> bool {
        match (self, base) {
            (Self::Mail(_), GeneralName::Mail(_))
            | (Self::Host(_), GeneralName::Host(_))
            | (Self::Uri(_), GeneralName::Uri(_))
            | (Self::Ip(_), GeneralName::Ip(_))
            | (Self::Directory(..), GeneralName::Directory(_)) => true,
            (Self::Other(own), GeneralName::Other { oid, .. }) => own == oid,
            (Self::Odd(own), GeneralName::Odd(tag)) => own == tag,
            _ => false,
        }
    }

    /// What cannot be read lies in everything excluded and in nothing permitted.
    fn within(&self, base: &GeneralName<'_>, side: Side) -> Result<bool, Reason> {
        let unread = side == Side::Excluded;
        let text = |bytes| core::str::from_utf8(bytes).map_err(|_| Reason::UnknownConstraint);
        Ok(match (self, base) {
            (Self::Mail(address), GeneralName::Mail(base)) => {
                let base = text(base)?;
                address.as_deref().map_or(unread, |address| mail_within(address, base, side))
            }
            (Self::Host(host), GeneralName::Host(base)) => {
                let base = text(base)?;
                host.as_deref().map_or(unread, |host| host_within(host, base, side))
            }
            (Self::Uri(uri), GeneralName::Uri(base)) => {
                let base = text(base)?;
                let host = uri.as_deref().and_then(host_of);
                host.map_or(unread, |host| domain_within(host, base))
            }
            (Self::Ip(address), GeneralName::Ip(base)) => ip_within(address, base),
            (Self::Directory(name, _), GeneralName::Directory(base)) => {
                let base = Name::read(base).map_err(|_| Reason::UnknownConstraint)?;
                name.as_ref().map_or(unread, |name| name.within(&base))
            }
            // "The syntax of ... other name forms is not defined": reject rather than ignore.
            _ => return Err(Reason::UnknownConstraint),
        })
    }

    fn shown(&self) -> String {
        match self {
            Self::Mail(text) | Self::Host(text) | Self::Uri(text) => {
                text.as_deref().map_or_else(|| "?".to_owned(), name::plain)
            }
            Self::Directory(_, text) => text.clone(),
            Self::Ip(bytes) => match <[u8; 4]>::try_from(bytes.as_slice()) {
                Ok(four) => core::net::Ipv4Addr::from(four).to_string(),
                Err(_) => hex(bytes),
            },
            Self::Other(oid) => der::dotted(oid),
            Self::Odd(_) => "?".to_owned(),
        }
    }
}

/// A mailbox, all mailboxes of a host, or (with a dot first) of all hosts in a domain. The local part's
/// case counts (section 7.5), but nobody evades an exclusion by it.
fn mail_within(address: &str, base: &str, side: Side) -> bool {
    let Some((local, host)) = address.rsplit_once('@') else {
        return side == Side::Excluded;
    };
    match base.rsplit_once('@') {
        Some((wanted, domain)) => {
            let same = match side {
                Side::Permitted => local == wanted,
                Side::Excluded => local.eq_ignore_ascii_case(wanted),
            };
            same && trimmed(host).eq_ignore_ascii_case(trimmed(domain))
        }
        None => base.is_empty() || domain_within(host, base),
    }
}

/// "Any DNS name that can be constructed by simply adding zero or more labels to the left-hand side".
fn host_within(host: &str, base: &str, side: Side) -> bool {
    if base.is_empty() {
        return true;
    }
    let bare = base.strip_prefix('.').unwrap_or(base);
    let below = below(host, bare);
    let equal = bare.len() == base.len() && trimmed(host).eq_ignore_ascii_case(trimmed(bare));
    // A wildcard stands for the excluded name as well.
    let stands_for = side == Side::Excluded
        && host.strip_prefix("*.").is_some_and(|domain| self::below(bare, domain));
    below || equal || stands_for
}

/// A host, or (with a dot first) all hosts in a domain but itself.
fn domain_within(host: &str, base: &str) -> bool {
    match base.strip_prefix('.') {
        Some(domain) => below(host, domain),
        None => trimmed(host).eq_ignore_ascii_case(trimmed(base)),
    }
}

/// The host has labels before the domain.
fn below(host: &str, domain: &str) -> bool {
    let (host, domain) = (trimmed(host).as_bytes(), trimmed(domain).as_bytes());
    let Some(labels) = host.len().checked_sub(domain.len()) else {
        return false;
    };
    let (labels, end) = host.split_at(labels);
    labels.len() > 1 && labels.ends_with(b".") && end.eq_ignore_ascii_case(domain)
}

/// Without the dot of the root.
fn trimmed(host: &str) -> &str {
    host.strip_suffix('.').unwrap_or(host)
}

/// The host of a URI. "The constraint MUST be specified as a fully qualified domain name": a URI
/// without one, or with an address, is not within it.
fn host_of(uri: &str) -> Option<&str> {
    let (_, rest) = uri.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let host = host.split(':').next()?;
    let address = host.starts_with('[') || host.parse::<core::net::Ipv4Addr>().is_ok();
    (!host.is_empty() && !address).then_some(host)
}

/// Address and mask.
fn ip_within(address: &[u8], base: &[u8]) -> bool {
    if base.len() != 2 * address.len() || !matches!(address.len(), 4 | 16) {
        return false;
    }
    let (network, mask) = base.split_at(address.len());
    address.iter().zip(network).zip(mask).all(|((own, net), mask)| own & mask == net & mask)
}

/// id-on-SmtpUTF8Mailbox (RFC 9598 section 3).
const SMTP_UTF8_MAILBOX: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 8, 9];

/// 512 names against 512 constraints is a certificate that was made to keep computers busy.
const COMPARED_MOST: usize = 250_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mailboxes_hosts_and_uris_lie_within_what_rfc_5280_says() {
        use Side::{Excluded, Permitted};
        for (address, base, side, within) in [
            ("jan@a.example", "a.example", Permitted, true),
            ("jan@A.EXAMPLE.", "a.example", Permitted, true),
            ("jan@b.a.example", "a.example", Permitted, false),
            ("jan@b.a.example", ".a.example", Permitted, true),
            ("jan@a.example", ".a.example", Permitted, false),
            ("jan@xa.example", "a.example", Permitted, false),
            ("jan@a.example", "jan@A.example", Permitted, true),
            ("Jan@a.example", "jan@a.example", Permitted, false),
            ("Jan@a.example", "jan@a.example", Excluded, true),
            ("jan@a.example", "", Excluded, true),
            ("no address", "a.example", Permitted, false),
            ("no address", "a.example", Excluded, true),
        ] {
            assert_eq!(mail_within(address, base, side), within, "{address} in {base}");
        }
        for (host, base, side, within) in [
            ("a.example", "a.example", Permitted, true),
            ("b.a.example", "a.example", Permitted, true),
            ("xa.example", "a.example", Permitted, false),
            ("a.example", ".a.example", Permitted, false),
            ("b.a.example", ".a.example", Permitted, true),
            ("*.example", "a.example", Excluded, true),
            ("*.example", "a.example", Permitted, false),
            (".a.example", "a.example", Permitted, false),
        ] {
            assert_eq!(host_within(host, base, side), within, "{host} in {base}");
        }
        for (uri, host) in [
            ("http://a.example/x", Some("a.example")),
            ("http://jan:x@a.example:80?y", Some("a.example")),
            ("http://evil.example#@a.example", Some("evil.example")),
            ("http://[2001:db8::1]/", None),
            ("http://192.0.2.1/", None),
            ("mailto:jan@a.example", None),
            ("http:///x", None),
        ] {
            assert_eq!(host_of(uri), host, "{uri}");
        }
    }
}
