//! Judging what others signed (RFC 8551, RFC 5652, ETSI TS 101 733; R-RECV-2).
//!
//! ```text
//! bytes --tree--> signed parts --ber, received--> signers --attributes, paths--> reasons --worst--> Verdict
//! ```
//!
//! A part is signed where it is multipart/signed with a PKCS #7 signature, or an opaque signature. Each is
//! judged on its own; the message is as good as the worst of them, and `pass` only where nothing that is
//! shown lies outside.

mod algorithms;
mod attributes;
mod author;
mod content;
pub mod place;
mod reason;
mod received;
mod signer;
mod verdict;
mod words;

use jiff::Timestamp;
use mail::mime::{Encoding, Limits, Parameter, Part, tree_of};
use mail::{Field, Message};
use paths::Anchors;

use crate::ber::{Fault, Steps};
#[cfg(test)]
pub(crate) use algorithms::Hash;
use author::Author;
use content::Content;
use place::{inner, named};
pub(crate) use received::Received;
use received::{ID_AUTH_ENVELOPED_DATA, ID_ENVELOPED_DATA, SignedData};
use signer::Bench;

pub use author::Unclear;
pub use reason::{Much, Reason};
pub use verdict::{Coverage, FromMatch, Known, SignedBy, SignedPart, Verdict, Word};

/// Judges the signatures of a message, for the time `now`: when it came in.
///
/// `anchors` are the certificates that are trusted to vouch for signers of mail. Certificates and
/// revocation lists in the message help, and are not trusted; nothing is fetched. Every message has a
/// verdict.
#[must_use]
pub fn open(message: &Message, anchors: &Anchors, now: Timestamp) -> Verdict {
    let mut walk = Walk::new(anchors, now);
    let author = Author::of(message.fields());
    let coverage = walk.entity(message.bytes(), &author, "", 0);
    walk.verdict(coverage)
}

/// The one address that a message is from (RFC 5322 section 3.6.2). Display names and Sender never count.
///
/// # Errors
/// [`Unclear`]: why that is not clear.
pub fn author(message: &Message) -> Result<mail::Address, Unclear> {
    match Author::of(message.fields()) {
        Author::One(address) => Ok(address),
        Author::Unclear(why) => Err(why),
        Author::NotAsked => Err(Unclear::Missing),
    }
}

/// Judges a signature that is no mail: a SignedData (RFC 5652) in BER or in PEM, with the content beside it
/// where it has none inside.
#[must_use]
pub fn open_signature(
    signature: &[u8],
    content: Option<&[u8]>,
    anchors: &Anchors,
    now: Timestamp,
) -> Verdict {
    let mut walk = Walk::new(anchors, now);
    let signature = unarmoured(signature);
    let coverage = match content {
        Some(content) => {
            let content = Content::beside(content);
            walk.signature(&signature, Some(&content), &Author::NotAsked, "0".to_owned(), 0)
        }
        None => walk.signature(&signature, None, &Author::NotAsked, "0".to_owned(), 0),
    };
    walk.verdict(coverage)
}

/// True where a file is a signature by itself ([`open_signature`]) and no mail: it is PEM, or begins as a
/// ContentInfo does.
#[must_use]
pub fn is_signature(bytes: &[u8]) -> bool {
    // SEQUENCE, with a length that is indefinite or long: no header field begins so.
    matches!(bytes, [0x30, 0x80..=0x88, ..]) || armour(bytes).is_some()
}

/// What a signature holds inside: the content that was signed, where it is not beside it. Nothing is
/// judged. None where there is none, or it cannot be read.
#[must_use]
pub fn enclosed(signature: &[u8]) -> Option<Vec<u8>> {
    let signature = unarmoured(signature);
    match Received::read(&signature, &Steps::new()) {
        Ok(Received::Signed(signed)) => signed.content.map(std::borrow::Cow::into_owned),
        _ => None,
    }
}

struct Walk<'a> {
    anchors: &'a Anchors,
    now: Timestamp,
    signers_left: usize,
    parts: Vec<SignedPart>,
    /// Places in `parts` of those that lie in no other.
    outermost: Vec<usize>,
    /// What concerns no signed part.
    notes: Vec<Reason>,
}

impl<'a> Walk<'a> {
    fn new(anchors: &'a Anchors, now: Timestamp) -> Self {
        Self {
            anchors,
            now,
            signers_left: SIGNERS_MOST,
            parts: Vec::new(),
            outermost: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// An entity, header first: the message, or what an opaque signature holds. `level` counts the signatures
    /// around it.
    fn entity(&mut self, bytes: &[u8], author: &Author, place: &str, level: usize) -> Coverage {
        let tree = tree_of(bytes, Limits::default());
        let entity = Entity { bytes, author, level };
        let coverage = self.part(&tree.root, entity, place);
        if level == 0 && !tree.cuts.is_empty() && coverage != Coverage::Whole {
            self.note(Reason::TooMuch(Much::Parts));
        }
        coverage
    }

    fn part(&mut self, part: &Part, entity: Entity<'_>, place: &str) -> Coverage {
        let kind = &part.content_type;
        if kind.is("multipart", "signed") {
            if says_smime(part) {
                return self.multipart_signed(part, entity, place);
            }
            self.note(Reason::NotSmime);
        }
        // RFC 8551 section 3.9: a message that is such a file. As an attachment it is a document.
        let whole = place.is_empty() || place.ends_with('/');
        if is_opaque(part) || (whole && is_file(part)) {
            return self.opaque(part, entity, place);
        }
        let children: Vec<Coverage> = part
            .children
            .iter()
            .enumerate()
            .map(|(at, child)| {
                let place = inner(place, at + 1);
                if kind.kind == "message" {
                    let author = Author::of(child.fields(entity.bytes).into_iter());
                    self.part(child, Entity { author: &author, ..entity }, &place)
                } else {
                    self.part(child, entity, &place)
                }
            })
            .collect();
        self.outside(part, entity);
        match children.as_slice() {
            // Another message's header is unsigned text that is shown.
            [only] if kind.kind == "multipart" => *only,
            some if some.iter().any(|child| *child != Coverage::None) => Coverage::Partial,
            _ => Coverage::None,
        }
    }

    /// RFC 1847 section 2.1, RFC 8551 section 3.5.3.
    fn multipart_signed(&mut self, part: &Part, entity: Entity<'_>, place: &str) -> Coverage {
        let types = |part: &Part| {
            let fields = part.fields(entity.bytes);
            fields.iter().filter(|field| field.is("content-type")).count()
        };
        let name = named(place);
        let [content, signature] = part.children.as_slice() else {
            return self.refused(name, entity.level, Reason::Structure);
        };
        let alone = types(part) == 1 && types(signature) == 1;
        let kinds = names_protocol(part) && is_signature_part(signature);
        if !(part.closed && alone && kinds) {
            return self.refused(name, entity.level, Reason::Structure);
        }
        let decoded = signature.decoded(entity.bytes);
        if decoded.damaged {
            return self.refused(name, entity.level, Reason::Damaged);
        }
        let covered = Content::beside(&entity.bytes[content.whole.clone()]);
        let coverage =
            self.signature(&decoded.bytes, Some(&covered), entity.author, name, entity.level);
        self.outside(part, entity);
        if entity.level < place::LEVELS_MOST {
            let inside = Entity { level: entity.level + 1, ..entity };
            self.part(content, inside, &inner(place, 1));
        }
        coverage
    }

    /// RFC 8551 section 3.5.2: what is signed travels inside the signature.
    fn opaque(&mut self, part: &Part, entity: Entity<'_>, place: &str) -> Coverage {
        let name = named(place);
        let fields = part.fields(entity.bytes);
        let types = fields.iter().filter(|field: &&Field<'_>| field.is("content-type")).count();
        if types != 1 {
            return self.refused(name, entity.level, Reason::Structure);
        }
        let decoded = part.decoded(entity.bytes);
        if decoded.damaged {
            return self.refused(name, entity.level, Reason::Damaged);
        }
        self.signature(&decoded.bytes, None, entity.author, name, entity.level)
    }

    /// A signature with what it covers: `beside`, or inside.
    fn signature(
        &mut self,
        bytes: &[u8],
        beside: Option<&Content<'_>>,
        author: &Author,
        name: String,
        level: usize,
    ) -> Coverage {
        let steps = Steps::new();
        let signed = match Received::read(bytes, &steps) {
            Ok(Received::Signed(signed)) => signed,
            Ok(Received::Other(ID_ENVELOPED_DATA | ID_AUTH_ENVELOPED_DATA)) if beside.is_none() => {
                self.note(Reason::Encrypted);
                return Coverage::None;
            }
            Ok(Received::Other(_)) => return self.refused(name, level, Reason::Unreadable),
            Err(fault) => return self.refused(name, level, fault.into()),
        };
        if signed.signers.is_empty() && beside.is_none() {
            self.note(Reason::CertificatesOnly);
            return Coverage::None;
        }
        let inside = signed.content.as_deref();
        match (beside, inside) {
            (Some(_), Some(_)) => self.refused(name, level, Reason::TwoContents),
            (None, None) => self.refused(name, level, Reason::NoContent),
            (Some(content), None) => self.signers(&signed, content, author, name, level),
            (None, Some(inside)) => {
                let content = Content::inside(inside);
                let place = name.clone();
                let coverage = self.signers(&signed, &content, author, name, level);
                if level < place::LEVELS_MOST {
                    let place = format!("{}/", if place == "0" { "" } else { &place });
                    self.entity(inside, author, &place, level + 1);
                }
                coverage
            }
        }
    }

    /// Judges all signers of one signature: all must hold, and one must be the author.
    fn signers(
        &mut self,
        signed: &SignedData<'_>,
        content: &Content<'_>,
        author: &Author,
        name: String,
        level: usize,
    ) -> Coverage {
        let Some(left) = self.signers_left.checked_sub(signed.signers.len()) else {
            return self.refused(name, level, Reason::TooMuch(Much::Signers));
        };
        self.signers_left = left;
        let bench = Bench { signed, content, author, anchors: self.anchors, now: self.now };
        let (mut signers, mut reasons) = (Vec::new(), Vec::new());
        for info in &signed.signers {
            let (signer, why) = signer::judge(bench, info);
            signers.push(signer);
            reasons.extend(why);
        }
        if signers.is_empty() {
            reasons.push(Reason::NotSigned);
        } else if !signers.iter().any(|signer| signer.from_match != FromMatch::Other) {
            reasons.extend(stranger(author, &signers));
        }
        let whole = !signers.is_empty() && signers.iter().all(|signer| signer.intact);
        self.keep(name, level, signers, reasons);
        if whole { Coverage::Whole } else { Coverage::None }
    }

    fn refused(&mut self, name: String, level: usize, reason: Reason) -> Coverage {
        self.keep(name, level, Vec::new(), vec![reason]);
        Coverage::None
    }

    fn keep(&mut self, part: String, level: usize, signers: Vec<SignedBy>, reasons: Vec<Reason>) {
        let cades = !signers.is_empty() && signers.iter().all(|signer| signer.cades);
        let verdict = Word::worst(&reasons);
        if level == 0 {
            self.outermost.push(self.parts.len());
        } else if verdict > Word::Pass {
            self.note(Reason::Inside { part: part.clone() });
        }
        self.parts.push(SignedPart { part, verdict, cades, signers, reasons });
    }

    fn note(&mut self, reason: Reason) {
        if !self.notes.contains(&reason) {
            self.notes.push(reason);
        }
    }

    /// Text before the first part, beyond the one line that says what the message is, or after the last.
    fn outside(&mut self, part: &Part, entity: Entity<'_>) {
        if entity.level > 0 {
            return;
        }
        let preamble = &entity.bytes[part.preamble.clone()];
        let lines =
            preamble.split(|&byte| byte == b'\n').filter(|line| !line.trim_ascii().is_empty());
        let after = !entity.bytes[part.epilogue.clone()].trim_ascii().is_empty();
        if after || lines.count() > 1 {
            self.note(Reason::Outside);
        }
    }

    fn verdict(self, coverage: Coverage) -> Verdict {
        let outermost: Vec<&SignedPart> =
            self.outermost.iter().filter_map(|&place| self.parts.get(place)).collect();
        let mut reasons: Vec<Reason> = Vec::new();
        for reason in outermost.iter().flat_map(|part| &part.reasons) {
            if !reasons.contains(reason) {
                reasons.push(reason.clone());
            }
        }
        if coverage == Coverage::Partial {
            reasons.insert(0, Reason::Partly);
        }
        let signed = !outermost.is_empty();
        reasons.extend(self.notes.into_iter().filter(|note| signed || note.word() != Word::Pass));
        if reasons.is_empty() {
            reasons.push(Reason::NotSigned);
        }
        Verdict {
            verdict: Word::worst(&reasons),
            coverage,
            cades: signed && outermost.iter().all(|part| part.cades),
            signers: outermost.iter().flat_map(|part| part.signers.clone()).collect(),
            reasons,
            parts: self.parts,
        }
    }
}

/// Where a part stands.
#[derive(Clone, Copy)]
struct Entity<'a> {
    bytes: &'a [u8],
    author: &'a Author,
    level: usize,
}

impl From<Fault> for Reason {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Form => Self::Unreadable,
            Fault::Depth => Self::TooMuch(Much::Depth),
            Fault::Steps => Self::TooMuch(Much::Elements),
        }
    }
}

/// No signer is the author. Where none is known, there is nothing to compare.
fn stranger(author: &Author, signers: &[SignedBy]) -> Option<Reason> {
    match author {
        _ if signers.iter().all(|signer| signer.subject.is_empty()) => None,
        Author::NotAsked => None,
        Author::Unclear(unclear) => Some(Reason::NoAuthor(*unclear)),
        Author::One(from) => {
            let by = |signer: &SignedBy| signer.address.clone().unwrap_or(signer.subject.clone());
            let by: Vec<String> = signers.iter().map(by).collect();
            Some(Reason::OtherSender { from: from.to_string(), by: by.join(", ") })
        }
    }
}

/// True where a multipart/signed claims to be S/MIME: by its protocol, or by the type of a part.
fn says_smime(part: &Part) -> bool {
    names_protocol(part) || part.children.iter().any(is_signature_part)
}

/// RFC 1847 section 2.1: the protocol parameter "MUST" be the type of the signature part.
fn names_protocol(part: &Part) -> bool {
    let protocol = part.content_type.param("protocol").map(Parameter::text).unwrap_or_default();
    protocol.trim().split_once('/').is_some_and(|(kind, subtype)| {
        kind.eq_ignore_ascii_case("application")
            && PKCS7_SIGNATURE.iter().any(|name| subtype.eq_ignore_ascii_case(name))
    })
}

fn is_signature_part(part: &Part) -> bool {
    PKCS7_SIGNATURE.iter().any(|subtype| part.content_type.is("application", subtype))
}

fn is_opaque(part: &Part) -> bool {
    PKCS7_MIME.iter().any(|subtype| part.content_type.is("application", subtype))
}

fn is_file(part: &Part) -> bool {
    let name = part.file_name().unwrap_or_default().to_ascii_lowercase();
    part.content_type.is("application", "octet-stream") && name.ends_with(".p7m")
}

/// The bytes of a PEM text (RFC 7468 sections 8 and 9), or the bytes as they are.
fn unarmoured(bytes: &[u8]) -> std::borrow::Cow<'_, [u8]> {
    match armour(bytes) {
        Some(body) => mail::mime::decode(&Encoding::Base64, body).bytes,
        None => bytes.into(),
    }
}

/// The base64 lines of a PEM text.
fn armour(bytes: &[u8]) -> Option<&[u8]> {
    let text = bytes.trim_ascii_start();
    ["CMS", "PKCS7"].into_iter().find_map(|label| {
        let body = text.strip_prefix(format!("-----BEGIN {label}-----").as_bytes())?;
        let end = memchr::memmem::find(body, format!("-----END {label}-----").as_bytes())?;
        Some(&body[..end])
    })
}

/// RFC 8551 section 3.5.3.2, and what it was before it was registered.
const PKCS7_SIGNATURE: [&str; 2] = ["pkcs7-signature", "x-pkcs7-signature"];
/// RFC 8551 section 3.2, and what it was before it was registered.
const PKCS7_MIME: [&str; 2] = ["pkcs7-mime", "x-pkcs7-mime"];
/// A mail has one signer, a contract some: each costs signature checks and a search for paths.
const SIGNERS_MOST: usize = 20;
