use domain::base::Rtype;
use domain::base::iana::Class;
use domain::dnssec::validator::anchor::TrustAnchors;
use domain::zonefile::inplace::{Entry, Zonefile};

use super::DnsError;

/// Reads the keys of the root that a person gave.
///
/// # Errors
/// [`DnsError::TrustAnchor`] where there is none, or something else among them.
pub(super) fn parse(text: &str) -> Result<TrustAnchors, DnsError> {
    let unreadable = |why: String| DnsError::TrustAnchor(why);
    let mut lines = Zonefile::new();
    lines.set_default_class(Class::IN);
    lines.extend_from_slice(text.as_bytes());
    lines.extend_from_slice(b"\n");
    let mut count = 0;
    for line in lines {
        match line.map_err(|error| unreadable(error.to_string()))? {
            Entry::Record(record) if matches!(record.rtype(), Rtype::DS | Rtype::DNSKEY) => {
                count += 1;
            }
            Entry::Record(record) => {
                return Err(unreadable(format!("it holds a {} line", record.rtype())));
            }
            Entry::Include { .. } => return Err(unreadable("it includes a file".to_owned())),
        }
    }
    if count == 0 {
        return Err(unreadable("it is empty".to_owned()));
    }
    TrustAnchors::from_u8(text.as_bytes()).map_err(|error| unreadable(format!("{error:?}")))
}

/// The keys of the root: KSK-2017 and KSK-2024.
pub(super) const IANA: &str = "\
. 172800 IN DS 20326 8 2 E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D
. 172800 IN DS 38696 8 2 683D2D0ACB8C9B712A1948B27F741219298D0A450D612C483AF444A4C0FB2B16
";
