//! One SignerInfo: does it fit the content, whose is it, and does anybody vouch for that.

use jiff::{SignedDuration, Timestamp};
use paths::{Anchors, Answer, Purpose, Question, Revocation, Verified, Weakness};

use crate::certificate::{CertificateSummary, Parsed};
use crate::open::algorithms::{self, Agreement, Hash, agree, dotted};
use crate::open::attributes::{Attributes, Named, Version, other_signed_forms, signed_form};
use crate::open::author::Author;
use crate::open::content::Content;
use crate::open::reason::Reason;
use crate::open::received::{ID_DATA, SignedData, SignerId, SignerInfo};
use crate::open::verdict::{FromMatch, Known, SignedBy};

/// What a signature is judged with.
#[derive(Clone, Copy)]
pub(crate) struct Bench<'a> {
    pub(crate) signed: &'a SignedData<'a>,
    pub(crate) content: &'a Content<'a>,
    pub(crate) author: &'a Author,
    pub(crate) anchors: &'a Anchors,
    pub(crate) now: Timestamp,
}

/// Judges a signer, and says why.
pub(crate) fn judge(bench: Bench<'_>, info: &SignerInfo<'_>) -> (SignedBy, Vec<Reason>) {
    let candidates = candidates(bench.signed, &info.id);
    let Some(first) = candidates.first() else {
        return (SignedBy::nobody(bench.author), vec![Reason::NoCertificate]);
    };
    let mut judged = Judged::new(bench, first);
    match judged.held(info, &candidates) {
        Ok(place) => judged.vouched(&candidates[place]),
        Err(reason) => judged.reasons.insert(0, reason),
    }
    (judged.signer, judged.reasons)
}

struct Judged<'a> {
    bench: Bench<'a>,
    /// How people call the signer.
    by: String,
    /// What the certificate says of its holder.
    summary: Option<CertificateSummary>,
    signer: SignedBy,
    reasons: Vec<Reason>,
}

impl SignedBy {
    fn nobody(author: &Author) -> Self {
        let from_match = match author {
            Author::NotAsked => FromMatch::NotAsked,
            Author::One(_) | Author::Unclear(_) => FromMatch::Other,
        };
        Self {
            address: None,
            subject: String::new(),
            from_match,
            intact: false,
            cades: false,
            path: Vec::new(),
            chain: Vec::new(),
            anchor: None,
            revocation: Known::Unknown,
            revocation_told: None,
            algorithms: Vec::new(),
            signing_time: None,
        }
    }
}

impl<'a> Judged<'a> {
    fn new(bench: Bench<'a>, certificate: &Parsed<'_>) -> Self {
        let signer = SignedBy::nobody(bench.author);
        let mut judged =
            Self { bench, by: String::new(), summary: None, signer, reasons: Vec::new() };
        judged.name(certificate);
        judged
    }

    /// Takes over what the certificate says of its holder.
    fn name(&mut self, certificate: &Parsed<'_>) {
        self.summary = certificate.summary();
        let addresses = self.summary.as_ref().map_or(&[][..], |all| &all.addresses);
        let own = |address: &&String| self.bench.author.is_any_of(core::slice::from_ref(*address));
        let address = addresses.iter().find(own).or(addresses.first()).map(|text| shown(text));
        let subject = self.summary.as_ref().map_or_else(String::new, |all| shown(&all.subject));
        self.by = address.clone().unwrap_or_else(|| subject.clone());
        self.signer.address = address;
        self.signer.subject = subject;
        if self.signer.from_match != FromMatch::NotAsked {
            let same = self.bench.author.is_any_of(addresses);
            self.signer.from_match = if same { FromMatch::Same } else { FromMatch::Other };
        }
    }

    /// Whether digest and signature fit, and whose key it was: a place among the candidates.
    fn held(&mut self, info: &SignerInfo<'_>, candidates: &[Parsed<'_>]) -> Result<usize, Reason> {
        let by = || self.by.clone();
        let hash = Hash::named(info.digest.oid).ok_or_else(|| {
            match algorithms::broken(info.digest.oid) {
                Some(name) => Reason::Weak { by: by(), what: name.to_owned() },
                None => Reason::Algorithm { by: by(), oid: dotted(info.digest.oid) },
            }
        })?;
        // RFC 5652 section 5.1: digestAlgorithms is there so that one pass over the content suffices.
        if !self.bench.signed.digests.contains(&info.digest.oid) || !info.digest.is_plain() {
            return Err(Reason::Disagree { by: by() });
        }
        let (algorithm, name) = match agree(hash, info.algorithm) {
            Agreement::Agreed(algorithm, name) => (algorithm, name),
            Agreement::Different => return Err(Reason::Disagree { by: by() }),
            Agreement::Unknown => {
                return Err(Reason::Algorithm { by: by(), oid: dotted(info.algorithm.oid) });
            }
        };
        self.signer.algorithms = vec![hash.name().to_owned(), name.to_owned()];
        let Some(set) = info.attributes else {
            // RFC 5652 section 5.4: then the signature is over the content itself.
            let contents: Vec<&[u8]> = self.bench.content.forms().collect();
            let place = self.key(&contents, &algorithm, &info.signature, candidates)?;
            self.reasons.push(Reason::NoAttributes { by: self.by.clone() });
            return Ok(place);
        };
        let attributes =
            Attributes::read(set).map_err(|_| Reason::Attributes { by: self.by.clone() })?;
        // Section 11.1: content-type "MUST match" eContentType, which is id-data in mail (RFC 8551
        // section 2.4.2).
        let kinds = [attributes.content_type, self.bench.signed.content_type];
        if kinds != [ID_DATA; 2] {
            return Err(Reason::Attributes { by: self.by.clone() });
        }
        self.signer.signing_time = attributes.signing_time;
        if !self.bench.content.has(hash, &attributes.digest) {
            return Err(Reason::Changed { by: self.by.clone() });
        }
        let received = signed_form(set);
        let place = match self.key(&[&received], &algorithm, &info.signature, candidates) {
            Err(Reason::Signature { .. }) => {
                let others = other_signed_forms(set, &received);
                let others: Vec<&[u8]> = others.iter().map(Vec::as_slice).collect();
                self.key(&others, &algorithm, &info.signature, candidates)?
            }
            known => known?,
        };
        if hash == Hash::Sha1 && !self.reasons.iter().any(|r| matches!(r, Reason::Weak { .. })) {
            self.reasons.push(Reason::Weak { by: self.by.clone(), what: hash.name().to_owned() });
        }
        self.certificate_named(&attributes, &candidates[place])?;
        Ok(place)
    }

    /// The candidate whose key made the signature over one of the forms.
    fn key(
        &mut self,
        forms: &[&[u8]],
        algorithm: &[u8],
        signature: &[u8],
        candidates: &[Parsed<'_>],
    ) -> Result<usize, Reason> {
        let mut worst = Verified::Wrong;
        for (place, candidate) in candidates.iter().enumerate() {
            for form in forms {
                let key = candidate.public_key_info();
                let weak = match paths::verify(key, algorithm, form, signature) {
                    Verified::Good => None,
                    Verified::Weak(weakness) => Some(weakness),
                    Verified::Wrong => continue,
                    other => {
                        worst = other;
                        break;
                    }
                };
                // The first was named already.
                if place > 0 {
                    self.name(candidate);
                }
                self.signer.intact = true;
                self.signer.algorithms.extend(self.summary.as_ref().map(|all| all.key.clone()));
                self.reasons.extend(weak.map(|weakness| self.weak(&weakness)));
                return Ok(place);
            }
        }
        let by = self.by.clone();
        Err(match worst {
            Verified::Worthless(weakness) => self.weak(&weakness),
            Verified::Unknown { oid } => Reason::Algorithm { by, oid },
            _ => Reason::Signature { by },
        })
    }

    fn weak(&self, weakness: &Weakness) -> Reason {
        let what = match weakness {
            Weakness::Key { bits } => format!("RSA {bits}"),
            Weakness::Hash { name } => name.clone(),
        };
        Reason::Weak { by: self.by.clone(), what }
    }

    /// CAdES-BES: the signature itself names the certificate (RFC 5035 section 3: "The first certificate
    /// identified … MUST be the certificate used to verify the signature"). Where both attributes are there,
    /// both must name it.
    fn certificate_named(
        &mut self,
        attributes: &Attributes<'_>,
        certificate: &Parsed<'_>,
    ) -> Result<(), Reason> {
        let by = || self.by.clone();
        let (issuer, serial) = certificate.issuer_and_number();
        for named in &attributes.signing_certificates {
            match named.names(certificate.raw(), issuer, serial) {
                Named::Same => {}
                Named::Other => {
                    self.signer.intact = false;
                    return Err(Reason::OtherCertificate { by: by() });
                }
                Named::UnknownHash(oid) => {
                    return Err(Reason::Algorithm { by: by(), oid: dotted(&oid) });
                }
            }
        }
        let versions = attributes.signing_certificates.iter().map(|named| named.version);
        match versions.max_by_key(|version| *version == Version::Two) {
            None => self.reasons.push(Reason::NotCades { by: by() }),
            Some(version) => {
                self.signer.cades = true;
                if version == Version::One {
                    self.reasons.push(Reason::OldAttribute { by: by() });
                }
            }
        }
        Ok(())
    }

    /// Whether an anchor vouches for the certificate now, and whether the claimed time fits it.
    fn vouched(&mut self, certificate: &Parsed<'_>) {
        let signed = self.bench.signed;
        let mut question = Question::new(certificate.raw(), Purpose::Mail, self.bench.now);
        question.pool.clone_from(&signed.certificates);
        question.crls.clone_from(&signed.crls);
        question.ocsp.clone_from(&signed.ocsp);
        match paths::judge(self.bench.anchors, &question) {
            Answer::Refused(refusal) => {
                let wrong = refusal.reason == paths::Reason::Signature;
                let reason = if wrong { Reason::BadPath } else { Reason::NoPath };
                self.reasons.insert(0, reason(refusal));
            }
            Answer::Found(path) => {
                let links = path.links.into_iter().map(|link| (link.subject, link.der));
                (self.signer.path, self.signer.chain) = links.unzip();
                self.signer.anchor = Some(path.anchor.clone());
                self.signer.revocation_told = path.told;
                let by = self.by.clone();
                self.reasons.insert(0, Reason::Signed { by, anchor: shown(&path.anchor) });
                self.signer.revocation = match &path.revocation {
                    Revocation::Good => Known::Good,
                    Revocation::Revoked { .. } => Known::Revoked,
                    Revocation::Unknown { .. } => Known::Unknown,
                };
                match path.revocation {
                    Revocation::Good => {}
                    revoked @ Revocation::Revoked { .. } => {
                        self.reasons[0] = Reason::Revoked(revoked);
                    }
                    unknown @ Revocation::Unknown { .. } => {
                        self.reasons.push(Reason::NotKnown(unknown));
                    }
                }
            }
        }
        let (Some(at), Some(summary)) = (self.signer.signing_time, &self.summary) else {
            return;
        };
        let inside = (summary.not_before..=summary.not_after).contains(&at);
        let ahead = at.duration_since(self.bench.now) > CLOCKS_DIFFER;
        if !inside || ahead {
            self.reasons.push(Reason::SigningTime { by: self.by.clone(), at });
        }
    }
}

/// The enclosed certificates that a signer may mean. What cannot be read is passed over.
fn candidates<'a>(signed: &SignedData<'a>, id: &SignerId<'_>) -> Vec<Parsed<'a>> {
    let mut found: Vec<Parsed<'a>> = Vec::new();
    let number = match id {
        SignerId::IssuerAndSerial { serial, .. } => *serial,
        SignerId::SubjectKeyIdentifier(identifier) => identifier.as_ref(),
    };
    // Of a heap of certificates few are worth reading.
    let likely = |raw: &&&[u8]| memchr::memmem::find(raw, number).is_some();
    for raw in signed.certificates.iter().filter(likely) {
        let Some(certificate) = Parsed::read(raw) else {
            continue;
        };
        let (issuer, serial) = certificate.issuer_and_number();
        let meant = match id {
            SignerId::IssuerAndSerial { issuer: name, serial: number } => {
                *number == serial && paths::same_name(name, issuer)
            }
            SignerId::SubjectKeyIdentifier(identifier) => {
                certificate.key_identifier() == Some(identifier.as_ref())
            }
        };
        if meant && !found.iter().any(|known| known.raw() == *raw) {
            found.push(certificate);
        }
        if found.len() == CANDIDATES_MOST {
            break;
        }
    }
    found
}

/// Strangers' words on a screen: no control characters, nothing that turns the direction of writing, and not
/// without end.
fn shown(text: &str) -> String {
    let plain = |sign: char| match sign {
        '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => '\u{fffd}',
        sign if sign.is_control() => '\u{fffd}',
        sign => sign,
    };
    text.chars().map(plain).take(SHOWN_MOST).collect()
}

/// Computers' clocks differ by minutes, those set to another time zone by hours.
const CLOCKS_DIFFER: SignedDuration = SignedDuration::from_hours(24);
/// Issuer and serial number name one certificate; a renewed one with the same key may have the same key
/// identifier.
const CANDIDATES_MOST: usize = 4;
/// A name of a person, a practice and a town has room in it; a page does not.
const SHOWN_MOST: usize = 300;
