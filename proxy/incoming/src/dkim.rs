//! DKIM (RFC 6376), by `mail-auth`. Which keys are needed is told first ([`wanted`]); they are looked up
//! elsewhere, with their state by DNSSEC; [`verify`] asks nobody.

use core::pin::pin;
use core::task::{Context, Poll, Waker};
use std::borrow::Borrow;
use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;
use std::sync::OnceLock;
use std::time::Instant;

use cades::Word;
use jiff::Timestamp;
use mail::{Domain, Message};
use mail_auth::common::crypto::Algorithm;
use mail_auth::common::headers::Header;
use mail_auth::common::parse::TxtRecordParser as _;
use mail_auth::common::verify::{DomainKey, VerifySignature as _};
use mail_auth::dkim::{DkimError, Signature};
use mail_auth::hickory_resolver::config::{ResolverConfig, ResolverOpts};
use mail_auth::{
    AuthenticatedMessage, DkimResult as Found, Error, MessageAuthenticator, Parameters,
    ResolverCache, Txt,
};
use nta7516::facts::{Security, Seen, Trouble};
use nta7516::record;

use crate::aligned;
use crate::received::{Alignment, DkimResult, Moment};

/// The TXT records at the names of keys, as they were looked up.
pub type Keys = BTreeMap<Domain, Result<Seen<Vec<record::Txt>>, Trouble>>;

/// A DKIM signature that was judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// What is told of it.
    pub result: DkimResult,
    /// Why.
    pub why: Why,
}

/// Why a DKIM signature is judged so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// It holds.
    Holds,
    /// The body is not what was signed.
    Body,
    /// The header is not what was signed, or another key signed.
    Header,
    /// It was over before the message was received (`x=`).
    Expired,
    /// It covers only the beginning of the body (`l=`): anything may follow.
    Partial,
    /// It is made with SHA-1 (RFC 8301 section 3.1).
    Weak,
    /// The field cannot be read, or does not cover From (RFC 6376 section 5.4).
    Unreadable,
    /// There is no key under its name.
    NoKey,
    /// The key cannot be read, or is for something else.
    BadKey,
    /// The key was taken back.
    Revoked,
    /// The answer with the key does not hold by DNSSEC.
    Bogus,
    /// The key could not be looked up.
    Trouble(Trouble),
}

impl Why {
    /// The word that it brings.
    #[must_use]
    pub fn word(self) -> Word {
        match self {
            Self::Holds => Word::Pass,
            Self::Body | Self::Header => Word::Fail,
            Self::Expired | Self::Partial | Self::Weak | Self::Bogus => Word::Policy,
            Self::Unreadable | Self::NoKey | Self::BadKey | Self::Revoked => Word::PermError,
            Self::Trouble(_) => Word::TempError,
        }
    }

    /// Whether it rests on the key as it is published now. Senders change and withdraw keys, and nobody
    /// keeps the old ones (RFC 6376 section 3.1, RFC 8301): whoever looks later cannot tell. The digest
    /// of the body needs no key.
    #[must_use]
    pub fn is_of_the_key(self) -> bool {
        match self {
            Self::Header | Self::NoKey | Self::BadKey | Self::Revoked | Self::Bogus => true,
            Self::Holds | Self::Body | Self::Expired | Self::Partial | Self::Weak => false,
            Self::Unreadable | Self::Trouble(_) => false,
        }
    }

    /// The word that it brings where the key was looked up at that moment.
    #[must_use]
    pub fn word_of(self, seen: Moment) -> Word {
        if self.is_of_the_key() && seen == Moment::Later { Word::Policy } else { self.word() }
    }
}

/// A key that a signature of a message needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// The name under which it is published.
    pub name: Domain,
    /// Whether the signature is of the author's domain: the others decide nothing.
    pub aligned: Alignment,
}

/// The keys that the signatures of a message need, those of its author's domain first.
#[must_use]
pub fn wanted(message: &Message, author: Option<&Domain>) -> Vec<Wanted> {
    // The header alone: the body's digest is not needed yet.
    let header = [message.header(), b"\r\n"].concat();
    let Some(parsed) = AuthenticatedMessage::parse(&header) else {
        return Vec::new();
    };
    let mut headers: Vec<&Signature> = parsed.dkim_headers.iter().map(|one| &one.header).collect();
    headers.sort_by_key(|one| rank(one, author));
    let mut wanted: Vec<Wanted> = Vec::new();
    for signature in headers.into_iter().take(MOST) {
        let name = key_name(signature);
        if let Some(name) = name.filter(|name| wanted.iter().all(|one| one.name != *name)) {
            wanted.push(Wanted { name, aligned: alignment(signature, author) });
        }
    }
    wanted
}

/// Those of the author's domain before all others, however many of those stand on top of them.
fn rank(signature: &Signature, author: Option<&Domain>) -> bool {
    alignment(signature, author) == Alignment::Other
}

fn alignment(signature: &Signature, author: Option<&Domain>) -> Alignment {
    let domain = Domain::parse(&signature.d).ok();
    let both = domain.as_ref().zip(author);
    both.map_or(Alignment::Other, |(domain, author)| aligned(domain, author))
}

/// True where the header has a DKIM signature.
#[must_use]
pub fn is_signed(message: &Message) -> bool {
    message.field("dkim-signature").is_some()
}

/// Judges the signatures of a message, the first ones if there are very many, for the moment `at` of its
/// receipt.
#[must_use]
pub fn verify(
    message: &Message,
    author: Option<&Domain>,
    keys: &Keys,
    at: Timestamp,
) -> Vec<Checked> {
    let Some(mut parsed) = AuthenticatedMessage::parse(message.bytes()) else {
        return Vec::new();
    };
    let errors = core::mem::take(&mut parsed.errors);
    let mut checked: Vec<Checked> = errors
        .iter()
        .filter(|error| error.name.trim_ascii().eq_ignore_ascii_case(b"dkim-signature"))
        .take(MOST)
        .map(|error| unreadable(&error.header))
        .collect();
    let mut headers = core::mem::take(&mut parsed.dkim_headers);
    headers.sort_by_key(|one| rank(&one.header, author));
    headers.truncate(MOST);
    let mut good = Vec::new();
    let mut cache = Given::default();
    for mut one in headers {
        let (key, why) = before(&one.header, keys, at, &mut cache);
        let result = result(&one.header, author, key);
        // What is judged here already, and what would ask for more.
        (one.header.x, one.header.r, one.header.atps) = (0, false, None);
        match why {
            Some(why) => checked.push(Checked::new(result, why)),
            None => good.push((one, result)),
        }
    }
    let (headers, results): (Vec<Header<'_, Signature>>, Vec<DkimResult>) =
        good.into_iter().unzip();
    parsed.dkim_headers = headers;
    let found = ask(&parsed, &cache);
    for (number, result) in results.into_iter().enumerate() {
        let why = found.get(number).copied().unwrap_or(Why::Unreadable);
        checked.push(Checked::new(result, why));
    }
    checked
}

impl Checked {
    fn new(result: DkimResult, why: Why) -> Self {
        Self { result: DkimResult { result: why.word(), ..result }, why }
    }
}

/// A field that is no signature that can be judged.
fn unreadable(error: &Error) -> Checked {
    let why = match error {
        Error::Dkim(DkimError::SignatureLength) => Why::Partial,
        _ => Why::Unreadable,
    };
    let (domain, selector) = (None, None);
    let aligned = Alignment::Other;
    let result = DkimResult { domain, selector, result: Word::None, aligned, key: None };
    Checked::new(result, why)
}

fn result(signature: &Signature, author: Option<&Domain>, key: Option<Security>) -> DkimResult {
    DkimResult {
        aligned: alignment(signature, author),
        domain: Domain::parse(&signature.d).ok(),
        selector: Some(signature.s.clone()),
        result: Word::None,
        key,
    }
}

/// What can be said before the mathematics, and the state of the key's answer.
fn before(
    signature: &Signature,
    keys: &Keys,
    at: Timestamp,
    cache: &mut Given,
) -> (Option<Security>, Option<Why>) {
    if !signature.h.iter().any(|name| name.eq_ignore_ascii_case("from")) {
        return (None, Some(Why::Unreadable));
    }
    let Some(name) = key_name(signature) else {
        return (None, Some(Why::Unreadable));
    };
    let seen = match keys.get(&name) {
        Some(Ok(seen)) => seen,
        Some(Err(trouble)) => return (None, Some(Why::Trouble(*trouble))),
        None => return (None, Some(Why::NoKey)),
    };
    let key = Some(seen.security);
    let records = match (seen.security, seen.believed()) {
        (Security::Indeterminate, _) => return (key, Some(Why::Trouble(Trouble::ServFail))),
        (_, None) => return (key, Some(Why::Bogus)),
        (_, Some(records)) => records,
    };
    let expiry = i64::try_from(signature.x).unwrap_or(i64::MAX);
    if signature.x != 0 && (signature.x <= signature.t || expiry < at.as_second()) {
        return (key, Some(Why::Expired));
    }
    if signature.a == Algorithm::RsaSha1 {
        return (key, Some(Why::Weak));
    }
    // RFC 6376 section 3.6.2.2: of several, one is taken; the first that is a key.
    let mut parsed = records.iter().map(|txt| DomainKey::parse(&txt.data));
    let first = parsed.next();
    let why = match first {
        None => Some(Why::NoKey),
        Some(first) => match first.or_else(|error| parsed.find_map(Result::ok).ok_or(error)) {
            Ok(found) => {
                cache.0.insert(signature.domain_key().into_boxed_str(), found.into());
                None
            }
            Err(Error::Dkim(DkimError::RevokedPublicKey)) => Some(Why::Revoked),
            Err(_) => Some(Why::BadKey),
        },
    };
    (key, why)
}

fn key_name(signature: &Signature) -> Option<Domain> {
    Domain::parse(&signature.domain_key()).ok()
}

/// The mathematics. All keys are given, so that the future is ready at once.
fn ask(message: &AuthenticatedMessage<'_>, keys: &Given) -> Vec<Why> {
    static VERIFIER: OnceLock<Option<MessageAuthenticator>> = OnceLock::new();
    let verifier = VERIFIER.get_or_init(|| {
        let nobody = ResolverConfig::from_parts(None, Vec::new(), Vec::new());
        MessageAuthenticator::new(nobody, ResolverOpts::default()).ok()
    });
    let Some(verifier) = verifier.as_ref().filter(|_| !message.dkim_headers.is_empty()) else {
        return Vec::new();
    };
    let asked = pin!(verifier.verify_dkim(Parameters::new(message).with_txt_cache(keys)));
    let mut context = Context::from_waker(Waker::noop());
    match asked.poll(&mut context) {
        Poll::Ready(found) => found.iter().map(|one| why(one.result())).collect(),
        Poll::Pending => vec![Why::Trouble(Trouble::Unreachable); message.dkim_headers.len()],
    }
}

fn why(found: &Found) -> Why {
    match found {
        Found::Pass => Why::Holds,
        Found::Neutral(Error::Dkim(DkimError::FailedBodyHashMatch)) => Why::Body,
        Found::Fail(Error::Dkim(DkimError::FailedAuidMatch)) => Why::BadKey,
        Found::Fail(Error::Crypto(_)) => Why::Header,
        _ => Why::Unreadable,
    }
}

/// Keys that were looked up, in the form that `mail-auth` asks for.
#[derive(Default)]
struct Given(HashMap<Box<str>, Txt>);

impl ResolverCache<Box<str>, Txt> for Given {
    fn get<Q>(&self, name: &Q) -> Option<Txt>
    where
        Box<str>: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        self.0.get(name).cloned()
    }

    fn remove<Q>(&self, _: &Q) -> Option<Txt>
    where
        Box<str>: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        None
    }

    fn insert(&self, _: Box<str>, _: Txt, _: Instant) {}
}

/// Signatures that are judged: mail has one to four, and each costs a look-up and a digest.
const MOST: usize = 8;

#[cfg(test)]
mod tests;
