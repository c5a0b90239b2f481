use x509_parser::der_parser::ber::BerObjectContent;
use x509_parser::der_parser::der::{DerObject, parse_der};

/// True where a stapled OCSP answer (RFC 6960) says that this serial number was revoked.
///
/// A staple comes inside the handshake from the server itself: that it says "revoked" is enough to
/// refuse, whoever signed it. That it says "good" adds nothing here, and where there is none, or it
/// cannot be read, the certificate is judged by its other merits: most mail servers cannot staple.
pub(super) fn says_revoked(staple: &[u8], serial: &[u8]) -> bool {
    responses(staple).is_some_and(|responses| {
        responses
            .iter()
            .any(|response| single(response, serial).unwrap_or(false))
    })
}

/// OCSPResponse -> responseBytes -> BasicOCSPResponse -> tbsResponseData -> responses.
fn responses(staple: &[u8]) -> Option<Vec<Owned>> {
    if staple.is_empty() || staple.len() > LARGEST {
        return None;
    }
    let (_, outer) = parse_der(staple).ok()?;
    let tagged = outer.as_sequence().ok()?.get(1)?;
    let (_, bytes) = parse_der(inner(tagged)?).ok()?;
    let basic = bytes.as_sequence().ok()?.get(1)?.as_slice().ok()?.to_vec();
    let (_, basic) = parse_der(&basic).ok()?;
    let data = basic.as_sequence().ok()?.first()?.as_sequence().ok()?;
    let list = data.iter().rfind(|item| item.as_sequence().is_ok())?;
    list.as_sequence().ok()?.iter().map(owned).collect()
}

/// Certificate id and status of one SingleResponse.
struct Owned {
    serial: Vec<u8>,
    status: u32,
}

fn owned(response: &DerObject<'_>) -> Option<Owned> {
    let fields = response.as_sequence().ok()?;
    let id = fields.first()?.as_sequence().ok()?;
    let BerObjectContent::Integer(serial) = &id.get(3)?.content else {
        return None;
    };
    Some(Owned {
        serial: serial.to_vec(),
        status: fields.get(1)?.header.tag().0,
    })
}

fn single(response: &Owned, serial: &[u8]) -> Option<bool> {
    let bare = |number: &[u8]| {
        let zeros = number.iter().take_while(|byte| **byte == 0).count();
        number[zeros..].to_vec()
    };
    Some(bare(&response.serial) == bare(serial) && response.status == REVOKED)
}

fn inner<'a>(tagged: &DerObject<'a>) -> Option<&'a [u8]> {
    match &tagged.content {
        BerObjectContent::Unknown(any) => Some(any.data),
        _ => None,
    }
}

/// The tag of `revoked` in CertStatus.
const REVOKED: u32 = 1;
/// A staple is some kilobytes; rustls bounds the handshake message that carries it as well.
const LARGEST: usize = 64 * 1024;
