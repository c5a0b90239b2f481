use mail::Message;
use mail::mime::ContentType;

/// What the header of a message says of it. A claim is no proof: it says what is worth checking.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Claim {
    /// It carries the field `X-NTA7516`.
    Nta7516,
    /// It is a multipart/signed (RFC 1847).
    Signed,
    /// It is an application/pkcs7-mime, signed or encrypted (RFC 8551).
    Pkcs7,
    /// It has a DKIM signature (RFC 6376), as most mail has: worth something only where its author's
    /// domain claims something, so that the message itself is not kept for it.
    Dkim,
}

impl Claim {
    /// True where the whole message is wanted at once.
    pub(crate) fn wants_all(self) -> bool {
        self != Self::Dkim
    }
}

/// The claims of a header, or of as much of it as there is.
pub(crate) fn of_header(bytes: &[u8]) -> Vec<Claim> {
    let message = Message::new(bytes);
    let mut claims = Vec::new();
    if message.field("X-NTA7516").is_some() {
        claims.push(Claim::Nta7516);
    }
    if let Some(field) = message.field("Content-Type") {
        let kind = ContentType::parse(field.value());
        claims.extend(of_type(kind.kind.as_bytes(), kind.subtype.as_bytes()));
    }
    if message.field("DKIM-Signature").is_some() {
        claims.push(Claim::Dkim);
    }
    claims
}

/// The claim of a media type, whatever its case.
pub(crate) fn of_type(kind: &[u8], subtype: &[u8]) -> Option<Claim> {
    let is = |name: &str| subtype.eq_ignore_ascii_case(name.as_bytes());
    if kind.eq_ignore_ascii_case(b"multipart") && is("signed") {
        return Some(Claim::Signed);
    }
    let pkcs7 = is("pkcs7-mime") || is("x-pkcs7-mime");
    (kind.eq_ignore_ascii_case(b"application") && pkcs7).then_some(Claim::Pkcs7)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_claims_by_its_fields_alone() {
        let of = |text: &str| of_header(text.as_bytes());
        assert_eq!(of("x-nta7516: S\r\nSubject: a\r\n\r\n"), [Claim::Nta7516]);
        let signed = "X-NTA7516: S\r\nContent-Type: Multipart/\r\n Signed; micalg=sha-256\r\n";
        assert!(of(signed).contains(&Claim::Nta7516));
        assert_eq!(of("Content-Type: multipart/SIGNED; x=y\r\n\r\n"), [Claim::Signed]);
        assert_eq!(of("Content-Type: application/x-pkcs7-mime\r\n\r\n"), [Claim::Pkcs7]);
        assert_eq!(of("DKIM-Signature: v=1\r\nSubject: a\r\n\r\n"), [Claim::Dkim]);
        assert!(of("Subject: X-NTA7516: S\r\n\r\nX-NTA7516: S\r\n").is_empty());
        assert!(of("").is_empty());
    }
}
