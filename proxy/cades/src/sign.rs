use jiff::Timestamp;
use mail::Message;
use memchr::memmem;

use crate::check::{check_bytes, check_frame};
use crate::cms::sign_detached;
use crate::encode::base64;
use crate::error::CadesError;
use crate::header::write_outer;
use crate::key::{Keeper, Signer};
use crate::seven_bit::{is_content_field, write_signed_part};

/// Signs a whole message: gives it as multipart/signed (RFC 8551 section 3.5.3) with a CAdES-BES
/// signature.
///
/// The message's own header fields stay in place and order, each line ended by CRLF, but for
/// - `Content-*`, which move into the signed part, and `MIME-Version`, which is written once;
/// - `X-NTA7516`, which is always removed: only a checked record may set it. `mark` is its new
///   value.
///
/// The signed part is 7-bit and survives mail servers; where the body was that already, its bytes
/// stay. A message whose first line ends with a bare LF is taken for a file with such line ends,
/// and gets CRLF.
///
/// `boundary_seed` must be fresh randomness. The result is read back before it is given: its first part is
/// what was signed, its second the signature; and of a key that is not in memory, the signature holds.
///
/// # Errors
/// Where the certificate may not sign mail now, the key refuses, or the mark is no plain text.
pub fn sign(
    message: &Message,
    mark: Option<&str>,
    signer: &dyn Signer,
    now: Timestamp,
    boundary_seed: [u8; 16],
) -> Result<Vec<u8>, CadesError> {
    let bytes = message.bytes();
    let boundary = boundary(bytes, boundary_seed);
    let mut out = Vec::with_capacity(bytes.len() + bytes.len() / 2 + SIGNATURE_TAKES);
    for field in message.fields() {
        let replaced = is_content_field(&field) || field.is(MARK) || field.is("mime-version");
        if !replaced {
            write_outer(&field, &mut out);
        }
    }
    if let Some(mark) = mark {
        write_mark(mark, &mut out)?;
    }
    let micalg = signer.algorithm().micalg();
    let head = format!(
        "MIME-Version: 1.0\r\n\
         Content-Type: multipart/signed; protocol=\"application/pkcs7-signature\";\r\n \
         micalg={micalg}; boundary=\"{boundary}\"\r\n\r\n--{boundary}\r\n"
    );
    out.extend_from_slice(head.as_bytes());
    let start = out.len();
    write_signed_part(bytes, &boundary, &mut out);
    let end = out.len();
    let signature = sign_detached(&out[start..end], signer, now)?;
    let middle = format!(
        "\r\n--{boundary}\r\n\
         Content-Type: application/pkcs7-signature; name=\"smime.p7s\"\r\n\
         Content-Transfer-Encoding: base64\r\n\
         Content-Disposition: attachment; filename=\"smime.p7s\"\r\n\r\n"
    );
    out.extend_from_slice(middle.as_bytes());
    let written = out.len();
    base64(&signature, &mut out);
    let written = written..out.len();
    out.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    let held = match signer.keeper() {
        Keeper::Memory => check_frame(&out, &(start..end), &written),
        Keeper::Device => check_bytes(&out).map(|_| ()),
    };
    held.map_err(CadesError::SelfCheck)?;
    Ok(out)
}

fn write_mark(mark: &str, out: &mut Vec<u8>) -> Result<(), CadesError> {
    let printable = mark.bytes().all(|byte| matches!(byte, b' '..=b'~'));
    if mark.trim().is_empty() || mark.len() > MARK_MOST || !printable {
        return Err(CadesError::Mark);
    }
    out.extend_from_slice(format!("X-NTA7516: {}\r\n", mark.trim()).as_bytes());
    Ok(())
}

/// A boundary that occurs nowhere in the message. `=_` cannot come out of quoted-printable or base64
/// either (RFC 2045 section 6.7).
fn boundary(message: &[u8], seed: [u8; 16]) -> String {
    let mut boundary = format!("=_zorgzegel_{:032x}", u128::from_be_bytes(seed));
    while memmem::find(message, boundary.as_bytes()).is_some() {
        boundary.push('z');
    }
    boundary
}

const MARK: &str = "x-nta7516";
/// A header line has at most 998 characters; a provider's name is far shorter.
const MARK_MOST: usize = 500;
/// A signature with a chain of three RSA-4096 certificates, in base64, and the boundaries.
const SIGNATURE_TAKES: usize = 16 * 1024;
