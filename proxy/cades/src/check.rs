use core::ops::Range;

use jiff::Timestamp;
use mail::Message;
use mail::mime::{Encoding, Limits, Parameter, Part, tree_of};

use crate::algorithm::Algorithm;
use crate::certificate::CertificateSummary;
use crate::cms::check_detached;
use crate::error::Refusal;

/// What [`check`] found to hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// The signed bytes: the first part with its header, as a range of the message.
    pub covered: Range<usize>,
    /// The certificate of the key that signed. Nobody has vouched for it here.
    pub signer: CertificateSummary,
    /// SHA-256 of that certificate, as [`fingerprint`](crate::fingerprint()) gives it.
    pub fingerprint: String,
    /// How it was signed.
    pub algorithm: Algorithm,
    /// When, by the signer's own clock: a claim.
    pub signing_time: Timestamp,
}

/// Checks a message of the form that [`sign`](crate::sign) makes: unchanged, and signed by the key
/// of the enclosed certificate.
///
/// This is not the verifier of incoming mail, which is [`open`](crate::open()): it walks no certificate path, asks for no revocation,
/// does not compare signer and From, and refuses every form that this program does not write itself
/// (BER, opaque signatures, other algorithms, several signers). It serves `sign`, which checks
/// its own result, and demonstrations.
///
/// # Errors
/// The first thing that does not fit, as a verdict.
pub fn check(message: &Message) -> Result<Checked, Refusal> {
    check_bytes(message.bytes())
}

/// Whether a reader finds the content and the signature where they were written. The base64 of the signature
/// ends with a line end, which belongs to the boundary behind it.
pub(crate) fn check_frame(
    message: &[u8],
    content: &Range<usize>,
    signature: &Range<usize>,
) -> Result<(), Refusal> {
    let frame = Frame::read(message)?;
    let found = frame.signature.body;
    let same = frame.content == *content
        && found.start == signature.start
        && found.end + 2 == signature.end;
    if same { Ok(()) } else { Err(Refusal::Structure) }
}

/// The parts of a multipart/signed as this program makes it.
struct Frame {
    content: Range<usize>,
    signature: Part,
    micalg: Option<String>,
}

impl Frame {
    fn read(message: &[u8]) -> Result<Self, Refusal> {
        // Two levels: what is inside the signed part is its own affair.
        let limits = Limits { depth: 2, parts: 4 };
        let tree = tree_of(message, limits);
        let mut root = tree.root;
        let protocol = root.content_type.param("protocol").map(Parameter::text);
        let signed = root.content_type.is("multipart", "signed")
            && protocol.is_some_and(|protocol| protocol.eq_ignore_ascii_case(PROTOCOL));
        if !signed {
            return Err(Refusal::NotSigned);
        }
        let types = root.fields(message).iter().filter(|field| field.is("content-type")).count();
        let (Some(signature), [content]) = (root.children.pop(), root.children.as_slice()) else {
            return Err(Refusal::Structure);
        };
        let beside = root.preamble.is_empty() && root.epilogue.is_empty();
        let base64 = signature.content_type.is("application", "pkcs7-signature")
            && signature.encoding == Encoding::Base64;
        if !(types == 1 && root.closed && beside && base64) {
            return Err(Refusal::Structure);
        }
        Ok(Self {
            content: content.whole.clone(),
            signature,
            micalg: root.content_type.param("micalg").map(Parameter::text),
        })
    }
}

pub(crate) fn check_bytes(message: &[u8]) -> Result<Checked, Refusal> {
    let frame = Frame::read(message)?;
    let decoded = frame.signature.decoded(message);
    if decoded.damaged {
        return Err(Refusal::Structure);
    }
    let held = check_detached(&message[frame.content.clone()], &decoded.bytes)?;
    if frame.micalg.as_deref() != Some(held.algorithm.micalg()) {
        return Err(Refusal::Algorithm);
    }
    Ok(Checked {
        covered: frame.content,
        signer: held.signer,
        fingerprint: held.fingerprint,
        algorithm: held.algorithm,
        signing_time: held.signing_time,
    })
}

/// RFC 8551 section 3.5.3.2.
const PROTOCOL: &str = "application/pkcs7-signature";
